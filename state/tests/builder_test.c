/* Builders are read while they are filled, and hold no more than that takes. */
#include <string.h>

#include <atrium/ordered_map.h>

#include "sample.h"

enum { KEYS = 300, STEPS = 4000 };

static size_t live(void)
{
    return atr_memory_now().values;
}

/* The key of a step: some come again and again, some once. */
static int64_t key_of(int i)
{
    return (int64_t)((unsigned)i * 2654435761u % KEYS) - 20;
}

static bool is_removal(int i)
{
    return i % 7 == 3;
}

/* What a map should have: of every key the step that set it, -1: none. */
typedef struct plain {
    int set[KEYS];
    size_t count;
} plain;

static void plain_begin(plain *p)
{
    memset(p->set, -1, sizeof p->set);
    p->count = 0;
}

static void plain_step(plain *p, int i)
{
    int *at = &p->set[key_of(i) + 20];
    p->count += (size_t)!is_removal(i) - (size_t)(*at >= 0);
    *at = is_removal(i) ? -1 : i;
}

static void a_map_builder_is_read_at_every_step(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    for (int reads_from = 0; reads_from < STEPS; reads_from += STEPS / 4) {
        todo_item_map_builder *b = todo_item_map_builder_new(s, NULL);
        plain p;
        plain_begin(&p);
        for (int i = 0; i < STEPS; i++) {
            const todo_item *item = sample_item(s, i, "item");
            plain_step(&p, i);
            assert_int_equal(is_removal(i) ? todo_item_map_builder_remove(b, key_of(i))
                                           : todo_item_map_builder_set(b, key_of(i), item),
                             ATR_OK);
            if (i >= reads_from) {
                int64_t other = key_of(i * 31);
                const todo_item *got = todo_item_map_builder_get(b, other);
                assert_int_equal(todo_item_map_builder_count(b), p.count);
                assert_int_equal(got != NULL ? got->id : -1, p.set[other + 20]);
                assert_true(todo_item_map_builder_has(b, other) == (got != NULL));
                assert_true(is_removal(i) || todo_item_map_builder_get(b, key_of(i)) == item);
            }
        }
        assert_int_equal(todo_item_map_count(todo_item_map_builder_seal(b)), p.count);
        assert_int_equal(todo_item_map_builder_count(b), 0);
        assert_false(todo_item_map_builder_has(b, key_of(0)));
        assert_null(todo_item_map_builder_get(b, key_of(0)));
    }
    assert_int_equal(atr_scope_close(s), 0);
}

static void builders_of_text_keys_and_sets_are_read_at_every_step(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    atr_f64_str_map_builder *b = atr_f64_str_map_builder_new(s, NULL);
    atr_i64_set_builder *set = atr_i64_set_builder_new(s, atr_i64_set_add(s, NULL, 1000));
    plain p;
    plain_begin(&p);
    for (int i = 0; i < STEPS; i++) {
        const atr_str *key = atr_str_format(s, "%d", (int)key_of(i));
        plain_step(&p, i);
        if (is_removal(i)) {
            atr_f64_str_map_builder_remove(b, key);
            atr_i64_set_builder_remove(set, key_of(i));
        } else {
            atr_f64_str_map_builder_set(b, key, i + 0.5);
            atr_i64_set_builder_add(set, key_of(i));
        }
        assert_int_equal(atr_f64_str_map_builder_count(b), p.count);
        assert_int_equal(atr_i64_set_builder_count(set), p.count + 1);
        assert_true(atr_f64_str_map_builder_get(b, key) == (is_removal(i) ? 0 : i + 0.5));
        assert_true(atr_f64_str_map_builder_has(b, key) == !is_removal(i));
        assert_true(atr_i64_set_builder_has(set, key_of(i)) == !is_removal(i));
        assert_true(atr_i64_set_builder_has(set, 1000));
    }
    assert_false(atr_f64_str_map_builder_has(b, NULL));
    assert_int_equal(atr_scope_close(s), 0);
}

static void builders_of_ordered_maps_are_read_at_every_step(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const todo_item *milk = sample_item(s, 1, "milk");
    atr_str_f64_omap_builder *b = atr_str_f64_omap_builder_new(s, NULL);
    by_title_builder *titles = by_title_builder_new(s, by_title_add(s, NULL, milk));
    plain p;
    plain_begin(&p);
    for (int i = 0; i < STEPS; i++) {
        const todo_item *item = sample_item(s, key_of(i), "item");
        double key = (double)key_of(i) / 4;
        const atr_str *text = atr_str_format(s, "text %d", i);
        plain_step(&p, i);
        if (is_removal(i)) {
            atr_str_f64_omap_builder_remove(b, key);
            by_title_builder_remove(titles, item);
        } else {
            atr_str_f64_omap_builder_set(b, key, text);
            by_title_builder_add(titles, item);
        }
        assert_int_equal(atr_str_f64_omap_builder_count(b), p.count);
        assert_int_equal(by_title_builder_count(titles), p.count + 1);
        assert_ptr_equal(atr_str_f64_omap_builder_get(b, key), is_removal(i) ? NULL : text);
        assert_true(atr_str_f64_omap_builder_has(b, key) == !is_removal(i));
        assert_true(by_title_builder_has(titles, item) == !is_removal(i));
        assert_true(by_title_builder_has(titles, milk));
    }
    assert_int_equal(atr_scope_close(s), 0);
}

/* Ascending keys go into the last leaf, of which the levels above learn later. */
static void an_ordered_map_builder_counts_what_was_appended(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    atr_i64_omap_builder *b = atr_i64_omap_builder_new(s, NULL);
    for (int64_t i = 0; i < STEPS; i++) {
        atr_i64_omap_builder_set(b, i, -i);
        assert_int_equal(atr_i64_omap_builder_count(b), i + 1);
        assert_int_equal(atr_i64_omap_builder_get(b, i), -i);
        assert_int_equal(atr_i64_omap_builder_get(b, i / 2), -(i / 2));
    }
    assert_int_equal(atr_i64_omap_count(atr_i64_omap_builder_seal(b)), STEPS);
    assert_int_equal(atr_i64_omap_builder_count(b), 0);
    assert_int_equal(atr_scope_close(s), 0);
}

static void a_vector_builder_is_read_at_every_step(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const atr_f64_vec *from = NULL;
    atr_f64_vec_builder *b;
    for (size_t i = 0; i < 100; i++) {
        from = atr_f64_vec_insert(s, from, i / 2, (double)i); /* relaxed */
    }
    b = atr_f64_vec_builder_new(s, from);
    for (size_t i = 100; i < STEPS; i++) {
        atr_f64_vec_builder_push(b, (double)i);
        assert_int_equal(atr_f64_vec_builder_count(b), i + 1);
        assert_true(atr_f64_vec_builder_at(b, i) == (double)i);
        assert_true(atr_f64_vec_builder_at(b, 100) == 100);
        assert_true(atr_f64_vec_builder_at(b, i % 100) == atr_f64_vec_at(from, i % 100));
        assert_true(atr_f64_vec_builder_at(b, i + 1) == 0);
    }
    atr_f64_vec_builder_set(b, 200, -1);
    assert_true(atr_f64_vec_builder_at(b, 200) == -1);
    atr_f64_vec_builder_seal(b);
    assert_int_equal(atr_f64_vec_builder_count(b), 0);
    assert_true(atr_f64_vec_builder_at(b, 0) == 0);
    assert_int_equal(atr_scope_close(s), 0);
}

static void a_builder_that_could_not_be_made_reads_as_empty(void **state)
{
    assert_int_equal(todo_item_map_builder_count(NULL), 0);
    assert_false(todo_item_map_builder_has(NULL, 1));
    assert_null(todo_item_map_builder_get(NULL, 1));
    assert_int_equal(todo_item_omap_builder_count(NULL), 0);
    assert_null(todo_item_omap_builder_get(NULL, 1));
    assert_int_equal(todo_item_vec_builder_count(NULL), 0);
    assert_null(todo_item_vec_builder_at(NULL, 0));
}

/* Few keys, set again and again: not every value that ever was. */
static void a_map_builder_lets_go_of_what_was_replaced(void **state)
{
    enum { SETS = 60000, LOOK = 509 };
    static const int keys[] = {1, 300, 5000};
    for (size_t k = 0; k < sizeof keys / sizeof *keys; k++) {
        atr_scope *s = atr_scope_open(NULL);
        todo_item_map_builder *b = todo_item_map_builder_new(s, NULL);
        const todo_item_map *m;
        size_t before = live(), most = 0;
        for (int i = 0; i < SETS; i++) {
            ATR_SCOPE(inner, s) {
                todo_item_map_builder_set(b, i % keys[k], sample_item(inner, i, ""));
            }
            if (i % LOOK == 0) {
                most = live() > most ? live() : most;
            }
        }
        assert_true(most - before <= 1024 + 4 * (size_t)keys[k]);
        m = todo_item_map_builder_seal(b);
        assert_int_equal(todo_item_map_count(m), keys[k]);
        for (int i = 0; i < keys[k]; i++) {
            assert_int_equal(todo_item_map_get(m, i)->id, (SETS - 1 - i) / keys[k] * keys[k] + i);
        }
        assert_int_equal(atr_scope_close(s), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        BOTH(a_map_builder_is_read_at_every_step),
        BOTH(builders_of_text_keys_and_sets_are_read_at_every_step),
        BOTH(builders_of_ordered_maps_are_read_at_every_step),
        BOTH(an_ordered_map_builder_counts_what_was_appended),
        BOTH(a_vector_builder_is_read_at_every_step),
        BOTH(a_builder_that_could_not_be_made_reads_as_empty),
        BOTH(a_map_builder_lets_go_of_what_was_replaced),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
