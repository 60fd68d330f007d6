/* Taking over: an answer that a worker made in a pool of its own is adopted by the loop's, its home. Once
 * the answer has been told and what has not been kept is gone, the home takes over the rest: chunks, free
 * cells, blocks, loans, figures. Each value then carries the home's number, and the pool is gone, with its
 * number. No value moves, and no other thread takes part: those that read the values meanwhile do not
 * look at their owner, but to refuse them (atr_owner_fault), or to ask whether they have one (atr_copy).
 *
 * That takes a walk over the pool, and mixes its values with those of the home, so a large pool stays as it
 * is: often its values die together, with all its memory. When few are left, it is thin: chunks in which
 * nothing lives are given back, and if the rest is small the home takes it over. With a limit of 128 KiB in
 * place of 32, a program that replaced its answers again and again took three times the memory. Only when
 * the numbers run short does size not count. */
#include "heap.h"
#include "loan.h"

enum {
    SMALL = 32 * 1024, /* bytes of a pool that is taken over when it is closed */
    THIN = 8,          /* a larger one when it has been left by all but one of so many values */
    SWEEP_FIRST = 1024 * 1024 /* free bytes that are worth a look at all cells */
};

/* ---- who may take over whom ---- */

static void take_out(atr_pool *pool)
{
    if (pool->into == NULL) {
        return;
    }
    *(pool->adopted_prev != NULL ? &pool->adopted_prev->adopted_next : &pool->into->adopted) =
        pool->adopted_next;
    if (pool->adopted_next != NULL) {
        pool->adopted_next->adopted_prev = pool->adopted_prev;
    }
    pool->into = NULL;
}

static void put_first(atr_pool *pool, atr_pool *home)
{
    pool->into = home;
    pool->adopted_prev = NULL;
    pool->adopted_next = home->adopted;
    if (home->adopted != NULL) {
        home->adopted->adopted_prev = pool;
    }
    home->adopted = pool;
}

void atr_pool_link(atr_pool *pool, atr_pool *home)
{
    if (!home->closed &&
        atomic_load_explicit(&home->thread, memory_order_relaxed) == atr_thread_here()) {
        put_first(pool, home);
    }
}

void atr_pool_unlink(atr_pool *pool)
{
    take_out(pool);
    while (pool->adopted != NULL) {
        take_out(pool->adopted);
    }
}

/* ---- loans ---- */

/* Those in use have a base. */
static void loans_tidy(atr_pool *pool)
{
    for (uint16_t i = pool->loan_unused; i != 0; i = pool->loans[i].unused) {
        pool->loans[i].base = NULL;
    }
}

static void loans_copy_undo(atr_pool *pool, atr_pool *home, uint32_t end)
{
    for (uint32_t i = 1; i < end; i++) {
        if (pool->loans[i].base != NULL) {
            uint16_t place = (uint16_t)pool->loans[i].lost;
            pool->loans[i] = home->loans[place];
            home->loans[place] = (atr_loan){.unused = home->loan_unused};
            home->loan_unused = place;
        }
    }
}

/* `lost` of a loan is from now on its place in the home. */
static bool loans_copy(atr_pool *pool, atr_pool *home)
{
    for (uint32_t i = 1; i < pool->loan_capacity; i++) {
        uint16_t place = home->loan_unused;
        if (pool->loans[i].base == NULL) {
            continue;
        }
        if (place == 0 && !atr_loans_grow(home)) {
            loans_copy_undo(pool, home, i);
            return false;
        }
        place = home->loan_unused;
        home->loan_unused = home->loans[place].unused;
        home->loans[place] = pool->loans[i];
        pool->loans[i].lost = place;
    }
    return true;
}

/* First the nodes that are only a base: their note tells it as long as no other one is changed. */
static void loans_follow(const atr_pool *pool, atr_pool *home)
{
    const atr_loan *loans = pool->loans;
    for (uint32_t i = 1; i < pool->loan_capacity; i++) {
        if (loans[i].base != NULL && loans[i].base->flags == i) {
            loans[i].base->flags = (uint16_t)loans[i].lost;
        }
    }
    for (uint32_t i = 1; i < pool->loan_capacity; i++) {
        if (loans[i].base != NULL) {
            atr_loan *moved = &home->loans[loans[i].lost];
            moved->next = moved->next != 0 ? (uint16_t)loans[moved->next].lost : 0;
            moved->heir->flags = (uint16_t)loans[i].lost;
        }
    }
}

/* false: no memory, or too many; nothing changed. */
static bool loans_move(atr_pool *pool, atr_pool *home)
{
    loans_tidy(pool);
    if (!loans_copy(pool, home)) {
        return false;
    }
    loans_follow(pool, home);
    return true;
}

/* ---- taking over ---- */

static void figures_add(atr_figures *to, const atr_figures *from)
{
    to->blocks += from->blocks;
    to->apart += from->apart;
    to->fresh += from->fresh;
    to->settled += from->settled;
    to->stolen += from->stolen;
    to->folded += from->folded;
    to->undone += from->undone;
}

static void owner_set(void *user, atr_head *head)
{
    atr_owner_set(head, *(const uint16_t *)user);
}

/* Cells of checked pools are larger, so they stay apart. */
static bool absorb(atr_pool *pool, atr_pool *home)
{
    if (pool->checked != home->checked || pool->dead_listed || pool->scopes != NULL ||
        !loans_move(pool, home)) {
        return false;
    }
    atr_pool_sweep(pool);
    atr_pool_each(pool, owner_set, &home->id);
    atr_cells_join(home, pool);
    figures_add(&home->figures, &pool->figures);
    atr_pool_merge(pool, home);
    return true;
}

static void become_thin(atr_pool *pool)
{
    atr_pool *home = pool->into;
    pool->rest = 0;
    if (home != NULL) {
        take_out(pool);
        put_first(pool, home);
        pool->thin = true;
    }
}

void atr_pool_thin(atr_pool *pool)
{
    size_t bytes = pool->chunk_bytes + pool->block_bytes;
    while (pool->adopted != NULL) {
        take_out(pool->adopted);
    }
    if (bytes <= SMALL || pool->bytes <= bytes / THIN || atr_pools_are_many()) {
        become_thin(pool);
    } else {
        pool->rest = atr_pool_values(pool) / THIN;
    }
}

void atr_pool_quiet(atr_pool *pool)
{
    if ((!pool->closed && !pool->of_thread) || atr_pool_values(pool) > pool->rest) {
        return;
    }
    if (atr_pool_values(pool) == 0) {
        atr_pool_free(pool);
    } else {
        become_thin(pool);
    }
}

/* What is free in the cells, and what has not been cut yet. */
static size_t free_bytes(const atr_pool *pool)
{
    return pool->chunk_bytes - (pool->bytes - pool->block_bytes);
}

/* What is still large after a sweep, with a few values all over, stays on its own, until it is thinner: the
 * home would put values of its own between them, and the memory would never be free again as a whole. */
static void thin_end(atr_pool *pool, atr_pool *home)
{
    if (pool->dead_listed) {
        return;
    }
    if (pool->chunk_bytes > SMALL) {
        atr_pool_sweep(pool);
    }
    if (pool->chunk_bytes > SMALL && !atr_pools_are_many()) {
        pool->thin = false;
        pool->rest = atr_pool_values(pool) / THIN;
    } else if (!absorb(pool, home)) {
        pool->thin = false; /* no memory for its loans, or its cells are of another kind */
    }
}

void atr_pool_tidy(atr_pool *home)
{
    atr_pool *pool = home->adopted;
    while (pool != NULL && pool->thin) {
        atr_pool *next = pool->adopted_next;
        thin_end(pool, home);
        pool = next;
    }
    if (free_bytes(home) >= home->sweep_bytes && free_bytes(home) >= SWEEP_FIRST &&
        free_bytes(home) >= home->chunk_bytes / 4) {
        atr_pool_sweep(home);
        home->sweep_bytes = free_bytes(home) + SWEEP_FIRST + home->chunk_bytes / 4;
    }
}
