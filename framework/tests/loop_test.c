/* The engine in the libuv world: real loop, real threads, real (short) timers. */
#include "fixture.h"

#include <atrium/turn.h>

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

static void close_when_told(atr_event *e, const counter *was, const counter *now, void *user)
{
    atr_app_close(atr_app_of(e), mark_closed, NULL);
}

/* atr_app_run returns when a subscriber closes. */
static void run_until_told(void)
{
    ATR_WATCH(fx.store, tally, close_when_told, NULL, NULL);
    assert_int_equal(atr_app_run(fx.app), ATR_OK);
    assert_true(fx.closed);
}

static void an_answer_in_start_changes_the_state_and_tells_subscribers_once(void **state)
{
    atr_event e = atr_event_open(fx.app);

    ATR_EXECUTE(&e, add, .by = 3);
    ATR_EXECUTE(&e, add, .by = 4);
    assert_int_equal(atr_event_close(&e), ATR_OK);
    run_until_told();

    assert_int_equal(fx.told, 1);
    assert_int_equal(fx.was, 0);
    assert_int_equal(fx.now, 7);
}

static void close_own_event(atr_event *e, const counter *was, const counter *now, void *user)
{
    assert_int_equal(atr_event_close(e), ATR_OK);
}

static void an_event_that_its_subscriber_closes_is_closed_once(void **state)
{
    atr_event e = atr_event_open(fx.app);
    ATR_WATCH(fx.store, tally, close_own_event, NULL, NULL);
    ATR_EXECUTE(&e, add, .by = 3);
    atr_event_close(&e);

    run_until_told();

    assert_int_equal(fx.now, 3);
}

/* What a subscriber does to a copy of its event, and what the next one of the round finds. */
typedef struct copied {
    bool alone; /* there is no next one */
    bool opens; /* an event of its own, which stays open */
    atr_event own;
    int64_t read; /* by the next one */
    int64_t made;
} copied;

static void close_copy_of_event(atr_event *e, const counter *was, const counter *now, void *user)
{
    copied *copy = user;
    atr_event same = *e;
    assert_int_equal(atr_event_close(&same), ATR_OK);
    if (copy->opens) {
        copy->own = atr_event_open(fx.app);
    }
}

static void use_event(atr_event *e, const counter *was, const counter *now, void *user)
{
    copied *copy = user;
    copy->read = ATR_STATE(e, tally)->number;
    copy->made = ATR_NEW(e->s, counter, .number = 5)->number;
}

static void tell_of_a_copy(copied *copy)
{
    atr_event e = atr_event_open(fx.app);
    ATR_WATCH(fx.store, tally, close_copy_of_event, copy, NULL);
    if (!copy->alone) {
        ATR_WATCH(fx.store, tally, use_event, copy, NULL);
    }
    ATR_EXECUTE(&e, add, .by = 3);
    atr_event_close(&e);
    fixture_settle();
}

static void s6_who_closes_a_copy_of_its_event_takes_it_from_nobody_else(void **state)
{
    copied copy = {.opens = false};

    tell_of_a_copy(&copy);

    assert_int_equal(fx.violations, 0);
    assert_int_equal(copy.read, 3);
    assert_int_equal(copy.made, 5);
}

static void s6_an_event_opened_after_closing_a_copy_stays_open(void **state)
{
    copied copy = {.opens = true};

    tell_of_a_copy(&copy);

    assert_int_equal(copy.read, 3);
    assert_int_equal(ATR_STATE(&copy.own, tally)->number, 3);
    assert_int_equal(atr_event_close(&copy.own), ATR_OK);
    assert_int_equal(fx.violations, 0);
}

static void s6_so_it_does_when_nobody_else_is_told(void **state)
{
    copied copy = {.alone = true, .opens = true};
    atr_unwatch(fx.store, fx.watch);

    tell_of_a_copy(&copy);

    assert_int_equal(ATR_STATE(&copy.own, tally)->number, 3);
    assert_int_equal(atr_event_close(&copy.own), ATR_OK);
    assert_int_equal(fx.violations, 0);
}

static void l4_nothing_runs_before_the_caller_has_returned(void **state)
{
    atr_event e = atr_event_open(fx.app);

    ATR_CALL(&e, add, (.by = 3), .on_success = count_success);

    assert_string_equal(fx.order, "");
    atr_event_close(&e);
    assert_string_equal(fx.order, "");
    fixture_settle();
    assert_string_equal(fx.order, "sfon");
}

static void close_when_shown(atr_event *e, const counter *was, const counter *now, void *user)
{
    assert_null(was);
    assert_non_null(now);
    atr_app_close(atr_app_of(e), mark_closed, NULL);
}

static void t4_who_asks_before_the_loop_runs_is_told_what_there_is(void **state)
{
    atr_watch_tell(fx.store, ATR_WATCH(fx.store, tally, close_when_shown, NULL, NULL));

    assert_int_equal(atr_app_run(fx.app), ATR_OK);
    assert_true(fx.closed);
}

ATR_VIEW(too_large, i64);
static int64_t run_too_large(atr_view *v)
{
    atr_scope_fail(v->s, &atr_error_no_memory);
    return 0;
}
ATR_VIEW_IMPL(too_large, i64, run_too_large);

static void too_large_changed(atr_event *e, int64_t was, int64_t now, void *user)
{
    ++*(int *)user;
}

static void a_view_that_never_gets_its_memory_does_not_stop_the_loop(void **state)
{
    int calls = 0;
    atr_event e = atr_event_open(fx.app);
    atr_watch watch = ATR_WATCH_VIEW(fx.store, too_large, too_large_changed, &calls, NULL);
    ATR_EXECUTE(&e, add, .by = 3);
    atr_event_close(&e);

    fixture_settle();
    assert_true(atr_store_is_dirty(fx.store));
    atr_unwatch(fx.store, watch);
    fixture_settle();

    assert_int_equal(fx.now, 3);
    assert_int_equal(calls, 0);
}

static void count_told(atr_event *e, const counter *was, const counter *now, void *user)
{
    ++*(int *)user;
}

/* Asks in its start for a subscriber to be told, and answers later. */
ATR_QUERY(asking, NO_INPUTS, i64);
static asking_reply asking_later;
static atr_watch asking_for;
static void asking_start(atr_start *ctx, const asking *self)
{
    atr_watch_tell(fx.store, asking_for);
    asking_later = asking_reply_later(ctx);
}
static void asking_finish(atr_finish *f, const asking *self, int64_t response)
{
}
ATR_QUERY_IMPL(asking, NO_INPUTS, i64, .start_async = asking_start,
               .finish_with_response = asking_finish);

static void execute_asking(atr_event *e, const counter *was, const counter *now, void *user)
{
    ATR_EXECUTE(e, asking);
}

static void t4_who_is_asked_for_in_a_start_is_told_in_that_drain(void **state)
{
    int calls = 0;
    atr_event e = atr_event_open(fx.app);
    asking_for = ATR_WATCH(fx.store, tally, count_told, &calls, NULL);
    ATR_WATCH(fx.store, tally, execute_asking, NULL, NULL);
    ATR_EXECUTE(&e, add, .by = 3);
    atr_event_close(&e);

    atr_app_drain(fx.app);

    assert_int_equal(calls, 2);
    assert_false(atr_store_is_dirty(fx.store));
    asking_reply_send(&asking_later, 0);
    fixture_settle();
}

static void an_answer_from_a_thread_is_applied_on_the_loop(void **state)
{
    atr_event e = atr_event_open(fx.app);

    ATR_EXECUTE(&e, fetch, .count = 3);
    atr_event_close(&e);
    run_until_told();

    assert_int_equal(fx.now, 3);
    assert_int_equal(fx.destroyed, 1);
}

static void copy_last_word(atr_event *e, const counter *was, const counter *now, void *user)
{
    char *text = user;
    size_t count = atr_str_vec_count(now->words);
    snprintf(text, 64, "%s", atr_str_vec_at(now->words, count - 1)->bytes);
}

static void s5_a_large_answer_is_handed_over_with_its_pool(void **state)
{
    char text[64] = "";
    atr_event e = atr_event_open(fx.app);
    ATR_WATCH(fx.store, tally, copy_last_word, text, NULL);

    ATR_EXECUTE(&e, fetch, .count = 20000);
    atr_event_close(&e);
    run_until_told();

    assert_string_equal(text, "word 19999");
}

static void s5_state_built_from_a_workers_answer_outlives_later_versions(void **state)
{
    atr_event e = atr_event_open(fx.app);
    const counter *first;

    ATR_EXECUTE(&e, fetch, .count = 5000);
    atr_event_close(&e);
    while (fx.told == 0) {
        atr_app_drain(fx.app);
    }
    e = atr_event_open(fx.app);
    first = ATR_STATE(&e, tally);
    ATR_EXECUTE(&e, fetch, .count = 1);
    while (fx.told == 1) {
        atr_app_drain(fx.app);
    }

    assert_int_equal(atr_str_vec_count(first->words), 5000);
    assert_string_equal(atr_str_vec_at(first->words, 4999)->bytes, "word 4999");
    assert_int_equal(atr_str_vec_count(ATR_STATE(&e, tally)->words), 1);
    atr_event_close(&e);
}

static void an_empty_service_slot_is_an_error_and_a_filled_one_is_closed_once(void **state)
{
    meter m = {0, 0};
    atr_event e = atr_event_open(fx.app);
    ATR_EXECUTE(&e, measure);
    atr_event_close(&e);
    fixture_settle();
    assert_int_equal(fx.failure_code, ATR_E_NO_SERVICE);

    assert_int_equal(ATR_PROVIDE(fx.app, gauge, &m), ATR_OK);
    e = atr_event_open(fx.app);
    ATR_EXECUTE(&e, measure);
    atr_event_close(&e);
    fixture_settle();

    assert_int_equal(m.uses, 1);
    assert_int_equal(m.closes, 0);
    atr_app_close(fx.app, mark_closed, NULL);
    assert_int_equal(m.closes, 1);
}

static void a_service_slot_takes_one_handle(void **state)
{
    meter first = {0, 0}, second = {0, 0};

    assert_int_equal(ATR_PROVIDE(fx.app, gauge, &first), ATR_OK);
    assert_int_equal(ATR_PROVIDE(fx.app, gauge, &second), ATR_E_INVALID);

    assert_int_equal(first.closes, 0);
    assert_int_equal(second.closes, 1);
    assert_int_equal(ATR_PROVIDE(fx.app, gauge, NULL), ATR_E_INVALID);
    atr_app_close(fx.app, mark_closed, NULL);
    assert_int_equal(first.closes, 1);
}

static void l5_close_cancels_a_read_in_flight(void **state)
{
    atr_event e = atr_event_open(fx.app);
    ATR_CALL(&e, hang, (.number = 1), .user = &fx, .free_user = count_free);
    atr_event_close(&e);
    fixture_settle();

    atr_app_close(fx.app, mark_closed, NULL);

    assert_true(fx.closed);
    assert_int_equal(fx.cancels, 1);
    assert_int_equal(fx.destroyed, 1);
    assert_int_equal(fx.freed_users, 1);
    assert_int_equal(hang_reply_send(&fx.reply, 1), ATR_E_CLOSED);
}

static void l1_a_reply_handle_that_is_used_again_after_its_app_is_refused(void **state)
{
    hang_reply copy;
    atr_event e = atr_event_open(fx.app);
    ATR_EXECUTE(&e, hang, .number = 1);
    atr_event_close(&e);
    fixture_settle();
    copy = fx.reply;

    hang_reply_send(&fx.reply, 5);
    atr_app_close(fx.app, mark_closed, NULL);

    assert_int_equal(hang_reply_send(&fx.reply, 6), ATR_E_ANSWERED);
    assert_int_equal(hang_reply_send(&copy, 6), ATR_E_ANSWERED);
}

ATR_QUERY(ask_text, NO_INPUTS, str);
static ask_text_reply text_reply;

static void ask_text_start(atr_start *ctx, const ask_text *self)
{
    text_reply = ask_text_reply_later(ctx);
}
ATR_QUERY_IMPL(ask_text, NO_INPUTS, str, .start_async = ask_text_start);

static void a_required_response_that_is_null_is_refused_from_a_reply_too(void **state)
{
    atr_event e = atr_event_open(fx.app);
    ATR_EXECUTE(&e, ask_text);
    atr_event_close(&e);
    fixture_settle();

    ask_text_reply_send(&text_reply, NULL);
    fixture_settle();

    assert_int_equal(fx.failure_code, ATR_E_REFUSED);
}

static void a_prediction_and_a_key_must_be_fit_for_the_app(void **state)
{
    static const atr_str draft = {.size = 3, .bytes = "abc"};
    atr_handle handle;
    atr_event e = atr_event_open(fx.app);
    handle = ATR_CALL(&e, ask_text, (), .pre_execute = ATR_PREDICT(NULL), .free_user = count_free);
    assert_int_equal(handle.slot, 0);
    assert_int_equal(atr_event_close(&e), ATR_E_REFUSED);

    e = atr_event_open(fx.app);
    handle = ATR_CALL(&e, add, (.by = 1), .key = &draft, .free_user = count_free);
    assert_int_equal(handle.slot, 0);
    assert_int_equal(atr_event_close(&e), ATR_E_REFUSED);
    assert_int_equal(fx.freed_users, 2);
}

static void the_key_of_a_call_is_kept(void **state)
{
    atr_handle handle;
    atr_event e = atr_event_open(fx.app);
    handle = ATR_CALL(&e, hang, (.number = 1), .key = ATR_STR(e.s, "row 7"));
    atr_event_close(&e);
    fixture_settle();

    assert_true(atr_str_is(atr_flight_key(atr_app_flight(fx.app, handle)), "row 7"));
    hang_reply_drop(&fx.reply);
}

static void an_event_closed_twice_is_refused(void **state)
{
    atr_event e = atr_event_open(fx.app), copy = e;

    assert_int_equal(atr_event_close(&e), ATR_OK);
    assert_int_equal(atr_event_close(&copy), ATR_E_PHASE);
    assert_int_equal(atr_event_close(&e), ATR_E_PHASE);
    assert_int_equal(fx.violations, 1);
}

/* What is dropped in an event lives until that very event closes. */
static void events_are_closed_in_any_order(void **state)
{
    atr_event first = atr_event_open(fx.app), second = atr_event_open(fx.app);
    atr_event third = atr_event_open(fx.app);
    const counter *mine = ATR_NEW(first.s, counter, .number = 7);
    atr_keep(fx.store, mine);

    assert_int_equal(atr_event_close(&first), ATR_OK);
    assert_int_equal(mine->number, 7);
    ATR_EXECUTE(&second, add, .by = 2);
    ATR_EXECUTE(&third, add, .by = 3);
    atr_drop(fx.store, mine); /* in the third */
    assert_int_equal(atr_event_close(&second), ATR_OK);
    assert_int_equal(mine->number, 7);
    assert_int_equal(atr_event_close(&third), ATR_OK);
    fixture_settle();

    assert_int_equal(number_now(), 5);
    assert_int_equal(atr_store_stats_now(fx.store).kept, 0);
    assert_int_equal(fx.violations, 0);
}

static void a_listener_without_a_function_is_refused(void **state)
{
    assert_int_equal(atr_app_on_error(fx.app, NULL, NULL, count_free), ATR_E_INVALID);
    assert_int_equal(atr_app_on_success(fx.app, NULL, NULL, NULL, count_free), ATR_E_INVALID);
    assert_int_equal(fx.freed_users, 2);
}

static uv_thread_t start_thread;

ATR_QUERY(where_am_i, NO_INPUTS, unit);

static void where_am_i_start(atr_start *ctx, const where_am_i *self)
{
    start_thread = uv_thread_self();
    where_am_i_answer(ctx, ATR_UNIT);
}
ATR_QUERY_IMPL(where_am_i, NO_INPUTS, unit, .start_async = where_am_i_start);

static void cycle_3_start_async_runs_on_the_loop_thread(void **state)
{
    uv_thread_t self = uv_thread_self();
    atr_event e = atr_event_open(fx.app);
    ATR_EXECUTE(&e, where_am_i);
    atr_event_close(&e);

    fixture_settle();

    assert_true(uv_thread_equal(&self, &start_thread));
    assert_int_equal(atr_app_stats_now(fx.app).succeeded, 1);
}

/* ---- cancelling what is answered ---- */

static atr_handle answered[6];

/* All have answered by now: those queued are taken up before an answer is. */
ATR_QUERY(pick_off, NO_INPUTS, unit);
static void pick_off_finish(atr_finish *f, const pick_off *self, atr_unit response)
{
    static const int picked[] = {5, 0, 2, 3}; /* the last, the first, two in a row */
    for (int i = 0; i < 4; i++) {
        assert_int_equal(atr_cancel(f, answered[picked[i]]), ATR_OK);
    }
}
ATR_QUERY_IMPL(pick_off, NO_INPUTS, unit, .is_local = true,
               .finish_with_response = pick_off_finish);

static void l2_answered_queries_are_cancelled_in_any_order(void **state)
{
    atr_event e = atr_event_open(fx.app);
    int64_t by = 1;
    ATR_EXECUTE(&e, pick_off);
    for (int i = 0; i < 6; i++, by *= 10) {
        answered[i] = ATR_EXECUTE(&e, add, .by = by);
    }
    atr_event_close(&e);
    fixture_settle();

    assert_int_equal(number_now(), 10010);
    assert_int_equal(atr_app_stats_now(fx.app).cancelled, 4);
    e = atr_event_open(fx.app);
    ATR_EXECUTE(&e, add, .by = by);
    atr_event_close(&e);
    fixture_settle();
    assert_int_equal(number_now(), 1010010);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            an_answer_in_start_changes_the_state_and_tells_subscribers_once, open_app, close_app),
        cmocka_unit_test_setup_teardown(an_event_that_its_subscriber_closes_is_closed_once,
                                        open_app, close_app),
        cmocka_unit_test_setup_teardown(s6_who_closes_a_copy_of_its_event_takes_it_from_nobody_else,
                                        open_app, close_app),
        cmocka_unit_test_setup_teardown(s6_an_event_opened_after_closing_a_copy_stays_open,
                                        open_app, close_app),
        cmocka_unit_test_setup_teardown(s6_so_it_does_when_nobody_else_is_told, open_app,
                                        close_app),
        cmocka_unit_test_setup_teardown(l4_nothing_runs_before_the_caller_has_returned, open_app,
                                        close_app),
        cmocka_unit_test_setup_teardown(t4_who_is_asked_for_in_a_start_is_told_in_that_drain,
                                        open_app, close_app),
        cmocka_unit_test_setup_teardown(a_view_that_never_gets_its_memory_does_not_stop_the_loop,
                                        open_app, close_app),
        cmocka_unit_test_setup_teardown(t4_who_asks_before_the_loop_runs_is_told_what_there_is,
                                        open_app, close_app),
        cmocka_unit_test_setup_teardown(an_answer_from_a_thread_is_applied_on_the_loop, open_app,
                                        close_app),
        cmocka_unit_test_setup_teardown(s5_a_large_answer_is_handed_over_with_its_pool, open_app,
                                        close_app),
        cmocka_unit_test_setup_teardown(
            s5_state_built_from_a_workers_answer_outlives_later_versions, open_app, close_app),
        cmocka_unit_test_setup_teardown(l2_answered_queries_are_cancelled_in_any_order, open_app,
                                        close_app),
        cmocka_unit_test_setup_teardown(
            an_empty_service_slot_is_an_error_and_a_filled_one_is_closed_once, open_app, close_app),
        cmocka_unit_test_setup_teardown(a_service_slot_takes_one_handle, open_app, close_app),
        cmocka_unit_test_setup_teardown(l5_close_cancels_a_read_in_flight, open_app, close_app),
        cmocka_unit_test_setup_teardown(
            l1_a_reply_handle_that_is_used_again_after_its_app_is_refused, open_app, close_app),
        cmocka_unit_test_setup_teardown(
            a_required_response_that_is_null_is_refused_from_a_reply_too, open_app, close_app),
        cmocka_unit_test_setup_teardown(a_prediction_and_a_key_must_be_fit_for_the_app, open_app,
                                        close_app),
        cmocka_unit_test_setup_teardown(the_key_of_a_call_is_kept, open_app, close_app),
        cmocka_unit_test_setup_teardown(an_event_closed_twice_is_refused, open_app, close_app),
        cmocka_unit_test_setup_teardown(events_are_closed_in_any_order, open_app, close_app),
        cmocka_unit_test_setup_teardown(a_listener_without_a_function_is_refused, open_app,
                                        close_app),
        cmocka_unit_test_setup_teardown(cycle_3_start_async_runs_on_the_loop_thread, open_app,
                                        close_app),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
