// SPDX-License-Identifier: Apache-2.0
// request: what is sent for a definition and its parameters, as the draft's
// call, as the request of a caller, and as code that sends the same.

// Parameters as typed: [{ name, in, type, list, value }], those that are sent.
// Gives { path, query, body }: body an object or null. A part of the path that
// has no value is left as it is written: {id}.
export function place(about, method, params) {
    const bodied = ['POST', 'PUT', 'PATCH'].includes(method);
    const parts = new Map(params.filter((each) => each.in === 'path')
        .map((each) => [each.name, String(each.value)]));
    const path = about.path.split('/').map((segment) => {
        const part = /^\{(.+)\}$/.exec(segment);
        return part && !parts.get(part[1]) ? segment : encodeURIComponent(part ? parts.get(part[1]) : segment);
    }).join('/');
    const others = params.filter((each) => each.in !== 'path');
    return {
        path, parts: Object.fromEntries(parts),
        query: bodied ? [] : others.flatMap(asQuery),
        body: bodied ? others.reduce(addMember, {}) : null,
    };
}

function asQuery({ name, value }) {
    return Array.isArray(value) ? value.map((each) => [`${name}[]`, each]) : [[name, String(value)]];
}

// "contact.email" is a member of a member.
function addMember(body, { name, value }) {
    const steps = name.split('.');
    const last = steps.pop();
    const into = steps.reduce((at, step) => (at[step] ??= {}), body);
    into[last] = value;
    return body;
}

// The text of an input as the value of its parameter.
export function valueOf(param, text) {
    if (param.list)
        return text.split('\n').filter(Boolean).map((each) => valueOf({ ...param, list: false }, each));
    if (param.type === 'integer' && /^-?\d{1,15}$/.test(text))
        return Number(text);
    if (param.type === 'boolean' && /^(true|false)$/.test(text))
        return text === 'true';
    if (param.type === 'datetime' && /^\d{4}-\d\d-\d\dT/.test(text))
        return text.replace('T', ' ').padEnd(19, ':00');
    if (param.type === 'json')
        return parsed(text);
    return text;
}

function parsed(text) {
    try {
        return JSON.parse(text);
    }
    catch {
        return text;
    }
}

export function withQuery(url, query) {
    const text = query.map(([name, value]) =>
        `${encodeURIComponent(name)}=${encodeURIComponent(value)}`).join('&');
    return text ? `${url}${url.includes('?') ? '&' : '?'}${text}` : url;
}

// ---- as code: request is { method, url, headers: [[name, value]], body,
// user, key }; user and key are Basic credentials.

function headersOf(request) {
    return request.body === null ? request.headers
        : [['Content-Type', 'application/json'], ...request.headers];
}

function shell(text) {
    return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

function curl(request) {
    const parts = ['curl'];
    if (request.method !== 'GET')
        parts.push(`-X ${request.method}`);
    if (request.user)
        parts.push(`-u ${shell(`${request.user}:${request.key}`)}`);
    for (const [name, value] of headersOf(request))
        parts.push(`-H ${shell(`${name}: ${value}`)}`);
    if (request.body !== null)
        parts.push(`--data-binary ${shell(JSON.stringify(request.body))}`);
    parts.push(shell(request.url));
    return parts.join(' \\\n  ');
}

function js(value) {
    return JSON.stringify(value);
}

// btoa() takes bytes: other characters are those of their UTF-8.
function base64(text) {
    return /^[\x20-\x7e]*$/.test(text) ? `btoa(${js(text)})`
        : `btoa(String.fromCharCode(...new TextEncoder().encode(${js(text)})))`;
}

function fetchCode(request) {
    const headers = headersOf(request).map(([name, value]) => `    ${js(name)}: ${js(value)},`);
    if (request.user)
        headers.unshift(`    Authorization: 'Basic ' + ${base64(`${request.user}:${request.key}`)},`);
    const lines = [`const response = await fetch(${js(request.url)}, {`, `  method: ${js(request.method)},`];
    if (headers.length)
        lines.push('  headers: {', ...headers, '  },');
    if (request.body !== null)
        lines.push(`  body: JSON.stringify(${indent(JSON.stringify(request.body, null, 2), '  ')}),`);
    lines.push('});', 'console.log(response.status, await response.text());');
    return lines.join('\n');
}

function indent(text, by) {
    return text.replaceAll('\n', '\n' + by);
}

function php(text) {
    return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}

function phpCode(request) {
    const options = [`    CURLOPT_CUSTOMREQUEST => ${php(request.method)},`, '    CURLOPT_RETURNTRANSFER => true,'];
    const headers = headersOf(request).map(([name, value]) => php(`${name}: ${value}`));
    if (request.user)
        options.push(`    CURLOPT_USERPWD => ${php(`${request.user}:${request.key}`)},`);
    if (headers.length)
        options.push(`    CURLOPT_HTTPHEADER => [${headers.join(', ')}],`);
    if (request.body !== null)
        options.push(`    CURLOPT_POSTFIELDS => ${php(JSON.stringify(request.body))},`);
    return ['<?php', `$call = curl_init(${php(request.url)});`, 'curl_setopt_array($call, [',
            ...options, ']);', '$answer = curl_exec($call);',
            'echo curl_getinfo($call, CURLINFO_RESPONSE_CODE), "\\n", $answer, "\\n";'].join('\n');
}

// JSON's strings are Python's, but for characters beyond 16 bits.
function python(text) {
    return JSON.stringify(text).replace(/[\ud800-\udbff][\udc00-\udfff]/g, (pair) =>
        '\\U' + pair.codePointAt(0).toString(16).padStart(8, '0'));
}

function pythonCode(request) {
    const lines = ['import urllib.error', 'import urllib.request'];
    if (request.user)
        lines.unshift('import base64');
    const headers = headersOf(request).map(([name, value]) =>
        `    ${python(name)}: ${python(value)},`);
    if (request.user) {
        lines.push('', `credentials = ${python(`${request.user}:${request.key}`)}.encode()`);
        headers.unshift('    "Authorization": "Basic " + base64.b64encode(credentials).decode(),');
    }
    lines.push('', `request = urllib.request.Request(${python(request.url)},`,
               `    method=${python(request.method)},`);
    if (request.body !== null)
        lines.push(`    data=${python(JSON.stringify(request.body))}.encode(),`);
    lines.push('    headers={', ...headers.map((line) => '    ' + line), '    })', 'try:',
        '    answer = urllib.request.urlopen(request)', 'except urllib.error.HTTPError as error:',
        '    answer = error', 'print(answer.status, answer.read().decode())');
    return lines.join('\n');
}

export const languages = [
    ['curl', curl], ['fetch', fetchCode], ['PHP', phpCode], ['Python', pythonCode],
];
