// SPDX-License-Identifier: Apache-2.0
// merge-view: two texts side by side. left and right are { label, text };
// with onChange the right one can be edited.
import { useEffect, useRef, useState } from 'preact/hooks';
import { loadPart } from '../api.js';
import { Failure, Loading } from '../ui.jsx';

const little = matchMedia('(max-width: 44rem)');

function useNarrow() {
    const [narrow, setNarrow] = useState(little.matches);
    useEffect(() => {
        const look = () => setNarrow(little.matches);
        little.addEventListener('change', look);
        return () => little.removeEventListener('change', look);
    }, []);
    return narrow;
}

export function MergeView({ left, right, onChange }) {
    const place = useRef();
    const narrow = useNarrow();
    const now = useRef(right.text);
    const [ready, setReady] = useState(false);
    const [failed, setFailed] = useState(null);
    if (!onChange)
        now.current = right.text;
    useEffect(() => {
        let close = null;
        let gone = false;
        loadPart(() => import('../editor/merge.js')).then(({ openMerge }) => {
            if (gone)
                return;
            close = openMerge(place.current, left, { ...right, text: now.current }, narrow,
                onChange && ((text) => {
                    now.current = text;
                    onChange(text);
                }));
            setReady(true);
        }, setFailed);
        return () => {
            gone = true;
            close?.();
        };
    }, [left.text, onChange ? '' : right.text, narrow]);
    return (
        <div class="merge">
            <div class="merge-heads" aria-hidden="true">
                <span class="side-left">{left.label}</span><span class="side-right">{right.label}</span>
            </div>
            {failed && <Failure error={failed} retry={() => location.reload()} />}
            {!ready && !failed && <Loading />}
            <div class="merge-body" ref={place} />
        </div>
    );
}
