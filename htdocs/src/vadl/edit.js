// SPDX-License-Identifier: Apache-2.0
// edit: changes of a script's text, as small as can be: comments, order and
// layout of all else stay. A change is { from, to, insert }; functions answer
// lists of changes of the text that the elements were read from.
import { escape } from './xml.js';

export function applyChanges(text, changes) {
    const ordered = [...changes].sort((a, b) => b.from - a.from);
    return ordered.reduce((now, { from, to, insert }) =>
        now.slice(0, from) + insert + now.slice(to), text);
}

// The one change that makes b of a.
export function between(a, b) {
    if (a === b)
        return [];
    let from = 0;
    while (from < a.length && from < b.length && a[from] === b[from])
        from++;
    let end = 0;
    while (end < a.length - from && end < b.length - from
           && a[a.length - 1 - end] === b[b.length - 1 - end])
        end++;
    return [{ from, to: a.length - end, insert: b.slice(from, b.length - end) }];
}

function lineStart(text, at) {
    return text.lastIndexOf('\n', at - 1) + 1;
}

// The blanks before what stands at a place, null if it is not first in its line.
function indentAt(text, at) {
    const blanks = text.slice(lineStart(text, at), at);
    return /^[ \t]*$/.test(blanks) ? blanks : null;
}

// By how much children are indented in this text.
function unitOf(text) {
    return /\n([ \t]+)</.exec(text)?.[1] ?? '  ';
}

// An attribute set, or taken away if the value is null or undefined.
export function setAttr(element, name, value) {
    const is = element.attrs.find((each) => each.name === name);
    if (value === null || value === undefined)
        return is ? [{ from: beforeAttr(element, is), to: is.to, insert: '' }] : [];
    if (is)
        return is.value === value ? [] : [{ from: is.valueFrom, to: is.valueTo,
                                            insert: escape(value, is.quote) }];
    const last = element.attrs.at(-1);
    const at = last ? last.to : element.from + 1 + element.tag.length;
    return [{ from: at, to: at, insert: ` ${name}="${escape(value)}"` }];
}

// Where the blanks before an attribute begin.
function beforeAttr(element, is) {
    const before = element.attrs[element.attrs.indexOf(is) - 1];
    return before ? before.to : element.from + 1 + element.tag.length;
}

// The element gone, with its line if nothing else is on it.
export function removeElement(text, element) {
    const start = lineStart(text, element.from);
    const next = text.indexOf('\n', element.to);
    const end = next < 0 ? text.length : next;
    const alone = indentAt(text, element.from) !== null
        && /^[ \t\r]*$/.test(text.slice(element.to, end));
    return alone && start > 0
        ? [{ from: start - 1, to: end, insert: '' }]
        : [{ from: element.from, to: element.to, insert: '' }];
}

export function renameElement(element, name) {
    const changes = [{ from: element.from + 1, to: element.from + 1 + element.tag.length,
                       insert: name }];
    if (element.closeFrom >= 0)
        changes.push({ from: element.closeFrom + 2,
                       to: element.closeFrom + 2 + element.tag.length, insert: name });
    return changes;
}

// The text of an element: xml('field', { name: 'a' }), or with children, each
// a list of such arguments. Lines are told apart by "\n" and indented later.
export function xml(name, attrs = {}, children = null) {
    const list = Object.entries(attrs).filter(([, value]) =>
        value !== null && value !== undefined);
    const open = name + list.map(([key, value]) => ` ${key}="${escape(String(value))}"`).join('');
    if (!children)
        return `<${open}/>`;
    const lines = children.flatMap((each) => xml(...each).split('\n'));
    return [`<${open}>`, ...lines.map((line) => '\t' + line), `</${name}>`].join('\n');
}

// Lines with the indentation of a place; '\t' is one level deeper.
function laidOut(block, indent, unit) {
    return block.split('\n').map((line) => {
        const depth = /^\t*/.exec(line)[0].length;
        return indent + unit.repeat(depth) + line.slice(depth);
    }).join('\n');
}

// A new child at the end of its parent, or before one of its children.
export function insertChild(text, parent, block, before = null) {
    const unit = unitOf(text);
    if (before)
        return insertBefore(text, before, block, unit);
    const last = parent.children.at(-1);
    if (last)
        return insertAfter(text, last, block, unit);
    const outer = indentAt(text, parent.from) ?? '';
    const inner = '\n' + laidOut(block, outer + unit, unit) + '\n' + outer;
    if (parent.closeFrom < 0)
        return [{ from: selfClose(text, parent), to: parent.openTo,
                  insert: `>${inner}</${parent.tag}>` }];
    const held = text.slice(parent.openTo, parent.closeFrom).trimEnd();
    return [{ from: parent.openTo + held.length, to: parent.closeFrom, insert: inner }];
}

// Where "/>" begins, with the blanks before it.
function selfClose(text, element) {
    const open = text.slice(element.from, element.openTo - 2);
    return element.from + open.trimEnd().length;
}

function insertBefore(text, sibling, block, unit) {
    const indent = indentAt(text, sibling.from);
    const insert = indent === null ? laidOut(block, '', unit).replace(/\n\s*/g, '')
        : laidOut(block, indent, unit).slice(indent.length) + '\n' + indent;
    return [{ from: sibling.from, to: sibling.from, insert }];
}

function insertAfter(text, sibling, block, unit) {
    const indent = indentAt(text, sibling.from);
    const insert = indent === null ? laidOut(block, '', unit).replace(/\n\s*/g, '')
        : '\n' + laidOut(block, indent, unit);
    return [{ from: sibling.to, to: sibling.to, insert }];
}

// Two elements of one parent in each other's place.
export function swapElements(text, a, b) {
    return [{ from: a.from, to: a.to, insert: text.slice(b.from, b.to) },
            { from: b.from, to: b.to, insert: text.slice(a.from, a.to) }];
}
