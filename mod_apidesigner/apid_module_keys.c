/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apid_module_keys: reads the tables of a module's document and their key, and
 * makes the field `id` of it. How a key is made must suit what it is.
 */
#include "apid_module_parts.h"

#include <apr_strings.h>

typedef struct table_doc_t {
    const char *name, *key;
    int required;
} table_doc_t;

typedef struct key_doc_t {
    const char *table, *column, *types;
    int made, type, bits, is_unsigned, length, fsp, as_text;
} key_doc_t;

#define ROW(name, kind, doc, member, words) \
    { name, APID_XML_##kind, offsetof(doc, member), words }

/* clang-format off */
static const char *const makers[] = { /* the order of apid_key_e */
    "auto", "sequence", "uuid", "caller", NULL
};
static const char *const key_types[] = {
    "integer", "string", "uuid", "email", "decimal", "date", "datetime",
    "time", "year", NULL
};

static const apid_xml_row_t table_rows[] = {
    ROW("name",     NEEDED, table_doc_t, name,     NULL),
    ROW("key",      NAME,   table_doc_t, key,      NULL),
    ROW("required", FLAG,   table_doc_t, required, NULL),
    { 0 }
};
static const apid_xml_row_t key_rows[] = {
    ROW("made",     WORD,  key_doc_t, made,        makers),
    ROW("table",    NAME,  key_doc_t, table,       NULL),
    ROW("column",   NAME,  key_doc_t, column,      NULL),
    ROW("type",     WORD,  key_doc_t, type,        key_types),
    ROW("types",    NAME,  key_doc_t, types,       NULL),
    ROW("bits",     COUNT, key_doc_t, bits,        NULL),
    ROW("unsigned", FLAG,  key_doc_t, is_unsigned, NULL),
    ROW("length",   COUNT, key_doc_t, length,      NULL),
    ROW("fsp",      WHOLE, key_doc_t, fsp,         NULL),
    ROW("text",     FLAG,  key_doc_t, as_text,     NULL),
    { 0 }
};
/* clang-format on */

static const key_doc_t not_given = { .made = -1, .type = -1 };

static void set_columns(apid_build_t *b, const apid_xml_t *element,
                        apid_table_t *table, const char *key)
{
    const apid_table_t *first = b->module->tables;
    int n = 0;
    const char **columns = key ? apid_module_split(key, &n, b->pool) : NULL;

    if (n > APID_MAX_KEYS)
        apid_xml_complain(&b->errs, element,
                          "key '%s' has more than %d columns", key,
                          APID_MAX_KEYS);
    for (int i = 0; i < n && i < APID_MAX_KEYS; i++)
        table->columns[i] = apid_catalog_quote(columns[i], b->pool);
    table->ncolumns = n < APID_MAX_KEYS ? n : APID_MAX_KEYS;
    if (table != first && (!n || n != first->ncolumns))
        apid_xml_complain(&b->errs, element,
                          "the key of a joined table needs as many columns "
                          "as that of the first: found %d, expected %d",
                          n, first->ncolumns);
}

static void set_key_domain(apid_domain_t *domain, apid_type_e type,
                           const key_doc_t *doc)
{
    domain->type = type;
    domain->cls = apid_type_class(type);
    domain->bits = doc->bits ? doc->bits : 64;
    domain->is_unsigned = doc->is_unsigned;
    domain->chars = doc->length ? doc->length
                    : type == APID_TYPE_UUID ? 36 : 0;
    domain->as_text = doc->as_text;
    if (domain->cls == APID_TIME)
        domain->scale = doc->fsp;
    apid_module_set_class(domain);
}

static apid_type_e default_type(const key_doc_t *doc)
{
    return doc->made == APID_KEY_UUID ? APID_TYPE_UUID : APID_TYPE_INTEGER;
}

/* The types of a composite key are a list; a word that is none is noted. */
static apid_type_e type_at(apid_build_t *b, const apid_xml_t *element,
                           const char *word)
{
    int i = apid_xml_find_word(key_types, word);

    if (key_types[i])
        return apid_type_parse(key_types[i]);
    apid_xml_refuse(&b->errs, element,
                    apr_psprintf(b->pool, "unknown type '%s' in <key>", word),
                    word, key_types);
    return APID_TYPE_INTEGER;
}

static void set_key_domains(apid_build_t *b, const apid_xml_t *element,
                            const key_doc_t *doc)
{
    apid_module_t *module = b->module;
    int n = module->tables[0].ncolumns, given = 0;
    const char **types = NULL;

    if (doc->types)
        types = apid_module_split(doc->types, &given, b->pool);
    if (types && given != n)
        apid_xml_complain(&b->errs, element,
                          "types '%s' of <key> must be one for each column "
                          "of the key: found %d, expected %d",
                          doc->types, given, n);
    for (int i = 0; i < n; i++) {
        apid_type_e type = default_type(doc);

        if (i < given)
            type = type_at(b, element, types[i]);
        else if (doc->type >= 0)
            type = apid_type_parse(key_types[doc->type]);
        set_key_domain(&module->key_domains[i], type, doc);
    }
}

static void check_fsp(apid_build_t *b, const apid_xml_t *element,
                      const key_doc_t *doc)
{
    if (doc->fsp > 6)
        apid_xml_complain(&b->errs, element, "fsp '%d' of <key> must be 0 to "
                          "6", doc->fsp);
}

static void check_made(apid_build_t *b, const apid_xml_t *element,
                       const key_doc_t *doc)
{
    const apid_module_t *module = b->module;
    const apid_domain_t *domain = module->key_domains;
    int number = domain->type == APID_TYPE_INTEGER;
    int text = domain->type == APID_TYPE_UUID ||
               domain->type == APID_TYPE_STRING;

    if (module->tables[0].ncolumns > 1 && module->key != APID_KEY_CALLER)
        apid_xml_complain(&b->errs, element,
                          "a composite key must be made by the caller, not "
                          "'%s'",
                          makers[module->key]);
    else if (module->key == APID_KEY_UUID ? !text
             : module->key != APID_KEY_CALLER && !number)
        apid_xml_complain(&b->errs, element,
                          "a key of type %s cannot be made by '%s'",
                          apid_type_word(domain->type), makers[module->key]);
    if (module->key == APID_KEY_SEQUENCE && !doc->table)
        apid_xml_complain(&b->errs, element,
                          "a key made by 'sequence' needs the attribute "
                          "'table'");
    if (module->key != APID_KEY_SEQUENCE && (doc->table || doc->column))
        apid_xml_complain(&b->errs, element,
                          "table and column of <key> are for keys made by "
                          "'sequence'");
}

static void set_key(apid_build_t *b, const apid_xml_t *element,
                    const key_doc_t *doc)
{
    apid_module_t *module = b->module;
    int composite = module->tables[0].ncolumns > 1;

    module->key = doc->made >= 0 ? (apid_key_e)doc->made
                  : composite    ? APID_KEY_CALLER
                                 : APID_KEY_AUTO;
    module->id.line = element->line;
    module->id.column_no = element->column;
    set_key_domains(b, element, doc);
    check_fsp(b, element, doc);
    check_made(b, element, doc);
    if (doc->table)
        module->sequence_table = apid_catalog_quote(doc->table, b->pool);
    module->sequence_column = apid_catalog_quote(
        doc->column ? doc->column : "id", b->pool);
}

void apid_module_read_table(apid_build_t *b, apid_xml_t *element)
{
    apid_module_t *module = b->module;
    apid_table_t *table = &module->tables[module->ntables];
    table_doc_t doc = { 0 };

    apid_xml_read(&b->errs, &doc, element, table_rows);
    apid_module_refuse_children(b, element);
    if (!doc.name)
        return;
    if (b->tables[apid_xml_find_word(b->tables, doc.name)]) {
        apid_xml_complain(&b->errs, element, "table '%s' is there already",
                          doc.name);
        return;
    }
    if (module->ntables == APID_MAX_TABLES) {
        apid_xml_complain(&b->errs, element, "more than %d tables",
                          APID_MAX_TABLES);
        return;
    }
    table->name = apid_catalog_quote(doc.name, b->pool);
    table->alias = apr_psprintf(b->pool, "t%d", module->ntables);
    table->required = doc.required;
    table->line = element->line;
    table->column_no = element->column;
    set_columns(b, element, table, doc.key);
    b->tables[module->ntables++] = doc.name;
}

void apid_module_read_key(apid_build_t *b, apid_xml_t *element)
{
    key_doc_t doc = not_given;

    apid_xml_read(&b->errs, &doc, element, key_rows);
    apid_module_refuse_children(b, element);
    if (b->module->ntables && !b->module->tables[0].ncolumns)
        apid_xml_complain(&b->errs, element,
                          "<key> needs a key at the first <table>");
    else
        set_key(b, element, &doc);
}

void apid_module_default_key(apid_build_t *b, const apid_xml_t *root)
{
    if (b->module->tables[0].ncolumns)
        set_key(b, root, &not_given);
}

int apid_module_takes_key(apid_type_e type)
{
    return type < APID_TYPES
        && key_types[apid_xml_find_word(key_types, apid_type_word(type))];
}

void apid_module_set_id(apid_build_t *b)
{
    apid_module_t *module = b->module;
    const apid_table_t *table = module->tables;
    apid_field_t *id = &module->id;

    id->name = "id";
    id->label = "ID";
    id->index = -1;
    id->column = table->columns[0];
    id->domain = module->key_domains[0];
    id->domain.type = APID_TYPE_ID;
    id->domain.prefix = module->prefix;
    if (table->ncolumns > 1 ||
        (id->domain.cls != APID_INT && id->domain.cls != APID_UINT))
        id->domain.cls = APID_TEXT;
    if (table->ncolumns > 1)
        id->domain.chars = 0;
    id->unique = 1;
    id->mandatory = module->key == APID_KEY_CALLER;
    id->readonly = module->key != APID_KEY_CALLER;
    if (table->ncolumns)
        id->sql = apr_pstrcat(b->pool, table->alias, ".", id->column, NULL);
    apr_hash_set(module->by_name, "id", APR_HASH_KEY_STRING, id);
}
