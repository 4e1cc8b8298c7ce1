/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apid_db: the pool of connections and their leases. Idle connections are a
 * stack: the one returned last is lent next. While threads wait, a connection
 * goes straight to who waits longest, so that nobody is woken in vain. The
 * mutex guards the stack, the queue, the counts and what is known of the
 * hosts; it is never held while the network is waited for. After a failure to
 * connect one thread at a time tries again, and all others get their error at
 * once. How one is connected is apid_db_conn's, statements are apid_db_stmt's,
 * what servers differ in is apid_db_flavour's.
 */
#include "apid_db_parts.h"

#include <apr_atomic.h>
#include <apr_strings.h>
#include <apr_thread_cond.h>
#include <apr_thread_mutex.h>

#include <errmsg.h>
#include <mysqld_error.h>

#define RETRY_AFTER apr_time_from_msec(250)
#define SHUN_HOST_FOR apr_time_from_sec(10)

/** A thread that waits: it is in the queue until somebody calls it. */
typedef struct waiter_t waiter_t;
struct waiter_t {
    apr_thread_cond_t *called;
    int queued;
    apid_conn_t *conn; /* what it was given, if it was */
    waiter_t *next;
};

struct apid_db_t {
    apid_db_config_t config;
    apr_pool_t *pool;
    apr_thread_mutex_t *mutex; /* guards what follows */
    apid_conn_t **idle; /* a stack; idle[0] lies idle longest */
    int nidle, total, waiting;
    waiter_t *first, **last; /* the queue of those who wait */
    waiter_t *spare;         /* those nobody uses */
    apr_time_t retry_at; /* 0: the database answers */
    int probing;         /* a thread finds out whether it answers again */
    int crowded;         /* it refused, having too many connections */
    char why[1024];      /* cause of the last failure to connect */
    apr_time_t doubted;  /* connections idle since before then are closed */
    apr_time_t *shunned; /* per host: until when others come first */
    apid_db_stats_t stats;
    volatile apr_uint64_t leases, prepared; /* atomic */
};

/** What a thread that wants a connection does next. */
typedef enum turn_e {
    TURN_GIVEN,
    TURN_IDLE,
    TURN_CONNECT,
    TURN_WAIT,
    TURN_FAIL
} turn_e;

static void lock(apid_db_t *db)
{
    apr_thread_mutex_lock(db->mutex);
}

static void unlock(apid_db_t *db)
{
    apr_thread_mutex_unlock(db->mutex);
}

/* Under the lock: who waits longest leaves the queue, with conn or to look
 * again. It is to be called, or NULL if nobody waits. */
static waiter_t *take_first(apid_db_t *db, apid_conn_t *conn)
{
    waiter_t *waiter = db->first;

    if (!waiter)
        return NULL;
    db->first = waiter->next;
    if (!db->first)
        db->last = &db->first;
    waiter->queued = 0;
    waiter->conn = conn;
    return waiter;
}

static void call(waiter_t *waiter)
{
    if (waiter)
        apr_thread_cond_signal(waiter->called);
}

/* What is further off than any can be is of before the clock was put back. */
static int is_shunned(const apid_db_t *db, int host)
{
    apr_interval_time_t left = db->shunned[host] - apr_time_now();

    return db->config.nhosts > 1 && left > 0 && left <= SHUN_HOST_FOR;
}

static void shun_host(apid_db_t *db, int host)
{
    db->shunned[host] = apr_time_now() + SHUN_HOST_FOR;
}

static void note_failure(apid_db_t *db, apid_conn_t *conn)
{
    unsigned int number = conn->mysql ? mysql_errno(conn->mysql) : 0;
    const char *why = apid_conn_fault(conn, &db->config);

    lock(db);
    apr_cpystrn(db->why, why, sizeof(db->why));
    db->crowded = number == ER_CON_COUNT_ERROR
        || number == ER_TOO_MANY_USER_CONNECTIONS
        || number == ER_USER_LIMIT_REACHED;
    shun_host(db, conn->host);
    unlock(db);
}

static void note_server(apid_db_t *db, apid_conn_t *conn)
{
    const char *version = mysql_get_server_info(conn->mysql);

    lock(db);
    apr_snprintf(db->stats.server, sizeof(db->stats.server), "%s %.*s",
                 apid_conn_flavour(conn), (int)strspn(version, "0123456789."),
                 version);
    db->stats.max_packet = conn->max_packet;
    db->stats.max_connections = conn->max_connections;
    db->stats.max_statements = conn->max_statements;
    unlock(db);
}

static apid_conn_t *try_host(apid_db_t *db, int host)
{
    apid_conn_t *conn = apid_conn_make(db, &db->config, host);

    if (!conn)
        return NULL;
    if (apid_conn_connect(conn, &db->config)) {
        note_server(db, conn);
        return conn;
    }
    note_failure(db, conn);
    apid_conn_close(conn);
    return NULL;
}

/* Shunned hosts come last, but they come. */
static apid_conn_t *try_hosts(apid_db_t *db)
{
    apid_conn_t *conn = NULL;
    int i, shunned, last[db->config.nhosts];

    lock(db);
    for (i = 0; i < db->config.nhosts; i++)
        last[i] = is_shunned(db, i);
    unlock(db);
    for (shunned = 0; shunned < 2; shunned++)
        for (i = 0; i < db->config.nhosts && !conn; i++)
            if (last[i] == shunned)
                conn = try_host(db, i);
    return conn;
}

/* The thread has a place in total; it loses it again if no host answers. */
static apid_conn_t *connect_any(apid_db_t *db)
{
    apid_conn_t *conn = try_hosts(db);

    lock(db);
    db->probing = 0;
    if (conn) {
        db->retry_at = 0;
        db->stats.connects++;
    }
    else {
        db->retry_at = apr_time_now() + RETRY_AFTER;
        db->total--;
        db->stats.failures++;
        while (db->first)
            call(take_first(db, NULL));
    }
    unlock(db);
    return conn;
}

static void leave_pool(apid_conn_t *conn)
{
    apid_db_t *db = conn->db;

    apid_conn_close(conn);
    lock(db);
    if (--db->total < db->config.max)
        call(take_first(db, NULL));
    unlock(db);
}

static turn_e choose_turn(const apid_db_t *db, int urgent)
{
    apr_interval_time_t left = db->retry_at - apr_time_now();

    if (db->nidle)
        return TURN_IDLE;
    if (db->retry_at && (db->probing || (left > 0 && left <= RETRY_AFTER)))
        return db->crowded && db->total > 0 ? TURN_WAIT : TURN_FAIL;
    return db->total < db->config.max + urgent ? TURN_CONNECT : TURN_WAIT;
}

static waiter_t *join_queue(apid_db_t *db)
{
    waiter_t *waiter = db->spare;

    db->spare = waiter->next;
    waiter->conn = NULL;
    waiter->next = NULL;
    waiter->queued = 1;
    *db->last = waiter;
    db->last = &waiter->next;
    db->waiting++;
    return waiter;
}

static void leave_queue(apid_db_t *db, waiter_t *waiter)
{
    waiter_t **at = &db->first;

    while (waiter->queued && *at != waiter)
        at = &(*at)->next;
    if (waiter->queued) {
        *at = waiter->next;
        if (!*at)
            db->last = at;
    }
    waiter->next = db->spare;
    db->spare = waiter;
    db->waiting--;
}

/* Waits for a connection or for a call. A crowded server is asked again in
 * between, not only when a connection of ours comes back. Gives whether the
 * wait was not in vain. */
static int wait_turn(apid_conn_t **conn, apid_db_t *db, apr_time_t end)
{
    apr_interval_time_t left = end - apr_time_now();
    waiter_t *waiter;

    if (left <= 0 || !db->spare)
        return 0;
    if (db->retry_at && left > RETRY_AFTER)
        left = RETRY_AFTER;
    waiter = join_queue(db);
    apr_thread_cond_timedwait(waiter->called, db->mutex, left);
    *conn = waiter->conn;
    leave_queue(db, waiter);
    return 1;
}

/* Under the lock. TURN_WAIT means that the wait was in vain. */
static turn_e await_turn(apid_conn_t **conn, apid_db_t *db, int urgent,
                         apr_time_t *end)
{
    turn_e turn;

    while ((turn = choose_turn(db, urgent)) == TURN_WAIT) {
        if (!*end)
            *end = apr_time_now() + db->config.acquire_timeout;
        if (!wait_turn(conn, db, *end)) {
            db->stats.timeouts++;
            return TURN_WAIT;
        }
        if (*conn)
            return TURN_GIVEN;
    }
    return turn;
}

/* Takes a connection, or a place for a new one: then *conn is NULL. */
static turn_e take_turn(apid_conn_t **conn, apid_db_t *db, int urgent,
                        apr_time_t *end)
{
    turn_e turn;
    int stale = 0;

    *conn = NULL;
    lock(db);
    turn = await_turn(conn, db, urgent, end);
    if (turn == TURN_IDLE)
        *conn = db->idle[--db->nidle];
    if (turn == TURN_CONNECT) {
        db->total++;
        db->probing = db->retry_at != 0;
    }
    if (*conn)
        stale = is_shunned(db, (*conn)->host)
            || (*conn)->returned < db->doubted;
    unlock(db);
    if (*conn && (stale || !apid_conn_is_alive(*conn))) {
        leave_pool(*conn);
        return take_turn(conn, db, urgent, end);
    }
    return turn;
}

static apid_err_t *refuse(apid_db_t *db, turn_e turn, apr_pool_t *pool)
{
    apid_err_t *err = apid_err_raise(pool, APID_ERR_DATABASE_UNAVAILABLE,
                                     APID_DB_UNAVAILABLE);

    if (turn == TURN_WAIT)
        return apid_err_because(err, "no connection became free: %d in use, "
                                "at most %d wait for at most %d ms",
                                db->config.max, db->config.waiters,
                                (int)apr_time_as_msec(
                                    db->config.acquire_timeout));
    lock(db);
    err = apid_err_because(err, "%s", db->why);
    unlock(db);
    return err;
}

static apid_err_t *acquire(apid_lease_t *lease)
{
    apid_conn_t **conn = &lease->conn;
    apid_db_t *db = lease->db;
    apr_time_t end = 0; /* of waiting, once it began */
    turn_e turn;

    do {
        turn = take_turn(conn, db, lease->urgent, &end);
        if (turn == TURN_CONNECT)
            *conn = connect_any(db);
    } while (turn == TURN_CONNECT && !*conn);
    return *conn ? NULL : refuse(db, turn, lease->pool);
}

/* Under the lock: the connection idle longest, if it is one too many. */
static apid_conn_t *take_surplus(apid_db_t *db)
{
    apid_conn_t *oldest = db->nidle > db->config.keep ? db->idle[0] : NULL;

    if (!oldest
        || oldest->returned + db->config.idle_ttl > apr_time_now())
        return NULL;
    db->nidle--;
    memmove(db->idle, db->idle + 1, sizeof(*db->idle) * (size_t)db->nidle);
    return oldest;
}

static void give_back(apid_conn_t *conn)
{
    apid_db_t *db = conn->db;
    apid_conn_t *surplus = NULL;
    waiter_t *waiter;

    conn->returned = apr_time_now();
    lock(db);
    if (db->total > db->config.max) { /* one was urgent */
        unlock(db);
        leave_pool(conn);
        return;
    }
    waiter = take_first(db, conn);
    if (!waiter) {
        db->idle[db->nidle++] = conn;
        surplus = take_surplus(db);
    }
    unlock(db);
    call(waiter);
    if (surplus)
        leave_pool(surplus);
}

static apr_status_t return_lease(void *data)
{
    apid_lease_t *lease = data;

    if (lease->conn)
        apid_lease_drop_rows(lease);
    if (lease->conn && lease->conn->in_transaction)
        apid_db_rollback(lease);
    if (lease->conn)
        give_back(lease->conn);
    lease->conn = NULL;
    return APR_SUCCESS;
}

static apr_status_t close_pool(void *data)
{
    apid_db_t *db = data;

    while (db->nidle)
        apid_conn_close(db->idle[--db->nidle]);
    return APR_SUCCESS;
}

/* Connects the first few; the first failure ends it, for it costs time. */
static void fill_pool(apid_db_t *db)
{
    apid_conn_t *conn;

    while (db->total < db->config.min && db->total < db->config.max) {
        db->total++;
        conn = connect_any(db);
        if (!conn)
            return;
        give_back(conn);
    }
}

/* All that may ever wait, since no thread may use the pool's pool later. */
static apr_status_t make_queue(apid_db_t *db)
{
    waiter_t *waiters = apr_pcalloc(
        db->pool, sizeof(*waiters) * (apr_size_t)(db->config.waiters + 1));
    apr_status_t rv = apr_thread_mutex_create(
        &db->mutex, APR_THREAD_MUTEX_DEFAULT, db->pool);
    int i;

    db->last = &db->first;
    for (i = 0; !rv && i < db->config.waiters; i++) {
        waiters[i].next = db->spare;
        db->spare = &waiters[i];
        rv = apr_thread_cond_create(&waiters[i].called, db->pool);
    }
    return rv;
}

static const apid_db_host_t *copy_hosts(const apid_db_config_t *config,
                                        apr_pool_t *pool)
{
    apid_db_host_t *hosts = apr_pmemdup(
        pool, config->hosts,
        sizeof(*hosts) * (apr_size_t)config->nhosts);
    int i;

    for (i = 0; i < config->nhosts; i++) {
        hosts[i].name = apr_pstrdup(pool, hosts[i].name);
        hosts[i].socket = apr_pstrdup(pool, hosts[i].socket);
    }
    return hosts;
}

static void copy_config(apid_db_t *db, const apid_db_config_t *config)
{
    db->config = *config;
    db->config.hosts = copy_hosts(config, db->pool);
    db->config.user = apr_pstrdup(db->pool, config->user);
    db->config.password = apr_pstrdup(db->pool, config->password);
    db->config.password_from = apr_pstrdup(db->pool, config->password_from);
    db->config.database = apr_pstrdup(db->pool, config->database);
    db->config.tls_ca = apr_pstrdup(db->pool, config->tls_ca);
}

apid_err_t *apid_lease_renew(apid_lease_t *lease)
{
    return lease->conn ? NULL : acquire(lease);
}

void apid_lease_drop(apid_lease_t *lease)
{
    apid_conn_t *conn = lease->conn;

    lease->conn = NULL;
    if (lease->fate == APID_FATE_HOST) {
        lock(lease->db);
        shun_host(lease->db, conn->host);
        unlock(lease->db);
    }
    leave_pool(conn);
}

void apid_lease_doubt(apid_lease_t *lease)
{
    lock(lease->db);
    lease->db->doubted = apr_time_now();
    unlock(lease->db);
}

apid_err_t *apid_lease_query(apid_lease_t *lease, const char *sql)
{
    MYSQL *mysql = lease->conn->mysql;

    if (mysql_real_query(mysql, sql, strlen(sql)))
        return apid_lease_raise(lease, mysql_errno(mysql), mysql_error(mysql));
    mysql_free_result(mysql_store_result(mysql));
    lease->conn->in_transaction =
        !!(mysql->server_status & SERVER_STATUS_IN_TRANS);
    return NULL;
}

void apid_db_count_prepared(apid_db_t *db)
{
    apr_atomic_inc64(&db->prepared);
}

void apid_db_config_default(apid_db_config_t *config)
{
    memset(config, 0, sizeof(*config));
    config->keep = 4;
    config->max = 16;
    config->waiters = 64;
    config->idle_ttl = apr_time_from_sec(60);
    config->acquire_timeout = apr_time_from_sec(2);
    config->connect_timeout = apr_time_from_sec(2);
    config->statement_timeout = apr_time_from_sec(10);
    config->io_timeout = apr_time_from_sec(15);
    config->statements = 256;
    config->compound = 1;
}

apid_err_t *apid_db_open(apid_db_t **db, const apid_db_config_t *config,
                         apr_pool_t *pool)
{
    apid_db_t *made = apr_pcalloc(pool, sizeof(*made));

    made->pool = pool;
    copy_config(made, config);
    made->idle = apr_pcalloc(
        pool, sizeof(*made->idle) * (apr_size_t)(config->max + 1));
    made->shunned = apr_pcalloc(
        pool, sizeof(*made->shunned) * (apr_size_t)config->nhosts);
    if (mysql_library_init(0, NULL, NULL) || make_queue(made) != APR_SUCCESS)
        return apid_err_because(
            apid_err_raise(pool, APID_ERR_INTERNAL_ERROR, "Internal error"),
            "the database pool cannot be made");
    apr_pool_cleanup_register(pool, made, close_pool, apr_pool_cleanup_null);
    fill_pool(made);
    *db = made;
    return NULL;
}

static apid_err_t *open_lease(apid_lease_t **lease, apid_db_t *db, int urgent,
                              apr_pool_t *pool)
{
    apid_lease_t *made = apr_pcalloc(pool, sizeof(*made));
    apid_err_t *err;

    made->db = db;
    made->pool = pool;
    made->urgent = urgent;
    made->patience = db->config.io_timeout;
    made->rows.lease = made;
    err = apid_lease_renew(made);
    if (err)
        return err;
    apr_pool_cleanup_register(pool, made, return_lease,
                              apr_pool_cleanup_null);
    apr_atomic_inc64(&db->leases);
    *lease = made;
    return NULL;
}

apid_err_t *apid_db_lease(apid_lease_t **lease, apid_db_t *db,
                          apr_pool_t *pool)
{
    return open_lease(lease, db, 0, pool);
}

apid_err_t *apid_db_lease_urgent(apid_lease_t **lease, apid_db_t *db,
                                 apr_pool_t *pool)
{
    return open_lease(lease, db, 1, pool);
}

void apid_db_close(apid_lease_t *lease)
{
    apr_pool_cleanup_run(lease->pool, lease, return_lease);
}

void apid_db_rollback(apid_lease_t *lease)
{
    apid_conn_t *conn = lease->conn;

    if (!conn)
        return;
    apid_lease_drop_rows(lease);
    if (lease->conn && mysql_rollback(conn->mysql))
        apid_lease_drop(lease);
    else if (lease->conn)
        conn->in_transaction = 0;
}

const char *apid_db_flavour(const apid_lease_t *lease)
{
    return lease->conn ? apid_conn_flavour(lease->conn) : "";
}

void apid_db_stats(apid_db_stats_t *stats, apid_db_t *db)
{
    lock(db);
    *stats = db->stats;
    stats->connections = db->total;
    stats->idle = db->nidle;
    stats->waiting = db->waiting;
    unlock(db);
    stats->leases = apr_atomic_read64(&db->leases);
    stats->statements_prepared = apr_atomic_read64(&db->prepared);
}
