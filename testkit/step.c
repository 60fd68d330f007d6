/* Steps: act, then drain until nothing is ready any more. A step may run inside another, in a
 * callback; failures are told when the outermost one returns. */
#include "kit.h"

enum { STEP_LIMIT = 100000, IDLE_LIMIT = 3 };

void step_enter(kit *k, const char *file, int line)
{
    if (k->depth++ == 0) {
        k->file = file;
        k->line = line;
        strict_latch(k, file, line);
    }
}

void step_leave(kit *k)
{
    k->depth--;
    if (k->depth == 0) {
        k->step_scope = atr_scope_close(k->step_scope);
        strict_collect(k);
        failure_tell(k);
    }
}

/* Everything of the app is over: the test's own event closes, then the app is freed. */
void step_close(kit *k)
{
    void (*done)(void *user) = k->done;
    k->done = NULL;
    pending_drop(k);
    strict_latch(k, k->file, k->line);
    k->step_scope = atr_scope_close(k->step_scope);
    atr_event_close(&k->event);
    k->front = (atr_test){NULL, NULL, NULL, NULL, NULL};
    done(k->done_user);
}

static bool is_ready(kit *k)
{
    return k->front.app != NULL &&
           (atomic_exchange(&k->woken, false) || atr_app_is_ready(k->front.app));
}

static void fail_restless(kit *k, size_t drains)
{
    text b = {NULL, 0, 0};
    text_add(&b, "the step did not come to rest within %zu drains", drains);
    failure_add(k, k->file, k->line, &b);
}

/* @return drains. A drain that does nothing, several times in a row, means that the engine is busy
 * (this is a callback) or out of memory. */
size_t step_pump(kit *k)
{
    size_t limit = k->options.step_limit != 0 ? k->options.step_limit : STEP_LIMIT;
    size_t drains = 0;
    unsigned idle = 0;
    k->pumps++;
    while (idle < IDLE_LIMIT && is_ready(k)) {
        size_t before = k->progress;
        if (drains == limit) {
            fail_restless(k, drains);
            break;
        }
        drains++;
        idle = atr_app_drain(k->front.app) == 0 && k->progress == before ? idle + 1 : 0;
        if (k->done != NULL && k->pumps == 1) {
            step_close(k);
        }
    }
    k->pumps--;
    return drains;
}

/* ---- the steps ---- */

size_t atr_test_drain_at(atr_test *t, const char *file, int line)
{
    kit *k = kit_of(t);
    size_t drains;
    step_enter(k, file, line);
    drains = step_pump(k);
    step_leave(k);
    return drains;
}

void atr_test_start_at(atr_test *t, const char *file, int line)
{
    kit *k = kit_of(t);
    int code;
    step_enter(k, file, line);
    code = t->app != NULL ? atr_app_start(t->app) : ATR_E_CLOSED;
    if (code != ATR_OK) {
        text b = {NULL, 0, 0};
        text_add(&b, "the app did not start: %s", atr_code_name(code));
        failure_add(k, file, line, &b);
    }
    step_pump(k);
    step_leave(k);
}

atr_scope *atr_test_step(atr_test *t, const char *file, int line)
{
    kit *k = kit_of(t);
    step_enter(k, file, line);
    if (k->step_scope == NULL && t->s != NULL) {
        k->step_scope = atr_scope_open(t->s);
    }
    return k->step_scope;
}

static void fail_refused(kit *k, const atr_query_class *query_class)
{
    const atr_error *error = k->step_scope != NULL ? atr_scope_take_error(k->step_scope) : NULL;
    text b = {NULL, 0, 0};
    text_add(&b, "%s was refused: ", query_class->name);
    if (error != NULL) {
        text_add_error(&b, error);
    } else if (k->front.app == NULL) {
        text_add(&b, "the app is closed");
    } else {
        kit_lock(k);
        text_add(&b, "%s", k->last_log[0] != '\0' ? k->last_log : "no reason was logged");
        kit_unlock(k);
    }
    failure_add(k, k->file, k->line, &b);
}

atr_handle atr_test_executed(atr_test *t, const atr_query_class *query_class, atr_handle handle)
{
    kit *k = kit_of(t);
    if (handle.slot == 0) {
        fail_refused(k, query_class);
    }
    step_pump(k);
    step_leave(k);
    return handle;
}

int atr_test_cancel_at(atr_test *t, atr_handle handle, const char *file, int line)
{
    kit *k = kit_of(t);
    int code;
    step_enter(k, file, line);
    code = t->run != NULL ? atr_run_cancel(t->run, handle) : ATR_E_STALE;
    step_pump(k);
    step_leave(k);
    return code;
}

/* Timers fire one after the other, each at its own time. */
void atr_test_advance_at(atr_test *t, uint64_t ms, const char *file, int line)
{
    kit *k = kit_of(t);
    uint64_t left = UINT64_MAX - 1 - k->clock_ns, target;
    uint64_t last = 0;
    step_enter(k, file, line);
    target = ms <= left / 1000000 ? k->clock_ns + ms * 1000000 : k->clock_ns + left;
    step_pump(k);
    while (k->alarm_ns <= target && k->alarm_ns > last && k->front.app != NULL) {
        last = k->alarm_ns;
        k->clock_ns = last > k->clock_ns ? last : k->clock_ns;
        step_pump(k);
    }
    k->clock_ns = target;
    step_pump(k);
    step_leave(k);
}

static void is_closed(void *user)
{
    kit *k = user;
    k->closed = true;
}

bool atr_test_close_at(atr_test *t, const char *file, int line)
{
    kit *k = kit_of(t);
    step_enter(k, file, line);
    if (t->app != NULL) {
        atr_app_close(t->app, is_closed, k);
    }
    step_pump(k);
    step_leave(k);
    return t->app == NULL;
}
