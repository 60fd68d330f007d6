/* Each query gets one outcome: what answers twice, too late or not at all. */
#include "fixture.h"

static int open_app(void **state)
{
    fixture_open();
    return 0;
}

static int close_app(void **state)
{
    fixture_close();
    return 0;
}

static void mark_closed(void *user)
{
    fx.closed = true;
}

static void l1_a_second_answer_in_start_is_refused_and_reported(void **state)
{
    atr_event e = atr_event_open(fx.app);

    ATR_EXECUTE(&e, twice);
    atr_event_close(&e);
    fixture_settle();

    assert_int_equal(number_now(), 1);
    assert_int_equal(fx.violations, 1);
    assert_int_equal(fx.violation_code, ATR_E_ANSWERED);
}

static void l1_a_reply_handle_that_is_used_twice_is_refused_and_reported(void **state)
{
    hang_reply copy;
    atr_event e = atr_event_open(fx.app);
    ATR_EXECUTE(&e, hang, .number = 1);
    atr_event_close(&e);
    fixture_settle();
    copy = fx.reply;

    assert_int_equal(hang_reply_send(&fx.reply, 5), ATR_OK);
    assert_int_equal(hang_reply_send(&copy, 6), ATR_E_ANSWERED);
    fixture_settle();

    assert_int_equal(number_now(), 5);
    assert_int_equal(fx.violations, 1);
    assert_int_equal(fx.violation_code, ATR_E_ANSWERED);
}

static void l2_an_answer_after_cancel_is_dropped_and_counted(void **state)
{
    atr_handle handle;
    atr_event e = atr_event_open(fx.app);
    handle = ATR_EXECUTE(&e, hang, .number = 1);
    atr_event_close(&e);
    fixture_settle();

    e = atr_event_open(fx.app);
    assert_int_equal(atr_cancel(&e, handle), ATR_OK);
    atr_event_close(&e);
    fixture_settle();
    hang_reply_send(&fx.reply, 5);
    fixture_settle();

    assert_int_equal(number_now(), 0);
    assert_int_equal(fx.cancels, 1);
    assert_int_equal(fx.destroyed, 1);
    assert_int_equal(atr_app_stats_now(fx.app).late_answers, 1);
}

static void a_query_cancelled_before_its_start_never_starts(void **state)
{
    atr_handle handle;
    atr_event e = atr_event_open(fx.app);

    handle = ATR_EXECUTE(&e, hang, .number = 1);
    atr_cancel(&e, handle);
    atr_event_close(&e);
    fixture_settle();

    assert_string_equal(fx.order, "");
    assert_int_equal(fx.cancels, 0);
    assert_int_equal(atr_app_stats_now(fx.app).cancelled, 1);
}

static void close_on_error(atr_finish *f, const hang *self, const atr_error *error, void *user)
{
    assert_true(atr_error_is(error, ATR_DOMAIN_ATRIUM, ATR_E_TIMEOUT));
    fx.on_errors++;
    atr_app_close(atr_app_of(f), mark_closed, NULL);
}

static void a_timeout_takes_the_error_path(void **state)
{
    atr_event e = atr_event_open(fx.app);

    ATR_CALL(&e, hang, (.number = 1), .timeout_ms = 1, .on_error = close_on_error);
    atr_event_close(&e);
    assert_int_equal(atr_app_run(fx.app), ATR_OK);

    assert_int_equal(fx.on_errors, 1);
    assert_int_equal(fx.cancels, 1);
    assert_int_equal(hang_reply_send(&fx.reply, 5), ATR_E_CLOSED);
}

static void a_class_without_start_answers_no_start(void **state)
{
    atr_event e = atr_event_open(fx.app);

    ATR_EXECUTE(&e, no_start);
    atr_event_close(&e);
    fixture_settle();

    assert_int_equal(fx.failures, 1);
    assert_int_equal(fx.failure_code, ATR_E_NO_START);
}

static void s4_a_start_that_forgets_to_answer_answers_no_answer(void **state)
{
    atr_event e = atr_event_open(fx.app);

    ATR_EXECUTE(&e, forgetful);
    atr_event_close(&e);
    fixture_settle();

    assert_int_equal(fx.failure_code, ATR_E_NO_ANSWER);
}

static void s4_a_start_that_ends_latched_answers_with_that_error(void **state)
{
    atr_event e = atr_event_open(fx.app);

    ATR_EXECUTE(&e, latching);
    atr_event_close(&e);
    fixture_settle();

    assert_int_equal(fx.failures, 1);
    assert_int_equal(fx.failure_code, ATR_E_UTF8);
}

static void a_dropped_reply_answers_no_answer(void **state)
{
    atr_event e = atr_event_open(fx.app);
    ATR_EXECUTE(&e, hang, .number = 1);
    atr_event_close(&e);
    fixture_settle();

    hang_reply_drop(&fx.reply);
    fixture_settle();

    assert_int_equal(fx.failure_code, ATR_E_NO_ANSWER);
}

static void s4_a_reply_whose_scope_is_latched_sends_that_error(void **state)
{
    atr_event e = atr_event_open(fx.app);
    ATR_EXECUTE(&e, hang, .number = 1);
    atr_event_close(&e);
    fixture_settle();

    atr_str_new(hang_reply_scope(&fx.reply), "\xc0");
    hang_reply_send(&fx.reply, 3);
    fixture_settle();

    assert_int_equal(number_now(), 0);
    assert_int_equal(fx.failure_code, ATR_E_UTF8);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(l1_a_second_answer_in_start_is_refused_and_reported,
                                        open_app, close_app),
        cmocka_unit_test_setup_teardown(
            l1_a_reply_handle_that_is_used_twice_is_refused_and_reported, open_app, close_app),
        cmocka_unit_test_setup_teardown(l2_an_answer_after_cancel_is_dropped_and_counted, open_app,
                                        close_app),
        cmocka_unit_test_setup_teardown(a_query_cancelled_before_its_start_never_starts, open_app,
                                        close_app),
        cmocka_unit_test_setup_teardown(a_timeout_takes_the_error_path, open_app, close_app),
        cmocka_unit_test_setup_teardown(a_class_without_start_answers_no_start, open_app,
                                        close_app),
        cmocka_unit_test_setup_teardown(s4_a_start_that_forgets_to_answer_answers_no_answer,
                                        open_app, close_app),
        cmocka_unit_test_setup_teardown(s4_a_start_that_ends_latched_answers_with_that_error,
                                        open_app, close_app),
        cmocka_unit_test_setup_teardown(a_dropped_reply_answers_no_answer, open_app, close_app),
        cmocka_unit_test_setup_teardown(s4_a_reply_whose_scope_is_latched_sends_that_error,
                                        open_app, close_app),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
