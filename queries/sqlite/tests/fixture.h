/* An app with one database, driven by a loop of its own: RUN executes a query and waits for its
 * outcome. */
#ifndef ATR_SQLITE_TESTS_FIXTURE_H
#define ATR_SQLITE_TESTS_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sqlite3.h>
#include <uv.h>
#include <cmocka.h>

#include <atrium/atrium.h>
#include <atrium/sqlite.h>
#include <atrium/world.h>

ATR_SERVICE(test_db, atr_sqlite);

#define NO_INPUTS(F)

/* A world without libuv, whose faults a test decides. */
typedef struct fault_world {
    uv_mutex_t mutex; /* guards what follows */
    uv_cond_t changed;
    bool woken;
    uint64_t due_ns;
    const char *point; /* where to fail; NULL: everywhere */
    int skip;          /* how often not yet */
    int code;          /* 0: do not fail */
    int asked;         /* at `point` */
    bool held;         /* whoever asks at `point` waits */
    void (*done)(void *user);
    void *done_user;
    atr_app *app;
} fault_world;

typedef struct fixture {
    char folder[64];
    char path[96]; /* of the database */
    uv_loop_t loop;
    atr_app *app;
    atr_handle last; /* executed by START or RUN */
    uint64_t started;
    /* Of the last outcome; values live until the next RUN. */
    bool succeeded;
    atr_value value;
    const atr_error *error; /* NULL: none */
    uint64_t cancelled;     /* outcomes of that kind */
    int logged;
    char log[512];
    int violations;
    bool closed;
    int descriptors; /* open before the test */
    bool has_world;  /* made by fixture_open_in_world */
    fault_world world;
} fixture;
extern fixture fx;

/* For cmocka: a fresh folder; afterwards the app, if any, is closed, and nothing may be left. */
int fixture_setup(void **state);
int fixture_teardown(void **state);

/* Make an app with the database of options (without path and URI: fx.path). */
void fixture_open(const atr_sqlite_options *options);
/* The same in a world of the test's own. */
void fixture_open_in_world(const atr_sqlite_options *options);
/* From now on, fail at a point (NULL: at any) after skipping some times. code 0: never. */
void fixture_fail_at(const char *point, int skip, int code);
/* From now on, whoever asks at a point waits there until the hold is over. */
void fixture_hold_at(const char *point);
void fixture_hold_over(void);
/* Wait until the database's thread has asked at the point of fixture_fail_at so often since
 * then. */
void fixture_wait_asked(int times);
/* Close it and look for leaks. Called by the teardown if the test did not. */
void fixture_close(void);

/* Let the loop do what is there, waiting for something. */
void fixture_step(void);
/* Wait until everything executed has an outcome. */
void fixture_wait(void);
/* Forget the last outcome. */
void fixture_forget(void);
/* Outcomes so far. */
uint64_t outcomes(void);

/* Cancel the last query executed. */
void fixture_cancel(void);

/* Execute a query of class Q, without waiting. Inputs may use e.s. */
#define START(...)                                \
    do {                                          \
        atr_event e = atr_event_open(fx.app);     \
        fx.last = ATR_EXECUTE(&e, __VA_ARGS__);   \
        assert_int_not_equal(fx.last.slot, 0);    \
        fx.started++;                             \
        assert_int_equal(atr_event_close(&e), 0); \
    } while (0)
/* The same, waiting for the outcome. */
#define RUN(...)            \
    do {                    \
        fixture_forget();   \
        START(__VA_ARGS__); \
        fixture_wait();     \
    } while (0)

#define assert_success()                                                                          \
    do {                                                                                          \
        if (!fx.succeeded) {                                                                      \
            print_error("%s\n",                                                                   \
                        fx.error != NULL ? fx.error->message->bytes : "cancelled or no outcome"); \
        }                                                                                         \
        assert_true(fx.succeeded);                                                                \
    } while (0)
/* The last outcome is an error of domain atrium. */
#define assert_refused(number)                                       \
    do {                                                             \
        assert_non_null(fx.error);                                   \
        if (!atr_error_is(fx.error, ATR_DOMAIN_ATRIUM, (number))) {  \
            print_error("%s\n", fx.error->message->bytes);           \
        }                                                            \
        assert_string_equal(atr_code_name(fx.error->code), #number); \
        assert_int_equal(fx.error->domain, ATR_DOMAIN_ATRIUM);       \
    } while (0)
/* The last outcome is an error of SQLite, with this extended code. */
#define assert_sqlite_error(number)                            \
    do {                                                       \
        assert_non_null(fx.error);                             \
        if (fx.error->domain != ATR_DOMAIN_SQLITE) {           \
            print_error("%s\n", fx.error->message->bytes);     \
        }                                                      \
        assert_int_equal(fx.error->domain, ATR_DOMAIN_SQLITE); \
        assert_int_equal(fx.error->code, (number));            \
    } while (0)
#define assert_message(part)                                                    \
    do {                                                                        \
        assert_non_null(fx.error);                                              \
        if (strstr(fx.error->message->bytes, (part)) == NULL) {                 \
            fail_msg("\"%s\" is not in: %s", (part), fx.error->message->bytes); \
        }                                                                       \
    } while (0)

/* A second connection to the file, without the library under test. */
sqlite3 *raw_open(const char *path);
void raw_exec(sqlite3 *raw, const char *sql);
int64_t raw_number(sqlite3 *raw, const char *sql);
/* Open the file at fx.path, run SQL, close it. */
void raw_script(const char *sql);

int open_descriptors(void);

#endif
