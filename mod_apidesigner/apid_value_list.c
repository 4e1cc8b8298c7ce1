/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apid_value_list: values that are picked from a list or are made of several:
 * picklists and JSON. Several choices are held as one text, joined as the
 * column wants it; JSON is held as its source text, and is a tree only while
 * two of them are compared.
 */
#include "apid_value_parts.h"

#include <apr_hash.h>
#include <apr_strings.h>
#include <apr_tables.h>
#include <string.h>

#define MARK "|##|"
#define MARK_JOINED " |##| "
#define MAX_LISTED 10 /* choices that an error names */

static int is_choice(const apid_domain_t *domain, const char *word)
{
    for (int i = 0; i < domain->nchoices; i++) {
        if (strcmp(domain->choices[i], word) == 0) {
            return 1;
        }
    }
    return domain->choices == NULL;
}

static const char *list_choices(const apid_domain_t *domain, apr_pool_t *pool)
{
    const char *list = "";
    int more = domain->nchoices - MAX_LISTED;

    for (int i = 0; i < domain->nchoices && i < MAX_LISTED; i++) {
        list = apr_pstrcat(pool, list, i ? ", " : "", "\"",
                           domain->choices[i], "\"", NULL);
    }
    return more > 0 ? apr_psprintf(pool, "%s and %d more", list, more) : list;
}

static apid_err_t *refuse_choice(const apid_domain_t *domain,
                                 const char *word, apr_pool_t *pool)
{
    const char *near = apid_err_nearest(word, domain->choices,
                                        domain->nchoices);

    return apid_err_raise(pool, APID_ERR_INVALID_VALUE,
                          "must be one of %s%s%s%s",
                          list_choices(domain, pool),
                          near ? "; did you mean \"" : "", near ? near : "",
                          near ? "\"?" : "");
}

static void push_word(apr_array_header_t *words, const char *from,
                      const char *end)
{
    while (from < end && *from == ' ') {
        from++;
    }
    while (end > from && end[-1] == ' ') {
        end--;
    }
    if (end > from) {
        APR_ARRAY_PUSH(words, const char *) =
            apr_pstrmemdup(words->pool, from, (apr_size_t)(end - from));
    }
}

static void split_words(apr_array_header_t *words, const char *text,
                        const char *mark)
{
    const char *end;

    while ((end = strstr(text, mark)) != NULL) {
        push_word(words, text, end);
        text = end + strlen(mark);
    }
    push_word(words, text, text + strlen(text));
}

static apid_err_t *take_items(apr_array_header_t *words,
                              const apid_domain_t *domain,
                              const apid_arg_t *arg)
{
    for (const apid_arg_t *item = arg->items; item; item = item->next) {
        if (item->kind != APID_ARG_TEXT && item->kind != APID_ARG_NUMBER) {
            return apid_value_refuse(domain, words->pool);
        }
        push_word(words, item->text, item->text + item->len);
    }
    return NULL;
}

static apid_err_t *check_words(const apr_array_header_t *words,
                               const apid_domain_t *domain)
{
    for (int i = 0; i < words->nelts; i++) {
        const char *word = APR_ARRAY_IDX(words, i, const char *);
        if (!is_choice(domain, word)) {
            return refuse_choice(domain, word, words->pool);
        }
    }
    return NULL;
}

static int has_word(const apr_array_header_t *words, const char *word)
{
    for (int i = 0; i < words->nelts; i++) {
        if (strcmp(APR_ARRAY_IDX(words, i, const char *), word) == 0) {
            return 1;
        }
    }
    return 0;
}

/* A SET has each of its words once, in the order of its column. */
static apr_array_header_t *order_words(apr_array_header_t *words,
                                       const apid_domain_t *domain)
{
    apr_array_header_t *ordered;

    if (!domain->set || !domain->choices) {
        return words;
    }
    ordered = apr_array_make(words->pool, domain->nchoices, sizeof(char *));
    for (int i = 0; i < domain->nchoices; i++) {
        if (has_word(words, domain->choices[i])) {
            APR_ARRAY_PUSH(ordered, const char *) = domain->choices[i];
        }
    }
    return ordered;
}

static const char *join_words(const apr_array_header_t *words,
                              const char *mark)
{
    apr_size_t size = 1;

    for (int i = 0; i < words->nelts; i++) {
        size += strlen(APR_ARRAY_IDX(words, i, const char *)) + strlen(mark);
    }
    char *text = apr_palloc(words->pool, size), *at = text;
    *at = '\0';
    for (int i = 0; i < words->nelts; i++) {
        at = stpcpy(at, i ? mark : "");
        at = stpcpy(at, APR_ARRAY_IDX(words, i, const char *));
    }
    return text;
}

/* Writes a character of a JSON string; text NULL: only measures. */
static apr_size_t write_escaped(char *text, unsigned char c)
{
    static const char hex[] = "0123456789abcdef";

    if (c >= 0x20 && c != '"' && c != '\\') {
        if (text) {
            *text = (char)c;
        }
        return 1;
    }
    if (c >= 0x20) {
        if (text) {
            text[0] = '\\';
            text[1] = (char)c;
        }
        return 2;
    }
    if (text) {
        memcpy(text, "\\u00", 4);
        text[4] = hex[c >> 4];
        text[5] = hex[c & 15];
    }
    return 6;
}

/* Writes a JSON string; text NULL: only measures. */
static apr_size_t write_literal(char *text, const apid_arg_t *arg)
{
    apr_size_t len = 1;

    for (apr_size_t i = 0; i < arg->len; i++) {
        len += write_escaped(text ? text + len : NULL,
                             (unsigned char)arg->text[i]);
    }
    if (text) {
        text[0] = text[len] = '"';
    }
    return len + 1;
}

/* An array that came from repeated keys of a form, as JSON of its texts. */
static const char *write_items(const apid_arg_t *arg, apr_pool_t *pool)
{
    apr_size_t size = 3;

    for (const apid_arg_t *item = arg->items; item; item = item->next) {
        size += write_literal(NULL, item) + 1;
    }
    char *text = apr_palloc(pool, size), *at = text;
    *at++ = '[';
    for (const apid_arg_t *item = arg->items; item; item = item->next) {
        at += write_literal(at, item);
        if (item->next) {
            *at++ = ',';
        }
    }
    memcpy(at, "]", 2);
    return text;
}

static apid_err_t *parse_json_text(apid_value_t *value,
                                   const apid_domain_t *domain,
                                   const apid_arg_t *arg, apr_pool_t *pool)
{
    if (arg->json) {
        return apid_value_hold_text(value, domain, arg->text, arg->len, pool);
    }
    if (arg->form) {
        apid_arg_t *tree;
        if (apid_arg_parse_json(&tree, arg->text, arg->len, pool)) {
            return apid_value_refuse(domain, pool);
        }
        return apid_value_hold_text(value, domain, arg->text, arg->len, pool);
    }
    apr_size_t len = write_literal(NULL, arg);
    char *text = apr_palloc(pool, len + 1);
    write_literal(text, arg);
    text[len] = '\0';
    return apid_value_hold_text(value, domain, text, len, pool);
}

apid_err_t *apid_value_parse_picklist(apid_value_t *value,
                                      const apid_domain_t *domain,
                                      const apid_arg_t *arg, apr_pool_t *pool)
{
    if (is_choice(domain, arg->text)) {
        return apid_value_hold_text(value, domain, arg->text, arg->len, pool);
    }
    if (arg->len > 0) {
        return refuse_choice(domain, arg->text, pool);
    }
    *value = domain->nullable ? apid_value_of_null() : apid_value_of_text("");
    return NULL;
}

/* Arguments that are JSON, not of a form. */
static int is_same(const apid_arg_t *a, const apid_arg_t *b, apr_pool_t *pool);

static int has_same_items(const apid_arg_t *a, const apid_arg_t *b,
                          apr_pool_t *pool)
{
    const apid_arg_t *x = a->items, *y = b->items;

    while (x && y && is_same(x, y, pool)) {
        x = x->next;
        y = y->next;
    }
    return !x && !y;
}

/* Names are unique, so as many that are all found are the same. */
static int has_same_members(const apid_arg_t *a, const apid_arg_t *b,
                            apr_pool_t *pool)
{
    apr_hash_t *others = apr_hash_make(pool);
    const apid_arg_t *x, *y;

    if (a->nitems != b->nitems) {
        return 0;
    }
    for (y = b->items; y; y = y->next) {
        apr_hash_set(others, y->name, APR_HASH_KEY_STRING, y);
    }
    for (x = a->items; x; x = x->next) {
        y = apr_hash_get(others, x->name, APR_HASH_KEY_STRING);
        if (!y || !is_same(x, y, pool)) {
            return 0;
        }
    }
    return 1;
}

static int is_same(const apid_arg_t *a, const apid_arg_t *b, apr_pool_t *pool)
{
    if (a->kind != b->kind) {
        return 0;
    }
    switch (a->kind) {
    case APID_ARG_ARRAY:
        return has_same_items(a, b, pool);
    case APID_ARG_OBJECT:
        return has_same_members(a, b, pool);
    case APID_ARG_NUMBER: {
        apid_value_t x = apid_value_of_text(a->text);
        apid_value_t y = apid_value_of_text(b->text);
        return apid_value_compare_decimal(&x, &y) == 0;
    }
    default:
        return a->len == b->len && memcmp(a->text, b->text, a->len) == 0;
    }
}

/* A JSON array in the text of a form; anything else is left as it is. */
static const apid_arg_t *read_form_array(const apid_arg_t *arg,
                                         apr_pool_t *pool)
{
    apid_arg_t *list;

    if (arg->kind != APID_ARG_TEXT || !arg->form || arg->text[0] != '['
        || apid_arg_parse_json(&list, arg->text, arg->len, pool)) {
        return arg;
    }
    return list;
}

apid_err_t *apid_value_parse_multipicklist(apid_value_t *value,
                                           const apid_domain_t *domain,
                                           const apid_arg_t *arg,
                                           apr_pool_t *pool)
{
    apr_array_header_t *words = apr_array_make(pool, 8, sizeof(char *));
    apid_err_t *err = NULL;

    arg = read_form_array(arg, pool);
    if (arg->kind == APID_ARG_ARRAY) {
        err = take_items(words, domain, arg);
    }
    else {
        int joined = strstr(arg->text, MARK) || !domain->set;
        split_words(words, arg->text, joined ? MARK : ",");
    }
    if (!err) {
        err = check_words(words, domain);
    }
    if (err) {
        return err;
    }
    const char *text = join_words(order_words(words, domain),
                                  domain->set ? "," : MARK_JOINED);
    return apid_value_hold_text(value, domain, text, strlen(text), pool);
}

apid_err_t *apid_value_parse_json(apid_value_t *value,
                                  const apid_domain_t *domain,
                                  const apid_arg_t *arg, apr_pool_t *pool)
{
    if (arg->kind == APID_ARG_TEXT) {
        return parse_json_text(value, domain, arg, pool);
    }
    if (arg->kind == APID_ARG_ARRAY && !arg->text) {
        const char *items = write_items(arg, pool);
        return apid_value_hold_text(value, domain, items, strlen(items),
                                    pool);
    }
    /* the source of a list goes on after its end */
    const char *text = apr_pstrmemdup(pool, arg->text, arg->len);
    return apid_value_hold_text(value, domain, text, arg->len, pool);
}

void apid_value_join_set(apid_arg_t *arg, apr_pool_t *pool)
{
    apr_array_header_t *words = apr_array_make(pool, 8, sizeof(char *));

    split_words(words, arg->text, ",");
    arg->text = join_words(words, MARK_JOINED);
    arg->len = strlen(arg->text);
}

int apid_value_same_json(const apid_value_t *a, const apid_value_t *b,
                         apr_pool_t *pool)
{
    apid_arg_t *x, *y;
    apr_pool_t *work;

    apr_pool_create(&work, pool);
    int same = !apid_arg_parse_json(&x, a->text, a->len, work)
        && !apid_arg_parse_json(&y, b->text, b->len, work)
        && is_same(x, y, work);
    apr_pool_destroy(work);
    return same;
}
