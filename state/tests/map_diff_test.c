/* The difference of two maps against a look at every key. */
#include <stdio.h>
#include <string.h>

#include "map_diff.h"
#include "random.h"
#include "sample.h"

enum { KEYS = 400, VERSIONS = 8 };

/* What was told, by place of the key. */
typedef struct found {
    int times[KEYS];
    int64_t was[KEYS], now[KEYS]; /* -1: not there */
    size_t count;
} found;

/* Keys far apart and close together, so that the trie has paths of all lengths. */
static int64_t key_at(size_t i)
{
    return i % 2 == 0 ? (int64_t)i / 2 : (int64_t)(i << 52);
}

static size_t place_of(int64_t key)
{
    for (size_t i = 0; i < KEYS; i++) {
        if (key_at(i) == key) {
            return i;
        }
    }
    fail_msg("a key that was never there");
    return 0;
}

static void find_at(found *f, size_t place, const atr_word *was, const atr_word *now)
{
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

/* ---- i64 keys ---- */

static int64_t i64_value(const atr_i64_map *m, size_t place)
{
    return atr_i64_map_has(m, key_at(place)) ? atr_i64_map_get(m, key_at(place)) : -1;
}

static size_t i64_check(const atr_i64_map *was, const atr_i64_map *now)
{
    static found f;
    f = (found){.count = 0};
    assert_true(
        atr_map_changes((const atr_map *)was, (const atr_map *)now, SIZE_MAX, find_i64, &f));
    for (size_t i = 0; i < KEYS; i++) {
        check_place(&f, i, i64_value(was, i), i64_value(now, i));
    }
    return f.count;
}

static const atr_i64_map *i64_step(atr_scope *s, const atr_i64_map *m)
{
    size_t place = random_below(KEYS);
    return random_below(2) == 0 ? atr_i64_map_remove(s, m, key_at(place))
                                : atr_i64_map_set(s, m, key_at(place), (int64_t)random_below(3));
}

static void each_key_that_differs_is_told_once(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const atr_i64_map *versions[VERSIONS] = {NULL};
    size_t steps = random_begin() / 40;

    for (size_t i = 0; i < steps; i++) {
        const atr_i64_map *m = versions[random_below(VERSIONS)];
        for (size_t edits = random_below(20); edits-- > 0;) {
            m = i64_step(s, m);
        }
        versions[random_below(VERSIONS)] = m;
        i64_check(versions[random_below(VERSIONS)], m);
        i64_check(m, versions[random_below(VERSIONS)]);
    }
    atr_scope_close(s);
}

static void an_empty_map_differs_in_all(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const atr_i64_map *m = NULL;
    for (size_t i = 0; i < KEYS; i++) {
        m = atr_i64_map_set(s, m, key_at(i), 1);
    }

    assert_int_equal(i64_check(NULL, m), KEYS);
    assert_int_equal(i64_check(m, NULL), KEYS);
    assert_int_equal(i64_check(m, m), 0);
    assert_int_equal(i64_check(NULL, NULL), 0);
    atr_scope_close(s);
}

static void maps_without_common_history_may_be_compared(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const atr_i64_map *a = NULL, *b = NULL;
    for (size_t i = 0; i < KEYS; i++) {
        a = atr_i64_map_set(s, a, key_at(i), (int64_t)i);
        b = atr_i64_map_set(s, b, key_at(KEYS - 1 - i), (int64_t)(KEYS - 1 - i));
    }

    assert_int_equal(i64_check(a, b), 0);
    assert_int_equal(i64_check(a, atr_i64_map_set(s, b, 5, -7)), 1);
    atr_scope_close(s);
}

/* ---- text keys ---- */

/* Half of them share their hash, which is written as the library would have computed it. */
static const atr_str *texts_make(atr_scope *s, size_t place)
{
    const atr_str *text = atr_str_format(s, "%d", (int)place);
    if (place % 2 == 0) {
        memcpy((char *)(uintptr_t)text + offsetof(atr_str, hash), &(uint32_t){12345},
               sizeof(uint32_t));
    }
    return text;
}

static void text_check(const atr_i64_str_map *was, const atr_i64_str_map *now,
                       const atr_str *const *texts, size_t count)
{
    static found f;
    f = (found){.count = 0};
    assert_true(
        atr_map_changes((const atr_map *)was, (const atr_map *)now, SIZE_MAX, find_text, &f));
    for (size_t i = 0; i < count; i++) {
        bool before = atr_i64_str_map_has(was, texts[i]),
             after = atr_i64_str_map_has(now, texts[i]);
        check_place(&f, i, before ? atr_i64_str_map_get(was, texts[i]) : -1,
                    after ? atr_i64_str_map_get(now, texts[i]) : -1);
    }
}

static void texts_that_share_their_hash_are_told_apart(void **state)
{
    enum { TEXTS = 40 };
    atr_scope *s = atr_scope_open(NULL);
    const atr_str *texts[TEXTS];
    const atr_i64_str_map *versions[VERSIONS] = {NULL};
    size_t steps = random_begin() / 20;
    for (size_t i = 0; i < TEXTS; i++) {
        texts[i] = texts_make(s, i);
    }

    for (size_t i = 0; i < steps; i++) {
        const atr_i64_str_map *m = versions[random_below(VERSIONS)];
        for (size_t edits = random_below(6); edits-- > 0;) {
            const atr_str *key = texts[random_below(TEXTS)];
            m = random_below(2) == 0 ? atr_i64_str_map_remove(s, m, key)
                                     : atr_i64_str_map_set(s, m, key, (int64_t)random_below(3));
        }
        versions[random_below(VERSIONS)] = m;
        text_check(versions[random_below(VERSIONS)], m, texts, TEXTS);
    }
    atr_scope_close(s);
}

/* ---- other values ---- */

static void values_are_told_apart_by_address(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    static found f;
    const todo_item_map *a = todo_item_map_set(s, NULL, 4, sample_item(s, 1, "x"));
    const todo_item_map *b = todo_item_map_set(s, a, 4, sample_item(s, 1, "x"));
    const todo_item_map *c = todo_item_map_set(s, b, 4, todo_item_map_get(a, 4));
    f = (found){.count = 0};

    atr_map_changes((const atr_map *)a, (const atr_map *)b, SIZE_MAX, find_i64, &f);
    assert_int_equal(f.count, 1);
    atr_map_changes((const atr_map *)a, (const atr_map *)c, SIZE_MAX, find_i64, &f);
    assert_int_equal(f.count, 1);
    atr_scope_close(s);
}

static void members_of_sets_come_and_go(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    static found f;
    const atr_i64_set *a = atr_i64_set_add(s, atr_i64_set_add(s, NULL, 1), 2);
    const atr_i64_set *b = atr_i64_set_add(s, atr_i64_set_remove(s, a, 1), 3);
    f = (found){.count = 0};

    assert_true(atr_map_changes((const atr_map *)a, (const atr_map *)b, SIZE_MAX, find_i64, &f));

    assert_int_equal(f.count, 2);
    assert_int_equal(f.was[place_of(1)], 1);
    assert_int_equal(f.now[place_of(1)], -1);
    assert_int_equal(f.now[place_of(3)], 3);
    atr_scope_close(s);
}

/* ---- cost ---- */

static void the_cost_follows_the_change_when_history_is_shared(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    static found f;
    atr_i64_map_builder *b = atr_i64_map_builder_new(s, NULL);
    const atr_i64_map *was, *now;
    for (int64_t i = 0; i < 100000; i++) {
        atr_i64_map_builder_set(b, i, i);
    }
    was = atr_i64_map_builder_seal(b);
    now = atr_i64_map_set(s, was, 7, -1);
    f = (found){.count = 0};

    /* A path of nodes, and the one change. */
    assert_true(atr_map_changes((const atr_map *)was, (const atr_map *)now, 7, find_i64, &f));

    assert_int_equal(f.count, 1);
    atr_scope_close(s);
}

static void a_limit_ends_the_search(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    static found f;
    const atr_i64_map *m = NULL;
    size_t limit = 0;
    bool all = false;
    for (size_t i = 0; i < KEYS; i++) {
        m = atr_i64_map_set(s, m, key_at(i), 1);
    }

    while (!all) {
        f = (found){.count = 0};
        all = atr_map_changes(NULL, (const atr_map *)m, limit, find_i64, &f);
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
        BOTH(each_key_that_differs_is_told_once),
        BOTH(an_empty_map_differs_in_all),
        BOTH(maps_without_common_history_may_be_compared),
        BOTH(texts_that_share_their_hash_are_told_apart),
        BOTH(values_are_told_apart_by_address),
        BOTH(members_of_sets_come_and_go),
        BOTH(the_cost_follows_the_change_when_history_is_shared),
        BOTH(a_limit_ends_the_search),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
