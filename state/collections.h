/* Collections from the inside, for what walks any value: print, diff, copy, compare, JSON. */
#ifndef ATR_STATE_COLLECTIONS_H
#define ATR_STATE_COLLECTIONS_H

#include <atrium/map.h>

/* ---- maps and sets ---- */

typedef struct atr_map_entry {
    atr_word key, value; /* of a set: value.i64 is 0 */
} atr_map_entry;

/* All entries in the order of their keys (i64 by number, text by bytes). *entries is set to an array
 * that the caller gives back: atr_memory_give(entries, count * sizeof *entries); NULL when there are
 * none. Returns the number of entries, SIZE_MAX when memory is out (nothing to give back then). */
size_t atr_map_sorted_entries(const atr_map *m, atr_map_entry **entries);

/* ---- vectors ---- */

enum { ATR_VEC_CHUNK = 32 };

/* Reads a vector chunk by chunk, each at most ATR_VEC_CHUNK elements:
 *
 *     atr_vec_cursor c;
 *     atr_vec_cursor_begin(&c, v, 0);
 *     while (atr_vec_cursor_next(&c)) {
 *         for (size_t i = 0; i < c.count; i++) { ... c.items[i] is element c.at + i ... }
 *     }
 */
typedef struct atr_vec_cursor {
    const atr_word *items; /* the chunk, borrowed from the vector or from the cursor itself */
    size_t count;
    size_t at; /* index of items[0] */
    const atr_vec *vec;
    atr_word copied[ATR_VEC_CHUNK]; /* chunk of a static vector */
} atr_vec_cursor;

/* Stand before element `from`; beyond the end and NULL are an end at once. */
void atr_vec_cursor_begin(atr_vec_cursor *c, const atr_vec *v, size_t from);
bool atr_vec_cursor_next(atr_vec_cursor *c);

#endif
