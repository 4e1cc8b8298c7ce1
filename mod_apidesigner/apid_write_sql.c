/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apid_write_sql: the statements that insert, change and delete a module's
 * record in all of its tables. A key that the server made stays there, so that
 * all of them travel in one trip.
 */
#include "apid_trace.h"
#include "apid_write_parts.h"

#include <apr_strings.h>

/** "(a, b) VALUES (?, ?)" in the making, or "UPDATE t SET a = ?, b = ?", which
 * is all in marks. */
typedef struct list_t {
    apid_where_t *names;
    apid_where_t *marks;
    int n;
} list_t;

static list_t open_list(apr_pool_t *pool)
{
    list_t list = {apid_where_open(pool), apid_where_open(pool), 0};

    return list;
}

static void name_column(list_t *list, const char *column)
{
    apid_where_add(list->names, list->n++ ? ", " : "");
    apid_where_add(list->names, column);
}

static void put_raw(list_t *list, const char *column, const char *sql)
{
    apid_where_add(list->marks, list->n ? ", " : "");
    apid_where_add(list->marks, sql);
    name_column(list, column);
}

static void put(list_t *list, const char *column, const apid_value_t *value)
{
    put_raw(list, column, "?");
    apid_where_bind(list->marks, value);
}

static void set(list_t *list, const char *column, const apid_value_t *value)
{
    apid_where_add(list->marks, list->n ? ", " : " SET ");
    apid_where_add(list->marks, column);
    apid_where_add(list->marks, " = ?");
    apid_where_bind(list->marks, value);
    name_column(list, column);
}

static void push(apid_job_t *job, const apid_where_t *where,
                 apid_stmt_e kind)
{
    APR_ARRAY_PUSH(job->stmts, apid_stmt_t) = apid_where_stmt(where, kind);
}

/** Pushes a statement that gives the columns of a list their values. */
static void push_list(apid_job_t *job, const apid_where_t *where, int table,
                      const list_t *list)
{
    apid_stmt_t stmt = apid_where_stmt(where, APID_STMT_WRITE);

    stmt.strict = job->plan->module->tables[table].view;
    if (!stmt.strict)
        stmt.columns = apr_array_pstrcat(job->tx->pool, list->names->pieces,
                                         0);
    APR_ARRAY_PUSH(job->stmts, apid_stmt_t) = stmt;
}

/** The first columns of locked rows, as apid_where_key_in takes them. */
static const apid_value_t *const *row_keys(const apr_array_header_t *rows)
{
    return (const apid_value_t *const *)rows->elts;
}

/** The moment, cut to what the column keeps: servers differ in whether they
 * round. */
static apid_value_t moment(const apid_module_t *module, const char *column,
                           apr_time_t now)
{
    static const int units[] = {1000000, 100000, 10000, 1000, 100, 10, 1};
    apid_value_t value = apid_value_now(APID_TIME_DATETIME, now);
    int i, scale = 0;

    for (i = 0; i < module->nfields; i++)
        if (module->fields[i].domain.cls == APID_TIME
            && !strcmp(module->fields[i].column, column))
            scale = module->fields[i].domain.scale;
    value.u.t.micro -= value.u.t.micro % units[scale];
    return value;
}

static apid_value_t constant_value(const apid_job_t *job,
                                   const apid_constant_t *constant)
{
    const apid_call_t *call = job->tx->scope->call;

    switch (constant->source) {
    case APID_CONSTANT_NOW:
        return moment(job->plan->module, constant->column, call->now);
    case APID_CONSTANT_TODAY:
        return apid_value_now(APID_TIME_DATE, call->now);
    case APID_CONSTANT_USER_ID:
        return call->user ? apid_value_of_text(call->user->id)
                          : apid_value_of_null();
    case APID_CONSTANT_LITERAL:
        break;
    }
    return apid_value_of_text(constant->literal);
}

int apid_job_server_key(const apid_module_t *module)
{
    return module->key == APID_KEY_AUTO || module->key == APID_KEY_SEQUENCE;
}

static void put_key(list_t *list, const apid_job_t *job, int table)
{
    const apid_module_t *module = job->plan->module;
    const apid_table_t *to = &module->tables[table];
    int i;

    if (apid_job_server_key(module)) {
        if (table || module->key == APID_KEY_SEQUENCE)
            put_raw(list, to->columns[0], apid_updates_key(module));
        return;
    }
    for (i = 0; i < to->ncolumns; i++)
        put(list, to->columns[i], &job->key[i]);
}

/** Whether a constant is to be written: not if the request writes the field
 * that it stands for. */
static int is_due(const apid_job_t *job, const apid_constant_t *constant,
                  int table, apid_when_e when)
{
    int i;

    for (i = 0; constant->field && i < job->plan->nassigns; i++)
        if (job->plan->assigns[i].field == constant->field
            && job->values[i].sent)
            return 0;
    return constant->table == table && (constant->when & when);
}

static void put_constants(list_t *list, const apid_job_t *job, int table)
{
    const apid_module_t *module = job->plan->module;
    int i, deleted_too = module->deleted_column
        && module->deleted_table == table;

    for (i = 0; i < module->nconstants; i++) {
        const apid_constant_t *constant = &module->constants[i];
        apid_value_t value;

        if (!is_due(job, constant, table, APID_WHEN_CREATE))
            continue;
        value = constant_value(job, constant);
        put(list, constant->column, &value);
        if (deleted_too && !strcmp(constant->column, module->deleted_column))
            deleted_too = 0;
    }
    if (deleted_too) {
        apid_value_t live = apid_value_of_text(module->live_value);

        put(list, module->deleted_column, &live);
    }
}

/** Whether the module itself says what a new record has in a column. */
static int is_constant(const apid_module_t *module, int table,
                       const char *column)
{
    int i;

    for (i = 0; i < module->nconstants; i++) {
        const apid_constant_t *constant = &module->constants[i];

        if (!constant->field && constant->table == table
            && (constant->when & APID_WHEN_CREATE)
            && !strcmp(constant->column, column))
            return 1;
    }
    return 0;
}

static void put_values(list_t *list, const apid_job_t *job, int table)
{
    int i;

    for (i = 0; i < job->plan->nassigns; i++) {
        const apid_field_t *field = job->plan->assigns[i].field;

        if (field->table == table && job->values[i].sent
            && !is_constant(job->plan->module, table, field->column))
            put(list, field->column, &job->values[i].value);
    }
}

static void push_insert(apid_job_t *job, int table, const list_t *list)
{
    apid_where_t *where = apid_where_open(job->tx->pool);
    int i;

    apid_where_add(where, "INSERT INTO ");
    apid_where_add(where, job->plan->module->tables[table].name);
    apid_where_add(where, " (");
    apr_array_cat(where->pieces, list->names->pieces);
    apid_where_add(where, ") VALUES (");
    apr_array_cat(where->pieces, list->marks->pieces);
    apid_where_add(where, ")");
    for (i = 0; i < list->marks->binds->nelts; i++)
        apid_where_bind(where, &APR_ARRAY_IDX(list->marks->binds, i,
                                              apid_value_t));
    push_list(job, where, table, list);
}

/** Keeps the number just made: what is inserted next may make one of its own.
 * A sequence table that has not one row has made none; LAST_INSERT_ID() is of
 * somebody else then, and the subquery an error. */
static void push_keep(apid_job_t *job)
{
    apid_where_t *where = apid_where_open(job->tx->pool);

    apid_where_add(where, "SET ");
    apid_where_add(where, apid_updates_key(job->plan->module));
    apid_where_add(where, job->plan->module->key == APID_KEY_SEQUENCE
                              ? " = IF(ROW_COUNT() = 1, LAST_INSERT_ID(),"
                                " (SELECT 1 UNION SELECT 2))"
                              : " = LAST_INSERT_ID()");
    push(job, where, APID_STMT_WRITE);
}

/** Takes the next number of a sequence table; LAST_INSERT_ID() holds it
 * then (MySQL manual, "Information Functions"). */
static void push_sequence(apid_job_t *job)
{
    const apid_module_t *module = job->plan->module;
    apid_where_t *where = apid_where_open(job->tx->pool);

    apid_where_add(where, "UPDATE ");
    apid_where_add(where, module->sequence_table);
    apid_where_add(where, " SET ");
    apid_where_add(where, module->sequence_column);
    apid_where_add(where, " = LAST_INSERT_ID(");
    apid_where_add(where, module->sequence_column);
    apid_where_add(where, " + 1)");
    push(job, where, APID_STMT_WRITE);
    push_keep(job);
}

void apid_job_insert(apid_job_t *job)
{
    const apid_module_t *module = job->plan->module;
    int i;

    if (module->key == APID_KEY_SEQUENCE)
        push_sequence(job);
    for (i = 0; i < module->ntables; i++) {
        list_t list = open_list(job->tx->pool);

        put_key(&list, job, i);
        put_values(&list, job, i);
        put_constants(&list, job, i);
        push_insert(job, i, &list);
        if (!i && module->ntables > 1 && module->key == APID_KEY_AUTO)
            push_keep(job);
    }
}

/** Records whose row in a further table is missing get one. */
static void insert_missing(apid_job_t *job, int table,
                           const apr_array_header_t *rows)
{
    const apid_module_t *module = job->plan->module;
    const apid_table_t *to = &module->tables[table];
    int i, k, at = module->tables[0].ncolumns + table - 1;

    for (i = 0; table && i < rows->nelts; i++) {
        const apid_value_t *row
            = APR_ARRAY_IDX(rows, i, const apid_value_t *);
        list_t list;

        if (row[at].cls != APID_NULL)
            continue;
        list = open_list(job->tx->pool);
        for (k = 0; k < to->ncolumns; k++)
            put(&list, to->columns[k], &row[k]);
        put_values(&list, job, table);
        put_constants(&list, job, table);
        push_insert(job, table, &list);
    }
}

static void set_constants(list_t *list, const apid_job_t *job, int table)
{
    const apid_module_t *module = job->plan->module;
    int i;

    for (i = 0; i < module->nconstants; i++) {
        const apid_constant_t *constant = &module->constants[i];
        apid_value_t value;

        if (!is_due(job, constant, table, APID_WHEN_UPDATE)
            || constant->filter)
            continue;
        value = constant_value(job, constant);
        set(list, constant->column, &value);
    }
}

/** Opens a statement about rows of a table, which begins with a word. */
static list_t open_keyed(apid_job_t *job, const char *word, int table)
{
    list_t list = open_list(job->tx->pool);

    apid_where_add(list.marks, word);
    apid_where_add(list.marks, job->plan->module->tables[table].name);
    return list;
}

static void push_keyed(apid_job_t *job, const list_t *list, int table,
                       const apr_array_header_t *rows)
{
    apid_where_add(list->marks, " WHERE ");
    apid_where_key_in(list->marks, &job->plan->module->tables[table], NULL,
                      row_keys(rows), rows->nelts);
    push_list(job, list->marks, table, list);
}

void apid_job_update(apid_job_t *job, const apr_array_header_t *rows,
                     apid_part_e part)
{
    const apid_plan_t *plan = job->plan;
    int table, i;

    for (table = 0; table < plan->module->ntables; table++) {
        list_t list = open_keyed(job, "UPDATE ", table);

        for (i = 0; part & APID_PART_VALUES && i < plan->nassigns; i++)
            if (plan->assigns[i].field->table == table && job->values[i].sent
                && !job->values[i].kept)
                set(&list, plan->assigns[i].field->column,
                    &job->values[i].value);
        if (list.n)
            insert_missing(job, table, rows);
        if (part & APID_PART_CONSTANTS)
            set_constants(&list, job, table);
        if (list.n)
            push_keyed(job, &list, table, rows);
    }
}

static void mark_deleted(apid_job_t *job, const apr_array_header_t *rows)
{
    const apid_module_t *module = job->plan->module;
    apid_value_t deleted = apid_value_of_text(module->deleted_value);
    list_t list = open_keyed(job, "UPDATE ", module->deleted_table);

    set(&list, module->deleted_column, &deleted);
    set_constants(&list, job, module->deleted_table);
    push_keyed(job, &list, module->deleted_table, rows);
}

void apid_job_delete(apid_job_t *job, const apr_array_header_t *rows)
{
    const apid_module_t *module = job->plan->module;
    int table;

    if (module->deleted_column) {
        mark_deleted(job, rows);
        return;
    }
    for (table = module->ntables - 1; table >= 0; table--) {
        list_t list = open_keyed(job, "DELETE FROM ", table);

        push_keyed(job, &list, table, rows);
    }
}

static void add_order(apid_where_t *where, const apid_table_t *table)
{
    int i;

    for (i = 0; i < table->ncolumns; i++) {
        apid_where_add(where, i ? ", t0." : " ORDER BY t0.");
        apid_where_add(where, table->columns[i]);
    }
}

static void push_answer_made(apid_job_t *job, const apid_where_t *where)
{
    apid_stmt_t stmt = apid_where_stmt(where, APID_STMT_READ);

    stmt.returning = job->plan->returning;
    APR_ARRAY_PUSH(job->stmts, apid_stmt_t) = stmt;
}

void apid_job_answer_made(apid_job_t *job)
{
    const apid_plan_t *plan = job->plan;
    apid_where_t *where = apid_where_open(job->tx->pool);
    const apid_value_t *key = job->key;
    int i;

    apid_where_from(where, plan, plan->select);
    if (!apid_job_server_key(plan->module)) {
        apid_where_keys(where, plan, &key, 1);
        push_answer_made(job, where);
        return;
    }
    apid_where_add(where, " WHERE ");
    apid_where_add(where, plan->base);
    for (i = 0; i < plan->nbase; i++)
        apid_where_bind(where, &plan->base_binds[i]);
    apid_where_add(where, plan->nbase ? " AND t0." : "t0.");
    apid_where_add(where, plan->module->tables[0].columns[0]);
    apid_where_add(where, " = ");
    apid_where_add(where, apid_updates_key(plan->module));
    push_answer_made(job, where);
}

void apid_job_look(apid_job_t *job, const apr_array_header_t *rows)
{
    apid_where_t *where = apid_where_open(job->tx->pool);

    apid_where_lock(where, job->plan, job->plan->lock);
    apid_where_keys(where, job->plan, row_keys(rows), rows->nelts);
    add_order(where, &job->plan->module->tables[0]);
    /* a snapshot may be older than rows that were written as they were */
    apid_where_add(where, " FOR UPDATE");
    push(job, where, APID_STMT_READ);
}

void apid_job_answer(apid_job_t *job, const apr_array_header_t *rows)
{
    const apid_plan_t *plan = job->plan;
    apid_where_t *where = apid_where_open(job->tx->pool);

    apid_where_from(where, plan, plan->select);
    apid_where_keys(where, plan, row_keys(rows), rows->nelts);
    if (rows->nelts > 1)
        add_order(where, &plan->module->tables[0]);
    push(job, where, APID_STMT_READ);
}

void apid_job_history(apid_job_t *job, const apr_array_header_t *entries)
{
    const apid_entry_t *entry = (const apid_entry_t *)entries->elts;
    const apid_call_t *call = job->tx->scope->call;
    int left = call->trace ? 0 : entries->nelts;

    if (call->trace)
        apid_trace_entries(call->trace, entries, job->plan, call);
    while (left > 0) {
        int n = left < APID_UPDATES_MAX ? left : APID_UPDATES_MAX;

        APR_ARRAY_PUSH(job->stmts, apid_stmt_t)
            = apid_updates_write(entry, n, job->plan, call, job->tx->pool);
        entry += n;
        left -= n;
    }
}
