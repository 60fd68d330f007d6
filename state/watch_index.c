/* Who watches what: subscriptions to a root hang on its slot, those to a view on its memo, those to a
 * field on the field, to a key on its place in the hash table of the field. Keys lie in the table itself, the
 * first free place after that of their hash: so one line of memory leads to those who watch a key, and one
 * tells that nobody does. */
#include "store.h"

#include <string.h>

enum { KEYS_FIRST = 8, KEYS_FIRST_BITS = 3, KEYS_MAX = 1 << 30 };

/* ---- fields ---- */

static void keys_give(const atr_watched_field *field)
{
    atr_memory_give(field->keys, field->capacity * sizeof *field->keys);
    atr_memory_give(field->readers, field->capacity * sizeof(atr_dep *));
}

static const atr_field *field_of(const atr_model *model, uint32_t offset)
{
    const atr_field *field = model->fields;
    while (atr_field_offset(model, field) != offset) {
        field++;
    }
    return field;
}

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
                                     .root = slot->root,
                                     .field = field_of(slot->root->model, place->offset),
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
        keys_give(field);
        atr_memory_give(field, sizeof *field);
    }
}

/* ---- keys ---- */

static bool is_text(const atr_watched_field *field)
{
    return field->map->key == ATR_KIND_STR;
}

/* Where the search for a key begins: a number, or the hash of a text. */
static inline uint32_t first_place(const atr_watched_field *field, uint64_t key)
{
    return atr_ahead_hash(key) >> field->shift;
}

/* By itself, so that the search for a number saves no registers. */
ATR_NOINLINE static uint32_t place_of_text(const atr_watched_field *field, const atr_str *key)
{
    uint32_t place = first_place(field, atr_str_hash(key)), last = field->capacity - 1;
    while (atr_watched_key_is_used(field, &field->keys[place]) &&
           !atr_str_equal(field->keys[place].key.ref, key)) {
        place = (place + 1) & last;
    }
    return place;
}

/* The place of a key, or the free one where it would be. There is a free one. */
static inline uint32_t place_of(const atr_watched_field *field, atr_word key)
{
    uint32_t place, last = field->capacity - 1;
    if (is_text(field)) {
        return place_of_text(field, key.ref);
    }
    place = first_place(field, (uint64_t)key.i64);
    while (field->keys[place].key.i64 != key.i64 &&
           atr_watched_key_is_used(field, &field->keys[place])) {
        place = (place + 1) & last;
    }
    return place;
}

/* So many free places. false: out of memory */
static bool keys_take(atr_watched_field *field, uint32_t capacity, bool read)
{
    size_t bytes = capacity * sizeof *field->keys, readers_bytes = capacity * sizeof(atr_dep *);
    field->capacity = capacity;
    field->keys = capacity <= KEYS_MAX ? atr_memory_take(bytes) : NULL;
    field->readers = field->keys != NULL && read ? atr_memory_take(readers_bytes) : NULL;
    if (field->keys == NULL || (read && field->readers == NULL)) {
        keys_give(field);
        return false;
    }
    memset(field->keys, 0, bytes);
    if (read) {
        memset(field->readers, 0, readers_bytes);
    }
    return true;
}

static void place_copy(const atr_watched_field *field, uint32_t from,
                       const atr_watched_field *other, uint32_t to)
{
    other->keys[to] = field->keys[from];
    if (field->readers != NULL) {
        other->readers[to] = field->readers[from];
    }
}

/* Three in four are in use: twice as many. */
static bool keys_reserve(atr_watched_field *field)
{
    uint32_t capacity = field->capacity == 0 ? KEYS_FIRST : field->capacity * 2;
    atr_watched_field grown = *field;
    if (field->live < field->capacity - field->capacity / 4) {
        return true;
    }
    if (!keys_take(&grown, capacity, field->readers != NULL)) {
        return false;
    }
    grown.shift--;
    for (uint32_t i = 0; i < field->capacity; i++) {
        if (atr_watched_key_is_used(field, &field->keys[i])) {
            place_copy(field, i, &grown, place_of(&grown, field->keys[i].key));
        }
    }
    keys_give(field);
    *field = grown;
    return true;
}

atr_watched_key *atr_watched_key_find(const atr_watched_field *field, atr_word key)
{
    atr_watched_key *found = field->live > 0 ? &field->keys[place_of(field, key)] : NULL;
    return found != NULL && atr_watched_key_is_used(field, found) ? found : NULL;
}

atr_watched_key *atr_watched_key_get(atr_watched_field *field, atr_word key)
{
    atr_watched_key *found = atr_watched_key_find(field, key);
    if (found != NULL || !keys_reserve(field)) {
        return found;
    }
    found = &field->keys[place_of(field, key)];
    found->key = key;
    field->live++;
    if (is_text(field)) {
        atr_hold_(key.ref);
    }
    return found;
}

atr_dep **atr_watched_key_readers_get(atr_watched_field *field, const atr_watched_key *key)
{
    if (field->readers == NULL) {
        size_t bytes = field->capacity * sizeof *field->readers;
        field->readers = atr_memory_take(bytes);
        if (field->readers == NULL) {
            return NULL;
        }
        memset(field->readers, 0, bytes);
    }
    return atr_watched_key_readers(field, key);
}

static uint32_t home_of(const atr_watched_field *field, atr_word key)
{
    return first_place(field, is_text(field) ? atr_str_hash(key.ref) : (uint64_t)key.i64);
}

/* Those after it that would be found earlier move up. */
static void place_free(atr_watched_field *field, uint32_t free)
{
    uint32_t last = field->capacity - 1, at = free;
    for (;;) {
        at = (at + 1) & last;
        if (!atr_watched_key_is_used(field, &field->keys[at])) {
            break;
        }
        if (((at - home_of(field, field->keys[at].key)) & last) >= ((at - free) & last)) {
            place_copy(field, at, field, free);
            free = at;
        }
    }
    field->keys[free] = (atr_watched_key){.watchers = NULL};
    if (field->readers != NULL) {
        field->readers[free] = NULL;
    }
}

void atr_watched_key_leave(atr_watched_field *field, atr_watched_key *key)
{
    const void *text = is_text(field) ? key->key.ref : NULL;
    if (!atr_watched_key_is_used(field, key)) {
        place_free(field, (uint32_t)(key - field->keys));
        field->live--;
        atr_value_release(text);
    }
}
