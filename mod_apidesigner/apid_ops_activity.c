/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apid_ops_activity: what was called and what was refused; limits of users and
 * tokens. The newest requests are in the memory of the server, so
 * only the management API can show them.
 */
#include "apid_ops_parts.h"
#include "apid_activity.h"

#include <apr_strings.h>
#include <string.h>

#define MAX_HOURS 8784 /* a year */
#define MAX_KEEP (100 * MAX_HOURS)

static apid_question_t read_question(const apid_ops_call_t *call)
{
    apid_question_t question = {
        .name = apid_ops_text(call, "name"),
        .user = apid_ops_text(call, "user"),
        .hours = apid_ops_number(call, "hours", 24),
        .minutes = apid_ops_number(call, "minutes", 60),
        .max = apid_ops_number(call, "max", 100),
    };

    if (question.hours > MAX_HOURS)
        question.hours = MAX_HOURS;
    if (question.minutes < 1)
        question.minutes = 1;
    return question;
}

apid_err_t *apid_ops_activity(apid_ops_call_t *call)
{
    apid_question_t question = read_question(call);

    question.max = apid_ops_number(call, "max", 1000);
    return apid_activity_list(call->out, &question, call->store->lease,
                              call->pool);
}

apid_err_t *apid_ops_activity_summary(apid_ops_call_t *call)
{
    return apid_activity_summary(call->out, call->store->lease, call->pool);
}

apid_err_t *apid_ops_refusals(apid_ops_call_t *call)
{
    apid_question_t question = read_question(call);
    apid_rows_t *rows;
    apid_err_t *err = apid_activity_refusals(&rows, &question, NULL,
                                             call->store->lease);

    return err ? err : apid_ops_write_rows(call, rows);
}

/* ---- the newest requests */

static void write_at(apid_ops_call_t *call, apr_time_t at)
{
    apr_time_exp_t exp;

    apr_time_exp_gmt(&exp, at);
    apid_ops_put(call, "at",
                 apr_psprintf(call->pool,
                              "%04d-%02d-%02dT%02d:%02d:%02d.%06dZ",
                              exp.tm_year + 1900, exp.tm_mon + 1,
                              exp.tm_mday, exp.tm_hour, exp.tm_min,
                              exp.tm_sec, exp.tm_usec));
}

static const char *find_code(const apid_event_t *event)
{
    return event->kind < APID_ERR_KINDS
        ? apid_err_code((apid_err_e)event->kind) : "";
}

static void write_event(apid_ops_call_t *call, const apid_event_t *event,
                        apr_uint64_t number)
{
    const char *ms = apr_psprintf(call->pool, "%.2f",
                                  (double)event->micros / 1000);

    apid_json_object(call->out);
    apid_ops_put_int(call, "seq", (apr_int64_t)number);
    write_at(call, event->at);
    apid_ops_put(call, "name", event->name);
    apid_ops_put_int(call, "version", event->version);
    apid_ops_put(call, "kind", event->webhook ? "webhook" : "api");
    apid_ops_put(call, "method", event->method);
    apid_ops_put_int(call, "status", event->status);
    apid_ops_put(call, "code", find_code(event));
    apid_ops_put(call, "reason", event->reason);
    apid_ops_put(call, "request_id", event->request_id);
    apid_ops_put(call, "user", event->user);
    apid_ops_put(call, "address", event->address);
    apid_json_key(call->out, "ms");
    apid_json_raw(call->out, ms, strlen(ms));
    apid_json_end(call->out);
}

apid_err_t *apid_ops_recent(apid_ops_call_t *call)
{
    const char *name = apid_ops_text(call, "name");
    apr_int64_t after = apid_ops_number(call, "after", 0);
    apid_ring_t *ring;
    apid_event_t event;

    if (!call->share)
        return apid_err_raise(call->pool, APID_ERR_INVALID_REQUEST,
                              "the newest requests are known to the server "
                              "alone: ask its management API, or see "
                              "'activity' and 'refusals'");
    ring = apid_share_recent(call->share);
    apr_uint64_t newest = atomic_load(&ring->newest);
    apr_uint64_t first = newest > ring->n ? newest - ring->n + 1 : 1;
    if ((apr_uint64_t)after >= first)
        first = (apr_uint64_t)after + 1;
    apid_json_array(call->out);
    for (; first <= newest; first++)
        if (apid_ring_get(&event, ring, first) == APID_RING_THERE
            && (!name || !strcmp(name, event.name)))
            write_event(call, &event, first);
    apid_json_end(call->out);
    return NULL;
}

/* ---- limits */

static apid_err_t *check_limit(apid_ops_call_t *call, const char *name,
                               int most)
{
    if (apid_ops_number(call, name, 0) <= most)
        return NULL;
    return apid_err_field(apid_err_raise(call->pool, APID_ERR_INVALID_VALUE,
                                         "must not be above %d", most), name);
}

static apid_err_t *check_limits(apid_ops_call_t *call)
{
    return apid_err_join(check_limit(call, "minute", APR_INT32_MAX),
                         check_limit(call, "day", APR_INT32_MAX));
}

static void put_limits(apid_ops_call_t *call)
{
    apid_json_object(call->out);
    apid_ops_put(call, "name", apid_ops_text(call, "name"));
    apid_ops_put_int(call, "minute", apid_ops_number(call, "minute", 0));
    apid_ops_put_int(call, "day", apid_ops_number(call, "day", 0));
    apid_json_end(call->out);
}

apid_err_t *apid_ops_user_limits(apid_ops_call_t *call)
{
    apid_err_t *err = check_limits(call);

    if (!err)
        err = apid_store_limit_user(call->store, apid_ops_text(call, "name"),
                                    apid_ops_number(call, "minute", 0),
                                    apid_ops_number(call, "day", 0));
    if (!err)
        put_limits(call);
    return err;
}

apid_err_t *apid_ops_token(apid_ops_call_t *call)
{
    apid_stored_t *stored;
    const char *token;
    apid_err_t *err = check_limit(call, "keep", MAX_KEEP);

    if (!err)
        err = apid_ops_webhook(&stored, call);
    if (!err)
        err = apid_auth_secret(&token, call->pool);
    if (!err)
        err = apid_store_add_token(call->store, stored, token,
                                   apid_ops_number(call, "keep", 0) * 3600);
    if (err)
        return err;
    apid_json_object(call->out);
    apid_ops_put(call, "name", stored->name);
    apid_ops_put(call, "token", token);
    apid_json_end(call->out);
    return NULL;
}

apid_err_t *apid_ops_token_revoke(apid_ops_call_t *call)
{
    const char *prefix = apid_ops_text(call, "prefix");
    apid_stored_t *stored;
    apid_err_t *err = apid_ops_webhook(&stored, call);

    if (!err)
        err = apid_store_end_token(call->store, stored, prefix);
    if (err)
        return err;
    apid_json_object(call->out);
    apid_ops_put(call, "name", stored->name);
    apid_ops_put(call, "outcome", "revoked");
    apid_ops_put(call, "prefix", prefix);
    apid_json_end(call->out);
    return NULL;
}

apid_err_t *apid_ops_token_limits(apid_ops_call_t *call)
{
    apid_stored_t *stored;
    apid_err_t *err = check_limits(call);

    if (!err)
        err = apid_ops_webhook(&stored, call);
    if (!err)
        err = apid_store_limit_tokens(call->store, stored,
                                      apid_ops_number(call, "minute", 0),
                                      apid_ops_number(call, "day", 0));
    if (!err)
        put_limits(call);
    return err;
}
