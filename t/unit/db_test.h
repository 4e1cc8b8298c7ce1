/* SPDX-License-Identifier: Apache-2.0 */
/*
 * db_test: what the tests of the database layer share: a pool of connections
 * to the server that t/50-db.t started (APID_TEST_SOCKET, APID_TEST_DB,
 * APID_TEST_PID; APID_TEST_MYSQL if it is MySQL), rows as text, errors as
 * text.
 */
#ifndef DB_TEST_H
#define DB_TEST_H

#include "apid_db.h"
#include "tap.h"

#include <apr_strings.h>

static apr_pool_t *pool;          /* of the test running */
static apid_db_host_t db_host;    /* the server */
static apid_lease_t *admin_lease; /* a connection beside those under test */

static inline const char *db_env(const char *name)
{
    const char *value = getenv(name);

    if (!value) {
        printf("Bail out!  %s is not set; run t/50-db.t\n", name);
        exit(1);
    }
    return value;
}

/** What is expected of the server that runs, which APID_TEST_MYSQL says. */
static inline const char *db_either(const char *mariadb, const char *mysql)
{
    return getenv("APID_TEST_MYSQL") ? mysql : mariadb;
}

/** The configuration under test: small, fast timeouts. */
static inline apid_db_config_t db_config(void)
{
    apid_db_config_t config;

    apid_db_config_default(&config);
    db_host.socket = db_env("APID_TEST_SOCKET");
    config.hosts = &db_host;
    config.nhosts = 1;
    config.user = "root";
    config.database = db_env("APID_TEST_DB");
    return config;
}

static inline apid_db_t *db_open(const apid_db_config_t *config)
{
    apid_db_t *db = NULL;
    apid_err_t *err = apid_db_open(&db, config, pool);

    if (err) {
        printf("Bail out!  %s: %s\n", err->text, err->cause);
        exit(1);
    }
    return db;
}

/** The number of an error in its cause: the first word that begins so. */
static inline const char *db_number(const char *cause)
{
    const char *at = cause;

    while (at && !strchr("123456789", *at))
        at = strchr(at, ' ') ? strchr(at, ' ') + 1 : NULL;
    return at ? apr_pstrmemdup(pool, at, strspn(at, "0123456789")) : "-";
}

/** "KIND object number", such as "INVALID_VALUE email 1406"; "" is fine. */
static inline const char *db_error(const apid_err_t *err)
{
    static const char *const kinds[] = {
#define DB_TEST_KIND(kind, vtiger, rest, code) #kind,
        APID_ERR_TABLE(DB_TEST_KIND)
#undef DB_TEST_KIND
    };

    if (!err)
        return "";
    return apr_pstrcat(pool, kinds[err->kind], err->object ? " " : "",
                       err->object ? err->object : "", " ",
                       db_number(err->cause),
                       NULL);
}

static inline apid_lease_t *db_lease(apid_db_t *db)
{
    apid_lease_t *lease = NULL;
    apid_err_t *err = apid_db_lease(&lease, db, pool);

    if (err) {
        printf("Bail out!  %s: %s\n", err->text, err->cause);
        exit(1);
    }
    return lease;
}

static inline const char *db_time(const apid_time_t *t)
{
    const char *clock = apr_psprintf(pool, "%02d:%02d:%02d.%06d", t->hour,
                                     t->minute, t->second, t->micro);
    const char *date = apr_psprintf(pool, "%04d-%02d-%02d", t->year, t->month,
                                    t->day);

    if (t->kind == APID_TIME_DATE)
        return date;
    if (t->kind == APID_TIME_DATETIME)
        return apr_pstrcat(pool, date, " ", clock, NULL);
    return apr_pstrcat(pool, t->negative ? "-" : "", clock, NULL);
}

static inline const char *db_hex(const apid_value_t *value)
{
    char *hex = apr_pcalloc(pool, 2 * value->len + 2);
    apr_size_t i;

    hex[0] = 'x';
    for (i = 0; i < value->len; i++)
        sprintf(hex + 1 + 2 * i, "%02x", (unsigned char)value->text[i]);
    return hex;
}

/** A value with its class: i-5 u5 f0.1 d0.1 'text' x00ff 2024-01-31 NULL. */
static inline const char *db_value(const apid_value_t *value)
{
    switch (value->cls) {
    case APID_INT:
        return apr_psprintf(pool, "i%" APR_INT64_T_FMT, value->u.i);
    case APID_UINT:
        return apr_psprintf(pool, "u%" APR_UINT64_T_FMT, value->u.u);
    case APID_FLOAT: {
        char text[32];
        snprintf(text, sizeof(text), "f%.9g", value->u.d);
        return apr_pstrdup(pool, text);
    }
    case APID_DOUBLE: {
        char text[32];
        snprintf(text, sizeof(text), "d%.17g", value->u.d);
        return apr_pstrdup(pool, text);
    }
    case APID_TEXT: /* %s on purpose: texts end in NUL */
        return apr_psprintf(pool, strlen(value->text) == value->len
                                ? "'%s'" : "'%s' LENGTH", value->text);
    case APID_BYTES:
        return db_hex(value);
    case APID_TIME:
        return db_time(&value->u.t);
    default:
        return "NULL";
    }
}

/** All rows, "i1 'a'; i2 NULL", or the error. */
static inline const char *db_rows(apid_rows_t *rows)
{
    const apid_value_t *row;
    const char *text = "";
    int i;

    if (!rows)
        return "no rows";
    for (;;) {
        apid_err_t *err = apid_db_next(&row, rows);

        if (err)
            return apr_pstrcat(pool, text, "; ", db_error(err), NULL);
        if (!row)
            return text;
        text = apr_pstrcat(pool, text, *text ? "; " : "", NULL);
        for (i = 0; i < apid_db_columns(rows); i++)
            text = apr_pstrcat(pool, text, i ? " " : "", db_value(&row[i]),
                               NULL);
    }
}

/** Executes; gives rows as text ("" if none) or the error. */
static inline const char *db_run(apid_lease_t *lease,
                                 const apid_stmt_t *stmts, int n)
{
    apid_rows_t *rows;
    apid_err_t *err = apid_db_execute(&rows, lease, stmts, n);

    if (err)
        return db_error(err);
    return rows ? db_rows(rows) : "";
}

static inline apid_stmt_t db_stmt(apid_stmt_e kind, const char *sql)
{
    apid_stmt_t stmt = {kind, sql, NULL, 0};

    return stmt;
}

static inline const char *db_read(apid_lease_t *lease, const char *sql)
{
    apid_stmt_t stmt = db_stmt(APID_STMT_READ, sql);

    return db_run(lease, &stmt, 1);
}

static inline const char *db_write(apid_lease_t *lease, const char *sql)
{
    apid_stmt_t stmt = db_stmt(APID_STMT_WRITE, sql);

    return db_run(lease, &stmt, 1);
}

static inline const char *db_begin(apid_lease_t *lease)
{
    apid_stmt_t stmt = db_stmt(APID_STMT_BEGIN, NULL);

    return db_run(lease, &stmt, 1);
}

static inline const char *db_commit(apid_lease_t *lease)
{
    apid_stmt_t stmt = db_stmt(APID_STMT_COMMIT, NULL);

    return db_run(lease, &stmt, 1);
}

/** Runs a script on the connection beside. */
static inline void db_admin(const char *script)
{
    apid_err_t *err = apid_db_script(admin_lease, script);

    if (err) {
        printf("Bail out!  line %d: %s\n", err->line, err->cause);
        exit(1);
    }
}

static inline void db_admin_open(void)
{
    apid_db_config_t config = db_config();

    config.statement_timeout = 0;
    admin_lease = db_lease(db_open(&config));
}

/** Milliseconds since a moment. */
static inline int db_since(apr_time_t start)
{
    return (int)apr_time_as_msec(apr_time_now() - start);
}

#endif
