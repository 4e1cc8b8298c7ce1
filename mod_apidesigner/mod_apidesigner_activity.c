/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mod_apidesigner_activity: notes each request when its answer is sent, in
 * the memory that all children share, and has one child write what gathered
 * to the database every few seconds: httpd's own watchdog, or where that is
 * not loaded the request that finds the time over.
 */
#include "mod_apidesigner.h"
#include "apid_activity.h"
#include "apid_usage.h"

#include <ap_mpm.h>
#include <apr_optional.h>
#include <apr_strings.h>
#include <http_core.h>
#include <http_log.h>
#include <mod_watchdog.h>

APLOG_USE_MODULE(apidesigner);

#define WATCHDOG "apidesigner"
#define SWEEP 60 /* seconds between two times that old rows are dropped */

/* Set while the configuration is read, before there are children; and in a
 * child, by its watchdog. */
static int unwatched; /* there is no watchdog */
static int watching;  /* this child is the one that it runs in */

/* ---- one request */

/* The console's own call of a draft, which has no row in the tables: no caller
 * called it. */
static int is_trial(const apid_request_t *request)
{
    return request->entry && !request->entry->id;
}

static void fill_event(apid_event_t *event, const apid_request_t *request)
{
    const request_rec *r = request->r;
    const apid_err_t *err = request->failed;

    event->at = r->request_time;
    event->version = request->edition ? request->edition->version : 0;
    event->kind = err ? (apr_int32_t)err->kind : APID_ERR_KINDS;
    event->webhook = request->config->serve == APID_SERVE_WEBHOOK;
    apid_event_text(event->method, sizeof(event->method), r->method);
    apid_event_text(event->name, sizeof(event->name),
                    request->entry ? request->entry->name : NULL);
    apid_event_text(event->user, sizeof(event->user),
                    request->user ? request->user->name : NULL);
    apid_event_text(event->address, sizeof(event->address), r->useragent_ip);
    apid_event_text(event->request_id, sizeof(event->request_id),
                    request->id);
    if (err) {
        apid_event_text(event->reason, sizeof(event->reason), apr_pstrcat(
            r->pool, is_trial(request) ? "draft: " : "",
            apid_err_line(err, r->pool), NULL));
    }
}

static apid_line_t make_line(const apid_request_t *request, int status)
{
    apid_line_t line = {
        .minute = apr_time_sec(apr_time_now()) / 60,
        .definition = request->entry ? request->entry->id : 0,
        .user = request->user ? request->user->number : 0,
        .token = request->used ? request->used->id : 0,
        .version = request->edition ? request->edition->version : 0,
        .status = status,
    };

    return line;
}

static void note(const apid_request_t *request, int status)
{
    apid_share_t *share = request->child->share;
    apid_line_t line = make_line(request, status);
    apr_int64_t micros = apr_time_now() - request->r->request_time;
    apid_event_t event = {
        .micros = micros > 0 ? micros : 0, /* a clock may be put back */
        .status = status,
    };

    fill_event(&event, request);
    if (!is_trial(request)) {
        apid_share_record(share, &line, event.micros, request->child->stripe);
        apid_ring_put(apid_share_recent(share), &event);
    }
    if (request->failed) {
        apid_ring_put(apid_share_refusals(share), &event);
    }
}

/* ---- what gathered */

static apid_err_t *exchange(const apid_server_config_t *config,
                            apid_lease_t *lease, apr_pool_t *pool)
{
    apid_err_t *err = apid_usage_exchange(config->share, config->node, lease,
                                          pool);

    return err ? err : apid_activity_write(config->share, lease, pool);
}

static apid_err_t *sweep(const apid_server_config_t *config,
                         apid_lease_t *lease)
{
    apr_uint64_t now = (apr_uint64_t)apr_time_sec(apr_time_now());
    apid_share_t *share = config->share;
    apr_uint64_t swept = atomic_load(&share->swept);
    apid_err_t *err;

    if (swept + SWEEP > now
        || !atomic_compare_exchange_strong(&share->swept, &swept, now)) {
        return NULL;
    }
    err = apid_usage_sweep(lease);
    return err ? err : apid_activity_sweep(lease, config->activity_days,
                                           config->refusals);
}

/* What fails is told once, until it works again. */
static void tell(apid_child_t *child, const apid_err_t *err)
{
    if (err && !child->unwritten) {
        ap_log_error(APLOG_MARK, APLOG_WARNING, 0, child->server,
                     "apidesigner: what was counted cannot be written, and "
                     "waits: %s%s%s", err->text, err->cause ? ": " : "",
                     err->cause ? err->cause : "");
    }
    else if (!err && child->unwritten) {
        ap_log_error(APLOG_MARK, APLOG_NOTICE, 0, child->server,
                     "apidesigner: what was counted can be written again");
    }
    child->unwritten = err != NULL;
}

/* One connection does both: there may be no second one. */
static void write_one(const apid_server_config_t *config, apr_pool_t *pool)
{
    apid_lease_t *lease;
    apid_err_t *err = apid_db_lease(&lease, config->child->db, pool);

    if (!err) {
        err = exchange(config, lease, pool);
        err = err ? err : sweep(config, lease);
        apid_db_close(lease);
    }
    tell(config->child, err);
}

/* Whether an earlier server counts in the same memory. */
static int is_repeated(server_rec *first, const server_rec *server,
                       const apid_share_t *share)
{
    for (; first != server; first = first->next) {
        const apid_server_config_t *other
            = ap_get_module_config(first->module_config, &apidesigner_module);

        if (other->share == share && other->child) {
            return 1;
        }
    }
    return 0;
}

static void write_all(server_rec *first, apr_pool_t *pool)
{
    for (server_rec *server = first; server; server = server->next) {
        const apid_server_config_t *config
            = ap_get_module_config(server->module_config, &apidesigner_module);

        if (config->child && !is_repeated(first, server, config->share)) {
            write_one(config, pool);
        }
    }
}

/* The watchdog of one child calls this. */
static apr_status_t watch(int state, void *data, apr_pool_t *pool)
{
    watching = 1;
    write_all(data, pool);
    return APR_SUCCESS;
}

/* Before connections are closed, and after the watchdog's thread has ended. */
static apr_status_t write_last(void *data)
{
    apr_pool_t *pool;

    if (watching) {
        apr_pool_create_unmanaged_ex(&pool, NULL, NULL);
        write_all(data, pool);
        apr_pool_destroy(pool);
    }
    return APR_SUCCESS;
}

/* The one request that finds the time over, where nobody watches. */
static void write_if_due(const apid_request_t *request)
{
    const request_rec *r = request->r;
    const apid_server_config_t *config = ap_get_module_config(
        r->server->module_config, &apidesigner_module);
    apr_uint64_t now = (apr_uint64_t)apr_time_now();
    apr_uint64_t next = atomic_load(&config->share->next);

    if (now >= next
        && atomic_compare_exchange_strong(
            &config->share->next, &next,
            now + (apr_uint64_t)config->exchange)) {
        write_one(config, r->pool);
    }
}

int apid_activity_log(request_rec *r)
{
    apid_request_t *request = NULL;

    for (; r; r = r->next) {
        apid_request_t *each
            = ap_get_module_config(r->request_config, &apidesigner_module);

        request = each ? each : request;
    }
    if (!request || !request->child
        || (request->config->serve != APID_SERVE_API
            && request->config->serve != APID_SERVE_WEBHOOK)) {
        return DECLINED;
    }
    note(request, request->r->status);
    if (unwatched) {
        write_if_due(request);
    }
    return DECLINED;
}

/* ---- start */

static apr_interval_time_t find_interval(server_rec *server)
{
    apr_interval_time_t least = apr_time_from_sec(60);

    for (; server; server = server->next) {
        const apid_server_config_t *config
            = ap_get_module_config(server->module_config, &apidesigner_module);

        if (config->share && config->exchange < least) {
            least = config->exchange;
        }
    }
    return least;
}

int apid_activity_start(apr_pool_t *pconf, apr_pool_t *plog,
                        apr_pool_t *ptemp, server_rec *first)
{
    APR_OPTIONAL_FN_TYPE(ap_watchdog_get_instance) *get
        = APR_RETRIEVE_OPTIONAL_FN(ap_watchdog_get_instance);
    APR_OPTIONAL_FN_TYPE(ap_watchdog_register_callback) *add
        = APR_RETRIEVE_OPTIONAL_FN(ap_watchdog_register_callback);
    ap_watchdog_t *watchdog;

    if (ap_state_query(AP_SQ_MAIN_STATE) == AP_SQ_MS_CREATE_PRE_CONFIG) {
        return OK;
    }
    unwatched = !get || !add || get(&watchdog, WATCHDOG, 0, 1, pconf)
                || add(watchdog, find_interval(first), first, watch);
    if (unwatched) {
        ap_log_error(APLOG_MARK, APLOG_NOTICE, 0, first,
                     "apidesigner: mod_watchdog is not there: what is counted "
                     "is written by requests as they come");
    }
    return OK;
}

/* A child without threads ends within a signal's handler, in the middle of
 * whatever it does. */
void apid_activity_last(server_rec *first, apr_pool_t *pchild)
{
    int threaded = AP_MPMQ_NOT_SUPPORTED;

    ap_mpm_query(AP_MPMQ_IS_THREADED, &threaded);
    if (threaded != AP_MPMQ_NOT_SUPPORTED) {
        apr_pool_pre_cleanup_register(pchild, first, write_last);
    }
}

void apid_activity_resume(apid_child_t *child, apr_pool_t *pool)
{
    const apid_server_config_t *config = ap_get_module_config(
        child->server->module_config, &apidesigner_module);
    apr_pool_t *scratch;
    apid_lease_t *lease;
    apid_err_t *err;

    if (atomic_load(&child->share->resumed)) {
        return;
    }
    apr_pool_create(&scratch, pool);
    err = apid_db_lease(&lease, child->db, scratch);
    if (!err) {
        err = apid_usage_resume(child->share, config->node, lease, scratch);
    }
    tell(child, err);
    apr_pool_destroy(scratch);
}
