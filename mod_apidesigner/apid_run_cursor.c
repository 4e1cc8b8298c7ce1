/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apid_run_cursor: where a list goes on: the sort values of its last row, with
 * a signature of the sort that they belong to, sealed.
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

apid_err_t *apid_cursor_open(apid_value_t *values, const char *sealed,
                             const apid_call_t *call,
                             const apid_plan_t *plan, apr_pool_t *pool)
{
    const char *data, *at, *end;
    apr_size_t len;
    int i;
    apid_err_t *err = apid_auth_unseal(&data, &len, call->seal, sealed, pool);

    if (err)
        return err;
    if (len < SIGNATURE
        || strncmp(data, sign_sort(plan, pool), SIGNATURE) != 0)
        return apid_err_raise(pool, APID_ERR_INVALID_VALUE,
                              "is a cursor of another list");
    at = data + SIGNATURE;
    end = data + len;
    for (i = 0; !err && i < plan->nsort; i++)
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
                              const apid_value_t *values,
                              const unsigned char *seal, apr_pool_t *pool)
{
    apr_array_header_t *bytes = apr_array_make(pool, 64, 1);
    const char *signature = sign_sort(plan, pool);
    int i;

    push_bytes(bytes, signature, SIGNATURE);
    for (i = 0; i < plan->nsort; i++) {
        const char *text = apid_value_text(&values[i], plan->sort[i].domain,
                                           pool);

        push_bytes(bytes, text ? "t" : "n", 1);
        if (text)
            push_bytes(bytes, text, strlen(text) + 1);
    }
    return apid_auth_seal(seal, bytes->elts, bytes->nelts, pool);
}
