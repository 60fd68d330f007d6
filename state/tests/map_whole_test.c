/* What combines two maps or sets, or goes through a whole one. */
#include <math.h>
#include <string.h>

#include "collections.h"
#include "random.h"
#include "sample.h"
#include "shape.h"

#include "map_keys.h"

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

static void what_is_disjoint_is_right(atr_scope *s, const twin *a, const twin *b)
{
    const atr_map *rest =
        atr_map_combine(s, families[family].model, a->m, b->m, ATR_COMBINE_DIFFERENCE, NULL, NULL);
    bool is_disjoint = true;
    for (size_t i = 0; i < families[family].count; i++) {
        is_disjoint = is_disjoint && (a->values[i] == 0 || b->values[i] == 0);
    }
    assert_int_equal(atr_map_is_disjoint(a->m, b->m), is_disjoint);
    assert_int_equal(atr_map_is_disjoint(a->m, a->m), a->m == NULL);
    assert_true(atr_map_is_disjoint(rest, b->m) && atr_map_is_disjoint(b->m, rest));
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
            what_is_disjoint_is_right(s, &a, &b);
            what_is_disjoint_is_right(s, &b, &a);
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
    assert_false(atr_i64_set_is_disjoint(a, b));
    assert_true(atr_i64_set_is_disjoint(atr_i64_set_difference(s, a, b), b));
    assert_true(atr_i64_set_is_disjoint(NULL, b) && atr_i64_set_is_disjoint(a, NULL));
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
    assert_false(atr_str_set_is_disjoint(few, all));
    assert_true(atr_str_set_is_disjoint(few, atr_str_set_difference(s, all, few)));
    atr_scope_close(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        BOTH(combinations_agree_with_plain_arrays),           BOTH(subsets_are_found),
        BOTH(filters_and_transforms_agree_with_plain_arrays), BOTH(sets_do_their_algebra),
        BOTH(sets_of_texts_are_filtered_and_combined),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
