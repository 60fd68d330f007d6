/* Pairs of values that were compared already. A value that several others refer to is met once for each, what
 * it refers to once for each of those, and so on: two values of sixty levels, each of which refers twice to
 * the next one, would be compared for years. So who has compared many pairs notes those that follow.
 *
 * The table has a fixed number of places, and what comes later takes the place of what came before: in a
 * walk that goes down first, a pair that is met again is mostly met soon. Counts would tell which values are
 * shared, but they are not read: another thread may own them. */
#ifndef ATR_STATE_SEEN_H
#define ATR_STATE_SEEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* So many pairs are compared before any is noted: most comparisons never get there. */
enum { ATR_SEEN_FROM = 4096 };

typedef struct atr_seen_pair {
    const void *a, *b;
    size_t depth; /* met there; where that does not count: 0 */
    size_t edits; /* found in it */
} atr_seen_pair;

/* Begins as all zero. */
typedef struct atr_seen {
    atr_seen_pair *pairs; /* NULL: none noted yet */
    size_t steps;
    bool failed; /* there was no memory for the table: all is compared */
} atr_seen;

/* What is noted of the pair; NULL: nothing. */
const atr_seen_pair *atr_seen_find(const atr_seen *seen, const void *a, const void *b,
                                   size_t depth);
void atr_seen_note(atr_seen *seen, atr_seen_pair pair);
void atr_seen_free(atr_seen *seen);

/* Another pair is to be compared: are there so many that it should be looked up and noted? */
static inline bool atr_seen_is_due(atr_seen *seen)
{
    return ++seen->steps > ATR_SEEN_FROM;
}

/* Was the pair met before? If not, note it. For who is done as soon as one pair differs. */
bool atr_seen_met(atr_seen *seen, const void *a, const void *b);

#endif
