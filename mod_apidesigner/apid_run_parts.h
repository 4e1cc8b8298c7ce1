/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apid_run_parts: what the files of running share: cursors, and the
 * statement of a select.
 */
#ifndef APID_RUN_PARTS_H
#define APID_RUN_PARTS_H

#include "apid_run.h"

/** Where a list goes on: so many rows after the one that has these sort
 * values (one per sort of the plan), or after the beginning if that is NULL. */
typedef struct apid_cursor_t {
    const apid_value_t *values;
    apr_int64_t skip; /* rows, 0 or more */
} apid_cursor_t;

/** The text of a cursor, sealed, in pool. */
const char *apid_cursor_write(const apid_plan_t *plan,
                              const apid_cursor_t *cursor,
                              const unsigned char *seal, apr_pool_t *pool);

/** Opens the text of a cursor. INVALID_VALUE if it is none, or one of another
 * list. */
APID_CHECKED apid_err_t *apid_cursor_open(apid_cursor_t *cursor,
                                          const char *sealed,
                                          const apid_call_t *call,
                                          const apid_plan_t *plan,
                                          apr_pool_t *pool);

/** What a select reads: the part of a list that a request asks for. */
typedef struct apid_select_t {
    apid_match_e match; /* whether it needs to run */
    apr_int64_t max;    /* rows answered at most */
    apr_int64_t page;   /* 1-based */
    apid_cursor_t from; /* where it begins */
} apid_select_t;

/** The statement of a select, in pool, and what it reads. */
APID_CHECKED apid_err_t *apid_select_render(apid_stmt_t *stmt,
                                            apid_select_t *select,
                                            const apid_plan_t *plan,
                                            const apid_scope_t *scope,
                                            apr_pool_t *pool);

#endif
