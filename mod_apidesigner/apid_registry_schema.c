/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apid_registry_schema: compares modules with the tables they stand for. A
 * field whose column is gone is taken out of its module's index of names, so
 * that definitions that name it no longer compile and all others do.
 */
#include "apid_registry_parts.h"

#include <apr_lib.h>
#include <apr_strings.h>
#include <openssl/evp.h>
#include <string.h>

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

static char *lower(char *text)
{
    for (char *c = text; *c; c++)
        *c = apr_tolower(*c);
    return text;
}

static const char *column_key(const char *table, const char *column,
                              apr_pool_t *pool)
{
    return lower(apr_pstrcat(pool, table, ".", column, NULL));
}

static apid_err_t *read_table(EVP_MD_CTX *sum, apr_hash_t *names,
                              const char *quoted, apid_lease_t *lease,
                              apr_pool_t *pool)
{
    const char *table = unquote(quoted, pool);
    apid_rows_t *rows;
    const apid_value_t *row;
    apid_err_t *err = apid_store_read_columns(&rows, lease, table);

    EVP_DigestUpdate(sum, table, strlen(table) + 1);
    for (; !err && !(err = apid_db_next(&row, rows)) && row;) {
        const char *key
            = column_key(table, apid_store_text(&row[0], pool), pool);
        EVP_DigestUpdate(sum, key, strlen(key) + 1);
        apr_hash_set(names, key, APR_HASH_KEY_STRING, key);
    }
    return err;
}

static apid_err_t *read_tables(EVP_MD_CTX *sum, apr_hash_t *names,
                               const apr_array_header_t *modules,
                               apid_lease_t *lease)
{
    apr_pool_t *pool = apr_hash_pool_get(names);
    apr_hash_t *seen = apr_hash_make(pool);
    apid_err_t *err = NULL;

    for (int i = 0; i < modules->nelts; i++) {
        const apid_module_t *module
            = APR_ARRAY_IDX(modules, i, const apid_module_t *);
        for (int j = 0; j < module->ntables && !err; j++) {
            const char *table = module->tables[j].name;
            if (apr_hash_get(seen, table, APR_HASH_KEY_STRING))
                continue;
            apr_hash_set(seen, table, APR_HASH_KEY_STRING, table);
            err = read_table(sum, names, table, lease, pool);
        }
    }
    return err;
}

static int has_column(const apid_module_t *module, int table,
                      const char *column, apr_hash_t *names)
{
    apr_pool_t *pool = apr_hash_pool_get(names);
    const char *key = column_key(unquote(module->tables[table].name, pool),
                                 column, pool);

    return apr_hash_get(names, key, APR_HASH_KEY_STRING) != NULL;
}

/* the first column without which the module is of no use, or NULL */
static const char *find_missing(const apid_module_t *module,
                                apr_hash_t *names)
{
    apr_pool_t *pool = apr_hash_pool_get(names);

    for (int i = 0; i < module->ntables; i++)
        for (int j = 0; j < module->tables[i].ncolumns; j++)
            if (!has_column(module, i,
                            unquote(module->tables[i].columns[j], pool),
                            names))
                return apr_pstrcat(pool, module->tables[i].name, ".",
                                   module->tables[i].columns[j], NULL);
    for (int i = 0; i < module->nconstants; i++)
        if (!has_column(module, module->constants[i].table,
                        unquote(module->constants[i].column, pool), names))
            return module->constants[i].column;
    if (module->deleted_column
        && !has_column(module, module->deleted_table,
                       unquote(module->deleted_column, pool), names))
        return module->deleted_column;
    return NULL;
}

apid_err_t *apid_schema_read(unsigned char fingerprint[APID_DIGEST_SIZE],
                             apr_hash_t *names,
                             const apr_array_header_t *modules,
                             apid_lease_t *lease)
{
    EVP_MD_CTX *sum = EVP_MD_CTX_new();

    EVP_DigestInit_ex(sum, EVP_sha256(), NULL);
    apid_err_t *err = read_tables(sum, names, modules, lease);
    EVP_DigestFinal_ex(sum, fingerprint, NULL);
    EVP_MD_CTX_free(sum);
    return err;
}

int apid_schema_prune(apid_module_t *module, apr_hash_t *names,
                      const apid_page_t *page)
{
    const char *missing = find_missing(module, names);

    if (missing) {
        apid_page_notice(page, "module '%s' does not work: there is no column "
                               "%s", module->name, missing);
        return 0;
    }
    for (int i = 0; i < module->nfields; i++) {
        const apid_field_t *field = &module->fields[i];
        if (has_column(module, field->table, field->raw_column, names))
            continue;
        apr_hash_set(module->by_name, field->name, APR_HASH_KEY_STRING, NULL);
        apid_page_notice(page, "field '%s' of module '%s' does not work: "
                               "there is no column %s in %s", field->name,
                         module->name, field->raw_column,
                         module->tables[field->table].name);
    }
    return 1;
}
