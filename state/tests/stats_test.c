/* What versions cost, in exact numbers. */
#include "sample.h"

#include <atrium/edits.h>

enum { ENTRIES = 1000 };

static atr_scope *begin(atr_pool **pool)
{
    *pool = atr_pool_new();
    atr_pool_eager(*pool, false);
    return atr_pool_scope(*pool);
}

static const atr_i64_map *numbers(atr_scope *s)
{
    atr_i64_map_builder *b = atr_i64_map_builder_new(s, NULL);
    for (int64_t i = 0; i < ENTRIES; i++) {
        atr_i64_map_builder_set(b, i, i);
    }
    return atr_i64_map_builder_seal(b);
}

static void end(atr_scope *s, atr_pool *pool)
{
    atr_scope_close(s);
    assert_int_equal(atr_pool_values(pool), 0);
    atr_pool_close(pool);
}

static void without_a_scope_all_is_zero(void **state)
{
    atr_memory_stats stats = atr_memory_stats_now(NULL);
    assert_int_equal(stats.values + stats.bytes, 0);
    assert_int_equal(stats.made + stats.blocks + stats.copied, 0);
}

static void what_is_made_and_what_lives_is_told(void **state)
{
    atr_pool *pool;
    atr_scope *s = begin(&pool);
    atr_memory_stats stats;
    ATR_SCOPE(inner, s) {
        sample_item(inner, 1, "one"); /* and its title */
        sample_item(s, 2, "two");
    }
    stats = atr_memory_stats_now(s);
    assert_int_equal(stats.made, 4);
    assert_int_equal(stats.values, 2);
    assert_int_equal(stats.bytes, atr_pool_bytes(pool));
    assert_true(stats.blocks > 0);
    end(s, pool);
}

static bool any_number(int64_t item, void *user)
{
    return true;
}

/* A filter that lets all pass makes nothing; a script stays. */
static void what_a_call_gives_back_is_in_no_figure(void **state)
{
    const int64_t numbers[] = {1, 2, 3};
    atr_pool *pool;
    atr_scope *s = begin(&pool);
    const atr_i64_vec *v = atr_i64_vec_of(s, numbers, 3);
    const atr_memory_stats then = atr_memory_stats_now(s);

    assert_ptr_equal(atr_i64_vec_filter(s, v, any_number, NULL), v);
    assert_int_equal(atr_memory_stats_now(s).blocks, then.blocks);
    atr_diff(s, v, NULL, NULL);
    assert_true(atr_memory_stats_now(s).blocks > then.blocks);
    end(s, pool);
}

/* What is noted is kept in an array that doubles: for 16 entries, 32, 64, 128; and for reading, by an index. */
static void what_builders_note_is_taken_in_blocks(void **state)
{
    atr_pool *pool;
    atr_scope *s = begin(&pool);
    atr_i64_map_builder *b = atr_i64_map_builder_new(s, NULL);
    atr_memory_stats then = atr_memory_stats_now(s), now;
    for (int64_t i = 0; i < 100; i++) {
        atr_i64_map_builder_set(b, i, i);
    }
    now = atr_memory_stats_now(s);
    assert_int_equal(now.blocks - then.blocks, 4);
    assert_int_equal(now.made, then.made);
    assert_int_equal(now.bytes, then.bytes);
    assert_int_equal(atr_i64_map_builder_get(b, 50), 50);
    assert_int_equal(atr_memory_stats_now(s).blocks - now.blocks, 1);
    end(s, pool);
}

/* Two levels: one more entry, another value, one entry less. */
static void an_update_copies_its_path_and_counts_nothing(void **state)
{
    atr_pool *pool;
    atr_scope *s = begin(&pool);
    const atr_i64_map *m = numbers(s);
    atr_memory_stats then = atr_memory_stats_now(s), now;
    m = atr_i64_map_set(s, m, 500, -1);
    now = atr_memory_stats_now(s);
    assert_int_equal(now.made - then.made, now.copied - then.copied + 1); /* and the handle */
    assert_in_range(now.copied - then.copied, 2, 3);
    assert_int_equal(now.settled, then.settled);
    m = atr_i64_map_set(s, m, 500, -1); /* nothing changes */
    assert_int_equal(atr_memory_stats_now(s).made, now.made);
    m = atr_i64_map_remove(s, m, 500);
    assert_int_equal(atr_i64_map_count(m), ENTRIES - 1);
    now = atr_memory_stats_now(s);
    assert_int_equal(now.fresh - then.fresh, now.copied - then.copied);
    end(s, pool);
}

/* In ascending order, so nodes are full. */
static const atr_i64_omap *ordered(atr_scope *s)
{
    atr_i64_omap_builder *b = atr_i64_omap_builder_new(s, NULL);
    for (int64_t i = 0; i < ENTRIES; i++) {
        atr_i64_omap_builder_set(b, i, i);
    }
    return atr_i64_omap_builder_seal(b);
}

enum { ORDERED_LEVELS = 3 }; /* of so many entries */

/* Another value, one entry less, one at the end. */
static void an_update_of_an_ordered_map_copies_its_path_and_counts_nothing(void **state)
{
    atr_pool *pool;
    atr_scope *s = begin(&pool);
    const atr_i64_omap *m = ordered(s);
    atr_memory_stats then = atr_memory_stats_now(s), now;
    m = atr_i64_omap_set(s, m, 500, -1);
    m = atr_i64_omap_remove(s, m, 501);
    m = atr_i64_omap_set(s, m, ENTRIES, -1);
    now = atr_memory_stats_now(s);
    assert_int_equal(atr_i64_omap_count(m), ENTRIES);
    assert_int_equal(now.copied - then.copied, 3 * ORDERED_LEVELS);
    assert_int_equal(now.fresh - then.fresh, 3 * ORDERED_LEVELS);
    assert_int_equal(now.settled, then.settled);
    assert_int_equal(now.made - then.made, 3 * (ORDERED_LEVELS + 1)); /* and the handles */
    end(s, pool);
}

static void a_pool_that_counts_eagerly_settles_each_copy_of_an_ordered_map(void **state)
{
    atr_pool *pool;
    atr_scope *s = begin(&pool);
    const atr_i64_omap *m = ordered(s);
    atr_memory_stats then = atr_memory_stats_now(s), now;
    atr_pool_eager(pool, true);
    atr_i64_omap_set(s, m, 500, -1);
    now = atr_memory_stats_now(s);
    assert_int_equal(now.copied - then.copied, ORDERED_LEVELS);
    assert_int_equal(now.settled - then.settled, ORDERED_LEVELS);
    assert_int_equal(now.fresh, then.fresh);
    end(s, pool);
}

/* A step prime to their number. */
static void nodes_of_an_ordered_map_have_room_for_more_in_a_builder_only(void **state)
{
    atr_pool *pool;
    atr_scope *s = begin(&pool);
    atr_i64_omap_builder *b = atr_i64_omap_builder_new(s, NULL);
    atr_memory_stats then = atr_memory_stats_now(s), now;
    for (int64_t i = 0; i < ENTRIES; i++) {
        atr_i64_omap_builder_set(b, i * 7 % ENTRIES, i);
    }
    now = atr_memory_stats_now(s);
    assert_in_range(now.made - then.made, ENTRIES / 30, ENTRIES / 8);
    assert_int_equal(now.copied, then.copied);

    atr_i64_omap_set(s, NULL, 1, 1);
    assert_in_range(atr_memory_stats_now(s).bytes - now.bytes, 1, 128);
    end(s, pool);
}

static uint64_t made_by(atr_scope *s)
{
    return atr_memory_stats_now(s).made;
}

/* Keys to - 1 down to from: none is set at the end. */
static void fall(atr_i64_omap_builder *b, int64_t from, int64_t to)
{
    while (to-- > from) {
        atr_i64_omap_builder_set(b, to, to);
    }
}

static void a_builder_of_an_ordered_map_writes_a_leaf_in_place(void **state)
{
    atr_pool *pool;
    atr_scope *s = begin(&pool);
    atr_i64_omap_builder *b = atr_i64_omap_builder_new(s, NULL);
    uint64_t then = made_by(s);
    fall(b, 0, 30);
    fall(b, 0, 30);
    for (int64_t i = 1; i < 30; i++) {
        atr_i64_omap_builder_remove(b, i);
    }
    assert_int_equal(made_by(s) - then, 1);
    atr_i64_omap_builder_remove(b, 0);
    assert_int_equal(made_by(s) - then, 1);
    assert_null(atr_i64_omap_builder_seal(b));
    end(s, pool);
}

/* The last leaf has one entry, fewer than others may have. */
static void a_builder_of_an_ordered_map_writes_a_short_last_leaf_in_place(void **state)
{
    atr_pool *pool;
    atr_scope *s = begin(&pool);
    atr_i64_omap_builder *b = atr_i64_omap_builder_new(s, NULL);
    uint64_t then;
    for (int64_t i = 0; i <= 60; i++) {
        atr_i64_omap_builder_set(b, i, i);
    }
    atr_i64_omap_builder_set(b, 0, -1);
    then = made_by(s);
    atr_i64_omap_builder_set(b, 60, -1);
    atr_i64_omap_builder_set(b, 30, -1);
    assert_int_equal(made_by(s), then);
    end(s, pool);
}

/* A leaf of 30 becomes one of 16, one of 15 and a root; then they are one again. */
static void a_builder_of_an_ordered_map_makes_nodes_where_they_split_and_join(void **state)
{
    atr_pool *pool;
    atr_scope *s = begin(&pool);
    atr_i64_omap_builder *b = atr_i64_omap_builder_new(s, NULL);
    uint64_t then = made_by(s);
    fall(b, 0, 31);
    assert_int_equal(made_by(s) - then, 1 + 3);
    atr_i64_omap_builder_remove(b, 0);
    fall(b, 1, 31);
    assert_int_equal(made_by(s) - then, 1 + 3);
    atr_i64_omap_builder_remove(b, 1);
    atr_i64_omap_builder_remove(b, 2);
    assert_int_equal(made_by(s) - then, 1 + 3 + 2);
    fall(b, 0, 2);
    assert_int_equal(made_by(s) - then, 1 + 3 + 2);
    assert_int_equal(atr_i64_omap_count(atr_i64_omap_builder_seal(b)), 30);
    end(s, pool);
}

static void every_loan_ends_in_one_of_three_ways(void **state)
{
    atr_pool *pool;
    atr_scope *s = begin(&pool), *inner;
    const atr_i64_map *m = numbers(s);
    atr_memory_stats stats;
    inner = atr_scope_open(s);
    for (int64_t i = 0; i < 100; i++) {
        m = atr_i64_map_set(inner, m, i * 7, -i);
    }
    atr_scope_yield(inner, m);
    atr_scope_close(inner);
    stats = atr_memory_stats_now(s);
    assert_true(stats.folded > 0);
    assert_int_equal(atr_i64_map_get(m, 7), -1);
    inner = atr_pool_scope(pool);
    atr_scope_close(s);
    stats = atr_memory_stats_now(inner);
    assert_int_equal(stats.stolen + stats.folded + stats.undone, stats.fresh);
    assert_int_equal(stats.values, 0);
    end(inner, pool);
}

/* Where sanitizers see each value, every one is a block of its own. */
static bool has_chunks(void)
{
    atr_pool *pool;
    atr_scope *s = begin(&pool);
    bool has;
    sample_item(s, 1, "an item beside its title");
    has = atr_memory_stats_now(s).blocks == 1;
    end(s, pool);
    return has;
}

static const atr_i64_str_map *counted(atr_scope *s)
{
    atr_i64_str_map_builder *b = atr_i64_str_map_builder_new(s, NULL);
    for (int64_t i = 0; i < ENTRIES; i++) {
        ATR_SCOPE(inner, s) {
            atr_i64_str_map_builder_set(b, atr_str_format(inner, "text %d", (int)i), i);
        }
    }
    return atr_i64_str_map_builder_seal(b);
}

/* A thousand entries by text, of which a hundred are set anew. */
static atr_memory_stats thousand_texts(void)
{
    atr_pool *pool;
    atr_scope *s = begin(&pool);
    const atr_i64_str_map *m = counted(s);
    atr_memory_stats stats;
    for (int64_t i = 0; i < 100; i++) {
        m = atr_i64_str_map_set(s, m, atr_str_format(s, "text %d", (int)(i * 7)), -i);
    }
    stats = atr_memory_stats_now(s);
    end(s, pool);
    return stats;
}

/* The second time blocks lie elsewhere. */
static void with_a_fixed_seed_all_numbers_are_the_same_in_every_run(void **state)
{
    atr_memory_stats stats = thousand_texts(), again;
    void *block = atr_memory_take(48);
    again = thousand_texts();
    atr_memory_give(block, 48);

    assert_memory_equal(&stats, &again, sizeof stats);
    assert_int_equal(stats.made, 1774);
    assert_int_equal(stats.copied, 260);
    if (has_chunks() && sizeof(void *) == 8) {
        assert_int_equal(stats.blocks, 12 + 7); /* the builder notes up to 1,024 entries */
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        BOTH(without_a_scope_all_is_zero),
        BOTH(what_is_made_and_what_lives_is_told),
        BOTH(what_a_call_gives_back_is_in_no_figure),
        BOTH(what_builders_note_is_taken_in_blocks),
        BOTH(an_update_copies_its_path_and_counts_nothing),
        BOTH(an_update_of_an_ordered_map_copies_its_path_and_counts_nothing),
        BOTH(a_pool_that_counts_eagerly_settles_each_copy_of_an_ordered_map),
        BOTH(nodes_of_an_ordered_map_have_room_for_more_in_a_builder_only),
        BOTH(a_builder_of_an_ordered_map_writes_a_leaf_in_place),
        BOTH(a_builder_of_an_ordered_map_writes_a_short_last_leaf_in_place),
        BOTH(a_builder_of_an_ordered_map_makes_nodes_where_they_split_and_join),
        BOTH(every_loan_ends_in_one_of_three_ways),
        BOTH(with_a_fixed_seed_all_numbers_are_the_same_in_every_run),
    };
    atr_memory_fix_seed(1);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
