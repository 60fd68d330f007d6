/* Failing in callbacks: the kit's assertions record and let the engine go on; a foreign one jumps
 * out of the engine, and the next test is sound. */
#include <atrium/memory.h>

#include "inner.h"

/* ---- assertions of the kit in callbacks ---- */

static void fail_in_success(atr_finish *f, const add_todo *self, const todo_item *response,
                            void *user)
{
    ATR_ASSERT_EQUAL(ATR_TEST_OF(f), &todo_eggs, response);
    ATR_ASSERT(ATR_TEST_OF(f), self->title == NULL);
    atr_test_trace(user, "went on");
}

static void assertion_in_a_callback_is_told_when_the_step_returns(void **state)
{
    told to;
    atr_test *t = inner_open(&to);
    ATR_CAN(t, add_todo, &todo_milk);

    ATR_TEST_CALL(t, add_todo, (.title = ATR_STR(t->s, "milk")), .on_success = fail_in_success,
                  .user = t);

    assert_int_equal(to.times, 1);
    assert_string_equal(to.text, "response is not as expected (expected -> actual):\n"
                                 "  id: 2 -> 1\n"
                                 "  title: \"eggs\" -> \"milk\"\n"
                                 "not true: self->title == NULL\n");
    ATR_ASSERT_TRACE(t, "went on");
    ATR_ASSERT_VIEW(t, item_count, 1);
    assert_int_equal(inner_close(t), 2);
}

static void fail_in_can(atr_start *ctx, const add_todo *self, void *user)
{
    ATR_FAIL(ATR_TEST_OF(ctx), "in the can");
    add_todo_answer(ctx, &todo_milk);
}

static void fail_in_watch(atr_event *e, const todo_state *was, const todo_state *now, void *user)
{
    ATR_FAIL(ATR_TEST_OF(e), "in the subscriber");
    ATR_ASSERT_STATE(ATR_TEST_OF(e), todos, was);
}

static void assertions_in_every_callback_of_a_step_are_told_together(void **state)
{
    told to;
    atr_test *t = inner_open(&to);
    ATR_CAN_FN(t, add_todo, fail_in_can, NULL);
    ATR_WATCH(t->store, todos, fail_in_watch, NULL, NULL);

    ATR_TEST_EXECUTE(t, add_todo, .title = ATR_STR(t->s, "milk"));

    assert_int_equal(to.times, 1);
    assert_string_equal(to.text, "in the can\n"
                                 "in the subscriber\n"
                                 "todos is not as expected (expected -> actual):\n"
                                 "  items[1]: added todo_item{id: 1, title: \"milk\", done: "
                                 "false}\n");
    assert_int_equal(inner_close(t), 3);
}

static jmp_buf way_out;

static void jump_out(void *user, const atr_test_failure *failures, size_t count)
{
    longjmp(way_out, 1);
}

static atr_test *jumping_open(void)
{
    const atr_test_options options = {.components = ATR_COMPONENTS(&todos_component),
                                      .fail = jump_out};
    atr_test *t = atr_test_open(&options);
    assert_non_null(t);
    return t;
}

static void hook_that_jumps_leaves_the_engine_whole(void **state)
{
    atr_test *t = jumping_open();
    ATR_CAN_FN(t, add_todo, fail_in_can, NULL);
    if (setjmp(way_out) == 0) {
        ATR_TEST_EXECUTE(t, add_todo, .title = ATR_STR(t->s, "milk"));
        fail_msg("the hook did not jump");
    }

    ATR_CAN(t, add_todo, &todo_eggs);
    ATR_TEST_EXECUTE(t, add_todo, .title = ATR_STR(t->s, "eggs"));

    ATR_ASSERT_VIEW(t, item_count, 2);
    assert_int_equal(atr_test_end(t), 1);
    atr_test_free(t);
}

static void hook_may_jump_out_of_the_end(void **state)
{
    atr_test *t = jumping_open();
    ATR_CAN(t, add_todo, &todo_eggs);
    if (setjmp(way_out) == 0) {
        atr_test_end(t);
        fail_msg("the hook did not jump");
    }

    assert_null(t->app);
    assert_int_equal(atr_test_end(t), 1);
    atr_test_free(t);
}

static void hook_may_jump_out_of_the_body(void **state)
{
    size_t before = atr_memory_now().blocks;
    atr_test *t = jumping_open();
    ATR_CAN_NONE(t, add_todo);
    ATR_TEST_EXECUTE(t, add_todo, .title = ATR_STR(t->s, "milk"));
    if (setjmp(way_out) == 0) {
        ATR_ASSERT(t, false);
        fail_msg("the hook did not jump");
    }

    atr_test_free(t);

    assert_int_equal(atr_memory_now().blocks, before);
}

/* ---- jumps out of callbacks, as cmocka's own assertions make them ---- */

static void leave(void)
{
    longjmp(way_out, 1);
}

static void leave_success(atr_finish *f, const add_todo *self, const todo_item *response,
                          void *user)
{
    ATR_UPDATE(f, todos, *ATR_STATE(f, todos));
    leave();
}

static void out_of_on_success(atr_test *t)
{
    ATR_CAN(t, add_todo, &todo_milk);
    ATR_TEST_CALL(t, add_todo, (.title = ATR_STR(t->s, "milk")), .on_success = leave_success);
}

static void leave_error(atr_finish *f, const add_todo *self, const atr_error *error, void *user)
{
    leave();
}

static void out_of_on_error(atr_test *t)
{
    ATR_CAN_ERROR(t, add_todo, ATR_DOMAIN_APP, 1, "no");
    ATR_TEST_CALL(t, add_todo, (.title = ATR_STR(t->s, "milk")), .on_error = leave_error);
}

static void out_of_a_timeout(atr_test *t)
{
    ATR_CAN_NONE(t, add_todo);
    ATR_TEST_CALL(t, add_todo, (.title = ATR_STR(t->s, "milk")), .on_error = leave_error);
    atr_test_advance(t, 5000);
}

static void leave_can(atr_start *ctx, const add_todo *self, void *user)
{
    ATR_NEW(ctx->s, todo_item, .id = 1, .title = self->title);
    leave();
}

static void out_of_a_canned_function(atr_test *t)
{
    ATR_CAN_FN(t, add_todo, leave_can, NULL);
    ATR_TEST_EXECUTE(t, add_todo, .title = ATR_STR(t->s, "milk"));
}

static void leave_watch(atr_event *e, const todo_state *was, const todo_state *now, void *user)
{
    leave();
}

static void out_of_a_subscriber(atr_test *t)
{
    ATR_CAN(t, add_todo, &todo_milk);
    ATR_WATCH(t->store, todos, leave_watch, NULL, NULL);
    ATR_TEST_EXECUTE(t, add_todo, .title = ATR_STR(t->s, "milk"));
}

static void leave_cancel(atr_finish *f, const add_todo *self, void *user)
{
    leave();
}

static void out_of_on_cancel(atr_test *t)
{
    ATR_CAN_NONE(t, add_todo);
    atr_handle handle =
        ATR_TEST_CALL(t, add_todo, (.title = ATR_STR(t->s, "milk")), .on_cancel = leave_cancel);
    ATR_TEST_CANCEL(t, handle);
}

static void leave_handler(atr_finish *f, const atr_failure *failure, void *user)
{
    leave();
}

static void out_of_a_global_handler(atr_test *t)
{
    ATR_CAN_ERROR(t, add_todo, ATR_DOMAIN_APP, 1, "no");
    atr_app_on_error(t->app, leave_handler, NULL, NULL);
    ATR_TEST_EXECUTE(t, add_todo, .title = ATR_STR(t->s, "milk"));
}

static void leave_in_layer(atr_finish *f, const atr_query_class *query_class, const void *query,
                           const atr_value *response, void *user)
{
    ATR_EXECUTE(f, add_todo, .title = ATR_STR(f->s, "more"));
    leave();
}

static void out_of_a_listener_over_a_layer(atr_test *t)
{
    ATR_CAN_NONE(t, add_todo);
    ATR_TEST_CALL(t, add_todo, (.title = ATR_STR(t->s, "milk")), .pre_execute = {true, &todo_milk});
    ATR_CAN(t, remove_todo, ATR_UNIT);
    atr_app_on_success(t->app, NULL, leave_in_layer, NULL, NULL);
    ATR_TEST_EXECUTE(t, remove_todo, .id = 3);
}

static void free_and_leave(void *user)
{
    leave();
}

static void out_of_free_user(atr_test *t)
{
    ATR_CAN(t, add_todo, &todo_milk);
    ATR_TEST_CALL(t, add_todo, (.title = ATR_STR(t->s, "milk")), .free_user = free_and_leave);
}

static void execute_and_leave(atr_event *e, const todo_state *was, const todo_state *now,
                              void *user)
{
    atr_test *t = user;
    ATR_CAN(t, add_todo, &todo_eggs);
    ATR_TEST_CALL(t, add_todo, (.title = ATR_STR(t->s, "eggs")), .on_success = leave_success);
}

static void out_of_a_step_in_a_subscriber(atr_test *t)
{
    ATR_CAN(t, add_todo, &todo_milk);
    ATR_WATCH(t->store, todos, execute_and_leave, t, NULL);
    ATR_TEST_EXECUTE(t, add_todo, .title = ATR_STR(t->s, "milk"));
}

static void check_a_sound_test(void)
{
    told to;
    atr_test *t = inner_open(&to);
    ATR_CAN(t, add_todo, &todo_milk);

    ATR_TEST_EXECUTE(t, add_todo, .title = ATR_STR(t->s, "milk"));

    ATR_ASSERT_VIEW(t, item_count, 1);
    assert_int_equal(inner_close(t), 0);
    assert_string_equal(to.text, "");
}

/* @param end whether the test is ended, or only freed as a teardown does after a jump */
static void check_jump(void (*body)(atr_test *t), bool churn, bool end)
{
    told to;
    atr_memory before = atr_memory_now(), after;
    atr_test *t = inner_open(&to);
    atr_test_churn(t, churn);
    if (setjmp(way_out) == 0) {
        body(t);
        fail_msg("nothing jumped");
    }
    if (end) {
        assert_int_equal(atr_test_end(t), 0);
        assert_null(t->app);
        assert_null(t->s);
    }
    atr_test_free(t);
    after = atr_memory_now();
    assert_int_equal(after.blocks, before.blocks);
    assert_int_equal(after.pools, before.pools);
    assert_int_equal(after.values, before.values);
    check_a_sound_test();
}

#define JUMPS(X)                      \
    X(out_of_on_success)              \
    X(out_of_on_error)                \
    X(out_of_a_timeout)               \
    X(out_of_a_canned_function)       \
    X(out_of_a_subscriber)            \
    X(out_of_on_cancel)               \
    X(out_of_a_global_handler)        \
    X(out_of_a_listener_over_a_layer) \
    X(out_of_free_user)               \
    X(out_of_a_step_in_a_subscriber)

#define TEST(name)                        \
    static void jump_##name(void **state) \
    {                                     \
        check_jump(name, false, true);    \
        check_jump(name, true, false);    \
    }
JUMPS(TEST)

static void jump_while_another_test_is_open(void **state)
{
    told to;
    atr_test *outer = inner_open(&to);
    ATR_CAN(outer, add_todo, &todo_milk);

    check_jump(out_of_on_success, false, true);
    ATR_TEST_EXECUTE(outer, add_todo, .title = ATR_STR(outer->s, "milk"));

    ATR_ASSERT_VIEW(outer, item_count, 1);
    atr_test_allow(outer, ATR_ALLOW_LEAKS);
    assert_int_equal(inner_close(outer), 0);
}

int main(void)
{
#define ENTRY(name) cmocka_unit_test(jump_##name),
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(assertion_in_a_callback_is_told_when_the_step_returns),
        cmocka_unit_test(assertions_in_every_callback_of_a_step_are_told_together),
        cmocka_unit_test(hook_that_jumps_leaves_the_engine_whole),
        cmocka_unit_test(hook_may_jump_out_of_the_end),
        cmocka_unit_test(hook_may_jump_out_of_the_body),
        JUMPS(ENTRY) cmocka_unit_test(jump_while_another_test_is_open),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
