/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apid_window: how many calls there were in the last minute or day, in memory
 * that threads and processes share, without a lock. A window of W seconds is
 * cut into n parts; each part has a word: the part's number since 1970, and
 * the calls in it. A word whose number is out of date counts for nothing, so
 * nothing is ever reset, and a word changes by compare-and-swap alone.
 *
 * What is promised: of calls that one memory sees, no W seconds hold more than
 * the limit. A part counts until the last call that it can hold is W seconds
 * old; so a call is forgotten W to W + W/n seconds after it was made.
 */
#ifndef APID_WINDOW_H
#define APID_WINDOW_H

#include <apr.h>
#include <stdatomic.h>

#define APID_MINUTE_PARTS 10 /* of 6 seconds */
#define APID_DAY_PARTS 24    /* of an hour */

typedef struct apid_window_t {
    int parts;           /* of which there is a word each, and one more */
    apr_int64_t seconds; /* of a part */
} apid_window_t;

/** A word: number of the part in its upper, calls in its lower half. */
typedef _Atomic apr_uint64_t apid_part_t;

extern const apid_window_t apid_window_minute, apid_window_day;

/** Calls in the window that ends at now (seconds since 1970). */
apr_int64_t apid_window_count(const apid_window_t *window,
                              const apid_part_t *parts, apr_int64_t now);

/** Counts a call if there are fewer than limit; gives whether it did. */
int apid_window_take(const apid_window_t *window, apid_part_t *parts,
                     apr_int64_t now, apr_int64_t limit);

/** Takes back a call that was counted at that time. */
void apid_window_undo(const apid_window_t *window, apid_part_t *parts,
                      apr_int64_t at);

/** Counts so many calls at a time, whatever the limit. */
void apid_window_add(const apid_window_t *window, apid_part_t *parts,
                     apr_int64_t at, apr_int64_t calls);

/** Seconds until the window holds fewer calls than limit if none is added, at
 * least 1; 0 if it does now. A limit of 0 or less waits for the whole
 * window. */
apr_int64_t apid_window_wait(const apid_window_t *window,
                             const apid_part_t *parts, apr_int64_t now,
                             apr_int64_t limit);

#endif
