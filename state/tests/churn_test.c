#include "store_world.h"

/* From the inside: what a released value of a checked pool is. */
#include "heap.h"

static bool is_dead(const void *value)
{
    return ((const atr_head *)value)->model == &atr_dead_model;
}

static void fill(world *w, int count)
{
    for (int i = 0; i < count; i++) {
        put(w, i, "item");
    }
    add(w, 1);
}

static void count_calls(void *user)
{
    ++*(int *)user;
}

static void on_todos(atr_event *e, const todo_state *was, const todo_state *now, void *user)
{
    (void)e;
    (void)was;
    (void)now;
    count_calls(user);
}

static void on_entry(atr_event *e, const todo_item *was, const todo_item *now, void *user)
{
    (void)e;
    (void)was;
    (void)now;
    count_calls(user);
}

static int item_runs;

ATR_VIEW(first_item, opt(ref(todo_item)));
static const todo_item *run_first(atr_view *v)
{
    item_runs++;
    return ATR_STATE_KEY(v, todos, items, 0);
}
ATR_VIEW_IMPL(first_item, opt(ref(todo_item)), run_first);

ATR_VIEW(first_title, str);
static const atr_str *run_title(atr_view *v)
{
    const todo_item *item = ATR_GET(v, first_item);
    item_runs++;
    return item != NULL ? item->title : atr_str_new(v->s, "none");
}
ATR_VIEW_IMPL(first_title, str, run_title);

static void on_title(atr_event *e, const atr_str *was, const atr_str *now, void *user)
{
    (void)e;
    (void)was;
    (void)now;
    count_calls(user);
}

/* Depend on fields, one that a change leaves as it is and one that it does not. */
static int name_runs, size_runs;

ATR_VIEW(name_shown, str);
static const atr_str *run_name(atr_view *v)
{
    name_runs++;
    return atr_str_format(v->s, "%s!", ATR_STATE_FIELD(v, todos, name)->bytes);
}
ATR_VIEW_IMPL(name_shown, str, run_name);

ATR_VIEW(size_shown, i64);
static int64_t run_size(atr_view *v)
{
    size_runs++;
    return (int64_t)todo_item_map_count(ATR_STATE_FIELD(v, todos, items)) +
           ATR_STATE_FIELD(v, other, n);
}
ATR_VIEW_IMPL(size_shown, i64, run_size);

static void on_size(atr_event *e, int64_t was, int64_t now, void *user)
{
    (void)e;
    (void)was;
    (void)now;
    count_calls(user);
}

static void on_counter(atr_event *e, const counter *was, const counter *now, void *user)
{
    (void)e;
    assert_true(was->n != now->n);
    count_calls(user);
}

static void churn_changes_addresses_and_nothing_else(void **state)
{
    world *w = *state;
    const todo_state *old, *now;
    atr_scope *s;
    fill(w, 100);
    old = visible(w, &todos_root);
    s = atr_pool_scope(atr_store_pool(w->store));
    atr_scope_hold(s, old);

    assert_int_equal(atr_store_churn(w->store), ATR_OK);
    now = visible(w, &todos_root);

    assert_ptr_not_equal(now, old);
    assert_true(atr_equal(now, old));
    assert_ptr_equal(now, confirmed(w, &todos_root));
    assert_ptr_equal(visible(w, &other_root), &counter_default);
    atr_scope_close(s);
}

static void after_churn_nobody_is_told_and_no_view_runs(void **state)
{
    world *w = *state;
    int calls[4] = {0};
    atr_scope *s = atr_scope_open(NULL);
    fill(w, 10);
    ATR_WATCH(w->store, todos, on_todos, &calls[0], NULL);
    ATR_WATCH_KEY(w->store, todos, items, 3, on_entry, &calls[1], NULL);
    ATR_WATCH_KEY(w->store, todos, by_name, atr_str_new(s, "none"), on_entry, &calls[2], NULL);
    ATR_WATCH_VIEW(w->store, first_title, on_title, &calls[3], NULL);
    atr_scope_close(s);
    put(w, 1, "another");
    notify(w);
    item_runs = 0;
    calls[0] = 0;

    for (int i = 0; i < 3; i++) {
        assert_int_equal(atr_store_churn(w->store), ATR_OK);
        assert_false(atr_store_is_dirty(w->store));
        assert_int_equal(notify(w), 0);
        add(w, 1); /* an epoch of its own, so that the memos are looked at */
        assert_int_equal(notify(w), 0);
    }
    assert_int_equal(item_runs, 0);

    put(w, 0, "changed");
    assert_int_equal(notify(w), 2);
    assert_int_equal(calls[0], 1);
    assert_int_equal(calls[3], 1);
    assert_int_equal(item_runs, 2);
}

static void t5_after_churn_no_field_has_changed(void **state)
{
    world *w = *state;
    int items = 0, name = 0, tally_calls = 0, other_calls = 0, shown = 0, size = 0;
    fill(w, 10);
    ATR_WATCH_FIELD(w->store, todos, items, on_todos, &items, NULL);
    ATR_WATCH_FIELD(w->store, todos, name, on_todos, &name, NULL);
    ATR_WATCH_FIELD(w->store, tally, n, on_counter, &tally_calls, NULL);
    ATR_WATCH_FIELD(w->store, other, n, on_counter, &other_calls, NULL);
    ATR_WATCH_VIEW(w->store, name_shown, on_title, &shown, NULL);
    ATR_WATCH_VIEW(w->store, size_shown, on_size, &size, NULL);
    notify(w);
    name_runs = size_runs = 0;

    for (int i = 0; i < 3; i++) {
        assert_int_equal(atr_store_churn(w->store), ATR_OK);
        assert_int_equal(notify(w), 0);
        add(w, 1);
        assert_int_equal(notify(w), 1);
        assert_int_equal(tally_calls, i + 1);
    }
    assert_int_equal(name_runs + size_runs, 0);

    put(w, 3, "changed"); /* in the items, but not their number */
    atr_store_churn(w->store);
    assert_int_equal(notify(w), 1);
    assert_int_equal(size_runs, 1);
    put(w, 11, "new");
    atr_store_churn(w->store);
    assert_int_equal(notify(w), 2);
    assert_int_equal(items, 2);
    assert_int_equal(size, 1);
    assert_int_equal(name + other_calls + shown + name_runs, 0);
}

static void what_was_not_told_before_churn_is_told_after_it(void **state)
{
    world *w = *state;
    int calls = 0;
    ATR_WATCH(w->store, todos, on_todos, &calls, NULL);
    put(w, 1, "milk");

    atr_store_churn(w->store);

    assert_true(atr_store_is_dirty(w->store));
    assert_int_equal(notify(w), 1);
}

static void s2_churn_kills_what_was_not_kept_and_only_that(void **state)
{
    world *w = *state;
    const todo_state *now;
    const todo_item *kept, *not_kept;
    fill(w, 10);
    now = visible(w, &todos_root);
    kept = todo_item_map_get(now->items, 1);
    not_kept = todo_item_map_get(now->items, 2);
    atr_keep(w->store, kept);

    atr_store_churn(w->store);

    assert_false(is_dead(kept));
    assert_int_equal(kept->id, 1);
    if (!atr_store_pool(w->store)->direct) { /* else it is with the allocator again */
        assert_true(is_dead(not_kept));
        assert_true(is_dead(now));
    }
    atr_drop(w->store, kept);
}

static void s1_churn_leaves_alone_what_an_open_callback_has_read(void **state)
{
    world *w = *state;
    atr_event e;
    const todo_state *read;
    const atr_str *title;
    fill(w, 10);
    event_open(w, &e);
    read = ATR_STATE(&e, todos);
    title = ATR_GET(&e, first_title);

    atr_store_churn(w->store);

    assert_int_equal(todo_item_map_count(read->items), 10);
    assert_true(atr_str_is(title, "item"));
    assert_ptr_not_equal(ATR_STATE(&e, todos), read);
    event_close(w, &e);
}

static void on_todos_churning(atr_event *e, const todo_state *was, const todo_state *now,
                              void *user)
{
    world *w = user;
    size_t before = todo_item_map_count(was->items), after = todo_item_map_count(now->items);
    assert_int_equal(atr_store_churn(w->store), ATR_OK);
    assert_int_equal(todo_item_map_count(was->items), before);
    assert_int_equal(todo_item_map_count(now->items), after);
    assert_true(atr_equal(ATR_STATE(e, todos), now));
}

static void churn_in_a_subscriber_leaves_it_its_values(void **state)
{
    world *w = *state;
    ATR_WATCH(w->store, todos, on_todos_churning, w, NULL);
    ATR_WATCH(w->store, todos, on_todos_churning, w, NULL);
    fill(w, 3);

    assert_int_equal(notify(w), 2);
    assert_int_equal(notify(w), 0);
}

static void churn_takes_no_memory(void **state)
{
    world *w = *state;
    size_t values;
    fill(w, 100);
    atr_store_churn(w->store);
    values = atr_pool_values(atr_store_pool(w->store));

    for (int i = 0; i < 20; i++) {
        atr_store_churn(w->store);
        assert_int_equal(atr_pool_values(atr_store_pool(w->store)), values);
    }
}

static void churn_keeps_layers_as_they_are(void **state)
{
    world *w = *state;
    int ten = 10;
    flight pending = {add_to_tally, &ten, 0};
    atr_layer *layer = atr_layer_add(w->store, &pending);
    atr_store_refold(w->store);
    fill(w, 1);
    notify(w);

    atr_store_churn(w->store);

    assert_int_equal(visible_n(w, &tally_root), 11);
    assert_int_equal(confirmed_n(w, &tally_root), 1);
    atr_layer_remove(w->store, layer);
    atr_store_refold(w->store);
    assert_ptr_equal(visible(w, &tally_root), confirmed(w, &tally_root));
}

static void churn_waits_for_the_end_of_a_turn(void **state)
{
    world *w = *state;
    atr_turn_begin(w->store);

    assert_int_equal(atr_store_churn(w->store), ATR_E_PHASE);

    atr_turn_abort(w->store);
    assert_int_equal(atr_store_churn(w->store), ATR_OK);
}

static void a_store_without_anything_churns(void **state)
{
    atr_store *store = atr_store_new(NULL);

    assert_int_equal(atr_store_churn(store), ATR_OK);

    atr_store_free(store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        BOTH(churn_changes_addresses_and_nothing_else),
        BOTH(after_churn_nobody_is_told_and_no_view_runs),
        BOTH(t5_after_churn_no_field_has_changed),
        BOTH(what_was_not_told_before_churn_is_told_after_it),
        CHECKED(s2_churn_kills_what_was_not_kept_and_only_that),
        BOTH(s1_churn_leaves_alone_what_an_open_callback_has_read),
        BOTH(churn_in_a_subscriber_leaves_it_its_values),
        BOTH(churn_takes_no_memory),
        BOTH(churn_keeps_layers_as_they_are),
        BOTH(churn_waits_for_the_end_of_a_turn),
        BOTH(a_store_without_anything_churns),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
