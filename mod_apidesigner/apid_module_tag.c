/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apid_module_tag: what tells one state of a record from the next: the field
 * that the document names as its version, else all of its fields, long ones by
 * a digest that the server makes. A field whose column is gone tells nothing,
 * and must not keep others from being read. A date-time counts as a version
 * only if it tells two changes of one second apart.
 */
#include "apid_module_parts.h"

#include <apr_strings.h>

#define PRECISE 6 /* digits of a second */

static int is_long(const apid_field_t *field)
{
    return field->domain.type == APID_TYPE_TEXT
        || field->domain.type == APID_TYPE_JSON
        || field->domain.type == APID_TYPE_BINARY;
}

static void mark(apid_module_t *module, apid_mark_t *marks,
                 const apid_field_t *field, apr_pool_t *pool)
{
    apid_mark_t *to = &marks[module->nmarks++];

    to->field = is_long(field) ? NULL : field;
    to->sql = to->field ? field->sql
        : apr_psprintf(pool, "SHA2(%s,256)", field->sql);
    module->marks = marks;
    module->mark_tables |= 1u << field->table;
}

static int is_precise(const apid_domain_t *domain)
{
    return domain->type == APID_TYPE_INTEGER
        || (domain->type == APID_TYPE_DATETIME && domain->scale == PRECISE);
}

void apid_module_mark(apid_module_t *module, apr_pool_t *pool)
{
    const apid_field_t *version
        = module->version && !module->version->fault ? module->version : NULL;
    apid_mark_t *marks = apr_pcalloc(pool, (module->nfields + 1)
                                               * sizeof(*marks));

    module->nmarks = 0;
    module->mark_tables = 0;
    if (module->key == APID_KEY_NONE)
        return;
    if (version)
        mark(module, marks, version, pool);
    for (int i = 0; !version && i < module->nfields; i++)
        if (!module->fields[i].fault)
            mark(module, marks, &module->fields[i], pool);
}

void apid_module_set_tag(apid_build_t *b, const apid_xml_t *root,
                         const apid_field_t *version)
{
    if (version && b->module->key != APID_KEY_NONE
        && !is_precise(&version->domain))
        apid_xml_complain(&b->errs, root, "version of <module>: '%s' is "
                          "neither a whole number nor a date-time with 6 "
                          "digits of a second", version->name);
    b->module->version = version;
    apid_module_mark(b->module, b->pool);
}
