/** The store from an engine's side: turns, savepoints, layers, rounds. Applications do not need this
 *  header. All calls: @thread loop. */
#ifndef ATRIUM_TURN_H
#define ATRIUM_TURN_H

#include <atrium/pool.h>
#include <atrium/store.h>

#ifdef __cplusplus
extern "C" {
#endif

/** What the store asks of the engine that drives it. Every function may be NULL. */
typedef struct atr_store_host {
    void *self;
    /** Run the finish of a layer's flight with its predicted response in f. */
    void (*fold)(void *self, void *flight, atr_finish *f);
    /** A subscriber or a view latched an error; `what` is the name of the root or view. */
    void (*failed)(void *self, const char *what, const atr_error *error);
    /** A rule was broken: `what` is a short text. */
    void (*violation)(void *self, int code, const char *what);
    /** The store is dirty by what was asked of it, not by a turn: let a round come. */
    void (*untold)(void *self);
    /** Layers begin to be folded (true), or have been: no turn can begin meanwhile, in what ends with a layer
     *  either. */
    void (*folding)(void *self, bool on);
} atr_store_host;

/** Make a store with a pool of its own. @return owned; NULL when memory is out */
ATR_API atr_store *atr_store_new(const atr_store_host *host);
/** Free it: subscriptions end, their user data is destroyed. NULL does nothing. */
ATR_API void atr_store_free(atr_store *store);
/** Free a store that was left by a jump out of a callback: as it is, with its pool. No user data is
 *  destroyed, as it may lie in a frame that is gone. */
ATR_API void atr_store_abandon(atr_store *store);
ATR_API atr_pool *atr_store_pool(const atr_store *store);
/** `self` of its host table. */
ATR_API void *atr_store_self(const atr_store *store);

/** Add a root; its model is checked and its initial value must pass its own rules. group: what
 *  atr_store_reset selects by.
 *  @errors ATR_E_DEFINITION, latched in s with the reason; also for a root that is there already */
ATR_API int atr_store_add_root(atr_store *store, atr_scope *s, const atr_root *root,
                               const void *group);

/** Take back the roots added last, those beyond `count`: nobody has read, updated or watched them yet. */
ATR_API void atr_store_drop_roots(atr_store *store, size_t count);

/** Check that a value is what `type` says and may be used in s, and hold it there.
 *  @param what begins the text of the error
 *  @return 0, or ATR_E_REFUSED, ATR_E_TYPE, ATR_E_NO_MEMORY latched in s */
ATR_API int atr_value_check(atr_scope *s, atr_type type, atr_value value, const char *what);

/* ---- contexts: opened around every callback, closed after it ---- */

typedef enum atr_phase_kind {
    ATR_CTX_EVENT,
    ATR_CTX_START,
    ATR_CTX_FINISH,
    ATR_CTX_VIEW,
    ATR_CTX_TOLD /**< the event that a round of notification has made */
} atr_phase_kind;

/** @param s of the store's pool
 *  @param host what atr_ctx_host gives back: the engine's activation
 *  @return NULL when memory is out (s is NULL then, or there is no room for one more context) */
ATR_API atr_ctx *atr_ctx_open(atr_store *store, atr_phase_kind kind, atr_scope *s, void *host);
ATR_API void atr_ctx_close(atr_ctx *ctx);
/** Open a context with a scope of its own (see atr_ctx_scope), and close both.
 *  @return NULL when memory is out */
ATR_API atr_ctx *atr_ctx_enter(atr_store *store, atr_phase_kind kind, void *host);
ATR_API void atr_ctx_leave(atr_ctx *ctx);
/** Leave an open one if nothing is left to be done in it. @return false: it stays open */
ATR_API bool atr_ctx_leave_idle(atr_ctx *ctx);
/** The callback is over, but another one is to go on in the scope: atr_ctx_enter .. atr_ctx_pause ..
 *  atr_ctx_resume .. atr_ctx_leave. Resume gives the context to use from then on. */
ATR_API void atr_ctx_pause(atr_ctx *ctx);
ATR_API atr_ctx *atr_ctx_resume(atr_ctx *ctx);
/** No other one follows: close the scope of a paused context. NULL does nothing. */
ATR_API void atr_ctx_forget(atr_ctx *ctx);
/** Whether a context of kind ATR_CTX_EVENT is open. */
ATR_API bool atr_store_has_event(const atr_store *store);
/** What an engine reads of a context that is in use; the rest is private. */
typedef struct atr_ctx_front {
    void *host; /**< what atr_ctx_host gives */
    atr_scope *scope;
#if defined(__cplusplus)
    const void *thread_;
#else
    _Atomic(const void *) thread_; /**< its callback runs on; NULL: that is over */
#endif
    bool is_layer; /**< what atr_ctx_is_layer gives */
    uint8_t kind;  /**< atr_phase_kind */
} atr_ctx_front;
/** Of a context that the caller itself has open. */
static inline const atr_ctx_front *atr_ctx_front_of(const atr_ctx *ctx)
{
    return (const atr_ctx_front *)(const void *)ctx;
}
/** Check a context once for all that a call reads of it.
 *  @return borrowed until it closes; NULL for one that is over or used on another thread, which is reported
 *  as something `what` did, and for NULL */
ATR_API const atr_ctx_front *atr_ctx_use(atr_ctx *ctx, const char *what);
/** The engine's activation; NULL for a context that is over (which is reported), in a view, and in a
 *  layer until fold has set one. */
ATR_API void *atr_ctx_host(atr_ctx *ctx);
/** In the host's fold: give the layer's context, which the store has opened, its activation. */
ATR_API void atr_ctx_set_host(atr_ctx *ctx, void *host);
ATR_API atr_scope *atr_ctx_scope(atr_ctx *ctx);
/** Whether a layer is being folded: effects are to be ignored. */
ATR_API bool atr_ctx_is_layer(const atr_ctx *ctx);
/* A right is a name of the context: the conversions, for engines. */
static inline atr_run *atr_ctx_run(atr_ctx *ctx)
{
    return (atr_run *)(void *)ctx;
}
static inline atr_write *atr_ctx_write(atr_ctx *ctx)
{
    return (atr_write *)(void *)ctx;
}
static inline atr_answer *atr_ctx_answer(atr_ctx *ctx)
{
    return (atr_answer *)(void *)ctx;
}
static inline atr_ctx *atr_run_ctx(atr_run *run)
{
    return (atr_ctx *)(void *)run;
}
static inline atr_ctx *atr_write_ctx(atr_write *write)
{
    return (atr_ctx *)(void *)write;
}
static inline atr_ctx *atr_answer_ctx(atr_answer *answer)
{
    return (atr_ctx *)(void *)answer;
}

/* ---- turns ---- */

/** Open a turn. @return 0, ATR_E_PHASE when one is open */
ATR_API int atr_turn_begin(atr_store *store);
/** Both atr_ctx_resume and atr_turn_begin. */
ATR_API atr_ctx *atr_turn_begin_in(atr_ctx *ctx);
/** Set a savepoint: atr_turn_undo goes back to here. */
ATR_API void atr_turn_mark(atr_store *store);
ATR_API void atr_turn_undo(atr_store *store);
/** Make the turn's updates the confirmed state, fold the layers again. Allocates nothing itself. */
ATR_API void atr_turn_commit(atr_store *store);
/** End the turn without its updates. */
ATR_API void atr_turn_abort(atr_store *store);
ATR_API bool atr_turn_is_open(const atr_store *store);
/** In an open turn: give roots of a group (NULL: all) their initial values and drop the layers that
 *  touched them, both with the commit; atr_layer_is_live tells which are left. */
ATR_API void atr_turn_reset(atr_store *store, const void *group);

/* ---- layers ---- */

typedef struct atr_layer atr_layer;

/** Put a layer on top of those pending: visible state is folded again at the next commit or refold.
 *  @return NULL when memory is out or ATR_LAYERS_MAX are pending */
ATR_API atr_layer *atr_layer_add(atr_store *store, void *flight);
/** Remove it, whether a reset has dropped it or not; frees it. Folding is up to the following commit or
 *  refold. NULL does nothing. */
ATR_API void atr_layer_remove(atr_store *store, atr_layer *layer);
/** Whether it is pending: not dropped by a reset. false for NULL. */
ATR_API bool atr_layer_is_live(const atr_layer *layer);
/** Fold the layers again. In an open turn it is done when that ends, in a fold before the next round. */
ATR_API void atr_store_refold(atr_store *store);
#define ATR_LAYERS_MAX 64

/* ---- notification ---- */

/** Whether visible state differs from what subscribers were last told, or one of them could not be told
 *  because there was no event. */
ATR_API bool atr_store_is_dirty(const atr_store *store);
typedef struct atr_rounds {
    void *host;                   /**< what atr_ctx_host gives in an event of a round */
    void *self;                   /**< of may_open */
    bool (*may_open)(void *self); /**< false: there is no memory for the event. NULL: yes */
} atr_rounds;
typedef enum atr_told {
    ATR_TOLD_NOTHING, /**< there was nothing to be told */
    ATR_TOLD_ALL,
    ATR_TOLD_SOME /**< there may be more: subscribers made changes, or there was no event for one */
} atr_told;
/** If the store is dirty, or subscribers wait in a round around this one, tell every subscriber whose value changed,
 *  once, in order of subscription. Each gets an event of kind ATR_CTX_TOLD that is as new: mostly one serves all, in
 *  checked stores each has its own. */
ATR_API atr_told atr_store_notify(atr_store *store, const atr_rounds *rounds);

/** Churn (checked stores): copy the whole state, memos and baselines included, and drop the old, so that
 *  what was not kept dies. @return 0; ATR_E_NO_MEMORY, nothing has changed then; ATR_E_PHASE in a turn */
ATR_API int atr_store_churn(atr_store *store);

/** The roots of a store in order of registration, confirmed and visible values, for tools and tests. */
typedef struct atr_root_state {
    const atr_root *root;
    const void *group;
    const void *confirmed;
    const void *visible;
} atr_root_state;
ATR_API size_t atr_store_root_count(const atr_store *store);
ATR_API atr_root_state atr_store_root_at(const atr_store *store, size_t i);
/** Figures. */
typedef struct atr_store_stats {
    uint64_t turns;   /**< committed */
    uint64_t aborted; /**< turns that did not commit */
    uint64_t rounds;  /**< of notification */
    uint64_t told;    /**< subscriber calls */
    uint64_t checked; /**< looked at in rounds: subscriptions, views with subscriptions, and keys
                               of both; those that a commit leaves alone are not */
    uint64_t view_runs;
    size_t subscriptions; /**< live now */
    size_t layers;        /**< pending now */
    size_t kept;          /**< atr_keep without its atr_drop */
} atr_store_stats;
ATR_API atr_store_stats atr_store_stats_now(const atr_store *store);

#ifdef __cplusplus
}
#endif
#endif
