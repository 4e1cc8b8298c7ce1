/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apid_explain: what a definition compiles to, for people: the statements that
 * a request with every parameter sent may run, and their binds.
 */
#ifndef APID_EXPLAIN_H
#define APID_EXPLAIN_H

#include "apid_run.h"

/** The text, in pool: of every way that an operation can go, what is sent and
 * what for. Text parameters stand as "@name", parameters of other types by a
 * sample, keys of records by 1. BEGIN and COMMIT are not told, nor what a
 * header of a request adds: If-Match, Idempotency-Key. */
const char *apid_explain(const apid_api_t *api, apr_pool_t *pool);

#endif
