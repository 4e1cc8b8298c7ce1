// SPDX-License-Identifier: Apache-2.0
// calls: how often a user or a token may call: two numbers that are saved at
// once. What is wrong with one is said there.
import { useState } from 'preact/hooks';
import { Button, Failure, Field, errorAt, useSubmit } from './ui.jsx';

const rows = [['minute', 'In a minute'], ['day', 'In a day']];

// now: { minute_limit, day_limit } as they are in force
export function CallLimits({ legend, hint, now, readOnly, onSave }) {
    const [form, setForm] = useState({ minute: now.minute_limit ?? '', day: now.day_limit ?? '' });
    const set = (name, value) => setForm((old) => ({ ...old, [name]: value }));
    const { submit, busy, error } = useSubmit(() => onSave({ minute: Number(form.minute), day: Number(form.day) }));
    const same = rows.every(([name]) => Number(form[name]) === Number(now[`${name}_limit`] ?? 0));
    const wrong = rows.some(([name]) => errorAt(error, name));
    return (
        <form class="stack tight" onSubmit={submit}>
            {!wrong && <Failure error={error} />}
            <fieldset disabled={readOnly}>
                <legend>{legend}</legend>
                <div class="pair">
                    {rows.map(([name, label]) => (
                        <Field key={name} label={label} error={errorAt(error, name)}>
                            <input type="number" min={0} value={form[name]} placeholder="no limit"
                                   onInput={(event) => set(name, event.currentTarget.value)} />
                        </Field>
                    ))}
                </div>
            </fieldset>
            {hint && <p class="hint">{hint}</p>}
            {!readOnly && <div><Button type="submit" busy={busy} disabled={same}>Save the limits</Button></div>}
        </form>
    );
}
