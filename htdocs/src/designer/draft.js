// SPDX-License-Identifier: Apache-2.0
// draft: the text of one definition while it is edited: loaded, changed,
// saved, checked by the server. What is not saved is kept in the tab's
// sessionStorage, whatever happens to the page.
import { useCallback, useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { call, get, keptKey, online, path, post, put } from '../api.js';
import { useStore } from '../store.js';
import { applyChanges } from '../vadl/edit.js';
import { readScript } from '../vadl/script.js';

const key = (name) => keptKey('api', name);

function kept(name) {
    try {
        return JSON.parse(sessionStorage.getItem(key(name)));
    }
    catch {
        return null;
    }
}

function keep(name, state) {
    if (state.text === state.saved)
        sessionStorage.removeItem(key(name));
    else
        sessionStorage.setItem(key(name), JSON.stringify(state));
}

async function documentOf(name, shown) {
    if (shown.draft_revision)
        return (await get(path`definitions/${name}/draft`)).document;
    if (shown.version)
        return (await get(path`definitions/${name}/document`)).document;
    return '';
}

// { shown, text, saved, base, restored }: base is the revision that is edited.
async function loadDraft(name) {
    const shown = await get(path`definitions/${name}`);
    const saved = await documentOf(name, shown);
    const base = shown.draft_revision ?? 0;
    const own = kept(name);
    if (own && own.text !== saved)
        return { shown, text: own.text, saved: own.base === base ? saved : own.saved,
                 base: own.base, restored: true };
    forget(name);
    return { shown, text: saved, saved, base, restored: false };
}

// What the server says of a text, a moment after it was last changed:
// { about, problems, checking, now }; now() asks at once and answers the
// problems, null if the server did not say.
function useCheck(name, text) {
    const [state, setState] = useState({ about: null, problems: [], checking: true });
    const reachable = useStore(online);
    useEffect(() => {
        if (text === undefined)
            return;
        let current = true;
        const timer = setTimeout(async () => {
            const next = await check(name, text);
            if (current && next)
                setState({ ...next, text, checking: false });
        }, 350);
        setState((old) => ({ ...old, checking: true }));
        return () => {
            current = false;
            clearTimeout(timer);
        };
    }, [name, text, reachable]);
    const now = async () => {
        const next = await check(name, text);
        if (next)
            setState({ ...next, text, checking: false });
        return next && next.problems;
    };
    return { ...state, now };
}

async function check(name, document) {
    try {
        const about = await post('describe', { name, document });
        return { about, problems: about.warnings.map((each) => ({ ...each, severity: 'warning' })) };
    }
    catch (error) {
        if (!error.errors?.length)
            return error.status ? { about: null, problems: [{ text: error.message, severity: 'error' }] }
                                : null;
        return { about: null, problems: error.errors.map((each) =>
            ({ line: each.line, column: each.column, text: each.detail, severity: 'error' })) };
    }
}

// Stores a text as the draft and answers its revision. That it was stored before
// is no conflict: the answer that said so may have been lost.
async function store(name, document, base) {
    try {
        return (await put(path`definitions/${name}/draft`, { document, base })).draft_revision;
    }
    catch (error) {
        if (error.told?.current?.document !== document)
            throw error;
        return error.told.current.draft_revision ?? 0;
    }
}

// Everything that is done to a draft. editor is a ref: while an editor is open
// changes go through it, so that they can be undone.
export function useDraft(name) {
    const [state, setState] = useState(null);
    const [failure, setFailure] = useState(null);
    const editor = useRef(null);
    const now = useRef(null);
    now.current = state;

    const update = useCallback((changes) => setState((old) => {
        const next = { ...old, ...changes };
        keep(name, { text: next.text, saved: next.saved, base: next.base });
        return next;
    }), [name]);

    // Answers what is edited then; nothing, if that failed, which is shown.
    const load = useCallback(async () => {
        setFailure(null);
        try {
            const next = await loadDraft(name);
            setState(next);
            editor.current?.replace(next.text);
            return next;
        }
        catch (error) {
            setFailure(error);
        }
    }, [name]);

    // What is stored, without what was changed since.
    const discard = useCallback(() => {
        forget(name);
        return load();
    }, [name, load]);

    useEffect(() => {
        setState(null);
        load();
    }, [load]);

    const text = state?.text;
    const read = useMemo(() => text === undefined ? {} : readScript(text), [text]);
    const checked = useCheck(name, text);

    const setText = useCallback((next) => {
        if (editor.current)
            editor.current.replace(next);
        update({ text: next });
    }, [update]);

    // Changes of the form: edits of the text as it is now.
    const change = useCallback((changes) => {
        if (!changes.length)
            return;
        if (editor.current)
            editor.current.change(changes);
        else
            update({ text: applyChanges(now.current.text, changes) });
    }, [update]);

    // Saves; with base, over whatever that revision is.
    const save = useCallback(async (base = now.current.base) => {
        const saved = now.current.text;
        update({ saved, base: await store(name, saved, base), restored: false });
        await reshow();
    }, [name, update]);

    // The form's changes, saved at once.
    const saveChanged = useCallback(async (changes) => {
        change(changes);
        await new Promise((resolve) => setTimeout(resolve));
        await save();
    }, [change, save]);

    // What the server knows of it, again; refresh: and that is what is edited.
    const reshow = useCallback(async () => {
        const shown = await get(path`definitions/${name}`);
        setState((old) => ({ ...old, shown }));
        return shown;
    }, [name]);
    // Whether what was saved here is what is stored; if not, that is shown.
    const isStored = useCallback(async () => {
        const shown = await reshow();
        const is = (shown.draft_revision ?? 0) === now.current.base;
        if (!is)
            await load();
        return is;
    }, [load, reshow]);
    // What the server knows of it, if what was saved here is live.
    const live = useCallback(async () => {
        const shown = await reshow();
        return !shown.draft_revision && await documentOf(name, shown) === now.current.saved ? shown : null;
    }, [name, reshow]);
    const refresh = useCallback(async () => {
        const shown = await reshow();
        update({ base: shown.draft_revision ?? 0 });
    }, [reshow, update]);

    return {
        name, failure, load, discard, save, saveChanged, reshow, refresh, isStored, live, setText, change, update,
        editor, checked,
        ...state, ready: !!state, dirty: !!state && state.text !== state.saved,
        model: read.model, unreadable: read.error,
    };
}

export function forget(name) {
    sessionStorage.removeItem(key(name));
}

// What others made of a definition while its draft was edited here, from the
// draft that the server has now, or the live document if it has none: { by, at,
// did, label, document, base }.
export async function othersOf(name, current, before) {
    if (current.draft_revision)
        return { by: current.draft_by, at: current.draft_at, did: 'saved another draft',
                 label: `Draft of ${current.draft_by}`, document: current.document, base: current.draft_revision };
    const versions = await get(path`definitions/${name}/versions`).catch((error) => {
        if (error.status !== 404)
            throw error;
    });
    if (!versions)
        return { did: 'It was deleted', label: 'Nothing', document: '', base: 0 };
    const live = versions.find((each) => each.state === 'live');
    if (!live)
        return { did: 'The draft was discarded', label: 'Nothing', document: '', base: 0 };
    const label = `Live version ${live.version}`;
    const rest = { label, document: current.document, base: 0 };
    return live.version === before ? { ...rest, did: `The draft was discarded: version ${live.version} is live` }
        : { ...rest, by: live.published_by, at: live.published_at, did: `published version ${live.version}` };
}

export function discardDraft(name) {
    return call('DELETE', path`definitions/${name}/draft`);
}

export function diffOf(name) {
    return get(path`definitions/${name}/diff`);
}

export function publish(name, note) {
    return post(path`definitions/${name}/draft/publish`, note ? { note } : {});
}

export function setActive(name, active) {
    return post(active ? path`definitions/${name}/activate` : path`definitions/${name}/deactivate`);
}

export function drop(name) {
    return call('DELETE', path`definitions/${name}`);
}
