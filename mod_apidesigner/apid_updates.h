/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apid_updates: the record history. An entry is written in the transaction of
 * the change it tells of; what did not change writes none.
 */
#ifndef APID_UPDATES_H
#define APID_UPDATES_H

#include "apid_db.h"
#include "apid_json.h"
#include "apid_where.h"

/** One field that changed; old and new are NULL-able texts. */
typedef struct apid_change_t {
    const char *field;
    const char *before;
    const char *after;
} apid_change_t;

/** One record that changed. */
typedef struct apid_entry_t {
    const char *record; /* as apid_catalog_write_record; NULL: it is the number
                         * that the server made */
    apid_op_e op;       /* CREATE, UPDATE or DELETE */
    apr_array_header_t *changes; /* apid_change_t */
} apid_entry_t;

/** What stands in SQL for the number that the server made the key of a record
 * just inserted; kept in a variable where more was inserted since. */
const char *apid_updates_key(const apid_module_t *module);

/** Writes the changes of a record (apid_change_t) as JSON:
 * [{"field":"email","old":null,"new":"a@b.c"}, ...] */
void apid_updates_put_changes(apid_json_t *json,
                              const apr_array_header_t *changes);

/** Most entries that one statement writes. */
#define APID_UPDATES_MAX 500

/** The statement that writes n entries of a plan's module in one go; in
 * pool. */
apid_stmt_t apid_updates_write(const apid_entry_t *entries, int n,
                               const apid_plan_t *plan,
                               const apid_call_t *call, apr_pool_t *pool);

/** The history of a record, newest first, at most max entries: rows of at,
 * label, operation, api, version, user, source ("api" or "webhook"),
 * request_id, changes (JSON: [{"field","old","new"}, ...]). */
APID_CHECKED apid_err_t *apid_updates_read(apid_rows_t **rows,
                                           apid_lease_t *lease,
                                           const char *module,
                                           const char *record, int max);

#endif
