/* Events: the door for code outside, and what subscribers get. */
#include "app_private.h"

static bool event_make(atr_app *app, atr_event *e)
{
    atr_scope *scope = atr_pool_scope(app->pool);
    atr_ctx *ctx =
        scope != NULL ? atr_ctx_open(app->store, ATR_CTX_EVENT, scope, &app->event_active) : NULL;
    if (ctx == NULL) {
        atr_scope_close(scope);
        return false;
    }
    *e = (atr_event){scope, ctx, atr_ctx_run(ctx)};
    app->open_events++;
    return true;
}

static void event_end(atr_app *app, atr_event *e)
{
    atr_ctx_close(e->ctx);
    atr_scope_close(e->s);
    *e = (atr_event){NULL, NULL, NULL};
    app->open_events--;
    close_end(app);
}

atr_event atr_event_open(atr_app *app)
{
    atr_event e = {NULL, NULL, NULL};
    if (app_on_thread(app, "event_open") && !app->closed) {
        event_make(app, &e);
    }
    return e;
}

int atr_event_close(atr_event *e)
{
    activation *active = e->s != NULL && e->ctx != NULL ? atr_ctx_host(e->ctx) : NULL;
    const atr_error *error;
    int code;
    if (active == NULL) {
        return ATR_E_PHASE;
    }
    error = atr_scope_error(e->s);
    code = error == NULL ? ATR_OK : error->code;
    if (error != NULL && error->domain == ATR_DOMAIN_APP && code >= 0) {
        code = ATR_E_LATCHED;
    }
    event_end(active->app, e);
    return code;
}

bool event_round_open(void *self, atr_event *e)
{
    return event_make(self, e);
}

void event_round_close(void *self, atr_event *e)
{
    event_end(self, e);
}
