/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apid_trace: what a dry run did before it was rolled back: its statements, how
 * the server runs them, and what changed in which records. Fields that the
 * user may not read are left out.
 */
#ifndef APID_TRACE_H
#define APID_TRACE_H

#include "apid_db.h"
#include "apid_updates.h"

/** A statement that was run. */
typedef struct apid_traced_t {
    apid_stmt_t stmt;
    const char *explain; /* JSON: rows of EXPLAIN; NULL: it was not asked */
} apid_traced_t;

typedef struct apid_trace_t {
    apr_pool_t *pool;
    apr_array_header_t *stmts;   /* apid_traced_t */
    apr_array_header_t *entries; /* apid_entry_t; ids have their prefix */
} apid_trace_t;

/** An empty trace, in pool. */
apid_trace_t *apid_trace_open(apr_pool_t *pool);

/** Refuses what a rollback could not undo: CONFLICT if a table that the call
 * writes has no transactions. */
APID_CHECKED apid_err_t *apid_trace_check(const apid_call_t *call,
                                          apid_lease_t *lease,
                                          apr_pool_t *pool);

/** Forgets all, for a transaction that runs again. */
void apid_trace_reset(apid_trace_t *trace);

/** Notes n statements. */
void apid_trace_stmts(apid_trace_t *trace, const apid_stmt_t *stmts, int n);

/** Notes what changed in records of a plan's module (apid_entry_t), as far as
 * the user may read it. */
void apid_trace_entries(apid_trace_t *trace,
                        const apr_array_header_t *entries,
                        const apid_plan_t *plan, const apid_call_t *call);

/** Gives the record that was made last, whose key the server made, its id. */
void apid_trace_made(apid_trace_t *trace, const char *id);

/** Asks the server how it runs the statements that read, but for those that it
 * was asked of already. A failure must end the dry run: the transaction that
 * was to be rolled back is gone. */
APID_CHECKED apid_err_t *apid_trace_explain(apid_trace_t *trace,
                                            apid_lease_t *lease);

#endif
