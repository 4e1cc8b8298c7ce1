/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apid_ops: the table of operations, and what all of them share: roles, the
 * transaction, rows as JSON. Arguments are apid_ops_args's; what an operation
 * does is in the file of its noun: apid_ops_module, _definition, _user.
 */
#include "apid_ops_parts.h"
#include "apid_tables.h"

#include <apr_strings.h>
#include <string.h>

/* clang-format off */
#define NAME {APID_OPS_WORD, "name", "name of the API"}
#define MODULE {APID_OPS_WORD, "name", "name of the module"}
#define OF_MODULE {APID_OPS_WORD, "module", "name of the module"}
#define TABLE {APID_OPS_WORD, "table", "name of the table"}
#define USER {APID_OPS_WORD, "name", "name of the user"}
#define GROUP {APID_OPS_WORD, "name", "name of the group"}
#define RIGHT_IN {APID_OPS_WORD, "module", "name of the module; '*': all " \
                                           "that have no right of their own"}
#define VERSION {APID_OPS_WHOLE, "version", "number of the version"}
#define MINUTE {APID_OPS_NUMBER, "minute", "calls in a minute (0: any)"}
#define DAY {APID_OPS_NUMBER, "day", "calls in a day (0: any)"}
#define NOTE {APID_OPS_OPTION, "note", "what is to be remembered of it"}
#define FILES {APID_OPS_DOCUMENTS, "documents", "files of one document each"}
#define PASSWORD {APID_OPS_SECRET, "password", \
                  "file whose first line is the password (-: standard input)"}
#define ADMIN APID_ROLE_ADMIN
#define DESIGNER APID_ROLE_DESIGNER
#define VIEWER APID_ROLE_VIEWER
#define CALLER APID_ROLE_CALLER

static const apid_ops_t table[] = {
    {"init", "POST", "installation", ADMIN, APID_OPS_SETS_UP, apid_ops_setup,
     "Creates or upgrades the tables of mod_apidesigner, makes the first "
     "admin, and says what to GRANT to the user that Apache connects as; what "
     "the console needs beyond it, apart.",
     {{APID_OPS_OPTION, "admin", "name of the first admin (admin)"},
      PASSWORD}},

    {"module apply", "POST", "modules", DESIGNER, APID_OPS_WRITES,
     apid_ops_module_apply,
     "Creates or changes modules from their documents, all or none.",
     {FILES,
      {APID_OPS_OPTION, "base", "document that the changed one was made from: "
       "another one that is stored by now is not overwritten"}}},
    {"module import", "POST", "modules/import", DESIGNER, APID_OPS_WRITES,
     apid_ops_module_import,
     "Makes a module from a table that is there: types, keys, references, "
     "choices.",
     {TABLE, {APID_OPS_OPTION, "name", "name of the module (the table's)"},
      {APID_OPS_FLAG, "replace", "a module of that name is made anew: its "
                                 "labels and rules are lost"}}},
    {"module export", "GET", "modules/{name}/document", VIEWER,
     APID_OPS_READS, apid_ops_module_export,
     "Prints the document of a module.", {MODULE}},
    {"module list", "GET", "modules", VIEWER, APID_OPS_READS,
     apid_ops_module_list, "Lists the modules.", {{0}}},
    {"module show", "GET", "modules/{name}", VIEWER, APID_OPS_READS,
     apid_ops_module_show, "Shows the fields of a module.", {MODULE}},
    {"module drop", "DELETE", "modules/{name}", DESIGNER, APID_OPS_WRITES,
     apid_ops_module_drop,
     "Drops a module that no API uses and no module refers to; its tables "
     "stay as they are.",
     {MODULE}},

    {"module warnings", "GET", "modules/{name}/warnings", VIEWER,
     APID_OPS_READS, apid_ops_module_warnings,
     "Tells what is amiss with the tables of a module, and what mends it: "
     "indexes, keys, character sets, dates.", {MODULE}},
    {"skeleton", "GET", "modules/{name}/skeleton", VIEWER, APID_OPS_READS,
     apid_ops_skeleton, "Prints a definition to begin with.",
     {MODULE,
      {APID_OPS_OPTION, "kind", "api or webhook (api)"},
      {APID_OPS_OPTION, "operation", "select, create, update, upsert or "
                                     "delete (select)"},
      {APID_OPS_OPTION, "definition", "its name"}}},
    {"table list", "GET", "tables", DESIGNER, APID_OPS_READS, apid_ops_tables,
     "Lists the tables that modules can be made of.", {{0}}},
    {"table preview", "GET", "tables/{table}", DESIGNER, APID_OPS_READS,
     apid_ops_table_preview, "Shows the first rows of a table.", {TABLE}},
    {"table document", "GET", "tables/{table}/document", DESIGNER,
     APID_OPS_READS, apid_ops_table_document,
     "Prints the document that module import would make of a table.",
     {TABLE,
      {APID_OPS_OPTION, "name", "name of the module (the table's)"}}},

    {"check", "POST", "check", VIEWER, APID_OPS_CHECKS, apid_ops_check,
     "Checks definitions; prints FILE:LINE:COLUMN: MESSAGE for all errors.",
     {FILES}},
    {"plan", "POST", "plan", VIEWER, APID_OPS_CHECKS, apid_ops_plan,
     "Prints the SQL and the binds that a definition compiles to.",
     {{APID_OPS_DOCUMENT, "document", "file of the definition"}}},
    {"describe", "POST", "describe", VIEWER, APID_OPS_CHECKS,
     apid_ops_describe,
     "Tells what a definition takes, does and answers.",
     {{APID_OPS_DOCUMENT, "document", "file of the definition"}}},
    {"apply", "POST", "definitions", DESIGNER, APID_OPS_WRITES,
     apid_ops_apply,
     "Creates or changes definitions and publishes them, all or none.",
     {FILES, NOTE,
      {APID_OPS_FLAG, "check", "changes nothing: shows what differs from the "
                               "live versions, and refuses breaking changes"},
      {APID_OPS_FLAG, "breaking", "with --check: breaking changes are "
                                  "meant"}}},
    {"export", "GET", "definitions/{name}/document", VIEWER, APID_OPS_READS,
     apid_ops_export,
     "Prints the live document of an API, or of all.",
     {{APID_OPS_MAYBE, "name", "name of the API"}}},
    {"openapi", "GET", "definitions/{name}/openapi", VIEWER, APID_OPS_READS,
     apid_ops_openapi,
     "Prints the OpenAPI document of an API, or of all that are active.",
     {{APID_OPS_MAYBE, "name", "name of the API"},
      {APID_OPS_NUMBER, "version", "a version, 0 for the draft (the live "
                                   "one)"},
      {APID_OPS_OPTION, "profile", "rest or vtiger (rest)"},
      {APID_OPS_OPTION, "server", "such as https://www.example (/)"},
      {APID_OPS_OPTION, "api", "the Location that serves APIs (/api)"},
      {APID_OPS_OPTION, "webhook", "that serves webhooks (/hooks)"}}},
    {"list", "GET", "definitions", VIEWER, APID_OPS_READS,
     apid_ops_definitions,
     "Lists the APIs and webhooks, and why one is broken, unless they are "
     "more than 2000.", {{0}}},
    {"show", "GET", "definitions/{name}", VIEWER, APID_OPS_READS,
     apid_ops_show,
     "Shows an API: its settings, versions and tokens, and why it is broken, "
     "if it no longer fits its modules or their tables.",
     {NAME}},
    {"history", "GET", "definitions/{name}/versions", VIEWER, APID_OPS_READS,
     apid_ops_history, "Lists the versions of an API.", {NAME}},
    {"diff", "GET", "definitions/{name}/diff", VIEWER, APID_OPS_READS,
     apid_ops_diff,
     "Shows what differs between two versions of an API to its callers.",
     {NAME,
      {APID_OPS_NUMBER, "from", "number of a version (the live one)"},
      {APID_OPS_NUMBER, "to", "number of a version (the draft, if there is "
                              "one, else the live one)"}}},
    {"rollback", "POST", "definitions/{name}/live", DESIGNER, APID_OPS_WRITES,
     apid_ops_rollback, "Makes a published version the live one again.",
     {NAME, VERSION}},
    {"deprecate", "POST", "definitions/{name}/deprecate", DESIGNER,
     APID_OPS_WRITES, apid_ops_deprecate,
     "Marks a version as deprecated: it is answered, with a warning.",
     {NAME, VERSION,
      {APID_OPS_OPTION, "sunset", "when it ends: yyyy-mm-dd [hh:mm:ss], "
                                  "UTC"}}},
    {"retire", "POST", "definitions/{name}/retire", DESIGNER, APID_OPS_WRITES,
     apid_ops_retire, "Retires a version: it is answered with 410.",
     {NAME, VERSION}},
    {"activate", "POST", "definitions/{name}/activate", DESIGNER,
     APID_OPS_WRITES, apid_ops_activate, "Switches an API on.", {NAME}},
    {"deactivate", "POST", "definitions/{name}/deactivate", DESIGNER,
     APID_OPS_WRITES, apid_ops_deactivate,
     "Switches an API off: it is answered as if it did not exist.", {NAME}},
    {"drop", "DELETE", "definitions/{name}", DESIGNER, APID_OPS_WRITES,
     apid_ops_drop, "Drops an API with its tokens.", {NAME}},
    {"token", "POST", "definitions/{name}/tokens", DESIGNER, APID_OPS_WRITES,
     apid_ops_token,
     "Makes a new token of a webhook and prints it, once; the old one ends.",
     {NAME, {APID_OPS_NUMBER, "keep", "hours that the old token stays valid "
                                      "(0)"}}},
    {"token revoke", "DELETE", "definitions/{name}/tokens/{prefix}", DESIGNER,
     APID_OPS_WRITES, apid_ops_token_revoke, "Ends one token of a webhook.",
     {NAME, {APID_OPS_WORD, "prefix", "its first 8 characters, as shown"}}},
    {"token limits", "PUT", "definitions/{name}/limits", DESIGNER,
     APID_OPS_WRITES, apid_ops_token_limits,
     "Sets how often each token of a webhook may be used; a new token takes "
     "over what the old one may.", {NAME, MINUTE, DAY}},
    {"owner", "PUT", "definitions/{name}/owner", ADMIN, APID_OPS_WRITES,
     apid_ops_owner, "Says as which user a webhook acts.",
     {NAME, {APID_OPS_WORD, "user", "name of the user"}}},

    {"draft save", "PUT", "definitions/{name}/draft", DESIGNER,
     APID_OPS_WRITES, apid_ops_draft_save,
     "Saves a draft; nothing is published.",
     {{APID_OPS_DOCUMENT, "document", "file of the definition"},
      {APID_OPS_NUMBER, "base", "draft_revision that was edited: a newer "
                                "draft of somebody else is not overwritten"}}},
    {"draft show", "GET", "definitions/{name}/draft", VIEWER, APID_OPS_READS,
     apid_ops_draft_show, "Prints the draft of an API.", {NAME}},
    {"draft publish", "POST", "definitions/{name}/draft/publish", DESIGNER,
     APID_OPS_WRITES, apid_ops_draft_publish,
     "Makes the draft of an API its next version, and the live one.",
     {NAME, NOTE}},
    {"draft drop", "DELETE", "definitions/{name}/draft", DESIGNER,
     APID_OPS_WRITES, apid_ops_draft_drop, "Drops the draft of an API.",
     {NAME}},

    {"user add", "POST", "users", ADMIN, APID_OPS_WRITES, apid_ops_user_add,
     "Adds a user, with a new access key that is printed once.",
     {USER, {APID_OPS_OPTION, "role", "caller, viewer, designer or admin "
                                      "(caller)"},
      {APID_OPS_OPTION, "id", "what @user.id stands for (a number of its "
                              "own)"},
      {APID_OPS_OPTION, "groups", "groups, separated by commas (everyone)"},
      PASSWORD}},
    {"user key", "POST", "users/{name}/key", ADMIN, APID_OPS_WRITES,
     apid_ops_user_key,
     "Makes a new access key of a user and prints it, once; the old one "
     "ends.", {USER}},
    {"user password", "POST", "users/{name}/password", ADMIN, APID_OPS_WRITES,
     apid_ops_user_password,
     "Sets the password of a user: the one given, else a random one that is "
     "printed once.", {USER, PASSWORD}},
    {"user disable", "POST", "users/{name}/disable", ADMIN, APID_OPS_WRITES,
     apid_ops_user_disable, "Locks a user out.", {USER}},
    {"user enable", "POST", "users/{name}/enable", ADMIN, APID_OPS_WRITES,
     apid_ops_user_enable, "Lets a user in again.", {USER}},
    {"user role", "PUT", "users/{name}/role", ADMIN, APID_OPS_WRITES,
     apid_ops_user_role, "Changes the role of a user.",
     {USER, {APID_OPS_WORD, "role", "caller, viewer, designer or admin"}}},
    {"user groups", "PUT", "users/{name}/groups", ADMIN, APID_OPS_WRITES,
     apid_ops_user_groups,
     "Puts a user into these groups, and out of all others.",
     {USER, {APID_OPS_WORD, "groups", "groups, separated by commas; '' is "
                                      "none"}}},
    {"user limits", "PUT", "users/{name}/limits", ADMIN, APID_OPS_WRITES,
     apid_ops_user_limits,
     "Sets how often a user may call, all APIs together, the webhooks that "
     "act as that user too.", {USER, MINUTE, DAY}},
    {"user list", "GET", "users", VIEWER, APID_OPS_READS, apid_ops_user_list,
     "Lists the users.", {{0}}},

    {"operations", "GET", "openapi.json", VIEWER, APID_OPS_READS,
     apid_ops_self,
     "Prints the management API, which is all of this over HTTP, as an "
     "OpenAPI document.", {{0}}},
    {"me", "GET", "me", CALLER, APID_OPS_READS, apid_ops_me,
     "Shows who you are: your role and groups; over HTTP also where "
     "definitions are served.", {{0}}},
    {"me key", "POST", "me/key", CALLER, APID_OPS_WRITES, apid_ops_me_key,
     "Makes a new access key of your own and prints it, once; the old one "
     "ends.", {{0}}},
    {"me password", "POST", "me/password", CALLER, APID_OPS_WRITES,
     apid_ops_me_password, "Sets your own password.",
     {{APID_OPS_SECRET, "old", "file whose first line is the password that "
                               "you have, if you have one"},
      PASSWORD}},

    {"group list", "GET", "groups", VIEWER, APID_OPS_READS,
     apid_ops_group_list, "Lists the groups.", {{0}}},
    {"group add", "POST", "groups", ADMIN, APID_OPS_WRITES,
     apid_ops_group_add, "Adds a group that may nothing yet.", {GROUP}},
    {"group drop", "DELETE", "groups/{name}", ADMIN, APID_OPS_WRITES,
     apid_ops_group_drop,
     "Drops a group; its users keep what their other groups may.", {GROUP}},
    {"group show", "GET", "groups/{name}", VIEWER, APID_OPS_READS,
     apid_ops_group_show, "Shows a group: its users and its rights.",
     {GROUP}},
    {"group right", "PUT", "groups/{name}/rights/{module}", ADMIN,
     APID_OPS_WRITES, apid_ops_group_right,
     "Says what a group may do in a module.",
     {GROUP, RIGHT_IN,
      {APID_OPS_OPTION, "allow", "some of create,read,update,delete"},
      {APID_OPS_OPTION, "scope", "all records, or own ones alone (all)"},
      {APID_OPS_OPTION, "hidden", "fields that are neither read nor "
                                  "written"},
      {APID_OPS_OPTION, "readonly", "fields that are not written"}}},
    {"group unright", "DELETE", "groups/{name}/rights/{module}", ADMIN,
     APID_OPS_WRITES, apid_ops_group_unright,
     "Takes what a group may do in a module away.", {GROUP, RIGHT_IN}},

    {"records", "GET", "records/{module}", VIEWER, APID_OPS_READS,
     apid_ops_records, "Lists the records of a module.",
     {OF_MODULE,
      {APID_OPS_OPTION, "search", "a text that one of its fields holds"},
      {APID_OPS_NUMBER, "page", "which page of them (1)"},
      {APID_OPS_NUMBER, "max", "how many of them a page has, at most 200 "
                               "(100)"}}},
    {"record", "GET", "records/{module}/{id}", VIEWER, APID_OPS_READS,
     apid_ops_record, "Shows a record.",
     {OF_MODULE, {APID_OPS_WORD, "id", "id of the record"}}},
    {"activity", "GET", "activity", VIEWER, APID_OPS_READS,
     apid_ops_activity,
     "Shows what was called, by time, API, version, user and status, newest "
     "first.",
     {{APID_OPS_OPTION, "name", "only this API"},
      {APID_OPS_OPTION, "user", "only this user"},
      {APID_OPS_NUMBER, "hours", "how far back (24)"},
      {APID_OPS_NUMBER, "minutes", "that a row stands for (60)"},
      {APID_OPS_NUMBER, "max", "how many rows (1000)"}}},
    {"activity summary", "GET", "activity/summary", VIEWER, APID_OPS_READS,
     apid_ops_activity_summary,
     "Shows how often each API was called in the last day, hour by hour, and "
     "how long it took.", {{0}}},
    {"refusals", "GET", "refusals", DESIGNER, APID_OPS_READS,
     apid_ops_refusals,
     "Shows the requests that were refused lately, and why, newest first.",
     {{APID_OPS_OPTION, "name", "only of this API"},
      {APID_OPS_OPTION, "user", "only of this user"},
      {APID_OPS_NUMBER, "max", "how many (100)"}}},
    {"recent", "GET", "recent", DESIGNER, APID_OPS_READS, apid_ops_recent,
     "Shows the newest requests of the server that is asked; through the "
     "management API alone.",
     {{APID_OPS_OPTION, "name", "only of this API"},
      {APID_OPS_NUMBER, "after", "number (seq) of the last that is known "
                                 "already (0)"}}},
    {"why", "GET", "why/{id}", DESIGNER, APID_OPS_READS, apid_ops_why,
     "Says why a request was refused, or whether a user may call an API, and "
     "which rule decides; limits, and what Apache's database user may, are "
     "known to the server alone.",
     {{APID_OPS_MAYBE, "id", "id of the request, as its answer and the logs "
                             "name it"},
      {APID_OPS_OPTION, "name", "name of the API, instead of an id"},
      {APID_OPS_OPTION, "user", "name of the user who would call it"}}},

    {"updates", "GET", "updates/{module}/{id}", VIEWER, APID_OPS_READS,
     apid_ops_updates, "Shows the history of a record, newest first.",
     {OF_MODULE, {APID_OPS_WORD, "id", "id of the record"},
      {APID_OPS_NUMBER, "max", "how many entries (100)"}}},
};
/* clang-format on */

#define ROWS ((int)(sizeof(table) / sizeof(table[0])))

static const apid_domain_t datetime = {.type = APID_TYPE_DATETIME,
                                       .cls = APID_TIME};

static apid_err_t *run_writing(const apid_ops_t *op, apid_ops_call_t *call)
{
    apid_err_t *err = apid_store_begin(call->store);

    if (!err)
        err = op->run(call);
    if (!err)
        return apid_store_commit(call->store);
    apid_db_rollback(call->store->lease);
    return err;
}

apid_err_t *apid_ops_catalog(const apid_catalog_t **catalog,
                             apid_ops_call_t *call)
{
    apr_array_header_t *modules;
    apid_err_t *err = NULL;

    if (!call->catalog) {
        err = apid_store_modules(&modules, call->store);
        if (!err)
            call->catalog = apid_catalog_open(modules, call->pool);
    }
    *catalog = call->catalog;
    return err;
}

apid_err_t *apid_ops_fitting(const apid_catalog_t **catalog,
                             apid_ops_call_t *call)
{
    unsigned char fingerprint[APID_DIGEST_SIZE];
    apr_array_header_t *modules;
    apid_catalog_t *made;
    apid_err_t *err;

    if (!call->store->lease)
        return apid_ops_catalog(catalog, call);
    *catalog = call->fitting;
    if (*catalog)
        return NULL;
    err = apid_store_modules(&modules, call->store);
    if (!err)
        err = apid_tables_catalog(&made, fingerprint, modules,
                                  call->store->lease);
    if (!err)
        *catalog = call->fitting = made;
    return err;
}

static const char *call_document(const apid_ops_document_t *document)
{
    return document->file ? document->file : document->name;
}

apid_err_t *apid_ops_blame(apid_err_t *err,
                           const apid_ops_document_t *document)
{
    return apid_err_about(err, call_document(document));
}

const char *apid_ops_first(apr_hash_t *seen, const char *key,
                           const apid_ops_document_t *document)
{
    const char *first = apr_hash_get(seen, key, APR_HASH_KEY_STRING);

    if (!first)
        apr_hash_set(seen, key, APR_HASH_KEY_STRING, call_document(document));
    return first;
}

void apid_ops_put(apid_ops_call_t *call, const char *key, const char *text)
{
    apid_json_key(call->out, key);
    apid_json_string(call->out, text);
}

void apid_ops_put_int(apid_ops_call_t *call, const char *key,
                      apr_int64_t value)
{
    apid_json_key(call->out, key);
    apid_json_int(call->out, value);
}

void apid_ops_put_cell(apid_ops_call_t *call, const char *key,
                       const apid_value_t *cell)
{
    apid_json_t *out = call->out;
    char text[APID_VALUE_MAX];

    apid_json_key(out, key);
    switch (cell->cls) {
    case APID_INT:
    case APID_UINT:
        apid_json_int(out, apid_store_int(cell));
        return;
    case APID_TIME:
        apid_json_text(out, text, apid_value_format(text, cell, &datetime,
                                                    APID_STYLE_RFC3339));
        return;
    case APID_TEXT:
        if (!strcmp(key, "changes"))
            apid_json_raw(out, cell->text, cell->len);
        else
            apid_json_text(out, cell->text, cell->len);
        return;
    default:
        apid_json_null(out);
    }
}

void apid_ops_put_row(apid_ops_call_t *call, const apid_rows_t *rows,
                      const apid_value_t *row)
{
    for (int i = 0; i < apid_db_columns(rows); i++)
        apid_ops_put_cell(call, apid_db_column_name(rows, i), &row[i]);
}

apid_err_t *apid_ops_write_rows(apid_ops_call_t *call, apid_rows_t *rows)
{
    const apid_value_t *row;
    apid_err_t *err;

    apid_json_array(call->out);
    while (!(err = apid_db_next(&row, rows)) && row) {
        apid_json_object(call->out);
        apid_ops_put_row(call, rows, row);
        apid_json_end(call->out);
    }
    apid_json_end(call->out);
    return err;
}

apid_err_t *apid_ops_write_names(apid_ops_call_t *call, apid_rows_t *rows)
{
    const apid_value_t *row;
    apid_err_t *err;

    apid_json_array(call->out);
    while (!(err = apid_db_next(&row, rows)) && row)
        apid_json_text(call->out, row[0].text, row[0].len);
    apid_json_end(call->out);
    return err;
}

apid_err_t *apid_ops_write_row(apid_ops_call_t *call, apid_rows_t *rows)
{
    const apid_value_t *row;
    apid_err_t *err = apid_db_next(&row, rows);

    if (!err && row)
        apid_ops_put_row(call, rows, row);
    return err;
}

apid_err_t *apid_ops_write_list(apid_ops_call_t *call, const char *key,
                                apid_list_e list, const char *name)
{
    apid_rows_t *rows;
    apid_err_t *err = apid_store_list(&rows, call->store, list, name);

    if (err)
        return err;
    if (key)
        apid_json_key(call->out, key);
    return apid_ops_write_rows(call, rows);
}

const apid_ops_t *apid_ops_table(int *n)
{
    *n = ROWS;
    return table;
}

const apid_ops_t *apid_ops_find(const char *words)
{
    for (int i = 0; i < ROWS; i++)
        if (!strcmp(words, table[i].words))
            return &table[i];
    return NULL;
}

apid_err_t *apid_ops_run(const apid_ops_t *op, apid_ops_call_t *call)
{
    apid_err_t *err = NULL;

    if (call->role < op->role)
        err = apid_err_raise(call->pool, APID_ERR_ACCESS_DENIED,
                             "'%s' is for the role %s", op->words,
                             apid_role_word(op->role));
    if (!err)
        err = apid_ops_check_args(op, call);
    if (!err && call->store->lease && op->effect != APID_OPS_SETS_UP)
        err = apid_store_fits(call->store->lease, call->pool);
    if (err)
        return err;
    return op->effect == APID_OPS_WRITES && !apid_ops_flag(call, "check")
        ? run_writing(op, call) : op->run(call);
}
