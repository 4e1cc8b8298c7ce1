/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apid_store: reads our tables: cells, revisions, lists for people, and what
 * the servers load. Changes are in apid_store_write and apid_store_user.
 */
#include "apid_store_parts.h"
#include "apid_schema.h"

#include <apr_strings.h>
#include <stdlib.h>
#include <string.h>

#define SHOWN 8 /* characters of a secret that are kept, to tell it by */

/* What servers see of definitions; index is a hint. */
#define DEFINITIONS(index) \
    "SELECT d.id, d.name, d.kind, d.method, d.path, d.route, d.module," \
    " d.reader, d.active, d.live_version, u.name, v.version, v.state," \
    " v.deprecated_at, v.sunset, v.document FROM apid_definition d " \
    index \
    " LEFT JOIN apid_user u ON u.id = d.owner_id" \
    " LEFT JOIN apid_version v ON v.definition_id = d.id" \
    " AND d.name IS NOT NULL"

/* clang-format off */
/* What people see. A name narrows a list down by "? IN (...)". */
static const char *const lists[] = {
    [APID_LIST_MODULES] =
        "SELECT name, changed_by, changed_at FROM apid_module"
        " WHERE name IS NOT NULL AND ? IS NULL ORDER BY name",
    [APID_LIST_DEFINITIONS] =
        "SELECT d.name, d.kind, d.method, d.module, d.path,"
        " IF(d.active, 'active', 'inactive') AS status,"
        " d.live_version AS version,"
        " IF(d.draft IS NULL, '', 'draft') AS draft, v.published_by,"
        " v.published_at FROM apid_definition d"
        " LEFT JOIN apid_version v ON v.definition_id = d.id"
        " AND v.version = d.live_version"
        " WHERE d.name IS NOT NULL AND ? IS NULL ORDER BY d.name",
    [APID_LIST_DEFINITION] =
        "SELECT d.name, d.kind, d.method, d.module, d.path,"
        " IF(d.active, 'active', 'inactive') AS status,"
        " d.live_version AS version, u.name AS owner, d.draft_by, d.draft_at,"
        " d.draft_revision FROM apid_definition d"
        " LEFT JOIN apid_user u ON u.id = d.owner_id WHERE d.name = ?",
    [APID_LIST_DRAFT] =
        "SELECT draft_by, draft_at, draft_revision FROM apid_definition"
        " WHERE name = ?",
    [APID_LIST_VERSIONS] =
        "SELECT v.version, IF(v.version = d.live_version, 'live', v.state)"
        " AS state, v.published_by, v.published_at, v.deprecated_at, v.sunset,"
        " v.note FROM apid_version v"
        " JOIN apid_definition d ON d.id = v.definition_id WHERE d.name = ?"
        " ORDER BY v.version DESC",
    [APID_LIST_TOKENS] =
        "SELECT t.prefix, t.created_by, t.created_at, t.expires,"
        " t.minute_limit, t.day_limit, l.at AS last_use"
        " FROM apid_token t JOIN apid_definition d ON d.id = t.definition_id"
        " LEFT JOIN apid_use l ON l.subject = 'token' AND l.id = t.id"
        " WHERE d.name = ? AND (t.expires IS NULL"
        " OR t.expires > UTC_TIMESTAMP(6)) ORDER BY t.id",
    [APID_LIST_USERS] =
        "SELECT u.name, ident AS id, role,"
        " IF(disabled, 'disabled', 'enabled') AS status,"
        " access_key_prefix AS access_key, access_key_at,"
        " IF(password IS NULL, 'no', 'yes') AS password, created_at,"
        " minute_limit, day_limit, l.at AS last_use FROM apid_user u"
        " LEFT JOIN apid_use l ON l.subject = 'user' AND l.id = u.id"
        " WHERE ? IS NULL ORDER BY u.name",
    [APID_LIST_USER] =
        "SELECT name, ident AS id, role,"
        " access_key_prefix AS access_key, access_key_at,"
        " IF(password IS NULL, 'no', 'yes') AS password, created_at"
        " FROM apid_user WHERE name = ?",
    [APID_LIST_GROUPS_OF] =
        "SELECT g.name FROM apid_user u"
        " JOIN apid_user_group m ON m.user_id = u.id"
        " JOIN apid_group g ON g.id = m.group_id"
        " WHERE u.name = ? ORDER BY g.name",
    [APID_LIST_TABLES] =
        "SELECT t.table_name AS name, t.table_rows AS `rows`,"
        " t.engine AS engine, t.table_collation AS collation,"
        " (SELECT GROUP_CONCAT(s.column_name ORDER BY s.seq_in_index)"
        " FROM information_schema.statistics s"
        " WHERE s.table_schema = t.table_schema"
        " AND s.table_name = t.table_name AND s.index_name = 'PRIMARY')"
        " AS `key` FROM information_schema.tables t"
        " WHERE t.table_schema = DATABASE() AND t.table_type <> 'SEQUENCE'"
        " AND t.table_name NOT LIKE 'apid\\_%' AND ? IS NULL"
        " ORDER BY t.table_name",
    [APID_LIST_MEMBERSHIPS] =
        "SELECT u.name, g.name AS member FROM apid_user u"
        " JOIN apid_user_group m ON m.user_id = u.id"
        " JOIN apid_group g ON g.id = m.group_id"
        " WHERE ? IS NULL ORDER BY u.name, g.name",
    [APID_LIST_GROUPS] =
        "SELECT g.name, (SELECT COUNT(*) FROM apid_user_group m"
        " WHERE m.group_id = g.id) AS users, (SELECT COUNT(*) FROM apid_right r"
        " WHERE r.group_id = g.id) AS rights FROM apid_group g"
        " WHERE ? IS NULL ORDER BY g.name",
    [APID_LIST_MEMBERS] =
        "SELECT u.name, u.role,"
        " IF(u.disabled, 'disabled', 'enabled') AS status FROM apid_group g"
        " JOIN apid_user_group m ON m.group_id = g.id"
        " JOIN apid_user u ON u.id = m.user_id"
        " WHERE g.name = ? ORDER BY u.name",
    [APID_LIST_RIGHTS] =
        "SELECT r.module, CONCAT_WS(',', IF(may_create, 'create', NULL),"
        " IF(may_read, 'read', NULL), IF(may_update, 'update', NULL),"
        " IF(may_delete, 'delete', NULL)) AS allow, r.scope, r.hidden,"
        " r.readonly FROM apid_right r JOIN apid_group g ON g.id = r.group_id"
        " WHERE g.name = ? ORDER BY r.module",
    [APID_LIST_DOCUMENTS] =
        "SELECT d.name, v.document FROM apid_definition d"
        " JOIN apid_version v ON v.definition_id = d.id"
        " AND v.version = d.live_version"
        " WHERE d.name IS NOT NULL AND ? IS NULL ORDER BY d.name",
    [APID_LIST_ACTIVE] =
        "SELECT d.name, d.live_version AS version, v.document"
        " FROM apid_definition d"
        " JOIN apid_version v ON v.definition_id = d.id"
        " AND v.version = d.live_version"
        " WHERE d.name IS NOT NULL AND d.active AND ? IS NULL"
        " ORDER BY d.name",
};
/* clang-format on */

apid_value_t apid_store_bind_text(const char *text)
{
    return text ? apid_value_of_text(text) : apid_value_of_null();
}

apid_value_t apid_store_bind_prefix(const char *secret)
{
    apid_value_t value = apid_value_of_text(secret);

    if (value.len > SHOWN)
        value.len = SHOWN;
    return value;
}

/* of our tables: the name of a column says what was given */
static apid_err_t *tell_column(apid_err_t *err)
{
    return err && err->kind == APID_ERR_INVALID_VALUE && err->object
        ? apid_err_because(apid_err_raise(err->pool, err->kind, "what was "
                                          "given for '%s' is too long, or not "
                                          "UTF-8", err->object),
                           "%s", err->cause) : err;
}

apid_err_t *apid_store_write(apid_lease_t *lease, const char *sql,
                             const apid_value_t *binds, int n)
{
    apid_stmt_t stmt = {.kind = APID_STMT_WRITE, .sql = sql,
                        .binds = binds, .nbinds = n};

    return tell_column(apid_db_execute(NULL, lease, &stmt, 1));
}

apid_err_t *apid_store_read(apid_rows_t **rows, apid_lease_t *lease,
                            const char *sql, const apid_value_t *binds, int n)
{
    apid_stmt_t stmt = {.kind = APID_STMT_READ, .sql = sql,
                        .binds = binds, .nbinds = n};

    return apid_db_execute(rows, lease, &stmt, 1);
}

apid_err_t *apid_store_miss(apid_store_t *store, const char *what,
                            const char *name, const char *sql)
{
    apr_array_header_t *names
        = apr_array_make(store->pool, 64, sizeof(const char *));
    apid_rows_t *rows;
    const apid_value_t *row;
    apid_err_t *err = apid_store_read(&rows, store->lease, sql, NULL, 0);

    for (; !err && !(err = apid_db_next(&row, rows)) && row;)
        APR_ARRAY_PUSH(names, const char *)
            = apid_store_text(&row[0], store->pool);
    if (err)
        return err;

    const char *nearest = apid_err_nearest(
        name, (const char *const *)names->elts, names->nelts);
    return apid_err_raise(store->pool,
                          strcmp(what, "API") ? APID_ERR_RECORD_NOT_FOUND
                                              : APID_ERR_API_NOT_FOUND,
                          "there is no %s '%s'%s%s%s", what, name,
                          nearest ? "; did you mean '" : "",
                          nearest ? nearest : "", nearest ? "'?" : "");
}

apid_err_t *apid_store_key(apr_int64_t *id, apid_store_t *store,
                           const apid_named_t *kind, const char *name)
{
    apid_rows_t *rows;
    const apid_value_t *row;
    apid_err_t *err = apid_store_read(&rows, store->lease, kind->key,
                                      APID_BINDS(APID_BIND_TEXT(name)));

    if (!err)
        err = apid_db_next(&row, rows);
    if (err)
        return err;
    if (!row)
        return apid_store_miss(store, kind->what, name, kind->names);
    *id = apid_store_int(&row[0]);
    return NULL;
}

/* the only row's only cell, before the rows are gone */
static apid_err_t *read_int(apr_int64_t *value, apid_lease_t *lease,
                            const char *sql)
{
    apid_rows_t *rows;
    const apid_value_t *row;
    apid_err_t *err = apid_store_read(&rows, lease, sql, NULL, 0);

    if (!err)
        err = apid_db_next(&row, rows);
    if (!err)
        *value = row ? apid_store_int(&row[0]) : 0;
    return err;
}

static apid_err_t *read_since(apid_rows_t **rows, apid_lease_t *lease,
                              const char *sql, apr_int64_t since)
{
    return apid_store_read(rows, lease, sql,
                           APID_BINDS(APID_BIND_INT(since)));
}

static apid_err_t *open_transaction(apid_lease_t *lease)
{
    apid_stmt_t stmt = {.kind = APID_STMT_BEGIN};

    return apid_db_execute(NULL, lease, &stmt, 1);
}

/* a seal is made once: all cursors that are out are sealed with it */
static apid_err_t *make_seal(apid_lease_t *lease, apr_pool_t *pool)
{
    unsigned char seal[APID_DIGEST_SIZE];
    const char *secret;
    apid_err_t *err = apid_auth_secret(&secret, pool);

    if (err)
        return err;
    apid_auth_digest(seal, secret);
    return apid_store_write(
        lease, "INSERT INTO apid_meta (name, value) SELECT 'seal', ? FROM DUAL"
               " WHERE NOT EXISTS (SELECT 1 FROM apid_meta"
               " WHERE name = 'seal')",
        APID_BINDS(APID_BIND_BYTES(seal, sizeof(seal))));
}

apr_int64_t apid_store_int(const apid_value_t *cell)
{
    switch (cell->cls) {
    case APID_INT:
        return cell->u.i;
    case APID_UINT:
        return (apr_int64_t)cell->u.u;
    case APID_TEXT:
    case APID_BYTES:
        return apr_atoi64(cell->text);
    default:
        return 0;
    }
}

const char *apid_store_text(const apid_value_t *cell, apr_pool_t *pool)
{
    return cell->cls == APID_NULL
        ? NULL
        : apr_pstrmemdup(pool, cell->text, cell->len);
}

apr_time_t apid_store_time(const apid_value_t *cell)
{
    const apid_time_t *t = &cell->u.t;
    apr_time_exp_t exp = {0};
    apr_time_t time = 0;

    if (cell->cls != APID_TIME)
        return 0;
    exp.tm_year = t->year - 1900;
    exp.tm_mon = t->month - 1;
    exp.tm_mday = t->day;
    exp.tm_hour = t->hour;
    exp.tm_min = t->minute;
    exp.tm_sec = t->second;
    exp.tm_usec = t->micro;
    apr_time_exp_gmt_get(&time, &exp);
    return time;
}

static apid_err_t *check_schema(apr_int64_t *schema, apid_lease_t *lease,
                                apr_pool_t *pool)
{
    apid_err_t *err = read_int(schema, lease, "SELECT value FROM apid_meta"
                                              " WHERE name = 'schema'");

    if (!err && *schema > APID_STORE_SCHEMA)
        err = apid_err_raise(pool, APID_ERR_CONFLICT,
                             "the database has schema %d, this program knows "
                             "%d: install the newer mod_apidesigner",
                             (int)*schema, APID_STORE_SCHEMA);
    return err;
}

/* each upgrade leads to the schema of its number; the number is kept last, so
 * that an upgrade that was cut short is made again */
static apid_err_t *upgrade(apid_lease_t *lease, apr_int64_t schema)
{
    static const char *const scripts[] = {APID_UPGRADES};
    apid_err_t *err = NULL;

    while (!err && schema++ < APID_STORE_SCHEMA) {
        err = apid_db_script(lease, scripts[schema - 2]);
        if (!err)
            err = apid_store_write(lease, "UPDATE apid_meta SET value = ?"
                                          " WHERE name = 'schema'",
                                   APID_BINDS(APID_BIND_INT(schema)));
    }
    return err;
}

apid_err_t *apid_store_setup(const char **outcome, apid_lease_t *lease,
                             apr_pool_t *pool)
{
    apr_int64_t before = 0, schema = 0;
    apid_err_t *err = read_int(&before, lease,
                               "SELECT COUNT(*) FROM information_schema.tables"
                               " WHERE table_schema = DATABASE()"
                               " AND table_name = 'apid_meta'");

    if (!err)
        err = apid_db_script(lease, APID_SCHEMA);
    if (!err)
        err = check_schema(&schema, lease, pool);
    *outcome = !before ? "created"
        : schema < APID_STORE_SCHEMA ? "upgraded" : "unchanged";
    if (!err)
        err = upgrade(lease, schema);
    return err ? err : make_seal(lease, pool);
}

apid_err_t *apid_store_fits(apid_lease_t *lease, apr_pool_t *pool)
{
    apr_int64_t schema;
    apid_err_t *err = check_schema(&schema, lease, pool);

    if (err || schema == APID_STORE_SCHEMA)
        return err;
    return apid_err_raise(pool, APID_ERR_DATABASE_UNAVAILABLE,
                          "the database has schema %d, this program needs %d: "
                          "run apidesignerctl init", (int)schema,
                          APID_STORE_SCHEMA);
}

apid_err_t *apid_store_revision(apr_int64_t *revision, apid_lease_t *lease)
{
    return read_int(revision, lease, "SELECT value FROM apid_revision");
}

apid_err_t *apid_store_seal(unsigned char seal[APID_DIGEST_SIZE],
                            apid_lease_t *lease, apr_pool_t *pool)
{
    apid_rows_t *rows;
    const apid_value_t *row;
    apid_err_t *err = apid_store_read(&rows, lease,
                                      "SELECT value FROM apid_meta"
                                      " WHERE name = 'seal'", NULL, 0);

    if (!err)
        err = apid_db_next(&row, rows);
    if (err)
        return err;
    if (!row || row[0].len != APID_DIGEST_SIZE)
        return apid_err_raise(pool, APID_ERR_INTERNAL_ERROR,
                              "the database is not set up: run "
                              "apidesignerctl init");
    memcpy(seal, row[0].text, APID_DIGEST_SIZE);
    return NULL;
}

apid_err_t *apid_store_begin(apid_store_t *store)
{
    apid_err_t *err = open_transaction(store->lease);

    if (!err)
        err = apid_store_write(store->lease,
                               "UPDATE apid_revision SET value = value + 1",
                               NULL, 0);
    return err ? err : apid_store_revision(&store->revision, store->lease);
}

apid_err_t *apid_store_look(apid_store_t *store)
{
    return open_transaction(store->lease);
}

apid_err_t *apid_store_commit(apid_store_t *store)
{
    apid_stmt_t stmt = {.kind = APID_STMT_COMMIT};

    return apid_db_execute(NULL, store->lease, &stmt, 1);
}

apid_err_t *apid_store_list(apid_rows_t **rows, apid_store_t *store,
                            apid_list_e list, const char *name)
{
    return apid_store_read(rows, store->lease, lists[list],
                           APID_BINDS(APID_BIND_TEXT(name)));
}

apid_err_t *apid_store_read_modules(apid_rows_t **rows, apid_lease_t *lease,
                                    apr_int64_t since)
{
    return read_since(rows, lease,
                      "SELECT name, document, id FROM apid_module"
                      " WHERE revision > ? ORDER BY id", since);
}

apid_err_t *apid_store_read_users(apid_rows_t **rows, apid_lease_t *lease,
                                  apr_int64_t since)
{
    return read_since(
        rows, lease,
        "SELECT u.id, u.name, u.ident, u.role, u.disabled, u.access_key,"
        " u.password, g.name, u.minute_limit, u.day_limit FROM apid_user u"
        " LEFT JOIN apid_user_group m ON m.user_id = u.id"
        " LEFT JOIN apid_group g ON g.id = m.group_id"
        " WHERE u.revision > ? ORDER BY u.id, g.name", since);
}

apid_err_t *apid_store_read_rights(apid_rows_t **rows, apid_lease_t *lease)
{
    return apid_store_read(
        rows, lease,
        "SELECT g.name, r.module, r.may_create, r.may_read, r.may_update,"
        " r.may_delete, r.scope = 'own', r.hidden, r.readonly"
        " FROM apid_group g JOIN apid_right r ON r.group_id = g.id"
        " ORDER BY g.name, r.module", NULL, 0);
}

apid_err_t *apid_store_read_tokens(apid_rows_t **rows, apid_lease_t *lease,
                                   apr_int64_t since)
{
    return read_since(
        rows, lease,
        "SELECT t.definition_id, t.id, t.digest, t.expires,"
        " t.minute_limit, t.day_limit"
        " FROM apid_definition d JOIN apid_token t ON t.definition_id = d.id"
        " WHERE d.revision > ? AND d.name IS NOT NULL"
        " ORDER BY t.definition_id, t.id", since);
}

apid_err_t *apid_store_read_definitions(apid_rows_t **rows,
                                        apid_lease_t *lease,
                                        apr_int64_t since)
{
    return read_since(rows, lease,
                      DEFINITIONS("") " WHERE d.revision > ? ORDER BY d.id",
                      since);
}

apid_err_t *apid_store_read_part(apid_rows_t **rows, apid_lease_t *lease,
                                 apr_int64_t after, apr_int64_t upto)
{
    /* sorted rows would be of the size of all documents */
    return apid_store_read(rows, lease,
                           DEFINITIONS("FORCE INDEX (PRIMARY)")
                           " WHERE d.id > ? AND d.id <= ? ORDER BY d.id",
                           APID_BINDS(APID_BIND_INT(after),
                                      APID_BIND_INT(upto)));
}

apid_err_t *apid_store_last(apr_int64_t *id, apid_lease_t *lease)
{
    return read_int(id, lease, "SELECT MAX(id) FROM apid_definition");
}

apid_err_t *apid_store_count(apr_int64_t *n, apid_lease_t *lease)
{
    return read_int(n, lease, "SELECT COUNT(*) FROM apid_definition");
}

apid_err_t *apid_store_read_columns(apid_rows_t **rows, apid_lease_t *lease,
                                    const char *table)
{
    return apid_store_read(
        rows, lease,
        "SELECT column_name, data_type, EXISTS (SELECT 1"
        " FROM information_schema.views"
        " WHERE table_schema = DATABASE() AND table_name = ?)"
        " FROM information_schema.columns"
        " WHERE table_schema = DATABASE() AND table_name = ? ORDER BY 1",
        APID_BINDS(APID_BIND_TEXT(table), APID_BIND_TEXT(table)));
}

apid_err_t *apid_store_read_facts(apid_rows_t **rows, apid_lease_t *lease,
                                  const char *table)
{
    return apid_store_read(
        rows, lease,
        "SELECT c.column_name, c.is_nullable = 'YES',"
        " EXISTS (SELECT 1 FROM information_schema.statistics s"
        " WHERE s.table_schema = DATABASE() AND s.table_name = c.table_name"
        " AND s.column_name = c.column_name AND s.seq_in_index = 1),"
        " COALESCE(c.character_set_name IN ('utf8', 'utf8mb3', 'latin1',"
        " 'ucs2'), 0), c.data_type LIKE '%text' OR c.data_type LIKE '%blob',"
        " t.table_type LIKE '%VIEW', COALESCE(e.transactions = 'YES', 0),"
        " c.is_nullable = 'NO' AND c.column_default IS NULL"
        " AND COALESCE(c.generation_expression, '') = ''"
        " AND c.extra NOT LIKE '%auto_increment%'"
        " AND c.data_type <> 'enum'" /* its first value is the default */
        " AND NOT EXISTS (SELECT 1 FROM information_schema.triggers g"
        " WHERE g.event_object_schema = DATABASE()"
        " AND g.event_object_table = c.table_name"
        " AND g.action_timing = 'BEFORE' AND g.event_manipulation = 'INSERT')"
        " FROM information_schema.columns c"
        " JOIN information_schema.tables t ON t.table_schema = DATABASE()"
        " AND t.table_name = c.table_name"
        " LEFT JOIN information_schema.engines e ON e.engine = t.engine"
        " WHERE c.table_schema = DATABASE() AND c.table_name = ?"
        " ORDER BY c.ordinal_position",
        APID_BINDS(APID_BIND_TEXT(table)));
}
