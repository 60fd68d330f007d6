/* Asking: execute, cancel and reset put an operation on the queue; nothing of it runs before the caller
 * has returned (rule L4). A callback that fails takes its operations back (rule T2a). */
#include <string.h>

#include "app_private.h"

/* ---- the queue: a ring that grows ---- */

ATR_COLD static bool queue_grow(op_queue *q)
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

bool queue_push(atr_app *app, op next)
{
    op_queue *q = &app->queue;
    if (q->count == q->capacity && !queue_grow(q)) {
        return false;
    }
    q->items[(q->first + q->count) & (q->capacity - 1)] = next;
    q->count++;
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

/* ---- execute ---- */

static const char *execute_fault(const atr_app *app, const atr_ctx_front *front, atr_scope *s,
                                 const void *query)
{
    if (front->is_layer) {
        return ""; /* effects of a layer are ignored, not faults */
    }
    if (atr_latched_(s) || atr_latched_(front->scope)) {
        return "its scope is latched";
    }
    if (app->closing) {
        return "the app is closing";
    }
    return query == NULL ? "the query is NULL" : NULL;
}

/* What goes with the query must be fit for the app as well. false: latched in s. */
static bool call_fits(atr_scope *s, const atr_query_class *query_class, const atr_call *call)
{
    atr_type key_type = ATR_TYPE_opt(str);
    return (!call->has_pre_execute || atr_value_check(s, query_class->response, call->pre_execute,
                                                      query_class->name) == ATR_OK) &&
           (call->key == NULL ||
            atr_value_check(s, key_type, atr_wrap_pointer_(ATR_KIND_STR, call->key),
                            "the key of a call") == ATR_OK);
}

static bool query_fits(atr_scope *s, const atr_query_class *query_class, const void *query)
{
    if (((const atr_head *)query)->model != query_class->model) {
        atr_refuse(s, ATR_E_TYPE, "%s: the query is of another class", query_class->name);
        return false;
    }
    return true;
}

ATR_COLD static atr_handle execute_refuse(const atr_call *call)
{
    atr_handle none = {0, 0};
    if (call != NULL && call->free_user != NULL) {
        call->free_user(call->user);
    }
    return none;
}

atr_handle atr_execute(atr_run *run, atr_scope *s, const atr_query_class *query_class,
                       const void *query, const atr_call *call)
{
    const atr_ctx_front *front;
    const activation *active = ctx_activation(atr_run_ctx(run), "execute", &front);
    atr_app *app;
    atr_flight *flight;
    const char *fault;
    if (active == NULL) {
        return execute_refuse(call);
    }
    app = active->app;
    fault = execute_fault(app, front, s, query);
    if (fault != NULL) {
        if (*fault != '\0') {
            atr_app_log(app, ATR_LOG_WARNING, "query", "%s was not executed: %s", query_class->name,
                        fault);
        }
        return execute_refuse(call);
    }
    if (!query_fits(s, query_class, query) || (call != NULL && !call_fits(s, query_class, call))) {
        return execute_refuse(call);
    }
    flight = flight_new(app, query_class, query, call);
    if (flight == NULL) {
        atr_scope_fail(s, &atr_error_no_memory);
        return execute_refuse(call);
    }
    if (!queue_push(app, (op){.kind = OP_EXECUTE, .handle = flight_handle(flight)})) {
        atr_scope_fail(s, &atr_error_no_memory);
        flight_free(flight);
        return (atr_handle){0, 0};
    }
    app->stats.queued++;
    app_note(app, ATR_NOTE_EXECUTED, flight, NULL, ATR_PHASE_START);
    app_wake(app);
    return flight_handle(flight);
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
