/* What is equal by content is no edit, and what only looks alike is one. */
#include <math.h>
#include <string.h>

#include <atrium/edits.h>

#include "failing.h"
#include "sample.h"
#include "walk.h"

enum { ENTRIES = 100 };

/* Of one number all differ in address, none in content. */
static const atr_str *remade(atr_scope *s, int64_t number)
{
    return atr_str_format(s, "text %lld", (long long)number);
}

static void check_edit(const atr_edits *edits, size_t i, atr_edit_kind kind, size_t index)
{
    assert_true(i < edits->count);
    assert_int_equal(edits->items[i].kind, kind);
    assert_int_equal(edits->items[i].at.index, index);
}

/* ---- the same content, made anew ---- */

typedef const void *make_fn(atr_scope *s, int64_t changed);

static const void *texts(atr_scope *s, int64_t changed)
{
    const atr_str_vec *v = NULL;
    for (int64_t i = 0; i < ENTRIES; i++) {
        v = atr_str_vec_push(s, v, remade(s, i == changed ? -1 : i));
    }
    return v;
}

static const void *texts_by_number(atr_scope *s, int64_t changed)
{
    const atr_str_map *m = NULL;
    for (int64_t i = 0; i < ENTRIES; i++) {
        m = atr_str_map_set(s, m, i, remade(s, i == changed ? -1 : i));
    }
    return m;
}

static const void *texts_by_text(atr_scope *s, int64_t changed)
{
    const atr_str_str_map *m = NULL;
    for (int64_t i = 0; i < ENTRIES; i++) {
        m = atr_str_str_map_set(s, m, remade(s, i), remade(s, i == changed ? -1 : i));
    }
    return m;
}

static const void *texts_by_time(atr_scope *s, int64_t changed)
{
    const atr_str_time_omap *m = NULL;
    for (int64_t i = 0; i < ENTRIES; i++) {
        m = atr_str_time_omap_set(s, m, i, remade(s, i == changed ? -1 : i));
    }
    return m;
}

static void content_made_anew_is_no_edit(void **state)
{
    static make_fn *const makers[] = {texts, texts_by_number, texts_by_text, texts_by_time};
    for (size_t i = 0; i < sizeof makers / sizeof *makers; i++) {
        ATR_SCOPE(s, NULL) {
            const void *was = makers[i](s, 40);
            assert_int_equal(atr_diff(s, was, makers[i](s, 40), NULL)->count, 0);
            assert_int_equal(atr_diff(s, was, makers[i](s, -1), NULL)->count, 1);
            assert_null(atr_scope_error(s));
        }
    }
}

static const todo_item_vec *items_of(atr_scope *s, size_t count)
{
    const todo_item_vec *v = NULL;
    for (size_t i = 0; i < count; i++) {
        v = todo_item_vec_push(s, v, sample_item(s, (int64_t)i, "item"));
    }
    return v;
}

/* One level at a time, rows are compared as a whole. */
static void rows_made_anew_are_no_edits_of_rows(void **state)
{
    static const atr_diff_options rows_only = {.rows_only = true};
    atr_scope *s = atr_scope_open(NULL);
    const todo_item_vec *was = items_of(s, ENTRIES), *now = items_of(s, ENTRIES);
    const atr_edits *edits;

    assert_int_equal(atr_diff(s, was, now, &rows_only)->count, 0);
    edits = atr_diff(s, was, todo_item_vec_set(s, now, 7, sample_item(s, -7, "other")), &rows_only);
    assert_int_equal(edits->count, 1);
    check_edit(edits, 0, ATR_EDIT_CHANGE, 7);
    atr_scope_close(s);
}

/* Where rows are matched by their hashes the two zeros, and all that is no number, are one. */
static void zeros_and_nans_are_rows_that_meet(void **state)
{
    static const double was[] = {1, 0.0, 2, (double)NAN, 3}, now[] = {7, 8, -0.0, -(double)NAN, 9};
    atr_scope *s = atr_scope_open(NULL);
    const atr_edits *edits =
        atr_diff(s, atr_f64_vec_of(s, was, 5), atr_f64_vec_of(s, now, 5), NULL);

    assert_int_equal(edits->count, 4);
    check_edit(edits, 0, ATR_EDIT_CHANGE, 0);
    check_edit(edits, 1, ATR_EDIT_INSERT, 1);
    check_edit(edits, 2, ATR_EDIT_REMOVE, 3);
    check_edit(edits, 3, ATR_EDIT_CHANGE, 4);
    atr_scope_close(s);
}

/* ---- what only looks alike ---- */

/* Two numbers of one hash, by which rows are matched. */
static void numbers_that_meet(int64_t *first, int64_t *second)
{
    enum { PLACE_BITS = 20 };
    int64_t *met = calloc((size_t)1 << PLACE_BITS, sizeof *met);
    assert_non_null(met);
    for (int64_t number = 1;; number++) {
        uint32_t hash = atr_hash_number((uint64_t)number);
        int64_t *place = &met[hash >> (32 - PLACE_BITS)];
        if (*place != 0 && atr_hash_number((uint64_t)*place) == hash) {
            *first = *place;
            *second = number;
            break;
        }
        *place = number;
    }
    free(met);
}

static void rows_whose_hashes_meet_are_told_apart(void **state)
{
    int64_t first, second;
    atr_scope *s = atr_scope_open(NULL);
    const atr_edits *edits;
    numbers_that_meet(&first, &second);
    const int64_t was[] = {-5, first, -6, -7}, now[] = {-5, -8, second, -9, -7};

    edits = atr_diff(s, atr_i64_vec_of(s, was, 4), atr_i64_vec_of(s, now, 5), NULL);

    assert_int_equal(edits->count, 3);
    check_edit(edits, 0, ATR_EDIT_CHANGE, 1);
    check_edit(edits, 1, ATR_EDIT_CHANGE, 2);
    check_edit(edits, 2, ATR_EDIT_INSERT, 3);
    atr_scope_close(s);
}

/* Wherever the keys meet in the trees. */
static void a_key_that_is_the_value_of_another_is_an_edit(void **state)
{
    for (int64_t key = 0; key < 1000; key++) {
        ATR_SCOPE(s, NULL) {
            const atr_i64_map *was = atr_i64_map_set(s, NULL, 5, 5);
            const atr_i64_map *now = atr_i64_map_set(s, NULL, key, 5);
            assert_int_equal(atr_diff(s, was, now, NULL)->count, key == 5 ? 0 : 2);
        }
    }
}

/* ---- memory ---- */

/* Every other row is another one, with rows between them that come once on each side: more than a thousand
 * edits, so that it is searched between those. */
static const atr_i64_vec *half_alike(atr_scope *s, int64_t other)
{
    atr_i64_vec_builder *b = atr_i64_vec_builder_new(s, NULL);
    for (int64_t i = 0; i < 3000; i++) {
        atr_i64_vec_builder_push(b, i);
        for (int64_t k = 0; k < 3; k++) { /* they swap, so that no side may set them aside */
            atr_i64_vec_builder_push(b, -1 - (other + k) % 3);
        }
    }
    return atr_i64_vec_builder_seal(b);
}

static void without_memory_between_rows_in_common_there_is_no_script(void **state)
{
    size_t edits_wanted, n = 0;
    atr_scope *s;
    const atr_i64_vec *was, *now;
    failing_begin();
    s = atr_scope_open(NULL);
    was = half_alike(s, 0);
    now = half_alike(s, 1);
    edits_wanted = atr_diff(s, was, now, NULL)->count;
    assert_in_range(edits_wanted, 3000, 7000);

    for (bool failed = true; failed; n++) {
        atr_scope *inner = atr_scope_open(s);
        const atr_edits *edits;
        failing_after(n);
        edits = atr_diff(inner, was, now, NULL);
        failed = failing_stop() > 0;
        assert_int_equal(edits->count, failed ? 0 : edits_wanted);
        assert_int_equal(atr_scope_take_error(inner) != NULL, failed);
        atr_scope_close(inner);
    }

    assert_true(n > 10);
    atr_scope_close(s);
    failing_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        BOTH(content_made_anew_is_no_edit),
        BOTH(rows_made_anew_are_no_edits_of_rows),
        BOTH(zeros_and_nans_are_rows_that_meet),
        BOTH(rows_whose_hashes_meet_are_told_apart),
        BOTH(a_key_that_is_the_value_of_another_is_an_edit),
        PLAIN(without_memory_between_rows_in_common_there_is_no_script),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
