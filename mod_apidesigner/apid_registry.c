/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apid_registry: which snapshot is in force, and when to look for a newer one.
 * One lock guards the pointer, held for a few instructions; the one thread
 * that sets `busy` looks and loads, on a pool of its own, while all others
 * lease what is there. Only where nobody had looked for long, since no request
 * came, do they wait for it: what was revoked meanwhile is not served again.
 * With the database away it looks less and less often.
 */
#include "apid_registry_parts.h"

#include <apr_strings.h>
#include <apr_thread_cond.h>
#include <string.h>

#define SCHEMA_INTERVAL apr_time_from_sec(10) /* between two looks at it */
#define DOUBT_INTERVAL apr_time_from_sec(1)   /* the same, in doubt */
#define AWAY_INTERVAL apr_time_from_sec(3)    /* longest, database away */
#define EAGER 2000 /* editions that one load compiles */
#define PATIENCE apr_time_from_sec(1) /* with a look, from its beginning */

struct apid_registry_t {
    apid_db_t *db;
    apr_interval_time_t reload;
    apid_hear_t hear;
    apr_thread_mutex_t *mutex;  /* guards the next six */
    apid_snapshot_t *snapshot;  /* in force; NULL: none yet */
    apr_time_t checked;
    int stale;
    int busy;                   /* somebody looks */
    int late;                   /* and is waited for */
    apr_time_t began;           /* when that look did */
    apr_thread_cond_t *looked;  /* it is over */
    atomic_llong next;          /* when to look again */
    int failures;               /* in a row; the busy one's alone */
    apr_time_t compared;        /* when the schema was; the busy one's */
    atomic_int doubted;         /* whether it still is as it was then */
};

static void say(const apid_registry_t *registry, const char *line)
{
    if (registry->hear.notice)
        registry->hear.notice(registry->hear.ctx, line);
}

static void put_in_force(apid_registry_t *registry, apid_snapshot_t *snapshot)
{
    apid_snapshot_t *old;

    apr_thread_mutex_lock(registry->mutex);
    old = registry->snapshot;
    registry->snapshot = snapshot;
    apr_thread_mutex_unlock(registry->mutex);
    if (old)
        apid_snapshot_release(old);
}

/* what is called often is not to wait for its first request */
static void compile_some(const apr_array_header_t *entries)
{
    for (int i = 0; i < entries->nelts && i < EAGER; i++) {
        apid_listed_t *listed = APR_ARRAY_IDX(entries, i, apid_listed_t *);
        if (listed->shown.live)
            apid_listed_compile(listed,
                                (int)(listed->shown.live - listed->editions));
    }
}

static apid_err_t *read_load(apid_load_t *load, const apid_snapshot_t *old)
{
    int changed = 0;
    apid_err_t *err = apid_store_look(load->store);

    if (!err)
        err = apid_store_revision(&load->revision, load->store->lease);
    if (!err && old) {
        load->since = old->revision;
        err = apid_load_modules_changed(&changed, load);
    }
    load->old = changed ? NULL : old;
    load->since = load->old ? old->revision : 0;
    if (!err)
        err = apid_load_read(load);
    return err ? err : apid_store_commit(load->store);
}

/* old is NULL: all is read */
static apid_err_t *load_snapshot(apid_registry_t *registry,
                                 const apid_snapshot_t *old,
                                 apid_lease_t *lease, apr_pool_t *pool)
{
    apid_store_t store = {.lease = lease, .pool = pool};
    apid_load_t load = {.pool = pool, .store = &store,
                        .page = apid_page_open()};
    apid_err_t *err;

    load.page->hear = registry->hear;
    err = read_load(&load, old);
    if (err) {
        apid_page_release(load.page);
        return err;
    }
    if (!load.old)
        registry->compared = apr_time_now();
    compile_some(load.entries);
    put_in_force(registry, apid_snapshot_open(&load));
    return NULL;
}

/* whether the tables are still those that the snapshot was made for */
static apid_err_t *compare_schema(int *differs, apid_registry_t *registry,
                                  apid_lease_t *lease, apr_pool_t *pool)
{
    apid_store_t store = {.lease = lease, .pool = pool};
    apid_page_t quiet = {.pool = pool};
    apid_load_t load = {.pool = pool, .store = &store, .page = &quiet};
    apid_err_t *err = apid_load_columns(&load);

    *differs = !err && memcmp(load.columns, registry->snapshot->columns,
                              sizeof(load.columns));
    return err;
}

static apid_err_t *look_at_schema(apid_registry_t *registry,
                                  apid_lease_t *lease, apr_pool_t *pool)
{
    apr_time_t now = apr_time_now();
    apr_interval_time_t age = now - registry->compared;
    int differs = 0;
    apid_err_t *err;

    if (age >= 0 && age < (atomic_load(&registry->doubted)
                               ? DOUBT_INTERVAL : SCHEMA_INTERVAL))
        return NULL;
    registry->compared = now;
    atomic_store(&registry->doubted, 0);
    err = compare_schema(&differs, registry, lease, pool);
    return err || !differs ? err : load_snapshot(registry, NULL, lease, pool);
}

/* the busy one alone replaces the snapshot, so it may read it unlocked */
static apid_err_t *look(apid_registry_t *registry, apr_pool_t *pool)
{
    const apid_snapshot_t *old = registry->snapshot;
    apr_int64_t revision;
    apid_lease_t *lease;
    apid_err_t *err = apid_db_lease_urgent(&lease, registry->db, pool);

    if (!err)
        err = apid_store_revision(&revision, lease);
    if (err)
        return err;
    if (!old || revision != old->revision)
        err = load_snapshot(registry, old, lease, pool);
    return err ? err : look_at_schema(registry, lease, pool);
}

static void tell(apid_registry_t *registry, const apid_err_t *err,
                 apr_pool_t *pool)
{
    if (err && registry->failures == 1)
        say(registry, apr_psprintf(pool, "definitions cannot be read, %s: "
                                         "%s%s%s",
                                   registry->snapshot ? "the last ones serve"
                                                      : "none are there",
                                   err->text, err->cause ? ": " : "",
                                   err->cause ? err->cause : ""));
    else if (!err && registry->failures)
        say(registry, "definitions can be read again");
}

static void note_look(apid_registry_t *registry, const apid_err_t *err,
                      apr_pool_t *pool)
{
    apr_time_t now = apr_time_now();
    apr_interval_time_t pause = registry->reload;

    if (err && registry->failures < 16)
        registry->failures++;
    tell(registry, err, pool);
    if (!err)
        registry->failures = 0;
    else
        pause <<= registry->failures - 1;
    if (err && pause > AWAY_INTERVAL)
        pause = AWAY_INTERVAL;
    atomic_store(&registry->next, now + pause);
    apr_thread_mutex_lock(registry->mutex);
    registry->stale = err != NULL;
    if (!err)
        registry->checked = now;
    apr_thread_mutex_unlock(registry->mutex);
}

/* the time to look again; when that is further off than any pause is long, the
 * clock was put back */
static int is_due(const apid_registry_t *registry, apr_time_t now)
{
    apr_interval_time_t left = atomic_load(&registry->next) - now;

    return left <= 0
        || (left > registry->reload && left > AWAY_INTERVAL);
}

/* a request's pool must not grow by what a load needs */
static void look_alone(apid_registry_t *registry)
{
    apr_pool_t *pool;

    apr_pool_create_unmanaged_ex(&pool, NULL, NULL);
    note_look(registry, look(registry, pool), pool);
    apr_pool_destroy(pool);
}

/* under the lock */
static void await_look(apid_registry_t *registry)
{
    apr_time_t end = registry->began + PATIENCE, now;

    while (registry->busy && registry->late
           && (now = apr_time_now()) < end)
        apr_thread_cond_timedwait(registry->looked, registry->mutex,
                                  end - now);
}

/* under the lock; gives whether this thread is the one that looks */
static int begin_look(apid_registry_t *registry)
{
    apr_time_t now = apr_time_now();

    if (registry->busy)
        await_look(registry);
    /* another may have finished since it was asked */
    if (registry->busy || !is_due(registry, now))
        return 0;
    registry->busy = 1;
    registry->began = now;
    registry->late = !registry->stale
        && (!registry->snapshot
            || now - registry->checked > 2 * registry->reload);
    return 1;
}

static void end_look(apid_registry_t *registry)
{
    apr_thread_mutex_lock(registry->mutex);
    registry->busy = 0;
    apr_thread_cond_broadcast(registry->looked);
    apr_thread_mutex_unlock(registry->mutex);
}

static void look_if_due(apid_registry_t *registry)
{
    int mine;

    if (!is_due(registry, apr_time_now()))
        return;
    apr_thread_mutex_lock(registry->mutex);
    mine = begin_look(registry);
    apr_thread_mutex_unlock(registry->mutex);
    if (!mine)
        return;
    look_alone(registry);
    end_look(registry);
}

static apr_status_t close_registry(void *data)
{
    put_in_force(data, NULL);
    return APR_SUCCESS;
}

static apr_status_t give_back(void *data)
{
    apid_snapshot_release(data);
    return APR_SUCCESS;
}

apid_err_t *apid_registry_open(apid_registry_t **registry, apid_db_t *db,
                               apr_interval_time_t reload, apr_pool_t *pool)
{
    apid_registry_t *made = apr_pcalloc(pool, sizeof(*made));

    made->db = db;
    made->reload = reload;
    atomic_init(&made->next, 0);
    if (apr_thread_mutex_create(&made->mutex, APR_THREAD_MUTEX_DEFAULT, pool)
        || apr_thread_cond_create(&made->looked, pool))
        return apid_err_raise(pool, APID_ERR_INTERNAL_ERROR,
                              "no mutex can be made");
    apr_pool_cleanup_register(pool, made, close_registry,
                              apr_pool_cleanup_null);
    *registry = made;
    return NULL;
}

void apid_registry_notice(apid_registry_t *registry, apid_notice_fn *notice,
                          void *ctx)
{
    registry->hear.notice = notice;
    registry->hear.ctx = ctx;
    look_if_due(registry);
}

apid_err_t *apid_registry_lease(const apid_snapshot_t **snapshot,
                                apid_registry_t *registry, apr_pool_t *pool)
{
    apid_snapshot_t *leased;

    look_if_due(registry);
    apr_thread_mutex_lock(registry->mutex);
    leased = registry->snapshot;
    if (leased)
        atomic_fetch_add(&leased->count, 1);
    apr_thread_mutex_unlock(registry->mutex);
    *snapshot = leased;
    if (!leased)
        return apid_err_raise(pool, APID_ERR_DATABASE_UNAVAILABLE,
                              "The database is not available; try again in a "
                              "moment");
    apr_pool_cleanup_register(pool, leased, give_back, apr_pool_cleanup_null);
    return NULL;
}

static void count_entries(apid_registry_stats_t *stats,
                          const apid_snapshot_t *snapshot)
{
    stats->definitions = snapshot->entries->nelts;
    for (int i = 0; i < snapshot->entries->nelts; i++) {
        const apid_listed_t *listed
            = APR_ARRAY_IDX(snapshot->entries, i, apid_listed_t *);
        const apid_edition_t *live = listed->shown.live;
        stats->broken += live && !live->api
            && atomic_load(&listed->slots[live - listed->editions].compiled);
    }
}

void apid_registry_doubt(apid_registry_t *registry)
{
    atomic_store(&registry->doubted, 1);
}

void apid_registry_stats(apid_registry_stats_t *stats,
                         apid_registry_t *registry)
{
    apid_snapshot_t *snapshot;

    memset(stats, 0, sizeof(*stats));
    apr_thread_mutex_lock(registry->mutex);
    stats->checked = registry->checked;
    stats->stale = registry->stale;
    snapshot = registry->snapshot;
    if (snapshot)
        atomic_fetch_add(&snapshot->count, 1);
    apr_thread_mutex_unlock(registry->mutex);
    if (!snapshot)
        return;
    stats->revision = snapshot->revision;
    stats->loaded = snapshot->loaded;
    stats->modules = snapshot->nmodules;
    stats->users = (int)apr_hash_count(snapshot->users);
    count_entries(stats, snapshot);
    apid_snapshot_release(snapshot);
}
