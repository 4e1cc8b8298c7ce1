/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apid_usage: each server writes rows of its own alone, with sums, not
 * differences, so that a row that is written twice is no worse than once. A
 * row is written while there are calls in its minute, and when its day
 * changed; one that is older than two minutes tells of no minute any more.
 */
#include "apid_usage.h"
#include "apid_json.h"

#include <apr_buckets.h>
#include <apr_strings.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#define CHUNK 500 /* rows of one statement */
#define HOUR 3600

typedef struct json_object json_object;

/* clang-format off */
static const char *const subjects[] = {
    [APID_SUBJECT_DEFINITION] = "definition", [APID_SUBJECT_USER] = "user",
    [APID_SUBJECT_TOKEN] = "token", [APID_SUBJECT_SERVER] = "server",
};

static const char write_sql[]
    = "INSERT INTO apid_usage (subject, id, node, minute_calls, day_calls,"
      " hours, at) SELECT n.s, n.i, ?, n.m, n.d, n.h, UTC_TIMESTAMP(6)"
      " FROM JSON_TABLE(?, '$[*]' COLUMNS (s VARCHAR(10) PATH '$[0]',"
      " i BIGINT PATH '$[1]', m BIGINT PATH '$[2]', d BIGINT PATH '$[3]',"
      " h VARCHAR(1000) PATH '$[4]')) AS n ON DUPLICATE KEY UPDATE"
      " minute_calls = n.m, day_calls = n.d, hours = n.h,"
      " at = UTC_TIMESTAMP(6)";
static const char read_sql[]
    = "SELECT subject, id, CAST(SUM(IF(at > UTC_TIMESTAMP(6)"
      " - INTERVAL 2 MINUTE, minute_calls, 0)) AS SIGNED),"
      " CAST(SUM(day_calls) AS SIGNED) FROM apid_usage"
      " WHERE node <> ? AND at > UTC_TIMESTAMP(6) - INTERVAL 25 HOUR"
      " AND subject <> 'server' GROUP BY subject, id";
static const char resume_sql[]
    = "SELECT subject, id, hours FROM apid_usage WHERE node = ?"
      " AND at > UTC_TIMESTAMP(6) - INTERVAL 25 HOUR";
static const char sweep_sql[]
    = "DELETE FROM apid_usage WHERE at < UTC_TIMESTAMP(6) - INTERVAL 2 DAY";
/* clang-format on */

/* What one exchange writes. */
typedef struct writing_t {
    apid_share_t *share;
    const char *node;
    apid_lease_t *lease;
    apr_pool_t *pool;
    apr_int64_t now; /* seconds */
} writing_t;

static const char *find_word(apid_subject_e subject)
{
    return subject <= APID_SUBJECT_SERVER ? subjects[subject] : "";
}

static int find_subject(apid_subject_e *subject, const apid_value_t *cell)
{
    for (int i = APID_SUBJECT_DEFINITION; i <= APID_SUBJECT_SERVER; i++) {
        *subject = (apid_subject_e)i;
        if (cell->len == strlen(subjects[i])
            && !memcmp(cell->text, subjects[i], cell->len))
            return 1;
    }
    return 0;
}

/* ---- writing */

/* [[hours since 1970, calls], ...] */
static const char *print_hours(const apid_counter_t *counter,
                               apr_pool_t *pool)
{
    const char *text = "[", *comma = "";

    for (int i = 0; i <= APID_DAY_PARTS; i++) {
        apr_uint64_t word = atomic_load(&counter->day[i]);
        apr_uint64_t calls = word & 0xffffffffu;
        if (!calls)
            continue;
        text = apr_psprintf(pool, "%s%s[%" APR_UINT64_T_FMT
                            ",%" APR_UINT64_T_FMT "]", text, comma,
                            word >> 32, calls);
        comma = ",";
    }
    return apr_pstrcat(pool, text, "]", NULL);
}

/* Whether there is something to tell of a counter; remembers that it was. */
static int is_news(apid_counter_t *counter, apr_int64_t minute,
                   apr_int64_t day)
{
    apr_uint64_t word = ((apr_uint64_t)minute << 32)
        | ((apr_uint64_t)day & 0xffffffffu);

    return atomic_exchange(&counter->told, word) != word || minute;
}

static int write_counter(apid_json_t *json, const writing_t *writing,
                         apr_size_t i)
{
    apid_subject_e subject;
    apr_uint64_t id;
    apid_counter_t *counter
        = apid_share_counter_at(&subject, &id, writing->share, i);
    apr_int64_t minute, day;

    if (!counter)
        return 0;
    minute = apid_window_count(&apid_window_minute, counter->minute,
                               writing->now);
    day = apid_window_count(&apid_window_day, counter->day, writing->now);
    if (!is_news(counter, minute, day))
        return 0;
    apid_json_array(json);
    apid_json_string(json, find_word(subject));
    apid_json_uint(json, id);
    apid_json_int(json, minute);
    apid_json_int(json, day);
    apid_json_string(json, print_hours(counter, writing->pool));
    apid_json_end(json);
    return 1;
}

static apid_err_t *write_rows(const writing_t *writing, const char *json)
{
    apid_value_t binds[] = {apid_value_of_text(writing->node),
                            apid_value_of_text(json)};
    apid_stmt_t stmt = {.kind = APID_STMT_WRITE, .sql = write_sql,
                        .binds = binds, .nbinds = 2};

    return apid_db_execute(NULL, writing->lease, &stmt, 1);
}

static apid_err_t *write_counters(const writing_t *writing)
{
    apr_size_t i = 0;
    apid_err_t *err = NULL;

    while (!err && i < writing->share->capacity) {
        apid_json_t *json = apid_json_memory(writing->pool);
        int n = 0;
        apid_json_array(json);
        while (n < CHUNK && i < writing->share->capacity)
            n += write_counter(json, writing, i++);
        apid_json_end(json);
        if (n)
            err = write_rows(writing, apid_json_print(json, writing->pool));
    }
    return err;
}

/* What could not be written is written next time. */
static void forget_told(apid_share_t *share)
{
    apid_subject_e subject;
    apr_uint64_t id;

    for (apr_size_t i = 0; i < share->capacity; i++) {
        apid_counter_t *counter
            = apid_share_counter_at(&subject, &id, share, i);
        if (counter)
            atomic_store(&counter->told, 0);
    }
}

/* ---- reading */

static apr_int64_t read_int(const apid_value_t *cell)
{
    return cell->cls == APID_UINT ? (apr_int64_t)cell->u.u
        : cell->cls == APID_INT   ? cell->u.i
                                  : 0;
}

static apid_err_t *select_rows(apid_rows_t **rows, apid_lease_t *lease,
                               const char *sql, const char *node)
{
    apid_value_t bind = apid_value_of_text(node);
    apid_stmt_t stmt = {.kind = APID_STMT_READ, .sql = sql, .binds = &bind,
                        .nbinds = 1};

    return apid_db_execute(rows, lease, &stmt, 1);
}

static void take_others(const writing_t *writing, const apid_value_t *row)
{
    apid_subject_e subject;
    apid_counter_t *counter;

    if (!find_subject(&subject, &row[0]))
        return;
    counter = apid_share_counter(writing->share, subject,
                                 (apr_uint64_t)read_int(&row[1]),
                                 writing->now);
    if (!counter)
        return;
    apid_share_tell(writing->share, &counter->others_minute,
                    read_int(&row[2]));
    apid_share_tell(writing->share, &counter->others_day, read_int(&row[3]));
}

static apid_err_t *read_others(const writing_t *writing)
{
    apid_rows_t *rows;
    const apid_value_t *row;
    apid_err_t *err = select_rows(&rows, writing->lease, read_sql,
                                  writing->node);

    if (err)
        return err;
    atomic_fetch_add(&writing->share->round, 1);
    while (!(err = apid_db_next(&row, rows)) && row)
        take_others(writing, row);
    return err;
}

static json_object *find_item(json_object *array, apr_size_t i)
{
    return json_object_is_type(array, json_type_array)
        ? json_object_array_get_idx(array, i) : NULL;
}

/* The hours of one subject, into the memory. */
static void take_hours(const writing_t *writing, const apid_value_t *row)
{
    json_object *pair, *hours = json_tokener_parse(
        apr_pstrmemdup(writing->pool, row[2].text, row[2].len));
    apid_subject_e subject;
    apid_counter_t *counter = NULL;

    if (find_subject(&subject, &row[0]))
        counter = apid_share_counter(writing->share, subject,
                                     (apr_uint64_t)read_int(&row[1]),
                                     writing->now);
    for (apr_size_t i = 0; counter && (pair = find_item(hours, i)); i++) {
        apr_int64_t at = json_object_get_int64(find_item(pair, 0)) * HOUR;
        apr_int64_t calls = json_object_get_int64(find_item(pair, 1));
        if (at <= writing->now && writing->now - at < 25 * HOUR && calls > 0)
            apid_window_add(&apid_window_day, counter->day, at, calls);
    }
    json_object_put(hours);
}

static writing_t begin(apid_share_t *share, const char *node,
                       apid_lease_t *lease, apr_pool_t *pool)
{
    writing_t writing = {share, node, lease, pool,
                         apr_time_sec(apr_time_now())};

    return writing;
}

static apid_err_t *read_hours(const writing_t *writing)
{
    apid_rows_t *rows;
    const apid_value_t *row;
    apid_err_t *err = select_rows(&rows, writing->lease, resume_sql,
                                  writing->node);

    for (; !err && !(err = apid_db_next(&row, rows)) && row;)
        take_hours(writing, row);
    return err;
}

apid_err_t *apid_usage_resume(apid_share_t *share, const char *node,
                              apid_lease_t *lease, apr_pool_t *pool)
{
    writing_t writing = begin(share, node, lease, pool);
    apid_err_t *err;

    if (atomic_exchange(&share->resumed, 1))
        return NULL;
    err = read_hours(&writing);
    if (err)
        atomic_store(&share->resumed, 0);
    return err;
}

apid_err_t *apid_usage_exchange(apid_share_t *share, const char *node,
                                apid_lease_t *lease, apr_pool_t *pool)
{
    writing_t writing = begin(share, node, lease, pool);
    apid_err_t *err = apid_usage_resume(share, node, lease, pool);

    if (err)
        return err;
    err = write_counters(&writing);
    if (err)
        forget_told(share);
    if (!err)
        err = read_others(&writing);
    if (err)
        atomic_fetch_add(&share->round, 1); /* what is old counts no longer */
    return err;
}

apid_err_t *apid_usage_sweep(apid_lease_t *lease)
{
    apid_stmt_t stmt = {.kind = APID_STMT_WRITE, .sql = sweep_sql};

    return apid_db_execute(NULL, lease, &stmt, 1);
}
