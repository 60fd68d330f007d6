/* Ordered maps of every kind beside plain models of them. Included after sample.h. */
#ifndef ATR_STATE_TESTS_OMAP_TWIN_H
#define ATR_STATE_TESTS_OMAP_TWIN_H

#include <math.h>

#include "omap_shape.h"

static inline int by_number(const knot *a, const knot *b)
{
    return (a->number > b->number) - (a->number < b->number);
}
ATR_OSET_OF(knots, knot, by_number);
ATR_OSET_OF_IMPL(knots, knot, by_number);

/* ---- keys, in ascending order, and values by number ---- */

enum { KEYS = 1300 };

static inline atr_word number_key(atr_scope *s, size_t i)
{
    return atr_word_i64_(((int64_t)i - KEYS / 2) * 3);
}
static inline atr_word extreme_key(atr_scope *s, size_t i)
{
    return atr_word_i64_(i < KEYS / 2 ? INT64_MIN + (int64_t)i
                                      : INT64_MAX - (KEYS - 1 - (int64_t)i));
}
static inline atr_word real_key(atr_scope *s, size_t i)
{
    int64_t place = (int64_t)i - KEYS / 2;
    if (i == 0 || i == KEYS - 2) {
        return atr_word_f64_(i == 0 ? -HUGE_VAL : HUGE_VAL);
    }
    return atr_word_f64_(i == KEYS - 1 ? (double)NAN : (double)place / 4);
}
static inline atr_word text_key(atr_scope *s, size_t i)
{
    return atr_word_ref_(atr_str_format(s, "%05zu", i));
}
static inline atr_word knot_key(atr_scope *s, size_t i)
{
    return atr_word_ref_(ATR_NEW(s, knot, .number = (int64_t)i));
}

static inline atr_word no_value(atr_scope *s, size_t v)
{
    return atr_word_i64_(0);
}
static inline atr_word number_value(atr_scope *s, size_t v)
{
    return atr_word_i64_((int64_t)v);
}
static inline atr_word real_value(atr_scope *s, size_t v)
{
    return atr_word_f64_((double)v);
}
static inline atr_word text_value(atr_scope *s, size_t v)
{
    return atr_word_ref_(atr_str_format(s, "%zu", v));
}

typedef struct shape {
    const char *name;
    const atr_model *model;
    atr_word (*key)(atr_scope *s, size_t i);
    atr_word (*value)(atr_scope *s, size_t v);
} shape;

static const shape shapes[] = {
    {"i64 to i64", &atr_i64_omap_model, number_key, number_value},
    {"extremes to f64", &atr_f64_omap_model, extreme_key, real_value},
    {"f64 to str", &atr_str_f64_omap_model, real_key, text_value},
    {"time to i64", &atr_i64_time_omap_model, number_key, number_value},
    {"str to str", &atr_str_str_omap_model, text_key, text_value},
    {"str to f64", &atr_f64_str_omap_model, text_key, real_value},
    {"i64 set", &atr_i64_oset_model, extreme_key, no_value},
    {"f64 set", &atr_f64_oset_model, real_key, no_value},
    {"time set", &atr_time_oset_model, number_key, no_value},
    {"str set", &atr_str_oset_model, text_key, no_value},
    {"models by a comparator", &knots_model, knot_key, no_value},
};
enum { SHAPES = sizeof shapes / sizeof *shapes };

static inline bool is_set(const shape *sh)
{
    return sh->value == no_value;
}

static inline bool words_equal(atr_kind kind, atr_word a, atr_word b)
{
    if (kind >= ATR_KIND_STR) {
        return atr_equal(a.ref, b.ref);
    }
    return kind == ATR_KIND_F64 ? atr_f64_equal(a.f64, b.f64) : a.i64 == b.i64;
}

/* ---- a map beside its plain model ---- */

typedef struct twin {
    const shape *sh;
    const atr_omap *m;
    uint16_t values[KEYS]; /* 0: not there */
    size_t count;
} twin;

static inline void values_put(twin *t, size_t i, uint16_t v)
{
    t->count += (v != 0) - (size_t)(t->values[i] != 0);
    t->values[i] = v;
}

static inline void twin_hold(twin *t, const atr_omap *m)
{
    atr_value_hold(m);
    atr_value_release(t->m);
    t->m = m;
}

static inline void twin_set(atr_scope *s, twin *t, size_t i, uint16_t v)
{
    const atr_omap *m =
        v != 0 ? atr_omap_set(s, t->sh->model, t->m, t->sh->key(s, i), t->sh->value(s, v))
               : atr_omap_remove(s, t->sh->model, t->m, t->sh->key(s, i));
    assert_null(atr_scope_error(s));
    twin_hold(t, m);
    values_put(t, i, v);
}

static inline void entry_check(atr_scope *s, const twin *t, size_t i, atr_word key, atr_word value)
{
    assert_true(words_equal(t->sh->model->key, key, t->sh->key(s, i)));
    if (!is_set(t->sh)) {
        assert_true(words_equal(t->sh->model->element.kind, value, t->sh->value(s, t->values[i])));
    }
}

#endif
