/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apid_narrow: a compiled definition as one user may run it. Compiled plans are
 * shared and immutable: where the rights of a user leave something out, the
 * request gets plans of its own, whose SQL does not ask for what may not be
 * seen. Who may everything that a definition does runs it as it is.
 */
#ifndef APID_NARROW_H
#define APID_NARROW_H

#include "apid_where.h"

/** Whether the user (NULL: nobody) may do what the operations of a definition
 * do at all: ACCESS_DENIED with the reason as its cause. */
APID_CHECKED apid_err_t *apid_narrow_check(const apid_api_t *api,
                                           const apid_user_t *user,
                                           apr_pool_t *pool);

/** Whether a definition is for this user: it names the user, a group of the
 * user's, or nobody at all. */
int apid_narrow_lists(const apid_api_t *api, const apid_user_t *user);

/** Whether the user may do all that a definition does, in all records and
 * fields. */
int apid_narrow_whole(const apid_api_t *api, const apid_user_t *user);

/** The call as its user may make it: the same one, or one in pool with plans
 * of its own, which borrows from it. ACCESS_DENIED, naming all fields that are
 * written, compared or sorted by and may not be; nothing was asked of the
 * database then. */
APID_CHECKED apid_err_t *apid_narrow_call(const apid_call_t **narrowed,
                                          const apid_call_t *call,
                                          apr_pool_t *pool);

#endif
