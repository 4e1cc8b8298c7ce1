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

/* who is to be admin cannot be left without one */
static apid_err_t *check_admins(apid_ops_call_t *call, const char *name)
{
    int admins;
    apid_err_t *err = apid_store_admins(&admins, call->store);

    return err || admins ? err : apid_err_raise(
        call->pool, APID_ERR_CONFLICT, "'%s' is the last admin", name);
}

static void put_change(apid_ops_call_t *call, const char *key,
                       const char *value)
{
    apid_json_object(call->out);
    apid_ops_put(call, "name", apid_ops_text(call, "name"));
    apid_ops_put(call, key, value);
    apid_json_end(call->out);
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
    apid_err_t *err = apid_store_disable(call->store, name, disabled);

    if (!err)
        err = check_admins(call, name);
    if (!err)
        put_change(call, "status", disabled ? "disabled" : "enabled");
    return err;
}

static apid_err_t *set_groups(apid_ops_call_t *call, const char *name)
{
    return apid_store_set_groups(call->store, name,
                                 apid_ops_names(call, "groups"));
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

apid_err_t *apid_ops_user_name(apid_ops_call_t *call, const char *what,
                               const char *name)
{
    apr_size_t len = strlen(name);

    if (len && len <= APID_MAX_NAME && name[0] != ' ' && name[len - 1] != ' '
        && !strpbrk(name, ":,") && !apid_ops_has_control(name)
        && strcmp(name, ".") && strcmp(name, ".."))
        return NULL;
    return apid_err_field(apid_err_raise(
        call->pool, APID_ERR_INVALID_VALUE, "'%s' cannot be the name of a %s: "
        "1 to %d bytes, no ':', ',' or control characters, no blank at either "
        "end, not '.' or '..'", name, what, APID_MAX_NAME), "name");
}

apid_err_t *apid_ops_user_join(apid_ops_call_t *call, const char *name)
{
    apr_array_header_t *groups
        = apr_array_make(call->pool, 1, sizeof(const char *));
    apr_int64_t id;
    apid_err_t *err = apid_store_group(&id, call->store, APID_EVERYONE);

    if (err)
        return err->kind == APID_ERR_RECORD_NOT_FOUND ? NULL : err;
    APR_ARRAY_PUSH(groups, const char *) = APID_EVERYONE;
    return apid_store_set_groups(call->store, name, groups);
}

apid_err_t *apid_ops_user_add(apid_ops_call_t *call)
{
    apid_newcomer_t user = {.name = apid_ops_text(call, "name"),
                            .ident = apid_ops_text(call, "id")};
    const char *key, *shown;
    apid_err_t *err = apid_ops_user_name(call, "user", user.name);

    if (!err)
        err = read_role(&user.role, call);
    if (!err && apid_ops_text(call, "password"))
        err = apid_ops_password(&user.password, &shown, call);
    if (!err)
        err = apid_store_add_user(call->store, &user);
    if (!err)
        err = apid_ops_text(call, "groups")
            ? set_groups(call, user.name)
            : apid_ops_user_join(call, user.name);
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

apid_err_t *apid_ops_user_role(apid_ops_call_t *call)
{
    const char *name = apid_ops_text(call, "name");
    apid_role_e role;
    apid_err_t *err = read_role(&role, call);

    if (!err)
        err = apid_store_set_role(call->store, name, role);
    if (!err)
        err = check_admins(call, name);
    if (!err)
        put_change(call, "role", apid_role_word(role));
    return err;
}

apid_err_t *apid_ops_user_groups(apid_ops_call_t *call)
{
    const char *name = apid_ops_text(call, "name");
    apid_err_t *err = set_groups(call, name);

    if (!err)
        put_change(call, "groups",
                   apr_array_pstrcat(call->pool,
                                     apid_ops_names(call, "groups"), ','));
    return err;
}

/* name of a user to the names of its groups */
static apid_err_t *read_memberships(apr_hash_t **members,
                                    apid_ops_call_t *call)
{
    apid_rows_t *rows;
    const apid_value_t *row;
    apid_err_t *err = apid_store_list(&rows, call->store,
                                      APID_LIST_MEMBERSHIPS, NULL);

    *members = apr_hash_make(call->pool);
    for (; !err && !(err = apid_db_next(&row, rows)) && row;) {
        const char *name = apid_store_text(&row[0], call->pool);
        apr_array_header_t *groups
            = apr_hash_get(*members, name, APR_HASH_KEY_STRING);
        if (!groups)
            groups = apr_array_make(call->pool, 4, sizeof(const char *));
        APR_ARRAY_PUSH(groups, const char *)
            = apid_store_text(&row[1], call->pool);
        apr_hash_set(*members, name, APR_HASH_KEY_STRING, groups);
    }
    return err;
}

static void put_groups(apid_ops_call_t *call, const apr_array_header_t *groups)
{
    apid_json_key(call->out, "groups");
    apid_json_array(call->out);
    for (int i = 0; groups && i < groups->nelts; i++)
        apid_json_string(call->out, APR_ARRAY_IDX(groups, i, const char *));
    apid_json_end(call->out);
}

apid_err_t *apid_ops_user_list(apid_ops_call_t *call)
{
    apr_hash_t *members;
    apid_rows_t *rows;
    const apid_value_t *row;
    apid_err_t *err = read_memberships(&members, call);

    if (!err)
        err = apid_store_list(&rows, call->store, APID_LIST_USERS, NULL);
    apid_json_array(call->out);
    for (; !err && !(err = apid_db_next(&row, rows)) && row;) {
        const char *name = apid_store_text(&row[0], call->pool);
        apid_json_object(call->out);
        apid_ops_put_row(call, rows, row);
        put_groups(call, apr_hash_get(members, name, APR_HASH_KEY_STRING));
        apid_json_end(call->out);
    }
    apid_json_end(call->out);
    return err;
}
