// SPDX-License-Identifier: Apache-2.0
// form: the left of the designer: the script as a form. It is drawn from the
// script's model, and each change is an edit of the script's text.
import { useId, useRef, useState } from 'preact/hooks';
import { useDotted, useModule, useModules } from '../catalog.js';
import { Icon } from '../icons.jsx';
import { addFields, addOperation, changeOperation, descriptionOf, methods, operations, removeOperation,
         removePart, setDescription, setLimit, setModule, setOperation, setRoot } from '../vadl/script.js';
import { Check, Field, Loading, Notice, Select } from '../ui.jsx';
import { FieldPicker, SortList } from './fields.jsx';
import { Bindings, LiveText } from './inputs.jsx';
import { Where } from './where.jsx';

function Part({ title, note, children }) {
    return (
        <section class="part">
            <h3>{title}{note && <span class="muted"> {note}</span>}</h3>
            {children}
        </section>
    );
}

// Fields that were chosen, with their names in the answer, come back when they
// are wanted again: { all, choose } change to all of them and back.
function useChoice({ model, op, module, change }, part, list, first) {
    const kept = useRef({});
    const all = () => {
        kept.current = { module, fields: (list?.fields ?? []).map(({ name, as }) => ({ name, as })) };
        change(removePart(model, op, part));
    };
    const choose = () => change(addFields(model, op, part,
        kept.current.module === module && kept.current.fields?.length ? kept.current.fields : [{ name: first }]));
    return { all, choose };
}

function SelectFields(given) {
    const { op, module } = given;
    const some = !!op.record?.fields.length;
    const name = useId();
    const { all, choose } = useChoice(given, 'record', op.record, module?.fields[0]?.name ?? 'id');
    return (
        <Part title="Fields that are answered">
            <div class="segmented" role="radiogroup" aria-label="Fields that are answered">
                <label><input type="radio" name={name} checked={!some} onChange={all} />All readable</label>
                <label><input type="radio" name={name} checked={some} onChange={choose} />Chosen</label>
            </div>
            {some && <FieldPicker {...given} part="record" list={op.record} />}
        </Part>
    );
}

function Limits({ model, op, change }) {
    const set = (name) => (text) => change(setLimit(model, op, name, text));
    return (
        <Part title="How many">
            <div class="threes">
                <Field label="At most"><LiveText value={op.limit?.max} placeholder="100"
                    onChange={set('max')} /></Field>
                <Field label="Page from"><LiveText class="mono" value={op.limit?.page} placeholder="@page"
                    onChange={set('page')} /></Field>
                <Field label="Cursor from"><LiveText class="mono" value={op.limit?.after}
                    placeholder="@cursor" onChange={set('after')} /></Field>
            </div>
        </Part>
    );
}

function Answer(given) {
    const { op } = given;
    const some = !!op.answer?.fields.length;
    const name = useId();
    const { all, choose } = useChoice(given, 'return', op.answer, 'id');
    return (
        <Part title="Answer">
            <div class="segmented" role="radiogroup" aria-label="Answer">
                <label><input type="radio" name={name} checked={!some} onChange={all} />
                    Id and what was written</label>
                <label><input type="radio" name={name} checked={some} onChange={choose} />
                    Chosen</label>
            </div>
            {some && <FieldPicker {...given} part="return" list={op.answer} writes={false} />}
        </Part>
    );
}

function Operation({ model, at, change }) {
    const op = model.ops[at];
    const modules = useModules();
    const name = op.module ?? model.module ?? '';
    const module = useModule(name);
    const dotted = useDotted(module);
    const bindings = useId();
    const writes = op.op !== 'select';
    const given = { model, op, module, dotted, bindings, writes, change };
    const has = (part) => operations[op.op].parts.includes(part);
    const remove = (event) => {
        const form = event.currentTarget.closest('.guided');
        change(removeOperation(model, op));
        setTimeout(() => form.querySelector('.add-op select')?.focus());
    };
    return (
        <details class="op" open>
            <summary>
                <span class="nums">{model.ops.length > 1 ? `${at + 1}. ` : ''}{operations[op.op].label}</span>
                <span class="muted">{name}</span>
            </summary>
            <Bindings id={bindings} module={module}
                      results={model.ops.slice(0, at).map((each) => each.as).filter(Boolean)} />
            <div class="twos">
                <Field label="Operation">
                    <Select value={op.op} options={Object.entries(operations).map(([word, { label }]) =>
                                [word, label])}
                            onChange={(word) => module && change(changeOperation(model, at, word, module))} />
                </Field>
                <Field label="Module">
                    <Select value={name} options={modules.includes(name) ? modules : [name, ...modules]}
                            onChange={(value) => change(setModule(model, op, value))} />
                </Field>
            </div>
            {module === undefined && <Loading what="Loading the module" />}
            {op.op === 'select' && (
                <Check label="Answer one record" hint="An object, or 404 if there is none."
                       checked={op.one} onChange={(on) =>
                           change(setOperation(op, 'one', on ? 'true' : null))} />
            )}
            {op.op === 'select' && <SelectFields {...given} />}
            {writes && has('record') && (
                <Part title="Fields that are written" note="@name is a parameter">
                    <FieldPicker {...given} part="record" list={op.record} />
                </Part>
            )}
            {has('where') && <Part title="Which records"><Where {...given} /></Part>}
            {has('sort') && <Part title="Order"><SortList {...given} /></Part>}
            {has('limit') && <Limits {...given} />}
            {has('return') && <Answer {...given} />}
            {model.ops.length > 1 && (
                <Part title="This operation">
                    <Field label="Name of its result" inline>
                        <LiveText value={op.as} placeholder="none" onChange={(text) =>
                            change(setOperation(op, 'as', text))} />
                    </Field>
                    <div><button type="button" class="small" onClick={remove}>
                        <Icon name="trash" /><span>Remove operation</span></button></div>
                </Part>
            )}
        </details>
    );
}

function Endpoint({ model, name, change }) {
    return (
        <details class="op" open>
            <summary><span>Endpoint</span></summary>
            <Field label="Description">
                <LiveText area value={descriptionOf(model)} onChange={(text) =>
                    change(setDescription(model, text))} />
            </Field>
            <div class="twos">
                {model.kind === 'api' && (
                    <Field label="Method">
                        <Select value={model.method} options={methods.map((word) =>
                                    [word, word.toUpperCase()])}
                                onChange={(word) => change(setRoot(model, 'method', word))} />
                    </Field>
                )}
                <Field label="Path">
                    <LiveText value={model.path} placeholder={name} onChange={(text) =>
                        change(setRoot(model, 'path', text))} />
                </Field>
            </div>
        </details>
    );
}

function AddOperation({ model, change }) {
    const [word, setWord] = useState('select');
    const last = model.ops.at(-1);
    const module = useModule(last?.module ?? model.module ?? '');
    return (
        <div class="input-row add-op">
            <Select aria-label="Operation to add" value={word} onChange={setWord}
                    options={Object.entries(operations).map(([is, { label }]) => [is, label])} />
            <button type="button" disabled={!module}
                    onClick={() => change(addOperation(model, word, module))}>
                <Icon name="plus" /><span>Add operation</span></button>
        </div>
    );
}

function Unknown({ list }) {
    return (
        <Notice kind="warn">
            <p>The form cannot show all of this script, so it leaves it to you. Change it in
                the script itself.</p>
            <ul>{list.map((each, i) => <li key={i}>Line {each.line}: {each.text}</li>)}</ul>
        </Notice>
    );
}

export function GuidedForm({ draft, readOnly }) {
    const { model, unreadable, change, name } = draft;
    const unknown = model?.unknown ?? [];
    const locked = readOnly || unknown.length > 0;
    return (
        <section class="guided" aria-label="Form">
            <header class="column-head"><h2>Form</h2></header>
            <div class="column-body" tabIndex={locked ? 0 : undefined}>
                {unreadable && (
                    <Notice kind="warn">
                        <p>Line {unreadable.line} of the script cannot be read: {unreadable.text}.</p>
                        <p>The form is back when it can.</p>
                    </Notice>
                )}
                {unknown.length > 0 && <Unknown list={unknown} />}
                {model && (
                    <fieldset disabled={locked} class="stack">
                        <Endpoint model={model} name={name} change={change} />
                        {model.ops.map((op, at) =>
                            <Operation key={at} model={model} at={at} change={change} />)}
                        <AddOperation model={model} change={change} />
                    </fieldset>
                )}
            </div>
        </section>
    );
}
