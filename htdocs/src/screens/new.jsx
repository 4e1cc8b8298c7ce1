// SPDX-License-Identifier: Apache-2.0
// new: the form of a new API or webhook: module, name, status and operation.
// Saving opens the designer with a script to begin with.
import { useRef, useState } from 'preact/hooks';
import { Problem, get, may, path, put, useGet } from '../api.js';
import { go, to } from '../router.js';
import { applyChanges } from '../vadl/edit.js';
import { operations, readScript, setRoot } from '../vadl/script.js';
import { Button, Check, Empty, Failure, Field, Loaded, Page, Select, useSubmit } from '../ui.jsx';

const kinds = { api: 'REST API', webhook: 'Webhook' };

async function refuseTaken(name) {
    try {
        await get(path`definitions/${name}`);
    }
    catch (error) {
        if (error.status === 404)
            return;
        throw error;
    }
    throw new Problem(409, { detail: `There is an API named '${name}' already.`, code: 'TAKEN' });
}

// What cannot be a name, in words; undefined if it can. The name is a step of
// addresses, where dots alone mean another one.
function refusalOf(name) {
    if (!name)
        return 'A name of blanks alone cannot be told from others: write a word or two.';
    if (/^\.\.?$/.test(name))
        return `'${name}' cannot be a name: in an address it means another one. Write a word or two.`;
}

async function create({ kind, module, name, address, active, operation }) {
    await refuseTaken(name);
    const { document } = await get(path`modules/${module}/skeleton`, { kind, operation, definition: name });
    const { model } = readScript(document);
    const text = applyChanges(document, [...setRoot(model, 'module', module),
                                         ...(address ? setRoot(model, 'path', address) : []),
                                         ...(active ? [] : setRoot(model, 'status', 'inactive'))]);
    await put(path`definitions/${name}/draft`, { document: text, base: 0 });
}

function Form({ kind, modules }) {
    const [state, setState] = useState({ kind, module: '', name: '', address: '', active: true,
                                         operation: 'select' });
    const [refused, setRefused] = useState('');
    const named = useRef();
    const set = (name) => (value) => setState((old) => ({ ...old, [name]: value }));
    const { submit, busy, error } = useSubmit(async () => {
        const next = { ...state, name: state.name.trim(), address: state.address.trim() };
        setRefused(refusalOf(next.name));
        if (refusalOf(next.name))
            return named.current.focus();
        try {
            await create(next);
        }
        catch (failed) {
            if (failed.code !== 'TAKEN')
                throw failed;
            setRefused(failed.message);
            return named.current.focus();
        }
        go(to('apis', next.name));
    });
    return (
        <form class="stack card form-narrow" onSubmit={submit}>
            <Failure error={error} />
            <Field label="Module" hint="The records it works on.">
                <Select value={state.module} required onChange={set('module')} autofocus
                        options={[['', 'Choose a module'], ...modules.map((module) => module.name)]} />
            </Field>
            <Field label="Name" hint="Part of its address; it can have blanks." error={refused}>
                <input value={state.name} required maxLength={190} autocomplete="off" ref={named}
                       onInput={(event) => set('name')(event.currentTarget.value)} />
            </Field>
            <Field label="Path" hint="Its address, if that is not the name; parts can be parameters: contacts/{id}">
                <input value={state.address} maxLength={190} autocomplete="off" spellcheck={false}
                       onInput={(event) => set('address')(event.currentTarget.value)} />
            </Field>
            <Field label="Operation">
                <Select value={state.operation} onChange={set('operation')}
                        options={Object.entries(operations).map(([word, { label }]) => [word, label])} />
            </Field>
            <Check label="Status: active" checked={state.active} onChange={set('active')}
                   hint="Whether it is answered once it is published." />
            <div class="actions">
                <Button type="submit" class="primary" busy={busy}>Save</Button>
                <a class="button" href={to('apis')}>Cancel</a>
            </div>
        </form>
    );
}

export default function NewApi({ parts: [kind] }) {
    const modules = useGet('modules');
    const title = `New ${kinds[kind] ?? 'API'}`;
    const crumbs = [['API Designer', to('apis')]];
    if (!may('designer'))
        return <Page title={title} crumbs={crumbs}><Empty title="Only designers make APIs">
            <p>Ask an administrator for the role.</p></Empty></Page>;
    return (
        <Page title={title} crumbs={crumbs}>
            <Loaded from={modules} what="Loading the modules">{(list) => list.length
                ? <Form kind={kinds[kind] ? kind : 'api'} modules={list} />
                : <Empty title="There are no modules yet">
                    <p>A module is a table that APIs work on. Import one first.</p>
                    <a class="button primary" href={to('modules')}>Modules</a>
                </Empty>}</Loaded>
        </Page>
    );
}
