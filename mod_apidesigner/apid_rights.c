/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apid_rights: rights of groups are added up once, when users are loaded: a
 * permit per module that some group names, and one for all others. A request
 * looks its permit up by the module's name.
 */
#include "apid_rights.h"

#include <apr_hash.h>
#include <apr_tables.h>
#include <string.h>

#define EVERYTHING ((1u << APID_ACCESSES) - 1)

struct apid_rights_t {
    apr_hash_t *permits; /* name of module to apid_permit_t; NULL: none */
    apid_permit_t others;
};

static const char *const words[APID_ACCESSES]
    = {"create", "read", "update", "delete"};

int apid_rights_list_has(const char *const *list, const char *name)
{
    for (; list && *list; list++)
        if (!strcmp(*list, name))
            return 1;
    return 0;
}

/* what is in both lists */
static const char *const *intersect(const char *const *a,
                                    const char *const *b, apr_pool_t *pool)
{
    apr_array_header_t *both = apr_array_make(pool, 4, sizeof(char *));

    for (; a && *a; a++)
        if (apid_rights_list_has(b, *a))
            APR_ARRAY_PUSH(both, const char *) = *a;
    if (!both->nelts)
        return NULL;
    APR_ARRAY_PUSH(both, const char *) = NULL;
    return (const char *const *)both->elts;
}

/* what is in either */
static const char *const *unite(const char *const *a, const char *const *b,
                                apr_pool_t *pool)
{
    apr_array_header_t *either = apr_array_make(pool, 4, sizeof(char *));

    if (!a || !b)
        return a ? a : b;
    for (; *a; a++)
        APR_ARRAY_PUSH(either, const char *) = *a;
    for (; *b; b++)
        APR_ARRAY_PUSH(either, const char *) = *b;
    APR_ARRAY_PUSH(either, const char *) = NULL;
    return (const char *const *)either->elts;
}

static void add_access(apid_permit_t *permit, const apid_right_t *right,
                       apid_access_e access, apr_pool_t *pool)
{
    unsigned bit = 1u << access;
    const char *const *hidden = right->hidden;
    const char *const *kept = unite(right->hidden, right->readonly, pool);

    if (!(right->granted & bit))
        return;
    if (permit->granted & bit) {
        hidden = intersect(permit->hidden[access], hidden, pool);
        kept = intersect(permit->kept[access], kept, pool);
    }
    permit->hidden[access] = hidden;
    permit->kept[access] = kept;
    permit->granted |= bit;
    if (!right->own)
        permit->all |= bit;
}

static const apid_right_t *find_right(const apid_group_t *group,
                                      const char *module)
{
    for (int i = 0; i < group->nrights; i++)
        if (!strcmp(group->rights[i].module, module))
            return &group->rights[i];
    return NULL;
}

static void add_groups(apid_permit_t *permit, const char *module,
                       const apid_group_t *const *groups, int n,
                       apr_pool_t *pool)
{
    for (int i = 0; i < n; i++) {
        const apid_right_t *right = find_right(groups[i], module);
        if (!right)
            right = find_right(groups[i], APID_EVERY_MODULE);
        for (int access = 0; right && access < APID_ACCESSES; access++)
            add_access(permit, right, (apid_access_e)access, pool);
    }
}

const apid_rights_t *apid_rights_add_up(const apid_group_t *const *groups,
                                        int n, apr_pool_t *pool)
{
    apid_rights_t *rights = apr_pcalloc(pool, sizeof(*rights));

    rights->permits = apr_hash_make(pool);
    add_groups(&rights->others, APID_EVERY_MODULE, groups, n, pool);
    for (int i = 0; i < n; i++)
        for (int k = 0; k < groups[i]->nrights; k++) {
            const char *module = groups[i]->rights[k].module;
            apid_permit_t *permit;

            if (apr_hash_get(rights->permits, module, APR_HASH_KEY_STRING))
                continue;
            permit = apr_pcalloc(pool, sizeof(*permit));
            add_groups(permit, module, groups, n, pool);
            apr_hash_set(rights->permits, module, APR_HASH_KEY_STRING,
                         permit);
        }
    return rights;
}

const apid_rights_t *apid_rights_whole(void)
{
    static const apid_rights_t whole
        = {.others = {.granted = EVERYTHING, .all = EVERYTHING}};

    return &whole;
}

const apid_permit_t *apid_rights_permit(const apid_rights_t *rights,
                                        const char *module)
{
    static const apid_permit_t nothing;
    const apid_permit_t *permit = NULL;

    if (!rights)
        return &nothing;
    if (rights->permits)
        permit = apr_hash_get(rights->permits, module, APR_HASH_KEY_STRING);
    return permit ? permit : &rights->others;
}

int apid_permit_whole(const apid_permit_t *permit, unsigned accesses)
{
    const unsigned writes = 1u << APID_ACCESS_CREATE | 1u << APID_ACCESS_UPDATE;

    if ((permit->all & accesses) != accesses)
        return 0;
    for (int i = 0; i < APID_ACCESSES; i++)
        if ((accesses & 1u << i)
            && (permit->hidden[i] || ((writes & 1u << i) && permit->kept[i])))
            return 0;
    return 1;
}

int apid_permit_hides(const apid_permit_t *permit, apid_access_e access,
                      const char *field)
{
    return apid_rights_list_has(permit->hidden[access], field);
}

int apid_permit_keeps(const apid_permit_t *permit, apid_access_e access,
                      const char *field)
{
    return apid_rights_list_has(permit->kept[access], field);
}

const char *apid_access_word(apid_access_e access)
{
    return words[access];
}

apid_access_e apid_access_parse(const char *word)
{
    int i = 0;

    while (i < APID_ACCESSES && strcmp(words[i], word))
        i++;
    return (apid_access_e)i;
}
