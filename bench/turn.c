/* The group `turn`: a query is executed in an event; the drain that follows starts it, takes its canned
 * response, runs the turn and tells the subscribers. */
#include <stdlib.h>

#include "items.h"
#include "refs/refs.h"
#include "world.h"

/* ---- a program: a number and a map of items ---- */

#define TALLY(F) F(i64, number)
#define TODO_STATE(F) F(map(i64, todo_item), items)
#define SET_NUMBER(F) F(i64, number)
#define FILL(F) F(i64, count)
#define REVISE(F) F(i64, id)
ATR_MODEL(tally, TALLY);
ATR_MODEL(todo_state, TODO_STATE);
ATR_ROOT(numbers, tally);
ATR_ROOT(todos, todo_state);
ATR_QUERY(set_number, SET_NUMBER, i64);
ATR_QUERY(fill, FILL, i64);
ATR_QUERY(revise, REVISE, i64);
ATR_MODEL_IMPL(tally, TALLY);
ATR_MODEL_IMPL(todo_state, TODO_STATE);
ATR_ROOT_IMPL(numbers, tally, &tally_default);
ATR_ROOT_IMPL(todos, todo_state, &todo_state_default);

static void number_is_set(atr_finish *f, const set_number *self, int64_t response)
{
    tally next = *ATR_STATE(f, numbers);
    next.number = response;
    ATR_UPDATE(f, numbers, next);
}
ATR_QUERY_IMPL(set_number, SET_NUMBER, i64, .finish_with_response = number_is_set);

static void filled(atr_finish *f, const fill *self, int64_t response)
{
    todo_state next = *ATR_STATE(f, todos);
    bench_random random = {(uint64_t)response};
    uint32_t *keys = bench_take((size_t)response * sizeof *keys);
    todo_item_map_builder *b = todo_item_map_builder_new(f->s, NULL);
    bench_shuffle(&random, keys, (size_t)response, (size_t)response);
    for (int64_t i = 0; i < response; i++) {
        int64_t id = (int64_t)keys[i] + 1;
        todo_item_map_builder_set(b, id, item_make(f->s, id));
    }
    free(keys);
    next.items = todo_item_map_builder_seal(b);
    ATR_UPDATE(f, todos, next);
}
ATR_QUERY_IMPL(fill, FILL, i64, .finish_with_response = filled);

static void revised(atr_finish *f, const revise *self, int64_t response)
{
    todo_state next = *ATR_STATE(f, todos);
    const todo_item *old = todo_item_map_get(next.items, self->id);
    next.items = todo_item_map_set(f->s, next.items, response, item_toggled(f->s, old));
    ATR_UPDATE(f, todos, next);
}
ATR_QUERY_IMPL(revise, REVISE, i64, .finish_with_response = revised);

/* The canned response of every class is its input, an i64. */
static void answer(atr_start *ctx, const void *query, void *user)
{
    const revise *any = query;
    (void)user;
    atr_start_answer(ctx->start, ATR_WRAP_i64(any->id));
}

static const atr_root *const roots[] = {&numbers_root, &todos_root, NULL};
static const atr_query_class *const classes[] = {&set_number_class, &fill_class, &revise_class,
                                                 NULL};
static const atr_component component = {"bench", roots, NULL, classes};

/* ---- what the cases work on ---- */

typedef struct turner {
    bench_world world;
    atr_app *app;
    size_t n; /* items */
    uint32_t order[ORDER_MIN];
    size_t cursor;
    int64_t number;
    uint64_t told;
} turner;

static void on_number(atr_event *e, const tally *was, const tally *now, void *user)
{
    turner *t = user;
    t->told += (uint64_t)(now->number != was->number);
}

static void on_item(atr_event *e, const todo_item *was, const todo_item *now, void *user)
{
    turner *t = user;
    t->told += was != now;
}

/* Subscribe `per_key` times to each key of from .. to. */
static void subscribe(turner *t, size_t from, size_t to, size_t per_key)
{
    atr_store *store = atr_app_store(t->app);
    for (size_t key = from; key <= to; key++) {
        for (size_t i = 0; i < per_key; i++) {
            atr_watch w = ATR_WATCH_KEY(store, todos, items, (int64_t)key, on_item, t, NULL);
            if (w.slot == 0) {
                bench_fail("a subscription was refused");
            }
        }
    }
}

/* Execute one query and do all that follows from it. */
#define TURN(t, Q, ...)                              \
    do {                                             \
        atr_event event_ = atr_event_open((t)->app); \
        ATR_EXECUTE(&event_, Q, __VA_ARGS__);        \
        atr_event_close(&event_);                    \
        atr_app_drain((t)->app);                     \
    } while (0)

static turner *turner_new(size_t n)
{
    turner *t = bench_take(sizeof *t);
    bench_random random = {n};
    *t = (turner){.world = {.answer = answer}, .n = n};
    t->app = bench_app_new(&t->world, &component);
    bench_shuffle(&random, t->order, ORDER_MIN, n);
    TURN(t, fill, .count = (int64_t)n);
    return t;
}

static void turner_free(void *data)
{
    turner *t = data;
    bench_app_close(t->app, &t->world);
    free(t);
}

/* One subscriber on the root of the number, and one on key 1 of the map. */
static void *alone_make(size_t n)
{
    turner *t = turner_new(n);
    ATR_WATCH(atr_app_store(t->app), numbers, on_number, t, NULL);
    subscribe(t, 1, 1, 1);
    return t;
}

/* Ten subscribers on each key. */
static void *crowd_make(size_t n)
{
    turner *t = turner_new(n);
    subscribe(t, 1, n, 10);
    return t;
}

/* As many items, and nobody listens. */
static void *idle_make(size_t n)
{
    return turner_new(n);
}

/* Ten subscribers on each key but the first. */
static void *others_make(size_t n)
{
    turner *t = turner_new(n);
    subscribe(t, 2, n, 10);
    return t;
}

static const bench_fixture alone_fixture = {alone_make, turner_free};
static const bench_fixture crowd_fixture = {crowd_make, turner_free};
static const bench_fixture idle_fixture = {idle_make, turner_free};
static const bench_fixture others_fixture = {others_make, turner_free};

/* ---- rounds ---- */

static double ended(turner *t, uint64_t start, size_t ops, uint64_t told)
{
    uint64_t end = bench_cpu_ns();
    if (t->told != told || atr_app_stats_now(t->app).violations != 0) {
        bench_fail("a turn did not tell the subscribers it should");
    }
    t->told = 0;
    return (double)(end - start) / (double)ops;
}

static double scalar_round(void *data, size_t ops)
{
    turner *t = data;
    uint64_t start = bench_cpu_ns();
    for (size_t i = 0; i < ops; i++) {
        TURN(t, set_number, .number = ++t->number);
    }
    return ended(t, start, ops, ops);
}

/* Revises key 1, the one with the subscriber. */
static double turn_round(void *data, size_t ops)
{
    turner *t = data;
    uint64_t start = bench_cpu_ns();
    for (size_t i = 0; i < ops; i++) {
        TURN(t, revise, .id = 1);
    }
    return ended(t, start, ops, ops);
}

/* Revises keys in shuffled order. */
static double crowd_round(void *data, size_t ops)
{
    turner *t = data;
    uint64_t start = bench_cpu_ns();
    for (size_t i = 0; i < ops; i++) {
        TURN(t, revise, .id = (int64_t)t->order[t->cursor++ % ORDER_MIN] + 1);
    }
    return ended(t, start, ops, 10 * ops);
}

/* Revises key 1, on which nobody listens. */
static double idle_round(void *data, size_t ops)
{
    turner *t = data;
    uint64_t start = bench_cpu_ns();
    for (size_t i = 0; i < ops; i++) {
        TURN(t, revise, .id = 1);
    }
    return ended(t, start, ops, 0);
}

enum { K = 1000 };

static const bench_case cases[] = {
    {"turn_scalar", "ns", BENCH_TIMED, &alone_fixture, scalar_round, K, K},
    {"turn", "ns", BENCH_TIMED, &alone_fixture, turn_round, K, K},
    {"turn_10k", "ns", BENCH_TIMED, &crowd_fixture, crowd_round, K, K},
    {"turn_100k", "ns", BENCH_TIMED, &crowd_fixture, crowd_round, 10 * K, 10 * K},
    {"commit_idle_0", "ns", BENCH_TIMED, &idle_fixture, idle_round, 10 * K + 1, 10 * K + 1},
    {"commit_idle_100k", "ns", BENCH_TIMED, &others_fixture, idle_round, 10 * K + 1, 10 * K + 1},
    {0},
};

static const bench_budget budgets[] = {
    {"turn_scalar", 8, "item_malloc", false},
    {"turn", 22, "item_malloc", false},
    {"turn_10k", 3, "turn", false},
    {"turn_100k", 3, "turn", false},
    {"commit_idle_100k", 1.3, "commit_idle_0", false},
    {0},
};

const bench_group bench_turn = {"turn", cases, budgets};
