/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mod_apidesigner_access: who may call, in the order of the contract, but for
 * the address: path, credentials, address, permissions, limits. What is
 * refused is answered here and never reaches a handler; why is logged, the
 * secret is not. Everything is answered from the snapshot, nothing asks the
 * database.
 */
#include "mod_apidesigner.h"
#include "apid_narrow.h"

#include <apr_strings.h>
#include <http_core.h>
#include <http_log.h>
#include <http_request.h>

APLOG_USE_MODULE(apidesigner);

#define MAX_VERSION_DIGITS 9

/* ---- 1. the path */

/* What is asked for, if that can be. */
static int find_version(const apid_request_t *request)
{
    return request->version > 0 ? request->version : 0;
}

static int is_called(apid_kind_e kind, apid_method_e method,
                     apid_method_e own)
{
    return kind == APID_KIND_WEBHOOK || method == own;
}

static void route_named(apid_request_t *request, apid_kind_e kind,
                        apid_method_e method)
{
    const apid_entry_point_t *entry
        = apid_snapshot_named(request->snapshot, request->config->name);
    const char *path = apid_request_path(request);
    const apid_edition_t *edition;

    if (!entry || (path && *path)) {
        return;
    }
    edition = apid_snapshot_edition(entry, find_version(request));
    if (edition && edition->kind == kind) {
        request->allowed = 1u << edition->method;
        request->found = is_called(kind, method, edition->method) ? edition
                                                                  : NULL;
    }
    if (request->found
        || (entry->kind == kind && is_called(kind, method, entry->method))) {
        request->entry = entry;
    }
}

static void route_path(apid_request_t *request, apid_kind_e kind,
                       apid_method_e method)
{
    const apid_sought_t sought = {
        .kind = kind,
        .method = method == APID_METHODS ? APID_METHOD_GET : method,
        .version = find_version(request),
        .segments = apid_request_segments(request),
    };
    apid_route_t route;

    if (!sought.segments->nelts) {
        return;
    }
    route = apid_snapshot_route(request->snapshot, &sought, request->r->pool);
    request->allowed = route.allowed;
    if (kind == APID_KIND_WEBHOOK || method != APID_METHODS) {
        request->entry = route.entry;
        request->found = route.edition;
        request->template = route.edition ? route.edition->path : NULL;
        request->parts = route.parts;
    }
}

/* A definition that answers: published, active, and fitting the schema. */
static int is_served(const apid_entry_point_t *entry)
{
    return entry && entry->active && entry->live && entry->live->api;
}

/* Whether a GET of what was found makes changes. */
static int acts_on_get(const apid_edition_t *edition)
{
    return edition->api && edition->api->writes
           && (edition->kind == APID_KIND_WEBHOOK
               || edition->method == APID_METHOD_GET);
}

/* Finds what path and method lead to; a webhook has no method. */
static void find_entry(apid_request_t *request, apid_method_e method)
{
    apid_kind_e kind = request->config->serve == APID_SERVE_WEBHOOK
                           ? APID_KIND_WEBHOOK
                           : APID_KIND_API;

    request->entry = NULL;
    request->found = NULL;
    request->allowed = 0;
    if (request->config->name) {
        route_named(request, kind, method);
    }
    else {
        route_path(request, kind, method);
    }
    if (kind == APID_KIND_WEBHOOK) {
        request->allowed = 1u << APID_METHOD_GET | 1u << APID_METHOD_POST;
    }
    request->acts = is_served(request->entry) && request->found
                    && acts_on_get(request->found);
}

const apid_api_t *apid_access_live(const apid_request_t *request)
{
    return is_served(request->entry) ? request->entry->live->api : NULL;
}

/* ---- 2. the address: it counts once the credentials are good, so that nobody
 * learns from a 403 which names there are */

static apid_err_t *check_address(const apid_request_t *request)
{
    const apid_api_t *api = apid_access_live(request);
    request_rec *r = request->r;

    if (!api || apid_auth_match_address(api->addresses, r->useragent_addr)) {
        return NULL;
    }
    return apid_err_because(apid_err_raise(r->pool, APID_ERR_ACCESS_DENIED,
                                           "This address may not call"),
                            "address %s is not on the list", r->useragent_ip);
}

/* Whose pages may read the answer, if those of the origin a browser names
 * may. Only what the definition says goes into a header. */
static const char *find_origin(const apid_request_t *request)
{
    const char *origin = apr_table_get(request->r->headers_in, "Origin");
    const apid_api_t *api = apid_access_live(request);

    if (!origin || !api || check_address(request)) {
        return NULL;
    }
    if (apid_rights_list_has(api->origins, "*")) {
        return "*";
    }
    return apid_rights_list_has(api->origins, origin) ? origin : NULL;
}

/* Other methods than those that are sent to definitions are nobody's. */
static apid_method_e find_method(const char *name)
{
    apid_method_e method = apid_method_parse(name);

    return strcmp(name, "HEAD") ? method : APID_METHOD_GET;
}

/* A preflight carries no credentials; one from an origin that is not on the
 * list is treated as any request without them. */
static int is_preflight(apid_request_t *request)
{
    const apr_table_t *in = request->r->headers_in;
    const char *method = apr_table_get(in, "Access-Control-Request-Method");

    if (request->r->method_number != M_OPTIONS || !method) {
        return 0;
    }
    find_entry(request, find_method(method));
    return find_origin(request) != NULL;
}

apid_err_t *apid_access_lease(apid_request_t *request)
{
    if (!request->child) {
        return apid_err_because(
            apid_err_raise(request->r->pool, APID_ERR_INTERNAL_ERROR,
                           "This server is out of order"),
            "this child process could not open its connections");
    }
    return apid_registry_lease(&request->snapshot, request->child->registry,
                               request->r->pool);
}

/* The number in API-Version, 0 for none, -1 for no number. */
static int read_version(const apid_request_t *request)
{
    const char *text = apr_table_get(request->r->headers_in, "API-Version");
    apr_size_t len = text ? strlen(text) : 0;

    if (!text) {
        return 0;
    }
    if (!len || len > MAX_VERSION_DIGITS || strspn(text, "0123456789") != len
        || atoi(text) == 0) {
        return -1;
    }
    return atoi(text);
}

static apid_err_t *resolve(apid_request_t *request)
{
    apid_err_t *err = apid_access_lease(request);

    if (err) {
        return err;
    }
    request->stage = APID_STAGE_RESOLVED;
    if (request->config->serve == APID_SERVE_DOCS) {
        request->allowed = 1u << APID_METHOD_GET;
        return NULL;
    }
    request->preflight = is_preflight(request);
    request->version = read_version(request);
    if (!request->preflight) {
        find_entry(request, apid_request_method(request));
    }
    request->origin = find_origin(request);
    return NULL;
}

/* ---- what is known once the caller is */

/* How a version is called, for who may run it. */
static const char *tell_place(const apid_request_t *request,
                              const apid_edition_t *edition)
{
    apr_pool_t *pool = request->r->pool;
    char *method = apr_pstrdup(pool, apid_method_word(edition->method));

    ap_str_toupper(method);
    if (!edition->api || !request->user
        || !apid_access_shows(request, request->entry)
        || !apid_narrow_lists(edition->api, request->user)
        || apid_narrow_check(edition->api, request->user, pool)) {
        return "called otherwise";
    }
    return edition->kind == APID_KIND_WEBHOOK
               ? apr_psprintf(pool, "the webhook '%s'", edition->path)
               : apr_pstrcat(pool, method, " ", edition->path, NULL);
}

static apid_err_t *refuse_place(const apid_request_t *request,
                                const apid_edition_t *edition)
{
    return apid_err_raise(request->r->pool,
                          request->allowed ? APID_ERR_METHOD_NOT_ALLOWED
                                           : APID_ERR_API_NOT_FOUND,
                          "Version %d is %s", edition->version,
                          tell_place(request, edition));
}

static apid_err_t *choose_edition(apid_request_t *request)
{
    apr_pool_t *pool = request->r->pool;
    const apid_edition_t *edition
        = request->found ? request->found
                         : apid_snapshot_edition(request->entry,
                                                 request->version);

    if (request->version < 0) {
        return apid_err_raise(pool, APID_ERR_INVALID_REQUEST,
                              "API-Version must be the number of a version");
    }
    if (!edition) {
        return apid_err_raise(pool, APID_ERR_API_NOT_FOUND,
                              "There is no version %d", request->version);
    }
    if (edition->state != APID_VERSION_RETIRED && !request->found) {
        return refuse_place(request, edition);
    }
    request->edition = edition;
    if (edition->state == APID_VERSION_RETIRED) {
        return apid_err_raise(pool, APID_ERR_VERSION_RETIRED,
                              "Version %d is retired", edition->version);
    }
    if (!edition->api || !apid_access_live(request)) {
        return apid_err_because(
            apid_err_raise(pool, APID_ERR_OUTDATED,
                           "This API is out of order"),
            "the definition is out of date: it no longer fits the schema");
    }
    request->acts = acts_on_get(edition);
    return NULL;
}

static apid_err_t *refuse_method(const apid_request_t *request)
{
    return apid_err_raise(request->r->pool, APID_ERR_METHOD_NOT_ALLOWED,
                          "This API does not answer %s", request->r->method);
}

static apid_err_t *check_method(const apid_request_t *request)
{
    return request->r->method_number == M_OPTIONS
                   || apid_request_allowed(request)
               ? NULL
               : refuse_method(request);
}

/* Leaves of the methods a path is known under those that are served. */
static void drop_unserved(apid_request_t *request)
{
    const apid_entry_point_t *entry = request->entry;
    unsigned served = 0, allowed = request->allowed;
    int acts = 0;

    for (int i = 0; i < APID_METHODS; i++) {
        if (allowed & 1u << i) {
            find_entry(request, (apid_method_e)i);
            served |= is_served(request->entry) && request->found ? 1u << i
                                                                  : 0;
            acts |= request->acts;
        }
    }
    request->entry = entry;
    request->found = NULL;
    request->allowed = served;
    request->acts = acts;
}

/* Unknown, inactive and unpublished are the same. */
static apid_err_t *check_known(apid_request_t *request)
{
    const apid_entry_point_t *entry = request->entry;

    if (!request->found) {
        drop_unserved(request);
    }
    if (entry ? !entry->active || !entry->live : !request->allowed) {
        return apid_err_because(
            apid_err_raise(request->r->pool, APID_ERR_API_NOT_FOUND,
                           "There is no such API"),
            "%s", !entry ? "unknown" : entry->live ? "inactive"
                                                   : "unpublished");
    }
    apid_err_t *err = entry ? choose_edition(request) : NULL;
    return err ? err : check_method(request);
}

/* ---- 4. the permissions */

static apid_err_t *refuse_access(const apid_request_t *request,
                                 const char *why)
{
    return apid_err_because(apid_err_raise(request->r->pool,
                                           APID_ERR_ACCESS_DENIED,
                                           "Permission denied"),
                            "%s", why);
}

/* Whether a version of another kind than the live one allows the user itself:
 * the list of the live one is about others. */
static int is_on_own_list(const apid_request_t *request)
{
    const apid_edition_t *edition = request->edition;

    return !edition || edition->kind == request->entry->kind
           || apid_narrow_lists(edition->api, request->user);
}

/* The lists of the live version hold for all: an old one is no way in. */
static apid_err_t *check_permissions(const apid_request_t *request)
{
    const apid_api_t *api = apid_access_live(request);
    const apid_user_t *user = request->user;

    if (!user || user->disabled) {
        return refuse_access(request, "the webhook's owner is gone");
    }
    if ((api && !apid_narrow_lists(api, user)) || !is_on_own_list(request)) {
        return refuse_access(request, "the user is not among those allowed");
    }
    return request->edition
               ? apid_narrow_check(request->edition->api, user,
                                   request->r->pool)
               : NULL;
}

int apid_access_shows(const apid_request_t *request,
                      const apid_entry_point_t *entry)
{
    const apid_user_t *user = request->user;

    if (!is_served(entry)) {
        return 0;
    }
    if (entry->kind == APID_KIND_WEBHOOK) {
        return entry->owner == user || user->role >= APID_ROLE_VIEWER;
    }
    return apid_narrow_lists(entry->live->api, user)
           && apid_auth_match_address(entry->live->api->addresses,
                                      request->r->useragent_addr);
}

/* ---- all of it */

/* httpd's own authentication still has to see what it is for: it comes after
 * the token of a webhook. */
static int is_for_httpd(const apid_request_t *request)
{
    return request->config->serve == APID_SERVE_WEBHOOK
           && ap_auth_type(request->r);
}

static apid_err_t *grant(apid_request_t *request)
{
    apid_err_t *err = apid_identify_caller(request);

    if (!is_for_httpd(request)) {
        apr_table_unset(request->r->headers_in, "Authorization");
    }
    if (!err) {
        err = check_address(request);
    }
    if (!err && request->config->serve != APID_SERVE_DOCS) {
        err = check_known(request);
    }
    if (!err) {
        err = check_permissions(request);
    }
    if (!err && request->edition && !request->r->main
        && request->r->method_number != M_OPTIONS) {
        err = apid_limits_check(request);
    }
    if (!err) {
        request->stage = APID_STAGE_GRANTED;
    }
    return err;
}

/* httpd has its own authentication in this Location, which runs between the
 * two hooks. */
static int is_left_to_httpd(const apid_request_t *request)
{
    return request->config->serve != APID_SERVE_WEBHOOK
           && ap_auth_type(request->r);
}

static int answer(apid_request_t *request)
{
    apr_table_unset(request->r->headers_in, "Authorization");
    request->stage = APID_STAGE_ANSWERED;
    return request->preflight ? apid_answer_preflight(request)
                              : apid_answer_refusal(request,
                                                    request->refusal);
}

static int is_guarded(const apid_request_t *request)
{
    return request
           && (request->config->serve == APID_SERVE_API
               || request->config->serve == APID_SERVE_DOCS
               || request->config->serve == APID_SERVE_WEBHOOK);
}

static int is_console(const apid_request_t *request)
{
    return request && request->config->serve == APID_SERVE_CONSOLE;
}

/* Before anybody is signed in by the request, and again after it: between
 * both is httpd's own authentication, which Satisfy Any leaves out. */
static int settle_console(apid_request_t *request)
{
    apid_err_t *err = apid_admin_check(request);

    return err ? apid_answer_refusal(request, err) : DECLINED;
}

int apid_access_check(request_rec *r)
{
    apid_request_t *request = apid_request_open(r);

    if (is_console(request)) {
        return settle_console(request);
    }
    if (!is_guarded(request)) {
        return DECLINED;
    }
    request->refusal = resolve(request);
    request->preflight = request->preflight && !request->refusal;
    if (!request->refusal && !request->preflight
        && !is_left_to_httpd(request)) {
        request->refusal = grant(request);
    }
    if (!request->refusal && !request->preflight) {
        return OK;
    }
    /* With Satisfy Any another module's consent would undo a refusal given
     * here, and answer a second time: the fixups hook answers. */
    return ap_satisfies(r) == SATISFY_ANY ? OK : answer(request);
}

int apid_access_settle(request_rec *r)
{
    apid_request_t *request = apid_request_open(r);

    if (is_console(request)) {
        return settle_console(request);
    }
    if (!is_guarded(request)) {
        return DECLINED;
    }
    if (!request->refusal && request->stage < APID_STAGE_RESOLVED) {
        request->refusal = resolve(request);
    }
    if (!request->refusal && !request->preflight
        && request->stage < APID_STAGE_GRANTED) {
        request->refusal = grant(request);
    }
    return request->refusal || request->preflight ? answer(request) : OK;
}
