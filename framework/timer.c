/* Timeouts: a binary heap of flights by due time, ties in order of execution. The world is asked for one
 * alarm, that of the heap's top. */
#include "app_private.h"

static bool is_before(const atr_flight *a, const atr_flight *b)
{
    return a->due_ns != b->due_ns ? a->due_ns < b->due_ns : a->order < b->order;
}

static void place(atr_app *app, uint32_t at, atr_flight *flight)
{
    app->timers[at - 1] = flight;
    flight->timer = at;
}

static void sift_up(atr_app *app, uint32_t at, atr_flight *flight)
{
    while (at > 1 && is_before(flight, app->timers[at / 2 - 1])) {
        place(app, at, app->timers[at / 2 - 1]);
        at /= 2;
    }
    place(app, at, flight);
}

static void sift_down(atr_app *app, uint32_t at, atr_flight *flight)
{
    for (;;) {
        uint32_t child = at * 2;
        if (child > app->timer_count) {
            break;
        }
        if (child < app->timer_count && is_before(app->timers[child], app->timers[child - 1])) {
            child++;
        }
        if (!is_before(app->timers[child - 1], flight)) {
            break;
        }
        place(app, at, app->timers[child - 1]);
        at = child;
    }
    place(app, at, flight);
}

bool timer_set(atr_flight *flight, uint64_t due_ns)
{
    atr_app *app = flight->active.app;
    if (app->timer_count == app->timer_capacity) {
        atr_flight **timers = array_grow(app->timers, &app->timer_capacity, sizeof *timers);
        if (timers == NULL) {
            return false;
        }
        app->timers = timers;
    }
    flight->due_ns = due_ns;
    flight->is_laden = true;
    app->timer_count++;
    sift_up(app, app->timer_count, flight);
    return true;
}

void timer_remove(atr_flight *flight)
{
    atr_app *app = flight->active.app;
    uint32_t at = flight->timer;
    atr_flight *last;
    flight->timer = 0;
    last = app->timers[--app->timer_count];
    if (last == flight) {
        return;
    }
    if (at > 1 && is_before(last, app->timers[at / 2 - 1])) {
        sift_up(app, at, last);
    } else {
        sift_down(app, at, last);
    }
}

atr_flight *timer_due(atr_app *app, uint64_t now_ns)
{
    return app->timer_count > 0 && app->timers[0]->due_ns <= now_ns ? app->timers[0] : NULL;
}

uint64_t atr_app_next_alarm(const atr_app *app)
{
    return app->timer_count > 0 ? app->timers[0]->due_ns : ATR_NEVER;
}

void timer_arm(atr_app *app, uint64_t due_ns)
{
    app->alarm_ns = due_ns;
    app->world.alarm(app->world_self, due_ns);
}
