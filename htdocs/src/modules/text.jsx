// SPDX-License-Identifier: Apache-2.0
// text: a module's document as text, for those who prefer that, and for what
// the form of a field does not know: further tables, keys, fixed columns.
import { useState } from 'preact/hooks';
import { keptKey, may } from '../api.js';
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

// What is not saved stays in this tab until it is, or is undone: { now, base, dirty,
// setText }; base is the document that was changed.
function useText(name, text) {
    const key = keptKey('module', name);
    const [state, setState] = useState(() =>
        JSON.parse(sessionStorage.getItem(key)) ?? { now: text, base: text });
    const setText = (now, base = state.base) => {
        if (now === base)
            sessionStorage.removeItem(key);
        else
            sessionStorage.setItem(key, JSON.stringify({ now, base }));
        setState({ now, base });
    };
    return { ...state, dirty: state.now !== state.base, setText };
}

export function ModuleDocument({ name, text, onSave }) {
    const { now, base, dirty, setText } = useText(name, text);
    const [restored] = useState(dirty);
    const [error, setError] = useState(null);
    const newer = error?.told?.current?.document;
    const save = async () => {
        setError(null);
        try {
            await onSave(now, newer ?? base);
            setText(now, now);
        }
        catch (failed) {
            setError(failed);
        }
    };
    const rows = Math.min(40, now.split('\n').length + 1);
    return (
        <div class="stack">
            <Refusal error={error} lines />
            {restored && dirty && <Notice><p>Your unsaved changes of before are here again.</p></Notice>}
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
                          onInput={(event) => setText(event.currentTarget.value)} />
            </Field>
            <div class="row">
                {may('designer') && (
                    <>
                        <Button class="primary" disabled={!dirty} onClick={save}>Apply</Button>
                        <button type="button" disabled={!dirty}
                                onClick={() => setText(text, text)}>Undo the changes</button>
                    </>
                )}
                <CopyButton text={now} look="" />
            </div>
        </div>
    );
}
