/** Pools: where the values of one app, one worker or one thread lie (rule S5). For engines and
 *  providers; applications only meet scopes.
 *
 *  A pool belongs to one thread at a time; only that thread makes, counts and frees values in it. A
 *  worker makes an answer in a pool of its own and lets go of it; the loop adopts it whole. */
#ifndef ATRIUM_POOL_H
#define ATRIUM_POOL_H

#include <atrium/scope.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct atr_pool atr_pool;

/** An address that is the calling thread's alone, to tell threads apart. @thread any */
ATR_API const void *atr_thread_self(void);
/* The same, asked for by most calls: within the library it must not cost a call. */
#if defined(ATR_BUILDING) && defined(ATR_THREAD_POINTER)
static inline const void *atr_thread_here(void)
{
    return __builtin_thread_pointer();
}
#elif defined(ATR_BUILDING) && !defined(__cplusplus)
extern ATR_THREAD_LOCAL char atr_thread_identity;
static inline const void *atr_thread_here(void)
{
    return &atr_thread_identity;
}
#else
static inline const void *atr_thread_here(void)
{
    return atr_thread_self();
}
#endif

/** What one thread leaves to another. Its memory is the caller's until fn runs. */
typedef struct atr_errand {
    void (*fn)(void *ptr);
    void *ptr;
    const void *thread; /**< set by atr_thread_leave, as is the next */
    struct atr_errand *next;
} atr_errand;

/** Leave an errand to a thread that has values or scopes of its own: it runs when that one next opens or
 *  closes a root scope, atr_scope_open(NULL), at the latest when the last of them goes.
 *  @return false: it has none; nothing was done. @thread any */
ATR_API bool atr_thread_leave(const void *thread, atr_errand *errand);

/** Whether an allocation may succeed: the fault sweep's hook. */
typedef bool (*atr_gate_fn)(void *user, size_t size_bytes);

/** Make a pool that the calling thread owns, and may let go of: as long as nobody has adopted it, its values
 *  and those of the thread's own pool do not refer to each other. (A store's pool stays: they may.)
 *  @return NULL when memory or pool numbers are out */
ATR_API atr_pool *atr_pool_new(void);

/** Open a root scope in a pool. @return NULL when memory is out */
ATR_API atr_scope *atr_pool_scope(atr_pool *pool);

/** Let go of a pool, with its values and open scopes: no thread owns it until one adopts it. */
ATR_API void atr_pool_detach(atr_pool *pool);

/** Own a detached pool from now on.
 *  @param home a pool of the calling thread whose values may refer to these, or NULL */
ATR_API void atr_pool_adopt(atr_pool *pool, atr_pool *home);

/** Close its open scopes; free the pool as soon as its last value dies. NULL does nothing. If it has been
 *  adopted with a home that is not closed, the home takes over what lives in it, once that lies in at
 *  most 32 KiB, or pools are many: no value moves. Called when no other call of the library is under way
 *  that makes values in the home. */
ATR_API void atr_pool_close(atr_pool *pool);

/** Free a pool at once, and those adopted with it as their home, whatever is open or held in them. Nothing
 *  is called: no deferred function, no destructor. For engines that a jump has left. */
ATR_API void atr_pool_abandon(atr_pool *pool);

/** Ask fn before every allocation of a value; NULL: never ask. */
ATR_API void atr_pool_gate(atr_pool *pool, atr_gate_fn fn, void *user);

/** From now on let each copy of a node count all it shares with the node it was copied from, or, with
 *  false, borrow it, which is many times faster and what pools do unless ATR_EAGER is in the environment.
 *  Values live equally long either way: each is the test of the other. */
ATR_API void atr_pool_eager(atr_pool *pool, bool eager);

/** Live values, and bytes taken for them. */
ATR_API size_t atr_pool_values(const atr_pool *pool);
ATR_API size_t atr_pool_bytes(const atr_pool *pool);

/** Hold and let go of one value across scopes: what a store does for what it keeps.
 *  @thread the owner of the value's pool */
ATR_API void atr_value_hold(const void *value);
ATR_API void atr_value_release(const void *value);

#ifdef __cplusplus
}
#endif
#endif
