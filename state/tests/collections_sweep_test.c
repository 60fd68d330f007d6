/* Every allocation of every update fails once: nothing leaks, and what was there stays as it was. */
#include "sweep_olds.h"

/* ---- updates ---- */

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
static const void *vec_splice_in(atr_scope *s, const olds *o)
{
    return atr_str_vec_splice(s, o->relaxed, 333, 333, o->full);
}
static const void *vec_splice_out(atr_scope *s, const olds *o)
{
    return atr_str_vec_splice(s, o->relaxed, 333, 999, NULL);
}
static const void *vec_splice_front(atr_scope *s, const olds *o)
{
    return atr_str_vec_splice(s, o->full, 0, 40, o->relaxed);
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
static const atr_str *longer_by_a_word(atr_scope *s, const atr_str *text, void *user)
{
    return atr_str_format(s, "%s more", text->bytes);
}
static const void *vec_update(atr_scope *s, const olds *o)
{
    return atr_str_vec_update(s, o->relaxed, 700, longer_by_a_word, NULL);
}
static const void *vec_update_last(atr_scope *s, const olds *o)
{
    return atr_str_vec_update(s, o->relaxed, atr_str_vec_count(o->relaxed) - 1, longer_by_a_word,
                              NULL);
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
static const todo_item *item_of_key(atr_scope *s, int64_t key, const todo_item *item, void *user)
{
    return ATR_NEW(s, todo_item, .id = item->id + key, .title = atr_str_format(s, "new"));
}
static const todo_item *item_of_text(atr_scope *s, const atr_str *key, const todo_item *item,
                                     void *user)
{
    return ATR_NEW(s, todo_item, .id = item->id + 1, .title = key);
}
static const void *map_update(atr_scope *s, const olds *o)
{
    return todo_item_map_update(s, o->deep, 7, an_item(), item_of_key, NULL);
}
static const void *map_update_absent(atr_scope *s, const olds *o)
{
    return todo_item_map_update(s, o->deep, 1000, an_item(), item_of_key, NULL);
}
static const void *map_update_first(atr_scope *s, const olds *o)
{
    return todo_item_map_update(s, NULL, 1000, an_item(), item_of_key, NULL);
}
static const void *map_update_colliding(atr_scope *s, const olds *o)
{
    return todo_item_str_map_update(s, o->items, o->text, an_item(), item_of_text, NULL);
}
static const void *map_update_present(atr_scope *s, const olds *o)
{
    return todo_item_map_update_present(s, o->deep, deep_key(), item_of_key, NULL);
}
static const void *map_set_what_is_had(atr_scope *s, const olds *o)
{
    return todo_item_map_set(s, o->deep, 1000, todo_item_map_get_or(o->deep, 1000, an_item()));
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
    UPDATE(vec_splice_in),
    UPDATE(vec_splice_out),
    UPDATE(vec_splice_front),
    UPDATE(vec_update),
    UPDATE(vec_update_last),
    UPDATE(map_update),
    UPDATE(map_update_absent),
    UPDATE(map_update_first),
    UPDATE(map_update_colliding),
    UPDATE(map_update_present),
    UPDATE(map_set_what_is_had),
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

/* ---- what needs none ---- */

static void reading_needs_no_memory(void **state)
{
    atr_pool *pool = atr_pool_new();
    olds o = olds_make(atr_pool_scope(pool));
    size_t before = atr_pool_values(pool);

    atr_pool_gate(pool, failing_gate, NULL);
    failing_from(0);
    assert_ptr_equal(todo_item_map_get_or(o.deep, 1000, an_item()), an_item());
    assert_ptr_equal(todo_item_map_get_or(o.deep, deep_key(), an_item()),
                     todo_item_map_get(o.deep, deep_key()));
    assert_ptr_equal(todo_item_str_map_get_or(o.items, o.twin, NULL), NULL);
    assert_ptr_equal(
        todo_item_map_update_present(atr_pool_scope(pool), o.deep, 1000, item_of_key, NULL),
        o.deep);
    assert_int_equal(failing_stop(), 0);

    assert_null(atr_scope_error(atr_pool_scope(pool)));
    assert_int_equal(atr_pool_values(pool), before);
    atr_pool_close(pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        BOTH(nothing_is_lost_when_a_cell_cannot_be_had),
        BOTH(nothing_is_lost_when_the_allocator_fails),
        BOTH(reading_needs_no_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
