/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apid_ops_definition: checks, applies, publishes and shows definitions. A
 * document is kept as it was given; what is published compiled against the
 * catalog of the same transaction.
 */
#include "apid_explain.h"
#include "apid_narrow.h"
#include "apid_ops_parts.h"

#include <apr_strings.h>
#include <string.h>

static void put_outcome(apid_ops_call_t *call, const char *name,
                        const char *outcome, int version)
{
    apid_json_object(call->out);
    apid_ops_put(call, "name", name);
    apid_ops_put(call, "outcome", outcome);
    if (version)
        apid_ops_put_int(call, "version", version);
    apid_json_end(call->out);
}

static void put_document(apid_ops_call_t *call, const char *name,
                         const char *document)
{
    apid_json_object(call->out);
    apid_ops_put(call, "name", name);
    apid_ops_put(call, "document", document);
    apid_json_end(call->out);
}

apid_err_t *apid_ops_check(apid_ops_call_t *call)
{
    apr_array_header_t *candidates;
    apid_err_t *err = apid_ops_compile_all(&candidates, call);

    if (err)
        return err;
    apid_json_array(call->out);
    for (int i = 0; i < candidates->nelts; i++) {
        const apid_facts_t *fact
            = &APR_ARRAY_IDX(candidates, i, apid_candidate_t).facts;
        apid_json_object(call->out);
        apid_ops_put(call, "name", fact->name);
        apid_ops_put(call, "kind", fact->kind);
        apid_ops_put(call, "method", fact->method);
        apid_ops_put(call, "path", fact->path);
        apid_json_end(call->out);
    }
    apid_json_end(call->out);
    return NULL;
}

apid_err_t *apid_ops_plan(apid_ops_call_t *call)
{
    apid_ops_document_t document = {apid_ops_text(call, "name"),
                                    apid_ops_text(call, "document")};
    apid_facts_t facts;
    apid_api_t *api;
    apid_err_t *err = apid_ops_compile(&facts, &api, call, &document);

    if (!err)
        put_document(call, facts.name, apid_explain(api, call->pool));
    return err;
}

/* a webhook acts as its owner: nobody makes it do there what they may not */
static apid_err_t *check_acting(apid_ops_call_t *call,
                                const apid_stored_t *stored,
                                const apid_api_t *api)
{
    if (api->kind != APID_KIND_WEBHOOK || !call->user
        || call->role == APID_ROLE_ADMIN
        || stored->owner == call->user->number
        || apid_narrow_whole(api, call->user))
        return NULL;
    return apid_err_raise(call->pool, APID_ERR_ACCESS_DENIED,
                          "'%s' acts as another user, who may do more in its "
                          "modules than you: an admin must publish it, or "
                          "make you its owner", stored->name);
}

static apid_err_t *publish(int *version, apid_ops_call_t *call,
                           const apid_stored_t *stored,
                           const apid_candidate_t *candidate)
{
    const apid_facts_t *facts = &candidate->facts;
    apid_err_t *err = check_acting(call, stored, candidate->api);

    if (!err)
        err = apid_store_add_version(version, call->store, stored,
                                     facts->document,
                                     apid_ops_text(call, "note"));
    return err ? err : apid_store_go_live(call->store, stored, *version,
                                          facts);
}

static apid_err_t *apply(apid_ops_call_t *call,
                         const apid_candidate_t *candidate)
{
    const apid_facts_t *facts = &candidate->facts;
    apid_stored_t *stored;
    apid_err_t *err = apid_store_find(&stored, call->store, facts->name);
    int version, created = err || !stored || !stored->live_version;

    if (!err && !stored)
        err = apid_store_add_definition(&stored, call->store, facts);
    if (err)
        return err;
    if (!stored->document
        || !apid_ops_same(stored->document, facts->document)) {
        err = publish(&version, call, stored, candidate);
        if (!err)
            put_outcome(call, facts->name, created ? "created" : "changed",
                        version);
        return err;
    }
    if (stored->active != facts->active)
        err = apid_store_activate(call->store, stored, facts->active);
    put_outcome(call, facts->name,
                stored->active == facts->active ? "unchanged"
                : facts->active ? "activated" : "deactivated",
                stored->live_version);
    return err;
}

/* breaking changes as errors, unless they are meant */
static apid_err_t *refuse_breaking(apid_ops_call_t *call,
                                   const apr_array_header_t *differences)
{
    apid_err_t *err = NULL;

    for (int i = 0; !apid_ops_flag(call, "breaking")
                    && i < differences->nelts; i++) {
        const apid_difference_t *difference
            = &APR_ARRAY_IDX(differences, i, apid_difference_t);
        if (difference->breaking)
            err = apid_err_join(err, apid_err_raise(
                call->pool, APID_ERR_CONFLICT, "breaking: %s",
                difference->text));
    }
    return err;
}

static apid_err_t *review(apid_ops_call_t *call,
                          const apid_candidate_t *candidate)
{
    const apid_facts_t *facts = &candidate->facts;
    apid_ops_document_t before = {facts->name, NULL};
    apr_array_header_t *differences;
    apid_stored_t *stored;
    apid_err_t *err = apid_store_find(&stored, call->store, facts->name);

    if (err)
        return err;
    if (stored)
        before.text = stored->document;
    err = apid_ops_compare(&differences, call, &before, candidate->api);
    if (!err)
        err = refuse_breaking(call, differences);
    apid_json_object(call->out);
    apid_ops_put(call, "name", facts->name);
    apid_ops_put(call, "outcome", !before.text ? "created"
                 : apid_ops_same(before.text, facts->document) ? "unchanged"
                 : "changed");
    apid_ops_put_changes(call, differences);
    apid_json_end(call->out);
    return err;
}

/* paths may go from one to another, in any order */
static apid_err_t *leave_routes(apid_ops_call_t *call,
                                const apr_array_header_t *candidates)
{
    apid_err_t *err = NULL;

    for (int i = 0; i < candidates->nelts && !err; i++)
        err = apid_store_leave_route(
            call->store,
            &APR_ARRAY_IDX(candidates, i, apid_candidate_t).facts);
    return err;
}

apid_err_t *apid_ops_apply(apid_ops_call_t *call)
{
    int check = apid_ops_flag(call, "check");
    apr_array_header_t *candidates;
    apid_err_t *err = apid_ops_compile_all(&candidates, call), *all;

    if (!err && !check)
        err = leave_routes(call, candidates);
    all = err;
    apid_json_array(call->out);
    for (int i = 0; i < candidates->nelts && !err; i++) {
        const apid_candidate_t *candidate
            = &APR_ARRAY_IDX(candidates, i, apid_candidate_t);
        apid_err_t *more = check ? review(call, candidate)
                                 : apply(call, candidate);
        all = apid_err_join(all, apid_ops_blame(more, candidate->document));
        err = check ? NULL : all;
    }
    apid_json_end(call->out);
    return all;
}

static apid_err_t *find_version(const char **document, apid_ops_call_t *call,
                                apid_stored_t **stored, int version)
{
    apid_err_t *err = apid_store_definition(stored, call->store,
                                            apid_ops_text(call, "name"));

    return err ? err
               : apid_store_version(document, call->store, *stored, version,
                                    0);
}

apid_err_t *apid_ops_export(apid_ops_call_t *call)
{
    apid_stored_t *stored;
    const char *name = apid_ops_text(call, "name");

    if (!name)
        return apid_ops_write_list(call, NULL, APID_LIST_DOCUMENTS, NULL);

    apid_err_t *err = apid_store_definition(&stored, call->store, name);
    if (err)
        return err;
    if (!stored->document)
        return apid_err_raise(call->pool, APID_ERR_API_NOT_FOUND,
                              "'%s' was never published; see: draft show",
                              name);
    put_document(call, name, stored->document);
    return NULL;
}

apid_err_t *apid_ops_rollback(apid_ops_call_t *call)
{
    int version = apid_ops_int(call, "version", 0);
    apid_stored_t *stored;
    apid_ops_document_t document = {0};
    apid_facts_t facts;
    apid_err_t *err = find_version(&document.text, call, &stored, version);

    if (err)
        return err;
    document.name = stored->name;
    err = apid_ops_compile(&facts, NULL, call, &document);
    facts.name = stored->name;
    if (!err)
        err = apid_store_go_live(call->store, stored, version, &facts);
    if (!err)
        put_outcome(call, stored->name, "live", version);
    return err;
}

static apid_err_t *mark(apid_ops_call_t *call, const char *state,
                        const apid_value_t *sunset)
{
    int version = apid_ops_int(call, "version", 0);
    const char *document;
    apid_stored_t *stored;
    apid_err_t *err = find_version(&document, call, &stored, version);

    if (!err && version == stored->live_version)
        return apid_err_raise(call->pool, APID_ERR_CONFLICT,
                              "version %d of '%s' is the live one: publish or "
                              "roll back to another first", version,
                              stored->name);
    if (!err)
        err = apid_store_mark_version(call->store, stored, version, state,
                                      sunset);
    if (!err)
        put_outcome(call, stored->name, state, version);
    return err;
}

apid_err_t *apid_ops_deprecate(apid_ops_call_t *call)
{
    static const apid_domain_t datetime = {.type = APID_TYPE_DATETIME,
                                           .cls = APID_TIME,
                                           .nullable = 1};
    const char *text = apid_ops_text(call, "sunset");
    apid_value_t sunset = apid_value_of_null();
    apid_value_t now = apid_value_now(APID_TIME_DATETIME, apr_time_now());
    apid_err_t *err = NULL;

    if (text)
        err = apid_value_parse_text(&sunset, &datetime, text, call->pool);
    if (text && !err
        && strcmp(apid_value_text(&sunset, &datetime, call->pool),
                  apid_value_text(&now, &datetime, call->pool)) < 0)
        err = apid_err_raise(call->pool, APID_ERR_INVALID_VALUE,
                             "is past already");
    return err ? apid_err_field(err, "sunset")
               : mark(call, "deprecated", &sunset);
}

apid_err_t *apid_ops_retire(apid_ops_call_t *call)
{
    apid_value_t none = apid_value_of_null();

    return mark(call, "retired", &none);
}

static apid_err_t *set_active(apid_ops_call_t *call, int active)
{
    apid_stored_t *stored;
    apid_err_t *err = apid_store_definition(&stored, call->store,
                                            apid_ops_text(call, "name"));

    if (!err)
        err = apid_store_activate(call->store, stored, active);
    if (!err)
        put_outcome(call, stored->name, active ? "activated" : "deactivated",
                    stored->live_version);
    return err;
}

apid_err_t *apid_ops_activate(apid_ops_call_t *call)
{
    return set_active(call, 1);
}

apid_err_t *apid_ops_deactivate(apid_ops_call_t *call)
{
    return set_active(call, 0);
}

apid_err_t *apid_ops_drop(apid_ops_call_t *call)
{
    apid_stored_t *stored;
    apid_err_t *err = apid_store_definition(&stored, call->store,
                                            apid_ops_text(call, "name"));

    if (!err)
        err = apid_store_drop_definition(call->store, stored);
    if (!err)
        put_outcome(call, stored->name, "dropped", 0);
    return err;
}

apid_err_t *apid_ops_webhook(apid_stored_t **stored, apid_ops_call_t *call)
{
    apid_err_t *err = apid_store_definition(stored, call->store,
                                            apid_ops_text(call, "name"));

    if (err || !strcmp((*stored)->kind, "webhook"))
        return err;
    return apid_err_raise(call->pool, APID_ERR_CONFLICT,
                          "'%s' is no webhook: its callers sign in with user "
                          "name and access key", (*stored)->name);
}

apid_err_t *apid_ops_owner(apid_ops_call_t *call)
{
    const char *user = apid_ops_text(call, "user");
    apid_stored_t *stored;
    apr_int64_t id;
    apid_err_t *err = apid_ops_webhook(&stored, call);

    if (!err)
        err = apid_store_user(&id, call->store, user);
    if (!err)
        err = apid_store_own(call->store, stored, id);
    if (err)
        return err;
    apid_json_object(call->out);
    apid_ops_put(call, "name", stored->name);
    apid_ops_put(call, "owner", user);
    apid_json_end(call->out);
    return NULL;
}

/* the draft with who saved it when; the live document if it is gone */
static apid_err_t *write_draft(apid_ops_call_t *call,
                               const apid_stored_t *stored)
{
    apid_rows_t *rows;
    apid_err_t *err = apid_store_list(&rows, call->store, APID_LIST_DRAFT,
                                      stored->name);

    if (err)
        return err;
    apid_json_object(call->out);
    apid_ops_put(call, "name", stored->name);
    apid_ops_put(call, "document",
                 stored->draft ? stored->draft : stored->document);
    err = apid_ops_write_row(call, rows);
    apid_json_end(call->out);
    return err;
}

/* whoever edited an older draft is shown what is there now, and loses
 * nothing */
static apid_err_t *refuse_base(apid_ops_call_t *call,
                               const apid_stored_t *stored)
{
    apid_err_t *conflict = apid_err_raise(call->pool, APID_ERR_CONFLICT,
                                          "the draft of '%s' was %s by "
                                          "somebody else meanwhile",
                                          stored->name,
                                          stored->draft
                                              ? "saved"
                                              : "published or dropped");
    apid_ops_call_t other = *call;
    apid_err_t *err;

    other.out = apid_json_memory(call->pool);
    err = write_draft(&other, stored);
    if (err)
        return err;
    conflict->current = apid_json_print(other.out, call->pool);
    return conflict;
}

static apid_err_t *check_base(apid_ops_call_t *call,
                              const apid_stored_t *stored)
{
    apr_int64_t base = apid_ops_number(call, "base", -1);

    return base < 0 || base == stored->draft_revision
        ? NULL : refuse_base(call, stored);
}

apid_err_t *apid_ops_draft_save(apid_ops_call_t *call)
{
    apid_ops_document_t document = {apid_ops_text(call, "name"),
                                    apid_ops_text(call, "document")};
    apid_facts_t facts;
    apid_stored_t *stored;
    apid_err_t *err = apid_ops_sketch(&facts, call, &document);

    if (!err)
        err = apid_store_find(&stored, call->store, facts.name);
    if (!err && !stored)
        err = apid_store_add_definition(&stored, call->store, &facts);
    if (!err)
        err = check_base(call, stored);
    if (!err)
        err = apid_store_write_draft(call->store, stored, &facts);
    if (err)
        return err;
    apid_json_object(call->out);
    apid_ops_put(call, "name", facts.name);
    apid_ops_put(call, "outcome", "saved");
    apid_ops_put_int(call, "draft_revision", call->store->revision);
    apid_json_end(call->out);
    return NULL;
}

static apid_err_t *find_draft(apid_stored_t **stored, apid_ops_call_t *call)
{
    apid_err_t *err = apid_store_definition(stored, call->store,
                                            apid_ops_text(call, "name"));

    if (err || (*stored)->draft)
        return err;
    return apid_err_raise(call->pool, APID_ERR_RECORD_NOT_FOUND,
                          "'%s' has no draft", (*stored)->name);
}

apid_err_t *apid_ops_draft_show(apid_ops_call_t *call)
{
    apid_stored_t *stored;
    apid_err_t *err = find_draft(&stored, call);

    return err ? err : write_draft(call, stored);
}

apid_err_t *apid_ops_draft_publish(apid_ops_call_t *call)
{
    apr_array_header_t *differences;
    apid_stored_t *stored;
    apid_ops_document_t document, before;
    apid_candidate_t candidate = {.document = &document};
    int version;
    apid_err_t *err = find_draft(&stored, call);

    if (err)
        return err;
    document = (apid_ops_document_t){stored->name, stored->draft};
    before = (apid_ops_document_t){stored->name, stored->document};
    err = apid_ops_compile(&candidate.facts, &candidate.api, call, &document);
    candidate.facts.name = stored->name;
    if (!err)
        err = apid_ops_admit(call, &candidate, NULL);
    if (!err)
        err = apid_ops_compare(&differences, call, &before, candidate.api);
    if (!err)
        err = apid_store_drop_draft(call->store, stored);
    if (!err)
        err = publish(&version, call, stored, &candidate);
    if (err)
        return err;
    apid_json_object(call->out);
    apid_ops_put(call, "name", stored->name);
    apid_ops_put(call, "outcome", "published");
    apid_ops_put_int(call, "version", version);
    apid_ops_put_changes(call, differences);
    apid_json_end(call->out);
    return NULL;
}

apid_err_t *apid_ops_draft_drop(apid_ops_call_t *call)
{
    apid_stored_t *stored;
    apid_err_t *err = find_draft(&stored, call);

    if (!err)
        err = apid_store_drop_draft(call->store, stored);
    if (!err)
        put_outcome(call, stored->name, "draft dropped", 0);
    return err;
}
