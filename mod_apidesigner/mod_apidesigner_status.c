/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mod_apidesigner_status: what operators see: health, metrics, server-status.
 * Figures are those of the child process that answers; each figure is one row
 * of one table. Who may look is httpd's own Require.
 */
#include "mod_apidesigner.h"

#include <apr_strings.h>
#include <http_protocol.h>
#include <mod_status.h>
#include <unistd.h>

/* clang-format off */
/* name, type, where it comes from, help */
#define METRIC_TABLE(ROW) \
    ROW("db_connections", "gauge", db.connections, \
        "Open connections to the database") \
    ROW("db_connections_idle", "gauge", db.idle, \
        "Open connections that nobody uses") \
    ROW("db_waiting", "gauge", db.waiting, \
        "Requests that wait for a connection") \
    ROW("db_leases_total", "counter", db.leases, \
        "Connections lent to requests") \
    ROW("db_connects_total", "counter", db.connects, "Connections opened") \
    ROW("db_failures_total", "counter", db.failures, \
        "Connections that failed") \
    ROW("db_timeouts_total", "counter", db.timeouts, \
        "Requests that waited for a connection in vain") \
    ROW("db_prepared_total", "counter", db.statements_prepared, \
        "Statements prepared") \
    ROW("registry_revision", "gauge", registry.revision, \
        "Revision of the definitions in force") \
    ROW("registry_definitions", "gauge", registry.definitions, \
        "Definitions known") \
    ROW("registry_broken", "gauge", registry.broken, \
        "Definitions that no longer fit the schema") \
    ROW("registry_modules", "gauge", registry.modules, "Modules known") \
    ROW("registry_users", "gauge", registry.users, "Users known") \
    ROW("registry_stale", "gauge", registry.stale, \
        "1 while the database is away and the last definitions serve on") \
    ROW("registry_loaded_seconds", "gauge", \
        apr_time_sec(registry.loaded), "When the definitions were loaded")
/* clang-format on */

typedef struct metric_t {
    const char *name, *type, *help;
    apr_int64_t value;
} metric_t;

/* Gives how many there are. */
static int read_metrics(metric_t **metrics, const apid_child_t *child,
                        apr_pool_t *pool)
{
    apid_db_stats_t db;
    apid_registry_stats_t registry;

    apid_db_stats(&db, child->db);
    apid_registry_stats(&registry, child->registry);
#define METRIC(name, type, value, help) {name, type, help, (apr_int64_t)value},
    metric_t now[] = {METRIC_TABLE(METRIC)};
#undef METRIC
    *metrics = apr_pmemdup(pool, now, sizeof(now));
    return sizeof(now) / sizeof(now[0]);
}

int apid_status_metrics(apid_request_t *request)
{
    apr_pool_t *pool = request->r->pool;
    const char *text = "";
    metric_t *metrics;
    int n = request->child ? read_metrics(&metrics, request->child, pool) : 0;

    for (int i = 0; i < n; i++) {
        text = apr_psprintf(pool,
                            "%s# HELP apidesigner_%s %s.\n"
                            "# TYPE apidesigner_%s %s\n"
                            "apidesigner_%s{pid=\"%ld\"} %" APR_INT64_T_FMT
                            "\n",
                            text, metrics[i].name, metrics[i].help,
                            metrics[i].name, metrics[i].type, metrics[i].name,
                            (long)getpid(), metrics[i].value);
    }
    return apid_answer_text(request, HTTP_OK,
                            "text/plain; version=0.0.4; charset=utf-8", text);
}

int apid_status_health(apid_request_t *request)
{
    const apid_snapshot_t *snapshot;
    apid_registry_stats_t stats;

    if (!request->child
        || apid_registry_lease(&snapshot, request->child->registry,
                               request->r->pool)) {
        return apid_answer_text(request, HTTP_SERVICE_UNAVAILABLE,
                                "application/json",
                                "{\"status\":\"unavailable\","
                                "\"database\":\"away\"}");
    }
    apid_registry_stats(&stats, request->child->registry);
    return apid_answer_text(
        request, HTTP_OK, "application/json",
        apr_psprintf(request->r->pool,
                     "{\"status\":\"ok\",\"database\":\"%s\",\"revision\":%"
                     APR_INT64_T_FMT ",\"definitions\":%d,\"broken\":%d}",
                     stats.stale ? "away" : "up", stats.revision,
                     stats.definitions, stats.broken));
}

int apid_status_report(request_rec *r, int flags)
{
    const apid_server_config_t *config = ap_get_module_config(
        r->server->module_config, &apidesigner_module);
    const char *form = flags & AP_STATUS_SHORT
                           ? "APIDesigner_%s: %" APR_INT64_T_FMT "\n"
                           : "<dt>%s: %" APR_INT64_T_FMT "</dt>\n";
    metric_t *metrics;

    if (!config->child) {
        return DECLINED;
    }
    int n = read_metrics(&metrics, config->child, r->pool);
    if (!(flags & AP_STATUS_SHORT)) {
        ap_rprintf(r, "<hr />\n<h2>mod_apidesigner, child %ld</h2>\n<dl>\n",
                   (long)getpid());
    }
    for (int i = 0; i < n; i++) {
        ap_rprintf(r, form, metrics[i].name, metrics[i].value);
    }
    if (!(flags & AP_STATUS_SHORT)) {
        ap_rputs("</dl>\n", r);
    }
    return OK;
}
