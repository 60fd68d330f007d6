/* What differs between two ordered maps or sets of one type. */
#ifndef ATR_STATE_OMAP_DIFF_H
#define ATR_STATE_OMAP_DIFF_H

#include <atrium/ordered_map.h>

#include "map_diff.h"

/* As atr_map_change_fn, with the rows: how many entries of either map are before the key. */
typedef void (*atr_omap_change_fn)(void *user, atr_word key, const atr_word *was,
                                   const atr_word *now, uint32_t was_row, uint32_t row);

/* Call fn for every key that differs, in their order, until it sets *enough. Returns how many nodes and changes
 * were visited. */
size_t atr_omap_changes_all(const atr_omap *was, const atr_omap *now, const bool *enough,
                            atr_omap_change_fn fn, void *user);

/* As atr_map_changes, for ordered maps; keys come in their order. */
bool atr_omap_changes(const atr_omap *was, const atr_omap *now, size_t limit, atr_map_change_fn fn,
                      void *user);

#endif
