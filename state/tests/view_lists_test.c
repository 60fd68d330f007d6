/* Who listens to what: views that come to be watched and are watched no more, in any order, and where
 * memory is out when they do. And which results are kept that nobody needs. */
#include "failing.h"
#include "views.h"

/* Runs a round: so often they have been called since the last look. */
static int calls_in_round(world *w, tale *t)
{
    int calls;
    notify(w);
    calls = t->calls;
    t->calls = 0;
    return calls;
}

/* ---- each reads one thing ---- */

enum { OF_TALLY, OF_OTHER, OF_ITEM };

/* The tally, the other one, then the sizes of titles. */
ATR_VIEW_KEYED(number, i64, i64);
static int64_t run_number(atr_view *v, int64_t of)
{
    const todo_item *item;
    if (of < OF_ITEM) {
        return of == OF_TALLY ? ATR_STATE(v, tally)->n : ATR_STATE(v, other)->n;
    }
    item = ATR_STATE_KEY(v, todos, items, of);
    return item != NULL ? (int64_t)item->title->size : -1;
}
ATR_VIEW_KEYED_IMPL(number, i64, i64, run_number);

ATR_VIEW(sum, i64);
static int64_t run_sum(atr_view *v)
{
    return ATR_GET_KEY(v, number, OF_TALLY) + ATR_GET_KEY(v, number, OF_OTHER);
}
ATR_VIEW_IMPL(sum, i64, run_sum);

/* Reads the other one while the tally is odd. */
ATR_VIEW(sum_when_odd, i64);
static int64_t run_sum_when_odd(atr_view *v)
{
    int64_t n = ATR_STATE(v, tally)->n;
    return n % 2 != 0 ? n + ATR_GET_KEY(v, number, OF_OTHER) : n;
}
ATR_VIEW_IMPL(sum_when_odd, i64, run_sum_when_odd);

static atr_watch watch_number(world *w, int64_t of, tale *t)
{
    return ATR_WATCH_VIEW_KEY(w->store, number, of, on_number, t, NULL);
}

static void t5_a_view_follows_all_that_is_read_by_the_views_it_reads(void **state)
{
    world *w = *state;
    tale t = {0};
    ATR_WATCH_VIEW(w->store, sum, on_number, &t, NULL);

    add(w, 1);
    assert_int_equal(calls_in_round(w, &t), 1);
    assert_int_equal(t.now, 1);
    add_other(w, 10);
    assert_int_equal(calls_in_round(w, &t), 1);
    assert_int_equal(t.now, 11);
}

static void t5_a_view_follows_what_it_began_to_read_late(void **state)
{
    world *w = *state;
    tale t = {0};
    ATR_WATCH_VIEW(w->store, sum_when_odd, on_number, &t, NULL);

    for (int i = 0; i < 6; i++) {
        bool odd = i % 2 == 0;
        add(w, 1);
        assert_int_equal(calls_in_round(w, &t), 1);
        add_other(w, 100);
        assert_int_equal(calls_in_round(w, &t), odd);
    }
    assert_int_equal(t.now, 6);
}

static void t5_views_that_were_read_by_one_are_watched_by_themselves(void **state)
{
    world *w = *state;
    tale of_sum = {0}, t[2] = {{0}};
    for (int first = 0; first < 2; first++) {
        atr_watch handle = ATR_WATCH_VIEW(w->store, sum, on_number, &of_sum, NULL);
        atr_unwatch(w->store, handle);
        watch_number(w, first, &t[first]);
        watch_number(w, !first, &t[!first]);

        add(w, 1);
        assert_int_equal(calls_in_round(w, &t[0]), 1 + first);
        add_other(w, 1);
        assert_int_equal(calls_in_round(w, &t[1]), 1 + first);
    }
    assert_int_equal(of_sum.calls, 0);
}

static void t5_who_leaves_a_view_leaves_the_others_listening(void **state)
{
    world *w = *state;
    for (int leaves = 0; leaves < 2; leaves++) {
        tale of_sum = {0}, t[2] = {{0}};
        atr_watch whole = ATR_WATCH_VIEW(w->store, sum, on_number, &of_sum, NULL), handles[2];
        handles[0] = watch_number(w, 0, &t[0]);
        handles[1] = watch_number(w, 1, &t[1]);
        atr_unwatch(w->store, whole);
        atr_unwatch(w->store, handles[leaves]);

        add(w, 1);
        assert_int_equal(calls_in_round(w, &t[0]), leaves == 1);
        add_other(w, 1);
        assert_int_equal(calls_in_round(w, &t[1]), leaves == 0);
        atr_unwatch(w->store, handles[!leaves]);
    }
}

static int64_t get_number(world *w, int64_t of)
{
    atr_event e;
    int64_t result;
    event_open(w, &e);
    result = ATR_GET_KEY(&e, number, of);
    event_close(w, &e);
    return result;
}

/* Nobody needs them any more, so they go: nothing may lead to them then. */
static void t5_a_view_that_went_is_not_led_to(void **state)
{
    world *w = *state;
    tale t = {0};
    atr_unwatch(w->store, ATR_WATCH_VIEW(w->store, sum_when_odd, on_number, &t, NULL));
    atr_unwatch(w->store, ATR_WATCH_VIEW(w->store, sum, on_number, &t, NULL));
    for (int64_t i = 0; i <= IDLE_MAX; i++) {
        get_number(w, OF_ITEM + i);
    }
    add(w, 1);
    add_other(w, 1);
    assert_int_equal(calls_in_round(w, &t), 0);
    assert_int_equal(get_number(w, OF_TALLY), 1);
    assert_int_equal(get_number(w, OF_OTHER), 1);
}

/* More of them than are kept at rest. */
static void t5_watched_results_are_kept_however_often_they_change(void **state)
{
    enum { WATCHED = 2 * IDLE_MAX };
    world *w = *state;
    static tale t[WATCHED];
    memset(t, 0, sizeof t);
    for (int64_t i = 0; i < WATCHED; i++) {
        watch_number(w, OF_ITEM + i, &t[i]);
    }
    for (int64_t i = 0; i < WATCHED; i++) {
        put(w, OF_ITEM + i, "milk");
        put(w, OF_ITEM + (i * 7) % WATCHED, "tea");
        notify(w);
    }
    for (int64_t i = 0; i < WATCHED; i++) {
        put(w, OF_ITEM + i, "coffee");
        t[i].calls = 0;
    }
    notify(w);
    for (int64_t i = 0; i < WATCHED; i++) {
        assert_int_equal(t[i].calls, 1);
        assert_int_equal(t[i].now, 6);
    }
}

/* ---- results that nobody needs ---- */

static int number_runs(world *w, int64_t of)
{
    uint64_t before = atr_store_stats_now(w->store).view_runs;
    get_number(w, of);
    return (int)(atr_store_stats_now(w->store).view_runs - before);
}

static void t5_results_asked_for_last_are_kept(void **state)
{
    enum { NEW = 100, STEP = 7 }; /* prime to their number */
    world *w = *state;
    for (int64_t i = 0; i < IDLE_MAX; i++) {
        get_number(w, OF_ITEM + i);
    }
    for (int64_t i = 0; i < IDLE_MAX; i++) {
        assert_int_equal(number_runs(w, OF_ITEM + i * STEP % IDLE_MAX), 0);
        assert_int_equal(number_runs(w, OF_ITEM + i * STEP % IDLE_MAX), 0);
    }
    for (int64_t i = 0; i < NEW; i++) {
        assert_int_equal(number_runs(w, OF_ITEM + IDLE_MAX + i), 1);
    }
    for (int64_t i = NEW; i < IDLE_MAX; i++) {
        assert_int_equal(number_runs(w, OF_ITEM + i * STEP % IDLE_MAX), 0);
    }
    for (int64_t i = 0; i < NEW; i++) {
        assert_int_equal(number_runs(w, OF_ITEM + i * STEP % IDLE_MAX), 1);
    }
}

/* Reads many, some of which were at rest before, between others. */
ATR_VIEW_KEYED(sum_of_many, i64, i64);
static int64_t run_sum_of_many(atr_view *v, int64_t from)
{
    int64_t result = 0;
    for (int64_t i = 0; i < IDLE_MAX; i += 2) {
        result += ATR_GET_KEY(v, number, from + i);
    }
    return result;
}
ATR_VIEW_KEYED_IMPL(sum_of_many, i64, i64, run_sum_of_many);

static void t5_a_result_that_goes_takes_those_that_only_it_has_read(void **state)
{
    world *w = *state;
    size_t bytes = 0;
    for (int64_t time = 0; time < 8; time++) {
        int64_t from = OF_ITEM + time * 4 * IDLE_MAX;
        atr_event e;
        for (int64_t i = 0; i < IDLE_MAX; i++) {
            get_number(w, from + i);
        }
        event_open(w, &e);
        assert_int_equal(ATR_GET_KEY(&e, sum_of_many, from), -IDLE_MAX / 2);
        event_close(w, &e);
        for (int64_t i = 0; i < IDLE_MAX; i++) {
            get_number(w, from + 2 * IDLE_MAX + i);
        }
        for (int64_t i = 0; i < IDLE_MAX; i++) {
            assert_int_equal(number_runs(w, from + 2 * IDLE_MAX + i), 0);
        }
        assert_int_equal(number_runs(w, from), 1);
        bytes = time == 2 ? atr_memory_now().bytes : bytes;
    }
    assert_true(atr_memory_now().bytes <= bytes);
}

/* The one that rests longest has read others, which come to rest when the store goes. */
static void a_store_goes_with_as_many_results_at_rest_as_are_kept(void **state)
{
    world *w = *state;
    atr_event e;
    event_open(w, &e);
    ATR_GET_KEY(&e, sum_of_many, OF_ITEM);
    event_close(w, &e);
    for (int64_t i = 1; i < IDLE_MAX; i++) {
        get_number(w, OF_ITEM + IDLE_MAX + i);
    }
    assert_int_equal(atr_store_stats_now(w->store).view_runs, 1 + IDLE_MAX / 2 + IDLE_MAX - 1);
}

/* ---- changes while a view runs ---- */

static world *changed_by_view; /* NULL: it changes nothing */
static int tally_by_view, other_by_view;

ATR_VIEW(tens, i64);
static int64_t run_tens(atr_view *v)
{
    int64_t n = ATR_STATE(v, tally)->n;
    world *w = changed_by_view;
    changed_by_view = NULL;
    if (w != NULL) { /* as in a nested loop */
        add(w, tally_by_view);
        add_other(w, other_by_view);
        notify(w);
    }
    return ATR_NEW(v->s, counter, .n = n)->n / 10; /* it needs memory */
}
ATR_VIEW_IMPL(tens, i64, run_tens);

/* The next one that runs, once. */
static void change_by_view(world *w, int tally, int other)
{
    changed_by_view = w;
    tally_by_view = tally;
    other_by_view = other;
}

static void t5_a_view_is_looked_at_again_when_what_it_read_changes_while_it_runs(void **state)
{
    world *w = *state;
    for (int in_round = 0; in_round < 2; in_round++) {
        tale t = {0};
        atr_event e;
        atr_watch handle = ATR_WATCH_VIEW(w->store, tens, on_number, &t, NULL);
        int64_t begin = confirmed_n(w, &tally_root);
        add(w, 1);
        change_by_view(w, 10, 0);
        if (in_round) {
            notify(w);
        } else {
            event_open(w, &e);
            assert_int_equal(ATR_GET(&e, tens), begin / 10);
            event_close(w, &e);
        }
        assert_null(changed_by_view);
        assert_true(atr_store_is_dirty(w->store));
        notify(w);
        assert_int_equal(t.now, begin / 10 + 1);
        assert_int_equal(t.calls, 1);
        assert_false(atr_store_is_dirty(w->store));
        atr_unwatch(w->store, handle);
    }
}

/* Reads the other one before `tens`. */
ATR_VIEW(other_and_tens, i64);
static int64_t run_other_and_tens(atr_view *v)
{
    return ATR_STATE(v, other)->n + ATR_GET(v, tens);
}
ATR_VIEW_IMPL(other_and_tens, i64, run_other_and_tens);

static int64_t get_both(world *w)
{
    atr_event e;
    int64_t result;
    event_open(w, &e);
    result = ATR_GET(&e, other_and_tens);
    event_close(w, &e);
    return result;
}

static void t5_a_view_runs_when_one_that_it_reads_has_changed_what_it_read_before(void **state)
{
    world *w = *state;
    assert_int_equal(get_both(w), 0);
    add(w, 1);
    change_by_view(w, 10, 100);
    assert_int_equal(get_both(w), 101);
}

/* Its result stays the same when `tens` does. */
ATR_VIEW(same_tens, i64);
static int64_t run_same_tens(atr_view *v)
{
    return ATR_GET(v, tens);
}
ATR_VIEW_IMPL(same_tens, i64, run_same_tens);

/* Reads two roots before that. */
ATR_VIEW(roots_and_tens, i64);
static int64_t run_roots_and_tens(atr_view *v)
{
    int64_t name = (int64_t)ATR_STATE_FIELD(v, todos, name)->size;
    return name + ATR_STATE(v, other)->n + ATR_GET(v, same_tens);
}
ATR_VIEW_IMPL(roots_and_tens, i64, run_roots_and_tens);

static int64_t get_roots_and_tens(world *w)
{
    atr_event e;
    int64_t result;
    event_open(w, &e);
    result = ATR_GET(&e, roots_and_tens);
    event_close(w, &e);
    return result;
}

static void t5_what_was_read_first_may_change_while_what_was_read_last_is_looked_at(void **state)
{
    world *w = *state;
    tale t = {0};
    assert_int_equal(get_roots_and_tens(w), 0);
    add(w, 1);
    change_by_view(w, 0, 100);
    assert_int_equal(get_roots_and_tens(w), 100);

    ATR_WATCH_VIEW(w->store, roots_and_tens, on_number, &t, NULL);
    put(w, OF_ITEM, "milk"); /* so it is looked at before `tens` */
    add(w, 1);
    change_by_view(w, 0, 100);
    notify(w);
    assert_null(changed_by_view);
    notify(w);
    assert_int_equal(t.calls, 1);
    assert_int_equal(t.now, 200);
}

/* ---- without memory ---- */

/* Whether an allocation failed while the view was asked to be watched. */
static bool watch_once(bool checked, size_t count)
{
    world w = {0};
    tale t = {0};
    atr_watch handle;
    bool failed;
    world_begin(&w, checked);
    atr_pool_gate(atr_store_pool(w.store), failing_gate, NULL);
    put(&w, OF_ITEM, "milk");
    notify(&w);
    failing_after(count);
    handle = watch_number(&w, OF_ITEM, &t);
    failed = failing_stop() > 0;
    notify_until_told(&w); /* if it could not run, it does now */

    put(&w, OF_ITEM, "tea");
    notify_until_told(&w);
    if (handle.slot != 0) {
        assert_int_equal(t.was, 4);
        assert_int_equal(t.now, 3);
    }
    put(&w, OF_ITEM, "coffee");
    notify_until_told(&w);
    assert_int_equal(t.now, handle.slot != 0 ? 6 : 0);
    assert_true(failed || w.failures == 0);
    world_end(&w);
    return failed;
}

static void t5_a_view_watched_without_memory_follows_all_the_same(void **state)
{
    for (int checked = 0; checked < 2; checked++) {
        size_t count = 0;
        while (watch_once(checked, count)) {
            count++;
        }
        assert_true(count > 5);
    }
}

/* Watch some, change what they read while memory is out, then leave them. */
static void come_and_go(world *w, int64_t from, int64_t to)
{
    tale t = {0};
    atr_watch handles[IDLE_MAX];
    for (int64_t i = from; i < to; i++) {
        handles[i - from] = watch_number(w, i, &t);
        put(w, i, "milk");
    }
    failing_from(0);
    notify(w);
    failing_stop();
    assert_true(atr_store_is_dirty(w->store));
    notify_until_told(w);
    assert_int_equal(t.now, 4);
    for (int64_t i = from; i < to; i++) {
        put(w, i, NULL);
        notify(w);
        atr_unwatch(w->store, handles[i - from]);
    }
}

static void t5_views_that_could_not_run_are_forgotten_when_they_are_left(void **state)
{
    enum { AT_ONCE = 50, TIMES = 20 };
    size_t blocks = 0;
    world w = {0};
    world_begin(&w, false);
    for (int64_t i = 0; i < TIMES; i++) {
        int64_t from = OF_ITEM + i * AT_ONCE;
        come_and_go(&w, from, from + AT_ONCE);
        blocks = i == TIMES / 2 ? atr_memory_now().blocks : blocks;
    }
    assert_true(atr_memory_now().blocks <= blocks);
    assert_true(w.failures > 0);
    world_end(&w);
}

static void t5_who_asked_to_be_told_is_told_when_there_is_memory_again(void **state)
{
    world w = {0};
    tale t = {0};
    atr_watch handle;
    world_begin(&w, false);
    atr_pool_gate(atr_store_pool(w.store), failing_gate, NULL);
    handle = ATR_WATCH_VIEW(w.store, tens, on_number, &t, NULL);
    add(&w, 1); /* it must run, and gives an equal result */
    atr_watch_tell(w.store, handle);
    failing_from(0);
    notify(&w);
    assert_true(failing_stop() > 0);
    assert_int_equal(t.calls, 0);
    notify_until_told(&w);
    assert_int_equal(t.calls, 1);
    w.failures = 0;
    world_end(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        BOTH(t5_a_view_follows_all_that_is_read_by_the_views_it_reads),
        BOTH(t5_a_view_follows_what_it_began_to_read_late),
        BOTH(t5_views_that_were_read_by_one_are_watched_by_themselves),
        BOTH(t5_who_leaves_a_view_leaves_the_others_listening),
        BOTH(t5_a_view_that_went_is_not_led_to),
        BOTH(t5_watched_results_are_kept_however_often_they_change),
        BOTH(t5_results_asked_for_last_are_kept),
        BOTH(t5_a_result_that_goes_takes_those_that_only_it_has_read),
        BOTH(a_store_goes_with_as_many_results_at_rest_as_are_kept),
        BOTH(t5_a_view_is_looked_at_again_when_what_it_read_changes_while_it_runs),
        BOTH(t5_a_view_runs_when_one_that_it_reads_has_changed_what_it_read_before),
        BOTH(t5_what_was_read_first_may_change_while_what_was_read_last_is_looked_at),
        cmocka_unit_test_setup_teardown(
            t5_views_that_could_not_run_are_forgotten_when_they_are_left, failing_setup,
            failing_teardown),
        cmocka_unit_test_setup_teardown(t5_who_asked_to_be_told_is_told_when_there_is_memory_again,
                                        failing_setup, failing_teardown),
        cmocka_unit_test_setup_teardown(t5_a_view_watched_without_memory_follows_all_the_same,
                                        failing_setup, failing_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
