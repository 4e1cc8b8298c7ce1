/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apid_form: query strings and form bodies to arguments, leniently: raw
 * spaces are kept, key[]=v and repeated keys make arrays, a[b]=v is the
 * argument a.b, as a={"b":v} is (apid_args_find), and arguments without a name
 * are left out. Text that is not UTF-8 is refused.
 */
#ifndef APID_FORM_H
#define APID_FORM_H

#include "apid_arg.h"

/** Parses a query string or an application/x-www-form-urlencoded body into
 * args. '+' and %20 are spaces, a stray '%' stands for itself. INVALID_REQUEST
 * on bytes that are not UTF-8 or U+0000. */
APID_CHECKED apid_err_t *apid_form_parse(apid_args_t *args, const char *text,
                                         apr_size_t len, apr_pool_t *pool);

/** Parses a multipart/form-data body (RFC 7578) into args, text fields only:
 * a part with a filename is INVALID_REQUEST, and so are more than 1000 parts
 * and a body without its closing boundary. content_type is the whole header,
 * which holds the boundary. */
APID_CHECKED apid_err_t *apid_form_parse_multipart(apid_args_t *args,
                                                   const char *content_type,
                                                   const char *body,
                                                   apr_size_t len,
                                                   apr_pool_t *pool);

typedef struct apid_extract_t {
    const char *rest;  /* the query without it; NULL if nothing is left */
    const char *value; /* decoded value of the last one taken; NULL if none */
    int count;         /* how many there were */
} apid_extract_t;

/** Takes every parameter called name (in any case) out of a query string
 * (NULL is an empty one); one called like it ("name[]", " name ") too, but its
 * value is "". */
apid_extract_t apid_form_extract(const char *query, const char *name,
                                 apr_pool_t *pool);

#endif
