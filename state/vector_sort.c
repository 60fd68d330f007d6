/* Sorting of vectors: a stable merge sort, from short blocks upwards. Neighbours that are in order already
 * are not touched, so that a nearly sorted vector takes little more than a look at each element. What
 * stays in its place stays in its leaf. */
#include <string.h>

#include <atrium/error.h>

#include "collections.h"
#include "vector_handle.h"

enum { BLOCK = 8 };

typedef struct sorter {
    atr_word *items;
    atr_word *room; /* for as many */
    size_t count;
    atr_vec_compare_fn compare;
    void *user;
} sorter;

static bool is_behind(const sorter *by, atr_word a, atr_word b)
{
    return by->compare(a, b, by->user) > 0;
}

static void sort_block(const sorter *by, size_t from, size_t to)
{
    for (size_t i = from + 1; i < to; i++) {
        atr_word item = by->items[i];
        size_t at = i;
        while (at > from && is_behind(by, by->items[at - 1], item)) {
            by->items[at] = by->items[at - 1];
            at--;
        }
        by->items[at] = item;
    }
}

/* [from, middle) and [middle, to) are sorted. */
static void merge(const sorter *by, size_t from, size_t middle, size_t to)
{
    size_t left = 0, count, right = middle, at;
    if (!is_behind(by, by->items[middle - 1], by->items[middle])) {
        return;
    }
    while (from < middle - 1 && !is_behind(by, by->items[from], by->items[middle])) {
        from++;
    }
    count = middle - from;
    memcpy(by->room, by->items + from, count * sizeof *by->room);
    for (at = from; left < count && right < to; at++) {
        by->items[at] =
            is_behind(by, by->room[left], by->items[right]) ? by->items[right++] : by->room[left++];
    }
    memcpy(by->items + at, by->room + left, (count - left) * sizeof *by->room);
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

static void sort(const sorter *by)
{
    for (size_t from = 0; from < by->count; from += BLOCK) {
        sort_block(by, from, least(from + BLOCK, by->count));
    }
    for (size_t width = BLOCK; width < by->count; width *= 2) {
        for (size_t from = 0; from + width < by->count; from += 2 * width) {
            merge(by, from, from + width, least(from + 2 * width, by->count));
        }
    }
}

static bool is_sorted(const atr_vec *v, atr_vec_compare_fn compare, void *user)
{
    atr_vec_cursor c;
    atr_word last;
    atr_vec_cursor_begin(&c, v, 0);
    while (atr_vec_cursor_next(&c)) {
        for (size_t i = 0; i < c.count; i++) {
            if (c.at + i > 0 && compare(last, c.items[i], user) > 0) {
                return false;
            }
            last = c.items[i];
        }
    }
    return true;
}

/* The pool has the room: the function may jump. */
static bool sorter_begin(sorter *by, atr_pool *pool, const atr_vec *v)
{
    atr_vec_cursor c;
    if (by->count > SIZE_MAX / 2 / sizeof *by->items) {
        return false;
    }
    by->items = atr_room_take(pool, 2 * by->count * sizeof *by->items);
    if (by->items == NULL) {
        return false;
    }
    by->room = by->items + by->count;
    atr_vec_cursor_begin(&c, v, 0);
    while (atr_vec_cursor_next(&c)) {
        memcpy(by->items + c.at, c.items, c.count * sizeof *c.items);
    }
    return true;
}

static bool sorted_some(void *user, size_t at, const atr_word *was, size_t count, atr_word *now)
{
    const sorter *by = user;
    (void)was;
    memcpy(now, by->items + at, count * sizeof *now);
    return true;
}

const atr_vec *atr_vec_sort_by(atr_scope *s, const atr_model *model, const atr_vec *v,
                               atr_vec_compare_fn compare, void *user)
{
    const atr_error *error = atr_scope_error(s);
    const atr_vec *made = NULL;
    sorter by = {NULL, NULL, atr_vec_count(v), compare, user};
    bool done;
    if (compare == NULL) {
        atr_refuse_function(s, model);
        return NULL;
    }
    if (s == NULL || !atr_collection_fit(s, model, v)) {
        return NULL;
    }
    done = is_sorted(v, compare, user);
    if (done || atr_scope_error(s) != error) {
        return atr_scope_error(s) == error ? atr_scope_same(s, v) : NULL;
    }
    if (!sorter_begin(&by, s->pool, v)) {
        atr_scope_fail(s, &atr_error_no_memory);
        return NULL;
    }
    sort(&by);
    if (atr_scope_error(s) == error) {
        made = atr_vec_rewrite(s, model, v, sorted_some, &by);
    }
    atr_extra_give(s->pool, by.items);
    return made;
}

const atr_vec *atr_vec_sort(atr_scope *s, const atr_model *model, const atr_vec *v)
{
    return atr_vec_sort_by(s, model, v, atr_vec_order_of(model), NULL);
}
