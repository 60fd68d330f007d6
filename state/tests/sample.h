/* Models for the tests of this folder, defined in the one test program that includes this, and what
 * every test begins and ends with. Included last: cmocka.h wants its own order. */
#ifndef ATR_STATE_TESTS_SAMPLE_H
#define ATR_STATE_TESTS_SAMPLE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <atrium/error.h>
#include <atrium/memory.h>
#include <atrium/pool.h>

#include <cmocka.h>

#include "number_fields.h"

#define FILTER(X)             \
    X(FILTER_ALL, 0, "all")   \
    X(FILTER_DONE, 1, "done") \
    X(FILTER_HIDDEN, -7, "hidden")
ATR_ENUM(filter, FILTER);
ATR_ENUM_IMPL(filter, FILTER);

#define TODO_ITEM(F) \
    F(i64, id)       \
    F(str, title)    \
    F(bool, done)
ATR_MODEL(todo_item, TODO_ITEM);
ATR_MODEL_IMPL(todo_item, TODO_ITEM);

/* Refers to itself: chains and trees. */
#define KNOT(F)             \
    F(i64, number)          \
    F(opt(ref(knot)), next) \
    F(opt(ref(knot)), other)
ATR_MODEL(knot, KNOT);
ATR_MODEL_IMPL(knot, KNOT);

/* A field of every kind. */
#define EVERYTHING(F)                      \
    NUMBER_FIELDS(F)                       \
    F(enumeration(filter), shown)          \
    F(str, text)                           \
    F(bytes, raw)                          \
    F(ref(todo_item), item)                \
    F(vec(todo_item), items)               \
    F(vec(str), words)                     \
    F(vec(i64), numbers)                   \
    F(vec(f64), reals)                     \
    F(map(i64, todo_item), by_id)          \
    F(map(str, todo_item), by_name)        \
    F(map(str, i64), counts)               \
    F(set(i64), ids)                       \
    F(set(str), tags)                      \
    OPT_NUMBER_FIELDS(F)                   \
    F(opt(enumeration(filter)), opt_shown) \
    F(opt(str), opt_text)                  \
    F(opt(bytes), opt_raw)                 \
    F(opt(ref(todo_item)), opt_item)       \
    F(any, other)
ATR_MODEL(everything, EVERYTHING);
ATR_MODEL_IMPL(everything, EVERYTHING);

/* Ordered by title, then by id. */
static inline int sample_by_title(const todo_item *a, const todo_item *b)
{
    int order = atr_str_compare(a->title, b->title);
    return order != 0 ? order : (a->id > b->id) - (a->id < b->id);
}
ATR_OMAP(todo_item, i64);
ATR_OMAP_IMPL(todo_item, i64);
ATR_OSET_OF(by_title, todo_item, sample_by_title);
ATR_OSET_OF_IMPL(by_title, todo_item, sample_by_title);

/* Ordered maps and sets, and what is not copied. */
#define LADDER(F)                  \
    F(omap(i64, todo_item), by_id) \
    F(omap(f64, i64), by_weight)   \
    F(omap(time, str), log)        \
    F(omap(str, f64), rates)       \
    F(oset(i64), ids)              \
    F(oset(f64), weights)          \
    F(oset(time), times)           \
    F(oset(str), tags)             \
    F(oset(by_title), items)       \
    F(opaque, image)
ATR_MODEL(ladder, LADDER);
ATR_MODEL_IMPL(ladder, LADDER);

static inline const todo_item *sample_item(atr_scope *s, int64_t id, const char *title)
{
    return ATR_NEW(s, todo_item, .id = id, .title = atr_str_new(s, title));
}

/* A value with something in every field; `variant` changes all of it. */
static inline const everything *sample_everything(atr_scope *s, int variant)
{
    const todo_item *item = sample_item(s, variant, "item");
    const atr_str *text = atr_str_format(s, "text %d", variant);
    const atr_bytes *raw = atr_bytes_new(s, "\0\1\2", 3);
    int64_t number = variant + 7;
    double real = variant + 0.5;
    return ATR_NEW(s, everything, .flag = true, .small = -variant, .natural = 4000000000u,
                   .big = variant, .real = real, .at = 1700000000000000 + variant,
                   .shown = FILTER_DONE, .text = text, .raw = raw, .item = item,
                   .items = todo_item_vec_of(s, &item, 1), .words = atr_str_vec_of(s, &text, 1),
                   .numbers = atr_i64_vec_of(s, &number, 1), .reals = atr_f64_vec_of(s, &real, 1),
                   .by_id = todo_item_map_set(s, NULL, variant, item),
                   .by_name = todo_item_str_map_set(s, NULL, text, item),
                   .counts = atr_i64_str_map_set(s, NULL, text, variant),
                   .ids = atr_i64_set_add(s, NULL, variant), .tags = atr_str_set_add(s, NULL, text),
                   .opt_flag = ATR_SOME(bool, false), .opt_small = ATR_SOME(i32, variant),
                   .opt_natural = ATR_SOME(u32, 3), .opt_big = ATR_SOME(i64, variant),
                   .opt_real = ATR_SOME(f64, 0.25), .opt_at = ATR_SOME(time, 1),
                   .opt_shown = ATR_SOME(enumeration(filter), FILTER_HIDDEN), .opt_text = text,
                   .opt_raw = raw, .opt_item = item, .other = item);
}

/* The same for ordered maps and sets. */
static inline const ladder *sample_ladder(atr_scope *s, int variant)
{
    const todo_item *item = sample_item(s, variant, "item");
    const atr_str *text = atr_str_format(s, "text %d", variant);
    static int image;
    return ATR_NEW(s, ladder, .by_id = todo_item_omap_set(s, NULL, variant, item),
                   .by_weight = atr_i64_f64_omap_set(s, NULL, variant + 0.5, variant),
                   .log = atr_str_time_omap_set(s, NULL, variant, text),
                   .rates = atr_f64_str_omap_set(s, NULL, text, variant + 0.25),
                   .ids = atr_i64_oset_add(s, NULL, variant),
                   .weights = atr_f64_oset_add(s, NULL, variant + 0.5),
                   .times = atr_time_oset_add(s, NULL, variant),
                   .tags = atr_str_oset_add(s, NULL, text), .items = by_title_add(s, NULL, item),
                   .image = atr_opaque_new(s, "image", &image, NULL));
}

static inline int plain_pools(void **state)
{
    atr_memory_check(false);
    return 0;
}

static inline int checked_pools(void **state)
{
    atr_memory_check(true);
    return 0;
}

/* Nothing is left of a test. */
static inline int nothing_left(void **state)
{
    atr_memory_check(false);
    return atr_memory_now().blocks == 0 ? 0 : -1;
}

/* In pools as programs use them, and in checked ones. */
#define PLAIN(test)                                  \
    {                                                \
#test, test, plain_pools, nothing_left, NULL \
    }
#define CHECKED(test)                                                      \
    {                                                                      \
#test "_in_checked_pools", test, checked_pools, nothing_left, NULL \
    }
#define BOTH(test) PLAIN(test), CHECKED(test)

#endif
