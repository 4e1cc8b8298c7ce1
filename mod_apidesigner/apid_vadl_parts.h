/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apid_vadl_parts: what the two files of the reader of definitions share: the
 * root (apid_vadl) and the operations (apid_vadl_ops). Errors gather in errs.
 */
#ifndef APID_VADL_PARTS_H
#define APID_VADL_PARTS_H

#include "apid_vadl.h"
#include "apid_xml.h"

/** Reads what is in an operation; op->op is set already. */
void apid_vadl_read_op(apid_xml_errs_t *errs, apid_vadl_op_t *op,
                       apid_xml_t *element);

/** The place of a child's name in allowed (NULL-terminated); -1 if it is not
 * there, which is noted. */
int apid_vadl_find_child(apid_xml_errs_t *errs, const apid_xml_t *parent,
                         const apid_xml_t *child, const char *const *allowed);

/** Whether a child is the first of its kind; if not, that is noted. seen holds
 * a bit for each kind. */
int apid_vadl_once(apid_xml_errs_t *errs, const apid_xml_t *parent,
                   const apid_xml_t *child, unsigned *seen, int kind);

/** Notes the children of an element that may have none. */
void apid_vadl_refuse_children(apid_xml_errs_t *errs,
                               const apid_xml_t *element);

#endif
