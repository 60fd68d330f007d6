/** Workers: threads on which an app runs the part of its queries that takes long (rule S5).
 *
 *      static const atr_str *longest(atr_worker *w, const find_longest *self) { ... return word; }
 *
 *      ATR_QUERY_IMPL(find_longest, FIND_LONGEST, str, .work = longest, .finish_with_response = ...);
 *
 *  `work` stands in the place of start_async. It is called on a thread of the app's and may take its time.
 *
 *  - It reads its inputs, which live and stay as they are until it has returned: a snapshot of the whole
 *    state may be one of them, `F(ref(todo_state), state)`. It must not read anything else of the app.
 *  - It makes its answer in `w->s` and returns it. The answer is handed to the loop as it lies, with the
 *    memory around it: nothing is copied or counted (an answer of up to 16 KiB is copied instead). A part of
 *    the inputs that is to stand in the answer is copied by the worker: atr_copy(w->s, part).
 *  - If `w->s` ends latched, the query fails with that error (rule S4); what is returned then does not count.
 *
 *  An app has up to `workers` such threads (see its options); queries wait for one in order. One that is over
 *  before its work began is not worked on. With start_async as well, that runs first, on the loop, and work
 *  only if it gave no answer: for answers that are known at once. In state tests a live one works within the
 *  step, in the calling thread. */
#ifndef ATRIUM_WORKER_H
#define ATRIUM_WORKER_H

#include <atrium/context.h>

#ifdef __cplusplus
extern "C" {
#endif

/** What `work` is given. It is the worker's until `work` returns. */
typedef struct atr_worker {
    atr_scope *s;            /**< for the answer and all that is made on the way */
    struct atr_reply *reply; /**< private */
} atr_worker;

/** Whether nobody waits for the answer any more: cancelled, timed out, or the app closes, which then waits
 *  for this call to return. To be asked now and then; return anything. @thread the worker's */
ATR_API bool atr_worker_is_over(const atr_worker *w);

/** Let the query fail with an error of the application: `atr_worker_fail(w, 3, "%d is odd", n)`. Return after
 *  it. For an error of another domain latch one of your own, atr_scope_fail(w->s, error). @return the code */
#define atr_worker_fail(w, ...) \
    atr_scope_fail((w)->s, atr_error_make((w)->s, ATR_DOMAIN_APP, __VA_ARGS__))

/* ---- under the macros ---- */

typedef atr_value (*atr_work_fn)(atr_worker *w, const void *query);
/** Answer the query that starts with what fn returns; nothing, if it has an answer or the start failed.
 *  @return 0 or a code, which is told as the query's error. @thread loop */
ATR_API int atr_start_work(atr_answer *answer, atr_work_fn fn);

#ifdef __cplusplus
}
#endif
#endif
