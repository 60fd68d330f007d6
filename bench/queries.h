/* The rounds of the group `queries`. */
#ifndef BENCH_QUERIES_H
#define BENCH_QUERIES_H

#include "bench.h"

/* A file with a table of n rows, opened by an app in the libuv world and by hand. */
extern const bench_fixture sqlite_fixture;
double sqlite_rows_round(void *data, size_t ops);
double sqlite_rows_raw_round(void *data, size_t ops);
double sqlite_point_round(void *data, size_t ops);
double sqlite_point_raw_round(void *data, size_t ops);

/* Without a fixture: ops is the number of queries. */
double inflight_bytes_round(void *data, size_t ops);

#endif
