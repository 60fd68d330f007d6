/* What failing assertions say, and what passing ones accept. */
#include "inner.h"

static void add_two(atr_test *t)
{
    ATR_CAN(t, add_todo, &todo_milk);
    ATR_TEST_EXECUTE(t, add_todo, .title = ATR_STR(t->s, "milk"));
    ATR_CAN(t, add_todo, &todo_eggs);
    ATR_TEST_EXECUTE(t, add_todo, .title = ATR_STR(t->s, "eggs"));
}

/* The state of add_two with other values in two places. */
static const todo_state *other_state(atr_test *t)
{
    todo_state other = *ATR_STATE(t, todos);
    const todo_item *bread =
        ATR_NEW(t->s, todo_item, .id = 2, .title = ATR_STR(t->s, "bread"), .done = true);
    other.items = todo_item_map_set(t->s, other.items, 2, bread);
    return todo_state_new(t->s, other);
}

static void assertions_that_hold_are_true(void **state)
{
    told to;
    atr_test *t = inner_open(&to);
    add_two(t);

    assert_true(ATR_ASSERT(t, 1 + 1 == 2));
    assert_true(ATR_ASSERT_INT(t, TODO_FILTER_ALL, ATR_STATE(t, todos)->filter));
    assert_true(ATR_ASSERT_TEXT(t, "", ATR_STATE(t, todos)->status));
    assert_true(ATR_ASSERT_EQUAL(t, ATR_STATE(t, todos), ATR_STATE(t, todos)));
    assert_true(ATR_ASSERT_STATE(t, todos, ATR_STATE(t, todos)));
    assert_true(ATR_ASSERT_CONFIRMED(t, todos, ATR_STATE(t, todos)));
    assert_true(ATR_ASSERT_ALIVE(t, ATR_STATE(t, todos)));
    assert_true(ATR_ASSERT_CALLS(t, add_todo, 2));
    assert_true(ATR_ASSERT_TRACE(t, ""));

    assert_int_equal(to.times, 0);
    assert_int_equal(inner_close(t), 0);
}

static void views_of_every_kind_are_compared(void **state)
{
    told to;
    atr_test *t = inner_open(&to);
    const atr_opt_i64 none = {false, 0};

    assert_true(ATR_ASSERT_VIEW(t, highest_id, none));
    assert_true(ATR_ASSERT_VIEW(t, open_titles, NULL));
    assert_true(ATR_ASSERT_VIEW(t, first_open, NULL));
    add_two(t);
    assert_true(ATR_ASSERT_VIEW(t, item_count, 2));
    assert_true(ATR_ASSERT_VIEW(t, highest_id, ATR_SOME(i64, 2)));
    assert_true(ATR_ASSERT_VIEW(t, first_open, &todo_milk));
    assert_true(ATR_ASSERT_VIEW(t, share_done, 0.0));
    assert_true(ATR_ASSERT_VIEW(t, is_empty, false));
    assert_true(ATR_ASSERT_VIEW(t, shown, TODO_FILTER_ALL));
    assert_true(ATR_ASSERT_VIEW(t, status_line, ATR_STR(t->s, "")));
    assert_true(
        ATR_ASSERT_VIEW(t, open_titles, atr_str_vec_push(t->s, NULL, ATR_STR(t->s, "milk"))));

    assert_int_equal(inner_close(t), 0);
}

static void differing_state_is_listed_by_field(void **state)
{
    told to;
    atr_test *t = inner_open(&to);
    add_two(t);

    assert_false(ATR_ASSERT_STATE(t, todos, other_state(t)));

    assert_string_equal(to.text, "todos is not as expected (expected -> actual):\n"
                                 "  items[2].title: \"bread\" -> \"eggs\"\n"
                                 "  items[2].done: true -> false\n");
    inner_close(t);
}

static void differing_confirmed_state_says_so(void **state)
{
    told to;
    atr_test *t = inner_open(&to);
    add_two(t);

    assert_false(ATR_ASSERT_CONFIRMED(t, todos, other_state(t)));

    assert_non_null(strstr(to.text, "todos (confirmed) is not as expected"));
    inner_close(t);
}

static void differing_values_are_listed_by_field(void **state)
{
    told to;
    atr_test *t = inner_open(&to);

    assert_false(ATR_ASSERT_EQUAL(t, &todo_milk, &todo_eggs));

    assert_string_equal(to.text, "&todo_eggs is not as expected (expected -> actual):\n"
                                 "  id: 1 -> 2\n"
                                 "  title: \"milk\" -> \"eggs\"\n");
    inner_close(t);
}

static void missing_value_is_told(void **state)
{
    told to;
    atr_test *t = inner_open(&to);

    assert_false(ATR_ASSERT_EQUAL(t, &todo_milk, todo_item_map_get(ATR_STATE(t, todos)->items, 1)));

    assert_non_null(strstr(to.text, "  todo_item{id: 1, title: \"milk\", done: false} -> null\n"));
    inner_close(t);
}

static void differing_views_are_told(void **state)
{
    told to;
    atr_test *t = inner_open(&to);
    const atr_opt_i64 none = {false, 0};
    add_two(t);

    ATR_ASSERT_VIEW(t, item_count, 3);
    ATR_ASSERT_VIEW(t, highest_id, none);
    ATR_ASSERT_VIEW(t, shown, TODO_FILTER_OPEN);
    ATR_ASSERT_VIEW(t, share_done, 0.5);
    ATR_ASSERT_VIEW(t, is_empty, true);
    ATR_ASSERT_VIEW(t, first_open, &todo_eggs);

    assert_string_equal(to.text, "view item_count is 2, expected 3\n"
                                 "view highest_id is 2, expected nothing\n"
                                 "view shown is all, expected open\n"
                                 "view share_done is 0, expected 0.5\n"
                                 "view is_empty is false, expected true\n"
                                 "first_open is not as expected (expected -> actual):\n"
                                 "  id: 2 -> 1\n"
                                 "  title: \"eggs\" -> \"milk\"\n");
    inner_close(t);
}

static void plain_assertions_say_what_they_looked_at(void **state)
{
    told to;
    atr_test *t = inner_open(&to);

    ATR_ASSERT(t, 1 > 2);
    ATR_ASSERT_INT(t, 5, ATR_GET(t, item_count));
    ATR_ASSERT_TEXT(t, "busy", ATR_STATE(t, todos)->status);
    ATR_ASSERT_CALLS(t, add_todo, 1);
    ATR_FAIL(t, "no item %d", 3);

    assert_string_equal(to.text, "not true: 1 > 2\n"
                                 "ATR_GET(t, item_count) is 0, expected 5\n"
                                 "ATR_STATE(t, todos)->status is not as expected:\n"
                                 "  expected: \"busy\"\n"
                                 "  actual:   \"\"\n"
                                 "calls of add_todo is 0, expected 1\n"
                                 "no item 3\n");
    assert_int_equal(to.times, 5);
    inner_close(t);
}

static void trace_is_cleared_by_its_assertion(void **state)
{
    told to;
    atr_test *t = inner_open(&to);

    atr_test_trace(t, "one");
    atr_test_trace(t, "two %d", 2);
    ATR_ASSERT_TRACE(t, "one, two 2");
    atr_test_trace(t, "three");
    ATR_ASSERT_TRACE(t, "one");

    assert_string_equal(to.text, "the trace is not as expected:\n"
                                 "  expected: one\n"
                                 "  actual:   three\n");
    inner_close(t);
}

static void an_entry_of_the_trace_may_be_long(void **state)
{
    told to;
    atr_test *t = inner_open(&to);
    char entry[1024];
    memset(entry, 'x', sizeof entry - 1);
    entry[sizeof entry - 1] = '\0';

    atr_test_trace(t, "%s", entry);

    assert_true(ATR_ASSERT_TRACE(t, entry));
    assert_int_equal(inner_close(t), 0);
}

static void log_tells_what_happened(void **state)
{
    told to;
    atr_test *t = inner_open(&to);
    ATR_CAN(t, add_todo, &todo_milk);
    ATR_CAN_ERROR(t, remove_todo, ATR_DOMAIN_HTTP, 503, "later");
    ATR_TEST_EXECUTE(t, add_todo, .title = ATR_STR(t->s, "milk"));
    ATR_TEST_EXECUTE(t, remove_todo, .id = 1);

    assert_string_equal(atr_test_log(t)->bytes, "executed add_todo{title: \"milk\"}\n"
                                                "started add_todo{title: \"milk\"}\n"
                                                "succeeded add_todo{title: \"milk\"}\n"
                                                "executed remove_todo{id: 1}\n"
                                                "started remove_todo{id: 1}\n"
                                                "failed remove_todo{id: 1}: http 503: later");
    assert_int_equal(atr_test_note(t, 0)->kind, ATR_NOTE_EXECUTED);
    assert_ptr_equal(atr_test_note(t, 5)->query_class, &remove_todo_class);
    assert_null(atr_test_note(t, 6));
    assert_int_equal(atr_test_notes(t, ATR_NOTE_EXECUTED, NULL), 2);
    assert_int_equal(inner_close(t), 0);
}

static void latch_when_told(atr_event *e, const todo_state *was, const todo_state *now, void *user)
{
    atr_str_new(e->s, "\xff");
}

static void notes_without_a_query_count_among_all(void **state)
{
    told to;
    atr_test *t = inner_open(&to);
    atr_test_allow(t, ATR_ALLOW_ERRORS);
    ATR_WATCH(t->store, todos, latch_when_told, NULL, NULL);
    ATR_CAN(t, add_todo, &todo_milk);
    ATR_TEST_EXECUTE(t, add_todo, .title = ATR_STR(t->s, "milk"));

    assert_int_equal(atr_test_notes(t, ATR_NOTE_UNHANDLED, NULL), 1);
    assert_int_equal(atr_test_notes(t, ATR_NOTE_UNHANDLED, &add_todo_class), 0);
    assert_int_equal(inner_close(t), 0);
}

static void log_remembers_the_last_notes(void **state)
{
    told to;
    atr_test *t = inner_open(&to);
    ATR_CAN(t, save_todos, 1);

    for (int i = 0; i < 1000; i++) {
        ATR_TEST_EXECUTE(t, save_todos, .stamp = i);
    }

    assert_int_equal(atr_test_notes(t, ATR_NOTE_SUCCEEDED, &save_todos_class), 1000);
    assert_int_equal(((const save_todos *)atr_test_note(t, 1023)->query)->stamp, 999);
    assert_null(atr_test_note(t, 1024));
    assert_int_equal(inner_close(t), 0);
}

static atr_test *test_of_view;
ATR_VIEW(asking, bool);
static bool ask_for_test(atr_view *v)
{
    test_of_view = ATR_TEST_OF(v);
    return false;
}
ATR_VIEW_IMPL(asking, bool, ask_for_test);

static void test_is_found_in_a_view(void **state)
{
    told to;
    atr_test *t = inner_open(&to);

    ATR_ASSERT_VIEW(t, asking, false);

    assert_ptr_equal(test_of_view, t);
    assert_int_equal(inner_close(t), 0);
}

static void test_is_found_from_its_app(void **state)
{
    told to;
    atr_test *outer = inner_open(&to), *t = inner_open(&to);

    assert_ptr_equal(ATR_TEST_OF(t), t);
    assert_ptr_equal(ATR_TEST_OF(outer), outer);
    assert_null(atr_test_of_app(NULL));

    assert_int_equal(inner_close(t), 0);
    assert_int_equal(inner_close(outer), 0);
}

static void failures_are_collected_without_a_hook(void **state)
{
    atr_test *t = atr_test_open(NULL);
    const atr_test_failure *failures;
    size_t count;

    assert_false(ATR_FAIL(t, "first"));
    assert_false(ATR_FAIL(t, "second"));

    failures = atr_test_failures(t, &count);
    assert_int_equal(count, 2);
    assert_string_equal(failures[1].text, "second");
    assert_int_equal(atr_test_end(t), 2);
    assert_int_equal(atr_test_end(t), 2);
    atr_test_free(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(assertions_that_hold_are_true),
        cmocka_unit_test(views_of_every_kind_are_compared),
        cmocka_unit_test(differing_state_is_listed_by_field),
        cmocka_unit_test(differing_confirmed_state_says_so),
        cmocka_unit_test(differing_values_are_listed_by_field),
        cmocka_unit_test(missing_value_is_told),
        cmocka_unit_test(differing_views_are_told),
        cmocka_unit_test(plain_assertions_say_what_they_looked_at),
        cmocka_unit_test(trace_is_cleared_by_its_assertion),
        cmocka_unit_test(log_tells_what_happened),
        cmocka_unit_test(log_remembers_the_last_notes),
        cmocka_unit_test(test_is_found_from_its_app),
        cmocka_unit_test(test_is_found_in_a_view),
        cmocka_unit_test(an_entry_of_the_trace_may_be_long),
        cmocka_unit_test(notes_without_a_query_count_among_all),
        cmocka_unit_test(failures_are_collected_without_a_hook),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
