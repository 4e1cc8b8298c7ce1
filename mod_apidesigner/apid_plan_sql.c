/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apid_plan_sql: the SQL text of a plan's parts. Identifiers come from the
 * catalog, which quoted them; literals of the catalog are bound.
 */
#include "apid_api_parts.h"

#include <apr_strings.h>

/** Text and binds in the making. */
typedef struct text_t {
    apr_pool_t *pool;
    apr_array_header_t *pieces; /* const char * */
    apr_array_header_t *binds;  /* apid_value_t */
} text_t;

static text_t open_text(apr_pool_t *pool)
{
    text_t text = {pool, apr_array_make(pool, 32, sizeof(char *)),
                   apr_array_make(pool, 4, sizeof(apid_value_t))};

    return text;
}

static void add(text_t *text, const char *piece)
{
    APR_ARRAY_PUSH(text->pieces, const char *) = piece;
}

static void add_bind(text_t *text, const char *literal)
{
    APR_ARRAY_PUSH(text->binds, apid_value_t) = apid_value_of_text(literal);
}

static const char *join(const text_t *text)
{
    return apr_array_pstrcat(text->pool, text->pieces, 0);
}

/** " JOIN `table` alias ON alias.key = main.key", main being the alias of the
 * module's first table. */
static void join_table(text_t *text, const apid_table_t *table,
                       const char *alias, const apid_table_t *first,
                       const char *main)
{
    int i;

    add(text, table->required ? " JOIN " : " LEFT JOIN ");
    add(text, table->name);
    add(text, " ");
    add(text, alias);
    for (i = 0; i < table->ncolumns; i++)
        add(text, apr_psprintf(text->pool, "%s%s.%s = %s.%s",
                               i ? " AND " : " ON ", alias,
                               table->columns[i], main, first->columns[i]));
}

/** " AND column = ?" for the record that a reference leads to, the column being
 * one of any table of its module. */
static void add_ref_test(text_t *text, const apid_ref_t *ref, int table,
                         const char *column)
{
    const apid_table_t *first = &ref->module->tables[0];
    const apid_table_t *of = &ref->module->tables[table];

    add(text, table
        ? apr_psprintf(text->pool, " AND EXISTS (SELECT 1 FROM %s x WHERE x.%s"
                       " = r%d_0.%s AND x.%s = ?)", of->name, of->columns[0],
                       ref->number, first->columns[0], column)
        : apr_psprintf(text->pool, " AND r%d_0.%s = ?", ref->number, column));
}

/** What must hold of a record for a reference to lead to it. */
static void add_ref_tests(text_t *text, const apid_ref_t *ref)
{
    const apid_module_t *module = ref->module;
    int i;

    if (module->deleted_column) {
        add_ref_test(text, ref, module->deleted_table, module->deleted_column);
        add_bind(text, module->live_value);
    }
    for (i = 0; i < module->nconstants; i++)
        if (module->constants[i].filter) {
            add_ref_test(text, ref, module->constants[i].table,
                         module->constants[i].column);
            add_bind(text, module->constants[i].literal);
        }
    if (ref->owner) {
        add_ref_test(text, ref, module->owner->table, module->owner->column);
        APR_ARRAY_PUSH(text->binds, apid_value_t) = *ref->owner;
    }
}

/** A module that a reference leads to: its record may be missing or deleted,
 * so every join is an outer one. */
static void join_ref(text_t *text, const apid_ref_t *ref)
{
    const apid_module_t *module = ref->module;
    const char *main = apr_psprintf(text->pool, "r%d_0", ref->number);
    int i;

    add(text, apr_psprintf(text->pool, " LEFT JOIN %s %s ON %s.%s = %s",
                           module->tables[0].name, main, main,
                           module->tables[0].columns[0], ref->from));
    add_ref_tests(text, ref);
    for (i = 1; i < module->ntables; i++) {
        apid_table_t table = module->tables[i];

        table.required = 0;
        if (ref->used & (1u << i))
            join_table(text, &table,
                       apr_psprintf(text->pool, "r%d_%d", ref->number, i),
                       &module->tables[0], main);
    }
}

/** "FROM ..." with the tables of the mask and the required ones. */
static void add_from(text_t *text, const apid_plan_t *plan, unsigned used)
{
    const apid_module_t *module = plan->module;
    int i;

    add(text, " FROM ");
    add(text, module->tables[0].name);
    add(text, " t0");
    for (i = 1; i < module->ntables; i++)
        if ((used & (1u << i)) || module->tables[i].required)
            join_table(text, &module->tables[i], module->tables[i].alias,
                       &module->tables[0], "t0");
}

/** Whether a module that a reference leads to is one, or is on the way to one,
 * that a condition is about. */
static int is_searched(const apid_plan_t *plan, const apid_cond_t *group,
                       int number)
{
    const apid_cond_t *cond;
    int ref;

    for (cond = group ? group->first : NULL; cond; cond = cond->next) {
        if (cond->first && is_searched(plan, cond, number))
            return 1;
        for (ref = cond->first ? -1 : cond->ref; ref >= 0;
             ref = plan->refs[ref].parent)
            if (ref == number)
                return 1;
    }
    return 0;
}

/** Tables that the conditions which always hold are about. */
static unsigned base_tables(const apid_plan_t *plan)
{
    const apid_module_t *module = plan->module;
    unsigned used = plan->owner ? 1u << module->owner->table : 0;
    int i;

    if (module->deleted_column)
        used |= 1u << module->deleted_table;
    for (i = 0; i < module->nconstants; i++)
        if (module->constants[i].filter)
            used |= 1u << module->constants[i].table;
    return used;
}

static void add_base(text_t *text, const apid_module_t *module, int table,
                     const char *column)
{
    add(text, apr_psprintf(text->pool, "%s%s.%s = ?",
                           text->pieces->nelts ? " AND " : "",
                           module->tables[table].alias, column));
}

static void write_base(apid_plan_t *plan, apr_pool_t *pool)
{
    const apid_module_t *module = plan->module;
    text_t text = open_text(pool);
    int i;

    if (module->deleted_column) {
        add_base(&text, module, module->deleted_table,
                 module->deleted_column);
        add_bind(&text, module->live_value);
    }
    for (i = 0; i < module->nconstants; i++)
        if (module->constants[i].filter) {
            add_base(&text, module, module->constants[i].table,
                     module->constants[i].column);
            add_bind(&text, module->constants[i].literal);
        }
    if (plan->owner) {
        add_base(&text, module, module->owner->table, module->owner->column);
        APR_ARRAY_PUSH(text.binds, apid_value_t) = *plan->owner;
    }
    plan->base = join(&text);
    plan->base_binds = (const apid_value_t *)text.binds->elts;
    plan->nbase = text.binds->nelts;
}

/** The index of the column that shows a field of the plan's own module to the
 * user; -1: none does. */
static int find_shown(const apid_plan_t *plan, const apid_field_t *field)
{
    int i;

    for (i = 0; field && i < plan->ncolumns; i++)
        if (plan->columns[i].field == field && plan->columns[i].ref < 0
            && !plan->columns[i].hidden)
            return i;
    return -1;
}

/** Marks that are no columns already come after them. The tag is the same
 * whatever is shown, and to whom. */
static void add_marks(text_t *text, apid_plan_t *plan)
{
    const apid_module_t *module = plan->module;
    int *tag = apr_pcalloc(text->pool, module->nmarks * sizeof(*tag));
    int i, n = plan->ncolumns ? plan->ncolumns : 1;

    for (i = 0; i < module->nmarks; i++) {
        tag[i] = find_shown(plan, module->marks[i].field);
        if (tag[i] >= 0)
            continue;
        add(text, apr_pstrcat(text->pool, ", ", module->marks[i].sql, NULL));
        tag[i] = n++;
    }
    plan->tag = tag;
}

static void write_select(apid_plan_t *plan, apr_pool_t *pool)
{
    text_t text = open_text(pool);
    int i;

    add(&text, "SELECT ");
    for (i = 0; i < plan->ncolumns; i++) {
        if (i)
            add(&text, ", ");
        add(&text, plan->columns[i].hidden ? "NULL" : plan->columns[i].sql);
    }
    if (!plan->ncolumns)
        add(&text, "1");
    if (plan->tag)
        add_marks(&text, plan);
    add_from(&text, plan, plan->used | base_tables(plan));
    for (i = 0; i < plan->nrefs; i++)
        join_ref(&text, &plan->refs[i]);
    plan->select = join(&text);
    plan->from_binds = (const apid_value_t *)text.binds->elts;
    plan->nfrom = text.binds->nelts;
}

/** An INSERT gives plain columns of its own table. */
static void write_returning(apid_plan_t *plan, apr_pool_t *pool)
{
    text_t text = open_text(pool);
    int i;

    plan->returning = NULL;
    for (i = 0; i < plan->ncolumns; i++) {
        const apid_column_t *column = &plan->columns[i];

        if (strcmp(column->sql, column->field->sql))
            return;
        add(&text, i ? ", " : "");
        add(&text, column->hidden ? "NULL" : column->field->column);
    }
    if (plan->module->ntables == 1)
        plan->returning = join(&text);
}

/** Key columns, the key column of each further table (NULL: its row is
 * missing), the columns that are written. */
static const char *write_lock(apid_plan_t *plan, int marks,
                              apr_pool_t *pool)
{
    const apid_module_t *module = plan->module;
    text_t text = open_text(pool);
    int i;

    for (i = 0; i < module->tables[0].ncolumns; i++)
        add(&text, apr_psprintf(pool, "%st0.%s", i ? ", " : "SELECT ",
                                module->tables[0].columns[i]));
    for (i = 1; i < module->ntables; i++)
        add(&text, apr_psprintf(pool, ", %s.%s", module->tables[i].alias,
                                module->tables[i].columns[0]));
    plan->lock_first = module->tables[0].ncolumns + module->ntables - 1;
    for (i = 0; i < plan->nassigns; i++)
        add(&text, apr_pstrcat(pool, ", ", plan->assigns[i].field->sql, NULL));
    for (i = 0; i < marks; i++)
        add(&text, apr_pstrcat(pool, ", ", module->marks[i].sql, NULL));
    add_from(&text, plan, ~0u);
    for (i = 0; i < plan->nrefs; i++)
        if (is_searched(plan, plan->where, i))
            join_ref(&text, &plan->refs[i]);
    plan->lock_binds = (const apid_value_t *)text.binds->elts;
    plan->nlock = text.binds->nelts;
    return join(&text);
}

static void write_order(apid_plan_t *plan, apr_pool_t *pool)
{
    text_t text = open_text(pool);
    int i;

    for (i = 0; i < plan->nsort; i++) {
        add(&text, i ? ", " : " ORDER BY ");
        add(&text, plan->sort[i].sql);
        if (plan->sort[i].descending)
            add(&text, " DESC");
    }
    plan->order = join(&text);
}

void apid_plan_write(apid_plan_t *plan, apr_pool_t *pool)
{
    write_base(plan, pool);
    write_select(plan, pool);
    write_order(plan, pool);
    if (plan->op == APID_OP_CREATE || plan->op == APID_OP_UPSERT)
        write_returning(plan, pool);
    if (plan->op != APID_OP_SELECT) {
        plan->lock = write_lock(plan, 0, pool);
        plan->lock_tagged = write_lock(plan, plan->module->nmarks, pool);
    }
}

void apid_compile_sql(apid_compile_t *c, apid_draft_t *draft)
{
    apid_plan_t *plan = draft->plan;

    plan->columns = (apid_column_t *)draft->columns->elts;
    plan->ncolumns = draft->columns->nelts;
    plan->used = draft->used;
    plan->refs = (const apid_ref_t *)draft->refs->elts;
    plan->nrefs = draft->refs->nelts;
    apid_plan_write(plan, c->pool);
}
