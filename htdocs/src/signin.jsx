// SPDX-License-Identifier: Apache-2.0
// signin: the page one signs in at, and the same form as a dialog over
// whatever was being done when the session ended.
import { useEffect } from 'preact/hooks';
import { expired, leave, me, signIn } from './api.js';
import { arrive } from './router.js';
import { useStore } from './store.js';
import { Button, Dialog, Failure, Field, useSubmit } from './ui.jsx';

// name: who alone may sign in here.
function Form({ name = '', children }) {
    const { submit, busy, error } = useSubmit(async (event) => {
        const form = new FormData(event.currentTarget);
        await signIn(form.get('name'), form.get('password'));
    });
    return (
        <form class="stack" onSubmit={submit}>
            {children}
            <Failure error={error} />
            <Field label="User name">
                <input name="name" defaultValue={name} required autocomplete="username"
                       autocapitalize="none" spellcheck={false} autofocus={!name} readOnly={!!name} />
            </Field>
            <Field label="Password">
                <input name="password" type="password" required
                       autocomplete="current-password" autofocus={!!name} />
            </Field>
            <Button type="submit" class="primary" busy={busy}>Sign in</Button>
        </form>
    );
}

export function SignInPage() {
    useEffect(() => arrive, []);
    return (
        <main class="signin" id="main">
            <div class="card">
                <p class="brand"><span class="logo" aria-hidden="true" />mod_apidesigner</p>
                <h1>Sign in</h1>
                <Form><p class="muted">Design, try, secure and publish APIs over the
                    tables of this server.</p></Form>
            </div>
        </main>
    );
}

export function SignInAgain() {
    if (!useStore(expired))
        return null;
    return (
        <Dialog title="Your session has ended">
            <div class="dialog-body">
                <Form name={me.value?.name}>
                    <p>Nothing is lost: sign in again, and what you did goes on.</p>
                </Form>
            </div>
            <footer>
                <button type="button" class="quiet" onClick={leave}>Not {me.value?.name}? Discard the
                    changes and sign in</button>
            </footer>
        </Dialog>
    );
}
