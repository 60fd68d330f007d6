/* Pools. A cell comes from the free list of its size class, else from the current chunk. A value's head
 * carries the id of its pool; one table leads from the id to the pool, which knows the thread that owns
 * it now. A pool that was closed is freed with its last value. */
#include <stdlib.h>
#include <string.h>

#include "heap.h"
#include "loan.h"

#if defined(__SANITIZE_ADDRESS__)
#define UNDER_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(memory_sanitizer)
#define UNDER_SANITIZER 1
#endif
#endif
#ifndef UNDER_SANITIZER
#define UNDER_SANITIZER 0
#endif

enum { POISON = 0xDD };

_Atomic(atr_pool *) atr_pools[ATR_POOLS_MAX];
static atomic_flag pools_busy = ATOMIC_FLAG_INIT; /* a pool is leaving, or all are counted */
static atomic_uint next_id = 1;
static atomic_size_t pools_count;
static atr_pool *retired[2]; /* structs of pools that were taken over, unchecked and checked */
static atomic_bool check_new_pools = UNDER_SANITIZER;
static ATR_THREAD_LOCAL atr_pool *thread_pool;
#if !defined(ATR_THREAD_POINTER)
ATR_THREAD_LOCAL char atr_thread_identity;
#endif

const char *atr_stack_here(void)
{
#if defined(__GNUC__) && !defined(ATR_PORTABLE)
    return __builtin_frame_address(0);
#else
    char *volatile here = (char *)&here;
    return here;
#endif
}

const void *atr_thread_self(void)
{
    return atr_thread_here();
}

void atr_memory_check(bool checked)
{
    atomic_store(&check_new_pools, checked);
}

static void pools_lock(void)
{
    while (atomic_flag_test_and_set_explicit(&pools_busy, memory_order_acquire)) {
    }
}

static void pools_unlock(void)
{
    atomic_flag_clear_explicit(&pools_busy, memory_order_release);
}

/* ---- errands: under the lock of the pools, so that none comes after its thread's pool has gone ---- */

atomic_size_t atr_errands_waiting;
static atr_errand *errands;

/* Take those of the calling thread. Call with the pools locked. */
static atr_errand *errands_take(void)
{
    atr_errand **link = &errands, *taken = NULL;
    while (*link != NULL) {
        atr_errand *at = *link;
        if (at->thread == atr_thread_here()) {
            *link = at->next;
            at->next = taken;
            taken = at;
            atomic_fetch_sub(&atr_errands_waiting, 1);
        } else {
            link = &at->next;
        }
    }
    return taken;
}

static void errands_do(atr_errand *list)
{
    while (list != NULL) {
        atr_errand *next = list->next;
        list->fn(list->ptr);
        list = next;
    }
}

void atr_errands_run(void)
{
    atr_errand *list;
    pools_lock();
    list = errands_take();
    pools_unlock();
    errands_do(list);
}

bool atr_thread_leave(const void *thread, atr_errand *errand)
{
    bool has_pool = false;
    pools_lock();
    for (uint32_t id = 1; id < ATR_POOLS_MAX && !has_pool; id++) {
        const atr_pool *pool = atr_pool_of((uint16_t)id);
        has_pool = pool != NULL && pool->of_thread && atomic_load(&pool->thread) == thread;
    }
    if (has_pool) {
        errand->thread = thread;
        errand->next = errands;
        errands = errand;
        atomic_fetch_add(&atr_errands_waiting, 1);
    }
    pools_unlock();
    return has_pool;
}

/* ---- pools ---- */

void atr_pools_count(size_t *count, size_t *values)
{
    *count = 0;
    *values = 0;
    pools_lock();
    for (uint32_t id = 1; id < ATR_POOLS_MAX; id++) {
        const atr_pool *pool = atr_pool_of((uint16_t)id);
        if (pool != NULL) {
            *count += 1;
            *values += atr_pool_values(pool);
        }
    }
    pools_unlock();
}

static bool pool_enter(atr_pool *pool)
{
    for (uint32_t tries = 0; tries < ATR_POOLS_MAX; tries++) {
        uint16_t id = (uint16_t)atomic_fetch_add(&next_id, 1);
        atr_pool *none = NULL;
        if (id != 0 && atomic_compare_exchange_strong(&atr_pools[id], &none, pool)) {
            pool->id = id;
            atomic_fetch_add(&pools_count, 1);
            return true;
        }
    }
    return false;
}

/* Is a variable in the environment? Asked once. */
static bool env_is_set(atomic_int *known, const char *name)
{
    int is = atomic_load_explicit(known, memory_order_relaxed);
    if (is < 0) {
        is = getenv(name) != NULL;
        atomic_store_explicit(known, is, memory_order_relaxed);
    }
    return is != 0;
}

static size_t pool_size(bool checked)
{
    return sizeof(atr_pool) + (checked ? ATR_CELL_CLASSES * sizeof(void *) : 0);
}

/* Another thread may still look at whose a retired pool is: see atr_owner_fault. */
static void pool_clear(atr_pool *pool, bool checked)
{
    memset((char *)pool + sizeof pool->thread, 0, pool_size(checked) - sizeof pool->thread);
    atomic_store(&pool->thread, atr_thread_here());
}

static atr_pool *pool_take(bool checked)
{
    atr_pool *pool;
    pools_lock();
    pool = retired[checked];
    if (pool != NULL) {
        retired[checked] = pool->adopted_next;
    }
    pools_unlock();
    if (pool != NULL) {
        pool_clear(pool, checked);
        pool->retires = true;
        return pool;
    }
    pool = atr_memory_take(pool_size(checked));
    if (pool != NULL) {
        pool_clear(pool, checked);
    }
    return pool;
}

/* Kept for the next pool, as long as there are any. Call with the pools locked. */
static void pool_retire(atr_pool *pool)
{
    atomic_store(&pool->thread, NULL);
    pool->adopted_next = retired[pool->checked];
    retired[pool->checked] = pool;
}

/* One that has not been in the table. */
static void pool_give(atr_pool *pool)
{
    if (!pool->retires) {
        atr_memory_give(pool, pool_size(pool->checked));
        return;
    }
    pools_lock();
    pool_retire(pool);
    pools_unlock();
}

static void retired_free(atr_pool *list)
{
    while (list != NULL) {
        atr_pool *next = list->adopted_next;
        atr_memory_give(list, pool_size(list->checked));
        list = next;
    }
}

/* Out of the table; its values, if it has any, count for `into`. */
static void pool_leave(atr_pool *pool, atr_pool *into)
{
    atr_pool *unchecked = NULL, *checked = NULL;
    atr_errand *left = NULL;
    bool retires = pool->retires;
    pools_lock();
    if (into != NULL) {
        uint64_t gone = atomic_load_explicit(&pool->gone, memory_order_relaxed);
        atr_pool_made(into, atr_pool_values(pool) + gone, pool->bytes);
        atr_pool_lost(into, gone, 0);
    }
    atomic_store_explicit(&atr_pools[pool->id], NULL, memory_order_release);
    if (pool->of_thread) {
        left = errands_take();
    }
    if (retires) {
        pool_retire(pool);
    }
    if (atomic_fetch_sub(&pools_count, 1) == 1) {
        unchecked = retired[false];
        checked = retired[true];
        retired[false] = NULL;
        retired[true] = NULL;
    }
    pools_unlock();
    if (!retires) {
        atr_memory_give(pool, pool_size(pool->checked));
    }
    retired_free(unchecked);
    retired_free(checked);
    errands_do(left);
}

bool atr_pools_are_many(void)
{
    return atomic_load_explicit(&pools_count, memory_order_relaxed) > ATR_POOLS_MAX / 2;
}

atr_pool *atr_pool_new(void)
{
    static atomic_int no_pool = -1, eager = -1;
    bool checked = atomic_load(&check_new_pools);
    atr_pool *pool = pool_take(checked);
    if (pool == NULL) {
        return NULL;
    }
    pool->checked = checked;
    pool->direct = UNDER_SANITIZER || env_is_set(&no_pool, "ATR_NO_POOL");
    pool->eager = env_is_set(&eager, "ATR_EAGER");
    pool->plain = !pool->checked && !pool->direct;
    pool->home = pool;
    if (!pool_enter(pool)) {
        pool_give(pool);
        return NULL;
    }
    atr_chunks_enter();
    return pool;
}

atr_pool *atr_pool_of_thread(void)
{
    if (thread_pool == NULL) {
        thread_pool = atr_pool_new();
        if (thread_pool != NULL) {
            pools_lock(); /* other threads look for it */
            thread_pool->of_thread = true;
            thread_pool->home = NULL;
            pools_unlock();
        }
    }
    return thread_pool;
}

static void scope_free(atr_scope *s)
{
    if (s->entries != s->small) {
        atr_memory_give(s->entries, s->capacity * sizeof(void *));
    }
    atr_memory_give(s->deferred, s->deferred_capacity * sizeof *s->deferred);
    atr_memory_give(s, sizeof *s);
}

static void blocks_free(atr_cell_block *list)
{
    while (list != NULL) {
        atr_cell_block *older = list->older;
        atr_memory_give(list, list->size_bytes);
        list = older;
    }
}

/* What a pool has beside its cells and blocks. */
static void parts_free(atr_pool *pool)
{
    if (pool == thread_pool) {
        thread_pool = NULL;
    }
    atr_pool_unlink(pool);
    while (pool->spare != NULL) {
        atr_scope *next = pool->spare->spare_next;
        scope_free(pool->spare);
        pool->spare = next;
    }
    atr_memory_give(pool->loans, pool->loan_capacity * sizeof *pool->loans);
}

void atr_pool_free(atr_pool *pool)
{
    while (pool->chunks != NULL) {
        atr_chunk *next = pool->chunks->next;
        atr_chunk_give(pool->chunks);
        pool->chunks = next;
    }
    blocks_free(pool->blocks);
    blocks_free(pool->extras);
    parts_free(pool);
    atr_chunks_leave();
    pool_leave(pool, NULL);
}

void atr_pool_merge(atr_pool *pool, atr_pool *into)
{
    parts_free(pool);
    atr_chunks_leave();
    pool->retires = true;
    pool_leave(pool, into);
}

static void scopes_abandon(atr_scope *open)
{
    while (open != NULL) {
        atr_scope *s = open, *inner = s->front.inner;
        open = s->older;
        while (inner != NULL) {
            atr_scope *older = inner->older;
            inner->older = open;
            open = inner;
            inner = older;
        }
        scope_free(s);
    }
}

static void abandon_one(atr_pool *pool)
{
    scopes_abandon(pool->scopes);
    atr_pool_free(pool);
}

void atr_pool_abandon(atr_pool *pool)
{
    while (pool->adopted != NULL) {
        abandon_one(pool->adopted);
    }
    abandon_one(pool);
}

void atr_pool_close(atr_pool *pool)
{
    atr_pool *home;
    if (pool == NULL) {
        return;
    }
    while (pool->scopes != NULL) {
        atr_scope_close(pool->scopes);
    }
    home = pool->into;
    pool->closed = true;
    if (atr_pool_values(pool) == 0) {
        atr_pool_free(pool);
    } else {
        atr_pool_thin(pool);
    }
    if (home != NULL) {
        atr_pool_tidy(home);
    }
}

void atr_pool_detach(atr_pool *pool)
{
    atr_pool_unlink(pool);
    atomic_store_explicit(&pool->thread, NULL, memory_order_release);
}

void atr_pool_adopt(atr_pool *pool, atr_pool *home)
{
    atr_pool_unlink(pool);
    pool->home = home;
    pool->stack = atr_stack_here();
    atomic_store_explicit(&pool->thread, atr_thread_here(), memory_order_release);
    if (home != NULL && home != pool) {
        atr_pool_link(pool, home);
    }
}

void atr_pool_gate(atr_pool *pool, atr_gate_fn fn, void *user)
{
    pool->gate = fn;
    pool->gate_user = user;
    pool->plain = !pool->checked && !pool->direct && fn == NULL;
}

void atr_pool_eager(atr_pool *pool, bool eager)
{
    pool->eager = eager;
}

size_t atr_pool_values(const atr_pool *pool)
{
    uint64_t gone = atomic_load_explicit(&pool->gone, memory_order_acquire);
    return (size_t)(atomic_load_explicit(&pool->made, memory_order_relaxed) - gone);
}

size_t atr_pool_bytes(const atr_pool *pool)
{
    return pool->bytes;
}

/* ---- cells ---- */

/* Cells of a checked pool have one step more, for the link: the head of a dead value stays readable. */
static size_t cell_class(const atr_pool *pool, size_t size_bytes)
{
    return atr_cell_class(size_bytes) + (pool->checked ? 1 : 0);
}

static void *cell_from_class(atr_pool *pool, size_t class)
{
    void *cell = pool->free_first[class];
    if (cell != NULL) {
        memcpy(&pool->free_first[class], atr_cell_link(pool, cell, class), sizeof(void *));
        return cell;
    }
    if (!atr_chunk_has(pool, class) && !atr_chunk_next(pool, class)) {
        return NULL;
    }
    return atr_cell_cut(pool, class);
}

/* What comes from the allocator is listed, so that a pool can be freed with values in it. */
static void *listed_take(atr_cell_block **list, size_t size_bytes)
{
    atr_cell_block *block = atr_memory_take(sizeof *block + size_bytes);
    if (block == NULL) {
        return NULL;
    }
    block->size_bytes = sizeof *block + size_bytes;
    block->younger = NULL;
    block->older = *list;
    if (block->older != NULL) {
        block->older->younger = block;
    }
    *list = block;
    return block + 1;
}

static void listed_give(atr_cell_block **list, atr_cell_block *block)
{
    *(block->younger != NULL ? &block->younger->older : list) = block->older;
    if (block->older != NULL) {
        block->older->younger = block->younger;
    }
    atr_memory_give(block, block->size_bytes);
}

static void *block_take(atr_pool *pool, size_t size_bytes)
{
    void *cell = listed_take(&pool->blocks, size_bytes);
    if (cell != NULL) {
        pool->block_bytes += size_bytes;
        pool->figures.blocks++;
    }
    return cell;
}

static void block_give(atr_pool *pool, void *cell)
{
    atr_cell_block *block = (atr_cell_block *)cell - 1;
    pool->block_bytes -= block->size_bytes - sizeof *block;
    listed_give(&pool->blocks, block);
}

void *atr_room_take(atr_pool *pool, size_t size_bytes)
{
    return listed_take(&pool->extras, size_bytes);
}

void *atr_extra_take(atr_pool *pool, size_t size_bytes)
{
    void *extra = atr_room_take(pool, size_bytes);
    if (extra != NULL) {
        pool->figures.blocks++;
    }
    return extra;
}

void atr_extra_give(atr_pool *pool, void *extra)
{
    if (extra != NULL) {
        listed_give(&pool->extras, (atr_cell_block *)extra - 1);
    }
}

void *atr_cell_find(atr_pool *pool, size_t size_bytes)
{
    size_t class = cell_class(pool, size_bytes);
    if (pool->gate != NULL && !pool->gate(pool->gate_user, size_bytes)) {
        return NULL;
    }
    return pool->direct || class >= ATR_CELL_CLASSES ? block_take(pool, size_bytes)
                                                     : cell_from_class(pool, class);
}

void *atr_cell_make(atr_pool *pool, size_t size_bytes)
{
    void *cell = atr_cell_find(pool, size_bytes);
    if (cell != NULL) {
        atr_pool_made(pool, 1, size_bytes);
    }
    return cell;
}

/* First in, first out in checked pools, so that a dead value stays recognisable for long. */
static void cell_to_class(atr_pool *pool, void *cell, size_t class)
{
    void **first = &pool->free_first[class], *none = NULL;
    if (!pool->checked) {
        memcpy(atr_cell_link(pool, cell, class), first, sizeof *first);
        *first = cell;
        return;
    }
    memcpy(atr_cell_link(pool, cell, class), &none, sizeof none);
    if (*first == NULL) {
        *first = cell;
    } else {
        memcpy(atr_cell_link(pool, pool->free_last[class], class), &cell, sizeof cell);
    }
    pool->free_last[class] = cell;
}

void atr_cell_give(atr_pool *pool, void *cell, size_t size_bytes)
{
    size_t class = cell_class(pool, size_bytes);
    if (pool->checked) {
        memset(cell, POISON, size_bytes);
        *(atr_head *)cell = (atr_head){&atr_dead_model, 0, pool->id, 0};
    }
    if (pool->direct || class >= ATR_CELL_CLASSES) {
        block_give(pool, cell);
    } else {
        cell_to_class(pool, cell, class);
    }
}
