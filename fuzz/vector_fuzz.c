/* Bytes are updates of four vectors; each is done on a plain array too, and the two must agree. */
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

#include <atrium/memory.h>
#include <atrium/pool.h>
#include <atrium/vector.h>

enum { SLOTS = 4, ITEMS_MAX = 1500 };

typedef struct slot {
    const atr_i64_vec *v;
    int64_t items[ITEMS_MAX];
    size_t count;
} slot;

typedef struct input {
    const uint8_t *at, *end;
} input;

static slot slots[SLOTS], next;

static size_t take(input *in, size_t limit)
{
    size_t high = in->at < in->end ? *in->at++ : 0, low = in->at < in->end ? *in->at++ : 0;
    return limit == 0 ? 0 : (high << 8 | low) % limit;
}

static void put(const slot *from, size_t at, size_t skip, const int64_t *items, size_t count)
{
    memmove(next.items, from->items, at * sizeof *items);
    if (count > 0) {
        memmove(next.items + at, items, count * sizeof *items);
    }
    memmove(next.items + at + count, from->items + at + skip,
            (from->count - at - skip) * sizeof *items);
    next.count = from->count + count - skip;
}

static void build_append(atr_i64_vec_builder *b, const slot *more)
{
    if (next.count + more->count <= ITEMS_MAX) {
        memcpy(next.items + next.count, more->items, more->count * sizeof *more->items);
        next.count += more->count;
        check(atr_i64_vec_builder_append(b, more->v) == 0);
    }
}

/* An empty one stays empty. */
static void build_pop(atr_i64_vec_builder *b, size_t times)
{
    for (size_t i = 0; i < times; i++) {
        next.count -= next.count > 0;
        check(atr_i64_vec_builder_pop(b) == 0);
        check(atr_i64_vec_builder_count(b) == next.count);
    }
}

/* What comes before and after the items of its own. */
static void build_more(atr_i64_vec_builder *b, const slot *more, unsigned how, size_t times)
{
    if ((how & 1) != 0) {
        build_append(b, more);
    }
    if ((how & 2) != 0) {
        build_pop(b, times);
        build_append(b, more);
    }
}

static void build(atr_scope *s, const slot *a, const slot *other, size_t more)
{
    atr_i64_vec_builder *b = atr_i64_vec_builder_new(s, a->v);
    put(a, 0, 0, NULL, 0);
    build_more(b, other, more / 4 % 4, more / 16);
    for (size_t i = 0; i < more && next.count < ITEMS_MAX; i++) {
        next.items[next.count++] = (int64_t)i;
        atr_i64_vec_builder_push(b, (int64_t)i);
        next.items[i % next.count] = -1;
        atr_i64_vec_builder_set(b, i % next.count, -1);
        check(atr_i64_vec_builder_count(b) == next.count);
        check(atr_i64_vec_builder_at(b, i * 7 % next.count) == next.items[i * 7 % next.count]);
    }
    build_more(b, other, more % 4, more);
    next.v = atr_i64_vec_builder_seal(b);
}

/* ---- whole vectors ---- */

static bool stays(int64_t item, void *user)
{
    return item % *(int64_t *)user != 0;
}

static int64_t changed(atr_scope *s, int64_t item, void *user)
{
    return stays(item, user) ? item : item / 2 + 1;
}

static int down(int64_t a, int64_t b, void *user)
{
    return (a < b) - (a > b);
}

static int plain_up(const void *a, const void *b)
{
    return down(*(const int64_t *)b, *(const int64_t *)a, NULL);
}

static void reverse_items(void)
{
    for (size_t i = 0, j = next.count; i + 1 < j; i++) {
        int64_t item = next.items[i];
        next.items[i] = next.items[--j];
        next.items[j] = item;
    }
}

static void filter(atr_scope *s, const slot *a, int64_t every)
{
    size_t kept = 0;
    next.v = atr_i64_vec_filter(s, a->v, stays, &every);
    for (size_t i = 0; i < next.count; i++) {
        if (stays(next.items[i], &every)) {
            next.items[kept++] = next.items[i];
        }
    }
    next.count = kept;
}

static void whole(atr_scope *s, const slot *a, int64_t how)
{
    int64_t every = 1 + how / 6 % 17;
    size_t index;
    put(a, 0, 0, NULL, 0);
    switch (how % 6) {
    case 0: filter(s, a, every); break;
    case 1:
        next.v = atr_i64_vec_transform(s, a->v, changed, &every);
        for (size_t i = 0; i < next.count; i++) {
            next.items[i] = changed(s, next.items[i], &every);
        }
        break;
    case 2:
        next.v = atr_i64_vec_sort(s, a->v);
        qsort(next.items, next.count, sizeof *next.items, plain_up);
        check(!atr_i64_vec_search(next.v, how, &index) || next.items[index] == how);
        break;
    case 3:
        next.v = atr_i64_vec_sort_by(s, a->v, down, NULL);
        qsort(next.items, next.count, sizeof *next.items, plain_up);
        reverse_items();
        break;
    default: next.v = atr_i64_vec_reverse(s, a->v); reverse_items();
    }
}

static void update(atr_scope *s, input *in, unsigned op, const slot *a, const slot *b)
{
    int64_t item = (int64_t)take(in, 1000);
    size_t i = take(in, a->count + (op == 2 || op == 5 || op == 6)), to;
    if (op != 4 && op != 1 && op != 5 && a->count + (op == 6 ? b->count : 1) > ITEMS_MAX) {
        op = 1;
    }
    if (a->count == 0 && (op == 1 || op == 3 || op == 4)) {
        op = 0;
    }
    switch (op) {
    case 0:
        next.v = atr_i64_vec_push(s, a->v, item);
        put(a, a->count, 0, &item, 1);
        break;
    case 1:
        next.v = atr_i64_vec_pop(s, a->v);
        put(a, a->count - 1, 1, NULL, 0);
        break;
    case 2:
        next.v = atr_i64_vec_insert(s, a->v, i, item);
        put(a, i, 0, &item, 1);
        break;
    case 3:
        next.v = atr_i64_vec_set(s, a->v, i, item);
        put(a, i, 1, &item, 1);
        break;
    case 4:
        next.v = atr_i64_vec_erase(s, a->v, i);
        put(a, i, 1, NULL, 0);
        break;
    case 5:
        to = i + take(in, a->count - i + 1);
        next.v = atr_i64_vec_slice(s, a->v, i, to);
        memmove(next.items, a->items + i, (to - i) * sizeof *next.items);
        next.count = to - i;
        break;
    case 6: /* concatenated, when nothing is left to choose from */
        to = i + take(in, a->count - i + 1);
        next.v = atr_i64_vec_splice(s, a->v, i, to, b->v);
        put(a, i, to - i, b->items, b->count);
        break;
    default:
        if (item < 500) {
            build(s, a, b, (size_t)item);
        } else {
            whole(s, a, item);
        }
    }
}

static bool is_item(int64_t item, void *user)
{
    return item == *(int64_t *)user;
}

static int place_of_item(int64_t item, void *user)
{
    int64_t wanted = *(int64_t *)user;
    return (item > wanted) - (item < wanted);
}

/* The first of its value. */
static void find_check(atr_scope *s, const slot *which, int64_t item)
{
    size_t at = 0, found = 0, sorted_at = 0, sorted_found = 0;
    const atr_i64_vec *sorted = atr_i64_vec_sort(s, which->v);
    bool there;
    while (at < which->count && which->items[at] != item) {
        at++;
    }
    there = at < which->count;
    check(atr_i64_vec_find(which->v, is_item, &item, &found) == there && (!there || found == at));
    check(atr_i64_vec_index_of(which->v, item, &found) == there && (!there || found == at));
    check(atr_i64_vec_search(sorted, item, &sorted_found) == there);
    check(atr_i64_vec_search_by(sorted, place_of_item, &item, &sorted_at) == there);
    check(sorted_found == sorted_at);
}

static void chunks_check(const slot *which)
{
    size_t at = 0, count;
    const int64_t *items;
    while ((count = atr_i64_vec_chunk(which->v, at, &items)) > 0) {
        check(at + count <= which->count);
        check(memcmp(items, which->items + at, count * sizeof *items) == 0);
        at += count;
    }
    check(at == which->count);
}

static void slot_check(atr_scope *s, const slot *which)
{
    const atr_i64_vec *same = atr_i64_vec_of(s, which->items, which->count);
    check(atr_i64_vec_count(which->v) == which->count);
    atr_i64_vec_each it = {0};
    for (size_t i = 0; i < which->count; i++) {
        check(atr_i64_vec_at(which->v, i) == which->items[i]);
    }
    for (size_t i = which->count; i > 0; i--) {
        check(atr_i64_vec_prev(&it, which->v) && it.item == which->items[i - 1]);
    }
    check(atr_equal(which->v, same) && atr_hash(which->v) == atr_hash(same));
    chunks_check(which);
    find_check(s, which, which->count > 0 ? which->items[which->count / 2] : 0);
    find_check(s, which, -1);
}

static void step(input *in)
{
    atr_scope *s = atr_scope_open(NULL);
    unsigned head = *in->at++;
    const slot *a = &slots[head >> 3 & 3], *b = &slots[head >> 5 & 3];
    slot *to = &slots[(head >> 5 & 3) ^ (head >> 7)];

    update(s, in, head & 7, a, b);
    check(atr_scope_error(s) == NULL);
    atr_value_hold(next.v);
    atr_value_release(to->v);
    *to = next;
    if (in->at == in->end || (head & 0x1f) == 0) {
        slot_check(s, to);
    }
    atr_scope_close(s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    input in = {data, data + (size < 4096 ? size : 4096)};
    memset(slots, 0, sizeof slots);
    while (in.at < in.end) {
        step(&in);
    }
    for (size_t i = 0; i < SLOTS; i++) {
        ATR_SCOPE(s, NULL) {
            slot_check(s, &slots[i]);
        }
        atr_value_release(slots[i].v);
    }
    check(atr_memory_now().values == 0);
    return 0;
}
