/* The application of the fuzz target of the store, and its plain model: arrays of numbers. */
#ifndef ATRIUM_FUZZ_STORE_APP_H
#define ATRIUM_FUZZ_STORE_APP_H

#include "fuzz.h"

#include <string.h>

#include <atrium/atrium.h>

enum { KEYS = 40, ROWS = 48, TIMEOUT_MS = 50 };

/* ---- the application ---- */

#define THING(F) F(i64, value)
ATR_MODEL(thing, THING);
ATR_MODEL_IMPL(thing, THING);

#define SHELF(F)               \
    F(map(i64, thing), things) \
    F(omap(i64, i64), sorted)  \
    F(vec(i64), rows)          \
    F(i64, count) /* of things */
ATR_MODEL(shelf, SHELF);
ATR_MODEL_IMPL(shelf, SHELF);
ATR_ROOT(shelves, shelf);
ATR_ROOT_IMPL(shelves, shelf, &shelf_default);

/* Put the response at a key, 0: remove it. `needs`: fail if nothing is there. */
#define PUT(F)    \
    F(i64, key)   \
    F(i64, value) \
    F(bool, needs)
ATR_QUERY(put, PUT, i64);      /* stays pending */
ATR_QUERY(put_now, PUT, i64);  /* answered at once with the value */
ATR_QUERY(put_slow, PUT, i64); /* stays pending, a write */

static void put_at(atr_finish *f, int64_t key, int64_t value, bool needs)
{
    shelf next = *ATR_STATE(f, shelves);
    size_t count = atr_i64_vec_count(next.rows);
    bool there = thing_map_has(next.things, key);
    next.things = value == 0
                      ? thing_map_remove(f->s, next.things, key)
                      : thing_map_set(f->s, next.things, key, ATR_NEW(f->s, thing, .value = value));
    next.sorted = value == 0 ? atr_i64_omap_remove(f->s, next.sorted, key)
                             : atr_i64_omap_set(f->s, next.sorted, key, value);
    next.rows = atr_i64_vec_push(
        f->s, count < ROWS ? next.rows : atr_i64_vec_erase(f->s, next.rows, key % ROWS),
        key * 256 + value);
    next.count = (int64_t)thing_map_count(next.things);
    ATR_UPDATE(f, shelves, next);
    if (needs && !there) {
        atr_fail(f, 1, "nothing at %d", (int)key);
    }
}

static void put_finish(atr_finish *f, const put *self, int64_t response)
{
    put_at(f, self->key, response, self->needs);
}
ATR_QUERY_IMPL(put, PUT, i64, .finish_with_response = put_finish, .timeout_ms = TIMEOUT_MS);

static void put_slow_finish(atr_finish *f, const put_slow *self, int64_t response)
{
    put_at(f, self->key, response, self->needs);
}
ATR_QUERY_IMPL(put_slow, PUT, i64, .finish_with_response = put_slow_finish, .is_write = true,
               .timeout_ms = TIMEOUT_MS);

static void put_now_finish(atr_finish *f, const put_now *self, int64_t response)
{
    put_at(f, self->key, response, self->needs);
}
ATR_QUERY_IMPL(put_now, PUT, i64, .finish_with_response = put_now_finish);

static void answer_now(atr_start *ctx, const put_now *self, void *user)
{
    (void)user;
    put_now_answer(ctx, self->value);
}

static const atr_root *const roots[] = {&shelves_root, NULL};
static const atr_component component = {.name = "shelves", .roots = roots};

/* ---- views: of some keys, of another view, with a key, of a list, of fields ---- */

static int64_t value_at(atr_view *v, int64_t key)
{
    const thing *there = ATR_STATE_KEY(v, shelves, things, key);
    return there != NULL ? there->value : 0;
}

ATR_VIEW(either, i64);
static int64_t run_either(atr_view *v)
{
    return value_at(v, 1) % 3 == 0 ? value_at(v, 2) % 4 : value_at(v, 3) % 4;
}
ATR_VIEW_IMPL(either, i64, run_either);

ATR_VIEW_KEYED(beside, i64, i64);
static int64_t run_beside(atr_view *v, int64_t key)
{
    return value_at(v, key) % 8 + ATR_GET(v, either) * 16;
}
ATR_VIEW_KEYED_IMPL(beside, i64, i64, run_beside);

ATR_VIEW(even_rows, vec(i64));
static const atr_i64_vec *run_even_rows(atr_view *v)
{
    const atr_i64_vec *rows = ATR_STATE(v, shelves)->rows, *even = NULL;
    for (size_t i = 0; i < atr_i64_vec_count(rows); i++) {
        int64_t row = atr_i64_vec_at(rows, i);
        even = row % 2 == 0 ? atr_i64_vec_push(v->s, even, row) : even;
    }
    return even;
}
ATR_VIEW_IMPL(even_rows, vec(i64), run_even_rows);

ATR_VIEW(of_fields, i64);
static int64_t run_of_fields(atr_view *v)
{
    int64_t count = ATR_STATE_FIELD(v, shelves, count);
    return count % 2 == 0 ? value_at(v, 1) + 256
                          : (int64_t)atr_i64_vec_count(ATR_STATE_FIELD(v, shelves, rows));
}
ATR_VIEW_IMPL(of_fields, i64, run_of_fields);

/* ---- the plain model ---- */

typedef struct plain {
    int64_t at[KEYS]; /* 0: not there */
    int64_t rows[ROWS];
    size_t row_count;
} plain;

static inline bool plain_put(plain *p, int64_t key, int64_t value, bool needs)
{
    if (needs && p->at[key] == 0) {
        return false;
    }
    p->at[key] = value;
    if (p->row_count == ROWS) {
        size_t gone = (size_t)(key % ROWS);
        memmove(p->rows + gone, p->rows + gone + 1, (ROWS - gone - 1) * sizeof *p->rows);
        p->row_count--;
    }
    p->rows[p->row_count++] = key * 256 + value;
    return true;
}

static inline int64_t plain_either(const plain *p)
{
    return p->at[1] % 3 == 0 ? p->at[2] % 4 : p->at[3] % 4;
}

static inline int64_t plain_count(const plain *p)
{
    int64_t count = 0;
    for (int i = 0; i < KEYS; i++) {
        count += p->at[i] != 0;
    }
    return count;
}

static inline size_t plain_rows(const plain *p, bool even, int64_t *to)
{
    size_t count = 0;
    for (size_t i = 0; i < p->row_count; i++) {
        if (!even || p->rows[i] % 2 == 0) {
            to[count++] = p->rows[i];
        }
    }
    return count;
}

static inline int64_t sum_from(const plain *p, int64_t sum)
{
    for (int64_t i = 0; i < KEYS; i++) {
        sum = sum * 31 % 1000003 + p->at[i];
    }
    return sum;
}

static inline int64_t sum_of(const plain *p)
{
    return sum_from(p, (int64_t)p->row_count);
}

static inline int64_t sum_of_sorted(const shelf *v)
{
    int64_t sum = 0;
    for (int64_t i = 0; i < KEYS; i++) {
        sum = sum * 31 % 1000003 + atr_i64_omap_get(v->sorted, i);
    }
    return sum;
}

static inline int64_t sum_of_shelf(const shelf *v)
{
    int64_t sum = (int64_t)atr_i64_vec_count(v->rows);
    check(v->count == (int64_t)thing_map_count(v->things));
    for (int64_t i = 0; i < KEYS; i++) {
        const thing *there = thing_map_get(v->things, i);
        int64_t value = there != NULL ? there->value : 0;
        check(value == (atr_i64_omap_has(v->sorted, i) ? atr_i64_omap_get(v->sorted, i) : 0));
        sum = sum * 31 % 1000003 + value;
    }
    return sum;
}

#endif
