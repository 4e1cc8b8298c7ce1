/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apid_ops_skeleton: the document that somebody begins with: the operation
 * that was chosen over a module, with the fields that it cannot do without.
 */
#include "apid_ops_parts.h"
#include "apid_xml.h"

#include <apr_strings.h>
#include <string.h>

#define FEW 5 /* fields of a select, if none is mandatory */

typedef struct skeleton_t {
    apr_pool_t *pool;
    const apid_module_t *module;
    apid_op_e op;
    apr_array_header_t *lines; /* const char * */
} skeleton_t;

static const char *const methods[APID_OPS] = {
    [APID_OP_SELECT] = "get", [APID_OP_CREATE] = "post",
    [APID_OP_UPDATE] = "put", [APID_OP_UPSERT] = "post",
    [APID_OP_DELETE] = "delete"};

__attribute__((format(printf, 2, 3))) static void add(skeleton_t *skeleton,
                                                      const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    APR_ARRAY_PUSH(skeleton->lines, const char *)
        = apr_pvsprintf(skeleton->pool, fmt, args);
    va_end(args);
}

static const char *escape(const skeleton_t *skeleton, const char *text)
{
    return apid_xml_escape(text, skeleton->pool);
}

static void add_field(skeleton_t *skeleton, const char *name)
{
    name = escape(skeleton, name);
    if (skeleton->op == APID_OP_SELECT)
        add(skeleton, "      <field name=\"%s\"/>\n", name);
    else
        add(skeleton, "      <field name=\"%s\" value=\"@%s\"/>\n", name,
            name);
}

static int is_possible(const skeleton_t *skeleton, const apid_field_t *field)
{
    return skeleton->op == APID_OP_SELECT || !field->readonly;
}

/* the mandatory fields; if there is none, the first few */
static void add_fields(skeleton_t *skeleton)
{
    const apid_module_t *module = skeleton->module;
    int most = skeleton->op == APID_OP_SELECT ? FEW : 1, n = 0;

    for (int i = 0; i < module->nfields; i++) {
        const apid_field_t *field = &module->fields[i];
        if (field->mandatory && is_possible(skeleton, field)) {
            add_field(skeleton, field->name);
            n++;
        }
    }
    for (int i = 0; i < module->nfields && !n && most; i++)
        if (is_possible(skeleton, &module->fields[i])) {
            add_field(skeleton, module->fields[i].name);
            most--;
        }
}

static void add_record(skeleton_t *skeleton)
{
    if (skeleton->op == APID_OP_DELETE)
        return;
    add(skeleton, "    <record>\n");
    if (skeleton->op != APID_OP_CREATE
        || skeleton->module->key == APID_KEY_CALLER)
        add_field(skeleton, "id");
    add_fields(skeleton);
    add(skeleton, "    </record>\n");
}

static void add_rest(skeleton_t *skeleton)
{
    if (skeleton->op == APID_OP_DELETE)
        add(skeleton, "    <where>\n      <field name=\"id\" value=\"@id\"/>\n"
            "    </where>\n");
    if (skeleton->op == APID_OP_SELECT)
        add(skeleton, "    <limit max=\"%d\"/>\n", APID_DEFAULT_ROWS);
}

static void add_document(skeleton_t *skeleton, const char *kind,
                         const char *name)
{
    const char *module = escape(skeleton, skeleton->module->name);
    const char *op = apid_op_word(skeleton->op);

    add(skeleton, "<%s", kind);
    if (name)
        add(skeleton, " name=\"%s\"", escape(skeleton, name));
    if (!strcmp(kind, "api"))
        add(skeleton, " method=\"%s\"", methods[skeleton->op]);
    add(skeleton, ">\n  <%s module=\"%s\">\n", op, module);
    add_record(skeleton);
    add_rest(skeleton);
    add(skeleton, "  </%s>\n</%s>\n", op, kind);
}

static apid_err_t *refuse(apid_ops_call_t *call, const char *arg,
                          const char *text)
{
    return apid_err_field(apid_err_raise(call->pool, APID_ERR_INVALID_VALUE,
                                         "%s", text), arg);
}

static apid_err_t *read_choice(skeleton_t *skeleton, const char **kind,
                               apid_ops_call_t *call)
{
    const char *word = apid_ops_text(call, "operation");

    *kind = apid_ops_text(call, "kind");
    *kind = *kind ? *kind : "api";
    skeleton->op = word ? apid_op_parse(word) : APID_OP_SELECT;
    if (strcmp(*kind, "api") && strcmp(*kind, "webhook"))
        return refuse(call, "kind", "must be api or webhook");
    if (skeleton->op == APID_OPS)
        return refuse(call, "operation",
                      "must be select, create, update, upsert or delete");
    if (skeleton->module->readonly && skeleton->op != APID_OP_SELECT)
        return refuse(call, "operation",
                      "must be select: the module can only be read");
    return NULL;
}

apid_err_t *apid_ops_skeleton(apid_ops_call_t *call)
{
    skeleton_t skeleton = {
        .pool = call->pool,
        .lines = apr_array_make(call->pool, 32, sizeof(char *))};
    const char *kind, *document, *name = apid_ops_text(call, "name");
    apid_module_t *module;
    apid_err_t *err = apid_store_module(&document, call->store, name);

    if (!err)
        err = apid_module_parse(&module, document, strlen(document),
                                call->pool);
    if (err)
        return err;
    skeleton.module = module;
    err = read_choice(&skeleton, &kind, call);
    if (err)
        return err;
    add_document(&skeleton, kind, apid_ops_text(call, "definition"));
    apid_json_object(call->out);
    apid_ops_put(call, "document",
                 apr_array_pstrcat(call->pool, skeleton.lines, '\0'));
    apid_json_end(call->out);
    return NULL;
}
