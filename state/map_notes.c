/* The notes of a builder and their index (map_notes.h). */
#include "map_notes.h"

#include <string.h>

#include <atrium/error.h>
#include <atrium/model.h>

#include "walk.h"

enum {
    LIST_FIRST = 16,
    INDEX_FIRST_BITS = 5,
    INDEX_MOST_BITS = 32,
    SAMPLED = 1024,
    TWICE_MANY = 8
};

#define GONE ((uint32_t)1 << 31)

/* ---- lists ---- */

static void hold(const atr_map_kind *kind, atr_map_entry entry)
{
    if (kind->text) {
        atr_hold_(entry.key.ref);
    }
    if (kind->ref) {
        atr_hold_(entry.value.ref);
    }
}

static void drop(const atr_map_kind *kind, atr_map_entry entry)
{
    if (kind->text) {
        atr_let_go(entry.key.ref);
    }
    if (kind->ref) {
        atr_let_go(entry.value.ref);
    }
}

/* Have room for one more. false: no memory. */
static bool list_reserve(atr_map_list *list, atr_pool *pool)
{
    uint32_t capacity = list->capacity == 0 ? LIST_FIRST : list->capacity * 2;
    atr_map_entry *grown;
    if (list->count < list->capacity) {
        return true;
    }
    grown = atr_extra_take(pool, capacity * sizeof *grown);
    if (grown == NULL) {
        return false;
    }
    if (list->count > 0) {
        memcpy(grown, list->entries, list->count * sizeof *grown);
    }
    atr_extra_give(pool, list->entries);
    list->entries = grown;
    list->capacity = capacity;
    return true;
}

/* Have many the same key as another? Looks at so few of them that it costs nothing, and misses half of them being
 * so once in a thousand times. Without memory to look: no. */
static bool list_comes_twice(const atr_map_list *list, const atr_map_kind *kind)
{
    uint32_t looks = 8, twice = 0, bits = 4, *table;
    uint64_t random = 1;
    for (uint64_t root = 1; root * root < list->count; root *= 2) {
        looks *= 2; /* 8 times the square root: then there are 32 pairs to be met */
        bits++;
    }
    table = atr_memory_take(sizeof *table << bits);
    if (table == NULL) {
        return false;
    }
    memset(table, 0, sizeof *table << bits);
    for (uint32_t i = 0; i < looks; i++) {
        uint32_t at, *slot;
        random = random * 0x5851f42d4c957f2du + 1;
        at = (uint32_t)((random >> 32) * list->count >> 32);
        slot = &table[atr_map_hash_of(kind, list->entries[at].key) >> (64 - bits)];
        twice += *slot > 0 && *slot - 1 != at &&
                 atr_map_same_key(kind, list->entries[*slot - 1].key, list->entries[at].key);
        *slot = at + 1;
    }
    atr_memory_give(table, sizeof *table << bits);
    return twice >= TWICE_MANY;
}

/* ---- the index ---- */

static uint32_t hash_of(const atr_map_kind *kind, atr_word key)
{
    return kind->text ? atr_str_hash(key.ref) : atr_hash_number((uint64_t)key.i64);
}

static size_t index_bytes(uint32_t bits)
{
    return sizeof(atr_map_slot) << bits;
}

static size_t place_of(const atr_map_notes *n, uint32_t hash)
{
    return hash >> (32 - n->index_bits);
}

static atr_map_entry *entry_of(const atr_map_notes *n, const atr_map_slot *slot)
{
    return (slot->at & GONE) != 0 ? &n->gone.entries[(slot->at & ~GONE) - 1]
                                  : &n->set.entries[slot->at - 1];
}

/* The slot of a key, or the free one where it would be. */
static atr_map_slot *slot_find(const atr_map_notes *n, const atr_map_kind *kind, atr_word key,
                               uint32_t hash)
{
    size_t mask = ((size_t)1 << n->index_bits) - 1, at = place_of(n, hash);
    atr_map_slot *slot;
    for (;; at = (at + 1) & mask) {
        slot = &n->index[at];
        if (slot->at == 0 ||
            (slot->hash == hash && atr_map_same_key(kind, entry_of(n, slot)->key, key))) {
            return slot;
        }
    }
}

/* Free a slot: those behind it that it kept from their places move up. */
static void slot_free(const atr_map_notes *n, atr_map_slot *slot)
{
    size_t mask = ((size_t)1 << n->index_bits) - 1, hole = (size_t)(slot - n->index);
    for (size_t at = (hole + 1) & mask; n->index[at].at != 0; at = (at + 1) & mask) {
        size_t home = place_of(n, n->index[at].hash);
        if (((at - home) & mask) >= ((at - hole) & mask)) {
            n->index[hole] = n->index[at];
            hole = at;
        }
    }
    n->index[hole].at = 0;
}

/* Note where the entries lie. Of several with one key the first gets the value of the last, and stays alone. */
static void index_fill(atr_map_notes *n, const atr_map_kind *kind)
{
    uint32_t count = n->set.count;
    memset(n->index, 0, index_bytes(n->index_bits));
    n->set.count = 0;
    for (uint32_t i = 0; i < count; i++) {
        atr_map_entry entry = n->set.entries[i];
        uint32_t hash = hash_of(kind, entry.key);
        atr_map_slot *slot = slot_find(n, kind, entry.key, hash);
        if (slot->at != 0) {
            atr_map_entry *there = entry_of(n, slot), old = {entry.key, there->value};
            there->value = entry.value;
            drop(kind, old);
        } else {
            n->set.entries[n->set.count++] = entry;
            *slot = (atr_map_slot){hash, n->set.count};
        }
    }
    for (uint32_t i = 0; i < n->gone.count; i++) {
        atr_word key = n->gone.entries[i].key;
        uint32_t hash = hash_of(kind, key);
        *slot_find(n, kind, key, hash) = (atr_map_slot){hash, GONE | (i + 1)};
    }
}

/* An index of which at most two thirds are in use with one more. false: no memory. */
static bool index_reserve(atr_map_notes *n, const atr_map_tree *tree)
{
    size_t count = (size_t)n->set.count + n->gone.count + 1;
    uint32_t bits = n->index_bits == 0 ? INDEX_FIRST_BITS : n->index_bits;
    atr_map_slot *grown;
    while (bits < INDEX_MOST_BITS && count * 3 > (size_t)2 << bits) {
        bits++;
    }
    if (bits == n->index_bits) {
        return true;
    }
    grown = atr_extra_take(tree->pool, index_bytes(bits));
    if (grown == NULL) {
        return false;
    }
    atr_extra_give(tree->pool, n->index);
    n->index = grown;
    n->index_bits = bits;
    index_fill(n, tree->kind);
    return true;
}

static bool tree_find(const atr_map_tree *tree, atr_word key, atr_word *value)
{
    return tree->root != NULL && atr_map_root_find(tree->root, key, value);
}

bool atr_map_notes_index(atr_map_notes *n, const atr_map_tree *tree)
{
    if (n->index != NULL) {
        return true;
    }
    if (!index_reserve(n, tree)) {
        return false;
    }
    n->quick = 0;
    n->added = n->set.count;
    for (uint32_t i = 0; tree->root != NULL && i < n->set.count; i++) {
        n->added -= tree_find(tree, n->set.entries[i].key, NULL);
    }
    return true;
}

/* ---- changes ---- */

/* There is room. */
static void note_add(atr_map_list *list, const atr_map_kind *kind, atr_map_entry entry)
{
    list->entries[list->count++] = entry;
    hold(kind, entry);
}

/* Take the entry of a slot out of its list; the last one comes into its place. @return it, still held */
static atr_map_entry note_take(atr_map_notes *n, const atr_map_kind *kind, const atr_map_slot *slot)
{
    bool is_gone = (slot->at & GONE) != 0;
    atr_map_list *list = is_gone ? &n->gone : &n->set;
    uint32_t at = (slot->at & ~GONE) - 1;
    atr_map_entry taken = list->entries[at], last = list->entries[list->count - 1];
    if (at != list->count - 1) {
        slot_find(n, kind, last.key, hash_of(kind, last.key))->at = slot->at;
        list->entries[at] = last;
    }
    list->count--;
    return taken;
}

static void value_change(const atr_map_kind *kind, atr_map_entry *entry, atr_word value)
{
    atr_word old = entry->value;
    entry->value = value;
    if (kind->ref) {
        atr_hold_(value.ref);
        atr_let_go(old.ref);
    }
}

static int set_indexed(atr_map_notes *n, const atr_map_tree *tree, atr_map_entry entry)
{
    const atr_map_kind *kind = tree->kind;
    uint32_t hash = hash_of(kind, entry.key);
    atr_map_slot *slot;
    if (!index_reserve(n, tree) || !list_reserve(&n->set, tree->pool)) {
        return ATR_E_NO_MEMORY;
    }
    slot = slot_find(n, kind, entry.key, hash);
    if (slot->at != 0 && (slot->at & GONE) == 0) {
        value_change(kind, entry_of(n, slot), entry.value);
        return ATR_OK;
    }
    if (slot->at != 0) {
        atr_map_entry gone = note_take(n, kind, slot);
        note_add(&n->set, kind, entry);
        slot->at = n->set.count;
        if (kind->text) {
            atr_let_go(gone.key.ref);
        }
        return ATR_OK;
    }
    if (!tree_find(tree, entry.key, NULL)) {
        if (atr_map_notes_count(n, tree) >= ATR_MAP_MAX) {
            return ATR_E_LIMIT;
        }
        n->added++;
    }
    note_add(&n->set, kind, entry);
    *slot = (atr_map_slot){hash, n->set.count};
    return ATR_OK;
}

/* When the list is full of values that others took the place of, the index lets go of them; and it knows how many
 * keys there are where they might be too many. */
static bool is_index_due(const atr_map_notes *n, const atr_map_tree *tree, bool *needed)
{
    const atr_map_list *set = &n->set;
    *needed = tree->size + set->count >= ATR_MAP_MAX;
    return *needed || (set->count == set->capacity && set->count >= SAMPLED &&
                       list_comes_twice(set, tree->kind));
}

static void quick_until(atr_map_notes *n, const atr_map_tree *tree)
{
    size_t most = ATR_MAP_MAX - tree->size;
    n->quick = n->set.capacity < most ? n->set.capacity : (uint32_t)most;
}

int atr_map_notes_set(atr_map_notes *n, const atr_map_tree *tree, atr_word key, atr_word value)
{
    atr_map_entry entry = {key, value};
    bool needed;
    if (n->index == NULL && is_index_due(n, tree, &needed) && !atr_map_notes_index(n, tree) &&
        needed) {
        return ATR_E_NO_MEMORY;
    }
    if (n->index != NULL) {
        return set_indexed(n, tree, entry);
    }
    if (!list_reserve(&n->set, tree->pool)) {
        return ATR_E_NO_MEMORY;
    }
    note_add(&n->set, tree->kind, entry);
    quick_until(n, tree);
    return ATR_OK;
}

int atr_map_notes_remove(atr_map_notes *n, const atr_map_tree *tree, atr_word key)
{
    const atr_map_kind *kind = tree->kind;
    bool in_tree = tree_find(tree, key, NULL);
    atr_map_slot *slot;
    atr_map_entry taken;
    uint32_t hash;
    if (atr_map_notes_none(n) && !in_tree) {
        return ATR_OK;
    }
    if (!atr_map_notes_index(n, tree) || !index_reserve(n, tree) ||
        !list_reserve(&n->gone, tree->pool)) {
        return ATR_E_NO_MEMORY;
    }
    hash = hash_of(kind, key);
    slot = slot_find(n, kind, key, hash);
    if ((slot->at & GONE) != 0 || (slot->at == 0 && !in_tree)) {
        return ATR_OK;
    }
    if (slot->at == 0) {
        *slot = (atr_map_slot){hash, GONE | (n->gone.count + 1)};
        n->gone.entries[n->gone.count++] = (atr_map_entry){key, {.i64 = 0}};
        if (kind->text) {
            atr_hold_(key.ref);
        }
        return ATR_OK;
    }
    taken = note_take(n, kind, slot);
    if (in_tree) {
        n->gone.entries[n->gone.count++] = (atr_map_entry){taken.key, {.i64 = 0}};
        slot->at = GONE | n->gone.count;
        if (kind->text) {
            atr_hold_(taken.key.ref);
        }
    } else {
        slot_free(n, slot);
        n->added--;
    }
    drop(kind, taken);
    return ATR_OK;
}

/* ---- reading ---- */

size_t atr_map_notes_count(const atr_map_notes *n, const atr_map_tree *tree)
{
    return tree->size - n->gone.count + n->added;
}

bool atr_map_notes_find(const atr_map_notes *n, const atr_map_tree *tree, atr_word key,
                        atr_word *value)
{
    const atr_map_slot *slot = slot_find(n, tree->kind, key, hash_of(tree->kind, key));
    if (slot->at == 0) {
        return tree_find(tree, key, value);
    }
    if ((slot->at & GONE) == 0 && value != NULL) {
        *value = entry_of(n, slot)->value;
    }
    return (slot->at & GONE) == 0;
}

/* ---- the end ---- */

static bool settle(atr_map_notes *n, atr_map_tree *tree)
{
    if (!atr_map_tree_merge(tree, n->gone.entries, n->gone.count, true)) {
        return false;
    }
    n->gone.count = 0;
    if (!atr_map_tree_merge(tree, n->set.entries, n->set.count, false)) {
        return false;
    }
    n->set.count = 0;
    return true;
}

bool atr_map_notes_settle(atr_map_notes *n, atr_map_tree *tree)
{
    bool settled = settle(n, tree);
    if (settled) {
        atr_map_notes_end(n, tree, NULL);
    } else if (n->index != NULL) {
        index_fill(n, tree->kind); /* the entries have changed places */
    }
    return settled;
}

void atr_map_notes_end(atr_map_notes *n, const atr_map_tree *tree, atr_dead *dead)
{
    const atr_map_kind *kind = tree->kind;
    for (uint32_t i = 0; i < n->set.count; i++) {
        if (kind->text) {
            atr_release_(dead, n->set.entries[i].key.ref);
        }
        if (kind->ref) {
            atr_release_(dead, n->set.entries[i].value.ref);
        }
    }
    for (uint32_t i = 0; kind->text && i < n->gone.count; i++) {
        atr_release_(dead, n->gone.entries[i].key.ref);
    }
    atr_extra_give(tree->pool, n->set.entries);
    atr_extra_give(tree->pool, n->gone.entries);
    atr_extra_give(tree->pool, n->index);
    *n = (atr_map_notes){0};
}
