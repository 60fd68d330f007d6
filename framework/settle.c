/* Settling: passes of the loop until nothing of the app is under way. */
#include "app_private.h"

static bool is_idle(const atr_app *app)
{
    return !app->closing && ring_is_empty(&app->flights) && queue_is_empty(&app->queue) &&
           !mailbox_is_posted(app);
}

/* Who has asked to be told is told, unless there is no memory for it. */
static bool is_at_rest(atr_app *app)
{
    if (is_idle(app) && atr_store_is_dirty(app->store)) {
        atr_app_drain(app);
    }
    return is_idle(app);
}

/* Until the app is at rest, has ended, or its clock reaches until_ns. The pass is not to outlast that: the
 * alarm, which any drain sets anew, wakes it. */
static int settle(atr_app *app, uint64_t until_ns)
{
    int code = ATR_OK;
    while (code == ATR_OK && !is_at_rest(app)) {
        if (until_ns != ATR_NEVER && app->world.clock_ns(app->world_self) >= until_ns) {
            return ATR_E_TIMEOUT;
        }
        if (!app->closed && until_ns < app->alarm_ns) {
            timer_arm(app, until_ns);
        }
        code = app->world.pass(app->world_self);
    }
    return code;
}

int atr_app_settle(atr_app *app, uint32_t timeout_ms)
{
    uint64_t until_ns = ATR_NEVER;
    int code;
    if (!app_on_thread(app, "settle")) {
        return ATR_E_THREAD;
    }
    if (app->world.pass == NULL || app->running || app->busy || app->draining > 0) {
        return ATR_E_PHASE;
    }
    if (app->closing) {
        return ATR_E_CLOSED;
    }
    if (timeout_ms != 0) {
        until_ns = app->world.clock_ns(app->world_self) + (uint64_t)timeout_ms * 1000000u;
    }
    app->running = true;
    app->holders++;
    code = settle(app, until_ns);
    app->running = false;
    app->holders--;
    if (app->ended) {
        close_end(app);
    } else if (!app->closed && app->alarm_ns != atr_app_next_alarm(app)) {
        timer_arm(app, atr_app_next_alarm(app));
    }
    return code;
}
