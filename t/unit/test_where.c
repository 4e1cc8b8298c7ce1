/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_where: every condition of a where, and one request's arguments, to SQL
 * and binds; what is left out, what matches nothing, what is refused.
 */
#include "apid_form.h"
#include "apid_where.h"
#include "tap.h"

#include <apr_general.h>
#include <apr_strings.h>

typedef struct case_t {
    const char *where; /* fields of the where */
    const char *sent;  /* JSON, or a query that begins with '?' */
    const char *want;  /* SQL after the conditions that always hold; binds */
} case_t;

static apr_pool_t *pool;
static const apid_catalog_t *catalog;
static const apid_user_t ann = {.id = "7", .name = "ann"};

static const char people[] =
    "<module name='People' prefix='4x'><table name='people' key='id'/>"
    "<softdelete column='gone' value='1' live='0'/>"
    "<field name='name' type='string' length='40'/>"
    "<field name='code' type='string' exact='true'/>"
    "<field name='age' type='integer' bits='32'/>"
    "<field name='born' type='date'/>"
    "<field name='price' type='decimal' precision='8' scale='2'/>"
    "<field name='meta' type='json'/>"
    "<field name='org' type='reference' refers='Orgs'/></module>";
static const char orgs[] =
    "<module name='Orgs'><table name='orgs' key='id'/>"
    "<field name='name' type='string'/></module>";
static const char pairs[] =
    "<module name='Pairs'><table name='pairs' key='a,b'/>"
    "<key made='caller' types='integer,string'/>"
    "<field name='note' type='string'/></module>";

#define F(rest) "<field name=" rest "/>"
#define V " value='@v' condition="

/* clang-format off */
static const case_t cases[] = {
    {F("'name' value='@v'"), "{\"v\":\"Ann\"}", "t0.`name` = ? ['Ann']"},
    {F("'name' value='@v'"), "{\"v\":[\"a\",\"b\",\"c\"]}",
     "t0.`name` IN (?, ?, ?, ?) ['a', 'b', 'c', 'c']"},
    {F("'name' value='@v'"), "{\"v\":[]}", "FALSE []"},
    {F("'name' value='@v'"), "{\"v\":\"\"}",
     "(t0.`name` IS NULL OR t0.`name` = '') []"},
    {F("'name' value='@v'"), "{\"v\":[\"\"]}",
     "(t0.`name` IS NULL OR t0.`name` = '') []"},
    {F("'name' value='@v'"), "{\"v\":[\"\",\"x\"]}",
     "(t0.`name` IN (?) OR (t0.`name` IS NULL OR t0.`name` = '')) ['x']"},
    {F("'name'" V "'notin'"), "{\"v\":[\"\",\"x\"]}",
     "((t0.`name` NOT IN (?) OR t0.`name` IS NULL) AND "
     "NOT (t0.`name` IS NULL OR t0.`name` = '')) ['x']"},
    {F("'age' value='@v'"), "{\"v\":\"\"}", "(t0.`age` IS NULL) []"},
    {F("'born' value='@v'"), "{\"v\":\"\"}",
     "(t0.`born` IS NULL OR YEAR(t0.`born`) * MONTH(t0.`born`) * "
     "DAYOFMONTH(t0.`born`) = 0) []"},
    {F("'code' value='@v'"), "{\"v\":\"x\"}",
     "t0.`code` = ? AND CAST(CONVERT(t0.`code` USING utf8mb4) AS BINARY)"
     " IN (CAST(? AS BINARY)) ['x', 'x']"},
    {F("'code' value='@v'"), "{\"v\":[\"x\",\"y\"]}",
     "t0.`code` IN (?, ?) AND CAST(CONVERT(t0.`code` USING utf8mb4) AS BINARY)"
     " IN (CAST(? AS BINARY), CAST(? AS BINARY)) ['x', 'y', 'x', 'y']"},
    {F("'code'" V "'notequal'"), "{\"v\":\"x\"}",
     "(CAST(CONVERT(t0.`code` USING utf8mb4) AS BINARY) <> CAST(? AS BINARY)"
     " OR t0.`code` IS NULL) ['x']"},
    {F("'age'" V "'notequal'"), "{\"v\":5}",
     "(t0.`age` <> ? OR t0.`age` IS NULL) [5]"},
    {F("'age'" V "'notequal'"), "{\"v\":[5,6]}",
     "(t0.`age` NOT IN (?, ?) OR t0.`age` IS NULL) [5, 6]"},
    {F("'age'" V "'notequal'"), "{\"v\":\"\"}", "NOT (t0.`age` IS NULL) []"},
    {F("'name'" V "'like'"), "{\"v\":\"a|b\"}",
     "t0.`name` LIKE ? ESCAPE '|' ['%a||b%']"},
    {F("'name'" V "'like'"), "{\"v\":\"a%\"}",
     "t0.`name` LIKE ? ESCAPE '|' ['a%']"},
    {F("'name'" V "'notlike'"), "{\"v\":\"_a\"}",
     "(t0.`name` NOT LIKE ? ESCAPE '|' OR t0.`name` IS NULL) ['_a']"},
    {F("'name'" V "'startswith'"), "{\"v\":\"5%_\"}",
     "t0.`name` LIKE ? ESCAPE '|' ['5|%|_%']"},
    {F("'name'" V "'endswith'"), "{\"v\":\"x\"}",
     "t0.`name` LIKE ? ESCAPE '|' ['%x']"},
    {F("'age'" V "'contains'"), "{\"v\":\"x\"}",
     "t0.`age` LIKE ? ESCAPE '|' ['%x%']"},
    {F("'age'" V "'lessthan'"), "{\"v\":1}", "t0.`age` < ? [1]"},
    {F("'age'" V "'lessorequal'"), "{\"v\":1}", "t0.`age` <= ? [1]"},
    {F("'born'" V "'greaterthan'"), "{\"v\":\"2024-01-31\"}",
     "t0.`born` > ? AND YEAR(t0.`born`) * MONTH(t0.`born`)"
     " * DAYOFMONTH(t0.`born`) > 0 [2024-01-31]"},
    {F("'price'" V "'greaterorequal'"), "{\"v\":\"1.50\"}",
     "t0.`price` >= ? ['1.50']"},
    {F("'age'" V "'between'"), "{\"v\":[1,9]}",
     "t0.`age` BETWEEN ? AND ? [1, 9]"},
    {F("'age'" V "'between'"), "?v=1&v=9", "t0.`age` BETWEEN ? AND ? [1, 9]"},
    {F("'age'" V "'between'"), "?v=[1,9]", "t0.`age` BETWEEN ? AND ? [1, 9]"},
    {F("'age'" V "'between'"), "{\"v\":\"[1,9]\"}",
     "INVALID_VALUE v must be a list of two values"},
    {F("'age'" V "'between'"), "?v=[1,9]x",
     "INVALID_VALUE v must be a list of two values"},
    {F("'age'" V "'between'"), "{\"v\":[1,\"\"]}",
     "INVALID_VALUE v must be a list of two values, none empty"},
    {F("'age' value='1, 9' condition='between'"), "{}",
     "t0.`age` BETWEEN ? AND ? [1, 9]"},
    {F("'age'" V "'in'"), "{\"v\":5}", "t0.`age` IN (?) [5]"},
    {F("'age'" V "'in'"), "{\"v\":[5,null]}", "t0.`age` IN (?) [5]"},
    {F("'age'" V "'in'"), "{\"v\":[5,null,\"\"]}",
     "(t0.`age` IN (?) OR (t0.`age` IS NULL)) [5]"},
    {F("'age'" V "'in'"), "?v[]=5&v[]=6", "t0.`age` IN (?, ?) [5, 6]"},
    {F("'age'" V "'in'"), "?v=%5B5,%226%22%5D", "t0.`age` IN (?, ?) [5, 6]"},
    {F("'meta' value='@v'"), "{\"v\":{\"a\":1}}",
     APID_DB_SAME_OPEN "t0.`meta`" APID_DB_SAME_CLOSE " = " APID_DB_SAME
     " ['{\"a\":1}']"},
    {F("'meta'" V "'in'"), "{\"v\":[[1],{}]}",
     APID_DB_SAME_OPEN "t0.`meta`" APID_DB_SAME_CLOSE
     " IN (" APID_DB_SAME ", " APID_DB_SAME ") ['[1]', '{}']"},
    {F("'meta'" V "'between'"), "{\"v\":[[1],[2]]}",
     "t0.`meta` BETWEEN " APID_DB_JSON " AND " APID_DB_JSON
     " ['[1]', '[2]']"},
    {F("'meta'" V "'contains'"), "{\"v\":\"a\"}",
     "t0.`meta` LIKE ? ESCAPE '|' ['%a%']"},
    {F("'name'" V "'in'"), "?v=[draft]", "t0.`name` IN (?) ['[draft]']"},
    {F("'name'" V "'in'"), "{\"v\":\"[1]\"}", "t0.`name` IN (?) ['[1]']"},
    {F("'name'" V "'equal'"), "?v=[1]", "t0.`name` = ? ['[1]']"},
    {F("'age'" V "'in'"), "?v=[5,x]", "INVALID_VALUE v must be a whole number"},
    {F("'id'" V "'in'"), "?v=[\"4x1\",2]", "t0.`id` IN (?, ?) [1, 2]"},
    {F("'age'" V "'notin'"), "?v=[]", "FALSE []"},
    {F("'age'" V "'notin'"), "{\"v\":[5]}",
     "(t0.`age` NOT IN (?) OR t0.`age` IS NULL) [5]"},
    {F("'name' condition='empty'"), "{}",
     "(t0.`name` IS NULL OR t0.`name` = '') []"},
    {F("'age' condition='notempty'"), "{}", "NOT (t0.`age` IS NULL) []"},
    {F("'id' value='@v'"), "{\"v\":\"4x12\"}", "t0.`id` = ? [12]"},
    {F("'id' value='@v'"), "{\"v\":\"5x12\"}",
     "INVALID_ID_ATTRIBUTE v must be an id that begins with \"4x\""},
    {F("'age' value='@v'"), "{\"v\":\"old\"}",
     "INVALID_VALUE v must be a whole number"},
    {F("'name'" V "'like'"), "{\"v\":[\"a\"]}",
     "INVALID_VALUE v must be one value, not a list"},
    {F("'org' value='@user.id'"), "{}", "t0.`org` = ? [7]"},
    {F("'age' value='5'"), "{}", "t0.`age` = ? [5]"},
    {F("'org.name' value='@v'"), "{\"v\":\"x\"}", "r0_0.`name` = ? ['x']"},

    {F("'age' value='@v'"), "{}", "unsent v"},
    {F("'age' value='@v'"), "{\"v\":null}", "unsent v"},
    {F("'age' value='@v' optional='true'"), "{}", "all"},
    {F("'age' value='@v' optional='true'") F("'name' value='@n'"),
     "{\"n\":\"x\"}", "t0.`name` = ? ['x']"},
    {F("'name' value='@n'") "<where glue='or'>" F("'age' value='1'")
     F("'age' value='@v' optional='true'") "</where>", "{\"n\":\"x\"}",
     "t0.`name` = ? AND (t0.`age` = ?) ['x', 1]"},
    {F("'name' value='@n'") "<where glue='or'>"
     F("'age' value='@v' optional='true'") "</where>", "{\"n\":\"x\"}",
     "t0.`name` = ? ['x']"},
    {F("'age' value='@v'") F("'born' value='@b'"),
     "{\"v\":\"x\",\"b\":\"y\"}", "INVALID_VALUE v must be a whole number; "
     "INVALID_VALUE b must be a date yyyy-mm-dd"},
};
/* clang-format on */

static const char *show_value(const apid_value_t *value)
{
    static const apid_domain_t day = {.type = APID_TYPE_DATE,
                                      .cls = APID_TIME};

    if (value->cls == APID_TEXT)
        return apr_psprintf(pool, "'%s'", value->text);
    return apid_value_text(value, &day, pool);
}

static const char *show_errors(const apid_err_t *err)
{
    const char *text = "";

    for (; err; err = err->next)
        text = apr_psprintf(pool, "%s%s%s %s %s", text, *text ? "; " : "",
                            apid_err_code(err->kind), err->field, err->text);
    return text;
}

/** SQL and binds from the given piece and bind on. */
static const char *show(const apid_where_t *where, int piece, int bind)
{
    const char *text = "";
    int i;

    for (i = piece; i < where->pieces->nelts; i++)
        text = apr_pstrcat(pool, text, APR_ARRAY_IDX(where->pieces, i,
                                                     const char *), NULL);
    text = apr_pstrcat(pool, text, " [", NULL);
    for (i = bind; i < where->binds->nelts; i++)
        text = apr_pstrcat(pool, text, i > bind ? ", " : "",
                           show_value(&APR_ARRAY_IDX(where->binds, i,
                                                     apid_value_t)), NULL);
    return apr_pstrcat(pool, text, "]", NULL);
}

static apid_args_t *read_sent(const char *sent)
{
    apid_args_t *args = apid_args_open(pool);
    apid_err_t *err = *sent == '?'
        ? apid_form_parse(args, sent + 1, strlen(sent + 1), pool)
        : apid_args_parse_json(args, sent, strlen(sent), pool);

    ok(!err, "what is sent can be read");
    return args;
}

static const char *render(const char *module, const char *where,
                          const char *sent)
{
    const char *text = apr_pstrcat(pool, "<api><select module='", module,
                                   "'><where>", where,
                                   "</where></select></api>", NULL);
    apid_call_t call = {.args = read_sent(sent), .user = &ann};
    apid_where_t *statement = apid_where_open(pool);
    apid_api_t *api;
    apid_err_t *err = apid_api_parse(&api, text, catalog, pool);
    const apid_cond_t *missing;
    const char *shown;
    apid_match_e match;

    if (err)
        return err->text;
    call.api = api;
    match = apid_where_conditions(statement, &api->plans[0],
                                  apid_scope_open(&call, pool), &missing);
    if (statement->err)
        return show_errors(statement->err);
    if (match == APID_MATCH_NOTHING)
        return apr_pstrcat(pool, "unsent ", missing->param, NULL);
    if (match == APID_MATCH_ALL)
        return "all";
    shown = show(statement, 0, api->plans[0].nbase);
    shown += strlen(" WHERE ") + strlen(api->plans[0].base);
    return api->plans[0].nbase ? shown + strlen(" AND ") : shown;
}

/** What is in the parentheses of the group. */
static const char *strip(const char *text)
{
    const char *close = strstr(text, ") [");

    if (*text != '(' || !close)
        return text;
    return apr_pstrcat(pool, apr_pstrmemdup(pool, text + 1, close - text - 1),
                       close + 1, NULL);
}

static void test_cases(void)
{
    for (apr_size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        is(strip(render("People", cases[i].where, cases[i].sent)),
           cases[i].want, apr_pstrcat(pool, cases[i].where, " ",
                                      cases[i].sent, NULL));
}

static void test_composite(void)
{
    is(render("Pairs", F("'id' value='@v'"), "{\"v\":\"1,a%2Cb\"}"),
       "((t0.`a` = ? AND t0.`b` = ?)) [1, 'a,b']", "an id of two columns");
    is(render("Pairs", F("'id'" V "'in'"), "?v=[\"1,a\",\"2,b\"]"),
       "((FALSE OR (t0.`a` = ? AND t0.`b` = ?) OR (t0.`a` = ? AND t0.`b` = ?))"
       ") [1, 'a', 2, 'b']", "several of them");
    is(render("Pairs", F("'id' value='@v'"), "{\"v\":\"1\"}"),
       "INVALID_ID_ATTRIBUTE v must be the id of a record of Pairs",
       "half of one");
}

static void test_longest(void)
{
    const char *list = "1";

    for (int i = 0; i < 100; i++)
        list = apr_pstrcat(pool, list, ",1", NULL);
    for (int i = 0; i < 7; i++)
        list = apr_pstrcat(pool, list, ",", list, NULL);
    is(render("People", F("'age'" V "'in'"),
              apr_pstrcat(pool, "{\"v\":[", list, "]}", NULL)),
       "INVALID_VALUE v must be at most 10000 values", "too many values");
}

int main(void)
{
    apr_array_header_t *modules;
    const char *const documents[] = {people, orgs, pairs};

    apr_initialize();
    apr_pool_create(&pool, NULL);
    modules = apr_array_make(pool, 3, sizeof(apid_module_t *));
    for (int i = 0; i < 3; i++) {
        apid_module_t **module = apr_array_push(modules);

        ok(!apid_module_parse(module, documents[i], strlen(documents[i]),
                              pool), "a module");
    }
    catalog = apid_catalog_open(modules, pool);
    test_cases();
    test_composite();
    test_longest();
    apr_pool_destroy(pool);
    apr_terminate();
    return tap_done();
}
