/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apid_module_fields: reads the fields of a module's document to domains. What
 * a domain says of itself (default, least and greatest value) is held against
 * it here, so that nothing of it can fail later. References are resolved by
 * apid_catalog_open.
 */
#include "apid_module_parts.h"

#include <apr_strings.h>
#include <string.h>

typedef struct field_doc_t {
    const char *name, *label, *column, *table, *fallback;
    const char *min, *max, *pattern, *refers;
    int type, basetype;
    int length, precision, scale, fsp, bits;
    int is_unsigned, nullable, mandatory, unique, readonly, exact;
    int as_text, set, is_float;
} field_doc_t;

#define WORD(type, word, cls, help) word,
#define ROW(name, kind, member, words) \
    { name, APID_XML_##kind, offsetof(field_doc_t, member), words }

/* clang-format off */
static const char *const types[] = { APID_TYPE_TABLE(WORD) NULL };
static const char *const basetypes[] = { "integer", "string", NULL };
static const char *const in_field[] = { "value", NULL };

static const apid_xml_row_t rows[] = {
    ROW("name",      NEEDED, name,        NULL),
    ROW("label",     TEXT,   label,       NULL),
    ROW("column",    NAME,   column,      NULL),
    ROW("table",     NAME,   table,       NULL),
    ROW("type",      WORD,   type,        types),
    ROW("basetype",  WORD,   basetype,    basetypes),
    ROW("length",    COUNT,  length,      NULL),
    ROW("precision", COUNT,  precision,   NULL),
    ROW("scale",     WHOLE,  scale,       NULL),
    ROW("fsp",       WHOLE,  fsp,         NULL),
    ROW("bits",      COUNT,  bits,        NULL),
    ROW("unsigned",  FLAG,   is_unsigned, NULL),
    ROW("nullable",  FLAG,   nullable,    NULL),
    ROW("mandatory", FLAG,   mandatory,   NULL),
    ROW("unique",    FLAG,   unique,      NULL),
    ROW("readonly",  FLAG,   readonly,    NULL),
    ROW("exact",     FLAG,   exact,       NULL),
    ROW("default",   TEXT,   fallback,    NULL),
    ROW("min",       NAME,   min,         NULL),
    ROW("max",       NAME,   max,         NULL),
    ROW("pattern",   NAME,   pattern,     NULL),
    ROW("refers",    NAME,   refers,      NULL),
    ROW("text",      FLAG,   as_text,     NULL),
    ROW("set",       FLAG,   set,         NULL),
    ROW("float",     FLAG,   is_float,    NULL),
    { 0 }
};
static const apid_xml_row_t no_rows[] = { { 0 } };
/* clang-format on */

static int is_picklist(const apid_domain_t *domain)
{
    return domain->type == APID_TYPE_PICKLIST ||
           domain->type == APID_TYPE_MULTIPICKLIST;
}

static int is_link(const apid_domain_t *domain)
{
    return domain->type == APID_TYPE_REFERENCE ||
           domain->type == APID_TYPE_OWNER;
}

static int is_ordered(const apid_domain_t *domain)
{
    return domain->type == APID_TYPE_DECIMAL ||
           (domain->cls != APID_TEXT && domain->cls != APID_BYTES);
}

static int legal_bits(const apid_domain_t *domain)
{
    int n = domain->bits;

    if (domain->type == APID_TYPE_BIT)
        return n <= 64;
    return n == 8 || n == 16 || n == 24 || n == 32 || n == 64;
}

static void set_scale(apid_domain_t *domain, const field_doc_t *doc)
{
    if (domain->type == APID_TYPE_DECIMAL
        || (domain->type == APID_TYPE_DOUBLE && doc->precision)) {
        domain->precision = doc->precision;
        domain->scale = doc->scale;
    }
    else if (domain->cls == APID_TIME)
        domain->scale = doc->fsp;
    else if (doc->is_float)
        domain->scale = -1;
}

static void set_domain(apid_domain_t *domain, const field_doc_t *doc)
{
    domain->type = doc->type;
    domain->nullable = doc->nullable;
    domain->chars = doc->length;
    domain->bits = doc->bits ? doc->bits
                   : doc->type == APID_TYPE_BIT ? 1 : 64;
    domain->is_unsigned = doc->is_unsigned;
    domain->as_text = doc->as_text;
    domain->set = doc->set;
    domain->cls = apid_type_class(doc->type);
    set_scale(domain, doc);
    apid_module_set_class(domain);
    if (doc->type == APID_TYPE_DOUBLE && doc->is_float)
        domain->cls = APID_FLOAT;
    if (is_link(domain) && doc->basetype == 0)
        domain->cls = domain->is_unsigned ? APID_UINT : APID_INT;
    domain->digits = doc->type == APID_TYPE_REFERENCE && doc->basetype == 1;
    if (doc->type == APID_TYPE_BOOLEAN && doc->basetype == 1)
        domain->cls = APID_TEXT;
}

static void check_sizes(apid_build_t *b, const apid_xml_t *element,
                        const field_doc_t *doc, const apid_domain_t *domain)
{
    if (!legal_bits(domain))
        apid_xml_complain(&b->errs, element, "bits '%d' of field '%s' must "
                          "be %s", domain->bits, doc->name,
                          domain->type == APID_TYPE_BIT
                              ? "1 to 64" : "8, 16, 24, 32 or 64");
    if (doc->precision > 65 || doc->scale > 38 ||
        doc->scale > doc->precision)
        apid_xml_complain(&b->errs, element, "precision and scale of field "
                          "'%s' must be at most 65 and 38, scale not above "
                          "precision", doc->name);
    if (doc->fsp > 6)
        apid_xml_complain(&b->errs, element,
                          "fsp '%d' of field '%s' must be 0 to 6", doc->fsp,
                          doc->name);
}

static void check_kind(apid_build_t *b, const apid_xml_t *element,
                       const field_doc_t *doc, const apid_domain_t *domain)
{
    if (doc->type == APID_TYPE_ID)
        apid_xml_complain(&b->errs, element, "type 'id' of field '%s' is "
                          "reserved for the field 'id'", doc->name);
    if (doc->type == APID_TYPE_REFERENCE && !doc->refers)
        apid_xml_complain(&b->errs, element, "field '%s' is a reference: "
                          "refers must name a module", doc->name);
    if (doc->refers && doc->type != APID_TYPE_REFERENCE)
        apid_xml_complain(&b->errs, element, "refers is for fields of type "
                          "reference; field '%s' is of type %s", doc->name,
                          types[doc->type]);
    if ((doc->min || doc->max) && !is_ordered(domain))
        apid_xml_complain(&b->errs, element, "field '%s' of type %s takes no "
                          "min or max", doc->name, types[doc->type]);
}

/* The canonical text of a value that a domain says of itself; NULL if it is
 * not one. */
static const char *check_value(apid_build_t *b, const apid_xml_t *element,
                               const apid_domain_t *domain, const char *what,
                               const char *text)
{
    apid_value_t value;
    apid_err_t *err = apid_value_parse_text(&value, domain, text, b->pool);

    if (err) {
        apid_xml_complain(&b->errs, element, "%s '%s' %s", what, text,
                          err->text);
        return NULL;
    }
    return apid_value_text(&value, domain, b->pool);
}

static void set_range(apid_build_t *b, const apid_xml_t *element,
                      apid_domain_t *domain, const field_doc_t *doc)
{
    const char *least = NULL, *most = NULL;

    if (!is_ordered(domain))
        return;
    if (doc->min)
        least = check_value(b, element, domain,
                            apr_psprintf(b->pool, "min of field '%s':",
                                         doc->name), doc->min);
    if (doc->max)
        most = check_value(b, element, domain,
                           apr_psprintf(b->pool, "max of field '%s':",
                                        doc->name), doc->max);
    domain->min = least;
    domain->max = most;
}

static apr_status_t close_expression(void *expression)
{
    regfree(expression);
    return APR_SUCCESS;
}

static void set_pattern(apid_build_t *b, const apid_xml_t *element,
                        apid_domain_t *domain, const field_doc_t *doc)
{
    regex_t *expression = apr_palloc(b->pool, sizeof(*expression));
    char text[256];
    int failed = regcomp(expression, doc->pattern, REG_EXTENDED | REG_NOSUB);

    if (failed) {
        regerror(failed, expression, text, sizeof(text));
        apid_xml_complain(&b->errs, element,
                          "pattern '%s' of field '%s': %s", doc->pattern,
                          doc->name, text);
        return;
    }
    apr_pool_cleanup_register(b->pool, expression, close_expression,
                              apr_pool_cleanup_null);
    domain->pattern = doc->pattern;
    domain->expression = expression;
}

static void add_choice(apid_build_t *b, apid_xml_t *element,
                       const char **choices, int *n)
{
    apid_xml_read(&b->errs, NULL, element, no_rows);
    for (int i = 0; i < *n; i++)
        if (strcmp(choices[i], element->text) == 0) {
            apid_xml_complain(&b->errs, element, "<value> '%s' is given "
                              "twice", element->text);
            return;
        }
    if (!*element->text)
        apid_xml_complain(&b->errs, element, "<value> is empty");
    choices[(*n)++] = element->text;
}

static void set_choices(apid_build_t *b, apid_xml_t *element,
                        apid_domain_t *domain, const field_doc_t *doc)
{
    const char **choices;
    int n = 0;

    for (apid_xml_t *e = element->first; e; e = e->next)
        n++;
    choices = apr_pcalloc(b->pool, (n + 1) * sizeof(*choices));
    n = 0;
    for (apid_xml_t *e = element->first; e; e = e->next)
        if (apid_module_find_child(b, element, e, in_field) >= 0)
            add_choice(b, e, choices, &n);
    if (!n)
        return;
    domain->choices = choices;
    domain->nchoices = n;
    if (!is_picklist(domain))
        apid_xml_complain(&b->errs, element, "<value> is for picklists; "
                          "field '%s' is of type %s", doc->name,
                          types[doc->type]);
}

/* what a reference refers to is not known yet */
static void set_fallback(apid_build_t *b, const apid_xml_t *element,
                         apid_field_t *field, const field_doc_t *doc)
{
    apid_err_t *err;

    field->fallback = doc->fallback;
    err = doc->refers ? NULL : apid_catalog_fit_fallback(field, b->pool);
    if (err)
        apid_xml_complain(&b->errs, element, "default of field '%s': '%s' %s",
                          doc->name, doc->fallback, err->text);
}

static void set_place(apid_build_t *b, const apid_xml_t *element,
                      apid_field_t *field, const field_doc_t *doc)
{
    field->table = apid_module_find_table(b, element, doc->table);
    if (field->table < 0)
        field->table = 0;
    field->raw_column = doc->column ? doc->column : doc->name;
    field->column = apid_catalog_quote(field->raw_column, b->pool);
    field->sql = apr_pstrcat(b->pool, b->module->tables[field->table].alias,
                             ".", field->column, NULL);
    field->line = element->line;
    field->column_no = element->column;
}

static void set_rights(apid_field_t *field, const field_doc_t *doc)
{
    field->name = doc->name;
    field->label = doc->label ? doc->label : doc->name;
    field->mandatory = doc->mandatory;
    field->unique = doc->unique;
    field->readonly = doc->readonly;
    field->exact = doc->exact;
    field->refers = doc->refers;
}

static int check_name(apid_build_t *b, const apid_xml_t *element,
                      const char *name)
{
    const apid_field_t *other;

    if (!name || !*name) /* noted */
        return 0;
    other = apid_module_field(b->module, name);
    if (strpbrk(name, ".,@"))
        apid_xml_complain(&b->errs, element, "field name '%s' may not hold "
                          "'.', ',' or '@'", name);
    else if (strcmp(name, "id") == 0)
        apid_xml_complain(&b->errs, element, "field name 'id' is reserved: "
                          "every module has it, made from its key");
    else if (other)
        apid_xml_complain(&b->errs, element, "field '%s' is there already, "
                          "in line %d", name, other->line);
    else
        return 1;
    return 0;
}

static void fill_domain(apid_build_t *b, apid_xml_t *element,
                        apid_field_t *field, const field_doc_t *doc)
{
    apid_domain_t *domain = &field->domain;

    set_domain(domain, doc);
    check_sizes(b, element, doc, domain);
    check_kind(b, element, doc, domain);
    set_choices(b, element, domain, doc);
    set_range(b, element, domain, doc);
    if (doc->pattern)
        set_pattern(b, element, domain, doc);
    set_fallback(b, element, field, doc);
}

/* the key is written as `id`, when a record is made, and stays what it is */
static void keep_key(const apid_build_t *b, apid_field_t *field)
{
    const apid_table_t *table = &b->module->tables[field->table];

    for (int i = 0; i < table->ncolumns; i++)
        if (!strcasecmp(table->columns[i], field->column))
            field->readonly = field->is_key = 1;
}

void apid_module_set_class(apid_domain_t *domain)
{
    if (domain->type == APID_TYPE_INTEGER && domain->is_unsigned)
        domain->cls = APID_UINT;
}

void apid_module_read_field(apid_build_t *b, apid_xml_t *element)
{
    apid_module_t *module = b->module;
    field_doc_t doc = { .type = APID_TYPES, .nullable = 1 };
    apid_field_t *field = &module->fields[module->nfields];

    apid_xml_read(&b->errs, &doc, element, rows);
    if (!check_name(b, element, doc.name))
        return;
    field->index = module->nfields++;
    set_rights(field, &doc);
    set_place(b, element, field, &doc);
    keep_key(b, field);
    apr_hash_set(module->by_name, field->name, APR_HASH_KEY_STRING, field);
    if (doc.type < APID_TYPES)
        fill_domain(b, element, field, &doc);
    else if (!apid_xml_attr(element, "type"))
        apid_xml_complain(&b->errs, element, "field '%s' needs a type",
                          doc.name);
}
