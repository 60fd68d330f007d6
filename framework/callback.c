/* Callbacks of a turn: one scope and one context for the turn, a savepoint and a latch for each callback
 * (rules S6, T2a). */
#include "app_private.h"

/* false: memory is out, nothing was opened. */
bool turn_open(atr_app *app, callback *c, atr_flight *flight)
{
    atr_ctx *ctx;
    *c = (callback){.active = {.app = app, .flight = flight}};
    c->scope = atr_pool_scope(app->pool);
    ctx = c->scope != NULL ? atr_ctx_open(app->store, ATR_CTX_FINISH, c->scope, &c->active) : NULL;
    if (ctx == NULL) {
        atr_scope_close(c->scope);
        return false;
    }
    c->f = (atr_finish){c->scope, ctx, atr_ctx_run(ctx), atr_ctx_write(ctx), false};
    app->busy = true;
    return true;
}

void turn_close(callback *c)
{
    c->active.app->busy = false;
    atr_ctx_close(c->f.ctx);
    atr_scope_close(c->scope);
}

void callback_begin(callback *c)
{
    atr_app *app = c->active.app;
    atr_turn_mark(app->store);
    c->queued = app->queue.count;
    c->mark = atr_scope_mark_set(c->scope);
}

/* The callback's error, after its updates and operations were undone; NULL: it did well. */
const atr_error *callback_end(callback *c)
{
    const atr_error *error = atr_scope_mark_end(c->scope, c->mark);
    if (error != NULL) {
        atr_turn_undo(c->active.app->store);
        queue_truncate(c->active.app, c->queued);
    }
    return error;
}
