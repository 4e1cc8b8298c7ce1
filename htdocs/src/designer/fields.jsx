// SPDX-License-Identifier: Apache-2.0
// fields: the list of a module's fields to be ticked, for the record of an
// operation and for what it answers.
import { useId, useState } from 'preact/hooks';
import { Icon } from '../icons.jsx';
import { addField, moveField, removeField, setField } from '../vadl/script.js';
import { Badge, Check } from '../ui.jsx';
import { FieldSelect, LiveText, RemoveButton } from './inputs.jsx';

// How a field that is written is bound: its value, and what is rarely needed.
function Binding({ field, label, list, change }) {
    return (
        <div class="binding">
            <LiveText class="mono" aria-label={`Value of ${label}`} list={list}
                      value={field.value ?? ''} placeholder="empty"
                      onChange={(value) => change(setField(field, 'value', value))} />
            <details>
                <summary aria-label={`More about ${label}`}><Icon name="more" /></summary>
                <div class="stack tight">
                    <Check label="Required" checked={field.required} onChange={(on) =>
                        change(setField(field, 'required', on ? 'true' : undefined))} />
                    <label class="mini">When not sent
                        <LiveText value={field.fallback} onChange={(text) =>
                            change(setField(field, 'default', text || undefined))} /></label>
                    <label class="mini">Name in the answer
                        <LiveText value={field.as} onChange={(text) =>
                            change(setField(field, 'as', text || undefined))} /></label>
                </div>
            </details>
        </div>
    );
}

function Alias({ field, label, change }) {
    return (
        <div class="binding">
            <LiveText aria-label={`Name of ${label} in the answer`} value={field.as}
                      placeholder={`as ${field.name}`}
                      onChange={(text) => change(setField(field, 'as', text || undefined))} />
        </div>
    );
}

function Pick({ name, label, note, field, disabled, onTick, children }) {
    const id = useId();
    return (
        <li class={field ? 'picked' : ''}>
            <input type="checkbox" id={id} checked={!!field} disabled={disabled}
                   onChange={(event) => onTick(event.currentTarget.checked)} />
            <label for={id}>
                <span>{label}</span>{label !== name && <code>{name}</code>}
                {note && <Badge>{note}</Badge>}
            </label>
            {field && children}
        </li>
    );
}

function noteOf(field, writes) {
    if (writes && field.readonly && field.name !== 'id')
        return 'read-only';
    return field.mandatory ? 'mandatory' : '';
}

// part is record or return; writes: the fields get values.
export function FieldPicker({ model, op, part, list, module, dotted, writes, bindings, change }) {
    const [filter, setFilter] = useState('');
    const fields = (module?.fields ?? []).filter((field) =>
        !(writes && op.op === 'create' && field.name === 'id' && field.readonly));
    const chosen = list?.fields ?? [];
    const find = (name) => chosen.find((each) => each.name === name);
    const others = chosen.filter((each) => !fields.some((field) => field.name === each.name));
    const tick = (name, on) => change(on
        ? addField(model, op, part, writes ? { name, value: '@' + name } : { name })
        : removeField(model, op, part, find(name)));
    const words = filter.toLowerCase();
    const shown = fields.filter((field) => !words || find(field.name)
        || `${field.name} ${field.label}`.toLowerCase().includes(words));
    const bind = (field, label) => writes
        ? <Binding field={field} label={label} list={bindings} change={change} />
        : <Alias field={field} label={label} change={change} />;
    return (
        <>
            {fields.length > 10 && (
                <input type="search" class="filter" aria-label="Filter fields" value={filter}
                       placeholder={`Filter ${fields.length} fields`}
                       onInput={(event) => setFilter(event.currentTarget.value)} />
            )}
            <ul class="picks">
                {shown.map((field) => (
                    <Pick key={field.name} name={field.name} label={field.label}
                          note={noteOf(field, writes)} field={find(field.name)}
                          disabled={writes && field.readonly && field.name !== 'id'
                                    && !find(field.name)}
                          onTick={(on) => tick(field.name, on)}>
                        {find(field.name) && bind(find(field.name), field.label)}
                    </Pick>
                ))}
                {others.map((field, i) => (
                    <Pick key={`${field.name}.${i}`} name={field.name} field={field}
                          label={dotted.find(([name]) => name === field.name)?.[1] ?? field.name}
                          note={dotted.some(([name]) => name === field.name)
                                || field.name.includes('.') ? '' : 'unknown'}
                          onTick={() => change(removeField(model, op, part, field))}>
                        {bind(field, field.name)}
                    </Pick>
                ))}
            </ul>
            {!writes && dotted.length > 0 && (
                <FieldSelect label="Add a field of a referenced record" value=""
                             module={null} dotted={dotted.filter(([name]) => !find(name))}
                             onChange={(name) => name && tick(name, true)} />
            )}
        </>
    );
}

export function SortList({ model, op, module, dotted, change }) {
    const list = op.sort?.fields ?? [];
    const next = module?.fields.find((field) =>
        !list.some((each) => each.name === field.name) && field.name !== 'id');
    return (
        <div class="stack tight">
            {list.map((field, i) => (
                <div class="input-row" key={i}>
                    <FieldSelect label={`Sort field ${i + 1}`} module={module} dotted={dotted}
                                 value={field.name} onChange={(name) =>
                                     change(setField(field, 'name', name))} />
                    <select aria-label={`Order of sort field ${i + 1}`} class="fit"
                            value={field.down ? 'descending' : ''}
                            onChange={(event) => change(setField(field, 'order',
                                event.currentTarget.value || undefined))}>
                        <option value="">ascending</option>
                        <option value="descending">descending</option>
                    </select>
                    {i > 0 && (
                        <button type="button" class="quiet icon-only small"
                                aria-label={`Sort field ${i + 1} earlier`}
                                onClick={() => change(moveField(model, list, i, -1))}>
                            <Icon name="up" /></button>
                    )}
                    <RemoveButton label={`Remove sort field ${i + 1}`} onClick={() =>
                        change(removeField(model, op, 'sort', field))} />
                </div>
            ))}
            {next && (
                <div><button type="button" class="small" onClick={() =>
                    change(addField(model, op, 'sort', { name: next.name }))}>
                    <Icon name="plus" /><span>Sort field</span></button></div>
            )}
        </div>
    );
}
