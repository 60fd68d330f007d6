/* What outlives the end of an app's world: events that are open, reply handles that are out. */
#include "fixture.h"

/* A world that counts who calls it after its end. */
static struct {
    void (*done)(void *user);
    void *done_user;
    bool over;
    int calls;
    uint64_t clock_ns, tick_ns; /* each look at the clock takes a tick */
} w;

static int world_open(void *self, atr_app *app)
{
    return ATR_OK;
}

static void world_close(void *self, void (*done)(void *user), void *user)
{
    w.done = done;
    w.done_user = user;
}

static atr_time world_time_us(void *self)
{
    w.calls += w.over;
    return 1;
}

static uint64_t world_number(void *self)
{
    w.calls += w.over;
    return 1;
}

static uint64_t world_clock_ns(void *self)
{
    w.calls += w.over;
    return w.clock_ns += w.tick_ns;
}

static void world_alarm(void *self, uint64_t due_ns)
{
    w.calls += w.over;
}

static void world_wake(void *self)
{
    w.calls += w.over;
}

static void world_begin(void *self, atr_flight *flight)
{
    atr_flight_start(flight);
}

static bool world_may_allocate(void *self, size_t size_bytes)
{
    w.calls += w.over;
    return true;
}

static void world_note(void *self, const atr_note *note)
{
    w.calls += w.over;
}

static void world_notified(void *self)
{
    w.calls += w.over;
}

static int world_pass(void *self)
{
    w.calls += w.over;
    return ATR_E_PHASE;
}

static int world_fault(void *self, const char *point)
{
    w.calls += w.over;
    return 3;
}

static const atr_world world = {
    .size = sizeof world,
    .open = world_open,
    .close = world_close,
    .time_us = world_time_us,
    .clock_ns = world_clock_ns,
    .random = world_number,
    .alarm = world_alarm,
    .wake = world_wake,
    .begin = world_begin,
    .may_allocate = world_may_allocate,
    .fault = world_fault,
    .note = world_note,
    .notified = world_notified,
    .run = world_pass,
    .pass = world_pass,
};

static void mark_closed(void *user)
{
    fx.closed = true;
}

static int setup(void **state)
{
    atr_app_options options = {.world = &world};
    memset(&w, 0, sizeof w);
    fixture_open_with(&options);
    return 0;
}

static int teardown(void **state)
{
    fixture_close();
    return 0;
}

static void close_world(void)
{
    assert_int_equal(atr_app_close(fx.app, mark_closed, NULL), ATR_OK);
    while (w.done == NULL) {
        atr_app_drain(fx.app);
    }
    w.over = true;
    w.done(w.done_user);
}

static void ignore(atr_finish *f, const atr_failure *failure, void *user)
{
}

ATR_VIEW(failing, i64);
static int64_t latch(atr_view *v)
{
    atr_str_new(v->s, "\xff");
    return 0;
}
ATR_VIEW_IMPL(failing, i64, latch);

static void an_event_that_is_open_does_not_reach_the_world_that_has_ended(void **state)
{
    atr_event e = atr_event_open(fx.app);
    close_world();

    atr_watch_tell(fx.store, fx.watch);
    assert_int_equal(ATR_GET(&e, failing), 0);
    assert_string_equal(atr_str_format(e.s, "%d", 7)->bytes, "7");
    assert_int_equal(ATR_EXECUTE(&e, add, .by = 1).slot, 0);
    atr_now(&e);
    atr_random(&e);
    assert_int_equal(atr_app_fault(fx.app, "point"), 0);
    assert_int_equal(atr_app_drain(fx.app), 0);
    assert_int_equal(atr_app_run(fx.app), ATR_E_PHASE);
    assert_int_equal(ATR_STATE(&e, tally)->number, 0);
    assert_false(fx.closed);
    assert_int_equal(atr_event_close(&e), ATR_OK);

    assert_true(fx.closed);
    assert_int_equal(w.calls, 0);
}

static void tell_told(void *user)
{
    atr_watch_tell(fx.store, fx.watch);
}

static void nor_does_a_destructor_that_runs_with_the_end(void **state)
{
    atr_app_on_error(fx.app, ignore, NULL, tell_told);
    close_world();

    assert_true(fx.closed);
    assert_int_equal(w.calls, 0);
}

static int refused[2];
static int destroyed;

static void count_destroyed(void *user)
{
    destroyed++;
}

static void ignore_success(atr_finish *f, const atr_query_class *query_class, const void *query,
                           const atr_value *response, void *user)
{
}

static void listen_on(void *user)
{
    refused[0] = atr_app_on_error(fx.app, ignore, NULL, count_destroyed);
    refused[1] = atr_app_on_success(fx.app, NULL, ignore_success, NULL, count_destroyed);
}

static void who_listens_to_an_app_that_ends_is_refused_and_destroyed(void **state)
{
    destroyed = 0;
    atr_app_on_success(fx.app, NULL, ignore_success, NULL, listen_on);
    close_world();

    assert_true(fx.closed);
    assert_int_equal(refused[0], ATR_E_CLOSED);
    assert_int_equal(refused[1], ATR_E_CLOSED);
    assert_int_equal(destroyed, 2);
}

/* ---- reply handles ---- */

/* Has begun to make its answer on the loop. */
ATR_QUERY(compose, NO_INPUTS, str);
static compose_reply composing;
static const atr_str *text;

static void compose_start(atr_start *ctx, const compose *self)
{
    composing = compose_reply_later(ctx);
    text = atr_str_format(compose_reply_scope(&composing), "%s", "a text longer than most");
}
ATR_QUERY_IMPL(compose, NO_INPUTS, str, .start_async = compose_start);

typedef enum ending { END_SEND, END_FAIL, END_DROP, END_SCOPE } ending;

static int end_reply(ending how)
{
    switch (how) {
    case END_SEND: return compose_reply_send(&composing, text);
    case END_FAIL: return compose_reply_fail(&composing, &atr_error_no_memory);
    case END_SCOPE:
        assert_null(compose_reply_scope(&composing));
        return compose_reply_send(&composing, &atr_str_default);
    default: compose_reply_drop(&composing); return ATR_E_CLOSED;
    }
}

/* The scope goes with the app. */
static void a_reply_whose_scope_was_opened_may_be_given_back_after_the_app(void **state)
{
    for (ending how = END_SEND; how <= END_SCOPE; how++) {
        atr_event e;
        setup(state);
        e = atr_event_open(fx.app);
        ATR_EXECUTE(&e, compose);
        atr_event_close(&e);
        fixture_settle();
        close_world();
        assert_true(fx.closed);

        assert_int_equal(end_reply(how), ATR_E_CLOSED);

        teardown(state); /* nothing is left */
    }
}

/* ---- the clock goes on meanwhile ---- */

/* Nobody is told anything, so no round is counted. */
static void t4_a_timeout_that_falls_due_as_a_drain_ends_is_no_round(void **state)
{
    atr_app_options options = {.world = &world, .round_limit = 1};
    atr_event e;
    memset(&w, 0, sizeof w);
    fixture_open_with(&options);
    w.tick_ns = 600000;
    e = atr_event_open(fx.app);
    ATR_CALL(&e, hang, (.number = 1), .timeout_ms = 1);
    atr_event_close(&e);

    atr_app_drain(fx.app);
    assert_int_equal(fx.violations, 0);
    atr_app_drain(fx.app);
    assert_int_equal(fx.failure_code, ATR_E_TIMEOUT);

    assert_int_equal(fx.violations, 0);
    hang_reply_drop(&fx.reply);
    close_world();
    fixture_close();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            an_event_that_is_open_does_not_reach_the_world_that_has_ended, setup, teardown),
        cmocka_unit_test_setup_teardown(nor_does_a_destructor_that_runs_with_the_end, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(who_listens_to_an_app_that_ends_is_refused_and_destroyed,
                                        setup, teardown),
        cmocka_unit_test(a_reply_whose_scope_was_opened_may_be_given_back_after_the_app),
        cmocka_unit_test(t4_a_timeout_that_falls_due_as_a_drain_ends_is_no_round),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
