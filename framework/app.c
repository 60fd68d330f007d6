/* The app: made from options and a world, filled with components. */
#include <stdio.h>
#include <string.h>

#include "app_private.h"

enum { DRAIN_LIMIT = 1000, ROUND_LIMIT = 100 };

/* ---- hooks ---- */

void atr_app_log(atr_app *app, atr_log_level level, const char *area, const char *format, ...)
{
    char text[1024];
    va_list args;
    if (app->options.log == NULL) {
        return;
    }
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    app->options.log(app->options.log_user, level, area, text);
}

void atr_app_violation(atr_app *app, int code, const char *format, ...)
{
    char text[1024];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    atomic_fetch_add(&app->violations, 1);
    if (app->options.violation != NULL) {
        app->options.violation(app->options.violation_user, code, text);
    } else {
        atr_app_log(app, ATR_LOG_ERROR, "app", "%s: %s", atr_code_name(code), text);
    }
}

bool app_off_thread(atr_app *app, const char *call)
{
    atr_app_violation(app, ATR_E_THREAD, "%s was called from another thread than the app's", call);
    return false;
}

void app_note_send(atr_app *app, atr_note_kind kind, const atr_flight *flight,
                   const atr_error *error, atr_phase phase)
{
    atr_note note = {kind, flight->handle, flight->query_class, flight->query, error, phase};
    app->world.note(app->world_self, &note);
}

const char *atr_phase_name(atr_phase phase)
{
    static const char *const names[] = {
        "start",      "the answer",         "finish_with_response",
        "on_success", "a success listener", "finish_with_error",
        "on_error",   "on_cancel",          "a subscriber",
    };
    return (size_t)phase < sizeof names / sizeof *names ? names[phase] : "?";
}

/* ---- what the store asks of us ---- */

static void store_failed(void *self, const char *what, const atr_error *error)
{
    atr_app *app = self;
    wish *failure = wish_put(app, OP_FAILURE);
    if (failure == NULL) {
        atr_app_log(app, ATR_LOG_ERROR, "state", "%s failed: %s", what, error->message->bytes);
        return;
    }
    failure->of.error = error;
    atr_value_hold(error);
    app->world.wake(app->world_self);
}

static void store_violation(void *self, int code, const char *what)
{
    atr_app_violation(self, code, "%s", what);
}

static void store_untold(void *self)
{
    app_wake(self);
}

/* No turn runs meanwhile, whether a turn or a round folds. */
static void store_folding(void *self, bool on)
{
    atr_app *app = self;
    if (on) {
        app->busy_around_fold = app->busy;
    }
    app->busy = on || app->busy_around_fold;
}

static bool gate(void *user, size_t size_bytes)
{
    atr_app *app = user;
    return app->world.may_allocate(app->world_self, size_bytes);
}

/* ---- making ---- */

static bool take_world(atr_app *app, const atr_app_options *options)
{
    const atr_world *world = options->world != NULL ? options->world : uv_world();
    size_t size = world->size < sizeof app->world ? world->size : sizeof app->world;
    memcpy(&app->world, world,
           size); /* the rest is zero: functions a smaller table does not have */
    app->world_self = options->world_self;
    if (options->world == NULL) {
        app->world_self = uv_world_new(options->loop);
        app->own_loop = options->loop == NULL;
    }
    return app->world_self != NULL || options->world != NULL;
}

static bool make_parts(atr_app *app)
{
    atr_store_host host = {app,          flight_fold,  store_failed, store_violation,
                           store_untold, store_folding};
    app->store = atr_store_new(&host);
    if (app->store == NULL) {
        return false;
    }
    app->pool = atr_store_pool(app->store);
    if (app->world.may_allocate != NULL) {
        atr_pool_gate(app->pool, gate, app);
    }
    app->box = mailbox_new(app);
    return app->box != NULL;
}

atr_app *atr_app_new(const atr_app_options *options)
{
    static const atr_app_options defaults;
    atr_app *app = atr_memory_take(sizeof *app);
    if (app == NULL) {
        return NULL;
    }
    memset(app, 0, sizeof *app);
    options = options != NULL ? options : &defaults;
    app->options = *options;
    if (app->options.drain_limit == 0) {
        app->options.drain_limit = DRAIN_LIMIT;
    }
    if (app->options.round_limit == 0) {
        app->options.round_limit = ROUND_LIMIT;
    }
    app->thread = atr_thread_self();
    app->alarm_ns = ATR_NEVER;
    app->active.app = app;
    app->rounds.host = &app->active;
    ring_init(&app->flights);
    ring_init(&app->ready);
    if (!take_world(app, options)) {
        atr_memory_give(app, sizeof *app);
        return NULL;
    }
    if (!make_parts(app) || app->world.open(app->world_self, app) != ATR_OK) {
        if (app->box != NULL) {
            mailbox_drop(app->box);
        }
        atr_store_free(app->store);
        if (options->world == NULL) {
            uv_world_free(app->world_self);
        }
        atr_memory_give(app, sizeof *app);
        return NULL;
    }
    return app;
}

/* ---- components ---- */

static int check_class(atr_scope *s, const atr_query_class *query_class)
{
    int code = atr_model_check(s, query_class->model);
    if (code == ATR_OK && query_class->response.model != NULL) {
        code = atr_model_check(s, query_class->response.model);
    }
    if (code == ATR_OK && query_class->policy->is_local &&
        query_class->response.kind != ATR_KIND_UNIT) {
        code = atr_refuse(s, ATR_E_DEFINITION, "%s is local, so its response must be unit",
                          query_class->name);
    }
    if (code == ATR_OK && query_class->policy->check != NULL) {
        code = query_class->policy->check(s);
    }
    return code;
}

static int check_classes(atr_scope *s, const atr_component *component)
{
    int code = component->startup != NULL ? check_class(s, component->startup) : ATR_OK;
    for (size_t i = 0;
         code == ATR_OK && component->classes != NULL && component->classes[i] != NULL; i++) {
        code = check_class(s, component->classes[i]);
    }
    return code;
}

static int add_component(atr_app *app, const atr_component *component)
{
    if (app->component_count == app->component_capacity) {
        const atr_component **components =
            array_grow(app->components, &app->component_capacity, sizeof *components);
        if (components == NULL) {
            return ATR_E_NO_MEMORY;
        }
        app->components = components;
    }
    app->components[app->component_count++] = component;
    return ATR_OK;
}

/* All of it, or nothing. */
static int register_in(atr_app *app, atr_scope *s, const atr_component *component)
{
    size_t before = atr_store_root_count(app->store);
    int code = check_classes(s, component);
    for (size_t i = 0; code == ATR_OK && component->roots != NULL && component->roots[i] != NULL;
         i++) {
        code = atr_store_add_root(app->store, s, component->roots[i], component);
    }
    code = code == ATR_OK ? add_component(app, component) : code;
    if (code != ATR_OK) {
        atr_store_drop_roots(app->store, before);
    }
    return code;
}

int atr_app_register(atr_app *app, const atr_component *component)
{
    atr_scope *s;
    int code;
    if (!app_on_thread(app, "register")) {
        return ATR_E_THREAD;
    }
    if (app->closing) {
        return ATR_E_CLOSED;
    }
    s = atr_pool_scope(app->pool);
    code = s != NULL ? register_in(app, s, component) : ATR_E_NO_MEMORY;
    if (s != NULL && atr_scope_error(s) != NULL) {
        atr_app_log(app, ATR_LOG_ERROR, "app", "component %s: %s",
                    component->name != NULL ? component->name : "?",
                    atr_scope_error(s)->message->bytes);
    }
    atr_scope_close(s);
    return code;
}

int atr_app_start(atr_app *app)
{
    atr_event e;
    if (!app_on_thread(app, "start")) {
        return ATR_E_THREAD;
    }
    if (app->closing) {
        return ATR_E_CLOSED;
    }
    e = atr_event_open(app);
    if (e.s == NULL) {
        return ATR_E_NO_MEMORY;
    }
    while (app->started_components < app->component_count) {
        const atr_query_class *startup = app->components[app->started_components]->startup;
        if (startup != NULL &&
            atr_execute(e.run, e.s, startup, startup->model->prototype, NULL).slot == 0) {
            break; /* it is tried again by the next call */
        }
        app->started_components++;
    }
    return atr_event_close(&e);
}

int atr_app_run(atr_app *app)
{
    int code;
    if (!app_on_thread(app, "run")) {
        return ATR_E_THREAD;
    }
    if (app->world.run == NULL || app->running || app->busy) {
        return ATR_E_PHASE;
    }
    code = app->closing ? ATR_OK : atr_app_start(app);
    if (code != ATR_OK) {
        return code;
    }
    app->running = true;
    return app->world.run(app->world_self);
}

/* ---- reading ---- */

atr_store *atr_app_store(atr_app *app)
{
    return app->store;
}

atr_app *atr_ctx_app(atr_ctx *ctx)
{
    const atr_ctx_front *front = atr_ctx_use(ctx, "atr_app_of");
    return front != NULL ? atr_store_self(atr_ctx_store(ctx)) : NULL;
}

atr_app_stats atr_app_stats_now(const atr_app *app)
{
    atr_app_stats stats = app->stats;
    stats.in_flight = (size_t)(stats.started + app->unstarted - app->over);
    stats.queued = (size_t)(flights_live(app) - stats.in_flight);
    stats.violations = atomic_load(&app->violations);
    return stats;
}

int atr_app_fault(const atr_app *app, const char *point)
{
    return app->world.fault != NULL ? app->world.fault(app->world_self, point) : 0;
}

/* Views have no activation, nor may they ask the world. */
ATR_COLD static void report_view(atr_ctx *ctx, const char *what)
{
    atr_app_violation(atr_store_self(atr_ctx_store(ctx)), ATR_E_PHASE,
                      "%s: a view is a function of the state", what);
}

activation *ctx_of_world(atr_ctx *ctx, const char *what, const atr_ctx_front **front)
{
    activation *active = ctx_activation(ctx, what, front);
    if (active == NULL && *front != NULL) {
        report_view(ctx, what);
    }
    return active;
}

atr_time atr_ctx_time(atr_ctx *ctx)
{
    const atr_ctx_front *front;
    const activation *active = ctx_of_world(ctx, "atr_now", &front);
    if (active == NULL) {
        return 0;
    }
    return active->frozen != NULL ? active->frozen->time
                                  : active->app->world.time_us(active->app->world_self);
}

uint64_t atr_ctx_random(atr_ctx *ctx)
{
    const atr_ctx_front *front;
    const activation *active = ctx_of_world(ctx, "atr_random", &front);
    uint64_t word;
    if (active == NULL) {
        return 0;
    }
    if (active->frozen == NULL) {
        return active->app->world.random(active->app->world_self);
    }
    word = active->frozen->seed += 0x9e3779b97f4a7c15u; /* splitmix64 */
    word = (word ^ (word >> 30)) * 0xbf58476d1ce4e5b9u;
    word = (word ^ (word >> 27)) * 0x94d049bb133111ebu;
    return word ^ (word >> 31);
}
