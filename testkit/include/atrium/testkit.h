/** State tests: the real engine on a simulated world. Everything runs in the calling thread,
 *  without a loop, a thread or a sleep; time is virtual, randomness is seeded.
 *
 *      const atr_test_options todo = {.components = ATR_COMPONENTS(&todos_component)};
 *      atr_test *t = atr_test_open(&todo);
 *
 *      ATR_CAN(t, add_todo, &milk);                              what the outside world answers
 *      ATR_TEST_EXECUTE(t, add_todo, .title = ATR_STR(t->s, "milk"));
 *      ATR_ASSERT_INT(t, 1, ATR_STATE(t, todos)->count);
 *
 *      int failures = atr_test_end(t);
 *      atr_test_free(t);
 *
 *  The test is a context like an event: ATR_STATE(t, root), ATR_GET(t, view), ATR_EXECUTE(t, ...),
 *  atr_cancel(t, handle), atr_now(t) work on it. What it reads is the state that is visible at that
 *  moment, and stays valid until the test ends.
 *
 *  Strict by default. These fail the test, at the step in which they happen: a query without a
 *  canned response, an error that nobody handles, a broken rule of the library. These fail it at
 *  its end: a canned response that was never asked for, a query without an outcome, memory that is
 *  not given back.
 *
 *  An assertion may stand anywhere, also in a callback of the engine: there it is recorded, and the
 *  test fails when the step returns. Under cmocka see testkit_cmocka.h.
 *
 *  The macros that name a query class are C only. @thread all: the one that opened the test */
#ifndef ATRIUM_TESTKIT_H
#define ATRIUM_TESTKIT_H

#include <atrium/turn.h>
#include <atrium/world.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A test. NULL members: the app is closed. */
typedef struct atr_test {
    atr_scope *s; /**< what is made in it lives until the test ends */
    atr_ctx *ctx;
    atr_run *run;
    atr_app *app;
    atr_store *store;
} atr_test;

/** Something that is wrong. */
typedef struct atr_test_failure {
    const char *file; /**< of the assertion or step; NULL: not known */
    int line;
    const char *text; /**< one or more lines, without a final newline */
} atr_test_failure;

/** Told of new failures, oldest first, when no frame of the engine is on the stack: it may jump. */
typedef void (*atr_test_fail_fn)(void *user, const atr_test_failure *failures, size_t count);

/** What a test may leave undone. */
typedef enum atr_test_allowance {
    ATR_ALLOW_UNUSED = 1,     /**< canned responses that were never asked for */
    ATR_ALLOW_UNFINISHED = 2, /**< queries without an outcome at the end */
    ATR_ALLOW_ERRORS = 4,     /**< errors that nobody handles */
    ATR_ALLOW_VIOLATIONS = 8, /**< broken rules of the library */
    ATR_ALLOW_MISSING = 16,   /**< queries without a canned response: they stay pending */
    ATR_ALLOW_LEAKS = 32      /**< memory that is not given back */
} atr_test_allowance;

/** Options of a test; zero is the default. Borrowed only while atr_test_open runs. */
typedef struct atr_test_options {
    const atr_component *const *components; /**< in this order; ends with NULL; may be NULL */
    uint64_t seed;                          /**< of atr_random */
    atr_time start_time;                    /**< 0: 2000-01-01T00:00:00Z */
    uint32_t allow;                         /**< ATR_ALLOW_... or'ed */
    bool churn;            /**< copy the whole state after each notification, see atr_test_churn */
    uint32_t drain_limit;  /**< turns before subscribers are told; 0: 1, so that each answer is */
    uint32_t step_limit;   /**< drains of one step, more are a failure; 0: 100,000 */
    atr_test_fail_fn fail; /**< NULL: failures are only collected */
    void *fail_user;
} atr_test_options;

/** A list: `.components = ATR_COMPONENTS(&todos_component, &users_component)`. C only. */
#define ATR_COMPONENTS(...) ((const atr_component *const[]){__VA_ARGS__, NULL})

/** The hash seed of every test, fixed by the first atr_test_open. A program that makes text before
 *  that calls atr_memory_fix_seed with it; otherwise its tests fail. */
#define ATR_TEST_HASH_SEED 0x417472

/** Begin a test: an app in a simulated world, with checked pools and a fixed hash seed, its
 *  components registered. Startup queries run at atr_test_start.
 *  @return owned; NULL: out of memory. What is wrong with the components is a failure of the test,
 *  told by its first step. */
ATR_API atr_test *atr_test_open(const atr_test_options *options);

/** End it: look for what strictness forbids, close the app, count the memory, report. Closing
 *  cancels what ATR_CAN_NONE left pending: on_cancel of such a call runs here, so its `user` must
 *  still be there. A test that was left by a jump out of a callback is abandoned: nothing of the
 *  application runs any more, it is freed as it is (see atr_app_abandon). That is not a failure of its own.
 *  @return failures, of the whole test. The members of t are NULL now. */
ATR_API int atr_test_end(atr_test *t);

/** Free it; a test that has not ended is closed without any report. NULL does nothing. */
ATR_API void atr_test_free(atr_test *t);

/** The failures so far. @return borrowed, until the next failure; *count is set */
ATR_API const atr_test_failure *atr_test_failures(const atr_test *t, size_t *count);

/** The test behind any context: in a finish, a subscriber, a view. @return NULL: no test's */
#define ATR_TEST_OF(c) atr_test_of_app(atr_app_of(c))
ATR_API atr_test *atr_test_of_app(const atr_app *app);

/* ---- relaxing ---- */

/** Allow what is or'ed in allow, from now on. */
ATR_API void atr_test_allow(atr_test *t, uint32_t allow);
/** Expect one error that nobody handles. Not coming is a failure at the end. */
#define atr_test_expect_error(t, domain, code) \
    atr_test_expect_error_at((t), (domain), (code), __FILE__, __LINE__)
/** Expect one broken rule, e.g. ATR_E_ANSWERED. Not coming is a failure at the end. */
#define atr_test_expect_violation(t, code) \
    atr_test_expect_violation_at((t), (code), __FILE__, __LINE__)

/* ---- canned responses, by class: a later one takes the place of an earlier one ---- */

/** Answer queries of class Q with a value: static or made in t->s. A wrong type does not compile. */
#define ATR_CAN(t, Q, value) \
    atr_test_can_value((t), &Q##_class, Q##_wrap_(value), __FILE__, __LINE__)

/** Answer with an error: `ATR_CAN_ERROR(t, add_todo, ATR_DOMAIN_HTTP, 503, "try %s", "later")`. */
#define ATR_CAN_ERROR(t, Q, domain, code, ...) \
    ATR_CAN_ERROR_VALUE(t, Q, atr_error_make((t)->s, (domain), (code), __VA_ARGS__))
/** The same with an error made before. */
#define ATR_CAN_ERROR_VALUE(t, Q, error) \
    atr_test_can_error((t), &Q##_class, (error), __FILE__, __LINE__)

/** Do not answer: it stays pending until ATR_TEST_ANSWER, a timeout or a cancel; staying so is no
 *  failure. */
#define ATR_CAN_NONE(t, Q) atr_test_can_none((t), &Q##_class, __FILE__, __LINE__)

/** Answer with a function that sees query and state, and does what start_async may do: answer,
 *  answer with an error, latch, take a reply handle.
 *
 *      static void numbered(atr_start *ctx, const add_todo *self, void *user) {
 *          add_todo_answer(ctx, ATR_NEW(ctx->s, todo_item, .id = 7, .title = self->title));
 *      }
 *      ATR_CAN_FN(t, add_todo, numbered, NULL);
 */
#define ATR_CAN_FN(t, Q, fn, user)                                                           \
    atr_test_can_fn((t), &Q##_class, (void (*)(void))(Q##_start_fn){(fn)}, (user), __FILE__, \
                    __LINE__)

/** Run the class's own start_async, and its `work` within the step. For replies from threads of its own
 *  see atr_test_wait. */
#define ATR_CAN_LIVE(t, Q) atr_test_can_live((t), &Q##_class, __FILE__, __LINE__)

/* ---- steps: each acts, then drains until nothing is ready any more. Inside a turn or a start they
 * only act. Failures on the way are told when the outermost step returns ---- */

/** Execute a query: `atr_handle h = ATR_TEST_EXECUTE(t, add_todo, .title = text);`
 *  Being refused is a failure. */
#define ATR_TEST_EXECUTE(t, ...) ATR_TEST_EXECUTE_(t, __VA_ARGS__, .atr = ATR_DRAFT)
#define ATR_TEST_EXECUTE_(t, Q, ...) \
    atr_test_executed(               \
        (t), &Q##_class,             \
        Q##_execute((t)->run, atr_test_step((t), __FILE__, __LINE__), (Q){__VA_ARGS__}, NULL))

/** With options of a call: `ATR_TEST_CALL(t, add_todo, (.title = text), .on_success = added)` */
#define ATR_TEST_CALL(t, Q, inputs, ...)                                            \
    atr_test_executed((t), &Q##_class,                                              \
                      Q##_execute((t)->run, atr_test_step((t), __FILE__, __LINE__), \
                                  (Q){.atr = ATR_DRAFT, ATR_INPUTS_ inputs},        \
                                  &(Q##_call){__VA_ARGS__}))

/** Run the startup queries of the components. */
#define atr_test_start(t) atr_test_start_at((t), __FILE__, __LINE__)
/** Process what is ready, e.g. after ATR_EXECUTE(t, ...). @return drains that were made */
#define atr_test_drain(t) atr_test_drain_at((t), __FILE__, __LINE__)
/** Let virtual time pass: timers fire in order of due time, each at its time and with a drain of
 *  its own. */
#define atr_test_advance(t, ms) atr_test_advance_at((t), (ms), __FILE__, __LINE__)
/** Wait, in real time, for live queries that threads answer: until only such are under way as
 *  ATR_CAN_NONE left pending. The virtual clock stands still. Not there within ms (0: 10 seconds) is
 *  a failure that names the query; so is a wait in a callback.
 *  @return whether all have been answered */
#define atr_test_wait(t, ms) atr_test_wait_at((t), (ms), __FILE__, __LINE__)
/** Ask for a cancellation. @return 0; ATR_E_STALE: it is over */
#define ATR_TEST_CANCEL(t, handle) atr_test_cancel_at((t), (handle), __FILE__, __LINE__)
/** Close the app in mid-test (rule L5). The members of t become NULL when it has closed; a query
 *  that closing waits for leaves it open until it is answered. @return whether it has closed */
#define atr_test_close(t) atr_test_close_at((t), __FILE__, __LINE__)

/** Answer a query that ATR_CAN_NONE left pending. A late answer, after cancel or timeout, is sent
 *  as well.
 *  @return 0 or a code; that the handle was never pending, or is answered, is a failure */
#define ATR_TEST_ANSWER(t, Q, handle, value) \
    atr_test_answer((t), &Q##_class, (handle), Q##_wrap_(value), __FILE__, __LINE__)
/** The same with an error: `ATR_TEST_ANSWER_ERROR(t, Q, handle, ATR_DOMAIN_APP, 3, "full")`. */
#define ATR_TEST_ANSWER_ERROR(t, Q, handle, domain, code, ...) \
    ATR_TEST_ANSWER_ERROR_VALUE(t, Q, handle, atr_error_make((t)->s, (domain), (code), __VA_ARGS__))
#define ATR_TEST_ANSWER_ERROR_VALUE(t, Q, handle, error) \
    atr_test_answer_error((t), &Q##_class, (handle), (error), __FILE__, __LINE__)

/* ---- assertions: true when they hold. In the body of a test a failing one may jump (fail hook);
 * in a callback it is false and recorded, and the test fails when the step returns ---- */

#define ATR_ASSERT(t, condition) \
    atr_test_check((t), (condition) ? true : false, #condition, __FILE__, __LINE__)
/** Integers of any type, enumerations, booleans. */
#define ATR_ASSERT_INT(t, expected, actual) \
    atr_test_check_int((t), (int64_t)(expected), (int64_t)(actual), #actual, __FILE__, __LINE__)
/** A NUL-terminated text and an atr_str. */
#define ATR_ASSERT_TEXT(t, expected, actual) \
    atr_test_check_text((t), (expected), (actual), #actual, __FILE__, __LINE__)
/** Two values of one type, by content; a failure lists the fields that differ. A value that is dead
 *  (it was not kept) is a failure too. */
#define ATR_ASSERT_EQUAL(t, expected, actual) \
    atr_test_check_equal((t), 1 ? (expected) : (actual), (actual), #actual, __FILE__, __LINE__)
/** The visible value of a root: `ATR_ASSERT_STATE(t, todos, expected)`, a pointer to its model. */
#define ATR_ASSERT_STATE(t, R, expected)                                                    \
    atr_test_check_equal((t), 1 ? (expected) : R##_shape_(), ATR_STATE(t, R), #R, __FILE__, \
                         __LINE__)
/** The confirmed value of a root: without the layers of queries under way. */
#define ATR_ASSERT_CONFIRMED(t, R, expected)                                                     \
    atr_test_check_equal((t), 1 ? (expected) : R##_shape_(), atr_test_confirmed((t), &R##_root), \
                         #R " (confirmed)", __FILE__, __LINE__)
/** The result of a view, of whatever kind: `ATR_ASSERT_VIEW(t, open_count, 3)`. */
#define ATR_ASSERT_VIEW(t, V, expected) \
    atr_test_check_view((t), &V##_view, (V##_type_[1]){expected}, __FILE__, __LINE__)
/** A value that is still alive: kept, or held by the state. */
#define ATR_ASSERT_ALIVE(t, value) atr_test_check_alive((t), (value), #value, __FILE__, __LINE__)
/** How many queries of class Q were begun (started or answered from a can). */
#define ATR_ASSERT_CALLS(t, Q, expected)                                                          \
    atr_test_check_int((t), (expected), (int64_t)atr_test_calls((t), &Q##_class), "calls of " #Q, \
                       __FILE__, __LINE__)
/** What atr_test_trace wrote since the last such assertion, joined: "finish, on_success, told". */
#define ATR_ASSERT_TRACE(t, expected) atr_test_check_trace((t), (expected), __FILE__, __LINE__)
/** Fail: `ATR_FAIL(t, "no such item: %d", id)`. */
#define ATR_FAIL(t, ...) atr_test_fail((t), __FILE__, __LINE__, __VA_ARGS__)

/* ---- what happened ---- */

ATR_API size_t atr_test_calls(const atr_test *t, const atr_query_class *query_class);
/** Write an entry of the trace: for tests of order. */
ATR_API void atr_test_trace(atr_test *t, const char *format, ...) ATR_PRINTF(2, 3);
/** What the engine noted, oldest first; the last 1,024 are remembered, with their values.
 *  @return NULL: there is no i-th */
ATR_API const atr_note *atr_test_note(const atr_test *t, size_t i);
/** How many notes of a kind; of a class, or NULL: of any. */
ATR_API size_t atr_test_notes(const atr_test *t, atr_note_kind kind,
                              const atr_query_class *query_class);
/** The notes as text, a line each, e.g. `executed add_todo{title: "milk"}`. @return made in t->s */
ATR_API const atr_str *atr_test_log(atr_test *t);
/** The confirmed value of a root. @return as ATR_STATE; NULL: not registered */
ATR_API const void *atr_test_confirmed(atr_test *t, const atr_root *root);

/* ---- the simulated world ---- */

/** Churn from now on: after each notification the whole state is copied and the old dropped, so
 *  that a value that somebody holds without atr_keep dies at once. */
ATR_API void atr_test_churn(atr_test *t, bool on);
/** Ask fn before every allocation of a value, in t->s too, but not of churn; NULL: never. */
ATR_API void atr_test_gate(atr_test *t, atr_gate_fn fn, void *user);
/** Refuse one allocation of a value, the nth from now, counted from 0. */
ATR_API void atr_test_refuse_allocation(atr_test *t, size_t nth);
/** Allocations of values asked for so far: the bound of a sweep. */
ATR_API size_t atr_test_allocations(const atr_test *t);
/** Let a provider's point fail, e.g. `atr_test_fault(t, "sqlite.step", 10, 1)`: the next `times`
 *  asks are told `code`, SIZE_MAX: all. @param point borrowed. @return 0 or ATR_E_LIMIT: too many
 *  points */
ATR_API int atr_test_fault(atr_test *t, const char *point, int code, size_t times);
/** Set the wall clock, as a person or a time server would; timers do not move. */
ATR_API void atr_test_set_time(atr_test *t, atr_time now);

/* ---- under the macros ---- */

ATR_API void atr_test_expect_error_at(atr_test *t, atr_domain domain, int32_t code,
                                      const char *file, int line);
ATR_API void atr_test_expect_violation_at(atr_test *t, int code, const char *file, int line);
ATR_API void atr_test_can_value(atr_test *t, const atr_query_class *query_class, atr_value value,
                                const char *file, int line);
ATR_API void atr_test_can_error(atr_test *t, const atr_query_class *query_class,
                                const atr_error *error, const char *file, int line);
ATR_API void atr_test_can_none(atr_test *t, const atr_query_class *query_class, const char *file,
                               int line);
ATR_API void atr_test_can_fn(atr_test *t, const atr_query_class *query_class, void (*fn)(void),
                             void *user, const char *file, int line);
ATR_API void atr_test_can_live(atr_test *t, const atr_query_class *query_class, const char *file,
                               int line);
/** Begin a step. @return its scope, closed when the step ends */
ATR_API atr_scope *atr_test_step(atr_test *t, const char *file, int line);
ATR_API atr_handle atr_test_executed(atr_test *t, const atr_query_class *query_class,
                                     atr_handle handle);
ATR_API void atr_test_start_at(atr_test *t, const char *file, int line);
ATR_API size_t atr_test_drain_at(atr_test *t, const char *file, int line);
ATR_API void atr_test_advance_at(atr_test *t, uint64_t ms, const char *file, int line);
ATR_API bool atr_test_wait_at(atr_test *t, uint32_t ms, const char *file, int line);
ATR_API int atr_test_cancel_at(atr_test *t, atr_handle handle, const char *file, int line);
ATR_API bool atr_test_close_at(atr_test *t, const char *file, int line);
ATR_API int atr_test_answer(atr_test *t, const atr_query_class *query_class, atr_handle handle,
                            atr_value value, const char *file, int line);
ATR_API int atr_test_answer_error(atr_test *t, const atr_query_class *query_class,
                                  atr_handle handle, const atr_error *error, const char *file,
                                  int line);
ATR_API bool atr_test_check(atr_test *t, bool holds, const char *what, const char *file, int line);
ATR_API bool atr_test_check_int(atr_test *t, int64_t expected, int64_t actual, const char *what,
                                const char *file, int line);
ATR_API bool atr_test_check_text(atr_test *t, const char *expected, const atr_str *actual,
                                 const char *what, const char *file, int line);
ATR_API bool atr_test_check_equal(atr_test *t, const void *expected, const void *actual,
                                  const char *what, const char *file, int line);
ATR_API bool atr_test_check_view(atr_test *t, const atr_view_class *view, const void *expected,
                                 const char *file, int line);
ATR_API bool atr_test_check_alive(atr_test *t, const void *value, const char *what,
                                  const char *file, int line);
ATR_API bool atr_test_check_trace(atr_test *t, const char *expected, const char *file, int line);
/** @return false */
ATR_API bool atr_test_fail(atr_test *t, const char *file, int line, const char *format, ...)
    ATR_PRINTF(4, 5);

#ifdef __cplusplus
}
#endif
#endif
