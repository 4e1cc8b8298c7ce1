// SPDX-License-Identifier: Apache-2.0
// complete: what may be written at a place of a script: elements by their
// parent, attributes by their element, and values: words of the language,
// modules and fields from the catalog.
import { syntaxTree } from '@codemirror/language';
import { conditions, methods, operations } from '../vadl/script.js';

const flags = ['true', 'false'];
const inRoot = [...Object.keys(operations), 'description', 'security', 'limits', 'allow'];

const children = {
    '': ['api', 'webhook'], api: [...inRoot, 'webhook'], webhook: inRoot,
    ...Object.fromEntries(Object.entries(operations).map(([name, { parts }]) => [name, parts])),
    record: ['field'], return: ['field'], sort: ['field'], where: ['field', 'where'],
};

const attributes = {
    api: ['name', 'method', 'path', 'module', 'status'],
    webhook: ['name', 'path', 'module', 'status'],
    select: ['module', 'one', 'as'], create: ['module', 'as'], update: ['module', 'as'],
    upsert: ['module', 'as'], delete: ['module', 'as'],
    where: ['glue'], limit: ['max', 'page', 'after'],
    security: ['token-in', 'addresses', 'origins'],
    limits: ['minute', 'day', 'max-affected'], allow: ['users', 'groups'],
};

const inField = {
    record: ['name', 'value', 'required', 'default', 'as'], return: ['name', 'as'],
    select: ['name', 'as'], where: ['name', 'value', 'condition', 'optional'],
    sort: ['name', 'order'],
};

const words = {
    method: methods, status: ['active', 'inactive'], one: flags, required: flags,
    optional: flags, glue: ['and', 'or'], order: ['ascending', 'descending'],
    condition: conditions.map(([name]) => name), 'token-in': ['header', 'query'],
};

function tagName(state, element) {
    const tag = element?.getChild('OpenTag') ?? element?.getChild('SelfClosingTag')
        ?? element?.firstChild;
    const name = tag?.getChild('TagName');
    return name ? state.sliceDoc(name.from, name.to).toLowerCase() : '';
}

// The elements around a node, innermost first.
function around(node) {
    const found = [];
    for (let at = node; at; at = at.parent)
        if (at.name === 'Element')
            found.push(at);
    return found;
}

function attributeOf(state, element, wanted) {
    const tag = element?.getChild('OpenTag') ?? element?.getChild('SelfClosingTag');
    for (const each of tag?.getChildren('Attribute') ?? []) {
        const name = each.getChild('AttributeName');
        const value = each.getChild('AttributeValue');
        if (name && value && state.sliceDoc(name.from, name.to).toLowerCase() === wanted)
            return state.sliceDoc(value.from + 1, value.to - 1);
    }
    return undefined;
}

// The module of the operation that a node is in.
function moduleAt(state, elements) {
    for (const each of elements) {
        const found = attributeOf(state, each, 'module');
        if (found)
            return found;
    }
    return '';
}

function fieldNames(catalog, module) {
    return catalog.fields(module).map((field) => ({
        label: field.name, detail: `${field.label} · ${field.type}`, type: 'property',
        boost: field.mandatory ? 1 : 0,
    }));
}

function bindings(catalog, module) {
    const own = catalog.fields(module).map((field) =>
        ({ label: '@' + field.name, detail: 'parameter', type: 'variable' }));
    const known = ['@user.id', '@user.name', '@now', '@today'].map((label) =>
        ({ label, detail: 'known', type: 'constant' }));
    return [...own, ...known];
}

function values(state, catalog, elements, element, name) {
    if (words[name])
        return words[name].map((label) => ({ label, type: 'keyword' }));
    if (name === 'module')
        return catalog.modules().map((label) => ({ label, type: 'class' }));
    if (element === 'field' && name === 'name')
        return fieldNames(catalog, moduleAt(state, elements));
    if (['value', 'page', 'after', 'default'].includes(name))
        return bindings(catalog, moduleAt(state, elements));
    return [];
}

function inValue(context, catalog, node) {
    const attribute = node.parent;
    const name = attribute.getChild('AttributeName');
    const elements = around(node);
    if (!name)
        return null;
    const options = values(context.state, catalog, elements, tagName(context.state, elements[0]),
        context.state.sliceDoc(name.from, name.to).toLowerCase());
    return options.length ? { from: node.from + 1, options, validFor: /^[^"'<]*$/ } : null;
}

function inTag(context, elements, from) {
    const { state } = context;
    const element = tagName(state, elements[0]);
    const parent = tagName(state, elements[1]);
    const list = element === 'field'
        ? inField[parent === 'record' && tagName(state, elements[2]) === 'select' ? 'select' : parent]
        : attributes[element];
    const open = state.sliceDoc(elements[0]?.from ?? from, from);
    const options = (list ?? []).filter((name) => !new RegExp(`\\s${name}\\s*=`, 'i').test(open))
        .map((label) => ({ label, type: 'property', apply: (view, _, start, end) => {
            const text = `${label}=""`;
            view.dispatch({ changes: { from: start, to: end, insert: text },
                            selection: { anchor: start + text.length - 1 } });
        } }));
    return options.length ? { from, options, validFor: /^[\w-]*$/ } : null;
}

function elementText(name, op) {
    if (name === 'field')
        return ['<field name=""/>', 13];
    if (operations[name])
        return [`<${name} module="">\n</${name}>`, name.length + 10];
    if (['limit', 'security', 'limits', 'allow'].includes(name))
        return [`<${name} />`, name.length + 2];
    return [`<${name}></${name}>`, name.length + 2];
}

function newElement(state, elements, from) {
    const list = children[tagName(state, elements[0])] ?? [];
    const options = list.map((label) => ({ label: '<' + label, displayLabel: label, type: 'type',
        apply: (view, _, start, end) => {
            const [text, cursor] = elementText(label);
            view.dispatch({ changes: { from: start, to: end, insert: text },
                            selection: { anchor: start + cursor } });
        } }));
    return options.length ? { from, options, validFor: /^<\w*$/ } : null;
}

// A source of completions over a catalog: { modules(), fields(name) }.
export function completeFrom(catalog) {
    return (context) => {
        const { state, pos } = context;
        const node = syntaxTree(state).resolveInner(pos, -1);
        const open = context.matchBefore(/<\w*$/);
        if (open) {
            const parents = around(node).filter((each) => each.from < open.from);
            return newElement(state, parents, open.from);
        }
        if (node.name === 'AttributeValue')
            return inValue(context, catalog, node);
        const word = context.matchBefore(/[\w-]*$/);
        const tag = ['OpenTag', 'SelfClosingTag', 'AttributeName', 'Attribute'].includes(node.name);
        if (!tag || (word.from === word.to && !context.explicit
                     && !/\s/.test(state.sliceDoc(pos - 1, pos))))
            return null;
        return inTag(context, around(node), word.from);
    };
}
