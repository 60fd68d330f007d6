/* What maps and ordered maps have in common when whole ones are worked on: what it costs, what their functions
 * are asked, and when they end. Included by the tests of each, which say what MAP() and ITEMS() are:
 * MAP(_set) is atr_i64_map_set or atr_i64_omap_set, ITEMS() is todo_item_map or todo_item_omap. */
#ifndef ATR_STATE_TESTS_MAP_FUNCTIONS_H
#define ATR_STATE_TESTS_MAP_FUNCTIONS_H

#include "sample.h"

#define MAP_NAME_OF(name) #name
#define MAP_NAME(name) MAP_NAME_OF(name)

typedef MAP() map;
typedef ITEMS() item_map;

enum { MANY = 100000 };

static const map *many(atr_scope *s)
{
    MAP(_builder) *b = MAP(_builder_new)(s, NULL);
    for (int64_t i = 0; i < MANY; i++) {
        MAP(_builder_set)(b, i, i);
    }
    return MAP(_builder_seal)(b);
}

static bool is_not_77777(int64_t key, int64_t value, void *user)
{
    return value != 77777;
}

static int64_t less_at_77777(atr_scope *s, int64_t key, int64_t value, void *user)
{
    return value == 77777 ? 0 : value;
}

static int64_t same(atr_scope *s, int64_t key, int64_t value, void *user)
{
    return value;
}

static size_t values_since(size_t *before)
{
    size_t now = atr_memory_now().values, made = now - *before;
    *before = now;
    return made;
}

/* The value 0 is no absent key. */
static void a_key_is_found_with_its_value(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const map *m = many(s);
    const item_map *items = ITEMS(_set)(s, NULL, 7, sample_item(s, 7, "milk"));
    const todo_item *item = NULL;
    int64_t value = -1;

    for (int64_t i = 0; i < MANY; i += 999) {
        assert_true(MAP(_find)(m, i, &value) && value == i);
        assert_true(MAP(_find)(m, i, NULL));
    }
    assert_false(MAP(_find)(m, MANY, &value) || MAP(_find)(m, -1, NULL));
    assert_false(MAP(_find)(NULL, 0, &value));
    assert_int_equal(value, (MANY - 1) / 999 * 999);
    assert_true(ITEMS(_find)(items, 7, &item));
    assert_ptr_equal(item, ITEMS(_get)(items, 7));
    assert_false(ITEMS(_find)(items, 8, &item));
    assert_int_equal(item->id, 7);
    atr_scope_close(s);
}

static void what_changes_nothing_gives_the_map_itself(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const map *a = many(s), *twin_of_a = many(s), *few = NULL, *other = NULL, *merged;
    size_t before;
    for (int64_t i = 0; i < 100; i++) {
        few = MAP(_set)(s, few, i * 999, i * 999);
        other = MAP(_set)(s, other, -1 - i, 0);
    }
    before = atr_memory_now().values;

    assert_ptr_equal(MAP(_merge)(s, a, few), a);
    assert_ptr_equal(MAP(_merge)(s, few, a), a);
    assert_ptr_equal(MAP(_merge)(s, a, NULL), a);
    assert_ptr_equal(MAP(_merge)(s, NULL, a), a);
    assert_ptr_equal(MAP(_intersection)(s, few, a), few);
    assert_ptr_equal(MAP(_intersection)(s, a, twin_of_a), a);
    assert_null(MAP(_intersection)(s, a, NULL));
    assert_null(MAP(_intersection)(s, NULL, a));
    assert_ptr_equal(MAP(_difference)(s, a, other), a);
    assert_ptr_equal(MAP(_difference)(s, few, other), few);
    assert_ptr_equal(MAP(_difference)(s, a, NULL), a);
    assert_null(MAP(_difference)(s, a, twin_of_a));
    assert_null(MAP(_difference)(s, few, a));
    assert_null(MAP(_merge)(s, NULL, NULL));
    assert_ptr_equal(MAP(_transform)(s, a, same, NULL), a);
    merged = MAP(_merge)(s, a, twin_of_a);
    assert_true(merged == a || merged == twin_of_a);
    assert_int_equal(atr_memory_now().values, before);
    assert_null(atr_scope_error(s));
    atr_scope_close(s);
}

/* ---- functions ---- */

typedef struct asked {
    atr_scope *s;
    size_t calls, until; /* the call that latches; 0: none */
} asked;

static void ask(asked *a)
{
    if (++a->calls == a->until) {
        atr_refuse(a->s, -4711, "enough");
    }
}

static int64_t larger(atr_scope *s, int64_t key, int64_t a, int64_t b, void *user)
{
    assert_true(a != b);
    ask(user);
    return a > b ? a : b;
}

static void a_choice_is_asked_for_differing_values_only(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const map *a = many(s), *b = a, *m;
    asked asking = {s, 0, 0};
    for (int64_t i = 0; i < 20; i++) {
        b = MAP(_set)(s, b, i * 777, i % 2 == 0 ? -1 : MANY);
        b = MAP(_set)(s, b, -1 - i, 1);
    }

    m = MAP(_merge_with)(s, a, b, larger, &asking);

    assert_int_equal(asking.calls, 20);
    assert_int_equal(MAP(_count)(m), MANY + 20);
    for (int64_t i = 0; i < 20; i++) {
        assert_int_equal(MAP(_get)(m, i * 777), i % 2 == 0 ? i * 777 : MANY);
    }
    assert_true(atr_equal(MAP(_merge_with)(s, b, a, larger, &asking), m));
    assert_ptr_equal(MAP(_merge_with)(s, m, b, larger, &asking), m);
    assert_null(MAP(_merge_with)(s, a, b, NULL, NULL));
    assert_int_equal(atr_scope_take_error(s)->code, ATR_E_INVALID);
    atr_scope_close(s);
}

/* The answer tells what the function was given, and as what. */
static int64_t told(atr_scope *s, int64_t key, int64_t a, int64_t b, void *user)
{
    return *(const int64_t *)user + 100 * key + 10 * a + b;
}

/* Both large and much of it different, both large and little, one much smaller than the other. */
static void a_choice_is_between_the_value_of_the_first_and_that_of_the_second(void **state)
{
    static const int64_t cases[][3] = {
        {3000, 3000, 1}, {3000, 3000, 700}, {3000, 20, 3}, {20, 3000, 3}};
    atr_scope *s = atr_scope_open(NULL);
    int64_t user = 1000000000;

    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        const map *a = NULL, *b = NULL, *m;
        for (int64_t i = 0; i < cases[k][0]; i++) {
            a = MAP(_set)(s, a, i, 2 * i);
        }
        for (int64_t i = 0; i < cases[k][1]; i++) {
            b = MAP(_set)(s, b, i, i % cases[k][2] == 0 ? 3 * i + 1 : 2 * i);
        }

        m = MAP(_merge_with)(s, a, b, told, &user);

        assert_int_equal(MAP(_count)(m), 3000);
        for (int64_t i = 0; i < 3000; i++) {
            bool differ = i < cases[k][0] && i < cases[k][1] && i % cases[k][2] == 0;
            int64_t alone = i < cases[k][0] ? 2 * i : MAP(_get)(b, i);
            assert_int_equal(MAP(_get)(m, i), differ ? user + 100 * i + 20 * i + 3 * i + 1 : alone);
        }
    }
    atr_scope_close(s);
}

static bool failing_test(int64_t key, int64_t value, void *user)
{
    ask(user);
    return value % 2 == 0;
}
static int64_t failing_change(atr_scope *s, int64_t key, int64_t value, void *user)
{
    ask(user);
    return value + 1;
}
static int64_t failing_key(int64_t item, void *user)
{
    ask(user);
    return item;
}

static const map *ask_for_all(size_t k, atr_scope *s, const map *a, const map *b, asked *asking)
{
    const atr_i64_vec *items = MAP(_values)(s, a);
    switch (k) {
    case 0: return MAP(_merge_with)(s, a, b, larger, asking);
    case 1: return MAP(_filter)(s, a, failing_test, asking);
    case 2: return MAP(_transform)(s, a, failing_change, asking);
    default: return MAP(_index)(s, items, failing_key, asking);
    }
}

static void end_when_asked(size_t first, size_t last)
{
    for (size_t until = 1; until < 1000; until *= 3) {
        atr_scope *s = atr_scope_open(NULL), *inner = atr_scope_open(s);
        const map *a = NULL, *b = NULL;
        size_t before;
        for (int64_t i = 0; i < 1000; i++) {
            a = MAP(_set)(s, a, i, i);
            b = MAP(_set)(s, b, i, -i - 1);
        }
        before = atr_memory_now().values;
        for (size_t k = first; k <= last; k++) {
            asked asking = {inner, 0, until};
            assert_null(ask_for_all(k, inner, a, b, &asking));
            assert_int_equal(asking.calls, until);
            assert_int_equal(atr_scope_take_error(inner)->code, -4711);
        }
        atr_scope_close(inner);
        assert_int_equal(atr_memory_now().values, before);
        atr_scope_close(s);
    }
}

static void a_function_that_latches_ends_the_work(void **state)
{
    end_when_asked(0, 0);
}

static void filters_transforms_and_indexes_end_when_their_function_latches(void **state)
{
    end_when_asked(1, 3);
}

static const todo_item *no_item(atr_scope *s, int64_t key, const todo_item *item, void *user)
{
    return NULL;
}

static void missing_functions_and_values_are_refused(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const item_map *m = ITEMS(_set)(s, NULL, 1, &todo_item_default);

    assert_null(ITEMS(_filter)(s, m, NULL, NULL));
    assert_string_equal(atr_scope_error(s)->message->bytes,
                        MAP_NAME(ITEMS()) ": the function is NULL");
    assert_int_equal(atr_scope_take_error(s)->code, ATR_E_INVALID);
    assert_null(ITEMS(_transform)(s, m, NULL, NULL));
    assert_int_equal(atr_scope_take_error(s)->code, ATR_E_INVALID);
    assert_null(ITEMS(_index)(s, ITEMS(_values)(s, m), NULL, NULL));
    assert_int_equal(atr_scope_take_error(s)->code, ATR_E_INVALID);
    assert_null(ITEMS(_transform)(s, m, no_item, NULL));
    assert_int_equal(atr_scope_take_error(s)->code, ATR_E_REFUSED);
    assert_null(ITEMS(_merge)(NULL, m, m));
    assert_null(ITEMS(_filter)(NULL, m, NULL, NULL));
    assert_null(ITEMS(_keys)(NULL, m));
    atr_scope_close(s);
}

static const atr_str *title_of(atr_scope *s, int64_t key, const todo_item *item, void *user)
{
    assert_int_equal(key, item->id);
    return item->title;
}

static int64_t id_of(const todo_item *item, void *user)
{
    return item->id;
}

#endif
