/* Values whose parts are shared inside: sixty levels, each with two references to the next one, are few values
 * and more paths than anybody can walk. */
#include <string.h>

#include <atrium/edits.h>
#include <atrium/json.h>

#include "failing.h"
#include "random.h"
#include "sample.h"

enum { LEVELS = 60, GRID = 100 };

static const knot *levels_over(atr_scope *s, const knot *last)
{
    for (int64_t i = 0; i < LEVELS; i++) {
        last = ATR_NEW(s, knot, .number = i, .next = last, .other = last);
    }
    return last;
}

static const knot *levels(atr_scope *s, int64_t last)
{
    return levels_over(s, ATR_NEW(s, knot, .number = last));
}

/* Each refers to those below and beside it: as many paths, of many lengths. */
static const knot *grid(atr_scope *s, int64_t last)
{
    const knot *row[GRID + 1] = {NULL};
    for (int64_t y = 0; y < GRID; y++) {
        for (int64_t x = 0; x < GRID; x++) {
            int64_t number = x + y == 0 ? last : x * y;
            row[x + 1] = ATR_NEW(s, knot, .number = number, .next = row[x], .other = row[x + 1]);
        }
    }
    return row[GRID];
}

typedef const knot *make_fn(atr_scope *s, int64_t last);
static make_fn *const makers[] = {levels, grid};
enum { MAKERS = sizeof makers / sizeof *makers };

static void equal_ones_are_compared_in_few_steps(void **state)
{
    for (size_t i = 0; i < MAKERS; i++) {
        ATR_SCOPE(s, NULL) {
            const knot *a = makers[i](s, -1), *b = makers[i](s, -1), *c = makers[i](s, -2);

            assert_true(atr_equal(a, b));
            assert_false(atr_equal(a, c));
            assert_int_equal(atr_compare(a, b), 0);
            assert_true(atr_compare(a, c) > 0);
            assert_true(atr_compare(c, a) < 0);
        }
    }
}

static void equal_ones_hash_equally(void **state)
{
    for (size_t i = 0; i < MAKERS; i++) {
        ATR_SCOPE(s, NULL) {
            assert_true(atr_hash(makers[i](s, -1)) == atr_hash(makers[i](s, -1)));
        }
    }
}

/* One side shares what the other has several times. */
static void equal_ones_of_other_forms_hash_equally(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const knot *shared = ATR_NEW(s, knot, .number = 1), *apart = shared;
    for (int64_t i = 0; i < 5; i++) {
        const knot *copy =
            ATR_NEW(s, knot, .number = apart->number, .next = apart->next, .other = apart->other);
        apart = ATR_NEW(s, knot, .number = i, .next = apart, .other = copy);
        shared = ATR_NEW(s, knot, .number = i, .next = shared, .other = shared);
    }

    assert_true(atr_equal(levels_over(s, shared), levels_over(s, apart)));
    assert_true(atr_hash(levels_over(s, shared)) == atr_hash(levels_over(s, apart)));
    atr_scope_close(s);
}

/* However many there are: also what lies behind the first million. */
static void each_part_counts_in_a_hash(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const knot *one = ATR_NEW(s, knot, .number = 1), *two = ATR_NEW(s, knot, .number = 2);
    const knot_vec *all = knot_vec_push(s, NULL, one);
    while (knot_vec_count(all) <= 1 << 20) {
        all = knot_vec_concat(s, all, all);
    }

    uint64_t hash = atr_hash(all);
    for (size_t i = 0; i < 3; i++) {
        assert_true(hash != atr_hash(knot_vec_set(s, all, i * (knot_vec_count(all) - 1) / 2, two)));
    }
    assert_true(hash == atr_hash(knot_vec_set(s, all, 7, ATR_NEW(s, knot, .number = 1))));
    atr_scope_close(s);
}

/* Each of a level refers to two of the next one, in no order: more than the table of what is known remembers. Of the
 * many levels of long runs not all can be walked. */
static void what_is_shared_widely_has_a_hash(void **state)
{
    enum { WIDE = 20000 };
    size_t high = random_steps(12, 60);
    atr_scope *s = atr_scope_open(NULL);
    const knot *below[WIDE], *level[WIDE];
    uint64_t place = 1;
    memset(below, 0, sizeof below);
    for (size_t y = 0; y < high; y++) {
        for (int x = 0; x < WIDE; x++) {
            place = place * 6364136223846793005u + 1442695040888963407u;
            level[x] = ATR_NEW(s, knot, .number = x, .next = below[(place >> 33) % WIDE],
                               .other = below[(place >> 13) % WIDE]);
        }
        memcpy(below, level, sizeof below);
    }
    assert_true(atr_hash(below[0]) != atr_hash(below[1]));
    assert_int_equal(atr_scope_close(s), 0);
}

/* Some hundred values on each side, and some thousand pairs before they are noted. */
static void the_script_between_equal_ones_takes_few_steps(void **state)
{
    for (size_t i = 0; i < MAKERS; i++) {
        ATR_SCOPE(s, NULL) {
            const atr_edits *edits = atr_diff(s, makers[i](s, -1), makers[i](s, -1), NULL);
            assert_int_equal(edits->count, 0);
            assert_in_range(edits->visited, LEVELS, 100000);
        }
    }
}

/* Each path to what differs is a place of its own: a thousand times a few hundred steps. */
static void more_places_than_the_limit_are_one_change(void **state)
{
    for (size_t i = 0; i < MAKERS; i++) {
        ATR_SCOPE(s, NULL) {
            const atr_edits *edits =
                atr_diff(s, makers[i](s, -1), makers[i](s, -2), &(atr_diff_options){.limit = 1000});
            assert_int_equal(edits->count, 1);
            assert_int_equal(edits->items[0].at.kind, ATR_STEP_WHOLE);
            assert_in_range(edits->visited, LEVELS, 300000);
        }
    }
}

static void places_beyond_the_limit_are_counted_not_walked(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const char *text = atr_diff_print(s, levels(s, -1), levels(s, -2), 3)->bytes;

    assert_non_null(strstr(text, "next.next.next.number: -1 -> -2\n"));
    /* two to the sixtieth, but for three */
    assert_non_null(strstr(text, "\n... and 1152921504606846973 more"));
    atr_scope_close(s);
}

/* Though the pair is known, each place has edits of its own. */
static void shared_parts_are_told_in_each_place(void **state)
{
    enum { ROWS = 10000 };
    atr_scope *s = atr_scope_open(NULL);
    const todo_item_vec *was = NULL, *now = NULL;
    const todo_item *a = sample_item(s, 1, "a"), *b = sample_item(s, 1, "b");
    const atr_edits *edits;
    for (size_t i = 0; i < ROWS; i++) {
        was = todo_item_vec_push(s, was, a);
        now = todo_item_vec_push(s, now, b);
    }

    edits = atr_diff(s, was, now, NULL);

    assert_int_equal(edits->count, ROWS);
    assert_int_equal(edits->items[ROWS - 1].at.outer->index, ROWS - 1);
    atr_scope_close(s);
}

static void one_value_beside_many_others_is_compared_with_each(void **state)
{
    enum { ROWS = 20000, DIFFERENT = 100 };
    atr_scope *s = atr_scope_open(NULL);
    const todo_item_map *was = NULL, *now = NULL;
    const todo_item *a = sample_item(s, 1, "a");
    for (int64_t i = 0; i < ROWS; i++) {
        was = todo_item_map_set(s, was, i, a);
        now = todo_item_map_set(s, now, i, sample_item(s, 1, i % DIFFERENT == 0 ? "b" : "a"));
    }

    assert_int_equal(atr_diff(s, was, now, NULL)->count, ROWS / DIFFERENT);
    atr_scope_close(s);
}

/* Three levels of what differs, once near the top, and once where printing looks no deeper. */
static const knot *high_and_low(atr_scope *s, int64_t number, bool shared)
{
    const knot *end = ATR_NEW(s, knot, .number = number);
    const knot *last = ATR_NEW(s, knot, .number = number, .next = end);
    const knot *part = ATR_NEW(s, knot, .number = number, .next = last), *down = part;
    const knot *high = shared ? part : ATR_NEW(s, knot, .number = number, .next = last);
    for (int64_t i = 0; i < 61; i++) {
        down = ATR_NEW(s, knot, .number = i, .next = down);
    }
    return ATR_NEW(s, knot, .next = levels(s, 0), /* takes many steps, so that pairs are noted */
                   .other = ATR_NEW(s, knot, .next = down, .other = high));
}

static void what_is_known_of_a_pair_depends_on_how_deep_it_is_printed(void **state)
{
    atr_scope *s = atr_scope_open(NULL);

    const atr_str *shared =
        atr_diff_print(s, high_and_low(s, 1, true), high_and_low(s, 2, true), 1);
    const atr_str *apart =
        atr_diff_print(s, high_and_low(s, 1, false), high_and_low(s, 2, false), 1);

    assert_non_null(strstr(shared->bytes, "more"));
    assert_string_equal(shared->bytes, apart->bytes);
    atr_scope_close(s);
}

/* ---- without memory for the table ---- */

static void without_memory_for_the_table_all_is_compared(void **state)
{
    enum { LENGTH = 10000, TABLE_BYTES = 2048 * 4 * 4 * sizeof(void *) };
    const knot *a = NULL, *b = NULL, *c = NULL;
    atr_scope *s;
    failing_begin();
    s = atr_scope_open(NULL);
    for (int64_t i = 0; i < LENGTH; i++) {
        a = ATR_NEW(s, knot, .number = i, .next = a);
        b = ATR_NEW(s, knot, .number = i, .next = b);
        c = ATR_NEW(s, knot, .number = i > 0 ? i : -1, .next = c);
    }
    failing_sizes(TABLE_BYTES, TABLE_BYTES); /* not before: chunks have the same size */

    assert_true(atr_equal(a, b));
    assert_int_equal(atr_compare(a, b), 0);
    assert_false(atr_equal(a, c));
    assert_int_equal(atr_diff(s, a, b, NULL)->count, 0);
    assert_int_equal(atr_diff(s, a, c, NULL)->count, 1);

    assert_int_equal(failing_stop(), 5);
    assert_null(atr_scope_error(s));
    atr_scope_close(s);
    failing_end();
}

/* What is shared is then walked for each path, and at some point no more. */
static void without_memory_for_what_is_known_a_hash_ends(void **state)
{
    enum { COUNT = 10000, TABLE_BYTES = 2048 * 4 * (sizeof(void *) + 2 * sizeof(uint64_t)) };
    const knot_vec *many = NULL;
    atr_scope *s;
    failing_begin();
    s = atr_scope_open(NULL);
    for (int64_t i = 0; i < COUNT; i++) {
        const knot *below = ATR_NEW(s, knot, .number = i);
        many = knot_vec_push(s, many, ATR_NEW(s, knot, .next = below, .other = below));
    }
    uint64_t hash = atr_hash(many), of_levels = atr_hash(levels(s, 1));
    failing_sizes(TABLE_BYTES, TABLE_BYTES);

    assert_true(atr_hash(many) == hash);
    assert_int_equal(failing.failed, 1);
    assert_true(atr_hash(levels(s, 1)) == atr_hash(levels(s, 1)));

    assert_int_equal(failing_stop(), 3);
    assert_true(atr_hash(levels(s, 1)) == of_levels);
    atr_scope_close(s);
    failing_end();
}

static void print_ends_where_there_is_enough(void **state)
{
    enum { MOST = 64 * 1024 * 1024 };
    atr_scope *s = atr_scope_open(NULL);
    const knot *a = levels(s, 1);
    const atr_str *text = atr_print(s, a);
    assert_null(atr_scope_error(s));
    assert_in_range(text->size, MOST, MOST + 4096);
    assert_non_null(strstr(text->bytes + MOST - 1, "...}}"));
    text = atr_diff_print(s, NULL, a, 0);
    assert_in_range(text->size, MOST, MOST + 4096);
    assert_int_equal(atr_scope_close(s), 0);
}

static void json_is_refused_where_it_would_not_end(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    assert_int_equal(atr_to_json(s, levels(s, 1), NULL)->size, 0);
    assert_int_equal(atr_scope_take_error(s)->code, ATR_JSON_E_LIMIT);
    assert_int_equal(atr_scope_close(s), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        BOTH(equal_ones_are_compared_in_few_steps),
        BOTH(equal_ones_hash_equally),
        BOTH(equal_ones_of_other_forms_hash_equally),
        PLAIN(each_part_counts_in_a_hash),
        PLAIN(what_is_shared_widely_has_a_hash),
        BOTH(the_script_between_equal_ones_takes_few_steps),
        BOTH(more_places_than_the_limit_are_one_change),
        BOTH(places_beyond_the_limit_are_counted_not_walked),
        BOTH(shared_parts_are_told_in_each_place),
        BOTH(one_value_beside_many_others_is_compared_with_each),
        BOTH(what_is_known_of_a_pair_depends_on_how_deep_it_is_printed),
        PLAIN(without_memory_for_the_table_all_is_compared),
        PLAIN(without_memory_for_what_is_known_a_hash_ends),
        PLAIN(print_ends_where_there_is_enough),
        PLAIN(json_is_refused_where_it_would_not_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
