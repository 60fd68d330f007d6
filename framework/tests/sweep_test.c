/* Allocation sweep: a whole life of an app is lived again and again, and each time one more allocation
 * fails. Nothing may crash or leak, every query has one outcome, and no turn commits by halves. */
#include <stdatomic.h>
#include <stdlib.h>

#include "failing.h"
#include "fixture.h"

#include <atrium/turn.h>

static struct {
    bool closed;
    int outcomes;
    int frees;
    int executed;
} life;

static void mark_closed(void *user)
{
    life.closed = true;
}

static void succeeded(atr_finish *f, const add *self, int64_t response, void *user)
{
    life.outcomes++;
}

static void failed(atr_finish *f, const add *self, const atr_error *error, void *user)
{
    life.outcomes++;
}

static void freed(void *user)
{
    life.frees++;
}

static void told(atr_event *e, const counter *was, const counter *now, void *user)
{
    assert_int_equal(now->number % 10, 0); /* both updates of a turn, or none */
}

/* Both steps of a turn must be seen together. */
ATR_QUERY(add_in_two, ADD, i64);

static void two_start(atr_start *ctx, const add_in_two *self)
{
    add_in_two_answer(ctx, self->by);
}

static void two_finish(atr_finish *f, const add_in_two *self, int64_t response)
{
    counter next = *ATR_STATE(f, tally);
    next.number += response;
    ATR_UPDATE(f, tally, next);
    next.words = atr_str_vec_push(f->s, next.words, atr_str_format(f->s, "word %d", 3));
    next.number += response;
    ATR_UPDATE(f, tally, next);
}
ATR_QUERY_IMPL(add_in_two, ADD, i64, .start_async = two_start, .finish_with_response = two_finish);

/* Answered by another thread. */
ATR_QUERY(ask, ADD, i64);
static ask_reply asked;

static void ask_start(atr_start *ctx, const ask *self)
{
    asked = ask_reply_later(ctx);
}
ATR_QUERY_IMPL(ask, ADD, i64, .start_async = ask_start);

static void answer_elsewhere(void *user)
{
    ask_reply_scope(&asked); /* a scalar needs none: it is sent also when there was no memory */
    ask_reply_send(&asked, 5);
}

static void ask_a_thread(atr_app *app)
{
    atr_event e = atr_event_open(app);
    uv_thread_t thread;
    if (e.s == NULL) {
        return;
    }
    memset(&asked, 0, sizeof asked);
    ATR_EXECUTE(&e, ask, .by = 5);
    atr_event_close(&e);
    atr_app_drain(app);
    assert_int_equal(uv_thread_create(&thread, answer_elsewhere, NULL), 0);
    uv_thread_join(&thread);
    atr_app_drain(app);
}

static void execute_some(atr_app *app)
{
    atr_event e = atr_event_open(app);
    atr_handle handle;
    if (e.s == NULL) {
        return;
    }
    ATR_EXECUTE(&e, add_in_two, .by = 5);
    handle = ATR_CALL(&e, add, (.by = 10), .on_success = succeeded, .on_error = failed,
                      .pre_execute = {true, 10}, .user = &life, .free_user = freed);
    life.executed++;
    if (handle.slot == 0) {
        life.outcomes++; /* refused: told at once */
    }
    handle = ATR_CALL(&e, add, (.by = -1), .on_error = failed, .user = &life, .free_user = freed);
    life.executed++;
    if (handle.slot == 0) {
        life.outcomes++;
    }
    handle = ATR_EXECUTE(&e, hang, .number = 1);
    atr_cancel(&e, handle);
    atr_event_close(&e);
    atr_app_drain(app);
    atr_app_drain(app); /* what memory had no room for is tried again */
}

static void one_life(void)
{
    atr_app *app = atr_app_new(NULL);
    memset(&life, 0, sizeof life);
    memset(&fx.reply, 0, sizeof fx.reply);
    if (app == NULL) {
        return;
    }
    if (atr_app_register(app, &tally_component) == ATR_OK) {
        ATR_WATCH(atr_app_store(app), tally, told, NULL, NULL);
        execute_some(app);
        ask_a_thread(app);
    }
    while (atr_app_close(app, mark_closed, NULL) == ATR_E_NO_MEMORY) {
    }
    hang_reply_drop(&fx.reply); /* when there was no memory for its cancel, it had started */
    assert_true(life.closed);
    assert_int_equal(life.outcomes, life.executed);
    assert_int_equal(life.frees, life.executed);
}

static void every_allocation_may_fail_once(void **state)
{
    size_t nth = 0;
    do {
        failing_after(nth++);
        one_life();
        assert_int_equal(atr_memory_now().blocks, 0);
    } while (failing_stop());
    assert_true(nth > 20);
}

/* The gate stands before every value of the app, also where a pool has room. */
static void every_value_may_be_refused_once(void **state)
{
    size_t nth = 0;
    do {
        atr_app *app = atr_app_new(NULL);
        failing_after(nth++);
        memset(&life, 0, sizeof life);
        atr_pool_gate(atr_store_pool(atr_app_store(app)), failing_gate, NULL);
        if (atr_app_register(app, &tally_component) == ATR_OK) {
            ATR_WATCH(atr_app_store(app), tally, told, NULL, NULL);
            execute_some(app);
        }
        assert_int_equal(atr_app_close(app, mark_closed, NULL), ATR_OK);
        assert_true(life.closed);
        assert_int_equal(life.outcomes, life.executed);
        assert_int_equal(life.frees, life.executed);
        assert_int_equal(atr_memory_now().blocks, 0);
    } while (failing_stop());
    assert_true(nth > 10);
}

/* Enough roots that the tables grow. */
#define MORE(R)           \
    ATR_ROOT(R, counter); \
    ATR_ROOT_IMPL(R, counter, &counter_default)
MORE(tally_2);
MORE(tally_3);
MORE(tally_4);
MORE(tally_5);
MORE(tally_6);
MORE(tally_7);
MORE(tally_8);
MORE(tally_9);
static const atr_component many = {.name = "many",
                                   .roots = ATR_ROOTS(&tally_root, &tally_2_root, &tally_3_root,
                                                      &tally_4_root, &tally_5_root, &tally_6_root,
                                                      &tally_7_root, &tally_8_root, &tally_9_root),
                                   .startup = &add_in_two_class};
static const atr_component other = {.name = "other", .startup = &add_in_two_class};

/* What could not be done for want of memory can be done again. */
static void a_component_is_registered_and_started_as_a_whole(void **state)
{
    size_t nth = 0;
    do {
        atr_app *app = atr_app_new(NULL);
        failing_after(nth++);
        if (atr_app_register(app, &many) != ATR_OK) {
            assert_int_equal(atr_store_root_count(atr_app_store(app)), 0);
            assert_int_equal(atr_app_register(app, &many), ATR_OK);
        }
        if (atr_app_register(app, &other) != ATR_OK) {
            assert_int_equal(atr_app_register(app, &other), ATR_OK);
        }
        if (atr_app_start(app) != ATR_OK) {
            assert_int_equal(atr_app_start(app), ATR_OK);
        }
        assert_int_equal(atr_app_stats_now(app).queued, 2);
        assert_int_equal(atr_store_root_count(atr_app_store(app)), 9);
        while (atr_app_close(app, NULL, NULL) == ATR_E_NO_MEMORY) {
        }
        assert_int_equal(atr_memory_now().blocks, 0);
    } while (failing_stop());
    assert_true(nth > 5);
}

static char warning[128];

static void note_warning(void *user, atr_log_level level, const char *area, const char *text)
{
    if (level == ATR_LOG_WARNING && strstr(text, "pre-execute") != NULL) {
        snprintf(warning, sizeof warning, "%s", text);
    }
}

/* Never answers by itself. */
ATR_QUERY(pend, NO_INPUTS, i64);
static pend_reply pending[ATR_LAYERS_MAX + 1];
static int pending_count;
static void pend_start(atr_start *ctx, const pend *self)
{
    pending[pending_count] = pend_reply_later(ctx);
    pending_count += pending[pending_count].base != NULL;
}
ATR_QUERY_IMPL(pend, NO_INPUTS, i64, .start_async = pend_start);

static void predict(atr_app *app)
{
    atr_event e = atr_event_open(app);
    if (e.s != NULL) {
        ATR_CALL(&e, pend, (), .pre_execute = ATR_PREDICT(1));
        atr_event_close(&e);
        atr_app_drain(app);
    }
}

static void end_pending(atr_app *app)
{
    while (pending_count > 0) {
        pend_reply_drop(&pending[--pending_count]);
    }
    while (atr_app_close(app, NULL, NULL) == ATR_E_NO_MEMORY) {
    }
    assert_int_equal(atr_memory_now().blocks, 0);
}

static void the_log_says_why_a_query_has_no_layer(void **state)
{
    atr_app_options options = {.log = note_warning};
    size_t nth = 0;
    bool starved = false;
    atr_app *app;
    do {
        app = atr_app_new(&options);
        warning[0] = '\0';
        failing_after(nth++);
        predict(app);
        starved |= strcmp(warning, "pend runs without its pre-execute: out of memory") == 0;
        end_pending(app);
    } while (failing_stop());
    assert_true(starved);

    app = atr_app_new(&options);
    warning[0] = '\0';
    for (int i = 0; i <= ATR_LAYERS_MAX; i++) {
        assert_string_equal(warning, "");
        predict(app);
    }
    assert_string_equal(warning, "pend runs without its pre-execute: 64 are pending");
    end_pending(app);
}

/* Gives the blocks that came back out again, the last one first. */
static struct {
    void *blocks[1024];
    size_t sizes[1024];
    size_t count;
} shelf;

static void *shelf_allocate(void *user, size_t size_bytes)
{
    for (size_t i = shelf.count; i-- > 0;) {
        if (shelf.sizes[i] == size_bytes) {
            void *block = shelf.blocks[i];
            shelf.count--;
            shelf.blocks[i] = shelf.blocks[shelf.count];
            shelf.sizes[i] = shelf.sizes[shelf.count];
            return block;
        }
    }
    return malloc(size_bytes);
}

static void shelf_release(void *user, void *block, size_t size_bytes)
{
    if (block != NULL && shelf.count < 1024) {
        shelf.blocks[shelf.count] = block;
        shelf.sizes[shelf.count++] = size_bytes;
    } else {
        free(block);
    }
}

static const atr_allocator shelving = {shelf_allocate, shelf_release, NULL};

static int use_shelf(void **state)
{
    shelf.count = 0;
    return atr_memory_set_allocator(&shelving);
}

static int clear_shelf(void **state)
{
    int code = atr_memory_set_allocator(NULL);
    while (shelf.count > 0) {
        free(shelf.blocks[--shelf.count]);
    }
    return code;
}

static void count_violation(void *user, int code, const char *text)
{
    ++*(int *)user;
}

static void a_used_reply_handle_is_not_taken_for_one_of_the_next_app(void **state)
{
    int violations = 0;
    atr_app_options options = {.violation = count_violation, .violation_user = &violations};
    atr_app *app = atr_app_new(&options);
    atr_event e = atr_event_open(app);
    memset(&asked, 0, sizeof asked);
    ATR_EXECUTE(&e, ask, .by = 5);
    atr_event_close(&e);
    atr_app_drain(app);
    assert_int_equal(ask_reply_send(&asked, 5), ATR_OK);
    assert_int_equal(atr_app_close(app, NULL, NULL), ATR_OK);

    app = atr_app_new(&options); /* lies where the other lay */
    int again = ask_reply_send(&asked, 6);
    assert_int_equal(atr_app_close(app, NULL, NULL), ATR_OK);

    assert_int_equal(again, ATR_E_ANSWERED);
    assert_int_equal(violations, 0); /* the next app has nothing to do with it */
    assert_int_equal(atr_memory_now().blocks, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_allocation_may_fail_once, failing_setup,
                                        failing_teardown),
        cmocka_unit_test(every_value_may_be_refused_once),
        cmocka_unit_test_setup_teardown(the_log_says_why_a_query_has_no_layer, failing_setup,
                                        failing_teardown),
        cmocka_unit_test_setup_teardown(a_component_is_registered_and_started_as_a_whole,
                                        failing_setup, failing_teardown),
        cmocka_unit_test_setup_teardown(a_used_reply_handle_is_not_taken_for_one_of_the_next_app,
                                        use_shelf, clear_shelf),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
