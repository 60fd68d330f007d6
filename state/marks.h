/* A bit for every element of a collection that stays in a filtered one. The test is asked once for each before
 * anything is made; then the few that go are removed, or the collection is built anew of those that stay. */
#ifndef ATR_STATE_MARKS_H
#define ATR_STATE_MARKS_H

#include <string.h>

#include "heap.h"

typedef struct atr_marks {
    atr_pool *pool; /* which has the bits: the test may jump */
    uint8_t *bits;
    size_t gone; /* how many do not stay */
} atr_marks;

/* For so many elements, none of which stays yet. false: no memory. */
static inline bool atr_marks_begin(atr_marks *m, atr_pool *pool, size_t count)
{
    size_t bytes = (count + 7) / 8;
    m->pool = pool;
    m->gone = count;
    m->bits = atr_room_take(pool, bytes);
    if (m->bits != NULL) {
        memset(m->bits, 0, bytes);
    }
    return m->bits != NULL;
}

static inline void atr_marks_end(atr_marks *m)
{
    atr_extra_give(m->pool, m->bits);
}

static inline void atr_marks_set(atr_marks *m, size_t i)
{
    m->bits[i / 8] |= (uint8_t)(1u << i % 8);
    m->gone--;
}

static inline bool atr_marks_stays(const atr_marks *m, size_t i)
{
    return (m->bits[i / 8] >> i % 8 & 1) != 0;
}

#endif
