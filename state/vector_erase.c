/* One element less: the leaf is copied without it, and the nodes above it with the ends of their children moved by
 * one. A leaf that would fall below half is left to vector_edit.c. */
#include <atrium/error.h>

#include "vector_copy.h"

/* Nodes above have as many elements below each child as fit in 32 bits. */
enum { STRICT_HEIGHT_MAX = 6 };

/* The head of a copy in which at slot `at` lies another child, or nothing; it borrows or holds the rest, and is
 * linked. */
ATR_ALWAYS_INLINE void begin(atr_copies *c, atr_pool *pool, const atr_vec_node *node,
                             atr_vec_node *copy, uint32_t at, bool inner)
{
    uint32_t place = (uint32_t)1 << at % ATR_VEC_WIDTH;
    uint16_t lost = atr_loan_one(ATR_VEC_WORDS_AT + at, inner, node->pairs), loan = 0;
    uint16_t mine = atr_loan_one(inner ? ATR_VEC_WORDS_AT + at : 0, inner, copy->pairs);
    bool refs = node->atr.model->release != NULL;
    if (refs && !pool->eager) {
        loan = atr_loan_begin_one(pool, node, copy, inner ? place : 0, place, mine, lost);
    }
    copy->atr = (atr_head){node->atr.model, 1, pool->id, loan};
    if (loan == 0) {
        atr_copies_apart(pool);
        if (refs) {
            atr_vec_settle(pool, copy, at, inner);
        }
    }
    *c->link = copy;
    c->tally += copy->pairs + (size_t)ATR_COPIES_ONE;
}

/* false: no memory */
ATR_ALWAYS_INLINE bool leaf_without(atr_copies *c, atr_pool *pool, const atr_vec_node *leaf,
                                    uint32_t i)
{
    uint32_t count = leaf->count - 1u;
    uint8_t pairs = atr_vec_node_pairs(count, false);
    atr_vec_node *copy = atr_node_cell(pool, pairs);
    if (copy == NULL) {
        return false;
    }
    copy->size = count;
    copy->count = (uint8_t)count;
    copy->height = 0;
    copy->relaxed = false;
    copy->pairs = pairs;
    atr_words_copy(atr_words_copy(copy->slots, leaf->slots, i), leaf->slots + i + 1, count - i);
    begin(c, pool, leaf, copy, i, false);
    return true;
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

/* A copy with one element less below the child at `at`. false: no memory */
ATR_ALWAYS_INLINE bool with_fewer(atr_copies *c, atr_pool *pool, const atr_vec_node *node,
                                  uint32_t at)
{
    bool relaxed = node->relaxed || at + 1u < node->count;
    uint8_t pairs = atr_vec_node_pairs(node->count, relaxed);
    atr_vec_node *copy = atr_node_cell(pool, pairs);
    if (copy == NULL) {
        return false;
    }
    copy->size = node->size - 1;
    copy->count = node->count;
    copy->height = node->height;
    copy->relaxed = relaxed;
    copy->pairs = pairs;
    atr_words_copy(copy->slots, node->slots, node->count);
    if (relaxed && node->count < 4) {
        few_ends_write(node, copy, at);
    } else if (relaxed) {
        ends_write(node, copy, at);
    }
    begin(c, pool, node, copy, at, true);
    c->link = &copy->slots[at].ref;
    return true;
}

/* Copy the nodes down to element i, which is left out. false: no memory, and the handle `made` is gone. */
static bool copy_way(atr_scope *s, atr_vec *made, bool in_tail, const atr_vec_node *node, size_t i)
{
    atr_copies c = {in_tail ? &made->tail : &made->root, 0};
    while (node->height > 0) {
        uint32_t at = atr_vec_slot(node, &i);
        if (!with_fewer(&c, s->pool, node, at)) {
            atr_copies_drop(c, s);
            return false;
        }
        node = node->slots[at].ref;
    }
    if (!leaf_without(&c, s->pool, node, atr_vec_slot(node, &i))) {
        atr_copies_drop(c, s);
        return false;
    }
    atr_copies_count(s->pool, c.tally);
    return true;
}

/* May the leaf of element i lose it and nothing else happen? */
static bool leaf_suffices(const atr_vec_node *top, size_t i)
{
    const atr_vec_node *leaf = top;
    while (leaf->height > 0) {
        leaf = leaf->slots[atr_vec_slot(leaf, &i)].ref;
    }
    return leaf->count > (top->height > 0 ? ATR_VEC_HALF : 1) && top->height <= STRICT_HEIGHT_MAX;
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
    size_t in_top = i;
    const atr_vec_node *top;
    atr_vec *made;
    if (s == NULL || !atr_vec_in_range(s, model, v, i) || !atr_collection_fit(s, model, v)) {
        return NULL;
    }
    if (v->flat != NULL) {
        return erase_any(s, model, v, i);
    }
    top = atr_vec_top(v, &in_top);
    if (!leaf_suffices(top, in_top)) {
        return erase_any(s, model, v, i);
    }
    made = atr_vec_after(s, model, v, top == v->tail, v->size - 1);
    if (made == NULL || !copy_way(s, made, top == v->tail, top, in_top)) {
        return NULL;
    }
    if (top != v->tail) {
        made->near_size = atr_vec_near(made->root);
    }
    return made;
}
