/* Updates by functions, ranges of vectors replaced, and vectors read from any place in both directions. */
#include <atrium/ordered_map.h>

#include "collections.h"
#include "sample.h"
#include "shape.h"

#include "random.h"
#include "vector_rows.h"

static int64_t one_more(atr_scope *s, int64_t key, int64_t value, void *user)
{
    *(int64_t *)user += key;
    return value + 1;
}

static const todo_item *renamed(atr_scope *s, int64_t key, const todo_item *item, void *user)
{
    if (item == NULL) {
        return sample_item(s, key, user);
    }
    return ATR_NEW(s, todo_item, .id = item->id, .title = atr_str_new(s, user), .done = true);
}

static const todo_item *as_it_is(atr_scope *s, int64_t key, const todo_item *item, void *user)
{
    return item;
}

static const todo_item *none(atr_scope *s, int64_t key, const todo_item *item, void *user)
{
    return NULL;
}

static int64_t refused(atr_scope *s, int64_t key, int64_t value, void *user)
{
    atr_refuse(s, ATR_E_REFUSED, "no");
    return value;
}

static void counting_by_updates(void **state)
{
    static const int64_t keys[] = {3, 1, 3, 3, -7, 1};
    atr_scope *s = atr_scope_open(NULL);
    const atr_i64_map *m = NULL;
    const atr_i64_omap *o = NULL;
    int64_t sum = 0;
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        m = atr_i64_map_update(s, m, keys[i], 10, one_more, &sum);
        o = atr_i64_omap_update(s, o, keys[i], 10, one_more, &sum);
    }
    assert_int_equal(sum, 8);
    assert_int_equal(atr_i64_map_count(m), 3);
    assert_int_equal(atr_i64_map_get(m, 3), 13);
    assert_int_equal(atr_i64_map_get_or(m, 3, -1), 13);
    assert_int_equal(atr_i64_map_get_or(m, 4, -1), -1);
    assert_int_equal(atr_i64_map_get_or(NULL, 4, -1), -1);
    assert_int_equal(atr_i64_omap_get(o, 1), 12);
    assert_int_equal(atr_i64_omap_get_or(o, 2, 77), 77);
    assert_int_equal(atr_i64_omap_get_or(o, -7, 77), 11);
    assert_int_equal(atr_scope_close(s), 0);
}

static void updating_what_is_present_only(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const todo_item_map *m = todo_item_map_set(s, NULL, 1, sample_item(s, 1, "milk"));
    const todo_item_omap *o = todo_item_omap_set(s, NULL, 1, sample_item(s, 1, "milk"));
    char oats[] = "oats";

    assert_ptr_equal(todo_item_map_update_present(s, m, 2, renamed, oats), m);
    assert_ptr_equal(todo_item_omap_update_present(s, o, 2, renamed, oats), o);
    assert_null(todo_item_map_update_present(s, NULL, 2, renamed, oats));
    assert_ptr_equal(todo_item_map_update(s, m, 1, NULL, as_it_is, NULL), m);
    assert_ptr_equal(todo_item_omap_update_present(s, o, 1, as_it_is, NULL), o);

    m = todo_item_map_update_present(s, m, 1, renamed, oats);
    m = todo_item_map_update(s, m, 2, NULL, renamed, oats);
    o = todo_item_omap_update(s, o, 2, NULL, renamed, oats);
    assert_true(todo_item_map_get(m, 1)->done);
    assert_string_equal(todo_item_map_get(m, 1)->title->bytes, "oats");
    assert_int_equal(todo_item_map_get(m, 2)->id, 2);
    assert_int_equal(todo_item_omap_get(o, 2)->id, 2);
    assert_null(atr_scope_error(s));
    assert_int_equal(atr_scope_close(s), 0);
}

static void expect_code(atr_scope *s, int code)
{
    const atr_error *error = atr_scope_take_error(s);
    assert_non_null(error);
    assert_int_equal(error->code, code);
}

static int64_t halved(atr_scope *s, int64_t item, void *user)
{
    return item / 2;
}

static int64_t refused_item(atr_scope *s, int64_t item, void *user)
{
    return refused(s, 0, item, user);
}

static int64_t not_called(atr_scope *s, int64_t item, void *user)
{
    fail_msg("called");
    return item;
}

static void an_update_that_fails_gives_nothing(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const atr_i64_map *m = atr_i64_map_set(s, NULL, 1, 1);
    const todo_item_omap *o = todo_item_omap_set(s, NULL, 1, sample_item(s, 1, "milk"));
    const atr_i64_vec *v = numbers(s, 100);

    assert_null(atr_i64_map_update(s, m, 1, 0, refused, NULL));
    expect_code(s, ATR_E_REFUSED);
    assert_null(atr_i64_map_update(s, m, 1, 0, NULL, NULL));
    expect_code(s, ATR_E_INVALID);
    assert_null(atr_i64_map_update_present(s, m, 2, NULL, NULL));
    expect_code(s, ATR_E_INVALID);
    assert_null(todo_item_omap_update_present(s, o, 2, NULL, NULL));
    expect_code(s, ATR_E_INVALID);
    assert_null(todo_item_omap_update(s, o, 1, NULL, none, NULL));
    expect_code(s, ATR_E_REFUSED);
    assert_null(atr_i64_map_update(NULL, m, 1, 0, refused, NULL));
    assert_null(atr_i64_vec_update(s, v, 100, halved, NULL));
    expect_code(s, ATR_E_INVALID);
    assert_null(atr_i64_vec_update(s, v, 99, NULL, NULL));
    expect_code(s, ATR_E_INVALID);
    assert_null(atr_i64_vec_update(s, v, 100, not_called, NULL));
    expect_code(s, ATR_E_INVALID);
    assert_null(atr_i64_vec_update(NULL, v, 0, not_called, NULL));
    assert_null(atr_i64_vec_update(s, v, 99, refused_item, NULL));
    expect_code(s, ATR_E_REFUSED);
    assert_int_equal(atr_i64_vec_at(atr_i64_vec_update(s, v, 99, halved, NULL), 99), 49);
    assert_ptr_equal(atr_i64_vec_update(s, v, 0, halved, NULL), v);
    assert_int_equal(atr_scope_close(s), 0);
}

/* ---- ranges of vectors ---- */

static size_t plain_splice(size_t count, size_t from, size_t to, const int64_t *put, size_t more)
{
    memmove(wanted + from + more, wanted + to, (count - to) * sizeof *wanted);
    if (more > 0) {
        memcpy(wanted + from, put, more * sizeof *wanted);
    }
    return count - (to - from) + more;
}

static void splices_are_those_of_a_plain_array(void **state)
{
    enum { PUT = 2000 };
    static int64_t put[PUT];
    atr_scope *s = atr_scope_open(NULL);
    random_begin();
    for (size_t i = 0; i < PUT; i++) {
        put[i] = -(int64_t)i;
    }
    for (size_t i = 0; i < BOUNDARIES; i++) {
        size_t count = boundaries[i];
        const atr_i64_vec *v = i % 2 == 0 ? numbers(s, count) : relaxed(s, count);
        for (size_t k = 0; k < count; k++) {
            wanted[k] = (int64_t)k;
        }
        for (size_t step = 0; step < 20; step++) {
            size_t from = random_below(count + 1);
            size_t to = from + random_below(step % 2 == 0 ? count - from + 1 : 1);
            size_t more = random_below(step % 3 == 0 ? 1 : PUT);
            more = count - (to - from) + more > LARGEST ? 0 : more;
            v = atr_i64_vec_splice(s, v, from, to, atr_i64_vec_of(s, put, more));
            count = plain_splice(count, from, to, put, more);
            holds_wanted(v, count);
        }
    }
    assert_null(atr_scope_error(s));
    assert_int_equal(atr_scope_close(s), 0);
}

static void putting_back_what_is_there_gives_the_vector(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    random_begin();
    for (size_t i = 0; i < BOUNDARIES; i++) {
        size_t count = boundaries[i];
        const atr_i64_vec *v = i % 2 == 0 ? numbers(s, count) : relaxed(s, count);
        for (size_t from = 0; from < count; from += 1 + from) {
            size_t to = from + 1 + random_below(count - from);
            const atr_i64_vec *part = atr_i64_vec_slice(s, v, from, to);
            assert_ptr_equal(atr_i64_vec_splice(s, v, from, to, part), v);
            assert_ptr_equal(atr_i64_vec_splice(s, v, from, to, atr_copy(s, part)), v);
        }
    }
    assert_null(atr_scope_error(s));
    assert_int_equal(atr_scope_close(s), 0);
}

static void as_many_few_elements_leave_the_tree_as_it_is(void **state)
{
    static const size_t counts[] = {1, 2, 31, 32};
    atr_scope *s = atr_scope_open(NULL);
    const atr_i64_vec *v = numbers(s, 5000);
    for (size_t k = 0; k < sizeof counts / sizeof *counts; k++) {
        const atr_vec *made =
            (const void *)atr_i64_vec_splice(s, v, 1001, 1001 + counts[k], numbers(s, counts[k]));
        assert_true(vec_is_regular(made->root));
        check_vec(made);
        for (size_t i = 0; i < 5000; i++) {
            wanted[i] = i >= 1001 && i < 1001 + counts[k] ? (int64_t)i - 1001 : (int64_t)i;
        }
        holds_wanted((const void *)made, 5000);
    }
    assert_int_equal(atr_scope_close(s), 0);
}

static void a_splice_sees_each_element_that_differs(void **state)
{
    enum { COUNT = 100, PART = 40 };
    atr_scope *s = atr_scope_open(NULL);
    const atr_i64_vec *v = numbers(s, COUNT);
    for (size_t at = 0; at < PART; at++) {
        const atr_i64_vec *part = atr_i64_vec_slice(s, v, 30, 30 + PART);
        v = atr_i64_vec_splice(s, v, 30, 30 + PART, atr_i64_vec_set(s, part, at, -7));
        assert_int_equal(atr_i64_vec_at(v, 30 + at), -7);
        assert_int_equal(atr_i64_vec_count(v), COUNT);
    }
    assert_int_equal(atr_scope_close(s), 0);
}

static void a_splice_takes_vectors_of_its_pool_only(void **state)
{
    atr_pool *pool = atr_pool_new(), *other = atr_pool_new();
    atr_scope *s = atr_pool_scope(pool);
    const atr_i64_vec *v = numbers(s, 10), *foreign = numbers(atr_pool_scope(other), 10);

    assert_null(atr_i64_vec_splice(NULL, v, 0, 1, v));
    assert_null(atr_i64_vec_splice(s, v, 0, 1, foreign));
    expect_code(s, ATR_E_REFUSED);
    assert_null(atr_i64_vec_splice(s, foreign, 0, 1, v));
    expect_code(s, ATR_E_REFUSED);
    atr_pool_close(pool);
    atr_pool_close(other);
}

static void a_splice_that_changes_nothing_gives_the_vector(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const atr_i64_vec *v = numbers(s, 100), *w = numbers(s, 3);
    const atr_i64_vec *three = atr_i64_vec_of(s, (const int64_t[]){2, 3, 5}, 3);
    size_t before = atr_memory_now().values;

    assert_ptr_equal(atr_i64_vec_splice(s, v, 50, 50, NULL), v);
    assert_ptr_equal(atr_i64_vec_splice(s, v, 0, 100, w), w);
    assert_ptr_equal(atr_i64_vec_splice(s, three, 0, 3, w), w);
    assert_ptr_equal(atr_i64_vec_splice(s, NULL, 0, 0, w), w);
    assert_ptr_equal(atr_i64_vec_splice(s, v, 0, 3, w), v);
    assert_null(atr_i64_vec_splice(s, v, 0, 100, NULL));
    assert_int_equal(atr_memory_now().values, before);
    assert_int_equal(atr_i64_vec_count(atr_i64_vec_splice(s, &static_primes, 1, 3, v)), 103);
    assert_null(atr_i64_vec_splice(s, v, 3, 2, NULL));
    expect_code(s, ATR_E_INVALID);
    assert_null(atr_i64_vec_splice(s, v, 3, 101, NULL));
    expect_code(s, ATR_E_INVALID);
    assert_int_equal(atr_scope_close(s), 0);
}

/* ---- reading ---- */

/* Taken from both ends, as it comes. */
static void range_reads(const atr_i64_vec *v, size_t from, size_t to, unsigned mix)
{
    atr_i64_vec_each it = atr_i64_vec_range(v, from, to);
    to = to < atr_i64_vec_count(v) ? to : atr_i64_vec_count(v);
    while (from < to) {
        bool up = mix == 0 || (mix > 1 && random_below(mix) > mix / 3);
        size_t at = up ? from++ : --to;
        assert_true(up ? atr_i64_vec_next(&it, v) : atr_i64_vec_prev(&it, v));
        if (it.index != at || it.item != atr_i64_vec_at(v, at)) {
            assert_int_equal(it.index, at);
            assert_int_equal(it.item, atr_i64_vec_at(v, at));
        }
    }
    assert_false(atr_i64_vec_next(&it, v));
    assert_false(atr_i64_vec_prev(&it, v));
}

static void ranges_are_read_upwards_downwards_and_from_both_ends(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    random_begin();
    for (size_t i = 0; i < BOUNDARIES; i++) {
        size_t count = boundaries[i];
        const atr_i64_vec *both[] = {numbers(s, count), relaxed(s, count)};
        for (size_t k = 0; k < 2; k++) {
            for (unsigned mix = 0; mix < 6; mix++) {
                size_t from = random_below(count + 1);
                range_reads(both[k], 0, SIZE_MAX, mix);
                range_reads(both[k], from, from + random_below(count - from + 1), mix);
            }
        }
    }
    range_reads(&static_primes, 1, 4, 0);
    range_reads(&static_primes, 1, 4, 1);
    range_reads(NULL, 0, 3, 0);
    range_reads(&static_primes, 4, 2, 1);
    assert_int_equal(atr_scope_close(s), 0);
}

static void a_vector_is_read_downwards_without_a_range(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const atr_i64_vec *v = numbers(s, 1000), *now = v;
    atr_i64_vec_each it = {0};
    int64_t next = 1000;
    while (atr_i64_vec_prev(&it, now)) {
        now = atr_i64_vec_pop(s, now);
        assert_int_equal(it.item, --next);
    }
    assert_int_equal(next, 0);
    it = atr_i64_vec_range(NULL, 0, 1);
    assert_false(atr_i64_vec_next(&it, v)); /* it goes over what it began with */
    assert_int_equal(atr_scope_close(s), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        BOTH(counting_by_updates),
        BOTH(updating_what_is_present_only),
        BOTH(an_update_that_fails_gives_nothing),
        PLAIN(splices_are_those_of_a_plain_array),
        BOTH(a_splice_that_changes_nothing_gives_the_vector),
        BOTH(a_splice_sees_each_element_that_differs),
        BOTH(a_splice_takes_vectors_of_its_pool_only),
        PLAIN(as_many_few_elements_leave_the_tree_as_it_is),
        PLAIN(putting_back_what_is_there_gives_the_vector),
        PLAIN(ranges_are_read_upwards_downwards_and_from_both_ends),
        BOTH(a_vector_is_read_downwards_without_a_range),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
