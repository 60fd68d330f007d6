/* The subscriptions to one thing, side by side in one block, so that a round that tells them reads memory in
 * order and writes only its begin: what they were told last is noted once for all of them. One that differs stands
 * apart, with a note of its own. A block that is full moves, and all that refers to it follows.
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

/* As `like`, without any one. NULL: out of memory */
static atr_watchers *block_take(const atr_watchers *like, uint32_t capacity)
{
    size_t each = sizeof(atr_hearer) + sizeof(atr_hearer_note);
    atr_watchers *all =
        capacity <= ITEMS_MAX ? atr_memory_take(sizeof *all + capacity * each) : NULL;
    if (all != NULL) {
        *all = *like;
        all->capacity = capacity;
    }
    return all;
}

static void block_give(atr_watchers *all)
{
    size_t each = sizeof(atr_hearer) + sizeof(atr_hearer_note);
    atr_memory_give(all, sizeof *all + all->capacity * each);
}

/* The one of a place has another index now. */
static inline void hearer_put(atr_store *store, atr_watchers *all, uint32_t index,
                              atr_hearer hearer, atr_hearer_note note)
{
    all->items[index] = hearer;
    atr_hearer_notes(all)[index] = note;
    if ((note.marks & ATR_HEARER_GONE) == 0) {
        atr_sub_at(store, note.place)->of = all;
        atr_sub_at(store, note.place)->index = index;
    }
}

/* The others move up into the gaps. Not while they wait in order of the first of them. */
static void pack(atr_store *store, atr_watchers *all)
{
    uint32_t count = 0, at = all->at;
    for (uint32_t i = 0; i < all->count; i++) {
        atr_hearer_note note = atr_hearer_notes(all)[i];
        if ((note.marks & ATR_HEARER_GONE) != 0) {
            all->at -= i < at;
        } else {
            hearer_put(store, all, count++, all->items[i], note);
        }
    }
    all->count = count;
    all->gone = 0;
}

/* Where they lie now; NULL: out of memory. */
static atr_watchers *grow(atr_store *store, atr_watchers *from)
{
    atr_watchers *all = block_take(from, from->capacity + from->capacity / 2 + 1);
    if (all == NULL) {
        return NULL;
    }
    for (uint32_t i = 0; i < from->count; i++) {
        hearer_put(store, all, i, from->items[i], atr_hearer_notes(from)[i]);
    }
    *home_find(store, from) = all;
    atr_due_move(store, from, all);
    block_give(from);
    return all;
}

static atr_watchers *reserve(atr_store *store, atr_watchers *all)
{
    if (all->gone > all->count / 4 && all->due != ATR_DUE_NOW) {
        pack(store, all);
    }
    return all->count < all->capacity ? all : grow(store, all);
}

/* ---- coming and going ---- */

static atr_watchers *watchers_make(atr_store *store, const atr_watchers *like)
{
    atr_watchers *all = block_take(like, 1);
    atr_watched_key *key;
    if (all == NULL) {
        return NULL;
    }
    if (like->kind != ATR_WATCHED_KEY) {
        *home_find(store, like) = all;
        return all;
    }
    key = atr_watched_key_get(like->field, like->key);
    if (key == NULL) {
        block_give(all);
        return NULL;
    }
    all->key = key->key;
    key->watchers = all;
    return all;
}

atr_watchers *atr_watchers_get(atr_store *store, const atr_watchers *like)
{
    atr_watchers **home = home_find(store, like);
    if (home == NULL || *home == NULL) {
        return watchers_make(store, like);
    }
    return reserve(store, *home);
}

void atr_watchers_add(atr_store *store, atr_watchers *all, atr_hearer hearer, uint32_t place,
                      atr_value value)
{
    uint32_t i = all->count++;
    /* A view that ran for it may have added others since it was registered. */
    for (; i > 0 && all->items[i - 1].order > hearer.order; i--) {
        hearer_put(store, all, i, all->items[i - 1], atr_hearer_notes(all)[i - 1]);
    }
    hearer_put(store, all, i, hearer, (atr_hearer_note){.place = place});
    store->subs.stir++;
    if (all->count == 1) {
        all->was = value;
        atr_hold_(atr_value_ref(&value));
    } else if (all->begun || !atr_value_same(&all->was, &value)) {
        atr_hearer_set_apart(store, all, i, ATR_HEARER_APART, value);
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
    block_give(all);
    atr_let_go(atr_value_ref(&was));
    if (begun) {
        atr_let_go(atr_value_ref(&before));
    }
}

void atr_watchers_remove(atr_store *store, atr_watchers *all, uint32_t index)
{
    atr_hearer_note *note = &atr_hearer_notes(all)[index];
    all->apart -= (note->marks & ATR_HEARER_APART) != 0;
    note->marks = ATR_HEARER_GONE;
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

void atr_hearer_set_apart(atr_store *store, atr_watchers *all, uint32_t index, uint32_t marks,
                          atr_value was)
{
    atr_hearer_note *note = &atr_hearer_notes(all)[index];
    note->marks = marks | ATR_HEARER_APART;
    all->apart++;
    atr_sub_at(store, note->place)->was = was;
    atr_hold_(atr_value_ref(&was));
}

atr_value atr_hearer_rejoin(atr_store *store, atr_watchers *all, uint32_t index)
{
    atr_hearer_note *note = &atr_hearer_notes(all)[index];
    note->marks = 0;
    all->apart--;
    return atr_sub_at(store, note->place)->was;
}

void atr_watchers_split(atr_store *store, atr_watchers *all)
{
    for (uint32_t i = 0; i < all->at; i++) {
        if (atr_hearer_marks(all, i) == 0) {
            atr_hearer_set_apart(store, all, i, 0, all->was);
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
