// SPDX-License-Identifier: Apache-2.0
// walkthrough: from signing in to limits, by what is on the screen: labels,
// buttons, links. Run by t/85-console.t.
import { callApi, console_, ctl, look, newPage, run, settled, signIn, sql, until, url }
    from './browser.mjs';
import { is, ok } from './tap.mjs';
import { spawnSync } from 'node:child_process';

let page;
const made = {};

const button = (name) => page.getByRole('button', { name, exact: true });
const panel = () => page.getByRole('region', { name: 'Panel' });
const form = () => page.getByRole('region', { name: 'Form' });
const script = () => page.getByRole('textbox', { name: 'Script', exact: true });
const parameter = (name) => panel().getByLabel(name, { exact: false }).and(
    panel().locator('input:not([type=checkbox]), select, textarea'));

async function fill(values) {
    for (const [name, value] of Object.entries(values)) {
        const label = panel().locator('.param', { has: page.locator(`code:text-is("${name}")`) });
        await label.locator('input:not([type=checkbox]), textarea').fill(value);
    }
}

async function reply() {
    const region = page.getByRole('region', { name: 'Reply' });
    await region.waitFor();
    return { status: Number.parseInt(await region.locator('.badge').first().innerText(), 10),
             json: parsed(await region.getByLabel('Body').innerText()) };
}

function parsed(text) {
    try {
        return JSON.parse(text);
    }
    catch {
        return text;
    }
}

async function send() {
    const old = page.getByRole('region', { name: 'Reply' });
    if (await old.count())
        await old.evaluate((element) => element.setAttribute('data-old', ''));
    const answered = page.waitForResponse((response) => response.url().includes('/draft/call'));
    await button('Send').click();
    await answered;
    await page.waitForTimeout(100);
    return reply();
}

async function checked() {
    await page.getByText(/^No problems|error|warning/).first().waitFor();
    await until('the check', async () => !await page.getByText('Checking …').count());
}

// From the list to the designer of something new.
async function create(kind, module, name, operation) {
    await page.goto(console_ + '/apis');
    await button('Add API').click();
    await page.getByRole('region', { name: kind }).getByRole('link').click();
    await page.getByLabel('Module').selectOption(module);
    await page.getByLabel('Name').fill(name);
    await page.getByLabel('Operation').selectOption({ label: operation });
    await button('Save').click();
    await page.getByRole('heading', { name, level: 1 }).waitFor();
    await script().waitFor();
    await checked();
}

async function publish(note) {
    await button('Save and Publish').click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Note').fill(note);
    await dialog.getByRole('button', { name: /^Publish/ }).click();
    await page.getByText(/Version \d+ is live\./).waitFor();
}

const tick = (label) => form().getByRole('checkbox', { name: label, exact: false }).first().check();

const updates = (module, id) => ctl('updates', module, String(id)).map((entry) =>
    [entry.label, entry.api, entry.user]);

const steps = [
['0. signing in', async () => {
    page = await newPage();
    await page.goto(console_ + '/apis');
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    await look(page, 'sign-in');
    await signIn(page, 'dana', 'wrong horse');
    await page.getByRole('alert').getByText(/wrong/).waitFor();
    await signIn(page, 'dana');
    await page.getByRole('heading', { name: 'API Designer' }).waitFor();
    await page.getByRole('rowheader', { name: 'Create Contact' }).waitFor();
    ok(true, 'the right password opens the console at the address that was asked for');
    const bytes = await page.evaluate(() => performance.getEntriesByType('resource')
        .filter((each) => each.name.includes('/assets/')).reduce((sum, each) => sum + each.encodedBodySize, 0));
    ok(bytes > 10000 && bytes < 250 * 1024, `the first load is small (${Math.ceil(bytes / 1024)} KiB)`);
}],

['1. main menu, Platform, API Designer', async () => {
    await button('Main menu').click();
    const menu = page.getByRole('navigation', { name: 'Main menu' });
    is(await menu.locator('section', { hasText: 'Platform' }).getByRole('link').allInnerTexts(),
       ['API Designer', 'Modules', 'Activity'], 'Platform');
    await look(page, 'main-menu');
    if (!await menu.isVisible())
        await button('Main menu').click();
    await menu.getByRole('link', { name: 'API Designer' }).click();
    await page.getByRole('rowheader', { name: 'Create Contact' }).waitFor();
    await settled(page);
    await look(page, 'apis');
    await page.getByLabel('Search APIs').fill('weather');
    is(await page.getByRole('rowheader').allInnerTexts(), ['Current Weather', 'Weather Report'], 'search');
    ok(page.url().endsWith('/apis?q=weather'), 'the search is in the address');
    await page.reload();
    await page.getByRole('rowheader', { name: 'Weather Report' }).waitFor();
    is(await page.getByRole('rowheader').count(), 2, 'which can be loaded again');
    await page.getByLabel('Search APIs').fill('');
    await page.getByRole('button', { name: 'Module' }).click();
    await page.getByRole('button', { name: 'Module' }).click();
    is(await page.getByRole('row').nth(1).getByRole('cell').nth(1).innerText(), 'Weather', 'sorted');
    await button('Add API').click();
    const choices = page.getByRole('dialog', { name: 'Add API' });
    is((await choices.getByRole('region').allInnerTexts()).map((text) => text.replace(/\s+/g, ' ')),
       ['REST API Create a custom REST API to access data. Create',
        'Webhook Connect with other apps in real time. Create'], 'two choices');
    await look(page, 'add-api');
    await page.keyboard.press('Escape');
    is(await choices.count(), 0, 'Escape closes them');
}],

['2. the form of a new API', async () => {
    await button('Add API').click();
    await page.getByRole('link', { name: 'Create REST API' }).click();
    await page.getByRole('heading', { name: 'New REST API' }).waitFor();
    await settled(page);
    await look(page, 'new-api');
    await page.getByLabel('Module').selectOption('Contacts');
    await page.getByLabel('Name').fill('New Contact');
    ok(await page.getByLabel('Status').isChecked(), 'Status is a check box');
    await page.getByLabel('Operation').selectOption({ label: 'Create a record' });
    await button('Save').click();
    await script().waitFor();
    await checked();
    const text = await script().innerText();
    ok(/<api name="New Contact" method="post" module="Contacts">/.test(text) && /<field name="lastname" value="@lastname"\/>/.test(text),
       'the skeleton holds the operation and the mandatory field');
    is(sql("SELECT kind, module, live_version, draft IS NOT NULL FROM apid_definition WHERE name = 'New Contact'"),
       'api\tContacts\tNULL\t1', 'it is a draft');
}],

['3. create', async () => {
    await tick('First Name');
    await tick('Email');
    ok(/<field name="firstname" value="@firstname"\/>/.test(await script().innerText()), 'ticked, it is in the script');
    await checked();
    is(await panel().locator('.param code').allInnerTexts(), ['lastname', 'firstname', 'email'],
       'the playground has an input for each parameter');
    is(await panel().getByLabel('URL', { exact: true }).innerText(), `${url}/api/New%20Contact`, 'and the URL');
    await fill({ firstname: 'Ada', lastname: 'Lovelace', email: 'ada@console.example' });
    await look(page, 'designer');
    const got = await send();
    is([got.status, got.json.firstname], [201, 'Ada'], 'Send: the reply');
    await look(page, 'playground-reply');
    const id = sql("SELECT id FROM demo_contacts WHERE email = 'ada@console.example' AND lastname = 'Lovelace'");
    ok(Number(id) > 0, 'the record is in the database');
    is(updates('Contacts', id), [['API Designer - Created', 'New Contact', 'dana']], 'its Updates');
    is(sql("SELECT live_version FROM apid_definition WHERE name = 'New Contact'"), 'NULL', 'nothing is live yet');
    made.contact = id;
}],

['4. update', async () => {
    await create('REST API', 'Cases', 'Change Case', 'Update records');
    await form().getByLabel('Value of Id').fill('@Id');
    await tick('Description');
    const title = form().getByRole('checkbox', { name: 'Title' });
    if (await title.isChecked())
        await title.uncheck();
    await checked();
    await fill({ Id: '17x12', description: 'Seen <b>twice</b> & noted' });
    const before = sql('SELECT description FROM demo_cases WHERE id = 12');
    await button('Dry run').click();
    const dry = page.getByRole('region', { name: 'Reply' });
    await dry.getByText('outcome updated').waitFor();
    is(await dry.getByRole('row', { name: /description/ }).getByRole('cell').allInnerTexts(),
       [before || 'null', 'Seen <b>twice</b> & noted'], 'Dry run: the row before and after');
    ok(/UPDATE/.test(await dry.locator('pre').allInnerTexts().then((all) => all.join())), 'its SQL');
    await dry.getByText('Statement 1').scrollIntoViewIfNeeded();
    await look(page, 'dry-run');
    is(sql('SELECT description FROM demo_cases WHERE id = 12'), before, 'and nothing was kept');
    is((await send()).status, 200, 'the reply');
    is(sql('SELECT description FROM demo_cases WHERE id = 12'), 'Seen <b>twice</b> & noted', 'the record');
    is(updates('Cases', '17x12')[0], ['API Designer - Change Case', 'Change Case', 'dana'], 'its Updates');
}],

['5. get', async () => {
    await create('REST API', 'Organizations', 'All Organizations', 'Read records');
    await form().getByLabel('All readable').check({ force: true });
    await form().getByLabel('At most').fill('200');
    await checked();
    const got = await send();
    is([got.status, got.json.length], [200, 200], 'organizations, as many as an answer may have');
    is(String(got.json[0].accountname), sql('SELECT accountname FROM demo_organizations ORDER BY id LIMIT 1'),
       'with their fields');
}],

['6. upsert', async () => {
    await create('REST API', 'Contacts', 'Console Upsert', 'Update or create');
    await form().getByLabel('Value of Id').fill('@CRMID');
    for (const label of ['Email', 'Customer Card', 'First Name', 'Website'])
        await tick(label);
    await checked();
    await fill({ lastname: 'Hopper', firstname: 'Grace', email: 'grace@console.example', card: 'C-1',
                 website: 'https://console.example' });
    const first = await send();
    is(first.status, 201, 'without CRMID it creates');
    const again = await send();
    is([again.status, again.json.detail.includes('Duplicate records found')], [409, true], 'the same again is refused');
    await fill({ CRMID: String(first.json[0].id), card: 'C-2' });
    is((await send()).status, 200, 'with CRMID it updates');
    is(sql("SELECT COUNT(*), MAX(card) FROM demo_contacts WHERE email = 'grace@console.example'"), '1\tC-2', 'that record');
    const id = sql("SELECT id FROM demo_contacts WHERE email = 'grace@console.example'");
    is(updates('Contacts', id).map((entry) => entry[0]),
       ['API Designer - Console Upsert', 'API Designer - Console Upsert'], 'its Updates');
}],

['7. webhook', async () => {
    await create('Webhook', 'Contacts', 'Console Hook', 'Create a record');
    await page.getByRole('navigation', { name: 'Panels' }).getByRole('link', { name: 'Security' }).click();
    ok(page.url().endsWith('/apis/Console%20Hook/security'), 'the panel is an address');
    await button('Generate token').click();
    await button('Copy token').waitFor();
    const token = await panel().getByLabel('Token', { exact: true }).inputValue();
    ok(/^[\w-]{43}$/.test(token), 'the key icon puts a token into the Token box');
    await button('Copy token').click();
    is(await page.evaluate(() => navigator.clipboard.readText()), token, 'which can be copied');
    await panel().getByLabel('Query Params').check({ force: true });
    ok(/token-in="query"/.test(await script().innerText()), 'Add as: Query Params');
    await panel().getByLabel('Header', { exact: true }).check({ force: true });
    await panel().getByLabel('Allowed addresses').fill('127.0.0.0/8');
    await look(page, 'security');
    const post = () => callApi('/hooks/Console%20Hook', { method: 'POST', user: null,
        headers: { Token: token }, body: { lastname: 'Hooked' } });
    is((await post()).status, 401, 'nothing is live before it is published');
    await publish('by the test');
    await until('the webhook', async () => (await post()).status === 201);
    is(sql("SELECT COUNT(*) FROM demo_contacts WHERE lastname = 'Hooked'"), '1', 'then it creates');
    is(updates('Contacts', sql("SELECT id FROM demo_contacts WHERE lastname = 'Hooked'")),
       [['API Designer - Console Hook', 'Console Hook', 'dana']], 'as its owner');
    await page.getByRole('link', { name: 'Playground' }).click();
    await button('Start listening').click();
    await page.getByText('Waiting for requests').waitFor();
    await page.waitForResponse((response) => response.url().includes('/manage/recent'));
    await callApi('/hooks/Console%20Hook', { method: 'POST', user: null, headers: { Token: 'wrong' }, body: {} });
    await post();
    const seen = page.getByRole('region', { name: 'Incoming requests' }).getByRole('listitem');
    await seen.nth(1).waitFor();
    is((await seen.allInnerTexts()).map((text) => text.split(/\s*\n\s*/).slice(0, 3)),
       [['201', 'POST', 'Answered'], ['401', 'POST', 'Authentication failed: wrong token']],
       'what arrives is shown, with why it was refused');
    await look(page, 'listening');
    await page.goto(console_ + '/apis/Console%20Hook/security');
    await panel().getByText(token.slice(0, 8)).first().waitFor();
    ok(!(await page.content()).includes(token), 'later only the first characters are shown');
}],

['8. delete', async () => {
    await create('REST API', 'Contacts', 'Console Delete', 'Delete records');
    await fill({ id: `12x${made.contact}` });
    await button('Send').click();
    await page.getByRole('region', { name: 'Reply' }).getByText('204 No Content').waitFor();
    is(sql(`SELECT COUNT(*) FROM demo_contacts WHERE id = ${made.contact}`), '0', 'the record is gone');
    is(updates('Contacts', made.contact)[0], ['API Designer - Console Delete', 'Console Delete', 'dana'],
       'its Updates keep the last entry');
}],

['9. the weather', async () => {
    await page.goto(console_ + '/apis/Current%20Weather');
    await checked();
    await fill({ city: 'London' });
    const got = await send();
    is([got.status, got.json.city], [200, 'London'], 'London');
    await fill({ city: 'Atlantis' });
    const none = await send();
    is([none.status, none.json.code], [404, 'RECORD_NOT_FOUND'], 'Atlantis is told as 404');
    await page.getByText('The request as code').click();
    await button('Copy code').click();
    const code = await page.evaluate(() => navigator.clipboard.readText());
    const ran = spawnSync('bash', ['-c', code.replace('USER:ACCESS_KEY', `carl:${process.env.APID_KEY}`)
        .replace('Atlantis', 'London')], { encoding: 'utf8' });
    is(JSON.parse(ran.stdout).city, 'London', 'the request as curl, run');
}],

['10. versions', async () => {
    await page.goto(console_ + '/apis/Read%20Contact');
    await checked();
    await form().getByRole('checkbox', { name: 'Customer Card' }).uncheck();
    await button('Save and Publish').click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('Breaking').waitFor();
    ok(/card/.test(await dialog.locator('.changes').innerText()), 'the dropped field is told as breaking');
    await dialog.getByText('Live version 1').waitFor();
    await page.waitForTimeout(300);
    await look(page, 'publish');
    await dialog.getByLabel('Note').fill('no card any more');
    await dialog.getByRole('button', { name: 'Publish all the same' }).click();
    await page.getByText('Version 2 is live.').waitFor();
    const read = (headers) => callApi('/api/contacts/12x1', { headers });
    await until('version 2', async () => !('card' in (await read()).json));
    ok('card' in (await read({ 'API-Version': '1' })).json, 'who asks for version 1 gets the field');
}],

['11. limits', async () => {
    await page.goto(console_ + '/apis/All%20Organizations/limits');
    await checked();
    await panel().getByLabel('Calls in a minute').fill('5');
    ok(/<limits minute="5"\/>/.test(await script().innerText()), 'a limit is in the script');
    await look(page, 'limits');
    await publish('five a minute');
    await until('the definition', async () => (await callApi('/api/All%20Organizations')).status === 200);
    const status = [];
    for (let i = 0; i < 5; i++) {
        const got = await callApi('/api/All%20Organizations');
        status.push(got.status);
        made.wait = got.headers.get('retry-after');
    }
    is([status.at(-1), Number(made.wait) > 0], [429, true], 'the sixth is told to wait');
    await page.getByRole('link', { name: 'Documentation' }).click();
    await panel().getByRole('heading', { name: 'Answer' }).waitFor();
    await look(page, 'documentation');
    await button('OpenAPI document').click();
    const openapi = JSON.parse(await page.getByLabel('OpenAPI document').innerText());
    ok(openapi.openapi.startsWith('3.1') && openapi.paths['/api/All%20Organizations'], 'and as OpenAPI');
    await page.keyboard.press('Escape');
}],

['12. what was called', async () => {
    await until('the counts', async () => {
        await page.goto(console_ + '/apis?q=Console+Hook');
        await page.getByRole('rowheader', { name: 'Console Hook' }).waitFor();
        await settled(page);
        return page.getByRole('img', { name: /^\d+ calls in the last day/ }).count();
    });
    await page.goto(console_ + '/apis');
    await page.getByRole('img', { name: /calls in the last day/ }).first().waitFor();
    await look(page, 'apis-called');
    ok(true, 'the list tells of calls');
}],

['13. status, and deleting', async () => {
    await page.goto(console_ + '/apis/All%20Organizations');
    await page.getByLabel('Active').uncheck();
    await page.getByText('is answered with 404 now').waitFor();
    is(sql("SELECT active FROM apid_definition WHERE name = 'All Organizations'"), '0', 'switched off');
    await button('Undo').last().click();
    await page.getByText('is answered again').waitFor();
    is(sql("SELECT active FROM apid_definition WHERE name = 'All Organizations'"), '1', 'and on again');
    await button('Delete').click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await page.getByText('All Organizations is deleted.').waitFor();
    is(sql("SELECT COUNT(*) FROM apid_definition WHERE name = 'All Organizations'"), '0', 'deleted, asked once');
    await page.goBack();
    await page.getByText(/no API|not|There is/).first().waitFor();
    await page.getByRole('button', { name: 'dana' }).click();
    await button('Sign out').click();
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    ok(true, 'signed out');
}],
];

await run(steps, () => page);
