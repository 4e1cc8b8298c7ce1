// SPDX-License-Identifier: Apache-2.0
// me: what everybody may see and change of their own: user name, access key,
// password.
import { useState } from 'preact/hooks';
import { post, signIn, useGet } from '../api.js';
import { SecretDialog } from '../secret.jsx';
import { to } from '../router.js';
import { Button, CopyButton, Failure, Field, Loaded, NotFound, Page, Time, ask, errorAt, tell,
         useSubmit } from '../ui.jsx';
import { Names, keySecret } from './users.jsx';

function Account({ user }) {
    return (
        <section class="card stack tight" aria-labelledby="account">
            <h2 id="account">Account</h2>
            <dl class="facts">
                <dt>User name</dt>
                <dd class="row"><b>{user.name}</b><CopyButton text={user.name} /></dd>
                <dt>Role</dt><dd class="capital">{user.role}</dd>
                <dt>Groups</dt>
                <dd>{user.groups.length ? <Names names={user.groups} /> : 'None'}</dd>
                <dt>Since</dt><dd><Time at={user.created_at} /></dd>
            </dl>
        </section>
    );
}

function AccessKey({ user, reload, show }) {
    const [error, setError] = useState(null);
    const renew = async () => {
        const yes = !user.access_key || await ask({
            title: 'Make a new access key?', danger: true, action: 'Make a new key',
            text: 'Your current key stops working at once: programs that use it are refused.' });
        if (!yes)
            return;
        setError(null);
        await post('me/key').then((made) => {
            show(keySecret(made));
            reload();
        }, setError);
    };
    return (
        <section class="card stack tight" aria-labelledby="key">
            <h2 id="key">Access key</h2>
            <p class="muted">What your programs send, with your user name, to call APIs.</p>
            <Failure error={error} />
            <dl class="facts">
                <dt>Begins with</dt>
                <dd>{user.access_key ? <code>{user.access_key}…</code> : 'There is none yet.'}</dd>
                <dt>Made</dt><dd><Time at={user.access_key_at} /></dd>
            </dl>
            <div><Button icon="key" onClick={renew}>New access key</Button></div>
        </section>
    );
}

const empty = { old: '', password: '', again: '' };

// A new password ends all sessions that began with the old one: this one goes
// on with a sign-in, as soon as every process of the server knows the new one.
const inForce = 1100;    // ms
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function goOn(name, password) {
    const again = () => pause(inForce).then(() => signIn(name, password));
    await again().catch(again).then(() => tell('Your password is changed. Other sessions of yours are over.'),
        () => tell('Your password is changed: sign in with the new one.'));
}

function Password({ user }) {
    const [form, setForm] = useState(empty);
    const differs = form.again !== '' && form.again !== form.password;
    const input = (name, autocomplete) => (
        <input type="password" required autocomplete={autocomplete} value={form[name]}
               onInput={(event) => setForm({ ...form, [name]: event.currentTarget.value })} />
    );
    const { submit, busy, error } = useSubmit(async () => {
        if (form.again !== form.password)
            return;
        await post('me/password', { password: form.password, ...(form.old ? { old: form.old } : {}) });
        setForm(empty);
        await goOn(user.name, form.password);
    });
    const wrong = errorAt(error, 'old') && 'That is not your current password.';
    return (
        <section class="card stack tight" aria-labelledby="password">
            <h2 id="password">Password</h2>
            <form class="stack" onSubmit={submit}>
                {!wrong && <Failure error={error} />}
                <div class="hidden" aria-hidden="true">
                    <input type="text" autocomplete="username" value={user.name} readOnly
                           tabIndex={-1} />
                </div>
                {user.password === 'yes' && (
                    <Field label="Current password" error={wrong}>{input('old', 'current-password')}</Field>
                )}
                <Field label="New password">{input('password', 'new-password')}</Field>
                <Field label="New password again" error={differs && 'The passwords do not match.'}>
                    {input('again', 'new-password')}
                </Field>
                <div><Button type="submit" busy={busy}>Change the password</Button></div>
            </form>
        </section>
    );
}

export default function Preferences({ parts }) {
    return parts.length ? <NotFound link={['My preferences', to('me')]} /> : <Mine />;
}

function Mine() {
    const user = useGet('me');
    const [secret, setSecret] = useState(null);
    return (
        <Page title="My preferences">
            <Loaded from={user} what="Loading your account">{(data) => (
                <div class="halves">
                    <Account user={data} />
                    <AccessKey user={data} reload={user.reload} show={setSecret} />
                    <Password user={data} />
                </div>
            )}</Loaded>
            {secret && <SecretDialog secret={secret} onClose={() => setSecret(null)} />}
        </Page>
    );
}
