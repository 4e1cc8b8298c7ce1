/* SPDX-License-Identifier: Apache-2.0 */
/*
 * value_cases: what is sent to a field of each type, and what is made of it:
 * the class and the text of the value, or the code and the text of the error.
 */
#ifndef VALUE_CASES_H
#define VALUE_CASES_H

#include "apid_value.h"

typedef enum from_e { FORM, JSON } from_e;

typedef struct parse_t {
    const apid_domain_t *domain;
    from_e from;
    const char *sent; /* text of a form, or JSON */
    const char *want;
} parse_t;

#define D static apid_domain_t
static const char *const colours[] = {"Red", "Green", "Blue"};
static const char *const letters[] = {"a", "b", "c", "d", "e", "f",
                                      "g", "h", "i", "j", "k", "l"};

/* clang-format off */
D string  = {.type = APID_TYPE_STRING, .cls = APID_TEXT, .chars = 5};
D text    = {.type = APID_TYPE_TEXT, .cls = APID_TEXT};
D email   = {.type = APID_TYPE_EMAIL, .cls = APID_TEXT, .chars = 100};
D url     = {.type = APID_TYPE_URL, .cls = APID_TEXT};
D phone   = {.type = APID_TYPE_PHONE, .cls = APID_TEXT};
D uuid    = {.type = APID_TYPE_UUID, .cls = APID_TEXT, .chars = 36};
D int8    = {.type = APID_TYPE_INTEGER, .cls = APID_INT, .bits = 8};
D uint8   = {.type = APID_TYPE_INTEGER, .cls = APID_UINT, .bits = 8,
             .is_unsigned = 1};
D int24   = {.type = APID_TYPE_INTEGER, .cls = APID_INT, .bits = 24};
D int64   = {.type = APID_TYPE_INTEGER, .cls = APID_INT, .bits = 64};
D uint64  = {.type = APID_TYPE_INTEGER, .cls = APID_UINT, .bits = 64,
             .is_unsigned = 1};
D percent = {.type = APID_TYPE_INTEGER, .cls = APID_INT, .bits = 32,
             .min = "0", .max = "100"};
D adult   = {.type = APID_TYPE_INTEGER, .cls = APID_INT, .min = "18"};
D bit3    = {.type = APID_TYPE_BIT, .cls = APID_UINT, .bits = 3,
             .is_unsigned = 1};
D flag    = {.type = APID_TYPE_BOOLEAN, .cls = APID_INT, .bits = 8};
D year    = {.type = APID_TYPE_YEAR, .cls = APID_INT};
D money   = {.type = APID_TYPE_DECIMAL, .cls = APID_TEXT, .precision = 6,
             .scale = 2};
D price   = {.type = APID_TYPE_DECIMAL, .cls = APID_TEXT, .precision = 6,
             .scale = 1, .is_unsigned = 1, .max = "99.5"};
D whole   = {.type = APID_TYPE_DECIMAL, .cls = APID_TEXT, .precision = 3};
D decimal = {.type = APID_TYPE_DECIMAL, .cls = APID_TEXT};
D number  = {.type = APID_TYPE_DOUBLE, .cls = APID_DOUBLE};
D single  = {.type = APID_TYPE_DOUBLE, .cls = APID_FLOAT, .scale = -1};
D ratio   = {.type = APID_TYPE_DOUBLE, .cls = APID_DOUBLE, .is_unsigned = 1,
             .max = "1.5"};
D date    = {.type = APID_TYPE_DATE, .cls = APID_TIME};
D recent  = {.type = APID_TYPE_DATE, .cls = APID_TIME, .min = "2000-01-01"};
D moment  = {.type = APID_TYPE_DATETIME, .cls = APID_TIME};
D moment1 = {.type = APID_TYPE_DATETIME, .cls = APID_TIME, .scale = 1};
D moment6 = {.type = APID_TYPE_DATETIME, .cls = APID_TIME, .scale = 6};
D hours   = {.type = APID_TYPE_TIME, .cls = APID_TIME};
D hours3  = {.type = APID_TYPE_TIME, .cls = APID_TIME, .scale = 3};
D pick    = {.type = APID_TYPE_PICKLIST, .cls = APID_TEXT, .nullable = 1,
             .choices = colours, .nchoices = 3};
D must    = {.type = APID_TYPE_PICKLIST, .cls = APID_TEXT,
             .choices = colours, .nchoices = 3};
D many    = {.type = APID_TYPE_PICKLIST, .cls = APID_TEXT,
             .choices = letters, .nchoices = 12};
D ten     = {.type = APID_TYPE_PICKLIST, .cls = APID_TEXT,
             .choices = letters, .nchoices = 10};
D any     = {.type = APID_TYPE_PICKLIST, .cls = APID_TEXT, .chars = 3};
D multi   = {.type = APID_TYPE_MULTIPICKLIST, .cls = APID_TEXT,
             .choices = colours, .nchoices = 3};
D set     = {.type = APID_TYPE_MULTIPICKLIST, .cls = APID_TEXT, .set = 1,
             .choices = colours, .nchoices = 3};
D id      = {.type = APID_TYPE_ID, .cls = APID_INT, .bits = 32,
             .prefix = "4x"};
D refers  = {.type = APID_TYPE_REFERENCE, .cls = APID_UINT, .bits = 32,
             .is_unsigned = 1, .prefix = "11x"};
D owner   = {.type = APID_TYPE_OWNER, .cls = APID_INT, .bits = 64};
D key     = {.type = APID_TYPE_ID, .cls = APID_TEXT, .chars = 8};
D json    = {.type = APID_TYPE_JSON, .cls = APID_TEXT};
D binary  = {.type = APID_TYPE_BINARY, .cls = APID_BYTES, .chars = 4};
D code    = {.type = APID_TYPE_STRING, .cls = APID_TEXT,
             .pattern = "^[A-Z]{2}[0-9]+$"};

#define BAD "INVALID_VALUE: "
#define BAD_ID "INVALID_ID_ATTRIBUTE: must be the id of a record"
#define NOT_WHOLE BAD "must be a whole number"
#define NOT_DATE BAD "must be a date yyyy-mm-dd"
#define NOT_MOMENT BAD "must be a date and time yyyy-mm-dd hh:mm:ss"
#define NOT_TIME BAD "must be a time hh:mm:ss"
#define NOT_NUMBER BAD "must be a decimal number"
#define NOT_DOUBLE BAD "must be a number"
#define NOT_TRUTH BAD "must be true or false"
#define LONGEST_TIME BAD "must be between -838:59:59 and 838:59:59"

static const parse_t parses[] = {
    /* text of one line, and what may come instead of text */
    {&string, FORM, "",           "TEXT "},
    {&string, FORM, " a b ",      "TEXT  a b "},
    {&string, FORM, "a\nb",       "TEXT a\nb"},
    {&string, FORM, "äöü€😀",     "TEXT äöü€😀"},
    {&string, FORM, "äöü€😀!",    BAD "must be at most 5 characters"},
    {&string, JSON, "null",       "NULL"},
    {&string, JSON, "1.50",       "TEXT 1.50"},
    {&string, JSON, "true",       "TEXT true"},
    {&string, JSON, "[]",         BAD "must be text of one line, not an array"},
    {&string, JSON, "{}",
              BAD "must be text of one line, not an object"},
    {&text,   FORM, "any length", "TEXT any length"},
    {&code,   FORM, "AB12",       "TEXT AB12"},
    {&code,   FORM, "",           "TEXT "},
    {&code,   FORM, "ab12", BAD "must match the pattern ^[A-Z]{2}[0-9]+$"},
    {&email,  FORM, "",           "TEXT "},
    {&email,  FORM, "a@b",        "TEXT a@b"},
    {&email,  FORM, "jörg+x@exämple.org", "TEXT jörg+x@exämple.org"},
    {&email,  FORM, "@b",         BAD "must be an e-mail address"},
    {&email,  FORM, "a@",         BAD "must be an e-mail address"},
    {&email,  FORM, "a@b@c",      BAD "must be an e-mail address"},
    {&email,  FORM, "a b@c",      BAD "must be an e-mail address"},
    {&email,  FORM, "ab",         BAD "must be an e-mail address"},
    {&url,    FORM, "www.example.org/?a=b#c", "TEXT www.example.org/?a=b#c"},
    {&url,    FORM, "http://a b", BAD "must be a web address"},
    {&phone,  FORM, "+49 (30) 123-45 ext. 6", "TEXT +49 (30) 123-45 ext. 6"},
    {&phone,  FORM, "none",       BAD "must be a telephone number"},
    {&phone,  FORM, "12\n3",      BAD "must be a telephone number"},
    {&uuid,   FORM, "",           "NULL"},
    {&uuid,   FORM, "0123ABCD-0123-4567-89ab-0123456789aB",
              "TEXT 0123abcd-0123-4567-89ab-0123456789ab"},
    {&uuid,   FORM, "0123abcd-0123-4567-89ab-0123456789a",
              BAD "must be a UUID"},
    {&uuid,   FORM, "0123abcd-0123-4567-89ab-0123456789ab0",
              BAD "must be a UUID"},
    {&uuid,   FORM, "0123abcd-0123-4567-89ab-0123456789ag",
              BAD "must be a UUID"},
    {&uuid,   FORM, "0123abcd001230456708900012345678900a",
              BAD "must be a UUID"},

    /* whole numbers */
    {&int8,   FORM, "",           "NULL"},
    {&int8,   FORM, "0",          "INT 0"},
    {&int8,   FORM, "-0",         "INT 0"},
    {&int8,   FORM, "+7",         "INT 7"},
    {&int8,   FORM, "007",        "INT 7"},
    {&int8,   FORM, "127",        "INT 127"},
    {&int8,   FORM, "128",        BAD "must be between -128 and 127"},
    {&int8,   FORM, "-128",       "INT -128"},
    {&int8,   FORM, "-129",       BAD "must be between -128 and 127"},
    {&int8,   JSON, "12",         "INT 12"},
    {&int8,   JSON, "true",       "INT 1"},
    {&int8,   JSON, "false",      "INT 0"},
    {&int8,   JSON, "1.0",        NOT_WHOLE},
    {&int8,   JSON, "1e3",        NOT_WHOLE},
    {&int8,   FORM, " 1",         NOT_WHOLE},
    {&int8,   FORM, "1 ",         NOT_WHOLE},
    {&int8,   FORM, "-",          NOT_WHOLE},
    {&int8,   FORM, "0x10",       NOT_WHOLE},
    {&int8,   FORM, "true",       NOT_WHOLE},
    {&int8,   FORM, "١",          NOT_WHOLE},
    {&int8,   JSON, "[1]",        BAD "must be a whole number, not an array"},
    {&uint8,  FORM, "255",        "UINT 255"},
    {&uint8,  FORM, "256",        BAD "must be between 0 and 255"},
    {&uint8,  FORM, "-1",         BAD "must be between 0 and 255"},
    {&uint8,  FORM, "-0",         "UINT 0"},
    {&int24,  FORM, "-8388608",   "INT -8388608"},
    {&int24,  FORM, "8388608",    BAD "must be between -8388608 and 8388607"},
    {&int64,  JSON, "9223372036854775807",  "INT 9223372036854775807"},
    {&int64,  JSON, "-9223372036854775808", "INT -9223372036854775808"},
    {&int64,  JSON, "9223372036854775808",
              BAD "must be between -9223372036854775808 and "
              "9223372036854775807"},
    {&int64,  JSON, "-9223372036854775809",
              BAD "must be between -9223372036854775808 and "
              "9223372036854775807"},
    {&uint64, JSON, "18446744073709551615", "UINT 18446744073709551615"},
    {&uint64, JSON, "18446744073709551616",
              BAD "must be between 0 and 18446744073709551615"},
    {&percent, FORM, "0",         "INT 0"},
    {&percent, FORM, "100",       "INT 100"},
    {&percent, FORM, "101",       BAD "must be between 0 and 100"},
    {&percent, FORM, "-1",        BAD "must be between 0 and 100"},
    {&adult,  FORM, "17",         BAD "must be at least 18"},
    {&bit3,   FORM, "7",          "UINT 7"},
    {&bit3,   FORM, "8",          BAD "must be between 0 and 7"},
    {&year,   FORM, "2024",       "INT 2024"},
    {&year,   FORM, "0",          "INT 0"},
    {&year,   FORM, "1901",       "INT 1901"},
    {&year,   FORM, "2155",       "INT 2155"},
    {&year,   FORM, "24",     BAD "must be a year between 1901 and 2155"},
    {&year,   FORM, "2156",   BAD "must be a year between 1901 and 2155"},
    {&year,   FORM, "MMXX",       BAD "must be a year"},
    {&flag,   FORM, "true",       "INT 1"},
    {&flag,   FORM, "FALSE",      "INT 0"},
    {&flag,   FORM, "1",          "INT 1"},
    {&flag,   JSON, "0",          "INT 0"},
    {&flag,   FORM, "Yes",        "INT 1"},
    {&flag,   FORM, "no",         "INT 0"},
    {&flag,   FORM, "on",         "INT 1"},
    {&flag,   FORM, "Off",        "INT 0"},
    {&flag,   JSON, "true",       "INT 1"},
    {&flag,   JSON, "2",          NOT_TRUTH},
    {&flag,   FORM, "maybe",      NOT_TRUTH},

    /* decimals: exact, whatever their form */
    {&money,  FORM, "1.5",        "TEXT 1.5"},
    {&money,  FORM, "+01.50",     "TEXT 1.50"},
    {&money,  FORM, "1.500",      "TEXT 1.50"},
    {&money,  FORM, "1.505",
              BAD "may have at most 2 digits after the point"},
    {&money,  FORM, "9999.99",    "TEXT 9999.99"},
    {&money,  FORM, "10000",
              BAD "may have at most 4 digits before the point"},
    {&money,  FORM, "-0.00",      "TEXT 0.00"},
    {&money,  FORM, ".5",         "TEXT 0.5"},
    {&money,  FORM, "-.5",        "TEXT -0.5"},
    {&money,  FORM, "5.",         "TEXT 5"},
    {&money,  JSON, "1e3",        "TEXT 1000"},
    {&money,  JSON, "12345E-2",   "TEXT 123.45"},
    {&money,  JSON, "1.25e+1",    "TEXT 12.5"},
    {&money,  JSON, "100e-4",     "TEXT 0.01"},
    {&money,  JSON, "0e999999999", "TEXT 0"},
    {&money,  JSON, "1e999999999",
              BAD "may have at most 4 digits before the point"},
    {&money,  JSON, "1e-999999999",
              BAD "may have at most 2 digits after the point"},
    {&money,  FORM, "1e",         NOT_NUMBER},
    {&money,  FORM, "e1",         NOT_NUMBER},
    {&money,  FORM, ".",          NOT_NUMBER},
    {&money,  FORM, "1,5",        NOT_NUMBER},
    {&money,  FORM, "1.5 ",       NOT_NUMBER},
    {&money,  FORM, "1.2.3",      NOT_NUMBER},
    {&money,  FORM, "inf",        NOT_NUMBER},
    {&money,  JSON, "true",       NOT_NUMBER},
    {&money,  FORM, "",           "NULL"},
    {&price,  FORM, "-0.1",       BAD "must be at least 0"},
    {&price,  FORM, "99.5",       "TEXT 99.5"},
    {&price,  FORM, "0",          "TEXT 0"},
    {&price,  FORM, "100",        BAD "must be at most 99.5"},
    {&price,  FORM, "9.6",        "TEXT 9.6"},
    {&price,  FORM, "99.6",       BAD "must be at most 99.5"},
    {&price,  FORM, "0.25",
              BAD "may have at most 1 digit after the point"},
    {&whole,  FORM, "999",        "TEXT 999"},
    {&whole,  FORM, "1.0",        "TEXT 1"},
    {&whole,  FORM, "1.5",        NOT_WHOLE},
    {&decimal, FORM, "123456789012345678901234567890.123456789012345678901",
              "TEXT 123456789012345678901234567890.123456789012345678901"},
    {&decimal, FORM, "1e65",
              BAD "may have at most 65 digits before the point"},

    /* floating point */
    {&number, FORM, "0.1",        "DOUBLE 0.1"},
    {&number, JSON, "1e308",      "DOUBLE 1e+308"},
    {&number, JSON, "-1E2",       "DOUBLE -100"},
    {&number, JSON, "1e309",      BAD "must be between -1.7e308 and 1.7e308"},
    {&number, FORM, "nan",        NOT_DOUBLE},
    {&number, FORM, "inf",        NOT_DOUBLE},
    {&number, FORM, "0x1p3",      NOT_DOUBLE},
    {&number, FORM, "1,5",        NOT_DOUBLE},
    {&number, FORM, "",           "NULL"},
    {&single, FORM, "0.1",        "FLOAT 0.1"},
    {&single, FORM, "16777217",   "FLOAT 16777216"},
    {&single, FORM, "1e39",       BAD "must be between -3.4e38 and 3.4e38"},
    {&ratio,  FORM, "-0.5",       BAD "must be at least 0"},
    {&ratio,  FORM, "0",          "DOUBLE 0"},
    {&ratio,  FORM, "1.5",        "DOUBLE 1.5"},
    {&ratio,  FORM, "1.51",       BAD "must be at most 1.5"},

    /* dates: days that exist */
    {&date,   FORM, "2024-02-29", "TIME 2024-02-29"},
    {&date,   FORM, "0001-01-01", "TIME 0001-01-01"},
    {&date,   FORM, "9999-12-31", "TIME 9999-12-31"},
    {&date,   FORM, "2000-02-29", "TIME 2000-02-29"},
    {&date,   FORM, "",           "NULL"},
    {&date,   FORM, "1900-02-29", NOT_DATE},
    {&date,   FORM, "2023-02-29", NOT_DATE},
    {&date,   FORM, "2024-02-30", NOT_DATE},
    {&date,   FORM, "2024-04-31", NOT_DATE},
    {&date,   FORM, "0000-00-00", NOT_DATE},
    {&date,   FORM, "2024-02-00", NOT_DATE},
    {&date,   FORM, "2024-00-10", NOT_DATE},
    {&date,   FORM, "2024-13-01", NOT_DATE},
    {&date,   FORM, "2024-1-1",   NOT_DATE},
    {&date,   FORM, "24-01-01",   NOT_DATE},
    {&date,   FORM, "2024-01-01 ", NOT_DATE},
    {&date,   FORM, "2024-01-01T00:00:00Z", NOT_DATE},
    {&date,   FORM, "01/02/2024", NOT_DATE},
    {&date,   JSON, "20240101",   NOT_DATE},
    {&recent, FORM, "1999-12-31", BAD "must be at least 2000-01-01"},
    {&recent, FORM, "2000-01-01", "TIME 2000-01-01"},

    /* date-times: in UTC, no digit dropped */
    {&moment, FORM, "2024-01-31 12:34:56", "TIME 2024-01-31 12:34:56"},
    {&moment, FORM, "2024-01-31T12:34:56Z", "TIME 2024-01-31 12:34:56"},
    {&moment, FORM, "2024-01-31t12:34:56z", "TIME 2024-01-31 12:34:56"},
    {&moment, FORM, "2024-01-31T12:34:56", "TIME 2024-01-31 12:34:56"},
    {&moment, FORM, "2024-01-31", "TIME 2024-01-31 00:00:00"},
    {&moment, FORM, "2024-01-31T23:30:00-01:30", "TIME 2024-02-01 01:00:00"},
    {&moment, FORM, "2024-03-01T00:30:00+05:45", "TIME 2024-02-29 18:45:00"},
    {&moment, FORM, "2024-12-31T23:59:59-00:01", "TIME 2025-01-01 00:00:59"},
    {&moment, FORM, "2024-01-01 00:00:00+00:01", "TIME 2023-12-31 23:59:00"},
    {&moment, FORM, "2024-01-15T00:30:00+23:59", "TIME 2024-01-14 00:31:00"},
    {&moment, FORM, "2024-01-15T23:30:00-01:00", "TIME 2024-01-16 00:30:00"},
    {&moment, FORM, "2024-01-15T01:00:00+01:00", "TIME 2024-01-15 00:00:00"},
    {&moment, FORM, "2024-01-30T23:30:00-01:00", "TIME 2024-01-31 00:30:00"},
    {&moment, FORM, "2024-11-30T23:30:00-01:00", "TIME 2024-12-01 00:30:00"},
    {&moment, FORM, "2024-01-31T12:00:00.000Z", "TIME 2024-01-31 12:00:00"},
    {&moment, FORM, "2024-01-31T12:00:00.5Z", BAD "must be in whole seconds"},
    {&moment1, FORM, "2024-01-31 12:00:00.5", "TIME 2024-01-31 12:00:00.5"},
    {&moment1, FORM, "2024-01-31 12:00:00.50000000",
              "TIME 2024-01-31 12:00:00.5"},
    {&moment1, FORM, "2024-01-31 12:00:00.05",
              BAD "may have at most 1 digit after the second"},
    {&moment6, FORM, "2024-01-31 12:00:00.123456",
              "TIME 2024-01-31 12:00:00.123456"},
    {&moment6, FORM, "2024-01-31 12:00:00.1234567",
              BAD "may have at most 6 digits after the second"},
    {&moment, FORM, "2024-01-31 23:59:60", NOT_MOMENT},
    {&moment, FORM, "2024-01-31 24:00:00", NOT_MOMENT},
    {&moment, FORM, "2024-01-31 12:60:00", NOT_MOMENT},
    {&moment, FORM, "2024-02-30 12:00:00", NOT_MOMENT},
    {&moment, FORM, "0000-00-00 00:00:00", NOT_MOMENT},
    {&moment, FORM, "2024-01-31 12:00", NOT_MOMENT},
    {&moment, FORM, "2024-01-31 12:00:00.", NOT_MOMENT},
    {&moment, FORM, "2024-01-31T12:00:00+0100", NOT_MOMENT},
    {&moment, FORM, "2024-01-31T12:00:00+24:00", NOT_MOMENT},
    {&moment, FORM, "2024-01-31T12:00:00 Z", NOT_MOMENT},
    {&moment, FORM, "2024-01-31T12:00:00Zz", NOT_MOMENT},
    {&moment, FORM, "9999-12-31T23:00:00-01:00", NOT_MOMENT},
    {&moment, FORM, "0001-01-01T00:00:00+00:01", NOT_MOMENT},
    {&moment, JSON, "1706659200", NOT_MOMENT},
    {&hours,  FORM, "838:59:59",  "TIME 838:59:59"},
    {&hours,  FORM, "-838:59:59", "TIME -838:59:59"},
    {&hours,  FORM, "99:00:00",   "TIME 99:00:00"},
    {&hours,  FORM, "100:00:00",  "TIME 100:00:00"},
    {&hours,  FORM, "7:05:09",    "TIME 07:05:09"},
    {&hours,  FORM, "-00:00:00",  "TIME 00:00:00"},
    {&hours,  FORM, "-00:00:01",  "TIME -00:00:01"},
    {&hours,  FORM, "839:00:00",  LONGEST_TIME},
    {&hours,  FORM, "-839:00:00", LONGEST_TIME},
    {&hours,  FORM, "12:60:00",   NOT_TIME},
    {&hours,  FORM, "12:00:60",   NOT_TIME},
    {&hours,  FORM, "12:00",      NOT_TIME},
    {&hours,  FORM, "1000:00:00", NOT_TIME},
    {&hours,  FORM, "12:00:00Z",  NOT_TIME},
    {&hours,  FORM, "12:00:00.5", BAD "must be in whole seconds"},
    {&hours3, FORM, "12:00:00.25", "TIME 12:00:00.250"},
    {&hours3, FORM, "-838:59:59.999", "TIME -838:59:59.999"},
    {&hours3, FORM, "839:00:00.0", LONGEST_TIME},

    /* choices */
    {&pick,   FORM, "Red",        "TEXT Red"},
    {&pick,   FORM, "",           "NULL"},
    {&must,   FORM, "",           "TEXT "},
    {&pick,   FORM, "Gren", BAD "must be one of \"Red\", \"Green\", "
              "\"Blue\"; did you mean \"Green\"?"},
    {&pick,   JSON, "7", BAD "must be one of \"Red\", \"Green\", \"Blue\""},
    {&many,   FORM, "zzz", BAD "must be one of \"a\", \"b\", \"c\", \"d\", "
              "\"e\", \"f\", \"g\", \"h\", \"i\", \"j\" and 2 more"},
    {&ten,    FORM, "zzz", BAD "must be one of \"a\", \"b\", \"c\", \"d\", "
              "\"e\", \"f\", \"g\", \"h\", \"i\", \"j\""},
    {&any,    FORM, "new",        "TEXT new"},
    {&any,    FORM, "four",       BAD "must be at most 3 characters"},
    {&multi,  JSON, "[\"Red\",\"Blue\"]", "TEXT Red |##| Blue"},
    {&multi,  FORM, "Red|##|Blue", "TEXT Red |##| Blue"},
    {&multi,  FORM, "Red  |##| Blue |##| ", "TEXT Red |##| Blue"},
    {&multi,  JSON, "[]",         "TEXT "},
    {&multi,  FORM, "",           "TEXT "},
    {&multi,  JSON, "[\"Red\",\"Bleu\"]", BAD "must be one of \"Red\", "
              "\"Green\", \"Blue\"; did you mean \"Blue\"?"},
    {&multi,  JSON, "[[\"Red\"]]", BAD "must be some of its choices"},
    {&multi,  JSON, "{}", BAD "must be some of its choices, not an object"},
    {&set,    JSON, "[\"Red\",\"Blue\"]", "TEXT Red,Blue"},
    {&set,    FORM, "Red |##| Blue", "TEXT Red,Blue"},
    {&set,    FORM, "Red,Blue",   "TEXT Red,Blue"},
    {&set,    FORM, "Blue,Red,Blue", "TEXT Red,Blue"},

    /* ids, with and without prefix */
    {&id,     FORM, "4x2063",     "INT 2063"},
    {&id,     FORM, "2063",       "INT 2063"},
    {&id,     JSON, "2063",       "INT 2063"},
    {&id,     FORM, "",           "NULL"},
    {&id,     FORM, "12x2063",
              "INVALID_ID_ATTRIBUTE: must be an id that begins with \"4x\""},
    {&id,     FORM, "4x",
              "INVALID_ID_ATTRIBUTE: must be an id that begins with \"4x\""},
    {&id,     FORM, "4x4x1",      BAD_ID},
    {&id,     FORM, "4x 1",       BAD_ID},
    {&id,     FORM, "abc",        BAD_ID},
    {&id,     FORM, "x5",         BAD_ID},
    {&id,     FORM, "2147483648", BAD_ID},
    {&id,     JSON, "true",       BAD_ID},
    {&id,     JSON, "[1]",
              BAD "must be the id of a record, not an array"},
    {&refers, FORM, "11x7",       "UINT 7"},
    {&refers, FORM, "-7",         BAD_ID},
    {&owner,  FORM, "5",          "INT 5"},
    {&owner,  FORM, "19x5",       BAD_ID},
    {&key,    FORM, "ab-1",       "TEXT ab-1"},
    {&key,    FORM, "123456789",  BAD_ID},

    /* JSON and bytes */
    {&json,   JSON, "{\"a\": [1, 2.50]}", "TEXT {\"a\": [1, 2.50]}"},
    {&json,   JSON, "[ ]",        "TEXT [ ]"},
    {&json,   JSON, "1.50",       "TEXT 1.50"},
    {&json,   JSON, "true",       "TEXT true"},
    {&json,   JSON, "null",       "NULL"},
    {&json,   JSON, "\"\"",       "TEXT \"\""},
    {&json,   JSON, "\"a b\"",    "TEXT \"a b\""},
    {&json,   JSON, "\"[1]\\n\\\"\\\\\\u0001é\"",
              "TEXT \"[1]\\u000a\\\"\\\\\\u0001é\""},
    {&json,   FORM, "[1]",        "TEXT [1]"},
    {&json,   FORM, "",           "NULL"},
    {&json,   FORM, "[1",         BAD "must be JSON"},
    {&json,   FORM, "hello",      BAD "must be JSON"},
    {&binary, FORM, "",           "BYTES "},
    {&binary, FORM, "AP8=",       "BYTES 00ff"},
    {&binary, FORM, "AAECAw==",   "BYTES 00010203"},
    {&binary, FORM, "AAECAwQ=",   BAD "must be at most 4 bytes"},
    {&binary, FORM, "AP8",        BAD "must be base64"},
    {&binary, FORM, "AP_-",       BAD "must be base64"},
    {&binary, FORM, "AP8=\n",     BAD "must be base64"},
    {&binary, FORM, "A===",       BAD "must be base64"},
    {&binary, FORM, "AP8=AP8=",   BAD "must be base64"}
};
/* clang-format on */

#endif
