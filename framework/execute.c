/* Asking: execute, cancel and reset put an operation on the queue; nothing of it runs before the caller
 * has returned (rule L4). A callback that fails takes its operations back (rule T2a). With the execute a
 * flight begins: see flight.c. */
#include <string.h>

#include "app_private.h"

/* ---- the queue: a ring that grows ---- */

ATR_COLD bool queue_grow(op_queue *q)
{
    size_t before = q->capacity;
    op *items = array_grow(q->items, &q->capacity, sizeof *items);
    if (items == NULL) {
        return false;
    }
    if (q->first > 0) { /* those that stood at the begin of the ring follow on the others */
        memcpy(items + before, items, q->first * sizeof *items);
    }
    q->items = items;
    return true;
}

void op_drop(atr_app *app, op *dropped)
{
    atr_flight *flight = flight_find(app, dropped->handle);
    if (dropped->kind == OP_EXECUTE && flight != NULL) {
        app->stats.queued--;
        flight_free(flight);
    }
    if (dropped->kind == OP_CANCEL && flight != NULL) {
        flight->cancels_queued--;
    }
    if (dropped->kind == OP_FAILURE) {
        atr_value_release(dropped->of.error);
    }
}

void queue_truncate(atr_app *app, size_t count)
{
    op_queue *q = &app->queue;
    while (q->count > count) {
        q->count--;
        op_drop(app, &q->items[(q->first + q->count) & (q->capacity - 1)]);
    }
}

/* What the callback has asked for is taken back; what has failed in it, such as a view, is told all the
 * same. */
void queue_undo(atr_app *app, size_t count)
{
    op_queue *q = &app->queue;
    size_t kept = count;
    for (size_t i = count; i < q->count; i++) {
        op *at = &q->items[(q->first + i) & (q->capacity - 1)];
        op *to = &q->items[(q->first + kept) & (q->capacity - 1)];
        if (at->kind == OP_FAILURE) {
            op failed = *at;
            *at = *to;
            *to = failed;
            kept++;
        }
    }
    queue_truncate(app, kept);
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

/* With a slot, which it keeps while it rests. */
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
    flight->slot = slot;
    flight->older = app->spare;
    app->spare = flight;
    app->spare_count++;
    return flight;
}

/* Whether it asks for nothing but perhaps a timeout. */
static bool call_is_plain(const atr_call *call)
{
    return call->on_success == NULL && call->on_error == NULL && call->on_cancel == NULL &&
           call->user == NULL && call->free_user == NULL && call->key == NULL &&
           !call->has_pre_execute;
}

/* For a flight at rest. false: out of memory. */
ATR_COLD static bool call_take(atr_app *app, atr_flight *flight, const atr_call *call)
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

/* The last that rests is prepared, so that nothing can fail any more. false: out of memory. */
static inline bool flight_prepare(atr_app *app, const atr_call *call)
{
    if (app->spare == NULL && flight_make(app) == NULL) {
        return false;
    }
    app->spare->timeout_ms = 0;
    return call == NULL || call_take(app, app->spare, call);
}

/* From now on its handle finds it, till it is over. */
static inline atr_handle flight_enter(atr_app *app, atr_flight *flight,
                                      const atr_query_class *query_class, const void *query)
{
    flight_slot *slot = &app->slots[flight->slot - 1];
    atr_handle handle = {flight->slot, slot->generation + 1};
    app->spare = flight->older;
    app->spare_count--;
    slot->flight = flight;
    slot->generation = handle.generation;
    flight->generation = handle.generation;
    flight->query_class = query_class;
    flight->query = query;
    flight->marks = 0;
    if (flight->timeout_ms == 0) {
        flight->timeout_ms = query_class->policy->timeout_ms;
    }
    flight->order = ++app->orders;
    flight->older = app->newest;
    flight->newer = NULL;
    *(app->newest != NULL ? &app->newest->newer : &app->oldest) = flight;
    app->newest = flight;
    app->flight_count++;
    return handle;
}

/* ---- execute ---- */

/* What goes with the query must be fit for the app as well. false: latched in s. */
ATR_COLD static bool call_fits(atr_scope *s, const atr_query_class *query_class,
                               const atr_call *call)
{
    atr_type key_type = ATR_TYPE_opt(str);
    return (!call->has_pre_execute || atr_value_check(s, query_class->response, call->pre_execute,
                                                      query_class->name) == ATR_OK) &&
           (call->key == NULL ||
            atr_value_check(s, key_type, atr_wrap_pointer_(ATR_KIND_STR, call->key),
                            "the key of a call") == ATR_OK);
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

ATR_COLD static atr_handle execute_mistyped(atr_scope *s, const atr_query_class *query_class,
                                            const atr_call *call)
{
    atr_refuse(s, ATR_E_TYPE, "%s: the query is of another class", query_class->name);
    return execute_drop(call);
}

/* `maker`: the scope that the query was made in just now, or NULL. */
ATR_ALWAYS_INLINE atr_handle execute(atr_ctx *ctx, atr_scope *s, atr_scope *maker,
                                     const atr_query_class *query_class, const void *query,
                                     const atr_call *call)
{
    const atr_ctx_front *front;
    const activation *active = ctx_activation(ctx, "execute", &front);
    atr_app *app;
    atr_flight *flight;
    atr_handle handle;
    if (active == NULL) {
        return execute_drop(call);
    }
    app = active->app;
    if (front->is_layer || app->closing || query == NULL || atr_latched_(s) ||
        (s != front->scope && atr_latched_(front->scope))) {
        return execute_refuse(app, front, query_class, query, call);
    }
    if (((const atr_head *)query)->model != query_class->model) {
        return execute_mistyped(s, query_class, call);
    }
    if (call != NULL && !call_fits(s, query_class, call)) {
        return execute_drop(call);
    }
    if (!queue_has_room(&app->queue) || !flight_prepare(app, call)) {
        return execute_starve(s, call);
    }
    flight = app->spare;
    handle = flight_enter(app, flight, query_class, query);
    if (maker != NULL) {
        atr_scope_take(maker, query);
    } else {
        atr_hold_(query);
    }
    queue_put(&app->queue, OP_EXECUTE, handle);
    app->stats.queued++;
    app_note(app, ATR_NOTE_EXECUTED, flight, NULL, ATR_PHASE_START);
    app_wake(app);
    return handle;
}

atr_handle atr_execute(atr_run *run, atr_scope *s, const atr_query_class *query_class,
                       const void *query, const atr_call *call)
{
    return execute(atr_run_ctx(run), s, NULL, query_class, query, call);
}

atr_handle atr_execute_new(atr_run *run, atr_scope *s, const atr_query_class *query_class,
                           const void *query, const atr_call *call)
{
    return execute(atr_run_ctx(run), s, s, query_class, query, call);
}

/* ---- cancel ---- */

int atr_run_cancel(atr_run *run, atr_handle handle)
{
    const atr_ctx_front *front;
    const activation *active = ctx_activation(atr_run_ctx(run), "cancel", &front);
    atr_app *app;
    atr_flight *flight;
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
    if (!queue_push(app, (op){.kind = OP_CANCEL, .handle = handle})) {
        return ATR_E_NO_MEMORY;
    }
    flight->cancels_queued++;
    app_wake(app);
    return ATR_OK;
}

/* ---- reset ---- */

int atr_write_reset(atr_write *write, const atr_component *component)
{
    const atr_ctx_front *front;
    const activation *active = ctx_activation(atr_write_ctx(write), "reset", &front);
    if (active == NULL) {
        return ATR_E_PHASE;
    }
    if (front->is_layer) {
        return ATR_OK;
    }
    if (atr_latched_(front->scope)) {
        return ATR_E_LATCHED;
    }
    return queue_push(active->app, (op){.kind = OP_RESET, .of.component = component})
               ? ATR_OK
               : ATR_E_NO_MEMORY;
}
