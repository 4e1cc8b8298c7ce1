/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apid_updates: entries of the history as one INSERT of many rows, and its
 * reading. Only texts are kept, as apid_value_text writes them.
 */
#include "apid_updates.h"

#include <apr_strings.h>

void apid_updates_put_changes(apid_json_t *json,
                              const apr_array_header_t *changes)
{
    int i;

    apid_json_array(json);
    for (i = 0; i < changes->nelts; i++) {
        const apid_change_t *change
            = &APR_ARRAY_IDX(changes, i, apid_change_t);

        apid_json_object(json);
        apid_json_key(json, "field");
        apid_json_string(json, change->field);
        apid_json_key(json, "old");
        apid_json_string(json, change->before);
        apid_json_key(json, "new");
        apid_json_string(json, change->after);
        apid_json_end(json);
    }
    apid_json_end(json);
}

static const char *print_changes(const apr_array_header_t *changes,
                                 apr_bucket_alloc_t *alloc, apr_pool_t *pool)
{
    apr_bucket_brigade *brigade = apr_brigade_create(pool, alloc);
    apid_json_t *json = apid_json_open(brigade, 0, NULL, NULL, pool);

    apid_updates_put_changes(json, changes);
    return apid_json_print(json, pool);
}

static void bind_text(apid_where_t *where, const char *text)
{
    apid_value_t value = text ? apid_value_of_text(text)
                              : apid_value_of_null();

    apid_where_bind(where, &value);
}

static void bind_author(apid_where_t *where, const apid_call_t *call)
{
    const apid_api_t *api = call->api;
    apid_value_t version = apid_value_of_int(api->version);
    apid_value_t at = apid_value_now(APID_TIME_DATETIME, call->now);

    bind_text(where, api->name);
    apid_where_bind(where, &version);
    bind_text(where, call->user ? call->user->name : NULL);
    bind_text(where, api->kind == APID_KIND_WEBHOOK ? "webhook" : "api");
    bind_text(where, call->request_id);
    apid_where_bind(where, &at);
}

const char *apid_updates_key(const apid_module_t *module)
{
    return module->key == APID_KEY_AUTO && module->ntables == 1
        ? "LAST_INSERT_ID()" : "@apid_key";
}

/* "API Designer - Created" for what a plain create of kind api makes, else
 * "API Designer - " and the definition's name. */
static const char *make_label(const apid_api_t *api, apid_op_e op,
                              apr_pool_t *pool)
{
    if (op == APID_OP_CREATE && api->kind == APID_KIND_API)
        return "API Designer - Created";
    return apr_pstrcat(pool, "API Designer - ", api->name, NULL);
}

apid_stmt_t apid_updates_write(const apid_entry_t *entries, int n,
                               const apid_plan_t *plan,
                               const apid_call_t *call, apr_pool_t *pool)
{
    apr_bucket_alloc_t *alloc = apr_bucket_alloc_create(pool);
    const char *label = make_label(call->api, plan->op, pool);
    apid_where_t *where = apid_where_open(pool);
    int i;

    apid_where_add(where, "INSERT INTO apid_update (record, module, operation,"
                          " label, api, version, user, source, request_id, at,"
                          " changes) VALUES ");
    for (i = 0; i < n; i++) {
        apid_where_add(where, i ? ", (" : "(");
        apid_where_add(where, entries[i].record
                                  ? "?" : apid_updates_key(plan->module));
        apid_where_add(where, ", ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
        if (entries[i].record)
            bind_text(where, entries[i].record);
        bind_text(where, plan->module->name);
        bind_text(where, apid_op_word(entries[i].op));
        bind_text(where, label);
        bind_author(where, call);
        bind_text(where, print_changes(entries[i].changes, alloc, pool));
    }
    return apid_where_stmt(where, APID_STMT_WRITE);
}

apid_err_t *apid_updates_read(apid_rows_t **rows, apid_lease_t *lease,
                              const char *module, const char *record, int max)
{
    apid_value_t binds[] = {
        apid_value_of_text(module), apid_value_of_text(record),
        apid_value_of_int((apr_int64_t)strlen(module)),
        apid_value_of_int((apr_int64_t)strlen(record)), apid_value_of_int(max)
    };
    /* equal texts may differ in blanks at their end: whose rights were looked
     * at is what is read; the index holds the beginnings of ids, in no order
     * of time, so that the key would be preferred and all of it read */
    apid_stmt_t stmt = {
        APID_STMT_READ,
        "SELECT at, label, operation, api, version, user, source, request_id,"
        " changes FROM apid_update FORCE INDEX (record)"
        " WHERE module = ? AND record = ?"
        " AND LENGTH(module) = ? AND LENGTH(record) = ?"
        " ORDER BY id DESC LIMIT ?",
        binds, sizeof(binds) / sizeof(binds[0])};

    return apid_db_execute(rows, lease, &stmt, 1);
}
