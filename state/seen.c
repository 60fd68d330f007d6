/* The table of pairs (seen.h): sets of four, in each the oldest goes first. */
#include "seen.h"

#include <string.h>

#include <atrium/memory.h>

enum { SETS = 2048, WAYS = 4, SET_BITS = 11 };

static atr_seen_pair *set_of(const atr_seen *seen, const void *a, const void *b, size_t depth)
{
    uint64_t hash =
        ((uint64_t)(uintptr_t)a * 0x9e3779b97f4a7c15u ^ (uint64_t)(uintptr_t)b ^ depth) *
        0xbf58476d1ce4e5b9u;
    return seen->pairs + (size_t)(hash >> (64 - SET_BITS)) * WAYS;
}

const atr_seen_pair *atr_seen_find(const atr_seen *seen, const void *a, const void *b, size_t depth)
{
    const atr_seen_pair *set = seen->pairs != NULL ? set_of(seen, a, b, depth) : NULL;
    for (size_t i = 0; set != NULL && i < WAYS; i++) {
        if (set[i].a == a && set[i].b == b && set[i].depth == depth) {
            return &set[i];
        }
    }
    return NULL;
}

void atr_seen_note(atr_seen *seen, atr_seen_pair pair)
{
    size_t bytes = sizeof *seen->pairs * SETS * WAYS;
    atr_seen_pair *set;
    if (seen->pairs == NULL && !seen->failed) {
        seen->pairs = atr_memory_take(bytes);
        seen->failed = seen->pairs == NULL;
        if (!seen->failed) {
            memset(seen->pairs, 0, bytes); /* NULL beside NULL is never noted */
        }
    }
    if (seen->failed) {
        return;
    }
    set = set_of(seen, pair.a, pair.b, pair.depth);
    memmove(set + 1, set, (WAYS - 1) * sizeof *set);
    set[0] = pair;
}

bool atr_seen_met(atr_seen *seen, const void *a, const void *b)
{
    if (atr_seen_find(seen, a, b, 0) != NULL) {
        return true;
    }
    atr_seen_note(seen, (atr_seen_pair){a, b, 0, 0});
    return false;
}

void atr_seen_free(atr_seen *seen)
{
    if (seen->pairs != NULL) {
        atr_memory_give(seen->pairs, sizeof *seen->pairs * SETS * WAYS);
    }
}
