/* Completing with a guess: what is seen before the answer, and what is left of it after a failure. Also a
 * whole run in churn mode, where a value that somebody forgot to keep dies at once. */
#include "list.h"

/* ---- the answer ---- */

static void completed_item_is_done(atr_test *t)
{
    load_shopping(t);
    ATR_CAN(t, complete_todo, 1);

    ATR_TEST_EXECUTE(t, complete_todo, .id = 1);

    ASSERT_SHOWN(t, "1 milk x; 2 eggs; 3 bread x");
}

static void completing_twice_is_no_problem(atr_test *t)
{
    load_shopping(t);
    ATR_CAN(t, complete_todo, 3);

    ATR_TEST_CALL(t, complete_todo, (.id = 3), .pre_execute = ATR_PREDICT(3));

    ASSERT_SHOWN(t, "1 milk; 2 eggs; 3 bread x");
    ASSERT_PROBLEM(t, "");
}

static void completion_of_an_item_that_is_not_loaded_changes_nothing(atr_test *t)
{
    load_shopping(t);
    ATR_CAN(t, complete_todo, 4);

    ATR_TEST_CALL(t, complete_todo, (.id = 4), .pre_execute = ATR_PREDICT(4));

    ASSERT_SHOWN(t, "1 milk; 2 eggs; 3 bread x");
}

/* ---- the guess ---- */

static void guess_is_seen_before_the_answer(atr_test *t)
{
    load_shopping(t);
    ATR_CAN_NONE(t, complete_todo);

    ATR_TEST_CALL(t, complete_todo, (.id = 1), .pre_execute = ATR_PREDICT(1));

    ASSERT_SHOWN(t, "1 milk x; 2 eggs; 3 bread x");
    ASSERT_CONFIRMED(t, "1 milk; 2 eggs; 3 bread x");
}

static void without_a_guess_nothing_is_seen_before_the_answer(atr_test *t)
{
    load_shopping(t);
    ATR_CAN_NONE(t, complete_todo);

    ATR_TEST_EXECUTE(t, complete_todo, .id = 1);

    ASSERT_SHOWN(t, "1 milk; 2 eggs; 3 bread x");
}

static void counts_and_filter_see_the_guess(atr_test *t)
{
    load_shopping(t);
    ATR_TEST_EXECUTE(t, set_filter, .filter = TODO_FILTER_ACTIVE);
    ATR_CAN_NONE(t, complete_todo);

    ATR_TEST_CALL(t, complete_todo, (.id = 1), .pre_execute = ATR_PREDICT(1));

    ASSERT_SHOWN(t, "2 eggs");
    ATR_ASSERT_INT(t, 2, ATR_GET(t, item_counts)->done);
}

static void right_guess_is_told_once(atr_test *t)
{
    load_shopping(t);
    trace_shown(t);
    ATR_CAN_NONE(t, complete_todo);
    atr_handle handle = ATR_TEST_CALL(t, complete_todo, (.id = 1), .pre_execute = ATR_PREDICT(1));
    ATR_ASSERT_TRACE(t, "1 milk x; 2 eggs; 3 bread x");

    ATR_TEST_ANSWER(t, complete_todo, handle, 1);

    ATR_ASSERT_TRACE(t, "");
    ASSERT_CONFIRMED(t, "1 milk x; 2 eggs; 3 bread x");
}

/* ---- rollback ---- */

static void failed_completion_rolls_back(atr_test *t)
{
    load_shopping(t);
    trace_shown(t);
    ATR_CAN_NONE(t, complete_todo);
    atr_handle handle = ATR_TEST_CALL(t, complete_todo, (.id = 1), .pre_execute = ATR_PREDICT(1));
    ATR_ASSERT_TRACE(t, "1 milk x; 2 eggs; 3 bread x");

    ATR_TEST_ANSWER_ERROR(t, complete_todo, handle, ATR_DOMAIN_SQLITE, 5, "database is locked");

    ATR_ASSERT_TRACE(t, "1 milk; 2 eggs; 3 bread x");
    ASSERT_SHOWN(t, "1 milk; 2 eggs; 3 bread x");
    ASSERT_PROBLEM(t, "item 1 could not be completed: database is locked");
}

static void completion_of_a_deleted_item_rolls_back_and_says_so(atr_test *t)
{
    load_shopping(t);
    CAN_NOT_FOUND(t, complete_todo);

    ATR_TEST_CALL(t, complete_todo, (.id = 2), .pre_execute = ATR_PREDICT(2));

    ASSERT_SHOWN(t, "1 milk; 2 eggs; 3 bread x");
    ASSERT_PROBLEM(t, "item 2 could not be completed: there is no such item");
}

static void cancelled_completion_rolls_back_in_silence(atr_test *t)
{
    load_shopping(t);
    ATR_CAN_NONE(t, complete_todo);
    atr_handle handle = ATR_TEST_CALL(t, complete_todo, (.id = 1), .pre_execute = ATR_PREDICT(1));

    ATR_TEST_CANCEL(t, handle);
    ASSERT_SHOWN(t, "1 milk x; 2 eggs; 3 bread x"); /* a begun write is only asked */
    ATR_TEST_ANSWER_ERROR(t, complete_todo, handle, ATR_DOMAIN_ATRIUM, ATR_E_CANCELLED, "undone");

    ASSERT_SHOWN(t, "1 milk; 2 eggs; 3 bread x");
    ASSERT_PROBLEM(t, "");
}

/* ---- guesses among other changes ---- */

static void guesses_are_confirmed_in_any_order(atr_test *t)
{
    load_shopping(t);
    ATR_CAN_NONE(t, complete_todo);
    atr_handle first = ATR_TEST_CALL(t, complete_todo, (.id = 1), .pre_execute = ATR_PREDICT(1));
    atr_handle second = ATR_TEST_CALL(t, complete_todo, (.id = 2), .pre_execute = ATR_PREDICT(2));

    ATR_TEST_ANSWER(t, complete_todo, second, 2);
    ASSERT_SHOWN(t, "1 milk x; 2 eggs x; 3 bread x");
    ASSERT_CONFIRMED(t, "1 milk; 2 eggs x; 3 bread x");

    ATR_TEST_ANSWER(t, complete_todo, first, 1);
    ASSERT_CONFIRMED(t, "1 milk x; 2 eggs x; 3 bread x");
}

static void failed_guess_leaves_the_others(atr_test *t)
{
    load_shopping(t);
    ATR_CAN_NONE(t, complete_todo);
    atr_handle first = ATR_TEST_CALL(t, complete_todo, (.id = 1), .pre_execute = ATR_PREDICT(1));
    ATR_TEST_CALL(t, complete_todo, (.id = 2), .pre_execute = ATR_PREDICT(2));

    ATR_TEST_ANSWER_ERROR(t, complete_todo, first, ATR_DOMAIN_SQLITE, 5, "database is locked");

    ASSERT_SHOWN(t, "1 milk; 2 eggs x; 3 bread x");
    ASSERT_CONFIRMED(t, "1 milk; 2 eggs; 3 bread x");
}

static void rename_shows_under_a_guess(atr_test *t)
{
    load_shopping(t);
    ATR_CAN_NONE(t, complete_todo);
    ATR_CAN(t, rename_todo, 1);
    atr_handle handle = ATR_TEST_CALL(t, complete_todo, (.id = 1), .pre_execute = ATR_PREDICT(1));

    ATR_TEST_EXECUTE(t, rename_todo, .id = 1, .title = ATR_STR(t->s, "oat milk"));
    ASSERT_SHOWN(t, "1 oat milk x; 2 eggs; 3 bread x");

    ATR_TEST_ANSWER_ERROR(t, complete_todo, handle, ATR_DOMAIN_SQLITE, 5, "database is locked");
    ASSERT_SHOWN(t, "1 oat milk; 2 eggs; 3 bread x");
}

static void deleted_item_does_not_come_back_by_a_guess(atr_test *t)
{
    load_shopping(t);
    ATR_CAN_NONE(t, complete_todo);
    ATR_CAN(t, delete_todo, 1);
    ATR_TEST_CALL(t, complete_todo, (.id = 1), .pre_execute = ATR_PREDICT(1));

    ATR_TEST_EXECUTE(t, delete_todo, .id = 1);

    ASSERT_SHOWN(t, "2 eggs; 3 bread x");
}

static void load_keeps_the_guesses(atr_test *t)
{
    load_shopping(t);
    ATR_CAN_NONE(t, complete_todo);
    ATR_TEST_CALL(t, complete_todo, (.id = 1), .pre_execute = ATR_PREDICT(1));

    ATR_TEST_EXECUTE(t, load_todos);

    ASSERT_SHOWN(t, "1 milk x; 2 eggs; 3 bread x");
}

/* ---- a whole run ---- */

static void edit_list(atr_test *t)
{
    static const int64_t done[] = {1, 3};
    ATR_CAN(t, add_todo, &jam);
    ATR_CAN(t, move_todo, 4);
    ATR_CAN(t, rename_todo, 2);
    ATR_CAN(t, clear_completed, atr_i64_vec_of(t->s, done, 2));
    ATR_CAN(t, delete_todo, 2);

    ATR_TEST_EXECUTE(t, add_todo, .title = ATR_STR(t->s, "jam"));
    ATR_TEST_EXECUTE(t, move_todo, .id = 4, .position = 1);
    ATR_TEST_EXECUTE(t, rename_todo, .id = 2, .title = ATR_STR(t->s, "six eggs"));
    ASSERT_SHOWN(t, "4 jam; 1 milk x; 2 six eggs; 3 bread x");
    ATR_TEST_EXECUTE(t, clear_completed);
    ATR_TEST_EXECUTE(t, delete_todo, .id = 2);
    ASSERT_SHOWN(t, "4 jam");
}

static void whole_run_survives_churn(atr_test *t)
{
    load_shopping(t);
    trace_shown(t);
    ATR_CAN_NONE(t, complete_todo);

    atr_handle right = ATR_TEST_CALL(t, complete_todo, (.id = 1), .pre_execute = ATR_PREDICT(1));
    atr_handle wrong = ATR_TEST_CALL(t, complete_todo, (.id = 2), .pre_execute = ATR_PREDICT(2));
    ATR_TEST_EXECUTE(t, set_filter, .filter = TODO_FILTER_DONE);
    ATR_TEST_ANSWER_ERROR(t, complete_todo, wrong, ATR_DOMAIN_SQLITE, 5, "database is locked");
    ATR_TEST_ANSWER(t, complete_todo, right, 1);
    ATR_TEST_EXECUTE(t, set_filter, .filter = TODO_FILTER_ALL);
    ATR_ASSERT_TRACE(t, "1 milk x; 2 eggs; 3 bread x, "
                        "1 milk x; 2 eggs x; 3 bread x, "
                        "1 milk x; 2 eggs x; 3 bread x, "
                        "1 milk x; 3 bread x, "
                        "1 milk x; 2 eggs; 3 bread x");

    edit_list(t);
    ASSERT_PROBLEM(t, "item 2 could not be completed: database is locked");
}

int main(void)
{
    static const atr_component *const components[] = {&todo_component, NULL};
    static const atr_test_options todo = {.components = components};
    static const atr_test_options churning = {.components = components, .churn = true};
    const struct CMUnitTest tests[] = {
        atr_unit_test(completed_item_is_done, &todo),
        atr_unit_test(completing_twice_is_no_problem, &todo),
        atr_unit_test(completion_of_an_item_that_is_not_loaded_changes_nothing, &todo),
        atr_unit_test(guess_is_seen_before_the_answer, &todo),
        atr_unit_test(without_a_guess_nothing_is_seen_before_the_answer, &todo),
        atr_unit_test(counts_and_filter_see_the_guess, &todo),
        atr_unit_test(right_guess_is_told_once, &todo),
        atr_unit_test(failed_completion_rolls_back, &todo),
        atr_unit_test(completion_of_a_deleted_item_rolls_back_and_says_so, &todo),
        atr_unit_test(cancelled_completion_rolls_back_in_silence, &todo),
        atr_unit_test(guesses_are_confirmed_in_any_order, &todo),
        atr_unit_test(failed_guess_leaves_the_others, &todo),
        atr_unit_test(rename_shows_under_a_guess, &todo),
        atr_unit_test(deleted_item_does_not_come_back_by_a_guess, &todo),
        atr_unit_test(load_keeps_the_guesses, &todo),
        atr_unit_test(whole_run_survives_churn, &churning),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
