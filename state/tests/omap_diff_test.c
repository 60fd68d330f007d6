/* The difference of two ordered maps against a look at every key. */
#include <stdio.h>
#include <string.h>

#include "omap_diff.h"
#include "random.h"
#include "sample.h"

enum { KEYS = 2000, VERSIONS = 8 };

/* What was told, by place of the key. */
typedef struct found {
    int times[KEYS];
    int64_t was[KEYS], now[KEYS]; /* -1: not there */
    size_t count;
    int64_t last; /* place of the key told last */
} found;

static void find_at(found *f, size_t place, const atr_word *was, const atr_word *now)
{
    assert_in_range(place, 0, KEYS - 1);
    assert_true((int64_t)place > f->last || f->count == 0);
    f->last = (int64_t)place;
    f->times[place]++;
    f->was[place] = was != NULL ? was->i64 : -1;
    f->now[place] = now != NULL ? now->i64 : -1;
    f->count++;
}

static void find_i64(void *user, atr_word key, const atr_word *was, const atr_word *now)
{
    find_at(user, (size_t)key.i64, was, now);
}

/* Half of the keys are negative; their order is that of the places. */
static double real_at(size_t place)
{
    return ((double)place - KEYS / 2.0) / 4;
}

static void find_f64(void *user, atr_word key, const atr_word *was, const atr_word *now)
{
    find_at(user, (size_t)(key.f64 * 4 + KEYS / 2.0), was, now);
}

static const atr_str *text_at(atr_scope *s, size_t place)
{
    return atr_str_format(s, "%04d", (int)place);
}

static void find_text(void *user, atr_word key, const atr_word *was, const atr_word *now)
{
    find_at(user, (size_t)strtoul(((const atr_str *)key.ref)->bytes, NULL, 10), was, now);
}

static void check_place(const found *f, size_t place, int64_t was, int64_t now)
{
    assert_int_equal(f->times[place], was != now);
    if (was != now) {
        assert_int_equal(f->was[place], was);
        assert_int_equal(f->now[place], now);
    }
}

/* ---- i64 keys ---- */

static int64_t i64_value(const atr_i64_omap *m, size_t place)
{
    return atr_i64_omap_has(m, (int64_t)place) ? atr_i64_omap_get(m, (int64_t)place) : -1;
}

static size_t i64_check(const atr_i64_omap *was, const atr_i64_omap *now)
{
    static found f;
    f = (found){.count = 0};
    assert_true(
        atr_omap_changes((const atr_omap *)was, (const atr_omap *)now, SIZE_MAX, find_i64, &f));
    for (size_t i = 0; i < KEYS; i++) {
        check_place(&f, i, i64_value(was, i), i64_value(now, i));
    }
    return f.count;
}

static const atr_i64_omap *i64_step(atr_scope *s, const atr_i64_omap *m)
{
    int64_t key = (int64_t)random_below(KEYS);
    return random_below(2) == 0 ? atr_i64_omap_remove(s, m, key)
                                : atr_i64_omap_set(s, m, key, (int64_t)random_below(3));
}

/* A run of neighbours comes or goes: whole nodes do. */
static const atr_i64_omap *i64_run(atr_scope *s, const atr_i64_omap *m)
{
    size_t from = random_below(KEYS), to = from + random_below(KEYS - from);
    bool gone = random_below(2) == 0;
    atr_i64_omap_builder *b = atr_i64_omap_builder_new(s, m);
    for (size_t i = from; i < to; i++) {
        if (gone) {
            atr_i64_omap_builder_remove(b, (int64_t)i);
        } else {
            atr_i64_omap_builder_set(b, (int64_t)i, (int64_t)random_below(3));
        }
    }
    return atr_i64_omap_builder_seal(b);
}

static void each_key_that_differs_is_told_once_in_order(void **state)
{
    const atr_i64_omap *versions[VERSIONS] = {NULL};
    atr_scope *s = atr_scope_open(NULL);
    size_t steps = random_begin() / 60;

    for (size_t i = 0; i < steps; i++) {
        const atr_i64_omap *m = versions[random_below(VERSIONS)];
        if (random_below(8) == 0) {
            m = i64_run(s, m);
        }
        for (size_t edits = random_below(20); edits-- > 0;) {
            m = i64_step(s, m);
        }
        versions[random_below(VERSIONS)] = m;
        i64_check(versions[random_below(VERSIONS)], m);
        i64_check(m, versions[random_below(VERSIONS)]);
    }
    atr_scope_close(s);
}

static const atr_i64_omap *all_keys(atr_scope *s)
{
    atr_i64_omap_builder *b = atr_i64_omap_builder_new(s, NULL);
    for (int64_t i = 0; i < KEYS; i++) {
        atr_i64_omap_builder_set(b, i, i);
    }
    return atr_i64_omap_builder_seal(b);
}

static void an_empty_ordered_map_differs_in_all(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const atr_i64_omap *m = all_keys(s);

    assert_int_equal(i64_check(NULL, m), KEYS);
    assert_int_equal(i64_check(m, NULL), KEYS);
    assert_int_equal(i64_check(m, m), 0);
    assert_int_equal(i64_check(NULL, NULL), 0);
    atr_scope_close(s);
}

static void ordered_maps_without_common_history_may_be_compared(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const atr_i64_omap *a = all_keys(s), *b = NULL, *small;
    for (int64_t i = KEYS; i-- > 0;) {
        b = atr_i64_omap_set(s, b, i, i);
    }
    small = atr_i64_omap_set(s, atr_i64_omap_set(s, NULL, 700, 700), 3, -7);

    assert_int_equal(i64_check(a, b), 0);
    assert_int_equal(i64_check(a, atr_i64_omap_set(s, b, 5, -7)), 1);
    assert_int_equal(i64_check(a, small), KEYS - 1);
    assert_int_equal(i64_check(small, b), KEYS - 1);
    atr_scope_close(s);
}

/* ---- other keys and values ---- */

static void keys_are_told_as_they_were_given(void **state)
{
    static found f;
    atr_scope *s = atr_scope_open(NULL);
    const atr_i64_f64_omap *reals = NULL, *other;
    const atr_i64_str_omap *texts = NULL;
    for (size_t i = 0; i < KEYS; i += 3) {
        reals = atr_i64_f64_omap_set(s, reals, real_at(i), 1);
        texts = atr_i64_str_omap_set(s, texts, text_at(s, i), 1);
    }
    other = atr_i64_f64_omap_remove(s, atr_i64_f64_omap_set(s, reals, real_at(1), 2), real_at(3));

    f = (found){.count = 0};
    atr_omap_changes((const atr_omap *)reals, (const atr_omap *)other, SIZE_MAX, find_f64, &f);
    assert_int_equal(f.count, 2);
    assert_int_equal(f.now[1], 2);
    assert_int_equal(f.now[3], -1);

    f = (found){.count = 0};
    atr_omap_changes((const atr_omap *)texts,
                     (const atr_omap *)atr_i64_str_omap_set(s, texts, text_at(s, 1200), 5),
                     SIZE_MAX, find_text, &f);
    assert_int_equal(f.count, 1);
    assert_int_equal(f.was[1200], 1);
    assert_int_equal(f.now[1200], 5);
    atr_scope_close(s);
}

static void members_of_ordered_sets_come_and_go(void **state)
{
    static found f;
    atr_scope *s = atr_scope_open(NULL);
    const atr_i64_oset *a = atr_i64_oset_add(s, atr_i64_oset_add(s, NULL, 1), 2);
    const atr_i64_oset *b = atr_i64_oset_add(s, atr_i64_oset_remove(s, a, 1), 3);
    f = (found){.count = 0};

    assert_true(atr_omap_changes((const atr_omap *)a, (const atr_omap *)b, SIZE_MAX, find_i64, &f));

    assert_int_equal(f.count, 2);
    assert_int_equal(f.was[1], 1);
    assert_int_equal(f.now[1], -1);
    assert_int_equal(f.now[3], 3);
    atr_scope_close(s);
}

static void count_any(void *user, atr_word key, const atr_word *was, const atr_word *now)
{
    *(size_t *)user += 1;
}

/* Models are members by address, texts by content. */
static void members_that_stay_are_not_told(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const by_title *items = NULL, *others;
    const atr_str_oset *texts = NULL, *remade = NULL;
    size_t told = 0;
    for (int i = 0; i < 100; i++) {
        items = by_title_add(s, items, sample_item(s, i, "item"));
        texts = atr_str_oset_add(s, texts, text_at(s, (size_t)i));
        remade = atr_str_oset_add(s, remade, text_at(s, (size_t)i));
    }
    others = by_title_add(
        s, items, ATR_NEW(s, todo_item, .id = 7, .title = ATR_STR(s, "item"), .done = true));

    atr_omap_changes((const atr_omap *)items, (const atr_omap *)others, SIZE_MAX, count_any, &told);
    assert_int_equal(told, 1);
    atr_omap_changes((const atr_omap *)texts, (const atr_omap *)remade, SIZE_MAX, count_any, &told);
    assert_int_equal(told, 1);
    atr_scope_close(s);
}

/* ---- cost ---- */

static size_t least_limit(const atr_i64_omap *was, const atr_i64_omap *now)
{
    static found f;
    size_t limit = 0;
    do {
        f = (found){.count = 0};
    } while (
        !atr_omap_changes((const atr_omap *)was, (const atr_omap *)now, limit++, find_i64, &f));
    return limit - 1;
}

static void the_cost_follows_the_change_when_history_is_shared(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const atr_i64_omap *was = NULL;
    atr_i64_omap_builder *b = atr_i64_omap_builder_new(s, NULL);
    for (int64_t i = 0; i < 100000; i++) {
        atr_i64_omap_builder_set(b, i, i);
    }
    was = atr_i64_omap_builder_seal(b);

    /* A path of nodes on both sides, and the one change. */
    assert_in_range(least_limit(was, atr_i64_omap_set(s, was, 777, -1)), 2, 9);
    /* A node that is divided, or joined with its neighbour, is two on one side. */
    assert_in_range(least_limit(was, atr_i64_omap_remove(s, was, 777)), 2, 12);
    was = atr_i64_omap_remove(s, was, 777);
    assert_in_range(least_limit(was, atr_i64_omap_set(s, was, 777, 1)), 2, 12);
    atr_scope_close(s);
}

/* The subtrees of the lower tree stand in the higher one, too. */
static void the_cost_follows_the_change_when_the_tree_has_grown(void **state)
{
    enum { MORE = 100 };
    for (int64_t size = 100; size < 40000; size += size / 20) {
        ATR_SCOPE(s, NULL) {
            const atr_i64_omap *was, *now;
            atr_i64_omap_builder *b = atr_i64_omap_builder_new(s, NULL);
            size_t told = 0;
            for (int64_t i = 0; i < size; i++) {
                atr_i64_omap_builder_set(b, i, i);
            }
            now = was = atr_i64_omap_builder_seal(b);
            for (int64_t i = 0; i < MORE; i++) {
                now = atr_i64_omap_set(s, now, size + i, i);
            }
            assert_true(atr_omap_changes((const atr_omap *)was, (const atr_omap *)now, 3 * MORE,
                                         count_any, &told));
            assert_int_equal(told, MORE);
            told = 0;
            assert_true(atr_omap_changes((const atr_omap *)now, (const atr_omap *)was, 3 * MORE,
                                         count_any, &told));
            assert_int_equal(told, MORE);
        }
    }
}

static void a_limit_ends_the_search(void **state)
{
    static found f;
    atr_scope *s = atr_scope_open(NULL);
    const atr_i64_omap *m = all_keys(s);
    size_t limit = 0;
    bool all = false;

    while (!all) {
        f = (found){.count = 0};
        all = atr_omap_changes(NULL, (const atr_omap *)m, limit, find_i64, &f);
        assert_true(f.count <= limit);
        assert_int_equal(all, f.count == KEYS);
        limit++;
    }

    assert_true(limit > KEYS);
    atr_scope_close(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        BOTH(each_key_that_differs_is_told_once_in_order),
        BOTH(an_empty_ordered_map_differs_in_all),
        BOTH(ordered_maps_without_common_history_may_be_compared),
        BOTH(keys_are_told_as_they_were_given),
        BOTH(members_of_ordered_sets_come_and_go),
        BOTH(members_that_stay_are_not_told),
        BOTH(the_cost_follows_the_change_when_history_is_shared),
        BOTH(the_cost_follows_the_change_when_the_tree_has_grown),
        BOTH(a_limit_ends_the_search),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
