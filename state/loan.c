/* The table of loans, and how they end (loan.h). */
#include "loan.h"

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

ATR_COLD uint32_t atr_loans_join(atr_pool *pool, uint16_t place)
{
    atr_loan *loan = &pool->loans[place], *lower = &pool->loans[loan->next];
    uint32_t left = loan->mine & lower->lost;
    places_join(loan, lower);
    lower->base = loan->base;
    base_follow(pool, place, loan->next);
    pool->figures.folded++;
    return left;
}

/* The cell goes at once, not by the list of the dead, whose link would lie where the loan is noted. The
 * pool outlives it: base or heir are alive in it. */
void atr_loan_end(atr_head *node, atr_dead *dead)
{
    atr_pool *pool = atr_pool_of(node->owner);
    uint32_t left = atr_loan_settle(pool, node);
    atr_cell_free(pool, node, node->model->release_places(node, left, dead));
}
