/* The files that the program is given: damaged ones, those of others, those of other versions. */
#include "run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "todo.h"

static void other_files_are_lists_of_their_own(void **state)
{
    EXPECT(0, "1\n", "", "add", "here");
    EXPECT(0, "1\n", "", "--db", "other.db", "add", "there");

    EXPECT(0, "1 [ ] here\n", "", "list");
    EXPECT(0, "1 [ ] there\n", "", "list", "--db", "other.db");
    assert_int_equal(folder_count(), 2);
}

static void names_that_mean_something_to_sqlite_are_files(void **state)
{
    static const char *const names[] = {":memory:", "file:list.db?mode=memory", "a b%20c#d.db"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        EXPECT(0, "1\n", "", "--db", names[i], "add", "kept");
        EXPECT(0, "1 [ ] kept\n", "", "--db", names[i], "list");
        assert_int_equal(access(names[i], F_OK), 0);
    }
}

static void file_that_is_no_database_is_refused(void **state)
{
    static const char *const commands[][3] = {{"list"}, {"add", "tea"}, {"done", "1"}, {"clear"}};
    char text[8192];
    memset(text, 'z', sizeof text);
    file_write("todo.db", text, sizeof text);
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        bytes before = file_read("todo.db");

        run_expect(
            1, "",
            "todo: the list could not be loaded: cannot open todo.db: file is not a database\n",
            commands[i], __FILE__, __LINE__);

        ASSERT_UNCHANGED("todo.db", before);
    }
    assert_int_equal(folder_count(), 1);
}

static void damaged_file_is_refused(void **state)
{
    char zeros[4096] = {0};
    make_list();
    for (long page = 1; page < 4; page++) { /* all but the first, which holds the schema */
        file_patch("todo.db", page * 4096, zeros, sizeof zeros);
    }
    bytes before = file_read("todo.db");

    EXPECT(1, "", "todo: the list could not be loaded: database disk image is malformed\n", "list");

    ASSERT_UNCHANGED("todo.db", before);
}

/* As another program may have left it, the text of one item. */
static void damage(const char *text, const char *with)
{
    bytes file = file_read("todo.db");
    size_t size = strlen(text), at = 0;
    while (at + size < file.size && memcmp(file.at + at, text, size) != 0) {
        at++;
    }
    assert_true(at + size < file.size);
    free(file.at);
    file_patch("todo.db", (long)at, with, size);
}

static void text_that_is_not_utf8_leaves_the_others_usable(void **state)
{
    static const char told[] = "todo: the text of item 2 is not valid UTF-8; rename it\n";
    make_list();
    damage("eggs", "e\xFFgs");

    EXPECT(0, "1 [ ] milk\n2 [x] e\xEF\xBF\xBD\n3 [ ] bread\n", told, "list");
    EXPECT(0, "4\n", told, "add", "jam");
    EXPECT(0, "", told, "done", "3");
    EXPECT(0, "", told, "move", "2", "1");
    EXPECT(0, "2 [x] e\xEF\xBF\xBD\n1 [ ] milk\n3 [x] bread\n4 [ ] jam\n", told, "list");

    EXPECT(0, "", told, "rename", "2", "eggs");
    EXPECT(0, "2 [x] eggs\n1 [ ] milk\n3 [x] bread\n4 [ ] jam\n", "", "list");
}

static void every_text_that_is_not_utf8_is_named(void **state)
{
    make_list();
    damage("milk", "\xC3(\xED\xA0");
    damage("bread", "brea\xC3");

    EXPECT(0, "1 [ ] \xEF\xBF\xBD\n2 [x] eggs\n3 [ ] brea\xEF\xBF\xBD\n",
           "todo: the text of item 1 is not valid UTF-8; rename it\n"
           "todo: the text of item 3 is not valid UTF-8; rename it\n",
           "list");
    EXPECT(1, "",
           "todo: the text of item 1 is not valid UTF-8; rename it\n"
           "todo: the text of item 3 is not valid UTF-8; rename it\n"
           "todo: item 9 could not be deleted: there is no such item\n",
           "rm", "9");
}

static void places_where_no_file_can_be_are_refused(void **state)
{
    static const char *const names[] = {"folder", "plain/todo.db", "missing/todo.db"};
    char err[128];
    assert_int_equal(mkdir("folder", 0700), 0);
    file_write("plain", "text", 4);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        snprintf(
            err, sizeof err,
            "todo: the list could not be loaded: cannot open %s: unable to open database file\n",
            names[i]);
        EXPECT(1, "", err, "--db", names[i], "add", "tea");
        EXPECT(1, "", err, "--db", names[i], "list");
    }
    assert_int_equal(folder_count(), 2);
}

static void file_of_a_newer_version_is_refused(void **state)
{
    enum { USER_VERSION_OFFSET = 60 }; /* in the header of a database file, big-endian */
    make_list();
    file_patch("todo.db", USER_VERSION_OFFSET, "\0\0\0\x63", 4);
    bytes before = file_read("todo.db");
    run r = run_begin(NULL, (const char *const[]){"add", "tea", NULL});
    run_end(&r);

    assert_int_equal(r.status, 1);
    assert_string_equal(r.out, "");
    assert_non_null(strstr(r.err, "todo: the list could not be loaded: "));
    assert_non_null(strstr(r.err, "99"));
    ASSERT_UNCHANGED("todo.db", before);
    run_free(&r);
}

static void file_of_another_program_is_refused(void **state)
{
    enum { APPLICATION_ID_OFFSET = 68 };
    make_list();
    file_patch("todo.db", APPLICATION_ID_OFFSET, "mail", 4);
    bytes before = file_read("todo.db");
    run r = run_begin(NULL, (const char *const[]){"add", "tea", NULL});
    run_end(&r);

    assert_int_equal(r.status, 1);
    assert_string_equal(r.out, "");
    assert_non_null(strstr(r.err, "it is a file of another program"));
    ASSERT_UNCHANGED("todo.db", before);
    run_free(&r);
}

#define COUNT_ITEMS(F)
ATR_QUERY(count_items, COUNT_ITEMS, i64);
ATR_SQLITE_QUERY(count_items, COUNT_ITEMS, i64, todo_db, "SELECT count(*) FROM todo",
                 .on_close = ATR_ON_CLOSE_FINISH);

/* A file as the first release made it, when items had no positions yet. */
static void make_file_of_version_1(void)
{
    static const char *const scripts[] = {
        "CREATE TABLE todo ("
        "  id INTEGER PRIMARY KEY AUTOINCREMENT,"
        "  title TEXT NOT NULL CHECK (title <> ''),"
        "  done INTEGER NOT NULL DEFAULT 0 CHECK (done IN (0, 1)));"
        "INSERT INTO todo (id, title, done) VALUES (1, 'milk', 0), (2, 'eggs', 1), (5, 'tea', 0)",
        NULL,
    };
    const atr_sqlite_options first_release = {.path = "todo.db", .migrations = scripts};
    atr_app *app = atr_app_new(NULL);
    assert_int_equal(ATR_PROVIDE(app, todo_db, atr_sqlite_open(&first_release)), 0);
    atr_event e = atr_event_open(app);
    ATR_EXECUTE(&e, count_items);
    assert_int_equal(atr_event_close(&e), 0);
    assert_int_equal(atr_app_close(app, NULL, NULL), 0);
}

/* The command line lets no such position through, but the query is there for other callers. */
static void position_0_is_refused_by_the_query(void **state)
{
    make_list();
    atr_app *app = todo_app_new(NULL, "todo.db");
    atr_event e = atr_event_open(app);
    ATR_EXECUTE(&e, move_todo, .id = 3, .position = 0);
    assert_int_equal(atr_event_close(&e), 0);
    assert_int_equal(atr_app_close(app, NULL, NULL), 0);

    EXPECT(0, THE_LIST, "", "list");
    EXPECT(0, "", "", "move", "3", "1");
    EXPECT(0, "3 [ ] bread\n1 [ ] milk\n2 [x] eggs\n", "", "list");
}

static void file_of_the_first_version_is_brought_up_to_date(void **state)
{
    make_file_of_version_1();

    EXPECT(0, "1 [ ] milk\n2 [x] eggs\n5 [ ] tea\n", "", "list");
    EXPECT(0, "", "", "move", "5", "1");
    EXPECT(0, "6\n", "", "add", "bread");
    EXPECT(0, "5 [ ] tea\n1 [ ] milk\n2 [x] eggs\n6 [ ] bread\n", "", "list");
}

static void every_command_leaves_one_file_and_no_more(void **state)
{
    make_list();
    EXPECT(0, THE_LIST, "", "list");

    assert_int_equal(folder_count(), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        PROGRAM_TEST(other_files_are_lists_of_their_own),
        PROGRAM_TEST(names_that_mean_something_to_sqlite_are_files),
        PROGRAM_TEST(file_that_is_no_database_is_refused),
        PROGRAM_TEST(damaged_file_is_refused),
        PROGRAM_TEST(text_that_is_not_utf8_leaves_the_others_usable),
        PROGRAM_TEST(every_text_that_is_not_utf8_is_named),
        PROGRAM_TEST(places_where_no_file_can_be_are_refused),
        PROGRAM_TEST(file_of_a_newer_version_is_refused),
        PROGRAM_TEST(file_of_another_program_is_refused),
        PROGRAM_TEST(position_0_is_refused_by_the_query),
        PROGRAM_TEST(file_of_the_first_version_is_brought_up_to_date),
        PROGRAM_TEST(every_command_leaves_one_file_and_no_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
