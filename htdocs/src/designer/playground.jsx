// SPDX-License-Identifier: Apache-2.0
// playground: sends a real request: to the draft, as who is signed in, or to
// the live version, as a caller would.
import { useId, useMemo, useRef, useState } from 'preact/hooks';
import { arrive, may, me, path, raw } from '../api.js';
import { Icon } from '../icons.jsx';
import { Button, CopyButton, Failure, Field, Loading, Notice, Select } from '../ui.jsx';
import { RemoveButton } from './inputs.jsx';
import { Listen } from './listen.jsx';
import { Reply } from './reply.jsx';
import { languages, place, valueOf, withQuery } from './request.js';

// Where the server serves definitions of a kind; in another profile if it has
// no such place, and nowhere if it has none at all.
export function locationOf(kind, profile) {
    const places = (me.value.places ?? []).filter((place) => place.serve === kind && !place.name);
    const found = places.find((place) => place.profile === profile) ?? places[0];
    return found?.path.replace(/\/$/, '') ?? '';
}

const inputTypes = { integer: 'number', date: 'date', datetime: 'datetime-local', time: 'time',
                     email: 'email', url: 'url', phone: 'tel' };

// Parameters whose conditions take an array; others take one value, though an
// array would do.
function arrays(about) {
    const names = new Set();
    const visit = (where) => (where?.conditions ?? []).forEach((each) => {
        if (['in', 'notin', 'between'].includes(each.condition))
            names.add(each.param);
        visit(each);
    });
    about.operations.forEach((operation) => visit(operation.where));
    return names;
}

function paramsOf(about) {
    const lists = arrays(about);
    return about.params.map((param) => ({ ...param,
        list: param.list && (lists.has(param.name) || param.type === 'multipicklist') }));
}

function hintOf(param) {
    const refers = param.refers && `Id in ${param.refers}, such as ${param.prefix ?? ''}1`;
    return [param.list && 'Several: one a line', refers, param.type === 'datetime' && 'UTC']
        .filter(Boolean).join('; ') || undefined;
}

function ParamControl({ param, value, onInput, ...rest }) {
    const on = (event) => onInput(event.currentTarget.value);
    if (param.list || param.type === 'text' || param.type === 'json' || param.type === 'multipicklist')
        return <textarea rows={2} value={value} onInput={on} {...rest} />;
    if (param.type === 'boolean')
        return <select value={value} onInput={on} {...rest}>
            <option value="" /><option value="true">true</option><option value="false">false</option></select>;
    if (param.choices?.length)
        return <select value={value} onInput={on} {...rest}><option value="" />
            {param.choices.map((choice) => <option key={choice}>{choice}</option>)}</select>;
    return <input type={inputTypes[param.type] ?? 'text'} value={value} onInput={on} autocomplete="off"
                  step={param.type === 'datetime' || param.type === 'time' ? 1 : undefined} {...rest} />;
}

// Whether its label says more than its name: "Last Name" is lastname.
function says({ name, label }) {
    const letters = (text) => text.replace(/[\s_-]/g, '').toLowerCase();
    return letters(label) !== letters(name);
}

// One input per parameter; the box before it says whether it is sent at all.
function Param({ param, given, onChange }) {
    const id = useId();
    const hint = hintOf(param);
    const inPath = param.in === 'path';
    return (
        <div class="param">
            <input type="checkbox" aria-label={`The parameter ${param.name} is sent`}
                   title={inPath ? 'A part of the path is always sent' : 'Whether it is sent'}
                   checked={given.sent || inPath} disabled={inPath}
                   onChange={(event) => onChange({ ...given, sent: event.currentTarget.checked })} />
            <label for={id}>
                <code>{param.name}</code>{param.required && <span class="must" title="Required"> *</span>}
                {says(param) && <span class="muted small"> {param.label}</span>}
            </label>
            <ParamControl id={id} param={param} value={given.text} required={inPath}
                          aria-describedby={hint ? `${id}-hint` : undefined}
                          onInput={(text) => onChange({ text, sent: text !== '' || given.sent })} />
            {hint && <p class="hint" id={`${id}-hint`}>{hint}</p>}
        </div>
    );
}

function HeaderRows({ rows, onChange }) {
    const set = (at, change) => onChange(rows.map((row, i) => i === at ? { ...row, ...change } : row));
    return (
        <details>
            <summary>Headers{rows.length > 0 && ` (${rows.length})`}</summary>
            <div class="stack tight">
                {rows.map((row, i) => (
                    <div class="input-row" key={i}>
                        <input aria-label={`Header ${i + 1}`} placeholder="API-Version" value={row.name}
                               onInput={(event) => set(i, { name: event.currentTarget.value })} />
                        <input aria-label={`Value of header ${i + 1}`} value={row.value}
                               onInput={(event) => set(i, { value: event.currentTarget.value })} />
                        <RemoveButton label={`Remove header ${i + 1}`}
                                      onClick={() => onChange(rows.filter((_, at) => at !== i))} />
                    </div>
                ))}
                <div><button type="button" class="small"
                             onClick={() => onChange([...rows, { name: '', value: '' }])}>
                    <Icon name="plus" /><span>Header</span></button></div>
            </div>
        </details>
    );
}

function Sender({ state, set, kind }) {
    return (
        <div class="stack tight">
            <div class="twos">
                <Field label="Send to">
                    <Select value={state.target} onChange={(target) => set({ target })}
                            options={[['draft', 'This draft, as you'], ['live', 'Live version, as a caller']]} />
                </Field>
                <Field label="Profile">
                    <Select value={state.profile} onChange={(profile) => set({ profile })}
                            options={[['rest', 'rest'], ['vtiger', 'vtiger']]} />
                </Field>
            </div>
            {state.target === 'live' && (kind === 'webhook' ? (
                <Field label="Token to send">
                    <input value={state.token} autocomplete="off" spellcheck={false}
                           onInput={(event) => set({ token: event.currentTarget.value.trim() })} />
                </Field>
            ) : (
                <div class="twos">
                    <Field label="Caller"><input value={state.user} autocomplete="off" spellcheck={false}
                        onInput={(event) => set({ user: event.currentTarget.value })} /></Field>
                    <Field label="Access key"><input value={state.key} autocomplete="off" spellcheck={false}
                        onInput={(event) => set({ key: event.currentTarget.value.trim() })} /></Field>
                </div>
            ))}
            {kind === 'webhook' && (
                <Field label="Request method">
                    <Select value={state.verb} onChange={(verb) => set({ verb })} options={['POST', 'GET']} />
                </Field>
            )}
            <Field label="Location" hint="Where Apache serves it, as APIDesignerServe says.">
                <input value={state.location ?? locationOf(kind, state.profile)} spellcheck={false}
                       onInput={(event) => set({ location: event.currentTarget.value })} />
            </Field>
        </div>
    );
}

function Code({ request }) {
    const [language, setLanguage] = useState('curl');
    const name = useId();
    const text = languages.find(([word]) => word === language)[1](request);
    return (
        <details class="snippets">
            <summary>The request as code</summary>
            <div class="stack tight">
                <div class="row">
                    <div class="segmented" role="radiogroup" aria-label="Language">
                        {languages.map(([word]) => (
                            <label key={word}><input type="radio" name={name} checked={word === language}
                                onChange={() => setLanguage(word)} />{word}</label>
                        ))}
                    </div>
                    <span class="space" /><CopyButton text={text} label="Copy code" />
                </div>
                <pre class="code" tabIndex={0} aria-label={`Request as ${language}`}>{text}</pre>
            </div>
        </details>
    );
}

const { origin } = window.location;

// The request as a caller sends it to the live version: what is shown and
// given as code.
function callerRequest(about, method, placed, state, headers) {
    const location = state.location ?? locationOf(about.kind, state.profile);
    const query = [...placed.query];
    const all = headers.filter((row) => row.name).map((row) => [row.name, row.value]);
    const token = state.token || 'TOKEN';
    if (about.kind === 'webhook')
        (about.token_in === 'query' ? query : all).push([about.token_in === 'query' ? 'token' : 'Token', token]);
    return {
        method, url: withQuery(`${origin}${location}/${placed.path}`, query), headers: all,
        body: placed.body,
        user: about.kind === 'api' ? state.user || 'USER' : '', key: state.key || 'ACCESS_KEY',
    };
}

async function sendDraft(name, method, placed, state, headers, dry) {
    const query = new URLSearchParams([['profile', state.profile], ...Object.entries(placed.parts),
                                       ...placed.query]).toString();
    return raw(method, path`definitions/${name}/draft/call` + '?' + query, {
        body: placed.body ?? undefined,
        headers: { ...Object.fromEntries(headers.filter((row) => row.name)
            .map((row) => [row.name, row.value])), ...(dry ? { Prefer: 'dry-run' } : {}) },
    });
}

function sendLive(request) {
    const headers = new Headers(request.headers);
    if (request.body !== null)
        headers.set('Content-Type', 'application/json');
    if (request.user)
        headers.set('Authorization', 'Basic ' + btoa(unescape(encodeURIComponent(`${request.user}:${request.key}`))));
    return arrive(fetch(request.url, { method: request.method, headers, credentials: 'omit', cache: 'no-store',
        body: request.body === null ? undefined : JSON.stringify(request.body) }));
}

async function readReply(response, began, dry) {
    const text = await arrive(response.text());
    return { status: response.status, reason: response.statusText, text, dry,
             headers: [...response.headers], ms: Math.round(performance.now() - began),
             size: new TextEncoder().encode(text).length };
}

// What is told of a request that callers cannot send yet, or not so.
function Callers({ shown, target }) {
    const why = !shown.version ? 'It is not published: callers are answered with 404 until it is.'
        : shown.status !== 'active' ? 'It is inactive: callers are answered with 404.' : '';
    return (
        <>
            {target === 'draft' && <p class="small muted">The address for callers of the live version; Send goes
                to this draft.</p>}
            {why && <Notice kind="warn"><p>{why}</p></Notice>}
        </>
    );
}

// What is typed into the playground, and the last reply: kept by who shows it
// for as long as the definition is open. given: by parameter, { text, sent }.
export const startTrial = { target: 'draft', profile: 'rest', verb: 'POST', user: '', key: '', token: '',
                            given: {}, headers: [], reply: null };

export function Playground({ draft, saveFirst, trial: state, setTrial }) {
    const { about, checking } = draft.checked;
    const { given, headers, reply } = state;
    const [error, setError] = useState(null);
    const form = useRef();
    const answer = useRef();
    const set = (change) => setTrial((old) => ({ ...old, ...change }));
    const kind = about?.kind ?? 'api';
    const method = kind === 'webhook' ? state.verb : (about?.method ?? 'get').toUpperCase();
    const params = useMemo(() => about ? paramsOf(about) : [], [about]);
    const sent = params.filter(({ name, in: where }) => given[name]?.sent && (where !== 'path' || given[name].text))
        .map((param) => ({ ...param, value: valueOf(param, given[param.name].text) }));
    if (!about)
        return checking ? <Loading what="Reading the script" />
            : <Notice kind="warn"><p>The script has errors; when it has none, it can be tried here.</p></Notice>;
    const placed = place(about, method, sent);
    const request = callerRequest(about, method, placed, state, headers);
    // A path has all its parts; all else may be sent wrong, to see the answer.
    const isWhole = () => [...form.current.querySelectorAll(':required')].every((each) =>
        !each.validity.valueMissing || each.reportValidity());
    const send = async (dry) => {
        setError(null);
        if (!isWhole())
            return;
        if (state.target === 'draft' && !await saveFirst())
            return;
        const began = performance.now();
        try {
            const response = state.target === 'draft'
                ? await sendDraft(draft.name, method, placed, state, headers, dry)
                : await sendLive(request);
            set({ reply: await readReply(response, began, dry) });
            setTimeout(() => answer.current?.scrollIntoView({ block: 'nearest' }));
        }
        catch (failed) {
            setError(failed.status === undefined ? new Error('The server cannot be reached.') : failed);
        }
    };
    return (
        <div class="stack">
            <p class="endpoint"><b>{method}</b> <code aria-label="URL">{request.url}</code>
                <CopyButton text={request.url} label="Copy URL" bare /></p>
            <Callers shown={draft.shown} target={state.target} />
            <form class="stack" ref={form} noValidate onSubmit={(event) => event.preventDefault()}>
                <fieldset class="stack tight">
                    <legend>Parameters</legend>
                    <p class="muted">{params.length ? 'What is ticked is sent.' : 'It takes none.'}</p>
                    {params.map((param) => (
                        <Param key={param.name} param={param}
                               given={given[param.name] ?? { text: '', sent: false }}
                               onChange={(next) => set({ given: { ...given, [param.name]: next } })} />
                    ))}
                </fieldset>
                <HeaderRows rows={headers} onChange={(rows) => set({ headers: rows })} />
                <details open={state.target === 'live'}>
                    <summary>{state.target === 'draft' ? 'Sent to this draft, as you'
                        : 'Sent to the live version, as a caller'}</summary>
                    <Sender state={state} set={set} kind={kind} />
                </details>
                <div class="row">
                    <Button type="submit" class="primary" icon="play"
                            disabled={!may('designer') && state.target === 'draft'}
                            onClick={() => send(false)}>Send</Button>
                    {state.target === 'draft' && <Button disabled={!may('designer')}
                        onClick={() => send(true)}>Dry run</Button>}
                    {draft.dirty && state.target === 'draft' && <span class="small muted">saves the draft first</span>}
                </div>
            </form>
            <Failure error={error} />
            <p class="hidden" role="status">
                {reply && `Reply: ${reply.status} ${reply.reason}, ${reply.ms} ms`}</p>
            {reply && <div ref={answer}><Reply reply={reply} /></div>}
            <Code request={request} />
            {kind === 'webhook' && <Listen name={draft.name} />}
        </div>
    );
}
