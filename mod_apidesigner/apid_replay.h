/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apid_replay: answers that are kept for a request with an Idempotency-Key
 * (draft-ietf-httpapi-idempotency-key-header), in the transaction of what the
 * request changed: the answer is there if and only if the change is. A request
 * claims its key with its first statement, so that of two at once one waits
 * or is refused; one that fails leaves nothing.
 */
#ifndef APID_REPLAY_H
#define APID_REPLAY_H

#include "apid_db.h"
#include "apid_where.h"

struct apid_result_t;

/** An answer as it is kept. */
typedef struct apid_kept_t {
    int status;
    const char *headers; /* "Name: value" lines, each ends in '\n' */
    const char *body;    /* NULL: none */
    apr_size_t len;
} apid_kept_t;

/** Makes the answer of a request that has run and is not committed yet. It may
 * be called again, when the transaction runs again. */
typedef apid_err_t *apid_compose_fn(apid_kept_t *kept, void *ctx,
                                    struct apid_result_t *result);

/** A request with a key. */
typedef struct apid_replay_t {
    unsigned char digest[APID_DIGEST_SIZE]; /* of user, definition and key */
    unsigned char asked[APID_DIGEST_SIZE];  /* of what was sent */
    apr_time_t now;
    apr_interval_time_t ttl; /* how long answers are kept */
    apid_compose_fn *compose;
    void *ctx;
    apid_kept_t kept;   /* the answer, once it has run */
    int found;          /* it was kept before: nothing has run now */
    apr_int64_t stale;  /* row of an answer whose time is over; 0: none */
} apid_replay_t;

/** Names a request: by its user, its definition and its key, and by what it
 * sends of what the definition binds. variant is what else the answer depends
 * on. */
void apid_replay_name(apid_replay_t *replay, const apid_call_t *call,
                      const char *key, const char *variant,
                      apr_pool_t *pool);

/** Looks for the kept answer; replay->found says whether there is one, and
 * then kept is in pool. IDEMPOTENCY_KEY_REUSED if the key was sent with
 * something else, IDEMPOTENCY_KEY_IN_USE while another request with it
 * runs. */
APID_CHECKED apid_err_t *apid_replay_find(apid_replay_t *replay,
                                          apid_lease_t *lease,
                                          apr_pool_t *pool);

/** Adds the statements (apid_stmt_t) that claim the key; they are the first of
 * the transaction. */
void apid_replay_claim(apr_array_header_t *stmts,
                       const apid_replay_t *replay, apr_pool_t *pool);

/** Whether an error says that another request has claimed the key and is
 * done: its answer can be found now. */
int apid_replay_lost(const apid_err_t *err);

/** Adds the statement that keeps the answer. */
void apid_replay_keep(apr_array_header_t *stmts, const apid_replay_t *replay,
                      apr_pool_t *pool);

/** Once in a while removes some answers whose time is over. That it fails
 * matters to nobody. */
void apid_replay_sweep(const apid_replay_t *replay, apid_lease_t *lease);

#endif
