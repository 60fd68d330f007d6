/* Views at scale: which of them a change leads to, how often they run, and what is kept of them. */
#include <math.h>

#include "views.h"

enum { MANY = 100000, SOME = 1000 };

/* What the rounds looked at, and how many views ran, since the last look. */
typedef struct cost {
    uint64_t checked, runs;
} cost;

static cost cost_since(world *w)
{
    static cost before;
    atr_store_stats now = atr_store_stats_now(w->store);
    cost since = {now.checked - before.checked, now.view_runs - before.runs};
    before = (cost){now.checked, now.view_runs};
    return since;
}

static cost round_cost(world *w)
{
    cost_since(w);
    notify(w);
    return cost_since(w);
}

static void assert_cost(cost is, uint64_t checked, uint64_t runs)
{
    assert_int_equal(is.checked, checked);
    assert_int_equal(is.runs, runs);
}

/* ---- one view for each key ---- */

static int name_runs;

ATR_VIEW_KEYED(size_of_title, i64, i64);
static int64_t run_size(atr_view *v, int64_t id)
{
    const todo_item *item = ATR_STATE_KEY(v, todos, items, id);
    name_runs++;
    return item != NULL ? (int64_t)item->title->size : -1;
}
ATR_VIEW_KEYED_IMPL(size_of_title, i64, i64, run_size);

static int64_t get_size(world *w, int64_t id)
{
    atr_event e;
    int64_t size;
    event_open(w, &e);
    size = ATR_GET_KEY(&e, size_of_title, id);
    event_close(w, &e);
    return size;
}

static void t5_a_keyed_view_has_a_result_for_each_key(void **state)
{
    world *w = *state;
    name_runs = 0;
    put(w, 1, "milk");
    put(w, 2, "tea");

    for (int i = 0; i < 3; i++) {
        assert_int_equal(get_size(w, 1), 4);
        assert_int_equal(get_size(w, 2), 3);
    }
    assert_int_equal(name_runs, 2);

    put(w, 2, "green tea");
    assert_int_equal(get_size(w, 1), 4);
    assert_int_equal(get_size(w, 2), 9);
    assert_int_equal(name_runs, 3);
}

static void t5_views_on_other_keys_cost_nothing(void **state)
{
    world *w = *state;
    static tale t[MANY];
    memset(t, 0, sizeof t);
    for (int64_t i = 0; i < MANY; i++) {
        ATR_WATCH_VIEW_KEY(w->store, size_of_title, i, on_number, &t[i], NULL);
    }
    notify(w);

    put(w, MANY, "nobody watches it");
    assert_cost(round_cost(w), 0, 0);

    put(w, 777, "milk");
    assert_cost(round_cost(w), 2, 1); /* the view, its subscription */
    assert_int_equal(t[777].calls, 1);
    assert_int_equal(t[777].was, -1);
    assert_int_equal(t[777].now, 4);

    put(w, 777, "mild"); /* another text of that size */
    assert_cost(round_cost(w), 1, 1);
    assert_int_equal(t[777].calls, 1);
}

static void t5_a_view_that_nobody_watches_any_more_costs_nothing(void **state)
{
    world *w = *state;
    tale t = {0};
    static atr_watch handles[SOME];
    for (int way = 0; way < 2; way++) {
        for (int i = 0; i < SOME; i++) {
            handles[i] = ATR_WATCH_VIEW_KEY(w->store, size_of_title, i, on_number, &t, NULL);
        }
        for (int i = 0; i < SOME; i++) {
            atr_unwatch(w->store, handles[(i * 7) % SOME]);
        }
    }

    put(w, 3, "milk");

    assert_cost(round_cost(w), 0, 0);
    assert_int_equal(get_size(w, 3), 4);
    assert_int_equal(t.calls, 0);
}

/* ---- diamonds ---- */

static int left_runs, right_runs, top_runs;

ATR_VIEW(left, i64);
static int64_t run_left(atr_view *v)
{
    left_runs++;
    return ATR_STATE(v, tally)->n * 2;
}
ATR_VIEW_IMPL(left, i64, run_left);

ATR_VIEW(right, i64);
static int64_t run_right(atr_view *v)
{
    right_runs++;
    return ATR_STATE(v, tally)->n / 10;
}
ATR_VIEW_IMPL(right, i64, run_right);

ATR_VIEW(top, i64);
static int64_t run_top(atr_view *v)
{
    top_runs++;
    return ATR_GET(v, left) + ATR_GET(v, right);
}
ATR_VIEW_IMPL(top, i64, run_top);

static void t5_a_diamond_runs_once_for_a_commit(void **state)
{
    world *w = *state;
    tale t = {0};
    ATR_WATCH_VIEW(w->store, top, on_number, &t, NULL);
    left_runs = right_runs = top_runs = 0;

    add(w, 10);
    notify(w);

    assert_int_equal(left_runs, 1);
    assert_int_equal(right_runs, 1);
    assert_int_equal(top_runs, 1);
    assert_int_equal(t.calls, 1);
    assert_int_equal(t.was, 0);
    assert_int_equal(t.now, 21);
}

static void t5_a_diamond_watched_at_every_corner_runs_once(void **state)
{
    world *w = *state;
    tale t[6] = {{0}};
    for (int i = 0; i < 2; i++) {
        ATR_WATCH_VIEW(w->store, top, on_number, &t[0 + 3 * i], NULL);
        ATR_WATCH_VIEW(w->store, left, on_number, &t[1 + 3 * i], NULL);
        ATR_WATCH_VIEW(w->store, right, on_number, &t[2 + 3 * i], NULL);
    }
    left_runs = right_runs = top_runs = 0;

    for (int i = 0; i < 5; i++) {
        add(w, 10);
        add(w, 10); /* several turns are one change */
        notify(w);
    }

    assert_int_equal(left_runs, 5);
    assert_int_equal(right_runs, 5);
    assert_int_equal(top_runs, 5);
    for (int i = 0; i < 6; i++) {
        assert_int_equal(t[i].calls, 5);
    }
}

static int part_runs, whole_runs;

ATR_VIEW_KEYED(part, i64, i64);
static int64_t run_part(atr_view *v, int64_t of)
{
    part_runs++;
    return ATR_STATE(v, tally)->n * of;
}
ATR_VIEW_KEYED_IMPL(part, i64, i64, run_part);

ATR_VIEW_KEYED(whole, i64, i64);
static int64_t run_whole(atr_view *v, int64_t of)
{
    whole_runs++;
    return ATR_GET_KEY(v, part, of) + ATR_GET_KEY(v, part, of + 1) + ATR_GET(v, left);
}
ATR_VIEW_KEYED_IMPL(whole, i64, i64, run_whole);

static void t5_diamonds_of_keyed_views_run_once_for_a_commit(void **state)
{
    world *w = *state;
    tale t[10] = {{0}};
    for (int i = 0; i < 10; i++) {
        ATR_WATCH_VIEW_KEY(w->store, whole, i, on_number, &t[i], NULL);
    }
    left_runs = part_runs = whole_runs = 0;

    add(w, 1);
    notify(w);

    assert_int_equal(left_runs, 1);
    assert_int_equal(part_runs, 11); /* 0 to 10, each read by two */
    assert_int_equal(whole_runs, 10);
    for (int i = 0; i < 10; i++) {
        assert_int_equal(t[i].now, i + i + 1 + 2);
    }
}

static int link_runs;

ATR_VIEW_KEYED(link_of, i64, i64);
static int64_t run_link(atr_view *v, int64_t n)
{
    link_runs++;
    return n == 0 ? ATR_STATE(v, tally)->n : ATR_GET_KEY(v, link_of, n - 1) % 1000 + 1;
}
ATR_VIEW_KEYED_IMPL(link_of, i64, i64, run_link);

static int64_t get_link(world *w, int64_t n)
{
    atr_event e;
    int64_t result;
    event_open(w, &e);
    result = ATR_GET_KEY(&e, link_of, n);
    event_close(w, &e);
    return result;
}

/* Each was asked for when the one before was up to date, so only bringing them up to date again goes deep. */
static void t5_views_that_read_each_other_need_no_stack(void **state)
{
    enum { LINKS = 200000 };
    world *w = *state;
    tale t = {0};
    for (int64_t i = 0; i <= LINKS; i++) {
        assert_int_equal(get_link(w, i), i == 0 ? 0 : (i - 1) % 1000 + 1);
        if (i % 5000 == 0) { /* few enough at rest to stay */
            ATR_WATCH_VIEW_KEY(w->store, link_of, i, on_number, &t, NULL);
        }
    }
    link_runs = 0;
    add(w, 7);
    assert_int_equal(get_link(w, LINKS), (LINKS + 6) % 1000 + 1);
    assert_int_equal(link_runs, LINKS + 1);

    add(w, 1000); /* the first differs, its reader has the same result, and nobody else runs */
    link_runs = 0;
    assert_int_equal(get_link(w, LINKS), (LINKS + 6) % 1000 + 1);
    assert_int_equal(link_runs, 2);
}

/* ---- an equal result ---- */

ATR_VIEW_KEYED(more_than_right, i64, i64);
static int64_t run_more(atr_view *v, int64_t more)
{
    return ATR_GET(v, right) + more;
}
ATR_VIEW_KEYED_IMPL(more_than_right, i64, i64, run_more);

static void t5_those_who_read_an_equal_result_are_not_looked_at(void **state)
{
    world *w = *state;
    tale t = {0};
    for (int i = 0; i < SOME; i++) {
        ATR_WATCH_VIEW_KEY(w->store, more_than_right, i, on_number, &t, NULL);
    }
    notify(w);

    add(w, 1);
    assert_cost(round_cost(w), 1, 1);

    add(w, 9);
    assert_cost(round_cost(w), 1 + 2 * SOME, 1 + SOME);

    add(w, 1); /* equal again */
    assert_cost(round_cost(w), 1, 1);
    assert_int_equal(t.calls, SOME);
}

/* ---- what was taken back before a round ---- */

static int64_t chosen_key;

ATR_VIEW(title_of_chosen, i64);
static int64_t run_chosen(atr_view *v)
{
    const todo_item *item = ATR_STATE_KEY(v, todos, items, ATR_STATE(v, tally)->n);
    chosen_key = ATR_STATE(v, tally)->n;
    return item != NULL ? (int64_t)item->title->size : -1;
}
ATR_VIEW_IMPL(title_of_chosen, i64, run_chosen);

static void t5_a_view_that_ran_on_what_was_taken_back_is_looked_at_again(void **state)
{
    world *w = *state;
    tale t = {0};
    int five = 5;
    flight guess = {add_to_tally, &five, 0};
    atr_layer *layer;
    atr_event e;
    put(w, 0, "milk");
    ATR_WATCH_VIEW(w->store, title_of_chosen, on_number, &t, NULL);
    notify(w);
    layer = atr_layer_add(w->store, &guess);
    atr_store_refold(w->store);
    event_open(w, &e);
    assert_int_equal(ATR_GET(&e, title_of_chosen), -1); /* it reads key 5 now */
    event_close(w, &e);
    atr_layer_remove(w->store, layer);
    atr_store_refold(w->store);

    put(w, 0, "oat milk");
    notify(w);

    assert_int_equal(chosen_key, 0);
    assert_int_equal(t.calls, 1);
    assert_int_equal(t.was, 4);
    assert_int_equal(t.now, 8);
}

/* ---- keys of other kinds ---- */

static int by_text_runs, by_item_runs;

ATR_VIEW_KEYED(by_text, i64, str);
static int64_t run_by_text(atr_view *v, const atr_str *key)
{
    by_text_runs++;
    return ATR_STATE(v, tally)->n + (int64_t)key->size;
}
ATR_VIEW_KEYED_IMPL(by_text, i64, str, run_by_text);

ATR_VIEW_KEYED(by_item, i64, ref(todo_item));
static int64_t run_by_item(atr_view *v, const todo_item *key)
{
    by_item_runs++;
    return ATR_STATE(v, tally)->n + key->id;
}
ATR_VIEW_KEYED_IMPL(by_item, i64, ref(todo_item), run_by_item);

ATR_VIEW_KEYED(by_real, f64, f64);
static double run_by_real(atr_view *v, double key)
{
    return (double)ATR_STATE(v, tally)->n + key;
}
ATR_VIEW_KEYED_IMPL(by_real, f64, f64, run_by_real);

ATR_VIEW_KEYED(by_choice, bool, opt(i64));
static bool run_by_choice(atr_view *v, atr_opt_i64 key)
{
    (void)v;
    return key.has;
}
ATR_VIEW_KEYED_IMPL(by_choice, bool, opt(i64), run_by_choice);

static void t5_keys_of_views_are_compared_by_content(void **state)
{
    world *w = *state;
    uint64_t runs;
    atr_event e;
    by_text_runs = by_item_runs = 0;
    event_open(w, &e);

    for (int i = 0; i < 3; i++) {
        const atr_str *text = atr_str_new(e.s, "milk");
        const todo_item *item = ATR_NEW(e.s, todo_item, .id = 7, .title = text);
        assert_int_equal(ATR_GET_KEY(&e, by_text, text), 4);
        assert_int_equal(ATR_GET_KEY(&e, by_item, item), 7);
    }
    assert_int_equal(by_text_runs, 1);
    assert_int_equal(by_item_runs, 1);

    runs = atr_store_stats_now(w->store).view_runs;
    assert_true(ATR_GET_KEY(&e, by_real, 0.0) == 0);
    assert_true(ATR_GET_KEY(&e, by_real, -0.0) == 0);
    assert_true(ATR_GET_KEY(&e, by_real, 0.5) == 0.5);
    assert_true(ATR_GET_KEY(&e, by_choice, ATR_SOME(i64, 0)));
    assert_false(ATR_GET_KEY(&e, by_choice, (atr_opt_i64){0}));
    assert_int_equal(atr_store_stats_now(w->store).view_runs - runs, 4);
    assert_true(isnan(ATR_GET_KEY(&e, by_real, (double)NAN)));
    assert_true(isnan(ATR_GET_KEY(&e, by_real, -(double)NAN)));
    assert_int_equal(atr_store_stats_now(w->store).view_runs - runs, 5);
    event_close(w, &e);
}

static void keys_of_views_outlive_their_scope(void **state)
{
    world *w = *state;
    tale t = {0};
    atr_scope *s = atr_scope_open(NULL);
    ATR_WATCH_VIEW_KEY(w->store, by_text, atr_str_new(s, "milk"), on_number, &t, NULL);
    atr_scope_close(s);
    assert_int_equal(atr_store_churn(w->store), ATR_OK);

    add(w, 1);

    assert_int_equal(notify(w), 1);
    assert_int_equal(t.now, 5);
}

static void a_key_that_is_no_value_is_refused(void **state)
{
    world *w = *state;
    static const atr_str draft = {{0, 0, 0, 0}, 1, 0, "x"};
    tale t = {0};
    atr_event e;
    event_open(w, &e);

    assert_int_equal(ATR_GET_KEY(&e, by_text, NULL), 0);
    assert_int_equal(take_violation(w), ATR_E_REFUSED);
    assert_int_equal(ATR_GET_KEY(&e, by_text, &draft), 0);
    assert_int_equal(take_violation(w), ATR_E_REFUSED);
    assert_int_equal(ATR_WATCH_VIEW_KEY(w->store, by_text, NULL, on_number, &t, NULL).slot, 0);
    assert_int_equal(take_violation(w), ATR_E_REFUSED);
    assert_int_equal(atr_view_read(e.ctx, &by_text_view).as.i64, 0);
    assert_int_equal(take_violation(w), ATR_E_REFUSED);
    event_close(w, &e);
}

/* ---- a view that reads itself ---- */

ATR_VIEW_KEYED(steps, i64, i64);
static int64_t run_steps(atr_view *v, int64_t key)
{
    return key == 0 ? ATR_STATE(v, tally)->n : ATR_GET_KEY(v, steps, key - 1) + 1;
}
ATR_VIEW_KEYED_IMPL(steps, i64, i64, run_steps);

ATR_VIEW_KEYED(itself, i64, i64);
static int64_t run_itself(atr_view *v, int64_t key)
{
    return ATR_GET_KEY(v, itself, key) + 1;
}
ATR_VIEW_KEYED_IMPL(itself, i64, i64, run_itself);

static void get_steps_in_finish(atr_finish *f, void *user)
{
    *(int64_t *)user = ATR_GET_KEY(f, steps, 20);
}

static void a_keyed_view_may_read_itself_with_another_key(void **state)
{
    world *w = *state;
    tale t = {0};
    int64_t seen = 0;
    atr_event e;
    ATR_WATCH_VIEW_KEY(w->store, steps, 50, on_number, &t, NULL);
    turn(w, get_steps_in_finish, &seen);
    assert_int_equal(seen, 20);
    notify(w);

    add(w, 1);
    assert_cost(round_cost(w), 51 + 1, 51);
    assert_int_equal(t.now, 51);

    event_open(w, &e);
    assert_int_equal(ATR_GET_KEY(&e, itself, 3), 1);
    assert_int_equal(take_violation(w), ATR_E_DEFINITION);
    event_close(w, &e);
}

/* ---- what is kept ---- */

static void t5_results_that_nobody_needs_are_forgotten(void **state)
{
    world *w = *state;
    size_t blocks;
    for (int64_t i = 0; i < SOME; i++) {
        get_size(w, i);
    }
    blocks = atr_memory_now().blocks;
    for (int64_t i = SOME; i < 10 * SOME; i++) {
        get_size(w, i);
    }
    assert_true(atr_memory_now().blocks <= blocks);

    name_runs = 0;
    for (int64_t i = 10 * SOME - IDLE_MAX; i < 10 * SOME; i++) {
        get_size(w, i);
    }
    assert_int_equal(name_runs, 0);
    get_size(w, 0);
    assert_int_equal(name_runs, 1);
}

static void t5_results_that_are_watched_or_read_are_not_forgotten(void **state)
{
    world *w = *state;
    tale t = {0};
    ATR_WATCH_VIEW_KEY(w->store, size_of_title, 5, on_number, &t, NULL);
    ATR_WATCH_VIEW_KEY(w->store, whole, 5, on_number, &t, NULL);
    for (int64_t i = 10; i < SOME; i++) {
        get_size(w, i);
    }
    name_runs = part_runs = whole_runs = 0;

    get_size(w, 5);
    add(w, 1);
    notify(w);

    assert_int_equal(name_runs, 0);
    assert_int_equal(part_runs, 2);
    assert_int_equal(whole_runs, 1);
    assert_int_equal(t.now, 5 + 6 + 2);
}

static void a_chain_of_results_that_nobody_needs_goes_at_once(void **state)
{
    world *w = *state;
    atr_event e;
    size_t blocks;
    event_open(w, &e);
    ATR_GET_KEY(&e, steps, SOME);
    event_close(w, &e);
    blocks = atr_memory_now().blocks;
    for (int64_t i = 0; i <= IDLE_MAX; i++) { /* its first goes, and all that only it has read */
        get_size(w, i);
    }
    assert_true(atr_memory_now().blocks + SOME < blocks);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        BOTH(t5_a_keyed_view_has_a_result_for_each_key),
        PLAIN(t5_views_on_other_keys_cost_nothing),
        BOTH(t5_a_view_that_nobody_watches_any_more_costs_nothing),
        BOTH(t5_a_diamond_runs_once_for_a_commit),
        BOTH(t5_a_diamond_watched_at_every_corner_runs_once),
        BOTH(t5_diamonds_of_keyed_views_run_once_for_a_commit),
        BOTH(t5_views_that_read_each_other_need_no_stack),
        BOTH(t5_those_who_read_an_equal_result_are_not_looked_at),
        BOTH(t5_a_view_that_ran_on_what_was_taken_back_is_looked_at_again),
        BOTH(t5_keys_of_views_are_compared_by_content),
        BOTH(keys_of_views_outlive_their_scope),
        BOTH(a_key_that_is_no_value_is_refused),
        BOTH(a_keyed_view_may_read_itself_with_another_key),
        BOTH(t5_results_that_nobody_needs_are_forgotten),
        BOTH(t5_results_that_are_watched_or_read_are_not_forgotten),
        BOTH(a_chain_of_results_that_nobody_needs_goes_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
