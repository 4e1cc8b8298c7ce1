/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mod_apidesigner: the module record, its hooks, and what a child process
 * opens when it starts: connections and registry, one of each for all servers
 * of the same configuration. The module record is the only symbol exported.
 */
#include "mod_apidesigner.h"

#include <ap_mpm.h>
#include <ap_provider.h>
#include <apr_optional_hooks.h>
#include <apr_strings.h>
#include <http_log.h>
#include <http_protocol.h>
#include <http_request.h>
#include <mod_status.h>
#include <unistd.h>

#ifndef APID_VERSION
#define APID_VERSION "0"
#endif

/* ---- the child process */

static void hear_notice(void *ctx, const char *line)
{
    apid_child_t *child = ctx;

    ap_log_error(APLOG_MARK, APLOG_WARNING, 0, child->server,
                 "apidesigner: %s", line);
}

/* What is wrong with the settings is told by one child of a generation. */
static int is_warner(const apid_child_t *child)
{
    int generation = 0;

    ap_mpm_query(AP_MPMQ_GENERATION, &generation);
    return apid_share_warns(child->share, (apr_uint32_t)generation,
                            (apr_uint32_t)getpid());
}

/* Children, connections each and the server's limit must go together. A child
 * uses one for each request that it serves at once, and the one that writes
 * what is counted another. */
static void check_connections(const apid_child_t *child, apr_int64_t max)
{
    apid_db_stats_t stats;
    int children = 1, threads = 0;

    ap_mpm_query(AP_MPMQ_MAX_DAEMONS, &children);
    ap_mpm_query(AP_MPMQ_MAX_THREADS, &threads);
    if (max > threads + 1) {
        max = threads + 1;
    }
    apid_db_stats(&stats, child->db);
    if (stats.max_connections
        && (apr_uint64_t)(children * max) > stats.max_connections
        && is_warner(child)) {
        ap_log_error(APLOG_MARK, APLOG_WARNING, 0, child->server,
                     "apidesigner: %d child processes of %" APR_INT64_T_FMT
                     " connections (APIDesignerPool max) may want more than "
                     "the %" APR_UINT64_T_FMT " (max_connections) that the "
                     "database server gives", children, max,
                     stats.max_connections);
    }
}

/* What fits into a request should fit into a statement. */
static void check_packet(const apid_child_t *child)
{
    const apid_dir_config_t *config = ap_get_module_config(
        child->server->lookup_defaults, &apidesigner_module);
    apid_db_stats_t stats;

    apid_db_stats(&stats, child->db);
    if (stats.max_packet
        && stats.max_packet < (apr_uint64_t)config->max_body
        && is_warner(child)) {
        ap_log_error(APLOG_MARK, APLOG_WARNING, 0, child->server,
                     "apidesigner: APIDesignerMaxBody is %" APR_INT64_T_FMT
                     " bytes, of which the database server takes no more than "
                     "%" APR_UINT64_T_FMT " (max_allowed_packet)",
                     config->max_body, stats.max_packet);
    }
}

static apid_err_t *open_child(apid_child_t **result, server_rec *server,
                              apr_pool_t *pool)
{
    const apid_server_config_t *config
        = ap_get_module_config(server->module_config, &apidesigner_module);
    apid_child_t *child = apr_pcalloc(pool, sizeof(*child));
    apid_err_t *err;

    child->server = server;
    child->passwords = apid_passwords_open(pool);
    child->share = config->share;
    child->stripe = (unsigned)getpid();
    ap_random_insecure_bytes(child->drawn, sizeof(child->drawn));
    err = apid_db_open(&child->db, apid_config_database(config, pool), pool);
    if (!err) {
        err = apid_registry_open(&child->registry, child->db, config->reload,
                                 pool);
    }
    if (!err) {
        apid_registry_notice(child->registry, hear_notice, child);
        check_connections(child, config->pool_max);
        check_packet(child);
        apid_activity_resume(child, pool);
        *result = child;
    }
    return err;
}

/* What an earlier server with the same settings opened, or NULL. */
static apid_child_t *find_child(server_rec *first, const server_rec *server)
{
    const apid_server_config_t *config
        = ap_get_module_config(server->module_config, &apidesigner_module);

    for (; first != server; first = first->next) {
        const apid_server_config_t *other
            = ap_get_module_config(first->module_config, &apidesigner_module);

        if (other->child && apid_config_alike(config, other)) {
            return other->child;
        }
    }
    return NULL;
}

static void start_child(apr_pool_t *pchild, server_rec *first)
{
    apid_activity_last(first, pchild);
    for (server_rec *server = first; server; server = server->next) {
        apid_server_config_t *config
            = ap_get_module_config(server->module_config, &apidesigner_module);
        apid_err_t *err = NULL;

        if (!config->database) {
            continue;
        }
        config->child = find_child(first, server);
        if (!config->child) {
            err = open_child(&config->child, server, pchild);
        }
        if (err) {
            ap_log_error(APLOG_MARK, APLOG_CRIT, 0, server,
                         "apidesigner: %s%s%s", err->text,
                         err->cause ? ": " : "", err->cause ? err->cause : "");
        }
    }
}

/* ---- hooks */

static int tell_version(apr_pool_t *pconf, apr_pool_t *plog,
                        apr_pool_t *ptemp, server_rec *server)
{
    ap_add_version_component(pconf, "mod_apidesigner/" APID_VERSION);
    return OK;
}

/* httpd may refuse a path before it is known whose it is, and logs it then:
 * nobody but the hooks above sees a token until that is settled. */
static int veil_secrets(request_rec *r)
{
    apid_secret_veil(r);
    return DECLINED;
}

/* A cache that answers before it is known whose the request is must tell one
 * token from another. */
static int unveil_quick(request_rec *r, int lookup)
{
    apid_secret_unveil(r);
    return DECLINED;
}

static int veil_quick(request_rec *r, int lookup)
{
    apid_secret_veil_again(r);
    return DECLINED;
}

/* First of all: before any other module copies a URL with a token in it. */
static int hide_secrets(request_rec *r)
{
    if (!apid_request_open(r)) {
        apid_secret_unveil(r);
    }
    return DECLINED;
}

/* What was refused so early that no hook saw it. */
static int veil_refused(request_rec *r)
{
    if (!r->filename) {
        apid_secret_veil(r);
    }
    return DECLINED;
}

/* Last, so that rewriting and redirecting work as everywhere: nothing of ours
 * is a file, so nothing is to be looked for. */
static int claim_name(request_rec *r)
{
    return apid_request_stays(r) ? OK : DECLINED;
}

/* Whatever file another module took the path for: its endings say nothing. */
static int claim_storage(request_rec *r)
{
    if (!apid_request_stays(r)) {
        return DECLINED;
    }
    r->filename = apr_pstrdup(r->pool, "apidesigner");
    r->handler = "apidesigner";
    return OK;
}

static void register_hooks(apr_pool_t *pool)
{
    /* its threads use what our start_child opens */
    static const char *const watchdog[] = {"mod_watchdog.c", NULL};

    ap_hook_check_config(apid_config_check, NULL, NULL, APR_HOOK_MIDDLE);
    ap_hook_post_config(tell_version, NULL, NULL, APR_HOOK_MIDDLE);
    ap_hook_post_config(apid_share_start, NULL, NULL, APR_HOOK_MIDDLE);
    ap_hook_post_config(apid_activity_start, NULL, NULL, APR_HOOK_MIDDLE);
    ap_hook_child_init(start_child, NULL, watchdog, APR_HOOK_MIDDLE);
    ap_hook_log_transaction(veil_refused, NULL, NULL, APR_HOOK_REALLY_FIRST);
    ap_hook_log_transaction(apid_activity_log, NULL, NULL, APR_HOOK_MIDDLE);
    ap_hook_post_read_request(veil_secrets, NULL, NULL, APR_HOOK_REALLY_LAST);
    ap_hook_quick_handler(unveil_quick, NULL, NULL, APR_HOOK_REALLY_FIRST);
    ap_hook_quick_handler(veil_quick, NULL, NULL, APR_HOOK_REALLY_LAST);
    ap_hook_translate_name(hide_secrets, NULL, NULL, APR_HOOK_REALLY_FIRST);
    ap_hook_translate_name(claim_name, NULL, NULL, APR_HOOK_LAST);
    ap_hook_map_to_storage(claim_storage, NULL, NULL, APR_HOOK_REALLY_FIRST);
    ap_hook_access_checker(apid_access_check, NULL, NULL, APR_HOOK_MIDDLE);
    ap_hook_fixups(apid_access_settle, NULL, NULL, APR_HOOK_REALLY_LAST);
    ap_hook_handler(apid_handler_serve, NULL, NULL, APR_HOOK_REALLY_FIRST);
    ap_hook_insert_error_filter(apid_admin_catch, NULL, NULL,
                                APR_HOOK_MIDDLE);
    ap_register_output_filter(APID_ADMIN_FILTER, apid_admin_filter, NULL,
                              AP_FTYPE_RESOURCE);
    ap_register_auth_provider(pool, AUTHN_PROVIDER_GROUP, "apidesigner",
                              AUTHN_PROVIDER_VERSION, &apid_identify_provider,
                              AP_AUTH_INTERNAL_PER_CONF);
    APR_OPTIONAL_HOOK(ap, status_hook, apid_status_report, NULL, NULL,
                      APR_HOOK_MIDDLE);
}

AP_DECLARE_MODULE(apidesigner) = {
    STANDARD20_MODULE_STUFF,
    apid_config_dir_create,
    apid_config_dir_merge,
    apid_config_server_create,
    apid_config_server_merge,
    apid_config_commands,
    register_hooks,
    0,
};
