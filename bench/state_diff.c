/* Edit scripts after 100 changes of a large collection. Part of the group `state`. */
#include <stdlib.h>

#include <atrium/edits.h>

#include "items.h"
#include "state.h"

ATR_OMAP(todo_item, i64);

enum { CHANGES = 100 };

/* One change of a collection: the version after it. */
typedef const void *(*change_fn)(items *all, atr_scope *s, const void *was, size_t i);

typedef struct changing {
    items all;
    const void *was;
    change_fn change;
} changing;

static const void *map_change(items *all, atr_scope *s, const void *was, size_t i)
{
    int64_t key = items_next_key(all);
    (void)i;
    return todo_item_map_set(s, was, key, item_toggled(s, todo_item_map_get(was, key)));
}

static const void *omap_change(items *all, atr_scope *s, const void *was, size_t i)
{
    int64_t key = items_next_key(all);
    (void)i;
    return todo_item_omap_set(s, was, key, item_toggled(s, todo_item_omap_get(was, key)));
}

/* Rows come, go and change. */
static const void *vec_change(items *all, atr_scope *s, const void *was, size_t i)
{
    size_t at = items_next(all) % todo_item_vec_count(was);
    return i % 3 == 0   ? todo_item_vec_insert(s, was, at, all->spare[i % SPARES])
           : i % 3 == 1 ? todo_item_vec_erase(s, was, at)
                        : todo_item_vec_set(s, was, at, item_toggled(s, todo_item_vec_at(was, at)));
}

static changing *changing_make(size_t n, change_fn change)
{
    changing *c = bench_take(sizeof *c);
    items_init(&c->all, n);
    c->change = change;
    return c;
}

static void *map_make(size_t n)
{
    changing *c = changing_make(n, map_change);
    c->was = items_map(&c->all, c->all.s);
    return c;
}

static void *vec_make(size_t n)
{
    changing *c = changing_make(n, vec_change);
    c->was = todo_item_vec_of(c->all.s, c->all.item, n);
    return c;
}

static void *omap_make(size_t n)
{
    changing *c = changing_make(n, omap_change);
    todo_item_omap_builder *b = todo_item_omap_builder_new(c->all.s, NULL);
    for (size_t i = 0; i < n; i++) {
        todo_item_omap_builder_set(b, c->all.item[i]->id, c->all.item[i]);
    }
    c->was = todo_item_omap_builder_seal(b);
    return c;
}

static void changing_free(void *data)
{
    changing *c = data;
    items_clear(&c->all);
    free(c);
}

const bench_fixture map_changing_fixture = {map_make, changing_free};
const bench_fixture vec_changing_fixture = {vec_make, changing_free};
const bench_fixture omap_changing_fixture = {omap_make, changing_free};

/* The script alone is timed, right after the changes, as rounds of notification make it. */
static uint64_t diff_once(const changing *c, atr_scope *s, const void *now, size_t *found)
{
    static const atr_diff_options rows_only = {.rows_only = true};
    uint64_t start = bench_cpu_ns();
    const atr_edits *edits = atr_diff(s, c->was, now, &rows_only);
    uint64_t end = bench_cpu_ns();
    if (edits->count == 0) {
        bench_fail("an edit script could not be made");
    }
    *found += edits->count;
    return end - start;
}

double diff_round(void *data, size_t ops)
{
    changing *c = data;
    uint64_t spent = 0;
    size_t found = 0;
    while (found < ops) {
        ATR_SCOPE(s, c->all.s) {
            const void *now = c->was;
            for (size_t i = 0; i < CHANGES; i++) {
                now = c->change(&c->all, s, now, i);
            }
            spent += diff_once(c, s, now, &found);
        }
    }
    return (double)spent / (double)found;
}
