/* Which entry a combination of ordered sets takes of two that their order finds equal, and what it gives where
 * that is one of the two sets: alike whichever way is gone, as the sizes of the two are about the same, very
 * different, or much in them differs. */
#include "collections.h"
#include "failing.h"
#include "sample.h"

#include "omap_twin.h"

static const size_t sizes[][2] = {{10, 3}, {300, 200}, {300, 5}};
enum { WAYS = sizeof sizes / sizeof *sizes };

/* Numbers from 0 on. */
static const knots *members(atr_scope *s, size_t count)
{
    knots_builder *b = knots_builder_new(s, NULL);
    for (size_t i = 0; i < count; i++) {
        knots_builder_add(b, ATR_NEW(s, knot, .number = (int64_t)i));
    }
    return knots_builder_seal(b);
}

/* Those of `first` that it has, the others of `second`. */
static void consists_of(const knots *m, const knots *first, const knots *second)
{
    knots_each each = {0};
    check_omap(m);
    while (knots_next(&each, m)) {
        const knot *there = knots_find(first, each.key);
        assert_ptr_equal(each.key, there != NULL ? there : knots_find(second, each.key));
    }
}

static void a_union_has_equal_members_of_the_second(void **state)
{
    for (size_t k = 0; k < WAYS; k++) {
        atr_scope *s = atr_scope_open(NULL);
        const knots *many = members(s, sizes[k][0]), *some = members(s, sizes[k][1]);
        const knots *both = knots_union(s, many, some);
        assert_int_equal(knots_count(both), sizes[k][0]);
        consists_of(both, some, many);
        assert_ptr_equal(knots_union(s, some, many), many);
        atr_scope_close(s);
    }
}

static void an_intersection_has_equal_members_of_the_first(void **state)
{
    for (size_t k = 0; k < WAYS; k++) {
        atr_scope *s = atr_scope_open(NULL);
        const knots *many = members(s, sizes[k][0]), *some = members(s, sizes[k][1]);
        const knots *both = knots_intersection(s, many, some);
        assert_int_equal(knots_count(both), sizes[k][1]);
        consists_of(both, many, NULL);
        assert_ptr_equal(knots_intersection(s, some, many), some);
        atr_scope_close(s);
    }
}

static void a_combination_with_a_part_gives_what_is_there(void **state)
{
    for (size_t k = 0; k < WAYS; k++) {
        atr_scope *s = atr_scope_open(NULL);
        const knots *many = members(s, sizes[k][0]);
        const knots *part = knots_slice(s, many, 1, 1 + sizes[k][1]);
        assert_ptr_equal(knots_union(s, many, part), many);
        assert_ptr_equal(knots_union(s, part, many), many);
        assert_ptr_equal(knots_intersection(s, many, part), part);
        assert_ptr_equal(knots_intersection(s, part, many), part);
        assert_null(knots_difference(s, part, many));
        atr_scope_close(s);
    }
}

static void a_set_of_another_pool_is_refused_on_either_side(void **state)
{
    atr_pool *pool = atr_pool_new(), *other = atr_pool_new();
    atr_scope *s = atr_pool_scope(pool);
    const knots *good = members(s, 3), *foreign = members(atr_pool_scope(other), 3);
    for (size_t k = 0; k < 3; k++) {
        const knots *a = k == 0 ? good : foreign, *b = k == 1 ? good : foreign;
        assert_null(knots_union(s, a, b));
        assert_int_equal(atr_scope_take_error(s)->code, ATR_E_REFUSED);
        assert_null(knots_difference(s, a, b));
        assert_int_equal(atr_scope_take_error(s)->code, ATR_E_REFUSED);
    }
    assert_null(knots_union(NULL, good, good));
    assert_null(atr_scope_error(s));
    atr_pool_close(other);
    atr_pool_close(pool);
}

/* ---- without memory ---- */

/* With so many values in the scope before: so each place in turn is the one for which there is no room. */
static bool combine_once(size_t way, size_t crowd, size_t count)
{
    atr_scope *s = atr_scope_open(NULL), *inner = atr_scope_open(s);
    const knots *many = members(s, sizes[way][0]), *some = members(s, sizes[way][1]), *made;
    bool failed;
    for (size_t i = 0; i < crowd; i++) {
        ATR_NEW(inner, knot, .number = (int64_t)i);
    }
    failing_after(count);
    made = knots_difference(inner, many, some);
    failed = failing_stop() > 0;
    if (made == NULL) {
        assert_true(failed);
        assert_ptr_equal(atr_scope_take_error(inner), &atr_error_no_memory);
    } else {
        assert_null(atr_scope_error(inner));
        assert_int_equal(knots_count(made), sizes[way][0] - sizes[way][1]);
        consists_of(made, many, NULL);
    }
    atr_scope_close(inner);
    assert_null(atr_scope_error(s));
    atr_scope_close(s);
    return failed;
}

static void what_the_scope_has_no_room_for_is_not_given(void **state)
{
    for (size_t way = 0; way < WAYS; way++) {
        for (size_t crowd = 0; crowd < 20; crowd++) {
            size_t count = 0;
            while (combine_once(way, crowd, count)) {
                count++;
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        BOTH(a_union_has_equal_members_of_the_second),
        BOTH(an_intersection_has_equal_members_of_the_first),
        BOTH(a_combination_with_a_part_gives_what_is_there),
        BOTH(a_set_of_another_pool_is_refused_on_either_side),
        cmocka_unit_test_setup_teardown(what_the_scope_has_no_room_for_is_not_given, failing_setup,
                                        failing_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
