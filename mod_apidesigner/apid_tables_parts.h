/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apid_tables_parts: what the files of apid_tables share.
 */
#ifndef APID_TABLES_PARTS_H
#define APID_TABLES_PARTS_H

#include "apid_tables.h"

/** The name that a quoted one stands for, in pool. */
const char *apid_tables_unquote(const char *quoted, apr_pool_t *pool);

#endif
