/* Memory of which an allocation fails: for the tests of every floor. It also sees that each block comes back,
 * with the size it was taken with. Safe on threads.
 *
 *     failing_begin();
 *     do {
 *         failing_after(n++);
 *         scenario();
 *     } while (failing_stop());
 *     failing_end();
 *
 * As the gate of a pool, `failing_gate` stands before every value, also where the pool has room. */
#ifndef ATR_STATE_TESTS_FAILING_H
#define ATR_STATE_TESTS_FAILING_H

#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <atrium/error.h>
#include <atrium/memory.h>

#include <cmocka.h>

static struct {
    atomic_long left;          /* allocations that succeed before one fails */
    atomic_bool for_good;      /* so do all after it */
    atomic_size_t least, most; /* of these sizes only */
    atomic_size_t failed;
    atomic_long live; /* blocks that were taken from the allocator */
    atomic_bool wrong_size;
} failing = {.left = LONG_MAX, .most = SIZE_MAX};

/* The next n succeed, the one after them fails. */
static inline void failing_after(size_t n)
{
    atomic_store(&failing.failed, 0);
    atomic_store(&failing.for_good, false);
    atomic_store(&failing.least, 0);
    atomic_store(&failing.most, SIZE_MAX);
    atomic_store(&failing.left, (long)n);
}

/* The next n succeed, none after them does. */
static inline void failing_from(size_t n)
{
    failing_after(n);
    atomic_store(&failing.for_good, true);
}

/* None of these sizes succeeds, all others do. */
static inline void failing_sizes(size_t least, size_t most)
{
    failing_from(0);
    atomic_store(&failing.most, most);
    atomic_store(&failing.least, least);
}

/* All succeed again. Says how many have failed. */
static inline size_t failing_stop(void)
{
    atomic_store(&failing.left, LONG_MAX);
    return atomic_load(&failing.failed);
}

static inline bool failing_may(size_t size_bytes)
{
    long left = LONG_MAX;
    if (size_bytes >= atomic_load(&failing.least) && size_bytes <= atomic_load(&failing.most)) {
        left = atomic_fetch_sub(&failing.left, 1);
    }
    if (left > 0 || (left < 0 && !atomic_load(&failing.for_good))) {
        return true;
    }
    atomic_fetch_add(&failing.failed, 1);
    return false;
}

static inline bool failing_gate(void *user, size_t size_bytes)
{
    return failing_may(size_bytes);
}

enum { FAILING_HEAD = 16 }; /* before each block: its size */

static inline void *failing_take(void *user, size_t size_bytes)
{
    char *block = failing_may(size_bytes) ? malloc(FAILING_HEAD + size_bytes) : NULL;
    if (block == NULL) {
        return NULL;
    }
    *(size_t *)(void *)block = size_bytes;
    atomic_fetch_add(&failing.live, 1);
    return block + FAILING_HEAD;
}

static inline void failing_give(void *user, void *block, size_t size_bytes)
{
    char *head = (char *)block - FAILING_HEAD;
    if (*(size_t *)(void *)head != size_bytes) {
        atomic_store(&failing.wrong_size, true);
    }
    atomic_fetch_sub(&failing.live, 1);
    free(head);
}

static inline void failing_begin(void)
{
    static const atr_allocator allocator = {failing_take, failing_give, NULL};
    failing_stop();
    assert_int_equal(atr_memory_set_allocator(&allocator), ATR_OK);
}

static inline void failing_end(void)
{
    failing_stop();
    assert_int_equal(atr_memory_set_allocator(NULL), ATR_OK); /* refused while a block is there */
    assert_int_equal(failing.live, 0);
    assert_false(failing.wrong_size);
}

/* The same around a test. */
static inline int failing_setup(void **state)
{
    failing_begin();
    return 0;
}
static inline int failing_teardown(void **state)
{
    failing_end();
    return 0;
}

#endif
