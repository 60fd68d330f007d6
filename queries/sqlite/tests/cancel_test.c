/* Cancel, timeout and close: a query is stopped alone; a write tells what became of it (rule L5).
 * The statements that are stopped would never end by themselves. */
#include <sched.h>

#include "fixture.h"

#define ENDLESS "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) "

ATR_QUERY(endless, NO_INPUTS, i64);
ATR_SQLITE_QUERY(endless, NO_INPUTS, i64, test_db, ENDLESS "SELECT max(i) FROM n");
ATR_QUERY(endless_rows, NO_INPUTS, vec(i64));
ATR_SQLITE_QUERY(endless_rows, NO_INPUTS, vec(i64), test_db, ENDLESS "SELECT i FROM n WHERE i < 0");
ATR_QUERY(endless_timed, NO_INPUTS, i64);
ATR_SQLITE_QUERY(endless_timed, NO_INPUTS, i64, test_db, ENDLESS "SELECT max(i) FROM n",
                 .timeout_ms = 20);
ATR_QUERY(endless_write, NO_INPUTS, unit);
ATR_SQLITE_WRITE(endless_write, NO_INPUTS, unit, test_db,
                 "INSERT INTO t VALUES (1);" ENDLESS "INSERT INTO t SELECT i FROM n WHERE i < 0");
ATR_QUERY(endless_write_timed, NO_INPUTS, unit);
ATR_SQLITE_WRITE(endless_write_timed, NO_INPUTS, unit, test_db,
                 "INSERT INTO t VALUES (1);" ENDLESS "INSERT INTO t SELECT i FROM n WHERE i < 0",
                 .timeout_ms = 20);
ATR_QUERY(endless_write_on_close, NO_INPUTS, unit);
ATR_SQLITE_WRITE(endless_write_on_close, NO_INPUTS, unit, test_db,
                 "INSERT INTO t VALUES (1);" ENDLESS "INSERT INTO t SELECT i FROM n WHERE i < 0",
                 .on_close = ATR_ON_CLOSE_CANCEL);
ATR_QUERY(insert, NO_INPUTS, i64);
ATR_SQLITE_WRITE(insert, NO_INPUTS, i64, test_db, "INSERT INTO t VALUES (7) RETURNING x");
ATR_QUERY(count, NO_INPUTS, i64);
ATR_SQLITE_QUERY(count, NO_INPUTS, i64, test_db, "SELECT count(*) FROM t");

static const char *const scripts[] = {"CREATE TABLE t (x)", NULL};

static void open_it(void)
{
    fixture_open_in_world(&(atr_sqlite_options){.migrations = scripts, .busy_timeout_ms = 600000});
}

static int64_t rows_in_file(void)
{
    sqlite3 *raw = raw_open(fx.path);
    int64_t number = raw_number(raw, "SELECT count(*) FROM t");
    assert_int_equal(sqlite3_close(raw), SQLITE_OK);
    return number;
}

/* Execute a class; go on when its first statement is about to be stepped. */
#define START_AND_BEGIN(Q)                    \
    do {                                      \
        fixture_fail_at("sqlite.step", 0, 0); \
        START(Q);                             \
        fixture_wait_asked(1);                \
    } while (0)

static void the_database_still_works(void)
{
    RUN(count);
    assert_success();
}

/* ---- reads ---- */

static void a_read_under_way_is_stopped(void **state)
{
    open_it();
    START_AND_BEGIN(endless);

    fixture_cancel();
    fixture_wait();

    assert_int_equal(fx.cancelled, 1);
    the_database_still_works();
}

static void a_read_of_rows_is_stopped(void **state)
{
    open_it();
    START_AND_BEGIN(endless_rows);

    fixture_cancel();
    fixture_wait();

    assert_int_equal(fx.cancelled, 1);
    the_database_still_works();
}

static void a_read_that_has_not_begun_is_taken_out_of_the_queue(void **state)
{
    open_it();
    START_AND_BEGIN(endless);
    atr_handle first = fx.last;
    START(endless);

    fixture_cancel();
    while (atr_app_stats_now(fx.app).cancelled < 1) {
        fixture_step();
    }
    assert_int_equal(atr_app_stats_now(fx.app).in_flight, 1);

    fx.last = first;
    fixture_cancel();
    fixture_wait();
    assert_int_equal(fx.cancelled, 2);
    the_database_still_works();
}

static void a_cancel_stops_its_own_statement_only(void **state)
{
    open_it();
    RUN(insert);
    START_AND_BEGIN(endless);
    atr_handle first = fx.last;
    for (int i = 0; i < 5; i++) {
        START(count);
    }

    fx.last = first;
    fixture_cancel();
    fixture_wait();

    assert_int_equal(fx.cancelled, 1);
    assert_int_equal(atr_app_stats_now(fx.app).failed, 0);
    assert_true(fx.succeeded && fx.value.as.i64 == 1);
}

static void answers_of_a_burst_do_not_wait_for_a_slow_one(void **state)
{
    open_it();
    START(count);
    START(count);
    START(endless);

    while (atr_app_stats_now(fx.app).succeeded < 2) {
        fixture_step();
    }

    fixture_cancel();
    fixture_wait();
    assert_int_equal(fx.cancelled, 1);
}

static void a_read_times_out(void **state)
{
    open_it();

    RUN(endless_timed);

    assert_refused(ATR_E_TIMEOUT);
    the_database_still_works();
}

static void a_read_may_be_cancelled_before_it_starts(void **state)
{
    open_it();
    atr_event e = atr_event_open(fx.app);
    atr_handle handle = ATR_EXECUTE(&e, endless);
    fx.started++;
    assert_int_equal(atr_cancel(&e, handle), ATR_OK);
    assert_int_equal(atr_event_close(&e), 0);

    fixture_wait();

    assert_int_equal(fx.cancelled, 1);
}

/* ---- writes ---- */

static void a_write_under_way_is_rolled_back(void **state)
{
    open_it();
    START_AND_BEGIN(endless_write);

    fixture_cancel();
    fixture_wait();

    assert_int_equal(fx.cancelled, 1);
    assert_int_equal(rows_in_file(), 0);
    the_database_still_works();
}

static void a_write_that_has_not_begun_never_does(void **state)
{
    open_it();
    START_AND_BEGIN(endless);
    atr_handle first = fx.last;
    START(insert);

    fixture_cancel();
    while (atr_app_stats_now(fx.app).cancelled < 1) {
        fixture_step();
    }
    fx.last = first;
    fixture_cancel();
    fixture_wait();

    assert_int_equal(fx.cancelled, 2);
    assert_int_equal(rows_in_file(), 0);
}

static void a_write_that_waits_for_a_lock_stops_waiting(void **state)
{
    open_it();
    RUN(count);
    sqlite3 *raw = raw_open(fx.path);
    raw_exec(raw, "BEGIN IMMEDIATE");
    fixture_fail_at("sqlite.prepare", 0, 0);
    START(insert);
    fixture_wait_asked(1);

    fixture_cancel();
    fixture_wait();

    assert_int_equal(fx.cancelled, 1);
    raw_exec(raw, "COMMIT");
    assert_int_equal(sqlite3_close(raw), SQLITE_OK);
    assert_int_equal(rows_in_file(), 0);
    the_database_still_works();
}

static void a_write_times_out_after_it_was_rolled_back(void **state)
{
    open_it();

    RUN(endless_write_timed);

    assert_refused(ATR_E_TIMEOUT);
    assert_int_equal(rows_in_file(), 0);
    the_database_still_works();
}

static void a_write_cancelled_before_its_commit_is_rolled_back(void **state)
{
    open_it();
    RUN(count);
    fixture_hold_at("sqlite.commit");
    START(insert);
    fixture_wait_asked(1);

    fixture_cancel();
    fixture_step(); /* the request reaches the database */
    fixture_hold_over();
    fixture_wait();

    assert_int_equal(fx.cancelled, 1);
    assert_int_equal(rows_in_file(), 0);
    the_database_still_works();
}

static void a_committed_write_answers_although_cancelled(void **state)
{
    open_it();
    RUN(count);
    fixture_forget();
    START(insert);
    fixture_step(); /* it starts */
    sqlite3 *raw = raw_open(fx.path);
    while (raw_number(raw, "SELECT count(*) FROM t") == 0) {
        sched_yield();
    }
    assert_int_equal(sqlite3_close(raw), SQLITE_OK);

    fixture_cancel();
    fixture_wait();

    assert_success();
    assert_int_equal(fx.value.as.i64, 7);
    assert_int_equal(fx.cancelled, 0);
}

enum { MANY = 400 };
static int64_t kept;
#define KEEP(F) F(i64, number)
ATR_QUERY(keep, KEEP, i64);
static void kept_one(atr_finish *f, const keep *self, int64_t response)
{
    kept++;
}
ATR_SQLITE_WRITE(keep, KEEP, i64, test_db, "INSERT INTO t VALUES (:number) RETURNING x",
                 .finish_with_response = kept_one);

static uint32_t next_random(uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 8;
}

static void what_cancelled_writes_report_is_what_is_in_the_file(void **state)
{
    static atr_handle handles[MANY];
    uint32_t seed = 20240229;
    fixture_open_in_world(
        &(atr_sqlite_options){.migrations = scripts, .synchronous = ATR_SQLITE_OFF});
    kept = 0;
    for (int i = 0; i < MANY; i++) {
        if (next_random(&seed) % 3 != 0) {
            START(keep, .number = i);
        } else {
            START(count);
        }
        handles[i] = fx.last;
        if (next_random(&seed) % 2 == 0) {
            atr_event e = atr_event_open(fx.app);
            atr_cancel(&e, handles[next_random(&seed) % (unsigned)(i + 1)]); /* may be over */
            assert_int_equal(atr_event_close(&e), 0);
        }
        if (next_random(&seed) % 5 == 0) {
            fixture_step();
        }
    }

    fixture_wait();

    assert_int_equal(atr_app_stats_now(fx.app).failed, 0);
    assert_int_equal(rows_in_file(), kept);
}

/* ---- closing ---- */

static void closing_stops_a_read(void **state)
{
    open_it();
    START_AND_BEGIN(endless);

    fixture_close();
}

static void closing_stops_queued_reads_too(void **state)
{
    open_it();
    START_AND_BEGIN(endless);
    for (int i = 0; i < 10; i++) {
        START(endless_rows);
    }

    fixture_close();
}

static void closing_finishes_a_write(void **state)
{
    open_it();
    for (int i = 0; i < 20; i++) {
        START(insert);
    }

    fixture_close();

    assert_int_equal(rows_in_file(), 20);
}

static void closing_cancels_a_write_whose_class_says_so(void **state)
{
    open_it();
    START_AND_BEGIN(endless_write_on_close);

    fixture_close();

    assert_int_equal(rows_in_file(), 0);
}

static const char *const long_script[] = {
    "CREATE TABLE t (x)", ENDLESS "INSERT INTO t SELECT i FROM n WHERE i < 0", NULL};

static void closing_stops_a_migration(void **state)
{
    fixture_open_in_world(&(atr_sqlite_options){.migrations = long_script});
    fixture_fail_at("sqlite.open", 0, 0);
    START(count);
    fixture_wait_asked(1);

    fixture_close();

    sqlite3 *raw = raw_open(fx.path);
    assert_in_range(raw_number(raw, "PRAGMA user_version"), 0, 1);
    sqlite3_close(raw);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_read_under_way_is_stopped),
        TEST(a_read_of_rows_is_stopped),
        TEST(a_read_that_has_not_begun_is_taken_out_of_the_queue),
        TEST(a_cancel_stops_its_own_statement_only),
        TEST(answers_of_a_burst_do_not_wait_for_a_slow_one),
        TEST(a_read_times_out),
        TEST(a_read_may_be_cancelled_before_it_starts),
        TEST(a_write_under_way_is_rolled_back),
        TEST(a_write_that_has_not_begun_never_does),
        TEST(a_write_that_waits_for_a_lock_stops_waiting),
        TEST(a_write_times_out_after_it_was_rolled_back),
        TEST(a_write_cancelled_before_its_commit_is_rolled_back),
        TEST(a_committed_write_answers_although_cancelled),
        TEST(what_cancelled_writes_report_is_what_is_in_the_file),
        TEST(closing_stops_a_read),
        TEST(closing_stops_queued_reads_too),
        TEST(closing_finishes_a_write),
        TEST(closing_cancels_a_write_whose_class_says_so),
        TEST(closing_stops_a_migration),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
