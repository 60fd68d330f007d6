/* Steps: start, execute, virtual time, cancel, late answers, close; also inside callbacks. */
#include <atrium/testkit_cmocka.h>

#include "todo.h"

#include <cmocka.h>

static const char milk[] = "milk";

static atr_handle add_pending(atr_test *t)
{
    ATR_CAN_NONE(t, add_todo);
    return ATR_TEST_EXECUTE(t, add_todo, .title = atr_str_new(t->s, milk));
}

/* ---- reading ---- */

static void what_was_read_stays_valid_after_later_steps(atr_test *t)
{
    ATR_CAN(t, add_todo, &todo_milk);
    const todo_state *before = ATR_STATE(t, todos);
    ATR_TEST_EXECUTE(t, add_todo, .title = ATR_STR(t->s, "milk"));
    const todo_state *between = ATR_STATE(t, todos);
    ATR_CAN(t, remove_todo, ATR_UNIT);
    ATR_TEST_EXECUTE(t, remove_todo, .id = 1);

    ATR_ASSERT_INT(t, 0, todo_item_map_count(before->items));
    ATR_ASSERT_INT(t, 1, todo_item_map_count(between->items));
    ATR_ASSERT_INT(t, 0, todo_item_map_count(ATR_STATE(t, todos)->items));
}

static void execute_waits_for_the_drain(atr_test *t)
{
    ATR_CAN(t, add_todo, &todo_milk);

    ATR_EXECUTE(t, add_todo, .title = ATR_STR(t->s, "milk"));
    ATR_ASSERT_VIEW(t, item_count, 0);
    ATR_ASSERT_CALLS(t, add_todo, 0);

    assert_int_equal(atr_test_drain(t), 1);
    ATR_ASSERT_VIEW(t, item_count, 1);
    assert_int_equal(atr_test_drain(t), 0);
}

static void told_success(atr_finish *f, const add_todo *self, const todo_item *response, void *user)
{
    atr_test_trace(user, "on_success %s", self->title->bytes);
    ATR_ASSERT_EQUAL((atr_test *)user, &todo_milk, response);
}

static void told_cancel(atr_finish *f, const add_todo *self, void *user)
{
    atr_test_trace(user, "on_cancel");
}

static void told_error(atr_finish *f, const add_todo *self, const atr_error *error, void *user)
{
    atr_test_trace(user, "on_error %d", (int)error->code);
}

static void call_takes_options(atr_test *t)
{
    ATR_CAN(t, add_todo, &todo_milk);

    ATR_TEST_CALL(t, add_todo, (.title = ATR_STR(t->s, "oats")), .on_success = told_success,
                  .user = t);

    ATR_ASSERT_TRACE(t, "on_success oats");
}

static void call_without_inputs(atr_test *t)
{
    ATR_CAN(t, ask_filter, TODO_FILTER_OPEN);

    ATR_TEST_CALL(t, ask_filter, (), .timeout_ms = 10);

    ATR_ASSERT_VIEW(t, shown, TODO_FILTER_OPEN);
}

static void start_runs_the_startup_query_once(atr_test *t)
{
    ATR_CAN(t, load_todos, NULL);

    atr_test_start(t);
    atr_test_start(t);

    ATR_ASSERT_CALLS(t, load_todos, 1);
}

/* ---- virtual time ---- */

static void clock_stands_until_it_is_told(atr_test *t)
{
    atr_time before = atr_now(t);

    atr_test_drain(t);
    assert_int_equal(atr_now(t), before);
    assert_int_equal(before, 946684800000000);

    atr_test_advance(t, 1500);
    assert_int_equal(atr_now(t) - before, 1500000);
}

static void wall_clock_can_be_set(atr_test *t)
{
    atr_test_set_time(t, 7);
    atr_test_advance(t, 1);

    assert_int_equal(atr_now(t), 1007);
}

static void timeout_fires_at_its_time_and_not_before(atr_test *t)
{
    atr_test_expect_error(t, ATR_DOMAIN_ATRIUM, ATR_E_TIMEOUT);
    add_pending(t);

    atr_test_advance(t, 4999);
    assert_int_equal(atr_app_stats_now(t->app).in_flight, 1);
    atr_test_advance(t, 1);
    assert_int_equal(atr_app_stats_now(t->app).in_flight, 0);
}

static void trace_time(atr_finish *f, const add_todo *self, const atr_error *error, void *user)
{
    atr_test_trace(user, "%s at %d", self->title->bytes,
                   (int)((atr_now(f) - 946684800000000) / 1000));
}

static void timers_fire_in_order_each_at_its_time(atr_test *t)
{
    ATR_CAN_NONE(t, add_todo);
    ATR_TEST_CALL(t, add_todo, (.title = ATR_STR(t->s, "c")), .on_error = trace_time, .user = t,
                  .timeout_ms = 300);
    ATR_TEST_CALL(t, add_todo, (.title = ATR_STR(t->s, "a")), .on_error = trace_time, .user = t,
                  .timeout_ms = 100);
    ATR_TEST_CALL(t, add_todo, (.title = ATR_STR(t->s, "b")), .on_error = trace_time, .user = t,
                  .timeout_ms = 300);

    atr_test_advance(t, 1000);

    ATR_ASSERT_TRACE(t, "a at 100, c at 300, b at 300");
    assert_int_equal(atr_now(t), 946684801000000);
}

static void again(atr_finish *f, const add_todo *self, const atr_error *error, void *user)
{
    atr_test *t = user;
    atr_test_trace(t, "%d", (int)((atr_now(f) - 946684800000000) / 1000));
    ATR_CALL(f, add_todo, (.title = self->title), .on_error = again, .user = t, .timeout_ms = 100);
}

static void timer_set_on_the_way_fires_too(atr_test *t)
{
    ATR_CAN_NONE(t, add_todo);
    ATR_TEST_CALL(t, add_todo, (.title = ATR_STR(t->s, "x")), .on_error = again, .user = t,
                  .timeout_ms = 100);

    atr_test_advance(t, 350);

    ATR_ASSERT_TRACE(t, "100, 200, 300");
}

static void advance_goes_to_the_end_of_time(atr_test *t)
{
    atr_test_expect_error(t, ATR_DOMAIN_ATRIUM, ATR_E_TIMEOUT);
    add_pending(t);

    atr_test_advance(t, UINT64_MAX);
    atr_test_advance(t, UINT64_MAX);

    assert_int_equal(atr_app_stats_now(t->app).in_flight, 0);
}

/* ---- pending queries ---- */

static void pending_query_is_answered_by_its_handle(atr_test *t)
{
    atr_handle handle = add_pending(t);

    assert_int_equal(ATR_TEST_ANSWER(t, add_todo, handle, &todo_milk), 0);

    ATR_ASSERT_VIEW(t, item_count, 1);
}

static void pending_query_is_answered_with_an_error(atr_test *t)
{
    ATR_CAN_NONE(t, remove_todo);
    atr_handle handle = ATR_TEST_EXECUTE(t, remove_todo, .id = 1);

    ATR_TEST_ANSWER_ERROR(t, remove_todo, handle, ATR_DOMAIN_APP, 9, "no %s", "way");

    ATR_ASSERT_TEXT(t, "no way", ATR_STATE(t, todos)->status);
}

static void pending_queries_are_answered_in_any_order(atr_test *t)
{
    atr_handle first = add_pending(t), second = add_pending(t);

    ATR_TEST_ANSWER(t, add_todo, second, &todo_eggs);
    ATR_ASSERT_VIEW(t, highest_id, ATR_SOME(i64, 2));
    ATR_ASSERT_VIEW(t, item_count, 1);
    ATR_TEST_ANSWER(t, add_todo, first, &todo_milk);

    ATR_ASSERT_VIEW(t, item_count, 2);
}

static void late_answer_after_cancel_is_dropped(atr_test *t)
{
    ATR_CAN_NONE(t, add_todo);
    atr_handle handle =
        ATR_TEST_CALL(t, add_todo, (.title = ATR_STR(t->s, "milk")), .on_success = told_success,
                      .on_cancel = told_cancel, .user = t);

    assert_int_equal(ATR_TEST_CANCEL(t, handle), 0);
    ATR_TEST_ANSWER(t, add_todo, handle, &todo_milk);

    ATR_ASSERT_TRACE(t, "on_cancel");
    ATR_ASSERT_VIEW(t, is_empty, true);
    assert_int_equal(atr_app_stats_now(t->app).late_answers, 1);
    assert_int_equal(atr_test_notes(t, ATR_NOTE_LATE, &add_todo_class), 1);
}

static void late_answer_after_timeout_is_dropped(atr_test *t)
{
    ATR_CAN_NONE(t, add_todo);
    atr_handle handle =
        ATR_TEST_CALL(t, add_todo, (.title = ATR_STR(t->s, "milk")), .on_success = told_success,
                      .on_error = told_error, .user = t);

    atr_test_advance(t, 5000);
    ATR_TEST_ANSWER(t, add_todo, handle, &todo_milk);

    ATR_ASSERT_TRACE(t, "on_error -15");
    ATR_ASSERT_VIEW(t, is_empty, true);
}

static void write_under_way_is_answered_after_its_cancel(atr_test *t)
{
    ATR_CAN_NONE(t, save_todos);
    atr_handle handle = ATR_TEST_EXECUTE(t, save_todos, .stamp = 3);

    ATR_TEST_CANCEL(t, handle);
    ATR_TEST_ANSWER(t, save_todos, handle, 55);

    ATR_ASSERT_INT(t, 55, ATR_STATE(t, todos)->saved);
}

static void layer_is_visible_and_not_confirmed(atr_test *t)
{
    ATR_CAN_NONE(t, add_todo);
    const todo_state *empty = ATR_STATE(t, todos);

    atr_handle handle = ATR_TEST_CALL(t, add_todo, (.title = ATR_STR(t->s, "milk")),
                                      .pre_execute = {true, &todo_milk});
    ATR_ASSERT_VIEW(t, item_count, 1);
    ATR_ASSERT_CONFIRMED(t, todos, empty);
    ATR_TEST_CANCEL(t, handle);

    ATR_ASSERT_STATE(t, todos, empty);
}

/* ---- close ---- */

static void close_cancels_what_is_pending(atr_test *t)
{
    ATR_CAN_NONE(t, add_todo);
    ATR_TEST_CALL(t, add_todo, (.title = ATR_STR(t->s, "milk")), .on_cancel = told_cancel,
                  .user = t);

    assert_true(atr_test_close(t));

    ATR_ASSERT_TRACE(t, "on_cancel");
    assert_null(t->app);
    assert_null(t->s);
}

static void close_waits_for_a_write(atr_test *t)
{
    ATR_CAN_NONE(t, save_todos);
    atr_handle handle = ATR_TEST_EXECUTE(t, save_todos, .stamp = 3);

    assert_false(atr_test_close(t));
    ATR_ASSERT_INT(t, 0, ATR_STATE(t, todos)->saved);
    ATR_TEST_ANSWER(t, save_todos, handle, 55);

    assert_null(t->app);
    assert_int_equal(atr_test_notes(t, ATR_NOTE_SUCCEEDED, &save_todos_class), 1);
}

/* ---- in callbacks ---- */

static void execute_in_watch(atr_event *e, const todo_state *was, const todo_state *now, void *user)
{
    atr_test *t = user;
    if (todo_item_map_count(now->items) == 1) {
        ATR_CAN(t, add_todo, &todo_eggs);
        ATR_TEST_EXECUTE(t, add_todo, .title = ATR_STR(t->s, "eggs"));
        atr_test_trace(t, "%d", (int)todo_item_map_count(ATR_STATE(t, todos)->items));
    }
}

static void step_in_a_subscriber_runs_at_once(atr_test *t)
{
    ATR_CAN(t, add_todo, &todo_milk);
    ATR_WATCH(t->store, todos, execute_in_watch, t, NULL);

    ATR_TEST_EXECUTE(t, add_todo, .title = ATR_STR(t->s, "milk"));

    ATR_ASSERT_TRACE(t, "2");
}

static void execute_in_success(atr_finish *f, const add_todo *self, const todo_item *response,
                               void *user)
{
    atr_test *t = user;
    ATR_CAN(t, add_todo, &todo_eggs);
    ATR_TEST_EXECUTE(t, add_todo, .title = ATR_STR(t->s, "eggs"));
    atr_test_advance(t, 10);
    atr_test_trace(t, "%d", (int)todo_item_map_count(ATR_STATE(t, todos)->items));
}

static void step_in_a_turn_acts_and_is_drained_later(atr_test *t)
{
    ATR_CAN(t, add_todo, &todo_milk);

    ATR_TEST_CALL(t, add_todo, (.title = ATR_STR(t->s, "milk")), .on_success = execute_in_success,
                  .user = t);

    ATR_ASSERT_TRACE(t, "0");
    ATR_ASSERT_VIEW(t, item_count, 2);
}

static void execute_in_can(atr_start *ctx, const add_todo *self, void *user)
{
    atr_test *t = user;
    ATR_CAN(t, add_todo, &todo_eggs);
    ATR_TEST_EXECUTE(t, add_todo, .title = ATR_STR(t->s, "eggs"));
    add_todo_answer(ctx, &todo_milk);
}

static void step_in_a_canned_function_is_drained_later(atr_test *t)
{
    ATR_CAN_FN(t, add_todo, execute_in_can, t);

    ATR_TEST_EXECUTE(t, add_todo, .title = ATR_STR(t->s, "milk"));

    ATR_ASSERT_VIEW(t, item_count, 2);
}

static void close_in_watch(atr_event *e, const todo_state *was, const todo_state *now, void *user)
{
    assert_false(atr_test_close((atr_test *)user));
}

static void close_in_a_subscriber_takes_effect_afterwards(atr_test *t)
{
    ATR_CAN(t, add_todo, &todo_milk);
    ATR_WATCH(t->store, todos, close_in_watch, t, NULL);

    ATR_TEST_EXECUTE(t, add_todo, .title = ATR_STR(t->s, "milk"));

    assert_null(t->app);
}

int main(void)
{
    const atr_test_options todo = {.components = ATR_COMPONENTS(&todos_component)};
    const struct CMUnitTest tests[] = {
        atr_unit_test(what_was_read_stays_valid_after_later_steps, &todo),
        atr_unit_test(execute_waits_for_the_drain, &todo),
        atr_unit_test(call_takes_options, &todo),
        atr_unit_test(call_without_inputs, &todo),
        atr_unit_test(start_runs_the_startup_query_once, &todo),
        atr_unit_test(clock_stands_until_it_is_told, &todo),
        atr_unit_test(wall_clock_can_be_set, &todo),
        atr_unit_test(timeout_fires_at_its_time_and_not_before, &todo),
        atr_unit_test(timers_fire_in_order_each_at_its_time, &todo),
        atr_unit_test(timer_set_on_the_way_fires_too, &todo),
        atr_unit_test(advance_goes_to_the_end_of_time, &todo),
        atr_unit_test(pending_query_is_answered_by_its_handle, &todo),
        atr_unit_test(pending_query_is_answered_with_an_error, &todo),
        atr_unit_test(pending_queries_are_answered_in_any_order, &todo),
        atr_unit_test(late_answer_after_cancel_is_dropped, &todo),
        atr_unit_test(late_answer_after_timeout_is_dropped, &todo),
        atr_unit_test(write_under_way_is_answered_after_its_cancel, &todo),
        atr_unit_test(layer_is_visible_and_not_confirmed, &todo),
        atr_unit_test(close_cancels_what_is_pending, &todo),
        atr_unit_test(close_waits_for_a_write, &todo),
        atr_unit_test(step_in_a_subscriber_runs_at_once, &todo),
        atr_unit_test(step_in_a_turn_acts_and_is_drained_later, &todo),
        atr_unit_test(step_in_a_canned_function_is_drained_later, &todo),
        atr_unit_test(close_in_a_subscriber_takes_effect_afterwards, &todo),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
