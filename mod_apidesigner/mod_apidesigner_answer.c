/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mod_apidesigner_answer: status, headers and brigades of everything that is
 * sent. An answer is either whole, with its length, or begun and then ended
 * or visibly broken; never a well-formed lie. What failed is logged with the
 * request id, and only the log sees the cause.
 */
#include "mod_apidesigner.h"
#include "apid_tag.h"

#include <apr_strings.h>
#include <http_core.h>
#include <http_log.h>
#include <http_protocol.h>
#include <http_request.h>

APLOG_USE_MODULE(apidesigner);

#define PREFLIGHT_HEADERS \
    "Authorization, Content-Type, Token, API-Version, Idempotency-Key, " \
    "If-Match, If-None-Match, Prefer"
#define EXPOSED_HEADERS \
    "API-Version, Deprecation, ETag, Idempotency-Replayed, Link, Location, " \
    "Preference-Applied, RateLimit, RateLimit-Policy, Retry-After, Sunset, " \
    "X-Deleted, X-FloodControl-MinuteLimit, " \
    "X-FloodControl-Remaining, X-FloodControl-Reset, X-Outcome, " \
    "X-RateLimit-DailyLimit, X-RateLimit-Remaining, X-RateLimit-Reset, " \
    "X-Request-Id"
#define PREFLIGHT_AGE "600" /* seconds */
#define RETRY_AFTER "1"     /* seconds */

/* ---- headers */

static const char *print_http_date(apr_time_t time, apr_pool_t *pool)
{
    char *text = apr_palloc(pool, APR_RFC822_DATE_LEN);

    apr_rfc822_date(text, time);
    return text;
}

/* The parts that a request has for the names of another path; NULL: not for
 * all of them. */
static const char *const *pick_parts(const apid_request_t *request,
                                     const char *path)
{
    apr_pool_t *pool = request->r->pool;
    apr_array_header_t *names, *own;
    const char **parts;

    if (apid_api_path_params(&names, path, pool)
        || apid_api_path_params(&own, request->template, pool)) {
        return NULL;
    }
    parts = apr_pcalloc(pool, (apr_size_t)(names->nelts + 1) * sizeof(*parts));
    for (int i = 0; i < names->nelts; i++) {
        for (int j = 0; j < own->nelts && j < request->parts->nelts; j++) {
            if (!strcmp(APR_ARRAY_IDX(names, i, const char *),
                        APR_ARRAY_IDX(own, j, const char *))) {
                parts[i] = APR_ARRAY_IDX(request->parts, j, const char *);
            }
        }
        if (!parts[i]) {
            return NULL;
        }
    }
    return parts;
}

/* Where the version in force is, for this request; NULL: it cannot be told. */
static const char *find_successor(const apid_request_t *request)
{
    const apid_entry_point_t *entry = request->entry;
    const apid_edition_t *edition = request->edition;
    apr_pool_t *pool = request->r->pool;
    const char *const *parts;

    if (edition->kind != entry->kind) {
        return NULL;
    }
    if (!request->template
        || !strcmp(apid_api_route(edition->path, pool),
                   apid_api_route(entry->path, pool))) {
        return ap_escape_uri(pool, request->r->uri);
    }
    parts = request->config->location ? pick_parts(request, entry->path)
                                      : NULL;
    return parts ? apid_request_address(request, entry->path, parts) : NULL;
}

static void set_successor(const apid_request_t *request)
{
    const char *address = find_successor(request);

    if (address) {
        apr_table_mergen(request->r->headers_out, "Link",
                         apr_pstrcat(request->r->pool, "<", address,
                                     ">; rel=\"successor-version\"", NULL));
    }
}

/* RFC 9745 and RFC 8594 */
static void set_deprecation(const apid_request_t *request)
{
    const apid_edition_t *edition = request->edition;
    request_rec *r = request->r;
    apr_table_t *out = r->headers_out;

    if (edition->deprecated) {
        apr_table_setn(out, "Deprecation",
                       apr_psprintf(r->pool, "@%" APR_TIME_T_FMT,
                                    apr_time_sec(edition->deprecated)));
        set_successor(request);
    }
    if (edition->sunset) {
        apr_table_setn(out, "Sunset",
                       print_http_date(edition->sunset, r->pool));
    }
}

/* What is answered is for who asked (RFC 9111, 5.2.2): a cache cannot know
 * from the request, since its secrets are taken out of it. */
static void set_caching(const apid_request_t *request)
{
    apr_table_t *out = request->r->headers_out;

    if (!apr_table_get(out, "Cache-Control")) {
        apr_table_setn(out, "Cache-Control", "private, no-cache");
    }
    if (request->origin
        || (request->edition && request->edition->api
            && request->edition->api->origins)) {
        apr_table_mergen(out, "Vary", "Origin");
    }
}

void apid_answer_head(apid_request_t *request)
{
    request_rec *r = request->r;
    const apid_edition_t *edition = request->edition;

    if (apr_table_get(r->headers_out, "API-Version")) {
        return; /* an error after the headers of an answer were set */
    }
    apid_limits_tell(request);
    if (request->config->serve == APID_SERVE_API
        || request->config->serve == APID_SERVE_WEBHOOK) {
        set_caching(request);
    }
    if (edition) {
        apr_table_setn(r->headers_out, "API-Version",
                       apr_itoa(r->pool, edition->version));
        set_deprecation(request);
    }
    if (request->origin) {
        apr_table_setn(r->headers_out, "Access-Control-Allow-Origin",
                       request->origin);
        apr_table_setn(r->headers_out, "Access-Control-Expose-Headers",
                       EXPOSED_HEADERS);
    }
}

static const char *write_challenge(request_rec *r)
{
    const char *type = ap_auth_type(r), *realm = ap_auth_name(r);

    return apr_pstrcat(r->pool, type ? type : "Basic", " realm=\"",
                       ap_escape_quotes(r->pool,
                                        realm ? realm : "API Designer"),
                       "\", charset=\"UTF-8\"", NULL);
}

static void set_error_headers(const apid_request_t *request,
                              const apid_err_t *err)
{
    request_rec *r = request->r;

    switch (err->kind) {
    case APID_ERR_INVALID_USER_CREDENTIALS:
        apr_table_setn(r->headers_out, "WWW-Authenticate",
                       write_challenge(r));
        break;
    case APID_ERR_METHOD_NOT_ALLOWED:
        apr_table_setn(r->headers_out, "Allow", apid_request_allow(request));
        break;
    case APID_ERR_LIMIT_EXCEEDED:
        apr_table_setn(r->headers_out, "Retry-After",
                       apr_psprintf(r->pool, "%" APR_INT64_T_FMT,
                                    request->retry_after));
        break;
    case APID_ERR_DATABASE_UNAVAILABLE:
    case APID_ERR_LOCKED:
    case APID_ERR_DEADLOCK:
    case APID_ERR_IDEMPOTENCY_KEY_IN_USE:
        apr_table_setn(r->headers_out, "Retry-After", RETRY_AFTER);
        break;
    default:
        break;
    }
}

/* ---- the log */

static int find_level(apid_err_e kind)
{
    switch (kind) {
    case APID_ERR_INTERNAL_ERROR:
    case APID_ERR_OUTDATED:
    case APID_ERR_OUTCOME_UNKNOWN:
        return APLOG_ERR;
    case APID_ERR_DATABASE_UNAVAILABLE:
    case APID_ERR_LOCKED:
    case APID_ERR_DEADLOCK:
    case APID_ERR_QUERY_TIMEOUT:
        return APLOG_WARNING;
    default:
        return APLOG_INFO;
    }
}

static void log_error(const apid_request_t *request, const apid_err_t *err,
                      const char *what)
{
    for (; err; err = err->next) {
        ap_log_rerror(APLOG_MARK, find_level(err->kind), 0, request->r,
                      "apidesigner: %s %s: %s: %s%s%s%s%s [request %s]",
                      request->entry ? request->entry->name : "-", what,
                      apid_err_code(err->kind), err->field ? err->field : "",
                      err->field ? " " : "", err->text,
                      err->cause ? ": " : "", err->cause ? err->cause : "",
                      request->id);
    }
}

/* ---- sending */

static apr_bucket_brigade *open_brigade(request_rec *r)
{
    return apr_brigade_create(r->pool, r->connection->bucket_alloc);
}

static int pass(apid_request_t *request, apr_bucket_brigade *brigade)
{
    request_rec *r = request->r;

    APR_BRIGADE_INSERT_TAIL(
        brigade, apr_bucket_eos_create(r->connection->bucket_alloc));
    request->gone |= ap_pass_brigade(r->output_filters, brigade)
                     != APR_SUCCESS;
    apr_brigade_cleanup(brigade);
    request->stage = APID_STAGE_ANSWERED;
    return DONE;
}

int apid_answer_whole(apid_request_t *request, apr_bucket_brigade *brigade)
{
    apr_off_t length = 0;

    if (!AP_STATUS_IS_HEADER_ONLY(request->r->status)) {
        apr_brigade_length(brigade, 1, &length);
        ap_set_content_length(request->r, length);
    }
    return pass(request, brigade);
}

int apid_answer_tail(apid_request_t *request, apr_bucket_brigade *brigade)
{
    return pass(request, brigade);
}

int apid_answer_empty(apid_request_t *request, int status)
{
    request->r->status = status;
    return apid_answer_whole(request, open_brigade(request->r));
}

int apid_answer_text(apid_request_t *request, int status, const char *type,
                     const char *text)
{
    apr_bucket_brigade *brigade = open_brigade(request->r);

    request->r->status = status;
    ap_set_content_type(request->r, type);
    apr_brigade_puts(brigade, NULL, NULL, text);
    return apid_answer_whole(request, brigade);
}

int apid_answer_preflight(apid_request_t *request)
{
    apr_table_t *out = request->r->headers_out;

    ap_run_insert_error_filter(request->r);
    apid_answer_head(request);
    apr_table_setn(out, "Access-Control-Allow-Methods",
                   apid_request_allow(request));
    apr_table_setn(out, "Access-Control-Allow-Headers", PREFLIGHT_HEADERS);
    apr_table_setn(out, "Access-Control-Max-Age", PREFLIGHT_AGE);
    return apid_answer_empty(request, HTTP_NO_CONTENT);
}

int apid_answer_error(apid_request_t *request, apid_err_t *err)
{
    request_rec *r = request->r;
    apr_bucket_brigade *brigade = open_brigade(r);
    apid_json_t *json
        = apid_json_open(brigade, APR_INT32_MAX, NULL, NULL, r->pool);

    request->failed = err;
    if (err->kind == APID_ERR_OUTDATED) {
        apid_registry_doubt(request->child->registry);
    }
    log_error(request, err, "refused");
    apid_answer_head(request);
    set_error_headers(request, err);
    r->status = apid_profile_error_status(request->config->profile, err);
    r->status_line = apid_profile_status_line(request, err);
    ap_set_content_type(r, apid_profile_error_type(request->config->profile));
    apid_profile_error(json, request, err);
    log_error(request, apid_json_close(json), "unsent");
    return apid_answer_whole(request, brigade);
}

int apid_answer_refusal(apid_request_t *request, apid_err_t *err)
{
    request->failed = err;
    if (request->r->main) {
        log_error(request, err, "refused");
        return apid_profile_error_status(request->config->profile, err);
    }
    /* not where a page of another origin would have a session renewed */
    if (request->config->serve != APID_SERVE_CONSOLE) {
        ap_run_insert_error_filter(request->r);
    }
    return apid_answer_error(request, err);
}

int apid_answer_broken(apid_request_t *request, apr_bucket_brigade *brigade,
                       const apid_err_t *err)
{
    request_rec *r = request->r;

    request->failed = err;
    log_error(request, err, "broken off");
    r->connection->keepalive = AP_CONN_CLOSE;
    apr_brigade_cleanup(brigade);
    /* Only this status keeps the chunk filter from ending the body well. */
    APR_BRIGADE_INSERT_TAIL(
        brigade, ap_bucket_error_create(HTTP_BAD_GATEWAY, NULL, r->pool,
                                        r->connection->bucket_alloc));
    return pass(request, brigade);
}

apr_status_t apid_answer_flush(apr_bucket_brigade *brigade, void *ctx)
{
    apid_request_t *request = ctx;
    apr_status_t status
        = ap_pass_brigade(request->r->output_filters, brigade);

    /* Buckets kept over a flush would hold the whole answer in memory. */
    apr_brigade_cleanup(brigade);
    if (!status && request->r->connection->aborted) {
        status = APR_ECONNABORTED;
    }
    request->gone |= status != APR_SUCCESS;
    return status;
}

/* ---- entity tags */

static apr_status_t hash_brigade(apid_tag_t *tag, apr_bucket_brigade *brigade)
{
    for (apr_bucket *b = APR_BRIGADE_FIRST(brigade);
         b != APR_BRIGADE_SENTINEL(brigade); b = APR_BUCKET_NEXT(b)) {
        const char *text;
        apr_size_t len;
        apr_status_t status = apr_bucket_read(b, &text, &len, APR_BLOCK_READ);

        if (status) {
            return status;
        }
        apid_tag_add(tag, text, len);
    }
    return APR_SUCCESS;
}

/* mod_deflate and mod_brotli tell the tag of a compressed answer by a suffix,
 * which comes back here: the answer it stands for is ours. */
static void strip_suffix(request_rec *r, const char *header,
                         const char *suffix)
{
    const char *sent = apr_table_get(r->headers_in, header);
    char *tags = sent ? apr_pstrdup(r->pool, sent) : NULL;
    apr_size_t len = strlen(suffix);

    for (char *at = tags; at && (at = strstr(at, suffix));) {
        memmove(at, at + len - 1, strlen(at + len - 1) + 1);
    }
    if (tags) {
        apr_table_setn(r->headers_in, header, tags);
    }
}

static void strip_suffixes(request_rec *r, const char *header)
{
    strip_suffix(r, header, "-gzip\"");
    strip_suffix(r, header, "-br\"");
}

int apid_answer_tagged(apid_request_t *request, apr_bucket_brigade *brigade,
                       const char *record)
{
    request_rec *r = request->r;
    apid_tag_t tag;

    strip_suffixes(r, "If-None-Match");
    strip_suffixes(r, "If-Match");
    apid_tag_open(&tag, apid_snapshot_seal(request->snapshot));
    if (hash_brigade(&tag, brigade)) {
        return apid_answer_whole(request, brigade);
    }
    apr_table_setn(r->headers_out, "ETag",
                   apid_tag_write(&tag, record, r->pool));
    if (ap_condition_if_match(r, r->headers_out) == AP_CONDITION_NOMATCH) {
        return apid_answer_error(
            request, apid_err_raise(r->pool, APID_ERR_PRECONDITION_FAILED,
                                    "What is answered is not as If-Match "
                                    "says"));
    }
    if (ap_condition_if_none_match(r, r->headers_out) >= AP_CONDITION_WEAK) {
        r->status = HTTP_NOT_MODIFIED;
        apr_brigade_cleanup(brigade);
    }
    return apid_answer_whole(request, brigade);
}
