/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apid_registry_rights: rights of groups to rights of users. Groups are few,
 * users are many: users of the same groups share what these add up to. What
 * is made lives in the page of the users.
 */
#include "apid_registry_parts.h"

#include <apr_strings.h>
#include <string.h>

/* a group while its rights are read */
typedef struct gathered_t {
    apid_group_t group;
    apr_array_header_t *rights; /* apid_right_t */
} gathered_t;

static gathered_t *get_group(apr_hash_t *groups, const char *name,
                             apr_pool_t *pool)
{
    gathered_t *gathered = apr_hash_get(groups, name, APR_HASH_KEY_STRING);

    if (gathered)
        return gathered;
    gathered = apr_pcalloc(pool, sizeof(*gathered));
    gathered->group.name = name;
    gathered->rights = apr_array_make(pool, 8, sizeof(apid_right_t));
    apr_hash_set(groups, name, APR_HASH_KEY_STRING, gathered);
    return gathered;
}

static void take_right(apr_hash_t *groups, const apid_value_t *row,
                       apr_pool_t *pool)
{
    gathered_t *gathered = get_group(groups, apid_store_text(&row[0], pool),
                                     pool);

    apid_store_take_right(apr_array_push(gathered->rights), row, pool);
    gathered->group.rights = (const apid_right_t *)gathered->rights->elts;
    gathered->group.nrights = gathered->rights->nelts;
}

static apid_err_t *read_groups(apr_hash_t **groups, apid_load_t *load)
{
    apr_pool_t *pool = load->page->pool;
    apid_rows_t *rows;
    const apid_value_t *row;
    apid_err_t *err = apid_store_read_rights(&rows, load->store->lease);

    *groups = apr_hash_make(load->pool);
    for (; !err && !(err = apid_db_next(&row, rows)) && row;)
        take_right(*groups, row, pool);
    return err;
}

static const apid_rights_t *add_up(apr_hash_t *groups,
                                   const char *const *names, apid_load_t *load)
{
    apr_array_header_t *of
        = apr_array_make(load->pool, 4, sizeof(apid_group_t *));

    for (; *names; names++) {
        const gathered_t *gathered
            = apr_hash_get(groups, *names, APR_HASH_KEY_STRING);
        if (gathered)
            APR_ARRAY_PUSH(of, const apid_group_t *) = &gathered->group;
    }
    return apid_rights_add_up((const apid_group_t *const *)of->elts, of->nelts,
                              load->page->pool);
}

/* names hold no comma */
static const char *join_names(const char *const *names, apr_pool_t *pool)
{
    const char *text = "";

    for (; *names; names++)
        text = apr_pstrcat(pool, text, ",", *names, NULL);
    return text;
}

static void give_rights(apid_user_t *user, apr_hash_t *groups,
                        apr_hash_t *sums, apid_load_t *load)
{
    const char *key = join_names(user->groups, load->pool);

    user->rights = user->role == APID_ROLE_ADMIN
        ? apid_rights_whole() : apr_hash_get(sums, key, APR_HASH_KEY_STRING);
    if (user->rights)
        return;
    user->rights = add_up(groups, user->groups, load);
    apr_hash_set(sums, key, APR_HASH_KEY_STRING, user->rights);
}

apid_err_t *apid_load_rights(apid_load_t *load)
{
    apr_hash_t *groups, *sums = apr_hash_make(load->pool);
    apid_err_t *err;

    if (!load->arrivals->nelts)
        return NULL;
    err = read_groups(&groups, load);
    for (int i = 0; !err && i < load->arrivals->nelts; i++)
        give_rights(&APR_ARRAY_IDX(load->arrivals, i, apid_known_t *)->shown,
                    groups, sums, load);
    return err;
}
