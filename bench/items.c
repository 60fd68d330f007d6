#include "items.h"

#include <stdlib.h>

ATR_MODEL_IMPL(todo_item, TODO_ITEM);

const atr_str *item_title(atr_scope *s, int64_t id)
{
    return atr_str_format(s, "item number %lld", (long long)id);
}

const todo_item *item_make(atr_scope *s, int64_t id)
{
    return ATR_NEW(s, todo_item, .id = id, .title = item_title(s, id));
}

const todo_item *item_toggled(atr_scope *s, const todo_item *old)
{
    todo_item next = *old;
    next.done = !next.done;
    return todo_item_new(s, next);
}

void items_init(items *all, size_t n)
{
    bench_random random = {n};
    uint32_t *keys = bench_take(n * sizeof *keys);
    all->n = n;
    all->cursor = 0;
    all->pool = atr_pool_new();
    all->s = all->pool != NULL ? atr_pool_scope(all->pool) : NULL;
    all->item = bench_take(n * sizeof *all->item);
    bench_shuffle(&random, keys, n, n);
    for (size_t i = 0; i < n; i++) {
        all->item[i] = item_make(all->s, (int64_t)keys[i] + 1);
    }
    free(keys);
    for (size_t i = 0; i < SPARES; i++) {
        all->spare[i] = item_make(all->s, (int64_t)i);
    }
    all->order_count = n > ORDER_MIN ? n : ORDER_MIN;
    all->order = bench_take(all->order_count * sizeof *all->order);
    bench_shuffle(&random, all->order, all->order_count, n);
    if (atr_scope_error(all->s) != NULL) {
        bench_fail("no memory for the items");
    }
}

void items_clear(items *all)
{
    atr_pool_close(all->pool);
    free(all->item);
    free(all->order);
}

void items_let_go(items *all)
{
    atr_scope_close(all->s);
    all->s = atr_pool_scope(all->pool);
}

const todo_item_map *items_map(const items *all, atr_scope *s)
{
    todo_item_map_builder *b = todo_item_map_builder_new(s, NULL);
    const todo_item_map *m;
    for (size_t i = 0; i < all->n; i++) {
        todo_item_map_builder_set(b, all->item[i]->id, all->item[i]);
    }
    m = todo_item_map_builder_seal(b);
    if (todo_item_map_count(m) != all->n) {
        bench_fail("a map could not be built");
    }
    return m;
}
