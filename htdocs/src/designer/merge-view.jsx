// SPDX-License-Identifier: Apache-2.0
// merge-view: two texts side by side. left and right are { label, text };
// with onChange the right one can be edited.
import { useEffect, useRef, useState } from 'preact/hooks';
import { Loading } from '../ui.jsx';

export function MergeView({ left, right, onChange }) {
    const place = useRef();
    const [ready, setReady] = useState(false);
    useEffect(() => {
        let close = null;
        let gone = false;
        import('../editor/merge.js').then(({ openMerge }) => {
            if (gone)
                return;
            close = openMerge(place.current, left, right, onChange);
            setReady(true);
        });
        return () => {
            gone = true;
            close?.();
        };
    }, [left.text, onChange ? '' : right.text]);
    return (
        <div class="merge">
            <div class="merge-heads" aria-hidden="true">
                <span>{left.label}</span><span>{right.label}</span>
            </div>
            {!ready && <Loading />}
            <div class="merge-body" ref={place} />
        </div>
    );
}
