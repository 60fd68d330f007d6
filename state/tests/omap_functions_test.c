/* The functions that operations on whole ordered maps are given: what they are asked, and when they fail; and
 * what it all costs. */
#include <string.h>

#include "collections.h"
#include "random.h"
#include "sample.h"

#include "omap_shape.h"

ATR_OMAP_TRANSFORM(titles_of, todo_item_omap, atr_str_omap);

/* ---- cost ---- */

enum { MANY = 100000 };

static const atr_i64_omap *many(atr_scope *s)
{
    atr_i64_omap_builder *b = atr_i64_omap_builder_new(s, NULL);
    for (int64_t i = 0; i < MANY; i++) {
        atr_i64_omap_builder_set(b, i, i);
    }
    return atr_i64_omap_builder_seal(b);
}

static size_t values_since(size_t *before)
{
    size_t now = atr_memory_now().values, made = now - *before;
    *before = now;
    return made;
}

static bool is_not_77777(int64_t key, int64_t value, void *user)
{
    return value != 77777;
}

static int64_t less_at_77777(atr_scope *s, int64_t key, int64_t value, void *user)
{
    return value == 77777 ? 0 : value;
}

static int64_t same(atr_scope *s, int64_t key, int64_t value, void *user)
{
    return value;
}

/* The tree of 100,000 entries has four levels; a full node splits, a short one takes a neighbour's items. */
static void the_cost_follows_what_differs(void **state)
{
    enum { CHANGES = 10, PATH = 7 };
    atr_scope *s = atr_scope_open(NULL);
    const atr_i64_omap *a = many(s), *b = a, *few = NULL, *m;
    size_t before;
    for (int64_t i = 0; i < CHANGES; i++) {
        b = atr_i64_omap_set(s, b, i * 9973, -1);
        b = atr_i64_omap_remove(s, b, i * 9973 + 1);
        b = atr_i64_omap_set(s, b, MANY + i, 1);
        few = atr_i64_omap_set(s, few, i * 5000, -2);
    }
    before = atr_memory_now().values;

    assert_int_equal(atr_i64_omap_count(atr_i64_omap_merge(s, a, b)), MANY + CHANGES);
    assert_in_range(values_since(&before), 1, 3 * CHANGES * PATH);
    assert_int_equal(atr_i64_omap_count(atr_i64_omap_difference(s, a, b)), CHANGES);
    assert_in_range(values_since(&before), 1, 3);
    m = atr_i64_omap_intersection(s, a, b);
    assert_int_equal(atr_i64_omap_count(m), MANY - CHANGES);
    assert_in_range(values_since(&before), 1, CHANGES * PATH);
    assert_int_equal(atr_i64_omap_count(atr_i64_omap_merge(s, a, few)), MANY);
    assert_in_range(values_since(&before), 1, CHANGES * PATH);
    assert_int_equal(atr_i64_omap_count(atr_i64_omap_difference(s, a, few)), MANY - CHANGES);
    assert_in_range(values_since(&before), 1, CHANGES * PATH);
    assert_int_equal(atr_i64_omap_count(atr_i64_omap_intersection(s, a, few)), CHANGES);
    assert_in_range(values_since(&before), 1, 3);
    assert_int_equal(atr_i64_omap_count(atr_i64_omap_filter(s, a, is_not_77777, NULL)), MANY - 1);
    assert_in_range(values_since(&before), 1, PATH);
    assert_int_equal(atr_i64_omap_get(atr_i64_omap_transform(s, a, less_at_77777, NULL), 77777), 0);
    assert_in_range(values_since(&before), 1, PATH);
    assert_int_equal(atr_i64_omap_count(atr_i64_omap_slice(s, a, 5001, 99000)), 93999);
    assert_in_range(values_since(&before), 1, 3 * PATH);
    atr_scope_close(s);
}

static void what_changes_nothing_gives_the_map_itself(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const atr_i64_omap *a = many(s), *twin_of_a = many(s), *few = NULL, *other = NULL;
    size_t before;
    for (int64_t i = 0; i < 100; i++) {
        few = atr_i64_omap_set(s, few, i * 999, i * 999);
        other = atr_i64_omap_set(s, other, -1 - i, 0);
    }
    before = atr_memory_now().values;

    assert_ptr_equal(atr_i64_omap_merge(s, a, few), a);
    assert_ptr_equal(atr_i64_omap_merge(s, few, a), a);
    assert_ptr_equal(atr_i64_omap_merge(s, a, NULL), a);
    assert_ptr_equal(atr_i64_omap_merge(s, NULL, a), a);
    assert_ptr_equal(atr_i64_omap_intersection(s, few, a), few);
    assert_ptr_equal(atr_i64_omap_intersection(s, a, few), few);
    assert_ptr_equal(atr_i64_omap_intersection(s, a, twin_of_a), a);
    assert_ptr_equal(atr_i64_omap_difference(s, a, other), a);
    assert_ptr_equal(atr_i64_omap_difference(s, few, other), few);
    assert_ptr_equal(atr_i64_omap_difference(s, a, NULL), a);
    assert_null(atr_i64_omap_difference(s, a, twin_of_a));
    assert_null(atr_i64_omap_difference(s, few, a));
    assert_null(atr_i64_omap_intersection(s, NULL, a));
    assert_null(atr_i64_omap_merge(s, NULL, NULL));
    assert_ptr_equal(atr_i64_omap_transform(s, a, same, NULL), a);
    assert_ptr_equal(atr_i64_omap_slice(s, a, 0, MANY), a);
    assert_int_equal(atr_memory_now().values, before);
    assert_true(atr_equal(atr_i64_omap_merge(s, a, twin_of_a), a));
    assert_int_equal(atr_memory_now().values, before);
    assert_null(atr_scope_error(s));
    atr_scope_close(s);
}

/* ---- functions ---- */

typedef struct asked {
    atr_scope *s;
    size_t calls, until; /* the call that latches; 0: none */
} asked;

static void ask(asked *a)
{
    if (++a->calls == a->until) {
        atr_refuse(a->s, -4711, "enough");
    }
}

static int64_t larger(atr_scope *s, int64_t key, int64_t a, int64_t b, void *user)
{
    assert_true(a != b);
    ask(user);
    return a > b ? a : b;
}

static void a_choice_is_asked_for_differing_values_only(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const atr_i64_omap *a = many(s), *b = a, *m;
    asked asking = {s, 0, 0};
    for (int64_t i = 0; i < 20; i++) {
        b = atr_i64_omap_set(s, b, i * 777, i % 2 == 0 ? -1 : MANY);
        b = atr_i64_omap_set(s, b, -1 - i, 1);
    }

    m = atr_i64_omap_merge_with(s, a, b, larger, &asking);

    assert_int_equal(asking.calls, 20);
    assert_int_equal(atr_i64_omap_count(m), MANY + 20);
    for (int64_t i = 0; i < 20; i++) {
        assert_int_equal(atr_i64_omap_get(m, i * 777), i % 2 == 0 ? i * 777 : MANY);
    }
    assert_true(atr_equal(atr_i64_omap_merge_with(s, b, a, larger, &asking), m));
    assert_ptr_equal(atr_i64_omap_merge_with(s, m, b, larger, &asking), m);
    assert_null(atr_i64_omap_merge_with(s, a, b, NULL, NULL));
    assert_int_equal(atr_scope_take_error(s)->code, ATR_E_INVALID);
    atr_scope_close(s);
}

static bool failing_test(int64_t key, int64_t value, void *user)
{
    ask(user);
    return value % 2 == 0;
}
static int64_t failing_change(atr_scope *s, int64_t key, int64_t value, void *user)
{
    ask(user);
    return value + 1;
}
static int64_t failing_key(int64_t item, void *user)
{
    ask(user);
    return item;
}

static const atr_i64_omap *failing(size_t k, atr_scope *s, const atr_i64_omap *a,
                                   const atr_i64_omap *b, const atr_i64_vec *items, asked *asking)
{
    switch (k) {
    case 0: return atr_i64_omap_merge_with(s, a, b, larger, asking);
    case 1: return atr_i64_omap_filter(s, a, failing_test, asking);
    case 2: return atr_i64_omap_transform(s, a, failing_change, asking);
    default: return atr_i64_omap_index(s, items, failing_key, asking);
    }
}

static void a_function_that_latches_ends_the_work(void **state)
{
    for (size_t until = 1; until < 1000; until *= 3) {
        atr_scope *s = atr_scope_open(NULL), *inner = atr_scope_open(s);
        const atr_i64_omap *a = NULL, *b = NULL;
        const atr_i64_vec *items;
        size_t before;
        for (int64_t i = 0; i < 1000; i++) {
            a = atr_i64_omap_set(s, a, i, i);
            b = atr_i64_omap_set(s, b, i, -i - 1);
        }
        items = atr_i64_omap_values(s, a);
        before = atr_memory_now().values;
        for (size_t k = 0; k < 4; k++) {
            asked asking = {inner, 0, until};
            assert_null(failing(k, inner, a, b, items, &asking));
            assert_int_equal(asking.calls, until);
            assert_int_equal(atr_scope_take_error(inner)->code, -4711);
        }
        atr_scope_close(inner);
        assert_int_equal(atr_memory_now().values, before);
        atr_scope_close(s);
    }
}

static const atr_str *title_of(atr_scope *s, int64_t key, const todo_item *item, void *user)
{
    return item->title;
}

static int64_t id_of(const todo_item *item, void *user)
{
    return item->id;
}

static void maps_become_other_maps_and_vectors_and_come_back(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const double reals[] = {2.5, -1, 0.0, 2.5};
    const atr_f64_oset *weights = atr_f64_oset_of(s, reals, 4);
    const todo_item_omap *items = NULL;
    for (int64_t i = 0; i < 500; i++) {
        items = todo_item_omap_set(s, items, i, sample_item(s, i, "title"));
    }

    const atr_str_omap *titles = titles_of(s, items, title_of, NULL);

    check_omap(titles);
    assert_int_equal(atr_str_omap_count(titles), 500);
    assert_true(atr_str_is(atr_str_omap_get(titles, 499), "title"));
    assert_int_equal(atr_i64_vec_at(todo_item_omap_keys(s, items), 123), 123);
    assert_true(
        atr_equal(todo_item_omap_index(s, todo_item_omap_values(s, items), id_of, NULL), items));
    assert_int_equal(atr_f64_oset_count(weights), 3);
    assert_true(atr_f64_vec_at(atr_f64_oset_keys(s, weights), 0) == -1);
    assert_true(atr_equal(atr_f64_oset_from(s, atr_f64_oset_keys(s, weights)), weights));
    assert_null(atr_scope_error(s));
    atr_scope_close(s);
}

static const todo_item *no_item(atr_scope *s, int64_t key, const todo_item *item, void *user)
{
    return NULL;
}

static void missing_functions_and_values_are_refused(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const todo_item_omap *m = todo_item_omap_set(s, NULL, 1, &todo_item_default);

    assert_null(todo_item_omap_filter(s, m, NULL, NULL));
    assert_string_equal(atr_scope_error(s)->message->bytes, "todo_item_omap: the function is NULL");
    assert_int_equal(atr_scope_take_error(s)->code, ATR_E_INVALID);
    assert_null(todo_item_omap_transform(s, m, NULL, NULL));
    assert_int_equal(atr_scope_take_error(s)->code, ATR_E_INVALID);
    assert_null(todo_item_omap_transform(s, m, no_item, NULL));
    assert_int_equal(atr_scope_take_error(s)->code, ATR_E_REFUSED);
    assert_null(todo_item_omap_slice(NULL, m, 0, 5));
    assert_null(todo_item_omap_merge(NULL, m, m));
    assert_null(todo_item_omap_filter(NULL, m, NULL, NULL));
    atr_scope_close(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        BOTH(the_cost_follows_what_differs),
        BOTH(what_changes_nothing_gives_the_map_itself),
        BOTH(a_choice_is_asked_for_differing_values_only),
        BOTH(a_function_that_latches_ends_the_work),
        BOTH(maps_become_other_maps_and_vectors_and_come_back),
        BOTH(missing_functions_and_values_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
