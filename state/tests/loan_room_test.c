/* The room for the loans of a pool: changes of many entries leave half of it to those of one, and what is
 * then counted lives as long as what is borrowed. And that of nodes whose loans have ended. */
#include <stdio.h>

#include <atrium/edits.h>

#include "sample.h"

enum { ENTRIES = 100000, ROUNDS_MOST = 60, ROOM = UINT16_MAX, STEP = 130 };

static uint64_t loans_live(const atr_memory_stats *stats)
{
    return stats->fresh - stats->stolen - stats->folded - stats->undone;
}

/* ---- collections, a change of many of their entries, and one of one ---- */

typedef struct family {
    const char *name;
    const void *(*make)(atr_scope *s);
    const void *(*change)(atr_scope *s, const void *was, int64_t round);
    const void *(*set)(atr_scope *s, const void *was);
} family;

static const void *map_make(atr_scope *s)
{
    atr_i64_map_builder *b = atr_i64_map_builder_new(s, NULL);
    for (int64_t i = 0; i < ENTRIES; i++) {
        atr_i64_map_builder_set(b, i, -1);
    }
    return atr_i64_map_builder_seal(b);
}

/* Nodes of which all changes borrow nothing. */
static const void *map_change(atr_scope *s, const void *was, int64_t round)
{
    atr_i64_map_builder *b = atr_i64_map_builder_new(s, was);
    for (int64_t i = round; i < ENTRIES; i += 3) {
        atr_i64_map_builder_set(b, i, round);
    }
    return atr_i64_map_builder_seal(b);
}

static const void *map_set(atr_scope *s, const void *was)
{
    return atr_i64_map_set(s, was, ENTRIES / 2, -2);
}

static const atr_i64_omap *ordered(atr_scope *s, int64_t step, int64_t value)
{
    atr_i64_omap_builder *b = atr_i64_omap_builder_new(s, NULL);
    for (int64_t i = 0; i < ENTRIES; i += step) {
        atr_i64_omap_builder_set(b, i, value);
    }
    return atr_i64_omap_builder_seal(b);
}

static const void *omap_make(atr_scope *s)
{
    return ordered(s, 1, -1);
}

static const void *omap_set(atr_scope *s, const void *was)
{
    return atr_i64_omap_set(s, was, ENTRIES / 2, -2);
}

static const void *omap_merge(atr_scope *s, const void *was, int64_t round)
{
    return atr_i64_omap_merge(s, was, ordered(s, 17, round));
}

/* One of STEP is left out. */
static bool stays(int64_t *count)
{
    return ++*count % STEP != 0;
}

static bool entry_stays(int64_t key, int64_t value, void *user)
{
    return stays(user);
}

static const void *omap_filter(atr_scope *s, const void *was, int64_t round)
{
    int64_t count = round * 31;
    return atr_i64_omap_filter(s, was, entry_stays, &count);
}

static bool text_stays(const atr_str *text, void *user)
{
    return stays(user);
}

static const void *vec_make(atr_scope *s)
{
    atr_str_vec_builder *b = atr_str_vec_builder_new(s, NULL);
    for (int64_t i = 0; i < ENTRIES; i++) {
        atr_str_vec_builder_push(b, &atr_str_default);
    }
    return atr_str_vec_builder_seal(b);
}

static const void *vec_set(atr_scope *s, const void *was)
{
    return atr_str_vec_set(s, was, ENTRIES / 2, ATR_STR(s, "set"));
}

static const void *vec_filter(atr_scope *s, const void *was, int64_t round)
{
    int64_t count = round * 31;
    return atr_str_vec_filter(s, was, text_stays, &count);
}

/* ---- the same by scripts ---- */

static atr_edit script_room[ENTRIES / STEP + 1];

static const void *script_done(atr_scope *s, const void *was, size_t count)
{
    return atr_edits_apply(s, was, &(atr_edits){count, script_room, 0});
}

static atr_edit *script_edit(size_t i, const atr_model *model, atr_edit_kind kind,
                             atr_step_kind step)
{
    script_room[i] = (atr_edit){.kind = kind, .at = {.kind = step, .model = model}};
    return &script_room[i];
}

/* Texts that change, or every other one that goes; of a map, numbers. */
static const void *vec_script(atr_scope *s, const void *was, int64_t round)
{
    size_t count = 0, gone = 0;
    for (size_t row = (size_t)round * 31 % STEP; row < atr_str_vec_count(was); row += STEP) {
        atr_edit_kind kind = round % 2 == 0 && count % 2 == 1 ? ATR_EDIT_REMOVE : ATR_EDIT_CHANGE;
        atr_edit *e = script_edit(count++, &atr_str_vec_model, kind, ATR_STEP_ROW);
        e->at.index = row - gone;
        e->was = (atr_value){ATR_KIND_STR, true, {.ref = atr_str_vec_at(was, row)}};
        if (kind == ATR_EDIT_CHANGE) {
            e->now = (atr_value){ATR_KIND_STR, true, {.ref = ATR_STR(s, "changed")}};
        } else {
            gone++;
        }
    }
    return script_done(s, was, count);
}

static atr_value number(int64_t n)
{
    return (atr_value){ATR_KIND_I64, true, {.i64 = n}};
}

static const void *map_script(atr_scope *s, const void *was, int64_t round)
{
    size_t count = 0;
    for (int64_t key = round * 31 % STEP; key < ENTRIES; key += STEP) {
        atr_edit *e = script_edit(count++, &atr_i64_map_model, ATR_EDIT_CHANGE, ATR_STEP_KEY);
        e->at.key = number(key);
        e->was = number(atr_i64_map_get(was, key));
        e->now = number(round);
    }
    return script_done(s, was, count);
}

static const family families[] = {
    {"map, by a builder", map_make, map_change, map_set},
    {"ordered map, merged", omap_make, omap_merge, omap_set},
    {"ordered map, filtered", omap_make, omap_filter, omap_set},
    {"vector, filtered", vec_make, vec_filter, vec_set},
    {"vector, by scripts", vec_make, vec_script, vec_set},
    {"map, by scripts", map_make, map_script, map_set},
};

/* ---- versions that live on, in a pool that borrows and in one that counts ---- */

typedef struct side {
    atr_pool *pool;
    const void *versions[ROUNDS_MOST + 1]; /* held */
} side;

static side side_begin(const family *f, bool eager)
{
    side of = {.pool = atr_pool_new()};
    atr_scope *s;
    atr_pool_eager(of.pool, eager);
    s = atr_pool_scope(of.pool);
    of.versions[0] = f->make(s);
    atr_value_hold(of.versions[0]);
    atr_scope_close(s);
    return of;
}

static atr_memory_stats side_change(side *of, const family *f, int64_t round)
{
    atr_scope *s = atr_pool_scope(of->pool);
    const void *now = f->change(s, of->versions[round], round);
    atr_memory_stats stats;
    assert_non_null(now);
    atr_value_hold(now);
    of->versions[round + 1] = now;
    assert_int_equal(atr_scope_close(s), 0);
    s = atr_pool_scope(of->pool);
    stats = atr_memory_stats_now(s);
    atr_scope_close(s);
    return stats;
}

static void set_borrows(const side *of, const family *f, int64_t last)
{
    atr_scope *s = atr_pool_scope(of->pool);
    atr_memory_stats was = atr_memory_stats_now(s), now;
    f->set(s, of->versions[last]);
    now = atr_memory_stats_now(s);
    assert_true(now.fresh > was.fresh);
    assert_int_equal(now.settled, was.settled);
    assert_int_equal(atr_scope_close(s), 0);
}

static void check_same(const side *a, const side *b)
{
    assert_int_equal(atr_pool_values(a->pool), atr_pool_values(b->pool));
}

/* Those in the middle first. */
static void sides_end(const side *a, const side *b, int64_t last)
{
    for (int64_t i = 0; i <= last; i++) {
        int64_t at = (last / 2 + (i % 2 == 0 ? i / 2 : last - i / 2)) % (last + 1);
        atr_value_release(a->versions[at]);
        atr_value_release(b->versions[at]);
        check_same(a, b);
    }
    assert_int_equal(atr_pool_values(a->pool), 0);
    atr_pool_close(a->pool);
    atr_pool_close(b->pool);
}

static void bulk_changes_leave_half_of_the_loans_to_single_ones(void **state)
{
    for (size_t i = 0; i < sizeof families / sizeof *families; i++) {
        const family *f = &families[i];
        side lazy = side_begin(f, false), eager = side_begin(f, true);
        atr_memory_stats stats = {0};
        int64_t round = 0;
        for (; round < ROUNDS_MOST && stats.settled == 0; round++) {
            stats = side_change(&lazy, f, round);
            side_change(&eager, f, round);
            check_same(&lazy, &eager);
        }
        printf("# %s: %d loans\n", f->name, (int)loans_live(&stats));
        assert_true(stats.settled > 0);
        assert_in_range(loans_live(&stats), ROOM / 2 - 10, ROOM / 2 + 10);
        set_borrows(&lazy, f, round);
        sides_end(&lazy, &eager, round);
    }
}

/* ---- nodes that end with their loans ---- */

typedef const void *(*update_fn)(atr_scope *s, const void *was, int64_t round);

static const void *map_update(atr_scope *s, const void *was, int64_t round)
{
    return atr_i64_map_set(s, was, round % ENTRIES, round);
}

static const void *vec_update(atr_scope *s, const void *was, int64_t round)
{
    return atr_str_vec_set(s, was, (size_t)(round % ENTRIES), ATR_STR(s, "set"));
}

/* The old version dies before the next update, or the new one. */
static const void *update_often(atr_pool *pool, const void *v, update_fn update, bool old_dies)
{
    for (int64_t i = 0; i < ENTRIES; i++) {
        atr_scope *s = atr_pool_scope(pool);
        const void *next = update(s, v, i);
        if (old_dies) {
            atr_value_hold(next);
            atr_value_release(v);
            v = next;
        }
        assert_int_equal(atr_scope_close(s), 0);
    }
    return v;
}

static void check_room(const family *f, update_fn update)
{
    side of = side_begin(f, false);
    const void *v = of.versions[0];
    size_t bytes;
    v = update_often(of.pool, v, update, true);
    v = update_often(of.pool, v, update, false);
    bytes = atr_memory_now().bytes;

    v = update_often(of.pool, v, update, true);
    v = update_often(of.pool, v, update, false);

    assert_int_equal(atr_memory_now().bytes, bytes);
    atr_value_release(v);
    atr_pool_close(of.pool);
}

static void the_cell_of_a_node_that_ends_has_room_for_the_next_one(void **state)
{
    const family map = {"map", map_make, NULL, NULL}, vec = {"vector", vec_make, NULL, NULL};
    check_room(&map, map_update);
    check_room(&vec, vec_update);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bulk_changes_leave_half_of_the_loans_to_single_ones),
        cmocka_unit_test(the_cell_of_a_node_that_ends_has_room_for_the_next_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
