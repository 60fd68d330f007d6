/* Wrong types do not compile: types.c is compiled with one wrong line after the other. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

enum { WRONG_LINES = 15 };

static char compiler[4096];

static int compile(int wrong)
{
    char command[sizeof compiler + 64];
    snprintf(command, sizeof command, "%s -DWRONG=%d >/dev/null 2>&1", compiler, wrong);
    return system(command);
}

static void right_types_compile(void **state)
{
    assert_int_equal(compile(0), 0);
}

static void wrong_types_do_not_compile(void **state)
{
    for (int wrong = 1; wrong <= WRONG_LINES; wrong++) {
        if (compile(wrong) == 0) {
            fail_msg("WRONG == %d compiles", wrong);
        }
    }
}

/* @param argv the command that compiles types.c */
int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(right_types_compile),
        cmocka_unit_test(wrong_types_do_not_compile),
    };
    size_t size = 0;
    for (int i = 1; i < argc && size < sizeof compiler; i++) {
        size += (size_t)snprintf(compiler + size, sizeof compiler - size, "'%s' ", argv[i]);
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
