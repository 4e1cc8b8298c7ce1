/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apid_where: puts a statement together from a plan and one request's
 * arguments: SQL text from the plan's parts, binds beside it. Which parts are
 * used depends on the request; their text never does.
 */
#ifndef APID_WHERE_H
#define APID_WHERE_H

#include "apid_api.h"
#include "apid_db.h"

/** A statement in the making. The first error sticks. */
typedef struct apid_where_t {
    apr_pool_t *pool;
    apr_array_header_t *pieces; /* of SQL: const char * */
    apr_array_header_t *binds;  /* apid_value_t */
    apid_err_t *err;
} apid_where_t;

/** One request to a compiled definition. All is borrowed and must outlive the
 * result. */
typedef struct apid_call_t {
    const apid_api_t *api;
    const apid_args_t *args;
    const apid_user_t *user; /* who acts: a webhook's owner too */
    const char *request_id;
    apr_time_t now;
    int max_rows;            /* the configured cap of a limit */
    apid_profile_e profile; /* of its values: in vtiger a null in a record is
                             * as if it was not sent, and JSON is text */
    const unsigned char *seal; /* APID_DIGEST_SIZE bytes: key of cursors and
                                * of entity tags; NULL: there are neither */
    const char *if_match;      /* headers of that name, or NULL: they are about
                                * the first operation that changes */
    const char *if_none_match; /* records */
    struct apid_trace_t *trace;   /* of a dry run: all is rolled back; or
                                   * NULL */
    struct apid_replay_t *replay; /* of a request with an Idempotency-Key;
                                   * or NULL */
} apid_call_t;

/** What bindings are resolved against: a request, and what earlier operations
 * of it answered. */
typedef struct apid_scope_t {
    const apid_call_t *call;
    const apid_arg_t *const *args; /* by index of api->params; NULL: unsent */
    const apid_value_t **results;  /* first row of each plan run so far, all
                                    * its columns, or NULL */
} apid_scope_t;

typedef enum apid_match_e {
    APID_MATCH_ALL,     /* every condition was left out */
    APID_MATCH_SOME,
    APID_MATCH_NOTHING  /* an unsent parameter, an empty array */
} apid_match_e;

/** The scope of a request before any operation has run, in pool. */
apid_scope_t *apid_scope_open(const apid_call_t *call, apr_pool_t *pool);

/** An empty statement, in pool. */
apid_where_t *apid_where_open(apr_pool_t *pool);

/** Appends SQL, of the plan or of the code. */
void apid_where_add(apid_where_t *where, const char *sql);

/** Binds a value to the next '?'; the '?' itself is in the SQL. */
void apid_where_bind(apid_where_t *where, const apid_value_t *value);

/** The argument that a binding stands for: the caller's, its default, the
 * literal, the user, the time or a result; NULL if it was not sent. Lives in
 * pool or borrows. */
const apid_arg_t *apid_where_arg(const apid_scope_t *scope,
                                 const apid_binding_t *binding,
                                 apr_pool_t *pool);

/** The argument as a field takes it: in profile vtiger, where all values are
 * texts, that of a field of JSON is JSON. Lives in pool or borrows. */
const apid_arg_t *apid_where_arg_of(const apid_scope_t *scope,
                                    const apid_field_t *field,
                                    const apid_arg_t *arg, apr_pool_t *pool);

/** Adds a plan's lock or lock_tagged, with the binds of its joins. */
void apid_where_lock(apid_where_t *where, const apid_plan_t *plan,
                     const char *lock);

/** Adds a plan's select, with the binds of its joins. */
void apid_where_from(apid_where_t *where, const apid_plan_t *plan,
                     const char *select);

/** Adds " WHERE base AND (script's conditions)". *match says what that
 * matches; with APID_MATCH_NOTHING the statement need not be run. *missing is
 * a condition that has no value and is not optional, or NULL.
 * Errors of the arguments' types are in where->err, all of them. */
apid_match_e apid_where_conditions(apid_where_t *where,
                                   const apid_plan_t *plan,
                                   const apid_scope_t *scope,
                                   const apid_cond_t **missing);

/** Adds " WHERE base AND key IN (...)" over n keys; keys[i] are the key's
 * columns. */
void apid_where_keys(apid_where_t *where, const apid_plan_t *plan,
                     const apid_value_t *const *keys, int n);

/** Adds "key IN (...)", the key columns being those of a table of a module,
 * with or without the table's alias before them. */
void apid_where_key_in(apid_where_t *where, const apid_table_t *table,
                       const char *alias, const apid_value_t *const *keys,
                       int n);

/** Adds " AND (...)" for the rows after a cursor's values, one per sort of the
 * plan. */
void apid_where_after(apid_where_t *where, const apid_plan_t *plan,
                      const apid_value_t *values);

#define APID_NO_BYTE 256 /* more than any byte */

/** The least first byte, in UTF-8, of characters that columns of a collation
 * lack; APID_NO_BYTE: none, or that is not known. */
int apid_where_lacking(const char *collation);

/** Whether a text has a byte of at least that. */
int apid_where_has_byte(const char *text, apr_size_t len, int least);

/** Names the parameter that an error of a statement with the script's
 * conditions is about, if only one can be it. Gives back err, NULL too. */
APID_CHECKED apid_err_t *apid_where_fault(apid_err_t *err,
                                          const apid_plan_t *plan,
                                          const apid_scope_t *scope,
                                          apr_pool_t *pool);

/** The largest number of values an array may have in a condition. */
#define APID_MAX_LIST 10000

/** The statement as apid_db_execute takes it. */
apid_stmt_t apid_where_stmt(const apid_where_t *where, apid_stmt_e kind);

#endif
