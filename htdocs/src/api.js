// SPDX-License-Identifier: Apache-2.0
// api: the management API. call() answers data or throws a Problem. When the
// session is over it waits until somebody signed in again, then goes on: what
// is being edited is not lost.
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { base } from './router.js';
import { makeStore, useStore } from './store.js';

// Who is signed in: { name, role, groups }; null: nobody; undefined: not known.
export const me = makeStore(undefined);
export const online = makeStore(navigator.onLine);
// True while a session that ended is to be signed in to again.
export const expired = makeStore(false);

// Tabs share the session: who signs in or out in one is told to the others. What
// is done in one is never done as somebody else.
const tabs = new BroadcastChannel(`apidesigner ${base}`);
tabs.onmessage = ({ data: name }) => me.value && expired.set(name !== me.value.name);

// Where what a user has not saved of something is kept in this tab. While there
// is anything the browser asks before the page is left.
const kept = 'apidesigner.draft.';

export function keptKey(kind, name) {
    return kept + JSON.stringify([me.value?.name, kind, name]);
}

function keptKeys() {
    return Object.keys(sessionStorage).filter((each) => each.startsWith(kept));
}

addEventListener('beforeunload', (event) => {
    if (keptKeys().length)
        event.preventDefault();
});

// "/address/city" (RFC 6901) is the field address.city.
function fieldOf(pointer) {
    return pointer?.slice(1).split('/').map((part) =>
        part.replaceAll('~1', '/').replaceAll('~0', '~')).join('.');
}

export class Problem extends Error {
    constructor(status, told = {}) {
        super(told.detail || told.title || `The server answered ${status}.`);
        this.status = status;
        this.code = told.code || '';
        this.errors = (told.errors || []).map((each) =>
            ({ ...each, field: each.field ?? fieldOf(each.pointer) }));
        this.requestId = told.request_id || '';
        this.told = told;
    }
}

const offline = { code: 'OFFLINE', detail: 'The server cannot be reached.' };
const silent = { code: 'TIMEOUT', detail: 'The server has not answered for two minutes. '
    + 'It may still do what was asked: look before you try again.' };
const patience = 120_000;    // ms

// A path with its parts encoded: path`definitions/${name}/draft`
export function path(strings, ...parts) {
    return strings.reduce((all, text, i) =>
        all + encodeURIComponent(parts[i - 1]) + text);
}

function request(method, where, query, body, headers) {
    const search = new URLSearchParams(Object.entries(query ?? {})
        .filter(([, value]) => value !== undefined && value !== '')).toString();
    return fetch(base + 'manage/' + where + (search ? '?' + search : ''), {
        method,
        credentials: 'same-origin',
        cache: 'no-store',
        redirect: 'manual',
        headers: {
            Accept: 'application/json',
            'X-APIDesigner': '1',
            ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
            ...headers,
        },
        body: body === undefined ? undefined : JSON.stringify(body),
        signal: AbortSignal.timeout(patience),
    });
}

// Waits for an answer, or for the rest of one.
export async function arrive(waiting) {
    try {
        return await waiting;
    }
    catch (error) {
        if (error.name === 'TimeoutError')
            throw new Problem(0, silent);
        online.set(false);
        throw new Problem(0, offline);
    }
}

// Whether the server answers now, whatever it says.
export async function reachable() {
    const is = await request('GET', 'me').then(() => true, () => false);
    online.set(is);
    return is;
}

// While it does not it is asked every few seconds.
const pause = 3000;    // ms

async function askAgain() {
    if (!online.value && !await reachable())
        setTimeout(askAgain, pause);
}

online.watch((is) => is || setTimeout(askAgain, pause));
addEventListener('online', reachable);
addEventListener('offline', () => online.set(false));
if (!online.value)
    askAgain();

// Modules that are fetched when they are first needed, by the function that
// imports them.
const parts = new Map();

export function loadedPart(load) {
    return parts.get(load.toString());
}

// Fetches one, unless it is there. It is waited for until the server answers: a
// browser remembers, as long as the page is there, that one could not be
// fetched.
export async function loadPart(load) {
    while (!loadedPart(load) && !await reachable())
        await online.becomes(true);
    try {
        const module = await load();
        parts.set(load.toString(), module);
        return module;
    }
    catch {
        throw new Error('A part of the console could not be loaded. It may have been '
            + 'replaced by a newer one: load the page again.');
    }
}

async function read(response) {
    const text = await arrive(response.text());
    try {
        return text ? JSON.parse(text) : null;
    }
    catch {
        return { detail: text.slice(0, 300) };
    }
}

async function reach(...args) {
    const response = await arrive(request(...args));
    online.set(true);
    return response;
}

let leaving = false;    // a session that is being ended is not to go on

// The answer as it came, whatever its status; 401 is waited out. Who left while
// it was waited for does nothing more.
export async function raw(method, where, { query, body, headers } = {}) {
    const who = me.value?.name;
    for (;;) {
        await expired.becomes(false);
        if (me.value?.name !== who)
            throw new Problem(401, { detail: 'It was not done: the session has ended.' });
        const response = await reach(method, where, query, body, headers);
        if (response.status !== 401 || !me.value || leaving)
            return response;
        expired.set(true);
    }
}

export async function call(method, where, options) {
    const response = await raw(method, where, options);
    const data = await read(response);
    if (!response.ok)
        throw new Problem(response.status, data ?? {});
    return data;
}

export const get = (where, query) => call('GET', where, { query });
export const post = (where, body) => call('POST', where, { body: body ?? {} });
export const put = (where, body) => call('PUT', where, { body: body ?? {} });
export const remove = (where, query) => call('DELETE', where, { query });

async function whoIsIt() {
    const response = await reach('GET', 'me');
    if (response.status === 401 || response.type === 'opaqueredirect')
        return null;
    const data = await read(response);
    if (!response.ok)
        throw new Problem(response.status, data ?? {});
    return data;
}

// Finds out who is signed in.
export async function loadMe() {
    me.set(await whoIsIt());
}

// What mod_auth_form answers to: "login" and "logout".
function postForm(where, fields) {
    return arrive(fetch(base + where, {
        method: 'POST',
        credentials: 'same-origin',
        redirect: 'manual',
        headers: { 'X-APIDesigner': '1' },
        body: new URLSearchParams(fields),
        signal: AbortSignal.timeout(patience),
    }));
}

// Signs in through mod_auth_form; whether it worked, GET me tells. Who tried
// too often is told until when.
export async function signIn(name, password) {
    const response = await postForm('login', { httpd_username: name, httpd_password: password });
    if (response.status === 429)
        throw new Problem(429, await read(response));
    const who = await whoIsIt();
    if (!who)
        throw new Problem(401, { detail: 'Name or password is wrong.' });
    if (me.value && who.name !== me.value.name)
        throw new Problem(401, { detail: `Another tab has signed in as ${who.name}: sign in again.` });
    me.set(who);
    expired.set(false);
    tabs.postMessage(who.name);
}

// Leaves the console to whoever comes next: nothing of this user stays in the
// tab. The session has to be over.
export function leave() {
    keptKeys().forEach((key) => sessionStorage.removeItem(key));
    me.set(null);
    expired.set(false);
}

export async function signOut() {
    leaving = true;
    try {
        await postForm('logout', {});
        if (await whoIsIt())
            throw new Problem(0, { detail: 'The server did not end the session.' });
        leave();
        tabs.postMessage(null);
    }
    finally {
        leaving = false;
    }
}

const roles = ['caller', 'viewer', 'designer', 'admin'];

// Whether who is signed in has at least that role. The server decides; this
// only hides what it would refuse.
export function may(role) {
    return roles.indexOf(me.value?.role) >= roles.indexOf(role);
}

// What a GET answers, for a component: { data, error, loading, reload }. Old
// data stay until new ones come. where null: nothing is asked.
export function useGet(where, query) {
    const key = where === null ? null : where + '?' + JSON.stringify(query ?? {});
    const [state, setState] = useState({ loading: key !== null });
    const turn = useRef(0);
    const there = useStore(online);
    const load = useCallback(async () => {
        const mine = ++turn.current;
        if (key === null)
            return setState({ loading: false });
        setState((old) => ({ ...old, key, data: old.key === key ? old.data : undefined,
                             loading: true, error: undefined }));
        const next = await get(where, query)
            .then((data) => ({ data }), (error) => ({ error }));
        if (mine === turn.current)
            setState({ ...next, key, loading: false });
    }, [key]);
    useEffect(() => {
        load();
        return () => { turn.current++; };
    }, [load]);
    useEffect(() => {
        if (there && state.error?.code === offline.code)
            load();
    }, [there]);
    return { ...state, reload: load };
}
