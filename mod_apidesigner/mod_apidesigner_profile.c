/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mod_apidesigner_profile: the two representations of the same rows, outcomes
 * and errors: vtiger (strings only, wrapped in success and result) and rest
 * (typed values, problem+json). Rows are written in one pass with nothing
 * allocated per row; headers and sending are the answer's.
 */
#include "mod_apidesigner.h"

#include <apr_lib.h>
#include <apr_strings.h>
#include <http_protocol.h>

#define LONGEST_REASON 200 /* bytes of a reason phrase */
#define SEPARATOR " |##| " /* of the choices in a multipicklist */

int apid_profile_status(apid_profile_e profile, const apid_plan_t *plan,
                        apid_outcome_e outcome)
{
    if (profile == APID_PROFILE_VTIGER) {
        return HTTP_OK;
    }
    if (plan->op == APID_OP_DELETE) {
        return HTTP_NO_CONTENT;
    }
    return outcome == APID_OUTCOME_INSERTED ? HTTP_CREATED : HTTP_OK;
}

void apid_profile_begin(apid_json_t *json, apid_profile_e profile,
                        apid_shape_e shape)
{
    if (profile == APID_PROFILE_VTIGER) {
        apid_json_object(json);
        apid_json_key(json, "success");
        apid_json_boolean(json, 1);
        apid_json_key(json, "result");
    }
    if (shape == APID_SHAPE_LIST) {
        apid_json_array(json);
    }
    if (shape == APID_SHAPE_STATUS) {
        apid_json_object(json);
        apid_json_key(json, "status");
        apid_json_string(json, "successful");
        apid_json_end(json);
    }
}

void apid_profile_end(apid_json_t *json, apid_profile_e profile,
                      apid_shape_e shape)
{
    if (shape == APID_SHAPE_LIST) {
        apid_json_end(json);
    }
    if (profile == APID_PROFILE_VTIGER) {
        apid_json_end(json);
    }
}

/* ---- values */

static void write_prefixed(apid_json_t *json, const char *prefix,
                           const char *text, apr_size_t len)
{
    apid_json_text_begin(json);
    apid_json_piece(json, prefix, strlen(prefix));
    apid_json_piece(json, text, len);
    apid_json_text_end(json);
}

/* The next choice of a joined text: gives its length, and moves rest behind
 * the separator, to NULL after the last. */
static apr_size_t split_choice(const char **rest, const char *end,
                               const apid_domain_t *domain)
{
    const char *separator = domain->set ? "," : SEPARATOR;
    apr_size_t width = strlen(separator), length = end - *rest;
    const char *found = memmem(*rest, length, separator, width);

    *rest = found ? found + width : NULL;
    return found ? length - (end - found) : length;
}

/* A MySQL SET as clients of the product know several choices. */
static void write_joined(apid_json_t *json, const apid_value_t *value,
                         const apid_domain_t *domain)
{
    const char *at = value->text, *end = value->text + value->len;

    apid_json_text_begin(json);
    for (const char *rest = at; rest; at = rest) {
        apid_json_piece(json, at, split_choice(&rest, end, domain));
        if (rest) {
            apid_json_piece(json, SEPARATOR, sizeof(SEPARATOR) - 1);
        }
    }
    apid_json_text_end(json);
}

static void write_choices(apid_json_t *json, const apid_value_t *value,
                          const apid_domain_t *domain)
{
    const char *at = value->text, *end = value->text + value->len;

    apid_json_array(json);
    for (const char *rest = value->len ? at : NULL; rest; at = rest) {
        apr_size_t len = split_choice(&rest, end, domain);

        apid_json_text(json, at, len);
    }
    apid_json_end(json);
}

static int is_boolean(const apid_domain_t *domain)
{
    return domain->type == APID_TYPE_BOOLEAN
           || (domain->type == APID_TYPE_BIT && domain->bits == 1);
}

/* Profile vtiger: text whatever the type, "" for NULL. */
static void write_text(apid_json_t *json, const apid_value_t *value,
                       const apid_domain_t *domain)
{
    char buffer[APID_VALUE_MAX];
    const char *text = buffer;
    apr_size_t len = 0;

    if (apid_value_is_null(value)) {
        text = "";
    }
    else if (value->cls == APID_BYTES) {
        apid_json_base64(json, value->text, value->len);
        return;
    }
    else if (value->cls == APID_TEXT) {
        text = value->text;
        len = value->len;
    }
    else if (is_boolean(domain)) {
        text = value->u.u ? "1" : "0";
        len = 1;
    }
    else {
        len = apid_value_format(buffer, value, domain, APID_STYLE_PLAIN);
    }
    if (domain->prefix && len) {
        write_prefixed(json, domain->prefix, text, len);
    }
    else if (domain->set && len) {
        write_joined(json, value, domain);
    }
    else {
        apid_json_text(json, text, len);
    }
}

/* A JSON column is passed on as it is, unless it holds something else. */
static void write_json(apid_json_t *json, const apid_value_t *value,
                       apr_pool_t *scratch)
{
    apid_arg_t *arg;

    if (apid_arg_parse_json(&arg, value->text, value->len, scratch)) {
        apid_json_text(json, value->text, value->len);
    }
    else {
        apid_json_raw(json, value->text, value->len);
    }
    apr_pool_clear(scratch);
}

/* A column of text that the catalog calls a boolean. */
static void write_truth(apid_json_t *json, const apid_value_t *value,
                        const apid_domain_t *domain, apr_pool_t *scratch)
{
    const char *text = apr_pstrmemdup(scratch, value->text, value->len);
    apid_value_t truth;

    if (apid_value_parse_text(&truth, domain, text, scratch)) {
        apid_json_text(json, value->text, value->len);
    }
    else if (apid_value_is_null(&truth)) {
        apid_json_null(json);
    }
    else {
        apid_json_boolean(json, *truth.text == '1');
    }
    apr_pool_clear(scratch);
}

static void write_typed_text(apid_json_t *json, const apid_value_t *value,
                             const apid_domain_t *domain, apr_pool_t *scratch)
{
    if (domain->type == APID_TYPE_JSON) {
        write_json(json, value, scratch);
    }
    else if (domain->type == APID_TYPE_BOOLEAN) {
        write_truth(json, value, domain, scratch);
    }
    else if (domain->type == APID_TYPE_MULTIPICKLIST) {
        write_choices(json, value, domain);
    }
    else if (domain->prefix) {
        write_prefixed(json, domain->prefix, value->text, value->len);
    }
    else {
        apid_json_text(json, value->text, value->len);
    }
}

static void write_typed_number(apid_json_t *json, const apid_value_t *value,
                               const apid_domain_t *domain)
{
    char buffer[APID_VALUE_MAX];
    apr_size_t len
        = apid_value_format(buffer, value, domain, APID_STYLE_RFC3339);

    if (domain->prefix) {
        write_prefixed(json, domain->prefix, buffer, len);
    }
    else if (domain->as_text || value->cls == APID_TIME) {
        apid_json_text(json, buffer, len);
    }
    else {
        apid_json_raw(json, buffer, len);
    }
}

/* Profile rest: typed by the column, never by the value. */
static void write_typed(apid_json_t *json, const apid_value_t *value,
                        const apid_domain_t *domain, apr_pool_t *scratch)
{
    if (apid_value_is_null(value)) {
        apid_json_null(json);
    }
    else if (value->cls == APID_TEXT) {
        write_typed_text(json, value, domain, scratch);
    }
    else if (value->cls == APID_BYTES) {
        apid_json_base64(json, value->text, value->len);
    }
    else if (is_boolean(domain)) {
        apid_json_boolean(json, value->u.u != 0);
    }
    else {
        write_typed_number(json, value, domain);
    }
}

void apid_profile_row(apid_json_t *json, apid_profile_e profile,
                      const apid_plan_t *plan, const apid_value_t *row,
                      apr_pool_t *scratch)
{
    apid_json_object(json);
    for (int i = 0; i < plan->nshown; i++) {
        const apid_column_t *column = &plan->columns[i];

        if (column->hidden) {
            continue;
        }
        apid_json_quoted_key(json, column->quoted, column->quoted_len);
        if (profile == APID_PROFILE_VTIGER) {
            write_text(json, &row[i], column->domain);
        }
        else {
            write_typed(json, &row[i], column->domain, scratch);
        }
    }
    apid_json_end(json);
}

/* ---- errors */

int apid_profile_error_status(apid_profile_e profile, const apid_err_t *err)
{
    return profile == APID_PROFILE_VTIGER ? apid_err_status_vtiger(err->kind)
                                          : apid_err_status_rest(err->kind);
}

const char *apid_profile_error_type(apid_profile_e profile)
{
    return profile == APID_PROFILE_VTIGER ? "application/json"
                                          : "application/problem+json";
}

/* Whether the text of an error is about the field it names ("must be a whole
 * number") and says nothing without it. */
static int needs_field(const apid_err_t *err)
{
    return err->field && apr_islower(err->text[0]);
}

/* What precedes the text of an error: its field as the subject; or its field
 * and a colon, where a sentence of the database layer would not tell it. */
static const char *begin_error(const apid_err_t *err, apr_pool_t *pool)
{
    if (needs_field(err)) {
        return apr_pstrcat(pool, err->field, " ", NULL);
    }
    return err->field && (err->kind == APID_ERR_INVALID_VALUE
                          || err->kind == APID_ERR_REFERENCE_INVALID)
               ? apr_pstrcat(pool, err->field, ": ", NULL)
               : "";
}

/* All errors of a chain as one sentence. */
static const char *join_errors(const apid_err_t *err, apr_pool_t *pool)
{
    const char *all = "";

    for (; err; err = err->next) {
        all = apr_pstrcat(pool, all, *all ? "; " : "", begin_error(err, pool),
                          err->text, NULL);
    }
    return all;
}

static void write_vtiger_error(apid_json_t *json, const apid_err_t *err,
                               apr_pool_t *pool)
{
    apid_json_object(json);
    apid_json_key(json, "success");
    apid_json_boolean(json, 0);
    apid_json_key(json, "error");
    apid_json_object(json);
    apid_json_key(json, "code");
    apid_json_string(json, apid_err_code(err->kind));
    apid_json_key(json, "message");
    apid_json_string(json, join_errors(err, pool));
    apid_json_end(json);
    apid_json_end(json);
}

/* "address.city" as a JSON Pointer (RFC 6901): "/address/city". */
static void write_pointer(apid_json_t *json, const char *field)
{
    apid_json_text_begin(json);
    apid_json_piece(json, "/", 1);
    while (*field) {
        apr_size_t plain = strcspn(field, ".~/");

        apid_json_piece(json, field, plain);
        field += plain;
        if (*field) {
            const char *piece = *field == '.'   ? "/"
                                : *field == '~' ? "~0"
                                                : "~1";

            apid_json_piece(json, piece, strlen(piece));
            field++;
        }
    }
    apid_json_text_end(json);
}

/* What is wrong with a document is named after it, with its place there. */
static void write_place(apid_json_t *json, const apid_err_t *err)
{
    if (!err->line) {
        apid_json_key(json, "pointer");
        write_pointer(json, err->field);
        return;
    }
    apid_json_key(json, "field");
    apid_json_string(json, err->field);
    apid_json_key(json, "line");
    apid_json_int(json, err->line);
    apid_json_key(json, "column");
    apid_json_int(json, err->column);
}

static void write_field_errors(apid_json_t *json, const apid_err_t *err)
{
    apid_json_key(json, "errors");
    apid_json_array(json);
    for (; err; err = err->next) {
        if (err->field || err->line) {
            apid_json_object(json);
            write_place(json, err);
            apid_json_key(json, "code");
            apid_json_string(json, apid_err_code(err->kind));
            apid_json_key(json, "detail");
            apid_json_string(json, err->text);
            apid_json_end(json);
        }
    }
    apid_json_end(json);
}

/* The standard words of a status: RFC 9457 wants them for about:blank. */
static const char *find_title(int status)
{
    return ap_get_status_line(status) + 4;
}

static void write_problem(apid_json_t *json, const apid_request_t *request,
                          const apid_err_t *err)
{
    int status = apid_profile_error_status(APID_PROFILE_REST, err);

    apid_json_object(json);
    apid_json_key(json, "type");
    apid_json_string(json, "about:blank");
    apid_json_key(json, "title");
    apid_json_string(json, find_title(status));
    apid_json_key(json, "status");
    apid_json_int(json, status);
    apid_json_key(json, "detail");
    apid_json_string(json, join_errors(err, request->r->pool));
    apid_json_key(json, "code");
    apid_json_string(json, apid_err_code(err->kind));
    if (err->field || err->line) {
        write_field_errors(json, err);
    }
    if (err->current) {
        apid_json_key(json, "current");
        apid_json_raw(json, err->current, strlen(err->current));
    }
    apid_json_key(json, "request_id");
    apid_json_string(json, request->id);
    apid_json_end(json);
}

void apid_profile_error(apid_json_t *json, const apid_request_t *request,
                        const apid_err_t *err)
{
    if (request->config->profile == APID_PROFILE_VTIGER) {
        write_vtiger_error(json, err, request->r->pool);
    }
    else {
        write_problem(json, request, err);
    }
}

const char *apid_profile_status_line(const apid_request_t *request,
                                     const apid_err_t *err)
{
    apr_pool_t *pool = request->r->pool;
    char *line;

    if (request->config->profile != APID_PROFILE_VTIGER) {
        return NULL;
    }
    line = apr_psprintf(pool, "%d %s: %.*s", apid_err_status_vtiger(err->kind),
                        apid_err_code(err->kind), LONGEST_REASON,
                        join_errors(err, pool));
    for (char *at = line; *at; at++) {
        if (!apr_isascii(*at) || !apr_isprint(*at)) {
            *at = apr_isascii(*at) ? ' ' : '?';
        }
    }
    return line;
}
