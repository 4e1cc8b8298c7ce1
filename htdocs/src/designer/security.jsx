// SPDX-License-Identifier: Apache-2.0
// security: who may call a definition: its token, where that is sent, from
// which addresses and pages, which users and groups. All but the tokens is in
// the script, and in force once that is published.
import { useId, useRef, useState } from 'preact/hooks';
import { may, path, post, put, remove, useGet } from '../api.js';
import { CallLimits } from '../calls.jsx';
import { Icon } from '../icons.jsx';
import { setSetting, settingOf } from '../vadl/script.js';
import { Button, CopyButton, Dialog, Failure, Field, Notice, Select, Time, ask, tell, tellError } from '../ui.jsx';
import { LiveText } from './inputs.jsx';

function KeepOld({ onClose, onDone, name }) {
    const [hours, setHours] = useState('24');
    const [error, setError] = useState(null);
    const make = async () => {
        try {
            onDone((await post(path`definitions/${name}/tokens`, { keep: Number(hours) })).token);
        }
        catch (failed) {
            setError(failed);
        }
    };
    return (
        <Dialog title="New token" onClose={onClose}>
            <div class="dialog-body">
                <Failure error={error} />
                <Field label="The token in use stays valid for"
                       hint="So that callers can change to the new one meanwhile.">
                    <Select value={hours} onChange={setHours} options={[
                        ['0', 'not at all: it ends now'], ['1', 'an hour'], ['24', 'a day'],
                        ['168', 'a week'], ['720', '30 days']]} />
                </Field>
            </div>
            <footer>
                <button type="button" onClick={onClose}>Cancel</button>
                <Button class="primary" onClick={make}>Generate</Button>
            </footer>
        </Dialog>
    );
}

// The head of a column, where the table has become cards.
function CardLabel({ children }) {
    return <span class="card-label">{children} </span>;
}

function TokenList({ name, tokens, onChange }) {
    const revoke = async ({ prefix }) => {
        const yes = await ask({ title: `Revoke the token ${prefix}…?`, action: 'Revoke', danger: true,
            text: 'Who sends it is answered with 401 within a second. It cannot be taken back.' });
        if (!yes)
            return;
        try {
            await remove(path`definitions/${name}/tokens/${prefix}`);
            await onChange();
            tell(`The token ${prefix}… is revoked.`);
        }
        catch (error) {
            tellError(error);
        }
    };
    return (
        <div class="table-box" tabIndex={0} role="region" aria-label="Tokens">
            <table class="dense cards">
                <thead><tr><th scope="col">Token</th><th scope="col">Created</th>
                    <th scope="col">Last used</th><th scope="col">Ends</th>
                    {may('designer') && <th scope="col"><span class="hidden">Revoke</span></th>}</tr></thead>
                <tbody>
                    {tokens.map((token) => (
                        <tr key={token.prefix + token.created_at}>
                            <th scope="row"><code>{token.prefix}…</code></th>
                            <td class="wide"><CardLabel>Created</CardLabel>
                                <Time at={token.created_at} relative /> by {token.created_by}</td>
                            <td class="wide"><CardLabel>Last used</CardLabel>
                                {token.last_use ? <Time at={token.last_use} relative /> : '–'}</td>
                            <td class="wide"><CardLabel>Ends</CardLabel>
                                {token.expires ? <Time at={token.expires} /> : 'never'}</td>
                            {may('designer') && <td class="last"><button type="button" class="quiet icon-only small"
                                aria-label={`Revoke ${token.prefix}…`} title="Revoke"
                                onClick={() => revoke(token)}><Icon name="trash" /></button></td>}
                        </tr>
                    ))}
                </tbody>
            </table>
        </div>
    );
}

function TokenLimits({ draft, tokens }) {
    const save = async (limits) => {
        await put(path`definitions/${draft.name}/limits`, limits);
        await draft.reshow();
        tell('The limits of its tokens are saved.');
    };
    return <CallLimits legend="Calls with each token" now={tokens.at(-1)} readOnly={!may('designer')}
                       onSave={save} hint="Saved at once, for the live version, too; a new token has
                           them as well." />;
}

function Tokens({ draft, fresh, onToken }) {
    const [asking, setAsking] = useState(false);
    const id = useId();
    const generate = useRef();
    const tokens = draft.shown.tokens ?? [];
    const done = async (token) => {
        setAsking(false);
        onToken(token);
        await draft.reshow();
    };
    // The button is gone: the one that makes another has the focus.
    const revoked = async () => {
        const shown = await draft.reshow();
        if (!shown.tokens?.some((each) => fresh?.startsWith(each.prefix)))
            onToken('');
        setTimeout(() => generate.current?.focus());
    };
    const make = async () => {
        if (tokens.length)
            return setAsking(true);
        try {
            await done((await post(path`definitions/${draft.name}/tokens`)).token);
        }
        catch (error) {
            tell(error.message);
        }
    };
    return (
        <div class="stack tight">
            <div class="field">
                <label for={id}>Token</label>
                <div class="input-row">
                    <input id={id} readOnly value={fresh ?? ''} class="mono" placeholder={tokens.length
                        ? `${tokens.at(-1).prefix}… (shown only when it is made)` : 'none yet'} />
                    {fresh && <CopyButton text={fresh} label="Copy token" look="" />}
                    <button type="button" class="icon-only generate" aria-label="Generate token" title="Generate token"
                            ref={generate} disabled={!may('designer')} onClick={make}><Icon name="key" /></button>
                </div>
            </div>
            {fresh && <Notice kind="good"><p>Copy the token now: it is not shown again.</p></Notice>}
            {tokens.length > 0 && <TokenList name={draft.name} tokens={tokens} onChange={revoked} />}
            {tokens.length > 0 && <TokenLimits draft={draft} tokens={tokens} />}
            {asking && <KeepOld name={draft.name} onClose={() => setAsking(false)} onDone={done} />}
        </div>
    );
}

function Place({ model, change }) {
    const name = useId();
    const where = settingOf(model, 'security', 'token-in') || 'header';
    return (
        <fieldset>
            <legend>Add as</legend>
            <div class="segmented">
                {[['header', 'Header'], ['query', 'Query Params']].map(([word, text]) => (
                    <label key={word}><input type="radio" name={name} checked={where === word}
                        onChange={() => change(setSetting(model, 'security', 'token-in', word))} />{text}</label>
                ))}
            </div>
        </fieldset>
    );
}

// It counts at once, so it is chosen first and then saved.
function Owner({ draft, users }) {
    const owner = draft.shown.owner ?? '';
    const [chosen, setChosen] = useState(null);
    const id = useId();
    const user = chosen ?? owner;
    const names = users.map((each) => each.name);
    const save = async () => {
        if (user === owner)
            return;
        try {
            await put(path`definitions/${draft.name}/owner`, { user });
            await draft.reshow();
            setChosen(null);
            tell(`It acts as ${user} now.`);
        }
        catch (error) {
            tellError(error);
        }
    };
    return (
        <div class="field">
            <label for={id}>Acts as</label>
            <div class="input-row">
                <Select id={id} value={user} onChange={setChosen} disabled={!may('admin')}
                        aria-describedby={`${id}-hint`}
                        options={names.includes(owner) ? names : [owner, ...names]} />
                {may('admin') && <Button aria-disabled={user === owner ? 'true' : undefined}
                                         aria-label="Save whom it acts as" onClick={save}>Save</Button>}
            </div>
            <p class="hint" id={`${id}-hint`}>The user whose rights it has, and whom Updates name. Saved at once,
                for the live version, too.</p>
        </div>
    );
}

function ListSetting({ model, change, element, name, label, hint, options }) {
    const id = useId();
    return (
        <>
            <Field label={label} hint={hint}>
                <LiveText value={settingOf(model, element, name)} list={options ? id : undefined}
                          placeholder="anyone"
                          onChange={(text) => change(setSetting(model, element, name, text))} />
            </Field>
            {options && <datalist id={id}>{options.map((each) => <option key={each} value={each} />)}</datalist>}
        </>
    );
}

export function Security({ draft, readOnly, fresh, onToken }) {
    const { model, change } = draft;
    const users = useGet('users').data ?? [];
    const groups = useGet('groups').data ?? [];
    if (!model)
        return <Notice kind="warn"><p>The script cannot be read; its settings are in it.</p></Notice>;
    const list = { model, change };
    return (
        <div class="stack">
            {model.kind === 'webhook' ? (
                <>
                    <Tokens draft={draft} fresh={fresh} onToken={onToken} />
                    <fieldset disabled={readOnly} class="stack">
                        <Place model={model} change={change} />
                        <Owner draft={draft} users={users} />
                    </fieldset>
                </>
            ) : <p class="muted">Callers sign in with their user name and access key (HTTP Basic).</p>}
            <fieldset disabled={readOnly} class="stack">
                <ListSetting {...list} element="security" name="addresses" label="Allowed addresses"
                             hint="Addresses and networks with commas between: 192.0.2.7, 10.0.0.0/8" />
                <ListSetting {...list} element="security" name="origins" label="Allowed origins"
                             hint="Web pages that may call it from a browser (CORS): https://shop.example" />
                <ListSetting {...list} element="allow" name="users" label="Allowed users"
                             hint="Names with commas between." options={users.map((user) => user.name)} />
                <ListSetting {...list} element="allow" name="groups" label="Allowed groups"
                             hint="Their members may call it." options={groups.map((group) => group.name)} />
            </fieldset>
            <p class="small muted">{model.kind === 'webhook'
                ? 'Tokens, their limits, and whom it acts as, count at once; all else when it is published.'
                : 'All of it counts once it is published.'}</p>
        </div>
    );
}
