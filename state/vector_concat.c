/* Joining trees. Along the seam, from the leaves up, two neighbours of which one is less than half full
 * become one, or share their slots evenly. That is O(log n) nodes, and it keeps the filling rule. */
#include <string.h>

#include "vector_node.h"

static void list_drop(atr_vec_node *const *list, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        atr_value_release(list[i]);
    }
}

/* How many of the slots go to the first of two nodes. */
static uint32_t share(uint32_t count, uint32_t natural)
{
    bool fits = natural >= ATR_VEC_HALF && natural <= ATR_VEC_WIDTH &&
                count - natural >= ATR_VEC_HALF && count - natural <= ATR_VEC_WIDTH;
    return fits ? natural : (count + 1) / 2;
}

bool atr_vec_spread(const atr_vec_tree *tree, atr_vec_node *const *list, uint32_t count,
                    uint32_t natural, uint32_t height, atr_vec_node *out[2], uint32_t *out_count)
{
    uint32_t first = count <= ATR_VEC_WIDTH ? count : share(count, natural);
    out[0] = atr_vec_inner_of(tree, list, first, height);
    *out_count = 1;
    if (first == count) {
        return out[0] != NULL;
    }
    if (out[0] == NULL) {
        list_drop(list + first, count - first);
        return false;
    }
    out[1] = atr_vec_inner_of(tree, list + first, count - first, height);
    if (out[1] == NULL) {
        atr_value_release(out[0]);
        return false;
    }
    *out_count = 2;
    return true;
}

static void keep_both(const atr_vec_node *l, const atr_vec_node *r, atr_vec_node *out[2],
                      uint32_t *count)
{
    out[0] = atr_vec_node_hold(l);
    out[1] = atr_vec_node_hold(r);
    *count = 2;
}

static bool join_leaves(const atr_vec_tree *tree, const atr_vec_node *l, const atr_vec_node *r,
                        atr_vec_node *out[2], uint32_t *count)
{
    atr_word words[2 * ATR_VEC_WIDTH];
    uint32_t total = (uint32_t)l->count + r->count, first;
    memcpy(words, l->slots, l->count * sizeof *words);
    memcpy(words + l->count, r->slots, r->count * sizeof *words);
    first = total <= ATR_VEC_WIDTH ? total : (total + 1) / 2;
    out[0] = atr_vec_leaf_splice(tree, NULL, 0, 0, words, first);
    *count = 1;
    if (out[0] == NULL || first == total) {
        return out[0] != NULL;
    }
    out[1] = atr_vec_leaf_splice(tree, NULL, 0, 0, words + first, total - first);
    if (out[1] == NULL) {
        atr_value_release(out[0]);
        return false;
    }
    *count = 2;
    return true;
}

/* Append the children of node from..to to the list, held. */
static uint32_t list_add(atr_vec_node **list, uint32_t count, const atr_vec_node *node,
                         uint32_t from, uint32_t to)
{
    for (uint32_t i = from; i < to; i++) {
        list[count++] = atr_vec_node_hold(atr_vec_child(node, i));
    }
    return count;
}

/* The children of l (without the last, if l is not lower) and r around the joined seam. */
static bool join_around(const atr_vec_tree *tree, const atr_vec_node *l, const atr_vec_node *r,
                        atr_vec_node *const *seam, uint32_t seam_count, atr_vec_node *out[2],
                        uint32_t *out_count)
{
    atr_vec_node *list[2 * ATR_VEC_WIDTH];
    uint32_t count = 0, height = l->height > r->height ? l->height : r->height, natural;
    if (l->height == height) {
        count = list_add(list, 0, l, 0, l->count - 1u);
    }
    natural = count + 1;
    for (uint32_t i = 0; i < seam_count; i++) {
        list[count++] = seam[i];
    }
    if (r->height == height) {
        count = list_add(list, count, r, 1, r->count);
    }
    return atr_vec_spread(tree, list, count, natural, height, out, out_count);
}

/* Recursion goes as deep as the trees are high, which is ATR_VEC_LEVELS. */
bool atr_vec_join(const atr_vec_tree *tree, const atr_vec_node *l, const atr_vec_node *r,
                  atr_vec_node *out[2], uint32_t *count)
{
    const atr_vec_node *left = l, *right = r;
    atr_vec_node *seam[2];
    uint32_t seam_count;
    bool filled = l->height == r->height && l->count >= ATR_VEC_HALF && r->count >= ATR_VEC_HALF;

    if (l->height == 0 && r->height == 0) {
        if (filled) {
            keep_both(l, r, out, count);
            return true;
        }
        return join_leaves(tree, l, r, out, count);
    }
    if (l->height >= r->height) {
        left = atr_vec_child(l, l->count - 1u);
    }
    if (r->height >= l->height) {
        right = atr_vec_child(r, 0);
    }
    if (!atr_vec_join(tree, left, right, seam, &seam_count)) {
        return false;
    }
    if (filled && seam_count == 2 && seam[0] == left && seam[1] == right) {
        list_drop(seam, 2);
        keep_both(l, r, out, count);
        return true;
    }
    return join_around(tree, l, r, seam, seam_count, out, count);
}

bool atr_vec_tree_append(atr_vec_tree *tree, const atr_vec_node *root)
{
    atr_vec_node *out[2], *joined;
    uint32_t count;
    if (tree->root == NULL) {
        tree->root = atr_vec_node_hold(root);
        return true;
    }
    if (!atr_vec_join(tree, tree->root, root, out, &count)) {
        return false;
    }
    joined = count == 1 ? out[0] : atr_vec_inner_of(tree, out, 2, out[0]->height + 1u);
    if (joined == NULL) {
        return false;
    }
    atr_value_release(tree->root);
    tree->root = joined;
    return true;
}
