/* The functions that operations on whole ordered maps are given: what they are asked, and when they fail; and
 * what it all costs. */
#include <string.h>

#include "collections.h"
#include "random.h"
#include "sample.h"

#include "omap_shape.h"

#define MAP(name) atr_i64_omap##name
#define ITEMS(name) todo_item_omap##name
#include "map_functions.h"

ATR_OMAP_TRANSFORM(titles_of, todo_item_omap, atr_str_omap);

/* ---- cost ---- */

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

static size_t compared;

static int count_by_id(const todo_item *a, const todo_item *b)
{
    compared++;
    return (a->id > b->id) - (a->id < b->id);
}
ATR_OSET_OF(counted, todo_item, count_by_id);
ATR_OSET_OF_IMPL(counted, todo_item, count_by_id);

/* A look for a key takes fewer comparisons than SEARCH; a pass through the larger set took one a member. */
static void a_few_members_are_looked_for_in_a_large_set(void **state)
{
    enum { LARGE = 20000, FEW = 20, SEARCH = 40 };
    atr_scope *s = atr_scope_open(NULL);
    const todo_item_vec *items = NULL;
    const counted *large, *few = NULL;
    for (int64_t i = 0; i < LARGE; i++) {
        items = todo_item_vec_push(s, items, sample_item(s, i, "milk"));
    }
    large = counted_from(s, items);
    for (int64_t i = 0; i < FEW; i++) {
        few = counted_add(s, few, sample_item(s, 7 + i * 977, "milk"));
    }

    for (size_t k = 0; k < 5; k++) {
        compared = 0;
        switch (k) {
        case 0: assert_true(counted_is_subset(few, large)); break;
        case 1: assert_int_equal(counted_count(counted_union(s, few, large)), LARGE); break;
        case 2: assert_int_equal(counted_count(counted_intersection(s, few, large)), FEW); break;
        case 3: assert_null(counted_difference(s, few, large)); break;
        default: assert_false(counted_is_disjoint(few, large)); break;
        }
        assert_in_range(compared, 1, FEW * SEARCH);
    }
    assert_null(atr_scope_error(s));
    atr_scope_close(s);
}

static void a_slice_of_all_is_the_map_itself(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const atr_i64_omap *a = many(s), *few = NULL;
    size_t before;
    for (int64_t i = 0; i < 100; i++) {
        few = atr_i64_omap_set(s, few, i * 999, i * 999);
    }
    before = atr_memory_now().values;

    assert_ptr_equal(atr_i64_omap_slice(s, a, 0, MANY), a);
    assert_ptr_equal(atr_i64_omap_intersection(s, a, few), few);
    assert_int_equal(atr_memory_now().values, before);
    assert_null(atr_i64_omap_slice(NULL, a, 0, 5));
    assert_null(atr_scope_error(s));
    atr_scope_close(s);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        BOTH(the_cost_follows_what_differs),
        BOTH(a_key_is_found_with_its_value),
        BOTH(what_changes_nothing_gives_the_map_itself),
        PLAIN(a_few_members_are_looked_for_in_a_large_set),
        BOTH(a_slice_of_all_is_the_map_itself),
        BOTH(a_choice_is_asked_for_differing_values_only),
        PLAIN(a_choice_is_between_the_value_of_the_first_and_that_of_the_second),
        BOTH(a_function_that_latches_ends_the_work),
        BOTH(filters_transforms_and_indexes_end_when_their_function_latches),
        BOTH(maps_become_other_maps_and_vectors_and_come_back),
        BOTH(missing_functions_and_values_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
