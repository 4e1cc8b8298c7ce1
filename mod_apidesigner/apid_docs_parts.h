/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apid_docs_parts: what the document and the page share: where a definition is
 * found, what a parameter is used for, what a value looks like.
 */
#ifndef APID_DOCS_PARTS_H
#define APID_DOCS_PARTS_H

#include "apid_docs.h"

/** A definition in the list of a document. */
typedef struct apid_docs_item_t {
    apid_docs_entry_t entry;
    const char *path;  /* encoded, from the server's root; parts "{name}" */
    const char *route; /* the same, parts "{}" */
    apr_array_header_t *parts; /* names in path: const char * */
} apid_docs_item_t;

/** One operation of the document. */
typedef struct apid_docs_operation_t {
    const apid_docs_t *docs;
    const apid_docs_item_t *item;
    const apid_docs_item_t *first; /* of those at the same path */
    const char *method;            /* "get" */
} apid_docs_operation_t;

typedef enum apid_docs_place_e {
    APID_DOCS_PATH,
    APID_DOCS_QUERY,
    APID_DOCS_BODY,
    APID_DOCS_NOWHERE /* it is kept from who reads */
} apid_docs_place_e;

/** What a parameter is used for, where it is bound first. */
typedef struct apid_docs_use_t {
    const apid_param_t *param;
    const apid_domain_t *domain; /* NULL: any text */
    const apid_cond_t *cond;     /* of a where, or NULL */
    const char *purpose;         /* a phrase, or "" */
    int written;                 /* a field of a record */
    int number;                  /* max or page of a limit */
    int nullable;                /* null may be sent: in a body */
    int filled;                  /* it must not be empty */
} apid_docs_use_t;

/** Who reads a value. */
typedef enum apid_docs_side_e {
    APID_DOCS_REQUEST,
    APID_DOCS_TYPED,  /* an answer of profile rest */
    APID_DOCS_STRINGS /* an answer of profile vtiger */
} apid_docs_side_e;

/** A value that a schema is written of. */
typedef struct apid_docs_value_t {
    const apid_domain_t *domain; /* NULL: any text */
    apid_docs_side_e side;
    int nullable, filled;
    const char *description; /* or NULL */
} apid_docs_value_t;

/* apid_docs_schema.c */

/** Writes a member: a text. */
void apid_docs_put(apid_json_t *json, const char *key, const char *text);

/** Writes the JSON Schema of a value as an object. */
void apid_docs_schema(apid_json_t *json, const apid_docs_value_t *value);

/** JSON of a value that is legal. */
const char *apid_docs_example(const apid_domain_t *domain,
                              apid_docs_side_e side, apr_pool_t *pool);

/** Whether a column may be answered as null. */
int apid_docs_nullable(const apid_plan_t *plan, const apid_column_t *column);

/* apid_docs_param.c */

/** What a parameter, by its index, is used for; phrases are in pool. */
apid_docs_use_t apid_docs_use(const apid_api_t *api, int param,
                              apr_pool_t *pool);

/** Where a parameter is sent in a request of this method ("get"). */
apid_docs_place_e apid_docs_place(const apid_docs_item_t *item,
                                  const char *method, int param);

/** Writes the JSON Schema of a parameter as an object. */
void apid_docs_param(apid_json_t *json, const apid_docs_use_t *use,
                     apr_pool_t *pool);

/** JSON of a parameter that is legal. */
const char *apid_docs_sample(const apid_docs_use_t *use, apr_pool_t *pool);

/** Writes the JSON Schema of a request's body; below is "" ("a.": of the
 * object a in it). */
void apid_docs_body(apid_json_t *json, const apid_docs_item_t *item,
                    const char *below, apr_pool_t *pool);

/** Writes a body that is legal, in the same way. */
void apid_docs_sample_body(apid_json_t *json, const apid_docs_item_t *item,
                           const char *below, apr_pool_t *pool);

/** How many parameters go there. */
int apid_docs_count(const apid_docs_item_t *item, const char *method,
                    apid_docs_place_e place);

/* apid_docs_answer.c */

/** Writes the member `responses`. */
void apid_docs_responses(apid_json_t *json, const apid_docs_operation_t *op);

/** Writes what these refer to, as members of `components`. */
void apid_docs_answers(apid_json_t *json, const apid_docs_t *docs);

/* apid_docs.c */

/** The items of a document in the order of their paths. */
apr_array_header_t *apid_docs_sorted(const apid_docs_t *docs);

/** The words of the methods that a definition answers: one, or two of a
 * webhook; the second is NULL if there is none. */
void apid_docs_methods(const char *methods[2], const apid_api_t *api);

/** The plan whose result is the answer. */
const apid_plan_t *apid_docs_answer(const apid_api_t *api);

/** A moment by RFC 3339. */
const char *apid_docs_time(apr_time_t time, apr_pool_t *pool);

/** Limits and addresses in sentences, each after a blank; "" for none. */
const char *apid_docs_terms(const apid_api_t *api, apr_pool_t *pool);

#endif
