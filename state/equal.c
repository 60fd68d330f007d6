/* Equality of any two values, by content, without recursion but where memory is out. */
#include <string.h>

#include <atrium/memory.h>
#include <atrium/model.h>

#include "seen.h"
#include "walk.h"

static bool pairs_grow(atr_pairs *more)
{
    size_t capacity = more->capacity * 2;
    atr_pair *items = atr_memory_take(capacity * sizeof *items);
    if (items == NULL) {
        return false;
    }
    memcpy(items, more->items, more->count * sizeof *items);
    if (more->items != more->small) {
        atr_memory_give(more->items, more->capacity * sizeof *items);
    }
    more->items = items;
    more->capacity = capacity;
    return true;
}

static bool equal_deep(const void *a, const void *b, unsigned nested);

bool atr_is_nothing(const void *value)
{
    const atr_head *head = value;
    if (head == NULL) {
        return true;
    }
    switch (head->model->structure) {
    case ATR_STRUCTURE_VEC: return atr_vec_count(value) == 0;
    case ATR_STRUCTURE_MAP:
    case ATR_STRUCTURE_SET: return atr_map_count(value) == 0;
    case ATR_STRUCTURE_OMAP:
    case ATR_STRUCTURE_OSET: return atr_omap_count(value) == 0;
    default: return false;
    }
}

bool atr_pairs_add(atr_pairs *more, const void *a, const void *b)
{
    const atr_head *x = a, *y = b;
    if (a == b) {
        return true;
    }
    if (a == NULL || b == NULL) {
        return atr_is_nothing(a) && atr_is_nothing(b);
    }
    if (x->model != y->model) {
        return false;
    }
    if (more->count == more->capacity && !pairs_grow(more)) {
        return more->nested < ATR_WALK_NESTED && equal_deep(a, b, more->nested + 1);
    }
    more->items[more->count].a = a;
    more->items[more->count].b = b;
    more->count++;
    return true;
}

/* A pair that was met is being compared, or was: all is over as soon as one differs. */
static bool rest_is_equal(atr_pairs *more)
{
    atr_seen seen = {0};
    bool equal = true;
    while (equal && more->count > 0) {
        atr_pair pair = more->items[--more->count];
        if (!atr_seen_is_due(&seen) || !atr_seen_met(&seen, pair.a, pair.b)) {
            equal = ((const atr_head *)pair.a)->model->equal(pair.a, pair.b, more);
        }
    }
    atr_seen_free(&seen);
    return equal;
}

static bool equal_deep(const void *a, const void *b, unsigned nested)
{
    const atr_model *model = ((const atr_head *)a)->model;
    atr_pairs
        more; /* its inline items stay unwritten: zeroing them would cost more than most walks */
    bool equal;
    more.items = more.small;
    more.count = 0;
    more.capacity = ATR_WALK_INLINE;
    more.nested = nested;
    equal = model->equal(a, b, &more) && rest_is_equal(&more);
    if (more.items != more.small) {
        atr_memory_give(more.items, more.capacity * sizeof *more.items);
    }
    return equal;
}

bool atr_equal_deep(const void *a, const void *b)
{
    return equal_deep(a, b, 0);
}

/* A model that refers to nothing leaves nothing to be compared later. */
bool atr_equal(const void *a, const void *b)
{
    const atr_model *model;
    if (a == b || a == NULL || b == NULL) {
        return a == b || (atr_is_nothing(a) && atr_is_nothing(b));
    }
    model = ((const atr_head *)a)->model;
    if (model != ((const atr_head *)b)->model) {
        return false;
    }
    return model->release == NULL && model->structure == ATR_STRUCTURE_FIELDS
               ? model->equal(a, b, NULL)
               : atr_equal_deep(a, b);
}
