/* The libuv world: an async handle wakes the app, one timer is its alarm. Nothing else stands in the loop,
 * so an idle app costs no wake-up. */
#include <string.h>

#include "app_private.h"

typedef struct uv_world_state {
    uv_loop_t own;
    uv_loop_t *loop;
    uv_async_t async;
    uv_timer_t timer;
    atr_app *app;
    int open_handles;
    bool running;
    bool ended;
    void (*done)(void *user);
    void *done_user;
} uv_world_state;

static void on_async(uv_async_t *async)
{
    uv_world_state *w = async->data;
    atomic_thread_fence(memory_order_seq_cst); /* pairs with the one of a reply that is posted */
    atr_app_drain(w->app);
}

static void on_timer(uv_timer_t *timer)
{
    uv_world_state *w = timer->data;
    w->app->alarm_ns = ATR_NEVER; /* it went off */
    atr_app_drain(w->app);
}

void *uv_world_new(struct uv_loop_s *loop)
{
    uv_world_state *w = atr_memory_take(sizeof *w);
    if (w == NULL) {
        return NULL;
    }
    memset(w, 0, sizeof *w);
    w->loop = loop != NULL ? loop : &w->own;
    if (loop == NULL && uv_loop_init(&w->own) != 0) {
        atr_memory_give(w, sizeof *w);
        return NULL;
    }
    return w;
}

void uv_world_free(void *self)
{
    uv_world_state *w = self;
    if (w->loop == &w->own) {
        uv_run(&w->own, UV_RUN_DEFAULT);
        uv_loop_close(&w->own);
    }
    atr_memory_give(w, sizeof *w);
}

static int world_open(void *self, atr_app *app)
{
    uv_world_state *w = self;
    w->app = app;
    if (uv_async_init(w->loop, &w->async, on_async) != 0) {
        return ATR_E_SYSTEM;
    }
    uv_timer_init(w->loop, &w->timer);
    w->async.data = w;
    w->timer.data = w;
    return ATR_OK;
}

/* The last handle is out of the loop. In a pass of ours, that frees. */
static void on_closed(uv_handle_t *handle)
{
    uv_world_state *w = handle->data;
    if (--w->open_handles > 0) {
        return;
    }
    w->ended = true;
    w->done(w->done_user);
    if (!w->running) {
        if (w->loop == &w->own) {
            return; /* cannot be: an own loop is run by passes only */
        }
        atr_memory_give(w, sizeof *w);
    }
}

static void world_close(void *self, void (*done)(void *user), void *user)
{
    uv_world_state *w = self;
    w->done = done;
    w->done_user = user;
    w->open_handles = 2;
    uv_close((uv_handle_t *)&w->async, on_closed);
    uv_close((uv_handle_t *)&w->timer, on_closed);
}

static int world_pass(void *self)
{
    uv_world_state *w = self;
    int left;
    w->running = true;
    left = uv_run(w->loop, UV_RUN_ONCE);
    w->running = false;
    if (!w->ended) {
        return left != 0 ? ATR_OK : ATR_E_PHASE; /* 0: somebody stopped the loop's last handle */
    }
    if (w->loop == &w->own) {
        uv_run(&w->own, UV_RUN_DEFAULT);
        uv_loop_close(&w->own);
    }
    atr_memory_give(w, sizeof *w);
    return ATR_E_CLOSED;
}

static int world_run(void *self)
{
    int code;
    do {
        code = world_pass(self);
    } while (code == ATR_OK);
    return code == ATR_E_CLOSED ? ATR_OK : code;
}

static atr_time world_time_us(void *self)
{
    uv_timeval64_t now;
    (void)self;
    return uv_gettimeofday(&now) == 0 ? now.tv_sec * 1000000 + now.tv_usec : 0;
}

static uint64_t world_clock_ns(void *self)
{
    (void)self;
    return uv_hrtime();
}

static uint64_t world_random(void *self)
{
    uint64_t word = 0;
    if (uv_random(NULL, NULL, &word, sizeof word, 0, NULL) != 0) {
        word = uv_hrtime() * 0x9e3779b97f4a7c15u;
    }
    (void)self;
    return word;
}

/* libuv counts milliseconds from the loop's own time: round up, so that the alarm is never early. */
static void world_alarm(void *self, uint64_t due_ns)
{
    uv_world_state *w = self;
    uint64_t now = uv_hrtime();
    if (due_ns == ATR_NEVER) {
        uv_timer_stop(&w->timer);
        return;
    }
    uv_update_time(w->loop);
    uv_timer_start(&w->timer, on_timer, due_ns <= now ? 0 : (due_ns - now + 999999) / 1000000, 0);
}

static void world_wake(void *self)
{
    uv_world_state *w = self;
    uv_async_send(&w->async);
}

static void world_begin(void *self, atr_flight *flight)
{
    (void)self;
    atr_flight_start(flight);
}

const atr_world *uv_world(void)
{
    static const atr_world world = {
        .size = sizeof world,
        .open = world_open,
        .close = world_close,
        .time_us = world_time_us,
        .clock_ns = world_clock_ns,
        .random = world_random,
        .alarm = world_alarm,
        .wake = world_wake,
        .begin = world_begin,
        .run = world_run,
        .pass = world_pass,
    };
    return &world;
}
