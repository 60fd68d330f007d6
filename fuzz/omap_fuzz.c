/* Bytes are updates of two ordered maps and two ordered sets; each is done on a plain array too, and the
 * two must agree. */
#include "fuzz.h"

#include <math.h>
#include <stdlib.h>

#include <atrium/ordered_map.h>

enum { KEYS = 512, SLOTS = 2, STEPS_MAX = 1200 };

/* In ascending order. */
static double number(size_t i)
{
    return i == KEYS - 1 ? (double)NAN : i == 0 ? -HUGE_VAL : ((double)i - 200) / 8;
}

static const atr_str *text(atr_scope *s, size_t i)
{
    return atr_str_format(s, "%c%03zu", i < 300 ? 'a' : 'b', i);
}

static size_t text_place(const atr_str *key)
{
    return strtoul(key->bytes + 1, NULL, 10);
}

#define MAP(name) atr_i64_f64_omap##name
#define SET(name) atr_str_oset##name
#define COMBINE (const void *)atr_omap_combine
typedef double map_key;
#include "plain.h"

/* Runs of keys, some of them backwards, put in or taken out. */
static void build(atr_scope *s, slot *to, size_t key, unsigned how)
{
    static const size_t steps[] = {1, KEYS - 1, 7, 101};
    builders b = builders_new(s, to);
    for (unsigned i = 0; i < how % 61 * 5; i++) {
        uint8_t value = (how & 0x80) != 0 && i % 8 != 0 ? 0 : (uint8_t)(1 + i % 200);
        key = (key + steps[how & 3]) % KEYS;
        builders_change(s, &b, to, key, value);
        if (i % 8 < 2) {
            builders_read(s, &b, to, i % 8 == 0 ? key : how);
        }
    }
    builders_seal(&b, to);
}

static void slice(atr_scope *s, slot *to, size_t from, size_t size)
{
    size_t place = 0;
    from %= to->p.count + 1;
    size %= to->p.count - from + 1;
    to->numbers = atr_i64_f64_omap_slice(s, to->numbers, from, from + size);
    to->texts = atr_str_oset_slice(s, to->texts, from, from + size);
    for (size_t key = 0; key < KEYS; key++) {
        if (to->p.values[key] != 0) {
            if (place < from || place >= from + size) {
                plain_put(&to->p, key, 0);
            }
            place++;
        }
    }
}

static void whole(atr_scope *s, slot *to, const slot *other, const uint8_t *bytes)
{
    switch (bytes[1] % 8) {
    case 0:
    case 1:
    case 2:
    case 3: combine(s, to, other, (atr_combine)(bytes[1] % 4)); break;
    case 4: filter(s, to, bytes[2]); break;
    case 5: transform(s, to, bytes[2]); break;
    case 6: slice(s, to, bytes[1], 2 * (size_t)bytes[2]); break;
    default:
        if ((bytes[1] & 8) != 0) {
            merge(s, to, other);
        } else {
            remake(s, to);
        }
    }
}

/* The entries next to a key; place: how many there are before it. */
static void neighbours_check(atr_scope *s, const slot *which, size_t key, size_t place)
{
    const atr_i64_f64_omap *m = which->numbers;
    atr_i64_f64_omap_entry entry = {0, 0}, at = {0, 0};
    size_t there = which->p.values[key] != 0;
    check(atr_i64_f64_omap_rank_after(m, number(key)) == place + there);
    check(atr_str_oset_rank_after(which->texts, text(s, key)) == place + there);
    check(atr_i64_f64_omap_lower_bound(m, number(key), &entry) == (place < which->p.count));
    check(atr_i64_f64_omap_upper_bound(m, number(key), &entry) == (place + there < which->p.count));
    check(!atr_i64_f64_omap_select(m, place + there, &at) || at.value == entry.value);
    check(atr_i64_f64_omap_before(m, number(key), &entry) == (place > 0));
    check(place == 0 || (atr_i64_f64_omap_select(m, place - 1, &at) && at.value == entry.value));
    check(atr_i64_f64_omap_floor(m, number(key), &entry) == (place + there > 0));
    check(!there || entry.value == which->p.values[key]);
}

static void slices_check(atr_scope *s, const slot *which, size_t from, size_t to)
{
    const atr_i64_f64_omap *m = which->numbers;
    size_t first = atr_i64_f64_omap_rank(m, number(from)),
           end = atr_i64_f64_omap_rank(m, number(to));
    check(atr_equal(atr_i64_f64_omap_slice_range(s, m, ATR_BOUND_INCLUSIVE, number(from),
                                                 ATR_BOUND_EXCLUSIVE, number(to)),
                    atr_i64_f64_omap_slice(s, m, first, end)));
}

/* The entries from one key to another, upwards and downwards. */
static void range_check(atr_scope *s, const slot *which, size_t from, size_t to)
{
    atr_i64_f64_omap_each up = atr_i64_f64_omap_range(
        which->numbers, ATR_BOUND_INCLUSIVE, number(from), ATR_BOUND_EXCLUSIVE, number(to));
    atr_str_oset_each down = atr_str_oset_range(which->texts, ATR_BOUND_INCLUSIVE, text(s, from),
                                                ATR_BOUND_EXCLUSIVE, text(s, to));
    for (size_t key = from; key < to; key++) {
        if (which->p.values[key] != 0) {
            check(atr_i64_f64_omap_next(&up, which->numbers) && up.value == which->p.values[key]);
        }
    }
    for (size_t key = to; key-- > from;) {
        if (which->p.values[key] != 0) {
            check(atr_str_oset_prev(&down, which->texts) && atr_str_equal(down.key, text(s, key)));
        }
    }
    check(!atr_i64_f64_omap_next(&up, which->numbers) && !atr_str_oset_prev(&down, which->texts));
}

static void slot_check(atr_scope *s, const slot *which)
{
    slot same = {NULL, NULL, {{0}, 0}};
    size_t place = 0;
    for (size_t key = 0; key < KEYS; key++) {
        atr_i64_f64_omap_entry entry = {0, 0};
        check(atr_i64_f64_omap_get(which->numbers, number(key)) == which->p.values[key]);
        find_check(which, key);
        check(atr_str_oset_has(which->texts, text(s, key)) == (which->p.values[key] != 0));
        check(atr_i64_f64_omap_rank(which->numbers, number(key)) == place);
        check(atr_str_oset_rank(which->texts, text(s, key)) == place);
        neighbours_check(s, which, key, place);
        if (which->p.values[key] != 0) {
            change(s, &same, key, which->p.values[key]);
            check(atr_i64_f64_omap_select(which->numbers, place++, &entry));
            check(entry.value == which->p.values[key]);
        }
    }
    check(place == which->p.count && atr_i64_f64_omap_count(which->numbers) == place);
    check(atr_equal(which->numbers, same.numbers) && atr_equal(same.texts, which->texts));
    check(atr_hash(which->numbers) == atr_hash(same.numbers));
    check(atr_hash(which->texts) == atr_hash(same.texts));
    disjoint_check(which, &slots[SLOTS - 1]);
    range_check(s, which, 0, KEYS - 1);
    range_check(s, which, 33, 400);
    slices_check(s, which, 33, 400);
}

static slot *slot_from(uint8_t byte)
{
    return &slots[byte & 1];
}

static slot *slot_to(uint8_t byte)
{
    return &slots[byte >> 1 & 1];
}

/* One bit says which slot is read, one which is written, two whether a builder does it, two whether it is done
 * to the whole map, one whether it is removed; another is the ninth of the key. */
static void slot_change(atr_scope *s, const uint8_t *bytes, slot *next)
{
    size_t key = (size_t)bytes[1] | (size_t)(bytes[0] & 4) << 6;
    if ((bytes[0] & 0x60) == 0x60) {
        whole(s, next, &slots[bytes[0] >> 2 & 1], bytes);
    } else if ((bytes[0] & 0x18) == 0x18) {
        build(s, next, key, bytes[2]);
    } else {
        change(s, next, key, bytes[0] & 0x80 ? 0 : bytes[2]);
    }
}
