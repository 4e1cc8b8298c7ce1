/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_catalog: references between modules, names, columns and indexes, ids.
 * The modules are those of t/vadl/modules.
 */
#include "apid_catalog.h"
#include "tap.h"

#include <apr_file_io.h>
#include <apr_general.h>
#include <apr_strings.h>

#define DIR "t/vadl/modules/"

static apid_module_t *load(const char *name, apr_pool_t *pool)
{
    const char *path = apr_pstrcat(pool, DIR, name, ".xml", NULL);
    static char text[65536];
    apr_size_t len = 0;
    apid_module_t *module;
    apr_file_t *file;
    apid_err_t *err;

    if (apr_file_open(&file, path, APR_READ, 0, pool) == APR_SUCCESS) {
        apr_file_read_full(file, text, sizeof(text), &len);
        apr_file_close(file);
    }
    err = apid_module_parse(&module, text, len, pool);
    memset(text, 'x', sizeof(text)); /* nothing borrows from it */
    is(err ? err->text : NULL, NULL, apr_pstrcat(pool, name, ".xml", NULL));
    return module;
}

static apid_catalog_t *load_all(apr_pool_t *pool)
{
    static const char *const names[] = {
        "Weather", "Contacts", "Leads", "Organizations", "Cases", "Products",
        "Deals", "Readings", "Prices", "Oddities", "VtigerContacts", NULL
    };
    apr_array_header_t *modules = apr_array_make(pool, 4, sizeof(void *));

    for (int i = 0; names[i]; i++)
        APR_ARRAY_PUSH(modules, apid_module_t *) = load(names[i], pool);
    return apid_catalog_open(modules, pool);
}

static void test_references(const apid_catalog_t *catalog)
{
    const apid_module_t *m = apid_catalog_module(catalog, "Oddities");
    const apid_field_t *f = apid_module_field(m, "a_reference");

    ok(f->target == apid_catalog_module(catalog, "Contacts"), "a reference");
    is(f->domain.prefix, "12x", "it takes the prefix of its target");
    is_int(f->domain.cls, APID_UINT, "and the class");
    is_int(f->domain.bits, 32, "and the bits of its key");
    f = apid_module_field(m, "an_odd_one");
    ok(f->target == m, "a reference to itself");
    is_int(f->domain.cls, APID_TEXT, "by UUID");
    is_int(f->domain.chars, 36, "of 36 characters");
    f = apid_module_field(m, "an_odd_reference");
    ok(!f->target, "a reference to what is not there");
    is_int(f->domain.cls, APID_TEXT, "has its base type");
    f = apid_module_field(m, "a_price");
    is(f->target->name, "Prices", "a reference to a composite key");
    is(f->domain.prefix, "9x", "has its prefix");
}

static void test_reopened(apr_pool_t *pool)
{
    apr_array_header_t *both = apr_array_make(pool, 2, sizeof(void *));
    apr_array_header_t *one = apr_array_make(pool, 1, sizeof(void *));
    apid_module_t *cases = load("Cases", pool);
    apid_catalog_t *catalog;

    APR_ARRAY_PUSH(one, apid_module_t *) = cases;
    APR_ARRAY_PUSH(both, apid_module_t *) = cases;
    APR_ARRAY_PUSH(both, apid_module_t *) = load("Contacts", pool);
    catalog = apid_catalog_open(both, pool);
    is(apid_module_field(cases, "contact_id")->target->name, "Contacts",
       "resolved in one catalog");
    ok(apid_catalog_module(catalog, "Cases") == cases, "nothing is copied");
    catalog = apid_catalog_open(one, pool);
    ok(!apid_module_field(cases, "contact_id")->target,
       "and not in the next, where it is not");
    is_int(apid_catalog_modules(catalog)->nelts, 1, "one module");
}

static void test_names(const apid_catalog_t *catalog, apr_pool_t *pool)
{
    const apid_module_t *m = apid_catalog_module(catalog, "Contacts");
    const apr_array_header_t *all = apid_catalog_modules(catalog);

    is_int(all->nelts, 11, "all modules");
    is(APR_ARRAY_IDX(all, 0, apid_module_t *)->name, "Cases", "by name");
    is(APR_ARRAY_IDX(all, 10, apid_module_t *)->name, "Weather", "the last");
    ok(!apid_catalog_module(catalog, "contacts"), "case of a module matters");
    is(apid_catalog_nearest(catalog, "Contcts", pool), "Contacts",
       "nearest module");
    is(apid_catalog_nearest(catalog, "Zebras", pool), NULL, "none is near");
    is(apid_module_nearest(m, "emial", pool), "email", "nearest field");
    is(apid_module_nearest(m, "ID", pool), "id", "id is one");
    is(apid_module_nearest(m, "qqqqqq", pool), NULL, "none is near");
    is(apid_catalog_quote("a`b", pool), "`a``b`", "quoted");
    is(apid_catalog_quote("", pool), "``", "nothing quoted");
}

static const char *name_of(const apid_field_t *field)
{
    return field ? field->name : NULL;
}

static void test_columns(const apid_catalog_t *catalog)
{
    const apid_module_t *m = apid_catalog_module(catalog, "Contacts");

    is(name_of(apid_module_column(m, "street")), "mailingstreet",
       "field of a column");
    is(name_of(apid_module_column(m, "EMAIL")), "email", "in any case");
    is(name_of(apid_module_column(m, "id")), "id", "the key");
    is(name_of(apid_module_column(m, "i")), NULL, "no such column");
    is(name_of(apid_module_unique(m, "email")), "email", "unique index");
    is(name_of(apid_module_unique(m, "demo_contacts.email")), "email",
       "as MySQL says it");
    is(name_of(apid_module_unique(m, "PRIMARY")), "id", "primary key");
    is(name_of(apid_module_unique(m, "demo_contacts.PRIMARY")), "id",
       "as MySQL says it");
    is(name_of(apid_module_unique(m, "card")), "card",
       "an index named like its column");
    is(name_of(apid_module_unique(m, "uq_nothing")), NULL, "no such index");
    m = apid_catalog_module(catalog, "Oddities");
    is(name_of(apid_module_unique(m, "uq_pair")), "an_integer",
       "the first field of an index");
    is(name_of(apid_module_column(apid_catalog_module(catalog, "Readings"),
                                  "id")),
       NULL, "no key, no id");
}

/* module, kind and text of the id, what the history has of it or the error */
/* clang-format off */
static const struct {
    const char *module;
    apid_arg_e kind;
    const char *id, *written;
} ids[] = {
    { "Contacts", APID_ARG_TEXT,   "2063",      "2063" },
    { "Contacts", APID_ARG_TEXT,   "12x2063",   "2063" },
    { "Contacts", APID_ARG_NUMBER, "2063",      "2063" },
    { "Contacts", APID_ARG_NUMBER, "4294967295", "4294967295" },
    { "Weather",  APID_ARG_TEXT,   "7",         "7" },
    { "Oddities", APID_ARG_TEXT,   "99x0f8fad5b-d9cb-469f-a165-70867728950e",
                                   "0f8fad5b-d9cb-469f-a165-70867728950e" },
    { "Prices",   APID_ARG_TEXT,   "AB-1,EUR",  "AB-1,EUR" },
    { "Prices",   APID_ARG_TEXT,   "9xAB-1,EUR", "AB-1,EUR" },
    { "Prices",   APID_ARG_TEXT,   "a%2Cb%25,%E2%82%AC",
                                   "a%2Cb%25,\xE2\x82\xAC" },
    { "Prices",   APID_ARG_TEXT,   "a b/\xC3\xA9~_.-,x",
                                   "a b/\xC3\xA9~_.-,x" },
    { "Prices",   APID_ARG_TEXT,   "%61,%62",   "a,b" },
    { "Prices",   APID_ARG_TEXT,   "a,",        "a," },
    { "Prices",   APID_ARG_TEXT,   ",b",        ",b" },
    { "Prices",   APID_ARG_TEXT,   "AB-1",      NULL },
    { "Prices",   APID_ARG_TEXT,   "a,b,c",     NULL },
    { "Prices",   APID_ARG_TEXT,   "a%2,b",     NULL },
    { "Prices",   APID_ARG_TEXT,   "a%zz,b",    NULL },
    { "Prices",   APID_ARG_TEXT,   "a%00,b",    NULL },
    { "Prices",   APID_ARG_TEXT,   "a%FF,b",    NULL },
    { "Prices",   APID_ARG_TEXT,   "123456789012345678901,b", NULL },
    { "Prices",   APID_ARG_NUMBER, "5",         NULL },
    { "Contacts", APID_ARG_TEXT,   "",          NULL },
    { "Contacts", APID_ARG_TEXT,   "12x",       NULL },
    { "Contacts", APID_ARG_TEXT,   "11x2063",   NULL },
    { "Contacts", APID_ARG_TEXT,   "12x12x5",   NULL },
    { "Contacts", APID_ARG_TEXT,   "abc",       NULL },
    { "Contacts", APID_ARG_TEXT,   "-1",        NULL },
    { "Contacts", APID_ARG_TEXT,   "4294967296", NULL },
    { "Contacts", APID_ARG_NUMBER, "1.5",       NULL },
    { "Contacts", APID_ARG_NULL,   NULL,        NULL },
    { "Contacts", APID_ARG_BOOLEAN, "true",     NULL },
    { "Contacts", APID_ARG_ARRAY,  "[1]",       NULL },
    { "Oddities", APID_ARG_TEXT,   "99xnot-a-uuid", NULL },
    { "Readings", APID_ARG_TEXT,   "1",         NULL },
};
/* clang-format on */

static void test_ids(const apid_catalog_t *catalog, apr_pool_t *pool)
{
    for (size_t i = 0; i < sizeof(ids) / sizeof(*ids); i++) {
        const apid_module_t *m = apid_catalog_module(catalog, ids[i].module);
        const char *name = apr_psprintf(pool, "id %s of %s", ids[i].id,
                                        ids[i].module);
        apid_arg_t arg = { .kind = ids[i].kind, .text = ids[i].id };
        apid_value_t values[APID_MAX_KEYS];
        apid_err_t *err;

        arg.len = ids[i].id ? strlen(ids[i].id) : 0;
        err = apid_catalog_parse_id(values, m, &arg, pool);
        if (ids[i].written) {
            is(err ? err->text : apid_catalog_write_record(m, values, pool),
               ids[i].written, name);
            continue;
        }
        is(err ? err->text : NULL,
           apr_pstrcat(pool, "must be the id of a record of ", m->name, NULL),
           name);
        ok(err && err->kind == APID_ERR_INVALID_ID_ATTRIBUTE,
           "is INVALID_ID_ATTRIBUTE");
    }
}

static void test_null_id(const apid_catalog_t *catalog, apr_pool_t *pool)
{
    const apid_module_t *m = apid_catalog_module(catalog, "Contacts");
    apid_value_t null = apid_value_of_null();

    is(apid_catalog_write_record(m, &null, pool), NULL, "no key, no id");
}

int main(void)
{
    const apid_catalog_t *catalog;
    apr_pool_t *pool;

    apr_initialize();
    apr_pool_create(&pool, NULL);
    catalog = load_all(pool);
    test_references(catalog);
    test_reopened(pool);
    test_names(catalog, pool);
    test_columns(catalog);
    test_ids(catalog, pool);
    test_null_id(catalog, pool);
    apr_pool_destroy(pool);
    apr_terminate();
    return tap_done();
}
