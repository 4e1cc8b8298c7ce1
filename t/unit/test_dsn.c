/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_dsn: the URL of a database: what it gives, what is refused with which
 * sentence.
 */
#include "apid_dsn.h"
#include "tap.h"

#include <apr_general.h>
#include <apr_strings.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static apr_pool_t *pool;

/* what a URL means as one text, or why it is refused */
static const char *parse(const char *url)
{
    apid_db_config_t config;
    apid_err_t *err;
    const char *text = "";

    memset(&config, 0, sizeof(config));
    err = apid_dsn_parse(&config, url, pool);
    if (err)
        return err->text;
    for (int i = 0; i < config.nhosts; i++) {
        const apid_db_host_t *host = &config.hosts[i];
        text = host->socket
            ? apr_pstrcat(pool, text, host->socket, " ", NULL)
            : apr_psprintf(pool, "%s%s:%d ", text, host->name, host->port);
    }
    return apr_psprintf(pool, "%s@ %s%s (%s) tls %d %s", config.user, text,
                        config.database,
                        config.password ? config.password : "-", config.tls,
                        config.tls_ca ? config.tls_ca : "-");
}

static const char *write_file(const char *content)
{
    static char name[] = "/tmp/apid-dsn.XXXXXX";
    FILE *file;

    if (strchr(name, 'X'))
        close(mkstemp(name));
    file = fopen(name, "w");
    fputs(content, file);
    fclose(file);
    return name;
}

static const char *with(const char *before, const char *what,
                        const char *after)
{
    return apr_pstrcat(pool, before, what, after, NULL);
}

/* where no file can be opened */
static const char *without_files(const char *url)
{
    struct rlimit was, none;
    const char *text;

    getrlimit(RLIMIT_NOFILE, &was);
    none = was;
    none.rlim_cur = 0;
    setrlimit(RLIMIT_NOFILE, &none);
    text = parse(url);
    setrlimit(RLIMIT_NOFILE, &was);
    return text;
}

static void test_good(void)
{
    is(parse("mysql://root@/crm?socket=/run/db.sock"),
       "root@ /run/db.sock crm (-) tls 0 -", "a socket");
    is(parse("mysql://u@db/crm"), "u@ db:3306 crm (-) tls 0 -", "a host");
    is(parse("mysql://u@db1:3307,db2,[::1]:3308,[fe80::1]/crm"),
       "u@ db1:3307 db2:3306 ::1:3308 fe80::1:3306 crm (-) tls 0 -",
       "hosts in order");
    is(parse("mysql://a%40b@db/c%2fd?tls=require"),
       "a@b@ db:3306 c/d (-) tls 1 -", "parts are decoded");
    is(parse("mysql://u@db/crm?tls=verify&ca=/etc/%70asswd"),
       "u@ db:3306 crm (-) tls 2 /etc/passwd", "tls, verified");
    is(parse("mysql://u@db/crm?tls=off"), "u@ db:3306 crm (-) tls 0 -",
       "no tls");
}

static void test_passwords(void)
{
    const char *file = write_file("s3 cret%\r\nmore\n");

    is(parse(with("mysql://u@db/crm?password=file:", file, "")),
       "u@ db:3306 crm (s3 cret%) tls 0 -", "the first line of a file");
    is(parse("mysql://u@db/crm?password=exec:printf%20%27a%26b%5cnc%27"),
       "u@ db:3306 crm (a&b) tls 0 -", "the first line of a command");
    file = write_file("\nx\n");
    is(parse(with("mysql://u@db/crm?password=file:", file, "")),
       with("the first line of the password file ", file, " is empty"),
       "an empty line");
    file = write_file("\xef\xbb\xbfs3cret\n");
    is(parse(with("mysql://u@db/crm?password=file:", file, "")),
       "u@ db:3306 crm (s3cret) tls 0 -", "a byte-order mark is none of it");
    unlink(file);
    is(parse("mysql://u@db/crm?password=file:/dev/null"),
       "the first line of the password file /dev/null is empty", "no line");
    is(parse("mysql://u@db/crm?password=file:/dev/null/x"),
       "the password file /dev/null/x cannot be read: Not a directory",
       "no such file");
    is(parse("mysql://u@db/crm?password=exec:exit%207"),
       "the password command 'exit 7' failed (status 7)", "it fails");
    is(parse("mysql://u@db/crm?password=exec:true"),
       "the password command 'true' printed nothing", "it is silent");
    is(without_files("mysql://u@db/crm?password=exec:true"),
       "the password command cannot be run: Too many open files",
       "it cannot be run");
    is(parse("mysql://u@db/crm?password=hunter2"),
       "password is written password=file:/PATH or password=exec:/COMMAND, "
       "never the password itself", "the password itself");
    is(parse("mysql://u:hunter2@db/crm"),
       "the database URL holds a password; put it in a file that only root "
       "can read and write password=file:/PATH behind the '?'",
       "a password in the URL");
}

static void test_bad(void)
{
    /* clang-format off */
    static const char *const cases[][2] = {
        {"", "the database URL does not begin with mysql://"},
        {"postgres://u@db/crm",
         "the database URL does not begin with mysql://"},
        {"mysql://db/crm",
         "the database URL names no user: expected mysql://USER@..."},
        {"mysql://@db/crm",
         "the database URL names no user: expected mysql://USER@..."},
        {"mysql://u@db",
         "the database URL names no database: expected "
         "mysql://USER@HOST/DATABASE"},
        {"mysql://u@db/",
         "the database URL names no database: expected "
         "mysql://USER@HOST/DATABASE"},
        {"mysql://u@db/a/b",
         "the database URL has a second '/' in its path (write '%2F' for "
         "it)"},
        {"mysql://u@/crm",
         "the database URL names neither a host nor a socket: expected "
         "mysql://USER@HOST/DATABASE or mysql://USER@/DATABASE?socket=/PATH"},
        {"mysql://u@db/crm?socket=/x",
         "the database URL names both a host and a socket; which one is "
         "meant?"},
        {"mysql://u@/crm?socket=x", "socket=x is no absolute path"},
        {"mysql://u@db/crm?ca=x", "ca=x is no absolute path"},
        {"mysql://u@db/crm?password=file:x",
         "password=file:x is no absolute path"},
        {"mysql://u@db/crm?tls=verify&ca=/no.pem",
         "the certificates ca=/no.pem cannot be read: No such file or "
         "directory"},
        {"mysql://u@/crm?socket=/s&tls=verify",
         "tls= is for hosts: what goes through a socket stays on this "
         "machine"},
        {"mysql://u@db/crm?tls=on",
         "tls=on: expected off, require or verify"},
        {"mysql://u@db/crm?sockte=/x",
         "unknown parameter 'sockte' in the database URL; did you mean "
         "'socket'?"},
        {"mysql://u@db/crm?charset=utf8",
         "unknown parameter 'charset' in the database URL; expected "
         "password, socket, tls or ca"},
        {"mysql://u@db:0/crm", "'0' is no port: expected 1 to 65535"},
        {"mysql://u@db:65536/crm", "'65536' is no port: expected 1 to 65535"},
        {"mysql://u@db:3x/crm", "'3x' is no port: expected 1 to 65535"},
        {"mysql://u@db:/crm", "'' is no port: expected 1 to 65535"},
        {"mysql://u@:3306/crm", "a host of the database URL has no name"},
        {"mysql://u@[::1/crm", "'[::1' has no ']'"},
        {"mysql://u%4@db/crm",
         "a '%' in the database URL is followed by no two hexadecimal digits "
         "(write '%25' for it)"},
    };
    /* clang-format on */

    for (apr_size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        is(parse(cases[i][0]), cases[i][1], cases[i][0]);
}

int main(void)
{
    apr_initialize();
    apr_pool_create(&pool, NULL);
    test_good();
    test_passwords();
    test_bad();
    apr_pool_destroy(pool);
    apr_terminate();
    return tap_done();
}
