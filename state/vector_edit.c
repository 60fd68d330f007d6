/* Inserting and erasing inside the tree: one path is copied. A full node splits, one that falls below half
 * is joined with a neighbour. Recursion goes as deep as the tree is high, which is ATR_VEC_LEVELS. */
#include <string.h>

#include "vector_node.h"

static bool leaf_insert(const atr_vec_tree *tree, const atr_vec_node *leaf, uint32_t at,
                        atr_word item, atr_vec_node *out[2], uint32_t *count)
{
    atr_word words[ATR_VEC_WIDTH + 1];
    *count = 1;
    if (leaf->count < ATR_VEC_WIDTH) {
        out[0] = atr_vec_leaf_splice(tree, leaf, at, 0, &item, 1);
        return out[0] != NULL;
    }
    memcpy(words, leaf->slots, at * sizeof item);
    words[at] = item;
    memcpy(words + at + 1, leaf->slots + at, (ATR_VEC_WIDTH - at) * sizeof item);
    out[0] = atr_vec_leaf_splice(tree, NULL, 0, 0, words, ATR_VEC_HALF + 1);
    if (out[0] == NULL) {
        return false;
    }
    out[1] = atr_vec_leaf_splice(tree, NULL, 0, 0, words + ATR_VEC_HALF + 1, ATR_VEC_HALF);
    if (out[1] == NULL) {
        atr_value_release(out[0]);
        return false;
    }
    *count = 2;
    return true;
}

/* One or two nodes in place of this one. */
static bool node_insert(const atr_vec_tree *tree, const atr_vec_node *node, size_t i, atr_word item,
                        atr_vec_node *out[2], uint32_t *count)
{
    atr_vec_node *list[ATR_VEC_WIDTH + 1], *put[2];
    uint32_t at, put_count;
    if (node->height == 0) {
        return leaf_insert(tree, node, (uint32_t)i, item, out, count);
    }
    at = atr_vec_index(node, &i);
    if (!node_insert(tree, atr_vec_child(node, at), i, item, put, &put_count)) {
        return false;
    }
    *count = 1;
    if (put_count == 1 || node->count < ATR_VEC_WIDTH) {
        out[0] = atr_vec_inner_splice(tree, node, at, 1, put, put_count);
        return out[0] != NULL;
    }
    for (uint32_t k = 0; k < at; k++) {
        list[k] = atr_vec_node_hold(atr_vec_child(node, k));
    }
    list[at] = put[0];
    list[at + 1] = put[1];
    for (uint32_t k = at + 1; k < ATR_VEC_WIDTH; k++) {
        list[k + 1] = atr_vec_node_hold(atr_vec_child(node, k));
    }
    return atr_vec_spread(tree, list, ATR_VEC_WIDTH + 1, 0, node->height, out, count);
}

bool atr_vec_tree_insert(atr_vec_tree *tree, size_t i, atr_word item)
{
    atr_vec_node *out[2], *root;
    uint32_t count;
    if (!node_insert(tree, tree->root, i, item, out, &count)) {
        return false;
    }
    root = count == 1 ? out[0] : atr_vec_inner_of(tree, out, 2, tree->root->height + 1u);
    if (root == NULL) {
        return false;
    }
    atr_value_release(tree->root);
    tree->root = root;
    return true;
}

/* Put `child`, which is taken over, in place of the one at `at`, joined with a neighbour if need be. */
static atr_vec_node *put_shrunk(const atr_vec_tree *tree, const atr_vec_node *node, uint32_t at,
                                atr_vec_node *child)
{
    atr_vec_node *joined[2];
    uint32_t count;
    bool done, last = at + 1u == node->count;
    if (child->count >= ATR_VEC_HALF || node->count == 1) {
        return atr_vec_inner_splice(tree, node, at, 1, &child, 1);
    }
    done = last ? atr_vec_join(tree, atr_vec_child(node, at - 1), child, joined, &count)
                : atr_vec_join(tree, child, atr_vec_child(node, at + 1), joined, &count);
    atr_value_release(child);
    return done ? atr_vec_inner_splice(tree, node, last ? at - 1 : at, 2, joined, count) : NULL;
}

/* The node without element i of two or more: leaves that others stand beside have two or more, and lose to a
 * neighbour what leaves them below half. */
static atr_vec_node *node_erase(const atr_vec_tree *tree, const atr_vec_node *node, size_t i)
{
    atr_vec_node *child;
    uint32_t at;
    if (node->height == 0) {
        return atr_vec_leaf_splice(tree, node, (uint32_t)i, 1, NULL, 0);
    }
    at = atr_vec_index(node, &i);
    child = node_erase(tree, atr_vec_child(node, at), i);
    return child != NULL ? put_shrunk(tree, node, at, child) : NULL;
}

bool atr_vec_tree_erase(atr_vec_tree *tree, size_t i)
{
    atr_vec_node *root = NULL;
    if (tree->root->size > 1) {
        root = node_erase(tree, tree->root, i);
        if (root == NULL) {
            return false;
        }
        atr_vec_root_settle(&root);
    }
    atr_value_release(tree->root);
    tree->root = root;
    return true;
}
