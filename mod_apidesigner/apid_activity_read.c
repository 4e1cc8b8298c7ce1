/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apid_activity_read: activity and refusals for people. Sums are made by the
 * database; times that a part of requests did not exceed come from the
 * histogram.
 */
#include "apid_activity.h"

#include <apr_strings.h>
#include <string.h>

#define HOURS 24

/* clang-format off */
#define SUMS \
    ", CAST(SUM(a.calls) AS SIGNED), CAST(SUM(a.micros) AS SIGNED)," \
    " CAST(SUM(a.l0) AS SIGNED), CAST(SUM(a.l1) AS SIGNED)," \
    " CAST(SUM(a.l2) AS SIGNED), CAST(SUM(a.l3) AS SIGNED)," \
    " CAST(SUM(a.l4) AS SIGNED), CAST(SUM(a.l5) AS SIGNED)," \
    " CAST(SUM(a.l6) AS SIGNED), CAST(SUM(a.l7) AS SIGNED)," \
    " CAST(SUM(a.l8) AS SIGNED), CAST(SUM(a.l9) AS SIGNED)," \
    " CAST(SUM(a.l10) AS SIGNED), CAST(SUM(a.l11) AS SIGNED)," \
    " CAST(SUM(a.l12) AS SIGNED), CAST(SUM(a.l13) AS SIGNED)," \
    " CAST(SUM(a.l14) AS SIGNED), CAST(SUM(a.l15) AS SIGNED)"

static const char list_sql[]
    = "SELECT CAST(UNIX_TIMESTAMP(a.minute) DIV (60 * ?) * 60 * ? AS SIGNED)"
      " AS at, COALESCE(d.name, d.former, ''), a.version,"
      " COALESCE(u.name, ''), a.status" SUMS " FROM apid_activity a"
      " LEFT JOIN apid_definition d ON d.id = a.definition_id"
      " LEFT JOIN apid_user u ON u.id = a.user_id"
      " WHERE a.minute > UTC_TIMESTAMP() - INTERVAL ? HOUR"
      " AND (? IS NULL OR d.name = ?) AND (? IS NULL OR u.name = ?)"
      " GROUP BY 1, 2, 3, 4, 5 ORDER BY 1 DESC, 2, 3, 4, 5 LIMIT ?";
static const char summary_sql[]
    = "SELECT d.name, CAST((UNIX_TIMESTAMP() - UNIX_TIMESTAMP(a.minute))"
      " DIV 3600 AS SIGNED) AS hour, CAST(SUM(IF(a.status >= 400, a.calls,"
      " 0)) AS SIGNED), CAST(UNIX_TIMESTAMP(MAX(a.minute)) AS SIGNED)" SUMS
      " FROM apid_activity a JOIN apid_definition d ON d.id = a.definition_id"
      " WHERE d.name IS NOT NULL"
      " AND a.minute > UTC_TIMESTAMP() - INTERVAL 24 HOUR"
      " GROUP BY 1, 2 ORDER BY 1, 2";
static const char refusals_sql[]
    = "SELECT at, name, version, method, user, address, status, code, reason,"
      " request_id FROM apid_refusal WHERE (? IS NULL OR name = ?)"
      " AND (? IS NULL OR user = ?) AND (? IS NULL OR request_id = ?)"
      " ORDER BY id DESC LIMIT ?";
/* clang-format on */

/* What a line of the summary gathers. */
typedef struct summary_t {
    char name[4 * 190 + 1]; /* "": none yet */
    apr_int64_t hours[HOURS], errors, last;
    apid_sum_t sum;
} summary_t;

static apid_value_t bind_text(const char *text)
{
    return text ? apid_value_of_text(text) : apid_value_of_null();
}

static apid_err_t *select_rows(apid_rows_t **rows, apid_lease_t *lease,
                               const char *sql, const apid_value_t *binds,
                               int n)
{
    apid_stmt_t stmt = {.kind = APID_STMT_READ, .sql = sql, .binds = binds,
                        .nbinds = n};

    return apid_db_execute(rows, lease, &stmt, 1);
}

static apr_int64_t read_int(const apid_value_t *cell)
{
    return cell->cls == APID_UINT ? (apr_int64_t)cell->u.u
        : cell->cls == APID_INT   ? cell->u.i
                                  : 0;
}

/* the columns of SUMS, from there on */
static void add_sums(apid_sum_t *sum, const apid_value_t *cells)
{
    sum->calls += (apr_uint64_t)read_int(&cells[0]);
    sum->micros += (apr_uint64_t)read_int(&cells[1]);
    for (int i = 0; i < APID_LATENCIES; i++)
        sum->latency[i] += (apr_uint64_t)read_int(&cells[2 + i]);
}

/* ---- writing */

static void put_int(apid_json_t *out, const char *key, apr_int64_t value)
{
    apid_json_key(out, key);
    apid_json_int(out, value);
}

static void put_cell(apid_json_t *out, const char *key,
                     const apid_value_t *cell)
{
    apid_json_key(out, key);
    apid_json_text(out, cell->text, cell->len);
}

static void put_time(apid_json_t *out, const char *key, apr_int64_t seconds)
{
    apr_time_exp_t exp;
    char text[32];

    apr_time_exp_gmt(&exp, apr_time_from_sec(seconds));
    apr_snprintf(text, sizeof(text), "%04d-%02d-%02dT%02d:%02d:%02dZ",
                 exp.tm_year + 1900, exp.tm_mon + 1, exp.tm_mday, exp.tm_hour,
                 exp.tm_min, exp.tm_sec);
    apid_json_key(out, key);
    apid_json_string(out, text);
}

static void put_ms(apid_json_t *out, const char *key, double ms)
{
    char text[32];
    int len = apr_snprintf(text, sizeof(text), "%.2f", ms);

    apid_json_key(out, key);
    apid_json_raw(out, text, (apr_size_t)len);
}

/* The time that a part (0.5, 0.95) of requests did not exceed, milliseconds,
 * in between the bounds of apid_share_latency. */
static double find_quantile(const apid_sum_t *sum, double part)
{
    double rank = part * (double)sum->calls, below = 0, from = 0;

    for (int i = 0; i < APID_LATENCIES - 1; i++) {
        double here = (double)sum->latency[i];
        double upto = (double)apid_share_latency[i] / 1000;
        if (here > 0 && below + here >= rank)
            return from + (upto - from) * (rank - below) / here;
        below += here;
        from = upto;
    }
    return from;
}

static void put_latency(apid_json_t *out, const apid_sum_t *sum)
{
    put_ms(out, "mean_ms", sum->calls ? (double)sum->micros / 1000
                                            / (double)sum->calls : 0);
    put_ms(out, "p50_ms", find_quantile(sum, 0.5));
    put_ms(out, "p95_ms", find_quantile(sum, 0.95));
}

static void write_line(apid_json_t *out, const apid_value_t *row)
{
    apid_sum_t sum = {0};

    add_sums(&sum, &row[5]);
    apid_json_object(out);
    put_time(out, "at", read_int(&row[0]));
    put_cell(out, "name", &row[1]);
    put_int(out, "version", read_int(&row[2]));
    put_cell(out, "user", &row[3]);
    put_int(out, "status", read_int(&row[4]));
    put_int(out, "calls", (apr_int64_t)sum.calls);
    put_latency(out, &sum);
    apid_json_end(out);
}

apid_err_t *apid_activity_list(apid_json_t *out,
                               const apid_question_t *question,
                               apid_lease_t *lease, apr_pool_t *pool)
{
    apid_value_t minutes = apid_value_of_int(question->minutes);
    apid_value_t name = bind_text(question->name);
    apid_value_t user = bind_text(question->user);
    apid_value_t binds[] = {
        minutes, minutes, apid_value_of_int(question->hours),
        name, name, user, user, apid_value_of_int(question->max)
    };
    apid_rows_t *rows;
    const apid_value_t *row;
    apid_err_t *err = select_rows(&rows, lease, list_sql, binds,
                                  sizeof(binds) / sizeof(binds[0]));

    if (err)
        return err;
    apid_json_array(out);
    while (!(err = apid_db_next(&row, rows)) && row)
        write_line(out, row);
    apid_json_end(out);
    return err;
}

static void write_summary(apid_json_t *out, const summary_t *summary)
{
    if (!summary->name[0])
        return;
    apid_json_object(out);
    apid_json_key(out, "name");
    apid_json_string(out, summary->name);
    put_int(out, "calls", (apr_int64_t)summary->sum.calls);
    put_int(out, "errors", summary->errors);
    put_latency(out, &summary->sum);
    put_time(out, "last", summary->last);
    apid_json_key(out, "hours");
    apid_json_array(out);
    for (int i = HOURS - 1; i >= 0; i--)
        apid_json_int(out, summary->hours[i]);
    apid_json_end(out);
    apid_json_end(out);
}

static void add_hour(summary_t *summary, const apid_value_t *row)
{
    apr_int64_t hour = read_int(&row[1]), last = read_int(&row[3]);

    hour = hour < 0 ? 0 : hour < HOURS ? hour : HOURS - 1;
    add_sums(&summary->sum, &row[4]);
    summary->hours[hour] += read_int(&row[4]);
    summary->errors += read_int(&row[2]);
    summary->last = last > summary->last ? last : summary->last;
}

static int is_same(const summary_t *summary, const apid_value_t *cell)
{
    return strlen(summary->name) == cell->len
        && !memcmp(summary->name, cell->text, cell->len);
}

static void begin_summary(summary_t *summary, const apid_value_t *cell)
{
    memset(summary, 0, sizeof(*summary));
    if (cell->len < sizeof(summary->name))
        memcpy(summary->name, cell->text, cell->len);
}

apid_err_t *apid_activity_summary(apid_json_t *out, apid_lease_t *lease,
                                  apr_pool_t *pool)
{
    summary_t *summary = apr_pcalloc(pool, sizeof(*summary));
    apid_rows_t *rows;
    const apid_value_t *row;
    apid_err_t *err = select_rows(&rows, lease, summary_sql, NULL, 0);

    if (err)
        return err;
    apid_json_array(out);
    while (!(err = apid_db_next(&row, rows)) && row) {
        if (!is_same(summary, &row[0])) {
            write_summary(out, summary);
            begin_summary(summary, &row[0]);
        }
        add_hour(summary, row);
    }
    write_summary(out, summary);
    apid_json_end(out);
    return err;
}

apid_err_t *apid_activity_refusals(apid_rows_t **rows,
                                   const apid_question_t *of,
                                   const char *request_id,
                                   apid_lease_t *lease)
{
    apid_value_t name = bind_text(of->name), user = bind_text(of->user);
    apid_value_t id = bind_text(request_id);
    apid_value_t binds[] = {name, name, user, user, id, id,
                            apid_value_of_int(of->max)};

    return select_rows(rows, lease, refusals_sql, binds,
                       sizeof(binds) / sizeof(binds[0]));
}
