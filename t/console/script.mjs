// SPDX-License-Identifier: Apache-2.0
// script: the form's model over every definition of t/vadl and the demo. Run
// by t/85-script.t with the source tree, apidesignerctl and a directory.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { diag, done, is, ok } from './tap.mjs';

const [source, ctl, scratch] = process.argv.slice(2);
const { applyChanges } = await import(join(source, 'htdocs/src/vadl/edit.js'));
const { readModule } = await import(join(source, 'htdocs/src/vadl/module.js'));
const script = await import(join(source, 'htdocs/src/vadl/script.js'));
const { readScript } = script;

function files(directory, pattern) {
    return readdirSync(join(source, directory)).filter((name) => pattern.test(name))
        .sort().map((name) => join(source, directory, name));
}

const read = (file) => readFileSync(file, 'utf8');
const modules = new Map(files('t/vadl/modules', /\.xml$/).map(read).map(readModule)
    .map((module) => [module.name, module]));
const good = files('t/vadl', /^\d.*\.xml$/);
const bad = files('t/vadl', /^bad-.*\.xml$/);
const moduleOf = (model, op) => modules.get(op.module ?? model.module);

ok(good.length >= 30 && bad.length >= 50 && modules.size >= 8, 'there is something to read');

// The build looks at what it lists.
const listed = read(join(source, 'Makefile.am')).match(/htdocs\/src\/[\w./-]+/g).sort();
const walk = (directory) => readdirSync(join(source, directory), { withFileTypes: true })
    .flatMap((entry) => entry.isDirectory() ? walk(join(directory, entry.name)) : [join(directory, entry.name)]);
is(listed, walk('htdocs/src').sort(), 'Makefile.am lists the sources of the console');

// ---- read, nothing changed

// Everything the form could say, said again as it is.
function restate(model) {
    const fields = (list, names) => (list?.fields ?? []).flatMap((field) =>
        names.flatMap((name) => script.setField(field, name, field.el.attrs
            .find((each) => each.name === name)?.value)));
    const tests = (where) => (where?.tests ?? []).flatMap((test) => test.where
        ? [...script.setGlue(test.where, test.where.glue), ...tests(test.where)]
        : script.setField(test, 'value', test.value));
    return [
        ...['path', 'name', 'module', 'status'].flatMap((name) =>
            script.setRoot(model, name, model[name])),
        ...['addresses', 'origins', 'token-in'].flatMap((name) =>
            script.setSetting(model, 'security', name, script.settingOf(model, 'security', name))),
        ...model.ops.flatMap((op) => [
            ...fields(op.record, ['value', 'default', 'required', 'as']),
            ...fields(op.answer, ['as']), ...fields(op.sort, ['order']), ...tests(op.where),
            ...['max', 'page', 'after'].flatMap((name) =>
                script.setLimit(model, op, name, op.limit?.[name])),
        ]),
    ];
}

for (const file of [...good, ...files('sql/demo/apis', /\.xml$/)]) {
    const text = read(file);
    const { model, error } = readScript(text);
    ok(model && !model.unknown.length, `${basename(file)}: the form shows all of it`)
        || diag(JSON.stringify(error ?? model.unknown));
    if (model)
        is(applyChanges(text, restate(model)), text, '  said again, it is the same text');
}

// What is wrong is told, and never thrown; what the form does not know stays.
for (const file of bad) {
    const { model, error } = readScript(read(file));
    ok(error?.line > 0 || Array.isArray(model?.unknown), `${basename(file)}: is read or told`);
}
const strange = `<api><rest url="x"/><select module="Contacts" fast="yes"/></api>`;
is(readScript(strange).model.unknown,
   [{ line: 1, text: '<rest> in <api>' }, { line: 1, text: 'attribute fast of <select>' }],
   'what the form does not know is named');
is(readScript('<api>\n  <select></api>').error.line, 2, 'and where it cannot be read');

// ---- one change, and what the text is then

function changed(text, change) {
    const { model } = readScript(text);
    return applyChanges(text, change(model, model.ops[0]));
}

const sample = `<?xml version="1.0"?>
<!-- kept -->
<api method="post">
  <create module="Contacts">
    <record>
      <field name="lastname" value="@lastname"/> <!-- kept too -->
    </record>
  </create>
</api>
`;
is(changed(sample, (model, op) =>
    script.addField(model, op, 'record', { name: 'email', value: '@email' })),
`<?xml version="1.0"?>
<!-- kept -->
<api method="post">
  <create module="Contacts">
    <record>
      <field name="lastname" value="@lastname"/>
      <field name="email" value="@email"/> <!-- kept too -->
    </record>
  </create>
</api>
`, 'a field is ticked');
is(changed(sample, (model, op) => script.setField(op.record.fields[0], 'default', '<b> & "c"')),
   sample.replace('"@lastname"', '"@lastname" default="&lt;b&gt; &amp; &quot;c&quot;"'),
   'markup in a value is escaped');
is(changed(sample, (model, op) => script.addField(model, op, 'return', { name: 'id' })),
   sample.replace('    </record>\n', '    </record>\n    <return>\n'
       + '      <field name="id"/>\n    </return>\n'), 'a part comes with its first field');
is(changed(sample, (model) => script.setSetting(model, 'limits', 'minute', '5')),
   sample.replace('  <create', '  <limits minute="5"/>\n  <create'), 'a limit');
is(changed(sample.replace('  <create', '  <limits minute="5"/>\n  <create'), (model) =>
    script.setSetting(model, 'limits', 'minute', '')), sample, 'and gone with its line');
is(changed(sample, (model) => script.setDescription(model, 'a < b')),
   sample.replace('  <create', '  <description>a &lt; b</description>\n  <create'),
   'a description');
is(changed('<api><select module="Contacts"/></api>', (model, op) =>
    script.addCondition(model, op, null, { name: 'email', value: '@email' })),
`<api><select module="Contacts">
  <where>
    <field name="email" value="@email"/>
  </where>
</select></api>`, 'a condition in a script of one line');
is(changed(sample, (model) => script.changeOperation(model, 0, 'select', modules.get('Contacts'))),
   sample.replace('post', 'get').replaceAll('create', 'select').replace(' value="@lastname"', ''),
   'another operation, and the method with it');
is(changed(sample, (model) => script.changeOperation(model, 0, 'delete', modules.get('Contacts'))),
`<?xml version="1.0"?>
<!-- kept -->
<api method="delete">
  <delete module="Contacts">
    <where>
      <field name="id" value="@id"/>
    </where>
  </delete>
</api>
`, 'a delete names its record');
is(changed('<api module="Contacts"><select module="Contacts"/></api>', (model, op) =>
    script.setModule(model, op, 'Leads')), '<api module="Leads"><select module="Leads"/></api>',
   'another module, of the definition too');
is(changed('<api module="Contacts"><select module="Contacts"/><select module="Deals"/></api>', (model, op) =>
    script.setModule(model, op, 'Leads')),
   '<api module="Contacts"><select module="Leads"/><select module="Deals"/></api>',
   'but not of one of several operations');
is(changed('<api module="Contacts"><select/></api>', (model, op) => script.setModule(model, op, 'Leads')),
   '<api module="Leads"><select/></api>', 'where the operation names none, that alone');
is(changed('<api><select module="Contacts"/></api>', (model, op) =>
    script.addFields(model, op, 'record', [{ name: 'id' }, { name: 'email', as: 'mail' }])),
`<api><select module="Contacts">
  <record>
    <field name="id"/>
    <field name="email" as="mail"/>
  </record>
</select></api>`, 'several fields at once');
is(script.parametersOf(readScript(read(join(source, 'sql/demo/apis/customer-add.xml'))).model),
   ['company', 'website', 'industry', 'contact.firstname', 'contact.lastname', 'contact.email',
    'deal.name', 'deal.amount', 'deal.closing'], 'parameters, without results of operations');

// ---- every change, on every definition, checks

const isPlain = (field) => !field.name.includes('.') && field.name !== 'id';
const unused = (module, list, writes) => module?.fields.find((field) =>
    field.name !== 'id' && !(writes && field.readonly)
    && !list?.fields.some((each) => each.name === field.name));

// Each gives changes for the first operation, or undefined where it does not apply.
const edits = {
    'tick a field': (model, op, module) => {
        const field = unused(module, op.record, op.op !== 'select');
        if (!field || op.op === 'delete')
            return;
        return script.addField(model, op, 'record', op.op === 'select' ? { name: field.name }
            : { name: field.name, value: '@fresh' });
    },
    'untick a field': (model, op, module) => {
        const field = (op.record?.fields ?? []).filter(isPlain).at(-1);
        const needed = module?.fields.find((each) => each.name === field?.name)?.mandatory;
        if (!field || (op.op !== 'select' && (needed || op.record.fields.length < 3)))
            return;
        return script.removeField(model, op, 'record', field);
    },
    'an alias': (model, op) => op.op === 'select' && op.record?.fields.length
        ? script.setField(op.record.fields[0], 'as', 'other_name') : undefined,
    'a required field': (model, op) => op.op !== 'select' && op.record
        ? script.setField(op.record.fields.filter(isPlain)[0], 'required', 'true') : undefined,
    'a condition': (model, op, module) => module && op.op !== 'create'
        ? script.addCondition(model, op, null, { name: module.fields[1].name, value: '@cond',
                                                 condition: 'notequal' }) : undefined,
    'a group of conditions': (model, op, module) => op.where
        ? script.addGroup(model, op, null, 'or', { name: module.fields[1].name, value: '@g',
                                                   optional: 'true' }) : undefined,
    'a condition without value': (model, op) => op.where?.tests[0]?.el && !op.where.tests[0].where
        ? script.setCondition(op.where.tests[0], 'notempty') : undefined,
    'glue': (model, op) => op.where ? script.setGlue(op.where,
        op.where.glue === 'or' ? 'and' : 'or') : undefined,
    'a sort': (model, op, module) => op.op === 'select' && !op.sort?.fields.length
        ? script.addField(model, op, 'sort', { name: module.fields[1].name, order: 'descending' })
        : undefined,
    'a limit': (model, op) => op.op === 'select'
        ? script.setLimit(model, op, 'max', '7') : undefined,
    'a page': (model, op) => op.op === 'select' && !op.limit?.after
        ? script.setLimit(model, op, 'page', '@seite') : undefined,
    'an answer': (model, op) => ['create', 'update', 'upsert'].includes(op.op) && !op.answer
        ? script.addField(model, op, 'return', { name: 'id', as: 'key' }) : undefined,
    'settings': (model) => script.setSetting(model, 'security', 'addresses', '10.0.0.0/8'),
    'limits': (model) => script.setSetting(model, 'limits', 'day', '1000'),
    'who may': (model) => script.setSetting(model, 'allow', 'groups', 'a & b'),
    'a description': (model) => script.setDescription(model, 'What <it> does & more'),
    'inactive': (model) => script.setRoot(model, 'status', 'inactive'),
    'a second operation': (model) => model.ops.at(-1).module !== 'Readings'
        ? script.addOperation(model, 'create', modules.get('Organizations')) : undefined,
    ...Object.fromEntries(Object.keys(script.operations).map((word) => [`make it ${word}`,
        (model, op, module) => model.ops.length === 1 && op.op !== word && module
            && !module.readonly && !['Readings', 'Oddities', 'Prices'].includes(module.name)
            && !op.record?.fields.some((field) => /^@user/.test(field.value ?? ''))
            && !(model.path ?? '').includes('{')
            ? script.changeOperation(model, 0, word, module) : undefined])),
};

for (const [name, edit] of Object.entries(edits)) {
    const directory = join(scratch, name.replaceAll(' ', '-'));
    mkdirSync(directory);
    const written = good.flatMap((file) => {
        const text = read(file);
        const { model } = readScript(text);
        const changes = edit(model, model.ops[0], moduleOf(model, model.ops[0]));
        if (!changes?.length)
            return [];
        const next = applyChanges(text, changes).replace(/ name="Lead Form"/, '');
        const again = readScript(next);
        if (!again.model || again.model.unknown.length)
            diag(`${basename(file)}: ${JSON.stringify(again.error ?? again.model.unknown)}\n${next}`);
        writeFileSync(join(directory, basename(file)), next);
        return again.model && !again.model.unknown.length ? [join(directory, basename(file))] : [];
    });
    ok(written.length > 0, `${name}: ${written.length} definitions`);
    const ran = spawnSync(ctl, ['check', ...written, '--modules', join(source, 't/vadl/modules')],
                          { encoding: 'utf8' });
    is(ran.stderr.replaceAll(scratch, ''), '', '  each checks');
}
done();
