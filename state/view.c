/* Views, memoised (rule T5). A memo is looked at once in each epoch of visible state: when all that its
 * view has read is the same, its result holds; else the view runs again. An equal result leaves the old
 * one in place, so that what depends on it does not run either. Who asks for a view while it runs, and is not
 * asked by it, as in a nested loop, gets its last result; when it has run an epoch begins. */
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

/* What a view returned, or its key, must be a value of its kind. NULL: it is. */
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
static atr_value view_run(atr_ctx *ctx, const atr_view_class *view, const atr_value *key)
{
    atr_view v = {ctx->front.scope, ctx};
    atr_value result;
    const char *fault;
    ctx->store->stats.view_runs++;
    result = view->run(&v, *key);
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
 * next one who asks tries again. Nor is the zero that it got in a cycle, when anything has changed. */
static void memo_report(atr_store *store, atr_memo *memo, const atr_error *error)
{
    bool told = memo->failing;
    bool starved = atr_error_is(error, ATR_DOMAIN_ATRIUM, ATR_E_NO_MEMORY);
    bool lost = starved || memo->looped;
    memo->failing = error != NULL;
    if (starved) {
        memo->checked = 0;
    }
    if (lost != memo->lost) {
        atr_memo_set_lost(store, memo, lost);
    }
    if (error != NULL && !told && store->host.failed != NULL) {
        store->host.failed(store->host.self, memo->view->name, error);
    }
}

/* What it has read last stays listed until it is known what it reads now. That it ran outside a round is
 * remembered: what led to it may have been taken back when the round comes. */
static void memo_rerun(atr_store *store, atr_memo *memo, atr_scope *s, atr_ctx *ctx)
{
    const atr_error *error = &atr_error_no_memory;
    atr_deps old = memo->deps;
    memo->deps = memo->spare;
    memo->checked = store->epoch;
    memo->run = ++store->memos.runs;
    memo->looped = false;
    if (ctx != NULL) {
        atr_value result;
        ctx->memo = memo;
        result = view_run(ctx, memo->view, &memo->key);
        atr_ctx_close(ctx);
        error = atr_scope_take_error(s);
        if (error == NULL) {
            memo_take(memo, result);
        }
    }
    memo_report(store, memo, error);
    atr_memo_relist(store, memo, &old);
    atr_deps_clear(store, &old); /* what ends with it may do anything: the view runs still */
    memo->spare = old;
    memo->running = false;
    store->epoch += memo->missed;
    if (memo->live > 0) {
        atr_memo_touch(store, memo);
        store->untold |= memo->checked == 0;
    }
}

static void memo_run(atr_store *store, atr_memo *memo)
{
    atr_scope *s = atr_pool_scope(store->pool);
    memo_rerun(store, memo, s, atr_ctx_open(store, ATR_CTX_VIEW, s, NULL));
    atr_scope_close(s);
}

/* All that it depends on has been looked at. If something has changed meanwhile, as when a view that was asked for has
 * run a nested loop, that may be what was looked at before. */
static void memo_settle(atr_store *store, atr_memo *memo, bool holds)
{
    if (holds && memo->begun == store->epoch) {
        memo->checked = store->epoch;
        memo->running = false;
        if (memo->live > 0 && !memo->deps.listed) { /* it became live meanwhile */
            atr_memo_relist(store, memo, &(atr_deps){0});
        }
    } else {
        memo_run(store, memo);
    }
    if (memo->missed) {
        atr_memo_touch(store, memo);
        store->untold = true;
    }
}

static void memo_begin(const atr_store *store, atr_memo *memo, atr_memo *asker)
{
    memo->running = true;
    memo->begun = store->epoch;
    memo->asker = asker;
    memo->asked = 0;
}

/* Bring a view up to date for the one that asks, if any, and before it those that it has read, whose results
 * may still hold. They stand in a list, not on the program's stack: views may read themselves with other keys,
 * to any depth. */
static void memo_refresh(atr_store *store, atr_memo *memo, atr_memo *first_asker)
{
    memo_begin(store, memo, first_asker);
    while (memo != first_asker) {
        bool holds = memo->checked != 0 && !memo->looped;
        atr_memo *other = holds ? atr_memo_deps_step(store, memo, &holds) : NULL;
        if (other != NULL) {
            memo_begin(store, other, memo);
            memo = other;
        } else {
            atr_memo *asker = memo->asker;
            memo_settle(store, memo, holds);
            memo = asker;
        }
    }
}

static atr_value memo_value(atr_store *store, atr_memo *memo, atr_memo *asker)
{
    if (memo->running) {
        memo->missed = true;
    } else if (memo->checked != store->epoch) {
        memo_refresh(store, memo, asker);
    }
    return memo->result;
}

atr_value atr_memo_value(atr_store *store, atr_memo *memo)
{
    return memo_value(store, memo, NULL);
}

/* ---- reading ---- */

static atr_value latched_zero(atr_ctx *ctx, const atr_view_class *view)
{
    atr_scope_fail(ctx->front.scope, &atr_error_no_memory);
    return atr_type_zero(&view->type);
}

/* On the turn's own values, in the turn's scope: the result is that of this moment only. */
static atr_value read_in_finish(atr_ctx *ctx, const atr_view_class *view, const atr_value *key)
{
    atr_value result;
    atr_ctx *inner;
    for (const atr_ctx *outer = ctx; outer != NULL; outer = outer->outer) {
        if (outer->view == view && atr_value_equal(outer->view_key, key)) {
            report_cycle(ctx->store, view);
            return atr_type_zero(&view->type);
        }
    }
    inner = atr_ctx_open(ctx->store, ATR_CTX_VIEW, ctx->front.scope, NULL);
    if (inner == NULL) {
        return latched_zero(ctx, view);
    }
    inner->view = view;
    inner->view_key = key;
    inner->outer = ctx;
    inner->working = true;
    inner->front.is_layer = ctx->front.is_layer;
    result = view_run(inner, view, key);
    atr_ctx_close(inner);
    return result;
}

/* Does a view run that it has asked for, itself or through others? */
static bool asks_for_itself(const atr_ctx *ctx, const atr_memo *memo)
{
    const atr_memo *asker = ctx->memo;
    while (asker != NULL && asker != memo) {
        asker = asker->asker;
    }
    return asker != NULL;
}

static atr_value read_memo(atr_ctx *ctx, const atr_view_class *view, atr_memo *memo)
{
    atr_value result;
    if (memo->running && asks_for_itself(ctx, memo)) {
        report_cycle(ctx->store, view);
        ctx->memo->looped = true;
        return atr_type_zero(&view->type);
    }
    result = memo_value(ctx->store, memo, ctx->memo);
    if (ctx->memo != NULL) {
        /* What has read a view that could not run cannot run either. */
        bool good = atr_memo_note_view(ctx->store, ctx->memo, memo) && memo->checked != 0;
        return good ? result : latched_zero(ctx, view);
    }
    return atr_ctx_hold(ctx, atr_value_ref(&result)) ? result : atr_type_zero(&view->type);
}

bool atr_view_key_check(const atr_store *store, const atr_view_class *view, const atr_value *key,
                        const char *what)
{
    const char *fault = "is of another kind";
    if (key->kind == view->key.kind) {
        fault = result_fault(store->scope, &view->key, key);
    }
    if (fault != NULL) {
        atr_store_violation(store, ATR_E_REFUSED, "%s: the key of view %s %s", what, view->name,
                            fault);
    }
    return fault == NULL;
}

atr_value atr_view_read_key(atr_ctx *ctx, const atr_view_class *view, atr_value key)
{
    static const char what[] = "ATR_GET";
    atr_memo *memo;
    atr_value result;
    if (!atr_ctx_usable(ctx, what) || !atr_view_key_check(ctx->store, view, &key, what)) {
        return atr_type_zero(&view->type);
    }
    if (atr_ctx_is_working(ctx)) {
        return read_in_finish(ctx, view, &key);
    }
    memo = atr_memo_get(ctx->store, view, &key);
    if (memo == NULL) {
        return latched_zero(ctx, view);
    }
    result = read_memo(ctx, view, memo);
    atr_memo_unpin(ctx->store, memo);
    return result;
}

atr_value atr_view_read(atr_ctx *ctx, const atr_view_class *view)
{
    return atr_view_read_key(ctx, view, atr_wrap_unit_(ATR_UNIT));
}
