#include "failing.h"
#include "sample.h"

#include <math.h>

static int sign(int order)
{
    return (order > 0) - (order < 0);
}

/* Check the order of each pair in a list that should be ascending, without equals. */
static void assert_ascending(const void *const *values, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < count; j++) {
            if (sign(atr_compare(values[i], values[j])) != (i > j) - (i < j)) {
                fail_msg("%zu and %zu are in the wrong order", i, j);
            }
        }
    }
}

static void null_comes_first_then_models_by_name(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const void *ordered[] = {
        NULL,
        &atr_error_no_memory,
        atr_bytes_new(s, "z", 1),
        &everything_default,
        ATR_NEW(s, knot, .number = 9),
        ATR_STR(s, "a"),
        sample_item(s, 1, "milk"),
    };

    assert_ascending(ordered, 7);
    atr_scope_close(s);
}

static void models_are_ordered_field_by_field(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const void *ordered[] = {
        ATR_NEW(s, todo_item, .id = -1, .title = ATR_STR(s, "z"), .done = true),
        ATR_NEW(s, todo_item, .id = 2, .title = ATR_STR(s, "a"), .done = true),
        ATR_NEW(s, todo_item, .id = 2, .title = ATR_STR(s, "ab"), .done = false),
        ATR_NEW(s, todo_item, .id = 2, .title = ATR_STR(s, "ab"), .done = true),
        ATR_NEW(s, todo_item, .id = 3, .title = ATR_STR(s, ""), .done = false),
    };

    assert_ascending(ordered, 5);
    atr_scope_close(s);
}

static void a_field_after_a_deep_one_counts_less(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const knot *low = ATR_NEW(s, knot, .number = 1), *high = ATR_NEW(s, knot, .number = 2);
    const void *ordered[] = {
        ATR_NEW(s, knot, .other = low),
        ATR_NEW(s, knot, .next = low, .other = low),
        ATR_NEW(s, knot, .next = low, .other = high),
        ATR_NEW(s, knot, .next = high),
        ATR_NEW(s, knot, .next = ATR_NEW(s, knot, .number = 2, .next = low)),
    };

    assert_ascending(ordered, 5);
    atr_scope_close(s);
}

#define SCALARS(F)                \
    F(u32, natural)               \
    F(f64, real)                  \
    F(enumeration(filter), shown) \
    F(opt(f64), maybe)            \
    F(opt(str), words)
ATR_MODEL(scalars, SCALARS);
ATR_MODEL_IMPL(scalars, SCALARS);

static void scalars_are_ordered_by_value_and_what_is_absent_comes_first(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const void *ordered[] = {
        ATR_NEW(s, scalars, .real = -INFINITY),
        ATR_NEW(s, scalars, .real = -1),
        ATR_NEW(s, scalars, .shown = FILTER_HIDDEN),
        ATR_NEW(s, scalars, .real = 0),
        ATR_NEW(s, scalars, .words = &atr_str_default),
        ATR_NEW(s, scalars, .maybe = ATR_SOME(f64, -INFINITY)),
        ATR_NEW(s, scalars, .maybe = ATR_SOME(f64, NAN)),
        ATR_NEW(s, scalars, .shown = FILTER_DONE),
        ATR_NEW(s, scalars, .real = INFINITY),
        ATR_NEW(s, scalars, .real = NAN),
        ATR_NEW(s, scalars, .natural = 1),
        ATR_NEW(s, scalars, .natural = UINT32_MAX),
    };

    assert_ascending(ordered, sizeof ordered / sizeof *ordered);
    atr_scope_close(s);
}

static void vectors_are_ordered_by_elements_then_length(void **state)
{
    static const int64_t numbers[] = {1, 2, 3};
    static const int64_t bigger[] = {1, 3};
    atr_scope *s = atr_scope_open(NULL);
    const void *ordered[] = {
        NULL,
        atr_i64_vec_of(s, numbers, 1),
        atr_i64_vec_of(s, numbers, 2),
        atr_i64_vec_of(s, numbers, 3),
        atr_i64_vec_of(s, bigger, 2),
    };

    assert_ascending(ordered, 5);
    atr_scope_close(s);
}

static void maps_and_sets_are_ordered_by_sorted_entries(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const atr_i64_map *one = atr_i64_map_set(s, NULL, 1, 5);
    const void *maps[] = {
        NULL,
        one,
        atr_i64_map_set(s, one, 2, 5),
        atr_i64_map_set(s, one, 2, 6),
        atr_i64_map_set(s, one, 3, 0),
        atr_i64_map_set(s, NULL, 1, 6),
        atr_i64_map_set(s, NULL, 2, 0),
    };
    const atr_str_set *a = atr_str_set_add(s, NULL, ATR_STR(s, "a"));
    const void *sets[] = {
        NULL,
        a,
        atr_str_set_add(s, a, ATR_STR(s, "b")),
        atr_str_set_add(s, a, ATR_STR(s, "c")),
        atr_str_set_add(s, NULL, ATR_STR(s, "b")),
    };

    assert_ascending(maps, 7);
    assert_ascending(sets, 5);
    assert_int_equal(atr_compare(maps[3], atr_i64_map_set(s, maps[2], 2, 6)), 0);
    atr_scope_close(s);
}

static void nested_collections_are_compared_to_the_end(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const everything *a = sample_everything(s, 1);
    everything next = *a;
    next.items = todo_item_vec_push(s, a->items, sample_item(s, 8, "later"));
    const everything *b = everything_new(s, next);
    next.items = todo_item_vec_push(s, a->items, sample_item(s, 8, "sooner"));
    const everything *c = everything_new(s, next);

    const void *ordered[] = {a, b, c};

    assert_ascending(ordered, 3);
    assert_int_equal(atr_compare(a, sample_everything(s, 1)), 0);
    atr_scope_close(s);
}

static void ordered_maps_and_sets_are_ordered_by_entries(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const atr_f64_oset *reals = NULL;
    const void *rising[5] = {&ladder_default};

    for (int i = 0; i < 3; i++) {
        rising[i + 1] = sample_ladder(s, i - 1);
    }
    assert_true(atr_compare(rising[0], rising[1]) < 0);
    assert_true(atr_compare(rising[1], rising[2]) < 0);
    assert_true(atr_compare(rising[2], rising[3]) < 0);
    assert_int_equal(atr_compare(rising[1], sample_ladder(s, -1)), 0);
    for (int i = 0; i < 4; i++) {
        const atr_f64_oset *more = atr_f64_oset_add(s, reals, i < 3 ? i : (double)NAN);
        assert_true(atr_compare(reals, more) < 0);
        reals = more;
    }
    assert_true(atr_compare(atr_f64_oset_add(s, NULL, 1e300), atr_f64_oset_add(s, NULL, NAN)) < 0);
    atr_scope_close(s);
}

/* Two combs whose teeth all stay on the stack: deeper than the inline room. */
static void without_memory_the_order_is_still_found(void **state)
{
    failing_begin();
    atr_scope *s = atr_scope_open(NULL);
    const knot *a = ATR_NEW(s, knot, .number = 1), *b = ATR_NEW(s, knot, .number = 2);
    const knot *tooth = ATR_NEW(s, knot);
    for (int i = 0; i < 500; i++) {
        a = ATR_NEW(s, knot, .next = a, .other = tooth);
        b = ATR_NEW(s, knot, .next = b, .other = tooth);
    }

    failing_from(0);
    int order = atr_compare(a, b);
    bool equal = atr_equal(a, b);
    failing_stop();

    assert_true(order < 0);
    assert_false(equal);
    atr_scope_close(s);
    failing_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        BOTH(null_comes_first_then_models_by_name),
        BOTH(models_are_ordered_field_by_field),
        BOTH(a_field_after_a_deep_one_counts_less),
        BOTH(scalars_are_ordered_by_value_and_what_is_absent_comes_first),
        BOTH(vectors_are_ordered_by_elements_then_length),
        BOTH(maps_and_sets_are_ordered_by_sorted_entries),
        BOTH(ordered_maps_and_sets_are_ordered_by_entries),
        BOTH(nested_collections_are_compared_to_the_end),
        PLAIN(without_memory_the_order_is_still_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
