/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apid_run: runs a compiled definition with one request's arguments. Selects
 * are streamed; writes are one transaction with their history, run again from
 * the start after a deadlock. It knows no HTTP and no representation: it
 * yields an outcome and rows of typed values.
 */
#ifndef APID_RUN_H
#define APID_RUN_H

#include "apid_api.h"
#include "apid_db.h"

/** What an explicit null in a record means. */
typedef enum apid_nulls_e {
    APID_NULLS_UNSENT, /* profile vtiger: as if it was not sent */
    APID_NULLS_WRITE   /* profile rest: NULL is written */
} apid_nulls_e;

/** One request. All is borrowed and must outlive the result. */
typedef struct apid_call_t {
    const apid_api_t *api;
    const apid_args_t *args;
    const apid_user_t *user; /* who acts: a webhook's owner too */
    const char *request_id;
    apr_time_t now;
    int max_rows;            /* the configured cap of a limit */
    apid_nulls_e nulls;
    const unsigned char *seal; /* APID_DIGEST_SIZE bytes: key of cursors */
} apid_call_t;

typedef enum apid_outcome_e {
    APID_OUTCOME_ROWS,      /* a select */
    APID_OUTCOME_INSERTED,
    APID_OUTCOME_UPDATED,
    APID_OUTCOME_UNCHANGED, /* update or upsert whose rows held it already */
    APID_OUTCOME_DELETED
} apid_outcome_e;

typedef struct apid_result_t apid_result_t;

/** Runs the definition. When it returns NULL the transaction, if any, is
 * committed, and the first row is there: what can fail after that is the
 * fetching of further rows of a select. The result, and the connection with
 * it, lives in pool. */
APID_CHECKED apid_err_t *apid_run(apid_result_t **result,
                                  const apid_call_t *call, apid_db_t *db,
                                  apr_pool_t *pool);

/** The last operation's plan and outcome: what the answer is made from. */
const apid_plan_t *apid_run_plan(const apid_result_t *result);
apid_outcome_e apid_run_outcome(const apid_result_t *result);

/** The next row, plan->nshown values of it are for the caller; valid until
 * the next call. *row is NULL after the last one; the connection goes back
 * then. */
APID_CHECKED apid_err_t *apid_run_next(const apid_value_t **row,
                                       apid_result_t *result);

/** After the last row of a paged select: whether there are more. */
int apid_run_more(const apid_result_t *result);

/** After the last row of a select: the cursor of the rows after it (sealed),
 * in pool; NULL if there are none or the plan binds no cursor. */
const char *apid_run_cursor(const apid_result_t *result, apr_pool_t *pool);

/** The page that a select answered, 1-based. */
apr_int64_t apid_run_page(const apid_result_t *result);

/** The id, as callers see it, of the record that a create made, in pool; NULL
 * for other outcomes. */
const char *apid_run_id(const apid_result_t *result, apr_pool_t *pool);

#endif
