#include "store_world.h"

typedef struct step {
    int tally, other; /* what to add; 0: nothing */
    bool fails;
} step;

static void run_step(atr_finish *f, void *user)
{
    const step *s = user;
    int n = s->tally, m = s->other;
    if (n != 0) {
        add_to_tally(f, &n);
    }
    if (m != 0) {
        add_to_other(f, &m);
    }
    if (s->fails) {
        atr_fail(f, 1, "step");
    }
}

static void run_steps(world *w, const step *steps, size_t count)
{
    atr_scope *s = atr_pool_scope(atr_store_pool(w->store));
    atr_turn_begin(w->store);
    for (size_t i = 0; i < count; i++) {
        callback(w, s, run_step, (void *)(uintptr_t)&steps[i]);
    }
    atr_turn_commit(w->store);
    atr_scope_close(s);
}

static void t2a_a_callback_that_fails_is_undone_alone(void **state)
{
    world *w = *state;
    static const step steps[] = {{1, 1, false}, {10, 0, true}, {100, 0, false}};

    run_steps(w, steps, 3);

    assert_int_equal(confirmed_n(w, &tally_root), 101);
    assert_int_equal(confirmed_n(w, &other_root), 1);
}

static void t2a_an_undone_callback_leaves_untouched_roots_untouched(void **state)
{
    world *w = *state;
    static const step steps[] = {{1, 5, true}, {0, 0, false}};

    run_steps(w, steps, 2);

    assert_ptr_equal(confirmed(w, &tally_root), &counter_default);
    assert_ptr_equal(confirmed(w, &other_root), &counter_default);
}

static void t2a_each_callback_has_a_savepoint_of_its_own(void **state)
{
    world *w = *state;
    /* Every pattern of failing among five callbacks, each adding one digit. */
    for (unsigned fails = 0; fails < 32; fails++) {
        step steps[5];
        int64_t before = confirmed_n(w, &tally_root), expected = 0;
        int digit = 1;
        for (int i = 0; i < 5; i++, digit *= 10) {
            steps[i] = (step){digit, i % 2, (fails >> i & 1) != 0};
            expected += steps[i].fails ? 0 : digit;
        }

        run_steps(w, steps, 5);

        assert_int_equal(confirmed_n(w, &tally_root) - before, expected);
    }
}

static void t2a_an_undo_twice_from_one_mark_gives_the_same(void **state)
{
    world *w = *state;
    atr_scope *s = atr_pool_scope(atr_store_pool(w->store));
    atr_ctx *ctx = atr_ctx_open(w->store, ATR_CTX_FINISH, s, w);
    atr_finish f = {s, ctx, atr_ctx_run(ctx), atr_ctx_write(ctx), false};
    int one = 1, ten = 10;
    atr_turn_begin(w->store);
    add_to_tally(&f, &one);
    atr_turn_mark(w->store);

    for (int i = 0; i < 3; i++) {
        add_to_tally(&f, &ten);
        add_to_tally(&f, &ten);
        atr_turn_undo(w->store);
        assert_int_equal(ATR_STATE(&f, tally)->n, 1);
    }

    atr_turn_commit(w->store);
    assert_int_equal(confirmed_n(w, &tally_root), 1);
    atr_ctx_close(ctx);
    atr_scope_close(s);
}

static void an_aborted_turn_leaves_everything_as_it_was(void **state)
{
    world *w = *state;
    static const step steps[] = {{1, 1, false}, {2, 2, true}, {3, 3, false}};
    atr_scope *s = atr_pool_scope(atr_store_pool(w->store));
    atr_turn_begin(w->store);
    for (size_t i = 0; i < 3; i++) {
        callback(w, s, run_step, (void *)(uintptr_t)&steps[i]);
    }

    atr_turn_abort(w->store);
    atr_scope_close(s);

    assert_ptr_equal(confirmed(w, &tally_root), &counter_default);
    assert_ptr_equal(visible(w, &other_root), &counter_default);
    assert_int_equal(atr_store_stats_now(w->store).aborted, 1);
}

static void t2a_a_reset_is_undone_with_its_callback(void **state)
{
    world *w = *state;
    add(w, 4);
    atr_turn_begin(w->store);
    atr_turn_mark(w->store);
    atr_turn_reset(w->store, NULL);

    atr_turn_undo(w->store);
    atr_turn_commit(w->store);

    assert_int_equal(confirmed_n(w, &tally_root), 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        BOTH(t2a_a_callback_that_fails_is_undone_alone),
        BOTH(t2a_an_undone_callback_leaves_untouched_roots_untouched),
        BOTH(t2a_each_callback_has_a_savepoint_of_its_own),
        BOTH(t2a_an_undo_twice_from_one_mark_gives_the_same),
        BOTH(an_aborted_turn_leaves_everything_as_it_was),
        BOTH(t2a_a_reset_is_undone_with_its_callback),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
