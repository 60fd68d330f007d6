/* What reads, finds in, or makes whole vectors. */
#include <math.h>
#include <string.h>

#include "collections.h"
#include "random.h"
#include "sample.h"
#include "shape.h"

#include "vector_rows.h"

ATR_VEC_TRANSFORM(titles_of, todo_item_vec, atr_str_vec);
ATR_VEC_TRANSFORM(items_named, atr_str_vec, todo_item_vec);

/* ---- reading ---- */

static void chunks_make_up_the_vector(void **state)
{
    random_begin();
    for (size_t k = 0; k < BOUNDARIES; k++) {
        atr_scope *s = atr_scope_open(NULL);
        size_t count = boundaries[k], i = 0, chunks = 0;
        const atr_i64_vec *v = relaxed(s, count);
        const int64_t *items = NULL;

        for (size_t more; (more = atr_i64_vec_chunk(v, i, &items)) > 0; i += more) {
            assert_true(more <= ATR_VEC_CHUNK);
            chunks++;
            for (size_t j = 0; j < more; j++) {
                assert_int_equal(items[j], i + j);
            }
        }

        assert_int_equal(i, count);
        assert_in_range(chunks, 1, count / 16 + 3);
        atr_scope_close(s);
    }
}

static void a_chunk_stays_where_it_is_as_long_as_the_vector(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const todo_item_vec *v = NULL;
    const todo_item *const *items = NULL, *const *again = NULL;
    for (int64_t i = 0; i < 100; i++) {
        v = todo_item_vec_push(s, v, sample_item(s, i, "item"));
    }

    assert_int_equal(todo_item_vec_chunk(v, 40, &items), 24);
    for (int64_t i = 0; i < 100; i++) {
        todo_item_vec_push(s, todo_item_vec_set(s, v, 40, sample_item(s, i, "other")), items[0]);
    }

    assert_int_equal(todo_item_vec_chunk(v, 40, &again), 24);
    assert_ptr_equal(items, again);
    assert_int_equal(items[0]->id, 40);
    atr_scope_close(s);
}

static void a_static_vector_is_one_chunk_and_the_empty_one_none(void **state)
{
    const int64_t *items = NULL;
    atr_i64_vec_each it = {0}, none = {0};
    size_t seen = 0;

    assert_int_equal(atr_i64_vec_chunk(&static_primes, 1, &items), 4);
    assert_ptr_equal(items, primes + 1);
    assert_int_equal(atr_i64_vec_chunk(&static_primes, 5, &items), 0);
    assert_int_equal(atr_i64_vec_chunk(NULL, 0, &items), 0);
    assert_ptr_equal(items, primes + 1);
    while (atr_i64_vec_next(&it, &static_primes)) {
        assert_int_equal(it.index, seen);
        assert_int_equal(it.item, primes[seen++]);
    }
    assert_int_equal(seen, 5);
    assert_false(atr_i64_vec_next(&it, &static_primes));
    assert_false(atr_i64_vec_next(&none, NULL));
}

/* ---- filter ---- */

/* Which numbers stay: those of a random pattern. */
typedef struct pattern {
    size_t every, gone; /* of `every` in a row, the first `gone` go */
} pattern;

static bool is_kept(int64_t item, void *user)
{
    const pattern *p = user;
    return (size_t)item % p->every >= p->gone;
}

static void a_filter_gives_what_passes_the_test(void **state)
{
    static const pattern patterns[] = {{1, 1},   {1, 0},    {2, 1},     {3, 2},
                                       {64, 63}, {5000, 1}, {5000, 20}, {40000, 32700}};
    random_begin();
    for (size_t k = 0; k < BOUNDARIES * 8; k++) {
        atr_scope *s = atr_scope_open(NULL);
        size_t count = boundaries[k / 8], kept = 0;
        pattern p = patterns[k % 8];
        const atr_i64_vec *v = relaxed(s, count), *some;
        for (size_t i = 0; i < count; i++) {
            if (is_kept((int64_t)i, &p)) {
                wanted[kept++] = (int64_t)i;
            }
        }

        some = atr_i64_vec_filter(s, v, is_kept, &p);

        holds_wanted(some, kept);
        assert_true(some == v ? kept == count : kept < count);
        assert_true((some == NULL) == (kept == 0));
        assert_null(atr_scope_error(s));
        atr_scope_close(s);
    }
}

static void a_filter_that_takes_out_a_few_shares_the_rest(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    pattern p = {20000, 1};
    const atr_i64_vec *v = numbers(s, 100000), *some;
    size_t before = atr_memory_now().values;

    some = atr_i64_vec_filter(s, v, is_kept, &p);

    assert_int_equal(atr_i64_vec_count(some), 99995);
    /* five paths of leaf and nodes, joined with neighbours at most, and the handle */
    assert_in_range(atr_memory_now().values - before, 4, 5 * 5 + 1);
    atr_scope_close(s);
}

/* ---- transform ---- */

static int64_t plus_if(atr_scope *s, int64_t item, void *user)
{
    return item % *(int64_t *)user == 0 ? item + 1000000 : item;
}

static void a_transform_changes_each_element(void **state)
{
    random_begin();
    for (size_t k = 0; k < BOUNDARIES; k++) {
        for (int64_t every = 1; every < 20000; every *= 7) {
            atr_scope *s = atr_scope_open(NULL);
            size_t count = boundaries[k];
            const atr_i64_vec *v = relaxed(s, count);
            for (size_t i = 0; i < count; i++) {
                wanted[i] = plus_if(s, (int64_t)i, &every);
            }
            holds_wanted(atr_i64_vec_transform(s, v, plus_if, &every), count);
            atr_scope_close(s);
        }
    }
}

static void a_transform_shares_what_it_does_not_change(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const atr_i64_vec *v = atr_i64_vec_slice(s, numbers(s, 100000), 1, 100000);
    int64_t none = 1 << 20, few = 50000;
    size_t before = atr_memory_now().values;

    assert_ptr_equal(atr_i64_vec_transform(s, v, plus_if, &none), v);
    assert_int_equal(atr_memory_now().values, before);
    assert_int_equal(atr_i64_vec_at(atr_i64_vec_transform(s, v, plus_if, &few), 49999), 1050000);
    assert_int_equal(atr_memory_now().values, before + 5); /* leaf, three nodes, handle */
    assert_ptr_equal(atr_i64_vec_transform(s, &static_primes, plus_if, &none), &static_primes);
    atr_scope_close(s);
}

static const atr_str *title_of(atr_scope *s, const todo_item *item, void *user)
{
    return item->title;
}

static const todo_item *item_named(atr_scope *s, const atr_str *title, void *user)
{
    return ATR_NEW(s, todo_item, .id = (*(int64_t *)user)++, .title = title);
}

static void a_transform_may_lead_to_another_type(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const atr_str_vec *titles = NULL;
    int64_t next = 0;
    for (size_t i = 0; i < 1000; i++) {
        titles = atr_str_vec_push(s, titles, atr_str_format(s, "%zu", i));
    }

    const todo_item_vec *items = items_named(s, titles, item_named, &next);

    assert_int_equal(todo_item_vec_count(items), 1000);
    assert_int_equal(todo_item_vec_at(items, 999)->id, 999);
    assert_true(atr_equal(titles_of(s, items, title_of, NULL), titles));
    assert_null(titles_of(s, NULL, title_of, NULL));
    assert_null(atr_scope_error(s));
    atr_scope_close(s);
}

/* ---- reverse ---- */

static void a_reversed_vector_runs_backwards(void **state)
{
    random_begin();
    for (size_t k = 0; k < BOUNDARIES; k++) {
        atr_scope *s = atr_scope_open(NULL);
        size_t count = boundaries[k];
        const atr_i64_vec *v = relaxed(s, count), *back = atr_i64_vec_reverse(s, v);
        for (size_t i = 0; i < count; i++) {
            wanted[i] = (int64_t)(count - 1 - i);
        }
        holds_wanted(back, count);
        assert_true(atr_equal(atr_i64_vec_reverse(s, back), v));
        atr_scope_close(s);
    }
}

static void what_is_the_same_backwards_is_not_made_again(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const atr_i64_vec *half = numbers(s, 100);
    const atr_i64_vec *both = atr_i64_vec_concat(s, half, atr_i64_vec_reverse(s, half));

    assert_ptr_equal(atr_i64_vec_reverse(s, both), both);
    assert_null(atr_i64_vec_reverse(s, NULL));
    assert_int_equal(atr_i64_vec_at(atr_i64_vec_reverse(s, &static_primes), 0), 11);
    atr_scope_close(s);
}

/* ---- failing functions ---- */

typedef struct failing {
    atr_scope *s;
    size_t left;
} failing;

static bool fails_now(failing *f)
{
    if (f->left > 0) {
        f->left--;
        return false;
    }
    atr_refuse(f->s, -4711, "enough");
    return true;
}

static bool failing_test(int64_t item, void *user)
{
    return !fails_now(user) && item % 3 != 0;
}
static int64_t failing_change(atr_scope *s, int64_t item, void *user)
{
    return fails_now(user) ? 0 : item + 1;
}
static int failing_compare(int64_t a, int64_t b, void *user)
{
    return fails_now(user) ? 0 : (a < b) - (a > b);
}

static void a_function_that_latches_ends_the_work(void **state)
{
    for (size_t left = 0; left < 3000; left = left * 2 + 1) {
        atr_scope *s = atr_scope_open(NULL), *inner = atr_scope_open(s);
        const atr_i64_vec *v = numbers(s, 3000);
        size_t before = atr_memory_now().values;
        for (size_t k = 0; k < 3; k++) {
            failing f = {inner, left};
            assert_null(k == 0   ? atr_i64_vec_filter(inner, v, failing_test, &f)
                        : k == 1 ? atr_i64_vec_transform(inner, v, failing_change, &f)
                                 : atr_i64_vec_sort_by(inner, v, failing_compare, &f));
            assert_int_equal(f.left, 0);
            assert_int_equal(atr_scope_take_error(inner)->code, -4711);
        }
        atr_scope_close(inner);
        assert_int_equal(atr_memory_now().values, before);
        atr_scope_close(s);
    }
}

static const todo_item *null_item(atr_scope *s, const todo_item *item, void *user)
{
    return NULL;
}

static void missing_functions_and_items_are_refused(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const todo_item_vec *v = todo_item_vec_push(s, NULL, &todo_item_default);

    assert_null(todo_item_vec_filter(s, v, NULL, NULL));
    assert_string_equal(atr_scope_error(s)->message->bytes, "todo_item_vec: the function is NULL");
    assert_int_equal(atr_scope_take_error(s)->code, ATR_E_INVALID);
    assert_null(todo_item_vec_transform(s, v, NULL, NULL));
    assert_int_equal(atr_scope_take_error(s)->code, ATR_E_INVALID);
    assert_null(todo_item_vec_sort_by(s, v, NULL, NULL));
    assert_int_equal(atr_scope_take_error(s)->code, ATR_E_INVALID);
    assert_null(todo_item_vec_transform(s, v, null_item, NULL));
    assert_int_equal(atr_scope_take_error(s)->code, ATR_E_REFUSED);
    assert_null(items_named(s, atr_str_vec_push(s, NULL, ATR_STR(s, "a")), NULL, NULL));
    assert_int_equal(atr_scope_take_error(s)->code, ATR_E_INVALID);
    assert_null(todo_item_vec_sort(NULL, v));
    assert_null(todo_item_vec_reverse(NULL, v));
    assert_null(todo_item_vec_transform(NULL, v, null_item, NULL));
    atr_scope_close(s);
}

/* ---- what is held ---- */

/* Live values of a vector of items without texts of their own: items, leaves, nodes, handle. */
static void a_slice_holds_its_own_elements_only(void **state)
{
    random_begin();
    for (size_t n = 0; n < 200; n++) {
        atr_scope *s = atr_scope_open(NULL), *inner = atr_scope_open(s);
        size_t count = 1 + random_below(4000), from = random_below(count);
        size_t to = from + 1 + random_below(count - from);
        todo_item_vec_builder *b = todo_item_vec_builder_new(inner, NULL);
        size_t kept = to - from;
        for (size_t i = 0; i < count; i++) {
            todo_item_vec_builder_push(
                b, ATR_NEW(inner, todo_item, .id = (int64_t)i, .title = &atr_str_default));
        }

        atr_scope_yield(inner, todo_item_vec_slice(inner, todo_item_vec_builder_seal(b), from, to));
        atr_scope_close(inner);

        /* leaves and nodes are half full at least, but for the last of each level */
        assert_in_range(atr_memory_now().values, kept + 2, kept + 1 + kept / 15 + 2 * 3);
        atr_scope_close(s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        BOTH(chunks_make_up_the_vector),
        BOTH(a_chunk_stays_where_it_is_as_long_as_the_vector),
        BOTH(a_static_vector_is_one_chunk_and_the_empty_one_none),
        PLAIN(a_filter_gives_what_passes_the_test),
        BOTH(a_filter_that_takes_out_a_few_shares_the_rest),
        PLAIN(a_transform_changes_each_element),
        BOTH(a_transform_shares_what_it_does_not_change),
        BOTH(a_transform_may_lead_to_another_type),
        BOTH(a_reversed_vector_runs_backwards),
        BOTH(what_is_the_same_backwards_is_not_made_again),
        BOTH(a_function_that_latches_ends_the_work),
        BOTH(missing_functions_and_items_are_refused),
        BOTH(a_slice_holds_its_own_elements_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
