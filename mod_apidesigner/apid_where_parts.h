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

/** Adds "?, ?, ?)" for the last n binds of width values each, padded with the
 * last of them to a power of two: few lengths, few prepared statements. mark
 * is one of them with ", " before it. */
void apid_where_marks(apid_where_t *where, int n, const char *mark, int width);

#endif
