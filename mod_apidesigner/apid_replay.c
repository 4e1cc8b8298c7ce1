/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apid_replay: rows of apid_replay. The look-up locks: a row that is claimed
 * and not committed cannot be locked at once, which tells of a request that
 * still runs. It is a statement of its own, so that its lock, which would keep
 * others from claiming keys beside it, ends with it.
 */
#include "apid_replay.h"

#include <apr_general.h>
#include <apr_strings.h>

#define SWEEP_ONE_IN 32
#define SWEEP_ROWS "200"
#define UNIQUE "apid_replay_digest"

#define FIND \
    "SELECT id, at, asked, status, headers, body FROM apid_replay" \
    " WHERE digest = ? "

static apid_value_t bind_digest(const unsigned char *digest)
{
    return apid_value_of_bytes(digest, APID_DIGEST_SIZE);
}

static void push(apr_array_header_t *stmts, const char *sql,
                 const apid_value_t *binds, int n, apr_pool_t *pool)
{
    apid_stmt_t stmt = {.kind = APID_STMT_WRITE, .sql = sql, .nbinds = n};

    stmt.binds = apr_pmemdup(pool, binds, n * sizeof(*binds));
    APR_ARRAY_PUSH(stmts, apid_stmt_t) = stmt;
}

/* ---- what a request is known by */

static void add_text(apr_array_header_t *parts, const char *text,
                     apr_pool_t *pool)
{
    APR_ARRAY_PUSH(parts, const char *)
        = apr_psprintf(pool, "%" APR_SIZE_T_FMT ":", strlen(text));
    APR_ARRAY_PUSH(parts, const char *) = text;
}

static void add_arg(apr_array_header_t *parts, const apid_arg_t *arg,
                    apr_pool_t *pool)
{
    const apid_arg_t *item;

    APR_ARRAY_PUSH(parts, const char *) = apr_itoa(pool, arg->kind);
    if (arg->text)
        add_text(parts, apr_pstrmemdup(pool, arg->text, arg->len), pool);
    for (item = arg->text ? NULL : arg->items; item; item = item->next)
        add_arg(parts, item, pool);
}

static void digest_parts(unsigned char digest[APID_DIGEST_SIZE],
                         const apr_array_header_t *parts)
{
    apid_auth_digest(digest, apr_array_pstrcat(parts->pool, parts, 0));
}

void apid_replay_name(apid_replay_t *replay, const apid_call_t *call,
                      const char *key, const char *variant, apr_pool_t *pool)
{
    apr_array_header_t *parts = apr_array_make(pool, 16, sizeof(char *));
    int i;

    add_text(parts, call->user ? call->user->name : "", pool);
    add_text(parts, call->api->name, pool);
    add_text(parts, key, pool);
    digest_parts(replay->digest, parts);
    apr_array_clear(parts);
    add_text(parts, variant, pool);
    /* What was not sent says nothing: a newer version may bind more. */
    for (i = 0; i < call->api->nparams; i++) {
        const char *name = call->api->params[i].name;
        const apid_arg_t *arg = apid_args_find(call->args, name);

        if (arg) {
            add_text(parts, name, pool);
            add_arg(parts, arg, pool);
        }
    }
    digest_parts(replay->asked, parts);
}

/* ---- the answer that is kept */

static apr_time_t read_time(const apid_value_t *cell)
{
    apr_time_exp_t t = {.tm_year = cell->u.t.year - 1900,
                        .tm_mon = cell->u.t.month - 1,
                        .tm_mday = cell->u.t.day, .tm_hour = cell->u.t.hour,
                        .tm_min = cell->u.t.minute, .tm_sec = cell->u.t.second,
                        .tm_usec = cell->u.t.micro};
    apr_time_t time = 0;

    apr_time_exp_gmt_get(&time, &t);
    return time;
}

static apid_err_t *take_row(apid_replay_t *replay, const apid_value_t *row,
                            apr_pool_t *pool)
{
    apid_value_t headers = apid_value_copy(&row[4], pool);
    apid_value_t body = apid_value_copy(&row[5], pool);

    if (read_time(&row[1]) < replay->now - replay->ttl) {
        replay->stale = row[0].u.i;
        return NULL;
    }
    if (row[2].len != APID_DIGEST_SIZE
        || memcmp(row[2].text, replay->asked, APID_DIGEST_SIZE))
        return apid_err_raise(pool, APID_ERR_IDEMPOTENCY_KEY_REUSED,
                              "This Idempotency-Key was sent before with "
                              "something else");
    replay->found = 1;
    replay->kept.status = (int)row[3].u.i;
    replay->kept.headers = headers.text;
    replay->kept.body = body.cls == APID_NULL ? NULL : body.text;
    replay->kept.len = body.len;
    return NULL;
}

apid_err_t *apid_replay_find(apid_replay_t *replay, apid_lease_t *lease,
                             apr_pool_t *pool)
{
    const char *sql = strcmp(apid_db_flavour(lease), "MariaDB")
        ? FIND "FOR SHARE NOWAIT" : FIND "LOCK IN SHARE MODE NOWAIT";
    apid_value_t digest = bind_digest(replay->digest);
    apid_stmt_t stmt = {.kind = APID_STMT_READ, .sql = sql, .binds = &digest,
                        .nbinds = 1};
    const apid_value_t *row;
    apid_rows_t *rows;
    apid_err_t *err = apid_db_execute(&rows, lease, &stmt, 1);

    replay->found = 0;
    replay->stale = 0;
    if (!err)
        err = apid_db_next(&row, rows);
    if (err && err->kind == APID_ERR_LOCKED)
        return apid_err_because(
            apid_err_raise(pool, APID_ERR_IDEMPOTENCY_KEY_IN_USE,
                           "A request with this Idempotency-Key is being "
                           "answered; try again in a moment"),
            "%s", err->cause);
    if (err || !row)
        return err;
    err = take_row(replay, row, pool);
    if (!err)
        err = apid_db_next(&row, rows);
    return err;
}

void apid_replay_claim(apr_array_header_t *stmts,
                       const apid_replay_t *replay, apr_pool_t *pool)
{
    apid_value_t stale = apid_value_of_int(replay->stale);
    apid_value_t binds[3]
        = {bind_digest(replay->digest), bind_digest(replay->asked),
           apid_value_now(APID_TIME_DATETIME, replay->now)};

    if (replay->stale)
        push(stmts, "DELETE FROM apid_replay WHERE id = ?", &stale, 1, pool);
    push(stmts, "INSERT INTO apid_replay (digest, asked, at) VALUES (?, ?, ?)",
         binds, 3, pool);
}

int apid_replay_lost(const apid_err_t *err)
{
    return err->kind == APID_ERR_DUPLICATE_RECORD_FOUND && err->object
        && !strcmp(err->object, UNIQUE);
}

void apid_replay_keep(apr_array_header_t *stmts, const apid_replay_t *replay,
                      apr_pool_t *pool)
{
    const apid_kept_t *kept = &replay->kept;
    apid_value_t binds[4]
        = {apid_value_of_int(kept->status), apid_value_of_text(kept->headers),
           kept->body ? apid_value_of_bytes(kept->body, kept->len)
                      : apid_value_of_null(),
           bind_digest(replay->digest)};

    push(stmts, "UPDATE apid_replay SET status = ?, headers = ?, body = ?"
         " WHERE digest = ?", binds, 4, pool);
}

void apid_replay_sweep(const apid_replay_t *replay, apid_lease_t *lease)
{
    apid_value_t until
        = apid_value_now(APID_TIME_DATETIME, replay->now - replay->ttl);
    apid_stmt_t stmt = {
        .kind = APID_STMT_WRITE,
        .sql = "DELETE FROM apid_replay WHERE at < ? ORDER BY at"
               " LIMIT " SWEEP_ROWS,
        .binds = &until, .nbinds = 1};
    unsigned char random = 1;

    if (apr_generate_random_bytes(&random, 1) || random % SWEEP_ONE_IN)
        return;
    if (apid_db_execute(NULL, lease, &stmt, 1))
        return;
}
