/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apid_value: what each type is, the way of an argument to a value, and
 * values among themselves. How one type reads and writes is left to the
 * other files of apid_value. A value that was parsed is legal in its column.
 */
#include "apid_value_parts.h"

#include <apr_encode.h>
#include <apr_strings.h>
#include <string.h>

typedef enum empty_e {
    EMPTY_IS_TEXT,
    EMPTY_IS_NULL,
    EMPTY_FORM_IS_NULL /* JSON has "", an empty input of a form means none */
} empty_e;

typedef struct row_t {
    const char *word;
    apid_class_e cls;
    const char *help;
} row_t;

typedef struct reader_t {
    apid_value_parser_t *parse;
    empty_e empty;
    int lists; /* takes arrays */
} reader_t;

static const row_t rows[] = {
#define ROW(type, word, cls, help) {word, cls, help},
    APID_TYPE_TABLE(ROW)
#undef ROW
};

/* clang-format off */
static const reader_t readers[APID_TYPES] = {
    [APID_TYPE_STRING]    = {apid_value_parse_plain,     EMPTY_IS_TEXT, 0},
    [APID_TYPE_TEXT]      = {apid_value_parse_plain,     EMPTY_IS_TEXT, 0},
    [APID_TYPE_EMAIL]     = {apid_value_parse_email,     EMPTY_IS_TEXT, 0},
    [APID_TYPE_URL]       = {apid_value_parse_url,       EMPTY_IS_TEXT, 0},
    [APID_TYPE_PHONE]     = {apid_value_parse_phone,     EMPTY_IS_TEXT, 0},
    [APID_TYPE_UUID]      = {apid_value_parse_uuid,      EMPTY_IS_NULL, 0},
    [APID_TYPE_INTEGER]   = {apid_value_parse_integer,   EMPTY_IS_NULL, 0},
    [APID_TYPE_DECIMAL]   = {apid_value_parse_decimal,   EMPTY_IS_NULL, 0},
    [APID_TYPE_DOUBLE]    = {apid_value_parse_double,    EMPTY_IS_NULL, 0},
    [APID_TYPE_BOOLEAN]   = {apid_value_parse_boolean,   EMPTY_IS_NULL, 0},
    [APID_TYPE_BIT]       = {apid_value_parse_bit,       EMPTY_IS_NULL, 0},
    [APID_TYPE_DATE]      = {apid_value_parse_date,      EMPTY_IS_NULL, 0},
    [APID_TYPE_DATETIME]  = {apid_value_parse_datetime,  EMPTY_IS_NULL, 0},
    [APID_TYPE_TIME]      = {apid_value_parse_clock,     EMPTY_IS_NULL, 0},
    [APID_TYPE_YEAR]      = {apid_value_parse_year,      EMPTY_IS_NULL, 0},
    [APID_TYPE_PICKLIST]  = {apid_value_parse_picklist,  EMPTY_IS_TEXT, 0},
    [APID_TYPE_MULTIPICKLIST]
                          = {apid_value_parse_multipicklist,
                                                         EMPTY_IS_TEXT, 1},
    [APID_TYPE_REFERENCE] = {apid_value_parse_id,        EMPTY_IS_NULL, 0},
    [APID_TYPE_OWNER]     = {apid_value_parse_id,        EMPTY_IS_NULL, 0},
    [APID_TYPE_ID]        = {apid_value_parse_id,        EMPTY_IS_NULL, 0},
    [APID_TYPE_JSON]      = {apid_value_parse_json, EMPTY_FORM_IS_NULL, 1},
    [APID_TYPE_BINARY]    = {apid_value_parse_binary,    EMPTY_IS_TEXT, 0}
};
/* clang-format on */

static int is_id(const apid_domain_t *domain)
{
    return domain->type == APID_TYPE_ID || domain->type == APID_TYPE_OWNER
           || domain->type == APID_TYPE_REFERENCE;
}

static int is_text(const apid_value_t *value)
{
    return value->cls == APID_TEXT || value->cls == APID_BYTES;
}

static int means_null(const reader_t *reader, const apid_arg_t *arg)
{
    if (arg->kind == APID_ARG_NULL) {
        return 1;
    }
    if (arg->kind != APID_ARG_TEXT || arg->len > 0) {
        return 0;
    }
    return reader->empty == EMPTY_IS_NULL
           || (reader->empty == EMPTY_FORM_IS_NULL && arg->form);
}

static apid_err_t *check_kind(const apid_domain_t *domain,
                              const apid_arg_t *arg, apr_pool_t *pool)
{
    const reader_t *reader = readers + domain->type;
    int array = arg->kind == APID_ARG_ARRAY;

    if ((array && !reader->lists)
        || (arg->kind == APID_ARG_OBJECT && domain->type != APID_TYPE_JSON)) {
        return apid_err_raise(pool, APID_ERR_INVALID_VALUE,
                              "must be %s, not an %s",
                              apid_type_help(domain->type),
                              array ? "array" : "object");
    }
    return NULL;
}

static int order(apr_int64_t a, apr_int64_t b)
{
    return (a > b) - (a < b);
}

static int compare_integers(const apid_value_t *a, const apid_value_t *b)
{
    int below_a = a->cls == APID_INT && a->u.i < 0;
    int below_b = b->cls == APID_INT && b->u.i < 0;

    if (below_a || below_b) {
        return below_a && below_b ? order(a->u.i, b->u.i) : below_b - below_a;
    }
    return (a->u.u > b->u.u) - (a->u.u < b->u.u);
}

static int compare_reals(const apid_value_t *a, const apid_value_t *b)
{
    if (a->cls == APID_FLOAT || b->cls == APID_FLOAT) {
        float x = (float)a->u.d, y = (float)b->u.d;
        return (x > y) - (x < y);
    }
    return (a->u.d > b->u.d) - (a->u.d < b->u.d);
}

static int compare_bytes(const apid_value_t *a, const apid_value_t *b)
{
    apr_size_t shorter = a->len < b->len ? a->len : b->len;
    int difference = shorter ? memcmp(a->text, b->text, shorter) : 0;

    return difference ? difference : (a->len > b->len) - (a->len < b->len);
}

static int is_real(const apid_value_t *value)
{
    return value->cls == APID_FLOAT || value->cls == APID_DOUBLE;
}

/* Whether long bytes are the short ones and zeros. */
static int is_padded(const apid_value_t *lengthy, const apid_value_t *brief)
{
    apr_size_t n = brief->len;

    if (lengthy->len < n || memcmp(lengthy->text, brief->text, n) != 0) {
        return 0;
    }
    while (n < lengthy->len && lengthy->text[n] == '\0') {
        n++;
    }
    return n == lengthy->len;
}

/* Both are of the domain and not NULL. */
static int compare(const apid_value_t *a, const apid_value_t *b,
                   const apid_domain_t *domain)
{
    switch (a->cls) {
    case APID_INT:
    case APID_UINT:
        if (domain->type == APID_TYPE_BOOLEAN) {
            return !!a->u.u - !!b->u.u;
        }
        return compare_integers(a, b);
    case APID_FLOAT:
    case APID_DOUBLE:
        return compare_reals(a, b);
    case APID_TIME:
        return order(apid_value_order_time(&a->u.t),
                     apid_value_order_time(&b->u.t));
    default:
        if (domain->type == APID_TYPE_DECIMAL) {
            return apid_value_compare_decimal(a, b);
        }
        return compare_bytes(a, b);
    }
}

/* Whether value is beyond a bound, on the side of sign. */
static apid_err_t *measure(int *beyond, const apid_value_t *value,
                           const apid_domain_t *domain, int sign,
                           apr_pool_t *pool)
{
    const char *text = sign < 0 ? domain->min : domain->max;

    *beyond = 0;
    if (!text) {
        return NULL;
    }
    apid_arg_t arg = {.kind = APID_ARG_TEXT, .text = text, .form = 1};
    arg.len = strlen(text);
    apid_value_t bound;
    apid_err_t *err = readers[domain->type].parse(&bound, domain, &arg, pool);
    if (!err) {
        *beyond = sign * compare(value, &bound, domain) > 0;
    }
    return err;
}

static apid_err_t *check_range(const apid_value_t *value,
                               const apid_domain_t *domain, apr_pool_t *pool)
{
    const char *min = domain->min, *max = domain->max;
    int below, above;
    apid_err_t *err = measure(&below, value, domain, -1, pool);

    if (!err) {
        err = measure(&above, value, domain, 1, pool);
    }
    if (err || (!below && !above)) {
        return err;
    }
    if (min && max) {
        return apid_err_raise(pool, APID_ERR_INVALID_VALUE,
                              "must be between %s and %s", min, max);
    }
    return apid_err_raise(pool, APID_ERR_INVALID_VALUE, "must be at %s %s",
                          min ? "least" : "most", min ? min : max);
}

static apid_err_t *check_pattern(const apid_value_t *value,
                                 const apid_domain_t *domain,
                                 apr_pool_t *pool)
{
    if (value->cls != APID_TEXT || value->len == 0
        || regexec(domain->expression, value->text, 0, NULL, 0) == 0) {
        return NULL;
    }
    return apid_err_raise(pool, APID_ERR_INVALID_VALUE,
                          "must match the pattern %s", domain->pattern);
}

const char *apid_type_word(apid_type_e type)
{
    return rows[type].word;
}

const char *apid_type_help(apid_type_e type)
{
    return rows[type].help;
}

apid_class_e apid_type_class(apid_type_e type)
{
    return rows[type].cls;
}

apid_type_e apid_type_parse(const char *word)
{
    int type = 0;

    while (type < APID_TYPES && strcasecmp(rows[type].word, word) != 0) {
        type++;
    }
    return (apid_type_e)type;
}

apid_err_t *apid_value_parse(apid_value_t *value, const apid_domain_t *domain,
                             const apid_arg_t *arg, apr_pool_t *pool)
{
    const reader_t *reader = readers + domain->type;

    *value = apid_value_of_null();
    if (means_null(reader, arg)) {
        return NULL;
    }
    apid_err_t *err = check_kind(domain, arg, pool);
    if (!err) {
        err = reader->parse(value, domain, arg, pool);
    }
    if (!err && (domain->min || domain->max) && value->cls != APID_NULL) {
        err = check_range(value, domain, pool);
    }
    if (!err && domain->expression) {
        err = check_pattern(value, domain, pool);
    }
    return err;
}

apid_err_t *apid_value_parse_text(apid_value_t *value,
                                  const apid_domain_t *domain,
                                  const char *text, apr_pool_t *pool)
{
    apid_arg_t arg = {.kind = APID_ARG_TEXT, .text = text, .form = 1};

    arg.len = strlen(text);
    return apid_value_parse(value, domain, &arg, pool);
}

apr_size_t apid_value_format(char *buffer, const apid_value_t *value,
                             const apid_domain_t *domain, apid_style_e style)
{
    switch (value->cls) {
    case APID_INT:
        return apid_value_format_int(buffer, value->u.i);
    case APID_UINT:
        return apid_value_format_uint(buffer, value->u.u);
    case APID_FLOAT:
    case APID_DOUBLE:
        return apid_value_format_real(buffer, value->u.d, value->cls);
    case APID_TIME:
        return apid_value_format_time(buffer, &value->u.t, domain->scale,
                                      style);
    default:
        return 0;
    }
}

int apid_value_is_null(const apid_value_t *value)
{
    if (value->cls != APID_TIME) {
        return value->cls == APID_NULL;
    }
    const apid_time_t *t = &value->u.t;
    return t->kind != APID_TIME_CLOCK && (!t->year || !t->month || !t->day);
}

const char *apid_value_text(const apid_value_t *value,
                            const apid_domain_t *domain, apr_pool_t *pool)
{
    char buffer[APID_VALUE_MAX];
    const char *prefix = is_id(domain) ? domain->prefix : NULL;
    const char *text = buffer;
    apr_size_t len;

    if (apid_value_is_null(value)) {
        return NULL;
    }
    if (value->cls == APID_BYTES && domain->type == APID_TYPE_BINARY) {
        return apr_pencode_base64_binary(
            pool, (const unsigned char *)value->text,
            (apr_ssize_t)value->len, APR_ENCODE_NONE, NULL);
    }
    if (is_text(value)) {
        text = value->text;
        len = value->len;
    }
    else if (domain->type == APID_TYPE_BOOLEAN) {
        return value->u.u ? "1" : "0";
    }
    else {
        len = apid_value_format(buffer, value, domain, APID_STYLE_PLAIN);
    }
    text = apr_pstrmemdup(pool, text, len);
    return prefix ? apr_pstrcat(pool, prefix, text, NULL) : text;
}

const apid_arg_t *apid_value_arg(const apid_value_t *value,
                                 const apid_domain_t *domain,
                                 apr_pool_t *pool)
{
    static const apid_arg_t null
        = {.kind = APID_ARG_NULL, .text = "null", .len = 4};
    apid_arg_t *arg = apr_pcalloc(pool, sizeof(*arg));

    if (apid_value_is_null(value)) {
        return &null;
    }
    arg->kind = APID_ARG_TEXT;
    arg->json = domain->type == APID_TYPE_JSON;
    if (is_text(value) && domain->type != APID_TYPE_BINARY
        && !domain->prefix) { /* U+0000 is no end of it */
        arg->text = value->text;
        arg->len = value->len;
    }
    else {
        arg->text = apid_value_text(value, domain, pool);
        arg->len = strlen(arg->text);
    }
    if (domain->set) {
        apid_value_join_set(arg, pool);
    }
    return arg;
}

int apid_value_equal(const apid_value_t *a, const apid_value_t *b,
                     const apid_domain_t *domain, apr_pool_t *pool)
{
    int null_a = apid_value_is_null(a), null_b = apid_value_is_null(b);

    if (null_a || null_b) {
        return null_a && null_b;
    }
    return compare(a, b, domain) == 0
        || (domain->type == APID_TYPE_JSON && apid_value_same_json(a, b, pool));
}

int apid_value_alike(const apid_value_t *held, const apid_value_t *given)
{
    switch (held->cls) {
    case APID_FLOAT:
    case APID_DOUBLE:
        return is_real(given) && apid_value_rounds(held->u.d, given->u.d);
    case APID_BYTES:
        return is_text(given) && is_padded(held, given);
    case APID_TEXT:
        return is_text(given) && apid_value_spelled_alike(held, given);
    default:
        return 0;
    }
}

apid_value_t apid_value_copy(const apid_value_t *value, apr_pool_t *pool)
{
    apid_value_t copy = *value;

    if (is_text(value)) {
        copy.text = apr_pstrmemdup(pool, value->text, value->len);
    }
    return copy;
}

apid_value_t apid_value_of_int(apr_int64_t i)
{
    return (apid_value_t){.cls = APID_INT, .u.i = i};
}

apid_value_t apid_value_of_uint(apr_uint64_t u)
{
    return (apid_value_t){.cls = APID_UINT, .u.u = u};
}

apid_value_t apid_value_of_text(const char *text)
{
    return (apid_value_t){
        .cls = APID_TEXT, .text = text, .len = strlen(text)};
}

apid_value_t apid_value_of_bytes(const void *bytes, apr_size_t len)
{
    return (apid_value_t){.cls = APID_BYTES, .text = bytes, .len = len};
}

apid_value_t apid_value_of_null(void)
{
    return (apid_value_t){.cls = APID_NULL};
}
