/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mod_apidesigner_identify: who calls: the token of a webhook, a name and an
 * access key, or whom httpd authenticated; and the authn provider that
 * httpd's own modules ask. Who fails too often is not looked at.
 */
#include "mod_apidesigner.h"

#include <apr_strings.h>
#include <http_core.h>
#include <http_log.h>
#include <http_request.h>

APLOG_USE_MODULE(apidesigner);

static apid_err_t *refuse_token(const apid_request_t *request,
                                const char *why)
{
    return apid_err_because(apid_err_raise(request->r->pool,
                                           APID_ERR_AUTHENTICATION_FAILURE,
                                           "Authentication failed"),
                            "%s", why);
}

/* The token that it is, or NULL. */
static const apid_token_t *match_token(const apid_entry_point_t *entry,
                                       const char *token, apr_time_t now)
{
    static const unsigned char nobody[APID_DIGEST_SIZE];
    const apid_token_t *found = NULL;

    if (!entry || !entry->ntokens) {
        (void)apid_auth_match_digest(nobody, token);
        return NULL;
    }
    for (int i = 0; i < entry->ntokens; i++) {
        const apid_token_t *known = &entry->tokens[i];

        if (apid_auth_match_digest(known->digest, token)
            && (!known->expires || known->expires > now)) {
            found = known;
        }
    }
    return found;
}

static apid_err_t *identify_token(apid_request_t *request)
{
    const apid_entry_point_t *entry = request->entry;
    const apid_api_t *api = apid_access_live(request);
    apid_attempt_t attempt;
    apr_int64_t wait;

    if (!request->tokens) {
        return refuse_token(request, "no token");
    }
    if (request->tokens > 1) {
        return refuse_token(request, "more than one token");
    }
    attempt = apid_throttle_open(request->r, request->r->uri);
    wait = apid_throttle_wait(&attempt);
    if (apid_throttle_wait_address(&attempt)) {
        return apid_throttle_refuse(request, wait);
    }
    request->used
        = match_token(entry, request->token, request->r->request_time);
    if (wait && !request->used) {
        return apid_throttle_refuse(request, wait);
    }
    if (!request->used) {
        apid_throttle_fail(&attempt, "wrong token");
        return refuse_token(request, entry ? "wrong token" : "no such webhook");
    }
    apid_throttle_pass(&attempt);
    if (api && api->kind != APID_KIND_WEBHOOK) {
        api = request->found->api;
    }
    if (api && api->token_in != request->token_in) {
        return refuse_token(request, "the token is in the wrong place");
    }
    request->user = entry->owner;
    return NULL;
}

static apid_err_t *refuse_user(const apid_request_t *request, const char *why,
                               const char *name)
{
    return apid_err_because(apid_err_raise(request->r->pool,
                                           APID_ERR_INVALID_USER_CREDENTIALS,
                                           "Invalid username or password"),
                            "%s%s%s%s", why, name ? " '" : "",
                            name ? name : "", name ? "'" : "");
}

static const char *explain_user(const apid_user_t *user)
{
    return !user            ? "no such user"
           : user->disabled ? "disabled user"
                            : "wrong access key of user";
}

/* A name that is known and one that is not take the same time. */
static apid_err_t *check_key(apid_request_t *request, const char *name,
                             const char *secret)
{
    apid_attempt_t attempt = apid_throttle_open(request->r, name);
    apr_int64_t wait = apid_throttle_wait(&attempt);
    const apid_user_t *user;
    apid_err_t *err;

    if (apid_throttle_wait_address(&attempt)) {
        return apid_throttle_refuse(request, wait);
    }
    user = apid_snapshot_user(request->snapshot, name);
    if (apid_auth_match_key(user, secret)) {
        apid_throttle_pass(&attempt);
        request->user = user;
        return NULL;
    }
    if (wait) {
        return apid_throttle_refuse(request, wait);
    }
    err = refuse_user(request, explain_user(user), name);
    apid_throttle_fail(&attempt, err->cause);
    return err;
}

static apid_err_t *identify_basic(apid_request_t *request)
{
    request_rec *r = request->r;
    const char *header = apr_table_get(r->headers_in, "Authorization");
    const char *name, *secret;
    apid_err_t *err;

    if (!header) {
        return refuse_user(request, "no credentials", NULL);
    }
    if (apid_auth_parse_basic(&name, &secret, header, r->pool)) {
        return refuse_user(request, "unreadable credentials", NULL);
    }
    err = check_key(request, name, secret);
    if (!err) {
        r->user = apr_pstrdup(r->pool, request->user->name);
        r->ap_auth_type = (char *)"Basic";
    }
    return err;
}

/* httpd has authenticated somebody: that name is one of our users. */
static apid_err_t *identify_httpd(apid_request_t *request)
{
    const char *name = request->r->user;

    request->user
        = name ? apid_snapshot_user(request->snapshot, name) : NULL;
    if (request->user) {
        return NULL;
    }
    return name ? refuse_user(request, "no such user", name)
                : refuse_user(request, "httpd authenticated nobody", NULL);
}

/* ---- authn provider */

/* Whether nobody gets in whom we do not know, whatever other providers say. */
static int needs_user(request_rec *r)
{
    const apid_request_t *request
        = ap_get_module_config(r->request_config, &apidesigner_module);
    apid_serve_e serve = request ? request->config->serve : APID_SERVE_NONE;

    return serve == APID_SERVE_API || serve == APID_SERVE_DOCS
           || serve == APID_SERVE_CONSOLE;
}

/* Whom we do not know another provider may: elsewhere that is no failure
 * yet. */
static void note_attempt(const apid_attempt_t *attempt,
                         const apid_user_t *user, const char *name, int match)
{
    if (match) {
        apid_throttle_pass(attempt);
    }
    else if (user || needs_user(attempt->r)) {
        apid_throttle_fail(attempt,
                           apr_psprintf(attempt->r->pool, "%s '%s'",
                                        user ? "wrong password of user"
                                             : "no such user", name));
    }
}

static int is_form(request_rec *r)
{
    const char *auth = ap_auth_type(r);

    return auth && !ap_cstr_casecmp(auth, "form");
}

/* What mod_auth_form took from a session was right once, since nobody can
 * forge that: it is no guess. It asks for a posted form as well, wherever that
 * was sent to. */
static int is_of_session(request_rec *r)
{
    const char *type = apr_table_get(r->headers_in, "Content-Type");

    return is_form(r)
           && (r->method_number != M_POST || !type
               || ap_cstr_casecmpn(type, "application/x-www-form-urlencoded",
                                   33));
}

/* For the page that is answered instead of httpd's own. */
static void note_wait(request_rec *r, apr_int64_t wait)
{
    apid_request_t *request
        = ap_get_module_config(r->request_config, &apidesigner_module);

    if (request && request->config->serve == APID_SERVE_CONSOLE) {
        request->refusal = apid_throttle_refuse(request, wait);
    }
}

static int match_secret(const apid_child_t *child, const apid_user_t *user,
                        const char *secret)
{
    return apid_auth_match_key(user, secret)
           || apid_passwords_match(child->passwords, user, secret);
}

static int try_secret(const apid_attempt_t *attempt, const apid_child_t *child,
                      const apid_user_t *user, const char *name,
                      const char *secret)
{
    apr_int64_t wait = apid_throttle_wait(attempt);
    int match;

    if (wait && (apid_throttle_wait_address(attempt)
                 || !apid_auth_match_key(user, secret))) {
        note_wait(attempt->r, wait);
        return 0;
    }
    match = match_secret(child, user, secret);
    note_attempt(attempt, user, name, match);
    if (match && is_form(attempt->r)) {
        apid_session_begin(attempt->r);
    }
    return match;
}

static authn_status check_secret(request_rec *r, const char *name,
                                 const char *secret)
{
    const apid_server_config_t *config = ap_get_module_config(
        r->server->module_config, &apidesigner_module);
    apid_attempt_t attempt = apid_throttle_open(r, name);
    const apid_snapshot_t *snapshot;
    const apid_user_t *user;
    int match;

    if (!config->child
        || apid_registry_lease(&snapshot, config->child->registry, r->pool)) {
        ap_log_rerror(APLOG_MARK, APLOG_ERR, 0, r,
                      "apidesigner: no users to authenticate against");
        return AUTH_GENERAL_ERROR;
    }
    user = apid_snapshot_user(snapshot, name);
    match = is_of_session(r)
                ? match_secret(config->child, user, secret)
                : try_secret(&attempt, config->child, user, name, secret);
    if (!user) {
        return AUTH_USER_NOT_FOUND;
    }
    return match ? AUTH_GRANTED : AUTH_DENIED;
}

apid_err_t *apid_identify_caller(apid_request_t *request)
{
    apid_err_t *err;

    if (request->config->serve == APID_SERVE_WEBHOOK) {
        return identify_token(request);
    }
    err = ap_auth_type(request->r) ? identify_httpd(request)
                                   : identify_basic(request);
    if (!err && request->user->disabled) {
        err = refuse_user(request, "disabled user", request->user->name);
    }
    return err;
}

const authn_provider apid_identify_provider = {&check_secret, NULL};
