/* The table of what is known (known.h): sets of four, in each the oldest goes first. */
#include "known.h"

#include <string.h>

#include <atrium/memory.h>

enum { NOTED_FROM = 4096, SETS = 2048, SET_BITS = 11, WAYS = 4 };

static atr_known *set_of(const atr_knowns *all, const void *value)
{
    uint64_t hash = (uint64_t)(uintptr_t)value * 0x9e3779b97f4a7c15u;
    return all->table + (size_t)(hash >> (64 - SET_BITS)) * WAYS;
}

const atr_known *atr_knowns_find(const atr_knowns *all, const void *value)
{
    const atr_known *set = all->table != NULL ? set_of(all, value) : NULL;
    for (size_t i = 0; set != NULL && i < WAYS; i++) {
        if (set[i].value == value) {
            return &set[i];
        }
    }
    return NULL;
}

void atr_knowns_note(atr_knowns *all, atr_known one)
{
    size_t bytes = sizeof *all->table * SETS * WAYS;
    atr_known *set;
    if (++all->met < NOTED_FROM || all->failed) {
        return;
    }
    if (all->table == NULL) {
        all->table = atr_memory_take(bytes);
        all->failed = all->table == NULL;
        if (all->failed) {
            return;
        }
        memset(all->table, 0, bytes);
    }
    set = set_of(all, one.value);
    memmove(set + 1, set, (WAYS - 1) * sizeof *set);
    set[0] = one;
}

void atr_knowns_free(atr_knowns *all)
{
    if (all->table != NULL) {
        atr_memory_give(all->table, sizeof *all->table * SETS * WAYS);
    }
}
