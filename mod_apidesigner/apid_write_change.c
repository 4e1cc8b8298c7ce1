/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apid_write_change: what becomes of locked rows: what they hold already is
 * left alone, what differs is written and told of.
 */
#include "apid_write_parts.h"

/** Whether what is compared with is what is written: one value, the same. */
static int is_same(const apid_arg_t *a, const apid_arg_t *b)
{
    return a && b && a->kind == b->kind && a->kind != APID_ARG_ARRAY
        && a->len == b->len && !memcmp(a->text, b->text, a->len);
}

/** Whether rows that a condition matches equal what an assign writes. */
static int is_matched(const apid_job_t *job, const apid_cond_t *cond,
                      const apid_assign_t *assign)
{
    const apid_scope_t *scope = job->tx->scope;
    const apid_cond_t *inner;

    for (inner = cond->first; inner; inner = inner->next)
        if (is_matched(job, inner, assign))
            return cond->glue != APID_GLUE_OR || !cond->first->next;
    return !cond->first && cond->test == APID_EQUAL && cond->ref < 0
        && cond->field == assign->field
        && is_same(apid_where_arg(scope, &cond->binding, job->tx->pool),
                   apid_where_arg(scope, &assign->binding, job->tx->pool));
}

/** Notes what changes in a locked row; 0: nothing. */
static int compare(const apid_job_t *job, const apid_value_t *row,
                   apr_array_header_t *entries)
{
    const apid_plan_t *plan = job->plan;
    apid_entry_t *entry = NULL;
    int i;

    for (i = 0; i < plan->nassigns; i++) {
        const apid_value_t *before = &row[plan->lock_first + i];

        if (!job->values[i].sent
            || apid_value_equal(before, &job->values[i].value,
                                &plan->assigns[i].field->domain,
                                job->tx->pool))
            continue;
        if (!entry)
            entry = apid_job_entry(job, entries, APID_OP_UPDATE, row);
        apid_job_tell(job, entry, i, before);
    }
    return entry != NULL;
}

/** Refuses what is empty for a row that holds no zero date there. */
static apid_err_t *check_zeros(const apid_job_t *job,
                               const apr_array_header_t *rows)
{
    const apid_plan_t *plan = job->plan;
    apid_err_t *err = NULL;
    int i, k;

    for (i = 0; i < plan->nassigns; i++)
        for (k = 0; job->values[i].zero && !err && k < rows->nelts; k++) {
            const apid_value_t *row
                = APR_ARRAY_IDX(rows, k, const apid_value_t *);

            if (!apid_value_is_null(&row[plan->lock_first + i]))
                err = apid_job_check_empty(&job->values[i].value,
                                           &plan->assigns[i], job->tx->pool);
        }
    return err;
}

void apid_job_keep_matched(apid_job_t *job)
{
    int i;

    for (i = 0; i < job->plan->nassigns; i++)
        if (is_matched(job, job->plan->where, &job->plan->assigns[i]))
            job->values[i].sent = 0;
}

apid_err_t *apid_job_change(apid_written_t *written, apid_job_t *job,
                            const apr_array_header_t *rows)
{
    apr_pool_t *pool = job->tx->pool;
    apr_array_header_t *changed
        = apr_array_make(pool, rows->nelts + 1, sizeof(apid_value_t *));
    apr_array_header_t *entries
        = apr_array_make(pool, rows->nelts + 1, sizeof(apid_entry_t));
    apid_err_t *err = check_zeros(job, rows);
    int i;

    if (err)
        return err;
    for (i = 0; i < rows->nelts; i++) {
        apid_value_t *row = APR_ARRAY_IDX(rows, i, apid_value_t *);

        if (compare(job, row, entries))
            APR_ARRAY_PUSH(changed, apid_value_t *) = row;
    }
    if (changed->nelts)
        apid_job_update(job, changed);
    if (rows->nelts)
        apid_job_answer(job, rows);
    apid_job_history(job, entries);
    written->outcome = changed->nelts ? APID_OUTCOME_UPDATED
                                      : APID_OUTCOME_UNCHANGED;
    written->rows = apr_array_make(pool, 1, sizeof(apid_value_t *));
    return apid_job_commit(written, job);
}
