/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mod_apidesigner_session: sessions of mod_session that were signed out. They
 * live in the browser's cookie, so that a copy of it would outlive the
 * sign-out; hence each gets a number when it begins, and all processes share
 * the numbers of those that ended.
 */
#include "mod_apidesigner.h"

#include <apr_strings.h>
#include <mod_session.h>

#define NUMBER "apidesigner-session" /* its key in the session */
#define LIFE 86400 /* seconds that one is remembered, beyond any cookie's */

/* The session of a request, NULL if there is none to keep a number in. */
static session_rec *load_session(request_rec *r)
{
    APR_OPTIONAL_FN_TYPE(ap_session_load) *load
        = APR_RETRIEVE_OPTIONAL_FN(ap_session_load);
    session_rec *session = NULL;

    return load && load(r, &session) == OK ? session : NULL;
}

/* What apid_share knows the session by; 0: it has no number. */
static apr_uint64_t find_number(request_rec *r, const apid_share_t *share)
{
    APR_OPTIONAL_FN_TYPE(ap_session_get) *get
        = APR_RETRIEVE_OPTIONAL_FN(ap_session_get);
    session_rec *session = share ? load_session(r) : NULL;
    const char *number = NULL;

    if (session) {
        get(r, session, NUMBER, &number);
    }
    return number ? apid_share_hash(share, number, strlen(number)) : 0;
}

static apid_share_t *find_share(const request_rec *r)
{
    const apid_server_config_t *config = ap_get_module_config(
        r->server->module_config, &apidesigner_module);

    return config->share;
}

void apid_session_begin(request_rec *r)
{
    APR_OPTIONAL_FN_TYPE(ap_session_set) *set
        = APR_RETRIEVE_OPTIONAL_FN(ap_session_set);
    session_rec *session = load_session(r);
    const char *number;

    if (session && !apid_auth_secret(&number, r->pool)) {
        set(r, session, NUMBER, number);
    }
}

void apid_session_end(request_rec *r)
{
    apid_share_t *share = find_share(r);
    apr_uint64_t number = find_number(r, share);

    if (number) {
        apid_share_failure(share, APID_SUBJECT_SESSION, number,
                           apr_time_sec(r->request_time) + LIFE);
    }
}

int apid_session_ended(request_rec *r)
{
    apid_share_t *share = find_share(r);
    apr_uint64_t number = find_number(r, share);

    return number
           && apid_share_failure_of(share, APID_SUBJECT_SESSION, number);
}
