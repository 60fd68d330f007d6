/* Builders of vectors, at random and on a plain array too: pushing, popping, appending, setting, sealing. */
#include <string.h>

#include "failing.h"
#include "random.h"
#include "sample.h"
#include "shape.h"

enum { ITEMS_MAX = 8000, SOURCES = 4 };

/* A builder and what should be in it. */
typedef struct twin {
    atr_i64_vec_builder *b;
    int64_t items[ITEMS_MAX];
    size_t count;
} twin;

static int64_t scratch[ITEMS_MAX];

/* Vectors of all shapes, to be appended: small, large, cut out of others, joined. */
static const atr_i64_vec *source(atr_scope *s, size_t most)
{
    size_t count = random_below(random_below(3) == 0 ? most : 70);
    const atr_i64_vec *v;
    for (size_t i = 0; i < count; i++) {
        scratch[i] = (int64_t)random_below(1000000);
    }
    v = atr_i64_vec_of(s, scratch, count);
    if (count > 2 && random_below(2) == 0) {
        size_t at = random_below(count), to = at + random_below(count - at);
        v = atr_i64_vec_concat(s, atr_i64_vec_slice(s, v, 0, at), atr_i64_vec_slice(s, v, at, to));
    }
    return v;
}

static void append(atr_scope *s, twin *t, const atr_i64_vec *v)
{
    size_t count = atr_i64_vec_count(v);
    if (count > ITEMS_MAX - t->count) {
        return;
    }
    assert_int_equal(atr_i64_vec_builder_append(t->b, v), ATR_OK);
    for (size_t i = 0; i < count; i++) {
        t->items[t->count + i] = atr_i64_vec_at(v, i);
    }
    t->count += count;
}

static void push(twin *t, size_t count)
{
    for (size_t i = 0; i < count && t->count < ITEMS_MAX; i++) {
        int64_t item = (int64_t)random_below(1000000);
        assert_int_equal(atr_i64_vec_builder_push(t->b, item), ATR_OK);
        t->items[t->count++] = item;
    }
}

static void pop(twin *t, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(atr_i64_vec_builder_pop(t->b), ATR_OK);
        t->count -= t->count > 0;
    }
}

static void set(twin *t)
{
    size_t at = random_below(t->count);
    if (t->count > 0) {
        assert_int_equal(atr_i64_vec_builder_set(t->b, at, -1), ATR_OK);
        t->items[at] = -1;
    }
}

/* What is sealed is right, and a builder goes on with it, or begins anew. */
static const atr_i64_vec *seal(atr_scope *s, twin *t)
{
    const atr_i64_vec *v = atr_i64_vec_builder_seal(t->b);
    assert_int_equal(atr_i64_vec_count(v), t->count);
    check_vec((const atr_vec *)v);
    for (size_t i = 0; i < t->count; i++) {
        assert_int_equal(atr_i64_vec_at(v, i), t->items[i]);
    }
    assert_int_equal(atr_i64_vec_builder_count(t->b), 0);
    if (random_below(2) == 0) {
        t->b = atr_i64_vec_builder_new(s, v);
    } else {
        t->count = 0;
    }
    return v;
}

static void step(atr_scope *s, twin *t, const atr_i64_vec **sources)
{
    switch (random_below(16)) {
    case 0: append(s, t, source(s, 3000)); break;
    case 1:
    case 2: append(s, t, sources[random_below(SOURCES)]); break;
    case 3: pop(t, random_below(100)); break;
    case 4: pop(t, random_below(t->count + 2)); break;
    case 5: sources[random_below(SOURCES)] = seal(s, t); break;
    case 6:
    case 7: pop(t, 1); break;
    case 8:
    case 9: set(t); break;
    default: push(t, random_below(50)); break;
    }
    assert_int_equal(atr_i64_vec_builder_count(t->b), t->count);
    for (size_t i = 0; i < 4 && t->count > 0; i++) {
        size_t at = i == 0 ? t->count - 1 : random_below(t->count);
        assert_int_equal(atr_i64_vec_builder_at(t->b, at), t->items[at]);
    }
}

static void builders_agree_with_plain_arrays(void **state)
{
    static twin t;
    size_t steps = random_begin();
    for (size_t n = 0; n < steps; n += 500) {
        atr_scope *s = atr_scope_open(NULL);
        const atr_i64_vec *sources[SOURCES] = {NULL};
        t.b = atr_i64_vec_builder_new(s, NULL);
        t.count = 0;
        for (size_t i = 0; i < 500; i++) {
            step(s, &t, sources);
        }
        assert_null(atr_scope_error(s));
        atr_scope_close(s);
    }
}

static const todo_item_vec *items_of(atr_scope *s, size_t count)
{
    todo_item_vec_builder *b = todo_item_vec_builder_new(s, NULL);
    for (size_t i = 0; i < count; i++) {
        todo_item_vec_builder_push(b, sample_item(s, (int64_t)i, "item"));
    }
    return todo_item_vec_builder_seal(b);
}

static void what_is_popped_lives_as_long_as_others_hold_it(void **state)
{
    atr_scope *s = atr_scope_open(NULL), *inner = atr_scope_open(s);
    const todo_item_vec *v = items_of(inner, 1000);
    todo_item_vec_builder *b = todo_item_vec_builder_new(s, v);
    atr_scope_close(inner);

    assert_int_equal(todo_item_vec_builder_append(b, NULL), ATR_OK);
    assert_int_equal(atr_memory_of(s, &todo_item_model), 1000);
    for (size_t i = 0; i < 990; i++) {
        assert_int_equal(todo_item_vec_builder_pop(b), ATR_OK);
    }
    assert_int_equal(atr_memory_of(s, &todo_item_model), 10);
    v = todo_item_vec_builder_seal(b);
    assert_int_equal(todo_item_vec_count(v), 10);
    assert_int_equal(todo_item_vec_at(v, 9)->id, 9);
    assert_int_equal(todo_item_vec_builder_pop(b), ATR_OK);
    assert_null(todo_item_vec_builder_seal(b));
    assert_int_equal(todo_item_vec_builder_pop(NULL), ATR_E_NO_MEMORY);
    assert_int_equal(todo_item_vec_builder_append(NULL, v), ATR_E_NO_MEMORY);
    atr_scope_close(s);
}

static const todo_item milk = {ATR_HEAD(todo_item), .id = 5, .title = ATR_LIT("milk")};
static const todo_item *const twice[] = {&milk, &milk};
static const todo_item_vec both = ATR_VEC_INIT(todo_item_vec, twice);

static void a_static_vector_is_appended_like_any_other(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    todo_item_vec_builder *b = todo_item_vec_builder_new(s, NULL);
    const todo_item_vec *v;

    for (int i = 0; i < 100; i++) {
        assert_int_equal(todo_item_vec_builder_append(b, &both), ATR_OK);
    }
    v = todo_item_vec_builder_seal(b);
    assert_int_equal(todo_item_vec_count(v), 200);
    assert_ptr_equal(todo_item_vec_at(v, 150), &milk);
    check_vec((const atr_vec *)v);
    atr_scope_close(s);
}

/* An empty builder takes it over; else what lies at the seam is copied. */
static void appending_costs_a_path(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const todo_item_vec *v = items_of(s, 100000);
    todo_item_vec_builder *b = todo_item_vec_builder_new(s, NULL);
    size_t before = atr_memory_now().values;

    todo_item_vec_builder_append(b, v);
    assert_int_equal(atr_memory_now().values, before);
    todo_item_vec_builder_append(b, v);
    assert_in_range(atr_memory_now().values - before, 1, 20);
    assert_int_equal(todo_item_vec_builder_count(b), 200000);
    atr_scope_close(s);
}

/* Returns whether all went well. What does not go well changes nothing. All lengths are multiples of 20. */
static bool scenario(atr_scope *s)
{
    const todo_item_vec *large = items_of(s, 1200), *few = items_of(s, 20), *made;
    todo_item_vec_builder *b = todo_item_vec_builder_new(s, few);
    size_t count = 0;
    bool good = atr_scope_error(s) == NULL;
    for (int i = 0; good && i < 6; i++) {
        count = todo_item_vec_builder_count(b);
        good = todo_item_vec_builder_append(b, i % 3 == 1 ? large : few) == ATR_OK;
    }
    for (int i = 0; good && i < 1300; i++) {
        count = todo_item_vec_builder_count(b);
        good = todo_item_vec_builder_pop(b) == ATR_OK;
    }
    if (!good && atr_scope_error(s) != NULL && b != NULL && count > 0) {
        assert_int_equal(todo_item_vec_builder_count(b), count);
        assert_int_equal(todo_item_vec_builder_at(b, count - 1)->id % 20,
                         (int64_t)(count - 1) % 20);
    }
    failing_stop();
    atr_scope_take_error(s);
    made = good ? todo_item_vec_builder_seal(b) : NULL;
    check_vec((const atr_vec *)made);
    return good;
}

static void where_memory_fails_the_builder_stays_as_it_was(void **state)
{
    bool good = false;
    size_t n = 0;
    for (; !good; n++) {
        atr_pool *pool = atr_pool_new();
        atr_scope *s = atr_pool_scope(pool);
        atr_pool_gate(pool, failing_gate, NULL);
        failing_after(2480 + n);
        good = scenario(s);
        atr_pool_gate(pool, NULL, NULL);
        atr_pool_close(pool);
        assert_int_equal(atr_memory_now().blocks, 0);
    }
    assert_true(n > 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        BOTH(builders_agree_with_plain_arrays),
        BOTH(what_is_popped_lives_as_long_as_others_hold_it),
        BOTH(a_static_vector_is_appended_like_any_other),
        BOTH(appending_costs_a_path),
        BOTH(where_memory_fails_the_builder_stays_as_it_was),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
