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

/* A database by hand, of n rows {id 1 .. n, title, done}. Figures are nanoseconds per row. */
typedef struct ref_sqlite ref_sqlite;
ref_sqlite *ref_sqlite_open(const char *path);
void ref_sqlite_fill(ref_sqlite *db, size_t n);
void ref_sqlite_close(ref_sqlite *db);
double ref_sqlite_rows(ref_sqlite *db, size_t n);
double ref_sqlite_points(ref_sqlite *db, const uint32_t *order, size_t n);

#endif
