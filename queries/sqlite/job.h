/* Jobs: queries on their way to the thread, through it, and back.
 *
 * A job belongs to two: the flight, which lets go when it is over, and the queue or thread, which
 * lets go when the reply was given back. Its state decides who gives it back: who moves it on from
 * JOB_QUEUED, the thread (it runs) or a cancel (it never will). A cancelled job stays in its list
 * until the thread comes to it, and is then only let go of. */
#ifndef ATR_SQLITE_JOB_H
#define ATR_SQLITE_JOB_H

#include <stdatomic.h>

#include <atrium/app.h>
#include <atrium/sqlite.h>

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
    atr_value response;     /* what the thread found */
    const atr_error *error; /* NULL: response */
} job;

void atr_sqlite_job_let_go(void *ptr);
/* Move it on from JOB_QUEUED. Only one caller gets true. */
bool atr_sqlite_job_take(job *j);

/* What the thread works with: the connection, and the answers it has not sent yet.
 *
 * Quick reads come in bursts: they share one read transaction, and their answers leave together, so
 * that locks and wake-ups cost little for each. A burst ends with the list of jobs, before a write,
 * and after BURST_NS; answers leave earlier when a statement turns out to be slow. Each read still
 * sees a state of the file between its start and its answer, as all of them were asked for before
 * the burst began. */
typedef struct atr_sqlite_worker {
    atr_sqlite_conn conn;
    job *held, **last_held; /* done, not sent */
    bool in_burst;
    uint64_t burst_began_ns;
    bool failed; /* the last attempt to open the file did; the log knows */
} atr_sqlite_worker;

/* Run a list of jobs, in order; lets go of them. closing: they only fail. */
void atr_sqlite_work(atr_sqlite_worker *worker, job *batch, bool closing);

#endif
