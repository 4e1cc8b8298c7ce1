/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mod_apidesigner_console: the console's files: those of one directory, and of
 * its directory assets. What a request asks for is only compared with names
 * that the directory has; a path is never made from it. Every other path is
 * the console's first page, which finds its way by the address. What it loads
 * is written relative to that address, so that the console can be anywhere,
 * also behind a proxy that calls the place by another name.
 */
#include "mod_apidesigner.h"

#include <apr_file_info.h>
#include <apr_strings.h>
#include <http_core.h>
#include <http_protocol.h>
#include <http_request.h>

#define FIRST_PAGE "index.html"
#define ASSETS "assets"
#define PLACE "{place}" /* in the first page: the console's Location */
#define SHORTEST_HASH 8 /* characters that a build puts into names */

/* clang-format off */
/* no script or style but our files, no other server, no frame */
#define POLICY \
    "default-src 'none'; script-src 'self'; style-src 'self'; " \
    "img-src 'self' data:; font-src 'self'; connect-src 'self'; " \
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

static const struct { const char *name, *value; } guards[] = {
    {"Content-Security-Policy", POLICY},
    {"X-Content-Type-Options", "nosniff"},
    {"Referrer-Policy", "same-origin"},
    {"Cross-Origin-Opener-Policy", "same-origin"},
    {"Cross-Origin-Resource-Policy", "same-origin"},
    {"X-Frame-Options", "DENY"},
};

static const struct { const char *ending, *type; } types[] = {
    {".html",        "text/html; charset=utf-8"},
    {".js",          "text/javascript; charset=utf-8"},
    {".css",         "text/css; charset=utf-8"},
    {".json",        "application/json"},
    {".map",         "application/json"},
    {".svg",         "image/svg+xml"},
    {".png",         "image/png"},
    {".ico",         "image/x-icon"},
    {".woff2",       "font/woff2"},
    {".txt",         "text/plain; charset=utf-8"},
    {".webmanifest", "application/manifest+json"},
};
/* clang-format on */

#define COUNT(array) ((int)(sizeof(array) / sizeof(array[0])))

void apid_console_guard(apid_request_t *request)
{
    for (int i = 0; i < COUNT(guards); i++) {
        apr_table_setn(request->r->err_headers_out, guards[i].name,
                       guards[i].value);
    }
}

static const char *find_type(const char *name)
{
    apr_size_t len = strlen(name);

    for (int i = 0; i < COUNT(types); i++) {
        apr_size_t end = strlen(types[i].ending);

        if (len > end && !strcmp(name + len - end, types[i].ending)) {
            return types[i].type;
        }
    }
    return "application/octet-stream";
}

/* "index-B4kD9f2a.js" is another file when its content is. */
static int is_hashed(const char *name)
{
    const char *dash = ap_strrchr_c(name, '-');
    const char *dot = dash ? ap_strchr_c(dash, '.') : NULL;

    return dot && dot - dash > SHORTEST_HASH;
}

/* The path of a regular file of that name in a directory, which is one that
 * the directory has; else why there is none. */
static apr_status_t find_file(const char **path, const char *directory,
                              const char *name, apr_pool_t *pool)
{
    apr_finfo_t entry;
    apr_dir_t *dir;
    apr_status_t status = apr_dir_open(&dir, directory, pool);

    if (status) {
        return status;
    }
    *path = NULL;
    while (!*path && !apr_dir_read(&entry, APR_FINFO_NAME | APR_FINFO_TYPE,
                                   dir)) {
        if (entry.filetype == APR_REG && !strcmp(entry.name, name)) {
            *path = apr_pstrcat(pool, directory, "/", entry.name, NULL);
        }
    }
    apr_dir_close(dir);
    return *path ? APR_SUCCESS : APR_ENOENT;
}

static const char *find_directory(const apid_request_t *request)
{
    const char *directory = request->config->console;

    return directory ? directory : APID_CONSOLE;
}

static int is_asset(const apid_request_t *request)
{
    const apr_array_header_t *segments = apid_request_segments(request);

    return segments->nelts
        && !strcmp(APR_ARRAY_IDX(segments, 0, const char *), ASSETS);
}

/* What a path stands for. */
static apr_status_t find_page(const char **path, const apid_request_t *request)
{
    const apr_array_header_t *segments = apid_request_segments(request);
    const char *const *names = (const char *const *)segments->elts;
    const char *directory = find_directory(request);
    apr_pool_t *pool = request->r->pool;

    if (is_asset(request)) {
        directory = apr_pstrcat(pool, directory, "/" ASSETS, NULL);
        return segments->nelts == 2
                   ? find_file(path, directory, names[1], pool)
                   : APR_ENOENT;
    }
    if (segments->nelts == 1 && !find_file(path, directory, names[0], pool)) {
        return APR_SUCCESS;
    }
    return find_file(path, directory, FIRST_PAGE, pool);
}

static int takes_gzip(const request_rec *r)
{
    const char *accepted = apr_table_get(r->headers_in, "Accept-Encoding");

    return accepted && ap_find_token(r->pool, accepted, "gzip");
}

/* The same file as its build packed it, if there is one. */
static const char *choose_packed(request_rec *r, const char *path)
{
    const char *packed = apr_pstrcat(r->pool, path, ".gz", NULL);
    apr_finfo_t found;

    if (apr_stat(&found, packed, APR_FINFO_TYPE, r->pool)
        || found.filetype != APR_REG) {
        return path;
    }
    apr_table_mergen(r->headers_out, "Vary", "Accept-Encoding");
    if (!takes_gzip(r)) {
        return path;
    }
    r->content_encoding = "gzip";
    return packed;
}

static void set_headers(request_rec *r, const char *path,
                        const apr_finfo_t *file)
{
    const char *name = ap_strrchr_c(path, '/') + 1;

    ap_set_content_type(r, find_type(name));
    apr_table_setn(r->headers_out, "Cache-Control",
                   is_hashed(name) ? "public, max-age=31536000, immutable"
                                   : "no-cache");
    apr_table_setn(r->headers_out, "ETag",
                   apr_psprintf(r->pool, "\"%" APR_UINT64_T_HEX_FMT
                                "-%" APR_UINT64_T_HEX_FMT "%s\"",
                                (apr_uint64_t)file->size,
                                (apr_uint64_t)file->mtime,
                                r->content_encoding ? "-p" : ""));
    ap_update_mtime(r, file->mtime);
    ap_set_last_modified(r);
}

static int count_slashes(const char *path, apr_size_t len)
{
    int n = 0;

    for (apr_size_t i = 0; i < len; i++) {
        n += path[i] == '/';
    }
    return n;
}

/* The Location as a reference relative to the address that the browser has:
 * its last segment, ".", "..", "../..", ... See RFC 3986, 5.2. */
static const char *find_place(const apid_request_t *request)
{
    const char *address = request->r->unparsed_uri;
    const char *location = request->config->location;
    apr_size_t len = strcspn(address, "?"), end = strlen(location);
    const char *place = ".";
    int below;

    while (end && location[end - 1] == '/') {
        end--;
    }
    below = count_slashes(address, len) - count_slashes(location, end);
    if (below == 0) {
        address = apr_pstrmemdup(request->r->pool, address, len);
        return apr_pstrcat(request->r->pool, "./",
                           ap_escape_html(request->r->pool,
                                          ap_strrchr_c(address, '/') + 1),
                           NULL);
    }
    for (; below > 1; below--) {
        place = apr_pstrcat(request->r->pool, place, "/..", NULL);
    }
    return place;
}

static apr_status_t insert_page(apr_bucket_brigade *brigade, apr_file_t *file,
                                apr_size_t size, const apid_request_t *request)
{
    char *page = apr_pcalloc(request->r->pool, size + 1);
    const char *place = find_place(request);
    apr_status_t status = apr_file_read_full(file, page, size, NULL);

    if (status) {
        return status;
    }
    for (char *mark; (mark = strstr(page, PLACE)); page = mark) {
        *mark = '\0';
        mark += sizeof(PLACE) - 1;
        apr_brigade_puts(brigade, NULL, NULL, page);
        apr_brigade_puts(brigade, NULL, NULL, place);
    }
    return apr_brigade_puts(brigade, NULL, NULL, page);
}

static int is_first_page(const char *path)
{
    return !strcmp(ap_strrchr_c(path, '/') + 1, FIRST_PAGE);
}

/* Without its first page there is no console, which is for the administrator
 * to mend. */
static int answer_lack(apid_request_t *request, apr_status_t status)
{
    apr_pool_t *pool = request->r->pool;
    char why[120];

    if (is_asset(request) && APR_STATUS_IS_ENOENT(status)) {
        return apid_answer_error(
            request, apid_err_raise(pool, APID_ERR_API_NOT_FOUND,
                                    "There is no such page"));
    }
    apr_strerror(status, why, sizeof(why));
    return apid_answer_error(
        request,
        apid_err_because(apid_err_raise(pool, APID_ERR_INTERNAL_ERROR,
                                        "The console cannot be read"),
                         "APIDesignerConsole %s: %s",
                         find_directory(request), why));
}

static int send_file(apid_request_t *request, const char *path)
{
    request_rec *r = request->r;
    int is_first = is_first_page(path);
    const char *chosen = is_first ? path : choose_packed(r, path);
    apr_bucket_brigade *brigade
        = apr_brigade_create(r->pool, r->connection->bucket_alloc);
    apr_finfo_t about;
    apr_file_t *file;
    apr_status_t status
        = apr_file_open(&file, chosen, APR_READ | APR_BINARY, 0, r->pool);

    if (!status) {
        status = apr_file_info_get(&about, APR_FINFO_SIZE | APR_FINFO_MTIME,
                                   file);
    }
    if (status) {
        return answer_lack(request, status);
    }
    set_headers(r, path, &about);
    if (ap_meets_conditions(r) == HTTP_NOT_MODIFIED) {
        return apid_answer_empty(request, HTTP_NOT_MODIFIED);
    }
    if (!is_first) {
        apr_brigade_insert_file(brigade, file, 0, about.size, r->pool);
    }
    else if (insert_page(brigade, file, (apr_size_t)about.size, request)) {
        return HTTP_INTERNAL_SERVER_ERROR;
    }
    return apid_answer_whole(request, brigade);
}

int apid_console_serve(apid_request_t *request)
{
    request_rec *r = request->r;
    const char *path;
    apr_status_t status;

    request->allowed = 1u << APID_METHOD_GET;
    if (r->method_number != M_GET) {
        return apid_answer_error(
            request, apid_err_raise(r->pool, APID_ERR_METHOD_NOT_ALLOWED,
                                    "The console's pages are only read"));
    }
    status = find_page(&path, request);
    return status ? answer_lack(request, status) : send_file(request, path);
}
