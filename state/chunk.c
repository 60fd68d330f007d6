/* Chunks: the blocks that pools cut into cells. Chunks of the full size outlive their pool and wait for the
 * next one, for a fresh block costs a page fault every 4 KiB, more than the rows of a table that are
 * written into it. What waits is given back with the last pool, and by atr_memory_trim; meanwhile the
 * system may take the pages, not the addresses, when it runs short. */
#if defined(__linux__) && !defined(ATR_PORTABLE)
#define _DEFAULT_SOURCE /* madvise */
#include <sys/mman.h>
#include <unistd.h>
#endif
#include <stdint.h>

#include "heap.h"

#if defined(MADV_FREE)
#define WAITING_MAX SIZE_MAX
#else
#define WAITING_MAX 64
#endif

static atomic_flag chunks_busy = ATOMIC_FLAG_INIT;
/* All under chunks_busy. */
static atr_chunk *waiting;
static size_t waiting_count;
static size_t users; /* pools there are */

static void chunks_lock(void)
{
    while (atomic_flag_test_and_set_explicit(&chunks_busy, memory_order_acquire)) {
    }
}

static void chunks_unlock(void)
{
    atomic_flag_clear_explicit(&chunks_busy, memory_order_release);
}

/* What the pages hold is needed no more; pages that are written again before the system has taken them
 * cost nothing. The first page holds the link. */
static void chunk_idle(atr_chunk *chunk)
{
#if defined(MADV_FREE)
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    uintptr_t first = ((uintptr_t)(chunk + 1) + page - 1) & ~(page - 1);
    uintptr_t end = ((uintptr_t)chunk + chunk->size_bytes) & ~(page - 1);
    if (first < end) {
        (void)madvise((void *)first, end - first, MADV_FREE);
    }
#else
    (void)chunk;
#endif
}

static void chunks_release(atr_chunk *list)
{
    while (list != NULL) {
        atr_chunk *next = list->next;
        atr_memory_give(list, list->size_bytes);
        list = next;
    }
}

static atr_chunk *waiting_take(void)
{
    atr_chunk *all = waiting;
    waiting = NULL;
    waiting_count = 0;
    return all;
}

void atr_chunks_enter(void)
{
    chunks_lock();
    users++;
    chunks_unlock();
}

void atr_chunks_leave(void)
{
    atr_chunk *last = NULL;
    chunks_lock();
    if (--users == 0) {
        last = waiting_take();
    }
    chunks_unlock();
    chunks_release(last);
}

atr_chunk *atr_chunk_take(size_t size_bytes)
{
    atr_chunk *chunk = NULL;
    if (size_bytes == ATR_CHUNK_FULL) {
        chunks_lock();
        chunk = waiting;
        if (chunk != NULL) {
            waiting = chunk->next;
            waiting_count--;
        }
        chunks_unlock();
    }
    if (chunk == NULL) {
        chunk = atr_memory_take(size_bytes);
    }
    if (chunk != NULL) {
        *chunk = (atr_chunk){.size_bytes = (uint32_t)size_bytes};
    }
    return chunk;
}

void atr_chunk_give(atr_chunk *chunk)
{
    bool waits = false;
    if (chunk->size_bytes == ATR_CHUNK_FULL) {
        chunk_idle(chunk);
        chunks_lock();
        waits = waiting_count < WAITING_MAX;
        if (waits) {
            chunk->next = waiting;
            waiting = chunk;
            waiting_count++;
        }
        chunks_unlock();
    }
    if (!waits) {
        atr_memory_give(chunk, chunk->size_bytes);
    }
}

void atr_chunks_trim(void)
{
    atr_chunk *all;
    chunks_lock();
    all = waiting_take();
    chunks_unlock();
    chunks_release(all);
}
