/* What versions of vectors that differ in one place share: one path of nodes is copied, from the leaf up, and
 * borrows from the path it was copied from (loan.h). */
#ifndef ATR_STATE_VECTOR_COPY_H
#define ATR_STATE_VECTOR_COPY_H

#include "vector_handle.h"

/* The way to an element: the nodes above its leaf, from the root down. */
typedef struct atr_vec_way {
    const atr_vec_node *node[ATR_VEC_LEVELS];
    uint32_t at[ATR_VEC_LEVELS]; /* which child is the next */
    uint32_t levels;
    bool in_tail;
    const atr_vec_node *leaf;
    uint32_t i; /* the element in the leaf */
} atr_vec_way;

/* To element i < v->size, of a vector that is not static. */
static inline void atr_vec_way_find(atr_vec_way *way, const atr_vec *v, size_t i)
{
    const atr_vec_node *node = v->root;
    uint32_t level = 0;
    way->in_tail = node == NULL || i >= node->size;
    if (way->in_tail) {
        i -= node != NULL ? node->size : 0;
        node = v->tail;
    }
    for (uint32_t bits = node->height * (uint32_t)ATR_VEC_BITS; bits > 0; bits -= ATR_VEC_BITS) {
        uint32_t at = (uint32_t)(i >> bits) % ATR_VEC_WIDTH;
        if (node->relaxed) {
            i &= ((uint64_t)1 << (bits + ATR_VEC_BITS)) - 1;
            at = atr_vec_index(node, &i);
        }
        way->node[level] = node;
        way->at[level++] = at;
        node = node->slots[at].ref;
    }
    way->levels = level;
    way->leaf = node;
    way->i = (uint32_t)i % ATR_VEC_WIDTH;
}

/* An unwritten node that is to be a copy. NULL: no memory */
static inline atr_vec_node *atr_vec_copy_new(atr_pool *pool, const atr_vec_node *node,
                                             uint8_t pairs)
{
    atr_vec_node *copy = atr_cell_alloc(pool, (size_t)pairs * ATR_PAIR);
    if (copy != NULL) {
        copy->atr = (atr_head){node->atr.model, 1, pool->id, 0};
        pool->figures.copied++;
    }
    return copy;
}

/* The same in all places. */
static inline atr_vec_node *atr_vec_twin(atr_pool *pool, const atr_vec_node *node)
{
    atr_vec_node *copy = atr_vec_copy_new(pool, node, node->pairs);
    if (copy != NULL) {
        atr_node_copy(copy, node, node->pairs);
    }
    return copy;
}

/* The word of slot `at`, counted from the node's head. */
static inline uint32_t atr_vec_word(uint32_t at)
{
    return (uint32_t)(sizeof(atr_vec_node) / sizeof(atr_word)) + at;
}

/* A copy has `put` places from `at` on, one or none, which it holds, where the node has one; it borrows or holds the
 * rest. inner: of a node above leaves. */
static inline void atr_vec_borrow(atr_pool *pool, const atr_vec_node *node, atr_vec_node *copy,
                                  uint32_t at, uint32_t put, bool inner)
{
    uint32_t place = (uint32_t)1 << at % ATR_VEC_WIDTH;
    uint16_t lost = atr_loan_one(atr_vec_word(at), inner, node->pairs);
    uint16_t mine = put > 0 ? atr_loan_one(atr_vec_word(at), inner, copy->pairs)
                            : atr_loan_one(0, false, copy->pairs);
    if (pool->eager ||
        !atr_loan_begin_one(pool, node, copy, put > 0 ? place : 0, place, mine, lost)) {
        atr_vec_settle(pool, copy, at, put);
    }
}

/* The same of a twin: both are alike but for one place. */
static inline void atr_vec_borrow_twin(atr_pool *pool, const atr_vec_node *node, atr_vec_node *twin,
                                       uint32_t at, bool inner)
{
    uint32_t place = (uint32_t)1 << at % ATR_VEC_WIDTH;
    uint16_t one = atr_loan_one(atr_vec_word(at), inner, node->pairs);
    if (pool->eager || !atr_loan_begin_one(pool, node, twin, place, place, one, one)) {
        atr_vec_settle(pool, twin, at, 1);
    }
}

/* The vector over a root, taken over, in place of v's tree, or of its tail. It is let go of when there is no
 * memory (latched). */
static inline const atr_vec *atr_vec_after(atr_scope *s, const atr_model *model, const atr_vec *v,
                                           bool in_tail, atr_vec_node *made, uint32_t size)
{
    atr_vec *next = made != NULL ? atr_value_alloc(s, model, sizeof *next) : NULL;
    atr_head *other = (atr_head *)(uintptr_t)(in_tail ? v->root : v->tail);
    if (next == NULL) {
        atr_vec_not_made(s, made);
        return NULL;
    }
    if (other != NULL) {
        other->count++;
    }
    next->size = size;
    next->near_size = in_tail ? v->near_size : atr_vec_near(made);
    next->root = in_tail ? v->root : made;
    next->tail = in_tail ? made : v->tail;
    next->flat = NULL;
    return next;
}

#endif
