/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apid_value: a typed value: one parameter on its way to a column, or one
 * column of a row. Its class says how it is bound and held; its domain (type,
 * size, choices: data of the catalog) says what is legal and how it is
 * written.
 */
#ifndef APID_VALUE_H
#define APID_VALUE_H

#include "apid_arg.h"

#include <regex.h>

/** How a value is held and bound. */
typedef enum apid_class_e {
    APID_NULL,
    APID_INT,    /* u.i */
    APID_UINT,   /* u.u */
    APID_FLOAT,  /* u.d, from a FLOAT column: shortest text of a float */
    APID_DOUBLE, /* u.d */
    APID_TEXT,   /* text, len: UTF-8; also DECIMAL and JSON; u.u: 1 if it is
                  * of an ENUM or a SET, which sort by number, else 0 */
    APID_BYTES,  /* text, len: raw */
    APID_TIME    /* u.t */
} apid_class_e;

typedef enum apid_time_e {
    APID_TIME_DATE,
    APID_TIME_DATETIME,
    APID_TIME_CLOCK /* TIME: hours may exceed 24, may be negative */
} apid_time_e;

typedef struct apid_time_t {
    apid_time_e kind;
    int negative;
    int year, month, day, hour, minute, second, micro;
} apid_time_t;

typedef struct apid_value_t {
    apid_class_e cls;
    union {
        apr_int64_t i;
        apr_uint64_t u;
        double d;
        apid_time_t t;
    } u;
    const char *text;
    apr_size_t len;
} apid_value_t;

/* clang-format off */
/* type, its word in documents, class it is bound as, words that describe it */
#define APID_TYPE_TABLE(ROW) \
    ROW(STRING,        "string",        APID_TEXT,   "text of one line") \
    ROW(TEXT,          "text",          APID_TEXT,   "text") \
    ROW(EMAIL,         "email",         APID_TEXT,   "an e-mail address") \
    ROW(URL,           "url",           APID_TEXT,   "a web address") \
    ROW(PHONE,         "phone",         APID_TEXT,   "a telephone number") \
    ROW(UUID,          "uuid",          APID_TEXT,   "a UUID") \
    ROW(INTEGER,       "integer",       APID_INT,    "a whole number") \
    ROW(DECIMAL,       "decimal",       APID_TEXT,   "a decimal number") \
    ROW(DOUBLE,        "double",        APID_DOUBLE, "a number") \
    ROW(BOOLEAN,       "boolean",       APID_INT,    "true or false") \
    ROW(BIT,           "bit",           APID_UINT,   "a whole number") \
    ROW(DATE,          "date",          APID_TIME,   "a date yyyy-mm-dd") \
    ROW(DATETIME,      "datetime",      APID_TIME,   "a date and time") \
    ROW(TIME,          "time",          APID_TIME,   "a time hh:mm:ss") \
    ROW(YEAR,          "year",          APID_INT,    "a year") \
    ROW(PICKLIST,      "picklist",      APID_TEXT,   "one of its choices") \
    ROW(MULTIPICKLIST, "multipicklist", APID_TEXT,   "some of its choices") \
    ROW(REFERENCE,     "reference",     APID_TEXT,   "the id of a record") \
    ROW(OWNER,         "owner",         APID_TEXT,   "the id of a user") \
    ROW(ID,            "id",            APID_TEXT,   "the id of a record") \
    ROW(JSON,          "json",          APID_TEXT,   "JSON") \
    ROW(BINARY,        "binary",        APID_BYTES,  "base64")
/* clang-format on */

typedef enum apid_type_e {
#define APID_TYPE_ENUM(type, word, cls, help) APID_TYPE_##type,
    APID_TYPE_TABLE(APID_TYPE_ENUM)
#undef APID_TYPE_ENUM
    APID_TYPES
} apid_type_e;

/** What is legal in a field and how it is held. Immutable. */
typedef struct apid_domain_t {
    apid_type_e type;
    apid_class_e cls;    /* as bound: APID_INT, APID_UINT or APID_TEXT for ids
                          * and references after the key's column; else the
                          * type's */
    int nullable;        /* the column takes NULL */
    apr_size_t chars;    /* longest text, in characters; binary: bytes;
                          * 0: no limit */
    int precision;       /* DECIMAL, FLOAT(M,D): digits in all; 0: no limit */
    int scale;           /* of those, digits after the point; date-times:
                          * digits of a second (0 to 6); -1: FLOAT column */
    int bits;            /* INTEGER: 8, 16, 24, 32 or 64; BIT: 1 to 64 */
    int is_unsigned;     /* numbers: below zero is refused */
    int digits;  /* a whole number that its column holds as text */
    int as_text;         /* profile rest writes the number as a string */
    int set;             /* MULTIPICKLIST in a MySQL SET column: joined by
                          * ',' in the column, not by " |##| " */
    const char *const *choices; /* picklists; NULL: any */
    int nchoices;
    const char *prefix;  /* ids: "4x" or NULL */
    const char *min;     /* canonical text of the least value, or NULL */
    const char *max;     /* of the greatest, or NULL */
    const char *pattern; /* POSIX extended expression, or NULL */
    const regex_t *expression; /* compiled from pattern, or NULL */
} apid_domain_t;

/** How date-times are written: "2024-01-31 12:00:00" or
 * "2024-01-31T12:00:00Z" (RFC 3339). */
typedef enum apid_style_e { APID_STYLE_PLAIN, APID_STYLE_RFC3339 } apid_style_e;

#define APID_VALUE_MAX 128 /* bytes that apid_value_format may need */

/** The word of a type, such as "integer"; its describing words. */
const char *apid_type_word(apid_type_e type);
const char *apid_type_help(apid_type_e type);

/** The class a type is bound as unless its column says otherwise. */
apid_class_e apid_type_class(apid_type_e type);

/** The type a word names (case ignored), APID_TYPES if none. */
apid_type_e apid_type_parse(const char *word);

/** Parses what the caller sent against a domain: type, size, choices, range,
 * pattern, prefix of an id. JSON null gives APID_NULL; so does an empty text
 * where the type has no empty value. Date-times with an offset are turned to
 * UTC. The value may borrow from arg; what it needs else lives in pool. Text
 * and bytes end in NUL. Whether the column takes NULL is the caller's concern.
 * INVALID_VALUE or INVALID_ID_ATTRIBUTE with a text such as "must be a whole
 * number" (no field name in it: the caller adds apid_err_field).
 * An array is legal only for MULTIPICKLIST and JSON. */
APID_CHECKED apid_err_t *apid_value_parse(apid_value_t *value,
                                          const apid_domain_t *domain,
                                          const apid_arg_t *arg,
                                          apr_pool_t *pool);

/** As apid_value_parse, for a literal of a document. */
APID_CHECKED apid_err_t *apid_value_parse_text(apid_value_t *value,
                                               const apid_domain_t *domain,
                                               const char *text,
                                               apr_pool_t *pool);

/** Writes a value of any class but APID_NULL, APID_TEXT and APID_BYTES as text
 * without NUL; gives its length, at most APID_VALUE_MAX. FLOAT and DOUBLE are
 * the shortest text that reads back equal. scale (digits of a second) is
 * taken from the domain, which only times need; a fraction of zero digits is
 * not written. A zero date (see apid_value_is_null) is not to be passed. */
apr_size_t apid_value_format(char *buffer, const apid_value_t *value,
                             const apid_domain_t *domain, apid_style_e style);

/** Whether a column's value is NULL for the API: APID_NULL, and dates with a
 * zero year, month or day. */
int apid_value_is_null(const apid_value_t *value);

/** The value as text: text as it is, binary as base64, ids with their prefix,
 * booleans "1" and "0", date-times in style plain, NULL as NULL. Text borrows
 * from value or lives in pool. */
const char *apid_value_text(const apid_value_t *value,
                            const apid_domain_t *domain, apr_pool_t *pool);

/** The argument that a column's value is, as if a caller had sent it: parsed
 * against the same domain it is that value again. What is NULL for the API is
 * JSON null. It borrows from value or lives in pool. */
const apid_arg_t *apid_value_arg(const apid_value_t *value,
                                 const apid_domain_t *domain,
                                 apr_pool_t *pool);

/** Whether two values of one domain are the same to a reader: text by bytes,
 * decimals by number ("1.50" is "1.5"), zero dates as NULL, JSON by what it
 * says, since servers write it in their way. pool is for work. */
int apid_value_equal(const apid_value_t *a, const apid_value_t *b,
                     const apid_domain_t *domain, apr_pool_t *pool);

/** Whether a column may hold `held` because it was given `given`: columns have
 * forms of their own, in which blanks or zeros at the end, the case or the
 * spelling of an address, or digits after the point are not kept. It is quick,
 * and yes where only the column can tell. */
int apid_value_alike(const apid_value_t *held, const apid_value_t *given);

/** A deep copy in pool. */
apid_value_t apid_value_copy(const apid_value_t *value, apr_pool_t *pool);

/** The moment now in UTC as an APID_TIME value: of kind DATE or DATETIME. */
apid_value_t apid_value_now(apid_time_e kind, apr_time_t now);

/** Makers of values for binding. text is borrowed. */
apid_value_t apid_value_of_int(apr_int64_t i);
apid_value_t apid_value_of_uint(apr_uint64_t u);
apid_value_t apid_value_of_text(const char *text);
apid_value_t apid_value_of_bytes(const void *bytes, apr_size_t len);
apid_value_t apid_value_of_null(void);

#endif
