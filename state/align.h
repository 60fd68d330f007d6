/* What two sequences have in common, in order. */
#ifndef ATR_STATE_ALIGN_H
#define ATR_STATE_ALIGN_H

#include <stddef.h>
#include <stdint.h>

enum {
    ATR_ALIGN_EDITS = 1000,  /* up to so many the common part is the longest there is */
    ATR_ALIGN_GAP_EDITS = 32 /* beyond, the same between two items that occur once */
};

typedef struct atr_sequence {
    const uint32_t *items; /* numbers that stand for the items */
    uint32_t count;
    uint8_t *lone; /* all 0; becomes 1 for each item that is not in common */
} atr_sequence;

/* Find the common part. The numbers of the items are less than `numbers`. What is looked at is added to
 * *visited. Returns 0 or ATR_E_NO_MEMORY. */
int atr_align(const atr_sequence *a, const atr_sequence *b, uint32_t numbers, size_t *visited);

/* Of `count` places, each less than `end`, keep a longest ascending run: kept[i] becomes 1 for those in
 * it. A place of UINT32_MAX is none. room: 2 * count numbers. */
void atr_align_ascending(const uint32_t *places, uint32_t count, uint8_t *kept, uint32_t *room);

#endif
