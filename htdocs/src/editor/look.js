// SPDX-License-Identifier: Apache-2.0
// look: how scripts look in the editor, in the colours of the stylesheet. The
// editor is in a shadow root: there its styles are sheets of the document
// model, which the content security policy lets be.
import { HighlightStyle, syntaxHighlighting } from '@codemirror/language';
import { Decoration, EditorView, MatchDecorator, ViewPlugin } from '@codemirror/view';
import { tags } from '@lezer/highlight';

const colours = HighlightStyle.define([
    { tag: tags.tagName, color: 'var(--accent)', fontWeight: '600' },
    { tag: tags.angleBracket, color: 'var(--muted)' },
    { tag: tags.attributeName, color: 'var(--muted)' },
    { tag: tags.definitionOperator, color: 'var(--muted)' },
    { tag: tags.comment, color: 'var(--muted)', fontStyle: 'italic' },
    { tag: [tags.processingInstruction, tags.documentMeta], color: 'var(--muted)' },
    { tag: tags.invalid, color: 'var(--bad)' },
]);

const theme = EditorView.theme({
    '&': { height: '100%', color: 'var(--text)', backgroundColor: 'var(--surface)' },
    '&.cm-focused': { outline: 'none' },
    '.cm-scroller': { fontFamily: 'var(--mono)', fontSize: '.8125rem', lineHeight: '1.6' },
    '.cm-content': { caretColor: 'var(--text)', padding: '.6rem 0' },
    '.cm-cursor': { borderLeftColor: 'var(--text)', borderLeftWidth: '2px' },
    '.cm-line': { padding: '0 .75rem 0 .5rem' },
    '.cm-gutters': { backgroundColor: 'var(--surface)', color: 'var(--muted)', border: 'none' },
    '.cm-lineNumbers .cm-gutterElement': { padding: '0 .4rem 0 .75rem', minWidth: '2.2rem' },
    '.cm-activeLine': { backgroundColor: 'color-mix(in srgb, var(--hover) 50%, transparent)' },
    '.cm-activeLineGutter': { backgroundColor: 'transparent', color: 'var(--text)' },
    '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground':
        { backgroundColor: 'color-mix(in srgb, var(--accent) 26%, transparent) !important' },
    '&.cm-focused .cm-matchingBracket':
        { backgroundColor: 'var(--accent-soft)', outline: '1px solid var(--accent)' },
    '&.cm-focused .cm-nonmatchingBracket':
        { backgroundColor: 'transparent', color: 'var(--bad)', outline: '1px solid var(--bad)' },
    '.cm-param': { color: 'var(--accent)', backgroundColor: 'var(--accent-soft)',
                   borderRadius: '3px', padding: '0 .1em' },
    '.cm-tooltip': { backgroundColor: 'var(--surface)', color: 'var(--text)',
                     border: '1px solid var(--line)', borderRadius: '8px',
                     boxShadow: 'var(--shadow)', overflow: 'hidden' },
    '.cm-tooltip.cm-tooltip-autocomplete > ul': { fontFamily: 'var(--mono)', fontSize: '.8125rem',
                                                  maxHeight: '16rem' },
    '.cm-tooltip-autocomplete ul li[aria-selected]':
        { backgroundColor: 'var(--accent)', color: 'var(--on-accent)' },
    '.cm-tooltip-autocomplete ul li[aria-selected] .cm-completionDetail': { color: 'inherit' },
    '.cm-completionDetail': { fontStyle: 'normal', color: 'var(--muted)', marginLeft: '1em' },
    '.cm-completionMatchedText': { textDecoration: 'none', fontWeight: '700' },
    '.cm-diagnostic': { padding: '.4rem .7rem', fontFamily: 'var(--sans)', fontSize: '.8125rem',
                        maxWidth: '32rem', borderLeft: '3px solid var(--bad)' },
    '.cm-diagnostic-warning': { borderLeftColor: 'var(--warn)' },
    '.cm-lintRange-error': { backgroundImage: 'none', textDecoration: 'underline wavy var(--bad)',
                             textUnderlineOffset: '3px', textDecorationSkipInk: 'none' },
    '.cm-lintRange-warning': { backgroundImage: 'none',
                               textDecoration: 'underline wavy var(--warn)',
                               textUnderlineOffset: '3px', textDecorationSkipInk: 'none' },
    '.cm-lintPoint:after': { borderBottomColor: 'var(--bad)' },
    '.cm-panels': { backgroundColor: 'var(--sunken)', color: 'var(--text)',
                    borderColor: 'var(--line)' },
    '.cm-panel.cm-search input, .cm-panel.cm-search button':
        { font: '400 .8125rem var(--sans)', color: 'var(--text)',
          backgroundColor: 'var(--surface)', backgroundImage: 'none',
          border: '1px solid var(--line-strong)', borderRadius: '5px' },
    '.cm-searchMatch': { backgroundColor: 'var(--warn-soft)' },
    '.cm-foldGutter .cm-gutterElement': { cursor: 'pointer' },
    // the merge view
    '&.cm-merge-a .cm-changedLine, .cm-deletedChunk': { backgroundColor: 'var(--removed)' },
    '&.cm-merge-b .cm-changedLine, .cm-inlineChangedLine': { backgroundColor: 'var(--added)' },
    '&.cm-merge-a .cm-changedText, .cm-deletedChunk .cm-deletedText':
        { background: 'color-mix(in srgb, var(--bad) 7%, transparent)' },
    '&.cm-merge-b .cm-changedText':
        { background: 'color-mix(in srgb, var(--accent) 8%, transparent)' },
    '.cm-collapsedLines': { color: 'var(--muted)', background: 'var(--sunken)',
                            fontFamily: 'var(--sans)', padding: '.15rem .75rem' },
    '.cm-collapsedLines:before, .cm-collapsedLines:after': { content: '"···"' },
});

// @names in values stand out: they are what callers send.
const names = new MatchDecorator({
    regexp: /(?<==\s*["'])@[^@"'<][^"'<]*/g,
    decoration: Decoration.mark({ class: 'cm-param' }),
});
const parameters = ViewPlugin.fromClass(class {
    constructor(view) { this.decorations = names.createDeco(view); }
    update(update) { this.decorations = names.updateDeco(update, this.decorations); }
}, { decorations: (plugin) => plugin.decorations });

export const look = [theme, syntaxHighlighting(colours), parameters];

// The shadow root of an element, made once.
export function shadowOf(element) {
    return element.shadowRoot ?? element.attachShadow({ mode: 'open' });
}
