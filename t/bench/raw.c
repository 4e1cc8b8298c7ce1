/* SPDX-License-Identifier: Apache-2.0 */
/*
 * raw: the same SQL as the benchmarks' definitions, in a loop of threads over
 * Connector/C with prepared statements and nothing around: what the database
 * and the client library can do. raw SOCKET DB OPERATION THREADS SECONDS prints
 * "ops/s p50 p99 MB/s" (milliseconds; megabytes of column data).
 */
#include <mysql.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define MAX_SAMPLES 400000
#define COLUMNS "SELECT id, name, email, city, amount, quantity, active, " \
                "created, note, code FROM bench "
#define HISTORY "INSERT INTO bench_history (module, record, operation, label," \
    " api, version, user, source, request_id, at, changes) VALUES ('Bench', "

typedef struct worker_t {
    MYSQL *db;
    MYSQL_STMT *stmts[4];
    unsigned seed;
    unsigned long count;
    unsigned long long bytes;
    float *samples;
} worker_t;

static const char *socket_path, *database, *operation;
static double end_time;

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec / 1e9;
}

static void die(const char *what, const char *why)
{
    fprintf(stderr, "raw: %s: %s\n", what, why);
    exit(1);
}

static MYSQL_STMT *prepare(MYSQL *db, const char *sql)
{
    MYSQL_STMT *stmt = mysql_stmt_init(db);

    if (mysql_stmt_prepare(stmt, sql, strlen(sql)))
        die(sql, mysql_stmt_error(stmt));
    return stmt;
}

static void query(MYSQL *db, const char *sql)
{
    if (mysql_query(db, sql))
        die(sql, mysql_error(db));
}

static void bind_int(MYSQL_BIND *bind, int *value)
{
    memset(bind, 0, sizeof(*bind));
    bind->buffer_type = MYSQL_TYPE_LONG;
    bind->buffer = value;
}

static void bind_text(MYSQL_BIND *bind, char *text)
{
    memset(bind, 0, sizeof(*bind));
    bind->buffer_type = MYSQL_TYPE_STRING;
    bind->buffer = text;
    bind->buffer_length = strlen(text);
}

/** Fetches all rows into native buffers, unbuffered. */
static void drain(worker_t *w, MYSQL_STMT *stmt)
{
    MYSQL_BIND out[10];
    char text[10][256];
    unsigned long len[10];
    int i, n = mysql_stmt_field_count(stmt);
    MYSQL_RES *meta = mysql_stmt_result_metadata(stmt);
    MYSQL_FIELD *fields = mysql_fetch_fields(meta);

    memset(out, 0, sizeof(out));
    for (i = 0; i < n; i++) {
        int type = fields[i].type;

        out[i].buffer_type = type == MYSQL_TYPE_LONG
            || type == MYSQL_TYPE_TINY || type == MYSQL_TYPE_DATETIME
            ? type : MYSQL_TYPE_STRING;
        out[i].buffer = text[i];
        out[i].buffer_length = sizeof(text[i]);
        out[i].length = &len[i];
    }
    mysql_stmt_bind_result(stmt, out);
    while (!mysql_stmt_fetch(stmt))
        for (i = 0; i < n; i++)
            w->bytes += len[i];
    mysql_free_result(meta);
}

static void run_stmt(worker_t *w, MYSQL_STMT *stmt, MYSQL_BIND *binds)
{
    if (binds)
        mysql_stmt_bind_param(stmt, binds);
    if (mysql_stmt_execute(stmt))
        die(operation, mysql_stmt_error(stmt));
    do {
        if (mysql_stmt_field_count(stmt))
            drain(w, stmt);
    } while (mysql_stmt_next_result(stmt) == 0);
}

static void read_rows(worker_t *w)
{
    int from = 1 + rand_r(&w->seed) % 90000;
    int max = !strcmp(operation, "one") ? 1
        : !strcmp(operation, "list100") ? 100 : 10000;
    MYSQL_BIND binds[2];

    bind_int(&binds[0], &from);
    bind_int(&binds[1], &max);
    run_stmt(w, w->stmts[0], binds);
}

static void create(worker_t *w)
{
    char name[60], email[80], changes[200];
    MYSQL_BIND binds[5];

    snprintf(name, sizeof(name), "Person %u", w->seed);
    snprintf(email, sizeof(email), "raw%u-%lu-%p@example.com", w->seed,
             w->count, (void *)w);
    rand_r(&w->seed);
    snprintf(changes, sizeof(changes), "[{\"field\":\"name\",\"old\":null,"
             "\"new\":\"%s\"}]", name);
    bind_text(&binds[0], name);
    bind_text(&binds[1], email);
    bind_text(&binds[2], "London");
    bind_text(&binds[3], "123.45");
    bind_text(&binds[4], changes);
    run_stmt(w, w->stmts[0], binds);
}

/** The plain transaction: five statements, five trips. */
static void change(worker_t *w)
{
    int id = 1 + rand_r(&w->seed) % 90000, quantity = rand_r(&w->seed);
    char email[80], record[20];
    MYSQL_BIND binds[3];

    snprintf(email, sizeof(email), "person%d@example.com", 1000 + id);
    snprintf(record, sizeof(record), "%d", id);
    query(w->db, "START TRANSACTION");
    if (!strcmp(operation, "upsert"))
        bind_text(&binds[0], email);
    else
        bind_int(&binds[0], &id);
    run_stmt(w, w->stmts[0], binds);
    bind_int(&binds[0], &quantity);
    bind_int(&binds[1], &id);
    run_stmt(w, w->stmts[1], binds);
    bind_text(&binds[0], record);
    run_stmt(w, w->stmts[2], binds);
    query(w->db, "COMMIT");
}

static void prepare_all(worker_t *w)
{
    if (!strcmp(operation, "create"))
        w->stmts[0] = prepare(w->db,
            "BEGIN NOT ATOMIC START TRANSACTION; INSERT INTO bench (name, "
            "email, city, amount) VALUES (?, ?, ?, ?); " HISTORY
            "LAST_INSERT_ID(), 'create', 'API Designer - Created', 'create', "
            "1, 'raw', 'api', 'x', NOW(6), ?); COMMIT; END");
    else if (!strcmp(operation, "upsert") || !strcmp(operation, "update")) {
        w->stmts[0] = prepare(w->db, !strcmp(operation, "upsert")
            ? COLUMNS "WHERE email = ? FOR UPDATE"
            : COLUMNS "WHERE id = ? FOR UPDATE");
        w->stmts[1] = prepare(w->db,
                              "UPDATE bench SET quantity = ? WHERE id = ?");
        w->stmts[2] = prepare(w->db, HISTORY "?, 'update', 'API Designer - "
            "Update', 'update', 1, 'raw', 'api', 'x', NOW(6), '[{\"field\":"
            "\"quantity\",\"old\":\"1\",\"new\":\"2\"}]')");
    }
    else if (!strcmp(operation, "one"))
        w->stmts[0] = prepare(w->db, COLUMNS "WHERE id = ? LIMIT ?");
    else
        w->stmts[0] = prepare(w->db,
                              COLUMNS "WHERE id >= ? ORDER BY id LIMIT ?");
}

static void *work(void *arg)
{
    worker_t *w = arg;

    w->db = mysql_init(NULL);
    if (!mysql_real_connect(w->db, NULL, "root", "", database, 0, socket_path,
                            CLIENT_MULTI_STATEMENTS))
        die("connect", mysql_error(w->db));
    query(w->db, "SET NAMES utf8mb4");
    prepare_all(w);
    while (now() < end_time) {
        double start = now();

        if (!strcmp(operation, "create"))
            create(w);
        else if (w->stmts[1])
            change(w);
        else
            read_rows(w);
        if (w->count < MAX_SAMPLES)
            w->samples[w->count] = (now() - start) * 1000;
        w->count++;
    }
    mysql_close(w->db);
    return NULL;
}

static int compare(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;

    return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
    int i, threads;
    double seconds, bytes = 0;
    unsigned long total = 0, kept = 0;
    worker_t *workers;
    pthread_t *ids;
    float *all;

    if (argc != 6)
        die("usage", "raw SOCKET DB OPERATION THREADS SECONDS");
    socket_path = argv[1];
    database = argv[2];
    operation = argv[3];
    threads = atoi(argv[4]);
    seconds = atof(argv[5]);
    mysql_library_init(0, NULL, NULL);
    workers = calloc(threads, sizeof(*workers));
    ids = calloc(threads, sizeof(*ids));
    end_time = now() + seconds;
    for (i = 0; i < threads; i++) {
        workers[i].seed = time(NULL) + i * 7919;
        workers[i].samples = malloc(MAX_SAMPLES * sizeof(float));
        pthread_create(&ids[i], NULL, work, &workers[i]);
    }
    all = malloc((size_t)threads * MAX_SAMPLES * sizeof(float));
    for (i = 0; i < threads; i++) {
        unsigned long n;

        pthread_join(ids[i], NULL);
        n = workers[i].count < MAX_SAMPLES ? workers[i].count : MAX_SAMPLES;
        memcpy(all + kept, workers[i].samples, n * sizeof(float));
        kept += n;
        total += workers[i].count;
        bytes += workers[i].bytes;
    }
    qsort(all, kept, sizeof(float), compare);
    printf("%.1f %.3f %.3f %.2f\n", total / seconds, all[kept / 2],
           all[kept * 99 / 100], bytes / seconds / 1e6);
    return 0;
}
