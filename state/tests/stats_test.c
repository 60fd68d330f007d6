/* What versions cost, in exact numbers. */
#include "sample.h"

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
        assert_int_equal(stats.blocks, 12);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        BOTH(without_a_scope_all_is_zero),
        BOTH(what_is_made_and_what_lives_is_told),
        BOTH(an_update_copies_its_path_and_counts_nothing),
        BOTH(every_loan_ends_in_one_of_three_ways),
        BOTH(with_a_fixed_seed_all_numbers_are_the_same_in_every_run),
    };
    atr_memory_fix_seed(1);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
