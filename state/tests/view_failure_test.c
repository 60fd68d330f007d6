/* Views that fail, give what they must not, or ask for themselves. */
#include "views.h"

/* ---- cycles ---- */

ATR_VIEW(ping, i64);
ATR_VIEW(pong, i64);
static int64_t run_ping(atr_view *v)
{
    return ATR_STATE(v, other)->n == 0 ? 1 : ATR_GET(v, pong) + 10;
}
static int64_t run_pong(atr_view *v)
{
    return ATR_GET(v, ping) + 100;
}
ATR_VIEW_IMPL(ping, i64, run_ping);
ATR_VIEW_IMPL(pong, i64, run_pong);

static void a_cycle_of_views_is_reported_and_gives_zero(void **state)
{
    world *w = *state;
    int one = 1;
    atr_event e;
    event_open(w, &e);
    assert_int_equal(ATR_GET(&e, pong), 101);

    turn(w, add_to_other, &one);

    assert_int_equal(ATR_GET(&e, ping), 110);
    assert_int_equal(take_violation(w), ATR_E_DEFINITION);
    event_close(w, &e);
}

static int64_t get_number(world *w, int64_t (*get)(atr_ctx *ctx))
{
    atr_event e;
    int64_t number;
    event_open(w, &e);
    number = get(e.ctx);
    event_close(w, &e);
    return number;
}

/* Whichever of them was asked first, and whoever is told of them. */
static void a_cycle_of_views_that_is_gone_leaves_nothing_behind(void **state)
{
    world *w = *state;
    int one = 1, back = -1;
    tale of_ping = {0}, of_pong = {0};
    for (int way = 0; way < 3; way++) {
        bool reverse = way == 1;
        if (way == 2) {
            ATR_WATCH_VIEW(w->store, ping, on_number, &of_ping, NULL);
            ATR_WATCH_VIEW(w->store, pong, on_number, &of_pong, NULL);
        }
        turn(w, add_to_other, &one);
        notify(w);
        get_number(w, reverse ? pong_get : ping_get);
        get_number(w, reverse ? ping_get : pong_get);
        assert_int_equal(take_violation(w), ATR_E_DEFINITION);
        turn(w, add_to_other, &back);
        notify(w);

        assert_int_equal(get_number(w, reverse ? ping_get : pong_get), reverse ? 1 : 101);
        assert_int_equal(get_number(w, reverse ? pong_get : ping_get), reverse ? 101 : 1);
    }
    assert_int_equal(of_ping.now, 1);
    assert_int_equal(of_pong.now, 101);
    assert_false(atr_store_is_dirty(w->store));
}

static void read_ping(atr_finish *f, void *user)
{
    *(int64_t *)user = ATR_GET(f, ping);
}

static void a_cycle_of_views_in_finish_is_reported_and_gives_zero(void **state)
{
    world *w = *state;
    int one = 1;
    int64_t seen = 0;
    turn(w, add_to_other, &one);

    assert_int_equal(turn(w, read_ping, &seen), ATR_OK);

    assert_int_equal(seen, 110);
    assert_int_equal(take_violation(w), ATR_E_DEFINITION);
}

/* ---- failures ---- */

static int fragile_runs;

/* Fails when the tally is odd. */
ATR_VIEW(fragile, str);
static const atr_str *run_fragile(atr_view *v)
{
    int64_t n = ATR_STATE(v, tally)->n;
    fragile_runs++;
    if (n % 2 != 0) {
        atr_refuse(v->s, ATR_E_INVALID, "odd");
    }
    return atr_str_format(v->s, "%d", (int)n);
}
ATR_VIEW_IMPL(fragile, str, run_fragile);

static bool fragile_is(world *w, const char *text)
{
    atr_event e;
    bool is;
    event_open(w, &e);
    is = atr_str_is(ATR_GET(&e, fragile), text);
    is = is && atr_scope_error(e.s) == NULL;
    event_close(w, &e);
    return is;
}

static void a_view_that_fails_keeps_its_last_result_and_is_reported_once(void **state)
{
    world *w = *state;
    fragile_runs = 0;
    assert_true(fragile_is(w, "0"));

    add(w, 1);
    assert_true(fragile_is(w, "0"));
    assert_int_equal(take_failure(w), ATR_E_INVALID);
    assert_string_equal(w->failure_name, "fragile");
    assert_true(fragile_is(w, "0"));
    assert_int_equal(fragile_runs, 2);
    add(w, 2);
    assert_true(fragile_is(w, "0"));
    assert_int_equal(w->failures, 0);

    add(w, 1);
    assert_true(fragile_is(w, "4"));
    add(w, 1);
    assert_true(fragile_is(w, "4"));
    assert_int_equal(take_failure(w), ATR_E_INVALID);
}

/* One view of each kind of result, none of which ever does well. */
#define BAD_VIEW(V, KIND)                              \
    ATR_VIEW(V, KIND);                                 \
    static ATR_CTYPE_##KIND run_##V(atr_view *v)       \
    {                                                  \
        static ATR_CTYPE_##KIND const zero = ZERO_##V; \
        atr_refuse(v->s, ATR_E_INVALID, "never");      \
        return zero;                                   \
    }                                                  \
    ATR_VIEW_IMPL(V, KIND, run_##V)
#define ZERO_bad_i64 7
#define ZERO_bad_f64 7
#define ZERO_bad_bool true
#define ZERO_bad_opt_i64 \
    {                    \
        true, 7          \
    }
#define ZERO_bad_str &text
#define ZERO_bad_bytes &raw
#define ZERO_bad_ref &other_counter
#define ZERO_bad_opt_ref &other_counter
#define ZERO_bad_vec NULL
#define ZERO_bad_any &other_counter
static const atr_str text = ATR_STR_INIT("x");
static const atr_bytes raw = {{&atr_bytes_model, INT32_MIN, 0, 0}, 1, (const unsigned char *)"x"};
static const counter other_counter = {ATR_HEAD(counter), 7};
BAD_VIEW(bad_i64, i64);
BAD_VIEW(bad_f64, f64);
BAD_VIEW(bad_bool, bool);
BAD_VIEW(bad_opt_i64, opt(i64));
BAD_VIEW(bad_str, str);
BAD_VIEW(bad_bytes, bytes);
BAD_VIEW(bad_ref, ref(counter));
BAD_VIEW(bad_opt_ref, opt(ref(counter)));
BAD_VIEW(bad_vec, vec(counter));
BAD_VIEW(bad_any, any);

static void a_view_that_never_did_well_gives_the_zero_of_its_kind(void **state)
{
    world *w = *state;
    atr_event e;
    event_open(w, &e);

    assert_int_equal(ATR_GET(&e, bad_i64), 0);
    assert_true(ATR_GET(&e, bad_f64) == 0);
    assert_false(ATR_GET(&e, bad_bool));
    assert_false(ATR_GET(&e, bad_opt_i64).has);
    assert_ptr_equal(ATR_GET(&e, bad_str), &atr_str_default);
    assert_ptr_equal(ATR_GET(&e, bad_bytes), &atr_bytes_default);
    assert_ptr_equal(ATR_GET(&e, bad_ref), &counter_default);
    assert_null(ATR_GET(&e, bad_opt_ref));
    assert_null(ATR_GET(&e, bad_vec));
    assert_null(ATR_GET(&e, bad_any));

    assert_int_equal(w->failures, 10);
    w->failures = 0;
    event_close(w, &e);
}

ATR_VIEW(missing, str);
static const atr_str *run_missing(atr_view *v)
{
    return ATR_STATE(v, tally)->n == 0 ? NULL : atr_str_new(v->s, "there");
}
ATR_VIEW_IMPL(missing, str, run_missing);

static void null_for_a_required_result_is_a_failure(void **state)
{
    world *w = *state;
    atr_event e;
    event_open(w, &e);

    assert_ptr_equal(ATR_GET(&e, missing), &atr_str_default);
    assert_int_equal(take_failure(w), ATR_E_REFUSED);

    add(w, 1);
    assert_true(atr_str_is(ATR_GET(&e, missing), "there"));
    event_close(w, &e);
}

static void read_fragile(atr_finish *f, void *user)
{
    int one = 1;
    (void)user;
    add_to_tally(f, &one);
    ATR_GET(f, fragile);
}

static void t5_a_view_that_fails_in_finish_fails_the_finish(void **state)
{
    world *w = *state;

    assert_int_equal(turn(w, read_fragile, NULL), ATR_E_INVALID);

    assert_int_equal(confirmed_n(w, &tally_root), 0);
    assert_int_equal(w->failures, 0);
}

static void read_missing(atr_finish *f, void *user)
{
    *(const atr_str **)user = ATR_GET(f, missing);
}

static void null_for_a_required_result_fails_the_finish(void **state)
{
    world *w = *state;
    const atr_str *seen = NULL;

    assert_int_equal(turn(w, read_missing, &seen), ATR_E_REFUSED);

    assert_ptr_equal(seen, &atr_str_default);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        BOTH(a_cycle_of_views_is_reported_and_gives_zero),
        BOTH(a_cycle_of_views_that_is_gone_leaves_nothing_behind),
        BOTH(a_cycle_of_views_in_finish_is_reported_and_gives_zero),
        BOTH(a_view_that_fails_keeps_its_last_result_and_is_reported_once),
        BOTH(a_view_that_never_did_well_gives_the_zero_of_its_kind),
        BOTH(null_for_a_required_result_is_a_failure),
        BOTH(t5_a_view_that_fails_in_finish_fails_the_finish),
        BOTH(null_for_a_required_result_fails_the_finish),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
