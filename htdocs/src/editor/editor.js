// SPDX-License-Identifier: Apache-2.0
// editor: the script editor: CodeMirror with XML, completion from the catalog
// and what the server finds wrong. It is loaded when a definition is opened.
import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap }
    from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap, indentWithTab, redo, undo }
    from '@codemirror/commands';
import { xml } from '@codemirror/lang-xml';
import { bracketMatching, foldGutter, indentOnInput, indentUnit, syntaxTreeAvailable }
    from '@codemirror/language';
import { lintKeymap, setDiagnostics } from '@codemirror/lint';
import { highlightSelectionMatches, searchKeymap } from '@codemirror/search';
import { Compartment, EditorState } from '@codemirror/state';
import { Decoration, EditorView, drawSelection, highlightActiveLine, highlightActiveLineGutter,
         keymap, lineNumbers } from '@codemirror/view';
import { completeFrom } from './complete.js';
import { look, shadowOf } from './look.js';

// From line and column (bytes or characters, from 1) to the word there.
function rangeOf(doc, problem) {
    if (!problem.line || problem.line > doc.lines)
        return { from: 0, to: Math.min(1, doc.length) };
    const line = doc.line(problem.line);
    const from = Math.min(line.to, line.from + Math.max(0, (problem.column ?? 1) - 1));
    const word = /^<?[^\s<>]+/.exec(line.text.slice(from - line.from));
    return { from, to: word ? from + word[0].length : line.to };
}

const paired = Decoration.mark({ class: 'cm-matchingBracket' });
const alone = Decoration.mark({ class: 'cm-nonmatchingBracket' });

// Of a text that is not read to its end yet, as when it is opened, nobody
// knows which brackets have no other.
function markBrackets({ matched, start, end }, state) {
    if (!matched && !syntaxTreeAvailable(state))
        return [];
    const mark = matched ? paired : alone;
    return [start, end].filter(Boolean).map(({ from, to }) => mark.range(from, to));
}

function extensions({ label, readOnly, catalog, onSave }) {
    return [
        lineNumbers(), foldGutter(), highlightActiveLine(), highlightActiveLineGutter(),
        history(), drawSelection(), indentOnInput(), indentUnit.of('  '),
        bracketMatching({ renderMatch: markBrackets }), closeBrackets(),
        highlightSelectionMatches(), xml(), look,
        autocompletion({ override: [completeFrom(catalog)], icons: false }),
        keymap.of([
            { key: 'Mod-s', run: () => { onSave?.(); return true; }, preventDefault: true },
            ...closeBracketsKeymap, ...defaultKeymap, ...searchKeymap, ...historyKeymap,
            ...completionKeymap, ...lintKeymap, indentWithTab,
        ]),
        EditorState.readOnly.of(!!readOnly),
        EditorView.contentAttributes.of({ 'aria-label': label, tabindex: '0',
            ...(readOnly ? {} : { 'aria-description': 'Escape, then Tab leaves the editor.' }) }),
        EditorView.lineWrapping,
    ];
}

// Opens an editor in an element. onChange(text) tells of each change, whoever
// made it. Gives { change, replace, problems, undo, redo, focus, close }.
export function openEditor(parent, text, options) {
    const root = shadowOf(parent);
    const listen = EditorView.updateListener.of((update) => {
        if (update.docChanged)
            options.onChange(update.state.doc.toString());
    });
    const lock = new Compartment();
    const view = new EditorView({
        root, parent: root,
        state: EditorState.create({ doc: text, extensions: [
            listen, lock.of([]), extensions(options)] }),
    });
    return {
        // Changes that the form makes; they can be undone like typing.
        change(changes) {
            const at = changes[0]?.from ?? 0;
            view.dispatch({ changes, userEvent: 'input.form',
                            effects: EditorView.scrollIntoView(Math.min(at, view.state.doc.length)) });
        },
        replace(next) {
            if (next !== view.state.doc.toString())
                view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: next } });
        },
        problems(list) {
            view.dispatch(setDiagnostics(view.state, list.map((problem) => ({
                ...rangeOf(view.state.doc, problem), message: problem.text,
                severity: problem.severity,
            })).sort((a, b) => a.from - b.from)));
        },
        goTo(problem) {
            const { from } = rangeOf(view.state.doc, problem);
            view.dispatch({ selection: { anchor: from }, scrollIntoView: true });
            view.focus();
        },
        undo: () => undo(view),
        redo: () => redo(view),
        focus: () => view.focus(),
        close: () => view.destroy(),
    };
}
