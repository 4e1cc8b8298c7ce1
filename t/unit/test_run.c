/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_run: compiled definitions over the fake of apid_db.h: what is sent, in
 * which trips, what is tried again and what is not. Several threads run one
 * definition at once at the end; ThreadSanitizer watches.
 */
#include "apid_run.h"
#include "fake_db.h"
#include "tap.h"

#include <apr_general.h>
#include <apr_strings.h>
#include <apr_thread_proc.h>

#define THREADS 4
#define ROUNDS 50

static apr_pool_t *pool;
static const apid_catalog_t *catalog;
static const unsigned char seal[APID_DIGEST_SIZE] = "seal";
static apid_user_t ann = {.id = "7", .name = "ann"};

static const char people[] =
    "<module name='People'><table name='people' key='id'/>"
    "<field name='name' type='string' length='40' mandatory='true'/>"
    "<field name='email' type='email' length='80' mandatory='true'/>"
    "<field name='age' type='integer' bits='8'/>"
    "<unique index='uq_email' fields='email'/></module>";

static apid_api_t *compile(const char *text)
{
    apid_api_t *api;
    apid_err_t *err = apid_api_parse(&api, text, catalog, pool);

    if (err)
        printf("# %d:%d: %s\n", err->line, err->column, err->text);
    api->name = "Test";
    api->version = 3;
    return api;
}

static apid_call_t *call_with(const apid_api_t *api, const char *json,
                              apr_pool_t *p)
{
    apid_call_t *call = apr_pcalloc(p, sizeof(*call));
    apid_args_t *args = apid_args_open(p);
    apid_err_t *err = apid_args_parse_json(args, json, strlen(json), p);

    if (err)
        printf("# %s\n", err->text);
    call->api = api;
    call->args = args;
    call->user = &ann;
    call->request_id = "r1";
    call->max_rows = 200;
    call->seal = seal;
    return call;
}

/** "CODE field: text; ..." of a chain, "" for none. */
static const char *say(const apid_err_t *err)
{
    const char *text = "";

    for (; err; err = err->next)
        text = apr_psprintf(pool, "%s%s%s %s: %s", text, *text ? "; " : "",
                            apid_err_code(err->kind),
                            err->field ? err->field : "-", err->text);
    return text;
}

static int count(const char *text, const char *part)
{
    int n = 0;

    for (; (text = strstr(text, part)); text += strlen(part))
        n++;
    return n;
}

/** All rows, "name=value ..." with " / " between; an error at the end. */
static const char *read_all(apid_result_t *result)
{
    const apid_plan_t *plan = apid_run_plan(result);
    const char *text = "";
    const apid_value_t *row;
    apid_err_t *err;
    int i;

    while (!(err = apid_run_next(&row, result)) && row) {
        text = apr_pstrcat(pool, text, *text ? " / " : "", NULL);
        for (i = 0; i < plan->nshown; i++) {
            const char *value = apid_value_text(&row[i],
                                                plan->columns[i].domain, pool);

            text = apr_psprintf(pool, "%s%s%s=%s", text, i ? " " : "",
                                plan->columns[i].name, value ? value : "NULL");
        }
    }
    return err ? apr_pstrcat(pool, text, " / ", say(err), NULL) : text;
}

/** Runs; gives the rows, or the error. */
static const char *run(const apid_api_t *api, const char *json)
{
    apid_result_t *result;
    apid_err_t *err = apid_run(&result, call_with(api, json, pool), NULL,
                               pool);

    return err ? say(err) : read_all(result);
}

static void test_select(void)
{
    apid_api_t *api = compile(
        "<api><select module='People'><record><field name='id'/>"
        "<field name='name'/></record><where><field name='age' value='@age'/>"
        "</where></select></api>");

    fake_db_clear();
    fake_db_rows("FROM `people`", "id|name\ni1|tAnn\ni2|tBo");
    is(run(api, "{\"age\":30}"), "id=1 name=Ann / id=2 name=Bo", "rows");
    is(fake_db_log(pool),
       "SELECT t0.`id`, t0.`name` FROM `people` t0 WHERE (t0.`age` = ?) ORDER "
       "BY t0.`id` LIMIT ? [30, 100]\n", "one trip");
    fake_db_clear();
    is(run(api, "{}"), "", "an unsent parameter matches nothing");
    is(run(api, "{\"age\":\"x\"}"), "INVALID_VALUE age: must be a whole number",
       "a value of another type");
    is(fake_db_log(pool), "", "and nothing is asked");
    fake_db_rows("FROM `people`", "id|name\ni1|tAnn\n!");
    is(run(api, "{\"age\":30}"),
       "id=1 name=Ann / QUERY_TIMEOUT -: as the test said",
       "a failure in the middle");
    is_int(fake_db_leases(), 0, "no lease is left");
}

static apid_api_t *compile_list(const char *order)
{
    return compile(apr_psprintf(pool,
        "<api><select module='People'><record><field name='id'/></record>"
        "<sort><field name='age' order='%s'/></sort>"
        "<limit max='2' after='@cursor'/></select></api>", order));
}

static void test_cursor(void)
{
    apid_api_t *api = compile_list("descending");
    apid_result_t *result;
    const char *next;
    apid_err_t *err;

    fake_db_clear();
    fake_db_rows("FROM `people`", "id|age\ni5|i9\ni4|N\ni3|N");
    err = apid_run(&result, call_with(api, "{}", pool), NULL, pool);
    is(say(err), "", "the first page");
    is(read_all(result), "id=5 / id=4", "two of three");
    is_int(apid_run_more(result), 1, "there are more");
    next = apr_psprintf(pool, "{\"cursor\":\"%s\"}",
                        apid_run_cursor(result, pool));
    fake_db_clear();
    is(run(api, next), "", "the next page");
    is(fake_db_log(pool),
       "SELECT t0.`id`, t0.`age` FROM `people` t0 WHERE TRUE AND (FALSE OR "
       "(t0.`age` <=> ? AND ((t0.`id` > ?)))) ORDER BY t0.`age` DESC, "
       "t0.`id` LIMIT ? [NULL, 4, 3]\n", "NULLs are last, descending");
    is(run(compile_list("ascending"), next),
       "INVALID_VALUE cursor: is a cursor of another list", "another sort");
    is(run(api, "{\"cursor\":\"abc\"}"),
       "INVALID_VALUE cursor: must be a cursor that an earlier answer gave",
       "no cursor");
}

static apid_api_t *compile_create(void)
{
    return compile("<api method='post'><create module='People'><record>"
                   "<field name='name' value='@name'/>"
                   "<field name='email' value='@email'/></record>"
                   "<return><field name='id'/></return></create></api>");
}

static void test_create(void)
{
    apid_api_t *api = compile_create();
    const char *json = "{\"name\":\"Ann\",\"email\":\"a@b.c\"}";

    fake_db_clear();
    fake_db_rows("SELECT", "id\ni9");
    is(run(api, json), "id=9", "the answer");
    is(fake_db_log(pool),
       "BEGIN; INSERT INTO `people` (`name`, `email`) VALUES (?, ?) ['Ann', "
       "'a@b.c']; SELECT t0.`id` FROM `people` t0 WHERE t0.`id` = "
       "LAST_INSERT_ID(); INSERT INTO apid_update (record, module, operation, "
       "label, api, version, user, source, request_id, at, changes) VALUES "
       "(LAST_INSERT_ID(), ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ['People', 'create', "
       "'API Designer - Created', 'Test', 3, 'ann', 'api', 'r1', "
       "1970-01-01 00:00:00, '[{\"field\":\"name\",\"old\":null,\"new\":"
       "\"Ann\"},{\"field\":\"email\",\"old\":null,\"new\":\"a@b.c\"}]']; "
       "COMMIT\n", "one trip, with its history");
    fake_db_clear();
    is(run(api, "{\"name\":\"\"}"),
       "MANDATORY_FIELDS_MISSING name: is mandatory and must not be empty; "
       "MANDATORY_FIELDS_MISSING email: is mandatory and was not sent",
       "all that is missing");
    is(fake_db_log(pool), "", "and nothing is sent");
    fake_db_fail("INSERT INTO `people`", APID_ERR_DUPLICATE_RECORD_FOUND,
                 "uq_email", 1);
    ok(strstr(run(api, json), "DUPLICATE_RECORD_FOUND email:"),
       "a duplicate names the field");
    is_int(count(fake_db_log(pool), "BEGIN"), 1, "and is not tried again");
}

/* MySQL says which collation lacks a character, not which column has it. */
static void test_misfit(void)
{
    static const char *const cases[][4] = {
        {"latin1_swedish_ci", "\xe2\x98\x83", "a", "name"},
        {"latin1_swedish_ci", "\xc3\xab", "a", NULL},
        {"ascii_general_ci", "\xc3\xab", "a", "name"},
        {"utf8mb3_general_ci", "\xe2\x98\x83", "a", NULL},
        {"utf8mb3_general_ci", "\xf0\x9f\x98\x80", "\xe2\x98\x83", "name"},
        {"utf8mb3_general_ci", "\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80", NULL},
        {"latin2_general_ci", "\xe2\x98\x83", "a", NULL},
        {"a_is_small", "\xe2\x98\x83", "a", NULL}
    };
    apid_api_t *api = compile_create();
    apid_result_t *result;
    size_t i;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const char *json = apr_psprintf(
            pool, "{\"name\":\"%s\",\"email\":\"%s@b.c\"}", cases[i][1],
            cases[i][2]);
        apid_err_t *err;

        fake_db_clear();
        fake_db_fail("INSERT INTO `people`", APID_ERR_INVALID_VALUE,
                     cases[i][0], 1);
        err = apid_run(&result, call_with(api, json, pool), NULL, pool);
        is(err->object, cases[i][0], "a collation");
        is(err->field, cases[i][3], "and the field that does not fit it");
    }
}

static apid_api_t *compile_update(void)
{
    return compile("<api method='put'><limits max-affected='2'/>"
                   "<update module='People'><record>"
                   "<field name='age' value='@age'/></record><where>"
                   "<field name='name' value='@name'/></where><return>"
                   "<field name='id'/></return></update></api>");
}

static void test_update(void)
{
    apid_api_t *api = compile_update();
    const char *json = "{\"name\":\"Ann\",\"age\":5}", *log;

    fake_db_clear();
    fake_db_rows("FOR UPDATE", "id|age\ni1|i5\ni2|i6");
    fake_db_rows("IN (", "id\ni1\ni2");
    is(run(api, json), "id=1 / id=2", "both rows are answered");
    log = fake_db_log(pool);
    ok(strstr(log, "UPDATE `people` SET `age` = ? WHERE `id` IN (?) [5, 2]"),
       "the one that changes is written");
    is_int(count(log, "\"old\":\"6\",\"new\":\"5\""), 1, "and told of");
    is_int(count(log, "\"field\""), 1, "the other is not");
    fake_db_clear();
    fake_db_rows("FOR UPDATE", "id|age\ni1|i5");
    fake_db_rows("IN (", "id\ni1");
    is(run(api, json), "id=1", "equal values");
    is_int(count(fake_db_log(pool), "INSERT"), 0, "write no history");
    is_int(count(fake_db_log(pool), "UPDATE `people`"), 0, "nor anything");
    fake_db_clear();
    fake_db_rows("FOR UPDATE", "id|age\ni1|i5\ni2|i6\ni3|i7");
    ok(strstr(run(api, json), "TOO_MANY_RECORDS"), "too many");
    is_int(count(fake_db_log(pool), "ROLLBACK"), 1, "are left alone");
    fake_db_clear();
    is(run(api, "{\"age\":5}"),
       "MANDATORY_FIELDS_MISSING name: is mandatory and was not sent",
       "a condition that was not sent");
    is_int(count(fake_db_log(pool), "UPDATE"), 0, "locks no row");
}

static void test_again(void)
{
    apid_api_t *api = compile_create();
    const char *json = "{\"name\":\"Ann\",\"email\":\"a@b.c\"}";

    fake_db_clear();
    fake_db_rows("SELECT", "id\ni9");
    fake_db_fail("INSERT INTO `people`", APID_ERR_DEADLOCK, NULL, 3);
    is(run(api, json), "id=9", "after three deadlocks");
    is_int(count(fake_db_log(pool), "BEGIN"), 4, "the fourth try");
    fake_db_clear();
    fake_db_fail("INSERT INTO `people`", APID_ERR_DEADLOCK, NULL, 9);
    ok(strstr(run(api, json), "DATABASE_UNAVAILABLE"), "and no fifth");
    is_int(count(fake_db_log(pool), "BEGIN"), 4, "tries");
    fake_db_clear();
    fake_db_fail("COMMIT", APID_ERR_OUTCOME_UNKNOWN, NULL, 1);
    ok(strstr(run(api, json), "DATABASE_UNAVAILABLE"),
       "a commit without answer");
    is_int(count(fake_db_log(pool), "BEGIN"), 1, "is never tried again");
}

static void test_upsert(void)
{
    apid_api_t *api = compile(
        "<api method='put'><upsert module='People'><record>"
        "<field name='name' value='@name'/><field name='email' "
        "value='@email'/></record><where><field name='email' "
        "value='@email'/></where></upsert></api>");
    const char *json = "{\"name\":\"Ann\",\"email\":\"a@b.c\"}";

    fake_db_clear();
    fake_db_rows("LAST_INSERT_ID", "id|name|email\ni9|tAnn|ta@b.c");
    fake_db_fail("INSERT INTO `people`", APID_ERR_DUPLICATE_RECORD_FOUND,
                 "uq_email", 1);
    is(run(api, json), "id=9 name=Ann email=a@b.c", "a race that was lost");
    is_int(count(fake_db_log(pool), "BEGIN"), 2, "is tried once more");
    fake_db_clear();
    fake_db_fail("INSERT INTO `people`", APID_ERR_DUPLICATE_RECORD_FOUND,
                 "uq_email", 9);
    ok(strstr(run(api, json), "DUPLICATE_RECORD_FOUND email"), "not for ever");
    is_int(count(fake_db_log(pool), "BEGIN"), 2, "tries");
    ok(strstr(run(api, "{\"name\":\"Ann\",\"email\":\"\"}"),
              "email: is mandatory and must not be empty"),
       "an empty match is refused");
}

static void test_several(void)
{
    apid_api_t *api = compile(
        "<api method='post'><select module='People' as='boss' one='true'>"
        "<where><field name='name' value='@boss'/></where></select>"
        "<create module='People'><record><field name='name' "
        "value='@boss.name'/><field name='email' value='@email'/></record>"
        "<return><field name='id'/></return></create></api>");
    const char *json = "{\"boss\":\"Ann\",\"email\":\"a@b.c\"}";

    fake_db_clear();
    fake_db_rows("LAST_INSERT_ID", "id\ni9");
    fake_db_rows("FROM `people`", "id|name|email|age\ni1|tANN|tx@y.z|N");
    is(run(api, json), "id=9", "the last answer");
    ok(strstr(fake_db_log(pool), "VALUES (?, ?) ['ANN', 'a@b.c']"),
       "a value of the first");
    is_int(count(fake_db_log(pool), "BEGIN"), 1, "one transaction");
    is_int(count(fake_db_log(pool), "COMMIT"), 1, "committed once");
    fake_db_clear();
    ok(strstr(run(api, json), "RECORD_NOT_FOUND"), "the first finds nobody");
    is_int(count(fake_db_log(pool), "ROLLBACK"), 1, "all is rolled back");
}

/** All that is wrong with what was sent is told before any SQL. */
static void test_several_wrong(void)
{
    apid_api_t *api = compile(
        "<api method='post'><select module='People' as='boss'><where>"
        "<field name='age' value='@of'/></where></select>"
        "<update module='People'><record><field name='age' value='@age'/>"
        "</record><where><field name='id' value='@id'/><field name='name' "
        "value='@boss.name'/></where></update><delete module='People'><where>"
        "<field name='age' value='@below' condition='lessthan'/></where>"
        "</delete></api>");

    fake_db_clear();
    is(run(api, "{\"of\":\"x\",\"age\":\"y\",\"id\":\"z\"}"),
       "INVALID_VALUE of: must be a whole number; "
       "INVALID_VALUE age: must be a whole number; "
       "INVALID_ID_ATTRIBUTE id: must be the id of a record; "
       "MANDATORY_FIELDS_MISSING below: is mandatory and was not sent",
       "every operation's values and conditions in one answer");
    is(fake_db_log(pool), "", "and nothing is asked");
}

/** What one thread runs, and how often that failed. */
typedef struct work_t {
    const apid_api_t *const *apis;
    int failed;
} work_t;

static void *APR_THREAD_FUNC work(apr_thread_t *thread, void *data)
{
    work_t *w = data;
    apr_pool_t *own;
    int i;

    apr_pool_create(&own, NULL);
    for (i = 0; i < ROUNDS; i++) {
        apid_result_t *result;
        apid_err_t *err = apid_run(&result, call_with(w->apis[i % 2],
            "{\"name\":\"Ann\",\"email\":\"a@b.c\",\"age\":5}", own),
            NULL, own);

        w->failed += err != NULL;
        apr_pool_clear(own);
    }
    apr_pool_destroy(own);
    return NULL;
}

static void test_threads(void)
{
    const apid_api_t *apis[2] = {compile_create(), compile_update()};
    apr_thread_t *threads[THREADS];
    work_t works[THREADS];
    apr_status_t status;
    int i;

    fake_db_clear();
    fake_db_rows("LAST_INSERT_ID", "id\ni9");
    fake_db_rows("FOR UPDATE", "id|age\ni1|i4");
    fake_db_rows("IN (", "id\ni1");
    for (i = 0; i < THREADS; i++) {
        works[i] = (work_t){apis, 0};
        apr_thread_create(&threads[i], NULL, work, &works[i], pool);
    }
    for (i = 0; i < THREADS; i++) {
        apr_thread_join(&status, threads[i]);
        is_int(works[i].failed, 0, "a thread's runs went well");
    }
    is_int(count(fake_db_log(pool), "COMMIT"), THREADS * ROUNDS,
           "each committed");
    is_int(fake_db_leases(), 0, "no lease is left");
}

int main(void)
{
    apr_array_header_t *modules;
    apid_module_t *module;
    apid_err_t *err;

    apr_initialize();
    apr_pool_create(&pool, NULL);
    ann.rights = apid_rights_whole();
    err = apid_module_parse(&module, people, strlen(people), pool);
    is(say(err), "", "the module");
    modules = apr_array_make(pool, 1, sizeof(apid_module_t *));
    APR_ARRAY_PUSH(modules, apid_module_t *) = module;
    catalog = apid_catalog_open(modules, pool);
    test_select();
    test_cursor();
    test_create();
    test_misfit();
    test_update();
    test_again();
    test_upsert();
    test_several();
    test_several_wrong();
    test_threads();
    apr_terminate();
    return tap_done();
}
