/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_module: what a module's document means, and everything that is said of
 * a wrong one. The modules are those of t/vadl/modules.
 */
#include "apid_catalog.h"
#include "tap.h"

#include <apr_file_io.h>
#include <apr_general.h>
#include <apr_strings.h>

#define DIR "t/vadl/modules/"

static apid_module_t *load(const char *name, apr_pool_t *pool)
{
    const char *path = apr_pstrcat(pool, DIR, name, ".xml", NULL);
    static char text[65536];
    apr_size_t len = 0;
    apid_module_t *module;
    apr_file_t *file;
    apid_err_t *err;

    if (apr_file_open(&file, path, APR_READ, 0, pool) == APR_SUCCESS) {
        apr_file_read_full(file, text, sizeof(text), &len);
        apr_file_close(file);
    }
    err = apid_module_parse(&module, text, len, pool);
    memset(text, 'x', sizeof(text)); /* nothing borrows from it */
    is(err ? err->text : NULL, NULL, apr_pstrcat(pool, name, ".xml", NULL));
    return module;
}

static const char *show_errs(const apid_err_t *err, apr_pool_t *pool)
{
    const char *text = "";

    for (; err; err = err->next)
        text = apr_psprintf(pool, "%s%s%d:%d: %s", text, *text ? "\n" : "",
                            err->line, err->column, err->text);
    return text;
}

static void test_module(apr_pool_t *pool)
{
    const apid_module_t *m = load("Oddities", pool);

    is(m->label, "Odds & Ends", "label");
    is(m->prefix, "99x", "prefix");
    ok(strstr(m->document, "every type, every attribute"), "its document");
    is_int(m->ntables, 2, "tables");
    is(m->tables[0].name, "`odd``ities`", "main table");
    is(m->tables[0].alias, "t0", "its alias");
    is(m->tables[0].columns[0], "`key`", "its key");
    is(m->tables[1].name, "`odd_notes`", "joined table");
    is(m->tables[1].columns[0], "`odd_key`", "its key");
    is_int(m->tables[1].required, 0, "it is not required");
    is_int(m->key, APID_KEY_UUID, "how the key is made");
    is_int(m->key_domains[0].type, APID_TYPE_UUID, "type of the key");
    is(m->owner->name, "an_owner", "owner");
    is(m->created->name, "made", "created");
    is(m->modified->name, "changed", "modified");
    is_int(m->deleted_table, 1, "table of the soft delete");
    is(m->deleted_column, "`gone`", "its column");
    is(m->deleted_value, "yes", "its value");
    is(m->live_value, "no", "the other");
    is_int(m->readonly, 0, "not read-only");
    is_int(m->nuniques, 2, "unique indexes");
    is(m->uniques[1].fields[1], "a_date", "second field of the second");
    ok(!m->uniques[1].fields[2], "there is no third");
}

static void test_constants(apr_pool_t *pool)
{
    static const struct {
        const char *column, *literal;
        apid_constant_e source;
        apid_when_e when;
        int table, filter;
    } want[] = {
        { "`kind`", "odd", APID_CONSTANT_LITERAL, APID_WHEN_CREATE, 0, 1 },
        { "`sign`", "@odd", APID_CONSTANT_LITERAL, APID_WHEN_UPDATE, 0, 0 },
        { "`made`", NULL, APID_CONSTANT_NOW, APID_WHEN_CREATE, 0, 0 },
        { "`day`", NULL, APID_CONSTANT_TODAY, APID_WHEN_BOTH, 0, 0 },
        { "`changed_by`", NULL, APID_CONSTANT_USER_ID, APID_WHEN_BOTH, 1, 0 },
        { "`changed`", NULL, APID_CONSTANT_NOW, APID_WHEN_BOTH, 0, 0 },
    };
    const apid_module_t *m = load("Oddities", pool);

    is_int(m->nconstants, 6, "constants");
    for (int i = 0; i < m->nconstants; i++) {
        const apid_constant_t *c = &m->constants[i];

        is(c->column, want[i].column, "constant's column");
        is(c->literal, want[i].literal, "its literal");
        ok(c->source == want[i].source && c->when == want[i].when &&
               c->table == want[i].table && c->filter == want[i].filter,
           "its source, when, table, filter");
        ok(c->field == (i == 5 ? m->modified : NULL),
           "what a request writes wins in the field that it stands for alone");
    }
    is(m->owner->fallback, "@user.id", "an owner that nobody names");
}

#define ROW(name, type, cls, ...) \
    { #name, APID_TYPE_##type, APID_##cls, __VA_ARGS__ }

/* clang-format off */
static const struct {
    const char *name;
    apid_type_e type;
    apid_class_e cls;
    int chars, precision, scale, bits, is_unsigned, nchoices;
} domains[] = {
    /*  name       type           class    chars pre sc bits un ch */
    ROW(a_string,   STRING,        TEXT,      40,  0,  0, 64,  0,  0),
    ROW(a_text,     TEXT,          TEXT,   65535,  0,  0, 64,  0,  0),
    ROW(a_uuid,     UUID,          TEXT,       0,  0,  0, 64,  0,  0),
    ROW(an_integer, INTEGER,       INT,        0,  0,  0, 16,  0,  0),
    ROW(a_big,      INTEGER,       UINT,       0,  0,  0, 64,  1,  0),
    ROW(a_decimal,  DECIMAL,       TEXT,       0, 20,  4, 64,  0,  0),
    ROW(a_double,   DOUBLE,        DOUBLE,     0,  0,  0, 64,  0,  0),
    ROW(a_float,    DOUBLE,        FLOAT,      0,  0, -1, 64,  0,  0),
    ROW(a_boolean,  BOOLEAN,       INT,        0,  0,  0, 64,  0,  0),
    ROW(a_bit,      BIT,           UINT,       0,  0,  0, 12,  0,  0),
    ROW(a_date,     DATE,          TIME,       0,  0,  0, 64,  0,  0),
    ROW(a_datetime, DATETIME,      TIME,       0,  0,  6, 64,  0,  0),
    ROW(a_time,     TIME,          TIME,       0,  0,  2, 64,  0,  0),
    ROW(a_year,     YEAR,          INT,        0,  0,  0, 64,  0,  0),
    ROW(a_picklist, PICKLIST,      TEXT,       0,  0,  0, 64,  0,  3),
    ROW(a_set,      MULTIPICKLIST, TEXT,       0,  0,  0, 64,  0,  2),
    ROW(an_owner,   OWNER,         UINT,       0,  0,  0, 64,  1,  0),
    ROW(a_json,     JSON,          TEXT,       0,  0,  0, 64,  0,  0),
    ROW(a_binary,   BINARY,        BYTES,     16,  0,  0, 64,  0,  0),
    ROW(id,         ID,            TEXT,      36,  0,  0, 64,  0,  0),
};
/* clang-format on */

static void test_domains(apr_pool_t *pool)
{
    const apid_module_t *m = load("Oddities", pool);

    for (size_t i = 0; i < sizeof(domains) / sizeof(*domains); i++) {
        const apid_domain_t *d = &apid_module_field(m, domains[i].name)
                                      ->domain;

        ok(d->type == domains[i].type && d->cls == domains[i].cls,
           domains[i].name);
        is_int(d->chars, domains[i].chars, "  length");
        is_int(d->precision, domains[i].precision, "  precision");
        is_int(d->scale, domains[i].scale, "  scale");
        is_int(d->bits, domains[i].bits, "  bits");
        is_int(d->is_unsigned, domains[i].is_unsigned, "  unsigned");
        is_int(d->nchoices, domains[i].nchoices, "  choices");
    }
}

static void test_field(apr_pool_t *pool)
{
    const apid_module_t *m = load("Oddities", pool);
    const apid_field_t *f = apid_module_field(m, "a_string");

    is_int(f->index, 0, "index");
    is(f->label, "A String", "label");
    is(f->column, "`a string`", "column");
    is(f->raw_column, "a string", "column, not quoted");
    is(f->sql, "t0.`a string`", "SQL");
    ok(f->mandatory && f->unique && f->exact && !f->readonly, "flags");
    is(f->domain.pattern, "^[a-z]+$", "pattern");
    ok(regexec(f->domain.expression, "abc", 0, NULL, 0) == 0, "it matches");
    ok(regexec(f->domain.expression, "aBc", 0, NULL, 0) != 0, "or not");
    is_int(f->line, 13, "line");
    is_int(f->column_no, 3, "column");
    f = apid_module_field(m, "a_text");
    is(f->sql, "t1.`a_text`", "SQL of a field in the joined table");
    is(f->label, "a_text", "the name is the label");
    f = apid_module_field(m, "an_integer");
    ok(!f->domain.nullable, "not nullable");
    is(f->fallback, "7", "default");
    is(f->domain.min, "-10", "min");
    is(f->domain.max, "1000", "max");
    f = apid_module_field(m, "a_decimal");
    is(f->domain.min, "-1.50", "min of a decimal");
    ok(f->domain.nullable, "nullable unless told");
    f = apid_module_field(m, "a_big");
    is_int(f->domain.as_text, 1, "written as text");
    f = apid_module_field(m, "a_picklist");
    is(f->domain.choices[2], "three & more", "choice");
    is_int(apid_module_field(m, "a_set")->domain.set, 1, "a SET column");
    ok(apid_module_field(m, "made")->readonly, "read-only");
    ok(!apid_module_field(m, "A_String"), "case matters");
}

static void test_keys(apr_pool_t *pool)
{
    const apid_module_t *m = load("VtigerContacts", pool);

    is_int(m->key, APID_KEY_SEQUENCE, "vtiger: a sequence");
    is(m->sequence_table, "`vtiger_crmentity_seq`", "its table");
    is(m->sequence_column, "`id`", "its column");
    is_int(m->ntables, 6, "six tables");
    ok(m->tables[1].required && !m->tables[2].required, "one is required");
    is(m->tables[5].columns[0], "`customerid`", "key of the last");
    is(m->id.sql, "t0.`crmid`", "SQL of the id");
    is_int(m->id.domain.cls, APID_INT, "class of the id");
    is_int(m->id.domain.bits, 32, "bits of the id");
    ok(m->id.readonly && !m->id.mandatory, "the caller does not make it");
    m = load("Prices", pool);
    is_int(m->key, APID_KEY_CALLER, "a composite key: made by the caller");
    is_int(m->tables[0].ncolumns, 2, "of two columns");
    is(m->tables[1].columns[1], "`currency`", "also of the joined table");
    is_int(m->key_domains[1].chars, 20, "length of a part");
    ok(m->id.domain.cls == APID_TEXT && m->id.mandatory && !m->id.readonly,
       "its id is text, and mandatory");
    m = load("Readings", pool);
    is_int(m->key, APID_KEY_NONE, "a view has no key");
    ok(m->readonly, "and is read-only");
    m = load("Contacts", pool);
    is_int(m->key, APID_KEY_AUTO, "AUTO_INCREMENT");
    is_int(m->id.domain.cls, APID_UINT, "unsigned");
}

#define HEAD "<module name='M'><table name='t' key='k'/>"

static const struct {
    const char *name, *document, *errors;
} bad[] = {
    { "not XML",
      "<module>",
      "1:9: the document ends before </module>: <module> of line 1 is "
      "not closed" },
    { "another document",
      "<api/>",
      "1:1: unknown root element 'api'; expected module" },
    { "nothing in it",
      "<module/>",
      "1:1: <module> needs the attribute 'name'\n"
      "1:1: <module> needs a <table>" },
    { "no table",
      "<module name='M'><field name='f' type='string'/></module>",
      "1:1: <module> needs a <table>" },
    { "unknown attributes of the module",
      "<module nmae='M' name='M' colour='x'><table name='t' "
      "key='k'/></module>",
      "1:1: unknown attribute 'nmae' in <module>; did you mean 'name'?\n"
      "1:1: unknown attribute 'colour' in <module>; expected name, "
      "label, prefix, owner, created, modified, version or readonly" },
    { "unknown elements",
      HEAD "\n"
      "<feild name='x'/>\n"
      "<idfield/>\n"
      "<field name='f' type='picklist'><valeu>x</valeu></field></module>",
      "2:1: unknown element 'feild' in <module>; did you mean 'field'?\n"
      "3:1: unknown element 'idfield' in <module>; expected table, key, "
      "constant, softdelete, field or unique\n"
      "4:33: unknown element 'valeu' in <field>; did you mean 'value'?" },
    { "children where none may be",
      HEAD "\n"
      "<key><x/></key><constant column='c' "
      "value='1'><x/></constant></module>",
      "2:6: <key> may not hold <x>\n"
      "2:47: <constant> may not hold <x>" },
    { "a table twice",
      HEAD "\n"
      "<table name='t' key='k'/></module>",
      "2:1: table 't' is there already" },
    { "a joined table without a key",
      HEAD "\n"
      "<table name='u'/></module>",
      "2:1: the key of a joined table needs as many columns as that of "
      "the first: found 0, expected 1" },
    { "a joined table with another key",
      HEAD "\n"
      "<table name='u' key='a,b'/></module>",
      "2:1: the key of a joined table needs as many columns as that of "
      "the first: found 2, expected 1" },
    { "a key of five columns",
      "<module name='M'>\n"
      "<table name='t' key='a,b,c,d,e'/></module>",
      "2:1: key 'a,b,c,d,e' has more than 4 columns" },
    { "a key of a table without one",
      "<module name='M'><table name='t'/>\n"
      "<key made='auto'/></module>",
      "2:1: <key> needs a key at the first <table>" },
    { "unknown maker",
      HEAD "\n"
      "<key made='serial'/></module>",
      "2:1: unknown made 'serial' in <key>; expected auto, sequence, "
      "uuid or caller" },
    { "unknown maker, nearly",
      HEAD "\n"
      "<key made='sequnce'/></module>",
      "2:1: unknown made 'sequnce' in <key>; did you mean 'sequence'?" },
    { "unknown type of a key",
      HEAD "\n"
      "<key type='intger'/></module>",
      "2:1: unknown type 'intger' in <key>; did you mean 'integer'?" },
    { "type that no key can have",
      HEAD "\n"
      "<key type='json'/></module>",
      "2:1: unknown type 'json' in <key>; expected integer, string, "
      "uuid, email, decimal, date, datetime, time or year" },
    { "a key twice",
      HEAD "\n"
      "<key/>\n"
      "<key/></module>",
      "3:1: <key> is given twice" },
    { "a sequence without a table",
      HEAD "\n"
      "<key made='sequence'/></module>",
      "2:1: a key made by 'sequence' needs the attribute 'table'" },
    { "a table without a sequence",
      HEAD "\n"
      "<key made='auto' table='s'/></module>",
      "2:1: table and column of <key> are for keys made by 'sequence'" },
    { "AUTO_INCREMENT of text",
      HEAD "\n"
      "<key made='auto' type='string'/></module>",
      "2:1: a key of type string cannot be made by 'auto'" },
    { "UUID of a number",
      HEAD "\n"
      "<key made='uuid' type='integer'/></module>",
      "2:1: a key of type integer cannot be made by 'uuid'" },
    { "a composite key made by a sequence",
      "<module name='M'><table name='t' key='a,b'/>\n"
      "<key made='sequence' table='s'/></module>",
      "2:1: a composite key must be made by the caller, not 'sequence'" },
    { "types that are too few",
      "<module name='M'><table name='t' key='a,b'/>\n"
      "<key types='integer'/></module>",
      "2:1: types 'integer' of <key> must be one for each column of the "
      "key: found 1, expected 2" },
    { "a type in types",
      "<module name='M'><table name='t' key='a,b'/>\n"
      "<key types='integer,strng'/></module>",
      "2:1: unknown type 'strng' in <key>; did you mean 'string'?" },
    { "constant on an unknown table",
      HEAD "<table name='details' key='k'/>\n"
      "<constant table='detials' column='c' value='1'/></module>",
      "2:1: unknown table 'detials' in <constant>; did you mean "
      "'details'?" },
    { "constant without column and value",
      HEAD "\n"
      "<constant/></module>",
      "2:1: <constant> needs the attribute 'column'\n"
      "2:1: <constant> needs the attribute 'value'" },
    { "constant of an unknown source",
      HEAD "\n"
      "<constant column='c' value='@nwo'/>\n"
      "<constant column='c' value='@'/></module>",
      "2:1: unknown value '@nwo' in <constant>; did you mean '@now'?\n"
      "3:1: unknown value '@' in <constant>; expected @now, @today or "
      "@user.id" },
    { "constant at an unknown time",
      HEAD "\n"
      "<constant column='c' value='1' on='delete'/></module>",
      "2:1: unknown on 'delete' in <constant>; expected create, update "
      "or both" },
    { "filter that is no literal",
      HEAD "\n"
      "<constant column='c' value='@now' filter='true'/></module>",
      "2:1: only a literal value can be a filter, not '@now'" },
    { "soft delete without a column, on an unknown table",
      HEAD "\n"
      "<softdelete table='x'/></module>",
      "2:1: <softdelete> needs the attribute 'column'\n"
      "2:1: unknown table 'x' in <softdelete>; did you mean 't'?" },
    { "soft delete that deletes nothing",
      HEAD "\n"
      "<softdelete column='c' value='0'/></module>",
      "2:1: value and live of <softdelete> are both '0'" },
    { "soft delete twice",
      HEAD "\n"
      "<softdelete column='c'/>\n"
      "<softdelete column='d'/></module>",
      "3:1: <softdelete> is given twice" },
    { "field without name and type",
      HEAD "\n"
      "<field/>\n"
      "<field name='f'/></module>",
      "2:1: <field> needs the attribute 'name'\n"
      "3:1: field 'f' needs a type" },
    { "field id",
      HEAD "\n"
      "<field name='id' type='integer'/></module>",
      "2:1: field name 'id' is reserved: every module has it, made from "
      "its key" },
    { "field names with special characters",
      HEAD "\n"
      "<field name='a.b' type='string'/>\n"
      "<field name='a,b' type='string'/>\n"
      "<field name='@a' type='string'/></module>",
      "2:1: field name 'a.b' may not hold '.', ',' or '@'\n"
      "3:1: field name 'a,b' may not hold '.', ',' or '@'\n"
      "4:1: field name '@a' may not hold '.', ',' or '@'" },
    { "field twice",
      HEAD "\n"
      "<field name='f' type='string'/>\n"
      "<field name='f' type='text'/></module>",
      "3:1: field 'f' is there already, in line 2" },
    { "unknown type",
      HEAD "\n"
      "<field name='f' type='strng' min='x' refers='x'/>\n"
      "<field name='g' type='enum'/></module>",
      "2:1: unknown type 'strng' in <field>; did you mean 'string'?\n"
      "3:1: unknown type 'enum' in <field>; expected string, text, "
      "email, url, phone, uuid, integer, decimal, double, boolean, bit, "
      "date, datetime, time, year, picklist, multipicklist, reference, "
      "owner, id, json or binary" },
    { "type id",
      HEAD "\n"
      "<field name='f' type='id'/></module>",
      "2:1: type 'id' of field 'f' is reserved for the field 'id'" },
    { "field in an undeclared table",
      HEAD "<table name='details' key='k'/>\n"
      "<field name='f' type='string' table='detail'/></module>",
      "2:1: unknown table 'detail' in <field>; did you mean 'details'?" },
    { "unknown attributes of a field",
      HEAD "\n"
      "<field name='f' type='string' lenght='3'/></module>",
      "2:1: unknown attribute 'lenght' in <field>; did you mean 'length'?" },
    { "bits",
      HEAD "\n"
      "<field name='f' type='integer' bits='31'/>\n"
      "<field name='g' type='bit' bits='65'/></module>",
      "2:1: bits '31' of field 'f' must be 8, 16, 24, 32 or 64\n"
      "3:1: bits '65' of field 'g' must be 1 to 64" },
    { "precision and scale",
      HEAD "\n"
      "<field name='f' type='decimal' precision='66'/>\n"
      "<field name='g' type='decimal' precision='3' scale='4'/></module>",
      "2:1: precision and scale of field 'f' must be at most 65 and 38, "
      "scale not above precision\n"
      "3:1: precision and scale of field 'g' must be at most 65 and 38, "
      "scale not above precision" },
    { "digits of a second",
      HEAD "\n"
      "<field name='f' type='datetime' fsp='7'/></module>",
      "2:1: fsp '7' of field 'f' must be 0 to 6" },
    { "digits of a second of a key",
      "<module name='M'><table name='t' key='k'/>\n"
      "<key type='datetime' made='caller' fsp='7'/></module>",
      "2:1: fsp '7' of <key> must be 0 to 6" },
    { "a version that two changes of a second share",
      "<module name='M' version='f'><table name='t' key='k'/>\n"
      "<field name='f' type='datetime' fsp='3'/></module>",
      "1:1: version of <module>: 'f' is neither a whole number nor a "
      "date-time with 6 digits of a second" },
    { "pattern that does not compile",
      HEAD "\n"
      "<field name='f' type='string' pattern='[a-'/></module>",
      "2:1: pattern '[a-' of field 'f': Unmatched [, [^, [:, [., or [=" },
    { "reference to nothing",
      HEAD "\n"
      "<field name='f' type='reference'/></module>",
      "2:1: field 'f' is a reference: refers must name a module" },
    { "refers without a reference",
      HEAD "\n"
      "<field name='f' type='integer' refers='M'/></module>",
      "2:1: refers is for fields of type reference; field 'f' is of type "
      "integer" },
    { "choices without a picklist",
      HEAD "\n"
      "<field name='f' type='string'><value>a</value></field></module>",
      "2:1: <value> is for picklists; field 'f' is of type string" },
    { "choices empty and twice",
      HEAD "<field name='f' type='picklist'>\n"
      "<value>a</value><value/>\n"
      "<value>a</value></field></module>",
      "2:17: <value> is empty\n"
      "3:1: <value> 'a' is given twice" },
    { "default that is no choice",
      HEAD "\n"
      "<field name='f' type='picklist' "
      "default='c'><value>a</value></field></module>",
      "2:1: default of field 'f': 'c' must be one of \"a\"; did you mean "
      "\"a\"?" },
    { "default that does not fit", HEAD "\n"
      "<field name='f' type='integer' default='x'/>\n"
      "<field name='g' type='date' default='2024-02-30'/>\n"
      "<field name='h' type='date' default='@now'/>\n"
      "<field name='o' type='owner' default='me'/>\n"
      "<field name='r' type='integer' default='11' max='10'/></module>",
      "2:1: default of field 'f': 'x' must be a whole number\n"
      "3:1: default of field 'g': '2024-02-30' must be a date yyyy-mm-dd\n"
      "4:1: default of field 'h': '@now' must be a date yyyy-mm-dd; did you "
      "mean '@today'?\n"
      "5:1: default of field 'o': 'me' must be the id of a record\n"
      "6:1: default of field 'r': '11' must be at most 10" },
    { "min and max of the wrong type",
      HEAD "\n"
      "<field name='f' type='integer' min='a' max='b'/></module>",
      "2:1: min of field 'f': 'a' must be a whole number\n"
      "2:1: max of field 'f': 'b' must be a whole number" },
    { "min of text",
      HEAD "\n"
      "<field name='f' type='string' min='a'/></module>",
      "2:1: field 'f' of type string takes no min or max" },
    { "roles that are no fields",
      "<module name='M' owner='onwer' created='x' modified='f'><table "
      "name='t' key='k'/><field name='owner' type='owner'/><field "
      "name='f' type='datetime'/></module>",
      "1:1: unknown field 'onwer' in owner of <module>; did you mean "
      "'owner'?\n"
      "1:1: unknown field 'x' in created of <module>; did you mean 'f'?" },
    { "roles of fields that cannot have them",
      "<module name='M' owner='id' created='n' modified='s'>\n"
      "<table name='t' key='k'/><field name='n' type='integer'/><field "
      "name='s' type='string'/></module>",
      "1:1: 'id' cannot be the owner\n"
      "1:1: field 'n' is no date: it cannot tell when a record was created\n"
      "1:1: field 's' is no date: it cannot tell when a record was modified" },
    { "unique over what is no field",
      HEAD "<field name='email' type='email'/>\n"
      "<unique index='u' fields='emial, id, zzz'/>\n"
      "<unique/><unique index='u' fields=' , '/></module>",
      "2:1: unknown field 'emial' in <unique>; did you mean 'email'?\n"
      "2:1: unknown field 'zzz' in <unique>\n"
      "3:1: <unique> needs the attribute 'index'\n3:1: <unique> needs the "
      "attribute 'fields'\n3:10: fields of <unique> is empty" },
    { "several errors in one",
      "<module name='M'>\n"
      "<table name='t' key='k' requird='true'/>\n"
      "<field name='f' type='x'/>\n"
      "<constant column='c'/>\n"
      "</module>",
      "2:1: unknown attribute 'requird' in <table>; did you mean "
      "'required'?\n"
      "3:1: unknown type 'x' in <field>; expected string, text, email, "
      "url, phone, uuid, integer, decimal, double, boolean, bit, date, "
      "datetime, time, year, picklist, multipicklist, reference, owner, "
      "id, json or binary\n"
      "4:1: <constant> needs the attribute 'value'" },
    { "parts in another order",
      "<module name='M' owner='o'><unique index='u' fields='o'/><field "
      "name='o' type='owner' table='u'/><key made='caller' type='string' "
      "length='5'/><table name='t' key='k'/><table name='u' "
      "key='k'/></module>",
      "" },
};

static void test_bad(apr_pool_t *pool)
{
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
        apid_module_t *module;
        apid_err_t *err = apid_module_parse(&module, bad[i].document,
                                            strlen(bad[i].document), pool);

        is(show_errs(err, pool), bad[i].errors, bad[i].name);
        ok(!module == !!err, "a module or errors");
    }
}

/* A document of n tables or fields. */
static const char *show_many(const char *fmt, int n, apr_pool_t *pool)
{
    apr_array_header_t *parts = apr_array_make(pool, n, sizeof(char *));

    for (int i = 0; i < n; i++)
        APR_ARRAY_PUSH(parts, char *) = apr_psprintf(pool, fmt, i);
    return apr_pstrcat(pool, HEAD, apr_array_pstrcat(pool, parts, 0),
                       "</module>", NULL);
}

static void test_counts(apr_pool_t *pool)
{
    const char *text = show_many("<table name='x%d' key='k'/>", 15, pool);
    apid_module_t *module;
    apid_err_t *err = apid_module_parse(&module, text, strlen(text), pool);

    is(show_errs(err, pool), "", "16 tables");
    text = show_many("<table name='x%d' key='k'/>", 16, pool);
    err = apid_module_parse(&module, text, strlen(text), pool);
    is(err ? err->text : NULL, "more than 16 tables", "17 tables");
    text = show_many("<field name='f%d' type='string'/>", 1000, pool);
    err = apid_module_parse(&module, text, strlen(text), pool);
    is(show_errs(err, pool), "", "1000 fields");
    is(apid_module_field(module, "f999")->sql, "t0.`f999`", "the last");
    text = show_many("<field name='f%d' type='string'/>", 1001, pool);
    err = apid_module_parse(&module, text, strlen(text), pool);
    is(err ? err->text : NULL, "more than 1000 fields", "1001 fields");
}

int main(void)
{
    apr_pool_t *pool;

    apr_initialize();
    apr_pool_create(&pool, NULL);
    test_module(pool);
    test_constants(pool);
    test_domains(pool);
    test_field(pool);
    test_keys(pool);
    test_bad(pool);
    test_counts(pool);
    apr_pool_destroy(pool);
    apr_terminate();
    return tap_done();
}
