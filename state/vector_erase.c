/* One element less: the leaf is copied without it, and the nodes above it with the ends of their children moved by
 * one. A leaf that would fall below half is left to vector_edit.c. */
#include <atrium/error.h>

#include "vector_copy.h"

/* Nodes above have as many elements below each child as fit in 32 bits. */
enum { STRICT_HEIGHT_MAX = 6 };

static atr_vec_node *leaf_without(atr_pool *pool, const atr_vec_node *leaf, uint32_t i, bool refs)
{
    uint32_t count = leaf->count - 1u;
    uint8_t pairs = atr_vec_node_pairs(count, false);
    atr_vec_node *copy = atr_vec_copy_new(pool, leaf, pairs);
    if (copy == NULL) {
        return NULL;
    }
    copy->size = count;
    copy->count = (uint8_t)count;
    copy->height = 0;
    copy->relaxed = false;
    copy->pairs = pairs;
    atr_words_copy(atr_words_copy(copy->slots, leaf->slots, i), leaf->slots + i + 1, count - i);
    if (refs) {
        atr_vec_borrow(pool, leaf, copy, i, 0, false);
    }
    return copy;
}

static const int32_t numbers[ATR_VEC_WIDTH] = {1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11,
                                               12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22,
                                               23, 24, 25, 26, 27, 28, 29, 30, 31, 32};

/* The ends of four children, which are full but for the last of all, once the one at `at` has an element less.
 * Written so that compilers do the four in one. */
static inline void full_ends(int32_t *ends, uint32_t k, uint32_t bits, int32_t at)
{
    for (uint32_t j = 0; j < 4; j++) {
        ends[k + j] = (numbers[k + j] << bits) - (numbers[k + j] > at);
    }
}

/* The same of children of any size. */
static inline void fewer_ends(int32_t *ends, const int32_t *old, uint32_t k, int32_t at)
{
    int32_t four[4];
    memcpy(four, old + k, sizeof four);
    for (uint32_t j = 0; j < 4; j++) {
        four[j] -= numbers[k + j] > at;
    }
    memcpy(ends + k, four, sizeof four);
}

/* Four at a time; the last ones overlap those before. */
static inline void ends_write(const atr_vec_node *node, atr_vec_node *copy, uint32_t at)
{
    int32_t *ends = (int32_t *)atr_vec_ends(copy);
    const int32_t *old = (const int32_t *)atr_vec_ends(node);
    uint32_t bits = node->height * (uint32_t)ATR_VEC_BITS, last = node->count - 4u;
    if (node->relaxed) {
        for (uint32_t k = 0; k < last; k += 4) {
            fewer_ends(ends, old, k, (int32_t)at);
        }
        fewer_ends(ends, old, last, (int32_t)at);
    } else {
        for (uint32_t k = 0; k < last; k += 4) {
            full_ends(ends, k, bits, (int32_t)at);
        }
        full_ends(ends, last, bits, (int32_t)at);
    }
    ends[last + 3] = (int32_t)copy->size;
}

/* Of a node with fewer than four children. */
ATR_COLD static void few_ends_write(const atr_vec_node *node, atr_vec_node *copy, uint32_t at)
{
    uint32_t *ends = atr_vec_ends(copy), bits = node->height * (uint32_t)ATR_VEC_BITS;
    for (uint32_t k = 0; k < node->count; k++) {
        ends[k] = (node->relaxed ? atr_vec_ends(node)[k] : (k + 1) << bits) - (k >= at);
    }
    ends[node->count - 1] = copy->size;
}

/* A copy with one element less below the child at `at`, which is taken over. */
static inline atr_vec_node *with_fewer(atr_pool *pool, const atr_vec_node *node, uint32_t at,
                                       atr_vec_node *child)
{
    bool relaxed = node->relaxed || at + 1u < node->count;
    uint8_t pairs = atr_vec_node_pairs(node->count, relaxed);
    atr_vec_node *copy = atr_vec_copy_new(pool, node, pairs);
    if (copy == NULL) {
        atr_value_release(child);
        return NULL;
    }
    copy->size = node->size - 1;
    copy->count = node->count;
    copy->height = node->height;
    copy->relaxed = relaxed;
    copy->pairs = pairs;
    atr_words_copy(copy->slots, node->slots, node->count);
    copy->slots[at].ref = child;
    if (relaxed && node->count < 4) {
        few_ends_write(node, copy, at);
    } else if (relaxed) {
        ends_write(node, copy, at);
    }
    atr_vec_borrow(pool, node, copy, at, 1, true);
    return copy;
}

/* May the leaf lose an element and nothing else happen? */
static bool leaf_suffices(const atr_vec_way *way)
{
    return way->leaf->count > (way->levels > 0 ? ATR_VEC_HALF : 1) &&
           way->levels <= STRICT_HEIGHT_MAX;
}

ATR_COLD static const atr_vec *erase_any(atr_scope *s, const atr_model *model, const atr_vec *v,
                                         size_t i)
{
    atr_vec_tree tree;
    if (!atr_vec_tree_begin(&tree, s, model, v)) {
        return NULL;
    }
    if (atr_vec_tree_size(&tree) == 1) {
        atr_vec_tree_drop(&tree);
        return NULL;
    }
    return atr_vec_tree_end(&tree, s, model, atr_vec_tree_remove(&tree, i));
}

const atr_vec *atr_vec_erase(atr_scope *s, const atr_model *model, const atr_vec *v, size_t i)
{
    atr_vec_way way;
    atr_vec_node *made;
    if (s == NULL || !atr_vec_in_range(s, model, v, i) || !atr_collection_fit(s, model, v)) {
        return NULL;
    }
    if (v->flat != NULL) {
        return erase_any(s, model, v, i);
    }
    atr_vec_way_find(&way, v, i);
    if (!leaf_suffices(&way)) {
        return erase_any(s, model, v, i);
    }
    made = leaf_without(s->pool, way.leaf, way.i, model->element.kind >= ATR_KIND_STR);
    for (uint32_t level = way.levels; made != NULL && level > 0; level--) {
        made = with_fewer(s->pool, way.node[level - 1], way.at[level - 1], made);
    }
    return atr_vec_after(s, model, v, way.in_tail, made, v->size - 1);
}
