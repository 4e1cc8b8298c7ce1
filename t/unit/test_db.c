/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_db: statements, values and errors against a real server, with
 * compound statements and one by one: the results must be the same.
 */
#include "db_test.h"

#include <unistd.h>

static apid_lease_t *lease; /* under test */

static const char *const SCHEMA =
    "-- a comment, then a statement of two lines\n"
    "DROP TABLE IF EXISTS child, parent, checked,\n"
    "    typed, wide, zero;\n"
    "\n"
    "CREATE TABLE typed (id INT PRIMARY KEY, v_tiny TINYINT,\n"
    "  v_utiny TINYINT UNSIGNED, v_small SMALLINT, v_medium MEDIUMINT,\n"
    "  v_int INT, v_big BIGINT, v_ubig BIGINT UNSIGNED,\n"
    "  v_decimal DECIMAL(65,30), v_float FLOAT, v_double DOUBLE,\n"
    "  v_bit BIT(1), v_bits BIT(64), v_year YEAR, v_date DATE,\n"
    "  v_datetime DATETIME(6), v_stamp TIMESTAMP(6) NULL, v_time TIME(6),\n"
    "  v_char CHAR(10), v_text TEXT, v_binary VARBINARY(10), v_blob BLOB,\n"
    "  v_enum ENUM('a','b'), v_set SET('a','b'), v_json JSON);\n"
    "CREATE TABLE zero (id INT PRIMARY KEY,\n"
    "  d DATE NOT NULL DEFAULT '0000-00-00', t DATETIME, n INT);\n"
    "CREATE TABLE parent (id INT PRIMARY KEY AUTO_INCREMENT,\n"
    "  email VARCHAR(20) UNIQUE, name VARCHAR(5) NOT NULL, age TINYINT,\n"
    "  price DECIMAL(5,2), born DATE, kind ENUM('a','b'), extra JSON,\n"
    "  UNIQUE KEY by_age (age));\n"
    "CREATE TABLE child (id INT PRIMARY KEY, parent_id INT,\n"
    "  CONSTRAINT fk FOREIGN KEY (parent_id) REFERENCES parent (id));\n"
    "CREATE TABLE checked (a INT, b INT CHECK (b > 0),\n"
    "  CONSTRAINT a_is_small CHECK (a < 10));\n"
    "CREATE TABLE wide (id INT PRIMARY KEY, pad LONGBLOB);\n";

static void empty_tables(void)
{
    db_admin("DELETE FROM child;\nDELETE FROM parent;\nDELETE FROM checked;\n"
             "DELETE FROM typed;\nDELETE FROM zero;\nDELETE FROM wide;\n"
             "INSERT INTO parent (id, email, name, age)\n"
             "  VALUES (1, 'a@x', 'ann', 1), (2, 'b@x', 'bob', 2);\n"
             "INSERT INTO child VALUES (1, 1);\n");
}

static apid_value_t time_of(apid_time_t t)
{
    return (apid_value_t){.cls = APID_TIME, .u.t = t};
}

static apid_value_t double_of(apid_class_e cls, double d)
{
    return (apid_value_t){.cls = cls, .u.d = d};
}

/* The greatest, the least and the oddest of each type, bound and read. */
static void test_types(void)
{
    apid_value_t binds[] = {
        apid_value_of_int(-128),
        apid_value_of_int(255),
        apid_value_of_int(-32768),
        apid_value_of_int(-8388608),
        apid_value_of_int(-2147483648LL),
        apid_value_of_int(APR_INT64_MIN),
        apid_value_of_uint(APR_UINT64_MAX),
        apid_value_of_text(
            "-12345678901234567890123456789012345."
            "123456789012345678901234567890"),
        double_of(APID_FLOAT, 0.1F),
        double_of(APID_DOUBLE, 0.1),
        apid_value_of_uint(1),
        apid_value_of_uint(APR_UINT64_MAX),
        apid_value_of_int(2155),
        time_of((apid_time_t){APID_TIME_DATE, 0, 9999, 12, 31, 0, 0, 0, 0}),
        time_of((apid_time_t){APID_TIME_DATETIME, 0, 2024, 2, 29, 23, 59, 59,
                              999999}),
        time_of((apid_time_t){APID_TIME_DATETIME, 0, 2038, 1, 19, 3, 14, 7,
                              1}),
        time_of((apid_time_t){APID_TIME_CLOCK, 1, 0, 0, 0, 837, 59, 59,
                              500000}),
        apid_value_of_text("M\xc3\xbcller"),
        apid_value_of_text("\xf0\x9f\x98\x80 '\"\\%_;--"),
        apid_value_of_bytes("\0\xff\n", 3),
        apid_value_of_bytes("", 0),
        apid_value_of_text("b"),
        apid_value_of_text("a,b"),
        apid_value_of_text("{\"a\": [1, null]}")
    };
    apid_stmt_t insert = {
        APID_STMT_WRITE,
        "INSERT INTO typed VALUES (1,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,"
        "?,?,?,?,?)",
        binds, 24
    };

    is(db_run(lease, &insert, 1), "", "every type is bound");
    is(db_read(lease, "SELECT v_tiny, v_utiny, v_small, v_medium, v_int, "
                      "v_big, v_ubig FROM typed"),
       "i-128 u255 i-32768 i-8388608 i-2147483648 i-9223372036854775808 "
       "u18446744073709551615", "whole numbers");
    is(db_read(lease, "SELECT v_decimal, v_float, v_double, v_bit, v_bits, "
                      "v_year FROM typed"),
       "'-12345678901234567890123456789012345."
       "123456789012345678901234567890' f0.100000001 "
       "d0.10000000000000001 u1 u18446744073709551615 u2155",
       "other numbers");
    is(db_read(lease, "SELECT v_date, v_datetime, v_stamp, v_time FROM typed"),
       "9999-12-31 2024-02-29 23:59:59.999999 2038-01-19 03:14:07.000001 "
       "-837:59:59.500000", "dates and times");
    is(db_read(lease, "SELECT v_char, v_text, v_binary, v_blob, v_enum, "
                      "v_set, v_json FROM typed"),
       "'M\xc3\xbcller' '\xf0\x9f\x98\x80 '\"\\%_;--' x00ff0a x 'b' 'a,b' "
       "'{\"a\": [1, null]}'", "texts and bytes");
}

static void test_nulls(void)
{
    apid_value_t null = apid_value_of_null();
    apid_stmt_t insert = {APID_STMT_WRITE,
                          "INSERT INTO typed (id, v_text) VALUES (2, ?)",
                          &null, 1};

    is(db_run(lease, &insert, 1), "", "NULL is bound");
    is(db_read(lease, "SELECT v_tiny, v_text, v_date, id, v_bits, v_double, "
                      "v_json, v_blob, v_time FROM typed WHERE id = 2"),
       "NULL NULL NULL i2 NULL NULL NULL NULL NULL", "NULLs are read");
}

static void test_zero_dates(void)
{
    db_admin("SET sql_mode = '';\n"
             "INSERT INTO zero VALUES (1, '0000-00-00', '2024-02-00', 1),\n"
             "  (2, '2024-00-00', '0000-00-00 00:00:00', 1);\n"
             "SET sql_mode = DEFAULT;\n");
    is(db_read(lease, "SELECT d, t FROM zero ORDER BY id"),
       "0000-00-00 2024-02-00 00:00:00.000000; "
       "2024-00-00 0000-00-00 00:00:00.000000", "zero dates are read");
    is(db_write(lease, "UPDATE zero SET n = 2 WHERE id = 1"), "",
       "their rows can be changed");
    is(db_write(lease, "INSERT INTO zero (id) VALUES (3)"), "",
       "they may be a default");
    is(db_write(lease, "INSERT INTO zero VALUES (4, '2024-02-00', NULL, 1)"),
       "INVALID_VALUE d 1292", "half a date is not written");
}

static void test_expressions(void)
{
    is(db_read(lease, "SELECT 1, 1.50, 1e0, NULL, 'a', X'00', TRUE"),
       "i1 '1.50' d1 NULL 'a' x00 i1", "literals");
    is(db_read(lease, "SELECT COUNT(*), SUM(1), MAX('b'), NULL FROM dual"),
       "i1 '1' 'b' NULL", "aggregates");
    is(db_read(lease, "SELECT CAST('2024-01-31' AS DATE), "
                      "CAST('00:00:00' AS TIME), "
                      "CAST('26:00:00' AS TIME)"),
       "2024-01-31 00:00:00.000000 26:00:00.000000", "casts");
    is(db_read(lease, "SELECT 1 FROM dual WHERE FALSE"), "", "no row");
}

static void test_columns(void)
{
    apid_stmt_t read = db_stmt(APID_STMT_READ, "SELECT 1 AS one, 2 AS two");
    apid_rows_t *rows;

    is(db_error(apid_db_execute(&rows, lease, &read, 1)), "", "a select");
    is_int(apid_db_columns(rows), 2, "has two columns");
    is(apid_db_column_name(rows, 1), "two", "the second has a name");
    is(db_rows(rows), "i1 i2", "and a value");
    is(apid_db_column_name(rows, 0), "one", "names outlive the last row");
    is(apid_db_flavour(lease), db_either("MariaDB", "MySQL"),
       "the server says what it is");
}

static void test_session(void)
{
    is(db_read(lease, db_either(
                   "SELECT @@sql_mode, @@time_zone, @@autocommit, "
                   "@@tx_isolation, @@character_set_connection",
                   "SELECT @@sql_mode, @@time_zone, @@autocommit, "
                   "@@transaction_isolation, @@character_set_connection")),
       "'STRICT_TRANS_TABLES,STRICT_ALL_TABLES,NO_ZERO_IN_DATE,"
       "ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION' '+00:00' i1 "
       "'REPEATABLE-READ' 'utf8mb4'", "the session is strict");
    is(db_read(lease, db_either("SELECT @@max_statement_time * 1000",
                                "SELECT @@max_execution_time * 1e0")),
       "d2500", "its timeouts are set");
    is(db_read(lease, "SELECT @@innodb_lock_wait_timeout, "
                      "@@lock_wait_timeout"), "u1 u1", "for locks too");
}

/* Each is one row of the table of meanings; MySQL's comes third where it is
 * another. */
static void test_errors(void)
{
    static const char *const cases[][3] = {
        {"INSERT INTO parent (email, name) VALUES ('a@x', 'x')",
         "DUPLICATE_RECORD_FOUND email 1062"},
        {"INSERT INTO parent (email, name, age) VALUES "
         "('for key ''fake''', 'x', 2)",
         "DUPLICATE_RECORD_FOUND by_age 1062"},
        {"INSERT INTO parent (id, name) VALUES (1, 'x')",
         "DUPLICATE_RECORD_FOUND PRIMARY 1062"},
        {"INSERT INTO child VALUES (5, 99)",
         "REFERENCE_INVALID parent_id 1452"},
        {"DELETE FROM parent WHERE id = 1",
         "REFERENCE_INVALID 1451"},
        {"UPDATE parent SET name = NULL WHERE id = 1",
         "INVALID_VALUE name 1048"},
        {"INSERT INTO parent (email) VALUES ('c@x')",
         "INVALID_VALUE name 1364"},
        {"UPDATE parent SET name = 'too long' WHERE id = 1",
         "INVALID_VALUE name 1406"},
        {"UPDATE parent SET age = 300 WHERE id = 1",
         "INVALID_VALUE age 1264"},
        {"UPDATE parent SET kind = 'c' WHERE id = 1",
         "INVALID_VALUE kind 1265"},
        {"UPDATE parent SET kind = '' WHERE id = 1",
         "INVALID_VALUE kind 1265"},
        {"UPDATE parent SET born = 'column ''x''' WHERE id = 1",
         "INVALID_VALUE born 1292"},
        {"UPDATE parent SET age = 'x' WHERE id = 1",
         "INVALID_VALUE age 1366"},
        {"UPDATE parent SET name = X'ff' WHERE id = 1",
         "INVALID_VALUE name 1366"},
        {"UPDATE parent SET extra = '{' WHERE id = 1",
         "INVALID_VALUE extra 4025", "INVALID_VALUE extra 3140"},
        {"INSERT INTO checked VALUES (10, 1)",
         "INVALID_VALUE a_is_small 4025", "INVALID_VALUE a_is_small 3819"},
        {"INSERT INTO checked VALUES (1, 0)",
         "INVALID_VALUE b 4025", "INVALID_VALUE checked_chk_1 3819"},
        {"UPDATE parent SET price = 1.239 WHERE id = 1",
         "INVALID_VALUE price 1265"},
        {"UPDATE parent SET born = '2024-01-31 10:00:00' WHERE id = 1",
         "INVALID_VALUE born 1265", "INVALID_VALUE born 1292"},
        {"INSERT INTO parent (no_such) VALUES (1)", "OUTDATED 1054"},
        {"INSERT INTO no_such VALUES (1)", "OUTDATED 1146"},
        {"INSERT INTO", "INTERNAL_ERROR 1064"},
        {"UPDATE parent SET name = (SELECT 'a' UNION SELECT 'b')",
         "INTERNAL_ERROR 1242"}
    };
    size_t i;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        is(db_write(lease, cases[i][0]),
           db_either(cases[i][1], cases[i][2] ? cases[i][2] : cases[i][1]),
           cases[i][0]);
    is(db_read(lease, "SELECT id, name, age, price, born FROM parent"),
       "i1 'ann' i1 NULL NULL; i2 'bob' i2 NULL NULL", "nothing was changed");
}

/* A read may warn; the write after it may not, nor one before the last. */
static void test_warnings(void)
{
    apid_stmt_t stmts[] = {
        db_stmt(APID_STMT_WRITE, "UPDATE parent SET price = 1.25 WHERE id = 1"),
        db_stmt(APID_STMT_READ, "SELECT CAST('x' AS SIGNED)"),
        db_stmt(APID_STMT_WRITE, "UPDATE parent SET price = 1.50 WHERE id = 2"),
        db_stmt(APID_STMT_WRITE, "UPDATE parent SET price = 1 WHERE id = 1")
    };

    is(db_run(lease, stmts, 4), "i0", "a read may warn");
    stmts[2].sql = "UPDATE parent SET price = 1.509 WHERE id = 2";
    is(db_run(lease, stmts, 4), "INVALID_VALUE price 1265", "a write may not");
    is(db_read(lease, "SELECT price FROM parent"), "'1.00'; '1.50'",
       "it is rolled back, with what came before");
    is(db_begin(lease), "", "in a transaction");
    is(db_run(lease, stmts, 4), "INVALID_VALUE price 1265", "neither");
    is(db_commit(lease), "", "which is over");
    is(db_read(lease, "SELECT price FROM parent"), "'1.00'; '1.50'",
       "and left nothing");
    stmts[2].columns = "`age`, `Price`";
    is(db_run(lease, stmts, 4), "INVALID_VALUE price 1265", "nor of its own");
    stmts[2].columns = "`age`, `prices`";
    is(db_run(lease, stmts, 4), "i0", "others the database may round");
    is(db_write(lease, "UPDATE parent SET price = NULL"), "", "as before");
}

/* The server may be told to show none. */
static void test_hidden_warnings(const apid_db_config_t *config)
{
    apid_lease_t *other;

    db_admin("SET GLOBAL max_error_count = 0;\n");
    other = db_lease(db_open(config));
    is(db_write(other, "UPDATE parent SET price = 1.509 WHERE id = 1"),
       db_either("INVALID_VALUE price 1265", "INTERNAL_ERROR 1105"),
       "a warning that is not shown");
    is(db_read(other, "SELECT price FROM parent WHERE id = 1"), "NULL",
       "changes nothing");
    apid_db_close(other);
    db_admin("SET GLOBAL max_error_count = DEFAULT;\n");
}

static void test_texts(void)
{
    apid_stmt_t stmt = db_stmt(APID_STMT_WRITE,
                               "INSERT INTO parent (email, name) "
                               "VALUES ('a@x', 'x')");
    apid_err_t *err = apid_db_execute(NULL, lease, &stmt, 1);

    is(err->text, "Duplicate records found", "the text is ours");
    is(err->cause,
       db_either("1062 Duplicate entry 'a@x' for key 'email'",
                 "1062 Duplicate entry 'a@x' for key 'parent.email'"),
       "the cause is the server's");
    stmt.sql = "INSERT INTO no_such VALUES (1)";
    err = apid_db_execute(NULL, lease, &stmt, 1);
    is(err->text, "The definition is out of date", "a table that is gone");
    ok(!strncmp(err->cause, "1146 ", 5), "which is told once");
    db_admin("CREATE VIEW ghost AS SELECT id FROM wide;\n"
             "ALTER TABLE wide RENAME TO wider;\n");
    stmt.sql = "INSERT INTO ghost VALUES (1)";
    err = apid_db_execute(NULL, lease, &stmt, 1);
    is(err->text, "The definition is out of date", "a view of one");
    db_admin("ALTER TABLE wider RENAME TO wide;\nDROP VIEW ghost;\n");
    stmt.sql = "INSERT INTO parent (email) VALUES ('none')";
    err = apid_db_execute(NULL, lease, &stmt, 1);
    is(err->text, "A value is needed and there is none", "no default");
    stmt.sql = "DELETE FROM apid_none";
    err = apid_db_execute(NULL, lease, &stmt, 1);
    is(db_error(err), "DATABASE_UNAVAILABLE 1146", "one of our own");
    ok(strstr(err->cause, "run apidesignerctl init: ") != NULL, "told why");
}

static void test_binds(void)
{
    apid_value_t value = apid_value_of_int(7);
    apid_stmt_t stmt = {APID_STMT_READ, "SELECT ?, ?", &value, 1};

    is(db_run(lease, &stmt, 1), "INTERNAL_ERROR 1210",
       "too few binds are refused");
    stmt.sql = "SELECT CAST(? AS CHAR)";
    is(db_run(lease, &stmt, 1), "'7'", "the connection goes on");
    value = apid_value_of_int(-8);
    is(db_run(lease, &stmt, 1), "'-8'", "another value of the type");
    value = apid_value_of_uint(APR_UINT64_MAX);
    is(db_run(lease, &stmt, 1), "'18446744073709551615'", "unsigned");
    value = apid_value_of_text("long");
    is(db_run(lease, &stmt, 1), "'long'", "another type");
    value = apid_value_of_text("");
    is(db_run(lease, &stmt, 1), "''", "an empty text after a long one");
    value = apid_value_of_null();
    is(db_run(lease, &stmt, 1), "NULL", "NULL");
    value = apid_value_of_int(9);
    is(db_run(lease, &stmt, 1), "'9'", "and back");
}

/* One trip or four: the results are the same. */
static void test_batch(void)
{
    apid_value_t name = apid_value_of_text("cy"), id = apid_value_of_int(3);
    apid_stmt_t stmts[] = {
        {APID_STMT_BEGIN, NULL, NULL, 0},
        {APID_STMT_WRITE, "INSERT INTO parent (id, name) VALUES (3, ?)",
         &name, 1},
        {APID_STMT_READ, "SELECT id, name FROM parent WHERE id >= ?", &id, 1},
        {APID_STMT_WRITE, "UPDATE parent SET age = age WHERE id < 3", NULL, 0},
        {APID_STMT_COMMIT, NULL, NULL, 0}
    };
    apid_rows_t *rows;
    int i;

    for (i = 0; i < 3; i++) {
        is(db_error(apid_db_execute(&rows, lease, stmts, 5)), "",
           "five statements");
        is(apid_db_column_name(rows, 1), "name", "held rows have names");
        is(db_rows(rows), "i3 'cy'", "the rows of the read");
        is(db_write(lease, "DELETE FROM parent WHERE id = 3"), "", "again");
    }
    stmts[3].sql = "UPDATE parent SET name = 'too long' WHERE id = 1";
    is(db_run(lease, stmts, 5), "INVALID_VALUE name 1406",
       "the last one fails");
    is(db_read(lease, "SELECT COUNT(*) FROM parent"), "i2",
       "all is rolled back");
}

static void test_transaction(void)
{
    apid_stmt_t stmts[] = {
        {APID_STMT_BEGIN, NULL, NULL, 0},
        {APID_STMT_READ, "SELECT name FROM parent WHERE id = 1 FOR UPDATE",
         NULL, 0}
    };

    is(db_run(lease, stmts, 2), "'ann'", "begin and lock in one");
    is(db_write(lease, "UPDATE parent SET name = 'eve' WHERE id = 1"), "",
       "a write in the transaction");
    is(db_read(lease, "SELECT name FROM parent WHERE id = 1"), "'eve'",
       "a read in it");
    apid_db_rollback(lease);
    is(db_read(lease, "SELECT name FROM parent WHERE id = 1"), "'ann'",
       "rolled back");
    is(db_begin(lease), "", "another");
    is(db_write(lease, "UPDATE parent SET name = 'eve' WHERE id = 1"), "",
       "a write in it");
    is(db_commit(lease), "", "committed");
    apid_db_rollback(lease);
    is(db_read(lease, "SELECT name FROM parent WHERE id = 1"), "'eve'",
       "a rollback too late changes nothing");
    is(db_begin(lease), "", "a third");
    is(db_write(lease, "UPDATE parent SET name = 'ann' WHERE id = 1"), "",
       "a write in it");
    is(db_write(lease, "UPDATE parent SET age = 300"),
       "INVALID_VALUE age 1264", "a failure in it");
    is(db_read(lease, "SELECT name FROM parent WHERE id = 1"), "'eve'",
       "rolled back all of it");
}

/* A server whose INSERT gives rows is not asked for them again. */
static void test_returning(void)
{
    apid_value_t name = apid_value_of_text("cy");
    apid_stmt_t stmts[] = {
        {.kind = APID_STMT_BEGIN},
        {.kind = APID_STMT_WRITE,
         .sql = "INSERT INTO parent (id, name) VALUES (3, ?)",
         .binds = &name, .nbinds = 1},
        {.kind = APID_STMT_READ,
         .sql = "SELECT t0.id, t0.name FROM parent t0 WHERE t0.id = ?",
         .returning = "`id`, `name`"},
        {.kind = APID_STMT_COMMIT}
    };
    apid_value_t id = apid_value_of_int(3);

    stmts[2].binds = &id;
    stmts[2].nbinds = 1;
    is(db_run(lease, stmts, 4), "i3 'cy'", "the row inserted");
    is(db_run(lease, stmts, 4), "DUPLICATE_RECORD_FOUND PRIMARY 1062",
       "not twice");
    is(db_write(lease, "DELETE FROM parent WHERE id = 3"), "", "again");
}


static void test_large(void)
{
    apr_size_t size = 17 * 1024 * 1024;
    char *bytes = malloc(size);
    apid_value_t value;
    apid_stmt_t insert = {APID_STMT_WRITE, "INSERT INTO wide VALUES (1, ?)",
                          &value, 1};

    memset(bytes, 'x', size);
    value = apid_value_of_bytes(bytes, size);
    is(db_run(lease, &insert, 1), "", "17 MB are written");
    is(db_read(lease, "SELECT id, LENGTH(pad), SHA2(pad, 256) = "
                      "SHA2(REPEAT('x', 17825792), 256) FROM wide"),
       "i1 i17825792 i1", "and arrived");
    value.len = 40 * 1024 * 1024;
    is(db_run(lease, &insert, 1), "PAYLOAD_TOO_LARGE 2020",
       "more than max_allowed_packet is refused unsent");
    free(bytes);
}

static void test_large_read(void)
{
    apid_stmt_t read = db_stmt(APID_STMT_READ, "SELECT pad, id FROM wide");
    const apid_value_t *row;
    apid_rows_t *rows;

    is(db_error(apid_db_execute(&rows, lease, &read, 1)), "", "17 MB");
    is(db_error(apid_db_next(&row, rows)), "", "are read");
    is_int(row[0].len, 17 * 1024 * 1024, "in one value");
    is_int(row[0].text[row[0].len - 1], 'x', "whole");
    is_int(row[0].text[row[0].len], 0, "and ended");
    is_int(row[1].u.i, 1, "with the column after it");
    is(db_error(apid_db_next(&row, rows)), "", "no second");
    ok(row == NULL, "row");
}

static long resident_pages(void)
{
    FILE *file = fopen("/proc/self/statm", "r");
    long all = 0, resident = 0;

    if (!file || fscanf(file, "%ld %ld", &all, &resident) != 2)
        resident = -1;
    if (file)
        fclose(file);
    return resident;
}

static void test_stream(void)
{
    apid_stmt_t read = db_stmt(
        APID_STMT_READ,
        "SELECT seq, REPEAT('x', 1000) FROM numbers WHERE seq <= 20000");
    const apid_value_t *row;
    apid_rows_t *rows;
    apr_int64_t n = 0, sum = 0;
    long before;

    is(db_error(apid_db_execute(&rows, lease, &read, 1)), "", "20,000 rows");
    before = resident_pages();
    for (;;) {
        apid_err_t *err = apid_db_next(&row, rows);

        if (err || !row)
            break;
        n++;
        sum += (apr_int64_t)row[0].u.u;
    }
    is_int(n, 20000, "all came");
    is_int(sum, 200010000, "each once");
    ok(resident_pages() - before < 256, "within 1 MB of memory");
}

static void test_unread(void)
{
    apid_stmt_t read = db_stmt(APID_STMT_READ,
                               "SELECT seq FROM numbers WHERE seq <= 20000");
    apid_rows_t *rows;
    const apid_value_t *row;

    is(db_error(apid_db_execute(&rows, lease, &read, 1)), "", "rows");
    is(db_error(apid_db_next(&row, rows)), "", "one of which is read");
    is(db_read(lease, "SELECT 2"), "i2", "do not disturb the next statement");
    is(db_begin(lease), "", "in a transaction");
    is(db_write(lease, "UPDATE parent SET age = 7 WHERE id = 1"), "",
       "after a change");
    is(db_error(apid_db_execute(&rows, lease, &read, 1)), "", "rows unread");
    is(db_commit(lease), "", "do not lose the transaction");
    is(db_read(lease, "SELECT age FROM parent WHERE id = 1"), "i7",
       "the change is there");
}

static void test_altered(void)
{
    db_admin("DROP TABLE IF EXISTS moving;\n"
             "CREATE TABLE moving (a INT);\nINSERT INTO moving VALUES (1);\n");
    is(db_read(lease, "SELECT * FROM moving"), "i1", "a table");
    db_admin("ALTER TABLE moving ADD b INT DEFAULT 2;\n");
    is(db_read(lease, "SELECT * FROM moving"), "i1 i2", "gets a column");
    db_admin("ALTER TABLE moving MODIFY b VARCHAR(5);\n");
    is(db_read(lease, "SELECT * FROM moving"), "i1 '2'", "another type");
    db_admin("ALTER TABLE moving DROP a;\n");
    is(db_read(lease, "SELECT * FROM moving"), "'2'", "loses a column");
    db_admin("DROP TABLE moving;\n");
    is(db_read(lease, "SELECT * FROM moving"), "OUTDATED 1146",
       "and is gone");
}

static void test_script(void)
{
    apid_err_t *err = apid_db_script(lease, "-- one\nSELECT 1;\n\n"
                                            "SELECT 2,\n  no_such;\n");

    is_int(err->line, 4, "a script fails at a line");
    is(db_error(err), "OUTDATED 1054", "with the server's error");
    is(db_error(apid_db_script(lease, "SELECT ';'\n; SELECT")),
       "INTERNAL_ERROR 1064", "only a ';' at the end of a line ends one");
}

static void test_all(const apid_db_config_t *config)
{
    empty_tables();
    test_types();
    test_nulls();
    test_zero_dates();
    test_expressions();
    test_columns();
    test_session();
    test_errors();
    test_warnings();
    test_hidden_warnings(config);
    test_texts();
    test_binds();
    test_batch();
    test_transaction();
    test_returning();
    test_large();
    test_large_read();
    test_stream();
    test_unread();
    test_altered();
    test_script();
}

int main(void)
{
    apid_db_config_t config;

    apr_initialize();
    atexit(apr_terminate);
    apr_pool_create(&pool, NULL);
    config = db_config();
    config.statement_timeout = 2500000;
    db_admin_open();
    db_admin(SCHEMA);
    for (config.compound = 1; config.compound >= 0; config.compound--) {
        printf("# %s\n", config.compound ? "one trip" : "one by one");
        lease = db_lease(db_open(&config));
        test_all(&config);
        apid_db_close(lease);
    }
    apr_pool_destroy(pool);
    return tap_done();
}
