/* Migrations: in order, each alone in a transaction, the file at the last good version whatever
 * happens. */
#include "fixture.h"

ATR_QUERY(version, NO_INPUTS, i64);
ATR_SQLITE_QUERY(version, NO_INPUTS, i64, test_db, "SELECT * FROM pragma_user_version");
ATR_QUERY(items, NO_INPUTS, i64);
ATR_SQLITE_QUERY(items, NO_INPUTS, i64, test_db, "SELECT count(*) FROM item");
ATR_QUERY(children, NO_INPUTS, i64);
ATR_SQLITE_QUERY(children, NO_INPUTS, i64, test_db, "SELECT count(*) FROM child");

static const char first[] = "CREATE TABLE item (id INTEGER PRIMARY KEY, title TEXT NOT NULL);"
                            "INSERT INTO item VALUES (1, 'milk'); -- a first one\n";
static const char second[] = "ALTER TABLE item ADD COLUMN done INTEGER NOT NULL DEFAULT 0;"
                             "CREATE TABLE child (item REFERENCES item (id) ON DELETE CASCADE);"
                             "INSERT INTO child VALUES (1);";
/* The way to change a table that SQLite cannot alter: with foreign keys on, the drop would
 * cascade. */
static const char third[] = "CREATE TABLE item_new (id INTEGER PRIMARY KEY, title TEXT);"
                            "INSERT INTO item_new SELECT id, title FROM item;"
                            "DROP TABLE item;"
                            "ALTER TABLE item_new RENAME TO item;";

static int64_t version_in_file(void)
{
    sqlite3 *raw = raw_open(fx.path);
    int64_t number = raw_number(raw, "PRAGMA user_version");
    assert_int_equal(sqlite3_close(raw), SQLITE_OK);
    return number;
}

static void scripts_run_in_order(void **state)
{
    const char *const scripts[] = {first, second, third, NULL};
    fixture_open(&(atr_sqlite_options){.migrations = scripts});

    RUN(version);
    assert_true(fx.succeeded && fx.value.as.i64 == 3);
    RUN(items);
    assert_true(fx.succeeded && fx.value.as.i64 == 1);
}

static void rebuilding_a_table_keeps_what_refers_to_it(void **state)
{
    const char *const scripts[] = {first, second, third, NULL};
    fixture_open(&(atr_sqlite_options){.migrations = scripts});

    RUN(children);

    assert_true(fx.succeeded && fx.value.as.i64 == 1);
}

static void an_older_file_goes_on_where_it_is(void **state)
{
    const char *const old[] = {first, NULL};
    const char *const now[] = {first, second, third, NULL};
    fixture_open(&(atr_sqlite_options){.migrations = old});
    RUN(version);
    assert_true(fx.succeeded && fx.value.as.i64 == 1);
    fixture_close();

    fixture_open(&(atr_sqlite_options){.migrations = now});
    RUN(version);
    assert_true(fx.succeeded && fx.value.as.i64 == 3);
    RUN(items);
    assert_true(fx.succeeded && fx.value.as.i64 == 1);
}

static void a_migrated_file_is_left_alone(void **state)
{
    const char *const scripts[] = {first, NULL};
    for (int i = 0; i < 3; i++) {
        fixture_open(&(atr_sqlite_options){.migrations = scripts});
        RUN(items);
        assert_true(fx.succeeded && fx.value.as.i64 == 1);
        fixture_close();
    }
}

static void a_newer_file_is_refused(void **state)
{
    const char *const scripts[] = {first, NULL};
    raw_script("PRAGMA user_version = 2");
    fixture_open(&(atr_sqlite_options){.migrations = scripts});

    RUN(version);

    assert_refused(ATR_E_REFUSED);
    assert_message("its version is 2, and the newest known is 1");
    assert_message(fx.path);
    assert_int_equal(fx.logged, 1);
}

static void a_newer_file_is_not_even_made_a_wal_file(void **state)
{
    const char *const scripts[] = {first, NULL};
    raw_script("PRAGMA user_version = 2");
    fixture_open(&(atr_sqlite_options){.migrations = scripts});
    RUN(version);
    fixture_close();

    fixture_open(&(atr_sqlite_options){.rollback_journal = true});
    RUN(version);
    assert_true(fx.succeeded && fx.value.as.i64 == 2);
}

static void a_negative_version_is_refused(void **state)
{
    const char *const scripts[] = {first, NULL};
    raw_script("PRAGMA user_version = -1");
    fixture_open(&(atr_sqlite_options){.migrations = scripts});

    RUN(version);

    assert_refused(ATR_E_REFUSED);
}

static void without_scripts_any_version_is_fine(void **state)
{
    raw_script("PRAGMA user_version = 77");
    fixture_open(NULL);

    RUN(version);

    assert_true(fx.succeeded && fx.value.as.i64 == 77);
}

static void a_failing_script_leaves_the_last_good_version(void **state)
{
    const char *const scripts[] = {first, "CREATE TABLE extra (x); INSERT INTO nowhere VALUES (1)",
                                   third, NULL};
    fixture_open(&(atr_sqlite_options){.migrations = scripts});

    RUN(version);
    assert_sqlite_error(SQLITE_ERROR);
    assert_message("migration 2 of");
    assert_message("no such table: nowhere");
    assert_non_null(strstr(fx.error->detail->bytes, "INSERT INTO nowhere"));
    fixture_close();

    assert_int_equal(version_in_file(), 1);
    sqlite3 *raw = raw_open(fx.path);
    assert_int_equal(raw_number(raw, "SELECT count(*) FROM sqlite_schema WHERE name = 'extra'"), 0);
    sqlite3_close(raw);
}

static void a_mended_script_goes_on(void **state)
{
    const char *const broken[] = {first, "CREATE TABLE item (x)", NULL};
    const char *const mended[] = {first, second, NULL};
    fixture_open(&(atr_sqlite_options){.migrations = broken});
    RUN(version);
    assert_sqlite_error(SQLITE_ERROR);
    fixture_close();

    fixture_open(&(atr_sqlite_options){.migrations = mended});
    RUN(version);
    assert_true(fx.succeeded && fx.value.as.i64 == 2);
}

static void a_script_with_a_syntax_error(void **state)
{
    const char *const scripts[] = {"CREATE TABEL item (x)", NULL};
    fixture_open(&(atr_sqlite_options){.migrations = scripts});

    RUN(version);

    assert_sqlite_error(SQLITE_ERROR);
    assert_message("migration 1 of");
    assert_message("syntax error");
}

static void a_script_must_not_commit(void **state)
{
    const char *const scripts[] = {"CREATE TABLE item (x); COMMIT; BEGIN", NULL};
    fixture_open(&(atr_sqlite_options){.migrations = scripts});

    RUN(version);
    assert_refused(ATR_E_DEFINITION);
    assert_message("migration 1 of");
    fixture_close();

    assert_int_equal(version_in_file(), 0);
}

/* ---- settings ---- */

static int64_t number_in_file(const char *sql)
{
    sqlite3 *raw = raw_open(fx.path);
    int64_t number = raw_number(raw, sql);
    assert_int_equal(sqlite3_close(raw), SQLITE_OK);
    return number;
}

static void each_migration_writes_the_application_id(void **state)
{
    const char *const scripts[] = {first, second, NULL};
    const char *const more[] = {first, second, third, NULL};
    fixture_open(&(atr_sqlite_options){.migrations = scripts, .application_id = -77});
    RUN(version);
    assert_success();
    fixture_close();
    assert_int_equal(number_in_file("PRAGMA application_id"), -77);

    fixture_open(&(atr_sqlite_options){.migrations = more, .application_id = -77});
    RUN(version);
    assert_true(fx.succeeded && fx.value.as.i64 == 3);
}

static void the_application_id_is_part_of_the_transaction(void **state)
{
    const char *const scripts[] = {first, "SELECT * FROM nowhere", NULL};
    const char *const none[] = {"SELECT * FROM nowhere", NULL};
    fixture_open(&(atr_sqlite_options){.migrations = none, .application_id = 7});
    RUN(version);
    assert_sqlite_error(SQLITE_ERROR);
    fixture_close();
    assert_int_equal(number_in_file("PRAGMA application_id"), 0);

    fixture_open(&(atr_sqlite_options){.migrations = scripts, .application_id = 7});
    RUN(version);
    assert_sqlite_error(SQLITE_ERROR);
    fixture_close();
    assert_int_equal(number_in_file("PRAGMA application_id"), 7);
    assert_int_equal(version_in_file(), 1);
}

static void assert_refused_as_of_another(const char *script, const char *id)
{
    const char *const scripts[] = {first, NULL};
    char text[100];
    raw_script(script);
    fixture_open(&(atr_sqlite_options){.migrations = scripts, .application_id = 7});

    RUN(version);
    assert_refused(ATR_E_REFUSED);
    snprintf(text, sizeof text, "it is a file of another program (application_id %s, not 7)", id);
    assert_message(text);
    assert_message(fx.path);
    fixture_close();

    assert_int_equal(number_in_file("SELECT count(*) FROM sqlite_schema WHERE name = 'item'"), 0);
    assert_int_equal(number_in_file("SELECT journal_mode = 'delete' FROM pragma_journal_mode"), 1);
}

static void a_file_of_another_program_is_refused_and_left_alone(void **state)
{
    assert_refused_as_of_another("PRAGMA application_id = 8", "8");
}

static void a_file_with_tables_and_neither_id_nor_version_is_refused(void **state)
{
    assert_refused_as_of_another("CREATE TABLE other (x)", "0");
}

static void a_migrated_file_of_another_program_is_refused(void **state)
{
    assert_refused_as_of_another("PRAGMA application_id = 8; PRAGMA user_version = 1", "8");
}

static void a_file_from_before_the_program_had_an_id_is_taken(void **state)
{
    const char *const before[] = {first, NULL};
    const char *const now[] = {first, second, NULL};
    fixture_open(&(atr_sqlite_options){.migrations = before});
    RUN(version);
    fixture_close();
    assert_int_equal(number_in_file("PRAGMA application_id"), 0);

    fixture_open(&(atr_sqlite_options){.migrations = before, .application_id = 7});
    RUN(version);
    assert_success();
    fixture_close();
    assert_int_equal(number_in_file("PRAGMA application_id"), 0);

    fixture_open(&(atr_sqlite_options){.migrations = now, .application_id = 7});
    RUN(version);
    assert_success();
    fixture_close();
    assert_int_equal(number_in_file("PRAGMA application_id"), 7);
}

static void without_an_id_that_of_the_file_is_not_looked_at(void **state)
{
    const char *const scripts[] = {first, NULL};
    raw_script("PRAGMA application_id = 8; CREATE TABLE other (x)");
    fixture_open(&(atr_sqlite_options){.migrations = scripts});

    RUN(version);
    assert_success();
    fixture_close();

    assert_int_equal(number_in_file("PRAGMA application_id"), 8);
}

static void an_application_id_without_migrations_is_refused(void **state)
{
    fixture_open(&(atr_sqlite_options){.application_id = 7});

    RUN(version);

    assert_refused(ATR_E_INVALID);
    assert_message("an application_id needs migrations");
}

static void a_script_sets_nothing_else(void **state)
{
    static const char *const settings[] = {
        "user_version",       "application_id", "schema_version",  "page_size",
        "auto_vacuum",        "encoding",       "journal_mode",    "foreign_keys",
        "defer_foreign_keys", "synchronous",    "writable_schema", "query_only",
        "legacy_alter_table", "max_page_count"};
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++) {
        char script[100];
        const char *const scripts[] = {first, script, NULL};
        snprintf(script, sizeof script, "CREATE TABLE extra (x); PRAGMA %s = 1", settings[i]);
        fixture_open(&(atr_sqlite_options){.migrations = scripts});

        RUN(version);
        assert_refused(ATR_E_DEFINITION);
        assert_message("migration 2 of");
        snprintf(script, sizeof script, "the SQL must not set PRAGMA %s", settings[i]);
        assert_message(script);
        fixture_close();

        assert_int_equal(version_in_file(), 1);
    }
}

static void a_script_may_look_at_settings(void **state)
{
    const char *const scripts[] = {first,
                                   "PRAGMA user_version; PRAGMA page_size; "
                                   "PRAGMA table_info(item); PRAGMA foreign_key_check",
                                   NULL};
    fixture_open(&(atr_sqlite_options){.migrations = scripts});

    RUN(version);

    assert_true(fx.succeeded && fx.value.as.i64 == 2);
}

static void a_script_that_breaks_a_foreign_key(void **state)
{
    const char *const scripts[] = {first, second, "DELETE FROM item", NULL};
    fixture_open(&(atr_sqlite_options){.migrations = scripts});

    RUN(version);
    assert_refused(ATR_E_DEFINITION);
    assert_message("migration 3 of");
    assert_message("leaves rows without the row they refer to: 1 of child");
    fixture_close();

    assert_int_equal(version_in_file(), 2);
}

static void a_read_only_file_is_not_migrated(void **state)
{
    const char *const scripts[] = {first, NULL};
    raw_script("CREATE TABLE other (x)");
    fixture_open(&(atr_sqlite_options){.migrations = scripts, .read_only = true});

    RUN(version);

    assert_refused(ATR_E_REFUSED);
    assert_message("its version 0 must be migrated to 1, but it is read-only");
}

static void a_full_disk_during_a_migration(void **state)
{
    const char *const scripts[] = {
        first, "CREATE TABLE big (x); INSERT INTO big VALUES (hex(zeroblob(50000)))", NULL};
    fixture_open(&(atr_sqlite_options){.migrations = scripts, .max_page_count = 6});

    RUN(version);
    assert_sqlite_error(SQLITE_FULL);
    assert_message("migration 2 of");
    fixture_close();

    assert_int_equal(version_in_file(), 1);
}

static void scripts_are_copied(void **state)
{
    char script[] = "CREATE TABLE item (x)";
    const char *scripts[] = {script, NULL};
    fixture_open(&(atr_sqlite_options){.migrations = scripts});
    memset(script, '?', sizeof script - 1);
    scripts[0] = NULL;

    RUN(items);

    assert_success();
}

static void empty_scripts_count(void **state)
{
    const char *const scripts[] = {"", " ; ; -- nothing\n", NULL};
    fixture_open(&(atr_sqlite_options){.migrations = scripts});

    RUN(version);

    assert_true(fx.succeeded && fx.value.as.i64 == 2);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
    const struct CMUnitTest tests[] = {
        TEST(scripts_run_in_order),
        TEST(rebuilding_a_table_keeps_what_refers_to_it),
        TEST(an_older_file_goes_on_where_it_is),
        TEST(a_migrated_file_is_left_alone),
        TEST(a_newer_file_is_refused),
        TEST(a_newer_file_is_not_even_made_a_wal_file),
        TEST(a_negative_version_is_refused),
        TEST(without_scripts_any_version_is_fine),
        TEST(a_failing_script_leaves_the_last_good_version),
        TEST(a_mended_script_goes_on),
        TEST(a_script_with_a_syntax_error),
        TEST(a_script_must_not_commit),
        TEST(each_migration_writes_the_application_id),
        TEST(the_application_id_is_part_of_the_transaction),
        TEST(a_file_of_another_program_is_refused_and_left_alone),
        TEST(a_file_with_tables_and_neither_id_nor_version_is_refused),
        TEST(a_migrated_file_of_another_program_is_refused),
        TEST(a_file_from_before_the_program_had_an_id_is_taken),
        TEST(without_an_id_that_of_the_file_is_not_looked_at),
        TEST(an_application_id_without_migrations_is_refused),
        TEST(a_script_sets_nothing_else),
        TEST(a_script_may_look_at_settings),
        TEST(a_script_that_breaks_a_foreign_key),
        TEST(a_read_only_file_is_not_migrated),
        TEST(a_full_disk_during_a_migration),
        TEST(scripts_are_copied),
        TEST(empty_scripts_count),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
