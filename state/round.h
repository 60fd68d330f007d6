/* The event of a round: one for all that it tells (rule S6). */
#ifndef ATR_STATE_ROUND_H
#define ATR_STATE_ROUND_H

#include "contexts.h"

typedef struct atr_round {
    const atr_rounds *rounds;
    atr_ctx *ctx; /* NULL: it is not open */
    atr_event e;  /* which a subscriber may close, or copy and close */
} atr_round;

/* Whether it is open. Its context, closed by a subscriber, may serve another event by now. */
static inline bool atr_round_has_event(const atr_round *r)
{
    return r->ctx != NULL && r->ctx->front.kind == ATR_CTX_TOLD;
}

static inline void atr_round_end(const atr_round *r, atr_store *store)
{
    if (atr_round_has_event(r)) {
        atr_ctx_leave_here(store, r->ctx);
    }
}

/* One of its own, which is open; NULL: there is none. */
static inline atr_ctx *atr_round_event_new(atr_store *store, const atr_rounds *rounds, atr_event *e)
{
    atr_ctx *ctx;
    if (rounds->may_open != NULL && !rounds->may_open(rounds->self)) {
        return NULL;
    }
    ctx = atr_ctx_enter_here(store, ATR_CTX_TOLD, rounds->host);
    if (ctx != NULL) {
        *e = (atr_event){ctx->front.scope, ctx, atr_ctx_run(ctx)};
    }
    return ctx;
}

/* false: there is none. */
static inline bool atr_round_open(atr_round *r, atr_store *store)
{
    if (!atr_round_has_event(r)) {
        r->ctx = atr_round_event_new(store, r->rounds, &r->e);
    }
    return r->ctx != NULL;
}

/* Whether it is open, and as it was then. */
static inline bool atr_round_is_as_new(const atr_round *r, const atr_store *store)
{
    return atr_ctx_is_idle(store, r->ctx);
}

/* round.c */
/* It is not: a subscriber has failed, closed its event or left something in it; or the store is a checked one, where
 * each has another, so that who has kept one is caught. `name` is of what was told. */
void atr_round_react(atr_round *r, atr_store *store, const char *name);

#endif
