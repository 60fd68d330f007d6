/* Subscriptions: places in an array, chained in order of registration. A place that was given up
 * gets a new generation, so a stale handle finds nothing. While a round of notification runs, a
 * subscription that ends only stops to be told; it leaves when no round is running. */
#include "store.h"

#include <string.h>

#include "check.h"

enum { SUBS_FIRST = 8, SUBS_MAX = 1 << 30 };

static const atr_watch none = {0, 0};

/* ---- places ---- */

static bool subs_grow(atr_subs *subs)
{
    uint32_t capacity = subs->capacity == 0 ? SUBS_FIRST : subs->capacity * 2;
    atr_sub *items = subs->capacity < SUBS_MAX ? atr_memory_take(capacity * sizeof *items) : NULL;
    atr_due *due = items != NULL ? atr_memory_take(2 * capacity * sizeof *due) : NULL;
    if (due == NULL) {
        atr_memory_give(items, capacity * sizeof *items);
        return false;
    }
    if (subs->count > 0) {
        memcpy(items, subs->items, subs->count * sizeof *items);
    }
    atr_memory_give(subs->items, subs->capacity * sizeof *items);
    atr_due_move(subs, due, capacity);
    subs->items = items;
    subs->capacity = capacity;
    return true;
}

/* A place with a generation of its own; 0: out of memory. */
static uint32_t place_take(atr_store *store)
{
    atr_subs *subs = &store->subs;
    uint32_t place = subs->free;
    if (place != 0) {
        subs->free = atr_sub_at(store, place)->chain;
        return place;
    }
    if (subs->count == subs->capacity && !subs_grow(subs)) {
        return 0;
    }
    subs->items[subs->count].generation = 1;
    subs->items[subs->count].due = false;
    return ++subs->count;
}

static void place_give(atr_store *store, uint32_t place)
{
    atr_sub *sub = atr_sub_at(store, place);
    sub->kind = ATR_SUB_FREE;
    sub->over = false;
    sub->chain = store->subs.free;
    store->subs.free = place;
}

static void place_link(atr_store *store, uint32_t place)
{
    atr_subs *subs = &store->subs;
    atr_sub *sub = atr_sub_at(store, place);
    sub->order = ++subs->orders;
    sub->prev = subs->last;
    sub->next = 0;
    if (subs->last != 0) {
        atr_sub_at(store, subs->last)->next = place;
    } else {
        subs->first = place;
    }
    subs->last = place;
    subs->live++;
}

static void place_unlink(atr_store *store, uint32_t place)
{
    atr_subs *subs = &store->subs;
    const atr_sub *sub = atr_sub_at(store, place);
    if (sub->prev != 0) {
        atr_sub_at(store, sub->prev)->next = sub->next;
    } else {
        subs->first = sub->next;
    }
    if (sub->next != 0) {
        atr_sub_at(store, sub->next)->prev = sub->prev;
    } else {
        subs->last = sub->prev;
    }
}

/* ---- the end ---- */

/* Give a place back. User data is destroyed last: what it does finds the store in order. */
static void place_leave(atr_store *store, uint32_t place)
{
    atr_sub gone = *atr_sub_at(store, place);
    place_unlink(store, place);
    place_give(store, place);
    atr_value_release(atr_value_ref(&gone.was));
    if (gone.destroy != NULL) {
        gone.destroy(gone.user);
    }
}

static uint32_t next_generation(uint32_t generation)
{
    return generation == UINT32_MAX ? 1 : generation + 1;
}

static void place_end(atr_store *store, uint32_t place)
{
    atr_sub *sub = atr_sub_at(store, place);
    sub->generation = next_generation(sub->generation);
    store->subs.live--;
    atr_sub_detach(store, place);
    if (store->subs.rounds == 0) {
        place_leave(store, place);
        return;
    }
    sub->over = true;
    sub->chain = store->subs.over;
    store->subs.over = place;
}

/* Its place, or 0: it has ended. */
static uint32_t place_of(atr_store *store, atr_watch watch, const char *what)
{
    const atr_sub *sub;
    if (store == NULL || !atr_store_on_thread(store, what) || watch.slot == 0 ||
        watch.slot > store->subs.count) {
        return 0;
    }
    sub = atr_sub_at(store, watch.slot);
    return sub->kind != ATR_SUB_FREE && !sub->over && sub->generation == watch.generation
               ? watch.slot
               : 0;
}

void atr_unwatch(atr_store *store, atr_watch watch)
{
    uint32_t place = place_of(store, watch, "atr_unwatch");
    if (place != 0) {
        place_end(store, place);
    }
}

atr_watch atr_watch_tell(atr_store *store, atr_watch watch)
{
    uint32_t place = place_of(store, watch, "atr_watch_tell");
    if (place != 0) {
        atr_sub *sub = atr_sub_at(store, place);
        const void *known = atr_value_ref(&sub->was);
        sub->was.has = false;
        sub->was.as.ref = NULL;
        sub->news = true;
        atr_due_add(store, place);
        store->untold = true;
        atr_value_release(known);
        if (store->host.untold != NULL) {
            store->host.untold(store->host.self);
        }
    }
    return watch;
}

void atr_subs_sweep(atr_store *store)
{
    while (store->subs.over != 0) {
        uint32_t place = store->subs.over;
        store->subs.over = atr_sub_at(store, place)->chain;
        place_leave(store, place);
    }
}

void atr_subs_free(atr_store *store)
{
    store->subs.rounds = 0;
    atr_subs_sweep(store);
    while (store->subs.first != 0) {
        place_end(store, store->subs.first);
    }
    atr_memory_give(store->subs.items, store->subs.capacity * sizeof *store->subs.items);
    atr_memory_give(store->subs.due, 2 * store->subs.capacity * sizeof *store->subs.due);
}

/* ---- the begin ---- */

static atr_value key_value(const atr_store *store, const atr_sub *sub)
{
    atr_place place = {sub->slot, sub->field->offset, sub->field->map,
                       sub->field->keys[sub->key - 1].key};
    return atr_place_value(&place, store->slots[sub->slot].visible);
}

atr_value atr_sub_value(atr_store *store, const atr_sub *sub)
{
    atr_value value = {ATR_KIND_REF, true, {false}};
    if (sub->kind == ATR_SUB_VIEW) {
        return atr_memo_value(store, sub->memo);
    }
    if (sub->kind == ATR_SUB_KEY) {
        return key_value(store, sub);
    }
    value.as.ref = store->slots[sub->slot].visible;
    if (sub->kind == ATR_SUB_FIELD) {
        const char *at = (const char *)value.as.ref + sub->field->offset;
        value.as.ref = *(const void *const *)(const void *)at;
    }
    return value;
}

static atr_watch refuse(void *user, atr_destroy_fn destroy)
{
    if (destroy != NULL) {
        destroy(user);
    }
    return none;
}

static bool watch_allowed(const atr_store *store, void (*fn)(void), const char *what)
{
    if (store == NULL || !atr_store_on_thread(store, what)) {
        return false;
    }
    if (fn == NULL) {
        atr_store_violation(store, ATR_E_INVALID, "%s: the function is NULL", what);
    }
    return fn != NULL && !store->closing;
}

/* A place for what is wanted, with its key if it has one; 0: out of memory. */
static uint32_t sub_place(atr_store *store, atr_sub *wanted, atr_word key)
{
    uint32_t place = place_take(store);
    if (place != 0 && wanted->kind == ATR_SUB_KEY) {
        wanted->key = atr_watched_key_get(wanted->field, key);
        if (wanted->key == 0) {
            place_give(store, place);
            return 0;
        }
    }
    return place;
}

/* `wanted` tells what to watch, whom to call, and which user data to destroy also when this fails;
 * key: of its field. A memo is pinned, for the subscription. */
static atr_watch sub_add(atr_store *store, atr_sub wanted, atr_word key)
{
    uint32_t place = sub_place(store, &wanted, key);
    atr_sub *sub;
    if (place == 0) {
        if (wanted.kind == ATR_SUB_VIEW) {
            atr_memo_unpin(store, wanted.memo);
        }
        return refuse(wanted.user, wanted.destroy);
    }
    sub = atr_sub_at(store, place);
    wanted.generation = sub->generation;
    wanted.due = sub->due;
    wanted.was = (atr_value){ATR_KIND_UNIT, false, {false}};
    *sub = wanted;
    atr_changes_note(store); /* it begins with what is visible now, whatever the others were told */
    place_link(store, place);
    /* A view runs now, and may add subscriptions. */
    wanted.was = atr_sub_value(store, &wanted);
    atr_hold_(atr_value_ref(&wanted.was));
    atr_sub_at(store, place)->was = wanted.was;
    atr_sub_attach(store, place);
    return (atr_watch){place, wanted.generation};
}

atr_watch atr_root_watch(atr_store *store, const atr_root *root, void (*fn)(void), void *user,
                         atr_destroy_fn destroy)
{
    static const char what[] = "ATR_WATCH";
    atr_sub wanted = {.kind = ATR_SUB_ROOT, .fn = fn, .user = user, .destroy = destroy};
    const atr_slot *slot =
        watch_allowed(store, fn, what) ? atr_store_slot(store, root, what) : NULL;
    if (slot == NULL) {
        return refuse(user, destroy);
    }
    wanted.slot = slot->index;
    return sub_add(store, wanted, (atr_word){0});
}

atr_watch atr_root_watch_edits(atr_store *store, const atr_root *root, const void *at,
                               atr_edits_fn fn, void *user, atr_destroy_fn destroy)
{
    static const char what[] = "ATR_WATCH_EDITS";
    atr_sub wanted = {
        .kind = ATR_SUB_FIELD, .fn = (void (*)(void))fn, .user = user, .destroy = destroy};
    atr_slot *slot =
        watch_allowed(store, wanted.fn, what) ? atr_store_slot(store, root, what) : NULL;
    atr_place place;
    if (slot == NULL || !atr_place_of_edits(store, slot, at, what, &place)) {
        return refuse(user, destroy);
    }
    wanted.slot = place.slot;
    wanted.field = atr_watched_field_get(slot, &place, NULL);
    return wanted.field != NULL ? sub_add(store, wanted, place.key) : refuse(user, destroy);
}

static const char *key_fault(const atr_store *store, const atr_place *place)
{
    if (!atr_place_is_text(place)) {
        return NULL;
    }
    return place->key.ref == NULL ? "is NULL"
                                  : atr_value_fault(store->scope, place->key.ref, &atr_str_model);
}

atr_watch atr_root_watch_key(atr_store *store, const atr_root *root, const void *at, atr_word key,
                             atr_entry_notify_fn notify, void (*fn)(void), void *user,
                             atr_destroy_fn destroy)
{
    static const char what[] = "ATR_WATCH_KEY";
    atr_sub wanted = {.kind = ATR_SUB_KEY, .fn = fn, .user = user, .destroy = destroy};
    atr_slot *slot = watch_allowed(store, fn, what) ? atr_store_slot(store, root, what) : NULL;
    atr_place place;
    const char *fault;
    if (slot == NULL || !atr_place_make(store, slot, at, key, what, &place)) {
        return refuse(user, destroy);
    }
    fault = key_fault(store, &place);
    if (fault != NULL) {
        atr_store_violation(store, ATR_E_REFUSED, "%s: the key %s", what, fault);
        return refuse(user, destroy);
    }
    wanted.slot = place.slot;
    wanted.field = atr_watched_field_get(slot, &place, notify);
    return wanted.field != NULL ? sub_add(store, wanted, place.key) : refuse(user, destroy);
}

atr_watch atr_view_watch_key(atr_store *store, const atr_view_class *view, atr_value key,
                             void (*fn)(void), void *user, atr_destroy_fn destroy)
{
    static const char what[] = "ATR_WATCH_VIEW";
    atr_sub wanted = {.kind = ATR_SUB_VIEW, .fn = fn, .user = user, .destroy = destroy};
    if (watch_allowed(store, fn, what) && atr_view_key_check(store, view, &key, what)) {
        wanted.memo = atr_memo_get(store, view, &key);
    }
    return wanted.memo != NULL ? sub_add(store, wanted, (atr_word){0}) : refuse(user, destroy);
}

atr_watch atr_view_watch(atr_store *store, const atr_view_class *view, void (*fn)(void), void *user,
                         atr_destroy_fn destroy)
{
    return atr_view_watch_key(store, view, atr_wrap_unit_(ATR_UNIT), fn, user, destroy);
}
