/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fake_db: apid_db.h without a server, for the tests of the data layer. The
 * test says what statements answer, and reads afterwards what was executed.
 * Threads may share it.
 *
 *   fake_db_clear();
 *   fake_db_rows("FROM contacts", "id|name\ni1|tAnn\ni2|N");
 *   fake_db_fail("INSERT", APID_ERR_DUPLICATE_RECORD_FOUND, "email", 1);
 *   ... apid_run ...
 *   is(fake_db_log(pool), "BEGIN; INSERT INTO t VALUES (?) ['x']; COMMIT\n",
 *      "in one trip");
 */
#ifndef FAKE_DB_H
#define FAKE_DB_H

#include "apid_db.h"

/** Forgets what was said and what was executed. */
void fake_db_clear(void);

/** A read whose SQL contains part answers rows: lines, the first one names,
 * values separated by '|': i-5 (whole number), u5 (unsigned), f0.5 (float),
 * d0.5 (double), tAnn (text), xAnn (bytes), D2024-01-31 (date),
 * D2024-01-31 12:00:00 (date-time), N (NULL). A line "!" is a QUERY_TIMEOUT
 * when it is fetched. Of several answers whose part fits the first one given
 * counts. A read without answer has no rows and no columns. */
void fake_db_rows(const char *part, const char *rows);

/** As fake_db_rows, but only the next time. */
void fake_db_rows_once(const char *part, const char *rows);

/** The next times statements whose SQL contains part ("BEGIN", "COMMIT" and
 * "LEASE" are such, too) fail. object may be NULL. */
void fake_db_fail(const char *part, apid_err_e kind, const char *object,
                  int times);

/** What was executed: a line per trip, its statements separated by "; ", each
 * with its binds: [5, 0.5, 'text', x'62', 2024-01-31, NULL]; "ROLLBACK". */
const char *fake_db_log(apr_pool_t *pool);

/** How many leases are out. */
int fake_db_leases(void);

#endif
