/* Reading a database through queries: all rows in one answer, and single rows with 100 queries in flight.
 * The clock runs from the execution to the last finish_with_response, on the wall, as two threads work. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <uv.h>

#include <atrium/app.h>
#include <atrium/sqlite.h>

#include "items.h"
#include "queries.h"
#include "refs/refs.h"

enum { IN_FLIGHT = 100, PATH_MAX_BYTES = 200, LATE_MS = 60000 };

typedef struct reader {
    char folder[PATH_MAX_BYTES];
    char path[PATH_MAX_BYTES + 16];
    ref_sqlite *raw;
    uv_loop_t loop;
    uv_timer_t late; /* ends the program instead of waiting for ever */
    atr_app *app;
    size_t n;
    uint32_t *order;
    /* of the round under way: */
    size_t asked, wanted, answered;
    uint64_t sum;
    uint64_t end_ns;
    bool closed;
} reader;

/* Whose round it is: what finish_with_response counts for. */
static reader *now;

/* ---- the queries ---- */

#define LOAD_ITEMS(F)
#define READ_ITEM(F) F(i64, id)
ATR_SERVICE(bench_db, atr_sqlite);
ATR_SERVICE_IMPL(bench_db, atr_sqlite);
ATR_QUERY(load_items, LOAD_ITEMS, vec(todo_item));
ATR_QUERY(read_item, READ_ITEM, ref(todo_item));

static void answered(size_t count)
{
    now->answered += count;
    if (now->answered == now->wanted) {
        now->end_ns = bench_now_ns();
    }
}

static void items_loaded(atr_finish *f, const load_items *self, const todo_item_vec *response)
{
    answered(todo_item_vec_count(response));
}

static void item_read(atr_finish *f, const read_item *self, const todo_item *response)
{
    now->sum += (uint64_t)response->id;
    answered(1);
    if (now->asked < now->wanted) {
        ATR_EXECUTE(f, read_item, .id = (int64_t)now->order[now->asked++] + 1);
    }
}

ATR_SQLITE_QUERY(load_items, LOAD_ITEMS, vec(todo_item), bench_db,
                 "SELECT id, title, done FROM item", .finish_with_response = items_loaded);
ATR_SQLITE_QUERY(read_item, READ_ITEM, ref(todo_item), bench_db,
                 "SELECT id, title, done FROM item WHERE id = :id",
                 .finish_with_response = item_read);

static const atr_query_class *const classes[] = {&load_items_class, &read_item_class, NULL};
static const atr_component component = {"bench", NULL, NULL, classes};

/* ---- the fixture ---- */

static void log_line(void *user, atr_log_level level, const char *area, const char *text)
{
    if (level >= ATR_LOG_WARNING) {
        bench_fail(text);
    }
}

static void app_open(reader *r)
{
    atr_app_options options = {.loop = &r->loop, .log = log_line};
    atr_sqlite_options db = {.path = r->path};
    bench_must(uv_loop_init(&r->loop), "a loop");
    uv_timer_init(&r->loop, &r->late);
    r->app = atr_app_new(&options);
    if (r->app == NULL) {
        bench_fail("no app");
    }
    bench_must(ATR_PROVIDE(r->app, bench_db, atr_sqlite_open(&db)), "the database");
    bench_must(atr_app_register(r->app, &component), "the component");
}

static void *reader_make(size_t n)
{
    reader *r = bench_take(sizeof *r);
    bench_random random = {n};
    const char *place = getenv("TMPDIR");
    *r = (reader){.n = n};
    snprintf(r->folder, sizeof r->folder, "%s/bench-XXXXXX", place != NULL ? place : "/tmp");
    if (mkdtemp(r->folder) == NULL) {
        bench_fail("no folder for the database");
    }
    snprintf(r->path, sizeof r->path, "%s/items.db", r->folder);
    r->raw = ref_sqlite_open(r->path);
    ref_sqlite_fill(r->raw, n);
    r->order = bench_take(n * sizeof *r->order);
    bench_shuffle(&random, r->order, n, n);
    app_open(r);
    return r;
}

static void on_closed(void *user)
{
    ((reader *)user)->closed = true;
}

static void reader_free(void *data)
{
    reader *r = data;
    atr_app_close(r->app, on_closed, r);
    while (!r->closed) {
        uv_run(&r->loop, UV_RUN_ONCE);
    }
    uv_close((uv_handle_t *)&r->late, NULL);
    uv_run(&r->loop, UV_RUN_DEFAULT);
    uv_loop_close(&r->loop);
    ref_sqlite_close(r->raw);
    unlink(r->path);
    rmdir(r->folder);
    free(r->order);
    free(r);
}

const bench_fixture sqlite_fixture = {reader_make, reader_free};

/* ---- rounds ---- */

static void round_begin(reader *r, size_t wanted)
{
    r->asked = 0;
    r->answered = 0;
    r->wanted = wanted;
    now = r;
}

static void on_late(uv_timer_t *timer)
{
    bench_fail("queries were not answered within a minute");
}

/* Run until all is answered and nothing of it is left. */
static double round_run(reader *r, uint64_t start)
{
    uv_timer_start(&r->late, on_late, LATE_MS, 0);
    while (r->answered < r->wanted || atr_app_stats_now(r->app).in_flight > 0) {
        uv_run(&r->loop, UV_RUN_ONCE);
        if (atr_app_stats_now(r->app).failed > 0) {
            bench_fail("a query failed");
        }
    }
    uv_timer_stop(&r->late);
    bench_use(r->sum);
    return (double)(r->end_ns - start) / (double)r->wanted;
}

double sqlite_rows_round(void *data, size_t ops)
{
    reader *r = data;
    uint64_t start = bench_now_ns();
    atr_event e = atr_event_open(r->app);
    round_begin(r, ops);
    ATR_EXECUTE(&e, load_items);
    atr_event_close(&e);
    return round_run(r, start);
}

double sqlite_point_round(void *data, size_t ops)
{
    reader *r = data;
    uint64_t start = bench_now_ns();
    atr_event e = atr_event_open(r->app);
    round_begin(r, ops);
    for (size_t i = 0; i < IN_FLIGHT && i < ops; i++) {
        ATR_EXECUTE(&e, read_item, .id = (int64_t)r->order[r->asked++] + 1);
    }
    atr_event_close(&e);
    return round_run(r, start);
}

double sqlite_rows_raw_round(void *data, size_t ops)
{
    reader *r = data;
    return ref_sqlite_rows(r->raw, ops);
}

double sqlite_point_raw_round(void *data, size_t ops)
{
    reader *r = data;
    return ref_sqlite_points(r->raw, r->order, ops);
}
