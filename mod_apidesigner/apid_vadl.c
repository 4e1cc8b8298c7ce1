/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apid_vadl: reads the root of a definition: kind, method, settings and which
 * operations there are; apid_vadl_ops reads what is in them. A document with
 * one error is no definition, but it is read to its end for the others. Texts
 * borrow from the tree of elements, which lives in the same pool.
 */
#include "apid_vadl_parts.h"

#include <apr_lib.h>
#include <apr_strings.h>
#include <string.h>

typedef struct setting_t {
    const char *name;
    const apid_xml_row_t *rows;
    apr_size_t place; /* of its apid_place_t in an apid_vadl_t */
} setting_t;

#define WORD(item, word) word,
#define ROW(name, kind, member, words) \
    { name, APID_XML_##kind, offsetof(apid_vadl_t, member), words }

/* clang-format off */
static const char *const methods[] = { APID_METHOD_TABLE(WORD) NULL };
static const char *const statuses[] = { "active", "inactive", NULL };
static const char *const token_places[] = { "header", "query", NULL };
static const char *const operations[] = { APID_OP_TABLE(WORD) NULL };
static const char *const roots[] = { "api", "webhook", NULL };
static const char *const elements[] = {
    "api", "webhook", APID_OP_TABLE(WORD) "record", "return", "where", "sort",
    "limit", "field", "security", "limits", "allow", "description", NULL
};

/* In in_root the place of an operation is its apid_op_e. */
#define SETTINGS "security", "limits", "allow", "description", NULL
static const char *const in_root[] = { APID_OP_TABLE(WORD) SETTINGS };
static const char *const in_wrapper[] = { "webhook", SETTINGS };

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

#define PLACE(member) offsetof(apid_vadl_t, member)
static const setting_t settings[] = {
    { "security",    security_rows, PLACE(security) },
    { "limits",      limits_rows,   PLACE(limits) },
    { "allow",       allow_rows,    PLACE(allow) },
    { "description", no_rows,       0 }, /* its text */
    { 0 }
};
/* clang-format on */

#undef ROW

static int has_child(const apid_xml_t *element, const char *name)
{
    const apid_xml_t *child = element->first;

    while (child && strcmp(child->name, name) != 0)
        child = child->next;
    return child != NULL;
}

static const setting_t *find_setting(const char *name)
{
    const setting_t *setting = settings;

    while (setting->name && strcmp(setting->name, name) != 0)
        setting++;
    return setting->name ? setting : NULL;
}

/* Whether there is nothing that is, or was meant to be, an operation. */
static int lacks_operation(const apid_xml_t *root)
{
    for (const apid_xml_t *e = root->first; e; e = e->next) {
        if (strcmp(e->name, "webhook") == 0)
            return lacks_operation(e);
        if (!find_setting(e->name))
            return 0;
    }
    return 1;
}

static void read_setting(apid_xml_errs_t *errs, apid_vadl_t *vadl,
                         apid_xml_t *element)
{
    const setting_t *setting = find_setting(element->name);
    apid_place_t *place = (void *)((char *)vadl + setting->place);

    if (setting->rows != no_rows)
        *place = (apid_place_t){ element->line, element->column };
    apid_xml_read(errs, vadl, element, setting->rows);
    apid_vadl_refuse_children(errs, element);
    if (setting->rows == no_rows)
        vadl->description = element->text;
}

static void check_as(apid_xml_errs_t *errs, const apid_xml_t *element,
                     const char *as)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789"
                                  "abcdefghijklmnopqrstuvwxyz";

    if (as[strspn(as, letters)] || apr_isdigit(*as))
        apid_xml_complain(errs, element,
                          "as '%s' of <%s> must be made of letters, digits "
                          "and '_', a digit not first",
                          as, element->name);
}

static void check_unique(apid_xml_errs_t *errs, const apid_xml_t *element,
                         const apr_array_header_t *ops)
{
    const apid_vadl_op_t *op = &APR_ARRAY_IDX(ops, 0, apid_vadl_op_t);
    const apid_vadl_op_t *last = op + ops->nelts - 1;

    while (op < last && !(op->as && strcmp(op->as, last->as) == 0))
        op++;
    if (op < last)
        apid_xml_complain(errs, element,
                          "as '%s' of <%s> is taken by the operation in line "
                          "%d",
                          last->as, element->name, op->place.line);
}

static void read_op(apid_xml_errs_t *errs, apid_vadl_t *vadl,
                    apid_xml_t *element, apid_op_e code)
{
    apid_vadl_op_t *op = apr_array_push(vadl->ops);

    op->op = code;
    apid_vadl_read_op(errs, op, element);
    if (!op->as)
        return;
    check_as(errs, element, op->as);
    check_unique(errs, element, vadl->ops);
}

static void read_root(apid_xml_errs_t *errs, apid_vadl_t *vadl,
                      apid_xml_t *element)
{
    int wraps = vadl->kind == APID_KIND_API && has_child(element, "webhook");
    const char *const *allowed = wraps ? in_wrapper : in_root;
    unsigned seen = 0;

    apid_xml_read(errs, vadl, element, root_rows);
    for (apid_xml_t *child = element->first; child; child = child->next) {
        int i = apid_vadl_find_child(errs, element, child, allowed);

        if (!wraps && i >= 0 && i < APID_OPS)
            read_op(errs, vadl, child, i);
        else if (i < 0 || !apid_vadl_once(errs, element, child, &seen, i))
            continue;
        else if (wraps && i == 0) {
            vadl->kind = APID_KIND_WEBHOOK;
            read_root(errs, vadl, child);
        }
        else
            read_setting(errs, vadl, child);
    }
}

/* Whether the root is one, or was meant to be; if it is none, that is
 * noted. */
static int check_root(apid_xml_errs_t *errs, const apid_xml_t *root)
{
    int i = apid_xml_find_word(roots, root->name);

    if (roots[i])
        return 1;
    apid_xml_refuse(errs, root,
                    apr_psprintf(errs->pool, "unknown root element '%s'",
                                 root->name),
                    root->name, roots);
    return apid_err_nearest(root->name, roots, i) != NULL;
}

/* Whether it is a definition at all. */
static int read_document(apid_xml_errs_t *errs, apid_vadl_t *vadl,
                         apid_xml_t *root)
{
    vadl->ops = apr_array_make(errs->pool, 1, sizeof(apid_vadl_op_t));
    vadl->place.line = root->line;
    vadl->place.column = root->column;
    if (!check_root(errs, root))
        return 0;
    if (strcmp(root->name, "webhook") == 0)
        vadl->kind = APID_KIND_WEBHOOK;
    read_root(errs, vadl, root);
    if (vadl->kind == APID_KIND_WEBHOOK)
        vadl->method = APID_METHOD_GET;
    return 1;
}

int apid_vadl_find_child(apid_xml_errs_t *errs, const apid_xml_t *parent,
                         const apid_xml_t *child, const char *const *allowed)
{
    static const char *const reserved[] = { "rest", "soap", NULL };
    int i = apid_xml_find_word(allowed, child->name);
    int known = elements[apid_xml_find_word(elements, child->name)] != NULL;

    if (allowed[i])
        return i;
    if (reserved[apid_xml_find_word(reserved, child->name)])
        apid_xml_complain(errs, child, "<%s> is not supported yet",
                          child->name);
    else if (!allowed[0])
        apid_xml_complain(errs, child, "<%s> may not hold <%s>", parent->name,
                          child->name);
    else
        apid_xml_refuse(errs, child,
                        apr_psprintf(errs->pool, "%s element '%s' in <%s>",
                                     known ? "misplaced" : "unknown",
                                     child->name, parent->name),
                        known ? NULL : child->name, allowed);
    return -1;
}

int apid_vadl_once(apid_xml_errs_t *errs, const apid_xml_t *parent,
                   const apid_xml_t *child, unsigned *seen, int kind)
{
    if (*seen & 1u << kind) {
        apid_xml_complain(errs, child, "<%s> is given twice in <%s>",
                          child->name, parent->name);
        return 0;
    }
    *seen |= 1u << kind;
    return 1;
}

void apid_vadl_refuse_children(apid_xml_errs_t *errs,
                               const apid_xml_t *element)
{
    static const char *const none[] = { NULL };

    for (const apid_xml_t *e = element->first; e; e = e->next)
        apid_vadl_find_child(errs, element, e, none);
}

apid_err_t *apid_vadl_parse(apid_vadl_t **vadl, const char *text,
                            apr_size_t len, apr_pool_t *pool)
{
    static const apid_xml_limits_t limits = { APID_VADL_MAX_SIZE,
                                              APID_VADL_MAX_DEPTH };
    apid_xml_errs_t errs = { pool, NULL, NULL };
    apid_vadl_t *document = apr_pcalloc(pool, sizeof(*document));
    apid_xml_t *root;
    apid_err_t *broken = apid_xml_parse(&root, text, len, &limits, pool);

    if (root && read_document(&errs, document, root) && !broken &&
        lacks_operation(root))
        apid_xml_refuse(&errs, root, "there is no operation", NULL,
                        operations);
    apid_xml_note(&errs, broken);
    document->partial = errs.first != NULL;
    *vadl = errs.first && (broken || !document->ops || !document->ops->nelts)
        ? NULL : document;
    return errs.first;
}

const char *apid_method_word(apid_method_e method)
{
    return methods[method];
}

apid_method_e apid_method_parse(const char *word)
{
    return apid_xml_find_word(methods, word);
}
