/* The error path: who hears of an error, once, and what a failing callback leaves behind. */
#include "life.h"

static void an_error_without_handlers_of_class_and_call_goes_to_every_global_handler(atr_test *t)
{
    ATR_CAN_ERROR(t, load, ATR_DOMAIN_HTTP, 503, "down");
    atr_app_on_error(t->app, heard_failure, NULL, NULL);
    atr_app_on_error(t->app, heard_failure, NULL, NULL);

    ATR_TEST_EXECUTE(t, load, .id = 1);

    ATR_ASSERT_TRACE(t, "global load 503 in the answer, global load 503 in the answer");
}

static void an_error_with_on_error_does_not_reach_the_global_handlers(atr_test *t)
{
    ATR_CAN_ERROR(t, load, ATR_DOMAIN_HTTP, 503, "down");
    atr_app_on_error(t->app, heard_failure, NULL, NULL);

    ATR_TEST_CALL(t, load, (.id = 1), .on_error = load_failed, .on_success = load_succeeded);

    ATR_ASSERT_TRACE(t, "on_error 503");
}

static void safely_failed(atr_finish *f, const load_safely *self, const atr_error *error,
                          void *user)
{
    atr_test_trace(ATR_TEST_OF(f), "on_error sees %s",
                   ATR_STATE(f, books)->problem != NULL ? "the problem" : "nothing");
}

static void finish_with_error_runs_before_on_error_in_the_same_turn(atr_test *t)
{
    ATR_CAN_ERROR(t, load_safely, ATR_DOMAIN_HTTP, 503, "down");
    atr_app_on_error(t->app, heard_failure, NULL, NULL);

    ATR_TEST_CALL(t, load_safely, (.id = 1), .on_error = safely_failed);

    ATR_ASSERT_TRACE(t, "finish_with_error, on_error sees the problem");
    ATR_ASSERT_TEXT(t, "down", ATR_STATE(t, books)->problem->message);
}

static void t2_a_failing_finish_commits_nothing_and_takes_the_error_path(atr_test *t)
{
    ATR_CAN(t, save, make_note(t, 1, "refuse"));
    ATR_WATCH(t->store, books, told, NULL, NULL);

    ATR_TEST_CALL(t, save, (.id = 1, .text = ATR_STR(t->s, "x")), .on_success = save_succeeded,
                  .on_error = save_failed);

    ATR_ASSERT_TRACE(t, "finish, on_error 42");
    ATR_ASSERT_INT(t, 0, ATR_STATE(t, books)->saves);
    ATR_ASSERT_CALLS(t, tick, 0);
}

static void a_failing_finish_is_told_to_global_handlers_with_its_phase(atr_test *t)
{
    ATR_CAN(t, save, make_note(t, 1, "refuse"));
    atr_app_on_error(t->app, heard_failure, NULL, NULL);

    ATR_TEST_EXECUTE(t, save, .id = 1, .text = ATR_STR(t->s, "x"));

    ATR_ASSERT_TRACE(t, "finish, global save 42 in finish_with_response");
}

static void fails_too(atr_finish *f, const load *self, const atr_error *error, void *user)
{
    book next = *ATR_STATE(f, books);
    next.saves = 1000;
    ATR_UPDATE(f, books, next);
    atr_fail(f, 7, "also broken");
}

static void t2a_a_failing_on_error_is_undone_and_goes_to_the_global_handlers(atr_test *t)
{
    ATR_CAN_ERROR(t, load, ATR_DOMAIN_HTTP, 503, "down");
    atr_app_on_error(t->app, heard_failure, NULL, NULL);

    ATR_TEST_CALL(t, load, (.id = 1), .on_error = fails_too);

    ATR_ASSERT_TRACE(t, "global load 7 in on_error");
    ATR_ASSERT_INT(t, 0, ATR_STATE(t, books)->saves);
}

static void broken_handler(atr_finish *f, const atr_failure *failure, void *user)
{
    atr_fail(f, 6, "handler broken");
}

static void a_failing_global_handler_goes_to_the_violation_hook(atr_test *t)
{
    ATR_CAN_ERROR(t, load, ATR_DOMAIN_HTTP, 503, "down");
    atr_app_on_error(t->app, broken_handler, NULL, NULL);
    atr_app_on_error(t->app, heard_failure, NULL, NULL);
    atr_test_expect_violation(t, ATR_E_LATCHED); /* 6 is a number of the application's */

    ATR_TEST_EXECUTE(t, load, .id = 1);

    ATR_ASSERT_TRACE(t, "global load 503 in the answer");
}

static void store_problem(atr_finish *f, const atr_failure *failure, void *user)
{
    book next = *ATR_STATE(f, books);
    next.problem = failure->error;
    ATR_UPDATE(f, books, next);
}

static void t1_global_handlers_run_in_a_turn_of_their_own_and_may_update(atr_test *t)
{
    ATR_CAN_ERROR(t, load, ATR_DOMAIN_HTTP, 503, "down");
    atr_app_on_error(t->app, store_problem, NULL, NULL);

    ATR_TEST_EXECUTE(t, load, .id = 1);

    ATR_ASSERT_TEXT(t, "down", ATR_STATE(t, books)->problem->message);
}

static void an_error_nobody_takes_is_noted_as_unhandled(atr_test *t)
{
    ATR_CAN_ERROR(t, load, ATR_DOMAIN_HTTP, 503, "down");
    atr_test_expect_error(t, ATR_DOMAIN_HTTP, 503);

    ATR_TEST_EXECUTE(t, load, .id = 1);

    ATR_ASSERT_INT(t, 1, atr_test_notes(t, ATR_NOTE_UNHANDLED, &load_class));
}

static void failing_subscriber(atr_event *e, const book *was, const book *now, void *user)
{
    ATR_NEW(e->s, note, .id = 1);
}

static void a_failing_subscriber_is_told_to_the_global_handlers_and_disturbs_no_other(atr_test *t)
{
    ATR_CAN(t, save, make_note(t, 1, "milk"));
    atr_app_on_error(t->app, heard_failure, NULL, NULL);
    ATR_WATCH(t->store, books, failing_subscriber, NULL, NULL);
    ATR_WATCH(t->store, books, told, NULL, NULL);

    ATR_TEST_EXECUTE(t, save, .id = 1, .text = ATR_STR(t->s, "milk"));

    ATR_ASSERT_TRACE(t, "finish, told 1, global - -3 in a subscriber");
}

ATR_VIEW(broken, i64);
static int64_t break_it(atr_view *v)
{
    atr_refuse(v->s, ATR_E_LIMIT, "broken");
    return 0;
}
ATR_VIEW_IMPL(broken, i64, break_it);

static void told_of_broken(atr_event *e, int64_t was, int64_t now, void *user)
{
}

static void watch_broken_and_fail(atr_finish *f, const save *self, const note *response, void *user)
{
    ATR_EXECUTE(f, load, .id = 1);
    ATR_WATCH_VIEW(atr_store_of(f), broken, told_of_broken, NULL, NULL);
    ATR_EXECUTE(f, load, .id = 2);
    atr_fail(f, 9, "on purpose");
}

static void t2a_a_view_that_failed_is_told_when_the_callback_is_undone(atr_test *t)
{
    ATR_CAN(t, save, make_note(t, 1, "x"));
    atr_app_on_error(t->app, heard_failure, NULL, NULL);

    ATR_TEST_CALL(t, save, (.id = 1, .text = ATR_STR(t->s, "x")),
                  .on_success = watch_broken_and_fail);

    ATR_ASSERT_TRACE(t, "finish, global save 9 in on_success, global - -5 in a subscriber");
    ATR_ASSERT_CALLS(t, load, 0);
}

static void each_failure_is_reported_once(atr_test *t)
{
    ATR_CAN(t, save, make_note(t, 1, "refuse"));
    ATR_CAN_ERROR(t, load, ATR_DOMAIN_HTTP, 503, "down");
    ATR_CAN_ERROR(t, load_safely, ATR_DOMAIN_HTTP, 503, "down");
    atr_app_on_error(t->app, heard_failure, NULL, NULL);

    ATR_TEST_EXECUTE(t, save, .id = 1, .text = ATR_STR(t->s, "x"));
    ATR_ASSERT_TRACE(t, "finish, global save 42 in finish_with_response");
    ATR_TEST_CALL(t, load, (.id = 1), .on_error = load_failed);
    ATR_ASSERT_TRACE(t, "on_error 503");
    ATR_TEST_EXECUTE(t, load_safely, .id = 1);

    ATR_ASSERT_TRACE(t, "finish_with_error");
    ATR_ASSERT_INT(t, 3, atr_test_notes(t, ATR_NOTE_FAILED, NULL));
}

static void free_user_runs_once_after_an_error(atr_test *t)
{
    int freed = 0;
    ATR_CAN_ERROR(t, load, ATR_DOMAIN_HTTP, 503, "down");

    ATR_TEST_CALL(t, load, (.id = 1), .on_error = load_failed, .user = &freed,
                  .free_user = count_call);

    ATR_ASSERT_INT(t, 1, freed);
}

static void refuse_null(atr_start *ctx, const load *self, void *user)
{
    int code = load_answer(ctx, NULL);
    ATR_ASSERT_INT(ATR_TEST_OF(ctx), ATR_E_REFUSED, code);
}

static void a_required_response_that_is_null_is_refused(atr_test *t)
{
    ATR_CAN_FN(t, load, refuse_null, NULL);

    ATR_TEST_CALL(t, load, (.id = 1), .on_error = load_failed);

    ATR_ASSERT_TRACE(t, "on_error -3");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        atr_unit_test(an_error_without_handlers_of_class_and_call_goes_to_every_global_handler,
                      &life),
        atr_unit_test(an_error_with_on_error_does_not_reach_the_global_handlers, &life),
        atr_unit_test(finish_with_error_runs_before_on_error_in_the_same_turn, &life),
        atr_unit_test(t2_a_failing_finish_commits_nothing_and_takes_the_error_path, &life),
        atr_unit_test(a_failing_finish_is_told_to_global_handlers_with_its_phase, &life),
        atr_unit_test(t2a_a_failing_on_error_is_undone_and_goes_to_the_global_handlers, &life),
        atr_unit_test(a_failing_global_handler_goes_to_the_violation_hook, &life),
        atr_unit_test(t1_global_handlers_run_in_a_turn_of_their_own_and_may_update, &life),
        atr_unit_test(an_error_nobody_takes_is_noted_as_unhandled, &life),
        atr_unit_test(a_failing_subscriber_is_told_to_the_global_handlers_and_disturbs_no_other,
                      &life),
        atr_unit_test(t2a_a_view_that_failed_is_told_when_the_callback_is_undone, &life),
        atr_unit_test(each_failure_is_reported_once, &life),
        atr_unit_test(free_user_runs_once_after_an_error, &life),
        atr_unit_test(a_required_response_that_is_null_is_refused, &life),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
