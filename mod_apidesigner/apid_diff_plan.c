/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apid_diff_plan: compares what two versions do: operations, the fields that
 * the last of them answers, parameters, and what else decides on the records:
 * conditions, values of the definition's own, order. The latter are written
 * as text and compared as such.
 */
#include "apid_diff_parts.h"

#include <apr_general.h>
#include <apr_strings.h>
#include <stdlib.h>

static const apid_plan_t *last_plan(const apid_api_t *api)
{
    return &api->plans[api->nplans - 1];
}

/* ---- operations */

static const char *write_ops(const apid_api_t *api, apr_pool_t *pool)
{
    const char *text = "";
    int i;

    for (i = 0; i < api->nplans; i++)
        text = apr_pstrcat(pool, text, i ? ", " : "",
                           apid_op_word(api->plans[i].op), " ",
                           api->plans[i].module->name, NULL);
    return text;
}

static void compare_operations(apid_pair_t *pair)
{
    const apid_plan_t *from = last_plan(pair->from), *to = last_plan(pair->to);
    const char *was = write_ops(pair->from, pair->pool);
    const char *is = write_ops(pair->to, pair->pool);

    if (strcmp(from->module->name, to->module->name))
        apid_pair_say(pair, apid_pair_note(pair, APID_DIFF_MODULE, "module",
            from->module->name, to->module->name), 1,
            "It is about %s, it was about %s.", to->module->name,
            from->module->name);
    if (from->op != to->op)
        apid_pair_say(pair, apid_pair_note(pair, APID_DIFF_OPERATION,
            "operation", apid_op_word(from->op), apid_op_word(to->op)), 1,
            "The operation is %s, it was %s.", apid_op_word(to->op),
            apid_op_word(from->op));
    else if (from->one != to->one)
        apid_pair_say(pair, apid_pair_note(pair, APID_DIFF_OPERATION, "one",
            from->one ? "true" : "false", to->one ? "true" : "false"), 1,
            to->one ? "It answers one object, it answered a list."
                    : "It answers a list, it answered one object.");
    else if (pair->from->nplans != pair->to->nplans)
        apid_pair_say(pair, apid_pair_note(pair, APID_DIFF_OPERATION,
            "operations", was, is), 0, "It does: %s; before: %s.", is, was);
}

/* ---- fields of the answer */

static const apid_column_t *find_column(const apid_plan_t *plan,
                                        const char *name)
{
    int i;

    for (i = 0; i < plan->nshown; i++)
        if (!strcmp(plan->columns[i].name, name))
            return &plan->columns[i];
    return NULL;
}

/** The column that shows the same under a name which the other plan has
 * not. */
static const apid_column_t *find_renamed(const apid_plan_t *plan,
                                         const apid_column_t *column,
                                         const apid_plan_t *other)
{
    int i;

    for (i = 0; i < plan->nshown; i++)
        if (plan->columns[i].field == column->field
            && !strcmp(plan->columns[i].sql, column->sql)
            && !find_column(other, plan->columns[i].name))
            return &plan->columns[i];
    return NULL;
}

/** What a value of the field looks like in the answer. */
static const char *write_type(const apid_domain_t *domain, apr_pool_t *pool)
{
    return apr_pstrcat(pool, apid_type_word(domain->type),
                       domain->as_text ? " as text" : "",
                       domain->prefix ? " " : "",
                       domain->prefix ? domain->prefix : "", NULL);
}

static void compare_column(apid_pair_t *pair, const apid_column_t *from,
                           const apid_column_t *to)
{
    const char *was = write_type(from->domain, pair->pool);
    const char *is = write_type(to->domain, pair->pool);

    if (strcmp(was, is))
        apid_pair_say(pair, apid_pair_note(pair, APID_DIFF_FIELD_RETYPED,
            from->name, was, is), 1, "Field '%s' is %s, it was %s.",
            from->name, is, was);
    else if (from->field != to->field
             && last_plan(pair->from)->module == last_plan(pair->to)->module)
        apid_pair_say(pair, apid_pair_note(pair, APID_DIFF_FIELD_RETYPED,
            from->name, from->field->name, to->field->name), 1,
            "Field '%s' shows '%s', it showed '%s'.", from->name,
            to->field->name, from->field->name);
}

static void compare_fields(apid_pair_t *pair)
{
    const apid_plan_t *from = last_plan(pair->from), *to = last_plan(pair->to);
    const apid_column_t *other;
    int i;

    for (i = 0; i < from->nshown; i++) {
        const char *name = from->columns[i].name;

        if ((other = find_column(to, name)))
            compare_column(pair, &from->columns[i], other);
        else if ((other = find_renamed(to, &from->columns[i], from)))
            apid_pair_say(pair, apid_pair_note(pair, APID_DIFF_FIELD_RENAMED,
                name, name, other->name), 1,
                "Field '%s' is called '%s' now.", name, other->name);
        else
            apid_pair_say(pair, apid_pair_note(pair, APID_DIFF_FIELD_REMOVED,
                name, write_type(from->columns[i].domain, pair->pool), NULL),
                1, "Field '%s' is no longer answered.", name);
    }
    for (i = 0; i < to->nshown; i++)
        if (!find_column(from, to->columns[i].name)
            && !find_renamed(from, &to->columns[i], to))
            apid_pair_say(pair, apid_pair_note(pair, APID_DIFF_FIELD_ADDED,
                to->columns[i].name, NULL,
                write_type(to->columns[i].domain, pair->pool)), 0,
                "Field '%s' is answered too.", to->columns[i].name);
}

/* ---- parameters */

static int cond_needs(const apid_cond_t *group, int param)
{
    const apid_cond_t *cond;

    for (cond = group ? group->first : NULL; cond; cond = cond->next)
        if (cond->first ? cond_needs(cond, param)
            : !cond->optional && !cond->binding.literal
                  && cond->binding.source == APID_SOURCE_PARAM
                  && cond->binding.param == param)
            return 1;
    return 0;
}

/** Whether a request without it is refused, or finds nothing. */
static int is_needed(const apid_api_t *api, int param)
{
    int i;

    for (i = 0; i < api->nplans; i++)
        if (cond_needs(api->plans[i].where, param))
            return 1;
    return api->params[param].required;
}

/** The index of the parameter of a name; -1: none. */
static int find_param(const apid_api_t *api, const char *name)
{
    int i;

    for (i = 0; i < api->nparams; i++)
        if (!strcmp(api->params[i].name, name))
            return i;
    return -1;
}

static const char *write_param(const apid_param_t *param, apr_pool_t *pool)
{
    const char *type = param->domain ? write_type(param->domain, pool)
                                     : "limit";

    return param->list ? apr_pstrcat(pool, type, " or several", NULL) : type;
}

static void add_param(apid_pair_t *pair, int i)
{
    const apid_param_t *param = &pair->to->params[i];
    const char *type = write_param(param, pair->pool);

    if (is_needed(pair->to, i))
        apid_pair_say(pair, apid_pair_note(pair,
            APID_DIFF_PARAMETER_REQUIRED, param->name, NULL, type), 1,
            "Parameter '%s' is new and must be sent.", param->name);
    else
        apid_pair_say(pair, apid_pair_note(pair, APID_DIFF_PARAMETER_ADDED,
            param->name, NULL, type), 0,
            "Parameter '%s' is new and may be sent.", param->name);
}

static void compare_need(apid_pair_t *pair, int from, int to)
{
    const char *name = pair->to->params[to].name;
    int was = is_needed(pair->from, from), is = is_needed(pair->to, to);

    if (!was && is)
        apid_pair_say(pair, apid_pair_note(pair,
            APID_DIFF_PARAMETER_REQUIRED, name, "optional", "required"), 1,
            "Parameter '%s' must be sent now.", name);
    else if (was && !is)
        apid_pair_say(pair, apid_pair_note(pair,
            APID_DIFF_PARAMETER_OPTIONAL, name, "required", "optional"), 0,
            "Parameter '%s' need not be sent any more.", name);
}

/** Whether a parameter takes all that it took. */
static int is_wider(const apid_param_t *from, const apid_param_t *to)
{
    return (from->list == to->list || !from->list) && from->domain
        && to->domain && from->domain->type == to->domain->type;
}

static void compare_param(apid_pair_t *pair, int from, int to)
{
    const apid_param_t *was = &pair->from->params[from];
    const apid_param_t *is = &pair->to->params[to];
    const char *before = write_param(was, pair->pool);
    const char *after = write_param(is, pair->pool);

    compare_need(pair, from, to);
    if (strcmp(before, after))
        apid_pair_say(pair, apid_pair_note(pair, APID_DIFF_PARAMETER_RETYPED,
            is->name, before, after), !is_wider(was, is),
            "Parameter '%s' is %s, it was %s.", is->name, after, before);
    else if (was->field && is->field && was->field != is->field)
        apid_pair_say(pair, apid_pair_note(pair, APID_DIFF_PARAMETER_RETYPED,
            is->name, was->field->name, is->field->name), 1,
            "Parameter '%s' stands for '%s', it stood for '%s'.", is->name,
            is->field->name, was->field->name);
}

/** Parts of a path are known by their place: a path that differs was told
 * of, and one that does not has the same parts. */
static void compare_params(apid_pair_t *pair)
{
    int i, other;

    for (i = 0; i < pair->from->nparams; i++) {
        const apid_param_t *param = &pair->from->params[i];

        other = find_param(pair->to, param->name);
        if (other >= 0 && !param->in_path)
            compare_param(pair, i, other);
        else if (other < 0 && !param->in_path)
            apid_pair_say(pair, apid_pair_note(pair,
                APID_DIFF_PARAMETER_REMOVED, param->name,
                write_param(param, pair->pool), NULL), 1,
                "Parameter '%s' is ignored now.", param->name);
    }
    for (i = 0; i < pair->to->nparams; i++)
        if (!pair->to->params[i].in_path
            && find_param(pair->from, pair->to->params[i].name) < 0)
            add_param(pair, i);
}

/* ---- conditions, values, order, size */

static const char *write_literal(const apid_arg_t *arg, apr_pool_t *pool)
{
    const apid_arg_t *item = arg->items;
    const char *text = arg->kind == APID_ARG_ARRAY ? "" : arg->text;

    for (; item; item = item->next)
        text = apr_pstrcat(pool, text, *text ? "," : "", item->text, NULL);
    return apr_pstrcat(pool, "'", text, "'", NULL);
}

static const char *write_binding(const apid_api_t *api,
                                 const apid_binding_t *binding,
                                 apr_pool_t *pool)
{
    static const char *const sources[]
        = {[APID_SOURCE_NONE] = "", [APID_SOURCE_USER_ID] = "@user.id",
           [APID_SOURCE_USER_NAME] = "@user.name", [APID_SOURCE_NOW] = "@now",
           [APID_SOURCE_TODAY] = "@today"};

    switch (binding->source) {
    case APID_SOURCE_LITERAL:
        return write_literal(binding->literal, pool);
    case APID_SOURCE_PARAM:
        return apr_pstrcat(pool, "@", api->params[binding->param].name,
                           binding->literal ? " or " : "", binding->literal
                               ? write_literal(binding->literal, pool) : "",
                           NULL);
    case APID_SOURCE_RESULT:
        return apr_psprintf(pool, "@%s.%s", api->plans[binding->op].as,
                            api->plans[binding->op]
                                .columns[binding->column].name);
    default:
        return sources[binding->source];
    }
}

static const char *write_where(const apid_api_t *api,
                               const apid_cond_t *group, apr_pool_t *pool)
{
    const char *text = "", *glue = group && group->glue == APID_GLUE_OR
        ? " or " : " and ";
    const apid_cond_t *cond;

    for (cond = group ? group->first : NULL; cond; cond = cond->next)
        text = apr_pstrcat(pool, text, *text ? glue : "", cond->first
            ? apr_pstrcat(pool, "(", write_where(api, cond, pool), ")", NULL)
            : apr_pstrcat(pool, cond->field->name, " ",
                          apid_condition_word(cond->test), " ",
                          write_binding(api, &cond->binding, pool), NULL),
            NULL);
    return *text ? text : "none";
}

/** What is written that the caller does not send. */
static const char *write_values(const apid_api_t *api,
                                const apid_plan_t *plan, apr_pool_t *pool)
{
    const char *text = "";
    int i;

    for (i = 0; plan->op != APID_OP_DELETE && i < plan->nassigns; i++) {
        const apid_binding_t *binding = &plan->assigns[i].binding;

        if (binding->source != APID_SOURCE_NONE
            && (binding->source != APID_SOURCE_PARAM || binding->literal))
            text = apr_pstrcat(pool, text, *text ? ", " : "",
                               plan->assigns[i].field->name, " = ",
                               write_binding(api, binding, pool), NULL);
    }
    return *text ? text : "none";
}

static void compare_text(apid_pair_t *pair, apid_diff_e kind,
                         const char *before, const char *after)
{
    if (strcmp(before, after))
        apid_pair_say(pair, apid_pair_note(pair, kind, apid_diff_word(kind),
            before, after), 0, "%s: %s; before: %s.",
            kind == APID_DIFF_CONDITIONS ? "The conditions are"
            : kind == APID_DIFF_VALUES ? "What it writes by itself is"
            : "The answer is sorted by", after, before);
}

static void compare_max(apid_pair_t *pair, const apid_plan_t *from,
                        const apid_plan_t *to)
{
    const char *was = from->max.source
        ? write_binding(pair->from, &from->max, pair->pool)
        : "'" APR_STRINGIFY(APID_DEFAULT_ROWS) "'";
    const char *is = to->max.source
        ? write_binding(pair->to, &to->max, pair->pool)
        : "'" APR_STRINGIFY(APID_DEFAULT_ROWS) "'";

    if (to->op == APID_OP_SELECT && !to->one && strcmp(was, is))
        apid_pair_say(pair, apid_pair_note(pair, APID_DIFF_LIMITS, "max", was,
            is), *is == '\'' && (*was != '\''
                                 || atoi(is + 1) < atoi(was + 1)),
            "An answer has at most %s records, before %s.", is, was);
}

static const char *write_sort(const apid_api_t *api, apr_pool_t *pool)
{
    const apr_array_header_t *list
        = APR_ARRAY_IDX(api->vadl->ops, api->nplans - 1, apid_vadl_op_t).sort;
    const char *text = "";
    int i;

    for (i = 0; list && i < list->nelts; i++) {
        const apid_vadl_field_t *field
            = &APR_ARRAY_IDX(list, i, apid_vadl_field_t);

        text = apr_pstrcat(pool, text, i ? ", " : "", field->name,
                           field->descending ? " descending" : "", NULL);
    }
    return *text ? text : "id";
}

static void compare_behaviour(apid_pair_t *pair)
{
    int i, n = pair->from->nplans;

    for (i = 0; n == pair->to->nplans && i < n; i++) {
        const apid_plan_t *from = &pair->from->plans[i];
        const apid_plan_t *to = &pair->to->plans[i];

        compare_text(pair, APID_DIFF_CONDITIONS,
                     write_where(pair->from, from->where, pair->pool),
                     write_where(pair->to, to->where, pair->pool));
        compare_text(pair, APID_DIFF_VALUES,
                     write_values(pair->from, from, pair->pool),
                     write_values(pair->to, to, pair->pool));
    }
}

void apid_pair_plans(apid_pair_t *pair)
{
    const apid_plan_t *from = last_plan(pair->from), *to = last_plan(pair->to);

    compare_operations(pair);
    compare_fields(pair);
    compare_params(pair);
    compare_behaviour(pair);
    if (from->op == APID_OP_SELECT && to->op == APID_OP_SELECT) {
        compare_text(pair, APID_DIFF_ORDER, write_sort(pair->from, pair->pool),
                     write_sort(pair->to, pair->pool));
        compare_max(pair, from, to);
    }
}
