/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apid_ops_record: looks at the records of a module, as an API over it would:
 * a definition is written for the purpose and runs like any other, with the
 * rights of whoever looks.
 */
#include "apid_ops_parts.h"
#include "apid_run.h"
#include "apid_tables.h"
#include "apid_updates.h"
#include "apid_xml.h"

#include <apr_strings.h>
#include <json-c/json.h>
#include <string.h>

#define MOST 200 /* records of one page */
#define NAMES 2  /* fields that name a record */
#define JOINS 16 /* references whose records are named */

/* a definition in the making */
typedef struct look_t {
    apid_ops_call_t *call;
    const apid_module_t *module;
    apr_array_header_t *lines; /* const char * */
    int njoins;                /* references that are followed for names */
    apid_call_t run;
} look_t;

__attribute__((format(printf, 2, 3))) static void add(look_t *look,
                                                      const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    APR_ARRAY_PUSH(look->lines, const char *)
        = apr_pvsprintf(look->call->pool, fmt, args);
    va_end(args);
}

static const char *escape(const look_t *look, const char *text)
{
    return apid_xml_escape(text, look->call->pool);
}

/* the tool is whoever may do everything */
static const apid_user_t *find_user(apid_ops_call_t *call)
{
    apid_user_t *user;

    if (call->user)
        return call->user;
    user = apr_pcalloc(call->pool, sizeof(*user));
    user->name = call->store->actor;
    user->role = APID_ROLE_ADMIN;
    user->rights = apid_rights_whole();
    user->id = "";
    return user;
}

/* fields that who looks may not read are neither shown nor searched */
static int is_hidden(const look_t *look, const apid_field_t *field)
{
    const apid_user_t *user = find_user(look->call);

    return apid_permit_hides(apid_rights_permit(user->rights,
                                                look->module->name),
                             APID_ACCESS_READ, field->name);
}

static int is_searched(const apid_field_t *field)
{
    switch (field->domain.type) {
    case APID_TYPE_STRING:
    case APID_TYPE_EMAIL:
    case APID_TYPE_PHONE:
    case APID_TYPE_URL:
    case APID_TYPE_PICKLIST:
        return 1;
    default:
        return 0;
    }
}

/* whether no two rows of a module have one key, which would show what refers
 * to them twice: nobody saw to it where a module only reads */
static int is_keyed(const look_t *look, const apid_module_t *module)
{
    apid_lease_t *lease = look->call->store->lease;
    apr_pool_t *pool = look->call->pool;
    apid_table_facts_t *facts;
    int keyed = 1;

    for (int i = 0; module->readonly && keyed && i < module->ntables; i++)
        if (apid_tables_keyed(&keyed, &module->tables[i], lease, pool)
            || apid_tables_facts(&facts, module->tables[i].name, lease, pool)
            || facts->view)
            return 0;
    return keyed;
}

/* whether a reference may be followed: keys that are texts may not compare,
 * nor be found by an index */
static int is_followed(const look_t *look, const apid_field_t *field)
{
    const apid_module_t *target = field->target;

    return look->njoins < JOINS && target && target->tables[0].ncolumns == 1
        && field->domain.cls != APID_TEXT && !field->domain.digits
        && is_keyed(look, target);
}

/* what names the record that a reference leads to: its first short texts, up
 * to one that all records have */
static void add_names(look_t *look, const apid_field_t *field)
{
    int n = 0;

    if (!is_followed(look, field))
        return;
    look->njoins++;
    for (int i = 0; n < NAMES && i < field->target->nfields; i++) {
        const apid_field_t *name = &field->target->fields[i];
        if (name->domain.type != APID_TYPE_STRING)
            continue;
        add(look, "<field name=\"%s.%s\"/>", escape(look, field->name),
            escape(look, name->name));
        n += name->mandatory ? NAMES : 1;
    }
}

static void add_fields(look_t *look)
{
    add(look, "<record>");
    if (look->module->key != APID_KEY_NONE)
        add(look, "<field name=\"id\"/>");
    for (int i = 0; i < look->module->nfields; i++) {
        const apid_field_t *field = &look->module->fields[i];
        if (is_hidden(look, field))
            continue;
        add(look, "<field name=\"%s\"/>", escape(look, field->name));
        add_names(look, field);
    }
    add(look, "</record>");
}

/* any of the short texts holds what is searched for */
static void add_search(look_t *look)
{
    int n = 0;

    if (!apid_ops_text(look->call, "search"))
        return;
    for (int i = 0; i < look->module->nfields; i++)
        if (is_searched(&look->module->fields[i])
            && !is_hidden(look, &look->module->fields[i]))
            add(look, "%s<field name=\"%s\" condition=\"contains\" "
                "value=\"@search\"/>", n++ ? "" : "<where glue=\"or\">",
                escape(look, look->module->fields[i].name));
    if (n)
        add(look, "</where>");
}

static apid_err_t *open_look(look_t *look, apid_ops_call_t *call)
{
    const apid_catalog_t *catalog;
    const char *document, *name = apid_ops_text(call, "module");
    apid_err_t *err = apid_store_module(&document, call->store, name);

    if (!err)
        err = apid_ops_catalog(&catalog, call);
    if (err)
        return err;
    *look = (look_t){
        .call = call, .module = apid_catalog_module(catalog, name),
        .lines = apr_array_make(call->pool, 64, sizeof(char *))};
    return NULL;
}

/* runs the one select of the document that write makes */
static apid_err_t *run_select(apid_result_t **result, look_t *look,
                              void (*write)(look_t *))
{
    apid_ops_call_t *call = look->call;
    apid_api_t *api;
    apid_err_t *err;

    apr_array_clear(look->lines);
    write(look);
    err = apid_api_parse(
        &api, apr_array_pstrcat(call->pool, look->lines, '\0'), call->catalog,
        call->pool);
    if (err)
        return err;
    look->run = (apid_call_t){.api = api, .args = call->args,
                              .user = find_user(call), .request_id = "",
                              .now = apr_time_now(), .max_rows = MOST};
    return apid_run_look(result, &look->run, call->store->lease, call->pool);
}

/* records are looked at although what they refer to cannot be */
static apid_err_t *run(apid_result_t **result, look_t *look,
                       void (*write)(look_t *))
{
    apid_err_t *err = run_select(result, look, write);

    if (err && look->njoins) {
        look->njoins = JOINS;
        err = run_select(result, look, write);
    }
    if (err && err->kind == APID_ERR_OUTDATED)
        err->text = apr_psprintf(
            look->call->pool, "%s does not fit its tables as they are: its "
            "warnings tell why", look->module->name);
    return err;
}

/* date-times as everywhere in answers of operations */
static void put_value(apid_ops_call_t *call, const apid_value_t *value,
                      const apid_domain_t *domain)
{
    char text[APID_VALUE_MAX];

    if (apid_value_is_null(value))
        apid_json_null(call->out);
    else if (value->cls == APID_BYTES)
        apid_json_base64(call->out, value->text, value->len);
    else if (value->cls == APID_TIME)
        apid_json_text(call->out, text, apid_value_format(text, value, domain,
                                                          APID_STYLE_RFC3339));
    else
        apid_json_string(call->out,
                         apid_value_text(value, domain, call->pool));
}

static void put_column(apid_ops_call_t *call, const apid_column_t *column)
{
    apid_ops_put(call, "name", column->name);
    apid_ops_put(call, "label", column->field->label);
    apid_ops_put_domain(call, column->domain);
    apid_ops_put(call, "refers", column->field->refers);
}

static void put_columns(apid_ops_call_t *call, const apid_plan_t *plan)
{
    apid_json_key(call->out, "columns");
    apid_json_array(call->out);
    for (int i = 0; i < plan->nshown; i++) {
        if (plan->columns[i].hidden)
            continue;
        apid_json_object(call->out);
        put_column(call, &plan->columns[i]);
        apid_json_end(call->out);
    }
    apid_json_end(call->out);
}

static apid_err_t *put_rows(apid_ops_call_t *call, apid_result_t *result)
{
    const apid_plan_t *plan = apid_run_plan(result);
    const apid_value_t *row;
    apid_err_t *err;

    apid_json_key(call->out, "rows");
    apid_json_array(call->out);
    while (!(err = apid_run_next(&row, result)) && row) {
        apid_json_object(call->out);
        for (int i = 0; i < plan->nshown; i++) {
            if (plan->columns[i].hidden)
                continue;
            apid_json_key(call->out, plan->columns[i].name);
            put_value(call, &row[i], plan->columns[i].domain);
        }
        apid_json_end(call->out);
    }
    apid_json_end(call->out);
    return err;
}

static void write_page(look_t *look)
{
    add(look, "<api name=\"records\"><select module=\"%s\">",
        escape(look, look->module->name));
    add_fields(look);
    add_search(look);
    add(look, "<limit max=\"@max\" page=\"@page\"/></select></api>");
}

apid_err_t *apid_ops_records(apid_ops_call_t *call)
{
    look_t look;
    apid_result_t *result;
    apid_err_t *err = open_look(&look, call);

    if (err)
        return err;
    err = run(&result, &look, write_page);
    if (err)
        return err;
    apid_json_object(call->out);
    apid_ops_put(call, "module", look.module->name);
    apid_ops_put_int(call, "page", apid_run_page(result));
    put_columns(call, apid_run_plan(result));
    err = put_rows(call, result);
    apid_json_key(call->out, "more");
    apid_json_boolean(call->out, apid_run_more(result));
    apid_json_end(call->out);
    return err;
}

static void put_fields(apid_ops_call_t *call, const apid_plan_t *plan,
                       const apid_value_t *row)
{
    apid_json_key(call->out, "fields");
    apid_json_array(call->out);
    for (int i = 0; i < plan->nshown; i++) {
        if (plan->columns[i].hidden)
            continue;
        apid_json_object(call->out);
        put_column(call, &plan->columns[i]);
        apid_json_key(call->out, "value");
        put_value(call, &row[i], plan->columns[i].domain);
        apid_json_end(call->out);
    }
    apid_json_end(call->out);
}

static void write_record(look_t *look)
{
    add(look, "<api name=\"record\"><select module=\"%s\" one=\"true\">",
        escape(look, look->module->name));
    add_fields(look);
    add(look, "<where><field name=\"id\" value=\"@id\"/></where>"
        "</select></api>");
}

/* finds the record that the call names */
static apid_err_t *find_record(apid_result_t **result,
                               const apid_value_t **row, look_t *look,
                               apid_ops_call_t *call)
{
    apid_err_t *err = open_look(look, call);

    if (!err && look->module->key == APID_KEY_NONE)
        err = apid_err_raise(call->pool, APID_ERR_RECORD_NOT_FOUND,
                             "Records of %s have no id", look->module->name);
    if (err)
        return err;
    err = run(result, look, write_record);
    if (!err)
        err = apid_run_next(row, *result);
    return err;
}

apid_err_t *apid_ops_record(apid_ops_call_t *call)
{
    look_t look;
    apid_result_t *result;
    const apid_value_t *row;
    apid_err_t *err = find_record(&result, &row, &look, call);

    if (err)
        return err;
    apid_json_object(call->out);
    apid_ops_put(call, "module", look.module->name);
    apid_ops_put(call, "id", apid_ops_text(call, "id"));
    put_fields(call, apid_run_plan(result), row);
    apid_json_end(call->out);
    return NULL;
}

/* what the history knows a record by; histories outlive modules, and keys of
 * another type */
static const char *name_record(apid_ops_call_t *call, const char *name,
                               const char *id)
{
    apid_arg_t arg = {.kind = APID_ARG_TEXT, .text = id, .len = strlen(id)};
    apid_value_t key[APID_MAX_KEYS];
    const char *document;
    apid_module_t *module;
    apr_size_t len;

    if (apid_store_module(&document, call->store, name)
        || apid_module_parse(&module, document, strlen(document), call->pool))
        return id;
    if (!apid_catalog_parse_id(key, module, &arg, call->pool))
        return apid_catalog_write_record(module, key, call->pool);
    len = module->prefix ? strlen(module->prefix) : 0;
    return strncmp(id, module->prefix ? module->prefix : "", len) ? id
                                                                  : id + len;
}

/* without the changes of fields that are hidden */
static const char *filter_changes(apid_ops_call_t *call,
                                  const apid_permit_t *permit,
                                  const char *changes)
{
    json_object *all = json_tokener_parse(changes);
    json_object *seen = json_object_new_array();
    apr_size_t n = json_object_is_type(all, json_type_array)
        ? json_object_array_length(all) : 0;

    for (apr_size_t i = 0; i < n; i++) {
        json_object *change = json_object_array_get_idx(all, i);
        const char *field = json_object_get_string(
            json_object_object_get(change, "field"));
        if (field && !apid_permit_hides(permit, APID_ACCESS_READ, field))
            json_object_array_add(seen, json_object_get(change));
    }
    changes = apr_pstrdup(call->pool, json_object_to_json_string_ext(
                              seen, JSON_C_TO_STRING_PLAIN));
    json_object_put(seen);
    json_object_put(all);
    return changes;
}

static apid_err_t *put_updates(int *n, apid_ops_call_t *call,
                               apid_rows_t *rows, const apid_permit_t *permit)
{
    const apid_value_t *row;
    apid_err_t *err;

    *n = 0;
    apid_json_array(call->out);
    while (!(err = apid_db_next(&row, rows)) && row) {
        ++*n;
        apid_json_object(call->out);
        for (int i = 0; i < apid_db_columns(rows); i++) {
            const char *name = apid_db_column_name(rows, i);
            apid_value_t cell = row[i];
            if (!strcmp(name, "changes"))
                cell = apid_value_of_text(filter_changes(
                    call, permit, apid_store_text(&row[i], call->pool)));
            apid_ops_put_cell(call, name, &cell);
        }
        apid_json_end(call->out);
    }
    apid_json_end(call->out);
    return err;
}

/* who may not read all of a module sees the history of records alone that
 * they can look at, so not of one that is gone */
static apid_err_t *check_history(apid_ops_call_t *call,
                                 const apid_permit_t *permit)
{
    look_t look;
    apid_result_t *result;
    const apid_value_t *row;

    if (apid_permit_whole(permit, 1u << APID_ACCESS_READ))
        return NULL;
    return find_record(&result, &row, &look, call);
}

/* whether there could be a record of that name, now that it has no history */
static apid_err_t *check_record(apid_ops_call_t *call, const char *id)
{
    apid_arg_t arg = {.kind = APID_ARG_TEXT, .text = id, .len = strlen(id)};
    apid_value_t key[APID_MAX_KEYS];
    look_t look;
    apid_err_t *err = open_look(&look, call);

    return err ? err
               : apid_catalog_parse_id(key, look.module, &arg, call->pool);
}

apid_err_t *apid_ops_updates(apid_ops_call_t *call)
{
    int n = 0;
    const char *module = apid_ops_text(call, "module");
    const char *id = name_record(call, module, apid_ops_text(call, "id"));
    const apid_permit_t *permit
        = apid_rights_permit(find_user(call)->rights, module);
    apid_rows_t *rows;
    apid_err_t *err = check_history(call, permit);

    if (!err)
        err = apid_updates_read(&rows, call->store->lease, module, id,
                                apid_ops_int(call, "max", 100));
    if (!err)
        err = put_updates(&n, call, rows, permit);
    return err || n ? err : check_record(call, apid_ops_text(call, "id"));
}
