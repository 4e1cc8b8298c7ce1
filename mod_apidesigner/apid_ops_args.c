/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apid_ops_args: the arguments of an operation: all that it needs are there,
 * each is what its row says, and none is there that it does not know, for a
 * misspelt one would be missed in silence.
 */
#include "apid_ops_parts.h"

#include <apr_strings.h>
#include <string.h>

#define NAMES (APID_OPS_ARGS + 1)

static int is_whole(const apid_arg_t *arg)
{
    const char *text = arg->text;

    return (arg->kind == APID_ARG_TEXT || arg->kind == APID_ARG_NUMBER)
        && *text && strlen(text) < 18
        && strspn(text, "0123456789") == strlen(text);
}

static int is_documents(const apid_arg_t *arg)
{
    const apid_arg_t *item = arg->items;

    while (item && item->kind == APID_ARG_OBJECT)
        item = item->next;
    return arg->kind == APID_ARG_ARRAY && arg->nitems > 0 && !item;
}

static int is_kind(const apid_arg_t *arg, apid_ops_kind_e kind)
{
    switch (kind) {
    case APID_OPS_DOCUMENTS:
        return is_documents(arg);
    case APID_OPS_WHOLE:
    case APID_OPS_NUMBER:
        return is_whole(arg);
    case APID_OPS_FLAG:
        return arg->kind == APID_ARG_BOOLEAN
            || (arg->kind == APID_ARG_TEXT
                && (!strcmp(arg->text, "true")
                    || !strcmp(arg->text, "false")));
    default:
        return arg->kind == APID_ARG_TEXT;
    }
}

/* null is as good as nothing */
static const apid_arg_t *find_arg(const apid_ops_call_t *call,
                                  const char *name)
{
    const apid_arg_t *arg = apid_args_find(call->args, name);

    return arg && arg->kind != APID_ARG_NULL ? arg : NULL;
}

static apid_err_t *check_arg(const apid_ops_call_t *call,
                             const apid_ops_arg_t *row)
{
    const apid_arg_t *arg = find_arg(call, row->name);
    apr_size_t at;

    if (!arg && apid_ops_needs(row->kind))
        return apid_err_raise(call->pool, APID_ERR_INVALID_REQUEST,
                              "%s is missing: %s", row->name, row->help);
    if (arg && !is_kind(arg, row->kind))
        return apid_err_raise(call->pool, APID_ERR_INVALID_REQUEST,
                              "%s is not what was expected: %s", row->name,
                              row->help);
    if (arg && arg->kind == APID_ARG_TEXT && row->kind != APID_OPS_DOCUMENT
        && !apid_arg_utf8(arg->text, arg->len, &at))
        return apid_err_raise(call->pool, APID_ERR_INVALID_REQUEST,
                              "%s is not UTF-8", row->name);
    return NULL;
}

/* The names of what an operation takes; gives how many. */
static int list_names(const char *names[NAMES], const apid_ops_t *op)
{
    int n = 0;

    for (int i = 0; i < APID_OPS_ARGS && op->args[i].kind; i++) {
        names[n++] = op->args[i].name;
        if (op->args[i].kind == APID_OPS_DOCUMENT)
            names[n++] = "name";
    }
    return n;
}

static apid_err_t *check_names(const apid_ops_t *op,
                               const apid_ops_call_t *call)
{
    const char *names[NAMES], *nearest;
    int n = list_names(names, op);
    const char *other = apid_args_other(call->args, names, n);

    if (!other)
        return NULL;
    nearest = apid_err_nearest(other, names, n);
    return apid_err_raise(call->pool, APID_ERR_INVALID_REQUEST,
                          "'%s' takes no %s%s%s%s", op->words, other,
                          nearest ? "; did you mean '" : "",
                          nearest ? nearest : "", nearest ? "'?" : "");
}

apid_err_t *apid_ops_check_args(const apid_ops_t *op,
                                const apid_ops_call_t *call)
{
    apid_err_t *err = check_names(op, call);

    for (int i = 0; i < APID_OPS_ARGS && op->args[i].kind; i++)
        err = apid_err_join(err, check_arg(call, &op->args[i]));
    return err;
}

int apid_ops_needs(apid_ops_kind_e kind)
{
    return kind == APID_OPS_WORD || kind == APID_OPS_WHOLE
        || kind == APID_OPS_DOCUMENT || kind == APID_OPS_DOCUMENTS;
}

int apid_ops_has_control(const char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text < ' ' || *text == 0x7f)
            return 1;
    return 0;
}

const char *apid_ops_text(const apid_ops_call_t *call, const char *name)
{
    const apid_arg_t *arg = find_arg(call, name);

    return arg ? arg->text : NULL;
}

apr_int64_t apid_ops_number(const apid_ops_call_t *call, const char *name,
                            apr_int64_t fallback)
{
    const apid_arg_t *arg = find_arg(call, name);

    return arg ? apr_atoi64(arg->text) : fallback;
}

int apid_ops_int(const apid_ops_call_t *call, const char *name, int fallback)
{
    apr_int64_t number = apid_ops_number(call, name, fallback);

    return number > APR_INT32_MAX ? APR_INT32_MAX : (int)number;
}

int apid_ops_flag(const apid_ops_call_t *call, const char *name)
{
    const char *text = apid_ops_text(call, name);

    return text && !strcmp(text, "true");
}

static apr_size_t trimmed(const char *document)
{
    apr_size_t len = strlen(document);

    while (len && document[len - 1] == '\n')
        len--;
    return len;
}

int apid_ops_same(const char *one, const char *other)
{
    apr_size_t len = trimmed(one);

    return trimmed(other) == len && !memcmp(one, other, len);
}

static const char *find_text(const apid_arg_t *object, const char *name)
{
    for (const apid_arg_t *each = object->items; each; each = each->next)
        if (each->kind == APID_ARG_TEXT && !strcmp(each->name, name))
            return each->text;
    return NULL;
}

apr_array_header_t *apid_ops_documents(const apid_ops_call_t *call)
{
    const apid_arg_t *list = apid_args_find(call->args, "documents");
    apr_array_header_t *documents
        = apr_array_make(call->pool, list->nitems,
                         sizeof(apid_ops_document_t));

    for (const apid_arg_t *item = list->items; item; item = item->next) {
        const char *name = find_text(item, "name");
        const char *text = find_text(item, "document");
        APR_ARRAY_PUSH(documents, apid_ops_document_t)
            = (apid_ops_document_t){name ? name : "", text ? text : "",
                                    find_text(item, "file")};
    }
    return documents;
}
