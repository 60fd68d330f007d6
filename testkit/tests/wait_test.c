/* Waiting for live queries that threads answer. */
#include <uv.h>

#include "inner.h"

/* ---- a query that a thread answers, when it is let ---- */

#define ASK(F) F(i64, number)
ATR_QUERY(ask, ASK, i64);

typedef struct asked {
    uv_thread_t thread;
    uv_sem_t let;
    ask_reply reply;
} asked;

static asked last;

static void ask_run(void *ptr)
{
    asked *a = ptr;
    uv_sem_wait(&a->let);
    ask_reply_send(&a->reply, ask_reply_query(&a->reply)->number + 1);
}

static void ask_end(void *ptr)
{
    asked *a = ptr;
    uv_thread_join(&a->thread);
    uv_sem_destroy(&a->let);
}

static void ask_start(atr_start *ctx, const ask *self)
{
    uv_sem_init(&last.let, self->number < 0 ? 0 : 1);
    last.reply = ask_reply_later(ctx);
    uv_thread_create(&last.thread, ask_run, &last);
    atr_start_own(ctx, &last, ask_end);
}

static void answered(atr_finish *f, const ask *self, int64_t response)
{
    atr_test_trace(ATR_TEST_OF(f), "answered %d", (int)response);
    if (self->number == 7) {
        ATR_EXECUTE(f, ask, .number = 20); /* waited for as well */
    }
}
ATR_QUERY_IMPL(ask, ASK, i64, .start_async = ask_start, .finish_with_response = answered);

/* ---- tests ---- */

static void live_queries_are_waited_for_and_what_follows_from_them(void **state)
{
    told to;
    atr_test *t = inner_open(&to);
    ATR_CAN_LIVE(t, ask);

    ATR_TEST_EXECUTE(t, ask, .number = 7);
    assert_true(atr_test_wait(t, 0));

    ATR_ASSERT_TRACE(t, "answered 8, answered 21");
    assert_true(atr_test_wait(t, 0)); /* nothing is left */
    assert_int_equal(inner_close(t), 0);
}

static void what_was_left_pending_is_not_waited_for(void **state)
{
    told to;
    atr_test *t = inner_open(&to);
    ATR_CAN_NONE(t, ask);

    ATR_TEST_EXECUTE(t, ask, .number = 7);

    assert_true(atr_test_wait(t, 0));
    assert_int_equal(inner_close(t), 0);
}

static void an_answer_that_does_not_come_is_a_failure_with_its_query(void **state)
{
    told to;
    atr_test *t = inner_open(&to);
    ATR_CAN_LIVE(t, ask);
    ATR_TEST_EXECUTE(t, ask, .number = -1);

    assert_false(atr_test_wait(t, 1));

    assert_string_equal(to.text, "not answered in time: ask{number: -1}\n");
    uv_sem_post(&last.let);
    assert_true(atr_test_wait(t, 0));
    ATR_ASSERT_TRACE(t, "answered 0");
    assert_int_equal(inner_close(t), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(live_queries_are_waited_for_and_what_follows_from_them),
        cmocka_unit_test(what_was_left_pending_is_not_waited_for),
        cmocka_unit_test(an_answer_that_does_not_come_is_a_failure_with_its_query),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
