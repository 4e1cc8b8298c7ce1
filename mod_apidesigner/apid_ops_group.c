/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apid_ops_group: groups of users, and what they may. A right is checked
 * against the module it is for, so that no misspelt field stays readable.
 */
#include "apid_ops_parts.h"

#include <apr_strings.h>
#include <string.h>

static int has_name(const apr_array_header_t *names, const char *name)
{
    for (int i = 0; i < names->nelts; i++)
        if (!strcmp(APR_ARRAY_IDX(names, i, const char *), name))
            return 1;
    return 0;
}

static const char *trim(char *text)
{
    char *end = text + strlen(text);

    text += strspn(text, " ");
    while (end > text && end[-1] == ' ')
        *--end = '\0';
    return text;
}

apr_array_header_t *apid_ops_names(const apid_ops_call_t *call,
                                   const char *name)
{
    apr_array_header_t *names
        = apr_array_make(call->pool, 4, sizeof(const char *));
    const char *text = apid_ops_text(call, name);
    char *last, *word = text
        ? apr_strtok(apr_pstrdup(call->pool, text), ",", &last) : NULL;

    for (; word; word = apr_strtok(NULL, ",", &last)) {
        const char *trimmed = trim(word);
        if (*trimmed && !has_name(names, trimmed))
            APR_ARRAY_PUSH(names, const char *) = trimmed;
    }
    return names;
}

static apid_err_t *answer(apid_ops_call_t *call, apid_err_t *err,
                          const char *outcome)
{
    if (err)
        return err;
    apid_json_object(call->out);
    apid_ops_put(call, "name", apid_ops_text(call, "name"));
    if (apid_ops_text(call, "module"))
        apid_ops_put(call, "module", apid_ops_text(call, "module"));
    apid_ops_put(call, "outcome", outcome);
    apid_json_end(call->out);
    return NULL;
}

static apid_err_t *read_allow(unsigned *granted, apid_ops_call_t *call)
{
    const apr_array_header_t *words = apid_ops_names(call, "allow");

    *granted = 0;
    for (int i = 0; i < words->nelts; i++) {
        const char *word = APR_ARRAY_IDX(words, i, const char *);
        apid_access_e access = apid_access_parse(word);

        if (access == APID_ACCESSES)
            return apid_err_raise(call->pool, APID_ERR_INVALID_VALUE,
                                  "'%s' cannot be allowed: expected create, "
                                  "read, update or delete", word);
        *granted |= 1u << access;
    }
    return words->nelts ? NULL : apid_err_raise(
        call->pool, APID_ERR_INVALID_REQUEST,
        "allow is missing: some of create,read,update,delete");
}

static apid_err_t *read_scope(int *own, apid_ops_call_t *call)
{
    const char *word = apid_ops_text(call, "scope");

    *own = word && !strcmp(word, "own");
    return !word || *own || !strcmp(word, "all") ? NULL : apid_err_raise(
        call->pool, APID_ERR_INVALID_VALUE,
        "'%s' is no scope: expected all or own", word);
}

static apid_err_t *check_field(apid_ops_call_t *call,
                               const apid_module_t *module, const char *name)
{
    const apid_field_t *field = apid_module_field(module, name);
    const char *nearest;

    if (field == &module->id)
        return apid_err_raise(call->pool, APID_ERR_INVALID_VALUE,
                              "'id' can be neither hidden nor read-only");
    if (field)
        return NULL;
    nearest = apid_module_nearest(module, name, call->pool);
    return apid_err_raise(call->pool, APID_ERR_INVALID_VALUE,
                          "unknown field '%s' in %s%s%s%s", name, module->name,
                          nearest ? "; did you mean '" : "",
                          nearest ? nearest : "", nearest ? "'?" : "");
}

/* the fields of an argument, NULL-terminated; module is NULL: of all */
static apid_err_t *read_fields(const char *const **fields,
                               apid_ops_call_t *call,
                               const apid_module_t *module, const char *arg)
{
    apr_array_header_t *names = apid_ops_names(call, arg);
    apid_err_t *err = NULL;

    if (names->nelts && !module)
        return apid_err_raise(call->pool, APID_ERR_INVALID_VALUE,
                              "%s: fields are of one module, not of all",
                              arg);
    for (int i = 0; i < names->nelts; i++)
        err = apid_err_join(err, check_field(call, module,
                                             APR_ARRAY_IDX(names, i,
                                                           const char *)));
    APR_ARRAY_PUSH(names, const char *) = NULL;
    *fields = (const char *const *)names->elts;
    return err;
}

/* *module is NULL for all of them */
static apid_err_t *find_module(apid_module_t **module, apid_ops_call_t *call)
{
    const char *document, *name = apid_ops_text(call, "module");
    apid_err_t *err;

    *module = NULL;
    if (!strcmp(name, APID_EVERY_MODULE))
        return NULL;
    err = apid_store_module(&document, call->store, name);
    return err ? err : apid_module_parse(module, document, strlen(document),
                                         call->pool);
}

static apid_err_t *read_right(apid_right_t *right, apid_ops_call_t *call)
{
    apid_module_t *module;
    apid_err_t *err = find_module(&module, call);

    if (err)
        return err;
    right->module = apid_ops_text(call, "module");
    err = apid_err_join(read_allow(&right->granted, call),
                        read_scope(&right->own, call));
    err = apid_err_join(err, read_fields(&right->hidden, call, module,
                                         "hidden"));
    err = apid_err_join(err, read_fields(&right->readonly, call, module,
                                         "readonly"));
    if (!err && right->own && module && !module->owner)
        err = apid_err_raise(call->pool, APID_ERR_INVALID_VALUE,
                             "%s has no owner field, so that no record "
                             "there is anybody's own", module->name);
    return err;
}

apid_err_t *apid_ops_group_list(apid_ops_call_t *call)
{
    return apid_ops_write_list(call, NULL, APID_LIST_GROUPS, NULL);
}

apid_err_t *apid_ops_group_add(apid_ops_call_t *call)
{
    const char *name = apid_ops_text(call, "name");
    apid_err_t *err = apid_ops_user_name(call, "group", name);

    if (!err)
        err = apid_store_add_group(call->store, name);
    return answer(call, err, "added");
}

apid_err_t *apid_ops_group_drop(apid_ops_call_t *call)
{
    return answer(call, apid_store_drop_group(call->store,
                                              apid_ops_text(call, "name")),
                  "dropped");
}

apid_err_t *apid_ops_group_show(apid_ops_call_t *call)
{
    const char *name = apid_ops_text(call, "name");
    apr_int64_t id;
    apid_err_t *err = apid_store_group(&id, call->store, name);

    if (err)
        return err;
    apid_json_object(call->out);
    apid_ops_put(call, "name", name);
    err = apid_ops_write_list(call, "users", APID_LIST_MEMBERS, name);
    if (!err)
        err = apid_ops_write_list(call, "rights", APID_LIST_RIGHTS, name);
    apid_json_end(call->out);
    return err;
}

apid_err_t *apid_ops_group_right(apid_ops_call_t *call)
{
    apid_right_t right = {0};
    apid_err_t *err = read_right(&right, call);

    if (!err)
        err = apid_store_set_right(call->store, apid_ops_text(call, "name"),
                                   &right);
    return answer(call, err, "set");
}

apid_err_t *apid_ops_group_unright(apid_ops_call_t *call)
{
    return answer(call,
                  apid_store_drop_right(call->store,
                                        apid_ops_text(call, "name"),
                                        apid_ops_text(call, "module")),
                  "taken away");
}
