// SPDX-License-Identifier: Apache-2.0
// reply: what a request of the playground answered: status, headers, body,
// time and size; and what a dry run would have done.
import { Badge, CopyButton } from '../ui.jsx';

function bytes(size) {
    return size < 1024 ? `${size} B` : `${(size / 1024).toFixed(1)} KiB`;
}

export function formatted(text) {
    try {
        return JSON.stringify(JSON.parse(text), null, 2);
    }
    catch {
        return text;
    }
}

function shown(value) {
    return value === null || value === undefined ? <span class="muted">null</span>
        : typeof value === 'object' ? JSON.stringify(value) : String(value);
}

function Headers({ list }) {
    return (
        <details>
            <summary>{list.length} headers</summary>
            <dl class="facts small">
                {list.map(([name, value]) => [<dt key={name}>{name}</dt>, <dd class="mono">{value}</dd>])}
            </dl>
        </details>
    );
}

function Changes({ list }) {
    if (!list.length)
        return <p class="muted">No row would be changed.</p>;
    return list.map((entry, i) => (
        <div class="table-box" key={i}>
            <table class="dense">
                <caption>{entry.operation} {entry.record}</caption>
                <thead><tr><th scope="col">Field</th><th scope="col">Before</th><th scope="col">After</th></tr></thead>
                <tbody>
                    {entry.changes.map((each) => (
                        <tr key={each.field}><th scope="row">{each.field}</th>
                            <td class="was">{shown(each.old)}</td><td class="is">{shown(each.new)}</td></tr>
                    ))}
                </tbody>
            </table>
        </div>
    ));
}

function Explain({ rows }) {
    const names = Object.keys(rows[0] ?? {});
    if (!names.length)
        return null;
    return (
        <div class="table-box" tabIndex={0} role="region" aria-label="EXPLAIN">
            <table class="dense small">
                <thead><tr>{names.map((name) => <th scope="col" key={name}>{name}</th>)}</tr></thead>
                <tbody>{rows.map((row, i) => (
                    <tr key={i}>{names.map((name) => <td key={name}>{shown(row[name])}</td>)}</tr>
                ))}</tbody>
            </table>
        </div>
    );
}

function Statement({ statement, at }) {
    return (
        <details open={at === 0}>
            <summary>Statement {at + 1}</summary>
            <div class="stack tight">
                <pre class="code">{statement.sql}</pre>
                {statement.binds?.length > 0 && (
                    <ol class="binds" aria-label="Binds">{statement.binds.map((bind, i) =>
                        <li key={i}><code>{shown(bind)}</code></li>)}</ol>
                )}
                <Explain rows={statement.explain ?? []} />
            </div>
        </details>
    );
}

function DryRun({ result }) {
    return (
        <div class="stack tight">
            <p>It would have answered <b>{result.status}</b>, outcome <b>{result.outcome}</b>.
                Nothing was kept.</p>
            <h4>Rows before and after</h4>
            <Changes list={result.changes ?? []} />
            <h4>SQL</h4>
            {(result.statements ?? []).map((statement, i) =>
                <Statement key={i} statement={statement} at={i} />)}
            <h4>Answer</h4>
            <pre class="code">{JSON.stringify(result.answer, null, 2)}</pre>
        </div>
    );
}

// reply: { status, reason, headers, text, ms, dry }
export function Reply({ reply }) {
    const good = reply.status < 400;
    const body = formatted(reply.text);
    const dry = reply.dry && good ? JSON.parse(reply.text) : null;
    return (
        <section class="reply" aria-label="Reply">
            <header class="row">
                <h3>Reply</h3>
                <Badge kind={good ? 'good' : 'bad'}>{reply.status} {reply.reason}</Badge>
                {reply.dry && <Badge kind="warn">Dry run</Badge>}
                <span class="muted small nums">{reply.ms} ms · {bytes(reply.size)}</span>
            </header>
            {dry ? <DryRun result={dry} /> : (
                <>
                    <div class="copyable">
                        <CopyButton text={body} label="Copy reply" bare />
                        <pre class="code" tabIndex={0} aria-label="Body">{body || '(no body)'}</pre>
                    </div>
                    <Headers list={reply.headers} />
                </>
            )}
        </section>
    );
}
