/** The four contexts (rule T3). What a callback may do is what its context has a member for, so a call
 *  that is not allowed does not compile: ATR_EXECUTE takes `run`, ATR_UPDATE takes `write`, and so on.
 *
 *  | context    | given to                                             | may                             |
 *  |------------|------------------------------------------------------|---------------------------------|
 *  | atr_event  | code outside (atr_event_open) and subscribers        | read, execute, cancel           |
 *  | atr_start  | start_async                                          | read, answer, own flight's data |
 *  | atr_finish | finish, on_success, on_cancel, listeners, error path | read, update, execute, cancel,  |
 *  |            |                                                      | reset, fail                     |
 *  | atr_view   | view functions; cancel of a class                    | read                            |
 *
 *  `s` is the scope new values are made in. A context lives as long as the callback it was given to; one
 *  that is used later is refused and reported. */
#ifndef ATRIUM_CONTEXT_H
#define ATRIUM_CONTEXT_H

#include <atrium/error.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct atr_ctx atr_ctx;       /**< the right to read */
typedef struct atr_run atr_run;       /**< the right to execute and cancel */
typedef struct atr_write atr_write;   /**< the right to update, reset and fail */
typedef struct atr_answer atr_answer; /**< the right to answer a query that starts */
typedef struct atr_store atr_store;

typedef struct atr_event {
    atr_scope *s;
    atr_ctx *ctx;
    atr_run *run;
} atr_event;

typedef struct atr_start {
    atr_scope *s;
    atr_ctx *ctx;
    atr_answer *start;
} atr_start;

typedef struct atr_finish {
    atr_scope *s;
    atr_ctx *ctx;
    atr_run *run;
    atr_write *write;
    bool
        is_pre_execute; /**< a layer is folded: only updates count, execute and cancel do nothing */
} atr_finish;

typedef struct atr_view {
    atr_scope *s;
    atr_ctx *ctx;
} atr_view;

/** The store behind a context: for ATR_WATCH, atr_keep and atr_drop in callbacks. */
#define atr_store_of(c) atr_ctx_store((c)->ctx)
ATR_API atr_store *atr_ctx_store(const atr_ctx *ctx);

/** Latch an error of the application in a finish context: the callback's updates and what it queued are
 *  undone, the query takes its error path (rules S4, T2a). Return after it.
 *  @param code the application's own, any number
 *  @return code */
#define atr_fail(f, ...) atr_write_fail((f)->write, (f)->s, __VA_ARGS__)
ATR_API int atr_write_fail(atr_write *write, atr_scope *s, int32_t code, const char *format, ...)
    ATR_PRINTF(4, 5);

#ifdef __cplusplus
}
#endif
#endif
