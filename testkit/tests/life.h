/* A small application whose every callback writes into the trace of its test: for the tests of the life
 * cycle of queries. */
#ifndef ATR_TESTKIT_TESTS_LIFE_H
#define ATR_TESTKIT_TESTS_LIFE_H

#include <atrium/atrium.h>
#include <atrium/testkit_cmocka.h>

#include <cmocka.h>

#define NOTE(F)  \
    F(i64, id)   \
    F(str, text) \
    F(bool, done)
ATR_MODEL(note, NOTE);

#define BOOK(F)              \
    F(map(i64, note), notes) \
    F(i64, saves)            \
    F(opt(ref(atr_error)), problem)
ATR_MODEL(book, BOOK);
ATR_ROOT(books, book);

#define CLOCK(F) F(i64, ticks)
ATR_MODEL(clock_state, CLOCK);
ATR_ROOT(clocks, clock_state);

ATR_VIEW(done_count, i64);

/* A read without any function of its own. */
#define LOAD(F) F(i64, id)
ATR_QUERY(load, LOAD, ref(note));

/* A read whose error path is its own. */
ATR_QUERY(load_safely, LOAD, ref(note));

/* A write that is folded into books; the text "refuse" fails in finish. */
#define SAVE(F) \
    F(i64, id)  \
    F(str, text)
ATR_QUERY(save, SAVE, ref(note));

/* Updates both roots. */
#define TICK(F) F(i64, by)
ATR_QUERY(tick, TICK, i64);

extern const atr_component books_component;
extern const atr_component clocks_component;
extern const atr_test_options life;

/* Options of calls that trace and do nothing else. */
void save_succeeded(atr_finish *f, const save *self, const note *response, void *user);
void save_failed(atr_finish *f, const save *self, const atr_error *error, void *user);
void save_cancelled(atr_finish *f, const save *self, void *user);
void load_succeeded(atr_finish *f, const load *self, const note *response, void *user);
void load_failed(atr_finish *f, const load *self, const atr_error *error, void *user);
void load_cancelled(atr_finish *f, const load *self, void *user);
/* Traces every failure; user is the test. */
void heard_failure(atr_finish *f, const atr_failure *failure, void *user);
/* Traces "listener" for every response; user: the name to trace instead. */
void heard_success(atr_finish *f, const atr_query_class *query_class, const void *query,
                   const atr_value *response, void *user);
/* Traces "told" with the number of notes; for books. */
void told(atr_event *e, const book *was, const book *now, void *user);
/* Counts in *user. */
void count_call(void *user);

const note *make_note(atr_test *t, int64_t id, const char *text);
/* The text of a note that is visible, "" when there is none. */
const char *text_of(atr_test *t, int64_t id);

#endif
