// SPDX-License-Identifier: Apache-2.0
// script-editor: the middle of the designer: the editor, loaded when it is
// first shown, with undo and what is wrong in words below it.
import { useEffect, useRef, useState } from 'preact/hooks';
import { loadPart } from '../api.js';
import { catalog } from '../catalog.js';
import { Icon } from '../icons.jsx';
import { Failure, Loading, counted } from '../ui.jsx';

// What the editor itself says to those who hear it is seen while it has the
// focus: Tab alone indents.
function Leave() {
    return <p class="leave small muted" aria-hidden="true">Escape, then Tab leaves the editor</p>;
}

function Problems({ checked, refused, readOnly, onGo }) {
    const { problems, checking } = checked;
    const errors = problems.filter((each) => each.severity === 'error').length;
    const warnings = problems.length - errors;
    const words = [errors && counted(errors, 'error'), warnings && counted(warnings, 'warning')]
        .filter(Boolean).join(', ');
    return (
        <section class="problems" aria-label="Problems">
            <div class="problems-head">
                <p class="small muted" role="status">
                    {refused && errors > 0 && 'Not published: '}{checking ? 'Checking …' : words || 'No problems'}
                </p>
                {!readOnly && <Leave />}
            </div>
            {problems.length > 0 && (
                <ul>
                    {problems.map((problem, i) => (
                        <li key={i} class={problem.severity}>
                            <Icon name="warning" />
                            <button type="button" class="quiet" onClick={() => onGo(problem)}>
                                {problem.line && <span class="nums muted">
                                    {problem.line}:{problem.column}</span>}
                                <span>{problem.text}</span>
                            </button>
                        </li>
                    ))}
                </ul>
            )}
        </section>
    );
}

// refused: whether this text was to be published, with its errors.
export function ScriptEditor({ draft, readOnly, refused, onSave }) {
    const place = useRef();
    const [ready, setReady] = useState(false);
    const [failed, setFailed] = useState(null);
    const save = useRef();
    save.current = onSave;
    useEffect(() => {
        let gone = false;
        loadPart(() => import('../editor/editor.js')).then(({ openEditor }) => {
            if (gone)
                return;
            draft.editor.current = openEditor(place.current, draft.text, {
                label: 'Script', readOnly, catalog, onSave: () => save.current?.(),
                onChange: (text) => draft.update({ text }),
            });
            setReady(true);
        }, setFailed);
        return () => {
            gone = true;
            draft.editor.current?.close();
            draft.editor.current = null;
        };
    }, [draft.name]);
    useEffect(() => {
        if (ready && draft.checked.text === draft.text)
            draft.editor.current?.problems(draft.checked.problems);
    }, [ready, draft.checked]);
    return (
        <section class="script" aria-label="Script">
            <header class="column-head">
                <h2>Script</h2>
                <span class="space" />
                {!readOnly && <>
                    <button type="button" class="quiet small" onClick={() => draft.editor.current?.undo()}>
                        Undo</button>
                    <button type="button" class="quiet small" onClick={() => draft.editor.current?.redo()}>
                        Redo</button>
                </>}
            </header>
            {failed && <Failure error={failed} retry={() => location.reload()} />}
            {!ready && !failed && <Loading what="Loading the editor" />}
            <div class="editor" ref={place} />
            <Problems checked={draft.checked} refused={refused} readOnly={readOnly}
                      onGo={(problem) => draft.editor.current?.goTo(problem)} />
        </section>
    );
}
