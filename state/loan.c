/* The table of loans, and how they end (loan.h). */
#include "loan.h"

#include <atrium/vector.h>

#include "refs.h"

enum { LOANS_FIRST = 32 };

/* Place 0 stays unused: it means none. */
bool atr_loans_grow(atr_pool *pool)
{
    uint32_t capacity = pool->loan_capacity == 0 ? LOANS_FIRST : pool->loan_capacity * 2;
    uint32_t first = pool->loan_capacity == 0 ? 1 : pool->loan_capacity;
    atr_loan *grown =
        capacity <= ATR_LOANS_MAX + 1 ? atr_memory_take(capacity * sizeof *pool->loans) : NULL;
    if (grown == NULL) {
        return false;
    }
    if (pool->loan_capacity > 0) {
        memcpy(grown, pool->loans, pool->loan_capacity * sizeof *grown);
    } else {
        memset(grown, 0, sizeof *grown);
    }
    for (uint32_t i = first; i < capacity; i++) {
        grown[i] = (atr_loan){.unused = (uint16_t)(i + 1 < capacity ? i + 1 : 0)};
    }
    atr_memory_give(pool->loans, pool->loan_capacity * sizeof *pool->loans);
    pool->figures.blocks++;
    pool->loans = grown;
    pool->loan_capacity = capacity;
    pool->loan_unused = (uint16_t)first;
    return true;
}

/* Where the base notes that it has an heir. NULL: it has one already. */
static uint16_t *slot_of(const atr_pool *pool, atr_head *base)
{
    atr_loan *as_heir;
    if (base->flags == 0) {
        return &base->flags;
    }
    as_heir = &pool->loans[base->flags];
    return as_heir->heir == base && as_heir->next == 0 ? &as_heir->next : NULL;
}

uint16_t atr_loan_begin_any(atr_pool *pool, atr_head *base, atr_head *heir, uint32_t mine,
                            uint32_t lost)
{
    uint16_t *slot, place;
    atr_loan *loan;
    if (base->owner != pool->id || (pool->loan_unused == 0 && !atr_loans_grow(pool))) {
        return 0;
    }
    slot = slot_of(pool, base);
    if (slot == NULL) {
        return 0;
    }
    place = pool->loan_unused;
    loan = atr_loan_take(pool, place, base, heir);
    loan->mine = mine;
    loan->lost = lost;
    loan->heir_one = 0;
    loan->base_one = 0;
    *slot = place;
    return place;
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
    loan->next = 0;
    pool->figures.folded++;
    return released;
}

/* The base is gone. */
static inline void stolen(atr_loan *loan)
{
    loan->heir->flags = loan->next;
    if (loan->next != 0) {
        loan->next = 0;
    }
}

/* The heir is gone, which is nobody's base. */
static inline void undone(const atr_pool *pool, const atr_loan *loan, uint16_t place)
{
    atr_head *base = loan->base;
    *(base->flags == place ? &base->flags : &pool->loans[base->flags].next) = 0;
}

static inline void loan_give(atr_pool *pool, atr_loan *loan, uint16_t place)
{
    if (loan->unused != pool->loan_unused) {
        loan->unused = pool->loan_unused;
    }
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
        stolen(loan);
        pool->figures.stolen++;
    } else if (loan->next == 0) {
        released = loan->mine;
        undone(pool, loan, place);
        pool->figures.undone++;
    } else {
        released = loans_join(pool, place);
    }
    loan_give(pool, loan, place);
    atr_cell_free(pool, node, node->model->release_places(node, released, dead));
}

/* A dead value of the path's pool, which outlives it, as it has nodes of the other path, too, is freed at once;
 * what it refers to is listed. */
ATR_NOINLINE static void item_end(atr_pool *pool, atr_head *head, atr_dead *dead)
{
    if (head->owner == pool->id && head->model->structure < ATR_STRUCTURE_OPAQUE) {
        atr_value_dissolve(pool, head, dead);
    } else {
        atr_dead_put(dead, head);
    }
}

/* End the loan of a node, where each side lets go of one place at most. @return that; 0: something else is to be
 * done */
static inline uint16_t one_end(atr_pool *pool, const atr_head *node, size_t *undone_count)
{
    uint16_t place = node->flags, one;
    atr_loan *loan;
    if (place == 0 || node->owner != pool->id) {
        return 0;
    }
    loan = &pool->loans[place];
    if (loan->heir == node) {
        one = loan->heir_one;
        if (one == 0 || loan->next != 0) {
            return 0;
        }
        undone(pool, loan, place);
        *undone_count += 1;
    } else {
        one = loan->base_one;
        if (one == 0) {
            return 0;
        }
        stolen(loan);
    }
    loan_give(pool, loan, place);
    return one;
}

/* Nothing is called but at the end, so that no register is saved: cells go back in place if the pool is plain. */
ATR_ALWAYS_INLINE void loans_end(atr_pool *pool, atr_head *root, atr_dead *dead, bool plain)
{
    atr_head *node = root, *next = NULL;
    size_t nodes = 0, pairs = 0, undone_count = 0, at;
    uint16_t one;
    for (;;) {
        one = one_end(pool, node, &undone_count);
        if (one == 0) {
            next = node;
            break;
        }
        at = one & (ATR_LOAN_ONE_IS_NODE - 1);
        next = (atr_head *)(uintptr_t)((const atr_word *)(const void *)node)[at].ref;
        nodes++;
        pairs += one >> ATR_LOAN_PAIRS_SHIFT;
        if (plain) {
            atr_cell_link_in(pool, node, (size_t)(one >> ATR_LOAN_PAIRS_SHIFT));
        } else {
            atr_cell_give(pool, node, (size_t)(one >> ATR_LOAN_PAIRS_SHIFT) * ATR_PAIR);
        }
        if (at == 0 || next->count <= 0) {
            next = NULL;
            break;
        }
        if (next->count > 1) {
            next->count--;
            next = NULL;
            break;
        }
        if ((one & ATR_LOAN_ONE_IS_NODE) == 0) {
            break;
        }
        node = next;
    }
    atr_pool_lost(pool, nodes, pairs * ATR_PAIR);
    pool->figures.undone += undone_count;
    if (undone_count != nodes) {
        pool->figures.stolen += nodes - undone_count;
    }
    if (next != NULL && one != 0) {
        item_end(pool, next, dead);
    } else if (next != NULL) {
        atr_dead_put(dead, next);
    }
}

ATR_NOINLINE static void loans_end_careful(atr_pool *pool, atr_head *root, atr_dead *dead)
{
    loans_end(pool, root, dead, false);
}

void atr_loans_end(atr_head *root, atr_dead *dead)
{
    atr_pool *pool = atr_pool_of(root->owner);
    if (pool->plain) {
        loans_end(pool, root, dead, true);
    } else {
        loans_end_careful(pool, root, dead);
    }
}
