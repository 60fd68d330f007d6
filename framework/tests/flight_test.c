/* What a flight has besides its query ends with it, however plain its way was. */
#include "fixture.h"

static int open_app(void **state)
{
    (void)state;
    fixture_open();
    return 0;
}

static int close_app(void **state)
{
    (void)state;
    fixture_close();
    return 0;
}

static void count_end(void *ptr)
{
    ++*(int *)ptr;
}

static int ends;

/* Owns something and answers at once. */
ATR_QUERY(own_now, NO_INPUTS, unit);
static void own_now_start(atr_start *ctx, const own_now *self)
{
    (void)self;
    atr_start_own(ctx, &ends, count_end);
    own_now_answer(ctx, ATR_UNIT);
}
ATR_QUERY_IMPL(own_now, NO_INPUTS, unit, .start_async = own_now_start);

static void what_a_start_owns_ends_when_it_answers_at_once(void **state)
{
    atr_event e = atr_event_open(fx.app);
    (void)state;
    ends = 0;
    ATR_EXECUTE(&e, own_now);
    ATR_EXECUTE(&e, own_now);
    atr_event_close(&e);

    fixture_settle();

    assert_int_equal(ends, 2);
}

/* Hands something over that needs no end, */
ATR_QUERY(lend, NO_INPUTS, unit);
static void lend_start(atr_start *ctx, const lend *self)
{
    (void)self;
    atr_start_own(ctx, &ends, NULL);
    lend_answer(ctx, ATR_UNIT);
}
ATR_QUERY_IMPL(lend, NO_INPUTS, unit, .start_async = lend_start);

/* and nothing at all. */
ATR_QUERY(wait_for_end, NO_INPUTS, unit);
static wait_for_end_reply waiting;
static void *given_back;
static void wait_start(atr_start *ctx, const wait_for_end *self)
{
    (void)self;
    waiting = wait_for_end_reply_later(ctx);
}
static void wait_cancel(atr_view *v, const wait_for_end *self, void *ptr)
{
    (void)v;
    (void)self;
    given_back = ptr;
}
ATR_QUERY_IMPL(wait_for_end, NO_INPUTS, unit, .start_async = wait_start, .cancel = wait_cancel);

static void cancel_gets_what_its_own_start_has_handed_over(void **state)
{
    atr_event e = atr_event_open(fx.app);
    atr_handle handle;
    (void)state;
    ATR_EXECUTE(&e, lend);
    atr_event_close(&e);
    fixture_settle();
    e = atr_event_open(fx.app);
    handle = ATR_EXECUTE(&e, wait_for_end);
    atr_event_close(&e);
    fixture_settle();
    given_back = &e;

    e = atr_event_open(fx.app);
    atr_cancel(&e, handle);
    atr_event_close(&e);
    fixture_settle();

    assert_null(given_back);
    wait_for_end_reply_drop(&waiting);
}

/* They change nothing, so no round tells the loop that there is more. */
static void t4_beyond_the_drain_limit_the_rest_comes_after_a_pass_of_the_loop(void **state)
{
    atr_event e = atr_event_open(fx.app);
    (void)state;
    ends = 0;
    for (int i = 0; i < 2500; i++) {
        ATR_EXECUTE(&e, own_now);
    }
    atr_event_close(&e);

    assert_int_equal(atr_app_settle(fx.app, 0), ATR_OK);

    assert_int_equal(ends, 2500);
}

/* Has a timeout, and answers at once. */
ATR_QUERY(prompt, NO_INPUTS, unit);
static void prompt_start(atr_start *ctx, const prompt *self)
{
    (void)self;
    prompt_answer(ctx, ATR_UNIT);
}
ATR_QUERY_IMPL(prompt, NO_INPUTS, unit, .start_async = prompt_start, .timeout_ms = 60000);

static void an_answer_within_the_time_leaves_no_timer(void **state)
{
    atr_event e = atr_event_open(fx.app);
    (void)state;
    ATR_CALL(&e, add, (.by = 3), .timeout_ms = 60000);
    ATR_EXECUTE(&e, prompt);
    atr_event_close(&e);

    fixture_settle();

    assert_int_equal(atr_app_stats_now(fx.app).succeeded, 2);
    assert_true(atr_app_next_alarm(fx.app) == ATR_NEVER);
}

/* Takes a reply handle and owns nothing. */
ATR_QUERY(ask, NO_INPUTS, i64);
static ask_reply asked;
static void ask_start(atr_start *ctx, const ask *self)
{
    (void)self;
    asked = ask_reply_later(ctx);
}
ATR_QUERY_IMPL(ask, NO_INPUTS, i64, .start_async = ask_start);

static void the_reply_of_a_cancelled_query_is_over(void **state)
{
    atr_event e = atr_event_open(fx.app);
    atr_handle handle = ATR_EXECUTE(&e, ask);
    (void)state;
    atr_event_close(&e);
    fixture_settle();
    assert_false(ask_reply_is_over(&asked));

    e = atr_event_open(fx.app);
    atr_cancel(&e, handle);
    atr_event_close(&e);
    fixture_settle();

    assert_true(ask_reply_is_over(&asked));
    ask_reply_drop(&asked);
}

/* A flight at rest begins anew: nothing of the query before it is left. */
static void a_plain_query_follows_one_with_options(void **state)
{
    atr_event e = atr_event_open(fx.app);
    (void)state;
    ATR_CALL(&e, add, (.by = 1), .timeout_ms = 1, .on_success = count_success, .user = &ends,
             .free_user = count_end);
    atr_event_close(&e);
    ends = 0;
    fixture_settle();
    assert_int_equal(ends, 1);

    e = atr_event_open(fx.app);
    ATR_EXECUTE(&e, ask);
    atr_event_close(&e);
    fixture_settle();

    assert_true(atr_app_next_alarm(fx.app) == ATR_NEVER);
    assert_int_equal(atr_app_stats_now(fx.app).in_flight, 1);
    ask_reply_send(&asked, 3);
    fixture_settle();
    assert_int_equal(ends, 1);
    assert_int_equal(fx.successes, 1);
}

static void a_query_cancelled_in_the_queue_counts_as_cancelled_only(void **state)
{
    atr_event e = atr_event_open(fx.app);
    atr_handle handle = ATR_EXECUTE(&e, add, .by = 1);
    (void)state;
    ATR_EXECUTE(&e, add, .by = 2);
    assert_int_equal(atr_app_stats_now(fx.app).queued, 2);
    atr_cancel(&e, handle);
    atr_event_close(&e);

    fixture_settle();

    assert_int_equal(atr_app_stats_now(fx.app).queued, 0);
    assert_int_equal(atr_app_stats_now(fx.app).in_flight, 0);
    assert_int_equal(atr_app_stats_now(fx.app).started, 1);
    assert_int_equal(atr_app_stats_now(fx.app).cancelled, 1);
    assert_int_equal(fx.now, 2);
}

/* The flight rests, and its next query will have the handle after this one. */
static void the_handle_of_the_next_query_finds_nothing_before_that(void **state)
{
    atr_event e = atr_event_open(fx.app);
    atr_handle handle = ATR_EXECUTE(&e, add, .by = 1), next;
    (void)state;
    atr_event_close(&e);
    fixture_settle();

    e = atr_event_open(fx.app);
    for (uint32_t step = 0; step <= 2; step++) {
        atr_handle guess = {handle.slot, handle.generation + step};
        assert_int_equal(atr_cancel(&e, guess), ATR_E_STALE);
    }
    next = ATR_EXECUTE(&e, add, .by = 2);
    assert_int_equal(next.slot, handle.slot);
    assert_true(next.generation != handle.generation);
    assert_int_equal(atr_cancel(&e, handle), ATR_E_STALE);
    atr_event_close(&e);
    fixture_settle();

    assert_int_equal(fx.now, 3);
    assert_int_equal(atr_app_stats_now(fx.app).cancelled, 0);
}

#define ENDS(name) cmocka_unit_test_setup_teardown(name, open_app, close_app)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(cancel_gets_what_its_own_start_has_handed_over, open_app,
                                        close_app),
        ENDS(what_a_start_owns_ends_when_it_answers_at_once),
        ENDS(t4_beyond_the_drain_limit_the_rest_comes_after_a_pass_of_the_loop),
        ENDS(an_answer_within_the_time_leaves_no_timer),
        ENDS(the_reply_of_a_cancelled_query_is_over),
        ENDS(a_plain_query_follows_one_with_options),
        ENDS(a_query_cancelled_in_the_queue_counts_as_cancelled_only),
        ENDS(the_handle_of_the_next_query_finds_nothing_before_that),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
