/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apid_where: pieces of SQL and their binds, gathered for one request. A
 * condition that is left out takes its pieces back; lists are padded to powers
 * of two so that few texts are prepared. LIKE is always escaped by '|', which
 * no sql_mode changes.
 */
#include "apid_where_parts.h"

#include <apr_strings.h>

/** Conditions being written for one plan and request. */
typedef struct render_t {
    apid_where_t *where;
    const apid_plan_t *plan;
    const apid_scope_t *scope;
    const char *missing;
} render_t;

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

apid_scope_t *apid_scope_open(const apid_call_t *call, apr_pool_t *pool)
{
    apid_scope_t *scope = apr_pcalloc(pool, sizeof(*scope));
    const apid_arg_t **args
        = apr_pcalloc(pool, (call->api->nparams + 1) * sizeof(*args));
    int i;

    for (i = 0; i < call->api->nparams; i++)
        args[i] = apid_args_find(call->args, call->api->params[i].name);
    scope->call = call;
    scope->args = args;
    scope->results = apr_pcalloc(pool, call->api->nplans
                                           * sizeof(*scope->results));
    return scope;
}

apid_where_t *apid_where_open(apr_pool_t *pool)
{
    apid_where_t *where = apr_pcalloc(pool, sizeof(*where));

    where->pool = pool;
    where->pieces = apr_array_make(pool, 32, sizeof(const char *));
    where->binds = apr_array_make(pool, 16, sizeof(apid_value_t));
    return where;
}

void apid_where_add(apid_where_t *where, const char *sql)
{
    APR_ARRAY_PUSH(where->pieces, const char *) = sql;
}

void apid_where_bind(apid_where_t *where, const apid_value_t *value)
{
    APR_ARRAY_PUSH(where->binds, apid_value_t) = *value;
}

void apid_where_bind_all(apid_where_t *where, const apid_value_t *values,
                         int n)
{
    int i;

    for (i = 0; i < n; i++)
        apid_where_bind(where, &values[i]);
}

static const apid_arg_t *text_arg(const char *text, apr_pool_t *pool)
{
    apid_arg_t *arg;

    if (!text)
        return NULL;
    arg = apr_pcalloc(pool, sizeof(*arg));
    arg->kind = APID_ARG_TEXT;
    arg->text = text;
    arg->len = strlen(text);
    return arg;
}

static const apid_arg_t *time_arg(apid_time_e kind, apr_time_t now,
                                  apr_pool_t *pool)
{
    static const apid_domain_t seconds = {.type = APID_TYPE_DATETIME};
    apid_value_t value = apid_value_now(kind, now);

    return text_arg(apid_value_text(&value, &seconds, pool), pool);
}

static const apid_arg_t *result_arg(const apid_scope_t *scope,
                                    const apid_binding_t *binding,
                                    apr_pool_t *pool)
{
    const apid_plan_t *plan = &scope->call->api->plans[binding->op];
    const apid_value_t *row = scope->results[binding->op];

    if (!row)
        return NULL;
    return text_arg(apid_value_text(&row[binding->column],
                                    plan->columns[binding->column].domain,
                                    pool), pool);
}

const apid_arg_t *apid_where_arg(const apid_scope_t *scope,
                                 const apid_binding_t *binding,
                                 apr_pool_t *pool)
{
    const apid_user_t *user = scope->call->user;

    switch (binding->source) {
    case APID_SOURCE_LITERAL:
        return binding->literal;
    case APID_SOURCE_PARAM:
        return scope->args[binding->param] ? scope->args[binding->param]
                                           : binding->literal;
    case APID_SOURCE_USER_ID:
        return text_arg(user ? user->id : NULL, pool);
    case APID_SOURCE_USER_NAME:
        return text_arg(user ? user->name : NULL, pool);
    case APID_SOURCE_NOW:
        return time_arg(APID_TIME_DATETIME, scope->call->now, pool);
    case APID_SOURCE_TODAY:
        return time_arg(APID_TIME_DATE, scope->call->now, pool);
    case APID_SOURCE_RESULT:
        return result_arg(scope, binding, pool);
    case APID_SOURCE_NONE:
        break;
    }
    return NULL;
}

void apid_where_lock(apid_where_t *where, const apid_plan_t *plan,
                     const char *lock)
{
    apid_where_add(where, lock);
    apid_where_bind_all(where, plan->lock_binds, plan->nlock);
}

void apid_where_from(apid_where_t *where, const apid_plan_t *plan,
                     const char *select)
{
    apid_where_add(where, select);
    apid_where_bind_all(where, plan->from_binds, plan->nfrom);
}

static void note_error(render_t *r, const apid_cond_t *cond, apid_err_t *err)
{
    r->where->err = apid_err_join(r->where->err,
                                  apid_err_field(err, cond->param));
}

static void refuse(render_t *r, const apid_cond_t *cond, const char *text)
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

/** A test that wants one value. 0: the error is noted. */
static int parse_one(render_t *r, const apid_cond_t *cond,
                     const apid_arg_t *arg, apid_value_t *value)
{
    apid_err_t *err;

    if (patterns[cond->test].before) {
        if (arg->kind != APID_ARG_ARRAY && arg->kind != APID_ARG_OBJECT) {
            *value = like_pattern(cond, arg, r->where->pool);
            return 1;
        }
        refuse(r, cond, "must be one value, not a list");
        return 0;
    }
    err = apid_value_parse(value, &cond->field->domain, arg, r->where->pool);
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

/** Empty is NULL, and what the column's type has for empty: '' or a zero
 * date. */
static void add_empty(render_t *r, const apid_cond_t *cond, const char *word)
{
    const char *zero = is_text(cond->field) ? "''"
        : cond->field->domain.type == APID_TYPE_DATE
            || cond->field->domain.type == APID_TYPE_DATETIME ? "0" : NULL;
    apid_where_t *w = r->where;

    apid_where_add(w, word);
    apid_where_add(w, cond->sql);
    apid_where_add(w, " IS NULL");
    if (zero)
        apid_where_add(w, apr_pstrcat(w->pool, " OR ", cond->sql, " = ", zero,
                                      NULL));
    apid_where_add(w, ")");
}

/** `exact` fields: collations take "muller" for "Müller", bytes do not. */
static void add_exact(render_t *r, const apid_cond_t *cond,
                      const apid_value_t *value)
{
    apid_where_add(r->where, " AND CAST(CONVERT(");
    apid_where_add(r->where, cond->sql);
    apid_where_add(r->where, " USING utf8mb4) AS BINARY)"
                             " = CAST(? AS BINARY)");
    apid_where_bind(r->where, value);
}

static void add_or_null(render_t *r, const apid_cond_t *cond)
{
    apid_where_add(r->where, apr_pstrcat(r->where->pool, " OR ", cond->sql,
                                         " IS NULL)", NULL));
}

static int is_json(const apid_cond_t *cond)
{
    return cond->field->domain.type == APID_TYPE_JSON
        && !patterns[cond->test].before;
}

/** A form, whose marks are those of its column's type. */
static void add_form(render_t *r, const apid_cond_t *cond, const char *form)
{
    const char *mark;

    for (; is_json(cond) && (mark = strchr(form, '?')); form = mark + 1) {
        apid_where_add(r->where, apr_pstrmemdup(r->where->pool, form,
                                                (apr_size_t)(mark - form)));
        apid_where_add(r->where, APID_DB_JSON);
    }
    apid_where_add(r->where, form);
}

/** "column = ?" or the like; no empty text makes a write match all. */
static void add_one(render_t *r, const apid_cond_t *cond,
                    const apid_arg_t *arg)
{
    int equality = cond->test == APID_EQUAL || cond->test == APID_NOTEQUAL;
    int empty = arg->kind == APID_ARG_TEXT && !arg->len;
    int refused = equality ? r->plan->op == APID_OP_UPSERT
        : r->plan->op != APID_OP_SELECT && patterns[cond->test].before;
    apid_value_t value;

    if (empty && refused)
        refuse(r, cond, "must not be empty: records are matched by it");
    if (empty && equality) {
        add_empty(r, cond, cond->test == APID_EQUAL ? "(" : "NOT (");
        return;
    }
    if (!parse_one(r, cond, arg, &value))
        return;
    if (forms[cond->test].or_null)
        apid_where_add(r->where, "(");
    apid_where_add(r->where, cond->sql);
    add_form(r, cond, forms[cond->test].one);
    apid_where_bind(r->where, &value);
    if (cond->test == APID_EQUAL && cond->field->exact
        && value.cls == APID_TEXT)
        add_exact(r, cond, &value);
    if (forms[cond->test].or_null)
        add_or_null(r, cond);
}

/** The next power of two: few lengths, few prepared statements. */
static int pad(int n)
{
    int size = 1;

    while (size < n)
        size *= 2;
    return size;
}

void apid_where_marks(apid_where_t *w, int n, const char *mark, int width)
{
    int size = pad(n), first = w->binds->nelts - width, i;

    for (i = 0; i < size; i++)
        apid_where_add(w, i ? mark : mark + 2);
    for (i = 0; i < (size - n) * width; i++) {
        apid_value_t last = APR_ARRAY_IDX(w->binds, first + i % width,
                                          apid_value_t);

        apid_where_bind(w, &last);
    }
    apid_where_add(w, ")");
}

static int is_too_long(render_t *r, const apid_cond_t *cond,
                       const apid_arg_t *list, int most)
{
    if (list->nitems > most)
        refuse(r, cond, apr_psprintf(r->where->pool, "must be at most %d "
                                     "values", most));
    return list->nitems > most;
}

/** Binds the values of a list that are not empty; gives their number. */
static int bind_list(render_t *r, const apid_cond_t *cond,
                     const apid_arg_t *list)
{
    const apid_arg_t *item;
    int n = 0;

    if (is_too_long(r, cond, list, APID_MAX_LIST))
        return 0;
    for (item = list->items; item; item = item->next) {
        apid_value_t value;

        if (!parse_one(r, cond, item, &value) || value.cls == APID_NULL)
            continue;
        apid_where_bind(r->where, &value);
        n++;
    }
    return n;
}

static void add_list(render_t *r, const apid_cond_t *cond,
                     const apid_arg_t *list)
{
    int n = bind_list(r, cond, list);

    if (!n) {
        apid_where_add(r->where, "FALSE");
        return;
    }
    if (forms[cond->test].or_null)
        apid_where_add(r->where, "(");
    apid_where_add(r->where, cond->sql);
    apid_where_add(r->where, forms[cond->test].list);
    apid_where_marks(r->where, n, is_json(cond) ? ", " APID_DB_JSON : ", ?",
                     1);
    if (forms[cond->test].or_null)
        add_or_null(r, cond);
}

static void add_between(render_t *r, const apid_cond_t *cond,
                        const apid_arg_t *list)
{
    if (list->kind != APID_ARG_ARRAY || list->nitems != 2) {
        refuse(r, cond, "must be a list of two values");
        return;
    }
    apid_where_add(r->where, cond->sql);
    if (bind_list(r, cond, list) == 2)
        add_form(r, cond, forms[APID_BETWEEN].list);
    else
        refuse(r, cond, "must be a list of two values, none empty");
}

/** One id of several columns. */
static void add_key(render_t *r, const apid_cond_t *cond,
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

static void add_keys(render_t *r, const apid_cond_t *cond,
                     const apid_arg_t *arg)
{
    const apid_arg_t *item = arg->items;
    int size = pad(arg->nitems), i;

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

static void add_test(render_t *r, const apid_cond_t *cond,
                     const apid_arg_t *arg)
{
    arg = read_list(cond, arg, r->where->pool);
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

/** 0: the condition was left out. */
static int render_test(render_t *r, const apid_cond_t *cond)
{
    const apid_arg_t *arg;

    if (cond->test == APID_EMPTY || cond->test == APID_NOTEMPTY) {
        add_empty(r, cond, cond->test == APID_EMPTY ? "(" : "NOT (");
        return 1;
    }
    arg = apid_where_arg(r->scope, &cond->binding, r->where->pool);
    if (arg && arg->kind != APID_ARG_NULL)
        add_test(r, cond, arg);
    else if (cond->optional)
        return 0;
    else
        r->missing = cond->param;
    return 1;
}

/** Writes a group in parentheses; takes back what was left out. 0: all of
 * it. */
static int render_group(render_t *r, const apid_cond_t *group)
{
    apr_array_header_t *pieces = r->where->pieces;
    const apid_cond_t *cond;
    int start = pieces->nelts, written = 0;

    apid_where_add(r->where, "(");
    for (cond = group->first; cond; cond = cond->next) {
        int mark = pieces->nelts;

        if (written)
            apid_where_add(r->where,
                           group->glue == APID_GLUE_OR ? " OR " : " AND ");
        if (cond->first ? render_group(r, cond) : render_test(r, cond))
            written++;
        else
            pieces->nelts = mark;
    }
    apid_where_add(r->where, ")");
    if (!written)
        pieces->nelts = start;
    return written;
}

apid_match_e apid_where_conditions(apid_where_t *where,
                                   const apid_plan_t *plan,
                                   const apid_scope_t *scope,
                                   const char **missing)
{
    render_t r = {where, plan, scope, NULL};
    int start = where->pieces->nelts, written;

    apid_where_add(where, " WHERE ");
    apid_where_add(where, plan->base);
    apid_where_bind_all(where, plan->base_binds, plan->nbase);
    if (plan->nbase)
        apid_where_add(where, " AND ");
    written = plan->where && render_group(&r, plan->where);
    if (!written)
        where->pieces->nelts = plan->nbase ? where->pieces->nelts - 1 : start;
    *missing = r.missing;
    return r.missing ? APID_MATCH_NOTHING
        : written ? APID_MATCH_SOME : APID_MATCH_ALL;
}

apid_stmt_t apid_where_stmt(const apid_where_t *where, apid_stmt_e kind)
{
    apid_stmt_t stmt = {kind, NULL, NULL, 0};

    stmt.sql = apr_array_pstrcat(where->pool, where->pieces, 0);
    stmt.binds = (const apid_value_t *)where->binds->elts;
    stmt.nbinds = where->binds->nelts;
    return stmt;
}
