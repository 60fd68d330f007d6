/* Events: the door for code outside, and what subscribers get. */
#include "app_private.h"

static bool event_make(atr_app *app, atr_event *e)
{
    atr_ctx *ctx = atr_ctx_enter(app->store, ATR_CTX_EVENT, &app->active);
    if (ctx == NULL) {
        return false;
    }
    *e = (atr_event){atr_ctx_front_of(ctx)->scope, ctx, atr_ctx_run(ctx)};
    app->open_events++;
    return true;
}

static void event_end(atr_app *app, atr_event *e)
{
    atr_ctx_leave(e->ctx);
    *e = (atr_event){NULL, NULL, NULL};
    app->open_events--;
    if (app->ended) {
        close_end(app);
    }
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
    const atr_ctx_front *front = NULL;
    const activation *active =
        e->s != NULL ? ctx_activation(e->ctx, "atr_event_close", &front) : NULL;
    const atr_error *error;
    int code;
    if (active == NULL) {
        return ATR_E_PHASE;
    }
    error = atr_scope_error(e->s);
    code = error == NULL ? ATR_OK : error->code;
    if (error != NULL && (error->domain != ATR_DOMAIN_ATRIUM || code >= 0)) {
        code = ATR_E_LATCHED; /* the codes of other domains mean something else here */
    }
    event_end(active->app, e);
    return code;
}

bool event_round_open(void *self, atr_event *e)
{
    return event_make(self, e);
}

/* One that the subscriber has closed itself is closed. */
void event_round_close(void *self, atr_event *e)
{
    if (e->s != NULL) {
        event_end(self, e);
    }
}
