/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_form: query strings and form bodies, multipart bodies and their
 * boundaries, and parameters that are taken out of a query string.
 */
#include "apid_form.h"
#include "tap.h"

#include <apr_general.h>
#include <apr_strings.h>

#include <time.h>

#define T(text) text, sizeof(text) - 1
#define TYPE "multipart/form-data; boundary="
#define NOT_UTF8 "is not UTF-8 text"
#define HAS_NUL "holds the character U+0000"
#define NAME(name) "Content-Disposition: form-data; name=\"" name "\"\r\n"

/* want is "NAME=value " for each of the names that are looked for, with
 * arrays in brackets, or the error's text */
typedef struct form_case_t {
    const char *name, *text;
    apr_size_t len;
    const char *want;
} form_case_t;

typedef struct part_case_t {
    const char *name, *type, *body;
    apr_size_t len;
    const char *want;
} part_case_t;

typedef struct extract_case_t {
    const char *query, *value;
    int count;
    const char *rest;
} extract_case_t;

static const char *const names[] = {"a", "b", "c", "a.b", "a.b.c", "a[", "a[b",
                                    "a]", "a[][b]", "[a]", "a[b]x", "a b",
                                    "\303\251", "A"};

/* clang-format off */
static const form_case_t form_cases[] = {
    {"nothing",               T(""),                      ""},
    {"one",                   T("a=1"),                   "a=1 "},
    {"two",                   T("a=1&b=2"),               "a=1 b=2 "},
    {"an empty value",        T("a="),                    "a= "},
    {"no equals sign",        T("a"),                     "a= "},
    {"an equals sign in it",  T("a=b=c"),                 "a=b=c "},
    {"no name",               T("=1&a=2"),                "a=2 "},
    {"empty pairs",           T("&&a=1&&b=2&"),           "a=1 b=2 "},
    {"a semicolon is text",   T("a=1;b=2"),               "a=1;b=2 "},
    {"plus",                  T("a=x+y"),                 "a=x y "},
    {"%20",                   T("a=x%20y"),               "a=x y "},
    {"raw space",             T("a=x y"),                 "a=x y "},
    {"space in the name",     T("a+b=1"),                 "a b=1 "},
    {"%2B",                   T("a=1%2B2"),               "a=1+2 "},
    {"%26 and %3D",           T("a=1%263%3d4"),           "a=1&3=4 "},
    {"raw UTF-8",             T("a=\303\251"),            "a=\303\251 "},
    {"encoded UTF-8",         T("a=%C3%a9&%c3%A9=1"),
     "a=\303\251 \303\251=1 "},
    {"line ends are kept",    T("a=1%0D%0A2"),            "a=1\r\n2 "},
    {"a stray %",             T("a=100%"),                "a=100% "},
    {"a stray % and a digit", T("a=100%4"),               "a=100%4 "},
    {"a stray % and letters", T("a=5%zz%4x%x4"),          "a=5%zz%4x%x4 "},
    {"two stray %",           T("a=%%41"),                "a=%A "},
    {"case of names counts",  T("a=1&A=2"),               "a=1 A=2 "},
    {"a repeat",              T("a=1&b=x&a=2&a=3"),       "a=[1,2,3] b=x "},
    {"an empty repeat",       T("a=&a="),                 "a=[,] "},
    {"brackets",              T("a[]=1"),                 "a=[1] "},
    {"brackets, repeated",    T("a[]=1&a[]=2"),           "a=[1,2] "},
    {"brackets, encoded",     T("a%5B%5D=1&a%5b%5d=2"),   "a=[1,2] "},
    {"brackets after none",   T("a=1&a[]=2"),             "a=[1,2] "},
    {"none after brackets",   T("a[]=1&a=2"),             "a=[1,2] "},
    {"a key in brackets",     T("a[b]=1"),                "a.b=1 "},
    {"two keys",              T("a[b][c]=1"),             "a.b.c=1 "},
    {"a key and brackets",    T("a[b][]=1&a[b][]=2"),     "a.b=[1,2] "},
    {"two and brackets",      T("a[b][c][]=1"),           "a.b.c=[1] "},
    {"an open bracket",       T("a[=1"),                  "a[=1 "},
    {"an open key",           T("a[b=1"),                 "a[b=1 "},
    {"a closing bracket",     T("a]=1"),                  "a]=1 "},
    {"a list of objects",     T("a[][b]=1"),              "a[][b]=1 "},
    {"no name before it",     T("[a]=1"),                 "[a]=1 "},
    {"text behind it",        T("a[b]x=1"),               "a[b]x=1 "},
    {"JSON text",             T("a=[1,2]"),               "a=[1,2] "},
    {"Latin-1",               T("a=1&b=caf\351"),         "b: " NOT_UTF8},
    {"encoded Latin-1",       T("b=caf%E9"),              "b: " NOT_UTF8},
    {"an encoded surrogate",  T("b=%ED%A0%80"),           "b: " NOT_UTF8},
    {"Latin-1 in the name",   T("%E9=1"),                 "a name " NOT_UTF8},
    {"U+0000",                T("b=1%002"),               "b: " HAS_NUL},
    {"raw U+0000",            T("b=1\0002"),              "b: " HAS_NUL},
    {"U+0000 in the name",    T("b%00=1"),                "a name " HAS_NUL},
    {"a lone U+0000",         T("%00=1"),                 "a name " HAS_NUL}
};

static const part_case_t part_cases[] = {
    {"one part", TYPE "X",
     T("--X\r\n" NAME("a") "\r\n1\r\n--X--\r\n"), "a=1 "},
    {"two parts", TYPE "X",
     T("--X\r\n" NAME("a") "\r\n1\r\n--X\r\n" NAME("b") "\r\n2\r\n--X--\r\n"),
     "a=1 b=2 "},
    {"no parts", TYPE "X", T("--X--\r\n"), ""},
    {"no line end at the end", TYPE "X",
     T("--X\r\n" NAME("a") "\r\n1\r\n--X--"), "a=1 "},
    {"blanks behind boundaries", TYPE "X",
     T("--X \t\r\n" NAME("a") "\r\n1\r\n--X-- "), "a=1 "},
    {"preamble and epilogue", TYPE "X",
     T("This is a multipart body.\r\n--X\r\n" NAME("a")
       "\r\n1\r\n--X--\r\n--X\r\n" NAME("b") "\r\n2\r\n"), "a=1 "},
    {"an empty value", TYPE "X",
     T("--X\r\n" NAME("a") "\r\n\r\n--X--\r\n"), "a= "},
    {"line ends in a value", TYPE "X",
     T("--X\r\n" NAME("a") "\r\n\r\n1\n2\r\n\r\n--X--\r\n"),
     "a=\r\n1\n2\r\n "},
    {"a bare LF is no boundary", TYPE "X",
     T("--X\r\n" NAME("a") "\r\n1\n--X\n2\r\n--X--\r\n"), "a=1\n--X\n2 "},
    {"a longer word is no boundary", TYPE "X",
     T("--X\r\n" NAME("a") "\r\n1\r\n--Xy\r\n--X--y\r\n--X--\r\n"),
     "a=1\r\n--Xy\r\n--X--y "},
    {"percent and plus are text", TYPE "X",
     T("--X\r\n" NAME("a") "\r\n1+2%41\r\n--X--\r\n"), "a=1+2%41 "},
    {"repeats and brackets", TYPE "X",
     T("--X\r\n" NAME("a[]") "\r\n1\r\n--X\r\n" NAME("a[]")
       "\r\n2\r\n--X\r\n" NAME("a[b]") "\r\n3\r\n--X--\r\n"),
     "a=[1,2] a.b=3 "},
    {"more headers, any case", TYPE "X",
     T("--X\r\nContent-Type: text/plain; charset=UTF-8\r\n"
       "CONTENT-disposition:Form-Data;NAME=a\r\nX-Y: name=\"c\"\r\n\r\n1"
       "\r\n--X--\r\n"), "a=1 "},
    {"an escaped quote in the name", TYPE "X",
     T("--X\r\nContent-Disposition: form-data; x; y=\";name=c\"; name=\"a\\\"\""
       "\r\n\r\n1\r\n--X\r\n" NAME("b") "\r\n2\r\n--X--\r\n"), "b=2 "},
    {"an empty name is left out", TYPE "X",
     T("--X\r\n" NAME("") "\r\n1\r\n--X--\r\n"), ""},
    {"UTF-8", TYPE "X",
     T("--X\r\n" NAME("\303\251") "\r\n\342\202\254\r\n--X--\r\n"),
     "\303\251=\342\202\254 "},
    {"a quoted boundary", TYPE "\"X y:\\\"z\"",
     T("--X y:\"z\r\n" NAME("a") "\r\n1\r\n--X y:\"z--\r\n"), "a=1 "},
    {"other parameters", "multipart/form-data; charset=utf-8 ; Boundary=X ;q=1",
     T("--X\r\n" NAME("a") "\r\n1\r\n--X--\r\n"), "a=1 "},
    {"a boundary of 70", TYPE "1234567890123456789012345678901234567890"
                              "123456789012345678901234567890",
     T("--1234567890123456789012345678901234567890"
       "123456789012345678901234567890--"), ""},
    {"a boundary of 71", TYPE "1234567890123456789012345678901234567890"
                              "1234567890123456789012345678901",
     T(""), "the Content-Type has no usable boundary"},
    {"no boundary", "multipart/form-data", T("--X--\r\n"),
     "the Content-Type has no usable boundary"},
    {"an empty boundary", TYPE "\"\"", T("----\r\n"),
     "the Content-Type has no usable boundary"},
    {"boundary in another parameter", "multipart/form-data; x=\"boundary=X\"",
     T("--X--\r\n"), "the Content-Type has no usable boundary"},
    {"an empty body", TYPE "X", T(""), "the body does not hold its boundary"},
    {"another boundary", TYPE "X", T("--Y--\r\n"),
     "the body does not hold its boundary"},
    {"lines end in LF", TYPE "X", T("--X\n" NAME("a") "\n1\n--X--\n"),
     "the body does not hold its boundary"},
    {"cut in the value", TYPE "X", T("--X\r\n" NAME("a") "\r\n12"),
     "the body has no closing boundary"},
    {"cut in the boundary", TYPE "X", T("--X\r\n" NAME("a") "\r\n1\r\n--X-"),
     "the body has no closing boundary"},
    {"cut behind a boundary", TYPE "X",
     T("--X\r\n" NAME("a") "\r\n1\r\n--X\r\n"),
     "the body has no closing boundary"},
    {"no blank line", TYPE "X", T("--X\r\n" NAME("a") "1\r\n--X--\r\n"),
     "a part of the body has no headers"},
    {"no headers", TYPE "X", T("--X\r\n\r\n1\r\n--X--\r\n"),
     "a part of the body has no headers"},
    {"no disposition", TYPE "X",
     T("--X\r\nContent-Type: text/plain; name=a\r\n\r\n1\r\n--X--\r\n"),
     "a part of the body has no name"},
    {"no name", TYPE "X",
     T("--X\r\nContent-Disposition: form-data\r\n\r\n1\r\n--X--\r\n"),
     "a part of the body has no name"},
    {"a file", TYPE "X",
     T("--X\r\nContent-Disposition: form-data; name=\"b\"; filename=\"b.txt\""
       "\r\n\r\n1\r\n--X--\r\n"), "b: is a file, and files are not accepted"},
    {"a file without a name", TYPE "X",
     T("--X\r\nContent-Disposition: form-data; filename=\"\"; name=\"b\""
       "\r\n\r\n\r\n--X--\r\n"), "b: is a file, and files are not accepted"},
    {"a file, extended", TYPE "X",
     T("--X\r\nContent-Disposition: form-data; name=b; filename*=UTF-8''b"
       "\r\n\r\n1\r\n--X--\r\n"), "b: is a file, and files are not accepted"},
    {"Latin-1", TYPE "X", T("--X\r\n" NAME("b") "\r\n\351\r\n--X--\r\n"),
     "b: " NOT_UTF8},
    {"Latin-1 in the name", TYPE "X",
     T("--X\r\n" NAME("\351") "\r\n1\r\n--X--\r\n"),
     "a name " NOT_UTF8},
    {"U+0000", TYPE "X", T("--X\r\n" NAME("b") "\r\n1\0002\r\n--X--\r\n"),
     "b: " HAS_NUL}
};

/* every Token is taken out */
/* what is found at a path; NULL: nothing */
static const struct {
    const char *text, *path, *want;
} tree_cases[] = {
    {"a= {\"b\":1}",            "a.b",   "1"},
    {"a={\"b\":{\"c\":\"x\"}}", "a.b.c", "x"},
    {"a[b]={\"c\":true}",       "a.b.c", "true"},
    {"a={\"b\":1}",             "a",     "{\"b\":1}"},
    {"a={\"b\":1}",             "a.c",   NULL},
    {"a={\"b\":1",              "a.b",   NULL},
    {"a={\"b\":1}}",            "a.b",   NULL},
    {"a={\"b\":\"{}\"}",        "a.b.c", NULL},
    {"a=[{\"b\":1}]",           "a.b",   NULL},
    {"a={\"b\":1}&a={\"b\":2}", "a.b",   NULL},
    {"a={\"b\":1}&a.b=2",       "a.b",   "1"},
    {"a.b=2&a={\"b\":1}",       "a.b",   "2"},
};

static const extract_case_t extract_cases[] = {
    {NULL,                          NULL,    0, NULL},
    {"",                            NULL,    0, NULL},
    {"a=1",                         NULL,    0, "a=1"},
    {"token=x",                     "x",     1, NULL},
    {"TOKEN=x",                     "x",     1, NULL},
    {"token",                       "",      1, NULL},
    {"token=",                      "",      1, NULL},
    {"token=x&a=1",                 "x",     1, "a=1"},
    {"a=1&token=x",                 "x",     1, "a=1"},
    {"a=1&token=x&b=2",             "x",     1, "a=1&b=2"},
    {"a=%201+&token=x&b&c=%zz",     "x",     1, "a=%201+&b&c=%zz"},
    {"token=x&Token=y&tOKEN=z",     "z",     3, NULL},
    {"token=x&a=1&token=y&a=2",     "y",     2, "a=1&a=2"},
    {"&&a=1&&token=x&",             "x",     1, "a=1"},
    {"token=a%2Bb+c%3D%26",         "a+b c=&", 1, NULL},
    {"token=a=b",                   "a=b",   1, NULL},
    {"%74ok%65n=x",                 "x",     1, NULL},
    {"token=x%00y",                 "",      1, NULL},
    {"token%00=x&a",                "",      1, "a"},
    {"token[]=x",                   "",      1, NULL},
    {"a=1&TOKEN%5Ba%5d=x",          "",      1, "a=1"},
    {"+token%20=x",                 "",      1, NULL},
    {"token[]=x&token=y",           "y",     2, NULL},
    {"token=y&token[]=x",           "",      2, NULL},
    {"mytoken=x&token2=y&=token",   NULL,    0, "mytoken=x&token2=y&=token"}
};
/* clang-format on */

/* reading fails under valgrind and ASan if it goes beyond len */
static char *exactly(const char *text, apr_size_t len)
{
    char *copy = malloc(len ? len : 1);

    memcpy(copy, text, len);
    return copy;
}

static const char *dump(const apid_arg_t *arg, apr_pool_t *pool)
{
    const char *all = "";
    int n = 0;

    if (!arg->form)
        return "not marked as form";
    if (arg->kind == APID_ARG_TEXT)
        return strlen(arg->text) == arg->len ? arg->text : "wrong length";
    for (const apid_arg_t *item = arg->items; item; item = item->next)
        all = apr_pstrcat(pool, all, n++ ? "," : "", dump(item, pool), NULL);
    return n == arg->nitems && !arg->text ? apr_psprintf(pool, "[%s]", all)
                                          : "wrong array";
}

static const char *outcome(const apid_args_t *args, const apid_err_t *err,
                           apr_pool_t *pool)
{
    const char *all = "";

    if (err && err->kind != APID_ERR_INVALID_REQUEST)
        return "wrong kind";
    if (err)
        return apr_pstrcat(pool, err->field ? err->field : "",
                           err->field ? ": " : "", err->text, NULL);
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        const apid_arg_t *arg = apid_args_find(args, names[i]);
        if (arg)
            all = apr_pstrcat(pool, all, names[i], "=", dump(arg, pool), " ",
                              NULL);
    }
    return all;
}

static void check_forms(apr_pool_t *pool)
{
    for (size_t i = 0; i < sizeof(form_cases) / sizeof(*form_cases); i++) {
        const form_case_t *row = &form_cases[i];
        apid_args_t *args = apid_args_open(pool);
        char *copy = exactly(row->text, row->len);
        apid_err_t *err = apid_form_parse(args, copy, row->len, pool);
        free(copy);
        is(outcome(args, err, pool), row->want, row->name);
    }
}

static void check_parts(apr_pool_t *pool)
{
    for (size_t i = 0; i < sizeof(part_cases) / sizeof(*part_cases); i++) {
        const part_case_t *row = &part_cases[i];
        apid_args_t *args = apid_args_open(pool);
        char *copy = exactly(row->body, row->len);
        apid_err_t *err = apid_form_parse_multipart(args, row->type, copy,
                                                    row->len, pool);
        free(copy);
        is(outcome(args, err, pool), row->want, row->name);
    }
}

static void check_extracts(apr_pool_t *pool)
{
    for (size_t i = 0; i < sizeof(extract_cases) / sizeof(*extract_cases);
         i++) {
        const extract_case_t *row = &extract_cases[i];
        apid_extract_t got = apid_form_extract(row->query, "Token", pool);
        is(got.value, row->value, row->query ? row->query : "no query");
        is_int(got.count, row->count, "how many");
        is(got.rest, row->rest, "what is left");
    }
}

static void check_trees(apr_pool_t *pool)
{
    for (size_t i = 0; i < sizeof(tree_cases) / sizeof(*tree_cases); i++) {
        apid_args_t *args = apid_args_open(pool);
        const char *text = tree_cases[i].text;

        ok(!apid_form_parse(args, text, strlen(text), pool), text);
        for (int times = 0; times < 2; times++) {
            const apid_arg_t *arg = apid_args_find(args, tree_cases[i].path);
            is(arg ? arg->text : NULL, tree_cases[i].want,
               tree_cases[i].path);
        }
    }
}

static void check_first_wins(apr_pool_t *pool)
{
    apid_args_t *args = apid_args_open(pool);

    apid_args_add_text(args, "a", "path");
    ok(!apid_form_parse(args, T("a=1&a=2&b=3"), pool), "a body");
    ok(!apid_form_parse(args, T("b=4&b=5&c=6"), pool), "a query");
    is(apid_args_find(args, "a")->text, "path", "the path wins");
    is(apid_args_find(args, "b")->text, "3", "then the body");
    is(apid_args_find(args, "c")->text, "6", "then the query");
}

static const char *parts(int n, apr_pool_t *pool)
{
    static const char part[] = "--X\r\n" NAME("a") "\r\n1\r\n";
    size_t len = sizeof(part) - 1;
    char *body = apr_palloc(pool, len * (size_t)n + 6);

    for (int i = 0; i < n; i++)
        memcpy(body + len * (size_t)i, part, len);
    strcpy(body + len * (size_t)n, "--X--");
    return body;
}

/* n parameters of different names */
static const char *many(int n, apr_pool_t *pool)
{
    char *text = apr_palloc(pool, 8 * (apr_size_t)n + 1), *end = text;

    for (int i = 0; i < n; i++)
        end += sprintf(end, "p%d&", i);
    return text;
}

/* a part with a header of n bytes */
static const char *part(int n, apr_pool_t *pool)
{
    return apr_psprintf(pool, "--X\r\n" NAME("a") "X:%*s\r\n\r\n1\r\n--X--",
                        n - (int)sizeof(NAME("a") "X:") + 1, "");
}

static void check_long(apr_pool_t *pool)
{
    apid_args_t *args = apid_args_open(pool);
    const char *text = many(1000, pool);
    apid_err_t *err;

    ok(!apid_form_parse(args, text, strlen(text), pool), "1000 parameters");
    args = apid_args_open(pool);
    text = many(1001, pool);
    err = apid_form_parse(args, text, strlen(text), pool);
    is(outcome(args, err, pool), "more than 1000 parameters",
       "1001 parameters");
    args = apid_args_open(pool);
    text = part(8190, pool);
    ok(!apid_form_parse_multipart(args, TYPE "X", text, strlen(text), pool),
       "8190 bytes of headers");
    text = part(8191, pool);
    err = apid_form_parse_multipart(args, TYPE "X", text, strlen(text), pool);
    is(outcome(args, err, pool),
       "a part of the body has more than 8190 bytes of headers",
       "8191 bytes of headers");
}

static void check_limits(apr_pool_t *pool)
{
    apid_args_t *args = apid_args_open(pool);
    const char *body = parts(1000, pool);
    apid_err_t *err;

    ok(!apid_form_parse_multipart(args, TYPE "X", body, strlen(body), pool),
       "1000 parts");
    is_int(apid_args_find(args, "a")->nitems, 1000, "all of them");
    body = parts(1001, pool);
    err = apid_form_parse_multipart(args, TYPE "X", body, strlen(body), pool);
    is(outcome(args, err, pool), "the body has more than 1000 parts",
       "1001 parts");
}

/* one object that many parameters look into */
static void check_cost_of_tree(apr_pool_t *pool)
{
    apid_args_t *args = apid_args_open(pool);
    char *text = apr_palloc(pool, 1000002), *end = text + 3;
    clock_t start = clock();

    memcpy(text, "a={", 3);
    for (int i = 0; i < 80000; i++)
        end += sprintf(end, "\"%05d\":1,", i);
    strcpy(end, "\"b\":1}");
    ok(!apid_form_parse(args, text, strlen(text), pool), "a large object");
    for (int i = 0; i < 10000; i++)
        (void)apid_args_find(args, apr_psprintf(pool, "a.c%d", i));
    is(apid_args_find(args, "a.b")->text, "1", "its last member");
    ok(clock() - start < 10 * CLOCKS_PER_SEC,
       "it is not read again for each of them");
}

/* the same of one without members, and of what is none */
static void check_cost_of_blanks(const char *last, apr_pool_t *pool)
{
    apid_args_t *args = apid_args_open(pool);
    char *text = apr_palloc(pool, 1000004);
    clock_t start = clock();

    memset(text, ' ', 1000002);
    memcpy(text, "a=", 2);
    text[2] = *last ? '{' : ' ';
    strcpy(text + 1000002, last);
    ok(!apid_form_parse(args, text, strlen(text), pool), "many blanks");
    for (int i = 0; i < 100000; i++)
        (void)apid_args_find(args, "a.b");
    ok(clock() - start < 10 * CLOCKS_PER_SEC, "they are passed once");
}

static void check_cost(apr_pool_t *pool)
{
    apid_args_t *args = apid_args_open(pool);
    clock_t start = clock();
    char *text = apr_palloc(pool, 1000000);

    for (int i = 0; i < 250000; i++)
        memcpy(text + i * 4, "a=1&", 4);
    ok(!apid_form_parse(args, text, 1000000, pool), "a value 250000 times");
    is_int(apid_args_find(args, "a")->nitems, 250000, "all of them");
    ok(clock() - start < 10 * CLOCKS_PER_SEC,
       "and that takes no quadratic time");
}

int main(void)
{
    apr_pool_t *pool;

    apr_initialize();
    apr_pool_create(&pool, NULL);
    check_forms(pool);
    check_parts(pool);
    check_extracts(pool);
    check_trees(pool);
    check_first_wins(pool);
    check_limits(pool);
    check_long(pool);
    check_cost(pool);
    check_cost_of_tree(pool);
    check_cost_of_blanks("}", pool);
    check_cost_of_blanks("", pool);
    apr_terminate();
    return tap_done();
}
