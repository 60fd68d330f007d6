/** Scopes own what is new: every maker takes a scope first, and the value lives at least until the scope
 *  closes, longer if something that lives longer holds it. In callbacks the framework opens and closes
 *  the scope; elsewhere (main, workers, tests, before an app exists) open one yourself:
 *
 *      atr_scope *s = atr_scope_open(NULL);
 *      ... todo_item *milk = ATR_NEW(s, todo_item, .id = 1) ...
 *      s = atr_scope_close(s);
 *
 *  Errors latch: a maker that fails returns the default object of its type and the scope keeps the first
 *  error (rule S4). Makers given a NULL scope return the default object. A scope belongs to the thread
 *  that opened it. */
#ifndef ATRIUM_SCOPE_H
#define ATRIUM_SCOPE_H

#include <atrium/value.h>

#ifdef __cplusplus
extern "C" {
#endif

/** What generated code reads of a scope; the rest is private. */
typedef struct atr_scope_front {
    uint16_t owner;         /**< id of the pool values are made in */
    bool careful;           /**< every field is checked by description: checked pool */
    const atr_error *error; /**< what atr_scope_error gives */
    atr_scope *inner;       /**< youngest open scope inside */
} atr_scope_front;

/** Open a scope inside parent, or with NULL a root scope in the calling thread's own pool.
 *  @return NULL when memory is out: parent latches, and makers accept NULL */
ATR_API atr_scope *atr_scope_open(atr_scope *parent);

/** Close a scope: what nothing else holds dies, inner scopes still open are closed first, what was
 *  deferred runs in reverse order, an error passes to the parent. NULL does nothing.
 *  @return NULL, to be assigned to the variable */
ATR_API atr_scope *atr_scope_close(atr_scope *s);

/** `ATR_SCOPE(inner, s) { ... }`: a nested scope for a loop that makes many versions (rule S3). `break`
 *  leaves it open until its parent closes, which is harmless. */
#define ATR_SCOPE(name, parent) \
    for (atr_scope *name = atr_scope_open(parent); name; name = atr_scope_close(name))

/** Let a value live until the parent of inner closes. Does nothing in a root scope or with NULL. */
ATR_API void atr_scope_yield(atr_scope *inner, const void *value);

/** Hold a value until s closes, e.g. one that was made elsewhere on this thread. NULL does nothing.
 *  @return 0 or a code, latched
 *  @errors ATR_E_NO_MEMORY, also without a scope. ATR_E_REFUSED: not published, of another thread or app,
 *  and in checked pools a released value or a copy on the stack. ATR_E_THREAD, in checked pools: s belongs to another
 *  thread. */
ATR_API int atr_scope_hold(atr_scope *s, const void *value);

/** Call fn(ptr) when s closes. On failure fn(ptr) is called at once.
 *  @return 0 or a code, latched
 *  @errors ATR_E_NO_MEMORY, also without a scope. ATR_E_INVALID: fn is NULL. */
ATR_API int atr_scope_defer(atr_scope *s, void (*fn)(void *ptr), void *ptr);

/** The latched error, or NULL. Borrowed from the scope. */
ATR_API const atr_error *atr_scope_error(const atr_scope *s);

/** Take the latched error and clear the latch: for failures one can go on from, such as parsing.
 *  @return the error, which lives as long as s; NULL when there is none */
ATR_API const atr_error *atr_scope_take_error(atr_scope *s);

/** Latch an error; the first one stays.
 *  @return always its code, ATR_E_LATCHED for the code 0, so `return atr_scope_fail(s, e);`; ATR_E_INVALID
 *  for NULL, ATR_E_REFUSED for an error that atr_scope_hold would refuse (both latched) */
ATR_API int atr_scope_fail(atr_scope *s, const atr_error *error);

/* ---- for the engine: callbacks of one turn share its scope (rule S6) ---- */

/** Close the scopes inside that were opened after one; NULL: all. */
ATR_API void atr_scope_close_inner_(atr_scope *s, const atr_scope *last);
static inline const atr_scope *atr_scope_inner_(const atr_scope *s)
{
    return ((const atr_scope_front *)(const void *)s)->inner;
}

/** A place in a scope with a latch of its own. */
typedef struct atr_scope_mark {
    const atr_error *error; /**< what was latched before */
    const atr_scope *inner; /**< the youngest scope inside that was open */
} atr_scope_mark;

/** Begin a callback: set the latch aside. */
static inline atr_scope_mark atr_scope_mark_set(atr_scope *s)
{
    atr_scope_front *front = (atr_scope_front *)(void *)s;
    atr_scope_mark mark = {front->error, front->inner};
    front->error = NULL;
    return mark;
}
/** End a callback: close scopes left open in it, put the old latch back.
 *  @return the callback's own error, alive as long as s, or NULL */
static inline const atr_error *atr_scope_mark_end(atr_scope *s, atr_scope_mark mark)
{
    atr_scope_front *front = (atr_scope_front *)(void *)s;
    const atr_error *error;
    if (front->inner != mark.inner) {
        atr_scope_close_inner_(s, mark.inner);
    }
    error = front->error;
    front->error = mark.error;
    return error;
}

/** Close a scope and open it again, in one: for callbacks that follow each other. */
ATR_API void atr_scope_clear(atr_scope *s);

/* ---- for generated code ---- */

/** Allocate a cell for a value of model, head filled in, the rest unwritten, owned by s.
 *  @return NULL when memory is out (latched) */
ATR_API void *atr_value_alloc(atr_scope *s, const atr_model *model, size_t size_bytes);
/** Check every field of a draft by description. @return false: refused and latched, naming the field */
ATR_API bool atr_model_accept(atr_scope *s, const atr_model *model, const void *draft);
/** Make a value of a draft. @return owned by s; the model's default object when s latched */
ATR_API const void *atr_value_publish(atr_scope *s, const atr_model *model, const void *draft);
/** The same for who takes it over at once: its count is the caller's, not that of s. */
ATR_API const void *atr_value_publish_loose(atr_scope *s, const atr_model *model,
                                            const void *draft);
/** The draft is not plainly fit for the cell, which is taken back: look closer. @return the value, as if
 *  published */
ATR_API const void *atr_value_unfit_(atr_scope *s, void *cell, const void *draft);

static inline bool atr_fit_(const atr_scope *s, const void *value)
{
    const atr_head *head = (const atr_head *)value;
    const atr_scope_front *front = (const atr_scope_front *)(const void *)s;
    return head->count < 0 || (head->count > 0 && head->owner == front->owner);
}
static inline bool atr_fit_required_(const atr_scope *s, const void *value)
{
    return value != NULL && atr_fit_(s, value);
}
static inline bool atr_fit_optional_(const atr_scope *s, const void *value)
{
    return value == NULL || atr_fit_(s, value);
}
static inline bool atr_careful_(const atr_scope *s)
{
    return s == NULL || ((const atr_scope_front *)(const void *)s)->careful;
}
static inline bool atr_latched_(const atr_scope *s)
{
    return s == NULL || ((const atr_scope_front *)(const void *)s)->error != NULL;
}
static inline void atr_hold_(const void *value)
{
    atr_head *head = (atr_head *)(uintptr_t)value;
    if (head != NULL && head->count > 0) {
        head->count++;
    }
}
/** Put a value whose count fell to zero on the list of those to be freed. */
ATR_API void atr_dead_add(atr_dead *dead, atr_head *head);
static inline void atr_release_(atr_dead *dead, const void *value)
{
    atr_head *head = (atr_head *)(uintptr_t)value;
    if (head != NULL && head->count > 0 && --head->count == 0) {
        atr_dead_add(dead, head);
    }
}

#ifdef __cplusplus
}
#endif
#endif
