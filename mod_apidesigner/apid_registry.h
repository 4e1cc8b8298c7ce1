/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apid_registry: the snapshot in force: modules, published definitions, users
 * and tokens, compiled. A snapshot is immutable and counted; a request leases
 * it and keeps it until its pool goes; a newer one replaces it whole. The
 * request that finds the reload interval over reads one revision number; only
 * what changed since is read and compiled again. With the database away the
 * last snapshot serves on.
 */
#ifndef APID_REGISTRY_H
#define APID_REGISTRY_H

#include "apid_api.h"
#include "apid_db.h"

typedef struct apid_registry_t apid_registry_t;
typedef struct apid_snapshot_t apid_snapshot_t;

/** A webhook's token, as the snapshot holds it. */
typedef struct apid_token_t {
    apr_int64_t id;
    unsigned char digest[APID_DIGEST_SIZE];
    apr_time_t expires; /* 0: never */
    apr_int64_t minute, day; /* calls it may make; 0: no limit */
} apid_token_t;

typedef enum apid_version_e {
    APID_VERSION_LIVE,
    APID_VERSION_PUBLISHED, /* older or newer, still answered when asked for */
    APID_VERSION_DEPRECATED,
    APID_VERSION_RETIRED
} apid_version_e;

/** A published version of a definition. */
typedef struct apid_edition_t {
    int version;
    apid_version_e state;
    apr_time_t deprecated; /* since when; 0: not */
    apr_time_t sunset;     /* 0: none */
    apid_kind_e kind;      /* what it is called as, */
    apid_method_e method;  /* how */
    const char *path;      /* and where: its own, not the live version's */
    const apid_api_t *api; /* NULL: it no longer fits the schema. Compiled
                            * when it is first asked for: by
                            * apid_snapshot_edition and _route, and for the
                            * live edition by _named too */
} apid_edition_t;

/** A definition with all that a request needs to know of it. */
typedef struct apid_entry_point_t {
    apr_int64_t id;
    const char *name;
    apid_kind_e kind;     /* of the live version, as the next two */
    apid_method_e method;
    const char *path;
    int active;
    const apid_user_t *owner; /* whom a webhook acts as; NULL: gone */
    const apid_edition_t *live; /* NULL: never published */
    const apid_edition_t *editions; /* by version, ascending */
    int neditions;
    const apid_token_t *tokens;
    int ntokens;
} apid_entry_point_t;

/** What is looked for. */
typedef struct apid_sought_t {
    apid_kind_e kind;
    apid_method_e method;
    int version; /* 0: the live one */
    const apr_array_header_t *segments; /* of the path, decoded: const char *,
                                         * at least one */
} apid_sought_t;

/** What a path leads to. */
typedef struct apid_route_t {
    const apid_entry_point_t *entry; /* NULL: no such path, or not by this
                                      * method */
    const apid_edition_t *edition; /* the version that was asked for; NULL: it
                                    * has none of that number, or elsewhere */
    apr_array_header_t *parts; /* values of the template's parts, decoded:
                                * const char *, in order of the names */
    unsigned allowed; /* methods the path is known under, in that version:
                       * 1 << apid_method_e */
} apid_route_t;

typedef struct apid_registry_stats_t {
    apr_int64_t revision;
    int definitions, broken, modules, users;
    apr_time_t loaded;     /* when the snapshot was made */
    apr_time_t checked;    /* when the revision was last read */
    int stale;             /* the last check failed: database away */
} apid_registry_stats_t;

/** What a reload has to say to the log, one line: broken definitions, a
 * database that is away. Called at most once per change. */
typedef void apid_notice_fn(void *ctx, const char *line);

/** Opens a registry over a pool of connections. The first snapshot is loaded by
 * apid_registry_notice, or by the first lease; when the database is away that
 * is no error, a later lease loads it. It closes with pool. reload is the least
 * time between two checks. */
APID_CHECKED apid_err_t *apid_registry_open(apid_registry_t **registry,
                                            apid_db_t *db,
                                            apr_interval_time_t reload,
                                            apr_pool_t *pool);

/** Who hears of reloads. Loads the first snapshot. */
void apid_registry_notice(apid_registry_t *registry, apid_notice_fn *notice,
                          void *ctx);

/** Leases the snapshot in force until pool goes. Checks for a newer one first
 * if the interval is over (one thread of all does; the others wait for it, at
 * most a second, if the last check is two intervals ago). DATABASE_UNAVAILABLE
 * if none could ever be loaded. */
APID_CHECKED apid_err_t *apid_registry_lease(const apid_snapshot_t **snapshot,
                                             apid_registry_t *registry,
                                             apr_pool_t *pool);

/** Says that the database knows a table or a column no more: the schema is
 * looked at soon, not in its turn. */
void apid_registry_doubt(apid_registry_t *registry);

/** Figures for the status pages. */
void apid_registry_stats(apid_registry_stats_t *stats,
                         apid_registry_t *registry);

/** Finds what a path leads to; the parts borrow from its segments. An exact
 * path beats a template, and there a slash in a segment is one as any other; a
 * literal segment beats a part; case matters. Inactive definitions are found
 * too; the caller decides. Webhooks are looked up without regard to method.
 * A version is found by its own kind, method and path: that of the definition
 * which is live there before those of others. Where none is, entry is what is
 * live there. */
apid_route_t apid_snapshot_route(const apid_snapshot_t *snapshot,
                                 const apid_sought_t *sought,
                                 apr_pool_t *pool);

/** The definition of a name, NULL if none. */
const apid_entry_point_t *apid_snapshot_named(const apid_snapshot_t *snapshot,
                                              const char *name);

/** The edition that serves a version (0: the live one); NULL if there is no
 * such version. */
const apid_edition_t *apid_snapshot_edition(const apid_entry_point_t *entry,
                                            int version);

/** A user by name, NULL if none. */
const apid_user_t *apid_snapshot_user(const apid_snapshot_t *snapshot,
                                      const char *name);

/** The live GET definition of kind api that answers one record of a module by
 * a path whose only part is its id, for `Location`; NULL if none. */
const apid_entry_point_t *apid_snapshot_reader(const apid_snapshot_t *snapshot,
                                               const apid_module_t *module);

/** The installation's secret (APID_DIGEST_SIZE bytes) that cursors are sealed
 * with. */
const unsigned char *apid_snapshot_seal(const apid_snapshot_t *snapshot);

/** The modules of the snapshot. */
const apid_catalog_t *apid_snapshot_catalog(const apid_snapshot_t *snapshot);

/** All definitions, sorted by name: const apid_entry_point_t *. */
const apr_array_header_t *apid_snapshot_entries(
    const apid_snapshot_t *snapshot);

#endif
