// SPDX-License-Identifier: Apache-2.0
// versions: the panel with the published versions of a definition: compare
// two, make an old one live again, deprecate, retire. ?from= and ?to= are the
// two that are compared; 0 is the draft.
import { useEffect, useRef, useState } from 'preact/hooks';
import { may, path, post, useGet } from '../api.js';
import { go, leaveTo, to, useRoute } from '../router.js';
import { Badge, Button, Dialog, Empty, Failure, Field, Loaded, Time, ask, tell } from '../ui.jsx';
import { CompareDialog } from './compare.jsx';

const states = {
    live: ['good', 'Live'], published: ['', 'Published'], deprecated: ['warn', 'Deprecated'],
    retired: ['bad', 'Retired'],
};

// A sunset is a day, whatever the time is where it is looked at.
function Day({ at }) {
    const date = new Date(at);
    return (
        <time dateTime={at} title={date.toISOString()}>
            {date.toLocaleDateString(undefined, { dateStyle: 'medium', timeZone: 'UTC' })}
        </time>
    );
}

// Comparing is a step of its own: Back ends it.
function compare(route, from, other) {
    go(to(...route.parts, { ...route.query, from, to: other }));
}

function State({ version }) {
    const [kind, text] = states[version.state] ?? ['', version.state];
    return (
        <>
            <Badge kind={kind}>{text}</Badge>
            {version.sunset && <span class="small muted">until <Day at={version.sunset} /></span>}
        </>
    );
}

function Actions({ name, version, live, change }) {
    const route = useRoute();
    const number = version.version;
    const { state } = version;
    const publish = async () => {
        const yes = await ask({
            title: `Make version ${number} live again?`, action: `Publish version ${number}`,
            text: `Callers get version ${number} instead of version ${live} within a second. `
                + `Version ${live} stays in this list.` });
        if (yes)
            await change(number, () => post(path`definitions/${name}/live`, { version: number }),
                         `Version ${number} is live.`);
    };
    const retire = async () => {
        const yes = await ask({
            title: `Retire version ${number}?`, danger: true, action: 'Retire',
            text: `Callers that ask for version ${number} are answered with 410 Gone. It can `
                + 'be made live again.' });
        if (yes)
            await change(number, () => post(path`definitions/${name}/retire`, { version: number }),
                         `Version ${number} is retired.`);
    };
    return (
        <div class="row">
            {live && state !== 'live' && (
                <button type="button" class="small"
                        aria-label={`Compare version ${number} with the live one`}
                        onClick={() => compare(route, number, live)}>Compare</button>
            )}
            {may('designer') && state !== 'live' && (
                <>
                    <Button class="small" onClick={publish}>Publish again</Button>
                    {state === 'published' && <Deprecate name={name} version={number} change={change} />}
                    {state !== 'retired' && <Button class="small" onClick={retire}>Retire</Button>}
                </>
            )}
        </div>
    );
}

function Deprecate({ name, version, change }) {
    const [open, setOpen] = useState(false);
    const [sunset, setSunset] = useState('');
    const submit = async (event) => {
        event.preventDefault();
        setOpen(false);
        await change(version, () => post(path`definitions/${name}/deprecate`,
            { version, ...(sunset ? { sunset: `${sunset} 23:59:59` } : {}) }), `Version ${version} is deprecated.`);
    };
    return (
        <>
            <button type="button" class="small" onClick={() => setOpen(true)}>Deprecate</button>
            {open && (
                <Dialog title={`Deprecate version ${version}`} onClose={() => setOpen(false)}>
                    <form onSubmit={submit}>
                        <div class="dialog-body">
                            <p>Callers that ask for it are still answered, and told in each answer
                                that they should go on to the live one.</p>
                            <Field label="Sunset date" hint="The last day on which it is answered (UTC). May
                                be left empty.">
                                <input type="date" value={sunset} autofocus min={new Date().toISOString().slice(0, 10)}
                                       onInput={(event) => setSunset(event.currentTarget.value)} />
                            </Field>
                        </div>
                        <footer>
                            <button type="button" onClick={() => setOpen(false)}>Cancel</button>
                            <Button type="submit" class="primary">Deprecate</Button>
                        </footer>
                    </form>
                </Dialog>
            )}
        </>
    );
}

function Version({ name, version, live, change }) {
    return (
        <li class="stack tight">
            <div class="row">
                <h3 id={`version-${version.version}`} tabIndex={-1}>Version {version.version}</h3>
                <State version={version} />
            </div>
            <p class="small muted">{version.published_by}, <Time at={version.published_at} /></p>
            {version.note && <p>{version.note}</p>}
            <Actions name={name} version={version} live={live} change={change} />
        </li>
    );
}

// name: of the definition; number: its live version, draft: whether it has one;
// onChange is called after another version went live.
export function Versions({ name, number, draft, onChange }) {
    const versions = useGet(path`definitions/${name}/versions`);
    const known = useRef(number);
    useEffect(() => {
        if (number !== known.current)
            versions.reload();
        known.current = number;
    }, [number]);
    const route = useRoute();
    const { query } = route;
    const [error, setError] = useState(null);
    const list = versions.data ?? [];
    const live = list.find((each) => each.state === 'live')?.version;
    // What was done may take its button away: then the version has the focus.
    const change = async (number, work, done) => {
        setError(null);
        await work().then(() => {
            tell(done);
            onChange?.();
        }, setError);
        await versions.reload();
        setTimeout(() => {
            if (document.activeElement === document.body)
                document.getElementById(`version-${number}`)?.focus();
        });
    };
    const compareLast = () => draft ? compare(route, live, 0)
        : compare(route, list[1].version, list[0].version);
    const can = live && (draft || list.length > 1);
    return (
        <section class="stack" aria-labelledby="versions">
            <h2 class="hidden" id="versions">Versions</h2>
            <Failure error={error} />
            <Loaded from={versions} what="Loading the versions">{() => list.length ? (
                <>
                    {can && <div><Button onClick={compareLast}>{draft ? 'Compare the draft with the live version'
                        : 'Compare the last two'}</Button></div>}
                    <ol class="plain versions" reversed>
                        {list.map((each) => <Version key={each.version} name={name} version={each}
                                                     live={live} change={change} />)}
                    </ol>
                </>
            ) : (
                <Empty title="Nothing published yet">
                    <p>Save and Publish makes the draft version 1.</p>
                </Empty>
            )}</Loaded>
            {query.from && (
                <CompareDialog name={name} versions={list} draft={draft} from={query.from}
                               to={query.to ?? '0'} onClose={() =>
                                   leaveTo(to(...route.parts, { ...query, from: '', to: '' }))} />
            )}
        </section>
    );
}
