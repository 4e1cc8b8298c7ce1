/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apid_explain: sample arguments for the steps of a definition, so that what is
 * shown is what would be sent, not a description of it.
 */
#include "apid_explain.h"

#include <apr_strings.h>

/* clang-format off */
static const struct {
    apid_type_e type;
    const char *text;
} samples[] = {
    {APID_TYPE_INTEGER, "1"},     {APID_TYPE_DECIMAL, "1"},
    {APID_TYPE_DOUBLE, "1"},      {APID_TYPE_BOOLEAN, "1"},
    {APID_TYPE_BIT, "1"},         {APID_TYPE_DATE, "2024-01-31"},
    {APID_TYPE_DATETIME, "2024-01-31 12:00:00"},
    {APID_TYPE_TIME, "12:00:00"}, {APID_TYPE_YEAR, "2024"},
    {APID_TYPE_UUID, "00000000-0000-4000-8000-000000000000"},
    {APID_TYPE_BINARY, "AAAA"},   {APID_TYPE_JSON, "{}"},
    {APID_TYPE_EMAIL, "a@example.com"}, {APID_TYPE_PHONE, "+1 555 0100"},
    {APID_TYPE_ID, "1"},          {APID_TYPE_REFERENCE, "1"},
    {APID_TYPE_OWNER, "1"},
};
/* clang-format on */

static const char *sample_text(const apid_param_t *param, apr_pool_t *pool)
{
    const apid_domain_t *domain = param->domain;
    apr_size_t i;

    if (!domain)
        return "1";
    if (domain->nchoices)
        return domain->choices[0];
    if (domain->min)
        return domain->min;
    for (i = 0; i < sizeof(samples) / sizeof(samples[0]); i++)
        if (samples[i].type == domain->type)
            return samples[i].text;
    return apr_pstrcat(pool, "@", param->name, NULL);
}

static apid_arg_t *sample_pair(const apid_arg_t *item, apr_pool_t *pool)
{
    apid_arg_t *pair = apr_pmemdup(pool, item, sizeof(*item));

    pair->kind = APID_ARG_ARRAY;
    pair->items = apr_pmemdup(pool, item, sizeof(*item));
    pair->items->next = apr_pmemdup(pool, item, sizeof(*item));
    pair->nitems = 2;
    return pair;
}

static apid_arg_t *sample_arg(const apid_param_t *param, apr_pool_t *pool)
{
    apid_arg_t *arg = apid_arg_literal(sample_text(param, pool), pool);

    arg->name = param->name;
    return param->list == 2 ? sample_pair(arg, pool) : arg;
}

static apid_value_t *sample_row(int n, apr_pool_t *pool)
{
    apid_value_t *row = apr_palloc(pool, (n + 1) * sizeof(*row));
    int i;

    for (i = 0; i < n; i++)
        row[i] = apid_value_of_int(1);
    return row;
}

static apid_scope_t *sample_scope(const apid_api_t *api, apr_pool_t *pool)
{
    static const apid_user_t user = {.id = "1", .name = "user"};
    static const unsigned char seal[APID_DIGEST_SIZE] = {0};
    apid_call_t *call = apr_pcalloc(pool, sizeof(*call));
    apid_args_t *args = apid_args_open(pool);
    apid_scope_t *scope;
    int i;

    for (i = 0; i < api->nparams; i++)
        apid_args_add(args, sample_arg(&api->params[i], pool));
    call->api = api;
    call->args = args;
    call->user = &user;
    call->request_id = "";
    call->max_rows = APR_INT32_MAX;
    call->seal = seal;
    scope = apid_scope_open(call, pool);
    for (i = 0; i < api->nplans; i++)
        scope->results[i] = sample_row(api->plans[i].ncolumns, pool);
    return scope;
}

static const char *bind_text(const apid_value_t *value, apr_pool_t *pool)
{
    static const apid_domain_t domain = {.type = APID_TYPE_STRING};
    const char *text = apid_value_text(value, &domain, pool);

    if (!text)
        return "NULL";
    return value->cls == APID_TEXT ? apr_psprintf(pool, "'%s'", text) : text;
}

static void print_stmt(apr_array_header_t *out, const apid_stmt_t *stmt,
                       apr_pool_t *pool)
{
    int i;

    APR_ARRAY_PUSH(out, const char *)
        = apr_pstrcat(pool, "  ", stmt->sql, "\n", NULL);
    for (i = 0; i < stmt->nbinds; i++)
        APR_ARRAY_PUSH(out, const char *)
            = apr_psprintf(pool, "    %d: %s\n", i + 1,
                           bind_text(&stmt->binds[i], pool));
}

/** What has no sample is left out, and said. */
static void explain_plan(apr_array_header_t *out, const apid_plan_t *plan,
                         const apid_scope_t *scope, apr_pool_t *pool)
{
    apr_array_header_t *steps = apr_array_make(pool, 8, sizeof(apid_step_t));
    apid_err_t *err = apid_run_steps(steps, plan, scope);
    int i, k;

    APR_ARRAY_PUSH(out, const char *)
        = apr_pstrcat(pool, apid_op_word(plan->op), " ", plan->module->name,
                      plan->one ? " one\n" : "\n", NULL);
    for (; err; err = err->next)
        APR_ARRAY_PUSH(out, const char *)
            = apr_psprintf(pool, "  (no sample for '%s': %s)\n",
                           err->field ? err->field : "", err->text);
    for (i = 0; i < steps->nelts; i++) {
        const apid_step_t *step = &APR_ARRAY_IDX(steps, i, apid_step_t);

        APR_ARRAY_PUSH(out, const char *)
            = apr_pstrcat(pool, "  -- ", step->purpose, "\n", NULL);
        for (k = 0; k < step->nstmts; k++)
            print_stmt(out, &step->stmts[k], pool);
    }
}

const char *apid_explain(const apid_api_t *api, apr_pool_t *pool)
{
    apr_array_header_t *out = apr_array_make(pool, 32, sizeof(char *));
    apid_scope_t *scope = sample_scope(api, pool);
    int i;

    for (i = 0; i < api->nplans; i++)
        explain_plan(out, &api->plans[i], scope, pool);
    return apr_array_pstrcat(pool, out, 0);
}
