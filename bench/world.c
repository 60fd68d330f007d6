#include "world.h"

#include <stdio.h>

#include "bench.h"

static int world_open(void *self, atr_app *app)
{
    (void)self;
    (void)app;
    return ATR_OK;
}

static void world_close(void *self, void (*done)(void *user), void *user)
{
    (void)self;
    done(user);
}

static atr_time world_time_us(void *self)
{
    (void)self;
    return 0;
}

static uint64_t world_word(void *self)
{
    (void)self;
    return 0;
}

static void world_alarm(void *self, uint64_t due_ns)
{
    (void)self;
    (void)due_ns;
}

static void world_wake(void *self)
{
    (void)self;
}

static void world_begin(void *self, atr_flight *flight)
{
    bench_world *w = self;
    if (w->answer != NULL) {
        atr_flight_start_with(flight, w->answer, w);
    } else {
        atr_flight_start_silent(flight);
    }
}

static const atr_world world = {
    .size = sizeof world,
    .open = world_open,
    .close = world_close,
    .time_us = world_time_us,
    .clock_ns = world_word,
    .random = world_word,
    .alarm = world_alarm,
    .wake = world_wake,
    .begin = world_begin,
};

static void log_line(void *user, atr_log_level level, const char *area, const char *text)
{
    (void)user;
    if (level >= ATR_LOG_WARNING) {
        fprintf(stderr, "bench: %s: %s\n", area, text);
    }
}

atr_app *bench_app_new(bench_world *w, const atr_component *component)
{
    atr_app_options options = {.world = &world, .world_self = w, .log = log_line};
    atr_app *app = atr_app_new(&options);
    if (app == NULL) {
        bench_fail("no app");
    }
    bench_must(atr_app_register(app, component), component->name);
    return app;
}

static void on_closed(void *user)
{
    bench_world *w = user;
    w->closed = true;
}

void bench_app_close(atr_app *app, bench_world *w)
{
    w->closed = false;
    bench_must(atr_app_close(app, on_closed, w), "closing an app");
    while (!w->closed) {
        atr_app_drain(app);
    }
}
