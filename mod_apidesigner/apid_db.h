/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apid_db: the pool of connections, leases, prepared statements, rows,
 * transactions, and the differences between MySQL and MariaDB. This header
 * names nothing of the client library; apid_db*.c are the only files that do.
 */
#ifndef APID_DB_H
#define APID_DB_H

#include "apid_value.h"

#include <apr_tables.h>

/** The pool of one process. Threads may share it. */
typedef struct apid_db_t apid_db_t;

/** One connection, lent to one thread. */
typedef struct apid_lease_t apid_lease_t;

/** Rows of an executed statement. */
typedef struct apid_rows_t apid_rows_t;

typedef struct apid_db_host_t {
    const char *name; /* NULL with socket */
    int port;
    const char *socket; /* path of a unix socket, or NULL */
} apid_db_host_t;

typedef enum apid_tls_e {
    APID_TLS_OFF,     /* never (unix sockets never use it) */
    APID_TLS_REQUIRE, /* encrypted, server not verified */
    APID_TLS_VERIFY   /* certificate and host name verified */
} apid_tls_e;

typedef struct apid_db_config_t {
    const apid_db_host_t *hosts; /* tried in order */
    int nhosts;
    const char *user;
    const char *password; /* or NULL */
    const char *password_from; /* "file PATH", for messages; or NULL */
    const char *database;
    apid_tls_e tls;
    const char *tls_ca; /* file of certificates, or NULL: the system's */
    int min;            /* connections opened at start */
    int keep;           /* idle ones kept */
    int max;
    int waiters;        /* threads that may wait for a connection at once */
    apr_interval_time_t idle_ttl;
    apr_interval_time_t acquire_timeout;
    apr_interval_time_t connect_timeout;
    apr_interval_time_t statement_timeout; /* 0: none */
    apr_interval_time_t io_timeout;        /* above the statement timeout */
    int statements;     /* prepared statements kept per connection */
    int compound;        /* 0: several statements go one by one even where
                          * the server could take them in one trip */
} apid_db_config_t;

typedef enum apid_stmt_e {
    APID_STMT_READ,   /* gives rows */
    APID_STMT_WRITE,  /* INSERT, UPDATE, DELETE: a warning is an error */
    APID_STMT_BEGIN,  /* sql is NULL: START TRANSACTION */
    APID_STMT_COMMIT  /* sql is NULL */
} apid_stmt_e;

typedef struct apid_stmt_t {
    apid_stmt_e kind;
    const char *sql; /* '?' for each bind */
    const apid_value_t *binds;
    int nbinds;
    const char *returning; /* of a READ of the row that the WRITE before it
                            * inserted: its columns ("`id`, `name`"), for a
                            * server whose INSERT can give them; or NULL */
    const char *columns;   /* of a WRITE: those it gives values ("`a`, `b`"):
                            * what the database rounds in others, such as those
                            * it computes, is no error; or NULL */
    int strict;            /* of a WRITE that names none, since errors may call
                            * them otherwise: nor do those beside it */
} apid_stmt_t;

typedef struct apid_db_stats_t {
    char server[64]; /* "MariaDB 10.11.6", "" before the first connect */
    int connections, idle, waiting;
    apr_uint64_t leases, connects, failures, timeouts, statements_prepared;
    apr_uint64_t max_packet, max_connections, max_statements; /* the server's
                          * limits, for the arithmetic at start-up; 0 before
                          * the first connect */
} apid_db_stats_t;

/** Fills config with the defaults, all but hosts, user and database. */
void apid_db_config_default(apid_db_config_t *config);

/** Opens a pool; it closes its connections with pool. Connects only config's
 * min, and their failure is no error: the server may come later. */
APID_CHECKED apid_err_t *apid_db_open(apid_db_t **db,
                                      const apid_db_config_t *config,
                                      apr_pool_t *pool);

/** Leases a connection: the one returned last, or a new one. It goes back
 * when pool is cleared or by apid_db_close. DATABASE_UNAVAILABLE when no host
 * can be reached, when the acquire timeout is over, or at once when enough
 * others wait. A connection that the server closed meanwhile is replaced. */
APID_CHECKED apid_err_t *apid_db_lease(apid_lease_t **lease, apid_db_t *db,
                                       apr_pool_t *pool);

/** The same, but where all connections are lent it opens one more than config's
 * max, which is closed when it comes back: for what all others depend on. */
APID_CHECKED apid_err_t *apid_db_lease_urgent(apid_lease_t **lease,
                                              apid_db_t *db,
                                              apr_pool_t *pool);

/** Gives a lease back before its pool is cleared. Rows not fetched are
 * dropped; an open transaction is rolled back. */
void apid_db_close(apid_lease_t *lease);

/** Executes n statements in order, prepared and kept, in one round trip where
 * the server can (MariaDB: a compound statement), else one by one. Writes that
 * would run outside a transaction get one of their own. At most one
 * of them may be APID_STMT_READ; its rows are *rows (else *rows is NULL; rows
 * may be NULL when there is no READ). With n == 1 rows are streamed
 * unbuffered and the first is fetched before this returns; otherwise they are
 * held in the lease's pool. Rows end with the next execute of their lease. sql
 * is the key of the statement cache.
 *
 * On failure the error's kind is: DUPLICATE_RECORD_FOUND, REFERENCE_INVALID,
 * INVALID_VALUE (object is the index, column or collation the server named),
 * DEADLOCK (the transaction is rolled back: run it all again), LOCKED (waited
 * for in vain), DATABASE_UNAVAILABLE (nothing was committed), OUTCOME_UNKNOWN
 * (a COMMIT got no answer), QUERY_TIMEOUT, PAYLOAD_TOO_LARGE (above
 * max_allowed_packet; nothing was sent), INTERNAL_ERROR; cause has the
 * server's number and text. Whatever the failure, the transaction is rolled
 * back or its connection dropped. A READ outside a transaction whose connection
 * breaks before the first row is run once more on a new connection. */
APID_CHECKED apid_err_t *apid_db_execute(apid_rows_t **rows,
                                         apid_lease_t *lease,
                                         const apid_stmt_t *stmts, int n);

/** The next row: its values (APID_INT and APID_UINT for integers, BIT as
 * APID_UINT, APID_FLOAT, APID_DOUBLE, APID_TIME, else APID_TEXT, or APID_BYTES
 * for binary columns), valid until the next call; *row is NULL after the
 * last one. */
APID_CHECKED apid_err_t *apid_db_next(const apid_value_t **row,
                                      apid_rows_t *rows);

/** How many columns rows have; the name of one. */
int apid_db_columns(const apid_rows_t *rows);
const char *apid_db_column_name(const apid_rows_t *rows, int column);

/** Rolls back; no error if there is no transaction. A connection that fails at
 * it is dropped. */
void apid_db_rollback(apid_lease_t *lease);

/** Runs a script of our own schema: statements separated by ';' at the end of
 * a line, no delimiters, comments by "--". A column or index that is there
 * already is no error. For the tool, never with text of a request. */
APID_CHECKED apid_err_t *apid_db_script(apid_lease_t *lease,
                                        const char *script);

/** The mark of a value that a JSON column is compared with: MySQL takes a text
 * for a string in JSON, which equals no document; to MariaDB, whose JSON is
 * text, this is a comment around the mark (its manual, "Comment Syntax"). */
#define APID_DB_JSON "/*!80000 CAST(*/?/*!80000 AS JSON)*/"

/** What is around a JSON column that is compared by what it says, and the mark
 * of a value that it is compared with: MySQL does so, and takes the rest for
 * comments; to MariaDB texts are the same that have blanks alone different,
 * and since 10.7 the order of members and the form of numbers, too. */
#define APID_DB_SAME_OPEN \
    "/*M! JSON_COMPACT(*//*M!100700 JSON_NORMALIZE(*/"
#define APID_DB_SAME_CLOSE "/*M!100700 )*//*M! )*/"
#define APID_DB_SAME APID_DB_SAME_OPEN APID_DB_JSON APID_DB_SAME_CLOSE

/** What the server says it is: "MariaDB" or "MySQL". */
const char *apid_db_flavour(const apid_lease_t *lease);

/** Figures of the pool, for the status pages. */
void apid_db_stats(apid_db_stats_t *stats, apid_db_t *db);

#endif
