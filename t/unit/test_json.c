/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_json: what the writer writes for each kind of value, what it makes of
 * bytes that are no text, and when it passes blocks on.
 */
#include "apid_json.h"
#include "tap.h"

#include <apr_encode.h>
#include <apr_general.h>
#include <apr_strings.h>

#define MAX_SEEN 64
#define KIB 1024

typedef struct text_t {
    const char *name, *text;
    apr_size_t len;
    const char *want;
} text_t;

/* What a flush saw. */
typedef struct flushes_t {
    int count;
    apr_off_t first, total;
    const apr_bucket *seen[MAX_SEEN]; /* different addresses of buckets */
    int nseen;
    apr_status_t status;
} flushes_t;

static apr_pool_t *pool;
static apr_bucket_brigade *brigade;

/* clang-format off */
#define TEXT(name, text, want) {name, text, sizeof(text) - 1, want}
#define FFFD "\xEF\xBF\xBD"

static const text_t texts[] = {
    TEXT("empty",            "",                    "\"\""),
    TEXT("plain",            "a/b'c d",             "\"a/b'c d\""),
    TEXT("quote",            "a\"b",                "\"a\\\"b\""),
    TEXT("backslash",        "a\\b",                "\"a\\\\b\""),
    TEXT("short escapes",    "\b\t\n\f\r",          "\"\\b\\t\\n\\f\\r\""),
    TEXT("control",          "\x01\x1f",            "\"\\u0001\\u001f\""),
    TEXT("NUL",              "a\0b",                "\"a\\u0000b\""),
    TEXT("DEL is plain",     "\x7f",                "\"\x7f\""),
    TEXT("8 plain",          "12345678",            "\"12345678\""),
    TEXT("special at 8",     "1234567\"",           "\"1234567\\\"\""),
    TEXT("special at 9",     "12345678\"",          "\"12345678\\\"\""),
    TEXT("special at 1 of 16", "\n123456789012345", "\"\\n123456789012345\""),
    TEXT("nothing but",      "\"\"\"\"\"\"\"\"\"",
         "\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\""),
    TEXT("'!' after '\"'",   "\"!\"!\"!\"!",        "\"\\\"!\\\"!\\\"!\\\"!\""),
    TEXT("']' after '\\'",   "\\]\\]\\]\\]", "\"\\\\]\\\\]\\\\]\\\\]\""),
    TEXT("' ' after control", "\x1f \x1f \x1f \x1f ",
         "\"\\u001f \\u001f \\u001f \\u001f \""),
    TEXT("2 bytes",          "\xC2\x80\xDF\xBF",    "\"\xC2\x80\xDF\xBF\""),
    TEXT("3 bytes",          "\xE0\xA0\x80\xEF\xBF\xBF",
         "\"\xE0\xA0\x80\xEF\xBF\xBF\""),
    TEXT("4 bytes",          "\xF0\x90\x80\x80\xF4\x8F\xBF\xBF",
         "\"\xF0\x90\x80\x80\xF4\x8F\xBF\xBF\""),
    TEXT("around surrogates", "\xED\x9F\xBF\xEE\x80\x80",
         "\"\xED\x9F\xBF\xEE\x80\x80\""),
    TEXT("U+2028 is plain",  "\xE2\x80\xA8",        "\"\xE2\x80\xA8\""),
    TEXT("mixed",            "Zürich, 東京 \"😀\" \t!",
         "\"Zürich, 東京 \\\"😀\\\" \\t!\""),
    TEXT("stray tail",       "a\x80z",              "\"a" FFFD "z\""),
    TEXT("latin1",           "caf\xE9 au lait",     "\"caf" FFFD " au lait\""),
    TEXT("cut at the end",   "1234567\xE2\x82",     "\"1234567" FFFD FFFD "\""),
    {"cut by its length",    "12345\xE2\x82\xAC", 7, "\"12345" FFFD FFFD "\""},
    TEXT("cut by a quote",   "\xE2\x82\"",          "\"" FFFD FFFD "\\\"\""),
    TEXT("overlong 2",       "\xC0\x80\xC1\xBF",
         "\"" FFFD FFFD FFFD FFFD "\""),
    TEXT("overlong 3",       "\xE0\x9F\xBF",        "\"" FFFD FFFD FFFD "\""),
    TEXT("overlong 4",       "\xF0\x8F\xBF\xBF",
         "\"" FFFD FFFD FFFD FFFD "\""),
    TEXT("surrogate",        "\xED\xA0\x80",        "\"" FFFD FFFD FFFD "\""),
    TEXT("above U+10FFFF",   "\xF4\x90\x80\x80",
         "\"" FFFD FFFD FFFD FFFD "\""),
    TEXT("no lead",          "\xF5\xFE\xFF",        "\"" FFFD FFFD FFFD "\"")
};
/* clang-format on */

static apr_status_t count_flush(apr_bucket_brigade *bb, void *ctx)
{
    flushes_t *flushes = ctx;
    apr_off_t len;

    apr_brigade_length(bb, 1, &len);
    if (flushes->count++ == 0) {
        flushes->first = len;
    }
    flushes->total += len;
    const apr_bucket *bucket = APR_BRIGADE_LAST(bb);
    int i = 0;
    while (i < flushes->nseen && flushes->seen[i] != bucket) {
        i++;
    }
    if (i == flushes->nseen && i < MAX_SEEN) {
        flushes->seen[flushes->nseen++] = bucket;
    }
    apr_brigade_cleanup(bb);
    return flushes->status;
}

static apid_json_t *open_json(void)
{
    return apid_json_open(brigade, 0, NULL, NULL, pool);
}

/* The end of the test of the structure: prints and shows. */
static void is_json(apid_json_t *json, const char *want, const char *name)
{
    is(apid_json_print(json, pool), want, name);
}

static void test_texts(void)
{
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        apid_json_t *json = open_json();
        apid_json_text(json, texts[i].text, texts[i].len);
        is_json(json, texts[i].want, texts[i].name);
    }
}

/* A quote at every place of texts of every short length. */
static void test_places(void)
{
    int bad = 0;

    for (int len = 1; len <= 24; len++) {
        for (int at = 0; at < len; at++) {
            char *text = apr_psprintf(pool, "%.*s\"%.*s", at,
                                      "abcdefghijklmnopqrstuvwx",
                                      len - at - 1, "ABCDEFGHIJKLMNOPQRSTUVWX");
            apid_json_t *json = open_json();
            apid_json_text(json, text, (apr_size_t)len);
            const char *want = apr_psprintf(pool, "\"%.*s\\%s\"", at, text,
                                            text + at);
            bad += strcmp(apid_json_print(json, pool), want) != 0;
        }
    }
    is_int(bad, 0, "a quote at every place of 24 lengths");
}

/* Texts longer than a block. */
static void test_long(void)
{
    apr_size_t size = 100 * KIB;
    char *text = apr_palloc(pool, size + 1);

    for (apr_size_t i = 0; i < size; i++) {
        text[i] = (char)('0' + i % 71 % 10);
    }
    text[size] = '\0';
    apid_json_t *json = open_json();
    apid_json_raw(json, text, size);
    ok(strcmp(apid_json_print(json, pool), text) == 0, "100 KiB, raw");
    json = open_json();
    apid_json_text(json, text, size);
    const char *got = apid_json_print(json, pool);
    is_int(strlen(got), size + 2, "100 KiB, as text");
    ok(strncmp(got + 1, text, size) == 0, "the same text");
    json = open_json();
    apid_json_base64(json, text, size);
    got = apid_json_print(json, pool);
    const char *want = apr_pencode_base64(pool, text, (apr_ssize_t)size,
                                          APR_ENCODE_NONE, NULL);
    is_int(strlen(got), strlen(want) + 2, "100 KiB, as base64");
    ok(strncmp(got + 1, want, strlen(want)) == 0, "the same bytes");
}

/* Each text again, where it is cut by the end of a block. */
static void test_cuts(void)
{
    const char *filler = apr_psprintf(pool, "%*s", 32 * KIB, "");
    int bad = 0;

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        for (apr_size_t n = 32 * KIB - 60; n < 32 * KIB; n++) {
            apid_json_t *json = open_json();
            apid_json_raw(json, filler, n);
            apid_json_text(json, texts[i].text, texts[i].len);
            const char *got = apid_json_print(json, pool);
            bad += strlen(got) < n + 1 || got[n] != ','
                   || strcmp(got + n + 1, texts[i].want) != 0;
        }
    }
    is_int(bad, 0, "the same at every place around the end of a block");
}

static void test_structure(void)
{
    apid_json_t *json = open_json();

    apid_json_object(json);
    apid_json_key(json, "a\"b");
    apid_json_array(json);
    apid_json_int(json, -7);
    apid_json_uint(json, APR_UINT64_MAX);
    apid_json_array(json);
    apid_json_end(json);
    apid_json_object(json);
    apid_json_end(json);
    apid_json_null(json);
    apid_json_end(json);
    apid_json_key(json, "t");
    apid_json_boolean(json, 2);
    apid_json_key(json, "f");
    apid_json_boolean(json, 0);
    const char *quoted = apid_json_quote("q\n\x80", pool);
    apid_json_quoted_key(json, quoted, strlen(quoted));
    apid_json_string(json, NULL);
    apid_json_quoted_key(json, "\"r\":", 4);
    apid_json_raw(json, "1.50", 4);
    apid_json_key(json, "s");
    apid_json_string(json, "é");
    apid_json_end(json);
    is_json(json,
            "{\"a\\\"b\":[-7,18446744073709551615,[],{},null],\"t\":true,"
            "\"f\":false,\"q\\n" FFFD "\":null,\"r\":1.50,\"s\":\"é\"}",
            "lists in lists, with their commas");
}

static void test_pieces(void)
{
    apid_json_t *json = open_json();

    apid_json_array(json);
    apid_json_text_begin(json);
    apid_json_piece(json, "a\"", 2);
    apid_json_piece(json, "", 0);
    apid_json_piece(json, "é\n", 3);
    apid_json_text_end(json);
    apid_json_text_begin(json);
    apid_json_text_end(json);
    apid_json_end(json);
    is_json(json, "[\"a\\\"é\\n\",\"\"]", "a text in pieces");
}

static void test_base64(void)
{
    apid_json_t *json = open_json();

    apid_json_array(json);
    apid_json_base64(json, "", 0);
    apid_json_base64(json, "\0", 1);
    apid_json_base64(json, "\0\xff", 2);
    apid_json_base64(json, "\0\xff\x80", 3);
    apid_json_end(json);
    is_json(json, "[\"\",\"AA==\",\"AP8=\",\"AP+A\"]", "base64");
}

static void test_ends(void)
{
    apid_json_t *json = open_json();

    for (int i = 0; i < 64; i++) {
        apid_json_array(json);
    }
    is_int(apid_json_length(json), 64, "bytes written");
    for (int i = 0; i < 65; i++) {
        apid_json_end(json);
    }
    const char *got = apid_json_print(json, pool);
    is_int(strspn(got, "["), 64, "with 64 levels");
    is_int(strspn(got + 64, "]"), 64, "where an end too many is none");
    ok(APR_BRIGADE_EMPTY(brigade), "printing empties the brigade");
}

static apid_json_t *nest(int depth)
{
    apid_json_t *json = open_json();

    for (int i = 0; i < depth; i++) {
        apid_json_array(json);
    }
    return json;
}

static void test_depth(void)
{
    apid_err_t *err = apid_json_close(nest(64));

    ok(!err, "64 levels");
    apr_brigade_cleanup(brigade);
    err = apid_json_close(nest(65));
    is(err ? err->text : NULL, "The answer is nested too deeply",
       "65 are an error");
    is(apid_json_print(nest(65), pool), "", "that prints nothing");
}

static void test_empty(void)
{
    apid_err_t *err = apid_json_close(open_json());

    ok(!err && APR_BRIGADE_EMPTY(brigade), "nothing written, nothing passed");
}

/* A million rows' worth of blocks, and what the flushes saw of them. */
static void test_flush(void)
{
    flushes_t flushes = {.status = APR_SUCCESS};
    apid_json_t *json =
        apid_json_open(brigade, 64 * KIB, count_flush, &flushes, pool);
    char row[100];
    apr_off_t left;

    memset(row, 'x', sizeof row);
    apid_json_array(json);
    while (apid_json_length(json) < 60 * KIB) {
        apid_json_text(json, row, sizeof row);
    }
    is_int(apid_json_flushed(json), 0, "60 KiB of 64 are held");
    while (apid_json_length(json) < 64 * 1024 * KIB) {
        apid_json_text(json, row, sizeof row);
    }
    apid_json_end(json);
    apr_off_t length = apid_json_length(json);
    apid_err_t *err = apid_json_close(json);
    ok(!err, "64 MiB written");
    is_int(apid_json_flushed(json), 1, "and passed on");
    ok(flushes.first > 64 * KIB && flushes.first <= 96 * KIB,
       "first when more than 64 KiB had gathered");
    ok(flushes.count > 2000, "then with each block of 32 KiB");
    ok(flushes.nseen <= 4, "whose few buckets are used again and again");
    apr_brigade_length(brigade, 1, &left);
    is_int(flushes.total + left, length, "no byte is lost or sent twice");
    apr_brigade_cleanup(brigade);
}

static void test_broken_flush(void)
{
    flushes_t flushes = {.status = APR_ECONNABORTED};
    apid_json_t *json =
        apid_json_open(brigade, 0, count_flush, &flushes, pool);
    char row[100] = "";

    apid_json_array(json);
    while (apid_json_length(json) < 1024 * KIB) {
        apid_json_text(json, row, sizeof row);
    }
    apid_err_t *err = apid_json_close(json);
    is(err ? err->text : NULL, "The answer could not be sent",
       "a flush that fails is an error at the end");
    is(err ? err->cause : NULL, "Software caused connection abort",
       "and the log is told why");
    is_int(flushes.count, 1, "and the last flush");
    ok(APR_BRIGADE_EMPTY(brigade), "nothing gathers after it");
}

/* A writer that is left behind gives its block back with its pool: the tools
 * that watch memory see it if not. */
static void test_left_behind(void)
{
    apr_pool_t *request;

    apr_pool_create(&request, pool);
    apid_json_t *json = apid_json_open(brigade, 0, NULL, NULL, request);
    apid_json_array(json);
    apr_pool_destroy(request);
    ok(APR_BRIGADE_EMPTY(brigade), "a writer that is never closed");
}

int main(void)
{
    apr_initialize();
    apr_pool_create(&pool, NULL);
    brigade = apr_brigade_create(pool, apr_bucket_alloc_create(pool));
    test_texts();
    test_places();
    test_long();
    test_cuts();
    test_structure();
    test_pieces();
    test_base64();
    test_ends();
    test_depth();
    test_empty();
    test_flush();
    test_broken_flush();
    test_left_behind();
    apr_pool_destroy(pool);
    apr_terminate();
    return tap_done();
}
