/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apid_xml: a document to a tree of elements with places, over expat, for
 * definitions (apid_vadl) and modules (apid_catalog). It keeps what the two
 * languages share: element names are case-insensitive, comments and stray
 * text are dropped, DOCTYPE and other entities than the five of XML are
 * refused, size and depth are bounded.
 */
#ifndef APID_XML_H
#define APID_XML_H

#include "apid_err.h"

typedef struct apid_xml_attr_t {
    const char *name; /* as written */
    const char *value;
    int used; /* somebody asked for it */
} apid_xml_attr_t;

typedef struct apid_xml_t apid_xml_t;
struct apid_xml_t {
    const char *name; /* lower case */
    int line, column; /* of its '<'; column in characters, 1-based */
    apid_xml_attr_t *attrs;
    int nattrs;
    const char *text; /* its own text, trimmed; "" if none */
    apid_xml_t *first;
    apid_xml_t *next;
};

typedef struct apid_xml_limits_t {
    apr_size_t size; /* bytes */
    int depth;       /* nested elements */
} apid_xml_limits_t;

/** Parses a document. The prolog may have a blank around its second '?'.
 * INVALID_DEFINITION with place; typographic quotes get a hint. */
APID_CHECKED apid_err_t *apid_xml_parse(apid_xml_t **root, const char *text,
                                        apr_size_t len,
                                        const apid_xml_limits_t *limits,
                                        apr_pool_t *pool);

/** The value of an attribute (name in any case), NULL if absent. Marks it as
 * used. */
const char *apid_xml_attr(apid_xml_t *element, const char *name);

/** Errors for attributes nobody asked for, each with the nearest of allowed
 * (n words). Attributes beginning with "xmlns" are legal anywhere. NULL if
 * there are none. */
APID_CHECKED apid_err_t *apid_xml_unknown_attrs(const apid_xml_t *element,
                                                const char *const *allowed,
                                                int n, apr_pool_t *pool);

/** Text made safe for an attribute or content of XML, in pool. */
const char *apid_xml_escape(const char *text, apr_pool_t *pool);

#endif
