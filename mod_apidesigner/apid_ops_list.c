/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apid_ops_list: definitions as people see them: all in a list, one with its
 * versions and tokens; and which live ones are broken, since modules or tables
 * are no longer what they were published for.
 */
#include "apid_ops_parts.h"

#include <apr_strings.h>
#include <string.h>

#define LOOKED_AT 2000 /* definitions, at most, that a list compiles */

/* why a document does not compile; NULL: it does */
static const char *judge(const char *document, const char *name,
                         const apid_catalog_t *catalog, apr_pool_t *pool)
{
    apid_api_t *api;
    apid_err_t *err = apid_api_stored(&api, document, name, catalog, pool);

    return err ? apr_psprintf(pool, "line %d: %s", err->line, err->text)
               : NULL;
}

apid_err_t *apid_ops_broken(apr_array_header_t **broken,
                            apid_ops_call_t *call)
{
    const apid_catalog_t *catalog;
    apid_rows_t *rows;
    const apid_value_t *row;
    apr_pool_t *scratch;
    apid_err_t *err = apid_ops_fitting(&catalog, call);

    *broken = apr_array_make(call->pool, 4, sizeof(apid_broken_t));
    if (!err)
        err = apid_store_list(&rows, call->store, APID_LIST_DOCUMENTS, NULL);
    apr_pool_create(&scratch, call->pool);
    for (; !err && !(err = apid_db_next(&row, rows)) && row;) {
        const char *name = apid_store_text(&row[0], call->pool);
        const char *why = judge(apid_store_text(&row[1], scratch), name,
                                catalog, scratch);
        if (why)
            APR_ARRAY_PUSH(*broken, apid_broken_t)
                = (apid_broken_t){name, apr_pstrdup(call->pool, why)};
        apr_pool_clear(scratch);
    }
    return err;
}

apid_err_t *apid_ops_forgive(apid_err_t *err)
{
    return err && err->kind == APID_ERR_INVALID_DEFINITION ? NULL : err;
}

/* none, if they are more than a list can wait for */
static apid_err_t *find_broken(apr_array_header_t **broken,
                               apid_ops_call_t *call)
{
    apr_int64_t n;
    apid_err_t *err = apid_store_count(&n, call->store->lease);

    *broken = apr_array_make(call->pool, 1, sizeof(apid_broken_t));
    return err || n > LOOKED_AT
        ? err : apid_ops_forgive(apid_ops_broken(broken, call));
}

/* both are in the order of names */
static const char *take_broken(const apr_array_header_t *broken, int *next,
                               const apid_value_t *name)
{
    const apid_broken_t *at = &APR_ARRAY_IDX(broken, *next, apid_broken_t);

    if (*next == broken->nelts || strlen(at->name) != name->len
        || memcmp(at->name, name->text, name->len) != 0)
        return "";
    ++*next;
    return at->why;
}

apid_err_t *apid_ops_definitions(apid_ops_call_t *call)
{
    apr_array_header_t *broken;
    apid_rows_t *rows;
    const apid_value_t *row;
    int next = 0;
    apid_err_t *err = find_broken(&broken, call);

    if (!err)
        err = apid_store_list(&rows, call->store, APID_LIST_DEFINITIONS,
                              NULL);
    apid_json_array(call->out);
    for (; !err && !(err = apid_db_next(&row, rows)) && row;) {
        apid_json_object(call->out);
        apid_ops_put_row(call, rows, row);
        apid_ops_put(call, "broken", take_broken(broken, &next, &row[0]));
        apid_json_end(call->out);
    }
    apid_json_end(call->out);
    return err;
}

static apid_err_t *put_broken(apid_ops_call_t *call,
                              const apid_stored_t *stored)
{
    const apid_catalog_t *catalog;
    apid_err_t *err
        = stored->document ? apid_ops_fitting(&catalog, call) : NULL;
    const char *why = stored->document && !err
        ? judge(stored->document, stored->name, catalog, call->pool) : NULL;

    if (why)
        apid_ops_put(call, "broken", why);
    return apid_ops_forgive(err);
}

apid_err_t *apid_ops_show(apid_ops_call_t *call)
{
    const char *name = apid_ops_text(call, "name");
    apid_stored_t *stored;
    apid_rows_t *rows;
    apid_err_t *err = apid_store_definition(&stored, call->store, name);

    if (!err)
        err = apid_store_list(&rows, call->store, APID_LIST_DEFINITION, name);
    if (err)
        return err;
    apid_json_object(call->out);
    err = apid_ops_write_row(call, rows);
    if (!err)
        err = put_broken(call, stored);
    if (!err)
        err = apid_ops_write_list(call, "versions", APID_LIST_VERSIONS, name);
    if (!err)
        err = apid_ops_write_list(call, "tokens", APID_LIST_TOKENS, name);
    apid_json_end(call->out);
    return err;
}

apid_err_t *apid_ops_history(apid_ops_call_t *call)
{
    const char *name = apid_ops_text(call, "name");
    apid_stored_t *stored;
    apid_err_t *err = apid_store_definition(&stored, call->store, name);

    return err ? err : apid_ops_write_list(call, NULL, APID_LIST_VERSIONS,
                                           name);
}
