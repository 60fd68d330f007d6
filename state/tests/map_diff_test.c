/* The difference of two maps against a look at every key. */
#include "map_diff.h"
#include "sample.h"

enum { KEYS = 400 };

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

#define MAP(name) atr_i64_map##name
#define SET(name) atr_i64_set##name
#define CHANGES atr_map_changes
#define IN_ORDER false
#include "map_changes.h"

static void each_key_that_differs_is_told_once(void **state)
{
    random_versions_are_compared(random_begin() / 40);
}

static void an_empty_map_differs_in_all(void **state)
{
    the_empty_one_differs_in_all();
}

static void maps_without_common_history_may_be_compared(void **state)
{
    those_without_common_history_may_be_compared();
}

static void members_of_sets_come_and_go(void **state)
{
    members_come_and_go();
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
