// SPDX-License-Identifier: Apache-2.0
// users: who may call APIs and who may use the console. /users lists them,
// /users/NAME shows one. What belongs together is changed together, at once.
import { useState } from 'preact/hooks';
import { may, me, path, post, put, useGet } from '../api.js';
import { CallLimits } from '../calls.jsx';
import { Icon } from '../icons.jsx';
import { setQuery, to } from '../router.js';
import { SecretDialog } from '../secret.jsx';
import { Badge, Button, Check, Dialog, Empty, Failure, Field, Loaded, NoMatch, NotFound, Page, Select,
         SortHead, TabLinks, Time, ask, errorAt, sorted, tell, useSome, useSubmit } from '../ui.jsx';

export const peopleTabs = [
    ['users', 'Users', to('users')],
    ['groups', 'Groups', to('groups')],
];

const roles = [
    ['caller', 'Caller: calls APIs'],
    ['viewer', 'Viewer: sees all in the console'],
    ['designer', 'Designer: makes and publishes APIs'],
    ['admin', 'Admin: users and rights too'],
];

// ---- the list

export function Names({ names }) {
    return <span class="badges">{names.map((name) => <Badge key={name}>{name}</Badge>)}</span>;
}

function Status({ user }) {
    return user.status === 'disabled' ? <Badge kind="bad">Disabled</Badge>
                                      : <Badge kind="good">Enabled</Badge>;
}

function Row({ user }) {
    return (
        <tr class={user.status === 'disabled' ? 'off' : ''}>
            <th scope="row"><a href={to('users', user.name)}>{user.name}</a></th>
            <td class="right-s"><Status user={user} /></td>
            <td class="capital">{user.role}</td>
            <td class="right-s"><Names names={user.groups ?? []} /></td>
            <td class="mono drop">{user.access_key ? `${user.access_key}…`
                : <span class="muted">–</span>}</td>
            <td class="drop"><Time at={user.last_use} relative /></td>
        </tr>
    );
}

function UserTable({ users, sort }) {
    const { some, more } = useSome(users);
    const head = (name, text) => (
        <SortHead name={name} sort={sort} onSort={(next) => setQuery({ sort: next })}>{text}</SortHead>
    );
    return (
        <div class="table-box">
            <table class="cards">
                <caption class="hidden">Users</caption>
                <thead>
                    <tr>
                        {head('name', 'Name')}{head('status', 'Status')}{head('role', 'Role')}
                        <th scope="col">Groups</th><th scope="col">Access key</th>
                        {head('last_use', 'Last call')}
                    </tr>
                </thead>
                <tbody>{some.map((user) => <Row key={user.name} user={user} />)}</tbody>
            </table>
            {more}
        </div>
    );
}

function GroupList({ groups, chosen, onChange }) {
    const toggle = (name, is) => onChange(is ? [...chosen, name]
        : chosen.filter((each) => each !== name));
    return groups.length ? (
        <div class="stack tight">
            <div class="check-list">
                {groups.map(({ name }) => (
                    <Check key={name} label={name} checked={chosen.includes(name)}
                           onChange={(is) => toggle(name, is)} />
                ))}
            </div>
            <p class="hint">What the user may do with records is what these groups give.</p>
        </div>
    ) : <p class="hint">There are no groups yet: <a href={to('groups')}>make one</a>.</p>;
}

function AddUser({ onClose, onDone }) {
    const groups = useGet('groups');
    const [form, setForm] = useState({ name: '', role: 'caller', password: '' });
    const [chosen, setChosen] = useState(['everyone']);
    const set = (name, value) => setForm((old) => ({ ...old, [name]: value }));
    const known = (groups.data ?? []).map((each) => each.name);
    const { submit, busy, error } = useSubmit(async () => {
        const body = { ...form, groups: chosen.filter((each) => known.includes(each)).join(',') };
        if (!body.password)
            delete body.password;
        onDone(await post('users', body));
    });
    const wrong = errorAt(error, 'name');
    return (
        <Dialog title="Add a user" onClose={onClose}>
            <form onSubmit={submit}>
                <div class="dialog-body">
                    {!wrong && <Failure error={error} />}
                    <Field label="User name" hint="A person or a program. It is not changed later."
                           error={wrong}>
                        <input required value={form.name} autofocus autocapitalize="none"
                               spellcheck={false} autocomplete="off"
                               onInput={(event) => set('name', event.currentTarget.value)} />
                    </Field>
                    <Field label="Role">
                        <Select options={roles} value={form.role} onChange={(role) => set('role', role)} />
                    </Field>
                    <fieldset>
                        <legend>Groups</legend>
                        <Loaded from={groups} what="Loading the groups">{(list) =>
                            <GroupList groups={list} chosen={chosen} onChange={setChosen} />}</Loaded>
                    </fieldset>
                    <Field label="Password" hint="For the console. Empty: the user calls APIs only,
                        with an access key.">
                        <input type="password" value={form.password} autocomplete="new-password"
                               onInput={(event) => set('password', event.currentTarget.value)} />
                    </Field>
                </div>
                <footer>
                    <button type="button" onClick={onClose}>Cancel</button>
                    <Button type="submit" class="primary" busy={busy} disabled={!groups.data}>Add</Button>
                </footer>
            </form>
        </Dialog>
    );
}

export function keySecret({ name, key }) {
    return { title: `Access key of ${name}`, label: 'Access key', text: key,
             note: `Programs send it with the user name ${name}, as HTTP Basic authentication.` };
}

function UserList({ query }) {
    const users = useGet('users');
    const [adding, setAdding] = useState(false);
    const [secret, setSecret] = useState(null);
    const word = (query.q ?? '').toLowerCase();
    const shown = sorted((users.data ?? []).filter((user) =>
        `${user.name} ${user.role} ${(user.groups ?? []).join(' ')}`.toLowerCase().includes(word)),
        query.sort || 'name');
    const added = (user) => {
        setAdding(false);
        setSecret(keySecret(user));
        users.reload();
    };
    const add = may('admin') && (
        <Button class="primary" icon="plus" onClick={() => setAdding(true)}>Add user</Button>
    );
    return (
        <Page title="Users" actions={add}>
            <div class="stack">
                <TabLinks label="People" tabs={peopleTabs} current="users" />
                <Loaded from={users} what="Loading the users">{() => (
                    <>
                        <div class="toolbar" role="search">
                            <div class="searchbox">
                                <Icon name="search" />
                                <input type="search" aria-label="Search users" value={query.q ?? ''}
                                       placeholder="Search name, role, group"
                                       onInput={(event) => setQuery({ q: event.currentTarget.value })} />
                            </div>
                        </div>
                        {shown.length ? <UserTable users={shown} sort={query.sort || 'name'} />
                            : <NoMatch title="Nobody matches" onAll={() => setQuery({ q: '' })} />}
                    </>
                )}</Loaded>
            </div>
            {adding && <AddUser onClose={() => setAdding(false)} onDone={added} />}
            {secret && <SecretDialog secret={secret} onClose={() => setSecret(null)} />}
        </Page>
    );
}

// ---- one user

function Role({ user, change }) {
    const [role, setRole] = useState(user.role);
    const { submit, busy } = useSubmit(() => change(() => put(path`users/${user.name}/role`, { role }),
                                                    `${user.name} is ${role} now.`));
    return (
        <section class="card stack tight" aria-labelledby="role">
            <h2 id="role">Role</h2>
            <form class="stack" onSubmit={submit}>
                <Field label="What this user may do in the console">
                    <Select options={roles} value={role} disabled={!may('admin')} onChange={setRole} />
                </Field>
                {may('admin') && <div><Button type="submit" busy={busy} disabled={role === user.role}>
                    Save the role</Button></div>}
            </form>
        </section>
    );
}

function Groups({ user, change }) {
    const groups = useGet('groups');
    const [chosen, setChosen] = useState(user.groups ?? []);
    const same = chosen.length === (user.groups ?? []).length
        && chosen.every((name) => user.groups.includes(name));
    const save = () => change(() => put(path`users/${user.name}/groups`,
        { groups: chosen.join(',') }), 'The groups are saved.');
    return (
        <section class="card stack tight" aria-labelledby="groups">
            <h2 id="groups">Groups</h2>
            <Loaded from={groups} what="Loading the groups">{(list) => (
                <fieldset disabled={!may('admin')}>
                    <legend class="hidden">Groups of {user.name}</legend>
                    <GroupList groups={list} chosen={chosen} onChange={setChosen} />
                </fieldset>
            )}</Loaded>
            {may('admin') && <div><Button disabled={same} onClick={save}>Save the groups</Button></div>}
        </section>
    );
}

function AccessKey({ user, change }) {
    const renew = async () => {
        const yes = !user.access_key || await ask({
            title: `New access key for ${user.name}?`, danger: true, action: 'Make a new key',
            text: 'The current key stops working at once: programs that use it are refused.' });
        if (yes)
            await change(() => post(path`users/${user.name}/key`), null, keySecret);
    };
    return (
        <section class="card stack tight" aria-labelledby="key">
            <h2 id="key">Access key</h2>
            <dl class="facts">
                <dt>Begins with</dt>
                <dd>{user.access_key ? <code>{user.access_key}…</code> : 'There is none.'}</dd>
                <dt>Made</dt><dd><Time at={user.access_key_at} /></dd>
                <dt>Last call</dt><dd><Time at={user.last_use} /></dd>
            </dl>
            {may('admin') && <div><Button icon="key" onClick={renew}>New access key</Button></div>}
        </section>
    );
}

function Limits({ user, reload }) {
    const save = async (limits) => {
        await put(path`users/${user.name}/limits`, limits);
        tell('The limits are saved.');
        reload();
    };
    return (
        <section class="card stack tight" aria-labelledby="limits">
            <h2 id="limits">Limits</h2>
            <CallLimits legend="Calls of this user, all APIs together" now={user} readOnly={!may('admin')}
                        onSave={save} />
        </section>
    );
}

function Password({ user, change }) {
    const renew = async () => {
        const yes = await ask({
            title: `New password for ${user.name}?`, action: 'Make a new password', danger: true,
            text: 'A random one is made and shown once; the current password stops working, and the '
                + 'sessions that began with it are over.' });
        if (yes)
            await change(() => post(path`users/${user.name}/password`), null, (made) => ({
                title: `Password of ${made.name}`, label: 'Password', text: made.password,
                note: 'It can be changed under My preferences.' }));
    };
    return (
        <section class="card stack tight" aria-labelledby="password">
            <h2 id="password">Password</h2>
            <p>{user.password === 'yes' ? 'There is one: the user can sign in to the console.'
                : 'There is none: the user cannot sign in to the console.'}</p>
            {may('admin') && <div><Button onClick={renew}>New password</Button></div>}
        </section>
    );
}

function Lock({ user, change }) {
    const disabled = user.status === 'disabled';
    const lock = async () => {
        const yes = disabled || await ask({
            title: `Disable ${user.name}?`, danger: true, action: 'Disable',
            text: 'Calls with this user\'s key are refused at once, and signing in too. It can be '
                + 'undone.' });
        if (yes)
            await change(() => post(path`users/${user.name}/${disabled ? 'enable' : 'disable'}`),
                         `${user.name} is ${disabled ? 'enabled' : 'disabled'}.`);
    };
    return may('admin') && (
        <Button class={disabled ? 'primary' : ''} onClick={lock}>
            {disabled ? 'Enable' : 'Disable'}</Button>
    );
}

function User({ name }) {
    const users = useGet('users');
    const [error, setError] = useState(null);
    const [secret, setSecret] = useState(null);
    const user = users.data?.find((each) => each.name === name);
    const change = async (work, done, show) => {
        setError(null);
        await work().then((made) => {
            if (show)
                setSecret(show(made));
            else
                tell(done);
        }, setError);
        users.reload();
    };
    return (
        <Page title={name} crumbs={[['Users', to('users')]]}
              actions={user && <Lock user={user} change={change} />}
              note={user && <><Status user={user} />
                  <span class="muted">added <Time at={user.created_at} /></span></>}>
            <div class="stack">
                <Failure error={error} />
                <Loaded from={users} what="Loading the user">{() => user ? (
                    <div class="halves">
                        <Role user={user} change={change} />
                        <AccessKey user={user} change={change} />
                        {user.minute_limit !== undefined && <Limits user={user} reload={users.reload} />}
                        <Groups user={user} change={change} />
                        <Password user={user} change={change} />
                    </div>
                ) : (
                    <Empty title={`There is no user ${name}`}>
                        <p><a href={to('users')}>To the users</a></p>
                    </Empty>
                )}</Loaded>
                {me.value?.name === name && (
                    <p class="small muted">This is you: <a href={to('me')}>My preferences</a></p>
                )}
            </div>
            {secret && <SecretDialog secret={secret} onClose={() => setSecret(null)} />}
        </Page>
    );
}

export default function Users({ parts: [name, ...more], query }) {
    if (more.length)
        return <NotFound link={[`To ${name}`, to('users', name)]} />;
    return name ? <User key={name} name={name} /> : <UserList query={query} />;
}
