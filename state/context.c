/* Contexts. They stay allocated until the store is freed, so that a context used after its
 * callback is recognised and refused; for long in checked pools, where the one that rests longest
 * is used next. */
#include "contexts.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Checked pools keep that many at rest, to recognise stale ones for longer. */
enum { CHECKED_REST = 64 };

static void bare_rest(atr_store *store, atr_ctx *ctx)
{
    atr_contexts *all = &store->contexts;
    if (!store->pool->checked) {
        ctx->older = all->bare_first;
        all->bare_first = ctx;
        return;
    }
    all->bare_count++;
    ctx->older = NULL;
    *(all->bare_first != NULL ? &all->bare_last->older : &all->bare_first) = ctx;
    all->bare_last = ctx;
}

static void ctx_rest(atr_store *store, atr_ctx *ctx)
{
    ctx->held_count = 0;
    if (ctx->own == NULL) {
        bare_rest(store, ctx);
        return;
    }
    ctx->older = store->rest;
    store->rest = ctx;
}

static void rest_all(atr_store *store, atr_ctx *items, size_t count)
{
    memset(items, 0, count * sizeof *items);
    for (size_t i = 0; i < count; i++) {
        items[i].store = store;
        bare_rest(store, &items[i]);
    }
}

void atr_contexts_init(atr_store *store)
{
    rest_all(store, store->contexts.first, ATR_CTX_FIRST);
}

void atr_contexts_free(atr_store *store)
{
    while (store->contexts.blocks != NULL) {
        atr_ctx_block *next = store->contexts.blocks->next;
        atr_memory_give(store->contexts.blocks, sizeof *next);
        store->contexts.blocks = next;
    }
}

static void block_add(atr_store *store)
{
    atr_ctx_block *block = atr_memory_take(sizeof *block);
    if (block != NULL) {
        block->next = store->contexts.blocks;
        store->contexts.blocks = block;
        rest_all(store, block->items, ATR_CTX_BLOCK);
    }
}

/* A free one, which may have a scope of its own; NULL: out of memory. */
static atr_ctx *ctx_take(atr_store *store)
{
    atr_contexts *all = &store->contexts;
    atr_ctx *ctx = store->rest;
    if (ctx != NULL) {
        store->rest = ctx->older;
        return ctx;
    }
    if (all->bare_first == NULL || (store->pool->checked && all->bare_count <= CHECKED_REST)) {
        block_add(store);
    }
    ctx = all->bare_first;
    if (ctx != NULL) {
        all->bare_first = ctx->older;
        all->bare_count -= store->pool->checked;
    }
    return ctx;
}

/* Out of turn, as events may be closed in any order; few are open at a time. */
ATR_COLD static void ctx_unlink(atr_store *store, const atr_ctx *ctx)
{
    atr_ctx **link = &store->innermost;
    while (*link != ctx) {
        link = &(*link)->older;
    }
    *link = ctx->older;
}

static inline void ctx_end(atr_store *store, atr_ctx *ctx)
{
    if (store->innermost == ctx) {
        store->innermost = ctx->older;
    } else {
        ctx_unlink(store, ctx);
    }
    atomic_store_explicit(&ctx->front.thread_, NULL, memory_order_relaxed);
    if (store->dropped_count > 0) {
        atr_dropped_release(store, ctx);
    }
}

/* ---- in a scope of the caller's ---- */

atr_ctx *atr_ctx_open(atr_store *store, atr_phase_kind kind, atr_scope *s, void *host)
{
    atr_ctx *ctx = s != NULL ? ctx_take(store) : NULL;
    if (ctx != NULL) {
        ctx->front.scope = s;
        atr_ctx_begin(store, ctx, kind, host);
    }
    return ctx;
}

/* Views and layers leave traces, which contexts with a scope of their own never have. */
void atr_ctx_close(atr_ctx *ctx)
{
    if (ctx != NULL && atr_ctx_usable(ctx, "atr_ctx_close")) {
        ctx_end(ctx->store, ctx);
        ctx->front.scope = ctx->own;
        ctx->front.is_layer = false;
        ctx->working = false;
        ctx->memo = NULL;
        ctx->view = NULL;
        ctx->outer = NULL;
        ctx_rest(ctx->store, ctx);
    }
}

/* ---- with a scope of its own ---- */

ATR_COLD atr_ctx *atr_ctx_enter_slowly(atr_store *store, atr_phase_kind kind, void *host)
{
    atr_ctx *ctx = ctx_take(store);
    if (ctx == NULL) {
        return NULL;
    }
    if (ctx->own == NULL) {
        ctx->own = atr_pool_scope(store->pool);
    }
    if (ctx->own == NULL) {
        ctx_rest(store, ctx);
        return NULL;
    }
    ctx->front.scope = ctx->own;
    atr_ctx_begin(store, ctx, kind, host);
    return ctx;
}

atr_ctx *atr_ctx_enter(atr_store *store, atr_phase_kind kind, void *host)
{
    return atr_ctx_enter_here(store, kind, host);
}

/* In checked stores a scope ends with its context, as any other scope does. */
static inline void ctx_empty(atr_store *store, atr_ctx *ctx)
{
    if (store->pool->checked) {
        ctx->own = atr_scope_close(ctx->own);
    } else if (!atr_scope_is_fresh(ctx->own)) {
        atr_scope_clear(ctx->own);
    }
    ctx_rest(store, ctx);
}

ATR_COLD static void ctx_leave(atr_ctx *ctx)
{
    if (atr_ctx_usable(ctx, "atr_ctx_leave")) {
        ctx_end(ctx->store, ctx);
        ctx_empty(ctx->store, ctx);
    }
}

/* Values were made in it, or there is more to be done. */
void atr_ctx_leave_slowly(atr_ctx *ctx)
{
    atr_store *store = ctx->store;
    if (store->innermost != ctx || store->dropped_count > 0 || store->pool->checked) {
        ctx_leave(ctx);
        return;
    }
    store->innermost = ctx->older;
    atomic_store_explicit(&ctx->front.thread_, NULL, memory_order_relaxed);
    atr_scope_clear(ctx->own);
    ctx_rest(store, ctx);
}

bool atr_ctx_leave_idle(atr_ctx *ctx)
{
    return atr_ctx_leave_idle_here(ctx->store, ctx);
}

/* Mostly it is the youngest, and nothing is left to be done. One that is over is not in the list. */
void atr_ctx_leave(atr_ctx *ctx)
{
    atr_ctx_leave_here(ctx->store, ctx);
}

ATR_COLD static void ctx_pause(atr_ctx *ctx)
{
    if (atr_ctx_usable(ctx, "atr_ctx_pause")) {
        ctx_end(ctx->store, ctx);
    }
}

void atr_ctx_pause(atr_ctx *ctx)
{
    atr_store *store = ctx->store;
    if (store->innermost != ctx || store->dropped_count > 0) {
        ctx_pause(ctx);
        return;
    }
    store->innermost = ctx->older;
    atomic_store_explicit(&ctx->front.thread_, NULL, memory_order_relaxed);
}

bool atr_store_has_event(const atr_store *store)
{
    const atr_ctx *ctx = store->innermost;
    while (ctx != NULL && ctx->front.kind != ATR_CTX_EVENT) {
        ctx = ctx->older;
    }
    return ctx != NULL;
}

void atr_ctx_forget(atr_ctx *ctx)
{
    if (ctx != NULL) {
        ctx_empty(ctx->store, ctx);
    }
}

/* Another one in its place, if there is one, so that who has kept it is caught. */
static atr_ctx *ctx_replace(atr_ctx *ctx)
{
    atr_ctx *next = ctx_take(ctx->store);
    if (next != NULL) {
        next->own = ctx->own;
        next->front.scope = ctx->own;
        next->front.host = ctx->front.host;
        ctx->own = NULL;
        ctx_rest(ctx->store, ctx);
    }
    return next != NULL ? next : ctx;
}

/* What it had held for its scope, that holds still. */
atr_ctx *atr_ctx_resume(atr_ctx *ctx)
{
    if (ctx->own->front.careful) {
        ctx = ctx_replace(ctx);
    }
    atr_ctx_resume_here(ctx->store, ctx);
    return ctx;
}

void atr_ctx_renew(atr_ctx *ctx)
{
    ctx->held_count = 0;
    if (ctx->store->dropped_count > 0) {
        atr_dropped_release(ctx->store, ctx);
    }
}

bool atr_ctx_refuse(const atr_ctx *ctx, const char *what)
{
    if (ctx != NULL && atr_store_on_thread(ctx->store, what)) {
        atr_store_violation(ctx->store, ATR_E_PHASE,
                            "%s: the context's callback has returned already", what);
    }
    return false;
}

bool atr_ctx_hold(atr_ctx *ctx, const void *value)
{
    uint32_t known = ctx->held_count < ATR_CTX_HELD ? ctx->held_count : ATR_CTX_HELD;
    for (uint32_t i = 0; i < known; i++) {
        if (ctx->held[i] == value) {
            return true;
        }
    }
    if (atr_scope_hold(ctx->front.scope, value) != ATR_OK) {
        return false;
    }
    if (ctx->front.scope->count > 0) { /* immortal values are not owned */
        ctx->held[ctx->held_count++ % ATR_CTX_HELD] = value;
    }
    return true;
}

/* ---- what engines ask of a context ---- */

atr_store *atr_ctx_store(const atr_ctx *ctx)
{
    return ctx != NULL ? ctx->store : NULL;
}

const atr_ctx_front *atr_ctx_use(atr_ctx *ctx, const char *what)
{
    return atr_ctx_usable(ctx, what) ? &ctx->front : NULL;
}

void *atr_ctx_host(atr_ctx *ctx)
{
    return atr_ctx_usable(ctx, "a call of the framework") ? ctx->front.host : NULL;
}

void atr_ctx_set_host(atr_ctx *ctx, void *host)
{
    if (atr_ctx_usable(ctx, "atr_ctx_set_host")) {
        ctx->front.host = host;
    }
}

atr_scope *atr_ctx_scope(atr_ctx *ctx)
{
    return atr_ctx_usable(ctx, "a call of the framework") ? ctx->front.scope : NULL;
}

bool atr_ctx_is_layer(const atr_ctx *ctx)
{
    return ctx != NULL && ctx->front.is_layer &&
           atomic_load_explicit(&ctx->front.thread_, memory_order_relaxed) != NULL;
}

/* ---- failing ---- */

static const atr_error *app_error(atr_scope *s, int32_t code, const char *format, va_list args)
{
    const atr_error *error = &atr_error_no_memory;
    va_list again;
    char *text = NULL;
    int size;
    va_copy(again, args);
    size = vsnprintf(NULL, 0, format, args);
    text = size >= 0 ? atr_memory_take((size_t)size + 1) : NULL;
    if (text != NULL) {
        vsnprintf(text, (size_t)size + 1, format, again);
        error = atr_error_make(s, ATR_DOMAIN_APP, code, "%s", text);
        atr_memory_give(text, (size_t)size + 1);
    }
    va_end(again);
    return error;
}

int atr_write_fail(atr_write *write, atr_scope *s, int32_t code, const char *format, ...)
{
    atr_ctx *ctx = atr_write_ctx(write);
    va_list args;
    if (!atr_ctx_usable(ctx, "atr_fail")) {
        return code;
    }
    s = s != NULL ? s : ctx->front.scope;
    if (atr_scope_error(s) == NULL) {
        va_start(args, format);
        atr_scope_fail(s, app_error(s, code, format, args));
        va_end(args);
    }
    return code;
}
