/* Scripts done to the collection they begin with. That they lead to the other one for any two versions is in
 * edits_random_test.c. */
#include <string.h>

#include <atrium/edits.h>
#include <atrium/ordered_map.h>

#include "failing.h"
#include "sample.h"
#include "shape.h"

static const atr_diff_options rows_only = {.rows_only = true};

static void leads(atr_scope *s, const void *was, const void *now)
{
    const void *made = atr_edits_apply(s, was, atr_diff(s, was, now, &rows_only));
    assert_null(atr_scope_error(s));
    assert_true(atr_equal(made, now));
}

static void leads_both_ways(atr_scope *s, const void *was, const void *now)
{
    leads(s, was, now);
    leads(s, now, was);
    leads(s, NULL, now);
    leads(s, was, NULL);
    leads(s, now, atr_copy(s, was));
    assert_ptr_equal(atr_edits_apply(s, was, atr_diff(s, was, was, &rows_only)), was);
}

static void scripts_of_every_collection_lead_from_one_to_the_other(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const everything *a = sample_everything(s, 1), *b = sample_everything(s, 2);
    const ladder *x = sample_ladder(s, 1), *y = sample_ladder(s, 2);
    leads_both_ways(s, a->items, b->items);
    leads_both_ways(s, a->words, b->words);
    leads_both_ways(s, a->numbers, b->numbers);
    leads_both_ways(s, a->reals, b->reals);
    leads_both_ways(s, a->by_id, b->by_id);
    leads_both_ways(s, a->by_name, b->by_name);
    leads_both_ways(s, a->counts, b->counts);
    leads_both_ways(s, a->ids, b->ids);
    leads_both_ways(s, a->tags, b->tags);
    leads_both_ways(s, x->by_id, y->by_id);
    leads_both_ways(s, x->by_weight, y->by_weight);
    leads_both_ways(s, x->log, y->log);
    leads_both_ways(s, x->rates, y->rates);
    leads_both_ways(s, x->ids, y->ids);
    leads_both_ways(s, x->weights, y->weights);
    leads_both_ways(s, x->times, y->times);
    leads_both_ways(s, x->tags, y->tags);
    leads_both_ways(s, x->items, y->items);
    assert_int_equal(atr_scope_close(s), 0);
}

static const todo_item_vec *items_of(atr_scope *s, int64_t from, int64_t to)
{
    const todo_item_vec *v = NULL;
    for (int64_t i = from; i < to; i++) {
        v = todo_item_vec_push(s, v, sample_item(s, i, "item"));
    }
    return v;
}

static void models_that_changed_inside_are_changed_as_rows(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const todo_item_vec *was = items_of(s, 0, 100), *now;
    const todo_item_omap *by_id = todo_item_omap_set(s, NULL, 5, sample_item(s, 5, "old"));
    now = todo_item_vec_set(s, was, 50, sample_item(s, 50, "new"));
    now = todo_item_vec_splice(s, now, 20, 30, items_of(s, 200, 240));
    now = todo_item_vec_erase(s, now, 0);
    leads_both_ways(s, was, now);
    leads_both_ways(s, by_id, todo_item_omap_set(s, by_id, 5, sample_item(s, 5, "new")));
    assert_int_equal(atr_scope_close(s), 0);
}

static void what_did_not_change_is_shared(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const todo_item_vec *was = items_of(s, 0, 2000), *now, *made;
    const atr_edits *edits;
    uint64_t copied;
    now = todo_item_vec_insert(s, was, 1000, sample_item(s, -1, "new"));
    edits = atr_diff(s, was, now, &rows_only);
    copied = atr_memory_stats_now(s).copied;
    made = atr_edits_apply(s, was, edits);
    assert_in_range(atr_memory_stats_now(s).copied - copied, 0, 30);
    assert_int_equal(atr_diff(s, now, made, NULL)->count, 0);
    assert_int_equal(atr_scope_close(s), 0);
}

static void a_change_of_the_whole_gives_the_other_one(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const todo_item_vec *was = items_of(s, 0, 10), *now = items_of(s, 5, 30);
    const atr_edits *edits =
        atr_diff(s, was, now, &(atr_diff_options){.rows_only = true, .limit = 2});
    assert_int_equal(edits->items[0].at.kind, ATR_STEP_WHOLE);
    assert_ptr_equal(atr_edits_apply(s, was, edits), now);
    assert_null(atr_edits_apply(s, now, edits));
    assert_int_equal(atr_scope_take_error(s)->code, ATR_E_INVALID);
    assert_int_equal(atr_scope_close(s), 0);
}

static void refused(atr_scope *s, const void *was, const atr_edits *edits, const char *words)
{
    const atr_error *error;
    assert_null(atr_edits_apply(s, was, edits));
    error = atr_scope_take_error(s);
    assert_non_null(error);
    assert_int_equal(error->code, ATR_E_INVALID);
    if (strstr(error->message->bytes, words) == NULL) {
        assert_string_equal(error->message->bytes, words);
    }
}

static void a_script_of_something_else_is_refused(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const todo_item_vec *was = items_of(s, 0, 100);
    const todo_item_vec *now = todo_item_vec_set(s, was, 50, sample_item(s, 50, "new"));
    const todo_item_vec *gone = todo_item_vec_pop(s, was);
    const atr_i64_map *m = atr_i64_map_set(s, NULL, 1, 1), *n = atr_i64_map_set(s, m, 2, 2);
    const atr_i64_map *other = atr_i64_map_set(s, m, 1, 7);
    const atr_edits *change = atr_diff(s, was, now, &rows_only);
    const atr_edits *adds = atr_diff(s, m, n, &rows_only);

    refused(s, now, change, "edit 0 finds another row");
    refused(s, todo_item_vec_slice(s, was, 0, 50), change, "edit 0 finds no such row");
    refused(s, items_of(s, 3, 5), atr_diff(s, was, gone, &rows_only), "edit 0 finds no such row");
    refused(s, was, atr_diff(s, was, now, NULL), "edit 0 lies inside of a row");
    refused(s, m, change, "edit 0 is none of this collection");
    refused(s, n, adds, "edit 0 inserts a key that is there");
    refused(s, NULL, atr_diff(s, n, m, &rows_only), "edit 0 finds no such key");
    refused(s, m, atr_diff(s, other, NULL, &rows_only), "edit 0 finds another value");
    refused(s, sample_item(s, 1, "a"),
            atr_diff(s, sample_item(s, 1, "a"), sample_item(s, 1, "b"), NULL), "is one of a model");
    refused(s, was, NULL, "the script is NULL");
    assert_null(atr_edits_apply(NULL, was, change));
    assert_int_equal(atr_scope_close(s), 0);
}

/* By hand: what a program may get wrong. */
static void a_script_whose_values_do_not_fit_is_refused(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const todo_item_vec *was = items_of(s, 0, 2);
    atr_edit edit = {.kind = ATR_EDIT_INSERT,
                     .at = {.kind = ATR_STEP_ROW, .model = &todo_item_vec_model}};
    const atr_edits edits = {1, &edit, 0};

    refused(s, was, &edits, "edit 0 has no value, or one of another model");
    edit.now = (atr_value){.kind = ATR_KIND_REF, .has = true};
    refused(s, was, &edits, "edit 0 has no value, or one of another model");
    edit.now.as.ref = sample_everything(s, 1);
    refused(s, was, &edits, "edit 0 has no value, or one of another model");
    edit.at.model = NULL;
    refused(s, NULL, &edits, "is one of a model");
    edit.at.model = &todo_item_map_model;
    edit.at.kind = ATR_STEP_KEY;
    refused(s, NULL, &edits, "has no key");
    assert_int_equal(atr_scope_close(s), 0);
}

static atr_value number_value(int64_t number)
{
    return (atr_value){ATR_KIND_I64, true, {.i64 = number}};
}

/* In what a vector of models, of texts and of numbers may not hold. */
static void a_value_of_another_kind_is_refused(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const todo_item_vec *items = items_of(s, 0, 2);
    const atr_str_vec *texts = atr_str_vec_push(s, NULL, ATR_STR(s, "a"));
    const atr_i64_vec *numbers = atr_i64_vec_push(s, NULL, 7);
    atr_edit edit = {.kind = ATR_EDIT_INSERT,
                     .at = {.kind = ATR_STEP_ROW, .model = &todo_item_vec_model},
                     .now = number_value(5)};
    const atr_edits edits = {1, &edit, 0};

    refused(s, items, &edits, "edit 0 has no value, or one of another model");
    edit.at.model = &atr_str_vec_model;
    refused(s, texts, &edits, "edit 0 has no value, or one of another model");
    edit.now = (atr_value){.kind = ATR_KIND_STR, .has = true};
    refused(s, texts, &edits, "edit 0 has no value, or one of another model");
    edit.at.model = &atr_i64_vec_model;
    edit.now = (atr_value){ATR_KIND_F64, true, {.f64 = 5}};
    refused(s, numbers, &edits, "edit 0 has no value, or one of another model");
    edit.now = (atr_value){ATR_KIND_I64, false, {.i64 = 5}};
    refused(s, numbers, &edits, "edit 0 has no value, or one of another model");
    edit.now = number_value(5);
    edit.kind = ATR_EDIT_CHANGE;
    refused(s, numbers, &edits, "edit 0 has no value, or one of another model");
    edit.was = number_value(7);
    assert_int_equal(atr_i64_vec_at(atr_edits_apply(s, numbers, &edits), 0), 5);
    assert_int_equal(atr_scope_close(s), 0);
}

static void a_place_in_another_collection_is_refused(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const atr_i64_vec *v = atr_i64_vec_push(s, NULL, 7);
    const atr_i64_map *m = atr_i64_map_set(s, NULL, 7, 7);
    atr_edit edit = {
        .kind = ATR_EDIT_REMOVE,
        .at = {.kind = ATR_STEP_KEY, .model = &atr_i64_vec_model, .key = number_value(7)},
        .was = number_value(7)};
    const atr_edits edits = {1, &edit, 0};

    refused(s, v, &edits, "edit 0 is none of this collection");
    edit.at.kind = ATR_STEP_ROW;
    edit.at.model = &atr_f64_vec_model;
    refused(s, v, &edits, "edit 0 is none of this collection");
    edit.at.model = &atr_i64_map_model;
    refused(s, m, &edits, "edit 0 is none of this collection");
    edit.at.kind = ATR_STEP_KEY;
    assert_null(atr_edits_apply(s, m, &edits));
    assert_null(atr_scope_error(s)); /* the empty map */
    assert_int_equal(atr_scope_close(s), 0);
}

static void each_edit_and_each_row_is_checked(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const todo_item_vec *was = items_of(s, 0, 4), *now = was, *other;
    const atr_edits *edits;
    atr_edit two[2];
    now = todo_item_vec_set(s, now, 1, sample_item(s, 11, "new"));
    now = todo_item_vec_set(s, now, 2, sample_item(s, 12, "new"));
    other = todo_item_vec_set(s, was, 2, sample_item(s, 13, "other"));
    edits = atr_diff(s, was, now, &rows_only);

    assert_int_equal(edits->count, 2);
    leads(s, was, now);
    refused(s, other, edits, "edit 1 finds another row");
    memcpy(two, edits->items, sizeof two);
    two[1].at.kind = ATR_STEP_KEY;
    refused(s, was, &(atr_edits){2, two, 0}, "edit 1 is none of this collection");

    edits =
        atr_diff(s, was, items_of(s, 10, 14), &(atr_diff_options){.rows_only = true, .limit = 1});
    assert_int_equal(edits->items[0].at.kind, ATR_STEP_WHOLE);
    two[0] = two[1] = edits->items[0];
    refused(s, was, &(atr_edits){2, two, 0}, "edit 1 follows a change of the whole");
    assert_int_equal(atr_scope_close(s), 0);
}

static int same_title(const todo_item *a, const todo_item *b)
{
    return atr_str_compare(a->title, b->title);
}
ATR_OSET_OF(titles, todo_item, same_title);
ATR_OSET_OF_IMPL(titles, todo_item, same_title);

static const titles *titled(atr_scope *s, int64_t id, const char *title)
{
    return titles_add(s, titles_add(s, NULL, sample_item(s, 7, "other")),
                      sample_item(s, id, title));
}

/* In their order two members may be equal that are not by content. */
static void members_of_sets_are_compared_by_content(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const titles *was = titled(s, 1, "a"), *now = titled(s, 2, "a"), *third = titled(s, 3, "a");
    const titles *without = titles_remove(s, was, sample_item(s, 0, "a"));
    const atr_edits *change = atr_diff(s, was, now, &rows_only);
    const atr_edits *removal = atr_diff(s, was, without, &rows_only);

    assert_int_equal(change->count, 1);
    leads_both_ways(s, was, now);
    leads(s, titled(s, 1, "a"), now);
    refused(s, third, change, "edit 0 finds another value");
    refused(s, third, removal, "edit 0 finds another value");
    assert_int_equal(atr_scope_close(s), 0);
}

static void an_edit_of_no_kind_is_refused(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const todo_item_vec *was = items_of(s, 0, 4), *now = items_of(s, 1, 6);
    const todo_item_vec *other = todo_item_vec_set(s, was, 1, sample_item(s, 9, "new"));
    atr_edit edit = atr_diff(s, was, other, &rows_only)->items[0];
    const atr_edits edits = {1, &edit, 0};

    edit.kind = (atr_edit_kind)(ATR_EDIT_CHANGE + 1);
    refused(s, was, &edits, "edit 0 is of no kind");
    edit = atr_diff(s, was, now, &(atr_diff_options){.rows_only = true, .limit = 1})->items[0];
    assert_int_equal(edit.at.kind, ATR_STEP_WHOLE);
    edit.kind = ATR_EDIT_INSERT;
    refused(s, was, &edits, "edit 0 is no change of the whole");
    assert_int_equal(atr_scope_close(s), 0);
}

static void nothing_is_applied_in_a_scope_that_latched(void **state)
{
    atr_scope *s = atr_scope_open(NULL), *latched = atr_scope_open(s);
    const todo_item_vec *was = items_of(s, 0, 4), *now = items_of(s, 1, 6);
    const atr_edits *none = atr_diff(s, was, was, &rows_only);
    const atr_edits *some = atr_diff(s, was, now, &rows_only);

    assert_null(atr_edits_apply(latched, was, NULL));
    assert_null(atr_edits_apply(latched, was, none));
    assert_null(atr_edits_apply(latched, was, some));
    atr_scope_take_error(latched);
    assert_ptr_equal(atr_edits_apply(latched, was, none), was);
    atr_scope_close(latched);
    assert_int_equal(atr_scope_close(s), 0);
}

static const atr_i64_vec *numbers(atr_scope *s, size_t count, size_t from, size_t to)
{
    atr_i64_vec_builder *b = atr_i64_vec_builder_new(s, NULL);
    for (size_t i = 0; i < count; i++) {
        atr_i64_vec_builder_push(b, i >= from && i < to ? -1 : (int64_t)i);
    }
    return atr_i64_vec_builder_seal(b);
}

static void changed_rows_leave_the_tree_as_it_is(void **state)
{
    enum { ALL = 300000 };
    static const size_t counts[] = {1, 40, 1500, 20000, ALL};
    atr_scope *s = atr_scope_open(NULL);
    const atr_i64_vec *was = numbers(s, ALL, 0, 0);
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        size_t from = (ALL - counts[i]) / 3;
        const atr_i64_vec *now = numbers(s, ALL, from, from + counts[i]);
        const atr_vec *made = atr_edits_apply(s, was, atr_diff(s, was, now, &rows_only));
        assert_true(atr_equal(made, now));
        check_vec(made);
        assert_true(vec_is_regular(made->root));
    }
    assert_int_equal(atr_scope_close(s), 0);
}

/* Each node with a changed row is copied once, but for leaves of which every row changes. */
static void few_and_many_changed_rows_give_the_same(void **state)
{
    static const size_t sizes[] = {1, 32, 127, 128, 129, 1055, 1056, 1280, 128000, 300000};
    static const size_t counts[] = {1, 2, 31, 32, 33, 127, 1000, 1001, 128000, 300000};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        for (size_t k = 0; k < sizeof counts / sizeof *counts && counts[k] <= sizes[i]; k++) {
            atr_scope *s = atr_scope_open(NULL);
            size_t from = (sizes[i] - counts[k]) / 2, leaves = counts[k] / 32;
            const atr_i64_vec *was = numbers(s, sizes[i], 0, 0);
            const atr_i64_vec *now = numbers(s, sizes[i], from, from + counts[k]);
            const atr_edits *edits = atr_diff(s, was, now, &rows_only);
            uint64_t copied = atr_memory_stats_now(s).copied;
            const atr_vec *made = atr_edits_apply(s, was, edits);
            copied = atr_memory_stats_now(s).copied - copied;
            assert_null(atr_scope_error(s));
            assert_in_range(copied, 0, 2 + leaves / 31 + 8);
            check_vec(made);
            assert_true(atr_equal(made, now));
            assert_true(atr_equal(was, numbers(s, sizes[i], 0, 0)));
            assert_int_equal(atr_scope_close(s), 0);
        }
    }
}

typedef struct peak {
    atr_pool *pool;
    size_t values; /* as many as lived at once */
} peak;

static bool peak_note(void *user, size_t size_bytes)
{
    peak *p = user;
    size_t values = atr_pool_values(p->pool);
    (void)size_bytes;
    p->values = values > p->values ? values : p->values;
    return true;
}

static void a_script_makes_no_versions_on_the_way(void **state)
{
    enum { ROWS = 300000, CHANGED = 2200 };
    peak p = {.pool = atr_pool_new()};
    atr_scope *s = atr_pool_scope(p.pool);
    const atr_i64_vec *was = numbers(s, ROWS, 0, 0), *now = numbers(s, ROWS, 5, 5 + CHANGED), *made;
    const atr_edits *edits = atr_diff(s, was, now, &rows_only);
    size_t before;
    before = atr_pool_values(p.pool);
    atr_pool_gate(p.pool, peak_note, &p);
    made = atr_edits_apply(s, was, edits);
    atr_pool_gate(p.pool, NULL, NULL);
    assert_int_equal(edits->count, CHANGED);
    assert_true(atr_equal(made, now));
    assert_in_range(p.values - before, CHANGED / 32, CHANGED / 32 + 10);
    atr_pool_close(p.pool);
}

/* ---- memory that fails once ---- */

typedef struct pair {
    const void *was, *now;
} pair;

static pair rows_pair(atr_scope *s, int64_t from, int64_t to, bool mixed)
{
    const todo_item_vec *was = items_of(s, 0, 1500), *now = was;
    for (int64_t i = from; i < to; i++) {
        now = todo_item_vec_set(s, now, (size_t)i, sample_item(s, -i, "new"));
    }
    if (mixed) {
        now = todo_item_vec_splice(s, now, 900, 1000, items_of(s, 2000, 2040));
        now =
            todo_item_vec_insert(s, todo_item_vec_erase(s, now, 40), 70, sample_item(s, 7, "new"));
    }
    return (pair){was, now};
}

/* Leaves and nodes are cut and joined all over. */
static pair dense_pair(atr_scope *s)
{
    const todo_item_vec *was = items_of(s, 0, 1200), *now = was;
    for (size_t i = 0; i < 100; i++) {
        now = todo_item_vec_insert(s, now, 3 * i, sample_item(s, (int64_t)i, "new"));
        now = todo_item_vec_erase(s, now, 700);
        now = todo_item_vec_erase(s, now, 750);
    }
    return (pair){was, now};
}

static pair maps_pair(atr_scope *s)
{
    const todo_item_map *was = NULL, *now;
    for (int64_t i = 0; i < 300; i++) {
        was = todo_item_map_set(s, was, i, sample_item(s, i, "item"));
    }
    now = todo_item_map_remove(s, todo_item_map_remove(s, was, 7), 250);
    now = todo_item_map_set(s, now, 100, sample_item(s, 100, "new"));
    return (pair){was, todo_item_map_set(s, now, 1000, sample_item(s, 1000, "new"))};
}

static pair ordered_pair(atr_scope *s)
{
    const todo_item_omap *was = NULL, *now;
    for (int64_t i = 0; i < 300; i++) {
        was = todo_item_omap_set(s, was, i, sample_item(s, i, "item"));
    }
    now = todo_item_omap_remove(s, todo_item_omap_remove(s, was, 7), 250);
    now = todo_item_omap_set(s, now, 100, sample_item(s, 100, "new"));
    return (pair){was, todo_item_omap_set(s, now, 1000, sample_item(s, 1000, "new"))};
}

static pair pair_make(atr_scope *s, size_t k)
{
    switch (k) {
    case 0: return rows_pair(s, 3, 6, false);
    case 1: return rows_pair(s, 300, 500, false);
    case 2: return rows_pair(s, 300, 310, true);
    case 3: return (pair){NULL, items_of(s, 0, 100)};
    case 4: return maps_pair(s);
    case 5: return ordered_pair(s);
    case 6: return dense_pair(s);
    case 7: return (pair){sample_everything(s, 1)->tags, sample_everything(s, 2)->tags};
    default:
        return (pair){titled(s, 1, "a"), titles_add(s, titled(s, 2, "b"), sample_item(s, 9, "c"))};
    }
}
enum { PAIRS = 9 };

static bool apply_once(size_t k, size_t count, bool gated)
{
    atr_pool *pool = atr_pool_new();
    atr_scope *s = atr_pool_scope(pool), *inner = atr_scope_open(s);
    pair p = pair_make(s, k);
    const void *made, *same = atr_copy(s, p.was);
    const atr_edits *edits = atr_diff(s, p.was, p.now, &rows_only);
    size_t before = atr_pool_values(pool);
    bool failed;

    assert_null(atr_scope_error(s));
    atr_pool_gate(pool, gated ? failing_gate : NULL, NULL);
    failing_after(count);
    made = atr_edits_apply(inner, p.was, edits);
    failed = failing_stop() > 0;

    if (failed) {
        assert_null(made);
        assert_int_equal(atr_scope_take_error(inner)->code, ATR_E_NO_MEMORY);
    } else {
        assert_null(atr_scope_error(inner));
        assert_true(atr_equal(made, p.now));
    }
    atr_scope_close(inner);
    assert_int_equal(atr_pool_values(pool), before);
    assert_true(atr_equal(p.was, same));
    atr_pool_close(pool);
    return failed;
}

static void a_script_is_applied_as_a_whole_or_not_at_all(void **state)
{
    failing_begin();
    for (size_t k = 0; k < 2 * PAIRS; k++) {
        size_t count = 0;
        while (apply_once(k / 2, count, k % 2 == 0)) {
            count++;
        }
        assert_true(count > 0 || k % 2 == 1);
    }
    failing_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        BOTH(scripts_of_every_collection_lead_from_one_to_the_other),
        BOTH(models_that_changed_inside_are_changed_as_rows),
        BOTH(what_did_not_change_is_shared),
        BOTH(a_change_of_the_whole_gives_the_other_one),
        BOTH(a_script_of_something_else_is_refused),
        BOTH(a_script_whose_values_do_not_fit_is_refused),
        BOTH(a_value_of_another_kind_is_refused),
        BOTH(a_place_in_another_collection_is_refused),
        BOTH(each_edit_and_each_row_is_checked),
        BOTH(members_of_sets_are_compared_by_content),
        BOTH(an_edit_of_no_kind_is_refused),
        BOTH(nothing_is_applied_in_a_scope_that_latched),
        PLAIN(changed_rows_leave_the_tree_as_it_is),
        PLAIN(few_and_many_changed_rows_give_the_same),
        PLAIN(a_script_makes_no_versions_on_the_way),
        BOTH(a_script_is_applied_as_a_whole_or_not_at_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
