/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apid_xml: a document to a tree of elements with places, over expat, and
 * elements to structs by tables of their attributes, for definitions
 * (apid_vadl) and modules (apid_catalog). It keeps what the two languages
 * share: element names are case-insensitive, comments and stray text are
 * dropped, DOCTYPE and other entities than the five of XML are refused, size
 * and depth are bounded, all errors are gathered with their places.
 */
#ifndef APID_XML_H
#define APID_XML_H

#include "apid_err.h"

#include <stddef.h>

#define APID_XML_MAX_DEPTH 32 /* that limits may ask for */

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

/** The errors of a document in the order they were found. Begins as {pool}. */
typedef struct apid_xml_errs_t {
    apr_pool_t *pool;
    apid_err_t *first, *last;
} apid_xml_errs_t;

/** What an attribute's value may be and where it goes. */
typedef enum apid_xml_kind_e {
    APID_XML_TEXT,   /* const char *: anything */
    APID_XML_NAME,   /* const char *: not empty */
    APID_XML_NEEDED, /* const char *: not empty, and never absent */
    APID_XML_FLAG,   /* int: true or false */
    APID_XML_WHOLE,  /* int: a whole number */
    APID_XML_COUNT,  /* int: a whole number above 0 */
    APID_XML_WORD    /* int or enum: index in words, case ignored */
} apid_xml_kind_e;

/** One attribute of an element; a table of them ends with a name of NULL. */
typedef struct apid_xml_row_t {
    const char *name;
    apid_xml_kind_e kind;
    size_t offset; /* of the member in the struct that is filled */
    const char *const *words; /* NULL-terminated */
} apid_xml_row_t;

/** Parses a document. The prolog may have a blank around its second '?'.
 * INVALID_DEFINITION with place; typographic quotes get a hint. On failure
 * *root holds the elements that were read before it, or NULL. */
APID_CHECKED apid_err_t *apid_xml_parse(apid_xml_t **root, const char *text,
                                        apr_size_t len,
                                        const apid_xml_limits_t *limits,
                                        apr_pool_t *pool);

/** The value of an attribute (name in any case), NULL if absent. Marks it as
 * used. */
const char *apid_xml_attr(apid_xml_t *element, const char *name);

/** Fills target from the attributes of an element by their rows; what is
 * absent stays as it is. Values that are not legal are noted, and so are
 * attributes without a row (but those beginning with "xmlns"), with the
 * nearest. */
void apid_xml_read(apid_xml_errs_t *errs, void *target, apid_xml_t *element,
                   const apid_xml_row_t *rows);

/** Notes errors at the end; NULL is fine. */
void apid_xml_note(apid_xml_errs_t *errs, apid_err_t *err);

/** Notes INVALID_DEFINITION at the place of an element, text by printf
 * rules. */
void apid_xml_complain(apid_xml_errs_t *errs, const apid_xml_t *element,
                       const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/** Notes that a word was found which is none of expected (NULL-terminated):
 * "<what>; did you mean 'w'?", or "<what>; expected a, b or c" if none is
 * near. near is the word that was found, NULL: no guess. */
void apid_xml_refuse(apid_xml_errs_t *errs, const apid_xml_t *element,
                     const char *what, const char *near,
                     const char *const *expected);

/** The place of a word in a NULL-terminated list, case ignored; that of the
 * NULL if it is not there. */
int apid_xml_find_word(const char *const *words, const char *word);

/** Text made safe for an attribute or content of XML, in pool. */
const char *apid_xml_escape(const char *text, apr_pool_t *pool);

/** Text for a comment: hyphens, two of which would end it, are set apart. */
const char *apid_xml_comment(const char *text, apr_pool_t *pool);

#endif
