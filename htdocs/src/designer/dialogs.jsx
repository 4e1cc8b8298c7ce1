// SPDX-License-Identifier: Apache-2.0
// dialogs: what is asked before a draft goes live, and when somebody else
// saved one meanwhile.
import { useEffect, useState } from 'preact/hooks';
import { me } from '../api.js';
import { to } from '../router.js';
import { setRoot } from '../vadl/script.js';
import { Badge, Button, Check, Dialog, Failure, Field, Loading, Notice, Time, useSubmit } from '../ui.jsx';
import { diffOf, publish } from './draft.js';
import { MergeView } from './merge-view.jsx';

export function Changes({ list }) {
    return (
        <ul class="changes">
            {list.map((each, i) => (
                <li key={i}>
                    {each.breaking && <Badge kind="bad">Breaking</Badge>}
                    <span>{each.text}</span>
                </li>
            ))}
        </ul>
    );
}

// A webhook is called with a token, and has none at first.
function hasToken(draft) {
    return draft.model?.kind !== 'webhook'
        || (draft.shown.tokens ?? []).some((each) => !each.expires || new Date(each.expires) > Date.now());
}

function NoToken({ name, onClose, onToken }) {
    const leave = () => {
        onToken();
        onClose();
    };
    return (
        <Notice kind="warn">
            <p>It has no token yet: until it has one, every call is answered with 401.</p>
            <p><a href={to('apis', name, 'security')} onClick={leave}>Generate a token in Security</a></p>
        </Notice>
    );
}

// A script says whether it is answered, too: where that is not how it is now,
// it can be left so.
function Switch({ active, leave, onLeave }) {
    return (
        <div class="stack tight">
            <Notice><p>It is {active ? 'inactive' : 'active'} now; publishing switches it {active ? 'on'
                : 'off'}.</p></Notice>
            <Check label={active ? 'Leave it inactive' : 'Leave it active'} checked={leave} onChange={onLeave} />
        </div>
    );
}

function What({ diff, draft }) {
    if (!draft.shown.version)
        return <p>It was never published{hasToken(draft) && draft.model?.active !== false
            ? ': from now on callers can reach it.' : '.'}</p>;
    if (diff.from.document === diff.to.document)
        return <p>It is the same as the live version.</p>;
    return (
        <>
            {diff.breaking && <Notice kind="warn">
                <p>Some of this breaks what callers rely on. Version {diff.from.version} stays there for those
                    who ask for it.</p></Notice>}
            {diff.changes.length > 0 ? <Changes list={diff.changes} />
                : <p class="muted">Nothing that callers notice.</p>}
            <MergeView left={{ label: `Live version ${diff.from.version}`, text: diff.from.document }}
                       right={{ label: 'This draft', text: diff.to.document }} />
        </>
    );
}

// Publishes what was saved here, unless that was changed meanwhile. That it is
// live by now is what was wanted: the answer that said so may have been lost.
async function goLive(draft, note) {
    try {
        return await draft.live() ?? (await draft.isStored() ? await publish(draft.name, note) : null);
    }
    catch (error) {
        const live = await draft.live().catch(() => null);
        if (!live)
            throw error;
        return live;
    }
}

// onDone(answer): null, if it was changed meanwhile.
export function PublishDialog({ draft, onClose, onDone, onToken }) {
    const [diff, setDiff] = useState(null);
    const [error, setError] = useState(null);
    const [note, setNote] = useState('');
    const [leave, setLeave] = useState(false);
    const live = !!draft.shown.version;
    const active = draft.model?.active;
    const switches = live && draft.model && active !== (draft.shown.status === 'active');
    useEffect(() => {
        if (live)
            diffOf(draft.name).then(setDiff, setError);
    }, []);
    const { submit, busy, error: failed } = useSubmit(async () => {
        if (switches && leave)
            await draft.saveChanged(setRoot(draft.model, 'status', active ? 'inactive' : null));
        onDone(await goLive(draft, note));
    });
    return (
        <Dialog title={`Publish ${draft.name}`} wide={live} onClose={onClose}>
            <form onSubmit={submit}><div class="dialog-body">
                <Failure error={failed ?? error} />
                {live && !diff && !error ? <Loading what="Comparing with the live version" />
                    : (diff || !live) && <What diff={diff} draft={draft} />}
                {!hasToken(draft) && <NoToken name={draft.name} onClose={onClose} onToken={onToken} />}
                {switches && <Switch active={active} leave={leave} onLeave={setLeave} />}
                <Field label="Note" hint="What changes, for those who look at the versions later.">
                    <input value={note} maxLength={1000} autofocus
                           onInput={(event) => setNote(event.currentTarget.value)} />
                </Field>
            </div>
            <footer>
                <button type="button" onClick={onClose}>Cancel</button>
                <Button type="submit" class="primary" busy={busy} disabled={live && !diff}>
                    {diff?.breaking ? 'Publish all the same' : 'Publish'}</Button>
            </footer></form>
        </Dialog>
    );
}

// Somebody saved another draft, or published: both are shown, and the own one
// can be edited until it is what both want. theirs: see othersOf.
export function ConflictDialog({ draft, theirs, onClose, onKeep, onTake }) {
    const [mine, setMine] = useState(draft.text);
    const own = theirs.by === me.value?.name;
    return (
        <Dialog title={own ? 'You changed this elsewhere meanwhile' : 'Somebody else changed this meanwhile'}
                wide onClose={onClose}>
            <div class="dialog-body">
                <p>{theirs.by && <><b>{own ? 'You' : theirs.by}</b>{' '}</>}{theirs.did}
                    {theirs.at && <>{' '}<Time at={theirs.at} relative /></>}. Nothing of yours is lost: take over
                    what you want into yours, then save it.</p>
                <MergeView left={{ label: theirs.label, text: theirs.document }}
                           right={{ label: 'Your draft', text: draft.text }} onChange={setMine} />
            </div>
            <footer>
                <button type="button" onClick={onClose}>Not now</button>
                <button type="button" onClick={onTake}>Take theirs</button>
                <Button class="primary" onClick={() => onKeep(mine)}>Save mine over it</Button>
            </footer>
        </Dialog>
    );
}
