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
    atr_memory_give(layer, sizeof *layer);
}

bool atr_layer_is_live(const atr_layer *layer)
{
    return layer != NULL && layer->bit != 0 && layer->dropped_at == 0;
}

void atr_layers_free(atr_store *store)
{
    while (store->layer_first != NULL) {
        atr_layer *above = store->layer_first->above;
        atr_memory_give(store->layer_first, sizeof *above);
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

/* ---- folding ---- */

static bool layer_run(atr_store *store, const atr_layer *layer, atr_scope *s)
{
    atr_scope_mark mark = atr_scope_mark_set(s);
    atr_ctx *ctx = atr_ctx_open(store, ATR_CTX_FINISH, s, NULL);
    if (ctx != NULL && store->host.fold != NULL) {
        atr_finish f = {s, ctx, atr_ctx_run(ctx), atr_ctx_write(ctx), true};
        ctx->front.is_layer = true;
        store->host.fold(store->host.self, layer->flight, &f);
    }
    atr_ctx_close(ctx);
    return atr_scope_mark_end(s, mark) == NULL && ctx != NULL;
}

/* What a layer that failed has updated is forgotten; the layer stays pending. */
static void layer_fold(atr_store *store, const atr_layer *layer, atr_scope *s, atr_dead *dead)
{
    bool good;
    store->mark++;
    store->folding = layer;
    good = layer_run(store, layer, s);
    store->folding = NULL;
    for (size_t i = 0; good && i < store->touched_count; i++) {
        atr_slot *slot = &store->slots[store->touched[i]];
        atr_release_(dead, slot->folded);
        slot->folded = slot->working;
        slot->working = NULL;
    }
    atr_touched_clear(store, dead);
}

/* An equal result of an earlier fold stays, so that views need not run again. */
static void show_folded(atr_store *store, atr_dead *dead)
{
    bool changed = false;
    store->layered = false;
    for (size_t i = 0; i < store->slot_count; i++) {
        atr_slot *slot = &store->slots[i];
        if (slot->folded == NULL) {
            changed |= atr_slot_show(store, slot, slot->confirmed, dead);
            continue;
        }
        store->layered = true;
        if (!atr_equal(slot->folded, slot->visible)) {
            changed |= atr_slot_show(store, slot, slot->folded, dead);
        }
        atr_release_(dead, slot->folded);
        slot->folded = NULL;
    }
    store->epoch += changed;
}

void atr_layers_fold(atr_store *store)
{
    atr_dead dead = {NULL};
    atr_scope *s = store->layer_bits != 0 ? atr_pool_scope(store->pool) : NULL;
    store->phase = ATR_STORE_FOLD;
    store->refold_due = false;
    for (atr_layer *layer = store->layer_first; s != NULL && layer != NULL; layer = layer->above) {
        if (layer->bit != 0) {
            layer_fold(store, layer, s, &dead);
        }
    }
    show_folded(store, &dead);
    store->phase = ATR_STORE_REST;
    atr_dead_run(&dead);
    atr_scope_close(s);
}

void atr_store_refold(atr_store *store)
{
    if (!atr_store_on_thread(store, "atr_store_refold")) {
        return;
    }
    if (store->phase != ATR_STORE_REST) {
        store->refold_due = true;
        return;
    }
    if (store->layer_bits != 0 || store->layered) {
        atr_layers_fold(store);
    }
}
