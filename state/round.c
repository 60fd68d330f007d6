/* What subscribers leave in the event of a round. */
#include "round.h"

/* Take what the subscriber latched before the scope closes, so that it is reported here only. */
static void report_failure(const atr_store *store, const char *name, atr_scope *s)
{
    const atr_error *error = atr_scope_take_error(s);
    if (store->host.failed != NULL) {
        store->host.failed(store->host.self, name, error);
    }
}

void atr_round_react(atr_round *r, atr_store *store, const char *name)
{
    atr_ctx *ctx = r->ctx;
    if (!atr_ctx_is_here(ctx) || !atr_round_has_event(r)) {
        r->ctx = NULL;
        return;
    }
    if (ctx->own->front.error != NULL) {
        report_failure(store, name, ctx->own);
    }
    if (store->pool->checked) {
        atr_round_end(r, store);
        r->ctx = NULL;
        return;
    }
    if (ctx->held_count > 0 || store->dropped_count > 0) {
        atr_ctx_renew(ctx);
    }
    if (!atr_scope_is_fresh(ctx->own)) {
        atr_scope_clear(ctx->own);
    }
}
