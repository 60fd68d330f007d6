/* The simulated world: randomness, allocation gate, fault points, churn. */
#include <stdlib.h>

#include "inner.h"

/* ---- randomness ---- */

static uint64_t first_random(uint64_t seed)
{
    const atr_test_options options = {.seed = seed};
    atr_test *t = atr_test_open(&options);
    uint64_t first = atr_random(t);
    assert_true(atr_random(t) != first);
    assert_int_equal(inner_close(t), 0);
    return first;
}

static void randomness_follows_the_seed(void **state)
{
    assert_true(first_random(1) == first_random(1));
    assert_true(first_random(1) != first_random(2));
}

static void start_time_is_an_option(void **state)
{
    const atr_test_options options = {.start_time = 1234567};
    atr_test *t = atr_test_open(&options);

    assert_int_equal(atr_now(t), 1234567);

    inner_close(t);
}

/* ---- allocations ---- */

static void refused_allocation_is_an_error_of_the_query(void **state)
{
    told to;
    atr_test *t = inner_open(&to);
    ATR_CAN(t, add_todo, &todo_milk);
    atr_test_expect_error(t, ATR_DOMAIN_ATRIUM, ATR_E_NO_MEMORY);
    ATR_EXECUTE(t, add_todo, .title = ATR_STR(t->s, "milk"));
    atr_test_refuse_allocation(t, 0);

    atr_test_drain(t);

    ATR_ASSERT_VIEW(t, is_empty, true);
    assert_string_equal(to.text, "");
    assert_int_equal(inner_close(t), 0);
}

static bool refuse_all(void *user, size_t size_bytes)
{
    ++*(int *)user;
    return false;
}

static void gate_is_asked_before_allocations(void **state)
{
    told to;
    int asked = 0;
    atr_test *t = inner_open(&to);
    ATR_CAN(t, add_todo, &todo_milk);
    atr_test_allow(t, ATR_ALLOW_ERRORS | ATR_ALLOW_UNUSED);

    atr_test_gate(t, refuse_all, &asked);
    ATR_TEST_EXECUTE(t, add_todo, .title = &atr_str_default);
    atr_test_gate(t, NULL, NULL);

    assert_true(asked > 0);
    assert_non_null(strstr(to.text, "add_todo was refused: ATR_E_NO_MEMORY"));
    ATR_TEST_EXECUTE(t, add_todo, .title = &atr_str_default);
    ATR_ASSERT_VIEW(t, item_count, 1);
    inner_close(t);
}

static void scenario(atr_test *t)
{
    int64_t save = 1;
    ATR_CAN(t, add_todo, &todo_milk);
    ATR_CAN(t, save_todos, save);
    ATR_EXECUTE(t, add_todo, .title = &atr_str_default);
    ATR_EXECUTE(t, save_todos, .stamp = 1);
    atr_test_drain(t);
}

static void every_allocation_of_a_scenario_may_fail(void **state)
{
    size_t most = 1;
    for (size_t nth = 0; nth < most; nth++) {
        told to;
        atr_test *t = inner_open(&to);
        size_t before = atr_test_allocations(t);
        atr_test_allow(t, ATR_ALLOW_ERRORS | ATR_ALLOW_UNUSED | ATR_ALLOW_UNFINISHED);
        atr_test_refuse_allocation(t, nth);
        scenario(t);
        if (atr_test_allocations(t) - before > most) {
            most = atr_test_allocations(t) - before;
        }
        inner_close(t);
        assert_null(strstr(to.text, "memory was not given back"));
        assert_null(strstr(to.text, "a rule was broken"));
    }
    assert_true(most > 2);
}

/* ---- fault points ---- */

static void fault_point_fails_as_often_as_told(void **state)
{
    told to;
    atr_test *t = inner_open(&to);

    assert_int_equal(atr_app_fault(t->app, "disk.write"), 0);
    assert_int_equal(atr_test_fault(t, "disk.write", 28, 2), 0);
    assert_int_equal(atr_app_fault(t->app, "disk.read"), 0);
    assert_int_equal(atr_app_fault(t->app, "disk.write"), 28);
    assert_int_equal(atr_app_fault(t->app, "disk.write"), 28);
    assert_int_equal(atr_app_fault(t->app, "disk.write"), 0);

    inner_close(t);
}

static void fault_point_may_fail_for_ever_until_it_is_taken_back(void **state)
{
    told to;
    atr_test *t = inner_open(&to);

    atr_test_fault(t, "disk.write", ATR_E_FAULT, SIZE_MAX);
    for (int i = 0; i < 100; i++) {
        assert_int_equal(atr_app_fault(t->app, "disk.write"), ATR_E_FAULT);
    }
    atr_test_fault(t, "disk.write", 0, 0);
    assert_int_equal(atr_app_fault(t->app, "disk.write"), 0);

    inner_close(t);
}

static void fault_points_are_bounded(void **state)
{
    static const char *const points[] = {"a", "b", "c", "d", "e", "f", "g", "h", "i",
                                         "j", "k", "l", "m", "n", "o", "p", "q"};
    told to;
    atr_test *t = inner_open(&to);

    for (int i = 0; i < 16; i++) {
        assert_int_equal(atr_test_fault(t, points[i], 1, 1), 0);
    }
    assert_int_equal(atr_test_fault(t, points[16], 1, 1), ATR_E_LIMIT);
    assert_int_equal(atr_test_fault(t, points[3], 2, 1), 0);

    inner_close(t);
}

/* ---- churn ---- */

typedef struct widget {
    const todo_item *first; /* what it shows */
    bool keeps;
    atr_store *store;
} widget;

static void show(atr_event *e, const todo_state *was, const todo_state *now, void *user)
{
    widget *w = user;
    if (w->keeps) {
        atr_drop(w->store, w->first);
    }
    w->first = todo_item_map_get(now->items, 1);
    if (w->keeps) {
        atr_keep(w->store, w->first);
    }
}

static void number_one(atr_start *ctx, const add_todo *self, void *user)
{
    add_todo_answer(ctx, ATR_NEW(ctx->s, todo_item, .id = 1, .title = self->title));
}

/* A widget shows an item; then the state changes elsewhere. */
static atr_test *show_one(told *to, widget *w, bool churn)
{
    atr_test *t = inner_open(to);
    atr_test_churn(t, churn);
    w->store = t->store;
    ATR_CAN_FN(t, add_todo, number_one, NULL);
    ATR_WATCH(t->store, todos, show, w, NULL);
    ATR_TEST_EXECUTE(t, add_todo, .title = atr_str_new(t->s, "milk"));
    return t;
}

/* Sanitizers and valgrind report the use of a dead value themselves, and end the program. */
static bool tools_watch(void)
{
#if defined(__SANITIZE_ADDRESS__)
    return true;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
    return true;
#endif
#endif
    return getenv("ATR_NO_POOL") != NULL;
}

static void churn_kills_a_value_that_was_not_kept(void **state)
{
    told to;
    widget w = {.keeps = false};
    atr_test *t = show_one(&to, &w, true);
    if (tools_watch()) {
        inner_close(t);
        return;
    }

    assert_false(ATR_ASSERT_ALIVE(t, w.first));

    assert_non_null(strstr(to.text, "w.first cannot be looked at"));
    assert_non_null(strstr(to.text, "is a released value"));
    inner_close(t);
}

static void value_that_was_not_kept_fails_a_comparison(void **state)
{
    told to;
    widget w = {.keeps = false};
    atr_test *t = show_one(&to, &w, true);
    if (tools_watch()) {
        inner_close(t);
        return;
    }

    assert_false(ATR_ASSERT_EQUAL(t, &todo_milk, w.first));

    assert_non_null(strstr(to.text, "is a released value"));
    inner_close(t);
}

static void churn_leaves_a_value_that_was_kept(void **state)
{
    told to;
    widget w = {.keeps = true};
    atr_test *t = show_one(&to, &w, true);

    assert_true(ATR_ASSERT_ALIVE(t, w.first));
    assert_true(ATR_ASSERT_EQUAL(t, &todo_milk, w.first));

    atr_drop(t->store, w.first);
    assert_int_equal(inner_close(t), 0);
}

static void without_churn_the_state_holds_it(void **state)
{
    told to;
    widget w = {.keeps = false};
    atr_test *t = show_one(&to, &w, false);

    assert_true(ATR_ASSERT_EQUAL(t, &todo_milk, w.first));

    assert_int_equal(inner_close(t), 0);
}

static size_t allocations_of_scenario(bool churns)
{
    told to;
    atr_test *t = inner_open(&to);
    size_t before = atr_test_allocations(t), made;
    atr_test_churn(t, churns);
    scenario(t);
    made = atr_test_allocations(t) - before;
    assert_int_equal(inner_close(t), 0);
    return made;
}

/* So a sweep is the same with it. */
static void churn_counts_as_no_allocation(void **state)
{
    assert_int_equal(allocations_of_scenario(true), allocations_of_scenario(false));
}

static void churn_changes_no_state(void **state)
{
    told to;
    widget w = {.keeps = true};
    atr_test *t = show_one(&to, &w, true);
    const todo_state *read = ATR_STATE(t, todos);
    ATR_CAN(t, add_todo, &todo_eggs);

    ATR_TEST_EXECUTE(t, add_todo, .title = ATR_STR(t->s, "eggs"));

    ATR_ASSERT_VIEW(t, item_count, 2);
    ATR_ASSERT_INT(t, 1, todo_item_map_count(read->items));
    assert_string_equal(((const add_todo *)atr_test_note(t, 0)->query)->title->bytes, "milk");
    atr_drop(t->store, w.first);
    assert_int_equal(inner_close(t), 0);
}

/* ---- bounds ---- */

static void for_ever(atr_finish *f, const add_many *self, int32_t response, void *user)
{
    ATR_CALL(f, add_many, (.title = self->title), .on_success = for_ever);
}

static void step_that_does_not_come_to_rest_fails(void **state)
{
    told to;
    const atr_test_options options = {.components = ATR_COMPONENTS(&todos_component),
                                      .allow = ATR_ALLOW_UNFINISHED,
                                      .step_limit = 50,
                                      .fail = tell,
                                      .fail_user = &to};
    atr_test *t;
    memset(&to, 0, sizeof to);
    t = atr_test_open(&options);
    ATR_CAN(t, add_many, 0);

    ATR_TEST_CALL(t, add_many, (.title = ATR_STR(t->s, "x")), .on_success = for_ever);

    assert_string_equal(to.text, "the step did not come to rest within 50 drains\n");
    inner_close(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(randomness_follows_the_seed),
        cmocka_unit_test(start_time_is_an_option),
        cmocka_unit_test(refused_allocation_is_an_error_of_the_query),
        cmocka_unit_test(gate_is_asked_before_allocations),
        cmocka_unit_test(every_allocation_of_a_scenario_may_fail),
        cmocka_unit_test(fault_point_fails_as_often_as_told),
        cmocka_unit_test(fault_point_may_fail_for_ever_until_it_is_taken_back),
        cmocka_unit_test(fault_points_are_bounded),
        cmocka_unit_test(churn_kills_a_value_that_was_not_kept),
        cmocka_unit_test(value_that_was_not_kept_fails_a_comparison),
        cmocka_unit_test(churn_leaves_a_value_that_was_kept),
        cmocka_unit_test(without_churn_the_state_holds_it),
        cmocka_unit_test(churn_changes_no_state),
        cmocka_unit_test(churn_counts_as_no_allocation),
        cmocka_unit_test(step_that_does_not_come_to_rest_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
