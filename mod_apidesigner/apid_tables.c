/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apid_tables: what information_schema says of the tables of modules. Names
 * compare without case, as column names do everywhere.
 *
 * A value is bound as its field says and compared with what its column is: a
 * number fits every text that begins with none, if it is 0, and so does a text
 * that is no number every 0. So types are of kinds, and those of field and
 * column must be the same; what compares by value all the same is legal.
 */
#include "apid_tables.h"
#include "apid_store.h"

#include <apr_lib.h>
#include <apr_strings.h>
#include <openssl/evp.h>
#include <string.h>

#define THERE "there" /* of a table */
#define NOT_THERE ""
#define VIEW "view"
#define NO_COLUMN "there is no column %s.%s in the database"

/* what a column compares as */
typedef enum kind_e {
    KIND_NUMBER = 1,
    KIND_TEXT = 2,
    KIND_BYTES = 4,
    KIND_DAY = 8,
    KIND_CLOCK = 16 /* flags */
} kind_e;

/* clang-format off */
static const apid_column_type_t types[] = {
    {"tinyint",    APID_TYPE_INTEGER, 8, 0},
    {"smallint",   APID_TYPE_INTEGER, 16, 0},
    {"mediumint",  APID_TYPE_INTEGER, 24, 0},
    {"int",        APID_TYPE_INTEGER, 32, 0},
    {"bigint",     APID_TYPE_INTEGER, 64, 0},
    {"char",       APID_TYPE_STRING, 0, 1},
    {"varchar",    APID_TYPE_STRING, 0, 1},
    {"tinytext",   APID_TYPE_TEXT, 0, 0},
    {"text",       APID_TYPE_TEXT, 0, 0},
    {"mediumtext", APID_TYPE_TEXT, 0, 0},
    {"longtext",   APID_TYPE_TEXT, 0, 0},
    {"decimal",    APID_TYPE_DECIMAL, 0, 0},
    {"float",      APID_TYPE_DOUBLE, 0, 0},
    {"double",     APID_TYPE_DOUBLE, 0, 0},
    {"bit",        APID_TYPE_BIT, 0, 0},
    {"date",       APID_TYPE_DATE, 0, 0},
    {"datetime",   APID_TYPE_DATETIME, 0, 0},
    {"timestamp",  APID_TYPE_DATETIME, 0, 0},
    {"time",       APID_TYPE_TIME, 0, 0},
    {"year",       APID_TYPE_YEAR, 0, 0},
    {"enum",       APID_TYPE_PICKLIST, 0, 0},
    {"set",        APID_TYPE_MULTIPICKLIST, 0, 0},
    {"json",       APID_TYPE_JSON, 0, 0},
    {"uuid",       APID_TYPE_UUID, 0, 0},
    {"binary",     APID_TYPE_BINARY, 0, 1},
    {"varbinary",  APID_TYPE_BINARY, 0, 1},
    {"tinyblob",   APID_TYPE_BINARY, 0, 0},
    {"blob",       APID_TYPE_BINARY, 0, 0},
    {"mediumblob", APID_TYPE_BINARY, 0, 0},
    {"longblob",   APID_TYPE_BINARY, 0, 0},
    {"inet4",      APID_TYPE_STRING, 0, 0},
    {"inet6",      APID_TYPE_STRING, 0, 0},
};
/* clang-format on */

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
    const char *table = apid_catalog_unquote(quoted, pool);
    const char *found = NOT_THERE;
    apid_rows_t *rows;
    const apid_value_t *row;
    apid_err_t *err = apid_store_read_columns(&rows, lease, table);

    EVP_DigestUpdate(sum, table, strlen(table) + 1);
    for (; !err && !(err = apid_db_next(&row, rows)) && row;) {
        const char *key
            = column_key(table, apid_store_text(&row[0], pool), pool);
        const char *type = apid_store_text(&row[1], pool);
        EVP_DigestUpdate(sum, key, strlen(key) + 1);
        EVP_DigestUpdate(sum, type, strlen(type) + 1);
        apr_hash_set(columns, key, APR_HASH_KEY_STRING, type);
        found = apid_store_int(&row[2]) ? VIEW : THERE;
    }
    EVP_DigestUpdate(sum, found, strlen(found) + 1);
    /* quoted, it is no column's key */
    apr_hash_set(columns, quoted, APR_HASH_KEY_STRING, found);
    return err;
}

static apid_err_t *read_once(EVP_MD_CTX *sum, apr_hash_t *columns,
                             const char *quoted, apid_lease_t *lease)
{
    return apr_hash_get(columns, quoted, APR_HASH_KEY_STRING)
        ? NULL : read_table(sum, columns, quoted, lease);
}

static apid_err_t *read_tables(EVP_MD_CTX *sum, apr_hash_t *columns,
                               const apid_module_t *module,
                               apid_lease_t *lease)
{
    apid_err_t *err = NULL;

    for (int i = 0; i < module->ntables && !err; i++)
        err = read_once(sum, columns, module->tables[i].name, lease);
    if (!err && module->sequence_table)
        err = read_once(sum, columns, module->sequence_table, lease);
    return err;
}

/* the type of a column of a table (quoted); NULL: it is not there */
static const char *find_column(apr_hash_t *columns, const char *table,
                               const char *column)
{
    apr_pool_t *pool = apr_hash_pool_get(columns);

    return apr_hash_get(columns,
                        column_key(apid_catalog_unquote(table, pool), column,
                                   pool),
                        APR_HASH_KEY_STRING);
}

static int is_there(apr_hash_t *columns, const char *table)
{
    return strcmp(apr_hash_get(columns, table, APR_HASH_KEY_STRING),
                  NOT_THERE) != 0;
}

/* what is not there, if it is a table or a column (both quoted) of one */
static apid_err_t *check_table(apr_hash_t *columns, const char *table)
{
    return is_there(columns, table) ? NULL : apid_err_raise(
        apr_hash_pool_get(columns), APID_ERR_INVALID_DEFINITION,
        "there is no table %s in the database, or its user has no right to "
        "it (apidesignerctl init prints the GRANTs)", table);
}

static apid_err_t *check_column(apr_hash_t *columns, const char *table,
                                const char *quoted)
{
    apr_pool_t *pool = apr_hash_pool_get(columns);

    if (!is_there(columns, table)
        || find_column(columns, table, apid_catalog_unquote(quoted, pool)))
        return NULL;
    return apid_err_raise(pool, APID_ERR_INVALID_DEFINITION,
                          NO_COLUMN, table, quoted);
}

static apid_err_t *check_keys(apr_hash_t *columns, const apid_table_t *table)
{
    apid_err_t *err = check_table(columns, table->name);

    for (int i = 0; i < table->ncolumns; i++)
        err = apid_err_join(err, check_column(columns, table->name,
                                              table->columns[i]));
    for (apid_err_t *each = err; each; each = each->next)
        apid_err_at(each, table->line, table->column_no);
    return err;
}

static apid_err_t *check_sequence(apr_hash_t *columns,
                                  const apid_module_t *module)
{
    const char *table = module->sequence_table;
    apid_err_t *err = table ? check_table(columns, table) : NULL;

    if (table && !err)
        err = check_column(columns, table, module->sequence_column);
    return apid_err_at(err, module->id.line, module->id.column_no);
}

/* the columns of constants: of those that rows are found by, or of others */
static apid_err_t *check_constants(apr_hash_t *columns,
                                   const apid_module_t *module, int filters)
{
    apid_err_t *err = NULL;

    for (int i = 0; i < module->nconstants; i++) {
        const apid_constant_t *constant = &module->constants[i];
        if (!constant->filter == !filters)
            err = apid_err_join(err, apid_err_at(
                check_column(columns, module->tables[constant->table].name,
                             constant->column),
                constant->line, constant->column_no));
    }
    return err;
}

/* whether records are found without a table: it is only read for its fields */
static int is_apart(const apid_module_t *module, int table)
{
    int apart = table > 0 && !module->tables[table].required
        && !(module->deleted_column && module->deleted_table == table);

    for (int i = 0; apart && i < module->nconstants; i++)
        apart = !module->constants[i].filter
            || module->constants[i].table != table;
    return apart;
}

/* the tables and keys of those that stand apart, or of the others */
static apid_err_t *check_tables(apr_hash_t *columns,
                                const apid_module_t *module, int apart)
{
    apid_err_t *err = NULL;

    for (int i = 0; i < module->ntables; i++)
        if (is_apart(module, i) == apart)
            err = apid_err_join(err, check_keys(columns, &module->tables[i]));
    return err;
}

/* what only writes need */
static apid_err_t *check_writes(apr_hash_t *columns,
                                const apid_module_t *module)
{
    return apid_err_join(check_tables(columns, module, 1),
                         apid_err_join(check_sequence(columns, module),
                                       check_constants(columns, module, 0)));
}

static apid_err_t *check_reads(apr_hash_t *columns,
                               const apid_module_t *module)
{
    apid_err_t *err = apid_err_join(check_tables(columns, module, 0),
                                    check_constants(columns, module, 1));

    if (module->deleted_column)
        err = apid_err_join(err, apid_err_at(
            check_column(columns, module->tables[module->deleted_table].name,
                         module->deleted_column),
            module->deleted_line, module->deleted_column_no));
    return err;
}

static int kind_of_column(apid_type_e type)
{
    switch (type) {
    case APID_TYPE_INTEGER:
    case APID_TYPE_DECIMAL:
    case APID_TYPE_DOUBLE:
    case APID_TYPE_BIT:
    case APID_TYPE_YEAR:
        return KIND_NUMBER;
    case APID_TYPE_DATE:
    case APID_TYPE_DATETIME:
        return KIND_DAY;
    case APID_TYPE_TIME:
        return KIND_CLOCK;
    case APID_TYPE_BINARY:
        return KIND_BYTES;
    default:
        return KIND_TEXT;
    }
}

static int is_number(const char *text)
{
    const char *digits = text + (*text == '-');
    apr_size_t n = strspn(digits, "0123456789");

    digits += n;
    if (n && *digits == '.') {
        digits += 1 + (n = strspn(digits + 1, "0123456789"));
    }
    return n && !*digits;
}

/* choices that are all numbers fit a column of numbers */
static int is_numbered(const apid_domain_t *domain)
{
    for (int i = 0; i < domain->nchoices; i++)
        if (!is_number(domain->choices[i]))
            return 0;
    return domain->nchoices > 0;
}

/* the kinds of columns that values of a domain may be compared with */
static int kinds_of_domain(const apid_domain_t *domain)
{
    if (domain->type == APID_TYPE_DECIMAL)
        return KIND_NUMBER;
    if (domain->type == APID_TYPE_TIME)
        return KIND_CLOCK | KIND_TEXT;
    switch (domain->cls) {
    case APID_TEXT:
        return KIND_TEXT | KIND_BYTES
            | (is_numbered(domain) ? KIND_NUMBER : 0);
    case APID_BYTES:
        return KIND_TEXT | KIND_BYTES;
    case APID_TIME:
        return KIND_DAY | KIND_TEXT;
    default:
        return KIND_NUMBER;
    }
}

static int has_basetype(const apid_domain_t *domain)
{
    return domain->type == APID_TYPE_BOOLEAN
        || domain->type == APID_TYPE_REFERENCE
        || domain->type == APID_TYPE_OWNER;
}

/* that a domain does not fit its column of a type, and what would; NULL if it
 * does, and if nobody knows */
static const char *tell_misfit(const apid_domain_t *domain,
                               const char *column, const char *type,
                               apr_pool_t *pool)
{
    const apid_column_type_t *known = type ? apid_tables_type(type) : NULL;
    int kind = known ? kind_of_column(known->type) : 0;
    const char *word;

    if (!known || kinds_of_domain(domain) & kind)
        return NULL;
    word = !has_basetype(domain) || !(kind & (KIND_TEXT | KIND_NUMBER))
        ? apr_psprintf(pool, "type=\"%s\"", apid_type_word(known->type))
        : kind == KIND_TEXT ? "basetype=\"string\"" : "basetype=\"integer\"";
    return apr_psprintf(pool, "type %s does not fit the column %s, which is "
                        "%s: a value would match rows that do not hold it; "
                        "expected %s", apid_type_word(domain->type), column,
                        type, word);
}

static const char *tell_column(apr_hash_t *columns,
                               const apid_module_t *module, int table,
                               const char *quoted,
                               const apid_domain_t *domain)
{
    apr_pool_t *pool = apr_hash_pool_get(columns);
    const char *name = module->tables[table].name;

    return tell_misfit(domain, apr_pstrcat(pool, name, ".", quoted, NULL),
                       find_column(columns, name,
                                   apid_catalog_unquote(quoted, pool)),
                       pool);
}

const apid_column_type_t *apid_tables_type(const char *word)
{
    for (apr_size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
        if (!strcmp(word, types[i].word))
            return &types[i];
    return NULL;
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

apid_err_t *apid_tables_missing(apr_hash_t *columns,
                                const apid_module_t *module)
{
    return apid_err_join(check_writes(columns, module),
                         check_reads(columns, module));
}

const char *apid_tables_lack(apr_hash_t *columns, const apid_module_t *module,
                             const apid_field_t *field)
{
    const char *table = module->tables[field->table].name;

    return !is_there(columns, table)
            || find_column(columns, table, field->raw_column)
        ? NULL : apr_psprintf(apr_hash_pool_get(columns), NO_COLUMN, table,
                              field->column);
}

const char *apid_tables_misfit(apr_hash_t *columns,
                               const apid_module_t *module,
                               const apid_field_t *field)
{
    const apid_module_t *target = field->target;

    if (field->refers && !target)
        return NULL; /* its type is that of a key that is not known */
    return tell_column(columns, module, field->table, field->column,
                       target && target->tables[0].ncolumns == 1
                           && !field->domain.digits
                       ? &target->key_domains[0] : &field->domain);
}

const char *apid_tables_key_misfit(apr_hash_t *columns,
                                   const apid_module_t *module)
{
    const char *misfit = NULL;

    for (int i = 0; i < module->ntables; i++)
        for (int j = 0; j < module->tables[i].ncolumns && !misfit; j++)
            misfit = tell_column(columns, module, i,
                                 module->tables[i].columns[j],
                                 &module->key_domains[j]);
    return misfit;
}

/* why a field cannot be read: its column, or how its table is joined */
static const char *judge_field(apr_hash_t *columns,
                               const apid_module_t *module,
                               const apid_field_t *field)
{
    const char *lack = apid_tables_lack(columns, module, field);
    const apid_err_t *err = !lack && is_apart(module, field->table)
        ? check_keys(columns, &module->tables[field->table]) : NULL;

    return err ? err->text : lack;
}

/* before references are resolved */
static void judge_module(apid_module_t *module, apr_hash_t *columns)
{
    const apid_err_t *missing = check_reads(columns, module);
    const apid_err_t *unwritten = check_writes(columns, module);
    const char *misfit = apid_tables_key_misfit(columns, module);

    module->fault = missing ? missing->text
        : misfit ? apr_pstrcat(apr_hash_pool_get(columns), "key: ", misfit,
                               NULL) : NULL;
    module->unwritable
        = unwritten && !module->readonly ? unwritten->text : NULL;
    for (int i = 0; i < module->ntables; i++)
        module->tables[i].view = !strcmp(apr_hash_get(
            columns, module->tables[i].name, APR_HASH_KEY_STRING), VIEW);
    for (int i = 0; i < module->nfields; i++)
        module->fields[i].fault = judge_field(columns, module,
                                              &module->fields[i]);
}

/* when they are */
static void judge_types(apid_module_t *module, apr_hash_t *columns)
{
    for (int i = 0; i < module->nfields; i++)
        if (!module->fields[i].fault)
            module->fields[i].fault = apid_tables_misfit(columns, module,
                                                         &module->fields[i]);
    apid_module_mark(module, apr_hash_pool_get(columns));
}

apid_err_t *apid_tables_catalog(apid_catalog_t **catalog,
                                unsigned char fingerprint[APID_DIGEST_SIZE],
                                const apr_array_header_t *modules,
                                apid_lease_t *lease)
{
    apr_hash_t *columns = apr_hash_make(modules->pool);
    apid_err_t *err = apid_tables_read(fingerprint, columns, modules, lease);

    if (err)
        return err;
    for (int i = 0; i < modules->nelts; i++)
        judge_module(APR_ARRAY_IDX(modules, i, apid_module_t *), columns);
    *catalog = apid_catalog_open(modules, modules->pool);
    for (int i = 0; i < modules->nelts; i++)
        judge_types(APR_ARRAY_IDX(modules, i, apid_module_t *), columns);
    return NULL;
}
