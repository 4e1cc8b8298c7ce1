/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apid_where: pieces of SQL and their binds, gathered for one request. A
 * condition that is left out takes its pieces back; lists are padded to powers
 * of two so that few texts are prepared.
 */
#include "apid_where_parts.h"

#include <apr_strings.h>

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

int apid_where_pad(int n)
{
    int size = 1;

    while (size < n)
        size *= 2;
    return size;
}

void apid_where_marks(apid_where_t *w, int n, const char *mark, int width)
{
    int size = apid_where_pad(n), first = w->binds->nelts - width, i;

    for (i = 0; i < size; i++)
        apid_where_add(w, i ? mark : mark + 2);
    for (i = 0; i < (size - n) * width; i++) {
        apid_value_t last = APR_ARRAY_IDX(w->binds, first + i % width,
                                          apid_value_t);

        apid_where_bind(w, &last);
    }
    apid_where_add(w, ")");
}

static const apid_arg_t *time_arg(apid_time_e kind, apr_time_t now,
                                  apr_pool_t *pool)
{
    static const apid_domain_t seconds = {.type = APID_TYPE_DATETIME};
    apid_value_t value = apid_value_now(kind, now);

    return apid_arg_text(apid_value_text(&value, &seconds, pool), pool);
}

static const apid_arg_t *result_arg(const apid_scope_t *scope,
                                    const apid_binding_t *binding,
                                    apr_pool_t *pool)
{
    const apid_plan_t *plan = &scope->call->api->plans[binding->op];
    const apid_value_t *row = scope->results[binding->op];

    return row ? apid_value_arg(&row[binding->column],
                                plan->columns[binding->column].domain, pool)
               : NULL;
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
        return apid_arg_text(user ? user->id : NULL, pool);
    case APID_SOURCE_USER_NAME:
        return apid_arg_text(user ? user->name : NULL, pool);
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

const apid_arg_t *apid_where_arg_of(const apid_scope_t *scope,
                                    const apid_field_t *field,
                                    const apid_arg_t *arg, apr_pool_t *pool)
{
    apid_arg_t *text;

    if (scope->call->profile != APID_PROFILE_VTIGER
        || field->domain.type != APID_TYPE_JSON || arg->kind != APID_ARG_TEXT)
        return arg;
    text = apr_pmemdup(pool, arg, sizeof(*arg));
    text->form = 1;
    return text;
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

/** 0: the condition was left out. */
static int apid_render_test(apid_render_t *r, const apid_cond_t *cond)
{
    const apid_arg_t *arg;

    if (cond->test == APID_EMPTY || cond->test == APID_NOTEMPTY) {
        apid_where_empty(r, cond, cond->test == APID_EMPTY);
        return 1;
    }
    arg = apid_where_arg(r->scope, &cond->binding, r->where->pool);
    if (arg && arg->kind != APID_ARG_NULL)
        apid_where_test(r, cond, arg);
    else if (cond->optional)
        return 0;
    else
        r->missing = cond;
    return 1;
}

/** Writes a group in parentheses; takes back what was left out. 0: all of
 * it. */
static int render_group(apid_render_t *r, const apid_cond_t *group)
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
        if (cond->first ? render_group(r, cond) : apid_render_test(r, cond))
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
                                   const apid_cond_t **missing)
{
    apid_render_t r = {where, plan, scope, NULL};
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
