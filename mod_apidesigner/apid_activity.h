/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apid_activity: what was called, by the minute, and what was refused: from
 * the memory that processes share into our tables, many rows at once, and out
 * of them for people. Nothing is written per request.
 */
#ifndef APID_ACTIVITY_H
#define APID_ACTIVITY_H

#include "apid_db.h"
#include "apid_json.h"
#include "apid_share.h"

/** What is asked for. */
typedef struct apid_question_t {
    const char *name;    /* of a definition; NULL: all */
    const char *user;    /* NULL: all */
    apr_int64_t hours;   /* back from now */
    apr_int64_t minutes; /* that one row stands for */
    apr_int64_t max;     /* rows */
} apid_question_t;

/** Writes what has gathered: lines of activity, the last use of access keys
 * and tokens, refused requests. What could not be written stays where it
 * is. */
APID_CHECKED apid_err_t *apid_activity_write(apid_share_t *share,
                                             apid_lease_t *lease,
                                             apr_pool_t *pool);

/** Drops activity that is older than so many days, and all but the newest
 * refusals. */
APID_CHECKED apid_err_t *apid_activity_sweep(apid_lease_t *lease,
                                             apr_int64_t days,
                                             apr_int64_t refusals);

/** Writes the array of what was called: a row per span of time, definition,
 * version, user and status, newest first. */
APID_CHECKED apid_err_t *apid_activity_list(apid_json_t *out,
                                            const apid_question_t *question,
                                            apid_lease_t *lease,
                                            apr_pool_t *pool);

/** Writes the array of the definitions that were called in the last day: how
 * often in each of its 24 hours (the last is this one), errors, latencies. */
APID_CHECKED apid_err_t *apid_activity_summary(apid_json_t *out,
                                               apid_lease_t *lease,
                                               apr_pool_t *pool);

/** Rows of refused requests, newest first: of a definition (NULL: all), or of
 * one request id. */
APID_CHECKED apid_err_t *apid_activity_refusals(apid_rows_t **rows,
                                                const apid_question_t *of,
                                                const char *request_id,
                                                apid_lease_t *lease);

#endif
