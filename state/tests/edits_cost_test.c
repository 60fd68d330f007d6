/* What edit scripts cost, counted in nodes and rows that were looked at. */
#include <atrium/edits.h>

#include "sample.h"

static const atr_i64_vec *vec_of(atr_scope *s, size_t count)
{
    atr_i64_vec_builder *b = atr_i64_vec_builder_new(s, NULL);
    for (size_t i = 0; i < count; i++) {
        atr_i64_vec_builder_push(b, (int64_t)i);
    }
    return atr_i64_vec_builder_seal(b);
}

/* A path of nodes on both sides, with the neighbours that a split or a join takes along. */
static size_t path_cost(size_t count)
{
    size_t levels = 1;
    for (; count > 16; count /= 16) {
        levels++;
    }
    return 3 * 32 * (levels + 1);
}

static void one_edit(atr_scope *s, const atr_i64_vec *was, const atr_i64_vec *now, size_t index,
                     atr_edit_kind kind)
{
    const atr_edits *edits = atr_diff(s, was, now, NULL);
    assert_int_equal(edits->count, 1);
    assert_int_equal(edits->items[0].kind, kind);
    assert_int_equal(edits->items[0].at.index, index);
    assert_in_range(edits->visited, 1, path_cost(atr_i64_vec_count(was)));
}

static void one_row_costs_a_path_at_every_boundary_of_the_tree(void **state)
{
    static const size_t sizes[] = {1,     2,     16,    17,    31,    32,    33,    63,    64,
                                   65,    1023,  1024,  1025,  1055,  1056,  1057,  2080,  32767,
                                   32768, 32769, 32799, 32800, 32801, 33824, 33825, 100000};
    static const size_t places[] = {0, 1, 15, 16, 31, 32, 33, 1023, 1024, 1025, 32767, 32768};
    enum { SIZES = sizeof sizes / sizeof *sizes, PLACES = sizeof places / sizeof *places };
    for (size_t i = 0; i < SIZES; i++) {
        ATR_SCOPE(s, NULL) {
            size_t n = sizes[i];
            const atr_i64_vec *v = vec_of(s, n);
            for (size_t k = 0; k < 2 * PLACES; k++) {
                size_t at = k < PLACES ? places[k] : n - 1 - places[k - PLACES];
                if (at < n) {
                    one_edit(s, v, atr_i64_vec_set(s, v, at, -1), at, ATR_EDIT_CHANGE);
                    one_edit(s, v, atr_i64_vec_insert(s, v, at, -1), at, ATR_EDIT_INSERT);
                    one_edit(s, v, atr_i64_vec_erase(s, v, at), at, ATR_EDIT_REMOVE);
                    one_edit(s, atr_i64_vec_erase(s, v, at), v, at, ATR_EDIT_INSERT);
                }
            }
            one_edit(s, v, atr_i64_vec_push(s, v, -1), n, ATR_EDIT_INSERT);
            one_edit(s, v, atr_i64_vec_pop(s, v), n - 1, ATR_EDIT_REMOVE);
        }
    }
}

/* To the last node, row and entry, so that none is left out of the count, or counted twice. */
static void what_one_change_costs_is_known_exactly(void **state)
{
    static const struct {
        size_t size, row, last_row, entry, sorted_entry;
    } costs[] = {
        {10, 10, 13, 3, 4}, {64, 11, 36, 4, 6}, {1000, 43, 12, 4, 8}, {100000, 82, 36, 6, 10}};
    for (size_t i = 0; i < sizeof costs / sizeof *costs; i++) {
        ATR_SCOPE(s, NULL) {
            const atr_i64_vec *v = vec_of(s, costs[i].size);
            atr_i64_map_builder *b = atr_i64_map_builder_new(s, NULL);
            atr_i64_omap_builder *c = atr_i64_omap_builder_new(s, NULL);
            for (int64_t k = 0; k < (int64_t)costs[i].size; k++) {
                atr_i64_map_builder_set(b, k, k);
                atr_i64_omap_builder_set(c, k, k);
            }
            const atr_i64_map *m = atr_i64_map_builder_seal(b);
            const atr_i64_omap *o = atr_i64_omap_builder_seal(c);
            assert_int_equal(atr_diff(s, v, atr_i64_vec_set(s, v, 5, -1), NULL)->visited,
                             costs[i].row);
            assert_int_equal(atr_diff(s, v, atr_i64_vec_pop(s, v), NULL)->visited,
                             costs[i].last_row);
            assert_int_equal(atr_diff(s, m, atr_i64_map_set(s, m, 5, -1), NULL)->visited,
                             costs[i].entry);
            assert_int_equal(atr_diff(s, o, atr_i64_omap_set(s, o, 5, -1), NULL)->visited,
                             costs[i].sorted_entry);
            assert_int_equal(atr_diff(s, v, v, NULL)->visited, 1);
        }
    }
}

static void what_two_changes_and_lists_made_apart_cost_is_known_exactly(void **state)
{
    static const struct {
        size_t size, two, apart;
    } costs[] = {{10, 28, 28}, {1000, 113, 2144}, {10000, 117, 21314}};
    for (size_t i = 0; i < sizeof costs / sizeof *costs; i++) {
        ATR_SCOPE(s, NULL) {
            size_t n = costs[i].size;
            const atr_i64_vec *v = vec_of(s, n), *two = atr_i64_vec_set(s, v, n / 3, -1);
            two = atr_i64_vec_insert(s, two, n - n / 3, -2);
            assert_int_equal(atr_diff(s, v, two, NULL)->visited, costs[i].two);
            assert_int_equal(atr_diff(s, vec_of(s, n), two, NULL)->visited, costs[i].apart);
        }
    }
}

static void scattered_rows_cost_a_path_each_though_others_shift(void **state)
{
    enum { ROWS = 100000, EDITS = 60 };
    atr_scope *s = atr_scope_open(NULL);
    const atr_i64_vec *was = vec_of(s, ROWS), *now = was;
    const atr_edits *edits;
    for (size_t i = 0; i < EDITS; i++) {
        size_t at = 700 + i * 1617;
        now = i % 3 == 0   ? atr_i64_vec_insert(s, now, at, -1)
              : i % 3 == 1 ? atr_i64_vec_erase(s, now, at)
                           : atr_i64_vec_set(s, now, at, -1);
    }

    edits = atr_diff(s, was, now, NULL);

    assert_int_equal(edits->count, EDITS);
    assert_in_range(edits->visited, EDITS, EDITS * path_cost(ROWS));
    atr_scope_close(s);
}

static void what_was_cut_and_joined_costs_the_seams(void **state)
{
    enum { ROWS = 100000 };
    atr_scope *s = atr_scope_open(NULL);
    const atr_i64_vec *was = vec_of(s, ROWS), *now, *put = vec_of(s, 10);
    const atr_edits *edits;

    now = atr_i64_vec_concat(s, atr_i64_vec_slice(s, was, 0, 40001), put);
    now = atr_i64_vec_concat(s, now, atr_i64_vec_slice(s, was, 40101, ROWS));
    edits = atr_diff(s, was, now, NULL);

    assert_int_equal(edits->count, 100);
    assert_in_range(edits->visited, 100, 8 * path_cost(ROWS));
    atr_scope_close(s);
}

/* Every node comes many times: the others are still not looked into. */
static void rows_cost_a_path_each_in_a_vector_that_repeats_itself(void **state)
{
    enum { DOUBLED = 10 };
    atr_scope *s = atr_scope_open(NULL);
    const atr_i64_vec *was = vec_of(s, 96), *now;
    const atr_edits *edits;
    for (int i = 0; i < DOUBLED; i++) {
        was = atr_i64_vec_concat(s, was, was);
    }
    now = atr_i64_vec_insert(s, was, 30000, -1);
    now = atr_i64_vec_erase(s, now, 60000);
    now = atr_i64_vec_set(s, now, 90000, -1);

    edits = atr_diff(s, was, now, NULL);

    assert_int_equal(edits->count, 3);
    assert_in_range(edits->visited, 3, 3 * 8 * path_cost(atr_i64_vec_count(was)));
    atr_scope_close(s);
}

static void entries_cost_a_path_each_in_maps_of_both_kinds(void **state)
{
    enum { ROWS = 100000, EDITS = 60 };
    atr_scope *s = atr_scope_open(NULL);
    atr_i64_time_omap_builder *b = atr_i64_time_omap_builder_new(s, NULL);
    atr_i64_map_builder *c = atr_i64_map_builder_new(s, NULL);
    const atr_i64_time_omap *was, *now;
    const atr_i64_map *map, *other;
    const atr_edits *edits;
    for (int64_t i = 0; i < ROWS; i++) {
        atr_i64_time_omap_builder_set(b, 2 * i, i);
        atr_i64_map_builder_set(c, 2 * i, i);
    }
    now = was = atr_i64_time_omap_builder_seal(b);
    other = map = atr_i64_map_builder_seal(c);
    for (int64_t i = 0; i < EDITS; i++) {
        int64_t key = 2 * (900 + i * 1617);
        now = i % 3 == 0   ? atr_i64_time_omap_set(s, now, key + 1, -1)
              : i % 3 == 1 ? atr_i64_time_omap_remove(s, now, key)
                           : atr_i64_time_omap_set(s, now, key, -1);
        other = i % 3 == 0   ? atr_i64_map_set(s, other, key + 1, -1)
                : i % 3 == 1 ? atr_i64_map_remove(s, other, key)
                             : atr_i64_map_set(s, other, key, -1);
    }

    edits = atr_diff(s, was, now, NULL);
    assert_int_equal(edits->count, EDITS);
    assert_in_range(edits->visited, EDITS, EDITS * path_cost(ROWS));
    edits = atr_diff(s, map, other, NULL);
    assert_int_equal(edits->count, EDITS);
    assert_in_range(edits->visited, EDITS, EDITS * 8);
    atr_scope_close(s);
}

static uint64_t mixed(uint64_t i)
{
    i = (i ^ (i >> 30)) * 0xbf58476d1ce4e5b9u;
    i = (i ^ (i >> 27)) * 0x94d049bb133111ebu;
    return i ^ (i >> 31);
}

/* Rows of so many kinds in no order. */
static const atr_i64_vec *mixed_vec(atr_scope *s, size_t count, uint64_t seed, uint64_t kinds)
{
    atr_i64_vec_builder *b = atr_i64_vec_builder_new(s, NULL);
    for (size_t i = 0; i < count; i++) {
        atr_i64_vec_builder_push(b, (int64_t)(mixed(seed + i) % kinds));
    }
    return atr_i64_vec_builder_seal(b);
}

static void without_common_history_the_cost_is_linear_beyond_a_thousand_edits(void **state)
{
    static const uint64_t kinds[] = {2, 50, 10000, UINT64_MAX};
    enum { ROWS = 100000 };
    for (size_t i = 0; i < 4; i++) {
        ATR_SCOPE(s, NULL) {
            /* A thousand rounds of search, then a few dozen looks at each row. */
            size_t search = 1000 * 1000, most = search + 50 * 2 * (size_t)ROWS;
            const atr_i64_vec *was = mixed_vec(s, ROWS, 1, kinds[i]);
            const atr_edits *edits = atr_diff(s, was, mixed_vec(s, ROWS, 1u << 30, kinds[i]), NULL);
            assert_in_range(edits->visited, ROWS, most);
        }
    }
}

/* A thousand rounds of the search, then three looks at each row of both, some at nodes, and those in gaps. */
static void what_gaps_cost_is_known_exactly(void **state)
{
    static const struct {
        size_t size, visited;
    } costs[] = {{2000, 514896}, {10000, 563928}};
    for (size_t i = 0; i < sizeof costs / sizeof *costs; i++) {
        ATR_SCOPE(s, NULL) {
            const atr_i64_vec *v = vec_of(s, costs[i].size);
            const atr_edits *edits = atr_diff(s, v, atr_i64_vec_reverse(s, v), NULL);
            assert_int_equal(edits->visited, costs[i].visited);
        }
    }
}

static void a_row_in_a_list_that_was_made_anew_is_one_edit(void **state)
{
    enum { ROWS = 20000 };
    atr_scope *s = atr_scope_open(NULL);
    const todo_item_vec *was = NULL, *now;
    todo_item_vec_builder *b = todo_item_vec_builder_new(s, NULL);
    const atr_edits *edits;
    for (int i = 0; i < ROWS; i++) {
        todo_item_vec_builder_push(b, sample_item(s, i, "item"));
    }
    was = todo_item_vec_builder_seal(b);
    now = atr_copy(s, was);
    now = todo_item_vec_insert(s, now, 777, sample_item(s, -1, "new"));
    now = todo_item_vec_set(s, now, 15000, sample_item(s, -2, "other"));

    edits = atr_diff(s, was, now, &(atr_diff_options){.rows_only = true});

    assert_int_equal(edits->count, 2);
    assert_int_equal(edits->items[0].kind, ATR_EDIT_INSERT);
    assert_int_equal(edits->items[0].at.index, 777);
    assert_int_equal(edits->items[1].kind, ATR_EDIT_CHANGE);
    assert_int_equal(edits->items[1].at.index, 15000);
    assert_in_range(edits->visited, ROWS, 8 * ROWS);
    atr_scope_close(s);
}

static void is_whole(const atr_edits *edits, size_t visited_most)
{
    assert_int_equal(edits->count, 1);
    assert_int_equal(edits->items[0].at.kind, ATR_STEP_WHOLE);
    assert_in_range(edits->visited, 0, visited_most);
}

/* Of maps that have nothing in common, and of any two collections of which one is much longer. */
static void the_work_ends_where_the_limit_is_passed(void **state)
{
    enum { ROWS = 50000, LIMIT = 100 };
    const atr_diff_options options = {.rows_only = true, .limit = LIMIT};
    atr_scope *s = atr_scope_open(NULL);
    atr_i64_omap_builder *orders[2];
    atr_i64_map_builder *maps[2];
    const atr_i64_omap *a, *b;
    const atr_i64_map *c, *d;
    const atr_i64_vec *v = mixed_vec(s, ROWS, 1, 1000000);
    for (int k = 0; k < 2; k++) {
        orders[k] = atr_i64_omap_builder_new(s, NULL);
        maps[k] = atr_i64_map_builder_new(s, NULL);
        for (int64_t i = 0; i < ROWS; i++) {
            atr_i64_omap_builder_set(orders[k], i, 2 * i + k);
            atr_i64_map_builder_set(maps[k], i, 2 * i + k);
        }
    }
    a = atr_i64_omap_builder_seal(orders[0]);
    b = atr_i64_omap_builder_seal(orders[1]);
    c = atr_i64_map_builder_seal(maps[0]);
    d = atr_i64_map_builder_seal(maps[1]);

    is_whole(atr_diff(s, a, b, &options), 4 * LIMIT);
    is_whole(atr_diff(s, c, d, &options), 4 * LIMIT);
    is_whole(atr_diff(s, NULL, a, &options), 1);
    is_whole(atr_diff(s, d, NULL, &options), 1);
    is_whole(atr_diff(s, v, atr_i64_vec_concat(s, v, v), &options), 1);
    is_whole(atr_diff(s, v, atr_i64_vec_slice(s, v, LIMIT + 1, ROWS), &options), 1);
    assert_int_equal(atr_diff(s, v, atr_i64_vec_slice(s, v, LIMIT, ROWS), &options)->count, LIMIT);
    assert_int_equal(atr_diff(s, a, atr_i64_omap_slice(s, a, LIMIT, ROWS), &options)->count, LIMIT);
    atr_scope_close(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        BOTH(one_row_costs_a_path_at_every_boundary_of_the_tree),
        BOTH(what_one_change_costs_is_known_exactly),
        BOTH(what_two_changes_and_lists_made_apart_cost_is_known_exactly),
        BOTH(scattered_rows_cost_a_path_each_though_others_shift),
        BOTH(what_was_cut_and_joined_costs_the_seams),
        BOTH(rows_cost_a_path_each_in_a_vector_that_repeats_itself),
        BOTH(entries_cost_a_path_each_in_maps_of_both_kinds),
        BOTH(without_common_history_the_cost_is_linear_beyond_a_thousand_edits),
        BOTH(what_gaps_cost_is_known_exactly),
        BOTH(a_row_in_a_list_that_was_made_anew_is_one_edit),
        BOTH(the_work_ends_where_the_limit_is_passed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
