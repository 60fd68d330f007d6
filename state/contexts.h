/* Contexts on the straight way: entered last, left first, with nothing left to be done. The rest is in
 * context.c. */
#ifndef ATR_STATE_CONTEXTS_H
#define ATR_STATE_CONTEXTS_H

#include "store.h"

/* context.c */
/* NULL: out of memory. */
atr_ctx *atr_ctx_enter_slowly(atr_store *store, atr_phase_kind kind, void *host);
void atr_ctx_leave_slowly(atr_ctx *ctx);

/* It is open from now on. */
static inline void atr_ctx_link(atr_store *store, atr_ctx *ctx)
{
    ctx->older = store->innermost;
    atomic_store_explicit(&ctx->front.thread_, atr_thread_here(), memory_order_relaxed);
    store->innermost = ctx;
}

static inline void atr_ctx_begin(atr_store *store, atr_ctx *ctx, atr_phase_kind kind, void *host)
{
    ctx->front.host = host;
    ctx->front.kind = (uint8_t)kind;
    ctx->working = kind == ATR_CTX_FINISH;
    atr_ctx_link(store, ctx);
}

/* Those at rest in that list have a scope of their own, open and empty. */
static inline atr_ctx *atr_ctx_enter_here(atr_store *store, atr_phase_kind kind, void *host)
{
    atr_ctx *ctx = store->rest;
    if (ctx == NULL) {
        return atr_ctx_enter_slowly(store, kind, host);
    }
    store->rest = ctx->older;
    atr_ctx_begin(store, ctx, kind, host);
    return ctx;
}

/* 0: nothing was done in it, nor is it of a checked pool. One question, not five. */
static inline uintptr_t atr_scope_traces(const atr_scope *s)
{
    return (uintptr_t)s->front.error | (uintptr_t)s->front.inner | s->count | s->deferred_count |
           s->front.careful;
}

/* Nor was anything held for it. */
static inline bool atr_ctx_is_untouched(const atr_ctx *ctx)
{
    return (atr_scope_traces(ctx->own) | ctx->held_count) == 0;
}

static inline void atr_ctx_leave_here(atr_store *store, atr_ctx *ctx)
{
    if (store->innermost != ctx || store->dropped_count > 0 || !atr_ctx_is_untouched(ctx)) {
        atr_ctx_leave_slowly(ctx);
        return;
    }
    store->innermost = ctx->older;
    atomic_store_explicit(&ctx->front.thread_, NULL, memory_order_relaxed);
    ctx->older = store->rest;
    store->rest = ctx;
}

#endif
