/* Turns: updates lie beside the confirmed values until they become those, all at once (rule T2). A commit
 * moves pointers and allocates nothing.
 *
 * Savepoints (rule T2a): each slot remembers, at its first update after the mark, what its working value
 * was. So a mark costs nothing, and an undo only what was updated since. */
#include "store.h"

#include "check.h"

static bool turn_required(const atr_store *store, const char *what)
{
    if (store->phase == ATR_STORE_TURN) {
        return true;
    }
    atr_store_violation(store, ATR_E_PHASE, "%s: no turn is open", what);
    return false;
}

const void *atr_slot_working(const atr_store *store, const atr_slot *slot, bool layer)
{
    bool own = store->phase == (layer ? ATR_STORE_FOLD : ATR_STORE_TURN);
    if (own && slot->working != NULL) {
        return slot->working;
    }
    return own && layer && slot->folded != NULL ? slot->folded : slot->confirmed;
}

static bool slot_show(atr_store *store, atr_slot *slot, const void *value, atr_dead *dead)
{
    if (slot->visible == value) {
        return false;
    }
    atr_hold_(value);
    atr_release_(dead, slot->visible);
    slot->visible = value;
    slot->changed = store->epoch + 1;
    if (!slot->shown) {
        slot->shown = true;
        store->shown[store->shown_count++] = slot->index;
    }
    return true;
}

bool atr_slot_show(atr_store *store, atr_slot *slot, const void *value, atr_dead *dead)
{
    return slot_show(store, slot, value, dead);
}

/* ---- updates ---- */

int atr_slot_put(atr_store *store, atr_slot *slot, atr_scope *s, const void *value)
{
    const void *old = slot->working;
    if (slot->saved_at != store->mark) {
        if (slot->saved != NULL) {
            atr_value_release(slot->saved);
        }
        slot->saved = old;
        slot->saved_at = store->mark;
    } else if (old != NULL) {
        if (s != NULL && atr_scope_hold(s, old) != ATR_OK) {
            return ATR_E_NO_MEMORY;
        }
        atr_value_release(old);
    }
    if (!slot->touched) {
        slot->touched = true;
        store->touched[store->touched_count++] = slot->index;
    }
    if (store->folding != NULL) {
        slot->touched_by |= store->folding->bit;
    }
    atr_hold_(value);
    slot->working = value;
    return ATR_OK;
}

static int update_check(const atr_ctx *ctx)
{
    if (!atr_ctx_usable(ctx, "ATR_UPDATE")) {
        return ATR_E_PHASE;
    }
    if (ctx->kind != ATR_CTX_FINISH ||
        ctx->store->phase != (ctx->front.is_layer ? ATR_STORE_FOLD : ATR_STORE_TURN)) {
        atr_store_violation(ctx->store, ATR_E_PHASE, "ATR_UPDATE: no turn is open");
        return ATR_E_PHASE;
    }
    return ctx->front.scope->front.error != NULL ? ATR_E_LATCHED : ATR_OK;
}

static const char *update_fault(const atr_scope *s, const atr_root *root, const void *next)
{
    if (next == NULL) {
        return "is NULL";
    }
    if (!s->front.careful && ((const atr_head *)next)->model == root->model && atr_fit_(s, next)) {
        return NULL;
    }
    return atr_value_fault(s, next, root->model);
}

int atr_root_update(atr_write *write, const atr_root *root, const void *next)
{
    atr_ctx *ctx = atr_write_ctx(write);
    int code = update_check(ctx);
    atr_slot *slot = code == ATR_OK ? atr_store_slot(ctx->store, root, "ATR_UPDATE") : NULL;
    const char *fault;
    if (slot == NULL) {
        return code != ATR_OK ? code
                              : atr_refuse(ctx->front.scope, ATR_E_NOT_FOUND,
                                           "root %s is not registered", root->name);
    }
    fault = update_fault(ctx->store->scope, root, next);
    if (fault != NULL) {
        return atr_refuse(ctx->front.scope, ATR_E_REFUSED, "root %s: the value %s", root->name,
                          fault);
    }
    return atr_slot_put(ctx->store, slot, ctx->front.scope, next);
}

/* ---- savepoints ---- */

int atr_turn_begin(atr_store *store)
{
    if (!atr_store_on_thread(store, "atr_turn_begin")) {
        return ATR_E_THREAD;
    }
    if (store->phase != ATR_STORE_REST) {
        return ATR_E_PHASE;
    }
    store->phase = ATR_STORE_TURN;
    store->mark++;
    return ATR_OK;
}

void atr_turn_mark(atr_store *store)
{
    if (turn_required(store, "atr_turn_mark")) {
        store->mark++;
    }
}

void atr_turn_undo(atr_store *store)
{
    atr_dead dead = {NULL};
    if (!turn_required(store, "atr_turn_undo")) {
        return;
    }
    for (size_t i = 0; i < store->touched_count; i++) {
        atr_slot *slot = &store->slots[store->touched[i]];
        if (slot->saved_at == store->mark) {
            atr_release_(&dead, slot->working);
            slot->working = slot->saved;
            slot->saved = NULL;
            slot->saved_at = 0;
        }
    }
    atr_layers_undrop(store, store->mark);
    atr_dead_run(&dead);
}

/* ---- the end of a turn ---- */

/* What a slot's updates have come to is confirmed, and visible unless there are layers. */
static bool slot_commit(atr_store *store, atr_slot *slot, bool layers, atr_dead *dead)
{
    const void *next = slot->working;
    if (next == NULL) {
        return false;
    }
    slot->working = NULL;
    atr_release_(dead, slot->confirmed);
    slot->confirmed = next;
    return !layers && slot_show(store, slot, next, dead);
}

static void slot_forget(atr_slot *slot, atr_dead *dead)
{
    atr_release_(dead, slot->working);
    atr_release_(dead, slot->saved);
    slot->working = NULL;
    slot->saved = NULL;
    slot->saved_at = 0;
    slot->touched = false;
}

void atr_touched_clear(atr_store *store, atr_dead *dead)
{
    for (size_t i = 0; i < store->touched_count; i++) {
        slot_forget(&store->slots[store->touched[i]], dead);
    }
    store->touched_count = 0;
}

void atr_turn_commit(atr_store *store)
{
    atr_dead dead = {NULL};
    bool layers, changed = false;
    if (!turn_required(store, "atr_turn_commit")) {
        return;
    }
    if (store->layer_first != NULL) {
        atr_layers_commit(store);
    }
    layers = store->layer_bits != 0 || store->layered;
    for (size_t i = 0; i < store->touched_count; i++) {
        atr_slot *slot = &store->slots[store->touched[i]];
        changed |= slot_commit(store, slot, layers, &dead);
        slot_forget(slot, &dead);
    }
    store->touched_count = 0;
    store->epoch += changed;
    store->phase = ATR_STORE_REST;
    store->refold_due = false;
    store->stats.turns++;
    atr_dead_run(&dead);
    if (layers) {
        atr_layers_fold(store);
    }
}

void atr_turn_abort(atr_store *store)
{
    atr_dead dead = {NULL};
    if (!turn_required(store, "atr_turn_abort")) {
        return;
    }
    atr_touched_clear(store, &dead);
    atr_layers_undrop(store, 0);
    store->phase = ATR_STORE_REST;
    store->stats.aborted++;
    atr_dead_run(&dead);
    if (store->refold_due) {
        atr_store_refold(store);
    }
}

bool atr_turn_is_open(const atr_store *store)
{
    return store->phase != ATR_STORE_REST;
}

void atr_turn_reset(atr_store *store, const void *group)
{
    uint64_t layers = 0;
    if (!turn_required(store, "atr_turn_reset")) {
        return;
    }
    for (size_t i = 0; i < store->slot_count; i++) {
        atr_slot *slot = &store->slots[i];
        if (group == NULL || slot->group == group) {
            atr_slot_put(store, slot, NULL, slot->root->initial);
            layers |= slot->touched_by;
        }
    }
    atr_layers_drop(store, layers);
}
