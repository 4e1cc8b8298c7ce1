/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apid_module_tag: what tells one state of a record from the next: the field
 * that the document names as its version, else a hash of all its fields, made
 * by the server. A date-time counts as a version only if it tells two changes
 * of one second apart.
 */
#include "apid_module_parts.h"

#include <apr_strings.h>

#define PRECISE 6 /* digits of a second */

/** A field as text that is another for every value: as bytes, since columns
 * may be of different character sets; a FLOAT with all of its digits. */
static const char *write_field(const apid_field_t *field, apr_pool_t *pool)
{
    const apid_domain_t *domain = &field->domain;

    if (domain->type == APID_TYPE_DOUBLE)
        return apr_psprintf(pool, ",QUOTE(%s + 0e0)", field->sql);
    if (domain->cls == APID_TEXT || domain->cls == APID_BYTES
        || domain->type == APID_TYPE_BIT)
        return apr_psprintf(pool, ",QUOTE(CAST(%s AS BINARY))", field->sql);
    return apr_psprintf(pool, ",QUOTE(%s)", field->sql);
}

static void hash_fields(apid_module_t *module, apr_pool_t *pool)
{
    apr_array_header_t *parts
        = apr_array_make(pool, module->nfields + 2, sizeof(char *));
    int i;

    APR_ARRAY_PUSH(parts, const char *) = "SHA2(CONCAT_WS(','";
    for (i = 0; i < module->nfields; i++) {
        APR_ARRAY_PUSH(parts, const char *)
            = write_field(&module->fields[i], pool);
        module->tag_tables |= 1u << module->fields[i].table;
    }
    APR_ARRAY_PUSH(parts, const char *) = "),256)";
    module->tag = apr_array_pstrcat(pool, parts, 0);
}

static int is_precise(const apid_domain_t *domain)
{
    return domain->type == APID_TYPE_INTEGER
        || (domain->type == APID_TYPE_DATETIME && domain->scale == PRECISE);
}

void apid_module_set_tag(apid_build_t *b, const apid_xml_t *root,
                         const apid_field_t *version)
{
    apid_module_t *module = b->module;

    if (module->key == APID_KEY_NONE)
        return;
    if (!version) {
        hash_fields(module, b->pool);
        return;
    }
    if (!is_precise(&version->domain))
        apid_xml_complain(&b->errs, root, "version of <module>: '%s' is "
                          "neither a whole number nor a date-time with 6 "
                          "digits of a second", version->name);
    module->tag = version->sql;
    module->tag_tables = 1u << version->table;
}
