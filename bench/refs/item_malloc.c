/* item_malloc: allocate an item, copy an old one into it, free that; 1,000 live, in shuffled order. */
#include <stdlib.h>

#include "refs.h"

typedef struct live {
    size_t n;
    todo_item **item;
    uint32_t order[ORDER_MIN];
} live;

static void *live_make(size_t n)
{
    bench_random random = {n};
    live *all = bench_take(sizeof *all);
    all->n = n;
    all->item = bench_take(n * sizeof *all->item);
    for (size_t i = 0; i < n; i++) {
        all->item[i] = bench_take(sizeof **all->item);
        *all->item[i] = todo_item_default;
        all->item[i]->id = (int64_t)i;
    }
    bench_shuffle(&random, all->order, ORDER_MIN, n);
    return all;
}

static void live_free(void *data)
{
    live *all = data;
    for (size_t i = 0; i < all->n; i++) {
        free(all->item[i]);
    }
    free(all->item);
    free(all);
}

const bench_fixture ref_malloc_fixture = {live_make, live_free};

double ref_malloc_round(void *data, size_t ops)
{
    live *all = data;
    uint64_t start = bench_cpu_ns(), end;
    for (size_t i = 0; i < ops; i++) {
        todo_item **place = &all->item[all->order[i % ORDER_MIN]];
        todo_item *next = bench_take(sizeof *next);
        *next = **place;
        next->done = !next->done;
        free(*place);
        *place = next;
    }
    end = bench_cpu_ns();
    bench_use((uint64_t)all->item[0]->done);
    return (double)(end - start) / (double)ops;
}
