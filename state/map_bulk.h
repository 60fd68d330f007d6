/* Many entries at once: dealt out by the digits of their keys, level by level, so that each node of a trie is
 * made once, in its final size. */
#ifndef ATR_STATE_MAP_BULK_H
#define ATR_STATE_MAP_BULK_H

#include "map_node.h"

/* Entries to be dealt out, several of one key in the order in which they came: the value of the last one counts,
 * with the key of the first. Dealing needs room for as many. Entries of a lot change places, never contents. */
typedef struct atr_map_lot {
    atr_map_entry *entries, *room;
    uint32_t *hashes, *hash_room; /* of text keys, whose hashes lie far off; else NULL */
    uint32_t count;
} atr_map_lot;

/* The entries of digit d lie from from[d] to end[d], if there are any. */
typedef struct atr_map_deal {
    uint32_t from[ATR_MAP_WIDTH], end[ATR_MAP_WIDTH];
    uint32_t one, more; /* digits with one key, with several */
} atr_map_deal;

/* Take the room. false: no memory. */
bool atr_map_lot_begin(atr_map_lot *lot, const atr_map_kind *kind, atr_map_entry *entries,
                       uint32_t count);
void atr_map_lot_end(atr_map_lot *lot);

void atr_map_deal_out(atr_map_deal *d, const atr_map_lot *lot, uint32_t level);
/* Those of a digit. */
atr_map_lot atr_map_lot_of(const atr_map_lot *lot, const atr_map_deal *d, uint32_t digit);
/* Sort those of one hash by bytes. */
void atr_map_lot_sort(const atr_map_lot *lot);
/* In a sorted lot: behind the last one with the key of the one at `at`. */
uint32_t atr_map_lot_run(const atr_map_lot *lot, uint32_t at);

/* The node on a level of entries of several keys, or the root of any; what they refer to is not held yet. *size
 * grows by the number of keys. NULL: no memory. */
atr_map_node *atr_map_build(atr_pool *pool, const atr_map_kind *kind, const atr_map_lot *lot,
                            uint32_t level, size_t *size);
/* Hold what all entries in and below the node refer to. */
void atr_map_hold_entries(const atr_map_node *node);

static inline atr_map_entry atr_map_lot_entry(const atr_map_lot *lot, uint32_t first, uint32_t end)
{
    return (atr_map_entry){lot->entries[first].key, lot->entries[end - 1].value};
}

#endif
