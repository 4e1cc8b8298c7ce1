/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apid_arg: one argument as the caller sent it, before its type is known, and
 * the flat set of them. The strict JSON reader is here; path parts, query
 * strings and forms are read by apid_form. Numbers keep their exact digits as
 * text: nothing passes through a double.
 */
#ifndef APID_ARG_H
#define APID_ARG_H

#include "apid_err.h"

#define APID_ARG_MAX_DEPTH 32
#define APID_ARG_MAX_NAMES 1000 /* of a query, a form or a JSON object whose
                                 * members are arguments */

typedef enum apid_arg_e {
    APID_ARG_NULL,
    APID_ARG_BOOLEAN, /* text is "true" or "false" */
    APID_ARG_NUMBER,  /* text is the number as written */
    APID_ARG_TEXT,    /* text is decoded UTF-8, NUL-terminated */
    APID_ARG_ARRAY,   /* items; text is the JSON source of it (or NULL when it
                       * came from repeated form keys) */
    APID_ARG_OBJECT   /* items are the members; text is the JSON source */
} apid_arg_e;

/** The set of a request's arguments. The first argument added under a name
 * wins. */
typedef struct apid_args_t apid_args_t;

typedef struct apid_arg_t apid_arg_t;
struct apid_arg_t {
    const char *name; /* member or parameter; NULL for an array's item */
    apid_arg_e kind;
    const char *text; /* NUL-terminated, but for JSON sources; the word null
                       * for NULL */
    apr_size_t len;   /* of text, in bytes */
    apid_arg_t *items;
    apid_arg_t *next; /* next sibling */
    int nitems;
    int form; /* came from a query string or a form: structured fields may be
               * JSON text */
    int json; /* text is the JSON that a column holds: a field of JSON takes it
               * as it is */
    apid_args_t *members; /* the same as items, by name, of an object, and of
                           * the text of a form that was looked into */
};

/** A text (borrowed) as an argument without a name, in pool; NULL stays
 * NULL. */
apid_arg_t *apid_arg_text(const char *text, apr_pool_t *pool);

/** The same of a text that a definition or a module has: as from a form. */
apid_arg_t *apid_arg_literal(const char *text, apr_pool_t *pool);

/** An empty set, in pool. */
apid_args_t *apid_args_open(apr_pool_t *pool);

/** Adds an argument (borrowed, must live as long as the set). A later one of
 * the same name is ignored. */
void apid_args_add(apid_args_t *args, apid_arg_t *arg);

/** Adds name as text; both are borrowed. */
void apid_args_add_text(apid_args_t *args, const char *name,
                        const char *text);

/** The argument at a path such as "email" or "address.city"; a whole name
 * with dots in it is found before a path. In a form the text of a JSON object
 * is looked into as well. NULL if it was not sent. */
const apid_arg_t *apid_args_find(const apid_args_t *args, const char *path);

/** The name of an argument that is none of the n names; NULL if there is
 * none. */
const char *apid_args_other(const apid_args_t *args, const char *const *names,
                            int n);

/** Parses one JSON value by RFC 8259, strictly: no duplicate keys, valid
 * UTF-8, no U+0000 nor lone surrogate in strings, at most APID_ARG_MAX_DEPTH
 * levels, nothing after it but white space. text need not end in NUL, and must
 * live as long as arg: the sources of arrays and objects point into it. On
 * failure INVALID_JSON, whose text names the byte offset (0-based). */
APID_CHECKED apid_err_t *apid_arg_parse_json(apid_arg_t **arg,
                                             const char *text, apr_size_t len,
                                             apr_pool_t *pool);

/** Parses a JSON object and adds its members to args. Anything but an object
 * is INVALID_JSON, and one of more than APID_ARG_MAX_NAMES INVALID_REQUEST.
 * text must live as long as args. */
APID_CHECKED apid_err_t *apid_args_parse_json(apid_args_t *args,
                                              const char *text,
                                              apr_size_t len,
                                              apr_pool_t *pool);

/** Whether text is well-formed UTF-8 (RFC 3629: no surrogates, no overlong
 * forms, at most U+10FFFF). On failure *at is the offset of the bad byte. */
int apid_arg_utf8(const char *text, apr_size_t len, apr_size_t *at);

#endif
