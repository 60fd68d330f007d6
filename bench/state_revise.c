/* Maps of which one version follows the other, as in a store, and the death of a large one. */
#include <stdlib.h>

#include <atrium/memory.h>

#include "items.h"
#include "state.h"

enum { KEPT_MAX = 100 };

typedef struct reviser {
    items all;
    const todo_item_map *now;            /* held */
    const todo_item_map *kept[KEPT_MAX]; /* held: the versions before */
    size_t kept_count;
    size_t oldest;
} reviser;

static reviser *reviser_new(size_t n, size_t kept_count)
{
    reviser *r = bench_take(sizeof *r);
    items_init(&r->all, n);
    r->now = items_map(&r->all, r->all.s);
    atr_value_hold(r->now);
    r->kept_count = kept_count;
    r->oldest = 0;
    for (size_t i = 0; i < kept_count; i++) {
        r->kept[i] = r->now;
        atr_value_hold(r->now);
    }
    items_let_go(&r->all);
    return r;
}

static void *reviser_make(size_t n)
{
    return reviser_new(n, 0);
}

static void *keeper_make(size_t n)
{
    return reviser_new(n, KEPT_MAX);
}

static void reviser_free(void *data)
{
    reviser *r = data;
    for (size_t i = 0; i < r->kept_count; i++) {
        atr_value_release(r->kept[i]);
    }
    atr_value_release(r->now);
    items_clear(&r->all);
    free(r);
}

const bench_fixture reviser_fixture = {reviser_make, reviser_free};
const bench_fixture keeper_fixture = {keeper_make, reviser_free};

/* Find, make a new item, set it, in a scope of its own. @return held */
static const todo_item_map *revise(reviser *r)
{
    const todo_item_map *next = NULL;
    ATR_SCOPE(s, r->all.s) {
        int64_t key = items_next_key(&r->all);
        next = todo_item_map_set(s, r->now, key, item_toggled(s, todo_item_map_get(r->now, key)));
        atr_value_hold(next);
    }
    return next;
}

double map_revise_round(void *data, size_t ops)
{
    reviser *r = data;
    uint64_t start = bench_cpu_ns(), end;
    for (size_t i = 0; i < ops; i++) {
        const todo_item_map *next = revise(r);
        atr_value_release(r->now);
        r->now = next;
    }
    end = bench_cpu_ns();
    bench_use(todo_item_map_count(r->now));
    return (double)(end - start) / (double)ops;
}

double map_keep_round(void *data, size_t ops)
{
    reviser *r = data;
    uint64_t start = bench_cpu_ns(), end;
    for (size_t i = 0; i < ops; i++) {
        const todo_item_map *next = revise(r);
        atr_value_release(r->kept[r->oldest]);
        r->kept[r->oldest] = r->now;
        r->oldest = (r->oldest + 1) % r->kept_count;
        r->now = next;
    }
    end = bench_cpu_ns();
    bench_use(todo_item_map_count(r->now));
    return (double)(end - start) / (double)ops;
}

/* The map is the last to hold its items: they and their titles die with it. */
double release_round(void *data, size_t ops)
{
    reviser *r = reviser_new(ops, 0);
    uint64_t start = bench_cpu_ns(), end;
    (void)data;
    atr_value_release(r->now);
    end = bench_cpu_ns();
    r->now = NULL;
    reviser_free(r);
    return (double)(end - start) / (double)ops;
}
