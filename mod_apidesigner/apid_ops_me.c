/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apid_ops_me: what users may know and change of themselves, whatever their
 * role.
 */
#include "apid_ops_parts.h"

/* where APIs are found by whoever calls them */
static void put_places(apid_ops_call_t *call)
{
    apid_json_key(call->out, "places");
    apid_json_array(call->out);
    for (int i = 0; i < call->places->nelts; i++) {
        const apid_ops_place_t *place
            = &APR_ARRAY_IDX(call->places, i, apid_ops_place_t);

        apid_json_object(call->out);
        apid_ops_put(call, "serve", place->serve);
        apid_ops_put(call, "profile", place->profile);
        apid_ops_put(call, "path", place->path);
        apid_ops_put(call, "name", place->name);
        apid_json_end(call->out);
    }
    apid_json_end(call->out);
}

apid_err_t *apid_ops_me(apid_ops_call_t *call)
{
    const char *name = call->store->actor;
    apr_int64_t id;
    apid_rows_t *rows;
    apid_err_t *err = apid_store_user(&id, call->store, name);

    if (!err)
        err = apid_store_list(&rows, call->store, APID_LIST_USER, name);
    if (err)
        return err;
    apid_json_object(call->out);
    err = apid_ops_write_row(call, rows);
    if (!err)
        err = apid_store_list(&rows, call->store, APID_LIST_GROUPS_OF, name);
    if (!err) {
        apid_json_key(call->out, "groups");
        err = apid_ops_write_names(call, rows);
    }
    if (!err && call->places)
        put_places(call);
    apid_json_end(call->out);
    return err;
}

apid_err_t *apid_ops_me_key(apid_ops_call_t *call)
{
    return apid_ops_renew_key(call, call->store->actor);
}

static apid_err_t *check_old(apid_ops_call_t *call)
{
    apid_user_t user = {.name = call->store->actor};
    const char *old = apid_ops_text(call, "old");
    apid_err_t *err = apid_store_password(&user.password, call->store,
                                          user.name);

    if (err || !user.password
        || apid_auth_match_password(&user, old ? old : ""))
        return err;
    return apid_err_field(apid_err_raise(call->pool, APID_ERR_INVALID_VALUE,
                                         old ? "is not your password"
                                             : "is missing: the password that "
                                               "you have until now"), "old");
}

apid_err_t *apid_ops_me_password(apid_ops_call_t *call)
{
    apid_err_t *err = check_old(call);

    return err ? err : apid_ops_renew_password(call, call->store->actor);
}
