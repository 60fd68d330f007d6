/** The world: the one door through which everything undetermined comes to an app. The libuv world is
 *  built in; the test kit brings a simulated one; one world may wrap another. Applications do not need
 *  this header. */
#ifndef ATRIUM_WORLD_H
#define ATRIUM_WORLD_H

#include <atrium/app.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct atr_flight atr_flight;

/** No alarm. */
#define ATR_NEVER UINT64_MAX

/** Something that happened to a flight. */
typedef enum atr_note_kind {
    ATR_NOTE_EXECUTED,
    ATR_NOTE_STARTED,
    ATR_NOTE_SUCCEEDED,
    ATR_NOTE_FAILED,
    ATR_NOTE_UNHANDLED, /**< an error that neither class, call nor any global handler took */
    ATR_NOTE_CANCELLED,
    ATR_NOTE_LATE
} atr_note_kind;
typedef struct atr_note {
    atr_note_kind kind;
    atr_handle handle;
    const atr_query_class *query_class; /**< NULL: no query */
    const void *query;
    const atr_error *error;
    atr_phase phase;
} atr_note;

/** A table of functions; those after `size` bytes count as NULL, so older worlds keep working. @thread loop
 *  unless said otherwise */
typedef struct atr_world {
    size_t size; /**< sizeof(atr_world) */
    /** The app begins or ends to live in this world. open: 0 or a code. */
    int (*open)(void *self, atr_app *app);
    /** End: no call after done(user), which the world makes when nothing of it is left in the loop. */
    void (*close)(void *self, void (*done)(void *user), void *user);
    atr_time (*time_us)(void *self);  /**< wall clock */
    uint64_t (*clock_ns)(void *self); /**< monotonic */
    uint64_t (*random)(void *self);
    /** Drain the app once the clock reaches due_ns; replaces the last alarm; ATR_NEVER: none. */
    void (*alarm)(void *self, uint64_t due_ns);
    /** Drain the app soon. @thread any */
    void (*wake)(void *self);
    /** Begin a flight: atr_flight_start for real, or an answer of the world's own. */
    void (*begin)(void *self, atr_flight *flight);
    /** Which of `ready` completions goes next, oldest first. NULL: 0. */
    size_t (*pick)(void *self, size_t ready);
    /** Whether an allocation of a value may succeed. NULL: yes. */
    bool (*may_allocate)(void *self, size_t size_bytes);
    /** Whether a provider is to fail at one of its points, e.g. "sqlite.step". 0 or the provider's own
     *  number of the failure, negative: ATR_E_FAULT. NULL: never. @thread any */
    int (*fault)(void *self, const char *point);
    /** Tell it what happened, for test kits and recorders. NULL: no. */
    void (*note)(void *self, const atr_note *note);
    /** A round of notification has ended. NULL: do not tell. */
    void (*notified)(void *self);
    /** Run the loop until the app is closed: behind atr_app_run. NULL: cannot be run. */
    int (*run)(void *self);
    /** Call run(job) once: now, or on another thread. NULL: on the app's own worker threads.
     *  @return 0, or a code: run was not called and will not be */
    int (*work)(void *self, void (*run)(void *job), void *job);
    /** Run one pass of the loop: wait until something is to be done, and do it. Behind atr_app_settle.
     *  NULL: cannot.
     *  @return 0; ATR_E_CLOSED: the world has ended, self is gone; another code: nothing will ever come */
    int (*pass)(void *self);
} atr_world;

/** Process what is ready: completions, due timers, queued queries, then notification (rule T4). Does
 *  nothing while a turn is open.
 *  @return turns processed */
ATR_API size_t atr_app_drain(atr_app *app);
/** Whether a drain would do anything now; and when the next timer is due (ATR_NEVER: none). */
ATR_API bool atr_app_is_ready(const atr_app *app);
ATR_API uint64_t atr_app_next_alarm(const atr_app *app);

/** Free an app one of whose callbacks a jump has left, such as a failed assertion: for test kits, in worlds
 *  without a loop, after the jump. Worker threads are joined and services closed; else nothing is called any
 *  more, neither callbacks nor destructors of user data, which may lie in a frame that is gone, nor the
 *  world. What the callback itself had under way, such as a builder, is not freed.
 *  @return false: reply handles are still out, so nothing is freed; nobody may use the app any more */
ATR_API bool atr_app_abandon(atr_app *app);

ATR_API const atr_query_class *atr_flight_class(const atr_flight *flight);
ATR_API const void *atr_flight_query(const atr_flight *flight);
ATR_API const atr_str *atr_flight_key(const atr_flight *flight); /**< NULL: none */
ATR_API atr_handle atr_flight_handle(const atr_flight *flight);
/** Run the class's start_async; without one the flight fails with ATR_E_NO_START. */
ATR_API void atr_flight_start(atr_flight *flight);
/** Run fn in place of start_async, under the same rules. */
typedef void (*atr_start_fn)(atr_start *ctx, const void *query, void *user);
ATR_API void atr_flight_start_with(atr_flight *flight, atr_start_fn fn, void *user);
/** Leave it begun without an answer. */
ATR_API void atr_flight_start_silent(atr_flight *flight);
/** The flight of a handle. @return NULL when it is over */
ATR_API atr_flight *atr_app_flight(atr_app *app, atr_handle handle);
/** Every flight without an outcome, in order of execution: returns the one after `last`, NULL at the end. */
ATR_API atr_flight *atr_app_next_flight(atr_app *app, const atr_flight *last);

/** Ask the app's world for a fault, from provider code. @return 0: none. @thread any */
ATR_API int atr_reply_fault(const atr_reply *reply, const char *point);
ATR_API int atr_app_fault(const atr_app *app, const char *point);

/** Report a broken rule, as the library does; for providers and kits. @thread any */
ATR_API void atr_app_violation(atr_app *app, int code, const char *format, ...) ATR_PRINTF(3, 4);

#ifdef __cplusplus
}
#endif
#endif
