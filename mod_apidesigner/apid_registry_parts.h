/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apid_registry_parts: what the files of the registry share. What one load
 * brought is a page: an unmanaged pool, counted by the snapshots that hold it
 * and dropped when nothing of it is in force. The first page of a snapshot is
 * its base, which holds the catalog that all of its definitions are compiled
 * against; a new catalog means a new base and no old pages. An edition is
 * compiled when it is first asked for, if it was not already at loading.
 */
#ifndef APID_REGISTRY_PARTS_H
#define APID_REGISTRY_PARTS_H

#include "apid_registry.h"
#include "apid_store.h"

#include <apr_thread_mutex.h>
#include <stdatomic.h>

#define APID_MAX_SEGMENTS 32 /* of a path template */

typedef struct apid_hear_t {
    apid_notice_fn *notice;
    void *ctx;
} apid_hear_t;

typedef struct apid_page_t {
    apr_pool_t *pool;
    apr_thread_mutex_t *mutex; /* guards pool once the page is shared */
    atomic_int count;          /* snapshots that hold it */
    int live;                  /* entries and users of it that are in the
                                * newest snapshot; the loader's alone */
    apid_catalog_t *catalog;   /* the base's */
    apid_hear_t hear;
} apid_page_t;

/** Whether an edition was compiled, and what from. */
typedef struct apid_slot_t {
    const char *document; /* NULL: retired */
    int moved;            /* it has another route than the live edition */
    atomic_int compiled;
} apid_slot_t;

/** Which segments of a template are parts: the first segment is the highest
 * bit, so that the lesser of two templates has its literal first. */
typedef struct apid_mask_t {
    int segments;
    apr_uint32_t parts;
} apid_mask_t;

/** An edition with a route of its own. */
typedef struct apid_moved_t {
    const struct apid_listed_t *listed;
    int edition;     /* its index */
    const char *key; /* in moved: version, blank, key of the path */
    apid_mask_t mask;
} apid_moved_t;

/** A definition in a page. */
typedef struct apid_listed_t {
    apid_entry_point_t shown; /* first: its address is the public one */
    apid_page_t *page;
    apid_edition_t *editions; /* as shown's */
    apid_slot_t *slots;       /* one per edition */
    const char *key;          /* in paths; NULL: not published */
    apid_mask_t mask;         /* segments is 0: no template */
    const apid_moved_t *moved;
    int nmoved;
    const char *module;
    int reader;
} apid_listed_t;

/** A user in a page. */
typedef struct apid_known_t {
    apid_user_t shown; /* first */
    apid_page_t *page;
} apid_known_t;

struct apid_snapshot_t {
    apr_pool_t *pool;
    atomic_int count; /* leases, and the registry's own */
    apr_array_header_t *pages;   /* apid_page_t *, the base first */
    apr_array_header_t *entries; /* apid_listed_t *, by name */
    apr_hash_t *names;   /* name to apid_listed_t */
    apr_hash_t *paths;   /* key to apid_listed_t */
    apr_hash_t *moved;   /* key to apid_moved_t */
    apr_hash_t *users;   /* name to apid_known_t */
    apr_hash_t *readers; /* name of module to apid_listed_t */
    apr_array_header_t *masks; /* apid_mask_t, ascending */
    apr_array_header_t *all_masks; /* and those of moved editions */
    unsigned char seal[APID_DIGEST_SIZE];
    unsigned char columns[APID_DIGEST_SIZE]; /* fingerprint of the schema */
    apr_int64_t revision;
    apr_time_t loaded;
    int nmodules;
};

/** What was read in one go, on its way into a snapshot. */
typedef struct apid_load_t {
    apr_pool_t *pool; /* of the loading thread, for what is not kept */
    apid_store_t *store;
    apid_page_t *page;
    const apid_snapshot_t *old;  /* NULL: everything is read */
    apr_int64_t since, revision;
    apr_array_header_t *entries; /* apid_listed_t *, by id */
    apr_hash_t *changed;         /* id (8 bytes) of what was read, also of
                                  * what was dropped */
    apr_hash_t *users;           /* name to apid_known_t; old ones too */
    apr_array_header_t *arrivals; /* apid_known_t *: those just read */
    apr_array_header_t *tokens;  /* of the definitions that follow */
    int token;                   /* next of them */
    int nmodules;
    unsigned char seal[APID_DIGEST_SIZE];
    unsigned char columns[APID_DIGEST_SIZE];
} apid_load_t;

/* apid_registry_load.c */

/** Reads what changed after load->since into load->page. With a since of 0
 * that is all, and the page is a base. */
APID_CHECKED apid_err_t *apid_load_read(apid_load_t *load);

/** Reads load->columns alone, as they are now. */
APID_CHECKED apid_err_t *apid_load_columns(apid_load_t *load);

/** Whether modules changed after load->since. */
APID_CHECKED apid_err_t *apid_load_modules_changed(int *changed,
                                                   apid_load_t *load);

/* apid_registry_rights.c */

/** Gives the users that were just read the rights of their groups. */
APID_CHECKED apid_err_t *apid_load_rights(apid_load_t *load);

/* apid_registry_versions.c */

/** Reads from the document of an edition how it is called; NULL: as what is
 * live. scratch is cleared. */
void apid_edition_place(apid_edition_t *edition, const apid_listed_t *listed,
                        const apid_value_t *document, apr_pool_t *scratch);

/** Finds the editions of an entry whose route is not that of the live one.
 * scratch is cleared. */
void apid_listed_move(apid_listed_t *listed, apr_pool_t *scratch);

/* apid_registry_compile.c */

/** Compiles edition i of an entry unless that was done already. */
void apid_listed_compile(apid_listed_t *listed, int i);

/** Says a line to whom it concerns. */
void apid_page_notice(const apid_page_t *page, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* apid_snapshot.c */

/** An empty page, held once. */
apid_page_t *apid_page_open(void);
void apid_page_release(apid_page_t *page);

/** The key of a path: of a template if its parts are written "{}". */
const char *apid_path_key(apid_kind_e kind, apid_method_e method, char shape,
                          const char *path, apr_pool_t *pool);

/** The same for a version that is at another path than the live one. */
const char *apid_moved_key(int version, const char *key, apr_pool_t *pool);

/** The mask of a route: segments that are "{}". */
apid_mask_t apid_path_mask(const char *route);

/** Makes the snapshot that follows load->old: with what was read, without what
 * it replaces. It takes over the hold on load->page. */
apid_snapshot_t *apid_snapshot_open(apid_load_t *load);

/** Gives up one hold of a snapshot. */
void apid_snapshot_release(apid_snapshot_t *snapshot);

#endif
