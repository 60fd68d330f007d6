#include "sample.h"

#include <pthread.h>

#include <atrium/turn.h>

#include "heap.h"

enum { CHAIN_LENGTH = 1000000 };

static const char *refusal(atr_scope *s)
{
    const atr_error *error = atr_scope_take_error(s);
    return error != NULL ? error->message->bytes : "";
}

/* ---- what checked pools catch ---- */

static void a_stack_copy_of_a_counted_value_is_refused(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    knot copy = *ATR_NEW(s, knot, .number = 1);

    assert_ptr_equal(ATR_NEW(s, knot, .next = &copy), &knot_default);
    assert_string_equal(refusal(s),
                        "knot.next is a copy on the stack (publish it with its _new function)");
    assert_int_equal(atr_scope_hold(s, &copy), ATR_E_REFUSED);
    assert_null(atr_scope_take_error(s)->cause);
    assert_ptr_equal(atr_copy(s, &copy), &knot_default);
    assert_string_equal(
        refusal(s),
        "atr_copy: the value is a copy on the stack (publish it with its _new function)");
    atr_scope_close(s);
}

/* Where the key is there already, too. */
static void a_stack_copy_put_into_a_map_is_refused(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    todo_item copy = *sample_item(s, 1, "milk");
    const todo_item_map *m = todo_item_map_set(s, NULL, 1, sample_item(s, 1, "milk"));

    assert_null(todo_item_map_set(s, m, 1, &copy));
    assert_non_null(strstr(refusal(s), "is a copy on the stack"));
    assert_null(todo_item_map_set(s, m, 2, &copy));
    assert_non_null(strstr(refusal(s), "is a copy on the stack"));
    atr_scope_close(s);
}

static void a_stack_copy_of_a_static_value_is_refused(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    knot copy = knot_default;

    assert_ptr_equal(ATR_NEW(s, knot, .next = &copy), &knot_default);

    assert_string_equal(refusal(s),
                        "knot.next is a copy on the stack (publish it with its _new function)");
    assert_ptr_equal(ATR_NEW(s, knot, .next = &knot_default)->next, &knot_default);
    assert_null(atr_scope_error(s));
    atr_scope_close(s);
}

static const knot *use_copy_in_a_deeper_frame(atr_scope *s)
{
    knot copy = knot_default;
    char room[2000];
    memset(room, 0, sizeof room);
    copy.number = room[1999];
    return ATR_NEW(s, knot, .next = &copy);
}

static void a_stack_copy_is_refused_at_any_depth(void **state)
{
    atr_scope *s = atr_scope_open(NULL);

    assert_ptr_equal(use_copy_in_a_deeper_frame(s), &knot_default);

    assert_int_equal(atr_scope_error(s)->code, ATR_E_REFUSED);
    atr_scope_close(s);
}

/* Further down the stack than the margin above the first scope. */
static atr_scope *open_in_a_deeper_frame(void)
{
    volatile char room[20000];
    room[0] = 1;
    atr_scope *s = atr_scope_open(NULL);
    assert_int_equal(room[0], 1);
    return s;
}

/* Through a variable, so that the frame is one of its own. */
static atr_scope *(*volatile open_deeper)(void) = open_in_a_deeper_frame;

/* A copy of a static value tells by its place alone. */
static void check_copy_is_refused(atr_scope *s, const knot *copy)
{
    assert_ptr_equal(ATR_NEW(s, knot, .next = copy), &knot_default);
    assert_string_equal(refusal(s),
                        "knot.next is a copy on the stack (publish it with its _new function)");
}

static void a_stack_copy_is_refused_after_a_scope_in_a_deeper_frame(void **state)
{
    knot copy = knot_default;
    atr_scope *s = atr_scope_open(NULL), *deeper = open_deeper();

    check_copy_is_refused(s, &copy);
    check_copy_is_refused(deeper, &copy);
    atr_scope_close(deeper);
    check_copy_is_refused(s, &copy);

    atr_scope_close(s);
}

static void a_stack_copy_is_refused_above_the_frame_of_the_first_scope(void **state)
{
    knot copy = knot_default;
    atr_scope *deeper = open_deeper(), *s = atr_scope_open(NULL);

    check_copy_is_refused(s, &copy);
    atr_scope_close(deeper);
    check_copy_is_refused(s, &copy);

    atr_scope_close(s);
}

/* The pool is still there, and what it noted then. */
static void a_stack_copy_is_refused_after_all_scopes_of_a_deeper_frame(void **state)
{
    knot copy = knot_default;
    atr_scope *deeper = open_deeper(), *s;
    const knot *held = ATR_NEW(deeper, knot, .number = 1);
    atr_value_hold(held);
    atr_scope_close(deeper);

    s = atr_scope_open(NULL);
    check_copy_is_refused(s, &copy);

    atr_scope_close(s);
    atr_value_release(held);
}

static void *open_for_another_thread(void *pool)
{
    return atr_pool_scope(pool);
}

static void a_stack_copy_is_refused_in_an_adopted_scope(void **state)
{
    knot copy = knot_default;
    atr_pool *pool = atr_pool_new();
    pthread_t thread;
    void *s = NULL;
    assert_int_equal(pthread_create(&thread, NULL, open_for_another_thread, pool), 0);
    assert_int_equal(pthread_join(thread, &s), 0);

    atr_pool_adopt(pool, NULL);
    check_copy_is_refused(s, &copy);

    atr_scope_close(s);
    atr_pool_close(pool);
}

/* Not under sanitizers, where the cell is given back at once and they tell. */
static void a_released_value_is_refused_and_poisoned(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    atr_scope *inner = atr_scope_open(s);
    const knot *dead = ATR_NEW(inner, knot, .number = 7);
    if (inner->pool->direct) {
        atr_scope_close(s);
        return;
    }

    atr_scope_close(inner);

    assert_ptr_equal(dead->atr.model, &atr_dead_model);
    assert_int_equal(dead->number, (int64_t)0xDDDDDDDDDDDDDDDDu);
    assert_ptr_equal(ATR_NEW(s, knot, .next = dead), &knot_default);
    assert_string_equal(refusal(s), "knot.next is a released value");
    atr_value_hold(dead);
    atr_value_release(dead);
    assert_ptr_equal(atr_copy(s, dead), NULL);
    assert_string_equal(refusal(s), "atr_copy: the value is a released value");
    atr_scope_close(s);
}

static void released_cells_are_used_again_first_in_first_out(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const knot *made[4], *again[4];
    if (s->pool->direct) {
        atr_scope_close(s);
        return;
    }

    ATR_SCOPE(inner, s) {
        for (int i = 0; i < 4; i++) {
            made[i] = ATR_NEW(inner, knot, .number = i);
        }
    }
    for (int i = 0; i < 4; i++) {
        again[i] = ATR_NEW(s, knot, .number = i);
    }

    /* A scope lets go from the last to the first. */
    for (int i = 0; i < 4; i++) {
        assert_ptr_equal(again[i], made[3 - i]);
    }
    atr_scope_close(s);
}

static void a_value_of_another_app_is_refused(void **state)
{
    atr_pool *a = atr_pool_new(), *b = atr_pool_new();
    atr_scope *in_a = atr_pool_scope(a), *in_b = atr_pool_scope(b);
    const knot *foreign = ATR_NEW(in_a, knot, .number = 1);

    assert_ptr_equal(ATR_NEW(in_b, knot, .next = foreign), &knot_default);
    assert_string_equal(refusal(in_b),
                        "knot.next is a value of another app (take a copy: atr_copy)");
    const knot *copy = atr_copy(in_b, foreign);
    assert_ptr_equal(ATR_NEW(in_b, knot, .next = copy)->next, copy);

    assert_null(atr_scope_error(in_b));
    atr_pool_close(a);
    atr_pool_close(b);
}

static void s5_the_threads_own_values_and_those_of_a_pool_that_may_leave_are_apart(void **state)
{
    atr_pool *a = atr_pool_new();
    atr_scope *in_a = atr_pool_scope(a), *s = atr_scope_open(NULL);
    const knot *own = ATR_NEW(s, knot, .number = 1), *leaving = ATR_NEW(in_a, knot, .number = 2);

    assert_ptr_equal(ATR_NEW(in_a, knot, .next = own), &knot_default);
    assert_string_equal(
        refusal(in_a),
        "knot.next is a value of the thread's own pool, which stays (take a copy: atr_copy)");
    assert_ptr_equal(ATR_NEW(s, knot, .next = leaving), &knot_default);
    assert_string_equal(
        refusal(s),
        "knot.next is a value of a pool that may leave the thread (take a copy: atr_copy)");
    const knot *copy = atr_copy(in_a, own);
    assert_ptr_equal(ATR_NEW(in_a, knot, .next = copy)->next, copy);

    assert_null(atr_scope_error(in_a));
    atr_scope_close(s);
    atr_pool_close(a);
    assert_int_equal(atr_memory_now().pools, 0);
}

static void a_value_of_the_same_thread_without_an_app_is_fit(void **state)
{
    atr_store *store = atr_store_new(NULL);
    atr_pool *a = atr_pool_new();
    atr_pool_adopt(a, atr_store_pool(store));
    atr_scope *in_a = atr_pool_scope(a), *s = atr_scope_open(NULL);

    const knot *made = ATR_NEW(in_a, knot, .next = ATR_NEW(s, knot, .number = 1));
    atr_scope_close(s);

    assert_int_equal(made->next->number, 1);
    assert_null(atr_scope_error(in_a));
    assert_int_equal(
        ATR_NEW(s = atr_pool_scope(atr_store_pool(store)), knot, .next = made->next)->next->number,
        1);
    atr_scope_close(s);
    atr_pool_close(a);
    atr_store_free(store);
    assert_int_equal(atr_memory_now().pools, 0);
}

/* ---- threads ---- */

typedef struct job {
    atr_pool *pool;
    atr_scope *scope;
    const void *input;
    const everything *answer;
    int code;
    bool equal;
} job;

static void *work(void *ptr)
{
    job *j = ptr;
    j->pool = atr_pool_new();
    j->scope = atr_pool_scope(j->pool);
    const everything *input = j->input;
    everything next = *(const everything *)atr_copy(j->scope, input);
    next.big = 4711;
    j->answer = everything_new(j->scope, next);
    j->code = atr_scope_error(j->scope) != NULL ? atr_scope_error(j->scope)->code : 0;
    atr_pool_detach(j->pool);
    return NULL;
}

static void s5_an_answer_is_handed_over_with_its_pool(void **state)
{
    job j = {0};
    pthread_t thread;
    atr_pool *app = atr_pool_new();
    atr_scope *s = atr_pool_scope(app);
    j.input = sample_everything(s, 1);

    assert_int_equal(pthread_create(&thread, NULL, work, &j), 0);
    for (int i = 0; i < 1000; i++) {
        atr_value_hold(j.input); /* only the owner counts, while the worker reads */
        atr_value_release(j.input);
    }
    pthread_join(thread, NULL);
    atr_pool_adopt(j.pool, app);
    const knot *holder = ATR_NEW(s, knot, .number = 1);
    int held = atr_scope_hold(s, j.answer);
    atr_pool_close(j.pool);

    assert_int_equal(j.code, 0);
    assert_int_equal(held, 0);
    assert_int_equal(j.answer->big, 4711);
    assert_int_equal(holder->number, 1);
    everything next = *j.answer;
    next.other = holder;
    assert_ptr_equal(everything_new(s, next)->other, holder);
    assert_null(atr_scope_error(s));
    atr_pool_close(app);
}

static void *use_foreign(void *ptr)
{
    job *j = ptr;
    atr_scope *s = atr_scope_open(NULL);
    const knot *made = ATR_NEW(s, knot, .next = (const knot *)j->input);
    const atr_error *error = atr_scope_error(s);
    j->equal = made == &knot_default && error != NULL &&
               atr_str_is(error->message,
                          "knot.next is a value of another thread (take a copy: atr_copy)");
    atr_scope_close(s);
    return NULL;
}

static void a_value_of_another_thread_is_refused(void **state)
{
    job j = {0};
    pthread_t thread;
    atr_scope *s = atr_scope_open(NULL);
    j.input = ATR_NEW(s, knot, .number = 1);

    assert_int_equal(pthread_create(&thread, NULL, use_foreign, &j), 0);
    pthread_join(thread, NULL);

    assert_true(j.equal);
    atr_scope_close(s);
}

static void *use_foreign_scope(void *ptr)
{
    job *j = ptr;
    const knot *made = ATR_NEW(j->scope, knot, .number = 1);
    j->equal = made == &knot_default && atr_scope_error(j->scope)->code == ATR_E_THREAD;
    return NULL;
}

static void a_scope_is_refused_to_another_thread(void **state)
{
    job j = {0};
    pthread_t thread;
    j.scope = atr_scope_open(NULL);

    assert_int_equal(pthread_create(&thread, NULL, use_foreign_scope, &j), 0);
    pthread_join(thread, NULL);

    assert_true(j.equal);
    atr_scope_close(j.scope);
}

static void *have_an_own_pool(void *ptr)
{
    job *j = ptr;
    for (int i = 0; i < 200; i++) {
        atr_scope *s = atr_scope_open(NULL);
        const everything *a = sample_everything(s, i), *b = sample_everything(s, i);
        j->equal = atr_equal(a, b) && atr_hash(a) == atr_hash(b) && atr_scope_error(s) == NULL;
        atr_memory_now();
        atr_scope_close(s);
    }
    return NULL;
}

static void threads_with_pools_of_their_own_do_not_disturb_each_other(void **state)
{
    enum { THREADS = 4 };
    pthread_t threads[THREADS];
    job jobs[THREADS] = {{0}};

    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, have_an_own_pool, &jobs[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        assert_true(jobs[i].equal);
    }
}

/* ---- lives of pools ---- */

static void a_closed_pool_lives_as_long_as_its_last_value(void **state)
{
    atr_pool *pool = atr_pool_new();
    const knot *made = ATR_NEW(atr_pool_scope(pool), knot, .number = 5);
    atr_value_hold(made);

    atr_pool_close(pool);
    size_t pools = atr_memory_now().pools;

    assert_int_equal(pools, 1);
    assert_int_equal(made->number, 5);
    atr_value_release(made);
    assert_int_equal(atr_memory_now().pools, 0);
}

static void closing_a_pool_closes_its_scopes(void **state)
{
    atr_pool *pool = atr_pool_new();
    atr_scope *a = atr_pool_scope(pool), *b = atr_pool_scope(pool);
    sample_everything(a, 1);
    sample_everything(atr_scope_open(b), 2);

    atr_pool_close(pool);

    assert_int_equal(atr_memory_now().blocks, 0);
    atr_pool_close(NULL);
    assert_null(atr_pool_scope(NULL));
}

static void figures_of_a_pool_follow_its_values(void **state)
{
    atr_pool *pool = atr_pool_new();
    atr_scope *s = atr_pool_scope(pool);

    atr_str_new(s, "milk");
    ATR_NEW(s, knot);

    assert_int_equal(atr_pool_values(pool), 2);
    assert_int_equal(atr_pool_bytes(pool), sizeof(atr_str) + 5 + sizeof(knot));
    atr_scope_close(s);
    assert_int_equal(atr_pool_values(pool), 0);
    assert_int_equal(atr_pool_bytes(pool), 0);
    atr_pool_close(pool);
}

static void cells_of_every_size_are_used_again(void **state)
{
    char text[700];
    memset(text, 'x', sizeof text);
    atr_pool *pool = atr_pool_new();
    size_t bytes = 0;

    for (int round = 0; round < 3; round++) {
        atr_scope *s = atr_pool_scope(pool);
        for (size_t size = 1; size <= sizeof text; size++) {
            const atr_str *v = atr_str_new_n(s, text, size);
            assert_int_equal(v->size, size);
            assert_int_equal((uintptr_t)v % 16, 0);
        }
        atr_scope_close(s);
        assert_true(round < 2 || atr_memory_now().bytes == bytes);
        bytes = atr_memory_now().bytes;
    }
    atr_pool_close(pool);
}

static void a_chain_of_a_million_is_released_without_recursion(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const knot *first = NULL;
    for (int i = 0; i < CHAIN_LENGTH; i++) {
        first = ATR_NEW(s, knot, .number = i, .next = first);
    }

    atr_value_hold(first);
    atr_scope_close(s);
    size_t values = atr_memory_now().values;
    atr_value_release(first);

    assert_int_equal(values, CHAIN_LENGTH);
    assert_int_equal(atr_memory_now().values, 0);
}

static void a_chain_through_two_pools_is_released(void **state)
{
    atr_pool *a = atr_pool_new(), *b = atr_pool_new();
    atr_pool_adopt(b, a);
    atr_scope *in_a = atr_pool_scope(a), *in_b = atr_pool_scope(b);
    const knot *first = NULL;
    for (int i = 0; i < 10000; i++) {
        first = ATR_NEW(i % 2 == 0 ? in_a : in_b, knot, .number = i, .next = first);
    }
    assert_null(atr_scope_error(in_a));
    assert_null(atr_scope_error(in_b));

    atr_value_hold(first);
    atr_pool_close(a);
    atr_pool_close(b);
    size_t values = atr_memory_now().values;
    atr_value_release(first);

    assert_int_equal(values, 10000);
    assert_int_equal(atr_memory_now().pools, 0);
}

/* A pool of about a megabyte. */
static atr_pool *large_pool(void)
{
    atr_pool *pool = atr_pool_new();
    atr_scope *s = atr_pool_scope(pool);
    char text[400] = "milk";
    for (int i = 0; i < 2500; i++) {
        atr_str_new_n(s, text, sizeof text);
    }
    return pool;
}

/* Where sanitizers see each value, pools have no blocks of their own. */
static bool has_blocks(void)
{
    atr_pool *pool = atr_pool_new();
    bool has = !pool->direct;
    atr_pool_close(pool);
    return has;
}

static void blocks_of_a_pool_serve_the_next_one(void **state)
{
    if (!has_blocks()) {
        return;
    }
    atr_pool *other = atr_pool_new();
    atr_pool *first = large_pool();
    size_t at_first = atr_memory_now().bytes;

    atr_pool_close(first);
    size_t between = atr_memory_now().bytes;
    atr_pool *second = large_pool();
    size_t at_second = atr_memory_now().bytes;

    assert_true(between > at_first / 2);
    assert_int_equal(at_second, at_first);
    atr_pool_close(second);
    atr_pool_close(other);
    assert_int_equal(atr_memory_now().blocks, 0);
}

static void waiting_blocks_can_be_trimmed(void **state)
{
    atr_pool *other = atr_pool_new();
    size_t before = atr_memory_now().blocks;

    atr_pool_close(large_pool());
    assert_true(!has_blocks() || atr_memory_now().blocks > before);
    atr_memory_trim(NULL);

    assert_int_equal(atr_memory_now().blocks, before);
    atr_pool_close(other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CHECKED(a_stack_copy_of_a_counted_value_is_refused),
        CHECKED(a_stack_copy_put_into_a_map_is_refused),
        CHECKED(a_stack_copy_of_a_static_value_is_refused),
        CHECKED(a_stack_copy_is_refused_at_any_depth),
        CHECKED(a_stack_copy_is_refused_after_a_scope_in_a_deeper_frame),
        CHECKED(a_stack_copy_is_refused_above_the_frame_of_the_first_scope),
        CHECKED(a_stack_copy_is_refused_after_all_scopes_of_a_deeper_frame),
        CHECKED(a_stack_copy_is_refused_in_an_adopted_scope),
        CHECKED(a_released_value_is_refused_and_poisoned),
        CHECKED(released_cells_are_used_again_first_in_first_out),
        BOTH(a_value_of_another_app_is_refused),
        BOTH(s5_the_threads_own_values_and_those_of_a_pool_that_may_leave_are_apart),
        BOTH(a_value_of_the_same_thread_without_an_app_is_fit),
        BOTH(s5_an_answer_is_handed_over_with_its_pool),
        BOTH(a_value_of_another_thread_is_refused),
        CHECKED(a_scope_is_refused_to_another_thread),
        BOTH(threads_with_pools_of_their_own_do_not_disturb_each_other),
        BOTH(a_closed_pool_lives_as_long_as_its_last_value),
        BOTH(closing_a_pool_closes_its_scopes),
        BOTH(figures_of_a_pool_follow_its_values),
        BOTH(cells_of_every_size_are_used_again),
        BOTH(blocks_of_a_pool_serve_the_next_one),
        BOTH(waiting_blocks_can_be_trimmed),
        BOTH(a_chain_of_a_million_is_released_without_recursion),
        BOTH(a_chain_through_two_pools_is_released),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
