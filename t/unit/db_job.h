/* SPDX-License-Identifier: Apache-2.0 */
/*
 * db_job: statements executed by another thread, with a lease and a pool of
 * its own, while the test does something to their connection.
 */
#ifndef DB_JOB_H
#define DB_JOB_H

#include "db_test.h"

#include <apr_thread_proc.h>

typedef struct db_job_t {
    apr_pool_t *pool;
    apid_lease_t *lease;
    const char *id; /* of the connection */
    const apid_stmt_t *stmts;
    int n;
    apid_rows_t *rows;
    apid_err_t *err;
    apr_thread_t *thread;
} db_job_t;

/** A job with a lease, in a pool no other thread uses. */
static inline db_job_t *db_job(apid_db_t *db)
{
    db_job_t *job = apr_pcalloc(pool, sizeof(*job));
    apr_pool_t *test_pool = pool;

    apr_pool_create_unmanaged_ex(&job->pool, NULL, NULL);
    pool = job->pool;
    job->lease = db_lease(db);
    pool = test_pool;
    job->id = db_read(job->lease, "SELECT CONNECTION_ID()") + 1;
    return job;
}

static inline void *APR_THREAD_FUNC db_job_run(apr_thread_t *thread,
                                               void *data)
{
    db_job_t *job = data;

    job->err = apid_db_execute(&job->rows, job->lease, job->stmts, job->n);
    return NULL;
}

/** Starts it, and gives it a moment to get to the server. */
static inline void db_job_start(db_job_t *job, const apid_stmt_t *stmts, int n)
{
    job->stmts = stmts;
    job->n = n;
    if (apr_thread_create(&job->thread, NULL, db_job_run, job, job->pool)
        != APR_SUCCESS)
        printf("Bail out!  no thread\n");
    apr_sleep(300000);
}

/** Waits for its end; gives its rows or error as text. */
static inline const char *db_job_join(db_job_t *job)
{
    apr_status_t rv;

    apr_thread_join(&rv, job->thread);
    if (job->err)
        return db_error(job->err);
    return job->rows ? db_rows(job->rows) : "";
}

static inline void db_job_end(db_job_t *job)
{
    apr_pool_destroy(job->pool);
}

/** Kills a connection, and waits for its end. */
static inline void db_kill(const char *what, const char *id)
{
    db_admin(apr_psprintf(pool, "KILL %s %s;\n", what, id));
    apr_sleep(100000);
}

#endif
