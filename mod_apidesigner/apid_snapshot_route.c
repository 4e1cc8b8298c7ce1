/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apid_snapshot_route: what a path leads to, and the other questions to a
 * snapshot. Paths and templates are keys of one hash: a template's parts are
 * written "{}", and a request tries only the shapes (masks) that templates
 * have, literal segments first. Editions that are answered are compiled.
 */
#include "apid_registry_parts.h"

#include <apr_strings.h>
#include <string.h>

/* the segments of a path */
typedef struct cut_t {
    const char *const *segments;
    int n;
} cut_t;

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
static int has_mask(const apid_listed_t *listed, apid_mask_t mask)
{
    return listed->mask.segments == mask.segments
        && listed->mask.parts == mask.parts;
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

/* key was made for one method; its second byte is the method */
static unsigned find_methods(const apid_snapshot_t *snapshot, char *key,
                             apid_mask_t mask)
{
    unsigned methods = 0;

    for (int i = 0; i < APID_METHODS; i++) {
        key[1] = (char)('0' + i);
        const apid_listed_t *listed
            = apr_hash_get(snapshot->paths, key, APR_HASH_KEY_STRING);
        if (listed && has_mask(listed, mask))
            methods |= 1u << i;
    }
    return methods;
}

static const apid_listed_t *find_key(const apid_snapshot_t *snapshot,
                                     const char *key, apid_mask_t mask)
{
    const apid_listed_t *listed
        = apr_hash_get(snapshot->paths, key, APR_HASH_KEY_STRING);

    return listed && has_mask(listed, mask) ? listed : NULL;
}

static void compile_live(const apid_listed_t *listed)
{
    if (listed->shown.live)
        apid_listed_compile((apid_listed_t *)listed,
                            (int)(listed->shown.live - listed->editions));
}

/* what one shape of the path leads to, if nothing better was found */
static void try_shape(apid_route_t *route, const apid_snapshot_t *snapshot,
                      char *key, const cut_t *cut, apid_mask_t mask)
{
    const apid_listed_t *listed = find_key(snapshot, key, mask);

    if (listed && !route->entry) {
        compile_live(listed);
        route->entry = &listed->shown;
        if (mask.segments)
            route->parts
                = take_parts(cut, mask, route->parts->pool);
    }
    route->allowed |= find_methods(snapshot, key, mask);
}

apid_route_t apid_snapshot_route(const apid_snapshot_t *snapshot,
                                 apid_kind_e kind, apid_method_e method,
                                 const apr_array_header_t *segments,
                                 apr_pool_t *pool)
{
    apid_route_t route = {.parts = apr_array_make(pool, 1, sizeof(char *))};
    apid_mask_t none = {0};
    const apid_mask_t *masks = (apid_mask_t *)snapshot->masks->elts;
    cut_t cut = {(const char *const *)segments->elts, segments->nelts};
    const char *path = apr_array_pstrcat(pool, segments, '/');

    try_shape(&route, snapshot,
              (char *)apid_path_key(kind, method, '=', path, pool), &cut,
              none);
    for (int i = 0; i < snapshot->masks->nelts; i++) {
        if (masks[i].segments != cut.n)
            continue;
        const char *shape = write_route(&cut, masks[i], pool);
        try_shape(&route, snapshot,
                  (char *)apid_path_key(kind, method, '*', shape, pool), &cut,
                  masks[i]);
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

    for (int i = 0; i < entry->neditions; i++) {
        const apid_edition_t *edition = &entry->editions[i];
        if (version ? edition->version != version : edition != entry->live)
            continue;
        apid_listed_compile(listed, i);
        return edition;
    }
    return NULL;
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
