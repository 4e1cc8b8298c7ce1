/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apid_run_parts: what the files of running share: cursors.
 */
#ifndef APID_RUN_PARTS_H
#define APID_RUN_PARTS_H

#include "apid_run.h"

/** The cursor of the rows after one whose sort values (one per sort of the
 * plan) are given, in pool. */
const char *apid_cursor_write(const apid_plan_t *plan,
                              const apid_value_t *values,
                              const unsigned char *seal, apr_pool_t *pool);

/** Opens a cursor: values, one per sort of the plan. INVALID_VALUE if it is
 * none, or one of another list. */
APID_CHECKED apid_err_t *apid_cursor_open(apid_value_t *values,
                                          const char *sealed,
                                          const apid_call_t *call,
                                          const apid_plan_t *plan,
                                          apr_pool_t *pool);

#endif
