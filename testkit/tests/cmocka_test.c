/* What a group of state tests prints under cmocka: cmocka_failing.c is run and its output read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char *program;
static char output[16 * 1024];

static int run(void **state)
{
    FILE *pipe;
    size_t size;
    setenv("CMOCKA_MESSAGE_OUTPUT", "TAP", 1);
    pipe = popen(program, "r");
    assert_non_null(pipe);
    size = fread(output, 1, sizeof output - 1, pipe);
    output[size] = '\0';
    return pclose(pipe) == 0 ? -1 : 0; /* it must fail */
}

/* The lines of one test: from its name to the next one's. */
static const char *lines_of(const char *name)
{
    static char lines[4096];
    const char *begin = strstr(output, name), *end = begin;
    assert_non_null(begin);
    do {
        end = strchr(end, '\n');
        end = end != NULL ? end + 1 : begin + strlen(begin);
    } while (*end == '#');
    snprintf(lines, sizeof lines, "%.*s", (int)(end - begin), begin);
    return lines;
}

static void assert_lines(const char *name, const char *const *lines)
{
    const char *all = lines_of(name);
    for (; *lines != NULL; lines++) {
        if (strstr(all, *lines) == NULL) {
            fail_msg("not found: %s\nin: %s", *lines, all);
        }
    }
}

static void tests_after_failing_ones_pass(void **state)
{
    assert_non_null(strstr(output, "\nok 1 - first_passes\n"));
    assert_non_null(strstr(output, "\nok 7 - passes_after_the_jump\n"));
    assert_non_null(strstr(output, "\nok 9 - last_passes\n"));
}

static void failing_assertion_ends_the_body(void **state)
{
    const char *const lines[] = {"# view item_count is 0, expected 7\n", "error: Failure!\n", NULL};

    assert_lines("not ok 2 - assertion_in_the_body", lines);
    assert_null(strstr(output, "the body went on"));
}

static void missing_response_is_a_failure_at_its_step(void **state)
{
    const char *const lines[] = {"# no canned response for remove_todo{id: 3}\n",
                                 "#   canned: nothing\n", "error: Failure!\n", NULL};

    assert_lines("not ok 3 - missing_response", lines);
}

static void strictness_at_the_end_is_a_failure_of_the_test(void **state)
{
    const char *const lines[] = {"# the canned response of add_todo was never asked for\n",
                                 "error: Failure!\n", NULL};

    assert_lines("not ok 4 - unused_response", lines);
}

static void all_failures_of_a_step_are_shown(void **state)
{
    const char *const lines[] = {"# response->id is 1, expected 2\n", ": once more\n",
                                 "error: Failure!\n", NULL};

    assert_lines("not ok 5 - assertions_in_a_callback", lines);
}

static void assertion_of_cmocka_shows_as_it_is(void **state)
{
    const char *const in_callback[] = {"# 0x1 != 0x2\n", "error: Failure!\n", NULL};
    const char *const in_body[] = {"# todo_item_map_count(ATR_STATE(t, todos)->items) == 1\n",
                                   "error: Failure!\n", NULL};

    assert_lines("not ok 6 - assertion_of_cmocka_in_a_callback", in_callback);
    assert_lines("not ok 8 - assertion_of_cmocka_in_the_body", in_body);
}

static void wrong_component_is_a_failure_where_the_test_is_listed(void **state)
{
    const char *const lines[] = {"# a component was refused: ATR_E_DEFINITION: component broken",
                                 "error: Failure!\n", NULL};

    assert_lines("not ok 10 - wrong_component", lines);
    assert_null(strstr(output, "the body was entered"));
}

/* @param argv[1] the program that is run */
int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tests_after_failing_ones_pass),
        cmocka_unit_test(failing_assertion_ends_the_body),
        cmocka_unit_test(missing_response_is_a_failure_at_its_step),
        cmocka_unit_test(strictness_at_the_end_is_a_failure_of_the_test),
        cmocka_unit_test(all_failures_of_a_step_are_shown),
        cmocka_unit_test(assertion_of_cmocka_shows_as_it_is),
        cmocka_unit_test(wrong_component_is_a_failure_where_the_test_is_listed),
    };
    program = argc > 1 ? argv[1] : "./cmocka_failing";
    return cmocka_run_group_tests(tests, run, NULL);
}
