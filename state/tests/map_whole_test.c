/* What combines two maps or sets, or goes through a whole one. */
#include <math.h>
#include <string.h>

#include "collections.h"
#include "random.h"
#include "sample.h"
#include "shape.h"

#include "map_keys.h"

ATR_MAP_TRANSFORM(titles_of, todo_item_map, atr_str_map);
ATR_MAP_TRANSFORM(weights_of, atr_str_str_map, atr_f64_str_map);

/* Holds others of its kind in collections. */
#define CHAINED(F)              \
    F(vec(chained), in_vec)     \
    F(map(i64, chained), by_id) \
    F(map(str, chained), by_name)
ATR_MODEL(chained, CHAINED);
ATR_MODEL_IMPL(chained, CHAINED);

/* ---- against plain arrays ---- */

/* A map of one of the families and what should be in it, by the number of the key. */
typedef struct twin {
    const atr_map *m;
    int64_t values[KEYS]; /* 0: not there */
} twin;

static size_t family;

static atr_word key_at(atr_scope *s, size_t i)
{
    return families[family].make(s, i);
}

static void twin_set(atr_scope *s, twin *t, size_t i, int64_t value)
{
    const atr_model *model = families[family].model;
    t->m = value != 0 ? atr_map_set(s, model, t->m, key_at(s, i), atr_word_i64_(value))
                      : atr_map_remove(s, model, t->m, key_at(s, i));
    t->values[i] = value;
}

static void twin_fill(atr_scope *s, twin *t, size_t share)
{
    for (size_t i = 0; i < families[family].count; i++) {
        if (random_below(100) < share) {
            twin_set(s, t, i, 1 + (int64_t)random_below(3));
        }
    }
}

static void twin_change(atr_scope *s, twin *t, size_t changes)
{
    for (size_t i = 0; i < changes; i++) {
        twin_set(s, t, random_below(families[family].count), (int64_t)random_below(4));
    }
}

static void holds(atr_scope *s, const atr_map *m, const int64_t *values)
{
    size_t count = 0;
    check_map(m);
    for (size_t i = 0; i < families[family].count; i++) {
        atr_word value = {0};
        if (atr_map_find(m, key_at(s, i), &value) != (values[i] != 0) || value.i64 != values[i]) {
            fail_msg("%s: key %zu", families[family].name, i);
        }
        count += values[i] != 0;
    }
    assert_int_equal(atr_map_count(m), count);
}

/* What a combination should make of two values. */
static int64_t wanted_of(atr_combine how, int64_t a, int64_t b)
{
    switch (how) {
    case ATR_COMBINE_UNION: return b != 0 ? b : a;
    case ATR_COMBINE_INTERSECTION: return b != 0 ? a : 0;
    case ATR_COMBINE_DIFFERENCE: return b != 0 ? 0 : a;
    default: return a == 0 ? b : b == 0 ? a : 0;
    }
}

static void combinations_are_right(atr_scope *s, const twin *a, const twin *b)
{
    int64_t wanted[KEYS] = {0};
    for (atr_combine how = ATR_COMBINE_UNION; how <= ATR_COMBINE_SYMMETRIC; how++) {
        bool is_a = true, is_b = true;
        size_t before = atr_memory_now().values;
        const atr_map *m = atr_map_combine(s, families[family].model, a->m, b->m, how, NULL, NULL);
        size_t made = atr_memory_now().values - before;
        for (size_t i = 0; i < families[family].count; i++) {
            wanted[i] = wanted_of(how, a->values[i], b->values[i]);
            is_a = is_a && wanted[i] == a->values[i];
            is_b = is_b && wanted[i] == b->values[i];
        }
        holds(s, m, wanted);
        if (is_a || is_b) {
            assert_ptr_equal(m, is_a ? a->m : b->m);
            assert_int_equal(made, 0);
        }
        assert_null(atr_scope_error(s));
    }
}

static void subsets_are_right(const twin *a, const twin *b)
{
    bool is_subset = true;
    for (size_t i = 0; i < families[family].count; i++) {
        is_subset = is_subset && (a->values[i] == 0 || b->values[i] != 0);
    }
    assert_int_equal(atr_map_is_subset(a->m, b->m), is_subset);
}

static void combinations_agree_with_plain_arrays(void **state)
{
    static const size_t shares[] = {0, 1, 10, 50, 90, 100};
    size_t rounds = random_begin() / 500;
    for (family = 0; family < FAMILIES; family++) {
        for (size_t n = 0; n < rounds; n++) {
            atr_scope *s = atr_scope_open(NULL);
            twin a = {NULL, {0}}, b = {NULL, {0}};
            twin_fill(s, &a, shares[random_below(6)]);
            if (n % 2 == 0) {
                b = a;
                twin_change(s, &b, random_below(n % 4 == 0 ? 4 : 100));
            } else {
                twin_fill(s, &b, shares[random_below(6)]);
            }
            combinations_are_right(s, &a, &b);
            combinations_are_right(s, &b, &a);
            subsets_are_right(&a, &b);
            subsets_are_right(&b, &a);
            atr_scope_close(s);
        }
    }
}

static void subsets_are_found(void **state)
{
    random_begin();
    for (family = 0; family < FAMILIES; family++) {
        atr_scope *s = atr_scope_open(NULL);
        twin all = {NULL, {0}}, some;
        twin_fill(s, &all, 60);
        some = all;
        for (size_t i = 0; i < families[family].count; i++) {
            if (random_below(3) == 0) {
                twin_set(s, &some, i, 0);
            }
        }
        assert_true(atr_map_is_subset(some.m, all.m));
        assert_true(atr_map_is_subset(all.m, all.m));
        assert_int_equal(atr_map_is_subset(all.m, some.m), some.m == all.m);
        assert_true(atr_map_is_subset(NULL, some.m) && atr_map_is_subset(NULL, NULL));
        atr_scope_close(s);
    }
}

/* ---- filter and transform ---- */

typedef struct rule {
    size_t calls;
    int64_t least, more;
} rule;

static bool is_enough(atr_word key, atr_word value, void *user)
{
    ((rule *)user)->calls++;
    return value.i64 >= ((rule *)user)->least;
}

static atr_word enlarged(atr_scope *s, atr_word key, atr_word value, void *user)
{
    rule *r = user;
    r->calls++;
    return atr_word_i64_(value.i64 >= r->least ? value.i64 + r->more : value.i64);
}

static void filters_and_transforms_agree_with_plain_arrays(void **state)
{
    size_t rounds = random_begin() / 1000;
    for (size_t n = 0; n < rounds * FAMILIES; n++) {
        atr_scope *s = atr_scope_open(NULL);
        twin t = {NULL, {0}};
        int64_t wanted[KEYS] = {0};
        rule r = {0, (int64_t)random_below(6), 10};
        const atr_map *m;
        family = n % FAMILIES;
        twin_fill(s, &t, 1 + random_below(100));

        m = atr_map_filter(s, families[family].model, t.m, is_enough, &r);
        for (size_t i = 0; i < KEYS; i++) {
            wanted[i] = t.values[i] >= r.least ? t.values[i] : 0;
        }
        holds(s, m, wanted);
        assert_int_equal(r.calls, atr_map_count(t.m));
        assert_true(m == t.m || atr_map_count(m) < r.calls);

        m = atr_map_transform(s, families[family].model, t.m, enlarged, &r);
        for (size_t i = 0; i < KEYS; i++) {
            bool grows = t.values[i] != 0 && t.values[i] >= r.least;
            wanted[i] = t.values[i] + (grows ? r.more : 0);
        }
        holds(s, m, wanted);
        assert_true(r.least <= 3 || m == t.m);
        atr_scope_close(s);
    }
}

/* ---- cost ---- */

enum { MANY = 100000 };

static const atr_i64_map *many(atr_scope *s)
{
    atr_i64_map_builder *b = atr_i64_map_builder_new(s, NULL);
    for (int64_t i = 0; i < MANY; i++) {
        atr_i64_map_builder_set(b, i, i);
    }
    return atr_i64_map_builder_seal(b);
}

static bool is_not_77777(int64_t key, int64_t value, void *user)
{
    return value != 77777;
}

static int64_t less_at_77777(atr_scope *s, int64_t key, int64_t value, void *user)
{
    return value == 77777 ? 0 : value;
}

static size_t values_since(size_t *before)
{
    size_t now = atr_memory_now().values, made = now - *before;
    *before = now;
    return made;
}

/* The trie of 100,000 entries has four levels. A path and the handle are made for one change. */
static void the_cost_follows_what_differs(void **state)
{
    enum { CHANGES = 10, PATH = 5 };
    atr_scope *s = atr_scope_open(NULL), *inner = atr_scope_open(s);
    const atr_i64_map *a = many(s), *b = a, *few = NULL, *m;
    size_t before;
    for (int64_t i = 0; i < CHANGES; i++) {
        b = atr_i64_map_set(inner, b, i * 9973, -1);
        b = atr_i64_map_remove(inner, b, i * 9973 + 1);
        b = atr_i64_map_set(inner, b, MANY + i, 1);
        few = atr_i64_map_set(inner, few, i * 5000, -2);
    }
    before = atr_memory_now().values;

    assert_int_equal(atr_i64_map_count(atr_i64_map_merge(inner, a, b)), MANY + CHANGES);
    assert_in_range(values_since(&before), 1, CHANGES * PATH + 1);
    assert_int_equal(atr_i64_map_count(atr_i64_map_difference(inner, a, b)), CHANGES);
    assert_in_range(values_since(&before), 1, CHANGES * PATH + 1);
    m = atr_i64_map_intersection(inner, a, b);
    assert_int_equal(atr_i64_map_count(m), MANY - CHANGES);
    assert_in_range(values_since(&before), 1, CHANGES * PATH + 1);

    assert_int_equal(atr_i64_map_count(atr_i64_map_merge(inner, a, few)), MANY);
    assert_in_range(values_since(&before), 1, CHANGES * PATH + 1);
    assert_int_equal(atr_i64_map_count(atr_i64_map_difference(inner, a, few)), MANY - CHANGES);
    assert_in_range(values_since(&before), 1, CHANGES * PATH + 1);
    assert_int_equal(atr_i64_map_count(atr_i64_map_filter(inner, a, is_not_77777, NULL)), MANY - 1);
    assert_in_range(values_since(&before), 1, PATH);
    assert_int_equal(atr_i64_map_get(atr_i64_map_transform(inner, a, less_at_77777, NULL), 77777),
                     0);
    assert_in_range(values_since(&before), 1, PATH);
    atr_scope_close(s);
}

static void what_changes_nothing_gives_the_map_itself(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const atr_i64_map *a = many(s), *same = many(s), *few = NULL;
    size_t before;
    for (int64_t i = 0; i < 100; i++) {
        few = atr_i64_map_set(s, few, i * 999, i * 999);
    }
    before = atr_memory_now().values;

    assert_ptr_equal(atr_i64_map_merge(s, a, same), a);
    assert_ptr_equal(atr_i64_map_merge(s, a, few), a);
    assert_ptr_equal(atr_i64_map_merge(s, few, a), a);
    assert_ptr_equal(atr_i64_map_merge(s, a, NULL), a);
    assert_ptr_equal(atr_i64_map_merge(s, NULL, a), a);
    assert_ptr_equal(atr_i64_map_intersection(s, few, a), few);
    assert_ptr_equal(atr_i64_map_intersection(s, a, same), a);
    assert_null(atr_i64_map_intersection(s, a, NULL));
    assert_ptr_equal(atr_i64_map_difference(s, a, NULL), a);
    assert_null(atr_i64_map_difference(s, a, same));
    assert_null(atr_i64_map_difference(s, few, a));
    assert_null(atr_i64_map_merge(s, NULL, NULL));
    assert_int_equal(atr_memory_now().values, before);
    assert_null(atr_scope_error(s));
    atr_scope_close(s);
}

/* ---- sets ---- */

static void sets_do_their_algebra(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const int64_t low[] = {1, 2, 3, 4}, high[] = {3, 4, 5}, ends[] = {1, 2, 5}, both[] = {4, 3};
    const atr_i64_set *a = atr_i64_set_of(s, low, 4), *b = atr_i64_set_of(s, high, 3);
    const atr_i64_set *c = atr_i64_set_of(s, both, 2);

    assert_int_equal(atr_i64_set_count(atr_i64_set_union(s, a, b)), 5);
    assert_true(atr_equal(atr_i64_set_intersection(s, a, b), c));
    assert_int_equal(atr_i64_set_count(atr_i64_set_difference(s, a, b)), 2);
    assert_true(atr_equal(atr_i64_set_symmetric_difference(s, a, b), atr_i64_set_of(s, ends, 3)));
    assert_true(atr_i64_set_is_subset(c, a) && atr_i64_set_is_subset(c, b));
    assert_false(atr_i64_set_is_subset(a, b));
    assert_ptr_equal(atr_i64_set_union(s, a, c), a);
    assert_ptr_equal(atr_i64_set_intersection(s, c, a), c);
    assert_null(atr_i64_set_symmetric_difference(s, a, a));
    assert_true(atr_equal(atr_i64_set_from(s, atr_i64_set_keys(s, a)), a));
    atr_scope_close(s);
}

static bool is_short(const atr_str *key, void *user)
{
    return key->size <= *(size_t *)user;
}

static void sets_of_texts_are_filtered_and_combined(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const atr_str_set *all = NULL, *few = NULL;
    size_t shorter = 5, long_enough = 50;
    for (size_t i = 0; i < 300; i++) {
        all = atr_str_set_add(s, all, few_hashes(s, i).ref);
        few = i < 10 ? atr_str_set_add(s, few, few_hashes(s, i).ref) : few;
    }

    assert_true(atr_equal(atr_str_set_filter(s, all, is_short, &shorter), few));
    assert_ptr_equal(atr_str_set_filter(s, all, is_short, &long_enough), all);
    assert_int_equal(atr_str_set_count(atr_str_set_difference(s, all, few)), 290);
    assert_ptr_equal(atr_str_set_union(s, few, all), all);
    assert_true(atr_str_set_is_subset(few, all));
    atr_scope_close(s);
}

/* ---- conflicts ---- */

typedef struct asked {
    atr_scope *s;
    size_t calls, until; /* the call that latches; 0: none */
} asked;

static int64_t larger(atr_scope *s, int64_t key, int64_t a, int64_t b, void *user)
{
    asked *ask = user;
    assert_true(a != b);
    ask->calls++;
    if (ask->calls == ask->until) {
        atr_refuse(s, -4711, "enough");
    }
    return a > b ? a : b;
}

static void a_choice_is_asked_for_differing_values_only(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const atr_i64_map *a = many(s), *b = a;
    asked ask = {s, 0, 0};
    for (int64_t i = 0; i < 20; i++) {
        b = atr_i64_map_set(s, b, i * 777, i % 2 == 0 ? -1 : MANY);
        b = atr_i64_map_set(s, b, -1 - i, 1);
    }

    const atr_i64_map *m = atr_i64_map_merge_with(s, a, b, larger, &ask);

    assert_int_equal(ask.calls, 20);
    assert_int_equal(atr_i64_map_count(m), MANY + 20);
    for (int64_t i = 0; i < 20; i++) {
        assert_int_equal(atr_i64_map_get(m, i * 777), i % 2 == 0 ? i * 777 : MANY);
    }
    assert_true(atr_equal(atr_i64_map_merge_with(s, b, a, larger, &ask), m));
    assert_ptr_equal(atr_i64_map_merge_with(s, m, b, larger, &ask), m);
    assert_null(atr_i64_map_merge_with(s, a, b, NULL, NULL));
    assert_int_equal(atr_scope_take_error(s)->code, ATR_E_INVALID);
    atr_scope_close(s);
}

static void a_function_that_latches_ends_the_work(void **state)
{
    for (size_t until = 1; until < 1000; until *= 3) {
        atr_scope *s = atr_scope_open(NULL), *inner = atr_scope_open(s);
        const atr_i64_map *a = NULL, *b = NULL;
        asked ask = {inner, 0, until};
        size_t before;
        for (int64_t i = 0; i < 1000; i++) {
            a = atr_i64_map_set(s, a, i, i);
            b = atr_i64_map_set(s, b, i, -i - 1);
        }
        before = atr_memory_now().values;
        assert_null(atr_i64_map_merge_with(inner, a, b, larger, &ask));
        assert_int_equal(ask.calls, until);
        assert_int_equal(atr_scope_take_error(inner)->code, -4711);
        atr_scope_close(inner);
        assert_int_equal(atr_memory_now().values, before);
        atr_scope_close(s);
    }
}

static void fail_in_time(asked *ask)
{
    if (++ask->calls == ask->until) {
        atr_refuse(ask->s, -4711, "enough");
    }
}

static bool failing_test(int64_t key, int64_t value, void *user)
{
    fail_in_time(user);
    return value % 2 == 0;
}
static int64_t failing_change(atr_scope *s, int64_t key, int64_t value, void *user)
{
    fail_in_time(user);
    return value + 1;
}
static int64_t failing_key(int64_t item, void *user)
{
    fail_in_time(user);
    return item;
}

static void filters_transforms_and_indexes_end_when_their_function_latches(void **state)
{
    for (size_t until = 1; until < 1000; until *= 3) {
        atr_scope *s = atr_scope_open(NULL), *inner = atr_scope_open(s);
        const atr_i64_map *a = NULL;
        const atr_i64_vec *items;
        size_t before;
        for (int64_t i = 0; i < 1000; i++) {
            a = atr_i64_map_set(s, a, i, i);
        }
        items = atr_i64_map_values(s, a);
        before = atr_memory_now().values;
        for (size_t k = 0; k < 3; k++) {
            asked ask = {inner, 0, until};
            assert_null(k == 0   ? atr_i64_map_filter(inner, a, failing_test, &ask)
                        : k == 1 ? atr_i64_map_transform(inner, a, failing_change, &ask)
                                 : atr_i64_map_index(inner, items, failing_key, &ask));
            assert_int_equal(ask.calls, until);
            assert_int_equal(atr_scope_take_error(inner)->code, -4711);
        }
        atr_scope_close(inner);
        assert_int_equal(atr_memory_now().values, before);
        atr_scope_close(s);
    }
}

/* ---- other types, arrays and vectors ---- */

static const atr_str *title_of(atr_scope *s, int64_t key, const todo_item *item, void *user)
{
    assert_int_equal(key, item->id);
    return item->title;
}

static double weight_of(atr_scope *s, const atr_str *key, const atr_str *text, void *user)
{
    return (double)text->size + 0.5;
}

static int64_t id_of(const todo_item *item, void *user)
{
    return item->id;
}

static void a_transform_may_lead_to_another_type(void **state)
{
    atr_scope *s = atr_scope_open(NULL), *inner = atr_scope_open(s);
    const todo_item_map *items = NULL;
    const atr_str_str_map *texts = NULL;
    const atr_f64_str_map *weights;
    for (int64_t i = 0; i < 500; i++) {
        items = todo_item_map_set(inner, items, i * 1024, sample_item(inner, i * 1024, "title"));
        texts = atr_str_str_map_set(inner, texts, few_hashes(inner, (size_t)i % 40).ref,
                                    atr_str_format(inner, "%lld", (long long)i));
    }

    const atr_str_map *titles = titles_of(inner, items, title_of, NULL);
    weights = weights_of(inner, texts, weight_of, NULL);
    atr_scope_yield(inner, titles);
    atr_scope_yield(inner, weights);
    atr_scope_close(inner);

    check_map((const atr_map *)titles);
    check_map((const atr_map *)weights);
    assert_int_equal(atr_str_map_count(titles), 500);
    assert_true(atr_str_is(atr_str_map_get(titles, 499 * 1024), "title"));
    assert_int_equal(atr_f64_str_map_count(weights), 40);
    assert_true(atr_f64_str_map_get(weights, few_hashes(s, 7).ref) == 3.5);
    assert_null(titles_of(s, NULL, title_of, NULL));
    atr_scope_close(s);
}

static void keys_and_values_come_in_the_order_of_the_keys(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const todo_item_map *m = NULL;
    const atr_str_set *words = NULL;
    for (int64_t i = 0; i < 1000; i++) {
        int64_t id = i * 7919 % 1000 - 500;
        m = todo_item_map_set(s, m, id, sample_item(s, id, "item"));
        words = atr_str_set_add(s, words, numbered(s, (size_t)i));
    }

    const atr_i64_vec *keys = todo_item_map_keys(s, m);
    const todo_item_vec *items = todo_item_map_values(s, m);
    const atr_str_vec *sorted = atr_str_set_keys(s, words);

    for (size_t i = 0; i < 1000; i++) {
        assert_int_equal(atr_i64_vec_at(keys, i), (int64_t)i - 500);
        assert_int_equal(todo_item_vec_at(items, i)->id, (int64_t)i - 500);
    }
    assert_ptr_equal(atr_str_vec_sort(s, sorted), sorted);
    assert_true(atr_equal(todo_item_map_index(s, items, id_of, NULL), m));
    assert_true(atr_equal(atr_str_set_from(s, sorted), words));
    assert_null(todo_item_map_keys(s, NULL));
    assert_null(todo_item_map_index(s, NULL, id_of, NULL));
    assert_null(atr_scope_error(s));
    atr_scope_close(s);
}

static void maps_are_made_of_arrays_the_last_of_a_key_counts(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const atr_str *names[] = {ATR_STR(s, "a"), ATR_STR(s, "b"), ATR_STR(s, "a")};
    const double reals[] = {1.5, 2.5, 3.5};

    const atr_f64_str_map *m = atr_f64_str_map_of(s, names, reals, 3);

    assert_int_equal(atr_f64_str_map_count(m), 2);
    assert_true(atr_f64_str_map_get(m, names[0]) == 3.5);
    assert_null(atr_f64_str_map_of(s, NULL, NULL, 0));
    assert_null(atr_scope_error(s));
    assert_null(atr_f64_str_map_of(s, names, NULL, 3));
    assert_string_equal(atr_scope_error(s)->message->bytes,
                        "atr_f64_str_map: the values are NULL, but their number is 3");
    assert_int_equal(atr_scope_take_error(s)->code, ATR_E_INVALID);
    assert_null(atr_str_set_of(s, NULL, 1));
    assert_int_equal(atr_scope_take_error(s)->code, ATR_E_INVALID);
    atr_scope_close(s);
}

/* ---- refusals ---- */

static const todo_item *no_item(atr_scope *s, int64_t key, const todo_item *item, void *user)
{
    return NULL;
}

static void missing_functions_and_values_are_refused(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const todo_item_map *m = todo_item_map_set(s, NULL, 1, &todo_item_default);

    assert_null(todo_item_map_filter(s, m, NULL, NULL));
    assert_string_equal(atr_scope_error(s)->message->bytes, "todo_item_map: the function is NULL");
    assert_int_equal(atr_scope_take_error(s)->code, ATR_E_INVALID);
    assert_null(todo_item_map_transform(s, m, NULL, NULL));
    assert_int_equal(atr_scope_take_error(s)->code, ATR_E_INVALID);
    assert_null(todo_item_map_index(s, todo_item_map_values(s, m), NULL, NULL));
    assert_int_equal(atr_scope_take_error(s)->code, ATR_E_INVALID);
    assert_null(todo_item_map_transform(s, m, no_item, NULL));
    assert_int_equal(atr_scope_take_error(s)->code, ATR_E_REFUSED);
    assert_null(todo_item_map_merge(NULL, m, m));
    assert_null(todo_item_map_filter(NULL, m, NULL, NULL));
    assert_null(todo_item_map_keys(NULL, m));
    atr_scope_close(s);
}

static void a_union_beyond_the_limit_is_refused(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    atr_map full = *(const atr_map *)atr_i64_map_set(s, NULL, 1, 1);
    const atr_i64_map *more = atr_i64_map_set(s, NULL, 2, 2);
    size_t before = atr_memory_now().values;
    full.size = ATR_MAP_MAX;

    assert_null(atr_map_combine(s, &atr_i64_map_model, &full, (const atr_map *)more,
                                ATR_COMBINE_UNION, NULL, NULL));

    assert_int_equal(atr_scope_take_error(s)->code, ATR_E_LIMIT);
    assert_in_range(atr_memory_now().values, before, before + 3); /* the error */
    atr_scope_close(s);
}

/* ---- depth ---- */

static void a_chain_of_a_million_through_collections_is_released_without_recursion(void **state)
{
    enum { LENGTH = 1000000 };
    atr_scope *s = atr_scope_open(NULL);
    const chained *first = ATR_NEW(s, chained, .in_vec = NULL);
    for (size_t i = 1; i < LENGTH; i++) {
        ATR_SCOPE(inner, s) {
            chained next = *first;
            next.in_vec = i % 3 == 0 ? chained_vec_push(inner, NULL, first) : NULL;
            next.by_id = i % 3 == 1 ? chained_map_set(inner, NULL, 1, first) : NULL;
            next.by_name =
                i % 3 == 2 ? chained_str_map_set(inner, NULL, &atr_str_default, first) : NULL;
            atr_value_release(i > 1 ? first : NULL);
            first = chained_new(inner, next);
            atr_value_hold(first);
        }
    }
    assert_null(atr_scope_error(s));
    atr_scope_close(s);
    /* each with a collection and its node, and the first one */
    assert_int_equal(atr_memory_now().values, 3 * LENGTH - 2);

    atr_value_release(first);

    assert_int_equal(atr_memory_now().values, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        BOTH(combinations_agree_with_plain_arrays),
        BOTH(subsets_are_found),
        BOTH(filters_and_transforms_agree_with_plain_arrays),
        BOTH(the_cost_follows_what_differs),
        BOTH(what_changes_nothing_gives_the_map_itself),
        BOTH(sets_do_their_algebra),
        BOTH(sets_of_texts_are_filtered_and_combined),
        BOTH(a_choice_is_asked_for_differing_values_only),
        BOTH(a_function_that_latches_ends_the_work),
        BOTH(filters_transforms_and_indexes_end_when_their_function_latches),
        BOTH(a_transform_may_lead_to_another_type),
        BOTH(keys_and_values_come_in_the_order_of_the_keys),
        BOTH(maps_are_made_of_arrays_the_last_of_a_key_counts),
        BOTH(missing_functions_and_values_are_refused),
        PLAIN(a_union_beyond_the_limit_is_refused),
        PLAIN(a_chain_of_a_million_through_collections_is_released_without_recursion),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
