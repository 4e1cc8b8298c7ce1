/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apid_form: query strings, form bodies and multipart bodies to arguments.
 * What can be understood is taken as it is; what can not be text (bytes that
 * are not UTF-8, U+0000, files) is refused. Every argument made here has its
 * form flag set. A key that comes again, or ends in [], makes an array; a[b]
 * is the argument a.b. Types are left to apid_value.
 */
#include "apid_form.h"

#include <apr_hash.h>
#include <apr_lib.h>
#include <apr_strings.h>
#include <stdlib.h>
#include <string.h>

#define MAX_PARTS 1000
#define MAX_PART_HEADERS 8190 /* bytes, as httpd's own LimitRequestFieldSize */

/* RFC 2046, section 5.1.1 */
#define MAX_BOUNDARY 70

typedef struct span_t {
    const char *at, *end;
} span_t;

typedef struct text_t {
    char *text;
    apr_size_t len;
} text_t;

/* an argument that may still grow */
typedef struct entry_t {
    apid_arg_t arg;
    apid_arg_t **tail; /* of an array's items */
} entry_t;

typedef struct form_t {
    apid_args_t *args;
    apr_hash_t *entries; /* of this form, by name */
    apr_pool_t *pool;
} form_t;

typedef struct delimiter_t {
    const char *from; /* where the part before it ends */
    const char *next; /* where the part after it begins */
    int last;
} delimiter_t;

static apr_size_t length(span_t source)
{
    return (apr_size_t)(source.end - source.at);
}

static text_t copy(span_t source, apr_pool_t *pool)
{
    text_t to = {apr_pstrmemdup(pool, source.at, length(source)),
                 length(source)};
    return to;
}

static int is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static span_t trim(span_t source)
{
    while (source.at < source.end && is_blank(*source.at))
        source.at++;
    while (source.at < source.end && is_blank(source.end[-1]))
        source.end--;
    return source;
}

static int begins(span_t source, const char *with, apr_size_t len)
{
    return length(source) >= len && !memcmp(source.at, with, len);
}

static int is_word(span_t source, const char *word)
{
    source = trim(source);
    return length(source) == strlen(word)
           && !strncasecmp(source.at, word, length(source));
}

static apid_err_t *refuse(apr_pool_t *pool, const char *why)
{
    return apid_err_raise(pool, APID_ERR_INVALID_REQUEST, "%s", why);
}

static int is_escape(span_t source)
{
    return length(source) >= 3 && source.at[0] == '%'
           && apr_isxdigit(source.at[1]) && apr_isxdigit(source.at[2]);
}

static char decode_next(span_t *source)
{
    char c = *source->at, digits[3] = "";

    if (!is_escape(*source)) {
        source->at++;
        return c == '+' ? ' ' : c;
    }
    memcpy(digits, source->at + 1, 2);
    source->at += 3;
    return (char)strtol(digits, NULL, 16);
}

static text_t decode(span_t source, apr_pool_t *pool)
{
    text_t to = {apr_palloc(pool, length(source) + 1), 0};

    while (source.at < source.end)
        to.text[to.len++] = decode_next(&source);
    to.text[to.len] = '\0';
    return to;
}

/* the span up to c; source goes on behind it */
static span_t cut(span_t *source, char c)
{
    span_t head = *source;
    const char *at = memchr(source->at, c, length(*source));

    if (at) {
        head.end = at;
        source->at = at + 1;
    }
    else {
        source->at = source->end;
    }
    return head;
}

static apid_err_t *check_text(text_t text, const char *subject,
                              apr_pool_t *pool)
{
    apr_size_t at;
    int utf8 = apid_arg_utf8(text.text, text.len, &at);

    if (utf8 && strlen(text.text) == text.len)
        return NULL;
    return apid_err_raise(pool, APID_ERR_INVALID_REQUEST, "%s%s", subject,
                          utf8 ? "holds the character U+0000"
                               : "is not UTF-8 text");
}

/* whether s is made of [key] groups, of which only the last may be empty */
static int is_subscript(const char *s)
{
    while (*s == '[') {
        size_t len = strcspn(s + 1, "[]");
        if (s[len + 1] != ']' || (len == 0 && s[2]))
            return 0;
        s += len + 2;
    }
    return *s == '\0';
}

/* a[b][] becomes a.b; gives whether it ended in [] */
static int flatten(char *name)
{
    char *in = strchr(name, '['), *out = in;

    if (!in || in == name || !is_subscript(in))
        return 0;
    int list = strrchr(in, '[')[1] == ']';
    for (; *in; in++) {
        if (*in != ']')
            *out++ = *in == '[' ? '.' : *in;
    }
    out[list ? -1 : 0] = '\0';
    return list;
}

static apid_arg_t text_arg(text_t value)
{
    apid_arg_t arg = {NULL, APID_ARG_TEXT, value.text, value.len, NULL, NULL,
                      0, 1};
    return arg;
}

static void append(entry_t *entry, text_t value, apr_pool_t *pool)
{
    apid_arg_t *item = apr_palloc(pool, sizeof(*item));

    *item = text_arg(value);
    *entry->tail = item;
    entry->tail = &item->next;
    entry->arg.nitems++;
}

static void turn_into_array(entry_t *entry)
{
    entry->arg.kind = APID_ARG_ARRAY;
    entry->arg.text = NULL;
    entry->arg.len = 0;
    entry->tail = &entry->arg.items;
}

static apid_err_t *open_entry(form_t *form, const char *name, text_t value,
                              int list)
{
    entry_t *entry = apr_palloc(form->pool, sizeof(*entry));

    if (apr_hash_count(form->entries) == APID_ARG_MAX_NAMES)
        return apid_err_raise(form->pool, APID_ERR_INVALID_REQUEST,
                              "more than %d parameters", APID_ARG_MAX_NAMES);
    entry->arg = text_arg(value);
    entry->arg.name = name;
    if (list) {
        turn_into_array(entry);
        append(entry, value, form->pool);
    }
    apr_hash_set(form->entries, name, APR_HASH_KEY_STRING, entry);
    apid_args_add(form->args, &entry->arg);
    return NULL;
}

static apid_err_t *add(form_t *form, char *name, text_t value)
{
    int list = flatten(name);
    entry_t *entry = apr_hash_get(form->entries, name, APR_HASH_KEY_STRING);

    if (!entry)
        return open_entry(form, name, value, list);
    if (entry->arg.kind == APID_ARG_TEXT) {
        text_t first = {(char *)entry->arg.text, entry->arg.len};
        turn_into_array(entry);
        append(entry, first, form->pool);
    }
    append(entry, value, form->pool);
    return NULL;
}

static apid_err_t *add_checked(form_t *form, text_t name, text_t value)
{
    apid_err_t *err = check_text(name, "a name ", form->pool);

    if (err || !name.len)
        return err;
    err = check_text(value, "", form->pool);
    if (err)
        return apid_err_field(err, name.text);
    return add(form, name.text, value);
}

static int is_quoted_pair(span_t source)
{
    return begins(source, "\\\"", 2) || begins(source, "\\\\", 2);
}

/* the rest of a quoted string, whose opening quote has been read */
static text_t read_quoted(span_t *source, apr_pool_t *pool)
{
    span_t from = *source;

    while (source->at < source->end && *source->at != '"')
        source->at += 1 + is_quoted_pair(*source);

    text_t to = {apr_palloc(pool, source->at - from.at + 1), 0};
    while (from.at < source->at) {
        from.at += is_quoted_pair(from);
        to.text[to.len++] = *from.at++;
    }
    to.text[to.len] = '\0';
    cut(source, ';');
    return to;
}

static text_t read_parameter(span_t *source, apr_pool_t *pool)
{
    while (source->at < source->end && is_blank(*source->at))
        source->at++;
    if (!begins(*source, "\"", 1))
        return copy(trim(cut(source, ';')), pool);
    source->at++;
    return read_quoted(source, pool);
}

/* the value of one parameter of a header such as a; name="x"; text is NULL
 * if it has none */
static text_t find_parameter(span_t header, const char *name,
                             apr_pool_t *pool)
{
    text_t none = {NULL, 0};

    cut(&header, ';');
    while (header.at < header.end) {
        span_t word = cut(&header, '=');
        const char *other = memrchr(word.at, ';', length(word));
        if (other)
            word.at = other + 1;
        text_t value = read_parameter(&header, pool);
        if (is_word(word, name))
            return value;
    }
    return none;
}

/* the value of the header called name, empty if there is none */
static span_t find_header(span_t headers, const char *name)
{
    while (headers.at < headers.end) {
        span_t line = cut(&headers, '\n');
        span_t word = cut(&line, ':');
        if (length(line) && line.end[-1] == '\r')
            line.end--;
        if (is_word(word, name))
            return line;
    }
    return headers;
}

/* mark is what stands before each part: CRLF, two hyphens, the boundary */
static apid_err_t *read_mark(text_t *mark, const char *content_type,
                             apr_pool_t *pool)
{
    span_t header = {content_type, content_type + strlen(content_type)};
    text_t boundary = find_parameter(header, "boundary", pool);

    if (!boundary.len || boundary.len > MAX_BOUNDARY)
        return refuse(pool, "the Content-Type has no usable boundary");
    mark->text = apr_pstrcat(pool, "\r\n--", boundary.text, NULL);
    mark->len = boundary.len + 4;
    return NULL;
}

/* what follows the boundary at source tells whether it is a delimiter: only
 * blanks may stand between it and the end of its line */
static int read_delimiter(delimiter_t *found, span_t source)
{
    found->last = begins(source, "--", 2);
    if (found->last)
        source.at += 2;
    while (source.at < source.end && is_blank(*source.at))
        source.at++;
    if (begins(source, "\r\n", 2)) {
        found->next = source.at + 2;
        return 1;
    }
    return found->last && source.at == source.end;
}

static int find_delimiter(delimiter_t *found, span_t source, text_t mark)
{
    const char *at;

    while ((at = memmem(source.at, length(source), mark.text, mark.len))) {
        found->from = at;
        source.at = at + mark.len;
        if (read_delimiter(found, source))
            return 1;
    }
    return 0;
}

/* the first delimiter needs no line end before it */
static int find_first(delimiter_t *found, span_t source, text_t mark)
{
    if (begins(source, mark.text + 2, mark.len - 2)) {
        span_t behind = {source.at + mark.len - 2, source.end};
        if (read_delimiter(found, behind))
            return 1;
    }
    return find_delimiter(found, source, mark);
}

static int is_file(span_t disposition, apr_pool_t *pool)
{
    return find_parameter(disposition, "filename", pool).text
           || find_parameter(disposition, "filename*", pool).text;
}

static apid_err_t *refuse_file(form_t *form, text_t name)
{
    apid_err_t *err = check_text(name, "a name ", form->pool);

    if (err)
        return err;
    err = refuse(form->pool, "is a file, and files are not accepted");
    return apid_err_field(err, name.text);
}

static apid_err_t *read_part(form_t *form, span_t part)
{
    const char *blank = memmem(part.at, length(part), "\r\n\r\n", 4);

    if (!blank)
        return refuse(form->pool, "a part of the body has no headers");
    if (blank - part.at > MAX_PART_HEADERS)
        return refuse(form->pool,
                      "a part of the body has more than 8190 bytes of headers");

    span_t headers = {part.at, blank}, content = {blank + 4, part.end};
    span_t header = find_header(headers, "Content-Disposition");
    text_t name = find_parameter(header, "name", form->pool);
    if (!name.text)
        return refuse(form->pool, "a part of the body has no name");
    if (is_file(header, form->pool))
        return refuse_file(form, name);
    return add_checked(form, name, copy(content, form->pool));
}

static void keep(char *left, char **end, span_t pair)
{
    if (*end > left)
        *(*end)++ = '&';
    memcpy(*end, pair.at, length(pair));
    *end += length(pair);
    **end = '\0';
}

static form_t open_form(apid_args_t *args, apr_pool_t *pool)
{
    form_t form = {args, apr_hash_make(pool), pool};
    return form;
}

apid_err_t *apid_form_parse(apid_args_t *args, const char *text,
                            apr_size_t len, apr_pool_t *pool)
{
    form_t form = open_form(args, pool);
    span_t rest = {text, text + len};
    apid_err_t *err = NULL;

    while (!err && rest.at < rest.end) {
        span_t value = cut(&rest, '&');
        text_t name = decode(cut(&value, '='), pool);
        err = add_checked(&form, name, decode(value, pool));
    }
    return err;
}

apid_err_t *apid_form_parse_multipart(apid_args_t *args,
                                      const char *content_type,
                                      const char *body, apr_size_t len,
                                      apr_pool_t *pool)
{
    form_t form = open_form(args, pool);
    span_t rest = {body, body + len};
    delimiter_t here, next;
    text_t mark;

    apid_err_t *err = read_mark(&mark, content_type, pool);
    if (err)
        return err;
    if (!find_first(&here, rest, mark))
        return refuse(pool, "the body does not hold its boundary");
    for (int parts = 0; !err && !here.last; parts++) {
        rest.at = here.next;
        if (parts == MAX_PARTS)
            return refuse(pool, "the body has more than 1000 parts");
        if (!find_delimiter(&next, rest, mark))
            return refuse(pool, "the body has no closing boundary");
        span_t part = {here.next, next.from};
        err = read_part(&form, part);
        here = next;
    }
    return err;
}

/* a name as it is meant: " TOKEN[]" is token too, to whoever reads a log */
static int is_meant(text_t word, const char *name)
{
    const char *at = word.text + strspn(word.text, " ");
    apr_size_t len = strlen(name);

    return !strncasecmp(at, name, len) && strchr(" [", at[len]);
}

apid_extract_t apid_form_extract(const char *query, const char *name,
                                 apr_pool_t *pool)
{
    apid_extract_t taken = {NULL, NULL, 0};
    span_t rest = {query, query ? query + strlen(query) : NULL};
    char *left = apr_pcalloc(pool, length(rest) + 1), *end = left;

    while (rest.at < rest.end) {
        span_t pair = cut(&rest, '&'), source = pair;
        text_t word = decode(cut(&source, '='), pool);
        if (is_meant(word, name)) {
            int exact = word.len == strlen(name)
                && !strcasecmp(word.text, name);
            text_t value = decode(source, pool);
            /* a secret with U+0000 behind it is another secret */
            taken.value = exact && strlen(value.text) == value.len
                ? value.text : "";
            taken.count++;
        }
        else if (length(pair)) {
            keep(left, &end, pair);
        }
    }
    taken.rest = end > left ? left : NULL;
    return taken;
}
