/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apid_registry_load: rows of our tables to the entries and users of a page,
 * all of one transaction. What is in the page is complete when it is read; it
 * is not looked at by others before it is in a snapshot.
 */
#include "apid_registry_parts.h"
#include "apid_tables.h"

#include <apr_strings.h>
#include <stdlib.h>
#include <string.h>

#define PART 10000 /* ids of definitions that are read in one go */

/* columns of apid_store_read_definitions */
enum {
    D_ID, D_NAME, D_KIND, D_METHOD, D_PATH, D_ROUTE, D_MODULE, D_READER,
    D_ACTIVE, D_LIVE, D_OWNER, D_VERSION, D_STATE, D_DEPRECATED, D_SUNSET,
    D_DOCUMENT
};

/* columns of apid_store_read_users */
enum {
    U_ID, U_NAME, U_IDENT, U_ROLE, U_DISABLED, U_KEY, U_PASSWORD, U_GROUP,
    U_MINUTE, U_DAY
};

typedef struct stored_token_t {
    apr_int64_t definition;
    apid_token_t token;
} stored_token_t;

typedef struct version_t {
    apid_edition_t edition;
    const char *document;
} version_t;

/* an entry while its versions are read */
typedef struct draft_t {
    apid_listed_t *listed;        /* NULL: none yet */
    apr_array_header_t *editions; /* version_t */
    apr_pool_t *scratch;
    int live;
} draft_t;

static int is_cell(const apid_value_t *cell, const char *text)
{
    return cell->cls == APID_TEXT && cell->len == strlen(text)
        && !memcmp(cell->text, text, cell->len);
}

static void copy_digest(unsigned char digest[APID_DIGEST_SIZE],
                        const apid_value_t *cell)
{
    if (cell->cls != APID_NULL && cell->len == APID_DIGEST_SIZE)
        memcpy(digest, cell->text, APID_DIGEST_SIZE);
}

static apid_known_t *add_user(apid_load_t *load, const apid_value_t *row)
{
    apr_pool_t *pool = load->page->pool;
    apid_known_t *known = apr_pcalloc(pool, sizeof(*known));

    known->page = load->page;
    known->shown.id = apid_store_text(&row[U_IDENT], pool);
    known->shown.name = apid_store_text(&row[U_NAME], pool);
    known->shown.role
        = apid_role_parse(apid_store_text(&row[U_ROLE], load->pool));
    known->shown.disabled = apid_store_int(&row[U_DISABLED]) != 0;
    known->shown.has_key = row[U_KEY].cls != APID_NULL;
    copy_digest(known->shown.key, &row[U_KEY]);
    known->shown.password = apid_store_text(&row[U_PASSWORD], pool);
    known->shown.number = apid_store_int(&row[U_ID]);
    known->shown.minute = apid_store_int(&row[U_MINUTE]);
    known->shown.day = apid_store_int(&row[U_DAY]);
    APR_ARRAY_PUSH(load->arrivals, apid_known_t *) = known;
    return known;
}

static void end_user(apid_known_t *known, apr_array_header_t *groups)
{
    APR_ARRAY_PUSH(groups, const char *) = NULL;
    known->shown.groups = apr_pmemdup(
        known->page->pool, groups->elts,
        (apr_size_t)groups->nelts * sizeof(const char *));
    apr_array_clear(groups);
}

static apid_err_t *read_users(apid_load_t *load)
{
    apr_array_header_t *groups
        = apr_array_make(load->pool, 8, sizeof(const char *));
    apid_known_t *known = NULL;
    apr_int64_t id = 0;
    apid_rows_t *rows;
    const apid_value_t *row;
    apid_err_t *err = apid_store_read_users(&rows, load->store->lease,
                                            load->since);

    for (; !err && !(err = apid_db_next(&row, rows)) && row;) {
        if (known && apid_store_int(&row[U_ID]) != id) {
            end_user(known, groups);
            known = NULL;
        }
        if (!known)
            known = add_user(load, row);
        id = apid_store_int(&row[U_ID]);
        if (row[U_GROUP].cls != APID_NULL)
            APR_ARRAY_PUSH(groups, const char *)
                = apid_store_text(&row[U_GROUP], load->page->pool);
    }
    if (known)
        end_user(known, groups);
    return err;
}

static void index_users(apid_load_t *load)
{
    load->users = load->old ? apr_hash_copy(load->pool, load->old->users)
                            : apr_hash_make(load->pool);
    for (int i = 0; i < load->arrivals->nelts; i++) {
        apid_known_t *known
            = APR_ARRAY_IDX(load->arrivals, i, apid_known_t *);
        apr_hash_set(load->users, known->shown.name, APR_HASH_KEY_STRING,
                     known);
    }
}

static apid_err_t *read_tokens(apid_load_t *load)
{
    apid_rows_t *rows;
    const apid_value_t *row;
    apid_err_t *err = apid_store_read_tokens(&rows, load->store->lease,
                                             load->since);

    load->tokens = apr_array_make(load->pool, 64, sizeof(stored_token_t));
    for (; !err && !(err = apid_db_next(&row, rows)) && row;) {
        stored_token_t *stored = apr_array_push(load->tokens);
        memset(stored, 0, sizeof(*stored));
        stored->definition = apid_store_int(&row[0]);
        stored->token.id = apid_store_int(&row[1]);
        copy_digest(stored->token.digest, &row[2]);
        stored->token.expires = apid_store_time(&row[3]);
        stored->token.minute = apid_store_int(&row[4]);
        stored->token.day = apid_store_int(&row[5]);
    }
    return err;
}

/* both are in order of definitions, so each token is passed once */
static void take_tokens(apid_load_t *load, apid_listed_t *listed)
{
    apr_array_header_t *tokens
        = apr_array_make(load->page->pool, 1, sizeof(apid_token_t));
    const stored_token_t *stored = (stored_token_t *)load->tokens->elts;

    for (; load->token < load->tokens->nelts; load->token++) {
        if (stored[load->token].definition > listed->shown.id)
            break;
        if (stored[load->token].definition == listed->shown.id)
            APR_ARRAY_PUSH(tokens, apid_token_t) = stored[load->token].token;
    }
    listed->shown.tokens = (apid_token_t *)tokens->elts;
    listed->shown.ntokens = tokens->nelts;
}

static void take_route(apid_load_t *load, apid_listed_t *listed,
                       const apid_value_t *row)
{
    const char *route = apid_store_text(&row[D_ROUTE], load->pool);

    if (!route)
        return;
    listed->mask = apid_path_mask(route);
    listed->key = apid_path_key(listed->shown.kind, listed->shown.method,
                                listed->mask.segments ? '*' : '=', route,
                                load->page->pool);
}

static void take_owner(apid_load_t *load, apid_listed_t *listed,
                       const apid_value_t *cell)
{
    const char *name = apid_store_text(cell, load->pool);
    const apid_known_t *owner
        = name ? apr_hash_get(load->users, name, APR_HASH_KEY_STRING) : NULL;

    listed->shown.owner = owner ? &owner->shown : NULL;
}

static apid_listed_t *add_entry(apid_load_t *load, const apid_value_t *row)
{
    apr_pool_t *pool = load->page->pool;
    apid_listed_t *listed = apr_pcalloc(pool, sizeof(*listed));
    apid_entry_point_t *shown = &listed->shown;

    listed->page = load->page;
    shown->id = apid_store_int(&row[D_ID]);
    shown->name = apid_store_text(&row[D_NAME], pool);
    shown->kind = is_cell(&row[D_KIND], "webhook") ? APID_KIND_WEBHOOK
                                                   : APID_KIND_API;
    shown->method = shown->kind == APID_KIND_API
        ? apid_method_parse(apid_store_text(&row[D_METHOD], load->pool))
        : APID_METHOD_GET;
    shown->path = apid_store_text(&row[D_PATH], pool);
    shown->active = apid_store_int(&row[D_ACTIVE]) != 0;
    listed->module = apid_store_text(&row[D_MODULE], pool);
    listed->reader = apid_store_int(&row[D_READER]) != 0;
    take_route(load, listed, row);
    take_owner(load, listed, &row[D_OWNER]);
    take_tokens(load, listed);
    APR_ARRAY_PUSH(load->entries, apid_listed_t *) = listed;
    return listed;
}

static apid_version_e read_state(const apid_value_t *row, int is_live)
{
    if (is_cell(&row[D_STATE], "retired"))
        return APID_VERSION_RETIRED;
    if (is_cell(&row[D_STATE], "deprecated"))
        return APID_VERSION_DEPRECATED;
    return is_live ? APID_VERSION_LIVE : APID_VERSION_PUBLISHED;
}

static void add_edition(apid_load_t *load, draft_t *draft,
                        const apid_value_t *row)
{
    version_t *version;
    apid_edition_t *edition;

    if (row[D_VERSION].cls == APID_NULL)
        return;
    version = apr_array_push(draft->editions);
    memset(version, 0, sizeof(*version));
    edition = &version->edition;
    edition->version = (int)apid_store_int(&row[D_VERSION]);
    edition->state = read_state(row, edition->version == draft->live);
    edition->deprecated = edition->state == APID_VERSION_DEPRECATED
        ? apid_store_time(&row[D_DEPRECATED]) : 0;
    edition->sunset = apid_store_time(&row[D_SUNSET]);
    apid_edition_place(edition, draft->listed, edition->version == draft->live
                                    ? NULL : &row[D_DOCUMENT], draft->scratch);
    if (edition->state != APID_VERSION_RETIRED)
        version->document
            = apid_store_text(&row[D_DOCUMENT], load->page->pool);
}

static int compare_versions(const void *a, const void *b)
{
    return ((const version_t *)a)->edition.version
        - ((const version_t *)b)->edition.version;
}

/* the arrays of a draft are used again: what is kept is of the right size */
static void end_entry(draft_t *draft)
{
    apid_listed_t *listed = draft->listed;
    int n = draft->editions->nelts;

    if (!listed)
        return;
    qsort(draft->editions->elts, (size_t)n, sizeof(version_t),
          compare_versions);
    listed->editions = apr_pcalloc(listed->page->pool,
                                   (apr_size_t)n * sizeof(apid_edition_t));
    listed->slots = apr_pcalloc(listed->page->pool,
                                (apr_size_t)n * sizeof(apid_slot_t));
    for (int i = 0; i < n; i++) {
        const version_t *version = &APR_ARRAY_IDX(draft->editions, i,
                                                  version_t);
        listed->editions[i] = version->edition;
        listed->slots[i].document = version->document;
        if (listed->editions[i].version == draft->live)
            listed->shown.live = &listed->editions[i];
    }
    listed->shown.editions = listed->editions;
    listed->shown.neditions = n;
    apid_listed_move(listed, draft->scratch);
    apr_array_clear(draft->editions);
    draft->listed = NULL;
}

static void mark_changed(apid_load_t *load, apr_int64_t id)
{
    apr_int64_t *key = apr_pmemdup(load->pool, &id, sizeof(id));

    apr_hash_set(load->changed, key, sizeof(*key), key);
}

static void take_row(apid_load_t *load, draft_t *draft,
                     const apid_value_t *row)
{
    apr_int64_t id = apid_store_int(&row[D_ID]);

    if (!draft->listed || draft->listed->shown.id != id) {
        end_entry(draft);
        if (load->old)
            mark_changed(load, id);
        if (row[D_NAME].cls == APID_NULL)
            return;
        draft->listed = add_entry(load, row);
        draft->live = (int)apid_store_int(&row[D_LIVE]);
    }
    add_edition(load, draft, row);
}

static apid_err_t *take_rows(apid_load_t *load, apid_rows_t *rows)
{
    draft_t draft = {
        .editions = apr_array_make(load->pool, 8, sizeof(version_t))
    };
    const apid_value_t *row;
    apid_err_t *err;

    apr_pool_create(&draft.scratch, load->pool);
    while (!(err = apid_db_next(&row, rows)) && row)
        take_row(load, &draft, row);
    end_entry(&draft);
    return err;
}

static apid_err_t *read_changed(apid_load_t *load)
{
    apid_rows_t *rows;
    apid_err_t *err = apid_store_read_definitions(&rows, load->store->lease,
                                                  load->since);

    return err ? err : take_rows(load, rows);
}

static apid_err_t *read_all(apid_load_t *load)
{
    apid_lease_t *lease = load->store->lease;
    apid_rows_t *rows;
    apr_int64_t last;
    apid_err_t *err = apid_store_last(&last, lease);

    for (apr_int64_t at = 0; !err && at < last; at += PART) {
        err = apid_store_read_part(&rows, lease, at, at + PART);
        if (!err)
            err = take_rows(load, rows);
    }
    return err;
}

/* a module that cannot be read must not keep the others from serving */
static void add_module(apid_load_t *load, apr_array_header_t *modules,
                       const apid_value_t *row)
{
    apid_module_t *module;
    const char *text = apid_store_text(&row[1], load->page->pool);
    apid_err_t *err = apid_module_parse(&module, text, row[1].len,
                                        load->page->pool);

    if (err)
        apid_page_notice(load->page, "module '%s' is broken: line %d: %s",
                         apid_store_text(&row[0], load->pool), err->line,
                         err->text);
    else
        APR_ARRAY_PUSH(modules, apid_module_t *) = module;
}

static apid_err_t *read_modules(apr_array_header_t *modules,
                                apid_load_t *load)
{
    apid_rows_t *rows;
    const apid_value_t *row;
    apid_err_t *err = apid_store_read_modules(&rows, load->store->lease, 0);

    for (; !err && !(err = apid_db_next(&row, rows)) && row;)
        if (row[0].cls != APID_NULL)
            add_module(load, modules, row);
    return err;
}

static void tell_faults(const apid_page_t *page, const apid_module_t *module)
{
    if (module->fault)
        apid_page_notice(page, "module '%s' does not work: %s", module->name,
                         module->fault);
    else if (module->unwritable)
        apid_page_notice(page, "module '%s' cannot be written: %s",
                         module->name, module->unwritable);
    for (int i = 0; i < module->nfields && !module->fault; i++)
        if (module->fields[i].fault)
            apid_page_notice(page, "field '%s' of module '%s' does not work: "
                                   "%s", module->fields[i].name,
                             module->name, module->fields[i].fault);
}

static apid_err_t *read_catalog(apid_load_t *load)
{
    apr_array_header_t *modules
        = apr_array_make(load->page->pool, 16, sizeof(apid_module_t *));
    apid_err_t *err = read_modules(modules, load);

    if (!err)
        err = apid_tables_catalog(&load->page->catalog, load->columns,
                                  modules, load->store->lease);
    if (err)
        return err;
    load->nmodules = apid_catalog_modules(load->page->catalog)->nelts;
    for (int i = 0; i < modules->nelts; i++)
        tell_faults(load->page, APR_ARRAY_IDX(modules, i, apid_module_t *));
    return apid_store_seal(load->seal, load->store->lease, load->pool);
}

/* what an incremental load takes over */
static void keep_catalog(apid_load_t *load)
{
    load->page->catalog
        = APR_ARRAY_IDX(load->old->pages, 0, apid_page_t *)->catalog;
    load->nmodules = load->old->nmodules;
    memcpy(load->seal, load->old->seal, sizeof(load->seal));
    memcpy(load->columns, load->old->columns, sizeof(load->columns));
}

apid_err_t *apid_load_modules_changed(int *changed, apid_load_t *load)
{
    apid_rows_t *rows;
    const apid_value_t *row = NULL;
    apid_err_t *err = apid_store_read_modules(&rows, load->store->lease,
                                              load->since);

    if (!err)
        err = apid_db_next(&row, rows);
    *changed = row != NULL;
    return err;
}

apid_err_t *apid_load_columns(apid_load_t *load)
{
    apr_array_header_t *modules
        = apr_array_make(load->pool, 16, sizeof(apid_module_t *));
    apid_err_t *err = read_modules(modules, load);

    return err ? err : apid_tables_read(load->columns,
                                        apr_hash_make(load->pool), modules,
                                        load->store->lease);
}

apid_err_t *apid_load_read(apid_load_t *load)
{
    apid_err_t *err = NULL;

    load->entries = apr_array_make(load->pool, 64, sizeof(apid_listed_t *));
    load->arrivals = apr_array_make(load->pool, 64, sizeof(apid_known_t *));
    load->changed = apr_hash_make(load->pool);
    if (load->old)
        keep_catalog(load);
    else
        err = read_catalog(load);
    if (!err)
        err = read_users(load);
    if (!err)
        err = apid_load_rights(load);
    index_users(load);
    if (!err)
        err = read_tokens(load);
    if (err)
        return err;
    return load->old ? read_changed(load) : read_all(load);
}
