/* The plain model of a map and of a set with the same keys, for every key a small value, and what the targets of
 * maps and of ordered maps have in common: slots with a map, a set and their model. Included after this has been
 * defined: KEYS, SLOTS, STEPS_MAX; the types with MAP(_set) and SET(_add) the functions, map_key the type of keys,
 * COMBINE; number() and text(), the keys of a place, and text_place(). What slots.h asks for besides is the target's. */
#ifndef ATRIUM_FUZZ_PLAIN_H
#define ATRIUM_FUZZ_PLAIN_H

#include "fuzz.h"

#include <atrium/entries.h>

typedef struct plain {
    uint8_t values[KEYS]; /* 0: not there */
    size_t count;
} plain;

static inline void plain_put(plain *p, size_t key, uint8_t value)
{
    p->count += (value != 0) - (size_t)(p->values[key] != 0);
    p->values[key] = value;
}

static inline uint8_t plain_chosen(uint8_t a, uint8_t b)
{
    return (uint8_t)(a % 3 == b % 3 ? a : b % 2 == 0 ? b : (a ^ b) | 1);
}

static inline uint8_t plain_combined(atr_combine how, uint8_t a, uint8_t b)
{
    switch (how) {
    case ATR_COMBINE_UNION: return b != 0 ? b : a;
    case ATR_COMBINE_CHOICE: return a == 0 ? b : b == 0 || a == b ? a : plain_chosen(a, b);
    case ATR_COMBINE_INTERSECTION: return b != 0 ? a : 0;
    case ATR_COMBINE_DIFFERENCE: return b != 0 ? 0 : a;
    default: return a == 0 ? b : b == 0 ? a : 0;
    }
}

static inline void plain_combine(plain *a, const plain *b, atr_combine how)
{
    for (size_t key = 0; key < KEYS; key++) {
        plain_put(a, key, plain_combined(how, a->values[key], b->values[key]));
    }
}

static inline bool plain_is_disjoint(const plain *a, const plain *b)
{
    size_t key = 0;
    while (key < KEYS && (a->values[key] == 0 || b->values[key] == 0)) {
        key++;
    }
    return key == KEYS;
}

/* A rule of a filter and of a transform. */
typedef struct plain_rule {
    const plain *p;
    uint8_t turn;
} plain_rule;

static inline bool plain_stays(const plain_rule *r, uint8_t value)
{
    return value % 4 != r->turn % 4;
}

static inline uint8_t plain_changed(const plain_rule *r, uint8_t value)
{
    return plain_stays(r, value) ? value : (uint8_t)(value / 2 + 1);
}

static inline void plain_filter(plain *p, const plain_rule *r)
{
    for (size_t key = 0; key < KEYS; key++) {
        if (!plain_stays(r, p->values[key])) {
            plain_put(p, key, 0);
        }
    }
}

static inline void plain_change(plain *p, const plain_rule *r)
{
    for (size_t key = 0; key < KEYS; key++) {
        if (p->values[key] != 0) {
            plain_put(p, key, plain_changed(r, p->values[key]));
        }
    }
}

/* ---- slots ---- */

typedef MAP() map;
typedef SET() set;
typedef MAP(_builder) map_builder;
typedef SET(_builder) set_builder;

typedef struct slot {
    const map *numbers;
    const set *texts;
    plain p;
} slot;

#include "slots.h"

static void change(atr_scope *s, slot *to, size_t key, uint8_t value)
{
    if (value != 0) {
        to->numbers = MAP(_set)(s, to->numbers, number(key), value);
        to->texts = SET(_add)(s, to->texts, text(s, key));
    } else {
        to->numbers = MAP(_remove)(s, to->numbers, number(key));
        to->texts = SET(_remove)(s, to->texts, text(s, key));
    }
    plain_put(&to->p, key, value);
}

typedef struct builders {
    map_builder *numbers;
    set_builder *texts;
} builders;

static builders builders_new(atr_scope *s, const slot *from)
{
    return (builders){MAP(_builder_new)(s, from->numbers), SET(_builder_new)(s, from->texts)};
}

static void builders_change(atr_scope *s, const builders *b, slot *to, size_t key, uint8_t value)
{
    if (value != 0) {
        check(MAP(_builder_set)(b->numbers, number(key), value) == 0);
        check(SET(_builder_add)(b->texts, text(s, key)) == 0);
    } else {
        check(MAP(_builder_remove)(b->numbers, number(key)) == 0);
        check(SET(_builder_remove)(b->texts, text(s, key)) == 0);
    }
    plain_put(&to->p, key, value);
}

static void builders_read(atr_scope *s, const builders *b, const slot *like, size_t key)
{
    check(MAP(_builder_count)(b->numbers) == like->p.count);
    check(MAP(_builder_get)(b->numbers, number(key)) == like->p.values[key]);
    check(SET(_builder_has)(b->texts, text(s, key)) == (like->p.values[key] != 0));
}

static void builders_seal(const builders *b, slot *to)
{
    to->numbers = MAP(_builder_seal)(b->numbers);
    to->texts = SET(_builder_seal)(b->texts);
}

/* ---- whole maps ---- */

static bool number_stays(map_key key, int64_t value, void *user)
{
    return plain_stays(user, (uint8_t)value);
}

static bool text_stays(const atr_str *key, void *user)
{
    const plain_rule *r = user;
    return plain_stays(r, r->p->values[text_place(key)]);
}

static int64_t number_changed(atr_scope *s, map_key key, int64_t value, void *user)
{
    return plain_changed(user, (uint8_t)value);
}

static void disjoint_check(const slot *a, const slot *b)
{
    bool disjoint = plain_is_disjoint(&a->p, &b->p);
    check(SET(_is_disjoint)(a->texts, b->texts) == disjoint);
    check(SET(_is_disjoint)(b->texts, a->texts) == disjoint);
}

static void combine(atr_scope *s, slot *to, const slot *other, atr_combine how)
{
    const void *numbers = to->numbers, *texts = to->texts;
    disjoint_check(to, other);
    to->numbers = COMBINE(s, &MAP(_model), numbers, (const void *)other->numbers, how, NULL, NULL);
    to->texts = COMBINE(s, &SET(_model), texts, (const void *)other->texts, how, NULL, NULL);
    plain_combine(&to->p, &other->p, how);
    if (how == ATR_COMBINE_INTERSECTION) {
        check(SET(_is_subset)(to->texts, texts));
        check(SET(_is_subset)(to->texts, other->texts));
    }
    disjoint_check(to, other);
}

static void find_check(const slot *which, size_t key)
{
    int64_t value = -1;
    bool there = which->p.values[key] != 0;
    check(MAP(_find)(which->numbers, number(key), &value) == there);
    check(value == (there ? which->p.values[key] : -1));
    check(MAP(_find)(which->numbers, number(key), NULL) == there);
}

static int64_t number_chosen(atr_scope *s, map_key key, int64_t a, int64_t b, void *user)
{
    check(a != b);
    return plain_chosen((uint8_t)a, (uint8_t)b);
}

static void merge(atr_scope *s, slot *to, const slot *other)
{
    to->numbers = MAP(_merge_with)(s, to->numbers, other->numbers, number_chosen, NULL);
    to->texts = SET(_union)(s, to->texts, other->texts);
    plain_combine(&to->p, &other->p, ATR_COMBINE_CHOICE);
}

/* Made of all that is in them. */
static void remake(atr_scope *s, slot *to)
{
    MAP(_each) each = {0};
    static map_key keys[KEYS];
    static int64_t values[KEYS];
    size_t count = 0;
    while (MAP(_next)(&each, to->numbers)) {
        check(count < KEYS);
        keys[count] = each.key;
        values[count++] = each.value;
    }
    check(count == to->p.count && atr_i64_vec_count(MAP(_values)(s, to->numbers)) == count);
    to->numbers = MAP(_of)(s, keys, values, count);
    to->texts = SET(_from)(s, SET(_keys)(s, to->texts));
}

static void filter(atr_scope *s, slot *to, uint8_t turn)
{
    plain was = to->p;
    plain_rule r = {&was, turn};
    to->numbers = MAP(_filter)(s, to->numbers, number_stays, &r);
    to->texts = SET(_filter)(s, to->texts, text_stays, &r);
    plain_filter(&to->p, &r);
}

static void transform(atr_scope *s, slot *to, uint8_t turn)
{
    plain was = to->p;
    plain_rule r = {&was, turn};
    to->numbers = MAP(_transform)(s, to->numbers, number_changed, &r);
    plain_change(&to->p, &r);
}

static void slot_values(const slot *which, void (*each)(const void *value))
{
    each(which->numbers);
    each(which->texts);
}

#endif
