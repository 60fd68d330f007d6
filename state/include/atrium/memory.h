/** Memory: the allocator hook, figures, and checked pools. */
#ifndef ATRIUM_MEMORY_H
#define ATRIUM_MEMORY_H

#include <atrium/value.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Where the library takes its memory. The functions may be called on any thread. */
typedef struct atr_allocator {
    void *(*allocate)(void *user,
                      size_t size_bytes); /**< aligned for any type; NULL: out of memory */
    void (*release)(void *user, void *block,
                    size_t size_bytes); /**< the size it was allocated with */
    void *user;
} atr_allocator;

/** Take another allocator, NULL for malloc and free. Process-wide.
 *  @return 0; ATR_E_PHASE while anything is allocated; ATR_E_INVALID: a function is missing */
ATR_API int atr_memory_set_allocator(const atr_allocator *allocator);

/** What is allocated now, by all threads. Exact when they rest. */
typedef struct atr_memory {
    size_t blocks; /**< blocks taken from the allocator and not given back, see atr_memory_trim */
    size_t bytes;
    size_t values; /**< live values, nodes of collections included */
    size_t pools;
} atr_memory;
ATR_API atr_memory atr_memory_now(void);

/** Give back to the allocator what waits to be used again: blocks of pools that are gone, kept while other
 *  pools live. On Linux the system takes their pages anyway when it runs short. @thread any */
ATR_API void atr_memory_trim(void);

/** Allocate and give back through the hook: for providers that want their memory counted and swept.
 *  @return NULL when memory is out */
ATR_API void *atr_memory_take(size_t size_bytes);
ATR_API void atr_memory_give(void *block, size_t size_bytes);

/** Make pools that come from now on checked: stack copies, dead, foreign and unpublished values are
 *  caught, released values are poisoned. On under the test kit and sanitizers.
 *  @thread any; process-wide */
ATR_API void atr_memory_check(bool checked);

/** Fix the seed of string hashes. Under the test kit the seed is fixed.
 *  @return 0; ATR_E_PHASE when a text was already hashed with another seed */
ATR_API int atr_memory_fix_seed(uint64_t seed);

#ifdef __cplusplus
}
#endif
#endif
