/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apid_activity: writes. Rows go to the server as one JSON text each time,
 * which JSON_TABLE makes a table of again: one statement for any number of
 * rows. Sums of a minute are added to those that are there, so that all
 * servers of a cluster write the same rows.
 */
#include "apid_activity.h"

#include <apr_buckets.h>

#define CHUNK 500  /* rows of one statement */
#define PATIENCE 64 /* newer refusals until one is not waited for */
#define STEPS 48   /* hours of activity that one sweep drops */

/* clang-format off */
#define EACH_LATENCY(ROW) \
    ROW(0) ROW(1) ROW(2) ROW(3) ROW(4) ROW(5) ROW(6) ROW(7) ROW(8) ROW(9) \
    ROW(10) ROW(11) ROW(12) ROW(13) ROW(14) ROW(15)
#define NAME(i) ", l" #i
#define TAKE(i) ", n.l" #i
#define ADD(i) ", l" #i " = apid_activity.l" #i " + n.l" #i

/* the columns that JSON_TABLE gives, as write_line writes them */
#define LINES \
    " FROM JSON_TABLE(?, '$[*]' COLUMNS (at BIGINT PATH '$[0]'," \
    " used BIGINT PATH '$[1]', definition BIGINT PATH '$[2]'," \
    " version INT PATH '$[3]', user BIGINT PATH '$[4]'," \
    " token BIGINT PATH '$[5]', status INT PATH '$[6]'," \
    " n BIGINT PATH '$[7]', m BIGINT PATH '$[8]'," \
    " l0 BIGINT PATH '$[9]', l1 BIGINT PATH '$[10]'," \
    " l2 BIGINT PATH '$[11]', l3 BIGINT PATH '$[12]'," \
    " l4 BIGINT PATH '$[13]', l5 BIGINT PATH '$[14]'," \
    " l6 BIGINT PATH '$[15]', l7 BIGINT PATH '$[16]'," \
    " l8 BIGINT PATH '$[17]', l9 BIGINT PATH '$[18]'," \
    " l10 BIGINT PATH '$[19]', l11 BIGINT PATH '$[20]'," \
    " l12 BIGINT PATH '$[21]', l13 BIGINT PATH '$[22]'," \
    " l14 BIGINT PATH '$[23]', l15 BIGINT PATH '$[24]')) AS n"

static const char *const line_sql[] = {
    "INSERT INTO apid_activity (minute, definition_id, version, user_id,"
    " token_id, status, calls, micros" EACH_LATENCY(NAME) ")"
    " SELECT FROM_UNIXTIME(n.at), n.definition, n.version, n.user, n.token,"
    " n.status, n.n, n.m" EACH_LATENCY(TAKE) LINES
    " ON DUPLICATE KEY UPDATE calls = apid_activity.calls + n.n,"
    " micros = apid_activity.micros + n.m" EACH_LATENCY(ADD),

    "INSERT INTO apid_use (subject, id, at)"
    " SELECT 'user', n.user, FROM_UNIXTIME(n.used)" LINES
    " WHERE n.user > 0 ON DUPLICATE KEY UPDATE"
    " at = GREATEST(apid_use.at, FROM_UNIXTIME(n.used))",

    "INSERT INTO apid_use (subject, id, at)"
    " SELECT 'token', n.token, FROM_UNIXTIME(n.used)" LINES
    " WHERE n.token > 0 ON DUPLICATE KEY UPDATE"
    " at = GREATEST(apid_use.at, FROM_UNIXTIME(n.used))",
};

static const char refusal_sql[]
    = "INSERT INTO apid_refusal (at, request_id, name, version, method, user,"
      " address, status, code, reason) SELECT FROM_UNIXTIME(n.at / 1000000),"
      " n.request, n.name, n.version, n.method, n.user, n.address, n.status,"
      " n.code, n.reason FROM JSON_TABLE(?, '$[*]' COLUMNS ("
      " at BIGINT PATH '$[0]', request VARCHAR(64) PATH '$[1]',"
      " name VARCHAR(190) PATH '$[2]', version INT PATH '$[3]',"
      " method VARCHAR(12) PATH '$[4]', user VARCHAR(190) PATH '$[5]',"
      " address VARCHAR(48) PATH '$[6]', status INT PATH '$[7]',"
      " code VARCHAR(40) PATH '$[8]', reason VARCHAR(250) PATH '$[9]')) AS n";
/* clang-format on */

#define LINE_STATEMENTS ((int)(sizeof(line_sql) / sizeof(line_sql[0])))

/* Lines on their way. */
typedef struct batch_t {
    apid_line_t lines[CHUNK];
    apid_sum_t sums[CHUNK];
    int n;
} batch_t;

static apid_err_t *run_one(apid_lease_t *lease, const char *sql,
                           const apid_value_t *bind)
{
    apid_stmt_t stmt = {.kind = APID_STMT_WRITE, .sql = sql, .binds = bind,
                        .nbinds = bind ? 1 : 0};

    return apid_db_execute(NULL, lease, &stmt, 1);
}

/* ---- lines */

static void write_line(apid_json_t *json, const apid_line_t *line,
                       const apid_sum_t *sum, apr_int64_t now)
{
    apr_int64_t last = line->minute * 60 + 59;

    apid_json_array(json);
    apid_json_int(json, line->minute * 60);
    apid_json_int(json, last < now ? last : now);
    apid_json_int(json, line->definition);
    apid_json_int(json, line->version);
    apid_json_int(json, line->user);
    apid_json_int(json, line->token);
    apid_json_int(json, line->status);
    apid_json_uint(json, sum->calls);
    apid_json_uint(json, sum->micros);
    for (int i = 0; i < APID_LATENCIES; i++)
        apid_json_uint(json, sum->latency[i]);
    apid_json_end(json);
}

static const char *print_batch(const batch_t *batch, apr_pool_t *pool)
{
    apid_json_t *json = apid_json_memory(pool);
    apr_int64_t now = apr_time_sec(apr_time_now());

    apid_json_array(json);
    for (int i = 0; i < batch->n; i++)
        write_line(json, &batch->lines[i], &batch->sums[i], now);
    apid_json_end(json);
    return apid_json_print(json, pool);
}

/* all three, or none */
static apid_err_t *write_batch(const batch_t *batch, apid_lease_t *lease,
                               apr_pool_t *pool)
{
    apid_value_t json = apid_value_of_text(print_batch(batch, pool));
    apid_stmt_t stmts[LINE_STATEMENTS];

    for (int i = 0; i < LINE_STATEMENTS; i++)
        stmts[i] = (apid_stmt_t){.kind = APID_STMT_WRITE, .sql = line_sql[i],
                                 .binds = &json, .nbinds = 1};
    return apid_db_execute(NULL, lease, stmts, LINE_STATEMENTS);
}

/* Of a write whose outcome is unknown, nothing is counted twice. */
static void give_back(apid_share_t *share, const batch_t *batch,
                      const apid_err_t *err)
{
    for (int i = 0; err->kind != APID_ERR_OUTCOME_UNKNOWN && i < batch->n; i++)
        apid_share_restore(share, &batch->lines[i], &batch->sums[i]);
}

static apid_err_t *write_lines(apid_share_t *share, apid_lease_t *lease,
                               apr_pool_t *pool)
{
    batch_t *batch = apr_palloc(pool, sizeof(*batch));
    apr_size_t i = 0;
    apid_err_t *err = NULL;

    while (!err && i < share->capacity) {
        for (batch->n = 0; batch->n < CHUNK && i < share->capacity; i++)
            batch->n += apid_share_drain(&batch->lines[batch->n],
                                         &batch->sums[batch->n], share, i);
        if (batch->n)
            err = write_batch(batch, lease, pool);
        if (err)
            give_back(share, batch, err);
    }
    return err;
}

/* ---- refusals */

static void write_refusal(apid_json_t *json, const apid_event_t *event)
{
    apid_json_array(json);
    apid_json_int(json, event->at);
    apid_json_string(json, event->request_id);
    apid_json_string(json, event->name);
    apid_json_int(json, event->version);
    apid_json_string(json, event->method);
    apid_json_string(json, event->user);
    apid_json_string(json, event->address);
    apid_json_int(json, event->status);
    apid_json_string(json, event->kind < APID_ERR_KINDS
                               ? apid_err_code((apid_err_e)event->kind)
                               : "");
    apid_json_string(json, event->reason);
    apid_json_end(json);
}

/* Where to begin: what the ring has lost is lost. */
static apr_uint64_t find_start(apr_uint64_t written, const apid_ring_t *ring)
{
    apr_uint64_t newest = atomic_load(&ring->newest);

    return newest > written + ring->n ? newest - ring->n + 1 : written + 1;
}

/* Gives the number of the last that is in json. */
static apr_uint64_t gather_refusals(apid_json_t *json,
                                    const apid_ring_t *ring,
                                    apr_uint64_t number)
{
    apr_uint64_t newest = atomic_load(&ring->newest);
    apid_event_t event;

    apid_json_array(json);
    for (int n = 0; n < CHUNK; number++) {
        apid_ring_e state = apid_ring_get(&event, ring, number);
        if (state == APID_RING_COMING && number + PATIENCE > newest)
            break;
        if (state == APID_RING_THERE) {
            write_refusal(json, &event);
            n++;
        }
    }
    apid_json_end(json);
    return number - 1;
}

/* Around a restart two processes write: each takes what it writes first, and
 * puts it back if that fails. */
static apid_err_t *write_refusals(apid_share_t *share, apid_lease_t *lease,
                                  apr_pool_t *pool)
{
    const apid_ring_t *ring = apid_share_refusals(share);
    apid_err_t *err = NULL;

    while (!err) {
        apid_json_t *json = apid_json_memory(pool);
        apr_uint64_t written = atomic_load(&share->written);
        apr_uint64_t start = find_start(written, ring);
        apr_uint64_t last = gather_refusals(json, ring, start);
        apid_value_t bind = apid_value_of_text(apid_json_print(json, pool));
        if (last < start)
            break;
        if (!atomic_compare_exchange_strong(&share->written, &written, last))
            continue;
        err = run_one(lease, refusal_sql, &bind);
        if (err)
            atomic_compare_exchange_strong(&share->written, &last, written);
    }
    return err;
}

apid_err_t *apid_activity_write(apid_share_t *share, apid_lease_t *lease,
                                apr_pool_t *pool)
{
    apid_err_t *err = write_lines(share, lease, pool);

    return err ? err : write_refusals(share, lease, pool);
}

/* ---- sweeping */

static apid_err_t *read_number(apr_int64_t *number, apid_lease_t *lease,
                               const char *sql)
{
    apid_stmt_t stmt = {.kind = APID_STMT_READ, .sql = sql};
    apid_rows_t *rows;
    const apid_value_t *row;
    apid_err_t *err = apid_db_execute(&rows, lease, &stmt, 1);

    *number = 0;
    if (!err)
        err = apid_db_next(&row, rows);
    if (!err && row && row[0].cls == APID_INT)
        *number = row[0].u.i;
    return err;
}

/* An hour at a time, so that no statement runs for long. */
static apid_err_t *sweep_lines(apid_lease_t *lease, apr_int64_t days)
{
    apr_int64_t cut = apr_time_sec(apr_time_now()) - days * 86400;
    apr_int64_t oldest = 0;
    apid_err_t *err = NULL;

    for (int i = 0; !err && i < STEPS; i++) {
        err = read_number(&oldest, lease,
                          "SELECT CAST(UNIX_TIMESTAMP(MIN(minute)) AS SIGNED)"
                          " FROM apid_activity");
        if (err || !oldest || oldest >= cut)
            return err;
        apid_value_t upto = apid_value_of_int(
            oldest + 3600 < cut ? oldest + 3600 : cut);
        err = run_one(lease, "DELETE FROM apid_activity WHERE minute <"
                             " FROM_UNIXTIME(?)", &upto);
    }
    return err;
}

static apid_err_t *sweep_refusals(apid_lease_t *lease, apr_int64_t keep)
{
    apr_int64_t newest;
    apid_err_t *err = read_number(&newest, lease,
                                  "SELECT MAX(id) FROM apid_refusal");
    apid_value_t upto = apid_value_of_int(newest - keep);

    return err || newest <= keep
        ? err : run_one(lease, "DELETE FROM apid_refusal WHERE id <= ?",
                        &upto);
}

apid_err_t *apid_activity_sweep(apid_lease_t *lease, apr_int64_t days,
                                apr_int64_t refusals)
{
    apid_err_t *err = sweep_lines(lease, days);

    return err ? err : sweep_refusals(lease, refusals);
}
