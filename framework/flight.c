/* A flight: one executed query from the queue to its outcome. Its slot's generation tells whether a handle
 * still means it. */
#include <string.h>

#include "app_private.h"

/* ---- the end ---- */

ATR_COLD void flight_give(atr_app *app, atr_flight *flight)
{
    flight_slot *slot = &app->slots[flight->handle.slot - 1];
    *slot = (flight_slot){NULL, flight->handle.generation, app->slot_free};
    app->slot_free = flight->handle.slot;
    app->made--;
    atr_memory_give(flight, sizeof *flight);
}

void flights_free(atr_app *app)
{
    while (app->spare != NULL) {
        atr_flight *next = app->spare->next;
        atr_memory_give(app->spare, sizeof *next);
        app->spare = next;
    }
}

static void call_free(atr_flight *flight)
{
    flight_call *call = flight->call;
    atr_layer_remove(flight->active.app->store, call->layer);
    if (call->free_user != NULL) {
        call->free_user(call->user);
    }
    atr_value_release(call->key);
    if (call->has_pre_execute && call->pre_execute.kind >= ATR_KIND_STR) {
        atr_value_release(call->pre_execute.as.ref);
    }
    atr_memory_give(call, sizeof *call);
    flight->call = NULL;
}

static void completion_release(completion *done)
{
    if (done->pool != NULL) {
        atr_pool_close(done->pool);
    } else {
        atr_scope_close(done->scope);
    }
    done->pool = NULL;
    done->scope = NULL;
}

static void completion_end(completion *done)
{
    if (done->ctx != NULL) {
        atr_ctx_forget(done->ctx);
    }
    if (done->scope != NULL || done->pool != NULL) { /* a pool may have no scope: no memory */
        completion_release(done);
    }
    done->ctx = NULL;
    done->error = NULL;
    done->of_start = false;
}

static void own_end(atr_flight *flight)
{
    void (*destroy)(void *) = flight->own_destroy;
    flight->own_destroy = NULL;
    destroy(flight->own);
    flight->own = NULL;
}

/* What is the user's is destroyed; the flight stays in reach, in case that does not return. */
static void user_data_end(atr_flight *flight)
{
    atr_app *app = flight->active.app;
    flight->next = app->ending;
    app->ending = flight;
    if (flight->own_destroy != NULL) {
        own_end(flight);
    }
    if (flight->call != NULL) {
        call_free(flight);
    }
    app->ending = flight->next;
}

ATR_COLD void flight_unload(atr_flight *flight)
{
    timer_clear(flight);
    if (flight->reply != NULL) {
        reply_over(flight->reply);
        flight->reply = NULL;
    }
    if (flight->own_destroy != NULL || flight->call != NULL) {
        user_data_end(flight);
    }
    flight->own = NULL; /* which may have had no destructor */
    completion_end(&flight->done);
}

/* ---- starting ---- */

void flight_answer(atr_flight *flight, completion done)
{
    flight->is_laden = true;
    if (flight->state == FLIGHT_ANSWERED) { /* a start that answered and then latched */
        completion_end(&flight->done);
        flight->done = done;
        return;
    }
    flight->done = done;
    ready_add(flight->active.app, flight);
}

static void answer_with_code(atr_flight *flight, atr_ctx *ctx, int code, const char *text)
{
    const atr_error *error = atr_error_make(atr_ctx_front_of(ctx)->scope, ATR_DOMAIN_ATRIUM, code,
                                            "%s: %s", flight->query_class->name, text);
    flight_answer(flight, (completion){.error = error, .ctx = ctx, .of_start = true});
}

/* What a start has left behind decides: an error if it ended latched, else its answer or reply handle,
 * else that it gave none (rule S4). Its context is paused. */
ATR_COLD static void start_settle(atr_flight *flight, atr_ctx *ctx, bool has_start)
{
    atr_scope *scope = atr_ctx_front_of(ctx)->scope;
    if (atr_latched_(scope)) {
        const atr_error *error = atr_scope_take_error(scope);
        flight->done.ctx = NULL; /* if it had answered: the same one */
        flight_answer(flight, (completion){.error = error, .ctx = ctx, .of_start = true});
    } else if (!has_start) {
        answer_with_code(flight, ctx, ATR_E_NO_START, atr_code_text(ATR_E_NO_START));
    } else if (!flight->answered) {
        answer_with_code(flight, ctx, ATR_E_NO_ANSWER,
                         "start returned without an answer or a reply handle");
    } else {
        atr_ctx_forget(ctx);
    }
}

ATR_COLD static void start_starve(atr_flight *flight)
{
    flight->active.app->busy = false;
    flight_answer(flight, (completion){.error = &atr_error_no_memory, .of_start = true});
}

/* Around what stands for the start. */
static inline bool start_open(atr_flight *flight, atr_start *start)
{
    atr_app *app = flight->active.app;
    atr_ctx *ctx;
    app->busy = true;
    ctx = atr_ctx_enter(app->store, ATR_CTX_START, &flight->active);
    if (ctx == NULL) {
        start_starve(flight);
        return false;
    }
    *start = (atr_start){atr_ctx_front_of(ctx)->scope, ctx, atr_ctx_answer(ctx)};
    return true;
}

static inline void start_close(atr_flight *flight, atr_ctx *ctx, bool has_start)
{
    atr_ctx_pause(ctx);
    flight->active.app->busy = false;
    if (flight->answered_now && !scope_is_latched(atr_ctx_front_of(ctx)->scope)) {
        flight->done.ctx = ctx; /* its turn goes on in that scope */
    } else {
        start_settle(flight, ctx, has_start);
    }
}

static bool start_call(atr_flight *flight, atr_start *start)
{
    const atr_service *service = flight->query_class->policy->service;
    if (service != NULL && !service_is_filled(flight->active.app, service)) {
        atr_service_use(start->ctx, service);
        return true;
    }
    flight->start_ran = true;
    return flight->query_class->start(start, flight->query);
}

void atr_flight_start(atr_flight *flight)
{
    atr_start start;
    if (start_open(flight, &start)) {
        atr_ctx *ctx = start.ctx;
        start_close(flight, ctx, start_call(flight, &start));
    }
}

void atr_flight_start_with(atr_flight *flight, atr_start_fn fn, void *user)
{
    atr_start start;
    if (fn == NULL) {
        atr_flight_start(flight);
    } else if (start_open(flight, &start)) {
        atr_ctx *ctx = start.ctx;
        fn(&start, flight->query, user);
        start_close(flight, ctx, true);
    }
}

void atr_flight_start_silent(atr_flight *flight)
{
    (void)flight;
}

/* ---- answering in start ---- */

ATR_COLD static int answer_refuse(const atr_flight *flight)
{
    atr_app_violation(flight->active.app, ATR_E_ANSWERED, "%s was answered a second time",
                      flight->query_class->name);
    return ATR_E_ANSWERED;
}

/* Scalars of the right kind cannot break a rule. */
static inline bool is_plain_response(const atr_query_class *query_class, atr_value value)
{
    return value.kind == query_class->response.kind && value.kind < ATR_KIND_ENUMERATION;
}

static bool response_fits(const atr_query_class *query_class, atr_scope *s, atr_value value)
{
    return is_plain_response(query_class, value) ||
           atr_value_check(s, query_class->response, value, query_class->name) == ATR_OK;
}

/* Held as long as the start's scope, which ends with the outcome; refused and latched else. */
static bool error_fits(atr_scope *s, const atr_error *error)
{
    atr_value value = {ATR_KIND_REF, true, {.ref = error}};
    return atr_value_check(s, (atr_type){.kind = ATR_KIND_REF, .model = &atr_error_model}, value,
                           "atr_answer_error") == ATR_OK;
}

static inline void start_done(activation *active, atr_value value)
{
    atr_flight *flight = active->flight;
    flight->answered = true;
    flight->answered_now = true;
    flight->done.value = value;
    ready_add(active->app, flight);
}

ATR_NOINLINE static int start_complete(atr_answer *answer, atr_value value, const atr_error *error)
{
    const atr_ctx_front *front;
    activation *active = ctx_activation(atr_answer_ctx(answer), "an answer", &front);
    atr_flight *flight;
    if (active == NULL || active->flight == NULL) {
        return ATR_E_PHASE;
    }
    flight = active->flight;
    if (flight->answered) {
        return answer_refuse(flight);
    }
    if (atr_latched_(front->scope)) {
        return ATR_E_LATCHED;
    }
    if (error != NULL ? !error_fits(front->scope, error)
                      : !response_fits(flight->query_class, front->scope, value)) {
        return ATR_E_REFUSED;
    }
    if (error != NULL) {
        flight->done.error = error;
        flight->is_laden = true;
    }
    start_done(active, value);
    return ATR_OK;
}

/* Mostly it is the first one, in a start where all is well. */
int atr_start_answer(atr_answer *answer, atr_value response)
{
    const atr_ctx_front *front = atr_ctx_front_of(atr_answer_ctx(answer));
    activation *active;
    if (!ctx_is_here(front) || front->kind != ATR_CTX_START) {
        return start_complete(answer, response, NULL);
    }
    active = front->host;
    if (active->flight->answered || scope_is_latched(front->scope) ||
        !is_plain_response(active->flight->query_class, response)) {
        return start_complete(answer, response, NULL);
    }
    start_done(active, response);
    return ATR_OK;
}

int atr_start_answer_error(atr_answer *answer, const atr_error *error)
{
    atr_value none = {ATR_KIND_UNIT, false, {false}};
    return start_complete(answer, none, error != NULL ? error : &atr_error_default);
}

int atr_start_own_ptr(atr_answer *answer, void *ptr, void (*destroy)(void *ptr))
{
    const atr_ctx_front *front;
    const activation *active = ctx_activation(atr_answer_ctx(answer), "atr_start_own", &front);
    if (active == NULL || active->flight->owns) {
        if (destroy != NULL) {
            destroy(ptr);
        }
        return ATR_E_PHASE;
    }
    active->flight->owns = true;
    active->flight->is_laden = true;
    active->flight->own = ptr;
    active->flight->own_destroy = destroy;
    return ATR_OK;
}

/* ---- cancelling and folding ---- */

/* The class's cancel, if its start ran. A read is over then, a write is asked once. */
void flight_run_cancel(atr_flight *flight)
{
    atr_app *app = flight->active.app;
    atr_ctx *ctx;
    if (!flight->start_ran) {
        return;
    }
    ctx = atr_ctx_enter(app->store, ATR_CTX_VIEW, &flight->active);
    if (ctx != NULL) {
        atr_view view = {atr_ctx_front_of(ctx)->scope, ctx};
        app->busy = true;
        flight->query_class->cancel(&view, flight->query, flight->own);
        atr_ctx_leave(ctx);
        app->busy = false;
    }
}

/* The store folds a layer, in a turn or in a round: finish with the predicted response, clock and randomness
 * frozen. */
void flight_fold(void *self, void *folded, atr_finish *f)
{
    atr_app *app = self;
    atr_flight *flight = folded;
    frozen still = flight->call->frozen;
    activation active = {app, flight, &still};
    atr_ctx_set_host(f->ctx, &active);
    flight->query_class->finish(f, flight->query, flight->call->pre_execute);
}

/* ---- for worlds ---- */

const atr_query_class *atr_flight_class(const atr_flight *flight)
{
    return flight->query_class;
}

const void *atr_flight_query(const atr_flight *flight)
{
    return flight->query;
}

const atr_str *atr_flight_key(const atr_flight *flight)
{
    return flight->call != NULL ? flight->call->key : NULL;
}

atr_handle atr_flight_handle(const atr_flight *flight)
{
    return flight->handle;
}

atr_flight *atr_app_flight(atr_app *app, atr_handle handle)
{
    return flight_find(app, handle);
}

atr_flight *atr_app_next_flight(atr_app *app, const atr_flight *last)
{
    return flight_of_all(app, last == NULL ? app->flights.next : last->all.next);
}
