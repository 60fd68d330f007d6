/* When layers are folded again, and folds that fail. */
#include "failing.h"
#include "store_world.h"

#include "guess.h"

/* ---- what is folded again ---- */

static void only_layers_whose_roots_changed_are_folded_again(void **state)
{
    world *w = *state;
    guess on_tally, on_other, above;
    int one = 1, ten = 10;
    guess_begin(w, &on_tally, add_to_tally, &ten);
    guess_begin(w, &on_other, add_to_other, &ten);
    guess_begin(w, &above, add_to_tally, &ten);
    assert_int_equal(on_tally.flight.folds + on_other.flight.folds + above.flight.folds, 3);

    put(w, 1, "milk");
    assert_int_equal(on_tally.flight.folds + on_other.flight.folds + above.flight.folds, 3);

    turn(w, add_to_other, &one);
    assert_int_equal(on_tally.flight.folds, 1);
    assert_int_equal(on_other.flight.folds, 2);
    assert_int_equal(above.flight.folds, 1);
    assert_int_equal(visible_n(w, &tally_root), 20);
    assert_int_equal(visible_n(w, &other_root), 11);

    guess_roll_back(w, &on_tally); /* the one above lay over it */
    assert_int_equal(on_other.flight.folds, 2);
    assert_int_equal(above.flight.folds, 2);
    assert_int_equal(visible_n(w, &tally_root), 10);
    assert_int_equal(visible_n(w, &other_root), 11);

    assert_int_equal(atr_store_churn(w->store), ATR_OK);
    atr_store_refold(w->store);
    assert_int_equal(on_other.flight.folds + above.flight.folds, 4);
    assert_int_equal(visible_n(w, &other_root), 11);
    guess_roll_back(w, &on_other);
    guess_roll_back(w, &above);
    assert_ptr_equal(visible(w, &tally_root), confirmed(w, &tally_root));
}

/* What it reads depends on what it read; it sees its own update. */
static void copy_if_odd(atr_finish *f, void *user)
{
    counter next = *ATR_STATE(f, other);
    (void)user;
    if (ATR_STATE(f, tally)->n % 2 != 0) {
        next.n = (int64_t)todo_item_map_count(ATR_STATE(f, todos)->items);
        ATR_UPDATE(f, other, next);
        next.n = ATR_STATE(f, other)->n + 100;
        ATR_UPDATE(f, other, next);
    }
}

static void what_a_layer_reads_is_found_anew_in_each_fold(void **state)
{
    world *w = *state;
    guess g;
    guess_begin(w, &g, copy_if_odd, NULL);
    put(w, 1, "milk"); /* not read yet */
    assert_int_equal(g.flight.folds, 1);
    assert_int_equal(visible_n(w, &other_root), 0);

    add(w, 1);
    assert_int_equal(visible_n(w, &other_root), 101);
    put(w, 2, "oats");
    assert_int_equal(visible_n(w, &other_root), 102);
    assert_int_equal(g.flight.folds, 3);

    add(w, 1);
    put(w, 3, "tea");
    assert_int_equal(visible_n(w, &other_root), 0);
    assert_int_equal(g.flight.folds, 4);
    guess_roll_back(w, &g);
}

ATR_VIEW(twice, i64);
static int64_t run_twice(atr_view *v)
{
    return ATR_STATE(v, tally)->n * 2;
}
ATR_VIEW_IMPL(twice, i64, run_twice);

static void copy_twice(atr_finish *f, void *user)
{
    (void)user;
    ATR_UPDATE(f, other, (counter){.n = ATR_GET(f, twice)});
}

static void what_a_view_reads_in_a_layer_the_layer_has_read(void **state)
{
    world *w = *state;
    guess g;
    guess_begin(w, &g, copy_twice, NULL);
    put(w, 1, "milk");
    assert_int_equal(g.flight.folds, 1);

    add(w, 4);
    assert_int_equal(visible_n(w, &other_root), 8);
    assert_int_equal(g.flight.folds, 2);
    guess_roll_back(w, &g);
}

/* ---- folds without memory ---- */

static void a_fold_without_memory_leaves_what_was_visible_and_is_tried_again(void **state)
{
    world *w = *state;
    guess g;
    int ten = 10, one = 1, calls = 0;
    atr_scope *s = atr_pool_scope(atr_store_pool(w->store));
    atr_pool_gate(atr_store_pool(w->store), failing_gate, NULL);
    guess_begin(w, &g, add_to_tally, &ten);
    ATR_WATCH(w->store, tally, count_tally, &calls, NULL);
    notify(w);
    atr_turn_begin(w->store);
    assert_null(callback(w, s, add_to_tally, &one));

    failing_from(0);
    atr_turn_commit(w->store);
    assert_int_equal(confirmed_n(w, &tally_root), 1);
    assert_int_equal(visible_n(w, &tally_root), 10); /* and not 1 */
    assert_true(atr_store_is_dirty(w->store));
    notify(w);
    assert_int_equal(calls, 0);
    assert_true(atr_store_is_dirty(w->store));

    failing_stop();
    notify(w);
    assert_int_equal(visible_n(w, &tally_root), 11);
    assert_int_equal(calls, 1);
    assert_false(atr_store_is_dirty(w->store));
    atr_scope_close(s);
    guess_roll_back(w, &g);
    assert_int_equal(visible_n(w, &tally_root), 1);
}

/* Both roots have a layer; that of the first is done when memory is out for the other. */
static void a_fold_that_is_given_up_lets_go_of_what_it_has_made(void **state)
{
    world *w = *state;
    guess on_tally, on_other;
    int ten = 10, one = 1;
    size_t values = 0, blocks = 0;
    atr_pool_gate(atr_store_pool(w->store), failing_gate, NULL);
    for (int i = 1; i <= 3; i++) {
        atr_scope *s = atr_pool_scope(atr_store_pool(w->store));
        guess_begin(w, &on_tally, add_to_tally, &ten);
        guess_begin(w, &on_other, add_to_other, &ten);
        notify(w);
        atr_turn_begin(w->store);
        assert_null(callback(w, s, add_to_other, &one));

        failing_from(0);
        atr_turn_commit(w->store);
        failing_stop();
        assert_int_equal(visible_n(w, &other_root), i - 1 + 10);
        assert_true(atr_store_is_dirty(w->store));

        notify(w);
        assert_int_equal(visible_n(w, &tally_root), 10);
        assert_int_equal(visible_n(w, &other_root), i + 10);
        atr_scope_close(s);
        guess_roll_back(w, &on_tally);
        guess_roll_back(w, &on_other);
        values = i == 1 ? atr_memory_now().values : values;
        blocks = i <= 2 ? atr_memory_now().blocks : blocks;
        assert_int_equal(atr_memory_now().values, values);
        assert_int_equal(atr_memory_now().blocks, blocks);
    }
}

/* It has not been folded once when it goes, and what was committed meanwhile was not shown. */
static void a_layer_that_goes_before_its_first_fold_leaves_what_is_confirmed(void **state)
{
    world *w = *state;
    guess g;
    int ten = 10, one = 1;
    atr_scope *s = atr_pool_scope(atr_store_pool(w->store));
    atr_pool_gate(atr_store_pool(w->store), failing_gate, NULL);
    g.flight = (flight){add_to_tally, &ten, 0};
    g.layer = atr_layer_add(w->store, &g.flight);
    atr_turn_begin(w->store);
    assert_null(callback(w, s, add_to_tally, &one));

    failing_from(0);
    atr_turn_commit(w->store);
    failing_stop();
    assert_int_equal(visible_n(w, &tally_root), 0);
    guess_roll_back(w, &g);

    assert_int_equal(visible_n(w, &tally_root), 1);
    atr_scope_close(s);
}

/* ---- failing folds ---- */

/* Adds one to both roots, then fails unless item 1 is there. */
static void rename_item(atr_finish *f, void *user)
{
    int one = 1;
    const todo_item *item = todo_item_map_get(ATR_STATE(f, todos)->items, 1);
    (void)user;
    add_to_tally(f, &one);
    add_to_other(f, &one);
    if (item == NULL) {
        atr_fail(f, 404, "item 1 is gone");
    }
}

static void a_layer_that_fails_to_fold_contributes_nothing_and_stays_pending(void **state)
{
    world *w = *state;
    guess bad, good;
    int ten = 10;
    guess_begin(w, &bad, rename_item, NULL);
    guess_begin(w, &good, add_to_tally, &ten);

    assert_int_equal(visible_n(w, &tally_root), 10);
    assert_ptr_equal(visible(w, &other_root), confirmed(w, &other_root));
    assert_true(atr_layer_is_live(bad.layer));
    assert_int_equal(w->failures, 0);

    put(w, 1, "milk");
    assert_int_equal(visible_n(w, &tally_root), 11);
    assert_int_equal(visible_n(w, &other_root), 1);

    guess_roll_back(w, &bad);
    guess_roll_back(w, &good);
}

static void a_failure_in_one_layer_does_not_latch_the_next(void **state)
{
    world *w = *state;
    guess g[3];
    int one = 1;
    guess_begin(w, &g[0], add_to_tally, &one);
    guess_begin(w, &g[1], rename_item, NULL);
    guess_begin(w, &g[2], add_to_tally, &one);

    assert_int_equal(visible_n(w, &tally_root), 2);
    for (int i = 0; i < 3; i++) {
        guess_roll_back(w, &g[i]);
    }
}

/* ---- bounds and order ---- */

static void more_layers_than_the_bound_are_refused(void **state)
{
    world *w = *state;
    guess g[ATR_LAYERS_MAX];
    int one = 1;
    for (int i = 0; i < ATR_LAYERS_MAX; i++) {
        guess_begin(w, &g[i], add_to_tally, &one);
    }

    assert_null(atr_layer_add(w->store, NULL));
    assert_int_equal(visible_n(w, &tally_root), ATR_LAYERS_MAX);

    guess_roll_back(w, &g[10]);
    guess_begin(w, &g[10], add_to_tally, &one);
    assert_int_equal(visible_n(w, &tally_root), ATR_LAYERS_MAX);
    for (int i = 0; i < ATR_LAYERS_MAX; i++) {
        guess_roll_back(w, &g[i]);
    }
    assert_ptr_equal(visible(w, &tally_root), &counter_default);
}

static void a_fold_with_an_equal_result_leaves_the_visible_value(void **state)
{
    world *w = *state;
    guess g;
    item_arg milk = {1, "milk"};
    const void *before;
    guess_begin(w, &g, put_item, &milk);
    before = visible(w, &todos_root);

    put(w, 1, "milk");

    assert_int_equal(g.flight.folds, 2);
    assert_ptr_equal(visible(w, &todos_root), before);
    guess_roll_back(w, &g);
}

static void a_refold_asked_for_in_a_turn_is_done_at_its_end(void **state)
{
    world *w = *state;
    int ten = 10;
    flight pending = {add_to_tally, &ten, 0};
    atr_layer *layer;

    atr_turn_begin(w->store);
    layer = atr_layer_add(w->store, &pending);
    atr_store_refold(w->store);
    assert_int_equal(visible_n(w, &tally_root), 0);
    atr_turn_abort(w->store);
    assert_int_equal(visible_n(w, &tally_root), 10);

    atr_turn_begin(w->store);
    atr_layer_remove(w->store, layer);
    atr_store_refold(w->store);
    assert_int_equal(visible_n(w, &tally_root), 10);
    atr_turn_commit(w->store);
    assert_int_equal(visible_n(w, &tally_root), 0);
}

static void meddle(atr_finish *f, void *user)
{
    atr_store *store = atr_store_of(f);
    int one = 1;
    (void)user;
    assert_null(atr_layer_add(store, NULL));
    assert_int_equal(atr_turn_begin(store), ATR_E_PHASE);
    assert_true(atr_turn_is_open(store));
    assert_int_equal(atr_store_churn(store), ATR_E_PHASE);
    atr_store_refold(store);
    add_to_tally(f, &one);
}

static void a_fold_in_progress_is_not_to_be_changed(void **state)
{
    world *w = *state;
    guess g;

    guess_begin(w, &g, meddle, NULL);

    assert_int_equal(take_violation(w), ATR_E_PHASE);
    assert_int_equal(visible_n(w, &tally_root), 1);
    guess_roll_back(w, &g);
    assert_int_equal(visible_n(w, &tally_root), 0);
}

static void refold_and_add_to_tally(atr_finish *f, void *user)
{
    atr_store_refold(atr_store_of(f));
    add_to_tally(f, user);
}

/* A layer that is there since then shows in that round. */
static void check_refolded_in_round(world *w, int first, int told)
{
    int count = 0, ten = 10;
    guess g;
    flight later = {add_to_tally, &ten, 0};
    atr_layer *layer;
    atr_watch watch = ATR_WATCH(w->store, tally, count_tally, &count, NULL);

    guess_begin(w, &g, refold_and_add_to_tally, &first);
    layer = atr_layer_add(w->store, &later);
    assert_non_null(layer);
    assert_int_equal(visible_n(w, &tally_root), first);
    assert_true(atr_store_is_dirty(w->store));
    assert_int_equal(notify(w), told);

    assert_int_equal(count, told);
    assert_int_equal(visible_n(w, &tally_root), first + 10);
    assert_false(atr_store_is_dirty(w->store));
    atr_layer_remove(w->store, layer);
    guess_roll_back(w, &g);
    assert_int_equal(notify(w), 1);
    atr_unwatch(w->store, watch);
}

static void a_refold_asked_for_in_a_fold_is_done_before_the_next_round(void **state)
{
    check_refolded_in_round(*state, 1, 1);
}

static void a_refold_asked_for_in_a_fold_that_shows_nothing_is_done_too(void **state)
{
    check_refolded_in_round(*state, 0, 1);
}

static void keep_and_drop(atr_finish *f, void *user)
{
    atr_store *store = atr_store_of(f);
    const todo_state *now = ATR_STATE(f, todos);
    if (user != NULL) {
        assert_int_equal(atr_keep(store, now), ATR_OK);
    } else {
        atr_drop(store, now);
    }
}

static void in_a_layer_only_updates_count(void **state)
{
    world *w = *state;
    guess g, h;

    guess_begin(w, &g, keep_and_drop, w);
    assert_int_equal(atr_store_stats_now(w->store).kept, 0);
    guess_begin(w, &h, keep_and_drop, NULL);
    assert_int_equal(atr_store_stats_now(w->store).kept, 0);

    guess_roll_back(w, &g);
    guess_roll_back(w, &h);
}

static void keep_the_context(atr_finish *f, void *user)
{
    *(atr_finish *)user = *f;
}

static void t1_a_context_of_a_fold_is_closed_when_it_ends(void **state)
{
    world *w = *state;
    atr_finish stale = {0};
    guess g;
    guess_begin(w, &g, keep_the_context, &stale);

    assert_ptr_equal(ATR_STATE(&stale, tally), &counter_default);
    assert_int_equal(take_violation(w), ATR_E_PHASE);
    guess_roll_back(w, &g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        BOTH(only_layers_whose_roots_changed_are_folded_again),
        BOTH(what_a_layer_reads_is_found_anew_in_each_fold),
        BOTH(what_a_view_reads_in_a_layer_the_layer_has_read),
        BOTH(a_fold_without_memory_leaves_what_was_visible_and_is_tried_again),
        BOTH(a_fold_that_is_given_up_lets_go_of_what_it_has_made),
        BOTH(a_layer_that_goes_before_its_first_fold_leaves_what_is_confirmed),
        BOTH(t1_a_context_of_a_fold_is_closed_when_it_ends),
        BOTH(a_layer_that_fails_to_fold_contributes_nothing_and_stays_pending),
        BOTH(a_failure_in_one_layer_does_not_latch_the_next),
        BOTH(more_layers_than_the_bound_are_refused),
        BOTH(a_fold_with_an_equal_result_leaves_the_visible_value),
        BOTH(a_refold_asked_for_in_a_turn_is_done_at_its_end),
        BOTH(a_fold_in_progress_is_not_to_be_changed),
        BOTH(a_refold_asked_for_in_a_fold_is_done_before_the_next_round),
        BOTH(a_refold_asked_for_in_a_fold_that_shows_nothing_is_done_too),
        BOTH(in_a_layer_only_updates_count),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
