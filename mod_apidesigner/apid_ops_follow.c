/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apid_ops_follow: what groups may not read or write they still may not when a
 * module gives its column another name. Rights name fields; a field whose
 * name is gone, or stands for another column now, goes by the names that its
 * column has got.
 */
#include "apid_ops_parts.h"

#include <apr_strings.h>
#include <string.h>

/* a right, and whose it is */
typedef struct held_t {
    const char *group;
    apid_right_t right;
} held_t;

/* a module as it was and as it is, and whether a right was told otherwise */
typedef struct follow_t {
    const apid_module_t *old, *module;
    apr_pool_t *pool;
    int changed;
} follow_t;

static apid_err_t *read_held(apr_array_header_t **list, apid_ops_call_t *call,
                             const char *module)
{
    apid_rows_t *rows;
    const apid_value_t *row;
    apid_err_t *err = apid_store_read_rights(&rows, call->store->lease);

    *list = apr_array_make(call->pool, 8, sizeof(held_t));
    for (; !err && !(err = apid_db_next(&row, rows)) && row;) {
        held_t held;
        held.group = apid_store_text(&row[0], call->pool);
        apid_store_take_right(&held.right, row, call->pool);
        if (!strcmp(held.right.module, module))
            APR_ARRAY_PUSH(*list, held_t) = held;
    }
    return err;
}

static int is_same(const follow_t *follow, const apid_field_t *old,
                   const apid_field_t *field)
{
    return !strcasecmp(old->raw_column, field->raw_column)
        && !strcmp(follow->old->tables[old->table].name,
                   follow->module->tables[field->table].name);
}

/* adds what the column that a name stood for is called now */
static void push_names(apr_array_header_t *names, follow_t *follow,
                       const char *name)
{
    const apid_field_t *old = apid_module_field(follow->old, name);
    const apid_field_t *now = apid_module_field(follow->module, name);

    APR_ARRAY_PUSH(names, const char *) = name;
    if (!old || (now && is_same(follow, old, now)))
        return;
    for (int i = 0; i < follow->module->nfields; i++) {
        if (!is_same(follow, old, &follow->module->fields[i]))
            continue;
        APR_ARRAY_PUSH(names, const char *) = follow->module->fields[i].name;
        follow->changed = 1;
    }
}

/* names that are gone stay: should they come back, they are kept too */
static const char *const *follow_names(follow_t *follow,
                                       const char *const *names)
{
    apr_array_header_t *all = apr_array_make(follow->pool, 8, sizeof(char *));

    if (!names)
        return NULL;
    for (; *names; names++)
        push_names(all, follow, *names);
    APR_ARRAY_PUSH(all, const char *) = NULL;
    return (const char *const *)all->elts;
}

static apid_err_t *follow_right(follow_t *follow, apid_ops_call_t *call,
                                held_t *held)
{
    follow->changed = 0;
    held->right.hidden = follow_names(follow, held->right.hidden);
    held->right.readonly = follow_names(follow, held->right.readonly);
    return follow->changed ? apid_store_set_right(call->store, held->group,
                                                  &held->right) : NULL;
}

apid_err_t *apid_ops_follow(apid_ops_call_t *call, const apid_module_t *old,
                            const apid_module_t *module)
{
    apr_array_header_t *list;
    follow_t follow = {old, module, call->pool, 0};
    apid_err_t *err = read_held(&list, call, module->name);

    for (int i = 0; !err && i < list->nelts; i++)
        err = follow_right(&follow, call, &APR_ARRAY_IDX(list, i, held_t));
    return err;
}
