/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apid_ops_fit: what a module must be to be taken: its columns are in the
 * database, and such that one request matches and changes no rows that are not
 * meant.
 */
#include "apid_ops_parts.h"
#include "apid_tables.h"

#include <apr_strings.h>

apid_err_t *apid_ops_fit_owner(apid_ops_call_t *call,
                               const apid_module_t *module)
{
    const char *own = NULL;

    for (int i = 0; i < module->ntables; i++)
        if (apid_tables_own(module->tables[i].name))
            own = module->tables[i].name;
    if (module->sequence_table && apid_tables_own(module->sequence_table))
        own = module->sequence_table;
    if (!own)
        return NULL;
    return apid_err_raise(call->pool, APID_ERR_INVALID_DEFINITION,
                          "table %s is mod_apidesigner's own: no module can "
                          "stand for it", own);
}

static apid_err_t *raise_at(apid_ops_call_t *call, const char *text,
                            int line, int column)
{
    return apid_err_at(apid_err_raise(call->pool, APID_ERR_INVALID_DEFINITION,
                                      "%s", text), line, column);
}

/* whether an update may write to a table: others it only reads */
static int is_updated(const apid_module_t *module, int table)
{
    for (int i = 0; i < module->nfields; i++)
        if (module->fields[i].table == table && !module->fields[i].readonly)
            return 1;
    for (int i = 0; i < module->nconstants; i++)
        if (module->constants[i].table == table)
            return 1;
    return table == 0
        || (module->deleted_column && module->deleted_table == table);
}

/* Rows with one key would be changed and answered together. */
static apid_err_t *judge_table(const char **why, apid_ops_call_t *call,
                               const apid_module_t *module, int i)
{
    apr_pool_t *pool = call->pool;
    apid_lease_t *lease = call->store->lease;
    const apid_table_t *table = &module->tables[i];
    int fixed = 0, keyed = 1;
    apid_err_t *err = is_updated(module, i)
        ? apid_tables_fixed(&fixed, table, lease, pool) : NULL;

    if (!err && !fixed)
        err = apid_tables_keyed(&keyed, table, lease, pool);
    *why = fixed
        ? apr_psprintf(pool, "table %s is a view that the database cannot "
                       "write to:", table->name)
        : keyed ? NULL : apr_psprintf(
            pool, "the key %s of table %s is not unique, so that a change of "
            "one record could change several: ALTER TABLE %s ADD UNIQUE KEY "
            "(%s), or", apid_ops_list_keys(table, pool), table->name,
            table->name, apid_ops_list_keys(table, pool));
    return err;
}

/* who does not write may have any */
static apid_err_t *check_written(apid_ops_call_t *call,
                                 const apid_module_t *module)
{
    apid_err_t *found = NULL, *err = NULL;
    const char *why;

    for (int i = 0; i < module->ntables && !module->readonly && !err; i++) {
        const apid_table_t *table = &module->tables[i];
        err = judge_table(&why, call, module, i);
        if (!err && why)
            found = apid_err_join(found, raise_at(call, apr_pstrcat(
                call->pool, why, " let the module only read: "
                "readonly=\"true\"", NULL), table->line, table->column_no));
    }
    return err ? err : found;
}

apid_err_t *apid_ops_fit_columns(apid_ops_call_t *call, apr_hash_t *columns,
                                 const apid_module_t *module)
{
    apid_err_t *err = apid_err_join(apid_ops_fit_owner(call, module),
                                    apid_tables_missing(columns, module));

    for (int i = 0; i < module->nfields; i++) {
        const apid_field_t *field = &module->fields[i];
        const char *lack = apid_tables_lack(columns, module, field);
        if (lack)
            err = apid_err_join(err, raise_at(call, apr_psprintf(
                call->pool, "field '%s': %s", field->name, lack),
                field->line, field->column_no));
    }
    return err ? apid_err_sort(err) : check_written(call, module);
}

/* a reference's: what it refers to was not known to the document */
static apid_err_t *check_default(apid_ops_call_t *call,
                                 const apid_field_t *field)
{
    apid_err_t *err = field->target
        ? apid_catalog_fit_fallback(field, call->pool) : NULL;

    return !err ? NULL : raise_at(call, apr_psprintf(
        call->pool, "default of field '%s': '%s' %s", field->name,
        field->fallback, err->text), field->line, field->column_no);
}

apid_err_t *apid_ops_fit_types(apid_ops_call_t *call, apr_hash_t *columns,
                               const apid_module_t *module)
{
    const char *misfit = apid_tables_key_misfit(columns, module);
    apid_err_t *err = !misfit ? NULL : raise_at(
        call, apr_pstrcat(call->pool, "key: ", misfit, NULL), module->id.line,
        module->id.column_no);

    for (int i = 0; i < module->nfields; i++) {
        const apid_field_t *field = &module->fields[i];
        misfit = apid_tables_misfit(columns, module, field);
        err = apid_err_join(err, misfit ? raise_at(call, apr_pstrcat(
            call->pool, "field '", field->name, "': ", misfit, NULL),
            field->line, field->column_no) : check_default(call, field));
    }
    return err;
}
