/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apid_write_steps: what a write may send, without a server: the makers of its
 * statements, asked for each way that it can go.
 */
#include "apid_write_parts.h"

#include <apr_strings.h>

void apid_step_add(apr_array_header_t *steps, const char *purpose,
                   const apid_stmt_t *stmts, int n)
{
    apid_step_t *step = n ? apr_array_push(steps) : NULL;

    if (!step)
        return;
    step->purpose = purpose;
    step->stmts = apr_pmemdup(steps->pool, stmts, n * sizeof(*stmts));
    step->nstmts = n;
}

/** A way that a write can go: the condition that its steps begin with. */
typedef struct way_t {
    apid_job_t *job;
    apr_array_header_t *steps;
    const char *when; /* such as "none matches: ", or "" */
} way_t;

/** Makes one step of the job's statements. */
static void end_step(const way_t *way, const char *purpose)
{
    apr_array_header_t *stmts = way->job->stmts;

    apid_step_add(way->steps,
                  apr_pstrcat(way->steps->pool, way->when, purpose, NULL),
                  (const apid_stmt_t *)stmts->elts, stmts->nelts);
    apr_array_clear(stmts);
}

/** A locked row that holds nothing but its key; further tables have no row of
 * it, unless they must. */
static apr_array_header_t *sample_rows(const apid_job_t *job)
{
    const apid_plan_t *plan = job->plan;
    const apid_module_t *module = plan->module;
    int i, n = plan->lock_first + plan->nassigns;
    apid_value_t *row = apr_pcalloc(job->tx->pool, (n + 1) * sizeof(*row));
    apr_array_header_t *rows
        = apr_array_make(job->tx->pool, 1, sizeof(apid_value_t *));

    for (i = 0; i < n; i++)
        row[i] = apid_value_of_null();
    for (i = 0; i < module->tables[0].ncolumns; i++)
        row[i] = job->key[i];
    for (i = 1; i < module->ntables; i++)
        if (module->tables[i].required)
            row[module->tables[0].ncolumns + i - 1] = job->key[0];
    APR_ARRAY_PUSH(rows, apid_value_t *) = row;
    return rows;
}

/** The end of every write. */
static void add_history(const way_t *way, const apr_array_header_t *entries)
{
    apid_job_history(way->job, entries);
    end_step(way, "writes the history");
}

static apr_array_header_t *open_entries(const way_t *way)
{
    return apr_array_make(way->job->tx->pool, 1, sizeof(apid_entry_t));
}

static apid_err_t *add_insert(const way_t *way)
{
    apr_array_header_t *entries = open_entries(way);
    apid_err_t *err = apid_job_parse(way->job, APID_WAY_INSERT);

    apid_job_entry_made(way->job, entries);
    apid_job_insert(way->job);
    end_step(way, "makes the record");
    apid_job_answer_made(way->job);
    end_step(way, "reads the answer");
    add_history(way, entries);
    return err;
}

static apid_err_t *add_lock(const way_t *way, int by_id)
{
    const apid_plan_t *plan = way->job->plan;
    apid_where_t *where = apid_where_open(way->job->tx->pool);
    apid_err_t *err;

    apid_where_lock(where, plan, plan->lock);
    err = apid_job_address(way->job, where, by_id);
    apid_job_lock(way->job, where);
    end_step(way, "locks what is to change");
    return err;
}

static void add_change(const way_t *way)
{
    apid_job_t *job = way->job;
    const apid_plan_t *plan = job->plan;
    apr_array_header_t *rows = sample_rows(job), *entries = open_entries(way);
    apid_entry_t *entry
        = apid_job_entry(job, entries, APID_OP_UPDATE, job->key);
    int i;

    for (i = 0; i < plan->nassigns; i++)
        if (job->values[i].sent)
            apid_job_tell(entry, plan->assigns[i].field, NULL,
                          &job->values[i].value, job->tx->pool);
    apid_job_update(job, rows, APID_PART_BOTH);
    end_step(way, "writes what differs");
    apid_job_look(job, rows);
    end_step(way, "looks, where only a column can tell whether it differs");
    apid_job_answer(job, rows);
    end_step(way, "reads the answer");
    add_history(way, entries);
}

static apid_err_t *add_delete(const way_t *way)
{
    apr_array_header_t *entries = open_entries(way);
    apid_err_t *err = apid_job_parse(way->job, APID_WAY_CHANGE);

    err = apid_err_join(err, add_lock(way, 0));
    apid_job_entry(way->job, entries, APID_OP_DELETE, way->job->key);
    apid_job_delete(way->job, sample_rows(way->job));
    end_step(way, "deletes");
    add_history(way, entries);
    return err;
}

/** Update or upsert of what an id or the conditions lead to. */
static apid_err_t *add_update(way_t *way, int by_id)
{
    apid_job_t *job = way->job;
    apid_err_t *err = apid_job_parse(job, APID_WAY_CHANGE);

    err = apid_err_join(err, add_lock(way, by_id));
    if (job->plan->op == APID_OP_UPSERT && !by_id) {
        apid_job_keep_matched(job);
        way->when = "some match: ";
    }
    add_change(way);
    return err;
}

static apid_err_t *add_upsert(way_t *way)
{
    const apid_plan_t *plan = way->job->plan;
    apid_err_t *err = NULL;

    if (plan->id.source) {
        way->when = "an id was sent: ";
        err = add_update(way, 1);
        way->when = "no id was sent: ";
    }
    if (plan->where) {
        err = apid_err_join(err, add_update(way, 0));
        way->when = "none match: ";
    }
    /* whose key was sent would have been found by it */
    return plan->module->key == APID_KEY_CALLER
        ? err : apid_err_join(err, add_insert(way));
}

apid_err_t *apid_write_steps(apr_array_header_t *steps,
                             const apid_plan_t *plan,
                             const apid_scope_t *scope)
{
    apid_scope_t copy = *scope;
    apid_tx_t tx = {.pool = steps->pool, .scope = &copy};
    apid_job_t job = {&tx, plan, NULL, {{0}}, NULL};
    way_t way = {&job, steps, ""};
    int i;

    job.stmts = apr_array_make(steps->pool, 8, sizeof(apid_stmt_t));
    for (i = 0; i < APID_MAX_KEYS; i++)
        job.key[i] = apid_value_of_int(1);
    switch (plan->op) {
    case APID_OP_CREATE:
        return add_insert(&way);
    case APID_OP_UPSERT:
        return add_upsert(&way);
    case APID_OP_DELETE:
        return add_delete(&way);
    default:
        return add_update(&way, plan->id.source != APID_SOURCE_NONE);
    }
}
