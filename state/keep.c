/* Values held across callbacks (rule S2). What is dropped in a callback lives until that returns (rule
 * S1); the room to remember it is made when it is kept, so that a drop cannot fail. In a layer only
 * updates count: both do nothing there. */
#include "store.h"

#include <string.h>

#include "check.h"

enum { DROPPED_FIRST = 16 };

static bool dropped_reserve(atr_store *store)
{
    size_t needed = store->kept + store->dropped_count + 1;
    size_t capacity = store->dropped_capacity == 0 ? DROPPED_FIRST : store->dropped_capacity * 2;
    atr_dropped *grown;
    if (needed <= store->dropped_capacity) {
        return true;
    }
    grown = atr_memory_take(capacity * sizeof *grown);
    if (grown == NULL) {
        return false;
    }
    if (store->dropped_count > 0) {
        memcpy(grown, store->dropped, store->dropped_count * sizeof *grown);
    }
    atr_memory_give(store->dropped, store->dropped_capacity * sizeof *grown);
    store->dropped = grown;
    store->dropped_capacity = capacity;
    return true;
}

static int refuse_value(const atr_store *store, const char *what, const void *value)
{
    const char *fault = atr_value_fault(store->scope, value, NULL);
    if (fault != NULL) {
        atr_store_violation(store, ATR_E_REFUSED, "%s: the value %s", what, fault);
    }
    return fault != NULL ? ATR_E_REFUSED : ATR_OK;
}

int atr_keep(atr_store *store, const void *value)
{
    const atr_ctx *innermost;
    if (store == NULL || value == NULL) {
        return value == NULL ? ATR_OK : ATR_E_INVALID;
    }
    if (!atr_store_on_thread(store, "atr_keep")) {
        return ATR_E_THREAD;
    }
    innermost = store->innermost;
    if (innermost != NULL && atr_scope_error(innermost->front.scope) != NULL) {
        return ATR_E_LATCHED;
    }
    if (store->phase == ATR_STORE_FOLD) {
        return ATR_OK;
    }
    if (refuse_value(store, "atr_keep", value) != ATR_OK) {
        return ATR_E_REFUSED;
    }
    if (!dropped_reserve(store)) {
        return ATR_E_NO_MEMORY;
    }
    atr_hold_(value);
    store->kept++;
    return ATR_OK;
}

void atr_drop(atr_store *store, const void *value)
{
    if (store == NULL || value == NULL || !atr_store_on_thread(store, "atr_drop") ||
        store->phase == ATR_STORE_FOLD || refuse_value(store, "atr_drop", value) != ATR_OK) {
        return;
    }
    if (store->kept == 0) {
        atr_store_violation(store, ATR_E_PHASE, "atr_drop: no value is kept");
        return;
    }
    store->kept--;
    if (store->innermost != NULL) {
        store->dropped[store->dropped_count++] = (atr_dropped){store->innermost, value};
        store->hindered = true;
    } else {
        atr_value_release(value);
    }
}

/* ctx NULL: of all contexts. */
void atr_dropped_release(atr_store *store, const atr_ctx *ctx)
{
    atr_dead dead = {NULL};
    size_t rest = 0;
    for (size_t i = 0; i < store->dropped_count; i++) {
        if (ctx == NULL || store->dropped[i].ctx == ctx) {
            atr_release_(&dead, store->dropped[i].value);
        } else {
            store->dropped[rest++] = store->dropped[i];
        }
    }
    store->dropped_count = rest;
    store->hindered = rest > 0 || store->pool->checked;
    atr_dead_run(&dead);
}
