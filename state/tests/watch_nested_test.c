/* Rounds in rounds, and subscriptions that come and go in callbacks. */
#include "store_world.h"

#include "tale.h"

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

/* The first one of several, whose round is not over. */
typedef struct leader {
    world *w;
    tale t;
    bool changes_other;
    size_t told; /* by its nested round */
} leader;

static void on_tally_leading(atr_event *e, const counter *was, const counter *now, void *user)
{
    leader *l = user;
    on_tally(e, was, now, &l->t);
    if (l->changes_other) {
        turn(l->w, add_to_other, &(int){1});
    }
    l->told = notify(l->w);
}

static void t4_a_nested_round_tells_those_who_wait(void **state)
{
    world *w = *state;
    leader first = {.w = w};
    tale second = {0};
    ATR_WATCH(w->store, tally, on_tally_leading, &first, NULL);
    watch_tally(w, &second);
    add(w, 1);

    assert_int_equal(notify(w), 2);

    assert_int_equal(first.told, 1);
    assert_int_equal(second.calls, 1);
    assert_false(atr_store_is_dirty(w->store));
}

static void t4_those_who_wait_come_in_the_order_of_registration(void **state)
{
    world *w = *state;
    int order[LOG_MAX], count = 0;
    leader first = {.w = w, .changes_other = true};
    tale second = {.number = 2, .order = order, .order_count = &count}, third = second;
    third.number = 3;
    ATR_WATCH(w->store, tally, on_tally_leading, &first, NULL);
    watch_tally(w, &second);
    ATR_WATCH(w->store, other, on_tally, &third, NULL);
    add(w, 1);

    assert_int_equal(notify(w), 3);

    assert_int_equal(first.told, 2);
    assert_int_equal(count, 2);
    assert_int_equal(order[0], 2);
    assert_int_equal(order[1], 3);
}

/* It asks for one before it, and changes what nobody but another one watches, before a nested round. */
typedef struct asker {
    world *w;
    atr_watch asked;
} asker;

static void on_tally_asking(atr_event *e, const counter *was, const counter *now, void *user)
{
    const asker *a = user;
    (void)e;
    (void)was;
    (void)now;
    atr_watch_tell(a->w->store, a->asked);
    turn(a->w, add_to_other, &(int){1});
    assert_int_equal(notify(a->w), 2);
}

static void t4_so_do_those_who_were_left_for_the_next_round(void **state)
{
    world *w = *state;
    int order[LOG_MAX], count = 0;
    tale first = {.number = 1, .order = order, .order_count = &count}, third = first;
    asker second = {.w = w};
    third.number = 3;
    second.asked = ATR_WATCH_KEY(w->store, todos, items, 1, on_item, &first, NULL);
    ATR_WATCH(w->store, tally, on_tally_asking, &second, NULL);
    ATR_WATCH(w->store, other, on_tally, &third, NULL);
    add(w, 1);

    assert_int_equal(notify(w), 3);

    assert_int_equal(count, 2);
    assert_int_equal(order[0], 1);
    assert_int_equal(order[1], 3);
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
        BOTH(s1_was_and_now_live_until_the_call_returns),
        BOTH(t4_a_nested_round_tells_each_the_newest_once),
        BOTH(t4_a_nested_round_tells_those_who_wait),
        BOTH(t4_those_who_wait_come_in_the_order_of_registration),
        BOTH(t4_so_do_those_who_were_left_for_the_next_round),
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
