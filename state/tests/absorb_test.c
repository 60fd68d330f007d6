/* What becomes of the pool of an answer: its home takes it over (rule S5). */
#include "failing.h"
#include "sample.h"

#include <pthread.h>

#include "random.h"

/* A vector of LARGE items has NODES nodes: 125 leaves, 4 above them, the root and the handle. */
enum { POOLS_MORE_THAN_NUMBERS = 66000, LARGE = 4000, NODES = 131 };

/* An app's pool with an open scope, and its figures before the test. */
typedef struct app {
    atr_pool *pool;
    atr_scope *s;
} app;

static app app_begin(void)
{
    app a = {.pool = atr_pool_new()};
    a.s = atr_pool_scope(a.pool);
    return a;
}

/* All that the app held has gone. */
static void app_end(app *a)
{
    atr_scope_close(a->s);
    assert_int_equal(atr_pool_values(a->pool), 0);
    assert_int_equal(atr_pool_bytes(a->pool), 0);
    atr_pool_close(a->pool);
    assert_int_equal(atr_memory_now().pools, 0);
    assert_int_equal(atr_memory_now().blocks, 0);
}

static const todo_item_vec *items_of(atr_scope *s, size_t count)
{
    todo_item_vec_builder *b = todo_item_vec_builder_new(s, NULL);
    for (size_t i = 0; i < count; i++) {
        todo_item_vec_builder_push(b, sample_item(s, (int64_t)i, "a title"));
    }
    return todo_item_vec_builder_seal(b);
}

/* An answer as a worker makes it: in a pool of its own, which the app has adopted. */
static atr_pool *answer_pool(app *a)
{
    atr_pool *pool = atr_pool_new();
    assert_non_null(pool);
    atr_pool_detach(pool);
    atr_pool_adopt(pool, a->pool);
    return pool;
}

/* The app holds it by a scope of its own, the pool is closed. */
static const todo_item_vec *answer_held(app *a, atr_scope *holder, size_t count)
{
    atr_pool *pool = answer_pool(a);
    const todo_item_vec *answer = items_of(atr_pool_scope(pool), count);
    assert_int_equal(todo_item_vec_count(answer), count);
    assert_int_equal(atr_scope_hold(holder, answer), 0);
    atr_pool_close(pool);
    return answer;
}

/* Where sanitizers see each value, pools have no blocks of cells. */
static bool has_chunks(void)
{
    atr_pool *pool = atr_pool_new();
    atr_scope *s = atr_pool_scope(pool);
    uint64_t blocks;
    sample_item(s, 1, "one");
    blocks = atr_memory_stats_now(s).blocks;
    atr_pool_close(pool);
    return blocks == 1;
}

typedef struct sums {
    size_t values, bytes;
} sums;

static void sum_up(void *user, const atr_model *model, size_t values, size_t bytes)
{
    sums *all = user;
    all->values += values;
    all->bytes += bytes;
}

static void assert_stats_are_those_of_the_models(const atr_scope *s, size_t values)
{
    atr_memory_stats stats = atr_memory_stats_now(s);
    sums all = {0, 0};
    assert_true(atr_memory_models(s, sum_up, &all) > 0);
    assert_int_equal(stats.values, values);
    assert_int_equal(stats.values, all.values);
    assert_int_equal(stats.bytes, all.bytes);
}

/* While the answer lives by itself, and when the app has taken over what is left of it. */
static void stats_count_what_the_app_has_adopted(void **state)
{
    app a = app_begin();
    atr_scope *holder = atr_pool_scope(a.pool);
    const todo_item_vec *answer = answer_held(&a, holder, LARGE);

    sample_item(a.s, 1, "of the app");
    assert_int_equal(atr_memory_stats_now(a.s).made, 2);
    assert_stats_are_those_of_the_models(a.s, 2 * LARGE + NODES + 2);
    atr_scope_hold(a.s, todo_item_vec_at(answer, 0));
    atr_scope_close(holder);
    assert_stats_are_those_of_the_models(a.s, 4);
    app_end(&a);
}

static void s5_numbers_of_pools_do_not_run_out(void **state)
{
    app a = app_begin();

    for (int64_t i = 0; i < POOLS_MORE_THAN_NUMBERS; i++) {
        atr_pool *pool = answer_pool(&a);
        assert_int_equal(atr_scope_hold(a.s, ATR_NEW(atr_pool_scope(pool), knot, .number = i)), 0);
        atr_pool_close(pool);
    }

    assert_int_equal(atr_memory_now().values, POOLS_MORE_THAN_NUMBERS);
    assert_int_equal(atr_memory_now().pools, 1);
    app_end(&a);
}

static void s5_a_small_answer_is_taken_over_when_its_pool_is_closed(void **state)
{
    app a = app_begin();
    atr_memory_stats before = atr_memory_stats_now(a.s), now;
    const todo_item_vec *answer = answer_held(&a, a.s, 100);

    now = atr_memory_stats_now(a.s);
    assert_int_equal(atr_memory_now().pools, 1);
    assert_int_equal(atr_memory_now().values, now.values);
    assert_true(now.values > 200);
    assert_true(now.made - before.made > now.values); /* the builder, too */
    assert_int_equal(todo_item_vec_at(answer, 99)->id, 99);
    const todo_item_vec *more = todo_item_vec_push(a.s, answer, todo_item_vec_at(answer, 0));
    assert_int_equal(todo_item_vec_count(more), 101);
    assert_null(atr_scope_error(a.s));
    app_end(&a);
}

static void a_large_answer_is_taken_over_when_it_has_become_thin(void **state)
{
    app a = app_begin();
    atr_scope *holder = atr_pool_scope(a.pool);
    const todo_item_vec *large = answer_held(&a, holder, LARGE);
    const todo_item *rest = todo_item_vec_at(large, 20);
    size_t at_first = atr_memory_now().bytes;
    assert_int_equal(atr_memory_now().pools, 2);
    atr_scope_hold(a.s, rest);

    atr_scope_close(holder);
    answer_held(&a, a.s, 1);
    atr_memory_trim(NULL);

    assert_int_equal(atr_memory_now().pools, 1);
    assert_int_equal(rest->id, 20);
    assert_true(atr_memory_now().bytes < at_first);
    app_end(&a);
}

static void a_large_answer_that_dies_takes_its_pool_along(void **state)
{
    app a = app_begin();
    atr_scope *holder = atr_pool_scope(a.pool);
    uint64_t made = atr_memory_stats_now(a.s).made;
    answer_held(&a, holder, LARGE);

    atr_scope_close(holder);

    assert_int_equal(atr_memory_now().pools, 1);
    assert_int_equal(atr_memory_stats_now(a.s).made, made);
    app_end(&a);
}

static void free_cells_of_an_answer_are_used_by_its_home(void **state)
{
    app a = app_begin();
    atr_pool *pool = answer_pool(&a);
    atr_scope *inner = atr_pool_scope(pool);
    for (int64_t i = 0; i < 100; i++) {
        const knot *made = ATR_NEW(inner, knot, .number = i);
        if (i % 10 == 9) {
            atr_scope_hold(a.s, made);
        }
    }
    atr_pool_close(pool);
    uint64_t blocks = atr_memory_stats_now(a.s).blocks;

    for (int64_t i = 0; i < 90; i++) {
        ATR_NEW(a.s, knot, .number = i);
    }

    assert_true(!has_chunks() || atr_memory_stats_now(a.s).blocks == blocks);
    assert_int_equal(atr_memory_stats_now(a.s).values, 100);
    app_end(&a);
}

/* What is replaced again and again does not pile up. */
static void s5_answers_that_replace_each_other_take_bounded_memory(void **state)
{
    app a = app_begin();
    size_t most = 0, one;
    atr_scope *holder = atr_pool_scope(a.pool);
    answer_held(&a, holder, 500);
    one = atr_memory_now().bytes;

    for (int i = 0; i < 300; i++) {
        atr_scope *next = atr_pool_scope(a.pool);
        answer_held(&a, next, 500);
        atr_scope_close(holder);
        holder = next;
        most = atr_memory_now().bytes > most ? atr_memory_now().bytes : most;
    }

    assert_true(most < 20 * one + 2 * 1024 * 1024);
    atr_scope_close(holder);
    app_end(&a);
}

static void an_answer_is_taken_over_by_force_when_numbers_run_short(void **state)
{
    enum { OTHERS = 33000 };
    app a = app_begin();
    static atr_pool *other[OTHERS];
    for (size_t i = 0; i < OTHERS; i++) {
        other[i] = atr_pool_new();
    }

    answer_held(&a, a.s, LARGE);

    assert_int_equal(atr_memory_now().pools, OTHERS + 1);
    for (size_t i = 0; i < OTHERS; i++) {
        atr_pool_close(other[i]);
    }
    app_end(&a);
}

static void pools_that_are_checked_otherwise_stay_apart(void **state)
{
    app a = app_begin();

    atr_memory_check(true);
    answer_held(&a, a.s, 10);
    assert_int_equal(atr_memory_now().pools, 2);
    atr_memory_check(false);
    answer_held(&a, a.s, 10);

    assert_int_equal(atr_memory_now().pools, 2);
    app_end(&a);
}

static void an_answer_outlives_its_home(void **state)
{
    app a = app_begin();
    atr_pool *pool = answer_pool(&a);
    const todo_item_vec *answer = items_of(atr_pool_scope(pool), 10);
    atr_value_hold(answer);

    atr_pool_close(a.pool);
    atr_pool_close(pool);

    assert_int_equal(todo_item_vec_at(answer, 9)->id, 9);
    assert_int_equal(atr_memory_now().pools, 1);
    atr_value_release(answer);
    assert_int_equal(atr_memory_now().blocks, 0);
}

static void abandoning_a_pool_frees_what_it_took_over_and_what_it_might(void **state)
{
    app a = app_begin();
    answer_held(&a, a.s, 10);
    answer_held(&a, a.s, LARGE);
    answer_held(&a, a.s, 20);
    assert_int_equal(atr_memory_now().pools, 2);

    atr_pool_abandon(a.pool);

    assert_int_equal(atr_memory_now().blocks, 0);
}

/* Checked or not is found out when a pool is made. */
static void pools_of_two_kinds_stay_apart_and_go_together(void **state)
{
    app a = app_begin();
    atr_pool *pool;
    const atr_i64_vec *answer;
    atr_memory_check(true);
    pool = answer_pool(&a);
    answer = atr_i64_vec_push(atr_pool_scope(pool), NULL, 1);
    atr_scope_hold(a.s, answer);
    assert_int_equal(atr_memory_of(a.s, &atr_i64_vec_model), 1);
    atr_pool_close(pool);
    assert_int_equal(atr_i64_vec_at(answer, 0), 1);
    assert_int_equal(atr_memory_now().pools, 2);
    assert_int_equal(atr_memory_of(a.s, &atr_i64_vec_model), 1);

    atr_pool_abandon(a.pool);
    atr_memory_check(false);

    assert_int_equal(atr_memory_now().blocks, 0);
}

static void a_pool_that_was_detached_again_is_not_taken_over(void **state)
{
    app a = app_begin();
    atr_pool *pool = answer_pool(&a);
    const todo_item_vec *answer = items_of(atr_pool_scope(pool), 10);
    atr_value_hold(answer);

    atr_pool_detach(pool);
    atr_pool_adopt(pool, NULL);
    atr_pool_close(pool);

    assert_int_equal(atr_memory_now().pools, 2);
    atr_value_release(answer);
    app_end(&a);
}

/* ---- loans ---- */

enum { ENTRIES = 200, VERSIONS = 20 };

static const atr_i64_map *versions_of(atr_scope *s, const atr_i64_map *m, int64_t base,
                                      const atr_i64_map **versions)
{
    for (int64_t i = 0; i < VERSIONS; i++) {
        m = atr_i64_map_set(s, m, (i * 37) % ENTRIES, base + i);
        versions[i] = m;
    }
    return m;
}

static const atr_i64_map *numbers_of(atr_scope *s)
{
    atr_i64_map_builder *b = atr_i64_map_builder_new(s, NULL);
    for (int64_t i = 0; i < ENTRIES; i++) {
        atr_i64_map_builder_set(b, i, i);
    }
    return atr_i64_map_builder_seal(b);
}

/* Release them in another order than they were made in, reading those left. */
static void release_shuffled(const atr_i64_map **versions, size_t count)
{
    while (count > 0) {
        size_t at = random_below(count);
        atr_value_release(versions[at]);
        versions[at] = versions[--count];
        for (size_t i = 0; i < count; i++) {
            assert_int_equal(atr_i64_map_count(versions[i]), ENTRIES);
            assert_true(atr_i64_map_get(versions[i], 199) >= 199);
        }
    }
}

static void loans_go_over_with_their_nodes(void **state)
{
    random_begin();
    for (int round = 0; round < 20; round++) {
        const atr_i64_map *versions[3 * VERSIONS];
        app a = app_begin();
        atr_pool *pool = answer_pool(&a);
        atr_pool_eager(a.pool, false);
        atr_pool_eager(pool, false);
        atr_scope *s = atr_pool_scope(pool), *own = atr_pool_scope(a.pool);
        versions_of(own, numbers_of(own), 2000, versions);
        const atr_i64_map *last = versions_of(s, numbers_of(s), 1000, versions + VERSIONS);
        for (size_t i = 0; i < 2 * VERSIONS; i++) {
            atr_value_hold(versions[i]);
        }
        atr_scope_close(own);

        atr_pool_close(pool);
        uint64_t fresh = atr_memory_stats_now(a.s).fresh;
        own = atr_pool_scope(a.pool);
        versions_of(own, last, 3000, versions + 2 * VERSIONS);

        assert_int_equal(atr_memory_now().pools, 1);
        assert_true(atr_memory_stats_now(a.s).fresh > fresh);
        for (size_t i = 2 * VERSIONS; i < 3 * VERSIONS; i++) {
            atr_value_hold(versions[i]);
        }
        atr_scope_close(own);
        release_shuffled(versions, 3 * VERSIONS);
        atr_memory_stats stats = atr_memory_stats_now(a.s);
        assert_int_equal(stats.stolen + stats.folded + stats.undone, stats.fresh);
        app_end(&a);
    }
}

/* ---- failing allocations ---- */

/* What was held is there, or nothing was held. */
static void take_over_once(atr_pool *home, atr_scope *s)
{
    const atr_i64_map *versions[VERSIONS] = {NULL}, *held = NULL;
    atr_pool *pool = atr_pool_new();
    atr_scope *in = atr_pool_scope(pool);
    if (in != NULL) {
        atr_pool_adopt(pool, home);
        atr_pool_eager(pool, false);
        versions_of(in, numbers_of(in), 1000, versions);
        if (atr_scope_error(in) == NULL) {
            held = versions[VERSIONS - 1];
            atr_value_hold(held);
            atr_value_hold(versions[3]);
        }
    }
    atr_pool_close(pool);
    if (held != NULL) {
        versions_of(s, held, 2000, versions + 0);
        assert_int_equal(atr_i64_map_count(held), ENTRIES);
    }
    if (held != NULL) {
        atr_value_release(held);
    }
}

static void any_allocation_may_fail_while_an_answer_is_taken_over(void **state)
{
    size_t n = 0;
    failing_begin();
    do {
        failing_after(n++);
        atr_pool *home = atr_pool_new();
        atr_scope *s = atr_pool_scope(home);
        if (s != NULL) {
            atr_pool_eager(home, false);
            take_over_once(home, s);
            take_over_once(home, s);
        }
        if (home != NULL) {
            atr_pool_abandon(home); /* version 3 is still held */
        }
        assert_int_equal(atr_memory_now().pools, 0);
        assert_int_equal(failing.live, 0);
    } while (failing_stop());
    failing_end();
}

/* ---- while something else is going on ---- */

typedef struct closer {
    atr_pool *pool;
} closer;

static void close_pool(void *ptr)
{
    closer *c = ptr;
    atr_pool_close(c->pool);
}

static void a_destructor_may_close_a_pool(void **state)
{
    app a = app_begin();
    closer c = {.pool = answer_pool(&a)};
    atr_pool *large = answer_pool(&a);
    atr_scope *holder = atr_pool_scope(a.pool), *s = atr_pool_scope(large);
    const ladder *last = ATR_NEW(s, ladder, .image = atr_opaque_new(s, "pool", &c, close_pool));
    const knot *rest = ATR_NEW(s, knot, .number = 7);
    atr_scope_hold(holder, items_of(s, LARGE));
    atr_value_hold(last);
    atr_scope_hold(a.s, rest);
    atr_scope_hold(a.s, items_of(atr_pool_scope(c.pool), 5));
    atr_pool_close(large);
    atr_scope_close(holder); /* it is thin now */
    assert_int_equal(atr_memory_now().pools, 3);

    atr_value_release(last); /* the one with the value that is dying stays until that is gone */

    assert_int_equal(atr_memory_now().pools, 2);
    answer_held(&a, a.s, 1);
    assert_int_equal(atr_memory_now().pools, 1);
    assert_int_equal(rest->number, 7);
    app_end(&a);
}

typedef struct reader {
    const todo_item_vec *input;
    pthread_barrier_t *at;
    bool equal, refused;
} reader;

static void *read_input(void *ptr)
{
    reader *r = ptr;
    pthread_barrier_wait(r->at);
    for (int i = 0; i < 20; i++) {
        atr_scope *s = atr_scope_open(NULL);
        const todo_item_vec *copy = atr_copy(s, r->input);
        r->equal = atr_equal(copy, r->input) && atr_hash(copy) == atr_hash(r->input) &&
                   atr_print(s, r->input) != NULL && atr_scope_error(s) == NULL;
        atr_scope_close(s);
    }
    return NULL;
}

static void s5_a_worker_reads_what_the_loop_takes_over(void **state)
{
    for (int round = 0; round < 20; round++) {
        app a = app_begin();
        pthread_barrier_t at;
        pthread_t thread;
        reader r = {.at = &at};
        atr_pool *pool = answer_pool(&a);
        r.input = items_of(atr_pool_scope(pool), 100);
        atr_scope_hold(a.s, r.input);
        pthread_barrier_init(&at, NULL, 2);
        assert_int_equal(pthread_create(&thread, NULL, read_input, &r), 0);

        pthread_barrier_wait(&at);
        atr_pool_close(pool);
        const todo_item_vec *more = items_of(a.s, 10);
        pthread_join(thread, NULL);

        assert_true(r.equal);
        assert_int_equal(todo_item_vec_count(more), 10);
        pthread_barrier_destroy(&at);
        app_end(&a);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        BOTH(stats_count_what_the_app_has_adopted),
        PLAIN(s5_numbers_of_pools_do_not_run_out),
        BOTH(s5_a_small_answer_is_taken_over_when_its_pool_is_closed),
        BOTH(a_large_answer_is_taken_over_when_it_has_become_thin),
        BOTH(a_large_answer_that_dies_takes_its_pool_along),
        BOTH(free_cells_of_an_answer_are_used_by_its_home),
        BOTH(s5_answers_that_replace_each_other_take_bounded_memory),
        PLAIN(an_answer_is_taken_over_by_force_when_numbers_run_short),
        PLAIN(pools_that_are_checked_otherwise_stay_apart),
        BOTH(an_answer_outlives_its_home),
        BOTH(abandoning_a_pool_frees_what_it_took_over_and_what_it_might),
        PLAIN(pools_of_two_kinds_stay_apart_and_go_together),
        BOTH(a_pool_that_was_detached_again_is_not_taken_over),
        BOTH(loans_go_over_with_their_nodes),
        BOTH(any_allocation_may_fail_while_an_answer_is_taken_over),
        BOTH(a_destructor_may_close_a_pool),
        BOTH(s5_a_worker_reads_what_the_loop_takes_over),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
