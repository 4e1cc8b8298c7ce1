/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mod_apidesigner_share: the memory that all children share, one piece per
 * database. It belongs to the process, not to a configuration, so that it
 * outlives every restart but a full one. It is anonymous: children have it
 * because they are forked from the process that made it.
 */
#include "mod_apidesigner.h"

#include <apr_shm.h>
#include <apr_strings.h>
#include <http_log.h>
#include <http_main.h>

APLOG_USE_MODULE(apidesigner);

/* What the process's pool holds: no address of this module, which is unloaded
 * at each restart. */
typedef struct piece_t {
    apr_shm_t *shm; /* NULL: none yet */
} piece_t;

static piece_t *find_piece(const apid_server_config_t *config,
                           server_rec *server)
{
    apr_pool_t *pool = server->process->pool;
    const char *key = apr_pstrcat(server->process->pconf, "apidesigner:",
                                  config->url, NULL);
    void *piece = NULL;

    apr_pool_userdata_get(&piece, key, pool);
    if (!piece) {
        piece = apr_pcalloc(pool, sizeof(piece_t));
        apr_pool_userdata_set(piece, key, NULL, pool);
    }
    return piece;
}

/* APR puts a word of its own before what it gives: the rest is not aligned. */
static apid_share_t *find_memory(const piece_t *piece)
{
    apr_uintptr_t base = (apr_uintptr_t)apr_shm_baseaddr_get(piece->shm);

    return (apid_share_t *)APR_ALIGN(base, _Alignof(apid_share_t));
}

/* Children of before the restart keep the old piece until they end. */
static apr_status_t make_memory(piece_t *piece, apr_size_t capacity,
                                apr_pool_t *pool)
{
    apr_size_t size = apid_share_size(capacity);
    apr_uint64_t seed;
    apr_status_t status;

    if (piece->shm) {
        apr_shm_destroy(piece->shm);
        piece->shm = NULL;
    }
    status = apr_shm_create(&piece->shm, size + _Alignof(apid_share_t),
                            NULL, pool);
    if (status) {
        piece->shm = NULL;
        return status;
    }
    ap_random_insecure_bytes(&seed, sizeof(seed));
    memset(find_memory(piece), 0, size);
    apid_share_open(find_memory(piece), capacity, seed);
    return APR_SUCCESS;
}

/* Servers of one database have one piece, as large as the largest asks for. */
static apr_size_t find_capacity(const apid_server_config_t *config,
                                server_rec *first)
{
    apr_int64_t most = config->counters;

    for (server_rec *server = first; server; server = server->next) {
        const apid_server_config_t *other
            = ap_get_module_config(server->module_config, &apidesigner_module);

        if (other->database && !strcmp(other->url, config->url)
            && other->counters > most) {
            most = other->counters;
        }
    }
    return (apr_size_t)most;
}

static apr_status_t open_share(apid_server_config_t *config,
                               server_rec *server, server_rec *first)
{
    piece_t *piece = find_piece(config, server);
    apr_size_t capacity = find_capacity(config, first);
    apr_status_t status = APR_SUCCESS;

    if (!piece->shm
        || !apid_share_fits(find_memory(piece), capacity)) {
        status = make_memory(piece, capacity, server->process->pool);
    }
    config->share = status ? NULL : find_memory(piece);
    return status;
}

/* Two servers on one machine differ in where their files are. */
static const char *make_node(server_rec *server, apr_pool_t *pool)
{
    char host[APRMAXHOSTLEN + 1] = "";
    const char *place = apr_pstrcat(pool, ap_server_root, "\n",
                                    ap_runtime_dir_relative(pool, "."), NULL);
    apr_ssize_t len = APR_HASH_KEY_STRING;

    apr_gethostname(host, sizeof(host), pool);
    return apr_psprintf(pool, "%.150s/%08x", host,
                        apr_hashfunc_default(place, &len));
}

int apid_share_start(apr_pool_t *pconf, apr_pool_t *plog, apr_pool_t *ptemp,
                     server_rec *first)
{
    const char *node = make_node(first, pconf);

    for (server_rec *server = first; server; server = server->next) {
        apid_server_config_t *config
            = ap_get_module_config(server->module_config, &apidesigner_module);
        apr_status_t status
            = config->database ? open_share(config, server, first)
                               : APR_SUCCESS;

        if (status) {
            ap_log_error(APLOG_MARK, APLOG_CRIT, status, server,
                         "apidesigner: no shared memory for "
                         "APIDesignerCounters %" APR_INT64_T_FMT,
                         config->counters);
            return HTTP_INTERNAL_SERVER_ERROR;
        }
        if (!config->node) {
            config->node = node;
        }
    }
    return OK;
}
