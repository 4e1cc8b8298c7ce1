/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apid_where_key: conditions that no script writes: rows by their keys, and
 * the rows after a cursor.
 */
#include "apid_where_parts.h"

#include <apr_strings.h>

static void add_key_columns(apid_where_t *where, const apid_table_t *table,
                            const char *alias)
{
    int i;

    if (table->ncolumns > 1)
        apid_where_add(where, "(");
    for (i = 0; i < table->ncolumns; i++) {
        if (i)
            apid_where_add(where, ", ");
        if (alias) {
            apid_where_add(where, alias);
            apid_where_add(where, ".");
        }
        apid_where_add(where, table->columns[i]);
    }
    apid_where_add(where, table->ncolumns > 1 ? ") IN (" : " IN (");
}

void apid_where_key_in(apid_where_t *where, const apid_table_t *table,
                       const char *alias, const apid_value_t *const *keys,
                       int n)
{
    static const char *const marks[APID_MAX_KEYS + 1]
        = {NULL, ", ?", ", (?, ?)", ", (?, ?, ?)", ", (?, ?, ?, ?)"};
    int i;

    add_key_columns(where, table, alias);
    for (i = 0; i < n; i++)
        apid_where_bind_all(where, keys[i], table->ncolumns);
    apid_where_marks(where, n, marks[table->ncolumns], table->ncolumns);
}

void apid_where_keys(apid_where_t *where, const apid_plan_t *plan,
                     const apid_value_t *const *keys, int n)
{
    apid_where_add(where, " WHERE ");
    if (plan->nbase) {
        apid_where_add(where, plan->base);
        apid_where_add(where, " AND ");
    }
    apid_where_bind_all(where, plan->base_binds, plan->nbase);
    apid_where_key_in(where, &plan->module->tables[0], "t0", keys, n);
}

/** What a sort compares with a cursor's value, and the '?' of that. */
typedef struct side_t {
    const char *sql;
    const char *mark;
} side_t;

/** Texts are no decimals to a server, which would compare both as doubles. */
static const char *decimal_mark(const apid_value_t *value, apr_pool_t *pool)
{
    const char *point = memchr(value->text, '.', value->len);

    return apr_psprintf(pool, "CAST(? AS DECIMAL(65, %d))",
                        point ? (int)(value->text + value->len - point) - 1
                              : 0);
}

static side_t side_of(const apid_plan_t *plan, const apid_sort_t *sort,
                      const apid_value_t *value, apr_pool_t *pool)
{
    side_t side = {sort->sql, "?"};

    if (value->cls == APID_UINT && sort->place >= 0)
        side.sql = plan->columns[sort->place].sql;
    else if (value->cls == APID_TEXT && sort->domain->type == APID_TYPE_DECIMAL)
        side.mark = decimal_mark(value, pool);
    else if (sort->domain->type == APID_TYPE_JSON)
        side.mark = APID_DB_JSON;
    return side;
}

/** "after value" in one column: NULLs come first ascending, last descending.
 * "IS NULL" would be a zero date, too, where a date must not be NULL. */
static void add_beyond(apid_where_t *where, const apid_sort_t *sort,
                       side_t side, const apid_value_t *value)
{
    if (value->cls == APID_NULL) {
        apid_where_add(where, sort->descending ? "FALSE" : sort->sql);
        apid_where_add(where, sort->descending ? "" : " IS NOT NULL");
        return;
    }
    apid_where_add(where, "(");
    apid_where_add(where, side.sql);
    apid_where_add(where, sort->descending ? " < " : " > ");
    apid_where_add(where, side.mark);
    apid_where_bind(where, value);
    if (sort->descending) {
        apid_where_add(where, " OR ");
        apid_where_add(where, sort->sql);
        apid_where_add(where, " <=> NULL");
    }
    apid_where_add(where, ")");
}

/** (a beyond x OR (a = x AND (b beyond y OR ...))) */
void apid_where_after(apid_where_t *where, const apid_plan_t *plan,
                      const apid_value_t *values)
{
    int i;

    apid_where_add(where, " AND (");
    for (i = 0; i < plan->nsort; i++) {
        side_t side = side_of(plan, &plan->sort[i], &values[i], where->pool);

        add_beyond(where, &plan->sort[i], side, &values[i]);
        if (i == plan->nsort - 1)
            break;
        apid_where_add(where, " OR (");
        apid_where_add(where, side.sql);
        apid_where_add(where, " <=> ");
        apid_where_add(where, side.mark);
        apid_where_add(where, " AND (");
        apid_where_bind(where, &values[i]);
    }
    for (i = 1; i < plan->nsort; i++)
        apid_where_add(where, "))");
    apid_where_add(where, ")");
}
