/* Turns: updates lie beside the confirmed values until they become those, all at once (rule T2). A commit
 * moves pointers and allocates nothing.
 *
 * Savepoints (rule T2a): each slot remembers, at its first update after the mark, what its working value
 * was. So a mark costs nothing, and an undo only what was updated since. */
#include "contexts.h"

#include "check.h"

ATR_COLD static bool turn_missing(const atr_store *store, const char *what)
{
    atr_store_violation(store, ATR_E_PHASE, "%s: no turn is open", what);
    return false;
}

static inline bool turn_required(const atr_store *store, const char *what)
{
    return store->phase == ATR_STORE_TURN || turn_missing(store, what);
}

/* Give a slot other values, all borrowed. */
static void slot_set(atr_slot *slot, const void *confirmed, const void *visible,
                     const void *notified, atr_dead *dead)
{
    const void *old[] = {slot->confirmed, slot->visible != slot->confirmed ? slot->visible : NULL,
                         slot->notified != slot->visible ? slot->notified : NULL};
    atr_hold_(confirmed);
    atr_hold_(visible != confirmed ? visible : NULL);
    atr_hold_(notified != visible ? notified : NULL);
    slot->confirmed = confirmed;
    slot->visible = visible;
    slot->notified = notified;
    for (size_t i = 0; i < sizeof old / sizeof *old; i++) {
        atr_release_(dead, old[i]);
    }
}

static inline void slot_note_shown(atr_store *store, atr_slot *slot)
{
    slot->changed = store->epoch + 1;
    if (!slot->shown) {
        slot->shown = true;
        store->shown[store->shown_count++] = slot->index;
    }
}

bool atr_slot_show(atr_store *store, atr_slot *slot, const void *value, atr_dead *dead)
{
    if (slot->visible == value) {
        return false;
    }
    slot_set(slot, slot->confirmed, value, slot->notified, dead);
    slot_note_shown(store, slot);
    return true;
}

/* ---- updates ---- */

/* What a callback has displaced of its own goes when s closes (s may be NULL); what was there before it is
 * kept for an undo. false: out of memory. */
static bool slot_displace(const atr_store *store, atr_slot *slot, atr_scope *s)
{
    const void *old = slot->working;
    if (slot->saved_at != store->mark) {
        atr_let_go(slot->saved);
        slot->saved = old;
        slot->saved_at = store->mark;
        return true;
    }
    if (s != NULL && atr_scope_hold(s, old) != ATR_OK) {
        return false;
    }
    atr_let_go(old);
    return true;
}

static inline void slot_touch(atr_store *store, atr_slot *slot)
{
    if (!slot->touched) {
        slot->touched = true;
        store->touched[store->touched_count++] = slot->index;
    }
}

/* The value's count is the caller's to add. */
static int slot_put(atr_store *store, atr_slot *slot, atr_scope *s, const void *value)
{
    if (!slot_displace(store, slot, s)) {
        return ATR_E_NO_MEMORY;
    }
    slot_touch(store, slot);
    if (store->folding != NULL) {
        slot->touched_by |= store->folding->bit;
    }
    slot->working = value;
    return slot->fields == NULL ? ATR_OK : atr_ahead_fetch(store, slot->fields);
}

static int update_check(const atr_ctx *ctx)
{
    if (!atr_ctx_usable(ctx, "ATR_UPDATE")) {
        return ATR_E_PHASE;
    }
    if (ctx->front.kind != ATR_CTX_FINISH ||
        ctx->store->phase != (ctx->front.is_layer ? ATR_STORE_FOLD : ATR_STORE_TURN)) {
        atr_store_violation(ctx->store, ATR_E_PHASE, "ATR_UPDATE: no turn is open");
        return ATR_E_PHASE;
    }
    return ctx->front.scope->front.error != NULL ? ATR_E_LATCHED : ATR_OK;
}

/* In stores that are not checked that is all. */
static inline bool update_fits(const atr_scope *s, const atr_root *root, const void *next)
{
    return next != NULL && ((const atr_head *)next)->model == root->model && atr_fit_(s, next);
}

/* On success the value's count is the caller's to add. */
ATR_NOINLINE static int root_update(atr_ctx *ctx, const atr_root *root, const void *next)
{
    int code = update_check(ctx);
    atr_slot *slot;
    if (code != ATR_OK) {
        return code;
    }
    slot = atr_store_slot(ctx->store, root, "ATR_UPDATE");
    if (slot == NULL) {
        return atr_refuse(ctx->front.scope, ATR_E_NOT_FOUND, "root %s is not registered",
                          root->name);
    }
    if (ctx->store->pool->checked || !update_fits(ctx->store->scope, root, next)) {
        const char *fault =
            next == NULL ? "is NULL" : atr_value_fault(ctx->store->scope, next, root->model);
        if (fault != NULL) {
            return atr_refuse(ctx->front.scope, ATR_E_REFUSED, "root %s: the value %s", root->name,
                              fault);
        }
    }
    return slot_put(ctx->store, slot, ctx->front.scope, next);
}

int atr_root_update(atr_write *write, const atr_root *root, const void *next)
{
    int code = root_update(atr_write_ctx(write), root, next);
    if (code == ATR_OK) {
        atr_hold_(next);
    }
    return code;
}

/* Nothing leaves a latched scope (rule S4): what was made in one may be the default object. */
ATR_COLD static int update_refuse(const atr_ctx *ctx)
{
    int code = update_check(ctx);
    return code != ATR_OK ? code : ATR_E_LATCHED;
}

ATR_COLD static int root_update_loose(atr_ctx *ctx, const atr_scope *s, const atr_root *root,
                                      const void *next)
{
    int code = atr_latched_(s) ? update_refuse(ctx) : root_update(ctx, root, next);
    if (code != ATR_OK) {
        atr_let_go(next);
    }
    return code;
}

/* Mostly it is the first update of the root that was read last, in a turn where all is well. */
int atr_root_update_loose(atr_write *write, const atr_scope *s, const atr_root *root,
                          const void *next)
{
    atr_ctx *ctx = atr_write_ctx(write);
    atr_store *store;
    atr_slot *slot;
    if (!atr_ctx_is_here(ctx)) {
        return root_update_loose(ctx, s, root, next);
    }
    store = ctx->store;
    slot = store->recent;
    if (store->phase != ATR_STORE_TURN || ctx->front.kind != ATR_CTX_FINISH ||
        s != ctx->front.scope || s->front.error != NULL || slot == NULL || slot->root != root ||
        slot->touched || !update_fits(s, root, next)) {
        return root_update_loose(ctx, s, root, next);
    }
    slot_touch(store, slot);
    slot->saved_at = store->mark;
    slot->working = next;
    return slot->fields == NULL ? ATR_OK : atr_ahead_fetch(store, slot->fields);
}

/* ---- savepoints ---- */

ATR_COLD static int begin_refuse(const atr_store *store)
{
    return atr_store_on_thread(store, "atr_turn_begin") ? ATR_E_PHASE : ATR_E_THREAD;
}

int atr_turn_begin(atr_store *store)
{
    if (!atr_store_is_here(store) || store->phase != ATR_STORE_REST) {
        return begin_refuse(store);
    }
    store->phase = ATR_STORE_TURN;
    store->mark++;
    return ATR_OK;
}

ATR_COLD static atr_ctx *begin_slowly(atr_ctx *ctx)
{
    ctx = atr_ctx_resume(ctx);
    atr_turn_begin(ctx->store);
    return ctx;
}

atr_ctx *atr_turn_begin_in(atr_ctx *ctx)
{
    atr_store *store = ctx->store;
    if (store->hindered || store->phase != ATR_STORE_REST) {
        return begin_slowly(ctx);
    }
    store->phase = ATR_STORE_TURN;
    store->mark++;
    atr_ctx_resume_here(store, ctx);
    return ctx;
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
    bool shows = !layers && slot->visible != next;
    slot->touched = false;
    atr_release_(dead, slot->saved);
    slot->saved = NULL;
    if (next == NULL) {
        return false;
    }
    slot->working = NULL;
    slot_set(slot, next, layers ? slot->visible : next, slot->notified, dead);
    atr_release_(dead, next); /* the count that came with the update */
    if (shows) {
        slot_note_shown(store, slot);
    }
    return shows;
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

ATR_NOINLINE static void commit_all(atr_store *store)
{
    atr_dead dead = {NULL};
    bool layers, changed = false;
    if (store->layer_first != NULL) {
        atr_layers_commit(store);
    }
    layers = store->layer_bits != 0 || store->layered;
    for (size_t i = 0; i < store->touched_count; i++) {
        changed |= slot_commit(store, &store->slots[store->touched[i]], layers, &dead);
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

/* Of a slot that was updated once since a round last looked, and has no layers: nothing dies, as what there
 * was passes from what is confirmed to what was notified, with its count. */
static inline bool slot_commit_first(atr_store *store, atr_slot *slot)
{
    const void *old = slot->confirmed;
    if (slot->saved != NULL || slot->working == NULL || slot->working == old ||
        slot->visible != old || slot->notified != old) {
        return false;
    }
    slot->confirmed = slot->working;
    slot->visible = slot->working;
    slot->working = NULL;
    slot->touched = false;
    slot_note_shown(store, slot);
    return true;
}

/* Mostly one root has been updated. */
void atr_turn_commit(atr_store *store)
{
    atr_slot *slot;
    if (store->phase != ATR_STORE_TURN) {
        turn_missing(store, "atr_turn_commit");
        return;
    }
    if (store->layer_first != NULL || store->layered || store->touched_count != 1) {
        commit_all(store);
        return;
    }
    slot = store->recent; /* that one, if it was read last */
    if (slot == NULL || !slot->touched) {
        slot = &store->slots[store->touched[0]];
    }
    if (!slot_commit_first(store, slot)) {
        commit_all(store);
        return;
    }
    store->touched_count = 0;
    store->epoch++;
    store->phase = ATR_STORE_REST;
    store->refold_due = false;
    store->stats.turns++;
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
        store->refold_due = false;
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
            slot_put(store, slot, NULL, slot->root->initial); /* immortal: no count */
            layers |= slot->touched_by;
        }
    }
    atr_layers_drop(store, layers);
}
