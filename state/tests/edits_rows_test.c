/* Scripts of rows made by hand, in any order and however dense: done to a vector they give what they give done to a
 * plain array, and the tree keeps its rules. */
#include <string.h>

#include <atrium/edits.h>

#include "random.h"
#include "sample.h"
#include "shape.h"

enum { ROWS_MOST = 45000, EDITS_MOST = 6000, TEXTS = 50 };

/* The rows are texts, so that nodes are counted, borrowed and released. */
static struct {
    const atr_str *rows[ROWS_MOST];
    size_t count;
    atr_edit edits[EDITS_MOST];
    size_t edits_count;
    const atr_str *texts[TEXTS];
} world;

static void world_begin(atr_scope *s)
{
    for (size_t i = 0; i < TEXTS; i++) {
        char name[16];
        snprintf(name, sizeof name, "text %zu", i);
        world.texts[i] = atr_str_new(s, name);
    }
    world.count = 0;
    world.edits_count = 0;
}

static const atr_str *any_text(void)
{
    return world.texts[random_below(TEXTS)];
}

static const atr_str_vec *make(atr_scope *s, size_t count)
{
    atr_str_vec_builder *b = atr_str_vec_builder_new(s, NULL);
    for (size_t i = 0; i < count; i++) {
        world.rows[i] = any_text();
        atr_str_vec_builder_push(b, world.rows[i]);
    }
    world.count = count;
    return atr_str_vec_builder_seal(b);
}

/* ---- scripts, done to the array as they are written ---- */

static atr_value text_value(const atr_str *text)
{
    return (atr_value){ATR_KIND_STR, true, {.ref = text}};
}

static atr_edit *edit_add(atr_edit_kind kind, size_t index)
{
    atr_edit *e = &world.edits[world.edits_count++];
    memset(e, 0, sizeof *e);
    e->kind = kind;
    e->at.kind = ATR_STEP_ROW;
    e->at.model = &atr_str_vec_model;
    e->at.index = index;
    return e;
}

/* Write an edit, unless there is no such row or no room. @return how many rows it leaves at its place */
static size_t edit(atr_edit_kind kind, size_t index)
{
    const atr_str **at = &world.rows[index];
    atr_edit *e;
    if (world.edits_count == EDITS_MOST || world.count == ROWS_MOST || index > world.count ||
        (kind != ATR_EDIT_INSERT && index == world.count)) {
        return 0;
    }
    e = edit_add(kind, index);
    if (kind != ATR_EDIT_INSERT) {
        e->was = text_value(*at);
        memmove(at, at + 1, (--world.count - index) * sizeof *at);
    }
    if (kind != ATR_EDIT_REMOVE) {
        memmove(at + 1, at, (world.count++ - index) * sizeof *at);
        *at = any_text();
        e->now = text_value(*at);
    }
    return kind != ATR_EDIT_REMOVE;
}

/* So many of one kind at neighbouring rows. @return the row behind them */
static size_t edit_some(atr_edit_kind kind, size_t index, size_t count)
{
    for (; count > 0; count--) {
        index += edit(kind, index);
    }
    return index;
}

static atr_edits script(void)
{
    return (atr_edits){world.edits_count, world.edits, 0};
}

static void check_rows(const atr_str_vec *v)
{
    assert_int_equal(atr_str_vec_count(v), world.count);
    for (size_t i = 0; i < world.count; i++) {
        assert_ptr_equal(atr_str_vec_at(v, i), world.rows[i]);
    }
    check_vec((const atr_vec *)v);
}

/* Do the script, let go of the result: `v` is as it was. */
static void check_script(atr_scope *s, const atr_str_vec *v, size_t was_count)
{
    atr_scope *inner = atr_scope_open(s);
    atr_edits edits = script();
    const atr_str_vec *made = atr_edits_apply(inner, v, &edits);
    assert_null(atr_scope_error(inner));
    check_rows(made);
    assert_int_equal(atr_str_vec_count(v), was_count);
    check_vec((const atr_vec *)v);
    assert_int_equal(atr_scope_close(inner), 0);
}

/* ---- */

static const size_t sizes[] = {0, 1, 15, 31, 32, 33, 64, 500, 1024, 1056, 1057, 5000, 33000};

/* From left to right, with gaps of any size: one pass. */
static void write_ascending(size_t places, size_t gap, size_t most)
{
    size_t row = random_below(gap);
    for (; places > 0 && row <= world.count; places--) {
        row = edit_some((atr_edit_kind)random_below(3), row, 1 + random_below(most));
        row += random_below(gap);
    }
}

static void write_anywhere(size_t places, size_t most)
{
    for (; places > 0; places--) {
        edit_some((atr_edit_kind)random_below(3), random_below(world.count + 1),
                  1 + random_below(most));
    }
}

static void write_any(void)
{
    static const size_t gaps[] = {1, 2, 8, 50, 700, 5000}, mosts[] = {1, 3, 40, 2000};
    size_t gap = gaps[random_below(6)], most = mosts[random_below(4)];
    if (random_below(4) == 0) {
        write_anywhere(1 + random_below(40), most);
    } else {
        write_ascending(1 + random_below(1000), gap, most);
    }
}

static void scripts_give_what_they_give_done_to_an_array(void **state)
{
    size_t steps = random_begin() / 100;
    for (size_t i = 0; i < steps; i++) {
        atr_scope *s = atr_scope_open(NULL);
        size_t count = sizes[random_below(sizeof sizes / sizeof *sizes)];
        const atr_str_vec *v;
        world_begin(s);
        v = make(s, count);
        write_any();
        check_script(s, v, count);
        assert_int_equal(atr_scope_close(s), 0);
    }
}

/* Each script is done to what the one before has made, so nodes are of all sizes and lend already. */
static void scripts_follow_each_other(void **state)
{
    size_t steps = random_begin() / 400;
    for (size_t i = 0; i < steps; i++) {
        atr_scope *s = atr_scope_open(NULL);
        const atr_str_vec *v;
        world_begin(s);
        v = make(s, random_below(5000));
        for (size_t k = 0; k < 12; k++) {
            atr_edits edits;
            world.edits_count = 0;
            write_any();
            edits = script();
            v = atr_edits_apply(s, v, &edits);
            assert_null(atr_scope_error(s));
            check_rows(v);
        }
        assert_int_equal(atr_scope_close(s), 0);
    }
}

static void rows_go_from_every_place_to_every_place(void **state)
{
    random_begin();
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes - 1; i++) {
        size_t step = 1 + sizes[i] / 9;
        for (size_t from = 0; from <= sizes[i]; from += step) {
            for (size_t to = from; to <= sizes[i]; to += step) {
                atr_scope *s = atr_scope_open(NULL);
                const atr_str_vec *v;
                world_begin(s);
                v = make(s, sizes[i]);
                edit_some(ATR_EDIT_REMOVE, from, to - from);
                check_script(s, v, sizes[i]);
                edit_some(ATR_EDIT_INSERT, from, 2 * (to - from));
                check_script(s, v, sizes[i]);
                assert_int_equal(atr_scope_close(s), 0);
            }
        }
    }
}

/* ---- refusals ---- */

static void refused(atr_scope *s, const atr_str_vec *v, const char *words)
{
    atr_edits edits = script();
    const atr_error *error;
    assert_null(atr_edits_apply(s, v, &edits));
    error = atr_scope_take_error(s);
    assert_non_null(error);
    assert_int_equal(error->code, ATR_E_INVALID);
    assert_non_null(strstr(error->message->bytes, words));
}

/* A range that lies beyond the end is refused by its first edit, another row by its own. */
static void the_first_edit_that_does_not_fit_is_told(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const atr_str_vec *v;
    random_begin();
    world_begin(s);
    v = make(s, 200);
    for (size_t i = 0; i < 60; i++) {
        edit(ATR_EDIT_CHANGE, 2 * i);
    }
    edit_some(ATR_EDIT_CHANGE, 150, 10);

    world.edits[65].was = text_value(ATR_STR(s, "other"));
    refused(s, v, "edit 65 finds another row");
    for (size_t i = 60; i < 70; i++) {
        world.edits[i].at.index = 195 + i - 60;
    }
    refused(s, v, "edit 60 finds no such row");
    world.edits[7].was = world.edits[65].was;
    refused(s, v, "edit 7 finds another row");
    world.edits_count = 0;
    edit(ATR_EDIT_CHANGE, 0);
    world.edits[0].at.index = 200;
    refused(s, v, "edit 0 finds no such row");
    assert_int_equal(atr_scope_close(s), 0);
}

/* Row 7 comes and changes, then one before it: as told, not as they lie in the end. */
static void edits_are_done_in_their_order(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const atr_str_vec *v;
    random_begin();
    world_begin(s);
    v = make(s, 40);
    edit(ATR_EDIT_INSERT, 7);
    edit(ATR_EDIT_CHANGE, 7);
    edit(ATR_EDIT_REMOVE, 7);
    edit(ATR_EDIT_INSERT, 3);
    edit(ATR_EDIT_CHANGE, 8);
    edit_some(ATR_EDIT_REMOVE, 30, 11);
    edit_some(ATR_EDIT_REMOVE, 0, 30);
    assert_int_equal(world.count, 0);
    check_script(s, v, 40);
    edit_some(ATR_EDIT_INSERT, 0, 100);
    check_script(s, v, 40);
    assert_int_equal(atr_scope_close(s), 0);
}

/* ---- what it costs ---- */

static const atr_str_vec *apply(atr_scope *s, const atr_str_vec *v, atr_memory_stats *cost)
{
    atr_edits edits = script();
    atr_memory_stats was = atr_memory_stats_now(s);
    v = atr_edits_apply(s, v, &edits);
    *cost = atr_memory_stats_now(s);
    cost->made -= was.made;
    cost->fresh -= was.fresh;
    cost->settled -= was.settled;
    return v;
}

/* However many edits lie below a node, it is made once; 33,000 rows lie in 1,032 leaves, the tail among them, below 33
 * nodes, 2 and the root. */
static void a_script_makes_each_node_once(void **state)
{
    enum { ROWS = 33000, NODES = 1032 + 33 + 2 + 1 };
    for (uint32_t kind = ATR_EDIT_REMOVE; kind <= ATR_EDIT_CHANGE; kind++) {
        atr_scope *s = atr_scope_open(NULL);
        const atr_str_vec *v;
        atr_memory_stats cost;
        random_begin();
        world_begin(s);
        v = make(s, ROWS);
        for (size_t row = 0; row < world.count && world.edits_count < EDITS_MOST; row += 8) {
            row += edit((atr_edit_kind)kind, row);
        }
        v = apply(s, v, &cost);
        check_rows(v);
        assert_in_range(cost.made, 1000, (kind == ATR_EDIT_INSERT ? 2 : 1) * NODES + 8);
        assert_int_equal(atr_scope_close(s), 0);
    }
}

/* Without a split nothing is counted but what comes. */
static void what_stays_is_borrowed(void **state)
{
    enum { ROWS = 33000 };
    atr_pool *pool = atr_pool_new();
    atr_scope *s;
    const atr_str_vec *v;
    atr_memory_stats cost;
    atr_pool_eager(pool, false);
    s = atr_pool_scope(pool);
    random_begin();
    world_begin(s);
    v = make(s, ROWS);
    for (size_t row = 5; row < world.count; row += 100) {
        edit(row % 200 < 100 ? ATR_EDIT_CHANGE : ATR_EDIT_REMOVE, row);
    }
    check_rows(apply(s, v, &cost));
    assert_int_equal(cost.settled, 0);
    assert_in_range(cost.fresh, 330, 330 + 36);
    atr_pool_close(pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        BOTH(scripts_give_what_they_give_done_to_an_array),
        BOTH(scripts_follow_each_other),
        BOTH(rows_go_from_every_place_to_every_place),
        BOTH(the_first_edit_that_does_not_fit_is_told),
        BOTH(edits_are_done_in_their_order),
        PLAIN(a_script_makes_each_node_once),
        PLAIN(what_stays_is_borrowed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
