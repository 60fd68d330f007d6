/* Folding layers. What a layer has read, and what it made of that, is remembered: while what it would read
 * is the same, its finish need not run again (it depends on nothing else: clock and randomness stand still
 * in it). So a commit runs those layers only whose roots it, or a layer below them, has changed.
 *
 * A fold that runs out of memory shows nothing: what was visible stays so, and it is tried again before
 * the next round, or with the next commit. */
#include "store.h"

#include <string.h>

enum { EFFECTS_FIRST = 2 };

/* ---- what is remembered ---- */

void atr_layer_forget(atr_layer *layer)
{
    atr_dead dead = {NULL};
    for (size_t i = 0; i < layer->effect_count; i++) {
        if (layer->effects[i].read != NULL) {
            atr_release_(&dead, layer->effects[i].read);
        }
        if (layer->effects[i].made != NULL) {
            atr_release_(&dead, layer->effects[i].made);
        }
    }
    layer->effect_count = 0;
    layer->known = false;
    atr_dead_run(&dead);
}

/* NULL: out of memory. */
static atr_effect *effect_new(atr_layer *layer)
{
    if (layer->effect_count == layer->capacity) {
        size_t capacity = layer->capacity == 0 ? EFFECTS_FIRST : layer->capacity * 2;
        atr_effect *grown = atr_memory_take(capacity * sizeof *grown);
        if (grown == NULL) {
            return NULL;
        }
        if (layer->effect_count > 0) {
            memcpy(grown, layer->effects, layer->effect_count * sizeof *grown);
        }
        atr_memory_give(layer->effects, layer->capacity * sizeof *grown);
        layer->effects = grown;
        layer->capacity = capacity;
    }
    return &layer->effects[layer->effect_count++];
}

/* Of the root in this place; without memory the layer is not known, and runs again next time. */
static atr_effect *effect_of(atr_layer *layer, uint32_t slot)
{
    atr_effect *effect;
    for (size_t i = 0; i < layer->effect_count; i++) {
        if (layer->effects[i].slot == slot) {
            return &layer->effects[i];
        }
    }
    effect = effect_new(layer);
    if (effect != NULL) {
        *effect = (atr_effect){.slot = slot};
    } else {
        layer->known = false;
    }
    return effect;
}

void atr_layer_note_read(atr_store *store, const atr_slot *slot, const void *version)
{
    atr_layer *layer = store->folding;
    atr_effect *effect = slot->working == NULL /* else it is the layer's own */
                             ? effect_of(layer, (uint32_t)(slot - store->slots))
                             : NULL;
    if (effect != NULL && effect->read == NULL) {
        atr_hold_(version);
        effect->read = version;
    }
}

static const void *input_of(const atr_slot *slot)
{
    return slot->folded != NULL ? slot->folded : slot->confirmed;
}

static bool same_inputs(const atr_store *store, const atr_layer *layer)
{
    for (size_t i = 0; i < layer->effect_count; i++) {
        const atr_effect *effect = &layer->effects[i];
        if (effect->read != NULL && effect->read != input_of(&store->slots[effect->slot])) {
            return false;
        }
    }
    return layer->known;
}

static void repeat(atr_store *store, const atr_layer *layer, atr_dead *dead)
{
    for (size_t i = 0; i < layer->effect_count; i++) {
        const atr_effect *effect = &layer->effects[i];
        atr_slot *slot = &store->slots[effect->slot];
        if (effect->made != NULL) {
            atr_hold_(effect->made);
            atr_release_(dead, slot->folded);
            slot->folded = effect->made;
        }
    }
}

/* ---- one layer ---- */

static const atr_error *layer_run(atr_store *store, const atr_layer *layer, atr_scope *s)
{
    atr_scope_mark mark = atr_scope_mark_set(s);
    atr_ctx *ctx = atr_ctx_open(store, ATR_CTX_FINISH, s, NULL);
    const atr_error *error;
    if (ctx != NULL && store->host.fold != NULL) {
        atr_finish f = {s, ctx, atr_ctx_run(ctx), atr_ctx_write(ctx), true};
        ctx->front.is_layer = true;
        store->host.fold(store->host.self, layer->flight, &f);
    }
    atr_ctx_close(ctx);
    error = atr_scope_mark_end(s, mark);
    return ctx != NULL ? error : &atr_error_no_memory;
}

static void take_working(atr_store *store, atr_layer *layer, atr_dead *dead)
{
    for (size_t i = 0; i < store->touched_count; i++) {
        atr_slot *slot = &store->slots[store->touched[i]];
        atr_effect *effect = effect_of(layer, store->touched[i]);
        atr_release_(dead, slot->folded);
        slot->folded = slot->working;
        slot->working = NULL;
        if (effect != NULL) {
            atr_hold_(slot->folded);
            effect->made = slot->folded;
        }
    }
}

/* What a layer that failed has updated is forgotten; the layer stays pending. false: out of memory. */
static bool layer_fold(atr_store *store, atr_layer *layer, atr_scope *s, atr_dead *dead)
{
    const atr_error *error;
    bool lost;
    if (same_inputs(store, layer)) {
        repeat(store, layer, dead);
        return true;
    }
    atr_layer_forget(layer);
    layer->known = true;
    store->mark++;
    store->folding = layer;
    error = layer_run(store, layer, s);
    store->folding = NULL;
    lost = atr_error_is(error, ATR_DOMAIN_ATRIUM, ATR_E_NO_MEMORY);
    layer->known &= !lost;
    if (error == NULL) {
        take_working(store, layer, dead);
    }
    atr_touched_clear(store, dead);
    return !lost;
}

/* ---- all of them ---- */

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

/* Out of memory: as if it had not begun. */
static void put_off(atr_store *store, atr_dead *dead)
{
    for (size_t i = 0; i < store->slot_count; i++) {
        atr_release_(dead, store->slots[i].folded);
        store->slots[i].folded = NULL;
    }
    store->layered = true;
    store->refold_due = true;
    store->untold = true;
}

static void host_folds(const atr_store *store, bool on)
{
    if (store->host.folding != NULL) {
        store->host.folding(store->host.self, on);
    }
}

/* What a layer leaves may do anything when it ends. false: out of memory. */
static bool fold_all(atr_store *store, atr_scope *s, atr_dead *dead)
{
    bool good = true;
    host_folds(store, true);
    for (atr_layer *layer = store->layer_first; good && layer != NULL; layer = layer->above) {
        good = layer->bit == 0 || layer_fold(store, layer, s, dead);
    }
    host_folds(store, false);
    return good;
}

void atr_layers_fold(atr_store *store)
{
    atr_dead dead = {NULL};
    atr_scope *s = store->layer_bits != 0 ? atr_pool_scope(store->pool) : NULL;
    store->phase = ATR_STORE_FOLD;
    store->refold_due = false;
    if (store->layer_bits == 0 || (s != NULL && fold_all(store, s, &dead))) {
        show_folded(store, &dead);
    } else {
        put_off(store, &dead);
    }
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
        store->untold |= store->phase == ATR_STORE_FOLD; /* in the next round */
        return;
    }
    if (store->layer_bits != 0 || store->layered) {
        atr_layers_fold(store);
    }
}
