/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apid_dsn: splits the URL, decodes its parts, reads the password from where
 * it is kept. One row per query parameter. It opens no connection.
 */
#include "apid_dsn.h"

#include <apr_escape.h>
#include <apr_strings.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define SCHEME "mysql://"
#define MAX_PASSWORD 1024 /* with its line end */
#define BYTE_ORDER_MARK "\xef\xbb\xbf"

typedef struct dsn_t {
    apid_db_config_t *config;
    apr_array_header_t *hosts; /* apid_db_host_t */
    apr_pool_t *pool;
} dsn_t;

typedef struct row_t {
    const char *name;
    apid_err_t *(*set)(dsn_t *dsn, const char *value);
} row_t;

__attribute__((format(printf, 2, 3))) static apid_err_t *
refuse(apr_pool_t *pool, const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    const char *text = apr_pvsprintf(pool, fmt, args);
    va_end(args);
    return apid_err_raise(pool, APID_ERR_INVALID_VALUE, "%s", text);
}

static apid_err_t *decode(const char **text, const char *from, apr_size_t len,
                          apr_pool_t *pool)
{
    const char *raw = apr_pstrmemdup(pool, from, len);

    *text = apr_punescape_url(pool, raw, NULL, NULL, 0);
    if (!*text)
        return refuse(pool, "a '%%' in the database URL is followed by no two "
                            "hexadecimal digits (write '%%25' for it)");
    return NULL;
}

/* what a file or a command gives, up to the end of its first line; without
 * the mark that some editors write before it */
static const char *read_line(FILE *file, apr_pool_t *pool)
{
    char line[MAX_PASSWORD];
    const char *text = line;

    if (!fgets(line, sizeof(line), file))
        return NULL;
    line[strcspn(line, "\r\n")] = '\0';
    if (!strncmp(line, BYTE_ORDER_MARK, strlen(BYTE_ORDER_MARK)))
        text += strlen(BYTE_ORDER_MARK);
    return *text ? apr_pstrdup(pool, text) : NULL;
}

/* A server is in another directory once it was started. */
static apid_err_t *read_file(dsn_t *dsn, const char *path)
{
    FILE *file;

    if (*path != '/')
        return refuse(dsn->pool, "password=file:%s is no absolute path", path);
    file = fopen(path, "re");
    if (!file)
        return refuse(dsn->pool, "the password file %s cannot be read: %s",
                      path, strerror(errno));
    dsn->config->password = read_line(file, dsn->pool);
    dsn->config->password_from = apr_pstrcat(dsn->pool, "file ", path, NULL);
    fclose(file);
    if (!dsn->config->password)
        return refuse(dsn->pool, "the first line of the password file %s is "
                                 "empty", path);
    return NULL;
}

static apid_err_t *read_command(dsn_t *dsn, const char *command)
{
    FILE *file = popen(command, "re");

    if (!file)
        return refuse(dsn->pool, "the password command cannot be run: %s",
                      strerror(errno));
    dsn->config->password = read_line(file, dsn->pool);
    dsn->config->password_from = "command in the database URL";

    int status = pclose(file);
    if (status != 0)
        return refuse(dsn->pool, "the password command '%s' failed (status "
                                 "%d)", command, WEXITSTATUS(status));
    if (!dsn->config->password)
        return refuse(dsn->pool, "the password command '%s' printed nothing",
                      command);
    return NULL;
}

static apid_err_t *set_password(dsn_t *dsn, const char *value)
{
    if (!strncmp(value, "file:", 5))
        return read_file(dsn, value + 5);
    if (!strncmp(value, "exec:", 5))
        return read_command(dsn, value + 5);
    return refuse(dsn->pool, "password is written password=file:/PATH or "
                             "password=exec:/COMMAND, never the password "
                             "itself");
}

static apid_err_t *set_socket(dsn_t *dsn, const char *value)
{
    apid_db_host_t *host;

    if (*value != '/')
        return refuse(dsn->pool, "socket=%s is no absolute path", value);
    if (dsn->hosts->nelts)
        return refuse(dsn->pool, "the database URL names both a host and a "
                                 "socket; which one is meant?");
    host = apr_array_push(dsn->hosts);
    *host = (apid_db_host_t){.socket = value};
    return NULL;
}

static apid_err_t *set_tls(dsn_t *dsn, const char *value)
{
    static const char *const words[] = {"off", "require", "verify"};

    for (int i = 0; i < 3; i++)
        if (!strcmp(value, words[i])) {
            dsn->config->tls = (apid_tls_e)i;
            return NULL;
        }
    return refuse(dsn->pool, "tls=%s: expected off, require or verify", value);
}

static apid_err_t *set_ca(dsn_t *dsn, const char *value)
{
    if (*value != '/')
        return refuse(dsn->pool, "ca=%s is no absolute path", value);
    dsn->config->tls_ca = value;
    return access(value, R_OK)
        ? refuse(dsn->pool, "the certificates ca=%s cannot be read: %s", value,
                 strerror(errno))
        : NULL;
}

/* clang-format off */
static const row_t rows[] = {
    {"password", set_password},
    {"socket",   set_socket},
    {"tls",      set_tls},
    {"ca",       set_ca},
};
/* clang-format on */

#define ROWS ((int)(sizeof(rows) / sizeof(rows[0])))

static apid_err_t *refuse_parameter(dsn_t *dsn, const char *name)
{
    const char *names[ROWS];

    for (int i = 0; i < ROWS; i++)
        names[i] = rows[i].name;

    const char *nearest = apid_err_nearest(name, names, ROWS);
    return refuse(dsn->pool, "unknown parameter '%s' in the database URL; %s"
                             "%s%s", name,
                  nearest ? "did you mean '" : "expected password, socket, "
                                               "tls or ca",
                  nearest ? nearest : "", nearest ? "'?" : "");
}

static apid_err_t *set_parameter(dsn_t *dsn, const char *pair)
{
    apr_size_t len = strcspn(pair, "=");
    const char *name = apr_pstrmemdup(dsn->pool, pair, len);
    const char *value, *from = pair[len] ? pair + len + 1 : "";
    apid_err_t *err = decode(&value, from, strlen(from), dsn->pool);

    for (int i = 0; i < ROWS && !err; i++)
        if (!strcmp(name, rows[i].name))
            return rows[i].set(dsn, value);
    return err ? err : refuse_parameter(dsn, name);
}

static apid_err_t *parse_query(dsn_t *dsn, const char *query)
{
    char *last, *pair = apr_pstrdup(dsn->pool, query ? query : "");
    apid_err_t *err = NULL;

    for (pair = apr_strtok(pair, "&", &last); pair && !err;
         pair = apr_strtok(NULL, "&", &last))
        err = set_parameter(dsn, pair);
    return err;
}

static apid_err_t *parse_port(int *port, const char *text, apr_pool_t *pool)
{
    char *end;
    long number = strtol(text, &end, 10);

    if (*end || end == text || number < 1 || number > 65535)
        return refuse(pool, "'%s' is no port: expected 1 to 65535", text);
    *port = (int)number;
    return NULL;
}

/* "db1", "db1:3307", "[::1]:3307" */
static apid_err_t *add_host(dsn_t *dsn, char *text)
{
    apid_db_host_t host = {.name = text, .port = APID_DSN_PORT};
    char *port = strrchr(text, ':');
    apid_err_t *err = NULL;

    if (*text == '[') {
        char *end = strchr(text, ']');
        if (!end)
            return refuse(dsn->pool, "'%s' has no ']'", text);
        host.name = apr_pstrmemdup(dsn->pool, text + 1,
                                   (apr_size_t)(end - text) - 1);
        port = end[1] == ':' ? end + 1 : NULL;
    }
    if (port) {
        *port = '\0';
        err = parse_port(&host.port, port + 1, dsn->pool);
    }
    if (!err && !*host.name)
        return refuse(dsn->pool, "a host of the database URL has no name");
    APR_ARRAY_PUSH(dsn->hosts, apid_db_host_t) = host;
    return err;
}

static apid_err_t *parse_hosts(dsn_t *dsn, const char *text)
{
    char *last, *host = apr_pstrdup(dsn->pool, text);
    apid_err_t *err = NULL;

    for (host = apr_strtok(host, ",", &last); host && !err;
         host = apr_strtok(NULL, ",", &last))
        err = add_host(dsn, host);
    return err;
}

static apid_err_t *parse_user(dsn_t *dsn, const char *text, apr_size_t len)
{
    if (memchr(text, ':', len))
        return refuse(dsn->pool, "the database URL holds a password; put it "
                                 "in a file that only root can read and write "
                                 "password=file:/PATH behind the '?'");
    if (!len)
        return refuse(dsn->pool, "the database URL names no user: expected "
                                 SCHEME "USER@...");
    return decode(&dsn->config->user, text, len, dsn->pool);
}

/* "user@hosts/database", ended before its query */
static apid_err_t *parse_place(dsn_t *dsn, const char *place)
{
    const char *slash = strchr(place, '/');
    const char *at = strrchr(apr_pstrmemdup(dsn->pool, place,
                                            strcspn(place, "/")), '@');
    apid_err_t *err;

    if (!slash || !slash[1])
        return refuse(dsn->pool, "the database URL names no database: "
                                 "expected " SCHEME "USER@HOST/DATABASE");
    if (strchr(slash + 1, '/'))
        return refuse(dsn->pool, "the database URL has a second '/' in its "
                                 "path (write '%%2F' for it)");
    apr_size_t len = at ? strlen(place) - strlen(slash) - strlen(at) : 0;
    err = parse_user(dsn, place, len);
    if (!err)
        err = decode(&dsn->config->database, slash + 1, strlen(slash + 1),
                     dsn->pool);
    return err ? err : parse_hosts(dsn, at + 1);
}

apid_err_t *apid_dsn_parse(apid_db_config_t *config, const char *url,
                           apr_pool_t *pool)
{
    dsn_t dsn = {config, apr_array_make(pool, 2, sizeof(apid_db_host_t)),
                 pool};
    const char *query = strchr(url, '?');
    apid_err_t *err;

    if (strncmp(url, SCHEME, strlen(SCHEME)))
        return refuse(pool, "the database URL does not begin with " SCHEME);
    url += strlen(SCHEME);
    err = parse_place(&dsn, query
                      ? apr_pstrmemdup(pool, url, (apr_size_t)(query - url))
                      : url);
    if (!err)
        err = parse_query(&dsn, query ? query + 1 : NULL);
    if (!err && !dsn.hosts->nelts)
        return refuse(pool, "the database URL names neither a host nor a "
                            "socket: expected " SCHEME "USER@HOST/DATABASE or "
                            SCHEME "USER@/DATABASE?socket=/PATH");
    if (!err && config->tls && ((apid_db_host_t *)dsn.hosts->elts)->socket)
        return refuse(pool, "tls= is for hosts: what goes through a socket "
                            "stays on this machine");
    config->hosts = (const apid_db_host_t *)dsn.hosts->elts;
    config->nhosts = dsn.hosts->nelts;
    return err;
}
