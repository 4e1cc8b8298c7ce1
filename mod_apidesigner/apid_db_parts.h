/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apid_db_parts: what the files of the database layer know of each other: a
 * connection, a lease, its rows. Nothing else may include this header, for it
 * names the client library.
 */
#ifndef APID_DB_PARTS_H
#define APID_DB_PARTS_H

#include "apid_db.h"

#include <apr_hash.h>

#include <mysql.h>

#include <ma_pvio.h>

typedef struct apid_prepared_t apid_prepared_t;
typedef struct apid_flavour_t apid_flavour_t;

/** What an error means for the connection it came over. */
typedef enum apid_fate_e {
    APID_FATE_KEEP,
    APID_FATE_PREPARE, /* the statement is to be prepared again */
    APID_FATE_DROP,    /* nothing more can be sent over it */
    APID_FATE_HOST     /* as DROP, and its host takes no writes now */
} apid_fate_e;

/** How far an execute got, should its connection break. */
typedef enum apid_progress_e {
    APID_SENT_NOTHING,
    APID_SENT_SOME,  /* statements, none of which commits */
    APID_SENT_COMMIT
} apid_progress_e;

/** What a bind points to if not to its value. */
typedef union apid_slot_t {
    MYSQL_TIME time;
    float number;
} apid_slot_t;

/** A statement prepared on one connection. */
struct apid_prepared_t {
    apr_pool_t *pool; /* its own, in the connection's */
    const char *sql;
    apr_uint64_t used; /* the connection's clock at its last use */
    MYSQL_STMT *stmt;
    MYSQL_BIND *binds;
    apid_slot_t *slots; /* one per bind */
    int nbinds, bound; /* whether types of binds are known to the server */
    apid_value_t *row; /* the last one fetched */
    int nvalues;       /* that row has room for */
};

/** One connection. It belongs to one thread, or lies idle in the pool. */
typedef struct apid_conn_t {
    apr_pool_t *pool; /* its own */
    apid_db_t *db;
    MYSQL *mysql;
    PVIO_METHODS io; /* the library's, with a read of ours */
    const apid_flavour_t *flavour;
    int host;           /* index into the configuration */
    int in_transaction;
    int compound;       /* takes compound statements */
    apr_uint64_t max_packet, max_connections, max_statements;
    apr_time_t returned; /* when it became idle */
    apr_hash_t *statements; /* SQL text to apid_prepared_t */
    int max_kept;           /* of statements */
    apr_uint64_t clock;     /* counts uses of statements */
} apid_conn_t;

/** Rows of the last execute: streamed from prepared, or held. */
struct apid_rows_t {
    apid_lease_t *lease;
    apid_prepared_t *prepared; /* NULL: held, or there are none */
    int open;                  /* prepared has rows to fetch */
    const apid_value_t *first; /* fetched already, not yet given out */
    apr_array_header_t *held;  /* of apid_value_t *, or NULL */
    int next;                  /* of held */
    int ncolumns;
    const char **names;        /* of held */
};

struct apid_lease_t {
    apid_db_t *db;
    apid_conn_t *conn; /* NULL once dropped or given back */
    apr_pool_t *pool;
    apid_progress_e progress;
    apid_progress_e before; /* progress without what is being sent */
    apid_fate_e fate;       /* what the last error meant */
    int urgent;             /* it may be one more than config's max */
    apr_interval_time_t patience; /* how long an answer is waited for */
    apid_rows_t rows;
};

/* apid_db.c */

/** Gives the lease a connection if it has none. */
APID_CHECKED apid_err_t *apid_lease_renew(apid_lease_t *lease);

/** Closes the lease's connection, and shuns its host if the last error said
 * so. */
void apid_lease_drop(apid_lease_t *lease);

/** Tells the pool that an answer was waited for in vain: connections idle by
 * now would not get one either. */
void apid_lease_doubt(apid_lease_t *lease);

/** Runs SQL in the text protocol; rows are thrown away. */
APID_CHECKED apid_err_t *apid_lease_query(apid_lease_t *lease,
                                          const char *sql);

/** Counts a statement prepared. */
void apid_db_count_prepared(apid_db_t *db);

/* apid_db_conn.c */

/** Makes a connection to the host of that index, not connected yet; NULL: out
 * of memory. It has a pool of its own. */
apid_conn_t *apid_conn_make(apid_db_t *db, const apid_db_config_t *config,
                            int host);

/** Connects it and sets the session up; 0: the client library has the error. */
int apid_conn_connect(apid_conn_t *conn, const apid_db_config_t *config);

/** Whether an idle connection can still be used, as far as this side knows. */
int apid_conn_is_alive(const apid_conn_t *conn);

/** Closes it and destroys its pool. */
void apid_conn_close(apid_conn_t *conn);

/* apid_db_bind.c */

/** Binds the values of n statements, in order, to the parameters of the one
 * they were composed to. */
APID_CHECKED apid_err_t *apid_prepared_bind(apid_lease_t *lease,
                                            apid_prepared_t *prepared,
                                            const apid_stmt_t *stmts, int n);

/* apid_db_rows.c */

/** How many columns an executed statement has; 0: it gives no rows. */
int apid_prepared_columns(const apid_prepared_t *prepared);

/** Has the statement's rows decoded into prepared->row. */
void apid_prepared_decode(apid_prepared_t *prepared);

/** Makes the lease's rows those of an executed statement: streamed, with the
 * first one fetched; or held, all fetched. */
APID_CHECKED apid_err_t *apid_lease_stream_rows(apid_lease_t *lease,
                                                apid_prepared_t *prepared);
APID_CHECKED apid_err_t *apid_lease_hold_rows(apid_lease_t *lease,
                                              apid_prepared_t *prepared);

/** Ends the rows of the lease's last execute. */
void apid_lease_drop_rows(apid_lease_t *lease);

/* apid_db_stmt.c */

/** Makes the connection's cache of statements. */
void apid_conn_open_statements(apid_conn_t *conn);

/** Releases the statements of a connection that is closed already. */
void apid_conn_close_statements(apid_conn_t *conn);

/** Raises the error that a statement of the client library has. */
APID_CHECKED apid_err_t *apid_lease_raise_stmt(apid_lease_t *lease,
                                               MYSQL_STMT *stmt);

/** After an error: drops the connection or rolls back, as its fate says. */
void apid_lease_abandon(apid_lease_t *lease);

/* apid_db_flavour.c */

/** Finds out what the server is, and makes the session ours. On failure the
 * client library has the error. Gives whether it went well. */
int apid_conn_setup(apid_conn_t *conn, const apid_db_config_t *config);

/** "MariaDB" or "MySQL". */
const char *apid_conn_flavour(const apid_conn_t *conn);

/** Why it could not be connected, and what to do about it, in its pool: for
 * the log. The password is never in it. */
const char *apid_conn_fault(const apid_conn_t *conn,
                            const apid_db_config_t *config);

/** The text of every DATABASE_UNAVAILABLE. */
#define APID_DB_UNAVAILABLE \
    "The database is not available; try again in a moment"

/** Raises the error of a number and message of the server or the client
 * library, by how far the lease's execute got; sets the lease's fate. */
APID_CHECKED apid_err_t *apid_lease_raise(apid_lease_t *lease,
                                          unsigned int number,
                                          const char *message);

/* Warnings that tell nothing of data: unsafe for statement replication;
 * deprecated syntax, and engines beside each other. */
#define APID_HARMLESS 1592, 1287, 1681, 3719, 3778, 6414

/* Warnings of a column that is not named as one that is given a value tell
 * nothing of it: "Data truncated for column 'price' at row 1"; on MySQL a date
 * of a time is an "Incorrect date value". The name stands as it is between. */
#define APID_ROUNDED 1265, 1292
#define APID_ROUNDED_BEFORE "for column '"
#define APID_ROUNDED_AFTER "' at row "

/** Whether a warning or note after a write tells of anything but its data. */
int apid_db_is_harmless(unsigned int warning, const char *message,
                        const apid_stmt_t *stmt, apr_pool_t *pool);

#endif
