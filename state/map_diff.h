/* What differs between two maps of one type. */
#ifndef ATR_STATE_MAP_DIFF_H
#define ATR_STATE_MAP_DIFF_H

#include <atrium/map.h>
#include <atrium/pool.h>

/* One key that differs: was or now is NULL where it is not there; of sets both are the key itself. */
typedef void (*atr_map_change_fn)(void *user, atr_word key, const atr_word *was,
                                  const atr_word *now);

/* Call fn for every key whose value is another word (pointers: another value, though perhaps an
 * equal one), once, in no particular order. Nodes that both maps share are skipped, so that the
 * cost follows the change when one map came from the other.
 *
 * limit: how many nodes and changes may be visited, SIZE_MAX: all. false: it was not enough, and
 * keys are missing. */
bool atr_map_changes(const atr_map *was, const atr_map *now, size_t limit, atr_map_change_fn fn,
                     void *user);

/* The one key that differs, if one map was made from the other by giving that key another value, and their nodes
 * still say so: was and now point to its values. false: that is not known. `pool` is the calling thread's. */
typedef struct atr_map_change {
    atr_word key;
    const atr_word *was;
    const atr_word *now;
} atr_map_change;
bool atr_map_changed_one(const atr_pool *pool, const atr_map *was, const atr_map *now,
                         atr_map_change *change);

/* The same as atr_map_changes without a limit, until fn sets *enough. Returns how many nodes and changes were
 * visited. */
size_t atr_map_changes_all(const atr_map *was, const atr_map *now, const bool *enough,
                           atr_map_change_fn fn, void *user);

#endif
