/* Workers: what `work` of a class reads, what becomes of its answer, and how it ends (rules S4, S5, L2, L5). */
#include <stdatomic.h>
#include <stdlib.h>

#include "failing.h"
#include "fixture.h"

#include <atrium/worker.h>

/* ---- the queries ---- */

/* Adds a word to the state, so that there are `number` of them. */
ATR_QUERY(push_word, NO_INPUTS, unit);
static void push_word_finish(atr_finish *f, const push_word *self, atr_unit response)
{
    counter next = *ATR_STATE(f, tally);
    next.number++;
    next.words = atr_str_vec_push(f->s, next.words, atr_str_format(f->s, "%d", (int)next.number));
    ATR_UPDATE(f, tally, next);
}
ATR_QUERY_IMPL(push_word, NO_INPUTS, unit, .finish_with_response = push_word_finish,
               .is_local = true);

typedef const atr_str_vec *(*task_fn)(atr_worker *w, const counter *state);

/* What the tests and the workers tell each other. */
static struct {
    _Atomic(task_fn) task;
    uv_sem_t begun;
    atomic_bool finish;
    atomic_int worked;
    atomic_int wrong;
    _Atomic(const void *) made;
    const void *answered;
    int answers;
    int errors;
    int cancels;
    int close_after; /* outcomes */
    atr_error error;
    char message[128];
    int64_t order[4];
    uv_thread_t threads[4];
} shared;

#define SURVEY(F)          \
    F(i64, number)         \
    F(ref(counter), state) \
    F(bool, known)
ATR_QUERY(survey, SURVEY, vec(str));
ATR_QUERY(survey_write, SURVEY, vec(str));

static const atr_str_vec *run_task(atr_worker *w, int64_t number, const counter *state)
{
    int place = atomic_fetch_add(&shared.worked, 1);
    if (place < 4) {
        shared.order[place] = number;
        shared.threads[place] = uv_thread_self();
    }
    return atomic_load(&shared.task)(w, state);
}

static const atr_str_vec *survey_work(atr_worker *w, const survey *self)
{
    return run_task(w, self->number, self->state);
}

static const atr_str_vec *survey_write_work(atr_worker *w, const survey_write *self)
{
    return run_task(w, self->number, self->state);
}

static void outcome(atr_finish *f)
{
    if (shared.answers + shared.errors + shared.cancels == shared.close_after) {
        atr_app_close(atr_app_of(f), NULL, NULL);
        fx.closed = true;
    }
}

static void take_words(atr_finish *f, const atr_str_vec *words)
{
    counter next = *ATR_STATE(f, tally);
    shared.answered = words;
    shared.answers++;
    next.words = words;
    next.number = (int64_t)atr_str_vec_count(words);
    ATR_UPDATE(f, tally, next);
    outcome(f);
}

static void survey_start(atr_start *ctx, const survey *self)
{
    if (self->known) {
        survey_answer(ctx, self->state->words);
    } else if (self->number < 0) {
        atr_str_new(ctx->s, "\xff"); /* not UTF-8: the start fails */
    }
}

static void survey_finish(atr_finish *f, const survey *self, const atr_str_vec *response)
{
    take_words(f, response);
}

static void survey_error(atr_finish *f, const survey *self, const atr_error *error)
{
    shared.errors++;
    shared.error = *error;
    snprintf(shared.message, sizeof shared.message, "%s", error->message->bytes);
    outcome(f);
}
ATR_QUERY_IMPL(survey, SURVEY, vec(str), .start_async = survey_start, .work = survey_work,
               .finish_with_response = survey_finish, .finish_with_error = survey_error);

static void survey_write_finish(atr_finish *f, const survey_write *self,
                                const atr_str_vec *response)
{
    take_words(f, response);
}
ATR_QUERY_IMPL(survey_write, SURVEY, vec(str), .work = survey_write_work,
               .finish_with_response = survey_write_finish, .is_write = true);

static void survey_cancelled(atr_finish *f, const survey *self, void *user)
{
    shared.cancels++;
    outcome(f);
}

/* ---- tasks: on the worker, where nothing is asserted ---- */

static const atr_str_vec *make_words(atr_scope *s, int count)
{
    atr_str_vec_builder *b = atr_str_vec_builder_new(s, NULL);
    for (int i = 0; i < count; i++) {
        atr_str_vec_builder_push(b, atr_str_format(s, "word %d", i));
    }
    return atr_str_vec_builder_seal(b);
}

static const atr_str_vec *make_many(atr_worker *w, const counter *state)
{
    const atr_str_vec *made = make_words(w->s, 20000);
    atomic_store(&shared.made, made);
    return made;
}

static const atr_str_vec *make_few(atr_worker *w, const counter *state)
{
    const atr_str_vec *made = make_words(w->s, 3);
    atomic_store(&shared.made, made);
    return made;
}

/* Reads its snapshot again and again until it is told to finish. */
static const atr_str_vec *read_on(atr_worker *w, const counter *state)
{
    uint64_t hash = atr_hash(state);
    uv_sem_post(&shared.begun);
    do {
        for (size_t i = 0; i < atr_str_vec_count(state->words); i++) {
            const atr_str *word = atr_str_vec_at(state->words, i);
            atomic_fetch_add(&shared.wrong, strtoul(word->bytes, NULL, 10) != i + 1);
        }
        atomic_fetch_add(&shared.wrong, atr_hash(state) != hash);
    } while (!atomic_load(&shared.finish));
    return atr_copy(w->s, state->words);
}

static const atr_str_vec *return_a_part(atr_worker *w, const counter *state)
{
    return state->words;
}

static const atr_str_vec *build_on_a_part(atr_worker *w, const counter *state)
{
    return atr_str_vec_push(w->s, NULL, atr_str_vec_at(state->words, 0));
}

static const atr_str_vec *fail_with_nine(atr_worker *w, const counter *state)
{
    atr_worker_fail(w, 9, "%d words are enough", 3);
    return make_words(w->s, 3);
}

static const atr_str_vec *latch(atr_worker *w, const counter *state)
{
    return atr_str_vec_push(w->s, NULL, atr_str_new(w->s, "\xff"));
}

/* Until nobody waits for it any more. */
static const atr_str_vec *work_on(atr_worker *w, const counter *state)
{
    uv_sem_post(&shared.begun);
    while (!atr_worker_is_over(w)) {
        atr_str_new(w->s, "work");
    }
    return NULL;
}

/* ---- helpers ---- */

static int open_app(void **state)
{
    memset(&shared, 0, sizeof shared);
    fixture_open();
    return uv_sem_init(&shared.begun, 0);
}

static int open_app_with_one_worker(void **state)
{
    memset(&shared, 0, sizeof shared);
    fixture_open_with(&(atr_app_options){.workers = 1});
    return uv_sem_init(&shared.begun, 0);
}

static int close_app(void **state)
{
    fixture_close();
    uv_sem_destroy(&shared.begun);
    return 0;
}

static atr_handle ask(int64_t number, task_fn task)
{
    atr_event e = atr_event_open(fx.app);
    atr_handle handle;
    atomic_store(&shared.task, task);
    handle = ATR_CALL(&e, survey, (.number = number, .state = ATR_STATE(&e, tally)),
                      .on_cancel = survey_cancelled);
    assert_int_equal(atr_event_close(&e), ATR_OK);
    return handle;
}

static void push_words(int count)
{
    for (int i = 0; i < count; i++) {
        atr_event e = atr_event_open(fx.app);
        ATR_EXECUTE(&e, push_word);
        assert_int_equal(atr_event_close(&e), ATR_OK);
        fixture_settle();
    }
}

static void cancel(atr_handle handle)
{
    atr_event e = atr_event_open(fx.app);
    assert_int_equal(atr_cancel(&e, handle), ATR_OK);
    assert_int_equal(atr_event_close(&e), ATR_OK);
}

static void run_until(int outcomes)
{
    shared.close_after = outcomes;
    assert_int_equal(atr_app_run(fx.app), ATR_OK);
}

/* ---- what a worker reads ---- */

static void s5_workers_read_snapshots_while_the_loop_makes_versions(void **state)
{
    push_words(100);
    for (int i = 0; i < 4; i++) {
        ask(i, read_on);
        push_words(1);
    }
    for (int i = 0; i < 4; i++) {
        uv_sem_wait(&shared.begun);
    }

    push_words(2000);
    atomic_store(&shared.finish, true);
    assert_int_equal(number_now(), 2104);
    run_until(4);

    assert_int_equal(atomic_load(&shared.wrong), 0);
    assert_int_equal(shared.answers, 4);
}

/* ---- what becomes of its answer ---- */

static void s5_a_large_answer_is_handed_over_as_it_lies(void **state)
{
    ask(1, make_many);

    run_until(1);

    assert_int_equal(shared.answers, 1);
    assert_ptr_equal(shared.answered, atomic_load(&shared.made));
}

static void s5_a_small_answer_is_copied(void **state)
{
    ask(1, make_few);

    run_until(1);

    assert_int_equal(shared.answers, 1);
    assert_ptr_not_equal(shared.answered, atomic_load(&shared.made));
}

static void s5_a_part_of_the_inputs_is_no_answer(void **state)
{
    static const task_fn tasks[] = {return_a_part, build_on_a_part};
    push_words(1);
    for (int i = 0; i < 2; i++) {
        ask(1, tasks[i]);
        while (shared.errors == i) {
            atr_app_drain(fx.app);
        }
        assert_int_equal(shared.error.code, ATR_E_REFUSED);
        assert_non_null(strstr(shared.message, "is a value of another thread (take a copy"));
    }
    assert_int_equal(number_now(), 1);
}

static void s4_a_worker_that_fails_fails_its_query(void **state)
{
    ask(1, fail_with_nine);
    ask(2, fail_with_nine);

    run_until(2);

    assert_int_equal(shared.errors, 2);
    assert_int_equal(shared.error.domain, ATR_DOMAIN_APP);
    assert_int_equal(shared.error.code, 9);
    assert_string_equal(shared.message, "3 words are enough");
}

static void s4_a_worker_that_ends_latched_fails_its_query(void **state)
{
    ask(1, latch);

    run_until(1);

    assert_int_equal(shared.error.code, ATR_E_UTF8);
}

static void a_start_that_answers_goes_before_the_work(void **state)
{
    atr_event e = atr_event_open(fx.app);
    atomic_store(&shared.task, make_few);
    ATR_EXECUTE(&e, survey, .known = true, .state = ATR_STATE(&e, tally));
    atr_event_close(&e);

    fixture_settle();

    assert_int_equal(shared.answers, 1);
    assert_int_equal(atomic_load(&shared.worked), 0);
    assert_int_equal(fx.violations, 0);
}

static void a_start_that_fails_goes_before_the_work(void **state)
{
    ask(-1, make_few);

    fixture_settle();

    assert_int_equal(shared.error.code, ATR_E_UTF8);
    assert_int_equal(atomic_load(&shared.worked), 0);
}

/* ---- threads ---- */

static void one_worker_takes_queries_in_order(void **state)
{
    uv_thread_t self = uv_thread_self();
    for (int i = 0; i < 4; i++) {
        ask(i, make_few);
    }

    run_until(4);

    for (int i = 0; i < 4; i++) {
        assert_int_equal(shared.order[i], i);
        assert_true(uv_thread_equal(&shared.threads[i], &shared.threads[0]));
        assert_false(uv_thread_equal(&shared.threads[i], &self));
    }
}

/* ---- how it ends ---- */

static void l2_cancelled_work_is_told_and_its_answer_dropped(void **state)
{
    atr_handle handle = ask(1, work_on);
    fixture_settle();
    uv_sem_wait(&shared.begun);

    cancel(handle);
    fixture_settle();

    assert_int_equal(shared.cancels, 1);
    while (atr_app_stats_now(fx.app).late_answers == 0) {
        atr_app_drain(fx.app);
    }
    assert_int_equal(shared.answers + shared.errors, 0);
}

static void a_query_that_is_over_is_not_worked_on(void **state)
{
    atr_handle first = ask(1, work_on), second = ask(2, work_on);
    fixture_settle();
    uv_sem_wait(&shared.begun);

    cancel(second);
    cancel(first);
    while (atr_app_stats_now(fx.app).late_answers < 2) {
        atr_app_drain(fx.app);
    }

    assert_int_equal(shared.cancels, 2);
    assert_int_equal(atomic_load(&shared.worked), 1);
}

static void l5_closing_cancels_work_and_waits_for_its_thread(void **state)
{
    ask(1, work_on);
    ask(2, work_on);
    fixture_settle();
    uv_sem_wait(&shared.begun);

    fixture_close();

    assert_int_equal(shared.cancels, 2);
    assert_in_range(atomic_load(&shared.worked), 1, 2);
}

static void l5_closing_waits_for_the_work_of_a_write(void **state)
{
    atr_event e = atr_event_open(fx.app);
    atomic_store(&shared.task, read_on);
    ATR_EXECUTE(&e, survey_write, .state = ATR_STATE(&e, tally));
    atr_event_close(&e);
    fixture_settle();
    uv_sem_wait(&shared.begun);

    atomic_store(&shared.finish, true);
    fixture_close();

    assert_int_equal(shared.answers, 1);
}

/* ---- every allocation fails once, on the loop or on the worker ---- */

static void mark_closed(void *user)
{
    *(bool *)user = true;
}

static void one_life(task_fn task)
{
    atr_app *app = atr_app_new(NULL);
    bool closed = false;
    atr_event e;
    memset(&shared, 0, sizeof shared);
    if (app == NULL) {
        return;
    }
    atomic_store(&shared.task, task);
    if (atr_app_register(app, &tally_component) == ATR_OK) {
        e = atr_event_open(app);
        atr_handle handle = {0, 0};
        if (e.s != NULL) {
            handle = ATR_EXECUTE(&e, survey, .state = ATR_STATE(&e, tally));
            atr_event_close(&e);
        }
        while (handle.slot != 0 && shared.answers + shared.errors == 0) {
            atr_app_drain(app);
        }
    }
    while (atr_app_close(app, mark_closed, &closed) == ATR_E_NO_MEMORY) {
    }
    assert_true(closed);
}

static void any_allocation_may_fail(void **state)
{
    static const task_fn tasks[] = {make_few, make_many};
    failing_begin();
    for (int i = 0; i < 2; i++) {
        size_t nth = 0;
        do {
            failing_after(nth);
            one_life(tasks[i]);
            assert_int_equal(atr_memory_now().blocks, 0);
            nth += i == 0 || nth < 60 ? 1 : 97; /* many of the large one are alike */
        } while (failing_stop());
        assert_true(nth > 20);
    }
    failing_end();
}

#define OPENED(test) cmocka_unit_test_setup_teardown(test, open_app, close_app)
#define OPENED_WITH_ONE(test) \
    cmocka_unit_test_setup_teardown(test, open_app_with_one_worker, close_app)

/* ---- values of a thread's own pool ---- */

static const atr_str_vec *with_a_word_of_its_own(atr_worker *w, const counter *state)
{
    atr_scope *own = atr_scope_open(NULL);
    const atr_str_vec *words = atr_str_vec_push(w->s, NULL, ATR_STR(own, "made in a root scope"));
    atr_scope_close(own);
    return words;
}

static void s5_an_answer_with_a_value_of_the_workers_own_is_refused(void **state)
{
    ask(1, with_a_word_of_its_own);
    while (shared.errors + shared.answers == 0) {
        atr_app_drain(fx.app);
    }
    assert_int_equal(shared.errors, 1);
    assert_int_equal(shared.error.code, ATR_E_REFUSED);
    assert_non_null(strstr(shared.message, "is a value of the thread's own pool"));
}

#define RECITE(F) F(str, text)
ATR_QUERY(recite, RECITE, unit);
static recite_reply recited;
static void recite_start(atr_start *ctx, const recite *self)
{
    recited = recite_reply_later(ctx);
}
ATR_QUERY_IMPL(recite, RECITE, unit, .start_async = recite_start);

static void drop_recited(void *user)
{
    recite_reply_drop(&recited);
}

static void drop_elsewhere(void)
{
    uv_thread_t thread;
    assert_int_equal(uv_thread_create(&thread, drop_recited, NULL), 0);
    uv_thread_join(&thread);
}

static void execute_recite(atr_scope *own)
{
    atr_app *app = atr_app_new(NULL);
    atr_event e = atr_event_open(app);
    ATR_EXECUTE(&e, recite, .text = ATR_STR(own, "made in a root scope"));
    atr_event_close(&e);
    atr_app_drain(app);
    assert_int_equal(atr_app_close(app, NULL, NULL), ATR_OK);
}

static void s5_what_is_left_of_an_app_is_released_by_the_thread_whose_values_it_holds(void **state)
{
    atr_scope *own = atr_scope_open(NULL);
    execute_recite(own);
    drop_elsewhere(); /* while the scope is open */
    atr_scope_close(own);
    assert_int_equal(atr_memory_now().blocks, 0);

    own = atr_scope_open(NULL);
    execute_recite(own);
    atr_scope_close(own);
    drop_elsewhere(); /* only the query holds the text now */
    atr_scope_close(atr_scope_open(NULL));
    assert_int_equal(atr_memory_now().blocks, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        OPENED(s5_an_answer_with_a_value_of_the_workers_own_is_refused),
        cmocka_unit_test(s5_what_is_left_of_an_app_is_released_by_the_thread_whose_values_it_holds),
        OPENED(s5_workers_read_snapshots_while_the_loop_makes_versions),
        OPENED(s5_a_large_answer_is_handed_over_as_it_lies),
        OPENED(s5_a_small_answer_is_copied),
        OPENED(s5_a_part_of_the_inputs_is_no_answer),
        OPENED(s4_a_worker_that_fails_fails_its_query),
        OPENED(s4_a_worker_that_ends_latched_fails_its_query),
        OPENED(a_start_that_answers_goes_before_the_work),
        OPENED(a_start_that_fails_goes_before_the_work),
        OPENED_WITH_ONE(one_worker_takes_queries_in_order),
        OPENED(l2_cancelled_work_is_told_and_its_answer_dropped),
        OPENED_WITH_ONE(a_query_that_is_over_is_not_worked_on),
        OPENED(l5_closing_cancels_work_and_waits_for_its_thread),
        OPENED(l5_closing_waits_for_the_work_of_a_write),
        cmocka_unit_test(any_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
