/* Arrays that grow by doubling. */
#include <string.h>

#include "app_private.h"

enum { FIRST_CAPACITY = 4 };

void *array_grow(void *items, size_t *capacity, size_t item_bytes)
{
    size_t wider = *capacity == 0 ? FIRST_CAPACITY : *capacity * 2;
    void *grown = atr_memory_take(wider * item_bytes);
    if (grown == NULL) {
        return NULL;
    }
    if (*capacity > 0) {
        memcpy(grown, items, *capacity * item_bytes);
        atr_memory_give(items, *capacity * item_bytes);
    }
    *capacity = wider;
    return grown;
}
