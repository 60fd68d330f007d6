#include "failing.h"
#include "sample.h"

static void the_allocator_gets_every_block_back_with_its_size(void **state)
{
    failing_begin();
    atr_scope *s = atr_scope_open(NULL);
    atr_copy(s, sample_everything(s, 1));
    atr_print(s, sample_everything(s, 2));
    assert_true(failing.live > 0);
    atr_scope_close(s);
    failing_end();
}

static void the_allocator_stays_while_anything_is_allocated(void **state)
{
    const atr_allocator allocator = {failing_take, failing_give, NULL};
    const atr_allocator half = {failing_take, NULL, NULL};
    atr_scope *s = atr_scope_open(NULL);

    assert_int_equal(atr_memory_set_allocator(&allocator), ATR_E_PHASE);
    atr_scope_close(s);

    assert_int_equal(atr_memory_set_allocator(&half), ATR_E_INVALID);
    assert_int_equal(atr_memory_set_allocator(NULL), 0);
}

static void figures_follow_what_is_allocated(void **state)
{
    atr_memory before = atr_memory_now();

    void *block = atr_memory_take(100);
    atr_memory during = atr_memory_now();
    atr_memory_give(block, 100);
    atr_memory_give(NULL, 5);

    assert_int_equal(before.blocks, 0);
    assert_int_equal(during.blocks, 1);
    assert_int_equal(during.bytes, 100);
    assert_int_equal(atr_memory_now().bytes, 0);

    atr_scope *s = atr_scope_open(NULL);
    ATR_NEW(s, knot);
    assert_int_equal(atr_memory_now().values, 1);
    assert_int_equal(atr_memory_now().pools, 1);
    atr_scope_close(s);
    assert_int_equal(atr_memory_now().pools, 0);
}

/* ---- sweeps: each allocation of a scenario fails once ---- */

/* Uses most of what makes values. Says whether a scope latched. */
static bool scenario(atr_scope *s)
{
    bool latched = false;
    const everything *kept = NULL;
    ATR_SCOPE(inner, s) {
        const everything *all = sample_everything(inner, 3);
        const knot *top = ATR_NEW(inner, knot);
        for (int i = 0; i < 40; i++) {
            top = ATR_NEW(inner, knot, .number = i, .next = top, .other = top);
        }
        kept = atr_copy(inner, all);
        atr_scope_yield(inner, kept);
        atr_copy(inner, top);
        atr_print(inner, kept);
        atr_diff_print(inner, all, &everything_default, 0);
        atr_str_concat(inner, all->text, atr_str_format(inner, "%0300d", 1));
        atr_error_make(inner, ATR_DOMAIN_APP, 1, "made in %s", "passing");
        atr_model_check(inner, &everything_model);
        atr_compare(all, kept);
        atr_equal(all, kept);
        atr_hash(all);
        latched = atr_scope_error(inner) != NULL;
    }
    return latched || atr_scope_error(s) != NULL;
}

static void any_allocation_may_fail(void **state)
{
    size_t n = 0, latched = 0;
    failing_begin();
    do {
        failing_after(n++);
        atr_scope *s = atr_scope_open(NULL);
        latched += s != NULL && scenario(s);
        atr_scope_close(s);
        assert_int_equal(atr_memory_now().blocks, 0);
    } while (failing_stop());
    assert_true(n > 10);
    assert_true(latched > 0);
    failing_end();
}

static void any_value_may_be_refused_by_the_gate(void **state)
{
    size_t n = 0;
    bool failed;
    do {
        atr_pool *pool = atr_pool_new();
        atr_scope *s = atr_pool_scope(pool);
        atr_pool_gate(pool, failing_gate, NULL);
        failing_after(n++);
        bool latched = scenario(s);
        failed = failing_stop() > 0;
        /* A refused value shows in the latch, but where a guess was made on, such as an error. */
        assert_true(!latched || failed);
        atr_pool_close(pool);
        assert_int_equal(atr_memory_now().blocks, 0);
    } while (failed);
    assert_true(n > 50);
}

static void a_refused_value_latches_and_gives_the_default(void **state)
{
    atr_pool *pool = atr_pool_new();
    atr_scope *s = atr_pool_scope(pool);
    atr_pool_gate(pool, failing_gate, NULL);

    failing_after(0);
    const knot *refused = ATR_NEW(s, knot, .number = 1);
    const knot *made = ATR_NEW(s, knot, .number = 2);

    assert_ptr_equal(refused, &knot_default);
    assert_int_equal(made->number, 2);
    assert_ptr_equal(atr_scope_error(s), &atr_error_no_memory);
    atr_pool_gate(pool, NULL, NULL);
    atr_pool_close(pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        BOTH(the_allocator_gets_every_block_back_with_its_size),
        PLAIN(the_allocator_stays_while_anything_is_allocated),
        PLAIN(figures_follow_what_is_allocated),
        BOTH(any_allocation_may_fail),
        BOTH(any_value_may_be_refused_by_the_gate),
        BOTH(a_refused_value_latches_and_gives_the_default),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
