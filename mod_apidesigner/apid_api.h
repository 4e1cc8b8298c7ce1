/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apid_api: checks a definition against the catalog and compiles it to plans:
 * SQL with its identifiers in place, and for every '?' where its value comes
 * from. A compiled definition is immutable; what varies with a request
 * (conditions left out, arrays, cursors) is put together by apid_where from
 * parts made here, never from text of the request.
 */
#ifndef APID_API_H
#define APID_API_H

#include "apid_auth.h"
#include "apid_catalog.h"
#include "apid_vadl.h"

#define APID_MAX_PARAMS 500  /* of one definition */
#define APID_DEFAULT_ROWS 100
#define APID_DEFAULT_AFFECTED 1000
#define APID_MAX_AFFECTED 8000 /* rows that one request may change */

/* clang-format off */
/* a representation, the dialect of a Location: its word */
#define APID_PROFILE_TABLE(ROW) \
    ROW(REST,    "rest") \
    ROW(VTIGER,  "vtiger")
/* clang-format on */

typedef enum apid_profile_e {
#define APID_PROFILE_ENUM(profile, word) APID_PROFILE_##profile,
    APID_PROFILE_TABLE(APID_PROFILE_ENUM)
#undef APID_PROFILE_ENUM
    APID_PROFILES
} apid_profile_e;

/** What an answer's body holds. */
typedef enum apid_shape_e {
    APID_SHAPE_LIST,
    APID_SHAPE_OBJECT,
    APID_SHAPE_STATUS, /* profile vtiger: that it succeeded */
    APID_SHAPE_NONE    /* 204 */
} apid_shape_e;

typedef enum apid_source_e {
    APID_SOURCE_NONE, /* nothing bound */
    APID_SOURCE_LITERAL,
    APID_SOURCE_PARAM,
    APID_SOURCE_USER_ID, /* from here on as apid_builtin_e */
    APID_SOURCE_USER_NAME,
    APID_SOURCE_NOW,
    APID_SOURCE_TODAY,
    APID_SOURCE_RESULT /* a column of an earlier operation's first row */
} apid_source_e;

/** A request parameter that some field binds. */
typedef struct apid_param_t {
    const char *name;             /* "email", or "a.b" into an object */
    const apid_field_t *field;    /* the first it is bound to; NULL: limit */
    const apid_domain_t *domain;  /* of that field; NULL: a whole number or a
                                   * cursor of limit */
    int required;                 /* the request fails without it */
    int in_path;                  /* a part of the path template */
    int hidden;                   /* from this user: refused if it is sent */
    int list;                     /* an array is legal: of any length (1) or
                                   * of two (2) */
} apid_param_t;

/** Where the value of a field, condition or limit comes from. */
typedef struct apid_binding_t {
    apid_source_e source;
    int param;               /* PARAM: index in api->params */
    int op;                  /* RESULT: index in api->plans */
    int column;              /* RESULT: index in that plan's columns */
    const apid_arg_t *literal; /* LITERAL: checked already; PARAM: its
                                * default, or NULL */
    int required;
} apid_binding_t;

/** A node of a where: a group of nodes (first is not NULL), or a test. */
typedef struct apid_cond_t apid_cond_t;
struct apid_cond_t {
    apid_cond_t *next;
    apid_cond_t *first;
    apid_glue_e glue;
    apid_condition_e test;
    const apid_field_t *field;
    const apid_module_t *module; /* of the field */
    const char *name;    /* of the field, as the script says it */
    int ref;             /* index in plan->refs; -1: the plan's own module */
    const char *sql;     /* "t0.`email`"; of a composite id: NULL */
    const char *param;   /* what the caller knows it by, for errors */
    apid_binding_t binding;
    int optional;
    apid_place_t place;  /* in the document */
};

/** A column that is answered (or kept for a cursor or a later operation). */
typedef struct apid_column_t {
    const char *name;     /* in the answer */
    const char *quoted;   /* `"name":` for apid_json_quoted_key */
    apr_size_t quoted_len;
    const char *sql;
    const apid_field_t *field;
    int ref;              /* as in apid_cond_t */
    const apid_domain_t *domain;
    int hidden;           /* from this user: neither read nor answered */
} apid_column_t;

typedef struct apid_sort_t {
    const char *sql;
    const char *name; /* of the field, as the script says it */
    const apid_field_t *field;
    int ref;          /* as in apid_cond_t */
    const apid_domain_t *domain;
    int descending;
    int column; /* index in plan->columns: its value goes into the cursor, */
    int place;  /* or, if the column is an ENUM or a SET, that of this one: the
                 * number it sorts by; -1: it is neither */
} apid_sort_t;

/** A field that create, update or upsert writes. */
typedef struct apid_assign_t {
    const apid_field_t *field;
    const char *param; /* what the caller knows it by, for errors */
    apid_binding_t binding;
} apid_assign_t;

/** A module that is reached through a reference field. */
typedef struct apid_ref_t {
    const char *path; /* "account_id" or "account_id.parent_id" */
    const apid_module_t *module;
    const apid_field_t *field; /* the last of the path, */
    int parent;       /* of this ref; -1: of the plan's own module */
    const char *from; /* its SQL */
    int number;       /* of this ref: its tables are r<number>_<table> */
    unsigned used;    /* tables needed: 1 << index */
    const apid_value_t *owner; /* whose records alone are seen, or NULL */
} apid_ref_t;

typedef struct apid_plan_t {
    apid_op_e op;
    const apid_module_t *module;
    const char *as; /* or NULL */
    int one;

    /* What it reads from: tables of the module (1 << index) and modules that
     * references lead to; and whose records alone it sees (NULL: all). */
    unsigned used;
    const apid_ref_t *refs;
    int nrefs;
    const apid_value_t *owner;

    /* What is answered: the first nshown of ncolumns. */
    apid_column_t *columns;
    int nshown;
    int ncolumns;
    const int *tag;     /* where the module's marks are in a row that select
                         * reads; NULL: they are not read */
    const char *select; /* "SELECT ... FROM ... [JOIN ...]", no WHERE */
    const char *returning; /* the columns as an INSERT into the only table of
                            * the module can give them, or NULL */
    const apid_value_t *from_binds; /* of the joins in select */
    int nfrom;

    /* Conditions that always hold (soft delete, filters), and the script's. */
    const char *base; /* "t0.`deleted` = ?", or "" */
    const apid_value_t *base_binds;
    int nbase;
    const apid_cond_t *where; /* NULL: none */

    const char *order; /* " ORDER BY ..." */
    const apid_sort_t *sort; /* the key's columns last */
    int nsort;
    apid_binding_t max, page, after;
    int paged; /* page or after is bound: the answer says what comes next */

    /* create, update, upsert, delete */
    const apid_assign_t *assigns;
    int nassigns;
    apid_binding_t id; /* of the field `id` in record */
    int id_column;     /* create, upsert: the id among the columns */
    int by_id;         /* addressed by id alone: none is RECORD_NOT_FOUND */
    const char *lock;  /* "SELECT key columns, key column of each further
                        * table, columns of the assigns FROM ...": all of
                        * the tables, no WHERE; the column of assign i is
                        * lock_first + i */
    const char *lock_tagged; /* the same, and the module's marks at the end */
    const apid_value_t *lock_binds; /* of the joins in both: of what the where
                                     * is about, so that no row is locked only
                                     * because it is answered */
    int nlock;
    int lock_first;
} apid_plan_t;

typedef struct apid_api_t {
    const char *name;
    const char *path;
    const char *module; /* the definition's, for lists */
    const char *description;
    apid_kind_e kind;
    apid_method_e method;
    int version;         /* set by who compiles: 0 is a draft */
    apid_token_in_e token_in;
    const apid_addresses_t *addresses;    /* NULL: all */
    const char *const *origins;           /* NULL-terminated; NULL: none */
    const char *const *users;             /* NULL-terminated; NULL: all */
    const char *const *groups;
    int minute, day;                      /* 0: no limit of its own */
    int max_affected;
    const apid_param_t *params;
    int nparams;
    const apid_plan_t *plans;
    int nplans;
    int writes; /* some plan is not a select */
    const apid_vadl_t *vadl; /* what it was compiled from */
} apid_api_t;

/** The shape of a plan's answer. */
apid_shape_e apid_api_shape(const apid_plan_t *plan, apid_profile_e profile);

/** Compiles a document that is stored, under a name which it may leave to the
 * file that it came from. The result borrows from catalog, which must live as
 * long. On failure a chain of INVALID_DEFINITION errors, all that were found,
 * with places; *api is NULL. */
APID_CHECKED apid_err_t *apid_api_stored(apid_api_t **api,
                                         const char *document,
                                         const char *name,
                                         const apid_catalog_t *catalog,
                                         apr_pool_t *pool);

/** Compiles what apid_vadl_parse could read, err being what it found: gives all
 * that is wrong, in the order of the document. *api is NULL unless that is
 * nothing. */
APID_CHECKED apid_err_t *apid_api_judge(apid_api_t **api, apid_err_t *err,
                                        const apid_vadl_t *vadl,
                                        const apid_catalog_t *catalog,
                                        apr_pool_t *pool);

/** Parses and compiles the text of a document. */
APID_CHECKED apid_err_t *apid_api_parse(apid_api_t **api, const char *text,
                                        const apid_catalog_t *catalog,
                                        apr_pool_t *pool);

/** Makes the SQL text of a plan anew, from its columns, its refs and its
 * owner; in pool. */
void apid_plan_write(apid_plan_t *plan, apr_pool_t *pool);

/** The names of the parts of a path template ("contacts/{id}"): an array of
 * const char *, empty for a plain path. INVALID_DEFINITION if the braces are
 * wrong. */
APID_CHECKED apid_err_t *apid_api_path_params(apr_array_header_t **names,
                                              const char *path,
                                              apr_pool_t *pool);

/** A path with each part written "{}": "contacts/{id}" is "contacts/{}", and
 * "contacts/{key}" in its place would be the same; in pool. */
const char *apid_api_route(const char *path, apr_pool_t *pool);

#endif
