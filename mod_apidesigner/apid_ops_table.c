/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apid_ops_table: the tables that modules can be made of: those that the
 * database user may see, but for our own.
 */
#include "apid_import.h"
#include "apid_ops_parts.h"
#include "apid_tables.h"

#include <apr_strings.h>
#include <string.h>

#define PREVIEW_ROWS "10"
#define PREVIEW_TEXT "200" /* characters of a long text */

static int has_table(const apid_module_t *module, const char *quoted)
{
    for (int i = 0; i < module->ntables; i++)
        if (!strcasecmp(module->tables[i].name, quoted))
            return 1;
    return 0;
}

/* the first module that a table is of, NULL if none */
static const char *find_module(const apid_catalog_t *catalog,
                               const char *table, apr_pool_t *pool)
{
    const apr_array_header_t *modules = apid_catalog_modules(catalog);
    const char *quoted = apid_catalog_quote(table, pool);

    for (int i = 0; i < modules->nelts; i++) {
        const apid_module_t *module
            = APR_ARRAY_IDX(modules, i, const apid_module_t *);
        if (has_table(module, quoted))
            return module->name;
    }
    return NULL;
}

apid_err_t *apid_ops_table_rights(apid_ops_call_t *call, const char *quoted,
                                  unsigned accesses)
{
    const apid_catalog_t *catalog;
    apid_err_t *err;

    if (!call->user || call->role == APID_ROLE_ADMIN)
        return NULL;
    err = apid_ops_catalog(&catalog, call);
    if (err)
        return err;
    const apr_array_header_t *modules = apid_catalog_modules(catalog);
    for (int i = 0; i < modules->nelts; i++) {
        const apid_module_t *module
            = APR_ARRAY_IDX(modules, i, const apid_module_t *);
        const apid_permit_t *permit
            = apid_rights_permit(call->user->rights, module->name);
        if (has_table(module, quoted)
            && !apid_permit_whole(permit, accesses))
            return apid_err_raise(call->pool, APID_ERR_ACCESS_DENIED,
                                  "The table %s is of %s, of which you may "
                                  "not %s everything", quoted, module->name,
                                  accesses == 1u << APID_ACCESS_READ
                                      ? "read" : "read and write");
    }
    return NULL;
}

apid_err_t *apid_ops_tables(apid_ops_call_t *call)
{
    const apid_catalog_t *catalog;
    apid_rows_t *rows;
    const apid_value_t *row;
    apid_err_t *err = apid_ops_catalog(&catalog, call);

    if (!err)
        err = apid_store_list(&rows, call->store, APID_LIST_TABLES, NULL);
    apid_json_array(call->out);
    for (; !err && !(err = apid_db_next(&row, rows)) && row;) {
        apid_json_object(call->out);
        apid_ops_put_row(call, rows, row);
        apid_ops_put(call, "module",
                     find_module(catalog, apid_store_text(&row[0], call->pool),
                                 call->pool));
        apid_json_end(call->out);
    }
    apid_json_end(call->out);
    return err;
}

static apid_err_t *find_table(const char **quoted, apid_table_facts_t **facts,
                              apid_ops_call_t *call)
{
    const char *name = apid_ops_text(call, "table");
    apid_err_t *err;

    *quoted = apid_catalog_quote(name, call->pool);
    err = apid_tables_facts(facts, *quoted, call->store->lease, call->pool);
    if (err)
        return err;
    if ((*facts)->ncolumns && !apid_tables_own(*quoted))
        return apid_ops_table_rights(call, *quoted,
                                     1u << APID_ACCESS_READ);
    return apid_err_raise(call->pool, APID_ERR_RECORD_NOT_FOUND,
                          "there is no table '%s' to look at", name);
}

/* of a long text its beginning, that a row of it stays small */
static const char *write_select(const char *quoted,
                                const apid_table_facts_t *facts,
                                apr_pool_t *pool)
{
    const char *list = "";

    for (int i = 0; i < facts->ncolumns; i++) {
        const char *column
            = apid_catalog_quote(facts->columns[i].name, pool);
        list = apr_pstrcat(pool, list, i ? ", " : "",
                           facts->columns[i].blob ? "LEFT(" : "", column,
                           facts->columns[i].blob
                               ? ", " PREVIEW_TEXT ") AS " : "",
                           facts->columns[i].blob ? column : "", NULL);
    }
    return apr_pstrcat(pool, "SELECT ", list, " FROM ", quoted,
                       " LIMIT " PREVIEW_ROWS, NULL);
}

static void put_cell(apid_ops_call_t *call, const apid_value_t *cell)
{
    static const apid_domain_t domain = {.type = APID_TYPE_DATETIME};
    char text[APID_VALUE_MAX];

    if (apid_value_is_null(cell))
        apid_json_null(call->out);
    else if (cell->cls == APID_TEXT)
        apid_json_text(call->out, cell->text, cell->len);
    else if (cell->cls == APID_BYTES)
        apid_json_base64(call->out, cell->text, cell->len);
    else
        apid_json_text(call->out, text, apid_value_format(text, cell, &domain,
                                                          APID_STYLE_PLAIN));
}

static apid_err_t *put_cells(apid_ops_call_t *call, apid_rows_t *rows)
{
    const apid_value_t *row;
    apid_err_t *err;

    apid_json_key(call->out, "rows");
    apid_json_array(call->out);
    while (!(err = apid_db_next(&row, rows)) && row) {
        apid_json_object(call->out);
        for (int i = 0; i < apid_db_columns(rows); i++) {
            apid_json_key(call->out, apid_db_column_name(rows, i));
            put_cell(call, &row[i]);
        }
        apid_json_end(call->out);
    }
    apid_json_end(call->out);
    return err;
}

apid_err_t *apid_ops_table_preview(apid_ops_call_t *call)
{
    apid_stmt_t stmt = {.kind = APID_STMT_READ};
    const char *quoted;
    apid_table_facts_t *facts;
    apid_rows_t *rows;
    apid_err_t *err = find_table(&quoted, &facts, call);

    if (err)
        return err;
    stmt.sql = write_select(quoted, facts, call->pool);
    err = apid_db_execute(&rows, call->store->lease, &stmt, 1);
    if (err)
        return err;
    apid_json_object(call->out);
    apid_ops_put(call, "name", apid_ops_text(call, "table"));
    apid_json_key(call->out, "columns");
    apid_json_array(call->out);
    for (int i = 0; i < facts->ncolumns; i++)
        apid_json_string(call->out, facts->columns[i].name);
    apid_json_end(call->out);
    err = put_cells(call, rows);
    apid_json_end(call->out);
    return err;
}

apid_err_t *apid_ops_table_document(apid_ops_call_t *call)
{
    const char *table = apid_ops_text(call, "table"), *document;
    const char *name = apid_ops_text(call, "name");
    apid_err_t *err = apid_import_table(&document, call->store, table,
                                        name ? name : table);

    if (err)
        return err;
    apid_json_object(call->out);
    apid_ops_put(call, "name", name ? name : table);
    apid_ops_put(call, "document", document);
    apid_json_end(call->out);
    return NULL;
}
