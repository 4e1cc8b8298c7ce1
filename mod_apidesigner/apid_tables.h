/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apid_tables: compares modules with the tables they stand for, as they are in
 * the database now.
 */
#ifndef APID_TABLES_H
#define APID_TABLES_H

#include "apid_auth.h"
#include "apid_catalog.h"
#include "apid_db.h"

/** Reads the columns of all tables of modules (apid_module_t *) into a hash, in
 * whose pool they live; fingerprint changes when any of them does. */
APID_CHECKED apid_err_t *apid_tables_read(
    unsigned char fingerprint[APID_DIGEST_SIZE], apr_hash_t *columns,
    const apr_array_header_t *modules, apid_lease_t *lease);

/** Whether the column of a field is there. */
int apid_tables_holds(apr_hash_t *columns, const apid_module_t *module,
                      const apid_field_t *field);

/** The first column (with its table, quoted) that a module cannot do without
 * and that is not there: of a key, a constant, soft delete; or NULL. */
const char *apid_tables_missing(apr_hash_t *columns,
                                const apid_module_t *module);

#endif
