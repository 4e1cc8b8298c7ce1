/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mod_trivial: a handler that answers a fixed text of the size of one record:
 * what Apache itself costs, for the benchmarks.
 */
#include <httpd.h>

#include <http_config.h>
#include <http_protocol.h>
#include <http_request.h>

static const char text[] =
    "{\"id\":12345,\"name\":\"Person Number 12345\",\"email\":\"person12345@"
    "example.com\",\"city\":\"London\",\"amount\":\"123.45\",\"quantity\":42,"
    "\"active\":true,\"created\":\"2024-01-09T13:45:00Z\",\"note\":\"A note "
    "of some length about person 345 of 12\",\"code\":\"C345\"}";

static int answer_text(request_rec *r)
{
    if (!r->handler || strcmp(r->handler, "trivial"))
        return DECLINED;
    ap_set_content_type(r, "application/json");
    ap_set_content_length(r, sizeof(text) - 1);
    ap_rwrite(text, sizeof(text) - 1, r);
    return OK;
}

static int skip_files(request_rec *r)
{
    return strncmp(r->uri, "/trivial", 8) ? DECLINED : OK;
}

static void register_hooks(apr_pool_t *pool)
{
    ap_hook_map_to_storage(skip_files, NULL, NULL, APR_HOOK_FIRST);
    ap_hook_handler(answer_text, NULL, NULL, APR_HOOK_MIDDLE);
}

AP_DECLARE_MODULE(trivial) = {STANDARD20_MODULE_STUFF, NULL, NULL, NULL, NULL,
                              NULL, register_hooks, 0};
