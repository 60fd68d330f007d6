/* The functions that operations on whole maps are given, what the results are made into, and what it costs. */
#include <string.h>

#include "collections.h"
#include "random.h"
#include "sample.h"
#include "shape.h"

#include "map_keys.h"

ATR_MAP_TRANSFORM(titles_of, todo_item_map, atr_str_map);
ATR_MAP_TRANSFORM(weights_of, atr_str_str_map, atr_f64_str_map);

/* Holds others of its kind in collections. */
#define CHAINED(F)              \
    F(vec(chained), in_vec)     \
    F(map(i64, chained), by_id) \
    F(map(str, chained), by_name)
ATR_MODEL(chained, CHAINED);
ATR_MODEL_IMPL(chained, CHAINED);

/* ---- cost ---- */

enum { MANY = 100000 };

static const atr_i64_map *many(atr_scope *s)
{
    atr_i64_map_builder *b = atr_i64_map_builder_new(s, NULL);
    for (int64_t i = 0; i < MANY; i++) {
        atr_i64_map_builder_set(b, i, i);
    }
    return atr_i64_map_builder_seal(b);
}

static bool is_not_77777(int64_t key, int64_t value, void *user)
{
    return value != 77777;
}

static int64_t less_at_77777(atr_scope *s, int64_t key, int64_t value, void *user)
{
    return value == 77777 ? 0 : value;
}

static size_t values_since(size_t *before)
{
    size_t now = atr_memory_now().values, made = now - *before;
    *before = now;
    return made;
}

/* The trie of 100,000 entries has four levels. A path and the handle are made for one change. */
static void the_cost_follows_what_differs(void **state)
{
    enum { CHANGES = 10, PATH = 5 };
    atr_scope *s = atr_scope_open(NULL), *inner = atr_scope_open(s);
    const atr_i64_map *a = many(s), *b = a, *few = NULL, *m;
    size_t before;
    for (int64_t i = 0; i < CHANGES; i++) {
        b = atr_i64_map_set(inner, b, i * 9973, -1);
        b = atr_i64_map_remove(inner, b, i * 9973 + 1);
        b = atr_i64_map_set(inner, b, MANY + i, 1);
        few = atr_i64_map_set(inner, few, i * 5000, -2);
    }
    before = atr_memory_now().values;

    assert_int_equal(atr_i64_map_count(atr_i64_map_merge(inner, a, b)), MANY + CHANGES);
    assert_in_range(values_since(&before), 1, CHANGES * PATH + 1);
    assert_int_equal(atr_i64_map_count(atr_i64_map_difference(inner, a, b)), CHANGES);
    assert_in_range(values_since(&before), 1, CHANGES * PATH + 1);
    m = atr_i64_map_intersection(inner, a, b);
    assert_int_equal(atr_i64_map_count(m), MANY - CHANGES);
    assert_in_range(values_since(&before), 1, CHANGES * PATH + 1);

    assert_int_equal(atr_i64_map_count(atr_i64_map_merge(inner, a, few)), MANY);
    assert_in_range(values_since(&before), 1, CHANGES * PATH + 1);
    assert_int_equal(atr_i64_map_count(atr_i64_map_difference(inner, a, few)), MANY - CHANGES);
    assert_in_range(values_since(&before), 1, CHANGES * PATH + 1);
    assert_int_equal(atr_i64_map_count(atr_i64_map_filter(inner, a, is_not_77777, NULL)), MANY - 1);
    assert_in_range(values_since(&before), 1, PATH);
    assert_int_equal(atr_i64_map_get(atr_i64_map_transform(inner, a, less_at_77777, NULL), 77777),
                     0);
    assert_in_range(values_since(&before), 1, PATH);
    atr_scope_close(s);
}

static void what_changes_nothing_gives_the_map_itself(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const atr_i64_map *a = many(s), *same = many(s), *few = NULL;
    size_t before;
    for (int64_t i = 0; i < 100; i++) {
        few = atr_i64_map_set(s, few, i * 999, i * 999);
    }
    before = atr_memory_now().values;

    assert_ptr_equal(atr_i64_map_merge(s, a, same), a);
    assert_ptr_equal(atr_i64_map_merge(s, a, few), a);
    assert_ptr_equal(atr_i64_map_merge(s, few, a), a);
    assert_ptr_equal(atr_i64_map_merge(s, a, NULL), a);
    assert_ptr_equal(atr_i64_map_merge(s, NULL, a), a);
    assert_ptr_equal(atr_i64_map_intersection(s, few, a), few);
    assert_ptr_equal(atr_i64_map_intersection(s, a, same), a);
    assert_null(atr_i64_map_intersection(s, a, NULL));
    assert_ptr_equal(atr_i64_map_difference(s, a, NULL), a);
    assert_null(atr_i64_map_difference(s, a, same));
    assert_null(atr_i64_map_difference(s, few, a));
    assert_null(atr_i64_map_merge(s, NULL, NULL));
    assert_int_equal(atr_memory_now().values, before);
    assert_null(atr_scope_error(s));
    atr_scope_close(s);
}

/* ---- conflicts ---- */

typedef struct asked {
    atr_scope *s;
    size_t calls, until; /* the call that latches; 0: none */
} asked;

static int64_t larger(atr_scope *s, int64_t key, int64_t a, int64_t b, void *user)
{
    asked *ask = user;
    assert_true(a != b);
    ask->calls++;
    if (ask->calls == ask->until) {
        atr_refuse(s, -4711, "enough");
    }
    return a > b ? a : b;
}

static void a_choice_is_asked_for_differing_values_only(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const atr_i64_map *a = many(s), *b = a;
    asked ask = {s, 0, 0};
    for (int64_t i = 0; i < 20; i++) {
        b = atr_i64_map_set(s, b, i * 777, i % 2 == 0 ? -1 : MANY);
        b = atr_i64_map_set(s, b, -1 - i, 1);
    }

    const atr_i64_map *m = atr_i64_map_merge_with(s, a, b, larger, &ask);

    assert_int_equal(ask.calls, 20);
    assert_int_equal(atr_i64_map_count(m), MANY + 20);
    for (int64_t i = 0; i < 20; i++) {
        assert_int_equal(atr_i64_map_get(m, i * 777), i % 2 == 0 ? i * 777 : MANY);
    }
    assert_true(atr_equal(atr_i64_map_merge_with(s, b, a, larger, &ask), m));
    assert_ptr_equal(atr_i64_map_merge_with(s, m, b, larger, &ask), m);
    assert_null(atr_i64_map_merge_with(s, a, b, NULL, NULL));
    assert_int_equal(atr_scope_take_error(s)->code, ATR_E_INVALID);
    atr_scope_close(s);
}

static void a_function_that_latches_ends_the_work(void **state)
{
    for (size_t until = 1; until < 1000; until *= 3) {
        atr_scope *s = atr_scope_open(NULL), *inner = atr_scope_open(s);
        const atr_i64_map *a = NULL, *b = NULL;
        asked ask = {inner, 0, until};
        size_t before;
        for (int64_t i = 0; i < 1000; i++) {
            a = atr_i64_map_set(s, a, i, i);
            b = atr_i64_map_set(s, b, i, -i - 1);
        }
        before = atr_memory_now().values;
        assert_null(atr_i64_map_merge_with(inner, a, b, larger, &ask));
        assert_int_equal(ask.calls, until);
        assert_int_equal(atr_scope_take_error(inner)->code, -4711);
        atr_scope_close(inner);
        assert_int_equal(atr_memory_now().values, before);
        atr_scope_close(s);
    }
}

static void fail_in_time(asked *ask)
{
    if (++ask->calls == ask->until) {
        atr_refuse(ask->s, -4711, "enough");
    }
}

static bool failing_test(int64_t key, int64_t value, void *user)
{
    fail_in_time(user);
    return value % 2 == 0;
}
static int64_t failing_change(atr_scope *s, int64_t key, int64_t value, void *user)
{
    fail_in_time(user);
    return value + 1;
}
static int64_t failing_key(int64_t item, void *user)
{
    fail_in_time(user);
    return item;
}

static void filters_transforms_and_indexes_end_when_their_function_latches(void **state)
{
    for (size_t until = 1; until < 1000; until *= 3) {
        atr_scope *s = atr_scope_open(NULL), *inner = atr_scope_open(s);
        const atr_i64_map *a = NULL;
        const atr_i64_vec *items;
        size_t before;
        for (int64_t i = 0; i < 1000; i++) {
            a = atr_i64_map_set(s, a, i, i);
        }
        items = atr_i64_map_values(s, a);
        before = atr_memory_now().values;
        for (size_t k = 0; k < 3; k++) {
            asked ask = {inner, 0, until};
            assert_null(k == 0   ? atr_i64_map_filter(inner, a, failing_test, &ask)
                        : k == 1 ? atr_i64_map_transform(inner, a, failing_change, &ask)
                                 : atr_i64_map_index(inner, items, failing_key, &ask));
            assert_int_equal(ask.calls, until);
            assert_int_equal(atr_scope_take_error(inner)->code, -4711);
        }
        atr_scope_close(inner);
        assert_int_equal(atr_memory_now().values, before);
        atr_scope_close(s);
    }
}

/* ---- other types, arrays and vectors ---- */

static const atr_str *title_of(atr_scope *s, int64_t key, const todo_item *item, void *user)
{
    assert_int_equal(key, item->id);
    return item->title;
}

static double weight_of(atr_scope *s, const atr_str *key, const atr_str *text, void *user)
{
    return (double)text->size + 0.5;
}

static int64_t id_of(const todo_item *item, void *user)
{
    return item->id;
}

static void a_transform_may_lead_to_another_type(void **state)
{
    atr_scope *s = atr_scope_open(NULL), *inner = atr_scope_open(s);
    const todo_item_map *items = NULL;
    const atr_str_str_map *texts = NULL;
    const atr_f64_str_map *weights;
    for (int64_t i = 0; i < 500; i++) {
        items = todo_item_map_set(inner, items, i * 1024, sample_item(inner, i * 1024, "title"));
        texts = atr_str_str_map_set(inner, texts, few_hashes(inner, (size_t)i % 40).ref,
                                    atr_str_format(inner, "%lld", (long long)i));
    }

    const atr_str_map *titles = titles_of(inner, items, title_of, NULL);
    weights = weights_of(inner, texts, weight_of, NULL);
    atr_scope_yield(inner, titles);
    atr_scope_yield(inner, weights);
    atr_scope_close(inner);

    check_map((const atr_map *)titles);
    check_map((const atr_map *)weights);
    assert_int_equal(atr_str_map_count(titles), 500);
    assert_true(atr_str_is(atr_str_map_get(titles, 499 * 1024), "title"));
    assert_int_equal(atr_f64_str_map_count(weights), 40);
    assert_true(atr_f64_str_map_get(weights, few_hashes(s, 7).ref) == 3.5);
    assert_null(titles_of(s, NULL, title_of, NULL));
    atr_scope_close(s);
}

static void keys_and_values_come_in_the_order_of_the_keys(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const todo_item_map *m = NULL;
    const atr_str_set *words = NULL;
    for (int64_t i = 0; i < 1000; i++) {
        int64_t id = i * 7919 % 1000 - 500;
        m = todo_item_map_set(s, m, id, sample_item(s, id, "item"));
        words = atr_str_set_add(s, words, numbered(s, (size_t)i));
    }

    const atr_i64_vec *keys = todo_item_map_keys(s, m);
    const todo_item_vec *items = todo_item_map_values(s, m);
    const atr_str_vec *sorted = atr_str_set_keys(s, words);

    for (size_t i = 0; i < 1000; i++) {
        assert_int_equal(atr_i64_vec_at(keys, i), (int64_t)i - 500);
        assert_int_equal(todo_item_vec_at(items, i)->id, (int64_t)i - 500);
    }
    assert_ptr_equal(atr_str_vec_sort(s, sorted), sorted);
    assert_true(atr_equal(todo_item_map_index(s, items, id_of, NULL), m));
    assert_true(atr_equal(atr_str_set_from(s, sorted), words));
    assert_null(todo_item_map_keys(s, NULL));
    assert_null(todo_item_map_index(s, NULL, id_of, NULL));
    assert_null(atr_scope_error(s));
    atr_scope_close(s);
}

static void maps_are_made_of_arrays_the_last_of_a_key_counts(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const atr_str *names[] = {ATR_STR(s, "a"), ATR_STR(s, "b"), ATR_STR(s, "a")};
    const double reals[] = {1.5, 2.5, 3.5};

    const atr_f64_str_map *m = atr_f64_str_map_of(s, names, reals, 3);

    assert_int_equal(atr_f64_str_map_count(m), 2);
    assert_true(atr_f64_str_map_get(m, names[0]) == 3.5);
    assert_null(atr_f64_str_map_of(s, NULL, NULL, 0));
    assert_null(atr_scope_error(s));
    assert_null(atr_f64_str_map_of(s, names, NULL, 3));
    assert_string_equal(atr_scope_error(s)->message->bytes,
                        "atr_f64_str_map: the values are NULL, but their number is 3");
    assert_int_equal(atr_scope_take_error(s)->code, ATR_E_INVALID);
    assert_null(atr_str_set_of(s, NULL, 1));
    assert_int_equal(atr_scope_take_error(s)->code, ATR_E_INVALID);
    atr_scope_close(s);
}

/* ---- refusals ---- */

static const todo_item *no_item(atr_scope *s, int64_t key, const todo_item *item, void *user)
{
    return NULL;
}

static void missing_functions_and_values_are_refused(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const todo_item_map *m = todo_item_map_set(s, NULL, 1, &todo_item_default);

    assert_null(todo_item_map_filter(s, m, NULL, NULL));
    assert_string_equal(atr_scope_error(s)->message->bytes, "todo_item_map: the function is NULL");
    assert_int_equal(atr_scope_take_error(s)->code, ATR_E_INVALID);
    assert_null(todo_item_map_transform(s, m, NULL, NULL));
    assert_int_equal(atr_scope_take_error(s)->code, ATR_E_INVALID);
    assert_null(todo_item_map_index(s, todo_item_map_values(s, m), NULL, NULL));
    assert_int_equal(atr_scope_take_error(s)->code, ATR_E_INVALID);
    assert_null(todo_item_map_transform(s, m, no_item, NULL));
    assert_int_equal(atr_scope_take_error(s)->code, ATR_E_REFUSED);
    assert_null(todo_item_map_merge(NULL, m, m));
    assert_null(todo_item_map_filter(NULL, m, NULL, NULL));
    assert_null(todo_item_map_keys(NULL, m));
    atr_scope_close(s);
}

static void a_union_beyond_the_limit_is_refused(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    atr_map full = *(const atr_map *)atr_i64_map_set(s, NULL, 1, 1);
    const atr_i64_map *more = atr_i64_map_set(s, NULL, 2, 2);
    size_t before = atr_memory_now().values;
    full.size = ATR_MAP_MAX;

    assert_null(atr_map_combine(s, &atr_i64_map_model, &full, (const atr_map *)more,
                                ATR_COMBINE_UNION, NULL, NULL));

    assert_int_equal(atr_scope_take_error(s)->code, ATR_E_LIMIT);
    assert_in_range(atr_memory_now().values, before, before + 3); /* the error */
    atr_scope_close(s);
}

/* ---- depth ---- */

static void a_chain_of_a_million_through_collections_is_released_without_recursion(void **state)
{
    enum { LENGTH = 1000000 };
    atr_scope *s = atr_scope_open(NULL);
    const chained *first = ATR_NEW(s, chained, .in_vec = NULL);
    for (size_t i = 1; i < LENGTH; i++) {
        ATR_SCOPE(inner, s) {
            chained next = *first;
            next.in_vec = i % 3 == 0 ? chained_vec_push(inner, NULL, first) : NULL;
            next.by_id = i % 3 == 1 ? chained_map_set(inner, NULL, 1, first) : NULL;
            next.by_name =
                i % 3 == 2 ? chained_str_map_set(inner, NULL, &atr_str_default, first) : NULL;
            atr_value_release(i > 1 ? first : NULL);
            first = chained_new(inner, next);
            atr_value_hold(first);
        }
    }
    assert_null(atr_scope_error(s));
    atr_scope_close(s);
    /* each with a collection and its node, and the first one */
    assert_int_equal(atr_memory_now().values, 3 * LENGTH - 2);

    atr_value_release(first);

    assert_int_equal(atr_memory_now().values, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        BOTH(the_cost_follows_what_differs),
        BOTH(what_changes_nothing_gives_the_map_itself),
        BOTH(a_choice_is_asked_for_differing_values_only),
        BOTH(a_function_that_latches_ends_the_work),
        BOTH(filters_transforms_and_indexes_end_when_their_function_latches),
        BOTH(a_transform_may_lead_to_another_type),
        BOTH(keys_and_values_come_in_the_order_of_the_keys),
        BOTH(maps_are_made_of_arrays_the_last_of_a_key_counts),
        BOTH(missing_functions_and_values_are_refused),
        PLAIN(a_union_beyond_the_limit_is_refused),
        PLAIN(a_chain_of_a_million_through_collections_is_released_without_recursion),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
