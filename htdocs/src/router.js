// SPDX-License-Identifier: Apache-2.0
// router: every screen and panel is a URL below the console's Location. A
// route is { parts, query }: "/apis/Get%20Weather/security?x=1" is the parts
// ["apis", "Get Weather", "security"]. Plain <a href> are followed without
// loading the page again.
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

export function go(address, { replace = false } = {}) {
    if (address === location.pathname + location.search)
        return;
    history[replace ? 'replaceState' : 'pushState'](null, '', address);
    route.set(read());
    if (!replace)
        scrollTo(0, 0);
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
    const url = new URL(link.href);
    if (url.origin !== location.origin || !url.pathname.startsWith(base))
        return;
    event.preventDefault();
    go(url.pathname + url.search);
}

addEventListener('popstate', () => route.set(read()));
document.addEventListener('click', follow);
