/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_err: the table of errors, their texts and causes, chains, and the word
 * that was meant.
 */
#include "apid_err.h"
#include "tap.h"

#include <apr_general.h>
#include <apr_strings.h>

typedef struct status_t {
    apid_err_e kind;
    const char *code;
    int vtiger, rest;
} status_t;

typedef struct guess_t {
    const char *found, *want;
} guess_t;

/* clang-format off */
static const status_t statuses[] = {
    {APID_ERR_AUTHENTICATION_FAILURE,   "AUTHENTICATION_FAILURE",   401, 401},
    {APID_ERR_INVALID_USER_CREDENTIALS, "INVALID_USER_CREDENTIALS", 401, 401},
    {APID_ERR_ACCESS_DENIED,            "ACCESS_DENIED",            403, 403},
    {APID_ERR_RECORD_NOT_FOUND,         "RECORD_NOT_FOUND",         404, 404},
    {APID_ERR_API_NOT_FOUND,            "API_NOT_FOUND",            404, 404},
    {APID_ERR_METHOD_NOT_ALLOWED,       "METHOD_NOT_ALLOWED",       405, 405},
    {APID_ERR_VERSION_RETIRED,          "VERSION_RETIRED",          410, 410},
    {APID_ERR_PRECONDITION_FAILED,      "PRECONDITION_FAILED",      412, 412},
    {APID_ERR_IDEMPOTENCY_KEY_IN_USE,   "IDEMPOTENCY_KEY_IN_USE",   409, 409},
    {APID_ERR_IDEMPOTENCY_KEY_REUSED,   "IDEMPOTENCY_KEY_REUSED",   422, 422},
    {APID_ERR_PAYLOAD_TOO_LARGE,        "PAYLOAD_TOO_LARGE",        413, 413},
    {APID_ERR_UNSUPPORTED_MEDIA_TYPE,   "UNSUPPORTED_MEDIA_TYPE",   415, 415},
    {APID_ERR_LIMIT_EXCEEDED,           "LIMIT_EXCEEDED",           429, 429},
    {APID_ERR_INVALID_JSON,             "INVALID_JSON",             400, 400},
    {APID_ERR_INVALID_REQUEST,          "INVALID_REQUEST",          400, 400},
    {APID_ERR_MANDATORY_FIELDS_MISSING, "MANDATORY_FIELDS_MISSING", 400, 422},
    {APID_ERR_INVALID_ID_ATTRIBUTE,     "INVALID_ID_ATTRIBUTE",     400, 422},
    {APID_ERR_INVALID_VALUE,            "INVALID_VALUE",            400, 422},
    {APID_ERR_TOO_MANY_RECORDS,         "TOO_MANY_RECORDS",         400, 422},
    {APID_ERR_REFERENCE_INVALID,        "REFERENCE_INVALID",        400, 409},
    {APID_ERR_DUPLICATE_RECORD_FOUND,   "DUPLICATE_RECORD_FOUND",   400, 409},
    {APID_ERR_DATABASE_UNAVAILABLE,     "DATABASE_UNAVAILABLE",     503, 503},
    {APID_ERR_LOCKED,                   "DATABASE_UNAVAILABLE",     503, 503},
    {APID_ERR_DEADLOCK,                 "DATABASE_UNAVAILABLE",     503, 503},
    {APID_ERR_OUTCOME_UNKNOWN,          "DATABASE_UNAVAILABLE",     503, 503},
    {APID_ERR_QUERY_TIMEOUT,            "QUERY_TIMEOUT",            504, 504},
    {APID_ERR_INTERNAL_ERROR,           "INTERNAL_ERROR",           500, 500},
    {APID_ERR_OUTDATED,                 "INTERNAL_ERROR",           500, 500},
    {APID_ERR_INVALID_DEFINITION,       "INVALID_DEFINITION",       400, 422},
    {APID_ERR_CONFLICT,                 "CONFLICT",                 409, 409}
};

static const char *const words[] = {
    "email", "firstname", "lastname", "id", "accountname", "account_id",
    "mailingcity", "mailingstate",
    "a_word_longer_than_any_field_name_that_a_person_would_ever_type_in"
};

static const guess_t guesses[] = {
    {"emial",        "email"},
    {"email",        "email"},
    {"EMAIL",        "email"},
    {"e-mail",       "email"},
    {"mail",         "email"},
    {"fristnmae",    "firstname"},
    {"LastNmae",     "lastname"},
    {"last_name",    "lastname"},
    {"acountname",   "accountname"},
    {"accountid",    "account_id"},
    {"mailingtsate", "mailingstate"},
    {"di",           "id"},
    {"ids",          "id"},
    {"ghi",          NULL},
    {"street",       NULL},
    {"eeeee",        NULL},
    {"",             NULL},
    {"a_word_longer_than_any_field_name_that_a_person_would_ever_type_in",
                     NULL}
};
/* clang-format on */

static void check_table(void)
{
    int n = sizeof(statuses) / sizeof(*statuses);

    is_int(n, APID_ERR_KINDS, "every kind is in this test");
    for (int i = 0; i < n; i++) {
        const status_t *row = &statuses[i];
        is(apid_err_code(row->kind), row->code, row->code);
        is_int(apid_err_status_vtiger(row->kind), row->vtiger,
               "its status in profile vtiger");
        is_int(apid_err_status_rest(row->kind), row->rest,
               "its status in profile rest");
    }
}

static void check_one(apr_pool_t *pool)
{
    apid_err_t *err = apid_err_raise(pool, APID_ERR_INVALID_VALUE,
                                     "%s has %zu of %.3s", "email", (size_t)7,
                                     "abcdef");

    is_int(err->kind, APID_ERR_INVALID_VALUE, "raise sets the kind");
    is(err->text, "email has 7 of abc", "raise prints the text");
    is(err->cause, NULL, "no cause at first");
    is(err->field, NULL, "no field at first");
    is_int(err->line, 0, "no line at first");
    ok(apid_err_because(err, "errno %d", 5) == err, "because gives err back");
    is(err->cause, "errno 5", "because prints the cause");
    ok(apid_err_because(err, "reading row") == err, "because, again");
    is(err->cause, "reading row: errno 5", "the later cause comes first");
    is(err->text, "email has 7 of abc", "the cause is not in the text");
    ok(apid_err_field(err, "email") == err, "field gives err back");
    is(err->field, "email", "field names the field");
    ok(apid_err_at(err, 3, 14) == err, "at gives err back");
    is_int(err->line, 3, "at sets the line");
    is_int(err->column, 14, "at sets the column");
}

static void check_none(void)
{
    ok(apid_err_because(NULL, "x") == NULL, "because: NULL stays NULL");
    ok(apid_err_field(NULL, "x") == NULL, "field: NULL stays NULL");
    ok(apid_err_about(NULL, "x") == NULL, "about: NULL stays NULL");
    ok(apid_err_at(NULL, 1, 1) == NULL, "at: NULL stays NULL");
    ok(apid_err_join(NULL, NULL) == NULL, "join: nothing and nothing");
}

static const char *texts(const apid_err_t *err, apr_pool_t *pool)
{
    const char *all = "";

    for (; err; err = err->next)
        all = apr_pstrcat(pool, all, err->text, " ", NULL);
    return all;
}

static apid_err_t *raise_about(const char *field, const char *text,
                               apr_pool_t *pool)
{
    return apid_err_field(apid_err_raise(pool, APID_ERR_INVALID_VALUE, "%s",
                                         text), field);
}

static void check_chain(apr_pool_t *pool)
{
    apid_err_t *a = apid_err_raise(pool, APID_ERR_INVALID_VALUE, "a");
    apid_err_t *b = apid_err_raise(pool, APID_ERR_INVALID_VALUE, "b");
    apid_err_t *c = apid_err_raise(pool, APID_ERR_INVALID_VALUE, "c");

    is(apid_err_line(NULL, pool), "", "a line of nothing");
    is(apid_err_line(c, pool), "c", "a line of one");
    ok(apid_err_join(NULL, b) == b, "join: nothing and one");
    ok(apid_err_join(b, NULL) == b, "join: one and nothing");
    is(texts(apid_err_join(b, c), pool), "b c ", "join: one and one");
    is(texts(apid_err_join(a, b), pool), "a b c ", "join: one and a chain");

    apid_err_t *said = raise_about("a", "x", pool);
    said = apid_err_join(said, raise_about("a", "y", pool));
    said = apid_err_join(said, apid_err_join(raise_about("a", "x", pool),
                                             raise_about("b", "x", pool)));
    is(texts(said, pool), "x y x ", "join: nothing twice of the same field");
    is(apid_err_line(apid_err_because(said, "it is %d", 1), pool),
       "a x: it is 1; a y; b x", "a line of a chain");
    is(apid_err_line(apid_err_about(said, "d"), pool),
       "d x: it is 1; d y; d x", "about names what the whole chain is about");
}

static void check_nearest(void)
{
    static const char *const ties[] = {"cat", "cot", "cut"};
    int n = sizeof(words) / sizeof(*words);

    for (size_t i = 0; i < sizeof(guesses) / sizeof(*guesses); i++)
        is(apid_err_nearest(guesses[i].found, words, n), guesses[i].want,
           guesses[i].found);
    is(apid_err_nearest("cxt", ties, 3), "cat", "of equals the first");
    is(apid_err_nearest("cut", ties, 3), "cut", "the nearest, not the first");
    is(apid_err_nearest("email", NULL, 0), NULL, "an empty list");
}

int main(void)
{
    apr_pool_t *pool;

    apr_initialize();
    apr_pool_create(&pool, NULL);
    check_table();
    check_one(pool);
    check_none();
    check_chain(pool);
    check_nearest();
    apr_terminate();
    return tap_done();
}
