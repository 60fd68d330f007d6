/* Ordered maps: found, set while the old version stays, iterated and built. Part of the group `state`. */
#include <stdlib.h>

#include "items.h"

ATR_OMAP(todo_item, i64);
ATR_OMAP_IMPL(todo_item, i64);

enum {
    K = 1000,
    M = 1000 * K,
    FEW = 50 * K, /* what stands for a million in quick mode */
};

typedef struct ordered {
    items all;
    const todo_item_omap *map;
} ordered;

/* in_order: by ascending keys. */
static const todo_item_omap *build(const items *all, atr_scope *s, bool in_order)
{
    todo_item_omap_builder *b = todo_item_omap_builder_new(s, NULL);
    const todo_item_omap *m;
    for (size_t i = 0; i < all->n; i++) {
        todo_item_omap_builder_set(b, in_order ? (int64_t)i + 1 : all->item[i]->id, all->item[i]);
    }
    m = todo_item_omap_builder_seal(b);
    if (todo_item_omap_count(m) != all->n) {
        bench_fail("an ordered map could not be built");
    }
    return m;
}

static void *ordered_make(size_t n)
{
    ordered *o = bench_take(sizeof *o);
    items_init(&o->all, n);
    o->map = build(&o->all, o->all.s, false);
    return o;
}

static void ordered_free(void *data)
{
    ordered *o = data;
    items_clear(&o->all);
    free(o);
}

static const bench_fixture fixture = {ordered_make, ordered_free};

static double find_round(void *data, size_t ops)
{
    ordered *o = data;
    uint64_t sum = 0, start = bench_cpu_ns(), end;
    for (size_t i = 0; i < ops; i++) {
        sum += (uint64_t)todo_item_omap_get(o->map, items_next_key(&o->all))->id;
    }
    end = bench_cpu_ns();
    bench_use(sum);
    return (double)(end - start) / (double)ops;
}

static double set_round(void *data, size_t ops)
{
    ordered *o = data;
    uint64_t sum = 0, start = bench_cpu_ns(), end;
    for (size_t i = 0; i < ops; i++) {
        ATR_SCOPE(s, o->all.s) {
            const todo_item_omap *next =
                todo_item_omap_set(s, o->map, items_next_key(&o->all), o->all.spare[i % SPARES]);
            sum += todo_item_omap_count(next);
        }
    }
    end = bench_cpu_ns();
    bench_use(sum);
    return (double)(end - start) / (double)ops;
}

static double iterate_round(void *data, size_t ops)
{
    ordered *o = data;
    todo_item_omap_each it = {0};
    uint64_t sum = 0, start = bench_cpu_ns(), end;
    while (todo_item_omap_next(&it, o->map)) {
        sum += (uint64_t)it.value->id;
    }
    end = bench_cpu_ns();
    bench_use(sum);
    return (double)(end - start) / (double)ops;
}

static double build_in(ordered *o, size_t ops, bool in_order)
{
    uint64_t start = bench_cpu_ns(), end = start;
    ATR_SCOPE(s, o->all.s) {
        bench_use(todo_item_omap_count(build(&o->all, s, in_order)));
        end = bench_cpu_ns();
    }
    return (double)(end - start) / (double)ops;
}

static double build_round(void *data, size_t ops)
{
    return build_in(data, ops, false);
}

static double append_round(void *data, size_t ops)
{
    return build_in(data, ops, true);
}

static const bench_case cases[] = {
    {"omap_find_1k", "ns", BENCH_TIMED, &fixture, find_round, K, K},
    {"omap_find_1m", "ns", BENCH_TIMED, &fixture, find_round, M, FEW},
    {"omap_set_1k", "ns", BENCH_TIMED, &fixture, set_round, K, K},
    {"omap_iterate_1m", "ns", BENCH_WHOLE, &fixture, iterate_round, M, FEW},
    {"omap_build_1m", "ns", BENCH_WHOLE, &fixture, build_round, M, FEW},
    {"omap_append_1m", "ns", BENCH_WHOLE, &fixture, append_round, M, FEW},
    {0},
};

static const bench_budget budgets[] = {{0}};

const bench_group bench_omap = {"state", cases, budgets};
