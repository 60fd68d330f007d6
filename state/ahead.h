/* Who watches a key is far in memory when many keys are watched, and a round knows the key only when it must go on
 * with it. But mostly a map is updated at one key, and then the root that holds it. So the first of these asks
 * for the place where the key is listed, and the second for who is found there: they come while the turn goes on. If it
 * was another map, that was in vain and no more. */
#ifndef ATR_STATE_AHEAD_H
#define ATR_STATE_AHEAD_H

#include <atrium/vector.h>

#include "bits.h"
#include "heap.h"

/* A key that subscriptions or watched views depend on. */
typedef struct atr_watched_key {
    atr_word key; /* text: owned */
    struct atr_watchers *watchers;
} atr_watched_key;

/* Where the keys of the field are listed of which a round last told one. */
typedef struct atr_ahead {
    const atr_model *map; /* of its values; NULL: there is none yet */
    uintptr_t places;     /* the address of the table, which may have gone since */
    uint32_t shift;
    uint32_t hash; /* of the key of the last update of such a map, */
    bool noted;    /* if no root has been updated since */
} atr_ahead;

/* The hash of a key that is watched: of a number, or of the hash of a text. */
static inline uint32_t atr_ahead_hash(uint64_t key)
{
    return (uint32_t)((key * 0x9e3779b97f4a7c15u) >> 32);
}

/* A map is made from another one by an update of this key. */
static inline void atr_ahead_note(const atr_pool *pool, const atr_model *map, uint64_t key)
{
    atr_ahead *ahead = pool->ahead;
    if (ahead != NULL && ahead->map == map) {
        uint32_t hash = atr_ahead_hash(key);
        uintptr_t place = ahead->places + (hash >> ahead->shift) * sizeof(atr_watched_key);
        ATR_PREFETCH((const void *)place);
        ahead->hash = hash;
        ahead->noted = true;
    }
}

#endif
