/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_db_faults: what goes wrong while statements run: deadlocks, lock waits,
 * time limits, characters that do not fit, connections killed, a server
 * stopped, refused or read-only; with compound statements and one by one.
 */
#include "db_job.h"

#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static apid_db_config_t config;
static apid_db_t *db;

static const char *const SCHEMA =
    "DROP TABLE IF EXISTS hit, narrow, told;\n"
    "CREATE TABLE told (n INT);\n"
    "CREATE TRIGGER tell BEFORE INSERT ON told FOR EACH ROW"
    " SIGNAL SQLSTATE 'HY000' SET MYSQL_ERRNO = @told;\n"
    "CREATE TABLE narrow (a VARCHAR(9), b VARCHAR(9)) CHARSET latin1;\n"
    "CREATE TABLE hit (id INT PRIMARY KEY, n INT);\n";

static const char *const ROWS =
    "DELETE FROM narrow;\nDELETE FROM hit;\n"
    "INSERT INTO hit VALUES (1, 0), (2, 0);\n";

static const char *const TABLE = "SELECT id, n FROM hit ORDER BY id";

static void test_deadlock(void)
{
    apid_stmt_t first = db_stmt(APID_STMT_WRITE,
                                "UPDATE hit SET n = 3 WHERE id = 2");
    db_job_t *a = db_job(db);
    apid_lease_t *b = db_lease(db);
    const char *got_a, *got_b;

    is(db_begin(a->lease), "", "one transaction");
    is(db_begin(b), "", "another");
    is(db_write(a->lease, "UPDATE hit SET n = 1 WHERE id = 1"), "",
       "one locks 1");
    is(db_write(b, "UPDATE hit SET n = 2 WHERE id = 2"), "",
       "the other locks 2");
    db_job_start(a, &first, 1);
    got_b = db_write(b, "UPDATE hit SET n = 4 WHERE id = 1");
    got_a = db_job_join(a);
    is(apr_pstrcat(pool, got_a, got_b, NULL), "DEADLOCK 1213",
       "one of them is the victim");
    is(db_commit(a->lease), "", "whichever it is, both");
    is(db_commit(b), "", "go on");
    is(db_read(b, TABLE), *got_a ? "i1 i4; i2 i2" : "i1 i1; i2 i3",
       "all of the winner, nothing of the victim");
    db_job_end(a);
    apid_db_close(b);
}

/* A character that a column cannot hold is refused, and on MySQL the
 * types of the parameters after it are lost with it. */
static void test_characters(void)
{
    apid_value_t values[2];
    apid_stmt_t write = {APID_STMT_WRITE, "INSERT INTO narrow VALUES (?, ?)",
                         values, 2};
    apid_stmt_t read = {APID_STMT_READ, "SELECT a FROM narrow WHERE a = ? AND "
                        "b = ?", values, 2};
    apid_stmt_t columns = db_stmt(
        APID_STMT_READ, "SELECT 1 FROM narrow WHERE a COLLATE latin1_bin "
                        "= b COLLATE latin1_swedish_ci");
    apid_lease_t *lease = db_lease(db);
    int i;

    values[0] = apid_value_of_text("\xe2\x98\x83");
    values[1] = apid_value_of_text("x");
    for (i = 0; i < 2; i++) {
        is(db_run(lease, &write, 1),
           db_either("INVALID_VALUE a 1366",
                     "INVALID_VALUE latin1_swedish_ci 3988"), "a snowman");
        is(db_run(lease, &read, 1),
           db_either("INVALID_VALUE latin1_swedish_ci 1267",
                     "INVALID_VALUE latin1_swedish_ci 3988"), "looked for");
    }
    values[0] = apid_value_of_text("Zo\xc3\xab");
    is(db_run(lease, &write, 1), "", "a letter that it holds");
    is(db_run(lease, &read, 1), "'Zo\xc3\xab'", "is found");
    is(db_run(lease, &columns, 1), "INTERNAL_ERROR 1267",
       "columns that cannot be compared are no fault of a value");
    apid_db_close(lease);
}

/* What servers of a cluster say of a change. */
static void test_cluster(void)
{
    static const char *const cases[][2] = {
        {"3101", "DEADLOCK 3101"}, /* it lost against another member's */
        {"1047", "DATABASE_UNAVAILABLE 1047"},
        {"3032", "DATABASE_UNAVAILABLE 3032"},
        {"1180", "OUTCOME_UNKNOWN 1180"},
        {"3100", "OUTCOME_UNKNOWN 3100"}
    };
    apid_lease_t *lease = db_lease(db);
    size_t i;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        is(db_write(lease, apr_pstrcat(pool, "SET @told = ", cases[i][0],
                                       NULL)), "", "a server");
        is(db_write(lease, "INSERT INTO told VALUES (1)"), cases[i][1],
           "says why");
    }
    apid_db_close(lease);
}

static void test_lock_wait(void)
{
    apid_lease_t *a = db_lease(db), *b = db_lease(db);
    apid_stmt_t stmts[] = {
        db_stmt(APID_STMT_BEGIN, NULL),
        db_stmt(APID_STMT_WRITE, "UPDATE hit SET n = 5 WHERE id = 2"),
        db_stmt(APID_STMT_WRITE, "UPDATE hit SET n = 5 WHERE id = 1"),
        db_stmt(APID_STMT_COMMIT, NULL)
    };
    apr_time_t start;

    is(db_begin(a), "", "a transaction");
    is(db_write(a, "UPDATE hit SET n = 6 WHERE id = 1"), "", "locks a row");
    start = apr_time_now();
    is(db_run(b, stmts, 4), "LOCKED 1205",
       "another waits for it");
    ok(db_since(start) < 2000, "not for long");
    is(db_read(b, "SELECT n FROM hit WHERE id = 2"), "i0",
       "and keeps no half of its work");
    is(db_commit(a), "", "the first goes on");
    is(db_run(b, stmts, 4), "", "then the other");
    apid_db_close(a);
    apid_db_close(b);
}

/* Longer than anything here waits. MySQL wakes who sleeps, and goes on. */
#define ENDLESS \
    "SELECT COUNT(*) FROM numbers a, numbers b, numbers c " \
    "WHERE a.seq + b.seq + c.seq = 0"

/* MySQL limits the time of reads alone. */
static void test_timeout(void)
{
    apid_lease_t *lease = db_lease(db);
    apr_time_t start = apr_time_now();

    is(db_read(lease, ENDLESS),
       db_either("QUERY_TIMEOUT 1969", "QUERY_TIMEOUT 3024"),
       "a read too long");
    ok(db_since(start) < 3000, "is ended in time");
    is(db_write(lease, "INSERT INTO hit SELECT 9, SLEEP(3)"),
       db_either("QUERY_TIMEOUT 1969", ""), "a write too long");
    is(db_read(lease, "SELECT COUNT(*) FROM hit"), db_either("i2", "i3"),
       "left nothing");
    apid_db_close(lease);
}

/* The server's network buffer is full before the time is over, so that rows
 * come first and the error later. */
static void test_late_timeout(void)
{
    apid_stmt_t read = db_stmt(
        APID_STMT_READ, "SELECT REPEAT('x', 100000), SLEEP(0.05) "
                        "FROM numbers WHERE seq <= 1000");
    apid_lease_t *lease = db_lease(db);
    apid_rows_t *rows = NULL;
    const apid_value_t *row;
    apid_err_t *err;
    int n = 0;

    is(db_error(apid_db_execute(&rows, lease, &read, 1)), "",
       "the first row is there");
    while (!(err = apid_db_next(&row, rows)) && row)
        n++;
    ok(n > 1 && n < 1000, "some rows came");
    is(db_error(err), db_either("QUERY_TIMEOUT 1969", "QUERY_TIMEOUT 3024"),
       "the error is not lost");
    is(db_read(lease, "SELECT 1"), "i1", "the connection goes on");
    apid_db_close(lease);
}

static void test_kill_idle(void)
{
    apid_lease_t *lease = db_lease(db);
    const char *id = db_read(lease, "SELECT CONNECTION_ID()");
    apid_db_stats_t before, after;

    apid_db_close(lease);
    db_kill("", id + 1);
    apid_db_stats(&before, db);
    lease = db_lease(db);
    is(db_read(lease, "SELECT 1"), "i1", "killed in the pool");
    ok(strcmp(db_read(lease, "SELECT CONNECTION_ID()"), id) != 0,
       "it is not lent again");
    apid_db_stats(&after, db);
    is_int((int)(after.failures - before.failures), 0, "nothing failed");
    apid_db_close(lease);
}

static void test_kill_leased(void)
{
    apid_lease_t *lease = db_lease(db);

    db_kill("", db_read(lease, "SELECT CONNECTION_ID()") + 1);
    is(db_read(lease, TABLE), "i1 i0; i2 i0", "a read is sent again");
    db_kill("", db_read(lease, "SELECT CONNECTION_ID()") + 1);
    is(db_write(lease, "UPDATE hit SET n = n + 1"), "",
       "a write that was not sent, too");
    is(db_read(lease, TABLE), "i1 i1; i2 i1", "and once only");
    is(db_begin(lease), "", "a transaction");
    is(db_write(lease, "UPDATE hit SET n = 9"), "", "with a change");
    db_kill("", db_read(lease, "SELECT CONNECTION_ID()") + 1);
    ok(strstr(db_write(lease, "UPDATE hit SET n = n + 1"),
              "DATABASE_UNAVAILABLE 20") != NULL, "is not continued");
    is(db_read(lease, TABLE), "i1 i1; i2 i1", "and left nothing");
    apid_db_close(lease);
}

static void test_kill_reading(void)
{
    apid_stmt_t slow = db_stmt(APID_STMT_READ, "SELECT SLEEP(1)");
    db_job_t *job = db_job(db);

    db_job_start(job, &slow, 1);
    db_kill("", job->id);
    is(db_job_join(job), "i0", "a read killed on its way runs again");
    job->id = db_read(job->lease, "SELECT CONNECTION_ID()") + 1;
    slow.sql = ENDLESS;
    db_job_start(job, &slow, 1);
    db_kill("QUERY", job->id);
    is(db_job_join(job), "DATABASE_UNAVAILABLE 1317",
       "unless only the query was killed");
    is(db_begin(job->lease), "", "in a transaction");
    job->id = db_read(job->lease, "SELECT CONNECTION_ID()") + 1;
    db_job_start(job, &slow, 1);
    db_kill("", job->id);
    ok(strstr(db_job_join(job), "DATABASE_UNAVAILABLE") != NULL,
       "it does not run again");
    db_job_end(job);
}

static void test_kill_writing(void)
{
    apid_stmt_t stmts[] = {
        db_stmt(APID_STMT_BEGIN, NULL),
        db_stmt(APID_STMT_WRITE, "UPDATE hit SET n = 7 WHERE id = 1"),
        db_stmt(APID_STMT_WRITE, "INSERT INTO hit SELECT 9, SLEEP(1)"),
        db_stmt(APID_STMT_COMMIT, NULL)
    };
    db_job_t *job = db_job(db);
    const char *got;

    db_job_start(job, stmts, 4);
    db_kill("", job->id);
    got = db_job_join(job);
    ok(strstr(got, config.compound
                       ? db_either("OUTCOME_UNKNOWN", "DATABASE_UNAVAILABLE")
                       : "DATABASE_UNAVAILABLE") == got,
       "a transaction killed: is its outcome known?");
    is(db_read(job->lease, TABLE), "i1 i0; i2 i0", "nothing is left of it");
    job->id = db_read(job->lease, "SELECT CONNECTION_ID()") + 1;
    db_job_start(job, stmts, 3);
    db_kill("", job->id);
    got = db_job_join(job);
    ok(strstr(got, "DATABASE_UNAVAILABLE") == got,
       "without a COMMIT it is known");
    db_job_end(job);
}

static void test_kill_streaming(void)
{
    apid_stmt_t read = db_stmt(
        APID_STMT_READ, "SELECT REPEAT('x', 100000) FROM numbers "
                        "WHERE seq <= 10000");
    apid_lease_t *lease = db_lease(db);
    const char *id = db_read(lease, "SELECT CONNECTION_ID()") + 1;
    apid_rows_t *rows = NULL;
    const apid_value_t *row;
    apid_err_t *err;
    int n = 0;

    is(db_error(apid_db_execute(&rows, lease, &read, 1)), "", "many rows");
    db_kill("", id);
    while (!(err = apid_db_next(&row, rows)) && row)
        n++;
    ok(err && err->kind == APID_ERR_DATABASE_UNAVAILABLE && n < 10000,
       "killed between them: an error, not an end");
    is(db_error(apid_db_next(&row, rows)), "", "and that");
    ok(!row, "was the last of it");
    is(db_read(lease, "SELECT 1"), "i1", "the lease goes on");
    apid_db_close(lease);
}

static int count_statements(void)
{
    const char *row = db_read(admin_lease, "SHOW GLOBAL STATUS LIKE "
                                           "'Prepared_stmt_count'");

    return atoi(strstr(row, "' '") + 3);
}

/* More statements than the server allows: ours give way. */
static void test_statement_limit(void)
{
    apid_lease_t *lease = db_lease(db);
    int i, failed = 0;

    count_statements(); /* is prepared from here on */
    db_admin(apr_psprintf(pool, "SET GLOBAL max_prepared_stmt_count = %d;\n",
                          count_statements() + 5));
    for (i = 0; i < 20; i++)
        failed += strcmp(db_read(lease, apr_psprintf(pool, "SELECT %d", i)),
                         apr_psprintf(pool, "i%d", i)) != 0;
    is_int(failed, 0, "max_prepared_stmt_count reached: all goes on");
    db_admin("SET GLOBAL max_prepared_stmt_count = 0;\n");
    is(db_read(lease, "SELECT 'none'"), "DATABASE_UNAVAILABLE 1461",
       "with none allowed nothing does");
    db_admin("SET GLOBAL max_prepared_stmt_count = 16382;\n");
    apid_db_close(lease);
}

static void test_cache(void)
{
    apid_db_config_t small = config;
    apid_lease_t *lease;
    apid_db_stats_t stats;
    int i;

    small.statements = 3;
    db = db_open(&small);
    lease = db_lease(db);
    for (i = 0; i < 30; i++)
        db_read(lease, apr_psprintf(pool, "SELECT %d", i % 3));
    apid_db_stats(&stats, db);
    is_int((int)stats.statements_prepared, 3, "three statements are kept");
    db_read(lease, "SELECT 3");
    db_read(lease, "SELECT 2");
    db_read(lease, "SELECT 0");
    apid_db_stats(&stats, db);
    is_int((int)stats.statements_prepared, 5, "the oldest one left");
    apid_db_close(lease);
}

static int listen_at(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);

    apr_cpystrn(address.sun_path, path, sizeof(address.sun_path));
    if (bind(fd, (struct sockaddr *)&address, sizeof(address)) == 0)
        listen(fd, 5);
    return fd;
}

/* Two names of one server, which is read-only for this user. The first name
 * becomes one that does not answer, so that trying it would take its time. */
static void test_read_only(void)
{
    const char *first = apr_pstrcat(pool, db_host.socket, ".1", NULL);
    const char *second = apr_pstrcat(pool, db_host.socket, ".2", NULL);
    apid_db_host_t hosts[2] = {{.socket = first}, {.socket = second}};
    apid_db_config_t plain = config;
    apid_lease_t *lease;
    apr_time_t start;
    int fd;

    db_admin("DROP USER IF EXISTS plain@localhost;\n"
             "CREATE USER plain@localhost;\n"
             "GRANT SELECT, UPDATE ON *.* TO plain@localhost;\n"
             "SET GLOBAL read_only = 1;\n");
    ok(symlink(db_host.socket, first) == 0
       && symlink(db_host.socket, second) == 0, "two hosts");
    plain.hosts = hosts;
    plain.nhosts = 2;
    plain.user = "plain";
    db = db_open(&plain);
    lease = db_lease(db);
    is(db_write(lease, "UPDATE hit SET n = 1"), "DATABASE_UNAVAILABLE 1290",
       "one is read-only");
    unlink(first);
    fd = listen_at(first);
    start = apr_time_now();
    is(db_read(lease, "SELECT n FROM hit WHERE id = 1"), "i0",
       "the other is used");
    ok(db_since(start) < 500, "without asking the first again");
    close(fd);
    unlink(first);
    unlink(second);
    db_admin("SET GLOBAL read_only = 0;\n");
    is(db_write(lease, "UPDATE hit SET n = 1"), "", "for writes, too");
    apid_db_close(lease);
}

/* Hosts are tried in order; what came of it is the cause, but no password. */
static void test_no_server(void)
{
    apid_db_host_t hosts[2] = {{.socket = "/nonexistent/sock"}, db_host};
    apid_db_config_t none = config;
    apid_lease_t *lease;
    apid_err_t *err;

    none.hosts = hosts;
    none.nhosts = 2;
    is(db_read(db_lease(db_open(&none)), "SELECT 1"), "i1",
       "the first that answers is taken");
    none.nhosts = 1;
    none.min = 1;
    db = db_open(&none);
    err = apid_db_lease(&lease, db, pool);
    is(err->text, "The database is not available; try again in a moment",
       "no server");
    is(err->cause, "/nonexistent/sock: no server answers there: start it, or "
                   "name its own host and port, or socket, in the database "
                   "URL: 2002 Can't connect to local server through socket "
                   "'/nonexistent/sock' (2)", "and why");
    none.hosts = &db_host;
    none.user = "nobody";
    none.password = "s3cret";
    err = apid_db_lease(&lease, db_open(&none), pool);
    is(db_error(err), "DATABASE_UNAVAILABLE 1045", "a wrong password");
    ok(!strstr(err->cause, "s3cret"), "is not told");
}

static void test_grant(void)
{
    apid_db_config_t plain = config;
    apid_stmt_t stmt = db_stmt(APID_STMT_WRITE, "DELETE FROM hit");
    apid_lease_t *lease;
    apid_err_t *err;

    plain.user = "plain";
    lease = db_lease(db_open(&plain));
    err = apid_db_execute(NULL, lease, &stmt, 1);
    is(db_error(err), "INTERNAL_ERROR 1142", "a right that is missing");
    is(err->text, "Internal error", "is not the caller's business");
    is(err->cause,
       apr_psprintf(pool, "a GRANT is missing: 1142 DELETE command denied to "
                    "user 'plain'@'localhost' for table %s",
                    db_either(apr_psprintf(pool, "`%s`.`hit`",
                                           config.database), "'hit'")),
       "but the administrator's");
    apid_db_close(lease);
}

/* A server that hangs: reads time out, and then nobody waits. */
static void test_stopped(void)
{
    pid_t server = (pid_t)atoi(db_env("APID_TEST_PID"));
    apid_db_config_t quick = config;
    apid_lease_t *lease = NULL;
    apid_err_t *err;
    apr_time_t start;

    quick.io_timeout = apr_time_from_sec(1);
    quick.connect_timeout = apr_time_from_sec(1);
    db = db_open(&quick);
    lease = db_lease(db);
    kill(server, SIGSTOP);
    apr_sleep(100000);
    start = apr_time_now();
    is(db_read(lease, "SELECT 1"), "DATABASE_UNAVAILABLE 2013",
       "a server that hangs");
    ok(db_since(start) < 4000, "is not waited for long");
    apid_db_close(lease);
    start = apr_time_now();
    err = apid_db_lease(&lease, db, pool);
    ok(err && err->kind == APID_ERR_DATABASE_UNAVAILABLE, "nor does it greet");
    ok(db_since(start) < 2500, "which takes the time to connect, once");
    start = apr_time_now();
    err = apid_db_lease(&lease, db, pool);
    ok(err && err->kind == APID_ERR_DATABASE_UNAVAILABLE, "a moment later");
    ok(db_since(start) < 900, "the answer is known");
    kill(server, SIGCONT);
    apr_sleep(300000);
    lease = db_lease(db);
    is(db_read(lease, "SELECT 1"), "i1", "it comes back");
    apid_db_close(lease);
}

static void test_all(void)
{
    static void (*const tests[])(void) = {
        test_characters, test_cluster, test_deadlock, test_lock_wait,
        test_timeout, test_late_timeout, test_kill_idle, test_kill_leased,
        test_kill_reading, test_kill_writing, test_kill_streaming,
        test_statement_limit, test_cache, test_read_only, test_no_server,
        test_grant, test_stopped
    };
    size_t i;

    for (i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
        db_admin(ROWS);
        db = db_open(&config);
        tests[i]();
    }
}

int main(void)
{
    apr_initialize();
    atexit(apr_terminate);
    apr_pool_create(&pool, NULL);
    config = db_config();
    config.statement_timeout = 1500000;
    db_admin_open();
    db_admin(SCHEMA);
    for (config.compound = 1; config.compound >= 0; config.compound--) {
        printf("# %s\n", config.compound ? "one trip" : "one by one");
        test_all();
    }
    apr_pool_destroy(pool);
    return tap_done();
}
