/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apid_arg: the flat set of a request's arguments, and the strict JSON reader
 * that fills it. The reader is our own because json-c can neither report
 * duplicate keys, nor the place of a lone surrogate, nor keep a number beyond
 * 64 bits exact. It looks at each byte a fixed number of times, copies a
 * string once, and lets arrays and objects point into the text it was given.
 * The types of values are left to apid_value.
 */
#include "apid_arg.h"

#include <apr_hash.h>
#include <apr_strings.h>
#include <string.h>

/* so many arguments are found by looking at each, the rest by hash */
#define FEW 8

/* so many beginnings of a path are looked for */
#define MAX_LOOKUPS (8 * APID_ARG_MAX_DEPTH)

/* none of them is set in eight bytes of ASCII */
#define HIGH_BITS APR_UINT64_C(0x8080808080808080)

struct apid_args_t {
    apr_pool_t *pool;
    int nfew;
    apid_arg_t *few[FEW];
    apr_hash_t *more; /* NULL until few is full */
};

typedef struct reader_t {
    const char *start, *at, *end;
    int depth;
    apr_pool_t *pool;
} reader_t;

typedef struct range_t {
    unsigned char lead, last; /* first byte of the sequence, from and to */
    unsigned char low, high;  /* its second byte */
    int len;
} range_t;

/* clang-format off */
/* RFC 3629, section 4 */
static const range_t ranges[] = {
    {0xC2, 0xDF, 0x80, 0xBF, 2},
    {0xE0, 0xE0, 0xA0, 0xBF, 3},
    {0xE1, 0xEC, 0x80, 0xBF, 3},
    {0xED, 0xED, 0x80, 0x9F, 3},
    {0xEE, 0xEF, 0x80, 0xBF, 3},
    {0xF0, 0xF0, 0x90, 0xBF, 4},
    {0xF1, 0xF3, 0x80, 0xBF, 4},
    {0xF4, 0xF4, 0x80, 0x8F, 4},
    {0, 0, 0, 0, 0}
};
/* clang-format on */

static apid_arg_t *find_named(const apid_args_t *args, const char *name,
                              apr_size_t len)
{
    for (int i = 0; i < args->nfew; i++) {
        apid_arg_t *arg = args->few[i];
        if (!strncmp(arg->name, name, len) && !arg->name[len])
            return arg;
    }
    return args->more ? apr_hash_get(args->more, name, (apr_ssize_t)len) : NULL;
}

/* whether it was new */
static int put(apid_args_t *args, apid_arg_t *arg)
{
    apr_size_t len = strlen(arg->name);

    if (find_named(args, arg->name, len))
        return 0;
    if (args->nfew < FEW) {
        args->few[args->nfew++] = arg;
        return 1;
    }
    if (!args->more)
        args->more = apr_hash_make(args->pool);
    apr_hash_set(args->more, arg->name, (apr_ssize_t)len, arg);
    return 1;
}

static int is_among(const char *name, const char *const *names, int n)
{
    int i = 0;

    while (i < n && strcmp(name, names[i]))
        i++;
    return i < n;
}

/* the members of an object, or of the one that the text of a form is, which is
 * read once however often it is looked into; NULL or none if it is none */
static const apid_args_t *find_members(apid_arg_t *arg, apr_pool_t *pool)
{
    apid_arg_t *tree;

    if (arg->members || !arg->form || arg->kind != APID_ARG_TEXT)
        return arg->members;
    if (arg->text[strspn(arg->text, " \t\r\n")] == '{'
        && !apid_arg_parse_json(&tree, arg->text, arg->len, pool))
        arg->members = tree->members;
    if (!arg->members)
        arg->members = apid_args_open(pool);
    return arg->members;
}

/* names may have dots in them, so each dot is tried; lookups are counted, lest
 * a name and members that are all dots be tried in every way */
static const apid_arg_t *find_path(const apid_args_t *args, const char *path,
                                   int *lookups)
{
    const apid_arg_t *found = find_named(args, path, strlen(path));
    const char *dot = strchr(path, '.');

    for (; !found && dot && ++*lookups <= MAX_LOOKUPS;
         dot = strchr(dot + 1, '.')) {
        apid_arg_t *top = find_named(args, path, (apr_size_t)(dot - path));
        const apid_args_t *members
            = top ? find_members(top, args->pool) : NULL;
        if (members)
            found = find_path(members, dot + 1, lookups);
    }
    return found;
}

static apr_size_t skip_ascii(const char *text, apr_size_t len)
{
    apr_size_t i = 0;
    apr_uint64_t eight;

    for (; len - i >= sizeof(eight); i += sizeof(eight)) {
        memcpy(&eight, text + i, sizeof(eight));
        if (eight & HIGH_BITS)
            break;
    }
    return i;
}

/* the length of the well-formed sequence at s, 0 if it is none */
static apr_size_t measure(const unsigned char *s, apr_size_t left)
{
    const range_t *range = ranges;

    if (*s < 0x80)
        return 1;
    while (range->len && (*s < range->lead || *s > range->last))
        range++;
    if (!range->len || left < (apr_size_t)range->len)
        return 0;
    if (s[1] < range->low || s[1] > range->high)
        return 0;
    for (int i = 2; i < range->len; i++) {
        if (s[i] < 0x80 || s[i] > 0xBF)
            return 0;
    }
    return (apr_size_t)range->len;
}

static apid_err_t *refuse(const reader_t *in, const char *at, const char *why)
{
    return apid_err_raise(in->pool, APID_ERR_INVALID_JSON,
                          "invalid JSON at byte %zu: %s",
                          (size_t)(at - in->start), why);
}

/* past the end a NUL, which is no part of any JSON either */
static int peek(const reader_t *in)
{
    return in->at < in->end ? *in->at : '\0';
}

static void skip_space(reader_t *in)
{
    int c = peek(in);

    while (c == ' ' || c == '\t' || c == '\r' || c == '\n') {
        in->at++;
        c = peek(in);
    }
}

static int take(reader_t *in, char c)
{
    if (peek(in) != c)
        return 0;
    in->at++;
    return 1;
}

static int take_digits(reader_t *in)
{
    const char *from = in->at;

    while (peek(in) >= '0' && peek(in) <= '9')
        in->at++;
    return in->at > from;
}

/* the code unit written at s, as in \u20ac; -1 if it is none */
static int read_unit(const reader_t *in, const char *s)
{
    static const char digits[] = "0123456789abcdef0123456789ABCDEF";
    int unit = 0;

    if (in->end - s < 6 || s[0] != '\\' || s[1] != 'u')
        return -1;
    for (int i = 2; i < 6; i++) {
        const char *digit = s[i] ? strchr(digits, s[i]) : NULL;
        if (!digit)
            return -1;
        unit = unit * 16 + (int)(digit - digits) % 16;
    }
    return unit;
}

static char *write_utf8(char *out, int code)
{
    if (code < 0x80) {
        *out++ = (char)code;
        return out;
    }
    if (code < 0x800) {
        *out++ = (char)(0xC0 | code >> 6);
    }
    else if (code < 0x10000) {
        *out++ = (char)(0xE0 | code >> 12);
        *out++ = (char)(0x80 | (code >> 6 & 0x3F));
    }
    else {
        *out++ = (char)(0xF0 | code >> 18);
        *out++ = (char)(0x80 | (code >> 12 & 0x3F));
        *out++ = (char)(0x80 | (code >> 6 & 0x3F));
    }
    *out++ = (char)(0x80 | (code & 0x3F));
    return out;
}

static apid_err_t *read_code(reader_t *in, char **out)
{
    int code = read_unit(in, in->at), low;

    if (code < 0)
        return refuse(in, in->at, "expected four hex digits after \\u");
    if (code == 0)
        return refuse(in, in->at, "U+0000 in a string");
    if (code >= 0xDC00 && code <= 0xDFFF)
        return refuse(in, in->at, "a lone surrogate in a string");
    if (code >= 0xD800 && code <= 0xDBFF) {
        low = read_unit(in, in->at + 6);
        if (low < 0xDC00 || low > 0xDFFF)
            return refuse(in, in->at, "a lone surrogate in a string");
        code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
        in->at += 6;
    }
    in->at += 6;
    *out = write_utf8(*out, code);
    return NULL;
}

static apid_err_t *read_escape(reader_t *in, char **out)
{
    static const char letters[] = "\"\\/bfnrt", means[] = "\"\\/\b\f\n\r\t";
    const char *letter = in->at[1] ? strchr(letters, in->at[1]) : NULL;

    if (in->at[1] == 'u')
        return read_code(in, out);
    if (!letter)
        return refuse(in, in->at, "an unknown escape in a string");
    *(*out)++ = means[letter - letters];
    in->at += 2;
    return NULL;
}

/* no escape is shorter than what it stands for, so the source's length will
 * do */
static apid_err_t *unescape(reader_t *in, const char *end, char **out)
{
    while (in->at < end) {
        const char *stop = memchr(in->at, '\\', (size_t)(end - in->at));
        size_t len = (size_t)((stop ? stop : end) - in->at);
        memcpy(*out, in->at, len);
        *out += len;
        in->at += len;
        apid_err_t *err = stop ? read_escape(in, out) : NULL;
        if (err)
            return err;
    }
    return NULL;
}

static apid_err_t *find_quote(const reader_t *in, const char **end)
{
    const char *s = in->at;

    while (s < in->end && *s != '"') {
        if ((unsigned char)*s < 0x20)
            return refuse(in, s, "a control character in a string");
        s += *s == '\\' ? 2 : 1;
    }
    if (s >= in->end)
        return refuse(in, in->at - 1, "a string without an end");
    *end = s;
    return NULL;
}

static apid_err_t *read_string(reader_t *in, const char **text,
                               apr_size_t *len)
{
    const char *end = NULL;
    char *copy, *out;

    in->at++;
    apid_err_t *err = find_quote(in, &end);
    if (err)
        return err;
    copy = out = apr_palloc(in->pool, (apr_size_t)(end - in->at) + 1);
    err = unescape(in, end, &out);
    if (err)
        return err;
    *out = '\0';
    *text = copy;
    *len = (apr_size_t)(out - copy);
    in->at = end + 1;
    return NULL;
}

static apid_err_t *read_number(reader_t *in, apid_arg_t *arg)
{
    const char *from = in->at;
    int negative = take(in, '-');

    if (!take(in, '0') && !take_digits(in))
        return refuse(in, in->at, negative ? "expected a digit"
                                           : "expected a value");
    if (take(in, '.') && !take_digits(in))
        return refuse(in, in->at, "expected a digit");
    if (take(in, 'e') || take(in, 'E')) {
        if (!take(in, '+'))
            take(in, '-');
        if (!take_digits(in))
            return refuse(in, in->at, "expected a digit");
    }
    arg->kind = APID_ARG_NUMBER;
    arg->len = (apr_size_t)(in->at - from);
    arg->text = apr_pstrmemdup(in->pool, from, arg->len);
    return NULL;
}

static apid_err_t *read_word(reader_t *in, apid_arg_t *arg, apid_arg_e kind,
                             const char *word)
{
    arg->kind = kind;
    arg->text = word;
    arg->len = strlen(word);
    if ((apr_size_t)(in->end - in->at) < arg->len
        || memcmp(in->at, word, arg->len))
        return refuse(in, in->at, "expected a value");
    in->at += arg->len;
    return NULL;
}

static apid_err_t *read_key(reader_t *in, apid_arg_t *member,
                            apid_args_t *members)
{
    apr_size_t len;

    skip_space(in);
    const char *from = in->at;
    if (peek(in) != '"')
        return refuse(in, from, "expected a key in double quotes");
    apid_err_t *err = read_string(in, &member->name, &len);
    if (err)
        return err;
    if (!put(members, member))
        return refuse(in, from, "a duplicate key");
    skip_space(in);
    return take(in, ':') ? NULL : refuse(in, in->at, "expected ':'");
}

static apid_err_t *read_value(reader_t *in, apid_arg_t *arg);

/* one item or member after the other, up to but without the closing bracket */
static apid_err_t *read_items(reader_t *in, apid_arg_t *arg)
{
    int keyed = arg->kind == APID_ARG_OBJECT;
    apid_args_t *members = keyed ? apid_args_open(in->pool) : NULL;
    apid_arg_t **tail = &arg->items;

    arg->members = members;
    do {
        apid_arg_t *item = apr_pcalloc(in->pool, sizeof(*item));
        apid_err_t *err = keyed ? read_key(in, item, members) : NULL;
        if (!err)
            err = read_value(in, item);
        if (err)
            return err;
        *tail = item;
        tail = &item->next;
        arg->nitems++;
        skip_space(in);
    } while (take(in, ','));
    return NULL;
}

static apid_err_t *read_group(reader_t *in, apid_arg_t *arg, apid_arg_e kind)
{
    char close = kind == APID_ARG_OBJECT ? '}' : ']';

    arg->kind = kind;
    arg->text = in->at++;
    if (++in->depth > APID_ARG_MAX_DEPTH)
        return refuse(in, arg->text, "more than 32 levels");
    skip_space(in);
    if (!take(in, close)) {
        apid_err_t *err = read_items(in, arg);
        if (err)
            return err;
        if (!take(in, close))
            return refuse(in, in->at, close == '}' ? "expected ',' or '}'"
                                                   : "expected ',' or ']'");
    }
    in->depth--;
    arg->len = (apr_size_t)(in->at - arg->text);
    return NULL;
}

static apid_err_t *read_value(reader_t *in, apid_arg_t *arg)
{
    skip_space(in);
    switch (peek(in)) {
    case '{':
        return read_group(in, arg, APID_ARG_OBJECT);
    case '[':
        return read_group(in, arg, APID_ARG_ARRAY);
    case '"':
        arg->kind = APID_ARG_TEXT;
        return read_string(in, &arg->text, &arg->len);
    case 't':
        return read_word(in, arg, APID_ARG_BOOLEAN, "true");
    case 'f':
        return read_word(in, arg, APID_ARG_BOOLEAN, "false");
    case 'n':
        return read_word(in, arg, APID_ARG_NULL, "null");
    default:
        return read_number(in, arg);
    }
}

apid_arg_t *apid_arg_text(const char *text, apr_pool_t *pool)
{
    apid_arg_t *arg;

    if (!text)
        return NULL;
    arg = apr_pcalloc(pool, sizeof(*arg));
    arg->kind = APID_ARG_TEXT;
    arg->text = text;
    arg->len = strlen(text);
    return arg;
}

apid_arg_t *apid_arg_literal(const char *text, apr_pool_t *pool)
{
    apid_arg_t *arg = apid_arg_text(text, pool);

    if (arg)
        arg->form = 1;
    return arg;
}

apid_args_t *apid_args_open(apr_pool_t *pool)
{
    apid_args_t *args = apr_pcalloc(pool, sizeof(*args));

    args->pool = pool;
    return args;
}

/* what is known already may be a member of an object */
void apid_args_add(apid_args_t *args, apid_arg_t *arg)
{
    if (!apid_args_find(args, arg->name))
        put(args, arg);
}

void apid_args_add_text(apid_args_t *args, const char *name, const char *text)
{
    apid_arg_t *arg = apid_arg_text(text, args->pool);

    arg->name = name;
    put(args, arg);
}

const char *apid_args_other(const apid_args_t *args, const char *const *names,
                            int n)
{
    apr_hash_index_t *at = args->more ? apr_hash_first(NULL, args->more)
                                      : NULL;

    for (int i = 0; i < args->nfew; i++)
        if (!is_among(args->few[i]->name, names, n))
            return args->few[i]->name;
    for (; at; at = apr_hash_next(at))
        if (!is_among(apr_hash_this_key(at), names, n))
            return apr_hash_this_key(at);
    return NULL;
}

const apid_arg_t *apid_args_find(const apid_args_t *args, const char *path)
{
    int lookups = 0;

    return find_path(args, path, &lookups);
}

apid_err_t *apid_arg_parse_json(apid_arg_t **arg, const char *text,
                                apr_size_t len, apr_pool_t *pool)
{
    reader_t in = {text, text, text + len, 0, pool};
    apid_arg_t *value = apr_pcalloc(pool, sizeof(*value));
    apr_size_t bad;

    if (len >= 3 && !memcmp(text, "\xEF\xBB\xBF", 3))
        return refuse(&in, text, "a byte order mark");
    if (!apid_arg_utf8(text, len, &bad))
        return refuse(&in, text + bad, "a byte that is not UTF-8");
    apid_err_t *err = read_value(&in, value);
    if (err)
        return err;
    skip_space(&in);
    if (in.at < in.end)
        return refuse(&in, in.at, "expected the end");
    *arg = value;
    return NULL;
}

apid_err_t *apid_args_parse_json(apid_args_t *args, const char *text,
                                 apr_size_t len, apr_pool_t *pool)
{
    reader_t in = {text, text, text + len, 0, pool};
    apid_arg_t *object;

    apid_err_t *err = apid_arg_parse_json(&object, text, len, pool);
    if (err)
        return err;
    skip_space(&in);
    if (object->kind != APID_ARG_OBJECT)
        return refuse(&in, in.at, "expected an object");
    if (object->nitems > APID_ARG_MAX_NAMES)
        return apid_err_raise(pool, APID_ERR_INVALID_REQUEST,
                              "more than %d parameters", APID_ARG_MAX_NAMES);
    for (apid_arg_t *item = object->items; item; item = item->next)
        put(args, item);
    return NULL;
}

int apid_arg_utf8(const char *text, apr_size_t len, apr_size_t *at)
{
    const unsigned char *bytes = (const unsigned char *)text;
    apr_size_t i = skip_ascii(text, len), step;

    while (i < len) {
        step = measure(bytes + i, len - i);
        if (!step) {
            *at = i;
            return 0;
        }
        i += step;
        i += skip_ascii(text + i, len - i);
    }
    return 1;
}
