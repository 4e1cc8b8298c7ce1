/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apid_import: a module's document from what information_schema says of a
 * table: types, keys, references, choices.
 */
#ifndef APID_IMPORT_H
#define APID_IMPORT_H

#include "apid_store.h"

/** The document of a module of that name over a table, in store->pool.
 * Foreign keys become references to the modules over the tables they point to,
 * if there are any. RECORD_NOT_FOUND if there is no such table. */
APID_CHECKED apid_err_t *apid_import_table(const char **document,
                                           apid_store_t *store,
                                           const char *table,
                                           const char *name);

#endif
