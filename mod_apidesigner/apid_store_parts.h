/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apid_store_parts: what the files of the store share: running one statement
 * with its binds.
 */
#ifndef APID_STORE_PARTS_H
#define APID_STORE_PARTS_H

#include "apid_store.h"

/* A bind of each kind; NULL text binds NULL. */
#define APID_BIND_INT(i) apid_value_of_int(i)
#define APID_BIND_TEXT(text) apid_store_bind_text(text)
#define APID_BIND_BYTES(bytes, len) apid_value_of_bytes(bytes, len)

/** The binds of a statement, for the two below. */
#define APID_BINDS(...) \
    ((const apid_value_t[]){__VA_ARGS__}), \
        (int)(sizeof((const apid_value_t[]){__VA_ARGS__}) \
              / sizeof(apid_value_t))

/** A text, or NULL, as a bind. */
apid_value_t apid_store_bind_text(const char *text);

/** What of a secret is shown to tell it by, as a bind: what is bound whole is
 * in the logs of the database. */
apid_value_t apid_store_bind_prefix(const char *secret);

/** Runs a statement that writes. */
APID_CHECKED apid_err_t *apid_store_write(apid_lease_t *lease,
                                          const char *sql,
                                          const apid_value_t *binds, int n);

/** Runs a statement that reads. */
APID_CHECKED apid_err_t *apid_store_read(apid_rows_t **rows,
                                         apid_lease_t *lease, const char *sql,
                                         const apid_value_t *binds, int n);

/** Raises that there is no such thing, with the nearest of the names that sql
 * reads: "no module 'Contcts'; did you mean 'Contacts'?" */
APID_CHECKED apid_err_t *apid_store_miss(apid_store_t *store,
                                         const char *what, const char *name,
                                         const char *sql);

/** A kind of thing that has a key and a name: its word, the statement that
 * finds the key of a name, the one that reads all names. */
typedef struct apid_named_t {
    const char *what, *key, *names;
} apid_named_t;

/** The key of a name; RECORD_NOT_FOUND naming what is near. */
APID_CHECKED apid_err_t *apid_store_key(apr_int64_t *id, apid_store_t *store,
                                        const apid_named_t *kind,
                                        const char *name);

#endif
