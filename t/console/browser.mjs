// SPDX-License-Identifier: Apache-2.0
// browser: Chromium for the tests of the console: pages that sign in as
// somebody, the database behind, screenshots, and what axe-core says.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { diag, done, is, ok } from './tap.mjs';

const env = process.env;
const require = createRequire(`${env.APID_NODE}/package.json`);
const { chromium } = require('playwright-core');
const axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

export const url = env.APID_URL;
export const console_ = `${url}/apidesigner`;

const browser = await chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
           '--disable-background-networking', '--disable-component-update', '--disable-sync'],
});
mkdirSync(env.APID_SCREENS, { recursive: true });

// ---- pages

const complaints = [];

// What a page may not do: break the policy, or throw.
function watch(page) {
    page.on('pageerror', (error) => complaints.push(error.stack));
    page.on('console', (message) => {
        const { url: at, lineNumber, columnNumber } = message.location();
        if (/Content Security Policy|Uncaught/i.test(message.text()))
            complaints.push(`${message.text()} (${at}:${lineNumber}:${columnNumber})`);
    });
}

export async function newPage() {
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 },
        permissions: ['clipboard-read', 'clipboard-write'], reducedMotion: 'reduce' });
    if (env.APID_DELAY)
        await context.route(`${console_}/manage/**`, async (route) => {
            await new Promise((resolve) => setTimeout(resolve, Math.random() * env.APID_DELAY));
            await route.continue().catch(() => route.abort()).catch(() => {});
        });
    const page = await context.newPage();
    page.setDefaultTimeout(30000);
    watch(page);
    return page;
}

export async function signIn(page, name, password = 'correct horse') {
    await page.getByLabel('User name').fill(name);
    await page.getByLabel('Password').fill(password);
    await page.getByRole('button', { name: 'Sign in' }).click();
}

// A page of somebody who is signed in, at an address of the console.
export async function pageOf(name, path = '/') {
    const page = await newPage();
    await page.goto(console_ + path);
    await signIn(page, name);
    await page.getByRole('button', { name: 'Main menu' }).waitFor();
    return page;
}

// Nothing says any more that it is loading.
export async function settled(page) {
    await until('the page', async () => !await page.locator('main .loading, .boot').count());
}

// ---- what is seen

async function violations(page) {
    if (!await page.evaluate(() => !!window.axe))
        await page.evaluate(axe);
    const { violations: found } = await page.evaluate(() => window.axe.run(document, {
        resultTypes: ['violations'],
        runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }));
    return found.flatMap((rule) => rule.nodes.map((node) =>
        `${rule.id}: ${node.target.join(' ')}: ${node.failureSummary.replace(/\s+/g, ' ')}`));
}

// A screen: nothing for axe in light and dark, wide and narrow; pictures of it.
export async function look(page, name) {
    if (env.APID_LOOK === '0')
        return;
    await page.mouse.move(0, 0);
    const found = [];
    for (const [scheme, width] of [['light', 1440], ['dark', 390], ['light', 390], ['dark', 1440]]) {
        await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
        await page.setViewportSize({ width, height: width > 1000 ? 900 : 844 });
        if (scheme === 'light' || width > 1000)
            await page.screenshot({ path: `${env.APID_SCREENS}/${name}-${width}-${scheme}.png` });
        if ((scheme === 'light') === (width > 1000))
            found.push(...(await violations(page)).map((text) => `${scheme} ${width}: ${text}`));
        if (width < 1000)
            found.push(...await page.evaluate(() => document.documentElement.scrollWidth > innerWidth
                ? [`390: scrolls sideways, ${document.documentElement.scrollWidth}`] : []));
    }
    await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
    is([...new Set(found)], [], `${name}: accessible, in light and dark`);
}

// ---- what is behind

export function sql(query) {
    const ran = spawnSync('mariadb', ['--no-defaults', `--socket=${env.APID_SOCKET}`, '--user=root',
        '--default-character-set=utf8mb4', '--batch', '--skip-column-names', '--raw',
        env.APID_DATABASE, '-e', query], { encoding: 'utf8' });
    if (ran.status)
        throw new Error(ran.stderr);
    return ran.stdout.trimEnd();
}

export function ctl(...words) {
    const ran = spawnSync(env.APID_CTL, ['--as', 'admin', '--json', ...words], { encoding: 'utf8' });
    if (ran.status)
        throw new Error(ran.stderr);
    return JSON.parse(ran.stdout);
}

// A request of a caller: { status, headers, json }.
export async function callApi(path, { method = 'GET', headers = {}, body, user = 'carl' } = {}) {
    const response = await fetch(url + path, {
        method, headers: {
            ...(user ? { Authorization: 'Basic ' + btoa(`${user}:${env.APID_KEY}`) } : {}),
            ...(body ? { 'Content-Type': 'application/json' } : {}), ...headers },
        body: body && JSON.stringify(body),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, text,
             json: /json/.test(response.headers.get('content-type')) ? JSON.parse(text) : null };
}

// Asks again until it is true; at most 30 s.
export async function until(what, code) {
    const end = Date.now() + 30000;
    for (;;) {
        const value = await code();
        if (value)
            return value;
        if (Date.now() > end)
            throw new Error(`waited for ${what}`);
        await new Promise((resolve) => setTimeout(resolve, 50));
    }
}

// Runs steps: [name, code], each told if it dies; then ends.
export async function run(steps, page) {
    const wanted = new RegExp(env.APID_STEPS ?? '');
    for (const [name, code] of steps.filter(([each]) => wanted.test(each))) {
        diag(name);
        try {
            await code();
        }
        catch (error) {
            ok(false, name);
            diag(error.stack);
            await page().screenshot({ path: `${env.APID_SCREENS}/failed.png` }).catch(() => {});
            break;
        }
    }
    is(complaints, [], 'no page threw, nor broke the content security policy');
    await browser.close();
    done();
}
