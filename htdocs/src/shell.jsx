// SPDX-License-Identifier: Apache-2.0
// shell: what is around every screen: the bar with the main menu and the
// user, and what is told above all screens.
import { me, online, signOut } from './api.js';
import { Icon } from './icons.jsx';
import { SignInAgain } from './signin.jsx';
import { to, useRoute } from './router.js';
import { useStore } from './store.js';
import { Question, Told, tellError } from './ui.jsx';

// The main menu; each row is [text, icon, first part of its address], and of
// the addresses of another screen that belongs there.
const menu = [
    ['Platform', [
        ['API Designer', 'braces', 'apis'],
        ['Modules', 'table', 'modules', 'tables'],
        ['Activity', 'chart', 'activity'],
    ]],
    ['Data', [
        ['Records', 'book', 'records'],
    ]],
    ['People', [
        ['Users', 'user', 'users', 'groups'],
        ['My preferences', 'key', 'me'],
    ]],
];

function closePopover(event) {
    event.currentTarget.closest('[popover]')?.hidePopover();
}

function MainMenu() {
    const { parts } = useRoute();
    return (
        <>
            <button type="button" class="quiet icon-only" popovertarget="main-menu"
                    aria-label="Main menu"><Icon name="menu" /></button>
            <nav id="main-menu" popover="auto" aria-label="Main menu">
                {menu.map(([group, items]) => (
                    <section key={group}>
                        <h2>{group}</h2>
                        {items.map(([text, icon, first, also]) => (
                            <a key={first} href={to(first)} onClick={closePopover}
                               aria-current={parts[0] === first ? 'page' : parts[0] === also ? 'true' : undefined}>
                                <Icon name={icon} />{text}
                            </a>
                        ))}
                    </section>
                ))}
            </nav>
        </>
    );
}

async function tryToSignOut(event) {
    closePopover(event);
    await signOut().catch((error) =>
        tellError(new Error(`You are still signed in. ${error.message} Try again.`)));
}

function UserMenu() {
    const who = useStore(me);
    return (
        <>
            <button type="button" class="quiet user" popovertarget="user-menu">
                <Icon name="user" /><span>{who.name}</span>
            </button>
            <div id="user-menu" popover="auto">
                <p class="muted small">Signed in as <b>{who.name}</b>, {who.role}</p>
                <a href={to('me')} onClick={closePopover}><Icon name="key" />My preferences</a>
                <button type="button" class="quiet" onClick={tryToSignOut}>
                    <Icon name="out" /><span>Sign out</span>
                </button>
            </div>
        </>
    );
}

function Offline() {
    return useStore(online) ? null : (
        <p class="offline" role="alert">
            The server cannot be reached. What you write is kept in this tab.
        </p>
    );
}

export function Shell({ children }) {
    return (
        <>
            <a class="skip" href="#main">To the content</a>
            <header class="bar">
                <MainMenu />
                <a class="brand" href={to('apis')}>
                    <span class="logo" aria-hidden="true" />API Designer
                </a>
                <span class="space" />
                <UserMenu />
            </header>
            <Offline />
            {children}
            <SignInAgain />
            <Question />
            <Told />
        </>
    );
}
