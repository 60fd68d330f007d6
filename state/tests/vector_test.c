#include <math.h>
#include <string.h>

#include "collections.h"
#include "random.h"
#include "sample.h"
#include "shape.h"

#include "vector_rows.h"

/* ---- boundaries ---- */

/* v holds from, from + 1, ... */
static void counts_up(const atr_i64_vec *v, int64_t from, size_t count)
{
    assert_int_equal(atr_i64_vec_count(v), count);
    check_vec((const atr_vec *)v);
    for (size_t i = 0; i < count; i++) {
        if (atr_i64_vec_at(v, i) != from + (int64_t)i) {
            assert_int_equal(atr_i64_vec_at(v, i), from + (int64_t)i);
        }
    }
}

static void vectors_grow_by_push_and_shrink_by_pop_over_all_boundaries(void **state)
{
    for (size_t k = 0; k < BOUNDARIES; k++) {
        atr_scope *s = atr_scope_open(NULL);
        size_t count = boundaries[k];
        const atr_i64_vec *v = numbers(s, count);

        counts_up(v, 0, count);
        counts_up(atr_i64_vec_push(s, v, (int64_t)count), 0, count + 1);
        counts_up(atr_i64_vec_pop(s, v), 0, count - 1);
        counts_up(v, 0, count);

        atr_scope_close(s);
    }
}

static void slices_and_concatenations_meet_at_all_boundaries(void **state)
{
    for (size_t k = 0; k < BOUNDARIES; k++) {
        for (size_t j = 0; j <= k; j++) {
            atr_scope *s = atr_scope_open(NULL);
            size_t count = boundaries[k], cut = boundaries[j];
            const atr_i64_vec *v = numbers(s, count);

            const atr_i64_vec *head = atr_i64_vec_slice(s, v, 0, cut);
            const atr_i64_vec *rest = atr_i64_vec_slice(s, v, cut, count);

            counts_up(head, 0, cut);
            counts_up(rest, (int64_t)cut, count - cut);
            counts_up(atr_i64_vec_concat(s, head, rest), 0, count);
            assert_true(atr_equal(atr_i64_vec_concat(s, head, rest), v));
            atr_scope_close(s);
        }
    }
}

/* Joined are 31 full leaves and one of 5 elements with 20 full ones: two leaves at the seam become others,
 * and no other one moves to another node. */
static void a_concatenation_changes_nodes_at_the_seam_only(void **state)
{
    enum { LEFT = 31 * 32 + 5, RIGHT = 21 * 32 };
    atr_scope *s = atr_scope_open(NULL);
    const atr_i64_vec *left = numbers(s, LEFT), *right = numbers(s, RIGHT);

    const atr_vec *v = (const atr_vec *)atr_i64_vec_concat(s, left, right);
    const atr_vec_node *root = v->root;

    check_vec(v);
    assert_int_equal(root->height, 2);
    assert_int_equal(root->count, 2);
    assert_int_equal(atr_vec_child(root, 0)->count, 32);
    assert_int_equal(atr_vec_child(root, 1)->count, 20);
    atr_scope_close(s);
}

static void one_element_goes_out_and_comes_back_at_any_boundary(void **state)
{
    for (size_t k = 0; k < BOUNDARIES; k++) {
        for (size_t j = 0; j < k; j++) {
            atr_scope *s = atr_scope_open(NULL);
            size_t count = boundaries[k], at = boundaries[j];
            const atr_i64_vec *v = numbers(s, count);

            const atr_i64_vec *without = atr_i64_vec_erase(s, v, at);
            const atr_i64_vec *again = atr_i64_vec_insert(s, without, at, (int64_t)at);

            assert_int_equal(atr_i64_vec_count(without), count - 1);
            assert_int_equal(atr_i64_vec_at(without, at - 1), at - 1);
            assert_int_equal(atr_i64_vec_at(without, at), at + 1 < count ? at + 1 : 0);
            check_vec((const atr_vec *)without);
            counts_up(again, 0, count);
            counts_up(v, 0, count);
            atr_scope_close(s);
        }
    }
}

/* ---- shape ---- */

/* So many levels hold `count` elements when every node but the edges is half full. */
static void depth_is_bounded(const atr_i64_vec *v)
{
    const atr_vec *vec = (const atr_vec *)v;
    const atr_vec_node *root = vec->root;
    uint64_t least = root != NULL ? (uint64_t)1 << (4 * root->height) : 0;
    assert_true(vec->size > least);
    check_vec(vec);
}

static void depth_stays_bounded_when_all_goes_in_at_the_front(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const atr_i64_vec *v = NULL;

    for (int64_t i = 20000; i-- > 0;) {
        atr_scope *inner = atr_scope_open(s);
        const atr_i64_vec *next = atr_i64_vec_insert(inner, v, 0, i);
        atr_value_hold(next);
        atr_value_release(v);
        v = next;
        atr_scope_close(inner);
    }

    depth_is_bounded(v);
    counts_up(v, 0, 20000);
    atr_value_release(v);
    atr_scope_close(s);
}

static void depth_stays_bounded_after_random_slices_and_concatenations(void **state)
{
    size_t steps = random_begin() / 10;
    atr_scope *s = atr_scope_open(NULL);
    const atr_i64_vec *v = numbers(s, 5000);

    for (size_t i = 0; i < steps; i++) {
        atr_scope *inner = atr_scope_open(NULL);
        size_t count = atr_i64_vec_count(v), cut = 1 + random_below(count - 1);
        size_t keep = random_below(60);
        const atr_i64_vec *head = atr_i64_vec_slice(inner, v, 0, cut);
        const atr_i64_vec *rest = atr_i64_vec_slice(inner, v, cut, count);
        const atr_i64_vec *some = atr_i64_vec_slice(inner, v, 0, keep);
        v = atr_i64_vec_concat(inner, atr_i64_vec_concat(inner, rest, some), head);
        if (atr_i64_vec_count(v) > 20000) {
            v = atr_i64_vec_slice(inner, v, 3000, 8000);
        }
        depth_is_bounded(v);
        atr_scope_hold(inner, v);
        atr_scope_close(s);
        s = inner;
    }

    atr_scope_close(s);
}

static void a_vector_doubled_up_to_the_limit_is_refused_beyond_it(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const atr_i64_vec *v = numbers(s, 1000), *next = v;

    while (next != NULL) {
        v = next;
        assert_null(atr_scope_error(s));
        assert_int_equal(atr_i64_vec_at(v, atr_i64_vec_count(v) - 1), 999);
        assert_int_equal(atr_i64_vec_at(v, atr_i64_vec_count(v) / 2),
                         atr_i64_vec_count(v) == 1000 ? 500 : 0);
        next = atr_i64_vec_concat(s, v, v);
    }

    assert_int_equal(atr_scope_error(s)->code, ATR_E_LIMIT);
    assert_true(atr_i64_vec_count(v) == (size_t)1000 << 21);
    assert_true(((const atr_vec_node *)((const atr_vec *)v)->root)->height < ATR_VEC_LEVELS);
    assert_true(atr_memory_now().values < 5000);
    atr_scope_close(s);
}

/* Numbers up to 999, again and again: of nodes with few children, strict and relaxed, up to the greatest height. */
static void an_element_goes_out_and_is_replaced_in_a_tree_of_any_height(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const atr_i64_vec *v = numbers(s, 1000);

    for (size_t count = 1000; count < ATR_VEC_MAX / 2;
         count *= 2, v = atr_i64_vec_concat(s, v, v)) {
        const size_t places[] = {1, count / 3, count / 2, count - 2};
        for (size_t k = 0; k < sizeof places / sizeof *places; k++) {
            size_t at = places[k];
            const atr_i64_vec *less = atr_i64_vec_erase(s, v, at);
            const atr_i64_vec *other = atr_i64_vec_set(s, less, at, -1);
            assert_int_equal(atr_i64_vec_count(less), count - 1);
            assert_int_equal(atr_i64_vec_at(less, at - 1), (at - 1) % 1000);
            assert_int_equal(atr_i64_vec_at(less, at), (at + 1) % 1000);
            assert_int_equal(atr_i64_vec_at(less, count - 2), 999);
            assert_int_equal(atr_i64_vec_at(other, at - 1), (at - 1) % 1000);
            assert_int_equal(atr_i64_vec_at(other, at), -1);
            if (count < 100000) {
                check_vec((const atr_vec *)less);
                check_vec((const atr_vec *)atr_i64_vec_erase(s, less, at / 2));
            }
        }
    }

    atr_scope_close(s);
}

/* ---- values in vectors ---- */

static void elements_live_as_long_as_a_vector_that_has_them(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    atr_scope *inner = atr_scope_open(s);
    const todo_item_vec *v = NULL;

    for (int i = 0; i < 100; i++) {
        v = todo_item_vec_insert(inner, v, (size_t)i / 2, sample_item(inner, i, "item"));
    }
    v = todo_item_vec_erase(inner, v, 7);
    atr_scope_yield(inner, v);
    atr_scope_close(inner);

    /* 99 items with a text each, the handle, and the leaves and node of its tree */
    assert_in_range(atr_memory_now().values, 99 * 2 + 1, 99 * 2 + 12);
    for (size_t i = 0; i < 99; i++) {
        assert_true(atr_str_is(todo_item_vec_at(v, i)->title, "item"));
    }
    atr_scope_close(s);
    assert_int_equal(atr_memory_now().values, 0);
}

static void vectors_are_equal_by_elements_whatever_their_shape(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const todo_item_vec *pushed = NULL, *inserted = NULL;

    for (int i = 0; i < 3000; i++) {
        pushed = todo_item_vec_push(s, pushed, sample_item(s, i, "same"));
        inserted = todo_item_vec_insert(s, inserted, 0, sample_item(s, 2999 - i, "same"));
    }

    assert_true(atr_equal(pushed, inserted));
    assert_int_equal(atr_hash(pushed), atr_hash(inserted));
    assert_false(atr_equal(pushed, todo_item_vec_pop(s, pushed)));
    assert_false(atr_equal(todo_item_vec_set(s, pushed, 5, sample_item(s, 5, "other")), inserted));
    assert_false(atr_equal(todo_item_vec_set(s, pushed, 2999, sample_item(s, 5, "same")), pushed));
    atr_scope_close(s);
}

static void f64_elements_know_one_nan_and_no_negative_zero(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    double a[] = {0.0, NAN, 1.5}, b[] = {-0.0, -NAN, 1.5};

    const atr_f64_vec *x = atr_f64_vec_of(s, a, 3), *y = atr_f64_vec_of(s, b, 3);

    assert_true(atr_equal(x, y));
    assert_int_equal(atr_hash(x), atr_hash(y));
    assert_false(atr_equal(x, atr_f64_vec_set(s, y, 2, 2.5)));
    atr_scope_close(s);
}

static void setting_what_is_there_gives_the_vector_itself(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const atr_i64_vec *v = numbers(s, 100);

    assert_ptr_equal(atr_i64_vec_set(s, v, 3, 3), v);
    assert_ptr_equal(atr_i64_vec_set(s, v, 99, 99), v);
    assert_ptr_equal(atr_i64_vec_slice(s, v, 0, 100), v);
    assert_ptr_equal(atr_i64_vec_concat(s, v, NULL), v);
    assert_ptr_equal(atr_i64_vec_concat(s, NULL, v), v);
    atr_scope_close(s);
}

static void the_empty_vector_is_null(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const atr_i64_vec *one = atr_i64_vec_push(s, NULL, 1);

    assert_null(atr_i64_vec_pop(s, one));
    assert_null(atr_i64_vec_pop(s, NULL));
    assert_null(atr_i64_vec_erase(s, one, 0));
    assert_null(atr_i64_vec_slice(s, one, 1, 1));
    assert_null(atr_i64_vec_slice(s, NULL, 0, 0));
    assert_null(atr_i64_vec_concat(s, NULL, NULL));
    assert_null(atr_i64_vec_of(s, NULL, 0));
    assert_int_equal(atr_i64_vec_count(NULL), 0);
    assert_int_equal(atr_i64_vec_at(NULL, 0), 0);
    assert_null(atr_str_vec_at(NULL, 0));
    assert_null(atr_scope_error(s));
    atr_scope_close(s);
}

/* ---- static vectors ---- */

static const todo_item milk = {.atr = ATR_HEAD(todo_item), .id = 1, .title = ATR_LIT("milk")};
static const todo_item eggs = {.atr = ATR_HEAD(todo_item), .id = 2, .title = ATR_LIT("eggs")};
static const todo_item *const both_items[] = {&milk, &eggs};
static const todo_item_vec both = ATR_VEC_INIT(todo_item_vec, both_items);

static void static_vectors_are_read_in_place(void **state)
{
    atr_scope *s = atr_scope_open(NULL);

    assert_int_equal(atr_i64_vec_count(&static_primes), 5);
    assert_int_equal(atr_i64_vec_at(&static_primes, 4), 11);
    assert_int_equal(atr_i64_vec_at(&static_primes, 5), 0);
    assert_ptr_equal(todo_item_vec_at(&both, 1), &eggs);
    assert_true(atr_equal(&static_primes, atr_i64_vec_of(s, primes, 5)));
    assert_true(atr_equal(todo_item_vec_of(s, both_items, 2), &both));
    assert_int_equal(atr_hash(&both), atr_hash(todo_item_vec_of(s, both_items, 2)));
    atr_scope_close(s);
}

static void updates_of_static_vectors_make_new_ones(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const atr_i64_vec *v = atr_i64_vec_concat(s, &static_primes, &static_primes);

    assert_int_equal(atr_i64_vec_count(v), 10);
    assert_int_equal(atr_i64_vec_at(v, 9), 11);
    assert_int_equal(atr_i64_vec_at(atr_i64_vec_push(s, &static_primes, 13), 5), 13);
    assert_int_equal(atr_i64_vec_at(atr_i64_vec_erase(s, &static_primes, 0), 0), 3);
    assert_int_equal(atr_i64_vec_at(atr_i64_vec_insert(s, &static_primes, 1, 4), 1), 4);
    assert_int_equal(atr_i64_vec_at(atr_i64_vec_set(s, &static_primes, 1, 4), 1), 4);
    assert_int_equal(atr_i64_vec_count(atr_i64_vec_slice(s, &static_primes, 1, 3)), 2);
    assert_int_equal(atr_i64_vec_count(atr_i64_vec_pop(s, &static_primes)), 4);
    assert_int_equal(atr_i64_vec_at(&static_primes, 1), 3);
    assert_null(atr_scope_error(s));
    atr_scope_close(s);
}

/* ---- builders ---- */

static void a_builder_leaves_the_vector_it_began_with_as_it_was(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const atr_i64_vec *from = numbers(s, 5000);
    atr_i64_vec_builder *b = atr_i64_vec_builder_new(s, from);

    for (size_t i = 0; i < 5000; i++) {
        atr_i64_vec_builder_set(b, i, -1);
        atr_i64_vec_builder_push(b, -1);
    }
    const atr_i64_vec *made = atr_i64_vec_builder_seal(b);

    counts_up(from, 0, 5000);
    assert_int_equal(atr_i64_vec_count(made), 10000);
    for (size_t i = 0; i < 10000; i++) {
        assert_int_equal(atr_i64_vec_at(made, i), -1);
    }
    check_vec((const atr_vec *)made);
    atr_scope_close(s);
}

static void a_sealed_builder_is_empty_and_can_be_used_again(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    atr_i64_vec_builder *b = atr_i64_vec_builder_new(s, NULL);

    assert_null(atr_i64_vec_builder_seal(b));
    for (int64_t i = 0; i < 100; i++) {
        atr_i64_vec_builder_push(b, i);
    }
    const atr_i64_vec *first = atr_i64_vec_builder_seal(b);
    atr_i64_vec_builder_push(b, 0);
    const atr_i64_vec *second = atr_i64_vec_builder_seal(b);

    counts_up(first, 0, 100);
    counts_up(second, 0, 1);
    atr_scope_close(s);
}

static void a_builder_that_is_not_sealed_goes_with_its_scope(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    todo_item_vec_builder *b = todo_item_vec_builder_new(s, &both);

    for (int i = 0; i < 1000; i++) {
        todo_item_vec_builder_push(b, sample_item(s, i, "milk"));
    }

    atr_scope_close(s);
    assert_int_equal(atr_memory_now().values, 0);
}

static void a_builder_refuses_like_the_vector(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    todo_item_vec_builder *b = todo_item_vec_builder_new(s, &both);

    assert_int_equal(todo_item_vec_builder_push(b, NULL), ATR_E_REFUSED);
    assert_int_equal(atr_scope_take_error(s)->code, ATR_E_REFUSED);
    assert_int_equal(todo_item_vec_builder_set(b, 2, &milk), ATR_E_INVALID);
    assert_int_equal(atr_scope_take_error(s)->code, ATR_E_INVALID);
    assert_int_equal(todo_item_vec_builder_set(b, 1, NULL), ATR_E_REFUSED);
    assert_int_equal(todo_item_vec_count(todo_item_vec_builder_seal(b)), 2);

    assert_null(todo_item_vec_builder_new(NULL, NULL));
    assert_int_equal(todo_item_vec_builder_push(NULL, &milk), ATR_E_NO_MEMORY);
    assert_int_equal(todo_item_vec_builder_set(NULL, 0, &milk), ATR_E_NO_MEMORY);
    assert_null(todo_item_vec_builder_seal(NULL));
    atr_scope_close(s);
}

/* ---- refusals ---- */

static const atr_i64_vec *try_set(atr_scope *s, const atr_i64_vec *v)
{
    return atr_i64_vec_set(s, v, 40, 0);
}
static const atr_i64_vec *try_insert(atr_scope *s, const atr_i64_vec *v)
{
    return atr_i64_vec_insert(s, v, 41, 0);
}
static const atr_i64_vec *try_erase(atr_scope *s, const atr_i64_vec *v)
{
    return atr_i64_vec_erase(s, v, SIZE_MAX);
}
static const atr_i64_vec *try_slice_beyond(atr_scope *s, const atr_i64_vec *v)
{
    return atr_i64_vec_slice(s, v, 0, 41);
}
static const atr_i64_vec *try_slice_backwards(atr_scope *s, const atr_i64_vec *v)
{
    return atr_i64_vec_slice(s, v, 3, 2);
}
static const atr_i64_vec *try_null_items(atr_scope *s, const atr_i64_vec *v)
{
    return atr_i64_vec_of(s, NULL, 1);
}

static const struct {
    const atr_i64_vec *(*update)(atr_scope *s, const atr_i64_vec *v);
    const char *text;
} refusals[] = {
    {try_set, "atr_i64_vec: index 40 is out of range, the size is 40"},
    {try_insert, "atr_i64_vec: index 41 is out of range, the size is 40"},
    {try_erase, "atr_i64_vec: index 18446744073709551615 is out of range, the size is 40"},
    {try_slice_beyond, "atr_i64_vec: the slice 0 to 41 is out of range, the size is 40"},
    {try_slice_backwards, "atr_i64_vec: the slice 3 to 2 is out of range, the size is 40"},
    {try_null_items, "atr_i64_vec: the items are NULL, but their number is 1"},
};

static void an_index_out_of_range_is_refused_and_the_result_is_empty(void **state)
{
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
        atr_scope *s = atr_scope_open(NULL);
        const atr_i64_vec *v = numbers(s, 40);

        assert_null(refusals[i].update(s, v));

        assert_int_equal(atr_scope_error(s)->code, ATR_E_INVALID);
        assert_string_equal(atr_scope_error(s)->message->bytes, refusals[i].text);
        counts_up(v, 0, 40);
        atr_scope_close(s);
    }
}

static void an_item_that_is_null_or_a_draft_is_refused(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const todo_item draft = {.id = 1}, *items[] = {&milk, NULL};

    assert_null(todo_item_vec_push(s, &both, NULL));
    assert_string_equal(atr_scope_take_error(s)->message->bytes, "todo_item_vec: the item is NULL");
    assert_null(todo_item_vec_set(s, &both, 0, &draft));
    assert_int_equal(atr_scope_take_error(s)->code, ATR_E_REFUSED);
    assert_null(todo_item_vec_insert(s, &both, 1, NULL));
    assert_int_equal(atr_scope_take_error(s)->code, ATR_E_REFUSED);
    assert_null(todo_item_vec_of(s, items, 2));
    assert_int_equal(atr_scope_take_error(s)->code, ATR_E_REFUSED);
    atr_scope_close(s);
}

static void without_a_scope_every_maker_gives_the_empty_vector(void **state)
{
    assert_null(todo_item_vec_of(NULL, both_items, 2));
    assert_null(todo_item_vec_push(NULL, &both, &milk));
    assert_null(todo_item_vec_pop(NULL, &both));
    assert_null(todo_item_vec_set(NULL, &both, 7, &milk));
    assert_null(todo_item_vec_insert(NULL, &both, 7, &milk));
    assert_null(todo_item_vec_erase(NULL, &both, 7));
    assert_null(todo_item_vec_slice(NULL, &both, 7, 6));
    assert_null(todo_item_vec_concat(NULL, &both, &both));
}

/* ---- from the inside ---- */

static void a_cursor_gives_every_element_once_from_any_place(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const atr_i64_vec *list[] = {numbers(s, 3000), atr_i64_vec_slice(s, numbers(s, 3000), 7, 2900),
                                 &static_primes, NULL};

    for (size_t k = 0; k < 4; k++) {
        for (size_t from = 0; from <= atr_i64_vec_count(list[k]); from += 1 + from / 2) {
            size_t next = from;
            atr_vec_cursor c;
            atr_vec_cursor_begin(&c, (const atr_vec *)list[k], from);
            while (atr_vec_cursor_next(&c)) {
                assert_int_equal(c.at, next);
                for (size_t i = 0; i < c.count; i++) {
                    assert_int_equal(c.items[i].i64, atr_i64_vec_at(list[k], next++));
                }
            }
            assert_int_equal(next, atr_i64_vec_count(list[k]));
            assert_false(atr_vec_cursor_next(&c));
        }
    }
    atr_scope_close(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        BOTH(vectors_grow_by_push_and_shrink_by_pop_over_all_boundaries),
        PLAIN(slices_and_concatenations_meet_at_all_boundaries),
        PLAIN(a_concatenation_changes_nodes_at_the_seam_only),
        PLAIN(one_element_goes_out_and_comes_back_at_any_boundary),
        PLAIN(depth_stays_bounded_when_all_goes_in_at_the_front),
        BOTH(depth_stays_bounded_after_random_slices_and_concatenations),
        PLAIN(a_vector_doubled_up_to_the_limit_is_refused_beyond_it),
        BOTH(an_element_goes_out_and_is_replaced_in_a_tree_of_any_height),
        BOTH(elements_live_as_long_as_a_vector_that_has_them),
        BOTH(vectors_are_equal_by_elements_whatever_their_shape),
        BOTH(f64_elements_know_one_nan_and_no_negative_zero),
        BOTH(setting_what_is_there_gives_the_vector_itself),
        BOTH(the_empty_vector_is_null),
        BOTH(static_vectors_are_read_in_place),
        BOTH(updates_of_static_vectors_make_new_ones),
        BOTH(a_builder_leaves_the_vector_it_began_with_as_it_was),
        BOTH(a_sealed_builder_is_empty_and_can_be_used_again),
        BOTH(a_builder_that_is_not_sealed_goes_with_its_scope),
        BOTH(a_builder_refuses_like_the_vector),
        BOTH(an_index_out_of_range_is_refused_and_the_result_is_empty),
        BOTH(an_item_that_is_null_or_a_draft_is_refused),
        BOTH(without_a_scope_every_maker_gives_the_empty_vector),
        BOTH(a_cursor_gives_every_element_once_from_any_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
