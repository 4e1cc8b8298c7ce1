/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apid_cond: the conditions of a where: which field, which test, bound to
 * what. How a test is written in SQL depends on the request (arrays, empty
 * texts) and is apid_where's.
 */
#include "apid_api_parts.h"

#include <apr_lib.h>
#include <apr_strings.h>

/** Tests that compare with text as it is, whatever the field's type. */
static int takes_text(apid_condition_e test)
{
    return test == APID_LIKE || test == APID_NOTLIKE
        || test == APID_STARTSWITH || test == APID_ENDSWITH
        || test == APID_CONTAINS;
}

/** Tests that a composite id can take: the others need one column. */
static int takes_key(apid_condition_e test)
{
    return test == APID_EQUAL || test == APID_IN;
}

/** As apid_param_t's list. */
static int takes_list(apid_condition_e test)
{
    if (test == APID_BETWEEN)
        return 2;
    return apid_condition_arity(test) < 0 || test == APID_EQUAL
        || test == APID_NOTEQUAL;
}

static apid_arg_t *append_item(apid_arg_t *list, apid_arg_t *last,
                               const char *text, apr_pool_t *pool)
{
    apid_arg_t *item = apid_arg_literal(text, pool);

    if (last)
        last->next = item;
    else
        list->items = item;
    list->nitems++;
    return item;
}

/** "a, b" to an array of two. */
static apid_arg_t *split_list(const char *text, apr_pool_t *pool)
{
    apid_arg_t *list = apr_pcalloc(pool, sizeof(*list)), *last = NULL;
    const char *end;

    list->kind = APID_ARG_ARRAY;
    while (*text) {
        const char *stop;

        while (apr_isspace(*text))
            text++;
        end = text + strcspn(text, ",");
        for (stop = end; stop > text && apr_isspace(stop[-1]); stop--)
            continue;
        last = append_item(list, last,
                           apr_pstrmemdup(pool, text, stop - text), pool);
        text = *end ? end + 1 : end;
    }
    return list;
}

static void check_value(apid_compile_t *c, const apid_cond_t *cond,
                        const apid_vadl_field_t *test, const apid_arg_t *arg)
{
    if (!takes_text(test->condition) && arg->len)
        apid_compile_literal(c, cond->module, cond->field, test, arg);
}

/** Checks a literal; one for a test of several values becomes a list. */
static void check_literal(apid_compile_t *c, apid_cond_t *cond,
                          const apid_vadl_field_t *test)
{
    int arity = apid_condition_arity(test->condition);
    const apid_arg_t *item, *literal = cond->binding.literal;
    apid_arg_t *list;

    if (arity == 1) {
        check_value(c, cond, test, literal);
        return;
    }
    list = split_list(literal->text, c->pool);
    if (literal->text[0] == '['
        && apid_arg_parse_json(&list, literal->text, literal->len, c->pool))
        apid_compile_error(c, test->place, "'%s' is no JSON array",
                           literal->text);
    if (arity == 2 && list->nitems != 2)
        apid_compile_error(c, test->place, "between needs two values, such "
                           "as \"1,9\"; found %d", list->nitems);
    for (item = list->items; item; item = item->next)
        check_value(c, cond, test, item);
    cond->binding.literal = list;
}

static void bind_test(apid_compile_t *c, apid_cond_t *cond,
                      const apid_vadl_field_t *test)
{
    if (apid_condition_arity(test->condition) == 0)
        return;
    if (!test->value) {
        apid_compile_missing(c, test->place, "condition %s on '%s' has no "
                             "value; expected value=\"@parameter\" or a "
                             "literal", apid_condition_word(test->condition),
                             test->name);
        return;
    }
    cond->binding = apid_compile_binding(c, test->value, cond->field,
                                         test->place);
    if (cond->binding.literal)
        check_literal(c, cond, test);
    else if (test->condition == APID_BETWEEN
             && cond->binding.source != APID_SOURCE_PARAM)
        apid_compile_error(c, test->place, "between needs two values, such "
                           "as \"1,9\"; found '%s'", test->value);
    else if (!takes_text(test->condition))
        apid_compile_fit(c, &cond->binding, test, cond->field);
    if (cond->binding.source == APID_SOURCE_PARAM) {
        apid_param_t *param = &APR_ARRAY_IDX(c->params, cond->binding.param,
                                             apid_param_t);

        cond->param = param->name;
        if (!param->list)
            param->list = takes_list(test->condition);
    }
}

static apid_cond_t *compile_test(apid_compile_t *c, apid_draft_t *draft,
                                 const apid_vadl_field_t *test)
{
    apid_cond_t *cond = apr_pcalloc(c->pool, sizeof(*cond));
    apid_located_t located
        = apid_compile_locate(c, draft, test->name, test->place);

    if (!located.field)
        return NULL;
    cond->test = test->condition;
    cond->field = located.field;
    cond->module = located.module;
    cond->name = test->name;
    cond->ref = located.ref;
    cond->sql = located.sql;
    cond->param = test->name;
    cond->optional = test->optional;
    cond->place = test->place;
    if (located.field == &located.module->id
        && located.module->tables[0].ncolumns > 1) {
        cond->sql = NULL;
        if (!takes_key(test->condition) || located.module != draft->module)
            apid_compile_error(c, test->place, "the id of %s has several "
                               "columns: only equal and in are possible",
                               located.module->name);
    }
    bind_test(c, cond, test);
    return cond;
}

apid_cond_t *apid_compile_where(apid_compile_t *c, apid_draft_t *draft,
                                const apid_vadl_where_t *where)
{
    apid_cond_t *group = apr_pcalloc(c->pool, sizeof(*group));
    apid_cond_t **last = &group->first;
    int i;

    group->glue = where->glue;
    for (i = 0; i < where->tests->nelts; i++) {
        const apid_vadl_test_t *test
            = &APR_ARRAY_IDX(where->tests, i, apid_vadl_test_t);

        *last = test->field ? compile_test(c, draft, test->field)
                            : apid_compile_where(c, draft, test->where);
        if (*last)
            last = &(*last)->next;
    }
    return group;
}
