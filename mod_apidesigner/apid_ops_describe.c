/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apid_ops_describe: a definition as data, for whoever shows it in a form or
 * asks for its parameters: what it takes, what each operation does with it,
 * what it answers. It is what the document compiles to, with labels.
 */
#include "apid_ops_parts.h"

#include <string.h>

static void put_flag(apid_ops_call_t *call, const char *key, int value)
{
    apid_json_key(call->out, key);
    apid_json_boolean(call->out, value != 0);
}

static void put_some(apid_ops_call_t *call, const char *key, const char *text)
{
    if (text)
        apid_ops_put(call, key, text);
}

static void put_count(apid_ops_call_t *call, const char *key,
                      apr_int64_t value)
{
    if (value)
        apid_ops_put_int(call, key, value);
}

static void put_words(apid_ops_call_t *call, const char *key,
                      const char *const *words)
{
    if (!words)
        return;
    apid_json_key(call->out, key);
    apid_json_array(call->out);
    for (; *words; words++)
        apid_json_string(call->out, *words);
    apid_json_end(call->out);
}

void apid_ops_put_domain(apid_ops_call_t *call, const apid_domain_t *domain)
{
    apid_ops_put(call, "type", apid_type_word(domain->type));
    put_count(call, "length", (apr_int64_t)domain->chars);
    put_count(call, "precision", domain->precision);
    if (domain->type == APID_TYPE_DECIMAL)
        put_count(call, "scale", domain->scale);
    put_some(call, "min", domain->min);
    put_some(call, "max", domain->max);
    put_some(call, "pattern", domain->pattern);
    put_some(call, "prefix", domain->prefix);
    if (!domain->nchoices)
        return;
    apid_json_key(call->out, "choices");
    apid_json_array(call->out);
    for (int i = 0; i < domain->nchoices; i++)
        apid_json_string(call->out, domain->choices[i]);
    apid_json_end(call->out);
}

/* what is sent if the caller sends nothing */
static const char *find_default(const apid_api_t *api, int param)
{
    for (int i = 0; i < api->nplans; i++)
        for (int j = 0; j < api->plans[i].nassigns; j++) {
            const apid_binding_t *binding = &api->plans[i].assigns[j].binding;
            if (binding->source == APID_SOURCE_PARAM
                && binding->param == param && binding->literal)
                return binding->literal->text;
        }
    return NULL;
}

static int is_cursor(const apid_api_t *api, int param)
{
    for (int i = 0; i < api->nplans; i++)
        if (api->plans[i].after.source == APID_SOURCE_PARAM
            && api->plans[i].after.param == param)
            return 1;
    return 0;
}

static const char *place_of(const apid_api_t *api, const apid_param_t *param)
{
    if (param->in_path)
        return "path";
    return api->kind == APID_KIND_API
            && (api->method == APID_METHOD_GET
                || api->method == APID_METHOD_DELETE)
        ? "query" : "body";
}

static void put_param(apid_ops_call_t *call, const apid_api_t *api, int i)
{
    const apid_param_t *param = &api->params[i];

    apid_json_object(call->out);
    apid_ops_put(call, "name", param->name);
    apid_ops_put(call, "label",
                 param->field ? param->field->label : param->name);
    apid_ops_put(call, "in", place_of(api, param));
    put_flag(call, "required", param->required || param->in_path);
    put_flag(call, "list", param->list);
    if (param->domain)
        apid_ops_put_domain(call, param->domain);
    else
        apid_ops_put(call, "type", is_cursor(api, i) ? "cursor" : "integer");
    if (param->field)
        put_some(call, "refers", param->field->refers);
    put_some(call, "default", find_default(api, i));
    apid_json_end(call->out);
}

/* where a value comes from: one of param, value and source */
static void put_binding(apid_ops_call_t *call, const apid_api_t *api,
                        const apid_binding_t *binding)
{
    static const char *const sources[] = {
        [APID_SOURCE_USER_ID] = "user.id", [APID_SOURCE_USER_NAME]
            = "user.name", [APID_SOURCE_NOW] = "now",
        [APID_SOURCE_TODAY] = "today", [APID_SOURCE_RESULT] = "result"};

    switch (binding->source) {
    case APID_SOURCE_NONE:
        return;
    case APID_SOURCE_LITERAL:
        apid_ops_put(call, "value", binding->literal->text);
        return;
    case APID_SOURCE_PARAM:
        apid_ops_put(call, "param", api->params[binding->param].name);
        if (binding->literal)
            apid_ops_put(call, "default", binding->literal->text);
        return;
    default:
        apid_ops_put(call, "source", sources[binding->source]);
    }
}

static void put_field(apid_ops_call_t *call, const apid_field_t *field)
{
    apid_ops_put(call, "name", field->name);
    apid_ops_put(call, "label", field->label);
    apid_ops_put(call, "type", apid_type_word(field->domain.type));
}

static void put_written(apid_ops_call_t *call, const apid_api_t *api,
                        const apid_field_t *field,
                        const apid_binding_t *binding)
{
    apid_json_object(call->out);
    put_field(call, field);
    put_binding(call, api, binding);
    put_flag(call, "required", binding->required);
    apid_json_end(call->out);
}

static void put_fields(apid_ops_call_t *call, const apid_api_t *api,
                       const apid_plan_t *plan)
{
    apid_json_key(call->out, "fields");
    apid_json_array(call->out);
    if (plan->id.source)
        put_written(call, api, &plan->module->id, &plan->id);
    for (int i = 0; i < plan->nassigns; i++)
        if (plan->assigns[i].binding.source)
            put_written(call, api, plan->assigns[i].field,
                        &plan->assigns[i].binding);
    apid_json_end(call->out);
}

/* a group has "glue" and "conditions", a condition a field and its test */
static void put_cond(apid_ops_call_t *call, const apid_api_t *api,
                     const apid_cond_t *cond)
{
    apid_json_object(call->out);
    if (cond->field) {
        put_field(call, cond->field);
        apid_ops_put(call, "module", cond->module->name);
        apid_ops_put(call, "condition", apid_condition_word(cond->test));
        put_binding(call, api, &cond->binding);
        put_flag(call, "optional", cond->optional);
    }
    else {
        apid_ops_put(call, "glue",
                     cond->glue == APID_GLUE_OR ? "or" : "and");
        apid_json_key(call->out, "conditions");
        apid_json_array(call->out);
        for (const apid_cond_t *each = cond->first; each; each = each->next)
            put_cond(call, api, each);
        apid_json_end(call->out);
    }
    apid_json_end(call->out);
}

static void put_columns(apid_ops_call_t *call, const apid_plan_t *plan)
{
    apid_json_key(call->out, "columns");
    apid_json_array(call->out);
    for (int i = 0; i < plan->nshown; i++) {
        apid_json_object(call->out);
        apid_ops_put(call, "name", plan->columns[i].name);
        apid_ops_put(call, "label", plan->columns[i].field->label);
        apid_ops_put_domain(call, plan->columns[i].domain);
        apid_json_end(call->out);
    }
    apid_json_end(call->out);
}

static void put_limit(apid_ops_call_t *call, const apid_api_t *api,
                      const char *key, const apid_binding_t *binding)
{
    if (!binding->source)
        return;
    apid_json_key(call->out, key);
    apid_json_object(call->out);
    put_binding(call, api, binding);
    apid_json_end(call->out);
}

static void put_plan(apid_ops_call_t *call, const apid_api_t *api,
                     const apid_plan_t *plan)
{
    apid_json_object(call->out);
    apid_ops_put(call, "op", apid_op_word(plan->op));
    apid_ops_put(call, "module", plan->module->name);
    put_some(call, "as", plan->as);
    put_flag(call, "one", plan->one);
    put_fields(call, api, plan);
    if (plan->where) {
        apid_json_key(call->out, "where");
        put_cond(call, api, plan->where);
    }
    put_columns(call, plan);
    put_limit(call, api, "max", &plan->max);
    put_limit(call, api, "page", &plan->page);
    put_limit(call, api, "after", &plan->after);
    apid_json_end(call->out);
}

static void put_settings(apid_ops_call_t *call, const apid_api_t *api)
{
    apid_ops_put(call, "description", api->description);
    apid_ops_put(call, "token_in", api->kind == APID_KIND_API ? NULL
                 : api->token_in == APID_TOKEN_IN_QUERY ? "query" : "header");
    put_words(call, "origins", api->origins);
    put_words(call, "users", api->users);
    put_words(call, "groups", api->groups);
    put_count(call, "minute", api->minute);
    put_count(call, "day", api->day);
    apid_ops_put_int(call, "max_affected", api->max_affected);
}

static void put_warning(apid_ops_call_t *call, int line, int column,
                        const char *text)
{
    apid_json_object(call->out);
    apid_ops_put_int(call, "line", line);
    apid_ops_put_int(call, "column", column);
    apid_ops_put(call, "text", text);
    apid_json_end(call->out);
}

/* what would keep it from being published now; one that is shown only is as
 * good as it was */
static apid_err_t *put_refusals(apid_ops_call_t *call,
                                const apid_candidate_t *candidate)
{
    apid_err_t *err = apid_ops_admit(call, candidate, NULL);

    for (; err && err->line; err = err->next)
        put_warning(call, err->line, err->column, err->text);
    return err;
}

/* conditions that a table is read from end to end for */
static apid_err_t *put_slow(apid_ops_call_t *call, const apid_api_t *api)
{
    apr_array_header_t *slow;
    apid_err_t *err = apid_ops_slow(&slow, call, api);

    for (int i = 0; i < slow->nelts; i++) {
        const apid_cond_t *cond = APR_ARRAY_IDX(slow, i, const apid_cond_t *);
        put_warning(call, cond->place.line, cond->place.column,
                    apid_ops_slow_text(call, cond));
    }
    return err;
}

static apid_err_t *put_warnings(apid_ops_call_t *call,
                                const apid_candidate_t *candidate)
{
    apid_err_t *err = NULL;

    apid_json_key(call->out, "warnings");
    apid_json_array(call->out);
    if (call->store->lease)
        err = put_refusals(call, candidate);
    if (!err && call->store->lease)
        err = put_slow(call, candidate->api);
    apid_json_end(call->out);
    return err;
}

apid_err_t *apid_ops_describe(apid_ops_call_t *call)
{
    const char *name = apid_ops_text(call, "name");
    apid_ops_document_t document = {name ? name : "",
                                    apid_ops_text(call, "document")};
    apid_candidate_t candidate = {.document = &document};
    const apid_facts_t *facts = &candidate.facts;
    apid_err_t *err = apid_ops_compile(&candidate.facts, &candidate.api, call,
                                       &document);
    const apid_api_t *api = candidate.api;

    if (err)
        return err;
    apid_json_object(call->out);
    apid_ops_put(call, "name", facts->name);
    apid_ops_put(call, "kind", facts->kind);
    apid_ops_put(call, "method", facts->method);
    apid_ops_put(call, "path", facts->path);
    apid_ops_put(call, "module", facts->module);
    put_flag(call, "active", facts->active);
    put_settings(call, api);
    apid_json_key(call->out, "params");
    apid_json_array(call->out);
    for (int i = 0; i < api->nparams; i++)
        put_param(call, api, i);
    apid_json_end(call->out);
    apid_json_key(call->out, "operations");
    apid_json_array(call->out);
    for (int i = 0; i < api->nplans; i++)
        put_plan(call, api, &api->plans[i]);
    apid_json_end(call->out);
    err = put_warnings(call, &candidate);
    apid_json_end(call->out);
    return err;
}
