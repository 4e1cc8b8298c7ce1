// SPDX-License-Identifier: Apache-2.0
// script: a script as the form shows it, and what the form can do to it. Text
// is the truth: readScript makes the form's model of it, and each function
// below answers changes of that text (see edit.js). What the form does not
// know is told in model.unknown and stays as it is.
import { applyChanges, between, insertChild, removeElement, renameElement, setAttr,
         swapElements, xml } from './edit.js';
import { attr, child, lineAt, parseXml } from './xml.js';

export const methods = ['get', 'post', 'put', 'delete', 'patch'];

// name, what people call it, how many values it takes
export const conditions = [
    ['equal', 'is', 1], ['notequal', 'is not', 1], ['like', 'is like', 1],
    ['notlike', 'is not like', 1], ['startswith', 'starts with', 1],
    ['endswith', 'ends with', 1], ['contains', 'contains', 1],
    ['lessthan', 'is less than', 1], ['lessorequal', 'is at most', 1],
    ['greaterthan', 'is greater than', 1], ['greaterorequal', 'is at least', 1],
    ['between', 'is between', 2], ['in', 'is one of', 9], ['notin', 'is none of', 9],
    ['empty', 'is empty', 0], ['notempty', 'is not empty', 0],
];

// What each operation may hold, in the order it is written, with its method.
export const operations = {
    select: { label: 'Read records', method: 'get', parts: ['record', 'where', 'sort', 'limit'] },
    create: { label: 'Create a record', method: 'post', parts: ['record', 'return'] },
    update: { label: 'Update records', method: 'put', parts: ['record', 'where', 'return'] },
    upsert: { label: 'Update or create', method: 'put', parts: ['record', 'where', 'return'] },
    delete: { label: 'Delete records', method: 'delete', parts: ['where'] },
};

const settings = ['description', 'security', 'limits', 'allow'];
const known = {
    api: ['method', 'path', 'name', 'module', 'status'],
    webhook: ['method', 'path', 'name', 'module', 'status'],
    security: ['token-in', 'addresses', 'origins'],
    limits: ['minute', 'day', 'max-affected'],
    allow: ['users', 'groups'],
    description: [],
    select: ['module', 'as', 'one'],
    create: ['module', 'as'], update: ['module', 'as'], upsert: ['module', 'as'],
    delete: ['module', 'as'],
    record: [], return: [], sort: [],
    where: ['glue'],
    limit: ['max', 'page', 'after'],
};
const fieldAttrs = {
    select: ['name', 'as'], return: ['name', 'as'],
    record: ['name', 'value', 'required', 'default', 'as'],
    where: ['name', 'value', 'condition', 'optional'], sort: ['name', 'order'],
};

// ---- text to model

class Reader {
    constructor(text) {
        this.text = text;
        this.unknown = [];
    }

    complain(at, what) {
        this.unknown.push({ line: lineAt(this.text, at), text: what });
    }

    checkAttrs(element, names) {
        for (const each of element.attrs)
            if (!names.includes(each.name))
                this.complain(each.from, `attribute ${each.name} of <${element.name}>`);
    }

    // Children by name; others, and second ones, are told.
    parts(element, names) {
        const found = {};
        for (const each of element.children) {
            if (!names.includes(each.name) || found[each.name])
                this.complain(each.from, `<${each.tag}> in <${element.tag}>`);
            else
                found[each.name] = each;
        }
        return found;
    }

    fields(element, attrs) {
        this.checkAttrs(element, known[element.name]);
        return element.children.flatMap((each) => {
            if (each.name !== 'field') {
                this.complain(each.from, `<${each.tag}> in <${element.tag}>`);
                return [];
            }
            return [this.field(each, attrs)];
        });
    }

    field(element, attrs) {
        this.checkAttrs(element, attrs);
        element.children.forEach((each) => this.complain(each.from, `<${each.tag}> in <field>`));
        return {
            el: element, name: attr(element, 'name') ?? '', value: attr(element, 'value'),
            as: attr(element, 'as'), fallback: attr(element, 'default'),
            required: isTrue(attr(element, 'required')), optional: isTrue(attr(element, 'optional')),
            condition: (attr(element, 'condition') ?? 'equal').toLowerCase(),
            down: (attr(element, 'order') ?? '').toLowerCase() === 'descending',
        };
    }

    where(element) {
        this.checkAttrs(element, known.where);
        const tests = element.children.flatMap((each) => {
            if (each.name === 'where')
                return [{ el: each, where: this.where(each) }];
            if (each.name === 'field')
                return [this.field(each, fieldAttrs.where)];
            this.complain(each.from, `<${each.tag}> in <where>`);
            return [];
        });
        return { el: element, glue: (attr(element, 'glue') ?? 'and').toLowerCase(), tests };
    }

    limit(element) {
        this.checkAttrs(element, known.limit);
        return { el: element, max: attr(element, 'max'), page: attr(element, 'page'),
                 after: attr(element, 'after') };
    }

    operation(element) {
        const op = element.name;
        this.checkAttrs(element, known[op]);
        const found = this.parts(element, operations[op].parts);
        const list = (part, attrs) => found[part]
            && { el: found[part], fields: this.fields(found[part], attrs) };
        return {
            el: element, op, module: attr(element, 'module'), as: attr(element, 'as'),
            one: isTrue(attr(element, 'one')),
            record: list('record', op === 'select' ? fieldAttrs.select : fieldAttrs.record),
            answer: list('return', fieldAttrs.return),
            sort: list('sort', fieldAttrs.sort),
            where: found.where && this.where(found.where),
            limit: found.limit && this.limit(found.limit),
        };
    }

    setting(model, element) {
        this.checkAttrs(element, known[element.name]);
        element.children.forEach((each) =>
            this.complain(each.from, `<${each.tag}> in <${element.tag}>`));
        if (model.settings[element.name] && model.settings[element.name].parent === element.parent)
            this.complain(element.from, `a second <${element.tag}>`);
        model.settings[element.name] = element;
    }

    // Operations and settings of a root, and of a webhook in an api.
    content(model, element) {
        this.checkAttrs(element, known[element.name]);
        const wraps = element.name === 'api' && child(element, 'webhook');
        for (const each of element.children) {
            if (wraps && each === wraps) {
                model.kind = 'webhook';
                model.holder = each;
                this.content(model, each);
            }
            else if (settings.includes(each.name))
                this.setting(model, each);
            else if (!wraps && operations[each.name])
                model.ops.push(this.operation(each));
            else
                this.complain(each.from, `<${each.tag}> in <${element.tag}>`);
        }
    }

    read(root) {
        const model = { text: this.text, root, holder: root, kind: root.name, ops: [],
                        settings: {}, unknown: this.unknown };
        this.content(model, root);
        for (const name of known.api)
            model[name] = attr(model.holder, name) ?? attr(root, name);
        model.method = (model.method ?? 'get').toLowerCase();
        model.active = (model.status ?? 'active').toLowerCase() !== 'inactive';
        return model;
    }
}

function isTrue(text) {
    return text?.toLowerCase() === 'true';
}

// { model } or, if it cannot be read at all, { error: { at, line, text } }.
export function readScript(text) {
    const { root, error } = parseXml(text);
    if (error)
        return { error };
    if (root.name !== 'api' && root.name !== 'webhook')
        return { error: { at: root.from, line: lineAt(text, root.from),
                          text: `<api> or <webhook> was expected, not <${root.tag}>` } };
    const model = new Reader(text).read(root);
    if (!model.ops.length && !model.unknown.length)
        model.unknown.push({ line: lineAt(text, root.from), text: 'no operation' });
    return { model };
}

// Every @parameter that values of the script name, without what an operation
// answers ("@org.id") and what the server knows ("@user.id").
export function parametersOf(model) {
    const results = model.ops.map((op) => op.as).filter(Boolean);
    const names = new Set((model.path ?? '').match(/\{[^}]+\}/g)?.map((part) => part.slice(1, -1)));
    const visit = (element) => {
        for (const each of element.attrs)
            if (/^@[^@]/.test(each.value) && element.name !== 'description')
                names.add(each.value.slice(1));
        element.children.forEach(visit);
    };
    visit(model.root);
    return [...names].filter((name) => !results.includes(name.split('.')[0])
        && !['user.id', 'user.name', 'now', 'today'].includes(name));
}

// ---- settings

// An attribute of the root: method, path, name, module or status.
export function setRoot(model, name, value) {
    const there = attr(model.holder, name) !== undefined ? model.holder : model.root;
    return setAttr(there, name, value || null);
}

export function settingOf(model, element, name) {
    return attr(model.settings[element], name) ?? '';
}

// An attribute of <security>, <limits> or <allow>; the element comes and goes
// with its attributes.
export function setSetting(model, element, name, value) {
    const is = model.settings[element];
    if (!is)
        return value ? addSetting(model, xml(element, { [name]: value })) : [];
    if (!value && is.attrs.length === 1 && is.attrs[0].name === name)
        return removeElement(model.text, is);
    return setAttr(is, name, value || null);
}

function addSetting(model, block) {
    const first = model.root.children.find((each) => each.name !== 'description');
    return insertChild(model.text, model.root, block, first);
}

export function descriptionOf(model) {
    return (model.settings.description?.text ?? '').trim();
}

export function setDescription(model, text) {
    const is = model.settings.description;
    const plain = text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
    if (!text)
        return is ? removeElement(model.text, is) : [];
    if (!is)
        return insertChild(model.text, model.root, `<description>${plain}</description>`,
                           model.root.children[0]);
    return is.closeFrom < 0
        ? [{ from: is.from, to: is.to, insert: `<${is.tag}>${plain}</${is.tag}>` }]
        : [{ from: is.openTo, to: is.closeFrom, insert: plain }];
}

// ---- parts of an operation

const partOf = { record: 'record', return: 'answer', sort: 'sort', where: 'where', limit: 'limit' };

// A part that is not there yet is put where it is usually written.
function addPart(model, op, part, block) {
    const order = operations[op.op].parts;
    const after = order.slice(order.indexOf(part) + 1);
    const before = op.el.children.find((each) => after.includes(each.name));
    return insertChild(model.text, op.el, block, before);
}

// A field at the end of record, return or sort.
export function addField(model, op, part, attrs) {
    const is = op[partOf[part]];
    return is ? insertChild(model.text, is.el, xml('field', attrs))
              : addPart(model, op, part, xml(part, {}, [['field', attrs]]));
}

// Several fields as a part that is not there: [{ name, as }, ...]
export function addFields(model, op, part, list) {
    return addPart(model, op, part, xml(part, {}, list.map((attrs) => ['field', attrs])));
}

// The last field of sort and return takes its parent with it; an empty record
// of a select means all fields, so that goes too.
export function removeField(model, op, part, field) {
    const is = op[partOf[part]];
    const whole = is.fields.length === 1 && (part !== 'record' || op.op === 'select');
    return removeElement(model.text, whole ? is.el : field.el);
}

// undefined takes the attribute away; an empty value is one.
export function setField(field, name, value) {
    return setAttr(field.el, name, value);
}

export function moveField(model, list, at, by) {
    const [a, b] = [list[at], list[at + by]].sort((x, y) => x.el.from - y.el.from);
    return swapElements(model.text, a.el, b.el);
}

export function removePart(model, op, part) {
    const is = op[partOf[part]];
    return is ? removeElement(model.text, is.el) : [];
}

// A condition at the end of a where; where null: the operation's own.
export function addCondition(model, op, where, attrs) {
    const into = where ?? op.where;
    return into ? insertChild(model.text, into.el, xml('field', attrs))
                : addPart(model, op, 'where', xml('where', {}, [['field', attrs]]));
}

export function addGroup(model, op, where, glue, attrs) {
    return insertChild(model.text, (where ?? op.where).el,
                       xml('where', { glue }, [['field', attrs]]));
}

// The last condition takes the where with it, but for the outermost of a
// write, without which a script does not publish.
export function removeCondition(model, where, test) {
    const whole = where.tests.length === 1;
    return removeElement(model.text, whole ? where.el : test.el);
}

export function setCondition(test, condition) {
    const arity = conditions.find(([name]) => name === condition)?.[2];
    return [...setAttr(test.el, 'condition', condition === 'equal' ? null : condition),
            ...(arity === 0 ? setAttr(test.el, 'value', null)
                : test.value === undefined ? setAttr(test.el, 'value', '@' + test.name) : [])];
}

export function setGlue(where, glue) {
    return setAttr(where.el, 'glue', glue === 'and' && attr(where.el, 'glue') === undefined
        ? null : glue);
}

export function setLimit(model, op, name, value) {
    const is = op.limit;
    if (!is)
        return value ? addPart(model, op, 'limit', xml('limit', { [name]: value })) : [];
    if (!value && is.el.attrs.length === 1 && is.el.attrs[0].name === name)
        return removeElement(model.text, is.el);
    return setAttr(is.el, name, value || null);
}

export function setOperation(op, name, value) {
    return setAttr(op.el, name, value || null);
}

// The module of an operation; that of the only one is the definition's, too,
// which lists go by.
export function setModule(model, op, name) {
    const whole = model.ops.length === 1 && model.module !== undefined;
    return [...(whole ? setRoot(model, 'module', name) : []),
            ...(whole && op.module === undefined ? [] : setOperation(op, 'module', name))];
}

// ---- whole operations

// Fields that an operation of a module begins with, as arguments of xml().
function firstParts(op, module) {
    const writable = module.fields.filter((field) => field.mandatory && !field.readonly);
    const values = writable.map((field) => ['field', { name: field.name, value: '@' + field.name }]);
    const id = ['field', { name: 'id', value: '@id' }];
    return {
        select: [], delete: [['where', {}, [id]]],
        create: [['record', {}, values]],
        update: [['record', {}, [id, ...values]]],
        upsert: [['record', {}, [id, ...values]]],
    }[op];
}

export function addOperation(model, op, module) {
    const parts = firstParts(op, module);
    return insertChild(model.text, model.holder,
        xml(op, { module: module.name }, parts.length ? parts : null));
}

export function removeOperation(model, op) {
    return removeElement(model.text, op.el);
}

// One step after the other, each on the text that the one before left.
function steps(text, list) {
    return list.reduce((now, step) => {
        const { model } = readScript(now);
        return applyChanges(now, step(model));
    }, text);
}

// Another operation in the place of one: what both know stays, the rest is
// made fit. The method follows, if it was the usual one.
export function changeOperation(model, at, op, module) {
    const was = model.ops[at];
    const usual = model.kind === 'api' && model.ops.length === 1
        && model.method === operations[was.op].method;
    const list = [
        ...was.el.children.filter((each) => !operations[op].parts.includes(each.name))
            .map((each) => (now) => removeElement(now.text,
                child(now.ops[at].el, each.name))),
        (now) => was.one && op !== 'select' ? setAttr(now.ops[at].el, 'one', null) : [],
        ...(op === 'select' ? toAnswered(was) : op === 'delete' ? [] : toWritten(was, op, module))
            .map((step) => (now) => step(now, now.ops[at])),
        (now) => op === 'delete' && !hasTests(now.ops[at])
            ? addCondition(now, now.ops[at], null, { name: 'id', value: '@id' }) : [],
        (now) => renameElement(now.ops[at].el, op),
        (now) => usual ? setAttr(attr(now.holder, 'method') !== undefined ? now.holder : now.root,
                                 'method', operations[op].method) : [],
    ];
    return between(model.text, steps(model.text, list));
}

function hasTests(op) {
    return !!op.where?.tests.length;
}

// Fields of a write as those of a select: their names alone.
function toAnswered(was) {
    return (was.record?.fields ?? []).flatMap((field) =>
        ['value', 'required', 'default'].map((name) => (now, op) => {
            const same = op.record.fields.find((each) => each.name === field.name);
            return setAttr(same.el, name, null);
        }));
}

// Fields as those of a write: each with a value; those that cannot be written
// go, those that must be come.
function toWritten(was, op, module) {
    const of = new Map(module.fields.map((field) => [field.name, field]));
    const fits = ({ name }) => (name === 'id' && op !== 'create')
        || (of.has(name) && !of.get(name).readonly);
    const fields = was.record?.fields ?? [];
    const writable = module.fields.filter((field) => !field.readonly && field.name !== 'id');
    const mandatory = writable.filter((field) => field.mandatory);
    const one = fields.some((field) => fits(field) && field.name !== 'id') ? []
        : (mandatory.length ? mandatory : writable).slice(0, 1);
    const needed = [
        ...(op !== 'create' && !hasTests(was) ? [{ name: 'id' }] : []),
        ...(op === 'update' ? one : mandatory),
    ].filter(({ name }) => !fields.some((each) => each.name === name));
    return [
        ...fields.filter((field) => !fits(field)).map(({ name }) => (now, is) =>
            removeElement(now.text, is.record.fields.find((each) => each.name === name).el)),
        ...fields.filter(fits).filter((field) => field.value === undefined).map(({ name }) =>
            (now, is) => setAttr(is.record.fields.find((each) => each.name === name).el,
                                 'value', '@' + name)),
        ...needed.map(({ name }) => (now, is) =>
            addField(now, { ...is, op }, 'record', { name, value: '@' + name })),
    ];
}
