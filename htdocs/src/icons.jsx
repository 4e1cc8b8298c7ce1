// SPDX-License-Identifier: Apache-2.0
// icons: one stroke, 16 by 16. They say nothing to screen readers: what they
// stand for is in a label beside them.
const paths = {
    menu: 'M2 4h12M2 8h12M2 12h12',
    plus: 'M8 3v10M3 8h10',
    close: 'M4 4l8 8M12 4l-8 8',
    check: 'M3 8.5l3.5 3.5L13 4.5',
    copy: 'M5.5 5.5h7v8h-7zM10 5.5v-3H3v8h2.5',
    key: 'M5.2 7.6a2.9 2.9 0 1 1 0 5.8 2.9 2.9 0 0 1 0-5.8zM7.3 8.5L13.5 2.5M10.5 5.3l2 2M12.2 3.7l1.3 1.3',
    play: 'M5 3l8 5-8 5z',
    search: 'M7 2.5a4.5 4.5 0 1 1 0 9 4.5 4.5 0 0 1 0-9zM10.3 10.3L14 14',
    up: 'M8 13V3M4 7l4-4 4 4',
    down: 'M8 3v10M4 9l4 4 4-4',
    left: 'M10 3L5 8l5 5',
    right: 'M6 3l5 5-5 5',
    trash: 'M2.5 4.5h11M6 4.5v-2h4v2M4 4.5l.7 9h6.6l.7-9M6.7 7v4M9.3 7v4',
    warning: 'M8 2l6.5 11.5h-13zM8 6.5v3.2M8 11.4v.6',
    info: 'M8 1.8a6.2 6.2 0 1 1 0 12.4A6.2 6.2 0 0 1 8 1.8zM8 7.2v4M8 4.6v.8',
    user: 'M8 2.5a2.7 2.7 0 1 1 0 5.4 2.7 2.7 0 0 1 0-5.4zM2.5 14c.6-2.8 2.8-4 5.5-4s4.9 1.2 5.5 4',
    braces: 'M5.5 2.5C4 2.5 4 4 4 5s0 2.5-1.5 3C4 8.5 4 10 4 11s0 2.5 1.5 2.5M10.5 2.5C12 2.5 12 4 12 5s0 2.5 1.5 3C12 8.5 12 10 12 11s0 2.5-1.5 2.5',
    bolt: 'M9 1.5L3.5 9H8l-1 5.5L12.5 7H8z',
    refresh: 'M13.5 8A5.5 5.5 0 1 1 11.8 4M13.5 2v3h-3',
    history: 'M2.5 8A5.5 5.5 0 1 0 4.2 4M2.5 2v3h3M8 5v3.2l2 1.3',
    table: 'M2 3h12v10H2zM2 6.5h12M6.5 6.5V13',
    chart: 'M2 13.5h12M4 11V8M8 11V3.5M12 11V6',
    shield: 'M8 1.8l5 1.7v4c0 3.2-2 5.5-5 6.7-3-1.2-5-3.5-5-6.7v-4z',
    book: 'M3 2.5h8.5a1 1 0 0 1 1 1v10H4a1 1 0 0 1-1-1zM3 12.5a1 1 0 0 1 1-1h8.5',
    gauge: 'M2.5 12a6 6 0 1 1 11 0M8 9.5l2.8-3.3',
    more: 'M3 8h.01M8 8h.01M13 8h.01',
    out: 'M9.5 3v-.5h-7v11h7V13M6.5 8h7M11 5.5L13.5 8 11 10.5',
};

export function Icon({ name }) {
    return (
        <svg class="icon" viewBox="0 0 16 16" width="16" height="16"
             aria-hidden="true" focusable="false">
            <path d={paths[name]} />
        </svg>
    );
}
