/* A database: its thread, and the jobs on the way to it.
 *
 * A job belongs to two: the flight, which lets go when it is over, and the queue or thread, which lets go
 * when the reply was given back. Its state decides who gives it back: who moves it on from JOB_QUEUED, the
 * thread (it runs) or a cancel (it never will). A cancelled job stays in its list until the thread comes to
 * it, and is then only let go of. */
#include <stdatomic.h>
#include <string.h>

#include <atrium/app.h>
#include <atrium/memory.h>
#include <atrium/sqlite.h>
#include <atrium/world.h>

#include "run.h"

enum { JOB_QUEUED, JOB_TAKEN };

typedef struct job {
    struct job *next;
    atr_sqlite *db;
    atr_app *app;
    atr_reply *reply;
    const atr_query_class *query_class;
    atomic_int state;
    atomic_int holders;
    atomic_bool cancelled;
} job;

struct atr_sqlite {
    atr_sqlite_conn conn; /* used by the thread */
    bool failed;          /* the last attempt to open it did */
    uv_thread_t thread;
    uv_mutex_t mutex; /* guards what follows */
    uv_cond_t wake;
    job *first, **last;
    bool idle;
    bool closing;
};

static void job_let_go(void *ptr)
{
    job *j = ptr;
    if (atomic_fetch_sub_explicit(&j->holders, 1, memory_order_acq_rel) == 1) {
        atr_memory_give(j, sizeof *j);
    }
}

/* Only one caller gets true. */
static bool job_take(job *j)
{
    int queued = JOB_QUEUED;
    return atomic_compare_exchange_strong_explicit(&j->state, &queued, JOB_TAKEN,
                                                   memory_order_acq_rel, memory_order_relaxed);
}

/* ---- the thread ---- */

static atr_scope *reply_scope(void *self)
{
    return atr_reply_scope(((job *)self)->reply);
}

static int reply_fault(void *self, const char *point)
{
    return atr_reply_fault(((job *)self)->reply, point);
}

static const atr_sqlite_caller reply_caller = {reply_scope, reply_fault};

/* The first failure to open in a row goes to the log: it concerns more than this query. */
static void note_opening(atr_sqlite *db, const job *j, const atr_sqlite_call *call)
{
    bool failed = db->conn.handle == NULL;
    if (failed && !db->failed) {
        atr_app_log(j->app, ATR_LOG_ERROR, "sqlite", "%s", atr_sqlite_error(call)->message->bytes);
    }
    db->failed = failed;
}

/* The reply's scope must not stay latched: its error would go before the one that is sent. */
static void job_fail(job *j, atr_sqlite_call *call)
{
    const atr_error *error = atr_sqlite_error(call);
    if (call->s != NULL) {
        atr_scope_take_error(call->s);
    }
    atr_reply_fail(j->reply, error);
}

static void job_run(atr_sqlite *db, job *j, bool closing)
{
    atr_sqlite_call call = {.query_class = j->query_class,
                            .query = atr_reply_query(j->reply),
                            .caller = &reply_caller,
                            .self = j,
                            .cancelled = &j->cancelled};
    atr_value response;
    int code = closing ? atr_sqlite_refuse(&call, ATR_E_CLOSED, NULL, "%s: the database is closed",
                                           j->query_class->name)
                       : atr_sqlite_run(&db->conn, &call, &response);
    if (!closing) {
        note_opening(db, j, &call);
    }
    if (code == ATR_OK) {
        atr_reply_send(j->reply, response);
    } else {
        job_fail(j, &call);
    }
}

static void run_batch(atr_sqlite *db, job *batch, bool closing)
{
    while (batch != NULL) {
        job *next = batch->next;
        if (job_take(batch)) {
            job_run(db, batch, closing);
        }
        job_let_go(batch);
        batch = next;
    }
}

/* All that is queued; waits for it. NULL: closing, and nothing is left. */
static job *take_batch(atr_sqlite *db, bool *closing)
{
    job *batch;
    uv_mutex_lock(&db->mutex);
    while (db->first == NULL && !db->closing) {
        db->idle = true;
        uv_cond_wait(&db->wake, &db->mutex);
    }
    db->idle = false;
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
    job *batch;
    while ((batch = take_batch(db, &closing)) != NULL) {
        run_batch(db, batch, closing);
    }
    atr_sqlite_conn_close(&db->conn);
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
    if (atr_sqlite_conn_init(&db->conn, options) != ATR_OK) {
        atr_memory_give(db, sizeof *db);
        return NULL;
    }
    if (start_thread(db) != ATR_OK) {
        atr_sqlite_conn_free(&db->conn);
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
    atr_sqlite_conn_stop(&db->conn);
    uv_thread_join(&db->thread);
    uv_cond_destroy(&db->wake);
    uv_mutex_destroy(&db->mutex);
    atr_sqlite_conn_free(&db->conn);
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
    if (atr_start_own(ctx, j, job_let_go) != ATR_OK) {
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
    if (job_take(j)) {
        atr_reply_fail(j->reply, &atr_sqlite_cancelled);
        return;
    }
    atomic_store(&j->cancelled, true);
    atr_sqlite_conn_nudge(&j->db->conn);
}
