/* The references: what the same work costs without the library. */
#ifndef BENCH_REFS_H
#define BENCH_REFS_H

#include "items.h"

/* malloc, copy, free. */
extern const bench_fixture ref_malloc_fixture;
double ref_malloc_round(void *data, size_t ops);

/* GLib's GHashTable, keys inside the items; NULL stands for no table. */
void *ref_ghash_new(const items *all);
void ref_ghash_free(void *table);
uint64_t ref_ghash_find(void *table, items *all, size_t ops);

#endif
