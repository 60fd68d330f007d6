#include <atrium/version.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

static void text_is_the_version_of_the_project(void **state)
{
    assert_string_equal(ATR_VERSION, PROJECT_VERSION);
    assert_string_equal(atr_version(), PROJECT_VERSION);
}

static void numbers_agree_with_the_text(void **state)
{
    char text[32];

    snprintf(text, sizeof text, "%d.%d.%d", ATR_VERSION_MAJOR, ATR_VERSION_MINOR,
             ATR_VERSION_PATCH);

    assert_string_equal(text, ATR_VERSION);
}

static void number_orders_versions(void **state)
{
    assert_int_equal(ATR_VERSION_NUMBER / 1000000, ATR_VERSION_MAJOR);
    assert_int_equal(ATR_VERSION_NUMBER / 1000 % 1000, ATR_VERSION_MINOR);
    assert_int_equal(ATR_VERSION_NUMBER % 1000, ATR_VERSION_PATCH);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_is_the_version_of_the_project),
        cmocka_unit_test(numbers_agree_with_the_text),
        cmocka_unit_test(number_orders_versions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
