/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apid_db_conn: one connection of the pool: its options, its making, its end.
 * Which host is tried, and when, is the pool's affair.
 */
#include "apid_db_parts.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>

#define FRESH apr_time_from_msec(5)

static unsigned int seconds(apr_interval_time_t time)
{
    return (unsigned int)((time + APR_USEC_PER_SEC - 1) / APR_USEC_PER_SEC);
}

/* The library would look for a socket of "localhost". */
static void set_network(MYSQL *mysql, const apid_db_config_t *config)
{
    unsigned int tcp = MYSQL_PROTOCOL_TCP;
    my_bool yes = 1;

    mysql_options(mysql, MYSQL_OPT_PROTOCOL, &tcp);
    if (config->tls == APID_TLS_OFF)
        return;
    mysql_options(mysql, MYSQL_OPT_SSL_ENFORCE, &yes);
    if (config->tls_ca)
        mysql_options(mysql, MYSQL_OPT_SSL_CA, config->tls_ca);
    if (config->tls == APID_TLS_VERIFY)
        mysql_options(mysql, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, &yes);
}

static void set_options(MYSQL *mysql, const apid_db_config_t *config)
{
    unsigned int connect = seconds(config->connect_timeout);
    unsigned int io = seconds(config->io_timeout);
    unsigned int local_files = 0;

    mysql_options(mysql, MYSQL_OPT_CONNECT_TIMEOUT, &connect);
    mysql_options(mysql, MYSQL_OPT_READ_TIMEOUT, &connect);
    mysql_options(mysql, MYSQL_OPT_WRITE_TIMEOUT, &io);
    mysql_options(mysql, MYSQL_OPT_LOCAL_INFILE, &local_files);
    mysql_options(mysql, MYSQL_SET_CHARSET_NAME, "utf8mb4");
}

/* The library tries, polls and tries again for every answer: a socket that
 * waits by itself needs one call of the system instead of three. */
static ssize_t read_waiting(MARIADB_PVIO *io, unsigned char *buffer,
                            size_t length)
{
    int fd = (int)mysql_get_socket(io->mysql);
    ssize_t n;

    do
        n = recv(fd, buffer, length, 0);
    while (n < 0 && errno == EINTR);
    return n;
}

static void wait_in_socket(apid_conn_t *conn, const apid_db_config_t *config)
{
    MARIADB_PVIO *io = conn->mysql->net.pvio;
    struct timeval most = {
        .tv_sec = (time_t)apr_time_sec(config->io_timeout),
        .tv_usec = (suseconds_t)apr_time_usec(config->io_timeout)
    };

    if (io->ctls || !io->methods->is_blocking(io)
        || setsockopt((int)mysql_get_socket(conn->mysql), SOL_SOCKET,
                      SO_RCVTIMEO, &most, sizeof(most)) != 0)
        return;
    conn->io = *io->methods;
    conn->io.read = read_waiting;
    io->methods = &conn->io;
}

/* A server that hangs takes connections and never greets: until all is set up
 * its answers are waited for as long as for the connection. Of one that is open
 * the library's options change nothing any more. */
static void await_statements(apid_conn_t *conn, const apid_db_config_t *config)
{
    MARIADB_PVIO *io = conn->mysql->net.pvio;

    io->methods->set_timeout(io, PVIO_READ_TIMEOUT,
                             (int)seconds(config->io_timeout));
    wait_in_socket(conn, config);
}

/* Programs that httpd starts, such as CGI scripts, are not to speak on it. */
static int keep_private(const apid_conn_t *conn)
{
    return fcntl((int)mysql_get_socket(conn->mysql), F_SETFD, FD_CLOEXEC) == 0;
}

apid_conn_t *apid_conn_make(apid_db_t *db, const apid_db_config_t *config,
                            int host)
{
    apr_pool_t *pool;
    apid_conn_t *conn;

    /* Unmanaged, so that threads share no allocator. */
    if (apr_pool_create_unmanaged_ex(&pool, NULL, NULL) != APR_SUCCESS)
        return NULL;
    apr_pool_tag(pool, "apid_conn");
    conn = apr_pcalloc(pool, sizeof(*conn));
    conn->pool = pool;
    conn->db = db;
    conn->host = host;
    conn->mysql = mysql_init(NULL);
    conn->max_kept = config->statements > 0 ? config->statements : 1;
    apid_conn_open_statements(conn);
    return conn;
}

int apid_conn_connect(apid_conn_t *conn, const apid_db_config_t *config)
{
    const apid_db_host_t *host = &config->hosts[conn->host];

    if (!conn->mysql)
        return 0;
    set_options(conn->mysql, config);
    if (!host->socket)
        set_network(conn->mysql, config);
    if (!mysql_real_connect(conn->mysql, host->socket ? NULL : host->name,
                            config->user, config->password, config->database,
                            (unsigned int)host->port, host->socket,
                            CLIENT_MULTI_RESULTS)
        || !keep_private(conn) || !apid_conn_setup(conn, config))
        return 0;
    await_statements(conn, config);
    return 1;
}

/* An idle connection has nothing to say: what can be read is its end. One that
 * was at work just now is not asked. */
int apid_conn_is_alive(const apid_conn_t *conn)
{
    struct pollfd end = {(int)mysql_get_socket(conn->mysql), POLLIN, 0};

    return apr_time_now() - conn->returned < FRESH || poll(&end, 1, 0) == 0;
}

void apid_conn_close(apid_conn_t *conn)
{
    if (conn->mysql)
        mysql_close(conn->mysql);
    apid_conn_close_statements(conn);
    apr_pool_destroy(conn->pool);
}
