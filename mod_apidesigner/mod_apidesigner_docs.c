/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mod_apidesigner_docs: `APIDesignerServe docs`: documentation of what the
 * other Locations of the same server serve, as far as the caller may call it.
 */
#include "mod_apidesigner.h"
#include "apid_docs.h"
#include "apid_narrow.h"

#include <apr_strings.h>
#include <http_core.h>
#include <http_protocol.h>

#define POLICY \
    "default-src 'none'; style-src 'self'; base-uri 'none'; " \
    "form-action 'none'; frame-ancestors 'none'"

/* Whether a place is among those that this Location documents: the one it
 * names, else all of its own profile. */
static int is_documented(const apid_request_t *request,
                         const apid_dir_config_t *place)
{
    const char *only = request->config->name;

    if (!place->location
        || (place->serve != APID_SERVE_API
            && place->serve != APID_SERVE_WEBHOOK)) {
        return 0;
    }
    return only ? !strcmp(only, place->location)
                : apid_config_place_profile(place, request->r->server)
                      == request->config->profile;
}

static int is_served_at(const apid_dir_config_t *place,
                        const apid_entry_point_t *entry)
{
    apid_kind_e kind = place->serve == APID_SERVE_WEBHOOK ? APID_KIND_WEBHOOK
                                                          : APID_KIND_API;

    return entry->kind == kind
           && (!place->name || !strcmp(place->name, entry->name));
}

/* The first place that serves a definition, NULL if none. */
static const apid_dir_config_t *find_place(const apid_request_t *request,
                                           const apid_entry_point_t *entry)
{
    const apid_server_config_t *config = ap_get_module_config(
        request->r->server->module_config, &apidesigner_module);

    for (int i = 0; i < config->places->nelts; i++) {
        const apid_dir_config_t *place
            = APR_ARRAY_IDX(config->places, i, const apid_dir_config_t *);

        if (is_documented(request, place) && is_served_at(place, entry)) {
            return place;
        }
    }
    return NULL;
}

/* A Location that is named may be of another profile. */
static apid_profile_e choose_profile(const apid_request_t *request)
{
    const apid_server_config_t *config = ap_get_module_config(
        request->r->server->module_config, &apidesigner_module);

    for (int i = 0; request->config->name && i < config->places->nelts; i++) {
        const apid_dir_config_t *place
            = APR_ARRAY_IDX(config->places, i, const apid_dir_config_t *);

        if (is_documented(request, place) && place->profile_given) {
            return place->profile;
        }
    }
    return request->config->profile;
}

/* A path without a slash at its end. */
static const char *trim_path(const char *path, apr_pool_t *pool)
{
    apr_size_t len = strlen(path);

    return apr_pstrmemdup(pool, path, len && path[len - 1] == '/' ? len - 1
                                                                  : len);
}

/* The definition as who calls it may run it, with nothing sent; NULL if not at
 * all: what must be sent may not be. */
static const apid_api_t *narrow(const apid_request_t *request,
                                const apid_entry_point_t *entry,
                                const apid_edition_t *edition)
{
    const apid_call_t call = {
        .api = edition->api,
        .args = apid_args_open(request->r->pool),
        .user = entry->kind == APID_KIND_WEBHOOK ? entry->owner
                                                 : request->user,
    };
    const apid_call_t *narrowed;
    int i;

    if (apid_narrow_call(&narrowed, &call, request->r->pool)) {
        return NULL;
    }
    for (i = 0; i < narrowed->api->nparams; i++) {
        const apid_param_t *param = &narrowed->api->params[i];

        if (param->hidden && (param->required || param->in_path)) {
            return NULL;
        }
    }
    return narrowed->api;
}

static void add_entry(apid_docs_t *docs, const apid_request_t *request,
                      const apid_entry_point_t *entry)
{
    const apid_dir_config_t *place = find_place(request, entry);
    const apid_edition_t *edition
        = place ? apid_snapshot_edition(entry, 0) : NULL;
    apid_docs_entry_t found;

    if (!edition || !edition->api || !apid_access_shows(request, entry)) {
        return;
    }
    found.api = narrow(request, entry, edition);
    if (!found.api) {
        return;
    }
    found.base = trim_path(place->location, docs->pool);
    found.whole = place->name != NULL;
    found.deprecated = edition->deprecated;
    found.sunset = edition->sunset;
    apid_docs_add(docs, &found);
}

static apid_docs_t *collect(const apid_request_t *request)
{
    const apr_array_header_t *entries
        = apid_snapshot_entries(request->snapshot);
    request_rec *r = request->r;
    apid_docs_t *docs
        = apid_docs_open(choose_profile(request),
                         ap_construct_url(r->pool, "", r), r->pool);
    apid_registry_stats_t stats;

    apid_registry_stats(&stats, request->child->registry);
    docs->revision = stats.revision;
    for (int i = 0; i < entries->nelts; i++) {
        add_entry(docs, request,
                  APR_ARRAY_IDX(entries, i, const apid_entry_point_t *));
    }
    return docs;
}

static int send_brigade(apid_request_t *request, const char *type,
                        apr_bucket_brigade *brigade)
{
    apr_table_t *out = request->r->headers_out;

    apr_table_setn(out, "Cache-Control", "private, no-cache");
    apr_table_setn(out, "Vary", "Accept");
    apr_table_setn(out, "X-Content-Type-Options", "nosniff");
    ap_set_content_type(request->r, type);
    return apid_answer_tagged(request, brigade, NULL);
}

static apr_bucket_brigade *open_brigade(const apid_request_t *request)
{
    return apr_brigade_create(request->r->pool,
                              request->r->connection->bucket_alloc);
}

static int send_document(apid_request_t *request)
{
    apr_bucket_brigade *brigade = open_brigade(request);
    apid_json_t *json = apid_json_open(brigade, APR_INT32_MAX, NULL, NULL,
                                       request->r->pool);
    apid_err_t *err;

    apid_docs_write(json, collect(request));
    err = apid_json_close(json);
    return err ? apid_answer_error(request, err)
               : send_brigade(request, "application/json", brigade);
}

static int send_page(apid_request_t *request)
{
    apr_bucket_brigade *brigade = open_brigade(request);

    apr_table_setn(request->r->headers_out, "Content-Security-Policy",
                   POLICY);
    apid_docs_page(brigade, collect(request),
                   trim_path(request->config->location, request->r->pool));
    return send_brigade(request, "text/html; charset=utf-8", brigade);
}

static int send_style(apid_request_t *request)
{
    apr_bucket_brigade *brigade = open_brigade(request);

    apr_brigade_puts(brigade, NULL, NULL, apid_docs_style());
    return send_brigade(request, "text/css", brigade);
}

/* Browsers ask for HTML by name, programs do not. */
static int wants_page(const request_rec *r)
{
    const char *accept = apr_table_get(r->headers_in, "Accept");

    return accept && ap_strcasestr(accept, "text/html");
}

int apid_docs_serve(apid_request_t *request)
{
    const char *path = apid_request_path(request);

    if (apid_request_method(request) != APID_METHOD_GET) {
        return apid_answer_error(
            request, apid_err_raise(request->r->pool,
                                    APID_ERR_METHOD_NOT_ALLOWED,
                                    "Documentation is read with GET"));
    }
    if (path && !*path) {
        return wants_page(request->r) ? send_page(request)
                                      : send_document(request);
    }
    if (path && !strcmp(path, "openapi.json")) {
        return send_document(request);
    }
    if (path && !strcmp(path, "style.css")) {
        return send_style(request);
    }
    return apid_answer_error(
        request, apid_err_raise(request->r->pool, APID_ERR_API_NOT_FOUND,
                                "There is no such document"));
}
