/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apid_write_fault: which field an error of the database is about. It names a
 * column or an index; of a character that a column cannot hold, MySQL tells
 * only the collation, and the field is known if no other was sent such a
 * character.
 */
#include "apid_write_parts.h"

static int has_byte(const apid_value_t *value, int least)
{
    return value->cls == APID_TEXT
        && apid_where_has_byte(value->text, value->len, least);
}

static const apid_field_t *find_misfit(const apid_job_t *job, int least)
{
    const apid_field_t *found = NULL;
    int i;

    for (i = 0; i < job->plan->nassigns; i++) {
        if (!job->values[i].sent || !has_byte(&job->values[i].value, least))
            continue;
        if (found)
            return NULL;
        found = job->plan->assigns[i].field;
    }
    return found;
}

/** What the caller knows a field by. */
static const char *find_word(const apid_job_t *job, const apid_field_t *field)
{
    int i;

    if (field == &job->plan->module->id || field->is_key)
        return apid_job_id_param(job);
    for (i = 0; i < job->plan->nassigns; i++)
        if (job->plan->assigns[i].field == field)
            return job->plan->assigns[i].param;
    return field->name;
}

apid_err_t *apid_job_fault(apid_err_t *err, const apid_job_t *job)
{
    const apid_module_t *module = job->plan->module;
    const apid_field_t *field;

    if (!err || !err->object || err->field)
        return err;
    if (err->kind == APID_ERR_DUPLICATE_RECORD_FOUND)
        field = apid_module_unique(module, err->object);
    else
        field = apid_module_column(module, err->object);
    if (!field && err->kind == APID_ERR_INVALID_VALUE)
        field = find_misfit(job, apid_where_lacking(err->object));
    return field ? apid_err_field(err, find_word(job, field)) : err;
}
