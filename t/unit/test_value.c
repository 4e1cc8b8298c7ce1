/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_value: what each type takes and refuses, and how values are written,
 * compared and copied. A value is shown as its class and its text, an error as
 * its code and text.
 */
#include "apid_value.h"
#include "tap.h"
#include "value_cases.h"

#include <apr_general.h>
#include <apr_strings.h>
#include <float.h>
#include <math.h>

typedef struct format_t {
    apid_value_t value;
    const apid_domain_t *domain;
    apid_style_e style;
    const char *want;
} format_t;

typedef struct pair_t {
    const apid_domain_t *domain;
    const char *a, *b;
    int equal;
} pair_t;

/* clang-format off */
#define INT(n) {.cls = APID_INT, .u.i = n}
#define UINT(n) {.cls = APID_UINT, .u.u = n}
#define DOUBLE(n) {.cls = APID_DOUBLE, .u.d = n}
#define FLOAT(n) {.cls = APID_FLOAT, .u.d = n}
#define TIME(...) {.cls = APID_TIME, .u.t = {__VA_ARGS__}}
#define PLAIN APID_STYLE_PLAIN
#define RFC APID_STYLE_RFC3339

static const format_t formats[] = {
    {INT(0), &int64, PLAIN, "0"},
    {INT(9), &int64, PLAIN, "9"},
    {INT(10), &int64, PLAIN, "10"},
    {INT(-99), &int64, PLAIN, "-99"},
    {INT(100), &int64, PLAIN, "100"},
    {INT(1234567), &int64, PLAIN, "1234567"},
    {INT(APR_INT64_MAX), &int64, PLAIN, "9223372036854775807"},
    {INT(APR_INT64_MIN), &int64, PLAIN, "-9223372036854775808"},
    {UINT(APR_UINT64_MAX), &uint64, PLAIN, "18446744073709551615"},
    {DOUBLE(0), &number, PLAIN, "0"},
    {DOUBLE(-1.5), &number, PLAIN, "-1.5"},
    {DOUBLE(0.1), &number, PLAIN, "0.1"},
    {DOUBLE(0.1 + 0.2), &number, PLAIN, "0.30000000000000004"},
    {DOUBLE(100), &number, PLAIN, "100"},
    {DOUBLE(1234.05), &number, PLAIN, "1234.05"},
    {DOUBLE(52.520006599988), &number, PLAIN, "52.520006599988"},
    {DOUBLE(0.000123456789012345), &number, PLAIN, "0.000123456789012345"},
    {DOUBLE(-0.0), &number, PLAIN, "0"},
    {DOUBLE(1e-4), &number, PLAIN, "0.0001"},
    {DOUBLE(1e-5), &number, PLAIN, "1e-05"},
    {DOUBLE(0.00012), &number, PLAIN, "0.00012"},
    {DOUBLE(1e15), &number, PLAIN, "1e+15"},
    {DOUBLE(123456789012345.0), &number, PLAIN, "123456789012345"},
    {DOUBLE(12345678901234.56), &number, PLAIN, "12345678901234.56"},
    {DOUBLE(1.0 / 3), &number, PLAIN, "0.3333333333333333"},
    {DOUBLE(DBL_MAX), &number, PLAIN, "1.7976931348623157e+308"},
    {DOUBLE(-DBL_MIN), &number, PLAIN, "-2.2250738585072014e-308"},
    {DOUBLE(5e-324), &number, PLAIN, "4.9406564584125e-324"},
    {FLOAT(0.1f), &single, PLAIN, "0.1"},
    {FLOAT(-2.25f), &single, PLAIN, "-2.25"},
    {FLOAT(1e-5f), &single, PLAIN, "1e-05"},
    {FLOAT(1e30f), &single, PLAIN, "1e+30"},
    {FLOAT(16777216.0f), &single, PLAIN, "16777216"},
    {FLOAT(1.0f / 3), &single, PLAIN, "0.33333334"},
    {FLOAT(FLT_MAX), &single, PLAIN, "3.4028235e+38"},
    {TIME(.year = 2024, .month = 1, .day = 31), &date, RFC, "2024-01-31"},
    {TIME(APID_TIME_DATETIME, 0, 2024, 1, 31, 1, 2, 3, 40), &moment, PLAIN,
     "2024-01-31 01:02:03"},
    {TIME(APID_TIME_DATETIME, 0, 2024, 1, 31, 1, 2, 3, 40), &moment, RFC,
     "2024-01-31T01:02:03Z"},
    {TIME(APID_TIME_DATETIME, 0, 2024, 1, 31, 1, 2, 3, 40), &moment6, RFC,
     "2024-01-31T01:02:03.000040Z"},
    {TIME(APID_TIME_DATETIME, 0, 999, 1, 31, 1, 2, 3, 500000), &moment1,
     PLAIN, "0999-01-31 01:02:03.5"},
    {TIME(APID_TIME_CLOCK, 1, 0, 0, 0, 838, 59, 59, 0), &hours, RFC,
     "-838:59:59"}
};

static const pair_t pairs[] = {
    {&money,  "1.50",    "1.5",     1},
    {&money,  "1.50",    "1.51",    0},
    {&money,  "-1",      "1",       0},
    {&money,  "0.00",    "0",       1},
    {&money,  "10",      "9",       0},
    {&int64,  "5",       "5",       1},
    {&int64,  "5",       "6",       0},
    {&int64,  "-5",      "5",       0},
    {&int64,  "5",       "",        0},
    {&int64,  "",        "",        1},
    {&string, "a",       "A",       0},
    {&string, "a",       "a",       1},
    {&string, "a",       "a ",      0},
    {&string, "",        "",        1},
    {&number, "0.1",     "1e-1",    1},
    {&number, "0.1",     "0.2",     0},
    {&number, "0.1",     "0.10000000001", 0},
    {&int64,  "0",       "0",       1},
    {&date,   "2024-01-01", "2024-01-01", 1},
    {&date,   "2024-01-01", "2024-01-02", 0},
    {&moment, "2024-01-01 01:00:00", "2024-01-01T02:00:00+01:00", 1},
    {&hours,  "-01:00:00", "01:00:00", 0},
    {&json,   "[1]",     "[1 ]",    1},
    {&json,   "[1,2]",   "[2,1]",   0},
    {&json,   "[1]",     "[1,2]",   0},
    {&json,   "[1,2]",   "[1]",     0},
    {&json,   "1.50",    "15e-1",   1},
    {&json,   "12345678901234567890", "12345678901234567891", 0},
    {&json,   "1",       "\"1\"",   0},
    {&json,   "true",    "false",   0},
    {&json,   "\"\\u00e9\"", "\"\xc3\xa9\"", 1},
    {&json,   "\"a\"",   "\"A\"",   0},
    {&json,   "{\"a\":1,\"bb\":[{}]}", "{\"bb\": [ {} ], \"a\": 1.0}", 1},
    {&json,   "{\"a\":1}", "{\"b\":1}", 0},
    {&json,   "{\"a\":1}", "{\"a\":2}", 0},
    {&json,   "{\"a\":1}", "{\"a\":1,\"b\":1}", 0},
    {&json,   "{}",      "[]",      0},
    {&binary, "AAA=",    "AAA=",    1},
    {&binary, "AAA=",    "AAE=",    0}
};
/* clang-format on */

static apr_pool_t *pool;

static const char *write_hex(const apid_value_t *value)
{
    char *hex = apr_pcalloc(pool, value->len * 2 + 1);

    for (apr_size_t i = 0; i < value->len; i++) {
        snprintf(hex + 2 * i, 3, "%02x", (unsigned char)value->text[i]);
    }
    return hex;
}

static const char *describe(const apid_value_t *value,
                            const apid_domain_t *domain)
{
    static const char *const classes[] = {
        "NULL", "INT", "UINT", "FLOAT", "DOUBLE", "TEXT", "BYTES", "TIME"};
    char buffer[APID_VALUE_MAX];
    const char *shown = buffer;

    if (value->cls == APID_NULL) {
        return "NULL";
    }
    if (value->cls == APID_TEXT) {
        shown = apr_pstrmemdup(pool, value->text, value->len);
    }
    else if (value->cls == APID_BYTES) {
        shown = write_hex(value);
    }
    else {
        buffer[apid_value_format(buffer, value, domain, PLAIN)] = '\0';
    }
    return apr_psprintf(pool, "%s %s", classes[value->cls], shown);
}

/* What was sent, fit for the name of a test. */
static const char *show(const char *sent)
{
    char *shown = apr_pstrdup(pool, sent);

    for (char *at = shown; *at; at++) {
        if (*at < ' ' || *at == '#' || *at == '\\') {
            *at = '.';
        }
    }
    return shown;
}

static const char *run_parse(apid_value_t *value, const parse_t *row)
{
    apid_err_t *err;

    if (row->from == JSON) {
        apid_arg_t *arg;
        err = apid_arg_parse_json(&arg, row->sent, strlen(row->sent), pool);
        if (!err) {
            err = apid_value_parse(value, row->domain, arg, pool);
        }
    }
    else {
        err = apid_value_parse_text(value, row->domain, row->sent, pool);
    }
    if (err) {
        return apr_psprintf(pool, "%s: %s", apid_err_code(err->kind),
                            err->text);
    }
    return describe(value, row->domain);
}

static void test_parses(void)
{
    regex_t expression;
    apid_value_t value;

    regcomp(&expression, code.pattern, REG_EXTENDED | REG_NOSUB);
    code.expression = &expression;
    for (size_t i = 0; i < sizeof parses / sizeof *parses; i++) {
        const parse_t *row = parses + i;
        const char *type = apid_type_word(row->domain->type);
        is(run_parse(&value, row), row->want,
           apr_psprintf(pool, "%s, %s: '%s'", type,
                        row->from == JSON ? "JSON" : "text",
                        show(row->sent)));
    }
    regfree(&expression);
}

static void test_form_lists(void)
{
    apid_arg_t items[] = {
        {.kind = APID_ARG_TEXT, .text = "Red", .len = 3, .form = 1},
        {.kind = APID_ARG_TEXT, .text = "a\"b", .len = 3, .form = 1}};
    items[0].next = items + 1;
    apid_arg_t list = {
        .kind = APID_ARG_ARRAY, .items = items, .nitems = 2, .form = 1};
    apid_value_t value;

    ok(!apid_value_parse(&value, &json, &list, pool), "repeated keys as JSON");
    is(value.text, "[\"Red\",\"a\\\"b\"]", "are an array of texts");
    list.nitems = 1;
    items[0].next = NULL;
    ok(!apid_value_parse(&value, &multi, &list, pool), "one of repeated keys");
    is(value.text, "Red", "is one choice");
}

static void test_formats(void)
{
    char buffer[APID_VALUE_MAX];

    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        const format_t *row = formats + i;
        apr_size_t len = apid_value_format(buffer, &row->value, row->domain,
                                           row->style);
        buffer[len] = '\0';
        is(buffer, row->want, apr_pstrcat(pool, "written as ", row->want,
                                          NULL));
    }
}

/* Doubles of random bits, and of few digits: each reads back equal. */
static void test_round_trips(void)
{
    char buffer[APID_VALUE_MAX];
    apr_uint64_t state = 88172645463325252u;
    int bad = 0;

    for (int i = 0; i < 20000; i++) {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        apid_value_t value = {.cls = APID_DOUBLE};
        memcpy(&value.u.d, &state, sizeof value.u.d);
        if (i % 2) {
            value.u.d = (double)(apr_int64_t)(state % 2000000000) / 1e4;
        }
        if (!isfinite(value.u.d)) {
            continue;
        }
        buffer[apid_value_format(buffer, &value, &number, PLAIN)] = '\0';
        bad += strtod(buffer, NULL) != value.u.d;
    }
    is_int(bad, 0, "20,000 doubles read back equal");
}

static void test_equal(void)
{
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        const pair_t *row = pairs + i;
        apid_value_t a, b;
        run_parse(&a, &(parse_t){row->domain, FORM, row->a, NULL});
        run_parse(&b, &(parse_t){row->domain, FORM, row->b, NULL});
        is_int(apid_value_equal(&a, &b, row->domain, pool), row->equal,
               apr_psprintf(pool, "%s: '%s' and '%s'",
                            apid_type_word(row->domain->type), row->a,
                            row->b));
    }
}

static void test_equal_held(void)
{
    apid_value_t two = apid_value_of_int(2), one = apid_value_of_int(1);
    apid_value_t large = apid_value_of_uint(APR_UINT64_MAX);
    apid_value_t minus = apid_value_of_int(-1), same = apid_value_of_uint(1);
    apid_value_t zero = {.cls = APID_TIME}, null = apid_value_of_null();
    apid_value_t near = {.cls = APID_FLOAT, .u.d = 0.1};

    is_int(apid_value_equal(&two, &one, &flag, pool), 1,
           "2 and 1 are both true");
    is_int(apid_value_equal(&two, &one, &int8, pool), 0,
           "2 and 1 are no number");
    is_int(apid_value_equal(&one, &same, &int8, pool), 1, "1 and unsigned 1");
    is_int(apid_value_equal(&large, &minus, &int64, pool), 0,
           "-1 is not 2^64-1");
    is_int(apid_value_equal(&zero, &null, &date, pool), 1,
           "a zero date is NULL");
    zero.u.t.year = 2024;
    is_int(apid_value_equal(&zero, &null, &date, pool), 1, "so is 2024-00-00");
    apid_value_t single_near = {.cls = APID_FLOAT, .u.d = (double)0.1f};
    is_int(apid_value_equal(&near, &single_near, &single, pool), 1,
           "0.1 as float and as double in a FLOAT column");
}

/* A key twice: only the same bytes are the same. */
static void test_equal_odd(void)
{
    apid_value_t odd = apid_value_of_text("{\"a\":1,\"a\":2}");
    apid_value_t spaced = apid_value_of_text("{\"a\":1, \"a\":2}");

    is_int(apid_value_equal(&odd, &odd, &json, pool), 1, "odd as it is");
    is_int(apid_value_equal(&odd, &spaced, &json, pool), 0, "odd otherwise");
    is_int(apid_value_equal(&spaced, &odd, &json, pool), 0, "and back");
}

static void test_null(void)
{
    apid_value_t value = {.cls = APID_TIME};

    ok(apid_value_is_null(&value), "0000-00-00 is NULL");
    value.u.t = (apid_time_t){.year = 2024, .month = 2};
    ok(apid_value_is_null(&value), "2024-02-00 is NULL");
    value.u.t.day = 1;
    ok(!apid_value_is_null(&value), "2024-02-01 is not");
    value.u.t = (apid_time_t){.kind = APID_TIME_CLOCK};
    ok(!apid_value_is_null(&value), "00:00:00 is not");
    value = apid_value_of_null();
    ok(apid_value_is_null(&value), "NULL is");
    value = apid_value_of_text("");
    ok(!apid_value_is_null(&value), "an empty text is not");
}

static void test_text(void)
{
    apid_value_t value = apid_value_of_int(2063);

    is(apid_value_text(&value, &id, pool), "4x2063", "an id has its prefix");
    is(apid_value_text(&value, &int64, pool), "2063", "a number has none");
    is(apid_value_text(&value, &flag, pool), "1", "a boolean is 1");
    value = apid_value_of_int(0);
    is(apid_value_text(&value, &flag, pool), "0", "or 0");
    value = apid_value_of_null();
    is(apid_value_text(&value, &id, pool), NULL, "NULL stays NULL");
    value = apid_value_of_text("é");
    is(apid_value_text(&value, &string, pool), "é", "text is as it is");
    value.len = 0;
    is(apid_value_text(&value, &string, pool), "", "to its length");
    value = apid_value_now(APID_TIME_DATETIME, 1706704496123456);
    is(apid_value_text(&value, &moment6, pool), "2024-01-31 12:34:56.123456",
       "now, in UTC");
    value = apid_value_now(APID_TIME_DATE, 1706704496123456);
    is(apid_value_text(&value, &date, pool), "2024-01-31", "today");
    is_int(value.u.t.hour, 0, "which has no hour");
}

/* What a column held, as an argument and a value again. */
static void test_arg(void)
{
    static const apid_domain_t days = {.type = APID_TYPE_MULTIPICKLIST,
                                       .cls = APID_TEXT, .set = 1};
    static const apid_domain_t bytes = {.type = APID_TYPE_BINARY,
                                        .cls = APID_BYTES};
    static const apid_domain_t doc = {.type = APID_TYPE_JSON,
                                      .cls = APID_TEXT};
    const struct {
        const apid_domain_t *domain;
        apid_value_t value;
    } cases[] = {{&bytes, apid_value_of_bytes("\0\xff", 2)},
                 {&bytes, apid_value_of_bytes("abcd", 4)},
                 {&doc, apid_value_of_text("{\"a\":1,\"a\":2}")},
                 {&doc, apid_value_of_text("null")},
                 {&string, {.cls = APID_TEXT, .text = "x\0y", .len = 3}},
                 {&days, apid_value_of_text("mon,wed")},
                 {&id, apid_value_of_int(2063)},
                 {&decimal, apid_value_of_text("1.50")},
                 {&moment6, apid_value_now(APID_TIME_DATETIME,
                                           1706704496123456)},
                 {&string, apid_value_of_null()}};
    apid_value_t back;
    size_t i;

    for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        const apid_value_t *value = &cases[i].value;
        apid_err_t *err = apid_value_parse(
            &back, cases[i].domain,
            apid_value_arg(value, cases[i].domain, pool), pool);

        ok(!err && back.cls == value->cls
               && apid_value_equal(&back, value, cases[i].domain, pool),
           apid_type_word(cases[i].domain->type));
    }
    is(apid_value_text(&cases[0].value, &bytes, pool), "AP8=",
       "bytes are base64");
}

static void test_alike(void)
{
    static const struct {
        apid_value_t held, given;
        int alike;
    } cases[] = {
#define TEXT(s) {.cls = APID_TEXT, .text = s, .len = sizeof(s) - 1}
#define BYTES(s) {.cls = APID_BYTES, .text = s, .len = sizeof(s) - 1}
        {TEXT("aa"), TEXT("aa  "), 1},
        {TEXT("aa"), TEXT("AA"), 1},
        {TEXT("aa"), TEXT(" aa"), 0},
        {TEXT("aa"), TEXT("aab"), 0},
        {TEXT(""), TEXT("  "), 1},
        {TEXT("::1"), TEXT("0::1"), 1},
        {TEXT("12:30"), TEXT("12 30"), 0},
        {TEXT("aa"), TEXT("ab"), 0},
        {BYTES("\0\1\0\0"), BYTES("\0\1"), 1},
        {BYTES("\0\1\0\2"), BYTES("\0\1"), 0},
        {BYTES("\0\1"), BYTES("\0\1\0"), 0},
        {BYTES("\0\1"), {.cls = APID_NULL}, 0},
        {FLOAT((double)1.24f), FLOAT((double)1.239f), 1},
        {DOUBLE(5), DOUBLE(5.004), 1},
        {DOUBLE(-1.5), DOUBLE(-1.45), 1},
        {DOUBLE(0.1), DOUBLE(0.2), 0},
        {DOUBLE(7), DOUBLE(8), 0},
        {INT(1), INT(2), 0},
        {{.cls = APID_NULL}, TEXT(""), 0}};
    size_t i;

    for (i = 0; i < sizeof(cases) / sizeof(*cases); i++)
        is_int(apid_value_alike(&cases[i].held, &cases[i].given),
               cases[i].alike, apr_psprintf(pool, "alike %d", (int)i));
}

static void test_copy(void)
{
    char bytes[] = "ab\0c";
    apid_value_t value = apid_value_of_bytes(bytes, 4);
    apid_value_t copy = apid_value_copy(&value, pool);

    bytes[0] = 'x';
    is_int(copy.len, 4, "a copy has all bytes");
    is_int(memcmp(copy.text, "ab\0c", 4), 0, "of its own");
}

static void test_types(void)
{
    is(apid_type_word(APID_TYPE_MULTIPICKLIST), "multipicklist", "a word");
    is_int(apid_type_parse("DateTime"), APID_TYPE_DATETIME, "its type");
    is_int(apid_type_parse("date-time"), APID_TYPES, "no type");
    is_int(apid_type_class(APID_TYPE_DECIMAL), APID_TEXT, "its class");
}

int main(void)
{
    apr_initialize();
    apr_pool_create(&pool, NULL);
    test_types();
    test_parses();
    test_form_lists();
    test_formats();
    test_round_trips();
    test_equal();
    test_equal_held();
    test_equal_odd();
    test_null();
    test_text();
    test_arg();
    test_alike();
    test_copy();
    apr_pool_destroy(pool);
    apr_terminate();
    return tap_done();
}
