/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mod_apidesigner_status: what operators see: health, metrics, server-status.
 * Figures of connections and definitions are those of the child process that
 * answers, those of requests of all children; each is one row of a table. Who
 * may look is httpd's own Require.
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

/* The same of what all children count together. */
#define SHARED_TABLE(ROW) \
    ROW("refused_total", "counter", count_refused(share), \
        "Requests answered with an error") \
    ROW("slots_taken_total", "counter", atomic_load(&share->crowded), \
        "Times that APIDesignerCounters was too small and somebody who is " \
        "counted was forgotten") \
    ROW("uncounted_total", "counter", atomic_load(&share->uncounted), \
        "Requests that found no slot to be counted in") \
    ROW("refusals_lost_total", "counter", \
        atomic_load(&apid_share_refusals(share)->lost), \
        "Refused requests that were too many to be kept")
/* clang-format on */

typedef struct metric_t {
    const char *name, *type, *help;
    const char *label; /* "pid=\"1\"", or "" */
    apr_int64_t value;
} metric_t;

static apr_uint64_t count_refused(const apid_share_t *share)
{
    apr_uint64_t refused = 0;

    for (int status = HTTP_BAD_REQUEST; status < APID_STATUSES; status++) {
        refused += apid_share_total(share, status);
    }
    return refused;
}

static void add_requests(apr_array_header_t *metrics,
                         const apid_share_t *share)
{
    for (int status = 0; status < APID_STATUSES; status++) {
        apr_uint64_t value = apid_share_total(share, status);

        if (value) {
            APR_ARRAY_PUSH(metrics, metric_t) = (metric_t){
                "requests_total", "counter", "Requests answered",
                apr_psprintf(metrics->pool, "status=\"%d\"", status),
                (apr_int64_t)value
            };
        }
    }
}

/* metric_t, those of one name one after the other */
static apr_array_header_t *read_metrics(const apid_child_t *child,
                                        apr_pool_t *pool)
{
    apr_array_header_t *metrics = apr_array_make(pool, 64, sizeof(metric_t));
    const char *pid = apr_psprintf(pool, "pid=\"%ld\"", (long)getpid());
    const apid_share_t *share = child->share;
    apid_db_stats_t db;
    apid_registry_stats_t registry;

    apid_db_stats(&db, child->db);
    apid_registry_stats(&registry, child->registry);
#define METRIC(name, type, value, help) \
    {name, type, help, pid, (apr_int64_t)value},
#define SHARED(name, type, value, help) \
    {name, type, help, "", (apr_int64_t)value},
    metric_t now[] = {METRIC_TABLE(METRIC) SHARED_TABLE(SHARED)};
#undef METRIC
#undef SHARED
    for (apr_size_t i = 0; i < sizeof(now) / sizeof(now[0]); i++) {
        APR_ARRAY_PUSH(metrics, metric_t) = now[i];
    }
    add_requests(metrics, share);
    return metrics;
}

static const char *print_metric(const metric_t *metric,
                                const metric_t *before, apr_pool_t *pool)
{
    const char *head = "";

    if (!before || strcmp(before->name, metric->name)) {
        head = apr_psprintf(pool,
                            "# HELP apidesigner_%s %s.\n"
                            "# TYPE apidesigner_%s %s\n",
                            metric->name, metric->help, metric->name,
                            metric->type);
    }
    return apr_psprintf(pool, "%sapidesigner_%s%s%s%s %" APR_INT64_T_FMT "\n",
                        head, metric->name, *metric->label ? "{" : "",
                        metric->label, *metric->label ? "}" : "",
                        metric->value);
}

int apid_status_metrics(apid_request_t *request)
{
    apr_pool_t *pool = request->r->pool;
    const char *text = "";
    const metric_t *before = NULL;
    apr_array_header_t *metrics
        = request->child ? read_metrics(request->child, pool)
                         : apr_array_make(pool, 1, sizeof(metric_t));

    for (int i = 0; i < metrics->nelts; i++) {
        const metric_t *metric = &APR_ARRAY_IDX(metrics, i, metric_t);

        text = apr_pstrcat(pool, text, print_metric(metric, before, pool),
                           NULL);
        before = metric;
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
                           ? "APIDesigner_%s%s: %" APR_INT64_T_FMT "\n"
                           : "<dt>%s%s: %" APR_INT64_T_FMT "</dt>\n";
    apr_array_header_t *metrics;

    if (!config->child) {
        return DECLINED;
    }
    metrics = read_metrics(config->child, r->pool);
    if (!(flags & AP_STATUS_SHORT)) {
        ap_rprintf(r, "<hr />\n<h2>mod_apidesigner, child %ld</h2>\n<dl>\n",
                   (long)getpid());
    }
    for (int i = 0; i < metrics->nelts; i++) {
        const metric_t *metric = &APR_ARRAY_IDX(metrics, i, metric_t);
        const char *status = ap_strstr_c(metric->label, "status=");

        /* requests_total_404 */
        ap_rprintf(r, form, metric->name,
                   status ? apr_psprintf(r->pool, "_%d", atoi(status + 8))
                          : "",
                   metric->value);
    }
    if (!(flags & AP_STATUS_SHORT)) {
        ap_rputs("</dl>\n", r);
    }
    return OK;
}
