/* A new version of a collection that differs from another one in one place: the nodes on the way to it are
 * copied, and the copies borrow all the rest (loan.h). What is made is counted once it is all there. */
#ifndef ATR_STATE_PATH_COPY_H
#define ATR_STATE_PATH_COPY_H

#include "bits.h"
#include "loan.h"
#include "refs.h"

/* The copies of a way, from the root down: each is linked before the next one is made. Where memory ends the last
 * link still leads to the node that was to be copied. */
typedef struct atr_copies {
    const void **link; /* where the next one belongs */
    size_t tally;      /* their pairs of words, and ATR_COPIES_ONE for each */
} atr_copies;

enum { ATR_COPIES_BITS = 16, ATR_COPIES_ONE = 1 << ATR_COPIES_BITS };

/* A cell for a node of a map or vector; none is too large for its pool. NULL: no memory */
ATR_ALWAYS_INLINE void *atr_node_cell(atr_pool *pool, size_t pairs)
{
    void *cell = pool->plain ? pool->free_first[pairs] : NULL;
    if (cell == NULL) {
        return atr_cell_find(pool, pairs * ATR_PAIR);
    }
    memcpy(&pool->free_first[pairs], (char *)cell + sizeof(void *), sizeof(void *));
    return cell;
}

/* The next copy, which differs from the node in `place`, where both let go of `one` (atr_loan_one). `loan` is
 * that of the copy; 0: it must count all its other places. NULL: no memory */
ATR_ALWAYS_INLINE void *atr_copies_add(atr_copies *c, atr_pool *pool, const atr_head *node,
                                       size_t pairs, uint32_t place, uint16_t one, bool lends,
                                       uint16_t *loan, bool fast)
{
    atr_head *copy = atr_node_cell(pool, pairs);
    if (copy == NULL) {
        return NULL;
    }
    *loan = lends ? atr_loan_begin_one(pool, node, copy, place, place, one, one) : 0;
    copy->model = node->model;
    copy->count = 1;
    copy->owner = pool->id;
    copy->flags = *loan;
    atr_node_copy(copy, node, pairs, fast);
    *c->link = copy;
    c->tally += pairs + ATR_COPIES_ONE;
    return copy;
}

/* Count copies, for the pool as values, and as fresh. */
static inline void atr_copies_count(atr_pool *pool, size_t tally)
{
    size_t nodes = tally >> ATR_COPIES_BITS;
    atr_pool_made(pool, nodes, tally % ATR_COPIES_ONE * ATR_PAIR);
    pool->figures.fresh += nodes;
}

/* A copy borrows nothing, and will be counted as fresh. */
static inline void atr_copies_apart(atr_pool *pool)
{
    pool->figures.fresh--;
    pool->figures.apart++;
}

/* No memory (latched): the handle, made in s last, goes with all copies. The last link leads to a shared node. */
void atr_copies_drop(atr_copies c, atr_scope *s);

#endif
