/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apid_write_send: statements of a transaction to the server, in as few trips
 * as the order of a write has: what begins it goes with the first, what ends
 * it with the last.
 */
#include "apid_replay.h"
#include "apid_trace.h"
#include "apid_write.h"

/** Copies all rows of the last statement that read. */
static apid_err_t *keep_rows(apr_array_header_t **kept, apid_rows_t *rows,
                             apr_pool_t *pool)
{
    int i, n = apid_db_columns(rows);
    const apid_value_t *row;
    apid_err_t *err;

    *kept = apr_array_make(pool, 8, sizeof(apid_value_t *));
    while (!(err = apid_db_next(&row, rows)) && row) {
        apid_value_t *copy = apr_palloc(pool, (n + 1) * sizeof(*copy));

        for (i = 0; i < n; i++)
            copy[i] = apid_value_copy(&row[i], pool);
        APR_ARRAY_PUSH(*kept, apid_value_t *) = copy;
    }
    return err;
}

/** The transaction and, if the request has one, its claim of a key. */
static void begin(apr_array_header_t *stmts, const apid_tx_t *tx)
{
    static const apid_stmt_t begin = {APID_STMT_BEGIN, NULL, NULL, 0};

    APR_ARRAY_PUSH(stmts, apid_stmt_t) = begin;
    if (tx->replay)
        apid_replay_claim(stmts, tx->replay, tx->pool);
}

/** Notes what is sent in a dry run. A statement that reads what later ones
 * change is explained before they do. */
static apid_err_t *note(const apid_tx_t *tx, const apr_array_header_t *stmts)
{
    apid_trace_t *trace = tx->scope->call->trace;

    if (!trace)
        return NULL;
    apid_trace_stmts(trace, (const apid_stmt_t *)stmts->elts, stmts->nelts);
    return stmts->nelts == 1 ? apid_trace_explain(trace, tx->lease) : NULL;
}

apid_err_t *apid_write_send(apr_array_header_t **rows, apid_tx_t *tx,
                            const apr_array_header_t *stmts, apid_stmt_e end)
{
    static const apid_stmt_t commit = {APID_STMT_COMMIT, NULL, NULL, 0};
    apr_array_header_t *all
        = apr_array_make(tx->pool, stmts->nelts + 4, sizeof(apid_stmt_t));
    apid_rows_t *read = NULL;
    apid_err_t *err = note(tx, stmts);

    if (err)
        return err;
    if (!tx->begun)
        begin(all, tx);
    apr_array_cat(all, stmts);
    if (end == APID_STMT_COMMIT && tx->last)
        APR_ARRAY_PUSH(all, apid_stmt_t) = commit;
    if (!all->nelts)
        return NULL;
    tx->begun = 1;
    err = apid_db_execute(&read, tx->lease, (apid_stmt_t *)all->elts,
                          all->nelts);
    if (!err && read && rows)
        err = keep_rows(rows, read, tx->pool);
    return err;
}

const char *apid_outcome_word(apid_outcome_e outcome)
{
    static const char *const words[] = {
#define APID_OUTCOME_WORD(outcome, word) word,
        APID_OUTCOME_TABLE(APID_OUTCOME_WORD)
#undef APID_OUTCOME_WORD
    };

    return words[outcome];
}
