/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apid_narrow: which records, fields and references of a plan are a user's.
 * Records: the owner becomes a condition that always holds. Fields: those that
 * are hidden are not selected, and must not be told by what is found or in
 * which order either. References: what may not be read is not followed, what
 * is somebody else's is joined as if it were missing.
 */
#include "apid_narrow.h"

#include <apr_strings.h>

/** A plan being narrowed. */
typedef struct narrow_t {
    const apid_call_t *call;
    apr_pool_t *pool;
    const apid_api_t *api; /* plans before this one are narrowed */
    apid_plan_t *plan;
    apid_param_t *params;  /* of api */
    const apid_permit_t *permit;
    unsigned needs;        /* accesses that the operation is */
    int reads;             /* the user may read what the operation touches */
    apid_err_t *err;
} narrow_t;

#define BIT(access) (1u << APID_ACCESS_##access)

/* clang-format off */
static const unsigned needed[APID_OPS] = {
    [APID_OP_SELECT] = BIT(READ),
    [APID_OP_CREATE] = BIT(CREATE),
    [APID_OP_UPDATE] = BIT(UPDATE),
    [APID_OP_UPSERT] = BIT(CREATE) | BIT(UPDATE),
    [APID_OP_DELETE] = BIT(DELETE),
};
/* clang-format on */

static const apid_permit_t *find_permit(const apid_user_t *user,
                                        const apid_module_t *module)
{
    return apid_rights_permit(user ? user->rights : NULL, module->name);
}

static int is_limited(const apid_permit_t *permit, unsigned accesses)
{
    return (permit->all & accesses) != accesses;
}

static apid_err_t *deny(const apid_user_t *user, const apid_plan_t *plan,
                        const char *why, apr_pool_t *pool)
{
    return apid_err_because(apid_err_raise(pool, APID_ERR_ACCESS_DENIED,
                                           "Permission denied"),
                            "user '%s' may not %s %s: %s",
                            user ? user->name : "", apid_op_word(plan->op),
                            plan->module->name, why);
}

static apid_err_t *check_plan(const apid_plan_t *plan,
                              const apid_user_t *user, apr_pool_t *pool)
{
    const apid_permit_t *permit = find_permit(user, plan->module);
    unsigned needs = needed[plan->op];

    if ((permit->granted & needs) != needs)
        return deny(user, plan, "no group of the user allows it", pool);
    if (is_limited(permit, needs) && !plan->module->owner)
        return deny(user, plan, "it is allowed for own records, and the module"
                                " has no owner field", pool);
    return NULL;
}

/** Whether nothing of a plan is kept from the user. */
static int is_whole(const apid_plan_t *plan, const apid_user_t *user)
{
    int i;

    if (!apid_permit_whole(find_permit(user, plan->module),
                           needed[plan->op] | BIT(READ)))
        return 0;
    for (i = 0; i < plan->nrefs; i++)
        if (!apid_permit_whole(find_permit(user, plan->refs[i].module),
                               BIT(READ)))
            return 0;
    return 1;
}

/** The user as a value of a module's owner field, in pool; NULL if it cannot
 * be one. */
static const apid_value_t *find_owner(const apid_user_t *user,
                                      const apid_module_t *module,
                                      apr_pool_t *pool)
{
    apid_value_t *value = apr_pcalloc(pool, sizeof(*value));
    apid_err_t *err = apid_value_parse_text(value, &module->owner->domain,
                                            user->id, pool);

    return err || value->cls == APID_NULL ? NULL : value;
}

static void refuse(narrow_t *n, const char *field, const char *text)
{
    apid_err_t *err = apid_err_raise(n->pool, APID_ERR_ACCESS_DENIED, "%s",
                                     text);

    n->err = apid_err_join(n->err, apid_err_field(err, field));
}

/* ---- what may be seen */

/** Whether a field of the plan's module is hidden, by the operation or from
 * reading. */
static int is_hidden(const narrow_t *n, const apid_field_t *field)
{
    int i;

    for (i = 0; i < APID_ACCESSES; i++)
        if (((n->needs | BIT(READ)) & 1u << i)
            && apid_permit_hides(n->permit, (apid_access_e)i, field->name))
            return 1;
    return 0;
}

/** The argument that an assign is to write, before defaults of the catalog;
 * NULL: none. */
static const apid_arg_t *find_arg(const narrow_t *n,
                                  const apid_binding_t *binding)
{
    const apid_arg_t *arg = binding->literal;

    if (binding->source == APID_SOURCE_PARAM)
        arg = apid_args_find(n->call->args,
                             n->call->api->params[binding->param].name);
    if (arg && arg->kind == APID_ARG_NULL
        && n->call->profile == APID_PROFILE_VTIGER)
        arg = NULL;
    return arg;
}

/** Whether the request itself writes a field. */
static int is_written(const narrow_t *n, const apid_field_t *field)
{
    const apid_plan_t *plan = n->plan;
    int i;

    for (i = 0; plan->op != APID_OP_DELETE && i < plan->nassigns; i++)
        if (plan->assigns[i].field == field)
            return find_arg(n, &plan->assigns[i].binding) != NULL;
    return 0;
}

/** Whether a field may be answered: a user who may not read the record learns
 * from a write no more than its id and what was sent. */
static int is_shown(const narrow_t *n, const apid_field_t *field)
{
    if (field == &n->plan->module->id)
        return 1;
    return !is_hidden(n, field) && (n->reads || is_written(n, field));
}

/** Whether what a reference leads to may be read by the user at all. */
static int is_open(const narrow_t *n, int at)
{
    const apid_ref_t *ref = &n->plan->refs[at];
    const apid_permit_t *permit = find_permit(n->call->user, ref->module);

    if (!(permit->granted & BIT(READ))
        || (is_limited(permit, BIT(READ)) && !ref->owner))
        return 0;
    if (ref->parent < 0)
        return is_shown(n, ref->field);
    return is_open(n, ref->parent)
        && !apid_permit_hides(find_permit(n->call->user,
                                          n->plan->refs[ref->parent].module),
                              APID_ACCESS_READ, ref->field->name);
}

/** Whether a field that is reached by a reference may be read. */
static int is_reached(const narrow_t *n, int ref, const apid_field_t *field)
{
    return is_open(n, ref)
        && !apid_permit_hides(find_permit(n->call->user,
                                          n->plan->refs[ref].module),
                              APID_ACCESS_READ, field->name);
}

static void narrow_refs(narrow_t *n)
{
    apid_plan_t *plan = n->plan;
    apid_ref_t *refs = apr_pmemdup(n->pool, plan->refs,
                                   plan->nrefs * sizeof(*refs));
    int i;

    for (i = 0; i < plan->nrefs; i++)
        if (refs[i].module->owner
            && is_limited(find_permit(n->call->user, refs[i].module),
                          BIT(READ)))
            refs[i].owner = find_owner(n->call->user, refs[i].module, n->pool);
    plan->refs = refs;
}

static void narrow_columns(narrow_t *n)
{
    apid_plan_t *plan = n->plan;
    apid_column_t *columns = apr_pmemdup(n->pool, plan->columns,
                                         plan->ncolumns * sizeof(*columns));
    int i;

    for (i = 0; i < plan->ncolumns; i++)
        columns[i].hidden = columns[i].ref < 0
            ? !is_shown(n, columns[i].field)
            : !is_reached(n, columns[i].ref, columns[i].field);
    plan->columns = columns;
}

/* ---- what may be asked by */

/** What is found, and in which order, tells of the field too. */
static int may_ask(const narrow_t *n, int ref, const apid_field_t *field)
{
    return ref < 0 ? !is_hidden(n, field) : is_reached(n, ref, field);
}

/** What would be refused if it were sent; the documentation does not tell of
 * it. */
static void hide_param(narrow_t *n, const apid_binding_t *binding)
{
    if (binding->source == APID_SOURCE_PARAM)
        n->params[binding->param].hidden = 1;
}

/** What an earlier operation did not read cannot be bound. */
static void check_binding(narrow_t *n, const apid_binding_t *binding)
{
    const apid_plan_t *plan;

    if (binding->source != APID_SOURCE_RESULT)
        return;
    plan = &n->api->plans[binding->op];
    if (plan->columns[binding->column].hidden)
        refuse(n, apr_pstrcat(n->pool, plan->as, ".",
                              plan->columns[binding->column].name, NULL),
               "may not be read");
}

/** The caller is told of what was sent, which may have another name. */
static void refuse_cond(narrow_t *n, const apid_cond_t *cond)
{
    refuse(n, cond->param,
           strcmp(cond->param, cond->name)
               ? "is compared with what may not be read" : "may not be read");
}

/** A condition that is left out asks nothing. */
static int is_left_out(const narrow_t *n, const apid_cond_t *cond)
{
    const apid_arg_t *arg;

    if (!cond->optional || cond->binding.source != APID_SOURCE_PARAM)
        return 0;
    arg = apid_args_find(n->call->args,
                         n->call->api->params[cond->binding.param].name);
    return !arg || arg->kind == APID_ARG_NULL;
}

static void check_where(narrow_t *n, const apid_cond_t *group)
{
    const apid_cond_t *cond;

    for (cond = group ? group->first : NULL; cond; cond = cond->next) {
        if (cond->first) {
            check_where(n, cond);
            continue;
        }
        check_binding(n, &cond->binding);
        if (!may_ask(n, cond->ref, cond->field))
            hide_param(n, &cond->binding);
        if (!is_left_out(n, cond) && !may_ask(n, cond->ref, cond->field))
            refuse_cond(n, cond);
    }
}

static void check_sort(narrow_t *n)
{
    int i;

    for (i = 0; i < n->plan->nsort; i++)
        if (!may_ask(n, n->plan->sort[i].ref, n->plan->sort[i].field))
            refuse(n, n->plan->sort[i].name, "may not be read");
}

/* ---- what may be written */

static int is_kept(const narrow_t *n, const apid_field_t *field)
{
    int i;

    for (i = 0; i < APID_ACCESSES; i++)
        if ((n->needs & 1u << i)
            && apid_permit_keeps(n->permit, (apid_access_e)i, field->name))
            return 1;
    return 0;
}

static int is_sent(const narrow_t *n, const apid_binding_t *binding)
{
    return binding->source == APID_SOURCE_PARAM && find_arg(n, binding);
}

/** Whether an assign of the owner field gives the record to somebody else. */
static int gives_away(const narrow_t *n, const apid_assign_t *assign)
{
    const apid_binding_t *binding = &assign->binding;
    const apid_arg_t *arg = find_arg(n, binding);
    apid_value_t value;

    if (!arg && !(n->needs & BIT(CREATE)))
        arg = binding->literal;
    if (!arg || binding->source == APID_SOURCE_USER_ID)
        return !arg && binding->source > APID_SOURCE_USER_ID;
    return apid_value_parse(&value, &assign->field->domain, arg, n->pool)
        || !apid_value_equal(&value, n->plan->owner, &assign->field->domain,
                             n->pool);
}

/** A record of one's own stays so: nobody else is made its owner. */
static void narrow_owner(narrow_t *n, apid_assign_t *assign)
{
    if (gives_away(n, assign))
        refuse(n, assign->param, "must be yourself");
    if (!find_arg(n, &assign->binding) && (n->needs & BIT(CREATE)))
        assign->binding.source = APID_SOURCE_USER_ID;
}

static void narrow_assigns(narrow_t *n)
{
    apid_plan_t *plan = n->plan;
    apid_assign_t *assigns = apr_pmemdup(n->pool, plan->assigns,
                                         plan->nassigns * sizeof(*assigns));
    int i;

    for (i = 0; i < plan->nassigns; i++) {
        if (is_kept(n, assigns[i].field)) {
            hide_param(n, &assigns[i].binding);
            if (is_sent(n, &assigns[i].binding))
                refuse(n, assigns[i].param, "may not be written");
        }
        check_binding(n, &assigns[i].binding);
        if (plan->owner && assigns[i].field == plan->module->owner)
            narrow_owner(n, &assigns[i]);
    }
    plan->assigns = assigns;
    check_binding(n, &plan->id);
}

/* ---- the whole */

static apid_err_t *narrow_records(narrow_t *n)
{
    apid_plan_t *plan = n->plan;
    unsigned own = n->needs & ~n->permit->all;

    n->reads = (n->permit->all & BIT(READ))
        || ((n->permit->granted & BIT(READ)) && own);
    if (!own)
        return NULL;
    plan->owner = find_owner(n->call->user, plan->module, n->pool);
    return plan->owner ? NULL : deny(
        n->call->user, plan, "it is allowed for own records, and the id of the"
                             " user cannot be that of an owner", n->pool);
}

static apid_err_t *narrow_plan(apid_plan_t *plan, const apid_api_t *api,
                               apid_param_t *params, const apid_call_t *call,
                               apr_pool_t *pool)
{
    narrow_t n = {call, pool, api, plan, params,
                  find_permit(call->user, plan->module), needed[plan->op],
                  0, NULL};
    apid_err_t *err = narrow_records(&n);

    if (err)
        return err;
    narrow_refs(&n);
    narrow_columns(&n);
    check_where(&n, plan->where);
    check_sort(&n);
    if (plan->op != APID_OP_SELECT && plan->op != APID_OP_DELETE)
        narrow_assigns(&n);
    check_binding(&n, &plan->max);
    check_binding(&n, &plan->page);
    check_binding(&n, &plan->after);
    if (!n.err)
        apid_plan_write(plan, pool);
    return n.err;
}

int apid_narrow_lists(const apid_api_t *api, const apid_user_t *user)
{
    if (!api->users && !api->groups)
        return 1;
    for (int i = 0; user->groups && user->groups[i]; i++)
        if (apid_rights_list_has(api->groups, user->groups[i]))
            return 1;
    return apid_rights_list_has(api->users, user->name);
}

int apid_narrow_whole(const apid_api_t *api, const apid_user_t *user)
{
    int i, whole = 1;

    for (i = 0; whole && i < api->nplans; i++)
        whole = is_whole(&api->plans[i], user);
    return whole;
}

apid_err_t *apid_narrow_check(const apid_api_t *api, const apid_user_t *user,
                              apr_pool_t *pool)
{
    apid_err_t *err = NULL;
    int i;

    for (i = 0; !err && i < api->nplans; i++)
        err = check_plan(&api->plans[i], user, pool);
    return err;
}

apid_err_t *apid_narrow_call(const apid_call_t **narrowed,
                             const apid_call_t *call, apr_pool_t *pool)
{
    apid_call_t *copy;
    apid_api_t *api;
    apid_plan_t *plans;
    apid_param_t *params;
    apid_err_t *err = NULL;
    int i;

    *narrowed = call;
    if (apid_narrow_whole(call->api, call->user))
        return NULL;
    err = apid_narrow_check(call->api, call->user, pool);
    if (err)
        return err;
    copy = apr_pmemdup(pool, call, sizeof(*call));
    copy->api = api = apr_pmemdup(pool, call->api, sizeof(*api));
    api->plans = plans = apr_pmemdup(pool, call->api->plans,
                                     api->nplans * sizeof(*plans));
    api->params = params = apr_pmemdup(pool, call->api->params,
                                       api->nparams * sizeof(*params));
    for (i = 0; i < api->nplans; i++)
        err = apid_err_join(err, narrow_plan(&plans[i], api, params, call,
                                             pool));
    *narrowed = copy;
    return err;
}
