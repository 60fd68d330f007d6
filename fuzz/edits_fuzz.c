/* Bytes are updates of four vectors and four ordered maps. The script from any version to any other, done
 * to a plain array, must give the other; without common history it must be the shortest. */
#include "fuzz.h"

#include <atrium/edits.h>
#include <atrium/ordered_map.h>

enum { SLOTS = 4, ROWS_MAX = 1200, SHORT = 120, STEPS_MAX = 120 };

typedef struct slot {
    const atr_i64_vec *v;
    const atr_i64_omap *m;
} slot;

typedef struct rows {
    int64_t items[2 * ROWS_MAX]; /* on the way both versions may be in it */
    size_t count;
} rows;

#include "slots.h"

static rows done, wanted;
static const atr_diff_options rows_only = {.rows_only = true};

/* ---- scripts ---- */

static void vec_rows(const atr_i64_vec *v, rows *to)
{
    to->count = atr_i64_vec_count(v);
    for (size_t i = 0; i < to->count; i++) {
        to->items[i] = atr_i64_vec_at(v, i);
    }
}

/* Key and value in one number. */
static void omap_rows(const atr_i64_omap *m, rows *to)
{
    atr_i64_omap_each it = {0};
    to->count = 0;
    while (atr_i64_omap_next(&it, m)) {
        to->items[to->count++] = it.key << 8 | it.value;
    }
}

static int64_t row_of(const atr_edit *e, atr_value value)
{
    return e->at.key.has ? e->at.key.as.i64 << 8 | value.as.i64 : value.as.i64;
}

static void edit_do(const atr_edit *e)
{
    int64_t *at = done.items + e->at.index;
    check(e->at.kind == ATR_STEP_ROW && e->at.outer == NULL && e->at.index <= done.count);
    if (e->kind != ATR_EDIT_INSERT) {
        check(e->at.index < done.count && *at == row_of(e, e->was));
        done.count--;
        memmove(at, at + 1, (done.count - e->at.index) * sizeof *at);
    }
    if (e->kind != ATR_EDIT_REMOVE) {
        check(done.count < 2 * (size_t)ROWS_MAX);
        memmove(at + 1, at, (done.count - e->at.index) * sizeof *at);
        done.count++;
        *at = row_of(e, e->now);
    }
}

/* Do the script to `done`. Returns how many rows went and came. */
static size_t script_do(const atr_edits *edits)
{
    size_t weight = 0;
    for (size_t i = 0; i < edits->count; i++) {
        edit_do(&edits->items[i]);
        weight += edits->items[i].kind == ATR_EDIT_CHANGE ? 2 : 1;
    }
    check(done.count == wanted.count);
    check(memcmp(done.items, wanted.items, done.count * sizeof *done.items) == 0);
    return weight;
}

static size_t vec_check(atr_scope *s, const atr_i64_vec *was, const atr_i64_vec *now)
{
    vec_rows(was, &done);
    vec_rows(now, &wanted);
    check(atr_equal(atr_edits_apply(s, was, atr_diff(s, was, now, &rows_only)), now));
    return script_do(atr_diff(s, was, now, &rows_only));
}

static void omap_check(atr_scope *s, const atr_i64_omap *was, const atr_i64_omap *now)
{
    omap_rows(was, &done);
    omap_rows(now, &wanted);
    check(atr_equal(atr_edits_apply(s, was, atr_diff(s, was, now, NULL)), now));
    script_do(atr_diff(s, was, now, NULL));
}

/* How many rows two short vectors have in common, by the textbook. */
static size_t common(const atr_i64_vec *a, const atr_i64_vec *b)
{
    static size_t line[2][SHORT + 1];
    size_t n = atr_i64_vec_count(a), m = atr_i64_vec_count(b);
    memset(line, 0, sizeof line);
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < m; j++) {
            size_t longer = line[i % 2][j + 1] > line[(i + 1) % 2][j] ? line[i % 2][j + 1]
                                                                      : line[(i + 1) % 2][j];
            bool same = atr_i64_vec_at(a, i) == atr_i64_vec_at(b, j);
            line[(i + 1) % 2][j + 1] = same ? line[i % 2][j] + 1 : longer;
        }
    }
    return line[n % 2][m];
}

static void shortest_check(atr_scope *s, const atr_i64_vec *was, const atr_i64_vec *now)
{
    size_t n = atr_i64_vec_count(was), m = atr_i64_vec_count(now);
    if (n <= SHORT && m <= SHORT) {
        const atr_i64_vec *anew = atr_copy(s, now);
        check(vec_check(s, was, anew) == n + m - 2 * common(was, anew));
    }
}

/* ---- updates ---- */

static const atr_i64_vec *vec_step(atr_scope *s, const atr_i64_vec *v, const atr_i64_vec *other,
                                   unsigned op, size_t place, int64_t item)
{
    size_t count = atr_i64_vec_count(v), at = count > 0 ? place % count : 0;
    switch (op) {
    case 0: return count < ROWS_MAX - 1 ? atr_i64_vec_push(s, v, item) : NULL;
    case 1: return count < ROWS_MAX - 1 ? atr_i64_vec_insert(s, v, at, item) : NULL;
    case 2: return count > 0 ? atr_i64_vec_erase(s, v, at) : NULL;
    case 3: return count > 0 ? atr_i64_vec_set(s, v, at, item) : NULL;
    case 4: return atr_i64_vec_slice(s, v, at / 2, count - at / 4);
    case 5:
        return count + atr_i64_vec_count(other) < ROWS_MAX ? atr_i64_vec_concat(s, v, other)
                                                           : other;
    default:
        for (size_t i = 0; i < place % 80 && count + i < ROWS_MAX; i++) {
            v = atr_i64_vec_push(s, v, item * (int64_t)i % 17);
        }
        return v;
    }
}

static const atr_i64_omap *omap_step(atr_scope *s, const atr_i64_omap *m, unsigned op, int64_t key,
                                     int64_t value)
{
    int64_t count = op < 6 ? 1 : 1 + key % 100;
    for (int64_t i = 0; i < count; i++) {
        m = (op & 1) != 0 ? atr_i64_omap_remove(s, m, (key + i) % ROWS_MAX)
                          : atr_i64_omap_set(s, m, (key + i) % ROWS_MAX, value);
    }
    return m;
}

static slot *slot_from(uint8_t byte)
{
    return &slots[byte >> 3 & 3];
}

static slot *slot_to(uint8_t byte)
{
    return &slots[byte >> 5 & 3];
}

static void slot_values(const slot *which, void (*each)(const void *value))
{
    each(which->v);
    each(which->m);
}

static void slot_change(atr_scope *s, const uint8_t *bytes, slot *next)
{
    const slot *to = slot_to(bytes[0]);
    unsigned op = bytes[0] & 7;
    size_t place = (size_t)bytes[1] << 3 | bytes[2] >> 5;
    next->v = vec_step(s, next->v, to->v, op, place, bytes[2] & 31);
    next->m = omap_step(s, next->m, op, (int64_t)place % ROWS_MAX, bytes[2] & 31);
    vec_check(s, to->v, next->v);
    omap_check(s, to->m, next->m);
    if ((bytes[0] & 0x80) != 0) {
        shortest_check(s, to->v, next->v);
    }
}

/* From nothing and to nothing. */
static void slot_check(atr_scope *s, const slot *which)
{
    vec_check(s, NULL, which->v);
    vec_check(s, which->v, NULL);
    omap_check(s, NULL, which->m);
    omap_check(s, which->m, NULL);
    check(atr_scope_error(s) == NULL);
}
