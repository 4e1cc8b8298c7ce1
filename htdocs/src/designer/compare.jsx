// SPDX-License-Identifier: Apache-2.0
// compare: two versions of a definition side by side, and what differs between
// them to callers.
import { path, useGet } from '../api.js';
import { setQuery } from '../router.js';
import { Dialog, Failure, Field, Loading, Notice, Select } from '../ui.jsx';
import { Changes } from './dialogs.jsx';
import { MergeView } from './merge-view.jsx';

function sideName(side) {
    return side.version ? `Version ${side.version}` : 'Draft';
}

function Sides({ versions, draft, from, to }) {
    const numbers = versions.map((each) => [String(each.version),
        `Version ${each.version}${each.state === 'live' ? ' (live)' : ''}`]);
    return (
        <div class="row sides">
            <Field label="From">
                <Select value={String(from)} options={numbers}
                        onChange={(value) => setQuery({ from: value })} />
            </Field>
            <Field label="To">
                <Select value={String(to)} options={draft ? [['0', 'Draft'], ...numbers] : numbers}
                        onChange={(value) => setQuery({ to: value })} />
            </Field>
        </div>
    );
}

function Result({ data: { from, to, breaking, changes } }) {
    const side = (each) => ({ label: sideName(each), text: each.document });
    return (
        <>
            {breaking && <Notice kind="warn"><p>Some of this breaks what callers rely on.</p></Notice>}
            {changes.length > 0 ? <Changes list={changes} />
                : <p class="muted">Nothing that callers notice.</p>}
            {from.document === to.document ? <p class="muted">The texts are the same.</p>
                : <MergeView key={`${from.version} ${to.version}`} left={side(from)} right={side(to)} />}
        </>
    );
}

export function CompareDialog({ name, versions, draft, from, to, onClose }) {
    const diff = useGet(path`definitions/${name}/diff`, { from, to });
    return (
        <Dialog title={`Compare versions of ${name}`} onClose={onClose} wide>
            <div class="dialog-body">
                <Sides versions={versions} draft={draft} from={from} to={to} />
                {diff.error ? <Failure error={diff.error} retry={diff.reload} />
                    : diff.data ? <Result data={diff.data} /> : <Loading what="Comparing" />}
            </div>
        </Dialog>
    );
}
