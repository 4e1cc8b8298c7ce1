/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apid_err: everything that can go wrong, as one table of kinds. An error
 * carries what may be told to the caller (text, field) apart from what only
 * the log may see (cause). It lives in the pool it was raised in.
 */
#ifndef APID_ERR_H
#define APID_ERR_H

#include <apr_pools.h>

#define APID_CHECKED __attribute__((warn_unused_result))

/* clang-format off */
/* kind, status in profile vtiger, status in profile rest, code */
#define APID_ERR_TABLE(ROW) \
    ROW(AUTHENTICATION_FAILURE,   401, 401, "AUTHENTICATION_FAILURE") \
    ROW(INVALID_USER_CREDENTIALS, 401, 401, "INVALID_USER_CREDENTIALS") \
    ROW(ACCESS_DENIED,            403, 403, "ACCESS_DENIED") \
    ROW(RECORD_NOT_FOUND,         404, 404, "RECORD_NOT_FOUND") \
    ROW(API_NOT_FOUND,            404, 404, "API_NOT_FOUND") \
    ROW(METHOD_NOT_ALLOWED,       405, 405, "METHOD_NOT_ALLOWED") \
    ROW(VERSION_RETIRED,          410, 410, "VERSION_RETIRED") \
    ROW(PRECONDITION_FAILED,      412, 412, "PRECONDITION_FAILED") \
    ROW(IDEMPOTENCY_KEY_IN_USE,   409, 409, "IDEMPOTENCY_KEY_IN_USE") \
    ROW(IDEMPOTENCY_KEY_REUSED,   422, 422, "IDEMPOTENCY_KEY_REUSED") \
    ROW(PAYLOAD_TOO_LARGE,        413, 413, "PAYLOAD_TOO_LARGE") \
    ROW(UNSUPPORTED_MEDIA_TYPE,   415, 415, "UNSUPPORTED_MEDIA_TYPE") \
    ROW(LIMIT_EXCEEDED,           429, 429, "LIMIT_EXCEEDED") \
    ROW(INVALID_JSON,             400, 400, "INVALID_JSON") \
    ROW(INVALID_REQUEST,          400, 400, "INVALID_REQUEST") \
    ROW(MANDATORY_FIELDS_MISSING, 400, 422, "MANDATORY_FIELDS_MISSING") \
    ROW(INVALID_ID_ATTRIBUTE,     400, 422, "INVALID_ID_ATTRIBUTE") \
    ROW(INVALID_VALUE,            400, 422, "INVALID_VALUE") \
    ROW(TOO_MANY_RECORDS,         400, 422, "TOO_MANY_RECORDS") \
    ROW(REFERENCE_INVALID,        400, 409, "REFERENCE_INVALID") \
    ROW(DUPLICATE_RECORD_FOUND,   400, 409, "DUPLICATE_RECORD_FOUND") \
    ROW(DATABASE_UNAVAILABLE,     503, 503, "DATABASE_UNAVAILABLE") \
    ROW(LOCKED,                   503, 503, "DATABASE_UNAVAILABLE") \
    ROW(DEADLOCK,                 503, 503, "DATABASE_UNAVAILABLE") \
    ROW(OUTCOME_UNKNOWN,          503, 503, "DATABASE_UNAVAILABLE") \
    ROW(QUERY_TIMEOUT,            504, 504, "QUERY_TIMEOUT") \
    ROW(INTERNAL_ERROR,           500, 500, "INTERNAL_ERROR") \
    ROW(OUTDATED,                 500, 500, "INTERNAL_ERROR") \
    ROW(INVALID_DEFINITION,       400, 422, "INVALID_DEFINITION") \
    ROW(CONFLICT,                 409, 409, "CONFLICT")
/* clang-format on */

typedef enum apid_err_e {
#define APID_ERR_ENUM(kind, vtiger, rest, code) APID_ERR_##kind,
    APID_ERR_TABLE(APID_ERR_ENUM)
#undef APID_ERR_ENUM
    APID_ERR_KINDS
} apid_err_e;

typedef struct apid_err_t apid_err_t;
struct apid_err_t {
    apid_err_e kind;
    int line;            /* 1-based place in a document; 0: none */
    int column;          /* 1-based, in characters; 0: none */
    const char *text;    /* a sentence that is safe to send */
    const char *field;   /* the API's name of the field at fault, or NULL */
    const char *object;  /* the column, index or collation the database named,
                          * or NULL; not safe to send */
    const char *cause;   /* for the log only, or NULL */
    const char *current; /* of a conflict: JSON of what there is instead, or
                          * NULL */
    apid_err_t *next;    /* further errors of the same answer, or NULL */
    apr_pool_t *pool;
};

/** Raises an error of a kind, its text by printf rules. Never NULL; lives in
 * pool. */
APID_CHECKED apid_err_t *apid_err_raise(apr_pool_t *pool, apid_err_e kind,
                                        const char *fmt, ...)
    __attribute__((format(printf, 3, 4), returns_nonnull));

/** Adds the cause, for the log only. Gives back err; NULL stays NULL. */
apid_err_t *apid_err_because(apid_err_t *err, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/** Names the field at fault (the API's name for it). Gives back err. */
apid_err_t *apid_err_field(apid_err_t *err, const char *field);

/** Names what a whole chain is about: a document, a module. Gives back err. */
apid_err_t *apid_err_about(apid_err_t *err, const char *what);

/** Gives the error its place in a document. Gives back err. */
apid_err_t *apid_err_at(apid_err_t *err, int line, int column);

/** Appends more to the chain of err; either may be NULL. What was said of a
 * field at the same place already is not said again. Gives back the chain. */
apid_err_t *apid_err_join(apid_err_t *err, apid_err_t *more);

/** Puts a chain in the order of its places in a document; what is at the same
 * place, or at none, stays as it is, the latter at the end. Gives the
 * chain. */
APID_CHECKED apid_err_t *apid_err_sort(apid_err_t *err);

/** A chain in one line for the log, in pool: "field text: cause; ...". */
const char *apid_err_line(const apid_err_t *err, apr_pool_t *pool);

/** The code word that callers see, such as "INVALID_VALUE". */
const char *apid_err_code(apid_err_e kind);

/** The HTTP status of a kind: of profile vtiger, of profile rest. */
int apid_err_status_vtiger(apid_err_e kind);
int apid_err_status_rest(apid_err_e kind);

/** The word of list (n entries) nearest to what was found, or NULL if none is
 * near enough to be meant (Damerau-Levenshtein distance at most a third of
 * its length, at least one; case is ignored). */
const char *apid_err_nearest(const char *found, const char *const *list,
                             int n);

#endif
