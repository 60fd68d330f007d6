/* The changes from one map to another against a look at every key: what the tests of maps and of ordered maps have
 * in common. They say what MAP() and SET() are, MAP(_set) being atr_i64_map_set or atr_i64_omap_set, which
 * function tells the changes (CHANGES) and whether in the order of the places (IN_ORDER), how many keys there are (KEYS), and which key has which place (key_at,
 * place_of). */
#ifndef ATR_STATE_TESTS_MAP_CHANGES_H
#define ATR_STATE_TESTS_MAP_CHANGES_H

#include <string.h>

#include "random.h"
#include "sample.h"

typedef MAP() map;
typedef SET() set;

enum { VERSIONS = 8 };

/* What was told, by place of the key. */
typedef struct found {
    int times[KEYS];
    int64_t was[KEYS], now[KEYS]; /* -1: not there */
    size_t count;
    size_t last; /* place of the key told last */
} found;

static void find_at(found *f, size_t place, const atr_word *was, const atr_word *now)
{
    assert_in_range(place, 0, KEYS - 1);
    assert_true(!IN_ORDER || place > f->last || f->count == 0);
    f->last = place;
    f->times[place]++;
    f->was[place] = was != NULL ? was->i64 : -1;
    f->now[place] = now != NULL ? now->i64 : -1;
    f->count++;
}

static void find_i64(void *user, atr_word key, const atr_word *was, const atr_word *now)
{
    find_at(user, place_of(key.i64), was, now);
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

static int64_t i64_value(const map *m, size_t place)
{
    return MAP(_has)(m, key_at(place)) ? MAP(_get)(m, key_at(place)) : -1;
}

/* Compares what is told with a look at every key. Returns how many differ. */
static size_t i64_check(const map *was, const map *now)
{
    static found f;
    f = (found){.count = 0};
    assert_true(CHANGES((const void *)was, (const void *)now, SIZE_MAX, find_i64, &f));
    for (size_t i = 0; i < KEYS; i++) {
        check_place(&f, i, i64_value(was, i), i64_value(now, i));
    }
    return f.count;
}

static const map *i64_step(atr_scope *s, const map *m)
{
    int64_t key = key_at(random_below(KEYS));
    return random_below(2) == 0 ? MAP(_remove)(s, m, key)
                                : MAP(_set)(s, m, key, (int64_t)random_below(3));
}

/* A run of neighbours comes or goes: of an ordered map, whole nodes do. */
static const map *i64_run(atr_scope *s, const map *m)
{
    size_t from = random_below(KEYS), to = from + random_below(KEYS - from);
    bool gone = random_below(2) == 0;
    MAP(_builder) *b = MAP(_builder_new)(s, m);
    for (size_t i = from; i < to; i++) {
        if (gone) {
            MAP(_builder_remove)(b, key_at(i));
        } else {
            MAP(_builder_set)(b, key_at(i), (int64_t)random_below(3));
        }
    }
    return MAP(_builder_seal)(b);
}

/* Any version against any other, whether they came from one another or not. */
static void random_versions_are_compared(size_t steps)
{
    atr_scope *s = atr_scope_open(NULL);
    const map *versions[VERSIONS] = {NULL};
    while (steps-- > 0) {
        const map *m = versions[random_below(VERSIONS)];
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

static const map *all_keys(atr_scope *s)
{
    MAP(_builder) *b = MAP(_builder_new)(s, NULL);
    for (size_t i = 0; i < KEYS; i++) {
        MAP(_builder_set)(b, key_at(i), (int64_t)i);
    }
    return MAP(_builder_seal)(b);
}

static void the_empty_one_differs_in_all(void)
{
    atr_scope *s = atr_scope_open(NULL);
    const map *m = all_keys(s);

    assert_int_equal(i64_check(NULL, m), KEYS);
    assert_int_equal(i64_check(m, NULL), KEYS);
    assert_int_equal(i64_check(m, m), 0);
    assert_int_equal(i64_check(NULL, NULL), 0);
    atr_scope_close(s);
}

static void those_without_common_history_may_be_compared(void)
{
    atr_scope *s = atr_scope_open(NULL);
    const map *a = all_keys(s), *b = NULL, *small;
    for (size_t i = KEYS; i-- > 0;) {
        b = MAP(_set)(s, b, key_at(i), (int64_t)i);
    }
    small = MAP(_set)(s, MAP(_set)(s, NULL, key_at(300), 300), key_at(3), -7);

    assert_int_equal(i64_check(a, b), 0);
    assert_int_equal(i64_check(a, MAP(_set)(s, b, key_at(5), -7)), 1);
    assert_int_equal(i64_check(a, small), KEYS - 1);
    assert_int_equal(i64_check(small, b), KEYS - 1);
    atr_scope_close(s);
}

static void members_come_and_go(void)
{
    static found f;
    atr_scope *s = atr_scope_open(NULL);
    const set *a = SET(_add)(s, SET(_add)(s, NULL, 1), 2);
    const set *b = SET(_add)(s, SET(_remove)(s, a, 1), 3);
    f = (found){.count = 0};

    assert_true(CHANGES((const void *)a, (const void *)b, SIZE_MAX, find_i64, &f));

    assert_int_equal(f.count, 2);
    assert_int_equal(f.was[place_of(1)], 1);
    assert_int_equal(f.now[place_of(1)], -1);
    assert_int_equal(f.now[place_of(3)], 3);
    atr_scope_close(s);
}

static void a_limit_ends_the_search(void **state)
{
    static found f;
    atr_scope *s = atr_scope_open(NULL);
    const map *m = all_keys(s);
    size_t limit = 0;
    bool all = false;

    while (!all) {
        f = (found){.count = 0};
        all = CHANGES(NULL, (const void *)m, limit, find_i64, &f);
        assert_true(f.count <= limit);
        assert_int_equal(all, f.count == KEYS);
        limit++;
    }

    assert_true(limit > KEYS);
    atr_scope_close(s);
}

#endif
