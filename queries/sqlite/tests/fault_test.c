/* Faults through the world, at every named point; and memory that runs out anywhere. */
#include "failing.h"
#include "fixture.h"

#define ITEM(F) \
    F(i64, id)  \
    F(str, title)
ATR_MODEL(item, ITEM);
ATR_MODEL_IMPL(item, ITEM);

#define TITLE(F) F(str, title)
ATR_QUERY(add, TITLE, ref(item));
ATR_SQLITE_WRITE(add, TITLE, ref(item), test_db,
                 "INSERT INTO item (title) VALUES (:title) RETURNING id, title");
ATR_QUERY(add_two, TITLE, ref(atr_sqlite_done));
ATR_SQLITE_WRITE(add_two, TITLE, ref(atr_sqlite_done), test_db,
                 "INSERT INTO item (title) VALUES (:title);"
                 "INSERT INTO item (title) VALUES (:title || '!')");
ATR_QUERY(load, NO_INPUTS, vec(item));
ATR_SQLITE_QUERY(load, NO_INPUTS, vec(item), test_db, "SELECT id, title FROM item ORDER BY id");
#define COUNT(F) F(i64, count)
ATR_QUERY(numbers, COUNT, vec(str));
ATR_SQLITE_QUERY(numbers, COUNT, vec(str), test_db,
                 "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT :count) "
                 "SELECT 'number ' || i FROM n");

/* Text with JSON, both ways. */
#define BASKET(F)       \
    F(vec(item), items) \
    F(map(str, i64), counts)
ATR_MODEL(basket, BASKET);
ATR_MODEL_IMPL(basket, BASKET);
ATR_QUERY(echo, BASKET, ref(basket));
ATR_SQLITE_QUERY(echo, BASKET, ref(basket), test_db, "SELECT :items AS items, :counts AS counts");

static const char *const scripts[] = {
    "CREATE TABLE item (id INTEGER PRIMARY KEY, title TEXT NOT NULL)", NULL};

static void open_it(void)
{
    fixture_open_in_world(&(atr_sqlite_options){.migrations = scripts});
}

static void open_in_memory(void)
{
    fixture_open_in_world(&(atr_sqlite_options){.uri = "file::memory:", .migrations = scripts});
}

static size_t items(void)
{
    fixture_fail_at(NULL, 0, 0);
    RUN(load);
    assert_success();
    return item_vec_count(fx.value.as.ref);
}

static void a_fault_when_opening(void **state)
{
    open_it();
    fixture_fail_at("sqlite.open", 0, SQLITE_CANTOPEN);

    RUN(load);

    assert_sqlite_error(SQLITE_CANTOPEN);
    assert_message("sqlite.open");
    assert_int_equal(items(), 0);
}

static void a_fault_when_preparing(void **state)
{
    open_it();
    fixture_fail_at("sqlite.prepare", 0, SQLITE_CORRUPT);

    RUN(load);

    assert_sqlite_error(SQLITE_CORRUPT);
    assert_int_equal(items(), 0);
}

static void preparing_is_asked_once_for_each_class(void **state)
{
    open_it();
    fixture_fail_at("sqlite.prepare", 0, 0);

    RUN(load);
    RUN(load);
    RUN(load);

    assert_int_equal(fx.world.asked, 1);
}

static void a_fault_when_stepping(void **state)
{
    open_it();
    fixture_fail_at("sqlite.step", 0, SQLITE_IOERR_READ);

    RUN(load);

    assert_sqlite_error(SQLITE_IOERR_READ);
    assert_false(fx.error->retryable);
    assert_true(atr_str_is(fx.error->detail, "SELECT id, title FROM item ORDER BY id"));
    assert_int_equal(items(), 0);
}

static void a_fault_in_the_middle_of_many_rows(void **state)
{
    open_it();
    fixture_fail_at("sqlite.step", 2, SQLITE_IOERR_READ);

    RUN(numbers, .count = 2000);

    assert_sqlite_error(SQLITE_IOERR_READ);
    fixture_fail_at(NULL, 0, 0);
    RUN(numbers, .count = 2000);
    assert_success();
    assert_int_equal(atr_str_vec_count(fx.value.as.ref), 2000);
}

static void busy_and_locked_may_be_tried_again(void **state)
{
    static const int codes[] = {SQLITE_BUSY, SQLITE_LOCKED, SQLITE_BUSY_SNAPSHOT};
    open_it();
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
        fixture_fail_at("sqlite.step", 0, codes[i]);

        RUN(load);

        assert_sqlite_error(codes[i]);
        assert_true(fx.error->retryable);
    }
}

static void a_fault_between_two_statements_undoes_the_first(void **state)
{
    open_it();
    fixture_fail_at("sqlite.step", 1, SQLITE_FULL);

    RUN(add_two, .title = ATR_STR(e.s, "milk"));

    assert_sqlite_error(SQLITE_FULL);
    assert_int_equal(items(), 0);
}

static void a_fault_at_commit_undoes_the_write(void **state)
{
    open_it();
    fixture_fail_at("sqlite.commit", 0, SQLITE_IOERR_FSYNC);

    RUN(add, .title = ATR_STR(e.s, "milk"));

    assert_sqlite_error(SQLITE_IOERR_FSYNC);
    assert_int_equal(items(), 0);
}

static void a_negative_number_is_a_fault_of_the_library(void **state)
{
    open_it();
    fixture_fail_at("sqlite.commit", 0, -1);

    RUN(add, .title = ATR_STR(e.s, "milk"));

    assert_refused(ATR_E_FAULT);
    assert_message("sqlite.commit");
    assert_int_equal(items(), 0);
}

static void every_fault_leaves_all_or_nothing(void **state)
{
    open_it();
    RUN(load);
    for (int skip = 0;; skip++) {
        fixture_fail_at(NULL, skip, SQLITE_IOERR);
        RUN(add_two, .title = ATR_STR(e.s, "milk"));
        if (fx.succeeded) {
            break;
        }
        assert_sqlite_error(SQLITE_IOERR);
        assert_int_equal(items(), 0);
        assert_true(skip < 10);
    }
    assert_int_equal(items(), 2);
}

/* ---- memory ---- */

/* A query whose start may itself be refused. */
#define TRY(...)                                    \
    do {                                            \
        fixture_forget();                           \
        atr_event e = atr_event_open(fx.app);       \
        if (e.s != NULL) {                          \
            fx.last = ATR_EXECUTE(&e, __VA_ARGS__); \
            fx.started += fx.last.slot != 0;        \
            atr_event_close(&e);                    \
        }                                           \
        fixture_wait();                             \
    } while (0)

static void every_allocation_may_fail(void **state)
{
    failing_begin();
    bool failed = true;
    for (size_t allowed = 0; failed && allowed < 20000; allowed++) {
        open_in_memory();
        failing_after(allowed);
        TRY(add, .title = ATR_STR(e.s, "milk"));
        TRY(numbers, .count = 300);
        TRY(load);
        TRY(echo, .items = item_vec_push(e.s, NULL, ATR_NEW(e.s, item, .title = ATR_STR(e.s, "x"))),
            .counts = atr_i64_str_map_set(e.s, NULL, ATR_STR(e.s, "key"), 1));
        assert_true(!fx.succeeded || item_vec_count(((const basket *)fx.value.as.ref)->items) == 1);
        failed = failing_stop() > 0;
        RUN(load);
        assert_success();
        fixture_close();
    }
    assert_false(failed);
    failing_end();
}

/* ---- memory of SQLite ---- */

static sqlite3_mem_methods plain;

static void *sqlite_take(int size)
{
    return failing_may(0) ? plain.xMalloc(size) : NULL;
}

static void *sqlite_retake(void *block, int size)
{
    return failing_may(0) ? plain.xRealloc(block, size) : NULL;
}

static void configure_memory(const sqlite3_mem_methods *methods)
{
    assert_int_equal(sqlite3_shutdown(), SQLITE_OK);
    assert_int_equal(sqlite3_config(SQLITE_CONFIG_MALLOC, methods), SQLITE_OK);
    assert_int_equal(sqlite3_initialize(), SQLITE_OK);
}

static void every_allocation_of_sqlite_may_fail(void **state)
{
    assert_int_equal(sqlite3_shutdown(), SQLITE_OK);
    assert_int_equal(sqlite3_config(SQLITE_CONFIG_GETMALLOC, &plain), SQLITE_OK);
    sqlite3_mem_methods limited = plain;
    limited.xMalloc = sqlite_take;
    limited.xRealloc = sqlite_retake;
    configure_memory(&limited);
    bool failed = true;
    for (size_t allowed = 0; failed && allowed < 5000; allowed++) {
        open_in_memory();
        failing_after(allowed);
        RUN(add, .title = ATR_STR(e.s, "milk"));
        size_t added = fx.succeeded;
        RUN(numbers, .count = 300);
        if (fx.succeeded) {
            assert_int_equal(atr_str_vec_count(fx.value.as.ref), 300);
        }
        RUN(echo, .counts = atr_i64_str_map_set(e.s, NULL, ATR_STR(e.s, "key"), 1));
        failed = failing_stop() > 0;
        assert_int_equal(items(), added);
        fixture_close();
    }
    assert_false(failed);
    configure_memory(&plain);
}

static void opening_without_memory_gives_null(void **state)
{
    const atr_sqlite_options options = {.migrations = scripts};
    failing_begin();
    atr_sqlite *db = NULL;
    for (size_t allowed = 0; db == NULL && allowed < 20; allowed++) {
        failing_after(allowed);
        db = atr_sqlite_open(&options);
        assert_true(db != NULL || atr_memory_now().blocks == 0);
    }
    assert_non_null(db);
    atr_sqlite_close(db);
    failing_end();
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_fault_when_opening),
        TEST(a_fault_when_preparing),
        TEST(preparing_is_asked_once_for_each_class),
        TEST(a_fault_when_stepping),
        TEST(a_fault_in_the_middle_of_many_rows),
        TEST(busy_and_locked_may_be_tried_again),
        TEST(a_fault_between_two_statements_undoes_the_first),
        TEST(a_fault_at_commit_undoes_the_write),
        TEST(a_negative_number_is_a_fault_of_the_library),
        TEST(every_fault_leaves_all_or_nothing),
        TEST(every_allocation_may_fail),
        TEST(every_allocation_of_sqlite_may_fail),
        TEST(opening_without_memory_gives_null),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
