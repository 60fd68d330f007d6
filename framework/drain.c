/* The heart (rule T4): what was asked for starts in order; completions are processed one turn each; when
 * nothing is ready any more, or after drain_limit turns, subscribers are told; the rest goes on after one
 * pass of the loop. */
#include "app_private.h"

enum { DRAIN_LIMIT = 1000, ROUND_LIMIT = 100 };

static void op_failure(atr_app *app, const op *next)
{
    atr_failure failure = {next->error, ATR_PHASE_SUBSCRIBER, NULL, NULL};
    outcome_failure(app, &failure);
    atr_value_release(next->error);
}

/* Do one operation. @return turns it took */
static size_t do_op(atr_app *app, op *next)
{
    atr_flight *flight = flight_find(app, next->handle);
    switch (next->kind) {
    case OP_EXECUTE:
        if (flight != NULL && flight->cancels_queued == 0) {
            flight_take_up(flight);
            return flight->call != NULL && flight->call->has_pre_execute ? 1 : 0;
        }
        return 0; /* its cancel follows: it never starts */
    case OP_CANCEL:
        if (flight != NULL) {
            flight->cancels_queued--;
            outcome_cancel(flight);
            return 1;
        }
        return 0;
    case OP_RESET: outcome_reset(app, next->component); return 1;
    case OP_FAILURE: op_failure(app, next); return 1;
    }
    return 0;
}

/* One step of the drain. @return false: nothing is ready */
static bool step(atr_app *app, size_t *turns)
{
    op next;
    atr_flight *flight;
    if (queue_pop(app, &next)) {
        *turns += do_op(app, &next);
        return !app->starved;
    }
    mailbox_collect(app);
    flight = app->timer_count > 0 ? timer_due(app, app->world.clock_ns(app->world_self)) : NULL;
    if (flight != NULL && flight->state == FLIGHT_STARTED) {
        outcome_timeout(flight);
        *turns += 1;
        return !app->starved;
    }
    if (app->ready_count > 0) {
        outcome_answer(ready_take(app));
        *turns += 1;
        return !app->starved;
    }
    return false;
}

static bool notify(atr_app *app)
{
    atr_rounds rounds = {app, event_round_open, event_round_close};
    if (!atr_store_is_dirty(app->store)) {
        return false;
    }
    atr_store_notify(app->store, &rounds);
    if (app->world.notified != NULL) {
        app->world.notified(app->world_self);
    }
    return true;
}

/* Turns and rounds, until nothing is ready or a limit is reached. @return turns */
static size_t work(atr_app *app)
{
    size_t limit = app->options.drain_limit != 0 ? app->options.drain_limit : DRAIN_LIMIT;
    size_t rounds_left = app->options.round_limit != 0 ? app->options.round_limit : ROUND_LIMIT;
    size_t turns = 0;
    for (;;) {
        while (turns < limit && step(app, &turns)) {
        }
        if (!notify(app) || app->closed) { /* closed: by a loop that ran in a subscriber */
            return turns;
        }
        if (--rounds_left == 0 && atr_app_is_ready(app)) {
            atr_app_violation(
                app, ATR_E_LIMIT,
                "subscribers keep changing what they watch; the rest waits for the loop");
            return turns;
        }
        if (turns >= limit) {
            return turns;
        }
    }
}

size_t atr_app_drain(atr_app *app)
{
    size_t turns;
    if (app->busy || app->closed || !app_on_thread(app, "drain")) {
        return 0;
    }
    app->draining++;
    app->starved = false;
    turns = work(app);
    if (!app->closed) {
        timer_arm(app);
        if (app->closing) {
            close_step(app);
        }
    }
    if (!app->closed && atr_app_is_ready(app)) {
        app->world.wake(app->world_self);
    }
    app->draining--;
    close_end(app);
    return turns;
}

bool atr_app_is_ready(const atr_app *app)
{
    if (app->queue.count > 0 || app->ready_count > 0) {
        return true;
    }
    if (app->timer_count > 0 && app->timers[0]->due_ns <= app->world.clock_ns(app->world_self)) {
        return true;
    }
    return atomic_load_explicit(&app->box->posted, memory_order_acquire) != 0;
}
