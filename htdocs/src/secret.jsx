// SPDX-License-Identifier: Apache-2.0
// secret: a secret that was just made: it is shown here, once, and the server
// keeps its digest alone.
import { useRef } from 'preact/hooks';
import { CopyButton, Dialog, Field, Notice, ask } from './ui.jsx';

// secret: { title, label, text, note }
export function SecretDialog({ secret, onClose }) {
    const copied = useRef(false);
    const copy = () => { copied.current = true; };
    const close = async () => {
        if (copied.current || await ask({ title: 'Close without copying it?', danger: true,
            action: 'Close', text: `${secret.label}: it was not copied, and cannot be shown again.` }))
            onClose();
    };
    return (
        <Dialog title={secret.title} onClose={close}>
            <div class="dialog-body">
                <Notice kind="warn"><p>It is shown now and never again: copy it to where it is
                    needed.</p></Notice>
                <Field label={secret.label}>
                    <input class="mono" readOnly value={secret.text} autofocus onCopy={copy}
                           onFocus={(event) => event.currentTarget.select()} />
                </Field>
                <div class="row"><CopyButton text={secret.text} look="primary" onCopied={copy} /></div>
                {secret.note && <p class="muted">{secret.note}</p>}
            </div>
            <footer><button type="button" onClick={onClose}>Done</button></footer>
        </Dialog>
    );
}
