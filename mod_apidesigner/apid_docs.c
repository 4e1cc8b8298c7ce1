/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apid_docs: the OpenAPI document. Paths that differ only in the names of
 * their parts are one path there, with the names of the first definition.
 */
#include "apid_docs_parts.h"

#include <apr_escape.h>
#include <apr_strings.h>
#include <stdlib.h>
#include <string.h>

/* clang-format off */
static const char security[] =
    "{\"basic\":{\"type\":\"http\",\"scheme\":\"basic\","
    "\"description\":\"User name and access key\"},"
    "\"token_header\":{\"type\":\"apiKey\",\"in\":\"header\","
    "\"name\":\"Token\"},"
    "\"token_query\":{\"type\":\"apiKey\",\"in\":\"query\","
    "\"name\":\"token\"}}";

/* headers of a request: name in the document, who takes it, what it is */
static const struct {
    const char *name;
    unsigned ops; /* 1 << apid_op_e */
    const char *parameter;
} asked[] = {
    {"Version", ~0u,
     "{\"name\":\"API-Version\",\"in\":\"header\","
     "\"description\":\"A version other than the live one\","
     "\"schema\":{\"type\":\"integer\",\"minimum\":1}}"},
    {"Match", 1u << APID_OP_UPDATE | 1u << APID_OP_UPSERT
                  | 1u << APID_OP_DELETE,
     "{\"name\":\"If-Match\",\"in\":\"header\","
     "\"description\":\"The ETag of the record: nothing is done if it was "
     "changed since\",\"schema\":{\"type\":\"string\"}}"},
    {"NoneMatch", 1u << APID_OP_SELECT,
     "{\"name\":\"If-None-Match\",\"in\":\"header\","
     "\"description\":\"The ETag of an answer: 304 if it is the same "
     "still\",\"schema\":{\"type\":\"string\"}}"},
    {"Key", ~(1u << APID_OP_SELECT),
     "{\"name\":\"Idempotency-Key\",\"in\":\"header\","
     "\"description\":\"A text of your own, for this request and for sending "
     "it again: it is done once\",\"schema\":{\"type\":\"string\","
     "\"maxLength\":255}}"},
};
/* clang-format on */

#define COUNT(array) ((int)(sizeof(array) / sizeof(array[0])))

apid_docs_t *apid_docs_open(apid_profile_e profile, const char *server,
                            apr_pool_t *pool)
{
    apid_docs_t *docs = apr_pcalloc(pool, sizeof(*docs));

    docs->profile = profile;
    docs->server = server;
    docs->list = apr_array_make(pool, 64, sizeof(apid_docs_item_t));
    docs->pool = pool;
    return docs;
}

/** The path below the Location, percent-encoded but for the braces of its
 * parts. */
static const char *write_path(const apid_docs_entry_t *entry,
                              apr_pool_t *pool)
{
    const char *at = entry->whole ? "" : entry->api->path;
    const char *path = apr_pescape_path(
        pool, apr_pstrcat(pool, entry->base, *at ? "/" : "", NULL), 1);

    while (*at) {
        apr_size_t plain = strcspn(at, "{"), part = strcspn(at + plain, "}");
        const char *text = apr_pescape_path(
            pool, apr_pstrmemdup(pool, at, plain), 1);
        path = apr_pstrcat(pool, path, plain ? text : "", NULL);
        at += plain;
        if (!*at)
            break;
        path = apr_pstrcat(pool, path, apr_pstrmemdup(pool, at, part + 1),
                           NULL);
        at += part + 1;
    }
    return path;
}

void apid_docs_add(apid_docs_t *docs, const apid_docs_entry_t *entry)
{
    apid_docs_item_t *item = apr_array_push(docs->list);

    item->entry = *entry;
    item->path = write_path(entry, docs->pool);
    item->route = apid_api_route(item->path, docs->pool);
    item->parts = apr_array_make(docs->pool, 1, sizeof(char *));
    if (!entry->whole
        && apid_api_path_params(&item->parts, entry->api->path, docs->pool))
        apr_array_clear(item->parts);
}

static int compare(const void *a, const void *b)
{
    const apid_docs_item_t *x = a, *y = b;
    int order = strcmp(x->route, y->route);

    return order ? order : strcmp(x->entry.api->name, y->entry.api->name);
}

apr_array_header_t *apid_docs_sorted(const apid_docs_t *docs)
{
    apr_array_header_t *sorted = apr_array_copy(docs->pool, docs->list);

    qsort(sorted->elts, (size_t)sorted->nelts, sizeof(apid_docs_item_t),
          compare);
    return sorted;
}

void apid_docs_methods(const char *methods[2], const apid_api_t *api)
{
    int hook = api->kind == APID_KIND_WEBHOOK;

    methods[0] = hook ? "get" : apid_method_word(api->method);
    methods[1] = hook ? "post" : NULL;
}

const apid_plan_t *apid_docs_answer(const apid_api_t *api)
{
    return &api->plans[api->nplans - 1];
}

const char *apid_docs_time(apr_time_t time, apr_pool_t *pool)
{
    static const apid_domain_t second = {.type = APID_TYPE_DATETIME};
    apid_value_t value = apid_value_now(APID_TIME_DATETIME, time);
    char text[APID_VALUE_MAX];

    return apr_pstrmemdup(pool, text,
                          apid_value_format(text, &value, &second,
                                            APID_STYLE_RFC3339));
}

const char *apid_docs_terms(const apid_api_t *api, apr_pool_t *pool)
{
    const char *terms = "";

    if (api->minute)
        terms = apr_psprintf(pool, " At most %d calls a minute.",
                             api->minute);
    if (api->day)
        terms = apr_psprintf(pool, "%s At most %d calls a day.", terms,
                             api->day);
    if (api->addresses)
        terms = apr_pstrcat(pool, terms, " Only from listed addresses.",
                            NULL);
    return terms;
}

static const char *find_part(const apid_docs_operation_t *op, const char *name)
{
    for (int i = 0; i < op->item->parts->nelts; i++)
        if (!strcmp(APR_ARRAY_IDX(op->item->parts, i, const char *), name))
            return APR_ARRAY_IDX(op->first->parts, i, const char *);
    return name;
}

static void write_param(apid_json_t *json, const apid_docs_operation_t *op,
                        int param)
{
    apr_pool_t *pool = op->docs->pool;
    apid_docs_use_t use = apid_docs_use(op->item->entry.api, param, pool);
    int in_path
        = apid_docs_place(op->item, op->method, param) == APID_DOCS_PATH;

    apid_json_object(json);
    apid_docs_put(json, "name", in_path ? find_part(op, use.param->name)
                                        : use.param->name);
    apid_docs_put(json, "in", in_path ? "path" : "query");
    apid_json_key(json, "required");
    apid_json_boolean(json, in_path || use.param->required);
    apid_docs_put(json, "description", use.purpose);
    apid_json_key(json, "schema");
    apid_docs_param(json, &use, pool);
    apid_json_end(json);
}

static void write_asked(apid_json_t *json, const apid_docs_operation_t *op)
{
    const apid_api_t *api = op->item->entry.api;
    unsigned ops = 0;

    for (int i = 0; i < api->nplans; i++)
        ops |= 1u << api->plans[i].op;
    for (int i = 0; i < COUNT(asked); i++) {
        if (!(asked[i].ops & ops))
            continue;
        apid_json_object(json);
        apid_docs_put(json, "$ref",
                      apr_pstrcat(op->docs->pool, "#/components/parameters/",
                                  asked[i].name, NULL));
        apid_json_end(json);
    }
}

static void write_params(apid_json_t *json, const apid_docs_operation_t *op)
{
    apid_json_key(json, "parameters");
    apid_json_array(json);
    for (int i = 0; i < op->item->entry.api->nparams; i++) {
        apid_docs_place_e place = apid_docs_place(op->item, op->method, i);
        if (place == APID_DOCS_PATH || place == APID_DOCS_QUERY)
            write_param(json, op, i);
    }
    write_asked(json, op);
    apid_json_end(json);
}

static void write_body(apid_json_t *json, const apid_docs_operation_t *op)
{
    static const char *const types[]
        = {"application/json", "application/x-www-form-urlencoded"};
    apr_pool_t *pool = op->docs->pool;

    apid_json_key(json, "requestBody");
    apid_json_object(json);
    apid_json_key(json, "content");
    apid_json_object(json);
    for (int i = 0; i < COUNT(types); i++) {
        apid_json_key(json, types[i]);
        apid_json_object(json);
        apid_json_key(json, "schema");
        apid_docs_body(json, op->item, "", pool);
        apid_json_end(json);
    }
    apid_json_end(json);
    apid_json_end(json);
}

static void write_security(apid_json_t *json, const apid_api_t *api)
{
    const char *scheme = api->kind == APID_KIND_API      ? "basic"
        : api->token_in == APID_TOKEN_IN_HEADER ? "token_header"
                                                : "token_query";

    apid_json_key(json, "security");
    apid_json_array(json);
    apid_json_object(json);
    apid_json_key(json, scheme);
    apid_json_array(json);
    apid_json_end(json);
    apid_json_end(json);
    apid_json_end(json);
}

/** Names are unique, but a webhook has two methods. */
static const char *write_id(const apid_docs_operation_t *op)
{
    const apid_api_t *api = op->item->entry.api;

    return api->kind == APID_KIND_API
        ? api->name
        : apr_pstrcat(op->docs->pool, api->name, " (", op->method, ")", NULL);
}

static void write_about(apid_json_t *json, const apid_docs_operation_t *op)
{
    const apid_docs_entry_t *entry = &op->item->entry;
    const apid_api_t *api = entry->api;
    apr_pool_t *pool = op->docs->pool;

    apid_docs_put(json, "operationId", write_id(op));
    apid_docs_put(json, "summary", api->name);
    apid_docs_put(json, "description",
                  apr_pstrcat(pool, api->description ? api->description : "",
                              apid_docs_terms(api, pool), NULL));
    apid_json_key(json, "tags");
    apid_json_array(json);
    if (api->module)
        apid_json_string(json, api->module);
    apid_json_end(json);
    apid_json_key(json, "x-version");
    apid_json_int(json, api->version);
    if (entry->deprecated) {
        apid_json_key(json, "deprecated");
        apid_json_boolean(json, 1);
    }
    if (entry->sunset)
        apid_docs_put(json, "x-sunset", apid_docs_time(entry->sunset, pool));
}

static void write_operation(apid_json_t *json, const apid_docs_operation_t *op)
{
    apid_json_key(json, op->method);
    apid_json_object(json);
    write_about(json, op);
    write_security(json, op->item->entry.api);
    write_params(json, op);
    if (apid_docs_count(op->item, op->method, APID_DOCS_BODY))
        write_body(json, op);
    apid_docs_responses(json, op);
    apid_json_end(json);
}

/** What is written by one method stays so: the first has it. */
static void write_item(apid_json_t *json, apid_docs_operation_t *op,
                       unsigned *written)
{
    const char *methods[2];

    apid_docs_methods(methods, op->item->entry.api);
    for (int i = 0; i < 2 && methods[i]; i++) {
        unsigned bit = 1u << apid_method_parse(methods[i]);
        op->method = methods[i];
        if (!(*written & bit))
            write_operation(json, op);
        *written |= bit;
    }
}

static void write_paths(apid_json_t *json, const apid_docs_t *docs)
{
    apr_array_header_t *items = apid_docs_sorted(docs);
    apid_docs_operation_t op = {.docs = docs};
    unsigned written = 0;

    for (int i = 0; i < items->nelts; i++) {
        op.item = &APR_ARRAY_IDX(items, i, apid_docs_item_t);
        if (!op.first || strcmp(op.first->route, op.item->route)) {
            if (op.first)
                apid_json_end(json);
            op.first = op.item;
            written = 0;
            apid_json_key(json, op.item->path);
            apid_json_object(json);
        }
        write_item(json, &op, &written);
    }
    if (op.first)
        apid_json_end(json);
}

static void write_info(apid_json_t *json, const apid_docs_t *docs)
{
    apid_docs_put(json, "openapi", "3.1.0");
    apid_json_key(json, "info");
    apid_json_object(json);
    apid_docs_put(json, "title", "APIs and webhooks");
    apid_docs_put(json, "version",
                  apr_psprintf(docs->pool, "%" APR_INT64_T_FMT,
                               docs->revision));
    apid_json_end(json);
    apid_json_key(json, "servers");
    apid_json_array(json);
    apid_json_object(json);
    apid_docs_put(json, "url", docs->server);
    apid_json_end(json);
    apid_json_end(json);
}

void apid_docs_write(apid_json_t *json, const apid_docs_t *docs)
{
    apid_json_object(json);
    write_info(json, docs);
    apid_json_key(json, "paths");
    apid_json_object(json);
    write_paths(json, docs);
    apid_json_end(json);
    apid_json_key(json, "components");
    apid_json_object(json);
    apid_json_key(json, "securitySchemes");
    apid_json_raw(json, security, sizeof(security) - 1);
    apid_json_key(json, "parameters");
    apid_json_object(json);
    for (int i = 0; i < COUNT(asked); i++) {
        apid_json_key(json, asked[i].name);
        apid_json_raw(json, asked[i].parameter, strlen(asked[i].parameter));
    }
    apid_json_end(json);
    apid_docs_answers(json, docs);
    apid_json_end(json);
    apid_json_end(json);
}
