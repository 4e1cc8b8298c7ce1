/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apid_docs_answer: what an operation of the OpenAPI document answers: rows by
 * the types of their columns, and the errors that can come, which follow from
 * what the definition does.
 */
#include "apid_docs_parts.h"

#include <apr_strings.h>
#include <string.h>

/* When an error or a header can come. */
enum {
    WHEN_API = 1,     /* kind api */
    WHEN_HOOK = 2,    /* webhooks */
    WHEN_ALWAYS = WHEN_API | WHEN_HOOK,
    WHEN_SENT = 4,    /* something is sent */
    WHEN_BODY = 8,    /* there is a body */
    WHEN_ONE = 16,    /* one record is named */
    WHEN_WRITES = 32,
    WHEN_MANY = 64,   /* several records may be changed */
    WHEN_FOUND = 128, /* a select */
    WHEN_PAGED = 256,
    WHEN_MATCHED = 512, /* update, upsert */
    WHEN_MADE = 1024,   /* create, and an upsert that creates */
    WHEN_MINUTE = 2048, /* its calls are limited */
    WHEN_DAY = 4096,
    WHEN_DELETED = 8192,
    WHEN_FAILED = 16384, /* the answer is an error */
    WHEN_LATER = 32768   /* one that ends by itself */
};

#define REST (1u << APID_PROFILE_REST)
#define VTIGER (1u << APID_PROFILE_VTIGER)
#define BOTH (REST | VTIGER)

/* clang-format off */
static const struct {
    apid_err_e kind;
    unsigned when;
} errors[] = {
    {APID_ERR_INVALID_REQUEST, WHEN_ALWAYS},
    {APID_ERR_INVALID_JSON, WHEN_BODY},
    {APID_ERR_INVALID_USER_CREDENTIALS, WHEN_API},
    {APID_ERR_AUTHENTICATION_FAILURE, WHEN_HOOK},
    {APID_ERR_ACCESS_DENIED, WHEN_ALWAYS},
    {APID_ERR_API_NOT_FOUND, WHEN_API},
    {APID_ERR_RECORD_NOT_FOUND, WHEN_ONE},
    {APID_ERR_DUPLICATE_RECORD_FOUND, WHEN_WRITES},
    {APID_ERR_REFERENCE_INVALID, WHEN_WRITES},
    {APID_ERR_IDEMPOTENCY_KEY_IN_USE, WHEN_WRITES},
    {APID_ERR_IDEMPOTENCY_KEY_REUSED, WHEN_WRITES},
    {APID_ERR_VERSION_RETIRED, WHEN_ALWAYS},
    {APID_ERR_PRECONDITION_FAILED, WHEN_WRITES | WHEN_FOUND},
    {APID_ERR_PAYLOAD_TOO_LARGE, WHEN_BODY},
    {APID_ERR_UNSUPPORTED_MEDIA_TYPE, WHEN_BODY},
    {APID_ERR_MANDATORY_FIELDS_MISSING, WHEN_WRITES},
    {APID_ERR_INVALID_ID_ATTRIBUTE, WHEN_SENT},
    {APID_ERR_INVALID_VALUE, WHEN_SENT},
    {APID_ERR_TOO_MANY_RECORDS, WHEN_MANY},
    {APID_ERR_LIMIT_EXCEEDED, WHEN_ALWAYS},
    {APID_ERR_INTERNAL_ERROR, WHEN_ALWAYS},
    {APID_ERR_DATABASE_UNAVAILABLE, WHEN_ALWAYS},
    {APID_ERR_QUERY_TIMEOUT, WHEN_ALWAYS},
};

static const int statuses[] = {400, 401, 403, 404, 409, 410, 412, 413, 415,
                               422, 429, 500, 503, 504};

static const struct {
    const char *name;
    unsigned when, profiles;
    const char *type, *help;
} headers[] = {
    {"API-Version", WHEN_ALWAYS, BOTH, "integer", "The version that answered"},
    {"X-Request-Id", WHEN_ALWAYS | WHEN_FAILED, BOTH, "string",
     "What logs know the request by"},
    {"Retry-After", WHEN_LATER, BOTH, "integer",
     "Seconds until it may be asked again"},
    {"ETag", WHEN_FOUND, BOTH, "string",
     "For If-None-Match; of one record also for If-Match"},
    {"Link", WHEN_PAGED, REST, "string",
     "rel=\"next\": the records that follow; none of an answer above 1 MiB"},
    {"Location", WHEN_MADE, REST, "string",
     "Where the new record can be read"},
    {"X-Outcome", WHEN_MATCHED, REST, "string",
     "inserted, updated or unchanged"},
    {"X-Deleted", WHEN_DELETED, BOTH, "string",
     "Ids of what was deleted, as in a query, and how many more: 1, 2, +98"},
    {"Idempotency-Replayed", WHEN_WRITES, BOTH, "string",
     "true: it was done before, by a request with the same Idempotency-Key"},
    {"RateLimit", WHEN_MINUTE | WHEN_DAY, REST, "string",
     "Calls that are left, and seconds until there are more"},
    {"RateLimit-Policy", WHEN_MINUTE | WHEN_DAY, REST, "string",
     "How many calls there are in how many seconds"},
    {"X-FloodControl-MinuteLimit", WHEN_MINUTE, VTIGER, "integer",
     "Calls a minute"},
    {"X-FloodControl-Remaining", WHEN_MINUTE, VTIGER, "integer",
     "Those left"},
    {"X-FloodControl-Reset", WHEN_MINUTE, VTIGER, "integer",
     "When there are more, in seconds since 1970"},
    {"X-RateLimit-DailyLimit", WHEN_DAY, VTIGER, "integer", "Calls a day"},
    {"X-RateLimit-Remaining", WHEN_DAY, VTIGER, "integer", "Those left"},
    {"X-RateLimit-Reset", WHEN_DAY, VTIGER, "integer",
     "When there are more, in seconds since 1970"},
};

/* name, its JSON Schema */
static const struct {
    const char *name, *schema;
} schemas[] = {
    [APID_PROFILE_REST] = {"Problem",
        "{\"type\":\"object\",\"properties\":{"
        "\"type\":{\"type\":\"string\"},\"title\":{\"type\":\"string\"},"
        "\"status\":{\"type\":\"integer\"},\"detail\":{\"type\":\"string\"},"
        "\"code\":{\"type\":\"string\"},\"errors\":{\"type\":\"array\","
        "\"items\":{\"type\":\"object\",\"properties\":{"
        "\"pointer\":{\"type\":\"string\"},\"code\":{\"type\":\"string\"},"
        "\"detail\":{\"type\":\"string\"}},"
        "\"required\":[\"pointer\",\"code\",\"detail\"]}},"
        "\"request_id\":{\"type\":\"string\"}},"
        "\"required\":[\"type\",\"title\",\"status\",\"detail\",\"code\","
        "\"request_id\"]}"},
    [APID_PROFILE_VTIGER] = {"Error",
        "{\"type\":\"object\",\"properties\":{"
        "\"success\":{\"const\":false},\"error\":{\"type\":\"object\","
        "\"properties\":{\"code\":{\"type\":\"string\"},"
        "\"message\":{\"type\":\"string\"}},"
        "\"required\":[\"code\",\"message\"]}},"
        "\"required\":[\"success\",\"error\"]}"},
};
/* clang-format on */

#define COUNT(array) ((int)(sizeof(array) / sizeof(array[0])))

static unsigned find_when(const apid_docs_operation_t *op)
{
    const apid_api_t *api = op->item->entry.api;
    const apid_plan_t *plan = apid_docs_answer(api);
    unsigned when = api->kind == APID_KIND_API ? WHEN_API : WHEN_HOOK;
    int get = !strcmp(op->method, "get");

    when |= api->nparams ? WHEN_SENT : 0;
    when |= apid_docs_count(op->item, op->method, APID_DOCS_BODY)
        ? WHEN_BODY : 0;
    when |= api->writes ? WHEN_WRITES : 0;
    when |= plan->op == APID_OP_SELECT && get ? WHEN_FOUND : 0;
    when |= plan->paged && get ? WHEN_PAGED : 0;
    when |= plan->op == APID_OP_UPDATE || plan->op == APID_OP_UPSERT
        ? WHEN_MATCHED : 0;
    when |= plan->op == APID_OP_DELETE ? WHEN_DELETED : 0;
    when |= (api->minute ? WHEN_MINUTE : 0) | (api->day ? WHEN_DAY : 0);
    for (int i = 0; i < api->nplans; i++) {
        when |= api->plans[i].by_id || api->plans[i].one ? WHEN_ONE : 0;
        when |= api->plans[i].op != APID_OP_CREATE && api->writes
            ? WHEN_MANY : 0;
    }
    return when;
}

static void write_record(apid_json_t *json, const apid_docs_operation_t *op)
{
    const apid_plan_t *plan = apid_docs_answer(op->item->entry.api);

    apid_json_object(json);
    apid_docs_put(json, "type", "object");
    apid_json_key(json, "properties");
    apid_json_object(json);
    for (int i = 0; i < plan->nshown; i++) {
        const apid_column_t *column = &plan->columns[i];
        apid_docs_value_t value = {
            .domain = column->domain,
            .side = op->docs->profile == APID_PROFILE_REST
                ? APID_DOCS_TYPED : APID_DOCS_STRINGS,
            .nullable = apid_docs_nullable(plan, column),
            .description = column->field->label,
        };
        if (column->hidden)
            continue;
        apid_json_key(json, column->name);
        apid_docs_schema(json, &value);
    }
    apid_json_end(json);
    apid_json_key(json, "required");
    apid_json_array(json);
    for (int i = 0; i < plan->nshown; i++)
        if (!plan->columns[i].hidden)
            apid_json_string(json, plan->columns[i].name);
    apid_json_end(json);
    apid_json_end(json);
}

static void write_shape(apid_json_t *json, const apid_docs_operation_t *op)
{
    static const char done[]
        = "{\"type\":\"object\",\"properties\":{\"status\":"
          "{\"const\":\"successful\"}},\"required\":[\"status\"]}";
    apid_shape_e shape = apid_api_shape(
        apid_docs_answer(op->item->entry.api), op->docs->profile);

    if (shape == APID_SHAPE_STATUS) {
        apid_json_raw(json, done, sizeof(done) - 1);
        return;
    }
    if (shape == APID_SHAPE_LIST) {
        apid_json_object(json);
        apid_docs_put(json, "type", "array");
        apid_json_key(json, "items");
    }
    write_record(json, op);
    if (shape == APID_SHAPE_LIST)
        apid_json_end(json);
}

static void write_result(apid_json_t *json, const apid_docs_operation_t *op)
{
    static const char success[] = "{\"const\":true}";

    if (op->docs->profile == APID_PROFILE_REST) {
        write_shape(json, op);
        return;
    }
    apid_json_object(json);
    apid_docs_put(json, "type", "object");
    apid_json_key(json, "properties");
    apid_json_object(json);
    apid_json_key(json, "success");
    apid_json_raw(json, success, sizeof(success) - 1);
    apid_json_key(json, "result");
    write_shape(json, op);
    apid_json_end(json);
    apid_json_key(json, "required");
    apid_json_array(json);
    apid_json_string(json, "success");
    apid_json_string(json, "result");
    apid_json_end(json);
    apid_json_end(json);
}

static void write_headers(apid_json_t *json, const apid_docs_operation_t *op,
                          unsigned when)
{
    unsigned profile = 1u << op->docs->profile;

    apid_json_key(json, "headers");
    apid_json_object(json);
    for (int i = 0; i < COUNT(headers); i++) {
        if (!(headers[i].when & when) || !(headers[i].profiles & profile))
            continue;
        apid_json_key(json, headers[i].name);
        apid_json_object(json);
        apid_docs_put(json, "$ref",
                      apr_pstrcat(op->docs->pool, "#/components/headers/",
                                  headers[i].name, NULL));
        apid_json_end(json);
    }
    apid_json_end(json);
}

static void write_success(apid_json_t *json, const apid_docs_operation_t *op,
                          const char *status, const char *description)
{
    apid_json_key(json, status);
    apid_json_object(json);
    apid_docs_put(json, "description", description);
    write_headers(json, op, find_when(op)
                  | (strcmp(status, "201") ? 0 : WHEN_MADE));
    if (strcmp(status, "204") && strcmp(status, "304")) {
        apid_json_key(json, "content");
        apid_json_object(json);
        apid_json_key(json, "application/json");
        apid_json_object(json);
        apid_json_key(json, "schema");
        write_result(json, op);
        apid_json_end(json);
        apid_json_end(json);
    }
    apid_json_end(json);
}

static void write_successes(apid_json_t *json, const apid_docs_operation_t *op)
{
    const apid_plan_t *plan = apid_docs_answer(op->item->entry.api);
    apid_op_e what = plan->op;

    if (op->docs->profile == APID_PROFILE_VTIGER)
        write_success(json, op, "200", "Done");
    else if (what == APID_OP_DELETE)
        write_success(json, op, "204", "Deleted");
    else if (what != APID_OP_CREATE)
        write_success(json, op, "200",
                      what == APID_OP_SELECT ? "Found" : "Written");
    if (op->docs->profile == APID_PROFILE_REST
        && (what == APID_OP_CREATE
            || (what == APID_OP_UPSERT
                && plan->module->key != APID_KEY_CALLER)))
        write_success(json, op, "201", "Created");
    if (find_when(op) & WHEN_FOUND)
        write_success(json, op, "304", "Not modified");
}

/** The codes that come with a status, "" for none. */
static const char *find_codes(const apid_docs_operation_t *op, int status)
{
    const char *codes = "";

    for (int i = 0; i < COUNT(errors); i++) {
        int own = op->docs->profile == APID_PROFILE_REST
            ? apid_err_status_rest(errors[i].kind)
            : apid_err_status_vtiger(errors[i].kind);
        if (own == status && errors[i].when & find_when(op))
            codes = apr_pstrcat(op->docs->pool, codes, *codes ? ", " : "",
                                apid_err_code(errors[i].kind), NULL);
    }
    return codes;
}

static void write_error(apid_json_t *json, const apid_docs_operation_t *op,
                        int status, const char *codes)
{
    apid_json_object(json);
    apid_docs_put(json, "description", codes);
    write_headers(json, op, WHEN_FAILED
                  | (status == 429 || status == 503 ? WHEN_LATER : 0));
    apid_json_key(json, "content");
    apid_json_object(json);
    apid_json_key(json, op->docs->profile == APID_PROFILE_REST
                            ? "application/problem+json"
                            : "application/json");
    apid_json_object(json);
    apid_json_key(json, "schema");
    apid_json_object(json);
    apid_docs_put(json, "$ref",
                  apr_pstrcat(op->docs->pool, "#/components/schemas/",
                              schemas[op->docs->profile].name, NULL));
    apid_json_end(json);
    apid_json_end(json);
    apid_json_end(json);
    apid_json_end(json);
}

void apid_docs_responses(apid_json_t *json, const apid_docs_operation_t *op)
{
    apid_json_key(json, "responses");
    apid_json_object(json);
    write_successes(json, op);
    for (int i = 0; i < COUNT(statuses); i++) {
        const char *codes = find_codes(op, statuses[i]);
        if (!*codes)
            continue;
        apid_json_key(json, apr_itoa(op->docs->pool, statuses[i]));
        write_error(json, op, statuses[i], codes);
    }
    apid_json_end(json);
}

static void write_header(apid_json_t *json, int i)
{
    apid_json_key(json, headers[i].name);
    apid_json_object(json);
    apid_docs_put(json, "description", headers[i].help);
    apid_json_key(json, "schema");
    apid_json_object(json);
    apid_docs_put(json, "type", headers[i].type);
    apid_json_end(json);
    apid_json_end(json);
}

void apid_docs_answers(apid_json_t *json, const apid_docs_t *docs)
{
    const char *schema = schemas[docs->profile].schema;

    apid_json_key(json, "schemas");
    apid_json_object(json);
    apid_json_key(json, schemas[docs->profile].name);
    apid_json_raw(json, schema, strlen(schema));
    apid_json_end(json);
    apid_json_key(json, "headers");
    apid_json_object(json);
    for (int i = 0; i < COUNT(headers); i++)
        write_header(json, i);
    apid_json_end(json);
}
