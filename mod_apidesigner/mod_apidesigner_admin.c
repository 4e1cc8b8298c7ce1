/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mod_apidesigner_admin: the management API: a request to an operation of
 * apid_ops, its answer or error to a response. Who somebody is, httpd has
 * found out; what they may is the operation's row. Whatever changes something
 * must come from a page of the same origin.
 */
#include "mod_apidesigner.h"
#include "apid_ops.h"

#include <apr_strings.h>
#include <http_core.h>
#include <http_log.h>
#include <http_protocol.h>
#include <http_request.h>

APLOG_USE_MODULE(apidesigner);

#define MANAGE "manage"
#define SIGN_OUT "logout"
#define OWN_PASSWORD "me password" /* the operation */
#define SIGN "X-APIDesigner" /* header that no form and no link can send */

/* ---- the same origin */

static const char *find_first(const apid_request_t *request)
{
    const apr_array_header_t *segments = apid_request_segments(request);

    return segments->nelts ? APR_ARRAY_IDX(segments, 0, const char *) : "";
}

static int is_managed(const apid_request_t *request)
{
    return !strcmp(find_first(request), MANAGE);
}

/* "https://host:8443" is the origin of what is asked of "host:8443". */
static int is_our_origin(const request_rec *r, const char *origin)
{
    const char *host = apr_table_get(r->headers_in, "Host");
    const char *named = ap_strstr_c(origin, "://");

    return host && named && !ap_cstr_casecmp(named + 3, host);
}

/* What a browser says of itself cannot be forged by a page. A request without
 * either header is of no browser that could be misled. */
static int is_same_origin(const request_rec *r)
{
    const char *site = apr_table_get(r->headers_in, "Sec-Fetch-Site");
    const char *origin = apr_table_get(r->headers_in, "Origin");

    if (site) {
        return !strcmp(site, "same-origin") || !strcmp(site, "none");
    }
    return !origin || is_our_origin(r, origin);
}

/* The definition whose draft is called: definitions/NAME/draft/call. */
static const char *find_trial(const apid_request_t *request)
{
    const apr_array_header_t *segments = apid_request_segments(request);
    const char *const *names = (const char *const *)segments->elts;

    return segments->nelts == 5 && !strcmp(names[1], "definitions")
                   && !strcmp(names[3], "draft") && !strcmp(names[4], "call")
               ? names[2]
               : NULL;
}

/* A draft that is called with GET may write: it may be a webhook. */
static int is_reading(const apid_request_t *request)
{
    int method = request->r->method_number;

    if (!strcmp(find_first(request), SIGN_OUT)
        || (is_managed(request) && find_trial(request))) {
        return 0;
    }
    return method == M_GET || method == M_OPTIONS;
}

static apid_err_t *refuse_origin(const apid_request_t *request,
                                 const char *why)
{
    return apid_err_because(apid_err_raise(request->r->pool,
                                           APID_ERR_ACCESS_DENIED,
                                           "Only pages of this server may "
                                           "change something"),
                            "%s", why);
}

apid_err_t *apid_admin_check(const apid_request_t *request)
{
    if (is_reading(request)) {
        return NULL;
    }
    if (!is_same_origin(request->r)) {
        return refuse_origin(request, "the origin is another");
    }
    if (is_managed(request) && !apr_table_get(request->r->headers_in, SIGN)) {
        return refuse_origin(request, "the header " SIGN " is missing");
    }
    return NULL;
}

/* ---- who it is */

static apid_err_t *refuse_stranger(const apid_request_t *request,
                                   const char *why)
{
    return apid_err_because(apid_err_raise(request->r->pool,
                                           APID_ERR_AUTHENTICATION_FAILURE,
                                           "Sign in first"),
                            "%s", why);
}

static apid_err_t *identify(apid_request_t *request)
{
    const char *name = request->r->user;
    apid_err_t *err = apid_access_lease(request);

    if (err) {
        return err;
    }
    if (!name) {
        return refuse_stranger(request, "httpd authenticated nobody");
    }
    if (apid_session_ended(request->r)) {
        return refuse_stranger(request, "the session was signed out");
    }
    request->user = apid_snapshot_user(request->snapshot, name);
    if (!request->user) {
        return apid_err_raise(request->r->pool, APID_ERR_ACCESS_DENIED,
                              "'%s' is no user here", name);
    }
    return request->user->disabled ? refuse_stranger(request, "disabled user")
                                   : NULL;
}

/* ---- which operation it is */

/* Takes the segments of a path for a template: the values of its parts, NULL
 * if it does not fit. */
static apr_array_header_t *match_path(const char *template,
                                      const apr_array_header_t *segments,
                                      apr_pool_t *pool)
{
    apr_array_header_t *parts = apr_array_make(pool, 4, sizeof(char *));

    for (int i = 1; i < segments->nelts; i++) {
        const char *segment = APR_ARRAY_IDX(segments, i, const char *);
        apr_size_t len = strcspn(template, "/");

        if (template[0] == '{' && *segment) {
            APR_ARRAY_PUSH(parts, const char *) = segment;
        }
        else if (!len || strlen(segment) != len
                 || strncmp(segment, template, len)) {
            return NULL;
        }
        template += len + (template[len] == '/');
    }
    return *template ? NULL : parts;
}

/* The operation of method and path; a literal segment beats a part. */
static const apid_ops_t *find_operation(apid_request_t *request)
{
    const apr_array_header_t *segments = apid_request_segments(request);
    apid_method_e method = apid_request_method(request);
    const apid_ops_t *found = NULL;
    int n;
    const apid_ops_t *ops = apid_ops_table(&n);

    for (int i = 0; i < n; i++) {
        apid_method_e other = apid_method_parse(ops[i].method);
        const apr_array_header_t *parts
            = match_path(ops[i].path, segments, request->r->pool);

        if (!parts) {
            continue;
        }
        request->allowed |= 1u << other;
        if (other == method
            && (!found || parts->nelts < request->parts->nelts)) {
            found = &ops[i];
            request->template = found->path;
            request->parts = parts;
        }
    }
    return found;
}

static apid_err_t *refuse_path(const apid_request_t *request)
{
    apr_pool_t *pool = request->r->pool;

    return request->allowed
               ? apid_err_raise(pool, APID_ERR_METHOD_NOT_ALLOWED,
                                "This does not answer %s",
                                request->r->method)
               : apid_err_raise(pool, APID_ERR_API_NOT_FOUND,
                                "There is no such operation");
}

/* ---- running it */

/* A Location that is a pattern is no address. */
static apr_array_header_t *list_places(const apid_request_t *request)
{
#define WORD(profile, word) word,
    static const char *const profiles[] = {APID_PROFILE_TABLE(WORD)};
#undef WORD
    const server_rec *server = request->r->server;
    const apid_server_config_t *config
        = ap_get_module_config(server->module_config, &apidesigner_module);
    apr_array_header_t *places
        = apr_array_make(request->r->pool, 4, sizeof(apid_ops_place_t));

    for (int i = 0; i < config->places->nelts; i++) {
        const apid_dir_config_t *place
            = APR_ARRAY_IDX(config->places, i, const apid_dir_config_t *);
        int is_api = place->serve == APID_SERVE_API;

        if (place->location && (is_api || place->serve == APID_SERVE_WEBHOOK)) {
            APR_ARRAY_PUSH(places, apid_ops_place_t) = (apid_ops_place_t){
                is_api ? "api" : "webhook",
                profiles[apid_config_place_profile(place, server)],
                place->location, place->name};
        }
    }
    return places;
}

static apid_err_t *run(apid_request_t *request, const apid_ops_t *op,
                       apid_json_t *out)
{
    apr_pool_t *pool = request->r->pool;
    apid_store_t store = {.pool = pool, .actor = request->user->name};
    apid_args_t *args;
    apid_err_t *err = apid_request_read(&args, request);

    if (!err) {
        err = apid_db_lease(&store.lease, request->child->db, pool);
    }
    if (err) {
        return err;
    }
    apid_ops_call_t call = {.pool = pool,
                            .store = &store,
                            .role = request->user->role,
                            .user = request->user,
                            .args = args,
                            .share = request->child->share,
                            .snapshot = request->snapshot,
                            .places = list_places(request),
                            .out = out};
    err = apid_ops_run(op, &call);
    apid_db_close(store.lease); /* not kept while a slow client reads */
    return err;
}

/* Whoever found a session open could guess the password here, too. */
static apid_err_t *run_throttled(apid_request_t *request, const apid_ops_t *op,
                                 apid_json_t *out)
{
    apid_attempt_t attempt
        = apid_throttle_open(request->r, request->user->name);
    apr_int64_t wait = apid_throttle_wait(&attempt);
    apid_err_t *err;

    if (wait) {
        return apid_throttle_refuse(request, wait);
    }
    err = run(request, op, out);
    if (err && err->field && !strcmp(err->field, "old")) {
        apid_throttle_fail(&attempt,
                           apr_psprintf(request->r->pool,
                                        "wrong password of user '%s'",
                                        request->user->name));
    }
    return err;
}

/* Who changed what is told to the log; what it was changed to is not, since
 * it may be secret. */
static void log_change(const apid_request_t *request, const apid_ops_t *op)
{
    if (op->effect == APID_OPS_WRITES || op->effect == APID_OPS_SETS_UP) {
        ap_log_rerror(APLOG_MARK, APLOG_NOTICE, 0, request->r,
                      "apidesigner: '%s' by %s: %s [request %s]", op->words,
                      request->user->name, request->r->uri, request->id);
    }
}

static int answer(apid_request_t *request, const apid_ops_t *op)
{
    request_rec *r = request->r;
    apr_bucket_brigade *brigade
        = apr_brigade_create(r->pool, r->connection->bucket_alloc);
    apid_json_t *out
        = apid_json_open(brigade, APR_INT32_MAX, NULL, NULL, r->pool);
    apid_err_t *err = strcmp(op->words, OWN_PASSWORD)
                          ? run(request, op, out)
                          : run_throttled(request, op, out);
    apid_err_t *unsent = apid_json_close(out);

    err = err ? err : unsent;
    if (err) {
        return apid_answer_error(request, err);
    }
    log_change(request, op);
    ap_set_content_type(r, "application/json");
    return apid_answer_whole(request, brigade);
}

static int tell_methods(apid_request_t *request)
{
    apr_table_setn(request->r->headers_out, "Allow",
                   apid_request_allow(request));
    return apid_answer_empty(request, HTTP_NO_CONTENT);
}

static int manage(apid_request_t *request)
{
    const apid_ops_t *op;
    apid_err_t *err = identify(request);

    apr_table_setn(request->r->err_headers_out, "Cache-Control", "no-store");
    if (err) {
        return apid_answer_error(request, err);
    }
    if (find_trial(request)) {
        return apid_trial_serve(request, find_trial(request));
    }
    op = find_operation(request);
    if (op) {
        return answer(request, op);
    }
    return request->allowed && request->r->method_number == M_OPTIONS
               ? tell_methods(request)
               : apid_answer_error(request, refuse_path(request));
}

int apid_admin_serve(apid_request_t *request)
{
    /* signing in and out is mod_auth_form's */
    if (!strcmp(find_first(request), SIGN_OUT)) {
        apid_session_end(request->r);
    }
    if (strcmp(request->r->handler, "apidesigner")) {
        return DECLINED;
    }
    return is_managed(request) ? manage(request)
                               : apid_console_serve(request);
}

/* ---- what httpd answers */

/* clang-format off */
static const struct { int status; apid_err_e kind; const char *text; }
pages[] = {
    {HTTP_UNAUTHORIZED,             APID_ERR_AUTHENTICATION_FAILURE,
     "Sign in first"},
    {HTTP_FORBIDDEN,                APID_ERR_ACCESS_DENIED,
     "Permission denied"},
    {HTTP_NOT_FOUND,                APID_ERR_API_NOT_FOUND,
     "There is no such page"},
    {HTTP_METHOD_NOT_ALLOWED,       APID_ERR_METHOD_NOT_ALLOWED,
     "This is not answered by that method"},
    {HTTP_REQUEST_ENTITY_TOO_LARGE, APID_ERR_PAYLOAD_TOO_LARGE,
     "The request body is too large"},
    {HTTP_BAD_REQUEST,              APID_ERR_INVALID_REQUEST,
     "The request cannot be read"},
    {HTTP_SERVICE_UNAVAILABLE,      APID_ERR_DATABASE_UNAVAILABLE,
     "Try again later"},
};
/* clang-format on */

static apid_err_t *find_page(const apid_request_t *request)
{
    request_rec *r = request->r;

    if (request->refusal) {
        return request->refusal; /* of an attempt to sign in */
    }
    for (apr_size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++) {
        if (pages[i].status == r->status) {
            return apid_err_raise(r->pool, pages[i].kind, "%s",
                                  pages[i].text);
        }
    }
    return apid_err_raise(r->pool, APID_ERR_INTERNAL_ERROR, "Internal error");
}

void apid_admin_catch(request_rec *r)
{
    const apid_request_t *request
        = ap_get_module_config(r->request_config, &apidesigner_module);

    if (request && request->config->serve == APID_SERVE_CONSOLE
        && !ap_is_HTTP_REDIRECT(r->status)) {
        ap_add_output_filter(APID_ADMIN_FILTER, (void *)request, r,
                             r->connection);
    }
}

static void write_problem(apid_json_t *json, const apid_request_t *request)
{
    request_rec *r = request->r;
    const apid_err_t *err = find_page(request);

    if (request->refusal) {
        r->status = apid_profile_error_status(APID_PROFILE_REST, err);
        r->status_line = NULL;
        apr_table_setn(r->headers_out, "Retry-After",
                       apr_psprintf(r->pool, "%" APR_INT64_T_FMT,
                                    request->retry_after));
    }
    apid_profile_error(json, request, err);
}

static void write_page(apr_bucket_brigade *brigade,
                       const apid_request_t *request)
{
    request_rec *r = request->r;
    apid_json_t *json
        = apid_json_open(brigade, APR_INT32_MAX, NULL, NULL, r->pool);

    if (r->status < HTTP_BAD_REQUEST) {
        apid_json_object(json);
        apid_json_key(json, "status");
        apid_json_int(json, r->status);
        apid_json_end(json);
    }
    else {
        write_problem(json, request);
    }
    if (apid_json_close(json)) {
        apr_brigade_cleanup(brigade);
    }
}

apr_status_t apid_admin_filter(ap_filter_t *filter, apr_bucket_brigade *page)
{
    const apid_request_t *request = filter->ctx;
    request_rec *r = filter->r;
    apr_bucket_brigade *brigade
        = apr_brigade_create(r->pool, r->connection->bucket_alloc);

    apr_brigade_cleanup(page);
    if (!request) {
        return APR_SUCCESS; /* the rest of a page that was replaced */
    }
    filter->ctx = NULL;
    ap_set_content_type(r, r->status < HTTP_BAD_REQUEST
                               ? "application/json"
                               : apid_profile_error_type(APID_PROFILE_REST));
    write_page(brigade, request);
    APR_BRIGADE_INSERT_TAIL(
        brigade, apr_bucket_eos_create(r->connection->bucket_alloc));
    return ap_pass_brigade(filter->next, brigade);
}
