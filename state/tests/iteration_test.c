/* An iterator goes over the collection it began with, whatever becomes of the variable that holds it. */
#include "sample.h"

enum { N = 1000 };

static atr_scope *scope_open(void)
{
    atr_scope *s = atr_scope_open(NULL);
    assert_non_null(s);
    return s;
}

static const atr_i64_omap *ordered(atr_scope *s, int64_t n)
{
    atr_i64_omap_builder *b = atr_i64_omap_builder_new(s, NULL);
    for (int64_t i = 0; i < n; i++) {
        assert_int_equal(atr_i64_omap_builder_set(b, i, -i), 0);
    }
    return atr_i64_omap_builder_seal(b);
}

static void removing_all_that_a_map_has(void **state)
{
    atr_scope *s = scope_open();
    const atr_i64_map *m = NULL;
    atr_i64_map_each it = {0};
    int64_t sum = 0;
    for (int64_t i = 0; i < N; i++) {
        m = atr_i64_map_set(s, m, i, -i);
    }
    while (atr_i64_map_next(&it, m)) {
        m = atr_i64_map_remove(s, m, it.key);
        sum += it.key;
        assert_int_equal(it.value, -it.key);
    }
    assert_null(m);
    assert_int_equal(sum, N * (N - 1) / 2);
    assert_int_equal(atr_scope_close(s), 0);
}

static void clearing_a_map_on_the_way(void **state)
{
    atr_scope *s = scope_open();
    const atr_i64_map *m = NULL;
    atr_i64_map_each it = {0};
    int visited = 0;
    for (int64_t i = 0; i < N; i++) {
        m = atr_i64_map_set(s, m, i, i);
    }
    for (; atr_i64_map_next(&it, m); m = NULL) {
        visited++;
    }
    assert_int_equal(visited, N);
    assert_int_equal(atr_scope_close(s), 0);
}

static void removing_all_that_an_ordered_map_has(void **state)
{
    atr_scope *s = scope_open();
    const atr_i64_omap *m = ordered(s, N);
    atr_i64_omap_each it = {0};
    int64_t next = 0;
    while (atr_i64_omap_next(&it, m)) {
        m = atr_i64_omap_remove(s, m, it.key);
        assert_int_equal(it.key, next);
        assert_int_equal(it.value, -next);
        next++;
    }
    assert_int_equal(next, N);
    assert_null(m);
    assert_int_equal(atr_scope_close(s), 0);
}

static void shrinking_an_ordered_map_from_both_ends(void **state)
{
    atr_scope *s = scope_open();
    const atr_i64_omap *m = ordered(s, N);
    atr_i64_omap_each it = {0};
    int64_t low = 0, high = N;
    while (low < high) {
        assert_true(atr_i64_omap_next(&it, m));
        assert_int_equal(it.key, low++);
        m = atr_i64_omap_slice(s, m, 0, 3);
        assert_true(atr_i64_omap_prev(&it, m));
        assert_int_equal(it.key, --high);
        m = NULL;
    }
    assert_false(atr_i64_omap_next(&it, m));
    assert_false(atr_i64_omap_prev(&it, m));
    assert_int_equal(atr_scope_close(s), 0);
}

static void a_range_of_one_map_read_with_another(void **state)
{
    atr_scope *s = scope_open();
    const atr_i64_omap *big = ordered(s, N), *small = ordered(s, 2);
    atr_i64_omap_each it =
        atr_i64_omap_range(big, ATR_BOUND_INCLUSIVE, 500, ATR_BOUND_EXCLUSIVE, 600);
    int64_t next = 500;
    for (; atr_i64_omap_next(&it, small); next++) {
        assert_int_equal(it.key, next);
    }
    assert_int_equal(next, 600);

    it = atr_i64_omap_range(NULL, ATR_BOUND_NONE, 0, ATR_BOUND_NONE, 0);
    assert_false(atr_i64_omap_next(&it, small));
    assert_int_equal(atr_scope_close(s), 0);
}

static void emptying_an_ordered_set(void **state)
{
    atr_scope *s = scope_open();
    const atr_i64_oset *set = NULL;
    atr_i64_oset_each it = {0};
    int64_t next = 0;
    for (int64_t i = 0; i < N; i++) {
        set = atr_i64_oset_add(s, set, i);
    }
    while (atr_i64_oset_next(&it, set)) {
        set = atr_i64_oset_remove(s, set, it.key);
        assert_int_equal(it.key, next++);
    }
    assert_int_equal(next, N);
    assert_null(set);
    assert_int_equal(atr_scope_close(s), 0);
}

static void erasing_the_elements_of_a_vector(void **state)
{
    atr_scope *s = scope_open();
    const atr_i64_vec *v = NULL;
    atr_i64_vec_each it = {0};
    size_t next = 0;
    for (int64_t i = 0; i < N; i++) {
        v = atr_i64_vec_push(s, v, i);
    }
    while (atr_i64_vec_next(&it, v)) {
        v = atr_i64_vec_erase(s, v, 0);
        assert_int_equal(it.index, next);
        assert_int_equal(it.item, (int64_t)next++);
    }
    assert_int_equal(next, N);
    assert_null(v);
    assert_int_equal(atr_scope_close(s), 0);
}

static void what_began_with_nothing_stays_at_its_end(void **state)
{
    atr_scope *s = scope_open();
    atr_i64_map_each of_map = {0};
    atr_i64_set_each of_set = {0};
    atr_i64_omap_each of_ordered = {0};
    atr_i64_vec_each of_vec = {0};

    assert_false(atr_i64_map_next(&of_map, NULL));
    assert_false(atr_i64_set_next(&of_set, NULL));
    assert_false(atr_i64_omap_next(&of_ordered, NULL));
    assert_false(atr_i64_vec_next(&of_vec, NULL));

    assert_false(atr_i64_map_next(&of_map, atr_i64_map_set(s, NULL, 1, 1)));
    assert_false(atr_i64_set_next(&of_set, atr_i64_set_add(s, NULL, 1)));
    assert_false(atr_i64_omap_next(&of_ordered, ordered(s, 1)));
    assert_false(atr_i64_vec_next(&of_vec, atr_i64_vec_push(s, NULL, 1)));
    assert_int_equal(atr_scope_close(s), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(removing_all_that_a_map_has),
        cmocka_unit_test(clearing_a_map_on_the_way),
        cmocka_unit_test(removing_all_that_an_ordered_map_has),
        cmocka_unit_test(shrinking_an_ordered_map_from_both_ends),
        cmocka_unit_test(a_range_of_one_map_read_with_another),
        cmocka_unit_test(emptying_an_ordered_set),
        cmocka_unit_test(erasing_the_elements_of_a_vector),
        cmocka_unit_test(what_began_with_nothing_stays_at_its_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
