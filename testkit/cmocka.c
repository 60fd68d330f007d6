/* The kit under cmocka: failures become its failures. */
#include <stdio.h>

#include <atrium/testkit_cmocka.h>

#include <cmocka.h>

/* One text for all: cmocka shows what its own assertion carries, in each of its output formats.
 * What has no place of its own stands where the test is listed. */
static void fail_test(void *user, const atr_test_failure *failures, size_t count)
{
    static char all[16 * 1024]; /* the jump leaves nobody who could free it */
    const atr_cmocka_test *test = user;
    bool placed = failures[0].file != NULL;
    size_t size = 0;
    for (size_t i = 0; i < count && size < sizeof all - 1; i++) {
        const atr_test_failure *f = &failures[i];
        int added = i == 0 ? snprintf(all, sizeof all, "%s", f->text)
                           : snprintf(all + size, sizeof all - size, "\n%s:%d: %s",
                                      f->file != NULL ? f->file : test->file,
                                      f->file != NULL ? f->line : test->line, f->text);
        size += added > 0 ? (size_t)added : 0;
    }
    _assert_true(false, all, placed ? failures[0].file : test->file,
                 placed ? failures[0].line : test->line);
}

int atr_cmocka_setup(void **state)
{
    atr_cmocka_test *test = *state;
    atr_test_options options = {0};
    if (test->options != NULL) {
        options = *test->options;
    }
    options.fail = fail_test;
    options.fail_user = test;
    test->t = atr_test_open(&options);
    return test->t != NULL ? 0 : -1;
}

void atr_cmocka_run(void **state)
{
    atr_cmocka_test *test = *state;
    size_t count;
    const atr_test_failure *failures = atr_test_failures(test->t, &count);
    if (count > 0) {
        fail_test(test, failures, count);
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
