// SPDX-License-Identifier: Apache-2.0
// secret: a secret that was just made: it is shown here, once, and the server
// keeps its digest alone.
import { CopyButton, Dialog, Field, Notice } from './ui.jsx';

// secret: { title, label, text, note }
export function SecretDialog({ secret, onClose }) {
    return (
        <Dialog title={secret.title} onClose={onClose}>
            <div class="dialog-body">
                <Notice kind="warn"><p>It is shown now and never again: copy it to where it is
                    needed.</p></Notice>
                <Field label={secret.label}>
                    <input class="mono" readOnly value={secret.text} autofocus
                           onFocus={(event) => event.currentTarget.select()} />
                </Field>
                <div class="row"><CopyButton text={secret.text} look="primary" /></div>
                {secret.note && <p class="muted">{secret.note}</p>}
            </div>
            <footer><button type="button" onClick={onClose}>Done</button></footer>
        </Dialog>
    );
}
