/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apid_xml: reads documents with expat in one pass into a tree that lives in
 * the caller's pool; the parser itself is gone when it returns. Places count
 * characters from the first byte of the text, whatever of it expat is shown.
 * What its elements mean is left to apid_xml_rows and the languages.
 */
#include "apid_xml.h"

#include <apr_cstr.h>
#include <apr_lib.h>
#include <apr_strings.h>
#include <expat.h>
#include <string.h>

typedef struct frame_t { /* an element that is open */
    apid_xml_t *element;
    apid_xml_t *last; /* child */
    char *text;
    apr_size_t len, size;
} frame_t;

typedef struct reader_t {
    apr_pool_t *pool;
    const apid_xml_limits_t *limits;
    XML_Parser parser;
    const char *text; /* what expat is shown: len bytes, its first character
                       * is at line, column (0-based) of the document */
    apr_size_t len;
    int line, column;
    apid_err_t *err;
    int depth;
    frame_t frames[APID_XML_MAX_DEPTH + 1]; /* 0 holds the root */
} reader_t;

/* clang-format off */
static const char *const quotes[] = { /* U+2018 to U+201F, primes, guillemets */
    "\xE2\x80\x98", "\xE2\x80\x99", "\xE2\x80\x9A", "\xE2\x80\x9B",
    "\xE2\x80\x9C", "\xE2\x80\x9D", "\xE2\x80\x9E", "\xE2\x80\x9F",
    "\xE2\x80\xB2", "\xE2\x80\xB3", "\xC2\xAB", "\xC2\xBB", NULL
};
/* clang-format on */

static int line_now(const reader_t *r)
{
    return (int)XML_GetCurrentLineNumber(r->parser) + r->line;
}

static int column_now(const reader_t *r)
{
    int first = XML_GetCurrentLineNumber(r->parser) == 1;

    return (int)XML_GetCurrentColumnNumber(r->parser) + 1 +
           (first ? r->column : 0);
}

/* The place of an offset in what expat is shown. */
static apid_err_t *place(const reader_t *r, apid_err_t *err, apr_size_t at)
{
    int line = r->line + 1, column = r->column + 1;

    for (apr_size_t i = 0; i < at; i++) {
        if (r->text[i] == '\n') {
            line++;
            column = 1;
        }
        else if ((r->text[i] & 0xC0) != 0x80)
            column++;
    }
    return apid_err_at(err, line, column);
}

static void refuse(reader_t *r, apid_err_t *err)
{
    if (!r->err)
        r->err = err;
    XML_StopParser(r->parser, XML_FALSE);
}

static const char *lower(reader_t *r, const char *name)
{
    char *copy = apr_pstrdup(r->pool, name);

    for (char *c = copy; *c; c++)
        *c = apr_tolower(*c);
    return copy;
}

static void copy_attrs(reader_t *r, apid_xml_t *element, const char **attrs)
{
    int n = 0;

    while (attrs[2 * n])
        n++;
    element->nattrs = n;
    element->attrs = apr_palloc(r->pool, n * sizeof(*element->attrs));
    for (int i = 0; i < n; i++) {
        element->attrs[i].name = apr_pstrdup(r->pool, attrs[2 * i]);
        element->attrs[i].value = apr_pstrdup(r->pool, attrs[2 * i + 1]);
        element->attrs[i].used = 0;
    }
}

static void append_child(frame_t *parent, apid_xml_t *element)
{
    if (parent->last)
        parent->last->next = element;
    else if (parent->element)
        parent->element->first = element;
    else
        parent->element = element; /* the root */
    parent->last = element;
}

static void start_element(void *data, const char *name, const char **attrs)
{
    reader_t *r = data;
    frame_t *frame;
    apid_xml_t *element;

    if (r->depth == r->limits->depth) {
        apid_err_t *err = apid_err_raise(
            r->pool, APID_ERR_INVALID_DEFINITION,
            "<%s> is nested too deep: more than %d elements in each other",
            name, r->limits->depth);

        refuse(r, place(r, err, XML_GetCurrentByteIndex(r->parser)));
        return;
    }
    element = apr_pcalloc(r->pool, sizeof(*element));
    element->name = lower(r, name);
    element->line = line_now(r);
    element->column = column_now(r);
    element->text = "";
    copy_attrs(r, element, attrs);
    append_child(&r->frames[r->depth], element);
    frame = &r->frames[++r->depth];
    memset(frame, 0, sizeof(*frame));
    frame->element = element;
}

static void end_element(void *data, const char *name)
{
    reader_t *r = data;
    frame_t *frame;

    if (r->err) /* expat still ends the empty element it was stopped in */
        return;
    frame = &r->frames[r->depth--];
    while (frame->len && apr_isspace(frame->text[frame->len - 1]))
        frame->len--;
    if (frame->len)
        frame->element->text = apr_pstrmemdup(r->pool, frame->text,
                                              frame->len);
}

static void add_text(void *data, const char *text, int len)
{
    reader_t *r = data;
    frame_t *frame = &r->frames[r->depth];
    char *more;

    while (!frame->len && len && apr_isspace(*text)) {
        text++;
        len--;
    }
    if (frame->len + len > frame->size) {
        frame->size = 2 * (frame->len + len);
        more = apr_palloc(r->pool, frame->size);
        if (frame->len)
            memcpy(more, frame->text, frame->len);
        frame->text = more;
    }
    if (len)
        memcpy(frame->text + frame->len, text, len);
    frame->len += len;
}

/* Expat tells of it only at its '[' or '>'. */
static void refuse_doctype(void *data, const char *name, const char *sysid,
                           const char *pubid, int internal)
{
    reader_t *r = data;
    apr_size_t at = XML_GetCurrentByteIndex(r->parser);

    while (at && strncmp(r->text + at, "<!", 2) != 0)
        at--;
    refuse(r, place(r, apid_err_raise(r->pool, APID_ERR_INVALID_DEFINITION,
                                      "DOCTYPE is not allowed"),
                    at));
}

static const char *find_quote(const char *text, apr_size_t len)
{
    for (int i = 0; quotes[i]; i++)
        if (len >= strlen(quotes[i]) &&
            memcmp(text, quotes[i], strlen(quotes[i])) == 0)
            return quotes[i];
    return NULL;
}

/* The name that begins at offset at of what expat was shown. */
static const char *name_at(const reader_t *r, apr_size_t at)
{
    apr_size_t end = at;

    while (end < r->len && !strchr(" \t\r\n=<>/\"';&", r->text[end]))
        end++;
    return apr_pstrmemdup(r->pool, r->text + at, end - at);
}

/* What was meant is told by the token and the character before it. */
static const char *token_hint(char before, char token)
{
    if (before == '&')
        return "found '&' by itself; write &amp; instead";
    if (before == '=')
        return "expected '\"' after '=': values are in quotes";
    if (token == '<')
        return "found '<' in a value; write &lt; instead";
    return "not well-formed XML: a character that is not legal here";
}

static apid_err_t *explain_token(const reader_t *r, apr_size_t at)
{
    const char *quote = find_quote(r->text + at, r->len - at);
    char before = at ? r->text[at - 1] : '\0';

    if (quote)
        return apid_err_raise(r->pool, APID_ERR_INVALID_DEFINITION,
                              "found the typographic quote %s; use straight "
                              "quotes: \" or '",
                              quote);
    return apid_err_raise(r->pool, APID_ERR_INVALID_DEFINITION, "%s",
                          token_hint(before, at < r->len ? r->text[at] : 0));
}

static apid_err_t *explain_tag(const reader_t *r, apr_size_t at)
{
    const apid_xml_t *open = r->frames[r->depth].element;
    const char *found = name_at(r, at);

    if (apr_cstr_casecmp(found, open->name) == 0)
        return apid_err_raise(r->pool, APID_ERR_INVALID_DEFINITION,
                              "</%s> differs in case from the tag of line %d "
                              "that it closes",
                              found, open->line);
    return apid_err_raise(r->pool, APID_ERR_INVALID_DEFINITION,
                          "found </%s>, expected </%s>: <%s> of line %d is "
                          "not closed",
                          found, open->name, open->name, open->line);
}

static apid_err_t *explain_end(const reader_t *r)
{
    const apid_xml_t *open = r->frames[r->depth].element;

    if (!r->depth)
        return apid_err_raise(r->pool, APID_ERR_INVALID_DEFINITION,
                              "the document holds no element");
    return apid_err_raise(r->pool, APID_ERR_INVALID_DEFINITION,
                          "the document ends before </%s>: <%s> of line %d is "
                          "not closed",
                          open->name, open->name, open->line);
}

/* Of an attribute expat only tells where its element begins. */
static apid_err_t *explain_entity(const reader_t *r, apr_size_t at)
{
    static const char *const known[] = { "lt", "gt", "amp", "quot", "apos",
                                         NULL };
    const char *mark, *name = "";

    while ((mark = memchr(r->text + at, '&', r->len - at)) != NULL) {
        at = mark + 1 - r->text;
        name = name_at(r, at);
        if (*name != '#' && !known[apid_xml_find_word(known, name)])
            break;
    }
    return place(r, apid_err_raise(r->pool, APID_ERR_INVALID_DEFINITION,
                                   "unknown entity '&%s;'; expected &lt; "
                                   "&gt; &amp; &quot; or &apos;",
                                   name),
                 at - 1);
}

static apid_err_t *explain_other(const reader_t *r, enum XML_Error code,
                                 apr_size_t at)
{
    switch (code) {
    case XML_ERROR_DUPLICATE_ATTRIBUTE:
        return apid_err_raise(r->pool, APID_ERR_INVALID_DEFINITION,
                              "attribute '%s' is given twice",
                              name_at(r, at));
    case XML_ERROR_SYNTAX:
        return apid_err_raise(r->pool, APID_ERR_INVALID_DEFINITION,
                              "not well-formed XML: expected an element");
    case XML_ERROR_JUNK_AFTER_DOC_ELEMENT:
        return apid_err_raise(r->pool, APID_ERR_INVALID_DEFINITION,
                              "nothing may follow the root element");
    case XML_ERROR_UNCLOSED_TOKEN:
    case XML_ERROR_UNCLOSED_CDATA_SECTION:
        return apid_err_raise(r->pool, APID_ERR_INVALID_DEFINITION,
                              "the document ends inside of what begins here");
    case XML_ERROR_MISPLACED_XML_PI:
        return apid_err_raise(r->pool, APID_ERR_INVALID_DEFINITION,
                              "<?xml ...?> must be the first of the document");
    default:
        return apid_err_raise(r->pool, APID_ERR_INVALID_DEFINITION,
                              "not well-formed XML: %s",
                              XML_ErrorString(code));
    }
}

/* Where expat is in what it was shown. It gives -1 if that was nothing. */
static apr_size_t offset_now(const reader_t *r)
{
    XML_Index at = XML_GetCurrentByteIndex(r->parser);

    return at < 0 ? 0 : (apr_size_t)at;
}

static apid_err_t *explain(const reader_t *r)
{
    enum XML_Error code = XML_GetErrorCode(r->parser);
    apr_size_t at = offset_now(r);

    switch (code) {
    case XML_ERROR_UNDEFINED_ENTITY:
        return explain_entity(r, at);
    case XML_ERROR_INVALID_TOKEN:
    case XML_ERROR_PARTIAL_CHAR:
        return place(r, explain_token(r, at), at);
    case XML_ERROR_TAG_MISMATCH:
        return place(r, explain_tag(r, at), at);
    case XML_ERROR_NO_ELEMENTS:
        return place(r, explain_end(r), at);
    default:
        return place(r, explain_other(r, code, at), at);
    }
}

static apr_status_t close_parser(void *data)
{
    XML_ParserFree(data);
    return APR_SUCCESS;
}

/* A byte order mark and blanks before the prolog are not shown to expat. */
static void skip_start(reader_t *r)
{
    static const char mark[] = "\xEF\xBB\xBF";
    apr_size_t i = 0;

    if (r->len >= 3 && memcmp(r->text, mark, 3) == 0)
        i = 3;
    for (; i < r->len && apr_isspace(r->text[i]); i++) {
        r->column++;
        if (r->text[i] == '\n') {
            r->line++;
            r->column = 0;
        }
    }
    r->text += i;
    r->len -= i;
}

/* The length of a prolog's blanks between its second '?' and '>'; *mark is
 * the offset of that '?'. */
static apr_size_t prolog_blanks(const reader_t *r, apr_size_t *mark)
{
    const char *found;
    apr_size_t end;

    if (r->len < 6 || memcmp(r->text, "<?xml", 5) != 0 ||
        !apr_isspace(r->text[5]))
        return 0;
    found = memchr(r->text + 6, '?', r->len - 6);
    if (!found)
        return 0;
    *mark = found - r->text;
    end = *mark + 1;
    while (end < r->len && (r->text[end] == ' ' || r->text[end] == '\t'))
        end++;
    return end < r->len && r->text[end] == '>' ? end - *mark - 1 : 0;
}

/* Shows the text to expat, "? >" of the prolog as " ?>": places stay. */
static enum XML_Status feed(reader_t *r)
{
    XML_Parser parser = r->parser;
    apr_size_t mark, blanks = prolog_blanks(r, &mark);
    apr_size_t rest = blanks ? mark + 1 + blanks : 0;

    if (blanks &&
        (XML_Parse(parser, r->text, (int)mark, 0) != XML_STATUS_OK ||
         XML_Parse(parser, r->text + mark + 1, (int)blanks, 0) !=
             XML_STATUS_OK ||
         XML_Parse(parser, "?", 1, 0) != XML_STATUS_OK))
        return XML_STATUS_ERROR;
    return XML_Parse(parser, r->text + rest, (int)(r->len - rest), 1);
}

static void read_text(reader_t *r)
{
    r->parser = XML_ParserCreate("UTF-8");
    apr_pool_cleanup_register(r->pool, r->parser, close_parser,
                              apr_pool_cleanup_null);
    XML_SetUserData(r->parser, r);
    XML_SetElementHandler(r->parser, start_element, end_element);
    XML_SetCharacterDataHandler(r->parser, add_text);
    XML_SetStartDoctypeDeclHandler(r->parser, refuse_doctype);
    if (feed(r) != XML_STATUS_OK && !r->err)
        r->err = explain(r);
    apr_pool_cleanup_run(r->pool, r->parser, close_parser);
}

static const char *entity_of(unsigned char c)
{
    switch (c) {
    case '&': return "&amp;";
    case '<': return "&lt;";
    case '>': return "&gt;";
    case '"': return "&quot;";
    case '\'': return "&apos;";
    case '\t': return "&#9;";
    case '\n': return "&#10;";
    case '\r': return "&#13;";
    default: return c < ' ' ? "\xEF\xBF\xBD" : NULL; /* not legal in XML */
    }
}

apid_err_t *apid_xml_parse(apid_xml_t **root, const char *text,
                           apr_size_t len, const apid_xml_limits_t *limits,
                           apr_pool_t *pool)
{
    reader_t r;

    *root = NULL;
    memset(&r, 0, offsetof(reader_t, frames) + sizeof(*r.frames));
    r.pool = pool;
    r.limits = limits;
    r.text = text;
    r.len = len;
    if (len > limits->size)
        return place(&r, apid_err_raise(pool, APID_ERR_INVALID_DEFINITION,
                                        "the document is larger than %"
                                        APR_SIZE_T_FMT " KiB",
                                        limits->size / 1024),
                     0);
    if (memchr(text, '\0', len)) /* expat would take it for UTF-16 */
        return place(&r, apid_err_raise(pool, APID_ERR_INVALID_DEFINITION,
                                        "the document holds a zero byte; "
                                        "expected UTF-8"),
                     (const char *)memchr(text, '\0', len) - text);
    skip_start(&r);
    read_text(&r);
    *root = r.frames[0].element;
    return r.err;
}

const char *apid_xml_escape(const char *text, apr_pool_t *pool)
{
    apr_size_t len = 1;
    char *copy, *to;

    for (const char *c = text; *c; c++)
        len += entity_of(*c) ? strlen(entity_of(*c)) : 1;
    to = copy = apr_palloc(pool, len);
    for (const char *c = text; *c; c++)
        if (entity_of(*c))
            to = apr_cpystrn(to, entity_of(*c), 8);
        else
            *to++ = *c;
    *to = '\0';
    return copy;
}

const char *apid_xml_comment(const char *text, apr_pool_t *pool)
{
    char *comment = apr_palloc(pool, 2 * strlen(text) + 1), *to = comment;

    for (; *text; text++) {
        *to++ = *text;
        if (*text == '-')
            *to++ = ' ';
    }
    *to = '\0';
    return apid_xml_escape(comment, pool);
}
