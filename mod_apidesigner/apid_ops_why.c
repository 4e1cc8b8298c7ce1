/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apid_ops_why: which rule decides: about a request that was refused, in the
 * words of the error log; about a user and an API, by going through the rules
 * in the order in which the server does. Addresses are not known here.
 */
#include "apid_ops_parts.h"
#include "apid_activity.h"
#include "apid_narrow.h"
#include "apid_registry.h"

#include <apr_strings.h>

/* Who asks for what. */
typedef struct case_t {
    const apid_entry_point_t *entry; /* NULL: there is none */
    const apid_user_t *user;         /* NULL: there is none */
    const char *rule, *reason;       /* of the first that refuses, or NULL */
} case_t;

static apid_err_t *find_snapshot(const apid_snapshot_t **snapshot,
                                 apid_ops_call_t *call)
{
    apid_registry_t *registry;
    apid_err_t *err;

    *snapshot = call->snapshot;
    if (*snapshot)
        return NULL;
    err = apid_registry_open(&registry, call->db, apr_time_from_sec(60),
                             call->pool);
    return err ? err : apid_registry_lease(snapshot, registry, call->pool);
}

/* ---- the rules, in order: what refuses, or NULL */

static const char *judge_user(apid_ops_call_t *call, const case_t *of)
{
    if (!of->user)
        return of->entry && of->entry->kind == APID_KIND_WEBHOOK
            ? "the webhook's owner is gone" : "no such user";
    return of->user->disabled ? "disabled user" : NULL;
}

static const char *judge_key(apid_ops_call_t *call, const case_t *of)
{
    return of->user->has_key || of->entry->kind == APID_KIND_WEBHOOK
        ? NULL : "the user has no access key";
}

static const char *judge_path(apid_ops_call_t *call, const case_t *of)
{
    const apid_entry_point_t *entry = of->entry;

    if (!entry->live)
        return "unpublished";
    if (!entry->active)
        return "inactive";
    return entry->live->api
        ? NULL : "the definition is out of date: it no longer fits the schema";
}

static const char *judge_lists(apid_ops_call_t *call, const case_t *of)
{
    return apid_narrow_lists(of->entry->live->api, of->user)
        ? NULL : "the user is not among those allowed";
}

static const char *judge_rights(apid_ops_call_t *call, const case_t *of)
{
    apid_err_t *err = apid_narrow_check(of->entry->live->api, of->user,
                                        call->pool);

    return !err ? NULL : err->cause ? err->cause : err->text;
}

static const char *tell_limit(apid_ops_call_t *call, apid_subject_e subject,
                              apr_int64_t limit, const char *span)
{
    return apr_psprintf(call->pool, "the limit of %" APR_INT64_T_FMT " call%s "
                        "a %s for the %s is reached", limit,
                        limit == 1 ? "" : "s", span,
                        subject == APID_SUBJECT_USER ? "user" : "API");
}

/* What a subject has no room for. */
static const char *judge_limit(apid_ops_call_t *call, apid_subject_e subject,
                               apr_int64_t id, apr_int64_t minute,
                               apr_int64_t day)
{
    apr_int64_t now = apr_time_sec(apr_time_now());
    apid_counter_t *counter
        = call->share && (minute || day)
        ? apid_share_counter(call->share, subject, (apr_uint64_t)id, now)
        : NULL;

    if (!counter)
        return NULL;
    if (minute && minute <= apid_window_count(&apid_window_minute,
                                              counter->minute, now)
                      + apid_share_others(call->share,
                                          &counter->others_minute))
        return tell_limit(call, subject, minute, "minute");
    if (day && day <= apid_window_count(&apid_window_day, counter->day, now)
                   + apid_share_others(call->share, &counter->others_day))
        return tell_limit(call, subject, day, "day");
    return NULL;
}

static const char *judge_limits(apid_ops_call_t *call, const case_t *of)
{
    const apid_api_t *api = of->entry->live->api;
    const char *reason = judge_limit(call, APID_SUBJECT_DEFINITION,
                                     of->entry->id, api->minute, api->day);

    return reason ? reason
                  : judge_limit(call, APID_SUBJECT_USER, of->user->number,
                                of->user->minute, of->user->day);
}

typedef struct rule_t {
    const char *name;
    const char *(*judge)(apid_ops_call_t *call, const case_t *of);
} rule_t;

static const rule_t rules[] = {
    {"user", judge_user},       {"access key", judge_key},
    {"publication", judge_path}, {"allowed users", judge_lists},
    {"rights", judge_rights},   {"limits", judge_limits},
};

static void judge(case_t *of, apid_ops_call_t *call)
{
    for (apr_size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
        of->reason = rules[i].judge(call, of);
        of->rule = of->reason ? rules[i].name : NULL;
        if (of->reason)
            return;
    }
}

static apid_err_t *find_case(case_t *of, apid_ops_call_t *call)
{
    const char *user = apid_ops_text(call, "user");
    const char *name = apid_ops_text(call, "name");
    const apid_snapshot_t *snapshot;
    apid_err_t *err = find_snapshot(&snapshot, call);

    if (err)
        return err;
    of->entry = apid_snapshot_named(snapshot, name);
    if (!of->entry)
        return apid_err_raise(call->pool, APID_ERR_API_NOT_FOUND,
                              "there is no API '%s'", name);
    if (of->entry->kind != APID_KIND_WEBHOOK && !user)
        return apid_err_raise(call->pool, APID_ERR_INVALID_REQUEST,
                              "user is missing: '%s' is called by users, so "
                              "say which one (--user)", name);
    of->user = of->entry->kind == APID_KIND_WEBHOOK
        ? of->entry->owner : apid_snapshot_user(snapshot, user);
    return NULL;
}

/* ---- the answers */

static apid_err_t *explain_case(apid_ops_call_t *call)
{
    case_t of = {0};
    apid_err_t *err = find_case(&of, call);

    if (err)
        return err;
    judge(&of, call);
    apid_json_object(call->out);
    apid_ops_put(call, "name", of.entry->name);
    apid_ops_put(call, "user",
                 of.user ? of.user->name : apid_ops_text(call, "user"));
    apid_json_key(call->out, "allowed");
    apid_json_boolean(call->out, !of.reason);
    apid_ops_put(call, "rule", of.rule);
    apid_ops_put(call, "reason", of.reason);
    apid_json_end(call->out);
    return NULL;
}

static apid_err_t *explain_request(apid_ops_call_t *call, const char *id)
{
    apid_question_t question = {.max = 1};
    apid_rows_t *rows;
    const apid_value_t *row;
    apid_err_t *err = apid_activity_refusals(&rows, &question, id,
                                             call->store->lease);

    if (!err)
        err = apid_db_next(&row, rows);
    if (err)
        return err;
    if (!row)
        return apid_err_raise(call->pool, APID_ERR_RECORD_NOT_FOUND,
                              "no request '%s' was refused lately: it was "
                              "answered, is not written yet, or is one of the "
                              "oldest that are gone", id);
    apid_json_object(call->out);
    apid_ops_put_row(call, rows, row);
    apid_json_end(call->out);
    return NULL;
}

apid_err_t *apid_ops_why(apid_ops_call_t *call)
{
    const char *id = apid_ops_text(call, "id");

    if (apid_ops_text(call, "name"))
        return explain_case(call);
    if (!id)
        return apid_err_raise(call->pool, APID_ERR_INVALID_REQUEST,
                              "say the id of a request, or --name of an API "
                              "and --user");
    return explain_request(call, id);
}
