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

/** Reads the columns of all tables of modules (apid_module_t *), those of
 * sequences too, with their types, into a hash, in whose pool they live;
 * fingerprint changes when any of them does. */
APID_CHECKED apid_err_t *apid_tables_read(
    unsigned char fingerprint[APID_DIGEST_SIZE], apr_hash_t *columns,
    const apr_array_header_t *modules, apid_lease_t *lease);

/** A type of the database and what it is for us. */
typedef struct apid_column_type_t {
    const char *word; /* "varchar" */
    apid_type_e type;
    int bits;  /* of whole numbers */
    int sized; /* its length is its own to say */
} apid_column_type_t;

/** A type of the database by its word; NULL if we have none for it. */
const apid_column_type_t *apid_tables_type(const char *word);

/** What the database says of a column. */
typedef struct apid_column_facts_t {
    const char *name;
    int nullable;
    int indexed;    /* an index begins with it */
    int short_text; /* text whose characters have 3 bytes at most */
    int blob;       /* an index holds its beginning only */
    int needed;     /* no row can be made that gives it no value */
} apid_column_facts_t;

/** What the database says of a table; there is none if it has no columns. */
typedef struct apid_table_facts_t {
    const apid_column_facts_t *columns;
    int ncolumns;
    int view;
    int transactions; /* its engine knows them */
} apid_table_facts_t;

/** Reads the facts of a table (quoted) into pool. */
APID_CHECKED apid_err_t *apid_tables_facts(apid_table_facts_t **facts,
                                           const char *table,
                                           apid_lease_t *lease,
                                           apr_pool_t *pool);

/** A column by its name, case ignored; NULL if none. */
const apid_column_facts_t *apid_tables_column(const apid_table_facts_t *facts,
                                              const char *name);

/** Whether a column (both quoted) holds dates whose day is 0, among the first
 * rows of its table. */
APID_CHECKED apid_err_t *apid_tables_zero_dates(int *found, const char *table,
                                                const char *column,
                                                apid_lease_t *lease,
                                                apr_pool_t *pool);

/** Whether a table is a view whose rows the database can answer only. */
APID_CHECKED apid_err_t *apid_tables_fixed(int *fixed,
                                           const apid_table_t *table,
                                           apid_lease_t *lease,
                                           apr_pool_t *pool);

/** Whether a unique index sees to it that no two rows of a table have the same
 * key; of what is no base table it is not known, and taken for granted. */
APID_CHECKED apid_err_t *apid_tables_keyed(int *keyed,
                                           const apid_table_t *table,
                                           apid_lease_t *lease,
                                           apr_pool_t *pool);

/** A unique index. */
typedef struct apid_index_t {
    const char *name;
    apr_array_header_t *columns; /* const char *, in its order */
} apid_index_t;

/** Reads the unique indexes (apid_index_t) of a table (quoted), in the order
 * of their names, into pool: those over columns alone, for MySQL has some over
 * expressions too, and but for the primary key. */
APID_CHECKED apid_err_t *apid_tables_uniques(apr_array_header_t **indexes,
                                             const char *table,
                                             apid_lease_t *lease,
                                             apr_pool_t *pool);

/** Whether two rows have the same key (a list; all quoted), among the first
 * rows of a table. */
APID_CHECKED apid_err_t *apid_tables_repeats(int *found, const char *table,
                                             const char *keys,
                                             apid_lease_t *lease,
                                             apr_pool_t *pool);

/** Whether a table (quoted) is one of ours: no module may stand for it. */
int apid_tables_own(const char *table);

/** What a module cannot do without and is not there: its tables and sequence,
 * columns of keys, constants, soft delete. A chain of INVALID_DEFINITION with
 * places in its document, in the pool of columns; NULL: nothing. */
APID_CHECKED apid_err_t *apid_tables_missing(apr_hash_t *columns,
                                             const apid_module_t *module);

/** That the column of a field is not there, in words; NULL if it is, or if its
 * whole table is not. */
const char *apid_tables_lack(apr_hash_t *columns, const apid_module_t *module,
                             const apid_field_t *field);

/** That the type of a field, whose reference is resolved, does not fit its
 * column, and which one would, in words; NULL if it does. The values of such a
 * field match rows that do not hold them. */
const char *apid_tables_misfit(apr_hash_t *columns,
                               const apid_module_t *module,
                               const apid_field_t *field);

/** The same of the key of a module. */
const char *apid_tables_key_misfit(apr_hash_t *columns,
                                   const apid_module_t *module);

/** Makes a catalog of modules (apid_module_t *) in which those, and their
 * fields, that do not fit the tables as they are now have a fault. It lives in
 * the pool of modules; fingerprint is as above. */
APID_CHECKED apid_err_t *apid_tables_catalog(
    apid_catalog_t **catalog, unsigned char fingerprint[APID_DIGEST_SIZE],
    const apr_array_header_t *modules, apid_lease_t *lease);

#endif
