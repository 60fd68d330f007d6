/* Scripts between random versions of collections, done to plain arrays. */
#include <string.h>

#include <atrium/edits.h>

#include "random.h"
#include "sample.h"

enum { VERSIONS = 6, ROWS_MAX = 2500, KEYS = 600 };

static const atr_diff_options rows_only = {.rows_only = true};

/* ---- arrays ---- */

typedef struct row {
    int64_t key, value;
} row;

typedef struct rows {
    row items[2 * ROWS_MAX]; /* on the way both versions may be in it */
    size_t count;
} rows;

static rows done; /* what a script makes of `was` */

static void rows_put(size_t at, row item)
{
    assert_true(at <= done.count && done.count < 2 * ROWS_MAX);
    memmove(done.items + at + 1, done.items + at, (done.count - at) * sizeof item);
    done.items[at] = item;
    done.count++;
}

static void rows_take(size_t at, row item)
{
    assert_true(at < done.count);
    assert_int_equal(done.items[at].key, item.key);
    assert_int_equal(done.items[at].value, item.value);
    done.count--;
    memmove(done.items + at, done.items + at + 1, (done.count - at) * sizeof item);
}

static row row_of(const atr_edit *e, atr_value value)
{
    return (row){e->at.key.has ? e->at.key.as.i64 : 0, value.as.i64};
}

/* Do the edits to `was`; compare with `now`. */
static void check_script(const atr_edits *edits, const rows *was, const rows *now)
{
    done = *was;
    for (size_t i = 0; i < edits->count; i++) {
        const atr_edit *e = &edits->items[i];
        assert_int_equal(e->at.kind, ATR_STEP_ROW);
        assert_null(e->at.outer);
        if (e->kind != ATR_EDIT_INSERT) {
            assert_int_equal(was->items[e->at.was_index].value, e->was.as.i64);
            rows_take(e->at.index, row_of(e, e->was));
        }
        if (e->kind != ATR_EDIT_REMOVE) {
            assert_int_equal(now->items[e->at.index].value, e->now.as.i64);
            rows_put(e->at.index, row_of(e, e->now));
        }
        assert_int_equal(e->was.has, e->kind != ATR_EDIT_INSERT);
        assert_int_equal(e->now.has, e->kind != ATR_EDIT_REMOVE);
        if (e->kind == ATR_EDIT_CHANGE) {
            assert_true(e->was.as.i64 != e->now.as.i64);
        }
    }
    assert_int_equal(done.count, now->count);
    assert_memory_equal(done.items, now->items, done.count * sizeof *done.items);
}

/* The same once more, in ranges. */
static void check_ranges(const atr_edits *edits, const rows *was, const rows *now)
{
    atr_edit_range r = {0};
    size_t covered = 0;
    done = *was;
    while (atr_edits_next(&r, edits)) {
        assert_int_equal(r.first, covered);
        assert_int_equal(r.next - r.first, r.count);
        for (size_t i = 0; i < r.count && r.kind != ATR_EDIT_INSERT; i++) {
            rows_take(r.index, row_of(&edits->items[r.first + i], edits->items[r.first + i].was));
        }
        for (size_t i = 0; i < r.count && r.kind != ATR_EDIT_REMOVE; i++) {
            rows_put(r.index + i, now->items[r.index + i]);
        }
        covered = r.next;
    }
    assert_int_equal(covered, edits->count);
    assert_int_equal(done.count, now->count);
    assert_memory_equal(done.items, now->items, done.count * sizeof *done.items);
}

/* How many rows go and come. */
static size_t weight(const atr_edits *edits)
{
    size_t sum = 0;
    for (size_t i = 0; i < edits->count; i++) {
        sum += edits->items[i].kind == ATR_EDIT_CHANGE ? 2 : 1;
    }
    return sum;
}

/* ---- vectors ---- */

static rows rows_a, rows_b;

static void vec_rows(const atr_i64_vec *v, rows *to)
{
    to->count = atr_i64_vec_count(v);
    for (size_t i = 0; i < to->count; i++) {
        to->items[i] = (row){0, atr_i64_vec_at(v, i)};
    }
}

static const atr_edits *vec_check(atr_scope *s, const atr_i64_vec *was, const atr_i64_vec *now)
{
    const atr_edits *edits = atr_diff(s, was, now, &rows_only);
    vec_rows(was, &rows_a);
    vec_rows(now, &rows_b);
    check_script(edits, &rows_a, &rows_b);
    check_ranges(edits, &rows_a, &rows_b);
    assert_true(atr_equal(atr_edits_apply(s, was, edits), now));
    assert_null(atr_scope_error(s));
    return edits;
}

static const atr_i64_vec *vec_step(atr_scope *s, const atr_i64_vec *v, const atr_i64_vec *other)
{
    size_t count = atr_i64_vec_count(v), at = random_below(count);
    int64_t item = (int64_t)random_below(40);
    switch (random_below(12)) {
    case 0: return atr_i64_vec_push(s, v, item);
    case 1: return atr_i64_vec_pop(s, v);
    case 2:
    case 3:
    case 4: return atr_i64_vec_insert(s, v, random_below(count + 1), item);
    case 5:
    case 6: return count > 0 ? atr_i64_vec_erase(s, v, at) : v;
    case 7: return atr_i64_vec_slice(s, v, at / 4, count - at / 8);
    case 8:
        return count + atr_i64_vec_count(other) < ROWS_MAX - 200 ? atr_i64_vec_concat(s, v, other)
                                                                 : atr_i64_vec_slice(s, v, 0, at);
    default: return count > 0 ? atr_i64_vec_set(s, v, at, item) : v;
    }
}

/* The number of rows that are kept, by the textbook. */
static size_t longest_common(const rows *a, const rows *b)
{
    static uint16_t line[2][ROWS_MAX + 1];
    memset(line, 0, sizeof line);
    for (size_t i = 0; i < a->count; i++) {
        uint16_t *now = line[(i + 1) % 2], *before = line[i % 2];
        for (size_t j = 0; j < b->count; j++) {
            uint16_t longer = before[j + 1] > now[j] ? before[j + 1] : now[j];
            now[j + 1] =
                a->items[i].value == b->items[j].value ? (uint16_t)(before[j] + 1) : longer;
        }
    }
    return line[a->count % 2][b->count];
}

static void scripts_between_versions_of_a_vector_lead_from_one_to_the_other(void **state)
{
    size_t steps = random_begin() / 100;
    const atr_i64_vec *versions[VERSIONS] = {NULL};
    for (size_t i = 0; i < steps; i++) {
        ATR_SCOPE(s, NULL) {
            size_t to = random_below(VERSIONS);
            const atr_i64_vec *v = versions[random_below(VERSIONS)];
            for (size_t k = random_below(12); k > 0; k--) {
                v = vec_step(s, v, versions[random_below(VERSIONS)]);
            }
            atr_value_hold(v);
            atr_value_release(versions[to]);
            versions[to] = v;
            vec_check(s, versions[random_below(VERSIONS)], v);
            vec_check(s, v, versions[random_below(VERSIONS)]);
        }
    }
    for (size_t i = 0; i < VERSIONS; i++) {
        atr_value_release(versions[i]);
    }
}

static const atr_i64_vec *vec_random(atr_scope *s, size_t count, size_t kinds)
{
    atr_i64_vec_builder *b = atr_i64_vec_builder_new(s, NULL);
    for (size_t i = 0; i < count; i++) {
        atr_i64_vec_builder_push(b, (int64_t)random_below(kinds));
    }
    return atr_i64_vec_builder_seal(b);
}

static void vectors_without_common_history_have_the_shortest_script(void **state)
{
    size_t steps = random_begin() / 80;
    for (size_t i = 0; i < steps; i++) {
        ATR_SCOPE(s, NULL) {
            size_t kinds = 1 + random_below(i % 2 == 0 ? 6 : 200);
            const atr_i64_vec *was = vec_random(s, random_below(150), kinds);
            const atr_i64_vec *now = vec_random(s, random_below(150), kinds);

            const atr_edits *edits = vec_check(s, was, now);

            assert_int_equal(weight(edits),
                             rows_a.count + rows_b.count - 2 * longest_common(&rows_a, &rows_b));
        }
    }
}

/* Numbers that come twice each, so that no row can be told from its twin but by the search. */
static const atr_i64_vec *twins(atr_scope *s, const int64_t (*parts)[2], size_t count)
{
    atr_i64_vec_builder *b = atr_i64_vec_builder_new(s, NULL);
    for (size_t i = 0; i < count; i++) {
        for (int64_t k = parts[i][0]; k < parts[i][1]; k++) {
            atr_i64_vec_builder_push(b, k);
            atr_i64_vec_builder_push(b, k);
        }
    }
    return atr_i64_vec_builder_seal(b);
}

/* Five hundred rows go from the front to the end. */
static void a_script_of_a_thousand_edits_is_the_shortest(void **state)
{
    static const int64_t before[][2] = {{0, 1000}}, after[][2] = {{250, 1000}, {0, 250}};
    ATR_SCOPE(s, NULL) {
        const atr_edits *edits = vec_check(s, twins(s, before, 1), twins(s, after, 2));

        assert_int_equal(weight(edits), 1000);
        assert_int_equal(longest_common(&rows_a, &rows_b), 1500);
    }
}

static void beyond_a_thousand_edits_the_script_still_leads_there(void **state)
{
    size_t steps = random_begin() / 4000;
    for (size_t i = 0; i < steps; i++) {
        ATR_SCOPE(s, NULL) {
            size_t kinds = i % 2 == 0 ? 50 : 4000;
            const atr_i64_vec *was = vec_random(s, 1500 + random_below(1000), kinds);
            const atr_i64_vec *now = vec_random(s, 1500 + random_below(1000), kinds);
            vec_check(s, was, now);
            vec_check(s, was, atr_copy(s, was));
        }
    }
}

/* ---- ordered maps ---- */

static void omap_rows(const atr_i64_time_omap *m, rows *to)
{
    atr_i64_time_omap_each it = {0};
    to->count = 0;
    while (atr_i64_time_omap_next(&it, m)) {
        to->items[to->count++] = (row){it.key, it.value};
    }
}

static void omap_check(atr_scope *s, const atr_i64_time_omap *was, const atr_i64_time_omap *now)
{
    const atr_edits *edits = atr_diff(s, was, now, &rows_only);
    omap_rows(was, &rows_a);
    omap_rows(now, &rows_b);
    check_script(edits, &rows_a, &rows_b);
    assert_true(atr_equal(atr_edits_apply(s, was, edits), now));
    check_ranges(edits, &rows_a, &rows_b);
    for (size_t i = 0; i < edits->count; i++) {
        assert_true(edits->items[i].at.key.has);
    }
}

static const atr_i64_time_omap *omap_step(atr_scope *s, const atr_i64_time_omap *m)
{
    int64_t key = (int64_t)random_below(KEYS) - 100;
    if (random_below(40) == 0) {
        atr_i64_time_omap_builder *b = atr_i64_time_omap_builder_new(s, m);
        for (int64_t i = 0; i < 200; i++) {
            atr_i64_time_omap_builder_set(b, (key + i) % KEYS, i % 5);
        }
        return atr_i64_time_omap_builder_seal(b);
    }
    return random_below(2) == 0 ? atr_i64_time_omap_remove(s, m, key)
                                : atr_i64_time_omap_set(s, m, key, (int64_t)random_below(5));
}

static void scripts_between_versions_of_an_ordered_map_lead_from_one_to_the_other(void **state)
{
    size_t steps = random_begin() / 100;
    const atr_i64_time_omap *versions[VERSIONS] = {NULL};
    for (size_t i = 0; i < steps; i++) {
        ATR_SCOPE(s, NULL) {
            size_t to = random_below(VERSIONS);
            const atr_i64_time_omap *m = versions[random_below(VERSIONS)];
            for (size_t k = random_below(12); k > 0; k--) {
                m = omap_step(s, m);
            }
            atr_value_hold(m);
            atr_value_release(versions[to]);
            versions[to] = m;
            omap_check(s, versions[random_below(VERSIONS)], m);
            omap_check(s, atr_copy(s, m), versions[random_below(VERSIONS)]);
        }
    }
    for (size_t i = 0; i < VERSIONS; i++) {
        atr_value_release(versions[i]);
    }
}

/* ---- maps ---- */

static void map_check(atr_scope *s, const atr_i64_map *was, const atr_i64_map *now)
{
    const atr_edits *edits = atr_diff(s, was, now, NULL);
    const atr_i64_map *m = was;
    int64_t last = INT64_MIN;
    for (size_t i = 0; i < edits->count; i++) {
        const atr_edit *e = &edits->items[i];
        int64_t key = e->at.key.as.i64;
        assert_int_equal(e->at.kind, ATR_STEP_KEY);
        assert_true(key > last);
        last = key;
        assert_int_equal(atr_i64_map_has(m, key), e->kind != ATR_EDIT_INSERT);
        assert_int_equal(atr_i64_map_get(m, key), e->was.has ? e->was.as.i64 : 0);
        m = e->kind == ATR_EDIT_REMOVE ? atr_i64_map_remove(s, m, key)
                                       : atr_i64_map_set(s, m, key, e->now.as.i64);
    }
    assert_true(atr_equal(atr_edits_apply(s, was, edits), now));
    assert_true(atr_equal(m, now));
}

static void scripts_between_versions_of_a_map_lead_from_one_to_the_other(void **state)
{
    size_t steps = random_begin() / 100;
    const atr_i64_map *versions[VERSIONS] = {NULL};
    for (size_t i = 0; i < steps; i++) {
        ATR_SCOPE(s, NULL) {
            size_t to = random_below(VERSIONS);
            const atr_i64_map *m = versions[random_below(VERSIONS)];
            for (size_t k = random_below(30); k > 0; k--) {
                int64_t key = (int64_t)random_below(KEYS) * 1024;
                m = random_below(2) == 0 ? atr_i64_map_remove(s, m, key)
                                         : atr_i64_map_set(s, m, key, (int64_t)random_below(5));
            }
            atr_value_hold(m);
            atr_value_release(versions[to]);
            versions[to] = m;
            map_check(s, versions[random_below(VERSIONS)], m);
            map_check(s, atr_copy(s, m), versions[random_below(VERSIONS)]);
        }
    }
    for (size_t i = 0; i < VERSIONS; i++) {
        atr_value_release(versions[i]);
    }
}

/* ---- leaves that come again ---- */

static const atr_i64_vec *one_edit(atr_scope *s, const atr_i64_vec *v, int64_t item)
{
    size_t count = atr_i64_vec_count(v), at = random_below(count);
    switch (random_below(3)) {
    case 0: return atr_i64_vec_set(s, v, at, item);
    case 1: return atr_i64_vec_insert(s, v, at, item);
    default: return atr_i64_vec_erase(s, v, at);
    }
}

/* Kinds of vectors joined in any order: nothing tells the same leaves of one from another but where they lie. */
static void a_script_is_no_longer_for_leaves_that_come_again(void **state)
{
    enum { KINDS = 3, ROWS = 96, EDITS = 4 };
    size_t steps = random_begin() / 100;
    while (steps-- > 0) {
        ATR_SCOPE(s, NULL) {
            const atr_i64_vec *kinds[KINDS] = {NULL}, *was = NULL, *now;
            size_t edits = 1 + random_below(EDITS), count = 1 + random_below(KINDS);
            for (int64_t i = 0; i < (int64_t)KINDS * ROWS; i++) {
                kinds[i % KINDS] = atr_i64_vec_push(s, kinds[i % KINDS], i);
            }
            for (size_t i = 2 + random_below(10); i > 0; i--) {
                was = atr_i64_vec_concat(s, was, kinds[random_below(count)]);
            }
            now = was;
            for (size_t i = 1; i <= edits; i++) {
                now = one_edit(s, now, -(int64_t)i);
            }
            assert_in_range(atr_diff(s, was, now, NULL)->count, 0, edits);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        BOTH(scripts_between_versions_of_a_vector_lead_from_one_to_the_other),
        BOTH(vectors_without_common_history_have_the_shortest_script),
        BOTH(a_script_of_a_thousand_edits_is_the_shortest),
        BOTH(beyond_a_thousand_edits_the_script_still_leads_there),
        BOTH(scripts_between_versions_of_an_ordered_map_lead_from_one_to_the_other),
        BOTH(scripts_between_versions_of_a_map_lead_from_one_to_the_other),
        BOTH(a_script_is_no_longer_for_leaves_that_come_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
