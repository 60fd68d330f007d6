/* The thread's work: jobs one by one, quick reads in bursts (job.h). */
#include <atrium/memory.h>
#include <atrium/world.h>

#include "job.h"

enum { BURST_NS = 100000 };

void atr_sqlite_job_let_go(void *ptr)
{
    job *j = ptr;
    if (atomic_fetch_sub_explicit(&j->holders, 1, memory_order_acq_rel) == 1) {
        atr_memory_give(j, sizeof *j);
    }
}

bool atr_sqlite_job_take(job *j)
{
    int queued = JOB_QUEUED;
    return atomic_compare_exchange_strong_explicit(&j->state, &queued, JOB_TAKEN,
                                                   memory_order_acq_rel, memory_order_relaxed);
}

/* ---- bursts ---- */

/* Also called by SQLite's progress and busy questions: what is done must not wait for what is
 * slow. */
static void send_held(void *user)
{
    atr_sqlite_worker *worker = user;
    job *j = worker->held;
    worker->held = NULL;
    worker->last_held = &worker->held;
    while (j != NULL) {
        job *next = j->next;
        if (j->error == NULL) {
            atr_reply_send(j->reply, j->response);
        } else {
            atr_reply_fail(j->reply, j->error);
        }
        atr_sqlite_job_let_go(j);
        j = next;
    }
}

static void hold(atr_sqlite_worker *worker, job *j)
{
    j->next = NULL;
    *worker->last_held = j;
    worker->last_held = &j->next;
}

static void burst_end(atr_sqlite_worker *worker)
{
    if (worker->in_burst) {
        atr_sqlite_read_end(&worker->conn);
        worker->in_burst = false;
    }
    send_held(worker);
}

/* Before a job: begin a burst if there will be more than one read in it. */
static void burst_begin(atr_sqlite_worker *worker, const job *j)
{
    if (j->query_class->policy->is_write) {
        burst_end(worker);
    } else if (!worker->in_burst && j->next != NULL && worker->conn.handle != NULL) {
        worker->in_burst = true;
        worker->burst_began_ns = uv_hrtime();
        atr_sqlite_read_begin(&worker->conn);
    }
}

static bool burst_goes_on(const atr_sqlite_worker *worker, const job *next)
{
    return worker->in_burst && next != NULL && uv_hrtime() - worker->burst_began_ns < BURST_NS;
}

/* ---- one job ---- */

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
static void note_opening(atr_sqlite_worker *worker, const job *j)
{
    bool failed = worker->conn.handle == NULL;
    if (failed && !worker->failed && j->error != NULL) {
        atr_app_log(j->app, ATR_LOG_ERROR, "sqlite", "%s", j->error->message->bytes);
    }
    worker->failed = failed;
}

static void job_run(atr_sqlite_worker *worker, job *j, bool closing)
{
    atr_sqlite_call call = {.query_class = j->query_class,
                            .query = atr_reply_query(j->reply),
                            .caller = &reply_caller,
                            .self = j,
                            .cancelled = &j->cancelled};
    int code = closing ? atr_sqlite_refuse(&call, ATR_E_CLOSED, NULL, "%s: the database is closed",
                                           j->query_class->name)
                       : atr_sqlite_run(&worker->conn, &call, &j->response);
    j->error = NULL;
    if (code != ATR_OK) {
        j->error = atr_sqlite_error(&call);
        if (call.s != NULL) { /* what is latched would go before what is sent */
            atr_scope_take_error(call.s);
        }
    }
    if (!closing) {
        note_opening(worker, j);
    }
}

void atr_sqlite_work(atr_sqlite_worker *worker, job *batch, bool closing)
{
    worker->last_held = &worker->held;
    worker->conn.slow = send_held;
    worker->conn.slow_user = worker;
    while (batch != NULL) {
        job *j = batch, *next = j->next;
        if (atr_sqlite_job_take(j)) {
            burst_begin(worker, j);
            job_run(worker, j, closing);
            hold(worker, j);
        } else {
            atr_sqlite_job_let_go(j);
        }
        if (!burst_goes_on(worker, next)) {
            burst_end(worker);
        }
        batch = next;
    }
}
