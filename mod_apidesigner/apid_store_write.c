/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apid_store_write: modules and definitions: finds what a change is about, and
 * changes it. Every function that writes runs in a transaction that
 * apid_store_begin began, so nothing it has looked at can change meanwhile.
 */
#include "apid_store_parts.h"

#include <apr_strings.h>

#define FIND_DEFINITION \
    "SELECT d.id, d.name, d.kind, d.active, d.live_version, v.document," \
    " d.draft, d.draft_revision, d.owner_id FROM apid_definition d" \
    " LEFT JOIN apid_version v ON v.definition_id = d.id" \
    " AND v.version = d.live_version WHERE d.name = ?"

static apid_err_t *read_row(const apid_value_t **row, apid_store_t *store,
                            const char *sql, const apid_value_t *binds, int n)
{
    apid_rows_t *rows;
    apid_err_t *err = apid_store_read(&rows, store->lease, sql, binds, n);

    return err ? err : apid_db_next(row, rows);
}

static apid_stored_t *copy_stored(const apid_value_t *row, apr_pool_t *pool)
{
    apid_stored_t *stored = apr_pcalloc(pool, sizeof(*stored));

    stored->id = apid_store_int(&row[0]);
    stored->name = apid_store_text(&row[1], pool);
    stored->kind = apid_store_text(&row[2], pool);
    stored->active = (int)apid_store_int(&row[3]);
    stored->live_version = (int)apid_store_int(&row[4]);
    stored->document = apid_store_text(&row[5], pool);
    stored->draft = apid_store_text(&row[6], pool);
    stored->draft_revision = apid_store_int(&row[7]);
    stored->owner = apid_store_int(&row[8]);
    return stored;
}

static apid_err_t *mark_definition(apid_store_t *store,
                                   const apid_stored_t *stored)
{
    return apid_store_write(
        store->lease, "UPDATE apid_definition SET revision = ? WHERE id = ?",
        APID_BINDS(APID_BIND_INT(store->revision),
                   APID_BIND_INT(stored->id)));
}

static apid_err_t *write_facts(apid_store_t *store,
                               const apid_stored_t *stored,
                               const apid_facts_t *facts)
{
    return apid_store_write(
        store->lease,
        "UPDATE apid_definition SET kind = ?, method = ?, path = ?,"
        " route = ?, module = ?, active = ?, revision = ? WHERE id = ?",
        APID_BINDS(APID_BIND_TEXT(facts->kind), APID_BIND_TEXT(facts->method),
                   APID_BIND_TEXT(facts->path), APID_BIND_TEXT(facts->route),
                   APID_BIND_TEXT(facts->module),
                   APID_BIND_INT(facts->active),
                   APID_BIND_INT(store->revision),
                   APID_BIND_INT(stored->id)));
}

apid_err_t *apid_store_module(const char **document, apid_store_t *store,
                              const char *name)
{
    const apid_value_t *row;
    apid_err_t *err = read_row(
        &row, store, "SELECT document, name FROM apid_module WHERE name = ?",
        APID_BINDS(APID_BIND_TEXT(name)));

    if (err)
        return err;
    /* the server takes "Contacts " for "Contacts"; nobody else does */
    if (row && row[1].len == strlen(name)) {
        *document = apid_store_text(&row[0], store->pool);
        return NULL;
    }
    return apid_store_miss(store, "module", name,
                           "SELECT name FROM apid_module"
                           " WHERE name IS NOT NULL");
}

apid_err_t *apid_store_modules(apr_array_header_t **modules,
                               apid_store_t *store)
{
    apid_rows_t *rows;
    const apid_value_t *row;
    apid_err_t *err = apid_store_read(&rows, store->lease,
                                      "SELECT document, name FROM apid_module"
                                      " WHERE name IS NOT NULL"
                                      " ORDER BY name", NULL, 0);

    *modules = apr_array_make(store->pool, 16, sizeof(apid_module_t *));
    for (; !err && !(err = apid_db_next(&row, rows)) && row;) {
        err = apid_err_about(apid_module_parse(
            apr_array_push(*modules), apid_store_text(&row[0], store->pool),
            row[0].len, store->pool), apid_store_text(&row[1], store->pool));
    }
    return err;
}

apid_err_t *apid_store_write_module(apid_store_t *store, const char *name,
                                    const char *document)
{
    const apid_value_t *row;
    apid_err_t *err = read_row(
        &row, store, "SELECT id FROM apid_module WHERE name = ?",
        APID_BINDS(APID_BIND_TEXT(name)));

    if (err)
        return err;
    return apid_store_write(
        store->lease,
        row ? "UPDATE apid_module SET document = ?, changed_by = ?,"
              " revision = ?, changed_at = UTC_TIMESTAMP(6) WHERE name = ?"
            : "INSERT INTO apid_module (document, changed_by, revision, name,"
              " changed_at) VALUES (?, ?, ?, ?, UTC_TIMESTAMP(6))",
        APID_BINDS(APID_BIND_TEXT(document), APID_BIND_TEXT(store->actor),
                   APID_BIND_INT(store->revision), APID_BIND_TEXT(name)));
}

apid_err_t *apid_store_drop_module(apid_store_t *store, const char *name)
{
    return apid_store_write(
        store->lease,
        "UPDATE apid_module SET name = NULL, changed_by = ?, revision = ?,"
        " changed_at = UTC_TIMESTAMP(6) WHERE name = ?",
        APID_BINDS(APID_BIND_TEXT(store->actor),
                   APID_BIND_INT(store->revision), APID_BIND_TEXT(name)));
}

apid_err_t *apid_store_find(apid_stored_t **stored, apid_store_t *store,
                            const char *name)
{
    const apid_value_t *row;
    apid_err_t *err = read_row(&row, store, FIND_DEFINITION,
                               APID_BINDS(APID_BIND_TEXT(name)));

    *stored = err || !row ? NULL : copy_stored(row, store->pool);
    return err;
}

apid_err_t *apid_store_definition(apid_stored_t **stored, apid_store_t *store,
                                  const char *name)
{
    apid_err_t *err = apid_store_find(stored, store, name);

    if (err || *stored)
        return err;
    return apid_store_miss(store, "API", name,
                           "SELECT name FROM apid_definition"
                           " WHERE name IS NOT NULL");
}

apid_err_t *apid_store_version(const char **document, apid_store_t *store,
                               const apid_stored_t *stored, int version,
                               int retired)
{
    const apid_value_t *row;
    apid_err_t *err = read_row(
        &row, store,
        "SELECT document FROM apid_version WHERE definition_id = ?"
        " AND version = ? AND (? OR state <> 'retired')",
        APID_BINDS(APID_BIND_INT(stored->id), APID_BIND_INT(version),
                   APID_BIND_INT(retired)));

    if (err)
        return err;
    if (!row)
        return apid_err_raise(store->pool, APID_ERR_API_NOT_FOUND,
                              "'%s' has no version %d%s", stored->name,
                              version, retired ? "" : ", or it is retired");
    *document = apid_store_text(&row[0], store->pool);
    return NULL;
}

apid_err_t *apid_store_add_definition(apid_stored_t **stored,
                                      apid_store_t *store,
                                      const apid_facts_t *facts)
{
    apid_err_t *err = apid_store_write(
        store->lease,
        "INSERT INTO apid_definition (name, kind, method, path, module,"
        " active, revision, owner_id) VALUES (?, ?, ?, ?, ?, ?, ?,"
        " (SELECT id FROM apid_user WHERE name = ? OR role = 'admin'"
        " ORDER BY name = ? DESC, disabled, id LIMIT 1))",
        APID_BINDS(APID_BIND_TEXT(facts->name), APID_BIND_TEXT(facts->kind),
                   APID_BIND_TEXT(facts->method),
                   APID_BIND_TEXT(facts->path), APID_BIND_TEXT(facts->module),
                   APID_BIND_INT(facts->active),
                   APID_BIND_INT(store->revision),
                   APID_BIND_TEXT(store->actor),
                   APID_BIND_TEXT(store->actor)));

    return err ? err : apid_store_find(stored, store, facts->name);
}

apid_err_t *apid_store_add_version(int *version, apid_store_t *store,
                                   const apid_stored_t *stored,
                                   const char *document, const char *note)
{
    const apid_value_t *row;
    apid_err_t *err = read_row(
        &row, store,
        "SELECT COALESCE(MAX(version), 0) + 1 FROM apid_version"
        " WHERE definition_id = ?", APID_BINDS(APID_BIND_INT(stored->id)));

    if (err)
        return err;
    *version = (int)apid_store_int(&row[0]);
    return apid_store_write(
        store->lease,
        "INSERT INTO apid_version (definition_id, version, document, note,"
        " published_by, published_at) VALUES (?, ?, ?, ?, ?,"
        " UTC_TIMESTAMP(6))",
        APID_BINDS(APID_BIND_INT(stored->id), APID_BIND_INT(*version),
                   APID_BIND_TEXT(document), APID_BIND_TEXT(note ? note : ""),
                   APID_BIND_TEXT(store->actor)));
}

const char *apid_store_address(const apid_facts_t *facts, apr_pool_t *pool)
{
    return apr_psprintf(pool, "path '%s'%s%s", facts->path,
                        *facts->method ? " and method " : "", facts->method);
}

apid_err_t *apid_store_check_route(apid_store_t *store,
                                   const apid_facts_t *facts,
                                   apr_hash_t *going)
{
    const char *holder;
    const apid_value_t *row;
    apid_err_t *err = read_row(
        &row, store,
        "SELECT name FROM apid_definition WHERE kind = ? AND method = ?"
        " AND route = ? AND name <> ?",
        APID_BINDS(APID_BIND_TEXT(facts->kind), APID_BIND_TEXT(facts->method),
                   APID_BIND_TEXT(facts->route),
                   APID_BIND_TEXT(facts->name)));

    if (err || !row)
        return err;
    holder = apid_store_text(&row[0], store->pool);
    if (going && apr_hash_get(going, holder, APR_HASH_KEY_STRING))
        return NULL;
    return apid_err_raise(store->pool, APID_ERR_CONFLICT,
                          "%s is taken by '%s'",
                          apid_store_address(facts, store->pool), holder);
}

apid_err_t *apid_store_leave_route(apid_store_t *store,
                                   const apid_facts_t *facts)
{
    return apid_store_write(
        store->lease,
        "UPDATE apid_definition SET route = NULL WHERE name = ?"
        " AND (kind <> ? OR method <> ? OR route <> ?)",
        APID_BINDS(APID_BIND_TEXT(facts->name), APID_BIND_TEXT(facts->kind),
                   APID_BIND_TEXT(facts->method),
                   APID_BIND_TEXT(facts->route)));
}

apid_err_t *apid_store_go_live(apid_store_t *store,
                               const apid_stored_t *stored, int version,
                               const apid_facts_t *facts)
{
    apid_err_t *err = apid_store_check_route(store, facts, NULL);

    if (!err)
        err = write_facts(store, stored, facts);
    if (!err)
        err = apid_store_write(
            store->lease,
            "UPDATE apid_version SET state = 'published', sunset = NULL,"
            " deprecated_at = NULL WHERE definition_id = ? AND version = ?",
            APID_BINDS(APID_BIND_INT(stored->id), APID_BIND_INT(version)));
    return err ? err : apid_store_write(
        store->lease,
        "UPDATE apid_definition SET live_version = ?, reader = ?"
        " WHERE id = ?",
        APID_BINDS(APID_BIND_INT(version), APID_BIND_INT(facts->reader),
                   APID_BIND_INT(stored->id)));
}

apid_err_t *apid_store_write_draft(apid_store_t *store,
                                   const apid_stored_t *stored,
                                   const apid_facts_t *facts)
{
    apid_err_t *err = NULL;

    if (!stored->live_version)
        err = write_facts(store, stored, facts);
    return err ? err : apid_store_write(
        store->lease,
        "UPDATE apid_definition SET draft = ?, draft_by = ?,"
        " draft_revision = ?, draft_at = UTC_TIMESTAMP(6) WHERE id = ?",
        APID_BINDS(APID_BIND_TEXT(facts->document),
                   APID_BIND_TEXT(store->actor),
                   APID_BIND_INT(store->revision),
                   APID_BIND_INT(stored->id)));
}

apid_err_t *apid_store_drop_draft(apid_store_t *store,
                                  const apid_stored_t *stored)
{
    return apid_store_write(
        store->lease,
        "UPDATE apid_definition SET draft = NULL, draft_by = NULL,"
        " draft_revision = NULL, draft_at = NULL WHERE id = ?",
        APID_BINDS(APID_BIND_INT(stored->id)));
}

apid_err_t *apid_store_activate(apid_store_t *store,
                                const apid_stored_t *stored, int active)
{
    return apid_store_write(
        store->lease,
        "UPDATE apid_definition SET active = ?, revision = ? WHERE id = ?",
        APID_BINDS(APID_BIND_INT(active), APID_BIND_INT(store->revision),
                   APID_BIND_INT(stored->id)));
}

apid_err_t *apid_store_drop_definition(apid_store_t *store,
                                       const apid_stored_t *stored)
{
    apid_err_t *err = apid_store_write(
        store->lease,
        "UPDATE apid_definition SET former = name, name = NULL, route = NULL,"
        " revision = ? WHERE id = ?",
        APID_BINDS(APID_BIND_INT(store->revision),
                   APID_BIND_INT(stored->id)));

    return err ? err : apid_store_write(
        store->lease, "DELETE FROM apid_token WHERE definition_id = ?",
        APID_BINDS(APID_BIND_INT(stored->id)));
}

apid_err_t *apid_store_mark_version(apid_store_t *store,
                                    const apid_stored_t *stored, int version,
                                    const char *state,
                                    const apid_value_t *sunset)
{
    apid_err_t *err = apid_store_write(
        store->lease,
        "UPDATE apid_version SET state = ?, sunset = ?, deprecated_at ="
        " COALESCE(deprecated_at, UTC_TIMESTAMP(6))"
        " WHERE definition_id = ? AND version = ?",
        APID_BINDS(APID_BIND_TEXT(state), *sunset, APID_BIND_INT(stored->id),
                   APID_BIND_INT(version)));

    return err ? err : mark_definition(store, stored);
}

/* limits are of whoever has the token, not of its secret */
static apid_err_t *read_limits(apr_int64_t limits[2], apid_store_t *store,
                               const apid_stored_t *stored)
{
    apid_rows_t *rows;
    const apid_value_t *row;
    apid_err_t *err = apid_store_read(
        &rows, store->lease,
        "SELECT minute_limit, day_limit FROM apid_token"
        " WHERE definition_id = ? ORDER BY id DESC LIMIT 1",
        APID_BINDS(APID_BIND_INT(stored->id)));

    if (!err)
        err = apid_db_next(&row, rows);
    for (int i = 0; i < 2; i++)
        limits[i] = !err && row ? apid_store_int(&row[i]) : 0;
    return err;
}

/* the newest alone may go on for a while, with keep */
static apid_err_t *end_tokens(apid_store_t *store, apid_value_t id,
                              apr_int64_t keep)
{
    apid_err_t *err = apid_store_write(
        store->lease,
        "DELETE FROM apid_token WHERE definition_id = ? AND (? = 0 OR id <>"
        " (SELECT last FROM (SELECT MAX(id) AS last FROM apid_token"
        " WHERE definition_id = ?) AS newest))",
        APID_BINDS(id, APID_BIND_INT(keep), id));

    if (!err)
        err = apid_store_write(
            store->lease,
            "UPDATE apid_token SET expires = LEAST(COALESCE(expires,"
            " '9999-12-31'), UTC_TIMESTAMP(6) + INTERVAL ? SECOND)"
            " WHERE definition_id = ?", APID_BINDS(APID_BIND_INT(keep), id));
    return err;
}

apid_err_t *apid_store_add_token(apid_store_t *store,
                                 const apid_stored_t *stored,
                                 const char *token, apr_int64_t keep)
{
    unsigned char digest[APID_DIGEST_SIZE];
    apid_value_t id = APID_BIND_INT(stored->id);
    apr_int64_t limits[2];
    apid_err_t *err = read_limits(limits, store, stored);

    if (!err)
        err = end_tokens(store, id, keep);
    if (!err)
        err = mark_definition(store, stored);
    apid_auth_digest(digest, token);
    return err ? err : apid_store_write(
        store->lease,
        "INSERT INTO apid_token (definition_id, digest, prefix, created_by,"
        " created_at, minute_limit, day_limit) VALUES (?, ?, ?, ?,"
        " UTC_TIMESTAMP(6), NULLIF(?, 0), NULLIF(?, 0))",
        APID_BINDS(id, APID_BIND_BYTES(digest, sizeof(digest)),
                   apid_store_bind_prefix(token), APID_BIND_TEXT(store->actor),
                   APID_BIND_INT(limits[0]), APID_BIND_INT(limits[1])));
}

apid_err_t *apid_store_limit_tokens(apid_store_t *store,
                                    const apid_stored_t *stored,
                                    apr_int64_t minute, apr_int64_t day)
{
    apid_err_t *err = mark_definition(store, stored);

    return err ? err : apid_store_write(
        store->lease, "UPDATE apid_token SET minute_limit = NULLIF(?, 0),"
                      " day_limit = NULLIF(?, 0) WHERE definition_id = ?",
        APID_BINDS(APID_BIND_INT(minute), APID_BIND_INT(day),
                   APID_BIND_INT(stored->id)));
}

apid_err_t *apid_store_end_token(apid_store_t *store,
                                 const apid_stored_t *stored,
                                 const char *prefix)
{
    const apid_value_t *row;
    apid_value_t id = APID_BIND_INT(stored->id);
    apid_err_t *err = read_row(&row, store,
                               "SELECT id FROM apid_token"
                               " WHERE definition_id = ? AND prefix = ?",
                               APID_BINDS(id, APID_BIND_TEXT(prefix)));

    if (!err && !row)
        return apid_err_raise(store->pool, APID_ERR_RECORD_NOT_FOUND,
                              "'%s' has no token that begins with '%s'",
                              stored->name, prefix);
    if (!err)
        err = mark_definition(store, stored);
    return err ? err : apid_store_write(
        store->lease,
        "DELETE FROM apid_token WHERE definition_id = ? AND prefix = ?",
        APID_BINDS(id, APID_BIND_TEXT(prefix)));
}

apid_err_t *apid_store_own(apid_store_t *store, const apid_stored_t *stored,
                           apr_int64_t owner)
{
    return apid_store_write(
        store->lease,
        "UPDATE apid_definition SET owner_id = ?, revision = ? WHERE id = ?",
        APID_BINDS(APID_BIND_INT(owner), APID_BIND_INT(store->revision),
                   APID_BIND_INT(stored->id)));
}
