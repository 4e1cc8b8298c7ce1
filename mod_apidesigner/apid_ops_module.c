/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apid_ops_module: the catalog: modules from documents and to documents.
 * Definitions that a change leaves without what they use are named in the
 * answer, and keep the module from being dropped.
 */
#include "apid_import.h"
#include "apid_ops_parts.h"
#include "apid_tables.h"

#include <apr_strings.h>
#include <string.h>

/** The documents of a call, and the module of each. */
typedef struct given_t {
    const apr_array_header_t *documents; /* apid_ops_document_t */
    apr_array_header_t *modules;         /* apid_module_t * */
} given_t;

static const apid_module_t *get_module(const given_t *given, int i)
{
    return APR_ARRAY_IDX(given->modules, i, const apid_module_t *);
}

static apid_err_t *blame(apid_err_t *err, const given_t *given, int i)
{
    return apid_ops_blame(err, &APR_ARRAY_IDX(given->documents, i,
                                              apid_ops_document_t));
}

static apid_err_t *parse_all(given_t *given, apid_ops_call_t *call)
{
    apid_err_t *err = NULL;

    given->documents = apid_ops_documents(call);
    given->modules = apr_array_make(call->pool, given->documents->nelts,
                                    sizeof(apid_module_t *));
    for (int i = 0; i < given->documents->nelts; i++) {
        const char *text
            = APR_ARRAY_IDX(given->documents, i, apid_ops_document_t).text;
        apid_err_t *more
            = apid_module_parse(apr_array_push(given->modules), text,
                                strlen(text), call->pool);
        err = apid_err_join(err, blame(more, given, i));
    }
    return err;
}

/* when all are stored: what a reference is, is for other modules to say */
static apid_err_t *check_stored(apid_ops_call_t *call, apr_hash_t *columns,
                                const given_t *given)
{
    const apid_catalog_t *catalog;
    apid_err_t *err = apid_ops_catalog(&catalog, call), *found = NULL;

    for (int i = 0; !err && i < given->modules->nelts; i++)
        found = apid_err_join(found, blame(apid_ops_fit_types(
            call, columns, apid_catalog_module(
                catalog, get_module(given, i)->name)), given, i));
    return err ? err : found;
}

/* which of two documents of one module is meant? */
static apid_err_t *check_twice(apid_ops_call_t *call, const given_t *given)
{
    apr_hash_t *seen = apr_hash_make(call->pool);
    apid_err_t *err = NULL;

    for (int i = 0; i < given->modules->nelts; i++) {
        const char *name = get_module(given, i)->name;
        const char *first = apid_ops_first(
            seen, name,
            &APR_ARRAY_IDX(given->documents, i, apid_ops_document_t));
        if (first)
            err = apid_err_join(err, blame(apid_err_raise(
                call->pool, APID_ERR_CONFLICT,
                "module '%s' is in another document too: %s", name, first),
                given, i));
    }
    return err;
}

static apid_err_t *check_tables(apid_ops_call_t *call, apr_hash_t *columns,
                                const given_t *given)
{
    unsigned char fingerprint[APID_DIGEST_SIZE];
    apid_err_t *err = apid_tables_read(fingerprint, columns, given->modules,
                                       call->store->lease), *found = NULL;

    for (int i = 0; !err && i < given->modules->nelts; i++)
        found = apid_err_join(found, blame(apid_ops_fit_columns(
            call, columns, get_module(given, i)), given, i));
    return err ? err : found;
}

/* NULL: there was none, or it was of an older version and served nothing */
static const apid_module_t *parse_old(const char *document, apr_pool_t *pool)
{
    apid_module_t *old;

    return document
        && !apid_module_parse(&old, document, strlen(document), pool)
        ? old : NULL;
}

/* a module has no other name than in its document */
static apid_err_t *check_renamed(apid_ops_call_t *call, const char *base,
                                 const char *name)
{
    const apid_module_t *old = parse_old(base, call->pool);

    return !old || !strcmp(old->name, name) ? NULL : apid_err_raise(
        call->pool, APID_ERR_CONFLICT, "module '%s' cannot be renamed to "
        "'%s': apply a document of that name, then drop '%s'", old->name, name,
        old->name);
}

/* Whoever changed an older document, or one that is dropped, is shown what is
 * there now, and loses nothing. */
static apid_err_t *check_base(apid_ops_call_t *call, const char *name,
                              const char *document)
{
    const char *base = apid_ops_text(call, "base");
    apid_ops_call_t other = *call;
    apid_err_t *conflict;

    if (!base || (document && apid_ops_same(base, document)))
        return NULL;
    conflict = check_renamed(call, base, name);
    if (conflict)
        return conflict;
    conflict = apid_err_raise(call->pool, APID_ERR_CONFLICT,
                              "module '%s' was %s by somebody else meanwhile",
                              name, document ? "changed" : "dropped");
    other.out = apid_json_memory(call->pool);
    apid_json_object(other.out);
    apid_ops_put(&other, "name", name);
    apid_ops_put(&other, "document", document);
    apid_json_end(other.out);
    conflict->current = apid_json_print(other.out, call->pool);
    return conflict;
}

/* how a module differs from the document that is stored, NULL if none is */
static apid_err_t *compare(const char **outcome, const char **document,
                           apid_ops_call_t *call, const apid_module_t *module)
{
    apid_err_t *err = apid_store_module(document, call->store, module->name);

    if (err && err->kind != APID_ERR_RECORD_NOT_FOUND)
        return err;
    if (err)
        *document = NULL;
    *outcome = !*document ? "created"
        : apid_ops_same(*document, module->document) ? "unchanged" : "changed";
    return strcmp(*outcome, "unchanged")
        ? check_base(call, module->name, *document) : NULL;
}

#define EVERYTHING ((1u << APID_ACCESSES) - 1)

/* rights are by modules and fields: who gave others to the same tables would
 * get round them */
static apid_err_t *check_name(apid_ops_call_t *call, const char *name)
{
    if (!call->user || call->role == APID_ROLE_ADMIN
        || apid_permit_whole(apid_rights_permit(call->user->rights, name),
                             EVERYTHING))
        return NULL;
    return apid_err_raise(call->pool, APID_ERR_ACCESS_DENIED,
                          "You may not read and write everything in %s",
                          name);
}

static apid_err_t *check_rights(apid_ops_call_t *call,
                                const apid_module_t *module, int is_new)
{
    const apid_catalog_t *catalog = call->catalog;
    apid_err_t *err = is_new ? NULL : check_name(call, module->name);

    for (int i = 0; !err && i < module->ntables; i++)
        err = apid_ops_table_rights(call, module->tables[i].name, EVERYTHING);
    call->catalog = catalog; /* it is about to change */
    return err;
}

/* Says what Apache's user needs, and did not for the module of before (NULL:
 * there was none). The server itself cannot be given it by its own answer. */
static void put_grants(apid_ops_call_t *call, apr_hash_t *seen,
                       const apid_module_t *old, const apid_module_t *module)
{
    apr_array_header_t *grants
        = apr_array_make(call->pool, 4, sizeof(const char *));

    if (old)
        apid_ops_add_grants(grants, seen, old);
    apr_array_clear(grants);
    apid_ops_add_grants(grants, seen, module);
    if (grants->nelts && !call->places)
        apid_ops_put_grants(call, "grants", grants);
}

static apid_err_t *store_module(apid_ops_call_t *call, apr_hash_t *seen,
                                const apid_module_t *module)
{
    const char *outcome, *document;
    apid_err_t *err = compare(&outcome, &document, call, module);
    const apid_module_t *old
        = err ? NULL : parse_old(document, call->pool);

    if (!err && !strcmp(outcome, "created"))
        err = apid_ops_user_name(call, "module", module->name);
    if (!err && strcmp(outcome, "unchanged"))
        err = check_rights(call, module, !strcmp(outcome, "created"));
    if (!err && strcmp(outcome, "unchanged"))
        err = apid_store_write_module(call->store, module->name,
                                      module->document);
    if (!err && old && strcmp(outcome, "unchanged"))
        err = apid_ops_follow(call, old, module);
    if (err)
        return err;
    apid_json_object(call->out);
    apid_ops_put(call, "name", module->name);
    apid_ops_put(call, "outcome", outcome);
    put_grants(call, seen, old, module);
    apid_json_end(call->out);
    return NULL;
}

static apid_err_t *put_broken(apid_ops_call_t *call)
{
    apr_array_header_t *broken;
    apid_err_t *err = apid_ops_broken(&broken, call);

    for (int i = 0; !err && i < broken->nelts; i++) {
        apid_json_object(call->out);
        apid_ops_put(call, "name",
                     APR_ARRAY_IDX(broken, i, apid_broken_t).name);
        apid_ops_put(call, "outcome", "API broken");
        apid_json_end(call->out);
    }
    return err;
}

apid_err_t *apid_ops_module_apply(apid_ops_call_t *call)
{
    given_t given;
    apr_hash_t *columns = apr_hash_make(call->pool);
    apr_hash_t *granted = apr_hash_make(call->pool);
    apid_err_t *err = parse_all(&given, call);

    if (!err)
        err = check_twice(call, &given);
    if (!err)
        err = check_tables(call, columns, &given);
    apid_json_array(call->out);
    for (int i = 0; !err && i < given.modules->nelts; i++)
        err = blame(store_module(call, granted, get_module(&given, i)),
                    &given, i);
    if (!err)
        err = check_stored(call, columns, &given);
    if (!err)
        err = put_broken(call);
    apid_json_end(call->out);
    return err;
}

/* what people made of a module is not lost by importing a table */
static apid_err_t *check_taken(apid_ops_call_t *call,
                               const apid_module_t *module)
{
    const char *outcome, *document;
    apid_err_t *err = compare(&outcome, &document, call, module);

    if (err || strcmp(outcome, "changed"))
        return err;
    return apid_err_field(apid_err_raise(
        call->pool, APID_ERR_CONFLICT, "'%s' is a module already: choose "
        "another name, or replace it, which loses its labels and rules",
        module->name), "name");
}

apid_err_t *apid_ops_module_import(apid_ops_call_t *call)
{
    const char *table = apid_ops_text(call, "table");
    const char *given = apid_ops_text(call, "name");
    const char *document, *name = given ? given : table;
    apid_module_t *module;
    apid_err_t *err = apid_ops_user_name(call, "module", name);

    if (!err)
        err = apid_import_table(&document, call->store, table, name);
    if (!err)
        err = apid_module_parse(&module, document, strlen(document),
                                call->pool);
    if (!err)
        err = apid_ops_fit_owner(call, module);
    if (!err && !apid_ops_flag(call, "replace"))
        err = check_taken(call, module);
    return err ? err
               : store_module(call, apr_hash_make(call->pool), module);
}

apid_err_t *apid_ops_module_export(apid_ops_call_t *call)
{
    const char *document, *name = apid_ops_text(call, "name");
    apid_err_t *err = apid_store_module(&document, call->store, name);

    if (err)
        return err;
    apid_json_object(call->out);
    apid_ops_put(call, "name", name);
    apid_ops_put(call, "document", document);
    apid_json_end(call->out);
    return NULL;
}

apid_err_t *apid_ops_module_list(apid_ops_call_t *call)
{
    return apid_ops_write_list(call, NULL, APID_LIST_MODULES, NULL);
}

/* what else is to be known of a field, in words */
static void put_notes(apid_ops_call_t *call, const apid_field_t *field)
{
    const char *const notes[] = {
        field->mandatory ? "mandatory" : NULL,
        field->readonly ? "read-only" : NULL, field->unique ? "unique" : NULL};

    apid_json_key(call->out, "notes");
    apid_json_array(call->out);
    for (apr_size_t i = 0; i < sizeof(notes) / sizeof(notes[0]); i++)
        if (notes[i])
            apid_json_string(call->out, notes[i]);
    apid_json_end(call->out);
    apid_ops_put(call, "refers", field->refers);
    apid_ops_put(call, "default", field->fallback);
}

static void put_field(apid_ops_call_t *call, const apid_module_t *module,
                      const apid_field_t *field)
{
    apid_json_object(call->out);
    apid_ops_put(call, "name", field->name);
    apid_ops_put(call, "label", field->label);
    apid_ops_put_domain(call, &field->domain);
    apid_ops_put(call, "column",
                 apr_pstrcat(call->pool, module->tables[field->table].name,
                             ".", field->column, NULL));
    put_notes(call, field);
    apid_json_end(call->out);
}

static void mark_unique(apid_module_t *module, int table,
                        const apr_array_header_t *indexes)
{
    for (int i = 0; i < indexes->nelts; i++) {
        const apid_index_t *index = &APR_ARRAY_IDX(indexes, i, apid_index_t);
        const char *only = APR_ARRAY_IDX(index->columns, 0, const char *);
        for (int j = 0; index->columns->nelts == 1 && j < module->nfields; j++)
            module->fields[j].unique
                |= module->fields[j].table == table
                && !strcasecmp(module->fields[j].raw_column, only);
    }
}

/* by the database, whether the document says so or not */
static apid_err_t *mark_uniques(apid_ops_call_t *call, apid_module_t *module)
{
    apr_array_header_t *indexes;
    apid_err_t *err = NULL;

    for (int i = 0; !err && i < module->ntables; i++) {
        err = apid_tables_uniques(&indexes, module->tables[i].name,
                                  call->store->lease, call->pool);
        mark_unique(module, i, indexes);
    }
    return err;
}

apid_err_t *apid_ops_module_show(apid_ops_call_t *call)
{
    const char *document, *name = apid_ops_text(call, "name");
    apid_module_t *module;
    apid_err_t *err = apid_store_module(&document, call->store, name);

    if (!err)
        err = apid_module_parse(&module, document, strlen(document),
                                call->pool);
    if (!err)
        err = mark_uniques(call, module);
    if (err)
        return err;
    apid_json_object(call->out);
    apid_ops_put(call, "name", module->name);
    apid_ops_put(call, "label", module->label);
    apid_ops_put(call, "table", module->tables[0].name);
    apid_ops_put(call, "prefix", module->prefix);
    apid_json_key(call->out, "fields");
    apid_json_array(call->out);
    put_field(call, module, &module->id);
    for (int i = 0; i < module->nfields; i++)
        put_field(call, module, &module->fields[i]);
    apid_json_end(call->out);
    apid_json_end(call->out);
    return NULL;
}

/* "'A', 'B'", some of names (const char *) */
static const char *join_names(const apr_array_header_t *names,
                              apr_pool_t *pool)
{
    const char *text = "";

    for (int i = 0; i < names->nelts && i < 5; i++)
        text = apr_pstrcat(pool, text, i ? ", '" : "'",
                           APR_ARRAY_IDX(names, i, const char *), "'", NULL);
    return names->nelts > 5 ? apr_pstrcat(pool, text, " and others", NULL)
                            : text;
}

static apid_err_t *refuse_drop(apid_ops_call_t *call, const char *what,
                               const apr_array_header_t *names)
{
    return !names->nelts ? NULL : apid_err_raise(
        call->pool, APID_ERR_CONFLICT, "module '%s' is %s %s",
        apid_ops_text(call, "name"), what, join_names(names, call->pool));
}

static int is_among(const apr_array_header_t *broken, const char *name)
{
    for (int i = 0; i < broken->nelts; i++)
        if (!strcmp(APR_ARRAY_IDX(broken, i, apid_broken_t).name, name))
            return 1;
    return 0;
}

/* those that were broken before do not count */
static apid_err_t *check_unused(apid_ops_call_t *call,
                                const apr_array_header_t *before)
{
    apr_array_header_t *broken;
    apr_array_header_t *names
        = apr_array_make(call->pool, 8, sizeof(const char *));
    apid_err_t *err;

    call->fitting = NULL;
    err = apid_ops_broken(&broken, call);
    for (int i = 0; !err && i < broken->nelts; i++) {
        const char *name = APR_ARRAY_IDX(broken, i, apid_broken_t).name;
        if (!is_among(before, name))
            APR_ARRAY_PUSH(names, const char *) = name;
    }
    return err ? err : refuse_drop(call, "used by", names);
}

/* fields of other modules would lead nowhere */
static apid_err_t *check_references(apid_ops_call_t *call, const char *name)
{
    apr_array_header_t *modules;
    apr_array_header_t *names
        = apr_array_make(call->pool, 8, sizeof(const char *));
    apid_err_t *err = apid_store_modules(&modules, call->store);

    for (int i = 0; !err && i < modules->nelts; i++) {
        const apid_module_t *module
            = APR_ARRAY_IDX(modules, i, const apid_module_t *);
        for (int j = 0; j < module->nfields; j++) {
            const apid_field_t *field = &module->fields[j];
            if (field->refers && !strcmp(field->refers, name))
                APR_ARRAY_PUSH(names, const char *)
                    = apr_pstrcat(call->pool, module->name, ".", field->name,
                                  NULL);
        }
    }
    return err ? err : refuse_drop(call, "referred to by", names);
}

/* while a module cannot be read nobody knows what uses another: only such a
 * one can be dropped */
static apid_err_t *forgive(apid_err_t *err, int readable)
{
    return readable ? err : apid_ops_forgive(err);
}

apid_err_t *apid_ops_module_drop(apid_ops_call_t *call)
{
    const char *document, *name = apid_ops_text(call, "name");
    apr_array_header_t *broken;
    apid_err_t *err = apid_store_module(&document, call->store, name);
    int readable = !err && parse_old(document, call->pool);

    if (!err)
        err = check_name(call, name);
    if (!err)
        err = forgive(apid_ops_broken(&broken, call), readable);
    if (!err)
        err = apid_store_drop_module(call->store, name);
    if (!err)
        err = forgive(check_unused(call, broken), readable);
    if (!err)
        err = forgive(check_references(call, name), readable);
    if (err)
        return err;
    apid_json_object(call->out);
    apid_ops_put(call, "name", name);
    apid_ops_put(call, "outcome", "dropped");
    apid_json_end(call->out);
    return NULL;
}
