/** Opaque values: a pointer of yours with its destructor (an image, a file handle, an object of another
 *  library) as a value. It is equal by the pointer alone, is not serialised, and NULL stands for none.
 *
 *  It belongs to one thread at a time, as its pool does. Copies of what refers to it share it; a copy to
 *  another thread or app is refused (ATR_E_REFUSED). It moves with a pool that is handed over whole. */
#ifndef ATRIUM_OPAQUE_H
#define ATRIUM_OPAQUE_H

#include <atrium/scope.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Its members are read by atr_opaque_pointer. */
typedef struct atr_opaque {
    atr_head atr;
    void *pointer;
    void (*destroy)(void *pointer);
    const char *name;
} atr_opaque;

extern ATR_API const atr_model atr_opaque_model;

/** Make an opaque value. destroy runs once, when the last holder of the value lets go: on the thread that
 *  owns the pool then. It may use the library, with scopes of its own.
 *  @param name what it is, for prints and atr_opaque_pointer; borrowed for good, e.g. a literal
 *  @param pointer consumed, also on failure: destroy has run when NULL is returned
 *  @param destroy may be NULL
 *  @return NULL on failure
 *  @errors ATR_E_INVALID: name or pointer is NULL (destroy is not called for NULL). ATR_E_NO_MEMORY,
 *  also without a scope. */
ATR_API const atr_opaque *atr_opaque_new(atr_scope *s, const char *name, void *pointer,
                                         void (*destroy)(void *pointer));

/** The pointer in an opaque value of this name.
 *  @return borrowed; NULL for NULL and for a value of another name. @thread any that may read it */
ATR_API void *atr_opaque_pointer(const atr_opaque *v, const char *name);

#ifdef __cplusplus
}
#endif
#endif
