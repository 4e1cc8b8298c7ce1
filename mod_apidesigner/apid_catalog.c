/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apid_catalog: finds modules, fields and unique indexes by name, resolves
 * references between modules, and turns ids into the values of keys and back.
 * Documents are read by apid_module.
 */
#include "apid_catalog.h"

#include <apr_cstr.h>
#include <apr_lib.h>
#include <apr_strings.h>
#include <stdlib.h>
#include <string.h>

struct apid_catalog_t {
    apr_array_header_t *modules; /* apid_module_t *, by name */
    apr_hash_t *by_name;
};

/* clang-format off */
static const apid_builtin_t builtins[] = {
    {"user.id",   APID_BUILTIN_USER_ID,   "1"},
    {"user.name", APID_BUILTIN_USER_NAME, "name"},
    {"now",       APID_BUILTIN_NOW,       "2000-01-01 00:00:00"},
    {"today",     APID_BUILTIN_TODAY,     "2000-01-01"},
};
/* clang-format on */

static int compare_names(const void *a, const void *b)
{
    return strcmp((*(apid_module_t *const *)a)->name,
                  (*(apid_module_t *const *)b)->name);
}

/* A reference is held and written as the key it points to, or as the text of
 * its number. */
static void take_key(apid_domain_t *domain, const apid_module_t *target)
{
    const apid_domain_t *id = &target->id.domain;

    domain->prefix = id->prefix;
    domain->digits = domain->digits && target->tables[0].ncolumns == 1
        && id->cls != APID_TEXT;
    if (target->tables[0].ncolumns != 1)
        return;
    if (!domain->digits)
        domain->cls = id->cls;
    domain->bits = id->bits;
    domain->is_unsigned = id->is_unsigned;
    domain->chars = id->chars;
    domain->as_text = id->as_text;
}

static void resolve_field(const apid_catalog_t *catalog, apid_field_t *field)
{
    field->target = field->refers ? apid_catalog_module(catalog,
                                                        field->refers)
                                  : NULL;
    if (field->target)
        take_key(&field->domain, field->target);
    else
        field->domain.digits = 0;
}

static const apid_field_t *find_column(const apid_module_t *module,
                                       const char *column)
{
    for (int i = 0; i < module->nfields; i++)
        if (apr_cstr_casecmp(module->fields[i].raw_column, column) == 0)
            return &module->fields[i];
    return NULL;
}

static apid_err_t *refuse_id(const apid_module_t *module, apr_pool_t *pool)
{
    return apid_err_raise(pool, APID_ERR_INVALID_ID_ATTRIBUTE,
                          "must be the id of a record of %s", module->name);
}

static int hex_value(char c)
{
    if (apr_isdigit(c))
        return c - '0';
    return apr_isxdigit(c) ? (c | 0x20) - 'a' + 10 : -1;
}

/* Decodes the percent-encoding of a part of an id; NULL if it is wrong or
 * holds a zero byte. */
static char *decode_part(const char *part, apr_size_t len, apr_pool_t *pool)
{
    char *copy = apr_palloc(pool, len + 1), *to = copy;
    const char *end = part + len;

    for (; part < end; part++, to++) {
        *to = *part;
        if (*part != '%')
            continue;
        if (end - part < 3 || hex_value(part[1]) < 0 ||
            hex_value(part[2]) < 0)
            return NULL;
        *to = (char)(hex_value(part[1]) << 4 | hex_value(part[2]));
        part += 2;
        if (!*to)
            return NULL;
    }
    *to = '\0';
    return copy;
}

/* Encodes what tells parts of an id apart, as the SQL of ids does. */
static const char *encode_part(const char *part, apr_pool_t *pool)
{
    char *copy = apr_palloc(pool, 3 * strlen(part) + 1), *to = copy;

    for (; *part; part++)
        if (*part == '%' || *part == ',')
            to = stpcpy(to, *part == '%' ? "%25" : "%2C");
        else
            *to++ = *part;
    *to = '\0';
    return copy;
}

/* A key's text in the one form of all that are the same key. */
static const char *write_part(const apid_value_t *value,
                              const apid_domain_t *domain, apr_pool_t *pool)
{
    char *text = apr_pstrdup(pool, apid_value_text(value, domain, pool));
    apr_size_t len = text ? strlen(text) : 0;

    for (apr_size_t i = 0; domain->type == APID_TYPE_UUID && i < len; i++)
        text[i] = (char)apr_tolower(text[i]);
    if (domain->type != APID_TYPE_DECIMAL || !text || !strchr(text, '.'))
        return text;
    while (text[len - 1] == '0')
        len--;
    text[len - (text[len - 1] == '.')] = '\0';
    return text;
}

static apid_err_t *parse_part(apid_value_t *value,
                              const apid_module_t *module, int i,
                              const apid_arg_t *part, apr_pool_t *pool)
{
    apid_err_t *err = apid_value_parse(value, &module->key_domains[i], part,
                                       pool);

    return err || value->cls == APID_NULL ? refuse_id(module, pool) : NULL;
}

static apid_err_t *parse_parts(apid_value_t values[APID_MAX_KEYS],
                               const apid_module_t *module, const char *text,
                               apr_pool_t *pool)
{
    apid_err_t *err = NULL;

    for (int i = 0; i < module->tables[0].ncolumns && !err; i++) {
        apr_size_t len = strcspn(text, ",");
        int last = i == module->tables[0].ncolumns - 1;
        apid_arg_t part = { .kind = APID_ARG_TEXT };

        part.text = decode_part(text, len, pool);
        if (!part.text || last == (text[len] == ','))
            return refuse_id(module, pool);
        part.len = strlen(part.text);
        if (!apid_arg_utf8(part.text, part.len, &len))
            return refuse_id(module, pool);
        err = parse_part(&values[i], module, i, &part, pool);
        text += strcspn(text, ",") + !last;
    }
    return err;
}

const apid_field_t *apid_module_field(const apid_module_t *module,
                                      const char *name)
{
    return apr_hash_get(module->by_name, name, APR_HASH_KEY_STRING);
}

const apid_field_t *apid_module_column(const apid_module_t *module,
                                       const char *column)
{
    const apid_field_t *field = find_column(module, column);
    const char *quoted = module->id.column;
    apr_size_t len = strlen(column);

    if (field || !quoted)
        return field;
    return strlen(quoted) == len + 2 &&
                   strncmp(quoted + 1, column, len) == 0
               ? &module->id
               : NULL;
}

const apid_field_t *apid_module_unique(const apid_module_t *module,
                                       const char *index)
{
    const char *dot = strrchr(index, '.');
    const char *name = dot ? dot + 1 : index;

    for (int i = 0; i < module->nuniques; i++)
        if (apr_cstr_casecmp(module->uniques[i].index, name) == 0)
            return apid_module_field(module, module->uniques[i].fields[0]);
    if (apr_cstr_casecmp(name, "PRIMARY") == 0)
        return &module->id;
    return apid_module_column(module, name);
}

const char *apid_module_nearest(const apid_module_t *module,
                                const char *name, apr_pool_t *pool)
{
    const char **names = apr_palloc(pool, (module->nfields + 1) *
                                              sizeof(*names));

    for (int i = 0; i < module->nfields; i++)
        names[i] = module->fields[i].name;
    names[module->nfields] = "id";
    return apid_err_nearest(name, names, module->nfields + 1);
}

/* whether what a user is called may be anything there */
static int takes_names(const apid_domain_t *domain)
{
    return domain->cls == APID_BYTES
           || (domain->cls == APID_TEXT && !domain->digits
               && domain->type != APID_TYPE_DECIMAL
               && domain->type != APID_TYPE_BOOLEAN);
}

apid_catalog_t *apid_catalog_open(const apr_array_header_t *modules,
                                  apr_pool_t *pool)
{
    apid_catalog_t *catalog = apr_palloc(pool, sizeof(*catalog));

    catalog->modules = apr_array_make(pool, modules->nelts,
                                      sizeof(apid_module_t *));
    catalog->by_name = apr_hash_make(pool);
    for (int i = 0; i < modules->nelts; i++) {
        apid_module_t *module = APR_ARRAY_IDX(modules, i, apid_module_t *);

        apr_hash_set(catalog->by_name, module->name, APR_HASH_KEY_STRING,
                     module);
        if (!module->fault)
            APR_ARRAY_PUSH(catalog->modules, apid_module_t *) = module;
    }
    qsort(catalog->modules->elts, catalog->modules->nelts,
          sizeof(apid_module_t *), compare_names);
    for (int i = 0; i < modules->nelts; i++) {
        apid_module_t *module = APR_ARRAY_IDX(modules, i, apid_module_t *);

        for (int j = 0; j < module->nfields; j++)
            resolve_field(catalog, &module->fields[j]);
    }
    return catalog;
}

const apid_module_t *apid_catalog_module(const apid_catalog_t *catalog,
                                         const char *name)
{
    const apid_module_t *module
        = apr_hash_get(catalog->by_name, name, APR_HASH_KEY_STRING);

    return module && !module->fault ? module : NULL;
}

const char *apid_catalog_fault(const apid_catalog_t *catalog,
                               const char *name)
{
    const apid_module_t *module
        = apr_hash_get(catalog->by_name, name, APR_HASH_KEY_STRING);

    return module ? module->fault : NULL;
}

const char *apid_catalog_nearest(const apid_catalog_t *catalog,
                                 const char *name, apr_pool_t *pool)
{
    int n = catalog->modules->nelts;
    const char **names = apr_palloc(pool, n * sizeof(*names));

    for (int i = 0; i < n; i++)
        names[i] = APR_ARRAY_IDX(catalog->modules, i, apid_module_t *)->name;
    return apid_err_nearest(name, names, n);
}

const apr_array_header_t *apid_catalog_modules(const apid_catalog_t *catalog)
{
    return catalog->modules;
}

const char *apid_catalog_quote(const char *identifier, apr_pool_t *pool)
{
    char *quoted = apr_palloc(pool, 2 * strlen(identifier) + 3);
    char *to = quoted;

    *to++ = '`';
    for (; *identifier; identifier++) {
        if (*identifier == '`')
            *to++ = '`';
        *to++ = *identifier;
    }
    *to++ = '`';
    *to = '\0';
    return quoted;
}

const char *apid_catalog_unquote(const char *quoted, apr_pool_t *pool)
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

apid_err_t *apid_catalog_parse_id(apid_value_t values[APID_MAX_KEYS],
                                  const apid_module_t *module,
                                  const apid_arg_t *arg, apr_pool_t *pool)
{
    apid_arg_t part = *arg;
    apr_size_t len = module->prefix ? strlen(module->prefix) : 0;

    if ((arg->kind != APID_ARG_TEXT && arg->kind != APID_ARG_NUMBER) ||
        !module->tables[0].ncolumns)
        return refuse_id(module, pool);
    if (len && arg->kind == APID_ARG_TEXT &&
        strncmp(arg->text, module->prefix, len) == 0) {
        part.text += len;
        part.len -= len;
    }
    if (module->tables[0].ncolumns == 1)
        return parse_part(&values[0], module, 0, &part, pool);
    return parse_parts(values, module, part.text, pool);
}

const apid_builtin_t *apid_catalog_builtin(const char *name)
{
    size_t i = 0, n = sizeof(builtins) / sizeof(*builtins);

    while (i < n && strcmp(builtins[i].name, name))
        i++;
    return i < n ? &builtins[i] : NULL;
}

const apid_builtin_t *apid_catalog_fallback(const apid_field_t *field)
{
    return field->fallback && field->fallback[0] == '@'
               ? apid_catalog_builtin(field->fallback + 1)
               : NULL;
}

apid_err_t *apid_catalog_fit(const apid_builtin_t *builtin,
                             const apid_domain_t *domain, apr_pool_t *pool)
{
    apid_arg_t sample = {.kind = APID_ARG_TEXT, .text = builtin->sample};
    apid_domain_t any = *domain;
    apid_value_t value;
    apid_err_t *err;

    if (builtin->which <= APID_BUILTIN_USER_NAME && takes_names(domain))
        return NULL;
    /* another value may be in a range or match a pattern */
    any.min = any.max = NULL;
    any.expression = NULL;
    sample.len = strlen(sample.text);
    err = apid_value_parse(&value, &any, &sample, pool);
    if (err && builtin->which == APID_BUILTIN_NOW
        && domain->type == APID_TYPE_DATE)
        return apid_err_raise(pool, APID_ERR_INVALID_VALUE,
                              "%s; did you mean '@today'?", err->text);
    return err;
}

apid_err_t *apid_catalog_fit_fallback(const apid_field_t *field,
                                      apr_pool_t *pool)
{
    const apid_builtin_t *builtin = apid_catalog_fallback(field);
    apid_value_t value;

    if (!field->fallback)
        return NULL;
    return builtin ? apid_catalog_fit(builtin, &field->domain, pool)
        : apid_value_parse_text(&value, &field->domain, field->fallback,
                                pool);
}

const char *apid_catalog_write_record(const apid_module_t *module,
                                      const apid_value_t *values,
                                      apr_pool_t *pool)
{
    const char *record = "";
    int n = module->tables[0].ncolumns;

    for (int i = 0; i < n; i++) {
        const char *part = write_part(&values[i], &module->key_domains[i],
                                      pool);

        if (!part)
            return NULL;
        record = apr_pstrcat(pool, record, i ? "," : "",
                             n > 1 ? encode_part(part, pool) : part, NULL);
    }
    return record;
}
