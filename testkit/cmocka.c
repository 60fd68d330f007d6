/* The kit under cmocka: failures become its failures. */
#include <stdio.h>

#include <atrium/testkit_cmocka.h>

#include <cmocka.h>

static const char *file_of(const atr_test_failure *failure)
{
    return failure->file != NULL ? failure->file : "?";
}

/* One text for all: cmocka shows what its own assertion carries, in each of its output formats. */
static void fail_test(void *user, const atr_test_failure *failures, size_t count)
{
    static char all[16 * 1024]; /* the jump leaves nobody who could free it */
    size_t size = 0;
    (void)user;
    for (size_t i = 0; i < count && size < sizeof all - 1; i++) {
        int added = i == 0 ? snprintf(all, sizeof all, "%s", failures[0].text)
                           : snprintf(all + size, sizeof all - size, "\n%s:%d: %s",
                                      file_of(&failures[i]), failures[i].line, failures[i].text);
        size += added > 0 ? (size_t)added : 0;
    }
    _assert_true(false, all, file_of(&failures[0]), failures[0].line);
}

int atr_cmocka_setup(void **state)
{
    atr_cmocka_test *test = *state;
    atr_test_options options = {0};
    if (test->options != NULL) {
        options = *test->options;
    }
    options.fail = fail_test;
    options.fail_user = NULL;
    test->t = atr_test_open(&options);
    return test->t != NULL ? 0 : -1;
}

void atr_cmocka_run(void **state)
{
    atr_cmocka_test *test = *state;
    size_t count;
    const atr_test_failure *failures = atr_test_failures(test->t, &count);
    if (count > 0) {
        fail_test(NULL, failures, count);
    }
    test->fn(test->t);
    atr_test_end(test->t);
}

int atr_cmocka_teardown(void **state)
{
    atr_cmocka_test *test = *state;
    atr_test_free(test->t);
    test->t = NULL;
    return 0;
}
