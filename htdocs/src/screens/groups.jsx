// SPDX-License-Identifier: Apache-2.0
// groups: what users may do with records. /groups lists them, /groups/NAME
// shows who is in one and what it may, /groups/NAME/MODULE changes its rights
// in one module; the module * stands for all that have no rights of their own.
import { useState } from 'preact/hooks';
import { may, path, post, put, remove, useGet } from '../api.js';
import { Icon } from '../icons.jsx';
import { go, leaveTo, to } from '../router.js';
import { Badge, Button, Check, Dialog, Empty, Failure, Field, Loaded, NotFound, Page, Select, TabLinks,
         ask, errorAt, focusTitle, number, sorted, tell, useSubmit } from '../ui.jsx';
import { readModule } from '../vadl/module.js';
import { peopleTabs } from './users.jsx';

const actions = ['create', 'read', 'update', 'delete'];

function list(text) {
    return (text ?? '').split(',').map((each) => each.trim()).filter(Boolean);
}

function moduleLabel(module) {
    return module === '*' ? 'All other modules' : module;
}

// ---- the list

function GroupTable({ groups }) {
    return (
        <div class="table-box">
            <table class="cards">
                <caption class="hidden">Groups</caption>
                <thead>
                    <tr><th scope="col">Group</th><th scope="col" class="right">Users</th>
                        <th scope="col" class="right">Modules with rights</th></tr>
                </thead>
                <tbody>
                    {groups.map((group) => (
                        <tr key={group.name}>
                            <th scope="row"><a href={to('groups', group.name)}>{group.name}</a></th>
                            <td class="right">{number(group.users)}<span class="card-label">
                                {' '}{group.users === 1 ? 'user' : 'users'}</span></td>
                            <td class="right drop">{number(group.rights)}</td>
                        </tr>
                    ))}
                </tbody>
            </table>
        </div>
    );
}

function AddGroup({ onClose }) {
    const [name, setName] = useState('');
    const { submit, busy, error } = useSubmit(async () => {
        await post('groups', { name });
        tell(`The group ${name} is there. It may do nothing yet.`);
        go(to('groups', name));
    });
    const wrong = errorAt(error, 'name');
    return (
        <Dialog title="Add a group" onClose={onClose}>
            <form onSubmit={submit}>
                <div class="dialog-body">
                    {!wrong && <Failure error={error} />}
                    <Field label="Name" hint="Such as Sales, or Web shop." error={wrong}>
                        <input required value={name} autofocus
                               onInput={(event) => setName(event.currentTarget.value)} />
                    </Field>
                </div>
                <footer>
                    <button type="button" onClick={onClose}>Cancel</button>
                    <Button type="submit" class="primary" busy={busy}>Add</Button>
                </footer>
            </form>
        </Dialog>
    );
}

function GroupList() {
    const groups = useGet('groups');
    const [adding, setAdding] = useState(false);
    const add = may('admin') && (
        <Button class="primary" icon="plus" onClick={() => setAdding(true)}>Add group</Button>
    );
    return (
        <Page title="Groups" actions={add}>
            <div class="stack">
                <TabLinks label="People" tabs={peopleTabs} current="groups" />
                <p class="muted">A user may do what its groups give, and nothing else. Admins may do
                    everything.</p>
                <Loaded from={groups} what="Loading the groups">{(rows) => rows.length
                    ? <GroupTable groups={rows} />
                    : <Empty title="No groups yet"><p>Without a group nobody but admins may read
                        or write records.</p>{add}</Empty>}</Loaded>
            </div>
            {adding && <AddGroup onClose={() => setAdding(false)} />}
        </Page>
    );
}

// ---- one group

function Mark({ yes, what }) {
    return yes ? <span class="yes"><Icon name="check" /><span class="hidden">{what}</span></span>
               : <span class="muted" aria-label={`no ${what}`} role="img">–</span>;
}

// what: the head of the column, where the table has become cards
function FieldNames({ names, what }) {
    return (
        <td class={names.length ? 'wide' : 'wide drop'}>
            <span class="card-label">{what}: </span>
            {names.length ? <span class="mono small">{names.join(', ')}</span>
                : <span class="muted">–</span>}
        </td>
    );
}

function RightRow({ group, right, onRemove }) {
    const allowed = list(right.allow);
    const label = moduleLabel(right.module);
    return (
        <tr>
            <th scope="row"><a href={to('groups', group, right.module)}>{label}</a></th>
            {actions.map((each) => (
                <td key={each} class="center action">
                    <span class="card-label capital" aria-hidden="true">{each} </span>
                    <Mark yes={allowed.includes(each)} what={each} />
                </td>
            ))}
            <td class="wide">{right.scope === 'own' ? <Badge kind="warn">Own records</Badge> : 'All records'}</td>
            <FieldNames names={list(right.hidden)} what="Hidden" />
            <FieldNames names={list(right.readonly)} what="Read-only" />
            <td class="last">{may('admin') && (
                <button type="button" class="quiet icon-only small" onClick={onRemove}
                        aria-label={`Take away the rights in ${label}`}><Icon name="trash" /></button>
            )}</td>
        </tr>
    );
}

function Rights({ group, rights, reload, onError }) {
    const takeAway = async (module) => {
        const yes = await ask({
            title: `Take away the rights in ${moduleLabel(module)}?`, danger: true,
            action: 'Take away', text: 'Users of this group lose them at once.' });
        if (!yes)
            return;
        try {
            await remove(path`groups/${group}/rights/${module}`);
            tell(`${group} has no rights in ${moduleLabel(module)} any more.`);
            await reload();
            focusTitle();
        }
        catch (error) {
            onError(error);
        }
    };
    return (
        <div class="table-box" role="region" aria-label="Rights" tabIndex={0}>
            <table class="cards rights">
                <caption class="hidden">Rights of {group}</caption>
                <thead>
                    <tr>
                        <th scope="col">Module</th>
                        {actions.map((each) => <th scope="col" class="center capital" key={each}>{each}</th>)}
                        <th scope="col">Which</th><th scope="col">Hidden fields</th>
                        <th scope="col">Read-only fields</th>
                        <th scope="col"><span class="hidden">Take away</span></th>
                    </tr>
                </thead>
                <tbody>
                    {rights.map((right) => (
                        <RightRow key={right.module} group={group} right={right}
                                  onRemove={() => takeAway(right.module)} />
                    ))}
                </tbody>
            </table>
        </div>
    );
}

function AddRight({ group, rights }) {
    const modules = useGet('modules');
    const [module, setModule] = useState('');
    const has = rights.map((right) => right.module);
    const free = ['*', ...(modules.data ?? []).map((each) => each.name)]
        .filter((name) => !has.includes(name));
    if (!may('admin') || !free.length)
        return null;
    const submit = (event) => {
        event.preventDefault();
        setModule('');
        go(to('groups', group, module));
    };
    return (
        <form class="toolbar" onSubmit={submit}>
            <Field label="Give rights in">
                <Select value={module} onChange={setModule} required
                        options={[['', 'Choose a module'],
                                  ...free.map((name) => [name, moduleLabel(name)])]} />
            </Field>
            <button type="submit">Choose the rights</button>
        </form>
    );
}

async function drop(name) {
    const yes = await ask({
        title: `Drop the group ${name}?`, danger: true, action: 'Drop the group',
        text: 'Its users keep what their other groups give.' });
    if (!yes)
        return;
    await remove(path`groups/${name}`);
    tell(`The group ${name} is dropped.`);
    go(to('groups'));
}

function Members({ users }) {
    return users.length ? (
        <ul class="plain names">
            {sorted(users, 'name').map((user) => (
                <li key={user.name}><a href={to('users', user.name)}>{user.name}</a></li>
            ))}
        </ul>
    ) : <p class="muted">Nobody. A user is put into a group on the user's own page, which
        is among the <a href={to('users')}>users</a>.</p>;
}

function Group({ name, module }) {
    const group = useGet(path`groups/${name}`);
    const [error, setError] = useState(null);
    const modules = useGet(module ? 'modules' : null);
    const close = () => leaveTo(to('groups', name));
    const known = !module || module === '*' || !modules.data || !group.data
        || [...modules.data.map((each) => each.name), ...group.data.rights.map((each) => each.module)]
            .includes(module);
    if (!known)
        return <NotFound title={name} text={`There is no module ${module}`}
                         link={[`To the group ${name}`, to('groups', name)]} />;
    if (group.error?.status === 404)
        return <NotFound title={name} text={`There is no group ${name}`} crumbs={[['Groups', to('groups')]]}
                         link={['To the groups', to('groups')]} />;
    return (
        <Page title={name} crumbs={[['Groups', to('groups')]]}
              actions={may('admin') && <Button icon="trash"
                  onClick={() => drop(name).catch(setError)}>Drop</Button>}>
            <div class="stack">
                <Failure error={error} />
                <Loaded from={group} what="Loading the group">{({ users, rights }) => (
                    <>
                        <section class="stack tight" aria-labelledby="rights">
                            <h2 id="rights">What it may do</h2>
                            {rights.length ? <Rights group={name} rights={rights}
                                                     reload={group.reload} onError={setError} />
                                : <Empty title="Nothing yet"><p>Give it rights in a module.</p></Empty>}
                            <AddRight group={name} rights={rights} />
                        </section>
                        <section class="stack tight" aria-labelledby="members">
                            <h2 id="members">Who is in it</h2>
                            <Members users={users} />
                        </section>
                        {module && <RightDialog key={module} group={name} module={module} onClose={close}
                            right={rights.find((each) => each.module === module)} onSaved={() => {
                                group.reload();
                                close();
                            }} />}
                    </>
                )}</Loaded>
            </div>
        </Page>
    );
}

// ---- rights in one module

const fieldAccess = [['', 'Read and write'], ['readonly', 'Read only'], ['hidden', 'Hidden']];

function FieldRights({ module, access, onChange }) {
    const from = useGet(module === '*' ? null : path`modules/${module}/document`);
    if (module === '*')
        return <p class="hint">Single fields are hidden in the rights of one module.</p>;
    return (
        <Loaded from={from} what="Loading the fields">{({ document }) => (
            <details open={Object.keys(access).length > 0}>
                <summary>Fields</summary>
                <div class="field-rights">
                    {readModule(document).fields.filter((each) => each.type !== 'id').map((field) => (
                        <Field key={field.name} label={field.label} inline>
                            <Select value={access[field.name] ?? ''} options={fieldAccess}
                                    onChange={(is) => onChange({ ...access, [field.name]: is })} />
                        </Field>
                    ))}
                </div>
            </details>
        )}</Loaded>
    );
}

function accessOf(right) {
    return Object.fromEntries([
        ...list(right?.readonly).map((name) => [name, 'readonly']),
        ...list(right?.hidden).map((name) => [name, 'hidden'])]);
}

function Scope({ scope, onChange }) {
    return (
        <fieldset>
            <legend>Which records</legend>
            <div class="segmented">
                {[['all', 'All'], ['own', 'Own ones only']].map(([value, text]) => (
                    <label key={value}>
                        <input type="radio" name="scope" value={value} checked={scope === value}
                               onChange={() => onChange(value)} />{text}
                    </label>
                ))}
            </div>
            <p class="hint">Own records are those whose owner is the user.</p>
        </fieldset>
    );
}

function RightDialog({ group, module, right, onClose, onSaved }) {
    const [allow, setAllow] = useState(list(right?.allow ?? 'read'));
    const [scope, setScope] = useState(right?.scope ?? 'all');
    const [access, setAccess] = useState(accessOf(right));
    const names = (kind) => Object.keys(access).filter((name) => access[name] === kind).join(',');
    const { submit, busy, error } = useSubmit(async () => {
        await put(path`groups/${group}/rights/${module}`, {
            allow: actions.filter((each) => allow.includes(each)).join(','), scope,
            hidden: names('hidden'), readonly: names('readonly'),
        });
        tell('The rights are saved. They are in force within a second.');
        onSaved();
    });
    return (
        <Dialog title={`${group} in ${moduleLabel(module)}`} onClose={onClose}>
            <form onSubmit={submit}>
                <div class="dialog-body">
                    <Failure error={error} />
                    <fieldset class="stack" disabled={!may('admin')}>
                        <legend class="hidden">Rights</legend>
                        <fieldset>
                            <legend>May</legend>
                            <div class="check-list">
                                {actions.map((each) => (
                                    <Check key={each} label={each[0].toUpperCase() + each.slice(1)}
                                           autofocus={each === 'create'} checked={allow.includes(each)}
                                           onChange={(is) => setAllow(is ? [...allow, each]
                                               : allow.filter((other) => other !== each))} />
                                ))}
                            </div>
                        </fieldset>
                        <Scope scope={scope} onChange={setScope} />
                        <FieldRights module={module} access={access} onChange={setAccess} />
                    </fieldset>
                </div>
                <footer>
                    <button type="button" onClick={onClose}>{may('admin') ? 'Cancel' : 'Close'}</button>
                    {may('admin') && <Button type="submit" class="primary" busy={busy}>Save the rights</Button>}
                </footer>
            </form>
        </Dialog>
    );
}

export default function Groups({ parts: [name, module, ...more] }) {
    if (more.length)
        return <NotFound link={[`To ${name}`, to('groups', name)]} />;
    return name ? <Group key={name} name={name} module={module} /> : <GroupList />;
}
