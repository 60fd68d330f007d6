/* Sorting vectors, and finding in sorted ones. */
#include <math.h>
#include <string.h>

#include "collections.h"
#include "random.h"
#include "sample.h"
#include "shape.h"

#include "vector_rows.h"

/* ---- sort ---- */

/* Numbers whose upper part is the key and whose lower part tells where they were. */
static int by_key(int64_t a, int64_t b, void *user)
{
    (*(size_t *)user)++;
    a >>= 20;
    b >>= 20;
    return (a > b) - (a < b);
}

static size_t bits_of(size_t n)
{
    size_t bits = 0;
    for (; n > 0; n /= 2) {
        bits++;
    }
    return bits;
}

static int plainly(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static int64_t key_of(size_t kind, size_t i, size_t count)
{
    switch (kind) {
    case 0: return (int64_t)random_below(count);
    case 1: return (int64_t)random_below(7);
    case 2: return (int64_t)i;
    case 3: return (int64_t)(count - i);
    case 4: return (int64_t)(i % 100);
    default: return i % 50 == 0 ? (int64_t)random_below(count) : (int64_t)i;
    }
}

static void sorting_is_stable_and_agrees_with_a_plain_array(void **state)
{
    random_begin();
    for (size_t k = 0; k < BOUNDARIES * 6; k++) {
        atr_scope *s = atr_scope_open(NULL);
        size_t count = boundaries[k / 6], calls = 0;
        const atr_i64_vec *v, *sorted;
        for (size_t i = 0; i < count; i++) {
            wanted[i] = (int64_t)((uint64_t)key_of(k % 6, i, count) << 20 | i);
        }
        v = atr_i64_vec_of(s, wanted, count);
        qsort(wanted, count, sizeof *wanted, plainly);

        sorted = atr_i64_vec_sort_by(s, v, by_key, &calls);

        holds_wanted(sorted, count);
        holds_wanted(atr_i64_vec_sort(s, v), count);
        assert_ptr_equal(atr_i64_vec_sort(s, sorted), sorted);
        assert_true(calls <= count * (3 + bits_of(count)));
        atr_scope_close(s);
    }
}

static void a_sorted_vector_is_given_back_after_one_look(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const atr_i64_vec *v = numbers(s, 10000), *nearly;
    size_t calls = 0, before = atr_memory_now().values;

    assert_ptr_equal(atr_i64_vec_sort_by(s, v, by_key, &calls), v);
    assert_int_equal(calls, 9999);
    assert_int_equal(atr_memory_now().values, before);
    assert_ptr_equal(atr_i64_vec_sort(s, &static_primes), &static_primes);
    assert_null(atr_i64_vec_sort(s, NULL));

    /* What stays in its place stays in its leaf. */
    nearly = atr_i64_vec_set(s, v, 5000, 4990);
    before = atr_memory_now().values;
    assert_int_equal(atr_i64_vec_at(atr_i64_vec_sort(s, nearly), 4991), 4990);
    assert_in_range(atr_memory_now().values - before, 4, 5);
    atr_scope_close(s);
}

static int by_chance(int64_t a, int64_t b, void *user)
{
    return (int)random_below(3) - 1;
}

static void an_order_that_contradicts_itself_loses_nothing(void **state)
{
    random_begin();
    for (size_t n = 0; n < 300; n++) {
        atr_scope *s = atr_scope_open(NULL);
        size_t count = 2 + random_below(300);
        const atr_i64_vec *v = numbers(s, count);
        for (size_t i = 0; i < count; i++) {
            wanted[i] = (int64_t)i;
        }
        holds_wanted(atr_i64_vec_sort(s, atr_i64_vec_sort_by(s, v, by_chance, NULL)), count);
        atr_scope_close(s);
    }
}

static void every_kind_has_a_natural_order(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const double reals[] = {NAN, 2, -HUGE_VAL, 0.0, -0.0, -1, HUGE_VAL};
    const atr_str *words[] = {ATR_STR(s, "b"), ATR_STR(s, ""), ATR_STR(s, "ab"), ATR_STR(s, "a")};
    const todo_item *items[] = {sample_item(s, 2, "a"), sample_item(s, 1, "b"),
                                sample_item(s, 1, "a")};

    const atr_f64_vec *r = atr_f64_vec_sort(s, atr_f64_vec_of(s, reals, 7));
    const atr_str_vec *w = atr_str_vec_sort(s, atr_str_vec_of(s, words, 4));
    const todo_item_vec *t = todo_item_vec_sort(s, todo_item_vec_of(s, items, 3));

    assert_true(atr_f64_vec_at(r, 0) == -HUGE_VAL && atr_f64_vec_at(r, 1) == -1);
    assert_false(signbit(atr_f64_vec_at(r, 2)));
    assert_true(signbit(atr_f64_vec_at(r, 3)));
    assert_true(atr_f64_vec_at(r, 5) == HUGE_VAL && isnan(atr_f64_vec_at(r, 6)));
    assert_ptr_equal(atr_str_vec_at(w, 0), words[1]);
    assert_ptr_equal(atr_str_vec_at(w, 2), words[2]);
    assert_ptr_equal(todo_item_vec_at(t, 0), items[2]);
    assert_ptr_equal(todo_item_vec_at(t, 2), items[0]);
    atr_scope_close(s);
}

/* ---- finding ---- */

static bool is_above(int64_t item, void *user)
{
    return item > *(int64_t *)user;
}

static void the_first_that_passes_is_found(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const atr_i64_vec *v = atr_i64_vec_reverse(s, numbers(s, 5000));
    int64_t high = 4997, none = 5000;
    size_t index = 77;

    assert_true(atr_i64_vec_find(v, is_above, &high, &index));
    assert_int_equal(index, 0);
    assert_true(atr_i64_vec_index_of(v, 7, &index));
    assert_int_equal(index, 4992);
    assert_false(atr_i64_vec_find(v, is_above, &none, &index));
    assert_false(atr_i64_vec_index_of(v, 5000, &index));
    assert_false(atr_i64_vec_index_of(NULL, 5000, &index));
    assert_false(atr_i64_vec_find(v, NULL, NULL, &index));
    assert_int_equal(index, 4992);
    assert_true(atr_i64_vec_index_of(v, 0, NULL));
    atr_scope_close(s);
}

static void an_equal_element_is_found_by_content(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const double reals[] = {1, 0.0, NAN};
    const atr_f64_vec *r = atr_f64_vec_of(s, reals, 3);
    const todo_item_vec *v = NULL;
    size_t index;
    for (int64_t i = 0; i < 50; i++) {
        v = todo_item_vec_push(s, v, sample_item(s, i % 10, "item"));
    }

    assert_true(todo_item_vec_index_of(v, sample_item(s, 7, "item"), &index));
    assert_int_equal(index, 7);
    assert_false(todo_item_vec_index_of(v, sample_item(s, 7, "other"), &index));
    assert_false(todo_item_vec_index_of(v, NULL, &index));
    assert_true(atr_f64_vec_index_of(r, -0.0, &index) && index == 1);
    assert_true(atr_f64_vec_index_of(r, -NAN, &index) && index == 2);
    atr_scope_close(s);
}

static int around_hundreds(int64_t item, void *user)
{
    int64_t hundred = item / 100, at = *(int64_t *)user;
    return (hundred > at) - (hundred < at);
}

static void halving_finds_the_first_of_its_place(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    atr_i64_vec_builder *b = atr_i64_vec_builder_new(s, NULL);
    const atr_i64_vec *v;
    size_t index;
    for (int64_t i = 0; i < 9000; i++) {
        atr_i64_vec_builder_push(b, i / 3 * 2);
    }
    v = atr_i64_vec_builder_seal(b);

    for (int64_t i = -1; i <= 6000; i++) {
        assert_int_equal(atr_i64_vec_search(v, i, &index), i >= 0 && i < 6000 && i % 2 == 0);
        assert_int_equal(index, i < 0 ? 0 : (i + 1) / 2 * 3);
    }
    for (int64_t at = 0; at < 60; at++) {
        assert_true(atr_i64_vec_search_by(v, around_hundreds, &at, &index));
        assert_int_equal(index, at * 150);
    }
    assert_false(atr_i64_vec_search(NULL, 1, &index));
    assert_int_equal(index, 0);
    assert_false(atr_str_vec_search(atr_str_vec_push(s, NULL, ATR_STR(s, "a")), NULL, &index));
    assert_int_equal(index, 0);
    atr_scope_close(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        PLAIN(sorting_is_stable_and_agrees_with_a_plain_array),
        BOTH(a_sorted_vector_is_given_back_after_one_look),
        PLAIN(an_order_that_contradicts_itself_loses_nothing),
        BOTH(every_kind_has_a_natural_order),
        BOTH(the_first_that_passes_is_found),
        BOTH(an_equal_element_is_found_by_content),
        BOTH(halving_finds_the_first_of_its_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
