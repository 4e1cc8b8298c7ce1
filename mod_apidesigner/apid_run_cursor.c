/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apid_run_cursor: where a list goes on: a signature of its sort, the rows to
 * skip, and the sort values of the row before them, sealed.
 */
#include "apid_run_parts.h"

#include <apr_hash.h>
#include <apr_strings.h>

#include <stdio.h>
#include <stdlib.h>

#define SIGNATURE 8 /* hex digits of a plan's sort in a cursor */

/* A value in a cursor is the letter of its class, in the order of classes, and
 * what the column holds, not what is shown of it: a number (the bits of one
 * that is not whole), the numbers of a time, or a length and so many bytes. */
#define LETTERS "niufdxbm"

/** A cursor is only good for the sort it was made by. */
static const char *sign_sort(const apid_plan_t *plan, apr_pool_t *pool)
{
    apr_ssize_t len = APR_HASH_KEY_STRING;
    const char *text = apr_pstrcat(pool, plan->module->name, plan->order,
                                   NULL);
    unsigned hash;
    int i;

    for (i = 0; i < plan->nsort; i++)
        text = apr_psprintf(pool, "%s %d", text, plan->sort[i].domain->type);
    hash = apr_hashfunc_default(text, &len);
    return apr_psprintf(pool, "%0*x", SIGNATURE, hash);
}

/** The next number of a cursor, which ends in NUL. */
static apr_uint64_t take_number(const char **at)
{
    char *end;
    apr_uint64_t number = strtoull(*at, &end, 10);

    *at = end + 1;
    return number;
}

static void take_time(apid_time_t *time, const char **at)
{
    int k, negative;

    sscanf(*at, "%d %d %d %d %d %d %d %d %d", &k, &negative, &time->year,
           &time->month, &time->day, &time->hour, &time->minute,
           &time->second, &time->micro);
    time->kind = (apid_time_e)k;
    time->negative = negative;
    *at += strlen(*at) + 1;
}

/** Takes the next value of an opened cursor. */
static apid_err_t *take_value(apid_value_t *value, const char **at,
                              const char *end, apr_pool_t *pool)
{
    const char *letter = *at < end ? strchr(LETTERS, **at) : NULL;

    *value = apid_value_of_null();
    if (!letter || !*letter)
        return apid_err_raise(pool, APID_ERR_INVALID_VALUE,
                              "is not a cursor");
    ++*at;
    value->cls = (apid_class_e)(letter - LETTERS);
    if (value->cls == APID_TIME)
        take_time(&value->u.t, at);
    else if (value->cls != APID_NULL)
        value->u.u = take_number(at);
    if (value->cls != APID_TEXT && value->cls != APID_BYTES)
        return NULL;
    value->len = (apr_size_t)value->u.u;
    value->text = apr_pstrmemdup(pool, *at, value->len);
    *at += value->len;
    return NULL;
}

apid_err_t *apid_cursor_open(apid_cursor_t *cursor, const char *sealed,
                             const apid_call_t *call,
                             const apid_plan_t *plan, apr_pool_t *pool)
{
    apid_value_t *values = apr_pcalloc(pool, plan->nsort * sizeof(*values));
    const char *data, *at, *end;
    apr_size_t len;
    int i;
    apid_err_t *err = apid_auth_unseal(&data, &len, call->seal, sealed, pool);

    if (err)
        return err;
    if (len <= SIGNATURE
        || strncmp(data, sign_sort(plan, pool), SIGNATURE) != 0)
        return apid_err_raise(pool, APID_ERR_INVALID_VALUE,
                              "is a cursor of another list");
    cursor->skip = apr_atoi64(data + SIGNATURE);
    at = data + SIGNATURE + strlen(data + SIGNATURE) + 1;
    end = data + len;
    cursor->values = at < end ? values : NULL;
    for (i = 0; !err && cursor->values && i < plan->nsort; i++)
        err = take_value(&values[i], &at, end, pool);
    return err;
}

static void push_bytes(apr_array_header_t *bytes, const char *from,
                       apr_size_t len)
{
    while (len--)
        *(char *)apr_array_push(bytes) = *from++;
}

static void push_text(apr_array_header_t *bytes, const char *text)
{
    push_bytes(bytes, text, strlen(text) + 1);
}

static void push_time(apr_array_header_t *bytes, const apid_time_t *time)
{
    push_text(bytes, apr_psprintf(
        bytes->pool, "%d %d %d %d %d %d %d %d %d", time->kind, time->negative,
        time->year, time->month, time->day, time->hour, time->minute,
        time->second, time->micro));
}

static void push_value(apr_array_header_t *bytes, const apid_value_t *value)
{
    int has_bytes = value->cls == APID_TEXT || value->cls == APID_BYTES;

    push_bytes(bytes, &LETTERS[value->cls], 1);
    if (value->cls == APID_TIME)
        push_time(bytes, &value->u.t);
    else if (value->cls != APID_NULL)
        push_text(bytes, apr_psprintf(bytes->pool, "%" APR_UINT64_T_FMT,
                                      has_bytes ? (apr_uint64_t)value->len
                                                : value->u.u));
    if (has_bytes)
        push_bytes(bytes, value->text, value->len);
}

const char *apid_cursor_write(const apid_plan_t *plan,
                              const apid_cursor_t *cursor,
                              const unsigned char *seal, apr_pool_t *pool)
{
    apr_array_header_t *bytes = apr_array_make(pool, 64, 1);
    const char *head = apr_psprintf(pool, "%s%" APR_INT64_T_FMT,
                                    sign_sort(plan, pool), cursor->skip);
    int i;

    push_text(bytes, head);
    for (i = 0; cursor->values && i < plan->nsort; i++)
        push_value(bytes, &cursor->values[i]);
    return apid_auth_seal(seal, bytes->elts, bytes->nelts, pool);
}
