/* Every allocation of every update fails once: nothing leaks, and what was there stays as it was. */
#include <string.h>

#include "collections.h"
#include "failing.h"
#include "sample.h"
#include "shape.h"

/* ---- what the updates begin with ---- */

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

static const atr_str *text_of(atr_scope *s, size_t i)
{
    const atr_str *text = atr_str_format(s, "text %zu", i);
    ((atr_str *)(uintptr_t)text)->hash = 1 + (uint32_t)i % 50;
    return text;
}

static const atr_str_vec *texts(atr_scope *s, size_t count)
{
    atr_str_vec_builder *b = atr_str_vec_builder_new(s, NULL);
    for (size_t i = 0; i < count; i++) {
        atr_str_vec_builder_push(b, text_of(s, i));
    }
    return atr_str_vec_builder_seal(b);
}

/* Keys 0 and the one with hash 1 part at the last digit only. */
static int64_t deep_key(void)
{
    uint64_t inverse = 1;
    for (int i = 0; i < 6; i++) {
        inverse *= 2 - atr_map_hash_i64(1) * inverse;
    }
    return (int64_t)inverse;
}

static olds olds_make(atr_scope *s)
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

/* ---- updates ---- */

static const todo_item *an_item(void)
{
    return &todo_item_default;
}

static const void *vec_of(atr_scope *s, const olds *o)
{
    const atr_str *items[100];
    for (size_t i = 0; i < 100; i++) {
        items[i] = o->text;
    }
    return atr_str_vec_of(s, items, 100);
}
static const void *vec_push_first(atr_scope *s, const olds *o)
{
    return atr_str_vec_push(s, NULL, o->text);
}
static const void *vec_push(atr_scope *s, const olds *o)
{
    return atr_str_vec_push(s, o->relaxed, o->text);
}
static const void *vec_push_leaf(atr_scope *s, const olds *o)
{
    return atr_str_vec_push(s, o->full, o->text);
}
static const void *vec_pop_leaf(atr_scope *s, const olds *o)
{
    return atr_str_vec_pop(s, o->relaxed);
}
static const void *vec_set(atr_scope *s, const olds *o)
{
    return atr_str_vec_set(s, o->relaxed, 700, o->text);
}
static const void *vec_set_last(atr_scope *s, const olds *o)
{
    return atr_str_vec_set(s, o->relaxed, atr_str_vec_count(o->relaxed) - 1, o->text);
}
static const void *vec_insert(atr_scope *s, const olds *o)
{
    return atr_str_vec_insert(s, o->relaxed, 701, o->text);
}
static const void *vec_insert_often(atr_scope *s, const olds *o)
{
    const atr_str_vec *v = o->full;
    for (size_t i = 0; i < 40 && v != NULL; i++) {
        v = atr_str_vec_insert(s, v, 5, o->text);
    }
    return v;
}
static const void *vec_insert_in_full_tail(atr_scope *s, const olds *o)
{
    return atr_str_vec_insert(s, o->full, 50, o->text);
}
static const void *vec_erase(atr_scope *s, const olds *o)
{
    const atr_str_vec *v = o->relaxed;
    for (size_t i = 0; i < 40 && v != NULL; i++) {
        v = atr_str_vec_erase(s, v, 300);
    }
    return v;
}
static const void *vec_erase_last(atr_scope *s, const olds *o)
{
    return atr_str_vec_erase(s, o->relaxed, atr_str_vec_count(o->relaxed) - 1);
}
static const void *vec_slice(atr_scope *s, const olds *o)
{
    return atr_str_vec_slice(s, o->relaxed, 333, 999);
}
static const void *vec_slice_tail(atr_scope *s, const olds *o)
{
    return atr_str_vec_slice(s, o->full, 40, 60);
}
static const void *vec_concat(atr_scope *s, const olds *o)
{
    return atr_str_vec_concat(s, o->relaxed, o->relaxed);
}
static const void *vec_splice(atr_scope *s, const olds *o)
{
    return atr_str_vec_splice(s, o->relaxed, 333, 999, o->full);
}
static const void *vec_concat_low_to_high(atr_scope *s, const olds *o)
{
    return atr_str_vec_concat(s, o->full, o->relaxed);
}
static const void *vec_concat_high_to_low(atr_scope *s, const olds *o)
{
    return atr_str_vec_concat(s, o->relaxed, o->full);
}
static const atr_str static_text = ATR_STR_INIT("static");
static const atr_str *const static_items[] = {&static_text, &static_text};
static const atr_str_vec static_vec = ATR_VEC_INIT(atr_str_vec, static_items);
static const void *vec_splice_as_many(atr_scope *s, const olds *o)
{
    return atr_str_vec_splice(s, o->relaxed, 333, 335, &static_vec);
}
static const void *vec_push_static(atr_scope *s, const olds *o)
{
    return atr_str_vec_push(s, &static_vec, o->text);
}
static bool is_not_zero(const atr_str *text, void *user)
{
    return text->bytes[text->size - 1] != '0';
}
static bool is_not_77(const atr_str *text, void *user)
{
    return !atr_str_is(text, "text 77");
}
static const atr_str *longer(atr_scope *s, const atr_str *text, void *user)
{
    return is_not_zero(text, NULL) ? text : atr_str_format(s, "%s more", text->bytes);
}
static const todo_item *item_of(atr_scope *s, const atr_str *text, void *user)
{
    return ATR_NEW(s, todo_item, .title = text);
}
ATR_VEC_TRANSFORM(items_of, atr_str_vec, todo_item_vec);
static const void *vec_filter(atr_scope *s, const olds *o)
{
    return atr_str_vec_filter(s, o->relaxed, is_not_zero, NULL);
}
static const void *vec_filter_few(atr_scope *s, const olds *o)
{
    return atr_str_vec_filter(s, o->relaxed, is_not_77, NULL);
}
static const void *vec_transform(atr_scope *s, const olds *o)
{
    return atr_str_vec_transform(s, o->relaxed, longer, NULL);
}
static const void *vec_transform_to_other(atr_scope *s, const olds *o)
{
    return items_of(s, o->full, item_of, NULL);
}
static const void *vec_sort(atr_scope *s, const olds *o)
{
    return atr_str_vec_sort(s, o->relaxed);
}
static int by_end(const atr_str *a, const atr_str *b, void *user)
{
    return a->bytes[a->size - 1] - b->bytes[b->size - 1];
}
static const void *vec_sort_by(atr_scope *s, const olds *o)
{
    return atr_str_vec_sort_by(s, o->relaxed, by_end, NULL);
}
static const void *vec_reverse(atr_scope *s, const olds *o)
{
    return atr_str_vec_reverse(s, o->relaxed);
}
static const void *map_set_first(atr_scope *s, const olds *o)
{
    return todo_item_str_map_set(s, NULL, o->text, an_item());
}
static const void *map_set_new(atr_scope *s, const olds *o)
{
    return todo_item_map_set(s, o->deep, 1000, an_item());
}
static const void *map_set_deep(atr_scope *s, const olds *o)
{
    return todo_item_map_set(s, o->deep, deep_key(), an_item());
}
static const void *map_set_chain(atr_scope *s, const olds *o)
{
    const todo_item_map *m = todo_item_map_remove(s, o->deep, 0);
    return m != NULL ? todo_item_map_set(s, m, 2 * deep_key(), an_item()) : NULL;
}
static const void *map_set_colliding(atr_scope *s, const olds *o)
{
    return todo_item_str_map_set(s, o->items, o->text, an_item());
}
static const void *map_remove(atr_scope *s, const olds *o)
{
    return todo_item_map_remove(s, o->deep, 7);
}
static const void *map_remove_deep(atr_scope *s, const olds *o)
{
    return todo_item_map_remove(s, o->deep, deep_key());
}
static const void *set_add(atr_scope *s, const olds *o)
{
    return atr_str_set_add(s, o->colliding, o->twin);
}
static const void *set_remove(atr_scope *s, const olds *o)
{
    return atr_str_set_remove(s, o->colliding, o->member);
}

static const void *set_union(atr_scope *s, const olds *o)
{
    return atr_str_set_union(s, o->colliding, o->twins);
}
static const void *set_intersection(atr_scope *s, const olds *o)
{
    return atr_str_set_intersection(s, o->colliding, o->twins);
}
static const void *set_difference(atr_scope *s, const olds *o)
{
    return atr_str_set_difference(s, o->colliding, o->twins);
}
static const void *set_symmetric_difference(atr_scope *s, const olds *o)
{
    return atr_str_set_symmetric_difference(s, o->colliding, o->twins);
}
static const void *map_merge(atr_scope *s, const olds *o)
{
    return todo_item_str_map_merge(s, o->items, o->others);
}
static const todo_item *both_items(atr_scope *s, const atr_str *key, const todo_item *a,
                                   const todo_item *b, void *user)
{
    return ATR_NEW(s, todo_item, .id = a->id + b->id, .title = key);
}
static const void *map_merge_with(atr_scope *s, const olds *o)
{
    return todo_item_str_map_merge_with(s, o->items, o->others, both_items, NULL);
}
static bool is_odd(int64_t key, const todo_item *item, void *user)
{
    return key % 2 != 0;
}
static const void *map_filter(atr_scope *s, const olds *o)
{
    return todo_item_map_filter(s, o->deep, is_odd, NULL);
}
static bool is_not_a_hundred(const atr_str *key, void *user)
{
    return !atr_str_is(key, "text 100");
}
static const void *set_filter(atr_scope *s, const olds *o)
{
    return atr_str_set_filter(s, o->colliding, is_not_a_hundred, NULL);
}
static const todo_item *renewed(atr_scope *s, int64_t key, const todo_item *item, void *user)
{
    return is_odd(key, item, user) ? ATR_NEW(s, todo_item, .title = item->title) : item;
}
static const void *map_transform(atr_scope *s, const olds *o)
{
    return todo_item_map_transform(s, o->deep, renewed, NULL);
}
static const atr_str *title_of(atr_scope *s, int64_t key, const todo_item *item, void *user)
{
    return atr_str_format(s, "%s!", item->title->bytes);
}
ATR_MAP_TRANSFORM(titles_of, todo_item_map, atr_str_map);
static const void *map_transform_to_other(atr_scope *s, const olds *o)
{
    return titles_of(s, o->deep, title_of, NULL);
}
static const void *map_values(atr_scope *s, const olds *o)
{
    return todo_item_str_map_values(s, o->items);
}
static const void *map_keys(atr_scope *s, const olds *o)
{
    return todo_item_str_map_keys(s, o->items);
}
static const void *map_of(atr_scope *s, const olds *o)
{
    const atr_str *keys[] = {o->text, o->twin, o->member};
    const todo_item *items[] = {an_item(), an_item(), an_item()};
    return todo_item_str_map_of(s, keys, items, 3);
}
static const void *set_from(atr_scope *s, const olds *o)
{
    return atr_str_set_from(s, o->full);
}
static const atr_str *itself(const atr_str *text, void *user)
{
    return text;
}
static const void *map_index(atr_scope *s, const olds *o)
{
    return atr_str_str_map_index(s, o->full, itself, NULL);
}

#define UPDATE(fn) \
    {              \
#fn, fn    \
    }
static const struct {
    const char *name;
    const void *(*run)(atr_scope *s, const olds *o);
} updates[] = {
    UPDATE(vec_of),
    UPDATE(vec_push_first),
    UPDATE(vec_push),
    UPDATE(vec_push_leaf),
    UPDATE(vec_pop_leaf),
    UPDATE(vec_set),
    UPDATE(vec_set_last),
    UPDATE(vec_insert),
    UPDATE(vec_insert_often),
    UPDATE(vec_erase),
    UPDATE(vec_erase_last),
    UPDATE(vec_insert_in_full_tail),
    UPDATE(vec_slice),
    UPDATE(vec_slice_tail),
    UPDATE(vec_concat),
    UPDATE(vec_push_static),
    UPDATE(map_set_first),
    UPDATE(vec_splice),
    UPDATE(vec_splice_as_many),
    UPDATE(vec_concat_low_to_high),
    UPDATE(map_set_new),
    UPDATE(map_set_deep),
    UPDATE(vec_concat_high_to_low),
    UPDATE(map_set_chain),
    UPDATE(map_set_colliding),
    UPDATE(map_remove),
    UPDATE(map_remove_deep),
    UPDATE(set_add),
    UPDATE(set_remove),
    UPDATE(vec_filter),
    UPDATE(vec_filter_few),
    UPDATE(vec_transform),
    UPDATE(vec_transform_to_other),
    UPDATE(vec_sort),
    UPDATE(vec_reverse),
    UPDATE(set_union),
    UPDATE(set_intersection),
    UPDATE(set_difference),
    UPDATE(set_symmetric_difference),
    UPDATE(map_merge),
    UPDATE(map_merge_with),
    UPDATE(map_filter),
    UPDATE(set_filter),
    UPDATE(map_transform),
    UPDATE(map_transform_to_other),
    UPDATE(map_values),
    UPDATE(map_index),
    UPDATE(map_keys),
    UPDATE(map_of),
    UPDATE(set_from),
    UPDATE(vec_sort_by),
};
enum { UPDATES = sizeof updates / sizeof *updates };

/* ---- the sweep ---- */

static void olds_are_intact(atr_scope *s, const olds *o, const olds *same)
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

/* Returns whether the update met the failing allocation. */
static bool run_once(size_t update, size_t count, bool gated)
{
    atr_pool *pool = atr_pool_new();
    atr_scope *s = atr_pool_scope(pool), *inner;
    olds o = olds_make(s), same = olds_make(s);
    size_t before = atr_pool_values(pool);
    const void *made;
    bool failed;

    inner = atr_scope_open(s);
    atr_pool_gate(pool, gated ? failing_gate : NULL, NULL);
    failing_after(count);
    made = updates[update].run(inner, &o);
    failed = failing_stop() > 0;

    if (failed) {
        assert_null(made);
        assert_int_equal(atr_scope_take_error(inner)->code, ATR_E_NO_MEMORY);
    } else {
        assert_null(atr_scope_error(inner));
        assert_non_null(made);
    }
    atr_scope_close(inner);
    assert_int_equal(atr_pool_values(pool), before);
    olds_are_intact(s, &o, &same);
    atr_pool_close(pool);
    return failed;
}

static void nothing_is_lost_when_a_cell_cannot_be_had(void **state)
{
    for (size_t update = 0; update < UPDATES; update++) {
        size_t count = 0;
        while (run_once(update, count, true)) {
            count++;
            assert_int_equal(atr_memory_now().blocks, 0);
        }
        if (count == 0) {
            fail_msg("%s allocates nothing", updates[update].name);
        }
    }
}

static void nothing_is_lost_when_the_allocator_fails(void **state)
{
    failing_begin();
    for (size_t update = 0; update < UPDATES; update++) {
        size_t count = 0;
        while (run_once(update, count, false)) {
            count++;
        }
    }
    failing_end();
}

/* ---- builders: what failed can be done again ---- */

static void vec_builder_goes_on(atr_scope *s, const olds *o)
{
    atr_str_vec_builder *b = atr_str_vec_builder_new(s, o->relaxed);
    size_t from = atr_str_vec_count(o->relaxed);
    const atr_str_vec *made;
    while (b == NULL) {
        b = atr_str_vec_builder_new(s, o->relaxed);
    }
    for (size_t i = 0; i < 200; i++) {
        while (atr_str_vec_builder_push(b, o->text) != ATR_OK) {
            assert_true(failing.failed > 0);
        }
        while (atr_str_vec_builder_set(b, i * 6, o->twin) != ATR_OK) {
            assert_true(failing.failed > 0);
        }
    }
    while ((made = atr_str_vec_builder_seal(b)) == NULL) {
        assert_true(failing.failed > 0);
    }
    check_vec((const atr_vec *)made);
    assert_int_equal(atr_str_vec_count(made), from + 200);
    for (size_t i = 0; i < from + 200; i++) {
        const atr_str *wanted = i < 1200 && i % 6 == 0 ? o->twin
                                : i < from             ? atr_str_vec_at(o->relaxed, i)
                                                       : o->text;
        assert_ptr_equal(atr_str_vec_at(made, i), wanted);
    }
}

static void map_builder_goes_on(atr_scope *s, const olds *o)
{
    todo_item_map_builder *b = todo_item_map_builder_new(s, o->deep);
    const todo_item_map *made;
    while (b == NULL) {
        b = todo_item_map_builder_new(s, o->deep);
    }
    for (int64_t i = 20; i < 200; i++) {
        while (todo_item_map_builder_set(b, i, an_item()) != ATR_OK ||
               todo_item_map_builder_remove(b, i - 20) != ATR_OK) {
            assert_true(failing.failed > 0);
        }
    }
    while (todo_item_map_builder_remove(b, deep_key()) != ATR_OK) {
        assert_true(failing.failed > 0);
    }
    while ((made = todo_item_map_builder_seal(b)) == NULL) {
        assert_true(failing.failed > 0);
    }
    check_map((const atr_map *)made);
    assert_int_equal(todo_item_map_count(made), 20);
    for (int64_t i = 180; i < 200; i++) {
        assert_ptr_equal(todo_item_map_get(made, i), an_item());
    }
}

/* From an empty one: what was set becomes a map when it is sealed. */
static void empty_map_builder_goes_on(atr_scope *s, const olds *o)
{
    atr_str_map_builder *b;
    const atr_str_map *made;
    while ((b = atr_str_map_builder_new(s, NULL)) == NULL) {
        assert_true(failing.failed > 0);
    }
    for (int64_t i = 0; i < 600; i++) {
        while (atr_str_map_builder_set(b, i % 300 * 977, i < 300 ? o->text : o->twin) != ATR_OK) {
            assert_true(failing.failed > 0);
        }
    }
    while ((made = atr_str_map_builder_seal(b)) == NULL) {
        assert_true(failing.failed > 0);
    }
    check_map((const atr_map *)made);
    for (int64_t i = 300; i < 600; i++) {
        assert_ptr_equal(atr_str_map_get(made, i % 300 * 977), o->twin);
    }
}

/* Read when it has notes only, or when these became a map for the keys that come again and again. */
static void read_map_builder_goes_on(atr_scope *s, const olds *o)
{
    for (int64_t read_at = 100; read_at <= 1100; read_at += 1000) {
        atr_str_map_builder *b;
        while ((b = atr_str_map_builder_new(s, NULL)) == NULL) {
            assert_true(failing.failed > 0);
        }
        for (int64_t i = 0; i <= 1100; i++) {
            while (atr_str_map_builder_set(b, i % 50, i < 1050 ? o->text : o->twin) != ATR_OK) {
                assert_true(failing.failed > 0);
            }
            while (i == read_at && atr_str_map_builder_count(b) != 50) {
                assert_true(failing.failed > 0);
            }
        }
        assert_ptr_equal(atr_str_map_builder_get(b, 49), o->twin);
    }
}

static bool build_once(void (*run)(atr_scope *s, const olds *o), size_t count)
{
    atr_pool *pool = atr_pool_new();
    atr_scope *s = atr_pool_scope(pool), *inner = atr_scope_open(s);
    olds o = olds_make(s), same = olds_make(s);
    size_t before = atr_pool_values(pool);
    bool failed;

    atr_pool_gate(pool, failing_gate, NULL);
    failing_after(count);
    run(inner, &o);
    failed = failing_stop() > 0;

    atr_scope_take_error(inner);
    atr_scope_close(inner);
    assert_int_equal(atr_pool_values(pool), before);
    olds_are_intact(s, &o, &same);
    atr_pool_close(pool);
    return failed;
}

static void a_builder_that_met_a_full_memory_goes_on(void **state)
{
    static void (*const builders[])(atr_scope * s, const olds *o) = {
        vec_builder_goes_on, map_builder_goes_on, empty_map_builder_goes_on,
        read_map_builder_goes_on};
    for (size_t i = 0; i < sizeof builders / sizeof *builders; i++) {
        size_t count = 0;
        while (build_once(builders[i], count)) {
            count++;
        }
        assert_true(count > 20);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        BOTH(nothing_is_lost_when_a_cell_cannot_be_had),
        BOTH(nothing_is_lost_when_the_allocator_fails),
        BOTH(a_builder_that_met_a_full_memory_goes_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
