/* What a round looks at, counted: a commit costs what it touches. */
#include "store_world.h"

enum { MANY = 100000 };

typedef struct tale {
    int calls;
    int64_t now;
} tale;

static void on_item(atr_event *e, const todo_item *was, const todo_item *now, void *user)
{
    tale *t = user;
    (void)e;
    (void)was;
    t->calls++;
    t->now = now != NULL ? now->id : -1;
}

static void on_price(atr_event *e, const double *was, const double *now, void *user)
{
    (void)e;
    (void)was;
    (void)now;
    ((tale *)user)->calls++;
}

static void on_todos(atr_event *e, const todo_state *was, const todo_state *now, void *user)
{
    (void)e;
    (void)was;
    (void)now;
    ((tale *)user)->calls++;
}

static void on_number(atr_event *e, int64_t was, int64_t now, void *user)
{
    (void)e;
    (void)was;
    ((tale *)user)->calls++;
    ((tale *)user)->now = now;
}

static atr_watch watch_item(world *w, int64_t id, tale *t)
{
    return ATR_WATCH_KEY(w->store, todos, items, id, on_item, t, NULL);
}

/* How many subscriptions, and keys, the rounds that follow look at. */
static uint64_t checked(world *w)
{
    static uint64_t before;
    uint64_t now = atr_store_stats_now(w->store).checked, since = now - before;
    before = now;
    return since;
}

static uint64_t checked_in_a_round(world *w)
{
    checked(w);
    notify(w);
    return checked(w);
}

static void put_range(atr_finish *f, void *user)
{
    const int64_t *range = user;
    todo_state next = *ATR_STATE(f, todos);
    todo_item_map_builder *b = todo_item_map_builder_new(f->s, next.items);
    for (int64_t i = range[0]; i < range[1]; i++) {
        todo_item_map_builder_set(b, i,
                                  ATR_NEW(f->s, todo_item, .id = i, .title = &atr_str_default));
    }
    next.items = todo_item_map_builder_seal(b);
    ATR_UPDATE(f, todos, next);
}

static void fill(world *w, int64_t from, int64_t to)
{
    int64_t range[] = {from, to};
    assert_int_equal(turn(w, put_range, range), ATR_OK);
    notify(w);
}

/* ---- keys ---- */

static void t5_subscriptions_on_other_keys_are_not_looked_at(void **state)
{
    world *w = *state;
    tale t = {0};
    fill(w, 0, MANY);
    for (int64_t i = 1; i < MANY; i++) {
        watch_item(w, i, &t);
    }

    put(w, 0, "milk");

    assert_int_equal(checked_in_a_round(w), 0);
    assert_int_equal(t.calls, 0);
}

static void t5_a_round_looks_at_those_of_the_keys_that_changed(void **state)
{
    world *w = *state;
    tale others = {0}, ours = {0};
    fill(w, 0, 1000);
    for (int64_t i = 0; i < 1000; i++) {
        watch_item(w, i, i == 7 ? &ours : &others);
        watch_item(w, i, i == 7 ? &ours : &others);
    }

    put(w, 7, "milk");
    put(w, 5000, "not subscribed to");
    assert_int_equal(checked_in_a_round(w), 2);
    assert_int_equal(ours.calls, 2);

    put(w, 7, NULL);
    assert_int_equal(checked_in_a_round(w), 2);
    assert_int_equal(ours.now, -1);
    assert_int_equal(others.calls, 0);
}

static void t5_a_change_of_all_looks_at_the_few_keys_subscribed_to(void **state)
{
    world *w = *state;
    tale t = {0};
    int64_t range[] = {0, 10000};
    fill(w, 0, 10000);
    for (int64_t i = 0; i < 20; i++) {
        watch_item(w, i * 1000, &t);
    }

    turn(w, put_range, range);

    assert_int_equal(checked_in_a_round(w),
                     20 + 10); /* 20 keys; 10 are there, with another address */
    assert_int_equal(t.calls, 0);
}

static void t5_one_key_is_looked_up_when_many_others_change(void **state)
{
    world *w = *state;
    tale t = {0};
    int64_t range[] = {0, 1000};
    fill(w, 0, 1000);
    watch_item(w, 3, &t);

    put(w, 4, "oats");
    assert_int_equal(checked_in_a_round(w), 0);
    put(w, 3, "milk");
    assert_int_equal(checked_in_a_round(w), 1);
    assert_int_equal(t.calls, 1);
    turn(w, put_range, range);
    assert_int_equal(checked_in_a_round(w), 1 + 1); /* the key, and who watches it */
    assert_int_equal(t.calls, 2);
}

static void t5_another_field_of_the_root_is_not_looked_at(void **state)
{
    world *w = *state;
    tale t = {0};
    atr_scope *s = atr_scope_open(NULL);
    for (int i = 0; i < 100; i++) {
        ATR_WATCH_KEY(w->store, todos, by_name, atr_str_format(s, "%d", i), on_item, &t, NULL);
        ATR_WATCH_KEY(w->store, todos, prices, i, on_price, &t, NULL);
    }
    atr_scope_close(s);

    put(w, 1, "milk");

    assert_int_equal(checked_in_a_round(w), 0);
}

static void t5_a_key_that_nobody_watches_any_more_costs_nothing(void **state)
{
    world *w = *state;
    tale t = {0};
    static atr_watch handles[1000];
    for (int way = 0; way < 3; way++) {
        for (int i = 0; i < 1000; i++) {
            handles[i] = watch_item(w, i, &t);
        }
        for (int i = 0; i < 1000; i++) {
            atr_unwatch(w->store, handles[(i * 7) % 1000]);
        }
    }

    put(w, 3, "milk");

    assert_int_equal(checked_in_a_round(w), 0);
    watch_item(w, 3, &t);
    put(w, 3, "again");
    notify(w);
    assert_int_equal(t.calls, 1);
}

/* ---- roots ---- */

static void t5_another_root_is_not_looked_at(void **state)
{
    world *w = *state;
    tale t = {0};
    for (int i = 0; i < 1000; i++) {
        ATR_WATCH(w->store, todos, on_todos, &t, NULL);
    }

    add(w, 1);
    assert_int_equal(checked_in_a_round(w), 0);
    put(w, 1, "milk");
    assert_int_equal(checked_in_a_round(w), 1000);
    assert_int_equal(t.calls, 1000);
}

static void a_round_without_changes_looks_at_nothing(void **state)
{
    world *w = *state;
    tale t = {0};
    ATR_WATCH(w->store, todos, on_todos, &t, NULL);
    put(w, 1, "milk");
    notify(w);

    assert_int_equal(checked_in_a_round(w), 0);
}

/* ---- views ---- */

static int id_runs;

ATR_VIEW(id_of_one, i64);
static int64_t run_id(atr_view *v)
{
    const todo_item *item = ATR_STATE_KEY(v, todos, items, 1);
    id_runs++;
    return item != NULL ? item->id + ATR_STATE(v, tally)->n : 0;
}
ATR_VIEW_IMPL(id_of_one, i64, run_id);

ATR_VIEW(twice_that, i64);
static int64_t run_twice(atr_view *v)
{
    return ATR_GET(v, id_of_one) * 2;
}
ATR_VIEW_IMPL(twice_that, i64, run_twice);

static atr_watch watch_twice(world *w, tale *t)
{
    return ATR_WATCH_VIEW(w->store, twice_that, on_number, t, NULL);
}

static void t5_a_view_is_looked_at_once_for_all_its_subscriptions(void **state)
{
    world *w = *state;
    tale t = {0};
    for (int i = 0; i < 1000; i++) {
        watch_twice(w, &t);
    }
    id_runs = 0;

    put(w, 2, "oats");
    assert_int_equal(checked_in_a_round(w), 0);
    assert_int_equal(id_runs, 0);
    put(w, 1, "milk");
    assert_int_equal(checked_in_a_round(w), 2 + 1000); /* the views, and who watches */
    assert_int_equal(id_runs, 1);
    assert_int_equal(t.calls, 1000);
}

static void t5_a_view_over_other_roots_is_not_looked_at(void **state)
{
    world *w = *state;
    tale t = {0};
    int one = 1;
    watch_twice(w, &t);

    turn(w, add_to_other, &one);

    assert_int_equal(checked_in_a_round(w), 0);
}

static void t5_a_view_follows_what_it_reads_since(void **state)
{
    world *w = *state;
    tale t = {0};
    watch_twice(w, &t);
    add(w, 5); /* not read yet */
    notify(w);
    put(w, 1, "milk");
    notify(w);
    assert_int_equal(t.now, 12);

    add(w, 1);

    assert_int_equal(checked_in_a_round(w), 2 + 1);
    assert_int_equal(t.now, 14);
}

/* ---- what is due, and who comes and goes meanwhile ---- */

typedef struct quitter {
    world *w;
    atr_watch other;
} quitter;

static void on_todos_end_other(atr_event *e, const todo_state *was, const todo_state *now,
                               void *user)
{
    quitter *q = user;
    (void)e;
    (void)was;
    (void)now;
    atr_unwatch(q->w->store, q->other);
}

static void the_first_of_a_view_that_ends_does_not_keep_it_from_the_others(void **state)
{
    world *w = *state;
    tale first = {0}, second = {0}, third = {0};
    quitter q = {.w = w};
    ATR_WATCH(w->store, todos, on_todos_end_other, &q, NULL);
    q.other = watch_twice(w, &first);
    watch_twice(w, &second);
    watch_twice(w, &third);

    put(w, 1, "milk");
    notify(w);

    assert_int_equal(first.calls, 0);
    assert_int_equal(second.calls, 1);
    assert_int_equal(third.calls, 1);
}

static void who_takes_the_place_of_one_that_was_due_is_told_in_its_own_turn(void **state)
{
    world *w = *state;
    tale early = {0}, late = {0};
    atr_watch due = watch_item(w, 1, &early), taken;
    put(w, 1, "milk");
    w->refuse_events = true;
    notify(w); /* is due still */
    w->refuse_events = false;
    atr_unwatch(w->store, due);

    taken = watch_item(w, 1, &late);
    assert_int_equal(taken.slot, due.slot);
    notify(w);
    assert_int_equal(late.calls, 0);

    put(w, 1, "oat milk");
    notify(w);
    assert_int_equal(late.calls, 1);
    assert_int_equal(early.calls, 0);
}

typedef struct ordered {
    int *next;
    int place;
} ordered;

static void on_item_ordered(atr_event *e, const todo_item *was, const todo_item *now, void *user)
{
    ordered *o = user;
    (void)e;
    (void)was;
    (void)now;
    o->place = ++*o->next;
}

static void a_place_taken_anew_is_told_after_those_before_it(void **state)
{
    world *w = *state;
    int next = 0;
    tale gone = {0};
    ordered first = {&next, 0}, second = {&next, 0};
    atr_watch due = watch_item(w, 1, &gone);
    ATR_WATCH_KEY(w->store, todos, items, 1, on_item_ordered, &first, NULL);
    put(w, 1, "milk");
    w->refuse_events = true;
    notify(w);
    w->refuse_events = false;
    atr_unwatch(w->store, due);
    ATR_WATCH_KEY(w->store, todos, items, 1, on_item_ordered, &second, NULL);

    put(w, 1, "oat milk");
    notify(w);

    assert_int_equal(first.place, 1);
    assert_int_equal(second.place, 2);
}

/* A subscription begins with what is visible, even if nobody was told of that yet. */
static void what_is_taken_back_before_a_round_is_told_to_who_came_in_between(void **state)
{
    world *w = *state;
    tale t = {0};
    item_arg milk = {1, "milk"};
    flight guess = {put_item, &milk, 0};
    atr_layer *layer = atr_layer_add(w->store, &guess);
    atr_store_refold(w->store);
    watch_item(w, 1, &t);
    atr_layer_remove(w->store, layer);
    atr_store_refold(w->store);

    assert_true(atr_store_is_dirty(w->store));
    assert_int_equal(notify(w), 1);

    assert_int_equal(t.now, -1);
    assert_false(atr_store_is_dirty(w->store));
}

static void put_by_name(atr_finish *f, void *user)
{
    todo_state next = *ATR_STATE(f, todos);
    (void)user;
    next.by_name =
        todo_item_str_map_set(f->s, next.by_name, atr_str_new(f->s, "milk"),
                              ATR_NEW(f->s, todo_item, .id = 4, .title = &atr_str_default));
    ATR_UPDATE(f, todos, next);
}

static void keys_of_equal_text_are_one(void **state)
{
    world *w = *state;
    tale t = {0};
    atr_scope *s = atr_scope_open(NULL);
    atr_watch one =
        ATR_WATCH_KEY(w->store, todos, by_name, atr_str_new(s, "milk"), on_item, &t, NULL);
    ATR_WATCH_KEY(w->store, todos, by_name, atr_str_new(s, "milk"), on_item, &t, NULL);
    atr_scope_close(s);
    atr_unwatch(w->store, one);
    assert_int_equal(atr_store_churn(w->store), ATR_OK);

    turn(w, put_by_name, NULL);

    assert_int_equal(notify(w), 1);
    assert_int_equal(t.now, 4);
}

/* ---- what an update of a map asks for ahead of the round ---- */

enum { SOME = 50, SEVENTH = 7 };

/* What happens between the update of a map and that of its root. */
typedef struct meanwhile {
    world *w;
    tale *t;
    atr_watch watches[SOME];
    int64_t leave, come;
} meanwhile;

static void put_seventh(atr_finish *f, void *user)
{
    meanwhile *m = user;
    todo_state next = *ATR_STATE(f, todos);
    next.items =
        todo_item_map_set(f->s, next.items, SEVENTH,
                          ATR_NEW(f->s, todo_item, .id = SEVENTH, .title = ATR_STR(f->s, "oats")));
    for (int64_t i = 0; i < m->leave; i++) {
        atr_unwatch(m->w->store, m->watches[i]);
    }
    for (int64_t i = 0; i < m->come; i++) {
        watch_item(m->w, SOME + i, m->t);
    }
    ATR_UPDATE(f, todos, next);
}

static void who_watches_a_key_may_change_between_its_update_and_that_of_the_root(void **state)
{
    static const struct {
        int64_t leave, come, told;
    } ways[] = {{0, 0, 1}, {SEVENTH, 0, 1}, {SOME, 0, 0}, {0, 1000, 1}, {SOME, 1000, 0}};
    world *w = *state;
    for (size_t way = 0; way < sizeof ways / sizeof *ways; way++) {
        tale t = {0};
        meanwhile m = {.w = w, .t = &t, .leave = ways[way].leave, .come = ways[way].come};
        fill(w, 0, SOME);
        for (int64_t i = 0; i < SOME; i++) {
            m.watches[i] = watch_item(w, i, &t);
        }
        put(w, SEVENTH, "milk");
        assert_int_equal(notify(w), 1);

        assert_int_equal(turn(w, put_seventh, &m), ATR_OK);

        assert_int_equal(notify(w), ways[way].told);
        assert_int_equal(t.calls, 1 + ways[way].told);
        for (int64_t i = m.leave; i < SOME; i++) {
            atr_unwatch(w->store, m.watches[i]);
        }
    }
}

#define SHELVES(F)               \
    F(map(i64, todo_item), left) \
    F(map(i64, todo_item), right)
ATR_MODEL(shelves, SHELVES);
ATR_MODEL_IMPL(shelves, SHELVES);
ATR_ROOT(kitchen, shelves);
ATR_ROOT_IMPL(kitchen, shelves, &shelves_default);

typedef struct shelved {
    int64_t left, right; /* ids; 0: none */
} shelved;

static void shelve(atr_finish *f, void *user)
{
    const shelved *ids = user;
    shelves next = *ATR_STATE(f, kitchen);
    const todo_item *item = ATR_NEW(f->s, todo_item, .id = SEVENTH, .title = ATR_STR(f->s, "oats"));
    if (ids->left != 0) {
        next.left = todo_item_map_set(f->s, next.left, ids->left, item);
    }
    if (ids->right != 0) {
        next.right = todo_item_map_set(f->s, next.right, ids->right, item);
    }
    ATR_UPDATE(f, kitchen, next);
}

static void shelve_in(world *w, int64_t left, int64_t right)
{
    shelved ids = {left, right};
    assert_int_equal(turn(w, shelve, &ids), ATR_OK);
}

static void t5_keys_of_two_maps_of_one_type_are_told_apart(void **state)
{
    enum { LEFT = 500 };
    world *w = *state;
    tale left = {0}, right = {0};
    atr_scope *s = atr_pool_scope(atr_store_pool(w->store));
    assert_int_equal(atr_store_add_root(w->store, s, &kitchen_root, &main_group), ATR_OK);
    atr_scope_close(s);
    for (int64_t i = 1; i <= LEFT; i++) {
        shelve_in(w, i, i);
        ATR_WATCH_KEY(w->store, kitchen, left, i, on_item, &left, NULL);
    }
    ATR_WATCH_KEY(w->store, kitchen, right, 3, on_item, &right, NULL);
    notify(w);
    for (int64_t i = 1; i <= LEFT; i++) {
        left.calls = right.calls = 0;

        shelve_in(w, i, 0);
        shelve_in(w, 0, LEFT + 1 - i);
        notify(w);
        shelve_in(w, LEFT + 1 - i, i);
        notify(w);

        assert_int_equal(left.calls, 0); /* equal items */
        assert_int_equal(right.calls, 0);
    }
    turn(w, put_seventh, &(meanwhile){.w = w}); /* of a root of which nobody watches a key */
    shelve_in(w, LEFT + 1, 0);
    assert_int_equal(notify(w), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        PLAIN(t5_subscriptions_on_other_keys_are_not_looked_at),
        BOTH(t5_a_round_looks_at_those_of_the_keys_that_changed),
        BOTH(t5_a_change_of_all_looks_at_the_few_keys_subscribed_to),
        BOTH(t5_one_key_is_looked_up_when_many_others_change),
        BOTH(t5_another_field_of_the_root_is_not_looked_at),
        BOTH(t5_a_key_that_nobody_watches_any_more_costs_nothing),
        BOTH(t5_another_root_is_not_looked_at),
        BOTH(a_round_without_changes_looks_at_nothing),
        BOTH(t5_a_view_is_looked_at_once_for_all_its_subscriptions),
        BOTH(t5_a_view_over_other_roots_is_not_looked_at),
        BOTH(t5_a_view_follows_what_it_reads_since),
        BOTH(the_first_of_a_view_that_ends_does_not_keep_it_from_the_others),
        BOTH(who_takes_the_place_of_one_that_was_due_is_told_in_its_own_turn),
        BOTH(a_place_taken_anew_is_told_after_those_before_it),
        BOTH(what_is_taken_back_before_a_round_is_told_to_who_came_in_between),
        BOTH(keys_of_equal_text_are_one),
        BOTH(who_watches_a_key_may_change_between_its_update_and_that_of_the_root),
        BOTH(t5_keys_of_two_maps_of_one_type_are_told_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
