/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_arg: the set of arguments, the strict JSON reader case by case, its
 * limits and its cost, and well-formed UTF-8.
 */
#include "apid_arg.h"
#include "tap.h"

#include <apr_general.h>
#include <apr_strings.h>

#include <time.h>

#define T(text) text, sizeof(text) - 1
#define BYTE "invalid JSON at byte "

typedef struct case_t {
    const char *name, *text;
    apr_size_t len;
    const char *want;
} case_t;

static const case_t cases[] = {
#include "json_cases.h"
};

/* clang-format off */
/* want is the offset of the bad byte, or "fine" */
static const case_t utf8_cases[] = {
    {"no text",               T(""),                          "fine"},
    {"ASCII",                 T("The quick brown fox"),       "fine"},
    {"U+0000",                T("\0"),                        "fine"},
    {"U+007F",                T("\177"),                      "fine"},
    {"U+0080",                T("\302\200"),                  "fine"},
    {"U+07FF",                T("\337\277"),                  "fine"},
    {"U+0800",                T("\340\240\200"),              "fine"},
    {"U+D7FF",                T("\355\237\277"),              "fine"},
    {"U+E000",                T("\356\200\200"),              "fine"},
    {"U+FFFF",                T("\357\277\277"),              "fine"},
    {"U+10000",               T("\360\220\200\200"),          "fine"},
    {"U+10FFFF",              T("\364\217\277\277"),          "fine"},
    {"among ASCII",           T("12345678\303\25112345678"),  "fine"},
    {"lone continuation",     T("a\200"),                     "1"},
    {"bad after eight",       T("12345678\377"),              "8"},
    {"bad in the second eight", T("123456789ab\377cdefg"),    "11"},
    {"bad after good",        T("\303\251\303"),              "2"},
    {"overlong 2, C0",        T("\300\200"),                  "0"},
    {"overlong 2, C1",        T("\301\277"),                  "0"},
    {"overlong 3",            T("\340\237\277"),              "0"},
    {"overlong 4",            T("\360\217\277\277"),          "0"},
    {"surrogate U+D800",      T("\355\240\200"),              "0"},
    {"surrogate U+DFFF",      T("\355\277\277"),              "0"},
    {"U+110000",              T("\364\220\200\200"),          "0"},
    {"lead F5",               T("\365\200\200\200"),          "0"},
    {"lead FF",               T("\377"),                      "0"},
    {"cut after 1 of 2",      T("ab\303"),                    "2"},
    {"cut after 2 of 3",      T("ab\342\202"),                "2"},
    {"cut after 3 of 4",      T("ab\360\237\230"),            "2"},
    {"bad third byte",        T("\342\202("),                 "0"},
    {"bad fourth byte",       T("\360\237\230("),             "0"}
};
/* clang-format on */

/* reading fails under valgrind and ASan if it goes beyond len */
static char *exactly(const char *text, apr_size_t len)
{
    char *copy = malloc(len ? len : 1);

    memcpy(copy, text, len);
    return copy;
}

static const char *dump(const apid_arg_t *arg, apr_pool_t *pool);

static const char *dump_items(const apid_arg_t *arg, apr_pool_t *pool)
{
    const char *all = "";
    int n = 0;

    for (const apid_arg_t *item = arg->items; item; item = item->next, n++)
        all = apr_pstrcat(pool, all, n ? "," : "", item->name ? "'" : "",
                          item->name ? item->name : "",
                          item->name ? "':" : "", dump(item, pool), NULL);
    return n == arg->nitems ? all : "wrong number of items";
}

static const char *dump(const apid_arg_t *arg, apr_pool_t *pool)
{
    switch (arg->kind) {
    case APID_ARG_OBJECT:
        return apr_psprintf(pool, "{%s}", dump_items(arg, pool));
    case APID_ARG_ARRAY:
        return apr_psprintf(pool, "[%s]", dump_items(arg, pool));
    case APID_ARG_TEXT:
        return strlen(arg->text) == arg->len
                   ? apr_psprintf(pool, "'%s'", arg->text)
                   : "wrong length";
    default:
        return strlen(arg->text) == arg->len ? arg->text : "wrong length";
    }
}

/* what came of it: the value, or the error's text */
static const char *outcome(const char *text, apr_size_t len, apr_pool_t *pool)
{
    char *copy = exactly(text, len);
    apid_arg_t *arg;
    apid_err_t *err = apid_arg_parse_json(&arg, copy, len, pool);
    const char *got = err ? err->text : dump(arg, pool);

    free(copy);
    return err && err->kind != APID_ERR_INVALID_JSON ? "wrong kind" : got;
}

static void check_cases(apr_pool_t *pool)
{
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        const case_t *row = &cases[i];
        is(outcome(row->text, row->len, pool), row->want, row->name);
    }
}

static void check_kinds(apr_pool_t *pool)
{
    static const char text[] = " [null, true, 1.50, \"\\u00e9\", [1, 2],"
                               " {\"a\" : 1}] ";
    apid_arg_t *arg, *item;

    ok(!apid_arg_parse_json(&arg, T(text), pool), "an item of each kind");
    is_int(arg->kind, APID_ARG_ARRAY, "an array");
    is_int(arg->nitems, 6, "of six");
    is(arg->name, NULL, "without a name");
    item = arg->items;
    is_int(item->kind, APID_ARG_NULL, "null");
    is(item->text, "null", "null as text");
    item = item->next;
    is_int(item->kind, APID_ARG_BOOLEAN, "a boolean");
    is(item->text, "true", "true as text");
    item = item->next;
    is_int(item->kind, APID_ARG_NUMBER, "a number");
    is(item->text, "1.50", "a number as written");
    item = item->next;
    is_int(item->kind, APID_ARG_TEXT, "text");
    is_int(item->len, 2, "its length in bytes");
    item = item->next;
    is_int(item->kind, APID_ARG_ARRAY, "an array in it");
    is(apr_pstrmemdup(pool, item->text, item->len), "[1, 2]", "its source");
    is_int(item->form, 0, "no form");
    item = item->next;
    is_int(item->kind, APID_ARG_OBJECT, "an object");
    is(apr_pstrmemdup(pool, item->text, item->len), "{\"a\" : 1}",
       "its source");
    is(item->items->name, "a", "its member's name");
    ok(item->next == NULL, "the end");
}

static char *repeat(const char *what, int n, apr_pool_t *pool)
{
    size_t len = strlen(what);
    char *all = apr_palloc(pool, len * (size_t)n + 1);

    for (int i = 0; i < n; i++)
        memcpy(all + len * (size_t)i, what, len);
    all[len * (size_t)n] = '\0';
    return all;
}

static const char *nested(const char *open, const char *close, int n,
                          apr_pool_t *pool)
{
    const char *text = apr_pstrcat(pool, repeat(open, n, pool),
                                   repeat(close, n, pool), NULL);

    return outcome(text, strlen(text), pool);
}

static void check_limits(apr_pool_t *pool)
{
    const char *deep = apr_pstrcat(pool, repeat("[", 32, pool),
                                   repeat("]", 32, pool), NULL);
    const char *digits = repeat("1234567890", 10, pool);
    const char *brackets = repeat("[", 100000, pool);
    const char *objects = repeat("[{\"\":", 50000, pool);
    const char *wide = apr_pstrcat(pool, "[", repeat("[],", 99, pool), "[]]",
                                   NULL);

    is(nested("[", "]", 32, pool), deep, "32 levels of arrays");
    is(nested("[", "]", 33, pool), BYTE "32: more than 32 levels",
       "33 levels of arrays");
    is(nested("[{\"a\":", "}]", 17, pool), BYTE "96: more than 32 levels",
       "34 levels of both");
    is(outcome(brackets, 100000, pool), BYTE "32: more than 32 levels",
       "n_structure_100000_opening_arrays");
    is(outcome(objects, strlen(objects), pool),
       BYTE "80: more than 32 levels", "n_structure_open_array_object");
    is(outcome(wide, strlen(wide), pool), wide,
       "a hundred arrays side by side are two levels");
    is(outcome(digits, 100, pool), digits, "a hundred digits are kept");
}

/* an object of n members of ten bytes each, and then last */
static const char *object(int n, const char *last, apr_pool_t *pool)
{
    char *text = apr_palloc(pool, (apr_size_t)n * 10 + 32), *end = text;

    *end++ = '{';
    for (int i = 0; i < n; i++)
        end += sprintf(end, "\"%05d\":0,", i);
    strcpy(end, last);
    return text;
}

static const char *again(int n, const char *last, apr_pool_t *pool)
{
    const char *text = object(n, last, pool);
    apid_arg_t *arg;
    apid_err_t *err = apid_arg_parse_json(&arg, text, strlen(text), pool);

    return err ? err->text : apr_psprintf(pool, "%d members", arg->nitems);
}

static void check_keys(apr_pool_t *pool)
{
    clock_t start = clock();

    is(again(100000, "\"00007\":0}", pool), BYTE "1000001: a duplicate key",
       "the eighth of 100000 keys again");
    is(again(100000, "\"99999\":0}", pool), BYTE "1000001: a duplicate key",
       "the last of 100000 keys again");
    is(again(100000, "\"key\":0}", pool), "100001 members", "no key again");
    ok(clock() - start < 10 * CLOCKS_PER_SEC,
       "and that takes no quadratic time");
    is(again(7, "\"00000\":0}", pool), BYTE "71: a duplicate key",
       "the first of 7 keys again");
    is(again(8, "\"00000\":0}", pool), BYTE "81: a duplicate key",
       "the first of 8 keys again");
    is(again(9, "\"00000\":0}", pool), BYTE "91: a duplicate key",
       "the first of 9 keys again");
    is(again(9, "\"00008\":0}", pool), BYTE "91: a duplicate key",
       "the last of 9 keys again");
    is(again(9, "\"key\":0}", pool), "10 members", "ten keys");
}

static const char *find(const apid_args_t *args, const char *path)
{
    const apid_arg_t *arg = apid_args_find(args, path);

    return arg ? arg->text : NULL;
}

static void check_set(apr_pool_t *pool)
{
    apid_args_t *args = apid_args_open(pool);
    apid_arg_t mine = {"mine", APID_ARG_NUMBER, "1", 1, NULL, NULL, 0, 0};

    is(find(args, "id"), NULL, "an empty set");
    apid_args_add_text(args, "id", "4");
    apid_args_add_text(args, "id", "5");
    apid_args_add_text(args, "", "nameless");
    is(find(args, "id"), "4", "the first of a name wins");
    is_int(apid_args_find(args, "id")->kind, APID_ARG_TEXT, "text");
    is_int(apid_args_find(args, "id")->len, 1, "its length");
    is(find(args, "ID"), NULL, "the case of a name counts");
    is(find(args, "i"), NULL, "the start of a name is not the name");
    is(find(args, "id.x"), NULL, "text has no members");
    is(find(args, ""), "nameless", "no name is a name");
    apid_args_add(args, &mine);
    ok(apid_args_find(args, "mine") == &mine, "what was added is found");
}

static void check_big_set(apr_pool_t *pool)
{
    apid_args_t *args = apid_args_open(pool);

    for (int i = 0; i < 40; i++)
        apid_args_add_text(args, apr_psprintf(pool, "name%d", i % 20),
                           apr_psprintf(pool, "%d", i));
    for (int i = 0; i < 20; i++)
        is(find(args, apr_psprintf(pool, "name%d", i)),
           apr_psprintf(pool, "%d", i), "the first of a name among many");
    is(find(args, "name20"), NULL, "a name that is not among many");
}

static void check_paths(apr_pool_t *pool)
{
    static const char text[] =
        "{\"a.b\":\"whole\", \"a\":{\"b\":\"inner\", \"c\":\"c\","
        " \"d.e\":\"dotted\", \"d\":{\"e\":\"deep\", \"f\":\"f\"}},"
        " \"x.y\":{\"z\":\"xyz\"}, \"list\":[{\"a\":1}], \"n\":null,"
        " \"g\":{\"h\":{\"i\":1}, \"h.i\":2, \"h.i.j\":{\"k\":3}}}";
    apid_args_t *args = apid_args_open(pool);

    ok(!apid_args_parse_json(args, T(text), pool), "an object with objects");
    is(find(args, "a.b"), "whole", "a whole name is found before a path");
    is(find(args, "a.c"), "c", "a path of two");
    is(find(args, "a.d.e"), "dotted", "in an object, too");
    is(find(args, "a.d.f"), "f", "a path of three");
    is(find(args, "x.y.z"), "xyz", "a path through a name with a dot");
    is(find(args, "g.h.i.j.k"), "3", "a path that has to be looked for");
    is(find(args, "a.x"), NULL, "no such member");
    is(find(args, "a."), NULL, "no name behind the dot");
    is(find(args, ".a"), NULL, "no name before the dot");
    is(find(args, "list.a"), NULL, "an array has no members");
    is(find(args, "list.0"), NULL, "nor numbered ones");
    is(find(args, "n.a"), NULL, "null has no members");
    is_int(apid_args_find(args, "n")->kind, APID_ARG_NULL, "null was sent");
}

static const char *add_json(const char *text, apr_pool_t *pool)
{
    apid_args_t *args = apid_args_open(pool);
    apid_err_t *err;

    apid_args_add_text(args, "id", "path");
    err = apid_args_parse_json(args, text, strlen(text), pool);
    return err ? err->text : find(args, "id");
}

static void check_json_set(apr_pool_t *pool)
{
    is(add_json("{\"id\":\"body\"}", pool), "path", "what was there wins");
    is(add_json("{}", pool), "path", "an empty object");
    is(add_json(" []", pool), BYTE "1: expected an object", "an array");
    is(add_json("\n\"{}\"", pool), BYTE "1: expected an object", "a string");
    is(add_json("null", pool), BYTE "0: expected an object", "null");
    is(add_json("{\"a\":1,\"a\":2}", pool), BYTE "7: a duplicate key",
       "a duplicate key");
    is(add_json("{\"a\":1 \"b\":2}", pool), BYTE "7: expected ',' or '}'",
       "a missing comma");
    is(add_json("", pool), BYTE "0: expected a value", "nothing");
}

static void check_utf8(apr_pool_t *pool)
{
    for (size_t i = 0; i < sizeof(utf8_cases) / sizeof(*utf8_cases); i++) {
        const case_t *row = &utf8_cases[i];
        char *copy = exactly(row->text, row->len);
        apr_size_t at = 99;
        int fine = apid_arg_utf8(copy, row->len, &at);
        is(fine ? "fine" : apr_psprintf(pool, "%d", (int)at), row->want,
           row->name);
        free(copy);
    }
}

int main(void)
{
    apr_pool_t *pool;

    apr_initialize();
    apr_pool_create(&pool, NULL);
    check_cases(pool);
    check_kinds(pool);
    check_limits(pool);
    check_keys(pool);
    check_set(pool);
    check_big_set(pool);
    check_paths(pool);
    check_json_set(pool);
    check_utf8(pool);
    apr_terminate();
    return tap_done();
}
