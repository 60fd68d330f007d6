/* The life cycle of a query that succeeds: order, transactions, what each callback may do. */
#include "life.h"

static void cycle_4_runs_finish_then_on_success_then_listeners_then_subscribers(atr_test *t)
{
    ATR_CAN(t, save, make_note(t, 1, "milk"));
    atr_app_on_success(t->app, NULL, heard_success, "first", NULL);
    atr_app_on_success(t->app, &save_class, heard_success, "second", NULL);
    atr_app_on_success(t->app, &load_class, heard_success, "other class", NULL);
    ATR_WATCH(t->store, books, told, NULL, NULL);

    ATR_TEST_CALL(t, save, (.id = 1, .text = ATR_STR(t->s, "milk")), .on_success = save_succeeded);

    ATR_ASSERT_TRACE(t, "finish, on_success, first, second, told 1");
}

static void cycle_1_a_handle_needs_no_release_and_is_stale_afterwards(atr_test *t)
{
    atr_handle handle;
    ATR_CAN(t, load, make_note(t, 1, "milk"));

    handle = ATR_TEST_EXECUTE(t, load, .id = 1);

    ATR_ASSERT(t, handle.slot != 0);
    ATR_ASSERT_INT(t, ATR_E_STALE, atr_cancel(t, handle));
}

static void t2_a_turn_commits_all_its_updates_at_once(atr_test *t)
{
    ATR_CAN(t, tick, 3);

    ATR_TEST_EXECUTE(t, tick, .by = 3);

    ATR_ASSERT_INT(t, 3, ATR_STATE(t, books)->saves);
    ATR_ASSERT_INT(t, 3, ATR_STATE(t, clocks)->ticks);
}

static void t2_a_turn_reads_its_own_updates(atr_test *t)
{
    ATR_CAN(t, tick, 3);

    ATR_EXECUTE(t, tick, .by = 3);
    ATR_TEST_EXECUTE(t, tick, .by = 3);

    ATR_ASSERT_INT(t, 6, ATR_STATE(t, clocks)->ticks);
}

static void fail_after_update(atr_finish *f, const save *self, const note *response, void *user)
{
    book next = *ATR_STATE(f, books);
    atr_test_trace(ATR_TEST_OF(f), "on_success");
    next.saves = 1000;
    ATR_UPDATE(f, books, next);
    ATR_EXECUTE(f, tick, .by = 1000);
    atr_fail(f, 9, "too late");
}

static void t2a_a_failing_on_success_is_undone_alone_and_goes_to_the_global_handlers(atr_test *t)
{
    int freed = 0;
    ATR_CAN(t, save, make_note(t, 1, "milk"));
    atr_app_on_error(t->app, heard_failure, NULL, NULL);
    atr_app_on_success(t->app, NULL, heard_success, NULL, NULL);

    ATR_TEST_CALL(t, save, (.id = 1, .text = ATR_STR(t->s, "milk")),
                  .on_success = fail_after_update, .on_error = save_failed, .user = &freed,
                  .free_user = count_call);

    ATR_ASSERT_TRACE(t, "finish, on_success, listener, global save 9 in on_success");
    ATR_ASSERT_INT(t, 1, ATR_STATE(t, books)->saves);
    ATR_ASSERT_TEXT(t, "milk", note_map_get(ATR_STATE(t, books)->notes, 1)->text);
    ATR_ASSERT_CALLS(t, tick, 0);
    ATR_ASSERT_INT(t, 1, freed);
}

static void failing_listener(atr_finish *f, const atr_query_class *query_class, const void *query,
                             const atr_value *response, void *user)
{
    book next = *ATR_STATE(f, books);
    next.saves = 1000;
    ATR_UPDATE(f, books, next);
    atr_fail(f, 8, "listener failed");
}

static void t2a_a_failing_listener_is_undone_alone(atr_test *t)
{
    ATR_CAN(t, save, make_note(t, 1, "milk"));
    atr_app_on_error(t->app, heard_failure, NULL, NULL);
    atr_app_on_success(t->app, NULL, failing_listener, NULL, NULL);
    atr_app_on_success(t->app, NULL, heard_success, NULL, NULL);

    ATR_TEST_CALL(t, save, (.id = 1, .text = ATR_STR(t->s, "milk")), .on_success = save_succeeded);

    ATR_ASSERT_TRACE(t, "finish, on_success, listener, global save 8 in a success listener");
    ATR_ASSERT_INT(t, 1, ATR_STATE(t, books)->saves);
}

static void execute_tick(atr_finish *f, const save *self, const note *response, void *user)
{
    ATR_EXECUTE(f, tick, .by = 1);
    atr_test_trace(ATR_TEST_OF(f), "ticks %d", (int)ATR_STATE(f, clocks)->ticks);
}

static void l4_a_query_executed_in_a_callback_starts_after_the_commit(atr_test *t)
{
    ATR_CAN(t, save, make_note(t, 1, "milk"));
    ATR_CAN(t, tick, 1);

    ATR_TEST_CALL(t, save, (.id = 1, .text = ATR_STR(t->s, "milk")), .on_success = execute_tick);

    ATR_ASSERT_TRACE(t, "finish, ticks 0");
    ATR_ASSERT_INT(t, 1, ATR_STATE(t, clocks)->ticks);
}

static void l3_finish_reads_the_state_of_its_own_time(atr_test *t)
{
    atr_handle pending;
    ATR_CAN_NONE(t, load);
    ATR_CAN(t, save, make_note(t, 1, "milk"));
    pending = ATR_TEST_EXECUTE(t, load, .id = 2);

    ATR_TEST_EXECUTE(t, save, .id = 1, .text = ATR_STR(t->s, "milk"));
    ATR_TEST_ANSWER(t, load, pending, make_note(t, 2, "eggs"));

    ATR_ASSERT_INT(t, 2, (int)note_map_count(ATR_STATE(t, books)->notes));
    ATR_ASSERT_INT(t, 2, ATR_STATE(t, books)->saves);
}

static void subscriber_executes(atr_event *e, const book *was, const book *now, void *user)
{
    if (now->saves == 1) {
        ATR_EXECUTE(e, tick, .by = 1);
    }
}

static void t4_a_query_executed_by_a_subscriber_runs_after_the_round(atr_test *t)
{
    ATR_CAN(t, save, make_note(t, 1, "milk"));
    ATR_CAN(t, tick, 1);
    ATR_WATCH(t->store, books, subscriber_executes, NULL, NULL);
    ATR_WATCH(t->store, books, told, NULL, NULL);

    ATR_TEST_EXECUTE(t, save, .id = 1, .text = ATR_STR(t->s, "milk"));

    ATR_ASSERT_TRACE(t, "finish, told 1, told 1");
    ATR_ASSERT_INT(t, 2, ATR_STATE(t, books)->saves);
}

static void free_user_runs_once_after_success(atr_test *t)
{
    int freed = 0;
    ATR_CAN(t, save, make_note(t, 1, "milk"));

    ATR_TEST_CALL(t, save, (.id = 1, .text = ATR_STR(t->s, "milk")), .user = &freed,
                  .free_user = count_call);

    ATR_ASSERT_INT(t, 1, freed);
}

static void s4_a_latched_scope_lets_no_query_out_and_frees_user(atr_test *t)
{
    int freed = 0;
    atr_event e = atr_event_open(t->app);
    atr_handle handle;

    ATR_NEW(e.s, note, .id = 1);
    handle = ATR_CALL(&e, load, (.id = 1), .user = &freed, .free_user = count_call);

    ATR_ASSERT_INT(t, 0, handle.slot);
    ATR_ASSERT_INT(t, 1, freed);
    ATR_ASSERT_INT(t, ATR_E_REFUSED, atr_event_close(&e));
    atr_test_drain(t);
    ATR_ASSERT_CALLS(t, load, 0);
}

static void reset_books(atr_finish *f, const tick *self, int64_t response, void *user)
{
    atr_reset(f, user);
    atr_test_trace(ATR_TEST_OF(f), "saves %d", (int)ATR_STATE(f, books)->saves);
}

static void t1_reset_takes_effect_in_a_turn_of_its_own(atr_test *t)
{
    ATR_CAN(t, tick, 5);

    ATR_TEST_CALL(t, tick, (.by = 5), .on_success = reset_books, .user = (void *)&books_component);

    ATR_ASSERT_TRACE(t, "saves 5");
    ATR_ASSERT_INT(t, 0, ATR_STATE(t, books)->saves);
    ATR_ASSERT_INT(t, 5, ATR_STATE(t, clocks)->ticks);
}

static void reset_without_a_component_resets_all(atr_test *t)
{
    ATR_CAN(t, tick, 5);

    ATR_TEST_CALL(t, tick, (.by = 5), .on_success = reset_books);

    ATR_ASSERT_INT(t, 0, ATR_STATE(t, books)->saves);
    ATR_ASSERT_INT(t, 0, ATR_STATE(t, clocks)->ticks);
}

static void t5_a_view_asked_for_in_finish_sees_the_working_state(atr_test *t)
{
    ATR_CAN(t, save, ATR_NEW(t->s, note, .id = 1, .text = ATR_STR(t->s, "milk"), .done = true));

    ATR_TEST_EXECUTE(t, save, .id = 1, .text = ATR_STR(t->s, "milk"));

    ATR_ASSERT_VIEW(t, done_count, 1);
}

static int starts;
ATR_QUERY(fetch_note, LOAD, ref(note));

static void fetch_note_start(atr_start *ctx, const fetch_note *self)
{
    starts++;
    fetch_note_answer(ctx, &note_default);
}

static void fetch_note_finish(atr_finish *f, const fetch_note *self, const note *response)
{
    atr_test_trace(ATR_TEST_OF(f), "finish %s", response->text->bytes);
}
ATR_QUERY_IMPL(fetch_note, LOAD, ref(note), .start_async = fetch_note_start,
               .finish_with_response = fetch_note_finish);

static void cycle_3_a_canned_response_takes_the_place_of_the_start(atr_test *t)
{
    starts = 0;
    ATR_CAN(t, fetch_note, make_note(t, 1, "milk"));

    ATR_TEST_EXECUTE(t, fetch_note, .id = 1);

    ATR_ASSERT_INT(t, 0, starts);
    ATR_ASSERT_TRACE(t, "finish milk");
}

/* A change of the state that asks nobody. */
ATR_QUERY(rename_all, LOAD, unit);

static void renamed(atr_finish *f, const rename_all *self, atr_unit nothing)
{
    book next = *ATR_STATE(f, books);
    atr_test_trace(ATR_TEST_OF(f), "finish");
    next.saves = self->id;
    ATR_UPDATE(f, books, next);
}
ATR_QUERY_IMPL(rename_all, LOAD, unit, .is_local = true, .finish_with_response = renamed);

static void a_local_query_needs_no_canned_response_and_keeps_to_the_queue(atr_test *t)
{
    ATR_EXECUTE(t, rename_all, .id = 5);
    ATR_ASSERT_TRACE(t, "");

    atr_test_drain(t);

    ATR_ASSERT_TRACE(t, "finish");
    ATR_ASSERT_INT(t, 5, ATR_STATE(t, books)->saves);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        atr_unit_test(cycle_4_runs_finish_then_on_success_then_listeners_then_subscribers, &life),
        atr_unit_test(cycle_1_a_handle_needs_no_release_and_is_stale_afterwards, &life),
        atr_unit_test(t2_a_turn_commits_all_its_updates_at_once, &life),
        atr_unit_test(t2_a_turn_reads_its_own_updates, &life),
        atr_unit_test(t2a_a_failing_on_success_is_undone_alone_and_goes_to_the_global_handlers,
                      &life),
        atr_unit_test(t2a_a_failing_listener_is_undone_alone, &life),
        atr_unit_test(l4_a_query_executed_in_a_callback_starts_after_the_commit, &life),
        atr_unit_test(l3_finish_reads_the_state_of_its_own_time, &life),
        atr_unit_test(t4_a_query_executed_by_a_subscriber_runs_after_the_round, &life),
        atr_unit_test(free_user_runs_once_after_success, &life),
        atr_unit_test(s4_a_latched_scope_lets_no_query_out_and_frees_user, &life),
        atr_unit_test(t1_reset_takes_effect_in_a_turn_of_its_own, &life),
        atr_unit_test(reset_without_a_component_resets_all, &life),
        atr_unit_test(t5_a_view_asked_for_in_finish_sees_the_working_state, &life),
        atr_unit_test(cycle_3_a_canned_response_takes_the_place_of_the_start, &life),
        atr_unit_test(a_local_query_needs_no_canned_response_and_keeps_to_the_queue, &life),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
