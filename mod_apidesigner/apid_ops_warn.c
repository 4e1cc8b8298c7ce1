/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apid_ops_warn: what is amiss with the tables of a module, each with what
 * mends it: keys and indexes that are missing, texts that do not hold every
 * character, dates that are none. Nothing here keeps an API from working.
 */
#include "apid_ops_parts.h"
#include "apid_tables.h"
#include "apid_xml.h"

#include <apr_strings.h>
#include <string.h>

#define TEXT_PREFIX 100 /* characters of a text that an index holds */

/* what is known of tables so far; what fails sticks */
typedef struct watch_t {
    apid_ops_call_t *call;
    apr_hash_t *tables; /* apid_table_facts_t by quoted name */
    apr_array_header_t *slow; /* const apid_cond_t * */
    apid_err_t *err;
} watch_t;

static const apid_table_facts_t *look_up(watch_t *watch, const char *table)
{
    apid_table_facts_t *facts = apr_hash_get(watch->tables, table,
                                             APR_HASH_KEY_STRING);

    if (facts || watch->err)
        return facts;
    watch->err = apid_tables_facts(&facts, table, watch->call->store->lease,
                                   watch->call->pool);
    apr_hash_set(watch->tables, table, APR_HASH_KEY_STRING, facts);
    return facts;
}

static const apid_column_facts_t *find_column(watch_t *watch,
                                              const apid_module_t *module,
                                              const apid_field_t *field)
{
    const apid_table_facts_t *facts
        = look_up(watch, module->tables[field->table].name);

    return facts ? apid_tables_column(facts, field->raw_column) : NULL;
}

/* ---- conditions that no index serves */

static int uses_index(apid_condition_e test)
{
    switch (test) {
    case APID_EQUAL:
    case APID_IN:
    case APID_STARTSWITH:
    case APID_BETWEEN:
    case APID_LESSTHAN:
    case APID_LESSOREQUAL:
    case APID_GREATERTHAN:
    case APID_GREATEROREQUAL:
        return 1;
    default:
        return 0;
    }
}

static int is_served(watch_t *watch, const apid_cond_t *cond)
{
    const apid_column_facts_t *column;

    if (!uses_index(cond->test))
        return 0;
    if (cond->field == &cond->module->id)
        return 1;
    column = find_column(watch, cond->module, cond->field);
    return column && column->indexed;
}

/* AND needs one condition that an index serves, OR needs all */
static int is_covered(watch_t *watch, const apid_cond_t *cond)
{
    int covered = cond->glue == APID_GLUE_OR;

    if (cond->field)
        return is_served(watch, cond);
    for (const apid_cond_t *each = cond->first; each; each = each->next) {
        if (cond->glue == APID_GLUE_OR)
            covered &= is_covered(watch, each);
        else
            covered |= is_covered(watch, each);
    }
    return covered;
}

static void gather(watch_t *watch, const apid_cond_t *cond)
{
    for (const apid_cond_t *each = cond->first; each; each = each->next)
        gather(watch, each);
    if (cond->field && uses_index(cond->test) && !is_served(watch, cond))
        APR_ARRAY_PUSH(watch->slow, const apid_cond_t *) = cond;
}

static void watch_api(watch_t *watch, const apid_api_t *api)
{
    for (int i = 0; i < api->nplans; i++) {
        const apid_cond_t *where = api->plans[i].where;
        if (where && !is_covered(watch, where))
            gather(watch, where);
    }
}

static watch_t open_watch(apid_ops_call_t *call)
{
    return (watch_t){
        .call = call, .tables = apr_hash_make(call->pool),
        .slow = apr_array_make(call->pool, 4, sizeof(apid_cond_t *))};
}

apid_err_t *apid_ops_slow(apr_array_header_t **conds, apid_ops_call_t *call,
                          const apid_api_t *api)
{
    watch_t watch = open_watch(call);

    watch_api(&watch, api);
    *conds = watch.slow;
    return watch.err;
}

const char *apid_ops_slow_text(apid_ops_call_t *call, const apid_cond_t *cond)
{
    return apr_psprintf(call->pool, "no index begins with %s.%s, so every "
                        "row is looked at to find those whose '%s' fits",
                        cond->module->tables[cond->field->table].name,
                        cond->field->column, cond->field->name);
}

/* ---- the warnings of a module */

__attribute__((format(printf, 4, 5))) static void
warn(watch_t *watch, const char *field, const char *text, const char *fmt,
     ...)
{
    apid_ops_call_t *call = watch->call;
    va_list args;

    va_start(args, fmt);
    apid_json_object(call->out);
    apid_ops_put(call, "field", field);
    apid_ops_put(call, "text", text);
    apid_ops_put(call, "fix", apr_pvsprintf(call->pool, fmt, args));
    apid_json_end(call->out);
    va_end(args);
}

static void warn_table(watch_t *watch, const char *table,
                       const apid_table_facts_t *facts)
{
    apr_pool_t *pool = watch->call->pool;

    if (!facts->view && !facts->transactions)
        warn(watch, NULL,
             apr_psprintf(pool, "table %s knows no transactions: a write that "
                          "fails half way stays half done", table),
             "ALTER TABLE %s ENGINE=InnoDB;", table);
    for (int i = 0; i < facts->ncolumns; i++)
        if (facts->columns[i].short_text) {
            warn(watch, NULL,
                 apr_psprintf(pool, "table %s has texts that cannot hold "
                              "every character, such as emoji", table),
                 "ALTER TABLE %s CONVERT TO CHARACTER SET utf8mb4;", table);
            return;
        }
}

const char *apid_ops_list_keys(const apid_table_t *table, apr_pool_t *pool)
{
    const char *list = table->columns[0];

    for (int i = 1; i < table->ncolumns; i++)
        list = apr_pstrcat(pool, list, ", ", table->columns[i], NULL);
    return list;
}

/* nothing keeps a view from it, but its rows tell */
static void warn_repeats(watch_t *watch, const apid_table_t *table)
{
    apr_pool_t *pool = watch->call->pool;
    const char *keys = apid_ops_list_keys(table, pool);
    int found = 0;

    watch->err = apid_tables_repeats(&found, table->name, keys,
                                     watch->call->store->lease, pool);
    if (found)
        warn(watch, "id", apr_psprintf(pool, "rows of %s have the same key "
                                       "(%s): a change of one record changes "
                                       "several, and it is answered several "
                                       "times", table->name, keys),
             "Name the columns that make a row unique in the module's "
             "document, or make the view answer one row for each key.");
}

static void warn_unkeyed(watch_t *watch, const apid_table_t *table)
{
    apr_pool_t *pool = watch->call->pool;
    const char *keys = apid_ops_list_keys(table, pool);
    int keyed = 1;

    watch->err = apid_tables_keyed(&keyed, table, watch->call->store->lease,
                                   pool);
    if (!watch->err && !keyed)
        warn(watch, "id", apr_psprintf(pool, "no unique index is over the key "
                                       "%s.%s: a change of one record can "
                                       "change several", table->name, keys),
             "ALTER TABLE %s ADD UNIQUE KEY (%s);", table->name, keys);
}

static void warn_key(watch_t *watch, const apid_module_t *module, int i,
                     const apid_table_facts_t *facts)
{
    const apid_table_t *table = &module->tables[i];
    apr_pool_t *pool = watch->call->pool;

    if (!table->ncolumns) {
        warn(watch, "id", apr_psprintf(pool, "table %s has no key that the "
                                       "module names: its records can be "
                                       "read only",
                                       table->name),
             facts->view
             ? "Name the columns that make a row unique in the module's "
               "document: key=\"...\"."
             : "ALTER TABLE %s ADD COLUMN id BIGINT UNSIGNED NOT NULL "
               "AUTO_INCREMENT PRIMARY KEY;", table->name);
        return;
    }
    if (facts->view)
        warn_repeats(watch, table);
    else
        warn_unkeyed(watch, table);
}

/* whether a create gives a column (quoted) a value */
static int is_given(const apid_module_t *module, int table, const char *column)
{
    const apid_table_t *of = &module->tables[table];

    for (int i = 0; i < of->ncolumns; i++)
        if (!strcasecmp(of->columns[i], column))
            return 1;
    for (int i = 0; i < module->nconstants; i++)
        if (module->constants[i].table == table
            && module->constants[i].when & APID_WHEN_CREATE
            && !strcasecmp(module->constants[i].column, column))
            return 1;
    for (int i = 0; i < module->nfields; i++)
        if (module->fields[i].table == table
            && !strcasecmp(module->fields[i].column, column))
            return 1;
    return module->deleted_column && module->deleted_table == table
        && !strcasecmp(module->deleted_column, column);
}

static void warn_needed(watch_t *watch, const apid_module_t *module, int table,
                        const apid_table_facts_t *facts)
{
    apr_pool_t *pool = watch->call->pool;
    const char *name = module->tables[table].name;

    for (int i = 0; i < facts->ncolumns && !module->readonly; i++) {
        const char *column = apid_catalog_quote(facts->columns[i].name, pool);
        if (facts->columns[i].needed && !is_given(module, table, column))
            warn(watch, NULL,
                 apr_psprintf(pool, "no record can be created: %s.%s has no "
                              "default, and no field or constant gives it a "
                              "value", name, column),
                 "Add one to the module's document, or: ALTER TABLE %s ALTER "
                 "COLUMN %s SET DEFAULT ...;", name, column);
    }
}

/* that of a module which an update does not write to: another is refused */
static void warn_fixed(watch_t *watch, const apid_module_t *module,
                       const apid_table_t *table)
{
    apr_pool_t *pool = watch->call->pool;
    int fixed = 0;

    if (!module->readonly)
        watch->err = apid_tables_fixed(&fixed, table,
                                       watch->call->store->lease, pool);
    if (fixed)
        warn(watch, NULL,
             apr_psprintf(pool, "no record can be created: table %s is a view "
                          "that the database cannot write to", table->name),
             "Take it out of the module's document, or let the module only "
             "read: readonly=\"true\".");
}

static void warn_tables(watch_t *watch, const apid_module_t *module)
{
    for (int i = 0; i < module->ntables && !watch->err; i++) {
        const apid_table_facts_t *facts
            = look_up(watch, module->tables[i].name);
        if (!facts || !facts->ncolumns)
            continue;
        warn_table(watch, module->tables[i].name, facts);
        warn_key(watch, module, i, facts);
        warn_needed(watch, module, i, facts);
        if (facts->view && !watch->err)
            warn_fixed(watch, module, &module->tables[i]);
    }
}

static void warn_zero(watch_t *watch, const char *table,
                      const apid_field_t *field,
                      const apid_column_facts_t *column)
{
    apr_pool_t *pool = watch->call->pool;
    int found = 0;

    watch->err = apid_tables_zero_dates(&found, table, field->column,
                                        watch->call->store->lease, pool);
    if (!found)
        return;
    warn(watch, field->name,
         apr_psprintf(pool, "%s.%s holds dates of day 0, which are answered "
                      "as null", table, field->column),
         "%sUPDATE %s SET %s = NULL WHERE DAYOFMONTH(%s) = 0;",
         column->nullable ? "" : "Let the column take NULL, then: ", table,
         field->column, field->column);
}

static void warn_field(watch_t *watch, const apid_module_t *module,
                       const apid_field_t *field)
{
    const char *table = module->tables[field->table].name;
    const apid_column_facts_t *column = find_column(watch, module, field);

    if (watch->err)
        return;
    if (!column)
        warn(watch, field->name,
             apr_psprintf(watch->call->pool, "there is no column %s.%s: no "
                          "API that names this field is answered", table,
                          field->column),
             "Add the column, or take the field out of the module's "
             "document.");
    else if (field->domain.type == APID_TYPE_DATE
             || field->domain.type == APID_TYPE_DATETIME)
        warn_zero(watch, table, field, column);
}

static void warn_reference(watch_t *watch, const apid_field_t *field)
{
    if (field->refers && !field->target)
        warn(watch, field->name,
             apr_psprintf(watch->call->pool, "there is no module '%s' to refer "
                          "to: none of its fields can be asked for",
                          field->refers),
             "Make that module, or take the reference out of the module's "
             "document.");
}

/* ---- unique indexes, whose duplicates are told by the fields they cover */

static int has_column(const apid_index_t *index, const char *quoted,
                      apr_pool_t *pool)
{
    for (int i = 0; i < index->columns->nelts; i++)
        if (!strcasecmp(apid_catalog_quote(APR_ARRAY_IDX(
                index->columns, i, const char *), pool), quoted))
            return 1;
    return 0;
}

/* the columns that a unique index covers by the document, quoted; the id is
 * those of the key */
static apr_array_header_t *read_unique(const apid_module_t *module,
                                       const apid_unique_t *unique,
                                       apr_pool_t *pool)
{
    apr_array_header_t *columns = apr_array_make(pool, 4, sizeof(char *));

    for (int i = 0; unique->fields[i]; i++) {
        const apid_field_t *field
            = apid_module_field(module, unique->fields[i]);
        const apid_table_t *main = &module->tables[0];
        if (field != &module->id)
            APR_ARRAY_PUSH(columns, const char *) = field->column;
        for (int j = 0; field == &module->id && j < main->ncolumns; j++)
            APR_ARRAY_PUSH(columns, const char *) = main->columns[j];
    }
    return columns;
}

static int is_index(const apid_index_t *index, const char *name,
                    const apr_array_header_t *columns)
{
    for (int i = 0; i < columns->nelts; i++)
        if (!has_column(index, APR_ARRAY_IDX(columns, i, const char *),
                        columns->pool))
            return 0;
    return columns->nelts == index->columns->nelts
        && !strcasecmp(index->name, name);
}

/* "`a`, `b`" */
static const char *list_columns(const apr_array_header_t *columns)
{
    const char *list = "";

    for (int i = 0; i < columns->nelts; i++)
        list = apr_pstrcat(columns->pool, list, i ? ", " : "",
                           APR_ARRAY_IDX(columns, i, const char *), NULL);
    return list;
}

static void warn_unique(watch_t *watch, const apid_module_t *module,
                        const apid_unique_t *unique,
                        const apr_array_header_t *indexes)
{
    apr_pool_t *pool = watch->call->pool;
    const apr_array_header_t *covered = read_unique(module, unique, pool);
    const char *columns = list_columns(covered);

    for (int i = 0; i < indexes->nelts; i++)
        if (is_index(&APR_ARRAY_IDX(indexes, i, apid_index_t), unique->index,
                     covered))
            return;
    warn(watch, unique->fields[0],
         apr_psprintf(pool, "there is no unique index '%s' over %s: nothing "
                      "keeps two records from being the same there",
                      unique->index, columns),
         "ALTER TABLE %s ADD UNIQUE KEY %s (%s); or take it out of the "
         "module's document.", module->tables[apid_module_field(
             module, unique->fields[0])->table].name,
         apid_catalog_quote(unique->index, pool), columns);
}

/* "a,b"; NULL: the module does not show one of them */
static const char *list_fields(const apid_module_t *module,
                               const apid_index_t *index, apr_pool_t *pool)
{
    const char *list = "";

    for (int i = 0; i < index->columns->nelts; i++) {
        const apid_field_t *field = apid_module_column(
            module, APR_ARRAY_IDX(index->columns, i, const char *));
        if (!field)
            return NULL;
        list = apr_pstrcat(pool, list, i ? "," : "", field->name, NULL);
    }
    return list;
}

static void warn_index(watch_t *watch, const apid_module_t *module,
                       const apid_index_t *index)
{
    apr_pool_t *pool = watch->call->pool;
    const char *fields = list_fields(module, index, pool);

    if (!fields || apid_module_unique(module, index->name))
        return;
    warn(watch, NULL,
         apr_psprintf(pool, "the unique index '%s' is not in the module's "
                      "document: a duplicate is refused, and no field named",
                      index->name),
         "Add <unique index=\"%s\" fields=\"%s\"/> to it.",
         apid_xml_escape(index->name, pool), apid_xml_escape(fields, pool));
}

static void warn_uniques(watch_t *watch, const apid_module_t *module)
{
    apr_pool_t *pool = watch->call->pool;
    apr_array_header_t *all = apr_array_make(pool, 4, sizeof(apid_index_t));
    apr_array_header_t *indexes;
    int views = 0;

    for (int i = 0; i < module->ntables && !watch->err; i++) {
        const char *table = module->tables[i].name;
        const apid_table_facts_t *facts = look_up(watch, table);
        watch->err = apid_tables_uniques(&indexes, table,
                                         watch->call->store->lease, pool);
        apr_array_cat(all, indexes);
        views |= !facts || facts->view || !facts->ncolumns;
    }
    if (watch->err || module->readonly)
        return;
    for (int i = 0; i < all->nelts; i++)
        warn_index(watch, module, &APR_ARRAY_IDX(all, i, apid_index_t));
    for (int i = 0; i < module->nuniques && !views; i++)
        warn_unique(watch, module, &module->uniques[i], all);
}

/* each field once, whatever compares it */
static void warn_slow(watch_t *watch, const apid_module_t *module)
{
    apr_hash_t *told = apr_hash_make(watch->call->pool);

    for (int i = 0; i < watch->slow->nelts && !watch->err; i++) {
        const apid_cond_t *cond
            = APR_ARRAY_IDX(watch->slow, i, const apid_cond_t *);
        const char *name = cond->field->name;
        const apid_column_facts_t *column;
        if (cond->module != module
            || apr_hash_get(told, name, APR_HASH_KEY_STRING))
            continue;
        apr_hash_set(told, name, APR_HASH_KEY_STRING, name);
        column = find_column(watch, module, cond->field);
        if (cond->field != &module->id && !column)
            continue;
        warn(watch, name, apid_ops_slow_text(watch->call, cond),
             "CREATE INDEX %s ON %s (%s%s);", cond->field->column,
             module->tables[cond->field->table].name, cond->field->column,
             column && column->blob ? "(" APR_STRINGIFY(TEXT_PREFIX) ")" : "");
    }
}

/* the conditions of all live definitions; one that is broken has none */
static void watch_live(watch_t *watch, const apid_catalog_t *catalog)
{
    apid_ops_call_t *call = watch->call;
    apr_array_header_t *texts = apr_array_make(call->pool, 64, sizeof(char *));
    apid_rows_t *rows;
    const apid_value_t *row;
    apid_err_t *err = apid_store_list(&rows, call->store, APID_LIST_DOCUMENTS,
                                      NULL);

    for (; !err && !(err = apid_db_next(&row, rows)) && row;)
        APR_ARRAY_PUSH(texts, const char *)
            = apid_store_text(&row[1], call->pool);
    watch->err = err;
    for (int i = 0; i < texts->nelts && !watch->err; i++) {
        apid_api_t *api;
        if (!apid_api_parse(&api, APR_ARRAY_IDX(texts, i, const char *),
                            catalog, call->pool))
            watch_api(watch, api);
    }
}

/* of what is not in the database, what all of the module needs */
static void warn_lacks(watch_t *watch, const char *name)
{
    const apid_catalog_t *catalog;
    apid_err_t *err = apid_ops_fitting(&catalog, watch->call);
    const apid_module_t *module
        = err ? NULL : apid_catalog_module(catalog, name);
    const char *fault = err ? NULL : apid_catalog_fault(catalog, name);

    watch->err = err;
    if (!fault && !(module && module->unwritable))
        return;
    warn(watch, NULL,
         apr_psprintf(watch->call->pool, "no API %s: %s",
                      fault ? "of the module is answered"
                            : "that writes records is answered",
                      fault ? fault : module->unwritable),
         "Make what is missing, or take it out of the module's document.");
}

apid_err_t *apid_ops_module_warnings(apid_ops_call_t *call)
{
    watch_t watch = open_watch(call);
    const char *name = apid_ops_text(call, "name"), *document;
    const apid_catalog_t *catalog;
    apid_err_t *err = apid_store_module(&document, call->store, name);

    if (!err)
        err = apid_ops_catalog(&catalog, call);
    if (err)
        return err;
    const apid_module_t *module = apid_catalog_module(catalog, name);
    apid_json_array(call->out);
    warn_lacks(&watch, name);
    /* in this order, for MySQL alters no table that holds dates of day 0 */
    for (int i = 0; i < module->nfields && !watch.err; i++)
        warn_field(&watch, module, &module->fields[i]);
    for (int i = 0; i < module->nfields && !watch.err; i++)
        warn_reference(&watch, &module->fields[i]);
    warn_tables(&watch, module);
    if (!watch.err)
        warn_uniques(&watch, module);
    if (!watch.err)
        watch_live(&watch, catalog);
    warn_slow(&watch, module);
    apid_json_end(call->out);
    return watch.err;
}
