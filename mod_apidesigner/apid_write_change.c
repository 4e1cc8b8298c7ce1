/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apid_write_change: what becomes of locked rows: what they hold already is
 * left alone, what differs is written and told of. Where only the column can
 * tell whether it differs, what it made of the value is looked at, which takes
 * a further trip.
 */
#include "apid_write_parts.h"

#include <apr_strings.h>

/** What is to change in locked rows. */
typedef struct change_t {
    apr_array_header_t *groups;  /* group_t */
    apr_array_header_t *rows;    /* apid_value_t *: all that change */
    apr_array_header_t *entries; /* apid_entry_t: what the history tells */
    int doubtful; /* some value may be what its row holds, in the form of its
                   * column */
} change_t;

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
static int compare(char *kept, change_t *change, const apid_job_t *job,
                   const apid_value_t *row)
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
            entry = apid_job_entry(job, change->entries, APID_OP_UPDATE, row);
        apid_job_tell(entry, plan->assigns[i].field, before,
                      &job->values[i].value, job->tx->pool);
        change->doubtful |= apid_value_alike(before, &job->values[i].value);
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
static void push_row(change_t *change, const apid_job_t *job,
                     const char *kept, apid_value_t *row)
{
    apr_array_header_t *groups = change->groups;
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
    APR_ARRAY_PUSH(change->rows, apid_value_t *) = row;
}

/** Compares locked rows with what is sent. */
static change_t find_change(const apid_job_t *job,
                            const apr_array_header_t *rows)
{
    apr_pool_t *pool = job->tx->pool;
    int i, size = rows->nelts + 1;
    char *kept = apr_pcalloc(pool, (apr_size_t)job->plan->nassigns + 1);
    change_t change
        = {apr_array_make(pool, 1, sizeof(group_t)),
           apr_array_make(pool, size, sizeof(apid_value_t *)),
           apr_array_make(pool, size, sizeof(apid_entry_t)), 0};

    for (i = 0; i < rows->nelts; i++) {
        apid_value_t *row = APR_ARRAY_IDX(rows, i, apid_value_t *);

        if (compare(kept, &change, job, row))
            push_row(&change, job, kept, row);
    }
    return change;
}

/** Adds the statements that write the rows of all groups. */
static void update(apid_job_t *job, const change_t *change, apid_part_e part)
{
    int i, k;

    for (i = 0; i < change->groups->nelts; i++) {
        const group_t *group = &APR_ARRAY_IDX(change->groups, i, group_t);

        for (k = 0; k < job->plan->nassigns; k++)
            job->values[k].kept = group->kept[k];
        apid_job_update(job, group->rows, part);
    }
}

/** Notes how a row that was written differs from what it was; 0: not. */
static int review(const change_t *change, const apid_job_t *job,
                  const apid_value_t *row, const apid_value_t *now)
{
    const apid_plan_t *plan = job->plan;
    apid_entry_t *entry = NULL;
    int i;

    for (i = 0; i < plan->nassigns; i++) {
        const apid_field_t *field = plan->assigns[i].field;
        int at = plan->lock_first + i;

        if (!job->values[i].sent
            || apid_value_equal(&row[at], &now[at], &field->domain,
                                job->tx->pool))
            continue;
        if (!entry)
            entry = apid_job_entry(job, change->entries, APID_OP_UPDATE, row);
        apid_job_tell(entry, field, &row[at], &now[at], job->tx->pool);
    }
    return entry != NULL;
}

/** Writes the values and looks at what the rows hold then: what their columns
 * made of it is no change if it was there before. Leaves in change what did
 * change; only the module's constants are still to be written. */
static apid_err_t *settle(change_t *change, apid_job_t *job)
{
    apr_array_header_t *rows = change->rows, *written;
    apid_err_t *err;
    int i;

    update(job, change, APID_PART_VALUES);
    apid_job_look(job, rows);
    err = apid_job_fault(apid_write_send(&written, job->tx, job->stmts,
                                         APID_STMT_READ), job);
    apr_array_clear(job->stmts);
    /* rows that are of the module no more cannot be compared */
    if (err || written->nelts != rows->nelts)
        return err;
    change->rows = apr_array_make(job->tx->pool, rows->nelts,
                                  sizeof(apid_value_t *));
    apr_array_clear(change->entries);
    for (i = 0; i < rows->nelts; i++) {
        apid_value_t *row = APR_ARRAY_IDX(rows, i, apid_value_t *);

        if (review(change, job, row,
                   APR_ARRAY_IDX(written, i, apid_value_t *)))
            APR_ARRAY_PUSH(change->rows, apid_value_t *) = row;
    }
    return NULL;
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
    change_t change;
    apid_err_t *err = check_zeros(job, rows);

    if (err)
        return err;
    change = find_change(job, rows);
    if (!change.doubtful) {
        update(job, &change, APID_PART_BOTH);
    }
    else {
        err = settle(&change, job);
        if (err)
            return err;
        if (change.rows->nelts)
            apid_job_update(job, change.rows, APID_PART_CONSTANTS);
    }
    if (rows->nelts)
        apid_job_answer(job, rows);
    apid_job_history(job, change.entries);
    written->outcome = change.entries->nelts ? APID_OUTCOME_UPDATED
                                             : APID_OUTCOME_UNCHANGED;
    written->rows = apr_array_make(job->tx->pool, 1, sizeof(apid_value_t *));
    return apid_job_commit(written, job);
}
