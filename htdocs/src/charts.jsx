// SPDX-License-Identifier: Apache-2.0
// charts: bars over time, each a stack of kinds, drawn as SVG; and bars in a
// table. What they show is also told as words and as a table.
import { useId } from 'preact/hooks';
import { number } from './ui.jsx';

const height = 100;

// The least of 1, 2, 4, 6, 8, 10, 20, 40, ... that is not below.
function roundUp(value) {
    const size = 10 ** Math.floor(Math.log10(Math.max(1, value)));
    return [1, 2, 4, 6, 8, 10].map((each) => each * size).find((each) => each >= value) ?? size * 10;
}

function Bar({ slot, i, kinds, top }) {
    let below = 0;
    return (
        <g>
            <title>{`${slot.label}: ${kinds.filter(([id]) => slot.counts[id])
                .map(([id, text]) => `${number(slot.counts[id])} ${text}`).join(', ') || 'none'}`}</title>
            <rect class="hover" x={i * 10} y={0} width={10} height={height} />
            {kinds.map(([id]) => {
                const tall = height * (slot.counts[id] ?? 0) / top;
                below += tall;
                return tall > 0 && (
                    <rect key={id} class={`bar-${id}`} x={i * 10 + 1} width={8}
                          y={height - below} height={tall} />
                );
            })}
        </g>
    );
}

function Legend({ kinds }) {
    return (
        <ul class="legend">
            {kinds.map(([id, text]) => <li key={id}><span class={`key key-${id}`} />{text}</li>)}
        </ul>
    );
}

function AsTable({ title, slots, kinds }) {
    return (
        <details>
            <summary>As a table</summary>
            <div class="table-box" role="region" aria-label={`${title}, as a table`} tabIndex={0}>
                <table class="dense">
                    <caption class="hidden">{title}</caption>
                    <thead>
                        <tr>
                            <th scope="col">Time</th>
                            {kinds.map(([id, text]) => <th scope="col" class="right" key={id}>{text}</th>)}
                        </tr>
                    </thead>
                    <tbody>
                        {slots.map((slot) => (
                            <tr key={slot.label}>
                                <th scope="row">{slot.label}</th>
                                {kinds.map(([id]) => (
                                    <td class="right" key={id}>{number(slot.counts[id])}</td>
                                ))}
                            </tr>
                        ))}
                    </tbody>
                </table>
            </div>
        </details>
    );
}

// slots: [{ label, short, counts: { kind: n } }, ...] in order of time; kinds:
// [[id, text], ...] from the bottom up; text: the whole in a sentence.
export function BarChart({ title, text, slots, kinds }) {
    const id = useId();
    const sum = (slot) => kinds.reduce((all, [kind]) => all + (slot.counts[kind] ?? 0), 0);
    const top = roundUp(Math.max(...slots.map(sum)));
    const wide = slots.length * 10;
    const marks = [0, Math.floor((slots.length - 1) / 2), slots.length - 1];
    return (
        <figure class="card stack tight">
            <figcaption class="row"><h2>{title}</h2><Legend kinds={kinds} /></figcaption>
            <div class="chart">
                <div class="chart-y" aria-hidden="true">
                    <span>{number(top)}</span><span>{top > 1 && number(top / 2)}</span><span>0</span>
                </div>
                <svg viewBox={`0 0 ${wide} ${height}`} preserveAspectRatio="none" role="img"
                     aria-labelledby={`${id}-title ${id}-desc`}>
                    <title id={`${id}-title`}>{title}</title>
                    <desc id={`${id}-desc`}>{text}</desc>
                    <path class="grid" d={`M0 0.500H${wide}M0 50H${wide}M0 99.500H${wide}`} />
                    {slots.map((slot, i) => (
                        <Bar key={slot.label} slot={slot} i={i} kinds={kinds} top={top} />
                    ))}
                </svg>
                <div class="chart-x" aria-hidden="true">
                    {marks.map((i) => <span key={i}>{slots[i].short}</span>)}
                </div>
            </div>
            <AsTable title={title} slots={slots} kinds={kinds} />
        </figure>
    );
}

// How large a part is, beside its number in a table.
export function Share({ part, of }) {
    const width = of ? Math.max(1, Math.round(100 * part / of)) : 0;
    return (
        <svg class="share" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">
            <rect class="share-all" width="100" height="6" />
            <rect class="share-part" width={width} height="6" />
        </svg>
    );
}
