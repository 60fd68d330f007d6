/* Collections of every shape that updates go different ways in: what the sweeps over failing allocations begin
 * with, and must find as it was. */
#ifndef ATR_STATE_TESTS_SWEEP_OLDS_H
#define ATR_STATE_TESTS_SWEEP_OLDS_H

#include "collections.h"
#include "failing.h"
#include "sample.h"
#include "shape.h"

typedef struct olds {
    const atr_str_vec *relaxed; /* of several levels, its tail of one element */
    const atr_str_vec *full;    /* 64 elements: the next push moves the tail into the tree */
    const atr_str_set *colliding;
    const todo_item_map *deep; /* two entries below a chain of nodes, others beside it */
    const todo_item_str_map *items;
    const atr_str *text, *twin;      /* with one hash */
    const atr_str *member;           /* of colliding */
    const atr_str_set *twins;        /* member, and one beside the colliding ones */
    const todo_item_str_map *others; /* one key of items, and others of its hashes */
} olds;

static inline const atr_str *text_of(atr_scope *s, size_t i)
{
    const atr_str *text = atr_str_format(s, "text %zu", i);
    ((atr_str *)(uintptr_t)text)->hash = 1 + (uint32_t)i % 50;
    return text;
}

static inline const atr_str_vec *texts(atr_scope *s, size_t count)
{
    atr_str_vec_builder *b = atr_str_vec_builder_new(s, NULL);
    for (size_t i = 0; i < count; i++) {
        atr_str_vec_builder_push(b, text_of(s, i));
    }
    return atr_str_vec_builder_seal(b);
}

/* Keys 0 and the one with hash 1 part at the last digit only. */
static inline int64_t deep_key(void)
{
    uint64_t inverse = 1;
    for (int i = 0; i < 6; i++) {
        inverse *= 2 - atr_map_hash_i64(1) * inverse;
    }
    return (int64_t)inverse;
}

static inline olds olds_make(atr_scope *s)
{
    olds o = {0};
    const atr_str_vec *v = texts(s, 1200);
    v = atr_str_vec_concat(s, atr_str_vec_slice(s, v, 20, 1100), atr_str_vec_slice(s, v, 3, 100));
    while (((const atr_vec_node *)((const atr_vec *)v)->tail)->count > 1) {
        v = atr_str_vec_pop(s, v);
    }
    o.relaxed = atr_str_vec_insert(s, v, 500, ATR_STR(s, "put in"));
    o.full = texts(s, 64);
    for (int64_t i = 0; i < 40; i++) {
        const todo_item *item = sample_item(s, i, "item");
        o.deep = todo_item_map_set(s, o.deep, i, item);
        o.items = todo_item_str_map_set(s, o.items, text_of(s, (size_t)i), item);
        o.colliding = atr_str_set_add(s, o.colliding, text_of(s, (size_t)i * 50));
    }
    o.deep = todo_item_map_set(s, o.deep, deep_key(), sample_item(s, -1, "deep"));
    o.text = text_of(s, 1007);
    o.twin = text_of(s, 57);
    o.member = text_of(s, 100);
    o.twins = atr_str_set_add(s, atr_str_set_add(s, NULL, o.twin), o.member);
    for (size_t i = 39; i < 1200; i += 50) {
        o.others = todo_item_str_map_set(s, o.others, text_of(s, i), sample_item(s, 7, "other"));
    }
    return o;
}

static inline const todo_item *an_item(void)
{
    return &todo_item_default;
}

static inline void olds_are_intact(atr_scope *s, const olds *o, const olds *same)
{
    check_vec((const atr_vec *)o->relaxed);
    check_vec((const atr_vec *)o->full);
    check_map((const atr_map *)o->colliding);
    check_map((const atr_map *)o->deep);
    check_map((const atr_map *)o->items);
    assert_true(atr_equal(o->relaxed, same->relaxed));
    assert_true(atr_equal(o->full, same->full));
    assert_true(atr_equal(o->colliding, same->colliding));
    assert_true(atr_equal(o->deep, same->deep));
    assert_true(atr_equal(o->items, same->items));
}

#endif
