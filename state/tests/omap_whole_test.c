/* What combines two ordered maps or sets, cuts one, or goes through a whole one. */
#include <string.h>

#include "collections.h"
#include "failing.h"
#include "random.h"
#include "sample.h"

#include "omap_twin.h"

static bool by_word(const shape *sh)
{
    return sh->model->key != ATR_KIND_REF && (is_set(sh) || sh->model->element.kind < ATR_KIND_STR);
}

static void twin_fill(atr_scope *s, twin *t, size_t share)
{
    for (size_t i = 0; i < KEYS; i++) {
        if (random_below(1000) < share) {
            twin_set(s, t, i, is_set(t->sh) ? 1 : (uint16_t)(1 + random_below(3)));
        }
    }
}

static void twin_change(atr_scope *s, twin *t, size_t changes)
{
    for (size_t i = 0; i < changes; i++) {
        uint16_t v = (uint16_t)random_below(4);
        twin_set(s, t, random_below(KEYS), is_set(t->sh) ? v > 1 : v);
    }
}

static void twin_drop(twin *t)
{
    atr_value_release(t->m);
}

static twin twin_copy(const twin *t)
{
    twin copy = *t;
    atr_value_hold(copy.m);
    return copy;
}

/* The map has these values, by the number of the key. */
static void holds(atr_scope *s, const twin *like, const atr_omap *m, const uint16_t *values)
{
    twin t = {.sh = like->sh, .m = m};
    atr_omap_each up = {0};
    atr_word key, value = {0};
    memcpy(t.values, values, sizeof t.values);
    check_omap(m);
    for (size_t i = 0; i < KEYS; i++) {
        if (values[i] != 0) {
            t.count++;
            assert_true(atr_omap_next(&up, m, &key, is_set(t.sh) ? NULL : &value));
            entry_check(s, &t, i, key, value);
        }
    }
    assert_int_equal(atr_omap_count(m), t.count);
}

/* ---- combinations ---- */

static uint16_t wanted_of(atr_combine how, uint16_t a, uint16_t b)
{
    switch (how) {
    case ATR_COMBINE_UNION: return b != 0 ? b : a;
    case ATR_COMBINE_INTERSECTION: return b != 0 ? a : 0;
    case ATR_COMBINE_DIFFERENCE: return b != 0 ? 0 : a;
    default: return a == 0 ? b : b == 0 ? a : 0;
    }
}

static void combinations_are_right(const twin *a, const twin *b)
{
    uint16_t wanted[KEYS];
    for (atr_combine how = ATR_COMBINE_UNION; how <= ATR_COMBINE_SYMMETRIC; how++) {
        atr_scope *s = atr_scope_open(NULL);
        bool is_a = true, is_b = true;
        const atr_omap *m = atr_omap_combine(s, a->sh->model, a->m, b->m, how, NULL, NULL);
        for (size_t i = 0; i < KEYS; i++) {
            wanted[i] = wanted_of(how, a->values[i], b->values[i]);
            is_a = is_a && wanted[i] == a->values[i];
            is_b = is_b && wanted[i] == b->values[i];
        }
        holds(s, a, m, wanted);
        if (by_word(a->sh) && (is_a || is_b)) {
            assert_true(m == a->m || m == b->m);
        }
        assert_null(atr_scope_error(s));
        atr_scope_close(s);
    }
}

static void subsets_are_right(const twin *a, const twin *b)
{
    bool is_subset = true;
    for (size_t i = 0; i < KEYS; i++) {
        is_subset = is_subset && (a->values[i] == 0 || b->values[i] != 0);
    }
    assert_int_equal(atr_omap_is_subset(a->m, b->m), is_subset);
}

static void what_is_disjoint_is_right(const twin *a, const twin *b)
{
    bool is_disjoint = true;
    for (size_t i = 0; i < KEYS; i++) {
        is_disjoint = is_disjoint && (a->values[i] == 0 || b->values[i] == 0);
    }
    assert_int_equal(atr_omap_is_disjoint(a->m, b->m), is_disjoint);
    assert_int_equal(atr_omap_is_disjoint(a->m, a->m), a->m == NULL);
    ATR_SCOPE(s, NULL) {
        const atr_omap *rest =
            atr_omap_combine(s, a->sh->model, a->m, b->m, ATR_COMBINE_DIFFERENCE, NULL, NULL);
        assert_true(atr_omap_is_disjoint(rest, b->m) && atr_omap_is_disjoint(b->m, rest));
    }
}

static void combinations_agree_with_plain_arrays(void **state)
{
    static const size_t shares[] = {0, 1, 10, 30, 300, 900, 1000};
    size_t rounds = random_begin() / 500;
    for (size_t n = 0; n < rounds * SHAPES; n++) {
        twin a = {.sh = &shapes[n % SHAPES]}, b = {.sh = &shapes[n % SHAPES]};
        ATR_SCOPE(s, NULL) {
            twin_fill(s, &a, shares[random_below(7)]);
            if (n / SHAPES % 2 == 0) {
                b = twin_copy(&a);
                twin_change(s, &b, random_below(n / SHAPES % 4 == 0 ? 4 : 100));
            } else {
                twin_fill(s, &b, shares[random_below(7)]);
            }
        }
        combinations_are_right(&a, &b);
        combinations_are_right(&b, &a);
        subsets_are_right(&a, &b);
        subsets_are_right(&b, &a);
        what_is_disjoint_is_right(&a, &b);
        what_is_disjoint_is_right(&b, &a);
        twin_drop(&a);
        twin_drop(&b);
    }
}

static void subsets_are_found(void **state)
{
    random_begin();
    for (size_t k = 0; k < SHAPES; k++) {
        twin all = {.sh = &shapes[k]}, some = {0};
        ATR_SCOPE(s, NULL) {
            twin_fill(s, &all, 900);
            some = twin_copy(&all);
            while (atr_omap_is_subset(some.m, all.m) && some.count > 3) {
                twin_set(s, &some, random_below(KEYS), 0);
            }
        }
        assert_int_equal(some.count, 3);
        assert_false(atr_omap_is_subset(all.m, some.m));
        twin_drop(&all);
        twin_drop(&some);
    }
    assert_true(atr_omap_is_subset(NULL, NULL));
}

/* ---- slices ---- */

static void slice_is_right(atr_scope *s, const twin *t, size_t from, size_t to)
{
    const atr_omap *m = atr_omap_slice(s, t->sh->model, t->m, from, to);
    uint16_t wanted[KEYS] = {0};
    for (size_t i = 0, place = 0; i < KEYS; i++) {
        if (t->values[i] != 0) {
            wanted[i] = place >= from && place < to ? t->values[i] : 0;
            place++;
        }
    }
    holds(s, t, m, wanted);
}

static void slices_agree_with_plain_arrays(void **state)
{
    size_t rounds = random_begin() / 200;
    for (size_t n = 0; n < rounds * SHAPES; n++) {
        twin t = {.sh = &shapes[n % SHAPES]};
        ATR_SCOPE(s, NULL) {
            twin_fill(s, &t, 1 + random_below(1000));
            for (size_t i = 0; i < 5; i++) {
                size_t from = random_below(t.count + 1);
                slice_is_right(s, &t, from, from + random_below(t.count - from + 1));
            }
            slice_is_right(s, &t, 0, t.count);
        }
        twin_drop(&t);
    }
}

static const atr_i64_oset *numbers(atr_scope *s, int64_t count)
{
    atr_i64_oset_builder *b = atr_i64_oset_builder_new(s, NULL);
    for (int64_t i = 0; i < count; i++) {
        atr_i64_oset_builder_add(b, i);
    }
    return atr_i64_oset_builder_seal(b);
}

static void slices_of_high_trees_keep_their_form(void **state)
{
    enum { COUNT = 40000 };
    atr_scope *s = atr_scope_open(NULL);
    const atr_i64_oset *all = numbers(s, COUNT);
    random_begin();
    for (size_t n = 0; n < 300; n++) {
        ATR_SCOPE(inner, s) {
            size_t from = random_below(COUNT), to = from + 1 + random_below(COUNT - from);
            const atr_i64_oset *part = atr_i64_oset_slice(inner, all, from, to);
            int64_t first = -1, last = -1;
            part = n % 2 == 0 ? part : atr_i64_oset_slice(inner, part, 0, (to - from + 1) / 2);
            check_omap(part);
            assert_true(atr_i64_oset_first(part, &first) && atr_i64_oset_last(part, &last));
            assert_int_equal(first, from);
            assert_int_equal(last - first + 1, atr_i64_oset_count(part));
        }
    }
    atr_scope_close(s);
}

static void a_slice_of_a_range_has_what_the_range_gives(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const atr_i64_oset *all = numbers(s, 1000), *part;

    part = atr_i64_oset_slice_range(s, all, ATR_BOUND_EXCLUSIVE, 100, ATR_BOUND_INCLUSIVE, 200);
    assert_int_equal(atr_i64_oset_count(part), 100);
    assert_true(atr_i64_oset_has(part, 101) && atr_i64_oset_has(part, 200));
    assert_ptr_equal(atr_i64_oset_slice_range(s, all, ATR_BOUND_NONE, 0, ATR_BOUND_EXCLUSIVE, 1000),
                     all);
    assert_null(atr_i64_oset_slice_range(s, all, ATR_BOUND_INCLUSIVE, 50, ATR_BOUND_EXCLUSIVE, 50));
    assert_null(
        atr_i64_oset_slice_range(s, all, ATR_BOUND_INCLUSIVE, 200, ATR_BOUND_INCLUSIVE, 100));
    assert_null(atr_i64_oset_slice_range(s, NULL, ATR_BOUND_NONE, 0, ATR_BOUND_NONE, 0));
    assert_null(atr_scope_error(s));
    assert_null(atr_i64_oset_slice(s, all, 3, 1001));
    assert_string_equal(atr_scope_error(s)->message->bytes,
                        "atr_i64_oset: the slice 3 to 1001 is out of range, the size is 1000");
    assert_int_equal(atr_scope_take_error(s)->code, ATR_E_INVALID);
    atr_scope_close(s);
}

static void a_slice_holds_its_own_entries_only(void **state)
{
    random_begin();
    for (size_t n = 0; n < 100; n++) {
        atr_scope *s = atr_scope_open(NULL), *inner = atr_scope_open(s);
        size_t count = 1 + random_below(3000), from = random_below(count);
        size_t kept = 1 + random_below(count - from);
        todo_item_omap_builder *b = todo_item_omap_builder_new(inner, NULL);
        for (size_t i = 0; i < count; i++) {
            todo_item_omap_builder_set(b, (int64_t)i,
                                       ATR_NEW(inner, todo_item, .title = &atr_str_default));
        }
        atr_scope_yield(
            inner, todo_item_omap_slice(inner, todo_item_omap_builder_seal(b), from, from + kept));
        atr_scope_close(inner);

        /* leaves and nodes are half full at least, but for the last of each level */
        assert_in_range(atr_memory_now().values, kept + 2, kept + 1 + kept / 13 + 2 * 3);
        atr_scope_close(s);
    }
}

/* ---- bounds ---- */

static void neighbours_of_a_key_are_found(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const atr_i64_oset *set = NULL;
    for (int64_t i = 0; i < 500; i++) {
        set = atr_i64_oset_add(s, set, i * 10);
    }
    for (int64_t i = -5; i < 5005; i++) {
        int64_t key = -1, down = i < 0 ? -1 : i / 10 * 10, up = (i + 9) / 10 * 10;
        bool there = i >= 0 && i % 10 == 0 && i < 5000;
        down = down > 4990 ? 4990 : down;
        up = i <= 0 ? 0 : up;
        assert_int_equal(atr_i64_oset_lower_bound(set, i, &key), up < 5000);
        assert_true(up >= 5000 || key == up);
        assert_int_equal(atr_i64_oset_upper_bound(set, i, &key), (there ? i + 10 : up) < 5000);
        assert_true((there ? i + 10 : up) >= 5000 || key == (there ? i + 10 : up));
        assert_int_equal(atr_i64_oset_floor(set, i, &key), i >= 0);
        assert_true(i < 0 || key == down);
        assert_int_equal(atr_i64_oset_before(set, i, &key), i > 0);
        assert_true(i <= 0 || key == (there ? i - 10 : down));
    }
    atr_scope_close(s);
}

/* ---- filter and transform ---- */

/* A rule by the number of a call, so that one serves keys of all kinds: functions are called in the order of
 * the keys. */
typedef struct rule {
    const twin *t;
    atr_scope *s;
    size_t calls, every;
} rule;

static bool comes_in_turn(atr_word key, atr_word value, void *user)
{
    rule *r = user;
    return r->calls++ % r->every != 0;
}

static atr_word changed_in_turn(atr_scope *s, atr_word key, atr_word value, void *user)
{
    rule *r = user;
    return r->calls++ % r->every == 0 ? r->t->sh->value(s, 900) : value;
}

static void filters_and_transforms_agree_with_plain_arrays(void **state)
{
    static const size_t turns[] = {1, 2, 3, 30, 500, 2000};
    size_t rounds = random_begin() / 500;
    for (size_t n = 0; n < rounds * SHAPES; n++) {
        atr_scope *s = atr_scope_open(NULL);
        twin t = {.sh = &shapes[n % SHAPES]};
        rule r = {&t, s, 0, turns[random_below(6)]};
        uint16_t wanted[KEYS] = {0};
        twin_fill(s, &t, 1 + random_below(1000));

        const atr_omap *m = atr_omap_filter(s, t.sh->model, t.m, comes_in_turn, &r);
        for (size_t i = 0, place = 0; i < KEYS; i++) {
            wanted[i] = t.values[i] != 0 && place++ % r.every != 0 ? t.values[i] : 0;
        }
        assert_int_equal(r.calls, t.count);
        holds(s, &t, m, wanted);

        r.calls = 0;
        m = is_set(t.sh) ? NULL : atr_omap_transform(s, t.sh->model, t.m, changed_in_turn, &r);
        for (size_t i = 0, place = 0; i < KEYS; i++) {
            wanted[i] = t.values[i];
            if (t.values[i] != 0 && place++ % r.every == 0) {
                wanted[i] = 900;
            }
        }
        if (!is_set(t.sh)) {
            holds(s, &t, m, wanted);
        }
        atr_scope_close(s);
        twin_drop(&t);
    }
}

/* ---- an order of one's own ---- */

static void of_equal_members_a_union_has_the_second_an_intersection_the_first(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const knots *a = NULL, *b = NULL, *few = NULL;
    const knot *in_a, *in_b, *in_few;
    for (int64_t i = 0; i < 100; i++) {
        a = knots_add(s, a, ATR_NEW(s, knot, .number = i));
        b = knots_add(s, b, ATR_NEW(s, knot, .number = i + 50));
    }
    few = knots_add(s, NULL, ATR_NEW(s, knot, .number = 70));
    in_a = knots_find(a, &(knot){.number = 70});
    in_b = knots_find(b, &(knot){.number = 70});
    in_few = knots_find(few, in_a);

    assert_int_equal(knots_count(knots_union(s, a, b)), 150);
    assert_ptr_equal(knots_find(knots_union(s, a, b), in_a), in_b);
    assert_ptr_equal(knots_find(knots_union(s, b, a), in_a), in_a);
    assert_ptr_equal(knots_find(knots_intersection(s, a, b), in_b), in_a);
    assert_ptr_equal(knots_find(knots_union(s, a, few), in_b), in_few);
    assert_ptr_equal(knots_union(s, few, a), a);
    assert_ptr_equal(knots_find(knots_intersection(s, a, few), in_b), in_a);
    assert_ptr_equal(knots_intersection(s, few, a), few);
    assert_int_equal(knots_count(knots_symmetric_difference(s, a, b)), 100);
    assert_true(knots_is_subset(few, a));
    assert_false(knots_is_disjoint(few, b));
    assert_true(knots_is_disjoint(few, knots_difference(s, a, b)));
    assert_ptr_equal(knot_vec_at(knots_keys(s, knots_difference(s, a, few)), 69),
                     knots_find(a, &(knot){.number = 69}));
    assert_null(atr_scope_error(s));
    atr_scope_close(s);
}

static size_t compared;

static int count_by_number(const knot *a, const knot *b)
{
    compared++;
    return (a->number > b->number) - (a->number < b->number);
}
ATR_OSET_OF(counted, knot, count_by_number);
ATR_OSET_OF_IMPL(counted, knot, count_by_number);

static const counted *every(atr_scope *s, int64_t from, int64_t step, int64_t count)
{
    counted_builder *b = counted_builder_new(s, NULL);
    for (int64_t i = 0; i < count; i++) {
        counted_builder_add(b, ATR_NEW(s, knot, .number = from + i * step));
    }
    return counted_builder_seal(b);
}

static void combinations_of_sets_that_share_nothing_take_one_pass(void **state)
{
    enum { N = 20000 };
    atr_scope *s = atr_scope_open(NULL);
    const counted *even = every(s, 0, 2, N), *thirds = every(s, 0, 3, N), *both;
    compared = 0;
    both = counted_union(s, even, thirds);
    assert_in_range(compared, N, 3 * 2 * N);
    assert_int_equal(counted_count(both), 2 * N - N * 2 / 3 / 2 - 1);
    compared = 0;
    assert_int_equal(counted_count(counted_intersection(s, even, thirds)), N / 3 + 1);
    assert_in_range(compared, N, 3 * 2 * N);
    compared = 0;
    assert_int_equal(counted_count(counted_difference(s, even, thirds)), N - N / 3 - 1);
    assert_in_range(compared, N, 3 * 2 * N);

    compared = 0; /* a few that differ are still looked for only where they are */
    both = counted_add(s, counted_add(s, even, ATR_NEW(s, knot, .number = 77)),
                       ATR_NEW(s, knot, .number = 9999));
    assert_ptr_equal(counted_union(s, even, both), both);
    assert_in_range(compared, 1, 2000);
    assert_int_equal(atr_scope_close(s), 0);
}

/* ---- memory that fails once ---- */

/* Two versions, some entries of the first and others, and another shape of the first. */
typedef struct olds {
    const atr_str_str_omap *a, *b, *few, *other;
    const atr_str_oset *set, *other_set; /* of the keys of a and of other */
} olds;

static const atr_str_str_omap *texts(atr_scope *s, size_t from, size_t to, size_t step)
{
    const atr_str_str_omap *m = NULL;
    for (size_t i = from; i < to; i += step) {
        m = atr_str_str_omap_set(s, m, atr_str_format(s, "%05zu", i), ATR_STR(s, "text"));
    }
    return m;
}

static olds olds_make(atr_scope *s)
{
    olds o = {.a = texts(s, 0, 900, 2), .few = texts(s, 5, 60, 5), .other = texts(s, 3, 800, 3)};
    o.b = o.a;
    o.set = atr_str_oset_from(s, atr_str_str_omap_keys(s, o.a));
    o.other_set = atr_str_oset_from(s, atr_str_str_omap_keys(s, o.other));
    for (size_t i = 0; i < 12; i++) {
        const atr_str *key = atr_str_format(s, "%05zu", i * 79);
        o.b = i % 3 == 0 ? atr_str_str_omap_remove(s, o.b, key)
                         : atr_str_str_omap_set(s, o.b, key, key);
    }
    return o;
}

static const atr_str *joined(atr_scope *s, const atr_str *key, const atr_str *a, const atr_str *b,
                             void *user)
{
    return atr_str_format(s, "%s%s", a->bytes, b->bytes);
}
static bool ends_in_8(const atr_str *key, const atr_str *value, void *user)
{
    return key->bytes[key->size - 1] == '8';
}
static bool is_not_500(const atr_str *key, const atr_str *value, void *user)
{
    return !atr_str_is(key, "00500");
}
static const atr_str *key_for_8(atr_scope *s, const atr_str *key, const atr_str *value, void *user)
{
    return ends_in_8(key, value, user) ? atr_str_format(s, "%s", key->bytes) : value;
}
static const atr_str *itself(const atr_str *text, void *user)
{
    return text;
}

static bool key_is_not_500(const atr_str *key, void *user)
{
    return !atr_str_is(key, "00500");
}
ATR_OMAP_TRANSFORM(sizes_of, atr_str_str_omap, atr_i64_str_omap);
static int64_t size_of_value(atr_scope *s, const atr_str *key, const atr_str *value, void *user)
{
    return (int64_t)value->size;
}

static const atr_str *longer(atr_scope *s, const atr_str *key, const atr_str *value, void *user)
{
    return atr_str_format(s, "%s more", value->bytes);
}

enum { UPDATES = 27 };

static const void *update(size_t k, atr_scope *s, const olds *o)
{
    static const atr_str from = ATR_STR_INIT("00077"), there = ATR_STR_INIT("00500");
    switch (k) {
    case 0: return atr_str_str_omap_merge(s, o->a, o->b);
    case 1: return atr_str_str_omap_merge(s, o->few, o->a);
    case 2: return atr_str_str_omap_merge_with(s, o->a, o->other, joined, NULL);
    case 3: return atr_str_str_omap_intersection(s, o->a, o->b);
    case 4: return atr_str_str_omap_intersection(s, o->a, o->few);
    case 5: return atr_str_str_omap_difference(s, o->a, o->other);
    case 6: return atr_str_str_omap_difference(s, o->a, o->few);
    case 7: return atr_str_str_omap_filter(s, o->a, ends_in_8, NULL);
    case 8: return atr_str_str_omap_filter(s, o->a, is_not_500, NULL);
    case 9: return atr_str_str_omap_transform(s, o->a, key_for_8, NULL);
    case 10: return atr_str_str_omap_slice(s, o->a, 7, 400);
    case 11: return atr_str_str_omap_index(s, atr_str_str_omap_keys(s, o->few), itself, NULL);
    case 12: return sizes_of(s, o->a, size_of_value, NULL);
    case 13: return atr_str_str_omap_values(s, o->a);
    case 14:
        return atr_str_str_omap_slice_range(s, o->a, ATR_BOUND_INCLUSIVE, &from, ATR_BOUND_NONE,
                                            NULL);
    case 15: return atr_str_oset_from(s, atr_str_str_omap_keys(s, o->a));
    case 16: return atr_str_oset_union(s, o->set, o->other_set);
    case 17: return atr_str_oset_intersection(s, o->set, o->other_set);
    case 18: return atr_str_oset_difference(s, o->set, o->other_set);
    case 19: return atr_str_oset_symmetric_difference(s, o->set, o->other_set);
    case 20: return atr_str_oset_filter(s, o->set, key_is_not_500, NULL);
    case 21: return atr_str_str_omap_intersection(s, o->a, o->other);
    case 22: return atr_str_str_omap_update(s, o->a, &there, NULL, longer, NULL);
    case 23: return atr_str_str_omap_update(s, o->a, &from, &there, longer, NULL);
    case 24: return atr_str_str_omap_update_present(s, o->a, &there, longer, NULL);
    case 25:
        return atr_str_str_omap_set(s, o->a, &from, atr_str_str_omap_get_or(o->a, &from, &there));
    default: return atr_str_str_omap_keys(s, o->a);
    }
}

static bool update_once(size_t k, size_t count, bool gated)
{
    atr_pool *pool = atr_pool_new();
    atr_scope *s = atr_pool_scope(pool), *inner;
    olds o = olds_make(s), same_olds = olds_make(s);
    size_t before = atr_pool_values(pool);
    const void *made;
    bool failed;

    inner = atr_scope_open(s);
    atr_pool_gate(pool, gated ? failing_gate : NULL, NULL);
    failing_after(count);
    made = update(k, inner, &o);
    failed = failing_stop() > 0;

    assert_int_equal(made == NULL, failed);
    if (failed) {
        assert_int_equal(atr_scope_take_error(inner)->code, ATR_E_NO_MEMORY);
    }
    assert_null(atr_scope_error(inner));
    atr_scope_close(inner);
    assert_int_equal(atr_pool_values(pool), before);
    check_omap(o.a);
    check_omap(o.b);
    assert_true(atr_equal(o.a, same_olds.a) && atr_equal(o.b, same_olds.b));
    assert_true(atr_equal(o.few, same_olds.few) && atr_equal(o.other, same_olds.other));
    atr_pool_close(pool);
    return failed;
}

static void nothing_is_lost_when_memory_is_out(void **state)
{
    failing_begin();
    for (size_t k = 0; k < 2 * UPDATES; k++) {
        size_t count = 0;
        while (update_once(k / 2, count, k % 2 == 0)) {
            count++;
        }
        assert_true(count > 0 || k % 2 == 1);
    }
    failing_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        BOTH(combinations_agree_with_plain_arrays),
        PLAIN(subsets_are_found),
        BOTH(slices_agree_with_plain_arrays),
        PLAIN(slices_of_high_trees_keep_their_form),
        BOTH(a_slice_of_a_range_has_what_the_range_gives),
        BOTH(a_slice_holds_its_own_entries_only),
        PLAIN(neighbours_of_a_key_are_found),
        BOTH(filters_and_transforms_agree_with_plain_arrays),
        BOTH(of_equal_members_a_union_has_the_second_an_intersection_the_first),
        BOTH(combinations_of_sets_that_share_nothing_take_one_pass),
        PLAIN(nothing_is_lost_when_memory_is_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
