/* Writes: one transaction each, whatever they consist of; all or nothing. */
#include "fixture.h"

#define STATE(X)             \
    X(STATE_OPEN, 0, "open") \
    X(STATE_CLOSED, 5, "closed")
ATR_ENUM(item_state, STATE);
ATR_ENUM_IMPL(item_state, STATE);

#define ITEM(F)   \
    F(i64, id)    \
    F(str, title) \
    F(enumeration(item_state), state)
#define ITEM_ATTRS(A) A(state, .by_name = true)
ATR_MODEL(item, ITEM);
ATR_MODEL_IMPL_WITH(item, ITEM, ITEM_ATTRS, .atr = ATR_HEAD(item));

static const char *const scripts[] = {
    "CREATE TABLE list (id INTEGER PRIMARY KEY, count INTEGER NOT NULL CHECK (count >= 0));"
    "CREATE TABLE item (id INTEGER PRIMARY KEY, title TEXT NOT NULL UNIQUE,"
    "                   state TEXT NOT NULL DEFAULT 'open', list REFERENCES list (id) ON DELETE "
    "CASCADE);"
    "CREATE TABLE late (list REFERENCES list (id) DEFERRABLE INITIALLY DEFERRED);"
    "CREATE TABLE log (text TEXT);"
    "CREATE TRIGGER logged AFTER UPDATE ON item BEGIN"
    "  INSERT INTO log VALUES (new.title); INSERT INTO log VALUES (old.title); END;"
    "INSERT INTO list VALUES (1, 2), (2, 0);"
    "INSERT INTO item (title, list) VALUES ('milk', 1), ('eggs', 1);",
    NULL};

static void open_it(void)
{
    fixture_open(&(atr_sqlite_options){.migrations = scripts});
}

/* A number from the file, by another connection. */
static int64_t in_file(const char *sql)
{
    sqlite3 *raw = raw_open(fx.path);
    int64_t number = raw_number(raw, sql);
    assert_int_equal(sqlite3_close(raw), SQLITE_OK);
    return number;
}

#define ADD(F)    \
    F(str, title) \
    F(enumeration(item_state), state)
ATR_QUERY(add, ADD, ref(item));
ATR_SQLITE_WRITE(
    add, ADD, ref(item), test_db,
    "INSERT INTO item (title, state) VALUES (:title, @state) RETURNING id, title, state");

static void returning_answers_the_row(void **state)
{
    open_it();

    RUN(add, .title = ATR_STR(e.s, "bread"), .state = STATE_CLOSED);

    assert_success();
    const item *got = fx.value.as.ref;
    assert_int_equal(got->id, 3);
    assert_true(atr_str_is(got->title, "bread"));
    assert_int_equal(got->state, STATE_CLOSED);
    assert_int_equal(in_file("SELECT count(*) FROM item WHERE state = 'closed'"), 1);
}

static void the_class_says_that_it_writes(void **state)
{
    assert_true(add_class.policy->is_write);
}

#define RENAME(F) F(str, title)
ATR_QUERY(rename_all, RENAME, ref(atr_sqlite_done));
ATR_SQLITE_WRITE(rename_all, RENAME, ref(atr_sqlite_done), test_db,
                 "UPDATE item SET title = :title || id");
ATR_QUERY(insert, RENAME, ref(atr_sqlite_done));
ATR_SQLITE_WRITE(insert, RENAME, ref(atr_sqlite_done), test_db,
                 "INSERT INTO item (title) VALUES (:title)");
ATR_QUERY(remove_list, NO_INPUTS, ref(atr_sqlite_done));
ATR_SQLITE_WRITE(remove_list, NO_INPUTS, ref(atr_sqlite_done), test_db,
                 "DELETE FROM list WHERE id = 1");
ATR_QUERY(make_table, NO_INPUTS, ref(atr_sqlite_done));
ATR_SQLITE_WRITE(make_table, NO_INPUTS, ref(atr_sqlite_done), test_db, "CREATE TABLE made (x)");

static void done_counts_what_the_statement_changed_itself(void **state)
{
    open_it();

    RUN(rename_all, .title = ATR_STR(e.s, "x"));

    assert_success();
    assert_int_equal(((const atr_sqlite_done *)fx.value.as.ref)->changes, 2);
    assert_int_equal(((const atr_sqlite_done *)fx.value.as.ref)->last_row_id, 0);
    assert_int_equal(in_file("SELECT count(*) FROM log"), 4);
}

static void done_does_not_count_cascades(void **state)
{
    open_it();

    RUN(remove_list);

    assert_success();
    assert_int_equal(((const atr_sqlite_done *)fx.value.as.ref)->changes, 1);
    assert_int_equal(in_file("SELECT count(*) FROM item"), 0);
}

static void done_tells_the_last_row_id(void **state)
{
    open_it();

    RUN(insert, .title = ATR_STR(e.s, "bread"));
    assert_success();
    assert_int_equal(((const atr_sqlite_done *)fx.value.as.ref)->changes, 1);
    assert_int_equal(((const atr_sqlite_done *)fx.value.as.ref)->last_row_id, 3);

    RUN(rename_all, .title = ATR_STR(e.s, "x"));
    assert_success();
    assert_int_equal(((const atr_sqlite_done *)fx.value.as.ref)->last_row_id, 0);
}

static void done_of_a_definition_is_zero(void **state)
{
    open_it();
    RUN(insert, .title = ATR_STR(e.s, "bread"));

    RUN(make_table);

    assert_success();
    assert_int_equal(((const atr_sqlite_done *)fx.value.as.ref)->changes, 0);
}

/* ---- constraints ---- */

static void a_constraint_carries_the_text_of_sqlite(void **state)
{
    open_it();

    RUN(insert, .title = ATR_STR(e.s, "milk"));

    assert_sqlite_error(SQLITE_CONSTRAINT_UNIQUE);
    assert_message("UNIQUE constraint failed: item.title");
    assert_true(atr_str_is(fx.error->detail, "INSERT INTO item (title) VALUES (:title)"));
    assert_false(fx.error->retryable);
}

ATR_QUERY(orphan, NO_INPUTS, unit);
ATR_SQLITE_WRITE(orphan, NO_INPUTS, unit, test_db,
                 "INSERT INTO item (title, list) VALUES ('x', 99)");
ATR_QUERY(late_orphan, NO_INPUTS, unit);
ATR_SQLITE_WRITE(late_orphan, NO_INPUTS, unit, test_db, "INSERT INTO late VALUES (99)");

static void foreign_keys_are_enforced(void **state)
{
    open_it();

    RUN(orphan);

    assert_sqlite_error(SQLITE_CONSTRAINT_FOREIGNKEY);
    assert_message("FOREIGN KEY constraint failed");
}

static void a_commit_that_fails_rolls_back(void **state)
{
    open_it();

    RUN(late_orphan);
    assert_sqlite_error(SQLITE_CONSTRAINT_FOREIGNKEY);

    RUN(insert, .title = ATR_STR(e.s, "bread"));
    assert_success();
    assert_int_equal(in_file("SELECT count(*) FROM late"), 0);
}

/* ---- rules of the application ---- */

/* Each conflict of a trigger, and a CHECK with a name and one without. */
static const char *const rules[] = {
    "CREATE TABLE stock (id INTEGER PRIMARY KEY, name TEXT UNIQUE, "
    "                    count INTEGER CONSTRAINT count_is_positive CHECK (count >= 0), "
    "                    code TEXT, CHECK (id < 100));"
    "CREATE TABLE log (text TEXT);"
    "CREATE UNIQUE INDEX stock_code ON stock (lower(code));"
    "CREATE TRIGGER stock_rules BEFORE INSERT ON stock BEGIN "
    "  INSERT INTO log VALUES (new.name);"
    "  SELECT RAISE(ABORT, 'stock_is_full') WHERE new.name = 'abort';"
    "  SELECT RAISE(ROLLBACK, 'stock_is_closed') WHERE new.name = 'rollback';"
    "  SELECT RAISE(FAIL, 'no \xc3\xa4pfel') WHERE new.name = 'fail';"
    "  SELECT RAISE(IGNORE) WHERE new.name = 'ignore';"
    "END;"
    "INSERT INTO stock VALUES (1, 'first', 1, 'A')",
    NULL};

#define STOCK(F)  \
    F(i64, id)    \
    F(str, name)  \
    F(i64, count) \
    F(str, code)
ATR_QUERY(add_stock, STOCK, ref(atr_sqlite_done));
ATR_SQLITE_WRITE(add_stock, STOCK, ref(atr_sqlite_done), test_db,
                 "INSERT INTO log VALUES ('before');"
                 "INSERT INTO stock VALUES (:id, :name, :count, :code)");

static void a_broken_rule_is_told_by_code_and_text(void **state)
{
    static const struct {
        const char *name;
        int64_t id, count;
        const char *code;
        int error;
        const char *text;
    } broken[] = {
        {"abort", 2, 1, "B", SQLITE_CONSTRAINT_TRIGGER, "stock_is_full"},
        {"rollback", 2, 1, "B", SQLITE_CONSTRAINT_TRIGGER, "stock_is_closed"},
        {"fail", 2, 1, "B", SQLITE_CONSTRAINT_TRIGGER, "no \xc3\xa4pfel"},
        {"x", 2, -1, "B", SQLITE_CONSTRAINT_CHECK, "CHECK constraint failed: count_is_positive"},
        {"x", 100, 1, "B", SQLITE_CONSTRAINT_CHECK, "CHECK constraint failed: id < 100"},
        {"first", 2, 1, "B", SQLITE_CONSTRAINT_UNIQUE, "UNIQUE constraint failed: stock.name"},
        {"x", 2, 1, "a", SQLITE_CONSTRAINT_UNIQUE, "UNIQUE constraint failed: index 'stock_code'"},
        {"x", 1, 1, "B", SQLITE_CONSTRAINT_PRIMARYKEY, "UNIQUE constraint failed: stock.id"},
    };
    fixture_open(&(atr_sqlite_options){.migrations = rules});
    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
        RUN(add_stock, .id = broken[i].id, .name = atr_str_new(e.s, broken[i].name),
            .count = broken[i].count, .code = atr_str_new(e.s, broken[i].code));

        assert_sqlite_error(broken[i].error);
        assert_string_equal(fx.error->message->bytes, broken[i].text);
        assert_non_null(strstr(fx.error->detail->bytes, "INSERT INTO stock"));
        assert_false(fx.error->retryable);
        assert_int_equal(in_file("SELECT count(*) FROM log"), 1); /* of the migration */
        assert_int_equal(in_file("SELECT count(*) FROM stock"), 1);
    }
}

static void a_trigger_that_ignores_reports_nothing(void **state)
{
    fixture_open(&(atr_sqlite_options){.migrations = rules});

    RUN(add_stock, .id = 2, .name = ATR_STR(e.s, "ignore"), .code = ATR_STR(e.s, "B"));

    assert_success();
    assert_int_equal(((const atr_sqlite_done *)fx.value.as.ref)->changes, 1); /* the log's */
    assert_int_equal(in_file("SELECT count(*) FROM stock"), 1);
}

/* ---- several statements ---- */

#define MOVE(F)  \
    F(i64, from) \
    F(i64, to)   \
    F(i64, id)
ATR_QUERY(move, MOVE, ref(atr_sqlite_done));
ATR_SQLITE_WRITE(move, MOVE, ref(atr_sqlite_done), test_db,
                 "UPDATE list SET count = count + 1 WHERE id = :to;"
                 "UPDATE list SET count = count - 1 WHERE id = :from;"
                 "UPDATE item SET list = :to WHERE id = :id; -- the trigger logs it\n");

static void several_statements_take_effect_together(void **state)
{
    open_it();

    RUN(move, .from = 1, .to = 2, .id = 1);

    assert_success();
    assert_int_equal(((const atr_sqlite_done *)fx.value.as.ref)->changes, 3);
    assert_int_equal(in_file("SELECT count FROM list WHERE id = 2"), 1);
    assert_int_equal(in_file("SELECT list FROM item WHERE id = 1"), 2);
}

static void a_statement_that_fails_undoes_those_before(void **state)
{
    open_it();

    RUN(move, .from = 2, .to = 1, .id = 1); /* list 2 would fall below 0 */

    assert_sqlite_error(SQLITE_CONSTRAINT_CHECK);
    assert_int_equal(in_file("SELECT count FROM list WHERE id = 1"), 2);
}

ATR_QUERY(add_and_list, RENAME, vec(item));
ATR_SQLITE_WRITE(add_and_list, RENAME, vec(item), test_db,
                 "INSERT INTO item (title) VALUES (:title) RETURNING id;"
                 "SELECT id, title, state FROM item ORDER BY id;"
                 "DELETE FROM log");

static void the_answer_comes_from_the_last_statement_with_rows(void **state)
{
    open_it();

    RUN(add_and_list, .title = ATR_STR(e.s, "bread"));

    assert_success();
    assert_int_equal(item_vec_count(fx.value.as.ref), 3);
    assert_true(atr_str_is(item_vec_at(fx.value.as.ref, 2)->title, "bread"));
}

/* ---- rows that do not fit ---- */

ATR_QUERY(remove_item, MOVE, ref(item));
ATR_SQLITE_WRITE(remove_item, MOVE, ref(item), test_db,
                 "DELETE FROM item WHERE id >= :id RETURNING id, title, state");
ATR_QUERY(spoil, RENAME, ref(item));
ATR_SQLITE_WRITE(spoil, RENAME, ref(item), test_db,
                 "UPDATE item SET state = :title WHERE id = 1 RETURNING id, title, state");
ATR_QUERY(maybe_remove, MOVE, opt(i64));
ATR_SQLITE_WRITE(maybe_remove, MOVE, opt(i64), test_db,
                 "DELETE FROM item WHERE id = :id RETURNING id");

static void a_row_that_does_not_fit_undoes_the_write(void **state)
{
    open_it();

    RUN(spoil, .title = ATR_STR(e.s, "no such state"));

    assert_refused(ATR_E_TYPE);
    assert_int_equal(in_file("SELECT count(*) FROM item WHERE state = 'open'"), 2);
}

static void more_rows_than_wanted_undo_the_write(void **state)
{
    open_it();

    RUN(remove_item, .id = 1);
    assert_refused(ATR_E_LIMIT);
    assert_int_equal(in_file("SELECT count(*) FROM item"), 2);

    RUN(remove_item, .id = 2);
    assert_success();
    assert_int_equal(in_file("SELECT count(*) FROM item"), 1);
}

static void a_missing_row_fails_the_write(void **state)
{
    open_it();

    RUN(remove_item, .id = 99);
    assert_refused(ATR_E_NOT_FOUND);

    RUN(maybe_remove, .id = 99);
    assert_true(fx.succeeded && !fx.value.has);
    RUN(maybe_remove, .id = 2);
    assert_true(fx.succeeded && fx.value.has && fx.value.as.i64 == 2);
}

/* ---- order ---- */

ATR_QUERY(count_items, NO_INPUTS, i64);
static int64_t counts[8];
static int counted;
static void count_found(atr_finish *f, const count_items *self, int64_t response)
{
    counts[counted++] = response;
}
ATR_SQLITE_QUERY(count_items, NO_INPUTS, i64, test_db, "SELECT count(*) FROM item",
                 .finish_with_response = count_found);

static void queries_run_in_the_order_of_their_execution(void **state)
{
    open_it();
    counted = 0;

    START(count_items);
    START(count_items);
    START(insert, .title = ATR_STR(e.s, "bread"));
    START(count_items);
    START(count_items);
    START(insert, .title = ATR_STR(e.s, "butter"));
    START(insert, .title = ATR_STR(e.s, "butter"));
    START(count_items);
    fixture_wait();

    assert_int_equal(counted, 5);
    assert_int_equal(counts[0], 2);
    assert_int_equal(counts[1], 2);
    assert_int_equal(counts[2], 3);
    assert_int_equal(counts[3], 3);
    assert_int_equal(counts[4], 4);
    assert_int_equal(atr_app_stats_now(fx.app).failed, 1);
}

static void reads_see_what_others_have_committed(void **state)
{
    open_it();
    RUN(count_items);

    raw_script("DELETE FROM item");
    counted = 0;
    for (int i = 0; i < 5; i++) {
        START(count_items);
    }
    fixture_wait();

    for (int i = 0; i < 5; i++) {
        assert_int_equal(counts[i], 0);
    }
}

/* ---- what a trigger does to the transaction ---- */

ATR_QUERY(rolling_back, NO_INPUTS, unit);
ATR_SQLITE_WRITE(rolling_back, NO_INPUTS, unit, test_db,
                 "INSERT INTO item (title) VALUES ('a');"
                 "INSERT OR ROLLBACK INTO item (title) VALUES ('a');"
                 "INSERT INTO item (title) VALUES ('b')");

static void a_conflict_that_rolls_back_ends_the_write(void **state)
{
    open_it();

    RUN(rolling_back);
    assert_sqlite_error(SQLITE_CONSTRAINT_UNIQUE);
    assert_int_equal(in_file("SELECT count(*) FROM item"), 2);

    RUN(insert, .title = ATR_STR(e.s, "bread"));
    assert_success();
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
    const struct CMUnitTest tests[] = {
        TEST(returning_answers_the_row),
        TEST(the_class_says_that_it_writes),
        TEST(done_counts_what_the_statement_changed_itself),
        TEST(done_does_not_count_cascades),
        TEST(done_tells_the_last_row_id),
        TEST(done_of_a_definition_is_zero),
        TEST(a_constraint_carries_the_text_of_sqlite),
        TEST(foreign_keys_are_enforced),
        TEST(a_commit_that_fails_rolls_back),
        TEST(a_broken_rule_is_told_by_code_and_text),
        TEST(a_trigger_that_ignores_reports_nothing),
        TEST(several_statements_take_effect_together),
        TEST(a_statement_that_fails_undoes_those_before),
        TEST(the_answer_comes_from_the_last_statement_with_rows),
        TEST(a_row_that_does_not_fit_undoes_the_write),
        TEST(more_rows_than_wanted_undo_the_write),
        TEST(a_missing_row_fails_the_write),
        TEST(queries_run_in_the_order_of_their_execution),
        TEST(reads_see_what_others_have_committed),
        TEST(a_conflict_that_rolls_back_ends_the_write),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
