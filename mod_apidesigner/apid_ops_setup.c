/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apid_ops_setup: makes an installation: our tables, the first admin, and the
 * rights that the user whom Apache connects as needs, no more.
 */
#include "apid_ops_parts.h"

#include <apr_strings.h>

#define GRANTEE "apidesigner@localhost" /* as in README and conf/ */

/* clang-format off */
/* the servers only read our tables, but for the history and what they count */
static const char *const ours[] = {
    "SELECT ON apid_meta", "SELECT ON apid_revision", "SELECT ON apid_module",
    "SELECT ON apid_user", "SELECT ON apid_group", "SELECT ON apid_user_group",
    "SELECT ON apid_right",
    "SELECT ON apid_definition", "SELECT ON apid_version",
    "SELECT ON apid_token", "SELECT, INSERT ON apid_update",
    "SELECT, INSERT, UPDATE, DELETE ON apid_replay",
    "SELECT, INSERT, UPDATE, DELETE ON apid_usage",
    "SELECT, INSERT, UPDATE, DELETE ON apid_activity",
    "SELECT, INSERT, UPDATE ON apid_use",
    "SELECT, INSERT, DELETE ON apid_refusal",
};

/* where the console is served, its operations write them too */
static const char *const console[] = {
    "UPDATE ON apid_revision", "INSERT, UPDATE ON apid_module",
    "INSERT, UPDATE ON apid_user",
    "INSERT, UPDATE, DELETE ON apid_user_group",
    "INSERT, UPDATE, DELETE ON apid_group",
    "INSERT, UPDATE ON apid_definition",
    "INSERT, UPDATE ON apid_version",
    "INSERT, UPDATE, DELETE ON apid_token",
};
/* clang-format on */

/* each once, however many modules name the table */
static void add_grant(apr_array_header_t *grants, apr_hash_t *seen,
                      const char *rights, const char *table)
{
    const char *grant = apr_pstrcat(grants->pool, "GRANT ", rights, table,
                                    " TO " GRANTEE ";", NULL);

    if (apr_hash_get(seen, grant, APR_HASH_KEY_STRING))
        return;
    apr_hash_set(seen, grant, APR_HASH_KEY_STRING, grant);
    APR_ARRAY_PUSH(grants, const char *) = grant;
}

void apid_ops_add_grants(apr_array_header_t *grants, apr_hash_t *seen,
                         const apid_module_t *module)
{
    for (int i = 0; i < module->ntables; i++)
        add_grant(grants, seen, module->readonly
                  ? "SELECT ON " : "SELECT, INSERT, UPDATE, DELETE ON ",
                  module->tables[i].name);
    if (module->sequence_table)
        add_grant(grants, seen, "SELECT, UPDATE ON ", module->sequence_table);
}

void apid_ops_put_grants(apid_ops_call_t *call, const char *key,
                         const apr_array_header_t *grants)
{
    apid_json_key(call->out, key);
    apid_json_array(call->out);
    for (int i = 0; i < grants->nelts; i++)
        apid_json_string(call->out, APR_ARRAY_IDX(grants, i, const char *));
    apid_json_end(call->out);
}

static apid_err_t *put_grants(apid_ops_call_t *call)
{
    apr_hash_t *seen = apr_hash_make(call->pool);
    apr_array_header_t *modules;
    apr_array_header_t *grants
        = apr_array_make(call->pool, 64, sizeof(const char *));
    apid_err_t *err = apid_store_modules(&modules, call->store);

    if (err)
        return err;
    for (apr_size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
        add_grant(grants, seen, ours[i], "");
    for (int i = 0; i < modules->nelts; i++)
        apid_ops_add_grants(grants, seen,
                            APR_ARRAY_IDX(modules, i, const apid_module_t *));
    if (!modules->nelts)
        APR_ARRAY_PUSH(grants, const char *)
            = "-- \"module import\" and \"module apply\" print those for the "
              "tables of modules";
    apid_ops_put_grants(call, "grants", grants);
    apr_array_clear(grants);
    for (apr_size_t i = 0; i < sizeof(console) / sizeof(console[0]); i++)
        add_grant(grants, seen, console[i], "");
    apid_ops_put_grants(call, "grants for the console", grants);
    return NULL;
}

static apid_err_t *add_admin(apid_ops_call_t *call, const char *name)
{
    apid_newcomer_t user = {.name = name, .role = APID_ROLE_ADMIN};
    const char *shown;
    apid_err_t *err = apid_ops_password(&user.password, &shown, call);

    if (!err)
        err = apid_store_add_user(call->store, &user);
    if (!err)
        err = apid_ops_user_join(call, name);
    if (err)
        return err;
    apid_ops_put(call, "admin", name);
    if (shown)
        apid_ops_put(call, "password", shown);
    return NULL;
}

/* who runs it again may have asked for the same user before */
static apid_err_t *keep_admin(apid_ops_call_t *call, const char *name)
{
    apr_int64_t id;
    apid_err_t *err = apid_store_user(&id, call->store, name);

    if (err && err->kind != APID_ERR_RECORD_NOT_FOUND)
        return err;
    apid_ops_put(call, "admin", apr_psprintf(
        call->pool, err ? "there is one already; %s was not added (\"user add "
        "%s --role admin\" does)" : "%s is a user already", name, name));
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
    else if (!err && name)
        err = keep_admin(call, name);
    return err ? err : apid_store_commit(call->store);
}

apid_err_t *apid_ops_setup(apid_ops_call_t *call)
{
    const char *outcome, *name = apid_ops_text(call, "admin");
    apid_err_t *err = name ? apid_ops_user_name(call, "user", name) : NULL;

    if (!err)
        err = apid_store_setup(&outcome, call->store->lease, call->pool);
    if (err)
        return err;
    apid_json_object(call->out);
    apid_ops_put_int(call, "schema", APID_STORE_SCHEMA);
    apid_ops_put(call, "tables", outcome);
    err = make_admin(call);
    if (!err)
        err = put_grants(call);
    apid_json_end(call->out);
    return err;
}
