/* Subscriptions to edit scripts: how they begin and end, and what is refused. */
#include "watch_lists.h"

static void user_data_is_destroyed_once_when_a_subscription_ends(void **state)
{
    world *w = *state;
    static list l, m;
    atr_watch watch;
    l = m = (list){.count = 0};
    begin(w);
    watch = ATR_WATCH_EDITS(w->store, shown, rows, on_rows, &l, destroy_list);
    ATR_WATCH_VIEW_EDITS(w->store, odd_rows, on_odd, &m, destroy_list);

    atr_unwatch(w->store, watch);
    assert_int_equal(l.destroyed, 1);
    atr_unwatch(w->store, watch);
    insert(w, 0, 1);
    notify(w);

    assert_int_equal(l.destroyed, 1);
    assert_int_equal(l.calls, 0);
    assert_int_equal(m.destroyed, 0);
}

static void what_has_no_edits_is_refused_and_destroys_its_user_data(void **state)
{
    world *w = *state;
    list l = {.count = 0};
    begin(w);

    assert_int_equal(ATR_WATCH_EDITS(w->store, shown, name, on_rows, &l, destroy_list).slot, 0);
    assert_int_equal(take_violation(w), ATR_E_DEFINITION);
    assert_string_equal(w->violation_text,
                        "ATR_WATCH_EDITS: shown.name is neither collection nor model");
    assert_int_equal(ATR_WATCH_VIEW_EDITS(w->store, row_count, NULL, &l, destroy_list).slot, 0);
    assert_int_equal(take_violation(w), ATR_E_INVALID);
    assert_int_equal(ATR_WATCH_EDITS(w->store, shown, rows, NULL, &l, destroy_list).slot, 0);
    assert_int_equal(take_violation(w), ATR_E_INVALID);
    assert_int_equal(ATR_WATCH_EDITS(NULL, shown, rows, on_rows, &l, destroy_list).slot, 0);
    assert_int_equal(l.destroyed, 4);
}

static void on_count(atr_event *e, const atr_edits *edits, int64_t was, int64_t now, void *user)
{
    (void)e;
    (void)edits;
    (void)was;
    (void)now;
    (void)user;
}

static void a_view_of_a_number_has_no_edits(void **state)
{
    world *w = *state;
    list l = {.count = 0};
    begin(w);

    assert_int_equal(ATR_WATCH_VIEW_EDITS(w->store, row_count, on_count, &l, destroy_list).slot, 0);

    assert_int_equal(take_violation(w), ATR_E_DEFINITION);
    assert_string_equal(w->violation_text, "ATR_WATCH_VIEW_EDITS: view row_count gives neither "
                                           "collection nor model");
    assert_int_equal(l.destroyed, 1);
}

static void a_root_that_is_not_registered_is_refused(void **state)
{
    world *w = *state;
    list l = {.count = 0};

    assert_int_equal(ATR_WATCH_EDITS(w->store, shown, rows, on_rows, &l, destroy_list).slot, 0);

    assert_int_equal(take_violation(w), ATR_E_NOT_FOUND);
    assert_int_equal(l.destroyed, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        BOTH(user_data_is_destroyed_once_when_a_subscription_ends),
        BOTH(what_has_no_edits_is_refused_and_destroys_its_user_data),
        BOTH(a_view_of_a_number_has_no_edits),
        BOTH(a_root_that_is_not_registered_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
