/* The subscriptions to one thing, side by side, so that a round that tells them reads memory in order and
 * writes none of it: what they were told last is noted once for all of them. One that differs stands
 * apart, with a note of its own.
 *
 * One that ends leaves a gap; when more than half are gaps, or room is needed, the others move up. */
#include "watchers.h"

#include <string.h>

enum { ITEMS_MAX = 1 << 30 };

/* ---- what they watch ---- */

static atr_value key_value(const atr_store *store, const atr_watchers *all)
{
    atr_place place = {all->slot, all->field->offset, all->field->map, all->key};
    return atr_place_value(&place, store->slots[all->slot].visible);
}

atr_value atr_watchers_value(atr_store *store, const atr_watchers *all)
{
    atr_value value = {ATR_KIND_REF, true, {false}};
    if (all->kind == ATR_WATCHED_VIEW) {
        return atr_memo_value(store, all->memo);
    }
    if (all->kind == ATR_WATCHED_KEY) {
        return key_value(store, all);
    }
    value.as.ref = store->slots[all->slot].visible;
    if (all->kind == ATR_WATCHED_EDITS) {
        const char *at = (const char *)value.as.ref + all->field->offset;
        value.as.ref = *(const void *const *)(const void *)at;
    }
    return value;
}

bool atr_watched_field_alike(const atr_watched_field *field, const void *was, const void *now)
{
    atr_value a = atr_field_value(field->root->model, field->field, was);
    atr_value b = atr_field_value(field->root->model, field->field, now);
    return atr_value_equal(&a, &b);
}

/* Where they hang; of a key NULL if it is not watched. */
static atr_watchers **home_find(atr_store *store, const atr_watchers *like)
{
    atr_watched_key *key;
    switch (like->kind) {
    case ATR_WATCHED_VIEW: return &like->memo->watchers;
    case ATR_WATCHED_FIELD: return &like->field->watchers;
    case ATR_WATCHED_EDITS: return &like->field->edits_watchers;
    case ATR_WATCHED_KEY:
        key = atr_watched_key_find(like->field, like->key);
        return key != NULL ? &key->watchers : NULL;
    default: return &store->slots[like->slot].watchers;
    }
}

/* ---- room ---- */

static void items_give(atr_watchers *all)
{
    if (all->items != &all->first) {
        atr_memory_give(all->items, all->capacity * sizeof *all->items);
    }
}

/* The others move up into the gaps. Not while they wait in order of the first of them. */
static void pack(atr_store *store, atr_watchers *all)
{
    uint32_t count = 0, at = all->at;
    for (uint32_t i = 0; i < all->count; i++) {
        atr_hearer *hearer = &all->items[i];
        if ((hearer->marks & ATR_HEARER_GONE) != 0) {
            all->at -= i < at;
        } else {
            atr_sub_at(store, hearer->place)->index = count;
            all->items[count++] = *hearer;
        }
    }
    all->count = count;
    all->gone = 0;
}

static bool grow(atr_watchers *all)
{
    uint32_t capacity = all->capacity + all->capacity / 2 + 1;
    atr_hearer *items = capacity <= ITEMS_MAX ? atr_memory_take(capacity * sizeof *items) : NULL;
    if (items == NULL) {
        return false;
    }
    memcpy(items, all->items, all->count * sizeof *items);
    items_give(all);
    all->items = items;
    all->capacity = capacity;
    if (all->kind == ATR_WATCHED_KEY) {
        atr_watched_key_find(all->field, all->key)->items = items;
    }
    return true;
}

static bool reserve(atr_store *store, atr_watchers *all)
{
    if (all->gone > all->count / 4 && all->due != ATR_DUE_NOW) {
        pack(store, all);
    }
    return all->count < all->capacity || grow(all);
}

/* ---- coming and going ---- */

static void watchers_free(atr_watchers *all)
{
    items_give(all);
    atr_memory_give(all, sizeof *all);
}

static atr_watchers *watchers_make(atr_store *store, const atr_watchers *like)
{
    atr_watchers *all = atr_memory_take(sizeof *all);
    atr_watched_key *key;
    if (all == NULL) {
        return NULL;
    }
    *all = *like;
    all->items = &all->first;
    all->capacity = 1;
    if (like->kind != ATR_WATCHED_KEY) {
        *home_find(store, like) = all;
        return all;
    }
    key = atr_watched_key_get(like->field, like->key);
    if (key == NULL) {
        watchers_free(all);
        return NULL;
    }
    all->key = key->key;
    key->watchers = all;
    key->items = all->items;
    return all;
}

atr_watchers *atr_watchers_get(atr_store *store, const atr_watchers *like)
{
    atr_watchers **home = home_find(store, like);
    if (home == NULL || *home == NULL) {
        return watchers_make(store, like);
    }
    return reserve(store, *home) ? *home : NULL;
}

void atr_watchers_add(atr_store *store, atr_watchers *all, atr_hearer hearer, atr_value value)
{
    uint32_t i = all->count++;
    /* A view that ran for it may have added others since it was registered. */
    for (; i > 0 && all->items[i - 1].order > hearer.order; i--) {
        all->items[i] = all->items[i - 1];
        atr_sub_at(store, all->items[i].place)->index = i;
    }
    hearer.marks = 0;
    all->items[i] = hearer;
    atr_sub_at(store, hearer.place)->of = all;
    atr_sub_at(store, hearer.place)->index = i;
    store->subs.stir++;
    if (all->count == 1) {
        all->was = value;
        atr_hold_(atr_value_ref(&value));
    } else if (all->begun || !atr_value_same(&all->was, &value)) {
        atr_hearer_set_apart(store, all, &all->items[i], ATR_HEARER_APART, value);
    }
}

/* The last has gone. */
static void watchers_end(atr_store *store, atr_watchers *all)
{
    atr_watched_key *key =
        all->kind == ATR_WATCHED_KEY ? atr_watched_key_find(all->field, all->key) : NULL;
    atr_value was = all->was, before = all->before;
    bool begun = all->begun;
    atr_due_leave(store, all);
    *home_find(store, all) = NULL;
    if (key != NULL) {
        atr_watched_key_leave(all->field, key);
    }
    watchers_free(all);
    atr_let_go(atr_value_ref(&was));
    if (begun) {
        atr_let_go(atr_value_ref(&before));
    }
}

void atr_watchers_remove(atr_store *store, atr_watchers *all, uint32_t index)
{
    atr_hearer *hearer = &all->items[index];
    all->apart -= (hearer->marks & ATR_HEARER_APART) != 0;
    hearer->marks = ATR_HEARER_GONE;
    all->gone++;
    store->subs.stir++;
    if (all->gone == all->count) {
        watchers_end(store, all);
    } else if (all->gone > all->count / 2 && all->due != ATR_DUE_NOW) {
        pack(store, all);
    }
}

uint32_t atr_watchers_after(const atr_watchers *all, uint64_t order)
{
    uint32_t from = 0, to = order == 0 ? 0 : all->count;
    while (from < to) {
        uint32_t middle = from + (to - from) / 2;
        if (all->items[middle].order > order) {
            to = middle;
        } else {
            from = middle + 1;
        }
    }
    return from;
}

/* ---- what they were told last ---- */

void atr_hearer_set_apart(atr_store *store, atr_watchers *all, atr_hearer *hearer, uint32_t marks,
                          atr_value was)
{
    hearer->marks = marks | ATR_HEARER_APART;
    all->apart++;
    atr_sub_at(store, hearer->place)->was = was;
    atr_hold_(atr_value_ref(&was));
}

atr_value atr_hearer_rejoin(atr_store *store, atr_watchers *all, atr_hearer *hearer)
{
    hearer->marks = 0;
    all->apart--;
    return atr_sub_at(store, hearer->place)->was;
}

void atr_watchers_split(atr_store *store, atr_watchers *all)
{
    for (uint32_t i = 0; i < all->at; i++) {
        if (all->items[i].marks == 0) {
            atr_hearer_set_apart(store, all, &all->items[i], 0, all->was);
        }
    }
}

void atr_watchers_interrupt(atr_store *store, atr_watchers *all)
{
    const void *told = atr_value_ref(&all->was);
    atr_watchers_split(store, all);
    all->was = all->before;
    all->begun = false;
    atr_release_(&store->subs.dead, told);
}
