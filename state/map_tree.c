/* Updates of the hash trie. An update goes down to the node concerned, makes its new form, and from there up
 * copies of its parents. No node is written once it is in the tree, so a full memory changes nothing.
 *
 * A new form is spliced: the old slots but for one or two. What it has in common with the old node is
 * borrowed (loan.h) or held once more. */
#include <string.h>

#include "loan.h"
#include "map_node.h"
#include "refs.h"

typedef struct map_path {
    const atr_map_node *nodes[ATR_MAP_DEPTH];
    uint32_t depth; /* index of the last node */
    uint64_t hash;
} map_path;

/* At slot `at` of the old node leave out `skip` words and put in `put` others. */
typedef struct splice {
    uint32_t at, skip, put;
    atr_word words[2];
} splice;

static uint32_t bit_at(uint64_t hash, uint32_t level)
{
    return atr_map_bit(hash << (level * ATR_MAP_DIGIT));
}

static void drop(const void *node)
{
    atr_value_release(node);
}

static atr_map_node *node_alloc(const atr_map_tree *tree, const atr_map_kind *kind, uint32_t data,
                                uint32_t children, uint32_t slots)
{
    atr_map_node *node = atr_node_alloc(tree->pool, &kind->model, atr_map_node_bytes(slots));
    if (node != NULL) {
        node->data = data;
        node->children = children;
    }
    return node;
}

static void hold_slots(const atr_map_node *node, uint32_t children, uint32_t entries)
{
    const atr_map_kind *kind = atr_map_node_kind(node);
    atr_nodes_hold(node->slots, children);
    if (kind->refs > 0) {
        atr_refs_hold(node->slots + children + kind->first, (size_t)kind->refs * entries,
                      kind->step);
    }
}

/* Hold what a new form has in common with the old one. */
static void hold_rest(const atr_map_node *node, uint32_t changed)
{
    const atr_map_kind *kind = atr_map_node_kind(node);
    const atr_word *slot = node->slots;
    for (uint32_t left = node->children; left != 0; left &= left - 1, slot++) {
        if ((left & (0u - left) & changed) == 0) {
            atr_node_hold(*slot);
        }
    }
    for (uint32_t left = node->data; left != 0; left &= left - 1, slot += kind->stride) {
        if ((left & (0u - left) & changed) == 0) {
            atr_map_hold_entry(kind, slot);
        }
    }
}

void atr_map_settle(atr_pool *pool, const atr_map_node *node, uint32_t changed)
{
    pool->figures.settled++;
    hold_rest(node, changed);
}

void atr_map_share(atr_pool *pool, bool borrows, const atr_map_node *old, atr_map_node *node,
                   uint32_t changed)
{
    if (!borrows || !atr_loan_begin(pool, old, node, changed, changed)) {
        pool->figures.apart++;
        atr_map_settle(pool, node, changed);
    }
}

static void share(const atr_map_tree *tree, const atr_map_node *old, atr_map_node *node,
                  uint32_t changed)
{
    atr_map_share(tree->pool, !tree->pool->eager, old, node, changed);
}

/* Collision nodes have no digits. */
static void share_none(const atr_map_tree *tree, const atr_map_node *node)
{
    tree->pool->figures.apart++;
    tree->pool->figures.settled++;
    hold_slots(node, 0, node->data);
}

static void splice_words(atr_word *to, const atr_map_node *base, uint32_t slots,
                         const splice *edits, uint32_t edit_count)
{
    uint32_t from = 0;
    for (uint32_t i = 0; i < edit_count; i++) {
        to = atr_words_copy(to, base->slots + from, edits[i].at - from);
        for (uint32_t k = 0; k < edits[i].put; k++) {
            *to++ = edits[i].words[k];
        }
        from = edits[i].at + edits[i].skip;
    }
    atr_words_copy(to, base->slots + from, slots - from);
}

/* Hold what came in, a child but for, whose one count the node takes over. */
static void hold_put(const atr_map_kind *kind, const splice *edits, uint32_t edit_count,
                     bool child_put)
{
    for (uint32_t i = child_put ? 1 : 0; i < edit_count; i++) {
        if (edits[i].put > 0) {
            atr_map_hold_entry(kind, edits[i].words);
        }
    }
}

/* The new form of a node. The edits lie in order, and a child put in comes first and is taken over, on failure
 * too. NULL: no memory, nothing else changed. */
static atr_map_node *node_splice(const atr_map_tree *tree, const atr_map_node *base, uint32_t data,
                                 uint32_t children, const splice *edits, uint32_t edit_count)
{
    const atr_map_kind *kind = atr_map_node_kind(base);
    uint32_t old_children = atr_map_node_children(base);
    uint32_t old_slots = old_children + kind->stride * atr_map_node_entries(base);
    uint32_t slots = old_slots;
    bool child_put = (children & ~base->children) != 0;
    atr_map_node *node;

    for (uint32_t i = 0; i < edit_count; i++) {
        slots += edits[i].put - edits[i].skip;
    }
    node = node_alloc(tree, kind, data, children, slots);
    if (node == NULL) {
        if (child_put) {
            drop(edits[0].words[0].ref);
        }
        return NULL;
    }
    splice_words(node->slots, base, old_slots, edits, edit_count);
    if (kind->collision) {
        share_none(tree, node);
    } else {
        hold_put(kind, edits, edit_count, child_put);
        share(tree, base, node, (data ^ base->data) | (children ^ base->children));
    }
    return node;
}

static uint32_t child_slot(const atr_map_node *node, uint32_t bit)
{
    return atr_bits(node->children & (bit - 1));
}

static uint32_t entry_slot(const atr_map_node *node, uint32_t bit)
{
    return atr_map_node_children(node) +
           atr_map_node_kind(node)->stride * atr_bits(node->data & (bit - 1));
}

/* The same slots, none of them held. */
static atr_map_node *node_twin(const atr_map_tree *tree, const atr_map_node *node)
{
    const atr_map_kind *kind = atr_map_node_kind(node);
    uint32_t slots = atr_map_node_children(node) + kind->stride * atr_map_node_entries(node);
    atr_map_node *twin = node_alloc(tree, kind, node->data, node->children, slots);
    if (twin != NULL) {
        atr_words_copy(twin->slots, node->slots, slots);
    }
    return twin;
}

/* A copy of a shared node with another child in place of the one at bit; takes over `child`. */
static atr_map_node *copy_with_child(const atr_map_tree *tree, const atr_map_node *node,
                                     uint32_t bit, atr_map_node *child)
{
    atr_map_node *copy = node_twin(tree, node);
    if (copy == NULL) {
        drop(child);
    } else {
        copy->slots[child_slot(node, bit)].ref = child;
        share(tree, node, copy, bit);
    }
    return copy;
}

/* Put `fresh` in place of the node on `level` of the path; it is taken over. */
static bool tree_link(atr_map_tree *tree, const map_path *path, uint32_t level, atr_map_node *fresh)
{
    while (level > 0 && fresh != NULL) {
        level--;
        fresh = copy_with_child(tree, path->nodes[level], bit_at(path->hash, level), fresh);
    }
    if (fresh == NULL) {
        return false;
    }
    drop(tree->root);
    tree->root = fresh;
    return true;
}

/* Splice the node on a level of the path and link the new form. */
static bool tree_splice(atr_map_tree *tree, const map_path *path, uint32_t level, uint32_t data,
                        uint32_t children, const splice *edits, uint32_t edit_count)
{
    atr_map_node *fresh = node_splice(tree, path->nodes[level], data, children, edits, edit_count);
    return fresh != NULL && tree_link(tree, path, level, fresh);
}

/* ---- finding the place ---- */

/* Go down to the node in which the key is or would be. */
static const atr_map_node *path_find(const atr_map_tree *tree, map_path *path, uint64_t hash)
{
    const atr_map_node *node = tree->root;
    uint32_t level = 0;
    path->hash = hash;
    path->nodes[0] = node;
    while (node->children & atr_map_bit(hash)) {
        node = node->slots[child_slot(node, atr_map_bit(hash))].ref;
        hash <<= ATR_MAP_DIGIT;
        path->nodes[++level] = node;
    }
    path->depth = level;
    return node;
}

/* Find the slot of a key in the node the path ends at. false: it is not there, *slot is where it would
 * be, unless another key has its digit. */
static bool entry_find(const atr_map_kind *kind, const atr_map_node *node, uint32_t bit,
                       atr_word key, uint32_t *slot)
{
    if (!kind->collision) {
        *slot = entry_slot(node, bit);
        return (node->data & bit) != 0 && atr_map_same_key(kind, node->slots[*slot], key);
    }
    for (*slot = 0; *slot < kind->stride * node->data; *slot += kind->stride) {
        int order = atr_str_compare(node->slots[*slot].ref, key.ref);
        if (order >= 0) {
            return order == 0;
        }
    }
    return false;
}

/* ---- adding ---- */

/* A node of one child, which it takes over. */
static atr_map_node *node_of_child(const atr_map_tree *tree, uint32_t bit, atr_map_node *child)
{
    atr_map_node *node = node_alloc(tree, tree->kind, 0, bit, 1);
    if (node == NULL) {
        drop(child);
        return NULL;
    }
    node->slots[0].ref = child;
    return node;
}

static atr_map_node *node_of_entries(const atr_map_tree *tree, const atr_map_kind *kind,
                                     uint32_t data, const atr_word *first, const atr_word *second)
{
    uint32_t stride = kind->stride;
    atr_map_node *node = node_alloc(tree, kind, data, 0, second != NULL ? 2 * stride : stride);
    if (node == NULL) {
        return NULL;
    }
    for (uint32_t i = 0; i < stride; i++) {
        node->slots[i] = first[i];
        if (second != NULL) {
            node->slots[stride + i] = second[i];
        }
    }
    hold_slots(node, 0, second != NULL ? 2 : 1);
    return node;
}

/* The branch, to hang on `level`, of two entries whose digits above are the same. */
static atr_map_node *branch_of_two(const atr_map_tree *tree, uint32_t level, const atr_word *a,
                                   uint64_t a_hash, const atr_word *b, uint64_t b_hash)
{
    uint32_t at = level, a_bit, b_bit;
    bool swap;
    const atr_map_kind *kind = tree->kind;
    atr_map_node *node;
    while (bit_at(a_hash, at) == bit_at(b_hash, at) && (!kind->text || at < ATR_MAP_TEXT_LEVELS)) {
        at++;
    }
    a_bit = bit_at(a_hash, at);
    b_bit = bit_at(b_hash, at);
    if (kind->text && at == ATR_MAP_TEXT_LEVELS) {
        swap = atr_str_compare(a[0].ref, b[0].ref) > 0;
        node = node_of_entries(tree, kind->collisions, 2, swap ? b : a, swap ? a : b);
    } else {
        swap = a_bit > b_bit;
        node = node_of_entries(tree, kind, a_bit | b_bit, swap ? b : a, swap ? a : b);
    }
    while (node != NULL && at > level) {
        node = node_of_child(tree, bit_at(a_hash, --at), node);
    }
    return node;
}

/* A copy of a shared node with another value in an entry. */
static atr_map_node *copy_with_value(const atr_map_tree *tree, const atr_map_node *node,
                                     uint32_t bit, uint32_t slot, atr_word value)
{
    const atr_map_kind *kind = atr_map_node_kind(node);
    atr_map_node *copy = node_twin(tree, node);
    if (copy == NULL) {
        return NULL;
    }
    copy->slots[slot + 1] = value;
    if (kind->collision) {
        share_none(tree, copy);
    } else {
        atr_map_hold_entry(kind, copy->slots + slot);
        share(tree, node, copy, bit);
    }
    return copy;
}

static bool value_replace(atr_map_tree *tree, const map_path *path, uint32_t slot,
                          const atr_word *entry)
{
    atr_map_node *fresh = copy_with_value(tree, path->nodes[path->depth],
                                          bit_at(path->hash, path->depth), slot, entry[1]);
    return fresh != NULL && tree_link(tree, path, path->depth, fresh);
}

static bool entry_add(atr_map_tree *tree, const map_path *path, uint32_t slot,
                      const atr_word *entry)
{
    const atr_map_node *node = path->nodes[path->depth];
    const atr_map_kind *kind = atr_map_node_kind(node);
    uint32_t data = kind->collision ? node->data + 1 : node->data | bit_at(path->hash, path->depth);
    splice edit = {slot, 0, kind->stride, {entry[0], entry[1]}};
    return tree_splice(tree, path, path->depth, data, node->children, &edit, 1);
}

/* Another key has the digit: both go one level down. */
static bool entry_push_down(atr_map_tree *tree, const map_path *path, uint32_t slot,
                            const atr_word *entry)
{
    const atr_map_node *node = path->nodes[path->depth];
    uint32_t bit = bit_at(path->hash, path->depth);
    uint64_t old_hash = atr_map_hash_of(tree->kind, node->slots[slot]);
    splice edits[2] = {{child_slot(node, bit), 0, 1, {{0}}}, {slot, tree->kind->stride, 0, {{0}}}};
    edits[0].words[0].ref =
        branch_of_two(tree, path->depth + 1, node->slots + slot, old_hash, entry, path->hash);
    return edits[0].words[0].ref != NULL &&
           tree_splice(tree, path, path->depth, node->data & ~bit, node->children | bit, edits, 2);
}

static bool value_same(const atr_map_kind *kind, atr_word a, atr_word b)
{
    return kind->stride == 1 || (kind->ref ? a.ref == b.ref : a.i64 == b.i64);
}

static int set_in_empty(atr_map_tree *tree, const atr_word *entry)
{
    uint32_t bit = atr_map_bit(atr_map_hash_of(tree->kind, entry[0]));
    tree->root = node_of_entries(tree, tree->kind, bit, entry, NULL);
    tree->size = tree->root != NULL;
    return tree->root != NULL ? 1 : ATR_E_NO_MEMORY;
}

int atr_map_tree_set(atr_map_tree *tree, atr_word key, atr_word value)
{
    atr_word entry[2] = {key, value};
    map_path path;
    const atr_map_node *node;
    const atr_map_kind *kind;
    uint32_t bit, slot;
    bool done;

    if (tree->root == NULL) {
        return set_in_empty(tree, entry);
    }
    node = path_find(tree, &path, atr_map_hash_of(tree->kind, key));
    kind = atr_map_node_kind(node);
    bit = bit_at(path.hash, path.depth);
    if (entry_find(kind, node, bit, key, &slot)) {
        if (kind->stride == 1 || value_same(kind, node->slots[slot + 1], value)) {
            return 0;
        }
        return value_replace(tree, &path, slot, entry) ? 1 : ATR_E_NO_MEMORY;
    }
    if (tree->size >= ATR_MAP_MAX) {
        return ATR_E_LIMIT;
    }
    done = !kind->collision && (node->data & bit) != 0 ? entry_push_down(tree, &path, slot, entry)
                                                       : entry_add(tree, &path, slot, entry);
    tree->size += done;
    return done ? 1 : ATR_E_NO_MEMORY;
}

/* ---- removing ---- */

static bool is_only_child(const atr_map_node *parent)
{
    return parent->data == 0 && (parent->children & (parent->children - 1)) == 0;
}

/* One entry would be left of the node the path ends at: it goes up, past parents that held nothing but
 * this branch. */
static bool entry_pull_up(atr_map_tree *tree, const map_path *path, const atr_word *left)
{
    uint32_t stride = tree->kind->stride, level = path->depth - 1, bit;
    const atr_map_node *node;
    splice edits[2] = {{0, 1, 0, {{0}}}, {0, 0, stride, {left[0], left[stride - 1]}}};
    while (level > 0 && is_only_child(path->nodes[level])) {
        level--;
    }
    node = path->nodes[level];
    bit = bit_at(path->hash, level);
    edits[0].at = child_slot(node, bit);
    edits[1].at = entry_slot(node, bit);
    return tree_splice(tree, path, level, node->data | bit, node->children & ~bit, edits, 2);
}

static bool entry_remove(atr_map_tree *tree, const map_path *path, uint32_t slot)
{
    const atr_map_node *node = path->nodes[path->depth];
    const atr_map_kind *kind = atr_map_node_kind(node);
    uint32_t data =
        kind->collision ? node->data - 1 : node->data & ~bit_at(path->hash, path->depth);
    splice edit = {slot, kind->stride, 0, {{0}}};
    if (path->depth > 0 && node->children == 0 && atr_map_node_entries(node) == 2) {
        return entry_pull_up(tree, path, node->slots + (slot == 0 ? kind->stride : 0));
    }
    return tree_splice(tree, path, path->depth, data, node->children, &edit, 1);
}

int atr_map_tree_remove(atr_map_tree *tree, atr_word key)
{
    map_path path;
    const atr_map_node *node;
    uint32_t slot;

    if (tree->root == NULL) {
        return 0;
    }
    node = path_find(tree, &path, atr_map_hash_of(tree->kind, key));
    if (!entry_find(atr_map_node_kind(node), node, bit_at(path.hash, path.depth), key, &slot)) {
        return 0;
    }
    if (tree->size == 1) {
        drop(tree->root);
        tree->root = NULL;
    } else if (!entry_remove(tree, &path, slot)) {
        return ATR_E_NO_MEMORY;
    }
    tree->size--;
    return 1;
}
