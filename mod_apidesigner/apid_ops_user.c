/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apid_ops_user: the installation and its users. A secret is random, written
 * to the answer once, and kept as a digest alone.
 */
#include "apid_ops_parts.h"

#include <apr_strings.h>
#include <string.h>

/* Tables that Apache's user reads and writes: the rest is the tool's. */
/* clang-format off */
static const char *const grants[] = {
    "SELECT ON apid_meta", "SELECT ON apid_revision", "SELECT ON apid_module",
    "SELECT ON apid_user", "SELECT ON apid_group", "SELECT ON apid_user_group",
    "SELECT ON apid_definition", "SELECT ON apid_version",
    "SELECT ON apid_token", "SELECT, INSERT ON apid_update",
    "SELECT, INSERT, UPDATE, DELETE ON <each table of a module>",
};
/* clang-format on */

/* the password that was given, or a random one */
static apid_err_t *choose_password(const char **hash, const char **shown,
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

static apid_err_t *check_name(apid_ops_call_t *call, const char *name)
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

static void put_grants(apid_ops_call_t *call)
{
    apid_json_key(call->out, "grants");
    apid_json_array(call->out);
    for (apr_size_t i = 0; i < sizeof(grants) / sizeof(grants[0]); i++)
        apid_json_string(call->out,
                         apr_pstrcat(call->pool, "GRANT ", grants[i],
                                     " TO <the user of Apache>;", NULL));
    apid_json_end(call->out);
}

static apid_err_t *add_admin(apid_ops_call_t *call, const char *name)
{
    apid_newcomer_t user = {.name = name, .role = APID_ROLE_ADMIN};
    const char *shown;
    apid_err_t *err = check_name(call, name);

    if (!err)
        err = choose_password(&user.password, &shown, call);
    if (!err)
        err = apid_store_add_user(call->store, &user);
    if (err)
        return err;
    apid_ops_put(call, "admin", name);
    if (shown)
        apid_ops_put(call, "password", shown);
    return NULL;
}

static apid_err_t *make_admin(apid_ops_call_t *call)
{
    const char *name = apid_ops_text(call, "admin");
    int admins;
    apid_err_t *err = apid_store_begin(call->store);

    if (!err)
        err = apid_store_admins(&admins, call->store);
    if (!err && !admins)
        err = add_admin(call, name ? name : "admin");
    return err ? err : apid_store_commit(call->store);
}

apid_err_t *apid_ops_setup(apid_ops_call_t *call)
{
    apid_err_t *err = apid_store_setup(call->store->lease, call->pool);

    if (err)
        return err;
    apid_json_object(call->out);
    apid_ops_put_int(call, "schema", APID_STORE_SCHEMA);
    err = make_admin(call);
    put_grants(call);
    apid_json_end(call->out);
    return err;
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

apid_err_t *apid_ops_user_add(apid_ops_call_t *call)
{
    apid_newcomer_t user = {.name = apid_ops_text(call, "name"),
                            .ident = apid_ops_text(call, "id")};
    const char *key, *shown;
    apid_err_t *err = check_name(call, user.name);

    if (!err)
        err = read_role(&user.role, call);
    if (!err && apid_ops_text(call, "password"))
        err = choose_password(&user.password, &shown, call);
    if (!err)
        err = apid_store_add_user(call->store, &user);
    if (!err)
        err = make_key(&key, call, user.name);
    if (!err)
        put_user(call, user.name, key, NULL);
    return err;
}

apid_err_t *apid_ops_user_key(apid_ops_call_t *call)
{
    const char *key, *name = apid_ops_text(call, "name");
    apid_err_t *err = make_key(&key, call, name);

    if (!err)
        put_user(call, name, key, NULL);
    return err;
}

apid_err_t *apid_ops_user_password(apid_ops_call_t *call)
{
    const char *hash, *shown, *name = apid_ops_text(call, "name");
    apid_err_t *err = choose_password(&hash, &shown, call);

    if (!err)
        err = apid_store_set_password(call->store, name, hash);
    if (!err)
        put_user(call, name, NULL, shown);
    return err;
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
