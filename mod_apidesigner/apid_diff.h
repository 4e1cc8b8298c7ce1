/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apid_diff: what differs between two versions of a definition to who calls
 * it, as data: not lines of text, but fields, parameters, method and path. A
 * difference is breaking if a caller that the one version served well may be
 * refused or misled by the other. Kinds are rows of the table here.
 */
#ifndef APID_DIFF_H
#define APID_DIFF_H

#include "apid_api.h"

/* clang-format off */
/* kind, its word */
#define APID_DIFF_TABLE(ROW) \
    ROW(METHOD,             "method") \
    ROW(PATH,               "path") \
    ROW(STATUS,             "status") \
    ROW(MODULE,             "module") \
    ROW(OPERATION,          "operation") \
    ROW(FIELD_REMOVED,      "field-removed") \
    ROW(FIELD_RENAMED,      "field-renamed") \
    ROW(FIELD_RETYPED,      "field-retyped") \
    ROW(FIELD_ADDED,        "field-added") \
    ROW(PARAMETER_REQUIRED, "parameter-required") \
    ROW(PARAMETER_OPTIONAL, "parameter-optional") \
    ROW(PARAMETER_ADDED,    "parameter-added") \
    ROW(PARAMETER_REMOVED,  "parameter-removed") \
    ROW(PARAMETER_RETYPED,  "parameter-retyped") \
    ROW(CONDITIONS,         "conditions") \
    ROW(VALUES,             "values") \
    ROW(ORDER,              "order") \
    ROW(SECURITY,           "security") \
    ROW(LIMITS,             "limits") \
    ROW(RIGHTS,             "rights") \
    ROW(DOCUMENT,           "document")
/* clang-format on */

typedef enum apid_diff_e {
#define APID_DIFF_ENUM(kind, word) APID_DIFF_##kind,
    APID_DIFF_TABLE(APID_DIFF_ENUM)
#undef APID_DIFF_ENUM
    APID_DIFF_KINDS
} apid_diff_e;

typedef struct apid_difference_t {
    apid_diff_e kind;
    const char *name;   /* of the field, parameter or setting */
    const char *before; /* NULL: there was none */
    const char *after;  /* NULL: there is none */
    int breaking;
    const char *text;   /* one sentence */
} apid_difference_t;

/** The word of a kind, such as "field-removed". */
const char *apid_diff_word(apid_diff_e kind);

/** What differs from one version to another, both compiled against the same
 * catalog: apid_difference_t, in pool; empty if a caller sees none. */
apr_array_header_t *apid_diff(const apid_api_t *from, const apid_api_t *to,
                              apr_pool_t *pool);

/** Whether one of the differences is breaking. */
int apid_diff_breaks(const apr_array_header_t *differences);

#endif
