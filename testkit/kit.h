/* The kit from the inside. test.c opens and ends a test, step.c drives the engine, world.c is the
 * simulated world, can.c answers, late.c answers what was left pending, strict.c judges, failure.c
 * tells. The kit's own memory comes from malloc, so that the library's figures are the tested
 * program's alone. */
#ifndef ATR_TESTKIT_KIT_H
#define ATR_TESTKIT_KIT_H

#include <stdarg.h>
#include <stdatomic.h>

#include <atrium/memory.h>
#include <atrium/testkit.h>

enum { NOTES_REMEMBERED = 1024, FAULT_POINTS = 16, NOTE_KINDS = ATR_NOTE_LATE + 1 };

typedef enum can_kind { CAN_MISSING, CAN_VALUE, CAN_ERROR, CAN_NONE, CAN_FN, CAN_LIVE } can_kind;

/* A canned response. */
typedef struct can {
    can_kind kind;
    atr_value value;
    const atr_error *error;
    void (*fn)(void);
    void *user;
    const char *file;
    int line;
    bool used;
} can;

/* What is known of one query class. */
typedef struct kit_class {
    const atr_query_class *query_class;
    can can;
    size_t calls;
    size_t notes[NOTE_KINDS];
} kit_class;

/* A query that was begun without an answer. */
typedef struct pending {
    atr_handle handle;
    const atr_query_class *query_class;
    atr_reply *reply; /* NULL: answered, or it had no canned response */
    bool answered;
} pending;

typedef struct expectation {
    bool is_violation;
    atr_domain domain;
    int32_t code;
    bool met;
    const char *file;
    int line;
} expectation;

typedef struct violation {
    int code;
    char *text;
} violation;

typedef struct fault_point {
    const char *point;
    int code;
    size_t times;
} fault_point;

/* A text that grows. Out of memory shortens it. */
typedef struct text {
    char *bytes;
    size_t size;
    size_t capacity;
} text;

typedef struct kit {
    atr_test front; /* first: an atr_test * is a kit * */
    struct kit *older;
    atr_test_options options;
    atr_event event;
    atr_pool *pool; /* of the kit's own texts */
    atr_memory before;
    bool counts_no_leaks; /* another one does, or allows them (hand_over_leaks) */
    bool ended;
    bool closed;
    void (*done)(void *user); /* the app is to be freed */
    void *done_user;

    size_t depth; /* steps under way; more than 1 in callbacks */
    size_t pumps;
    const char *file; /* of the outermost step */
    int line;
    atr_scope *step_scope;
    size_t progress; /* grows with everything the engine does */

    uint64_t clock_ns;
    int64_t wall_us; /* wall clock at clock 0 */
    uint64_t alarm_ns;
    uint64_t random;
    atomic_bool woken;
    atomic_bool waits;
    atr_gate_fn gate;
    void *gate_user;
    bool churns; /* which takes memory of its own */
    size_t allocations;
    size_t refuse_at;

    atomic_flag lock; /* guards what other threads may reach: */
    fault_point faults[FAULT_POINTS];
    violation *violations;
    size_t violation_count;
    size_t violation_capacity;
    char last_log[256];
    atomic_bool has_violations;

    kit_class *classes;
    size_t class_count;
    size_t class_capacity;
    pending *pending;
    size_t pending_count;
    size_t pending_capacity;
    expectation *expectations;
    size_t expectation_count;
    size_t expectation_capacity;
    atr_test_failure *failures;
    size_t failure_count;
    size_t failure_capacity;
    size_t told;                   /* failures that the hook knows */
    size_t note_kinds[NOTE_KINDS]; /* all there were, with or without a class */
    atr_note *notes;               /* a ring; what they refer to is held */
    size_t note_count;
    text trace;
} kit;

static inline kit *kit_of(const atr_test *t)
{
    return (kit *)(uintptr_t)t;
}

/* wait.c */
/* What the app's world does when it is woken, on any thread. */
void wait_wake(kit *k);

/* text.c */
void text_add(text *b, const char *format, ...) ATR_PRINTF(2, 3);
void text_add_v(text *b, const char *format, va_list args);
void text_add_value(text *b, kit *k, const void *value);
void text_add_diff(text *b, kit *k, const void *was, const void *now);
void text_add_plain(text *b, kit *k, atr_type type, atr_value value);
void text_add_error(text *b, const atr_error *error);
void text_free(text *b);
/* Make room for one more item. @return false: out of memory */
bool kit_room(void *items, size_t *capacity, size_t count, size_t item_bytes);

/* failure.c */
void failure_add(kit *k, const char *file, int line, text *taken);
void failure_tell(kit *k);
void failure_free(kit *k);

/* world.c */
extern const atr_world kit_world;
void kit_lock(kit *k);
void kit_unlock(kit *k);

/* can.c */
kit_class *class_of(kit *k, const atr_query_class *query_class);
void can_begin(kit *k, atr_flight *flight);

/* late.c */
pending *pending_add(kit *k, const atr_flight *flight, atr_reply *reply);
pending *pending_find(kit *k, atr_handle handle);
void pending_drop(kit *k);

/* note.c */
void note_add(kit *k, const atr_note *note);
void notes_free(kit *k);

/* step.c */
void step_enter(kit *k, const char *file, int line);
void step_leave(kit *k);
size_t step_pump(kit *k);
void step_close(kit *k);

/* strict.c */
void strict_note(kit *k, const atr_note *note);
void strict_violation(void *self, int code, const char *what);
void strict_log(void *self, atr_log_level level, const char *area, const char *line);
void strict_collect(kit *k);
void strict_latch(kit *k, const char *file, int line);
void strict_end(kit *k);
void strict_leaks(kit *k);
void strict_free(kit *k);

#endif
