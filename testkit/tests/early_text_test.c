/* A program that makes text before its first test. */
#include <string.h>

#include <atrium/memory.h>
#include <atrium/testkit_cmocka.h>

#include <cmocka.h>

static void random_order_of_maps_is_a_failure(void **state)
{
    const atr_test_failure *failures;
    size_t count;
    atr_test *t;
    atr_scope *s = atr_scope_open(NULL);
    atr_str_new(s, "hashed with a random seed");
    atr_scope_close(s);

    t = atr_test_open(NULL);

    failures = atr_test_failures(t, &count);
    assert_int_equal(count, 1);
    assert_non_null(strstr(failures[0].text, "call atr_memory_fix_seed(ATR_TEST_HASH_SEED)"));
    atr_test_end(t);
    atr_test_free(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_order_of_maps_is_a_failure),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
