/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apid_explain: what a definition compiles to, for people: the statements that
 * a request with every parameter sent would run, and their binds.
 */
#ifndef APID_EXPLAIN_H
#define APID_EXPLAIN_H

#include "apid_write.h"

/** The text, in pool. Text parameters stand as "@name"; parameters of other
 * types by a sample. A write is shown for one record, found and changed. */
const char *apid_explain(const apid_api_t *api, apr_pool_t *pool);

#endif
