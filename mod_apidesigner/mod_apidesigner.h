/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mod_apidesigner: what the files of the server layer share: configuration,
 * what a child process holds, and the record of one request from the first
 * hook to the last. The only header that names httpd; nothing below it does.
 */
#ifndef MOD_APIDESIGNER_H
#define MOD_APIDESIGNER_H

#include "apid_registry.h"
#include "apid_replay.h"
#include "apid_run.h"
#include "apid_trace.h"
#include "apid_form.h"
#include "apid_json.h"
#include "apid_share.h"

#include <httpd.h>
#include <http_config.h>
#include <mod_auth.h>
#include <util_filter.h>

/* ---- configuration */

/* clang-format off */
/* what a Location serves: its word */
#define APID_SERVE_TABLE(ROW) \
    ROW(API,     "api") \
    ROW(WEBHOOK, "webhook") \
    ROW(CONSOLE, "console") \
    ROW(DOCS,    "docs") \
    ROW(METRICS, "metrics") \
    ROW(HEALTH,  "health")

#define APID_MAX_NODE 190 /* bytes of a node's name */

/* Settings that are numbers. Member, name, what 1 is held as, default, least
 * and most (as written by the user), help. */
#define APID_SECONDS APR_USEC_PER_SEC

#define APID_SERVER_TABLE(ROW) \
    ROW(reload, "APIDesignerReload", APID_SECONDS, 0.5, 0.05, 60, \
        "Seconds between two looks for newly published definitions") \
    ROW(statement_timeout, "APIDesignerStatementTimeout", APID_SECONDS, \
        10, 0, 3600, "Seconds a statement may take, and the reader of an " \
        "answer that is streamed; 0 for no limit") \
    ROW(replay_ttl, "APIDesignerReplayTTL", APID_SECONDS, 86400, 60, \
        31536000, "Seconds that the answer to an Idempotency-Key is kept") \
    ROW(statements, "APIDesignerStatementCache", 1, 128, 0, 10000, \
        "Prepared statements that each connection keeps") \
    ROW(counters, "APIDesignerCounters", 1, 8192, 16, 4194304, \
        "Users, tokens, definitions and addresses counted at once") \
    ROW(exchange, "APIDesignerExchange", APID_SECONDS, 2, 0.1, 60, \
        "Seconds between two times that counts are written to the database") \
    ROW(activity_days, "APIDesignerActivityDays", 1, 30, 1, 36500, \
        "Days that activity is kept") \
    ROW(refusals, "APIDesignerRefusals", 1, 10000, 0, 100000000, \
        "Refused requests that are kept")

#define APID_POOL_TABLE(ROW) \
    ROW(pool_min, "min", 1, 0, 0, 1000, \
        "connections opened when a child starts") \
    ROW(pool_keep, "keep", 1, 4, 0, 1000, "idle connections kept") \
    ROW(pool_max, "max", 1, 16, 1, 1000, "connections at most") \
    ROW(pool_ttl, "ttl", APID_SECONDS, 60, 1, 86400, \
        "seconds an idle connection above keep may live") \
    ROW(pool_acquire, "acquire", APID_SECONDS, 2, 0.01, 60, \
        "seconds a request waits for a connection") \
    ROW(pool_waiters, "waiters", 1, 64, 0, 100000, \
        "requests that may wait at once")

#define APID_THROTTLE_TABLE(ROW) \
    ROW(throttle_failures, "failures", 1, 10, 0, 1000000, \
        "failed sign-ins of an address or a name until it must wait") \
    ROW(throttle_window, "window", 1, 300, 1, 86400, \
        "seconds that a failure counts")

#define APID_LIMIT_TABLE(ROW) \
    ROW(limit_minute, "minute", 1, 0, 0, 2000000000, "calls in a minute") \
    ROW(limit_day, "day", 1, 0, 0, 2000000000, "calls in a day")

#define APID_DIR_TABLE(ROW) \
    ROW(max_body, "APIDesignerMaxBody", 1, 1048576, 1, 1073741824, \
        "Bytes that a request body may have") \
    ROW(max_rows, "APIDesignerMaxRows", 1, 200, 1, 1000000000, \
        "Rows that one answer may have, whatever <limit max> says")
/* clang-format on */

typedef enum apid_serve_e {
    APID_SERVE_NONE,
#define APID_SERVE_ENUM(serve, word) APID_SERVE_##serve,
    APID_SERVE_TABLE(APID_SERVE_ENUM)
#undef APID_SERVE_ENUM
} apid_serve_e;

/** Passwords that were right a moment ago. */
typedef struct apid_passwords_t apid_passwords_t;

/** What a child process holds for the servers of one configuration. */
typedef struct apid_child_t {
    apid_db_t *db;
    apid_registry_t *registry;
    apid_passwords_t *passwords;
    apid_share_t *share;
    unsigned stripe;    /* of the share's totals */
    int unwritten;      /* what is counted could not be written last time;
                         * of the thread that writes */
    server_rec *server; /* whose error log hears of reloads */
    apr_uint64_t drawn[2];          /* the ids of its requests begin there */
    volatile apr_uint64_t requests; /* atomic */
    volatile apr_uint32_t streams;  /* answers under way that are streamed;
                                     * atomic */
} apid_child_t;

#define APID_NUMBER_MEMBER(member, ...) apr_int64_t member;

typedef struct apid_server_config_t {
    unsigned set; /* bits of the numbers that were given, in table order */
    const char *url;       /* APIDesignerDatabase, or NULL */
    apid_db_config_t *database; /* parsed from it */
    const char *served_at; /* where the configuration serves something: "file
                            * line 3", or NULL */
    apr_array_header_t *places; /* Locations that serve definitions or
                                 * documentation, in order: const
                                 * apid_dir_config_t * */
    apid_child_t *child;   /* filled when the child starts, or NULL */
    apid_share_t *share;   /* of all processes; NULL: no database */
    const char *node;      /* APIDesignerNode, or its default */
    APID_SERVER_TABLE(APID_NUMBER_MEMBER)
    APID_POOL_TABLE(APID_NUMBER_MEMBER)
    APID_THROTTLE_TABLE(APID_NUMBER_MEMBER)
} apid_server_config_t;

typedef struct apid_dir_config_t {
    unsigned set; /* as above */
    apid_serve_e serve;
    const char *name;     /* the one definition served here, or NULL; docs:
                           * the Location documented, or NULL */
    const char *location; /* path of the <Location>; NULL: it is a pattern */
    apid_profile_e profile;
    int profile_given;
    const char *console; /* directory of the console's built files */
    const char *limited;  /* path of the section that APIDesignerLimit stands
                           * in, "": none; NULL: it was not given */
    APID_DIR_TABLE(APID_NUMBER_MEMBER)
    APID_LIMIT_TABLE(APID_NUMBER_MEMBER)
} apid_dir_config_t;

#undef APID_NUMBER_MEMBER

/* ---- one request */

typedef enum apid_stage_e {
    APID_STAGE_OPEN,     /* credentials are taken out of sight */
    APID_STAGE_RESOLVED, /* its path and address are looked at */
    APID_STAGE_GRANTED,  /* it may run */
    APID_STAGE_ANSWERED
} apid_stage_e;

/** The limits that are for a request; see mod_apidesigner_limits. */
typedef struct apid_limits_t apid_limits_t;

typedef struct apid_request_t {
    request_rec *r;
    const apid_dir_config_t *config;
    apid_child_t *child;
    const char *id; /* request id */
    const char *uri; /* where config is from: a rewritten one is another */
    apid_stage_e stage;

    /* A webhook's token as it was sent, taken out of the request. */
    const char *token; /* the last one, or NULL */
    int tokens;        /* how many were sent */
    apid_token_in_e token_in;

    const apid_snapshot_t *snapshot;
    const apid_entry_point_t *entry; /* NULL: nothing known by that path and
                                      * method */
    int version; /* that is asked for; 0: the live one; -1: no number */
    const apid_edition_t *found;     /* that version, if it is called by this
                                      * kind, method and path, else NULL */
    const char *template;            /* of the path, NULL: none */
    const apr_array_header_t *parts; /* that the path has for its parts */
    unsigned allowed; /* methods the path is known under: 1 << method */
    int acts;         /* what GET leads to makes changes: no HEAD */
    const apid_edition_t *edition;   /* that answers, or NULL */
    const apid_user_t *user;         /* who acts */
    const apid_token_t *used;        /* the token that was right, or NULL */
    const apid_limits_t *limits;     /* that counted it, or NULL */
    apr_int64_t retry_after;         /* seconds, if it came too often */
    apid_err_t *refusal;
    const apid_err_t *failed;        /* the error that was answered, or NULL */
    const char *origin; /* that may read the answer (CORS), or NULL */
    int preflight; /* a CORS preflight that is to be answered */
    int body;      /* it had a body */
    int gone;      /* the client is: passing on an answer failed */
} apid_request_t;

extern module AP_MODULE_DECLARE_DATA apidesigner_module;

/* ---- mod_apidesigner_config.c */

/** All directives. */
extern const command_rec apid_config_commands[];

/** An apid_server_config_t with the defaults; one with what the outer server
 * (base) says where the inner one (add) says nothing. */
void *apid_config_server_create(apr_pool_t *pool, server_rec *server);

/** See apid_config_server_create. */
void *apid_config_server_merge(apr_pool_t *pool, void *base, void *add);

/** The same for an apid_dir_config_t of a section. */
void *apid_config_dir_create(apr_pool_t *pool, char *path);

/** See apid_config_dir_create. */
void *apid_config_dir_merge(apr_pool_t *pool, void *base, void *add);

/** Refuses what single directives cannot know of: a Location that serves
 * without a database, a pool whose min is above its max. A check_config
 * hook. */
int apid_config_check(apr_pool_t *pconf, apr_pool_t *plog, apr_pool_t *ptemp,
                      server_rec *server);

/** What the database layer gets to see: the URL's settings and those of
 * APIDesignerPool and its like; in pool. */
apid_db_config_t *apid_config_database(const apid_server_config_t *config,
                                       apr_pool_t *pool);

/** The profile that a word names, APID_PROFILES if none. */
apid_profile_e apid_config_profile(const char *word);

/** The profile of a place of a server: its own, else the server's. */
apid_profile_e apid_config_place_profile(const apid_dir_config_t *place,
                                         const server_rec *server);

/** Whether two servers can share their connections and snapshots. */
int apid_config_alike(const apid_server_config_t *a,
                      const apid_server_config_t *b);

/* ---- mod_apidesigner_place.c */

/** Keeps the path of the Location that APIDesignerServe is in. NULL, or a
 * sentence if what is served, and its name, do not go there. */
const char *apid_place_set(cmd_parms *cmd, apid_dir_config_t *config);

/** NULL, or a sentence about a place that another one refers to and that is not
 * there. */
const char *apid_place_judge(const apid_server_config_t *config,
                             apr_pool_t *pool);

/* ---- mod_apidesigner_request.c */

/** The record of a request that a Location of ours serves, made at the first
 * call: it has an id, and a token is out of URL and headers. NULL if
 * nothing of ours is served there. */
apid_request_t *apid_request_open(request_rec *r);

/** Whether a Location of ours still serves a request that one did, wherever its
 * path was rewritten to; if not, there is no record of it any more. */
int apid_request_stays(request_rec *r);

/** The path below the Location, decoded, no leading slash; in pool. NULL if
 * the Location is a pattern or the path is not UTF-8. */
const char *apid_request_path(const apid_request_t *request);

/** The same path as its segments, const char *, each decoded once: a slash
 * that was encoded is one of its segment. Empty if apid_request_path is
 * NULL. */
apr_array_header_t *apid_request_segments(const apid_request_t *request);

/** The whole path as the client sent it, still encoded, without dot segments
 * and with exactly one slash before it: with two it would be a reference to
 * another host (RFC 3986, 4.2). In pool; to be escaped where it is quoted. */
char *apid_request_sent(const apid_request_t *request);

/** The address of a template below this Location, in pool; NULL if parts, one
 * for each of its own, cannot be told in a path. */
const char *apid_request_address(const apid_request_t *request,
                                 const char *template,
                                 const char *const *parts);

/** The method as definitions know it (HEAD is GET), or APID_METHODS. */
apid_method_e apid_request_method(const apid_request_t *request);

/** Whether the method is among those that the path is known under: HEAD with
 * GET, unless that makes changes. */
int apid_request_allowed(const apid_request_t *request);

/** The value that Allow gets for the methods a path is known under. */
const char *apid_request_allow(const apid_request_t *request);

/** Reads path, body and query, in this order of precedence.
 * PAYLOAD_TOO_LARGE, UNSUPPORTED_MEDIA_TYPE, INVALID_JSON, INVALID_REQUEST. */
APID_CHECKED apid_err_t *apid_request_read(apid_args_t **args,
                                           apid_request_t *request);

/* ---- mod_apidesigner_secret.c */

/** Takes parameters called token out of the URL of a request of which it is not
 * known yet who serves it, if this server serves anything of ours. */
void apid_secret_veil(request_rec *r);

/** Gives back what apid_secret_veil took: somebody else serves it. */
void apid_secret_unveil(request_rec *r);

/** Takes out again what apid_secret_unveil put back, if anything. */
void apid_secret_veil_again(request_rec *r);

/** Takes the token of a request of ours out of URL and headers, and keeps it in
 * request. */
void apid_secret_take(apid_request_t *request);

/* ---- mod_apidesigner_access.c */

/** The access_checker hook: path and address, and credentials unless httpd is
 * to authenticate. What is refused is answered here. */
int apid_access_check(request_rec *r);

/** Leases the snapshot that the request is answered from. INTERNAL_ERROR if
 * this child has no connections, DATABASE_UNAVAILABLE. */
APID_CHECKED apid_err_t *apid_access_lease(apid_request_t *request);

/** A fixups hook, the last: what is left of the access check. No request of
 * ours gets by it, whatever Satisfy, subrequests and redirects let through. */
int apid_access_settle(request_rec *r);

/** Whether a definition, its live edition compiled, is to be told to who calls:
 * an API who may call it, a webhook its owner and who may look at all. */
int apid_access_shows(const apid_request_t *request,
                      const apid_entry_point_t *entry);

/** The live version of what is called; NULL if it answers nobody. */
const apid_api_t *apid_access_live(const apid_request_t *request);

/* ---- mod_apidesigner_identify.c */

/** Finds who calls: request->user, and the token. INVALID_USER_CREDENTIALS,
 * AUTHENTICATION_FAILURE, LIMIT_EXCEEDED after too many failures. */
APID_CHECKED apid_err_t *apid_identify_caller(apid_request_t *request);

/** The authn provider `apidesigner`: access keys and passwords. */
extern const authn_provider apid_identify_provider;

/* ---- mod_apidesigner_password.c */

/** An empty memory of passwords, in pool; NULL if the system gave no random
 * bytes: then nothing is remembered. */
apid_passwords_t *apid_passwords_open(apr_pool_t *pool);

/** As apid_auth_match_password, at once for what was right before. */
int apid_passwords_match(apid_passwords_t *passwords, const apid_user_t *user,
                         const char *password);

/* ---- mod_apidesigner_share.c */

/** Makes the memory that all children share, or takes that of before the
 * restart. A post_config hook. */
int apid_share_start(apr_pool_t *pconf, apr_pool_t *plog, apr_pool_t *ptemp,
                     server_rec *first);

/* ---- mod_apidesigner_limits.c */

/** Counts a granted request where a limit is for it. LIMIT_EXCEEDED, with
 * request->retry_after, if one has no room: then none has counted it. */
APID_CHECKED apid_err_t *apid_limits_check(apid_request_t *request);

/** Sets the headers that tell what is left of the limits that the caller may
 * know of. */
void apid_limits_tell(const apid_request_t *request);

/* ---- mod_apidesigner_activity.c */

/** Has one child write what is counted to the database, every few seconds. A
 * post_config hook. */
int apid_activity_start(apr_pool_t *pconf, apr_pool_t *plog,
                        apr_pool_t *ptemp, server_rec *first);

/** Has a child write what is counted once more before it ends, if it is the
 * one that does, and its MPM has threads. To be called before the watchdog
 * starts. */
void apid_activity_last(server_rec *first, apr_pool_t *pchild);

/** Takes up what was counted before a full restart, unless another child
 * did. */
void apid_activity_resume(apid_child_t *child, apr_pool_t *pool);

/** Notes a request that was answered. A log_transaction hook. */
int apid_activity_log(request_rec *r);

/* ---- mod_apidesigner_throttle.c */

/** A sign-in that is tried. */
typedef struct apid_attempt_t {
    request_rec *r;
    apid_share_t *share;
    apid_window_t window;
    apr_int64_t most; /* failures in a window; 0: nobody is held back */
    apr_int64_t now;  /* seconds */
    apr_uint64_t address, name;
} apid_attempt_t;

/** Begins an attempt by a name (of a user, or the path of a webhook). */
apid_attempt_t apid_throttle_open(request_rec *r, const char *name);

/** Seconds that the attempt must wait, 0 if it need not: then exactly one of
 * the two below follows. */
apr_int64_t apid_throttle_wait(const apid_attempt_t *attempt);

/** The same, for what its address did alone. Nobody finds an access key or a
 * token by guessing: who has the right one waits no longer than that. */
apr_int64_t apid_throttle_wait_address(const apid_attempt_t *attempt);

/** Counts a failure, and tells the error log, in a line that
 * conf/fail2ban/apidesigner.conf knows. */
void apid_throttle_fail(const apid_attempt_t *attempt, const char *why);

/** Notes that the attempt succeeded. */
void apid_throttle_pass(const apid_attempt_t *attempt);

/** LIMIT_EXCEEDED for an attempt that must wait. */
APID_CHECKED apid_err_t *apid_throttle_refuse(apid_request_t *request,
                                              apr_int64_t wait);

/* ---- mod_apidesigner_session.c */

/** Gives the session of a request its number: somebody signs in. */
void apid_session_begin(request_rec *r);

/** Remembers that the session of a request was signed out. */
void apid_session_end(request_rec *r);

/** Whether it was. */
int apid_session_ended(request_rec *r);

/* ---- mod_apidesigner_profile.c */

/** The HTTP status of a plan's answer. */
int apid_profile_status(apid_profile_e profile, const apid_plan_t *plan,
                        apid_outcome_e outcome);

/** Opens and closes the body around rows. */
void apid_profile_begin(apid_json_t *json, apid_profile_e profile,
                        apid_shape_e shape);
void apid_profile_end(apid_json_t *json, apid_profile_e profile,
                      apid_shape_e shape);

/** Writes the shown columns of a row as an object. scratch is cleared by this;
 * nothing else is allocated. */
void apid_profile_row(apid_json_t *json, apid_profile_e profile,
                      const apid_plan_t *plan, const apid_value_t *row,
                      apr_pool_t *scratch);

/** The status of an error, its Content-Type, and its body. */
int apid_profile_error_status(apid_profile_e profile, const apid_err_t *err);
const char *apid_profile_error_type(apid_profile_e profile);
void apid_profile_error(apid_json_t *json, const apid_request_t *request,
                        const apid_err_t *err);

/** Profile vtiger: the status line of an error, "400 CODE: Message", in
 * printable ASCII; else NULL. */
const char *apid_profile_status_line(const apid_request_t *request,
                                     const apid_err_t *err);

/* ---- mod_apidesigner_answer.c: what sends something gives DONE */

/** Sets the headers that every answer to this request has, once its path is
 * known: the version that serves it, CORS. */
void apid_answer_head(apid_request_t *request);

/** Sends an error and logs it with its cause. */
int apid_answer_error(apid_request_t *request, apid_err_t *err);

/** The same before any handler is asked: with what httpd adds to errors, such
 * as the headers of "Header always". What another module looks up or includes
 * is answered by that module: it gets the status. */
int apid_answer_refusal(apid_request_t *request, apid_err_t *err);

/** Sends an answer that has no body. */
int apid_answer_empty(apid_request_t *request, int status);

/** Sends a preflight's answer, before any handler is asked. */
int apid_answer_preflight(apid_request_t *request);

/** Sends a text as the whole answer. */
int apid_answer_text(apid_request_t *request, int status, const char *type,
                     const char *text);

/** Sends what is in brigade as the whole answer, with its length. */
int apid_answer_whole(apid_request_t *request, apr_bucket_brigade *brigade);

/** The same with a strong entity tag; record is the part of the one record
 * that it shows, or NULL. 304 if the caller has that already, 412 if it is not
 * as If-Match says. */
int apid_answer_tagged(apid_request_t *request, apr_bucket_brigade *brigade,
                       const char *record);

/** Sends what is in brigade as the end of an answer that was flushed. */
int apid_answer_tail(apid_request_t *request, apr_bucket_brigade *brigade);

/** Ends an answer that was flushed so that the client sees a broken transfer;
 * logs why (NULL: the client is gone). */
int apid_answer_broken(apid_request_t *request, apr_bucket_brigade *brigade,
                       const apid_err_t *err);

/** An apr_brigade_flush for apid_json_open: passes the brigade on and empties
 * it. ctx is the apid_request_t. */
apr_status_t apid_answer_flush(apr_bucket_brigade *brigade, void *ctx);

/* ---- mod_apidesigner_handler.c */

/** The handler hook. */
int apid_handler_serve(request_rec *r);

/** Reads the arguments of a request that may run, runs its edition, and sends
 * the answer. */
int apid_handler_run(apid_request_t *request);

/** Makes the answer of what has run, to be kept; an apid_compose_fn whose ctx
 * is the apid_request_t. */
APID_CHECKED apid_err_t *apid_handler_compose(apid_kept_t *kept, void *ctx,
                                              apid_result_t *result);

/* ---- mod_apidesigner_rehearsal.c */

/** Makes the call a dry run if the request prefers one (RFC 7240).
 * ACCESS_DENIED to whom is not at least a designer. */
APID_CHECKED apid_err_t *apid_rehearsal_open(apid_call_t *call,
                                             apid_request_t *request);

/** Sends what a dry run did. */
int apid_rehearsal_send(apid_request_t *request, apid_result_t *result,
                        const apid_trace_t *trace);

/* ---- mod_apidesigner_retry.c */

/** Gives the call of a request with an Idempotency-Key what it is known by.
 * INVALID_REQUEST if that is no key. */
APID_CHECKED apid_err_t *apid_retry_open(apid_call_t *call,
                                         apid_request_t *request);

/** Sends the answer that is kept. */
int apid_retry_send(apid_request_t *request, const apid_replay_t *replay);

/* ---- mod_apidesigner_console.c */

/** Sets the headers that every answer of a console's Location has, errors
 * too: what its pages may load, who may frame them. */
void apid_console_guard(apid_request_t *request);

/** Serves a file of the console; its first page for every path that is none,
 * since the console's addresses are its own business. */
int apid_console_serve(apid_request_t *request);

/* ---- mod_apidesigner_admin.c */

/** Whether a request to a console's Location may change something: it must
 * come from a page of the same origin. ACCESS_DENIED. */
APID_CHECKED apid_err_t *apid_admin_check(const apid_request_t *request);

/** The management API, below manage/; else a file of the console. */
int apid_admin_serve(apid_request_t *request);

/** An insert_error_filter hook: the errors that httpd itself answers within a
 * console's Location are problem+json too. */
void apid_admin_catch(request_rec *r);

/** The filter that does so, and the name it is registered by. */
#define APID_ADMIN_FILTER "APIDESIGNER_PROBLEM"
apr_status_t apid_admin_filter(ap_filter_t *filter,
                               apr_bucket_brigade *page);

/* ---- mod_apidesigner_docs.c */

/** APIDesignerServe docs: the OpenAPI document, the page, its stylesheet. */
int apid_docs_serve(apid_request_t *request);

/* ---- mod_apidesigner_trial.c */

/** Answers a request of the management API as the draft of a definition would
 * if it were published. */
int apid_trial_serve(apid_request_t *request, const char *name);

/* ---- mod_apidesigner_status.c */

/** APIDesignerServe health and metrics. */
int apid_status_health(apid_request_t *request);
int apid_status_metrics(apid_request_t *request);

/** What server-status shows of us; a status_hook of mod_status. */
int apid_status_report(request_rec *r, int flags);

#endif
