/** The app: a store, the queries under way, and the world they run in. Several may live in one process.
 *
 *  Pointers are not NULL unless a declaration says so. Everything here is for the loop thread, the one that
 *  made the app; called elsewhere it is refused with ATR_E_THREAD and reported. */
#ifndef ATRIUM_APP_H
#define ATRIUM_APP_H

#include <atrium/service.h>

#ifdef __cplusplus
extern "C" {
#endif

struct uv_loop_s;
struct atr_world;

/** A part of an application: its roots, and the query its start executes. */
typedef struct atr_component {
    const char *name;
    const atr_root *const *roots; /**< ends with NULL; may be NULL */
    const atr_query_class
        *startup; /**< executed with its default inputs by atr_app_start; NULL: none */
    const atr_query_class *const
        *classes; /**< checked at registration; ends with NULL; may be NULL */
} atr_component;

/** Lists for a component: `.roots = ATR_ROOTS(&todos_root), .classes = ATR_CLASSES(&add_todo_class)`. For
 *  static components; C only. */
#define ATR_ROOTS(...) ((const atr_root *const[]){__VA_ARGS__, NULL})
#define ATR_CLASSES(...) ((const atr_query_class *const[]){__VA_ARGS__, NULL})

typedef enum atr_log_level {
    ATR_LOG_DEBUG,
    ATR_LOG_INFO,
    ATR_LOG_WARNING,
    ATR_LOG_ERROR
} atr_log_level;

/** @param area "query", "state", "app", "sqlite", ... @thread any */
typedef void (*atr_log_fn)(void *user, atr_log_level level, const char *area, const char *text);

/** A rule of the library was broken by its user: wrong phase, wrong thread, second answer, stale context.
 *  The call was refused.
 *  @param code an atr_code; ATR_E_LATCHED for a global handler that failed with an error of another domain
 *  @thread the one that broke it */
typedef void (*atr_violation_fn)(void *user, int code, const char *text);

/** Options of an app; zero is the default. */
typedef struct atr_app_options {
    struct uv_loop_s *loop;        /**< NULL: a loop of its own, for atr_app_run */
    const struct atr_world *world; /**< NULL: the libuv world */
    void *world_self;
    atr_log_fn log; /**< NULL: errors and violations are not logged anywhere */
    void *log_user;
    atr_violation_fn violation; /**< NULL: logged as errors */
    void *violation_user;
    uint32_t drain_limit; /**< turns before subscribers are told; 0: 1,000 */
    uint32_t round_limit; /**< rounds of notification in one drain; 0: 100 */
    uint32_t workers;     /**< threads for `work` of queries, made when needed; 0: 4; at most 256 */
} atr_app_options;

/** Make an app. @param options copied; NULL: all defaults
 *  @return owned, until atr_app_close has reported; NULL: out of memory, or the loop could not be made */
ATR_API atr_app *atr_app_new(const atr_app_options *options);

/** Add a component's roots with their initial values, and check its classes: all of it, or nothing.
 *  @return 0; ATR_E_DEFINITION: a definition is wrong, the log tells what; ATR_E_CLOSED; ATR_E_NO_MEMORY;
 *  ATR_E_THREAD */
ATR_API int atr_app_register(atr_app *app, const atr_component *component);

/** Execute the startup queries of the components registered so far, in their order; each once.
 *  @return 0; ATR_E_NO_MEMORY: those that were not executed are by the next call; ATR_E_CLOSED; ATR_E_THREAD */
ATR_API int atr_app_start(atr_app *app);

/** Start (as atr_app_start), and run the loop until the app is closed; it is freed then.
 *  @return 0; a failure leaves the app yours, to be closed: ATR_E_PHASE: it runs already, its world cannot
 *  run, or its loop ended early; ATR_E_THREAD; ATR_E_NO_MEMORY */
ATR_API int atr_app_run(atr_app *app);

/** Run the loop until the app is at rest: no query is queued or under way, no answer waits, subscribers
 *  are told. For programs without a window and for tests. Nothing is started: see atr_app_start. May be
 *  called again and again, before atr_app_run too; not in a callback of the loop.
 *  @param timeout_ms 0: none; a query that is never answered is then waited for for ever
 *  @return 0; ATR_E_TIMEOUT: not at rest by then, all goes on; ATR_E_CLOSED: the app closes, or has been
 *  closed on the way and is freed; ATR_E_PHASE: in a callback, under atr_app_run, or in a world that cannot
 *  wait, such as the test kit's, whose steps settle by themselves; ATR_E_THREAD */
ATR_API int atr_app_settle(atr_app *app, uint32_t timeout_ms);

/** Close: refuse new queries; cancel those under way or wait for them (rule L5); close the services;
 *  free the app and run nothing more of it; then call closed(user). Inside a callback it takes effect
 *  afterwards. With a loop of your own, keep running it until closed; an app on its own loop that is not
 *  being run is run here until then. An event that is open stays valid: the app is freed after it.
 *  @param closed NULL: do not tell
 *  @return 0, ATR_E_CLOSED: it is closing already, ATR_E_THREAD */
ATR_API int atr_app_close(atr_app *app, void (*closed)(void *user), void *user);

ATR_API atr_store *atr_app_store(atr_app *app);
/** The app behind a context. */
#define atr_app_of(c) atr_ctx_app((c)->ctx)
ATR_API atr_app *atr_ctx_app(atr_ctx *ctx);

/** Enter from outside: a GUI handler, main, a test. What was executed starts after the close, on the loop.
 *  @return by value; refused (NULL members) when memory is out, on another thread, or after close */
ATR_API atr_event atr_event_open(atr_app *app);
/** Leave. @return 0; the code of the error that the event's scope had latched, ATR_E_LATCHED for one that is
 *  not of the library's own domain (ask atr_scope_error before); ATR_E_PHASE: it was closed before */
ATR_API int atr_event_close(atr_event *e);

/** Where a failure came from. */
typedef enum atr_phase {
    ATR_PHASE_START,
    ATR_PHASE_ANSWER, /**< the outside world answered with an error */
    ATR_PHASE_FINISH,
    ATR_PHASE_ON_SUCCESS,
    ATR_PHASE_LISTENER,
    ATR_PHASE_FINISH_ERROR,
    ATR_PHASE_ON_ERROR,
    ATR_PHASE_ON_CANCEL,
    ATR_PHASE_SUBSCRIBER
} atr_phase;
ATR_API const char *atr_phase_name(atr_phase phase);

/** A failure, as global handlers get it. */
typedef struct atr_failure {
    const atr_error *error;
    atr_phase phase;
    const atr_query_class *query_class; /**< NULL: no query, e.g. a subscriber */
    const void *query;                  /**< borrowed */
} atr_failure;

/** A global error handler: called, in order of registration, in a turn of its own, for every error that
 *  neither the class nor the call took, and for failures of callbacks (rule T2a). destroy(user) runs when
 *  the app is freed.
 *  @return 0; ATR_E_INVALID: fn is NULL; ATR_E_NO_MEMORY; ATR_E_THREAD; ATR_E_CLOSED: the app has closed; user is
 *  destroyed then */
typedef void (*atr_failure_fn)(atr_finish *f, const atr_failure *failure, void *user);
ATR_API int atr_app_on_error(atr_app *app, atr_failure_fn fn, void *user, atr_destroy_fn destroy);

/** A success listener: called after the call's on_success, in order of registration, for every response.
 *  @param query_class NULL: of every class */
typedef void (*atr_success_fn)(atr_finish *f, const atr_query_class *query_class, const void *query,
                               const atr_value *response, void *user);
ATR_API int atr_app_on_success(atr_app *app, const atr_query_class *query_class, atr_success_fn fn,
                               void *user, atr_destroy_fn destroy);

/** Give the roots of a component (NULL: all) their initial values, in a turn after this one; drops the
 *  layers that touched them. From finish contexts only. */
#define atr_reset(f, component) atr_write_reset((f)->write, (component))
ATR_API int atr_write_reset(atr_write *write, const atr_component *component);

/** Wall clock and randomness of the app's world, in events, starts and finishes: deterministic under the
 *  test kit, frozen while a layer is folded. Views have neither, they are functions of the state: 0
 *  there, and reported.
 *  @units microseconds since 1970 UTC */
#define atr_now(c) atr_ctx_time((c)->ctx)
#define atr_random(c) atr_ctx_random((c)->ctx)
ATR_API atr_time atr_ctx_time(atr_ctx *ctx);
ATR_API uint64_t atr_ctx_random(atr_ctx *ctx);

/** Figures of an app. */
typedef struct atr_app_stats {
    size_t queued;    /**< asked for, not yet started */
    size_t in_flight; /**< started, no outcome yet */
    uint64_t started;
    uint64_t succeeded;
    uint64_t failed;
    uint64_t cancelled;
    uint64_t late_answers; /**< dropped: the outcome was known (rule L2) */
    uint64_t violations;
} atr_app_stats;
ATR_API atr_app_stats atr_app_stats_now(const atr_app *app);

/** Write to the app's log hook; for providers. @thread any */
ATR_API void atr_app_log(atr_app *app, atr_log_level level, const char *area, const char *format,
                         ...) ATR_PRINTF(4, 5);

#ifdef __cplusplus
}
#endif
#endif
