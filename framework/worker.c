/* Worker threads: made when there is more work than idle threads, joined when the app closes. The work of a
 * query travels as its reply handle, so what holds for replies from any thread holds for these (rule S5). */
#include "app_private.h"

enum { WORKERS_USUAL = 4, WORKERS_MAX = 256 };

typedef struct workers {
    uv_mutex_t lock;
    uv_cond_t wake;
    atr_reply *first; /* waiting for a thread, oldest first */
    atr_reply *last;
    uint32_t waiting;
    uint32_t idle;
    uint32_t count;
    uint32_t limit;
    bool ending;
    uv_thread_t threads[]; /* limit of them, count made */
} workers;

/* ---- on a worker ---- */

bool atr_worker_is_over(const atr_worker *w)
{
    return atr_reply_is_over(w->reply);
}

static void work_run(void *job)
{
    atr_reply *reply = job;
    atr_worker w = {NULL, reply};
    if (!atr_reply_is_over(reply)) {
        w.s = atr_reply_scope(reply);
    }
    if (w.s == NULL) {
        atr_reply_drop(reply);
    } else {
        atr_reply_send(reply, reply->work(&w, reply->query));
    }
}

static atr_reply *take(workers *all)
{
    atr_reply *reply = all->first;
    if (reply != NULL) {
        all->first = reply->next;
        all->waiting--;
    }
    return reply;
}

static void worker_main(void *ptr)
{
    workers *all = ptr;
    atr_reply *reply;
    uv_mutex_lock(&all->lock);
    while ((reply = take(all)) != NULL || !all->ending) {
        if (reply == NULL) {
            all->idle++;
            uv_cond_wait(&all->wake, &all->lock);
            all->idle--;
        } else {
            uv_mutex_unlock(&all->lock);
            work_run(reply);
            uv_mutex_lock(&all->lock);
        }
    }
    uv_mutex_unlock(&all->lock);
}

/* ---- on the loop ---- */

static size_t workers_size(uint32_t limit)
{
    return sizeof(workers) + limit * sizeof(uv_thread_t);
}

static workers *workers_new(uint32_t wanted)
{
    uint32_t limit = wanted == 0 ? WORKERS_USUAL : wanted < WORKERS_MAX ? wanted : WORKERS_MAX;
    workers *all = atr_memory_take(workers_size(limit));
    if (all == NULL) {
        return NULL;
    }
    *all = (workers){.limit = limit};
    if (uv_mutex_init(&all->lock) != 0) {
        atr_memory_give(all, workers_size(limit));
        return NULL;
    }
    if (uv_cond_init(&all->wake) != 0) {
        uv_mutex_destroy(&all->lock);
        atr_memory_give(all, workers_size(limit));
        return NULL;
    }
    return all;
}

void workers_close(atr_app *app)
{
    workers *all = app->workers;
    if (all == NULL) {
        return;
    }
    uv_mutex_lock(&all->lock);
    all->ending = true;
    uv_cond_broadcast(&all->wake);
    uv_mutex_unlock(&all->lock);
    for (uint32_t i = 0; i < all->count; i++) {
        uv_thread_join(&all->threads[i]);
    }
    uv_cond_destroy(&all->wake);
    uv_mutex_destroy(&all->lock);
    atr_memory_give(all, workers_size(all->limit));
    app->workers = NULL;
}

/* One more thread, if all are busy. Whether there is any. Call with the lock held. */
static bool have_thread(workers *all)
{
    if (all->waiting >= all->idle && all->count < all->limit &&
        uv_thread_create(&all->threads[all->count], worker_main, all) == 0) {
        all->count++;
    }
    return all->count > 0;
}

static int workers_add(atr_app *app, atr_reply *reply)
{
    workers *all = app->workers;
    bool taken;
    if (all == NULL) {
        all = app->workers = workers_new(app->options.workers);
    }
    if (all == NULL) {
        return ATR_E_NO_MEMORY;
    }
    uv_mutex_lock(&all->lock);
    taken = have_thread(all);
    if (taken) {
        reply->next = NULL;
        *(all->first != NULL ? &all->last->next : &all->first) = reply;
        all->last = reply;
        all->waiting++;
        uv_cond_signal(&all->wake);
    }
    uv_mutex_unlock(&all->lock);
    return taken ? ATR_OK : ATR_E_SYSTEM;
}

int atr_start_work(atr_answer *answer, atr_work_fn fn)
{
    atr_ctx *ctx = atr_answer_ctx(answer);
    activation *active = ctx != NULL ? atr_ctx_host(ctx) : NULL;
    atr_reply *reply;
    int code;
    if (active == NULL) {
        return ATR_E_PHASE;
    }
    if (active->flight->answered || atr_scope_error(atr_ctx_scope(ctx)) != NULL) {
        return ATR_OK;
    }
    reply = atr_reply_later(answer);
    if (reply == NULL) {
        return ATR_E_NO_MEMORY;
    }
    reply->apart = true;
    reply->work = fn;
    code = active->app->world.work != NULL
               ? active->app->world.work(active->app->world_self, work_run, reply)
               : workers_add(active->app, reply);
    if (code != ATR_OK) {
        atr_refuse(atr_reply_scope(reply), code, "%s: no worker thread: %s",
                   reply->query_class->name, atr_code_text(code));
        atr_reply_drop(reply);
    }
    return code;
}
