/* What versions of vectors that differ in one place share: one path of nodes is copied, from the leaf up, and
 * borrows from the path it was copied from (loan.h). */
#ifndef ATR_STATE_VECTOR_COPY_H
#define ATR_STATE_VECTOR_COPY_H

#include "path_copy.h"
#include "vector_handle.h"

enum { ATR_VEC_WORDS_AT = sizeof(atr_vec_node) / sizeof(atr_word) };

/* In the root of the tree, or in the tail: where element *i < v->size lies, *i counted from there. */
ATR_ALWAYS_INLINE const atr_vec_node *atr_vec_top(const atr_vec *v, size_t *i)
{
    const atr_vec_node *root = v->root;
    if (root != NULL && *i < root->size) {
        return root;
    }
    *i -= root != NULL ? root->size : 0;
    return v->tail;
}

/* The child of a node in which element *i lies; *i is counted from there, but for a multiple of its size. */
ATR_ALWAYS_INLINE uint32_t atr_vec_slot(const atr_vec_node *node, size_t *i)
{
    uint32_t bits = node->height * (uint32_t)ATR_VEC_BITS;
    if (node->relaxed) {
        *i &= ((uint64_t)1 << (bits + ATR_VEC_BITS)) - 1;
        return atr_vec_index(node, i);
    }
    return (uint32_t)(*i >> bits) % ATR_VEC_WIDTH;
}

/* A handle made in s for another version of v, of which the tree or the tail is still v's, not counted, and is to be
 * replaced. NULL: no memory (latched) */
ATR_ALWAYS_INLINE atr_vec *atr_vec_after(atr_scope *s, const atr_model *model, const atr_vec *v,
                                         bool in_tail, uint32_t size)
{
    atr_vec *next = atr_value_new(s, model, sizeof *next);
    atr_head *other = (atr_head *)(uintptr_t)(in_tail ? v->root : v->tail);
    if (next == NULL) {
        return NULL;
    }
    if (other != NULL) {
        other->count++;
    }
    next->size = size;
    next->near_size = v->near_size;
    next->root = v->root;
    next->tail = v->tail;
    next->flat = NULL;
    return next;
}

#endif
