// SPDX-License-Identifier: Apache-2.0
// text: a module's document as text, for those who prefer that, and for what
// the form of a field does not know: further tables, keys, fixed columns.
import { useState } from 'preact/hooks';
import { may } from '../api.js';
import { Button, CopyButton, Failure, Field, Notice } from '../ui.jsx';

// Why a document was not taken: its errors, each once, with their lines if it
// is the text that is looked at.
export function Refusal({ error, lines }) {
    if (!error?.errors?.length)
        return <Failure error={error} />;
    return (
        <Notice kind="error">
            {error.errors.map((each, i) => (
                <p key={i}>{lines && each.line ? `Line ${each.line}: ` : ''}{each.detail}</p>
            ))}
        </Notice>
    );
}

export function ModuleDocument({ text, onSave }) {
    const [now, setNow] = useState(text);
    const [error, setError] = useState(null);
    const newer = error?.told?.current?.document;
    const save = () => {
        setError(null);
        return onSave(now, newer ?? text).catch(setError);
    };
    const rows = Math.min(40, now.split('\n').length + 1);
    return (
        <div class="stack">
            <Refusal error={error} lines />
            {newer && (
                <Field label="The newer document" hint="Take from it what yours is to have: applying
                    again overwrites it.">
                    <textarea class="code" rows={12} value={newer} readOnly spellcheck={false}
                              wrap="off" />
                </Field>
            )}
            <Field label="Document" hint="XML, as apidesignerctl module export prints it and module
                apply takes it.">
                <textarea class="code" rows={rows} value={now} spellcheck={false} wrap="off"
                          readOnly={!may('designer')}
                          onInput={(event) => setNow(event.currentTarget.value)} />
            </Field>
            <div class="row">
                {may('designer') && (
                    <>
                        <Button class="primary" disabled={now === text} onClick={save}>Apply</Button>
                        <button type="button" disabled={now === text}
                                onClick={() => setNow(text)}>Undo the changes</button>
                    </>
                )}
                <CopyButton text={now} look="" />
            </div>
        </div>
    );
}
