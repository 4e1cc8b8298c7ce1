// SPDX-License-Identifier: Apache-2.0
// document: changes of one field in a module's document (XML). All else in it,
// comments and layout too, stays as it is.
import { applyChanges, insertChild, removeElement, setAttr } from '../vadl/edit.js';
import { attr, parseXml } from '../vadl/xml.js';

// What each type may become without another column; others keep theirs.
const texts = ['string', 'text', 'email', 'url', 'phone', 'uuid', 'picklist'];
const numbers = ['integer', 'reference', 'owner'];

export const typeWords = {
    string: 'Text of one line', text: 'Text', email: 'E-mail', url: 'Web address',
    phone: 'Telephone', uuid: 'UUID', integer: 'Whole number', decimal: 'Decimal number',
    double: 'Number', boolean: 'Yes or no', bit: 'Bits', date: 'Date',
    datetime: 'Date and time', time: 'Time', year: 'Year', picklist: 'Picklist',
    multipicklist: 'Picklist, several', reference: 'Reference', owner: 'Owner',
    id: 'Id', json: 'JSON', binary: 'Binary',
};

export function typesFor(type) {
    return [texts, numbers].find((family) => family.includes(type)) ?? [type];
}

const ordered = ['integer', 'decimal', 'double', 'bit', 'date', 'datetime', 'time', 'year'];

export const takes = {
    choices: (type) => type === 'picklist' || type === 'multipicklist',
    refers: (type) => type === 'reference',
    range: (type) => ordered.includes(type),
    pattern: (type) => texts.includes(type) && type !== 'picklist',
    length: (type) => texts.includes(type),
};

// Names of the fields that a unique index is of alone.
export function uniqueFields(text) {
    return parseXml(text).root.children.filter((each) => each.name === 'unique')
        .map((each) => attr(each, 'fields'));
}

function find(text, name) {
    const { root } = parseXml(text);
    const field = root.children.find((each) => each.name === 'field' && attr(each, 'name') === name);
    if (!field)
        throw new Error(`The module has no field ${name} any more.`);
    return field;
}

// attrs: what is to be; null takes an attribute away.
function changeAttrs(text, name, attrs) {
    return Object.entries(attrs).reduce((now, [key, value]) =>
        applyChanges(now, setAttr(find(now, name), key, value)), text);
}

function escape(text) {
    return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
}

function same(a, b) {
    return a.length === b.length && a.every((each, i) => each === b[i]);
}

function dropChoices(text, name) {
    for (;;) {
        const element = find(text, name);
        const value = element.children.find((each) => each.name === 'value');
        if (!value)
            return text;
        text = applyChanges(text, removeElement(text, value));
    }
}

// "<field ...>" with nothing in it is "<field .../>" again.
function closeEmpty(text, name) {
    const element = find(text, name);
    return element.closeFrom < 0 || text.slice(element.openTo, element.closeFrom).trim()
        ? text
        : text.slice(0, element.openTo - 1) + '/>' + text.slice(element.to);
}

function changeChoices(text, name, choices) {
    const is = find(text, name).children.filter((each) => each.name === 'value')
        .map((each) => each.text.trim());
    if (same(is, choices))
        return text;
    const bare = dropChoices(text, name);
    return closeEmpty(choices.reduce((now, choice) => applyChanges(now,
        insertChild(now, find(now, name), `<value>${escape(choice)}</value>`)), bare), name);
}

// The document with a field changed.
export function changeField(text, name, attrs, choices) {
    return changeChoices(changeAttrs(text, name, attrs), name, choices);
}
