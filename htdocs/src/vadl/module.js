// SPDX-License-Identifier: Apache-2.0
// module: a module's document to what forms need of it: its fields with their
// types, choices and references. The field id is there without being written.
import { attr, child, parseXml } from './xml.js';

function readField(element) {
    const get = (name) => attr(element, name);
    const is = (name) => get(name)?.toLowerCase() === 'true';
    return {
        name: get('name'), label: get('label') ?? get('name'), type: get('type') ?? 'string',
        column: get('column') ?? get('name'), table: get('table'),
        mandatory: is('mandatory'), readonly: is('readonly'), unique: is('unique'),
        nullable: get('nullable')?.toLowerCase() !== 'false',
        refers: get('refers'), length: get('length'), min: get('min'), max: get('max'),
        pattern: get('pattern'), fallback: get('default'),
        choices: element.children.filter((each) => each.name === 'value')
            .map((each) => each.text.trim()),
    };
}

// { name, label, prefix, table, readonly, fields } or null if it is none.
export function readModule(document) {
    const { root } = parseXml(document);
    if (root?.name !== 'module')
        return null;
    const made = attr(child(root, 'key'), 'made') ?? 'auto';
    const id = { name: 'id', label: 'Id', type: 'id', mandatory: made === 'caller',
                 readonly: made !== 'caller', unique: true, nullable: false, choices: [] };
    return {
        name: attr(root, 'name'), label: attr(root, 'label') ?? attr(root, 'name'),
        prefix: attr(root, 'prefix') ?? '', table: attr(child(root, 'table'), 'name') ?? '',
        readonly: attr(root, 'readonly')?.toLowerCase() === 'true',
        fields: [id, ...root.children.filter((each) => each.name === 'field').map(readField)],
    };
}
