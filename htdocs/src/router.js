// SPDX-License-Identifier: Apache-2.0
// router: every screen and panel is a URL below the console's Location. A
// route is { parts, query }: "/apis/Get%20Weather/security?x=1" is the parts
// ["apis", "Get Weather", "security"]. Plain <a href> are followed without
// loading the page again. An entry of the browser's history knows where it was
// opened from, and how far it was scrolled when it was left.
import { makeStore, useStore } from './store.js';

// Scripts are in assets/ of the Location that serves the console.
export const base = new URL('..', import.meta.url).pathname;

function read() {
    const path = location.pathname.startsWith(base)
        ? location.pathname.slice(base.length) : '';
    return {
        parts: path.split('/').filter(Boolean).map(decode),
        query: Object.fromEntries(new URLSearchParams(location.search)),
    };
}

function decode(part) {
    try {
        return decodeURIComponent(part);
    }
    catch {
        return part;
    }
}

const route = makeStore(read());

export function useRoute() {
    return useStore(route);
}

// The address of a screen: to('apis', name, 'security'), with a query if the
// last argument is an object. Empty members of the query are left out.
export function to(...parts) {
    const query = typeof parts.at(-1) === 'object' ? parts.pop() : {};
    const kept = Object.entries(query).filter(([, value]) =>
        value !== undefined && value !== null && value !== '');
    const search = new URLSearchParams(kept).toString();
    return base + parts.map(encodeURIComponent).join('/')
        + (search ? '?' + search : '');
}

function here() {
    return location.pathname + location.search;
}

// Whether another screen was opened whose title was not yet focused, and
// whether there was any.
let arriving = false;
let moved = false;

export function takeArrival() {
    const now = arriving || (moved && document.activeElement === document.body);
    arriving = false;
    return now;
}

// Who signed in is shown a screen that is opened there and then.
export function arrive() {
    moved = true;
    arriving = true;
}

function show(otherPath) {
    moved ||= otherPath;
    arriving = otherPath;
    route.set(read());
}

export function go(address, { replace = false } = {}) {
    const from = here();
    const path = location.pathname;
    if (address === from)
        return;
    if (replace)
        history.replaceState(history.state, '', address);
    else {
        history.replaceState({ ...history.state, scroll: scrollY }, '');
        history.pushState({ from }, '', address);
    }
    show(!replace && path !== location.pathname);
    if (!replace)
        scrollTo(0, 0);
}

// Closes what has an address of its own: back to address, without leaving an
// entry that opens it again.
export function leaveTo(address) {
    if (history.state?.from === address)
        history.back();
    else
        go(address, { replace: true });
}

// Scrolls as soon as the screen is long enough, unless the user does before.
function scrollAgain(wanted) {
    const end = Date.now() + 5000;
    const stop = new AbortController();
    for (const type of ['wheel', 'touchstart', 'keydown', 'pointerdown', 'popstate'])
        addEventListener(type, () => stop.abort(), { signal: stop.signal });
    const look = () => {
        if (stop.signal.aborted)
            return;
        const room = document.documentElement.scrollHeight - innerHeight;
        if (room < wanted && Date.now() < end)
            return requestAnimationFrame(look);
        stop.abort();
        scrollTo(0, wanted);
    };
    requestAnimationFrame(look);
}

// Changes members of the query and stays where it is.
export function setQuery(changes) {
    go(to(...route.value.parts, { ...route.value.query, ...changes }),
       { replace: true });
}

function isPlainClick(event) {
    return !event.defaultPrevented && event.button === 0 && !event.metaKey
        && !event.ctrlKey && !event.shiftKey && !event.altKey;
}

function follow(event) {
    const link = event.target.closest?.('a[href]');
    if (!link || !isPlainClick(event) || link.target || link.hasAttribute('download'))
        return;
    if (link.getAttribute('href').startsWith('#')) {
        event.preventDefault();
        document.querySelector(link.hash)?.focus();
        return;
    }
    const url = new URL(link.href);
    if (url.origin !== location.origin || !url.pathname.startsWith(base))
        return;
    event.preventDefault();
    go(url.pathname + url.search);
}

let shown = location.pathname;
route.watch(() => { shown = location.pathname; });

history.scrollRestoration = 'manual';
addEventListener('popstate', (event) => {
    show(shown !== location.pathname);
    scrollAgain(event.state?.scroll ?? 0);
});
document.addEventListener('click', follow);
