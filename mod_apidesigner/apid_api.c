/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apid_api: a document's settings, parameters and bindings, and the order of
 * the compilation. Operations are compiled by apid_plan, conditions by
 * apid_cond, SQL text by apid_plan_sql. Nothing stops at the first error: all
 * are gathered, and only a document without any becomes an apid_api_t.
 */
#include "apid_api_parts.h"

#include <apr_escape.h>
#include <apr_lib.h>
#include <apr_strings.h>

static void note(apid_compile_t *c, apid_place_t place, const char *fmt,
                 va_list args)
{
    const char *text = apr_pvsprintf(c->pool, fmt, args);
    apid_err_t *err = apid_err_raise(c->pool, APID_ERR_INVALID_DEFINITION,
                                     "%s", text);

    c->err = apid_err_join(c->err, apid_err_at(err, place.line, place.column));
}

void apid_compile_error(apid_compile_t *c, apid_place_t place,
                        const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    note(c, place, fmt, args);
    va_end(args);
}

void apid_compile_missing(apid_compile_t *c, apid_place_t place,
                          const char *fmt, ...)
{
    va_list args;

    if (c->vadl->partial)
        return;
    va_start(args, fmt);
    note(c, place, fmt, args);
    va_end(args);
}

static void trim_end(char *word)
{
    char *end = word + strlen(word);

    while (end > word && apr_isspace(end[-1]))
        *--end = '\0';
}

/** A list of words of a text, trimmed, NULL-terminated; NULL if there are
 * none. */
static const char *const *split_words(const char *text, const char *separators,
                                      apr_pool_t *pool)
{
    apr_array_header_t *words = apr_array_make(pool, 4, sizeof(char *));
    char *last, *word;

    if (!text)
        return NULL;
    for (word = apr_strtok(apr_pstrdup(pool, text), separators, &last); word;
         word = apr_strtok(NULL, separators, &last)) {
        while (apr_isspace(*word))
            word++;
        trim_end(word);
        if (*word)
            APR_ARRAY_PUSH(words, const char *) = word;
    }
    if (!words->nelts)
        return NULL;
    APR_ARRAY_PUSH(words, const char *) = NULL;
    return (const char *const *)words->elts;
}

/** The index of a parameter, known or new. */
static int add_param(apid_compile_t *c, const char *name,
                     const apid_field_t *field, apid_place_t place)
{
    int *index = apr_hash_get(c->by_name, name, APR_HASH_KEY_STRING);
    apid_param_t *param;

    if (index) {
        param = &APR_ARRAY_IDX(c->params, *index, apid_param_t);
    }
    else {
        if (c->params->nelts == APID_MAX_PARAMS)
            apid_compile_error(c, place, "more than %d parameters",
                               APID_MAX_PARAMS);
        index = apr_palloc(c->pool, sizeof(*index));
        *index = c->params->nelts;
        param = apr_array_push(c->params);
        memset(param, 0, sizeof(*param));
        param->name = apr_pstrdup(c->pool, name);
        apr_hash_set(c->by_name, param->name, APR_HASH_KEY_STRING, index);
    }
    if (field && !param->field) {
        param->field = field;
        param->domain = &field->domain;
    }
    return *index;
}

/** The draft that an operation's `as` names, when name is "as.column". */
static apid_draft_t *find_result(apid_compile_t *c, const char *name,
                                 const char **column)
{
    int i;

    for (i = 0; i < c->ndrafts; i++) {
        const char *as = c->drafts[i].op->as;
        apr_size_t len = as ? strlen(as) : 0;

        if (len && !strncmp(name, as, len) && name[len] == '.') {
            *column = name + len + 1;
            return &c->drafts[i];
        }
    }
    return NULL;
}

static void bind_result(apid_compile_t *c, apid_binding_t *binding,
                        apid_draft_t *draft, const char *column,
                        apid_place_t place)
{
    apid_located_t located;
    int i;

    binding->source = APID_SOURCE_RESULT;
    binding->op = (int)(draft - c->drafts);
    for (i = 0; i < draft->columns->nelts; i++)
        if (!strcmp(APR_ARRAY_IDX(draft->columns, i, apid_column_t).name,
                    column)) {
            binding->column = i;
            return;
        }
    located = apid_compile_locate(c, draft, column, place);
    if (located.field)
        binding->column = apid_compile_column(c, draft, &located, column);
}

/** The place of an operation, from the one that is compiled on, when name is
 * "as.column" of it; -1 if it is of none. */
static int find_later(const apid_compile_t *c, const char *name)
{
    int i;

    for (i = c->at; i < c->vadl->ops->nelts; i++) {
        const char *as = APR_ARRAY_IDX(c->vadl->ops, i, apid_vadl_op_t).as;
        apr_size_t len = as ? strlen(as) : 0;

        if (len && !strncmp(name, as, len) && name[len] == '.')
            return i;
    }
    return -1;
}

static void bind_name(apid_compile_t *c, apid_binding_t *binding,
                      const char *name, const apid_field_t *field,
                      apid_place_t place)
{
    const char *column;
    apid_draft_t *draft = find_result(c, name, &column);
    const apid_builtin_t *builtin = apid_catalog_builtin(name);

    if (draft) {
        if (draft->plan->op == APID_OP_DELETE)
            apid_compile_error(c, place, "'@%s': a delete has no result",
                               name);
        else
            bind_result(c, binding, draft, column, place);
        return;
    }
    if (find_later(c, name) >= 0) {
        apid_compile_error(c, place, "'@%s': %s; expected one above it, or a "
                           "parameter of another name", name,
                           find_later(c, name) == c->at
                               ? "an operation has no result of its own yet"
                               : "that operation runs later");
        return;
    }
    if (builtin && !apr_hash_get(c->by_name, name, APR_HASH_KEY_STRING)) {
        binding->source = APID_SOURCE_USER_ID + builtin->which;
        return;
    }
    binding->source = APID_SOURCE_PARAM;
    binding->param = add_param(c, name, field, place);
}

apid_binding_t apid_compile_binding(apid_compile_t *c, const char *text,
                                    const apid_field_t *field,
                                    apid_place_t place)
{
    apid_binding_t binding = {0};

    if (text[0] != '@' || text[1] == '@') {
        binding.source = APID_SOURCE_LITERAL;
        binding.literal = apid_arg_literal(text + (text[0] == '@'), c->pool);
    }
    else if (!text[1] || strpbrk(text, " \t\r\n")) {
        apid_compile_error(c, place, "'%s' is no parameter: expected '@name' "
                           "('@@' begins a literal '@')", text);
    }
    else {
        bind_name(c, &binding, text + 1, field, place);
    }
    return binding;
}

void apid_compile_literal(apid_compile_t *c, const apid_module_t *module,
                          const apid_field_t *field,
                          const apid_vadl_field_t *bound,
                          const apid_arg_t *literal)
{
    apid_value_t values[APID_MAX_KEYS];
    int several = field == &module->id && module->tables[0].ncolumns > 1;
    apid_err_t *err = several
        ? apid_catalog_parse_id(values, module, literal, c->pool)
        : apid_value_parse(values, &field->domain, literal, c->pool);

    if (err)
        apid_compile_error(c, bound->place, "'%s' for field '%s': %s",
                           literal->text, bound->name, err->text);
}

void apid_compile_fit(apid_compile_t *c, const apid_binding_t *binding,
                      const apid_vadl_field_t *bound,
                      const apid_field_t *field)
{
    apid_err_t *err;

    if (binding->source < APID_SOURCE_USER_ID
        || binding->source > APID_SOURCE_TODAY)
        return;
    err = apid_catalog_fit(apid_catalog_builtin(bound->value + 1),
                           &field->domain, c->pool);
    if (err)
        apid_compile_error(c, bound->place, "'%s' for field '%s': %s",
                           bound->value, bound->name, err->text);
}

apid_shape_e apid_api_shape(const apid_plan_t *plan, apid_profile_e profile)
{
    if (plan->op == APID_OP_DELETE)
        return profile == APID_PROFILE_VTIGER ? APID_SHAPE_STATUS
                                              : APID_SHAPE_NONE;
    return plan->op == APID_OP_CREATE
            || (plan->op == APID_OP_SELECT && plan->one)
        ? APID_SHAPE_OBJECT : APID_SHAPE_LIST;
}

apid_err_t *apid_api_path_params(apr_array_header_t **names, const char *path,
                                 apr_pool_t *pool)
{
    const char *open = path ? strchr(path, '{') : NULL;

    *names = apr_array_make(pool, 2, sizeof(const char *));
    if (path && strchr(path, '}') && !open)
        open = strchr(path, '}');
    for (; open; open = strchr(open, '{')) {
        apr_size_t len = strcspn(open + 1, "{}/");
        int whole = (open == path || open[-1] == '/') && open[len + 1] == '}'
            && (!open[len + 2] || open[len + 2] == '/');

        if (*open != '{' || !len || !whole)
            return apid_err_raise(pool, APID_ERR_INVALID_DEFINITION,
                                  "path '%s': a part is written '{name}' and "
                                  "is a whole segment between slashes", path);
        APR_ARRAY_PUSH(*names, const char *)
            = apr_pstrmemdup(pool, open + 1, len);
        open += len + 2;
    }
    return NULL;
}

const char *apid_api_route(const char *path, apr_pool_t *pool)
{
    char *route = apr_pstrdup(pool, path), *to = route;

    for (; *path; path++) {
        *to++ = *path;
        if (*path == '{')
            path += strcspn(path, "}") - 1;
    }
    *to = '\0';
    return route;
}

/** What is sent is decoded before it is looked up. */
static void check_encoded(apid_compile_t *c)
{
    const char *at = c->vadl->path;
    const char *decoded;

    while (at && (at = strchr(at, '%'))
           && !(apr_isxdigit(at[1]) && apr_isxdigit(at[2])))
        at++;
    if (!at)
        return;
    decoded = apr_punescape_url(c->pool, c->vadl->path, NULL, NULL, 0);
    apid_compile_error(c, c->vadl->place, "path '%s' is percent-encoded: it "
                       "is written as it is meant%s%s%s", c->vadl->path,
                       decoded ? ", '" : "", decoded ? decoded : "",
                       decoded ? "'" : "");
}

static void add_path_param(apid_compile_t *c, const char *name)
{
    int known = c->params->nelts;
    int index = add_param(c, name, NULL, c->vadl->place);

    if (index < known)
        apid_compile_error(c, c->vadl->place, "path '%s': the part '{%s}' is "
                           "there twice; expected a name of its own for each",
                           c->vadl->path, name);
    APR_ARRAY_IDX(c->params, index, apid_param_t).in_path = 1;
}

static void add_path_params(apid_compile_t *c)
{
    apr_array_header_t *names;
    apid_err_t *err = apid_api_path_params(&names, c->vadl->path, c->pool);
    int i;

    if (err) {
        apid_compile_error(c, c->vadl->place, "%s", err->text);
        return;
    }
    check_encoded(c);
    for (i = 0; i < names->nelts; i++)
        add_path_param(c, APR_ARRAY_IDX(names, i, const char *));
}

static void compile_settings(apid_compile_t *c)
{
    const apid_vadl_t *vadl = c->vadl;
    apid_api_t *api = c->api;
    apid_addresses_t *addresses;
    apid_err_t *err = apid_auth_parse_addresses(&addresses, vadl->addresses,
                                                c->pool);

    if (err)
        apid_compile_error(c, vadl->security, "addresses: %s", err->text);
    if (vadl->max_affected > APID_MAX_AFFECTED)
        apid_compile_error(c, vadl->limits, "max-affected is at most %d",
                           APID_MAX_AFFECTED);
    api->name = vadl->name;
    api->path = vadl->path ? vadl->path : vadl->name;
    api->description = vadl->description;
    api->kind = vadl->kind;
    api->method = vadl->method;
    api->token_in = vadl->token_in;
    api->addresses = err ? NULL : addresses;
    api->origins = split_words(vadl->origins, ", \t\r\n", c->pool);
    api->users = split_words(vadl->users, ",", c->pool);
    api->groups = split_words(vadl->groups, ",", c->pool);
    api->minute = vadl->minute;
    api->day = vadl->day;
    api->max_affected = vadl->max_affected ? vadl->max_affected
                                           : APID_DEFAULT_AFFECTED;
}

/** The module of an operation: its own, else the definition's. */
static const apid_module_t *find_module(apid_compile_t *c,
                                        const apid_vadl_op_t *op)
{
    const char *name = op->module ? op->module : c->vadl->module;
    const apid_module_t *module;
    const char *nearest;

    if (!name || !*name) {
        apid_compile_missing(c, op->place, "%s has no module; expected "
                           "module=\"...\"", apid_op_word(op->op));
        return NULL;
    }
    module = apid_catalog_module(c->catalog, name);
    if (module)
        return module;
    if (apid_catalog_fault(c->catalog, name)) {
        apid_compile_error(c, op->place, "module '%s' does not work: %s",
                           name, apid_catalog_fault(c->catalog, name));
        return NULL;
    }
    nearest = apid_catalog_nearest(c->catalog, name, c->pool);
    apid_compile_error(c, op->place, "unknown module '%s'%s%s%s", name,
                       nearest ? "; did you mean '" : "",
                       nearest ? nearest : "", nearest ? "'?" : "");
    return NULL;
}

static void compile_op(apid_compile_t *c, apid_plan_t *plan, int i)
{
    apid_draft_t *draft = &c->drafts[i];

    c->at = i;
    draft->op = &APR_ARRAY_IDX(c->vadl->ops, i, apid_vadl_op_t);
    draft->plan = plan;
    draft->module = find_module(c, draft->op);
    draft->refs = apr_array_make(c->pool, 2, sizeof(apid_ref_t));
    draft->columns = apr_array_make(c->pool, 16, sizeof(apid_column_t));
    plan->op = draft->op->op;
    plan->as = draft->op->as;
    plan->one = draft->op->one;
    plan->module = draft->module;
    if (draft->module)
        apid_compile_op(c, draft);
    c->ndrafts = draft->module ? i + 1 : i;
}

static void compile_ops(apid_compile_t *c)
{
    int n = c->vadl->ops->nelts;
    apid_plan_t *plans = apr_pcalloc(c->pool, n * sizeof(*plans));
    int i;

    c->drafts = apr_pcalloc(c->pool, n * sizeof(*c->drafts));
    for (i = 0; i < n; i++) {
        compile_op(c, &plans[i], i);
        if (plans[i].op != APID_OP_SELECT)
            c->api->writes = 1;
        if (!c->api->module && plans[i].module)
            c->api->module = plans[i].module->name;
    }
    if (!c->err && !c->vadl->partial)
        for (i = 0; i < n; i++)
            apid_compile_sql(c, &c->drafts[i]);
    c->api->plans = plans;
    c->api->nplans = n;
}

static apid_err_t *compile(apid_api_t **api, const apid_vadl_t *vadl,
                           const apid_catalog_t *catalog, apr_pool_t *pool)
{
    apid_compile_t c = {0};

    c.pool = pool;
    c.vadl = vadl;
    c.catalog = catalog;
    c.api = apr_pcalloc(pool, sizeof(*c.api));
    c.params = apr_array_make(pool, 16, sizeof(apid_param_t));
    c.by_name = apr_hash_make(pool);
    c.api->module = vadl->module;
    c.api->vadl = vadl;
    compile_settings(&c);
    add_path_params(&c);
    compile_ops(&c);
    c.api->params = (const apid_param_t *)c.params->elts;
    c.api->nparams = c.params->nelts;
    *api = c.err ? NULL : c.api;
    return c.err;
}

apid_err_t *apid_api_stored(apid_api_t **api, const char *document,
                            const char *name, const apid_catalog_t *catalog,
                            apr_pool_t *pool)
{
    apid_vadl_t *vadl;
    apid_err_t *err = apid_vadl_parse(&vadl, document, strlen(document), pool);

    if (err)
        return err;
    vadl->name = name;
    return compile(api, vadl, catalog, pool);
}

apid_err_t *apid_api_judge(apid_api_t **api, apid_err_t *err,
                           const apid_vadl_t *vadl,
                           const apid_catalog_t *catalog, apr_pool_t *pool)
{
    apid_err_t *more = compile(api, vadl, catalog, pool);

    if (err)
        *api = NULL;
    return apid_err_sort(apid_err_join(err, more));
}

apid_err_t *apid_api_parse(apid_api_t **api, const char *text,
                           const apid_catalog_t *catalog, apr_pool_t *pool)
{
    apid_vadl_t *vadl;
    apid_err_t *err = apid_vadl_parse(&vadl, text, strlen(text), pool);

    *api = NULL;
    if (!vadl)
        return err;
    return apid_api_judge(api, err, vadl, catalog, pool);
}
