/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apid_run_parts: what the files of running share: cursors.
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

#endif
