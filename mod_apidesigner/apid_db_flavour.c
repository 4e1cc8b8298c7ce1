/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apid_db_flavour: what differs between servers, and what their errors mean:
 * one row per server, one row per error number. Texts of errors are fixed, so
 * that nothing the server says reaches a caller; what it said is the cause.
 */
#include "apid_db_parts.h"
#include "apid_catalog.h"

#include <apr_strings.h>

#include <errmsg.h>
#include <mysqld_error.h>

struct apid_flavour_t {
    const char *name;
    const char *settings;    /* of its sessions alone */
    const char *timeout;     /* variable and format of its value */
    double timeout_unit;     /* microseconds in one */
    unsigned long compound;  /* first version to take compound statements */
};

/* MySQL keeps max_error_count, 1024 there, to its administrators, and the
 * number of rows in a table as it once was for a day. */
/* clang-format off */
static const apid_flavour_t MARIADB = {
    "MariaDB", "tx_isolation = 'REPEATABLE-READ', max_error_count = 64",
    "max_statement_time = %.3f", 1e6, 101100
};
static const apid_flavour_t MYSQL_ITSELF = {
    "MySQL", "transaction_isolation = 'REPEATABLE-READ', "
    "information_schema_stats_expiry = 0",
    "max_execution_time = %.0f", 1e3, ~0UL
};
/* clang-format on */

/* Zero dates stay legal, for old schemas have them as defaults, which
 * NO_ZERO_DATE refuses on every INSERT; no caller can send one. */
#define SQL_MODE \
    "STRICT_TRANS_TABLES,STRICT_ALL_TABLES,NO_ZERO_IN_DATE," \
    "ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION"

/* The names, because a server may ignore those of the handshake
 * (character_set_client_handshake). lc_messages, because objects are read from
 * the text of errors. */
#define SETTINGS \
    "SET NAMES utf8mb4 COLLATE utf8mb4_general_ci, " \
    "sql_select_limit = 18446744073709551615, sql_safe_updates = 0, " \
    "sql_mode = '" SQL_MODE "', time_zone = '+00:00', autocommit = 1, " \
    "lc_messages = 'en_US', sql_notes = 1, " \
    "innodb_lock_wait_timeout = %d, lock_wait_timeout = %d, %s"

#define LIMITS \
    "SELECT @@max_allowed_packet, @@max_connections, " \
    "@@max_prepared_stmt_count"

#define LOCK_WAIT_MAX 50 /* seconds */

#define TEXT_DUPLICATE "Duplicate records found"
#define TEXT_REFERENCE "The record refers to one that does not exist"
#define TEXT_REFERRED "Other records refer to the record"
#define TEXT_VALUE "A value does not fit its field"
#define TEXT_NEEDED "A value is needed and there is none"
#define TEXT_RULE "The change is refused by a rule of the database"
#define TEXT_CHANGED "Others are changing the record; try again in a moment"
#define TEXT_UNKNOWN \
    "The database did not answer; it is not known whether the change was made"
#define TEXT_TIMEOUT "The query took too long"
#define TEXT_LARGE "The request is larger than the database takes"
#define TEXT_OUTDATED "The definition is out of date"
#define TEXT_INTERNAL "Internal error"

/** Where the message of an error has the object: after the last before, up to
 * after, or to the end of what is quoted. */
typedef struct place_t {
    const char *before;
    const char *after;
} place_t;

/* clang-format off */
static const place_t NOWHERE[] =    {{NULL, NULL}};
static const place_t KEY[] =        {{"for key '", NULL}, {NULL, NULL}};
static const place_t COLUMN[] =     {{"olumn '", NULL}, {"olumn `", NULL},
                                     {"Field '", "' doesn't have"},
                                     {NULL, NULL}};
static const place_t COLLATION[] =  {{"into ", " impossible"},
                                     {"collations (", ","}, {NULL, NULL}};
static const place_t FOREIGN[] =    {{"FOREIGN KEY (`", "`"}, {NULL, NULL}};
static const place_t CONSTRAINT[] = {{"CONSTRAINT `", "` failed"},
                                     {"onstraint '", NULL}, {NULL, NULL}};

typedef struct meaning_t {
    unsigned int number;
    apid_err_e kind;
    const char *text;
    const place_t *places;
    apid_fate_e fate;
} meaning_t;

#define KEEP APID_FATE_KEEP
static const meaning_t MEANINGS[] = {
    {1022, APID_ERR_DUPLICATE_RECORD_FOUND, TEXT_DUPLICATE, NOWHERE, KEEP},
    {1062, APID_ERR_DUPLICATE_RECORD_FOUND, TEXT_DUPLICATE, KEY, KEEP},
    {1169, APID_ERR_DUPLICATE_RECORD_FOUND, TEXT_DUPLICATE, NOWHERE, KEEP},
    {1586, APID_ERR_DUPLICATE_RECORD_FOUND, TEXT_DUPLICATE, KEY, KEEP},
    {1216, APID_ERR_REFERENCE_INVALID, TEXT_REFERENCE, FOREIGN, KEEP},
    {1452, APID_ERR_REFERENCE_INVALID, TEXT_REFERENCE, FOREIGN, KEEP},
    {1217, APID_ERR_REFERENCE_INVALID, TEXT_REFERRED, NOWHERE, KEEP},
    {1451, APID_ERR_REFERENCE_INVALID, TEXT_REFERRED, NOWHERE, KEEP},
    {1048, APID_ERR_INVALID_VALUE, TEXT_NEEDED, COLUMN, KEEP},
    {1263, APID_ERR_INVALID_VALUE, TEXT_NEEDED, COLUMN, KEEP},
    {1264, APID_ERR_INVALID_VALUE, TEXT_VALUE, COLUMN, KEEP},
    {1265, APID_ERR_INVALID_VALUE, TEXT_VALUE, COLUMN, KEEP},
    {1271, APID_ERR_INVALID_VALUE, TEXT_VALUE, COLLATION, KEEP},
    {1292, APID_ERR_INVALID_VALUE, TEXT_VALUE, COLUMN, KEEP},
    {1364, APID_ERR_INVALID_VALUE, TEXT_NEEDED, COLUMN, KEEP},
    {1365, APID_ERR_INVALID_VALUE, TEXT_RULE, NOWHERE, KEEP},
    {1366, APID_ERR_INVALID_VALUE, TEXT_VALUE, COLUMN, KEEP},
    {1369, APID_ERR_INVALID_VALUE, TEXT_RULE, NOWHERE, KEEP},
    {1406, APID_ERR_INVALID_VALUE, TEXT_VALUE, COLUMN, KEEP},
    {1411, APID_ERR_INVALID_VALUE, TEXT_VALUE, NOWHERE, KEEP},
    {1423, APID_ERR_INVALID_VALUE, TEXT_NEEDED, NOWHERE, KEEP},
    {1441, APID_ERR_INVALID_VALUE, TEXT_RULE, NOWHERE, KEEP},
    {1526, APID_ERR_INVALID_VALUE, TEXT_RULE, NOWHERE, KEEP},
    {1643, APID_ERR_INVALID_VALUE, TEXT_RULE, NOWHERE, KEEP},
    {1644, APID_ERR_INVALID_VALUE, TEXT_RULE, NOWHERE, KEEP},
    {1690, APID_ERR_INVALID_VALUE, TEXT_VALUE, NOWHERE, KEEP},
    {3140, APID_ERR_INVALID_VALUE, TEXT_VALUE, COLUMN, KEEP},
    {3151, APID_ERR_INVALID_VALUE, TEXT_VALUE, NOWHERE, KEEP},
    {3751, APID_ERR_INVALID_VALUE, TEXT_VALUE, NOWHERE, KEEP},
    {3752, APID_ERR_INVALID_VALUE, TEXT_VALUE, NOWHERE, KEEP},
    {3819, APID_ERR_INVALID_VALUE, TEXT_VALUE, CONSTRAINT, KEEP},
    {3903, APID_ERR_INVALID_VALUE, TEXT_VALUE, NOWHERE, KEEP},
    {3904, APID_ERR_INVALID_VALUE, TEXT_VALUE, NOWHERE, KEEP},
    {3905, APID_ERR_INVALID_VALUE, TEXT_VALUE, NOWHERE, KEEP},
    {3906, APID_ERR_INVALID_VALUE, TEXT_VALUE, NOWHERE, KEEP},
    {3907, APID_ERR_INVALID_VALUE, TEXT_VALUE, NOWHERE, KEEP},
    {3988, APID_ERR_INVALID_VALUE, TEXT_VALUE, COLLATION, KEEP},
    {4025, APID_ERR_INVALID_VALUE, TEXT_VALUE, CONSTRAINT, KEEP},
    {6527, APID_ERR_INVALID_VALUE, TEXT_RULE, NOWHERE, KEEP},
    {1020, APID_ERR_DEADLOCK, TEXT_CHANGED, NOWHERE, KEEP},
    {1213, APID_ERR_DEADLOCK, TEXT_CHANGED, NOWHERE, KEEP},
    {1412, APID_ERR_DEADLOCK, TEXT_CHANGED, NOWHERE, KEEP},
    {1615, APID_ERR_DEADLOCK, TEXT_CHANGED, NOWHERE, KEEP},
    {3101, APID_ERR_DEADLOCK, TEXT_CHANGED, NOWHERE, KEEP},
    {1205, APID_ERR_LOCKED, TEXT_CHANGED, NOWHERE, KEEP},
    {3572, APID_ERR_LOCKED, TEXT_CHANGED, NOWHERE, KEEP},
    {1317, APID_ERR_DATABASE_UNAVAILABLE, APID_DB_UNAVAILABLE, NOWHERE, KEEP},
    {1461, APID_ERR_DATABASE_UNAVAILABLE, APID_DB_UNAVAILABLE, NOWHERE,
     APID_FATE_PREPARE},
    {1047, APID_ERR_DATABASE_UNAVAILABLE, APID_DB_UNAVAILABLE, NOWHERE,
     APID_FATE_HOST},
    {1290, APID_ERR_DATABASE_UNAVAILABLE, APID_DB_UNAVAILABLE, NOWHERE,
     APID_FATE_HOST},
    {1792, APID_ERR_DATABASE_UNAVAILABLE, APID_DB_UNAVAILABLE, NOWHERE,
     APID_FATE_HOST},
    {1836, APID_ERR_DATABASE_UNAVAILABLE, APID_DB_UNAVAILABLE, NOWHERE,
     APID_FATE_HOST},
    {3032, APID_ERR_DATABASE_UNAVAILABLE, APID_DB_UNAVAILABLE, NOWHERE,
     APID_FATE_HOST},
    {1180, APID_ERR_OUTCOME_UNKNOWN, TEXT_UNKNOWN, NOWHERE, APID_FATE_HOST},
    {3100, APID_ERR_OUTCOME_UNKNOWN, TEXT_UNKNOWN, NOWHERE, APID_FATE_HOST},
    {1907, APID_ERR_QUERY_TIMEOUT, TEXT_TIMEOUT, NOWHERE, KEEP},
    {1969, APID_ERR_QUERY_TIMEOUT, TEXT_TIMEOUT, NOWHERE, KEEP},
    {3024, APID_ERR_QUERY_TIMEOUT, TEXT_TIMEOUT, NOWHERE, KEEP},
    {1153, APID_ERR_PAYLOAD_TOO_LARGE, TEXT_LARGE, NOWHERE, APID_FATE_DROP},
    {2020, APID_ERR_PAYLOAD_TOO_LARGE, TEXT_LARGE, NOWHERE, KEEP},
    {1054, APID_ERR_OUTDATED, TEXT_OUTDATED, NOWHERE, KEEP},
    {1136, APID_ERR_OUTDATED, TEXT_OUTDATED, NOWHERE, KEEP},
    {1146, APID_ERR_OUTDATED, TEXT_OUTDATED, NOWHERE, KEEP},
    {1356, APID_ERR_OUTDATED, TEXT_OUTDATED, NOWHERE, KEEP},
    {1210, APID_ERR_INTERNAL_ERROR, TEXT_INTERNAL, NOWHERE,
     APID_FATE_PREPARE},
    {1243, APID_ERR_INTERNAL_ERROR, TEXT_INTERNAL, NOWHERE,
     APID_FATE_PREPARE},
    {2057, APID_ERR_INTERNAL_ERROR, TEXT_INTERNAL, NOWHERE,
     APID_FATE_PREPARE}
};
static const meaning_t NOT_SET_UP = {
    1146, APID_ERR_DATABASE_UNAVAILABLE, APID_DB_UNAVAILABLE, NOWHERE, KEEP
};
#undef KEEP

/* Errors of the server that say that the connection is at its end. */
static const unsigned int FAREWELLS[] = {
    ER_SERVER_SHUTDOWN, ER_NORMAL_SHUTDOWN, ER_FORCING_CLOSE,
    ER_NEW_ABORTING_CONNECTION, ER_CONNECTION_KILLED
};

static const unsigned int HARMLESS[] = {APID_HARMLESS};
static const unsigned int OF_COLUMNS[] = {APID_ROUNDED};
/* clang-format on */

#define COUNT(table) ((int)(sizeof(table) / sizeof(*(table))))

static int has_number(const unsigned int *list, int n, unsigned int number)
{
    int i;

    for (i = 0; i < n; i++)
        if (list[i] == number)
            return 1;
    return 0;
}

/* What is COERCIBLE is a value that was sent; two columns that cannot be
 * compared are the definition's fault. */
static unsigned int find_sense(unsigned int number, const char *message)
{
    return (number == ER_CANT_AGGREGATE_2COLLATIONS
            || number == ER_CANT_AGGREGATE_3COLLATIONS)
            && strstr(message, ",COERCIBLE)")
        ? ER_CANT_AGGREGATE_NCOLLATIONS : number;
}

/* Our own tables, which are all named so: no definition is to blame. */
static int lacks_ours(unsigned int number, const char *message)
{
    return number == ER_NO_SUCH_TABLE && strstr(message, ".apid_");
}

static const meaning_t *find_meaning(unsigned int number, const char *message)
{
    int i;

    if (lacks_ours(number, message))
        return &NOT_SET_UP;
    number = find_sense(number, message);
    for (i = 0; i < COUNT(MEANINGS); i++)
        if (MEANINGS[i].number == number)
            return &MEANINGS[i];
    return NULL;
}

/* The client library's own numbers are 2000 to 2999 and 5000 to 5999. */
static int is_broken(unsigned int number)
{
    return (number >= 2000 && number < 3000)
        || (number >= 5000 && number < 6000)
        || has_number(FAREWELLS, COUNT(FAREWELLS), number);
}

static const char *find_last(const char *text, const char *part)
{
    const char *last = NULL, *next = strstr(text, part);

    for (; next; next = strstr(next + 1, part))
        last = next;
    return last;
}

/* `db`.`table`.`column` is column; table.column too, which is how servers
 * name keys and the checks of columns. */
static const char *strip_owner(const char *name)
{
    const char *last = find_last(name, "`.`");

    if (last)
        return last + 3;
    last = strrchr(name, '.');
    return last ? last + 1 : name;
}

static const char *copy_object(const place_t *place, const char *start,
                               apr_pool_t *pool)
{
    const char *end;

    start += strlen(place->before);
    end = place->after ? strstr(start, place->after)
                       : strrchr(start, start[-1]);
    return end ? strip_owner(apr_pstrmemdup(pool, start,
                                            (apr_size_t)(end - start)))
               : NULL;
}

/* Values come before names in messages, and may hold anything: so the last
 * place counts, and the last quote after it. */
static const char *find_object(const place_t *places, const char *message,
                               apr_pool_t *pool)
{
    const place_t *best = NULL;
    const char *start, *last = NULL;

    for (; places->before; places++) {
        start = find_last(message, places->before);
        if (start && (!last || start > last)) {
            last = start;
            best = places;
        }
    }
    return best ? copy_object(best, last, pool) : NULL;
}

/* CR_SERVER_GONE_ERROR means that the last command could not be sent whole:
 * the server has nothing of it. */
static apid_err_t *raise_broken(apid_lease_t *lease, unsigned int number)
{
    lease->fate = APID_FATE_DROP;
    if (number == CR_SERVER_GONE_ERROR)
        lease->progress = lease->before;
    if (lease->progress == APID_SENT_COMMIT)
        return apid_err_raise(lease->pool, APID_ERR_OUTCOME_UNKNOWN,
                              TEXT_UNKNOWN);
    return apid_err_raise(lease->pool, APID_ERR_DATABASE_UNAVAILABLE,
                          APID_DB_UNAVAILABLE);
}

static apid_err_t *raise_meaning(apid_lease_t *lease,
                                 const meaning_t *meaning,
                                 const char *message)
{
    apid_err_t *err = apid_err_raise(lease->pool, meaning->kind, "%s",
                                     meaning->text);

    lease->fate = meaning->fate;
    err->object = find_object(meaning->places, message, lease->pool);
    return err;
}

static apid_err_t *raise_other(apid_lease_t *lease)
{
    lease->fate = APID_FATE_KEEP;
    return apid_err_raise(lease->pool, APID_ERR_INTERNAL_ERROR,
                          TEXT_INTERNAL);
}

static const char *explain(unsigned int number, const char *message)
{
    if (lacks_ours(number, message))
        return "the database is not set up: run apidesignerctl init: ";
    switch (number) {
    case ER_TABLEACCESS_DENIED_ERROR:
    case ER_COLUMNACCESS_DENIED_ERROR:
    case ER_PROCACCESS_DENIED_ERROR:
        return "a GRANT is missing: ";
    case ER_SUBQUERY_NO_1_ROW:
        return "a sequence table must have one row: ";
    default:
        return "";
    }
}

static const char *explain_refusal(const apid_db_config_t *config,
                                   apr_pool_t *pool)
{
    if (config->password_from)
        return apr_psprintf(pool, "user '%s' is refused with the password of "
                            "the %s: it is wrong, or the user may not come "
                            "from here, or not without TLS", config->user,
                            config->password_from);
    return apr_psprintf(pool, "user '%s' is refused without a password; "
                        "password=file:/PATH in the database URL names a file "
                        "that holds it", config->user);
}

/* of what keeps a connection from being made */
static const char *explain_fault(const apid_conn_t *conn,
                                 const apid_db_config_t *config)
{
    apr_pool_t *pool = conn->pool;

    switch (mysql_errno(conn->mysql)) {
    case ER_ACCESS_DENIED_ERROR:
        return explain_refusal(config, pool);
    case ER_ACCESS_DENIED_NO_PASSWORD_ERROR:
        return apr_psprintf(pool, "user '%s' is for the system's user of that "
                            "name alone: run this as that one, or name "
                            "another in the database URL", config->user);
    case ER_HOST_NOT_PRIVILEGED:
        return "no user of the server may come from this machine: CREATE USER "
               "one who may";
    case ER_BAD_DB_ERROR:
        return apr_psprintf(pool, "there is no database '%s': CREATE DATABASE "
                            "it, or name another in the database URL",
                            config->database);
    case ER_DBACCESS_DENIED_ERROR:
        return apr_psprintf(pool, "there is no database '%s' that user '%s' "
                            "may use: GRANT it, or name another in the "
                            "database URL", config->database, config->user);
    case CR_CONNECTION_ERROR:
    case CR_CONN_HOST_ERROR:
        return "no server answers there: start it, or name its own host and "
               "port, or socket, in the database URL";
    case CR_SERVER_LOST:
        return "what is there does not answer as a database server does: it "
               "hangs, or is another program";
    case CR_SSL_CONNECTION_ERROR:
        return "TLS cannot be agreed on: see tls= and ca= in the database URL";
    case CR_UNKNOWN_HOST:
        return "no host has this name: mend it in the database URL, or tell "
               "it to DNS or /etc/hosts";
    default:
        return NULL;
    }
}

static const char *name_host(const apid_db_host_t *host, apr_pool_t *pool)
{
    return host->socket ? host->socket
        : apr_psprintf(pool, strchr(host->name, ':') ? "[%s]:%d" : "%s:%d",
                       host->name, host->port);
}

static int lock_wait(const apid_db_config_t *config)
{
    apr_interval_time_t half = apr_time_sec(config->statement_timeout / 2);

    if (config->statement_timeout == 0 || half > LOCK_WAIT_MAX)
        return LOCK_WAIT_MAX;
    return half < 1 ? 1 : (int)half;
}

static int run_settings(apid_conn_t *conn, const apid_db_config_t *config)
{
    const apid_flavour_t *flavour = conn->flavour;
    char sql[768];
    int wait = lock_wait(config);
    int len = apr_snprintf(sql, sizeof(sql), SETTINGS, wait, wait,
                           flavour->settings);

    if (config->statement_timeout) {
        len += apr_snprintf(sql + len, sizeof(sql) - (apr_size_t)len, ", ");
        apr_snprintf(sql + len, sizeof(sql) - (apr_size_t)len,
                     flavour->timeout,
                     (double)config->statement_timeout
                         / flavour->timeout_unit);
    }
    return mysql_real_query(conn->mysql, sql, strlen(sql)) == 0;
}

static int read_limits(apid_conn_t *conn)
{
    MYSQL_RES *result;
    MYSQL_ROW row;

    if (mysql_real_query(conn->mysql, LIMITS, sizeof(LIMITS) - 1)
        || !(result = mysql_store_result(conn->mysql)))
        return 0;
    row = mysql_fetch_row(result);
    if (row) {
        conn->max_packet = (apr_uint64_t)apr_atoi64(row[0]);
        conn->max_connections = (apr_uint64_t)apr_atoi64(row[1]);
        conn->max_statements = (apr_uint64_t)apr_atoi64(row[2]);
    }
    mysql_free_result(result);
    return row != NULL;
}

int apid_conn_setup(apid_conn_t *conn, const apid_db_config_t *config)
{
    conn->flavour =
        mariadb_connection(conn->mysql) ? &MARIADB : &MYSQL_ITSELF;
    conn->compound = config->compound
        && mysql_get_server_version(conn->mysql) >= conn->flavour->compound;
    return run_settings(conn, config) && read_limits(conn);
}

const char *apid_conn_flavour(const apid_conn_t *conn)
{
    return conn->flavour->name;
}

apid_err_t *apid_lease_raise(apid_lease_t *lease, unsigned int number,
                             const char *message)
{
    const meaning_t *meaning = find_meaning(number, message);
    apid_err_t *err;

    if (meaning)
        err = raise_meaning(lease, meaning, message);
    else
        err = is_broken(number) ? raise_broken(lease, number)
                                : raise_other(lease);
    return apid_err_because(err, "%s%u %s", explain(number, message), number,
                            message);
}

const char *apid_conn_fault(const apid_conn_t *conn,
                            const apid_db_config_t *config)
{
    const char *place = name_host(&config->hosts[conn->host], conn->pool);

    if (!conn->mysql)
        return apr_pstrcat(conn->pool, place, ": out of memory", NULL);

    const char *why = explain_fault(conn, config);
    return apr_psprintf(conn->pool, "%s: %s%s%u %s", place, why ? why : "",
                        why ? ": " : "", mysql_errno(conn->mysql),
                        mysql_error(conn->mysql));
}

/* Whether a message is of a column that is not among these. */
static int is_elsewhere(const char *message, const char *columns,
                        apr_pool_t *pool)
{
    const char *name = find_last(message, APID_ROUNDED_BEFORE);
    const char *end = name ? find_last(name, APID_ROUNDED_AFTER) : NULL;

    if (!end)
        return 0;
    name += strlen(APID_ROUNDED_BEFORE);
    return !strcasestr(columns, apid_catalog_quote(
        apr_pstrmemdup(pool, name, (apr_size_t)(end - name)), pool));
}

int apid_db_is_harmless(unsigned int warning, const char *message,
                        const apid_stmt_t *stmt, apr_pool_t *pool)
{
    return has_number(HARMLESS, COUNT(HARMLESS), warning)
        || (has_number(OF_COLUMNS, COUNT(OF_COLUMNS), warning)
            && stmt->columns && is_elsewhere(message, stmt->columns, pool));
}
