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

static inline int event_end(atr_app *app, atr_event *e)
{
    atr_ctx *ctx = e->ctx;
    *e = (atr_event){NULL, NULL, NULL};
    app->holders++; /* what was deferred may close the app, or another event of one that has ended */
    atr_ctx_leave(ctx);
    app->holders--;
    if (app->ended) {
        close_end(app);
    }
    return ATR_OK;
}

ATR_COLD static int event_end_latched(atr_app *app, atr_event *e)
{
    int code = error_code_of(atr_scope_error(e->s));
    event_end(app, e);
    return code;
}

int atr_event_close(atr_event *e)
{
    const atr_ctx_front *front = NULL;
    const activation *active =
        e->s != NULL ? ctx_activation(e->ctx, "atr_event_close", &front) : NULL;
    if (active == NULL) {
        return ATR_E_PHASE;
    }
    return atr_latched_(e->s) ? event_end_latched(active->app, e) : event_end(active->app, e);
}
