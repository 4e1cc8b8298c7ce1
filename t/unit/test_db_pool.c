/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_db_pool: leases: which connection is lent, who waits how long, what
 * many threads at once do to the pool (run it under ThreadSanitizer, too).
 */
#include "db_job.h"

#include <time.h>
#include <unistd.h>

#define THREADS 16
#define ROUNDS 50

static apr_time_t put_back; /* how far the clock was */

/* Takes the place of APR's own. */
apr_time_t apr_time_now(void)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    return apr_time_from_sec(now.tv_sec) + now.tv_nsec / 1000 - put_back;
}

static const char *id_of(apid_lease_t *lease)
{
    return db_read(lease, "SELECT CONNECTION_ID()");
}

static apid_db_stats_t stats_of(apid_db_t *db)
{
    apid_db_stats_t stats;

    apid_db_stats(&stats, db);
    return stats;
}

static void test_order(void)
{
    apid_db_config_t config = db_config();
    apid_lease_t *a, *b, *c;
    const char *id_a, *id_b;
    apid_db_stats_t stats;
    apid_db_t *db;

    db = db_open(&config);
    is(stats_of(db).server, "", "no server before the first connect");
    is_int(stats_of(db).connections, 0, "no connection without need");
    a = db_lease(db);
    b = db_lease(db);
    id_a = id_of(a);
    id_b = id_of(b);
    is_int(strcmp(id_a, id_b) != 0, 1, "two leases, two connections");
    apid_db_close(a);
    apid_db_close(b);
    c = db_lease(db);
    is(id_of(c), id_b, "the one returned last is lent next");
    apid_db_close(c);
    stats = stats_of(db);
    is_int(stats.connections, 2, "two connections");
    is_int(stats.idle, 2, "both idle");
    is_int((int)stats.leases, 3, "three leases");
    is_int((int)stats.connects, 2, "two connects");
    ok(strstr(stats.server, db_either("MariaDB 1", "MySQL "))
           == stats.server, "a server");
    ok(stats.max_packet && stats.max_connections && stats.max_statements,
       "its limits");
}

static void test_return(void)
{
    apid_db_config_t config = db_config();
    apid_db_t *db = db_open(&config);
    apid_stmt_t many = db_stmt(APID_STMT_READ, "SELECT seq FROM numbers");
    apid_stmt_t few = db_stmt(APID_STMT_READ,
                              "SELECT seq FROM numbers WHERE seq <= 99");
    apid_rows_t *rows;
    apid_lease_t *lease;
    const char *id;
    apr_pool_t *sub;
    apid_err_t *err;

    db_admin("DROP TABLE IF EXISTS kept;\nCREATE TABLE kept (a INT);\n");
    apr_pool_create(&sub, pool);
    err = apid_db_lease(&lease, db, sub);
    is(db_error(err), "", "a lease of a pool");
    id = id_of(lease);
    is(db_begin(lease), "", "a transaction");
    is(db_write(lease, "INSERT INTO kept VALUES (1)"), "", "with a change");
    apr_pool_destroy(sub);
    is_int(stats_of(db).idle, 1, "goes back with the pool");
    lease = db_lease(db);
    is(id_of(lease), id, "to be lent again");
    is(db_read(lease, "SELECT * FROM kept"), "", "without the change");
    is(db_error(apid_db_execute(&rows, lease, &few, 1)), "", "few rows");
    apid_db_close(lease);
    apid_db_close(lease);
    lease = db_lease(db);
    is(id_of(lease), id, "left unread cost nothing");
    is(db_error(apid_db_execute(&rows, lease, &many, 1)), "", "many rows");
    apid_db_close(lease);
    lease = db_lease(db);
    ok(strcmp(id_of(lease), id) != 0, "left unread cost a connection");
    apid_db_close(lease);
}

static void test_limits(void)
{
    apid_db_config_t config = db_config();
    apid_lease_t *lease, *other = NULL, *third = NULL;
    apid_err_t *err;
    apid_db_t *db;
    apr_time_t start;

    config.max = 1;
    config.acquire_timeout = 300000;
    db = db_open(&config);
    lease = db_lease(db);
    start = apr_time_now();
    err = apid_db_lease(&other, db, pool);
    ok(err && err->kind == APID_ERR_DATABASE_UNAVAILABLE, "no second one");
    is(err->cause, "no connection became free: 1 in use, at most 64 wait for "
                   "at most 300 ms", "and why");
    ok(db_since(start) >= 290 && db_since(start) < 2000, "after the timeout");
    is(db_error(apid_db_lease_urgent(&other, db, pool)), "",
       "but an urgent one");
    is(db_read(other, "SELECT 1"), "i1", "which works");
    ok(apid_db_lease_urgent(&third, db, pool) != NULL, "and that only once");
    apid_db_close(other);
    is_int(stats_of(db).connections, 1, "it is closed when it comes back");
    apid_db_close(lease);
    lease = db_lease(db);
    is(db_read(lease, "SELECT 1"), "i1", "then it is free again");
    apid_db_close(lease);

    config.waiters = 0;
    db = db_open(&config);
    lease = db_lease(db);
    start = apr_time_now();
    err = apid_db_lease(&other, db, pool);
    ok(err && db_since(start) < 290, "nobody waits when nobody may");
    is_int((int)stats_of(db).timeouts, 1, "counted");
    apid_db_close(lease);
}

static void test_keep(void)
{
    apid_db_config_t config = db_config();
    apid_lease_t *leases[3];
    apid_db_t *db;
    int i;

    config.keep = 1;
    config.min = 2;
    config.idle_ttl = 100000;
    db = db_open(&config);
    is_int(stats_of(db).idle, 2, "two at the start");
    for (i = 0; i < 3; i++)
        leases[i] = db_lease(db);
    for (i = 0; i < 3; i++)
        apid_db_close(leases[i]);
    is_int(stats_of(db).idle, 3, "three in a hurry");
    apr_sleep(150000);
    for (i = 0; i < 3; i++)
        apid_db_close(db_lease(db));
    is_int(stats_of(db).connections, 1, "one is kept");
}

/* The server refuses more: those we have go round. */
static void test_crowded(void)
{
    apid_db_config_t config = db_config();
    apid_lease_t *lease, *other = NULL;
    apid_err_t *err;
    apid_db_t *db;
    apr_time_t start;

    db_admin("DROP USER IF EXISTS single@localhost;\n"
             "CREATE USER single@localhost "
             "WITH MAX_USER_CONNECTIONS 1;\n"
             "GRANT SELECT ON *.* TO single@localhost;\n");
    config.user = "single";
    config.acquire_timeout = 600000;
    db = db_open(&config);
    lease = db_lease(db);
    start = apr_time_now();
    err = apid_db_lease(&other, db, pool);
    ok(err && db_since(start) >= 500, "waited for, as it may come back");
    is(db_read(lease, "SELECT 1"), "i1", "ours still works");
    apid_db_close(lease);
    lease = db_lease(db);
    is(db_read(lease, "SELECT 2"), "i2", "and is lent again");
    err = apid_db_lease(&other, db_open(&config), pool);
    is(db_error(err), "DATABASE_UNAVAILABLE 1226",
       "without any of ours there is nothing to wait for");
    apid_db_close(lease);
}

/* What each thread does: lease, execute, return; often. */
typedef struct worker_t {
    apid_db_t *db;
    apr_pool_t *pool;
    apr_thread_t *thread;
    int done, failed;
} worker_t;

static int work_once(apid_db_t *db, apr_pool_t *own)
{
    apid_value_t seven = apid_value_of_int(7);
    apid_stmt_t stmts[] = {
        {APID_STMT_WRITE, "UPDATE counted SET n = n + 1", NULL, 0},
        {APID_STMT_READ, "SELECT ?, n FROM counted", &seven, 1}
    };
    apid_lease_t *lease = NULL;
    apid_rows_t *rows = NULL;
    const apid_value_t *row = NULL;

    if (apid_db_lease(&lease, db, own)
        || apid_db_execute(&rows, lease, stmts, 2)
        || apid_db_next(&row, rows))
        return 0;
    return row && row[0].u.i == 7;
}

static void *APR_THREAD_FUNC work(apr_thread_t *thread, void *data)
{
    worker_t *worker = data;
    int i;

    for (i = 0; i < ROUNDS; i++) {
        if (work_once(worker->db, worker->pool))
            worker->done++;
        else
            worker->failed++;
        apr_pool_clear(worker->pool);
    }
    return NULL;
}

static void run_workers(worker_t *workers, apid_db_t *db)
{
    apr_status_t rv;
    int i;

    for (i = 0; i < THREADS; i++) {
        workers[i].db = db;
        apr_pool_create_unmanaged_ex(&workers[i].pool, NULL, NULL);
        apr_thread_create(&workers[i].thread, NULL, work, &workers[i], pool);
    }
    for (i = 0; i < THREADS; i++) {
        apr_thread_join(&rv, workers[i].thread);
        apr_pool_destroy(workers[i].pool);
    }
}

static void test_threads(void)
{
    worker_t workers[THREADS] = {{0}};
    apid_db_config_t config = db_config();
    apid_db_stats_t stats;
    int i, done = 0, failed = 0;
    apid_db_t *db;

    db_admin("DROP TABLE IF EXISTS counted;\n"
             "CREATE TABLE counted (n INT);\n"
             "INSERT INTO counted VALUES (0);\n");
    config.max = 3;
    config.acquire_timeout = apr_time_from_sec(20);
    db = db_open(&config);
    run_workers(workers, db);
    for (i = 0; i < THREADS; i++) {
        done += workers[i].done;
        failed += workers[i].failed;
    }
    stats = stats_of(db);
    is_int(failed, 0, "no lease fails with 16 threads and 3 connections");
    is_int(done, THREADS * ROUNDS, "all are served");
    is(db_read(admin_lease, "SELECT n FROM counted"),
       apr_psprintf(pool, "i%d", THREADS * ROUNDS), "each once");
    is_int((int)stats.connects, 3, "three connections were made");
    is_int(stats.idle, 3, "all are back");
    is_int((int)stats.statements_prepared, atoi(db_either("3", "6")),
           "one statement on each, or the two that it is made of");
}

/* No server: one thread at a time tries; all others are told at once, so that
 * all of them together take less than one may wait. */
static void test_threads_without(void)
{
    worker_t workers[THREADS] = {{0}};
    apid_db_config_t config = db_config();
    apid_db_host_t nowhere = {.socket = "/nonexistent/sock"};
    apr_time_t start = apr_time_now();
    int i, done = 0;

    config.hosts = &nowhere;
    config.acquire_timeout = apr_time_from_sec(20);
    run_workers(workers, db_open(&config));
    for (i = 0; i < THREADS; i++)
        done += workers[i].done;
    is_int(done, 0, "without a server nobody is served");
    ok(db_since(start) < 20000, "and nobody waits");
}

/* A failure of the hour before last is none of now. */
static void test_clock(void)
{
    const char *socket = db_env("APID_TEST_SOCKET");
    apid_db_host_t host = {.socket = apr_pstrcat(pool, socket, "2", NULL)};
    apid_db_config_t config = db_config();
    apid_lease_t *lease = NULL;
    apid_db_t *db;

    config.hosts = &host;
    db = db_open(&config);
    is(db_error(apid_db_lease(&lease, db, pool)), "DATABASE_UNAVAILABLE 2002",
       "no server is there yet");
    ok(symlink(socket, host.socket) == 0, "now one is");
    put_back = apr_time_from_sec(3600);
    is(db_error(apid_db_lease(&lease, db, pool)), "",
       "it is tried again, though the clock was put back");
    if (lease)
        apid_db_close(lease);
}

int main(void)
{
    apr_initialize();
    atexit(apr_terminate);
    apr_pool_create(&pool, NULL);
    db_admin_open();
    test_order();
    test_return();
    test_limits();
    test_keep();
    test_crowded();
    test_threads();
    test_threads_without();
    test_clock();
    apr_pool_destroy(pool);
    return tap_done();
}
