/* How a query ends other than by an answer: cancel, timeout, close; and answers that come too late. */
#include "life.h"

static atr_handle hang_load(atr_test *t, uint32_t timeout_ms, int *freed)
{
    ATR_CAN_NONE(t, load);
    return ATR_TEST_CALL(t, load, (.id = 1), .on_success = load_succeeded, .on_error = load_failed,
                         .on_cancel = load_cancelled, .timeout_ms = timeout_ms, .user = freed,
                         .free_user = freed != NULL ? count_call : NULL);
}

static atr_handle hang_save(atr_test *t, uint32_t timeout_ms)
{
    ATR_CAN_NONE(t, save);
    return ATR_TEST_CALL(t, save, (.id = 1, .text = ATR_STR(t->s, "milk")),
                         .on_success = save_succeeded, .on_error = save_failed,
                         .on_cancel = save_cancelled, .timeout_ms = timeout_ms,
                         .pre_execute = {true, make_note(t, 1, "milk")});
}

static void l1_a_cancelled_query_hears_on_cancel_and_nothing_else(atr_test *t)
{
    int freed = 0;
    atr_handle handle = hang_load(t, 0, &freed);

    ATR_ASSERT_INT(t, ATR_OK, ATR_TEST_CANCEL(t, handle));

    ATR_ASSERT_TRACE(t, "on_cancel");
    ATR_ASSERT_INT(t, 1, freed);
    ATR_ASSERT_INT(t, ATR_E_STALE, ATR_TEST_CANCEL(t, handle));
}

static void a_cancel_without_on_cancel_is_silent(atr_test *t)
{
    atr_handle handle;
    ATR_CAN_NONE(t, load);
    atr_app_on_error(t->app, heard_failure, NULL, NULL);
    handle = ATR_TEST_EXECUTE(t, load, .id = 1);

    ATR_TEST_CANCEL(t, handle);

    ATR_ASSERT_TRACE(t, "");
    ATR_ASSERT_INT(t, 1, atr_app_stats_now(t->app).cancelled);
}

static void l2_an_answer_after_cancel_is_dropped_and_counted(atr_test *t)
{
    atr_handle handle = hang_load(t, 0, NULL);
    ATR_TEST_CANCEL(t, handle);

    ATR_TEST_ANSWER(t, load, handle, make_note(t, 1, "milk"));

    ATR_ASSERT_TRACE(t, "on_cancel");
    ATR_ASSERT_STATE(t, books, &book_default);
    ATR_ASSERT_INT(t, 1, atr_app_stats_now(t->app).late_answers);
}

static void l1_a_timeout_is_an_error_and_nothing_else(atr_test *t)
{
    int freed = 0;
    hang_load(t, 500, &freed);

    atr_test_advance(t, 499);
    ATR_ASSERT_TRACE(t, "");
    atr_test_advance(t, 1);

    ATR_ASSERT_TRACE(t, "on_error -15");
    ATR_ASSERT_INT(t, 1, freed);
}

static void l2_an_answer_after_a_timeout_is_dropped_and_counted(atr_test *t)
{
    atr_handle handle = hang_load(t, 500, NULL);
    atr_test_advance(t, 500);

    ATR_TEST_ANSWER(t, load, handle, make_note(t, 1, "milk"));

    ATR_ASSERT_STATE(t, books, &book_default);
    ATR_ASSERT_INT(t, 1, atr_app_stats_now(t->app).late_answers);
}

static void an_answer_in_time_stops_the_timeout(atr_test *t)
{
    atr_handle handle = hang_load(t, 500, NULL);

    ATR_TEST_ANSWER(t, load, handle, make_note(t, 1, "milk"));
    atr_test_advance(t, 10000);

    ATR_ASSERT_TRACE(t, "finish, on_success");
}

/* The query with number i is due after this many milliseconds. */
static uint32_t due_of(int64_t i)
{
    return (uint32_t)(1 + (i * 37) % 100);
}

static void check_order(atr_finish *f, const atr_failure *failure, void *user)
{
    uint32_t *last = user;
    uint32_t due = due_of(((const load *)failure->query)->id);
    ATR_ASSERT(ATR_TEST_OF(f), due >= *last);
    *last = due;
}

static void timeouts_fire_in_order_of_their_due_time(atr_test *t)
{
    uint32_t last = 0;
    ATR_CAN_NONE(t, load);
    atr_app_on_error(t->app, check_order, &last, NULL);
    for (int i = 0; i < 100; i++) {
        ATR_TEST_CALL(t, load, (.id = i), .timeout_ms = due_of(i));
    }

    atr_test_advance(t, 50);
    ATR_ASSERT_INT(t, 50, atr_app_stats_now(t->app).failed);
    atr_test_advance(t, 50);

    ATR_ASSERT_INT(t, 100, atr_app_stats_now(t->app).failed);
    ATR_ASSERT_INT(t, 100, last);
}

static void l5_cancel_of_a_begun_write_waits_for_its_commit(atr_test *t)
{
    atr_handle handle = hang_save(t, 0);

    ATR_TEST_CANCEL(t, handle);
    ATR_ASSERT_TRACE(t, "");
    ATR_ASSERT(t, strcmp(text_of(t, 1), "milk") == 0); /* the layer stays too */
    ATR_TEST_ANSWER(t, save, handle, make_note(t, 1, "milk"));

    ATR_ASSERT_TRACE(t, "finish, on_success");
    ATR_ASSERT_INT(t, 1, ((const book *)atr_test_confirmed(t, &books_root))->saves);
}

static void l5_a_cancelled_write_that_was_rolled_back_is_cancelled(atr_test *t)
{
    atr_handle handle = hang_save(t, 0);

    ATR_TEST_CANCEL(t, handle);
    ATR_TEST_ANSWER_ERROR(t, save, handle, ATR_DOMAIN_ATRIUM, ATR_E_CANCELLED, "rolled back");

    ATR_ASSERT_TRACE(t, "on_cancel");
    ATR_ASSERT_STATE(t, books, &book_default);
}

static void l5_a_timed_out_write_that_was_rolled_back_is_a_timeout(atr_test *t)
{
    atr_handle handle = hang_save(t, 500);

    atr_test_advance(t, 500);
    ATR_ASSERT_TRACE(t, "");
    ATR_TEST_ANSWER_ERROR(t, save, handle, ATR_DOMAIN_ATRIUM, ATR_E_CANCELLED, "rolled back");

    ATR_ASSERT_TRACE(t, "on_error -15");
    ATR_ASSERT_STATE(t, books, &book_default);
}

static void l5_a_timed_out_write_that_was_committed_after_all_succeeds(atr_test *t)
{
    atr_handle handle = hang_save(t, 500);

    atr_test_advance(t, 500);
    ATR_TEST_ANSWER(t, save, handle, make_note(t, 1, "milk"));

    ATR_ASSERT_TRACE(t, "finish, on_success");
}

static void l5_closing_cancels_reads_and_waits_for_writes(atr_test *t)
{
    atr_handle write = hang_save(t, 0);
    hang_load(t, 0, NULL);

    ATR_ASSERT(t, !atr_test_close(t));
    ATR_ASSERT_TRACE(t, "on_cancel");
    ATR_TEST_ANSWER(t, save, write, make_note(t, 1, "milk"));

    ATR_ASSERT_TRACE(t, "finish, on_success");
    ATR_ASSERT(t, t->app == NULL);
}

static atr_handle own_handle;
static int own_code;

static void cancel_itself(atr_finish *f, const load *self, const note *response, void *user)
{
    own_code = atr_cancel(f, own_handle);
}

static void cancel_from_the_querys_own_finish_comes_too_late(atr_test *t)
{
    ATR_CAN_NONE(t, load);
    own_handle = ATR_TEST_CALL(t, load, (.id = 1), .on_success = cancel_itself);

    ATR_TEST_ANSWER(t, load, own_handle, make_note(t, 1, "milk"));

    ATR_ASSERT_INT(t, ATR_E_STALE, own_code);
    ATR_ASSERT_INT(t, 0, atr_app_stats_now(t->app).cancelled);
}

static void an_error_rolls_back_by_cancel_too(atr_test *t)
{
    atr_handle handle;
    ATR_CAN_NONE(t, load);
    handle = ATR_TEST_CALL(t, load, (.id = 1), .pre_execute = {true, make_note(t, 1, "milk")});
    ATR_ASSERT(t, strcmp(text_of(t, 1), "milk") == 0);

    ATR_TEST_CANCEL(t, handle);

    ATR_ASSERT_STATE(t, books, &book_default);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        atr_unit_test(l1_a_cancelled_query_hears_on_cancel_and_nothing_else, &life),
        atr_unit_test(a_cancel_without_on_cancel_is_silent, &life),
        atr_unit_test(l2_an_answer_after_cancel_is_dropped_and_counted, &life),
        atr_unit_test(l1_a_timeout_is_an_error_and_nothing_else, &life),
        atr_unit_test(l2_an_answer_after_a_timeout_is_dropped_and_counted, &life),
        atr_unit_test(an_answer_in_time_stops_the_timeout, &life),
        atr_unit_test(timeouts_fire_in_order_of_their_due_time, &life),
        atr_unit_test(l5_cancel_of_a_begun_write_waits_for_its_commit, &life),
        atr_unit_test(l5_a_cancelled_write_that_was_rolled_back_is_cancelled, &life),
        atr_unit_test(l5_a_timed_out_write_that_was_rolled_back_is_a_timeout, &life),
        atr_unit_test(l5_a_timed_out_write_that_was_committed_after_all_succeeds, &life),
        atr_unit_test(l5_closing_cancels_reads_and_waits_for_writes, &life),
        atr_unit_test(cancel_from_the_querys_own_finish_comes_too_late, &life),
        atr_unit_test(an_error_rolls_back_by_cancel_too, &life),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
