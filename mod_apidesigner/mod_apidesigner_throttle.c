/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mod_apidesigner_throttle: failed sign-ins and tokens are counted per address
 * and per name; who has too many is turned away before the secret is looked
 * at, whether the name exists or not. The failures of others with a name hold
 * back neither the right access key or token, nor an address that signed in
 * well with that name within the last hour; nothing helps against failures of
 * its own. IPv6 addresses count by their network of 64 bits.
 */
#include "mod_apidesigner.h"

#include <apr_strings.h>
#include <http_log.h>

APLOG_USE_MODULE(apidesigner);

#define FRIENDSHIP 3600  /* seconds that one lasts */
#define FRIEND_PERIOD 60 /* seconds between two notes of the same friend */

static apid_window_t find_window(const apid_server_config_t *config)
{
    apr_int64_t parts = config->throttle_window < APID_FAILURE_PARTS
                            ? config->throttle_window
                            : APID_FAILURE_PARTS;
    apid_window_t window = {
        (int)parts, (config->throttle_window + parts - 1) / parts
    };

    return window;
}

/* What an address has in common with its neighbours. */
static apr_uint64_t hash_address(const apid_share_t *share,
                                 const apr_sockaddr_t *address)
{
    const char *bytes = address->ipaddr_ptr;
    apr_size_t len = (apr_size_t)address->ipaddr_len;

#if APR_HAVE_IPV6
    if (address->family == APR_INET6) {
        int mapped = IN6_IS_ADDR_V4MAPPED(
            (const struct in6_addr *)address->ipaddr_ptr);

        bytes += mapped ? 12 : 0;
        len = mapped ? 4 : 8;
    }
#endif
    return apid_share_hash(share, bytes, len);
}

static apr_uint64_t hash_name(const apid_share_t *share, const char *name)
{
    return apid_share_hash(share, name, strlen(name));
}

/* One number for both. */
static apr_uint64_t hash_friend(const apid_attempt_t *attempt)
{
    apr_uint64_t both[2] = {attempt->address, attempt->name};

    return apid_share_hash(attempt->share, (const char *)both, sizeof(both));
}

static int is_friend(const apid_attempt_t *attempt)
{
    const apid_failure_t *friend = apid_share_failure_of(
        attempt->share, APID_SUBJECT_FRIEND, hash_friend(attempt));

    return friend
           && (apr_int64_t)atomic_load(&friend->slot.used) + FRIENDSHIP
                  >= attempt->now;
}

/* Seconds to wait for one of both, 0 for none. */
static apr_int64_t find_wait(const apid_attempt_t *attempt,
                             apid_subject_e subject, apr_uint64_t id)
{
    apid_failure_t *failure
        = apid_share_failure_of(attempt->share, subject, id);

    return failure ? apid_window_wait(&attempt->window, failure->parts,
                                      attempt->now, attempt->most)
                   : 0;
}

static void count_failure(const apid_attempt_t *attempt,
                          apid_subject_e subject, apr_uint64_t id)
{
    apid_failure_t *failure
        = apid_share_failure(attempt->share, subject, id, attempt->now);

    if (failure) {
        apid_window_add(&attempt->window, failure->parts, attempt->now, 1);
    }
}

apid_attempt_t apid_throttle_open(request_rec *r, const char *name)
{
    const apid_server_config_t *config = ap_get_module_config(
        r->server->module_config, &apidesigner_module);
    apid_attempt_t attempt = {.r = r, .share = config->share,
                              .most = config->share
                                          ? config->throttle_failures : 0};

    if (attempt.most) {
        attempt.window = find_window(config);
        attempt.now = apr_time_sec(apr_time_now());
        attempt.address = hash_address(config->share, r->useragent_addr);
        attempt.name = hash_name(config->share, name);
    }
    return attempt;
}

apr_int64_t apid_throttle_wait(const apid_attempt_t *attempt)
{
    apr_int64_t address, name;

    if (!attempt->most) {
        return 0;
    }
    address = find_wait(attempt, APID_SUBJECT_ADDRESS, attempt->address);
    name = find_wait(attempt, APID_SUBJECT_NAME, attempt->name);
    if (name > address && !is_friend(attempt)) {
        return name;
    }
    return address;
}

apr_int64_t apid_throttle_wait_address(const apid_attempt_t *attempt)
{
    return attempt->most ? find_wait(attempt, APID_SUBJECT_ADDRESS,
                                     attempt->address)
                         : 0;
}

void apid_throttle_fail(const apid_attempt_t *attempt, const char *why)
{
    ap_log_rerror(APLOG_MARK, APLOG_WARNING, 0, attempt->r,
                  "apidesigner: sign-in failed: %s", why);
    if (attempt->most) {
        count_failure(attempt, APID_SUBJECT_ADDRESS, attempt->address);
        count_failure(attempt, APID_SUBJECT_NAME, attempt->name);
    }
}

/* That somebody is a friend is written once a minute, and read otherwise. */
void apid_throttle_pass(const apid_attempt_t *attempt)
{
    if (attempt->most) {
        apid_share_failure(attempt->share, APID_SUBJECT_FRIEND,
                           hash_friend(attempt),
                           attempt->now - attempt->now % FRIEND_PERIOD);
    }
}

apid_err_t *apid_throttle_refuse(apid_request_t *request, apr_int64_t wait)
{
    request->retry_after = wait;
    return apid_err_because(
        apid_err_raise(request->r->pool, APID_ERR_LIMIT_EXCEEDED,
                       "Too many failed sign-ins; try again in %"
                       APR_INT64_T_FMT " second%s", wait,
                       wait == 1 ? "" : "s"),
        "failures of this address or name");
}
