/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apid_store: our own tables: modules, definitions, versions, users, tokens.
 * All their SQL is here. A change is one transaction that begins with taking
 * the next revision, at which writers queue, and marks the rows it changes
 * with it; what a change means is the operations' business.
 */
#ifndef APID_STORE_H
#define APID_STORE_H

#include "apid_auth.h"
#include "apid_catalog.h"
#include "apid_db.h"

#define APID_STORE_SCHEMA 3 /* number of the schema this code works with */
#define APID_MAX_NAME 190   /* characters of a name */
#define APID_MAX_PATH 500   /* characters of a path */

/** One piece of work on our tables, by one thread. */
typedef struct apid_store_t {
    apid_lease_t *lease;
    apr_pool_t *pool;     /* what is read lives here */
    const char *actor;    /* who changes */
    apr_int64_t revision; /* of the change; 0: none was begun */
} apid_store_t;

/** The facts of a document that are kept beside it. */
typedef struct apid_facts_t {
    const char *name;
    const char *kind;   /* "api", "webhook" */
    const char *method; /* "get"; "" for a webhook */
    const char *path;
    const char *route;  /* path with "{}" for each part */
    const char *module; /* "" if none */
    int reader;         /* answers one record of module by its id */
    int active;
    const char *document;
} apid_facts_t;

/** A definition as it is stored. */
typedef struct apid_stored_t {
    apr_int64_t id;
    const char *name;
    const char *kind;
    int active;
    int live_version;         /* 0: none */
    const char *document;     /* of the live version, or NULL */
    const char *draft;        /* or NULL */
    apr_int64_t draft_revision;
    apr_int64_t owner;        /* 0: none */
} apid_stored_t;

/** A user to be added. */
typedef struct apid_newcomer_t {
    const char *name;
    const char *ident; /* NULL: the key of the new row */
    apid_role_e role;
    const char *password; /* bcrypt, or NULL */
} apid_newcomer_t;

/** The group that users are put into unless another one is named. */
#define APID_EVERYONE "everyone"

/* clang-format off */
/* What can be listed */
#define APID_LIST_TABLE(ROW) \
    ROW(MODULES) ROW(DEFINITIONS) ROW(DEFINITION) ROW(DRAFT) ROW(VERSIONS) \
    ROW(TOKENS) ROW(USERS) ROW(USER) ROW(GROUPS_OF) ROW(DOCUMENTS) \
    ROW(ACTIVE) ROW(TABLES) ROW(MEMBERSHIPS) ROW(GROUPS) ROW(MEMBERS) \
    ROW(RIGHTS)
/* clang-format on */

typedef enum apid_list_e {
#define APID_LIST_ENUM(list) APID_LIST_##list,
    APID_LIST_TABLE(APID_LIST_ENUM)
#undef APID_LIST_ENUM
    APID_LISTS
} apid_list_e;

/* Cells of a row. */

/** A whole number; NULL is 0. */
apr_int64_t apid_store_int(const apid_value_t *cell);

/** A text, copied to pool; NULL is NULL. */
const char *apid_store_text(const apid_value_t *cell, apr_pool_t *pool);

/** A date-time (UTC); NULL is 0. */
apr_time_t apid_store_time(const apid_value_t *cell);

/* The whole. */

/** Creates or upgrades our tables; *outcome is "created", "upgraded" or
 * "unchanged". CONFLICT if they are newer than this code. */
APID_CHECKED apid_err_t *apid_store_setup(const char **outcome,
                                          apid_lease_t *lease,
                                          apr_pool_t *pool);

/** Whether our tables are those that this program works with: of no newer
 * schema (CONFLICT) and no older one (DATABASE_UNAVAILABLE). */
APID_CHECKED apid_err_t *apid_store_fits(apid_lease_t *lease,
                                         apr_pool_t *pool);

/** The revision of the last change. */
APID_CHECKED apid_err_t *apid_store_revision(apr_int64_t *revision,
                                             apid_lease_t *lease);

/** The installation's secret. INTERNAL_ERROR if there is none. */
APID_CHECKED apid_err_t *apid_store_seal(unsigned char seal[APID_DIGEST_SIZE],
                                         apid_lease_t *lease,
                                         apr_pool_t *pool);

/** Begins a change: the transaction and its revision. */
APID_CHECKED apid_err_t *apid_store_begin(apid_store_t *store);

/** Begins a transaction that only reads: all that is read in it is of one
 * moment. */
APID_CHECKED apid_err_t *apid_store_look(apid_store_t *store);

/** Ends the transaction of begin or look. */
APID_CHECKED apid_err_t *apid_store_commit(apid_store_t *store);

/** Rows of a list for people, columns named as they are shown, sorted. name is
 * that of a definition (NULL: all of them, where that makes sense), of a user
 * (USER, GROUPS_OF) or of a group (MEMBERS, RIGHTS). */
APID_CHECKED apid_err_t *apid_store_list(apid_rows_t **rows,
                                         apid_store_t *store,
                                         apid_list_e list, const char *name);

/* What the servers read: rows changed after a revision. */

/** name (NULL: dropped), document, id, in order of id. */
APID_CHECKED apid_err_t *apid_store_read_modules(apid_rows_t **rows,
                                                 apid_lease_t *lease,
                                                 apr_int64_t since);

/** One row per group of a user (one whose group is NULL, if in none), in order
 * of id: id, name, ident, role, disabled, access_key, password, group,
 * minute_limit, day_limit. */
APID_CHECKED apid_err_t *apid_store_read_users(apid_rows_t **rows,
                                               apid_lease_t *lease,
                                               apr_int64_t since);

/** One row per right of a group, in order of the groups' names: group, module,
 * may_create, may_read, may_update, may_delete, 1 for own records only, names
 * of hidden fields, of read-only fields (separated by commas). */
APID_CHECKED apid_err_t *apid_store_read_rights(apid_rows_t **rows,
                                                apid_lease_t *lease);

/** Reads such a row, whose group is its first column. In pool. */
void apid_store_take_right(apid_right_t *right, const apid_value_t *row,
                           apr_pool_t *pool);

/** definition id, token id, digest, expires, minute_limit, day_limit; in order
 * of definition. */
APID_CHECKED apid_err_t *apid_store_read_tokens(apid_rows_t **rows,
                                                apid_lease_t *lease,
                                                apr_int64_t since);

/** One row per version of a definition, in order of definition: id, name
 * (NULL: dropped), kind, method, path, route, module, reader, active, live
 * version, name of the owner, version, state, deprecated, sunset, document.
 * A definition that was never published has one row whose version is NULL. */
APID_CHECKED apid_err_t *apid_store_read_definitions(apid_rows_t **rows,
                                                     apid_lease_t *lease,
                                                     apr_int64_t since);

/** The same of all definitions whose id is above after, and at most upto: a
 * part of them, so that no statement runs for long. */
APID_CHECKED apid_err_t *apid_store_read_part(apid_rows_t **rows,
                                              apid_lease_t *lease,
                                              apr_int64_t after,
                                              apr_int64_t upto);

/** The greatest id of a definition. */
APID_CHECKED apid_err_t *apid_store_last(apr_int64_t *id,
                                         apid_lease_t *lease);

/** How many definitions there are. */
APID_CHECKED apid_err_t *apid_store_count(apr_int64_t *n,
                                          apid_lease_t *lease);

/** Names of a table's columns, sorted, their types, and whether it is a view;
 * none if there is no such table. table is not quoted. */
APID_CHECKED apid_err_t *apid_store_read_columns(apid_rows_t **rows,
                                                 apid_lease_t *lease,
                                                 const char *table);

/** A row for each column of a table (not quoted): name, whether it takes NULL,
 * whether an index begins with it, whether it is text of less than 4 bytes a
 * character, whether it is a BLOB or TEXT; then of the table: whether it is a
 * view, whether its engine knows transactions. */
APID_CHECKED apid_err_t *apid_store_read_facts(apid_rows_t **rows,
                                               apid_lease_t *lease,
                                               const char *table);

/* Modules. */

/** A module's document; RECORD_NOT_FOUND naming what is near. */
APID_CHECKED apid_err_t *apid_store_module(const char **document,
                                           apid_store_t *store,
                                           const char *name);

/** All modules, parsed: apid_module_t *, sorted by name. */
APID_CHECKED apid_err_t *apid_store_modules(apr_array_header_t **modules,
                                            apid_store_t *store);

/** Makes or changes a module. */
APID_CHECKED apid_err_t *apid_store_write_module(apid_store_t *store,
                                                 const char *name,
                                                 const char *document);

/** Drops a module. */
APID_CHECKED apid_err_t *apid_store_drop_module(apid_store_t *store,
                                                const char *name);

/* Definitions. */

/** A definition by name; *stored is NULL if there is none. */
APID_CHECKED apid_err_t *apid_store_find(apid_stored_t **stored,
                                         apid_store_t *store,
                                         const char *name);

/** As apid_store_find, but none is API_NOT_FOUND naming what is near. */
APID_CHECKED apid_err_t *apid_store_definition(apid_stored_t **stored,
                                               apid_store_t *store,
                                               const char *name);

/** The document of a version; API_NOT_FOUND if there is no such version, or it
 * is retired and those do not count. */
APID_CHECKED apid_err_t *apid_store_version(const char **document,
                                            apid_store_t *store,
                                            const apid_stored_t *stored,
                                            int version, int retired);

/** Makes a definition that has no version yet. It acts as the actor if that is
 * a user, else as the first admin. */
APID_CHECKED apid_err_t *apid_store_add_definition(apid_stored_t **stored,
                                                   apid_store_t *store,
                                                   const apid_facts_t *facts);

/** Makes a document the next version. It is not live yet. */
APID_CHECKED apid_err_t *apid_store_add_version(int *version,
                                                apid_store_t *store,
                                                const apid_stored_t *stored,
                                                const char *document,
                                                const char *note);

/** What a definition is found by, for people: "path 'a/{b}' and method get". */
const char *apid_store_address(const apid_facts_t *facts, apr_pool_t *pool);

/** CONFLICT if another definition has the route already, but for those whose
 * names are keys of going (or NULL). */
APID_CHECKED apid_err_t *apid_store_check_route(apid_store_t *store,
                                                const apid_facts_t *facts,
                                                apr_hash_t *going);

/** Frees the route of a definition that is to have another one with facts, so
 * that what goes live before it can have that. */
APID_CHECKED apid_err_t *apid_store_leave_route(apid_store_t *store,
                                                const apid_facts_t *facts);

/** Makes a version the live one, with its facts. CONFLICT naming the
 * definition that has the route already. */
APID_CHECKED apid_err_t *apid_store_go_live(apid_store_t *store,
                                            const apid_stored_t *stored,
                                            int version,
                                            const apid_facts_t *facts);

/** Keeps a draft, which need not compile: facts of a definition without a live
 * version follow it. */
APID_CHECKED apid_err_t *apid_store_write_draft(apid_store_t *store,
                                                const apid_stored_t *stored,
                                                const apid_facts_t *facts);

/** Drops a draft. */
APID_CHECKED apid_err_t *apid_store_drop_draft(apid_store_t *store,
                                               const apid_stored_t *stored);

/** Switches a definition on or off. */
APID_CHECKED apid_err_t *apid_store_activate(apid_store_t *store,
                                             const apid_stored_t *stored,
                                             int active);

/** Drops a definition: its name and path are free, its tokens gone. */
APID_CHECKED apid_err_t *apid_store_drop_definition(
    apid_store_t *store, const apid_stored_t *stored);

/** Sets the state of a version; sunset is "yyyy-mm-dd hh:mm:ss" or NULL. */
APID_CHECKED apid_err_t *apid_store_mark_version(apid_store_t *store,
                                                 const apid_stored_t *stored,
                                                 int version,
                                                 const char *state,
                                                 const apid_value_t *sunset);

/** Adds a token, with the limits of the newest; those there are end after keep
 * seconds, all but the newest of them at once. */
APID_CHECKED apid_err_t *apid_store_add_token(apid_store_t *store,
                                              const apid_stored_t *stored,
                                              const char *token,
                                              apr_int64_t keep);

/** Ends the token of a webhook that begins so (8 characters).
 * RECORD_NOT_FOUND. */
APID_CHECKED apid_err_t *apid_store_end_token(apid_store_t *store,
                                              const apid_stored_t *stored,
                                              const char *prefix);

/** Sets the limits of a webhook's tokens: calls a minute and a day, 0 for
 * none. */
APID_CHECKED apid_err_t *apid_store_limit_tokens(apid_store_t *store,
                                                 const apid_stored_t *stored,
                                                 apr_int64_t minute,
                                                 apr_int64_t day);

/** Sets whom a webhook acts as: the key of a user. */
APID_CHECKED apid_err_t *apid_store_own(apid_store_t *store,
                                        const apid_stored_t *stored,
                                        apr_int64_t owner);

/* Users. */

/** The key of a user; RECORD_NOT_FOUND naming what is near. */
APID_CHECKED apid_err_t *apid_store_user(apr_int64_t *id, apid_store_t *store,
                                         const char *name);

/** Adds a user. CONFLICT if the name is taken. */
APID_CHECKED apid_err_t *apid_store_add_user(apid_store_t *store,
                                             const apid_newcomer_t *user);

/** Sets a user's access key, password (bcrypt), state. Webhooks that the user
 * owns are marked as changed too. */
APID_CHECKED apid_err_t *apid_store_set_key(apid_store_t *store,
                                            const char *name,
                                            const char *key);
APID_CHECKED apid_err_t *apid_store_set_password(apid_store_t *store,
                                                 const char *name,
                                                 const char *password);
APID_CHECKED apid_err_t *apid_store_disable(apid_store_t *store,
                                            const char *name, int disabled);

/** The bcrypt of a user's password, NULL if there is none. */
APID_CHECKED apid_err_t *apid_store_password(const char **password,
                                             apid_store_t *store,
                                             const char *name);

/** Sets a user's role. */
APID_CHECKED apid_err_t *apid_store_set_role(apid_store_t *store,
                                             const char *name,
                                             apid_role_e role);

/** Puts a user into groups (const char *), and out of all others. */
APID_CHECKED apid_err_t *apid_store_set_groups(
    apid_store_t *store, const char *name, const apr_array_header_t *groups);

/** Sets the limits of a user: calls a minute and a day, 0 for none. */
APID_CHECKED apid_err_t *apid_store_limit_user(apid_store_t *store,
                                               const char *name,
                                               apr_int64_t minute,
                                               apr_int64_t day);

/** How many admins that are not disabled there are. */
APID_CHECKED apid_err_t *apid_store_admins(int *admins, apid_store_t *store);

/* Groups. Their users are marked as changed, and webhooks that these own. */

/** The key of a group; RECORD_NOT_FOUND naming what is near. */
APID_CHECKED apid_err_t *apid_store_group(apr_int64_t *id,
                                          apid_store_t *store,
                                          const char *name);

/** Adds a group. CONFLICT if the name is taken. */
APID_CHECKED apid_err_t *apid_store_add_group(apid_store_t *store,
                                              const char *name);

/** Drops a group with its rights. */
APID_CHECKED apid_err_t *apid_store_drop_group(apid_store_t *store,
                                               const char *name);

/** Sets the right of a group in right->module. */
APID_CHECKED apid_err_t *apid_store_set_right(apid_store_t *store,
                                              const char *name,
                                              const apid_right_t *right);

/** Takes the right of a group in a module away. RECORD_NOT_FOUND if it has
 * none there. */
APID_CHECKED apid_err_t *apid_store_drop_right(apid_store_t *store,
                                               const char *name,
                                               const char *module);

#endif
