/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apid_module_parts: what the files of the reader of module documents share:
 * the module (apid_module), its tables and key (apid_module_keys) and its
 * fields (apid_module_fields).
 */
#ifndef APID_MODULE_PARTS_H
#define APID_MODULE_PARTS_H

#include "apid_catalog.h"
#include "apid_xml.h"

/** A module while it is read. */
typedef struct apid_build_t {
    apr_pool_t *pool;
    apid_module_t *module;
    apid_xml_errs_t errs;
    const char *tables[APID_MAX_TABLES + 1]; /* names, not quoted; NULL */
} apid_build_t;

/** Reads a table into the next place of module->tables. */
void apid_module_read_table(apid_build_t *b, apid_xml_t *element);

/** Reads how the key is made, when the tables are known. */
void apid_module_read_key(apid_build_t *b, apid_xml_t *element);

/** Makes the key of a module whose document does not say how. */
void apid_module_default_key(apid_build_t *b, const apid_xml_t *root);

/** Makes the field `id` from the key. */
void apid_module_set_id(apid_build_t *b);

/** Reads a field into the next place of module->fields. */
void apid_module_read_field(apid_build_t *b, apid_xml_t *element);

/** Fills the class of a domain from its type, bits and sign. */
void apid_module_set_class(apid_domain_t *domain);

/** Fills the module's version and marks, when the fields are known; version is
 * the field that the document names as such, or NULL. */
void apid_module_set_tag(apid_build_t *b, const apid_xml_t *root,
                         const apid_field_t *version);

/** The index of a table by its name (NULL: the main table); -1 if there is
 * none, which is noted. */
int apid_module_find_table(apid_build_t *b, const apid_xml_t *element,
                           const char *name);

/** The place of a child's name in allowed (NULL-terminated); -1 if it is not
 * there, which is noted. */
int apid_module_find_child(apid_build_t *b, const apid_xml_t *parent,
                           const apid_xml_t *child,
                           const char *const *allowed);

/** Notes the children of an element that may have none. */
void apid_module_refuse_children(apid_build_t *b, const apid_xml_t *element);

/** The n parts of "a, b", trimmed; NULL-terminated. */
const char **apid_module_split(const char *text, int *n, apr_pool_t *pool);

#endif
