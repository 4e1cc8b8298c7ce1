/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apid_tables_facts: what the database says of one table: its columns, its
 * engine, what its unique indexes see to, and what its rows hold. Whether that
 * fits a module is for apid_tables to say.
 */
#include "apid_tables.h"
#include "apid_store.h"

#include <apr_strings.h>
#include <string.h>

#define FIRST_ROWS "100000" /* that are looked at for what should not be */

/* MariaDB adds to each unique index of a table that keeps its past the column
 * that tells when a row ended: rows that are there have the same in it. */
#define NO_END \
    " NOT IN (SELECT column_name FROM information_schema.columns" \
    " WHERE table_schema = DATABASE() AND table_name = ?" \
    " AND generation_expression = 'ROW END')"

static void take_facts(apid_table_facts_t *facts, apr_array_header_t *columns,
                       const apid_value_t *row)
{
    apid_column_facts_t *column = apr_array_push(columns);

    column->name = apid_store_text(&row[0], columns->pool);
    column->nullable = apid_store_int(&row[1]) != 0;
    column->indexed = apid_store_int(&row[2]) != 0;
    column->short_text = apid_store_int(&row[3]) != 0;
    column->blob = apid_store_int(&row[4]) != 0;
    facts->view = apid_store_int(&row[5]) != 0;
    facts->transactions = apid_store_int(&row[6]) != 0;
    column->needed = apid_store_int(&row[7]) != 0;
}

apid_err_t *apid_tables_facts(apid_table_facts_t **result, const char *table,
                              apid_lease_t *lease, apr_pool_t *pool)
{
    apid_table_facts_t *facts = apr_pcalloc(pool, sizeof(*facts));
    apr_array_header_t *columns
        = apr_array_make(pool, 32, sizeof(apid_column_facts_t));
    apid_rows_t *rows;
    const apid_value_t *row;
    apid_err_t *err = apid_store_read_facts(&rows, lease,
                                            apid_catalog_unquote(table, pool));

    for (; !err && !(err = apid_db_next(&row, rows)) && row;)
        take_facts(facts, columns, row);
    facts->columns = (const apid_column_facts_t *)columns->elts;
    facts->ncolumns = columns->nelts;
    *result = facts;
    return err;
}

const apid_column_facts_t *apid_tables_column(const apid_table_facts_t *facts,
                                              const char *name)
{
    for (int i = 0; i < facts->ncolumns; i++)
        if (!strcasecmp(facts->columns[i].name, name))
            return &facts->columns[i];
    return NULL;
}

/* whether a statement has a row */
static apid_err_t *find_row(int *found, const apid_stmt_t *stmt,
                            apid_lease_t *lease)
{
    apid_rows_t *rows;
    const apid_value_t *row = NULL;
    apid_err_t *err = apid_db_execute(&rows, lease, stmt, 1);

    if (!err)
        err = apid_db_next(&row, rows);
    *found = !err && row;
    return err;
}

apid_err_t *apid_tables_zero_dates(int *found, const char *table,
                                   const char *column, apid_lease_t *lease,
                                   apr_pool_t *pool)
{
    apid_value_t none = apid_value_of_int(0);
    apid_stmt_t stmt = {
        .kind = APID_STMT_READ, .binds = &none, .nbinds = 1,
        .sql = apr_pstrcat(pool, "SELECT 1 FROM (SELECT ", column, " AS c"
                           " FROM ", table, " LIMIT " FIRST_ROWS ") t"
                           " WHERE DAYOFMONTH(c) = ? LIMIT 1", NULL)};

    return find_row(found, &stmt, lease);
}

apid_err_t *apid_tables_fixed(int *fixed, const apid_table_t *table,
                              apid_lease_t *lease, apr_pool_t *pool)
{
    apid_value_t name
        = apid_value_of_text(apid_catalog_unquote(table->name, pool));
    apid_stmt_t stmt = {
        .kind = APID_STMT_READ, .binds = &name, .nbinds = 1,
        .sql = "SELECT 1 FROM information_schema.views"
               " WHERE table_schema = DATABASE() AND table_name = ?"
               " AND is_updatable = 'NO'"};

    return find_row(fixed, &stmt, lease);
}

apid_err_t *apid_tables_keyed(int *keyed, const apid_table_t *table,
                              apid_lease_t *lease, apr_pool_t *pool)
{
    apid_value_t binds[APID_MAX_KEYS + 2];
    apid_stmt_t stmt = {
        .kind = APID_STMT_READ, .binds = binds, .nbinds = APID_MAX_KEYS + 2,
        .sql = "SELECT 1 FROM information_schema.tables t"
               " LEFT JOIN information_schema.statistics s"
               " ON s.table_schema = t.table_schema"
               " AND s.table_name = t.table_name AND s.non_unique = 0"
               " AND s.column_name" NO_END
               " WHERE t.table_schema = DATABASE() AND t.table_name = ?"
               " GROUP BY t.table_type, s.index_name"
               " HAVING t.table_type LIKE '%VIEW'"
               " OR MIN(COALESCE(s.column_name IN (?, ?, ?, ?), 0)) = 1"
               " LIMIT 1"};

    binds[0] = apid_value_of_text(apid_catalog_unquote(table->name, pool));
    binds[1] = binds[0];
    for (int i = 0; i < APID_MAX_KEYS; i++)
        binds[i + 2] = apid_value_of_text(apid_catalog_unquote(
            table->columns[i < table->ncolumns ? i : 0], pool));
    return find_row(keyed, &stmt, lease);
}

static void take_index(apr_array_header_t *indexes, const char *name,
                       const char *column)
{
    apid_index_t *last = indexes->nelts
        ? &APR_ARRAY_IDX(indexes, indexes->nelts - 1, apid_index_t) : NULL;

    if (!last || strcmp(last->name, name) != 0) {
        last = apr_array_push(indexes);
        last->name = name;
        last->columns = apr_array_make(indexes->pool, 2, sizeof(char *));
    }
    APR_ARRAY_PUSH(last->columns, const char *) = column;
}

apid_err_t *apid_tables_uniques(apr_array_header_t **indexes,
                                const char *table, apid_lease_t *lease,
                                apr_pool_t *pool)
{
    apid_value_t name = apid_value_of_text(apid_catalog_unquote(table, pool));
    apid_value_t binds[] = {name, name};
    apid_stmt_t stmt = {
        .kind = APID_STMT_READ, .binds = binds, .nbinds = 2,
        .sql = "WITH part AS (SELECT index_name, column_name, seq_in_index"
               " FROM information_schema.statistics"
               " WHERE table_schema = DATABASE() AND table_name = ?"
               " AND non_unique = 0 AND index_name <> 'PRIMARY'"
               " AND column_name" NO_END ")"
               " SELECT index_name, column_name FROM part"
               " WHERE index_name NOT IN (SELECT index_name FROM part"
               " WHERE column_name IS NULL)"
               " ORDER BY index_name, seq_in_index"};
    apid_rows_t *rows;
    const apid_value_t *row;
    apid_err_t *err = apid_db_execute(&rows, lease, &stmt, 1);

    *indexes = apr_array_make(pool, 4, sizeof(apid_index_t));
    for (; !err && !(err = apid_db_next(&row, rows)) && row;)
        take_index(*indexes, apid_store_text(&row[0], pool),
                   apid_store_text(&row[1], pool));
    return err;
}

apid_err_t *apid_tables_repeats(int *found, const char *table,
                                const char *keys, apid_lease_t *lease,
                                apr_pool_t *pool)
{
    apid_value_t once = apid_value_of_int(1);
    apid_stmt_t stmt = {
        .kind = APID_STMT_READ, .binds = &once, .nbinds = 1,
        .sql = apr_pstrcat(pool, "SELECT 1 FROM (SELECT ", keys, " FROM ",
                           table, " LIMIT " FIRST_ROWS ") t GROUP BY ", keys,
                           " HAVING COUNT(*) > ? LIMIT 1", NULL)};

    return find_row(found, &stmt, lease);
}
