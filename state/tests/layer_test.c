#include "store_world.h"

#include "guess.h"

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
        BOTH(a_reset_drops_the_layers_of_the_roots_it_resets),
        BOTH(t2a_a_reset_that_is_undone_drops_no_layer),
        BOTH(a_new_layer_takes_the_place_of_a_dropped_one_without_harm),
        BOTH(a_view_in_a_layer_sees_the_layers_below),
        BOTH(s1_an_event_keeps_what_it_has_read_of_a_layer),
        BOTH(layers_still_pending_are_freed_with_the_store),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
