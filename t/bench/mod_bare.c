/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mod_bare: what this httpd and this database allow, for the benchmarks. The
 * handler "trivial" answers a fixed text of the size of one record: what httpd
 * itself costs. "bare" is the least that a blocking handler can do for get one
 * and list 100: a connection per thread that stays open, one prepared
 * statement, the row printed as it is. No authentication, no pool, no
 * definitions, no escapes, no errors.
 */
#include <httpd.h>

#include <apr_strings.h>
#include <http_config.h>
#include <http_protocol.h>
#include <http_request.h>
#include <mysql.h>

#include <stdlib.h>
#include <string.h>

#define COLUMNS 10
#define TEXT 256
#define ROW_MAX (COLUMNS * (TEXT + 20))

typedef struct bare_t {
    MYSQL *db;
    MYSQL_STMT *stmt;
    int from, max; /* bound */
    int numbers[COLUMNS];
    MYSQL_TIME created;
    char text[COLUMNS][TEXT];
} bare_t;

/* id, name, email, city, amount, quantity, active, created, note, code */
static const int is_number[COLUMNS] = {1, 0, 0, 0, 0, 1, 1, 0, 0, 0};

static const char record[] =
    "{\"id\":12345,\"name\":\"Person Number 12345\",\"email\":\"person12345@"
    "example.com\",\"city\":\"London\",\"amount\":\"123.45\",\"quantity\":42,"
    "\"active\":true,\"created\":\"2024-01-09T13:45:00Z\",\"note\":\"A note "
    "of some length about person 345 of 12\",\"code\":\"C345\"}";

static __thread bare_t *mine;

static void bind_params(bare_t *bare)
{
    MYSQL_BIND in[2];

    memset(in, 0, sizeof(in));
    in[0].buffer_type = in[1].buffer_type = MYSQL_TYPE_LONG;
    in[0].buffer = &bare->from;
    in[1].buffer = &bare->max;
    mysql_stmt_bind_param(bare->stmt, in);
}

static void bind_columns(bare_t *bare)
{
    MYSQL_BIND out[COLUMNS];

    memset(out, 0, sizeof(out));
    for (int i = 0; i < COLUMNS; i++) {
        out[i].buffer_type = is_number[i] ? MYSQL_TYPE_LONG
                                          : MYSQL_TYPE_STRING;
        out[i].buffer = is_number[i] ? (void *)&bare->numbers[i]
                                     : bare->text[i];
        out[i].buffer_length = TEXT;
    }
    out[7].buffer_type = MYSQL_TYPE_DATETIME;
    out[7].buffer = &bare->created;
    mysql_stmt_bind_result(bare->stmt, out);
}

static bare_t *open_mine(void)
{
    static const char sql[]
        = "SELECT id, name, email, city, amount, quantity, active, created, "
          "note, code FROM bench WHERE id >= ? ORDER BY id LIMIT ?";

    mine = calloc(1, sizeof(*mine));
    mine->db = mysql_init(NULL);
    mysql_real_connect(mine->db, NULL, "root", "", getenv("BENCH_DB"), 0,
                       getenv("BENCH_SOCKET"), 0);
    mysql_set_character_set(mine->db, "utf8mb4");
    mine->stmt = mysql_stmt_init(mine->db);
    mysql_stmt_prepare(mine->stmt, sql, sizeof(sql) - 1);
    bind_params(mine);
    return mine;
}

static int print_row(char *at, const bare_t *bare)
{
    const MYSQL_TIME *t = &bare->created;

    return apr_snprintf(
        at, ROW_MAX, "{\"id\":%d,\"name\":\"%s\",\"email\":\"%s\",\"city\":"
        "\"%s\",\"amount\":\"%s\",\"quantity\":%d,\"active\":%s,\"created\":"
        "\"%04u-%02u-%02uT%02u:%02u:%02uZ\",\"note\":\"%s\",\"code\":\"%s\"}",
        bare->numbers[0], bare->text[1], bare->text[2], bare->text[3],
        bare->text[4], bare->numbers[5], bare->numbers[6] ? "true" : "false",
        t->year, t->month, t->day, t->hour, t->minute, t->second,
        bare->text[8], bare->text[9]);
}

/* "/bare/one/7" or "/bare/list?max=100&from=7" */
static void read_request(bare_t *bare, const request_rec *r)
{
    const char *max = r->args ? strstr(r->args, "max=") : NULL;
    const char *from = r->args ? strstr(r->args, "from=") : NULL;

    bare->max = max ? atoi(max + 4) : 1;
    bare->from = from ? atoi(from + 5) : atoi(strrchr(r->uri, '/') + 1);
}

static int answer(request_rec *r, const char *body, apr_size_t len)
{
    ap_set_content_type(r, "application/json");
    ap_set_content_length(r, len);
    ap_rwrite(body, (int)len, r);
    return OK;
}

static int answer_rows(request_rec *r)
{
    bare_t *bare = mine ? mine : open_mine();
    char *body, *at;

    read_request(bare, r);
    body = at = apr_palloc(r->pool, (apr_size_t)bare->max * ROW_MAX + 2);
    if (mysql_stmt_execute(bare->stmt))
        return HTTP_INTERNAL_SERVER_ERROR;
    bind_columns(bare);
    while (mysql_stmt_fetch(bare->stmt) == 0) {
        *at = at == body ? '[' : ',';
        at += 1 + print_row(at + 1, bare);
    }
    *at++ = ']';
    return answer(r, body, at - body);
}

static int handle(request_rec *r)
{
    if (r->handler && !strcmp(r->handler, "trivial"))
        return answer(r, record, sizeof(record) - 1);
    return r->handler && !strcmp(r->handler, "bare") ? answer_rows(r)
                                                     : DECLINED;
}

static int skip_files(request_rec *r)
{
    return strncmp(r->uri, "/bare", 5) && strncmp(r->uri, "/trivial", 8)
        ? DECLINED : OK;
}

static void register_hooks(apr_pool_t *pool)
{
    ap_hook_map_to_storage(skip_files, NULL, NULL, APR_HOOK_FIRST);
    ap_hook_handler(handle, NULL, NULL, APR_HOOK_MIDDLE);
}

AP_DECLARE_MODULE(bare) = {STANDARD20_MODULE_STUFF, NULL, NULL, NULL, NULL,
                           NULL, register_hooks, 0};
