/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apid_docs: documentation made from compiled definitions: an OpenAPI 3.1
 * document, and a page for people that says the same. Nothing is told that the
 * definition does not say; whom it is told is the caller's business.
 */
#ifndef APID_DOCS_H
#define APID_DOCS_H

#include "apid_api.h"
#include "apid_json.h"

/** A definition that is documented. All is borrowed. */
typedef struct apid_docs_entry_t {
    const apid_api_t *api;
    const char *base;      /* path of its Location, such as "/api" */
    int whole;             /* the Location serves nothing else: its path is the
                            * definition's */
    apr_time_t deprecated; /* since when; 0: not */
    apr_time_t sunset;     /* when it ends; 0: never */
} apid_docs_entry_t;

/** What a document is about. */
typedef struct apid_docs_t {
    apid_profile_e profile;
    const char *server;       /* "https://www.example" */
    apr_int64_t revision;     /* of the definitions */
    apr_array_header_t *list; /* filled by apid_docs_add */
    apr_pool_t *pool;
} apid_docs_t;

/** An empty document, in pool. */
apid_docs_t *apid_docs_open(apid_profile_e profile, const char *server,
                            apr_pool_t *pool);

/** Adds a definition. Of several with one method and path the document tells
 * of the first by name, the page of all. */
void apid_docs_add(apid_docs_t *docs, const apid_docs_entry_t *entry);

/** Writes the OpenAPI 3.1 document as one JSON object. */
void apid_docs_write(apid_json_t *json, const apid_docs_t *docs);

/** Writes the page: HTML without script. at is the path below which the
 * document (openapi.json) and the stylesheet (style.css) are served. */
void apid_docs_page(apr_bucket_brigade *page, const apid_docs_t *docs,
                    const char *at);

/** The stylesheet of the page. */
const char *apid_docs_style(void);

#endif
