/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apid_snapshot: makes a snapshot out of the one before and what was read
 * since. Hashes are copied and changed, pages are shared; the one before stays
 * as it is. Questions are answered by apid_snapshot_route.
 */
#include "apid_registry_parts.h"

#include <apr_strings.h>
#include <stdlib.h>
#include <string.h>

#define PART "{}"

apid_page_t *apid_page_open(void)
{
    apr_pool_t *pool;
    apid_page_t *page;

    /* no parent: it goes when the last snapshot lets go, in any thread */
    apr_pool_create_unmanaged_ex(&pool, NULL, NULL);
    page = apr_pcalloc(pool, sizeof(*page));
    page->pool = pool;
    atomic_init(&page->count, 1);
    apr_thread_mutex_create(&page->mutex, APR_THREAD_MUTEX_DEFAULT, pool);
    return page;
}

void apid_page_release(apid_page_t *page)
{
    if (atomic_fetch_sub(&page->count, 1) == 1)
        apr_pool_destroy(page->pool);
}

const char *apid_path_key(apid_kind_e kind, apid_method_e method, char shape,
                          const char *path, apr_pool_t *pool)
{
    char head[4] = {kind == APID_KIND_WEBHOOK ? 'w' : 'a',
                    (char)('0' + (kind == APID_KIND_WEBHOOK ? 0 : method)),
                    shape, '\0'};

    return apr_pstrcat(pool, head, path, NULL);
}

const char *apid_moved_key(int version, const char *key, apr_pool_t *pool)
{
    return apr_psprintf(pool, "%d %s", version, key);
}

/* a template whose segments are all literal has no mask */
apid_mask_t apid_path_mask(const char *route)
{
    apid_mask_t mask = {0};

    for (const char *at = route; at && mask.segments < APID_MAX_SEGMENTS;) {
        apr_size_t len = strcspn(at, "/");
        if (len == 2 && !strncmp(at, PART, 2))
            mask.parts |= 0x80000000u >> mask.segments;
        mask.segments++;
        at = at[len] ? at + len + 1 : NULL;
    }
    if (!mask.parts)
        mask.segments = 0;
    return mask;
}

static int compare_masks(const void *a, const void *b)
{
    const apid_mask_t *x = a, *y = b;

    if (x->segments != y->segments)
        return x->segments - y->segments;
    return x->parts < y->parts ? -1 : x->parts > y->parts;
}

static int compare_names(const void *a, const void *b)
{
    return strcmp((*(apid_listed_t *const *)a)->shown.name,
                  (*(apid_listed_t *const *)b)->shown.name);
}

static void add_mask(apr_array_header_t *masks, apid_mask_t mask)
{
    if (!mask.segments)
        return;
    if (masks->nelts
        && bsearch(&mask, masks->elts, (size_t)masks->nelts, sizeof(mask),
                   compare_masks))
        return;
    APR_ARRAY_PUSH(masks, apid_mask_t) = mask;
    qsort(masks->elts, (size_t)masks->nelts, sizeof(mask), compare_masks);
}

static void add_entry(apid_snapshot_t *snapshot, apid_listed_t *listed)
{
    apr_hash_set(snapshot->names, listed->shown.name, APR_HASH_KEY_STRING,
                 listed);
    if (listed->key)
        apr_hash_set(snapshot->paths, listed->key, APR_HASH_KEY_STRING,
                     listed);
    add_mask(snapshot->masks, listed->mask);
    listed->page->live++;
}

/* before any is added: a name or path may go from one to another */
static void remove_entry(apid_snapshot_t *snapshot, apid_listed_t *listed)
{
    apr_hash_set(snapshot->names, listed->shown.name, APR_HASH_KEY_STRING,
                 NULL);
    if (listed->key)
        apr_hash_set(snapshot->paths, listed->key, APR_HASH_KEY_STRING, NULL);
    listed->page->live--;
}

static int is_reader(const apid_listed_t *listed)
{
    return listed->reader && listed->shown.active && listed->shown.live
        && listed->shown.kind == APID_KIND_API
        && listed->shown.method == APID_METHOD_GET;
}

static int answers(const apid_moved_t *moved)
{
    return moved->listed->shown.active
        && moved->listed->editions[moved->edition].state
               != APID_VERSION_RETIRED;
}

/* of two at the same path, one that answers; else the first by name */
static void list_moved(apid_snapshot_t *snapshot, const apid_moved_t *moved)
{
    const apid_moved_t *before
        = apr_hash_get(snapshot->moved, moved->key, APR_HASH_KEY_STRING);

    if (!before || (!answers(before) && answers(moved)))
        apr_hash_set(snapshot->moved, moved->key, APR_HASH_KEY_STRING, moved);
    add_mask(snapshot->all_masks, moved->mask);
}

static void list_entry(apid_snapshot_t *snapshot, apid_listed_t *listed)
{
    for (int i = 0; i < listed->nmoved; i++)
        list_moved(snapshot, &listed->moved[i]);
    APR_ARRAY_PUSH(snapshot->entries, apid_listed_t *) = listed;
    if (is_reader(listed)
        && !apr_hash_get(snapshot->readers, listed->module,
                         APR_HASH_KEY_STRING))
        apr_hash_set(snapshot->readers, listed->module, APR_HASH_KEY_STRING,
                     listed);
}

/* Old entries without those that were read again, in order of name; removes
 * these from the indexes. */
static apr_array_header_t *keep_entries(apid_snapshot_t *snapshot,
                                        apid_load_t *load)
{
    const apr_array_header_t *old = load->old->entries;
    apr_array_header_t *kept
        = apr_array_make(load->pool, old->nelts, sizeof(apid_listed_t *));

    for (int i = 0; i < old->nelts; i++) {
        apid_listed_t *listed = APR_ARRAY_IDX(old, i, apid_listed_t *);
        if (apr_hash_get(load->changed, &listed->shown.id,
                         sizeof(listed->shown.id)))
            remove_entry(snapshot, listed);
        else
            APR_ARRAY_PUSH(kept, apid_listed_t *) = listed;
    }
    return kept;
}

static void merge_entries(apid_snapshot_t *snapshot,
                          const apr_array_header_t *a,
                          const apr_array_header_t *b)
{
    int i = 0, j = 0;

    snapshot->all_masks = apr_array_copy(snapshot->pool, snapshot->masks);
    snapshot->entries = apr_array_make(snapshot->pool, a->nelts + b->nelts,
                                       sizeof(apid_listed_t *));
    while (i < a->nelts || j < b->nelts) {
        apid_listed_t **x = (apid_listed_t **)a->elts + i;
        apid_listed_t **y = (apid_listed_t **)b->elts + j;
        int first = j == b->nelts
            || (i < a->nelts && compare_names(x, y) < 0);
        list_entry(snapshot, first ? *x : *y);
        if (first)
            i++;
        else
            j++;
    }
}

static void index_entries(apid_snapshot_t *snapshot, apid_load_t *load)
{
    apr_array_header_t *kept = load->old
        ? keep_entries(snapshot, load)
        : apr_array_make(load->pool, 1, sizeof(apid_listed_t *));
    apr_array_header_t *fresh = load->entries;

    for (int i = 0; i < fresh->nelts; i++)
        add_entry(snapshot, APR_ARRAY_IDX(fresh, i, apid_listed_t *));
    qsort(fresh->elts, (size_t)fresh->nelts, sizeof(apid_listed_t *),
          compare_names);
    merge_entries(snapshot, kept, fresh);
}

static void index_users(apid_snapshot_t *snapshot, apid_load_t *load)
{
    for (int i = 0; i < load->arrivals->nelts; i++) {
        apid_known_t *known
            = APR_ARRAY_IDX(load->arrivals, i, apid_known_t *);
        apid_known_t *before = apr_hash_get(
            snapshot->users, known->shown.name, APR_HASH_KEY_STRING);
        if (before)
            before->page->live--;
        /* a key stays where it was when its value is replaced */
        apr_hash_set(snapshot->users, known->shown.name, APR_HASH_KEY_STRING,
                     NULL);
        known->page->live++;
        apr_hash_set(snapshot->users, known->shown.name, APR_HASH_KEY_STRING,
                     known);
    }
}

/* the base stays whatever is left of it: the catalog is there */
static void hold_pages(apid_snapshot_t *snapshot, apid_load_t *load)
{
    int n = load->old ? load->old->pages->nelts : 0;

    snapshot->pages = apr_array_make(snapshot->pool, n + 1,
                                     sizeof(apid_page_t *));
    for (int i = 0; i < n; i++) {
        apid_page_t *page
            = APR_ARRAY_IDX(load->old->pages, i, apid_page_t *);
        if (i && !page->live)
            continue;
        atomic_fetch_add(&page->count, 1);
        APR_ARRAY_PUSH(snapshot->pages, apid_page_t *) = page;
    }
    APR_ARRAY_PUSH(snapshot->pages, apid_page_t *) = load->page;
}

static void copy_indexes(apid_snapshot_t *snapshot,
                         const apid_snapshot_t *old)
{
    apr_pool_t *pool = snapshot->pool;

    snapshot->names = old ? apr_hash_copy(pool, old->names)
                          : apr_hash_make(pool);
    snapshot->paths = old ? apr_hash_copy(pool, old->paths)
                          : apr_hash_make(pool);
    snapshot->users = old ? apr_hash_copy(pool, old->users)
                          : apr_hash_make(pool);
    snapshot->masks = old ? apr_array_copy(pool, old->masks)
                          : apr_array_make(pool, 4, sizeof(apid_mask_t));
    snapshot->moved = apr_hash_make(pool);
    snapshot->readers = apr_hash_make(pool);
}

apid_snapshot_t *apid_snapshot_open(apid_load_t *load)
{
    apr_pool_t *pool;
    apid_snapshot_t *snapshot;

    apr_pool_create_unmanaged_ex(&pool, NULL, NULL);
    snapshot = apr_pcalloc(pool, sizeof(*snapshot));
    snapshot->pool = pool;
    atomic_init(&snapshot->count, 1);
    snapshot->revision = load->revision;
    snapshot->loaded = apr_time_now();
    snapshot->nmodules = load->nmodules;
    memcpy(snapshot->seal, load->seal, sizeof(load->seal));
    memcpy(snapshot->columns, load->columns, sizeof(load->columns));
    copy_indexes(snapshot, load->old);
    index_users(snapshot, load);
    index_entries(snapshot, load);
    hold_pages(snapshot, load);
    return snapshot;
}

void apid_snapshot_release(apid_snapshot_t *snapshot)
{
    if (atomic_fetch_sub(&snapshot->count, 1) != 1)
        return;
    for (int i = 0; i < snapshot->pages->nelts; i++)
        apid_page_release(APR_ARRAY_IDX(snapshot->pages, i, apid_page_t *));
    apr_pool_destroy(snapshot->pool);
}
