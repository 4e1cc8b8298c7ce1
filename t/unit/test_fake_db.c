/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_fake_db: the fake of apid_db.h does what fake_db.h says, so that tests
 * of the data layer may trust it.
 */
#include "fake_db.h"
#include "tap.h"

static apr_pool_t *pool;

static void test_answers(apid_lease_t *lease)
{
    apid_value_t binds[] = {
        apid_value_of_int(-5), apid_value_of_text("it's"),
        apid_value_of_null(), apid_value_of_bytes("ab", 2)
    };
    apid_stmt_t read = {APID_STMT_READ, "SELECT * FROM t", binds, 4};
    const apid_value_t *row = NULL;
    apid_rows_t *rows;
    apid_err_t *err;

    fake_db_rows_once("FROM t", "n\nu7");
    fake_db_rows("FROM t", "a|b\ni-1|tx y\nN|D2024-01-31 12:00:00\n!");
    err = apid_db_execute(&rows, lease, &read, 1);
    ok(!err && !apid_db_next(&row, rows) && row, "the first answer");
    is_int(row[0].u.u, 7, "counts once");
    err = apid_db_execute(&rows, lease, &read, 1);
    ok(!err, "then the next");
    is_int(apid_db_columns(rows), 2, "has two columns");
    is(apid_db_column_name(rows, 1), "b", "with names");
    ok(!apid_db_next(&row, rows) && row, "a row");
    is_int(row[0].u.i, -1, "a number");
    is(row[1].text, "x y", "a text");
    ok(!apid_db_next(&row, rows) && row, "another");
    is_int(row[0].cls, APID_NULL, "a NULL");
    is_int(row[1].u.t.hour, 12, "a date-time");
    err = apid_db_next(&row, rows);
    is_int(err ? (int)err->kind : -1, APID_ERR_QUERY_TIMEOUT, "an error");
    is(fake_db_log(pool),
       "SELECT * FROM t [-5, 'it's', NULL, x'ab']\n"
       "SELECT * FROM t [-5, 'it's', NULL, x'ab']\n", "the log");
}

static void test_failures(apid_lease_t *lease)
{
    apid_stmt_t stmts[] = {{APID_STMT_BEGIN, NULL, NULL, 0},
                           {APID_STMT_WRITE, "UPDATE t", NULL, 0},
                           {APID_STMT_COMMIT, NULL, NULL, 0}};
    apid_err_t *err;

    fake_db_clear();
    fake_db_fail("UPDATE", APID_ERR_DUPLICATE_RECORD_FOUND, "key", 1);
    err = apid_db_execute(NULL, lease, stmts, 3);
    is(err ? err->object : NULL, "key", "a write fails");
    err = apid_db_execute(NULL, lease, stmts, 3);
    ok(!err, "once");
    is(fake_db_log(pool),
       "BEGIN; UPDATE t\nROLLBACK\nBEGIN; UPDATE t; COMMIT\n", "the log");
}

int main(void)
{
    apid_db_config_t config;
    apid_lease_t *lease = NULL;
    apid_db_t *db = NULL;
    apid_err_t *err;

    apr_initialize();
    atexit(apr_terminate);
    apr_pool_create(&pool, NULL);
    apid_db_config_default(&config);
    err = apid_db_open(&db, &config, pool);
    if (!err)
        err = apid_db_lease(&lease, db, pool);
    ok(!err, "a lease");
    is_int(fake_db_leases(), 1, "is out");
    test_answers(lease);
    test_failures(lease);
    apid_db_close(lease);
    is_int(fake_db_leases(), 0, "and back");
    fake_db_fail("LEASE", APID_ERR_DATABASE_UNAVAILABLE, NULL, 1);
    err = apid_db_lease(&lease, db, pool);
    ok(err != NULL, "no database");
    fake_db_clear();
    is(fake_db_log(pool), "", "all is forgotten");
    return tap_done();
}
