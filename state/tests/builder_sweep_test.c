/* Every allocation of builders fails once: what failed can be done again, and what they began with stays as it was. */
#include "sweep_olds.h"

static void vec_builder_goes_on(atr_scope *s, const olds *o)
{
    atr_str_vec_builder *b = atr_str_vec_builder_new(s, o->relaxed);
    size_t from = atr_str_vec_count(o->relaxed);
    const atr_str_vec *made;
    while (b == NULL) {
        b = atr_str_vec_builder_new(s, o->relaxed);
    }
    for (size_t i = 0; i < 200; i++) {
        while (atr_str_vec_builder_push(b, o->text) != ATR_OK) {
            assert_true(failing.failed > 0);
        }
        while (atr_str_vec_builder_set(b, i * 6, o->twin) != ATR_OK) {
            assert_true(failing.failed > 0);
        }
    }
    while ((made = atr_str_vec_builder_seal(b)) == NULL) {
        assert_true(failing.failed > 0);
    }
    check_vec((const atr_vec *)made);
    assert_int_equal(atr_str_vec_count(made), from + 200);
    for (size_t i = 0; i < from + 200; i++) {
        const atr_str *wanted = i < 1200 && i % 6 == 0 ? o->twin
                                : i < from             ? atr_str_vec_at(o->relaxed, i)
                                                       : o->text;
        assert_ptr_equal(atr_str_vec_at(made, i), wanted);
    }
}

static void map_builder_goes_on(atr_scope *s, const olds *o)
{
    todo_item_map_builder *b = todo_item_map_builder_new(s, o->deep);
    const todo_item_map *made;
    while (b == NULL) {
        b = todo_item_map_builder_new(s, o->deep);
    }
    for (int64_t i = 20; i < 200; i++) {
        while (todo_item_map_builder_set(b, i, an_item()) != ATR_OK ||
               todo_item_map_builder_remove(b, i - 20) != ATR_OK) {
            assert_true(failing.failed > 0);
        }
    }
    while (todo_item_map_builder_remove(b, deep_key()) != ATR_OK) {
        assert_true(failing.failed > 0);
    }
    while ((made = todo_item_map_builder_seal(b)) == NULL) {
        assert_true(failing.failed > 0);
    }
    check_map((const atr_map *)made);
    assert_int_equal(todo_item_map_count(made), 20);
    for (int64_t i = 180; i < 200; i++) {
        assert_ptr_equal(todo_item_map_get(made, i), an_item());
    }
}

/* From an empty one: what was set becomes a map when it is sealed. */
static void empty_map_builder_goes_on(atr_scope *s, const olds *o)
{
    atr_str_map_builder *b;
    const atr_str_map *made;
    while ((b = atr_str_map_builder_new(s, NULL)) == NULL) {
        assert_true(failing.failed > 0);
    }
    for (int64_t i = 0; i < 600; i++) {
        while (atr_str_map_builder_set(b, i % 300 * 977, i < 300 ? o->text : o->twin) != ATR_OK) {
            assert_true(failing.failed > 0);
        }
    }
    while ((made = atr_str_map_builder_seal(b)) == NULL) {
        assert_true(failing.failed > 0);
    }
    check_map((const atr_map *)made);
    for (int64_t i = 300; i < 600; i++) {
        assert_ptr_equal(atr_str_map_get(made, i % 300 * 977), o->twin);
    }
}

/* Read when it has notes only, or when these became a map for the keys that come again and again. */
static void read_map_builder_goes_on(atr_scope *s, const olds *o)
{
    for (int64_t read_at = 100; read_at <= 1100; read_at += 1000) {
        atr_str_map_builder *b;
        while ((b = atr_str_map_builder_new(s, NULL)) == NULL) {
            assert_true(failing.failed > 0);
        }
        for (int64_t i = 0; i <= 1100; i++) {
            while (atr_str_map_builder_set(b, i % 50, i < 1050 ? o->text : o->twin) != ATR_OK) {
                assert_true(failing.failed > 0);
            }
            while (i == read_at && atr_str_map_builder_count(b) != 50) {
                assert_true(failing.failed > 0);
            }
        }
        assert_ptr_equal(atr_str_map_builder_get(b, 49), o->twin);
    }
}

static bool build_once(void (*run)(atr_scope *s, const olds *o), size_t count)
{
    atr_pool *pool = atr_pool_new();
    atr_scope *s = atr_pool_scope(pool), *inner = atr_scope_open(s);
    olds o = olds_make(s), same = olds_make(s);
    size_t before = atr_pool_values(pool);
    bool failed;

    atr_pool_gate(pool, failing_gate, NULL);
    failing_after(count);
    run(inner, &o);
    failed = failing_stop() > 0;

    atr_scope_take_error(inner);
    atr_scope_close(inner);
    assert_int_equal(atr_pool_values(pool), before);
    olds_are_intact(s, &o, &same);
    atr_pool_close(pool);
    return failed;
}

static void a_builder_that_met_a_full_memory_goes_on(void **state)
{
    static void (*const builders[])(atr_scope * s, const olds *o) = {
        vec_builder_goes_on, map_builder_goes_on, empty_map_builder_goes_on,
        read_map_builder_goes_on};
    for (size_t i = 0; i < sizeof builders / sizeof *builders; i++) {
        size_t count = 0;
        failing_begin();
        while (build_once(builders[i], count)) {
            count++;
        }
        failing_end();
        assert_true(count > 10);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        BOTH(a_builder_that_met_a_full_memory_goes_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
