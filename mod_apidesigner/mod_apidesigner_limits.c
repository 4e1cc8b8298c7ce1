/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mod_apidesigner_limits: whether a request fits into what its definition,
 * its caller, its token and this server may have in a minute and a day, and
 * the headers that tell of it. All of them must have room, or none counts the
 * request. Headers tell of the limit that is nearest.
 */
#include "mod_apidesigner.h"

#include <apr_strings.h>

#define SUBJECTS 4

/* Whom a limit is for. */
typedef struct limit_t {
    apid_subject_e subject;
    apr_uint64_t id;
    apr_int64_t minute, day; /* 0: none */
    const char *whom;
} limit_t;

struct apid_limits_t {
    limit_t of[SUBJECTS];
    apid_counter_t *counters[SUBJECTS]; /* NULL: there was no room */
    int n;
    apid_share_t *share;
    apr_int64_t now; /* seconds */
};

/* The two windows of a counter. */
typedef struct side_t {
    const apid_window_t *window;
    apid_part_t *parts;
    apr_int64_t limit, others;
} side_t;

static side_t find_side(const apid_limits_t *limits, int i, int day)
{
    apid_counter_t *counter = limits->counters[i];
    const limit_t *limit = &limits->of[i];
    side_t side = {&apid_window_minute, counter->minute, limit->minute, 0};

    if (day) {
        side.window = &apid_window_day;
        side.parts = counter->day;
        side.limit = limit->day;
    }
    side.others = apid_share_others(limits->share,
                                    day ? &counter->others_day
                                        : &counter->others_minute);
    return side;
}

/* ---- whom limits are for */

static void add(apid_limits_t *limits, limit_t limit)
{
    if (limit.minute || limit.day) {
        limits->of[limits->n++] = limit;
    }
}

/* The limit of a place is counted for that place alone. */
static apr_uint64_t find_place(const apid_request_t *request)
{
    const server_rec *server = request->r->server;
    const char *place
        = apr_psprintf(request->r->pool, "%s:%d%s",
                       server->server_hostname ? server->server_hostname : "",
                       server->port, request->config->limited);
    apr_uint64_t hash = 0xcbf29ce484222325u;

    for (; *place; place++) {
        hash = (hash ^ (unsigned char)*place) * 0x100000001b3u;
    }
    return hash >> 8;
}

static void add_server(apid_limits_t *limits, const apid_request_t *request)
{
    const apid_dir_config_t *config = request->config;

    if (config->limit_minute || config->limit_day) {
        add(limits, (limit_t){APID_SUBJECT_SERVER, find_place(request),
                              config->limit_minute, config->limit_day,
                              "this server"});
    }
}

/* Who is not known must not learn what a definition's limit is. */
static void add_known(apid_limits_t *limits, const apid_request_t *request)
{
    const apid_entry_point_t *entry = request->entry;
    const apid_user_t *user = request->user;
    const apid_token_t *token = request->used;

    if (entry && entry->live && entry->live->api) {
        add(limits, (limit_t){APID_SUBJECT_DEFINITION,
                              (apr_uint64_t)entry->id,
                              entry->live->api->minute,
                              entry->live->api->day, "this API"});
    }
    add(limits, (limit_t){APID_SUBJECT_USER, (apr_uint64_t)user->number,
                          user->minute, user->day, "this user"});
    if (token) {
        add(limits, (limit_t){APID_SUBJECT_TOKEN, (apr_uint64_t)token->id,
                              token->minute, token->day, "this token"});
    }
}

/* In the request's pool; NULL if there are none. */
static const apid_limits_t *find_limits(const apid_request_t *request)
{
    apid_limits_t limits = {.n = 0};

    if (!request->child) {
        return NULL;
    }
    if (request->user) {
        add_known(&limits, request);
    }
    add_server(&limits, request);
    if (!limits.n) {
        return NULL;
    }
    limits.share = request->child->share;
    limits.now = apr_time_sec(apr_time_now());
    for (int i = 0; i < limits.n; i++) {
        limits.counters[i] = apid_share_counter(
            limits.share, limits.of[i].subject, limits.of[i].id, limits.now);
    }
    return apr_pmemdup(request->r->pool, &limits, sizeof(limits));
}

/* ---- counting */

static int has_room(const apid_limits_t *limits, const side_t *side)
{
    return !side->limit
           || side->others
                      + apid_window_count(side->window, side->parts,
                                          limits->now)
                  < side->limit;
}

static int take(const apid_limits_t *limits, const side_t *side)
{
    return !side->limit
           || apid_window_take(side->window, side->parts, limits->now,
                               side->limit - side->others);
}

static void undo(const apid_limits_t *limits, const side_t *side)
{
    if (side->limit) {
        apid_window_undo(side->window, side->parts, limits->now);
    }
}

/* Sides are numbered: minute and day of the first, of the second, ... The
 * first that is not as it should, or their number. */
static int find_first(const apid_limits_t *limits,
                      int (*holds)(const apid_limits_t *, const side_t *))
{
    for (int i = 0; i < 2 * limits->n; i++) {
        if (limits->counters[i / 2]) {
            side_t side = find_side(limits, i / 2, i % 2);

            if (!holds(limits, &side)) {
                return i;
            }
        }
    }
    return 2 * limits->n;
}

/* One that has no room is found before any is counted, so that who is over a
 * limit of his own takes nothing from others. */
static int count(const apid_limits_t *limits)
{
    int all = 2 * limits->n;
    int full = find_first(limits, has_room);
    int taken = full == all ? find_first(limits, take) : 0;

    if (full != all || taken == all) {
        return full;
    }
    for (int i = 0; i < taken; i++) {
        if (limits->counters[i / 2]) {
            side_t side = find_side(limits, i / 2, i % 2);

            undo(limits, &side);
        }
    }
    return taken;
}

static apid_err_t *refuse(apid_request_t *request, const apid_limits_t *limits,
                          int full)
{
    side_t side = find_side(limits, full / 2, full % 2);
    apr_int64_t wait = apid_window_wait(side.window, side.parts, limits->now,
                                        side.limit - side.others);

    request->retry_after = wait > 0 ? wait : 1;
    return apid_err_raise(
        request->r->pool, APID_ERR_LIMIT_EXCEEDED,
        "The limit of %" APR_INT64_T_FMT " call%s a %s for %s is reached; try "
        "again in %" APR_INT64_T_FMT " second%s", side.limit,
        side.limit == 1 ? "" : "s", full % 2 ? "day" : "minute",
        limits->of[full / 2].whom, request->retry_after,
        request->retry_after == 1 ? "" : "s");
}

apid_err_t *apid_limits_check(apid_request_t *request)
{
    const apid_limits_t *limits = find_limits(request);
    int full;

    if (!limits) {
        return NULL;
    }
    request->limits = limits;
    full = count(limits);
    return full == 2 * limits->n ? NULL : refuse(request, limits, full);
}

/* ---- headers */

/* What is left of the limit that is nearest, of one kind of window. */
typedef struct gauge_t {
    apr_int64_t limit; /* 0: there is none */
    apr_int64_t left;
    apr_int64_t wait;  /* seconds until there is more */
} gauge_t;

static gauge_t read_side(const apid_limits_t *limits, const side_t *side)
{
    apr_int64_t calls
        = apid_window_count(side->window, side->parts, limits->now);
    apr_int64_t left = side->limit - side->others - calls;
    gauge_t gauge = {side->limit, left > 0 ? left : 0, 0};

    if (calls || side->others) {
        gauge.wait = apid_window_wait(side->window, side->parts, limits->now,
                                      left > 0 ? calls
                                               : side->limit - side->others);
    }
    return gauge;
}

static gauge_t read_gauge(const apid_limits_t *limits, int day)
{
    gauge_t nearest = {0, 0, 0};

    for (int i = 0; i < limits->n; i++) {
        apr_int64_t limit = day ? limits->of[i].day : limits->of[i].minute;

        if (limit && limits->counters[i]) {
            side_t side = find_side(limits, i, day);
            gauge_t gauge = read_side(limits, &side);

            nearest = !nearest.limit || gauge.left < nearest.left ? gauge
                                                                  : nearest;
        }
    }
    return nearest;
}

static void set_number(request_rec *r, const char *name, apr_int64_t value)
{
    apr_table_setn(r->headers_out, name, apr_off_t_toa(r->pool, value));
}

static void tell_vtiger(request_rec *r, const gauge_t gauges[2],
                        apr_int64_t now)
{
    if (gauges[0].limit) {
        set_number(r, "X-FloodControl-MinuteLimit", gauges[0].limit);
        set_number(r, "X-FloodControl-Remaining", gauges[0].left);
        set_number(r, "X-FloodControl-Reset", now + gauges[0].wait);
    }
    if (gauges[1].limit) {
        set_number(r, "X-RateLimit-DailyLimit", gauges[1].limit);
        set_number(r, "X-RateLimit-Remaining", gauges[1].left);
        set_number(r, "X-RateLimit-Reset", now + gauges[1].wait);
    }
}

/* draft-ietf-httpapi-ratelimit-headers-10 */
static void tell_rest(request_rec *r, const gauge_t gauges[2])
{
    static const char *const names[2] = {"\"minute\"", "\"day\""};
    static const char *const widths[2] = {";w=60", ";w=86400"};
    const char *comma = "", *policy = "", *now = "";

    for (int i = 0; i < 2; i++) {
        if (gauges[i].limit) {
            policy = apr_pstrcat(r->pool, policy, comma, names[i], ";q=",
                                 apr_off_t_toa(r->pool, gauges[i].limit),
                                 widths[i], NULL);
            now = apr_pstrcat(r->pool, now, comma, names[i], ";r=",
                              apr_off_t_toa(r->pool, gauges[i].left), ";t=",
                              apr_off_t_toa(r->pool, gauges[i].wait), NULL);
            comma = ", ";
        }
    }
    if (*policy) {
        apr_table_setn(r->headers_out, "RateLimit-Policy", policy);
        apr_table_setn(r->headers_out, "RateLimit", now);
    }
}

void apid_limits_tell(const apid_request_t *request)
{
    const apid_limits_t *limits
        = request->limits ? request->limits : find_limits(request);

    if (!limits) {
        return;
    }
    gauge_t gauges[2] = {read_gauge(limits, 0), read_gauge(limits, 1)};
    if (request->config->profile == APID_PROFILE_VTIGER) {
        tell_vtiger(request->r, gauges, limits->now);
    }
    else {
        tell_rest(request->r, gauges);
    }
}
