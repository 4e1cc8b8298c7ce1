/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apid_plan: one operation to a plan, but for its SQL text: which fields it
 * names, whether they exist and may be written, what is bound to them, what is
 * answered. Rows of `rules` say what each operation asks for.
 */
#include "apid_api_parts.h"
#include "apid_json.h"

#include <apr_strings.h>

typedef struct rule_t {
    int writes;    /* record's fields are written */
    int inserts;   /* mandatory fields must be bound */
    int addressed; /* a where, or an id in record, must say which rows */
    const char *missing;
} rule_t;

/* clang-format off */
static const rule_t rules[APID_OPS] = {
    [APID_OP_SELECT] = {0, 0, 0, NULL},
    [APID_OP_CREATE] = {1, 1, 0, NULL},
    [APID_OP_UPDATE] = {1, 0, 1,
                        "update needs a where, or an id bound in record"},
    [APID_OP_UPSERT] = {1, 1, 0, NULL},
    [APID_OP_DELETE] = {0, 0, 1, "delete needs a where"},
};
/* clang-format on */

static int push_column(apid_compile_t *c, apid_draft_t *draft,
                       const apid_located_t *located, const char *name)
{
    apid_column_t *column = apr_array_push(draft->columns);

    column->name = name;
    column->quoted = apid_json_quote(name, c->pool);
    column->quoted_len = strlen(column->quoted);
    column->sql = located->sql;
    column->field = located->field;
    column->ref = located->ref;
    column->domain = &located->field->domain;
    return draft->columns->nelts - 1;
}

int apid_compile_column(apid_compile_t *c, apid_draft_t *draft,
                        const apid_located_t *located, const char *name)
{
    int i;

    for (i = 0; i < draft->columns->nelts; i++)
        if (!strcmp(APR_ARRAY_IDX(draft->columns, i, apid_column_t).sql,
                    located->sql))
            return i;
    return push_column(c, draft, located, name);
}

/** Adds a column to the answer, under a name that is not taken. */
static void show_column(apid_compile_t *c, apid_draft_t *draft,
                        const apid_vadl_field_t *field)
{
    const char *name = field->alias ? field->alias : field->name;
    apid_located_t located
        = apid_compile_locate(c, draft, field->name, field->place);
    int i;

    for (i = 0; i < draft->columns->nelts; i++)
        if (!strcmp(APR_ARRAY_IDX(draft->columns, i, apid_column_t).name,
                    name)) {
            apid_compile_error(c, field->place, "'%s' is answered twice; "
                               "as=\"...\" gives one another name", name);
            return;
        }
    if (located.field)
        push_column(c, draft, &located, name);
}

static void show_field(apid_compile_t *c, apid_draft_t *draft,
                       const apid_field_t *field)
{
    apid_located_t located = apid_compile_own(c, draft, field);

    if (apid_compile_works(c, draft->module, field, draft->op->place))
        apid_compile_column(c, draft, &located, field->name);
}

/** Shows a field that is written, under the name that the record gives it. */
static void show_written(apid_compile_t *c, apid_draft_t *draft,
                         const apid_field_t *field)
{
    const apr_array_header_t *record = draft->op->record;
    apid_vadl_field_t shown = {.name = field->name,
                               .place = draft->op->place};
    int i;

    for (i = 0; record && i < record->nelts; i++)
        if (!strcmp(APR_ARRAY_IDX(record, i, apid_vadl_field_t).name,
                    field->name))
            shown = APR_ARRAY_IDX(record, i, apid_vadl_field_t);
    show_column(c, draft, &shown);
}

static void show_all(apid_compile_t *c, apid_draft_t *draft)
{
    const apid_module_t *module = draft->module;
    int i;

    if (module->key != APID_KEY_NONE)
        show_field(c, draft, &module->id);
    for (i = 0; i < module->nfields; i++)
        show_field(c, draft, &module->fields[i]);
}

static void show_list(apid_compile_t *c, apid_draft_t *draft,
                      const apr_array_header_t *list)
{
    int i;

    for (i = 0; i < list->nelts; i++)
        show_column(c, draft, &APR_ARRAY_IDX(list, i, apid_vadl_field_t));
}

/** What the operation answers: as told, else all fields (select), else the id
 * and the fields written. */
static void compile_answer(apid_compile_t *c, apid_draft_t *draft)
{
    const apid_vadl_op_t *op = draft->op;
    apid_plan_t *plan = draft->plan;
    const apr_array_header_t *list
        = op->op == APID_OP_SELECT ? op->record : op->answer;
    apid_located_t id;
    int i;

    if (op->op == APID_OP_DELETE)
        return;
    id = apid_compile_own(c, draft, &draft->module->id);
    if (list && list->nelts) {
        show_list(c, draft, list);
    }
    else if (op->op == APID_OP_SELECT) {
        show_all(c, draft);
    }
    else {
        show_written(c, draft, &draft->module->id);
        for (i = 0; i < plan->nassigns; i++)
            show_written(c, draft, plan->assigns[i].field);
    }
    plan->nshown = draft->columns->nelts;
    if (rules[op->op].inserts)
        plan->id_column = apid_compile_column(c, draft, &id, "id");
}

static apid_binding_t bind_written(apid_compile_t *c,
                                   const apid_module_t *module,
                                   const apid_vadl_field_t *written,
                                   const apid_field_t *field)
{
    apid_binding_t binding = {0};

    if (!written->value) {
        apid_compile_missing(c, written->place, "field '%s' has no value; "
                             "expected value=\"@parameter\" or a literal",
                             written->name);
        return binding;
    }
    binding = apid_compile_binding(c, written->value, field, written->place);
    binding.required = written->required;
    if (written->fallback && binding.source == APID_SOURCE_PARAM)
        binding.literal = apid_compile_binding(c,
            written->fallback[0] == '@' && written->fallback[1] != '@'
                ? apr_pstrcat(c->pool, "@", written->fallback, NULL)
                : written->fallback, field, written->place).literal;
    if (binding.literal)
        apid_compile_literal(c, module, field, written, binding.literal);
    apid_compile_fit(c, &binding, written, field);
    return binding;
}

/** What the caller knows a written field by: its parameter, else its name. */
static const char *caller_word(const apid_compile_t *c,
                               const apid_binding_t *binding,
                               const char *name)
{
    return binding->source == APID_SOURCE_PARAM
        ? APR_ARRAY_IDX(c->params, binding->param, apid_param_t).name : name;
}

/** The field that a plan already writes to the column of a field, itself or
 * another one; NULL if there is none. */
static const apid_field_t *find_assigned(const apid_plan_t *plan,
                                         const apid_field_t *field)
{
    int i;

    for (i = 0; i < plan->nassigns; i++) {
        const apid_field_t *other = plan->assigns[i].field;

        if (other->table == field->table
            && !strcasecmp(other->column, field->column))
            return other;
    }
    return NULL;
}

/** Notes what a field is not written for. */
static void check_assign(apid_compile_t *c, const apid_draft_t *draft,
                         const apid_field_t *field, apid_place_t place)
{
    const apid_field_t *other = find_assigned(draft->plan, field);

    if (field->readonly)
        apid_compile_error(c, place, "field '%s' of %s is read-only%s",
                           field->name, draft->module->name, field->is_key
                           ? ": it is the key, which 'id' is and which no "
                             "change rewrites" : "");
    if (other == field)
        apid_compile_error(c, place, "field '%s' is written twice",
                           field->name);
    else if (other)
        apid_compile_error(c, place, "fields '%s' and '%s' are one column: "
                           "only one of them can be written", other->name,
                           field->name);
}

static void compile_assign(apid_compile_t *c, apid_draft_t *draft,
                           apid_assign_t *assigns,
                           const apid_vadl_field_t *written)
{
    apid_plan_t *plan = draft->plan;
    const apid_field_t *field
        = apid_compile_field(c, draft->module, written->name,
                             written->place);
    apid_assign_t *assign = &assigns[plan->nassigns];

    if (!field)
        return;
    if (field == &draft->module->id) {
        if (plan->op == APID_OP_CREATE
            && draft->module->key != APID_KEY_CALLER)
            apid_compile_error(c, written->place, "field 'id' of %s is "
                               "read-only: its key is made, not sent",
                               draft->module->name);
        plan->id = bind_written(c, draft->module, written, field);
        return;
    }
    check_assign(c, draft, field, written->place);
    assign->field = field;
    assign->binding = bind_written(c, draft->module, written, field);
    assign->param = caller_word(c, &assign->binding, written->name);
    plan->nassigns++;
}

/** Fields that the script does not bind but the catalog has a default for are
 * written on create all the same, if they are there; they are not part of the
 * answer. */
static void assign_fallbacks(apid_draft_t *draft)
{
    const apid_module_t *module = draft->module;
    apid_plan_t *plan = draft->plan;
    apid_assign_t *assigns = (apid_assign_t *)plan->assigns;
    int i;

    for (i = 0; i < module->nfields; i++)
        if (module->fields[i].fallback
            && !module->fields[i].fault
            && !find_assigned(plan, &module->fields[i])) {
            assigns[plan->nassigns].field = &module->fields[i];
            assigns[plan->nassigns++].param = module->fields[i].name;
        }
}

static void check_mandatory(apid_compile_t *c, apid_draft_t *draft)
{
    const apid_module_t *module = draft->module;
    apid_plan_t *plan = draft->plan;
    int i;

    for (i = 0; i < module->nfields; i++) {
        const apid_field_t *field = &module->fields[i];

        if (field->mandatory && !field->fallback && !field->readonly
            && !find_assigned(plan, field))
            apid_compile_missing(c, draft->op->place, "mandatory field '%s' of "
                                 "%s is not bound", field->name,
                                 module->name);
    }
    if (module->key == APID_KEY_CALLER && !plan->id.source)
        apid_compile_missing(c, draft->op->place, "the key of %s is made by "
                             "the caller: 'id' is not bound", module->name);
}

static void compile_record(apid_compile_t *c, apid_draft_t *draft)
{
    const apr_array_header_t *record = draft->op->record;
    apid_plan_t *plan = draft->plan;
    apid_assign_t *assigns;
    int i;

    assigns = apr_pcalloc(c->pool, (draft->module->nfields + 1
                                    + (record ? record->nelts : 0))
                                       * sizeof(*assigns));
    plan->assigns = assigns;
    for (i = 0; record && i < record->nelts; i++)
        compile_assign(c, draft, assigns,
                       &APR_ARRAY_IDX(record, i, apid_vadl_field_t));
    if (rules[plan->op].inserts)
        check_mandatory(c, draft);
    else if (!plan->nassigns)
        apid_compile_missing(c, draft->op->place,
                             "%s writes no field; expected one in record",
                             apid_op_word(plan->op));
}

/** A delete reads every field before it, so that the history keeps them: those
 * that work. */
static void assign_all(apid_compile_t *c, apid_draft_t *draft)
{
    const apid_module_t *module = draft->module;
    apid_assign_t *assigns
        = apr_pcalloc(c->pool, (module->nfields + 1) * sizeof(*assigns));
    int i, n = 0;

    for (i = 0; i < module->nfields; i++)
        if (!module->fields[i].fault) {
            assigns[n].field = &module->fields[i];
            assigns[n++].param = module->fields[i].name;
        }
    draft->plan->assigns = assigns;
    draft->plan->nassigns = n;
}

/** Whether a where names one record by its id, and nothing but narrows it. */
static int names_id(const apid_cond_t *group)
{
    const apid_cond_t *cond;

    if (!group || group->glue == APID_GLUE_OR)
        return group && group->first && !group->first->next
            && !group->first->first && group->first->test == APID_EQUAL
            && group->first->field == &group->first->module->id;
    for (cond = group->first; cond; cond = cond->next)
        if (!cond->first && cond->test == APID_EQUAL && !cond->optional
            && cond->field == &cond->module->id)
            return 1;
    return 0;
}

/** In update and delete a condition that is not sent refuses the request. */
static void require_params(apid_compile_t *c, const apid_cond_t *group)
{
    const apid_cond_t *cond;

    for (cond = group ? group->first : NULL; cond; cond = cond->next) {
        if (cond->first)
            require_params(c, cond);
        else if (cond->binding.source == APID_SOURCE_PARAM && !cond->optional)
            APR_ARRAY_IDX(c->params, cond->binding.param,
                          apid_param_t).required = 1;
    }
}

static void require_written(apid_compile_t *c, const apid_plan_t *plan)
{
    int i;

    for (i = 0; i < plan->nassigns; i++) {
        const apid_assign_t *assign = &plan->assigns[i];

        if (assign->binding.source == APID_SOURCE_PARAM
            && !assign->binding.literal
            && (assign->binding.required
                || (plan->op == APID_OP_CREATE && assign->field->mandatory
                    && !assign->field->fallback)))
            APR_ARRAY_IDX(c->params, assign->binding.param,
                          apid_param_t).required = 1;
    }
    if (plan->id.source == APID_SOURCE_PARAM && !plan->id.literal
        && plan->op != APID_OP_UPSERT)
        APR_ARRAY_IDX(c->params, plan->id.param, apid_param_t).required = 1;
}

static apid_binding_t compile_limit(apid_compile_t *c,
                                    const apid_vadl_op_t *op,
                                    const char *text)
{
    apid_binding_t binding = {0};

    if (text)
        binding = apid_compile_binding(c, text, NULL, op->limit_place);
    if (binding.source > APID_SOURCE_PARAM
        && binding.source != APID_SOURCE_RESULT)
        apid_compile_error(c, op->limit_place, "'%s' of <limit> is no number; "
                           "expected a @parameter", text);
    return binding;
}

/** Choices may be those of an ENUM or a SET, which only its rows tell: the
 * number that it sorts by is read, too; of a text that is nonsense, and not
 * used. */
static int compile_place(apid_compile_t *c, apid_draft_t *draft,
                         apid_located_t located, const char *name)
{
    const apid_domain_t *domain = &located.field->domain;

    if (!draft->plan->after.source
        || (domain->type != APID_TYPE_PICKLIST && !domain->set))
        return -1;
    located.sql = apr_pstrcat(c->pool, "CAST(", located.sql, " AS UNSIGNED)",
                              NULL);
    return apid_compile_column(c, draft, &located, name);
}

static void compile_sort(apid_compile_t *c, apid_draft_t *draft)
{
    const apr_array_header_t *list = draft->op->sort;
    apid_plan_t *plan = draft->plan;
    int i, n = list ? list->nelts : 0;
    apid_sort_t *sort = apr_pcalloc(c->pool, (n + 1) * sizeof(*sort));

    for (i = 0; i < n; i++) {
        const apid_vadl_field_t *field
            = &APR_ARRAY_IDX(list, i, apid_vadl_field_t);
        apid_located_t located
            = apid_compile_locate(c, draft, field->name, field->place);

        if (!located.field)
            return;
        sort[i].sql = located.sql;
        sort[i].name = field->name;
        sort[i].field = located.field;
        sort[i].ref = located.ref;
        sort[i].domain = &located.field->domain;
        sort[i].descending = field->descending;
        sort[i].column = plan->after.source
            ? apid_compile_column(c, draft, &located, field->name) : -1;
        sort[i].place = compile_place(c, draft, located, field->name);
    }
    plan->sort = sort;
    plan->nsort = n;
}

static int is_sorted_by(const apid_plan_t *plan, const apid_field_t *field)
{
    int i;

    for (i = 0; i < plan->nsort; i++)
        if (plan->sort[i].domain == &field->domain)
            return 1;
    return 0;
}

/** The key is the last thing sorted by, so that pages are stable. */
static void sort_by_key(apid_compile_t *c, apid_draft_t *draft)
{
    apid_plan_t *plan = draft->plan;
    apid_sort_t *sort = (apid_sort_t *)plan->sort + plan->nsort;
    apid_located_t located;

    if (!plan->sort || is_sorted_by(plan, &draft->module->id))
        return;
    if (draft->module->key == APID_KEY_NONE) {
        if (plan->after.source)
            apid_compile_error(c, draft->op->limit_place, "%s has no key: "
                               "'after' needs one", draft->module->name);
        return;
    }
    located = apid_compile_own(c, draft, &draft->module->id);
    sort->sql = located.sql;
    sort->name = located.field->name;
    sort->field = located.field;
    sort->ref = located.ref;
    sort->domain = &located.field->domain;
    sort->column = plan->after.source
        ? apid_compile_column(c, draft, &located, "id") : -1;
    sort->place = -1;
    plan->nsort++;
}

static void compile_select(apid_compile_t *c, apid_draft_t *draft)
{
    const apid_vadl_op_t *op = draft->op;
    apid_plan_t *plan = draft->plan;

    plan->max = compile_limit(c, op, op->max);
    plan->page = compile_limit(c, op, op->page);
    plan->after = compile_limit(c, op, op->after);
    plan->paged = plan->page.source || plan->after.source;
    if (plan->one && plan->by_id && draft->module->nmarks) {
        plan->tag = apr_pcalloc(c->pool, draft->module->nmarks
                                             * sizeof(*plan->tag));
        draft->used |= draft->module->mark_tables;
    }
    compile_sort(c, draft);
    sort_by_key(c, draft);
}

void apid_compile_op(apid_compile_t *c, apid_draft_t *draft)
{
    const apid_vadl_op_t *op = draft->op;
    apid_plan_t *plan = draft->plan;
    const rule_t *rule = &rules[op->op];

    if (op->op != APID_OP_SELECT && draft->module->readonly) {
        apid_compile_error(c, op->place, "%s is read-only: only select is "
                           "possible", draft->module->name);
        return;
    }
    if (op->op != APID_OP_SELECT && draft->module->unwritable)
        apid_compile_error(c, op->place, "module '%s' cannot be written: %s",
                           draft->module->name, draft->module->unwritable);
    if (rule->writes)
        compile_record(c, draft);
    if (op->op == APID_OP_DELETE)
        assign_all(c, draft);
    compile_answer(c, draft);
    if (rule->inserts)
        assign_fallbacks(draft);
    if (op->where)
        plan->where = apid_compile_where(c, draft, op->where);
    if (rule->addressed && !plan->id.source
        && (!plan->where || !plan->where->first))
        apid_compile_missing(c, op->place, "%s", rule->missing);
    plan->by_id = plan->id.source || names_id(plan->where);
    if (op->op == APID_OP_SELECT)
        compile_select(c, draft);
    else {
        require_params(c, plan->where);
        require_written(c, plan);
    }
}
