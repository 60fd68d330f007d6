/* Events: the door for code outside. Those that subscribers get are made by the store. */
#include "app_private.h"

atr_event atr_event_open(atr_app *app)
{
    atr_event e = {NULL, NULL, NULL};
    atr_ctx *ctx;
    if (!app_on_thread(app, "event_open") || app->closed) {
        return e;
    }
    ctx = atr_ctx_enter(app->store, ATR_CTX_EVENT, &app->active);
    if (ctx != NULL) {
        e = (atr_event){atr_ctx_front_of(ctx)->scope, ctx, atr_ctx_run(ctx)};
    }
    return e;
}

/* What was deferred may close the app, or another event of one that has ended. */
ATR_NOINLINE static int event_close(atr_event *e)
{
    const atr_ctx_front *front = NULL;
    const activation *active =
        e->s != NULL ? ctx_activation(e->ctx, "atr_event_close", &front) : NULL;
    atr_ctx *ctx = e->ctx;
    atr_app *app;
    int code;
    if (active == NULL) {
        return ATR_E_PHASE;
    }
    app = active->app;
    code = atr_latched_(e->s) ? error_code_of(atr_scope_error(e->s)) : ATR_OK;
    *e = (atr_event){NULL, NULL, NULL};
    app->holders++;
    atr_ctx_leave(ctx);
    app->holders--;
    if (app->ended) {
        close_end(app);
    }
    return code;
}

/* Mostly nothing is left to be done in it. */
int atr_event_close(atr_event *e)
{
    const atr_ctx_front *front = e->s != NULL ? atr_ctx_front_of(e->ctx) : NULL;
    const activation *active = ctx_is_here(front) ? front->host : NULL;
    if (active == NULL || active->app->ended || !atr_ctx_leave_idle(e->ctx)) {
        return event_close(e);
    }
    *e = (atr_event){NULL, NULL, NULL};
    return ATR_OK;
}
