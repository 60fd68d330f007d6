#include "store_world.h"

/* A guess under way: its layer, and what its finish does, guessed or confirmed. */
typedef struct guess {
    flight flight;
    atr_layer *layer;
} guess;

static void guess_begin(world *w, guess *g, finish_fn fn, void *user)
{
    g->flight = (flight){fn, user, 0};
    g->layer = atr_layer_add(w->store, &g->flight);
    assert_non_null(g->layer);
    atr_store_refold(w->store);
}

/* The answer: the layer goes, finish runs on the confirmed state (life cycle 3, 4). */
static int guess_confirm(world *w, guess *g)
{
    atr_layer_remove(w->store, g->layer);
    g->layer = NULL;
    return turn(w, g->flight.fn, g->flight.user);
}

static void guess_roll_back(world *w, guess *g)
{
    atr_layer_remove(w->store, g->layer);
    g->layer = NULL;
    atr_store_refold(w->store);
}

static size_t items_visible(world *w)
{
    return todo_item_map_count(((const todo_state *)visible(w, &todos_root))->items);
}

static void count_item(atr_event *e, const todo_item *was, const todo_item *now, void *user)
{
    (void)e;
    (void)was;
    (void)now;
    ++*(int *)user;
}

static void count_todos(atr_event *e, const todo_state *was, const todo_state *now, void *user)
{
    (void)e;
    (void)was;
    (void)now;
    ++*(int *)user;
}

static void count_tally(atr_event *e, const counter *was, const counter *now, void *user)
{
    (void)e;
    (void)was;
    (void)now;
    ++*(int *)user;
}

/* ---- reading ---- */

typedef struct reads {
    world *w;
    int64_t finish, event;
} reads;

static void read_both(atr_finish *f, void *user)
{
    reads *r = user;
    atr_event e;
    r->finish = ATR_STATE(f, tally)->n;
    event_open(r->w, &e);
    r->event = ATR_STATE(&e, tally)->n;
    event_close(r->w, &e);
}

static void finish_reads_confirmed_and_events_read_visible(void **state)
{
    world *w = *state;
    reads r = {w, -1, -1};
    guess g;
    int ten = 10;
    guess_begin(w, &g, add_to_tally, &ten);

    assert_int_equal(turn(w, read_both, &r), ATR_OK);

    assert_int_equal(r.finish, 0);
    assert_int_equal(r.event, 10);
    assert_int_equal(confirmed_n(w, &tally_root), 0);
    assert_int_equal(visible_n(w, &tally_root), 10);
    assert_int_equal(atr_store_stats_now(w->store).layers, 1);
    guess_roll_back(w, &g);
}

static void a_layer_is_folded_over_what_lies_below(void **state)
{
    world *w = *state;
    guess a, b;
    int ten = 10, hundred = 100;
    guess_begin(w, &a, add_to_tally, &ten);
    guess_begin(w, &b, add_to_tally, &hundred);
    assert_int_equal(visible_n(w, &tally_root), 110);

    add(w, 1);

    assert_int_equal(confirmed_n(w, &tally_root), 1);
    assert_int_equal(visible_n(w, &tally_root), 111);
    assert_int_equal(a.flight.folds, 2);
    assert_int_equal(b.flight.folds, 2);
    guess_roll_back(w, &a);
    guess_roll_back(w, &b);
}

static void set_activation(atr_finish *f, void *user)
{
    int one = 1;
    assert_true(f->is_pre_execute);
    assert_true(atr_ctx_is_layer(f->ctx));
    assert_null(atr_ctx_host(f->ctx));
    atr_ctx_set_host(f->ctx, user);
    assert_ptr_equal(atr_ctx_host(f->ctx), user);
    add_to_tally(f, &one);
    add_to_tally(f, &one);
}

static void a_fold_knows_that_it_is_one(void **state)
{
    world *w = *state;
    guess g;

    guess_begin(w, &g, set_activation, w);

    assert_int_equal(visible_n(w, &tally_root), 2);
    assert_int_equal(g.flight.folds, 1);
    guess_roll_back(w, &g);
}

/* ---- the answer ---- */

static void confirming_a_right_guess_notifies_nobody(void **state)
{
    world *w = *state;
    guess g;
    item_arg milk = {1, "milk"};
    int root_calls = 0, key_calls = 0;
    ATR_WATCH(w->store, todos, count_todos, &root_calls, NULL);
    ATR_WATCH_KEY(w->store, todos, items, 1, count_item, &key_calls, NULL);
    guess_begin(w, &g, put_item, &milk);
    assert_int_equal(notify(w), 2);

    assert_int_equal(guess_confirm(w, &g), ATR_OK);

    assert_int_equal(notify(w), 0);
    assert_int_equal(root_calls, 1);
    assert_int_equal(key_calls, 1);
    assert_ptr_equal(visible(w, &todos_root), confirmed(w, &todos_root));
}

static void several_pending_layers_confirm_in_any_order(void **state)
{
    static const int orders[6][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2},
                                     {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
    world *w = *state;
    item_arg args[3] = {{1, "one"}, {2, "two"}, {3, "three"}};
    int calls = 0;
    ATR_WATCH(w->store, todos, count_todos, &calls, NULL);

    for (size_t i = 0; i < 6; i++) {
        guess g[3];
        for (int k = 0; k < 3; k++) {
            guess_begin(w, &g[k], put_item, &args[k]);
        }
        notify(w);
        calls = 0;

        for (int k = 0; k < 3; k++) {
            guess_confirm(w, &g[orders[i][k]]);
            notify(w);
            assert_int_equal(items_visible(w), 3);
        }

        assert_int_equal(calls, 0);
        assert_ptr_equal(visible(w, &todos_root), confirmed(w, &todos_root));
        for (int k = 0; k < 3; k++) {
            put(w, k + 1, NULL);
        }
        notify(w);
    }
}

static void a_rollback_applies_the_others_again(void **state)
{
    world *w = *state;
    guess a, b;
    item_arg one = {1, "one"}, two = {2, "two"};
    guess_begin(w, &a, put_item, &one);
    guess_begin(w, &b, put_item, &two);

    guess_roll_back(w, &a);

    assert_int_equal(items_visible(w), 1);
    assert_non_null(todo_item_map_get(((const todo_state *)visible(w, &todos_root))->items, 2));
    guess_roll_back(w, &b);
    assert_int_equal(items_visible(w), 0);
    assert_ptr_equal(visible(w, &todos_root), confirmed(w, &todos_root));
}

static void a_wrong_guess_is_told_as_what_it_became(void **state)
{
    world *w = *state;
    guess g;
    int ten = 10, eleven = 11, calls = 0;
    ATR_WATCH(w->store, tally, count_tally, &calls, NULL);
    guess_begin(w, &g, add_to_tally, &ten);
    notify(w);

    g.flight.user = &eleven;
    guess_confirm(w, &g);
    notify(w);

    assert_int_equal(calls, 2);
    assert_int_equal(visible_n(w, &tally_root), 11);
}

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

static bool memory_is_out;

static bool gate(void *user, size_t size_bytes)
{
    (void)user;
    (void)size_bytes;
    return !memory_is_out;
}

static void a_fold_without_memory_leaves_what_was_visible_and_is_tried_again(void **state)
{
    world *w = *state;
    guess g;
    int ten = 10, one = 1, calls = 0;
    atr_scope *s = atr_pool_scope(atr_store_pool(w->store));
    memory_is_out = false;
    atr_pool_gate(atr_store_pool(w->store), gate, NULL);
    guess_begin(w, &g, add_to_tally, &ten);
    ATR_WATCH(w->store, tally, count_tally, &calls, NULL);
    notify(w);
    atr_turn_begin(w->store);
    assert_null(callback(w, s, add_to_tally, &one));

    memory_is_out = true;
    atr_turn_commit(w->store);
    assert_int_equal(confirmed_n(w, &tally_root), 1);
    assert_int_equal(visible_n(w, &tally_root), 10); /* and not 1 */
    assert_true(atr_store_is_dirty(w->store));
    notify(w);
    assert_int_equal(calls, 0);
    assert_true(atr_store_is_dirty(w->store));

    memory_is_out = false;
    notify(w);
    assert_int_equal(visible_n(w, &tally_root), 11);
    assert_int_equal(calls, 1);
    assert_false(atr_store_is_dirty(w->store));
    atr_scope_close(s);
    guess_roll_back(w, &g);
    assert_int_equal(visible_n(w, &tally_root), 1);
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
    guess failing, good;
    int ten = 10;
    guess_begin(w, &failing, rename_item, NULL);
    guess_begin(w, &good, add_to_tally, &ten);

    assert_int_equal(visible_n(w, &tally_root), 10);
    assert_ptr_equal(visible(w, &other_root), confirmed(w, &other_root));
    assert_true(atr_layer_is_live(failing.layer));
    assert_int_equal(w->failures, 0);

    put(w, 1, "milk");
    assert_int_equal(visible_n(w, &tally_root), 11);
    assert_int_equal(visible_n(w, &other_root), 1);

    guess_roll_back(w, &failing);
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

/* ---- reset ---- */

static void reset(world *w, const void *group)
{
    atr_turn_begin(w->store);
    atr_turn_reset(w->store, group);
    atr_turn_commit(w->store);
}

static void a_reset_drops_the_layers_of_the_roots_it_resets(void **state)
{
    world *w = *state;
    guess mine, others;
    int ten = 10;
    add(w, 1);
    guess_begin(w, &mine, add_to_tally, &ten);
    guess_begin(w, &others, add_to_other, &ten);

    reset(w, &main_group);

    assert_false(atr_layer_is_live(mine.layer));
    assert_true(atr_layer_is_live(others.layer));
    assert_int_equal(visible_n(w, &tally_root), 0);
    assert_int_equal(visible_n(w, &other_root), 10);
    assert_int_equal(atr_store_stats_now(w->store).layers, 1);

    reset(w, NULL);
    assert_false(atr_layer_is_live(others.layer));
    assert_ptr_equal(visible(w, &other_root), &counter_default);
    guess_roll_back(w, &mine); /* a dropped layer is still the engine's to remove */
    guess_roll_back(w, &others);
    assert_false(atr_layer_is_live(NULL));
}

static void t2a_a_reset_that_is_undone_drops_no_layer(void **state)
{
    world *w = *state;
    guess g;
    int ten = 10;
    guess_begin(w, &g, add_to_tally, &ten);
    atr_turn_begin(w->store);
    atr_turn_mark(w->store);
    atr_turn_reset(w->store, NULL);
    assert_false(atr_layer_is_live(g.layer));

    atr_turn_undo(w->store);
    assert_true(atr_layer_is_live(g.layer));
    atr_turn_reset(w->store, NULL);
    atr_turn_abort(w->store);

    assert_true(atr_layer_is_live(g.layer));
    assert_int_equal(visible_n(w, &tally_root), 10);
    guess_roll_back(w, &g);
}

static void a_new_layer_takes_the_place_of_a_dropped_one_without_harm(void **state)
{
    world *w = *state;
    guess old, new;
    int ten = 10, five = 5;
    guess_begin(w, &old, add_to_tally, &ten);
    reset(w, NULL);
    guess_begin(w, &new, add_to_other, &five);

    reset(w, &main_group);

    assert_true(atr_layer_is_live(new.layer));
    assert_int_equal(visible_n(w, &other_root), 5);
    guess_roll_back(w, &old);
    assert_int_equal(visible_n(w, &other_root), 5);
    guess_roll_back(w, &new);
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

/* ---- views ---- */

ATR_VIEW(tally_times_two, i64);
static int64_t twice(atr_view *v)
{
    return ATR_STATE(v, tally)->n * 2;
}
ATR_VIEW_IMPL(tally_times_two, i64, twice);

static void copy_view(atr_finish *f, void *user)
{
    counter next = {ATR_DRAFT, ATR_GET(f, tally_times_two)};
    (void)user;
    ATR_UPDATE(f, other, next);
}

static void a_view_in_a_layer_sees_the_layers_below(void **state)
{
    world *w = *state;
    guess a, b;
    int ten = 10;
    atr_event e;
    guess_begin(w, &a, add_to_tally, &ten);
    guess_begin(w, &b, copy_view, NULL);

    assert_int_equal(visible_n(w, &other_root), 20);
    event_open(w, &e);
    assert_int_equal(ATR_GET(&e, tally_times_two), 20);
    event_close(w, &e);

    guess_confirm(w, &b);
    assert_int_equal(confirmed_n(w, &other_root), 0);
    guess_roll_back(w, &a);
}

static void s1_an_event_keeps_what_it_has_read_of_a_layer(void **state)
{
    world *w = *state;
    guess g;
    item_arg milk = {1, "milk"};
    atr_event e;
    const todo_state *read;
    guess_begin(w, &g, put_item, &milk);
    event_open(w, &e);
    read = ATR_STATE(&e, todos);

    guess_roll_back(w, &g);

    assert_int_equal(todo_item_map_count(read->items), 1);
    assert_int_equal(todo_item_map_count(ATR_STATE(&e, todos)->items), 0);
    event_close(w, &e);
}

static void layers_still_pending_are_freed_with_the_store(void **state)
{
    world *w = *state;
    static int ten = 10;
    static flight pending = {add_to_tally, &ten, 0};

    assert_non_null(atr_layer_add(w->store, &pending));
    atr_store_refold(w->store);

    assert_int_equal(visible_n(w, &tally_root), 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        BOTH(finish_reads_confirmed_and_events_read_visible),
        BOTH(a_layer_is_folded_over_what_lies_below),
        BOTH(a_fold_knows_that_it_is_one),
        BOTH(confirming_a_right_guess_notifies_nobody),
        BOTH(several_pending_layers_confirm_in_any_order),
        BOTH(a_rollback_applies_the_others_again),
        BOTH(a_wrong_guess_is_told_as_what_it_became),
        BOTH(only_layers_whose_roots_changed_are_folded_again),
        BOTH(what_a_layer_reads_is_found_anew_in_each_fold),
        BOTH(what_a_view_reads_in_a_layer_the_layer_has_read),
        BOTH(a_fold_without_memory_leaves_what_was_visible_and_is_tried_again),
        BOTH(a_layer_that_fails_to_fold_contributes_nothing_and_stays_pending),
        BOTH(a_failure_in_one_layer_does_not_latch_the_next),
        BOTH(a_reset_drops_the_layers_of_the_roots_it_resets),
        BOTH(t2a_a_reset_that_is_undone_drops_no_layer),
        BOTH(a_new_layer_takes_the_place_of_a_dropped_one_without_harm),
        BOTH(more_layers_than_the_bound_are_refused),
        BOTH(a_fold_with_an_equal_result_leaves_the_visible_value),
        BOTH(a_refold_asked_for_in_a_turn_is_done_at_its_end),
        BOTH(a_fold_in_progress_is_not_to_be_changed),
        BOTH(in_a_layer_only_updates_count),
        BOTH(a_view_in_a_layer_sees_the_layers_below),
        BOTH(s1_an_event_keeps_what_it_has_read_of_a_layer),
        BOTH(layers_still_pending_are_freed_with_the_store),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
