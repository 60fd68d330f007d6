/* The rounds of the group `state`. */
#ifndef BENCH_STATE_H
#define BENCH_STATE_H

#include "bench.h"

/* Items, their map, and a GHashTable of the same items. */
extern const bench_fixture finder_fixture;
double map_find_round(void *data, size_t ops);
double ghash_find_round(void *data, size_t ops);
double map_set_round(void *data, size_t ops);
double map_build_round(void *data, size_t ops);
double map_iterate_round(void *data, size_t ops);
double vec_build_round(void *data, size_t ops);

/* A map that changes; nothing but the map holds its items. */
extern const bench_fixture reviser_fixture;
double map_revise_round(void *data, size_t ops);
extern const bench_fixture keeper_fixture;
double map_keep_round(void *data, size_t ops);

/* Without a fixture: ops is the number of entries. */
double map_bytes_round(void *data, size_t ops);
double release_round(void *data, size_t ops);

extern const bench_fixture vec_fixture;
double vec_get_round(void *data, size_t ops);
double vec_set_round(void *data, size_t ops);
double vec_remove_round(void *data, size_t ops);

/* A collection that 100 changes are made to. */
extern const bench_fixture map_changing_fixture;
extern const bench_fixture vec_changing_fixture;
extern const bench_fixture omap_changing_fixture;
double diff_round(void *data, size_t ops);

extern const bench_fixture string_map_fixture;
double string_map_find_round(void *data, size_t ops);

#endif
