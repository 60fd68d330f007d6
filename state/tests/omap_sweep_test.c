/* Every allocation of ordered maps fails once: in updates and in builders of keys and values of many kinds. */
#include "collections.h"
#include "failing.h"
#include "sample.h"

#include "omap_twin.h"

/* ---- memory that fails once ---- */

/* Each update makes nodes anew on all levels: it splits, borrows or joins. */
static const atr_omap *filled(atr_scope *s, const shape *sh, size_t step)
{
    const atr_omap *m = NULL;
    for (size_t i = 0; i < KEYS; i += step) {
        m = atr_omap_set(s, sh->model, m, sh->key(s, i), sh->value(s, 1));
    }
    return m;
}

static bool set_once(const shape *sh, size_t i, bool remove, size_t count)
{
    atr_pool *pool = atr_pool_new();
    atr_scope *s = atr_pool_scope(pool), *inner;
    const atr_omap *m = filled(s, sh, 2), *same = filled(s, sh, 2), *made;
    atr_word key = sh->key(s, i), value = sh->value(s, 2);
    size_t before = atr_pool_values(pool);
    bool failed;

    inner = atr_scope_open(s);
    atr_pool_gate(pool, failing_gate, NULL);
    failing_after(count);
    made = remove ? atr_omap_remove(inner, sh->model, m, key)
                  : atr_omap_set(inner, sh->model, m, key, value);
    failed = failing_stop() > 0;
    assert_int_equal(made == NULL, failed);
    if (failed) {
        assert_ptr_equal(atr_scope_take_error(inner), &atr_error_no_memory);
    }
    check_omap(made);
    atr_scope_close(inner);
    assert_int_equal(atr_pool_values(pool), before);
    check_omap(m);
    assert_true(atr_equal(m, same));
    atr_pool_close(pool);
    return failed;
}

static void nothing_is_lost_when_an_update_fails(void **state)
{
    static const size_t places[] = {0, 1, 29, 30, 60, 301, 720, KEYS - 2, KEYS - 1};
    for (size_t sh = 0; sh < SHAPES; sh += 2) {
        for (size_t p = 0; p < sizeof places / sizeof *places; p++) {
            size_t count = 0;
            while (set_once(&shapes[sh], places[p], places[p] % 2 == 0 && !is_set(&shapes[sh]),
                            count)) {
                count++;
            }
        }
    }
}

static bool build_once(const shape *sh, size_t count)
{
    atr_pool *pool = atr_pool_new();
    atr_scope *s = atr_pool_scope(pool), *inner;
    const atr_omap *m = filled(s, sh, 3), *same = filled(s, sh, 3), *made;
    atr_word keys[KEYS], value = sh->value(s, 1);
    atr_omap_builder *b;
    size_t before;
    bool failed;
    for (size_t i = 0; i < KEYS; i++) {
        keys[i] = sh->key(s, i);
    }
    before = atr_pool_values(pool);

    inner = atr_scope_open(s);
    b = atr_omap_builder_new(inner, sh->model, m);
    atr_pool_gate(pool, failing_gate, NULL);
    failing_after(count);
    for (size_t i = 0; i < KEYS; i++) {
        size_t at = i * 7 % KEYS;
        while (atr_omap_builder_set(b, keys[at], value) != ATR_OK) {
            assert_true(failing.failed > 0);
        }
        while (at % 2 == 0 && atr_omap_builder_remove(b, keys[at]) != ATR_OK) {
            assert_true(failing.failed > 0);
        }
    }
    while ((made = atr_omap_builder_seal(b)) == NULL) {
        assert_true(failing.failed > 0);
    }
    failed = failing_stop() > 0;
    check_omap(made);
    assert_int_equal(atr_omap_count(made), KEYS / 2);
    atr_scope_take_error(inner);
    atr_scope_close(inner);
    assert_int_equal(atr_pool_values(pool), before);
    assert_true(atr_equal(m, same));
    atr_pool_close(pool);
    return failed;
}

static void a_builder_that_met_a_full_memory_goes_on(void **state)
{
    for (size_t sh = 0; sh < SHAPES; sh += 4) {
        size_t count = 0;
        while (build_once(&shapes[sh], count)) {
            count += 1 + count / 8;
        }
        assert_true(count > 20);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        BOTH(nothing_is_lost_when_an_update_fails),
        BOTH(a_builder_that_met_a_full_memory_goes_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
