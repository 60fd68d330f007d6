/* Changes along one path of the tree: nodes from the root down that nobody else holds are written in
 * place, the others copied. All that can fail comes before the first change. */
#include <string.h>

#include "loan.h"
#include "refs.h"
#include "vector_node.h"

typedef struct vec_path {
    atr_vec_node *nodes[ATR_VEC_LEVELS]; /* from the root down */
    uint32_t index[ATR_VEC_LEVELS];      /* which child is the next one */
    uint32_t own;                        /* this many nodes belong to the tree alone */
} vec_path;

static void path_add(const atr_vec_tree *tree, vec_path *path, uint32_t level, atr_vec_node *node,
                     uint32_t index)
{
    path->nodes[level] = node;
    path->index[level] = index;
    if (path->own == level && atr_loan_is_sole(&node->atr, tree->pool)) {
        path->own++;
    }
}

/* A copy of a shared node with a child of the same size in place of one; takes the child over. */
static atr_vec_node *copy_with_child(const atr_vec_tree *tree, const atr_vec_node *node,
                                     uint32_t at, atr_vec_node *child)
{
    atr_vec_node *copy = atr_node_alloc(tree->pool, node->atr.model, atr_vec_node_bytes(node));
    if (copy == NULL) {
        atr_value_release(child);
        return NULL;
    }
    atr_node_copy(copy, node, node->pairs, false);
    copy->slots[at].ref = child;
    atr_vec_share_rest(tree, node, copy, at, 1, 1);
    return copy;
}

/* The own nodes above `level` have grown by so many elements at their right edge. */
static void path_grow(const vec_path *path, uint32_t level, uint32_t grown)
{
    for (uint32_t i = 0; i < level; i++) {
        atr_vec_node *node = path->nodes[i];
        node->size += grown;
        if (node->relaxed) {
            atr_vec_ends(node)[node->count - 1] += grown;
        }
    }
}

/* Put `fresh`, which is taken over, in place of the node on `level`. used: that node is gone already,
 * which is so on the tree's own levels only. */
static bool path_link(atr_vec_tree *tree, const vec_path *path, uint32_t level, atr_vec_node *fresh,
                      bool used)
{
    uint32_t grown = 0;
    atr_vec_node *old;
    if (!used) {
        grown = fresh->size - path->nodes[level]->size;
    }
    for (; level > path->own; level--) {
        atr_vec_node *parent = path->nodes[level - 1];
        fresh = grown == 0
                    ? copy_with_child(tree, parent, path->index[level - 1], fresh)
                    : atr_vec_inner_splice(tree, parent, path->index[level - 1], 1, &fresh, 1);
        if (fresh == NULL) {
            return false;
        }
    }
    old = path->nodes[level];
    if (level == 0) {
        tree->root = fresh;
    } else {
        path->nodes[level - 1]->slots[path->index[level - 1]].ref = fresh;
        path_grow(path, level, grown);
    }
    if (!used) {
        atr_value_release(old);
    }
    return true;
}

static void leaf_write(atr_vec_node *leaf, uint32_t at, atr_word item)
{
    atr_word old = leaf->slots[at];
    leaf->slots[at] = item;
    if (leaf->atr.model == &atr_vec_ref_leaf) {
        atr_hold_(item.ref);
        atr_value_release(old.ref);
    }
}

bool atr_vec_tree_set(atr_vec_tree *tree, size_t i, atr_word item)
{
    vec_path path;
    atr_vec_node *node = tree->root, *fresh;
    uint32_t level = 0;
    path.own = 0;
    while (node->height > 0) {
        uint32_t at = atr_vec_index(node, &i);
        path_add(tree, &path, level++, node, at);
        node = atr_vec_child(node, at);
    }
    path_add(tree, &path, level, node, 0);
    if (level < path.own) {
        leaf_write(node, (uint32_t)i, item);
        return true;
    }
    fresh = atr_vec_leaf_splice(tree, node, (uint32_t)i, 1, &item, 1);
    return fresh != NULL && path_link(tree, &path, level, fresh, false);
}

/* ---- pushing a leaf ---- */

/* Nodes of one child each, up to a height, above a node that is taken over. */
static atr_vec_node *chain(const atr_vec_tree *tree, atr_vec_node *node, uint32_t height)
{
    while (node != NULL && node->height < height) {
        node = atr_vec_inner_of(tree, &node, 1, node->height + 1u);
    }
    return node;
}

/* The node with one more child; an own node is used up. The child is taken over, on failure too. */
static atr_vec_node *with_last(const atr_vec_tree *tree, atr_vec_node *node, atr_vec_node *child,
                               bool own)
{
    atr_vec_node *list[ATR_VEC_WIDTH], *fresh;
    if (!own) {
        return atr_vec_inner_splice(tree, node, node->count, 0, &child, 1);
    }
    for (uint32_t i = 0; i < node->count; i++) {
        list[i] = atr_vec_child(node, i);
    }
    list[node->count] = child;
    fresh = atr_vec_inner_try(tree, list, node->count + 1u, node->height);
    if (fresh == NULL) {
        atr_value_release(child);
        return NULL;
    }
    atr_cell_free(tree->pool, node, atr_vec_node_bytes(node));
    return fresh;
}

/* Hang a chain of nodes above the leaf on the lowest node of the right edge that has room. */
static bool push_on_edge(atr_vec_tree *tree, vec_path *path, uint32_t level, atr_vec_node *leaf)
{
    atr_vec_node *node = path->nodes[level];
    uint32_t grown = leaf->size;
    bool own = level < path->own;
    atr_vec_node *child = chain(tree, leaf, node->height - 1u);
    atr_vec_node *fresh = child != NULL ? with_last(tree, node, child, own) : NULL;
    if (fresh == NULL || !path_link(tree, path, level, fresh, own)) {
        return false;
    }
    if (own) {
        path_grow(path, level, grown);
    }
    return true;
}

static bool push_above(atr_vec_tree *tree, atr_vec_node *leaf)
{
    atr_vec_node *list[2] = {tree->root, chain(tree, leaf, tree->root->height)}, *root;
    if (list[1] == NULL) {
        return false;
    }
    root = atr_vec_inner_try(tree, list, 2, tree->root->height + 1u);
    if (root == NULL) {
        atr_value_release(list[1]);
        return false;
    }
    tree->root = root;
    return true;
}

static bool push(atr_vec_tree *tree, atr_vec_node *leaf)
{
    vec_path path;
    atr_vec_node *node = tree->root;
    uint32_t level = 0, room = ATR_VEC_LEVELS;
    path.own = 0;
    for (; node->height > 0; node = atr_vec_child(node, node->count - 1u)) {
        path_add(tree, &path, level, node, node->count - 1u);
        if (node->count < ATR_VEC_WIDTH) {
            room = level;
        }
        level++;
    }
    if (node->count < ATR_VEC_HALF) {
        bool done = atr_vec_tree_append(tree, leaf); /* the last leaf leaves the edge: fill it */
        atr_value_release(leaf);
        return done;
    }
    return room < ATR_VEC_LEVELS ? push_on_edge(tree, &path, room, leaf) : push_above(tree, leaf);
}

bool atr_vec_tree_push_leaf(atr_vec_tree *tree, atr_vec_node *leaf)
{
    bool done;
    if (tree->root == NULL) {
        tree->root = leaf;
        return true;
    }
    atr_vec_node_hold(leaf);
    done = push(tree, leaf);
    if (done) {
        atr_value_release(leaf);
    }
    return done;
}

void atr_vec_tree_drop(atr_vec_tree *tree)
{
    atr_value_release(tree->root);
    atr_value_release(tree->tail);
}
