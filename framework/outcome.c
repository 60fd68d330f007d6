/* Outcomes: each is a turn (rules T1, T2). Success runs finish, on_success, listeners; an error runs
 * finish_with_error and on_error, else the global handlers; those run in a turn of their own, directly
 * after the one that failed. Whatever happens, the flight's outcome is told once (rule L1). */
#include "app_private.h"

enum { ANSWER_COPIED_BYTES = 16 * 1024 };

/* ---- callbacks: one scope and one context for the turn, a savepoint and a latch for each callback (rules
 * S6, T2a). The scope is that of the start, when the answer came from there. ---- */

typedef struct callback {
    atr_finish f;
    atr_app *app;
    op *queued;             /* the end of the queue when it began */
    const atr_scope *inner; /* and the youngest scope that was open inside the turn's */
} callback;

static inline void callback_open(atr_app *app, callback *c, atr_ctx *ctx)
{
    c->f = (atr_finish){atr_ctx_front_of(ctx)->scope, ctx, atr_ctx_run(ctx), atr_ctx_write(ctx),
                        false};
    c->app = app;
    app->busy = true;
}

static inline bool turn_open_in(atr_app *app, callback *c, atr_ctx *ctx)
{
    if (ctx != NULL) {
        callback_open(app, c, ctx);
    }
    return ctx != NULL;
}

/* Of global handlers. false: memory is out, nothing was opened. */
static bool turn_open(atr_app *app, callback *c)
{
    return turn_open_in(app, c, atr_ctx_enter(app->store, ATR_CTX_FINISH, &app->active));
}

/* Of a flight, in the context that its start has left, if there is one. */
static inline bool turn_open_of(atr_app *app, atr_flight *flight, callback *c)
{
    atr_ctx *ctx = flight->done.ctx;
    flight->done.ctx = NULL;
    ctx = ctx != NULL ? atr_ctx_resume(ctx)
                      : atr_ctx_enter(app->store, ATR_CTX_FINISH, &flight->active);
    return turn_open_in(app, c, ctx);
}

/* What was deferred, and what dies, may do anything; no drain takes the flight for ready meanwhile. */
static inline void turn_close(atr_app *app, const callback *c)
{
    atr_ctx_leave(c->f.ctx);
    app->busy = false;
}

/* The first one of a turn, which is as good as a savepoint. Between callbacks nothing is latched. */
static inline void callback_begin(const atr_app *app, callback *c)
{
    c->queued = queue_end(&app->queue);
    c->inner = atr_scope_inner_(c->f.s);
}

static inline void callback_next(callback *c)
{
    atr_turn_mark(c->app->store);
    callback_begin(c->app, c);
}

/* Its error, after its updates and operations were undone; or it has left scopes open. */
ATR_COLD static const atr_error *callback_settle(const callback *c)
{
    const atr_error *error;
    atr_scope_close_inner_(c->f.s, c->inner);
    error = atr_scope_take_error(c->f.s);
    if (error != NULL) {
        atr_turn_undo(c->app->store);
        queue_undo(c->app, c->queued);
    }
    return error;
}

/* NULL: it did well. */
static inline const atr_error *callback_end(const callback *c)
{
    return scope_is_latched(c->f.s) || atr_scope_inner_(c->f.s) != c->inner ? callback_settle(c)
                                                                            : NULL;
}

/* ---- failures ---- */

ATR_COLD static void failures_add(atr_app *app, atr_failure failure)
{
    failure_list *list = &app->failures;
    if (list->count == list->capacity) {
        atr_failure *items = array_grow(list->items, &list->capacity, sizeof *items);
        if (items == NULL) {
            atr_app_log(app, ATR_LOG_ERROR, "query", "out of memory; lost a failure: %s",
                        failure.error->message->bytes);
            return;
        }
        list->items = items;
    }
    list->items[list->count++] = failure;
}

static atr_failure failure_of(const atr_flight *flight, const atr_error *error, atr_phase phase)
{
    return (atr_failure){error, phase, flight->query_class, flight->query};
}

/* ---- global handlers ---- */

static void note_unhandled(atr_app *app, const atr_failure *failure)
{
    atr_note note = {.kind = ATR_NOTE_UNHANDLED,
                     .query_class = failure->query_class,
                     .query = failure->query,
                     .error = failure->error,
                     .phase = failure->phase};
    atr_app_log(app, ATR_LOG_ERROR, "query", "%s failed in %s: %s",
                failure->query_class != NULL ? failure->query_class->name : "a callback",
                atr_phase_name(failure->phase), failure->error->message->bytes);
    if (app->world.note != NULL) {
        app->world.note(app->world_self, &note);
    }
}

/* The turn of the global handlers; their own failures go to the violation hook. */
static void global_turn(callback *c, const atr_failure *failure)
{
    atr_app *app = c->app;
    size_t count = app->on_error.count; /* one that is added meanwhile hears the next failure */
    if (count == 0) {
        note_unhandled(app, failure);
        return;
    }
    atr_turn_begin(app->store);
    for (size_t i = 0; i < count; i++) {
        listener handler = app->on_error.items[i];
        const atr_error *error;
        callback_next(c);
        handler.on_failure(&c->f, failure, handler.user);
        error = callback_end(c);
        if (error != NULL) {
            atr_app_violation(app, error_code_of(error), "a global error handler failed: %s",
                              error->message->bytes);
        }
    }
    atr_turn_commit(app->store);
}

ATR_COLD static void failures_tell(callback *c)
{
    failure_list *list = &c->app->failures;
    for (size_t i = 0; i < list->count; i++) {
        global_turn(c, &list->items[i]);
    }
    list->count = 0;
}

void outcome_failure(atr_app *app, const atr_failure *failure)
{
    callback c;
    if (!turn_open(app, &c)) {
        note_unhandled(app, failure);
        return;
    }
    global_turn(&c, failure);
    turn_close(app, &c);
}

/* ---- success: a. finish, b. the call's on_success, c. listeners ---- */

/* A small answer from a worker is copied, so that its pool goes at once; a large one stays where it is, and
 * so does one for whose copy there is no memory. */
static void adopt_answer(callback *c, completion *done)
{
    const void *copy;
    if (done->value.kind < ATR_KIND_STR || atr_pool_bytes(done->pool) > ANSWER_COPIED_BYTES) {
        return;
    }
    copy = atr_copy(c->f.s, done->value.as.ref);
    if (atr_scope_take_error(c->f.s) == NULL) {
        done->value.as.ref = copy;
    }
}

static void run_on_success(callback *c, atr_flight *flight)
{
    const flight_call *call = flight->call;
    const atr_error *error;
    if (call->on_success == NULL) {
        return;
    }
    callback_next(c);
    flight->query_class->on_success(&c->f, flight->query, flight->done.value, call->on_success,
                                    call->user);
    error = callback_end(c);
    if (error != NULL) {
        failures_add(c->app, failure_of(flight, error, ATR_PHASE_ON_SUCCESS));
    }
}

static void run_listeners(callback *c, atr_flight *flight)
{
    atr_app *app = c->app;
    size_t count = app->on_success.count; /* one that is added meanwhile hears the next response */
    for (size_t i = 0; i < count; i++) {
        listener heard = app->on_success.items[i];
        const atr_error *error;
        if (heard.query_class != NULL && heard.query_class != flight->query_class) {
            continue;
        }
        callback_next(c);
        heard.on_success(&c->f, flight->query_class, flight->query, &flight->done.value,
                         heard.user);
        error = callback_end(c);
        if (error != NULL) {
            failures_add(app, failure_of(flight, error, ATR_PHASE_LISTENER));
        }
    }
}

/* b. and c. */
ATR_NOINLINE static void run_followers(callback *c, atr_flight *flight)
{
    if (flight->call != NULL) {
        run_on_success(c, flight);
    }
    run_listeners(c, flight);
}

/* In a turn that has begun. NULL: committed. Else finish failed, and nothing of the turn is left. */
static inline const atr_error *success_turn(atr_app *app, callback *c, atr_flight *flight,
                                            bool is_laden)
{
    const atr_error *error;
    callback_begin(app, c);
    flight->query_class->finish(&c->f, flight->query, flight->done.value);
    error = callback_end(c);
    if (error != NULL) {
        atr_turn_abort(app->store);
        return error;
    }
    if (is_laden || app->on_success.count > 0) {
        run_followers(c, flight);
    }
    atr_turn_commit(app->store);
    app->stats.succeeded++;
    app_note(app, ATR_NOTE_SUCCEEDED, flight, NULL, ATR_PHASE_FINISH);
    return NULL;
}

/* ---- error and cancel ---- */

static bool run_finish_error(callback *c, atr_flight *flight, const atr_error *error)
{
    const atr_error *failed;
    bool handled;
    callback_begin(c->app, c);
    handled = flight->query_class->finish_error(&c->f, flight->query, error);
    failed = callback_end(c);
    if (failed != NULL) {
        failures_add(c->app, failure_of(flight, failed, ATR_PHASE_FINISH_ERROR));
    }
    return handled;
}

static bool run_on_error(callback *c, atr_flight *flight, const atr_error *error)
{
    const flight_call *call = flight->call;
    const atr_error *failed;
    if (call == NULL || call->on_error == NULL) {
        return false;
    }
    callback_next(c);
    flight->query_class->on_error(&c->f, flight->query, error, call->on_error, call->user);
    failed = callback_end(c);
    if (failed != NULL) {
        failures_add(c->app, failure_of(flight, failed, ATR_PHASE_ON_ERROR));
    }
    return true;
}

ATR_COLD static void error_turn(callback *c, atr_flight *flight, const atr_error *error,
                                atr_phase phase)
{
    atr_app *app = c->app;
    bool by_class, by_call;
    app->stats.failed++;
    app_note(app, ATR_NOTE_FAILED, flight, error, phase);
    atr_turn_begin(app->store);
    by_class = run_finish_error(c, flight, error);
    by_call = run_on_error(c, flight, error);
    atr_turn_commit(app->store);
    if (!by_class && !by_call) {
        atr_failure failure = failure_of(flight, error, phase);
        global_turn(c, &failure);
    }
}

static void cancel_turn(callback *c, atr_flight *flight)
{
    atr_app *app = c->app;
    const flight_call *call = flight->call;
    app->stats.cancelled++;
    app_note(app, ATR_NOTE_CANCELLED, flight, NULL, ATR_PHASE_ON_CANCEL);
    atr_turn_begin(app->store);
    if (call != NULL && call->on_cancel != NULL) {
        const atr_error *failed;
        callback_begin(app, c);
        flight->query_class->on_cancel(&c->f, flight->query, call->on_cancel, call->user);
        failed = callback_end(c);
        if (failed != NULL) {
            failures_add(app, failure_of(flight, failed, ATR_PHASE_ON_CANCEL));
        }
    }
    atr_turn_commit(app->store);
}

/* ---- the outcomes ---- */

/* No timeout any more, and the layer goes; the commit that follows folds the rest. For want of memory
 * something may be latched. */
ATR_COLD static void outcome_unload(callback *c, atr_flight *flight)
{
    timer_clear(flight);
    if (flight->call != NULL) {
        atr_layer_remove(c->app->store, flight->call->layer);
        flight->call->layer = NULL;
    }
    if (flight->done.pool != NULL) {
        adopt_answer(c, &flight->done);
    }
    atr_scope_take_error(c->f.s);
}

/* The outcome is known. */
ATR_ALWAYS_INLINE bool outcome_open(atr_app *app, atr_flight *flight, callback *c)
{
    if (!turn_open_of(app, flight, c)) {
        app->starved = true;
        return false;
    }
    if (flight->is_laden) {
        outcome_unload(c, flight);
    }
    return true;
}

static inline void outcome_end(atr_app *app, callback *c)
{
    if (app->failures.count > 0) {
        failures_tell(c);
    }
    turn_close(app, c);
    app->over++;
}

static inline void outcome_close(atr_app *app, atr_flight *flight, callback *c)
{
    outcome_end(app, c);
    flight_free(app, flight);
}

static const atr_error *timeout_error(callback *c, atr_flight *flight, const atr_error *cause)
{
    const atr_error *error =
        atr_error_make(c->f.s, ATR_DOMAIN_ATRIUM, ATR_E_TIMEOUT, "%s: no answer within %u ms",
                       flight->query_class->name, (unsigned)flight->timeout_ms);
    atr_error draft = *error;
    atr_scope_take_error(c->f.s);
    if (cause == NULL || error == &atr_error_no_memory) {
        return error;
    }
    draft.cause = cause;
    error = atr_error_new(c->f.s, draft);
    return atr_scope_take_error(c->f.s) == NULL ? error : &atr_error_no_memory;
}

/* An answer that is an error. */
ATR_COLD static void failure_turn(callback *c, atr_flight *flight)
{
    const atr_error *error = flight->done.error;
    if (flight->request == REQUEST_CANCEL) { /* a write that was asked, and rolled back (L5) */
        cancel_turn(c, flight);
        return;
    }
    if (flight->request == REQUEST_TIMEOUT) {
        error = timeout_error(c, flight, error);
    }
    error_turn(c, flight, error, flight->done.of_start ? ATR_PHASE_START : ATR_PHASE_ANSWER);
}

/* What is not plain success in the context that a start has left. */
ATR_NOINLINE static void outcome_answer_laden(atr_app *app, atr_flight *flight)
{
    callback c;
    if (!outcome_open(app, flight, &c)) {
        return;
    }
    if (flight->done.error == NULL) {
        const atr_error *error;
        atr_turn_begin(app->store);
        error = success_turn(app, &c, flight, true);
        if (error != NULL) {
            error_turn(&c, flight, error, ATR_PHASE_FINISH);
        }
    } else {
        failure_turn(&c, flight);
    }
    outcome_close(app, flight, &c);
}

void outcome_answer(atr_flight *flight)
{
    callback c;
    atr_app *app = flight->active.app;
    const atr_error *error;
    if (flight->is_laden) {
        outcome_answer_laden(app, flight);
        return;
    }
    callback_open(app, &c, atr_turn_begin_in(flight->done.ctx));
    flight->done.ctx = NULL;
    error = success_turn(app, &c, flight, false);
    if (error != NULL) {
        error_turn(&c, flight, error, ATR_PHASE_FINISH);
    }
    outcome_end(app, &c);
    ready_remove(app, flight);
    flight_rest(app, flight);
}

/* Whether the request must wait for what the provider reports (rule L5). */
static bool only_asks(atr_flight *flight, flight_request request)
{
    if (!flight->query_class->policy->is_write || flight->state == FLIGHT_QUEUED) {
        return false;
    }
    if (flight->state == FLIGHT_STARTED && flight->request == REQUEST_NONE) {
        flight->request = (uint8_t)request;
        timer_clear(flight);
        flight_run_cancel(flight);
    }
    return true;
}

void outcome_cancel(atr_flight *flight)
{
    callback c;
    atr_app *app = flight->active.app;
    if (only_asks(flight, REQUEST_CANCEL)) {
        return;
    }
    if (!outcome_open(app, flight, &c)) {
        wish *again = wish_put(app, OP_CANCEL);
        if (again != NULL) {
            again->of.handle = flight->handle;
            flight->cancels_queued++;
        }
        return;
    }
    if (flight->state == FLIGHT_ANSWERED) {
        app->stats.late_answers++; /* it was there, but its turn had not come (rule L2) */
    }
    if (flight->state == FLIGHT_QUEUED) {
        app->unstarted++;
    }
    flight_run_cancel(flight);
    app->busy = true;
    cancel_turn(&c, flight);
    outcome_close(app, flight, &c);
}

void outcome_timeout(atr_flight *flight)
{
    callback c;
    atr_app *app = flight->active.app;
    if (only_asks(flight, REQUEST_TIMEOUT)) {
        return;
    }
    if (!outcome_open(app, flight, &c)) {
        return;
    }
    flight_run_cancel(flight);
    app->busy = true;
    error_turn(&c, flight, timeout_error(&c, flight, NULL), ATR_PHASE_ANSWER);
    outcome_close(app, flight, &c);
}

void outcome_reset(atr_app *app, const atr_component *component)
{
    app->busy = true;
    atr_turn_begin(app->store);
    atr_turn_reset(app->store, component);
    atr_turn_commit(app->store);
    app->busy = false;
}
