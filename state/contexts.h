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

/* A paused one goes on, in a turn. */
static inline void atr_ctx_resume_here(atr_store *store, atr_ctx *ctx)
{
    ctx->front.kind = ATR_CTX_FINISH;
    atr_ctx_link(store, ctx);
}

/* It is open, the youngest one, and nothing is left to be done in it: what is held is among the entries of its scope
 * (atr_ctx_hold). */
static inline bool atr_ctx_is_idle(const atr_store *store, const atr_ctx *ctx)
{
    return store->innermost == ctx && !store->hindered && atr_scope_is_fresh(ctx->own);
}

/* false: it is open still, as something is left to be done in it. */
static inline bool atr_ctx_leave_idle_here(atr_store *store, atr_ctx *ctx)
{
    if (!atr_ctx_is_idle(store, ctx)) {
        return false;
    }
    store->innermost = ctx->older;
    atomic_store_explicit(&ctx->front.thread_, NULL, memory_order_relaxed);
    ctx->older = store->rest;
    store->rest = ctx;
    return true;
}

static inline void atr_ctx_leave_here(atr_store *store, atr_ctx *ctx)
{
    if (!atr_ctx_leave_idle_here(store, ctx)) {
        atr_ctx_leave_slowly(ctx);
    }
}

#endif
