/* The store: making it, its roots, its figures. Whatever a turn needs to commit is reserved when a root
 * is added. */
#include "store.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "check.h"

enum { SLOTS_FIRST = 8, VIOLATION_TEXT = 240 };

/* ---- violations ---- */

void atr_store_violation(const atr_store *store, int code, const char *format, ...)
{
    char text[VIOLATION_TEXT];
    va_list args;
    if (store->host.violation == NULL) {
        return;
    }
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    store->host.violation(store->host.self, code, text);
}

bool atr_store_off_thread(const atr_store *store, const char *what)
{
    atr_store_violation(store, ATR_E_THREAD, "%s: called on a thread that is not the store's",
                        what);
    return false;
}

/* ---- making ---- */

atr_store *atr_store_new(const atr_store_host *host)
{
    atr_store *store = atr_memory_take(sizeof *store);
    if (store == NULL) {
        return NULL;
    }
    memset(store, 0, sizeof *store);
    store->pool = atr_pool_new();
    store->scope = atr_pool_scope(store->pool);
    if (store->pool != NULL) {
        store->pool->stays = true;
        store->hindered = store->pool->checked;
    }
    if (store->scope == NULL) {
        atr_pool_close(store->pool);
        atr_memory_give(store, sizeof *store);
        return NULL;
    }
    if (host != NULL) {
        store->host = *host;
    }
    store->epoch = 1;
    store->mark = 1;
    atr_contexts_init(store);
    return store;
}

static void slots_free(atr_store *store)
{
    atr_dead dead = {NULL};
    for (size_t i = 0; i < store->slot_count; i++) {
        atr_slot *slot = &store->slots[i];
        atr_release_(&dead, slot->notified != slot->visible ? slot->notified : NULL);
        atr_release_(&dead, slot->visible != slot->confirmed ? slot->visible : NULL);
        atr_release_(&dead, slot->confirmed);
        atr_release_(&dead, slot->working);
        atr_release_(&dead, slot->saved);
        atr_release_(&dead, slot->folded);
        atr_watched_fields_free(slot);
    }
    atr_dead_run(&dead);
    atr_memory_give(store->slots, store->slot_capacity * sizeof *store->slots);
    atr_memory_give(store->touched, 2 * store->slot_capacity * sizeof *store->touched);
    atr_addresses_free(&store->roots);
}

/* All but the pool. */
static void parts_free(atr_store *store)
{
    store->closing = true;
    store->pool->ahead = NULL;
    atr_subs_free(store);
    if (store->kept > 0) {
        atr_store_violation(store, ATR_E_PHASE, "%zu kept values were not dropped (atr_keep)",
                            store->kept);
    }
    atr_dropped_release(store, NULL);
    atr_memory_give(store->dropped, store->dropped_capacity * sizeof *store->dropped);
    atr_layers_free(store);
    atr_memos_free(store);
    slots_free(store);
    atr_contexts_free(store);
}

void atr_store_free(atr_store *store)
{
    if (store != NULL) {
        parts_free(store);
        atr_pool_close(store->pool);
        atr_memory_give(store, sizeof *store);
    }
}

/* Wherever a callback may have been left, the store's own parts are in order. What the frames that are gone
 * had held is not: so the pool goes with all that is left in it. */
void atr_store_abandon(atr_store *store)
{
    for (uint32_t place = 1; place <= store->subs.count; place++) {
        atr_sub_at(store, place)->destroy = NULL;
    }
    store->host = (atr_store_host){.self = NULL};
    store->phase = ATR_STORE_REST;
    parts_free(store);
    atr_pool_abandon(store->pool);
    atr_memory_give(store, sizeof *store);
}

atr_pool *atr_store_pool(const atr_store *store)
{
    return store->pool;
}

void *atr_store_self(const atr_store *store)
{
    return store->host.self;
}

/* ---- roots ---- */

static bool slots_reserve(atr_store *store)
{
    size_t capacity = store->slot_capacity == 0 ? SLOTS_FIRST : store->slot_capacity * 2;
    atr_slot *slots;
    uint32_t *lists;
    if (!atr_addresses_reserve(&store->roots)) {
        return false;
    }
    if (store->slot_count < store->slot_capacity) {
        return true;
    }
    slots = atr_memory_take(capacity * sizeof *slots);
    lists = atr_memory_take(2 * capacity * sizeof *lists);
    if (slots == NULL || lists == NULL) {
        atr_memory_give(slots, capacity * sizeof *slots);
        atr_memory_give(lists, 2 * capacity * sizeof *lists);
        return false;
    }
    if (store->slot_count > 0) {
        memcpy(slots, store->slots, store->slot_count * sizeof *slots);
        memcpy(lists, store->touched, store->touched_count * sizeof *lists);
        memcpy(lists + capacity, store->shown, store->shown_count * sizeof *lists);
    }
    atr_memory_give(store->slots, store->slot_capacity * sizeof *slots);
    atr_memory_give(store->touched, 2 * store->slot_capacity * sizeof *lists);
    store->slots = slots;
    store->recent = NULL;
    store->touched = lists;
    store->shown = lists + capacity;
    store->slot_capacity = capacity;
    return true;
}

static const char *initial_fault(const atr_store *store, const atr_root *root)
{
    const atr_head *initial = root->initial;
    const char *fault;
    if (initial == NULL) {
        return "is NULL";
    }
    fault = atr_value_fault(store->scope, initial, root->model);
    if (fault == NULL && initial->count >= 0) {
        return "is not a static one";
    }
    return fault;
}

static int root_check(const atr_store *store, atr_scope *s, const atr_root *root)
{
    const char *fault;
    if (atr_addresses_find(&store->roots, root) != 0) {
        return atr_refuse(s, ATR_E_DEFINITION, "root %s is registered already", root->name);
    }
    if (atr_model_check(s, root->model) != ATR_OK) {
        return atr_scope_error(s)->code;
    }
    fault = initial_fault(store, root);
    if (fault != NULL) {
        return atr_refuse(s, ATR_E_DEFINITION, "root %s: its initial value %s", root->name, fault);
    }
    if (!atr_model_accept(s, root->model, root->initial)) {
        return ATR_E_DEFINITION;
    }
    return ATR_OK;
}

int atr_store_add_root(atr_store *store, atr_scope *s, const atr_root *root, const void *group)
{
    int code;
    if (!atr_store_on_thread(store, "atr_store_add_root")) {
        return ATR_E_THREAD;
    }
    code = root_check(store, s, root);
    if (code != ATR_OK) {
        return code;
    }
    if (!slots_reserve(store)) {
        return atr_scope_fail(s, &atr_error_no_memory);
    }
    store->slots[store->slot_count] = (atr_slot){
        .root = root,
        .index = (uint32_t)store->slot_count,
        .group = group,
        .confirmed = root->initial,
        .visible = root->initial,
        .notified = root->initial,
    };
    store->slot_count++;
    atr_addresses_add(&store->roots, root, store->slot_count);
    return ATR_OK;
}

void atr_store_drop_roots(atr_store *store, size_t count)
{
    if (!atr_store_on_thread(store, "atr_store_drop_roots") || count >= store->slot_count) {
        return;
    }
    store->slot_count = count;
    store->recent = NULL;
    atr_addresses_empty(&store->roots);
    for (size_t i = 0; i < count; i++) {
        atr_addresses_add(&store->roots, store->slots[i].root, i + 1);
    }
}

atr_slot *atr_store_slot_find(atr_store *store, const atr_root *root, const char *what)
{
    uintptr_t place = atr_addresses_find(&store->roots, root);
    if (place == 0) {
        atr_store_violation(store, ATR_E_NOT_FOUND, "%s: root %s is not registered", what,
                            root->name);
        return NULL;
    }
    if (!store->pool->checked) {
        store->recent = &store->slots[place - 1];
    }
    return &store->slots[place - 1];
}

/* ---- for tools and tests ---- */

size_t atr_store_root_count(const atr_store *store)
{
    return store->slot_count;
}

atr_root_state atr_store_root_at(const atr_store *store, size_t i)
{
    atr_root_state state = {NULL, NULL, NULL, NULL};
    if (i < store->slot_count) {
        const atr_slot *slot = &store->slots[i];
        state.root = slot->root;
        state.group = slot->group;
        state.confirmed = slot->confirmed;
        state.visible = slot->visible;
    }
    return state;
}

static bool is_any_shown(const atr_store *store)
{
    for (size_t i = 0; i < store->shown_count; i++) {
        const atr_slot *slot = &store->slots[store->shown[i]];
        if (slot->visible != slot->notified) {
            return true;
        }
    }
    return false;
}

bool atr_store_is_dirty(const atr_store *store)
{
    return store->untold || (store->shown_count > 0 && is_any_shown(store));
}

atr_store_stats atr_store_stats_now(const atr_store *store)
{
    atr_store_stats stats = store->stats;
    stats.subscriptions = store->subs.live;
    stats.kept = store->kept;
    return stats;
}
