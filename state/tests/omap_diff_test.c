/* The difference of two ordered maps against a look at every key. */
#include "omap_diff.h"
#include "sample.h"

enum { KEYS = 2000 };

static int64_t key_at(size_t place)
{
    return (int64_t)place;
}

static size_t place_of(int64_t key)
{
    return (size_t)key;
}

#define MAP(name) atr_i64_omap##name
#define SET(name) atr_i64_oset##name
#define CHANGES atr_omap_changes
#define IN_ORDER true
#include "map_changes.h"

static void each_key_that_differs_is_told_once_in_order(void **state)
{
    random_versions_are_compared(random_begin() / 60);
}

static void an_empty_ordered_map_differs_in_all(void **state)
{
    the_empty_one_differs_in_all();
}

static void ordered_maps_without_common_history_may_be_compared(void **state)
{
    those_without_common_history_may_be_compared();
}

static void members_of_ordered_sets_come_and_go(void **state)
{
    members_come_and_go();
}

/* ---- other keys and values ---- */

/* Half of the keys are negative; their order is that of the places. */
static double real_at(size_t place)
{
    return ((double)place - KEYS / 2.0) / 4;
}

static void find_f64(void *user, atr_word key, const atr_word *was, const atr_word *now)
{
    find_at(user, (size_t)(key.f64 * 4 + KEYS / 2.0), was, now);
}

static const atr_str *text_at(atr_scope *s, size_t place)
{
    return atr_str_format(s, "%04d", (int)place);
}

static void keys_are_told_as_they_were_given(void **state)
{
    static found f;
    atr_scope *s = atr_scope_open(NULL);
    const atr_i64_f64_omap *reals = NULL, *other;
    const atr_i64_str_omap *texts = NULL;
    for (size_t i = 0; i < KEYS; i += 3) {
        reals = atr_i64_f64_omap_set(s, reals, real_at(i), 1);
        texts = atr_i64_str_omap_set(s, texts, text_at(s, i), 1);
    }
    other = atr_i64_f64_omap_remove(s, atr_i64_f64_omap_set(s, reals, real_at(1), 2), real_at(3));

    f = (found){.count = 0};
    atr_omap_changes((const atr_omap *)reals, (const atr_omap *)other, SIZE_MAX, find_f64, &f);
    assert_int_equal(f.count, 2);
    assert_int_equal(f.now[1], 2);
    assert_int_equal(f.now[3], -1);

    f = (found){.count = 0};
    atr_omap_changes((const atr_omap *)texts,
                     (const atr_omap *)atr_i64_str_omap_set(s, texts, text_at(s, 1200), 5),
                     SIZE_MAX, find_text, &f);
    assert_int_equal(f.count, 1);
    assert_int_equal(f.was[1200], 1);
    assert_int_equal(f.now[1200], 5);
    atr_scope_close(s);
}

static void count_any(void *user, atr_word key, const atr_word *was, const atr_word *now)
{
    *(size_t *)user += 1;
}

/* Models are members by address, texts by content. */
static void members_that_stay_are_not_told(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const by_title *items = NULL, *others;
    const atr_str_oset *texts = NULL, *remade = NULL;
    size_t told = 0;
    for (int i = 0; i < 100; i++) {
        items = by_title_add(s, items, sample_item(s, i, "item"));
        texts = atr_str_oset_add(s, texts, text_at(s, (size_t)i));
        remade = atr_str_oset_add(s, remade, text_at(s, (size_t)i));
    }
    others = by_title_add(
        s, items, ATR_NEW(s, todo_item, .id = 7, .title = ATR_STR(s, "item"), .done = true));

    atr_omap_changes((const atr_omap *)items, (const atr_omap *)others, SIZE_MAX, count_any, &told);
    assert_int_equal(told, 1);
    atr_omap_changes((const atr_omap *)texts, (const atr_omap *)remade, SIZE_MAX, count_any, &told);
    assert_int_equal(told, 1);
    atr_scope_close(s);
}

/* ---- cost ---- */

static size_t least_limit(const atr_i64_omap *was, const atr_i64_omap *now)
{
    size_t limit = 0, told = 0;
    while (!atr_omap_changes((const atr_omap *)was, (const atr_omap *)now, limit++, count_any,
                             &told)) {
    }
    return limit - 1;
}

static void the_cost_follows_the_change_when_history_is_shared(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const atr_i64_omap *was = NULL;
    atr_i64_omap_builder *b = atr_i64_omap_builder_new(s, NULL);
    for (int64_t i = 0; i < 100000; i++) {
        atr_i64_omap_builder_set(b, i, i);
    }
    was = atr_i64_omap_builder_seal(b);

    /* A path of nodes on both sides, and the one change. */
    assert_in_range(least_limit(was, atr_i64_omap_set(s, was, 777, -1)), 2, 9);
    /* A node that is divided, or joined with its neighbour, is two on one side. */
    assert_in_range(least_limit(was, atr_i64_omap_remove(s, was, 777)), 2, 12);
    was = atr_i64_omap_remove(s, was, 777);
    assert_in_range(least_limit(was, atr_i64_omap_set(s, was, 777, 1)), 2, 12);
    atr_scope_close(s);
}

/* Where the heights of the two walks differ, the higher one goes down; so they meet again at once. */
static void an_entry_that_divides_nodes_costs_a_path_on_one_side_and_two_on_the_other(void **state)
{
    static const struct {
        int64_t size;
        size_t levels;
    } rows[] = {{93, 2}, {453, 2}, {1387, 3}, {8278, 3}, {10348, 3}, {25268, 4}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        ATR_SCOPE(s, NULL) {
            const atr_i64_omap *m;
            int64_t middle = rows[i].size / 3 * 2;
            atr_i64_omap_builder *b = atr_i64_omap_builder_new(s, NULL);
            for (int64_t k = 0; k < rows[i].size; k++) {
                atr_i64_omap_builder_set(b, 2 * k, k);
            }
            m = atr_i64_omap_builder_seal(b);
            assert_int_equal(least_limit(m, atr_i64_omap_set(s, m, middle + 1, -1)),
                             3 * rows[i].levels);
            assert_int_equal(least_limit(m, atr_i64_omap_set(s, m, middle, -1)),
                             2 * rows[i].levels + 1);
        }
    }
}

/* The subtrees of the lower tree stand in the higher one, too. */
static void the_cost_follows_the_change_when_the_tree_has_grown(void **state)
{
    enum { MORE = 100 };
    for (int64_t size = 100; size < 40000; size += size / 20) {
        ATR_SCOPE(s, NULL) {
            const atr_i64_omap *was, *now;
            atr_i64_omap_builder *b = atr_i64_omap_builder_new(s, NULL);
            size_t told = 0;
            for (int64_t i = 0; i < size; i++) {
                atr_i64_omap_builder_set(b, i, i);
            }
            now = was = atr_i64_omap_builder_seal(b);
            for (int64_t i = 0; i < MORE; i++) {
                now = atr_i64_omap_set(s, now, size + i, i);
            }
            assert_true(atr_omap_changes((const atr_omap *)was, (const atr_omap *)now, 3 * MORE,
                                         count_any, &told));
            assert_int_equal(told, MORE);
            told = 0;
            assert_true(atr_omap_changes((const atr_omap *)now, (const atr_omap *)was, 3 * MORE,
                                         count_any, &told));
            assert_int_equal(told, MORE);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        BOTH(each_key_that_differs_is_told_once_in_order),
        BOTH(an_empty_ordered_map_differs_in_all),
        BOTH(ordered_maps_without_common_history_may_be_compared),
        BOTH(keys_are_told_as_they_were_given),
        BOTH(members_of_ordered_sets_come_and_go),
        BOTH(members_that_stay_are_not_told),
        BOTH(the_cost_follows_the_change_when_history_is_shared),
        BOTH(an_entry_that_divides_nodes_costs_a_path_on_one_side_and_two_on_the_other),
        BOTH(the_cost_follows_the_change_when_the_tree_has_grown),
        BOTH(a_limit_ends_the_search),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
