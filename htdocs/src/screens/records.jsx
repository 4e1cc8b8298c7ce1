// SPDX-License-Identifier: Apache-2.0
// records: what is in the modules. /records/MODULE browses one, page by page,
// /records/MODULE/ID shows a record's Details, .../updates its history: what
// was changed, when, by whom, through which API.
import { Fragment } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { path, useGet } from '../api.js';
import { Icon } from '../icons.jsx';
import { go, setQuery, to } from '../router.js';
import { Badge, Empty, Field, Loaded, Loading, NotFound, Page, RequestId, Select, TabLinks, Time }
    from '../ui.jsx';
import { readModule } from '../vadl/module.js';

// ---- values

// What a reference leads to is named by the fields after it, whose names go on
// from its own: account_id, account_id.accountname.
const isOwn = ({ name }) => !name.includes('.');

function nameOf({ name }, columns, valueOf) {
    return columns.filter((each) => each.name.startsWith(`${name}.`)).map(valueOf).filter(Boolean).join(' ');
}

// name: of the record that it refers to.
function Value({ column, value, name }) {
    if (value === null || value === undefined || value === '')
        return <span class="muted">–</span>;
    if (column?.type === 'datetime')
        return <Time at={value} />;
    if (column?.type === 'boolean')
        return value === '1' || value === true ? 'Yes' : 'No';
    if (column?.refers)
        return <a href={to('records', column.refers, String(value))} title={value}><bdi>{name || value}</bdi></a>;
    return <bdi>{String(value)}</bdi>;
}

// ---- a module's records

function ModuleChoice({ module }) {
    const modules = useGet('modules');
    const [chosen, setChosen] = useState(module);
    const submit = (event) => {
        event.preventDefault();
        go(to('records', chosen));
    };
    return (
        <form class="row" onSubmit={submit}>
            <Field label="Module">
                <Select value={chosen} onChange={setChosen}
                        options={(modules.data ?? [{ name: module }]).map((each) => each.name)} />
            </Field>
            <button type="submit">Show</button>
        </form>
    );
}

// Asks when nothing was typed for a moment.
function Search({ value, module }) {
    const [text, setText] = useState(value);
    const asked = useRef(value);
    useEffect(() => {
        if (value !== asked.current)
            setText(value);
        asked.current = value;
    }, [value]);
    useEffect(() => {
        if (text === asked.current)
            return;
        const timer = setTimeout(() => {
            asked.current = text;
            setQuery({ search: text, page: '' });
        }, 300);
        return () => clearTimeout(timer);
    }, [text]);
    return (
        <div class="searchbox">
            <Icon name="search" />
            <input type="search" aria-label={`Search ${module}`} placeholder="Search the texts"
                   value={text} onInput={(event) => setText(event.currentTarget.value)} />
        </div>
    );
}

function title(row, columns) {
    const text = columns.filter((each) => each.name !== 'id' && isOwn(each)).slice(0, 4)
        .map((each) => row[each.name]).find(Boolean);
    return text ?? row.id;
}

const firstColumns = 8;

function RecordTable({ module, columns, rows }) {
    const shown = columns.filter((each) => each.type !== 'text' && each.type !== 'json'
        && each.type !== 'binary' && isOwn(each)).slice(0, firstColumns);
    return (
        <div class="table-box" role="region" aria-label={`Records of ${module}`} tabIndex={0}>
            <table class="rows">
                <caption class="hidden">Records of {module}</caption>
                <thead>
                    <tr>{shown.map((each) => <th scope="col" key={each.name}>{each.label}</th>)}</tr>
                </thead>
                <tbody>
                    {rows.map((row, i) => (
                        <tr key={row.id ?? i}>
                            {shown.map((each) => each.name === 'id' ? (
                                <th scope="row" key="id"><a href={to('records', module, row.id)}
                                    aria-label={`${row.id}, ${title(row, columns)}`}>{row.id}</a></th>
                            ) : (
                                <td key={each.name} title={row[each.name]}>
                                    <Value column={each} value={row[each.name]}
                                           name={nameOf(each, columns, (part) => row[part.name])} />
                                </td>
                            ))}
                        </tr>
                    ))}
                </tbody>
            </table>
        </div>
    );
}

// It stays while a page is loaded, and with it the focus.
function Pager({ module, search, page, from }) {
    const { more, rows } = from.data ?? {};
    const open = (next) => () => go(to('records', module, { search, page: next > 1 ? next : '' }));
    if (page === 1 && rows && !more)
        return <p class="small muted count" role="status">{rows.length} records</p>;
    if (page === 1 && !rows)
        return null;
    return (
        <nav class="row pager" aria-label="Pages">
            <button type="button" aria-disabled={page === 1}
                    onClick={page > 1 ? open(page - 1) : undefined}>
                <Icon name="left" /><span>Previous</span></button>
            <span class="muted" role="status">Page {page}</span>
            <button type="button" aria-disabled={!more} onClick={more ? open(page + 1) : undefined}>
                <span>Next</span><Icon name="right" /></button>
        </nav>
    );
}

function Nothing({ page, search, module }) {
    if (search)
        return (
            <Empty title="Nothing matches">
                <p>No text of a record of {module} holds “{search}”.</p>
            </Empty>
        );
    return page > 1 ? (
        <Empty title="That was the last page">
            <button type="button" onClick={() => setQuery({ page: '' })}>To the first page</button>
        </Empty>
    ) : <Empty title="No records yet"><p>An API that creates {module} fills this list.</p></Empty>;
}

function pageOf(query) {
    return /^[1-9]\d{0,8}$/.test(query.page) ? Number(query.page) : 1;
}

function NoModule({ name }) {
    return <NotFound title={name} text={`There is no module ${name}`} crumbs={[['Records', to('records')]]}
                     link={['To the modules', to('records')]} />;
}

function Records({ module, query }) {
    const search = query.search ?? '';
    const page = pageOf(query);
    const records = useGet(path`records/${module}`, { page: page > 1 ? page : '', search, max: 25 });
    if (records.error?.status === 404)
        return <NoModule name={module} />;
    return (
        <Page title={module} crumbs={[['Records', to('records')]]}
              actions={<a class="button" href={to('modules', module)}><Icon name="table" />
                  <span>Fields</span></a>}>
            <div class="toolbar" role="search">
                <ModuleChoice module={module} />
                <Search value={search} module={module} />
            </div>
            <div class="stack">
                <Loaded from={records} what="Loading the records">{({ columns, rows }) => rows.length
                    ? <RecordTable module={module} columns={columns} rows={rows} />
                    : <Nothing page={page} search={search} module={module} />}</Loaded>
                {!records.error && <Pager module={module} search={search} page={page} from={records} />}
            </div>
        </Page>
    );
}

function Choose() {
    const modules = useGet('modules');
    return (
        <Page title="Records" lead="Of which module?">
            <Loaded from={modules} what="Loading the modules">{(list) => list.length ? (
                <ul class="plain tiles">
                    {list.map(({ name }) => (
                        <li key={name}><a class="tile" href={to('records', name)}>
                            <Icon name="book" />{name}</a></li>
                    ))}
                </ul>
            ) : (
                <Empty title="No modules yet">
                    <p>Records are those of modules: <a href={to('tables')}>import a table</a> first.</p>
                </Empty>
            )}</Loaded>
        </Page>
    );
}

// ---- one record

function Details({ fields }) {
    return (
        <dl class="facts card details">
            {fields.filter(isOwn).map((field) => {
                const name = nameOf(field, fields, (part) => part.value);
                return (
                    <Fragment key={field.name}>
                        <dt>{field.label}</dt>
                        <dd><Value column={field} value={field.value} name={name} />
                            {name && <span class="muted mono"> {field.value}</span>}</dd>
                    </Fragment>
                );
            })}
        </dl>
    );
}

function Change({ change, column }) {
    return (
        <tr>
            <th scope="row">{column?.label ?? change.field}</th>
            <td><del><Value column={column} value={change.old} /></del></td>
            <td><ins><Value column={column} value={change.new} /></ins></td>
        </tr>
    );
}

function Entry({ entry, columns }) {
    const kinds = { create: 'good', update: '', delete: 'bad' };
    return (
        <li class="card stack tight">
            <div class="row">
                <h2>{entry.label}</h2>
                <Badge kind={kinds[entry.operation]}>{entry.operation}</Badge>
            </div>
            <p class="small muted">
                {entry.user ?? 'Nobody known'}, <Time at={entry.at} />, through {entry.source === 'webhook'
                    ? 'webhook' : 'API'} <a href={to('apis', entry.api)}>{entry.api}</a> {entry.version
                    ? `version ${entry.version}` : '(draft)'}{entry.request_id && <>
                    , request <RequestId id={entry.request_id} /></>}
            </p>
            {entry.changes.length > 0 && (
                <table class="dense changes-table">
                    <caption class="hidden">What was changed</caption>
                    <thead>
                        <tr><th scope="col">Field</th><th scope="col">Before</th>
                            <th scope="col">After</th></tr>
                    </thead>
                    <tbody>
                        {entry.changes.map((change) => (
                            <Change key={change.field} change={change}
                                    column={columns.get(change.field)} />
                        ))}
                    </tbody>
                </table>
            )}
        </li>
    );
}

// The labels are the module's, which outlives its records; of a module that is
// gone too, the names are shown.
function Updates({ from, module }) {
    const of = useGet(path`modules/${module}/document`);
    if (of.loading)
        return <Loading what="Loading the labels" />;
    const fields = of.data ? readModule(of.data.document)?.fields : [];
    const columns = new Map((fields ?? []).map((each) => [each.name, each]));
    return (
        <Loaded from={from} what="Loading the updates">{(entries) => entries.length ? (
            <ol class="plain stack">
                {entries.map((entry, i) => <Entry key={i} entry={entry} columns={columns} />)}
            </ol>
        ) : (
            <Empty title="No updates">
                <p>No API has changed this record. Changes made in other ways are not listed here.</p>
            </Empty>
        )}</Loaded>
    );
}

const longest = 90;    // characters of a title

function recordName(record, id) {
    const text = record?.fields.filter((each) => isOwn(each) && ['string', 'email']
        .includes(each.type)).slice(0, 2).map((each) => each.value).filter(Boolean).join(' ');
    return text?.length > longest ? `${text.slice(0, longest)} …` : text || id;
}

function Record({ module, id, tab }) {
    const record = useGet(path`records/${module}/${id}`);
    const updates = useGet(path`updates/${module}/${id}`);
    const count = updates.data?.length;
    const tabs = [
        ['details', 'Details', to('records', module, id)],
        ['updates', count ? `Updates (${count})` : 'Updates', to('records', module, id, 'updates')],
    ];
    const gone = record.error?.status === 404;
    if (gone && count === 0)
        return <NotFound title={id} text={`There is no record ${id} in ${module}`} link={[`To ${module}`,
            to('records', module)]} crumbs={[['Records', to('records')], [module, to('records', module)]]} />;
    return (
        <Page title={recordName(record.data, id)} note={record.data && <span class="muted mono">{id}</span>}
              crumbs={[['Records', to('records')], [module, to('records', module)]]}>
            <div class="stack">
                <TabLinks label="Parts of the record" tabs={tabs} current={tab ?? 'details'} />
                {tab === 'updates' ? <Updates from={updates} module={module} />
                    : gone && count ? (
                        <Empty title="The record is gone">
                            <p>There is no record {id} in {module} now. What happened to it is
                                under <a href={to('records', module, id, 'updates')}>Updates</a>.</p>
                        </Empty>
                    ) : gone && updates.loading ? <Loading what="Loading the record" />
                    : <Loaded from={record} what="Loading the record">
                        {({ fields }) => <Details fields={fields} />}</Loaded>}
            </div>
        </Page>
    );
}

export default function RecordScreens({ parts: [module, id, tab, ...more], query }) {
    if (!module)
        return <Choose />;
    if (more.length || ![undefined, 'details', 'updates'].includes(tab))
        return <NotFound link={[`To the record ${id}`, to('records', module, id)]} />;
    return id ? <Record key={`${module} ${id}`} module={module} id={id} tab={tab} />
              : <Records key={module} module={module} query={query} />;
}
