/* Those who watch one thing together: in what order they are told, by what key, and what becomes of one who asked
 * when another leaves. */
#include "store_world.h"

#include "tale.h"

/* ---- in the order of their subscriptions ---- */

static void on_number(atr_event *e, int64_t was, int64_t now, void *user)
{
    note(user, was, now);
}

typedef struct joining {
    world *w;
    tale *tales;
    int count;
} joining;

static joining next_run;

/* Others subscribe to it while it runs, as in a nested loop. */
ATR_VIEW(crowded, i64);
static int64_t run_crowded(atr_view *v)
{
    joining j = next_run;
    next_run.count = 0;
    for (int i = 0; i < j.count; i++) {
        ATR_WATCH_VIEW(j.w->store, crowded, on_number, &j.tales[i], NULL);
    }
    return ATR_STATE(v, tally)->n;
}
ATR_VIEW_IMPL(crowded, i64, run_crowded);

static void t4_subscribers_that_came_while_their_view_ran_are_told_after_the_one_it_ran_for(
    void **state)
{
    enum { ALL = 4 };
    world *w = *state;
    tale tales[ALL] = {{0}};
    int order[ALL * 2], count = 0;
    for (int i = 0; i < ALL; i++) {
        tales[i].number = i;
        tales[i].order = order;
        tales[i].order_count = &count;
    }
    next_run = (joining){w, tales + 1, ALL - 1};
    ATR_WATCH_VIEW(w->store, crowded, on_number, &tales[0], NULL);

    for (int round = 1; round <= 2; round++) {
        count = 0;
        add(w, 1);
        assert_int_equal(notify(w), ALL);
        for (int i = 0; i < ALL; i++) {
            assert_int_equal(order[i], i);
            assert_int_equal(tales[i].calls, round);
            assert_int_equal(tales[i].was, round - 1);
            assert_int_equal(tales[i].now, round);
        }
    }
}

/* ---- by a key of their own ---- */

typedef struct named {
    const char *name;
    int64_t count;
} named;

static void set_count(atr_finish *f, void *user)
{
    const named *to = user;
    todo_state next = *ATR_STATE(f, todos);
    next.counts = atr_i64_str_map_set(f->s, next.counts, atr_str_new(f->s, to->name), to->count);
    ATR_UPDATE(f, todos, next);
}

ATR_VIEW(milk, i64);
static int64_t run_milk(atr_view *v)
{
    const int64_t *count = ATR_STATE_KEY(v, todos, counts, atr_str_new(v->s, "milk"));
    return count != NULL ? *count : 0;
}
ATR_VIEW_IMPL(milk, i64, run_milk);

/* Where the text lay others lie by then. A view reads by that key too. */
static void a_subscription_outlives_the_text_that_named_its_key(void **state)
{
    world *w = *state;
    tale t = {0}, more = {0}, by_view = {0};
    named milk = {"milk", 1}, oats = {"oats", 2};
    atr_scope *s;
    atr_watch watch;
    ATR_WATCH_VIEW(w->store, milk, on_number, &by_view, NULL);
    s = atr_pool_scope(atr_store_pool(w->store));
    watch = ATR_WATCH_KEY(w->store, todos, counts, atr_str_new(s, "milk"), on_count, &t, NULL);
    atr_scope_close(s);
    s = atr_pool_scope(atr_store_pool(w->store));
    for (int i = 0; i < 8; i++) {
        assert_int_equal(atr_str_new(s, "oats")->size, 4);
    }

    turn(w, set_count, &oats);
    assert_int_equal(notify(w), 0);
    turn(w, set_count, &milk);
    assert_int_equal(notify(w), 2);
    assert_int_equal(t.now, 1);

    atr_unwatch(w->store, watch);
    ATR_WATCH_KEY(w->store, todos, counts, atr_str_new(s, "milk"), on_count, &more, NULL);
    milk.count = 5;
    turn(w, set_count, &milk);
    assert_int_equal(notify(w), 2);
    assert_int_equal(t.calls, 1);
    assert_int_equal(more.now, 5);
    assert_int_equal(by_view.now, 5);
    atr_scope_close(s);
}

/* ---- when another leaves ---- */

static void on_tally_or_none(atr_event *e, const counter *was, const counter *now, void *user)
{
    note(user, was != NULL ? was->n : -1, now->n);
}

static void t4_what_one_asked_for_is_told_though_others_leave(void **state)
{
    world *w = *state;
    tale tales[4] = {{0}};
    atr_watch watches[4];
    for (int i = 0; i < 4; i++) {
        watches[i] = ATR_WATCH(w->store, tally, on_tally_or_none, &tales[i], NULL);
    }
    add(w, 7);
    assert_int_equal(notify(w), 4);

    atr_watch_tell(w->store, watches[2]);
    atr_unwatch(w->store, watches[1]);
    assert_int_equal(notify(w), 1);
    assert_int_equal(tales[2].calls, 2);
    assert_int_equal(tales[2].was, -1);
    assert_int_equal(tales[2].now, 7);

    atr_watch_tell(w->store, watches[2]);
    atr_watch_tell(w->store, watches[3]);
    atr_unwatch(w->store, watches[2]);
    assert_int_equal(notify(w), 1);
    assert_int_equal(tales[3].calls, 2);
    assert_int_equal(tales[0].calls, 1);
}

typedef struct crowd {
    world *w;
    tale tales[8], late;
    int told[16], count;
    bool adds;
} crowd;

static crowd *gathered;

/* The first adds one, for whom the gaps that others left are closed. */
static void on_gathered(atr_event *e, const counter *was, const counter *now, void *user)
{
    tale *t = user;
    note(t, was->n, now->n);
    if (gathered->adds && t->number == 0) {
        gathered->adds = false;
        ATR_WATCH(gathered->w->store, tally, on_gathered, &gathered->late, NULL);
    }
}

static void t4_all_are_told_once_when_gaps_close_in_the_round(void **state)
{
    crowd c = {.w = *state, .late = {.number = 8}};
    atr_watch watches[8];
    gathered = &c;
    for (int i = 0; i < 8; i++) {
        c.tales[i] = (tale){.number = i, .order = c.told, .order_count = &c.count};
        watches[i] = ATR_WATCH(c.w->store, tally, on_gathered, &c.tales[i], NULL);
    }
    add(c.w, 1);
    assert_int_equal(notify(c.w), 8);
    for (int i = 1; i <= 3; i++) {
        atr_unwatch(c.w->store, watches[i]);
    }
    c.count = 0;
    c.adds = true;

    add(c.w, 1);
    assert_int_equal(notify(c.w), 5);

    for (int i = 0; i < 5; i++) {
        assert_int_equal(c.told[i], i == 0 ? 0 : i + 3);
    }
    assert_int_equal(c.late.calls, 0);
    add(c.w, 1);
    assert_int_equal(notify(c.w), 6);
    assert_int_equal(c.late.was, 2);
    assert_int_equal(c.late.now, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        BOTH(t4_subscribers_that_came_while_their_view_ran_are_told_after_the_one_it_ran_for),
        BOTH(a_subscription_outlives_the_text_that_named_its_key),
        BOTH(t4_all_are_told_once_when_gaps_close_in_the_round),
        BOTH(t4_what_one_asked_for_is_told_though_others_leave),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
