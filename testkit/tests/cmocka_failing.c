/* Not a test: a group whose tests fail in every way a state test can, run and read by
 * cmocka_test.c. */
#include <atrium/testkit_cmocka.h>

#include "todo.h"

#include <cmocka.h>

static void first_passes(atr_test *t)
{
    ATR_CAN(t, add_todo, &todo_milk);
    ATR_TEST_EXECUTE(t, add_todo, .title = ATR_STR(t->s, "milk"));
    ATR_ASSERT_VIEW(t, item_count, 1);
}

static void assertion_in_the_body(atr_test *t)
{
    ATR_ASSERT_VIEW(t, item_count, 7);
    ATR_FAIL(t, "the body went on");
}

static void missing_response(atr_test *t)
{
    ATR_TEST_EXECUTE(t, remove_todo, .id = 3);
    ATR_FAIL(t, "the body went on");
}

static void unused_response(atr_test *t)
{
    ATR_CAN(t, add_todo, &todo_milk);
}

static void fail_twice(atr_finish *f, const add_todo *self, const todo_item *response, void *user)
{
    ATR_ASSERT_INT(ATR_TEST_OF(f), 2, response->id);
    ATR_FAIL(ATR_TEST_OF(f), "once more");
}

static void assertions_in_a_callback(atr_test *t)
{
    ATR_CAN(t, add_todo, &todo_milk);
    ATR_TEST_CALL(t, add_todo, (.title = ATR_STR(t->s, "milk")), .on_success = fail_twice);
    ATR_FAIL(t, "the body went on");
}

static void assert_directly(atr_finish *f, const add_todo *self, const todo_item *response,
                            void *user)
{
    assert_int_equal(response->id, 2);
}

static void assertion_of_cmocka_in_a_callback(atr_test *t)
{
    ATR_CAN(t, add_todo, &todo_milk);
    ATR_TEST_CALL(t, add_todo, (.title = ATR_STR(t->s, "milk")), .on_success = assert_directly);
}

static void passes_after_the_jump(atr_test *t)
{
    first_passes(t);
}

static void assertion_of_cmocka_in_the_body(atr_test *t)
{
    ATR_CAN_NONE(t, add_todo);
    ATR_TEST_EXECUTE(t, add_todo, .title = ATR_STR(t->s, "milk"));
    assert_true(todo_item_map_count(ATR_STATE(t, todos)->items) == 1);
}

static void last_passes(atr_test *t)
{
    first_passes(t);
}

static void wrong_component(atr_test *t)
{
    ATR_FAIL(t, "the body was entered");
}

int main(void)
{
    static const atr_root *const twice[] = {&todos_root, &todos_root, NULL};
    static const atr_component broken = {.name = "broken", .roots = twice};
    const atr_test_options todo = {.components = ATR_COMPONENTS(&todos_component)};
    const atr_test_options wrong = {.components = ATR_COMPONENTS(&broken)};
    const struct CMUnitTest tests[] = {
        atr_unit_test(first_passes, &todo),
        atr_unit_test(assertion_in_the_body, &todo),
        atr_unit_test(missing_response, &todo),
        atr_unit_test(unused_response, &todo),
        atr_unit_test(assertions_in_a_callback, &todo),
        atr_unit_test(assertion_of_cmocka_in_a_callback, &todo),
        atr_unit_test(passes_after_the_jump, &todo),
        atr_unit_test(assertion_of_cmocka_in_the_body, &todo),
        atr_unit_test(last_passes, &todo),
        atr_unit_test(wrong_component, &wrong),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
