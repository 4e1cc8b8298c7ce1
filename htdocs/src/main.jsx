// SPDX-License-Identifier: Apache-2.0
// main: which screen an address shows. A screen is a function of the parts of
// the address after its first; large ones are loaded when they are needed.
import { render } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { loadMe, loadPart, loadedPart, me, online } from './api.js';
import { go, to, useRoute } from './router.js';
import { ApiList } from './screens/apis.jsx';
import { Shell } from './shell.jsx';
import { SignInPage } from './signin.jsx';
import { useStore } from './store.js';
import { Failure, Loading, NotFound, Page } from './ui.jsx';

// A screen of its own file, with the parts of the address after its first.
function later(load) {
    return (props) => <Later load={load} {...props} />;
}

const screens = {
    apis: ({ parts, query }) => parts.length
        ? <Later load={() => import('./screens/designer.jsx')} parts={parts} query={query} />
        : <ApiList query={query} />,
    new: later(() => import('./screens/new.jsx')),
    modules: later(() => import('./screens/modules.jsx')),
    tables: later(() => import('./screens/tables.jsx')),
    records: later(() => import('./screens/records.jsx')),
    users: later(() => import('./screens/users.jsx')),
    groups: later(() => import('./screens/groups.jsx')),
    activity: later(() => import('./screens/activity.jsx')),
    me: later(() => import('./screens/me.jsx')),
};

const away = new Error('The server cannot be reached. This page is loaded when it can.');

// A screen whose module is fetched when it is first shown.
function Later({ load, ...props }) {
    const [Screen, setScreen] = useState(() => loadedPart(load)?.default);
    const [failed, setFailed] = useState(null);
    const error = failed ?? (useStore(online) ? null : away);
    useEffect(() => {
        if (Screen)
            return;
        loadPart(load).then((module) => setScreen(() => module.default), setFailed);
    }, []);
    if (error && !Screen)
        return <Page title="API Designer"><Failure error={error} retry={() => location.reload()} /></Page>;
    return Screen ? <Screen {...props} /> : <main class="page" id="main" tabIndex={-1}><Loading /></main>;
}

function Nowhere() {
    return <NotFound link={['To the list of APIs', to('apis')]} />;
}

function Home() {
    useEffect(() => go(to('apis'), { replace: true }), []);
    return null;
}

function Screen() {
    const { parts: [first, ...parts], query } = useRoute();
    if (first === undefined)
        return <Home />;
    const Found = Object.hasOwn(screens, first) ? screens[first] : Nowhere;
    return <Found key={first} parts={parts} query={query} />;
}

function App() {
    const who = useStore(me);
    const there = useStore(online);
    const [error, setError] = useState(null);
    const load = () => {
        setError(null);
        loadMe().catch(setError);
    };
    useEffect(() => {
        if (who === undefined)
            load();
    }, [there]);
    if (error)
        return <main class="signin" id="main"><Failure error={error} retry={load} /></main>;
    if (who === undefined)
        return <p class="boot">Loading …</p>;
    return who ? <Shell><Screen /></Shell> : <SignInPage />;
}

// Its address in the page is relative, and the page's own address changes.
const icon = document.querySelector('link[rel=icon]');
icon.href = icon.href;

const root = document.getElementById('app');
root.textContent = '';
render(<App />, root);
