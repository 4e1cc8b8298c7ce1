/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apid_registry_versions: where the versions of a definition are called, which
 * only their documents say. What is called as the live version is shares its
 * route; any other one gets a route of its own.
 */
#include "apid_registry_parts.h"

#include <apr_strings.h>
#include <string.h>

static const char *keep_path(const char *path, const apid_listed_t *listed)
{
    return strcmp(path, listed->shown.path)
        ? apr_pstrdup(listed->page->pool, path) : listed->shown.path;
}

void apid_edition_place(apid_edition_t *edition, const apid_listed_t *listed,
                        const apid_value_t *document, apr_pool_t *scratch)
{
    const apid_entry_point_t *shown = &listed->shown;
    apid_vadl_t *vadl = NULL;
    apid_err_t *err = document && document->cls != APID_NULL
        ? apid_vadl_parse(&vadl, document->text, document->len, scratch)
        : NULL;

    edition->kind = shown->kind;
    edition->method = shown->method;
    edition->path = shown->path;
    /* one that is broken answers nothing, wherever it is */
    if (!err && vadl) {
        edition->kind = vadl->kind;
        edition->method = vadl->method;
        edition->path = keep_path(vadl->path ? vadl->path : shown->name,
                                  listed);
    }
    apr_pool_clear(scratch);
}

/* gives whether it is not the live edition's */
static int take_route(apid_moved_t *moved, const apid_listed_t *listed,
                      const apid_edition_t *edition, apr_pool_t *scratch)
{
    const char *route = apid_api_route(edition->path, scratch), *key;

    moved->mask = apid_path_mask(route);
    key = apid_path_key(edition->kind, edition->method,
                        moved->mask.segments ? '*' : '=', route, scratch);
    moved->key = apid_moved_key(edition->version, key, scratch);
    return strcmp(key, listed->key) != 0;
}

void apid_listed_move(apid_listed_t *listed, apr_pool_t *scratch)
{
    apid_moved_t moved = {.listed = listed};
    apr_pool_t *pool = listed->page->pool;
    apr_array_header_t *list
        = apr_array_make(scratch, 1, sizeof(apid_moved_t));

    for (int i = 0; listed->key && i < listed->shown.neditions; i++) {
        if (!take_route(&moved, listed, &listed->editions[i], scratch))
            continue;
        moved.edition = i;
        moved.key = apr_pstrdup(pool, moved.key);
        listed->slots[i].moved = 1;
        APR_ARRAY_PUSH(list, apid_moved_t) = moved;
    }
    listed->moved = apr_pmemdup(
        pool, list->elts, (apr_size_t)list->nelts * sizeof(apid_moved_t));
    listed->nmoved = list->nelts;
    apr_pool_clear(scratch);
}
