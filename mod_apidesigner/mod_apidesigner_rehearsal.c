/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mod_apidesigner_rehearsal: requests with `Prefer: dry-run` (RFC 7240). All of
 * it runs and is rolled back; the answer tells what would have been answered,
 * what was sent to the database, and what it would have changed. For who may
 * see definitions anyway.
 */
#include "mod_apidesigner.h"

#include <apr_lib.h>
#include <apr_strings.h>
#include <http_protocol.h>

#define PREFERENCE "dry-run"

/* ---- the preference */

/* Whether a list of preferences has one: alone, or before ';' or '='. */
static int prefers(const char *header, const char *preference)
{
    apr_size_t len = strlen(preference);

    while (header && *header) {
        const char *end;

        header += strspn(header, ", \t");
        end = header + strcspn(header, ",;= \t");
        if ((apr_size_t)(end - header) == len
            && !ap_cstr_casecmpn(header, preference, len)) {
            return 1;
        }
        header += strcspn(header, ",");
    }
    return 0;
}

apid_err_t *apid_rehearsal_open(apid_call_t *call, apid_request_t *request)
{
    request_rec *r = request->r;
    const apid_user_t *user = request->user;

    if (!prefers(apr_table_get(r->headers_in, "Prefer"), PREFERENCE)) {
        return NULL;
    }
    apr_table_setn(r->headers_out, "Preference-Applied", PREFERENCE);
    apr_table_setn(r->headers_out, "Cache-Control", "no-store");
    if (!user || request->tokens || user->role < APID_ROLE_DESIGNER) {
        return apid_err_raise(r->pool, APID_ERR_ACCESS_DENIED,
                              "A dry run is for users with the role designer");
    }
    call->trace = apid_trace_open(r->pool);
    return NULL;
}

/* ---- the answer */

static void write_bind(apid_json_t *json, const apid_value_t *value,
                       apr_pool_t *pool)
{
    static const apid_domain_t domain
        = {.type = APID_TYPE_STRING, .scale = 6};

    switch (value->cls) {
    case APID_INT:
        apid_json_int(json, value->u.i);
        return;
    case APID_UINT:
        apid_json_uint(json, value->u.u);
        return;
    case APID_BYTES:
        apid_json_base64(json, value->text, value->len);
        return;
    default:
        apid_json_string(json, apid_value_text(value, &domain, pool));
    }
}

static void write_statements(apid_json_t *json, const apid_trace_t *trace,
                             apr_pool_t *pool)
{
    apid_json_key(json, "statements");
    apid_json_array(json);
    for (int i = 0; i < trace->stmts->nelts; i++) {
        const apid_traced_t *traced
            = &APR_ARRAY_IDX(trace->stmts, i, apid_traced_t);

        apid_json_object(json);
        apid_json_key(json, "sql");
        apid_json_string(json, traced->stmt.sql);
        apid_json_key(json, "binds");
        apid_json_array(json);
        for (int k = 0; k < traced->stmt.nbinds; k++) {
            write_bind(json, &traced->stmt.binds[k], pool);
        }
        apid_json_end(json);
        apid_json_key(json, "explain");
        if (traced->explain) {
            apid_json_raw(json, traced->explain, strlen(traced->explain));
        }
        else {
            apid_json_null(json);
        }
        apid_json_end(json);
    }
    apid_json_end(json);
}

static void write_changes(apid_json_t *json, const apid_trace_t *trace)
{
    apid_json_key(json, "changes");
    apid_json_array(json);
    for (int i = 0; i < trace->entries->nelts; i++) {
        const apid_entry_t *entry
            = &APR_ARRAY_IDX(trace->entries, i, apid_entry_t);

        apid_json_object(json);
        apid_json_key(json, "record");
        apid_json_string(json, entry->record);
        apid_json_key(json, "operation");
        apid_json_string(json, apid_op_word(entry->op));
        apid_json_key(json, "changes");
        apid_updates_put_changes(json, entry->changes);
        apid_json_end(json);
    }
    apid_json_end(json);
}

static void write_answer(apid_json_t *json, const apid_kept_t *kept)
{
    apid_json_key(json, "status");
    apid_json_int(json, kept->status);
    apid_json_key(json, "answer");
    if (kept->body) {
        apid_json_raw(json, kept->body, kept->len);
    }
    else {
        apid_json_null(json);
    }
}

int apid_rehearsal_send(apid_request_t *request, apid_result_t *result,
                        const apid_trace_t *trace)
{
    request_rec *r = request->r;
    apr_bucket_brigade *brigade
        = apr_brigade_create(r->pool, r->connection->bucket_alloc);
    apid_json_t *json = apid_json_open(brigade, 0, NULL, NULL, r->pool);
    apid_kept_t kept = {0};
    apid_err_t *err = apid_handler_compose(&kept, request, result);

    if (err) {
        return apid_answer_error(request, err);
    }
    apid_json_object(json);
    apid_json_key(json, "outcome");
    apid_json_string(json, apid_outcome_word(apid_run_outcome(result)));
    write_answer(json, &kept);
    write_statements(json, trace, r->pool);
    write_changes(json, trace);
    apid_json_end(json);
    err = apid_json_close(json);
    if (err) {
        return apid_answer_error(request, err);
    }
    apid_answer_head(request);
    r->status = HTTP_OK;
    ap_set_content_type(r, "application/json");
    return apid_answer_whole(request, brigade);
}
