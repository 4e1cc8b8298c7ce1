/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_vadl: what each definition of t/vadl means, and what is said of each
 * that is wrong (bad-*.xml: the messages are in bad-*.err). The errors of
 * bad-api-*.xml need a catalog: here these are legal.
 */
#include "apid_vadl.h"
#include "tap.h"

#include <apr_file_io.h>
#include <apr_fnmatch.h>
#include <apr_general.h>
#include <apr_strings.h>

#define DIR "t/vadl/"

static const char *read_file(const char *name, apr_size_t *len,
                             apr_pool_t *pool)
{
    const char *path = apr_pstrcat(pool, DIR, name, NULL);
    apr_file_t *file;
    apr_finfo_t info;
    char *text;

    *len = 0;
    if (apr_file_open(&file, path, APR_READ, 0, pool) != APR_SUCCESS)
        return "(no such file)";
    apr_file_info_get(&info, APR_FINFO_SIZE, file);
    text = apr_pcalloc(pool, info.size + 1);
    apr_file_read_full(file, text, info.size, len);
    apr_file_close(file);
    return text;
}

static const char *show_errs(const apid_err_t *err, apr_pool_t *pool)
{
    apr_array_header_t *lines = apr_array_make(pool, 8, sizeof(char *));

    for (; err; err = err->next)
        APR_ARRAY_PUSH(lines, char *) = apr_psprintf(
            pool, "%d:%d: %s\n", err->line, err->column, err->text);
    return apr_array_pstrcat(pool, lines, 0);
}

static const char *show_field(const apid_vadl_field_t *field,
                              apr_pool_t *pool)
{
    const char *text = field->name;

    if (field->condition != APID_EQUAL)
        text = apr_pstrcat(pool, text, " ",
                           apid_condition_word(field->condition), NULL);
    if (field->value)
        text = apr_pstrcat(pool, text, "=", field->value, NULL);
    if (field->fallback)
        text = apr_pstrcat(pool, text, " default ", field->fallback, NULL);
    if (field->alias)
        text = apr_pstrcat(pool, text, " as ", field->alias, NULL);
    if (field->required)
        text = apr_pstrcat(pool, text, " required", NULL);
    if (field->optional)
        text = apr_pstrcat(pool, text, " optional", NULL);
    return apr_pstrcat(pool, text, field->descending ? " down" : "", NULL);
}

static const char *show_fields(const char *name,
                               const apr_array_header_t *fields,
                               apr_pool_t *pool)
{
    const char *text = "";

    if (!fields)
        return "";
    for (int i = 0; i < fields->nelts; i++)
        text = apr_pstrcat(pool, text, i ? ", " : "",
                           show_field(&APR_ARRAY_IDX(fields, i,
                                                     apid_vadl_field_t),
                                      pool),
                           NULL);
    return apr_pstrcat(pool, "\n  ", name, ": ", text, NULL);
}

static const char *show_where(const apid_vadl_where_t *where,
                              apr_pool_t *pool)
{
    const char *text = "";

    for (int i = 0; i < where->tests->nelts; i++) {
        const apid_vadl_test_t *test = &APR_ARRAY_IDX(where->tests, i,
                                                      apid_vadl_test_t);
        const char *glue = where->glue == APID_GLUE_OR ? " OR " : " AND ";

        text = apr_pstrcat(pool, text, i ? glue : "",
                           test->field ? show_field(test->field, pool)
                                       : show_where(test->where, pool),
                           NULL);
    }
    return apr_pstrcat(pool, "(", text, ")", NULL);
}

static const char *show_op(const apid_vadl_op_t *op, apr_pool_t *pool)
{
    const char *text = apr_psprintf(pool, "\n%s %s%s%s%s",
                                    apid_op_word(op->op),
                                    op->module ? op->module : "-",
                                    op->one ? " one" : "",
                                    op->as ? " as " : "",
                                    op->as ? op->as : "");

    text = apr_pstrcat(pool, text, show_fields("record", op->record, pool),
                       show_fields("return", op->answer, pool),
                       op->where ? "\n  where: " : "",
                       op->where ? show_where(op->where, pool) : "",
                       show_fields("sort", op->sort, pool), NULL);
    if (op->limit_place.line)
        text = apr_psprintf(pool, "%s\n  limit: max %s page %s after %s",
                            text, op->max ? op->max : "-",
                            op->page ? op->page : "-",
                            op->after ? op->after : "-");
    return text;
}

static const char *show_setting(const char *name, const char *value,
                                apr_pool_t *pool)
{
    return value ? apr_pstrcat(pool, " ", name, "=", value, NULL) : "";
}

static const char *show(const apid_vadl_t *vadl, apr_pool_t *pool)
{
    const char *text = apr_pstrcat(
        pool, vadl->kind == APID_KIND_API ? "api " : "webhook ",
        apid_method_word(vadl->method),
        show_setting("name", vadl->name, pool),
        show_setting("path", vadl->path, pool),
        show_setting("module", vadl->module, pool),
        vadl->inactive ? " inactive" : "",
        vadl->token_in == APID_TOKEN_IN_QUERY ? " token in query" : "",
        show_setting("addresses", vadl->addresses, pool),
        show_setting("origins", vadl->origins, pool),
        show_setting("users", vadl->users, pool),
        show_setting("groups", vadl->groups, pool),
        show_setting("description", vadl->description, pool), NULL);

    if (vadl->minute || vadl->day || vadl->max_affected)
        text = apr_psprintf(pool, "%s minute=%d day=%d max-affected=%d", text,
                            vadl->minute, vadl->day, vadl->max_affected);
    for (int i = 0; i < vadl->ops->nelts; i++)
        text = apr_pstrcat(pool, text,
                           show_op(&APR_ARRAY_IDX(vadl->ops, i,
                                                  apid_vadl_op_t),
                                   pool),
                           NULL);
    return text;
}

/* clang-format off */
static const struct {
    const char *file, *meaning;
} good[] = {
    { "01-create-contact.xml",
      "api post\n"
      "create Contacts\n"
      "  record: firstname=@firstname, lastname=@lastname, email=@email\n"
      "  return: id, email" },
    { "02-update-cases.xml",
      "api put name=Update Cases module=Cases\n"
      "update Cases\n"
      "  record: id=@Id, description=@description" },
    { "03-get-organizations.xml",
      "api get\n"
      "select Organizations" },
    { "04-upsert-contact.xml",
      "api put name=Upsert\n"
      "upsert Contacts\n"
      "  record: id=@CRMID, email=@email, card=@card, lastname=@lastname, "
      "firstname=@firstname, website=@website" },
    { "05-create-webhook.xml",
      "webhook get name=Create Webhook\n"
      "create Contacts\n"
      "  record: firstname=@firstname, lastname=@lastname, email=@email" },
    { "06-update-webhook.xml",
      "webhook get name=Update Webhook token in query "
      "addresses=127.0.0.0/8, ::1\n"
      "update Leads\n"
      "  record: id=@Id, leadstatus=@leadstatus" },
    { "07-get-webhook.xml",
      "webhook get name=Get Webhook\n"
      "select Contacts\n"
      "  record: id, firstname, lastname, email" },
    { "08-delete-contact.xml",
      "api delete name=Delete Contact path=contacts/{id}\n"
      "delete Contacts\n"
      "  where: (id=@id)" },
    { "09-weather-current.xml",
      "api get name=Current Weather path=weather/current module=Weather\n"
      "select Weather one\n"
      "  record: city, temperature, conditions\n"
      "  where: (city=@city)" },
    { "10-conditions.xml",
      "api get\n"
      "select Contacts\n"
      "  where: (lastname=@is AND lastname=@equal AND lastname "
      "notequal=@notequal AND lastname like=@like AND lastname like=Mc% "
      "AND lastname notlike=@notlike AND lastname startswith=@start AND "
      "lastname endswith=@end AND lastname contains=@part AND birthday "
      "lessthan=@before AND birthday lessorequal=@until AND birthday "
      "greaterthan=@after AND birthday greaterorequal=@from AND "
      "createdtime between=@period AND leadsource in=@sources AND "
      "leadsource notin=@others AND website empty AND email notempty)" },
    { "11-where-nested.xml",
      "api get\n"
      "select Contacts\n"
      "  where: (email notempty AND (firstname contains=@q OR lastname "
      "contains=@q OR (mailingcity=@city AND donotcall=false)))" },
    { "12-sort-limit.xml",
      "api get\n"
      "select Organizations\n"
      "  sort: annual_revenue down, accountname, city\n"
      "  limit: max 5 page @page after -" },
    { "13-keyset.xml",
      "api get\n"
      "select Contacts\n"
      "  record: id, lastname\n"
      "  sort: lastname\n"
      "  limit: max @max page - after @cursor" },
    { "14-dotted-names.xml",
      "api get\n"
      "select Cases\n"
      "  record: title, account_id.accountname as organization, "
      "product_id.vendor_id.accountname as vendor, "
      "contact_id.account_id.parent_id.accountname as group\n"
      "  where: (account_id.city=@city)\n"
      "  sort: account_id.accountname" },
    { "15-literals.xml",
      "api post\n"
      "create Contacts\n"
      "  record: lastname=@@home, firstname=Tom & \"Jerry\" <3 \xC3\xA9, "
      "card=, birthday=@today, assigned_user_id=@user.id, "
      "department=@user.name, title=@person.title, description=@now" },
    { "16-several-operations.xml",
      "api post\n"
      "upsert Organizations as org\n"
      "  record: accountname=@company\n"
      "  where: (accountname=@company)\n"
      "create Contacts as person\n"
      "  record: lastname=@lastname, account_id=@org.id\n"
      "create Cases\n"
      "  record: title=@title, contact_id=@person.id, account_id=@org.id" },
    { "17-settings.xml",
      "api get name=Everything Set path=set/{id} module=Contacts inactive "
      "token in query addresses=10.0.0.0/8, ::1 "
      "origins=https://app.example.com users=rita,sam groups=Sales "
      "description=All that can be said & done about one definition. "
      "minute=60 day=10000 max-affected=5\n"
      "select - one\n"
      "  where: (id=@id)" },
    { "18-webhook-in-api.xml",
      "webhook get name=Lead Form addresses=192.0.2.0/24\n"
      "create Leads\n"
      "  record: lastname=@lastname" },
    { "19-words-in-any-case.xml",
      "api post\n"
      "create Contacts\n"
      "  record: lastname=@lastname\n"
      "select Contacts one\n"
      "  where: (lastname startswith=@lastname)\n"
      "  sort: id down" },
    { "20-required-default.xml",
      "api post\n"
      "create Contacts\n"
      "  record: lastname=@lastname as surname required, email=@email, "
      "leadsource=@source default Web Site\n"
      "  return: id as contact" },
    { "21-upsert-where.xml",
      "api put\n"
      "upsert Contacts\n"
      "  record: email=@email, lastname=@lastname\n"
      "  return: id, account_id.accountname\n"
      "  where: (email=@email)" },
    { "22-update-where.xml",
      "api patch minute=0 day=0 max-affected=50\n"
      "update Products\n"
      "  record: discontinued=true\n"
      "  where: (category=@category AND qty_in_stock lessorequal=0)" },
    { "23-delete-where.xml",
      "api delete\n"
      "delete Leads\n"
      "  where: (leadstatus=Lost OR createdtime lessthan=@before)" },
    { "24-optional.xml",
      "api get\n"
      "select Contacts\n"
      "  record: \n"
      "  where: (lastname=@lastname optional AND account_id=@organization "
      "optional)\n"
      "  limit: max - page - after -" },
    { "25-nested-parameters.xml",
      "webhook get\n"
      "upsert Weather\n"
      "  record: city=@station.city, temperature=@reading.celsius.now\n"
      "  where: (city=@station.city)" },
    { "26-every-type.xml",
      "api post\n"
      "create Oddities\n"
      "  record: a_string=@a_string, a_text=@a_text, an_email=@an_email, "
      "a_url=@a_url, a_phone=@a_phone, a_uuid=@a_uuid, "
      "an_integer=@an_integer, a_big=@a_big, a_decimal=@a_decimal, "
      "a_double=@a_double, a_float=@a_float, a_boolean=@a_boolean, "
      "a_bit=@a_bit, a_date=@a_date, a_datetime=@a_datetime, "
      "a_time=@a_time, a_year=@a_year, a_picklist=@a_picklist, "
      "a_multipicklist=@a_multipicklist, a_set=@a_set, "
      "a_reference=@a_reference, an_owner=@an_owner, a_json=@a_json, "
      "a_binary=@a_binary" },
    { "27-composite-id.xml",
      "api put path=prices/{id}\n"
      "update Prices\n"
      "  record: id=@id, amount=@amount\n"
      "  return: id, amount" },
    { "28-no-key.xml",
      "api get\n"
      "select Readings\n"
      "  where: (station=@station)\n"
      "  sort: taken_at down" },
    { "29-vtiger-create.xml",
      "api post\n"
      "create VtigerContacts\n"
      "  record: firstname=@firstname, lastname=@lastname, email=@email, "
      "mailingcity=@city, leadsource=@leadsource, assigned_user_id=@user.id" },
    { "30-empty-where.xml",
      "api get\n"
      "select Organizations\n"
      "  record: \n"
      "  sort: " },
    { "31-lock-of-where.xml",
      "api put\n"
      "upsert Contacts\n"
      "  record: lastname=@lastname, account_id=@account\n"
      "  return: id, account_id.accountname as account, "
      "account_id.assigned_user_id as owner\n"
      "  where: (account_id.accountname=@name)\n"
      "update Contacts\n"
      "  record: lastname=@lastname\n"
      "  return: account_id.accountname\n"
      "  where: (id=@id)" },
};
/* clang-format on */

static void test_good(apr_pool_t *pool)
{
    for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
        apr_size_t len;
        const char *text = read_file(good[i].file, &len, pool);
        apid_vadl_t *vadl;
        apid_err_t *err = apid_vadl_parse(&vadl, text, len, pool);

        is(err ? show_errs(err, pool) : show(vadl, pool), good[i].meaning,
           good[i].file);
    }
}

/* The names of t/vadl that match a pattern. */
static apr_array_header_t *list_files(const char *pattern, apr_pool_t *pool)
{
    apr_array_header_t *files;

    if (apr_match_glob(apr_pstrcat(pool, DIR, pattern, NULL), &files,
                       pool) != APR_SUCCESS)
        return apr_array_make(pool, 1, sizeof(char *));
    return files;
}

static void test_bad(apr_pool_t *pool)
{
    apr_array_header_t *files = list_files("bad-*.xml", pool);
    int n = 0;

    for (int i = 0; i < files->nelts; i++) {
        const char *name = APR_ARRAY_IDX(files, i, const char *);
        const char *base = apr_pstrndup(pool, name, strlen(name) - 4);
        apr_size_t len, none;
        const char *text = read_file(name, &len, pool);
        apid_vadl_t *vadl;
        apid_err_t *err = apid_vadl_parse(&vadl, text, len, pool);

        if (strncmp(name, "bad-api-", 8) == 0) {
            ok(!err && vadl, apr_pstrcat(pool, name, " is legal", NULL));
            continue;
        }
        if (strncmp(name, "bad-both-", 9) == 0) {
            ok(err && vadl && vadl->partial,
               apr_pstrcat(pool, name, " can be read in part", NULL));
            continue;
        }
        n++;
        is(show_errs(err, pool),
           read_file(apr_pstrcat(pool, base, ".err", NULL), &none, pool),
           name);
        ok(!vadl || vadl->partial, "and is no whole definition");
    }
    ok(n >= 59, "all of them were read");
    is_int(sizeof(good) / sizeof(*good), list_files("[0-9]*.xml",
                                                    pool)->nelts,
           "and all of the good ones");
}

static void test_places(apr_pool_t *pool)
{
    const char *text = "<api>\n <select module='X'>\n  <record>"
                       "<field name='a'/></record>\n  <where>"
                       "<field name='b' value='1'/></where>\n"
                       "  <limit max='1'/></select></api>";
    apid_vadl_t *vadl;
    apid_err_t *err = apid_vadl_parse(&vadl, text, strlen(text), pool);
    const apid_vadl_op_t *op;
    const apid_vadl_field_t *field;

    ok(!err, "a definition with places");
    is_int(vadl->place.line, 1, "line of the root");
    is_int(vadl->place.column, 1, "column of the root");
    op = &APR_ARRAY_IDX(vadl->ops, 0, apid_vadl_op_t);
    is_int(op->place.line, 2, "line of the operation");
    is_int(op->place.column, 2, "column of the operation");
    field = &APR_ARRAY_IDX(op->record, 0, apid_vadl_field_t);
    is_int(field->place.line, 3, "line of a field");
    is_int(field->place.column, 11, "column of a field");
    is_int(op->where->place.line, 4, "line of the where");
    is_int(op->limit_place.line, 5, "line of the limit");
}

static const char *pad(const char *text, apr_size_t len, apr_pool_t *pool)
{
    char *copy = apr_palloc(pool, len);

    memset(copy, ' ', len);
    memcpy(copy, text, strlen(text));
    return copy;
}

static void test_size(apr_pool_t *pool)
{
    const char *text = pad("<api><select/></api>", APID_VADL_MAX_SIZE + 1,
                           pool);
    apid_vadl_t *vadl;
    apid_err_t *err = apid_vadl_parse(&vadl, text, APID_VADL_MAX_SIZE, pool);

    is(show_errs(err, pool), "", "256 KiB are legal");
    err = apid_vadl_parse(&vadl, text, APID_VADL_MAX_SIZE + 1, pool);
    is(show_errs(err, pool), "1:1: the document is larger than 256 KiB\n",
       "one byte more is not");
}

static void test_many_errors(apr_pool_t *pool)
{
    char *text = apr_palloc(pool, APID_VADL_MAX_SIZE);
    apr_size_t len = 0;
    apid_vadl_t *vadl;
    apid_err_t *err;
    int n = 0;

    len += strlen(strcpy(text, "<api>"));
    while (len + 10 < APID_VADL_MAX_SIZE)
        len += strlen(strcpy(text + len, "<x/>"));
    len += strlen(strcpy(text + len, "</api>"));
    for (err = apid_vadl_parse(&vadl, text, len, pool); err; err = err->next)
        n++;
    is_int(n, (len - 11) / 4, "every error is told, also of 65,533");
}

static void test_words(apr_pool_t *pool)
{
    is(apid_method_word(APID_METHOD_PATCH), "patch", "word of a method");
    is(apid_op_word(APID_OP_UPSERT), "upsert", "word of an operation");
    is(apid_condition_word(APID_NOTIN), "notin", "word of a condition");
    is_int(apid_method_parse("Delete"), APID_METHOD_DELETE, "method");
    is_int(apid_method_parse("head"), APID_METHODS, "no method");
    is_int(apid_op_parse("SELECT"), APID_OP_SELECT, "operation");
    is_int(apid_op_parse("rest"), APID_OPS, "no operation");
    is_int(apid_condition_parse("StartsWith"), APID_STARTSWITH, "condition");
    is_int(apid_condition_parse("=="), APID_CONDITIONS, "no condition");
    is_int(apid_condition_arity(APID_LIKE), 1, "like takes a value");
    is_int(apid_condition_arity(APID_BETWEEN), 2, "between takes two");
    is_int(apid_condition_arity(APID_IN), -1, "in takes any number");
    is_int(apid_condition_arity(APID_EMPTY), 0, "empty takes none");
}

int main(void)
{
    apr_pool_t *pool;

    apr_initialize();
    apr_pool_create(&pool, NULL);
    test_good(pool);
    test_bad(pool);
    test_places(pool);
    test_size(pool);
    test_many_errors(pool);
    test_words(pool);
    apr_pool_destroy(pool);
    apr_terminate();
    return tap_done();
}
