/* Cutting trees. A cut on the right leaves a right edge, which may be of any filling. A cut on the left
 * joins what is left of each level with its right neighbour when it is less than half full. Recursion
 * goes as deep as the tree is high, which is ATR_VEC_LEVELS. */
#include "vector_node.h"

void atr_vec_root_settle(atr_vec_node **root)
{
    while (*root != NULL && (*root)->height > 0 && (*root)->count == 1) {
        atr_vec_node *child = atr_vec_node_hold(atr_vec_child(*root, 0));
        atr_value_release(*root);
        *root = child;
    }
}

/* Keep the first `to` > 0 elements: their last leaf in *tail, the rest, if any, in *out. */
static bool cut_right(const atr_vec_tree *tree, const atr_vec_node *node, size_t to,
                      atr_vec_node **out, atr_vec_node **tail)
{
    atr_vec_node *child;
    size_t last = to - 1;
    uint32_t at;
    *out = NULL;
    if (node->height == 0) {
        *tail = to == node->count ? atr_vec_node_hold(node)
                                  : atr_vec_leaf_splice(tree, node, (uint32_t)to,
                                                        node->count - (uint32_t)to, NULL, 0);
        return *tail != NULL;
    }
    at = atr_vec_index(node, &last);
    if (!cut_right(tree, atr_vec_child(node, at), last + 1, &child, tail)) {
        return false;
    }
    if (at == 0 && child == NULL) {
        return true;
    }
    *out = atr_vec_inner_splice(tree, node, at, node->count - at, &child, child != NULL);
    if (*out == NULL) {
        atr_value_release(*tail);
    }
    return *out != NULL;
}

/* Leave out the first `from` elements, 0 < from < size. The result may be less than half full. */
static atr_vec_node *cut_left(const atr_vec_tree *tree, const atr_vec_node *node, size_t from)
{
    atr_vec_node *first, *joined[2];
    uint32_t at, count;
    bool done;
    if (node->height == 0) {
        return atr_vec_leaf_splice(tree, node, 0, (uint32_t)from, NULL, 0);
    }
    at = atr_vec_index(node, &from);
    first = atr_vec_child(node, at);
    first = from == 0 ? atr_vec_node_hold(first) : cut_left(tree, first, from);
    if (first == NULL || first->count >= ATR_VEC_HALF || at + 1u == node->count) {
        return first == NULL ? NULL : atr_vec_inner_splice(tree, node, 0, at + 1, &first, 1);
    }
    done = atr_vec_join(tree, first, atr_vec_child(node, at + 1), joined, &count);
    atr_value_release(first);
    return done ? atr_vec_inner_splice(tree, node, 0, at + 2, joined, count) : NULL;
}

bool atr_vec_tree_take(atr_vec_tree *tree, size_t to)
{
    size_t tail_at = tree->root != NULL ? tree->root->size : 0;
    atr_vec_node *root = NULL, *tail;
    if (tree->root == NULL || to > tail_at) {
        uint32_t count = (uint32_t)(to - tail_at);
        tail = atr_vec_leaf_splice(tree, tree->tail, count, tree->tail->count - count, NULL, 0);
        if (tail == NULL) {
            return false;
        }
    } else {
        if (!cut_right(tree, tree->root, to, &root, &tail)) {
            return false;
        }
        atr_vec_root_settle(&root);
        atr_value_release(tree->root);
        tree->root = root;
    }
    atr_value_release(tree->tail);
    tree->tail = tail;
    return true;
}

bool atr_vec_tree_skip(atr_vec_tree *tree, size_t from)
{
    size_t tail_at = tree->root != NULL ? tree->root->size : 0;
    atr_vec_node *root = NULL;
    if (from < tail_at) {
        root = cut_left(tree, tree->root, from);
        if (root == NULL) {
            return false;
        }
        atr_vec_root_settle(&root);
    } else if (from > tail_at) {
        atr_vec_node *tail =
            atr_vec_leaf_splice(tree, tree->tail, 0, (uint32_t)(from - tail_at), NULL, 0);
        if (tail == NULL) {
            return false;
        }
        atr_value_release(tree->tail);
        tree->tail = tail;
    }
    if (tree->root != NULL) {
        atr_value_release(tree->root);
    }
    tree->root = root;
    return true;
}
