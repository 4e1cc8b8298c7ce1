/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apid_ops_compile: the document of a definition to the facts that are kept
 * beside it. What the language cannot say of names and paths is checked here:
 * they are what URLs lead to, after httpd has cleaned them up.
 */
#include "apid_ops_parts.h"

#include <apr_lib.h>
#include <apr_strings.h>
#include <string.h>

__attribute__((format(printf, 3, 4))) static apid_err_t *
complain(apid_ops_call_t *call, const apid_vadl_t *vadl, const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    const char *text = apr_pvsprintf(call->pool, fmt, args);
    va_end(args);
    return apid_err_at(apid_err_raise(call->pool, APID_ERR_INVALID_DEFINITION,
                                      "%s", text),
                       vadl->place.line, vadl->place.column);
}

static apr_size_t count_characters(const char *text)
{
    apr_size_t n = 0;

    for (; *text; text++)
        n += (*text & 0xC0) != 0x80;
    return n;
}

static apid_err_t *check_name(apid_ops_call_t *call, const apid_vadl_t *vadl)
{
    const char *name = vadl->name;
    apr_size_t len = strlen(name), at;

    if (!apid_arg_utf8(name, len, &at))
        return complain(call, vadl, "the name, which is that of the file, is "
                        "not UTF-8");
    if (!len || count_characters(name) > APID_MAX_NAME)
        return complain(call, vadl, "a name has 1 to %d characters",
                        APID_MAX_NAME);
    if (name[0] == ' ' || name[len - 1] == ' ' || apid_ops_has_control(name))
        return complain(call, vadl, "name '%s' begins or ends with a blank, "
                        "or holds control characters", name);
    if (!strcmp(name, ".") || !strcmp(name, ".."))
        return complain(call, vadl, "'%s' cannot be a name: no address can "
                        "have it", name);
    if (strpbrk(name, "{}"))
        return complain(call, vadl, "name '%s' holds a brace; a template is "
                        "the path=\"...\"", name);
    return NULL;
}

/* httpd merges slashes and resolves dots, so no request has such a path */
static int is_reachable(const char *path)
{
    for (const char *at = path; at;) {
        apr_size_t len = strcspn(at, "/");
        if (!len || (len == 1 && at[0] == '.')
            || (len == 2 && at[0] == '.' && at[1] == '.'))
            return 0;
        at = at[len] ? at + len + 1 : NULL;
    }
    return 1;
}

static apid_err_t *check_path(apid_ops_call_t *call, const apid_vadl_t *vadl,
                              const char *path)
{
    if (!is_reachable(path))
        return complain(call, vadl, "path '%s' cannot be reached: it has an "
                        "empty segment, '.' or '..' (it begins without a "
                        "'/')", path);
    if (count_characters(path) > APID_MAX_PATH || apid_ops_has_control(path))
        return complain(call, vadl, "path '%s' is longer than %d characters "
                        "or holds control characters", path, APID_MAX_PATH);
    return NULL;
}

/* the scheme, host and port of a page, as browsers send them */
static int is_origin(const char *text)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789-._";
    const char *host = strstr(text, "://");

    if (!strcmp(text, "*") || !strcmp(text, "null"))
        return 1;
    if (!host || !apr_islower(*text)
        || strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789+-.")
               != (apr_size_t)(host - text))
        return 0;
    host += 3;
    if (*host == '[')
        host += 1 + strspn(host + 1, "0123456789abcdef:.]");
    host += strspn(host, letters);
    return host[-1] != '/'
        && (!*host || (*host == ':' && host[1]
                       && !host[1 + strspn(host + 1, "0123456789")]));
}

static apid_err_t *check_origins(apid_ops_call_t *call,
                                 const apid_api_t *api)
{
    const apid_vadl_t *vadl = api->vadl;
    apid_err_t *err = NULL;

    for (int i = 0; api->origins && api->origins[i]; i++)
        if (!is_origin(api->origins[i]))
            err = apid_err_join(err, apid_err_at(
                complain(call, vadl, "origins: '%s' is no origin: expected "
                         "'*', or scheme, host and port in small letters and "
                         "without a path, such as 'https://app.example.com'",
                         api->origins[i]),
                vadl->security.line, vadl->security.column));
    return err;
}

/* one record, by the id that is the only part of the path */
static int is_reader(const apid_api_t *api)
{
    const apid_plan_t *plan = &api->plans[0];
    const apid_cond_t *cond = plan->where ? plan->where->first : NULL;

    return api->kind == APID_KIND_API && api->method == APID_METHOD_GET
        && api->nplans == 1 && api->nparams == 1 && api->params[0].in_path
        && plan->op == APID_OP_SELECT && plan->one && cond && !cond->next
        && !cond->first && cond->test == APID_EQUAL
        && cond->field == &plan->module->id
        && cond->binding.source == APID_SOURCE_PARAM;
}

static void take_facts(apid_facts_t *facts, const apid_vadl_t *vadl,
                       const apid_ops_document_t *document)
{
    facts->name = vadl->name;
    facts->kind = vadl->kind == APID_KIND_WEBHOOK ? "webhook" : "api";
    facts->method = vadl->kind == APID_KIND_WEBHOOK
        ? "" : apid_method_word(vadl->method);
    facts->path = vadl->path ? vadl->path : vadl->name;
    facts->active = !vadl->inactive;
    facts->module = vadl->module ? vadl->module : "";
    facts->document = document->text;
}

static apid_err_t *parse(apid_vadl_t **vadl, apid_ops_call_t *call,
                         const apid_ops_document_t *document)
{
    apid_err_t *err = apid_vadl_parse(vadl, document->text,
                                      strlen(document->text), call->pool);

    if (!*vadl)
        return err;
    if (!(*vadl)->name)
        (*vadl)->name = document->name;
    return *(*vadl)->name || !err
        ? apid_err_join(err, check_name(call, *vadl)) : err;
}

/* over HTTP a draft is saved at the address of its definition; the tool takes
 * any file */
static apid_err_t *check_address(apid_ops_call_t *call,
                                 const apid_vadl_t *vadl,
                                 const apid_ops_document_t *document)
{
    if (!call->user || !strcmp(vadl->name, document->name))
        return NULL;
    return complain(call, vadl, "the name '%s' is that of another API than "
                    "'%s', which is being saved", vadl->name, document->name);
}

apid_err_t *apid_ops_compile(apid_facts_t *facts, apid_api_t **api,
                             apid_ops_call_t *call,
                             const apid_ops_document_t *document)
{
    const apid_catalog_t *catalog;
    apid_vadl_t *vadl;
    apid_api_t *compiled;
    apid_err_t *err = apid_ops_fitting(&catalog, call);

    if (err)
        return err;
    err = parse(&vadl, call, document);
    if (vadl)
        err = apid_api_judge(&compiled, err, vadl, catalog, call->pool);
    if (!err)
        err = apid_err_join(
            check_path(call, vadl, vadl->path ? vadl->path : vadl->name),
            check_origins(call, compiled));
    if (err)
        return apid_ops_blame(err, document);
    memset(facts, 0, sizeof(*facts));
    take_facts(facts, vadl, document);
    facts->route = apid_api_route(facts->path, call->pool);
    facts->reader = is_reader(compiled);
    if (compiled->module)
        facts->module = compiled->module;
    if (api)
        *api = compiled;
    return NULL;
}

/* a name of <allow>, by what looked for it */
static apid_err_t *check_known(apid_ops_call_t *call, const apid_vadl_t *vadl,
                               apid_err_t *err)
{
    if (!err || err->kind != APID_ERR_RECORD_NOT_FOUND)
        return err;
    return apid_err_at(complain(call, vadl, "allow: %s", err->text),
                       vadl->allow.line, vadl->allow.column);
}

static apid_err_t *check_allowed(apid_ops_call_t *call, const apid_api_t *api)
{
    apid_err_t *err = NULL;
    apr_int64_t id;

    for (int i = 0; api->users && api->users[i]; i++)
        err = apid_err_join(err, check_known(
            call, api->vadl,
            apid_store_user(&id, call->store, api->users[i])));
    for (int i = 0; api->groups && api->groups[i]; i++)
        err = apid_err_join(err, check_known(
            call, api->vadl,
            apid_store_group(&id, call->store, api->groups[i])));
    return err;
}

apid_err_t *apid_ops_admit(apid_ops_call_t *call,
                           const apid_candidate_t *candidate,
                           apr_hash_t *going)
{
    const apid_vadl_t *vadl = candidate->api->vadl;
    apid_err_t *err;

    if (!call->store->lease)
        return NULL;
    err = apid_store_check_route(call->store, &candidate->facts, going);
    if (err && err->kind == APID_ERR_CONFLICT)
        apid_err_at(err, vadl->place.line, vadl->place.column);
    err = apid_err_join(err, check_allowed(call, candidate->api));
    return apid_ops_blame(err, candidate->document);
}

/* two documents of one name or address in one go: which is meant? */
static apid_err_t *check_twice(apid_ops_call_t *call, apr_hash_t *names,
                               apr_hash_t *routes,
                               const apid_candidate_t *candidate)
{
    const apid_facts_t *facts = &candidate->facts;
    const apid_ops_document_t *document = candidate->document;
    const char *route = apr_pstrcat(call->pool, facts->kind, " ",
                                    facts->method, " ", facts->route, NULL);
    const char *name = apid_ops_first(names, facts->name, document);
    const char *address = apid_ops_first(routes, route, document);
    const char *text;

    if (!name && !address)
        return NULL;
    text = name ? apr_psprintf(call->pool, "'%s' is the name", facts->name)
                : apr_pstrcat(call->pool, apid_store_address(
                      facts, call->pool), " is that", NULL);
    return apid_ops_blame(apid_err_at(
        apid_err_raise(call->pool, APID_ERR_CONFLICT,
                       "%s of another document too: %s", text,
                       name ? name : address),
        candidate->api->vadl->place.line, candidate->api->vadl->place.column),
        document);
}

apid_err_t *apid_ops_sketch(apid_facts_t *facts, apid_ops_call_t *call,
                            const apid_ops_document_t *document)
{
    apid_vadl_t named = {.name = document->name}, *vadl = &named;
    apid_err_t *err = parse(&vadl, call, document);

    if (strlen(document->text) > APID_VADL_MAX_SIZE)
        return apid_ops_blame(err, document);
    /* a draft may be half written; then it is its name that is known */
    if (err) {
        vadl = &named;
        err = check_name(call, vadl);
    }
    else {
        err = check_address(call, vadl, document);
    }
    memset(facts, 0, sizeof(*facts));
    take_facts(facts, vadl, document);
    return apid_ops_blame(err, document);
}

apid_err_t *apid_ops_trial(apid_api_t **api, apid_ops_call_t *call,
                           const char *name)
{
    apid_stored_t *stored;
    apid_facts_t facts;
    apid_err_t *err = apid_store_definition(&stored, call->store, name);

    if (err)
        return err;
    apid_ops_document_t document = {
        stored->name, stored->draft ? stored->draft : stored->document};
    if (!document.text)
        return apid_err_raise(call->pool, APID_ERR_API_NOT_FOUND,
                              "'%s' has neither a draft nor a version", name);
    err = apid_ops_compile(&facts, api, call, &document);
    if (!err && !stored->draft)
        (*api)->version = stored->live_version;
    return err;
}

apid_err_t *apid_ops_compile_all(apr_array_header_t **candidates,
                                 apid_ops_call_t *call)
{
    const apr_array_header_t *documents = apid_ops_documents(call);
    apr_hash_t *names = apr_hash_make(call->pool);
    apr_hash_t *routes = apr_hash_make(call->pool);
    apid_err_t *err = NULL;

    *candidates = apr_array_make(call->pool, documents->nelts,
                                 sizeof(apid_candidate_t));
    for (int i = 0; i < documents->nelts; i++) {
        apid_candidate_t *candidate = apr_array_push(*candidates);
        candidate->document = &APR_ARRAY_IDX(documents, i,
                                             apid_ops_document_t);
        apid_err_t *more = apid_ops_compile(&candidate->facts,
                                            &candidate->api, call,
                                            candidate->document);
        if (!more)
            more = check_twice(call, names, routes, candidate);
        else
            (*candidates)->nelts--;
        err = apid_err_join(err, more);
    }
    for (int i = 0; i < (*candidates)->nelts; i++)
        err = apid_err_join(err, apid_ops_admit(
            call, &APR_ARRAY_IDX(*candidates, i, apid_candidate_t), names));
    return err;
}
