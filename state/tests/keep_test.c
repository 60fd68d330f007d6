#include "store_world.h"

static size_t values(world *w)
{
    return atr_pool_values(atr_store_pool(w->store));
}

/* A value that only its scope holds. */
static const counter *make(atr_scope *s, int64_t n)
{
    return ATR_NEW(s, counter, .n = n);
}

static void s2_a_kept_value_lives_across_callbacks(void **state)
{
    world *w = *state;
    atr_event e;
    const counter *kept;
    size_t before = values(w);
    event_open(w, &e);
    kept = make(e.s, 7);
    assert_int_equal(atr_keep(atr_store_of(&e), kept), ATR_OK);
    event_close(w, &e);
    add(w, 1);
    add(w, 1);

    assert_int_equal(kept->n, 7);
    assert_int_equal(atr_store_stats_now(w->store).kept, 1);

    atr_drop(w->store, kept);
    assert_int_equal(atr_store_stats_now(w->store).kept, 0);
    assert_int_equal(values(w), before + 1); /* the tally */
}

static void s1_what_is_dropped_in_a_callback_lives_until_it_returns(void **state)
{
    world *w = *state;
    atr_event e;
    const counter *kept;
    size_t before = values(w);
    event_open(w, &e);
    kept = make(e.s, 7);
    atr_keep(w->store, kept);
    event_close(w, &e);

    event_open(w, &e);
    atr_drop(w->store, kept);
    assert_int_equal(kept->n, 7);
    assert_int_equal(values(w), before + 1);
    event_close(w, &e);

    assert_int_equal(values(w), before);
}

/* The contexts of the engine, which have a scope of their own. */
static void s1_what_is_dropped_in_an_entered_context_lives_until_it_is_left(void **state)
{
    world *w = *state;
    atr_event e;
    size_t before = values(w);
    event_open(w, &e);
    for (int i = 0; i < 2; i++) {
        const counter *kept = make(e.s, i);
        atr_ctx *ctx = atr_ctx_enter(w->store, ATR_CTX_EVENT, w);
        assert_int_equal(atr_keep(w->store, kept), ATR_OK);
        atr_drop(w->store, kept);
        atr_scope_clear(e.s);
        assert_int_equal(kept->n, i);
        assert_int_equal(values(w), before + 1);
        if (i == 0) {
            atr_ctx_leave(ctx);
        } else {
            atr_ctx_pause(ctx);
            atr_ctx_forget(ctx);
        }
        assert_int_equal(values(w), before);
    }
    event_close(w, &e);
}

static void s1_a_drop_in_an_inner_callback_waits_for_that_one(void **state)
{
    world *w = *state;
    atr_event outer, inner;
    const counter *one, *two;
    size_t before = values(w);
    event_open(w, &outer);
    one = make(outer.s, 1);
    two = make(outer.s, 2);
    atr_keep(w->store, one);
    atr_keep(w->store, two);
    event_close(w, &outer);

    event_open(w, &outer);
    atr_drop(w->store, one);
    event_open(w, &inner);
    atr_drop(w->store, two);
    assert_int_equal(one->n + two->n, 3);
    event_close(w, &inner);
    assert_int_equal(values(w), before + 1);
    assert_int_equal(one->n, 1);
    event_close(w, &outer);

    assert_int_equal(values(w), before);
}

static void every_keep_needs_its_drop(void **state)
{
    world *w = *state;
    atr_event e;
    const counter *kept;
    event_open(w, &e);
    kept = make(e.s, 7);
    atr_keep(w->store, kept);
    atr_keep(w->store, kept);
    event_close(w, &e);

    atr_drop(w->store, kept);
    assert_int_equal(kept->n, 7);
    atr_drop(w->store, kept);

    atr_drop(w->store, &counter_default);
    assert_int_equal(take_violation(w), ATR_E_PHASE);
}

static void null_is_neither_kept_nor_dropped(void **state)
{
    world *w = *state;

    assert_int_equal(atr_keep(w->store, NULL), ATR_OK);
    atr_drop(w->store, NULL);
    atr_drop(NULL, &counter_default);
    assert_int_equal(atr_keep(NULL, &counter_default), ATR_E_INVALID);

    assert_int_equal(atr_store_stats_now(w->store).kept, 0);
}

static void static_values_may_be_kept_too(void **state)
{
    world *w = *state;

    assert_int_equal(atr_keep(w->store, &counter_default), ATR_OK);
    assert_int_equal(atr_store_stats_now(w->store).kept, 1);

    atr_drop(w->store, &counter_default);
    assert_int_equal(atr_store_stats_now(w->store).kept, 0);
}

static void what_is_no_value_is_not_kept(void **state)
{
    world *w = *state;
    static const counter draft = {ATR_DRAFT, 3};

    assert_int_equal(atr_keep(w->store, &draft), ATR_E_REFUSED);
    assert_int_equal(take_violation(w), ATR_E_REFUSED);
    atr_drop(w->store, &draft);
    assert_int_equal(take_violation(w), ATR_E_REFUSED);
}

static void s4_a_latched_callback_keeps_nothing(void **state)
{
    world *w = *state;
    atr_event e;
    const counter *made;
    event_open(w, &e);
    made = make(e.s, 1);
    atr_refuse(e.s, ATR_E_INVALID, "no");

    assert_int_equal(atr_keep(w->store, made), ATR_E_LATCHED);

    assert_int_equal(atr_store_stats_now(w->store).kept, 0);
    event_close(w, &e);
}

static void many_values_are_kept_and_dropped(void **state)
{
    enum { COUNT = 1000 };
    world *w = *state;
    const counter *kept[COUNT];
    size_t before = values(w);
    atr_event e;
    for (int round = 0; round < 3; round++) {
        event_open(w, &e);
        for (int i = 0; i < COUNT; i++) {
            kept[i] = make(e.s, i);
            assert_int_equal(atr_keep(w->store, kept[i]), ATR_OK);
        }
        event_close(w, &e);

        event_open(w, &e);
        for (int i = 0; i < COUNT; i++) {
            atr_drop(w->store, kept[i]);
            assert_int_equal(kept[i]->n, i);
        }
        event_close(w, &e);
    }

    assert_int_equal(values(w), before);
}

static void what_is_still_kept_at_the_end_is_reported_with_its_number(void **state)
{
    world w = {0};
    atr_event e;
    const counter *kept;
    w.store = world_store_new(&w);
    event_open(&w, &e);
    kept = make(e.s, 1);
    atr_keep(w.store, kept);
    atr_keep(w.store, kept);
    event_close(&w, &e);

    atr_store_free(w.store);

    assert_int_equal(take_violation(&w), ATR_E_PHASE);
    assert_non_null(strstr(w.violation_text, "2 kept values"));
    assert_int_equal(kept->n, 1);
    atr_value_release(kept);
    atr_value_release(kept);
}

static void drop_in_destroy(void *user)
{
    const counter **kept = user;
    atr_store *store = (atr_store *)(uintptr_t)kept[1];
    atr_drop(store, kept[0]);
}

static void on_tally(atr_event *e, const counter *was, const counter *now, void *user)
{
    (void)e;
    (void)was;
    (void)now;
    (void)user;
}

static void user_data_may_drop_what_it_kept_when_the_store_ends(void **state)
{
    world w = {0};
    atr_event e;
    const void *kept[2];
    w.store = world_store_new(&w);
    assert_true(world_add_roots(&w));
    event_open(&w, &e);
    kept[0] = make(e.s, 1);
    kept[1] = w.store;
    atr_keep(w.store, kept[0]);
    event_close(&w, &e);
    ATR_WATCH(w.store, tally, on_tally, kept, drop_in_destroy);

    atr_store_free(w.store);

    assert_int_equal(w.violations, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        BOTH(s2_a_kept_value_lives_across_callbacks),
        BOTH(s1_what_is_dropped_in_a_callback_lives_until_it_returns),
        BOTH(s1_what_is_dropped_in_an_entered_context_lives_until_it_is_left),
        BOTH(s1_a_drop_in_an_inner_callback_waits_for_that_one),
        BOTH(every_keep_needs_its_drop),
        BOTH(null_is_neither_kept_nor_dropped),
        BOTH(static_values_may_be_kept_too),
        BOTH(what_is_no_value_is_not_kept),
        BOTH(s4_a_latched_callback_keeps_nothing),
        BOTH(many_values_are_kept_and_dropped),
        BOTH(what_is_still_kept_at_the_end_is_reported_with_its_number),
        BOTH(user_data_may_drop_what_it_kept_when_the_store_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
