/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apid_write: create, update, upsert and delete. Rows to be changed are locked
 * first, so that found, changed and unchanged are known; what changed and its
 * history go to the server together. Matching is only ever by what the script
 * names.
 */
#ifndef APID_WRITE_H
#define APID_WRITE_H

#include "apid_db.h"
#include "apid_where.h"

/* clang-format off */
/* outcome, its word: a select; update or upsert whose rows held it already is
 * unchanged */
#define APID_OUTCOME_TABLE(ROW) \
    ROW(ROWS, "rows") ROW(INSERTED, "inserted") ROW(UPDATED, "updated") \
    ROW(UNCHANGED, "unchanged") ROW(DELETED, "deleted")
/* clang-format on */

typedef enum apid_outcome_e {
#define APID_OUTCOME_ENUM(outcome, word) APID_OUTCOME_##outcome,
    APID_OUTCOME_TABLE(APID_OUTCOME_ENUM)
#undef APID_OUTCOME_ENUM
} apid_outcome_e;

/** A transaction of one request; begun with its first statement. */
typedef struct apid_tx_t {
    apr_pool_t *pool;
    apid_lease_t *lease;
    apid_scope_t *scope;
    int begun;
    struct apid_replay_t *replay; /* the key that it claims, or NULL */
    int last; /* what is run is the last: it commits */
    int met;  /* what the request asks of the records was looked at */
} apid_tx_t;

/** What an operation did: its answer's rows (const apid_value_t *, all columns
 * of the plan), or the ids of what it deleted (const char *, in the order of
 * the keys); in tx->pool, NULL where there are none. */
typedef struct apid_written_t {
    apid_outcome_e outcome;
    apr_array_header_t *rows;
    apr_array_header_t *deleted;
} apid_written_t;

/** The word of an outcome, such as "inserted". */
const char *apid_outcome_word(apid_outcome_e outcome);

/** Checks every argument that a plan writes or matches by, without any SQL; a
 * chain of all that is wrong. Results of earlier operations are not looked
 * at. */
APID_CHECKED apid_err_t *apid_write_check(const apid_plan_t *plan,
                                          apid_scope_t *scope,
                                          apr_pool_t *pool);

/** Runs a create, update, upsert or delete in tx. On failure the transaction
 * is to be rolled back. */
APID_CHECKED apid_err_t *apid_write_run(apid_written_t *written,
                                        apid_tx_t *tx,
                                        const apid_plan_t *plan);

/** Statements that serve one purpose, in the order they are sent. */
typedef struct apid_step_t {
    const char *purpose;
    const apid_stmt_t *stmts;
    int nstmts;
} apid_step_t;

/** Adds a step (apid_step_t) of n statements, which it copies; none of no
 * statements. */
void apid_step_add(apr_array_header_t *steps, const char *purpose,
                   const apid_stmt_t *stmts, int n);

/** Adds the steps that a create, update, upsert or delete may take for the
 * arguments of a scope: whether an id was sent or not, records found or not.
 * Keys of records are 1. A chain of the arguments that are wrong; the steps are
 * there, without them. */
APID_CHECKED apid_err_t *apid_write_steps(apr_array_header_t *steps,
                                          const apid_plan_t *plan,
                                          const apid_scope_t *scope);

/** Sends statements (apid_stmt_t) of tx: BEGIN before the first, COMMIT after
 * them if the last operation says so with commit. Rows read are copied to
 * *rows if it is not NULL. */
APID_CHECKED apid_err_t *apid_write_send(apr_array_header_t **rows,
                                         apid_tx_t *tx,
                                         const apr_array_header_t *stmts,
                                         apid_stmt_e end);

#endif
