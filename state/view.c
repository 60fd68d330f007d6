/* Views, memoised per class (rule T5). A memo is looked at once in each epoch of visible state: when all
 * that its view has read is the same, its result holds; else the view runs again. An equal result leaves
 * the old one in place, so that what depends on it does not run either. */
#include "store.h"

#include "check.h"

atr_value atr_type_zero(const atr_type *type)
{
    atr_value zero = {type->kind, !type->optional, {false}};
    zero.as.i64 = 0;
    if (atr_kind_is_ref(type->kind)) {
        bool required =
            !type->optional && (type->kind == ATR_KIND_STR || type->kind == ATR_KIND_BYTES ||
                                type->kind == ATR_KIND_REF);
        zero.as.ref = required ? type->model->prototype : NULL;
        zero.has = required;
    }
    return zero;
}

/* What a view returned must be a value of its kind. NULL: it is. */
static const char *result_fault(atr_scope *s, const atr_type *type, const atr_value *result)
{
    bool required;
    if (!atr_kind_is_ref(type->kind)) {
        return NULL;
    }
    if (result->as.ref != NULL) {
        return atr_value_fault(s, result->as.ref, type->model);
    }
    required = atr_type_zero(type).as.ref != NULL;
    return required ? "is NULL" : NULL;
}

/* Run a view in a context; its failure latches the context's scope. */
static atr_value view_run(atr_ctx *ctx, const atr_view_class *view)
{
    atr_view v = {ctx->front.scope, ctx};
    atr_value result;
    const char *fault;
    ctx->store->stats.view_runs++;
    result = view->run(&v);
    fault = result_fault(ctx->front.scope, &view->type, &result);
    if (fault != NULL) {
        atr_refuse(ctx->front.scope, ATR_E_REFUSED, "view %s: the result %s", view->name, fault);
    }
    return fault == NULL ? result : atr_type_zero(&view->type);
}

static void report_cycle(const atr_store *store, const atr_view_class *view)
{
    atr_store_violation(store, ATR_E_DEFINITION, "view %s asks for itself", view->name);
}

/* ---- memos ---- */

atr_memo *atr_memo_get(atr_store *store, const atr_view_class *view)
{
    atr_memo *memo = (atr_memo *)atr_addresses_find(&store->memo_of, view);
    if (memo != NULL) {
        return memo;
    }
    memo = atr_addresses_reserve(&store->memo_of) ? atr_memory_take(sizeof *memo) : NULL;
    if (memo == NULL) {
        return NULL;
    }
    *memo = (atr_memo){.view = view,
                       .next = store->memos,
                       .result = atr_type_zero(&view->type),
                       .roots = UINT64_MAX};
    store->memos = memo;
    atr_addresses_add(&store->memo_of, view, (uintptr_t)memo);
    return memo;
}

void atr_memos_free(atr_store *store)
{
    while (store->memos != NULL) {
        atr_memo *memo = store->memos;
        store->memos = memo->next;
        atr_memo_deps_clear(memo);
        atr_memory_give(memo->deps, memo->capacity * sizeof *memo->deps);
        atr_value_release(atr_value_ref(&memo->result));
        atr_memory_give(memo, sizeof *memo);
    }
    atr_addresses_free(&store->memo_of);
}

static void memo_take(atr_memo *memo, atr_value result)
{
    atr_value old = memo->result;
    if (atr_value_equal(&old, &result)) {
        return;
    }
    atr_hold_(atr_value_ref(&result));
    memo->result = result;
    memo->version++;
    atr_value_release(atr_value_ref(&old));
}

/* A failure is told once, until the view succeeds again. Out of memory is no answer of the view's: the
 * next one who asks tries again. */
static void memo_settle(atr_store *store, atr_memo *memo, const atr_error *error)
{
    bool told = memo->failing;
    memo->failing = error != NULL;
    atr_memo_find_roots(memo);
    if (atr_error_is(error, ATR_DOMAIN_ATRIUM, ATR_E_NO_MEMORY)) {
        memo->checked = 0;
        memo->roots = UINT64_MAX;
    }
    if (error != NULL && !told && store->host.failed != NULL) {
        store->host.failed(store->host.self, memo->view->name, error);
    }
}

static void memo_run(atr_store *store, atr_memo *memo)
{
    const atr_error *error = &atr_error_no_memory;
    atr_scope *s = atr_pool_scope(store->pool);
    atr_ctx *ctx = atr_ctx_open(store, ATR_CTX_VIEW, s, NULL);
    atr_memo_deps_clear(memo);
    memo->checked = store->epoch;
    memo->run = ++store->runs;
    if (ctx != NULL) {
        atr_value result;
        ctx->memo = memo;
        result = view_run(ctx, memo->view);
        atr_ctx_close(ctx);
        error = atr_scope_take_error(s);
        if (error == NULL) {
            memo_take(memo, result);
        }
    }
    memo->running = false;
    memo_settle(store, memo, error);
    atr_scope_close(s);
}

atr_value atr_memo_value(atr_store *store, atr_memo *memo)
{
    if (memo->running) {
        report_cycle(store, memo->view);
        return atr_type_zero(&memo->view->type);
    }
    if (memo->checked != store->epoch) {
        memo->running = true;
        if (memo->checked != 0 && atr_memo_deps_hold(store, memo)) {
            memo->checked = store->epoch;
            memo->running = false;
            atr_memo_find_roots(memo);
        } else {
            memo_run(store, memo);
        }
    }
    return memo->result;
}

/* ---- reading ---- */

static atr_value latched_zero(atr_ctx *ctx, const atr_view_class *view)
{
    atr_scope_fail(ctx->front.scope, &atr_error_no_memory);
    return atr_type_zero(&view->type);
}

/* On the turn's own values, in the turn's scope: the result is that of this moment only. */
static atr_value read_in_finish(atr_ctx *ctx, const atr_view_class *view)
{
    atr_value result;
    atr_ctx *inner;
    for (const atr_ctx *outer = ctx; outer != NULL; outer = outer->outer) {
        if (outer->view == view) {
            report_cycle(ctx->store, view);
            return atr_type_zero(&view->type);
        }
    }
    inner = atr_ctx_open(ctx->store, ATR_CTX_VIEW, ctx->front.scope, ctx->front.host);
    if (inner == NULL) {
        return latched_zero(ctx, view);
    }
    inner->view = view;
    inner->outer = ctx;
    inner->working = true;
    inner->front.is_layer = ctx->front.is_layer;
    result = view_run(inner, view);
    atr_ctx_close(inner);
    return result;
}

atr_value atr_view_read(atr_ctx *ctx, const atr_view_class *view)
{
    atr_memo *memo;
    atr_value result;
    if (!atr_ctx_usable(ctx, "ATR_GET")) {
        return atr_type_zero(&view->type);
    }
    if (ctx->working) {
        return read_in_finish(ctx, view);
    }
    memo = atr_memo_get(ctx->store, view);
    if (memo == NULL) {
        return latched_zero(ctx, view);
    }
    if (memo->running) {
        return atr_memo_value(ctx->store, memo);
    }
    result = atr_memo_value(ctx->store, memo);
    if (ctx->memo != NULL) {
        return atr_memo_note_view(ctx->memo, memo) ? result : latched_zero(ctx, view);
    }
    return atr_ctx_hold(ctx, atr_value_ref(&result)) ? result : atr_type_zero(&view->type);
}
