/* Layers: visible state is the pending layers folded over the confirmed one, the oldest first. Each fold
 * begins anew from the confirmed values, so a rollback needs nothing but the removal of its layer. */
#include "store.h"

static bool resting_required(const atr_store *store, const char *what)
{
    if (store->phase != ATR_STORE_FOLD) {
        return true;
    }
    atr_store_violation(store, ATR_E_PHASE, "%s: layers are being folded", what);
    return false;
}

static uint64_t free_bit(const atr_store *store)
{
    uint64_t bit = 1;
    while ((store->layer_bits & bit) != 0) {
        bit <<= 1;
    }
    return bit;
}

atr_layer *atr_layer_add(atr_store *store, void *flight)
{
    atr_layer *layer = NULL;
    if (!resting_required(store, "atr_layer_add")) {
        return NULL;
    }
    if (store->stats.layers < ATR_LAYERS_MAX) {
        layer = atr_memory_take(sizeof *layer);
    }
    if (layer == NULL) {
        return NULL;
    }
    *layer = (atr_layer){.flight = flight, .below = store->layer_last, .bit = free_bit(store)};
    if (layer->below != NULL) {
        layer->below->above = layer;
    } else {
        store->layer_first = layer;
    }
    store->layer_last = layer;
    store->layer_bits |= layer->bit;
    store->stats.layers++;
    return layer;
}

static void layer_free(atr_layer *layer)
{
    atr_layer_forget(layer);
    atr_memory_give(layer->effects, layer->capacity * sizeof *layer->effects);
    atr_memory_give(layer, sizeof *layer);
}

/* From now on it is not folded any more. */
static void layer_retire(atr_store *store, atr_layer *layer)
{
    if (layer->bit == 0) {
        return;
    }
    for (size_t i = 0; i < store->slot_count; i++) {
        store->slots[i].touched_by &= ~layer->bit;
    }
    store->layer_bits &= ~layer->bit;
    store->stats.layers--;
    layer->bit = 0;
    atr_layer_forget(layer);
}

void atr_layer_remove(atr_store *store, atr_layer *layer)
{
    if (layer == NULL || !resting_required(store, "atr_layer_remove")) {
        return;
    }
    layer_retire(store, layer);
    if (layer->below != NULL) {
        layer->below->above = layer->above;
    } else {
        store->layer_first = layer->above;
    }
    if (layer->above != NULL) {
        layer->above->below = layer->below;
    } else {
        store->layer_last = layer->below;
    }
    layer_free(layer);
}

bool atr_layer_is_live(const atr_layer *layer)
{
    return layer != NULL && layer->bit != 0 && layer->dropped_at == 0;
}

void atr_layers_free(atr_store *store)
{
    while (store->layer_first != NULL) {
        atr_layer *above = store->layer_first->above;
        layer_free(store->layer_first);
        store->layer_first = above;
    }
}

/* ---- resets drop layers, with the turn ---- */

void atr_layers_drop(atr_store *store, uint64_t bits)
{
    for (atr_layer *layer = store->layer_first; layer != NULL; layer = layer->above) {
        if ((layer->bit & bits) != 0 && layer->dropped_at == 0) {
            layer->dropped_at = store->mark;
        }
    }
}

void atr_layers_undrop(atr_store *store, uint64_t mark)
{
    for (atr_layer *layer = store->layer_first; layer != NULL; layer = layer->above) {
        if (layer->bit != 0 && (mark == 0 || layer->dropped_at == mark)) {
            layer->dropped_at = 0;
        }
    }
}

void atr_layers_commit(atr_store *store)
{
    for (atr_layer *layer = store->layer_first; layer != NULL; layer = layer->above) {
        if (layer->dropped_at != 0) {
            layer_retire(store, layer);
        }
    }
}
