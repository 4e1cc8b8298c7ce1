/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apid_write_change: what becomes of locked rows: what they hold already is
 * left alone, what differs is written and told of.
 */
#include "apid_write_parts.h"

#include <apr_strings.h>

/** Rows that are written alike. */
typedef struct group_t {
    const char *kept; /* a byte per assign: what is left as the rows hold it */
    apr_array_header_t *rows; /* apid_value_t * */
} group_t;

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

/** As holds, of booleans: any number but 0 is true, and so is "yes". */
static int holds_truth(const apid_job_t *job, int i,
                       const apid_value_t *before)
{
    const apid_value_t *value = &job->values[i].value;
    apid_value_t truth;

    if (before->cls != APID_TEXT)
        return before->cls != APID_NULL && value->cls != APID_NULL
            && before->u.u != value->u.u && !before->u.u == !value->u.u;
    if (apid_value_parse_text(&truth, &job->plan->assigns[i].field->domain,
                              before->text, job->tx->pool)
        || truth.cls != value->cls)
        return 0;
    if (truth.cls != APID_TEXT)
        return truth.cls == APID_NULL;
    return !strcmp(truth.text, value->text)
        && strcmp(before->text, value->text);
}

/** Whether a row holds what was sent in a form that is answered the same but
 * would not be written: a zero date, JSON's null, '' where the type has no
 * empty value. What was read and is written back leaves it. */
static int holds(const apid_job_t *job, int i, const apid_value_t *before)
{
    const apid_assigned_t *sent = &job->values[i];
    apid_type_e type = job->plan->assigns[i].field->domain.type;
    int null = sent->value.cls == APID_NULL;

    if (type == APID_TYPE_BOOLEAN)
        return holds_truth(job, i, before);
    if (before->cls != APID_TEXT)
        return null && before->cls != APID_NULL && apid_value_is_null(before);
    if (!before->len)
        return sent->blank && (null || type == APID_TYPE_PICKLIST);
    return null && type == APID_TYPE_JSON && !strcmp(before->text, "null");
}

/** Notes what changes in a locked row, and in kept (a byte per assign) what is
 * left as the row holds it; 0: nothing changes. */
static int compare(char *kept, const apid_job_t *job, const apid_value_t *row,
                   apr_array_header_t *entries)
{
    const apid_plan_t *plan = job->plan;
    apid_entry_t *entry = NULL;
    int i;

    for (i = 0; i < plan->nassigns; i++) {
        const apid_value_t *before = &row[plan->lock_first + i];

        kept[i] = job->values[i].sent && holds(job, i, before);
        if (!job->values[i].sent || kept[i]
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

/** Refuses what is empty for a row that holds no zero date or the like. */
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
            const apid_value_t *before = &row[plan->lock_first + i];

            if (!apid_value_is_null(before) && !holds(job, i, before))
                err = apid_job_check_empty(&job->values[i].value,
                                           &plan->assigns[i], job->tx->pool);
        }
    return err;
}

/** Adds a changed row to those with the same left alone; there are few. */
static void push_row(apr_array_header_t *groups, const apid_job_t *job,
                     const char *kept, apid_value_t *row)
{
    apr_size_t size = (apr_size_t)job->plan->nassigns;
    group_t *group = NULL;
    int i;

    for (i = 0; i < groups->nelts && !group; i++)
        if (!memcmp(APR_ARRAY_IDX(groups, i, group_t).kept, kept, size))
            group = &APR_ARRAY_IDX(groups, i, group_t);
    if (!group) {
        group = apr_array_push(groups);
        group->kept = apr_pmemdup(groups->pool, kept, size);
        group->rows = apr_array_make(groups->pool, 1, sizeof(apid_value_t *));
    }
    APR_ARRAY_PUSH(group->rows, apid_value_t *) = row;
}

/** Adds the statements that write the rows of all groups. */
static void update(apid_job_t *job, const apr_array_header_t *groups)
{
    int i, k;

    for (i = 0; i < groups->nelts; i++) {
        const group_t *group = &APR_ARRAY_IDX(groups, i, group_t);

        for (k = 0; k < job->plan->nassigns; k++)
            job->values[k].kept = group->kept[k];
        apid_job_update(job, group->rows);
    }
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
    apr_array_header_t *groups = apr_array_make(pool, 1, sizeof(group_t));
    char *kept = apr_pcalloc(pool, (apr_size_t)job->plan->nassigns + 1);
    apr_array_header_t *entries
        = apr_array_make(pool, rows->nelts + 1, sizeof(apid_entry_t));
    apid_err_t *err = check_zeros(job, rows);
    int i;

    if (err)
        return err;
    for (i = 0; i < rows->nelts; i++) {
        apid_value_t *row = APR_ARRAY_IDX(rows, i, apid_value_t *);

        if (compare(kept, job, row, entries))
            push_row(groups, job, kept, row);
    }
    update(job, groups);
    if (rows->nelts)
        apid_job_answer(job, rows);
    apid_job_history(job, entries);
    written->outcome = entries->nelts ? APID_OUTCOME_UPDATED
                                      : APID_OUTCOME_UNCHANGED;
    written->rows = apr_array_make(pool, 1, sizeof(apid_value_t *));
    return apid_job_commit(written, job);
}
