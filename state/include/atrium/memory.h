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

/** What the values of one pool have cost since it was made. All numbers are exact, so a test may assert the
 *  difference between two moments: no copies, no `settled`, ... They are the same in every run that does the
 *  same, if the seed of hashes is fixed (atr_memory_fix_seed; the test kit does it): maps with text keys have
 *  another shape with another seed. `blocks` depends on the build and the pool, too: with sanitizers every value is
 *  a block of its own, and checked pools may need more of them. */
typedef struct atr_memory_stats {
    /* Of this pool and of the answers that it has adopted, as atr_memory_models counts them: */
    size_t values; /**< live now, nodes of collections included */
    size_t bytes;  /**< taken for them */
    /* Of this pool, and of those it has taken over, from then on: */
    uint64_t made; /**< values made so far */
    /** Blocks taken from the allocator so far: for values, what builders of maps and sets note, edit scripts, and the
     *  table of what is borrowed; none for scopes, and none that a call gives back before it returns. */
    uint64_t blocks;
    uint64_t copied; /**< nodes of collections made as a changed copy of a shared one */
    /* How these copies came to hold what they share with the node they were copied from: */
    uint64_t fresh;   /**< they borrow it, no count was touched */
    uint64_t settled; /**< it was counted in full */
    /* And how the borrowing ended; what is left of `fresh` goes on: */
    uint64_t stolen; /**< the node copied from died first, and all it held passed to the copy */
    uint64_t folded; /**< the same of one that borrowed itself: the copy now borrows in its place */
    uint64_t undone; /**< the copy died first */
} atr_memory_stats;

/** The figures of the pool in which s makes values. @param s NULL: all zero */
ATR_API atr_memory_stats atr_memory_stats_now(const atr_scope *s);

/* What lives, by model. Counted are the values in the pool in which s makes values, an app's in its callbacks,
 * and in the pools of answers that it has adopted: exactly, and at the cost of a look at each. Nodes of
 * collections have models of their own, named "map node", "vector leaf", ...; one name is one line.
 *
 *     assert_int_equal(atr_memory_of(e.s, &todo_item_model), 3);
 */

/** How many values of a model live. @param s NULL: 0 */
ATR_API size_t atr_memory_of(const atr_scope *s, const atr_model *model);

typedef void (*atr_memory_model_fn)(void *user, const atr_model *model, size_t values,
                                    size_t bytes);

/** Tell of every model of which a value lives, those that take most bytes first. fn may make values.
 *  @param s NULL: there is none
 *  @return how many models; ATR_E_INVALID: fn is NULL; ATR_E_NO_MEMORY: nothing was told */
ATR_API int atr_memory_models(const atr_scope *s, atr_memory_model_fn fn, void *user);

/** Give back to the allocator what is not in use: blocks of pools that are gone, which wait for others while
 *  there are pools, and those in the pool of s, and in what it has adopted, in which nothing lives. That
 *  takes a look at each value. Of what waits, Linux takes the pages anyway when it runs short.
 *  @param s or NULL: only what waits
 *  @thread any with NULL */
ATR_API void atr_memory_trim(atr_scope *s);

/** Allocate and give back through the hook: for providers that want their memory counted and swept.
 *  @return NULL when memory is out */
ATR_API void *atr_memory_take(size_t size_bytes);
ATR_API void atr_memory_give(void *block, size_t size_bytes);

/** Make pools that come from now on checked: stack copies, dead, foreign and unpublished values are
 *  caught, released values are poisoned. On under the test kit and sanitizers.
 *  @thread any; process-wide */
ATR_API void atr_memory_check(bool checked);

/** Fix the seed of hashes. Under the test kit the seed is fixed.
 *  @return 0; ATR_E_PHASE when it was already used: a text or a value was hashed, vectors were compared by
 *  atr_diff, or a builder of a map or set was read, removed from, or given many */
ATR_API int atr_memory_fix_seed(uint64_t seed);

#ifdef __cplusplus
}
#endif
#endif
