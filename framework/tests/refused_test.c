/* What the system, the world or a latch refuses, and what is added or cancelled while it is dealt with. */
#include <sys/resource.h>

#include "fixture.h"

#include <atrium/worker.h>

#include "app_private.h"

static int open_app(void **state)
{
    fixture_open();
    return 0;
}

static int open_checked(void **state)
{
    atr_memory_check(true);
    fixture_open();
    atr_memory_check(false);
    return 0;
}

static int close_app(void **state)
{
    fixture_close();
    return 0;
}

/* ---- work that nobody does ---- */

static int worked, work_errors;
static int32_t work_code;
static char work_text[128];

ATR_QUERY(toil, NO_INPUTS, i64);
static int64_t toil_work(atr_worker *w, const toil *self)
{
    return 7;
}

static void toil_finish(atr_finish *f, const toil *self, int64_t response)
{
    worked += response == 7;
}

static void toil_error(atr_finish *f, const toil *self, const atr_error *error)
{
    work_errors++;
    work_code = error->code;
    snprintf(work_text, sizeof work_text, "%s", error->message->bytes);
}
ATR_QUERY_IMPL(toil, NO_INPUTS, i64, .work = toil_work, .finish_with_response = toil_finish,
               .finish_with_error = toil_error);

static void toil_once(void)
{
    atr_event e = atr_event_open(fx.app);
    int before = worked + work_errors;
    ATR_EXECUTE(&e, toil);
    assert_int_equal(atr_event_close(&e), ATR_OK);
    while (worked + work_errors == before) {
        atr_app_drain(fx.app);
    }
}

static int open_to_work(void **state)
{
    worked = 0;
    work_errors = 0;
    return open_app(state);
}

static int refuse_work(void *self, void (*run)(void *job), void *job)
{
    return ATR_E_LIMIT;
}

static void work_that_the_world_refuses_is_an_error_of_its_query(void **state)
{
    fx.app->world.work = refuse_work;
    toil_once();
    assert_int_equal(work_errors, 1);
    assert_int_equal(work_code, ATR_E_LIMIT);
    assert_non_null(strstr(work_text, "toil: no worker thread"));

    fx.app->world.work = NULL;
    toil_once();
    assert_int_equal(worked, 1);
    assert_int_equal(fx.violations, 0);
}

/* No thread can be made whose stack is larger than the memory. */
static void work_without_a_thread_is_an_error_of_its_query(void **state)
{
    struct rlimit usual, huge;
    assert_int_equal(getrlimit(RLIMIT_STACK, &usual), 0);
    huge = usual;
    huge.rlim_cur = (rlim_t)1 << 50;
    if (usual.rlim_max != RLIM_INFINITY || setrlimit(RLIMIT_STACK, &huge) != 0) {
        return; /* not allowed here */
    }
    toil_once();
    assert_int_equal(setrlimit(RLIMIT_STACK, &usual), 0);
    assert_int_equal(work_errors, 1);
    assert_int_equal(work_code, ATR_E_SYSTEM);

    toil_once();
    assert_int_equal(worked, 1);
}

/* ---- latches ---- */

static void s4_nothing_leaves_by_a_scope_inside_of_a_latched_one(void **state)
{
    const add_call call = {.free_user = count_free};
    atr_event e = atr_event_open(fx.app);
    atr_scope *inner = atr_scope_open(e.s);
    atr_refuse(e.s, ATR_E_LIMIT, "latched");

    atr_handle handle = add_execute(e.run, inner, (add){.atr = ATR_DRAFT, .by = 1}, &call);

    assert_null(atr_scope_error(inner));
    assert_int_equal(handle.slot, 0);
    assert_int_equal(fx.freed_users, 1);
    atr_scope_close(inner);
    assert_int_equal(atr_event_close(&e), ATR_E_LIMIT);
    fixture_settle();
    assert_int_equal(atr_app_stats_now(fx.app).succeeded, 0);
}

static void s4_nothing_leaves_by_a_latched_scope_inside_of_another(void **state)
{
    atr_event e = atr_event_open(fx.app);
    atr_scope *inner = atr_scope_open(e.s);
    atr_refuse(inner, ATR_E_LIMIT, "latched");

    atr_handle handle = add_execute(e.run, inner, (add){.atr = ATR_DRAFT, .by = 1}, NULL);

    assert_int_equal(handle.slot, 0);
    atr_scope_take_error(inner);
    handle = add_execute(e.run, inner, (add){.atr = ATR_DRAFT, .by = 1}, NULL);
    assert_int_not_equal(handle.slot, 0);
    atr_scope_close(inner);
    assert_int_equal(atr_event_close(&e), ATR_OK);
    fixture_settle();
}

/* ---- queries that are none, or another's ---- */

static int32_t refused_code(const void *query)
{
    const atr_call call = {.free_user = count_free};
    atr_event e = atr_event_open(fx.app);
    int freed = fx.freed_users;
    atr_handle handle = atr_execute(e.run, e.s, &add_class, query, &call);
    const atr_error *error = atr_scope_take_error(e.s);
    int32_t code = error != NULL ? error->code : 0;
    assert_int_equal(handle.slot, 0);
    assert_int_equal(fx.freed_users, freed + 1);
    atr_event_close(&e);
    fixture_settle();
    return code;
}

static void what_is_no_query_of_the_class_is_not_executed(void **state)
{
    static const add literal = {ATR_DRAFT, .by = 1};

    assert_int_equal(refused_code(&literal), ATR_E_REFUSED);
    assert_int_equal(refused_code(&counter_default), ATR_E_TYPE);

    assert_int_equal(number_now(), 0);
    assert_int_equal(atr_app_stats_now(fx.app).succeeded, 0);
}

static void a_query_of_another_app_is_not_executed(void **state)
{
    atr_app *other = atr_app_new(NULL);
    atr_event e = atr_event_open(fx.app), elsewhere = atr_event_open(other);
    atr_handle handle;

    assert_int_equal(refused_code(ATR_NEW(elsewhere.s, add, .by = 1)), ATR_E_REFUSED);
    handle = add_execute(e.run, elsewhere.s, (add){.atr = ATR_DRAFT, .by = 1}, NULL);
    assert_int_equal(handle.slot, 0);
    assert_int_equal(atr_scope_take_error(e.s)->code, ATR_E_REFUSED);

    atr_event_close(&elsewhere);
    atr_event_close(&e);
    atr_app_close(other, NULL, NULL);
    fixture_settle();
    assert_int_equal(number_now(), 0);
}

static void a_call_with_options_of_another_app_is_not_executed(void **state)
{
    atr_app *other = atr_app_new(NULL);
    atr_event e = atr_event_open(fx.app), elsewhere = atr_event_open(other);
    const atr_call call = {.key = ATR_STR(elsewhere.s, "key"), .free_user = count_free};

    assert_int_equal(atr_execute(e.run, elsewhere.s, &add_class, &add_default, &call).slot, 0);
    assert_int_equal(atr_scope_take_error(e.s)->code, ATR_E_REFUSED);
    assert_int_equal(fx.freed_users, 1);

    atr_event_close(&elsewhere);
    atr_event_close(&e);
    atr_app_close(other, NULL, NULL);
    fixture_settle();
    assert_int_equal(atr_app_stats_now(fx.app).succeeded, 0);
}

/* Which looks like a value; where pools are not checked it is not told from one. */
static void checked_pools_find_a_copy_of_a_query_on_the_stack(void **state)
{
    atr_event e = atr_event_open(fx.app);
    add copy = *ATR_NEW(e.s, add, .by = 1);

    assert_int_equal(refused_code(&copy), ATR_E_REFUSED);

    atr_event_close(&e);
    assert_int_equal(number_now(), 0);
}

static void a_query_of_the_thread_or_a_default_may_be_executed(void **state)
{
    atr_event e = atr_event_open(fx.app);
    atr_scope *s = atr_scope_open(NULL);
    assert_int_not_equal(atr_execute(e.run, e.s, &add_class, &add_default, NULL).slot, 0);
    const add *made = ATR_NEW(s, add, .by = 2);
    assert_int_not_equal(atr_execute(e.run, e.s, &add_class, made, NULL).slot, 0);
    atr_scope_close(s);
    atr_event_close(&e);
    fixture_settle();

    assert_int_equal(number_now(), 2);
}

/* ---- while an outcome is told ---- */

static int heard_first, heard_second;

static void hear_second(atr_finish *f, const atr_failure *failure, void *user)
{
    heard_second++;
}

static void hear_first(atr_finish *f, const atr_failure *failure, void *user)
{
    if (heard_first++ == 0) {
        assert_int_equal(atr_app_on_error(fx.app, hear_second, NULL, NULL), ATR_OK);
    }
}

static void fail_once(void)
{
    atr_event e = atr_event_open(fx.app);
    ATR_EXECUTE(&e, add, .by = -1); /* its finish fails */
    assert_int_equal(atr_event_close(&e), ATR_OK);
    fixture_settle();
}

static void a_handler_added_while_a_failure_is_told_hears_the_next_one(void **state)
{
    heard_first = 0;
    heard_second = 0;
    assert_int_equal(atr_app_on_error(fx.app, hear_first, NULL, NULL), ATR_OK);

    fail_once();
    assert_int_equal(heard_first, 1);
    assert_int_equal(heard_second, 0);

    fail_once();
    assert_int_equal(heard_first, 2);
    assert_int_equal(heard_second, 1);
}

static atr_handle second;

/* When this is finished the other has answered, too. */
ATR_QUERY(cancel_second, NO_INPUTS, unit);
static void cancel_second_finish(atr_finish *f, const cancel_second *self, atr_unit response)
{
    assert_int_equal(atr_cancel(f, second), ATR_OK);
}
ATR_QUERY_IMPL(cancel_second, NO_INPUTS, unit, .is_local = true,
               .finish_with_response = cancel_second_finish);

static void l2_an_answer_that_was_there_when_its_query_is_cancelled_counts_as_late(void **state)
{
    atr_event e = atr_event_open(fx.app);
    atr_app_stats stats;
    ATR_EXECUTE(&e, cancel_second);
    second = ATR_EXECUTE(&e, add, .by = 1);
    atr_event_close(&e);
    fixture_settle();

    stats = atr_app_stats_now(fx.app);
    assert_int_equal(stats.cancelled, 1);
    assert_int_equal(stats.late_answers, 1);
    assert_int_equal(stats.succeeded, 1);
}

static void a_query_that_is_cancelled_before_it_starts_has_no_late_answer(void **state)
{
    atr_event e = atr_event_open(fx.app);
    atr_handle handle = ATR_EXECUTE(&e, add, .by = 1);
    assert_int_equal(atr_cancel(&e, handle), ATR_OK);
    atr_event_close(&e);
    fixture_settle();

    assert_int_equal(atr_app_stats_now(fx.app).cancelled, 1);
    assert_int_equal(atr_app_stats_now(fx.app).late_answers, 0);
}

#define OPENED(test) cmocka_unit_test_setup_teardown(test, open_app, close_app)
#define CHECKED(test) cmocka_unit_test_setup_teardown(test, open_checked, close_app)
#define TO_WORK(test) cmocka_unit_test_setup_teardown(test, open_to_work, close_app)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TO_WORK(work_that_the_world_refuses_is_an_error_of_its_query),
        TO_WORK(work_without_a_thread_is_an_error_of_its_query),
        OPENED(s4_nothing_leaves_by_a_scope_inside_of_a_latched_one),
        OPENED(s4_nothing_leaves_by_a_latched_scope_inside_of_another),
        OPENED(what_is_no_query_of_the_class_is_not_executed),
        OPENED(a_query_of_another_app_is_not_executed),
        OPENED(a_call_with_options_of_another_app_is_not_executed),
        CHECKED(checked_pools_find_a_copy_of_a_query_on_the_stack),
        OPENED(a_query_of_the_thread_or_a_default_may_be_executed),
        OPENED(a_handler_added_while_a_failure_is_told_hears_the_next_one),
        OPENED(l2_an_answer_that_was_there_when_its_query_is_cancelled_counts_as_late),
        OPENED(a_query_that_is_cancelled_before_it_starts_has_no_late_answer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
