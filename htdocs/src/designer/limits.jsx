// SPDX-License-Identifier: Apache-2.0
// limits: how often a definition may be called, and how many records one call
// may change.
import { setSetting, settingOf } from '../vadl/script.js';
import { Field, Notice } from '../ui.jsx';
import { LiveText } from './inputs.jsx';

const rows = [
    ['minute', 'Calls in a minute', 'no limit', 'Of all callers together. More are answered with 429 and the time to wait.'],
    ['day', 'Calls in a day', 'no limit', ''],
    ['max-affected', 'Records changed by one call', '1000', 'More: nothing is written, TOO_MANY_RECORDS.'],
];

export function Limits({ draft, readOnly }) {
    const { model, change } = draft;
    if (!model)
        return <Notice kind="warn"><p>The script cannot be read; its limits are in it.</p></Notice>;
    return (
        <fieldset disabled={readOnly} class="stack">
            {rows.map(([name, label, placeholder, hint]) => (
                <Field key={name} label={label} hint={hint || undefined}>
                    <LiveText inputMode="numeric" value={settingOf(model, 'limits', name)} placeholder={placeholder}
                              onChange={(text) => change(setSetting(model, 'limits', name, text.trim()))} />
                </Field>
            ))}
            <p class="small muted">Limits are in force once they are published.</p>
        </fieldset>
    );
}
