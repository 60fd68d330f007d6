/* Callbacks of a turn: one scope and one context for the turn, a savepoint and a latch for each callback
 * (rules S6, T2a). The scope is that of the start, when the answer came from there. */
#include "app_private.h"

/* false: memory is out, nothing was opened. */
bool turn_open(atr_app *app, callback *c, atr_flight *flight)
{
    atr_ctx *ctx;
    if (flight != NULL && flight->done.ctx != NULL) {
        ctx = atr_ctx_resume(flight->done.ctx, ATR_CTX_FINISH, &c->active);
        flight->done.ctx = NULL;
    } else {
        ctx = atr_ctx_enter(app->store, ATR_CTX_FINISH, &c->active);
    }
    if (ctx == NULL) {
        return false;
    }
    c->active.app = app;
    c->active.flight = flight;
    c->active.frozen = false;
    c->scope = atr_ctx_front_of(ctx)->scope;
    c->f = (atr_finish){c->scope, ctx, atr_ctx_run(ctx), atr_ctx_write(ctx), false};
    app->busy = true;
    return true;
}

void turn_close(callback *c)
{
    c->active.app->busy = false;
    atr_ctx_leave(c->f.ctx);
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
        queue_undo(c->active.app, c->queued);
    }
    return error;
}
