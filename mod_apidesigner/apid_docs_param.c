/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apid_docs_param: what a parameter is for, where it is sent, and what is sent
 * there. The compiled definition knows bindings, not uses: the first place that
 * binds a parameter is what it is told to be for.
 */
#include "apid_docs_parts.h"

#include <apr_strings.h>
#include <string.h>

/* clang-format off */
static const char *const tests[APID_CONDITIONS] = {
    [APID_EQUAL]          = "is this",
    [APID_NOTEQUAL]       = "is not this",
    [APID_LIKE]           = "is like this: '%' and '_' are wildcards",
    [APID_NOTLIKE]        = "is not like this: '%' and '_' are wildcards",
    [APID_STARTSWITH]     = "begins with this",
    [APID_ENDSWITH]       = "ends with this",
    [APID_CONTAINS]       = "contains this",
    [APID_LESSTHAN]       = "is less than this",
    [APID_LESSOREQUAL]    = "is at most this",
    [APID_GREATERTHAN]    = "is greater than this",
    [APID_GREATEROREQUAL] = "is at least this",
    [APID_BETWEEN]        = "is from the first to the second of these",
    [APID_IN]             = "is one of these",
    [APID_NOTIN]          = "is none of these",
};
/* clang-format on */

static int binds(const apid_binding_t *binding, int param)
{
    return binding->source == APID_SOURCE_PARAM && binding->param == param;
}

static const char *write_fallback(const apid_binding_t *binding,
                                  apr_pool_t *pool)
{
    return binding->literal && binding->literal->text
        ? apr_pstrcat(pool, "; if it is not sent, '", binding->literal->text,
                      "' is", NULL)
        : "";
}

static int use_written(apid_docs_use_t *use, const apid_plan_t *plan,
                       int param, apr_pool_t *pool)
{
    if (binds(&plan->id, param)) {
        use->domain = &plan->module->id.domain;
        use->purpose = apr_pstrcat(pool, "Id of the record in ",
                                   plan->module->label, NULL);
        return 1;
    }
    for (int i = 0; i < plan->nassigns; i++) {
        const apid_assign_t *assign = &plan->assigns[i];
        if (!binds(&assign->binding, param))
            continue;
        use->domain = &assign->field->domain;
        use->written = 1;
        use->filled = assign->field->mandatory;
        use->purpose
            = apr_pstrcat(pool, "Value of ", assign->field->label,
                          write_fallback(&assign->binding, pool), NULL);
        return 1;
    }
    return 0;
}

static const apid_cond_t *find_cond(const apid_cond_t *group, int param)
{
    for (const apid_cond_t *cond = group ? group->first : NULL; cond;
         cond = cond->next) {
        const apid_cond_t *found = cond->first ? find_cond(cond, param)
            : binds(&cond->binding, param) ? cond : NULL;
        if (found)
            return found;
    }
    return NULL;
}

static int is_pattern(apid_condition_e test)
{
    return test == APID_LIKE || test == APID_NOTLIKE
        || test == APID_STARTSWITH || test == APID_ENDSWITH
        || test == APID_CONTAINS;
}

static int use_cond(apid_docs_use_t *use, const apid_plan_t *plan, int param,
                    apr_pool_t *pool)
{
    const apid_cond_t *cond = find_cond(plan->where, param);

    if (!cond)
        return 0;
    use->cond = cond;
    if (!is_pattern(cond->test))
        use->domain = &cond->field->domain;
    use->purpose
        = apr_pstrcat(pool, "Records of ", plan->module->label, " whose ",
                      cond->field->label, " ", tests[cond->test], NULL);
    return 1;
}

static int use_limit(apid_docs_use_t *use, const apid_plan_t *plan, int param)
{
    use->number = binds(&plan->max, param) || binds(&plan->page, param);
    if (binds(&plan->max, param))
        use->purpose = "How many records at most";
    if (binds(&plan->page, param))
        use->purpose = "Number of the page, from 1";
    if (binds(&plan->after, param))
        use->purpose = "Cursor of the records before, from Link";
    return *use->purpose != '\0';
}

apid_docs_use_t apid_docs_use(const apid_api_t *api, int param,
                              apr_pool_t *pool)
{
    apid_docs_use_t use = {.param = &api->params[param], .purpose = ""};
    int found = 0;

    for (int i = 0; i < api->nplans && !found; i++)
        found = use_written(&use, &api->plans[i], param, pool)
            || use_cond(&use, &api->plans[i], param, pool)
            || use_limit(&use, &api->plans[i], param);
    return use;
}

apid_docs_place_e apid_docs_place(const apid_docs_item_t *item,
                                  const char *method, int param)
{
    if (item->entry.api->params[param].hidden)
        return APID_DOCS_NOWHERE;
    if (item->entry.api->params[param].in_path && !item->entry.whole)
        return APID_DOCS_PATH;
    return !strcmp(method, "get") || !strcmp(method, "delete")
        ? APID_DOCS_QUERY : APID_DOCS_BODY;
}

int apid_docs_count(const apid_docs_item_t *item, const char *method,
                    apid_docs_place_e place)
{
    int n = 0;

    for (int i = 0; i < item->entry.api->nparams; i++)
        n += apid_docs_place(item, method, i) == place;
    return n;
}

/** Whether a parameter is a member of a body, if there is one. */
static int is_member(const apid_docs_item_t *item, int param)
{
    return apid_docs_place(item, "post", param) == APID_DOCS_BODY;
}

/** What one of a list is, and what is no list. */
static void write_one(apid_json_t *json, const apid_docs_use_t *use,
                      const char *description)
{
    apid_docs_value_t value = {
        .domain = use->domain,
        .side = APID_DOCS_REQUEST,
        .nullable = use->nullable,
        .filled = use->filled,
        .description = description,
    };

    apid_docs_schema(json, &value);
}

static void write_list(apid_json_t *json, const apid_docs_use_t *use)
{
    apid_json_object(json);
    apid_docs_put(json, "type", "array");
    apid_docs_put(json, "description", use->purpose);
    apid_json_key(json, "items");
    write_one(json, use, NULL);
    if (apid_condition_arity(use->cond->test) == 2) {
        apid_json_key(json, "minItems");
        apid_json_int(json, 2);
        apid_json_key(json, "maxItems");
        apid_json_int(json, 2);
    }
    apid_json_end(json);
}

static void write_number(apid_json_t *json, const apid_docs_use_t *use)
{
    apid_json_object(json);
    apid_docs_put(json, "type", "integer");
    apid_json_key(json, "minimum");
    apid_json_int(json, 1);
    apid_docs_put(json, "description", use->purpose);
    apid_json_end(json);
}

static int is_list(const apid_docs_use_t *use)
{
    return use->cond && apid_condition_arity(use->cond->test) != 1;
}

void apid_docs_param(apid_json_t *json, const apid_docs_use_t *use,
                     apr_pool_t *pool)
{
    if (use->number)
        write_number(json, use);
    else if (is_list(use))
        write_list(json, use);
    else
        write_one(json, use, use->purpose);
}

const char *apid_docs_sample(const apid_docs_use_t *use, apr_pool_t *pool)
{
    const char *one = use->number ? "1"
        : apid_docs_example(use->domain, APID_DOCS_REQUEST, pool);

    if (!is_list(use))
        return one;
    return apid_condition_arity(use->cond->test) == 2
        ? apr_pstrcat(pool, "[", one, ",", one, "]", NULL)
        : apr_pstrcat(pool, "[", one, "]", NULL);
}

/** The member of the object below a name that a parameter is or is in; NULL if
 * it is elsewhere, or told already. */
static const char *find_member(const apid_docs_item_t *item,
                               const char *below, int param, apr_pool_t *pool)
{
    const apid_param_t *params = item->entry.api->params;
    apr_size_t len = strlen(below);
    const char *name = params[param].name;
    apr_size_t end = len;

    if (strncmp(name, below, len) || !is_member(item, param))
        return NULL;
    end += strcspn(name + len, ".");
    for (int i = 0; i < param; i++)
        if (is_member(item, i)
            && !strncmp(params[i].name, name, end)
            && (!params[i].name[end] || params[i].name[end] == '.'))
            return NULL;
    return apr_pstrmemdup(pool, name + len, end - len);
}

static int is_leaf(const apid_docs_item_t *item, const char *below,
                   const char *member, int param)
{
    return strlen(below) + strlen(member)
        == strlen(item->entry.api->params[param].name);
}

/** Whether the member of the object below a name must be sent: it, or
 * something in it. */
static int is_needed(const apid_docs_item_t *item, const char *below,
                     const char *member)
{
    const apid_api_t *api = item->entry.api;
    apr_size_t len = strlen(below), end = len + strlen(member);
    int needed = 0;

    for (int i = 0; i < api->nparams && !needed; i++) {
        const char *name = api->params[i].name;
        needed = api->params[i].required && is_member(item, i)
            && !strncmp(name, below, len)
            && !strncmp(name + len, member, end - len)
            && (!name[end] || name[end] == '.');
    }
    return needed;
}

static void write_required(apid_json_t *json, const apid_docs_item_t *item,
                           const char *below, apr_pool_t *pool)
{
    const apid_api_t *api = item->entry.api;
    int any = 0;

    for (int i = 0; i < api->nparams; i++) {
        const char *member = find_member(item, below, i, pool);
        if (!member || !is_needed(item, below, member))
            continue;
        if (!any++) {
            apid_json_key(json, "required");
            apid_json_array(json);
        }
        apid_json_string(json, member);
    }
    if (any)
        apid_json_end(json);
}

void apid_docs_body(apid_json_t *json, const apid_docs_item_t *item,
                    const char *below, apr_pool_t *pool)
{
    apid_json_object(json);
    apid_docs_put(json, "type", "object");
    apid_json_key(json, "properties");
    apid_json_object(json);
    for (int i = 0; i < item->entry.api->nparams; i++) {
        const char *member = find_member(item, below, i, pool);
        apid_docs_use_t use = apid_docs_use(item->entry.api, i, pool);
        if (!member)
            continue;
        apid_json_key(json, member);
        use.nullable = use.written && use.domain->nullable
            && !use.filled && !use.param->required;
        if (is_leaf(item, below, member, i))
            apid_docs_param(json, &use, pool);
        else
            apid_docs_body(json, item,
                           apr_pstrcat(pool, below, member, ".", NULL), pool);
    }
    apid_json_end(json);
    write_required(json, item, below, pool);
    apid_json_end(json);
}

void apid_docs_sample_body(apid_json_t *json, const apid_docs_item_t *item,
                           const char *below, apr_pool_t *pool)
{
    apid_json_object(json);
    for (int i = 0; i < item->entry.api->nparams; i++) {
        const char *member = find_member(item, below, i, pool);
        apid_docs_use_t use = apid_docs_use(item->entry.api, i, pool);
        const char *sample = apid_docs_sample(&use, pool);
        if (!member)
            continue;
        apid_json_key(json, member);
        if (is_leaf(item, below, member, i))
            apid_json_raw(json, sample, strlen(sample));
        else
            apid_docs_sample_body(json, item,
                                  apr_pstrcat(pool, below, member, ".", NULL),
                                  pool);
    }
    apid_json_end(json);
}
