/* A small application for the tests of the engine: one root with a number and a log of what happened. */
#ifndef ATR_FRAMEWORK_TESTS_FIXTURE_H
#define ATR_FRAMEWORK_TESTS_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <uv.h>
#include <cmocka.h>

#include <atrium/atrium.h>
#include <atrium/world.h>

#define COUNTER(F) \
    F(i64, number) \
    F(vec(str), words)
ATR_MODEL(counter, COUNTER);
ATR_ROOT(tally, counter);

/* Answers at once with `by`. */
#define ADD(F) F(i64, by)
ATR_QUERY(add, ADD, i64);
/* Answers from a thread of its own with `count` words. */
#define FETCH(F) F(i64, count)
ATR_QUERY(fetch, FETCH, vec(str));
/* Takes a reply handle and leaves it in fixture.reply. */
#define HANG(F) F(i64, number)
ATR_QUERY(hang, HANG, i64);
/* The same, a write. */
ATR_QUERY(hang_write, HANG, i64);
/* Has no start. */
#define NO_INPUTS(F)
ATR_QUERY(no_start, NO_INPUTS, unit);
/* Starts and does nothing. */
ATR_QUERY(forgetful, NO_INPUTS, unit);
/* Needs a service that counts its uses. */
typedef struct meter {
    int uses;
    int closes;
} meter;
ATR_SERVICE_TYPE(meter);
ATR_SERVICE(gauge, meter);
ATR_QUERY(measure, NO_INPUTS, i64);
/* Answers twice. */
ATR_QUERY(twice, NO_INPUTS, i64);
/* Latches in start after it has answered. */
ATR_QUERY(latching, NO_INPUTS, i64);

typedef struct fixture {
    atr_app *app;
    atr_store *store;
    atr_watch watch; /* of on_told */
    hang_reply reply;
    hang_write_reply write_reply;
    int cancels;      /* of the classes hang and hang_write */
    int destroyed;    /* own pointers */
    int freed_users;  /* of calls */
    int told;         /* subscriber calls */
    int64_t was, now; /* of the last one */
    int violations;
    int violation_code;
    int failures; /* told to the global handler */
    int32_t failure_code;
    atr_phase failure_phase;
    int successes; /* told to on_success */
    int on_errors;
    int on_cancels;
    bool closed;
    int descriptors; /* open when the app was made */
    char order[64];  /* what happened, a letter each */
} fixture;
extern fixture fx;

extern const atr_component tally_component;

/* An app on a loop of its own, with hooks that count into fx. */
void fixture_open(void);
void fixture_open_with(const atr_app_options *options);
/* Close, run until closed, and look for leaks. */
void fixture_close(void);
/* Run the loop until nothing is queued or in flight. */
void fixture_settle(void);
int64_t number_now(void);
void order_add(char letter);

void count_success(atr_finish *f, const add *self, int64_t response, void *user);
void count_free(void *user);

#endif
