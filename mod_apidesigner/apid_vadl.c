/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apid_vadl: reads the root of a definition: kind, method, settings and which
 * operations there are; apid_vadl_ops reads what is in them. A document with
 * one error is no definition, but it is read to its end for the others. Texts
 * borrow from the tree of elements, which lives in the same pool.
 */
#include "apid_vadl_parts.h"

#include <apr_cstr.h>
#include <apr_strings.h>
#include <string.h>

typedef struct setting_t {
    const char *name;
    const apid_xml_row_t *rows;
} setting_t;

#define WORD(item, word) word,
#define ROW(name, kind, member, words) \
    { name, APID_XML_##kind, offsetof(apid_vadl_t, member), words }

/* clang-format off */
static const char *const methods[] = { APID_METHOD_TABLE(WORD) NULL };
static const char *const statuses[] = { "active", "inactive", NULL };
static const char *const token_places[] = { "header", "query", NULL };

#define SETTINGS "security", "limits", "allow", "description", NULL
static const char *const in_root[] = { APID_OP_TABLE(WORD) SETTINGS };
static const char *const in_wrapper[] = { "webhook", SETTINGS };
static const char *const operations[] = { APID_OP_TABLE(WORD) NULL };
static const char *const roots[] = { "api", "webhook", NULL };
static const char *const reserved[] = { "rest", "soap", NULL };

static const apid_xml_row_t root_rows[] = {
    ROW("method", WORD, method,   methods),
    ROW("path",   NAME, path,     NULL),
    ROW("name",   NAME, name,     NULL),
    ROW("module", NAME, module,   NULL),
    ROW("status", WORD, inactive, statuses),
    { 0 }
};
static const apid_xml_row_t security_rows[] = {
    ROW("token-in",  WORD, token_in,  token_places),
    ROW("addresses", TEXT, addresses, NULL),
    ROW("origins",   TEXT, origins,   NULL),
    { 0 }
};
static const apid_xml_row_t limits_rows[] = {
    ROW("minute",       COUNT, minute,       NULL),
    ROW("day",          COUNT, day,          NULL),
    ROW("max-affected", COUNT, max_affected, NULL),
    { 0 }
};
static const apid_xml_row_t allow_rows[] = {
    ROW("users",  TEXT, users,  NULL),
    ROW("groups", TEXT, groups, NULL),
    { 0 }
};
static const apid_xml_row_t no_rows[] = { { 0 } };

static const setting_t settings[] = {
    { "security",    security_rows },
    { "limits",      limits_rows },
    { "allow",       allow_rows },
    { "description", no_rows },
    { 0 }
};
/* clang-format on */
#undef ROW

static int has_word(const char *const *words, const char *word)
{
    while (*words && strcmp(*words, word) != 0)
        words++;
    return *words != NULL;
}

static int find_word(const char *const *words, int n, const char *word)
{
    int i = 0;

    while (i < n && apr_cstr_casecmp(words[i], word) != 0)
        i++;
    return i;
}

static const setting_t *find_setting(const char *name)
{
    for (const setting_t *setting = settings; setting->name; setting++)
        if (strcmp(setting->name, name) == 0)
            return setting;
    return NULL;
}

static int count_before(const apid_xml_t *root, const apid_xml_t *child)
{
    int n = 0;

    for (const apid_xml_t *e = root->first; e != child; e = e->next)
        n += strcmp(e->name, child->name) == 0;
    return n;
}

static void read_setting(apid_xml_errs_t *errs, apid_vadl_t *vadl,
                         apid_xml_t *element, const setting_t *setting)
{
    apid_xml_read(errs, vadl, element, setting->rows);
    apid_vadl_close_leaf(errs, element);
    if (setting->rows == no_rows)
        vadl->description = element->text;
}

static void check_as(apid_xml_errs_t *errs, const apid_vadl_t *vadl,
                     const apid_vadl_op_t *op, const apid_xml_t *element)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz"
                                  "ABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789";

    if (!op->as || !*op->as)
        return;
    if (op->as[strspn(op->as, letters)] || apr_isdigit(*op->as))
        apid_xml_complain(errs, element,
                          "as '%s' must be letters, digits and '_', and not "
                          "begin with a digit",
                          op->as);
    for (int i = 0; i < vadl->ops->nelts - 1; i++) {
        const apid_vadl_op_t *other = &APR_ARRAY_IDX(vadl->ops, i,
                                                     apid_vadl_op_t);

        if (other->as && strcmp(other->as, op->as) == 0) {
            apid_xml_complain(errs, element,
                              "as '%s' is the name of another operation, in "
                              "line %d",
                              op->as, other->place.line);
            return;
        }
    }
}
