// SPDX-License-Identifier: Apache-2.0
// listen: requests to a webhook as they arrive, with why they were refused.
import { useEffect, useState } from 'preact/hooks';
import { get } from '../api.js';
import { Icon } from '../icons.jsx';
import { Badge, Failure } from '../ui.jsx';

function useRecent(name, on) {
    const [state, setState] = useState({ rows: [], error: null });
    useEffect(() => {
        if (!on)
            return;
        let stop = false;
        let after;
        const ask = async () => {
            try {
                const got = await get('recent', { name, after });
                const fresh = after === undefined ? [] : got;
                after = Math.max(after ?? 0, ...got.map((row) => row.seq));
                if (!stop)
                    setState((old) => ({ rows: [...fresh.reverse(), ...old.rows].slice(0, 50), error: null }));
            }
            catch (error) {
                if (!stop)
                    setState((old) => ({ ...old, error }));
            }
            if (!stop)
                timer = setTimeout(ask, 1000);
        };
        let timer = setTimeout(ask, 0);
        return () => {
            stop = true;
            clearTimeout(timer);
        };
    }, [name, on]);
    return state;
}

// Requests of one minute are told apart by their seconds.
function Moment({ at }) {
    const date = new Date(at);
    return <time dateTime={at} title={date.toISOString()}>{date.toLocaleTimeString()}</time>;
}

export function Listen({ name }) {
    const [on, setOn] = useState(false);
    const { rows, error } = useRecent(name, on);
    return (
        <section class="listen" aria-label="Incoming requests">
            <div class="row">
                <button type="button" aria-pressed={on} onClick={() => setOn(!on)}>
                    <Icon name="bolt" /><span>{on ? 'Stop listening' : 'Start listening'}</span>
                </button>
                {on && <span class="loading small" role="status"><span class="spinner" />
                    Waiting for requests to the live version</span>}
            </div>
            <Failure error={error} />
            {rows.length > 0 && (
                <ul class="incoming" aria-live="polite">
                    {rows.map((row) => (
                        <li key={row.seq}>
                            <Badge kind={row.status < 400 ? 'good' : 'bad'}>{row.status}</Badge>
                            <Badge kind="mono">{row.method}</Badge>
                            <span class="grow">{row.reason || row.code || 'Answered'}</span>
                            <span class="muted small nums">{row.address} · {row.ms} ms · <Moment at={row.at} /></span>
                        </li>
                    ))}
                </ul>
            )}
        </section>
    );
}
