// SPDX-License-Identifier: Apache-2.0
// catalog: the modules that scripts work on, as far as they were asked for.
// Names are loaded at once, a module's fields when its name comes up.
import { get, path } from './api.js';
import { makeStore, useStore } from './store.js';
import { readModule } from './vadl/module.js';

const names = makeStore(null);
const modules = makeStore(new Map());
const asked = new Set();

export async function loadCatalog() {
    const list = await get('modules');
    names.set(list.map((module) => module.name));
}

async function loadModule(name) {
    asked.add(name);
    try {
        const { document } = await get(path`modules/${name}/document`);
        modules.set(new Map(modules.value).set(name, readModule(document)));
    }
    catch {
        asked.delete(name);
    }
}

// A module, undefined while it is not loaded, null if there is none.
function find(name) {
    if (!name)
        return null;
    if (names.value && !names.value.includes(name))
        return null;
    if (!asked.has(name))
        loadModule(name);
    return modules.value.get(name);
}

// What the editor completes from.
export const catalog = {
    modules: () => names.value ?? [],
    fields: (name) => find(name)?.fields ?? [],
};

export function useModules() {
    return useStore(names) ?? [];
}

export function useModule(name) {
    useStore(modules);
    useStore(names);
    return find(name);
}

// Fields of a module and, one level deep, of the modules it refers to, as
// dotted names: [[name, label], ...]
export function useDotted(module) {
    useStore(modules);
    return (module?.fields ?? []).filter((field) => field.refers).flatMap((field) =>
        (find(field.refers)?.fields ?? []).filter((each) => each.name !== 'id').map((each) =>
            [`${field.name}.${each.name}`, `${field.label} › ${each.label}`]));
}

// A changed or new module is asked for again.
export function forgetModules() {
    asked.clear();
    modules.set(new Map());
    return loadCatalog();
}
