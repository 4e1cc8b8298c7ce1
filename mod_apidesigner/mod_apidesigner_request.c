/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mod_apidesigner_request: the record of a request, and reading it: path, body
 * and query become arguments. Who may send it is not judged here.
 */
#include "mod_apidesigner.h"

#include <apr_atomic.h>
#include <apr_lib.h>
#include <apr_strings.h>
#include <http_core.h>
#include <http_protocol.h>
#include <http_request.h>

#define FIRST_BLOCK 8192 /* of a body of unknown length */

/* how httpd makes a path of what was sent */
#define NORMALIZE (AP_NORMALIZE_NOT_ABOVE_ROOT | AP_NORMALIZE_MERGE_SLASHES)

/* What the child drew when it started, and its count of requests, spread over
 * all bits: drawing bytes for each request costs more than reading it. */
static const char *make_id(request_rec *r, apid_child_t *child)
{
    const char *unique = apr_table_get(r->subprocess_env, "UNIQUE_ID");
    apr_uint64_t bits[2];
    char *id;

    if (unique) {
        return unique;
    }
    id = apr_palloc(r->pool, 2 * sizeof(bits) + 1);
    if (child) {
        bits[0] = child->drawn[0];
        bits[1] = (child->drawn[1] + apr_atomic_inc64(&child->requests))
                  * 0x9e3779b97f4a7c15u;
    }
    else {
        ap_random_insecure_bytes(bits, sizeof(bits));
    }
    ap_bin2hex(bits, sizeof(bits), id);
    return id;
}

static apid_request_t *make_request(request_rec *r)
{
    apid_request_t *request = apr_pcalloc(r->pool, sizeof(*request));
    const apid_server_config_t *server = ap_get_module_config(
        r->server->module_config, &apidesigner_module);

    request->r = r;
    request->child = server->child;
    request->id = make_id(r, request->child);
    apr_table_setn(r->err_headers_out, "X-Request-Id", request->id);
    /* A part of an answer would be no JSON. */
    apr_table_unset(r->headers_in, "Range");
    apr_table_unset(r->headers_in, "Request-Range");
    /* HTTP/2 would read it again, without the secrets taken out of it. */
    apr_table_unset(r->headers_in, "Upgrade");
    ap_set_module_config(r->request_config, &apidesigner_module, request);
    return request;
}

apid_request_t *apid_request_open(request_rec *r)
{
    const apid_dir_config_t *config
        = ap_get_module_config(r->per_dir_config, &apidesigner_module);
    apid_request_t *request
        = ap_get_module_config(r->request_config, &apidesigner_module);

    if (config->serve == APID_SERVE_NONE) {
        return NULL;
    }
    if (!request) {
        request = make_request(r);
    }
    if (request->config != config) {
        request->config = config;
        request->uri = r->uri;
        /* whatever is served here: whoever sent it took it for a secret */
        if (!request->tokens) {
            apid_secret_take(request);
        }
        if (config->serve == APID_SERVE_CONSOLE) {
            apid_console_guard(request);
        }
    }
    return request;
}

int apid_request_stays(request_rec *r)
{
    const apid_request_t *request
        = ap_get_module_config(r->request_config, &apidesigner_module);
    ap_conf_vector_t *before = r->per_dir_config;

    if (!request || request->uri == r->uri) {
        return request != NULL;
    }
    r->per_dir_config = r->server->lookup_defaults;
    request = ap_location_walk(r) ? NULL : apid_request_open(r);
    r->per_dir_config = before;
    if (!request) {
        ap_set_module_config(r->request_config, &apidesigner_module, NULL);
    }
    return request != NULL;
}

/* A slash that AllowEncodedSlashes NoDecode left encoded. */
static void decode_slashes(char *path)
{
    char *to = path;

    for (const char *from = path; *from; to++) {
        if (!ap_cstr_casecmpn(from, "%2F", 3)) {
            *to = '/';
            from += 3;
        }
        else {
            *to = *from++;
        }
    }
    *to = '\0';
}

/* The path below the Location as httpd has it, encoded slashes left. */
static char *find_rest(const apid_request_t *request)
{
    const char *location = request->config->location;
    const char *uri = request->r->uri;
    apr_size_t at, len = location ? strlen(location) : 0;

    while (len && location[len - 1] == '/') {
        len--;
    }
    if (!location || strncmp(uri, location, len)
        || !apid_arg_utf8(uri, strlen(uri), &at)) {
        return NULL;
    }
    return apr_pstrdup(request->r->pool, uri + len + (uri[len] == '/'));
}

char *apid_request_sent(const apid_request_t *request)
{
    const char *url = request->r->unparsed_uri;
    const char *at = *url == '/' ? url : ap_strstr_c(url, "://");
    char *path;

    if (at && at != url) {
        at = ap_strchr_c(at + 3, '/');
    }
    if (!at) {
        return apr_pstrdup(request->r->pool, "/");
    }
    at += strspn(at, "/") - 1;
    path = apr_pstrmemdup(request->r->pool, at, strcspn(at, "?#"));
    return ap_normalize_path(path, NORMALIZE | AP_NORMALIZE_DECODE_UNRESERVED)
               ? path
               : apr_pstrdup(request->r->pool, "/");
}

/* httpd's own settings for the path of a request; those that a Location is
 * merged to do not keep them. */
static const core_dir_config *find_core(const request_rec *r)
{
    return ap_get_core_module_config(r->server->lookup_defaults);
}

/* Whether a segment with that value can be addressed: clients take "." and
 * ".." away, and a slash needs AllowEncodedSlashes. */
static int is_addressable(const apid_request_t *request, const char *part)
{
    return strcmp(part, ".") && strcmp(part, "..")
           && (find_core(request->r)->allow_encoded_slashes
               || !ap_strchr_c(part, '/'));
}

/* Whether httpd made its path of what was sent: nobody rewrote it. */
static int is_unchanged(const request_rec *r, const char *sent)
{
    const core_dir_config *core = find_core(r);
    int slashes = core->allow_encoded_slashes && core->decode_encoded_slashes;
    char *path = apr_pstrdup(r->pool, sent);

    return !ap_unescape_url_keep2f(path, slashes)
           && (!slashes || ap_normalize_path(path, NORMALIZE))
           && !strcmp(path, r->uri);
}

/* What follows a Location in a path that is still encoded; NULL: the path
 * begins otherwise. */
static char *skip_location(char *at, const char *location)
{
    for (; *location && (location[1] || *location != '/'); location++) {
        char c[4] = {*at, *at == '%' ? at[1] : '\0', '\0', '\0'};

        c[2] = c[1] ? at[2] : '\0';
        at += strlen(c);
        if (ap_unescape_url_keep2f(c, 1) || *c != *location) {
            return NULL;
        }
    }
    return !*at ? at : *at == '/' ? at + 1 : NULL;
}

apr_array_header_t *apid_request_segments(const apid_request_t *request)
{
    apr_array_header_t *segments
        = apr_array_make(request->r->pool, 8, sizeof(char *));
    char *rest = find_rest(request), *sent = NULL;

    /* httpd's path does not tell a%2Fb from a%252Fb */
    if (rest && ap_strchr_c(request->r->unparsed_uri, '%')) {
        sent = apid_request_sent(request);
        sent = is_unchanged(request->r, sent)
                   ? skip_location(sent, request->config->location)
                   : NULL;
    }
    for (char *at = sent ? sent : rest, *end; at; at = end) {
        end = strchr(at, '/');
        if (end) {
            *end++ = '\0';
        }
        if (sent) {
            ap_unescape_url_keep2f(at, 1);
        }
        else {
            decode_slashes(at);
        }
        APR_ARRAY_PUSH(segments, const char *) = at;
    }
    return segments;
}

const char *apid_request_path(const apid_request_t *request)
{
    apr_array_header_t *segments = apid_request_segments(request);

    return segments->nelts
               ? apr_array_pstrcat(request->r->pool, segments, '/')
               : NULL;
}

const char *apid_request_address(const apid_request_t *request,
                                 const char *template,
                                 const char *const *parts)
{
    const char *base = request->config->location, *open;
    apr_pool_t *pool = request->r->pool;
    apr_size_t len = strlen(base);
    const char *filled;

    len -= len && base[len - 1] == '/';
    base = apr_pstrmemdup(pool, base, len);
    filled = apr_pstrcat(pool, ap_escape_uri(pool, base), "/", NULL);
    for (; (open = ap_strchr_c(template, '{')); parts++) {
        const char *text = apr_pstrmemdup(pool, template, open - template);

        if (!is_addressable(request, *parts)) {
            return NULL;
        }
        filled = apr_pstrcat(pool, filled, ap_escape_uri(pool, text),
                             ap_escape_path_segment(pool, *parts), NULL);
        template = ap_strchr_c(open, '}') + 1;
    }
    return apr_pstrcat(pool, filled, ap_escape_uri(pool, template), NULL);
}

apid_method_e apid_request_method(const apid_request_t *request)
{
    switch (request->r->method_number) {
    case M_GET: /* HEAD too */
        return APID_METHOD_GET;
    case M_POST:
        return APID_METHOD_POST;
    case M_PUT:
        return APID_METHOD_PUT;
    case M_DELETE:
        return APID_METHOD_DELETE;
    case M_PATCH:
        return APID_METHOD_PATCH;
    default:
        return APID_METHODS;
    }
}

/* HEAD is safe (RFC 9110, 9.2.1), a GET of ours need not be. */
int apid_request_allowed(const apid_request_t *request)
{
    apid_method_e method = apid_request_method(request);

    return method < APID_METHODS && request->allowed & 1u << method
           && !(request->acts && request->r->header_only);
}

const char *apid_request_allow(const apid_request_t *request)
{
    static const char *const words[APID_METHODS]
        = {"GET, HEAD, ", "POST, ", "PUT, ", "DELETE, ", "PATCH, "};
    const char *list[APID_METHODS];

    for (int i = 0; i < APID_METHODS; i++) {
        list[i] = request->allowed & 1u << i ? words[i] : "";
    }
    if (*list[APID_METHOD_GET] && request->acts) {
        list[APID_METHOD_GET] = "GET, ";
    }
    return apr_pstrcat(request->r->pool, list[0], list[1], list[2], list[3],
                       list[4], "OPTIONS", NULL);
}

/* ---- the body */

typedef struct body_t {
    char *text;
    apr_size_t len, size;
    apr_off_t limit;
} body_t;

static apid_err_t *refuse_size(const body_t *body, request_rec *r)
{
    return apid_err_raise(r->pool, APID_ERR_PAYLOAD_TOO_LARGE,
                          "A request body may have %" APR_OFF_T_FMT
                          " bytes at most", body->limit);
}

static apid_err_t *append_body(body_t *body, const char *text, apr_size_t len,
                               request_rec *r)
{
    if ((apr_off_t)(body->len + len) > body->limit) {
        return refuse_size(body, r);
    }
    if (body->len + len > body->size) {
        char *wider = apr_palloc(r->pool, body->size = 2 * (body->len + len));

        memcpy(wider, body->text, body->len);
        body->text = wider;
    }
    memcpy(body->text + body->len, text, len);
    body->len += len;
    return NULL;
}

static apid_err_t *refuse_broken(const body_t *body, apr_status_t status,
                                 request_rec *r)
{
    char reason[120];

    if (ap_map_http_request_error(status, HTTP_BAD_REQUEST)
        == HTTP_REQUEST_ENTITY_TOO_LARGE) {
        return refuse_size(body, r);
    }
    return apid_err_because(
        apid_err_raise(r->pool, APID_ERR_INVALID_REQUEST,
                       "The request body could not be read"),
        "%s", apr_strerror(status, reason, sizeof(reason)));
}

/* Takes what one read brought; *end is set after the last. */
static apid_err_t *take_brigade(body_t *body, int *end,
                                apr_bucket_brigade *brigade, request_rec *r)
{
    for (apr_bucket *b = APR_BRIGADE_FIRST(brigade);
         b != APR_BRIGADE_SENTINEL(brigade); b = APR_BUCKET_NEXT(b)) {
        const char *text;
        apr_size_t len;
        apid_err_t *err;

        if (APR_BUCKET_IS_EOS(b)) {
            *end = 1;
        }
        if (APR_BUCKET_IS_METADATA(b)) {
            continue;
        }
        apr_status_t status = apr_bucket_read(b, &text, &len, APR_BLOCK_READ);
        err = status ? refuse_broken(body, status, r)
                     : append_body(body, text, len, r);
        if (err) {
            return err;
        }
    }
    return NULL;
}

/* Keeps the status of the error page that httpd's own filters send when they
 * cannot read a body: the answer is ours. */
static apr_status_t catch_page(ap_filter_t *filter, apr_bucket_brigade *page)
{
    for (apr_bucket *b = APR_BRIGADE_FIRST(page);
         b != APR_BRIGADE_SENTINEL(page); b = APR_BUCKET_NEXT(b)) {
        if (AP_BUCKET_IS_ERROR(b)) {
            *(int *)filter->ctx = ((ap_bucket_error *)b->data)->status;
        }
    }
    apr_brigade_cleanup(page);
    return AP_FILTER_ERROR;
}

static apr_status_t read_brigade(apr_bucket_brigade *brigade, request_rec *r)
{
    ap_filter_rec_t kind = {.filter_func = {.out_func = &catch_page}};
    ap_filter_t *filters = r->output_filters;
    int page = 0;
    ap_filter_t catcher
        = {.frec = &kind, .ctx = &page, .r = r, .c = r->connection};
    apr_status_t status;

    r->output_filters = &catcher;
    status = ap_get_brigade(r->input_filters, brigade, AP_MODE_READBYTES,
                            APR_BLOCK_READ, HUGE_STRING_LEN);
    r->output_filters = filters;
    if (page) {
        status = page == HTTP_REQUEST_ENTITY_TOO_LARGE ? APR_ENOSPC
                                                       : APR_EGENERAL;
    }
    return status;
}

static apid_err_t *read_brigades(body_t *body, request_rec *r)
{
    apr_bucket_brigade *brigade
        = apr_brigade_create(r->pool, r->connection->bucket_alloc);
    apid_err_t *err = NULL;

    for (int end = 0; !end && !err;) {
        apr_status_t status = read_brigade(brigade, r);

        err = status ? refuse_broken(body, status, r)
                     : take_brigade(body, &end, brigade, r);
        apr_brigade_cleanup(brigade);
    }
    return err;
}

static apr_off_t find_limit(const apid_request_t *request)
{
    apr_off_t limit = ap_get_limit_req_body(request->r);
    apr_off_t ours = request->config->max_body;

    return limit > 0 && limit < ours ? limit : ours;
}

static int has_body(const request_rec *r, const char *length)
{
    return apr_table_get(r->headers_in, "Transfer-Encoding")
           || (length && strspn(length, "0") < strlen(length));
}

static apid_err_t *read_body(body_t *body, const apid_request_t *request)
{
    request_rec *r = request->r;
    const char *length = apr_table_get(r->headers_in, "Content-Length");
    apr_off_t expected = FIRST_BLOCK;

    body->limit = find_limit(request);
    if (!has_body(r, length)) {
        return NULL;
    }
    if (length && !ap_parse_strict_length(&expected, length)) {
        return refuse_broken(body, APR_EINVAL, r);
    }
    if (length && expected > body->limit) {
        return refuse_size(body, r);
    }
    body->size = (apr_size_t)expected;
    body->text = apr_palloc(r->pool, body->size);
    return read_brigades(body, r);
}

/* ---- what the body says */

/* "application/json" of "Application/JSON; charset=x". */
static char *read_media_type(const char *header, apr_pool_t *pool)
{
    char *type = apr_pstrmemdup(pool, header, strcspn(header, "; \t,"));

    ap_str_tolower(type);
    return type;
}

/* Whether a parameter charset, if there is one, is that of JSON. */
static int is_utf8(const char *header)
{
    for (const char *at = header; (at = ap_strchr_c(at, ';'));) {
        at += 1 + strspn(at + 1, " \t");
        if (ap_cstr_casecmpn(at, "charset=", 8)) {
            continue;
        }
        at += 8 + (at[8] == '"');
        apr_size_t len = strcspn(at, "\"; \t");
        return (len == 5 && !ap_cstr_casecmpn(at, "utf-8", 5))
               || (len == 4 && !ap_cstr_casecmpn(at, "utf8", 4));
    }
    return 1;
}

static int is_json(const char *type)
{
    apr_size_t len = strlen(type);

    return !strcmp(type, "application/json")
           || (len > 5 && !strcmp(type + len - 5, "+json"));
}

/* An input filter that unpacks takes the header away. */
static int is_packed(const request_rec *r)
{
    const char *encoding = apr_table_get(r->headers_in, "Content-Encoding");

    return encoding && ap_cstr_casecmp(encoding, "identity");
}

static apid_err_t *parse_body(apid_args_t *args, const body_t *body,
                              request_rec *r)
{
    const char *header = apr_table_get(r->headers_in, "Content-Type");
    const char *type = read_media_type(header ? header : "", r->pool);

    if (is_packed(r)) {
        return apid_err_raise(r->pool, APID_ERR_UNSUPPORTED_MEDIA_TYPE,
                              "The request body must not be compressed");
    }
    if (header && !is_utf8(header)) {
        return apid_err_raise(r->pool, APID_ERR_UNSUPPORTED_MEDIA_TYPE,
                              "The request body must be in UTF-8");
    }
    if (is_json(type)) {
        return apid_args_parse_json(args, body->text, body->len, r->pool);
    }
    if (!strcmp(type, "application/x-www-form-urlencoded")) {
        return apid_form_parse(args, body->text, body->len, r->pool);
    }
    if (!strcmp(type, "multipart/form-data")) {
        return apid_form_parse_multipart(args, header, body->text, body->len,
                                         r->pool);
    }
    return apid_err_raise(r->pool, APID_ERR_UNSUPPORTED_MEDIA_TYPE,
                          "The Content-Type of a request body must be "
                          "application/json, application/x-www-form-urlencoded"
                          " or multipart/form-data");
}

static apid_err_t *add_parts(apid_args_t *args, const apid_request_t *request)
{
    const apr_array_header_t *parts = request->parts;
    apr_array_header_t *names;
    apid_err_t *err;

    if (!parts || !parts->nelts) {
        return NULL;
    }
    err = apid_api_path_params(&names, request->template, request->r->pool);
    for (int i = 0; !err && i < names->nelts && i < parts->nelts; i++) {
        apid_args_add_text(args, APR_ARRAY_IDX(names, i, const char *),
                           APR_ARRAY_IDX(parts, i, const char *));
    }
    return err;
}

apid_err_t *apid_request_read(apid_args_t **args, apid_request_t *request)
{
    request_rec *r = request->r;
    body_t body = {0};
    apid_err_t *err;

    *args = apid_args_open(r->pool);
    err = add_parts(*args, request);
    if (!err) {
        err = read_body(&body, request);
    }
    request->body = body.len > 0;
    if (!err && body.len) {
        err = parse_body(*args, &body, r);
    }
    if (!err && r->args) {
        err = apid_form_parse(*args, r->args, strlen(r->args), r->pool);
    }
    return err;
}
