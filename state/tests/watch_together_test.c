/* Those who watch the same are told together: what they have in common and what each has of its own. */
#include "store_world.h"

#include "tale.h"

/* ---- order ---- */

static void t4_those_who_watch_different_things_are_told_in_one_order(void **state)
{
    enum { ALL = 60 };
    world *w = *state;
    int order[ALL] = {0}, count = 0;
    tale tales[ALL] = {{0}};
    atr_watch handles[ALL];
    for (int i = 0; i < ALL; i++) {
        tales[i] = (tale){.number = i, .order = order, .order_count = &count};
        switch (i % 3) {
        case 0: handles[i] = ATR_WATCH(w->store, tally, on_tally, &tales[i], NULL); break;
        case 1: handles[i] = ATR_WATCH(w->store, other, on_tally, &tales[i], NULL); break;
        default:
            handles[i] = ATR_WATCH_KEY(w->store, todos, items, i % 4, on_item, &tales[i], NULL);
        }
    }
    for (int i = 0; i < ALL; i++) {
        if (i % 7 < 4) {
            atr_unwatch(w->store, handles[i]);
        }
    }

    turn(w, add_to_other, &(int){1});
    put(w, 1, "milk");
    put(w, 2, "oats");
    add(w, 1);
    notify(w);

    for (int i = 0, at = 0; i < ALL; i++) {
        bool told = i % 7 >= 4 && (i % 3 != 2 || i % 4 == 1 || i % 4 == 2);
        assert_int_equal(tales[i].calls, told);
        if (told) {
            assert_int_equal(order[at], i);
            at++;
        }
    }
}

/* ---- one that differs from the others ---- */

static void t4_one_that_asks_among_others_is_told_alone(void **state)
{
    world *w = *state;
    tale tales[5] = {{0}};
    atr_watch handles[5];
    for (int i = 0; i < 5; i++) {
        handles[i] = ATR_WATCH_KEY(w->store, todos, items, 1, on_item, &tales[i], NULL);
    }
    put(w, 1, "milk");
    notify(w);

    atr_watch_tell(w->store, handles[2]);

    assert_int_equal(notify(w), 1);
    assert_int_equal(tales[2].calls, 2);
    assert_int_equal(tales[2].was, -1);
    assert_int_equal(tales[2].now, 1);
    put(w, 1, NULL);
    assert_int_equal(notify(w), 5);
    for (int i = 0; i < 5; i++) {
        assert_int_equal(tales[i].was, 1);
        assert_int_equal(tales[i].now, -1);
    }
}

typedef struct adder {
    world *w;
    tale t;
} adder;

static void on_tally_add_once(atr_event *e, const counter *was, const counter *now, void *user)
{
    adder *a = user;
    on_tally(e, was, now, &a->t);
    if (a->t.calls == 1) {
        add(a->w, 10);
    }
}

static void t4_a_change_in_a_call_is_told_after_it_at_once_and_before_it_in_the_next_round(
    void **state)
{
    world *w = *state;
    tale before = {0}, after = {0}, late = {0};
    adder a = {.w = w};
    watch_tally(w, &before);
    ATR_WATCH(w->store, tally, on_tally_add_once, &a, NULL);
    watch_tally(w, &after);
    add(w, 1);

    assert_int_equal(notify(w), 3);
    assert_int_equal(before.now, 1);
    assert_int_equal(after.was, 0);
    assert_int_equal(after.now, 11);
    watch_tally(w, &late);

    assert_int_equal(notify(w), 2);
    assert_int_equal(before.was, 1);
    assert_int_equal(before.now, 11);
    assert_int_equal(a.t.was, 1);
    assert_int_equal(a.t.now, 11);
    assert_int_equal(after.calls, 1);

    add(w, 1);
    assert_int_equal(notify(w), 4);
    assert_int_equal(before.was, 11);
    assert_int_equal(late.was, 11);
}

/* ---- who joins those that wait to be told ---- */

enum { THINGS = 9, JOIN = 12 };

/* Adds to what others watch, when it is called. */
typedef struct joiner {
    world *w;
    tale own, late;
    bool joined, puts;
} joiner;

static void on_item_join(atr_event *e, const todo_item *was, const todo_item *now, void *user)
{
    joiner *j = user;
    on_item(e, was, now, &j->own);
    if (j->puts) {
        j->puts = false;
        for (int64_t key = 1; key <= THINGS; key++) {
            put(j->w, key, "oats");
        }
    }
    for (int i = 0; i < THINGS * JOIN && !j->joined; i++) {
        ATR_WATCH_KEY(j->w->store, todos, items, i % THINGS + 1, on_item, &j->late, NULL);
    }
    j->joined = true;
}

static void put_all(world *w, const char *title)
{
    for (int64_t key = 0; key <= THINGS; key++) {
        put(w, key, title);
    }
}

/* Two for each thing, once up and once down. */
static void watch_things(world *w, tale *tales)
{
    for (int i = 0; i < 2 * THINGS; i++) {
        int64_t key = i < THINGS ? i + 1 : 2 * THINGS - i;
        ATR_WATCH_KEY(w->store, todos, items, key, on_item, &tales[i], NULL);
    }
}

static void t4_who_is_due_is_told_in_order_though_others_join_meanwhile(void **state)
{
    world *w = *state;
    int order[4 * THINGS], count = 0;
    tale tales[2 * THINGS];
    joiner j = {.w = w};
    for (int i = 0; i < 2 * THINGS; i++) {
        tales[i] = (tale){.number = i, .order = order, .order_count = &count};
    }
    ATR_WATCH_KEY(w->store, todos, items, 0, on_item_join, &j, NULL);
    watch_things(w, tales);
    put_all(w, "milk");

    assert_int_equal(notify(w), 1 + 2 * THINGS);

    assert_int_equal(j.late.calls, 0);
    for (int i = 0; i < 2 * THINGS; i++) {
        assert_int_equal(order[i], i);
    }
    put_all(w, NULL);
    assert_int_equal(notify(w), 1 + 2 * THINGS + THINGS * JOIN);
    assert_int_equal(j.late.calls, THINGS * JOIN);
}

static void t4_who_is_due_in_the_next_round_is_told_then_though_others_join_meanwhile(void **state)
{
    world *w = *state;
    tale tales[2 * THINGS] = {{0}};
    joiner j = {.w = w, .puts = true};
    watch_things(w, tales);
    ATR_WATCH_KEY(w->store, todos, items, 0, on_item_join, &j, NULL);
    put_all(w, "milk");

    assert_int_equal(notify(w), 1 + 2 * THINGS);
    assert_int_equal(j.late.calls, 0);

    assert_int_equal(notify(w), 2 * THINGS);
    assert_int_equal(j.late.calls, 0);
    for (int i = 0; i < 2 * THINGS; i++) {
        assert_int_equal(tales[i].calls, 2);
    }
    assert_int_equal(notify(w), 0);
}

/* ---- what is told may be the last that holds something ---- */

#define FRAME(F) F(opaque, picture)
ATR_MODEL(frame, FRAME);
ATR_MODEL_IMPL(frame, FRAME);
ATR_ROOT(wall, frame);
ATR_ROOT_IMPL(wall, frame, &frame_default);

typedef struct picture {
    world *w;
    atr_watch watches[3];
    bool gone;
} picture;

static void picture_destroy(void *pointer)
{
    picture *p = pointer;
    p->gone = true;
    for (int i = 0; i < 3; i++) {
        atr_unwatch(p->w->store, p->watches[i]);
    }
}

static void hang(atr_finish *f, void *user)
{
    frame next = *ATR_STATE(f, wall);
    next.picture = user != NULL ? atr_opaque_new(f->s, "picture", user, picture_destroy) : NULL;
    ATR_UPDATE(f, wall, next);
}

static void on_wall(atr_event *e, const frame *was, const frame *now, void *user)
{
    (void)e;
    (void)was;
    (void)now;
    ++*(int *)user;
}

static void what_dies_when_all_were_told_may_end_their_subscriptions(void **state)
{
    world *w = *state;
    picture p = {.w = w};
    int calls = 0;
    atr_scope *s = atr_pool_scope(atr_store_pool(w->store));
    assert_int_equal(atr_store_add_root(w->store, s, &wall_root, NULL), ATR_OK);
    atr_scope_close(s);
    for (int i = 0; i < 3; i++) {
        p.watches[i] = ATR_WATCH(w->store, wall, on_wall, &calls, NULL);
    }
    turn(w, hang, &p);
    assert_int_equal(notify(w), 3);

    turn(w, hang, NULL);
    assert_false(p.gone); /* they are still to be told that it was there */
    assert_int_equal(notify(w), 3);

    assert_true(p.gone);
    assert_int_equal(atr_store_stats_now(w->store).subscriptions, 0);
}

/* ---- memory ---- */

/* So many on each of the keys. */
static size_t bytes_of_each(world *w, int64_t keys, int each)
{
    static tale t;
    size_t before = atr_memory_now().bytes, bytes;
    for (int64_t key = 0; key < keys; key++) {
        for (int i = 0; i < each; i++) {
            ATR_WATCH_KEY(w->store, todos, items, key, on_item, &t, NULL);
        }
    }
    bytes = (atr_memory_now().bytes - before) / ((size_t)keys * (size_t)each);
    print_message("# %d on a key: %zu bytes for one\n", each, bytes);
    return bytes;
}

static void ten_that_watch_the_same_take_no_more_memory_than_they_must(void **state)
{
    assert_true(bytes_of_each(*state, 1000, 10) <= 112);
}

static void one_that_watches_alone_takes_no_more_memory_than_it_must(void **state)
{
    assert_true(bytes_of_each(*state, 10000, 1) <= 232);
}

/* ---- the event that they share ---- */

/* What was read stays as it was while newer versions come; the last one is read, too. */
static void on_tally_read_on(atr_event *e, const counter *was, const counter *now, void *user)
{
    const counter *read = ATR_STATE(e, other);
    int64_t n = read->n;
    (void)was;
    (void)now;
    for (int i = 0; i < 4; i++) {
        turn(user, add_to_other, &(int){1});
    }
    assert_int_equal(read->n, n);
    assert_int_equal(ATR_STATE(e, other)->n, n + 4);
}

static void s1_each_of_those_who_are_told_keeps_what_it_has_read(void **state)
{
    world *w = *state;
    for (int i = 0; i < 3; i++) {
        ATR_WATCH(w->store, tally, on_tally_read_on, w, NULL);
    }
    add(w, 1);

    assert_int_equal(notify(w), 3);

    assert_int_equal(visible_n(w, &other_root), 12);
}

/* ---- figures ---- */

/* What a round has told and looked at. */
static void round_counts(world *w, uint64_t told, uint64_t checked)
{
    atr_store_stats before = atr_store_stats_now(w->store), now;
    assert_int_equal(notify(w), told);
    now = atr_store_stats_now(w->store);
    assert_int_equal(now.told - before.told, told);
    assert_int_equal(now.checked - before.checked, checked);
    assert_int_equal(now.rounds - before.rounds, checked > 0);
}

static void each_call_and_each_look_is_counted(void **state)
{
    world *w = *state;
    tale together[3] = {{0}}, alone = {0};
    for (int i = 0; i < 3; i++) {
        ATR_WATCH(w->store, tally, on_tally, &together[i], NULL);
    }
    ATR_WATCH(w->store, other, on_tally, &alone, NULL);
    round_counts(w, 0, 0);

    add(w, 1);
    round_counts(w, 3, 3);
    turn(w, add_to_other, &(int){1});
    round_counts(w, 1, 1);
    add(w, 1);
    turn(w, add_to_other, &(int){1});
    round_counts(w, 4, 4);

    add(w, 1); /* there and back: looked at, and found equal */
    add(w, -1);
    turn(w, add_to_other, &(int){1});
    turn(w, add_to_other, &(int){-1});
    round_counts(w, 0, 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        BOTH(t4_those_who_watch_different_things_are_told_in_one_order),
        BOTH(t4_one_that_asks_among_others_is_told_alone),
        BOTH(t4_a_change_in_a_call_is_told_after_it_at_once_and_before_it_in_the_next_round),
        BOTH(t4_who_is_due_is_told_in_order_though_others_join_meanwhile),
        BOTH(t4_who_is_due_in_the_next_round_is_told_then_though_others_join_meanwhile),
        BOTH(what_dies_when_all_were_told_may_end_their_subscriptions),
        BOTH(ten_that_watch_the_same_take_no_more_memory_than_they_must),
        BOTH(one_that_watches_alone_takes_no_more_memory_than_it_must),
        BOTH(s1_each_of_those_who_are_told_keeps_what_it_has_read),
        BOTH(each_call_and_each_look_is_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
