/* Edit scripts: what they name, and how. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include <atrium/edits.h>
#include <atrium/pool.h>

#include "failing.h"
#include "sample.h"

#define BOX(F)                      \
    F(str, name)                    \
    F(vec(todo_item), items)        \
    F(map(str, todo_item), by_name) \
    F(omap(i64, todo_item), by_id)  \
    F(opt(ref(todo_item)), chosen)  \
    F(opt(i64), limit)              \
    F(any, other)
ATR_MODEL(box, BOX);
ATR_MODEL_IMPL(box, BOX);

static const atr_diff_options rows_only = {.rows_only = true};

/* The script as text: `insert [3]; change items[1].title`. */
static const char *script(const atr_edits *edits)
{
    static const char *const names[] = {"remove", "insert", "change"};
    static char text[2000];
    size_t size = 0;
    text[0] = '\0';
    for (size_t i = 0; i < edits->count; i++) {
        ATR_SCOPE(s, NULL) {
            const atr_edit *e = &edits->items[i];
            size += (size_t)snprintf(text + size, sizeof text - size, "%s%s %s", i > 0 ? "; " : "",
                                     names[e->kind], atr_edit_path(s, e)->bytes);
        }
        assert_true(size < sizeof text);
    }
    return text;
}

static void assert_script(atr_scope *s, const void *was, const void *now, const char *text)
{
    assert_string_equal(script(atr_diff(s, was, now, NULL)), text);
    assert_null(atr_scope_error(s));
}

static const atr_i64_vec *numbers(atr_scope *s, const char *text)
{
    const atr_i64_vec *v = NULL;
    for (; *text != '\0'; text++) {
        v = atr_i64_vec_push(s, v, *text);
    }
    return v;
}

/* ---- rows ---- */

static void rows_come_go_and_change_where_they_stand(void **state)
{
    static const char *const table[][3] = {
        {"", "", ""},
        {"abc", "abc", ""},
        {"", "ab", "insert [0]; insert [1]"},
        {"ab", "", "remove [0]; remove [1]"},
        {"abc", "abxc", "insert [2]"},
        {"abxc", "abc", "remove [2]"},
        {"abc", "axc", "change [1]"},
        {"abc", "cab", "insert [0]; remove [2]"},
        {"abcd", "axyzd", "change [1]; change [2]; insert [3]"},
        {"abcde", "axe", "change [1]; remove [2]; remove [3]"},
        {"aabb", "ab", "remove [1]; remove [2]"},
    };
    atr_scope *s = atr_scope_open(NULL);

    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        assert_script(s, numbers(s, table[i][0]), numbers(s, table[i][1]), table[i][2]);
    }
    atr_scope_close(s);
}

static void an_index_is_that_of_the_row_once_the_edits_before_are_done(void **state)
{
    atr_scope *s = atr_scope_open(NULL);

    const atr_edits *edits = atr_diff(s, numbers(s, "abcdef"), numbers(s, "bxyefz"), NULL);

    assert_string_equal(script(edits), "remove [0]; change [1]; change [2]; insert [5]");
    assert_int_equal(edits->items[0].was.as.i64, 'a');
    assert_false(edits->items[0].now.has);
    assert_int_equal(edits->items[1].at.index, 1);
    assert_int_equal(edits->items[1].at.was_index, 2);
    assert_int_equal(edits->items[1].was.as.i64, 'c');
    assert_int_equal(edits->items[1].now.as.i64, 'x');
    assert_int_equal(edits->items[3].at.index, 5);
    assert_int_equal(edits->items[3].at.was_index, 6);
    assert_false(edits->items[3].was.has);
    assert_int_equal(edits->items[3].now.as.i64, 'z');
    atr_scope_close(s);
}

static void neighbours_of_one_kind_are_a_range(void **state)
{
    static const struct {
        atr_edit_kind kind;
        size_t index, count;
    } wanted[] = {{ATR_EDIT_REMOVE, 0, 2},
                  {ATR_EDIT_CHANGE, 1, 2},
                  {ATR_EDIT_INSERT, 3, 1},
                  {ATR_EDIT_INSERT, 5, 3},
                  {ATR_EDIT_REMOVE, 9, 1}};
    atr_scope *s = atr_scope_open(NULL);
    atr_edit_range r = {0};
    size_t i = 0;

    const atr_edits *edits = atr_diff(s, numbers(s, "ABcDEfgH"), numbers(s, "cdeXfhijg"), NULL);

    for (; atr_edits_next(&r, edits); i++) {
        assert_int_equal(r.kind, wanted[i].kind);
        assert_int_equal(r.index, wanted[i].index);
        assert_int_equal(r.count, wanted[i].count);
        assert_int_equal(edits->items[r.first].at.index, r.index);
    }
    assert_int_equal(i, 5);
    assert_false(atr_edits_next(&r, edits));
    atr_scope_close(s);
}

static void one_nan_and_no_negative_zero_are_rows(void **state)
{
    static const double a[] = {0.0, (double)NAN, 1, 2}, b[] = {-0.0, -(double)NAN, 1, 3};
    atr_scope *s = atr_scope_open(NULL);

    assert_script(s, atr_f64_vec_of(s, a, 4), atr_f64_vec_of(s, b, 4), "change [3]");
    assert_script(s, atr_f64_vec_of(s, a, 4), atr_f64_vec_of(s, b + 1, 2),
                  "remove [0]; remove [3]");
    atr_scope_close(s);
}

static const todo_item milk = {ATR_HEAD(todo_item), 1, ATR_LIT("milk"), false};
static const todo_item eggs = {ATR_HEAD(todo_item), 2, ATR_LIT("eggs"), false};
static const todo_item *const static_items[] = {&milk, &eggs};
static const todo_item_vec static_vec = ATR_VEC_INIT(todo_item_vec, static_items);

static void static_vectors_have_rows_too(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const todo_item *bread = sample_item(s, 3, "bread");

    assert_script(s, &static_vec, todo_item_vec_insert(s, &static_vec, 1, bread), "insert [1]");
    assert_script(s, todo_item_vec_set(s, &static_vec, 0, bread), &static_vec,
                  "change [0].id; change [0].title");
    assert_script(s, NULL, &static_vec, "insert [0]; insert [1]");
    assert_script(s, &static_vec, atr_copy(s, &static_vec), "");
    atr_scope_close(s);
}

/* ---- entries ---- */

static void entries_of_ordered_collections_have_a_row_and_a_key(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const atr_str_oset *tags = NULL, *others;
    const atr_edits *edits;
    const by_title *items = NULL;
    tags = atr_str_oset_add(s, tags, ATR_STR(s, "a"));
    tags = atr_str_oset_add(s, tags, ATR_STR(s, "c"));
    others = atr_str_oset_add(s, tags, ATR_STR(s, "b"));

    edits = atr_diff(s, tags, others, NULL);
    assert_string_equal(script(edits), "insert [\"b\"]");
    assert_int_equal(edits->items[0].at.kind, ATR_STEP_ROW);
    assert_int_equal(edits->items[0].at.index, 1);
    assert_string_equal(((const atr_str *)edits->items[0].now.as.ref)->bytes, "b");

    items = by_title_add(s, by_title_add(s, NULL, &milk), &eggs);
    edits = atr_diff(
        s, items,
        by_title_add(s, items, ATR_NEW(s, todo_item, .id = 1, .title = milk.title, .done = true)),
        &rows_only);
    assert_int_equal(edits->count, 1);
    assert_int_equal(edits->items[0].kind, ATR_EDIT_CHANGE);
    assert_int_equal(edits->items[0].at.index, 1);
    assert_ptr_equal(edits->items[0].was.as.ref, &milk);
    assert_true(((const todo_item *)edits->items[0].now.as.ref)->done);
    atr_scope_close(s);
}

static void entries_of_maps_come_in_the_order_of_their_keys(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const atr_i64_str_map *was = NULL, *now;
    for (int i = 0; i < 100; i++) {
        was = atr_i64_str_map_set(s, was, atr_str_format(s, "k%02d", i), i);
    }
    now = atr_i64_str_map_remove(s, was, ATR_STR(s, "k50"));
    now = atr_i64_str_map_set(s, now, ATR_STR(s, "k07"), -1);
    now = atr_i64_str_map_set(s, now, ATR_STR(s, "x"), 1);

    assert_script(s, was, now, "change [\"k07\"]; remove [\"k50\"]; insert [\"x\"]");
    assert_script(s, was, atr_copy(s, was), "");
    assert_int_equal(atr_diff(s, NULL, was, NULL)->count, 100);
    atr_scope_close(s);
}

/* ---- models ---- */

static const box *box_make(atr_scope *s)
{
    const todo_item *item = sample_item(s, 1, "a");
    box b = box_default;
    for (int i = 0; i < 10; i++) {
        b.items = todo_item_vec_push(s, b.items, sample_item(s, i, "item"));
        b.by_id = todo_item_omap_set(s, b.by_id, i, sample_item(s, i, "item"));
    }
    b.by_name = todo_item_str_map_set(s, NULL, item->title, item);
    b.chosen = item;
    return box_new(s, b);
}

static void fields_that_differ_are_named_with_their_path(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const box *was = box_make(s);
    box b = *was;
    const atr_edits *edits;
    b.name = ATR_STR(s, "n");
    b.items = todo_item_vec_erase(s, todo_item_vec_set(s, b.items, 5, sample_item(s, 5, "x")), 2);
    b.by_name = todo_item_str_map_set(s, b.by_name, ATR_STR(s, "a"), sample_item(s, 9, "a"));
    b.by_id =
        todo_item_omap_remove(s, todo_item_omap_set(s, b.by_id, 7, sample_item(s, 8, "y")), 1);
    b.chosen = NULL;
    b.limit = ATR_SOME(i64, 3);
    b.other = b.items;

    edits = atr_diff(s, was, box_new(s, b), NULL);

    assert_string_equal(script(edits),
                        "change name; remove items[2]; change items[4].title; "
                        "change by_name[\"a\"].id; remove by_id[1]; change by_id[7].id; "
                        "change by_id[7].title; change chosen; change limit; insert other[0]; "
                        "insert other[1]; insert other[2]; insert other[3]; insert other[4]; "
                        "insert other[5]; insert other[6]; insert other[7]; insert other[8]");
    assert_ptr_equal(edits->items[2].at.model, &todo_item_model);
    assert_string_equal(edits->items[2].at.field->name, "title");
    assert_int_equal(edits->items[2].at.outer->index, 4);
    assert_int_equal(edits->items[2].at.outer->was_index, 5);
    assert_string_equal(edits->items[2].at.outer->outer->field->name, "items");
    assert_null(edits->items[2].at.outer->outer->outer);
    assert_false(edits->items[8].was.has);
    assert_int_equal(edits->items[8].now.as.i64, 3);
    assert_false(edits->items[7].now.has);
    atr_scope_close(s);
}

static void rows_only_looks_into_nothing(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const box *was = box_make(s);
    box b = *was;
    const atr_edits *edits;
    b.items = todo_item_vec_set(s, b.items, 5, sample_item(s, 5, "x"));
    b.by_id = todo_item_omap_set(s, b.by_id, 3, sample_item(s, 3, "item")); /* equal */
    b.chosen = sample_item(s, 2, "a");

    edits = atr_diff(s, was, box_new(s, b), &rows_only);
    assert_string_equal(script(edits), "change items; change chosen");
    assert_ptr_equal(edits->items[0].was.as.ref, was->items);
    assert_ptr_equal(edits->items[0].now.as.ref, b.items);

    edits = atr_diff(s, was->items, b.items, &rows_only);
    assert_string_equal(script(edits), "change [5]");
    assert_ptr_equal(edits->items[0].now.as.ref, todo_item_vec_at(b.items, 5));
    assert_int_equal(atr_diff(s, was->by_id, b.by_id, &rows_only)->count, 0);
    atr_scope_close(s);
}

static void every_kind_of_field_is_told_with_its_values(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const everything *was = sample_everything(s, 1);
    everything next = *was;
    const atr_edits *edits;
    next.flag = false;
    next.small = 5;
    next.natural = 6;
    next.real = -1.5;
    next.at = 9;
    next.shown = FILTER_HIDDEN;
    next.opt_real.has = false;
    next.raw = atr_bytes_new(s, "x", 1);

    edits = atr_diff(s, was, everything_new(s, next), NULL);

    assert_string_equal(script(edits), "change flag; change small; change natural; change real; "
                                       "change at; change shown; change raw; change opt_real");
    assert_true(edits->items[0].was.as.boolean);
    assert_false(edits->items[0].now.as.boolean);
    assert_int_equal(edits->items[1].now.as.i32, 5);
    assert_true(edits->items[2].was.as.u32 == 4000000000u);
    assert_true(edits->items[3].now.as.f64 == -1.5);
    assert_int_equal(edits->items[4].now.as.i64, 9);
    assert_int_equal(edits->items[5].now.as.i32, FILTER_HIDDEN);
    assert_int_equal(edits->items[5].now.kind, ATR_KIND_ENUMERATION);
    assert_ptr_equal(edits->items[6].was.as.ref, was->raw);
    assert_true(edits->items[7].was.has && !edits->items[7].now.has);
    assert_true(atr_diff(s, was, sample_everything(s, 2), NULL)->count >= 24);
    assert_int_equal(atr_diff(s, was, sample_everything(s, 1), NULL)->count, 0);
    atr_scope_close(s);
}

static void what_cannot_be_looked_into_is_one_change(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const atr_str *text = ATR_STR(s, "b");
    const void *const pairs[][2] = {
        {ATR_STR(s, "a"), text}, {text, &milk}, {NULL, text}, {&milk, NULL}, {&milk, &knot_default},
    };

    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        const atr_edits *edits = atr_diff(s, pairs[i][0], pairs[i][1], NULL);
        atr_edit_range r = {0};
        assert_int_equal(edits->count, 1);
        assert_int_equal(edits->items[0].kind, ATR_EDIT_CHANGE);
        assert_int_equal(edits->items[0].at.kind, ATR_STEP_WHOLE);
        assert_ptr_equal(edits->items[0].was.as.ref, pairs[i][0]);
        assert_ptr_equal(edits->items[0].now.as.ref, pairs[i][1]);
        assert_string_equal(atr_edit_path(s, &edits->items[0])->bytes, "");
        assert_false(atr_edits_next(&r, edits));
    }
    assert_script(s, NULL, NULL, "");
    assert_script(s, text, ATR_STR(s, "b"), "");
    atr_scope_close(s);
}

static void expect_ranges_of_whole(atr_scope *s, const void *was, const void *now, size_t go,
                                   size_t come)
{
    const atr_edits *edits =
        atr_diff(s, was, now, &(atr_diff_options){.rows_only = true, .limit = 1});
    atr_edit_range r = {0};
    assert_int_equal(edits->items[0].at.kind, ATR_STEP_WHOLE);
    if (go > 0) {
        assert_true(atr_edits_next(&r, edits));
        assert_int_equal(r.kind, ATR_EDIT_REMOVE);
        assert_true(r.index == 0 && r.count == go && r.first == r.next);
    }
    if (come > 0) {
        assert_true(atr_edits_next(&r, edits));
        assert_int_equal(r.kind, ATR_EDIT_INSERT);
        assert_true(r.index == 0 && r.count == come && r.first == r.next);
    }
    assert_false(atr_edits_next(&r, edits));
}

/* T5: a list that follows the ranges never stays wrong. */
static void the_whole_comes_as_all_rows_in_ranges(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const atr_i64_vec *was = numbers(s, "abcdef"), *now = numbers(s, "xbyezfghi");
    const atr_i64_omap *three = NULL, *two = NULL;
    const atr_i64_oset *ids = NULL;
    for (int64_t i = 0; i < 3; i++) {
        three = atr_i64_omap_set(s, three, i, i);
        two = i > 0 ? atr_i64_omap_set(s, two, i + 5, i) : two;
        ids = atr_i64_oset_add(s, ids, i);
    }

    expect_ranges_of_whole(s, was, now, 6, 9);
    expect_ranges_of_whole(s, NULL, now, 0, 9);
    expect_ranges_of_whole(s, was, NULL, 6, 0);
    expect_ranges_of_whole(s, three, two, 3, 2);
    expect_ranges_of_whole(s, NULL, ids, 0, 3);
    expect_ranges_of_whole(s, was, three, 6, 3);
    atr_scope_close(s);
}

static void beyond_the_limit_the_whole_is_one_change(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const atr_i64_vec *was = numbers(s, "abcdef"), *now = numbers(s, "xbyezfghi");
    size_t count = atr_diff(s, was, now, NULL)->count;
    const atr_edits *edits = atr_diff(s, was, now, &(atr_diff_options){.limit = count});

    assert_int_equal(edits->count, count);
    edits = atr_diff(s, was, now, &(atr_diff_options){.limit = count - 1});
    assert_int_equal(edits->count, 1);
    assert_int_equal(edits->items[0].at.kind, ATR_STEP_WHOLE);
    assert_ptr_equal(edits->items[0].was.as.ref, was);
    assert_ptr_equal(edits->items[0].now.as.ref, now);
    assert_false(edits->items[0].at.key.has);
    edits = atr_diff(s, was, now, &(atr_diff_options){.limit = 1});
    assert_int_equal(edits->count, 1);
    assert_int_equal(edits->items[0].at.kind, ATR_STEP_WHOLE);
    edits = atr_diff(s, was, now, &(atr_diff_options){.limit = SIZE_MAX});
    assert_int_equal(edits->count, count);
    atr_scope_close(s);
}

static void a_change_of_the_whole_says_which_sides_there_are(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const atr_i64_vec *was = numbers(s, "abcdef"), *now = numbers(s, "ghijkl");
    const atr_diff_options one = {.limit = 1};
    const void *sides[][2] = {{was, now}, {was, NULL}, {NULL, now}};
    for (size_t i = 0; i < 3; i++) {
        const atr_edits *edits = atr_diff(s, sides[i][0], sides[i][1], &one);
        assert_int_equal(edits->count, 1);
        assert_int_equal(edits->items[0].at.kind, ATR_STEP_WHOLE);
        assert_int_equal(edits->items[0].was.has, sides[i][0] != NULL);
        assert_int_equal(edits->items[0].now.has, sides[i][1] != NULL);
    }
    atr_scope_close(s);
}

/* ---- life ---- */

static void a_script_holds_what_it_refers_to(void **state)
{
    atr_scope *s = atr_scope_open(NULL), *inner = atr_scope_open(s);
    const todo_item_vec *was = todo_item_vec_push(inner, NULL, sample_item(inner, 1, "a"));
    const atr_edits *edits =
        atr_diff(s, was, todo_item_vec_push(inner, was, sample_item(inner, 2, "b")), NULL);

    atr_scope_close(inner);

    assert_string_equal(((const todo_item *)edits->items[0].now.as.ref)->title->bytes, "b");
    atr_scope_close(s);
}

static void what_is_no_value_is_refused(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const todo_item draft = {.id = 1, .title = milk.title};

    assert_int_equal(atr_diff(s, &milk, &draft, NULL)->count, 0);
    const atr_error *error = atr_scope_take_error(s);
    assert_int_equal(error->code, ATR_E_REFUSED);
    assert_non_null(strstr(error->message->bytes, "atr_diff: the value "));
    assert_int_equal(atr_diff(NULL, &milk, &eggs, NULL)->count, 0);
    atr_scope_close(s);
}

static void chains_of_any_length_are_walked_without_recursion(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const knot *was = ATR_NEW(s, knot, .number = 1), *now = ATR_NEW(s, knot, .number = 2);
    const atr_edits *edits;
    const atr_step *step;
    size_t depth = 0;
    for (int i = 0; i < 50000; i++) {
        was = ATR_NEW(s, knot, .number = 7, .next = was);
        now = ATR_NEW(s, knot, .number = i % 5000 == 0 ? 8 : 7, .next = now);
    }

    edits = atr_diff(s, was, now, NULL);

    assert_int_equal(edits->count, 11);
    for (step = edits->items[10].at.outer; step != NULL; step = step->outer) {
        depth++;
    }
    assert_int_equal(depth, 50000);
    assert_int_equal(atr_edit_path(s, &edits->items[10])->size, 50000 * 5 + 6);
    atr_scope_close(s);
}

/* ---- memory ---- */

/* Everything that a script may be made of. */
static const box *box_revised(atr_scope *s, const box *was, const char *title)
{
    box b = *was;
    const todo_item_vec *many = NULL;
    for (int i = 0; i < 200; i++) {
        many = todo_item_vec_push(s, many, sample_item(s, i % 7, i % 3 == 0 ? "x" : title));
        b.by_id = todo_item_omap_set(s, b.by_id, 3 * i, sample_item(s, i, title));
        b.by_name = todo_item_str_map_set(s, b.by_name, atr_str_format(s, "%d", i), &milk);
    }
    b.items = todo_item_vec_concat(s, todo_item_vec_set(s, b.items, 5, &milk), many);
    b.chosen = sample_item(s, 2, "b");
    return box_new(s, b);
}

static bool diff_once(const box *was, const box *now, size_t count)
{
    size_t blocks = atr_memory_now().blocks;
    atr_scope *s = atr_scope_open(NULL);
    const atr_edits *edits;
    bool failed;
    failing_after(count);
    edits = atr_diff(s, was, now, NULL);
    atr_edit_path(s, edits->count > 0 ? &edits->items[edits->count - 1]
                                      : &(atr_edit){.at = {.kind = ATR_STEP_WHOLE}});
    failed = failing_stop() > 0;
    if (failed && edits->count == 0) {
        assert_int_equal(atr_scope_take_error(s)->code, ATR_E_NO_MEMORY);
    } else {
        assert_true(edits->count > 300);
    }
    atr_scope_take_error(s);
    atr_scope_close(s);
    assert_in_range(atr_memory_now().blocks, blocks, blocks + 1); /* a spare scope */
    return failed;
}

static void nothing_is_half_done_when_memory_is_out(void **state)
{
    size_t count = 0;
    atr_scope *s;
    const box *was, *now, *other;
    failing_begin();
    s = atr_scope_open(NULL);
    was = box_make(s);
    now = box_revised(s, was, "y");
    other = box_revised(s, atr_copy(s, was), "z");

    while (diff_once(was, now, count) || diff_once(now, other, count)) {
        count++;
    }

    assert_true(count > 10);
    atr_scope_close(s);
    failing_end();
}

/* What a jump has left: nothing is called, nothing leaks. */
static void a_script_goes_with_an_abandoned_pool(void **state)
{
    const size_t before = atr_memory_now().bytes;
    atr_pool *pool = atr_pool_new();
    atr_scope *s = atr_pool_scope(pool);
    const box *was = box_make(s);

    assert_true(atr_diff(s, was, box_revised(s, was, "y"), NULL)->count > 0);
    atr_pool_abandon(pool);

    assert_int_equal(atr_memory_now().bytes, before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        BOTH(rows_come_go_and_change_where_they_stand),
        BOTH(an_index_is_that_of_the_row_once_the_edits_before_are_done),
        BOTH(neighbours_of_one_kind_are_a_range),
        BOTH(one_nan_and_no_negative_zero_are_rows),
        BOTH(static_vectors_have_rows_too),
        BOTH(entries_of_ordered_collections_have_a_row_and_a_key),
        BOTH(entries_of_maps_come_in_the_order_of_their_keys),
        BOTH(fields_that_differ_are_named_with_their_path),
        BOTH(rows_only_looks_into_nothing),
        BOTH(every_kind_of_field_is_told_with_its_values),
        BOTH(what_cannot_be_looked_into_is_one_change),
        BOTH(beyond_the_limit_the_whole_is_one_change),
        BOTH(a_change_of_the_whole_says_which_sides_there_are),
        BOTH(the_whole_comes_as_all_rows_in_ranges),
        BOTH(a_script_holds_what_it_refers_to),
        BOTH(what_is_no_value_is_refused),
        BOTH(chains_of_any_length_are_walked_without_recursion),
        BOTH(nothing_is_half_done_when_memory_is_out),
        BOTH(a_script_goes_with_an_abandoned_pool),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
