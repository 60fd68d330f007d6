#include "addresses.h"

#include <string.h>

#include <atrium/memory.h>

enum { CAPACITY_FIRST = 16 };

bool atr_addresses_reserve(atr_addresses *table)
{
    atr_addresses grown = {NULL, 0, table->capacity == 0 ? CAPACITY_FIRST : table->capacity * 2};
    if ((table->count + 1) * 2 <= table->capacity) {
        return true;
    }
    grown.items = atr_memory_take(grown.capacity * sizeof *grown.items);
    if (grown.items == NULL) {
        return false;
    }
    memset(grown.items, 0, grown.capacity * sizeof *grown.items);
    for (size_t i = 0; i < table->capacity; i++) {
        if (table->items[i].at != NULL) {
            atr_addresses_add(&grown, table->items[i].at, table->items[i].number);
        }
    }
    atr_addresses_free(table);
    *table = grown;
    return true;
}

void atr_addresses_add(atr_addresses *table, const void *at, uintptr_t number)
{
    table->items[atr_addresses_place(table, at)] = (atr_address){at, number};
    table->count++;
}

void atr_addresses_empty(atr_addresses *table)
{
    memset(table->items, 0, table->capacity * sizeof *table->items);
    table->count = 0;
}

void atr_addresses_free(atr_addresses *table)
{
    atr_memory_give(table->items, table->capacity * sizeof *table->items);
    *table = (atr_addresses){NULL, 0, 0};
}
