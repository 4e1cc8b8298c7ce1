// SPDX-License-Identifier: Apache-2.0
// store: a value that screens watch. A store is { value, set, watch, becomes };
// useStore gives the value and draws the component again when it changes.
import { useEffect, useState } from 'preact/hooks';

export function makeStore(value) {
    const watchers = new Set();
    const store = {
        value,
        set(next) {
            if (Object.is(next, store.value))
                return;
            store.value = next;
            for (const watcher of [...watchers])
                watcher(next);
        },
        watch(watcher) {
            watchers.add(watcher);
            return () => watchers.delete(watcher);
        },
        becomes(wanted) {
            return new Promise((done) => {
                if (Object.is(store.value, wanted))
                    return done();
                const stop = store.watch((next) => {
                    if (Object.is(next, wanted)) {
                        stop();
                        done();
                    }
                });
            });
        },
    };
    return store;
}

export function useStore(store) {
    const [value, set] = useState(store.value);
    useEffect(() => {
        set(store.value);
        return store.watch(set);
    }, [store]);
    return value;
}
