/* The heart (rule T4): what was asked for starts in order; completions are processed one turn each; when
 * nothing is ready any more, or after drain_limit turns, subscribers are told; the rest goes on after one
 * pass of the loop. */
#include "app_private.h"

/* The layer of a predicted response (life cycle 2). */
static void take_up_layer(atr_app *app, atr_flight *flight)
{
    flight->call->layer = atr_layer_add(app->store, flight);
    if (flight->call->layer == NULL) {
        size_t pending = atr_store_stats_now(app->store).layers;
        const char *name = flight->query_class->name;
        if (pending < ATR_LAYERS_MAX) {
            atr_app_log(app, ATR_LOG_WARNING, "query",
                        "%s runs without its pre-execute: out of memory", name);
        } else {
            atr_app_log(app, ATR_LOG_WARNING, "query",
                        "%s runs without its pre-execute: %zu are pending", name, pending);
        }
    }
    app->busy = true;
    atr_store_refold(app->store);
    app->busy = false;
}

/* From now on it has only so long. false: out of memory, which is its answer. */
ATR_COLD static bool take_up_timeout(atr_app *app, atr_flight *flight, uint32_t timeout_ms)
{
    uint64_t now = app->world.clock_ns(app->world_self);
    flight->timeout_ms = timeout_ms;
    if (!timer_set(flight, now + (uint64_t)timeout_ms * 1000000u)) {
        flight_answer(flight, (completion){.error = &atr_error_no_memory, .of_start = true});
        return false;
    }
    return true;
}

static inline void begin(atr_app *app, atr_flight *flight)
{
    if (flight->query_class->policy->is_local) {
        flight_answer(flight, (completion){.value = {.kind = ATR_KIND_UNIT}});
    } else {
        app->world.begin(app->world_self, flight);
    }
}

/* One with options, or with a timeout. @return turns it took */
static size_t begin_laden(atr_app *app, atr_flight *flight)
{
    uint32_t timeout_ms = flight->query_class->policy->timeout_ms;
    size_t turns = 0;
    if (flight->is_laden && flight->timeout_ms != 0) {
        timeout_ms = flight->timeout_ms;
    }
    if (flight->is_laden && flight->call != NULL && flight->call->has_pre_execute) {
        take_up_layer(app, flight);
        turns = 1;
    }
    app_note(app, ATR_NOTE_STARTED, flight, NULL, ATR_PHASE_START);
    if (timeout_ms == 0 || take_up_timeout(app, flight, timeout_ms)) {
        begin(app, flight);
    }
    return turns;
}

/* One that may have more than its query. @return turns it took */
ATR_NOINLINE static size_t do_execute_marked(atr_app *app, atr_flight *flight)
{
    if (flight->cancels_queued > 0) {
        return 0; /* its cancel follows: it never starts */
    }
    app->stats.started++;
    flight->state = FLIGHT_STARTED;
    return begin_laden(app, flight);
}

/* Start what was executed (life cycle 2, 3). @return turns it took */
static inline size_t do_execute(atr_app *app, atr_flight *flight)
{
    if (flight->marks != 0 || flight->query_class->policy->timeout_ms != 0) {
        return do_execute_marked(app, flight);
    }
    app->stats.started++;
    flight->state = FLIGHT_STARTED;
    app_note(app, ATR_NOTE_STARTED, flight, NULL, ATR_PHASE_START);
    begin(app, flight);
    return 0;
}

static size_t do_cancel(const atr_app *app, atr_handle handle)
{
    atr_flight *flight = flight_find(app, handle);
    if (flight == NULL) {
        return 0;
    }
    flight->cancels_queued--;
    outcome_cancel(flight);
    return 1;
}

static size_t do_failure(atr_app *app, const atr_error *error)
{
    atr_failure failure = {error, ATR_PHASE_SUBSCRIBER, NULL, NULL};
    outcome_failure(app, &failure);
    atr_value_release(error);
    return 1;
}

/* Anything but an execute. @return turns it took */
ATR_COLD static size_t do_wish(atr_app *app, wish *next)
{
    wish done = *next;
    wish_give(app, next);
    switch (done.op.kind) {
    case OP_CANCEL: return do_cancel(app, done.of.handle);
    case OP_FAILURE: return do_failure(app, done.of.error);
    default: outcome_reset(app, done.of.component); return 1;
    }
}

static inline size_t do_next(atr_app *app)
{
    op *next = queue_pop(&app->queue);
    return next->kind == OP_EXECUTE ? do_execute(app, flight_of_op(next))
                                    : do_wish(app, wish_of(next));
}

static size_t ready_count(const atr_app *app)
{
    size_t count = 1;
    for (const links *at = app->ready.next; at != &app->ready; at = at->next) {
        count++;
    }
    return count;
}

ATR_COLD static atr_flight *ready_pick(const atr_app *app)
{
    size_t count = ready_count(app);
    size_t nth = count > 1 ? app->world.pick(app->world_self, count) % count : 0;
    links *at = app->ready.next;
    if (nth == 0) {
        return app->answered;
    }
    while (--nth > 0) {
        at = at->next;
    }
    return flight_of_ready(at);
}

/* The oldest flight that is ready, unless the world picks another. */
static inline atr_flight *ready_take(const atr_app *app)
{
    return app->world.pick != NULL ? ready_pick(app) : app->answered;
}

static atr_flight *timeout_due(atr_app *app)
{
    atr_flight *flight = timer_due(app, app->world.clock_ns(app->world_self));
    return flight != NULL && flight->state == FLIGHT_STARTED ? flight : NULL;
}

/* What was asked for, else a timeout, else an answer. false: nothing was ready, or only something to start. */
static inline bool step(atr_app *app, size_t *turns)
{
    atr_flight *flight;
    if (!queue_is_empty(&app->queue)) {
        size_t took = do_next(app);
        *turns += took;
        if (took > 0 || !queue_is_empty(&app->queue)) {
            return true;
        }
    }
    mailbox_collect(app);
    flight = app->timer_count > 0 ? timeout_due(app) : NULL;
    if (flight != NULL) {
        outcome_timeout(flight);
    } else if (app->answered != NULL) {
        outcome_answer(ready_take(app));
    } else {
        return false;
    }
    *turns += 1;
    return true;
}

static inline atr_told notify(atr_app *app)
{
    atr_told told = atr_store_notify(app->store, &app->rounds);
    if (told != ATR_TOLD_NOTHING && app->world.notified != NULL) {
        app->world.notified(app->world_self);
    }
    return told;
}

static inline bool is_ready(const atr_app *app)
{
    return !queue_is_empty(&app->queue) || app->answered != NULL ||
           (app->timer_count > 0 &&
            app->timers[0]->due_ns <= app->world.clock_ns(app->world_self)) ||
           mailbox_is_posted(app);
}

/* Too many rounds: without anything ready, what is told lacks memory. */
ATR_COLD static void rounds_stop(atr_app *app)
{
    if (is_ready(app)) {
        atr_app_violation(app, ATR_E_LIMIT,
                          "subscribers keep changing what they watch; the rest waits for the loop");
    }
}

/* Turns and rounds, until nothing is ready or a limit is reached. *rests: nothing is. @return turns */
static inline size_t work(atr_app *app, bool *rests)
{
    size_t turns = 0, rounds = 0;
    do {
        atr_told told;
        while (step(app, &turns)) {
            if (app->starved || turns >= app->options.drain_limit) {
                notify(app);
                return turns;
            }
        }
        told = notify(app);
        /* What gets ready while nobody is told wakes the loop itself. */
        *rests = told == ATR_TOLD_NOTHING || (told == ATR_TOLD_ALL && !is_ready(app));
        if (*rests || app->closed) { /* by a loop that ran in a subscriber */
            return turns;
        }
    } while (++rounds < app->options.round_limit);
    rounds_stop(app);
    return turns;
}

/* Something is left to be done after a pass of the loop, or may be. */
ATR_COLD static void rest_later(atr_app *app)
{
    app->starved = false;
    if (!app->closed && is_ready(app)) {
        app->world.wake(app->world_self);
    }
}

/* A drain has ended, and the app is still open. What arrives from now on wakes the loop itself. */
ATR_NOINLINE static void rest(atr_app *app, bool rests)
{
    uint64_t due = app->timer_count > 0 ? app->timers[0]->due_ns : ATR_NEVER;
    if (due != app->alarm_ns) {
        timer_arm(app, due);
    }
    if (app->closing) {
        close_step(app);
        rests = false;
    }
    if (!rests) {
        rest_later(app);
    }
}

size_t atr_app_drain(atr_app *app)
{
    size_t turns;
    bool rests = false;
    if (app->busy || app->closed || !app_on_thread(app, "drain")) {
        return 0;
    }
    app->draining++;
    turns = work(app, &rests);
    if (!app->closed &&
        (!rests || app->closing || app->timer_count > 0 || app->alarm_ns != ATR_NEVER)) {
        rest(app, rests);
    }
    app->draining--;
    if (app->ended) {
        close_end(app);
    }
    return turns;
}

bool atr_app_is_ready(const atr_app *app)
{
    return is_ready(app);
}
