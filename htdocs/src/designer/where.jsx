// SPDX-License-Identifier: Apache-2.0
// where: the conditions of an operation, and groups of them in each other.
import { Icon } from '../icons.jsx';
import { addCondition, addGroup, conditions, removeCondition, setCondition, setField, setGlue }
    from '../vadl/script.js';
import { Check } from '../ui.jsx';
import { FieldSelect, LiveText, RemoveButton } from './inputs.jsx';

function Test({ test, where, at, given }) {
    const { model, module, dotted, bindings, change } = given;
    const arity = conditions.find(([name]) => name === test.condition)?.[2];
    // A value that is named after its field goes with it.
    const rename = (name) => change([
        ...setField(test, 'name', name),
        ...(test.value === '@' + test.name ? setField(test, 'value', '@' + name) : []),
    ]);
    return (
        <div class="test">
            <FieldSelect label={`Field of condition ${at}`} module={module} dotted={dotted}
                         value={test.name} onChange={rename} />
            <select aria-label={`Condition ${at}`} value={test.condition}
                    onChange={(event) => change(setCondition(test, event.currentTarget.value))}>
                {conditions.map(([name, words]) => <option key={name} value={name}>{words}</option>)}
            </select>
            <RemoveButton label={`Remove condition ${at}`}
                          onClick={() => change(removeCondition(model, where, test))} />
            {arity !== 0 && (
                <LiveText class="mono" aria-label={`Value of condition ${at}`} list={bindings}
                          value={test.value}
                          onChange={(text) => change(setField(test, 'value', text))} />
            )}
            {arity !== 0 && (
                <Check label="only if sent" checked={test.optional} onChange={(on) =>
                    change(setField(test, 'optional', on ? 'true' : undefined))} />
            )}
        </div>
    );
}

function first(module) {
    return module?.fields.find((field) => field.name !== 'id')?.name ?? 'id';
}

function Group({ where, given, at, depth }) {
    const { model, op, module, change } = given;
    const add = { name: first(module), value: '@' + first(module) };
    return (
        <fieldset class={depth ? 'group' : ''}>
            {(where.tests.length > 1 || depth > 0) && (
                <label class="glue">Match
                    <select class="fit" value={where.glue} aria-label={`How conditions ${at} join`}
                            onChange={(event) => change(setGlue(where, event.currentTarget.value))}>
                        <option value="and">all of</option><option value="or">any of</option>
                    </select>
                </label>
            )}
            {where.tests.map((test, i) => test.where
                ? <Group key={i} where={test.where} given={given} at={`${at}${i + 1}.`} depth={depth + 1} />
                : <Test key={i} test={test} where={where} given={given} at={`${at}${i + 1}`} />)}
            <div class="row">
                <button type="button" class="small" onClick={() =>
                    change(addCondition(model, op, where, add))}>
                    <Icon name="plus" /><span>Condition</span></button>
                {depth < 3 && (
                    <button type="button" class="small quiet" onClick={() =>
                        change(addGroup(model, op, where, where.glue === 'or' ? 'and' : 'or', add))}>
                        <Icon name="plus" /><span>Group</span></button>
                )}
            </div>
        </fieldset>
    );
}

export function Where(given) {
    const { model, op, change } = given;
    if (op.where)
        return <Group where={op.where} given={given} at="" depth={0} />;
    // The button goes with it: the first condition has the focus then.
    const add = (event) => {
        const part = event.currentTarget.closest('.part');
        change(addCondition(model, op, null, { name: 'id', value: '@id' }));
        setTimeout(() => part.querySelector('.test select')?.focus());
    };
    return (
        <div>
            <button type="button" class="small" onClick={add}>
                <Icon name="plus" /><span>Condition</span></button>
        </div>
    );
}
