/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apid_trace: notes are copies of headers only: statements and binds stay
 * where they were made. EXPLAIN is put before a statement that was run, so
 * that no text of a request comes into it.
 */
#include "apid_trace.h"
#include "apid_json.h"
#include "apid_rights.h"

#include <apr_strings.h>

#define IS_SAFE \
    "SELECT COUNT(*) FROM information_schema.TABLES t" \
    " JOIN information_schema.ENGINES e ON e.ENGINE = t.ENGINE" \
    " WHERE t.TABLE_SCHEMA = DATABASE() AND t.TABLE_NAME = ?" \
    " AND e.TRANSACTIONS = 'YES'"

apid_trace_t *apid_trace_open(apr_pool_t *pool)
{
    apid_trace_t *trace = apr_pcalloc(pool, sizeof(*trace));

    trace->pool = pool;
    trace->stmts = apr_array_make(pool, 8, sizeof(apid_traced_t));
    trace->entries = apr_array_make(pool, 8, sizeof(apid_entry_t));
    return trace;
}

void apid_trace_reset(apid_trace_t *trace)
{
    apr_array_clear(trace->stmts);
    apr_array_clear(trace->entries);
}

/* ---- tables without transactions */

static apid_err_t *check_table(const char *table, const apid_plan_t *plan,
                               apid_lease_t *lease, apr_pool_t *pool)
{
    apid_value_t name = apid_value_of_text(apid_catalog_unquote(table, pool));
    apid_stmt_t stmt = {.kind = APID_STMT_READ, .sql = IS_SAFE,
                        .binds = &name, .nbinds = 1};
    const apid_value_t *row;
    apid_rows_t *rows;
    apid_err_t *err = apid_db_execute(&rows, lease, &stmt, 1);

    if (!err)
        err = apid_db_next(&row, rows);
    if (err || (row && row[0].u.i == 1))
        return err;
    return apid_err_raise(pool, APID_ERR_CONFLICT,
                          "A table of %s has no transactions: what a dry run "
                          "does there could not be undone",
                          plan->module->name);
}

static apid_err_t *check_plan(const apid_plan_t *plan, apid_lease_t *lease,
                              apr_pool_t *pool)
{
    const apid_module_t *module = plan->module;
    apid_err_t *err = NULL;
    int i;

    for (i = 0; !err && i < module->ntables; i++)
        err = check_table(module->tables[i].name, plan, lease, pool);
    if (!err && module->sequence_table)
        err = check_table(module->sequence_table, plan, lease, pool);
    return err;
}

apid_err_t *apid_trace_check(const apid_call_t *call, apid_lease_t *lease,
                             apr_pool_t *pool)
{
    apid_err_t *err = NULL;
    int i;

    for (i = 0; !err && i < call->api->nplans; i++)
        if (call->api->plans[i].op != APID_OP_SELECT)
            err = check_plan(&call->api->plans[i], lease, pool);
    return err;
}

/* ---- what is noted */

void apid_trace_stmts(apid_trace_t *trace, const apid_stmt_t *stmts, int n)
{
    int i;

    for (i = 0; i < n; i++) {
        apid_traced_t *traced = apr_array_push(trace->stmts);

        traced->stmt = stmts[i];
        traced->explain = NULL;
    }
}

/* Who reads own records alone reads those of a plan for own records alone. */
static int reads(const apid_permit_t *permit, const apid_plan_t *plan)
{
    const unsigned read = 1u << APID_ACCESS_READ;

    return (permit->all & read) || ((permit->granted & read) && plan->owner);
}

static apr_array_header_t *readable(const apid_entry_t *entry,
                                    const apid_permit_t *permit,
                                    const apid_plan_t *plan, apr_pool_t *pool)
{
    apr_array_header_t *list
        = apr_array_make(pool, entry->changes->nelts, sizeof(apid_change_t));
    int i;

    for (i = 0; i < entry->changes->nelts; i++) {
        apid_change_t *change
            = &APR_ARRAY_IDX(entry->changes, i, apid_change_t);

        if (reads(permit, plan)
            && !apid_permit_hides(permit, APID_ACCESS_READ, change->field))
            APR_ARRAY_PUSH(list, apid_change_t) = *change;
    }
    return list;
}

void apid_trace_entries(apid_trace_t *trace,
                        const apr_array_header_t *entries,
                        const apid_plan_t *plan, const apid_call_t *call)
{
    const apid_permit_t *permit = apid_rights_permit(
        call->user ? call->user->rights : NULL, plan->module->name);
    const char *prefix = plan->module->prefix ? plan->module->prefix : "";
    int i;

    for (i = 0; i < entries->nelts; i++) {
        const apid_entry_t *from = &APR_ARRAY_IDX(entries, i, apid_entry_t);
        apid_entry_t *entry = apr_array_push(trace->entries);

        *entry = *from;
        if (from->record)
            entry->record = apr_pstrcat(trace->pool, prefix, from->record,
                                        NULL);
        entry->changes = readable(from, permit, plan, trace->pool);
    }
}

void apid_trace_made(apid_trace_t *trace, const char *id)
{
    apid_entry_t *entry = trace->entries->nelts
        ? &APR_ARRAY_IDX(trace->entries, trace->entries->nelts - 1,
                         apid_entry_t) : NULL;

    if (entry && !entry->record)
        entry->record = apr_pstrdup(trace->pool, id);
}

/* ---- how the server runs it */

static void write_cell(apid_json_t *json, const apid_value_t *cell,
                       apr_pool_t *pool)
{
    static const apid_domain_t domain = {.type = APID_TYPE_STRING};

    if (cell->cls == APID_INT)
        apid_json_int(json, cell->u.i);
    else if (cell->cls == APID_UINT)
        apid_json_uint(json, cell->u.u);
    else
        apid_json_string(json, apid_value_text(cell, &domain, pool));
}

static apid_err_t *write_rows(apid_json_t *json, apid_rows_t *rows,
                              apr_pool_t *pool)
{
    const apid_value_t *row;
    apid_err_t *err;

    apid_json_array(json);
    while (!(err = apid_db_next(&row, rows)) && row) {
        int i;

        apid_json_object(json);
        for (i = 0; i < apid_db_columns(rows); i++) {
            apid_json_key(json, apid_db_column_name(rows, i));
            write_cell(json, &row[i], pool);
        }
        apid_json_end(json);
    }
    apid_json_end(json);
    return err;
}

static apid_err_t *explain(apid_traced_t *traced, apid_lease_t *lease,
                           apr_pool_t *pool)
{
    apid_json_t *json = apid_json_memory(pool);
    apid_stmt_t stmt = traced->stmt;
    apid_rows_t *rows;
    apid_err_t *err;

    stmt.sql = apr_pstrcat(pool, "EXPLAIN FORMAT=TRADITIONAL ", stmt.sql, NULL);
    err = apid_db_execute(&rows, lease, &stmt, 1);
    if (!err)
        err = write_rows(json, rows, pool);
    if (!err)
        traced->explain = apid_json_print(json, pool);
    return err;
}

apid_err_t *apid_trace_explain(apid_trace_t *trace, apid_lease_t *lease)
{
    apid_err_t *err = NULL;
    int i;

    for (i = 0; !err && i < trace->stmts->nelts; i++) {
        apid_traced_t *traced = &APR_ARRAY_IDX(trace->stmts, i,
                                               apid_traced_t);

        if (traced->stmt.kind == APID_STMT_READ && !traced->explain)
            err = explain(traced, lease, trace->pool);
    }
    return err;
}
