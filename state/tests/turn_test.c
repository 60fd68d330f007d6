#include "store_world.h"

/* ---- T1, T2 ---- */

static void update_two_roots(atr_finish *f, void *user)
{
    int one = 1;
    add_to_tally(f, &one);
    add_to_other(f, &one);
    if (user != NULL) {
        atr_fail(f, 7, "no");
    }
}

static void t2_a_turn_commits_all_updates_or_none(void **state)
{
    world *w = *state;

    assert_int_equal(turn(w, update_two_roots, NULL), ATR_OK);
    assert_int_equal(confirmed_n(w, &tally_root), 1);
    assert_int_equal(confirmed_n(w, &other_root), 1);

    assert_int_equal(turn(w, update_two_roots, w), 7);
    assert_int_equal(confirmed_n(w, &tally_root), 1);
    assert_int_equal(confirmed_n(w, &other_root), 1);
}

static void read_own_updates(atr_finish *f, void *user)
{
    int one = 1;
    add_to_tally(f, &one);
    assert_int_equal(ATR_STATE(f, tally)->n, 1);
    add_to_tally(f, &one);
    *(int64_t *)user = ATR_STATE(f, tally)->n;
}

static void t2_a_turn_reads_its_own_updates(void **state)
{
    world *w = *state;
    int64_t seen = 0;

    turn(w, read_own_updates, &seen);

    assert_int_equal(seen, 2);
    assert_int_equal(confirmed_n(w, &tally_root), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        BOTH(t2_a_turn_commits_all_updates_or_none),
        BOTH(t2_a_turn_reads_its_own_updates),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
