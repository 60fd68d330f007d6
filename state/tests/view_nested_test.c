/* What may happen while a view runs, as in a nested loop: rounds, in which others are told of it, read it,
 * and begin to watch it. */
#include "failing.h"
#include "views.h"

#include "random.h"

/* What the next run of `source` does, once. */
static void (*meanwhile)(world *w, atr_view *v);
static world *meanwhile_in;
static tale meanwhile_tale;
static atr_watch meanwhile_watch;
static int64_t meanwhile_seen;

ATR_VIEW(source, i64);
static int64_t run_source(atr_view *v)
{
    int64_t n = ATR_STATE(v, tally)->n;
    void (*act)(world * w, atr_view * v) = meanwhile;
    meanwhile = NULL;
    if (act != NULL) {
        act(meanwhile_in, v);
    }
    return n;
}
ATR_VIEW_IMPL(source, i64, run_source);

/* Reads the other one before that. */
ATR_VIEW(reader, i64);
static int64_t run_reader(atr_view *v)
{
    return ATR_STATE(v, other)->n * 100 + ATR_GET(v, source);
}
ATR_VIEW_IMPL(reader, i64, run_reader);

ATR_VIEW(reader_of_reader, i64);
static int64_t run_reader_of_reader(atr_view *v)
{
    return ATR_GET(v, reader) + 1000;
}
ATR_VIEW_IMPL(reader_of_reader, i64, run_reader_of_reader);

static void run_with(world *w, void (*act)(world *w, atr_view *v))
{
    meanwhile = act;
    meanwhile_in = w;
    meanwhile_tale = (tale){0};
    meanwhile_seen = -1;
}

static int64_t get(world *w, int64_t (*of)(atr_ctx *ctx))
{
    atr_event e;
    int64_t result;
    event_open(w, &e);
    result = of(e.ctx);
    event_close(w, &e);
    return result;
}

static void rounds_end(world *w)
{
    notify_until_told(w);
    assert_null(meanwhile);
}

/* ---- read by others ---- */

static void change_other_in_round(world *w, atr_view *v)
{
    (void)v;
    add_other(w, 1);
    notify(w);
}

/* In a round, or by who asks; watched itself, or not. */
static void t5_who_reads_a_view_while_it_runs_follows_it(void **state)
{
    world *w = *state;
    for (int way = 0; way < 4; way++) {
        tale first = {0}, second = {0}, own = {0};
        atr_watch of_second = ATR_WATCH_VIEW(w->store, reader_of_reader, on_number, &second, NULL),
                  of_first = ATR_WATCH_VIEW(w->store, reader, on_number, &first, NULL),
                  of_own = {0, 0};
        int64_t now = (confirmed_n(w, &other_root) + 1) * 100 + confirmed_n(w, &tally_root) + 1;
        if (way >= 2) {
            of_own = ATR_WATCH_VIEW(w->store, source, on_number, &own, NULL);
        }
        add(w, 1);
        run_with(w, change_other_in_round);
        if (way % 2 == 0) {
            assert_int_equal(get(w, source_get), confirmed_n(w, &tally_root));
            assert_int_equal(get(w, reader_get), now);
        }
        rounds_end(w);

        assert_int_equal(first.now, now);
        assert_int_equal(second.now, now + 1000);
        assert_int_equal(own.calls, way >= 2);
        atr_unwatch(w->store, of_first);
        atr_unwatch(w->store, of_second);
        atr_unwatch(w->store, of_own);
    }
}

static void ask_in_event(world *w, atr_view *v)
{
    (void)v;
    meanwhile_seen = get(w, reader_of_reader_get) - get(w, source_get);
}

/* Nothing has changed when it ends, but that its result is another. */
static void t5_what_was_read_while_a_view_ran_does_not_hold_when_it_ends(void **state)
{
    world *w = *state;
    for (int watched = 0; watched < 2; watched++) {
        tale t = {0};
        int64_t before = confirmed_n(w, &tally_root);
        atr_watch watch = {0, 0};
        if (watched) {
            watch = ATR_WATCH_VIEW(w->store, source, on_number, &t, NULL);
        }
        assert_int_equal(get(w, source_get), before);
        add(w, 5);
        run_with(w, ask_in_event);

        assert_int_equal(get(w, source_get), before + 5);
        assert_int_equal(meanwhile_seen, 1000);
        assert_int_equal(get(w, reader_get), before + 5);
        assert_int_equal(get(w, reader_of_reader_get), before + 1005);
        rounds_end(w);
        assert_int_equal(t.calls, watched);
        atr_unwatch(w->store, watch);
    }
}

/* Whether an allocation failed in the round. */
static bool read_once(bool checked, size_t count)
{
    world w = {0};
    tale t = {0}, second = {0};
    bool failed;
    world_begin(&w, checked);
    atr_pool_gate(atr_store_pool(w.store), failing_gate, NULL);
    ATR_WATCH_VIEW(w.store, reader, on_number, &t, NULL);
    ATR_WATCH_VIEW(w.store, reader_of_reader, on_number, &second, NULL);
    add(&w, 1);
    run_with(&w, change_other_in_round);
    failing_after(count);
    notify(&w);
    failed = failing_stop() > 0;
    rounds_end(&w);

    assert_int_equal(t.now, confirmed_n(&w, &other_root) * 100 + 1);
    assert_int_equal(second.now, t.now + 1000);
    assert_true(failed || w.failures == 0);
    world_end(&w);
    return failed;
}

static void t5_who_reads_a_view_while_it_runs_follows_it_when_there_is_memory_again(void **state)
{
    for (int checked = 0; checked < 2; checked++) {
        size_t count = 0;
        while (read_once(checked, count)) {
            count++;
        }
        assert_true(count > 2);
    }
}

/* ---- a view that asks for itself ---- */

static void read_reader_in_round(world *w, atr_view *v)
{
    change_other_in_round(w, v);
    meanwhile_seen = ATR_GET(v, reader);
}

static void read_reader_by_itself(world *w, atr_view *v)
{
    meanwhile_seen = ATR_GET(v, reader);
}

static void a_view_that_asks_for_itself_through_another_is_reported(void **state)
{
    world *w = *state;
    add(w, 1);
    run_with(w, read_reader_by_itself);
    assert_int_equal(get(w, source_get), 1);
    assert_int_equal(take_violation(w), ATR_E_DEFINITION);
    assert_string_equal(w->violation_text, "view source asks for itself");
    assert_int_equal(meanwhile_seen, 0);
}

/* Who has read it in the round is asked by it then: that shows when one is brought up to date for the other. */
static void a_view_that_asks_for_who_has_read_it_meanwhile_is_reported(void **state)
{
    world *w = *state;
    tale t = {0};
    ATR_WATCH_VIEW(w->store, reader, on_number, &t, NULL);
    add(w, 1);
    run_with(w, read_reader_in_round);
    assert_int_equal(get(w, source_get), 1);
    assert_int_equal(meanwhile_seen, 100);
    assert_int_equal(w->violations, 0);

    rounds_end(w);
    assert_int_equal(take_violation(w), ATR_E_DEFINITION);
    assert_string_equal(w->violation_text, "view source asks for itself");
}

/* ---- watched while it runs ---- */

static void watch_source(world *w, atr_view *v)
{
    (void)v;
    ATR_WATCH_VIEW(w->store, source, on_number, &meanwhile_tale, NULL);
}

static void watch_reader(world *w, atr_view *v)
{
    (void)v;
    meanwhile_watch = ATR_WATCH_VIEW(w->store, reader, on_number, &meanwhile_tale, NULL);
}

static void t5_a_view_that_is_watched_while_it_runs_is_followed(void **state)
{
    world *w = *state;
    assert_int_equal(get(w, source_get), 0);
    add(w, 1);
    run_with(w, watch_source);
    assert_int_equal(get(w, source_get), 1);
    rounds_end(w);
    assert_int_equal(meanwhile_tale.calls, 1);
    assert_int_equal(meanwhile_tale.was, 0);
    assert_int_equal(meanwhile_tale.now, 1);

    add(w, 1);
    rounds_end(w);
    assert_int_equal(meanwhile_tale.calls, 2);
}

/* It has not been found yet whether it must run. */
static void t5_a_view_that_is_watched_while_one_that_it_reads_runs_is_followed(void **state)
{
    world *w = *state;
    for (int changes = 0; changes < 2; changes++) {
        int64_t before = get(w, reader_get);
        run_with(w, watch_reader);
        add(w, 1);
        if (!changes) {
            add(w, -1);
        }
        assert_int_equal(get(w, reader_get), before + changes);
        rounds_end(w);
        assert_int_equal(meanwhile_tale.calls, changes);

        add_other(w, 1);
        rounds_end(w);
        assert_int_equal(meanwhile_tale.calls, changes + 1);
        assert_int_equal(meanwhile_tale.now, before + changes + 100);
        atr_unwatch(w->store, meanwhile_watch);
    }
}

/* ---- rounds in rounds ---- */

static void only_round(world *w, atr_view *v)
{
    (void)v;
    notify(w);
}

static void add_when_told(atr_event *e, const counter *was, const counter *now, void *user)
{
    (void)e;
    (void)was;
    (void)now;
    add(user, 1);
}

static void t4_who_was_passed_is_told_whatever_rounds_a_view_runs(void **state)
{
    world *w = *state;
    tale t = {0};
    ATR_WATCH_VIEW(w->store, source, on_number, &t, NULL);
    ATR_WATCH(w->store, other, add_when_told, w, NULL);
    add_other(w, 1);
    run_with(w, only_round);
    notify(w);
    assert_int_equal(t.calls, 0);
    rounds_end(w);
    assert_int_equal(t.calls, 1);
    assert_int_equal(t.now, 1);
}

/* ---- anything, at random ---- */

enum { NODES = 12, DEPTH_MAX = 3 };

static world *acts_in; /* NULL: views only read, subscribers only note */
static size_t act_depth;
static struct follower {
    tale told;
    atr_watch watch;
} followers[NODES];

static void act_at_random(world *w);

/* Which others it reads, those before it, depends on what there is. */
ATR_VIEW_KEYED(node, i64, i64);
static int64_t run_node(atr_view *v, int64_t key)
{
    int64_t n = ATR_STATE(v, tally)->n, part = n % (key + 2);
    if (acts_in != NULL && random_below(3) == 0) {
        act_at_random(acts_in);
    }
    if (key == 0) {
        return part;
    }
    return part + ((n >> key % 3) % 2 != 0
                       ? ATR_GET_KEY(v, node, key - 1)
                       : ATR_GET_KEY(v, node, key / 2) + ATR_STATE(v, other)->n % 5);
}
ATR_VIEW_KEYED_IMPL(node, i64, i64, run_node);

static void on_node(atr_event *e, int64_t was, int64_t now, void *user)
{
    on_number(e, was, now, user);
    if (acts_in != NULL && random_below(3) == 0) {
        act_at_random(acts_in);
    }
}

static int64_t node_of(int64_t n, int64_t other, int64_t key)
{
    int64_t part = n % (key + 2);
    if (key == 0) {
        return part;
    }
    return part + ((n >> key % 3) % 2 != 0 ? node_of(n, other, key - 1)
                                           : node_of(n, other, key / 2) + other % 5);
}

static int64_t get_node(world *w, int64_t key)
{
    atr_event e;
    int64_t result;
    event_open(w, &e);
    result = ATR_GET_KEY(&e, node, key);
    event_close(w, &e);
    return result;
}

static void follow_or_leave(world *w, int64_t key)
{
    struct follower *f = &followers[key];
    if (f->watch.slot != 0) {
        atr_watch watch = f->watch;
        f->watch = (atr_watch){0, 0};
        atr_unwatch(w->store, watch);
    } else {
        f->watch = atr_watch_tell(w->store,
                                  ATR_WATCH_VIEW_KEY(w->store, node, key, on_node, &f->told, NULL));
    }
}

static void act_at_random(world *w)
{
    if (act_depth == DEPTH_MAX) {
        return;
    }
    act_depth++;
    switch (random_below(6)) {
    case 0: add(w, 1 + (int)random_below(3)); break;
    case 1: add_other(w, 1); break;
    case 2: get_node(w, (int64_t)random_below(NODES)); break;
    case 3: follow_or_leave(w, (int64_t)random_below(NODES)); break;
    default: notify(w);
    }
    act_depth--;
}

static void assert_all_follow(world *w)
{
    int64_t n = confirmed_n(w, &tally_root), other = confirmed_n(w, &other_root);
    for (int64_t i = 0; i < NODES; i++) {
        int64_t key = i * 5 % NODES;
        if (followers[key].watch.slot != 0) {
            assert_int_equal(followers[key].told.now, node_of(n, other, key));
        }
        if (random_below(2) == 0) {
            assert_int_equal(get_node(w, key), node_of(n, other, key));
        }
    }
}

static void t5_when_anything_happens_in_views_and_subscribers_they_are_right_at_rest(void **state)
{
    world *w = *state;
    size_t steps = random_begin() / 20;
    memset(followers, 0, sizeof followers);
    for (size_t i = 0; i < steps; i++) {
        acts_in = w;
        for (size_t k = 1 + random_below(4); k > 0; k--) {
            act_at_random(w);
        }
        acts_in = NULL;
        notify_until_told(w);
        assert_all_follow(w);
        assert_int_equal(w->violations, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        BOTH(t5_who_reads_a_view_while_it_runs_follows_it),
        BOTH(t5_what_was_read_while_a_view_ran_does_not_hold_when_it_ends),
        cmocka_unit_test_setup_teardown(
            t5_who_reads_a_view_while_it_runs_follows_it_when_there_is_memory_again, failing_setup,
            failing_teardown),
        BOTH(a_view_that_asks_for_itself_through_another_is_reported),
        BOTH(a_view_that_asks_for_who_has_read_it_meanwhile_is_reported),
        BOTH(t5_a_view_that_is_watched_while_it_runs_is_followed),
        BOTH(t5_a_view_that_is_watched_while_one_that_it_reads_runs_is_followed),
        BOTH(t4_who_was_passed_is_told_whatever_rounds_a_view_runs),
        BOTH(t5_when_anything_happens_in_views_and_subscribers_they_are_right_at_rest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
