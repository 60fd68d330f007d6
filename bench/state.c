/* The group `state`: values and collections, without a store. */
#include "state.h"

#include "refs/refs.h"

enum {
    K = 1000,
    M = 1000 * K,
    FEW = 50 * K, /* what stands for a million in quick mode */
};

static const bench_case cases[] = {
    {"item_malloc", "ns", BENCH_TIMED, &ref_malloc_fixture, ref_malloc_round, K, K},
    {"map_find_1k", "ns", BENCH_TIMED, &finder_fixture, map_find_round, K, K},
    {"map_find_1k_ghash", "ns", BENCH_TIMED, &finder_fixture, ghash_find_round, K, K},
    {"map_find_10k", "ns", BENCH_TIMED, &finder_fixture, map_find_round, 10 * K, 10 * K},
    {"map_find_10k_ghash", "ns", BENCH_TIMED, &finder_fixture, ghash_find_round, 10 * K, 10 * K},
    {"map_find_1m", "ns", BENCH_TIMED, &finder_fixture, map_find_round, M, FEW},
    {"map_find_1m_ghash", "ns", BENCH_TIMED, &finder_fixture, ghash_find_round, M, FEW},
    {"map_revise_1k", "ns", BENCH_TIMED, &reviser_fixture, map_revise_round, K, K},
    {"map_revise_10k", "ns", BENCH_TIMED, &reviser_fixture, map_revise_round, 10 * K, 10 * K},
    {"map_revise_1m", "ns", BENCH_TIMED, &reviser_fixture, map_revise_round, M, FEW},
    {"map_set_1k", "ns", BENCH_TIMED, &finder_fixture, map_set_round, K, K},
    {"map_set_1m", "ns", BENCH_TIMED, &finder_fixture, map_set_round, M, FEW},
    {"map_keep100_1k", "ns", BENCH_TIMED, &keeper_fixture, map_keep_round, K, K},
    {"vec_get_1k", "ns", BENCH_TIMED, &vec_fixture, vec_get_round, K, K},
    {"vec_set_1k", "ns", BENCH_TIMED, &vec_fixture, vec_set_round, K, K},
    {"vec_remove_1k", "ns", BENCH_TIMED, &vec_fixture, vec_remove_round, K, K},
    {"diff_100_of_1m", "ns", BENCH_TIMED, &map_changing_fixture, diff_round, M, FEW},
    {"vec_diff_100_of_1m", "ns", BENCH_TIMED, &vec_changing_fixture, diff_round, M, FEW},
    {"omap_diff_100_of_1m", "ns", BENCH_TIMED, &omap_changing_fixture, diff_round, M, FEW},
    {"map_bytes_1m", "B", BENCH_ONCE, NULL, map_bytes_round, M, FEW},
    {"map_build_1m", "ns", BENCH_WHOLE, &finder_fixture, map_build_round, M, FEW},
    {"vec_build_1m", "ns", BENCH_WHOLE, &finder_fixture, vec_build_round, M, FEW},
    {"map_iterate_1m", "ns", BENCH_WHOLE, &finder_fixture, map_iterate_round, M, FEW},
    {"string_map_find_1k", "ns", BENCH_TIMED, &string_map_fixture, string_map_find_round, K, K},
    {"release_1m", "ns", BENCH_WHOLE, NULL, release_round, M, FEW},
    {0},
};

static const bench_budget budgets[] = {
    {"map_find_1k", 0.8, "map_find_1k_ghash", false},
    {"map_find_10k", 1.2, "map_find_10k_ghash", false},
    {"map_find_1m", 1.6, "map_find_1m_ghash", false},
    {"map_revise_1k", 10, "item_malloc", false},
    {"map_revise_10k", 12, "item_malloc", false},
    {"map_revise_1m", 12, "map_find_1m_ghash", false},
    {"map_set_1k", 6, "item_malloc", false},
    {"map_set_1m", 4, "map_find_1m_ghash", false},
    {"map_keep100_1k", 14, "item_malloc", false},
    {"vec_get_1k", 0.4, "map_find_1k_ghash", false},
    {"vec_set_1k", 5, "item_malloc", false},
    {"vec_remove_1k", 7, "item_malloc", false},
    {"diff_100_of_1m", 3, "map_find_1m_ghash", false},
    {"map_bytes_1m", 24, NULL, false},
    {0},
};

const bench_group bench_state = {"state", cases, budgets};
