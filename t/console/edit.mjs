// SPDX-License-Identifier: Apache-2.0
// edit: editing when others do too, when the session or the network ends, when
// texts hold markup; what a role may not; and by keyboard alone. Run by
// t/85-edit.t.
import { writeFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { callApi, console_, ctl, look, pageOf, newPage, run, settled, signIn, sql, until, url }
    from './browser.mjs';
import { is, ok } from './tap.mjs';

let dana, page;

const button = (on, name) => on.getByRole('button', { name, exact: true });
const script = (on) => on.getByRole('textbox', { name: 'Script', exact: true });
const form = (on) => on.getByRole('region', { name: 'Form' });
const draftOf = (name) => sql(`SELECT draft FROM apid_definition WHERE name = '${name}'`);

async function open(on, name, panel = '') {
    await on.goto(`${console_}/apis/${encodeURIComponent(name)}${panel}`);
    await script(on).waitFor();
    await on.getByText('No problems').waitFor();
}

// The whole of the script, typed as a person pastes it.
async function write(on, text) {
    await script(on).click();
    await on.evaluate((words) => navigator.clipboard.writeText(words), text);
    await on.keyboard.press('Control+a');
    await on.keyboard.press('Control+v');
}

async function describeAs(on, text) {
    await form(on).getByRole('textbox', { name: 'Description', exact: true }).fill(text);
}

const steps = [
['1. two people at once', async () => {
    dana = page = await pageOf('dana');
    const dora = await pageOf('dora');
    await open(dana, 'Create Contact');
    await open(dora, 'Create Contact');
    await describeAs(dana, 'as Dana has it');
    await describeAs(dora, 'as Dora has it');
    await button(dana, 'Save').click();
    await dana.getByText('Saved.').waitFor();
    page = dora;
    await button(dora, 'Save').click();
    const dialog = dora.getByRole('dialog', { name: 'Somebody else changed this meanwhile' });
    await dialog.getByText('as Dana has it').waitFor();
    ok(await dialog.getByText('as Dora has it').isVisible(), 'both drafts are shown');
    await look(dora, 'conflict');
    ok(/as Dana has it/.test(draftOf('Create Contact')), 'nothing was overwritten');
    await button(dialog, 'Save mine over it').click();
    await until('the draft', () => /as Dora has it/.test(draftOf('Create Contact')));
    ok(true, 'then it is, when that is wanted');
    page = dana;
    await describeAs(dana, 'as Dana wants it');
    await button(dana, 'Save').click();
    await button(dana.getByRole('dialog'), 'Take theirs').click();
    await until('her text', async () => /as Dora has it/.test(await script(dana).innerText()));
    is(await dana.getByText('Unsaved changes').count(), 0, 'or theirs is taken');
    const save = async (text) => {
        await describeAs(dora, text);
        await button(dora, 'Save').click();
        await until('her draft', () => draftOf('Create Contact').includes(text));
    };
    const shows = (text) => until('what is stored', async () => (await script(dana).innerText()).includes(text));
    const publish = (on) => on.getByRole('dialog').getByRole('button', { name: /^Publish/ });
    await save('as Dora changed it since');
    await button(dana, 'Save and Publish').click();
    await dana.getByText('It was changed meanwhile. This is how it is now.').waitFor();
    await shows('as Dora changed it since');
    is(await dana.getByRole('dialog').count(), 0, 'what was not seen is not published');
    await save('and once more');
    await button(dana, 'Send').click();
    await shows('and once more');
    is(await dana.getByRole('region', { name: 'Reply' }).count(), 0, 'nor sent');
    await button(dana, 'Save and Publish').click();
    await publish(dana).waitFor();
    await save('while the dialog was open');
    await publish(dana).click();
    await shows('while the dialog was open');
    ok(/while the dialog was open/.test(draftOf('Create Contact')), 'nor published, saved while it was asked');
    is(await dana.getByRole('dialog').count(), 0, 'which is not asked any more');
    await button(dana, 'Save and Publish').click();
    await publish(dana).waitFor();
    await save('as Dora published it');
    await button(dora, 'Save and Publish').click();
    await publish(dora).click();
    await dora.locator('.told').getByText(/^Version \d+ is live\.$/).waitFor();
    await publish(dana).click();
    await shows('as Dora published it');
    is(await dana.locator('.told').getByText(/is live/).count(), 0, 'what others published is not called published here');
    await dora.context().close();
}],

['2. the session ends in the middle of an edit', async () => {
    await open(dana, 'Update Cases');
    await describeAs(dana, 'Not lost <at all>');
    await dana.getByText('Checking …').waitFor();
    await dana.getByText('Checking …').waitFor({ state: 'detached' });
    await dana.context().clearCookies();
    await button(dana, 'Save').click();
    const dialog = dana.getByRole('dialog', { name: 'Your session has ended' });
    await dialog.waitFor();
    await look(dana, 'session-over');
    is(await dialog.getByLabel('User name').inputValue(), 'dana', 'who it was is known');
    await dialog.getByLabel('Password').fill('wrong horse');
    await button(dialog, 'Sign in').click();
    await dialog.getByText('Name or password is wrong.').waitFor();
    await dialog.getByLabel('Password').fill('correct horse');
    await dana.keyboard.press('Enter');
    await until('the save to go on', () => /Not lost &lt;at all&gt;/.test(draftOf('Update Cases')));
    ok(true, 'signed in again, the save went on');
}],

['3. what is not saved outlives the page', async () => {
    await describeAs(dana, 'Kept in the tab');
    await dana.reload();
    await dana.getByText('Your unsaved changes of before are here again.').waitFor();
    await until('the text', async () => /Kept in the tab/.test(await script(dana).innerText()));
    await look(dana, 'restored');
    await button(dana, 'Discard them').click();
    await until('the saved text', async () => /Not lost/.test(await script(dana).innerText()));
    ok(true, 'it is there again after a reload, until it is discarded');
}],

['4. no network', async () => {
    await describeAs(dana, 'Written offline');
    await dana.context().setOffline(true);
    await button(dana, 'Save').click();
    await dana.getByText('The server cannot be reached. What you write is kept in this tab.').waitFor();
    await look(dana, 'offline');
    await dana.context().setOffline(false);
    await button(dana, 'Save').click();
    await dana.locator('.told').getByText('Saved.').waitFor();
    ok(/Written offline/.test(draftOf('Update Cases')), 'the draft is stored');
    is(await dana.getByText('What you write is kept').count(), 0, 'saved when it is back, and no longer told');
    await describeAs(dana, 'Its answer is lost');
    await dana.route('**/draft', async (route) => {
        await route.fetch();
        await route.abort();
    }, { times: 1 });
    await button(dana, 'Save').click();
    await dana.locator('.told').getByText('The server cannot be reached.').waitFor();
    await button(dana, 'Save').click();
    await dana.locator('.told').getByText('Saved.').waitFor();
    is(await dana.getByRole('dialog').count(), 0, 'what was stored, though the answer was lost, is no conflict');
    await dana.route('**/draft/publish', async (route) => {
        await route.fetch();
        await route.abort();
    }, { times: 1 });
    await button(dana, 'Save and Publish').click();
    await dana.getByRole('dialog').getByRole('button', { name: /^Publish/ }).click();
    await dana.locator('.told').getByText(/^Version \d+ is live\.$/).waitFor();
    is(await dana.getByRole('dialog').count(), 0, 'nor is it an error that something is live already');
    await describeAs(dana, 'A draft');
    await button(dana, 'Save').click();
    await until('the draft', () => /A draft/.test(draftOf('Update Cases')));
    await dana.getByText('Draft', { exact: true }).waitFor();
    await describeAs(dana, 'Of what is gone');
    sql("DELETE FROM apid_definition WHERE name = 'Update Cases'");
    await button(dana, 'Save').click();
    await dana.getByRole('dialog').getByText('It was deleted.').waitFor();
    await button(dana.getByRole('dialog'), 'Save mine over it').click();
    await dana.getByText('Not published', { exact: true }).waitFor();
    ok(/Of what is gone/.test(draftOf('Update Cases')), 'what was deleted meanwhile is made anew if wanted');
    await dana.evaluate(() => {
        const limit = AbortSignal.timeout;
        AbortSignal.timeout = () => limit.call(AbortSignal, 200);
    });
    await dana.route('**/manage/definitions/*/draft', () => {});    // never answered
    await describeAs(dana, 'Never answered');
    await button(dana, 'Save').click();
    await dana.getByText('The server has not answered for two minutes.').waitFor();
    ok(/Never answered/.test(await script(dana).innerText()), 'a server that does not answer is told of, and nothing lost');
    await dana.unroute('**/manage/definitions/*/draft');
    await dana.reload();
    await button(dana, 'Save').click();
    await until('the draft', () => /Never answered/.test(draftOf('Update Cases')));
}],

['5. the script and the form are one text', async () => {
    await open(dana, 'Search Contacts');
    const before = await script(dana).innerText();
    await form(dana).getByLabel('Order of sort field 1').selectOption('descending');
    ok(/<field name="lastname" order="descending"\/>/.test(await script(dana).innerText()), 'a choice is written');
    await button(dana, 'Undo').click();
    is(await script(dana).innerText(), before, 'and undone as if it had been typed');
    await write(dana, '<api name="Search Contacts"><select module="Contacts"><!-- mine --><record>\n'
        + '<field name="emial"/></record></select></api>');
    await dana.getByText("unknown field 'emial' in Contacts; did you mean 'email'?").waitFor();
    await dana.locator('.cm-lintRange-error').first().waitFor();
    ok(await form(dana).getByRole('checkbox', { name: 'emial' }).isChecked(), 'an unknown field is told, not lost');
    await look(dana, 'errors');
    await form(dana).getByRole('checkbox', { name: 'emial' }).click();
    ok(/<!-- mine -->/.test(await script(dana).innerText()), 'a comment stays');
    await write(dana, '<api name="Search Contacts"><select module="Contacts"');
    await form(dana).getByText(/cannot be read/).waitFor();
    await write(dana, '<api name="Search Contacts"><rest url="x"/><select module="Contacts"/></api>');
    await form(dana).getByText('<rest> in <api>').waitFor();
    ok(await form(dana).getByRole('textbox', { name: 'Description', exact: true }).isDisabled(), 'what it cannot show it leaves to the script');
    await look(dana, 'unknown');
}],

['6. completion', async () => {
    await write(dana, '<api name="Search Contacts"><select module="');
    await dana.keyboard.press('Control+Space');
    const options = dana.locator('.cm-tooltip-autocomplete li');
    await options.filter({ hasText: 'Weather' }).waitFor();
    ok(await options.filter({ hasText: 'Contacts' }).count() > 0, 'modules');
    await write(dana, '<api name="Search Contacts"><select module="Contacts"><record><field name="" /></record></select></api>');
    for (let i = 0; i < '" /></record></select></api>'.length; i++)
        await dana.keyboard.press('ArrowLeft');
    await dana.keyboard.type('mailingci');
    await options.filter({ hasText: 'mailingcity' }).waitFor();
    await until('the choice', async () => (await options.first().getAttribute('aria-selected')) === 'true');
    await dana.waitForTimeout(100);
    await dana.keyboard.press('Enter');
    ok(/<field name="mailingcity"/.test(await script(dana).innerText()), 'fields of the module');
    await button(dana, 'Undo').click();
    await dana.evaluate(() => sessionStorage.clear());
}],

['7. markup is shown, never run', async () => {
    const evil = `<img src=x onerror="document.title='run'">`;
    const name = `<b>A</b> "quoted" & 'more'/half`;
    const escaped = name.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
    writeFileSync(`${process.env.APID_SCREENS}/markup.xml`,
        `<api name="${escaped}" path="markup"><description>${evil.replaceAll('<', '&lt;')}</description>`
        + `<select module="Contacts"><record><field name="lastname"/></record><where>`
        + `<field name="email" value="markup@console.example"/></where></select></api>`);
    ctl('apply', `${process.env.APID_SCREENS}/markup.xml`);
    sql(`INSERT INTO demo_contacts (lastname, email) VALUES ('${evil.replaceAll("'", "''")}', 'markup@console.example')`);
    await dana.goto(`${console_}/apis?q=quoted`);
    await dana.getByRole('rowheader', { name, exact: true }).waitFor();
    await dana.getByRole('link', { name, exact: true }).click();
    await dana.getByRole('heading', { name, level: 1, exact: true }).waitFor();
    await script(dana).waitFor();
    await dana.getByText('No problems').waitFor();
    await button(dana, 'Send').click();
    await dana.getByLabel('Body').getByText('onerror').waitFor();
    await dana.getByRole('link', { name: 'Documentation' }).click();
    await dana.getByRole('region', { name: 'Panel' }).getByText('onerror').waitFor();
    await look(dana, 'markup');
    is(await dana.evaluate(() => [document.images.length, document.title.includes('run')]), [0, false],
       'as text, everywhere');
}],

['8. the request as code', async () => {
    await open(dana, 'Search Contacts');
    await dana.locator('.param', { hasText: 'page' }).last().locator('input[type=number]').fill('2');
    await dana.locator('.param', { has: dana.locator('code:text-is("q")') }).locator('input[type=text]')
        .fill(`a'b "c" $d \\e ü`);
    await dana.getByText('The request as code').click();
    const runs = { curl: ['bash', '-c'], fetch: ['node', '--input-type=module', '-e'], PHP: ['php', '-r'],
                   Python: ['python3', '-c'] };
    const seen = [];
    for (const [language, [command, ...flags]] of Object.entries(runs)) {
        await dana.getByLabel(language, { exact: true }).check({ force: true });
        const code = (await dana.getByLabel(`Request as ${language}`).innerText())
            .replace('USER:ACCESS_KEY', `carl:${process.env.APID_KEY}`).replace('<?php', '');
        const ran = spawnSync(command, [...flags, code], { encoding: 'utf8' });
        seen.push([language, /\[\]\s*$/.test(ran.stdout) || ran.stdout + ran.stderr]);
    }
    is(seen, Object.keys(runs).map((language) => [language, true]), 'curl, fetch, PHP and Python answer alike');
    await dana.getByText('Sent to this draft, as you').click();
    await dana.getByLabel('Send to').selectOption('live');
    await dana.getByLabel('Caller').fill('carl');
    await dana.getByLabel('Access key').fill(process.env.APID_KEY);
    await button(dana, 'Send').click();
    await dana.getByRole('region', { name: 'Reply' }).getByText('200 OK').waitFor();
    is(await dana.getByLabel('Body').innerText(), '[]', 'nor does the live version, to a caller');
    await dana.getByLabel('Access key').fill('no key');
    await button(dana, 'Send').click();
    await dana.getByLabel('Body').getByText('INVALID_USER_CREDENTIALS').waitFor();
    ok(true, 'whose key is asked for');
}],

['9. roles', async () => {
    const vic = page = await pageOf('vic', '/apis');
    await vic.getByRole('rowheader', { name: 'Create Contact' }).waitFor();
    is(await button(vic, 'Add API').count(), 0, 'a viewer adds nothing');
    await open(vic, 'Get Organizations');
    is([await button(vic, 'Save').count(), await button(vic, 'Delete').count()], [0, 0], 'nor saves');
    ok(await form(vic).getByRole('textbox', { name: 'Description', exact: true }).isDisabled(), 'nor changes');
    await look(vic, 'viewer');
    const refused = await vic.evaluate(async () => {
        const answer = await fetch('/apidesigner/manage/definitions/Get%20Organizations/draft', { method: 'PUT',
            headers: { 'X-APIDesigner': '1', 'Content-Type': 'application/json' },
            body: JSON.stringify({ document: '<api><select module="Contacts"/></api>' }) });
        return [answer.status, (await answer.json()).code];
    });
    is(refused, [403, 'ACCESS_DENIED'], 'and the server refuses what was only hidden');
    await vic.context().close();
    page = dana;
}],

['10. without a mouse', async () => {
    const keys = page = await newPage();
    await keys.goto(console_ + '/apis');
    await keys.getByLabel('User name').waitFor();
    const press = async (...names) => { for (const name of names) await keys.keyboard.press(name); };
    const focused = () => keys.evaluate(() => {
        let at = document.activeElement;
        while (at.shadowRoot?.activeElement)
            at = at.shadowRoot.activeElement;
        const outline = getComputedStyle(at).outlineStyle;
        return { text: at.getAttribute('aria-label') ?? at.labels?.[0]?.innerText ?? at.innerText,
                 shown: outline !== 'none' };
    });
    const tabTo = async (text) => {
        for (let i = 0; i < 40; i++) {
            const now = await focused();
            if (now.text?.trim() === text)
                return now.shown;
            await press('Tab');
        }
        throw new Error(`no way to ${text} by Tab`);
    };
    await keys.keyboard.type('dana');
    await press('Tab');
    await keys.keyboard.type('correct horse');
    await press('Enter');
    await keys.getByRole('rowheader', { name: 'Add Contact' }).waitFor();
    ok(await tabTo('To the content'), 'the first stop skips to the content');
    ok(await tabTo('Main menu'), 'the main menu, its focus visible');
    await press('Enter');
    ok(await tabTo('API Designer'), 'its items follow');
    await press('Escape');
    ok(await tabTo('Add API'), 'Add API');
    await press('Enter');
    await keys.getByRole('dialog').waitFor();
    is((await focused()).text, 'Create REST API', 'Create has the focus');
    await press('Enter');
    await keys.getByLabel('Module').waitFor();
    await tabTo('Module');
    await keys.keyboard.type('Leads');
    await tabTo('Name');
    await keys.keyboard.type('By keyboard');
    await press('Enter');
    await script(keys).waitFor();
    is(sql("SELECT module FROM apid_definition WHERE name = 'By keyboard'"), 'Leads', 'made without a mouse');
    const leave = keys.getByText('Escape, then Tab leaves the editor');
    ok(!await leave.isVisible(), 'how the editor is left is told');
    await tabTo('To the script');
    await press('Enter');
    await until('the focus', async () => (await focused()).text === 'Script');
    ok(await leave.isVisible(), 'when it is entered, past the form');
    await press('Escape', 'Tab');
    ok((await focused()).text !== 'Script', 'and is so');
    await keys.setViewportSize({ width: 390, height: 844 });
    await keys.getByRole('heading', { level: 1 }).focus();
    await tabTo('To the panels');
    await press('Enter');
    await until('the focus', async () => (await focused()).text === 'Playground');
    ok(true, 'the panels are as near, on a small screen too');
    await tabTo('To the title');
    await press('Enter');
    is((await focused()).text, 'By keyboard', 'and the title is, from there');
}],
];

await run(steps, () => page);
