// SPDX-License-Identifier: Apache-2.0
// tap: what tests written for Node print: ok(), is() and diag() as TAP.
import { isDeepStrictEqual } from 'node:util';

let count = 0;
let failed = 0;

export function diag(text) {
    console.log(String(text).replace(/^/gm, '# '));
}

export function ok(passed, name) {
    console.log(`${passed ? 'ok' : 'not ok'} ${++count} - ${name.replace(/#/g, '\\#')}`);
    if (!passed)
        failed++;
    return passed;
}

export function is(got, want, name) {
    const passed = ok(isDeepStrictEqual(got, want), name);
    if (!passed) {
        diag(`got:  ${typeof got === 'string' ? got : JSON.stringify(got, null, 1)}`);
        diag(`want: ${typeof want === 'string' ? want : JSON.stringify(want, null, 1)}`);
    }
    return passed;
}

export function done() {
    console.log(`1..${count}`);
    process.exitCode = failed ? 1 : 0;
}
