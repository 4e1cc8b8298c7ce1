// SPDX-License-Identifier: Apache-2.0
// documentation: what callers need to know of a definition, made from it.
import { useState } from 'preact/hooks';
import { get, path } from '../api.js';
import { to } from '../router.js';
import { locationOf } from './playground.jsx';
import { Button, CopyButton, Dialog, Loading, Notice, tellError } from '../ui.jsx';

function typeOf(item) {
    const type = item.list ? `list of ${item.type}` : item.type;
    return item.refers ? `${type} to ${item.refers}` : type;
}

function Params({ params }) {
    if (!params.length)
        return <p class="muted">It takes no parameters.</p>;
    return (
        <div class="table-box" tabIndex={0} role="region" aria-label="Parameters">
            <table class="dense">
                <thead><tr><th scope="col">Parameter</th><th scope="col">In</th><th scope="col">Type</th></tr></thead>
                <tbody>
                    {params.map((param) => (
                        <tr key={param.name}>
                            <th scope="row"><code>{param.name}</code>{param.required && <span class="must"> *</span>}
                                <div class="small muted">{param.label}</div></th>
                            <td>{param.in}</td>
                            <td>{typeOf(param)}{param.length && <span class="muted"> up to {param.length}</span>}
                                {param.choices?.length > 0 && (
                                    <div class="small muted">{param.choices.join(', ')}</div>)}</td>
                        </tr>
                    ))}
                </tbody>
            </table>
        </div>
    );
}

function Columns({ operation }) {
    if (!operation?.columns?.length)
        return <p class="muted">It answers that it was done.</p>;
    return (
        <div class="table-box" tabIndex={0} role="region" aria-label="Answer">
            <table class="dense">
                <thead><tr><th scope="col">Field</th><th scope="col">Type</th></tr></thead>
                <tbody>
                    {operation.columns.map((column) => (
                        <tr key={column.name}><th scope="row"><code>{column.name}</code>
                            <div class="small muted">{column.label}</div></th><td>{typeOf(column)}</td></tr>
                    ))}
                </tbody>
            </table>
        </div>
    );
}

// Where callers find it, and with what they say who they are.
function Access({ about, name }) {
    const address = `${location.origin}${locationOf(about.kind, 'rest')}/${about.path.split('/').map((part) =>
        /^\{.+\}$/.test(part) ? part : encodeURIComponent(part)).join('/')}`;
    return (
        <>
            <p class="endpoint"><b>{about.kind === 'webhook' ? 'POST, GET' : about.method.toUpperCase()}</b>
                <code aria-label="URL">{address}</code><CopyButton text={address} label="Copy URL" bare /></p>
            {about.kind === 'webhook'
                ? <p>Callers send its token as {about.token_in === 'query' ? 'the query parameter'
                    : 'the header'} <code>{about.token_in === 'query' ? 'token' : 'Token'}</code>. Tokens are made
                    in <a href={to('apis', name, 'security')}>Security</a>.</p>
                : <p>Callers sign in with their user name and access key (HTTP Basic).</p>}
        </>
    );
}

export function Documentation({ draft }) {
    const { about, checking } = draft.checked;
    const [openapi, setOpenapi] = useState(null);
    if (!about)
        return checking ? <Loading what="Reading the script" />
            : <Notice kind="warn"><p>The script has errors; when it has none, its documentation is here.</p></Notice>;
    const show = async () => {
        try {
            const document = await get(path`definitions/${draft.name}/openapi`,
                                       draft.shown.draft_revision ? { version: 0 } : {});
            setOpenapi(JSON.stringify(document, null, 2));
        }
        catch (error) {
            tellError(error);
        }
    };
    return (
        <div class="stack">
            <div class="stack tight">
                <Access about={about} name={draft.name} />
                {about.description && <p>{about.description.trim()}</p>}
            </div>
            <section class="stack tight"><h3>Parameters</h3><Params params={about.params} /></section>
            <section class="stack tight"><h3>Answer</h3><Columns operation={about.operations.at(-1)} /></section>
            <div class="row"><Button icon="book" onClick={show}>OpenAPI document</Button>
                <span class="small muted">of the {draft.shown.draft_revision ? 'draft as it is saved'
                    : 'live version'}</span></div>
            {openapi && (
                <Dialog title="OpenAPI 3.1" wide onClose={() => setOpenapi(null)}>
                    <div class="dialog-body">
                        <div><CopyButton text={openapi} label="Copy document" /></div>
                        <pre class="code" tabIndex={0} aria-label="OpenAPI document">{openapi}</pre>
                    </div>
                </Dialog>
            )}
        </div>
    );
}
