/* Opening: files that cannot be opened, options, and what is configured. */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fixture.h"

#define ITEM(F) \
    F(i64, id)  \
    F(str, title)
ATR_MODEL(item, ITEM);
ATR_MODEL_IMPL(item, ITEM);

#define TITLE(F) F(str, title)
ATR_QUERY(add, TITLE, i64);
ATR_SQLITE_WRITE(add, TITLE, i64, test_db, "INSERT INTO item (title) VALUES (:title) RETURNING id");
ATR_QUERY(load, NO_INPUTS, vec(item));
ATR_SQLITE_QUERY(load, NO_INPUTS, vec(item), test_db, "SELECT id, title FROM item ORDER BY id");
ATR_QUERY(one, NO_INPUTS, i64);
ATR_SQLITE_QUERY(one, NO_INPUTS, i64, test_db, "SELECT 1");
ATR_QUERY(fill, NO_INPUTS, ref(atr_sqlite_done));
ATR_SQLITE_WRITE(fill, NO_INPUTS, ref(atr_sqlite_done), test_db,
                 "INSERT INTO item (title) VALUES (hex(zeroblob(20000)))");

static const char create[] = "CREATE TABLE item (id INTEGER PRIMARY KEY, title TEXT NOT NULL)";
static const char *const scripts[] = {create, NULL};

static void a_new_file_is_made(void **state)
{
    fixture_open(&(atr_sqlite_options){.migrations = scripts});

    RUN(add, .title = ATR_STR(e.s, "milk"));

    assert_success();
    assert_int_equal(fx.value.as.i64, 1);
    fixture_close();
    sqlite3 *raw = raw_open(fx.path);
    assert_int_equal(raw_number(raw, "SELECT count(*) FROM item"), 1);
    sqlite3_close(raw);
}

static void a_database_in_memory(void **state)
{
    fixture_open(&(atr_sqlite_options){.uri = "file::memory:", .migrations = scripts});

    RUN(add, .title = ATR_STR(e.s, "milk"));
    RUN(load);

    assert_success();
    assert_int_equal(item_vec_count(fx.value.as.ref), 1);
    assert_int_equal(access(fx.path, F_OK), -1);
}

static void without_options_it_is_in_memory(void **state)
{
    atr_sqlite *db = atr_sqlite_open(NULL);

    assert_non_null(db);

    atr_sqlite_close(db);
    atr_sqlite_close(NULL);
}

static void a_database_that_nobody_used_has_opened_nothing(void **state)
{
    fixture_open(NULL);

    fixture_close();

    assert_int_equal(access(fx.path, F_OK), -1);
}

/* ---- files that cannot be opened ---- */

static void fails_with(int code, const char *text)
{
    RUN(one);
    assert_sqlite_error(code);
    assert_message(text);
    assert_message(fx.path);
    RUN(add, .title = ATR_STR(e.s, "milk"));
    assert_sqlite_error(code);
    assert_int_equal(fx.logged, 1);
    assert_non_null(strstr(fx.log, text));
}

static void write_file(const char *bytes, size_t size)
{
    FILE *file = fopen(fx.path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

static void a_file_that_is_no_database(void **state)
{
    static const char text[4096] = "this is a letter, not a database";
    write_file(text, sizeof text);
    fixture_open(NULL);

    fails_with(SQLITE_NOTADB, "file is not a database");
}

static void a_file_with_a_broken_page(void **state)
{
    raw_script(create);
    raw_script("INSERT INTO item (title) VALUES ('milk')");
    int file = open(fx.path, O_RDWR);
    char junk[2000];
    memset(junk, 0x5a, sizeof junk);
    assert_int_equal(pwrite(file, junk, sizeof junk, 4096), sizeof junk);
    assert_int_equal(close(file), 0);
    fixture_open(NULL);

    RUN(one);
    assert_success();
    RUN(load);
    assert_non_null(fx.error);
    assert_int_equal(fx.error->domain, ATR_DOMAIN_SQLITE);
    assert_int_equal(fx.error->code & 0xff, SQLITE_CORRUPT);
    assert_message("malformed");
}

static void a_directory_as_file(void **state)
{
    assert_int_equal(mkdir(fx.path, 0700), 0);
    fixture_open(NULL);

    RUN(one);

    assert_non_null(fx.error);
    assert_int_equal(fx.error->domain, ATR_DOMAIN_SQLITE);
    assert_int_equal(fx.error->code & 0xff, SQLITE_CANTOPEN);
    assert_message("unable to open database file");
    assert_message(fx.path);
}

static void a_folder_that_is_not_there(void **state)
{
    char path[160];
    snprintf(path, sizeof path, "%s/nowhere/test.db", fx.folder);
    fixture_open(&(atr_sqlite_options){.path = path});

    RUN(one);

    assert_non_null(fx.error);
    assert_int_equal(fx.error->code & 0xff, SQLITE_CANTOPEN);
    assert_int_equal(fx.error->detail_number, 2); /* ENOENT */
}

static void an_open_that_failed_is_tried_again(void **state)
{
    assert_int_equal(mkdir(fx.path, 0700), 0);
    fixture_open(NULL);
    RUN(one);
    assert_false(fx.succeeded);

    assert_int_equal(rmdir(fx.path), 0);
    RUN(one);

    assert_success();
}

/* ---- options ---- */

static void read_only_reads_and_does_not_write(void **state)
{
    raw_script(create);
    raw_script("INSERT INTO item (title) VALUES ('milk')");
    fixture_open(&(atr_sqlite_options){.read_only = true});

    RUN(load);
    assert_success();
    assert_int_equal(item_vec_count(fx.value.as.ref), 1);

    RUN(add, .title = ATR_STR(e.s, "eggs"));
    assert_sqlite_error(SQLITE_READONLY);
}

static void read_only_makes_no_file(void **state)
{
    fixture_open(&(atr_sqlite_options){.read_only = true});

    RUN(one);

    assert_non_null(fx.error);
    assert_int_equal(fx.error->code & 0xff, SQLITE_CANTOPEN);
    assert_int_equal(access(fx.path, F_OK), -1);
}

/* ---- names ---- */

/* Each is a file in the folder of the test, which is entered for it. */
static void a_path_is_taken_as_it_is(void **state)
{
    static const char *const names[] = {
        "file:x?mode=ro", "file:x", "file::memory:", ":memory:",  "a%41b", "a#b",  "a?mode=memory",
        "a&b=c",          " ",      "\xc3\xa9",      "FILE:x.db", "-",     "a\\b",
    };
    char here[4096];
    assert_non_null(getcwd(here, sizeof here));
    assert_int_equal(chdir(fx.folder), 0);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        fixture_open(&(atr_sqlite_options){.path = names[i], .migrations = scripts});
        RUN(add, .title = ATR_STR(e.s, "milk"));
        assert_success();
        fixture_close();

        assert_int_equal(access(names[i], F_OK), 0);
        fixture_open(&(atr_sqlite_options){.path = names[i], .read_only = true});
        RUN(load);
        assert_true(fx.succeeded && item_vec_count(fx.value.as.ref) == 1);
        fixture_close();
        assert_int_equal(unlink(names[i]), 0);
    }
    assert_int_equal(chdir(here), 0);
}

static void an_absolute_path_is_taken_as_it_is(void **state)
{
    char path[160];
    snprintf(path, sizeof path, "%s/a%%41#b?c", fx.folder);
    fixture_open(&(atr_sqlite_options){.path = path, .migrations = scripts});

    RUN(add, .title = ATR_STR(e.s, "milk"));

    assert_success();
    assert_int_equal(access(path, F_OK), 0);
}

static void an_empty_path_is_no_file(void **state)
{
    fixture_open(&(atr_sqlite_options){.path = ""});

    RUN(one);

    assert_non_null(fx.error);
    assert_int_equal(fx.error->code & 0xff, SQLITE_CANTOPEN);
}

static void messages_give_the_path_as_it_was_given(void **state)
{
    fixture_open(&(atr_sqlite_options){.path = "file:nowhere/x", .read_only = true});

    RUN(one);

    assert_message("cannot open file:nowhere/x: unable to open database file");
    assert_true(atr_str_is(fx.error->detail, "./file:nowhere/x"));
}

static void a_uri_is_decoded(void **state)
{
    char uri[160];
    snprintf(uri, sizeof uri, "file:%s/%%41.db", fx.folder);
    fixture_open(&(atr_sqlite_options){.uri = uri, .migrations = scripts});
    RUN(add, .title = ATR_STR(e.s, "milk"));
    assert_success();
    fixture_close();

    snprintf(uri, sizeof uri, "%s/A.db", fx.folder);
    assert_int_equal(access(uri, F_OK), 0);
}

static void a_uri_may_open_read_only(void **state)
{
    char uri[160];
    const char *const newer[] = {create, "CREATE TABLE extra (x)", NULL};
    fixture_open(&(atr_sqlite_options){.migrations = scripts});
    RUN(add, .title = ATR_STR(e.s, "milk"));
    fixture_close();
    snprintf(uri, sizeof uri, "file:%s?mode=ro", fx.path);
    fixture_open(&(atr_sqlite_options){.uri = uri, .migrations = scripts});

    RUN(load);
    assert_success();
    RUN(add, .title = ATR_STR(e.s, "eggs"));
    assert_sqlite_error(SQLITE_READONLY);
    fixture_close();

    fixture_open(&(atr_sqlite_options){.uri = uri, .migrations = newer});
    RUN(load);
    assert_refused(ATR_E_REFUSED);
    assert_message("must be migrated to 2, but it is read-only");
}

static void two_handles_share_a_database_in_memory(void **state)
{
    sqlite3 *raw = NULL;
    fixture_open(&(atr_sqlite_options){.uri = "file:shared?mode=memory&cache=shared",
                                       .migrations = scripts});
    RUN(add, .title = ATR_STR(e.s, "milk"));
    assert_success();

    assert_int_equal(sqlite3_open_v2("file:shared?mode=memory&cache=shared", &raw,
                                     SQLITE_OPEN_READWRITE | SQLITE_OPEN_URI, NULL),
                     SQLITE_OK);
    assert_int_equal(raw_number(raw, "SELECT count(*) FROM item"), 1);
    assert_int_equal(sqlite3_close(raw), SQLITE_OK);
}

static void a_uri_that_is_none_is_refused(void **state)
{
    fixture_open(&(atr_sqlite_options){.uri = "test.db"});

    RUN(one);

    assert_refused(ATR_E_INVALID);
    assert_message("cannot open test.db: a URI begins with file:");
}

static void a_path_and_a_uri_are_one_too_many(void **state)
{
    fixture_open(&(atr_sqlite_options){.path = fx.path, .uri = "file::memory:"});

    RUN(one);

    assert_refused(ATR_E_INVALID);
    assert_message("the options give a path and a URI");
    assert_int_equal(access(fx.path, F_OK), -1);
}

static void a_uri_opens_an_immutable_file(void **state)
{
    char uri[160];
    raw_script(create);
    snprintf(uri, sizeof uri, "file:%s?immutable=1", fx.path);
    fixture_open(&(atr_sqlite_options){.uri = uri, .read_only = true});

    RUN(load);
    assert_success();
    RUN(add, .title = ATR_STR(e.s, "eggs"));
    assert_sqlite_error(SQLITE_READONLY);
}

static void a_full_disk_rolls_back(void **state)
{
    raw_script(create);
    fixture_open(&(atr_sqlite_options){.max_page_count = 5});

    RUN(fill);
    assert_sqlite_error(SQLITE_FULL);
    assert_message("full");

    RUN(add, .title = ATR_STR(e.s, "small"));
    assert_success();
    RUN(load);
    assert_int_equal(item_vec_count(fx.value.as.ref), 1);
}

static void a_locked_file_is_busy_and_may_be_tried_again(void **state)
{
    raw_script(create);
    fixture_open(&(atr_sqlite_options){.busy_timeout_ms = 1});
    RUN(load);
    assert_success();
    sqlite3 *raw = raw_open(fx.path);
    raw_exec(raw, "BEGIN IMMEDIATE");

    RUN(add, .title = ATR_STR(e.s, "milk"));
    assert_sqlite_error(SQLITE_BUSY);
    assert_true(fx.error->retryable);
    assert_message("database is locked");

    raw_exec(raw, "COMMIT");
    RUN(add, .title = ATR_STR(e.s, "milk"));
    assert_success();
    assert_int_equal(sqlite3_close(raw), SQLITE_OK);
}

static void a_file_locked_by_others_cannot_be_opened(void **state)
{
    sqlite3 *raw = raw_open(fx.path);
    raw_exec(raw, create);
    raw_exec(raw, "PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE");
    fixture_open(&(atr_sqlite_options){.busy_timeout_ms = 1});

    RUN(load);
    assert_sqlite_error(SQLITE_BUSY);
    assert_true(fx.error->retryable);

    raw_exec(raw, "COMMIT");
    assert_int_equal(sqlite3_close(raw), SQLITE_OK);
    RUN(load);
    assert_success();
}

static void a_lock_is_waited_for(void **state)
{
    raw_script(create);
    fixture_open(&(atr_sqlite_options){.busy_timeout_ms = 60000});
    RUN(load);
    sqlite3 *raw = raw_open(fx.path);
    raw_exec(raw, "BEGIN IMMEDIATE");

    START(add, .title = ATR_STR(e.s, "milk"));
    raw_exec(raw, "COMMIT");
    fixture_wait();

    assert_success();
    assert_int_equal(sqlite3_close(raw), SQLITE_OK);
}

/* ---- what is configured ---- */

#define PRAGMA(name, response, sql)       \
    ATR_QUERY(name, NO_INPUTS, response); \
    ATR_SQLITE_QUERY(name, NO_INPUTS, response, test_db, sql)
PRAGMA(journal_mode, str, "SELECT * FROM pragma_journal_mode");
PRAGMA(foreign_keys, i64, "SELECT * FROM pragma_foreign_keys");
PRAGMA(synchronous, i64, "SELECT * FROM pragma_synchronous");

static void defaults_are_wal_full_and_foreign_keys(void **state)
{
    fixture_open(NULL);

    RUN(journal_mode);
    assert_true(fx.succeeded && atr_str_is(fx.value.as.ref, "wal"));
    RUN(foreign_keys);
    assert_true(fx.succeeded && fx.value.as.i64 == 1);
    RUN(synchronous);
    assert_true(fx.succeeded && fx.value.as.i64 == 2);
}

static void options_are_passed_on(void **state)
{
    fixture_open(&(atr_sqlite_options){
        .rollback_journal = true, .no_foreign_keys = true, .synchronous = ATR_SQLITE_NORMAL});

    RUN(journal_mode);
    assert_true(fx.succeeded && atr_str_is(fx.value.as.ref, "delete"));
    RUN(foreign_keys);
    assert_true(fx.succeeded && fx.value.as.i64 == 0);
    RUN(synchronous);
    assert_true(fx.succeeded && fx.value.as.i64 == 1);
}

static void synchronous_off(void **state)
{
    fixture_open(&(atr_sqlite_options){.synchronous = ATR_SQLITE_OFF});

    RUN(synchronous);

    assert_true(fx.succeeded && fx.value.as.i64 == 0);
}

static void a_slot_is_filled_once(void **state)
{
    fixture_open(NULL);

    assert_int_equal(ATR_PROVIDE(fx.app, test_db, atr_sqlite_open(NULL)), ATR_E_INVALID);

    RUN(one);
    assert_success();
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_new_file_is_made),
        TEST(a_database_in_memory),
        TEST(without_options_it_is_in_memory),
        TEST(a_database_that_nobody_used_has_opened_nothing),
        TEST(a_file_that_is_no_database),
        TEST(a_file_with_a_broken_page),
        TEST(a_directory_as_file),
        TEST(a_folder_that_is_not_there),
        TEST(an_open_that_failed_is_tried_again),
        TEST(read_only_reads_and_does_not_write),
        TEST(read_only_makes_no_file),
        TEST(a_path_is_taken_as_it_is),
        TEST(an_absolute_path_is_taken_as_it_is),
        TEST(an_empty_path_is_no_file),
        TEST(messages_give_the_path_as_it_was_given),
        TEST(a_uri_is_decoded),
        TEST(a_uri_may_open_read_only),
        TEST(two_handles_share_a_database_in_memory),
        TEST(a_uri_that_is_none_is_refused),
        TEST(a_path_and_a_uri_are_one_too_many),
        TEST(a_uri_opens_an_immutable_file),
        TEST(a_full_disk_rolls_back),
        TEST(a_locked_file_is_busy_and_may_be_tried_again),
        TEST(a_file_locked_by_others_cannot_be_opened),
        TEST(a_lock_is_waited_for),
        TEST(defaults_are_wal_full_and_foreign_keys),
        TEST(options_are_passed_on),
        TEST(synchronous_off),
        TEST(a_slot_is_filled_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
