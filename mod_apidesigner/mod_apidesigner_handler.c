/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mod_apidesigner_handler: a granted request to arguments, run, rows, answer.
 * Nothing is sent before the first row is there; what fits is sent whole; a
 * longer answer is streamed and holds nothing back.
 */
#include "mod_apidesigner.h"

#include <apr_atomic.h>
#include <apr_strings.h>
#include <http_core.h>
#include <http_protocol.h>

#define TOLD 1000                 /* bytes of the ids of what was deleted */
#define HOLD (64 * 1024)          /* bytes of an answer that is sent whole */
#define HOLD_LONG (1024 * 1024)   /* when the end tells whether there is a next
                                   * page, or the tag of one record */

/* ---- what comes after the answer */

static const char *find_param(const apid_api_t *api,
                              const apid_binding_t *binding)
{
    return binding->source == APID_SOURCE_PARAM
               ? api->params[binding->param].name
               : NULL;
}

/* A part of an address as it was sent, without what ends it in a header or
 * is not ASCII. */
static const char *escape_address(const char *text, apr_pool_t *pool)
{
    char *escaped = apr_palloc(pool, 3 * strlen(text) + 1), *to = escaped;

    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;

        if (c <= ' ' || c > '~' || c == '<' || c == '>' || c == '"'
            || c == '\\') {
            *to++ = '%';
            ap_bin2hex(text, 1, to);
            ap_str_toupper(to);
            to += 2;
        }
        else {
            *to++ = *text;
        }
    }
    *to = '\0';
    return escaped;
}

/* Which part of the path a parameter is; -1: none. */
static int find_part(const apid_request_t *request, const char *name)
{
    apr_array_header_t *names;

    if (!request->template
        || apid_api_path_params(&names, request->template,
                                request->r->pool)) {
        return -1;
    }
    for (int i = 0; i < names->nelts && i < request->parts->nelts; i++) {
        if (!strcmp(APR_ARRAY_IDX(names, i, const char *), name)) {
            return i;
        }
    }
    return -1;
}

/* The address of this request with another value for a part of its path. */
static const char *replace_part(const apid_request_t *request, int part,
                                const char *value)
{
    apr_array_header_t *parts
        = apr_array_copy(request->r->pool, request->parts);

    APR_ARRAY_IDX(parts, part, const char *) = value;
    return apid_request_address(request, request->template,
                                (const char *const *)parts->elts);
}

/* The address of this request with another value for one parameter; NULL: none
 * can be told. */
static const char *write_link(const apid_request_t *request, const char *name,
                              const char *value)
{
    apr_pool_t *pool = request->r->pool;
    apid_extract_t others = apid_form_extract(request->r->args, name, pool);
    const char *rest = others.rest ? escape_address(others.rest, pool) : "";
    int part = find_part(request, name);
    const char *path, *query = "";

    if (part >= 0) {
        path = replace_part(request, part, value);
    }
    else {
        path = escape_address(apid_request_sent(request), pool);
        query = apr_pstrcat(pool, others.rest ? "&" : "",
                            ap_escape_urlencoded(pool, name), "=",
                            ap_escape_urlencoded(pool, value), NULL);
    }
    return path ? apr_pstrcat(pool, "<", path, *rest || *query ? "?" : "",
                              rest, query, ">; rel=\"next\"", NULL)
                : NULL;
}

/* A link can only say what a query can: a request with a body gets none. Set
 * before the last row was fetched, it may lead to an empty page. */
static void set_next(const apid_request_t *request,
                     const apid_result_t *result)
{
    apr_pool_t *pool = request->r->pool;
    const apid_plan_t *plan = apid_run_plan(result);
    const char *after = find_param(request->edition->api, &plan->after);
    const char *page = find_param(request->edition->api, &plan->page);
    const char *link = NULL;

    if (!plan->paged || request->body || !apid_run_more(result)
        || request->config->profile != APID_PROFILE_REST
        || request->r->method_number != M_GET) {
        return;
    }
    if (after) {
        link = write_link(request, after, apid_run_cursor(result, pool));
    }
    else if (page) {
        link = write_link(request, page,
                          apr_psprintf(pool, "%" APR_INT64_T_FMT,
                                       apid_run_page(result) + 1));
    }
    if (link) {
        apr_table_mergen(request->r->headers_out, "Link", link);
    }
}

/* Where the record that was made can be read: below this Location, if that
 * serves all definitions of kind api. */
static const char *write_location(const apid_request_t *request,
                                  const apid_plan_t *plan, const char *id)
{
    const apid_entry_point_t *reader
        = apid_snapshot_reader(request->snapshot, plan->module);

    return reader && request->config->location && !request->config->name
                   && request->config->serve == APID_SERVE_API
               ? apid_request_address(request, reader->path, &id)
               : NULL;
}

/* "1, 2, +98": ids as in a query, and how many more. */
static const char *write_deleted(const apr_array_header_t *ids,
                                 apr_pool_t *pool)
{
    const char *text = "";
    int i;

    for (i = 0; i < ids->nelts; i++) {
        const char *id = ap_escape_urlencoded(
            pool, APR_ARRAY_IDX(ids, i, const char *));

        if (strlen(text) + strlen(id) > TOLD) {
            return apr_psprintf(pool, "%s%s+%d", text, i ? ", " : "",
                                ids->nelts - i);
        }
        text = apr_pstrcat(pool, text, i ? ", " : "", id, NULL);
    }
    return text;
}

/* What a write made, where the body does not tell. */
static void set_outcome(apr_table_t *out, const apid_request_t *request,
                        const apid_result_t *result)
{
    const apid_plan_t *plan = apid_run_plan(result);
    const char *id = apid_run_id(result, request->r->pool), *location;

    if (plan->op == APID_OP_UPDATE || plan->op == APID_OP_UPSERT) {
        apr_table_setn(out, "X-Outcome",
                       apid_outcome_word(apid_run_outcome(result)));
    }
    location = id ? write_location(request, plan, id) : NULL;
    if (location) {
        apr_table_setn(out, "Location", location);
    }
}

static void set_written(apr_table_t *out, const apid_request_t *request,
                        const apid_result_t *result)
{
    const apr_array_header_t *deleted = apid_run_deleted(result);

    if (deleted && deleted->nelts) {
        apr_table_setn(out, "X-Deleted",
                       write_deleted(deleted, request->r->pool));
    }
    if (request->config->profile == APID_PROFILE_REST) {
        set_outcome(out, request, result);
    }
}

/* ---- rows */

static int find_status(const apid_request_t *request,
                       const apid_result_t *result)
{
    return apid_profile_status(request->config->profile,
                               apid_run_plan(result),
                               apid_run_outcome(result));
}

static void set_headers(const apid_request_t *request,
                        const apid_result_t *result)
{
    request_rec *r = request->r;

    r->status = find_status(request, result);
    ap_set_content_type(r, "application/json");
    set_written(r->headers_out, request, result);
}

/* Pulls all rows through the writer. */
static apid_err_t *write_rows(apid_json_t *json, const apid_request_t *request,
                              apid_result_t *result, apid_shape_e shape)
{
    const apid_plan_t *plan = apid_run_plan(result);
    const apid_value_t *row;
    apr_pool_t *scratch;
    apid_err_t *err;
    int n = 0;

    apr_pool_create(&scratch, request->r->pool);
    apid_profile_begin(json, request->config->profile, shape);
    while (!(err = apid_run_next(&row, result)) && row && !request->gone) {
        n++;
        if (shape == APID_SHAPE_LIST || shape == APID_SHAPE_OBJECT) {
            apid_profile_row(json, request->config->profile, plan, row,
                             scratch);
        }
    }
    if (!n && shape == APID_SHAPE_OBJECT) {
        apid_json_object(json); /* a record that was made, but cannot be seen:
                                 * a trigger marked it deleted */
        apid_json_end(json);
    }
    apid_profile_end(json, request->config->profile, shape);
    apr_pool_destroy(scratch);
    return err;
}

/* ---- an answer that is kept */

static const char *print_headers(const apid_request_t *request,
                                 const apid_result_t *result)
{
    apr_pool_t *pool = request->r->pool;
    apr_table_t *table = apr_table_make(pool, 4);
    const apr_table_entry_t *entry;
    const char *text;

    apr_table_setn(table, "API-Version",
                   apr_itoa(pool, request->edition->version));
    set_written(table, request, result);
    text = "";
    entry = (const apr_table_entry_t *)apr_table_elts(table)->elts;
    for (int i = 0; i < apr_table_elts(table)->nelts; i++) {
        text = apr_pstrcat(pool, text, entry[i].key, ": ", entry[i].val, "\n",
                           NULL);
    }
    return text;
}

apid_err_t *apid_handler_compose(apid_kept_t *kept, void *ctx,
                                 apid_result_t *result)
{
    const apid_request_t *request = ctx;
    request_rec *r = request->r;
    apr_bucket_brigade *brigade
        = apr_brigade_create(r->pool, r->connection->bucket_alloc);
    apid_shape_e shape
        = apid_api_shape(apid_run_plan(result), request->config->profile);
    apid_json_t *json = apid_json_open(brigade, 0, NULL, NULL, r->pool);
    apid_err_t *err = NULL;
    char *body;

    kept->status = find_status(request, result);
    kept->headers = print_headers(request, result);
    kept->body = NULL;
    if (shape == APID_SHAPE_NONE) {
        return NULL;
    }
    err = write_rows(json, request, result, shape);
    if (err) {
        return err;
    }
    err = apid_json_close(json);
    if (!err && apr_brigade_pflatten(brigade, &body, &kept->len, r->pool)) {
        err = apid_err_raise(r->pool, APID_ERR_INTERNAL_ERROR,
                             "Internal error");
    }
    kept->body = err ? NULL : body;
    apr_brigade_destroy(brigade);
    return err;
}

/* ---- an answer that is sent */

static int send_whole(apid_request_t *request, const apid_result_t *result,
                      apr_bucket_brigade *brigade)
{
    if (request->r->method_number != M_GET
        || apid_run_plan(result)->op != APID_OP_SELECT) {
        return apid_answer_whole(request, brigade);
    }
    set_next(request, result);
    return apid_answer_tagged(request, brigade, apid_run_tag(result));
}

/* An answer that is too long to be held. It keeps its connection for as long as
 * its reader takes: that is bounded, and not all connections may be kept so. */
typedef struct stream_t {
    apid_request_t *request;
    const apid_result_t *result;
    int begun;
    int counted;     /* among the child's streams */
    apr_time_t end;  /* when it must be read; 0: no limit */
    apid_err_t *err; /* why it is not sent, or not to its end */
} stream_t;

static const apid_server_config_t *config_of(const stream_t *stream)
{
    return ap_get_module_config(stream->request->r->server->module_config,
                                &apidesigner_module);
}

static apr_status_t count_stream(stream_t *stream)
{
    const apid_server_config_t *config = config_of(stream);
    apid_child_t *child = stream->request->child;
    apr_int64_t most = config->pool_max - config->pool_max / 4;

    if (apr_atomic_inc32(&child->streams) >= most) {
        apr_atomic_dec32(&child->streams);
        stream->request->gone = 1; /* no more rows are wanted */
        stream->err = apid_err_because(
            apid_err_raise(stream->request->r->pool,
                           APID_ERR_DATABASE_UNAVAILABLE,
                           "Too many long answers are being read; try again "
                           "in a moment, or ask for fewer records"),
            "%" APR_INT64_T_FMT " answers are streamed (three quarters of "
            "APIDesignerPool max)", most);
        return APR_EAGAIN;
    }
    stream->counted = 1;
    if (config->statement_timeout) {
        stream->end = apr_time_now() + config->statement_timeout;
    }
    return APR_SUCCESS;
}

/* What was fetched whole, such as the answer of a write, holds nothing. */
static apr_status_t begin_stream(stream_t *stream)
{
    apr_status_t status = apid_run_streams(stream->result)
                              ? count_stream(stream)
                              : APR_SUCCESS;

    if (!status) {
        stream->begun = 1;
        set_next(stream->request, stream->result);
    }
    return status;
}

static apr_status_t flush_in_time(stream_t *stream,
                                  apr_bucket_brigade *brigade)
{
    conn_rec *c = stream->request->r->connection;
    apr_socket_t *socket = c->master ? NULL : ap_get_conn_socket(c);
    apr_interval_time_t left = stream->end - apr_time_now(), usual;
    apr_status_t status = APR_TIMEUP;

    if (!socket || apr_socket_timeout_get(socket, &usual)) {
        return apid_answer_flush(brigade, stream->request);
    }
    if (left > 0) {
        apr_socket_timeout_set(socket,
                               usual > 0 && usual < left ? usual : left);
        status = apid_answer_flush(brigade, stream->request);
        apr_socket_timeout_set(socket, usual);
    }
    if (APR_STATUS_IS_TIMEUP(status)) {
        stream->request->gone = 1;
        stream->err = apid_err_raise(
            stream->request->r->pool, APID_ERR_QUERY_TIMEOUT,
            "The answer was not read in time (APIDesignerStatementTimeout)");
    }
    return status;
}

static apr_status_t flush_rows(apr_bucket_brigade *brigade, void *ctx)
{
    stream_t *stream = ctx;
    apr_status_t status = stream->begun ? APR_SUCCESS : begin_stream(stream);

    if (status) {
        return status;
    }
    return stream->end ? flush_in_time(stream, brigade)
                       : apid_answer_flush(brigade, stream->request);
}

static int end_stream(const stream_t *stream, apr_bucket_brigade *brigade,
                      const apid_err_t *err)
{
    apid_request_t *request = stream->request;

    if (!stream->begun) {
        apr_brigade_cleanup(brigade);
        request->gone = 0;
        return apid_answer_error(request, stream->err);
    }
    if (stream->counted) {
        apr_atomic_dec32(&request->child->streams);
    }
    if (request->gone) {
        err = stream->err;
    }
    return err || request->gone ? apid_answer_broken(request, brigade, err)
                                : apid_answer_tail(request, brigade);
}

static int send_rows(apid_request_t *request, apid_result_t *result,
                     apid_shape_e shape)
{
    request_rec *r = request->r;
    apr_bucket_brigade *brigade
        = apr_brigade_create(r->pool, r->connection->bucket_alloc);
    const apid_plan_t *plan = apid_run_plan(result);
    stream_t stream = {.request = request, .result = result};
    apid_json_t *json
        = apid_json_open(brigade,
                         plan->paged || plan->one ? HOLD_LONG : HOLD,
                         flush_rows, &stream, r->pool);
    apid_err_t *err = write_rows(json, request, result, shape);
    apid_err_t *unsent = apid_json_close(json);

    err = err ? err : unsent;
    if (apid_json_flushed(json)) {
        return end_stream(&stream, brigade, err);
    }
    return err ? apid_answer_error(request, err)
               : send_whole(request, result, brigade);
}

/* ---- the request */

static apid_call_t make_call(const apid_request_t *request,
                             const apid_args_t *args)
{
    apid_call_t call = {
        .api = request->edition->api,
        .args = args,
        .user = request->user,
        .request_id = request->id,
        .now = request->r->request_time,
        .max_rows = (int)request->config->max_rows,
        .profile = request->config->profile,
        .seal = apid_snapshot_seal(request->snapshot),
        .if_match = apr_table_get(request->r->headers_in, "If-Match"),
        .if_none_match
            = apr_table_get(request->r->headers_in, "If-None-Match"),
    };
    return call;
}

int apid_handler_run(apid_request_t *request)
{
    request_rec *r = request->r;
    apid_result_t *result;
    apid_args_t *args;
    apid_shape_e shape;
    apid_err_t *err = apid_request_read(&args, request);

    apr_table_unset(r->headers_in, "Authorization");
    if (err) {
        return apid_answer_error(request, err);
    }
    apid_call_t call = make_call(request, args);
    err = apid_rehearsal_open(&call, request);
    if (!err && !call.trace) {
        err = apid_retry_open(&call, request);
    }
    if (!err) {
        err = apid_run(&result, &call, request->child->db, r->pool);
    }
    if (err) {
        return apid_answer_error(request, err);
    }
    if (call.trace) {
        return apid_rehearsal_send(request, result, call.trace);
    }
    if (call.replay) {
        return apid_retry_send(request, call.replay);
    }
    apid_answer_head(request);
    set_headers(request, result);
    shape = apid_api_shape(apid_run_plan(result), request->config->profile);
    return shape == APID_SHAPE_NONE
               ? apid_answer_empty(request, r->status)
               : send_rows(request, result, shape);
}

static int tell_methods(apid_request_t *request)
{
    apid_answer_head(request);
    apr_table_setn(request->r->headers_out, "Allow",
                   apid_request_allow(request));
    return apid_answer_empty(request, HTTP_NO_CONTENT);
}

/* What another module looks up is a call only if that module includes it. */
static apid_err_t *count_included(apid_request_t *request)
{
    return request->r->main && request->edition ? apid_limits_check(request)
                                                : NULL;
}

int apid_handler_serve(request_rec *r)
{
    apid_request_t *request
        = ap_get_module_config(r->request_config, &apidesigner_module);
    apid_err_t *err;

    if (!request) {
        return DECLINED;
    }
    switch (request->config->serve) {
    case APID_SERVE_CONSOLE:
        return apid_admin_serve(request);
    case APID_SERVE_HEALTH:
        return apid_status_health(request);
    case APID_SERVE_METRICS:
        return apid_status_metrics(request);
    default:
        break;
    }
    if (request->stage != APID_STAGE_GRANTED) {
        return HTTP_INTERNAL_SERVER_ERROR;
    }
    if (r->method_number == M_OPTIONS) {
        return tell_methods(request);
    }
    err = count_included(request);
    if (err) {
        return apid_answer_error(request, err);
    }
    return request->config->serve == APID_SERVE_DOCS
               ? apid_docs_serve(request)
               : apid_handler_run(request);
}
