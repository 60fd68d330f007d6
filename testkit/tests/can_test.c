/* Every kind of canned response. */
#include <atrium/testkit_cmocka.h>

#include "todo.h"

#include <cmocka.h>

static void static_value_is_the_answer(atr_test *t)
{
    ATR_CAN(t, add_todo, &todo_milk);

    ATR_TEST_EXECUTE(t, add_todo, .title = ATR_STR(t->s, "milk"));

    assert_ptr_equal(todo_item_map_get(ATR_STATE(t, todos)->items, 1), &todo_milk);
    ATR_ASSERT_VIEW(t, item_count, 1);
}

static void value_made_in_the_test_is_the_answer(atr_test *t)
{
    const todo_item *oats = ATR_NEW(t->s, todo_item, .id = 9, .title = ATR_STR(t->s, "oats"));
    ATR_CAN(t, add_todo, oats);

    ATR_TEST_EXECUTE(t, add_todo, .title = ATR_STR(t->s, "oats"));

    assert_ptr_equal(todo_item_map_get(ATR_STATE(t, todos)->items, 9), oats);
}

static void vector_is_the_answer_of_the_startup_query(atr_test *t)
{
    const todo_item_vec *all = todo_item_vec_push(t->s, NULL, &todo_milk);
    ATR_CAN(t, load_todos, todo_item_vec_push(t->s, all, &todo_eggs));

    atr_test_start(t);

    ATR_ASSERT_VIEW(t, item_count, 2);
}

static void scalars_units_and_enumerations_are_answers(atr_test *t)
{
    ATR_CAN(t, add_todo, &todo_milk);
    ATR_CAN(t, remove_todo, ATR_UNIT);
    ATR_CAN(t, save_todos, 77);
    ATR_CAN(t, ask_filter, TODO_FILTER_OPEN);

    ATR_TEST_EXECUTE(t, add_todo, .title = ATR_STR(t->s, "milk"));
    ATR_TEST_EXECUTE(t, remove_todo, .id = 1);
    ATR_TEST_EXECUTE(t, save_todos, .stamp = 5);
    ATR_TEST_EXECUTE(t, ask_filter);

    ATR_ASSERT_STATE(t, todos,
                     ATR_NEW(t->s, todo_state, .status = ATR_STR(t->s, ""), .saved = 77,
                             .filter = TODO_FILTER_OPEN));
}

static void error_takes_the_error_path_of_the_class(atr_test *t)
{
    ATR_CAN_ERROR(t, remove_todo, ATR_DOMAIN_HTTP, 503, "try %s", "later");

    ATR_TEST_EXECUTE(t, remove_todo, .id = 1);

    ATR_ASSERT_TEXT(t, "try later", ATR_STATE(t, todos)->status);
}

static void record_error(atr_finish *f, const add_todo *self, const atr_error *error, void *user)
{
    ATR_ASSERT_INT(ATR_TEST_OF(f), 42, error->code);
    ATR_ASSERT_INT(ATR_TEST_OF(f), 7, ((const todo_item *)error->payload)->id);
    *(bool *)user = true;
}

static void error_value_reaches_on_error(atr_test *t)
{
    const todo_item *payload = ATR_NEW(t->s, todo_item, .id = 7, .title = ATR_STR(t->s, "x"));
    const atr_error *full =
        ATR_NEW(t->s, atr_error, .code = 42, .message = ATR_STR(t->s, "full"), .payload = payload);
    bool told = false;
    ATR_CAN_ERROR_VALUE(t, add_todo, full);

    ATR_TEST_CALL(t, add_todo, (.title = ATR_STR(t->s, "milk")), .on_error = record_error,
                  .user = &told);

    ATR_ASSERT(t, told);
}

static void none_stays_pending(atr_test *t)
{
    ATR_CAN_NONE(t, add_todo);

    ATR_TEST_EXECUTE(t, add_todo, .title = ATR_STR(t->s, "milk"));

    ATR_ASSERT_INT(t, 1, atr_app_stats_now(t->app).in_flight);
    ATR_ASSERT_VIEW(t, is_empty, true);
}

static void number_them(atr_start *ctx, const add_todo *self, void *user)
{
    int64_t *last = user;
    add_todo_answer(ctx, ATR_NEW(ctx->s, todo_item, .id = ++*last, .title = self->title));
}

static void function_sees_the_query(atr_test *t)
{
    int64_t last = 10;
    ATR_CAN_FN(t, add_todo, number_them, &last);

    ATR_TEST_EXECUTE(t, add_todo, .title = ATR_STR(t->s, "milk"));
    ATR_TEST_EXECUTE(t, add_todo, .title = ATR_STR(t->s, "eggs"));

    const todo_item_map *items = ATR_STATE(t, todos)->items;
    ATR_ASSERT_TEXT(t, "milk", todo_item_map_get(items, 11)->title);
    ATR_ASSERT_TEXT(t, "eggs", todo_item_map_get(items, 12)->title);
}

static void number_by_state(atr_start *ctx, const add_todo *self, void *user)
{
    int64_t id = ATR_GET(ctx, item_count) + 1;
    add_todo_answer(ctx, ATR_NEW(ctx->s, todo_item, .id = id, .title = self->title));
}

static void function_sees_the_state(atr_test *t)
{
    ATR_CAN(t, add_many, 3);
    ATR_CAN_FN(t, add_todo, number_by_state, NULL);

    ATR_TEST_EXECUTE(t, add_todo, .title = ATR_STR(t->s, "milk"));
    ATR_TEST_EXECUTE(t, add_todo, .title = ATR_STR(t->s, "milk"));

    ATR_TEST_EXECUTE(t, add_many, .title = ATR_STR(t->s, "three"));

    /* three starts saw two items: queries start in order, before the first of them is answered */
    ATR_ASSERT_VIEW(t, highest_id, ATR_SOME(i64, 3));
    ATR_ASSERT_CALLS(t, add_todo, 5);
}

static void refuse(atr_start *ctx, const remove_todo *self, void *user)
{
    atr_answer_error(ctx, atr_error_make(ctx->s, ATR_DOMAIN_APP, 4, "no item %d", (int)self->id));
}

static void function_may_answer_with_an_error(atr_test *t)
{
    ATR_CAN_FN(t, remove_todo, refuse, NULL);

    ATR_TEST_EXECUTE(t, remove_todo, .id = 8);

    ATR_ASSERT_VIEW(t, status_line, atr_str_new(t->s, "no item 8"));
}

static void latch(atr_start *ctx, const remove_todo *self, void *user)
{
    atr_refuse(ctx->s, ATR_E_LIMIT, "too much");
}

static void function_that_latches_answers_with_its_error(atr_test *t)
{
    ATR_CAN_FN(t, remove_todo, latch, NULL);

    ATR_TEST_EXECUTE(t, remove_todo, .id = 8);

    ATR_ASSERT_TEXT(t, "too much", ATR_STATE(t, todos)->status);
}

static void keep_reply(atr_start *ctx, const remove_todo *self, void *user)
{
    *(remove_todo_reply *)user = remove_todo_reply_later(ctx);
}

static void function_may_take_a_reply_handle(atr_test *t)
{
    remove_todo_reply reply;
    ATR_CAN(t, add_todo, &todo_milk);
    ATR_CAN_FN(t, remove_todo, keep_reply, &reply);
    ATR_TEST_EXECUTE(t, add_todo, .title = ATR_STR(t->s, "milk"));

    ATR_TEST_EXECUTE(t, remove_todo, .id = 1);
    ATR_ASSERT_VIEW(t, item_count, 1);
    remove_todo_reply_send(&reply, ATR_UNIT);
    atr_test_drain(t);

    ATR_ASSERT_VIEW(t, item_count, 0);
}

static void live_runs_the_real_start(atr_test *t)
{
    ATR_CAN_LIVE(t, real_time);

    ATR_TEST_EXECUTE(t, real_time);

    ATR_ASSERT_INT(t, 946684800000000, ATR_STATE(t, todos)->saved);
}

static void live_without_a_start_is_an_error(atr_test *t)
{
    ATR_CAN_LIVE(t, remove_todo);

    ATR_TEST_EXECUTE(t, remove_todo, .id = 1);

    ATR_ASSERT_TEXT(t, "remove_todo: the query class has no start_async",
                    ATR_STATE(t, todos)->status);
}

static void later_response_overrides_an_earlier_one(atr_test *t)
{
    ATR_CAN_ERROR(t, add_todo, ATR_DOMAIN_APP, 1, "never");
    ATR_CAN(t, add_todo, &todo_milk);

    ATR_TEST_EXECUTE(t, add_todo, .title = ATR_STR(t->s, "milk"));

    ATR_ASSERT_VIEW(t, item_count, 1);
}

static void response_can_change_in_mid_test(atr_test *t)
{
    ATR_CAN(t, add_todo, &todo_milk);
    ATR_TEST_EXECUTE(t, add_todo, .title = ATR_STR(t->s, "milk"));

    ATR_CAN(t, add_todo, &todo_eggs);
    ATR_TEST_EXECUTE(t, add_todo, .title = ATR_STR(t->s, "eggs"));

    ATR_ASSERT_VIEW(t, item_count, 2);
}

static void can_eggs_next(atr_start *ctx, const add_todo *self, void *user)
{
    ATR_CAN(ATR_TEST_OF(ctx), add_todo, &todo_eggs);
    add_todo_answer(ctx, &todo_milk);
}

static void response_may_put_another_in_its_place(atr_test *t)
{
    ATR_CAN_FN(t, add_todo, can_eggs_next, NULL);

    ATR_TEST_EXECUTE(t, add_todo, .title = ATR_STR(t->s, "milk"));
    ATR_TEST_EXECUTE(t, add_todo, .title = ATR_STR(t->s, "eggs"));

    ATR_ASSERT_VIEW(t, item_count, 2);
}

static void note_told(atr_event *e, const todo_state *was, const todo_state *now, void *user)
{
    atr_test_trace(user, "%d", (int)todo_item_map_count(now->items));
}

static void each_answer_is_told_by_itself(atr_test *t)
{
    int64_t last = 0;
    ATR_CAN(t, add_many, 3);
    ATR_CAN_FN(t, add_todo, number_them, &last);
    ATR_WATCH(t->store, todos, note_told, t, NULL);

    ATR_TEST_EXECUTE(t, add_many, .title = ATR_STR(t->s, "x"));

    ATR_ASSERT_TRACE(t, "1, 2, 3");
}

int main(void)
{
    const atr_test_options todo = {.components = ATR_COMPONENTS(&todos_component)};
    const struct CMUnitTest tests[] = {
        atr_unit_test(static_value_is_the_answer, &todo),
        atr_unit_test(value_made_in_the_test_is_the_answer, &todo),
        atr_unit_test(vector_is_the_answer_of_the_startup_query, &todo),
        atr_unit_test(scalars_units_and_enumerations_are_answers, &todo),
        atr_unit_test(error_takes_the_error_path_of_the_class, &todo),
        atr_unit_test(error_value_reaches_on_error, &todo),
        atr_unit_test(none_stays_pending, &todo),
        atr_unit_test(function_sees_the_query, &todo),
        atr_unit_test(function_sees_the_state, &todo),
        atr_unit_test(function_may_answer_with_an_error, &todo),
        atr_unit_test(function_that_latches_answers_with_its_error, &todo),
        atr_unit_test(function_may_take_a_reply_handle, &todo),
        atr_unit_test(live_runs_the_real_start, &todo),
        atr_unit_test(live_without_a_start_is_an_error, &todo),
        atr_unit_test(later_response_overrides_an_earlier_one, &todo),
        atr_unit_test(response_can_change_in_mid_test, &todo),
        atr_unit_test(response_may_put_another_in_its_place, &todo),
        atr_unit_test(each_answer_is_told_by_itself, &todo),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
