/* The program as a person runs it: on real files, by its command line. */
#include "run.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "todo.h"

/* ---- every command ---- */

static void add_prints_ids_that_rise(void **state)
{
    EXPECT(0, "1\n", "", "add", "milk");
    EXPECT(0, "2\n", "", "add", "eggs");
    EXPECT(0, "", "", "rm", "2");
    EXPECT(0, "3\n", "", "add", "bread");
}

static void list_of_a_new_file_is_empty(void **state)
{
    EXPECT(0, "", "", "list");
}

static void list_prints_what_the_filter_lets_through(void **state)
{
    make_list();

    EXPECT(0, THE_LIST, "", "list");
    EXPECT(0, THE_LIST, "", "list", "all");
    EXPECT(0, "1 [ ] milk\n3 [ ] bread\n", "", "list", "active");
    EXPECT(0, "2 [x] eggs\n", "", "list", "done");
}

static void done_marks_an_item(void **state)
{
    make_list();

    EXPECT(0, "", "", "done", "3");
    EXPECT(0, "", "", "done", "3");

    EXPECT(0, "1 [ ] milk\n2 [x] eggs\n3 [x] bread\n", "", "list");
}

static void rename_changes_the_text_alone(void **state)
{
    make_list();

    EXPECT(0, "", "", "rename", "2", "six eggs");

    EXPECT(0, "1 [ ] milk\n2 [x] six eggs\n3 [ ] bread\n", "", "list");
}

static void move_gives_an_item_its_place(void **state)
{
    make_list();

    EXPECT(0, "", "", "move", "3", "1");
    EXPECT(0, "3 [ ] bread\n1 [ ] milk\n2 [x] eggs\n", "", "list");
    EXPECT(0, "", "", "move", "3", "2");
    EXPECT(0, "1 [ ] milk\n3 [ ] bread\n2 [x] eggs\n", "", "list");
    EXPECT(0, "", "", "move", "1", "3");
    EXPECT(0, "3 [ ] bread\n2 [x] eggs\n1 [ ] milk\n", "", "list");
}

static void rm_removes_an_item_and_closes_the_gap(void **state)
{
    make_list();

    EXPECT(0, "", "", "rm", "1");
    EXPECT(0, "2 [x] eggs\n3 [ ] bread\n", "", "list");

    EXPECT(0, "", "", "rm", "2");
    EXPECT(0, "4\n", "", "add", "tea"); /* would come before bread if there were a gap */
    EXPECT(0, "3 [ ] bread\n4 [ ] tea\n", "", "list");
}

static void clear_removes_what_is_done_and_closes_the_gaps(void **state)
{
    make_list();
    EXPECT(0, "", "", "done", "1");

    EXPECT(0, "", "", "clear");
    EXPECT(0, "", "", "clear");
    EXPECT(0, "3 [ ] bread\n", "", "list");

    EXPECT(0, "4\n", "", "add", "tea");
    EXPECT(0, "3 [ ] bread\n4 [ ] tea\n", "", "list");
}

static void demo_tells_its_story_and_leaves_nothing(void **state)
{
    bytes story = file_read(TODO_DEMO_STORY);
    setenv("TMPDIR", ".", 1);

    EXPECT(0, story.at, "", "demo");

    unsetenv("TMPDIR");
    free(story.at);
    assert_int_equal(folder_count(), 0);
}

static void help_names_every_command(void **state)
{
    static const char *const spellings[] = {"--help", "-h"};
    static const char *const names[] = {
        "\n  add ", "\n  list ",  "\n  done ", "\n  rename ", "\n  move ",
        "\n  rm ",  "\n  clear ", "\n  demo ", "todo.db",
    };
    for (size_t i = 0; i < sizeof spellings / sizeof *spellings; i++) {
        run r = run_begin(NULL, (const char *const[]){spellings[i], NULL});
        run_end(&r);

        assert_int_equal(r.status, 0);
        assert_string_equal(r.err, "");
        for (size_t k = 0; k < sizeof names / sizeof *names; k++) {
            const char *found = strstr(r.out, names[k]);
            assert_non_null(found);
        }
        run_free(&r);
    }
    assert_int_equal(folder_count(), 0);
}

/* ---- text ---- */

static void text_is_kept_byte_by_byte_in_every_locale(void **state)
{
    static const char *const texts[] = {
        "läs en bok",
        "日本語 \xF0\x9F\xA5\x9B",
        "e\xCC\x81 is not \xC3\xA9",
        "  spaces and a\ttab  ",
        "100 %s %n \\n",
        "'); DROP TABLE todo; --",
        "\xEF\xBB\xBF\xF4\x8F\xBF\xBF",
    };
    char expected[64];
    setenv("LC_ALL", "C", 1);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        snprintf(expected, sizeof expected, "%zu\n", i + 1);
        EXPECT(0, expected, "", "add", texts[i]);
        snprintf(expected, sizeof expected, "%zu [ ] %s\n", i + 1, texts[i]);
        EXPECT(0, expected, "", "list", "active");
        snprintf(expected, sizeof expected, "%zu", i + 1);
        EXPECT(0, "", "", "done", expected);
    }
    unsetenv("LC_ALL");
}

static void text_may_begin_with_a_dash(void **state)
{
    EXPECT(0, "1\n", "", "add", "--", "-5 degrees");
    EXPECT(0, "2\n", "", "--", "add", "--help");
    EXPECT(0, "3\n", "", "add", "-");
    EXPECT(0, "", "", "rename", "--", "3", "--db");

    EXPECT(0, "1 [ ] -5 degrees\n2 [ ] --help\n3 [ ] --db\n", "", "list");
}

static void long_text_is_kept(void **state)
{
    enum { SIZE = 100000 };
    char *text = malloc(SIZE + 1), *line = malloc(SIZE + 16);
    memset(text, 'x', SIZE);
    text[SIZE] = '\0';
    snprintf(line, SIZE + 16, "1 [ ] %s\n", text);

    EXPECT(0, "1\n", "", "add", text);

    EXPECT(0, line, "", "list");
    free(text);
    free(line);
}

/* ---- wrong command lines ---- */

static void wrong_lines_are_refused_before_the_file_is_opened(void **state)
{
    static const struct {
        const char *arguments[5];
        const char *err;
    } rows[] = {
        {{NULL}, "a command is missing; see todo --help"},
        {{"--"}, "a command is missing; see todo --help"},
        {{""}, "there is no command ; see todo --help"},
        {{"paint"}, "there is no command paint; see todo --help"},
        {{"--color", "list"}, "there is no option --color; see todo --help"},
        {{"done", "-1"}, "there is no option -1; see todo --help"},
        {{"list", "--db"}, "--db needs the name of a file"},
        {{"--db", "", "list"}, "--db needs the name of a file"},
        {{"add"}, "add needs TEXT"},
        {{"rename", "1"}, "rename needs ID TEXT"},
        {{"move"}, "move needs ID POSITION"},
        {{"add", "two", "texts"}, "too many arguments: texts"},
        {{"clear", "all"}, "too many arguments: all"},
        {{"demo", "all"}, "too many arguments: all"},
        {{"list", "all", "done"}, "too many arguments: done"},
        {{"rename", "1", "a", "b"}, "too many arguments: b"},
        {{"list", "old"}, "not a filter: old (there are all, active, done)"},
        {{"add", ""}, "the text is empty"},
        {{"add", " \t"}, "the text is empty"},
        {{"rename", "1", ""}, "the text is empty"},
        {{"add", "\xFF"}, "the text is not valid UTF-8"},
        {{"add", "cut \xC3"}, "the text is not valid UTF-8"},
        {{"add", "\xC0\xAF"}, "the text is not valid UTF-8"},
        {{"rename", "1", "\xED\xA0\x80"}, "the text is not valid UTF-8"},
        {{"done", ""}, "not an id:  (ids are 1, 2, ...)"},
        {{"done", "0"}, "not an id: 0 (ids are 1, 2, ...)"},
        {{"done", "+1"}, "not an id: +1 (ids are 1, 2, ...)"},
        {{"done", " 1"}, "not an id:  1 (ids are 1, 2, ...)"},
        {{"rm", "1x"}, "not an id: 1x (ids are 1, 2, ...)"},
        {{"rm", "9223372036854775808"}, "not an id: 9223372036854775808 (ids are 1, 2, ...)"},
        {{"move", "1", "0"}, "not a position: 0 (the first is 1)"},
        {{"move", "1", "top"}, "not a position: top (the first is 1)"},
    };
    char err[128];
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        snprintf(err, sizeof err, "todo: %s\n", rows[i].err);
        run_expect(2, "", err, rows[i].arguments, __FILE__, __LINE__);
    }
    assert_int_equal(folder_count(), 0);
}

/* ---- commands that fail ---- */

static void failed_commands_tell_why_and_change_nothing(void **state)
{
    static const struct {
        const char *arguments[4];
        const char *err;
    } rows[] = {
        {{"done", "4"}, "item 4 could not be completed: there is no such item"},
        {{"done", "9223372036854775807"},
         "item 9223372036854775807 could not be completed: there is no such item"},
        {{"rename", "4", "tea"}, "item 4 could not be renamed: there is no such item"},
        {{"rm", "4"}, "item 4 could not be deleted: there is no such item"},
        {{"move", "4", "1"}, "item 4 could not be moved: there is no such item"},
        {{"move", "1", "4"}, "item 1 could not be moved: position 4 is not in 1 to 3"},
        {{"move", "1", "9223372036854775807"},
         "item 1 could not be moved: position 9223372036854775807 is not in 1 to 3"},
    };
    char err[160];
    make_list();
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        bytes before = file_read("todo.db");
        snprintf(err, sizeof err, "todo: %s\n", rows[i].err);

        run_expect(1, "", err, rows[i].arguments, __FILE__, __LINE__);

        ASSERT_UNCHANGED("todo.db", before);
    }
    EXPECT(0, THE_LIST, "", "list");
}

static void output_that_cannot_be_written_is_a_failure(void **state)
{
    static const char *const commands[] = {"list", "--help", "demo"};
    make_list();
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        run r = run_begin("/dev/full", (const char *const[]){commands[i], NULL});
        run_end(&r);

        assert_int_equal(r.status, 1);
        assert_string_equal(r.err, "todo: the output could not be written\n");
        run_free(&r);
    }
}

static void started_without_output_it_does_its_work_and_fails(void **state)
{
    static const char *const commands[][3] = {{"add", "tea"}, {"list"}, {"--help"}, {"demo"}};
    make_list();
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        run r = run_begin_without(1u << STDOUT_FILENO, commands[i]);
        run_end(&r);

        assert_string_equal(r.err, "todo: the output could not be written\n");
        assert_int_equal(r.status, 1);
        run_free(&r);
    }
    EXPECT(0, THE_LIST "4 [ ] tea\n", "", "list");
}

static void started_without_any_descriptor_it_touches_nothing_else(void **state)
{
    const struct {
        unsigned closed;
        const char *arguments[3];
        int status;
        const char *out;
    } rows[] = {
        {1u << STDIN_FILENO, {"add", "tea"}, 0, "4\n"},
        {1u << STDERR_FILENO, {"add", "tea"}, 0, "5\n"},
        {1u << STDERR_FILENO, {"rm", "9"}, 1, ""},
        {1u << STDERR_FILENO, {"paint"}, 2, ""},
        {7u, {"done", "1"}, 0, ""},
        {7u, {"add", "tea"}, 1, ""},
    };
    make_list();
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        run r = run_begin_without(rows[i].closed, rows[i].arguments);
        run_end(&r);

        assert_int_equal(r.status, rows[i].status);
        assert_string_equal(r.out, rows[i].out);
        assert_string_equal(r.err, "");
        run_free(&r);
    }
    EXPECT(0, "1 [x] milk\n2 [x] eggs\n3 [ ] bread\n4 [ ] tea\n5 [ ] tea\n6 [ ] tea\n", "", "list");
}

/* The file system has no room from some step on. */
static void demo_that_cannot_be_told_fails(void **state)
{
    struct rlimit before, small;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    small = before;
    small.rlim_cur = 64 * 1024;
    setenv("TMPDIR", ".", 1);
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    run r = run_begin(NULL, (const char *const[]){"demo", NULL});
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    signal(SIGXFSZ, SIG_DFL);
    unsetenv("TMPDIR");

    run_end(&r);

    assert_non_null(strstr(r.out, "buy milk"));
    assert_null(strstr(r.out, "The state as a value"));
    assert_non_null(strstr(r.err, "todo: the story ends here: "));
    assert_int_equal(r.status, 1);
    assert_int_equal(folder_count(), 0);
    run_free(&r);
}

/* ---- several processes ---- */

enum { PROCESSES = 8 };

static void add_at_the_same_time(void)
{
    run runs[PROCESSES];
    for (int i = 0; i < PROCESSES; i++) {
        runs[i] = run_begin(NULL, (const char *const[]){"add", "tea", NULL});
    }
    for (int i = 0; i < PROCESSES; i++) {
        run_end(&runs[i]);
        assert_string_equal(runs[i].err, "");
        assert_int_equal(runs[i].status, 0);
        run_free(&runs[i]);
    }
}

static void items_added_at_the_same_time_are_all_there(void **state)
{
    make_list();

    add_at_the_same_time();

    EXPECT(0,
           THE_LIST "4 [ ] tea\n5 [ ] tea\n6 [ ] tea\n7 [ ] tea\n8 [ ] tea\n9 [ ] tea\n"
                    "10 [ ] tea\n11 [ ] tea\n",
           "", "list");
}

static void several_processes_make_one_new_file(void **state)
{
    add_at_the_same_time();

    EXPECT(0,
           "1 [ ] tea\n2 [ ] tea\n3 [ ] tea\n4 [ ] tea\n5 [ ] tea\n6 [ ] tea\n7 [ ] tea\n"
           "8 [ ] tea\n",
           "", "list");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        PROGRAM_TEST(add_prints_ids_that_rise),
        PROGRAM_TEST(list_of_a_new_file_is_empty),
        PROGRAM_TEST(list_prints_what_the_filter_lets_through),
        PROGRAM_TEST(done_marks_an_item),
        PROGRAM_TEST(rename_changes_the_text_alone),
        PROGRAM_TEST(move_gives_an_item_its_place),
        PROGRAM_TEST(rm_removes_an_item_and_closes_the_gap),
        PROGRAM_TEST(clear_removes_what_is_done_and_closes_the_gaps),
        PROGRAM_TEST(demo_tells_its_story_and_leaves_nothing),
        PROGRAM_TEST(help_names_every_command),
        PROGRAM_TEST(text_is_kept_byte_by_byte_in_every_locale),
        PROGRAM_TEST(text_may_begin_with_a_dash),
        PROGRAM_TEST(long_text_is_kept),
        PROGRAM_TEST(wrong_lines_are_refused_before_the_file_is_opened),
        PROGRAM_TEST(failed_commands_tell_why_and_change_nothing),
        PROGRAM_TEST(output_that_cannot_be_written_is_a_failure),
        PROGRAM_TEST(started_without_output_it_does_its_work_and_fails),
        PROGRAM_TEST(started_without_any_descriptor_it_touches_nothing_else),
        PROGRAM_TEST(demo_that_cannot_be_told_fails),
        PROGRAM_TEST(items_added_at_the_same_time_are_all_there),
        PROGRAM_TEST(several_processes_make_one_new_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
