/* A database: its thread, and the queue that leads there.
 *
 * A thread that sleeps after each query, and is woken for each, costs more than the queries do. So
 * in busy times it lets the loop fill the queue for some microseconds before it takes what is
 * there. */
#include <string.h>
#if defined(_WIN32)
#include <windows.h>
#else
#include <sched.h>
#endif

#include <atrium/memory.h>
#include <atrium/world.h>

#include "job.h"

enum {
    BUSY_NS = 200000,     /* since the last work: busy times */
    GATHER_NS = 3000,     /* without a new job: enough */
    GATHER_MAX_NS = 50000 /* enough in any case */
};

struct atr_sqlite {
    atr_sqlite_worker worker; /* the thread's */
    uint64_t worked_ns;       /* the thread's: when it last worked */
    uv_thread_t thread;
    atomic_uint pushed; /* jobs, ever */
    uv_mutex_t mutex;   /* guards what follows */
    uv_cond_t wake;
    job *first, **last;
    bool idle;
    bool closing;
};

/* ---- the thread ---- */

static void give_way(void)
{
#if defined(_WIN32)
    SwitchToThread();
#else
    sched_yield();
#endif
}

static void gather(atr_sqlite *db)
{
    uint64_t begin = uv_hrtime(), grown = begin, now = begin;
    unsigned seen = atomic_load_explicit(&db->pushed, memory_order_relaxed);
    if (begin - db->worked_ns > BUSY_NS) {
        return;
    }
    while (now - grown < GATHER_NS && now - begin < GATHER_MAX_NS) {
        unsigned pushed;
        give_way();
        now = uv_hrtime();
        pushed = atomic_load_explicit(&db->pushed, memory_order_relaxed);
        if (pushed != seen) {
            seen = pushed;
            grown = now;
        }
    }
}

static bool wait_for_jobs(atr_sqlite *db)
{
    bool any;
    uv_mutex_lock(&db->mutex);
    while (db->first == NULL && !db->closing) {
        db->idle = true;
        uv_cond_wait(&db->wake, &db->mutex);
    }
    db->idle = false;
    any = db->first != NULL;
    uv_mutex_unlock(&db->mutex);
    return any;
}

static job *take_batch(atr_sqlite *db, bool *closing)
{
    job *batch;
    uv_mutex_lock(&db->mutex);
    batch = db->first;
    db->first = NULL;
    db->last = &db->first;
    *closing = db->closing;
    uv_mutex_unlock(&db->mutex);
    return batch;
}

static void thread_main(void *user)
{
    atr_sqlite *db = user;
    bool closing = false;
    while (wait_for_jobs(db)) {
        gather(db);
        job *batch = take_batch(db, &closing);
        atr_sqlite_work(&db->worker, batch, closing);
        db->worked_ns = uv_hrtime();
    }
    atr_sqlite_conn_close(&db->worker.conn);
}

/* ---- the handle ---- */

static int start_thread(atr_sqlite *db)
{
    if (uv_mutex_init(&db->mutex) != 0) {
        return ATR_E_NO_MEMORY;
    }
    if (uv_cond_init(&db->wake) != 0) {
        uv_mutex_destroy(&db->mutex);
        return ATR_E_NO_MEMORY;
    }
    if (uv_thread_create(&db->thread, thread_main, db) != 0) {
        uv_cond_destroy(&db->wake);
        uv_mutex_destroy(&db->mutex);
        return ATR_E_SYSTEM;
    }
    return ATR_OK;
}

atr_sqlite *atr_sqlite_open(const atr_sqlite_options *options)
{
    atr_sqlite *db = atr_memory_take(sizeof *db);
    if (db == NULL) {
        return NULL;
    }
    memset(db, 0, sizeof *db);
    db->last = &db->first;
    if (atr_sqlite_conn_init(&db->worker.conn, options) != ATR_OK) {
        atr_memory_give(db, sizeof *db);
        return NULL;
    }
    if (start_thread(db) != ATR_OK) {
        atr_sqlite_conn_free(&db->worker.conn);
        atr_memory_give(db, sizeof *db);
        return NULL;
    }
    return db;
}

void atr_sqlite_close(atr_sqlite *db)
{
    if (db == NULL) {
        return;
    }
    uv_mutex_lock(&db->mutex);
    db->closing = true;
    uv_cond_signal(&db->wake);
    uv_mutex_unlock(&db->mutex);
    atr_sqlite_conn_stop(&db->worker.conn);
    uv_thread_join(&db->thread);
    uv_cond_destroy(&db->wake);
    uv_mutex_destroy(&db->mutex);
    atr_sqlite_conn_free(&db->worker.conn);
    atr_memory_give(db, sizeof *db);
}

static void close_service(void *handle)
{
    atr_sqlite_close(handle);
}

ATR_SERVICE_TYPE_IMPL(atr_sqlite, close_service);

/* ---- queries ---- */

static void push(atr_sqlite *db, job *j)
{
    bool idle;
    uv_mutex_lock(&db->mutex);
    *db->last = j;
    db->last = &j->next;
    idle = db->idle;
    db->idle = false;
    atomic_fetch_add_explicit(&db->pushed, 1, memory_order_relaxed);
    uv_mutex_unlock(&db->mutex);
    if (idle) {
        uv_cond_signal(&db->wake);
    }
}

void atr_sqlite_start(atr_start *ctx, atr_sqlite *db, const atr_query_class *query_class)
{
    job *j = db != NULL ? atr_memory_take(sizeof *j) : NULL;
    if (j == NULL) {
        atr_scope_fail(ctx->s, &atr_error_no_memory);
        return;
    }
    *j = (job){.db = db, .app = atr_app_of(ctx), .query_class = query_class};
    atomic_init(&j->state, JOB_TAKEN);
    atomic_init(&j->holders, 1);
    if (atr_start_own(ctx, j, atr_sqlite_job_let_go) != ATR_OK) {
        return;
    }
    j->reply = atr_reply_later(ctx->start);
    if (j->reply == NULL) {
        return;
    }
    atomic_store(&j->holders, 2);
    atomic_store(&j->state, JOB_QUEUED);
    push(db, j);
}

/* A job that has not begun is over at once; one that runs is asked to stop. */
void atr_sqlite_cancel(void *ptr)
{
    job *j = ptr;
    if (j == NULL) {
        return;
    }
    if (atr_sqlite_job_take(j)) {
        atr_reply_fail(j->reply, &atr_sqlite_cancelled);
        return;
    }
    atomic_store(&j->cancelled, true);
    atr_sqlite_conn_nudge(&j->db->worker.conn);
}
