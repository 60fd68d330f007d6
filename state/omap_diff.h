/* What differs between two ordered maps or sets of one type. */
#ifndef ATR_STATE_OMAP_DIFF_H
#define ATR_STATE_OMAP_DIFF_H

#include <atrium/ordered_map.h>

#include "map_diff.h"

/* As atr_map_changes, for ordered maps; keys come in their order. */
bool atr_omap_changes(const atr_omap *was, const atr_omap *now, size_t limit, atr_map_change_fn fn,
                      void *user);

#endif
