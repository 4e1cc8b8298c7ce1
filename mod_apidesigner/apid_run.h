/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apid_run: runs a compiled definition with one request's arguments. Selects
 * are streamed; writes are one transaction with their history, run again from
 * the start after a deadlock. It knows no HTTP and no representation: it
 * yields an outcome and rows of typed values.
 */
#ifndef APID_RUN_H
#define APID_RUN_H

#include "apid_write.h"

typedef struct apid_result_t apid_result_t;

/** Runs the definition; a call with a trace as a dry run, which is rolled
 * back. When it returns NULL the transaction, if any, is
 * committed, and the first row is there: what can fail after that is the
 * fetching of further rows of a select. The result, and the connection with
 * it, lives in pool. */
APID_CHECKED apid_err_t *apid_run(apid_result_t **result,
                                  const apid_call_t *call, apid_db_t *db,
                                  apr_pool_t *pool);

/** Runs a definition that is one select, on a connection that the caller has
 * and keeps: it is busy until the last row is fetched. */
APID_CHECKED apid_err_t *apid_run_look(apid_result_t **result,
                                       const apid_call_t *call,
                                       apid_lease_t *lease,
                                       apr_pool_t *pool);

/** Adds the steps (apid_step_t) that an operation may take for the arguments of
 * a scope, without any server; where limits are bound, with and without them.
 * The call's seal is that of the cursor. A chain of the arguments that are
 * wrong; the steps are there, without them. */
APID_CHECKED apid_err_t *apid_run_steps(apr_array_header_t *steps,
                                        const apid_plan_t *plan,
                                        const apid_scope_t *scope);

/** The last operation's plan and outcome: what the answer is made from. */
const apid_plan_t *apid_run_plan(const apid_result_t *result);
apid_outcome_e apid_run_outcome(const apid_result_t *result);

/** The next row, plan->nshown values of it are for the caller; valid until
 * the next call. *row is NULL after the last one; the connection goes back
 * then. */
APID_CHECKED apid_err_t *apid_run_next(const apid_value_t **row,
                                       apid_result_t *result);

/** Whether rows are still to be fetched: it keeps its connection for them. */
int apid_run_streams(const apid_result_t *result);

/** Whether there are rows after those of a paged select; 1 until its last row
 * was fetched, when there may be. */
int apid_run_more(const apid_result_t *result);

/** The cursor of the rows after those of a select, sealed, in pool; NULL if
 * there are none or the plan binds no cursor. It names the last row; until
 * that was fetched, the place of the first and how many to skip. */
const char *apid_run_cursor(const apid_result_t *result, apr_pool_t *pool);

/** After the last row of a select of one record by its id: the part of the
 * entity tag that is the record's, see apid_tag; NULL if it has none. */
const char *apid_run_tag(const apid_result_t *result);

/** The page that a select answered, 1-based. */
apr_int64_t apid_run_page(const apid_result_t *result);

/** The ids, as callers may send them, of the records that a delete deleted
 * (const char *), in the order of their keys; NULL for other outcomes. */
const apr_array_header_t *apid_run_deleted(const apid_result_t *result);

/** The id, as callers see it, of the record that a create made, in pool; NULL
 * for other outcomes. */
const char *apid_run_id(const apid_result_t *result, apr_pool_t *pool);

#endif
