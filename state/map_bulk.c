/* A map of many entries with i64 keys, made in one go. Entries are dealt out by their digits, level by
 * level, so each node is made once, in its final size: no cell is left behind by nodes that grew, and
 * what belongs together lies together. Dealing needs room for as many entries; after each dealing the
 * array has the same entries as before, those of one key in the order in which they came. */
#include <string.h>

#include "map_node.h"

typedef struct bulk {
    atr_pool *pool;
    const atr_map_kind *kind;
    size_t size; /* entries in nodes */
} bulk;

/* What one node is made of: the entries of digit d lie from starts[d] to starts[d + 1]. */
typedef struct deal {
    uint32_t starts[ATR_MAP_WIDTH + 1];
    uint32_t data, children;
} deal;

static uint32_t digit_at(atr_word key, uint32_t level)
{
    return (uint32_t)(atr_map_hash_i64(key.i64) << (level * ATR_MAP_DIGIT) >> (64 - ATR_MAP_DIGIT));
}

static bool is_one_key(const atr_map_entry *entries, uint32_t count)
{
    for (uint32_t i = 1; i < count; i++) {
        if (entries[i].key.i64 != entries[0].key.i64) {
            return false;
        }
    }
    return true;
}

static void deal_out(deal *d, atr_map_entry *entries, atr_map_entry *room, uint32_t count,
                     uint32_t level)
{
    uint32_t next[ATR_MAP_WIDTH] = {0}, sum = 0;
    for (uint32_t i = 0; i < count; i++) {
        next[digit_at(entries[i].key, level)]++;
    }
    for (uint32_t i = 0; i < ATR_MAP_WIDTH; i++) {
        d->starts[i] = sum;
        sum += next[i];
        next[i] = d->starts[i];
    }
    d->starts[ATR_MAP_WIDTH] = sum;
    for (uint32_t i = 0; i < count; i++) {
        room[next[digit_at(entries[i].key, level)]++] = entries[i];
    }
    memcpy(entries, room, count * sizeof *room);
    d->data = 0;
    d->children = 0;
    for (uint32_t i = 0; i < ATR_MAP_WIDTH; i++) {
        uint32_t of_digit = d->starts[i + 1] - d->starts[i];
        if (of_digit > 0 && is_one_key(entries + d->starts[i], of_digit)) {
            d->data |= (uint32_t)1 << i;
        } else if (of_digit > 0) {
            d->children |= (uint32_t)1 << i;
        }
    }
}

static size_t node_bytes(uint32_t stride, uint32_t data, uint32_t children)
{
    size_t slots = atr_bits(children) + (size_t)stride * atr_bits(data);
    return atr_map_node_bytes(slots);
}

/* Free the nodes only: the entries stay the caller's. The first `children` children are there. */
static void undo(const bulk *b, atr_map_node *node, uint32_t children)
{
    for (uint32_t i = 0; i < children; i++) {
        atr_map_node *child = (atr_map_node *)(uintptr_t)node->slots[i].ref;
        undo(b, child, atr_bits(child->children));
    }
    atr_cell_free(b->pool, node, node_bytes(b->kind->stride, node->data, node->children));
}

/* Of several entries with one key the last one counts. */
static void put_entries(bulk *b, atr_map_node *node, const deal *d, const atr_map_entry *dealt)
{
    atr_word *to = node->slots + atr_bits(d->children);
    for (uint32_t i = 0; i < ATR_MAP_WIDTH; i++) {
        if ((d->data >> i & 1) != 0) {
            const atr_map_entry *last = &dealt[d->starts[i + 1] - 1];
            *to++ = last->key;
            if (b->kind->stride == 2) {
                *to++ = last->value;
            }
            b->size++;
        }
    }
}

/* Different keys have different hashes, so the recursion ends after 13 levels. */
static atr_map_node *build(bulk *b, atr_map_entry *entries, atr_map_entry *room, uint32_t count,
                           uint32_t level)
{
    deal d;
    atr_map_node *node;
    uint32_t children = 0;
    deal_out(&d, entries, room, count, level);
    node =
        atr_node_alloc(b->pool, &b->kind->model, node_bytes(b->kind->stride, d.data, d.children));
    if (node == NULL) {
        return NULL;
    }
    node->data = d.data;
    node->children = d.children;
    put_entries(b, node, &d, entries);
    for (uint32_t i = 0; i < ATR_MAP_WIDTH; i++) {
        uint32_t at = d.starts[i];
        if ((d.children >> i & 1) != 0) {
            atr_map_node *child =
                build(b, entries + at, room + at, d.starts[i + 1] - at, level + 1);
            if (child == NULL) {
                undo(b, node, children);
                return NULL;
            }
            node->slots[children++].ref = child;
        }
    }
    return node;
}

/* The map has its own count of each value; let go of those that came with the entries. */
static void give_back_counts(const atr_map_tree *tree, const atr_map_entry *entries, size_t count)
{
    atr_map m = {.size = (uint32_t)tree->size, .root = tree->root};
    atr_map_each each = {0};
    atr_word key, value;
    while (atr_map_next(&each, &m, &key, &value)) {
        atr_hold_(value.ref);
    }
    for (size_t i = 0; i < count; i++) {
        atr_value_release(entries[i].value.ref);
    }
}

bool atr_map_tree_build(atr_map_tree *tree, atr_map_entry *entries, atr_map_entry *room,
                        uint32_t count)
{
    bulk b = {tree->pool, tree->kind, 0};
    tree->root = build(&b, entries, room, count, 0);
    if (tree->root == NULL) {
        return false;
    }
    tree->size = b.size;
    if (b.size < count && tree->kind->ref) {
        give_back_counts(tree, entries, count);
    }
    return true;
}
