/* What the figures are about: items {i64 id, str title, bool done}, made beforehand, with shuffled keys. */
#ifndef BENCH_ITEMS_H
#define BENCH_ITEMS_H

#include <atrium/model.h>
#include <atrium/pool.h>

#include "bench.h"

#define TODO_ITEM(F) \
    F(i64, id)       \
    F(str, title)    \
    F(bool, done)
ATR_MODEL(todo_item, TODO_ITEM);

/* The keys of n items are 1 .. n; `order` names them in the order of access, again and again. */
enum { ORDER_MIN = 16384, SPARES = 64 };

typedef struct items {
    size_t n;
    atr_pool *pool; /* of their own: no other fixture's free cells lie between them */
    atr_scope *s;   /* lives as long as the pool */
    const todo_item **item;
    const todo_item *spare[SPARES]; /* to be put in the place of others */
    uint32_t *order;                /* 0 .. n - 1: places in a vector, keys less 1 */
    size_t order_count;
    size_t cursor;
} items;

/* The next place in the order of access; it goes on from round to round. */
static inline uint32_t items_next(items *all)
{
    uint32_t place = all->order[all->cursor++];
    if (all->cursor == all->order_count) {
        all->cursor = 0;
    }
    return place;
}
static inline int64_t items_next_key(items *all)
{
    return (int64_t)items_next(all) + 1;
}

/* A text as titles are: 12 to 18 bytes. */
const atr_str *item_title(atr_scope *s, int64_t id);
const todo_item *item_make(atr_scope *s, int64_t id);
/* A new item, different from an old one. */
const todo_item *item_toggled(atr_scope *s, const todo_item *old);

/* Make n items in a pool of their own; item[i] has any key of 1 .. n. */
void items_init(items *all, size_t n);
void items_clear(items *all);
/* Leave the items to what else holds them, and open a new scope. */
void items_let_go(items *all);
/* The map of all of them, made in s by a builder. */
const todo_item_map *items_map(const items *all, atr_scope *s);

#endif
