// SPDX-License-Identifier: Apache-2.0
// apis: the API Designer's list: every definition with what it is, whether it
// is live, and how it was called in the last day. Search, filters and order
// are in the address.
import { useMemo, useState } from 'preact/hooks';
import { may, useGet } from '../api.js';
import { Icon } from '../icons.jsx';
import { setQuery, to } from '../router.js';
import { Badge, Dialog, Empty, Loaded, NoMatch, Page, Select, SortHead, Spark, Time, counted, number,
         sorted, useSome } from '../ui.jsx';

// A definition with what activity/summary tells of it.
function merge(definitions, summary) {
    const of = new Map((summary ?? []).map((row) => [row.name, row]));
    return definitions.map((row) => ({ calls: 0, errors: 0, hours: [], ...of.get(row.name), ...row }));
}

function matches(row, { q = '', kind = '', status = '' }) {
    const text = `${row.name} ${row.module} ${row.path}`.toLowerCase();
    return (!kind || row.kind === kind)
        && (!status || (status === 'draft' ? !!row.draft
            : status === 'broken' ? !!row.broken : row.status === status))
        && q.toLowerCase().split(/\s+/).every((word) => text.includes(word));
}

export function Method({ row }) {
    return row.kind === 'webhook'
        ? <Badge kind="mono">WEBHOOK</Badge>
        : <Badge kind="mono">{row.method.toUpperCase()}</Badge>;
}

function Status({ row }) {
    return (
        <span class="badges">
            {row.version
                ? <Badge kind={row.status === 'active' ? 'good' : ''}>
                    {row.status === 'active' ? 'Active' : 'Inactive'}</Badge>
                : <Badge>Not published</Badge>}
            {row.broken && <Badge kind="bad"><Icon name="warning" />Broken</Badge>}
            {row.draft && <Badge kind="warn">Draft</Badge>}
        </span>
    );
}

function Calls({ row }) {
    if (!row.calls)
        return <span class="muted">–</span>;
    return (
        <Spark counts={row.hours}
               label={`${counted(row.calls, 'call')} in the last day, hour by hour`} />
    );
}

function Row({ row }) {
    return (
        <tr class={row.status === 'active' ? '' : 'off'}>
            <th scope="row">
                <a href={to('apis', row.name)}>{row.name}</a>
                {row.broken && <p class="broken">{row.broken}</p>}
            </th>
            <td class="right-s"><Method row={row} /></td>
            <td>{row.module || <span class="muted">–</span>}</td>
            <td class="right-s"><Status row={row} /></td>
            <td class="right drop">{row.version ?? '–'}</td>
            <td class="drop"><Calls row={row} /></td>
            <td class="right drop">{row.calls ? number(row.calls) : ''}</td>
            <td class="right drop">{row.errors ? number(row.errors) : ''}</td>
            <td class="drop">
                {row.published_by && <>{row.published_by}, <Time at={row.published_at} relative /></>}
            </td>
        </tr>
    );
}

function Table({ rows, sort }) {
    const { some, more } = useSome(rows);
    const head = (name, text, look) => (
        <SortHead name={name} sort={sort} class={look}
                  onSort={(next) => setQuery({ sort: next })}>{text}</SortHead>
    );
    return (
        <div class="table-box">
            <table class="cards">
                <caption class="hidden">APIs and webhooks</caption>
                <thead>
                    <tr>
                        {head('name', 'Name')}{head('method', 'Method')}
                        {head('module', 'Module')}{head('status', 'Status')}
                        {head('version', 'Live', 'right')}
                        <th scope="col">Last day</th>
                        {head('calls', 'Calls', 'right')}{head('errors', 'Errors', 'right')}
                        {head('published_at', 'Published')}
                    </tr>
                </thead>
                <tbody>{some.map((row) => <Row key={row.name} row={row} />)}</tbody>
            </table>
            {more}
        </div>
    );
}

function Filters({ query }) {
    return (
        <div class="toolbar" role="search">
            <div class="searchbox">
                <Icon name="search" />
                <input type="search" aria-label="Search APIs" placeholder="Search name, module, path"
                       value={query.q ?? ''} onInput={(event) => setQuery({ q: event.currentTarget.value })} />
            </div>
            <Select aria-label="Kind" value={query.kind ?? ''} onChange={(kind) => setQuery({ kind })}
                    options={[['', 'All kinds'], ['api', 'REST APIs'], ['webhook', 'Webhooks']]} />
            <Select aria-label="Status" value={query.status ?? ''}
                    onChange={(status) => setQuery({ status })}
                    options={[['', 'Any status'], ['active', 'Active'], ['inactive', 'Inactive'],
                              ['draft', 'With a draft'], ['broken', 'Broken']]} />
        </div>
    );
}

const choices = [
    ['api', 'braces', 'REST API', 'Create a custom REST API to access data.'],
    ['webhook', 'bolt', 'Webhook', 'Connect with other apps in real time.'],
];

function Choice({ onClose }) {
    return (
        <Dialog title="Add API" onClose={onClose}>
            <div class="dialog-body choices">
                {choices.map(([kind, icon, title, text], at) => (
                    <section key={kind} class="choice" aria-label={title}>
                        <Icon name={icon} />
                        <h3>{title}</h3>
                        <p class="muted">{text}</p>
                        <a class="button primary" href={to('new', kind)}
                           autofocus={at === 0} aria-label={`Create ${title}`}>Create</a>
                    </section>
                ))}
            </div>
        </Dialog>
    );
}

function Nothing({ add }) {
    return (
        <Empty title="No APIs yet">
            <p>An API or a webhook works on one of the modules, the tables of this
                server's database. It is a few lines that are written for you.</p>
            {add}
        </Empty>
    );
}

export function ApiList({ query }) {
    const [choosing, setChoosing] = useState(false);
    const definitions = useGet('definitions');
    const summary = useGet('activity/summary');
    const rows = useMemo(() => merge(definitions.data ?? [], summary.data),
                         [definitions.data, summary.data]);
    const sort = query.sort || 'name';
    const shown = sorted(rows.filter((row) => matches(row, query)), sort);
    const add = may('designer') && (
        <button type="button" class="primary" onClick={() => setChoosing(true)}>
            <Icon name="plus" /><span>Add API</span>
        </button>
    );
    return (
        <Page title="API Designer" actions={add}>
            <Loaded from={definitions} what="Loading the APIs">{() => rows.length ? (
                <>
                    <Filters query={query} />
                    {shown.length ? <Table rows={shown} sort={sort} />
                        : <NoMatch onAll={() => setQuery({ q: '', kind: '', status: '' })} />}
                    <p class="small muted count" role="status">
                        {shown.length === rows.length ? counted(rows.length, 'API')
                            : `${number(shown.length)} of ${counted(rows.length, 'API')}`}</p>
                </>
            ) : <Nothing add={add} />}</Loaded>
            {choosing && <Choice onClose={() => setChoosing(false)} />}
        </Page>
    );
}
