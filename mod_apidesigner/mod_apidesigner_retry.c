/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mod_apidesigner_retry: requests with an Idempotency-Key, which may be sent
 * again when their answer was lost: the same is done once, and answered as
 * often as it is asked. What only reads needs no key, and its key is ignored.
 */
#include "mod_apidesigner.h"

#include <apr_lib.h>
#include <apr_strings.h>
#include <http_protocol.h>

#define MAX_KEY 255 /* characters */

/* ---- the key */

/* The key of the header: text in quotes, as RFC 8941 writes it, or as it is;
 * NULL if it is none. */
static const char *read_key(const char *header, apr_pool_t *pool)
{
    char *key = apr_pstrdup(pool, header);
    apr_size_t len = strlen(key);

    while (len && apr_isspace(key[len - 1])) {
        key[--len] = '\0';
    }
    if (len > 1 && key[0] == '"' && key[len - 1] == '"') {
        key[len - 1] = '\0';
        key++;
        len -= 2;
    }
    if (!len || len > MAX_KEY || ap_strchr(key, '"')) {
        return NULL;
    }
    for (const char *at = key; *at; at++) {
        if (!apr_isascii(*at) || !apr_isgraph(*at)) {
            return NULL;
        }
    }
    return key;
}

apid_err_t *apid_retry_open(apid_call_t *call, apid_request_t *request)
{
    request_rec *r = request->r;
    const char *header = apr_table_get(r->headers_in, "Idempotency-Key");
    const apid_server_config_t *server = ap_get_module_config(
        r->server->module_config, &apidesigner_module);
    const char *key;

    if (!header || !call->api->writes) {
        return NULL;
    }
    key = read_key(header, r->pool);
    if (!key) {
        return apid_err_raise(r->pool, APID_ERR_INVALID_REQUEST,
                              "Idempotency-Key must be one text of 1 to %d "
                              "characters of ASCII without blanks", MAX_KEY);
    }
    call->replay = apr_pcalloc(r->pool, sizeof(*call->replay));
    call->replay->now = call->now;
    call->replay->ttl = server->replay_ttl;
    call->replay->compose = apid_handler_compose;
    call->replay->ctx = request;
    apid_replay_name(call->replay, call, key,
                     request->config->profile == APID_PROFILE_REST
                         ? "rest"
                         : "vtiger",
                     r->pool);
    return NULL;
}

/* ---- the answer */

static void set_kept_headers(request_rec *r, const char *headers)
{
    char *copy = apr_pstrdup(r->pool, headers), *rest;

    for (char *line = apr_strtok(copy, "\n", &rest); line;
         line = apr_strtok(NULL, "\n", &rest)) {
        char *value = ap_strstr(line, ": ");

        if (value) {
            *value = '\0';
            apr_table_setn(r->headers_out, line, value + 2);
        }
    }
}

int apid_retry_send(apid_request_t *request, const apid_replay_t *replay)
{
    request_rec *r = request->r;
    const apid_kept_t *kept = &replay->kept;
    apr_bucket_brigade *brigade
        = apr_brigade_create(r->pool, r->connection->bucket_alloc);

    apid_answer_head(request);
    set_kept_headers(r, kept->headers);
    if (replay->found) {
        apr_table_setn(r->headers_out, "Idempotency-Replayed", "true");
    }
    r->status = kept->status;
    if (kept->body) {
        ap_set_content_type(r, "application/json");
        apr_brigade_write(brigade, NULL, NULL, kept->body, kept->len);
    }
    return apid_answer_whole(request, brigade);
}
