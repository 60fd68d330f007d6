/* What a test did not say it expects fails it, with a text that tells what to do. */
#include <atrium/memory.h>

#include "inner.h"

static void missing_response_names_the_query_and_what_is_canned(void **state)
{
    told to;
    atr_test *t = inner_open(&to);
    ATR_CAN(t, remove_todo, ATR_UNIT);
    ATR_CAN_NONE(t, save_todos);
    atr_test_allow(t, ATR_ALLOW_UNUSED);

    ATR_TEST_EXECUTE(t, add_todo, .title = ATR_STR(t->s, "milk"));

    assert_string_equal(to.text, "no canned response for add_todo{title: \"milk\"}\n"
                                 "  canned: remove_todo, save_todos\n");
    assert_int_equal(inner_close(t), 1);
}

static void missing_response_is_reported_at_the_step(void **state)
{
    told to;
    atr_test *t = inner_open(&to);
    const atr_test_failure *failures;
    size_t count;

    int line = __LINE__ + 1;
    ATR_TEST_EXECUTE(t, add_todo, .title = ATR_STR(t->s, "milk"));

    failures = atr_test_failures(t, &count);
    assert_int_equal(count, 1);
    assert_int_equal(failures[0].line, line);
    assert_string_equal(failures[0].file, __FILE__);
    assert_string_equal(failures[0].text, "no canned response for add_todo{title: \"milk\"}\n"
                                          "  canned: nothing");
    inner_close(t);
}

static void missing_response_may_be_allowed(void **state)
{
    told to;
    atr_test *t = inner_open(&to);
    atr_test_allow(t, ATR_ALLOW_MISSING);

    ATR_TEST_EXECUTE(t, add_todo, .title = ATR_STR(t->s, "milk"));

    assert_int_equal(inner_close(t), 0);
}

static void unhandled_error_fails_the_step(void **state)
{
    told to;
    atr_test *t = inner_open(&to);
    ATR_CAN_ERROR(t, add_todo, ATR_DOMAIN_APP, 3, "full");

    ATR_TEST_EXECUTE(t, add_todo, .title = ATR_STR(t->s, "milk"));

    assert_string_equal(
        to.text,
        "nobody handled an error of add_todo{title: \"milk\"}, in the answer: app 3: full\n");
    assert_int_equal(inner_close(t), 1);
}

static void expected_error_is_no_failure(void **state)
{
    told to;
    atr_test *t = inner_open(&to);
    ATR_CAN_ERROR(t, add_todo, ATR_DOMAIN_APP, 3, "full");
    atr_test_expect_error(t, ATR_DOMAIN_APP, 3);

    ATR_TEST_EXECUTE(t, add_todo, .title = ATR_STR(t->s, "milk"));

    assert_int_equal(inner_close(t), 0);
}

static void one_expectation_is_for_one_error(void **state)
{
    told to;
    atr_test *t = inner_open(&to);
    ATR_CAN_ERROR(t, add_todo, ATR_DOMAIN_APP, 3, "full");
    atr_test_expect_error(t, ATR_DOMAIN_APP, 3);

    ATR_TEST_EXECUTE(t, add_todo, .title = ATR_STR(t->s, "milk"));
    ATR_TEST_EXECUTE(t, add_todo, .title = ATR_STR(t->s, "eggs"));

    assert_string_equal(
        to.text,
        "nobody handled an error of add_todo{title: \"eggs\"}, in the answer: app 3: full\n");
    inner_close(t);
}

static void expected_error_that_does_not_come_fails_the_end(void **state)
{
    told to;
    atr_test *t = inner_open(&to);
    atr_test_expect_error(t, ATR_DOMAIN_HTTP, 503);
    atr_test_expect_error(t, ATR_DOMAIN_ATRIUM, ATR_E_TIMEOUT);
    atr_test_expect_violation(t, ATR_E_ANSWERED);

    assert_int_equal(inner_close(t), 3);

    assert_string_equal(to.text, "an expected error did not come: http 503\n"
                                 "an expected error did not come: ATR_E_TIMEOUT\n"
                                 "an expected violation did not come: ATR_E_ANSWERED\n");
}

static void answer_twice(atr_start *ctx, const remove_todo *self, void *user)
{
    remove_todo_answer(ctx, ATR_UNIT);
    remove_todo_answer(ctx, ATR_UNIT);
}

static void violation_fails_the_step(void **state)
{
    told to;
    atr_test *t = inner_open(&to);
    ATR_CAN_FN(t, remove_todo, answer_twice, NULL);

    ATR_TEST_EXECUTE(t, remove_todo, .id = 1);

    assert_string_equal(to.text, "a rule was broken: ATR_E_ANSWERED: remove_todo was answered a "
                                 "second time\n");
    assert_int_equal(inner_close(t), 1);
}

static void expected_violation_is_no_failure(void **state)
{
    told to;
    atr_test *t = inner_open(&to);
    ATR_CAN_FN(t, remove_todo, answer_twice, NULL);
    atr_test_expect_violation(t, ATR_E_ANSWERED);

    ATR_TEST_EXECUTE(t, remove_todo, .id = 1);

    assert_int_equal(inner_close(t), 0);
}

static void unused_response_fails_the_end_at_its_definition(void **state)
{
    told to;
    atr_test *t = inner_open(&to);
    const atr_test_failure *failures;
    size_t count;
    int line = __LINE__ + 1;
    ATR_CAN(t, add_todo, &todo_milk);

    assert_int_equal(atr_test_end(t), 1);

    failures = atr_test_failures(t, &count);
    assert_string_equal(failures[0].text, "the canned response of add_todo was never asked for");
    assert_int_equal(failures[0].line, line);
    atr_test_free(t);
}

static void overridden_response_need_not_be_used(void **state)
{
    told to;
    atr_test *t = inner_open(&to);
    ATR_CAN(t, add_todo, &todo_milk);
    ATR_CAN(t, add_todo, &todo_eggs);

    ATR_TEST_EXECUTE(t, add_todo, .title = ATR_STR(t->s, "eggs"));

    assert_int_equal(inner_close(t), 0);
}

static void response_that_is_put_in_again_must_be_used_again(void **state)
{
    told to;
    atr_test *t = inner_open(&to);
    ATR_CAN(t, add_todo, &todo_milk);
    ATR_TEST_EXECUTE(t, add_todo, .title = ATR_STR(t->s, "milk"));
    ATR_CAN(t, add_todo, &todo_eggs);

    assert_int_equal(inner_close(t), 1);

    assert_string_equal(to.text, "the canned response of add_todo was never asked for\n");
}

static void unused_responses_may_be_allowed(void **state)
{
    told to;
    atr_test *t = inner_open(&to);
    ATR_CAN(t, add_todo, &todo_milk);
    atr_test_allow(t, ATR_ALLOW_UNUSED);

    assert_int_equal(inner_close(t), 0);
}

static void keep_reply(atr_start *ctx, const remove_todo *self, void *user)
{
    *(remove_todo_reply *)user = remove_todo_reply_later(ctx);
}

static void query_without_an_outcome_fails_the_end(void **state)
{
    told to;
    remove_todo_reply reply;
    atr_test *t = inner_open(&to);
    ATR_CAN_FN(t, remove_todo, keep_reply, &reply);
    atr_test_allow(t, ATR_ALLOW_LEAKS); /* the reply handle goes back after the end */
    ATR_TEST_EXECUTE(t, remove_todo, .id = 4);

    assert_int_equal(atr_test_end(t), 1);

    assert_string_equal(to.text, "there is no outcome of remove_todo{id: 4}\n");
    remove_todo_reply_drop(&reply);
    atr_test_free(t);
}

static void query_that_was_never_drained_fails_the_end(void **state)
{
    told to;
    atr_test *t = inner_open(&to);
    ATR_EXECUTE(t, remove_todo, .id = 4);

    assert_int_equal(inner_close(t), 1);

    assert_string_equal(to.text, "there is no outcome of remove_todo{id: 4}\n");
}

static void canned_none_may_stay_pending(void **state)
{
    told to;
    atr_test *t = inner_open(&to);
    ATR_CAN_NONE(t, add_todo);
    ATR_TEST_EXECUTE(t, add_todo, .title = ATR_STR(t->s, "milk"));

    assert_int_equal(inner_close(t), 0);
}

static void refused_execute_fails_the_step(void **state)
{
    told to;
    atr_test *t = inner_open(&to);

    ATR_TEST_EXECUTE(t, add_todo, .title = NULL);

    assert_string_equal(to.text, "add_todo was refused: ATR_E_REFUSED: add_todo.title is required, "
                                 "but NULL\n");
    inner_close(t);
}

static void error_in_the_scope_of_the_test_fails_the_next_step(void **state)
{
    told to;
    atr_test *t = inner_open(&to);
    ATR_CAN(t, add_todo, &todo_milk);
    ATR_NEW(t->s, todo_item, .id = 1);

    ATR_TEST_EXECUTE(t, add_todo, .title = ATR_STR(t->s, "milk"));

    assert_string_equal(to.text, "the test's scope holds an error: ATR_E_REFUSED: todo_item.title "
                                 "is required, but NULL\n");
    ATR_ASSERT_VIEW(t, item_count, 1);
    inner_close(t);
}

static void response_that_was_never_published_is_refused_at_its_definition(void **state)
{
    static const todo_item literal = {.id = 1};
    told to;
    atr_test *t = inner_open(&to);

    ATR_CAN(t, add_todo, &literal);

    assert_non_null(strstr(to.text, "the canned response of add_todo cannot be used"));
    assert_non_null(strstr(to.text, "was never published"));
    atr_test_allow(t, ATR_ALLOW_UNUSED);
    inner_close(t);
}

static void steps_after_the_close_are_failures_and_no_crash(void **state)
{
    told to;
    atr_test *t = inner_open(&to);
    assert_true(atr_test_close(t));
    ATR_CAN(t, remove_todo, ATR_UNIT);
    atr_test_allow(t, ATR_ALLOW_UNUSED);

    ATR_TEST_EXECUTE(t, remove_todo, .id = 1);
    atr_test_start(t);
    atr_test_advance(t, 1000);
    assert_int_equal(ATR_TEST_CANCEL(t, ((atr_handle){1, 1})), ATR_E_STALE);
    assert_ptr_equal(ATR_STATE(t, todos), &todo_state_default);
    assert_true(ATR_ASSERT_VIEW(t, item_count, 0));
    assert_true(atr_test_close(t));

    assert_string_equal(to.text, "remove_todo was refused: the app is closed\n"
                                 "the app did not start: ATR_E_CLOSED\n");
    assert_int_equal(inner_close(t), 2);
}

static void pending_query_is_answered_once(void **state)
{
    told to;
    atr_test *t = inner_open(&to);
    atr_handle handle;
    ATR_CAN_NONE(t, add_todo);
    handle = ATR_TEST_EXECUTE(t, add_todo, .title = ATR_STR(t->s, "milk"));

    assert_int_equal(ATR_TEST_ANSWER(t, remove_todo, handle, ATR_UNIT), ATR_E_STALE);
    assert_int_equal(ATR_TEST_ANSWER(t, add_todo, handle, &todo_milk), 0);
    assert_int_equal(ATR_TEST_ANSWER(t, add_todo, handle, &todo_milk), ATR_E_STALE);
    assert_int_equal(ATR_TEST_ANSWER(t, add_todo, ((atr_handle){7, 7}), &todo_milk), ATR_E_STALE);

    assert_string_equal(
        to.text, "remove_todo cannot be answered by this handle: it belongs to a query add_todo\n"
                 "add_todo cannot be answered by this handle: it was answered "
                 "before\n"
                 "add_todo cannot be answered by this handle: it was not left "
                 "pending by ATR_CAN_NONE\n");
    inner_close(t);
}

static void kept_value_that_is_not_dropped_fails_the_end(void **state)
{
    told to;
    atr_test *t = inner_open(&to);
    const atr_str *text = atr_str_new(t->s, "kept");
    atr_keep(t->store, text);

    assert_true(inner_close(t) > 0);

    assert_non_null(strstr(to.text, "1 kept values were not dropped"));
}

static void memory_that_is_not_given_back_fails_the_end(void **state)
{
    told to;
    atr_test *t = inner_open(&to);
    void *lost = atr_memory_take(40);

    assert_int_equal(inner_close(t), 1);

    assert_string_equal(
        to.text, "memory was not given back: 1 more block (40 bytes) than before the test\n");
    atr_memory_give(lost, 40);
}

static void memory_of_a_test_that_is_open_is_no_leak_of_another(void **state)
{
    told to, to_other;
    atr_test *t = inner_open(&to), *other = inner_open(&to_other);

    assert_int_equal(inner_close(t), 0); /* which was opened first */
    assert_int_equal(inner_close(other), 0);
}

static void leak_of_a_test_is_found_by_the_one_that_is_open(void **state)
{
    told to, to_other;
    atr_test *t = inner_open(&to), *other = inner_open(&to_other);
    void *block = atr_memory_take(3);

    assert_int_equal(inner_close(t), 0);
    assert_int_equal(inner_close(other), 1);

    assert_string_equal(to_other.text,
                        "memory was not given back: 1 more block (3 bytes) than before the test\n");
    atr_memory_give(block, 3);
}

static void leaks_that_a_test_allows_fail_none_that_is_open(void **state)
{
    told to, to_other;
    atr_test *t = inner_open(&to), *other = inner_open(&to_other);
    void *block = atr_memory_take(3);
    atr_test_allow(t, ATR_ALLOW_LEAKS);

    assert_int_equal(inner_close(t), 0);
    assert_int_equal(inner_close(other), 0);
    atr_memory_give(block, 3);
}

static void answer_after_the_close_says_so(void **state)
{
    told to;
    atr_test *t = inner_open(&to);
    atr_handle add;
    ATR_CAN_NONE(t, add_todo);
    add = ATR_TEST_EXECUTE(t, add_todo, .title = ATR_STR(t->s, "milk"));
    assert_true(atr_test_close(t));

    assert_int_equal(ATR_TEST_ANSWER(t, add_todo, add, &todo_milk), ATR_E_STALE);

    assert_string_equal(to.text, "add_todo cannot be answered by this handle: the app is closed\n");
    inner_close(t);
}

static void wrong_component_is_told_by_the_first_step(void **state)
{
    static const atr_root *const twice[] = {&todos_root, &todos_root, NULL};
    static const atr_component wrong = {.name = "wrong", .roots = twice};
    told to;
    const atr_test_options options = {
        .components = ATR_COMPONENTS(&wrong), .fail = tell, .fail_user = &to};
    atr_test *t;
    memset(&to, 0, sizeof to);
    t = atr_test_open(&options);

    atr_test_drain(t);

    assert_non_null(strstr(to.text, "a component was refused: ATR_E_DEFINITION: component wrong"));
    inner_close(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(missing_response_names_the_query_and_what_is_canned),
        cmocka_unit_test(missing_response_is_reported_at_the_step),
        cmocka_unit_test(missing_response_may_be_allowed),
        cmocka_unit_test(unhandled_error_fails_the_step),
        cmocka_unit_test(expected_error_is_no_failure),
        cmocka_unit_test(one_expectation_is_for_one_error),
        cmocka_unit_test(expected_error_that_does_not_come_fails_the_end),
        cmocka_unit_test(violation_fails_the_step),
        cmocka_unit_test(expected_violation_is_no_failure),
        cmocka_unit_test(unused_response_fails_the_end_at_its_definition),
        cmocka_unit_test(overridden_response_need_not_be_used),
        cmocka_unit_test(response_that_is_put_in_again_must_be_used_again),
        cmocka_unit_test(unused_responses_may_be_allowed),
        cmocka_unit_test(query_without_an_outcome_fails_the_end),
        cmocka_unit_test(query_that_was_never_drained_fails_the_end),
        cmocka_unit_test(canned_none_may_stay_pending),
        cmocka_unit_test(refused_execute_fails_the_step),
        cmocka_unit_test(error_in_the_scope_of_the_test_fails_the_next_step),
        cmocka_unit_test(response_that_was_never_published_is_refused_at_its_definition),
        cmocka_unit_test(steps_after_the_close_are_failures_and_no_crash),
        cmocka_unit_test(pending_query_is_answered_once),
        cmocka_unit_test(memory_of_a_test_that_is_open_is_no_leak_of_another),
        cmocka_unit_test(leak_of_a_test_is_found_by_the_one_that_is_open),
        cmocka_unit_test(leaks_that_a_test_allows_fail_none_that_is_open),
        cmocka_unit_test(answer_after_the_close_says_so),
        cmocka_unit_test(kept_value_that_is_not_dropped_fails_the_end),
        cmocka_unit_test(memory_that_is_not_given_back_fails_the_end),
        cmocka_unit_test(wrong_component_is_told_by_the_first_step),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
