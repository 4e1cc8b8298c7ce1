/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apid_ops_docs: the OpenAPI document without a request that would say where
 * definitions are served: the Locations are those of the sample configuration
 * unless they are given.
 */
#include "apid_docs.h"
#include "apid_ops_parts.h"

#include <apr_strings.h>
#include <string.h>

/* clang-format off */
/* word, and the Locations that the sample configuration has */
static const struct {
    const char *word, *api, *webhook;
} profiles[] = {
    [APID_PROFILE_REST]   = {"rest", "/api", "/hooks"},
    [APID_PROFILE_VTIGER] = {"vtiger", "/restapi/vtap/api",
                             "/restapi/vtap/webhook"},
};
/* clang-format on */

static apid_err_t *find_profile(apid_profile_e *profile,
                                const apid_ops_call_t *call)
{
    const char *word = apid_ops_text(call, "profile");

    *profile = word && !strcmp(word, profiles[APID_PROFILE_VTIGER].word)
        ? APID_PROFILE_VTIGER : APID_PROFILE_REST;
    if (!word || !strcmp(word, profiles[*profile].word))
        return NULL;
    return apid_err_raise(call->pool, APID_ERR_INVALID_REQUEST,
                          "profile is rest or vtiger, not '%s'", word);
}

static apid_err_t *check_base(const apid_ops_call_t *call, const char *name)
{
    const char *base = apid_ops_text(call, name);

    return !base || !*base || *base == '/' ? NULL
        : apid_err_raise(call->pool, APID_ERR_INVALID_REQUEST,
                         "%s is a path that begins with '/', not '%s'", name,
                         base);
}

/** A URL or a path that another is put behind: without a slash at its end. */
static const char *trim(const char *text, apr_pool_t *pool)
{
    apr_size_t len = strlen(text);

    while (len && text[len - 1] == '/')
        len--;
    return apr_pstrmemdup(pool, text, len);
}

static const char *find_base(const apid_ops_call_t *call,
                             apid_profile_e profile, apid_kind_e kind)
{
    const char *given
        = apid_ops_text(call, kind == APID_KIND_API ? "api" : "webhook");

    if (given)
        return trim(given, call->pool);
    return kind == APID_KIND_API ? profiles[profile].api
                                 : profiles[profile].webhook;
}

static apid_err_t *add_document(apid_docs_t *docs, apid_ops_call_t *call,
                                const apid_ops_document_t *document,
                                int version)
{
    apid_facts_t facts;
    apid_api_t *api;
    apid_docs_entry_t entry = {0};
    apid_err_t *err = apid_ops_compile(&facts, &api, call, document);

    if (err)
        return err;
    api->name = facts.name;
    api->path = facts.path;
    api->version = version;
    entry.api = api;
    entry.base = find_base(call, docs->profile, api->kind);
    apid_docs_add(docs, &entry);
    return NULL;
}

/** A version (0: the draft; below: the live one) of one definition. */
static apid_err_t *add_one(apid_docs_t *docs, apid_ops_call_t *call)
{
    int version = apid_ops_int(call, "version", -1);
    apid_ops_document_t document;
    apid_stored_t *stored;
    apid_err_t *err = apid_store_definition(&stored, call->store,
                                            apid_ops_text(call, "name"));

    if (err)
        return err;
    document = (apid_ops_document_t){
        stored->name, version ? stored->document : stored->draft};
    if (version > 0)
        err = apid_store_version(&document.text, call->store, stored, version,
                                 0);
    if (!err && !document.text)
        err = apid_err_raise(call->pool, APID_ERR_RECORD_NOT_FOUND,
                             version ? "'%s' was never published"
                                     : "'%s' has no draft", stored->name);
    return err ? err
               : add_document(docs, call, &document,
                              version < 0 ? stored->live_version : version);
}

/** Names and live versions of what is active. */
static apid_err_t *list_active(apr_array_header_t **active,
                               apid_ops_call_t *call)
{
    apid_rows_t *rows;
    const apid_value_t *row;
    apid_err_t *err = apid_store_list(&rows, call->store,
                                      APID_LIST_ACTIVE, NULL);

    *active = apr_array_make(call->pool, 64, sizeof(apid_stored_t));
    for (; !err && !(err = apid_db_next(&row, rows)) && row;) {
        apid_stored_t *stored = apr_array_push(*active);
        memset(stored, 0, sizeof(*stored));
        stored->name = apid_store_text(&row[0], call->pool);
        stored->live_version = (int)apid_store_int(&row[1]);
        stored->document = apid_store_text(&row[2], call->pool);
    }
    return err;
}

/** All that are live and active; one that no longer fits the schema is not
 * served, and so not told of. */
static apid_err_t *add_all(apid_docs_t *docs, apid_ops_call_t *call)
{
    apr_array_header_t *active;
    const apid_catalog_t *catalog;
    apid_err_t *err = list_active(&active, call);

    if (!err)
        err = apid_ops_catalog(&catalog, call);
    for (int i = 0; !err && i < active->nelts; i++) {
        const apid_stored_t *stored = &APR_ARRAY_IDX(active, i, apid_stored_t);
        apid_ops_document_t document = {stored->name, stored->document};
        apid_err_t *broken
            = add_document(docs, call, &document, stored->live_version);
        if (broken && broken->kind != APID_ERR_INVALID_DEFINITION)
            err = broken;
    }
    return err;
}

apid_err_t *apid_ops_openapi(apid_ops_call_t *call)
{
    const char *given = apid_ops_text(call, "server");
    const char *server = trim(given ? given : "", call->pool);
    apid_profile_e profile;
    apid_docs_t *docs;
    apid_err_t *err = find_profile(&profile, call);

    err = apid_err_join(err, check_base(call, "api"));
    err = apid_err_join(err, check_base(call, "webhook"));
    if (err)
        return err;
    docs = apid_docs_open(profile, *server ? server : "/", call->pool);
    err = apid_store_revision(&docs->revision, call->store->lease);
    if (!err)
        err = apid_ops_text(call, "name") ? add_one(docs, call)
                                          : add_all(docs, call);
    if (!err)
        apid_docs_write(call->out, docs);
    return err;
}
