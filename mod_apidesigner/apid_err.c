/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apid_err: raises errors, gives them a place and a cause, chains them, and
 * finds the word that was meant. An error and all it points to live in the
 * pool it was raised in. Text is formatted by libc: apr_pvsprintf does not
 * know every length modifier that the compiler lets pass (%zu crashes it).
 * Sending and logging are left to the representations and the module.
 */
#include "apid_err.h"

#include <apr_lib.h>
#include <apr_strings.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* a longer word is never suggested */
#define MAX_WORD 64

typedef struct row_t {
    int vtiger, rest;
    const char *code;
} row_t;

typedef struct word_t {
    const char *text;
    int len;
} word_t;

typedef int costs_t[MAX_WORD + 1];

static const row_t rows[] = {
#define ROW(kind, vtiger, rest, code) {vtiger, rest, code},
    APID_ERR_TABLE(ROW)
#undef ROW
};

__attribute__((format(printf, 2, 0))) static const char *
format(apr_pool_t *pool, const char *fmt, va_list args)
{
    va_list again;
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, fmt, again);
    va_end(again);

    char *text = apr_pcalloc(pool, (apr_size_t)len + 1);
    vsnprintf(text, (apr_size_t)len + 1, fmt, args);
    return text;
}

static int least(int a, int b)
{
    return a < b ? a : b;
}

static int same(word_t a, int i, word_t b, int j)
{
    return apr_tolower(a.text[i - 1]) == apr_tolower(b.text[j - 1]);
}

static int swapped(word_t a, int i, word_t b, int j)
{
    return i > 1 && j > 1 && same(a, i, b, j - 1) && same(a, i - 1, b, j);
}

static int says_the_same(const apid_err_t *one, const apid_err_t *other)
{
    return one->kind == other->kind && one->field && other->field
           && one->line == other->line && one->column == other->column
           && !strcmp(one->field, other->field)
           && !strcmp(one->text, other->text);
}

/* Damerau-Levenshtein distance, only the last three rows kept */
static int measure(word_t a, word_t b)
{
    costs_t costs[3];

    for (int j = 0; j <= b.len; j++)
        costs[0][j] = j;

    for (int i = 1; i <= a.len; i++) {
        int *row = costs[i % 3], *above = costs[(i + 2) % 3];
        const int *before = costs[(i + 1) % 3];

        row[0] = i;
        for (int j = 1; j <= b.len; j++) {
            row[j] = least(above[j], row[j - 1]) + 1;
            row[j] = least(row[j], above[j - 1] + !same(a, i, b, j));
            if (swapped(a, i, b, j))
                row[j] = least(row[j], before[j - 2] + 1);
        }
    }
    return costs[a.len % 3][b.len];
}

static int bound(int len)
{
    return len < 3 ? 1 : len / 3;
}

apid_err_t *apid_err_raise(apr_pool_t *pool, apid_err_e kind, const char *fmt,
                           ...)
{
    apid_err_t *err = apr_pcalloc(pool, sizeof(*err));
    va_list args;

    err->pool = pool;
    err->kind = kind;
    va_start(args, fmt);
    err->text = format(pool, fmt, args);
    va_end(args);
    return err;
}

apid_err_t *apid_err_because(apid_err_t *err, const char *fmt, ...)
{
    va_list args;

    if (!err)
        return NULL;

    const char *earlier = err->cause;
    va_start(args, fmt);
    err->cause = format(err->pool, fmt, args);
    va_end(args);
    if (earlier)
        err->cause = apr_pstrcat(err->pool, err->cause, ": ", earlier, NULL);
    return err;
}

apid_err_t *apid_err_field(apid_err_t *err, const char *field)
{
    if (err)
        err->field = field;
    return err;
}

apid_err_t *apid_err_about(apid_err_t *err, const char *what)
{
    for (apid_err_t *each = err; each; each = each->next)
        each->field = what;
    return err;
}

apid_err_t *apid_err_at(apid_err_t *err, int line, int column)
{
    if (err) {
        err->line = line;
        err->column = column;
    }
    return err;
}

apid_err_t *apid_err_join(apid_err_t *err, apid_err_t *more)
{
    while (more) {
        apid_err_t **tail = &err, *next = more->next;

        while (*tail && !says_the_same(*tail, more))
            tail = &(*tail)->next;
        if (!*tail) {
            more->next = NULL;
            *tail = more;
        }
        more = next;
    }
    return err;
}

static int is_behind(const apid_err_t *err, const apid_err_t *other)
{
    if (!err->line || !other->line)
        return !err->line && other->line;
    return err->line > other->line
        || (err->line == other->line && err->column > other->column);
}

apid_err_t *apid_err_sort(apid_err_t *err)
{
    apid_err_t *sorted = NULL;

    while (err) {
        apid_err_t **at = &sorted, *next = err->next;

        while (*at && !is_behind(*at, err))
            at = &(*at)->next;
        err->next = *at;
        *at = err;
        err = next;
    }
    return sorted;
}

const char *apid_err_line(const apid_err_t *err, apr_pool_t *pool)
{
    const char *line = "";

    for (; err; err = err->next)
        line = apr_pstrcat(pool, line, err->field ? err->field : "",
                           err->field ? " " : "", err->text,
                           err->cause ? ": " : "",
                           err->cause ? err->cause : "",
                           err->next ? "; " : "", NULL);
    return line;
}

const char *apid_err_code(apid_err_e kind)
{
    return rows[kind].code;
}

int apid_err_status_vtiger(apid_err_e kind)
{
    return rows[kind].vtiger;
}

int apid_err_status_rest(apid_err_e kind)
{
    return rows[kind].rest;
}

const char *apid_err_nearest(const char *found, const char *const *list, int n)
{
    const char *nearest = NULL;
    int best = MAX_WORD;
    word_t a = {found, (int)strnlen(found, MAX_WORD + 1)};

    for (int i = 0; i < n && a.len <= MAX_WORD; i++) {
        word_t b = {list[i], (int)strnlen(list[i], MAX_WORD + 1)};
        if (b.len > MAX_WORD || abs(a.len - b.len) > bound(b.len))
            continue;
        int far = measure(a, b);
        if (far <= bound(b.len) && far < best) {
            nearest = list[i];
            best = far;
        }
    }
    return nearest;
}
