// SPDX-License-Identifier: Apache-2.0
// activity: how APIs are called. /activity shows calls over time, by API, user
// and status, and the slowest; /activity/refused what was refused and why;
// /activity/why/ID one request. ?hours=, ?name= and ?user= narrow it down.
import { useState } from 'preact/hooks';
import { may, path, useGet } from '../api.js';
import { BarChart, Share } from '../charts.jsx';
import { Icon } from '../icons.jsx';
import { go, setQuery, to } from '../router.js';
import { Badge, Button, Empty, Failure, Field, Loaded, Loading, NotFound, Page, RequestId, Select, TabLinks,
         Time, counted, number } from '../ui.jsx';

// Hours back, how many minutes a bar stands for, and in words.
const spans = [
    [1, 2, 'The last hour'], [24, 60, 'The last day'], [168, 360, 'The last 7 days'],
    [720, 1440, 'The last 30 days'],
];

const kinds = [
    ['good', 'answered (2xx)'], ['other', 'unchanged (3xx)'], ['refused', 'refused (4xx)'],
    ['failed', 'failed (5xx)'],
];

function kindOf(status) {
    return status < 300 ? 'good' : status < 400 ? 'other' : status < 500 ? 'refused' : 'failed';
}

function spanOf(query) {
    return spans.find(([hours]) => String(hours) === query.hours) ?? spans[1];
}

// ---- sums of rows { at, name, user, status, calls, mean_ms }

function timeText(date, hours) {
    const day = { weekday: 'short', day: 'numeric', month: 'short' };
    const time = { hour: '2-digit', minute: '2-digit' };
    return [
        date.toLocaleString(undefined, hours > 24 ? { ...day, ...time } : time),
        hours >= 720 ? date.toLocaleDateString(undefined, { day: 'numeric', month: 'short' })
            : date.toLocaleString(undefined, hours > 24 ? { weekday: 'short', ...time } : time),
    ];
}

// A slot for each span of time, whether there was a call in it or not.
function slotsOf(rows, [hours, minutes]) {
    const size = minutes * 60000;
    const last = Math.floor(Date.now() / size) * size;
    const slots = Array.from({ length: Math.ceil(hours * 60 / minutes) }, (_, i, all) => {
        const at = last - (Math.ceil(hours * 60 / minutes) - 1 - i) * size;
        const [label, short] = timeText(new Date(at), hours);
        return { at, label, short, counts: {} };
    });
    const of = new Map(slots.map((slot) => [slot.at, slot]));
    for (const row of rows) {
        const slot = of.get(Date.parse(row.at)) ?? slots[0];
        const kind = kindOf(row.status);
        slot.counts[kind] = (slot.counts[kind] ?? 0) + row.calls;
    }
    return slots;
}

// [{ key, calls, errors, ms }, ...], most calls first
function sumBy(rows, keyOf) {
    const sums = new Map();
    for (const row of rows) {
        const key = keyOf(row);
        const sum = sums.get(key) ?? { key, calls: 0, errors: 0, ms: 0 };
        sum.calls += row.calls;
        sum.errors += row.status >= 400 ? row.calls : 0;
        sum.ms += row.mean_ms * row.calls;
        sums.set(key, sum);
    }
    return [...sums.values()].sort((a, b) => b.calls - a.calls);
}

function ms(value) {
    return `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`;
}

// ---- parts

function Filters({ query, times }) {
    const definitions = useGet('definitions');
    const users = useGet('users');
    const names = (from) => (from.data ?? []).map((each) => each.name);
    return (
        <div class="toolbar" role="search">
            {times && <Select aria-label="Time" value={String(spanOf(query)[0])}
                    onChange={(hours) => setQuery({ hours })}
                    options={spans.map(([hours, , text]) => [String(hours), text])} />}
            <Select aria-label="API" value={query.name ?? ''} onChange={(name) => setQuery({ name })}
                    options={[['', 'All APIs'], ...names(definitions)]} />
            <Select aria-label="User" value={query.user ?? ''} onChange={(user) => setQuery({ user })}
                    options={[['', 'All users'], ...names(users)]} />
        </div>
    );
}

function Tiles({ rows }) {
    const [all] = sumBy(rows, () => '');
    const tiles = [
        ['Calls', number(all.calls)],
        ['Refused or failed', `${number(all.errors)} (${(100 * all.errors / all.calls).toFixed(1)} %)`],
        ['Mean time', ms(all.ms / all.calls)],
    ];
    return (
        <dl class="figures">
            {tiles.map(([text, value]) => <div key={text}><dt>{text}</dt><dd>{value}</dd></div>)}
        </dl>
    );
}

function Sums({ title, head, sums, show }) {
    const most = sums[0]?.calls ?? 0;
    return (
        <section class="card stack tight" aria-label={title}>
            <h2>{title}</h2>
            <table class="dense sums">
                <caption class="hidden">{title}</caption>
                <thead>
                    <tr>
                        <th scope="col">{head}</th><th scope="col" class="right">Calls</th>
                        <th scope="col" class="right">Errors</th>
                        <th scope="col" class="right">Mean</th>
                    </tr>
                </thead>
                <tbody>
                    {sums.slice(0, 12).map((sum) => (
                        <tr key={sum.key}>
                            <th scope="row">{show(sum.key)}<Share part={sum.calls} of={most} /></th>
                            <td class="right">{number(sum.calls)}</td>
                            <td class="right">{sum.errors ? number(sum.errors) : ''}</td>
                            <td class="right nowrap">{ms(sum.ms / sum.calls)}</td>
                        </tr>
                    ))}
                </tbody>
            </table>
        </section>
    );
}

function Slowest() {
    const summary = useGet('activity/summary');
    const rows = [...summary.data ?? []].sort((a, b) => b.p95_ms - a.p95_ms).slice(0, 10);
    return (
        <section class="card stack tight" aria-label="The slowest of the last day">
            <h2>The slowest of the last day</h2>
            <Loaded from={summary} what="Loading times">{() => (
                <table class="dense">
                    <caption class="hidden">The slowest of the last day</caption>
                    <thead>
                        <tr>
                            <th scope="col">API</th>
                            <th scope="col" class="right"><abbr title="Half of the calls took no longer">Half</abbr></th>
                            <th scope="col" class="right"><abbr title="95 of 100 calls took no longer">95 %</abbr></th>
                        </tr>
                    </thead>
                    <tbody>
                        {rows.map((row) => (
                            <tr key={row.name}>
                                <th scope="row"><a href={to('apis', row.name)}>{row.name}</a></th>
                                <td class="right nowrap">{ms(row.p50_ms)}</td>
                                <td class="right nowrap">{ms(row.p95_ms)}</td>
                            </tr>
                        ))}
                    </tbody>
                </table>
            )}</Loaded>
        </section>
    );
}

function apiLink(name) {
    return name ? <a href={to('apis', name)}>{name}</a> : <span class="muted">No such API</span>;
}

function userLink(name) {
    return name ? <a href={to('users', name)}>{name}</a> : <span class="muted">Unknown</span>;
}

function Overview({ query }) {
    const span = spanOf(query);
    const [hours, minutes, words] = span;
    const rows = useGet('activity', { hours, minutes, max: 20000, name: query.name, user: query.user });
    return (
        <Loaded from={rows} what="Loading the activity">{(list) => {
            if (!list.length)
                return (
                    <Empty title="No calls">
                        <p>{words}: nothing was called. Calls appear here a few seconds
                            after they came in.</p>
                        <button type="button" onClick={rows.reload}>Look again</button>
                    </Empty>
                );
            const [all] = sumBy(list, () => '');
            return (
                <div class="stack">
                    <Tiles rows={list} />
                    <BarChart title="Calls over time" kinds={kinds} slots={slotsOf(list, span)}
                              text={`${words}: ${counted(all.calls, 'call')}, ${number(all.errors)} of
                                  them refused or failed. The table below has the numbers.`} />
                    <div class="sums-grid">
                        <Sums title="By API" head="API" sums={sumBy(list, (row) => row.name)}
                              show={apiLink} />
                        <Sums title="By user" head="User" sums={sumBy(list, (row) => row.user)}
                              show={userLink} />
                        <Sums title="By status" head="Status" show={String}
                              sums={sumBy(list, (row) => row.status)} />
                        <Slowest />
                    </div>
                </div>
            );
        }}</Loaded>
    );
}

// ---- what was refused

function Code({ row }) {
    return (
        <span class="badges">
            <Badge kind={row.status >= 500 ? 'bad' : 'warn'}>{row.status}</Badge>
            <span class="mono small">{row.code}</span>
        </span>
    );
}

function Refused({ query }) {
    const rows = useGet('refusals', { name: query.name, user: query.user, max: 200 });
    return (
        <Loaded from={rows} what="Loading what was refused">{(list) => list.length ? (
            <div class="table-box">
                <table class="cards">
                    <caption class="hidden">Refused requests, newest first</caption>
                    <thead>
                        <tr>
                            <th scope="col">When</th><th scope="col">API</th>
                            <th scope="col">Why</th><th scope="col">Answer</th>
                            <th scope="col">User</th><th scope="col">From</th>
                            <th scope="col">Request</th>
                        </tr>
                    </thead>
                    <tbody>
                        {list.map((row) => (
                            <tr key={row.request_id + row.at}>
                                <td class="nowrap"><Time at={row.at} relative /></td>
                                <td>{apiLink(row.name)}</td>
                                <td class="wide">{row.reason}</td>
                                <td class="wide"><Code row={row} /></td>
                                <td class="drop">{row.user || <span class="muted">–</span>}</td>
                                <td class="mono drop">{row.address}</td>
                                <td class="wide"><a href={to('activity', 'why', row.request_id)}>
                                    <RequestId id={row.request_id} /></a></td>
                            </tr>
                        ))}
                    </tbody>
                </table>
            </div>
        ) : <Empty title="Nothing was refused"><p>Refused requests appear here a few
            seconds later, with the reason.</p></Empty>}</Loaded>
    );
}

// ---- one request

function Why({ id }) {
    const why = useGet(path`why/${id}`);
    if (why.error?.status === 404)
        return <Empty title="It was not refused"><p>{why.error.message}.</p></Empty>;
    if (why.error)
        return <Failure error={why.error} retry={why.reload} />;
    if (!why.data)
        return <Loading what="Looking it up" />;
    const { data } = why;
    return (
        <section class="card stack tight" aria-label="Why it was refused">
            <h2>{data.reason}</h2>
            <dl class="facts">
                <dt>Answer</dt><dd><Code row={data} /></dd>
                <dt>When</dt><dd><Time at={data.at} /></dd>
                <dt>API</dt><dd>{apiLink(data.name)}{data.version > 0 && `, version ${data.version}`}</dd>
                <dt>Method</dt><dd>{data.method}</dd>
                <dt>User</dt><dd>{data.user || 'Unknown'}</dd>
                <dt>From</dt><dd class="mono">{data.address}</dd>
                <dt>Request</dt><dd class="mono">{data.request_id}</dd>
            </dl>
        </section>
    );
}

function LookUp({ id = '' }) {
    const [text, setText] = useState(id);
    const submit = (event) => {
        event.preventDefault();
        if (text.trim())
            go(to('activity', 'why', text.trim()));
    };
    return (
        <div class="stack">
            <form class="stack form-narrow" onSubmit={submit} role="search">
                <Field label="Request id" hint="Each error names it as request_id; logs have it too.">
                    <input value={text} required spellcheck={false} class="mono" autocomplete="off"
                           onInput={(event) => setText(event.currentTarget.value)} />
                </Field>
                <div><Button type="submit" class="primary" icon="search">Look it up</Button></div>
            </form>
            {id && <Why key={id} id={id} />}
        </div>
    );
}

export default function Activity({ parts: [tab = 'calls', id, ...more], query }) {
    const tabs = [['calls', 'Calls', to('activity', query)]];
    if (may('designer'))
        tabs.push(['refused', 'Refused', to('activity', 'refused', query)],
                  ['why', 'Look up a request', to('activity', 'why')]);
    if (more.length || (id && tab !== 'why') || !tabs.some(([each]) => each === tab))
        return <NotFound link={['To the activity', to('activity')]} />;
    return (
        <Page title="Activity">
            <div class="stack">
                <TabLinks label="Activity" tabs={tabs} current={tab} />
                {tab !== 'why' && <Filters query={query} times={tab === 'calls'} />}
                {tab === 'refused' ? <Refused query={query} />
                    : tab === 'why' ? <LookUp key={id} id={id} /> : <Overview query={query} />}
            </div>
        </Page>
    );
}
