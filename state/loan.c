/* The table of loans, and how they end (loan.h). */
#include "loan.h"

#include <atrium/vector.h>

#include "refs.h"

enum { LOANS_FIRST = 32, LOANS_MAX = UINT16_MAX + 1 };

/* Place 0 stays unused: it means none. */
bool atr_loans_grow(atr_pool *pool)
{
    uint32_t capacity = pool->loan_capacity == 0 ? LOANS_FIRST : pool->loan_capacity * 2;
    uint32_t first = pool->loan_capacity == 0 ? 1 : pool->loan_capacity;
    atr_loan *grown =
        capacity <= LOANS_MAX ? atr_memory_take(capacity * sizeof *pool->loans) : NULL;
    if (grown == NULL) {
        return false;
    }
    if (pool->loan_capacity > 0) {
        memcpy(grown, pool->loans, pool->loan_capacity * sizeof *grown);
    } else {
        memset(grown, 0, sizeof *grown);
    }
    for (uint32_t i = first; i < capacity; i++) {
        grown[i] = (atr_loan){.next = (uint16_t)(i + 1 < capacity ? i + 1 : 0)};
    }
    atr_memory_give(pool->loans, pool->loan_capacity * sizeof *pool->loans);
    pool->figures.blocks++;
    pool->loans = grown;
    pool->loan_capacity = capacity;
    pool->loan_unused = (uint16_t)first;
    return true;
}

/* ---- the places of two neighbours in a chain ---- */

static uint32_t lowest(uint32_t places)
{
    return places & (0u - places);
}

/* The places `which`, all among `from`, as those of the same rank among `to`. */
static uint32_t correspond(uint32_t which, uint32_t from, uint32_t to)
{
    uint32_t found = 0;
    for (; which != 0; from &= from - 1, to &= to - 1) {
        if ((which & lowest(from)) != 0) {
            found |= lowest(to);
            which &= which - 1;
        }
    }
    return found;
}

/* What the heir of `lower` owns and has lost with respect to the base of `upper`, once the node between
 * them is gone. */
static void places_join(const atr_loan *upper, atr_loan *lower)
{
    uint32_t mine = lower->mine, lost = lower->lost;
    if (upper->mine == upper->lost && mine == lost) {
        lower->mine |= upper->mine;
        lower->lost |= upper->lost;
        return;
    }
    lower->mine |= correspond(upper->mine & ~lost, ~lost, ~mine);
    lower->lost = upper->lost | correspond(lost & ~upper->mine, ~upper->mine, ~upper->lost);
}

/* ---- the ends ---- */

/* `place` is the loan of which the node is the heir: in the base's note stands another one from now on. */
static void base_follow(const atr_pool *pool, uint16_t place, uint16_t other)
{
    atr_head *base = pool->loans[place].base;
    if (base->flags == place) {
        base->flags = other;
    } else {
        pool->loans[base->flags].next = other;
    }
}

/* The node between a base and an heir goes: those two are neighbours from now on. */
ATR_COLD static uint32_t loans_join(atr_pool *pool, uint16_t place)
{
    atr_loan *loan = &pool->loans[place], *lower = &pool->loans[loan->next];
    uint32_t released = loan->mine & lower->lost;
    places_join(loan, lower);
    lower->heir_one = 0;
    lower->base_one = 0;
    lower->base = loan->base;
    base_follow(pool, place, loan->next);
    pool->figures.folded++;
    return released;
}

static inline void stolen(atr_pool *pool, atr_loan *loan)
{
    loan->heir->flags = loan->next;
    pool->figures.stolen++;
}

static inline void undone(atr_pool *pool, atr_loan *loan, uint16_t place)
{
    atr_head *base = loan->base;
    *(base->flags == place ? &base->flags : &pool->loans[base->flags].next) = 0;
    pool->figures.undone++;
}

static inline void loan_give(atr_pool *pool, atr_loan *loan, uint16_t place)
{
    loan->next = pool->loan_unused;
    pool->loan_unused = place;
}

/* The cell goes at once, not by the list of the dead, whose link would lie where the loan is noted. The
 * pool outlives it: base or heir are alive in it. */
void atr_loan_end(atr_head *node, atr_dead *dead)
{
    atr_pool *pool = atr_pool_of(node->owner);
    uint16_t place = node->flags;
    atr_loan *loan = &pool->loans[place];
    uint32_t released;
    if (loan->heir != node) {
        released = loan->lost;
        stolen(pool, loan);
    } else if (loan->next == 0) {
        released = loan->mine;
        undone(pool, loan, place);
    } else {
        released = loans_join(pool, place);
    }
    loan_give(pool, loan, place);
    atr_cell_free(pool, node, node->model->release_places(node, released, dead));
}

/* What a node lets go of, where that is one place at most. 0: that is not known */
static inline uint16_t one_end(atr_pool *pool, const atr_head *node)
{
    uint16_t place = node->flags, one = 0;
    atr_loan *loan = &pool->loans[place];
    if (loan->heir != node) {
        one = loan->base_one;
        if (one != 0) {
            stolen(pool, loan);
            loan_give(pool, loan, place);
        }
    } else if (loan->next == 0) {
        one = loan->heir_one;
        if (one != 0) {
            undone(pool, loan, place);
            loan_give(pool, loan, place);
        }
    }
    return one;
}

void atr_loans_end(atr_head *root, atr_dead *dead)
{
    atr_head *node = root, *next;
    while (!atr_loan_free(node)) {
        atr_pool *pool = atr_pool_of(node->owner);
        uint16_t one = one_end(pool, node);
        size_t at = one & (ATR_LOAN_ONE_IS_NODE - 1);
        if (one == 0) {
            atr_loan_end(node, dead);
            return;
        }
        next = (atr_head *)(uintptr_t)((const atr_word *)(const void *)node)[at].ref;
        atr_cell_free(pool, node, (size_t)(one >> ATR_LOAN_PAIRS_SHIFT) * ATR_PAIR);
        if (at == 0 || next->count <= 0 || --next->count > 0) {
            return;
        }
        if ((one & ATR_LOAN_ONE_IS_NODE) == 0) {
            atr_dead_put(dead, next);
            return;
        }
        node = next;
    }
    atr_dead_put(dead, node);
}
