#include "store_world.h"

#include "tale.h"

/* ---- telling ---- */

static void t4_a_subscriber_is_told_once_a_round_with_old_and_new_value(void **state)
{
    world *w = *state;
    tale t = {0};
    watch_tally(w, &t);
    add(w, 1);
    add(w, 2);
    add(w, 3);

    assert_int_equal(notify(w), 1);
    assert_int_equal(t.was, 0);
    assert_int_equal(t.now, 6);
    assert_int_equal(notify(w), 0);

    add(w, 4);
    assert_int_equal(notify(w), 1);
    assert_int_equal(t.calls, 2);
    assert_int_equal(t.was, 6);
    assert_int_equal(t.now, 10);
}

static void an_equal_value_is_not_told(void **state)
{
    world *w = *state;
    tale t = {0};
    watch_tally(w, &t);

    add(w, 0);
    assert_true(atr_store_is_dirty(w->store));
    assert_int_equal(notify(w), 0);
    add(w, 5);
    add(w, -5);
    assert_int_equal(notify(w), 0);

    add(w, 1);
    assert_int_equal(notify(w), 1);
    assert_int_equal(t.was, 0);
}

static void dirty_is_what_subscribers_were_not_told_yet(void **state)
{
    world *w = *state;

    assert_false(atr_store_is_dirty(w->store));
    add(w, 1);
    assert_true(atr_store_is_dirty(w->store));
    notify(w);

    assert_false(atr_store_is_dirty(w->store));
}

static void subscribers_are_told_in_order_of_subscription(void **state)
{
    world *w = *state;
    int order[LOG_MAX], count = 0;
    tale tales[6] = {0};
    atr_watch handles[6];
    for (int i = 0; i < 6; i++) {
        tales[i] = (tale){.number = i, .order = order, .order_count = &count};
        handles[i] = watch_tally(w, &tales[i]);
    }
    atr_unwatch(w->store, handles[0]);
    atr_unwatch(w->store, handles[3]);
    handles[3] = watch_tally(w, &tales[3]); /* takes a place that was free */

    add(w, 1);
    notify(w);

    static const int expected[] = {1, 2, 4, 5, 3};
    assert_int_equal(count, 5);
    assert_memory_equal(order, expected, sizeof expected);
}

static void what_was_committed_before_a_subscription_is_not_told_to_it(void **state)
{
    world *w = *state;
    tale t = {0};
    add(w, 1);
    watch_tally(w, &t);

    assert_int_equal(notify(w), 0);

    add(w, 1);
    assert_int_equal(notify(w), 1);
    assert_int_equal(t.was, 1);
}

static void a_round_in_an_open_turn_is_refused_and_reported(void **state)
{
    world *w = *state;
    tale t = {0};
    watch_tally(w, &t);
    add(w, 1);
    atr_turn_begin(w->store);

    assert_int_equal(notify(w), 0);

    assert_int_equal(take_violation(w), ATR_E_PHASE);
    atr_turn_abort(w->store);
    assert_int_equal(notify(w), 1);
}

/* ---- keys ---- */

static void t5_a_key_is_told_for_its_own_entry_only(void **state)
{
    world *w = *state;
    tale t = {0};
    ATR_WATCH_KEY(w->store, todos, items, 1, on_item, &t, NULL);

    put(w, 2, "oats");
    assert_int_equal(notify(w), 0);
    put(w, 1, "milk");
    assert_int_equal(notify(w), 1);
    assert_int_equal(t.was, -1);
    assert_int_equal(t.now, 1);
    put(w, 1, "milk");
    assert_int_equal(notify(w), 0);
    put(w, 1, "oat milk");
    assert_int_equal(notify(w), 1);
    put(w, 1, NULL);
    assert_int_equal(notify(w), 1);
    assert_int_equal(t.was, 1);
    assert_int_equal(t.now, -1);
}

static void set_numbers(atr_finish *f, void *user)
{
    const double *numbers = user;
    todo_state next = *ATR_STATE(f, todos);
    next.counts =
        atr_i64_str_map_set(f->s, next.counts, atr_str_new(f->s, "milk"), (int64_t)numbers[0]);
    next.prices = atr_f64_map_set(f->s, next.prices, 7, numbers[1]);
    ATR_UPDATE(f, todos, next);
}

static void t5_keys_of_text_and_values_of_numbers_are_told(void **state)
{
    world *w = *state;
    tale counts = {0}, prices = {0};
    double numbers[2] = {3, 0.5};
    atr_scope *s = atr_scope_open(NULL);
    ATR_WATCH_KEY(w->store, todos, counts, atr_str_new(s, "milk"), on_count, &counts, NULL);
    ATR_WATCH_KEY(w->store, todos, prices, 7, on_price, &prices, NULL);
    atr_scope_close(s);

    turn(w, set_numbers, numbers);
    assert_int_equal(notify(w), 2);
    assert_int_equal(counts.was, -1);
    assert_int_equal(counts.now, 3);
    assert_int_equal(prices.now, 5);

    numbers[1] = 2;
    turn(w, set_numbers, numbers);
    assert_int_equal(notify(w), 1);
    assert_int_equal(prices.was, 5);
    assert_int_equal(prices.now, 20);
}

/* ---- views ---- */

static void t5_a_view_is_told_when_its_result_changes(void **state)
{
    world *w = *state;
    tale t = {0};
    ATR_WATCH_VIEW(w->store, tally_is_odd, on_odd, &t, NULL);

    add(w, 2);
    assert_int_equal(notify(w), 0);
    add(w, 1);
    assert_int_equal(notify(w), 1);
    assert_int_equal(t.was, false);
    assert_int_equal(t.now, true);
    put(w, 1, "milk");
    assert_int_equal(notify(w), 0);
    assert_int_equal(atr_store_stats_now(w->store).view_runs, 3);
}

/* ---- ending ---- */

static void an_ended_subscription_is_not_told_and_its_handle_is_stale(void **state)
{
    world *w = *state;
    static tale a, b;
    atr_watch first, second;
    a = b = (tale){0};
    first = watch_tally_to_the_end(w, &a);
    atr_unwatch(w->store, first);
    assert_int_equal(a.destroyed, 1);
    second = watch_tally_to_the_end(w, &b);
    assert_int_equal(first.slot, second.slot);

    atr_unwatch(w->store, first);
    atr_unwatch(w->store, (atr_watch){0, 0});
    atr_unwatch(w->store, (atr_watch){99, 1});
    add(w, 1);
    notify(w);

    assert_int_equal(a.calls, 0);
    assert_int_equal(a.destroyed, 1);
    assert_int_equal(b.calls, 1);
    assert_int_equal(b.destroyed, 0);
    assert_int_equal(atr_store_stats_now(w->store).subscriptions, 1);
}

static void user_data_is_destroyed_with_the_store(void **state)
{
    world w = {0};
    tale t[3] = {0};
    atr_watch handle;
    w.store = world_store_new(&w);
    assert_true(world_add_roots(&w));
    handle = watch_tally_to_the_end(&w, &t[0]);
    watch_tally_to_the_end(&w, &t[1]);
    ATR_WATCH_VIEW(w.store, tally_is_odd, on_odd, &t[2], destroy_tale);
    atr_unwatch(w.store, handle);

    atr_store_free(w.store);

    for (int i = 0; i < 3; i++) {
        assert_int_equal(t[i].destroyed, 1);
    }
}

static void notify_nobody(atr_event *e, const void *was, const void *now, void (*fn)(void),
                          void *user)
{
    (void)e;
    (void)was;
    (void)now;
    (void)fn;
    (void)user;
}

static void a_refused_subscription_destroys_its_user_data(void **state)
{
    world *w = *state;
    tale t = {0};
    static const atr_str draft = {{0, 0, 0, 0}, 1, 0, "x"};

    assert_int_equal(ATR_WATCH(w->store, tally, NULL, &t, destroy_tale).slot, 0);
    assert_int_equal(take_violation(w), ATR_E_INVALID);
    assert_int_equal(ATR_WATCH(w->store, unknown, on_tally, &t, destroy_tale).slot, 0);
    assert_int_equal(take_violation(w), ATR_E_NOT_FOUND);
    assert_int_equal(atr_root_watch_key(w->store, &todos_root, &todo_state_default.name,
                                        atr_word_i64_(1), notify_nobody, (void (*)(void))on_item,
                                        &t, destroy_tale)
                         .slot,
                     0);
    assert_int_equal(take_violation(w), ATR_E_DEFINITION);
    assert_int_equal(ATR_WATCH_KEY(w->store, todos, by_name, NULL, on_item, &t, destroy_tale).slot,
                     0);
    assert_int_equal(take_violation(w), ATR_E_REFUSED);
    assert_int_equal(
        ATR_WATCH_KEY(w->store, todos, by_name, &draft, on_item, &t, destroy_tale).slot, 0);
    assert_int_equal(take_violation(w), ATR_E_REFUSED);
    assert_int_equal(ATR_WATCH_VIEW(w->store, tally_is_odd, NULL, &t, destroy_tale).slot, 0);
    assert_int_equal(take_violation(w), ATR_E_INVALID);
    assert_int_equal(ATR_WATCH(NULL, tally, on_tally, &t, destroy_tale).slot, 0);

    assert_int_equal(t.destroyed, 7);
    assert_int_equal(atr_store_stats_now(w->store).subscriptions, 0);
}

/* ---- what there is, told on demand ---- */

static void on_tally_or_none(atr_event *e, const counter *was, const counter *now, void *user)
{
    (void)e;
    note(user, was != NULL ? was->n : -1, now->n);
}

static void t4_a_subscriber_may_ask_to_be_told_what_there_is(void **state)
{
    world *w = *state;
    tale t = {0}, other = {0};
    atr_watch watch;
    add(w, 7);
    notify(w);
    watch_tally(w, &other);
    watch = atr_watch_tell(w->store, ATR_WATCH(w->store, tally, on_tally_or_none, &t, NULL));
    assert_int_equal(t.calls, 0); /* not before the next round */
    assert_true(atr_store_is_dirty(w->store));

    assert_int_equal(notify(w), 1);
    assert_int_equal(t.was, -1);
    assert_int_equal(t.now, 7);
    assert_int_equal(other.calls, 0);
    assert_false(atr_store_is_dirty(w->store));
    assert_int_equal(notify(w), 0);

    add(w, 1);
    atr_watch_tell(w->store, watch); /* once for both */
    assert_int_equal(notify(w), 2);
    assert_int_equal(t.calls, 2);
    assert_int_equal(t.was, -1);
    assert_int_equal(t.now, 8);

    add(w, 1);
    notify(w);
    assert_int_equal(t.was, 8);
}

static void t4_keys_and_views_may_be_asked_for_too(void **state)
{
    world *w = *state;
    tale there = {0}, gone = {0}, odd = {0};
    put(w, 1, "milk");
    add(w, 1);
    notify(w);
    atr_watch_tell(w->store, ATR_WATCH_KEY(w->store, todos, items, 1, on_item, &there, NULL));
    atr_watch_tell(w->store, ATR_WATCH_KEY(w->store, todos, items, 2, on_item, &gone, NULL));
    atr_watch_tell(w->store, ATR_WATCH_VIEW(w->store, tally_is_odd, on_odd, &odd, NULL));

    assert_int_equal(notify(w), 3);

    assert_int_equal(there.was, -1);
    assert_int_equal(there.now, 1);
    assert_int_equal(gone.calls, 1);
    assert_int_equal(gone.now, -1);
    assert_int_equal(odd.was, false);
    assert_int_equal(odd.now, true);
    assert_int_equal(notify(w), 0);
}

static void what_is_asked_for_is_told_when_an_event_can_be_had(void **state)
{
    world *w = *state;
    tale t = {0};
    atr_watch_tell(w->store, ATR_WATCH(w->store, tally, on_tally_or_none, &t, NULL));
    w->refuse_events = true;
    assert_int_equal(notify(w), 0);
    w->refuse_events = false;

    assert_true(atr_store_is_dirty(w->store));
    assert_int_equal(notify(w), 1);
    assert_int_equal(t.was, -1);
}

static void one_that_has_ended_cannot_be_asked_for(void **state)
{
    world *w = *state;
    tale t = {0};
    atr_watch watch = watch_tally(w, &t);
    atr_watch_tell(w->store, watch);
    atr_unwatch(w->store, watch);
    assert_int_equal(atr_watch_tell(w->store, watch).slot, watch.slot);
    assert_int_equal(atr_watch_tell(w->store, (atr_watch){0}).slot, 0);

    assert_int_equal(notify(w), 0);
    assert_int_equal(t.calls, 0);
}

typedef struct asker {
    world *w;
    atr_watch self;
    int calls;
} asker;

static void on_tally_ask_again(atr_event *e, const counter *was, const counter *now, void *user)
{
    asker *a = user;
    (void)e;
    (void)now;
    assert_null(was);
    if (++a->calls < 3) {
        atr_watch_tell(a->w->store, a->self);
    }
}

static void on_item_move(atr_event *e, const todo_item *was, const todo_item *now, void *user)
{
    asker *a = user;
    (void)e;
    (void)was;
    a->calls++;
    if (a->calls == 1) {
        atr_unwatch(a->w->store, a->self);
        a->self = atr_watch_tell(
            a->w->store, ATR_WATCH_KEY(a->w->store, todos, items, 2, on_item_move, a, NULL));
        return;
    }
    assert_int_equal(now->id, 2);
}

/* The other key takes the place of the first among those watched. */
static void a_subscriber_may_move_to_another_key_and_be_told_at_once(void **state)
{
    world *w = *state;
    asker a = {.w = w};
    put(w, 2, "oats");
    notify(w);
    a.self = ATR_WATCH_KEY(w->store, todos, items, 1, on_item_move, &a, NULL);

    put(w, 1, "milk");

    assert_int_equal(notify(w), 2);
    assert_int_equal(a.calls, 2);
}

static void a_subscriber_may_ask_for_itself(void **state)
{
    world *w = *state;
    asker a = {.w = w};
    a.self = atr_watch_tell(w->store, ATR_WATCH(w->store, tally, on_tally_ask_again, &a, NULL));

    for (int round = 1; round <= 3; round++) {
        assert_int_equal(notify(w), 1);
        assert_int_equal(a.calls, round);
    }
    assert_int_equal(notify(w), 0);
}

/* ---- failing ---- */

static void on_tally_failing(atr_event *e, const counter *was, const counter *now, void *user)
{
    on_tally(e, was, now, user);
    atr_refuse(e->s, ATR_E_INVALID, "no");
}

static void a_subscriber_that_fails_is_reported_and_disturbs_nobody(void **state)
{
    world *w = *state;
    tale t[3] = {0};
    watch_tally(w, &t[0]);
    ATR_WATCH(w->store, tally, on_tally_failing, &t[1], NULL);
    watch_tally(w, &t[2]);
    add(w, 1);

    assert_int_equal(notify(w), 3);

    assert_int_equal(take_failure(w), ATR_E_INVALID);
    assert_string_equal(w->failure_name, "tally");
    assert_int_equal(t[0].calls + t[1].calls + t[2].calls, 3);
    assert_int_equal(notify(w), 0);
}

static void on_odd_failing(atr_event *e, bool was, bool now, void *user)
{
    on_odd(e, was, now, user);
    atr_refuse(e->s, ATR_E_INVALID, "no");
}

static void on_item_failing(atr_event *e, const todo_item *was, const todo_item *now, void *user)
{
    on_item(e, was, now, user);
    atr_refuse(e->s, ATR_E_INVALID, "no");
}

/* Of keys and fields their root. */
static void a_failure_is_reported_by_the_name_of_what_is_watched(void **state)
{
    world *w = *state;
    tale t[2] = {{0}};
    ATR_WATCH_VIEW(w->store, tally_is_odd, on_odd_failing, &t[0], NULL);
    ATR_WATCH_KEY(w->store, todos, items, 1, on_item_failing, &t[1], NULL);

    add(w, 1);
    assert_int_equal(notify(w), 1);
    assert_int_equal(take_failure(w), ATR_E_INVALID);
    assert_string_equal(w->failure_name, "tally_is_odd");

    put(w, 1, "milk");
    assert_int_equal(notify(w), 1);
    assert_int_equal(take_failure(w), ATR_E_INVALID);
    assert_string_equal(w->failure_name, "todos");
    assert_int_equal(t[0].calls + t[1].calls, 2);
}

static void who_could_not_be_told_is_told_in_a_later_round(void **state)
{
    world *w = *state;
    tale t = {0};
    watch_tally(w, &t);
    add(w, 1);
    w->refuse_events = true;

    assert_int_equal(notify(w), 0);
    assert_true(atr_store_is_dirty(w->store));
    w->refuse_events = false;

    assert_int_equal(notify(w), 1);
    assert_int_equal(t.was, 0);
    assert_int_equal(t.now, 1);
    assert_false(atr_store_is_dirty(w->store));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        BOTH(t4_a_subscriber_is_told_once_a_round_with_old_and_new_value),
        BOTH(an_equal_value_is_not_told),
        BOTH(dirty_is_what_subscribers_were_not_told_yet),
        BOTH(subscribers_are_told_in_order_of_subscription),
        BOTH(what_was_committed_before_a_subscription_is_not_told_to_it),
        BOTH(a_round_in_an_open_turn_is_refused_and_reported),
        BOTH(t5_a_key_is_told_for_its_own_entry_only),
        BOTH(t5_keys_of_text_and_values_of_numbers_are_told),
        BOTH(t5_a_view_is_told_when_its_result_changes),
        BOTH(an_ended_subscription_is_not_told_and_its_handle_is_stale),
        BOTH(user_data_is_destroyed_with_the_store),
        BOTH(t4_a_subscriber_may_ask_to_be_told_what_there_is),
        BOTH(t4_keys_and_views_may_be_asked_for_too),
        BOTH(what_is_asked_for_is_told_when_an_event_can_be_had),
        BOTH(one_that_has_ended_cannot_be_asked_for),
        BOTH(a_subscriber_may_ask_for_itself),
        BOTH(a_subscriber_may_move_to_another_key_and_be_told_at_once),
        BOTH(a_refused_subscription_destroys_its_user_data),
        BOTH(a_subscriber_that_fails_is_reported_and_disturbs_nobody),
        BOTH(a_failure_is_reported_by_the_name_of_what_is_watched),
        BOTH(who_could_not_be_told_is_told_in_a_later_round),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
