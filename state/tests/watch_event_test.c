/* The event of a round: what one subscriber has left in it is gone when the next one is told (rule S6). */
#include "failing.h"
#include "store_world.h"

enum { MANY = 100 };

typedef struct witness {
    world *w;
    size_t before, after; /* values that live: when the first is told, when the second is */
    const counter *kept;
    atr_event event; /* of the first */
    int64_t read;
} witness;

static size_t values_now(const world *w)
{
    return atr_pool_values(atr_store_pool(w->store));
}

static void note_after(atr_event *e, const counter *was, const counter *now, void *user)
{
    witness *at = user;
    (void)e;
    (void)was;
    (void)now;
    at->after = values_now(at->w);
}

static void make_many(atr_event *e, const counter *was, const counter *now, void *user)
{
    witness *at = user;
    (void)was;
    (void)now;
    at->before = values_now(at->w);
    for (int i = 0; i < MANY; i++) {
        ATR_NEW(e->s, counter, .n = i);
    }
}

static void s6_what_one_subscriber_made_is_gone_when_the_next_is_told(void **state)
{
    witness at = {.w = *state};
    ATR_WATCH(at.w->store, tally, make_many, &at, NULL);
    ATR_WATCH(at.w->store, tally, note_after, &at, NULL);
    add(at.w, 1);
    assert_int_equal(notify(at.w), 2);
    assert_int_equal(at.after, at.before);
}

static void fill(atr_finish *f, void *user)
{
    todo_state next = *ATR_STATE(f, todos);
    (void)user;
    for (int64_t i = 0; i < MANY; i++) {
        const todo_item *item = ATR_NEW(f->s, todo_item, .id = i, .title = ATR_STR(f->s, "milk"));
        next.items = todo_item_map_set(f->s, next.items, i, item);
    }
    ATR_UPDATE(f, todos, next);
}

static void empty(atr_finish *f, void *user)
{
    (void)user;
    ATR_UPDATE(f, todos, todo_state_default);
}

static void read_and_replace(atr_event *e, const counter *was, const counter *now, void *user)
{
    witness *at = user;
    const todo_state *read = ATR_STATE(e, todos);
    (void)was;
    (void)now;
    turn(at->w, empty, NULL);
    at->before = values_now(at->w);
    at->read = (int64_t)todo_item_map_count(read->items);
}

static void s6_what_one_subscriber_has_read_is_let_go_before_the_next_is_told(void **state)
{
    witness at = {.w = *state};
    ATR_WATCH(at.w->store, tally, read_and_replace, &at, NULL);
    ATR_WATCH(at.w->store, tally, note_after, &at, NULL);
    assert_int_equal(turn(at.w, fill, NULL), ATR_OK);
    add(at.w, 1);
    assert_int_equal(notify(at.w), 2);
    assert_int_equal(at.read, MANY); /* rule S1 */
    assert_true(at.after + MANY < at.before);
}

static void drop_kept(atr_event *e, const counter *was, const counter *now, void *user)
{
    witness *at = user;
    (void)e;
    (void)was;
    (void)now;
    at->before = values_now(at->w);
    atr_drop(at->w->store, at->kept);
    at->read = at->kept->n;
}

static void s6_what_one_subscriber_has_dropped_is_gone_when_the_next_is_told(void **state)
{
    witness at = {.w = *state};
    atr_event e;
    event_open(at.w, &e);
    at.kept = ATR_NEW(e.s, counter, .n = 7);
    assert_int_equal(atr_keep(at.w->store, at.kept), ATR_OK);
    event_close(at.w, &e);
    ATR_WATCH(at.w->store, tally, drop_kept, &at, NULL);
    ATR_WATCH(at.w->store, tally, note_after, &at, NULL);
    add(at.w, 1);
    assert_int_equal(notify(at.w), 2);
    assert_int_equal(at.read, 7); /* rule S1 */
    assert_int_equal(at.after + 1, at.before);
}

static void keep_event(atr_event *e, const counter *was, const counter *now, void *user)
{
    witness *at = user;
    (void)was;
    (void)now;
    at->event = *e;
}

static void use_kept_event(atr_event *e, const counter *was, const counter *now, void *user)
{
    witness *at = user;
    (void)e;
    (void)was;
    (void)now;
    at->read = ATR_STATE(&at->event, tally)->n;
}

static void s6_in_a_checked_store_who_keeps_the_event_is_caught(void **state)
{
    witness at = {.w = *state};
    ATR_WATCH(at.w->store, tally, keep_event, &at, NULL);
    ATR_WATCH(at.w->store, tally, use_kept_event, &at, NULL);
    add(at.w, 5);
    assert_int_equal(notify(at.w), 2);
    assert_int_equal(take_violation(at.w), ATR_E_PHASE);
    assert_int_equal(at.read, 0);
}

/* ---- what rounds say ---- */

static void count_call(atr_event *e, const counter *was, const counter *now, void *user)
{
    (void)e;
    (void)was;
    (void)now;
    ++*(int *)user;
}

ATR_VIEW(other_number, i64);
static int64_t run_other_number(atr_view *v)
{
    return ATR_STATE(v, other)->n;
}
ATR_VIEW_IMPL(other_number, i64, run_other_number);

static void count_number(atr_event *e, int64_t was, int64_t now, void *user)
{
    (void)e;
    (void)was;
    (void)now;
    ++*(int *)user;
}

static void a_new_subscription_leaves_nothing_to_be_told(void **state)
{
    world *w = *state;
    int calls = 0;
    ATR_WATCH(w->store, tally, count_call, &calls, NULL);
    assert_false(atr_store_is_dirty(w->store));
    assert_int_equal(notify(w), 0);
}

static void a_round_counts_nobody_for_whom_all_is_again_as_it_was(void **state)
{
    world *w = *state;
    uint64_t checked;
    int calls = 0;
    for (int i = 0; i < 3; i++) {
        ATR_WATCH(w->store, tally, count_call, &calls, NULL);
    }
    w->refuse_events = true;
    add(w, 1);
    assert_int_equal(notify(w), 0);
    assert_true(atr_store_is_dirty(w->store));
    w->refuse_events = false;
    add(w, -1);
    checked = atr_store_stats_now(w->store).checked;
    assert_int_equal(notify(w), 0);
    assert_int_equal(atr_store_stats_now(w->store).checked - checked, 3);
    assert_int_equal(calls, 0);
}

static void change_other(atr_event *e, const counter *was, const counter *now, void *user)
{
    world *w = user;
    int n = 1;
    (void)e;
    (void)was;
    (void)now;
    turn(w, add_to_other, &n);
}

static void what_a_subscriber_changes_is_told_in_its_round_to_those_after_it(void **state)
{
    world *w = *state;
    int before = 0, after = 0;
    ATR_WATCH(w->store, other, count_call, &before, NULL);
    ATR_WATCH(w->store, tally, change_other, w, NULL);
    ATR_WATCH_VIEW(w->store, other_number, count_number, &after, NULL);
    add(w, 1);
    assert_int_equal(notify(w), 2);
    assert_int_equal(before, 0);
    assert_int_equal(after, 1);
    assert_true(atr_store_is_dirty(w->store));
    assert_int_equal(notify(w), 1);
    assert_int_equal(before, 1);
    assert_int_equal(after, 1);
    assert_false(atr_store_is_dirty(w->store));
}

/* ---- without memory ---- */

static void notify_without_memory(atr_event *e, const counter *was, const counter *now, void *user)
{
    witness *at = user;
    bool outermost = at->read++ == 0;
    (void)was;
    (void)now;
    if (outermost) {
        failing_from(0);
    }
    ATR_STATE(e, tally);
    notify(at->w);
    if (outermost) {
        at->after = failing_stop();
    }
}

/* So deep that no event is left from before: a round around it has one. */
static void who_gets_no_event_in_a_nested_round_is_told_in_another(void **state)
{
    enum { DEPTH = 8 };
    world w = {0};
    witness at = {.w = &w};
    w.store = world_store_new(&w);
    assert_true(world_add_roots(&w));
    for (int i = 0; i < DEPTH; i++) {
        ATR_WATCH(w.store, tally, notify_without_memory, &at, NULL);
    }
    add(&w, 1);
    notify(&w);
    assert_true(at.after > 0);
    while (atr_store_is_dirty(w.store)) {
        notify(&w);
    }
    assert_int_equal(at.read, DEPTH);
    atr_store_free(w.store);
    assert_int_equal(w.violations, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        BOTH(s6_what_one_subscriber_made_is_gone_when_the_next_is_told),
        BOTH(s6_what_one_subscriber_has_read_is_let_go_before_the_next_is_told),
        BOTH(s6_what_one_subscriber_has_dropped_is_gone_when_the_next_is_told),
        CHECKED(s6_in_a_checked_store_who_keeps_the_event_is_caught),
        BOTH(a_new_subscription_leaves_nothing_to_be_told),
        BOTH(a_round_counts_nobody_for_whom_all_is_again_as_it_was),
        BOTH(what_a_subscriber_changes_is_told_in_its_round_to_those_after_it),
        cmocka_unit_test_setup_teardown(who_gets_no_event_in_a_nested_round_is_told_in_another,
                                        failing_setup, failing_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
