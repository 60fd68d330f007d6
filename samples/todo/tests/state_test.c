/* The logic of the list: what answers and failures make of the state. No database, no loop, no waiting. */
#include "list.h"

/* ---- load ---- */

static void list_is_empty_before_it_is_loaded(atr_test *t)
{
    ASSERT_SHOWN(t, "");
    ATR_ASSERT_STATE(t, todos, &todo_state_default);
}

static void loaded_items_are_shown_in_their_order(atr_test *t)
{
    load_shopping(t);

    ASSERT_SHOWN(t, "1 milk; 2 eggs; 3 bread x");
}

static void second_load_replaces_the_list(atr_test *t)
{
    static const todo_item *const items[] = {&jam, &milk};
    static const todo_item_vec other = ATR_VEC_INIT(todo_item_vec, items);
    load_shopping(t);
    ATR_CAN(t, load_todos, &other);

    ATR_TEST_EXECUTE(t, load_todos);

    ASSERT_SHOWN(t, "4 jam; 1 milk");
    ATR_ASSERT_INT(t, 2, todo_item_map_count(ATR_STATE(t, todos)->items));
}

static void empty_answer_empties_the_list(atr_test *t)
{
    load_shopping(t);
    ATR_CAN(t, load_todos, NULL);

    ATR_TEST_EXECUTE(t, load_todos);

    ASSERT_SHOWN(t, "");
}

static void failed_load_is_a_problem(atr_test *t)
{
    ATR_CAN_ERROR(t, load_todos, ATR_DOMAIN_SQLITE, 26, "file is not a database");

    atr_test_start(t);

    ASSERT_PROBLEM(t, "the list could not be loaded: file is not a database");
}

static void text_that_is_not_utf8_does_not_hide_the_others(atr_test *t)
{
    static const char *const texts[] = {"milk", "k\xE4se", "\xFF", "tea"};
    const todo_row_vec *rows = NULL;
    for (int i = 0; i < 4; i++) {
        const todo_row *row = ATR_NEW(t->s, todo_row, .id = i + 1, .done = i == 3,
                                      .title = atr_bytes_new(t->s, texts[i], strlen(texts[i])));
        rows = todo_row_vec_push(t->s, rows, row);
    }
    ATR_CAN_ERROR(t, load_todos, ATR_DOMAIN_ATRIUM, ATR_E_UTF8, "text is not UTF-8");
    ATR_CAN(t, load_damaged, rows);

    atr_test_start(t);

    ASSERT_SHOWN(t, "1 milk; 2 k\xEF\xBF\xBD; 3 \xEF\xBF\xBD; 4 tea x");
    ASSERT_PROBLEM(t, "");
}

static void load_of_damaged_text_may_fail_too(atr_test *t)
{
    ATR_CAN_ERROR(t, load_todos, ATR_DOMAIN_ATRIUM, ATR_E_UTF8, "text is not UTF-8");
    CAN_BUSY(t, load_damaged);

    atr_test_start(t);

    ASSERT_PROBLEM(t, "the list could not be loaded: database is locked");
}

static void failed_load_keeps_what_is_there(atr_test *t)
{
    load_shopping(t);
    CAN_BUSY(t, load_todos);

    ATR_TEST_EXECUTE(t, load_todos);

    ASSERT_SHOWN(t, "1 milk; 2 eggs; 3 bread x");
}

static void load_succeeds_after_a_failed_one(atr_test *t)
{
    CAN_BUSY(t, load_todos);
    atr_test_start(t);
    ATR_CAN(t, load_todos, &shopping);

    ATR_TEST_EXECUTE(t, load_todos);

    ASSERT_SHOWN(t, "1 milk; 2 eggs; 3 bread x");
}

static void load_keeps_filter_and_problems(atr_test *t)
{
    CAN_BUSY(t, add_todo);
    ATR_TEST_EXECUTE(t, add_todo, .title = ATR_STR(t->s, "jam"));
    ATR_TEST_EXECUTE(t, set_filter, .filter = TODO_FILTER_DONE);

    load_shopping(t);

    ASSERT_SHOWN(t, "3 bread x");
    ASSERT_PROBLEM(t, "\"jam\" could not be added: database is locked");
}

/* ---- add ---- */

static void added_item_comes_last(atr_test *t)
{
    load_shopping(t);
    ATR_CAN(t, add_todo, &jam);

    ATR_TEST_EXECUTE(t, add_todo, .title = ATR_STR(t->s, "jam"));

    ASSERT_SHOWN(t, "1 milk; 2 eggs; 3 bread x; 4 jam");
}

/* Answers as the database would: with ids from 10 on. */
static void answer_numbered(atr_start *ctx, const add_todo *self, void *user)
{
    int64_t *last_id = user;
    add_todo_answer(ctx, ATR_NEW(ctx->s, todo_item, .id = ++*last_id, .title = self->title));
}

static void added_items_have_the_ids_of_the_answers(atr_test *t)
{
    int64_t last_id = 9;
    ATR_CAN_FN(t, add_todo, answer_numbered, &last_id);

    ATR_TEST_EXECUTE(t, add_todo, .title = ATR_STR(t->s, "tea"));
    ATR_TEST_EXECUTE(t, add_todo, .title = ATR_STR(t->s, "té"));

    ASSERT_SHOWN(t, "10 tea; 11 té");
}

static void added_item_is_hidden_by_the_done_filter(atr_test *t)
{
    load_shopping(t);
    ATR_CAN(t, add_todo, &jam);
    ATR_TEST_EXECUTE(t, set_filter, .filter = TODO_FILTER_DONE);

    ATR_TEST_EXECUTE(t, add_todo, .title = ATR_STR(t->s, "jam"));

    ASSERT_SHOWN(t, "3 bread x");
    ATR_ASSERT_INT(t, 4, ATR_GET(t, item_counts)->total);
}

static void failed_add_is_a_problem_and_adds_nothing(atr_test *t)
{
    load_shopping(t);
    CAN_BUSY(t, add_todo);

    ATR_TEST_EXECUTE(t, add_todo, .title = ATR_STR(t->s, "jam"));

    ASSERT_PROBLEM(t, "\"jam\" could not be added: database is locked");
    ASSERT_SHOWN(t, "1 milk; 2 eggs; 3 bread x");
}

/* ---- rename ---- */

static void renamed_item_keeps_place_and_mark(atr_test *t)
{
    load_shopping(t);
    ATR_CAN(t, rename_todo, 3);

    ATR_TEST_EXECUTE(t, rename_todo, .id = 3, .title = ATR_STR(t->s, "rye bread"));

    ASSERT_SHOWN(t, "1 milk; 2 eggs; 3 rye bread x");
}

static void rename_of_an_item_that_is_not_loaded_changes_nothing(atr_test *t)
{
    load_shopping(t);
    ATR_CAN(t, rename_todo, 4);

    ATR_TEST_EXECUTE(t, rename_todo, .id = 4, .title = ATR_STR(t->s, "plum jam"));

    ASSERT_SHOWN(t, "1 milk; 2 eggs; 3 bread x");
}

static void failed_rename_is_a_problem_and_keeps_the_text(atr_test *t)
{
    load_shopping(t);
    CAN_BUSY(t, rename_todo);

    ATR_TEST_EXECUTE(t, rename_todo, .id = 1, .title = ATR_STR(t->s, "oat milk"));

    ASSERT_PROBLEM(t, "item 1 could not be renamed: database is locked");
    ASSERT_SHOWN(t, "1 milk; 2 eggs; 3 bread x");
}

static void rename_of_an_unknown_item_says_so(atr_test *t)
{
    load_shopping(t);
    CAN_NOT_FOUND(t, rename_todo);

    ATR_TEST_EXECUTE(t, rename_todo, .id = 9, .title = ATR_STR(t->s, "tea"));

    ASSERT_PROBLEM(t, "item 9 could not be renamed: there is no such item");
}

/* ---- move ---- */

static void item_moves_to_every_position(atr_test *t)
{
    static const struct {
        int64_t id, position;
        const char *shown;
    } rows[] = {
        {3, 1, "3 bread x; 1 milk; 2 eggs"}, {3, 2, "1 milk; 3 bread x; 2 eggs"},
        {3, 3, "1 milk; 2 eggs; 3 bread x"}, {1, 1, "1 milk; 2 eggs; 3 bread x"},
        {1, 2, "2 eggs; 1 milk; 3 bread x"}, {1, 3, "2 eggs; 3 bread x; 1 milk"},
    };
    load_shopping(t);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        ATR_TEST_EXECUTE(t, load_todos);
        ATR_CAN(t, move_todo, rows[i].id);

        ATR_TEST_EXECUTE(t, move_todo, .id = rows[i].id, .position = rows[i].position);

        ASSERT_SHOWN(t, rows[i].shown);
    }
}

static void move_beyond_the_end_of_an_outdated_list_goes_to_the_end(atr_test *t)
{
    load_shopping(t);
    ATR_CAN(t, move_todo, 1);

    ATR_TEST_EXECUTE(t, move_todo, .id = 1, .position = 7);

    ASSERT_SHOWN(t, "2 eggs; 3 bread x; 1 milk");
}

static void move_of_an_item_that_is_not_loaded_changes_nothing(atr_test *t)
{
    load_shopping(t);
    ATR_CAN(t, move_todo, 4);

    ATR_TEST_EXECUTE(t, move_todo, .id = 4, .position = 1);

    ASSERT_SHOWN(t, "1 milk; 2 eggs; 3 bread x");
}

static void move_to_a_wrong_position_names_the_right_ones(atr_test *t)
{
    load_shopping(t);
    CAN_NOT_FOUND(t, move_todo);

    ATR_TEST_EXECUTE(t, move_todo, .id = 1, .position = 4);

    ASSERT_PROBLEM(t, "item 1 could not be moved: position 4 is not in 1 to 3");
    ASSERT_SHOWN(t, "1 milk; 2 eggs; 3 bread x");
}

static void move_of_an_unknown_item_says_so(atr_test *t)
{
    load_shopping(t);
    CAN_NOT_FOUND(t, move_todo);

    ATR_TEST_EXECUTE(t, move_todo, .id = 9, .position = 1);

    ASSERT_PROBLEM(t, "item 9 could not be moved: there is no such item");
}

static void failed_move_is_a_problem_and_keeps_the_order(atr_test *t)
{
    load_shopping(t);
    CAN_BUSY(t, move_todo);

    ATR_TEST_EXECUTE(t, move_todo, .id = 3, .position = 1);

    ASSERT_PROBLEM(t, "item 3 could not be moved: database is locked");
    ASSERT_SHOWN(t, "1 milk; 2 eggs; 3 bread x");
}

/* ---- delete and clear ---- */

static void deleted_item_is_gone(atr_test *t)
{
    load_shopping(t);
    ATR_CAN(t, delete_todo, 2);

    ATR_TEST_EXECUTE(t, delete_todo, .id = 2);

    ASSERT_SHOWN(t, "1 milk; 3 bread x");
}

static void delete_of_an_item_that_is_not_loaded_changes_nothing(atr_test *t)
{
    load_shopping(t);
    ATR_CAN(t, delete_todo, 4);

    ATR_TEST_EXECUTE(t, delete_todo, .id = 4);

    ASSERT_SHOWN(t, "1 milk; 2 eggs; 3 bread x");
}

static void delete_of_an_unknown_item_says_so(atr_test *t)
{
    load_shopping(t);
    CAN_NOT_FOUND(t, delete_todo);

    ATR_TEST_EXECUTE(t, delete_todo, .id = 9);

    ASSERT_PROBLEM(t, "item 9 could not be deleted: there is no such item");
}

static void failed_delete_is_a_problem_and_keeps_the_item(atr_test *t)
{
    load_shopping(t);
    CAN_BUSY(t, delete_todo);

    ATR_TEST_EXECUTE(t, delete_todo, .id = 2);

    ASSERT_PROBLEM(t, "item 2 could not be deleted: database is locked");
    ASSERT_SHOWN(t, "1 milk; 2 eggs; 3 bread x");
}

static void cleared_items_are_gone(atr_test *t)
{
    static const int64_t ids[] = {1, 3};
    load_shopping(t);
    ATR_CAN(t, clear_completed, atr_i64_vec_of(t->s, ids, 2));

    ATR_TEST_EXECUTE(t, clear_completed);

    ASSERT_SHOWN(t, "2 eggs");
}

static void clearing_nothing_tells_nobody(atr_test *t)
{
    load_shopping(t);
    trace_shown(t);
    ATR_CAN(t, clear_completed, NULL);

    ATR_TEST_EXECUTE(t, clear_completed);

    ATR_ASSERT_TRACE(t, "");
    ASSERT_SHOWN(t, "1 milk; 2 eggs; 3 bread x");
}

static void failed_clear_is_a_problem_and_keeps_the_items(atr_test *t)
{
    load_shopping(t);
    CAN_BUSY(t, clear_completed);

    ATR_TEST_EXECUTE(t, clear_completed);

    ASSERT_PROBLEM(t, "the done items could not be cleared: database is locked");
    ASSERT_SHOWN(t, "1 milk; 2 eggs; 3 bread x");
}

/* ---- filter and counts ---- */

static void filter_chooses_what_is_shown(atr_test *t)
{
    static const struct {
        todo_filter filter;
        const char *shown;
    } rows[] = {
        {TODO_FILTER_ACTIVE, "1 milk; 2 eggs"},
        {TODO_FILTER_DONE, "3 bread x"},
        {TODO_FILTER_ALL, "1 milk; 2 eggs; 3 bread x"},
    };
    load_shopping(t);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        ATR_TEST_EXECUTE(t, set_filter, .filter = rows[i].filter);

        ASSERT_SHOWN(t, rows[i].shown);
    }
}

static void counts_leave_the_filter_aside(atr_test *t)
{
    load_shopping(t);

    ATR_TEST_EXECUTE(t, set_filter, .filter = TODO_FILTER_DONE);

    ATR_ASSERT_VIEW(t, item_counts, ATR_NEW(t->s, todo_counts, .total = 3, .active = 2, .done = 1));
}

static void counts_of_an_empty_list_are_zero(atr_test *t)
{
    ATR_ASSERT_VIEW(t, item_counts, &todo_counts_default);
}

static void trace_counts(atr_event *e, const todo_counts *was, const todo_counts *now, void *user)
{
    atr_test_trace(ATR_TEST_OF(e), "%d of %d", (int)now->done, (int)now->total);
}

static void subscriber_of_the_counts_hears_of_no_rename(atr_test *t)
{
    load_shopping(t);
    ATR_WATCH_VIEW(t->store, item_counts, trace_counts, NULL, NULL);
    ATR_CAN(t, rename_todo, 1);
    ATR_CAN(t, delete_todo, 1);

    ATR_TEST_EXECUTE(t, rename_todo, .id = 1, .title = ATR_STR(t->s, "oat milk"));
    ATR_ASSERT_TRACE(t, "");

    ATR_TEST_EXECUTE(t, delete_todo, .id = 1);
    ATR_ASSERT_TRACE(t, "1 of 2");
}

/* ---- problems ---- */

static void problem_keeps_the_error_behind_it(atr_test *t)
{
    CAN_BUSY(t, delete_todo);

    ATR_TEST_EXECUTE(t, delete_todo, .id = 2);

    const todo_problem *last = todo_problem_vec_at(ATR_STATE(t, todos)->problems, 0);
    ATR_ASSERT(t, atr_error_is(last->cause, ATR_DOMAIN_SQLITE, 5));
}

static void oldest_problem_goes_when_there_are_too_many(atr_test *t)
{
    CAN_BUSY(t, delete_todo);

    for (int64_t id = 1; id <= TODO_PROBLEMS_MAX + 2; id++) {
        ATR_TEST_EXECUTE(t, delete_todo, .id = id);
    }

    const todo_problem_vec *problems = ATR_STATE(t, todos)->problems;
    ATR_ASSERT_INT(t, TODO_PROBLEMS_MAX, todo_problem_vec_count(problems));
    ATR_ASSERT_TEXT(t, "item 3 could not be deleted: database is locked",
                    todo_problem_vec_at(problems, 0)->text);
    ASSERT_PROBLEM(t, "item 12 could not be deleted: database is locked");
}

int main(void)
{
    static const atr_component *const components[] = {&todo_component, NULL};
    static const atr_test_options todo = {.components = components};
    const struct CMUnitTest tests[] = {
        atr_unit_test(list_is_empty_before_it_is_loaded, &todo),
        atr_unit_test(loaded_items_are_shown_in_their_order, &todo),
        atr_unit_test(second_load_replaces_the_list, &todo),
        atr_unit_test(empty_answer_empties_the_list, &todo),
        atr_unit_test(failed_load_is_a_problem, &todo),
        atr_unit_test(text_that_is_not_utf8_does_not_hide_the_others, &todo),
        atr_unit_test(load_of_damaged_text_may_fail_too, &todo),
        atr_unit_test(failed_load_keeps_what_is_there, &todo),
        atr_unit_test(load_succeeds_after_a_failed_one, &todo),
        atr_unit_test(load_keeps_filter_and_problems, &todo),
        atr_unit_test(added_item_comes_last, &todo),
        atr_unit_test(added_items_have_the_ids_of_the_answers, &todo),
        atr_unit_test(added_item_is_hidden_by_the_done_filter, &todo),
        atr_unit_test(failed_add_is_a_problem_and_adds_nothing, &todo),
        atr_unit_test(renamed_item_keeps_place_and_mark, &todo),
        atr_unit_test(rename_of_an_item_that_is_not_loaded_changes_nothing, &todo),
        atr_unit_test(failed_rename_is_a_problem_and_keeps_the_text, &todo),
        atr_unit_test(rename_of_an_unknown_item_says_so, &todo),
        atr_unit_test(item_moves_to_every_position, &todo),
        atr_unit_test(move_beyond_the_end_of_an_outdated_list_goes_to_the_end, &todo),
        atr_unit_test(move_of_an_item_that_is_not_loaded_changes_nothing, &todo),
        atr_unit_test(move_to_a_wrong_position_names_the_right_ones, &todo),
        atr_unit_test(move_of_an_unknown_item_says_so, &todo),
        atr_unit_test(failed_move_is_a_problem_and_keeps_the_order, &todo),
        atr_unit_test(deleted_item_is_gone, &todo),
        atr_unit_test(delete_of_an_item_that_is_not_loaded_changes_nothing, &todo),
        atr_unit_test(delete_of_an_unknown_item_says_so, &todo),
        atr_unit_test(failed_delete_is_a_problem_and_keeps_the_item, &todo),
        atr_unit_test(cleared_items_are_gone, &todo),
        atr_unit_test(clearing_nothing_tells_nobody, &todo),
        atr_unit_test(failed_clear_is_a_problem_and_keeps_the_items, &todo),
        atr_unit_test(filter_chooses_what_is_shown, &todo),
        atr_unit_test(counts_leave_the_filter_aside, &todo),
        atr_unit_test(counts_of_an_empty_list_are_zero, &todo),
        atr_unit_test(subscriber_of_the_counts_hears_of_no_rename, &todo),
        atr_unit_test(problem_keeps_the_error_behind_it, &todo),
        atr_unit_test(oldest_problem_goes_when_there_are_too_many, &todo),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
