#include <math.h>
#include <string.h>

#include "collections.h"
#include "random.h"
#include "sample.h"
#include "shape.h"

#include "map_keys.h"

/* ---- against a plain array ---- */

enum { VERSIONS = 4 };

/* A map and what should be in it, by the number of the key. */
typedef struct version {
    const atr_map *m;
    int64_t values[KEYS]; /* 0: not there */
    size_t count;
} version;

static const atr_model *model;
static atr_word (*make_key)(atr_scope *s, size_t i);
static size_t key_count;

/* What stands for the value of a member: that it is there. */
static int64_t value_for(int64_t value)
{
    return model->structure == ATR_STRUCTURE_SET ? 1 : value;
}

static const atr_map *map_of_values(atr_scope *s, const version *which, bool backwards)
{
    const atr_map *m = NULL;
    for (size_t i = 0; i < key_count; i++) {
        size_t k = backwards ? key_count - 1 - i : i;
        if (which->values[k] != 0) {
            m = atr_map_set(s, model, m, make_key(s, k), atr_word_i64_(which->values[k]));
        }
    }
    return m;
}

static void every_entry_is_there_once(atr_scope *s, const version *which)
{
    atr_word key, value;
    atr_map_each each = {0};
    size_t count = 0;
    int64_t sum = 0;
    while (atr_map_next(&each, which->m, &key, &value)) {
        count++;
        sum += value_for(value.i64);
    }
    assert_false(atr_map_next(&each, which->m, &key, &value));
    assert_int_equal(count, which->count);
    for (size_t i = 0; i < key_count; i++) {
        bool there = atr_map_find(which->m, make_key(s, i), &value);
        assert_int_equal(there, which->values[i] != 0);
        if (there) {
            assert_int_equal(value_for(value.i64), which->values[i]);
            sum -= value_for(value.i64);
        }
    }
    assert_int_equal(sum, 0);
}

static void version_is_right(const version *which)
{
    atr_scope *s = atr_scope_open(NULL);
    const atr_map *a = map_of_values(s, which, false), *b = map_of_values(s, which, true);
    assert_int_equal(atr_map_count(which->m), which->count);
    check_map(which->m);
    every_entry_is_there_once(s, which);
    assert_true(atr_equal(which->m, a));
    assert_true(atr_equal(b, which->m));
    assert_int_equal(atr_hash(which->m), atr_hash(a));
    atr_scope_close(s);
}

static void values_put(version *which, size_t i, int64_t value)
{
    which->count += (value != 0) - (size_t)(which->values[i] != 0);
    which->values[i] = value;
}

static void change_one(atr_scope *s, version *to, const version *from)
{
    size_t i = random_below(key_count);
    atr_word key = make_key(s, i);
    const atr_map *m;
    version next = *from;
    if (random_below(2) == 0) {
        int64_t value = value_for(1 + (int64_t)random_below(3));
        m = atr_map_set(s, model, from->m, key, atr_word_i64_(value));
        assert_int_equal(m == from->m, from->values[i] == value);
        values_put(&next, i, value);
    } else {
        m = atr_map_remove(s, model, from->m, key);
        assert_int_equal(m == from->m, from->values[i] == 0);
        values_put(&next, i, 0);
    }
    atr_value_hold(m);
    atr_value_release(to->m);
    next.m = m;
    *to = next;
}

static void build_on(atr_scope *s, version *to, const version *from)
{
    atr_map_builder *b = atr_map_builder_new(s, model, from->m);
    version next = *from;
    size_t removals = random_below(4);
    for (size_t n = random_below(200); n > 0; n--) {
        size_t i = random_below(key_count);
        if (random_below(4) < removals) {
            assert_int_equal(atr_map_builder_remove(b, make_key(s, i)), ATR_OK);
            values_put(&next, i, 0);
        } else {
            assert_int_equal(atr_map_builder_set(b, make_key(s, i), atr_word_i64_((int64_t)n)),
                             ATR_OK);
            values_put(&next, i, value_for((int64_t)n));
        }
    }
    next.m = atr_map_builder_seal(b);
    atr_value_hold(next.m);
    atr_value_release(to->m);
    *to = next;
}

static void step(version *versions)
{
    version *to = &versions[random_below(VERSIONS)], *from = &versions[random_below(VERSIONS)];
    ATR_SCOPE(s, NULL) {
        if (random_below(25) == 0) {
            build_on(s, to, from);
        } else {
            change_one(s, to, from);
        }
        assert_null(atr_scope_error(s));
    }
}

static void updates_agree(const atr_model *of, atr_word (*make)(atr_scope *s, size_t i),
                          size_t count, size_t steps)
{
    version *versions = calloc(VERSIONS, sizeof *versions);
    model = of;
    make_key = make;
    key_count = count;

    for (size_t i = 0; i < steps; i++) {
        step(versions);
        if (i % 64 == 0) {
            version_is_right(&versions[random_below(VERSIONS)]);
        }
    }

    for (size_t i = 0; i < VERSIONS; i++) {
        version_is_right(&versions[i]);
        atr_value_release(versions[i].m);
    }
    free(versions);
}

static void every_update_agrees_with_an_array_and_old_versions_stay(void **state)
{
    size_t steps = random_begin() / FAMILIES;
    for (size_t k = 0; k < FAMILIES; k++) {
        updates_agree(families[k].model, families[k].make, families[k].count, steps);
    }
}

static void every_update_of_a_set_agrees_with_an_array_and_old_versions_stay(void **state)
{
    size_t steps = random_begin() / 5;
    updates_agree(&atr_i64_set_model, dense, KEYS, steps);
    updates_agree(&atr_i64_set_model, deep, KEYS, steps);
    updates_agree(&atr_str_set_model, text, KEYS, steps);
    updates_agree(&atr_str_set_model, few_hashes, KEYS, steps);
    updates_agree(&atr_str_set_model, one_hash, 100, steps);
}

/* ---- form ---- */

static void the_form_depends_on_the_entries_alone(void **state)
{
    for (size_t k = 0; k < FAMILIES; k++) {
        atr_scope *s = atr_scope_open(NULL);
        size_t count = families[k].count;
        const atr_map *m = NULL;
        for (size_t i = 0; i < count; i++) {
            m = atr_map_set(s, families[k].model, m, families[k].make(s, i), atr_word_i64_(1));
        }

        const atr_map *few = m;
        for (size_t i = count; i-- > 3;) {
            few = atr_map_remove(s, families[k].model, few, families[k].make(s, i));
            if (i % 50 == 0) {
                check_map(few);
            }
        }

        check_map(m);
        check_map(few);
        assert_int_equal(atr_map_count(few), 3);
        for (size_t i = 0; i < 3; i++) {
            few = atr_map_remove(s, families[k].model, few, families[k].make(s, i));
        }
        assert_null(few);
        atr_scope_close(s);
    }
}

static void the_deepest_map_fits_an_iteration(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const atr_i64_set *set = NULL;
    atr_i64_set_each each = {0};
    size_t count = 0;

    for (uint32_t bit = 0; bit < 64; bit++) {
        set = atr_i64_set_add(s, set, (int64_t)key_of_hash((uint64_t)1 << bit));
        set = atr_i64_set_add(s, set, (int64_t)key_of_hash(~((uint64_t)1 << bit)));
    }
    check_map((const atr_map *)set);
    while (atr_i64_set_next(&each, set)) {
        assert_true(atr_i64_set_has(set, each.key));
        count++;
    }

    assert_int_equal(count, 128);
    assert_int_equal(atr_i64_set_count(set), 128);
    atr_scope_close(s);
}

static void colliding_texts_are_told_apart(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const atr_str *a = one_hash(s, 1).ref, *b = one_hash(s, 2).ref, *c = one_hash(s, 3).ref;

    const atr_str_set *set = atr_str_set_add(s, atr_str_set_add(s, NULL, b), a);

    assert_true(atr_str_set_has(set, a));
    assert_true(atr_str_set_has(set, b));
    assert_false(atr_str_set_has(set, c));
    assert_ptr_equal(atr_str_set_remove(s, set, c), set);
    assert_true(atr_equal(atr_str_set_remove(s, set, b), atr_str_set_add(s, NULL, a)));
    check_map((const atr_map *)set);
    atr_scope_close(s);
}

/* ---- values in maps ---- */

static void entries_live_as_long_as_a_map_that_has_them(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    atr_scope *inner = atr_scope_open(s);
    const todo_item_str_map *m = NULL;

    for (size_t i = 0; i < 300; i++) {
        m = todo_item_str_map_set(inner, m, numbered(inner, i),
                                  sample_item(inner, (int64_t)i, "x"));
    }
    for (size_t i = 0; i < 200; i++) {
        m = todo_item_str_map_remove(inner, m, numbered(inner, i));
    }
    atr_scope_yield(inner, m);
    atr_scope_close(inner);

    /* 100 entries of item, title and key; the handle, and nodes, at most one for two entries */
    assert_in_range(atr_memory_now().values, 301, 360);
    for (size_t i = 200; i < 300; i++) {
        assert_int_equal(todo_item_str_map_get(m, numbered(s, i))->id, i);
    }
    atr_scope_close(s);
    assert_int_equal(atr_memory_now().values, 0);
}

static void maps_are_equal_by_content(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const todo_item_map *a = NULL, *b = NULL;
    for (int i = 0; i < 500; i++) {
        a = todo_item_map_set(s, a, i, sample_item(s, i, "same"));
        b = todo_item_map_set(s, b, 499 - i, sample_item(s, 499 - i, "same"));
    }

    assert_true(atr_equal(a, b));
    assert_int_equal(atr_hash(a), atr_hash(b));
    assert_false(atr_equal(a, todo_item_map_set(s, b, 7, sample_item(s, 7, "other"))));
    assert_false(atr_equal(a, todo_item_map_remove(s, b, 7)));
    assert_false(atr_equal(todo_item_map_remove(s, a, 8), todo_item_map_remove(s, b, 7)));
    atr_scope_close(s);
}

static void f64_values_know_one_nan_and_no_negative_zero(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const atr_f64_map *a = atr_f64_map_set(s, atr_f64_map_set(s, NULL, 1, NAN), 2, 0.0);
    const atr_f64_map *b = atr_f64_map_set(s, atr_f64_map_set(s, NULL, 1, -NAN), 2, -0.0);

    assert_true(atr_equal(a, b));
    assert_int_equal(atr_hash(a), atr_hash(b));
    assert_false(atr_equal(a, atr_f64_map_set(s, b, 2, 1.0)));
    atr_scope_close(s);
}

static void every_type_of_map_gives_back_what_it_got(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const atr_str *one = ATR_STR(s, "one"), *two = ATR_STR(s, "two");

    assert_ptr_equal(atr_str_map_get(atr_str_map_set(s, NULL, 1, one), 1), one);
    assert_ptr_equal(atr_str_str_map_get(atr_str_str_map_set(s, NULL, one, two), one), two);
    assert_int_equal(atr_i64_map_get(atr_i64_map_set(s, NULL, -1, 5), -1), 5);
    assert_int_equal(atr_i64_str_map_get(atr_i64_str_map_set(s, NULL, two, 5), two), 5);
    assert_true(atr_f64_map_get(atr_f64_map_set(s, NULL, 1, 0.5), 1) == 0.5);
    assert_true(atr_f64_str_map_get(atr_f64_str_map_set(s, NULL, one, 0.5), one) == 0.5);
    assert_true(atr_i64_set_has(atr_i64_set_add(s, NULL, INT64_MIN), INT64_MIN));
    assert_true(atr_str_set_has(atr_str_set_add(s, NULL, one), ATR_STR(s, "one")));
    atr_scope_close(s);
}

static void the_empty_map_is_null(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    atr_i64_map_each each = {0};
    const atr_i64_map *one = atr_i64_map_set(s, NULL, 1, 1);

    assert_null(atr_i64_map_remove(s, one, 1));
    assert_null(atr_i64_map_remove(s, NULL, 1));
    assert_int_equal(atr_i64_map_count(NULL), 0);
    assert_int_equal(atr_i64_map_get(NULL, 1), 0);
    assert_false(atr_i64_map_has(NULL, 1));
    assert_false(atr_i64_map_next(&each, NULL));
    assert_null(atr_str_map_get(NULL, 1));
    assert_false(atr_str_set_has(atr_str_set_add(s, NULL, &atr_str_default), NULL));
    assert_null(atr_scope_error(s));
    atr_scope_close(s);
}

static void an_update_that_changes_nothing_gives_the_map_itself(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const todo_item *item = sample_item(s, 1, "milk");
    const todo_item_map *m = todo_item_map_set(s, NULL, 1, item);
    const atr_i64_set *set = atr_i64_set_add(s, NULL, 3);

    assert_ptr_equal(todo_item_map_set(s, m, 1, item), m);
    assert_ptr_equal(todo_item_map_remove(s, m, 2), m);
    assert_ptr_equal(atr_i64_set_add(s, set, 3), set);
    assert_ptr_equal(atr_i64_set_remove(s, set, 4), set);
    assert_ptr_not_equal(todo_item_map_set(s, m, 1, sample_item(s, 1, "milk")), m);
    atr_scope_close(s);
}

/* ---- builders ---- */

static void a_builder_leaves_the_map_it_began_with_as_it_was(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const atr_i64_map *from = NULL;
    for (int64_t i = 0; i < 1000; i++) {
        from = atr_i64_map_set(s, from, i, i);
    }
    atr_i64_map_builder *b = atr_i64_map_builder_new(s, from);

    for (int64_t i = 0; i < 1000; i++) {
        atr_i64_map_builder_set(b, i, -1);
        atr_i64_map_builder_remove(b, i / 2);
    }
    const atr_i64_map *made = atr_i64_map_builder_seal(b);

    check_map((const atr_map *)from);
    check_map((const atr_map *)made);
    assert_int_equal(atr_i64_map_count(made), 500);
    for (int64_t i = 0; i < 1000; i++) {
        assert_int_equal(atr_i64_map_get(from, i), i);
        assert_int_equal(atr_i64_map_get(made, i), i < 500 ? 0 : -1);
    }
    atr_scope_close(s);
}

static void a_sealed_builder_is_empty_and_can_be_used_again(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    atr_str_set_builder *b = atr_str_set_builder_new(s, NULL);

    assert_null(atr_str_set_builder_seal(b));
    atr_str_set_builder_add(b, ATR_STR(s, "one"));
    const atr_str_set *first = atr_str_set_builder_seal(b);
    atr_str_set_builder_add(b, ATR_STR(s, "two"));
    const atr_str_set *second = atr_str_set_builder_seal(b);

    assert_int_equal(atr_str_set_count(first), 1);
    assert_int_equal(atr_str_set_count(second), 1);
    assert_true(atr_str_set_has(first, ATR_STR(s, "one")));
    assert_true(atr_str_set_has(second, ATR_STR(s, "two")));
    atr_scope_close(s);
}

static void a_builder_that_is_not_sealed_goes_with_its_scope(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    todo_item_map_builder *b = todo_item_map_builder_new(s, NULL);
    for (int i = 0; i < 1000; i++) {
        todo_item_map_builder_set(b, i, sample_item(s, i, "milk"));
    }
    atr_scope_close(s);
    assert_int_equal(atr_memory_now().values, 0);
}

static void of_several_sets_of_one_key_in_a_builder_the_last_counts(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    todo_item_map_builder *b = todo_item_map_builder_new(s, NULL);
    const todo_item *last[100] = {NULL};
    const todo_item_map *made;

    for (int64_t i = 0; i < 1000; i++) {
        ATR_SCOPE(inner, s) {
            last[i % 100] = sample_item(inner, i, "milk");
            todo_item_map_builder_set(b, (i % 100) << 40, last[i % 100]);
        }
    }
    made = todo_item_map_builder_seal(b);

    check_map((const atr_map *)made);
    assert_int_equal(todo_item_map_count(made), 100);
    for (int64_t i = 0; i < 100; i++) {
        assert_ptr_equal(todo_item_map_get(made, i << 40), last[i]);
        assert_int_equal(last[i]->id, 900 + i);
        assert_int_equal(last[i]->atr.count, 1);
    }
    atr_scope_close(s);
    assert_int_equal(atr_memory_now().values, 0);
}

static void builders_of_nothing_report_no_memory(void **state)
{
    assert_null(todo_item_map_builder_new(NULL, NULL));
    assert_int_equal(todo_item_map_builder_set(NULL, 1, &todo_item_default), ATR_E_NO_MEMORY);
    assert_int_equal(todo_item_map_builder_remove(NULL, 1), ATR_E_NO_MEMORY);
    assert_null(todo_item_map_builder_seal(NULL));
}

/* ---- refusals ---- */

static void keys_and_values_that_are_null_or_drafts_are_refused(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const todo_item draft = {.id = 1};
    const todo_item_str_map *m = todo_item_str_map_set(s, NULL, numbered(s, 1), &todo_item_default);
    todo_item_str_map_builder *b = todo_item_str_map_builder_new(s, m);

    assert_null(todo_item_str_map_set(s, m, NULL, &todo_item_default));
    assert_string_equal(atr_scope_take_error(s)->message->bytes,
                        "todo_item_str_map: the key is NULL");
    assert_null(todo_item_str_map_set(s, m, numbered(s, 1), NULL));
    assert_string_equal(atr_scope_take_error(s)->message->bytes,
                        "todo_item_str_map: the value is NULL");
    assert_null(todo_item_str_map_set(s, m, numbered(s, 1), &draft));
    assert_int_equal(atr_scope_take_error(s)->code, ATR_E_REFUSED);
    assert_null(todo_item_str_map_remove(s, m, NULL));
    assert_int_equal(atr_scope_take_error(s)->code, ATR_E_REFUSED);
    assert_int_equal(todo_item_str_map_builder_set(b, NULL, &todo_item_default), ATR_E_REFUSED);
    assert_int_equal(todo_item_str_map_builder_remove(b, NULL), ATR_E_REFUSED);
    assert_int_equal(atr_scope_take_error(s)->code, ATR_E_REFUSED);
    assert_int_equal(todo_item_str_map_count(todo_item_str_map_builder_seal(b)), 1);
    atr_scope_close(s);
}

static void one_entry_more_than_the_limit_is_refused(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    atr_map full = *(const atr_map *)atr_i64_map_set(s, NULL, 1, 1);
    full.size = ATR_MAP_MAX;

    assert_null(atr_map_set(s, &atr_i64_map_model, &full, atr_word_i64_(2), atr_word_i64_(2)));

    assert_int_equal(atr_scope_error(s)->code, ATR_E_LIMIT);
    assert_string_equal(atr_scope_error(s)->message->bytes,
                        "atr_i64_map: more than 2147483647 entries");
    assert_int_equal(atr_map_count(atr_map_set(s, &atr_i64_map_model, &full, atr_word_i64_(1),
                                               atr_word_i64_(2))),
                     ATR_MAP_MAX);
    atr_scope_close(s);
}

static void without_a_scope_every_maker_gives_the_empty_map(void **state)
{
    assert_null(todo_item_map_set(NULL, NULL, 1, &todo_item_default));
    assert_null(todo_item_map_remove(NULL, NULL, 1));
    assert_null(atr_str_set_add(NULL, NULL, NULL));
}

/* ---- from the inside ---- */

static void sorted_entries_come_by_key(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const atr_i64_map *numbers = NULL;
    const atr_str_set *texts = NULL;
    atr_map_entry *entries;
    for (int64_t i = 0; i < 1000; i++) {
        numbers = atr_i64_map_set(s, numbers, (i * 7919 % 1000) - 500, i);
        texts = atr_str_set_add(s, texts, numbered(s, (size_t)i));
    }

    size_t count = atr_map_sorted_entries((const atr_map *)numbers, &entries);
    assert_int_equal(count, 1000);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(entries[i].key.i64, (int64_t)i - 500);
        assert_int_equal(entries[i].value.i64, atr_i64_map_get(numbers, entries[i].key.i64));
    }
    atr_memory_give(entries, count * sizeof *entries);

    count = atr_map_sorted_entries((const atr_map *)texts, &entries);
    assert_int_equal(count, 1000);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(entries[i].value.i64, 0);
        assert_true(i == 0 || atr_str_compare(entries[i - 1].key.ref, entries[i].key.ref) < 0);
    }
    atr_memory_give(entries, count * sizeof *entries);

    assert_int_equal(atr_map_sorted_entries(NULL, &entries), 0);
    assert_null(entries);
    atr_scope_close(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        BOTH(every_update_agrees_with_an_array_and_old_versions_stay),
        BOTH(every_update_of_a_set_agrees_with_an_array_and_old_versions_stay),
        BOTH(the_form_depends_on_the_entries_alone),
        BOTH(the_deepest_map_fits_an_iteration),
        BOTH(colliding_texts_are_told_apart),
        BOTH(entries_live_as_long_as_a_map_that_has_them),
        BOTH(maps_are_equal_by_content),
        BOTH(f64_values_know_one_nan_and_no_negative_zero),
        BOTH(every_type_of_map_gives_back_what_it_got),
        BOTH(the_empty_map_is_null),
        BOTH(an_update_that_changes_nothing_gives_the_map_itself),
        BOTH(a_builder_leaves_the_map_it_began_with_as_it_was),
        BOTH(a_sealed_builder_is_empty_and_can_be_used_again),
        BOTH(a_builder_that_is_not_sealed_goes_with_its_scope),
        BOTH(of_several_sets_of_one_key_in_a_builder_the_last_counts),
        BOTH(builders_of_nothing_report_no_memory),
        BOTH(keys_and_values_that_are_null_or_drafts_are_refused),
        PLAIN(one_entry_more_than_the_limit_is_refused),
        BOTH(without_a_scope_every_maker_gives_the_empty_map),
        BOTH(sorted_entries_come_by_key),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
