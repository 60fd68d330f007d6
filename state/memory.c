/* The allocator hook, and the count of what was taken through it. Blocks are few (chunks of pools,
 * grown arrays), so two atomic counters cost nothing. */
#include <stdlib.h>

#include "heap.h"

static void *system_allocate(void *user, size_t size_bytes)
{
    (void)user;
    return malloc(size_bytes);
}

static void system_release(void *user, void *block, size_t size_bytes)
{
    (void)user;
    (void)size_bytes;
    free(block);
}

static const atr_allocator system_allocator = {system_allocate, system_release, NULL};
static atr_allocator allocator = {system_allocate, system_release, NULL};
static atomic_size_t live_blocks;
static atomic_size_t live_bytes;

int atr_memory_set_allocator(const atr_allocator *next)
{
    if (atomic_load(&live_blocks) != 0) {
        return ATR_E_PHASE;
    }
    if (next == NULL) {
        next = &system_allocator;
    }
    if (next->allocate == NULL || next->release == NULL) {
        return ATR_E_INVALID;
    }
    allocator = *next;
    return ATR_OK;
}

void *atr_memory_take(size_t size_bytes)
{
    void *block = allocator.allocate(allocator.user, size_bytes);
    if (block != NULL) {
        atomic_fetch_add_explicit(&live_blocks, 1, memory_order_relaxed);
        atomic_fetch_add_explicit(&live_bytes, size_bytes, memory_order_relaxed);
    }
    return block;
}

void atr_memory_give(void *block, size_t size_bytes)
{
    if (block != NULL) {
        atomic_fetch_sub_explicit(&live_blocks, 1, memory_order_relaxed);
        atomic_fetch_sub_explicit(&live_bytes, size_bytes, memory_order_relaxed);
        allocator.release(allocator.user, block, size_bytes);
    }
}

atr_memory atr_memory_now(void)
{
    atr_memory now = {0, 0, 0, 0};
    now.blocks = atomic_load(&live_blocks);
    now.bytes = atomic_load(&live_bytes);
    atr_pools_count(&now.pools, &now.values);
    return now;
}

void atr_memory_trim(atr_scope *s)
{
    if (s != NULL) {
        atr_pool *root = atr_pool_root(s);
        atr_pool_tidy(root);
        for (atr_pool *pool = root->adopted; pool != NULL; pool = pool->adopted_next) {
            atr_pool_sweep(pool);
        }
        atr_pool_sweep(root);
    }
    atr_chunks_trim();
}

atr_memory_stats atr_memory_stats_now(const atr_scope *s)
{
    atr_memory_stats stats = {0};
    if (s != NULL) {
        const atr_figures *figures = &s->pool->figures;
        const atr_pool *root = atr_pool_root(s);
        stats.values = atr_pool_values(root);
        stats.bytes = atr_pool_bytes(root);
        for (const atr_pool *pool = root->adopted; pool != NULL; pool = pool->adopted_next) {
            stats.values += atr_pool_values(pool);
            stats.bytes += atr_pool_bytes(pool);
        }
        stats.made = atomic_load_explicit(&s->pool->made, memory_order_relaxed);
        stats.blocks = figures->blocks;
        stats.copied = figures->fresh + figures->apart;
        stats.fresh = figures->fresh;
        stats.settled = figures->settled;
        stats.stolen = figures->stolen;
        stats.folded = figures->folded;
        stats.undone = figures->undone;
    }
    return stats;
}
