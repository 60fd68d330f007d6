/* Collections from the inside, for what walks any value: print, diff, copy, compare, JSON. */
#ifndef ATR_STATE_COLLECTIONS_H
#define ATR_STATE_COLLECTIONS_H

#include <atrium/ordered_map.h>

/* ---- what goes in ---- */

/* The slow side of the two checks below: refused and latched, or false. */
bool atr_item_refuse(atr_scope *s, const atr_model *collection, const char *what, const void *item,
                     const atr_model *model);
bool atr_collection_refuse(atr_scope *s, const atr_model *model, const void *collection);

/* Latch that a function to call is missing. */
void atr_refuse_function(atr_scope *s, const atr_model *model);

/* May item, a value of `model`, go into a collection made in s? `what` it is: "item", "key", ... */
static inline bool atr_item_fit(atr_scope *s, const atr_model *collection, const char *what,
                                const void *item, const atr_model *model)
{
    return (!atr_careful_(s) && atr_fit_required_(s, item)) ||
           !atr_item_refuse(s, collection, what, item, model);
}

/* May parts of this collection, or NULL, be shared by one made in s? */
static inline bool atr_collection_fit(atr_scope *s, const atr_model *model, const void *collection)
{
    return collection == NULL || (!atr_careful_(s) && atr_fit_(s, collection)) ||
           !atr_collection_refuse(s, model, collection);
}

/* May a collection of `made` be made of what is read from this one, of whatever type and thread, or NULL? Latched if
 * not: it is released, or was never published. */
bool atr_source_fit(atr_scope *s, const atr_model *made, const void *source);

/* ---- maps and sets ---- */

typedef struct atr_map_entry {
    atr_word key, value; /* of a set: value.i64 is 0 */
} atr_map_entry;

/* All entries in the order of their keys (i64 by number, text by bytes). *entries is set to an array
 * that the caller gives back: atr_memory_give(entries, count * sizeof *entries); NULL when there are
 * none. Returns the number of entries, SIZE_MAX when memory is out (nothing to give back then). */
size_t atr_map_sorted_entries(const atr_map *m, atr_map_entry **entries);

/* The same for any collection but a vector: maps and sets, ordered ones too. */
size_t atr_sorted_entries(const void *collection, atr_map_entry **entries);
size_t atr_entries_count(const void *collection);
/* The order of two keys of such a collection. */
int atr_keys_compare(const atr_model *model, atr_word a, atr_word b);
/* Whether the model is that of a map or set; of one without values. */
bool atr_model_has_entries(const atr_model *model);
bool atr_model_is_set(const atr_model *model);
/* Whether it is that of an ordered one. */
bool atr_model_is_ordered(const atr_model *model);

/* The key that is there, which need not be the same as `key` where an order of its own takes them for equal. */
bool atr_omap_find_key(const atr_omap *m, atr_word key, atr_word *there);
bool atr_omap_builder_find_key(const atr_omap_builder *b, atr_word key, atr_word *there);

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
