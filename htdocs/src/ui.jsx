// SPDX-License-Identifier: Apache-2.0
// ui: what all screens are made of, on top of the browser's own elements: a
// page with its title, fields of forms, dialogs, notices, and the states that
// a screen can be in.
import { cloneElement } from 'preact';
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { Icon } from './icons.jsx';
import { takeArrival } from './router.js';
import { makeStore, useStore } from './store.js';

// ---- pages

function title() {
    return document.querySelector('main h1');
}

// Where the focus goes when what had it is gone.
export function focusTitle() {
    title()?.focus({ preventScroll: true });
}

// Whoever opens a screen hears its title; a control that asks for the focus
// has it as soon as it is there.
function useArrival(main) {
    useEffect(() => {
        if (takeArrival() && !document.querySelector('dialog[open]'))
            focusTitle();
    }, []);
    useEffect(() => {
        if (document.activeElement === title())
            main.current.querySelector('[autofocus]')?.focus();
    });
}

// crumbs: [[text, address], ...] above the title, note: beside it, actions: to
// its right. look: "wide", or "wide fill" for as high as the window.
export function Page({ title, crumbs = [], actions, note, lead, look = '', children }) {
    const main = useRef();
    useEffect(() => {
        document.title = `${title} · API Designer`;
    }, [title]);
    useArrival(main);
    return (
        <main id="main" class={`page ${look}`} tabIndex={-1} ref={main}>
            <header class="page-head">
                <div class="page-name">
                    {crumbs.length > 0 && <Crumbs list={crumbs} />}
                    <div class="title-row"><h1 tabIndex={-1}>{title}</h1>{note}</div>
                    {lead && <p class="muted">{lead}</p>}
                </div>
                {actions && <div class="actions">{actions}</div>}
            </header>
            {children}
        </main>
    );
}

function Crumbs({ list }) {
    return (
        <nav class="crumbs" aria-label="Where you are">
            {list.map(([text, address]) => <a key={address} href={address}>{text}</a>)}
        </nav>
    );
}

// Links that look like tabs: each panel is an address. tabs: [[id, text,
// address], ...]
export function TabLinks({ label, tabs, current }) {
    const nav = useRef();
    useEffect(() => {
        const link = nav.current.querySelector('[aria-current]')?.getBoundingClientRect();
        const over = link ? link.right - nav.current.getBoundingClientRect().right : 0;
        if (over > 0)
            nav.current.scrollLeft += over + 8;
    }, [current]);
    return (
        <nav class="tabs" aria-label={label} ref={nav}>
            {tabs.map(([id, text, address]) => (
                <a key={id} href={address}
                   aria-current={id === current ? 'page' : undefined}>{text}</a>
            ))}
        </nav>
    );
}

// ---- states

export function Loading({ what = 'Loading' }) {
    return <p class="loading" role="status"><span class="spinner" />{what} …</p>;
}

export function Empty({ title, children }) {
    return <div class="empty"><h2>{title}</h2>{children}</div>;
}

// Nothing is what was searched for: onAll shows all again. Its button goes with
// it, so the search has the focus then.
export function NoMatch({ title = 'Nothing matches', onAll }) {
    const showAll = () => {
        document.querySelector('main [type=search]').focus();
        onAll();
    };
    return <Empty title={title}><button type="button" onClick={showAll}>Show all</button></Empty>;
}

// A screen for an address that there is nothing at; text and address are where
// to go from there.
export function NotFound({ title = 'No such page', crumbs, text = 'There is nothing at this address',
                           link: [words, address] }) {
    return (
        <Page title={title} crumbs={crumbs}>
            <Empty title={text}><p><a href={address}>{words}</a></p></Empty>
        </Page>
    );
}

export function Notice({ kind = 'info', children }) {
    const icon = kind === 'info' ? 'info' : kind === 'good' ? 'check' : 'warning';
    return (
        <div class={`notice ${kind}`} role={kind === 'error' ? 'alert' : undefined}>
            <Icon name={icon} /><div>{children}</div>
        </div>
    );
}

// What went wrong, with each field's error, and a way to try again. The message
// is not told beside what is at a line and says the same.
export function Failure({ error, retry }) {
    if (!error)
        return null;
    const places = (error.errors ?? []).filter((each) => each.line);
    const told = places.length > 1 || places.some((each) => error.message.includes(each.detail));
    return (
        <Notice kind="error">
            {!told && <p>{error.message}</p>}
            <ErrorList errors={error.errors} skip={told ? undefined : error.message} />
            {error.requestId && <p class="small muted">Request {error.requestId}</p>}
            {retry && <button type="button" class="small" onClick={retry}>Try again</button>}
        </Notice>
    );
}

export function ErrorList({ errors = [], skip }) {
    const list = errors.filter((each) => each.detail && !says(skip, each));
    if (!list.length)
        return null;
    return (
        <ul>
            {list.map((each, i) => (
                <li key={i}>{place(each)}{each.detail}</li>
            ))}
        </ul>
    );
}

// Whether a message tells of an error already: the server's tells of all, but
// not of their lines.
function says(message, { line, detail }) {
    return message === detail || (!line && message?.includes(detail));
}

// What an error says of one field of a form, as a sentence; undefined: nothing.
export function errorAt(error, field) {
    const said = error?.errors?.find((each) => each.field === field)?.detail;
    return said && said[0].toUpperCase() + said.slice(1).replace(/[^.]$/, '$&.');
}

function place(error) {
    if (error.line)
        return `Line ${error.line}: `;
    return error.field ? `${error.field}: ` : '';
}

// The states of something that useGet asks for; children gets the data.
export function Loaded({ from, what, children }) {
    if (from.error)
        return <Failure error={from.error} retry={from.reload} />;
    if (from.data === undefined)
        return <Loading what={what} />;
    return children(from.data);
}

// ---- forms

// A label with its control, a hint and an error; the control is the child.
export function Field({ label, hint, error, inline, children }) {
    const id = useId();
    const told = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean);
    const control = cloneElement(children, {
        id,
        'aria-describedby': told.length ? told.join(' ') : undefined,
        'aria-invalid': error ? 'true' : undefined,
    });
    return (
        <div class={inline ? 'field inline' : 'field'}>
            <label for={id}>{label}</label>
            {control}
            {hint && <p class="hint" id={`${id}-hint`}>{hint}</p>}
            {error && <p class="field-error" id={`${id}-error`}>{error}</p>}
        </div>
    );
}

export function Check({ label, hint, checked, onChange, ...rest }) {
    const id = useId();
    return (
        <div class="check">
            <input type="checkbox" id={id} checked={checked}
                   aria-describedby={hint ? `${id}-hint` : undefined}
                   onChange={(event) => onChange(event.currentTarget.checked)} {...rest} />
            <label for={id}>{label}</label>
            {hint && <p class="hint" id={`${id}-hint`}>{hint}</p>}
        </div>
    );
}

// options: texts, or [value, text]
export function Select({ options, value, onChange, ...rest }) {
    return (
        <select value={value} {...rest}
                onChange={(event) => onChange(event.currentTarget.value)}>
            {options.map((option) => {
                const [is, text] = Array.isArray(option) ? option : [option, option];
                return <option key={is} value={is}>{text}</option>;
            })}
        </select>
    );
}

// Sends a form: { submit, busy, error }. work may fail, and does not begin again
// while it goes on.
export function useSubmit(work) {
    const [state, setState] = useState({ busy: false, error: null });
    const goes = useRef(false);
    const submit = async (event) => {
        event.preventDefault();
        if (goes.current)
            return;
        goes.current = true;
        setState({ busy: true, error: null });
        const error = await work(event).then(() => null, (failed) => failed);
        goes.current = false;
        setState({ busy: false, error });
    };
    return { ...state, submit };
}

function hold(event) {
    event.preventDefault();
}

// A button that shows that its work goes on; onClick may be async. Until it is
// done pressing it does nothing, nor does it send its form. One that is
// disabled keeps the focus: what was saved by keyboard goes on from there.
export function Button({ onClick, icon, busy, disabled, children, class: look, ...rest }) {
    const [works, setWorks] = useState(false);
    const mounted = useRef(true);
    useEffect(() => () => { mounted.current = false; }, []);
    const click = async (event) => {
        setWorks(true);
        try {
            await onClick?.(event);
        }
        finally {
            if (mounted.current)
                setWorks(false);
        }
    };
    const waits = busy || works;
    return (
        <button type="button" class={look} aria-busy={waits ? 'true' : undefined}
                aria-disabled={disabled ? 'true' : undefined}
                onClick={waits || disabled ? hold : click} {...rest}>
            {waits ? <span class="spinner" /> : icon && <Icon name={icon} />}
            {children && <span>{children}</span>}
        </button>
    );
}

// bare: the icon alone, with the label for those who cannot see it.
export function CopyButton({ text, label = 'Copy', look = 'small', bare, onCopied }) {
    const [done, setDone] = useState(false);
    const copy = async () => {
        await copyText(text);
        onCopied?.();
        setDone(true);
        setTimeout(() => setDone(false), 1500);
    };
    return (
        <button type="button" class={bare ? 'small quiet icon-only' : look} onClick={copy}
                title={bare ? label : undefined}>
            <Icon name={done ? 'check' : 'copy'} />
            <span class={bare ? 'hidden' : ''}>{done ? 'Copied' : label}</span>
        </button>
    );
}

// The clipboard is there on https and localhost alone; elsewhere a text that
// is selected is copied.
export async function copyText(text) {
    try {
        await navigator.clipboard.writeText(text);
    }
    catch {
        const area = document.createElement('textarea');
        area.value = text;
        (document.querySelector('dialog[open]') ?? document.body).append(area);
        area.select();
        document.execCommand('copy');
        area.remove();
    }
}

// ---- dialogs

export function Dialog({ title, onClose, wide, children }) {
    const ref = useRef();
    const id = useId();
    useEffect(() => {
        const dialog = ref.current;
        dialog.showModal();
        return () => {
            dialog.close();
            if (document.activeElement === document.body)
                focusTitle();
        };
    }, []);
    const cancel = (event) => {
        event.preventDefault();
        event.stopPropagation();
        onClose?.();
    };
    // a browser closes at the second Escape whatever is said to the first
    const escape = (event) => event.key === 'Escape' && !event.defaultPrevented && cancel(event);
    return (
        <dialog ref={ref} class={wide ? 'wide' : ''} aria-labelledby={id} onCancel={cancel}
                onKeyDown={escape}>
            <header>
                <h2 id={id}>{title}</h2>
                {onClose && (
                    <button type="button" class="quiet icon-only" aria-label="Close"
                            onClick={onClose}><Icon name="close" /></button>
                )}
            </header>
            {children}
        </dialog>
    );
}

// ask({ title, text, action, danger }) answers whether it is to be done. What
// cannot be undone (danger) is not what Enter does at once.
const question = makeStore(null);

export function ask(what) {
    return new Promise((resolve) => question.set({ ...what, resolve }));
}

export function Question() {
    const asked = useStore(question);
    if (!asked)
        return null;
    const answer = (yes) => {
        question.set(null);
        asked.resolve(yes);
    };
    return (
        <Dialog title={asked.title} onClose={() => answer(false)}>
            <div class="dialog-body">{asked.text && <p>{asked.text}</p>}{asked.body}</div>
            <footer>
                <button type="button" autofocus={!!asked.danger}
                        onClick={() => answer(false)}>Cancel</button>
                <button type="button" class={asked.danger ? 'danger' : 'primary'}
                        autofocus={!asked.danger} onClick={() => answer(true)}>{asked.action}</button>
            </footer>
        </Dialog>
    );
}

// ---- what was done: tell(text) or tell(text, { label, run }) to undo it

const told = makeStore(null);

export function tell(text, undo) {
    told.set({ text, undo });
}

// What fails where no form shows it.
export function tellError(error) {
    told.set({ text: error.message, error: true });
}

export function Told() {
    const now = useStore(told);
    useEffect(() => told.set(null), []);    // what is left was told to whoever left
    useEffect(() => {
        if (!now)
            return;
        const timer = setTimeout(() => told.set(null), now.undo || now.error ? 12000 : 4000);
        return () => clearTimeout(timer);
    }, [now]);
    return (
        <div class="told" role={now?.error ? 'alert' : 'status'}>
            {now && (
                <div class={now.error ? 'error' : ''}>
                    <span>{now.text}</span>
                    {now.undo && (
                        <button type="button" class="small" onClick={() => {
                            told.set(null);
                            now.undo.run();
                        }}>{now.undo.label}</button>
                    )}
                    <button type="button" class="quiet icon-only" aria-label="Dismiss"
                            onClick={() => told.set(null)}><Icon name="close" /></button>
                </div>
            )}
        </div>
    );
}

// ---- small things

export function Badge({ kind = '', children }) {
    return <span class={`badge ${kind}`}>{children}</span>;
}

const near = new Intl.RelativeTimeFormat(undefined, { numeric: 'auto' });
const units = [['day', 86400], ['hour', 3600], ['minute', 60]];

function ago(date) {
    const seconds = (date - Date.now()) / 1000;
    const unit = units.find(([, size]) => Math.abs(seconds) >= size);
    return unit ? near.format(Math.round(seconds / unit[1]), unit[0])
                : near.format(Math.round(seconds), 'second');
}

// The id of a request as its end, which tells it from others; all of it to
// screen readers and on hover.
export function RequestId({ id }) {
    return (
        <span class="mono nowrap" title={id}>
            <span class="hidden">{id.slice(0, -8)}</span>{id.length > 8 && '…'}{id.slice(-8)}
        </span>
    );
}

// A time in local words, with the UTC on hover.
export function Time({ at, relative }) {
    if (!at)
        return <span class="muted">–</span>;
    const date = new Date(at);
    const local = date.toLocaleString(undefined,
        { dateStyle: 'medium', timeStyle: 'short' });
    return (
        <time dateTime={at} title={`${local} (${date.toISOString()})`}>
            {relative ? ago(date) : local}
        </time>
    );
}

// Counts of the last hours as bars, drawn as one path.
export function Spark({ counts = [], label }) {
    const most = Math.max(1, ...counts);
    const bars = counts.map((count, i) =>
        count ? `M${i * 4 + 1.5} 20v${-Math.max(1.5, 19 * count / most)}` : '').join('');
    return (
        <svg class="spark" viewBox={`0 0 ${counts.length * 4} 20`} role="img"
             aria-label={label} width={counts.length * 4} height="20">
            <path class="axis" d={`M0 19.500h${counts.length * 4}`} /><path d={bars} />
        </svg>
    );
}

export function number(value) {
    return (value ?? 0).toLocaleString();
}

// "1 call", "2 calls"
export function counted(value, word) {
    return `${number(value)} ${word}${value === 1 ? '' : 's'}`;
}

// The head of a column that sorts; sort is "name" or "-name".
export function SortHead({ name, sort, onSort, children, class: look }) {
    const down = sort === '-' + name;
    const now = down || sort === name;
    return (
        <th scope="col" class={look} aria-sort={now ? (down ? 'descending' : 'ascending') : undefined}>
            <button type="button" class="sort" onClick={() => onSort(sort === name ? '-' + name : name)}>
                {children}{now && <Icon name={down ? 'down' : 'up'} />}
            </button>
        </th>
    );
}

// More rows than these are drawn when they are wanted: a thousand take seconds.
const most = 200;

// Those of a table's rows that are drawn, and the button that shows the rest,
// for below the table; the focus goes on to the first of them.
export function useSome(rows) {
    const [all, setAll] = useState(false);
    const place = useRef();
    const showAll = () => {
        const box = place.current.closest('.table-box');
        setAll(true);
        setTimeout(() => box.querySelector(`tbody tr:nth-child(${most + 1}) a`)?.focus());
    };
    if (all || rows.length <= most)
        return { some: rows };
    const more = <p class="more" ref={place}><Button onClick={showAll}>Show all {number(rows.length)}</Button></p>;
    return { some: rows.slice(0, most), more };
}

// Rows in the order that sort ("name" or "-name") says.
export function sorted(rows, sort) {
    const name = sort.replace(/^-/, '');
    const sign = sort.startsWith('-') ? -1 : 1;
    const compare = (a, b) => (typeof a === 'number' || typeof b === 'number')
        ? (a ?? -1) - (b ?? -1)
        : String(a ?? '').localeCompare(String(b ?? ''), undefined, { numeric: true });
    return [...rows].sort((a, b) => sign * compare(a[name], b[name]));
}
