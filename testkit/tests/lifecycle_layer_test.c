/* Pre-execute is a layer: predicted responses folded over the confirmed state, gone with the answer. */
#include "life.h"

#define PREDICT(t, id, text) .pre_execute = {true, make_note(t, id, text)}

static atr_handle save_predicted(atr_test *t, int64_t id, const char *text)
{
    return ATR_TEST_CALL(t, save, (.id = id, .text = atr_str_new(t->s, text)), PREDICT(t, id, text),
                         .on_error = save_failed, .on_cancel = save_cancelled,
                         .on_success = save_succeeded);
}

static void cycle_2_a_prediction_is_visible_before_the_answer_and_not_confirmed(atr_test *t)
{
    ATR_CAN_NONE(t, save);
    ATR_WATCH(t->store, books, told, NULL, NULL);

    save_predicted(t, 1, "milk");

    ATR_ASSERT_TEXT(t, "milk", note_map_get(ATR_STATE(t, books)->notes, 1)->text);
    ATR_ASSERT_CONFIRMED(t, books, &book_default);
    ATR_ASSERT_TRACE(t, "told 1");
}

static void confirming_a_right_guess_notifies_nobody(atr_test *t)
{
    atr_handle handle;
    ATR_CAN_NONE(t, save);
    ATR_WATCH(t->store, books, told, NULL, NULL);
    handle = save_predicted(t, 1, "milk");
    ATR_ASSERT_TRACE(t, "told 1");

    ATR_TEST_ANSWER(t, save, handle, make_note(t, 1, "milk"));

    ATR_ASSERT_TRACE(t, "finish, on_success");
    ATR_ASSERT_EQUAL(t, ATR_STATE(t, books), (const book *)atr_test_confirmed(t, &books_root));
}

static void a_wrong_guess_is_corrected_by_the_answer(atr_test *t)
{
    atr_handle handle;
    ATR_CAN_NONE(t, save);
    handle = save_predicted(t, 1, "milk");

    ATR_TEST_ANSWER(t, save, handle, make_note(t, 1, "oat milk"));

    ATR_ASSERT(t, strcmp(text_of(t, 1), "oat milk") == 0);
    ATR_ASSERT_INT(t, 1, ATR_STATE(t, books)->saves);
}

static void an_error_rolls_the_prediction_back(atr_test *t)
{
    atr_handle handle;
    ATR_CAN_NONE(t, save);
    handle = save_predicted(t, 1, "milk");

    ATR_TEST_ANSWER_ERROR(t, save, handle, ATR_DOMAIN_APP, 3, "full");

    ATR_ASSERT_STATE(t, books, &book_default);
    ATR_ASSERT_TRACE(t, "on_error 3");
}

static void other_layers_are_re_applied_when_one_rolls_back(atr_test *t)
{
    atr_handle first;
    ATR_CAN_NONE(t, save);
    first = save_predicted(t, 1, "milk");
    save_predicted(t, 2, "eggs");

    ATR_TEST_ANSWER_ERROR(t, save, first, ATR_DOMAIN_APP, 3, "full");

    ATR_ASSERT(t, strcmp(text_of(t, 1), "") == 0);
    ATR_ASSERT(t, strcmp(text_of(t, 2), "eggs") == 0);
    ATR_ASSERT_INT(t, 1, ATR_STATE(t, books)->saves);
}

static void several_layers_confirm_in_any_order(atr_test *t)
{
    atr_handle first, second, third;
    ATR_CAN_NONE(t, save);
    first = save_predicted(t, 1, "milk");
    second = save_predicted(t, 2, "eggs");
    third = save_predicted(t, 1, "oat milk");

    ATR_TEST_ANSWER(t, save, second, make_note(t, 2, "eggs"));
    ATR_ASSERT(t, strcmp(text_of(t, 1), "oat milk") == 0);
    ATR_TEST_ANSWER(t, save, third, make_note(t, 1, "oat milk"));
    ATR_TEST_ANSWER(t, save, first, make_note(t, 1, "milk"));

    ATR_ASSERT(t, strcmp(text_of(t, 1), "milk") == 0); /* the last answer wins, as it came */
    ATR_ASSERT_INT(t, 3, ATR_STATE(t, books)->saves);
    ATR_ASSERT_EQUAL(t, ATR_STATE(t, books), (const book *)atr_test_confirmed(t, &books_root));
}

static void finish_works_on_confirmed_state_under_other_layers(atr_test *t)
{
    ATR_CAN_NONE(t, save);
    ATR_CAN(t, load, make_note(t, 5, "bread"));
    save_predicted(t, 1, "milk");

    ATR_TEST_EXECUTE(t, load, .id = 5);

    ATR_ASSERT_INT(t, 1, ((const book *)atr_test_confirmed(t, &books_root))->saves);
    ATR_ASSERT_INT(t, 2, ATR_STATE(t, books)->saves);
}

static void a_layer_whose_fold_fails_contributes_nothing_and_stays_pending(atr_test *t)
{
    atr_handle handle;
    ATR_CAN_NONE(t, save);
    handle = save_predicted(t, 1, "refuse");
    ATR_ASSERT_STATE(t, books, &book_default);

    ATR_TEST_ANSWER(t, save, handle, make_note(t, 1, "milk"));

    ATR_ASSERT(t, strcmp(text_of(t, 1), "milk") == 0);
    ATR_ASSERT_CALLS(t, tick, 0); /* effects of a layer are ignored */
}

static void reset_from_tick(atr_finish *f, const tick *self, int64_t response, void *user)
{
    atr_reset(f, &books_component);
}

static void reset_drops_the_layers_of_what_it_resets(atr_test *t)
{
    atr_handle handle;
    ATR_CAN_NONE(t, save);
    ATR_CAN(t, tick, 1);
    handle = save_predicted(t, 1, "milk");

    ATR_TEST_CALL(t, tick, (.by = 1), .on_success = reset_from_tick);
    ATR_ASSERT_STATE(t, books, &book_default);
    ATR_TEST_ANSWER(t, save, handle, make_note(t, 1, "milk"));

    ATR_ASSERT(t, strcmp(text_of(t, 1), "milk") == 0);
}

static void a_prediction_is_told_before_an_immediate_answer(atr_test *t)
{
    ATR_CAN(t, save, make_note(t, 1, "milk"));
    ATR_WATCH(t->store, books, told, NULL, NULL);

    save_predicted(t, 1, "milk");

    ATR_ASSERT_TRACE(t, "told 1, finish, on_success");
}

static void views_read_visible_state(atr_test *t)
{
    const note *done = ATR_NEW(t->s, note, .id = 1, .text = ATR_STR(t->s, "milk"), .done = true);
    atr_handle handle;
    ATR_CAN_NONE(t, save);

    handle = ATR_TEST_CALL(t, save, (.id = 1, .text = done->text), .pre_execute = {true, done},
                           .on_error = save_failed);
    ATR_ASSERT_VIEW(t, done_count, 1);
    ATR_TEST_ANSWER_ERROR(t, save, handle, ATR_DOMAIN_APP, 3, "full");

    ATR_ASSERT_VIEW(t, done_count, 0);
}

/* Clock and randomness in a layer are those of its execution, at every fold. */
ATR_QUERY(stamp, TICK, i64);

static void stamp_finish(atr_finish *f, const stamp *self, int64_t response)
{
    clock_state next = *ATR_STATE(f, clocks);
    next.ticks = (int64_t)(atr_random(f) >> 1) ^ atr_now(f);
    ATR_UPDATE(f, clocks, next);
}
ATR_QUERY_IMPL(stamp, TICK, i64, .finish_with_response = stamp_finish);

static void clock_and_randomness_are_frozen_in_a_layer(atr_test *t)
{
    int64_t first;
    ATR_CAN_NONE(t, stamp);
    ATR_CAN(t, load, make_note(t, 1, "milk"));
    ATR_TEST_CALL(t, stamp, (.by = 1), .pre_execute = {true, 1});
    first = ATR_STATE(t, clocks)->ticks;

    atr_test_advance(t, 1000);
    ATR_TEST_EXECUTE(t, load, .id = 1); /* folds the layer again */

    ATR_ASSERT_INT(t, first, ATR_STATE(t, clocks)->ticks);
    ATR_ASSERT(t, first != 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        atr_unit_test(cycle_2_a_prediction_is_visible_before_the_answer_and_not_confirmed, &life),
        atr_unit_test(confirming_a_right_guess_notifies_nobody, &life),
        atr_unit_test(a_wrong_guess_is_corrected_by_the_answer, &life),
        atr_unit_test(an_error_rolls_the_prediction_back, &life),
        atr_unit_test(other_layers_are_re_applied_when_one_rolls_back, &life),
        atr_unit_test(several_layers_confirm_in_any_order, &life),
        atr_unit_test(finish_works_on_confirmed_state_under_other_layers, &life),
        atr_unit_test(a_layer_whose_fold_fails_contributes_nothing_and_stays_pending, &life),
        atr_unit_test(reset_drops_the_layers_of_what_it_resets, &life),
        atr_unit_test(a_prediction_is_told_before_an_immediate_answer, &life),
        atr_unit_test(views_read_visible_state, &life),
        atr_unit_test(clock_and_randomness_are_frozen_in_a_layer, &life),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
