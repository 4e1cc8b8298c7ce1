// SPDX-License-Identifier: Apache-2.0
// tables: the tables of the database that modules can be made of. /tables
// lists them, /tables/NAME shows the first rows of one and imports it.
import { useMemo, useState } from 'preact/hooks';
import { Problem, path, post, useGet } from '../api.js';
import { forgetModules } from '../catalog.js';
import { Icon } from '../icons.jsx';
import { typeWords, uniqueFields } from '../modules/document.js';
import { go, setQuery, to } from '../router.js';
import { Badge, Button, Empty, Failure, Field, Loaded, Loading, NoMatch, NotFound, Notice, Page, SortHead, ask,
         errorAt, number, sorted, tell, useSome, useSubmit } from '../ui.jsx';
import { readModule } from '../vadl/module.js';

function Row({ row }) {
    return (
        <tr>
            <th scope="row" class="mono"><a href={to('tables', row.name)}>{row.name}</a></th>
            <td class="right-s">{row.module
                ? <a href={to('modules', row.module)}>{row.module}</a>
                : <Badge kind="good">Not imported</Badge>}</td>
            <td class="right drop">≈ {number(row.rows)}</td>
            <td class="mono wide">{row.key ? <span><span class="muted">key </span>{row.key}</span>
                : <Badge kind="warn">No key</Badge>}</td>
            <td class="drop">{row.engine ?? 'view'}</td>
        </tr>
    );
}

// Those that are no modules yet come first.
function Tables({ rows, sort }) {
    const { some, more } = useSome(rows);
    const head = (name, text, look) => (
        <SortHead name={name} sort={sort} class={look}
                  onSort={(next) => setQuery({ sort: next })}>{text}</SortHead>
    );
    return (
        <div class="table-box">
            <table class="cards">
                <caption class="hidden">Tables of the database</caption>
                <thead>
                    <tr>
                        {head('name', 'Table')}{head('module', 'Module')}
                        {head('rows', 'Rows', 'right')}{head('key', 'Key')}{head('engine', 'Engine')}
                    </tr>
                </thead>
                <tbody>{some.map((row) => <Row key={row.name} row={row} />)}</tbody>
            </table>
            {more}
        </div>
    );
}

function TableList({ query }) {
    const tables = useGet('tables');
    const word = (query.q ?? '').toLowerCase();
    const sort = query.sort || 'module';
    const rows = sorted(sorted(tables.data ?? [], 'name').filter((row) =>
        `${row.name} ${row.module ?? ''}`.toLowerCase().includes(word)), sort);
    return (
        <Page title="Import a table" crumbs={[['Modules', to('modules')]]}
              lead="Pick a table to see its rows and make a module of it. The table stays as it is.">
            <Loaded from={tables} what="Loading the tables">{(all) => all.length ? (
                <>
                    <div class="toolbar" role="search">
                        <div class="searchbox">
                            <Icon name="search" />
                            <input type="search" aria-label="Search tables" value={query.q ?? ''}
                                   placeholder="Search table or module"
                                   onInput={(event) => setQuery({ q: event.currentTarget.value })} />
                        </div>
                    </div>
                    {rows.length ? <Tables rows={rows} sort={sort} />
                        : <NoMatch onAll={() => setQuery({ q: '' })} />}
                </>
            ) : (
                <Empty title="The database has no tables">
                    <p>Create the tables first. APIs are made over tables that are there.</p>
                </Empty>
            )}</Loaded>
        </Page>
    );
}

// ---- one table

function Preview({ name }) {
    const preview = useGet(path`tables/${name}`);
    return (
        <Loaded from={preview} what="Loading the first rows">{({ columns, rows }) => rows.length ? (
            <div class="table-box" role="region" aria-label={`First rows of ${name}`} tabIndex={0}>
                <table class="dense rows">
                    <caption class="hidden">First rows of {name}</caption>
                    <thead>
                        <tr>{columns.map((each) => <th scope="col" key={each}>{each}</th>)}</tr>
                    </thead>
                    <tbody>
                        {rows.map((row, i) => (
                            <tr key={i}>
                                {columns.map((each) => (
                                    <td key={each} title={row[each]}>{row[each]
                                        ?? <span class="muted">NULL</span>}</td>
                                ))}
                            </tr>
                        ))}
                    </tbody>
                </table>
            </div>
        ) : <p class="muted">The table is empty.</p>}</Loaded>
    );
}

function Choices({ list }) {
    return list.length > 0 && <span class="small muted">{list.join(', ')}</span>;
}

function FieldList({ document }) {
    const module = useMemo(() => readModule(document), [document]);
    const unique = useMemo(() => uniqueFields(document), [document]);
    return (
        <div class="table-box">
            <table class="dense">
                <caption class="hidden">Fields of the new module</caption>
                <thead>
                    <tr><th scope="col">Field</th><th scope="col">Type</th><th scope="col">Rules</th></tr>
                </thead>
                <tbody>
                    {module.fields.map((field) => (
                        <tr key={field.name}>
                            <th scope="row">{field.label} <span class="mono small muted">
                                {field.name}</span></th>
                            <td>{typeWords[field.type]}{field.refers && ` to ${field.refers}`}</td>
                            <td><span class="badges">
                                {field.mandatory && <Badge kind="good">Mandatory</Badge>}
                                {field.readonly && <Badge>Read-only</Badge>}
                                {(field.unique || unique.includes(field.name)) && <Badge>Unique</Badge>}
                                <Choices list={field.choices} />
                            </span></td>
                        </tr>
                    ))}
                </tbody>
            </table>
        </div>
    );
}

// "order_lines" to "OrderLines"
function moduleName(table) {
    return table.split(/[^A-Za-z0-9]+/).filter(Boolean)
        .map((word) => word[0].toUpperCase() + word.slice(1)).join('');
}

// Imports; a module of that name is replaced if that is wanted.
async function importTable(table, name) {
    try {
        await post('modules/import', { table, name });
    }
    catch (error) {
        if (error.status !== 409)
            throw error;
        const yes = await ask({ title: `Replace the module ${name}?`, danger: true, action: 'Replace the module',
            text: `There is a module ${name} already. Its labels and rules go: it is made anew from the table.` });
        if (!yes)
            throw new Problem(409, { errors: [{ field: 'name', detail: 'This name is taken: choose another one.' }] });
        await post('modules/import', { table, name, replace: true });
    }
    await forgetModules();
}

function Import({ table, made }) {
    const tables = useGet('tables');
    const [name, setName] = useState(moduleName(table));
    const { submit, busy, error } = useSubmit(async () => {
        await importTable(table, name);
        tell(`${name} is a module now. Give its fields the labels that people know.`);
        go(to('modules', name));
    });
    const wrong = errorAt(error, 'name');
    const there = tables.data?.find((each) => each.name === table)?.module;
    return (
        <div class="import">
            <section class="stack" aria-labelledby="import">
                <h2 id="import">The module</h2>
                {there && <Notice kind="warn"><p>This table is already the module <a
                    href={to('modules', there)}>{there}</a>.</p></Notice>}
                <form class="stack" onSubmit={submit}>
                    {!wrong && <Failure error={error} />}
                    <Field label="Name of the module" error={wrong} hint="As definitions and people call it, such
                        as Contacts. It is not changed later.">
                        <input value={name} required spellcheck={false}
                               onInput={(event) => setName(event.currentTarget.value)} />
                    </Field>
                    <div><Button type="submit" class="primary" busy={busy}>Import</Button></div>
                </form>
            </section>
            <section class="stack" aria-labelledby="fields">
                <h2 id="fields">Its fields</h2>
                {made.error ? <Failure error={made.error} retry={made.reload} />
                    : made.data ? <FieldList document={made.data.document} />
                    : <Loading what="Reading the columns" />}
            </section>
        </div>
    );
}

function Table({ name }) {
    const made = useGet(path`tables/${name}/document`);
    const crumbs = [['Modules', to('modules')], ['Import a table', to('tables')]];
    if (made.error?.status === 404)
        return <NotFound title={name} text={`There is no table ${name}`} crumbs={crumbs}
                         link={['To the tables', to('tables')]} />;
    return (
        <Page title={name} crumbs={crumbs}>
            <div class="stack wide-gap">
                <section class="stack" aria-labelledby="rows">
                    <h2 id="rows">Its first rows</h2>
                    <Preview name={name} />
                </section>
                <Import table={name} made={made} />
            </div>
        </Page>
    );
}

export default function TableScreens({ parts: [name, ...more], query }) {
    if (more.length)
        return <NotFound link={[`To the table ${name}`, to('tables', name)]} />;
    return name ? <Table key={name} name={name} /> : <TableList query={query} />;
}
