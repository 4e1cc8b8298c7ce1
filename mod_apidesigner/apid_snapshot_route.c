/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apid_snapshot_route: what a path leads to, and the other questions to a
 * snapshot. Paths and templates are keys of one hash: a template's parts are
 * written "{}", and a request tries only the shapes (masks) that templates
 * have, literal segments first. Versions that are called otherwise than the
 * live one are in a hash of their own, which only a request for a version looks
 * into. Editions that are answered are compiled.
 */
#include "apid_registry_parts.h"

#include <apr_strings.h>
#include <string.h>

/* the segments of a path */
typedef struct cut_t {
    const char *const *segments;
    int n;
} cut_t;

/* one shape of a path that is looked for */
typedef struct search_t {
    const apid_snapshot_t *snapshot;
    apr_pool_t *pool;
    int version; /* 0: the live one */
    apid_mask_t mask;
    char *key;
} search_t;

typedef struct found_t {
    const apid_listed_t *listed; /* NULL: nothing */
    int edition;                 /* its index; -1: none */
} found_t;

static int is_part(apid_mask_t mask, int segment)
{
    return (mask.parts & (0x80000000u >> segment)) != 0;
}

static const char *write_route(const cut_t *cut, apid_mask_t mask,
                               apr_pool_t *pool)
{
    const char *route = "";

    for (int i = 0; i < cut->n; i++)
        route = apr_pstrcat(pool, route, i ? "/" : "",
                            is_part(mask, i) ? "{}" : cut->segments[i], NULL);
    return route;
}

/* a segment that is "{}" itself must not pass for a part */
static int has_mask(apid_mask_t own, apid_mask_t mask)
{
    return own.segments == mask.segments && own.parts == mask.parts;
}

static apr_array_header_t *take_parts(const cut_t *cut, apid_mask_t mask,
                                      apr_pool_t *pool)
{
    apr_array_header_t *parts = apr_array_make(pool, 2, sizeof(char *));

    for (int i = 0; i < cut->n; i++)
        if (is_part(mask, i))
            APR_ARRAY_PUSH(parts, const char *) = cut->segments[i];
    return parts;
}

/* -1: there is none */
static int find_version(const apid_listed_t *listed, int version)
{
    for (int i = 0; i < listed->shown.neditions; i++)
        if (listed->editions[i].version == version)
            return i;
    return -1;
}

static const apid_listed_t *find_live(const search_t *search)
{
    const apid_listed_t *listed = apr_hash_get(
        search->snapshot->paths, search->key, APR_HASH_KEY_STRING);

    return listed && has_mask(listed->mask, search->mask) ? listed : NULL;
}

static found_t find_moved(const search_t *search)
{
    const char *key = apid_moved_key(search->version, search->key,
                                     search->pool);
    const apid_moved_t *moved
        = apr_hash_get(search->snapshot->moved, key, APR_HASH_KEY_STRING);
    found_t none = {NULL, -1};

    return moved && has_mask(moved->mask, search->mask)
        ? (found_t){moved->listed, moved->edition} : none;
}

/* without an edition: what is live there, if anything */
static found_t find(const search_t *search)
{
    const apid_listed_t *listed = find_live(search);
    found_t found = {listed, -1}, moved;

    if (!search->version) {
        if (listed && listed->shown.live)
            found.edition = (int)(listed->shown.live - listed->editions);
        return found;
    }
    if (listed)
        found.edition = find_version(listed, search->version);
    if (found.edition >= 0 && !listed->slots[found.edition].moved)
        return found;
    found.edition = -1;
    moved = find_moved(search);
    return moved.listed ? moved : found;
}

/* key was made for one method; its second byte is the method */
static unsigned find_methods(search_t *search)
{
    unsigned methods = 0;

    for (int i = 0; i < APID_METHODS; i++) {
        search->key[1] = (char)('0' + i);
        found_t found = find(search);
        if (search->version ? found.edition >= 0 : found.listed != NULL)
            methods |= 1u << i;
    }
    return methods;
}

static void compile_live(const apid_listed_t *listed)
{
    if (listed->shown.live)
        apid_listed_compile((apid_listed_t *)listed,
                            (int)(listed->shown.live - listed->editions));
}

static void take(apid_route_t *route, const found_t *found)
{
    compile_live(found->listed);
    route->entry = &found->listed->shown;
    if (found->edition < 0)
        return;
    apid_listed_compile((apid_listed_t *)found->listed, found->edition);
    route->edition = &found->listed->editions[found->edition];
}

/* Whether something was found, and nothing better before: what is live by a
 * better shape gives way only to a version that is at its own path no more. */
static int is_better(const found_t *found, const apid_route_t *route)
{
    if (!found->listed || route->edition)
        return 0;
    return !route->entry
        || (found->edition >= 0
            && found->listed->slots[found->edition].moved);
}

/* what one shape of the path leads to, if nothing better was found */
static void try_shape(apid_route_t *route, search_t *search, const cut_t *cut)
{
    found_t found = find(search);

    if (is_better(&found, route)) {
        take(route, &found);
        if (search->mask.segments)
            route->parts = take_parts(cut, search->mask, search->pool);
    }
    route->allowed |= find_methods(search);
}

apid_route_t apid_snapshot_route(const apid_snapshot_t *snapshot,
                                 const apid_sought_t *sought,
                                 apr_pool_t *pool)
{
    apid_route_t route = {.parts = apr_array_make(pool, 1, sizeof(char *))};
    search_t search = {snapshot, pool, sought->version, {0}, NULL};
    const apr_array_header_t *masks
        = sought->version ? snapshot->all_masks : snapshot->masks;
    cut_t cut = {(const char *const *)sought->segments->elts,
                 sought->segments->nelts};

    search.key = (char *)apid_path_key(
        sought->kind, sought->method, '=',
        apr_array_pstrcat(pool, sought->segments, '/'), pool);
    try_shape(&route, &search, &cut);
    for (int i = 0; i < masks->nelts; i++) {
        search.mask = APR_ARRAY_IDX(masks, i, apid_mask_t);
        if (search.mask.segments != cut.n)
            continue;
        search.key = (char *)apid_path_key(
            sought->kind, sought->method, '*',
            write_route(&cut, search.mask, pool), pool);
        try_shape(&route, &search, &cut);
    }
    return route;
}

const apid_entry_point_t *apid_snapshot_named(const apid_snapshot_t *snapshot,
                                              const char *name)
{
    const apid_listed_t *listed
        = apr_hash_get(snapshot->names, name, APR_HASH_KEY_STRING);

    if (!listed)
        return NULL;
    compile_live(listed);
    return &listed->shown;
}

const apid_edition_t *apid_snapshot_edition(const apid_entry_point_t *entry,
                                            int version)
{
    apid_listed_t *listed = (apid_listed_t *)entry;
    int i = version         ? find_version(listed, version)
        : entry->live != NULL ? (int)(entry->live - entry->editions) : -1;

    if (i < 0)
        return NULL;
    apid_listed_compile(listed, i);
    return &entry->editions[i];
}

const apid_user_t *apid_snapshot_user(const apid_snapshot_t *snapshot,
                                      const char *name)
{
    const apid_known_t *known
        = apr_hash_get(snapshot->users, name, APR_HASH_KEY_STRING);

    return known ? &known->shown : NULL;
}

const apid_entry_point_t *apid_snapshot_reader(const apid_snapshot_t *snapshot,
                                               const apid_module_t *module)
{
    const apid_listed_t *listed = apr_hash_get(
        snapshot->readers, module->name, APR_HASH_KEY_STRING);

    return listed ? &listed->shown : NULL;
}

const unsigned char *apid_snapshot_seal(const apid_snapshot_t *snapshot)
{
    return snapshot->seal;
}

const apid_catalog_t *apid_snapshot_catalog(const apid_snapshot_t *snapshot)
{
    return APR_ARRAY_IDX(snapshot->pages, 0, apid_page_t *)->catalog;
}

/* an entry's address is that of what is shown of it */
const apr_array_header_t *apid_snapshot_entries(
    const apid_snapshot_t *snapshot)
{
    return snapshot->entries;
}
