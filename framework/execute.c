/* Asking: execute, cancel and reset put an operation on the queue; nothing of it runs before the caller
 * has returned (rule L4). A callback that fails takes its operations back (rule T2a). With the execute a
 * flight begins: see flight.c. */
#include <string.h>

#include "app_private.h"

/* ---- the queue ---- */

wish *wish_put(atr_app *app, op_kind kind)
{
    wish *next = app->wish_spare != NULL ? app->wish_spare : atr_memory_take(sizeof *next);
    if (next != NULL) {
        app->wish_spare = NULL;
        next->op.kind = kind;
        queue_put(&app->queue, &next->op);
    }
    return next;
}

void wish_give(atr_app *app, wish *over)
{
    if (app->wish_spare == NULL) {
        app->wish_spare = over;
    } else {
        atr_memory_give(over, sizeof *over);
    }
}

static void wish_drop(atr_app *app, wish *dropped)
{
    if (dropped->op.kind == OP_CANCEL) {
        atr_flight *flight = flight_find(app, dropped->of.handle);
        if (flight != NULL) {
            flight->cancels_queued--;
        }
    } else if (dropped->op.kind == OP_FAILURE) {
        atr_value_release(dropped->of.error);
    }
    wish_give(app, dropped);
}

static void op_drop(atr_app *app, op *dropped)
{
    if (dropped->kind == OP_EXECUTE) {
        app->dropped++;
        flight_free(app, flight_of_op(dropped));
    } else {
        wish_drop(app, wish_of(dropped));
    }
}

/* The list of those after it, the last first. */
static op *queue_cut(op_queue *q, op *end)
{
    op *at = end != NULL ? end->next : q->first, *last = q->last, *list = NULL;
    if (end == queue_end(q)) {
        return NULL;
    }
    if (end == NULL) {
        q->first = NULL;
    }
    q->last = end;
    while (list != last) {
        op *next = at->next;
        at->next = list;
        list = at;
        at = next;
    }
    return list;
}

void queue_truncate(atr_app *app, op *end)
{
    op *list = queue_cut(&app->queue, end);
    while (list != NULL) {
        op *next = list->next;
        op_drop(app, list);
        list = next;
    }
}

/* What the callback has asked for is taken back; what has failed in it, such as a view, is told all the
 * same. */
void queue_undo(atr_app *app, op *end)
{
    op *list = queue_cut(&app->queue, end), *failed = NULL;
    while (list != NULL) {
        op *next = list->next;
        if (list->kind == OP_FAILURE) {
            list->next = failed;
            failed = list;
        } else {
            op_drop(app, list);
        }
        list = next;
    }
    while (failed != NULL) {
        op *next = failed->next;
        queue_put(&app->queue, failed);
        failed = next;
    }
}

/* ---- flights ---- */

/* A free one; 0: out of memory. */
static uint32_t slot_take(atr_app *app)
{
    uint32_t slot = app->slot_free;
    if (slot != 0) {
        app->slot_free = app->slots[slot - 1].next_free;
        return slot;
    }
    if (app->slot_count == app->slot_capacity) {
        flight_slot *slots = array_grow(app->slots, &app->slot_capacity, sizeof *slots);
        if (slots == NULL) {
            return 0;
        }
        app->slots = slots;
    }
    app->slots[app->slot_count] = (flight_slot){NULL, 0, 0};
    return ++app->slot_count;
}

/* One at rest, with a slot. NULL: out of memory. */
ATR_COLD static atr_flight *flight_make(atr_app *app)
{
    atr_flight *flight = atr_memory_take(sizeof *flight);
    uint32_t slot = flight != NULL ? slot_take(app) : 0;
    if (slot == 0) {
        atr_memory_give(flight, sizeof *flight);
        return NULL;
    }
    memset(flight, 0, sizeof *flight);
    flight->active.app = app;
    flight->active.flight = flight;
    flight->handle = (atr_handle){slot, app->slots[slot - 1].generation};
    flight->state = FLIGHT_OVER;
    app->slots[slot - 1].flight = flight;
    app->spare = flight;
    app->made++;
    return flight;
}

/* Whether it asks for nothing but perhaps a timeout. */
static bool call_is_plain(const atr_call *call)
{
    return call->on_success == NULL && call->on_error == NULL && call->on_cancel == NULL &&
           call->user == NULL && call->free_user == NULL && call->key == NULL &&
           !call->has_pre_execute;
}

/* false: out of memory. */
static bool call_take(atr_app *app, atr_flight *flight, const atr_call *call)
{
    flight_call *own;
    flight->timeout_ms = call->timeout_ms;
    if (call_is_plain(call)) {
        return true;
    }
    own = atr_memory_take(sizeof *own);
    if (own == NULL) {
        return false;
    }
    *own = (flight_call){.on_success = call->on_success,
                         .on_error = call->on_error,
                         .on_cancel = call->on_cancel,
                         .user = call->user,
                         .free_user = call->free_user,
                         .key = call->key,
                         .has_pre_execute = call->has_pre_execute,
                         .pre_execute = call->pre_execute};
    atr_value_hold(own->key);
    if (own->has_pre_execute) {
        if (own->pre_execute.kind >= ATR_KIND_STR) {
            atr_value_hold(own->pre_execute.as.ref);
        }
        own->frozen.time = app->world.time_us(app->world_self);
        own->frozen.seed = app->world.random(app->world_self);
    }
    flight->call = own;
    return true;
}

/* From now on its handle finds it, till it is over. */
static inline void flight_enter(atr_app *app, atr_flight *flight,
                                const atr_query_class *query_class, const void *query)
{
    app->spare = flight->next;
    flight->query_class = query_class;
    flight->query = query;
    flight->marks = 0;
    flight->order = ++app->orders;
    ring_add(&app->flights, &flight->all);
}

/* ---- execute ---- */

static inline bool is_same_pool(const atr_scope *s, const atr_scope *t)
{
    return ((const atr_scope_front *)(const void *)s)->owner ==
           ((const atr_scope_front *)(const void *)t)->owner;
}

/* Fit for the app? false: latched in s, or in the scope of the callback if s is of another app. */
static bool value_fits(const atr_ctx_front *front, atr_scope *s, atr_type type, atr_value value,
                       const char *what)
{
    return atr_value_check(s, type, value, what) == ATR_OK &&
           (is_same_pool(s, front->scope) ||
            atr_value_check(front->scope, type, value, what) == ATR_OK);
}

/* What goes with the query must be fit as well. false: latched as above. */
static bool call_fits(const atr_ctx_front *front, atr_scope *s, const atr_query_class *query_class,
                      const atr_call *call)
{
    atr_type key_type = ATR_TYPE_opt(str);
    return (!call->has_pre_execute ||
            value_fits(front, s, query_class->response, call->pre_execute, query_class->name)) &&
           (call->key == NULL ||
            value_fits(front, s, key_type, atr_wrap_pointer_(ATR_KIND_STR, call->key),
                       "the key of a call"));
}

/* A query that was not made by the macros, or not for this app, may be a draft or belong elsewhere. false: latched
 * as above. */
static bool query_fits(const atr_ctx_front *front, atr_scope *s, const atr_query_class *query_class,
                       const void *query)
{
    const atr_type type = {ATR_KIND_REF, false, query_class->model, NULL};
    if (!atr_careful_(front->scope) && atr_fit_(front->scope, query)) {
        return true;
    }
    return value_fits(front, s, type, atr_wrap_pointer_(ATR_KIND_REF, query), query_class->name);
}

ATR_COLD static atr_handle execute_drop(const atr_call *call)
{
    if (call != NULL && call->free_user != NULL) {
        call->free_user(call->user);
    }
    return (atr_handle){0, 0};
}

/* In a layer an execute is ignored; elsewhere it is a fault. */
ATR_COLD static atr_handle execute_refuse(atr_app *app, const atr_ctx_front *front,
                                          const atr_query_class *query_class, const void *query,
                                          const atr_call *call)
{
    if (!front->is_layer) {
        const char *fault = app->closing    ? "the app is closing"
                            : query == NULL ? "the query is NULL"
                                            : "its scope is latched";
        atr_app_log(app, ATR_LOG_WARNING, "query", "%s was not executed: %s", query_class->name,
                    fault);
    }
    return execute_drop(call);
}

ATR_COLD static atr_handle execute_starve(atr_scope *s, const atr_call *call)
{
    atr_scope_fail(s, &atr_error_no_memory);
    return execute_drop(call);
}

/* The options of a flight that rests. false: they are refused, and latched as above. */
ATR_COLD static bool execute_with(atr_app *app, atr_flight *flight, const atr_ctx_front *front,
                                  atr_scope *s, const atr_query_class *query_class,
                                  const atr_call *call)
{
    if (!call_fits(front, s, query_class, call)) {
        return false;
    }
    if (!call_take(app, flight, call)) {
        atr_scope_fail(s, &atr_error_no_memory);
        return false;
    }
    return true;
}

ATR_COLD static atr_handle execute_mistyped(const atr_ctx_front *front, atr_scope *s,
                                            const atr_query_class *query_class, const void *query,
                                            const atr_call *call)
{
    if (((const atr_head *)query)->model != NULL) {
        atr_refuse(s, ATR_E_TYPE, "%s: the query is of another class", query_class->name);
    } else {
        query_fits(front, s, query_class, query); /* a draft */
    }
    return execute_drop(call);
}

/* The query's count becomes the flight's. */
static inline void flight_launch(atr_app *app, atr_flight *flight,
                                 const atr_query_class *query_class, const void *query)
{
    flight_enter(app, flight, query_class, query);
    queue_put(&app->queue, &flight->queued);
}

static inline void flight_tell(atr_app *app, const atr_flight *flight)
{
    app_note(app, ATR_NOTE_EXECUTED, flight, NULL, ATR_PHASE_START);
    app_wake(app);
}

/* s is not NULL. */
static inline bool execute_is_refused(const atr_app *app, const atr_ctx_front *front,
                                      const atr_scope *s, const void *query)
{
    return query == NULL || front->is_layer || app->closing || scope_is_latched(s) ||
           (s != front->scope && scope_is_latched(front->scope));
}

/* Of a query whose count is to be added, on success. */
ATR_NOINLINE static atr_handle execute(atr_ctx *ctx, atr_scope *s,
                                       const atr_query_class *query_class, const void *query,
                                       const atr_call *call)
{
    const atr_ctx_front *front;
    const activation *active = ctx_activation(ctx, "execute", &front);
    atr_app *app;
    atr_flight *flight;
    if (active == NULL) {
        return execute_drop(call);
    }
    app = active->app;
    if (s == NULL || execute_is_refused(app, front, s, query)) {
        return execute_refuse(app, front, query_class, query, call);
    }
    if (((const atr_head *)query)->model != query_class->model) {
        return execute_mistyped(front, s, query_class, query, call);
    }
    if (!query_fits(front, s, query_class, query)) {
        return execute_drop(call);
    }
    flight = app->spare != NULL ? app->spare : flight_make(app);
    if (flight == NULL) {
        return execute_starve(s, call);
    }
    if (call != NULL && !execute_with(app, flight, front, s, query_class, call)) {
        return execute_drop(call);
    }
    flight_launch(app, flight, query_class, query);
    flight->is_laden = call != NULL;
    atr_hold_(query);
    flight_tell(app, flight);
    return flight->handle;
}

atr_handle atr_execute(atr_run *run, atr_scope *s, const atr_query_class *query_class,
                       const void *query, const atr_call *call)
{
    return execute(atr_run_ctx(run), s, query_class, query, call);
}

ATR_NOINLINE static atr_handle execute_loose(atr_ctx *ctx, atr_scope *s,
                                             const atr_query_class *query_class, const void *query,
                                             const atr_call *call)
{
    atr_handle handle = execute(ctx, s, query_class, query, call);
    atr_value_release(query);
    return handle;
}

/* Mostly all is well, there are no options, and a flight is at hand. */
atr_handle atr_execute_loose(atr_run *run, atr_scope *s, const atr_query_class *query_class,
                             const void *query, const atr_call *call)
{
    atr_ctx *ctx = atr_run_ctx(run);
    const atr_ctx_front *front = atr_ctx_front_of(ctx);
    atr_app *app;
    atr_flight *flight;
    if (call != NULL || !ctx_is_here(front) || front->host == NULL) {
        return execute_loose(ctx, s, query_class, query, call);
    }
    app = ((const activation *)front->host)->app;
    flight = app->spare;
    if (s != front->scope || execute_is_refused(app, front, s, query) ||
        ((const atr_head *)query)->model != query_class->model || flight == NULL) {
        return execute_loose(ctx, s, query_class, query, call);
    }
    flight_launch(app, flight, query_class, query);
    flight_tell(app, flight);
    return flight->handle;
}

/* ---- cancel ---- */

int atr_run_cancel(atr_run *run, atr_handle handle)
{
    const atr_ctx_front *front;
    const activation *active = ctx_activation(atr_run_ctx(run), "cancel", &front);
    atr_app *app;
    atr_flight *flight;
    wish *cancel;
    if (active == NULL) {
        return ATR_E_PHASE;
    }
    if (front->is_layer) {
        return ATR_OK;
    }
    app = active->app;
    flight = flight_find(app, handle);
    if (flight == NULL || flight == active->flight) {
        return ATR_E_STALE;
    }
    if (flight->cancels_queued == UINT8_MAX) {
        return ATR_OK; /* asked often enough */
    }
    cancel = wish_put(app, OP_CANCEL);
    if (cancel == NULL) {
        return ATR_E_NO_MEMORY;
    }
    cancel->of.handle = handle;
    flight->cancels_queued++;
    app_wake(app);
    return ATR_OK;
}

/* ---- reset ---- */

int atr_write_reset(atr_write *write, const atr_component *component)
{
    const atr_ctx_front *front;
    const activation *active = ctx_activation(atr_write_ctx(write), "reset", &front);
    wish *reset;
    if (active == NULL) {
        return ATR_E_PHASE;
    }
    if (front->is_layer) {
        return ATR_OK;
    }
    if (atr_latched_(front->scope)) {
        return ATR_E_LATCHED;
    }
    reset = wish_put(active->app, OP_RESET);
    if (reset == NULL) {
        return ATR_E_NO_MEMORY;
    }
    reset->of.component = component;
    return ATR_OK;
}
