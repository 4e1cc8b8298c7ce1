// SPDX-License-Identifier: Apache-2.0
// care: what must not happen to who uses the console: to stay signed in, to
// lose or leave behind a text, to send twice, to lose the focus or the way
// back. Run by t/85-care.t.
import { console_, ctl, look, pageOf, run, settled, signIn, sql, until } from './browser.mjs';
import { is, ok } from './tap.mjs';

let page;

const button = (name) => page.getByRole('button', { name, exact: true });
const link = (name) => page.getByRole('link', { name, exact: true });
const dialog = () => page.getByRole('dialog');
const inDialog = (name) => dialog().getByRole('button', { name, exact: true });
const heading = (name) => page.getByRole('heading', { name, exact: true }).waitFor();
const description = () => page.getByRole('textbox', { name: 'Description', exact: true });
const back = () => page.evaluate(() => history.back());
const where = () => page.url().slice(console_.length);
const focused = () => page.evaluate(() => {
    const at = document.activeElement;
    return at.getAttribute('aria-label') ?? at.labels?.[0]?.innerText.trim() ?? at.innerText?.trim();
});
const focusIs = (name) => until(`the focus on ${name}`, async () => await focused() === name);

async function open(path) {
    await page.goto(console_ + path);
    await settled(page);
}

async function press(locator, key = 'Enter') {
    await locator.focus();
    await page.keyboard.press(key);
}

// A page of an admin, whichever steps were run before.
let admin;
const asAdmin = async () => { page = admin ??= await pageOf('admin'); };

// The server is away, or there again.
const lose = () => page.context().route('**/apidesigner/**', (route) => route.abort());
const find = () => page.context().unroute('**/apidesigner/**');

async function signOut() {
    await page.locator('.user').click();
    await button('Sign out').click();
}

// Counts requests that change something, by the end of their address.
function countWrites() {
    const seen = [];
    page.on('request', (request) => request.method() === 'GET' || seen.push(
        `${request.method()} ${request.url().split('/manage/')[1] ?? 'login'}`));
    return seen;
}

const steps = [
['1. signing out', async () => {
    page = await pageOf('dana', '/apis/Create%20Contact');
    await description().fill('Nobody else sees this');
    await page.getByText('Unsaved changes').waitFor();
    await lose();
    await signOut();
    await page.getByRole('alert').getByText('You are still signed in. The server cannot be reached.').waitFor();
    ok(await description().isVisible(), 'without the server it fails, and says so');
    await page.getByText('What you write is kept in this tab.').waitFor();
    await find();
    await page.getByText('What you write is kept in this tab.').waitFor({ state: 'detached' });
    ok(true, 'that the server is back is noticed without a click');
    await signOut();
    await page.getByRole('heading', { name: 'Sign in' }).or(dialog()).waitFor();
    is(await dialog().count(), 0, 'and is over at once');
    is(await page.evaluate(() => sessionStorage.length), 0, 'what was not saved is gone with the user');
    await page.reload();
    await page.getByLabel('Password').waitFor();
    ok(true, 'nor does a reload find the session');
    await signIn(page, 'dora');
    await description().waitFor();
    is(await page.evaluate(() => document.activeElement.tagName), 'H1', 'who signs in begins at the title');
    await page.getByText('No problems').waitFor();
    ok(await description().inputValue() !== 'Nobody else sees this', 'the next user has the stored text');
    await description().fill('Of dora');
    await page.getByText('Unsaved changes').waitFor();
    await page.context().clearCookies();
    await button('Save').click();
    await dialog().waitFor();
    ok(!await dialog().getByLabel('User name').isEditable(), 'a session goes on as the same user');
    await page.keyboard.press('Escape');
    await page.keyboard.press('Escape');
    ok(await dialog().isVisible(), 'and cannot be closed away');
    await look(page, 'session-over');
    await dialog().getByRole('button', { name: /^Not dora/ }).click();
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    is(await page.evaluate(() => sessionStorage.length), 0, 'or ends, with what it kept');
    await page.context().close();
}],

['1b. two tabs', async () => {
    page = await pageOf('dana', '/apis/Create%20Contact');
    const other = await page.context().newPage();
    await other.goto(console_ + '/apis/Create%20Contact');
    const write = async (on, text) => {
        await on.getByRole('textbox', { name: 'Description', exact: true }).fill(text);
        await on.getByRole('button', { name: 'Save', exact: true }).click();
    };
    await settled(other);
    await write(page, 'Of this tab');
    await page.getByText('Saved. Nothing changes').waitFor();
    await write(other, 'Of the other');
    await other.getByRole('dialog', { name: 'You changed this elsewhere meanwhile' }).waitFor();
    await other.getByRole('button', { name: 'Take theirs' }).click();
    ok(true, 'what was done in another tab is no work of somebody else');
    const draft = () => sql("SELECT draft FROM apid_definition WHERE name = 'Create Contact'");
    let release;
    const held = new Promise((resolve) => { release = resolve; });
    await page.route('**/draft', async (route) => {
        const response = await route.fetch();
        await held;
        await route.fulfill({ response });
    }, { times: 1 });
    await description().fill('Of a slow answer');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await until('the draft', () => /Of a slow answer/.test(draft()));
    await other.locator('.user').click();
    await other.getByRole('button', { name: 'Sign out', exact: true }).click();
    await signIn(other, 'dora');
    await other.locator('.user').filter({ hasText: 'dora' }).waitFor();
    await other.getByText('No problems').waitFor();
    await dialog().filter({ hasText: 'Your session has ended' }).waitFor();
    ok(true, 'who signs in as another ends the session of other tabs');
    const asked = [];
    page.on('request', (request) => asked.push(new URL(request.url()).pathname));
    const answer = page.waitForResponse(/draft$/);
    release();
    await answer;
    await dialog().getByLabel('Password').fill('correct horse');
    await page.keyboard.press('Enter');
    await dialog().waitFor({ state: 'detached' });
    is(asked[0], '/apidesigner/login', 'where nothing is asked before who it was is back');
    await other.getByRole('dialog').filter({ hasText: 'Not dora?' }).waitFor();
    await write(page, 'Of dana again');
    await until('the draft', () => /Of dana again/.test(draft()));
    is(sql("SELECT draft_by FROM apid_definition WHERE name = 'Create Contact'"), 'dana',
       'nothing is done in the name of the other');
    await page.getByText('Draft', { exact: true }).waitFor();
    await description().fill('Of nobody');
    await page.getByText('Checking …').waitFor();
    await page.getByText('No problems').waitFor();
    await page.context().clearCookies();
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await dialog().waitFor();
    await other.getByLabel('Password').fill('correct horse');
    await other.keyboard.press('Enter');
    await other.getByRole('dialog').waitFor({ state: 'detached' });
    await dialog().getByRole('button', { name: /^Not dana/ }).click();
    await signIn(page, 'dora');
    await page.getByText('No problems').waitFor();
    is([/Of dana again/.test(draft()), await description().inputValue(), await page.locator('.told').innerText()],
       [true, 'Of dana again', ''], 'nor what was waiting when its user left');
    await page.context().close();
}],

['2. a form is sent once, and a password is changed in peace', async () => {
    page = await pageOf('dora', '/me');
    const writes = countWrites();
    const change = async (old, next, again = next) => {
        await page.getByLabel('Current password').fill(old);
        await page.getByLabel('New password', { exact: true }).fill(next);
        await page.getByLabel('New password again').fill(again);
    };
    await change('correct horse', 'battery staple', 'battery stable');
    await page.getByText('The passwords do not match.').waitFor();
    await change('wrong horse', 'battery staple');
    await page.keyboard.press('Enter');
    await page.getByText('That is not your current password.').waitFor();
    is(await page.getByRole('main').getByRole('alert').count(), 0, 'what is wrong is said once, at its field');
    await change('correct horse', 'battery staple');
    writes.length = 0;
    await button('Change the password').dblclick();
    await page.getByText('Your password is changed. Other sessions of yours are over.').waitFor();
    is(writes, ['POST me/password', 'POST login'], 'a double click changes it once');
    await link('API Designer').first().click();
    await page.getByRole('rowheader', { name: 'Create Contact' }).waitFor();
    is(await dialog().count(), 0, 'and the session goes on');
    await page.context().close();
    await asAdmin();
    await open('/users');
    const added = countWrites();
    await button('Add user').click();
    await dialog().getByLabel('User name').fill('dora');
    await dialog().getByLabel('everyone').waitFor();
    await inDialog('Add').click();
    await dialog().locator('.field-error').getByText("'dora' is a user already.").waitFor();
    added.length = 0;
    await dialog().getByLabel('User name').fill('frank');
    await dialog().getByLabel('everyone').waitFor();
    await inDialog('Add').dblclick();
    await dialog().getByLabel('Access key').waitFor();
    is(added, ['POST users'], 'a user is added once');
    await page.keyboard.press('Escape');
    await page.keyboard.press('Escape');
    await page.keyboard.press('Escape');
    await page.waitForTimeout(100);
    ok(await page.getByLabel('Access key').count() > 0, 'a secret outlives Escape');
    if (await dialog().filter({ hasText: 'Close without copying it?' }).count() === 0)
        await page.keyboard.press('Escape');
    await heading('Close without copying it?');
    await look(page, 'secret-uncopied');
    await focusIs('Cancel');
    await button('Cancel').click();
    await button('Copy').click();
    await button('Copied').waitFor();
    await page.keyboard.press('Escape');
    await dialog().waitFor({ state: 'detached' });
    ok(true, 'unless it was copied');
}],

['3. nothing acts before it is told to', async () => {
    await asAdmin();
    if (sql("SELECT COUNT(*) FROM apid_user WHERE name = 'frank'") === '0')
        ctl('user', 'add', 'frank');
    await open('/users/frank');
    const role = page.getByLabel('What this user may do in the console');
    await press(role, 'ArrowDown');
    await page.waitForTimeout(300);
    is(sql("SELECT role FROM apid_user WHERE name = 'frank'"), 'caller', 'a role is not given by an arrow key');
    await press(button('Save the role'));
    await page.getByText('frank is viewer now.').waitFor();
    is(sql("SELECT role FROM apid_user WHERE name = 'frank'"), 'viewer', 'but by its button');
    await settled(page);
    is(await focused(), 'Save the role', 'which keeps the focus when there is nothing more to save');
    await press(button('Disable'));
    await focusIs('Cancel');
    await page.keyboard.press('Enter');
    await dialog().waitFor({ state: 'detached' });
    is(sql("SELECT disabled FROM apid_user WHERE name = 'frank'"), '0', 'Enter, Enter does no harm');
    await focusIs('Disable');
    ok(true, 'and the focus is where it was');
    sql("INSERT INTO apid_group (name) VALUES ('Careful')");
    await open('/groups/Careful');
    await press(page.getByLabel('Give rights in'), 'ArrowDown');
    is(await dialog().count(), 0, 'no dialog opens by itself');
    await page.getByLabel('Give rights in').selectOption('Contacts');
    await press(button('Choose the rights'));
    await press(inDialog('Save the rights'));
    await link('Contacts').waitFor();
    await dialog().waitFor({ state: 'detached' });
    await look(page, 'group-rights');
    await press(page.getByRole('button', { name: 'Take away the rights in Contacts' }));
    await inDialog('Take away').click();
    await page.getByText('Careful has no rights in Contacts any more.').waitFor();
    await focusIs('Careful');
    ok(true, 'what was taken away is told, and the focus is at the title');
    await open('/records/Contacts');
    await page.getByRole('option', { name: 'Deals' }).waitFor({ state: 'attached' });
    await press(page.getByLabel('Module'), 'ArrowDown');
    is(where(), '/records/Contacts', 'another module is not opened by an arrow key');
    await press(button('Show'));
    await until('the next module', () => where() === '/records/Deals');
}],

['4. the focus', async () => {
    await asAdmin();
    await open('/apis');
    await page.locator('.skip').focus();
    await page.keyboard.press('Enter');
    is(await page.evaluate(() => document.activeElement.id), 'main', 'the skip link skips');
    is(where(), '/apis', 'and leaves the address');
    await press(button('Add API'));
    await press(page.getByRole('link', { name: 'Create REST API' }));
    await focusIs('Module');
    ok(true, 'the first control of a form');
    await button('Main menu').click();
    await press(page.locator('#main-menu').getByRole('link', { name: 'Modules' }));
    await focusIs('Modules');
    await press(link('Contacts'));
    await focusIs('Contacts');
    ok(true, 'the title of a new screen');
    await press(link('Last Name'));
    await focusIs('Label');
    await page.keyboard.press('Escape');
    await focusIs('Last Name');
    ok(true, 'what opened a dialog that is closed');
    await open('/modules?q=xyzzy');
    await press(button('Show all'));
    await focusIs('Search modules');
    ok(true, 'the search, when all is shown again');
    await open('/records/Contacts');
    const search = page.getByLabel('Search Contacts');
    await search.focus();
    for (const letter of 'naoki') {
        await page.keyboard.type(letter);
        await page.waitForTimeout(350);
        await settled(page);
    }
    is(await search.inputValue(), 'naoki', 'a search that is answered while it is typed');
    await focusIs('Search Contacts');
    ok(true, 'keeps the focus');
}],

['5. the way back', async () => {
    await asAdmin();
    await open('/modules');
    await open('/records/Contacts');
    const page2 = page.getByText('Page 2', { exact: true });
    await press(button('Next'));
    await page2.waitFor();
    await settled(page);
    await focusIs('Next');
    await press(button('Next'));
    await page.getByText('Page 3', { exact: true }).waitFor();
    await back();
    await page2.waitFor();
    ok(where() === '/records/Contacts?page=2', 'from page 3 to page 2');
    await open('/modules');
    await link('Contacts').click();
    await link('Email').click();
    await dialog().waitFor();
    await page.keyboard.press('Escape');
    await dialog().waitFor({ state: 'detached' });
    await back();
    await heading('Modules');
    is(await dialog().count(), 0, 'a dialog that was closed does not open again');
    await page.setViewportSize({ width: 1000, height: 300 });
    await open('/apis');
    await page.evaluate(() => scrollTo(0, 400));
    await link('Weather API').or(page.locator('tbody th a').last()).first().click();
    await page.getByRole('textbox', { name: 'Script', exact: true }).waitFor();
    await back();
    await until('the list where it was', () => page.evaluate(() => scrollY > 300));
    ok(true, 'a list is scrolled to where it was');
    await page.setViewportSize({ width: 1440, height: 900 });
}],

['6. a document that is not saved', async () => {
    await asAdmin();
    await open('/modules/Contacts/document');
    const text = page.getByLabel('Document', { exact: true });
    const before = await text.inputValue();
    await text.fill(before + '<!-- mine -->');
    await page.getByRole('navigation', { name: 'Parts of Contacts' }).getByRole('link', { name: 'Fields' }).click();
    await link('Email').waitFor();
    await back();
    ok((await text.inputValue()).endsWith('<!-- mine -->'), 'outlives another tab');
    let asked = 0;
    const answer = (question) => {
        asked += question.type() === 'beforeunload';
        return question.accept();
    };
    page.on('dialog', answer);
    await page.reload();
    await page.getByText('Your unsaved changes of before are here again.').waitFor();
    is(asked, 1, 'leaving the page is asked about');
    await look(page, 'document-restored');
    await button('Undo the changes').click();
    is(await text.inputValue(), before, 'and it can be undone');
    await page.reload();
    await text.waitFor();
    is(asked, 1, 'then nothing is asked');
    page.off('dialog', answer);
}],

['7. no server', async () => {
    await asAdmin();
    await open('/apis');
    await lose();
    await link('Activity').or(page.locator('#main-menu a[href$="/activity"]')).first().evaluate((each) => each.click());
    await page.getByText('The server cannot be reached. This page is loaded when it can.').waitFor();
    await look(page, 'offline-screen');
    await find();
    await page.getByRole('navigation', { name: 'Activity' }).waitFor();
    ok(true, 'a screen that could not be loaded comes when the server does');
}],

['8. addresses of nothing', async () => {
    await asAdmin();
    const nothing = {
        '/modules/Nosuch': 'There is no module Nosuch',
        '/modules/Contacts/nosuch': 'There is nothing at this address',
        '/modules/Contacts/fields/nosuch': 'There is no field nosuch in Contacts',
        '/groups/nosuch': 'There is no group nosuch',
        '/groups/everyone/Nosuch': 'There is no module Nosuch',
        '/tables/nosuch': 'There is no table nosuch',
        '/records/Nosuch': 'There is no module Nosuch',
        '/records/Contacts/12x99999999': 'There is no record 12x99999999 in Contacts',
        '/records/Contacts/12x1/nosuch': 'There is nothing at this address',
        '/users/admin/nosuch': 'There is nothing at this address',
        '/activity/nosuch': 'There is nothing at this address',
        '/me/nosuch': 'There is nothing at this address',
        '/apis/Nosuch': 'There is no API Nosuch',
        '/apis/Get%20Organizations/nosuch': 'There is nothing at this address',
        '/apis/Get%20Organizations/versions/nosuch': 'There is nothing at this address',
    };
    for (const [path, said] of Object.entries(nothing)) {
        await open(path);
        await heading(said);
        is(await page.getByRole('main').locator('button, .button').count(), 0, `${path}: and nothing to do there`);
    }
    await look(page, 'nothing');
    await open('/records/Contacts?page=abc');
    await page.getByText('Page 1', { exact: true }).waitFor();
    ok(true, 'a page that is no number is the first');
    await open('/modules/Contacts');
    await page.getByRole('main').getByRole('link', { name: 'Modules' }).click();
    await heading('Modules');
    is(await page.evaluate(async () => (await fetch(document.querySelector('link[rel=icon]').href)).status), 200,
       'the icon has its address wherever one went');
}],

['9. a table is imported', async () => {
    await asAdmin();
    sql(`CREATE TABLE care_items (id INT AUTO_INCREMENT PRIMARY KEY, code VARCHAR(9) NOT NULL UNIQUE,
         size ENUM('small', 'large')) ENGINE=InnoDB`);
    await open('/tables/care_items');
    const row = (name) => page.getByRole('row').filter({ has: page.getByRole('rowheader', { name }) });
    await row('Code').getByText('Unique').waitFor();
    await row('Size').getByText('small, large').waitFor();
    ok(true, 'its unique fields and its choices are shown before');
    await page.getByLabel('Name of the module').fill('Contacts');
    await button('Import').click();
    await heading('Replace the module Contacts?');
    await look(page, 'import-taken');
    await focusIs('Cancel');
    await page.keyboard.press('Enter');
    await page.getByText('This name is taken: choose another one.').waitFor();
    is(await page.getByLabel('Name of the module').getAttribute('aria-invalid'), 'true', 'at the name');
    await page.getByLabel('Name of the module').fill('x'.repeat(191));
    await button('Import').click();
    await page.locator('.field-error').waitFor();
    await page.getByLabel('Name of the module').fill('Items');
    await button('Import').click();
    await heading('Items');
    sql("UPDATE apid_module SET document = REPLACE(document, 'label=\"Code\"', 'label=\"Number\"')"
        + " WHERE name = 'Items'");
    await open('/tables/care_items');
    await page.getByLabel('Name of the module').fill('Items');
    await button('Import').click();
    await inDialog('Replace the module').click();
    await heading('Items');
    is(sql("SELECT document LIKE '%label=\"Code\"%' FROM apid_module WHERE name = 'Items'"), '1',
       'and replaced if told to');
}],

['10. long names', async () => {
    await asAdmin();
    const long = 'x'.repeat(190);
    sql(`INSERT INTO apid_group (name) VALUES ('${long.slice(0, 60)}')`);
    sql(`UPDATE apid_definition SET name = '${long}' WHERE name = 'Get Organizations'`);
    for (const path of ['/apis', '/activity', '/activity/refused', '/groups', `/apis/${long}`]) {
        await open(path);
        await look(page, `long${path.slice(0, 20).replaceAll('/', '-')}`);
    }
    await open('/groups/' + long.slice(0, 60));
    await button('Drop').click();
    await dialog().waitFor();
    await look(page, 'long-dialog');
}],

['11. nothing moves or breaks', async () => {
    await asAdmin();
    await page.setViewportSize({ width: 1440, height: 900 });
    const top = (locator) => locator.evaluate((each) => each.getBoundingClientRect().top);
    const places = [];
    for (const path of ['/users', '/groups', '/activity']) {
        await open(path);
        places.push(await top(page.locator('main .tabs')));
    }
    is(new Set(places).size, 1, 'tabs are at one place, whatever is above and below');
    await open('/modules/Contacts');
    ok(await page.getByRole('navigation', { name: 'Where you are' })
        .getByRole('link', { name: 'Modules', exact: true }).isVisible(), 'a way back is read as its name');
    await open('/users/admin');
    is(await button('Save the limits').getAttribute('aria-disabled'), 'true', 'limits are saved if they are others');
    sql('ALTER TABLE demo_weather CHANGE humidity damp TINYINT UNSIGNED');
    await open('/modules/Weather/warnings');
    await page.locator('.warnings').getByText('Add the column, or take the field out').waitFor();
    is(await button('Copy').count(), 0, 'a fix in words is none to be copied');
    sql('ALTER TABLE demo_weather CHANGE damp humidity TINYINT UNSIGNED, ADD needed INT NOT NULL');
    await open('/modules/Weather/warnings');
    await page.locator('.warnings').getByText("Add one to the module's document, or:").waitFor();
    is(await page.locator('.fix code').allInnerTexts(), ['ALTER TABLE `demo_weather` ALTER COLUMN `needed` SET DEFAULT ...;'],
       'nor are the words before a statement');
    sql('ALTER TABLE demo_weather DROP needed');
    await open('/apis/Create%20Contact');
    const binding = page.locator('.binding').first();
    await binding.locator('summary').click();
    ok(await binding.evaluate((each) => each.querySelector('input').getBoundingClientRect().right
        <= each.querySelector('summary').getBoundingClientRect().left), 'what is open lies beside its value');
    await page.setViewportSize({ width: 390, height: 844 });
    await open('/records/Contacts');
    is(await top(button('Show')), await top(page.getByLabel('Module', { exact: true })), 'what belongs together is in a line');
    sql(`UPDATE apid_module SET document = REPLACE(document, 'name="department"',
         'name="${'department'.repeat(6)}" column="department"') WHERE name = 'Contacts'`);
    await open('/modules/Contacts');
    await page.getByText('department'.repeat(6)).waitFor();
    is(await page.locator('.table-box').evaluate((each) => each.scrollWidth - each.clientWidth), 0,
       'a long name is broken');
    await page.setViewportSize({ width: 720, height: 450 });
    await open('/apis/Create%20Contact');
    const box = (selector) => page.locator(selector).evaluate((each) => each.getBoundingClientRect().toJSON());
    ok((await box('main .actions')).bottom <= (await box('.columns-choice')).top, 'at 200 % nothing lies on the buttons');
}],
];

await run(steps, () => page);
