/* Tries made of many entries in one go: no cell is left behind by nodes that grew, and what belongs together
 * lies together. After each dealing a lot has the same entries as before, those of one key in the order in
 * which they came. */
#include "map_bulk.h"

#include <string.h>

#include "refs.h"

enum { FEW = 8 };

/* ---- lots ---- */

static size_t room_bytes(const atr_map_kind *kind, uint32_t count)
{
    return count * (sizeof(atr_map_entry) + (kind->text ? 2 * sizeof(uint32_t) : 0));
}

bool atr_map_lot_begin(atr_map_lot *lot, const atr_map_kind *kind, atr_map_entry *entries,
                       uint32_t count)
{
    *lot = (atr_map_lot){entries, atr_memory_take(room_bytes(kind, count)), NULL, NULL, count};
    if (lot->room == NULL || !kind->text) {
        return lot->room != NULL;
    }
    lot->hashes = (uint32_t *)(void *)(lot->room + count);
    lot->hash_room = lot->hashes + count;
    for (uint32_t i = 0; i < count; i++) {
        lot->hashes[i] = atr_str_hash(entries[i].key.ref);
    }
    return true;
}

void atr_map_lot_end(atr_map_lot *lot)
{
    size_t each = sizeof *lot->room + (lot->hashes != NULL ? 2 * sizeof *lot->hashes : 0);
    atr_memory_give(lot->room, lot->count * each);
}

atr_map_lot atr_map_lot_of(const atr_map_lot *lot, const atr_map_deal *d, uint32_t digit)
{
    uint32_t at = d->from[digit], count = d->end[digit] - at;
    atr_map_lot part = {lot->entries + at, lot->room + at, NULL, NULL, count};
    if (lot->hashes != NULL) {
        part.hashes = lot->hashes + at;
        part.hash_room = lot->hash_room + at;
    }
    return part;
}

/* Merges neighbours of 1, 2, 4, ... */
void atr_map_lot_sort(const atr_map_lot *lot)
{
    atr_map_entry *from = lot->entries, *to = lot->room;
    for (size_t width = 1; width < lot->count; width *= 2) {
        for (size_t at = 0; at < lot->count; at += 2 * width) {
            size_t a = at, middle = at + width < lot->count ? at + width : lot->count, b = middle;
            size_t end = middle + width < lot->count ? middle + width : lot->count;
            for (size_t i = at; i < end; i++) {
                bool is_a = b == end ||
                            (a < middle && atr_str_compare(from[a].key.ref, from[b].key.ref) <= 0);
                to[i] = from[is_a ? a++ : b++];
            }
        }
        memcpy(from, to, lot->count * sizeof *from);
    }
}

uint32_t atr_map_lot_run(const atr_map_lot *lot, uint32_t at)
{
    uint32_t end = at + 1;
    while (end < lot->count && atr_str_equal(lot->entries[end].key.ref, lot->entries[at].key.ref)) {
        end++;
    }
    return end;
}

/* ---- dealing ---- */

ATR_ALWAYS_INLINE uint32_t digit_at(const atr_map_lot *lot, uint32_t i, uint32_t level, bool text)
{
    uint64_t hash =
        text ? (uint64_t)lot->hashes[i] << 32 : atr_map_hash_i64(lot->entries[i].key.i64);
    return (uint32_t)(hash << (level * ATR_MAP_DIGIT) >> (64 - ATR_MAP_DIGIT));
}

ATR_ALWAYS_INLINE bool is_one_key(const atr_map_lot *lot, uint32_t from, uint32_t end, bool text)
{
    const atr_map_entry *entries = lot->entries;
    for (uint32_t i = from + 1; i < end; i++) {
        if (text ? lot->hashes[i] != lot->hashes[from] ||
                       !atr_str_equal(entries[i].key.ref, entries[from].key.ref)
                 : entries[i].key.i64 != entries[from].key.i64) {
            return false;
        }
    }
    return true;
}

ATR_ALWAYS_INLINE void deal_many(atr_map_deal *d, const atr_map_lot *lot, uint32_t level, bool text)
{
    uint32_t sum = 0;
    memset(d->end, 0, sizeof d->end);
    for (uint32_t i = 0; i < lot->count; i++) {
        d->end[digit_at(lot, i, level, text)]++;
    }
    for (uint32_t i = 0; i < ATR_MAP_WIDTH; i++) {
        d->from[i] = sum;
        sum += d->end[i];
        d->end[i] = d->from[i];
    }
    for (uint32_t i = 0; i < lot->count; i++) {
        uint32_t at = d->end[digit_at(lot, i, level, text)]++;
        lot->room[at] = lot->entries[i];
        if (text) {
            lot->hash_room[at] = lot->hashes[i];
        }
    }
    memcpy(lot->entries, lot->room, lot->count * sizeof *lot->room);
    if (text) {
        memcpy(lot->hashes, lot->hash_room, lot->count * sizeof *lot->hashes);
    }
    for (uint32_t i = 0; i < ATR_MAP_WIDTH; i++) {
        if (d->from[i] < d->end[i]) {
            bool one = is_one_key(lot, d->from[i], d->end[i], text);
            *(one ? &d->one : &d->more) |= (uint32_t)1 << i;
        }
    }
}

/* In place, without a look at all digits. */
ATR_ALWAYS_INLINE void deal_few(atr_map_deal *d, const atr_map_lot *lot, uint32_t level, bool text)
{
    uint32_t digits[FEW];
    for (uint32_t i = 0; i < lot->count; i++) {
        uint32_t digit = digit_at(lot, i, level, text), hash = text ? lot->hashes[i] : 0, at = i;
        atr_map_entry entry = lot->entries[i];
        for (; at > 0 && digits[at - 1] > digit; at--) {
            digits[at] = digits[at - 1];
            lot->entries[at] = lot->entries[at - 1];
            if (text) {
                lot->hashes[at] = lot->hashes[at - 1];
            }
        }
        digits[at] = digit;
        lot->entries[at] = entry;
        if (text) {
            lot->hashes[at] = hash;
        }
    }
    for (uint32_t from = 0, end; from < lot->count; from = end) {
        uint32_t digit = digits[from];
        for (end = from + 1; end < lot->count && digits[end] == digit; end++) {
        }
        d->from[digit] = from;
        d->end[digit] = end;
        *(is_one_key(lot, from, end, text) ? &d->one : &d->more) |= (uint32_t)1 << digit;
    }
}

ATR_ALWAYS_INLINE void deal_out(atr_map_deal *d, const atr_map_lot *lot, uint32_t level, bool text)
{
    d->one = 0;
    d->more = 0;
    if (lot->count == 1) {
        uint32_t digit = digit_at(lot, 0, level, text);
        d->from[digit] = 0;
        d->end[digit] = 1;
        d->one = (uint32_t)1 << digit;
    } else if (lot->count <= FEW) {
        deal_few(d, lot, level, text);
    } else {
        deal_many(d, lot, level, text);
    }
}

void atr_map_deal_out(atr_map_deal *d, const atr_map_lot *lot, uint32_t level)
{
    if (lot->hashes != NULL) {
        deal_out(d, lot, level, true);
    } else {
        deal_out(d, lot, level, false);
    }
}

/* ---- building ---- */

static atr_map_node *node_new(atr_pool *pool, const atr_map_kind *kind, uint32_t entries,
                              uint32_t children)
{
    size_t slots = children + (size_t)kind->stride * entries;
    return atr_node_alloc(pool, &kind->model, atr_map_node_bytes(slots));
}

static atr_word *put_entry(const atr_map_kind *kind, atr_word *to, atr_map_entry entry)
{
    *to++ = entry.key;
    if (kind->stride == 2) {
        *to++ = entry.value;
    }
    return to;
}

/* Free the nodes only: the entries stay the caller's. The first `children` children are there. */
static void undo(atr_pool *pool, atr_map_node *node, uint32_t children)
{
    for (uint32_t i = 0; i < children; i++) {
        atr_map_node *child = (atr_map_node *)(uintptr_t)node->slots[i].ref;
        undo(pool, child, atr_map_node_children(child));
    }
    atr_cell_free(pool, node, atr_value_size(&node->atr));
}

static atr_map_node *build_collision(atr_pool *pool, const atr_map_kind *kind,
                                     const atr_map_lot *lot, size_t *size)
{
    uint32_t keys = 0;
    atr_map_node *node;
    atr_word *to;
    atr_map_lot_sort(lot);
    for (uint32_t i = 0; i < lot->count; i = atr_map_lot_run(lot, i)) {
        keys++;
    }
    node = node_new(pool, kind->collisions, keys, 0);
    if (node == NULL) {
        return NULL;
    }
    node->data = keys;
    node->children = 0;
    to = node->slots;
    for (uint32_t i = 0, end; i < lot->count; i = end) {
        end = atr_map_lot_run(lot, i);
        to = put_entry(kind, to, atr_map_lot_entry(lot, i, end));
    }
    *size += keys;
    return node;
}

static atr_map_node *node_of_deal(atr_pool *pool, const atr_map_kind *kind, const atr_map_lot *lot,
                                  const atr_map_deal *d, size_t *size)
{
    uint32_t entries = atr_bits(d->one), children = atr_bits(d->more);
    atr_map_node *node = node_new(pool, kind, entries, children);
    atr_word *to;
    if (node == NULL) {
        return NULL;
    }
    node->data = d->one;
    node->children = d->more;
    to = node->slots + children;
    for (uint32_t left = d->one; left != 0; left &= left - 1) {
        uint32_t digit = atr_lowest_bit(left);
        to = put_entry(kind, to, atr_map_lot_entry(lot, d->from[digit], d->end[digit]));
    }
    *size += entries;
    return node;
}

/* Different numbers have different hashes, and texts of one hash lie in one node: so the recursion ends after 13
 * levels. */
atr_map_node *atr_map_build(atr_pool *pool, const atr_map_kind *kind, const atr_map_lot *lot,
                            uint32_t level, size_t *size)
{
    atr_map_deal d;
    atr_map_node *node;
    uint32_t children = 0;
    if (kind->text && level == ATR_MAP_TEXT_LEVELS) {
        return build_collision(pool, kind, lot, size);
    }
    atr_map_deal_out(&d, lot, level);
    node = node_of_deal(pool, kind, lot, &d, size);
    if (node == NULL) {
        return NULL;
    }
    for (uint32_t left = d.more; left != 0; left &= left - 1) {
        atr_map_lot part = atr_map_lot_of(lot, &d, atr_lowest_bit(left));
        atr_map_node *child = atr_map_build(pool, kind, &part, level + 1, size);
        if (child == NULL) {
            undo(pool, node, children);
            return NULL;
        }
        node->slots[children++].ref = child;
    }
    return node;
}

void atr_map_hold_entries(const atr_map_node *node)
{
    const atr_map_kind *kind = atr_map_node_kind(node);
    uint32_t children = atr_map_node_children(node);
    if (kind->refs > 0) {
        atr_refs_hold(node->slots + children + kind->first,
                      (size_t)kind->refs * atr_map_node_entries(node), kind->step);
    }
    for (uint32_t i = 0; i < children; i++) {
        atr_map_hold_entries(node->slots[i].ref);
    }
}
