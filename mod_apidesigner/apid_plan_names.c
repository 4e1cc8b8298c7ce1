/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apid_plan_names: names of fields, plain and dotted, to fields and their SQL.
 * What a name is reached through is joined: tables of the module, and modules
 * that references lead to.
 */
#include "apid_api_parts.h"

#include <apr_strings.h>

static apid_ref_t *get_ref(const apid_draft_t *draft, int ref)
{
    return &APR_ARRAY_IDX(draft->refs, ref, apid_ref_t);
}

/** "CONCAT_WS(',', ...)" of a composite key's columns: the id that callers
 * see, its parts percent-encoded where they would be ambiguous. */
static const char *join_key(const apid_module_t *module, const char *alias,
                            apr_pool_t *pool)
{
    const apid_table_t *table = &module->tables[0];
    const char *sql = "CONCAT_WS(','";
    int i;

    for (i = 0; i < table->ncolumns; i++)
        sql = apr_psprintf(pool, "%s, REPLACE(REPLACE(%s.%s, '%%', '%%25'), "
                           "',', '%%2C')", sql, alias, table->columns[i]);
    return apr_pstrcat(pool, sql, ")", NULL);
}

/** The SQL of a field of the draft's module (ref is -1) or of one that is
 * reached; its table is joined. */
static const char *use_field(apid_compile_t *c, apid_draft_t *draft, int ref,
                             const apid_field_t *field)
{
    const apid_module_t *module = draft->module;
    const char *alias = module->tables[field->table].alias;

    if (ref < 0) {
        draft->used |= 1u << field->table;
    }
    else {
        module = get_ref(draft, ref)->module;
        get_ref(draft, ref)->used |= 1u << field->table;
        alias = apr_psprintf(c->pool, "r%d_%d", ref, field->table);
    }
    if (field == &module->id && module->tables[0].ncolumns > 1)
        return join_key(module, alias, c->pool);
    return ref < 0 ? field->sql
                   : apr_pstrcat(c->pool, alias, ".", field->column, NULL);
}

static int add_ref(apid_compile_t *c, apid_draft_t *draft, int parent,
                   const apid_field_t *field, const char *path)
{
    const char *from = use_field(c, draft, parent, field);
    apid_ref_t *ref;
    int i;

    for (i = 0; i < draft->refs->nelts; i++)
        if (!strcmp(get_ref(draft, i)->path, path))
            return i;
    ref = apr_array_push(draft->refs);
    memset(ref, 0, sizeof(*ref));
    ref->path = path;
    ref->module = field->target;
    ref->field = field;
    ref->parent = parent;
    ref->from = from;
    ref->number = i;
    ref->used = 1;
    return i;
}

/** Steps over the reference `field`; -1 if it cannot be followed. */
static int follow(apid_compile_t *c, apid_draft_t *draft, int ref,
                  const apid_field_t *field, const char *path)
{
    if (!field->target || field->target->tables[0].ncolumns != 1)
        return -1;
    return add_ref(c, draft, ref, field, path);
}

int apid_compile_works(apid_compile_t *c, const apid_module_t *module,
                       const apid_field_t *field, apid_place_t place)
{
    if (field->fault)
        apid_compile_error(c, place, "field '%s' of %s does not work: %s",
                           field->name, module->name, field->fault);
    return !field->fault;
}

const apid_field_t *apid_compile_field(apid_compile_t *c,
                                       const apid_module_t *module,
                                       const char *name, apid_place_t place)
{
    const apid_field_t *field = apid_module_field(module, name);
    const char *nearest;

    if (field && apid_compile_works(c, module, field, place))
        return field;
    if (field)
        return NULL;
    nearest = apid_module_nearest(module, name, c->pool);
    apid_compile_error(c, place, "unknown field '%s' in %s%s%s%s", name,
                       module->name, nearest ? "; did you mean '" : "",
                       nearest ? nearest : "", nearest ? "'?" : "");
    return NULL;
}

apid_located_t apid_compile_own(apid_compile_t *c, apid_draft_t *draft,
                                const apid_field_t *field)
{
    apid_located_t located = {field, draft->module, -1, NULL};

    located.sql = use_field(c, draft, -1, field);
    return located;
}

apid_located_t apid_compile_locate(apid_compile_t *c, apid_draft_t *draft,
                                   const char *name, apid_place_t place)
{
    apid_located_t located = {NULL, draft->module, -1, NULL};
    const char *at = name, *dot;
    int hops = 0;

    while (located.module && (dot = strchr(at, '.'))) {
        const char *step = apr_pstrmemdup(c->pool, at, dot - at);
        const apid_field_t *field
            = apid_compile_field(c, located.module, step, place);

        if (!field)
            return located;
        located.ref = hops++ < APID_MAX_HOPS
            ? follow(c, draft, located.ref, field,
                     apr_pstrmemdup(c->pool, name, dot - name))
            : -1;
        if (located.ref < 0) {
            apid_compile_error(c, place, hops > APID_MAX_HOPS
                ? "'%s' follows more than three references"
                : "'%s' cannot be followed: '%s' of %s is not a reference "
                  "to a module", name, step, located.module->name);
            return located;
        }
        located.module = get_ref(draft, located.ref)->module;
        at = dot + 1;
    }
    if (!located.module)
        return located;
    located.field = apid_compile_field(c, located.module, at, place);
    if (located.field)
        located.sql = use_field(c, draft, located.ref, located.field);
    return located;
}

