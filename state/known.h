/* What a walk has found out about values that it may meet again: 128 bits of each. A value that several others refer
 * to is met once for each, what it refers to once for each of those, and so on: sixty levels of models, each with two
 * references to the next one, are few models and more paths than anybody can walk. So who has met many notes those
 * that follow.
 *
 * The table has a fixed number of places, in which what comes later takes the place of what came before (as in
 * seen.h). Values are told apart by their addresses: none of them dies during the walk. */
#ifndef ATR_STATE_KNOWN_H
#define ATR_STATE_KNOWN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct atr_known {
    const void *value; /* NULL: a free place */
    uint64_t low, high;
} atr_known;

/* Begins as all zero. */
typedef struct atr_knowns {
    atr_known *table; /* NULL: none noted yet, or no memory for it */
    size_t met;
    bool failed; /* there was no memory for the table: nothing is known */
} atr_knowns;

/* What is noted of the value; NULL: nothing. */
const atr_known *atr_knowns_find(const atr_knowns *all, const void *value);
/* Note it, if there have been many. */
void atr_knowns_note(atr_knowns *all, atr_known one);
void atr_knowns_free(atr_knowns *all);

#endif
