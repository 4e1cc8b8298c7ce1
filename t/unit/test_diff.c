/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_diff: pairs of documents, and every difference between them as
 * "[!]kind name: old -> new; sentence", where '!' stands for breaking.
 */
#include "apid_diff.h"
#include "tap.h"

#include <apr_general.h>
#include <apr_strings.h>

/* clang-format off */
static const char *const modules[] = {
    "<module name='People' prefix='7x'><table name='people' key='id'/>"
    "<field name='name' type='string' length='80' mandatory='true'/>"
    "<field name='email' type='email'/><field name='age' type='integer'/>"
    "<field name='serial' type='integer' text='true'/>"
    "<field name='org_id' type='reference' refers='Orgs'/></module>",
    "<module name='Orgs'><table name='orgs' key='id'/>"
    "<field name='name' type='string'/></module>", NULL
};

#define SELECT(fields, rest) \
    "<select module='People'><record><field name='id'/>" fields "</record>" \
    rest "</select>"
#define CREATE(fields) \
    "<create module='People'><record><field name='name' value='@name'/>" \
    fields "</record><return><field name='id'/></return></create>"
#define NAME "<field name='name'/>"
#define GET(body) "<api name='A'>" body "</api>"
#define POST(body) "<api name='A' method='post'>" body "</api>"

static const struct {
    const char *what, *from, *to, *want;
} cases[] = {
    {"the same, written otherwise", GET(SELECT(NAME, "")),
     "<api name=\"A\" method='get'><!-- -->" SELECT(NAME, "") "</api>", ""},

    {"a field added", GET(SELECT("", "")), GET(SELECT(NAME, "")),
     "field-added name: - -> string; Field 'name' is answered too.\n"},
    {"a field removed", GET(SELECT(NAME, "")), GET(SELECT("", "")),
     "!field-removed name: string -> -; Field 'name' is no longer answered."
     "\n"},
    {"a field renamed", GET(SELECT(NAME, "")),
     GET(SELECT("<field name='name' as='title'/>", "")),
     "!field-renamed name: name -> title; Field 'name' is called 'title' now."
     "\n"},
    {"a field retyped", GET(SELECT("<field name='age' as='n'/>", "")),
     GET(SELECT("<field name='serial' as='n'/>", "")),
     "!field-retyped n: integer -> integer as text; Field 'n' is integer as "
     "text, it was integer.\n"},
    {"a field of another column", GET(SELECT(NAME, "")),
     GET(SELECT("<field name='org_id.name' as='name'/>", "")),
     "!field-retyped name: name -> name; Field 'name' shows 'name', it "
     "showed 'name'.\n"},

    {"method and path", "<api name='A' path='a/{id}'>" SELECT("",
     "<where><field name='id' value='@id'/></where>") "</api>",
     "<api name='A' path='b/{id}' method='post'>" SELECT("",
     "<where><field name='id' value='@id'/></where>") "</api>",
     "!method method: get -> post; The method is post, it was get.\n"
     "!path path: a/{id} -> b/{id}; The path is 'b/{id}', it was 'a/{id}'."
     "\n"},
    {"another name for a part of the path", "<api name='A' path='a/{id}'>"
     SELECT("", "<where><field name='id' value='@id'/></where>") "</api>",
     "<api name='A' path='a/{key}'>" SELECT("",
     "<where><field name='id' value='@key'/></where>") "</api>",
     "path path: a/{id} -> a/{key}; The path is 'a/{key}', it was 'a/{id}': "
     "only names in it differ.\n"
     "conditions conditions: id equal @id -> id equal @key; The conditions "
     "are: id equal @key; before: id equal @id.\n"},
    {"a webhook", GET(SELECT("", "")),
     "<webhook name='A'>" SELECT("", "") "</webhook>",
     "!method kind: api -> webhook; It is a webhook now: its address and its "
     "credentials are others.\n"},
    {"switched off", GET(SELECT("", "")),
     "<api name='A' status='inactive'>" SELECT("", "") "</api>",
     "!status status: active -> inactive; It is switched off: callers get "
     "404.\n"},
    {"another module", GET("<select module='Orgs'><record>" NAME
     "</record></select>"), GET("<select module='People'><record>" NAME
     "</record></select>"),
     "!module module: Orgs -> People; It is about People, it was about Orgs."
     "\n"},
    {"one", GET(SELECT("", "")),
     GET("<select module='People' one='true'><record><field name='id'/>"
         "</record></select>"),
     "!operation one: false -> true; It answers one object, it answered a "
     "list.\n"},
    {"another operation", POST(CREATE("")),
     POST("<upsert module='People'><record><field name='name' value='@name'/>"
          "</record><return><field name='id'/></return></upsert>"),
     "!operation operation: create -> upsert; The operation is upsert, it was "
     "create.\n"
     "parameter-optional name: required -> optional; Parameter 'name' need "
     "not be sent any more.\n"},
    {"a further operation", POST(CREATE("")),
     POST("<create module='Orgs'><record><field name='name' value='@name'/>"
          "</record></create>" CREATE("")),
     "operation operations: create People -> create Orgs, create People; It "
     "does: create Orgs, create People; before: create People.\n"
     "!parameter-retyped name: name -> name; Parameter 'name' stands for "
     "'name', it stood for 'name'.\n"},

    {"a parameter that may be sent", POST(CREATE("")),
     POST(CREATE("<field name='email' value='@email'/>")),
     "parameter-added email: - -> email; Parameter 'email' is new and may be "
     "sent.\n"},
    {"a parameter that must be sent", POST(CREATE("")),
     POST(CREATE("<field name='email' value='@email' required='true'/>")),
     "!parameter-required email: - -> email; Parameter 'email' is new and "
     "must be sent.\n"},
    {"a condition that must be sent", GET(SELECT("", "")),
     GET(SELECT("", "<where><field name='age' value='@age'/></where>")),
     "!parameter-required age: - -> integer or several; Parameter 'age' is "
     "new and must be sent.\n"
     "conditions conditions: none -> age equal @age; The conditions are: age "
     "equal @age; before: none.\n"},
    {"a parameter made required",
     POST(CREATE("<field name='email' value='@email'/>")),
     POST(CREATE("<field name='email' value='@email' required='true'/>")),
     "!parameter-required email: optional -> required; Parameter 'email' must "
     "be sent now.\n"},
    {"a parameter removed",
     POST(CREATE("<field name='email' value='@email'/>")), POST(CREATE("")),
     "!parameter-removed email: email -> -; Parameter 'email' is ignored now."
     "\n"},
    {"a parameter retyped", POST(CREATE("<field name='email' value='@x'/>")),
     POST(CREATE("<field name='age' value='@x'/>")),
     "!parameter-retyped x: email -> integer; Parameter 'x' is integer, it "
     "was email.\n"},

    {"order and size", GET(SELECT("", "<limit max='50'/>")),
     GET(SELECT("", "<sort><field name='age' order='descending'/></sort>"
                    "<limit max='20'/>")),
     "order order: id -> age descending; The answer is sorted by: age "
     "descending; before: id.\n"
     "!limits max: '50' -> '20'; An answer has at most '20' records, before "
     "'50'.\n"},
    {"values of its own", POST(CREATE("<field name='age' value='1'/>")),
     POST(CREATE("<field name='age' value='2'/>")),
     "values values: age = '1' -> age = '2'; What it writes by itself is: age "
     "= '2'; before: age = '1'.\n"},

    {"the token's place", "<webhook name='A'>" SELECT("", "") "</webhook>",
     "<webhook name='A'><security token-in='query'/>" SELECT("", "")
     "</webhook>",
     "!security token-in: header -> query; The token is sent in the query "
     "now.\n"},
    {"addresses and origins", GET("<security addresses='10.0.0.1, 10.0.0.2' "
     "origins='https://a.example'/>" SELECT("", "")),
     GET("<security addresses='10.0.0.2' origins='https://b.example "
         "https://a.example'/>" SELECT("", "")),
     "!security addresses: 10.0.0.1, 10.0.0.2 -> 10.0.0.2; It may be called "
     "from 10.0.0.2, before from 10.0.0.1, 10.0.0.2.\n"
     "security origins: https://a.example -> https://b.example, "
     "https://a.example; Pages of https://b.example, https://a.example may "
     "call it, before those of https://a.example.\n"},
    {"limits", GET("<limits minute='10'/>" SELECT("", "")),
     GET("<limits minute='5' day='100'/>" SELECT("", "")),
     "!limits minute: 10 -> 5; At most 5 calls a minute, before 10.\n"
     "!limits day: - -> 100; At most 100 calls a day, before any number.\n"},
    {"limits lifted", GET("<limits minute='10'/>" SELECT("", "")),
     GET(SELECT("", "")), "limits minute: 10 -> -; At most any number of "
     "calls a minute, before 10.\n"},
    {"allowed to fewer", GET("<allow users='ann,bob'/>" SELECT("", "")),
     GET("<allow users='ann' groups='sales'/>" SELECT("", "")),
     "!rights users: ann, bob -> ann; The users that it allows are: ann; "
     "before: ann, bob.\n"
     "!rights groups: - -> sales; The groups that it allows are: sales; "
     "before: none by name.\n"},
    {"allowed to more", GET("<allow users='ann'/>" SELECT("", "")),
     GET("<allow users='ann' groups='sales'/>" SELECT("", "")),
     "rights groups: - -> sales; The groups that it allows are: sales; "
     "before: none by name.\n"},
};
/* clang-format on */

static const apid_catalog_t *open_catalog(apr_pool_t *pool)
{
    apr_array_header_t *list = apr_array_make(pool, 2, sizeof(void *));

    for (int i = 0; modules[i]; i++) {
        apid_err_t *err = apid_module_parse(apr_array_push(list), modules[i],
                                            strlen(modules[i]), pool);
        is(err ? err->text : NULL, NULL, "a module");
    }
    return apid_catalog_open(list, pool);
}

static const char *print(const apr_array_header_t *list, apr_pool_t *pool)
{
    const char *text = "";

    for (int i = 0; i < list->nelts; i++) {
        const apid_difference_t *d
            = &APR_ARRAY_IDX(list, i, apid_difference_t);
        text = apr_pstrcat(pool, text, d->breaking ? "!" : "",
                           apid_diff_word(d->kind), " ", d->name, ": ",
                           d->before ? d->before : "-", " -> ",
                           d->after ? d->after : "-", "; ", d->text, "\n",
                           NULL);
    }
    return text;
}

static const apid_api_t *compile(const char *text,
                                 const apid_catalog_t *catalog,
                                 apr_pool_t *pool)
{
    apid_api_t *api;
    apid_err_t *err = apid_api_parse(&api, text, catalog, pool);

    if (err)
        is(err->text, NULL, text);
    return api;
}

int main(void)
{
    apr_pool_t *pool;

    apr_initialize();
    apr_pool_create(&pool, NULL);
    const apid_catalog_t *catalog = open_catalog(pool);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const apid_api_t *from = compile(cases[i].from, catalog, pool);
        const apid_api_t *to = compile(cases[i].to, catalog, pool);
        apr_array_header_t *list
            = from && to ? apid_diff(from, to, pool) : NULL;
        is(list ? print(list, pool) : NULL, cases[i].want, cases[i].what);
        is_int(list ? apid_diff_breaks(list) : -1,
               strchr(cases[i].want, '!') != NULL, "  breaking or not");
    }
    return tap_done();
}
