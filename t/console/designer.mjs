// SPDX-License-Identifier: Apache-2.0
// designer: conflicts and drafts, what is asked before publishing, where the
// focus goes, and the playground with its code. Run by t/85-designer.t.
import { unlinkSync, writeFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { callApi, console_, ctl, look, pageOf, run, settled, sql, until } from './browser.mjs';
import { is, ok } from './tap.mjs';

let page;

const button = (name, on = page) => on.getByRole('button', { name, exact: true });
const script = (on = page) => on.getByRole('textbox', { name: 'Script', exact: true });
const form = (on = page) => on.getByRole('region', { name: 'Form' });
const panel = () => page.getByRole('region', { name: 'Panel' });
const dialog = (on = page) => on.getByRole('dialog');
const tab = (name) => panel().getByRole('navigation').getByRole('link', { name });
const told = (text, on = page) => on.locator('.told').getByText(text).waitFor();
const draftOf = (name) => sql(`SELECT IFNULL(draft, '') FROM apid_definition WHERE name = '${name}'`);

// What has the focus: its label or its text.
const focused = () => page.evaluate(() => {
    const at = document.activeElement;
    return at === document.body ? 'BODY'
        : (at.getAttribute('aria-label') ?? at.labels?.[0]?.innerText ?? at.innerText).trim().split('\n')[0];
});
const focusIs = (name, what) => until(`${what}: ${name}`, async () => await focused() === name).then(
    () => ok(true, what), async () => is(await focused(), name, what));

async function open(name, where = '', on = page) {
    await on.goto(`${console_}/apis/${encodeURIComponent(name)}${where}`);
    await checked(on);
}

async function checked(on = page) {
    await script(on).waitFor();
    await on.getByText(/^(No problems|\d+ (error|warning)s?.*)$/).waitFor();
    await until('the check', async () => !await on.getByText('Checking …').count());
}

// The whole of the script, as it is pasted.
async function write(text) {
    await script().click();
    await page.evaluate((words) => navigator.clipboard.writeText(words), text);
    await page.keyboard.press('Control+a');
    await page.keyboard.press('Control+v');
}

const describe = (text, on = page) =>
    form(on).getByRole('textbox', { name: 'Description', exact: true }).fill(text);

function apply(text) {
    const file = `${process.env.APID_SCREENS}/designer.xml`;
    writeFileSync(file, text);
    ctl('apply', file);
}

const contacts = (name, more = '') => `<api name="${name}"${more}>
  <description>as it was</description>
  <select module="Contacts">
    <record>
      <field name="lastname" as="family"/>
      <field name="email"/>
    </record>
  </select>
</api>`;

const hook = (name) => `<webhook name="${name}"><create module="Contacts"><record>
  <field name="lastname" value="@lastname"/></record></create></webhook>`;

const steps = [
['1. theirs is taken: a draft', async () => {
    apply(contacts('Two at once'));
    page = await pageOf('dana');
    const dora = await pageOf('dora');
    await open('Two at once');
    await open('Two at once', '', dora);
    await describe('of Dora', dora);
    await button('Save', dora).click();
    await told('Saved.', dora);
    await describe('of Dana');
    await button('Save').click();
    await dialog().getByText('dora saved another draft').waitFor();
    ok(await dialog().getByText('Draft of dora').isVisible(), 'whose it is, and what they did');
    await button('Take theirs').click();
    await page.getByText('Draft', { exact: true }).waitFor();
    ok(/of Dora/.test(await script().innerText()), 'theirs is there, and told to be a draft');
    await checked();
    await button('Save and Publish').click();
    await dialog().getByLabel('Note').fill('theirs');
    await button('Publish', dialog()).click();
    await told('Version 2 is live.');
    ok(/of Dora/.test(ctl('export', 'Two at once').document), 'which is what is published');
    await dora.context().close();
}],

['2. theirs is a version', async () => {
    await describe('by the admin');
    await button('Save').click();
    await told('Saved.');
    ctl('draft', 'publish', 'Two at once');
    await describe('older than version 3');
    await button('Save').click();
    await dialog().getByText('admin published version 3').waitFor();
    ok(await dialog().getByText('Live version 3').isVisible(), 'with who published which');
    ok(!/null|–/.test(await dialog().locator('.dialog-body p').first().innerText()), 'nothing is missing in it');
    const height = (await dialog().locator('.merge-body').boundingBox()).height;
    ok(height > 60 && height < 320, `what differs is as high as its text (${height})`);
    await look(page, 'conflict-published');
    await button('Save mine over it').click();
    await until('the draft', () => /older than version 3/.test(draftOf('Two at once')));
    ok(true, 'mine is saved over it');
}],

['3. a draft is discarded', async () => {
    await page.getByText('Draft', { exact: true }).waitFor();
    await look(page, 'draft');
    await button('Discard the draft').click();
    await button('Discard', dialog()).click();
    await told('The draft is discarded: this is version 3.');
    await until('the focus', () => page.evaluate(() => document.activeElement.tagName === 'H1'));
    ok(/by the admin/.test(await script().innerText()), 'the live version is shown');
    is(draftOf('Two at once'), '', 'the draft is gone');
    is([await button('Discard the draft').count(), await page.getByText('Draft', { exact: true }).count()], [0, 0],
       'and no longer told of');
}],

['4. leaving asks', async () => {
    const asked = [];
    const answer = (box) => { asked.push(box.type()); box.accept(); };
    page.on('dialog', answer);
    await describe('not saved');
    await page.getByText('Unsaved changes').waitFor();
    await page.reload();
    await page.getByText('Your unsaved changes of before').waitFor();
    is(asked, ['beforeunload'], 'while something is not saved');
    await button('Discard them').click();
    await until('the saved text', async () => /by the admin/.test(await script().innerText()));
    await page.reload();
    await checked();
    is(asked, ['beforeunload'], 'and not when all is');
    page.off('dialog', answer);
}],

['5. errors are shown, not published', async () => {
    await write(contacts('Two at once').replace('"email"', '"emial"'));
    await button('Save and Publish').click();
    await page.getByText('Not published: 1 error').waitFor();
    ok(/unknown field 'emial'/.test(await page.evaluate(() => document.activeElement.innerText)),
       'the first problem has the focus');
    is([await dialog().count(), draftOf('Two at once')], [0, ''], 'nothing is asked, and nothing saved');
    await look(page, 'not-published');
    await button('Undo').click();
    await checked();
    is(await page.getByText('Not published').count(), 0, 'until the text is another');
}],

['6. publishing what is inactive', async () => {
    apply(contacts('Switched off'));
    ctl('deactivate', 'Switched off');
    await open('Switched off');
    await describe('again');
    await button('Save and Publish').click();
    await dialog().getByText('It is inactive now; publishing switches it on.').waitFor();
    await dialog().getByLabel('Leave it inactive').check();
    await look(page, 'publish-inactive');
    await button('Publish', dialog()).click();
    await told('Version 2 is live.');
    is(sql("SELECT active, live_version FROM apid_definition WHERE name = 'Switched off'"), '0\t2',
       'it can stay as it is');
    await page.getByText('Inactive', { exact: true }).waitFor();
    ok(await panel().getByText('It is inactive: callers are answered with 404.').isVisible(), 'the playground says so');
}],

['7. a webhook without a token', async () => {
    apply(hook('No token'));
    await open('No token');
    await describe('once more');
    await button('Save and Publish').click();
    await dialog().getByText('It has no token yet').waitFor();
    await look(page, 'publish-no-token');
    await dialog().getByRole('link', { name: 'Generate a token in Security' }).click();
    await button('Generate token').waitFor();
    ok(page.url().endsWith('/apis/No%20token/security'), 'leads to Security');
    is(await dialog().count(), 0, 'and publishes nothing');
    await focusIs('Generate token', 'where the focus is then');
    await button('Generate token').click();
    await panel().getByRole('rowheader').waitFor();
    await button('Save and Publish').click();
    await dialog().getByLabel('Note').waitFor();
    is(await dialog().getByText('It has no token yet').count(), 0, 'with one, nothing is told');
    await page.keyboard.press('Escape');
    await tab('Documentation').click();
    is(await panel().getByLabel('URL', { exact: true }).innerText(), `${new URL(console_).origin}/hooks/No%20token`,
       'its documentation says where it is');
    ok(/Callers send its token as the header\s+Token/.test(await panel().innerText()), 'and how the token is sent');
    await look(page, 'documentation-webhook');
}],

['8. whom a webhook acts as', async () => {
    page = await pageOf('admin', '/apis/No%20token/security');
    const owner = () => sql("SELECT u.name FROM apid_definition d JOIN apid_user u ON u.id = d.owner_id"
        + " WHERE d.name = 'No token'");
    const before = owner();
    await page.getByRole('option', { name: 'dora' }).first().waitFor({ state: 'attached' });
    await panel().getByLabel('Acts as', { exact: true }).selectOption('dora');
    await page.waitForTimeout(300);
    is(owner(), before, 'is only chosen');
    await look(page, 'owner');
    await button('Save whom it acts as').click();
    await told('It acts as dora now.');
    is(owner(), 'dora', 'until it is saved');
    await page.context().close();
    page = await pageOf('dana');
}],

['9. how often each token may be used', async () => {
    await open('No token', '/security');
    const limits = () => sql("SELECT DISTINCT minute_limit, day_limit FROM apid_token t JOIN apid_definition d"
        + " ON d.id = t.definition_id WHERE d.name = 'No token'");
    const calls = panel().getByRole('group', { name: 'Calls with each token' });
    await calls.getByLabel('In a minute').fill('30');
    await calls.getByLabel('In a day').fill('99999999999');
    await calls.getByLabel('In a day').press('Enter');
    await calls.locator('.field-error').getByText('Must not be above 2147483647.').waitFor();
    is([await calls.getByLabel('In a day').getAttribute('aria-invalid'), limits()], ['true', 'NULL\tNULL'],
       'what is wrong is said at its field, and nothing is saved');
    await look(page, 'token-limits');
    await page.setViewportSize({ width: 390, height: 844 });
    is(await panel().getByRole('region', { name: 'Tokens' }).evaluate((each) => each.scrollWidth - each.clientWidth), 0,
       'the list of tokens has room on a small screen');
    ok(await panel().locator('tbody').getByText('Created', { exact: true }).isVisible(), 'each with the words for its times');
    await page.setViewportSize({ width: 1440, height: 900 });
    await calls.getByLabel('In a day').fill('');
    await button('Save the limits').click();
    await told('The limits of its tokens are saved.');
    is(limits(), '30\tNULL', 'they are saved');
    await page.reload();
    is(await calls.getByLabel('In a minute').inputValue(), '30', 'and shown');
}],

['10. a token is revoked', async () => {
    await open('No token', '/security');
    const [, token] = (await panel().getByRole('rowheader').innerText()).match(/^(.{8})…/);
    await button(`Revoke ${token}…`).click();
    await button('Revoke', dialog()).click();
    await told(`The token ${token}… is revoked.`);
    is(await panel().getByRole('rowheader').count(), 0, 'it is in the list no more');
    is(sql("SELECT COUNT(*) FROM apid_token t JOIN apid_definition d ON d.id = t.definition_id WHERE d.name ="
        + " 'No token' AND (expires IS NULL OR expires > UTC_TIMESTAMP(6))"), '0', 'nor taken any more');
    await focusIs('Generate token', 'the focus is at what makes another');
}],

['11. the focus stays', async () => {
    await open('Two at once');
    const part = (name) => form().locator('.part', { has: page.getByRole('heading', { name }) });
    await part('Which records').getByRole('button', { name: 'Condition', exact: true }).press('Enter');
    await focusIs('Field of condition 1', 'in the first condition');
    await part('Which records').getByRole('button', { name: 'Condition', exact: true }).press('Enter');
    await button('Remove condition 1').press('Enter');
    await focusIs('Remove condition 1', 'a condition removed: at the next');
    await button('Remove condition 1').press('Enter');
    await focusIs('Condition', 'or at what adds one');
    await part('Order').getByRole('button', { name: 'Sort field', exact: true }).press('Enter');
    await button('Remove sort field 1').press('Enter');
    await focusIs('Sort field', 'the same for a sort field');
    await form().getByRole('button', { name: 'Add operation' }).press('Enter');
    await form().getByRole('button', { name: 'Remove operation' }).last().press('Enter');
    await focusIs('Operation to add', 'an operation removed: at what adds one');
    await describe('for the focus');
    await button('Save').press('Enter');
    await told('Saved.');
    await page.waitForTimeout(100);
    await focusIs('Save', 'Save keeps it');
    await open('Two at once', '/versions');
    await page.locator('.versions > li').nth(1).getByRole('button', { name: 'Deprecate' }).press('Enter');
    await dialog().getByLabel('Sunset date').fill('2020-01-01');
    await button('Deprecate', dialog()).click();
    ok(await dialog().isVisible(), 'a day that is over is no sunset');
    const later = `${new Date().getUTCFullYear() + 2}-01-01`;
    await dialog().getByLabel('Sunset date').fill(later);
    await button('Deprecate', dialog()).click();
    await page.getByText('Deprecated', { exact: true }).waitFor();
    await focusIs('Version 2', 'a version that was deprecated');
    is(sql("SELECT sunset FROM apid_version v JOIN apid_definition d ON d.id = v.definition_id"
        + " WHERE d.name = 'Two at once' AND sunset IS NOT NULL"), `${later} 23:59:59.000000`,
       'is answered until that day ends');
    const session = await page.context().newCDPSession(page);
    await session.send('Emulation.setTimezoneOverride', { timezoneId: 'Asia/Tokyo' });
    await page.reload();
    await page.getByText('Deprecated', { exact: true }).waitFor();
    ok(/Jan 1, /.test(await page.locator('.versions time').filter({ hasText: String(later.slice(0, 4)) }).innerText()),
       'which is shown as that day, in Tokyo too');
}],

['12. Back ends a comparison', async () => {
    await open('Two at once');
    await tab('Versions').click();
    await page.getByRole('button', { name: 'Compare version 1 with the live one' }).click();
    await dialog().getByLabel('From').waitFor();
    await page.goBack();
    await dialog().waitFor({ state: 'detached' });
    ok(page.url().endsWith('/apis/Two%20at%20once/versions'), 'and stays at the versions');
    await page.getByRole('button', { name: 'Compare version 1 with the live one' }).click();
    await dialog().getByLabel('From').waitFor();
    await page.keyboard.press('Escape');
    await dialog().waitFor({ state: 'detached' });
    await page.goBack();
    ok(page.url().endsWith('/apis/Two%20at%20once'), 'one that was closed is no step any more');
    ctl('retire', 'Two at once', '1');
    await open('Two at once', '/versions');
    await page.getByRole('button', { name: 'Compare version 1 with the live one' }).click();
    await dialog().getByText('as it was').waitFor();
    ok(true, 'a version that is retired can be compared, too');
}],

['13. the module of the only operation', async () => {
    apply(contacts('Another module', ' module="Contacts"').replace(/<record>[^]*<\/record>/, ''));
    await open('Another module');
    await form().getByLabel('Module').selectOption('Leads');
    ok(/<api [^>]*module="Leads"[^]*<select module="Leads"/.test(await script().innerText()), 'is the definition\'s');
    await checked();
    await button('Save and Publish').click();
    await dialog().locator('.merge').waitFor();
    await dialog().getByLabel('Note').press('Enter');
    await told('Version 2 is live.');
    ok(true, 'Enter in the note publishes');
    is(sql("SELECT module FROM apid_definition WHERE name = 'Another module'"), 'Leads', 'which the list goes by');
}],

['14. chosen fields come back', async () => {
    await open('Two at once');
    const choose = (name) => form().getByRole('radio', { name, exact: true }).check({ force: true });
    await choose('All readable');
    ok(!/<record>/.test(await script().innerText()), 'all are answered');
    await choose('Chosen');
    const now = await script().innerText();
    ok(/<field name="lastname" as="family"\/>/.test(now) && /<field name="email"\/>/.test(now),
       'those that were chosen, and their names');
    await page.evaluate(() => sessionStorage.clear());
}],

['15. the playground', async () => {
    apply(`<api name="One deal" path="deals/{deal}/won" method="put"><update module="Deals"><record>
      <field name="id" value="@deal"/><field name="sales_stage" value="@stage"/></record></update></api>`);
    await open('One deal');
    const address = () => panel().getByLabel('URL', { exact: true }).innerText();
    ok((await address()).endsWith('/deals/{deal}/won'), 'a part without a value is named');
    let calls = 0;
    page.on('request', (request) => { calls += request.url().includes('/draft/call') ? 1 : 0; });
    await button('Send').click();
    is([await focused(), calls], ['deal *', 0], 'and has to be filled');
    await panel().getByRole('textbox', { name: /^deal/ }).fill('13x1');
    ok((await address()).endsWith('/deals/13x1/won'), 'then it is there');
    ok(await panel().getByText('The address for callers of the live version').isVisible(), 'as callers have it');
    await page.setViewportSize({ width: 1280, height: 600 });
    await panel().getByRole('textbox', { name: /^deal/ }).press('Enter');
    await page.getByRole('region', { name: 'Reply' }).waitFor();
    is(calls, 1, 'Enter sends');
    await until('the reply is told', () => panel().getByRole('status').filter({ hasText: /^Reply: \d{3} / }).count());
    await until('the reply is seen', () => page.getByRole('region', { name: 'Reply' }).evaluate((each) =>
        each.getBoundingClientRect().bottom <= each.closest('.column-body').getBoundingClientRect().bottom));
    ok(true, 'the answer is said and seen');
    await page.setViewportSize({ width: 1440, height: 900 });
    await look(page, 'playground');
    await tab('Limits').click();
    await panel().getByLabel('Calls in a minute').waitFor();
    await tab('Playground').click();
    is(await panel().getByRole('textbox', { name: /^deal/ }).inputValue(), '13x1', 'what was typed is kept');
    ok(await page.getByRole('region', { name: 'Reply' }).isVisible(), 'and what was answered');
}],

['16. its code, for any name', async () => {
    const { key } = ctl('user', 'add', 'Łukasz Zoë');
    await open('Two at once');
    await panel().getByText('Sent to this draft, as you').click();
    await panel().getByLabel('Send to').selectOption('live');
    await panel().getByText('The request as code').click();
    ok((await panel().getByLabel('Request as curl').innerText()).includes('USER:ACCESS_KEY'), 'nobody is named before');
    await panel().getByLabel('Caller').fill('Łukasz Zoë');
    await panel().getByLabel('Access key').fill(key);
    const runs = { curl: ['bash', '-c'], fetch: ['node', '--input-type=module', '-e'], PHP: ['php', '-r'],
                   Python: ['python3', '-c'] };
    await until('the user', async () => (await callApi('/api/Two%20at%20once', { user: null, headers: {
        Authorization: 'Basic ' + Buffer.from(`Łukasz Zoë:${key}`).toString('base64') } })).status === 200);
    const seen = [];
    for (const [language, [command, ...flags]] of Object.entries(runs)) {
        await panel().getByLabel(language, { exact: true }).check({ force: true });
        const code = (await panel().getByLabel(`Request as ${language}`).innerText()).replace('<?php', '');
        const ran = spawnSync(command, [...flags, code], { encoding: 'utf8',
            env: { ...process.env, PYTHONIOENCODING: 'utf8' } });
        seen.push([language, /"family"/.test(ran.stdout) || ran.stdout + ran.stderr]);
    }
    is(seen, Object.keys(runs).map((language) => [language, true]), 'curl, fetch, PHP and Python sign in');
}],

['17. new: its name and path', async () => {
    await page.goto(`${console_}/new/api`);
    await page.getByLabel('Module').selectOption('Leads');
    for (const name of ['.', '..', '   ']) {
        await page.getByLabel('Name').fill(name);
        await button('Save').click();
        await page.locator('.field-error').waitFor();
        ok(/Write a word or two|write a word or two/.test(await page.locator('.field-error').innerText()),
           `'${name}' is refused in words`);
    }
    await look(page, 'new-refused');
    await page.getByLabel('Name').fill('Two at once');
    await button('Save').click();
    await page.locator('.field-error').getByText("There is an API named 'Two at once' already.").waitFor();
    await focusIs('Name', 'a name that is taken is said at its field');
    await page.getByLabel('Name').fill('A lead');
    await page.getByLabel('Path').fill('leads/one');
    await page.getByLabel('Path').press('Enter');
    await checked();
    ok(/path="leads\/one"/.test(await script().innerText()), 'the path is in the script');
    is(await page.evaluate(() => document.activeElement.innerText), 'A lead', 'the focus is on the new page');
    ok(await panel().getByText('It is not published: callers are answered with 404 until it is.').isVisible(),
       'which says that nobody can call it yet');
    is(sql("SELECT COUNT(*) FROM apid_definition WHERE name = 'A lead'"), '1', 'and it is there');
    await form().getByLabel('Path').fill('contacts/{id}');
    await checked();
    await button('Save and Publish').click();
    await button('Publish', dialog()).click();
    await dialog().getByRole('alert').waitFor();
    is(await dialog().getByRole('alert').locator('li, p:not(.muted)').allInnerTexts(),
       ["Line 1: path 'contacts/{id}' and method get is taken by 'Read Contact'"], 'a path that is taken is told, once');
    await look(page, 'publish-refused');
    await page.keyboard.press('Escape');
}],

['18. requests to a webhook, to the second', async () => {
    await open('No token');
    await button('Start listening').click();
    await page.waitForResponse((response) => response.url().includes('/manage/recent'));
    await callApi('/hooks/No%20token', { method: 'POST', user: null, headers: { Token: 'wrong' }, body: {} });
    const time = page.locator('.incoming time').first();
    await time.waitFor();
    ok(/\d:\d\d:\d\d/.test(await time.innerText()), 'each has its second');
}],

['19. a small screen', async () => {
    await page.setViewportSize({ width: 390, height: 844 });
    await page.goto(`${console_}/apis/Two%20at%20once`);
    await button('Script').click();
    ok(page.url().endsWith('?show=script'), 'the column is in the address');
    await page.reload();
    await script().waitFor();
    ok(await script().isVisible() && !await form().isVisible(), 'which shows it again');
    await checked();
    await write(contacts('Two at once').replace('"email"', '"emial"'));
    await button('Form').click();
    await button('Script: 1 error').waitFor();
    ok(true, 'the errors of a script that is not seen are told');
    await page.evaluate(() => sessionStorage.clear());
    await page.goto(`${console_}/apis/Two%20at%20once/versions?from=1&to=3`);
    await dialog().locator('.merge-heads').waitFor();
    is(await dialog().locator('.merge-heads span').evaluateAll((list) => list.map((each) =>
        getComputedStyle(each, '::before').content)), ['"−"', '"+"'], 'which colour is which is told');
    await page.screenshot({ path: `${process.env.APID_SCREENS}/compare-small.png` });
    for (const word of ['one', 'another'])
        apply(contacts('Long').replace('as it was', Array(60).fill(0).map((_, i) => `${word} ${i}`).join('\n')));
    for (const [width, scrolls] of [[390, '.cm-scroller'], [1440, '.cm-mergeView']]) {
        await page.setViewportSize({ width, height: 900 });
        await page.goto(`${console_}/apis/Long/versions?from=1&to=2`);
        await dialog().locator(scrolls).first().waitFor();
        await until('its layout', () => dialog().locator(scrolls).first().evaluate((each) =>
            each.clientHeight < 0.47 * innerHeight && each.scrollHeight > each.clientHeight
                && getComputedStyle(each).overflowY === 'auto'));
        ok(true, `what is long scrolls at ${width}`);
    }
}],

['20. a bracket without its other', async () => {
    await open('Two at once');
    await write('<api name="Two at once"><select module="Contacts"/></api>)');
    const bracket = page.locator('.cm-nonmatchingBracket').first();
    await until('the bracket', async () => {    // told where the cursor comes to when the text is read
        await page.keyboard.press('Home');
        await page.keyboard.press('End');
        return bracket.isVisible();
    });
    is(await bracket.evaluate((each) => getComputedStyle(each).backgroundColor), 'rgba(0, 0, 0, 0)',
       'is told by a line around it');
    await page.evaluate(() => sessionStorage.clear());
    await settled(page);
}],

['21. a text that is not read to its end', async () => {
    const slow = await pageOf('dana');
    await slow.addInitScript(() => {    // as on a slow machine: no time is left to read it in
        const now = Date.now;
        let asked = 0;
        Date.now = () => now() + 25 * asked++;
    });
    await open('Two at once', '', slow);
    await script(slow).focus();
    is(await slow.locator('.cm-nonmatchingBracket').count(), 0, 'has no bracket that is told to be alone');
    await slow.context().close();
}],

['22. what parameters are called', async () => {
    apply(`<api name="Parameters" method="put"><update module="Contacts"><record><field name="id" value="@Id"/>
      <field name="lastname" value="@lastname"/><field name="email" value="@mail"/></record></update></api>`);
    await open('Parameters');
    const boxes = panel().getByRole('group', { name: 'Parameters' });
    ok(await boxes.getByText('What is ticked is sent.').isVisible(), 'what their boxes are for');
    is(await boxes.getByRole('checkbox').evaluateAll((list) => list.map((each) => each.ariaLabel)),
       ['Id', 'lastname', 'mail'].map((name) => `The parameter ${name} is sent`), 'none of which says to send an email');
    is((await boxes.locator('label').allInnerTexts()).map((text) => text.split(/\s*\n\s*/)),
       [['Id *'], ['lastname'], ['mail', 'Email']], 'their fields, where they tell more than their names');
    await boxes.getByRole('textbox', { name: 'mail Email' }).fill('a@b.example');
    ok(await boxes.getByRole('checkbox', { name: 'The parameter mail is sent' }).isChecked(), 'what is typed is sent');
    await look(page, 'parameters');
}],

['23. what no longer fits its tables', async () => {
    const why = "line 1: field 'wind' of Weather does not work: there is no column `demo_weather`.`wind` in the database";
    apply('<api name="Gales"><select module="Weather"><record><field name="wind"/></record></select></api>');
    sql('ALTER TABLE demo_weather RENAME COLUMN wind TO breeze');
    await page.goto(`${console_}/apis?q=gales`);
    const row = page.getByRole('row').nth(1);
    await row.getByText('Broken', { exact: true }).waitFor();
    ok(await row.getByText(why).isVisible(), 'the list tells, and why');
    await page.goto(`${console_}/apis`);
    await page.getByLabel('Status').selectOption('Broken');
    await page.getByText(/^3 of \d+ APIs$/).waitFor();
    is(await page.getByRole('rowheader').getByRole('link').allInnerTexts(), ['Current Weather', 'Gales', 'Weather Report'],
       'all that are can be listed');
    await look(page, 'broken-list');
    await page.getByRole('link', { name: 'Gales' }).click();
    await page.getByRole('alert').getByText(why).waitFor();
    ok(await page.locator('.title-row').getByText('Broken', { exact: true }).isVisible(),
       'and so does its own screen');
    await checked();
    await look(page, 'broken');
    sql('ALTER TABLE demo_weather RENAME COLUMN breeze TO wind');
    await page.reload();
    await checked();
    is(await page.getByText('Broken', { exact: true }).count(), 0, 'until it fits again');
}],

['24. many APIs', async () => {
    const files = Array(200).fill(0).map((_, i) => `${process.env.APID_SCREENS}/designer-${i}.xml`);
    files.forEach((file, i) => writeFileSync(file, contacts(`Zz ${1000 + i}`)));
    ctl('apply', ...files);
    files.forEach((file) => unlinkSync(file));
    await page.goto(`${console_}/apis`);
    await button(`Show all ${sql('SELECT COUNT(*) FROM apid_definition WHERE name IS NOT NULL')}`).waitFor();
    is(await page.getByRole('rowheader').count(), 200, 'are not drawn all at once');
    await look(page, 'many');
    const next = await page.getByRole('button', { name: 'Show all' }).press('Enter').then(() =>
        page.getByRole('rowheader').nth(200).innerText());
    await focusIs(next, 'but when they are wanted: the focus is at the next one');
    await page.getByRole('rowheader', { name: 'Zz 1199' }).waitFor();
    ok(true, 'the last is there');
}],
];

await run(steps, () => page);
