// SPDX-License-Identifier: Apache-2.0
// merge: two texts side by side (or, where there is little room, as one with
// the differences in it), with the right one to be edited if wanted.
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import { xml } from '@codemirror/lang-xml';
import { MergeView, unifiedMergeView } from '@codemirror/merge';
import { EditorState } from '@codemirror/state';
import { EditorView, keymap, lineNumbers } from '@codemirror/view';
import { look, shadowOf } from './look.js';

const frame = new CSSStyleSheet();
frame.replaceSync(`
    :host { --most: min(26rem, 46dvh); }
    .cm-mergeView { max-height: var(--most); overflow: auto; }
    .cm-editor:not(.cm-mergeView .cm-editor) { max-height: var(--most); }
    .cm-mergeViewEditors { display: flex; align-items: stretch; }
    .cm-mergeViewEditor { flex: 1 1 0; min-width: 0; overflow: hidden; }
    .cm-mergeViewEditor + .cm-mergeViewEditor { border-left: 1px solid var(--line); }
`);

function side(label, onChange) {
    return [
        lineNumbers(), xml(), look, EditorView.lineWrapping, history(),
        keymap.of([...defaultKeymap, ...historyKeymap]),
        EditorView.contentAttributes.of({ 'aria-label': label }),
        EditorState.readOnly.of(!onChange), EditorView.editable.of(!!onChange),
        EditorView.updateListener.of((update) => {
            if (update.docChanged)
                onChange?.(update.state.doc.toString());
        }),
        // it can be scrolled by keys, too
        ...(onChange ? [] : [EditorView.contentAttributes.of({ tabindex: '0' })]),
    ];
}

function open(root, left, right, narrow, onChange) {
    const collapse = { margin: 3, minSize: 6 };
    if (narrow)
        return new EditorView({ root, parent: root, doc: right.text, extensions: [
            side(right.label, onChange),
            unifiedMergeView({ original: left.text, mergeControls: false,
                               collapseUnchanged: collapse }) ] });
    return new MergeView({
        root, parent: root, collapseUnchanged: collapse,
        a: { doc: left.text, extensions: side(left.label) },
        b: { doc: right.text, extensions: side(right.label, onChange) },
    });
}

// left and right: { text, label }. Gives a function that closes it.
export function openMerge(parent, left, right, narrow, onChange) {
    const root = shadowOf(parent);
    root.adoptedStyleSheets = [...root.adoptedStyleSheets.filter((each) => each !== frame), frame];
    const view = open(root, left, right, narrow, onChange);
    return () => {
        view.destroy();
        root.replaceChildren();
    };
}
