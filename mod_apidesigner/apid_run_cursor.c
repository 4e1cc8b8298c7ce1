/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apid_run_cursor: where a list goes on: a signature of its sort, the rows to
 * skip, and the sort values of the row before them, sealed.
 */
#include "apid_run_parts.h"

#include <apr_hash.h>
#include <apr_strings.h>

#define SIGNATURE 8 /* hex digits of a plan's sort in a cursor */

/** A cursor is only good for the sort it was made by. */
static const char *sign_sort(const apid_plan_t *plan, apr_pool_t *pool)
{
    apr_ssize_t len = APR_HASH_KEY_STRING;
    unsigned hash = apr_hashfunc_default(plan->order, &len);

    return apr_psprintf(pool, "%0*x", SIGNATURE, hash);
}

/** Takes the next value of an opened cursor: 'n' for NULL, or 't' and text up
 * to NUL. */
static apid_err_t *take_value(apid_value_t *value, const char **at,
                              const char *end, const apid_domain_t *domain,
                              apr_pool_t *pool)
{
    const char *text = *at;

    *value = apid_value_of_null();
    if (text >= end)
        return apid_err_raise(pool, APID_ERR_INVALID_VALUE,
                              "is not a cursor");
    if (*text == 'n') {
        *at = text + 1;
        return NULL;
    }
    *at = text + strlen(text) + 1;
    if (domain->cls == APID_TEXT && domain->type != APID_TYPE_ID
        && domain->type != APID_TYPE_REFERENCE) {
        *value = apid_value_of_text(text + 1);
        return NULL;
    }
    return apid_value_parse_text(value, domain, text + 1, pool);
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
        err = take_value(&values[i], &at, end, plan->sort[i].domain, pool);
    return err;
}

static void push_bytes(apr_array_header_t *bytes, const char *from,
                       apr_size_t len)
{
    while (len--)
        *(char *)apr_array_push(bytes) = *from++;
}

const char *apid_cursor_write(const apid_plan_t *plan,
                              const apid_cursor_t *cursor,
                              const unsigned char *seal, apr_pool_t *pool)
{
    apr_array_header_t *bytes = apr_array_make(pool, 64, 1);
    const char *head = apr_psprintf(pool, "%s%" APR_INT64_T_FMT,
                                    sign_sort(plan, pool), cursor->skip);
    int i;

    push_bytes(bytes, head, strlen(head) + 1);
    for (i = 0; cursor->values && i < plan->nsort; i++) {
        const char *text = apid_value_text(&cursor->values[i],
                                           plan->sort[i].domain, pool);

        push_bytes(bytes, text ? "t" : "n", 1);
        if (text)
            push_bytes(bytes, text, strlen(text) + 1);
    }
    return apid_auth_seal(seal, bytes->elts, bytes->nelts, pool);
}
