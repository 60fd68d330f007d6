/* Closing, loops of the host, several apps, threads that call what they must not. */
#include "fixture.h"

#include <stdatomic.h>

static void mark_closed(void *user)
{
    *(bool *)user = true;
}

static int no_leaks(void **state)
{
    assert_int_equal(atr_memory_now().blocks, 0);
    return 0;
}

/* Execute one query and take it up. */
static atr_handle begin_write(void)
{
    atr_event e = atr_event_open(fx.app);
    atr_handle handle = ATR_EXECUTE(&e, hang_write, .number = 1);
    atr_event_close(&e);
    atr_app_drain(fx.app);
    return handle;
}

static void close_on(uv_loop_t *loop)
{
    atr_app_close(fx.app, mark_closed, &fx.closed);
    uv_run(loop, UV_RUN_DEFAULT);
    assert_true(fx.closed);
    assert_int_equal(uv_loop_close(loop), 0);
}

static void l5_close_waits_for_a_begun_write_and_applies_it(void **state)
{
    uv_loop_t loop;
    uv_loop_init(&loop);
    fixture_open_with(&(atr_app_options){.loop = &loop});
    begin_write();

    atr_app_close(fx.app, mark_closed, &fx.closed);
    uv_run(&loop, UV_RUN_NOWAIT);
    assert_false(fx.closed);
    hang_write_reply_send(&fx.write_reply, 9);
    uv_run(&loop, UV_RUN_DEFAULT);

    assert_true(fx.closed);
    assert_int_equal(fx.now, 9);
    assert_int_equal(fx.cancels, 0);
    assert_int_equal(uv_loop_close(&loop), 0);
}

static void l5_cancel_of_a_begun_write_only_asks_and_its_commit_is_applied(void **state)
{
    uv_loop_t loop;
    atr_handle handle;
    atr_event e;
    uv_loop_init(&loop);
    fixture_open_with(&(atr_app_options){.loop = &loop});
    handle = begin_write();

    e = atr_event_open(fx.app);
    atr_cancel(&e, handle);
    atr_cancel(&e, handle);
    atr_event_close(&e);
    atr_app_drain(fx.app);
    assert_int_equal(fx.cancels, 1);
    assert_int_equal(atr_app_stats_now(fx.app).in_flight, 1);
    hang_write_reply_send(&fx.write_reply, 9);
    atr_app_drain(fx.app);

    assert_int_equal(number_now(), 9);
    assert_int_equal(atr_app_stats_now(fx.app).cancelled, 0);
    close_on(&loop);
}

static void l5_a_write_that_was_rolled_back_after_cancel_is_cancelled(void **state)
{
    uv_loop_t loop;
    atr_handle handle;
    atr_event e;
    uv_loop_init(&loop);
    fixture_open_with(&(atr_app_options){.loop = &loop});
    handle = begin_write();

    e = atr_event_open(fx.app);
    atr_cancel(&e, handle);
    atr_event_close(&e);
    atr_app_drain(fx.app);
    hang_write_reply_drop(&fx.write_reply);
    atr_app_drain(fx.app);

    assert_int_equal(number_now(), 0);
    assert_int_equal(atr_app_stats_now(fx.app).cancelled, 1);
    assert_int_equal(fx.failures, 0);
    close_on(&loop);
}

static void queries_are_refused_while_the_app_closes(void **state)
{
    uv_loop_t loop;
    atr_event e;
    atr_handle handle;
    uv_loop_init(&loop);
    fixture_open_with(&(atr_app_options){.loop = &loop});
    begin_write();
    atr_app_close(fx.app, mark_closed, &fx.closed);

    e = atr_event_open(fx.app);
    handle = ATR_CALL(&e, add, (.by = 1), .user = &fx, .free_user = count_free);
    atr_event_close(&e);

    assert_int_equal(handle.slot, 0);
    assert_int_equal(fx.freed_users, 1);
    assert_int_equal(atr_app_close(fx.app, NULL, NULL), ATR_E_CLOSED);
    assert_int_equal(atr_app_register(fx.app, &tally_component), ATR_E_CLOSED);
    hang_write_reply_send(&fx.write_reply, 9);
    uv_run(&loop, UV_RUN_DEFAULT);
    assert_true(fx.closed);
    assert_int_equal(uv_loop_close(&loop), 0);
}

static void an_idle_app_asks_the_loop_for_no_wake_up(void **state)
{
    uv_loop_t loop;
    atr_event e;
    uv_loop_init(&loop);
    fixture_open_with(&(atr_app_options){.loop = &loop});
    e = atr_event_open(fx.app);
    ATR_CALL(&e, add, (.by = 1), .timeout_ms = 1000);
    atr_event_close(&e);
    while (fx.told == 0) {
        uv_run(&loop, UV_RUN_ONCE);
    }

    uv_run(&loop, UV_RUN_NOWAIT);

    assert_int_equal(uv_backend_timeout(&loop), -1);
    close_on(&loop);
}

static void t4_the_rest_goes_on_after_drain_limit_turns(void **state)
{
    uv_loop_t loop;
    atr_event e;
    uv_loop_init(&loop);
    fixture_open_with(&(atr_app_options){.loop = &loop, .drain_limit = 10});
    e = atr_event_open(fx.app);
    for (int i = 0; i < 25; i++) {
        ATR_EXECUTE(&e, add, .by = 1);
    }
    atr_event_close(&e);

    assert_int_equal(atr_app_drain(fx.app), 10);
    assert_int_equal(fx.told, 1);
    assert_int_equal(fx.now, 10);
    while (fx.now < 25) {
        uv_run(&loop, UV_RUN_ONCE);
    }

    assert_int_equal(fx.told, 3);
    close_on(&loop);
}

static void add_again(atr_event *e, const counter *was, const counter *now, void *user)
{
    ATR_EXECUTE(e, add, .by = 1);
}

static void t4_a_round_that_keeps_changing_what_it_watches_is_bounded_and_reported(void **state)
{
    uv_loop_t loop;
    atr_event e;
    atr_watch watch;
    uv_loop_init(&loop);
    fixture_open_with(&(atr_app_options){.loop = &loop, .round_limit = 5});
    watch = ATR_WATCH(fx.store, tally, add_again, NULL, NULL);
    e = atr_event_open(fx.app);
    ATR_EXECUTE(&e, add, .by = 1);
    atr_event_close(&e);

    atr_app_drain(fx.app);

    assert_int_equal(fx.told, 5);
    assert_int_equal(fx.violations, 1);
    assert_int_equal(fx.violation_code, ATR_E_LIMIT);
    atr_unwatch(fx.store, watch);
    close_on(&loop);
}

static void two_apps_share_a_loop_and_nothing_else(void **state)
{
    uv_loop_t loop;
    atr_app *second;
    atr_event e;
    bool second_closed = false;
    uv_loop_init(&loop);
    fixture_open_with(&(atr_app_options){.loop = &loop});
    second = atr_app_new(&(atr_app_options){.loop = &loop});
    assert_int_equal(atr_app_register(second, &tally_component), ATR_OK);

    e = atr_event_open(second);
    ATR_EXECUTE(&e, add, .by = 5);
    atr_event_close(&e);
    uv_run(&loop, UV_RUN_ONCE);

    e = atr_event_open(second);
    assert_int_equal(ATR_STATE(&e, tally)->number, 5);
    atr_event_close(&e);
    assert_int_equal(number_now(), 0);
    atr_app_close(second, mark_closed, &second_closed);
    close_on(&loop);
    assert_true(second_closed);
}

static void a_value_of_another_app_is_refused(void **state)
{
    uv_loop_t loop;
    atr_app *second;
    atr_event mine, other;
    bool second_closed = false;
    uv_loop_init(&loop);
    fixture_open_with(&(atr_app_options){.loop = &loop});
    second = atr_app_new(&(atr_app_options){.loop = &loop});
    mine = atr_event_open(fx.app);
    other = atr_event_open(second);

    ATR_NEW(mine.s, counter, .words = atr_str_vec_push(other.s, NULL, ATR_STR(other.s, "foreign")));

    assert_int_equal(atr_event_close(&mine), ATR_E_REFUSED);
    atr_event_close(&other);
    atr_app_close(second, mark_closed, &second_closed);
    close_on(&loop);
}

static void nested_loop(atr_event *e, const counter *was, const counter *now, void *user)
{
    uv_loop_t *loop = user;
    if (now->number != 1) {
        return;
    }
    ATR_EXECUTE(e, add, .by = 10);
    while (ATR_STATE(e, tally)->number != 11) {
        uv_run(loop, UV_RUN_ONCE);
    }
    assert_int_equal(now->number, 1); /* S1: what was handed out is still there */
    order_add('m');
}

static void a_modal_loop_may_run_in_a_subscriber(void **state)
{
    uv_loop_t loop;
    atr_event e;
    uv_loop_init(&loop);
    fixture_open_with(&(atr_app_options){.loop = &loop});
    ATR_WATCH(fx.store, tally, nested_loop, &loop, NULL);
    e = atr_event_open(fx.app);
    ATR_EXECUTE(&e, add, .by = 1);
    atr_event_close(&e);

    while (strchr(fx.order, 'm') == NULL) {
        uv_run(&loop, UV_RUN_ONCE);
    }

    assert_int_equal(number_now(), 11);
    assert_int_equal(fx.now, 11);
    assert_int_equal(fx.violations, 0);
    close_on(&loop);
}

static void an_event_may_stay_open_while_its_app_closes(void **state)
{
    atr_event e;
    fixture_open();
    e = atr_event_open(fx.app);

    assert_int_equal(atr_app_close(fx.app, mark_closed, &fx.closed), ATR_OK);
    assert_false(fx.closed);
    assert_int_equal(ATR_STATE(&e, tally)->number, 0);
    assert_int_equal(atr_event_close(&e), ATR_OK);

    assert_true(fx.closed);
}

static void close_app(void *app)
{
    assert_int_equal(atr_app_close(app, mark_closed, &fx.closed), ATR_OK);
    assert_false(fx.closed); /* not under our feet */
}

static void what_an_event_has_deferred_may_close_its_app(void **state)
{
    atr_event e;
    fixture_open();
    e = atr_event_open(fx.app);
    atr_scope_defer(e.s, close_app, fx.app);

    assert_int_equal(atr_event_close(&e), ATR_OK);

    assert_true(fx.closed);
}

static void close_event(void *event)
{
    assert_int_equal(atr_event_close(event), ATR_OK);
    assert_false(fx.closed);
}

static void what_an_event_has_deferred_may_close_the_last_other_one(void **state)
{
    atr_event e, other;
    fixture_open();
    e = atr_event_open(fx.app);
    other = atr_event_open(fx.app);
    atr_scope_defer(e.s, close_event, &other);
    assert_int_equal(atr_app_close(fx.app, mark_closed, &fx.closed), ATR_OK);

    assert_int_equal(atr_event_close(&e), ATR_OK);

    assert_true(fx.closed);
}

static void nested_close(atr_event *e, const counter *was, const counter *now, void *user)
{
    uv_loop_t *loop = user;
    atr_app_close(atr_app_of(e), mark_closed, &fx.closed);
    uv_run(loop, UV_RUN_DEFAULT);
    assert_false(fx.closed); /* not under our feet */
    assert_int_equal(ATR_STATE(e, tally)->number, 1);
}

static void l5_closing_in_a_modal_loop_of_a_subscriber_frees_after_it(void **state)
{
    uv_loop_t loop;
    atr_event e;
    uv_loop_init(&loop);
    fixture_open_with(&(atr_app_options){.loop = &loop});
    ATR_WATCH(fx.store, tally, nested_close, &loop, NULL);
    e = atr_event_open(fx.app);
    ATR_EXECUTE(&e, add, .by = 1);
    atr_event_close(&e);

    uv_run(&loop, UV_RUN_DEFAULT);

    assert_true(fx.closed);
    assert_int_equal(uv_loop_close(&loop), 0);
}

/* Answers that arrive while the app is being freed: the end of a subscription lets a thread loose. */
enum { FLOOD = 300 };
ATR_QUERY(flood, ADD, str);
static flood_reply flood_replies[FLOOD];
static int flood_count;
static atomic_bool flood_go;

static void flood_start(atr_start *ctx, const flood *self)
{
    flood_replies[flood_count++] = flood_reply_later(ctx);
}
ATR_QUERY_IMPL(flood, ADD, str, .start_async = flood_start);

static void let_loose(void *user)
{
    atomic_store(&flood_go, true);
}

static void send_flood(void *user)
{
    while (!atomic_load(&flood_go)) {
    }
    for (int i = 0; i < flood_count; i++) {
        atr_scope *s = flood_reply_scope(&flood_replies[i]);
        flood_reply_send(&flood_replies[i], ATR_STR(s, "late"));
    }
}

static void l5_answers_of_a_thread_may_race_with_the_end_of_the_app(void **state)
{
    uv_thread_t thread;
    atr_event e;
    fixture_open();
    flood_count = 0;
    atomic_store(&flood_go, false);
    ATR_WATCH(fx.store, tally, add_again, NULL, let_loose);
    e = atr_event_open(fx.app);
    for (int i = 0; i < FLOOD; i++) {
        ATR_EXECUTE(&e, flood, .by = i);
    }
    atr_event_close(&e);
    atr_app_drain(fx.app);
    assert_int_equal(uv_thread_create(&thread, send_flood, NULL), 0);

    atr_app_close(fx.app, mark_closed, &fx.closed);
    uv_thread_join(&thread);

    assert_true(fx.closed);
    assert_int_equal(flood_count, FLOOD);
}

static void call_everything(void *ptr)
{
    int *codes = ptr;
    atr_event e = atr_event_open(fx.app);
    codes[0] = e.s == NULL;
    codes[1] = atr_app_close(fx.app, NULL, NULL);
    codes[2] = atr_app_register(fx.app, &tally_component);
    codes[3] = atr_app_start(fx.app);
    codes[4] = (int)atr_app_drain(fx.app);
    codes[5] = atr_app_run(fx.app);
}

static void calls_from_another_thread_are_refused_and_reported(void **state)
{
    int codes[6] = {0};
    uv_thread_t thread;
    fixture_open();

    uv_thread_create(&thread, call_everything, codes);
    uv_thread_join(&thread);

    assert_int_equal(codes[0], 1);
    assert_int_equal(codes[1], ATR_E_THREAD);
    assert_int_equal(codes[2], ATR_E_THREAD);
    assert_int_equal(codes[3], ATR_E_THREAD);
    assert_int_equal(codes[4], 0);
    assert_int_equal(codes[5], ATR_E_THREAD);
    assert_int_equal(fx.violations, 6);
    assert_int_equal(fx.violation_code, ATR_E_THREAD);
    fixture_close();
}

static const atr_component first = {.name = "first", .startup = &add_class};
static const atr_component second = {.name = "second", .startup = &no_start_class};

static void startup_queries_run_in_order_of_registration_and_once(void **state)
{
    fixture_open();
    atr_app_register(fx.app, &first);
    atr_app_register(fx.app, &second);

    assert_int_equal(atr_app_start(fx.app), ATR_OK);
    assert_int_equal(atr_app_start(fx.app), ATR_OK);
    atr_app_drain(fx.app);

    assert_string_equal(fx.order, "sf");
    assert_int_equal(fx.failure_code, ATR_E_NO_START);
    assert_int_equal(atr_app_stats_now(fx.app).started, 2);
    fixture_close();
}

static char logged[256];

static void on_log(void *user, atr_log_level level, const char *area, const char *text)
{
    snprintf(logged, sizeof logged, "%d %s: %s", (int)level, area, text);
}

static void the_log_hook_hears_of_an_error_that_nobody_takes(void **state)
{
    atr_app *app = atr_app_new(&(atr_app_options){.log = on_log});
    bool closed = false;
    atr_event e = atr_event_open(app);
    ATR_EXECUTE(&e, no_start);
    atr_event_close(&e);
    logged[0] = '\0';

    atr_app_drain(app);

    assert_string_equal(logged, "3 query: no_start failed in start: no_start: the query class has "
                                "no start_async");
    atr_app_close(app, mark_closed, &closed);
    assert_true(closed);
}

static void a_root_registered_twice_is_refused_with_a_reason(void **state)
{
    fixture_open();

    assert_int_equal(atr_app_register(fx.app, &tally_component), ATR_E_DEFINITION);

    fixture_close();
}

ATR_QUERY(local_with_an_answer, HANG, i64);
ATR_QUERY_IMPL(local_with_an_answer, HANG, i64, .is_local = true);
static const atr_query_class *const wrong_classes[] = {&local_with_an_answer_class, NULL};
static const atr_component wrong = {.name = "wrong", .classes = wrong_classes};

static void a_local_class_whose_response_is_not_unit_is_refused(void **state)
{
    fixture_open();

    assert_int_equal(atr_app_register(fx.app, &wrong), ATR_E_DEFINITION);

    fixture_close();
}

static void an_app_that_never_ran_closes(void **state)
{
    atr_app *app = atr_app_new(NULL);
    bool closed = false;

    assert_int_equal(atr_app_close(app, mark_closed, &closed), ATR_OK);

    assert_true(closed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(l5_close_waits_for_a_begun_write_and_applies_it, no_leaks),
        cmocka_unit_test_teardown(l5_cancel_of_a_begun_write_only_asks_and_its_commit_is_applied,
                                  no_leaks),
        cmocka_unit_test_teardown(l5_a_write_that_was_rolled_back_after_cancel_is_cancelled,
                                  no_leaks),
        cmocka_unit_test_teardown(queries_are_refused_while_the_app_closes, no_leaks),
        cmocka_unit_test_teardown(an_idle_app_asks_the_loop_for_no_wake_up, no_leaks),
        cmocka_unit_test_teardown(t4_the_rest_goes_on_after_drain_limit_turns, no_leaks),
        cmocka_unit_test_teardown(
            t4_a_round_that_keeps_changing_what_it_watches_is_bounded_and_reported, no_leaks),
        cmocka_unit_test_teardown(two_apps_share_a_loop_and_nothing_else, no_leaks),
        cmocka_unit_test_teardown(a_value_of_another_app_is_refused, no_leaks),
        cmocka_unit_test_teardown(a_modal_loop_may_run_in_a_subscriber, no_leaks),
        cmocka_unit_test_teardown(an_event_may_stay_open_while_its_app_closes, no_leaks),
        cmocka_unit_test_teardown(what_an_event_has_deferred_may_close_its_app, no_leaks),
        cmocka_unit_test_teardown(what_an_event_has_deferred_may_close_the_last_other_one,
                                  no_leaks),
        cmocka_unit_test_teardown(l5_closing_in_a_modal_loop_of_a_subscriber_frees_after_it,
                                  no_leaks),
        cmocka_unit_test_teardown(l5_answers_of_a_thread_may_race_with_the_end_of_the_app,
                                  no_leaks),
        cmocka_unit_test_teardown(calls_from_another_thread_are_refused_and_reported, no_leaks),
        cmocka_unit_test_teardown(startup_queries_run_in_order_of_registration_and_once, no_leaks),
        cmocka_unit_test_teardown(the_log_hook_hears_of_an_error_that_nobody_takes, no_leaks),
        cmocka_unit_test_teardown(a_root_registered_twice_is_refused_with_a_reason, no_leaks),
        cmocka_unit_test_teardown(a_local_class_whose_response_is_not_unit_is_refused, no_leaks),
        cmocka_unit_test_teardown(an_app_that_never_ran_closes, no_leaks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
