// SPDX-License-Identifier: Apache-2.0
// field: one field of a module in a dialog. What is saved is the module's
// document with this field changed.
import { useState } from 'preact/hooks';
import { may, useGet } from '../api.js';
import { Button, Check, Dialog, Field, Select, useSubmit } from '../ui.jsx';
import { changeField, takes, typeWords, typesFor } from './document.js';
import { Refusal } from './text.jsx';

function lines(text) {
    return [...new Set(text.split('\n').map((line) => line.trim()).filter(Boolean))];
}

function flag(is) {
    return is ? 'true' : null;
}

// What the form says, as attributes; what its type does not take goes away.
function attrsOf(field, form) {
    const only = (takesIt, value) => takesIt(form.type) && value ? value : null;
    const attrs = {
        label: form.label || null, type: form.type,
        mandatory: flag(form.mandatory), readonly: flag(form.readonly),
        refers: only(takes.refers, form.refers), default: form.fallback || null,
        min: only(takes.range, form.min), max: only(takes.range, form.max),
        pattern: only(takes.pattern, form.pattern),
    };
    return { ...attrs, ...(takes.length(form.type) ? { length: form.length || null } : {}) };
}

function start(field) {
    return {
        label: field.label, type: field.type, mandatory: field.mandatory,
        readonly: field.readonly, refers: field.refers ?? '', choices: field.choices.join('\n'),
        min: field.min ?? '', max: field.max ?? '', length: field.length ?? '',
        pattern: field.pattern ?? '', fallback: field.fallback ?? '',
    };
}

function Rules({ form, set, modules }) {
    const input = (name, rest) => (
        <input value={form[name]} onInput={(event) => set(name, event.currentTarget.value)} {...rest} />
    );
    const { type } = form;
    return (
        <>
            {takes.refers(type) && (
                <Field label="Refers to">
                    <Select value={form.refers} onChange={(value) => set('refers', value)}
                            options={[['', 'Choose a module'], ...modules]} required />
                </Field>
            )}
            {takes.choices(type) && (
                <Field label="Values" hint="One in each line, in the order they are offered.
                    None: any text is taken.">
                    <textarea rows={Math.min(8, form.choices.split('\n').length + 1)}
                              value={form.choices}
                              onInput={(event) => set('choices', event.currentTarget.value)} />
                </Field>
            )}
            {takes.range(type) && (
                <div class="pair">
                    <Field label="Least">{input('min')}</Field>
                    <Field label="Greatest">{input('max')}</Field>
                </div>
            )}
            {takes.length(type) && (
                <Field label="Longest, in characters">
                    {input('length', { type: 'number', min: 1 })}
                </Field>
            )}
            {takes.pattern(type) && (
                <Field label="Pattern" hint="A POSIX extended regular expression, such as ^[A-Z]{2}-[0-9]+$">
                    {input('pattern', { class: 'mono', spellcheck: false })}
                </Field>
            )}
            <Field label="Default" hint="What is stored if a caller sends nothing.
                @user.id, @user.name, @now and @today are filled in.">
                {input('fallback')}
            </Field>
        </>
    );
}

export function FieldDialog({ module, field, document, onSave, onClose }) {
    const [form, setForm] = useState(() => start(field));
    const [base, setBase] = useState(document); // somebody else's, after a conflict
    const modules = useGet('modules');
    const set = (name, value) => setForm((old) => ({ ...old, [name]: value }));
    const changes = may('designer');
    const { submit, busy, error } = useSubmit(async () => {
        try {
            await onSave(changeField(base, field.name, attrsOf(field, form),
                takes.choices(form.type) ? lines(form.choices) : []), base);
        }
        catch (failed) {
            setBase(failed.told?.current?.document ?? base);
            throw failed;
        }
        onClose();
    });
    return (
        <Dialog title={field.label} onClose={onClose}>
            <form onSubmit={submit}>
                <div class="dialog-body">
                    <Refusal error={error} />
                    {base !== document && <p class="small">Saving again changes this field in the
                        newer one.</p>}
                    <p class="small muted">Field <code>{field.name}</code>, column <code>
                        {field.table ?? module.table}.{field.column}</code></p>
                    <fieldset class="stack" disabled={!changes}>
                        <legend class="hidden">What is known of {field.label}</legend>
                        <Field label="Label">
                            <input value={form.label} required autofocus
                                   onInput={(event) => set('label', event.currentTarget.value)} />
                        </Field>
                        <Field label="Type">
                            <Select value={form.type} onChange={(value) => set('type', value)}
                                    options={typesFor(field.type).map((type) => [type, typeWords[type]])} />
                        </Field>
                        <Check label="Mandatory" checked={form.mandatory}
                               onChange={(is) => set('mandatory', is)}
                               hint="A record is not created without it." />
                        <Check label="Read-only" checked={form.readonly}
                               onChange={(is) => set('readonly', is)}
                               hint="No API writes it." />
                        <Rules form={form} set={set}
                               modules={(modules.data ?? []).map((each) => each.name)} />
                    </fieldset>
                </div>
                <footer>
                    <button type="button" onClick={onClose}>{changes ? 'Cancel' : 'Close'}</button>
                    {changes && <Button type="submit" class="primary" busy={busy}>Save the field</Button>}
                </footer>
            </form>
        </Dialog>
    );
}
