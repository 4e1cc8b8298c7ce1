/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apid_docs_schema: a domain as JSON Schema, and a legal value of it. What is
 * sent is told with all of its limits; of what is answered only the type is
 * certain, since the rows may be older than the catalog.
 */
#include "apid_docs_parts.h"

#include <apr_strings.h>
#include <string.h>

/* clang-format off */
/* type and format of a value, what its text looks like, JSON of an example */
static const struct {
    const char *type, *format, *pattern, *example;
} shapes[APID_TYPES] = {
    [APID_TYPE_STRING]   = {"string", NULL, NULL, "\"text\""},
    [APID_TYPE_TEXT]     = {"string", NULL, NULL, "\"Some text\""},
    [APID_TYPE_EMAIL]    = {"string", "email", NULL, "\"ann@example.com\""},
    [APID_TYPE_URL]      = {"string", "uri", NULL, "\"https://example.com/\""},
    [APID_TYPE_PHONE]    = {"string", NULL, NULL, "\"+1 555 0100\""},
    [APID_TYPE_UUID]     = {"string", "uuid", NULL,
                            "\"00000000-0000-4000-8000-000000000000\""},
    [APID_TYPE_INTEGER]  = {"integer", NULL, NULL, "1"},
    [APID_TYPE_DECIMAL]  = {"string", NULL, "^-?[0-9]+([.][0-9]+)?$",
                            "\"1\""},
    [APID_TYPE_DOUBLE]   = {"number", "double", NULL, "1.5"},
    [APID_TYPE_BOOLEAN]  = {"boolean", NULL, NULL, "true"},
    [APID_TYPE_BIT]      = {"integer", NULL, NULL, "1"},
    [APID_TYPE_DATE]     = {"string", "date", NULL, "\"2026-01-31\""},
    [APID_TYPE_DATETIME] = {"string", "date-time", NULL,
                            "\"2026-01-31T12:00:00Z\""},
    [APID_TYPE_TIME]     = {"string", NULL,
                            "^-?[0-9]+:[0-9]{2}:[0-9]{2}([.][0-9]+)?$",
                            "\"12:00:00\""},
    [APID_TYPE_YEAR]     = {"integer", NULL, NULL, "2026"},
    [APID_TYPE_PICKLIST] = {"string", NULL, NULL, "\"text\""},
    [APID_TYPE_MULTIPICKLIST] = {"array", NULL, NULL, "[\"text\"]"},
    [APID_TYPE_REFERENCE] = {"integer", NULL, NULL, "1"},
    [APID_TYPE_OWNER]    = {"integer", NULL, NULL, "1"},
    [APID_TYPE_ID]       = {"integer", NULL, NULL, "1"},
    [APID_TYPE_JSON]     = {NULL, NULL, NULL, "{}"},
    [APID_TYPE_BINARY]   = {"string", NULL, NULL, "\"AAAA\""},
};
/* clang-format on */

void apid_docs_put(apid_json_t *json, const char *key, const char *text)
{
    apid_json_key(json, key);
    apid_json_string(json, text);
}

static void put_int(apid_json_t *json, const char *key, apr_int64_t value)
{
    apid_json_key(json, key);
    apid_json_int(json, value);
}

static void put_raw(apid_json_t *json, const char *key, const char *raw)
{
    apid_json_key(json, key);
    apid_json_raw(json, raw, strlen(raw));
}

static int is_number(const apid_domain_t *domain)
{
    return domain->cls == APID_INT || domain->cls == APID_UINT;
}

static int is_id(const apid_domain_t *domain)
{
    return domain->type == APID_TYPE_ID || domain->type == APID_TYPE_REFERENCE
        || domain->type == APID_TYPE_OWNER;
}

/** Whether it is answered as true and false. */
static int is_bit(const apid_domain_t *domain)
{
    return domain->type == APID_TYPE_BIT && domain->bits == 1;
}

/** The word of JSON Schema; NULL: any. */
static const char *find_type(const apid_domain_t *domain)
{
    if (domain->prefix || (is_number(domain) && domain->as_text)
        || (is_id(domain) && !is_number(domain)))
        return "string";
    if (is_bit(domain))
        return "boolean";
    return shapes[domain->type].type;
}

static const char *find_pattern(const apid_docs_value_t *value)
{
    const apid_domain_t *domain = value->domain;

    /* classes of POSIX are not JSON Schema's */
    if (value->side == APID_DOCS_REQUEST && domain->pattern
        && !strstr(domain->pattern, "[:"))
        return domain->pattern;
    if (is_number(domain) && domain->as_text && !domain->prefix)
        return "^-?[0-9]+$";
    return shapes[domain->type].pattern;
}

static void write_type(apid_json_t *json, const apid_docs_value_t *value)
{
    const char *type = find_type(value->domain);
    /* a decimal may be sent as a number too */
    int number = value->side == APID_DOCS_REQUEST
        && value->domain->type == APID_TYPE_DECIMAL;

    if (!type)
        return;
    apid_json_key(json, "type");
    if (number || value->nullable)
        apid_json_array(json);
    apid_json_string(json, type);
    if (number)
        apid_json_string(json, "number");
    if (value->nullable)
        apid_json_string(json, "null");
    if (number || value->nullable)
        apid_json_end(json);
}

static void write_choices(apid_json_t *json, const apid_docs_value_t *value)
{
    const apid_domain_t *domain = value->domain;

    if (value->side != APID_DOCS_REQUEST || !domain->nchoices)
        return;
    apid_json_key(json, "enum");
    apid_json_array(json);
    for (int i = 0; i < domain->nchoices; i++)
        apid_json_string(json, domain->choices[i]);
    if (value->nullable && domain->type == APID_TYPE_PICKLIST)
        apid_json_null(json);
    apid_json_end(json);
}

static void write_items(apid_json_t *json, const apid_docs_value_t *value)
{
    apid_json_key(json, "items");
    apid_json_object(json);
    apid_docs_put(json, "type", "string");
    write_choices(json, value);
    apid_json_end(json);
}

/** The range that a column gives, if its format does not. */
static int find_range(apr_int64_t *least, apr_int64_t *most,
                      const apid_domain_t *domain)
{
    int is_signed = domain->type == APID_TYPE_INTEGER && !domain->is_unsigned;
    int bits = domain->bits - is_signed;

    *least = 1901;
    *most = 2155;
    if (domain->type == APID_TYPE_YEAR)
        return 1;
    if ((domain->type != APID_TYPE_INTEGER && domain->type != APID_TYPE_BIT)
        || bits < 2 || bits >= 31)
        return 0;
    *most = ((apr_int64_t)1 << bits) - 1;
    *least = is_signed ? -*most - 1 : 0;
    return 1;
}

static void write_range(apid_json_t *json, const apid_domain_t *domain)
{
    int decimal = domain->type == APID_TYPE_DECIMAL;
    int numeric = decimal
        || (domain->cls != APID_TIME && domain->cls != APID_TEXT);
    apr_int64_t least, most;
    int ranged = find_range(&least, &most, domain);

    if (numeric && domain->min)
        put_raw(json, "minimum", domain->min);
    else if (ranged)
        put_int(json, "minimum", least);
    else if (domain->is_unsigned && (is_number(domain) || decimal))
        put_int(json, "minimum", 0);
    if (numeric && domain->max)
        put_raw(json, "maximum", domain->max);
    else if (ranged)
        put_int(json, "maximum", most);
}

static void write_limits(apid_json_t *json, const apid_docs_value_t *value)
{
    const apid_domain_t *domain = value->domain;

    if (value->side != APID_DOCS_REQUEST || is_id(domain))
        return;
    if (value->filled && domain->cls == APID_TEXT
        && domain->type != APID_TYPE_MULTIPICKLIST)
        put_int(json, "minLength", 1);
    if (domain->chars && domain->cls == APID_TEXT
        && domain->type != APID_TYPE_MULTIPICKLIST)
        put_int(json, "maxLength", (apr_int64_t)domain->chars);
    write_range(json, domain);
}

/** The narrowest that holds every value; NULL: none does. */
static const char *find_int(const apid_domain_t *domain)
{
    int bits = domain->bits + (domain->is_unsigned != 0);

    return bits > 64 ? NULL : bits > 32 ? "int64" : "int32";
}

static void write_format(apid_json_t *json, const apid_docs_value_t *value)
{
    const apid_domain_t *domain = value->domain;
    const char *format = shapes[domain->type].format;
    const char *pattern = find_pattern(value);

    if (domain->type == APID_TYPE_INTEGER && !domain->as_text)
        format = find_int(domain);
    if (format && (value->side == APID_DOCS_REQUEST
                   || domain->cls != APID_TEXT))
        apid_docs_put(json, "format", format);
    if (domain->type == APID_TYPE_BINARY)
        apid_docs_put(json, "contentEncoding", "base64");
    if (pattern)
        apid_docs_put(json, "pattern", pattern);
}

static void write_domain(apid_json_t *json, const apid_docs_value_t *value)
{
    write_type(json, value);
    if (value->domain->type == APID_TYPE_MULTIPICKLIST)
        write_items(json, value);
    else
        write_choices(json, value);
    write_format(json, value);
    write_limits(json, value);
}

void apid_docs_schema(apid_json_t *json, const apid_docs_value_t *value)
{
    apid_json_object(json);
    if (value->side == APID_DOCS_STRINGS || !value->domain)
        apid_docs_put(json, "type", "string");
    else
        write_domain(json, value);
    if (value->description && *value->description)
        apid_docs_put(json, "description", value->description);
    apid_json_end(json);
}

static const char *quote(const char *text, apr_pool_t *pool)
{
    const char *key = apid_json_quote(text, pool);

    return apr_pstrmemdup(pool, key, strlen(key) - 1);
}

/** The same as text, if it is not text already. */
static const char *quote_plain(const char *json, apr_pool_t *pool)
{
    if (*json == '"')
        return json;
    if (!strcmp(json, "true"))
        json = "1";
    return quote(json, pool);
}

const char *apid_docs_example(const apid_domain_t *domain,
                              apid_docs_side_e side, apr_pool_t *pool)
{
    const char *example;

    if (!domain)
        return "\"text\"";
    example = shapes[domain->type].example;
    if (domain->nchoices)
        example = quote(domain->choices[0], pool);
    else if (is_bit(domain))
        example = "true";
    else if (domain->prefix)
        example = quote(apr_pstrcat(pool, domain->prefix, "1", NULL), pool);
    else if (domain->min && domain->cls != APID_TIME)
        example = domain->min;
    else if (domain->type == APID_TYPE_STRING && domain->chars
             && domain->chars < strlen("text"))
        example = quote(apr_pstrmemdup(pool, "text", domain->chars), pool);
    if (side == APID_DOCS_STRINGS && domain->type == APID_TYPE_DATETIME)
        return "\"2026-01-31 12:00:00\"";
    if (side == APID_DOCS_STRINGS)
        return quote_plain(example, pool);
    if (domain->nchoices && domain->type == APID_TYPE_MULTIPICKLIST)
        return apr_pstrcat(pool, "[", example, "]", NULL);
    if (domain->type == APID_TYPE_DECIMAL
        || !strcmp(find_type(domain) ? find_type(domain) : "", "string"))
        return quote_plain(example, pool);
    return example;
}

int apid_docs_nullable(const apid_plan_t *plan, const apid_column_t *column)
{
    const apid_module_t *module = plan->module;
    const apid_field_t *field = column->field;

    if (column->ref >= 0)
        return 1; /* reached by a reference, which may lead nowhere */
    if (field == &module->id)
        return 0;
    if (field->table && !module->tables[field->table].required)
        return 1;
    /* zero dates are answered as null */
    return field->domain.nullable || field->domain.type == APID_TYPE_DATE
        || field->domain.type == APID_TYPE_DATETIME;
}
