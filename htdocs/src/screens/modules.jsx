// SPDX-License-Identifier: Apache-2.0
// modules: the catalog. /modules lists it; /modules/NAME shows a module's
// fields, .../fields/FIELD one of them in a dialog, .../warnings what is wrong
// with its tables, .../document its XML.
import { useMemo, useState } from 'preact/hooks';
import { may, path, post, remove, useGet } from '../api.js';
import { forgetModules } from '../catalog.js';
import { Icon } from '../icons.jsx';
import { typeWords, uniqueFields } from '../modules/document.js';
import { FieldDialog } from '../modules/field.jsx';
import { ModuleDocument } from '../modules/text.jsx';
import { go, leaveTo, setQuery, to } from '../router.js';
import { Badge, Button, CopyButton, Empty, Failure, Loaded, NoMatch, NotFound, Notice, Page, SortHead,
         TabLinks, Time, ask, number, sorted, tell, useSome } from '../ui.jsx';
import { readModule } from '../vadl/module.js';

// ---- the list

// A module with what is known of its tables; viewers may not see those.
function merge(modules, tables) {
    return modules.map((module) => {
        const own = (tables ?? []).filter((table) => table.module === module.name);
        return { ...module, tables: own.map((table) => table.name).join(', '),
                 rows: own.length ? Math.max(...own.map((table) => table.rows ?? 0)) : undefined };
    });
}

function Row({ row }) {
    return (
        <tr>
            <th scope="row"><a href={to('modules', row.name)}>{row.name}</a></th>
            <td class="right-s"><a href={to('records', row.name)}
                aria-label={`Records of ${row.name}`}>Records</a></td>
            <td class="mono wide">{row.tables}</td>
            <td class="right drop">{row.rows === undefined ? '' : `≈ ${number(row.rows)}`}</td>
            <td class="drop">{row.changed_by}, <Time at={row.changed_at} relative /></td>
        </tr>
    );
}

function ModuleTable({ rows, sort }) {
    const { some, more } = useSome(rows);
    const head = (name, text, look) => (
        <SortHead name={name} sort={sort} class={look}
                  onSort={(next) => setQuery({ sort: next })}>{text}</SortHead>
    );
    return (
        <div class="table-box">
            <table class="cards">
                <caption class="hidden">Modules</caption>
                <thead>
                    <tr>
                        {head('name', 'Module')}<th scope="col">Records</th>
                        {head('tables', 'Tables')}{head('rows', 'Rows', 'right')}
                        {head('changed_at', 'Changed')}
                    </tr>
                </thead>
                <tbody>{some.map((row) => <Row key={row.name} row={row} />)}</tbody>
            </table>
            {more}
        </div>
    );
}

function ModuleList({ query }) {
    const modules = useGet('modules');
    const tables = useGet(may('designer') ? 'tables' : null);
    const rows = useMemo(() => merge(modules.data ?? [], tables.data), [modules.data, tables.data]);
    const word = (query.q ?? '').toLowerCase();
    const shown = sorted(rows.filter((row) =>
        `${row.name} ${row.tables}`.toLowerCase().includes(word)), query.sort || 'name');
    const add = may('designer') && (
        <a class="button primary" href={to('tables')}>
            <Icon name="plus" /><span>Import a table</span>
        </a>
    );
    return (
        <Page title="Modules" actions={add} lead="What APIs work on: tables of this server's
            database, with the names, types and rules of their fields.">
            <Loaded from={modules} what="Loading the modules">{() => rows.length ? (
                <>
                    <div class="toolbar" role="search">
                        <div class="searchbox">
                            <Icon name="search" />
                            <input type="search" aria-label="Search modules" value={query.q ?? ''}
                                   placeholder="Search name or table"
                                   onInput={(event) => setQuery({ q: event.currentTarget.value })} />
                        </div>
                    </div>
                    {shown.length ? <ModuleTable rows={shown} sort={query.sort || 'name'} />
                        : <NoMatch onAll={() => setQuery({ q: '' })} />}
                </>
            ) : (
                <Empty title="No modules yet">
                    <p>A module is made from a table that is already there: pick one, look at
                        its rows, name it.</p>
                    {add}
                </Empty>
            )}</Loaded>
        </Page>
    );
}

// ---- one module

function Rules({ field, unique }) {
    const range = field.min && field.max ? `${field.min} to ${field.max}`
        : field.min ? `from ${field.min}` : field.max ? `up to ${field.max}` : '';
    return (
        <span class="badges">
            {field.mandatory && <Badge kind="good">Mandatory</Badge>}
            {field.readonly && <Badge>Read-only</Badge>}
            {unique && <Badge>Unique</Badge>}
            {field.refers && <span class="small">to <a href={to('modules', field.refers)}>
                {field.refers}</a></span>}
            {field.choices.length > 0 && <Badge>{field.choices.length} values</Badge>}
            {range && <Badge>{range}</Badge>}
            {field.pattern && <Badge>Pattern</Badge>}
        </span>
    );
}

function Fields({ module, document }) {
    const unique = uniqueFields(document);
    return (
        <div class="table-box">
            <table class="cards">
                <caption class="hidden">Fields of {module.label}</caption>
                <thead>
                    <tr>
                        <th scope="col">Label</th><th scope="col">Type</th><th scope="col">Name</th>
                        <th scope="col">Rules</th><th scope="col">Default</th>
                    </tr>
                </thead>
                <tbody>
                    {module.fields.map((field) => (
                        <tr key={field.name}>
                            <th scope="row">{field.type === 'id' ? field.label
                                : <a href={to('modules', module.name, 'fields', field.name)}>
                                    {field.label}</a>}</th>
                            <td class="right-s">{typeWords[field.type] ?? field.type}</td>
                            <td class="mono">{field.name}</td>
                            <td class="wide"><Rules field={field}
                                unique={field.unique || unique.includes(field.name)} /></td>
                            <td class="mono drop">{field.fallback}</td>
                        </tr>
                    ))}
                </tbody>
            </table>
        </div>
    );
}

// SQL is there to be copied; what is said in words is to be read.
function Fix({ text }) {
    const [, words, statement] = /^(|.*?: )([A-Z]{2,} .*;)$/s.exec(text) ?? [text, text];
    return (
        <>
            {words && <p>{words}</p>}
            {statement && (
                <div class="fix">
                    <pre tabIndex={0}><code>{statement}</code></pre>
                    <CopyButton text={statement} />
                </div>
            )}
        </>
    );
}

function Warning({ warning, module }) {
    return (
        <li class="card stack tight">
            <h2><Icon name="warning" />{warning.text[0].toUpperCase() + warning.text.slice(1)}</h2>
            {warning.field && warning.field !== 'id' && (
                <p class="small">Field <a href={to('modules', module, 'fields', warning.field)}>
                    {warning.field}</a></p>
            )}
            <p class="small muted">How to fix it:</p>
            <Fix text={warning.fix} />
        </li>
    );
}

function Warnings({ from, module }) {
    return (
        <Loaded from={from} what="Looking at the tables">{(list) => list.length ? (
            <ul class="plain stack warnings">
                {list.map((each, i) => <Warning key={i} warning={each} module={module} />)}
            </ul>
        ) : (
            <Empty title="No problems found">
                <p>The tables have the keys and indexes that the APIs need, hold every character,
                    and no dates of day 0.</p>
            </Empty>
        )}</Loaded>
    );
}

async function drop(name) {
    const yes = await ask({
        title: `Drop the module ${name}?`, danger: true, action: 'Drop the module',
        text: 'Its table and the records in it stay as they are. APIs that use it keep it from '
            + 'being dropped.' });
    if (!yes)
        return;
    await remove(path`modules/${name}`);
    await forgetModules();
    tell(`The module ${name} is dropped.`);
    go(to('modules'));
}

// Applies a document that was made from base; answers the APIs that do not fit
// it any more.
async function apply(name, document, base) {
    const done = await post('modules', { documents: [{ name, document }], base });
    await forgetModules();
    return done.filter((each) => each.outcome === 'API broken').map((each) => each.name);
}

function Broken({ names }) {
    return names.length > 0 && (
        <Notice kind="warn">
            <p>These APIs do not fit the module any more, and are not answered:</p>
            <ul>{names.map((name) => <li key={name}><a href={to('apis', name)}>{name}</a></li>)}</ul>
        </Notice>
    );
}

function Module({ name, tab, field }) {
    const from = useGet(path`modules/${name}/document`);
    const warnings = useGet(path`modules/${name}/warnings`);
    const [broken, setBroken] = useState([]);
    const [error, setError] = useState(null);
    const module = useMemo(() => from.data && readModule(from.data.document), [from.data]);
    const save = async (document, base) => {
        setBroken(await apply(name, document, base));
        from.reload();
        warnings.reload();
        tell('Saved.');
    };
    const close = () => leaveTo(to('modules', name));
    const crumbs = [['Modules', to('modules')]];
    if (from.error?.status === 404)
        return <NotFound title={name} text={`There is no module ${name}`} crumbs={crumbs}
                         link={['To the modules', to('modules')]} />;
    const count = warnings.data?.length;
    const tabs = [
        ['fields', 'Fields', to('modules', name)],
        ['warnings', count ? `Warnings (${count})` : 'Warnings', to('modules', name, 'warnings')],
        ['document', 'Document', to('modules', name, 'document')],
    ];
    const shown = tab === 'warnings' || tab === 'document' ? tab : 'fields';
    const edited = field && module?.fields.find((each) => each.name === field);
    if (field && module && !edited)
        return <NotFound title={module.label} text={`There is no field ${field} in ${name}`}
                         crumbs={crumbs} link={[`To the fields of ${name}`, to('modules', name)]} />;
    const actions = (
        <>
            <a class="button" href={to('records', name)}><Icon name="book" /><span>Records</span></a>
            {may('designer') && (
                <Button icon="trash" onClick={() => drop(name).catch(setError)}>Drop</Button>
            )}
        </>
    );
    return (
        <Page title={module?.label ?? name} crumbs={crumbs} actions={actions}
              lead={module && <Facts module={module} />}>
            <div class="stack">
                <TabLinks label={`Parts of ${name}`} tabs={tabs} current={shown} />
                <Failure error={error} />
                <Broken names={broken} />
                <Loaded from={from} what="Loading the module">{({ document }) => (
                    <>
                        {shown === 'fields' && module && <Fields module={module} document={document} />}
                        {shown === 'warnings' && <Warnings from={warnings} module={name} />}
                        {shown === 'document' && <ModuleDocument key={document} name={name}
                                                                 text={document} onSave={save} />}
                        {edited && <FieldDialog module={module} field={edited} document={document}
                                                onSave={save} onClose={close} />}
                    </>
                )}</Loaded>
            </div>
        </Page>
    );
}

function Facts({ module }) {
    return (
        <>Table <code>{module.table}</code>{module.prefix && <>, ids begin
            with <code>{module.prefix}</code></>}{module.readonly && ', can be read only'}</>
    );
}

export default function Modules({ parts: [name, tab, field, ...more], query }) {
    const known = more.length === 0 && (tab === 'fields' || !field)
        && [undefined, 'fields', 'warnings', 'document'].includes(tab);
    if (!known)
        return <NotFound link={[`To the module ${name}`, to('modules', name)]} />;
    return name ? <Module key={name} name={name} tab={tab} field={field} />
                : <ModuleList query={query} />;
}
