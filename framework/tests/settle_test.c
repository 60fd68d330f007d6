/* atr_app_settle in the libuv world: a real loop, real threads, short timers. */
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

static void run(const char *what, int64_t number)
{
    atr_event e = atr_event_open(fx.app);
    if (*what == 'f') {
        ATR_EXECUTE(&e, fetch, .count = number);
    } else if (*what == 'h') {
        ATR_EXECUTE(&e, hang, .number = number);
    } else {
        ATR_EXECUTE(&e, add, .by = number);
    }
    assert_int_equal(atr_event_close(&e), ATR_OK);
}

static void an_app_at_rest_is_settled_at_once(void **state)
{
    assert_int_equal(atr_app_settle(fx.app, 0), ATR_OK);
    assert_int_equal(fx.told, 0);
}

static void count_shown(atr_event *e, const counter *was, const counter *now, void *user)
{
    ++*(int *)user;
}

static void who_has_asked_to_be_told_is_told(void **state)
{
    int shown = 0;
    atr_watch_tell(fx.store, ATR_WATCH(fx.store, tally, count_shown, &shown, NULL));

    assert_int_equal(atr_app_settle(fx.app, 0), ATR_OK);

    assert_int_equal(shown, 1);
}

static void it_waits_for_answers_from_threads_and_tells_subscribers(void **state)
{
    run("add", 5);
    run("fetch", 3);

    assert_int_equal(atr_app_settle(fx.app, 0), ATR_OK);

    assert_int_equal(fx.now, 3);
    assert_int_equal(atr_app_stats_now(fx.app).in_flight, 0);
    run("add", 4);
    assert_int_equal(atr_app_settle(fx.app, 0), ATR_OK);
    assert_int_equal(fx.now, 7);
}

static void count_down(atr_finish *f, const add *self, int64_t response, void *user)
{
    if (self->by > 1) {
        ATR_CALL(f, add, (.by = self->by - 1), .on_success = count_down);
    }
}

static void it_waits_for_what_callbacks_ask_for(void **state)
{
    atr_event e = atr_event_open(fx.app);
    ATR_CALL(&e, add, (.by = 4), .on_success = count_down);
    atr_event_close(&e);

    assert_int_equal(atr_app_settle(fx.app, 0), ATR_OK);

    assert_int_equal(fx.now, 4 + 3 + 2 + 1);
}

static void a_query_that_hangs_ends_it_by_the_timeout_and_goes_on(void **state)
{
    run("hang", 0);

    assert_int_equal(atr_app_settle(fx.app, 1), ATR_E_TIMEOUT);

    assert_int_equal(atr_app_stats_now(fx.app).in_flight, 1);
    hang_reply_send(&fx.reply, 6);
    assert_int_equal(atr_app_settle(fx.app, 0), ATR_OK);
    assert_int_equal(fx.now, 6);
}

static void timeouts_of_queries_fire_before_and_after_one_of_its_own(void **state)
{
    atr_event e = atr_event_open(fx.app);
    ATR_CALL(&e, hang, (.number = 0), .timeout_ms = 600000);
    atr_event_close(&e);
    assert_int_equal(atr_app_settle(fx.app, 1), ATR_E_TIMEOUT);
    hang_reply_drop(&fx.reply);
    assert_int_equal(atr_app_settle(fx.app, 0), ATR_OK);

    e = atr_event_open(fx.app);
    ATR_CALL(&e, hang, (.number = 0), .timeout_ms = 1);
    atr_event_close(&e);
    assert_int_equal(atr_app_settle(fx.app, 600000), ATR_OK);

    assert_int_equal(fx.failure_code, ATR_E_TIMEOUT);
    hang_reply_drop(&fx.reply);
    assert_int_equal(atr_app_settle(fx.app, 0), ATR_OK);
}

static int nested_code;

static void settle_within(atr_event *e, const counter *was, const counter *now, void *user)
{
    nested_code = atr_app_settle(atr_app_of(e), 0);
}

static void it_is_refused_in_a_callback(void **state)
{
    ATR_WATCH(fx.store, tally, settle_within, NULL, NULL);
    run("add", 1);

    assert_int_equal(atr_app_settle(fx.app, 0), ATR_OK);

    assert_int_equal(nested_code, ATR_E_PHASE);
}

static void close_within(atr_event *e, const counter *was, const counter *now, void *user)
{
    assert_int_equal(atr_app_close(atr_app_of(e), mark_closed, NULL), ATR_OK);
}

static void an_app_that_is_closed_on_the_way_is_closed_when_it_returns(void **state)
{
    ATR_WATCH(fx.store, tally, close_within, NULL, NULL);
    run("hang", 0);
    run("add", 1);

    assert_int_equal(atr_app_settle(fx.app, 0), ATR_E_CLOSED);

    assert_true(fx.closed);
    assert_int_equal(fx.cancels, 1);
    hang_reply_drop(&fx.reply);
}

static void the_loop_may_be_the_programs(void **state)
{
    uv_loop_t loop;
    uv_loop_init(&loop);
    fixture_open_with(&(atr_app_options){.loop = &loop});
    run("fetch", 2);

    assert_int_equal(atr_app_settle(fx.app, 0), ATR_OK);

    assert_int_equal(fx.now, 2);
    assert_int_equal(atr_app_close(fx.app, mark_closed, NULL), ATR_OK);
    assert_int_equal(atr_app_settle(fx.app, 0), ATR_E_CLOSED);
    uv_run(&loop, UV_RUN_DEFAULT);
    fixture_close();
    assert_int_equal(uv_loop_close(&loop), 0);
}

static void a_closing_on_the_programs_loop_ends_there(void **state)
{
    uv_loop_t loop;
    uv_loop_init(&loop);
    fixture_open_with(&(atr_app_options){.loop = &loop});
    ATR_WATCH(fx.store, tally, close_within, NULL, NULL);
    run("add", 1);

    assert_int_equal(atr_app_settle(fx.app, 0), ATR_E_CLOSED);

    fixture_close();
    assert_int_equal(uv_loop_close(&loop), 0);
}

static void other_thread(void *code)
{
    *(int *)code = atr_app_settle(fx.app, 0);
}

static void it_is_refused_on_another_thread(void **state)
{
    uv_thread_t thread;
    int code = ATR_OK;

    uv_thread_create(&thread, other_thread, &code);
    uv_thread_join(&thread);

    assert_int_equal(code, ATR_E_THREAD);
}

#define HERE(test) cmocka_unit_test_setup_teardown(test, open_app, close_app)

int main(void)
{
    const struct CMUnitTest tests[] = {
        HERE(an_app_at_rest_is_settled_at_once),
        HERE(who_has_asked_to_be_told_is_told),
        HERE(it_waits_for_answers_from_threads_and_tells_subscribers),
        HERE(it_waits_for_what_callbacks_ask_for),
        HERE(a_query_that_hangs_ends_it_by_the_timeout_and_goes_on),
        HERE(timeouts_of_queries_fire_before_and_after_one_of_its_own),
        HERE(it_is_refused_in_a_callback),
        HERE(an_app_that_is_closed_on_the_way_is_closed_when_it_returns),
        cmocka_unit_test(the_loop_may_be_the_programs),
        cmocka_unit_test(a_closing_on_the_programs_loop_ends_there),
        HERE(it_is_refused_on_another_thread),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
