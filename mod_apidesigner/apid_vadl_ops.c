/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apid_vadl_ops: reads the operations of a definition by one row for each: its
 * attributes, its children and what their fields may say. Names of modules and
 * fields are not checked here.
 */
#include "apid_vadl_parts.h"

#include <apr_lib.h>
#include <apr_strings.h>
#include <string.h>

#define MAX_DIGITS 18 /* of a limit: what a number holds */

typedef struct shape_t { /* of an operation */
    const apid_xml_row_t *rows;
    const apid_xml_row_t *record; /* of the fields in its record */
    const char *children[5];
} shape_t;

typedef void (*read_part_t)(apid_xml_errs_t *errs, apid_vadl_op_t *op,
                            apid_xml_t *element);

#define WORD(item, word) word,
#define CONDITION(item, word, arity) word,
#define ARITY(item, word, arity) arity,
#define OP_ROW(name, kind, member) \
    { name, APID_XML_##kind, offsetof(apid_vadl_op_t, member), NULL }
#define FIELD_ROW(name, kind, member, words) \
    { name, APID_XML_##kind, offsetof(apid_vadl_field_t, member), words }

/* clang-format off */
static const char *const operations[] = { APID_OP_TABLE(WORD) NULL };
static const char *const conditions[] = {
    APID_CONDITION_TABLE(CONDITION) NULL
};
static const int arities[] = { APID_CONDITION_TABLE(ARITY) };
static const char *const glues[] = { "and", "or", NULL };
static const char *const orders[] = { "ascending", "descending", NULL };

static const apid_xml_row_t answer_rows[] = { /* select's record, return */
    FIELD_ROW("name", NEEDED, name,  NULL),
    FIELD_ROW("as",   NAME,   alias, NULL),
    { 0 }
};
static const apid_xml_row_t record_rows[] = {
    FIELD_ROW("name",     NEEDED, name,     NULL),
    FIELD_ROW("value",    TEXT,   value,    NULL),
    FIELD_ROW("required", FLAG,   required, NULL),
    FIELD_ROW("default",  TEXT,   fallback, NULL),
    FIELD_ROW("as",       NAME,   alias,    NULL),
    { 0 }
};
static const apid_xml_row_t test_rows[] = {
    FIELD_ROW("name",      NEEDED, name,      NULL),
    FIELD_ROW("value",     TEXT,   value,     NULL),
    FIELD_ROW("condition", WORD,   condition, conditions),
    FIELD_ROW("optional",  FLAG,   optional,  NULL),
    { 0 }
};
static const apid_xml_row_t sort_rows[] = {
    FIELD_ROW("name",  NEEDED, name,       NULL),
    FIELD_ROW("order", WORD,   descending, orders),
    { 0 }
};
static const apid_xml_row_t where_rows[] = {
    { "glue", APID_XML_WORD, offsetof(apid_vadl_where_t, glue), glues },
    { 0 }
};
static const apid_xml_row_t limit_rows[] = {
    OP_ROW("max",   NAME, max),
    OP_ROW("page",  NAME, page),
    OP_ROW("after", NAME, after),
    { 0 }
};
static const apid_xml_row_t write_rows[] = {
    OP_ROW("module", NAME, module),
    OP_ROW("as",     NAME, as),
    { 0 }
};
static const apid_xml_row_t select_rows[] = {
    OP_ROW("module", NAME, module),
    OP_ROW("as",     NAME, as),
    OP_ROW("one",    FLAG, one),
    { 0 }
};

static const apid_xml_row_t no_rows[] = { { 0 } };

static const shape_t shapes[] = {
    [APID_OP_SELECT] = { select_rows, answer_rows,
                         { "record", "where", "sort", "limit" } },
    [APID_OP_CREATE] = { write_rows, record_rows, { "record", "return" } },
    [APID_OP_UPDATE] = { write_rows, record_rows,
                         { "record", "where", "return" } },
    [APID_OP_UPSERT] = { write_rows, record_rows,
                         { "record", "where", "return" } },
    [APID_OP_DELETE] = { write_rows, NULL, { "where" } },
};

static const char *const in_fields[] = { "field", NULL };
static const char *const in_where[] = { "field", "where", NULL };
/* clang-format on */

static int is_parameter(const char *text)
{
    return text[0] == '@' && text[1] && text[1] != '@';
}

static apid_place_t place_of(const apid_xml_t *element)
{
    return (apid_place_t){ element->line, element->column };
}

static int count_children(const apid_xml_t *element)
{
    int n = 0;

    for (const apid_xml_t *e = element->first; e; e = e->next)
        n++;
    return n;
}

/* Whether nothing is wrong with it: what is says nothing for sure. */
static int read_field(apid_xml_errs_t *errs, apid_vadl_field_t *field,
                      apid_xml_t *element, const apid_xml_row_t *rows)
{
    const apid_err_t *before = errs->last;

    field->place = place_of(element);
    apid_xml_read(errs, field, element, rows);
    apid_vadl_refuse_children(errs, element);
    return errs->last == before;
}

static apr_array_header_t *read_fields(apid_xml_errs_t *errs,
                                       apid_xml_t *element,
                                       const apid_xml_row_t *rows)
{
    apr_array_header_t *fields = apr_array_make(
        errs->pool, count_children(element), sizeof(apid_vadl_field_t));

    apid_xml_read(errs, NULL, element, no_rows);
    for (apid_xml_t *e = element->first; e; e = e->next)
        if (apid_vadl_find_child(errs, element, e, in_fields) >= 0
            && !read_field(errs, apr_array_push(fields), e, rows))
            apr_array_pop(fields);
    return fields;
}

static void read_record(apid_xml_errs_t *errs, apid_vadl_op_t *op,
                        apid_xml_t *element)
{
    op->record = read_fields(errs, element, shapes[op->op].record);
}

static void read_return(apid_xml_errs_t *errs, apid_vadl_op_t *op,
                        apid_xml_t *element)
{
    op->answer = read_fields(errs, element, answer_rows);
}

static void read_sort(apid_xml_errs_t *errs, apid_vadl_op_t *op,
                      apid_xml_t *element)
{
    op->sort = read_fields(errs, element, sort_rows);
}

/* NULL if something is wrong with it. */
static const apid_vadl_field_t *read_test(apid_xml_errs_t *errs,
                                          apid_xml_t *element)
{
    apid_vadl_field_t *field = apr_pcalloc(errs->pool, sizeof(*field));
    int fine = read_field(errs, field, element, test_rows);

    if (field->value && !arities[field->condition]) {
        apid_xml_complain(errs, element,
                          "condition '%s' takes no value, found '%s'",
                          conditions[field->condition], field->value);
        return NULL;
    }
    return fine ? field : NULL;
}

/* NULL if it holds no condition: an empty where is no where. */
static const apid_vadl_where_t *read_tests(apid_xml_errs_t *errs,
                                           apid_xml_t *element)
{
    apid_vadl_where_t *where = apr_pcalloc(errs->pool, sizeof(*where));

    where->place = place_of(element);
    where->tests = apr_array_make(errs->pool, count_children(element),
                                  sizeof(apid_vadl_test_t));
    apid_xml_read(errs, where, element, where_rows);
    for (apid_xml_t *e = element->first; e; e = e->next) {
        apid_vadl_test_t test = { NULL, NULL };
        int kind = apid_vadl_find_child(errs, element, e, in_where);

        if (kind == 0)
            test.field = read_test(errs, e);
        else if (kind == 1)
            test.where = read_tests(errs, e);
        if (test.field || test.where)
            APR_ARRAY_PUSH(where->tests, apid_vadl_test_t) = test;
    }
    return where->tests->nelts ? where : NULL;
}

static void read_where(apid_xml_errs_t *errs, apid_vadl_op_t *op,
                       apid_xml_t *element)
{
    op->where = read_tests(errs, element);
}

static void check_number(apid_xml_errs_t *errs, const apid_xml_t *limit,
                         const char *name, const char *text, int least)
{
    if (!text || !*text || is_parameter(text))
        return;
    if (!text[strspn(text, "0123456789")] && strlen(text) > MAX_DIGITS)
        apid_xml_complain(errs, limit,
                          "%s '%s' of <limit> is too large: expected at most "
                          "%d digits or a @parameter", name, text,
                          MAX_DIGITS);
    else if (text[strspn(text, "0123456789")] || apr_atoi64(text) < least)
        apid_xml_complain(errs, limit,
                          "%s '%s' of <limit> must be a whole number%s or a "
                          "@parameter",
                          name, text, least ? " above 0" : "");
}

static void read_limit(apid_xml_errs_t *errs, apid_vadl_op_t *op,
                       apid_xml_t *element)
{
    const apid_err_t *before = errs->last;

    op->limit_place = place_of(element);
    apid_xml_read(errs, op, element, limit_rows);
    apid_vadl_refuse_children(errs, element);
    check_number(errs, element, "max", op->max, 1);
    check_number(errs, element, "page", op->page, 0);
    if (op->after && *op->after && !is_parameter(op->after))
        apid_xml_complain(errs, element,
                          "after '%s' of <limit> must be a @parameter",
                          op->after);
    if (errs->last != before)
        op->max = op->page = op->after = NULL;
}

static read_part_t find_part(const char *name)
{
    static const struct {
        const char *name;
        read_part_t read;
    } parts[] = { { "record", read_record },
                  { "return", read_return },
                  { "where", read_where },
                  { "sort", read_sort },
                  { "limit", read_limit } };
    int i = 0;

    while (strcmp(parts[i].name, name) != 0)
        i++;
    return parts[i].read;
}

void apid_vadl_read_op(apid_xml_errs_t *errs, apid_vadl_op_t *op,
                       apid_xml_t *element)
{
    const shape_t *shape = &shapes[op->op];
    unsigned seen = 0;

    op->place = place_of(element);
    apid_xml_read(errs, op, element, shape->rows);
    for (apid_xml_t *e = element->first; e; e = e->next) {
        int i = apid_vadl_find_child(errs, element, e, shape->children);

        if (i >= 0 && apid_vadl_once(errs, element, e, &seen, i))
            find_part(e->name)(errs, op, e);
    }
}

const char *apid_op_word(apid_op_e op)
{
    return operations[op];
}

const char *apid_condition_word(apid_condition_e condition)
{
    return conditions[condition];
}

int apid_condition_arity(apid_condition_e condition)
{
    return arities[condition];
}

apid_op_e apid_op_parse(const char *word)
{
    return apid_xml_find_word(operations, word);
}

apid_condition_e apid_condition_parse(const char *word)
{
    return apid_xml_find_word(conditions, word);
}
