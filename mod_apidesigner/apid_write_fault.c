/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apid_write_fault: which field an error of the database is about. It names a
 * column or an index; of a character that a column cannot hold, MySQL tells
 * only the collation, and the field is known if no other was sent such a
 * character.
 */
#include "apid_write_parts.h"

/** The least first byte, in UTF-8, of characters that a set lacks. */
static const struct {
    const char *collation; /* how names of its collations begin */
    unsigned char byte;
} LACKING[] = {
    {"ascii_", 0x80}, {"latin1_", 0xc4}, {"utf8_", 0xf0}, {"utf8mb3_", 0xf0}
};

#define BYTES 256 /* there are: more than any first byte */

static int least_lacking(const char *object)
{
    apr_size_t i;

    for (i = 0; i < sizeof(LACKING) / sizeof(LACKING[0]); i++)
        if (!strncmp(object, LACKING[i].collation,
                     strlen(LACKING[i].collation)))
            return LACKING[i].byte;
    return BYTES;
}

static int has_byte(const apid_value_t *value, int least)
{
    apr_size_t i;

    if (value->cls != APID_TEXT)
        return 0;
    for (i = 0; i < value->len; i++)
        if ((unsigned char)value->text[i] >= least)
            return 1;
    return 0;
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
        field = find_misfit(job, least_lacking(err->object));
    return field ? apid_err_field(err, field->name) : err;
}
