// SPDX-License-Identifier: Apache-2.0
// inputs: the small controls of the guided form. A text that is being typed is
// the input's own, so that the script, read again at every key, does not move
// the cursor.
import { useState } from 'preact/hooks';
import { Icon } from '../icons.jsx';

export function LiveText({ value, onChange, area, ...rest }) {
    const [own, setOwn] = useState(null);
    const props = {
        value: own ?? value ?? '', spellcheck: false, autocomplete: 'off',
        onFocus: (event) => setOwn(event.currentTarget.value),
        onBlur: () => setOwn(null),
        onInput: (event) => {
            setOwn(event.currentTarget.value);
            onChange(event.currentTarget.value);
        },
        ...rest,
    };
    return area ? <textarea rows={2} {...props} /> : <input type="text" {...props} />;
}

// What is removed takes its button with it: the focus goes on to the next
// such button, or to the first one of where it was.
export function RemoveButton({ label, onClick }) {
    const remove = (event) => {
        const button = event.currentTarget;
        const within = button.closest('.part, details');
        const list = () => [...within.querySelectorAll('.remove')];
        const at = list().indexOf(button);
        onClick();
        setTimeout(() => (list()[at] ?? list().at(-1) ?? within.querySelector('button'))?.focus());
    };
    return (
        <button type="button" class="quiet icon-only small remove" aria-label={label} title={label}
                onClick={remove}><Icon name="close" /></button>
    );
}

// Fields of a module to choose from, and names that it does not have.
export function FieldSelect({ module, dotted = [], value, onChange, label }) {
    const fields = module?.fields ?? [];
    const isKnown = fields.some((field) => field.name === value)
        || dotted.some(([name]) => name === value);
    return (
        <select aria-label={label} value={value}
                onChange={(event) => onChange(event.currentTarget.value)}>
            {!isKnown && <option value={value}>{value || 'Choose a field'}</option>}
            {fields.map((field) => <option key={field.name} value={field.name}>{field.label}</option>)}
            {dotted.length > 0 && (
                <optgroup label="Of referenced records">
                    {dotted.map(([name, text]) => <option key={name} value={name}>{text}</option>)}
                </optgroup>
            )}
        </select>
    );
}

const known = ['@user.id', '@user.name', '@now', '@today'];

// What a value may be bound to, for inputs with list={id}.
export function Bindings({ id, module, results = [] }) {
    const names = [...(module?.fields ?? []).map((field) => '@' + field.name), ...known,
                   ...results.map((name) => `@${name}.id`)];
    return <datalist id={id}>{names.map((name) => <option key={name} value={name} />)}</datalist>;
}
