/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apid_db_stmt: statements are prepared once per connection and kept, the
 * least recently used ones leaving; several go as one compound statement
 * where the server can, else one by one, with the same results. What rows look
 * like is apid_db_rows's, how values are bound apid_db_bind's.
 */
#include "apid_db_parts.h"

#include <apr_lib.h>
#include <apr_strings.h>

#include <errmsg.h>
#include <mysqld_error.h>

#define SPELL(...) #__VA_ARGS__
#define SPELLED(...) SPELL(__VA_ARGS__)

/* A warning after a write is an error, and so is a note, for a rounded number
 * is one, unless it is of a column that no write gives a value. A handler costs
 * less than asking after each write; that of reads, which may warn, stands
 * before it. Its state is not of the class 45, which is left to rules of the
 * schema. The columns that are given values stand between its halves. Its
 * variables are of the session: those that it declared would be made for each
 * call. */
#define GUARD_WRITES \
    "DECLARE CONTINUE HANDLER FOR SQLWARNING BEGIN " \
    "GET DIAGNOSTICS @apid_n = NUMBER; SET @apid_i = 0; " \
    "WHILE @apid_i < @apid_n DO SET @apid_i = @apid_i + 1; " \
    "GET DIAGNOSTICS CONDITION @apid_i " \
    "@apid_c = MYSQL_ERRNO, @apid_t = MESSAGE_TEXT; " \
    "IF @apid_c NOT IN (" SPELLED(APID_HARMLESS) ")"
#define GUARD_COLUMNS \
    " AND (@apid_c NOT IN (" SPELLED(APID_ROUNDED) ") " \
    "OR LOCATE(\"" APID_ROUNDED_BEFORE "\", @apid_t) = 0 " \
    "OR LOCATE(CONCAT('`', REPLACE(SUBSTRING_INDEX(SUBSTRING_INDEX(" \
    "@apid_t, \"" APID_ROUNDED_BEFORE "\", -1), " \
    "\"" APID_ROUNDED_AFTER "\", 1), '`', '``'), '`'), '"
#define END_GUARD \
    " THEN SIGNAL SQLSTATE 'HY000' " \
    "SET MYSQL_ERRNO = @apid_c, MESSAGE_TEXT = @apid_t; " \
    "END IF; END WHILE; END; "
#define EXEMPT_READ \
    "BEGIN DECLARE CONTINUE HANDLER FOR SQLWARNING BEGIN END; "

/** The statements of one execute. */
typedef struct batch_t {
    const apid_stmt_t *stmts;
    int n;
    int writes, reads, commits; /* how many of each kind */
    int inside; /* it began in a transaction */
} batch_t;

static void forget(apid_conn_t *conn, apid_prepared_t *prepared)
{
    apr_hash_set(conn->statements, prepared->sql, APR_HASH_KEY_STRING, NULL);
    mysql_stmt_close(prepared->stmt);
    apr_pool_destroy(prepared->pool);
}

static apid_prepared_t *find_least_used(apid_conn_t *conn)
{
    apid_prepared_t *least = NULL, *prepared;
    apr_hash_index_t *at = apr_hash_first(NULL, conn->statements);

    for (; at; at = apr_hash_next(at)) {
        prepared = apr_hash_this_val(at);
        if (!least || prepared->used < least->used)
            least = prepared;
    }
    return least;
}

static void forget_down_to(apid_conn_t *conn, int max)
{
    while ((int)apr_hash_count(conn->statements) > max)
        forget(conn, find_least_used(conn));
}

static apid_prepared_t *make_prepared(apid_conn_t *conn, MYSQL_STMT *stmt,
                                      const char *sql)
{
    apr_pool_t *pool;
    apid_prepared_t *prepared;
    int n = (int)mysql_stmt_param_count(stmt);

    apr_pool_create(&pool, conn->pool);
    prepared = apr_pcalloc(pool, sizeof(*prepared));
    prepared->pool = pool;
    prepared->sql = apr_pstrdup(pool, sql);
    prepared->stmt = stmt;
    prepared->nbinds = n;
    prepared->binds = apr_pcalloc(
        pool, sizeof(*prepared->binds) * (apr_size_t)n);
    prepared->slots = apr_pcalloc(
        pool, sizeof(*prepared->slots) * (apr_size_t)n);
    apid_prepared_decode(prepared);
    apr_hash_set(conn->statements, prepared->sql, APR_HASH_KEY_STRING,
                 prepared);
    return prepared;
}

static apid_err_t *prepare(apid_prepared_t **prepared, apid_lease_t *lease,
                           const char *sql)
{
    apid_conn_t *conn = lease->conn;
    MYSQL_STMT *stmt;
    apid_err_t *err;

    forget_down_to(conn, conn->max_kept - 1);
    stmt = mysql_stmt_init(conn->mysql);
    if (!stmt)
        return apid_lease_raise(lease, CR_OUT_OF_MEMORY, "out of memory");
    if (mysql_stmt_prepare(stmt, sql, strlen(sql))) {
        err = apid_lease_raise_stmt(lease, stmt);
        mysql_stmt_close(stmt);
        return err;
    }
    apid_db_count_prepared(lease->db);
    *prepared = make_prepared(conn, stmt, sql);
    return NULL;
}

static void advance(apid_lease_t *lease, apid_progress_e progress)
{
    lease->before = lease->progress;
    lease->progress = progress;
}

static apid_err_t *send_batch(apid_lease_t *lease,
                              apid_prepared_t *prepared,
                              const batch_t *batch)
{
    apid_err_t *err = apid_prepared_bind(lease, prepared, batch->stmts,
                                         batch->n);

    if (err)
        return err;
    advance(lease, batch->commits ? APID_SENT_COMMIT : APID_SENT_SOME);
    if (mysql_stmt_execute(prepared->stmt))
        return apid_lease_raise_stmt(lease, prepared->stmt);
    return NULL;
}

static apid_err_t *start_once(apid_prepared_t **prepared, apid_lease_t *lease,
                              const batch_t *batch, const char *sql)
{
    apid_err_t *err = NULL;

    *prepared = apr_hash_get(lease->conn->statements, sql,
                             APR_HASH_KEY_STRING);
    if (!*prepared)
        err = prepare(prepared, lease, sql);
    if (err)
        return err;
    (*prepared)->used = ++lease->conn->clock;
    return send_batch(lease, *prepared, batch);
}

/* A statement that the server lost, or whose columns changed, is prepared
 * anew; so is one of whose parameters MySQL forgot the types when one did not
 * fit, and one when the server has too many, with ours out of its way. */
static apid_err_t *start(apid_prepared_t **prepared, apid_lease_t *lease,
                         const batch_t *batch, const char *sql)
{
    apid_err_t *err = start_once(prepared, lease, batch, sql);

    if (!err || lease->fate != APID_FATE_PREPARE)
        return err;
    if (*prepared)
        forget(lease->conn, *prepared);
    else
        forget_down_to(lease->conn, 0);
    return start_once(prepared, lease, batch, sql);
}

/* The rows of the READ come first, then the answer to the whole. */
static apid_err_t *read_answers(apid_lease_t *lease,
                                apid_prepared_t *prepared)
{
    apid_err_t *err = NULL;
    int rc;

    do {
        if (apid_prepared_columns(prepared))
            err = apid_lease_hold_rows(lease, prepared);
    } while (!err && (rc = mysql_stmt_next_result(prepared->stmt)) == 0);
    if (err)
        return err;
    return rc > 0 ? apid_lease_raise_stmt(lease, prepared->stmt) : NULL;
}

static void note_transaction(apid_conn_t *conn)
{
    conn->in_transaction =
        !!(conn->mysql->server_status & SERVER_STATUS_IN_TRANS);
}

static void add_part(apr_array_header_t *parts, const char *part)
{
    APR_ARRAY_PUSH(parts, const char *) = part;
}

/* as it stands in a literal */
static const char *escape(const char *text, apr_pool_t *pool)
{
    char *escaped = apr_palloc(pool, 2 * strlen(text) + 1), *to = escaped;

    for (; *text; *to++ = *text++)
        if (*text == '\'' || *text == '\\')
            *to++ = *text;
    *to = '\0';
    return escaped;
}

/* Statements that name no columns are ours, and round nothing. */
static void add_guard(apr_array_header_t *parts, const apid_stmt_t *stmts,
                      int n)
{
    int i, told = 0, strict = 0;

    for (i = 0; i < n; i++)
        strict |= stmts[i].strict;
    add_part(parts, GUARD_WRITES);
    for (i = 0; i < n && !strict; i++)
        if (stmts[i].columns) {
            add_part(parts, told++ ? "" : GUARD_COLUMNS);
            add_part(parts, escape(stmts[i].columns, parts->pool));
        }
    add_part(parts, told ? "'))" END_GUARD : END_GUARD);
}

static void add_statement(apr_array_header_t *parts, const apid_stmt_t *stmt)
{
    switch (stmt->kind) {
    case APID_STMT_BEGIN:
        add_part(parts, "START TRANSACTION; ");
        return;
    case APID_STMT_COMMIT:
        add_part(parts, "COMMIT; ");
        return;
    case APID_STMT_READ:
        add_part(parts, EXEMPT_READ);
        add_part(parts, stmt->sql);
        add_part(parts, "; END; ");
        return;
    case APID_STMT_WRITE:
        add_part(parts, stmt->sql);
        add_part(parts, "; ");
        return;
    }
}

static const char *compose(const apid_stmt_t *stmts, int n, apr_pool_t *pool)
{
    apr_array_header_t *parts = apr_array_make(pool, 4 * n + 4,
                                               sizeof(const char *));
    int i;

    add_part(parts, "BEGIN NOT ATOMIC ");
    add_guard(parts, stmts, n);
    for (i = 0; i < n; i++)
        add_statement(parts, &stmts[i]);
    add_part(parts, "END");
    return apr_array_pstrcat(pool, parts, 0);
}

/* An INSERT that gives the row it inserted spares the READ after it. */
static void fold_returning(batch_t *batch, apr_pool_t *pool)
{
    apid_stmt_t *stmts = apr_palloc(pool, sizeof(*stmts)
                                              * (apr_size_t)batch->n);
    int i, n = 0;

    for (i = 0; i < batch->n; i++) {
        const apid_stmt_t *stmt = &batch->stmts[i];

        if (stmt->returning && n > 0)
            stmts[n - 1].sql = apr_pstrcat(pool, stmts[n - 1].sql,
                                           " RETURNING ", stmt->returning,
                                           NULL);
        else
            stmts[n++] = *stmt;
    }
    batch->stmts = stmts;
    batch->n = n;
}

static apid_err_t *run_compound(apid_lease_t *lease, batch_t *batch)
{
    apid_prepared_t *prepared;
    apid_err_t *err;

    fold_returning(batch, lease->pool);
    err = start(&prepared, lease, batch,
                compose(batch->stmts, batch->n, lease->pool));
    if (!err)
        err = read_answers(lease, prepared);
    if (!err)
        note_transaction(lease->conn);
    return err;
}

/* There is one that is not shown if the server's max_error_count is 0. */
static apid_err_t *find_warning(apid_lease_t *lease, MYSQL_RES *result,
                                const apid_stmt_t *stmt)
{
    MYSQL_ROW row;
    unsigned int number;

    if (mysql_num_rows(result) == 0)
        return apid_lease_raise(lease, ER_UNKNOWN_ERROR,
                                "a warning, which max_error_count = 0 hides");
    while ((row = mysql_fetch_row(result))) {
        number = (unsigned int)apr_atoi64(row[1]);
        if (!apid_db_is_harmless(number, row[2], stmt, lease->pool))
            return apid_lease_raise(lease, number,
                                    apr_pstrdup(lease->pool, row[2]));
    }
    return NULL;
}

static apid_err_t *check_warnings(apid_lease_t *lease,
                                  const apid_stmt_t *stmt)
{
    MYSQL *mysql = lease->conn->mysql;
    MYSQL_RES *result;
    apid_err_t *err;

    if (mysql_warning_count(mysql) == 0)
        return NULL;
    if (mysql_query(mysql, "SHOW WARNINGS")
        || !(result = mysql_store_result(mysql)))
        return apid_lease_raise(lease, mysql_errno(mysql), mysql_error(mysql));
    err = find_warning(lease, result, stmt);
    mysql_free_result(result);
    return err;
}

static apid_err_t *run_write(apid_lease_t *lease, const apid_stmt_t *stmt)
{
    batch_t alone = {.stmts = stmt, .n = 1, .writes = 1};
    apid_prepared_t *prepared;
    apid_err_t *err = start(&prepared, lease, &alone, stmt->sql);

    return err ? err : check_warnings(lease, stmt);
}

static apid_err_t *run_read(apid_lease_t *lease, const apid_stmt_t *stmt)
{
    batch_t alone = {.stmts = stmt, .n = 1, .reads = 1};
    apid_prepared_t *prepared;
    apid_err_t *err = start(&prepared, lease, &alone, stmt->sql);

    return err ? err : apid_lease_hold_rows(lease, prepared);
}

static apid_err_t *run_one(apid_lease_t *lease, const apid_stmt_t *stmt)
{
    switch (stmt->kind) {
    case APID_STMT_BEGIN:
        advance(lease, APID_SENT_SOME);
        return apid_lease_query(lease, "START TRANSACTION");
    case APID_STMT_COMMIT:
        advance(lease, APID_SENT_COMMIT);
        return apid_lease_query(lease, "COMMIT");
    case APID_STMT_READ:
        return run_read(lease, stmt);
    default:
        return run_write(lease, stmt);
    }
}

static apid_err_t *run_each(apid_lease_t *lease, const batch_t *batch)
{
    apid_err_t *err = NULL;
    int i;

    for (i = 0; i < batch->n && !err; i++)
        err = run_one(lease, &batch->stmts[i]);
    return err;
}

static apid_err_t *run_stream(apid_lease_t *lease, const batch_t *batch)
{
    apid_prepared_t *prepared;
    apid_err_t *err = start(&prepared, lease, batch, batch->stmts[0].sql);

    return err ? err : apid_lease_stream_rows(lease, prepared);
}

static apid_err_t *run_batch(apid_lease_t *lease, batch_t *batch)
{
    if (batch->n == 1)
        return batch->reads ? run_stream(lease, batch)
                            : run_one(lease, &batch->stmts[0]);
    return lease->conn->compound ? run_compound(lease, batch)
                                 : run_each(lease, batch);
}

static void count_kinds(batch_t *batch)
{
    int i;

    for (i = 0; i < batch->n; i++) {
        batch->writes += batch->stmts[i].kind == APID_STMT_WRITE;
        batch->reads += batch->stmts[i].kind == APID_STMT_READ;
        batch->commits += batch->stmts[i].kind == APID_STMT_COMMIT;
    }
}

/* Writes outside a transaction get one, else a warning could not undo them. */
static void wrap_writes(batch_t *batch, apr_pool_t *pool)
{
    apid_stmt_t *wrapped;

    if (batch->inside || !batch->writes
        || batch->stmts[0].kind == APID_STMT_BEGIN)
        return;
    wrapped = apr_pcalloc(pool,
                          sizeof(*wrapped) * (apr_size_t)(batch->n + 2));
    wrapped[0].kind = APID_STMT_BEGIN;
    memcpy(wrapped + 1, batch->stmts,
           sizeof(*wrapped) * (apr_size_t)batch->n);
    wrapped[batch->n + 1].kind = APID_STMT_COMMIT;
    batch->stmts = wrapped;
    batch->n += 2;
    batch->commits++;
}

static apid_err_t *try_batch(apid_lease_t *lease, batch_t *batch)
{
    apid_err_t *err = apid_lease_renew(lease);

    if (err)
        return err;
    lease->progress = lease->before = APID_SENT_NOTHING;
    err = run_batch(lease, batch);
    if (err) {
        lease->rows.open = 0;
        if (batch->n > 1 || batch->stmts[0].kind != APID_STMT_READ)
            lease->conn->in_transaction = 1;
        apid_lease_abandon(lease);
    }
    return err;
}

/* Once more, if the connection is gone, and with it nothing else. A server that
 * was waited for in vain is not waited for again. */
static int may_repeat(const apid_lease_t *lease, const batch_t *batch)
{
    return !lease->conn && !batch->inside
        && lease->fate == APID_FATE_DROP
        && (lease->progress == APID_SENT_NOTHING
            || (batch->n == 1 && batch->reads));
}

/* A line that is a comment or blank stands between statements. */
static int is_idle_line(const char *line)
{
    line += strspn(line, " \t\r");
    return *line == '\0' || (line[0] == '-' && line[1] == '-');
}

static int ends_statement(const char *line)
{
    apr_size_t len = strlen(line);

    while (len > 0 && apr_isspace(line[len - 1]))
        len--;
    return len > 0 && line[len - 1] == ';';
}

/* A column or an index that a script adds and that is there already: an
 * upgrade that was interrupted is run again from its start. */
static int is_there_already(const apid_lease_t *lease)
{
    unsigned int number = lease->conn ? mysql_errno(lease->conn->mysql) : 0;

    return number == ER_DUP_FIELDNAME || number == ER_DUP_KEYNAME;
}

static apid_err_t *run_script_statement(apid_lease_t *lease,
                                        apr_array_header_t *lines, int line)
{
    apid_err_t *err;

    if (lines->nelts == 0)
        return NULL;
    err = apid_lease_query(lease, apr_array_pstrcat(lease->pool, lines,
                                                    '\n'));
    apr_array_clear(lines);
    if (err && is_there_already(lease))
        return NULL;
    if (err)
        apid_lease_abandon(lease);
    return apid_err_at(err, line, 0);
}

void apid_conn_open_statements(apid_conn_t *conn)
{
    conn->statements = apr_hash_make(conn->pool);
}

/* The client library has detached them by now: nothing is sent. */
void apid_conn_close_statements(apid_conn_t *conn)
{
    apr_hash_index_t *at = apr_hash_first(NULL, conn->statements);

    for (; at; at = apr_hash_next(at))
        mysql_stmt_close(
            ((apid_prepared_t *)apr_hash_this_val(at))->stmt);
}

/* Rules of a schema are of the class 45, and may have any number. */
static apid_err_t *raise_stated(apid_lease_t *lease, unsigned int number,
                                const char *state, const char *message)
{
    return apid_lease_raise(lease, strncmp(state, "45", 2) == 0
                                       ? ER_SIGNAL_EXCEPTION : number,
                            message);
}

apid_err_t *apid_lease_raise_stmt(apid_lease_t *lease, MYSQL_STMT *stmt)
{
    MYSQL *mysql = lease->conn->mysql;

    /* The library leaves errors of fetching with the connection only. */
    if (mysql_stmt_errno(stmt))
        return raise_stated(lease, mysql_stmt_errno(stmt),
                            mysql_stmt_sqlstate(stmt), mysql_stmt_error(stmt));
    return raise_stated(lease, mysql_errno(mysql), mysql_sqlstate(mysql),
                        mysql_error(mysql));
}

void apid_lease_abandon(apid_lease_t *lease)
{
    if (lease->fate >= APID_FATE_DROP)
        apid_lease_drop(lease);
    else if (lease->conn->in_transaction)
        apid_db_rollback(lease);
}

apid_err_t *apid_db_execute(apid_rows_t **rows, apid_lease_t *lease,
                            const apid_stmt_t *stmts, int n)
{
    batch_t batch = {.stmts = stmts, .n = n};
    apr_time_t start = apr_time_now();
    apid_err_t *err;

    if (rows)
        *rows = NULL;
    apid_lease_drop_rows(lease);
    batch.inside = lease->conn && lease->conn->in_transaction;
    count_kinds(&batch);
    wrap_writes(&batch, lease->pool);
    err = try_batch(lease, &batch);
    if (err && apr_time_now() - start >= lease->patience)
        apid_lease_doubt(lease);
    else if (err && may_repeat(lease, &batch))
        err = try_batch(lease, &batch);
    if (!err && rows && batch.reads)
        *rows = &lease->rows;
    return err;
}

apid_err_t *apid_db_script(apid_lease_t *lease, const char *script)
{
    apr_array_header_t *lines = apr_array_make(lease->pool, 64,
                                               sizeof(const char *));
    char *line, *rest = apr_pstrdup(lease->pool, script);
    apid_err_t *err = apid_lease_renew(lease);
    int number = 0, first = 0;

    apid_lease_drop_rows(lease);
    while (!err && (line = strsep(&rest, "\n"))) {
        number++;
        if (is_idle_line(line))
            continue;
        if (lines->nelts == 0)
            first = number;
        APR_ARRAY_PUSH(lines, const char *) = line;
        if (ends_statement(line))
            err = run_script_statement(lease, lines, first);
    }
    return err ? err : run_script_statement(lease, lines, first);
}
