/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apid_ops_user: users and their secrets. A secret is random, written to the
 * answer once, and kept as a digest alone.
 */
#include "apid_ops_parts.h"

#include <apr_strings.h>
#include <string.h>

static void put_user(apid_ops_call_t *call, const char *name,
                     const char *key, const char *password)
{
    apid_json_object(call->out);
    apid_ops_put(call, "name", name);
    if (key)
        apid_ops_put(call, "key", key);
    if (password)
        apid_ops_put(call, "password", password);
    apid_json_end(call->out);
}

static apid_err_t *make_key(const char **key, apid_ops_call_t *call,
                            const char *name)
{
    apid_err_t *err = apid_auth_secret(key, call->pool);

    return err ? err : apid_store_set_key(call->store, name, *key);
}

static apid_err_t *read_role(apid_role_e *role, apid_ops_call_t *call)
{
    const char *word = apid_ops_text(call, "role");

    *role = word ? apid_role_parse(word) : APID_ROLE_CALLER;
    if (*role != APID_ROLES)
        return NULL;
    return apid_err_raise(call->pool, APID_ERR_INVALID_VALUE,
                          "'%s' is no role: expected caller, viewer, designer "
                          "or admin", word);
}

static apid_err_t *set_disabled(apid_ops_call_t *call, int disabled)
{
    const char *name = apid_ops_text(call, "name");
    int admins;
    apid_err_t *err = apid_store_disable(call->store, name, disabled);

    if (!err)
        err = apid_store_admins(&admins, call->store);
    if (err)
        return err;
    if (!admins)
        return apid_err_raise(call->pool, APID_ERR_CONFLICT,
                              "'%s' is the last admin", name);
    apid_json_object(call->out);
    apid_ops_put(call, "name", name);
    apid_ops_put(call, "status", disabled ? "disabled" : "enabled");
    apid_json_end(call->out);
    return NULL;
}

apid_err_t *apid_ops_password(const char **hash, const char **shown,
                              apid_ops_call_t *call)
{
    const char *password = apid_ops_text(call, "password");
    apid_err_t *err = NULL;

    *shown = NULL;
    if (!password) {
        err = apid_auth_secret(&password, call->pool);
        *shown = password;
    }
    if (!err)
        err = apid_auth_hash_password(hash, password, call->pool);
    return apid_err_field(err, "password");
}

apid_err_t *apid_ops_user_name(apid_ops_call_t *call, const char *name)
{
    apr_size_t len = strlen(name);

    if (len && len <= APID_MAX_NAME && name[0] != ' ' && name[len - 1] != ' '
        && !strpbrk(name, ":,\t\r\n"))
        return NULL;
    return apid_err_raise(call->pool, APID_ERR_INVALID_VALUE,
                          "'%s' cannot be the name of a user: 1 to %d bytes, "
                          "no ':', ',' or control characters, no blank at "
                          "either end", name, APID_MAX_NAME);
}

apid_err_t *apid_ops_user_add(apid_ops_call_t *call)
{
    apid_newcomer_t user = {.name = apid_ops_text(call, "name"),
                            .ident = apid_ops_text(call, "id")};
    const char *key, *shown;
    apid_err_t *err = apid_ops_user_name(call, user.name);

    if (!err)
        err = read_role(&user.role, call);
    if (!err && apid_ops_text(call, "password"))
        err = apid_ops_password(&user.password, &shown, call);
    if (!err)
        err = apid_store_add_user(call->store, &user);
    if (!err)
        err = make_key(&key, call, user.name);
    if (!err)
        put_user(call, user.name, key, NULL);
    return err;
}

apid_err_t *apid_ops_renew_key(apid_ops_call_t *call, const char *name)
{
    const char *key;
    apid_err_t *err = make_key(&key, call, name);

    if (!err)
        put_user(call, name, key, NULL);
    return err;
}

apid_err_t *apid_ops_renew_password(apid_ops_call_t *call, const char *name)
{
    const char *hash, *shown;
    apid_err_t *err = apid_ops_password(&hash, &shown, call);

    if (!err)
        err = apid_store_set_password(call->store, name, hash);
    if (!err)
        put_user(call, name, NULL, shown);
    return err;
}

apid_err_t *apid_ops_user_key(apid_ops_call_t *call)
{
    return apid_ops_renew_key(call, apid_ops_text(call, "name"));
}

apid_err_t *apid_ops_user_password(apid_ops_call_t *call)
{
    return apid_ops_renew_password(call, apid_ops_text(call, "name"));
}

apid_err_t *apid_ops_user_disable(apid_ops_call_t *call)
{
    return set_disabled(call, 1);
}

apid_err_t *apid_ops_user_enable(apid_ops_call_t *call)
{
    return set_disabled(call, 0);
}

apid_err_t *apid_ops_user_list(apid_ops_call_t *call)
{
    return apid_ops_write_list(call, NULL, APID_LIST_USERS, NULL);
}
