/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apid_write_tag: what a request asks of the records that it changes (RFC
 * 9110, 13.1). It is compared with rows that are locked, in the transaction
 * that changes them, so that no change of somebody else comes between.
 */
#include "apid_tag.h"
#include "apid_write_parts.h"

static apid_err_t *unmet(const apid_job_t *job, const char *text)
{
    return apid_err_raise(job->tx->pool, APID_ERR_PRECONDITION_FAILED, "%s",
                          text);
}

/** The marks of a locked row are its last columns. */
static const char *write_tag(const apid_job_t *job, const apid_value_t *row)
{
    const apid_plan_t *plan = job->plan;
    const apid_value_t *marks = &row[plan->lock_first + plan->nassigns];
    apid_tag_t tag;
    int i;

    apid_tag_open(&tag, job->tx->scope->call->seal);
    for (i = 0; i < plan->module->nmarks; i++)
        apid_tag_add_value(&tag, &marks[i]);
    return apid_tag_record(&tag, job->tx->pool);
}

static apid_err_t *check_row(const apid_job_t *job, const apid_value_t *row)
{
    const apid_call_t *call = job->tx->scope->call;
    const char *tag = write_tag(job, row);

    if (call->if_match && !apid_tag_match(call->if_match, tag))
        return unmet(job, "The record is not as If-Match says: it was changed "
                          "meanwhile");
    if (call->if_none_match && apid_tag_match(call->if_none_match, tag))
        return unmet(job, "There is a record that If-None-Match excludes");
    return NULL;
}

int apid_job_tagged(const apid_job_t *job)
{
    const apid_call_t *call = job->tx->scope->call;

    return !job->tx->met && (call->if_match || call->if_none_match);
}

apid_err_t *apid_job_meet(const apid_job_t *job,
                          const apr_array_header_t *rows)
{
    apid_err_t *err = NULL;
    int i;

    job->tx->met = 1;
    for (i = 0; !err && i < rows->nelts; i++)
        err = check_row(job, APR_ARRAY_IDX(rows, i, const apid_value_t *));
    if (!rows->nelts && job->tx->scope->call->if_match)
        return unmet(job, "There is no record as If-Match says");
    return err;
}
