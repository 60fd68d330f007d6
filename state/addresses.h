/* A table from addresses to numbers: open addressing, none is removed but with all. */
#ifndef ATR_STATE_ADDRESSES_H
#define ATR_STATE_ADDRESSES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct atr_address {
    const void *at; /* NULL: free */
    uintptr_t number;
} atr_address;

/* Zero is the empty table. */
typedef struct atr_addresses {
    atr_address *items;
    size_t count;
    size_t capacity; /* a power of two */
} atr_addresses;

/* Make room for one more. false: out of memory. */
bool atr_addresses_reserve(atr_addresses *table);
/* Add an address that is not in it; room was reserved. */
void atr_addresses_add(atr_addresses *table, const void *at, uintptr_t number);
/* Remove all; there is room for as many. */
void atr_addresses_empty(atr_addresses *table);
void atr_addresses_free(atr_addresses *table);

static inline size_t atr_addresses_place(const atr_addresses *table, const void *at)
{
    uint64_t mixed = (uint64_t)(uintptr_t)at * 0x9e3779b97f4a7c15u;
    size_t mask = table->capacity - 1, place = (size_t)(mixed >> 32) & mask;
    while (table->items[place].at != NULL && table->items[place].at != at) {
        place = (place + 1) & mask;
    }
    return place;
}

/* The number of an address; 0 when it is not there. */
static inline uintptr_t atr_addresses_find(const atr_addresses *table, const void *at)
{
    return table->count == 0 ? 0 : table->items[atr_addresses_place(table, at)].number;
}

#endif
