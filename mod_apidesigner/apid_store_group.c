/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apid_store_group: groups and what they may. Servers know rights by the users
 * who have them: a change of a group is marked at its users, and at the
 * webhooks that act as one of them.
 */
#include "apid_store_parts.h"

#include <apr_strings.h>
#include <string.h>

/* columns of apid_store_read_rights */
enum {
    R_GROUP, R_MODULE, R_ACCESS, R_OWN = R_ACCESS + APID_ACCESSES, R_HIDDEN,
    R_READONLY
};

#define MEMBERS "(SELECT user_id FROM apid_user_group WHERE group_id = ?)"

/* marks a group's users as changed; what changed follows */
static apid_err_t *touch_group(apr_int64_t *id, apid_store_t *store,
                               const char *name)
{
    apid_err_t *err = apid_store_group(id, store, name);

    if (!err)
        err = apid_store_write(
            store->lease, "UPDATE apid_definition SET revision = ?"
                          " WHERE owner_id IN " MEMBERS,
            APID_BINDS(APID_BIND_INT(store->revision), APID_BIND_INT(*id)));
    return err ? err : apid_store_write(
        store->lease, "UPDATE apid_user SET revision = ? WHERE id IN " MEMBERS,
        APID_BINDS(APID_BIND_INT(store->revision), APID_BIND_INT(*id)));
}

/* names separated by commas; NULL is no name */
static const char *join_names(const char *const *names, apr_pool_t *pool)
{
    const char *text = "";

    for (; names && *names; names++)
        text = apr_pstrcat(pool, text, *text ? "," : "", *names, NULL);
    return text;
}

/* "a,b" to a list; NULL if it is empty */
static const char *const *read_names(const apid_value_t *cell,
                                     apr_pool_t *pool)
{
    apr_array_header_t *names = apr_array_make(pool, 4, sizeof(char *));
    char *last, *text = apr_pstrmemdup(pool, cell->text, cell->len);

    for (char *name = apr_strtok(text, ",", &last); name;
         name = apr_strtok(NULL, ",", &last))
        APR_ARRAY_PUSH(names, const char *) = name;
    if (!names->nelts)
        return NULL;
    APR_ARRAY_PUSH(names, const char *) = NULL;
    return (const char *const *)names->elts;
}

void apid_store_take_right(apid_right_t *right, const apid_value_t *row,
                           apr_pool_t *pool)
{
    memset(right, 0, sizeof(*right));
    right->module = apid_store_text(&row[R_MODULE], pool);
    for (int i = 0; i < APID_ACCESSES; i++)
        right->granted |= apid_store_int(&row[R_ACCESS + i]) ? 1u << i : 0;
    right->own = apid_store_int(&row[R_OWN]) != 0;
    right->hidden = read_names(&row[R_HIDDEN], pool);
    right->readonly = read_names(&row[R_READONLY], pool);
}

static apid_value_t bind_grant(const apid_right_t *right,
                               apid_access_e access)
{
    return apid_value_of_int((right->granted & 1u << access) != 0);
}

static apid_err_t *delete_right(apid_store_t *store, apr_int64_t id,
                                const char *module)
{
    return apid_store_write(
        store->lease,
        "DELETE FROM apid_right WHERE group_id = ? AND module = ?",
        APID_BINDS(APID_BIND_INT(id), APID_BIND_TEXT(module)));
}

static apid_err_t *check_right(apid_store_t *store, apr_int64_t id,
                               const char *name, const char *module)
{
    apid_rows_t *rows;
    const apid_value_t *row;
    apid_err_t *err = apid_store_read(
        &rows, store->lease,
        "SELECT 1 FROM apid_right WHERE group_id = ? AND module = ?",
        APID_BINDS(APID_BIND_INT(id), APID_BIND_TEXT(module)));

    if (!err)
        err = apid_db_next(&row, rows);
    return err || row ? err : apid_err_raise(
        store->pool, APID_ERR_RECORD_NOT_FOUND,
        "group '%s' has no right in '%s'", name, module);
}

apid_err_t *apid_store_group(apr_int64_t *id, apid_store_t *store,
                             const char *name)
{
    static const apid_named_t group = {
        "group", "SELECT id FROM apid_group WHERE name = ?",
        "SELECT name FROM apid_group"
    };

    return apid_store_key(id, store, &group, name);
}

apid_err_t *apid_store_add_group(apid_store_t *store, const char *name)
{
    apid_err_t *err = apid_store_write(
        store->lease, "INSERT INTO apid_group (name) VALUES (?)",
        APID_BINDS(APID_BIND_TEXT(name)));

    if (err && err->kind == APID_ERR_DUPLICATE_RECORD_FOUND)
        return apid_err_field(apid_err_raise(store->pool, APID_ERR_CONFLICT,
                                             "'%s' is a group already", name),
                              "name");
    return err;
}

apid_err_t *apid_store_drop_group(apid_store_t *store, const char *name)
{
    apr_int64_t id;
    apid_err_t *err = touch_group(&id, store, name);

    return err ? err : apid_store_write(
        store->lease, "DELETE FROM apid_group WHERE id = ?",
        APID_BINDS(APID_BIND_INT(id)));
}

apid_err_t *apid_store_set_right(apid_store_t *store, const char *name,
                                 const apid_right_t *right)
{
    apr_int64_t id;
    apid_err_t *err = touch_group(&id, store, name);

    if (!err)
        err = delete_right(store, id, right->module);
    return err ? err : apid_store_write(
        store->lease,
        "INSERT INTO apid_right (group_id, module, may_create, may_read,"
        " may_update, may_delete, scope, hidden, readonly)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        APID_BINDS(APID_BIND_INT(id), APID_BIND_TEXT(right->module),
                   bind_grant(right, APID_ACCESS_CREATE),
                   bind_grant(right, APID_ACCESS_READ),
                   bind_grant(right, APID_ACCESS_UPDATE),
                   bind_grant(right, APID_ACCESS_DELETE),
                   APID_BIND_TEXT(right->own ? "own" : "all"),
                   APID_BIND_TEXT(join_names(right->hidden, store->pool)),
                   APID_BIND_TEXT(join_names(right->readonly,
                                             store->pool))));
}

apid_err_t *apid_store_drop_right(apid_store_t *store, const char *name,
                                  const char *module)
{
    apr_int64_t id;
    apid_err_t *err = touch_group(&id, store, name);

    if (!err)
        err = check_right(store, id, name, module);
    return err ? err : delete_right(store, id, module);
}
