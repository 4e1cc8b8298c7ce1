/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apid_diff_parts: what the files of the comparison share: two versions, and
 * what was found to differ so far.
 */
#ifndef APID_DIFF_PARTS_H
#define APID_DIFF_PARTS_H

#include "apid_diff.h"

typedef struct apid_pair_t {
    apr_pool_t *pool;
    const apid_api_t *from, *to;
    apr_array_header_t *found; /* apid_difference_t */
} apid_pair_t;

/** Notes a difference; what it means is said by apid_pair_say. */
apid_difference_t *apid_pair_note(apid_pair_t *pair, apid_diff_e kind,
                                  const char *name, const char *before,
                                  const char *after);

/** Completes a difference. */
void apid_pair_say(apid_pair_t *pair, apid_difference_t *difference,
                   int breaking, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/** Compares what is sent and what is answered: operations, fields,
 * parameters, conditions. */
void apid_pair_plans(apid_pair_t *pair);

#endif
