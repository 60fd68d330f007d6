/* Subscriptions when the state has changed more often than a test can change it. */
#include "watch_lists.h"

/* From the inside: how often that is. */
#include "store.h"

/* Of what has changed some is counted in 32 bits, where 0 stands for none. */
static void t5_lists_follow_when_the_state_changes_for_the_2_to_the_32nd_time(void **state)
{
    world *w = *state;
    static list l, m;
    begin(w);
    l = m = (list){.count = 0};
    ATR_WATCH_EDITS(w->store, shown, rows, on_rows, &l, NULL);
    ATR_WATCH_VIEW_EDITS(w->store, odd_rows, on_odd, &m, NULL);
    insert(w, 0, 1);
    notify(w);

    w->store->epoch = UINT32_MAX;
    insert(w, 1, 3);
    assert_int_equal(notify(w), 2);

    assert_int_equal(l.count, 2);
    assert_int_equal(m.count, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        BOTH(t5_lists_follow_when_the_state_changes_for_the_2_to_the_32nd_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
