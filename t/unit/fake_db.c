/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fake_db: implements apid_db.h from what the test said before: see
 * fake_db.h. All that threads share is behind one mutex.
 */
#include "fake_db.h"

#include <apr_strings.h>

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct apid_db_t {
    int unused;
};

struct apid_rows_t {
    apr_pool_t *pool;
    char **names;
    int ncolumns;
    char *rest; /* lines not read yet */
    apid_value_t *row;
};

struct apid_lease_t {
    apr_pool_t *pool;
    int out;
    int in_transaction;
};

/** What the test said of statements. */
typedef struct answer_t answer_t;
struct answer_t {
    const char *part;
    const char *rows;   /* of a read, or NULL */
    int fails;          /* with kind and object */
    apid_err_e kind;
    const char *object;
    int times;          /* that it counts; -1: always */
    answer_t *next;
};

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static apr_pool_t *own;    /* of what the test said */
static answer_t *answers;
static char *log_text;
static size_t log_len;
static int leases;

static void append(const char *text)
{
    size_t len = strlen(text);

    log_text = realloc(log_text, log_len + len + 1);
    memcpy(log_text + log_len, text, len + 1);
    log_len += len;
}

static answer_t *add_answer(const char *part)
{
    answer_t *answer, **end = &answers;

    pthread_mutex_lock(&mutex);
    if (!own)
        apr_pool_create(&own, NULL);
    answer = apr_pcalloc(own, sizeof(*answer));
    answer->part = apr_pstrdup(own, part);
    answer->times = -1;
    while (*end)
        end = &(*end)->next;
    *end = answer;
    pthread_mutex_unlock(&mutex);
    return answer;
}

typedef enum use_e { USE_FAIL, USE_ROWS } use_e;

static int is_for(const answer_t *answer, use_e use)
{
    if (answer->fails)
        return use == USE_FAIL;
    return use == USE_ROWS && answer->rows;
}

/* Under the mutex. */
static const answer_t *find_answer(const char *sql, use_e use)
{
    answer_t *answer;

    for (answer = answers; answer; answer = answer->next) {
        if (answer->times == 0 || !is_for(answer, use)
            || !strstr(sql, answer->part))
            continue;
        if (answer->times > 0)
            answer->times--;
        return answer;
    }
    return NULL;
}

static void log_time(const apid_time_t *t)
{
    char text[96];

    if (t->kind != APID_TIME_CLOCK) {
        snprintf(text, sizeof(text), "%04d-%02d-%02d%s", t->year, t->month,
                 t->day, t->kind == APID_TIME_DATETIME ? " " : "");
        append(text);
    }
    if (t->kind != APID_TIME_DATE) {
        snprintf(text, sizeof(text), "%s%02d:%02d:%02d",
                 t->negative ? "-" : "", t->hour, t->minute, t->second);
        append(text);
    }
}

static void log_text_value(const apid_value_t *value)
{
    char *text = strndup(value->text, value->len);

    append(value->cls == APID_BYTES ? "x'" : "'");
    append(text);
    append("'");
    free(text);
}

static void log_value(const apid_value_t *value)
{
    char text[64] = "NULL";

    switch (value->cls) {
    case APID_INT:
        snprintf(text, sizeof(text), "%lld", (long long)value->u.i);
        break;
    case APID_UINT:
        snprintf(text, sizeof(text), "%llu", (unsigned long long)value->u.u);
        break;
    case APID_FLOAT:
    case APID_DOUBLE:
        snprintf(text, sizeof(text), "%.9g", value->u.d);
        break;
    case APID_TIME:
        log_time(&value->u.t);
        return;
    case APID_TEXT:
    case APID_BYTES:
        log_text_value(value);
        return;
    default:
        break;
    }
    append(text);
}

static const char *sql_of(const apid_stmt_t *stmt)
{
    if (stmt->kind == APID_STMT_BEGIN)
        return "BEGIN";
    return stmt->kind == APID_STMT_COMMIT ? "COMMIT" : stmt->sql;
}

static void log_statement(const apid_stmt_t *stmt)
{
    int i;

    append(sql_of(stmt));
    for (i = 0; i < stmt->nbinds; i++) {
        append(i ? ", " : " [");
        log_value(&stmt->binds[i]);
    }
    append(stmt->nbinds ? "]" : "");
}

static apid_err_t *raise_answer(const answer_t *answer, apr_pool_t *pool)
{
    apid_err_t *err = apid_err_raise(pool, answer->kind, "as the test said");

    err->object = answer->object ? apr_pstrdup(pool, answer->object) : NULL;
    return apid_err_because(err, "fake_db_fail(\"%s\")", answer->part);
}

static char **split(char *line, int *n, apr_pool_t *pool)
{
    char **parts = apr_palloc(pool, sizeof(char *) * (strlen(line) + 1));

    for (*n = 0; line; (*n)++)
        parts[*n] = strsep(&line, "|");
    return parts;
}

static apid_rows_t *make_rows(const char *text, apr_pool_t *pool)
{
    apid_rows_t *rows = apr_pcalloc(pool, sizeof(*rows));

    rows->pool = pool;
    rows->rest = *text ? apr_pstrdup(pool, text) : NULL;
    if (rows->rest)
        rows->names = split(strsep(&rows->rest, "\n"), &rows->ncolumns, pool);
    rows->row = apr_pcalloc(
        pool, sizeof(*rows->row) * (apr_size_t)(rows->ncolumns + 1));
    return rows;
}

static apid_value_t parse_time(const char *text)
{
    apid_value_t value = {.cls = APID_TIME};
    apid_time_t *t = &value.u.t;
    int n = sscanf(text, "%d-%d-%d %d:%d:%d", &t->year, &t->month, &t->day,
                   &t->hour, &t->minute, &t->second);

    t->kind = n > 3 ? APID_TIME_DATETIME : APID_TIME_DATE;
    return value;
}

static apid_value_t parse_value(const char *text)
{
    apid_value_t value = {.cls = APID_NULL};

    switch (*text++) {
    case 'i':
        value.cls = APID_INT;
        value.u.i = apr_atoi64(text);
        return value;
    case 'u':
        value.cls = APID_UINT;
        value.u.u = strtoull(text, NULL, 10);
        return value;
    case 'f':
    case 'd':
        value.cls = text[-1] == 'f' ? APID_FLOAT : APID_DOUBLE;
        value.u.d = strtod(text, NULL);
        return value;
    case 't':
    case 'x':
        value.cls = text[-1] == 't' ? APID_TEXT : APID_BYTES;
        value.text = text;
        value.len = strlen(text);
        return value;
    case 'D':
        return parse_time(text);
    default:
        return value;
    }
}

/* Under the mutex. */
static apid_err_t *run_statement(apid_rows_t **rows, apid_lease_t *lease,
                                 const apid_stmt_t *stmt)
{
    const answer_t *answer = find_answer(sql_of(stmt), USE_FAIL);

    log_statement(stmt);
    if (answer)
        return raise_answer(answer, lease->pool);
    if (stmt->kind == APID_STMT_READ) {
        answer = find_answer(stmt->sql, USE_ROWS);
        if (rows)
            *rows = make_rows(answer ? answer->rows : "", lease->pool);
    }
    if (stmt->kind == APID_STMT_BEGIN || stmt->kind == APID_STMT_COMMIT)
        lease->in_transaction = stmt->kind == APID_STMT_BEGIN;
    return NULL;
}

/* Under the mutex. */
static void roll_back(apid_lease_t *lease)
{
    if (lease->in_transaction)
        append("ROLLBACK\n");
    lease->in_transaction = 0;
}

static apr_status_t return_lease(void *data)
{
    apid_lease_t *lease = data;

    pthread_mutex_lock(&mutex);
    if (lease->out) {
        roll_back(lease);
        leases--;
    }
    lease->out = 0;
    pthread_mutex_unlock(&mutex);
    return APR_SUCCESS;
}

void fake_db_clear(void)
{
    pthread_mutex_lock(&mutex);
    if (own)
        apr_pool_destroy(own);
    own = NULL;
    answers = NULL;
    free(log_text);
    log_text = NULL;
    log_len = 0;
    pthread_mutex_unlock(&mutex);
}

void fake_db_rows(const char *part, const char *rows)
{
    answer_t *answer = add_answer(part);

    answer->rows = apr_pstrdup(own, rows);
}

void fake_db_rows_once(const char *part, const char *rows)
{
    answer_t *answer = add_answer(part);

    answer->rows = apr_pstrdup(own, rows);
    answer->times = 1;
}

void fake_db_fail(const char *part, apid_err_e kind, const char *object,
                  int times)
{
    answer_t *answer = add_answer(part);

    answer->fails = 1;
    answer->kind = kind;
    answer->object = object ? apr_pstrdup(own, object) : NULL;
    answer->times = times;
}

const char *fake_db_log(apr_pool_t *pool)
{
    const char *text;

    pthread_mutex_lock(&mutex);
    text = apr_pstrdup(pool, log_text ? log_text : "");
    pthread_mutex_unlock(&mutex);
    return text;
}

int fake_db_leases(void)
{
    int n;

    pthread_mutex_lock(&mutex);
    n = leases;
    pthread_mutex_unlock(&mutex);
    return n;
}

void apid_db_config_default(apid_db_config_t *config)
{
    memset(config, 0, sizeof(*config));
}

apid_err_t *apid_db_open(apid_db_t **db, const apid_db_config_t *config,
                         apr_pool_t *pool)
{
    *db = apr_pcalloc(pool, sizeof(**db));
    return NULL;
}

apid_err_t *apid_db_lease(apid_lease_t **lease, apid_db_t *db,
                          apr_pool_t *pool)
{
    apid_err_t *err = NULL;
    const answer_t *answer;

    *lease = apr_pcalloc(pool, sizeof(**lease));
    (*lease)->pool = pool;
    pthread_mutex_lock(&mutex);
    answer = find_answer("LEASE", USE_FAIL);
    if (answer)
        err = raise_answer(answer, pool);
    else
        leases++;
    (*lease)->out = !answer;
    pthread_mutex_unlock(&mutex);
    apr_pool_cleanup_register(pool, *lease, return_lease,
                              apr_pool_cleanup_null);
    return err;
}

apid_err_t *apid_db_lease_urgent(apid_lease_t **lease, apid_db_t *db,
                                 apr_pool_t *pool)
{
    return apid_db_lease(lease, db, pool);
}

void apid_db_close(apid_lease_t *lease)
{
    apr_pool_cleanup_run(lease->pool, lease, return_lease);
}

apid_err_t *apid_db_execute(apid_rows_t **rows, apid_lease_t *lease,
                            const apid_stmt_t *stmts, int n)
{
    apid_err_t *err = NULL;
    int i;

    if (rows)
        *rows = NULL;
    pthread_mutex_lock(&mutex);
    for (i = 0; i < n && !err; i++) {
        append(i ? "; " : "");
        err = run_statement(rows, lease, &stmts[i]);
    }
    append("\n");
    if (err && rows)
        *rows = NULL;
    if (err)
        roll_back(lease);
    pthread_mutex_unlock(&mutex);
    return err;
}

apid_err_t *apid_db_next(const apid_value_t **row, apid_rows_t *rows)
{
    char *line = strsep(&rows->rest, "\n"), **parts;
    int i, n;

    *row = NULL;
    if (!line || !*line)
        return NULL;
    if (strcmp(line, "!") == 0)
        return apid_err_raise(rows->pool, APID_ERR_QUERY_TIMEOUT,
                              "as the test said");
    parts = split(line, &n, rows->pool);
    for (i = 0; i < n && i < rows->ncolumns; i++)
        rows->row[i] = parse_value(parts[i]);
    *row = rows->row;
    return NULL;
}

int apid_db_columns(const apid_rows_t *rows)
{
    return rows->ncolumns;
}

const char *apid_db_column_name(const apid_rows_t *rows, int column)
{
    return rows->names[column];
}

void apid_db_rollback(apid_lease_t *lease)
{
    pthread_mutex_lock(&mutex);
    roll_back(lease);
    pthread_mutex_unlock(&mutex);
}

apid_err_t *apid_db_script(apid_lease_t *lease, const char *script)
{
    pthread_mutex_lock(&mutex);
    append(script);
    pthread_mutex_unlock(&mutex);
    return NULL;
}

const char *apid_db_flavour(const apid_lease_t *lease)
{
    return "MariaDB";
}

void apid_db_stats(apid_db_stats_t *stats, apid_db_t *db)
{
    memset(stats, 0, sizeof(*stats));
}
