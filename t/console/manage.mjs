// SPDX-License-Identifier: Apache-2.0
// manage: the screens around the designer, by what is on them: labels,
// buttons, links. Run by t/85-console-manage.t.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { changeField } from '../../htdocs/src/modules/document.js';
import { callApi, console_, ctl, look, newPage, pageOf, run, settled, signIn, sql, until }
    from './browser.mjs';
import { is, ok } from './tap.mjs';

let page;

const button = (name) => page.getByRole('button', { name, exact: true });
const link = (name) => page.getByRole('link', { name, exact: true });
const dialog = () => page.getByRole('dialog');
const inDialog = (name) => dialog().getByRole('button', { name, exact: true });
const tab = (name) => page.getByRole('navigation').getByRole('link', { name });
const headers = () => page.getByRole('rowheader').allInnerTexts();
const heading = (name, level = 1) => page.getByRole('heading', { name, level, exact: true }).waitFor();

async function open(path) {
    await page.goto(console_ + path);
    await settled(page);
}

// By keyboard alone: what is focused is pressed.
async function press(locator, key = 'Enter') {
    await locator.focus();
    await page.keyboard.press(key);
}

const scratch = mkdtempSync(join(tmpdir(), 'apid-'));
process.on('exit', () => rmSync(scratch, { recursive: true }));

function writeFile(name, text) {
    writeFileSync(join(scratch, name), text);
    return join(scratch, name);
}

const document = (module) => ctl('module', 'export', module).document;

// What is in b's lines and not in a's.
function added(a, b) {
    const lines = a.split('\n');
    return b.split('\n').filter((line) => !lines.includes(line)).map((line) => line.trim());
}

const markup = '<img src=x onerror=alert(1)>';

const table = `SET sql_mode = ''; SET FOREIGN_KEY_CHECKS = 0;
    CREATE TABLE shop_orders (
        id INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
        order_no VARCHAR(20) NOT NULL, ordered_on DATE NOT NULL DEFAULT '0000-00-00',
        total DECIMAL(10,2), state VARCHAR(40) CHARACTER SET utf8mb3,
        contact_id INT UNSIGNED, UNIQUE KEY order_no (order_no),
        FOREIGN KEY (contact_id) REFERENCES demo_contacts (id)
    ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
    INSERT INTO shop_orders (order_no, ordered_on, total, state)
        VALUES ('A-1', '2026-01-31', 12.50, 'open'), ('A-2', '0000-00-00', NULL, '${markup}')`;

const byState = `<api name="Orders by state" method="get">
  <select module="Orders"><record><field name="id"/><field name="order_no"/></record>
  <where><field name="state" value="@state"/></where></select></api>`;

const steps = [
['documents: a field is changed, nothing else', async () => {
    const before = `<?xml version="1.0"?>
<module name="M"><!-- kept -->
  <table name="t" key="id"/>
  <field name="a" label="A" type="string"   length="20"/> <!-- kept too -->
  <field name="b" type="picklist">
    <value>x</value><value>y &amp; z</value>
  </field>
</module>
`;
    is(changeField(before, 'a', { label: 'A "b"', length: null, mandatory: 'true' }, []),
       before.replace('label="A" type="string"   length="20"/>',
                      'label="A &quot;b&quot;" type="string" mandatory="true"/>'), 'attributes');
    is(changeField(before, 'b', { label: null }, ['x', 'y & z']), before, 'the same values: the same text');
    is(changeField(before, 'b', {}, ['y & z', 'w']), before.replace(
        '    <value>x</value><value>y &amp; z</value>\n',
        '    <value>y &amp; z</value>\n    <value>w</value>\n'), 'values');
    is(changeField(before, 'b', { type: 'string' }, []), before.replace(
        /<field name="b"[^]*<\/field>/, '<field name="b" type="string"/>'), 'no values');
    is(changeField(before, 'a', { type: 'picklist' }, ['<1>']), before.replace(
        'type="string"   length="20"/>',
        'type="picklist"   length="20">\n    <value>&lt;1&gt;</value>\n  </field>'), 'first values');
    let said;
    try {
        changeField(before, 'c', { label: 'C' }, []);
    }
    catch (error) {
        said = error.message;
    }
    is(said, 'The module has no field c any more.', 'a field that is gone');
}],

['modules: a table is imported', async () => {
    sql(table);
    page = await pageOf('dana', '/modules');
    await heading('Modules');
    await settled(page);
    is(await headers(), ['Cases', 'Contacts', 'Deals', 'Leads', 'Organizations', 'Products', 'Weather'],
       'the catalog');
    await look(page, 'modules');
    await press(link('Import a table'));
    await page.getByLabel('Search tables').fill('shop');
    is(await headers(), ['shop_orders'], 'tables are searched');
    await look(page, 'tables');
    await press(link('shop_orders'));
    await page.getByRole('cell', { name: markup }).waitFor();
    await page.getByRole('rowheader', { name: 'Contact Id' }).waitFor();
    ok(true, 'its rows are shown, markup as text, and the fields it would have');
    is(await page.getByLabel('Name of the module').inputValue(), 'ShopOrders', 'a name is proposed');
    await look(page, 'table');
    await page.getByLabel('Name of the module').fill('Orders');
    await page.keyboard.press('Enter');
    await heading('Orders');
    ok(page.url().endsWith('/modules/Orders'), 'it is a module, with an address');
    is(sql("SELECT changed_by FROM apid_module WHERE name = 'Orders'"), 'dana', 'in the catalog');
}],

['modules: a field is edited', async () => {
    await settled(page);
    const before = document('Orders');
    await press(link('State'));
    await dialog().getByLabel('Label').waitFor();
    ok(page.url().endsWith('/modules/Orders/fields/state'), 'a field has an address');
    await dialog().getByLabel('Label').fill('State of the order');
    await dialog().getByLabel('Type').selectOption('Picklist');
    await dialog().getByLabel('Values').fill('open\nsent & paid\n\nopen');
    await dialog().getByLabel('Mandatory').check();
    await look(page, 'field');
    await press(inDialog('Save the field'));
    await dialog().waitFor({ state: 'detached' });
    await link('State of the order').waitFor();
    is(added(before, document('Orders')),
       ['<field name="state" label="State of the order" column="state" type="picklist" length="40" mandatory="true">',
        '<value>open</value>', '<value>sent &amp; paid</value>', '</field>'], 'the document has it, and no other change');

    await press(link('Total'));
    await dialog().getByLabel('Label').fill('Sum');
    const rival = document('Orders').replace('label="Order No"', 'label="Number"');
    ctl('module', 'apply', writeFile('rival.xml', rival));
    await press(inDialog('Save the field'));
    await dialog().getByRole('alert').getByText(/changed by somebody else meanwhile/).waitFor();
    is(document('Orders'), rival, 'what somebody else did meanwhile is not lost');
    await look(page, 'field-conflict');
    await press(inDialog('Save the field'));
    await dialog().waitFor({ state: 'detached' });
    is(document('Orders'), rival.replace('label="Total"', 'label="Sum"'), 'both changes are in');
    await link('Number').waitFor();

    await press(link('Number'));
    await dialog().getByLabel('Label').fill('Order No');
    await dialog().getByLabel('Pattern').fill('[A-Z');
    await inDialog('Save the field').click();
    await dialog().getByRole('alert').getByText(/pattern '\[A-Z'/).waitFor();
    ok(true, 'what the server does not take it says in the dialog');
    await page.keyboard.press('Escape');
    await dialog().waitFor({ state: 'detached' });
    ok(page.url().endsWith('/modules/Orders'), 'Escape closes it');
    await look(page, 'module');
}],

['modules: warnings are mended with what they say', async () => {
    ctl('apply', writeFile('orders.xml', byState));
    await page.reload();
    await tab('Warnings (3)').click();
    const warnings = page.locator('.warnings li');
    await warnings.first().waitFor();
    is((await warnings.getByRole('heading').allInnerTexts()).map((text) =>
        /index|character|day 0/.exec(text)?.[0]).sort(), ['character', 'day 0', 'index'], 'three of them');
    await look(page, 'warnings');
    await warnings.first().getByRole('button', { name: 'Copy' }).click();
    const fixes = await warnings.locator('code').allInnerTexts();
    ok(fixes.includes(await page.evaluate(() => navigator.clipboard.readText())), 'the fix is copied');
    sql('ALTER TABLE shop_orders MODIFY ordered_on DATE');
    fixes.forEach((fix) => sql(fix.replace(/^Let the column take NULL, then: /, '')));
    await page.reload();
    await page.getByRole('heading', { name: 'No problems found' }).waitFor();
    ok(true, 'none is left then');
}],

['modules: the document, and dropping', async () => {
    await open('/modules/Orders/document');
    const text = page.getByLabel('Document', { exact: true });
    const before = await text.inputValue();
    is(before, document('Orders'), 'as it is exported');
    await text.fill(before.replace('label="Sum"', 'label="Sum" tpye="x"'));
    await button('Apply').click();
    await page.getByRole('alert').getByText(/Line \d+: .*tpye/).waitFor();
    ok(true, 'an error says its line');
    await look(page, 'module-document');
    const rival = before.replace('label="Number"', 'label="Order number"');
    ctl('module', 'apply', writeFile('rival.xml', rival));
    await text.fill(before.replace('label="Sum"', 'label="Total"'));
    await button('Apply').click();
    await page.getByRole('alert').getByText(/changed by somebody else meanwhile/).waitFor();
    is(await page.getByLabel('The newer document').inputValue(), rival, "somebody else's is shown beside");
    await look(page, 'document-conflict');
    await text.fill(rival.replace('label="Sum"', 'label="Total"'));
    await button('Apply').click();
    await until('both', () => document('Orders') === rival.replace('label="Sum"', 'label="Total"'));
    await button('Drop').click();
    await inDialog('Cancel').click();
    ok(sql("SELECT COUNT(*) FROM apid_module WHERE name = 'Orders'") === '1', 'dropping asks');
    await button('Drop').click();
    await inDialog('Drop the module').click();
    await page.getByRole('alert').getByText(/used by 'Orders by state'/).waitFor();
    ok(true, 'and says which API needs it');
}],

['records: browsing, searching', async () => {
    page = await pageOf('dana', '/records');
    await settled(page);
    await look(page, 'records-choose');
    await press(link('Contacts'));
    await page.getByRole('navigation', { name: 'Pages' }).waitFor();
    is((await headers()).length, 25, 'a page of them');
    await press(page.getByRole('button', { name: 'Next' }));
    await page.getByText('Page 2').waitFor();
    await settled(page);
    ok(page.url().endsWith('/records/Contacts?page=2'), 'the page is in the address');
    is((await headers())[0], sql("SELECT CONCAT('12x', id) FROM demo_contacts ORDER BY id LIMIT 25, 1"),
       'the next page');
    await look(page, 'records');
    await page.getByLabel('Search Contacts').fill('naoki');
    const found = sql("SELECT CONCAT('12x', id) FROM demo_contacts WHERE CONCAT_WS(' ', salutation, firstname,"
        + " lastname, email, card, website, phone, mobile, title, department, leadsource) LIKE '%naoki%'"
        + ' ORDER BY id LIMIT 25').split('\n');
    await until('the search', async () => (await headers())[0] === found[0]);
    is(await headers(), found, 'searched');
    ok(page.url().endsWith('/records/Contacts?search=naoki'), 'the search is in the address');
    await page.getByLabel('Search Contacts').fill('nobody has this');
    await page.getByRole('heading', { name: 'Nothing matches' }).waitFor();
    await page.getByLabel('Module').selectOption('Weather');
    await press(button('Show'));
    await heading('Weather');
    await page.getByRole('cell', { name: 'London' }).waitFor();
    ok(true, 'another module');
}],

['records: details and updates', async () => {
    const made = await callApi('/api/Create%20Contact', { method: 'POST',
        body: { firstname: markup, lastname: 'Byron', email: 'ada@lovelace.example' } });
    const id = made.json.id;
    await callApi('/api/Upsert', { method: 'PUT', body: { CRMID: id, lastname: 'Lovelace', website: 'https://ada.example' } });
    await open(`/records/Contacts/${id}`);
    await heading(`${markup} Lovelace`);
    is(await page.locator('dt:text-is("Email") + dd').innerText(), 'ada@lovelace.example', 'details');
    await look(page, 'record');
    sql(`UPDATE demo_contacts SET lastname = REPEAT('Love', 20), firstname = 'Ada Augusta King' WHERE id = ${id.slice(3)}`);
    await page.reload();
    await heading(`Ada Augusta King ${'Love'.repeat(20)}`.slice(0, 90) + ' …');
    ok(true, 'a title does not grow without end');
    sql(`UPDATE demo_contacts SET lastname = 'Lovelace', firstname = '${markup}' WHERE id = ${id.slice(3)}`);
    await page.reload();
    await settled(page);
    await press(tab('Updates (2)'));
    const entries = page.locator('main ol > li');
    await page.getByRole('heading', { name: 'API Designer - Upsert' }).waitFor();
    is(await entries.getByRole('heading').allInnerTexts(),
       ['API Designer - Upsert', 'API Designer - Created'], 'newest first, with their labels');
    is(await entries.first().locator('tbody tr').evaluateAll((rows) => rows.map((row) =>
        [...row.children].map((cell) => cell.innerText.trim()))),
       [['Last Name', 'Byron', 'Lovelace'], ['Website', '–', 'https://ada.example']], 'old and new values');
    const said = await entries.last().locator('p').innerText();
    ok(/^carl, .*, through API Create Contact version 1, request /.test(said.replace(/\s+/g, ' ')), `who, through what: ${said}`);
    const at = sql(`SELECT DATE_FORMAT(MIN(at), '%Y-%m-%dT%H:%i') FROM apid_update WHERE record = '${id.slice(3)}' AND module = 'Contacts'`);
    ok((await entries.last().locator('time').getAttribute('title')).includes(`(${at}`), 'the time, in UTC on hover');
    await look(page, 'updates');
    await callApi(`/api/Delete%20Contact?id=${id}`, { method: 'DELETE' });
    await open('/records/Contacts/12x1');
    const of = page.locator('dt:text-is("Organization") + dd');
    is((await of.innerText()).trim(), sql(`SELECT CONCAT(o.accountname, ' 11x', o.id) FROM demo_contacts c
        JOIN demo_organizations o ON o.id = c.account_id WHERE c.id = 1`), 'what it refers to has a name');
    await open('/records/Cases');
    await page.getByRole('columnheader', { name: 'Contact', exact: true }).waitFor();
    const contact = page.locator('tbody tr:first-child td:has(a[href*="/Contacts/"])');
    is([await contact.innerText(), await contact.getAttribute('title')], sql(`SELECT CONCAT(c.firstname, ' ', c.lastname),
        CONCAT('12x', c.id) FROM demo_contacts c JOIN demo_cases k ON k.contact_id = c.id ORDER BY k.id LIMIT 1`).split('\t'),
       'in the list, too');
    await open(`/records/Contacts/${id}`);
    await page.getByRole('heading', { name: 'The record is gone' }).waitFor();
    await page.getByRole('main').getByRole('link', { name: 'Updates', exact: true }).last().click();
    await entries.first().waitFor();
    is(await entries.count(), 3, 'its updates outlive it');
}],

['roles: a viewer sees, and changes nothing', async () => {
    page = await pageOf('vic', '/modules/Contacts/fields/email');
    await dialog().getByLabel('Label').waitFor();
    ok(await dialog().getByLabel('Label').isDisabled(), 'a field');
    is(await inDialog('Save the field').count(), 0, 'nothing to save it with');
    await inDialog('Close').first().click();
    is(await button('Drop').count(), 0, 'nothing to drop the module with');
    await open('/groups/everyone/*');
    await dialog().getByText('Which records').waitFor();
    is(await dialog().locator('footer').innerText(), 'Close', 'rights are looked at, and there is nothing to cancel');
    await open('/users');
    is(await button('Add user').count(), 0, 'nobody is added');
    await open('/activity');
    is(await tab('Refused').count(), 0, 'who was refused is not for viewers');
}],

['users: added, with a key that is shown once', async () => {
    page = await pageOf('admin', '/users');
    await settled(page);
    await look(page, 'users');
    await press(button('Add user'));
    await dialog().getByLabel('User name').and(page.locator(':focus')).waitFor();
    await page.keyboard.type('erin');
    await dialog().getByLabel('Role').selectOption({ label: 'Viewer: sees all in the console' });
    await dialog().getByLabel('Password').fill('battery staple');
    await dialog().getByLabel('everyone').waitFor();
    await press(inDialog('Add'));
    await dialog().getByLabel('Access key').waitFor();
    const key = await dialog().getByLabel('Access key').inputValue();
    await inDialog('Copy').click();
    is(await page.evaluate(() => navigator.clipboard.readText()), key, 'the key is copied');
    await look(page, 'secret');
    await inDialog('Done').click();
    is(sql("SELECT role, HEX(access_key) = SHA2('" + key + "', 256), password LIKE '$2%' FROM apid_user WHERE name = 'erin'"),
       'viewer\t1\t1', 'the digest is kept, and the password hashed');
    ok(!await page.getByText(key).count(), 'it is not on the page any more');
    const erin = { headers: { Authorization: 'Basic ' + btoa(`erin:${key}`) }, user: null };
    await until('the key', async () => (await callApi('/api/Get%20Organizations', erin)).status === 200);

    await press(link('erin'));
    await heading('erin');
    await settled(page);
    await page.getByLabel('What this user may do in the console').selectOption('designer');
    await press(button('Save the role'));
    await page.getByText('erin is designer now.').waitFor();
    is(sql("SELECT role FROM apid_user WHERE name = 'erin'"), 'designer', 'the role is another');
    await look(page, 'user');
    await page.getByLabel('In a minute').fill('30');
    await button('Save the limits').click();
    await page.getByText('The limits are saved.').waitFor();
    is(sql("SELECT minute_limit, day_limit FROM apid_user WHERE name = 'erin'"), '30\tNULL', 'and so are the limits');
    await button('New access key').click();
    await inDialog('Cancel').click();
    is((await callApi('/api/Get%20Organizations', erin)).status, 200, 'a new key is asked for once');
    await button('New access key').click();
    await inDialog('Make a new key').click();
    await dialog().getByLabel('Access key').waitFor();
    await inDialog('Done').click();
    await until('the old key ends', async () => (await callApi('/api/Get%20Organizations', erin)).status === 401);
    ok(true, 'the old key ends');
    await button('Disable').click();
    await inDialog('Disable').click();
    await button('Enable').waitFor();
    is(sql("SELECT disabled FROM apid_user WHERE name = 'erin'"), '1', 'disabled');
    await button('Enable').click();
    await button('Disable').waitFor();
    is(sql("SELECT disabled FROM apid_user WHERE name = 'erin'"), '0', 'and enabled again');
}],

['groups: what their users may do', async () => {
    await open('/groups');
    is(await page.locator('#main-menu [aria-current]').textContent(), 'Users', 'the main menu says where groups belong');
    await look(page, 'groups');
    await button('Add group').click();
    await dialog().getByLabel('Name').and(page.locator(':focus')).waitFor();
    await page.keyboard.type('Readers');
    await page.keyboard.press('Enter');
    await heading('Readers');
    await page.getByLabel('Give rights in').selectOption('Contacts');
    await press(button('Choose the rights'));
    await dialog().getByLabel('Read', { exact: true }).waitFor();
    ok(page.url().endsWith('/groups/Readers/Contacts'), 'rights have an address');
    ok(await dialog().getByLabel('Read', { exact: true }).isChecked(), 'reading is proposed');
    await dialog().getByText('Fields', { exact: true }).click();
    await dialog().getByLabel('Email').selectOption('Hidden');
    await dialog().getByLabel('Mobile').selectOption('Read only');
    await look(page, 'rights');
    await press(inDialog('Save the rights'));
    await dialog().waitFor({ state: 'detached' });
    is(sql("SELECT module, may_create, may_read, may_update, may_delete, scope, hidden, readonly FROM apid_right"
        + " JOIN apid_group g ON g.id = group_id WHERE g.name = 'Readers'"),
       'Contacts\t0\t1\t0\t0\tall\temail\tmobile', 'the rights');
    await look(page, 'group');
    await open('/users/carl');
    await page.getByLabel('everyone').uncheck();
    await page.getByLabel('Readers').check();
    await button('Save the groups').click();
    await page.getByText('The groups are saved.').waitFor();
    const create = () => callApi('/api/Create%20Contact', { method: 'POST', body: { lastname: 'X' } });
    await until('the rights', async () => (await create()).status === 403);
    ok(true, 'who may read alone is refused a create');
    const [found] = (await callApi('/api/contacts?city=London')).json;
    is([typeof found.lastname, typeof found.email], ['string', 'undefined'], 'and never sees a hidden field');
    await page.getByLabel('everyone').check();
    await button('Save the groups').click();
    await until('the rights', async () => (await callApi('/api/Get%20Organizations')).status === 200);
    await open('/groups/Readers');
    await button('Drop').click();
    await inDialog('Drop the group').click();
    await heading('Groups');
    is(sql("SELECT COUNT(*) FROM apid_group WHERE name = 'Readers'"), '0', 'the group is dropped');
}],

['my preferences', async () => {
    await page.getByRole('button', { name: 'admin' }).click();
    await page.locator('#user-menu').getByRole('link', { name: 'My preferences' }).click();
    await heading('My preferences');
    await settled(page);
    await look(page, 'me');
    await button('New access key').click();
    const key = await dialog().getByLabel('Access key').inputValue();
    is(sql("SELECT HEX(access_key) = SHA2('" + key + "', 256) FROM apid_user WHERE name = 'admin'"), '1', 'a key of my own');
    await inDialog('Done').click();
    const change = async (old, next) => {
        await page.getByLabel('Current password').fill(old);
        await page.getByLabel('New password', { exact: true }).fill(next);
        await page.getByLabel('New password again').fill(next);
        await page.keyboard.press('Enter');
    };
    await change('wrong horse', 'battery staple');
    await page.getByText('That is not your current password.').waitFor();
    ok(true, 'the current password is asked for');
    await change('correct horse', 'battery staple');
    await page.getByText('Your password is changed.').waitFor();
    const other = await newPage();
    await other.goto(console_ + '/me');
    await until('the new password', async () => {
        await signIn(other, 'admin', 'battery staple');
        return other.getByRole('heading', { name: 'My preferences' }).waitFor({ timeout: 2000 })
            .then(() => true, () => false);
    });
    ok(true, 'and the new one signs in');
}],

['versions: compared, published again, retired', async () => {
    const one = ctl('export', 'Add Customer').document;
    ctl('apply', '--note', 'Nobody fills the website in', writeFile('customer.xml',
        one.replace(/\n.*name="website".*/, '')));
    page = await pageOf('dana', '/apis/Add%20Customer/versions');
    const versions = page.locator('.versions > li');
    await versions.first().waitFor();
    is(await versions.first().getByRole('heading').innerText(), 'Version 2', 'newest first');
    ok((await versions.first().innerText()).includes('Nobody fills the website in'), 'with its note');
    await look(page, 'versions');
    await press(page.getByRole('button', { name: 'Compare version 1 with the live one' }));
    await dialog().getByText("Parameter 'website' is ignored now.").waitFor();
    ok(page.url().endsWith('/versions?from=1&to=2'), 'a comparison has an address');
    await dialog().getByLabel('Version 1', { exact: true }).getByText('@website').waitFor();
    is(await dialog().getByLabel('Version 2', { exact: true }).getByText('@website').count(), 0, 'side by side');
    await look(page, 'compare');
    await page.keyboard.press('Escape');
    await dialog().waitFor({ state: 'detached' });
    const shown = '**/manage/definitions/Add%20Customer';
    let answer;
    const late = new Promise((resolve) => { answer = resolve; });
    await page.route(shown, (route) => late.then(() => route.continue()));
    await button('Publish again').click();
    await inDialog('Publish version 1').click();
    await versions.nth(1).getByText('Live').waitFor();
    is(sql("SELECT live_version FROM apid_definition WHERE name = 'Add Customer'"), '1', 'the old one is live');
    await button('Deprecate').click();
    await dialog().getByLabel('Sunset date').fill('2030-06-30');
    answer();
    await page.getByText('Version 1 live', { exact: true }).waitFor();
    ok(await dialog().isVisible(), 'what is asked meanwhile is not closed by an answer that is late');
    await page.unroute(shown);
    await inDialog('Deprecate').click();
    await versions.first().getByText('Deprecated').waitFor();
    const state = "SELECT state, sunset FROM apid_version v JOIN apid_definition d ON d.id = v.definition_id"
        + " WHERE d.name = 'Add Customer' AND version = 2";
    is(sql(state), 'deprecated\t2030-06-30 23:59:59.000000', 'deprecated, until the end of that day');
    await button('Retire').click();
    await inDialog('Retire').click();
    await versions.first().getByText('Retired').waitFor();
    await until('the version is gone', async () => (await callApi('/api/customers',
        { method: 'POST', headers: { 'API-Version': '2' }, body: {} })).status === 410);
    ok(true, 'retired: 410');
}],

['activity: calls, what was refused and why', async () => {
    for (const city of ['London', 'Paris', 'Atlantis'])
        await callApi(`/api/weather/current?city=${city}`);
    const refused = await callApi('/api/Nowhere');
    const id = refused.json.request_id;
    await until('the activity', () => sql(`SELECT COUNT(*) FROM apid_refusal WHERE request_id = '${id}'`) === '1');
    page = await pageOf('dana', '/activity?name=Current+Weather&hours=1');
    const figure = (name) => page.locator(`.figures dt:text-is("${name}") + dd`).innerText();
    await until('the calls', async () => {
        await page.reload();
        await settled(page);
        return await page.locator('.figures').count() && await figure('Calls') === '3';
    });
    is(await figure('Refused or failed'), '1 (33.3 %)', 'calls, and how many were refused');
    is(await page.getByRole('region', { name: 'By status' }).getByRole('row').evaluateAll((rows) =>
        rows.slice(1).map((row) => [...row.children].slice(0, 3).map((cell) => cell.innerText))),
       [['200', '2', ''], ['404', '1', '1']], 'by status');
    is(await page.getByRole('region', { name: 'By user' }).getByRole('rowheader').allInnerTexts(), ['carl'], 'by user');
    const chart = page.getByRole('img', { name: 'Calls over time' });
    ok(/3 calls, 1 of them refused/.test((await chart.locator('desc').textContent()).replace(/\s+/g, ' ')),
       'the chart says what it shows');
    await page.getByText('As a table').click();
    const numbers = await page.getByRole('region', { name: 'Calls over time, as a table' }).getByRole('row')
        .evaluateAll((rows) => rows.slice(1).map((row) => [...row.children].slice(1).map((cell) => Number(cell.innerText))));
    is(numbers.reduce((all, row) => all.map((sum, i) => sum + row[i]), [0, 0, 0, 0]), [2, 0, 1, 0], 'and has a table');
    await page.getByLabel('API', { exact: true }).selectOption('');
    await page.getByLabel('Time', { exact: true }).selectOption('The last day');
    await settled(page);
    await look(page, 'activity');
    await page.setViewportSize({ width: 320, height: 640 });
    is(await page.evaluate(() => document.documentElement.scrollWidth), 320, 'it has room at 320 pixels');
    await page.setViewportSize({ width: 1440, height: 900 });
    await press(tab('Refused'));
    const first = page.getByRole('row').filter({ hasText: 'API_NOT_FOUND' }).first();
    await first.getByText('There is no such API').waitFor();
    ok(await page.locator('tbody a .mono').first().evaluate((each) => each.offsetHeight < 24),
       'the id of a request is in one line');
    await look(page, 'refused');
    await press(tab('Look up a request'));
    await page.getByLabel('Request id').fill(id);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: /There is no such API/ }).waitFor();
    ok(page.url().endsWith(`/activity/why/${id}`), 'the answer has an address');
    is(await page.locator('dt:text-is("User") + dd').innerText(), 'carl', 'who it was');
    await look(page, 'why');
    await open('/activity/why/none');
    await page.getByRole('heading', { name: 'It was not refused' }).waitFor();
}],
];

await run(steps, () => page);
