#include "store_world.h"

/* ---- views over roots; each counts its runs ---- */

static int twice_runs, parity_runs, label_runs, both_runs, item_runs;

ATR_VIEW(twice, i64);
static int64_t run_twice(atr_view *v)
{
    twice_runs++;
    return ATR_STATE(v, tally)->n * 2;
}
ATR_VIEW_IMPL(twice, i64, run_twice);

/* Changes less often than what it reads. */
ATR_VIEW(parity, ref(counter));
static const counter *run_parity(atr_view *v)
{
    parity_runs++;
    return ATR_NEW(v->s, counter, .n = ATR_GET(v, twice) / 2 % 2);
}
ATR_VIEW_IMPL(parity, ref(counter), run_parity);

ATR_VIEW(label, str);
static const atr_str *run_label(atr_view *v)
{
    label_runs++;
    return atr_str_format(v->s, "%d", (int)ATR_GET(v, parity)->n);
}
ATR_VIEW_IMPL(label, str, run_label);

ATR_VIEW(both, i64);
static int64_t run_both(atr_view *v)
{
    both_runs++;
    return ATR_STATE(v, tally)->n + ATR_STATE(v, other)->n;
}
ATR_VIEW_IMPL(both, i64, run_both);

static int64_t wanted_item = 1;

ATR_VIEW(one_item, opt(ref(todo_item)));
static const todo_item *run_one_item(atr_view *v)
{
    item_runs++;
    return ATR_STATE_KEY(v, todos, items, wanted_item);
}
ATR_VIEW_IMPL(one_item, opt(ref(todo_item)), run_one_item);

static void forget_runs(void)
{
    twice_runs = parity_runs = label_runs = both_runs = item_runs = 0;
    wanted_item = 1;
}

static int64_t get_twice(world *w)
{
    atr_event e;
    int64_t result;
    event_open(w, &e);
    result = ATR_GET(&e, twice);
    event_close(w, &e);
    return result;
}

static int label_is(world *w, const char *text)
{
    atr_event e;
    int is;
    event_open(w, &e);
    is = atr_str_is(ATR_GET(&e, label), text);
    event_close(w, &e);
    return is;
}

/* ---- T5: memoised ---- */

static void t5_a_view_runs_once_for_one_state(void **state)
{
    world *w = *state;
    forget_runs();
    add(w, 4);

    for (int i = 0; i < 5; i++) {
        assert_int_equal(get_twice(w), 8);
    }

    assert_int_equal(twice_runs, 1);
    assert_int_equal(atr_store_stats_now(w->store).view_runs, 1);
}

static void t5_a_view_runs_again_only_when_what_it_read_changed(void **state)
{
    world *w = *state;
    int one = 1;
    forget_runs();
    get_twice(w);

    turn(w, add_to_other, &one);
    put(w, 1, "milk");
    get_twice(w);
    assert_int_equal(twice_runs, 1);

    add(w, 1);
    assert_int_equal(get_twice(w), 2);
    assert_int_equal(twice_runs, 2);
}

static void t5_an_equal_result_stops_there(void **state)
{
    world *w = *state;
    atr_event e;
    const counter *before, *after;
    forget_runs();
    assert_true(label_is(w, "0"));
    event_open(w, &e);
    before = ATR_GET(&e, parity);

    add(w, 2);
    assert_true(label_is(w, "0"));
    after = ATR_GET(&e, parity);

    assert_ptr_equal(before, after);
    assert_int_equal(parity_runs, 2);
    assert_int_equal(label_runs, 1);
    event_close(w, &e);

    add(w, 1);
    assert_true(label_is(w, "1"));
    assert_int_equal(label_runs, 2);
}

static void t5_a_view_over_two_roots_follows_both(void **state)
{
    world *w = *state;
    int ten = 10;
    atr_event e;
    forget_runs();
    event_open(w, &e);
    assert_int_equal(ATR_GET(&e, both), 0);
    add(w, 1);
    assert_int_equal(ATR_GET(&e, both), 1);
    turn(w, add_to_other, &ten);
    assert_int_equal(ATR_GET(&e, both), 11);

    assert_int_equal(both_runs, 3);
    event_close(w, &e);
}

/* ---- T5: by key ---- */

static const todo_item *get_item(atr_event *e)
{
    return ATR_GET(e, one_item);
}

static void t5_a_view_of_one_key_does_not_run_for_others(void **state)
{
    world *w = *state;
    atr_event e;
    forget_runs();
    put(w, 1, "milk");
    event_open(w, &e);
    assert_true(atr_str_is(get_item(&e)->title, "milk"));

    put(w, 2, "oats");
    assert_true(atr_str_is(get_item(&e)->title, "milk"));
    assert_int_equal(item_runs, 1);

    put(w, 1, "oat milk");
    assert_true(atr_str_is(get_item(&e)->title, "oat milk"));
    assert_int_equal(item_runs, 2);
    event_close(w, &e);
}

static void t5_a_key_that_was_not_there_is_a_dependency_too(void **state)
{
    world *w = *state;
    atr_event e;
    forget_runs();
    event_open(w, &e);
    assert_null(get_item(&e));

    put(w, 2, "oats");
    assert_null(get_item(&e));
    assert_int_equal(item_runs, 1);

    put(w, 1, "milk");
    assert_non_null(get_item(&e));
    put(w, 1, NULL);
    assert_null(get_item(&e));
    event_close(w, &e);
}

static int sum_runs;

ATR_VIEW(sum_of_counts, f64);
static double run_sum(atr_view *v)
{
    const int64_t *count = ATR_STATE_KEY(v, todos, counts, atr_str_new(v->s, "milk"));
    const double *price = ATR_STATE_KEY(v, todos, prices, 7);
    sum_runs++;
    return (count != NULL ? (double)*count : 0) + (price != NULL ? *price : 0);
}
ATR_VIEW_IMPL(sum_of_counts, f64, run_sum);

static void set_numbers(atr_finish *f, void *user)
{
    const double *numbers = user;
    todo_state next = *ATR_STATE(f, todos);
    next.counts =
        atr_i64_str_map_set(f->s, next.counts, ATR_STR(f->s, "milk"), (int64_t)numbers[0]);
    next.prices = atr_f64_map_set(f->s, next.prices, 7, numbers[1]);
    ATR_UPDATE(f, todos, next);
}

static void t5_keys_of_text_and_values_of_numbers_are_tracked(void **state)
{
    world *w = *state;
    double numbers[2] = {3, 0.5};
    atr_event e;
    sum_runs = 0;
    event_open(w, &e);
    assert_true(ATR_GET(&e, sum_of_counts) == 0);

    turn(w, set_numbers, numbers);
    assert_true(ATR_GET(&e, sum_of_counts) == 3.5);
    turn(w, set_numbers, numbers);
    put(w, 1, "milk");
    assert_true(ATR_GET(&e, sum_of_counts) == 3.5);
    assert_int_equal(sum_runs, 2);

    numbers[1] = 1;
    turn(w, set_numbers, numbers);
    assert_true(ATR_GET(&e, sum_of_counts) == 4);
    event_close(w, &e);
}

enum { MANY = 1000 };

ATR_VIEW(many_keys, i64);
static int64_t run_many(atr_view *v)
{
    int64_t found = 0;
    for (int64_t i = 0; i < MANY; i++) {
        found += ATR_STATE_KEY(v, todos, items, i) != NULL;
        found += ATR_STATE_KEY(v, todos, items, i) != NULL;
    }
    return found;
}
ATR_VIEW_IMPL(many_keys, i64, run_many);

static void t5_a_view_may_read_many_keys(void **state)
{
    world *w = *state;
    atr_event e;
    event_open(w, &e);
    assert_int_equal(ATR_GET(&e, many_keys), 0);

    put(w, MANY, "beyond");
    assert_int_equal(ATR_GET(&e, many_keys), 0);
    assert_int_equal(atr_store_stats_now(w->store).view_runs, 1);

    put(w, MANY - 1, "last");
    assert_int_equal(ATR_GET(&e, many_keys), 2);
    event_close(w, &e);
}

ATR_VIEW(busy, i64);
static int64_t run_busy(atr_view *v)
{
    int64_t sum = 0;
    for (int i = 0; i < MANY; i++) {
        sum += ATR_STATE(v, tally)->n + ATR_STATE(v, other)->n + ATR_GET(v, twice);
        sum += ATR_STATE_KEY(v, todos, items, 1) != NULL;
        sum += (int64_t)ATR_STATE_FIELD(v, todos, name)->size;
    }
    return sum;
}
ATR_VIEW_IMPL(busy, i64, run_busy);

static void t5_reading_the_same_again_is_one_dependency(void **state)
{
    world *w = *state;
    atr_event e;
    size_t bytes;
    event_open(w, &e);
    get_twice(w);
    bytes = atr_memory_now().bytes;

    assert_int_equal(ATR_GET(&e, busy), 0);
    assert_true(atr_memory_now().bytes - bytes < 4096);

    add(w, 1);
    assert_int_equal(ATR_GET(&e, busy), 3 * MANY);
    event_close(w, &e);
}

/* ---- T5: what a view reads may depend on what it read ---- */

static int left_runs, right_runs;

ATR_VIEW(left, i64);
static int64_t run_left(atr_view *v)
{
    left_runs++;
    return ATR_STATE(v, tally)->n;
}
ATR_VIEW_IMPL(left, i64, run_left);

ATR_VIEW(right, i64);
static int64_t run_right(atr_view *v)
{
    right_runs++;
    return -ATR_STATE(v, tally)->n;
}
ATR_VIEW_IMPL(right, i64, run_right);

ATR_VIEW(either, i64);
static int64_t run_either(atr_view *v)
{
    return ATR_STATE(v, other)->n == 0 ? ATR_GET(v, left) : ATR_GET(v, right);
}
ATR_VIEW_IMPL(either, i64, run_either);

static void t5_a_view_that_is_not_asked_for_any_more_does_not_run(void **state)
{
    world *w = *state;
    int one = 1;
    atr_event e;
    left_runs = right_runs = 0;
    event_open(w, &e);
    add(w, 5);
    assert_int_equal(ATR_GET(&e, either), 5);

    turn(w, add_to_other, &one);
    add(w, 1);
    assert_int_equal(ATR_GET(&e, either), -6);

    assert_int_equal(left_runs, 1);
    assert_int_equal(right_runs, 1);
    event_close(w, &e);
}

/* ---- in finish ---- */

typedef struct finish_views {
    int64_t before, after, nested;
} finish_views;

static void read_views(atr_finish *f, void *user)
{
    finish_views *seen = user;
    int three = 3;
    seen->before = ATR_GET(f, twice);
    add_to_tally(f, &three);
    seen->after = ATR_GET(f, twice);
    seen->nested = ATR_GET(f, parity)->n;
}

static void t5_a_view_in_finish_is_computed_on_the_turns_own_state(void **state)
{
    world *w = *state;
    finish_views seen = {0, 0, 0};
    forget_runs();
    add(w, 1);
    get_twice(w);

    turn(w, read_views, &seen);

    assert_int_equal(seen.before, 2);
    assert_int_equal(seen.after, 8);
    assert_int_equal(seen.nested, 0);
    assert_int_equal(twice_runs, 4); /* not memoised, and no memo taken for it */
    assert_int_equal(get_twice(w), 8);
    assert_int_equal(twice_runs, 5);
}

/* ---- life of results ---- */

static void s1_a_result_lives_as_long_as_its_readers_scope(void **state)
{
    world *w = *state;
    atr_event e;
    const atr_str *first;
    forget_runs();
    event_open(w, &e);
    first = ATR_GET(&e, label);

    add(w, 1);
    assert_true(atr_str_is(ATR_GET(&e, label), "1"));
    add(w, 1);
    assert_true(atr_str_is(ATR_GET(&e, label), "0"));

    assert_true(atr_str_is(first, "0"));
    event_close(w, &e);
}

static void what_a_view_makes_on_the_way_dies_with_its_run(void **state)
{
    world *w = *state;
    size_t values;
    forget_runs();
    label_is(w, "0");
    values = atr_pool_values(atr_store_pool(w->store));

    for (int i = 0; i < 50; i++) {
        add(w, 1);
        label_is(w, "0");
    }

    assert_true(atr_pool_values(atr_store_pool(w->store)) <= values + 2);
}

static void a_view_read_by_a_stale_context_is_refused_and_reported(void **state)
{
    world *w = *state;
    atr_event e;
    event_open(w, &e);
    event_close(w, &e);

    assert_ptr_equal(ATR_GET(&e, label), &atr_str_default);

    assert_int_equal(take_violation(w), ATR_E_PHASE);
}

static void a_view_context_of_the_engine_reads_and_asks_too(void **state)
{
    world *w = *state;
    atr_scope *s = atr_pool_scope(atr_store_pool(w->store));
    atr_view v = {s, atr_ctx_open(w->store, ATR_CTX_VIEW, s, w)};
    const counter *read;
    add(w, 3);
    read = ATR_STATE(&v, tally);
    add(w, 1);

    assert_int_equal(read->n, 3);
    assert_int_equal(ATR_GET(&v, twice), 8);
    atr_ctx_close(v.ctx);
    atr_scope_close(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        BOTH(t5_a_view_runs_once_for_one_state),
        BOTH(t5_a_view_runs_again_only_when_what_it_read_changed),
        BOTH(t5_an_equal_result_stops_there),
        BOTH(t5_a_view_over_two_roots_follows_both),
        BOTH(t5_a_view_of_one_key_does_not_run_for_others),
        BOTH(t5_a_key_that_was_not_there_is_a_dependency_too),
        BOTH(t5_keys_of_text_and_values_of_numbers_are_tracked),
        BOTH(t5_a_view_may_read_many_keys),
        BOTH(t5_reading_the_same_again_is_one_dependency),
        BOTH(t5_a_view_that_is_not_asked_for_any_more_does_not_run),
        BOTH(t5_a_view_in_finish_is_computed_on_the_turns_own_state),
        BOTH(s1_a_result_lives_as_long_as_its_readers_scope),
        BOTH(what_a_view_makes_on_the_way_dies_with_its_run),
        BOTH(a_view_read_by_a_stale_context_is_refused_and_reported),
        BOTH(a_view_context_of_the_engine_reads_and_asks_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
