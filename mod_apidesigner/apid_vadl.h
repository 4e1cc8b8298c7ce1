/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apid_vadl: the text of a definition document to a tree with places. It knows
 * the language, not the database: names of modules and fields are checked by
 * apid_api. Words of the language are rows of the tables here.
 */
#ifndef APID_VADL_H
#define APID_VADL_H

#include "apid_err.h"

#include <apr_tables.h>

#define APID_VADL_MAX_SIZE (256 * 1024)
#define APID_VADL_MAX_DEPTH 16

/* clang-format off */
#define APID_METHOD_TABLE(ROW) \
    ROW(GET, "get") ROW(POST, "post") ROW(PUT, "put") ROW(DELETE, "delete") \
    ROW(PATCH, "patch")

#define APID_OP_TABLE(ROW) \
    ROW(SELECT, "select") ROW(CREATE, "create") ROW(UPDATE, "update") \
    ROW(UPSERT, "upsert") ROW(DELETE, "delete")

/* condition, its word, how many values it takes (2: an array of two;
 * -1: an array of any length) */
#define APID_CONDITION_TABLE(ROW) \
    ROW(EQUAL,          "equal",           1) \
    ROW(NOTEQUAL,       "notequal",        1) \
    ROW(LIKE,           "like",            1) \
    ROW(NOTLIKE,        "notlike",         1) \
    ROW(STARTSWITH,     "startswith",      1) \
    ROW(ENDSWITH,       "endswith",        1) \
    ROW(CONTAINS,       "contains",        1) \
    ROW(LESSTHAN,       "lessthan",        1) \
    ROW(LESSOREQUAL,    "lessorequal",     1) \
    ROW(GREATERTHAN,    "greaterthan",     1) \
    ROW(GREATEROREQUAL, "greaterorequal",  1) \
    ROW(BETWEEN,        "between",         2) \
    ROW(IN,             "in",             -1) \
    ROW(NOTIN,          "notin",          -1) \
    ROW(EMPTY,          "empty",           0) \
    ROW(NOTEMPTY,       "notempty",        0)
/* clang-format on */

typedef enum apid_method_e {
#define APID_METHOD_ENUM(method, word) APID_METHOD_##method,
    APID_METHOD_TABLE(APID_METHOD_ENUM)
#undef APID_METHOD_ENUM
    APID_METHODS
} apid_method_e;

typedef enum apid_op_e {
#define APID_OP_ENUM(op, word) APID_OP_##op,
    APID_OP_TABLE(APID_OP_ENUM)
#undef APID_OP_ENUM
    APID_OPS
} apid_op_e;

typedef enum apid_condition_e {
#define APID_CONDITION_ENUM(condition, word, arity) APID_##condition,
    APID_CONDITION_TABLE(APID_CONDITION_ENUM)
#undef APID_CONDITION_ENUM
    APID_CONDITIONS
} apid_condition_e;

typedef enum apid_kind_e { APID_KIND_API, APID_KIND_WEBHOOK } apid_kind_e;
typedef enum apid_glue_e { APID_GLUE_AND, APID_GLUE_OR } apid_glue_e;

typedef struct apid_place_t {
    int line, column; /* of the element, 1-based */
} apid_place_t;

/** <field> in any of its parents; what is absent is NULL or 0. */
typedef struct apid_vadl_field_t {
    apid_place_t place;
    const char *name;
    const char *value;
    const char *fallback; /* default="..." */
    const char *alias;    /* as="..." */
    apid_condition_e condition; /* in where */
    int required;
    int optional;   /* in where */
    int descending; /* in sort */
} apid_vadl_field_t;

/** <where>: its fields and nested wheres, in order. */
typedef struct apid_vadl_where_t apid_vadl_where_t;

typedef struct apid_vadl_test_t { /* one of both is NULL */
    const apid_vadl_field_t *field;
    const apid_vadl_where_t *where;
} apid_vadl_test_t;

struct apid_vadl_where_t {
    apid_place_t place;
    apid_glue_e glue;
    apr_array_header_t *tests; /* apid_vadl_test_t */
};

typedef struct apid_vadl_op_t {
    apid_place_t place;
    apid_op_e op;
    const char *module; /* NULL: the definition's */
    const char *as;
    int one;
    apr_array_header_t *record; /* apid_vadl_field_t; NULL: no such element */
    apr_array_header_t *answer; /* <return>; apid_vadl_field_t; or NULL */
    apr_array_header_t *sort;   /* apid_vadl_field_t; or NULL */
    const apid_vadl_where_t *where; /* or NULL */
    const char *max;            /* <limit>: as written; or NULL */
    const char *page;
    const char *after;
    apid_place_t limit_place;
} apid_vadl_op_t;

typedef enum apid_token_in_e {
    APID_TOKEN_IN_HEADER,
    APID_TOKEN_IN_QUERY
} apid_token_in_e;

/** A whole document. Texts are as written, NULL where absent. */
typedef struct apid_vadl_t {
    apid_kind_e kind;
    apid_method_e method; /* GET for webhooks */
    const char *name;
    const char *path;
    const char *module;
    int inactive;            /* status="inactive" */
    const char *description;
    apid_token_in_e token_in;
    const char *addresses;
    const char *origins;
    int minute, day;         /* <limits>; 0: not given */
    int max_affected;        /* 0: not given */
    const char *users;       /* <allow> */
    const char *groups;
    apid_place_t place;
    apid_place_t security, limits, allow; /* of these elements */
    apr_array_header_t *ops; /* apid_vadl_op_t, one at least */
    int partial; /* some of it could not be read: what is not here may only be
                  * written wrong */
} apid_vadl_t;

/** Parses a document. On failure a chain of INVALID_DEFINITION errors, each
 * with line and column, all that were found; *vadl is what could be read, for
 * further checks, or NULL if that is not well-formed or no definition. text
 * need not end in NUL. */
APID_CHECKED apid_err_t *apid_vadl_parse(apid_vadl_t **vadl, const char *text,
                                         apr_size_t len, apr_pool_t *pool);

/** The word of a method, such as "get". */
const char *apid_method_word(apid_method_e method);

/** The word of an operation, such as "select". */
const char *apid_op_word(apid_op_e op);

/** The word of a condition, such as "equal". */
const char *apid_condition_word(apid_condition_e condition);

/** How many values a condition takes; -1: any number. */
int apid_condition_arity(apid_condition_e condition);

/** The method a word names, case ignored; APID_METHODS if none. */
apid_method_e apid_method_parse(const char *word);

/** The operation a word names, case ignored; APID_OPS if none. */
apid_op_e apid_op_parse(const char *word);

/** The condition a word names, case ignored; APID_CONDITIONS if none. */
apid_condition_e apid_condition_parse(const char *word);

#endif
