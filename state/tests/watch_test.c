#include "store_world.h"

/* ---- a subscriber that writes down what it was told ---- */

enum { LOG_MAX = 64 };

typedef struct tale {
    int calls;
    int64_t was, now; /* of the last call; -1 for NULL */
    int destroyed;
    int number;
    int *order; /* numbers of those called, shared */
    int *order_count;
} tale;

static void destroy_tale(void *user)
{
    ((tale *)user)->destroyed++;
}

static void note(tale *t, int64_t was, int64_t now)
{
    t->calls++;
    t->was = was;
    t->now = now;
    if (t->order != NULL) {
        t->order[(*t->order_count)++] = t->number;
    }
}

static void on_tally(atr_event *e, const counter *was, const counter *now, void *user)
{
    assert_non_null(e->run);
    note(user, was->n, now->n);
}

static void on_item(atr_event *e, const todo_item *was, const todo_item *now, void *user)
{
    (void)e;
    note(user, was == NULL ? -1 : was->id, now == NULL ? -1 : now->id);
}

static void on_count(atr_event *e, const int64_t *was, const int64_t *now, void *user)
{
    (void)e;
    note(user, was == NULL ? -1 : *was, now == NULL ? -1 : *now);
}

static void on_price(atr_event *e, const double *was, const double *now, void *user)
{
    (void)e;
    note(user, was == NULL ? -1 : (int64_t)(*was * 10), now == NULL ? -1 : (int64_t)(*now * 10));
}

ATR_VIEW(tally_is_odd, bool);
static bool run_odd(atr_view *v)
{
    return ATR_STATE(v, tally)->n % 2 != 0;
}
ATR_VIEW_IMPL(tally_is_odd, bool, run_odd);

static void on_odd(atr_event *e, bool was, bool now, void *user)
{
    (void)e;
    note(user, was, now);
}

static atr_watch watch_tally(world *w, tale *t)
{
    return ATR_WATCH(w->store, tally, on_tally, t, NULL);
}

/* For tales that live as long as the store. */
static atr_watch watch_tally_to_the_end(world *w, tale *t)
{
    return ATR_WATCH(w->store, tally, on_tally, t, destroy_tale);
}

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

/* ---- nested rounds ---- */

typedef struct nest {
    world *w;
    tale t;
    const counter *was, *now; /* of the outer call, looked at after the nested round */
    int depth;
} nest;

static void on_tally_nesting(atr_event *e, const counter *was, const counter *now, void *user)
{
    nest *n = user;
    int64_t was_n = was->n, now_n = now->n;
    on_tally(e, was, now, &n->t);
    if (n->depth-- > 0) {
        add(n->w, 10);
        add(n->w, 10);
        notify(n->w);
    }
    assert_int_equal(was->n, was_n);
    assert_int_equal(now->n, now_n);
}

static void s1_was_and_now_live_until_the_call_returns(void **state)
{
    world *w = *state;
    nest n = {.w = w, .depth = 3};
    ATR_WATCH(w->store, tally, on_tally_nesting, &n, NULL);
    add(w, 1);

    notify(w);

    assert_int_equal(n.t.calls, 4);
    assert_int_equal(n.t.was, 41);
    assert_int_equal(n.t.now, 61);
    assert_false(atr_store_is_dirty(w->store));
}

static void t4_a_nested_round_tells_each_the_newest_once(void **state)
{
    world *w = *state;
    nest n = {.w = w, .depth = 1};
    tale before = {0}, after = {0};
    watch_tally(w, &before);
    ATR_WATCH(w->store, tally, on_tally_nesting, &n, NULL);
    watch_tally(w, &after);
    add(w, 1);

    notify(w);

    assert_int_equal(before.calls, 2);
    assert_int_equal(n.t.calls, 2);
    assert_int_equal(after.calls, 1); /* in the nested round; the outer finds nothing new */
    assert_int_equal(after.was, 0);
    assert_int_equal(after.now, 21);
}

static void on_tally_adding(atr_event *e, const counter *was, const counter *now, void *user)
{
    nest *n = user;
    on_tally(e, was, now, &n->t);
    if (now->n < 5) {
        add(n->w, 1);
    }
}

static void a_round_does_not_run_on_for_what_it_changes_itself(void **state)
{
    world *w = *state;
    nest n = {.w = w};
    int rounds = 0;
    ATR_WATCH(w->store, tally, on_tally_adding, &n, NULL);
    add(w, 1);

    while (atr_store_is_dirty(w->store)) {
        assert_int_equal(notify(w), 1);
        rounds++;
    }

    assert_int_equal(rounds, 5);
    assert_int_equal(n.t.now, 5);
}

/* ---- re-entrancy: adding and removing from every callback ---- */

typedef struct crowd crowd;
typedef struct member {
    crowd *all;
    int number;
    int calls;
    int destroyed;
    bool running;
} member;

enum { CROWD = 5 };

struct crowd {
    world *w;
    member members[CROWD];
    atr_watch handles[CROWD];
    tale late[CROWD]; /* subscriptions added in callbacks */
    atr_watch late_handles[CROWD];
    int late_count;
    unsigned removes; /* by the acting member: which members */
    int acting;
    bool adds;
    bool acts_in_destroy;
};

static void act(crowd *all)
{
    for (int i = 0; i < CROWD; i++) {
        if ((all->removes >> i & 1) != 0) {
            atr_unwatch(all->w->store, all->handles[i]);
        }
    }
    if (all->adds && all->late_count < CROWD) {
        int i = all->late_count++;
        all->late_handles[i] =
            ATR_WATCH(all->w->store, tally, on_tally, &all->late[i], destroy_tale);
    }
}

static void member_called(member *m)
{
    m->calls++;
    assert_int_equal(m->destroyed, 0);
    m->running = true;
    if (m->number == m->all->acting && !m->all->acts_in_destroy) {
        act(m->all);
    }
    m->running = false;
}

static void member_destroy(void *user)
{
    member *m = user;
    assert_false(m->running);
    m->destroyed++;
    if (m->number == m->all->acting && m->all->acts_in_destroy) {
        act(m->all);
    }
}

static void member_on_root(atr_event *e, const counter *was, const counter *now, void *user)
{
    (void)e;
    (void)was;
    (void)now;
    member_called(user);
}

static void member_on_key(atr_event *e, const todo_item *was, const todo_item *now, void *user)
{
    (void)e;
    (void)was;
    (void)now;
    member_called(user);
}

static void member_on_view(atr_event *e, bool was, bool now, void *user)
{
    (void)e;
    (void)was;
    (void)now;
    member_called(user);
}

/* Kinds in turn: root, key, view. */
static void crowd_watch(crowd *all, int first_kind)
{
    for (int i = 0; i < CROWD; i++) {
        member *m = &all->members[i];
        *m = (member){.all = all, .number = i};
        switch ((i + first_kind) % 3) {
        case 0:
            all->handles[i] = ATR_WATCH(all->w->store, tally, member_on_root, m, member_destroy);
            break;
        case 1:
            all->handles[i] =
                ATR_WATCH_KEY(all->w->store, todos, items, 1, member_on_key, m, member_destroy);
            break;
        default:
            all->handles[i] =
                ATR_WATCH_VIEW(all->w->store, tally_is_odd, member_on_view, m, member_destroy);
        }
    }
}

static void change_all(world *w, int64_t id_present)
{
    add(w, 1);
    put(w, 1, id_present != 0 ? "milk" : NULL);
}

static void crowd_check(const crowd *all)
{
    for (int i = 0; i < CROWD; i++) {
        bool removed = (all->removes >> i & 1) != 0;
        /* Those after the acting one are not told any more, the others were. */
        assert_int_equal(all->members[i].calls, !removed || i <= all->acting ? 1 : 0);
        assert_int_equal(all->members[i].destroyed, removed ? 1 : 0);
    }
    assert_int_equal(all->late_count, all->adds ? 1 : 0);
    assert_int_equal(all->late[0].calls, 0);
}

static void crowd_leave(crowd *all)
{
    for (int i = 0; i < CROWD; i++) {
        atr_unwatch(all->w->store, all->handles[i]);
        assert_int_equal(all->members[i].destroyed, 1);
    }
    for (int i = 0; i < all->late_count; i++) {
        atr_unwatch(all->w->store, all->late_handles[i]);
        assert_int_equal(all->late[i].destroyed, 1);
    }
}

static void any_subscription_may_be_added_or_removed_in_any_callback(void **state)
{
    world *w = *state;
    int64_t present = 0;
    for (int kind = 0; kind < 3; kind++) {
        for (int acting = 0; acting < CROWD; acting++) {
            for (unsigned removes = 0; removes < 1u << CROWD; removes++) {
                crowd all = {.w = w, .acting = acting, .removes = removes};
                all.adds = removes % 3 == 1;
                crowd_watch(&all, kind);
                change_all(w, present = !present);

                notify(w);

                crowd_check(&all);
                crowd_leave(&all);
            }
        }
    }
    assert_int_equal(atr_store_stats_now(w->store).subscriptions, 0);
}

static void what_is_added_in_a_callback_is_told_from_the_next_change_on(void **state)
{
    world *w = *state;
    crowd all = {.w = w, .acting = 2, .adds = true};
    crowd_watch(&all, 0);
    change_all(w, 1);
    notify(w);
    assert_int_equal(all.late_count, 1);
    all.adds = false;

    change_all(w, 0);
    notify(w);

    assert_int_equal(all.late[0].calls, 1);
    assert_int_equal(all.late[0].was, 1);
    crowd_leave(&all);
}

static void destroying_user_data_may_add_and_remove_too(void **state)
{
    world *w = *state;
    for (int acting = 0; acting < CROWD; acting++) {
        for (unsigned removes = 0; removes < 1u << CROWD; removes++) {
            crowd all = {.w = w, .acting = acting, .removes = removes, .acts_in_destroy = true};
            all.adds = removes % 2 == 1;
            crowd_watch(&all, acting);

            atr_unwatch(w->store, all.handles[acting]);

            assert_int_equal(all.members[acting].destroyed, 1);
            all.adds = false;
            crowd_leave(&all);
        }
    }
    assert_int_equal(atr_store_stats_now(w->store).subscriptions, 0);
}

static void the_end_of_the_store_refuses_what_destroyers_add(void **state)
{
    world w = {0};
    crowd all = {.w = &w, .acting = 1, .removes = 0x1f, .adds = true, .acts_in_destroy = true};
    w.store = world_store_new(&w);
    assert_true(world_add_roots(&w));
    crowd_watch(&all, 0);

    atr_store_free(w.store);

    for (int i = 0; i < CROWD; i++) {
        assert_int_equal(all.members[i].destroyed, 1);
    }
    assert_int_equal(all.late_count, 1);
    assert_int_equal(all.late[0].destroyed, 1);
}

/* ---- removing in nested rounds ---- */

typedef struct pair {
    world *w;
    atr_watch outer, inner;
    int outer_calls, inner_calls, outer_destroyed;
} pair;

static void destroy_outer(void *user)
{
    ((pair *)user)->outer_destroyed++;
}

static void on_tally_outer(atr_event *e, const counter *was, const counter *now, void *user)
{
    pair *p = user;
    (void)e;
    (void)was;
    (void)now;
    if (p->outer_calls++ == 0) {
        add(p->w, 1);
        notify(p->w);
        assert_int_equal(p->inner_calls, 1);
        assert_int_equal(p->outer_destroyed, 0); /* removed, but still running */
    }
}

static void on_tally_inner(atr_event *e, const counter *was, const counter *now, void *user)
{
    pair *p = user;
    (void)e;
    (void)was;
    (void)now;
    p->inner_calls++;
    atr_unwatch(p->w->store, p->outer);
}

static void user_data_is_never_destroyed_while_its_callback_runs(void **state)
{
    world *w = *state;
    pair p = {.w = w};
    p.outer = ATR_WATCH(w->store, tally, on_tally_outer, &p, destroy_outer);
    p.inner = ATR_WATCH(w->store, tally, on_tally_inner, &p, NULL);
    add(w, 1);

    notify(w);

    assert_int_equal(p.outer_calls, 2);
    assert_int_equal(p.inner_calls, 1);
    assert_int_equal(p.outer_destroyed, 1);
}

/* ---- many ---- */

enum { MANY = 100000 };

static void on_tally_nothing(atr_event *e, const counter *was, const counter *now, void *user)
{
    (void)e;
    (void)was;
    (void)now;
    (void)user;
}

typedef struct all_of_them {
    world *w;
    atr_watch *handles;
} all_of_them;

static void on_tally_end_all(atr_event *e, const counter *was, const counter *now, void *user)
{
    all_of_them *all = user;
    on_tally_nothing(e, was, now, NULL);
    for (int i = 0; i < MANY; i++) {
        atr_unwatch(all->w->store, all->handles[i]);
    }
}

static void many_subscriptions_come_and_go(void **state)
{
    world *w = *state;
    all_of_them all = {w, calloc(MANY, sizeof *all.handles)};
    for (int way = 0; way < 3; way++) {
        if (way == 2) {
            ATR_WATCH(w->store, tally, on_tally_end_all, &all, NULL);
        }
        for (int i = 0; i < MANY; i++) {
            all.handles[i] = ATR_WATCH(w->store, tally, on_tally_nothing, NULL, NULL);
        }
        assert_true(atr_store_stats_now(w->store).subscriptions >= MANY);
        for (int i = 0; i < MANY && way < 2; i++) {
            atr_unwatch(w->store, all.handles[way == 0 ? i : MANY - 1 - i]);
        }
        if (way == 2) {
            add(w, 1);
            assert_int_equal(notify(w), 1);
        }
        assert_true(atr_store_stats_now(w->store).subscriptions <= 1);
    }
    free(all.handles);
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
        BOTH(who_could_not_be_told_is_told_in_a_later_round),
        BOTH(s1_was_and_now_live_until_the_call_returns),
        BOTH(t4_a_nested_round_tells_each_the_newest_once),
        BOTH(a_round_does_not_run_on_for_what_it_changes_itself),
        BOTH(any_subscription_may_be_added_or_removed_in_any_callback),
        BOTH(what_is_added_in_a_callback_is_told_from_the_next_change_on),
        BOTH(destroying_user_data_may_add_and_remove_too),
        BOTH(the_end_of_the_store_refuses_what_destroyers_add),
        BOTH(user_data_is_never_destroyed_while_its_callback_runs),
        BOTH(many_subscriptions_come_and_go),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
