/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_registry_line: a registry that is asked line by line, for
 * t/60-registry.t: what it says of a request is the answer's one line, and
 * what it tells the log comes before that as "notice: ...".
 */
#include "apid_dsn.h"
#include "apid_registry.h"

#include <apr_general.h>
#include <apr_strings.h>
#include <apr_thread_proc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define WORDS 8

static apr_pool_t *root;  /* of the registry */
static apr_pool_t *held;  /* of the lease that is kept */
static apid_registry_t *registry;
static const apid_snapshot_t *snapshot;

static apr_time_t put_back; /* how far the clock was */

/* Takes the place of APR's own. */
apr_time_t apr_time_now(void)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    return apr_time_from_sec(now.tv_sec) + now.tv_nsec / 1000 - put_back;
}

static void hear(void *ctx, const char *line)
{
    printf("notice: %s\n", line);
}

static const char *check(const apid_err_t *err)
{
    return err ? apr_psprintf(err->pool, "%s: %s", apid_err_code(err->kind),
                              err->text)
               : NULL;
}

/* open MILLISECONDS: between two looks */
static const char *run_open(char **words, apr_pool_t *pool)
{
    apid_db_config_t config;
    apid_db_t *db;

    apid_db_config_default(&config);
    config.min = 0;
    config.connect_timeout = apr_time_from_msec(500);
    config.acquire_timeout = apr_time_from_msec(500);
    config.io_timeout = apr_time_from_sec(5);
    const char *bad
        = check(apid_dsn_parse(&config, getenv("APIDESIGNER_DATABASE"), root));
    if (!bad)
        bad = check(apid_db_open(&db, &config, root));
    if (!bad)
        bad = check(apid_registry_open(&registry, db,
                                       apr_time_from_msec(atoi(words[1])),
                                       root));
    if (bad)
        return bad;
    apid_registry_notice(registry, hear, NULL);
    return "opened";
}

/* lease: keeps one until the next */
static const char *run_lease(char **words, apr_pool_t *pool)
{
    apr_pool_t *before = held;

    apr_pool_create(&held, root);
    const char *bad = check(apid_registry_lease(&snapshot, registry, held));
    if (bad)
        snapshot = NULL;
    bad = bad ? apr_pstrdup(pool, bad) : NULL;
    if (before)
        apr_pool_destroy(before);
    return bad ? bad : "leased";
}

static const char *tell_edition(const apid_entry_point_t *entry, int version,
                                apr_pool_t *pool)
{
    static const char *const states[]
        = {"live", "published", "deprecated", "retired"};
    const apid_edition_t *edition = apid_snapshot_edition(entry, version);

    if (!edition)
        return "no edition";
    return apr_psprintf(pool, "%d %s %s", edition->version,
                        states[edition->state],
                        edition->api ? "compiled" : "without plan");
}

static apr_array_header_t *split(const char *path, apr_pool_t *pool)
{
    apr_array_header_t *segments = apr_array_make(pool, 8, sizeof(char *));

    for (const char *at = path; at; at = strchr(at, '/'), at += at != NULL)
        APR_ARRAY_PUSH(segments, const char *)
            = apr_pstrmemdup(pool, at, strcspn(at, "/"));
    return segments;
}

/* route api|webhook METHOD PATH [VERSION] */
static const char *run_route(char **words, apr_pool_t *pool)
{
    const apid_sought_t sought = {
        strcmp(words[1], "api") ? APID_KIND_WEBHOOK : APID_KIND_API,
        apid_method_parse(words[2]), words[4] ? atoi(words[4]) : 0,
        split(words[3], pool)};
    apid_route_t route = apid_snapshot_route(snapshot, &sought, pool);
    const char *text = "";

    for (int i = 0; i < APID_METHODS; i++)
        if (route.allowed & (1u << i))
            text = apr_pstrcat(pool, text, *text ? "," : "",
                               apid_method_word(i), NULL);
    if (!route.entry)
        return apr_psprintf(pool, "nothing [%s]", text);
    if (words[4] && !route.edition)
        return apr_psprintf(pool, "%s, elsewhere [%s]", route.entry->name,
                            text);
    text = apr_psprintf(pool, "%s %s [%s]", route.entry->name,
                        tell_edition(route.entry, route.edition->version,
                                     pool), text);
    if (words[4])
        text = apr_psprintf(pool, "%s %s", text, route.edition->path);
    for (int i = 0; i < route.parts->nelts; i++)
        text = apr_pstrcat(pool, text, " ",
                           APR_ARRAY_IDX(route.parts, i, const char *), NULL);
    return text;
}

/* edition NAME VERSION */
static const char *run_edition(char **words, apr_pool_t *pool)
{
    const apid_entry_point_t *entry = apid_snapshot_named(snapshot, words[1]);

    return entry ? tell_edition(entry, atoi(words[2]), pool) : "no entry";
}

/* entry NAME */
static const char *run_entry(char **words, apr_pool_t *pool)
{
    const apid_entry_point_t *entry = apid_snapshot_named(snapshot, words[1]);

    return !entry ? "no entry"
                  : apr_psprintf(pool, "%s, owner %s%s, %d tokens",
                                 entry->active ? "active" : "inactive",
                                 entry->owner ? entry->owner->name : "-",
                                 entry->owner && entry->owner->disabled
                                     ? " (disabled)" : "",
                                 entry->ntokens);
}

/* user NAME KEY */
static const char *run_user(char **words, apr_pool_t *pool)
{
    const apid_user_t *user = apid_snapshot_user(snapshot, words[1]);
    const char *groups = "";

    for (int i = 0; user && user->groups[i]; i++)
        groups = apr_pstrcat(pool, groups, " ", user->groups[i], NULL);
    return !user ? "no user"
                 : apr_psprintf(pool, "%s %s %s%s%s", user->id,
                                apid_role_word(user->role),
                                apid_auth_match_key(user, words[2])
                                    ? "right key" : "wrong key",
                                user->disabled ? " disabled" : "", groups);
}

/* reader MODULE */
static const char *run_reader(char **words, apr_pool_t *pool)
{
    const apid_module_t *module
        = apid_catalog_module(apid_snapshot_catalog(snapshot), words[1]);
    const apid_entry_point_t *entry
        = module ? apid_snapshot_reader(snapshot, module) : NULL;

    return entry ? entry->name : "no reader";
}

static const char *run_stats(char **words, apr_pool_t *pool)
{
    apid_registry_stats_t stats;

    apid_registry_stats(&stats, registry);
    return apr_psprintf(pool, "%d definitions, %d broken, %d modules, %d "
                              "users%s", stats.definitions, stats.broken,
                        stats.modules, stats.users,
                        stats.stale ? ", stale" : "");
}

/* names: all of them, in order */
static const char *run_names(char **words, apr_pool_t *pool)
{
    const apr_array_header_t *entries = apid_snapshot_entries(snapshot);
    const char *text = "";

    for (int i = 0; i < entries->nelts; i++)
        text = apr_pstrcat(pool, text, i ? "|" : "",
                           APR_ARRAY_IDX(entries, i,
                                         const apid_entry_point_t *)->name,
                           NULL);
    return text;
}

/* lookups N PATH: nanoseconds of a processor for one */
static const char *run_lookups(char **words, apr_pool_t *pool)
{
    int n = atoi(words[1]);
    clock_t start = clock();
    apr_pool_t *scratch;

    apr_pool_create(&scratch, pool);
    for (int i = 0; i < n; i++) {
        const apid_sought_t sought = {APID_KIND_API, APID_METHOD_GET, 0,
                                      split(words[2], scratch)};
        apid_snapshot_route(snapshot, &sought, scratch);
        apr_pool_clear(scratch);
    }
    return apr_psprintf(pool, "%.0f", (double)(clock() - start) / n
                                          * (1e9 / CLOCKS_PER_SEC));
}

/* back SECONDS: puts the clock back */
static const char *run_back(char **words, apr_pool_t *pool)
{
    put_back += apr_time_from_sec(atoi(words[1]));
    return "put back";
}

static apr_uint32_t failures;

static void *APR_THREAD_FUNC lease_often(apr_thread_t *thread, void *data)
{
    apr_time_t end = apr_time_now() + apr_time_from_sec(2);
    const char *path = data;
    apr_pool_t *pool;

    apr_pool_create_unmanaged_ex(&pool, NULL, NULL);
    while (apr_time_now() < end) {
        const apid_snapshot_t *mine;
        apid_err_t *err = apid_registry_lease(&mine, registry, pool);
        const apid_sought_t sought = {APID_KIND_API, APID_METHOD_GET, 0,
                                      split(path, pool)};
        apid_route_t route = {0};
        if (!err)
            route = apid_snapshot_route(mine, &sought, pool);
        if (!route.entry || !route.entry->live->api)
            __atomic_add_fetch(&failures, 1, __ATOMIC_RELAXED);
        apr_pool_clear(pool);
    }
    apr_pool_destroy(pool);
    return NULL;
}

/* threads PATH: four of them lease and route for two seconds */
static const char *run_threads(char **words, apr_pool_t *pool)
{
    apr_thread_t *threads[4];
    apr_status_t rv;

    for (int i = 0; i < 4; i++)
        apr_thread_create(&threads[i], NULL, lease_often, words[1], pool);
    for (int i = 0; i < 4; i++)
        apr_thread_join(&rv, threads[i]);
    return apr_psprintf(pool, "%u failures", failures);
}

/* clang-format off */
static const struct {
    const char *word;
    const char *(*run)(char **words, apr_pool_t *pool);
} commands[] = {
    {"open", run_open},       {"lease", run_lease},   {"route", run_route},
    {"edition", run_edition}, {"entry", run_entry},   {"user", run_user},
    {"reader", run_reader},   {"stats", run_stats},   {"names", run_names},
    {"lookups", run_lookups}, {"threads", run_threads}, {"back", run_back},
};
/* clang-format on */

/* words are separated by tabs: names hold blanks */
static const char *answer(char *line, apr_pool_t *pool)
{
    char *words[WORDS] = {0}, *last;

    for (int i = 0; i < WORDS; i++)
        words[i] = apr_strtok(i ? NULL : line, "\t\n", &last);
    for (apr_size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
        if (words[0] && !strcmp(words[0], commands[i].word))
            return commands[i].run(words, pool);
    return "what?";
}

int main(void)
{
    char line[1024];
    apr_pool_t *pool;

    apr_initialize();
    setvbuf(stdout, NULL, _IOLBF, 0);
    apr_pool_create(&root, NULL);
    apr_pool_create(&pool, root);
    while (fgets(line, sizeof(line), stdin)) {
        printf("%s\n", answer(line, pool));
        apr_pool_clear(pool);
    }
    apr_pool_destroy(root);
    apr_terminate();
    return 0;
}
