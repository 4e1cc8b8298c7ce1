/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mod_apidesigner_trial: a call of a definition that is not published yet. The
 * saved draft is compiled for this one request and then answers it as a
 * published definition would, through the same code, for real: only the
 * address is another, and it is the signed-in user who acts.
 */
#include "mod_apidesigner.h"
#include "apid_ops.h"

#include <apr_strings.h>

/* The dialect that the query asks for, taken out of it. */
static apid_err_t *choose_profile(apid_dir_config_t *config,
                                  apid_request_t *request)
{
    request_rec *r = request->r;
    apid_extract_t found = apid_form_extract(r->args, "profile", r->pool);

    if (!found.count) {
        return NULL;
    }
    r->args = (char *)found.rest;
    config->profile = apid_config_profile(found.value);
    if (config->profile != APID_PROFILES) {
        return NULL;
    }
    return apid_err_field(apid_err_raise(r->pool, APID_ERR_INVALID_VALUE,
                                         "must be rest or vtiger"),
                          "profile");
}

static apid_err_t *compile(apid_api_t **api, apid_request_t *request,
                           const char *name)
{
    apr_pool_t *pool = request->r->pool;
    apid_store_t store = {.pool = pool, .actor = request->user->name};
    apid_ops_call_t call = {
        .pool = pool, .store = &store, .role = request->user->role,
        .user = request->user};
    apid_err_t *err = apid_db_lease(&store.lease, request->child->db, pool);

    if (err) {
        return err;
    }
    err = apid_ops_trial(api, &call, name);
    apid_db_close(store.lease);
    return err;
}

/* What the access check would have found of a published definition. */
static void enter(apid_request_t *request, apid_dir_config_t *config,
                  const apid_api_t *api)
{
    apr_pool_t *pool = request->r->pool;
    apid_edition_t *edition = apr_pcalloc(pool, sizeof(*edition));
    apid_entry_point_t *entry = apr_pcalloc(pool, sizeof(*entry));

    edition->version = api->version;
    edition->api = api;
    edition->kind = api->kind;
    edition->method = api->method;
    edition->path = api->path;
    entry->name = api->name;
    entry->kind = api->kind;
    entry->method = api->method;
    entry->path = api->path;
    entry->active = 1;
    entry->owner = request->user;
    entry->live = edition;
    config->serve = api->kind == APID_KIND_WEBHOOK ? APID_SERVE_WEBHOOK
                                                   : APID_SERVE_API;
    config->name = api->name;
    request->config = config;
    request->entry = entry;
    request->edition = edition;
    request->template = NULL;
    request->parts = NULL;
    request->allowed = api->kind == APID_KIND_WEBHOOK
                           ? 1u << APID_METHOD_GET | 1u << APID_METHOD_POST
                           : 1u << api->method;
    request->acts = api->writes;
}

static apid_err_t *check_method(const apid_request_t *request)
{
    return apid_request_allowed(request)
               ? NULL
               : apid_err_raise(request->r->pool, APID_ERR_METHOD_NOT_ALLOWED,
                                "This API does not answer %s",
                                request->r->method);
}

int apid_trial_serve(apid_request_t *request, const char *name)
{
    apid_dir_config_t *config = apr_pmemdup(
        request->r->pool, request->config, sizeof(*request->config));
    apid_api_t *api;
    apid_err_t *err = NULL;

    if (request->user->role < APID_ROLE_DESIGNER) {
        err = apid_err_raise(request->r->pool, APID_ERR_ACCESS_DENIED,
                             "Drafts are called by the role designer");
    }
    if (!err) {
        err = choose_profile(config, request);
    }
    if (!err) {
        err = compile(&api, request, name);
    }
    if (err) {
        return apid_answer_error(request, err);
    }
    enter(request, config, api);
    err = check_method(request);
    return err ? apid_answer_error(request, err) : apid_handler_run(request);
}
