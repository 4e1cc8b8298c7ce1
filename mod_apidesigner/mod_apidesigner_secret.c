/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mod_apidesigner_secret: tokens in a URL leave it before any other module or
 * log sees them: for good where we serve, until it is known who serves
 * elsewhere. What a token is good for is not judged here.
 */
#include "mod_apidesigner.h"

#include <apr_strings.h>
#include <scoreboard.h>

/* A URL with another query (NULL: none), and what follows it. */
static char *replace_query(const char *url, const char *query,
                           const char *tail, apr_pool_t *pool)
{
    return apr_pstrcat(pool, apr_pstrmemdup(pool, url, strcspn(url, "?")),
                       query ? "?" : "", query ? query : "", tail, NULL);
}

/* Everything that later hooks, logs and server-status show of a URL. */
static void hide_query(request_rec *r, const char *query)
{
    const char *tail = ap_strrchr_c(r->the_request, ' ');

    if (!tail || !ap_strchr_c(r->the_request, '?')
        || tail < ap_strchr_c(r->the_request, '?')) {
        tail = "";
    }
    r->args = (char *)query;
    r->parsed_uri.query = (char *)query;
    if (r->unparsed_uri) {
        r->unparsed_uri = replace_query(r->unparsed_uri, query, "", r->pool);
    }
    r->the_request = replace_query(r->the_request, query, tail, r->pool);
    ap_update_child_status(r->connection->sbh, SERVER_BUSY_WRITE, r);
}

/* What was taken out of a request before it was known whose it is. */
typedef struct veil_t {
    const request_rec *r;
    apid_extract_t found;
    char *args, *query, *unparsed_uri, *the_request; /* as they were */
} veil_t;

#define VEIL "apidesigner: veil" /* in the pool of the request */

static const veil_t *find_veil(const request_rec *r)
{
    void *veil = NULL;

    apr_pool_userdata_get(&veil, VEIL, r->pool);
    return veil && ((veil_t *)veil)->r == r ? veil : NULL;
}

/* The query; of a request line that httpd could not read, what may be one. */
static const char *find_query(const request_rec *r)
{
    const char *query, *end;

    if (r->args || r->prev || !r->the_request) {
        return r->args;
    }
    query = ap_strchr_c(r->the_request, '?');
    end = query ? ap_strrchr_c(query, ' ') : NULL;
    return query && end ? apr_pstrmemdup(r->pool, query + 1, end - query - 1)
           : query      ? query + 1
                        : NULL;
}

void apid_secret_veil_again(request_rec *r)
{
    const veil_t *veil = find_veil(r);

    if (veil) {
        hide_query(r, veil->found.rest);
    }
}

void apid_secret_veil(request_rec *r)
{
    const apid_server_config_t *server = ap_get_module_config(
        r->server->module_config, &apidesigner_module);
    const char *query = find_query(r);
    apid_extract_t found;
    veil_t *veil;

    if (!server->database || !query || find_veil(r)) {
        apid_secret_veil_again(r);
        return;
    }
    found = apid_form_extract(query, "token", r->pool);
    if (!found.count) {
        return;
    }
    veil = apr_palloc(r->pool, sizeof(*veil));
    *veil = (veil_t){r, found, r->args, r->parsed_uri.query, r->unparsed_uri,
                     r->the_request};
    apr_pool_userdata_setn(veil, VEIL, NULL, r->pool);
    hide_query(r, found.rest);
}

void apid_secret_unveil(request_rec *r)
{
    const veil_t *veil = find_veil(r);

    if (veil) {
        r->args = veil->args;
        r->parsed_uri.query = veil->query;
        r->unparsed_uri = veil->unparsed_uri;
        r->the_request = veil->the_request;
    }
}

/* The parameters called token, taken out of the URL. */
static apid_extract_t take_query(request_rec *r)
{
    apid_extract_t found = apid_form_extract(r->args, "token", r->pool);
    const veil_t *veil = find_veil(r);

    if (found.count) {
        hide_query(r, found.rest);
    }
    return found.count || !veil ? found : veil->found;
}

void apid_secret_take(apid_request_t *request)
{
    request_rec *r = request->r;
    apid_extract_t found = take_query(r);
    const char *header = apr_table_get(r->headers_in, "Token");

    if (found.count) {
        request->token = found.value;
        request->token_in = APID_TOKEN_IN_QUERY;
        request->tokens = found.count;
    }
    if (header) {
        apr_table_unset(r->headers_in, "Token");
        request->token = header;
        request->token_in = APID_TOKEN_IN_HEADER;
        request->tokens++;
    }
}
