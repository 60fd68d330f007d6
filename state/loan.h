/* Loans: how a changed copy of a node shares what it did not change, without counting it.
 *
 * A new version of a collection copies one path of nodes, and each copy replaces one of its 32 places. To
 * count the other 31 up, and down again when one of the two nodes dies, would be most of what an update
 * costs. So the copy, the *heir*, borrows them from the node it was copied from, its *base*: what lies
 * there stays counted once, by the base. A loan says
 *
 *     mine   which places of the heir are its own: it holds a count of what they refer to;
 *     lost   which places of the base the heir has not taken over.
 *
 * All other places of the two correspond in their order. In a trie a place is a digit, so `mine` and `lost`
 * are the same; elsewhere it is an index, and what is put in or left out shifts those behind it.
 *
 * The counts are right at any time: a value lives exactly as long as some node refers to it, as if every
 * reference were counted. For when a count falls to zero, then
 *
 *     the base dies first   what the heir borrowed becomes its own without being touched, and what it has
 *                           lost is released. "Stolen" if that was all the base had, "folded" if the base
 *                           is itself an heir: then the heir goes on borrowing from its base's base.
 *     the heir dies first   what is its own is released, and the base is as it was: "undone".
 *
 * Each takes time for the changed places only. Nothing depends on when scopes open and close, on their
 * nesting, on what is yielded, kept or handed over, or on the order in which versions die.
 *
 * A base has one heir at a time and an heir one base, so versions that follow each other form chains:
 * a store that keeps its last hundred versions has a chain of hundred roots. A copy counts all of its
 * places ("settled", always right) where it cannot borrow: a second heir of one base, a base of
 * another pool, a node whose places have no numbers, no room for the loan (atr_bulk_may_borrow), a pool that
 * counts eagerly.
 *
 * A node with a loan is never written in place, though its count be 1: it may be a base, and what it has
 * may be counted by others.
 *
 * The loans of a pool lie in a table; `flags` in the head of a node is the place of the loan in which it
 * is the heir, else of that in which it is the base, else 0. Nodes are never seen from outside, so they
 * need no trace of their address there. */
#ifndef ATR_STATE_LOAN_H
#define ATR_STATE_LOAN_H

#include "heap.h"

/* A pool has at most so many loans: place 0 means none. From so many on bulk changes make no more. */
enum { ATR_LOANS_MAX = UINT16_MAX, ATR_LOANS_OF_BULK = ATR_LOANS_MAX / 2 };

struct atr_loan {
    atr_head *base;
    atr_head *heir;
    uint32_t mine;
    uint32_t lost;
    uint16_t next;     /* the loan in which the heir is the base, else 0 */
    uint16_t heir_one; /* what the heir owns, if that is one place at most, else 0: atr_loan_one */
    uint16_t base_one; /* what the heir has lost of the base, likewise */
    uint16_t
        unused; /* of a loan that is not in use: the next one, else 0; it stays for the next end */
};

/* Make room for more loans. false: there is none. */
bool atr_loans_grow(atr_pool *pool);
/* A node with a loan has died: end it, release what nobody inherits, free the cell. Recursion goes as deep
 * as trees are high, whatever their values refer to. */
void atr_loan_end(atr_head *node, atr_dead *dead);
/* A node without parents has died. Most often it and those below have loans in which one place differs, and then
 * their ends take a loop and no look at what kind of nodes they are. */
void atr_loans_end(atr_head *root, atr_dead *dead);

/* A node of `pairs` pairs of words lets go of one pointer to a value or node, in the word `at` counted from its
 * head, or of none: 0. */
enum { ATR_LOAN_ONE_IS_NODE = 1 << 7, ATR_LOAN_ONE_BITS = 7, ATR_LOAN_PAIRS_SHIFT = 8 };

static inline uint16_t atr_loan_one(uint32_t at, bool is_node, size_t pairs)
{
    return (uint16_t)(at | (is_node ? ATR_LOAN_ONE_IS_NODE : 0) | pairs << ATR_LOAN_PAIRS_SHIFT);
}

/* Is the node nobody's base or heir? */
static inline bool atr_loan_free(const atr_head *node)
{
    return node->flags == 0;
}

/* May a node that its parent alone refers to be written in place by the pool's owner, if the parent may? */
static inline bool atr_loan_is_sole(const atr_head *node, const atr_pool *pool)
{
    return node->count == 1 && node->flags == 0 && node->owner == pool->id;
}

/* `count` places from `at` on. */
static inline uint32_t atr_places(uint32_t at, uint32_t count)
{
    return count == 0 ? 0 : (UINT32_MAX >> (32 - count)) << at;
}

/* The places in which an heir of the pool may differ from its base. false: it is not the heir of that one. */
static inline bool atr_loan_between(const atr_pool *pool, const void *base, const void *heir,
                                    uint32_t *differ)
{
    const atr_head *to = heir;
    const atr_loan *loan;
    if (to->flags == 0 || to->owner != pool->id) {
        return false;
    }
    loan = &pool->loans[to->flags];
    if (loan->heir != to || loan->base != base) {
        return false;
    }
    *differ = loan->mine | loan->lost;
    return true;
}

/* The one word in which an heir of the pool differs from its base, with its kind (atr_loan_one). false: it is not the
 * heir of that one, there are others, or it is no pointer. */
static inline bool atr_loan_one_between(const atr_pool *pool, const void *base, const void *heir,
                                        uint32_t *one)
{
    const atr_head *to = heir;
    const atr_loan *loan;
    if (to == NULL || to->flags == 0 || to->owner != pool->id) {
        return false;
    }
    loan = &pool->loans[to->flags];
    *one = loan->heir_one;
    return loan->heir == to && loan->base == base && *one == loan->base_one &&
           (*one & (ATR_LOAN_ONE_IS_NODE - 1)) != 0;
}

/* May a change of many entries borrow once more? It leaves half of the room to updates of one entry, which would
 * count all that they share if two versions that live on had all loans between them. */
static inline bool atr_bulk_may_borrow(const atr_pool *pool)
{
    const atr_figures *f = &pool->figures;
    return !pool->eager && f->fresh - f->stolen - f->folded - f->undone < ATR_LOANS_OF_BULK;
}

/* The same of a change of any number of entries; few count as so many updates of one. */
static inline bool atr_may_borrow(const atr_pool *pool, bool few)
{
    return few ? !pool->eager : atr_bulk_may_borrow(pool);
}

/* Let heir, a node being made in the pool, borrow from base. @return the loan's place, to be noted in the heir;
 * 0: the heir must count all its places but `mine` */
uint16_t atr_loan_begin_any(atr_pool *pool, atr_head *base, atr_head *heir, uint32_t mine,
                            uint32_t lost);

/* Take a loan that is not in use. */
static inline atr_loan *atr_loan_take(atr_pool *pool, uint16_t place, atr_head *base,
                                      atr_head *heir)
{
    atr_loan *loan = &pool->loans[place];
    pool->loan_unused = loan->unused;
    loan->base = base;
    loan->heir = heir;
    return loan;
}

/* The same where both let go of one pointer at most; what is usual is done in place. */
static inline uint16_t atr_loan_begin_one(atr_pool *pool, const void *base, void *heir,
                                          uint32_t mine, uint32_t lost, uint16_t heir_one,
                                          uint16_t base_one)
{
    atr_head *from = (atr_head *)(uintptr_t)base;
    uint16_t place = pool->loan_unused;
    atr_loan *loan;
    if (from->flags == 0 && from->owner == pool->id && place != 0) {
        loan = atr_loan_take(pool, place, from, heir);
        from->flags = place;
    } else {
        place = atr_loan_begin_any(pool, from, heir, mine, lost);
        if (place == 0) {
            return 0;
        }
        loan = &pool->loans[place];
    }
    loan->mine = mine;
    loan->lost = lost;
    loan->heir_one = heir_one;
    loan->base_one = base_one;
    return place;
}

/* Let heir, a node just made in the pool, borrow from base. false: it must count all its places but `mine`. */
static inline bool atr_loan_begin(atr_pool *pool, const void *base, void *heir, uint32_t mine,
                                  uint32_t lost)
{
    uint16_t place = atr_loan_begin_any(pool, (atr_head *)(uintptr_t)base, heir, mine, lost);
    if (place != 0) {
        ((atr_head *)heir)->flags = place;
        pool->figures.fresh++;
    }
    return place != 0;
}

#endif
