/* Nodes of maps made of parts. */
#include "map_parts.h"

#include <atrium/error.h>

#include "refs.h"

uint32_t atr_map_side_digits(const atr_map_kind *kind, atr_map_side x, uint32_t level)
{
    if (x.node != NULL) {
        return x.node->data | x.node->children;
    }
    return x.entry == NULL
               ? 0
               : atr_map_bit(atr_map_hash_of(kind, x.entry[0]) << (level * ATR_MAP_DIGIT));
}

atr_map_side atr_map_side_at(atr_map_side x, uint32_t digits, uint32_t bit)
{
    const atr_map_node *node = x.node;
    if ((digits & bit) == 0) {
        return (atr_map_side){NULL, NULL};
    }
    if (node == NULL) {
        return x;
    }
    if ((node->children & bit) != 0) {
        return (atr_map_side){node->slots[atr_bits(node->children & (bit - 1))].ref, NULL};
    }
    return (atr_map_side){NULL, node->slots + atr_map_node_children(node) +
                                    (size_t)atr_map_node_kind(node)->stride *
                                        atr_bits(node->data & (bit - 1))};
}

bool atr_map_parts_begin(atr_map_parts *parts, const atr_map_tree *tree, uint32_t entries)
{
    parts->tree = tree;
    parts->data = 0;
    parts->children = 0;
    parts->node_count = 0;
    parts->entry_count = 0;
    parts->entries = parts->small;
    if (entries > ATR_MAP_WIDTH) {
        parts->entries =
            atr_room_take(tree->pool, (size_t)entries * tree->kind->stride * sizeof(atr_word));
    }
    return parts->entries != NULL;
}

void atr_map_parts_add(atr_map_parts *parts, uint32_t bit, const atr_map_part *part)
{
    if (part->node != NULL) {
        parts->nodes[parts->node_count++] = part->node;
        parts->children |= bit;
    } else if (part->is_entry) {
        uint32_t stride = parts->tree->kind->stride;
        atr_words_copy(parts->entries + (size_t)parts->entry_count * stride, part->entry, stride);
        parts->entry_count++;
        parts->data = bit != 0 ? parts->data | bit : parts->entry_count;
    }
}

static void room_free(atr_map_parts *parts)
{
    if (parts->entries != parts->small) {
        atr_extra_give(parts->tree->pool, parts->entries);
    }
}

void atr_map_parts_drop(atr_map_parts *parts)
{
    for (uint32_t i = 0; i < parts->node_count; i++) {
        atr_value_release(parts->nodes[i]);
    }
    room_free(parts);
}

/* Takes over the children; what the entries refer to is held once more. NULL: no memory, nothing happened. */
static atr_map_node *node_of(const atr_map_parts *parts, const atr_map_kind *kind)
{
    size_t words = (size_t)parts->entry_count * kind->stride;
    atr_map_node *node = atr_node_alloc(parts->tree->pool, &kind->model,
                                        atr_map_node_bytes(parts->node_count + words));
    if (node == NULL) {
        return NULL;
    }
    node->data = parts->data;
    node->children = parts->children;
    for (uint32_t i = 0; i < parts->node_count; i++) {
        node->slots[i].ref = parts->nodes[i];
    }
    atr_words_copy(node->slots + parts->node_count, parts->entries, words);
    if (kind->refs > 0) {
        atr_refs_hold(node->slots + parts->node_count + kind->first,
                      (size_t)kind->refs * parts->entry_count, kind->step);
    }
    return node;
}

bool atr_map_parts_end(atr_map_parts *parts, bool collision, atr_map_part *made)
{
    const atr_map_kind *kind = parts->tree->kind;
    *made = (atr_map_part){NULL, false, {{0}, {0}}};
    if (parts->node_count == 0 && parts->entry_count <= 1) {
        made->is_entry = parts->entry_count == 1;
        atr_words_copy(made->entry, parts->entries, parts->entry_count * (size_t)kind->stride);
        room_free(parts);
        return true;
    }
    made->node = node_of(parts, collision ? kind->collisions : kind);
    if (made->node == NULL) {
        atr_map_parts_drop(parts);
        return false;
    }
    room_free(parts);
    return true;
}

bool atr_map_part_root(const atr_map_tree *tree, atr_map_part *part)
{
    atr_map_parts root;
    if (!part->is_entry) {
        return true;
    }
    atr_map_parts_begin(&root, tree, 1);
    atr_map_parts_add(&root, atr_map_bit(atr_map_hash_of(tree->kind, part->entry[0])), part);
    part->node = node_of(&root, tree->kind);
    return part->node != NULL;
}

const atr_map *atr_map_of_part(atr_scope *s, const atr_model *model, const atr_map_tree *tree,
                               atr_map_part *part, size_t size)
{
    const atr_map *m;
    if (!atr_map_part_root(tree, part)) {
        atr_scope_fail(s, &atr_error_no_memory);
    }
    if (part->node == NULL) {
        return NULL;
    }
    m = atr_map_publish(s, model, part->node, size);
    if (m == NULL) {
        atr_value_release(part->node);
    }
    return m;
}
