/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apid_where_parts: what the files of a statement in the making share.
 */
#ifndef APID_WHERE_PARTS_H
#define APID_WHERE_PARTS_H

#include "apid_where.h"

/** Binds n values to the next '?'s. */
void apid_where_bind_all(apid_where_t *where, const apid_value_t *values,
                         int n);

/** Conditions being written for one plan and request. */
typedef struct apid_render_t {
    apid_where_t *where;
    const apid_plan_t *plan;
    const apid_scope_t *scope;
    const apid_cond_t *missing;
} apid_render_t;

/** The next power of two: few lengths, few prepared statements. */
int apid_where_pad(int n);

/** Adds a condition, which compares with arg. */
void apid_where_test(apid_render_t *r, const apid_cond_t *cond,
                     const apid_arg_t *arg);

/** Adds that a column is empty, or is not: NULL, or what its type has for
 * empty, '' or a zero date. */
void apid_where_empty(apid_render_t *r, const apid_cond_t *cond, int wanted);

/** Adds "?, ?, ?)" for the last n binds of width values each, padded with the
 * last of them to a power of two: few lengths, few prepared statements. mark
 * is one of them with ", " before it. */
void apid_where_marks(apid_where_t *where, int n, const char *mark, int width);

#endif
