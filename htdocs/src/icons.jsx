// SPDX-License-Identifier: Apache-2.0
// icons: one stroke, 16 by 16. They say nothing to screen readers: what they
// stand for is in a label beside them.
const paths = {
    menu: 'M2 4h12M2 8h12M2 12h12',
    plus: 'M8 3v10M3 8h10',
    close: 'M4 4l8 8M12 4l-8 8',
    check: 'M3 8.5l3.5 3.5L13 4.5',
    copy: 'M5.5 5.5h7v8h-7zM10 5.5v-3H3v8h2.5',
    key: 'M10.5 2.5a3 3 0 1 1-2.6 4.5L2.5 12.4V14h2v-1.5H6V11l1.9-1.9',
    play: 'M5 3l8 5-8 5z',
    search: 'M7 2.5a4.5 4.5 0 1 1 0 9 4.5 4.5 0 0 1 0-9zM10.3 10.3L14 14',
    up: 'M8 13V3M4 7l4-4 4 4',
    down: 'M8 3v10M4 9l4 4 4-4',
    left: 'M10 3L5 8l5 5',
    right: 'M6 3l5 5-5 5',
    trash: 'M2.5 4.5h11M6 4.5v-2h4v2M4 4.5l.7 9h6.6l.7-9M6.7 7v4M9.3 7v4',
    warning: 'M8 2l6.5 11.5h-13zM8 6.5v3.2M8 11.4v.6',
    info: 'M8 1.8a6.2 6.2 0 1 1 0 12.4A6.2 6.2 0 0 1 8 1.8zM8 7.2v4M8 4.6v.8',
    user: 'M8 2.5a2.7 2.7 0 1 1 0 5.4 2.7 2.7 0 0 1 0-5.4zM2.5 14c.6-2.8 2.8-4 5.5-4s4.900 1.200 5.500 4',
    braces: 'M5.500 2.500C4 2.500 4 4 4 5s0 2.500-1.500 3C4 8.500 4 10 4 11s0 2.500 1.500 2.500M10.500 2.500C12 2.500 12 4 12 5s0 2.500 1.500 3C12 8.500 12 10 12 11s0 2.500-1.500 2.500',
    bolt: 'M9 1.500L3.500 9H8l-1 5.500L12.500 7H8z',
    refresh: 'M13.500 8A5.500 5.500 0 1 1 11.800 4M13.500 2v3h-3',
    history: 'M2.500 8A5.500 5.500 0 1 0 4.200 4M2.500 2v3h3M8 5v3.200l2 1.300',
    table: 'M2 3h12v10H2zM2 6.500h12M6.500 6.500V13',
    chart: 'M2 13.500h12M4 11V8M8 11V3.500M12 11V6',
    shield: 'M8 1.800l5 1.700v4c0 3.200-2 5.500-5 6.700-3-1.200-5-3.500-5-6.700v-4z',
    book: 'M3 2.500h8.500a1 1 0 0 1 1 1v10H4a1 1 0 0 1-1-1zM3 12.500a1 1 0 0 1 1-1h8.500',
    gauge: 'M2.500 12a6 6 0 1 1 11 0M8 9.500l2.800-3.300',
    more: 'M3 8h.01M8 8h.01M13 8h.01',
    out: 'M9.500 3v-.5h-7v11h7V13M6.500 8h7M11 5.500L13.500 8 11 10.500',
};

export function Icon({ name }) {
    return (
        <svg class="icon" viewBox="0 0 16 16" width="16" height="16"
             aria-hidden="true" focusable="false">
            <path d={paths[name]} />
        </svg>
    );
}
