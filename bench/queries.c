/* The group `queries`: ready-made query classes beside what they are made of, and queries under way. */
#include "queries.h"

enum { K = 1000, M = 1000 * K };

static const bench_case cases[] = {
    {"sqlite_rows", "ns", BENCH_WHOLE, &sqlite_fixture, sqlite_rows_round, M, 50 * K},
    {"sqlite_rows_raw", "ns", BENCH_WHOLE, &sqlite_fixture, sqlite_rows_raw_round, M, 50 * K},
    {"sqlite_point", "ns", BENCH_WHOLE, &sqlite_fixture, sqlite_point_round, 20 * K, 2 * K},
    {"sqlite_point_raw", "ns", BENCH_WHOLE, &sqlite_fixture, sqlite_point_raw_round, 20 * K, 2 * K},
    {"inflight_bytes", "B", BENCH_ONCE, NULL, inflight_bytes_round, M, 50 * K},
    {0},
};

static const bench_budget budgets[] = {
    {"sqlite_rows", 1.25, "sqlite_rows_raw", false},
    {"sqlite_point", 1.5, "sqlite_point_raw", false},
    {"inflight_bytes", 256, NULL, false},
    {0},
};

const bench_group bench_queries = {"queries", cases, budgets};
