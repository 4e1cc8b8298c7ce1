/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apid_where_test: one condition with the caller's values, as the type of its
 * column is compared. LIKE is always escaped by '|', which no sql_mode
 * changes.
 */
#include "apid_where_parts.h"

#include <apr_strings.h>

#define MOST_BINDS 65000 /* of 65535 in a statement: some are not of lists */
#define AS_BYTES "CAST(? AS BINARY)"
#define NOT_EMPTY "must not be empty: records are matched by it"

/* clang-format off */
/* Before and after the '?' or list; NULL: written otherwise. What is not
 * equal to a value is also what is empty. */
static const struct {
    const char *one;
    const char *list;
    int or_null;
} forms[APID_CONDITIONS] = {
    [APID_EQUAL]          = {" = ?",  " IN (", 0},
    [APID_NOTEQUAL]       = {" <> ?", " NOT IN (", 1},
    [APID_LIKE]           = {" LIKE ? ESCAPE '|'", NULL, 0},
    [APID_NOTLIKE]        = {" NOT LIKE ? ESCAPE '|'", NULL, 1},
    [APID_STARTSWITH]     = {" LIKE ? ESCAPE '|'", NULL, 0},
    [APID_ENDSWITH]       = {" LIKE ? ESCAPE '|'", NULL, 0},
    [APID_CONTAINS]       = {" LIKE ? ESCAPE '|'", NULL, 0},
    [APID_LESSTHAN]       = {" < ?",  NULL, 0},
    [APID_LESSOREQUAL]    = {" <= ?", NULL, 0},
    [APID_GREATERTHAN]    = {" > ?",  NULL, 0},
    [APID_GREATEROREQUAL] = {" >= ?", NULL, 0},
    [APID_BETWEEN]        = {NULL, " BETWEEN ? AND ?", 0},
    [APID_IN]             = {NULL, " IN (", 0},
    [APID_NOTIN]          = {NULL, " NOT IN (", 1},
};

static const struct {
    const char *before, *after; /* around the caller's text */
} patterns[APID_CONDITIONS] = {
    [APID_STARTSWITH] = {"", "%"},
    [APID_ENDSWITH]   = {"%", ""},
    [APID_CONTAINS]   = {"%", "%"},
    [APID_LIKE]       = {"%", "%"},
    [APID_NOTLIKE]    = {"%", "%"},
};
/* clang-format on */

static void note_error(apid_render_t *r, const apid_cond_t *cond,
                       apid_err_t *err)
{
    r->where->err = apid_err_join(r->where->err,
                                  apid_err_field(err, cond->param));
}

static void refuse(apid_render_t *r, const apid_cond_t *cond, const char *text)
{
    note_error(r, cond, apid_err_raise(r->where->pool,
                                       APID_ERR_INVALID_VALUE, "%s", text));
}

/** The text a LIKE is bound to. One of the caller's own wildcards makes a
 * `like` take the text as it is. */
static apid_value_t like_pattern(const apid_cond_t *cond,
                                 const apid_arg_t *arg, apr_pool_t *pool)
{
    int user_wildcards = strpbrk(arg->text, "%_")
        && (cond->test == APID_LIKE || cond->test == APID_NOTLIKE);
    char *pattern = apr_palloc(pool, 2 * arg->len + 3), *out = pattern;
    const char *in;

    if (!user_wildcards)
        out = apr_cpystrn(out, patterns[cond->test].before, 2);
    for (in = arg->text; *in; in++) {
        if (*in == '|' || (!user_wildcards && (*in == '%' || *in == '_')))
            *out++ = '|';
        *out++ = *in;
    }
    apr_cpystrn(out, user_wildcards ? "" : patterns[cond->test].after, 2);
    return apid_value_of_text(pattern);
}

static int is_equality(const apid_cond_t *cond)
{
    return cond->test == APID_EQUAL || cond->test == APID_NOTEQUAL
        || cond->test == APID_IN || cond->test == APID_NOTIN;
}

/** Whether a value of an equality is none: NULL or an empty text. */
static int is_empty(const apid_cond_t *cond, const apid_value_t *value)
{
    return is_equality(cond)
        && (value->cls == APID_NULL
            || ((value->cls == APID_TEXT || value->cls == APID_BYTES)
                && !value->len));
}

static int is_sent(const apid_render_t *r, const apid_binding_t *binding)
{
    return binding->source == APID_SOURCE_PARAM
        ? r->scope->args[binding->param] != NULL
        : binding->source != APID_SOURCE_LITERAL;
}

/** Whether records must not be matched here by what is empty: no write is, by
 * what was sent; what a definition says itself it may mean. */
static int needs_value(const apid_render_t *r, const apid_cond_t *cond)
{
    apid_op_e op = r->plan->op;

    return op == APID_OP_UPSERT
        || (op != APID_OP_SELECT && (patterns[cond->test].before
                                     || is_sent(r, &cond->binding)));
}

/** Whether a value is equal to an empty one: to most collations blanks are. */
static int is_blank(const apid_cond_t *cond, const apid_value_t *value)
{
    return value->cls == APID_NULL
        || (value->cls == APID_BYTES && !value->len)
        || (value->cls == APID_TEXT
            && value->len <= (cond->field->exact
                              ? 0 : strspn(value->text, " ")));
}

static int parse_pattern(apid_render_t *r, const apid_cond_t *cond,
                         const apid_arg_t *arg, apid_value_t *value)
{
    int list = arg->kind == APID_ARG_ARRAY || arg->kind == APID_ARG_OBJECT;
    int refused = !arg->len && needs_value(r, cond);

    if (list)
        refuse(r, cond, "must be one value, not a list");
    else if (refused)
        refuse(r, cond, NOT_EMPTY);
    else
        *value = like_pattern(cond, arg, r->where->pool);
    return !list && !refused;
}

/** A test that wants one value. 0: the error is noted. */
static int parse_one(apid_render_t *r, const apid_cond_t *cond,
                     const apid_arg_t *arg, apid_value_t *value)
{
    apid_err_t *err;

    if (patterns[cond->test].before)
        return parse_pattern(r, cond, arg, value);
    arg = apid_where_arg_of(r->scope, cond->field, arg, r->where->pool);
    err = apid_value_parse(value, &cond->field->domain, arg, r->where->pool);
    if (!err && is_blank(cond, value) && needs_value(r, cond))
        err = apid_err_raise(r->where->pool, APID_ERR_INVALID_VALUE, NOT_EMPTY);
    if (err)
        note_error(r, cond, err);
    return !err;
}

static int is_text(const apid_field_t *field)
{
    return field->domain.cls == APID_TEXT
        && field->domain.type != APID_TYPE_DECIMAL
        && field->domain.type != APID_TYPE_JSON;
}

static int is_date(const apid_field_t *field)
{
    return field->domain.type == APID_TYPE_DATE
        || field->domain.type == APID_TYPE_DATETIME;
}

/** What is 0 for a zero date: one of no year, month or day. */
static const char *parts_of(const apid_cond_t *cond, apr_pool_t *pool)
{
    return apr_pstrcat(pool, "YEAR(", cond->sql, ") * MONTH(", cond->sql,
                       ") * DAYOFMONTH(", cond->sql, ")", NULL);
}

void apid_where_empty(apid_render_t *r, const apid_cond_t *cond, int wanted)
{
    apid_where_t *w = r->where;

    apid_where_add(w, wanted ? "(" : "NOT (");
    apid_where_add(w, cond->sql);
    apid_where_add(w, " IS NULL");
    if (is_text(cond->field) || cond->field->domain.cls == APID_BYTES)
        apid_where_add(w, apr_pstrcat(w->pool, " OR ", cond->sql, " = ''",
                                      NULL));
    else if (is_date(cond->field))
        apid_where_add(w, apr_pstrcat(w->pool, " OR ",
                                      parts_of(cond, w->pool), " = 0", NULL));
    apid_where_add(w, ")");
}

/** Whether bytes decide what is equal: collations take "muller" for
 * "Müller". */
static int is_exact(const apid_cond_t *cond)
{
    return cond->field->exact && is_text(cond->field) && is_equality(cond);
}

static const char *bytes_of(const apid_cond_t *cond, apr_pool_t *pool)
{
    return apr_pstrcat(pool, "CAST(CONVERT(", cond->sql,
                       " USING utf8mb4) AS BINARY)", NULL);
}

/** The values of `exact` fields, bound from first on, once more as bytes. What
 * the collation matches is narrowed so; what it does not match differs in
 * bytes as well, so that these alone say what is not equal. */
static void add_exact(apid_render_t *r, const apid_cond_t *cond, int first)
{
    apid_where_t *w = r->where;
    int n = w->binds->nelts - first, i;

    apid_where_add(w, " AND ");
    apid_where_add(w, bytes_of(cond, w->pool));
    apid_where_add(w, " IN (");
    for (i = 0; i < n; i++) {
        apid_value_t value = APR_ARRAY_IDX(w->binds, first + i, apid_value_t);

        apid_where_bind(w, &value);
    }
    apid_where_marks(w, n, ", " AS_BYTES, 1);
}

static void add_or_null(apid_render_t *r, const apid_cond_t *cond)
{
    apid_where_add(r->where, apr_pstrcat(r->where->pool, " OR ", cond->sql,
                                         " IS NULL)", NULL));
}

static int is_json(const apid_cond_t *cond)
{
    return cond->field->domain.type == APID_TYPE_JSON
        && !patterns[cond->test].before;
}

/** Values of `exact` fields are not equal if their bytes differ. */
static int differs_by_bytes(const apid_cond_t *cond)
{
    return forms[cond->test].or_null && is_exact(cond);
}

/** The '?' of a value, as its column's type is compared. */
static const char *mark_of(const apid_cond_t *cond)
{
    if (differs_by_bytes(cond))
        return AS_BYTES;
    if (is_json(cond))
        return is_equality(cond) ? APID_DB_SAME : APID_DB_JSON;
    return "?";
}

/** Whether a column of numbers is shown as true or false; one of texts is
 * compared as such. */
static int is_truth(const apid_cond_t *cond)
{
    return cond->field->domain.type == APID_TYPE_BOOLEAN
        && cond->field->domain.cls != APID_TEXT;
}

/** The column, as its type is compared: a boolean as it is shown, whatever it
 * holds. */
static const char *column_of(const apid_cond_t *cond, apr_pool_t *pool)
{
    if (differs_by_bytes(cond))
        return bytes_of(cond, pool);
    if (is_truth(cond))
        return apr_pstrcat(pool, "(", cond->sql, " <> 0)", NULL);
    if (is_json(cond) && is_equality(cond))
        return apr_pstrcat(pool, APID_DB_SAME_OPEN, cond->sql,
                           APID_DB_SAME_CLOSE, NULL);
    return cond->sql;
}

/** A form, whose marks are those of its column's type. */
static void add_form(apid_render_t *r, const apid_cond_t *cond,
                     const char *form)
{
    const char *mark;

    for (; (mark = strchr(form, '?')); form = mark + 1) {
        apid_where_add(r->where, apr_pstrmemdup(r->where->pool, form,
                                                (apr_size_t)(mark - form)));
        apid_where_add(r->where, mark_of(cond));
    }
    apid_where_add(r->where, form);
}

/** Begins a test with its column, as its type is compared. */
static void open_test(apid_render_t *r, const apid_cond_t *cond)
{
    if (forms[cond->test].or_null)
        apid_where_add(r->where, "(");
    apid_where_add(r->where, column_of(cond, r->where->pool));
}

/** Zero dates are NULL to the caller, but below all others to the server. */
static void add_nonzero(apid_render_t *r, const apid_cond_t *cond)
{
    apid_where_add(r->where, apr_pstrcat(r->where->pool, " AND ",
                                         parts_of(cond, r->where->pool),
                                         " > 0", NULL));
}

/** Ends a test whose values are bound from first on. */
static void close_test(apid_render_t *r, const apid_cond_t *cond, int first)
{
    if (forms[cond->test].or_null)
        add_or_null(r, cond);
    else if (is_exact(cond))
        add_exact(r, cond, first);
    else if (is_date(cond->field) && !is_equality(cond))
        add_nonzero(r, cond);
}

/** An equality of a boolean, such that an index on it serves. */
static void add_truth(apid_render_t *r, const apid_cond_t *cond, int truth)
{
    int wanted = cond->test == APID_EQUAL ? truth : !truth;

    apid_where_add(r->where, forms[cond->test].or_null ? "(" : "");
    apid_where_add(r->where, cond->sql);
    apid_where_add(r->where, wanted ? " <> 0" : " = 0");
    if (forms[cond->test].or_null)
        add_or_null(r, cond);
}

/** "column = ?" or the like. */
static void add_one(apid_render_t *r, const apid_cond_t *cond,
                    const apid_arg_t *arg)
{
    apid_value_t value;

    if (!parse_one(r, cond, arg, &value))
        return;
    if (is_empty(cond, &value)) {
        apid_where_empty(r, cond, !forms[cond->test].or_null);
        return;
    }
    if (is_equality(cond) && is_truth(cond)) {
        add_truth(r, cond, value.u.i != 0);
        return;
    }
    open_test(r, cond);
    add_form(r, cond, forms[cond->test].one);
    apid_where_bind(r->where, &value);
    close_test(r, cond, r->where->binds->nelts - 1);
}

static int is_too_long(apid_render_t *r, const apid_cond_t *cond,
                       const apid_arg_t *list, int most)
{
    if (list->nitems > most)
        refuse(r, cond, apr_psprintf(r->where->pool, "must be at most %d "
                                     "values", most));
    return list->nitems > most;
}

/** Binds the values of a list that are not empty; gives their number. *empty
 * becomes 1 if others were sent, which null is not. */
static int bind_list(apid_render_t *r, const apid_cond_t *cond,
                     const apid_arg_t *list, int *empty)
{
    const apid_arg_t *item;
    int n = 0;

    *empty = 0;
    if (is_too_long(r, cond, list, APID_MAX_LIST))
        return 0;
    for (item = list->items; item; item = item->next) {
        apid_value_t value;

        if (item->kind == APID_ARG_NULL || !parse_one(r, cond, item, &value))
            continue;
        if (value.cls == APID_NULL || is_empty(cond, &value)) {
            *empty = 1;
            continue;
        }
        apid_where_bind(r->where, &value);
        n++;
    }
    return n;
}

/** "column IN (...)" of n values, which are bound from first on. */
static void add_values(apid_render_t *r, const apid_cond_t *cond, int first,
                       int n)
{
    open_test(r, cond);
    apid_where_add(r->where, forms[cond->test].list);
    apid_where_marks(r->where, n, apr_pstrcat(r->where->pool, ", ",
                                              mark_of(cond), NULL), 1);
    close_test(r, cond, first);
}

/** What is equal to one value of a list, or to none; an empty value is one
 * like others. */
static void add_list(apid_render_t *r, const apid_cond_t *cond,
                     const apid_arg_t *list)
{
    int empty, negated = forms[cond->test].or_null;
    int first = r->where->binds->nelts, n = bind_list(r, cond, list, &empty);

    if (!n && !empty) {
        apid_where_add(r->where, "FALSE");
        return;
    }
    if (n && empty)
        apid_where_add(r->where, "(");
    if (n)
        add_values(r, cond, first, n);
    if (n && empty)
        apid_where_add(r->where, negated ? " AND " : " OR ");
    if (empty)
        apid_where_empty(r, cond, !negated);
    if (n && empty)
        apid_where_add(r->where, ")");
}

static void add_between(apid_render_t *r, const apid_cond_t *cond,
                        const apid_arg_t *list)
{
    int empty;

    if (list->kind != APID_ARG_ARRAY || list->nitems != 2) {
        refuse(r, cond, "must be a list of two values");
        return;
    }
    open_test(r, cond);
    if (bind_list(r, cond, list, &empty) == 2) {
        add_form(r, cond, forms[APID_BETWEEN].list);
        close_test(r, cond, r->where->binds->nelts - 2);
    }
    else
        refuse(r, cond, "must be a list of two values, none empty");
}

/** One id of several columns. */
static void add_key(apid_render_t *r, const apid_cond_t *cond,
                    const apid_arg_t *arg)
{
    const apid_table_t *table = &cond->module->tables[0];
    apid_value_t values[APID_MAX_KEYS];
    apid_err_t *err = apid_catalog_parse_id(values, cond->module, arg,
                                            r->where->pool);
    int i;

    if (err) {
        note_error(r, cond, err);
        return;
    }
    for (i = 0; i < table->ncolumns; i++) {
        apid_where_add(r->where, i ? " AND t0." : "(t0.");
        apid_where_add(r->where, table->columns[i]);
        apid_where_add(r->where, " = ?");
        apid_where_bind(r->where, &values[i]);
    }
    apid_where_add(r->where, ")");
}

static void add_keys(apid_render_t *r, const apid_cond_t *cond,
                     const apid_arg_t *arg)
{
    const apid_arg_t *item = arg->items;
    int size = apid_where_pad(arg->nitems), i;

    if (arg->kind != APID_ARG_ARRAY) {
        add_key(r, cond, arg);
        return;
    }
    apid_where_add(r->where, "(FALSE");
    if (!is_too_long(r, cond, arg,
                     APID_MAX_LIST / cond->module->tables[0].ncolumns))
        for (i = 0; item && i < size; i++) {
            apid_where_add(r->where, " OR ");
            add_key(r, cond, item);
            item = item->next ? item->next : item;
        }
    apid_where_add(r->where, ")");
}

/** A query or a form can say a list as JSON: "[1,2]". */
static const apid_arg_t *read_list(const apid_cond_t *cond,
                                   const apid_arg_t *arg, apr_pool_t *pool)
{
    apid_arg_t *list;

    if (apid_condition_arity(cond->test) == 1 || !arg->form
        || arg->kind != APID_ARG_TEXT || arg->text[0] != '['
        || apid_arg_parse_json(&list, arg->text, arg->len, pool))
        return arg;
    return list;
}

static void add_test(apid_render_t *r, const apid_cond_t *cond,
                     const apid_arg_t *arg)
{
    if (!cond->sql)
        add_keys(r, cond, arg);
    else if (cond->test == APID_BETWEEN)
        add_between(r, cond, arg);
    else if (forms[cond->test].list && arg->kind == APID_ARG_ARRAY)
        add_list(r, cond, arg);
    else if (forms[cond->test].one)
        add_one(r, cond, arg);
    else {
        apid_arg_t list = {.kind = APID_ARG_ARRAY, .nitems = 1};
        apid_arg_t item = *arg;

        item.next = NULL;
        list.items = &item;
        add_list(r, cond, &list);
    }
}

/* What goes on after too many binds is not sent: only memory is saved. */
void apid_where_test(apid_render_t *r, const apid_cond_t *cond,
                     const apid_arg_t *arg)
{
    int before = r->where->binds->nelts;

    if (before > MOST_BINDS)
        return;
    add_test(r, cond, read_list(cond, arg, r->where->pool));
    if (r->where->binds->nelts > MOST_BINDS)
        refuse(r, cond, "must be fewer values: the lists of this request are "
                        "too long together");
}
