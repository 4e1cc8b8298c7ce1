/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apid_store_user: users and their secrets. A user's change is marked at the
 * webhooks that act as that user too, so that whoever reads changed
 * definitions meets it.
 */
#include "apid_store_parts.h"

#include <string.h>

static apid_err_t *mark_owned(apid_store_t *store, apr_int64_t id)
{
    return apid_store_write(
        store->lease,
        "UPDATE apid_definition SET revision = ? WHERE owner_id = ?",
        APID_BINDS(APID_BIND_INT(store->revision), APID_BIND_INT(id)));
}

apid_err_t *apid_store_user(apr_int64_t *id, apid_store_t *store,
                            const char *name)
{
    static const apid_named_t user = {
        "user", "SELECT id FROM apid_user WHERE name = ?",
        "SELECT name FROM apid_user"
    };

    return apid_store_key(id, store, &user, name);
}

/* The key of a user, who and whose webhooks are marked as changed; what
 * changes follows. */
static apid_err_t *touch_user(apr_int64_t *id, apid_store_t *store,
                              const char *name)
{
    apid_err_t *err = apid_store_user(id, store, name);

    if (!err)
        err = mark_owned(store, *id);
    return err ? err : apid_store_write(
        store->lease, "UPDATE apid_user SET revision = ? WHERE id = ?",
        APID_BINDS(APID_BIND_INT(store->revision), APID_BIND_INT(*id)));
}

apid_err_t *apid_store_add_user(apid_store_t *store,
                                const apid_newcomer_t *user)
{
    apid_err_t *err = apid_store_write(
        store->lease,
        "INSERT INTO apid_user (name, ident, role, password, created_by,"
        " created_at, revision) VALUES (?, COALESCE(?, ''), ?, ?, ?,"
        " UTC_TIMESTAMP(6), ?)",
        APID_BINDS(APID_BIND_TEXT(user->name), APID_BIND_TEXT(user->ident),
                   APID_BIND_TEXT(apid_role_word(user->role)),
                   APID_BIND_TEXT(user->password),
                   APID_BIND_TEXT(store->actor),
                   APID_BIND_INT(store->revision)));

    if (err && err->kind == APID_ERR_DUPLICATE_RECORD_FOUND)
        return apid_err_field(apid_err_raise(store->pool, APID_ERR_CONFLICT,
                                             "'%s' is a user already",
                                             user->name), "name");
    if (err || user->ident)
        return err;
    return apid_store_write(
        store->lease,
        "UPDATE apid_user SET ident = CAST(id AS CHAR) WHERE name = ?",
        APID_BINDS(APID_BIND_TEXT(user->name)));
}

apid_err_t *apid_store_set_key(apid_store_t *store, const char *name,
                               const char *key)
{
    unsigned char digest[APID_DIGEST_SIZE];
    apr_int64_t id;
    apid_err_t *err = touch_user(&id, store, name);

    apid_auth_digest(digest, key);
    return err ? err : apid_store_write(
        store->lease,
        "UPDATE apid_user SET access_key = ?, access_key_prefix = ?,"
        " access_key_at = UTC_TIMESTAMP(6) WHERE id = ?",
        APID_BINDS(APID_BIND_BYTES(digest, sizeof(digest)),
                   apid_store_bind_prefix(key), APID_BIND_INT(id)));
}

apid_err_t *apid_store_set_password(apid_store_t *store, const char *name,
                                    const char *password)
{
    apr_int64_t id;
    apid_err_t *err = touch_user(&id, store, name);

    return err ? err : apid_store_write(
        store->lease, "UPDATE apid_user SET password = ? WHERE id = ?",
        APID_BINDS(APID_BIND_TEXT(password), APID_BIND_INT(id)));
}

apid_err_t *apid_store_password(const char **password, apid_store_t *store,
                                const char *name)
{
    apid_rows_t *rows;
    const apid_value_t *row;
    apid_err_t *err = apid_store_read(
        &rows, store->lease, "SELECT password FROM apid_user WHERE name = ?",
        APID_BINDS(APID_BIND_TEXT(name)));

    *password = NULL;
    if (!err)
        err = apid_db_next(&row, rows);
    if (!err && row)
        *password = apid_store_text(&row[0], store->pool);
    return err;
}

apid_err_t *apid_store_disable(apid_store_t *store, const char *name,
                               int disabled)
{
    apr_int64_t id;
    apid_err_t *err = touch_user(&id, store, name);

    return err ? err : apid_store_write(
        store->lease, "UPDATE apid_user SET disabled = ? WHERE id = ?",
        APID_BINDS(APID_BIND_INT(disabled), APID_BIND_INT(id)));
}

apid_err_t *apid_store_set_role(apid_store_t *store, const char *name,
                                apid_role_e role)
{
    apr_int64_t id;
    apid_err_t *err = touch_user(&id, store, name);

    return err ? err : apid_store_write(
        store->lease, "UPDATE apid_user SET role = ? WHERE id = ?",
        APID_BINDS(APID_BIND_TEXT(apid_role_word(role)), APID_BIND_INT(id)));
}

static apid_err_t *join_group(apid_store_t *store, apr_int64_t user,
                              const char *name)
{
    apr_int64_t id;
    apid_err_t *err = apid_store_group(&id, store, name);

    return err ? err : apid_store_write(
        store->lease,
        "INSERT INTO apid_user_group (user_id, group_id) SELECT ?, ? FROM DUAL"
        " WHERE NOT EXISTS (SELECT 1 FROM apid_user_group WHERE user_id = ?"
        " AND group_id = ?)",
        APID_BINDS(APID_BIND_INT(user), APID_BIND_INT(id),
                   APID_BIND_INT(user), APID_BIND_INT(id)));
}

apid_err_t *apid_store_set_groups(apid_store_t *store, const char *name,
                                  const apr_array_header_t *groups)
{
    apr_int64_t id;
    apid_err_t *err = touch_user(&id, store, name);

    if (!err)
        err = apid_store_write(store->lease,
                               "DELETE FROM apid_user_group WHERE user_id = ?",
                               APID_BINDS(APID_BIND_INT(id)));
    for (int i = 0; !err && i < groups->nelts; i++)
        err = join_group(store, id, APR_ARRAY_IDX(groups, i, const char *));
    return err;
}

apid_err_t *apid_store_limit_user(apid_store_t *store, const char *name,
                                  apr_int64_t minute, apr_int64_t day)
{
    apr_int64_t id;
    apid_err_t *err = touch_user(&id, store, name);

    return err ? err : apid_store_write(
        store->lease, "UPDATE apid_user SET minute_limit = NULLIF(?, 0),"
                      " day_limit = NULLIF(?, 0) WHERE id = ?",
        APID_BINDS(APID_BIND_INT(minute), APID_BIND_INT(day),
                   APID_BIND_INT(id)));
}

apid_err_t *apid_store_admins(int *admins, apid_store_t *store)
{
    apid_rows_t *rows;
    const apid_value_t *row;
    apid_err_t *err = apid_store_read(
        &rows, store->lease,
        "SELECT COUNT(*) FROM apid_user WHERE role = 'admin' AND NOT disabled",
        NULL, 0);

    if (!err)
        err = apid_db_next(&row, rows);
    if (!err)
        *admins = (int)apid_store_int(&row[0]);
    return err;
}
