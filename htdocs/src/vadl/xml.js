// SPDX-License-Identifier: Apache-2.0
// xml: the text of a script to a tree of elements with their places in it, so
// that an edit of the form can be an edit of the text. It reads what the
// server reads, and answers where it ends when it cannot.
//
// An element: { name (lower case), tag (as written), from, openTo, closeFrom,
// to, attrs, children, parent, text }; closeFrom is -1 for <a/>. An attribute:
// { name, value, from, to, valueFrom, valueTo, quote }.

const entities = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

class Trouble extends Error {
    constructor(at, text) {
        super(text);
        this.at = at;
    }
}

function unescape(text, at) {
    return text.replace(/&(#x[0-9a-f]+|#[0-9]+|\w+)?;?/gi, (all, name) => {
        if (name?.[0] === '#' && all.endsWith(';'))
            return String.fromCodePoint(name[1].toLowerCase() === 'x'
                ? parseInt(name.slice(2), 16) : parseInt(name.slice(1), 10));
        if (name && all.endsWith(';') && Object.hasOwn(entities, name))
            return entities[name];
        throw new Trouble(at, `${all} stands for nothing`);
    });
}

export function escape(text, quote = '"') {
    return text.replace(/[&<>"'\n\t]/g, (c) => c === '&' ? '&amp;' : c === '<' ? '&lt;'
        : c === '>' ? '&gt;' : c === '\n' ? '&#10;' : c === '\t' ? '&#9;'
        : c !== quote ? c : c === '"' ? '&quot;' : '&apos;');
}

function skipPast(text, at, end, what) {
    const found = text.indexOf(end, at);
    if (found < 0)
        throw new Trouble(at, `${what} does not end`);
    return found + end.length;
}

function readAttr(text, at) {
    const found = /([^\s=<>/"']+)\s*=\s*(["'])/y;
    found.lastIndex = at;
    const match = found.exec(text);
    if (!match)
        throw new Trouble(at, 'an attribute was expected: name="value"');
    const valueFrom = found.lastIndex;
    const valueTo = text.indexOf(match[2], valueFrom);
    if (valueTo < 0)
        throw new Trouble(at, `the value of ${match[1]} does not end`);
    const written = text.slice(valueFrom, valueTo);
    if (written.includes('<'))
        throw new Trouble(valueFrom, '< in a value is written &lt;');
    return { name: match[1].toLowerCase(), from: at, to: valueTo + 1, valueFrom, valueTo,
             quote: match[2], value: unescape(written.replace(/[\n\t]/g, ' '), valueFrom) };
}

function readOpen(text, from) {
    const name = /[^\s=<>/"']+/y;
    name.lastIndex = from + 1;
    const tag = name.exec(text)?.[0];
    if (!tag)
        throw new Trouble(from, '< in text is written &lt;');
    const element = { name: tag.toLowerCase(), tag, from, attrs: [], children: [],
                      parent: null, text: '', closeFrom: -1 };
    let at = from + 1 + tag.length;
    for (;;) {
        const blank = /\s*/y;
        blank.lastIndex = at;
        at += blank.exec(text)[0].length;
        if (text.startsWith('/>', at))
            return { ...element, openTo: at + 2, to: at + 2, closed: true };
        if (text[at] === '>')
            return { ...element, openTo: at + 1, to: -1, closed: false };
        if (at >= text.length)
            throw new Trouble(from, `<${tag} does not end`);
        const attr = readAttr(text, at);
        if (element.attrs.some((other) => other.name === attr.name))
            throw new Trouble(at, `${attr.name} is given twice`);
        element.attrs.push(attr);
        at = attr.to;
    }
}

function close(text, at, open) {
    const match = /<\/([^\s>]+)\s*>/y;
    match.lastIndex = at;
    const found = match.exec(text);
    if (!found || !open || found[1] !== open.tag)
        throw new Trouble(at, open ? `</${open.tag}> was expected` : 'this closes nothing');
    open.closeFrom = at;
    open.to = match.lastIndex;
    return open.to;
}

// Past a comment, a processing instruction or CDATA; -1 if there is none.
function skipOther(text, at) {
    if (text.startsWith('<!--', at))
        return skipPast(text, at, '-->', 'a comment');
    if (text.startsWith('<?', at))
        return skipPast(text, at, '>', 'the prolog');
    if (text.startsWith('<![CDATA[', at))
        return skipPast(text, at, ']]>', 'CDATA');
    if (text.startsWith('<!', at))
        throw new Trouble(at, 'DOCTYPE is refused');
    return -1;
}

function readTree(text) {
    let root = null;
    let open = null;
    let at = 0;
    while (at < text.length) {
        if (text[at] !== '<') {
            const next = text.indexOf('<', at);
            const to = next < 0 ? text.length : next;
            if (open)
                open.text += unescape(text.slice(at, to), at);
            at = to;
            continue;
        }
        const other = skipOther(text, at);
        if (other >= 0) {
            at = other;
            continue;
        }
        if (text[at + 1] === '/') {
            at = close(text, at, open);
            open = open.parent;
            continue;
        }
        if (root && !open)
            throw new Trouble(at, 'there is more after the end');
        const element = readOpen(text, at);
        element.parent = open;
        open?.children.push(element);
        root ??= element;
        at = element.openTo;
        if (!element.closed)
            open = element;
    }
    if (open)
        throw new Trouble(open.from, `<${open.tag}> is not closed`);
    if (!root)
        throw new Trouble(0, 'there is nothing in it');
    return root;
}

// { root } or { error: { at, line, text } }
export function parseXml(text) {
    try {
        return { root: readTree(text) };
    }
    catch (error) {
        if (!(error instanceof Trouble))
            throw error;
        return { error: { at: error.at, line: lineAt(text, error.at), text: error.message } };
    }
}

export function lineAt(text, at) {
    return text.slice(0, at).split('\n').length;
}

export function attr(element, name) {
    return element?.attrs.find((each) => each.name === name)?.value;
}

export function child(element, name) {
    return element?.children.find((each) => each.name === name);
}
