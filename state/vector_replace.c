/* Another element in the place of one, in a version that lives on: goes down once, then copies from the
 * leaf up. Sizes stay, so nodes are copied as they are but for one slot. */
#include "loan.h"
#include "refs.h"
#include "vector_handle.h"

typedef struct way {
    const atr_vec_node *node[ATR_VEC_LEVELS];
    uint32_t at[ATR_VEC_LEVELS];
} way;

static inline void share(const atr_vec_tree *tree, const atr_vec_node *node, atr_vec_node *copy,
                         uint32_t at)
{
    uint32_t place = (uint32_t)1 << at;
    if (tree->borrows && node->atr.model->release != NULL && node->count > 1 &&
        atr_loan_begin(tree->pool, node, copy, place, place)) {
        tree->pool->figures.copied++;
    } else {
        atr_vec_count_rest(tree->pool, node, copy, at, 1, 1);
    }
}

/* A copy with another word in one slot, which it takes over. */
static inline atr_vec_node *copy_with(const atr_vec_tree *tree, const atr_vec_node *node,
                                      uint32_t at, atr_word word)
{
    size_t bytes = sizeof *node + node->count * sizeof(atr_word) +
                   (node->relaxed ? node->count * sizeof(uint32_t) : 0);
    atr_vec_node *copy = atr_cell_alloc(tree->pool, bytes);
    if (copy == NULL) {
        return NULL;
    }
    copy->atr = (atr_head){node->atr.model, 1, tree->pool->id, 0};
    copy->size = node->size;
    copy->count = node->count;
    copy->height = node->height;
    copy->relaxed = node->relaxed;
    copy->unused = 0;
    atr_words_copy(copy->slots, node->slots, node->count);
    if (node->relaxed) {
        memcpy(atr_vec_ends(copy), atr_vec_ends(node), node->count * sizeof(uint32_t));
    }
    copy->slots[at] = word;
    share(tree, node, copy, at);
    return copy;
}

atr_vec_node *atr_vec_replace(const atr_vec_tree *tree, const atr_vec_node *node, size_t i,
                              atr_word item)
{
    uint32_t level = 0;
    atr_vec_node *made;
    way w;
    while (node->height > 0) {
        w.node[level] = node;
        w.at[level] = atr_vec_index(node, &i);
        node = atr_vec_child(node, w.at[level++]);
    }
    made = copy_with(tree, node, (uint32_t)i, item);
    if (made != NULL && tree->leaf == &atr_vec_ref_leaf) {
        atr_ref_hold(item);
    }
    while (made != NULL && level-- > 0) {
        atr_word child = {.ref = made};
        made = copy_with(tree, w.node[level], w.at[level], child);
        if (made == NULL) {
            atr_value_release(child.ref);
        }
    }
    return made;
}
