// SPDX-License-Identifier: Apache-2.0
// designer: one definition: the form on the left, the script in the middle,
// panels on the right, each with its address.
import { useEffect, useRef, useState } from 'preact/hooks';
import { loadCatalog } from '../catalog.js';
import { may } from '../api.js';
import { ConflictDialog, PublishDialog } from '../designer/dialogs.jsx';
import { Documentation } from '../designer/documentation.jsx';
import { discardDraft, drop, forget, othersOf, setActive, useDraft } from '../designer/draft.js';
import { GuidedForm } from '../designer/form.jsx';
import { Limits } from '../designer/limits.jsx';
import { Playground, startTrial } from '../designer/playground.jsx';
import { ScriptEditor } from '../designer/script-editor.jsx';
import { Security } from '../designer/security.jsx';
import { Versions } from '../designer/versions.jsx';
import { Icon } from '../icons.jsx';
import { go, setQuery, to } from '../router.js';
import { Badge, Button, Check, Failure, Loading, NotFound, Notice, Page, TabLinks, ask, counted, focusTitle, tell,
         tellError } from '../ui.jsx';

const panels = [
    ['playground', 'Playground'], ['security', 'Security'], ['limits', 'Limits'],
    ['documentation', 'Documentation'], ['versions', 'Versions'],
];

// What only small screens choose between.
const columns = [['form', 'Form'], ['script', 'Script'], ['panel', 'Panels']];

function State({ draft }) {
    const { shown, dirty } = draft;
    return (
        <span class="badges" role="status">
            {shown.version ? <Badge kind="good">Version {shown.version} live</Badge>
                : <Badge>Not published</Badge>}
            {shown.version && shown.status !== 'active' && <Badge>Inactive</Badge>}
            {shown.broken && <Badge kind="bad"><Icon name="warning" />Broken</Badge>}
            {dirty ? <Badge kind="warn">Unsaved changes</Badge>
                : shown.draft_revision && <Badge kind="warn">Draft</Badge>}
        </span>
    );
}

async function remove(draft) {
    const yes = await ask({ title: `Delete ${draft.name}?`, action: 'Delete', danger: true,
        text: 'Its versions and tokens go with it, and callers get 404. The history of the records stays.' });
    if (!yes)
        return;
    try {
        await drop(draft.name);
        forget(draft.name);
        go(to('apis'));
        tell(`${draft.name} is deleted.`);
    }
    catch (error) {
        tellError(error);
    }
}

// The focus of a control that is gone is the title's.
function keepFocus() {
    if (document.activeElement === document.body)
        focusTitle();
}

async function discard(draft) {
    const { version } = draft.shown;
    const yes = await ask({ title: 'Discard the draft?', action: 'Discard', danger: true,
        text: `What was changed since version ${version} was published is gone then, for everybody. `
            + 'Callers notice nothing.' });
    if (!yes)
        return;
    try {
        await discardDraft(draft.name);
        const now = await draft.discard();
        setTimeout(keepFocus);
        if (now)
            tell(`The draft is discarded: this is version ${now.shown.version}.`);
    }
    catch (error) {
        tellError(error);
    }
}

async function toggle(draft, active) {
    try {
        await setActive(draft.name, active);
        await draft.reshow();
        tell(active ? `${draft.name} is answered again.` : `${draft.name} is answered with 404 now.`,
             { label: 'Undo', run: () => toggle(draft, !active) });
    }
    catch (error) {
        tellError(error);
    }
}

// Why the live version is not answered any more, and what can be done.
function Broken({ shown: { broken, version } }) {
    return broken && (
        <div class="broken-note">
            <Notice kind="error">
                <p>Version {version} no longer fits its modules or their tables, so callers are answered
                    with an error: <b>{broken}</b>.</p>
                <p class="small">Mend the script and publish it, or bring back what it needs.</p>
            </Notice>
        </div>
    );
}

function Restored({ draft }) {
    return draft.restored && draft.dirty ? (
        <div class="restored" role="status">
            <Icon name="info" />
            <span>Your unsaved changes of before are here again.</span>
            <button type="button" class="small" onClick={async () => {
                await draft.discard();
                setTimeout(keepFocus);
            }}>Discard them</button>
        </div>
    ) : null;
}

// Saves; a conflict opens its dialog. Answers whether it is saved.
function useSave(draft, setConflict) {
    return async (base) => {
        if (!draft.dirty && base === undefined && (draft.shown.draft_revision || draft.shown.version))
            return true;
        try {
            await draft.save(base);
            return true;
        }
        catch (error) {
            if (error.status === 409 && error.told.current)
                await othersOf(draft.name, error.told.current, draft.shown.version).then(setConflict, tellError);
            else
                tellError(error);
            return false;
        }
    };
}

// The errors of the script are shown where they are told; answers whether
// there are any.
async function showErrors(draft) {
    if (!(await draft.checked.now())?.some((each) => each.severity === 'error'))
        return false;
    setQuery({ show: 'script' });
    setTimeout(() => document.querySelector('.problems .error button')?.focus());
    return true;
}

const tellChanged = () => tell('It was changed meanwhile. This is how it is now.');

// What goes live is what is seen.
async function isNewest(draft) {
    try {
        if (await draft.isStored())
            return true;
        tellChanged();
    }
    catch (error) {
        tellError(error);
    }
    return false;
}

function Panel({ panel, draft, readOnly, save, fresh, onToken, trial, setTrial }) {
    switch (panel) {
    case 'security':
        return <Security draft={draft} readOnly={readOnly} fresh={fresh} onToken={onToken} />;
    case 'limits':
        return <Limits draft={draft} readOnly={readOnly} />;
    case 'documentation':
        return <Documentation draft={draft} />;
    case 'versions':
        return <Versions name={draft.name} draft={!!draft.shown.draft_revision}
                         number={draft.shown.version} onChange={draft.dirty ? draft.reshow : draft.load} />;
    default:
        return <Playground draft={draft} saveFirst={async () => await save() && isNewest(draft)}
                           trial={trial} setTrial={setTrial} />;
    }
}

// It shows what was chosen while the server is asked.
function Active({ draft }) {
    const [chosen, setChosen] = useState(null);
    const change = async (on) => {
        setChosen(on);
        await toggle(draft, on);
        setChosen(null);
    };
    return <Check label="Active" checked={chosen ?? draft.shown.status === 'active'} onChange={change} />;
}

function Actions({ draft, save, publish }) {
    if (!may('designer'))
        return <Badge>Read only: your role is viewer</Badge>;
    return (
        <>
            {draft.shown.version && <Active draft={draft} />}
            <Button aria-disabled={draft.dirty ? undefined : 'true'} onClick={async () => {
                if (draft.dirty && await save())
                    tell('Saved. Nothing changes for callers until it is published.');
            }}>Save</Button>
            <Button class="primary" onClick={publish}>Save and Publish</Button>
            {draft.shown.version && draft.shown.draft_revision
                && <Button class="quiet" onClick={() => discard(draft)}>Discard the draft</Button>}
            <button type="button" class="quiet icon-only" aria-label="Delete" title="Delete"
                    onClick={() => remove(draft)}><Icon name="trash" /></button>
        </>
    );
}

// Where the script is not seen its errors are told beside its name.
function Columns({ column, problems, onChange }) {
    const errors = problems.filter((each) => each.severity === 'error').length;
    const said = (id, text) => id === 'script' && errors ? `${text}: ${counted(errors, 'error')}` : text;
    return (
        <div class="segmented columns-choice" role="group" aria-label="Show">
            {columns.map(([id, text]) => (
                <button key={id} type="button" class="quiet small" aria-pressed={column === id}
                        onClick={() => onChange(id)}>{said(id, text)}</button>
            ))}
        </div>
    );
}

// By keyboard the form is long: these lead past it.
const leaps = [['script', 'To the script', '.script .editor'], ['panel', 'To the panels', '.panel [aria-current]']];

function Leaps({ draft, onShow }) {
    const leap = (id, where) => {
        if (!document.querySelector(where).checkVisibility())
            onShow(id);
        setTimeout(() => id === 'script' ? draft.editor.current?.focus() : document.querySelector(where).focus());
    };
    return leaps.map(([id, text, where]) => (
        <button key={id} type="button" class="skip" onClick={() => leap(id, where)}>{text}</button>
    ));
}

function Conflict({ draft, theirs, save, onClose }) {
    const take = () => {
        onClose();
        return draft.discard();
    };
    const keep = async (mine) => {
        draft.setText(mine);
        onClose();
        await new Promise((resolve) => setTimeout(resolve));
        if (await save(theirs.base))
            tell('Saved.');
    };
    return <ConflictDialog draft={draft} theirs={theirs} onClose={onClose} onTake={take} onKeep={keep} />;
}

const showColumn = (id) => setQuery({ show: id });

// show: the column that was chosen, if there is not room for all.
function Ready({ draft, panel, show }) {
    const column = columns.some(([id]) => id === show) ? show : panel ? 'panel' : 'form';
    const [conflict, setConflict] = useState(null);
    const [publishing, setPublishing] = useState(false);
    const [fresh, setFresh] = useState(null);
    const [trial, setTrial] = useState(startTrial);
    const [refused, setRefused] = useState(null);
    const save = useSave(draft, setConflict);
    const wantsToken = useRef(false);
    // Who went from the dialog to where tokens are made goes on there.
    useEffect(() => {
        const generate = document.querySelector('.panel .generate');
        if (publishing || !wantsToken.current || !generate)
            return;
        wantsToken.current = false;
        generate.focus();
    });
    const onToken = (token) => {
        setFresh(token);
        setTrial((old) => ({ ...old, token }));
    };
    const readOnly = !may('designer');
    const now = panel ?? 'playground';
    const publish = async () => {
        if (!draft.dirty && !draft.shown.draft_revision)
            return tell('There is nothing to publish: it is the live version.');
        if (await showErrors(draft))
            setRefused(draft.text);
        else if (await save() && await isNewest(draft))
            setPublishing(true);
    };
    const published = async (answer) => {
        setPublishing(false);
        if (!answer)
            return tellChanged();
        await draft.refresh();
        tell(`Version ${answer.version} is live.`);
    };
    return (
        <Page title={draft.name} crumbs={crumbs} look="wide fill" note={<State draft={draft} />}
              actions={<Actions draft={draft} save={save} publish={publish} />}>
            <Broken shown={draft.shown} />
            <Restored draft={draft} />
            <Leaps draft={draft} onShow={showColumn} />
            <Columns column={column} problems={draft.checked.problems} onChange={showColumn} />
            <div class="designer" data-column={column}>
                <GuidedForm draft={draft} readOnly={readOnly} />
                <ScriptEditor draft={draft} readOnly={readOnly} refused={refused === draft.text}
                              onSave={() => save()} />
                <section class="panel" aria-label="Panel">
                    <TabLinks label="Panels" current={now} tabs={panels.map(([id, text]) =>
                        [id, text, to('apis', draft.name, id)])} />
                    <div class="column-body">
                        <h2 class="hidden">{panels.find(([id]) => id === now)[1]}</h2>
                        <Panel panel={now} draft={draft} readOnly={readOnly} save={save}
                               fresh={fresh} onToken={onToken} trial={trial} setTrial={setTrial} />
                    </div>
                </section>
            </div>
            <button type="button" class="skip" onClick={focusTitle}>To the title</button>
            {publishing && <PublishDialog draft={draft} onClose={() => setPublishing(false)} onDone={published}
                                          onToken={() => { wantsToken.current = true; }} />}
            {conflict && <Conflict draft={draft} theirs={conflict} save={save}
                                   onClose={() => setConflict(null)} />}
        </Page>
    );
}

const crumbs = [['API Designer', to('apis')]];

function Definition({ name, panel, show }) {
    const draft = useDraft(name);
    useEffect(() => { loadCatalog().catch(tellError); }, []);
    if (draft.failure?.status === 404)
        return <NotFound title={name} text={`There is no API ${name}`} crumbs={crumbs}
                         link={['To the list of APIs', to('apis')]} />;
    if (draft.failure)
        return <Page title={name} crumbs={crumbs}><Failure error={draft.failure} retry={draft.load} /></Page>;
    if (!draft.ready)
        return <Page title={name} crumbs={crumbs}><Loading what="Loading the definition" /></Page>;
    return <Ready key={name} draft={draft} panel={panel} show={show} />;
}

export default function Designer({ parts: [name, panel, ...more], query: { show } }) {
    const known = more.length === 0 && (!panel || panels.some(([id]) => id === panel));
    return known ? <Definition name={name} panel={panel} show={show} />
                 : <NotFound crumbs={crumbs} link={[`To ${name}`, to('apis', name)]} />;
}
