#include "failing.h"
#include "random.h"
#include "sample.h"

#include <pthread.h>

enum { CHAIN_LENGTH = 1000000 };

static const knot *chain(atr_scope *s, int64_t length, int64_t last)
{
    const knot *first = ATR_NEW(s, knot, .number = last);
    for (int64_t i = 1; i < length; i++) {
        first = ATR_NEW(s, knot, .number = i, .next = first);
    }
    return first;
}

static void values_are_equal_by_content(void **state)
{
    atr_scope *s = atr_scope_open(NULL);

    const everything *a = sample_everything(s, 1);

    assert_true(atr_equal(a, sample_everything(s, 1)));
    assert_false(atr_equal(a, sample_everything(s, 2)));
    assert_true(atr_equal(a, a));
    atr_scope_close(s);
}

/* One draft per field, which alone is that of another value. */
static void each_field_counts(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const everything *base = sample_everything(s, 1);

    for (uint32_t i = 0; i < everything_model.field_count; i++) {
        const atr_field *field = &everything_model.fields[i];
        size_t from = atr_field_offset(&everything_model, field);
        size_t to = i + 1 < everything_model.field_count
                        ? atr_field_offset(&everything_model, field + 1)
                        : sizeof(everything);
        everything next = *base;
        memcpy((char *)&next + from, (const char *)&everything_default + from, to - from);
        const everything *changed = everything_new(s, next);

        assert_false(atr_equal(base, changed));
        assert_true(atr_hash(base) != atr_hash(changed));
        assert_int_not_equal(atr_compare(base, changed), 0);
        assert_int_equal(atr_compare(base, changed) > 0, atr_compare(changed, base) < 0);
    }
    assert_null(atr_scope_error(s));
    atr_scope_close(s);
}

static void null_equals_null_and_the_empty_collection_only(void **state)
{
    static const todo_item_vec no_items = {.base = {.atr = ATR_HEAD(todo_item_vec)}};
    static const todo_item_map no_entries = {.base = {.atr = ATR_HEAD(todo_item_map)}};
    atr_scope *s = atr_scope_open(NULL);
    everything next = everything_default;
    next.items = &no_items;
    next.by_id = &no_entries;
    const everything *empty = everything_new(s, next);

    assert_true(atr_equal(NULL, NULL));
    assert_true(atr_equal(NULL, &no_items));
    assert_true(atr_equal(&no_entries, NULL));
    assert_false(atr_equal(NULL, &todo_item_default));
    assert_false(atr_equal(&atr_str_default, NULL));
    assert_true(atr_equal(empty, &everything_default));
    assert_true(atr_hash(empty) == atr_hash(&everything_default));
    assert_int_equal(atr_compare(empty, &everything_default), 0);
    atr_scope_close(s);
}

static void values_of_two_models_differ(void **state)
{
    atr_scope *s = atr_scope_open(NULL);

    assert_false(atr_equal(ATR_NEW(s, knot), sample_item(s, 0, "")));
    assert_false(atr_equal(atr_bytes_new(s, "a", 1), atr_str_new(s, "a")));
    atr_scope_close(s);
}

static void long_chains_are_compared_without_recursion(void **state)
{
    atr_scope *s = atr_scope_open(NULL);

    const knot *a = chain(s, CHAIN_LENGTH, 1);
    const knot *b = chain(s, CHAIN_LENGTH, 1);
    const knot *c = chain(s, CHAIN_LENGTH, 2);

    assert_true(atr_equal(a, b));
    assert_false(atr_equal(a, c));
    assert_true(atr_hash(a) == atr_hash(b));
    assert_true(atr_hash(a) != atr_hash(c));
    assert_int_equal(atr_compare(a, b), 0);
    assert_true(atr_compare(a, c) < 0);
    atr_scope_close(s);
}

static void a_wide_tree_needs_more_than_the_first_room(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const knot *a = ATR_NEW(s, knot, .number = 1), *b = ATR_NEW(s, knot, .number = 1);

    for (int i = 0; i < 1000; i++) {
        const knot *left = ATR_NEW(s, knot, .number = i), *right = ATR_NEW(s, knot, .number = i);
        a = ATR_NEW(s, knot, .number = i, .next = left, .other = a);
        b = ATR_NEW(s, knot, .number = i, .next = right, .other = b);
        a = ATR_NEW(s, knot, .number = i, .next = a, .other = left);
        b = ATR_NEW(s, knot, .number = i, .next = b, .other = right);
    }

    assert_true(atr_equal(a, b));
    assert_true(atr_hash(a) == atr_hash(b));
    assert_int_equal(atr_compare(a, b), 0);
    atr_scope_close(s);
}

enum { SHARED = 5000 };

/* An item made anew, equal to that of `i`. */
static const todo_item *again(atr_scope *s, int64_t i)
{
    return sample_item(s, i, "item");
}

static void vec_versions(atr_scope *s, const void **was, const void **now)
{
    const todo_item_vec *v = NULL;
    for (int64_t i = 0; i < SHARED; i++) {
        v = todo_item_vec_push(s, v, again(s, i));
    }
    *was = v;
    *now = todo_item_vec_set(s, v, 777, again(s, 777));
}

static void map_versions(atr_scope *s, const void **was, const void **now)
{
    const todo_item_map *m = NULL;
    for (int64_t i = 0; i < SHARED; i++) {
        m = todo_item_map_set(s, m, i, again(s, i));
    }
    *was = m;
    *now = todo_item_map_set(s, m, 777, again(s, 777));
}

static void omap_versions(atr_scope *s, const void **was, const void **now)
{
    const todo_item_omap *m = NULL;
    for (int64_t i = 0; i < SHARED; i++) {
        m = todo_item_omap_set(s, m, i, again(s, i));
    }
    *was = m;
    *now = todo_item_omap_set(s, m, 777, again(s, 777));
}

/* A path of pairs finds room on the stack; all pairs of a few leaves would not. */
static void what_two_versions_share_is_not_looked_at(void **state)
{
    static void (*const versions[])(atr_scope * s, const void **was,
                                    const void **now) = {vec_versions, map_versions, omap_versions};
    failing_begin();
    for (size_t i = 0; i < sizeof versions / sizeof *versions; i++) {
        atr_scope *s = atr_scope_open(NULL);
        const void *was, *now;
        bool equal;
        versions[i](s, &was, &now);
        assert_ptr_not_equal(was, now);

        failing_from(0);
        equal = atr_equal(was, now);
        assert_int_equal(failing_stop(), 0);

        assert_true(equal);
        atr_scope_close(s);
    }
    failing_end();
}

/* What was put in and taken out again leaves nodes of other sizes, and behind them those of before: a difference in
 * any place is seen, before, between and behind. */
static void versions_of_other_shapes_are_equal_unless_an_element_differs(void **state)
{
    enum { COUNT = 3000 };
    atr_scope *s = atr_scope_open(NULL);
    const atr_i64_vec *v = NULL;
    const atr_i64_omap *m = NULL;
    random_begin();
    for (int64_t i = 0; i < COUNT; i++) {
        v = atr_i64_vec_push(s, v, i);
        m = atr_i64_omap_set(s, m, 2 * i, i);
    }
    for (size_t n = random_steps(400, 20000); n > 0; n--) {
        ATR_SCOPE(inner, s) {
            size_t at = random_below(COUNT), other = random_below(COUNT),
                   odd = 1 + random_below(40);
            const atr_i64_vec *w = v;
            const atr_i64_omap *o = m;
            for (size_t i = 0; i < odd; i++) {
                w = atr_i64_vec_insert(inner, w, at, -1);
                o = atr_i64_omap_set(inner, o, (int64_t)(2 * (at + i) + 1), 0);
            }
            for (size_t i = 0; i < odd; i++) {
                w = atr_i64_vec_erase(inner, w, at);
                o = atr_i64_omap_remove(inner, o, (int64_t)(2 * (at + i) + 1));
            }
            assert_true(atr_equal(v, w) && atr_equal(w, v));
            assert_true(atr_equal(m, o) && atr_equal(o, m));

            w = atr_i64_vec_set(inner, w, other, -1);
            o = atr_i64_omap_set(inner, o, (int64_t)(2 * other), -1);
            assert_false(atr_equal(v, w) || atr_equal(w, v));
            assert_false(atr_equal(m, o) || atr_equal(o, m));
        }
    }
    atr_scope_close(s);
}

/* Two combs: each tooth is left for later while what comes behind it is compared. */
static const knot *comb(atr_scope *s, int64_t length)
{
    const knot *first = NULL;
    for (int64_t i = 0; i < length; i++) {
        first = ATR_NEW(s, knot, .next = ATR_NEW(s, knot, .number = i), .other = first);
    }
    return first;
}

static void *compare_combs(void *user)
{
    const knot *const *combs = user;
    assert_true(atr_equal(combs[0], combs[1]));
    assert_false(atr_equal(combs[2], combs[3]));
    return NULL;
}

/* What cannot be found out counts as different. */
static void without_memory_the_stack_is_bounded(void **state)
{
    const size_t stack_bytes = (size_t)1 << 20;
    failing_begin();
    atr_scope *s = atr_scope_open(NULL);
    const knot *combs[] = {comb(s, 1000), comb(s, 1000), comb(s, 100000), comb(s, 100000)};
    pthread_attr_t small;
    pthread_t thread;

    failing_from(0);
    assert_int_equal(pthread_attr_init(&small), 0);
    assert_int_equal(pthread_attr_setstacksize(&small, stack_bytes), 0);
    assert_int_equal(pthread_create(&thread, &small, compare_combs, combs), 0);
    assert_int_equal(pthread_join(thread, NULL), 0);
    failing_stop();

    assert_true(atr_equal(combs[2], combs[3]));
    assert_int_equal(pthread_attr_destroy(&small), 0);
    atr_scope_close(s);
    failing_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        BOTH(values_are_equal_by_content),
        BOTH(each_field_counts),
        BOTH(null_equals_null_and_the_empty_collection_only),
        BOTH(values_of_two_models_differ),
        PLAIN(long_chains_are_compared_without_recursion),
        BOTH(a_wide_tree_needs_more_than_the_first_room),
        PLAIN(what_two_versions_share_is_not_looked_at),
        BOTH(versions_of_other_shapes_are_equal_unless_an_element_differs),
        PLAIN(without_memory_the_stack_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
