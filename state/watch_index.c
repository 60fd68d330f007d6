/* Who watches what: subscriptions to a root hang on its slot, those to a view on its memo, those
 * to a field on the field, to a key on the key's place in the hash table of its field. Adding and removing are O(1), so
 * no list is searched for a subscription: each knows its neighbours and the place of its key. */
#include "store.h"

#include <string.h>

enum { KEYS_FIRST = 8, KEYS_FIRST_BITS = 3, KEYS_MAX = 1 << 30 };

/* ---- fields ---- */

atr_watched_field *atr_watched_field_get(atr_slot *slot, const atr_place *place,
                                         atr_entry_notify_fn notify)
{
    atr_watched_field *field = slot->fields;
    while (field != NULL && field->offset != place->offset) {
        field = field->next;
    }
    if (field != NULL && field->notify == NULL) {
        field->notify = notify;
    }
    if (field == NULL) {
        field = atr_memory_take(sizeof *field);
        if (field == NULL) {
            return NULL;
        }
        *field = (atr_watched_field){.next = slot->fields,
                                     .map = place->map,
                                     .notify = notify,
                                     .offset = place->offset,
                                     .shift = 32 - KEYS_FIRST_BITS + 1};
        slot->fields = field;
    }
    return field;
}

void atr_watched_fields_free(atr_slot *slot)
{
    while (slot->fields != NULL) {
        atr_watched_field *field = slot->fields;
        slot->fields = field->next;
        atr_memory_give(field->keys, field->capacity * sizeof *field->keys);
        atr_memory_give(field->buckets, field->capacity * sizeof *field->buckets);
        atr_memory_give(field, sizeof *field);
    }
}

/* ---- keys ---- */

static bool is_text(const atr_watched_field *field)
{
    return field->map->key == ATR_KIND_STR;
}

static uint32_t key_hash(const atr_watched_field *field, atr_word key)
{
    uint64_t of = is_text(field) ? atr_str_hash(key.ref) : (uint64_t)key.i64;
    return (uint32_t)((of * 0x9e3779b97f4a7c15u) >> 32);
}

static void key_link(atr_watched_field *field, uint32_t place)
{
    atr_watched_key *key = &field->keys[place - 1];
    uint32_t *bucket = &field->buckets[key->hash >> field->shift];
    key->next = *bucket;
    *bucket = place;
}

static void key_unlink(atr_watched_field *field, uint32_t place)
{
    const atr_watched_key *key = &field->keys[place - 1];
    uint32_t *at = &field->buckets[key->hash >> field->shift];
    while (*at != place) {
        at = &field->keys[*at - 1].next;
    }
    *at = key->next;
}

/* All places are in use: twice as many, and buckets. */
static bool keys_grow(atr_watched_field *field)
{
    uint32_t capacity = field->capacity == 0 ? KEYS_FIRST : field->capacity * 2;
    atr_watched_key *keys =
        field->capacity < KEYS_MAX ? atr_memory_take(capacity * sizeof *keys) : NULL;
    uint32_t *buckets = keys != NULL ? atr_memory_take(capacity * sizeof *buckets) : NULL;
    if (buckets == NULL) {
        atr_memory_give(keys, capacity * sizeof *keys);
        return false;
    }
    if (field->count > 0) {
        memcpy(keys, field->keys, field->count * sizeof *keys);
    }
    memset(buckets, 0, capacity * sizeof *buckets);
    atr_memory_give(field->keys, field->capacity * sizeof *keys);
    atr_memory_give(field->buckets, field->capacity * sizeof *buckets);
    field->keys = keys;
    field->buckets = buckets;
    field->capacity = capacity;
    field->shift--;
    for (uint32_t place = 1; place <= field->count; place++) {
        key_link(field, place);
    }
    return true;
}

static uint32_t key_find(const atr_watched_field *field, atr_word key, uint32_t hash)
{
    uint32_t place = field->live > 0 ? field->buckets[hash >> field->shift] : 0;
    while (place != 0) {
        const atr_watched_key *known = &field->keys[place - 1];
        if (known->hash == hash &&
            (is_text(field) ? atr_str_equal(known->key.ref, key.ref) : known->key.i64 == key.i64)) {
            break;
        }
        place = known->next;
    }
    return place;
}

uint32_t atr_watched_key_find(const atr_watched_field *field, atr_word key)
{
    return key_find(field, key, key_hash(field, key));
}

uint32_t atr_watched_key_get(atr_watched_field *field, atr_word key)
{
    uint32_t hash = key_hash(field, key), place = key_find(field, key, hash);
    if (place != 0) {
        return place;
    }
    place = field->free;
    if (place != 0) {
        field->free = field->keys[place - 1].next;
    } else if (field->count < field->capacity || keys_grow(field)) {
        place = ++field->count;
    } else {
        return 0;
    }
    field->keys[place - 1] = (atr_watched_key){.key = key, .hash = hash};
    field->live++;
    if (is_text(field)) {
        atr_hold_(key.ref);
    }
    key_link(field, place);
    return place;
}

void atr_watched_key_leave(atr_watched_field *field, uint32_t place)
{
    atr_watched_key *key = &field->keys[place - 1];
    const void *text = is_text(field) ? key->key.ref : NULL;
    if (atr_watched_key_is_used(key)) {
        return;
    }
    key_unlink(field, place);
    key->next = field->free;
    field->free = place;
    if (--field->live == 0) {
        field->count = 0;
        field->free = 0;
    }
    atr_value_release(text);
}

/* ---- watchers ---- */

static atr_watchers *watchers_of(atr_store *store, const atr_sub *sub)
{
    switch (sub->kind) {
    case ATR_SUB_VIEW: return &sub->memo->watchers;
    case ATR_SUB_FIELD: return &sub->field->watchers;
    case ATR_SUB_KEY: return &sub->field->keys[sub->key - 1].watchers;
    default: return &store->slots[sub->slot].watchers;
    }
}

void atr_sub_attach(atr_store *store, uint32_t place)
{
    atr_sub *sub = atr_sub_at(store, place);
    atr_watchers *all = watchers_of(store, sub);
    sub->kin_prev = all->last;
    sub->kin_next = 0;
    if (all->last != 0) {
        atr_sub_at(store, all->last)->kin_next = place;
    } else {
        all->first = place;
    }
    all->last = place;
    if (sub->kind == ATR_SUB_VIEW) {
        atr_memo_live_more(store, sub->memo);
    }
}

void atr_sub_detach(atr_store *store, uint32_t place)
{
    const atr_sub *sub = atr_sub_at(store, place);
    atr_watchers *all = watchers_of(store, sub);
    if (sub->kin_prev != 0) {
        atr_sub_at(store, sub->kin_prev)->kin_next = sub->kin_next;
    } else {
        all->first = sub->kin_next;
    }
    if (sub->kin_next != 0) {
        atr_sub_at(store, sub->kin_next)->kin_prev = sub->kin_prev;
    } else {
        all->last = sub->kin_prev;
    }
    if (sub->kind == ATR_SUB_VIEW) {
        atr_memo_live_less(store, sub->memo);
        atr_memo_unpin(store, sub->memo);
    } else if (sub->kind == ATR_SUB_KEY) {
        atr_watched_key_leave(sub->field, sub->key);
    }
}
