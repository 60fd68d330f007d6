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
    fx.violations++;
}

static void on_success(atr_finish *f, const atr_query_class *query_class, const void *query,
                       const atr_value *response, void *user)
{
    fixture_forget();
    fx.succeeded = true;
    fx.value = *response;
    if (response->kind >= ATR_KIND_STR) {
        atr_keep(atr_store_of(f), response->as.ref);
    }
}

static void on_failure(atr_finish *f, const atr_failure *failure, void *user)
{
    fixture_forget();
    fx.error = failure->error;
    atr_keep(atr_store_of(f), failure->error);
}

static void on_closed(void *user)
{
    fx.closed = true;
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
        uv_run(&fx.loop, UV_RUN_ONCE);
    }
}

void fixture_open(const atr_sqlite_options *options)
{
    atr_sqlite_options own = options != NULL ? *options : (atr_sqlite_options){0};
    atr_app_options app = {.loop = &fx.loop, .log = on_log, .violation = on_violation};
    if (own.path == NULL) {
        own.path = fx.path;
    }
    assert_int_equal(uv_loop_init(&fx.loop), 0);
    fx.app = atr_app_new(&app);
    assert_non_null(fx.app);
    assert_int_equal(atr_app_on_success(fx.app, NULL, on_success, NULL, NULL), 0);
    assert_int_equal(atr_app_on_error(fx.app, on_failure, NULL, NULL), 0);
    assert_int_equal(ATR_PROVIDE(fx.app, test_db, atr_sqlite_open(&own)), 0);
    fx.started = 0;
    fx.closed = false;
}

void fixture_close(void)
{
    fixture_forget();
    assert_int_equal(atr_app_close(fx.app, on_closed, NULL), 0);
    while (!fx.closed) {
        uv_run(&fx.loop, UV_RUN_ONCE);
    }
    uv_run(&fx.loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&fx.loop), 0);
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
