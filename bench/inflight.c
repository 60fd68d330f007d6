/* What a query takes while it waits for its answer: all that the library has allocated for it (its inputs,
 * its flight, its place in the table of handles), by the library's own count. */
#include <atrium/memory.h>

#include "queries.h"
#include "world.h"

enum { AT_ONCE = 100 };

#define ASK(F) F(i64, id)
ATR_QUERY(ask, ASK, i64);
ATR_QUERY_IMPL(ask, ASK, i64, .timeout_ms = 0);

static const atr_query_class *const classes[] = {&ask_class, NULL};
static const atr_component component = {"bench", NULL, NULL, classes};

static void execute_some(atr_app *app, size_t count)
{
    atr_event e = atr_event_open(app);
    for (size_t i = 0; i < count; i++) {
        ATR_EXECUTE(&e, ask, .id = (int64_t)i);
    }
    bench_must(atr_event_close(&e), "executing");
    atr_app_drain(app);
}

double inflight_bytes_round(void *data, size_t ops)
{
    bench_world world = {.answer = NULL};
    atr_app *app = bench_app_new(&world, &component);
    size_t before, after;
    (void)data;
    execute_some(app, AT_ONCE);
    atr_memory_trim(NULL); /* blocks that wait would serve the queries uncounted */
    before = atr_memory_now().bytes;
    for (size_t i = 0; i < ops; i += AT_ONCE) {
        execute_some(app, AT_ONCE);
    }
    after = atr_memory_now().bytes;
    if (atr_app_stats_now(app).in_flight != ops + AT_ONCE) {
        bench_fail("not as many queries are under way as there should be");
    }
    bench_app_close(app, &world);
    return (double)(after - before) / (double)ops;
}
