/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apid_tables: what information_schema says of the tables of modules. Names
 * compare without case, as column names do everywhere.
 */
#include "apid_tables.h"
#include "apid_store.h"

#include <apr_lib.h>
#include <apr_strings.h>
#include <openssl/evp.h>
#include <string.h>

#define ZERO_ROWS "100000" /* that are looked at for dates of day 0 */

/* "`name`" as it is without its quotes */
static const char *unquote(const char *quoted, apr_pool_t *pool)
{
    char *name = apr_pstrdup(pool, quoted + 1), *to = name;

    for (const char *from = name; *from; from++) {
        if (*from == '`' && *++from != '`')
            break;
        *to++ = *from;
    }
    *to = '\0';
    return name;
}

static const char *column_key(const char *table, const char *column,
                              apr_pool_t *pool)
{
    char *key = apr_pstrcat(pool, table, ".", column, NULL);

    for (char *c = key; *c; c++)
        *c = (char)apr_tolower(*c);
    return key;
}

static apid_err_t *read_table(EVP_MD_CTX *sum, apr_hash_t *columns,
                              const char *quoted, apid_lease_t *lease)
{
    apr_pool_t *pool = apr_hash_pool_get(columns);
    const char *table = unquote(quoted, pool);
    apid_rows_t *rows;
    const apid_value_t *row;
    apid_err_t *err = apid_store_read_columns(&rows, lease, table);

    EVP_DigestUpdate(sum, table, strlen(table) + 1);
    for (; !err && !(err = apid_db_next(&row, rows)) && row;) {
        const char *key
            = column_key(table, apid_store_text(&row[0], pool), pool);
        EVP_DigestUpdate(sum, key, strlen(key) + 1);
        apr_hash_set(columns, key, APR_HASH_KEY_STRING, key);
    }
    return err;
}

static apid_err_t *read_tables(EVP_MD_CTX *sum, apr_hash_t *columns,
                               const apid_module_t *module,
                               apid_lease_t *lease)
{
    apid_err_t *err = NULL;

    for (int i = 0; i < module->ntables && !err; i++) {
        const char *table = module->tables[i].name;
        if (apr_hash_get(columns, table, APR_HASH_KEY_STRING))
            continue;
        /* quoted, it is no column's key */
        apr_hash_set(columns, table, APR_HASH_KEY_STRING, table);
        err = read_table(sum, columns, table, lease);
    }
    return err;
}

static int has_column(apr_hash_t *columns, const apid_module_t *module,
                      int table, const char *column)
{
    apr_pool_t *pool = apr_hash_pool_get(columns);
    const char *key = column_key(unquote(module->tables[table].name, pool),
                                 column, pool);

    return apr_hash_get(columns, key, APR_HASH_KEY_STRING) != NULL;
}

/* "`table`.`column`" if it is not there */
static const char *check_column(apr_hash_t *columns,
                                const apid_module_t *module, int table,
                                const char *quoted)
{
    apr_pool_t *pool = apr_hash_pool_get(columns);

    return has_column(columns, module, table, unquote(quoted, pool))
        ? NULL
        : apr_pstrcat(pool, module->tables[table].name, ".", quoted, NULL);
}

static const char *check_keys(apr_hash_t *columns,
                              const apid_module_t *module)
{
    const char *missing = NULL;

    for (int i = 0; i < module->ntables; i++)
        for (int j = 0; j < module->tables[i].ncolumns && !missing; j++)
            missing = check_column(columns, module, i,
                                   module->tables[i].columns[j]);
    return missing;
}

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
                                            unquote(table, pool));

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

const apid_column_facts_t *apid_tables_quoted(const apid_table_facts_t *facts,
                                              const char *name,
                                              apr_pool_t *pool)
{
    return apid_tables_column(facts, unquote(name, pool));
}

apid_err_t *apid_tables_zero_dates(int *found, const char *table,
                                   const char *column, apid_lease_t *lease,
                                   apr_pool_t *pool)
{
    apid_value_t none = apid_value_of_int(0);
    apid_rows_t *rows;
    const apid_value_t *row;
    apid_stmt_t stmt = {
        .kind = APID_STMT_READ, .binds = &none, .nbinds = 1,
        .sql = apr_pstrcat(pool, "SELECT 1 FROM (SELECT ", column, " AS c"
                           " FROM ", table, " LIMIT " ZERO_ROWS ") t"
                           " WHERE DAYOFMONTH(c) = ? LIMIT 1", NULL)};
    apid_err_t *err = apid_db_execute(&rows, lease, &stmt, 1);
    if (!err)
        err = apid_db_next(&row, rows);
    *found = !err && row;
    return err;
}

int apid_tables_own(const char *table)
{
    return !strncasecmp(table, "`apid_", 6);
}

apid_err_t *apid_tables_read(unsigned char fingerprint[APID_DIGEST_SIZE],
                             apr_hash_t *columns,
                             const apr_array_header_t *modules,
                             apid_lease_t *lease)
{
    EVP_MD_CTX *sum = EVP_MD_CTX_new();
    apid_err_t *err = NULL;

    EVP_DigestInit_ex(sum, EVP_sha256(), NULL);
    for (int i = 0; i < modules->nelts && !err; i++)
        err = read_tables(sum, columns,
                          APR_ARRAY_IDX(modules, i, const apid_module_t *),
                          lease);
    EVP_DigestFinal_ex(sum, fingerprint, NULL);
    EVP_MD_CTX_free(sum);
    return err;
}

int apid_tables_holds(apr_hash_t *columns, const apid_module_t *module,
                      const apid_field_t *field)
{
    return has_column(columns, module, field->table, field->raw_column);
}

const char *apid_tables_missing(apr_hash_t *columns,
                                const apid_module_t *module)
{
    const char *missing = check_keys(columns, module);

    for (int i = 0; i < module->nconstants && !missing; i++)
        missing = check_column(columns, module, module->constants[i].table,
                               module->constants[i].column);
    if (!missing && module->deleted_column)
        missing = check_column(columns, module, module->deleted_table,
                               module->deleted_column);
    return missing;
}
