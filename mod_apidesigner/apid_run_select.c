/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apid_run_select: the statement of a select: which part of a list a request
 * asks for, by page or by cursor, and the rows it may have at most.
 */
#include "apid_run_parts.h"

#include <apr_strings.h>

static apid_err_t *invalid(apr_pool_t *pool, const char *field,
                           const char *text)
{
    return apid_err_field(apid_err_raise(pool, APID_ERR_INVALID_VALUE, "%s",
                                         text), field);
}

/** An empty text is none either; a list is one too many. */
static int is_unsent(const apid_arg_t *arg)
{
    return !arg || arg->kind == APID_ARG_NULL
        || (arg->kind == APID_ARG_TEXT && !arg->len);
}

static const char *name_binding(const apid_scope_t *scope,
                                const apid_binding_t *binding,
                                const char *otherwise)
{
    return binding->source == APID_SOURCE_PARAM
        ? scope->call->api->params[binding->param].name : otherwise;
}

/** A whole number of a limit; *number is left alone if it was not sent. */
static apid_err_t *limit_number(apr_int64_t *number, const apid_scope_t *scope,
                                const apid_binding_t *binding,
                                apr_pool_t *pool)
{
    static const apid_domain_t whole
        = {.type = APID_TYPE_INTEGER, .cls = APID_INT, .bits = 64};
    const apid_arg_t *arg = apid_where_arg(scope, binding, pool);
    apid_value_t value;
    apid_err_t *err;

    if (is_unsent(arg))
        return NULL;
    err = apid_value_parse(&value, &whole, arg, pool);
    if (err)
        return apid_err_field(err, name_binding(scope, binding, "limit"));
    *number = value.u.i;
    return NULL;
}

static apid_err_t *read_limits(apid_select_t *select, const apid_plan_t *plan,
                               const apid_scope_t *scope, apr_pool_t *pool)
{
    apid_err_t *err;

    select->max = APID_DEFAULT_ROWS;
    select->page = 1;
    select->from = (apid_cursor_t){NULL, 0};
    err = apid_err_join(
        limit_number(&select->max, scope, &plan->max, pool),
        limit_number(&select->page, scope, &plan->page, pool));
    if (!err && select->max < 1)
        err = invalid(pool, name_binding(scope, &plan->max, "limit"),
                      "must be 1 or more");
    if (select->max > scope->call->max_rows)
        select->max = scope->call->max_rows;
    if (plan->one)
        select->max = 1;
    if (select->page < 1)
        select->page = 1;
    if (select->page > APR_INT32_MAX)
        select->page = APR_INT32_MAX;
    return err;
}

static apid_err_t *add_after(apid_where_t *where, apid_select_t *select,
                             const apid_plan_t *plan,
                             const apid_scope_t *scope)
{
    const apid_arg_t *arg = apid_where_arg(scope, &plan->after, where->pool);
    const char *name = name_binding(scope, &plan->after, "after");
    apid_err_t *err;

    if (is_unsent(arg))
        return NULL;
    if (arg->kind != APID_ARG_TEXT)
        return invalid(where->pool, name, "is not a cursor");
    err = apid_cursor_open(&select->from, arg->text, scope->call, plan,
                           where->pool);
    if (err)
        return apid_err_field(err, name);
    if (!select->from.values)
        return NULL;
    if (select->match == APID_MATCH_ALL && !plan->nbase)
        apid_where_add(where, " WHERE TRUE");
    apid_where_after(where, plan, select->from.values);
    return NULL;
}

/** One row more than answered tells whether there are more. */
static void add_limit(apid_where_t *where, const apid_select_t *select,
                      const apid_plan_t *plan)
{
    apid_value_t most = apid_value_of_int(select->max + plan->paged);
    apid_value_t skip = apid_value_of_int((select->page - 1) * select->max
                                          + select->from.skip);

    apid_where_add(where, skip.u.i ? " LIMIT ? OFFSET ?" : " LIMIT ?");
    apid_where_bind(where, &most);
    if (skip.u.i)
        apid_where_bind(where, &skip);
}

apid_err_t *apid_select_render(apid_stmt_t *stmt, apid_select_t *select,
                               const apid_plan_t *plan,
                               const apid_scope_t *scope, apr_pool_t *pool)
{
    apid_where_t *where = apid_where_open(pool);
    const apid_cond_t *missing;
    apid_err_t *err = read_limits(select, plan, scope, pool);

    apid_where_from(where, plan, plan->select);
    select->match = apid_where_conditions(where, plan, scope, &missing);
    err = apid_err_join(err, where->err);
    err = apid_err_join(err, add_after(where, select, plan, scope));
    if (err)
        return err;
    apid_where_add(where, plan->order);
    add_limit(where, select, plan);
    *stmt = apid_where_stmt(where, APID_STMT_READ);
    return NULL;
}

/** Puts a text in place of what was sent for a parameter of a limit. */
static void put_text(apid_scope_t *scope, const apid_binding_t *binding,
                     const char *text, apr_pool_t *pool)
{
    int n = scope->call->api->nparams;
    const apid_arg_t **args;

    if (binding->source != APID_SOURCE_PARAM)
        return;
    args = apr_pmemdup(pool, scope->args, (n + 1) * sizeof(*args));
    args[binding->param] = apid_arg_literal(text, pool);
    scope->args = args;
}

static apid_err_t *add_step(apr_array_header_t *steps, const char *purpose,
                            const apid_plan_t *plan,
                            const apid_scope_t *scope)
{
    apid_select_t select;
    apid_stmt_t stmt;
    apid_err_t *err = apid_select_render(&stmt, &select, plan, scope,
                                         steps->pool);

    if (!err)
        apid_step_add(steps, purpose, &stmt, 1);
    return err;
}

static const char *write_cursor(const apid_plan_t *plan,
                                const apid_call_t *call, apr_pool_t *pool)
{
    apid_value_t *values
        = apr_palloc(pool, (plan->nsort + 1) * sizeof(*values));
    apid_cursor_t cursor = {values, 0};
    int i;

    for (i = 0; i < plan->nsort; i++)
        values[i] = apid_value_of_int(1);
    return apid_cursor_write(plan, &cursor, call->seal, pool);
}

apid_err_t *apid_run_steps(apr_array_header_t *steps, const apid_plan_t *plan,
                           const apid_scope_t *scope)
{
    apr_pool_t *pool = steps->pool;
    apid_scope_t first = *scope, page, after;
    apid_err_t *err;

    if (plan->op != APID_OP_SELECT)
        return apid_write_steps(steps, plan, scope);
    put_text(&first, &plan->max, "", pool);
    put_text(&first, &plan->page, "", pool);
    put_text(&first, &plan->after, "", pool);
    page = after = first;
    err = add_step(steps, "reads", plan, &first);
    put_text(&page, &plan->page, "2", pool);
    if (page.args != first.args)
        err = apid_err_join(err, add_step(steps, "reads a further page", plan,
                                          &page));
    if (plan->after.source != APID_SOURCE_PARAM)
        return err;
    put_text(&after, &plan->after, write_cursor(plan, scope->call, pool),
             pool);
    return apid_err_join(err, add_step(steps, "reads on after a cursor", plan,
                                       &after));
}
