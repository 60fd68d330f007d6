/* The functions that operations on whole maps are given, what the results are made into, and what it costs. */
#include <string.h>

#include "collections.h"
#include "random.h"
#include "sample.h"
#include "shape.h"

#include "map_keys.h"

#define MAP(name) atr_i64_map##name
#define ITEMS(name) todo_item_map##name
#include "map_functions.h"

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

static const atr_i64_set *many_members(atr_scope *s)
{
    atr_i64_set_builder *b = atr_i64_set_builder_new(s, NULL);
    for (int64_t i = 0; i < MANY; i++) {
        atr_i64_set_builder_add(b, i);
    }
    return atr_i64_set_builder_seal(b);
}

/* Hide what lies in the nodes just below the root that both share, or put it back. Returns how many they are. */
static size_t hide_shared(const void *x, const void *y, const void **hidden, bool back)
{
    const atr_map_node *a = ((const atr_map *)x)->root, *b = ((const atr_map *)y)->root;
    size_t count = 0;
    assert_int_equal(a->children, b->children);
    for (uint32_t i = 0; i < atr_map_node_children(a); i++) {
        atr_map_node *node = (atr_map_node *)(uintptr_t)a->slots[i].ref;
        if (node == b->slots[i].ref) {
            assert_true(node->children != 0);
            hidden[count] = back ? hidden[count] : node->slots[0].ref;
            node->slots[0].ref = back ? hidden[count] : NULL;
            count++;
        }
    }
    return count;
}

/* Whoever looked into it would find something missing. */
static void what_two_maps_share_is_not_looked_at(void **state)
{
    const void *hidden[32];
    atr_scope *s = atr_scope_open(NULL);
    const atr_i64_map *m = many(s), *n = atr_i64_map_set(s, m, 777, -1);

    assert_int_equal(hide_shared(m, n, hidden, false), 31);
    assert_ptr_equal(atr_i64_map_merge(s, m, n), n);
    assert_ptr_equal(atr_i64_map_intersection(s, m, n), m);
    assert_null(atr_i64_map_difference(s, m, n));
    hide_shared(m, n, hidden, true);
    atr_scope_close(s);
}

static void what_two_sets_share_is_not_looked_at(void **state)
{
    const void *hidden[32];
    atr_scope *s = atr_scope_open(NULL);
    const atr_i64_set *m = many_members(s), *n = atr_i64_set_add(s, m, MANY), *more;

    assert_int_equal(hide_shared(m, n, hidden, false), 31);
    assert_ptr_equal(atr_i64_set_union(s, m, n), n);
    more = atr_i64_set_symmetric_difference(s, m, n);
    assert_int_equal(atr_i64_set_count(more), 1);
    assert_true(atr_i64_set_is_subset(m, n));
    assert_false(atr_i64_set_is_subset(n, m));
    assert_false(atr_i64_set_is_disjoint(m, n));
    hide_shared(m, n, hidden, true);
    assert_true(atr_i64_set_has(more, MANY));
    atr_scope_close(s);
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

static void of_equal_maps_a_merge_gives_the_first(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const atr_i64_map *a = many(s), *b = many(s);

    assert_ptr_equal(atr_i64_map_merge(s, a, b), a);
    assert_ptr_equal(atr_i64_map_merge(s, b, a), b);
    atr_scope_close(s);
}

/* ---- other types, arrays and vectors ---- */

static double weight_of(atr_scope *s, const atr_str *key, const atr_str *text, void *user)
{
    return (double)text->size + 0.5;
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
        BOTH(what_two_maps_share_is_not_looked_at),
        BOTH(what_two_sets_share_is_not_looked_at),
        BOTH(the_cost_follows_what_differs),
        BOTH(a_key_is_found_with_its_value),
        BOTH(what_changes_nothing_gives_the_map_itself),
        BOTH(of_equal_maps_a_merge_gives_the_first),
        BOTH(a_choice_is_asked_for_differing_values_only),
        PLAIN(a_choice_is_between_the_value_of_the_first_and_that_of_the_second),
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
