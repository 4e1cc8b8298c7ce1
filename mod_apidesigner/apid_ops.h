/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apid_ops: every management operation as one table: its words on the command
 * line, its method and path in the management API, who may run it, what it
 * takes. The tool, its help, the manual page and the management API read the
 * table; each operation is one function from arguments to JSON.
 */
#ifndef APID_OPS_H
#define APID_OPS_H

#include "apid_api.h"
#include "apid_auth.h"
#include "apid_catalog.h"
#include "apid_json.h"
#include "apid_share.h"
#include "apid_registry.h"
#include "apid_store.h"

#define APID_OPS_ARGS 6 /* of one operation, at most */

/** What an argument is, on the command line and in JSON. */
typedef enum apid_ops_kind_e {
    APID_OPS_NOTHING,   /* ends the list */
    APID_OPS_WORD,      /* NAME; a text */
    APID_OPS_MAYBE,     /* [NAME]; a text */
    APID_OPS_WHOLE,     /* NAME; a whole number */
    APID_OPS_DOCUMENT,  /* FILE; its text, and "name" is the file's if no
                         * argument says it */
    APID_OPS_DOCUMENTS, /* FILE...; [{"name": ..., "document": ...}, ...] */
    APID_OPS_OPTION,    /* --name TEXT; a text */
    APID_OPS_NUMBER,    /* --name N; a whole number */
    APID_OPS_SECRET,    /* --name-file FILE: its first line; a text */
    APID_OPS_FLAG       /* --name; a boolean */
} apid_ops_kind_e;

typedef struct apid_ops_arg_t {
    apid_ops_kind_e kind;
    const char *name;
    const char *help;
} apid_ops_arg_t;

/** What an operation does with the database. */
typedef enum apid_ops_effect_e {
    APID_OPS_READS,
    APID_OPS_CHECKS, /* as READS; with call->catalog it needs no database */
    APID_OPS_WRITES, /* runs in a transaction, all or nothing */
    APID_OPS_SETS_UP /* makes our tables; begins its own transaction */
} apid_ops_effect_e;

/** Where a server serves definitions. */
typedef struct apid_ops_place_t {
    const char *serve;   /* "api" or "webhook" */
    const char *profile; /* "rest" or "vtiger" */
    const char *path;    /* of its Location */
    const char *name;    /* of the only definition there; NULL: of all */
} apid_ops_place_t;

/** One run of an operation. With the flag "check" one that writes only
 * reads. */
typedef struct apid_ops_call_t {
    apr_pool_t *pool;
    apid_store_t *store;   /* its actor is who runs it; NULL: no database */
    apid_role_e role;      /* of who runs it */
    const apid_user_t *user; /* who that is; NULL: somebody with the tool */
    const apid_args_t *args;
    const apid_catalog_t *catalog; /* NULL: the one in the database */
    const apid_catalog_t *fitting; /* the same, with its faults; or NULL */
    apid_json_t *out;      /* one value is written */
    apid_share_t *share;   /* what the server counts; NULL: not inside one */
    const apid_snapshot_t *snapshot; /* what is in force there, or NULL */
    const apr_array_header_t *places; /* apid_ops_place_t of it; NULL: not
                            * inside a server */
    apid_db_t *db;         /* for one more connection, where there is no
                            * snapshot */
} apid_ops_call_t;

typedef apid_err_t *apid_ops_fn(apid_ops_call_t *call);

typedef struct apid_ops_t {
    const char *words;  /* "module apply" */
    const char *method; /* of the management API */
    const char *path;   /* a template: "modules/{name}" */
    apid_role_e role;   /* the least that may */
    apid_ops_effect_e effect;
    apid_ops_fn *run;
    const char *help;   /* one sentence */
    apid_ops_arg_t args[APID_OPS_ARGS];
} apid_ops_t;

/** The table: *n operations, in the order in which help shows them. */
const apid_ops_t *apid_ops_table(int *n);

/** The operation of these words, NULL if none. */
const apid_ops_t *apid_ops_find(const char *words);

/** Compiles the draft of a definition, in call->pool, to be tried before it is
 * published: of version 0; the live version if there is no draft.
 * API_NOT_FOUND, INVALID_DEFINITION. */
APID_CHECKED apid_err_t *apid_ops_trial(apid_api_t **api,
                                        apid_ops_call_t *call,
                                        const char *name);

/** Checks role, arguments and the schema of our tables and runs the operation,
 * in a transaction if it writes. Errors about documents have their name as
 * field and their place. On failure nothing is changed and what was written to
 * call->out is void. */
APID_CHECKED apid_err_t *apid_ops_run(const apid_ops_t *op,
                                      apid_ops_call_t *call);

#endif
