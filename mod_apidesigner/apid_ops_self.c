/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apid_ops_self: the table of operations as an OpenAPI 3.1 document, so that
 * the management API is described by what it is made of.
 */
#include "apid_ops_parts.h"

#include <apr_lib.h>
#include <apr_strings.h>
#include <string.h>

#ifndef APID_VERSION
#define APID_VERSION "0"
#endif

#define SIGN "{\"$ref\":\"#/components/parameters/Sign\"}"
#define RESPONSES(answer) \
    "{\"200\":{\"$ref\":\"#/components/responses/" answer "\"}," \
    "\"default\":{\"$ref\":\"#/components/responses/Problem\"}}"

/* clang-format off */
static const char components[] =
"{\"securitySchemes\":{"
 "\"basic\":{\"type\":\"http\",\"scheme\":\"basic\"},"
 "\"session\":{\"type\":\"apiKey\",\"in\":\"cookie\",\"name\":\"apidesigner\","
  "\"description\":\"Signed in at ../login, by the fields httpd_username and "
  "httpd_password of a form.\"}},"
 "\"parameters\":{\"Sign\":{\"name\":\"X-APIDesigner\",\"in\":\"header\","
  "\"required\":true,\"description\":\"Says that no page of another server "
  "sent the request.\",\"schema\":{\"const\":\"1\"}}},"
 "\"responses\":{\"Answer\":{\"description\":\"What the operation answers.\","
  "\"content\":{\"application/json\":{\"schema\":{}}}},"
  "\"Trial\":{\"description\":\"What the definition would answer.\"},"
  "\"Problem\":{\"description\":\"What is wrong (RFC 9457).\",\"content\":{"
  "\"application/problem+json\":{\"schema\":{\"$ref\":"
  "\"#/components/schemas/Problem\"}}}}},"
 "\"schemas\":{\"Problem\":{\"type\":\"object\",\"required\":[\"type\","
  "\"title\",\"status\",\"detail\",\"code\",\"request_id\"],\"properties\":{"
  "\"type\":{\"type\":\"string\"},\"title\":{\"type\":\"string\"},"
  "\"status\":{\"type\":\"integer\"},\"detail\":{\"type\":\"string\"},"
  "\"code\":{\"type\":\"string\"},\"request_id\":{\"type\":\"string\"},"
  "\"current\":{\"type\":\"object\",\"description\":\"Of a conflict: what "
  "there is instead.\"},"
  "\"errors\":{\"type\":\"array\",\"items\":{\"type\":\"object\","
  "\"properties\":{\"pointer\":{\"type\":\"string\"},"
  "\"field\":{\"type\":\"string\"},\"line\":{\"type\":\"integer\"},"
  "\"column\":{\"type\":\"integer\"},\"code\":{\"type\":\"string\"},"
  "\"detail\":{\"type\":\"string\"}}}}}},"
 "\"Document\":{\"type\":\"object\",\"required\":[\"document\"],"
  "\"properties\":{\"name\":{\"type\":\"string\"},"
  "\"document\":{\"type\":\"string\"}}}}}";

/* one of the methods: it is that of the definition */
static const char trial[] =
"{\"post\":{\"operationId\":\"draftCall\",\"summary\":\"Calls the draft of an "
 "API for real, as if it were published.\",\"description\":\"The method is "
 "that of the API. Its parameters are those of the query and the body. For "
 "the role designer.\",\"tags\":[\"definitions\"],\"parameters\":["
 "{\"name\":\"name\",\"in\":\"path\",\"required\":true,"
  "\"schema\":{\"type\":\"string\"}},"
 "{\"name\":\"profile\",\"in\":\"query\","
  "\"schema\":{\"enum\":[\"rest\",\"vtiger\"]}}," SIGN "],"
 "\"requestBody\":{\"content\":{\"application/json\":{\"schema\":"
  "{\"type\":\"object\"}}}},"
 "\"responses\":" RESPONSES("Trial") "}}";
/* clang-format on */

static void put_raw(apid_ops_call_t *call, const char *key, const char *json)
{
    apid_json_key(call->out, key);
    apid_json_raw(call->out, json, strlen(json));
}

/* what is a file for the tool is its text here */
static const char *help_of(const apid_ops_arg_t *arg)
{
    switch (arg->kind) {
    case APID_OPS_SECRET:
        return "a secret";
    case APID_OPS_DOCUMENT:
        return "a document (XML)";
    case APID_OPS_DOCUMENTS:
        return "documents (XML)";
    default:
        return arg->help;
    }
}

/* the type of an argument as members of the schema that is open */
static void put_type(apid_ops_call_t *call, apid_ops_kind_e kind)
{
    switch (kind) {
    case APID_OPS_WHOLE:
    case APID_OPS_NUMBER:
        apid_ops_put(call, "type", "integer");
        apid_ops_put_int(call, "minimum", 0);
        return;
    case APID_OPS_FLAG:
        apid_ops_put(call, "type", "boolean");
        return;
    case APID_OPS_DOCUMENTS:
        apid_ops_put(call, "type", "array");
        apid_ops_put_int(call, "minItems", 1);
        put_raw(call, "items", "{\"$ref\":\"#/components/schemas/Document\"}");
        return;
    default:
        apid_ops_put(call, "type", "string");
    }
}

static int is_reading(const apid_ops_t *op)
{
    return !strcmp(op->method, "GET");
}

static int is_in_path(const apid_ops_t *op, const char *name, apr_pool_t *pool)
{
    return strstr(op->path, apr_pstrcat(pool, "{", name, "}", NULL)) != NULL;
}

static void put_parameter(apid_ops_call_t *call, const apid_ops_arg_t *arg,
                          const char *in)
{
    apid_json_object(call->out);
    apid_ops_put(call, "name", arg->name);
    apid_ops_put(call, "in", in);
    if (!strcmp(in, "path") || apid_ops_needs(arg->kind)) {
        apid_json_key(call->out, "required");
        apid_json_boolean(call->out, 1);
    }
    apid_ops_put(call, "description", help_of(arg));
    apid_json_key(call->out, "schema");
    apid_json_object(call->out);
    put_type(call, arg->kind);
    apid_json_end(call->out);
    apid_json_end(call->out);
}

/* a part that no argument names is the name of the document */
static void put_part(apid_ops_call_t *call, const apid_ops_t *op,
                     const char *name)
{
    const apid_ops_arg_t document
        = {APID_OPS_WORD, name, "name of the document"};
    const apid_ops_arg_t *found = &document;

    for (int i = 0; i < APID_OPS_ARGS && op->args[i].kind; i++)
        if (!strcmp(op->args[i].name, name))
            found = &op->args[i];
    put_parameter(call, found, "path");
}

static apid_err_t *put_parameters(apid_ops_call_t *call, const apid_ops_t *op)
{
    apr_array_header_t *parts;
    apid_err_t *err = apid_api_path_params(&parts, op->path, call->pool);

    apid_json_key(call->out, "parameters");
    apid_json_array(call->out);
    for (int i = 0; !err && i < parts->nelts; i++)
        put_part(call, op, APR_ARRAY_IDX(parts, i, const char *));
    for (int i = 0; i < APID_OPS_ARGS && op->args[i].kind; i++)
        if (is_reading(op) && !is_in_path(op, op->args[i].name, call->pool))
            put_parameter(call, &op->args[i], "query");
    if (!is_reading(op))
        apid_json_raw(call->out, SIGN, strlen(SIGN));
    apid_json_end(call->out);
    return err;
}

static void put_member(apid_ops_call_t *call, const apid_ops_arg_t *arg)
{
    apid_json_key(call->out, arg->name);
    apid_json_object(call->out);
    apid_ops_put(call, "description", help_of(arg));
    put_type(call, arg->kind);
    apid_json_end(call->out);
}

static void put_needed(apid_ops_call_t *call, const apid_ops_t *op)
{
    apid_json_key(call->out, "required");
    apid_json_array(call->out);
    for (int i = 0; i < APID_OPS_ARGS && op->args[i].kind; i++)
        if (!is_in_path(op, op->args[i].name, call->pool)
            && apid_ops_needs(op->args[i].kind))
            apid_json_string(call->out, op->args[i].name);
    apid_json_end(call->out);
}

static int has_body(apid_ops_call_t *call, const apid_ops_t *op)
{
    for (int i = 0; i < APID_OPS_ARGS && op->args[i].kind; i++)
        if (!is_in_path(op, op->args[i].name, call->pool))
            return !is_reading(op);
    return 0;
}

/* a document is known by the name that it is called by, if the path has none */
static void put_document_name(apid_ops_call_t *call, const apid_ops_t *op)
{
    const apid_ops_arg_t name = {APID_OPS_OPTION, "name",
                                 "name of the document"};

    if (op->args[0].kind == APID_OPS_DOCUMENT
        && !is_in_path(op, name.name, call->pool))
        put_member(call, &name);
}

/* whatever else is sent, apid_ops_check_args refuses */
static void put_body(apid_ops_call_t *call, const apid_ops_t *op)
{
    static const char *const around[]
        = {"requestBody", "content", "application/json", "schema"};

    for (int i = 0; i < 4; i++) {
        apid_json_key(call->out, around[i]);
        apid_json_object(call->out);
    }
    apid_ops_put(call, "type", "object");
    apid_json_key(call->out, "properties");
    apid_json_object(call->out);
    for (int i = 0; i < APID_OPS_ARGS && op->args[i].kind; i++)
        if (!is_in_path(op, op->args[i].name, call->pool))
            put_member(call, &op->args[i]);
    put_document_name(call, op);
    apid_json_end(call->out);
    apid_json_key(call->out, "additionalProperties");
    apid_json_boolean(call->out, 0);
    put_needed(call, op);
    for (int i = 0; i < 4; i++)
        apid_json_end(call->out);
}

/* "draft save" is draftSave */
static const char *write_id(const apid_ops_t *op, apr_pool_t *pool)
{
    char *id = apr_pstrdup(pool, op->words), *to = id;

    for (const char *from = id; *from; from++)
        *to++ = *from == ' ' ? (char)apr_toupper(*++from) : *from;
    *to = '\0';
    return id;
}

static void put_tag(apid_ops_call_t *call, const apid_ops_t *op)
{
    apid_json_key(call->out, "tags");
    apid_json_array(call->out);
    apid_json_text(call->out, op->path, strcspn(op->path, "/"));
    apid_json_end(call->out);
}

static apid_err_t *put_operation(apid_ops_call_t *call, const apid_ops_t *op)
{
    char *method = apr_pstrdup(call->pool, op->method);
    apid_err_t *err;

    for (char *c = method; *c; c++)
        *c = (char)apr_tolower(*c);
    apid_json_key(call->out, method);
    apid_json_object(call->out);
    apid_ops_put(call, "operationId", write_id(op, call->pool));
    apid_ops_put(call, "summary", op->help);
    apid_ops_put(call, "description",
                 apr_pstrcat(call->pool, "For the role ",
                             apid_role_word(op->role), ".", NULL));
    put_tag(call, op);
    err = put_parameters(call, op);
    if (has_body(call, op))
        put_body(call, op);
    put_raw(call, "responses", RESPONSES("Answer"));
    apid_json_end(call->out);
    return err;
}

/* the operations of one path, where its first one stands in the table */
static apid_err_t *put_path(apid_ops_call_t *call, const apid_ops_t *ops,
                            int n, int first)
{
    apid_err_t *err = NULL;

    for (int i = 0; i < first; i++)
        if (!strcmp(ops[i].path, ops[first].path))
            return NULL;
    apid_json_key(call->out,
                  apr_pstrcat(call->pool, "/", ops[first].path, NULL));
    apid_json_object(call->out);
    for (int i = first; i < n && !err; i++)
        if (!strcmp(ops[i].path, ops[first].path))
            err = put_operation(call, &ops[i]);
    apid_json_end(call->out);
    return err;
}

static apid_err_t *put_paths(apid_ops_call_t *call)
{
    int n;
    const apid_ops_t *ops = apid_ops_table(&n);
    apid_err_t *err = NULL;

    apid_json_key(call->out, "paths");
    apid_json_object(call->out);
    for (int i = 0; i < n && !err; i++)
        err = put_path(call, ops, n, i);
    put_raw(call, "/definitions/{name}/draft/call", trial);
    apid_json_end(call->out);
    return err;
}

apid_err_t *apid_ops_self(apid_ops_call_t *call)
{
    apid_err_t *err;

    apid_json_object(call->out);
    apid_ops_put(call, "openapi", "3.1.0");
    put_raw(call, "info", "{\"title\":\"Management API of mod_apidesigner\","
                          "\"version\":\"" APID_VERSION "\"}");
    put_raw(call, "servers", "[{\"url\":\".\"}]");
    put_raw(call, "security", "[{\"session\":[]},{\"basic\":[]}]");
    err = put_paths(call);
    put_raw(call, "components", components);
    apid_json_end(call->out);
    return err;
}
