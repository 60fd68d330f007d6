#include <dirent.h>
#include <unistd.h>

#include "fixture.h"

fixture fx;

ATR_SERVICE_IMPL(test_db, atr_sqlite);

int open_descriptors(void)
{
    DIR *folder = opendir("/proc/self/fd");
    int count = 0;
    if (folder == NULL) {
        return 0;
    }
    while (readdir(folder) != NULL) {
        count++;
    }
    closedir(folder);
    return count;
}

/* ---- hooks ---- */

static void on_log(void *user, atr_log_level level, const char *area, const char *text)
{
    if (strcmp(area, "sqlite") == 0) {
        fx.logged++;
        snprintf(fx.log, sizeof fx.log, "%s", text);
    }
}

static void on_violation(void *user, int code, const char *text)
{
    print_error("violation %s: %s\n", atr_code_name(code), text);
    fx.violations++;
}

static void on_success(atr_finish *f, const atr_query_class *query_class, const void *query,
                       const atr_value *response, void *user)
{
    fixture_forget();
    fx.value = *response;
    fx.succeeded =
        response->kind < ATR_KIND_STR || atr_keep(atr_store_of(f), response->as.ref) == ATR_OK;
}

static void on_failure(atr_finish *f, const atr_failure *failure, void *user)
{
    fixture_forget();
    if (atr_keep(atr_store_of(f), failure->error) == ATR_OK) {
        fx.error = failure->error;
    }
}

static void on_closed(void *user)
{
    fx.closed = true;
}

/* ---- the world ---- */

static int world_open(void *self, atr_app *app)
{
    ((fault_world *)self)->app = app;
    return ATR_OK;
}

static void world_wake(void *self)
{
    fault_world *w = self;
    uv_mutex_lock(&w->mutex);
    w->woken = true;
    uv_cond_broadcast(&w->changed);
    uv_mutex_unlock(&w->mutex);
}

static void world_close(void *self, void (*done)(void *user), void *user)
{
    fault_world *w = self;
    w->done = done;
    w->done_user = user;
    world_wake(w);
}

static atr_time world_time_us(void *self)
{
    return 0;
}

static uint64_t world_clock_ns(void *self)
{
    return uv_hrtime();
}

static uint64_t world_random(void *self)
{
    return 4;
}

static void world_alarm(void *self, uint64_t due_ns)
{
    ((fault_world *)self)->due_ns = due_ns;
}

static void world_begin(void *self, atr_flight *flight)
{
    atr_flight_start(flight);
}

static int world_fault(void *self, const char *point)
{
    fault_world *w = self;
    int code = 0;
    uv_mutex_lock(&w->mutex);
    if (w->point == NULL || strcmp(w->point, point) == 0) {
        w->asked++;
        if (w->code != 0 && w->skip-- <= 0) {
            code = w->code;
        }
    }
    uv_cond_broadcast(&w->changed);
    while (w->held && strcmp(w->point, point) == 0) {
        uv_cond_wait(&w->changed, &w->mutex);
    }
    uv_mutex_unlock(&w->mutex);
    return code;
}

static const atr_world test_world = {
    .size = sizeof(atr_world),
    .open = world_open,
    .close = world_close,
    .time_us = world_time_us,
    .clock_ns = world_clock_ns,
    .random = world_random,
    .alarm = world_alarm,
    .wake = world_wake,
    .begin = world_begin,
    .fault = world_fault,
};

static void world_init(fault_world *w)
{
    memset(w, 0, sizeof *w);
    w->due_ns = ATR_NEVER;
    assert_int_equal(uv_mutex_init(&w->mutex), 0);
    assert_int_equal(uv_cond_init(&w->changed), 0);
}

static void world_free(fault_world *w)
{
    uv_cond_destroy(&w->changed);
    uv_mutex_destroy(&w->mutex);
}

/* Wait for a wake or the alarm, then drain. */
static void world_step(fault_world *w)
{
    uv_mutex_lock(&w->mutex);
    while (!w->woken && uv_hrtime() < w->due_ns) {
        if (w->due_ns == ATR_NEVER) {
            uv_cond_wait(&w->changed, &w->mutex);
        } else {
            uv_cond_timedwait(&w->changed, &w->mutex, w->due_ns - uv_hrtime());
        }
    }
    w->woken = false;
    w->due_ns = ATR_NEVER;
    uv_mutex_unlock(&w->mutex);
    if (w->done != NULL) {
        w->done(w->done_user);
    } else {
        atr_app_drain(w->app);
    }
}

void fixture_fail_at(const char *point, int skip, int code)
{
    uv_mutex_lock(&fx.world.mutex);
    fx.world.point = point;
    fx.world.skip = skip;
    fx.world.code = code;
    fx.world.asked = 0;
    uv_mutex_unlock(&fx.world.mutex);
}

static void set_held(bool held)
{
    uv_mutex_lock(&fx.world.mutex);
    fx.world.held = held;
    uv_cond_broadcast(&fx.world.changed);
    uv_mutex_unlock(&fx.world.mutex);
}

void fixture_hold_at(const char *point)
{
    fixture_fail_at(point, 0, 0);
    set_held(true);
}

void fixture_hold_over(void)
{
    set_held(false);
}

void fixture_wait_asked(int times)
{
    fault_world *w = &fx.world;
    for (;;) {
        uv_mutex_lock(&w->mutex);
        while (w->asked < times && !w->woken) {
            uv_cond_wait(&w->changed, &w->mutex);
        }
        bool asked = w->asked >= times;
        uv_mutex_unlock(&w->mutex);
        if (asked) {
            return;
        }
        world_step(w);
    }
}

/* ---- */

void fixture_forget(void)
{
    atr_store *store = atr_app_store(fx.app);
    if (fx.succeeded && fx.value.kind >= ATR_KIND_STR) {
        atr_drop(store, fx.value.as.ref);
    }
    atr_drop(store, fx.error);
    fx.succeeded = false;
    fx.error = NULL;
}

uint64_t outcomes(void)
{
    atr_app_stats stats = atr_app_stats_now(fx.app);
    return stats.succeeded + stats.failed + stats.cancelled;
}

void fixture_wait(void)
{
    while (outcomes() < fx.started) {
        fixture_step();
    }
    fx.cancelled = atr_app_stats_now(fx.app).cancelled;
}

void fixture_step(void)
{
    if (fx.has_world) {
        world_step(&fx.world);
    } else {
        uv_run(&fx.loop, UV_RUN_ONCE);
    }
}

void fixture_cancel(void)
{
    atr_event e = atr_event_open(fx.app);
    assert_int_equal(atr_cancel(&e, fx.last), ATR_OK);
    assert_int_equal(atr_event_close(&e), 0);
}

static void open_app(const atr_sqlite_options *options, const atr_app_options *app)
{
    atr_sqlite_options own = options != NULL ? *options : (atr_sqlite_options){0};
    if (own.path == NULL && own.uri == NULL) {
        own.path = fx.path;
    }
    fx.started = 0;
    fx.closed = false;
    fx.app = atr_app_new(app);
    assert_non_null(fx.app);
    assert_int_equal(atr_app_on_success(fx.app, NULL, on_success, NULL, NULL), 0);
    assert_int_equal(atr_app_on_error(fx.app, on_failure, NULL, NULL), 0);
    assert_int_equal(ATR_PROVIDE(fx.app, test_db, atr_sqlite_open(&own)), 0);
}

void fixture_open(const atr_sqlite_options *options)
{
    fx.has_world = false;
    assert_int_equal(uv_loop_init(&fx.loop), 0);
    open_app(options,
             &(atr_app_options){.loop = &fx.loop, .log = on_log, .violation = on_violation});
}

void fixture_open_in_world(const atr_sqlite_options *options)
{
    fx.has_world = true;
    world_init(&fx.world);
    open_app(options, &(atr_app_options){.world = &test_world,
                                         .world_self = &fx.world,
                                         .log = on_log,
                                         .violation = on_violation});
}

void fixture_close(void)
{
    fixture_forget();
    assert_int_equal(atr_app_close(fx.app, on_closed, NULL), 0);
    while (!fx.closed) {
        fixture_step();
    }
    if (fx.has_world) {
        world_free(&fx.world);
    } else {
        uv_run(&fx.loop, UV_RUN_DEFAULT);
        assert_int_equal(uv_loop_close(&fx.loop), 0);
    }
    fx.app = NULL;
    assert_int_equal(fx.violations, 0);
    assert_int_equal(atr_memory_now().blocks, 0);
    assert_int_equal(sqlite3_memory_used(), 0);
    assert_int_equal(open_descriptors(), fx.descriptors);
}

/* ---- for cmocka ---- */

int fixture_setup(void **state)
{
    const char *base = getenv("TMPDIR");
    memset(&fx, 0, sizeof fx);
    if (uv_loop_init(&fx.loop) != 0 || uv_loop_close(&fx.loop) != 0) {
        return -1; /* the first loop of a process leaves descriptors open */
    }
    fx.descriptors = open_descriptors();
    snprintf(fx.folder, sizeof fx.folder, "%s/atr-sqlite-XXXXXX",
             base != NULL && strlen(base) < 40 ? base : "/tmp");
    if (mkdtemp(fx.folder) == NULL) {
        return -1;
    }
    snprintf(fx.path, sizeof fx.path, "%s/test.db", fx.folder);
    return 0;
}

static void remove_folder(void)
{
    DIR *folder = opendir(fx.folder);
    char path[512];
    if (folder == NULL) {
        return;
    }
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
            snprintf(path, sizeof path, "%s/%s", fx.folder, entry->d_name);
            if (unlink(path) != 0) {
                rmdir(path);
            }
        }
    }
    closedir(folder);
    rmdir(fx.folder);
}

int fixture_teardown(void **state)
{
    if (fx.app != NULL) {
        fixture_close();
    }
    remove_folder();
    return 0;
}

/* ---- raw connections ---- */

sqlite3 *raw_open(const char *path)
{
    sqlite3 *raw = NULL;
    assert_int_equal(sqlite3_open(path, &raw), SQLITE_OK);
    return raw;
}

void raw_exec(sqlite3 *raw, const char *sql)
{
    char *message = NULL;
    if (sqlite3_exec(raw, sql, NULL, NULL, &message) != SQLITE_OK) {
        fail_msg("%s: %s", sql, message);
    }
}

int64_t raw_number(sqlite3 *raw, const char *sql)
{
    sqlite3_stmt *statement = NULL;
    int64_t number = 0;
    assert_int_equal(sqlite3_prepare_v2(raw, sql, -1, &statement, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    number = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    return number;
}

void raw_script(const char *sql)
{
    sqlite3 *raw = raw_open(fx.path);
    raw_exec(raw, sql);
    assert_int_equal(sqlite3_close(raw), SQLITE_OK);
}
