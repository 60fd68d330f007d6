/* Closing (rule L5): queries under way are cancelled or waited for, by class; then the worker threads are
 * joined; then the services end, which joins theirs; then the world; then nothing runs any more. */
#include "app_private.h"

static bool waits(const atr_flight *flight)
{
    const atr_query_policy *policy = flight->query_class->policy;
    return policy->on_close == ATR_ON_CLOSE_FINISH ||
           (policy->on_close == ATR_ON_CLOSE_DEFAULT && policy->is_write);
}

/* Ask every flight that is not waited for; once. Those queued or asked for meanwhile are all there, as
 * execute is refused from now on. */
static void sweep(atr_app *app)
{
    app->close_swept = true;
    for (atr_flight *flight = atr_app_next_flight(app, NULL); flight != NULL;
         flight = atr_app_next_flight(app, flight)) {
        wish *cancel =
            !waits(flight) && flight->cancels_queued < UINT8_MAX ? wish_put(app, OP_CANCEL) : NULL;
        if (cancel != NULL) {
            cancel->of.handle = flight->handle;
            flight->cancels_queued++;
        } else if (!waits(flight)) {
            app->close_swept = false; /* out of memory: tried again at the next drain */
        }
    }
}

void app_release(atr_app *app)
{
    atr_memory_give(app->wish_spare, sizeof *app->wish_spare);
    atr_memory_give(app->slots, app->slot_capacity * sizeof *app->slots);
    atr_memory_give(app->timers, app->timer_capacity * sizeof *app->timers);
    atr_memory_give(app->components, app->component_capacity * sizeof *app->components);
    atr_memory_give(app->on_error.items, app->on_error.capacity * sizeof *app->on_error.items);
    atr_memory_give(app->failures.items, app->failures.capacity * sizeof *app->failures.items);
    atr_memory_give(app->on_success.items,
                    app->on_success.capacity * sizeof *app->on_success.items);
}

static void app_free(atr_app *app)
{
    mailbox *box = app->box;
    mailbox_empty(app);
    queue_truncate(app, NULL);
    listeners_end(&app->on_error);
    listeners_end(&app->on_success);
    flights_free(app);
    atr_store_free(app->store);
    app_release(app);
    atr_memory_give(app, sizeof *app);
    mailbox_end(box);
}

/* Free an app whose world is closed, unless an event or a drain of it is still open: those free it. */
void close_end(atr_app *app)
{
    void (*closed)(void *) = app->closed_fn;
    void *closed_user = app->closed_user;
    if (app->draining > 0 || app->holders > 0 || atr_store_has_event(app->store)) {
        return;
    }
    app_free(app);
    if (closed != NULL) {
        closed(closed_user);
    }
}

static void nobody_wakes(void *self)
{
    (void)self;
}

/* What is open still, and what is destroyed with the app, is not to call what has ended. */
static void world_leave(atr_app *app)
{
    const atr_world *clocks = uv_world(); /* which have no state */
    atr_pool_gate(app->pool, NULL, NULL);
    app->world = (atr_world){.size = sizeof app->world,
                             .time_us = clocks->time_us,
                             .clock_ns = clocks->clock_ns,
                             .random = clocks->random,
                             .wake = nobody_wakes};
}

static void world_is_closed(void *user)
{
    atr_app *app = user;
    app->ended = true;
    world_leave(app);
    close_end(app);
}

/* Called at the end of each drain once the app closes. */
void close_step(atr_app *app)
{
    if (!app->close_swept) {
        sweep(app);
        app->world.wake(app->world_self);
        return;
    }
    if (!ring_is_empty(&app->flights) || !queue_is_empty(&app->queue) || app->closed) {
        return;
    }
    app->closed = true;
    workers_close(app);
    services_close(app);
    mailbox_close(app->box);
    app->world.close(app->world_self, world_is_closed, app);
}

int atr_app_close(atr_app *app, void (*closed)(void *user), void *user)
{
    if (!app_on_thread(app, "close")) {
        return ATR_E_THREAD;
    }
    if (app->closing) {
        return ATR_E_CLOSED;
    }
    app->closing = true;
    app->closed_fn = closed;
    app->closed_user = user;
    app->world.wake(app->world_self);
    if (app->own_loop && !app->running && app->draining == 0 && !app->busy) {
        return atr_app_run(app);
    }
    return ATR_OK;
}
