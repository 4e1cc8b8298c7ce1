/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apid_run: one request from arguments to rows. A lone select is streamed from
 * the server; everything else is a transaction whose answer is held until it
 * is committed, and which runs again from the start after a deadlock. In
 * between nothing has left the process, so running again is safe.
 */
#include "apid_run.h"
#include "apid_narrow.h"
#include "apid_replay.h"
#include "apid_run_parts.h"
#include "apid_tag.h"
#include "apid_trace.h"

#include <apr_general.h>
#include <apr_strings.h>

#define MAX_ATTEMPTS 4          /* the first and three more */
#define MAX_JITTER 20000        /* microseconds, times the attempt */

struct apid_result_t {
    apr_pool_t *pool;
    const apid_call_t *call;
    const apid_plan_t *plan;
    apid_outcome_e outcome;

    /* streamed: */
    apid_lease_t *lease;
    apid_rows_t *rows;
    const apid_value_t *pending; /* fetched already, not yet given out */
    int has_pending;
    apid_select_t select;        /* what part of the list */
    apr_int64_t given;
    int more;                    /* rows after it; 1 while that is not known */
    apid_value_t *last;          /* sort values of the last row given */
    const char *tag;             /* of the record given, or NULL */

    /* held: */
    const apr_array_header_t *held; /* const apid_value_t * */
    int at;
    const apr_array_header_t *deleted; /* const char *: ids; or NULL */
};

/** The statement of a select; select.match says whether it needs to run. */
static apid_err_t *render(apid_stmt_t *stmt, apid_result_t *result,
                          const apid_scope_t *scope)
{
    result->more = result->plan->paged;
    return apid_select_render(stmt, &result->select, result->plan, scope,
                              result->pool);
}

/** The connection is lent no longer than rows are left to fetch. */
static void give_back(apid_result_t *result)
{
    if (result->lease)
        apid_db_close(result->lease);
    result->lease = NULL;
    result->rows = NULL;
}

static apid_err_t *fetch(const apid_value_t **row, apid_result_t *result)
{
    apid_err_t *err = NULL;

    *row = NULL;
    if (result->rows)
        err = apid_db_next(row, result->rows);
    if (err || !*row)
        give_back(result);
    return err;
}

/** On a connection of its own, unless it is lent one. */
static apid_err_t *stream_select(apid_result_t *result,
                                 const apid_scope_t *scope, apid_db_t *db,
                                 apid_lease_t *lease)
{
    apid_stmt_t stmt;
    apid_err_t *err = render(&stmt, result, scope);

    if (!err && result->select.match != APID_MATCH_NOTHING) {
        if (!lease)
            err = apid_db_lease(&result->lease, db, result->pool);
        if (!err)
            err = apid_where_fault(
                apid_db_execute(&result->rows, lease ? lease : result->lease,
                                &stmt, 1), result->plan, scope, result->pool);
    }
    if (!err)
        err = fetch(&result->pending, result);
    if (err) {
        give_back(result);
        return err;
    }
    result->has_pending = 1;
    if (result->plan->one && !result->pending)
        return apid_err_raise(result->pool, APID_ERR_RECORD_NOT_FOUND,
                              "Record not found");
    return NULL;
}

/** A select among other operations: its rows are held. */
static apid_err_t *hold_select(apr_array_header_t **rows,
                               apid_result_t *result, apid_tx_t *tx)
{
    apr_array_header_t *stmts
        = apr_array_make(tx->pool, 1, sizeof(apid_stmt_t));
    apid_stmt_t stmt;
    apid_err_t *err = render(&stmt, result, tx->scope);

    *rows = apr_array_make(tx->pool, 1, sizeof(apid_value_t *));
    if (err)
        return err;
    if (result->select.match != APID_MATCH_NOTHING)
        APR_ARRAY_PUSH(stmts, apid_stmt_t) = stmt;
    err = apid_where_fault(apid_write_send(rows, tx, stmts, APID_STMT_COMMIT),
                           result->plan, tx->scope, tx->pool);
    if (!err && result->plan->one && !(*rows)->nelts)
        err = apid_err_raise(tx->pool, APID_ERR_RECORD_NOT_FOUND,
                             "Record not found");
    return err;
}

static apid_err_t *run_plan(apid_result_t *result, apid_tx_t *tx, int i)
{
    const apid_api_t *api = result->call->api;
    apid_written_t written = {APID_OUTCOME_ROWS, NULL, NULL};
    apid_err_t *err;

    result->plan = &api->plans[i];
    result->pool = tx->pool;
    tx->last = i == api->nplans - 1 && !tx->replay && !result->call->trace;
    err = result->plan->op == APID_OP_SELECT
        ? hold_select(&written.rows, result, tx)
        : apid_write_run(&written, tx, result->plan);
    if (err)
        return err;
    if (written.rows && written.rows->nelts)
        tx->scope->results[i]
            = APR_ARRAY_IDX(written.rows, 0, const apid_value_t *);
    result->outcome = written.outcome;
    result->held = written.rows;
    result->deleted = written.deleted;
    if (result->call->trace && apid_run_id(result, tx->pool))
        apid_trace_made(result->call->trace, apid_run_id(result, tx->pool));
    return NULL;
}

/** Gives out the rows of the answer from the first on again. */
static void rewind_rows(apid_result_t *result)
{
    result->at = 0;
    result->given = 0;
    result->more = 1;
}

/** Has the answer made, and keeps it with the change. */
static apid_err_t *keep_answer(apid_result_t *result, apid_tx_t *tx)
{
    apid_replay_t *replay = tx->replay;
    apr_array_header_t *stmts
        = apr_array_make(tx->pool, 1, sizeof(apid_stmt_t));
    apid_err_t *err;

    rewind_rows(result);
    err = replay->compose(&replay->kept, replay->ctx, result);
    if (err)
        return err;
    apid_replay_keep(stmts, replay, tx->pool);
    tx->last = 1;
    return apid_write_send(NULL, tx, stmts, APID_STMT_COMMIT);
}

static apid_err_t *run_once(apid_result_t *result, apid_lease_t *lease,
                            apr_pool_t *pool)
{
    const apid_api_t *api = result->call->api;
    apid_tx_t tx = {.pool = pool, .lease = lease,
                    .scope = apid_scope_open(result->call, pool),
                    .replay = result->call->replay};
    apid_err_t *err = NULL;
    int i;

    for (i = 0; api->nplans > 1 && i < api->nplans; i++)
        err = apid_err_join(err, apid_write_check(&api->plans[i], tx.scope,
                                                  pool));
    for (i = 0; !err && i < api->nplans; i++)
        err = run_plan(result, &tx, i);
    if (!err && tx.replay)
        err = keep_answer(result, &tx);
    return err;
}

/** As run_once, unless the answer to the same request is kept already. */
static apid_err_t *run_or_find(apid_result_t *result, apid_lease_t *lease,
                               apr_pool_t *pool)
{
    apid_replay_t *replay = result->call->replay;
    apid_err_t *err = NULL;

    if (replay)
        err = apid_replay_find(replay, lease, pool);
    if (err || (replay && replay->found))
        return err;
    err = run_once(result, lease, pool);
    if (!err && replay)
        apid_replay_sweep(replay, lease);
    return err;
}

/** As run_once, but nothing of it stays. */
static apid_err_t *rehearse(apid_result_t *result, apid_lease_t *lease,
                            apr_pool_t *pool)
{
    apid_trace_t *trace = result->call->trace;
    apid_err_t *err = apid_trace_check(result->call, lease, pool);

    apid_trace_reset(trace);
    if (!err)
        err = run_once(result, lease, pool);
    if (!err)
        err = apid_trace_explain(trace, lease);
    apid_db_rollback(lease);
    rewind_rows(result);
    return err;
}

/** Whether an attempt is worth another: after a deadlock; after another request
 * with the same key was faster; and once after an upsert lost a race for a key
 * that it matched by. */
static int try_again(const apid_err_t *err, const apid_result_t *result,
                     int attempt)
{
    if (err->kind == APID_ERR_DEADLOCK || apid_replay_lost(err))
        return attempt < MAX_ATTEMPTS;
    return err->kind == APID_ERR_DUPLICATE_RECORD_FOUND && attempt == 1
        && result->plan->op == APID_OP_UPSERT && result->plan->where;
}

static void wait_a_little(int attempt)
{
    unsigned short random = 0;

    (void)!apr_generate_random_bytes((unsigned char *)&random,
                                     sizeof(random));
    apr_sleep((apr_interval_time_t)random * MAX_JITTER / 65536 * attempt);
}

/** If-Match is about a record that is changed: a definition that only makes
 * records has none. */
static apid_err_t *check_changes(const apid_call_t *call, apr_pool_t *pool)
{
    int i;

    for (i = 0; i < call->api->nplans; i++)
        if (call->api->plans[i].op != APID_OP_SELECT
            && call->api->plans[i].op != APID_OP_CREATE)
            return NULL;
    return call->api->writes && call->if_match
        ? apid_err_raise(pool, APID_ERR_PRECONDITION_FAILED,
                         "There is no record as If-Match says") : NULL;
}

static apid_err_t *run_transaction(apid_result_t *result, apid_db_t *db,
                                   apr_pool_t *pool)
{
    apid_lease_t *lease = NULL;
    int attempt;
    apid_err_t *err = check_changes(result->call, pool);

    if (!err)
        err = apid_db_lease(&lease, db, pool);

    for (attempt = 1; !err; attempt++) {
        apr_pool_t *trial;

        apr_pool_create(&trial, pool);
        err = result->call->trace ? rehearse(result, lease, trial)
                                  : run_or_find(result, lease, trial);
        if (!err || !try_again(err, result, attempt))
            break;
        apr_pool_destroy(trial);
        err = NULL;
        wait_a_little(attempt);
    }
    if (lease)
        apid_db_close(lease);
    result->pool = pool;
    return err;
}

/** A result of what the user of the call may run of it. */
static apid_err_t *open_result(apid_result_t **result,
                               const apid_call_t *call, apr_pool_t *pool)
{
    apid_result_t *r = apr_pcalloc(pool, sizeof(*r));
    apid_err_t *err = apid_narrow_call(&r->call, call, pool);

    r->pool = pool;
    r->plan = &r->call->api->plans[0];
    *result = r;
    return err;
}

apid_err_t *apid_run(apid_result_t **result, const apid_call_t *call,
                     apid_db_t *db, apr_pool_t *pool)
{
    apid_result_t *r;
    apid_err_t *err = open_result(&r, call, pool);

    *result = r;
    if (err)
        return err;
    if (call->api->nplans == 1 && r->plan->op == APID_OP_SELECT
        && !call->trace)
        return stream_select(r, apid_scope_open(r->call, pool), db, NULL);
    return run_transaction(r, db, pool);
}

apid_err_t *apid_run_look(apid_result_t **result, const apid_call_t *call,
                          apid_lease_t *lease, apr_pool_t *pool)
{
    apid_err_t *err = open_result(result, call, pool);

    return err ? err : stream_select(
        *result, apid_scope_open((*result)->call, pool), NULL, lease);
}

const apid_plan_t *apid_run_plan(const apid_result_t *result)
{
    return result->plan;
}

apid_outcome_e apid_run_outcome(const apid_result_t *result)
{
    return result->outcome;
}

/** What a row is sorted by: of ENUM and SET, not the text. */
static const apid_value_t *sort_value(const apid_value_t *row,
                                      const apid_sort_t *sort)
{
    const apid_value_t *value = &row[sort->column];

    return value->cls == APID_TEXT && value->u.u && sort->place >= 0
        ? &row[sort->place] : value;
}

/** Keeps what the cursor of the next page is made from. */
static void keep_last(apid_result_t *result, const apid_value_t *row)
{
    const apid_plan_t *plan = result->plan;
    int i;

    result->last = apr_pcalloc(result->pool,
                               (plan->nsort + 1) * sizeof(*result->last));
    for (i = 0; i < plan->nsort; i++)
        result->last[i] = apid_value_copy(sort_value(row, &plan->sort[i]),
                                          result->pool);
}

static const char *write_tag(const apid_result_t *result,
                             const apid_value_t *row)
{
    const apid_plan_t *plan = result->plan;
    apid_tag_t tag;
    int i;

    apid_tag_open(&tag, result->call->seal);
    for (i = 0; i < plan->module->nmarks; i++)
        apid_tag_add_value(&tag, &row[plan->tag[i]]);
    return apid_tag_record(&tag, result->pool);
}

static apid_err_t *take_next(const apid_value_t **row, apid_result_t *result)
{
    if (result->held) {
        *row = result->at < result->held->nelts
            ? APR_ARRAY_IDX(result->held, result->at++, const apid_value_t *)
            : NULL;
        return NULL;
    }
    if (result->has_pending) {
        *row = result->pending;
        result->has_pending = 0;
        return NULL;
    }
    return fetch(row, result);
}

apid_err_t *apid_run_next(const apid_value_t **row, apid_result_t *result)
{
    apid_err_t *err = take_next(row, result);

    if (result->outcome != APID_OUTCOME_ROWS)
        return err;
    if (err || !*row) {
        result->more = 0;
        return err;
    }
    if (result->given == result->select.max) {
        give_back(result);
        *row = NULL;
        return NULL;
    }
    if (++result->given == result->select.max && result->plan->after.source)
        keep_last(result, *row);
    /* the console's looks have no use for one, and no seal */
    if (result->plan->tag && result->call->seal)
        result->tag = write_tag(result, *row);
    return NULL;
}

int apid_run_streams(const apid_result_t *result)
{
    return result->rows != NULL;
}

int apid_run_more(const apid_result_t *result)
{
    return result->more;
}

const char *apid_run_cursor(const apid_result_t *result, apr_pool_t *pool)
{
    apid_cursor_t next = {result->last, 0};

    if (!result->more || !result->plan->after.source)
        return NULL;
    if (!result->last)
        next = (apid_cursor_t){result->select.from.values,
                               result->select.from.skip + result->select.max};
    return apid_cursor_write(result->plan, &next, result->call->seal, pool);
}

const char *apid_run_tag(const apid_result_t *result)
{
    return result->tag;
}

apr_int64_t apid_run_page(const apid_result_t *result)
{
    return result->select.page;
}

const apr_array_header_t *apid_run_deleted(const apid_result_t *result)
{
    return result->deleted;
}

const char *apid_run_id(const apid_result_t *result, apr_pool_t *pool)
{
    const apid_plan_t *plan = result->plan;

    if (result->outcome != APID_OUTCOME_INSERTED || !result->held
        || !result->held->nelts)
        return NULL;
    return apid_value_text(&APR_ARRAY_IDX(result->held, 0,
                                          apid_value_t *)[plan->id_column],
                           plan->columns[plan->id_column].domain, pool);
}
