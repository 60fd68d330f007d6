/* Not a test: what types_test.c compiles. WRONG picks the line that must not compile, 0 none. */
#include <atrium/testkit.h>

#include "todo.h"

void number_it(atr_start *ctx, const add_todo *self, void *user);
void was_added(atr_finish *f, const add_todo *self, const todo_item *response, void *user);
void types(atr_test *t, atr_handle handle);

void types(atr_test *t, atr_handle handle)
{
#if WRONG == 0
    ATR_CAN(t, add_todo, &todo_milk);
    ATR_CAN_FN(t, add_todo, number_it, NULL);
    ATR_CAN_ERROR(t, add_todo, ATR_DOMAIN_APP, 1, "%d", 3);
    ATR_TEST_ANSWER(t, add_todo, handle, &todo_milk);
    ATR_TEST_EXECUTE(t, remove_todo, .id = 1);
    ATR_TEST_CALL(t, add_todo, (.title = ATR_STR(t->s, "x")), .on_success = was_added);
    ATR_ASSERT_STATE(t, todos, &todo_state_default);
    ATR_ASSERT_EQUAL(t, &todo_milk, &todo_eggs);
    ATR_ASSERT_VIEW(t, first_open, &todo_milk);
    ATR_ASSERT_VIEW(t, highest_id, ATR_SOME(i64, 1));
#elif WRONG == 1
    ATR_CAN(t, add_todo, &todo_state_default);
#elif WRONG == 2
    ATR_CAN(t, save_todos, &todo_milk);
#elif WRONG == 3
    ATR_CAN(t, remove_todo, 0);
#elif WRONG == 4
    ATR_CAN_FN(t, remove_todo, number_it, NULL);
#elif WRONG == 5
    ATR_CAN_ERROR(t, add_todo, ATR_DOMAIN_APP, 1, "%d", "three");
#elif WRONG == 6
    ATR_CAN_ERROR_VALUE(t, add_todo, &todo_milk);
#elif WRONG == 7
    ATR_TEST_ANSWER(t, add_todo, handle, &todo_state_default);
#elif WRONG == 8
    ATR_TEST_EXECUTE(t, remove_todo, .ID = 1);
#elif WRONG == 9
    ATR_TEST_CALL(t, remove_todo, (.id = 1), .on_success = was_added);
#elif WRONG == 10
    ATR_ASSERT_STATE(t, todos, &todo_milk);
#elif WRONG == 11
    ATR_ASSERT_CONFIRMED(t, todos, &todo_milk);
#elif WRONG == 12
    ATR_ASSERT_EQUAL(t, &todo_milk, &todo_state_default);
#elif WRONG == 13
    ATR_ASSERT_VIEW(t, first_open, &todo_state_default);
#elif WRONG == 14
    ATR_ASSERT_VIEW(t, highest_id, 1);
#elif WRONG == 15
    ATR_CAN(t, load_todos, &todo_milk);
#endif
}
