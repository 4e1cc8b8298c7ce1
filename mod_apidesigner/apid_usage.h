/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apid_usage: calls that count towards limits, between the memory that the
 * processes of a server share and the table apid_usage: what this server
 * counted is written, what the others did is read, and after a full restart
 * the calls of the day are taken up again. A server's own limit (subject
 * server) is not told to others.
 */
#ifndef APID_USAGE_H
#define APID_USAGE_H

#include "apid_db.h"
#include "apid_share.h"

/** Takes up the calls of the day that node wrote before it was stopped. Once
 * for a share, whoever asks; after a failure it can be asked for again. */
APID_CHECKED apid_err_t *apid_usage_resume(apid_share_t *share,
                                           const char *node,
                                           apid_lease_t *lease,
                                           apr_pool_t *pool);

/** Writes what node counted and has not told yet, and reads what all others
 * told. */
APID_CHECKED apid_err_t *apid_usage_exchange(apid_share_t *share,
                                             const char *node,
                                             apid_lease_t *lease,
                                             apr_pool_t *pool);

/** Drops what nobody told of for two days. */
APID_CHECKED apid_err_t *apid_usage_sweep(apid_lease_t *lease);

#endif
