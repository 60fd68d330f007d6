/* Bytes are updates of two ordered maps and two ordered sets; each is done on a plain array too, and the
 * two must agree. */
#include "fuzz.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <atrium/memory.h>
#include <atrium/ordered_map.h>
#include <atrium/pool.h>

enum { KEYS = 512, SLOTS = 2, STEPS_MAX = 1200 };

#include "plain.h"

typedef struct slot {
    const atr_i64_f64_omap *reals;
    const atr_str_oset *texts;
    plain p;
} slot;

static slot slots[SLOTS];

/* In ascending order. */
static double real(size_t i)
{
    return i == KEYS - 1 ? (double)NAN : i == 0 ? -HUGE_VAL : ((double)i - 200) / 8;
}

static const atr_str *text(atr_scope *s, size_t i)
{
    return atr_str_format(s, "%c%03zu", i < 300 ? 'a' : 'b', i);
}

static void change(atr_scope *s, slot *to, size_t key, uint8_t value)
{
    if (value != 0) {
        to->reals = atr_i64_f64_omap_set(s, to->reals, real(key), value);
        to->texts = atr_str_oset_add(s, to->texts, text(s, key));
    } else {
        to->reals = atr_i64_f64_omap_remove(s, to->reals, real(key));
        to->texts = atr_str_oset_remove(s, to->texts, text(s, key));
    }
    plain_put(&to->p, key, value);
}

/* Runs of keys, some of them backwards, put in or taken out. */
static void build(atr_scope *s, slot *to, size_t key, unsigned how)
{
    static const size_t steps[] = {1, KEYS - 1, 7, 101};
    atr_i64_f64_omap_builder *reals = atr_i64_f64_omap_builder_new(s, to->reals);
    atr_str_oset_builder *texts = atr_str_oset_builder_new(s, to->texts);
    for (unsigned i = 0; i < how % 61 * 5; i++) {
        uint8_t value = (how & 0x80) != 0 && i % 8 != 0 ? 0 : (uint8_t)(1 + i % 200);
        key = (key + steps[how & 3]) % KEYS;
        if (value != 0) {
            check(atr_i64_f64_omap_builder_set(reals, real(key), value) == 0);
            check(atr_str_oset_builder_add(texts, text(s, key)) == 0);
        } else {
            check(atr_i64_f64_omap_builder_remove(reals, real(key)) == 0);
            check(atr_str_oset_builder_remove(texts, text(s, key)) == 0);
        }
        plain_put(&to->p, key, value);
    }
    to->reals = atr_i64_f64_omap_builder_seal(reals);
    to->texts = atr_str_oset_builder_seal(texts);
}

/* ---- whole maps ---- */

static bool real_stays(double key, int64_t value, void *user)
{
    return plain_stays(user, (uint8_t)value);
}

static bool text_stays(const atr_str *key, void *user)
{
    const plain_rule *r = user;
    return plain_stays(r, r->p->values[strtoul(key->bytes + 1, NULL, 10)]);
}

static int64_t real_changed(atr_scope *s, double key, int64_t value, void *user)
{
    return plain_changed(user, (uint8_t)value);
}

static void combine(atr_scope *s, slot *to, const slot *other, atr_combine how)
{
    const void *reals = to->reals, *texts = to->texts;
    to->reals = (const atr_i64_f64_omap *)atr_omap_combine(
        s, &atr_i64_f64_omap_model, reals, (const atr_omap *)other->reals, how, NULL, NULL);
    to->texts = (const atr_str_oset *)atr_omap_combine(
        s, &atr_str_oset_model, texts, (const atr_omap *)other->texts, how, NULL, NULL);
    plain_combine(&to->p, &other->p, how);
    if (how == ATR_COMBINE_INTERSECTION) {
        check(atr_str_oset_is_subset(to->texts, texts));
        check(atr_str_oset_is_subset(to->texts, other->texts));
    }
}

static void slice(atr_scope *s, slot *to, size_t from, size_t size)
{
    size_t place = 0;
    from %= to->p.count + 1;
    size %= to->p.count - from + 1;
    to->reals = atr_i64_f64_omap_slice(s, to->reals, from, from + size);
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
    plain was = to->p;
    plain_rule r = {&was, bytes[2]};
    switch (bytes[1] % 8) {
    case 0:
    case 1:
    case 2:
    case 3: combine(s, to, other, (atr_combine)(bytes[1] % 4)); break;
    case 4:
        to->reals = atr_i64_f64_omap_filter(s, to->reals, real_stays, &r);
        to->texts = atr_str_oset_filter(s, to->texts, text_stays, &r);
        plain_filter(&to->p, &r);
        break;
    case 5:
        to->reals = atr_i64_f64_omap_transform(s, to->reals, real_changed, &r);
        plain_change(&to->p, &r);
        break;
    case 6: slice(s, to, bytes[1], 2 * (size_t)bytes[2]); break;
    default:
        check(atr_i64_vec_count(atr_i64_f64_omap_values(s, to->reals)) == to->p.count);
        to->texts = atr_str_oset_from(s, atr_str_oset_keys(s, to->texts));
    }
}

/* The entries from one key to another, upwards and downwards. */
static void range_check(atr_scope *s, const slot *which, size_t from, size_t to)
{
    atr_i64_f64_omap_each up = atr_i64_f64_omap_range(which->reals, ATR_BOUND_INCLUSIVE, real(from),
                                                      ATR_BOUND_EXCLUSIVE, real(to));
    atr_str_oset_each down = atr_str_oset_range(which->texts, ATR_BOUND_INCLUSIVE, text(s, from),
                                                ATR_BOUND_EXCLUSIVE, text(s, to));
    for (size_t key = from; key < to; key++) {
        if (which->p.values[key] != 0) {
            check(atr_i64_f64_omap_next(&up, which->reals) && up.value == which->p.values[key]);
        }
    }
    for (size_t key = to; key-- > from;) {
        if (which->p.values[key] != 0) {
            check(atr_str_oset_prev(&down, which->texts) && atr_str_equal(down.key, text(s, key)));
        }
    }
    check(!atr_i64_f64_omap_next(&up, which->reals) && !atr_str_oset_prev(&down, which->texts));
}

static void slot_check(atr_scope *s, const slot *which)
{
    slot same = {NULL, NULL, {{0}, 0}};
    size_t place = 0;
    for (size_t key = 0; key < KEYS; key++) {
        atr_i64_f64_omap_entry entry = {0, 0};
        check(atr_i64_f64_omap_get(which->reals, real(key)) == which->p.values[key]);
        check(atr_str_oset_has(which->texts, text(s, key)) == (which->p.values[key] != 0));
        check(atr_i64_f64_omap_rank(which->reals, real(key)) == place);
        check(atr_str_oset_rank(which->texts, text(s, key)) == place);
        if (which->p.values[key] != 0) {
            change(s, &same, key, which->p.values[key]);
            check(atr_i64_f64_omap_select(which->reals, place++, &entry));
            check(entry.value == which->p.values[key]);
        }
    }
    check(place == which->p.count && atr_i64_f64_omap_count(which->reals) == place);
    check(atr_equal(which->reals, same.reals) && atr_equal(same.texts, which->texts));
    check(atr_hash(which->reals) == atr_hash(same.reals));
    check(atr_hash(which->texts) == atr_hash(same.texts));
    range_check(s, which, 0, KEYS - 1);
    range_check(s, which, 33, 400);
}

static void slot_release(slot *which)
{
    atr_value_release(which->reals);
    atr_value_release(which->texts);
}

/* One bit says which slot is read, one which is written, two whether a builder does it, two whether it is done
 * to the whole map, one whether it is removed; another is the ninth of the key. */
static void step(const uint8_t *bytes)
{
    atr_scope *s = atr_scope_open(NULL);
    slot next = slots[bytes[0] & 1], *to = &slots[bytes[0] >> 1 & 1];
    size_t key = (size_t)bytes[1] | (size_t)(bytes[0] & 4) << 6;
    if ((bytes[0] & 0x60) == 0x60) {
        whole(s, &next, &slots[bytes[0] >> 2 & 1], bytes);
    } else if ((bytes[0] & 0x18) == 0x18) {
        build(s, &next, key, bytes[2]);
    } else {
        change(s, &next, key, bytes[0] & 0x80 ? 0 : bytes[2]);
    }
    check(atr_scope_error(s) == NULL);
    atr_value_hold(next.reals);
    atr_value_hold(next.texts);
    slot_release(to);
    *to = next;
    atr_scope_close(s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    memset(slots, 0, sizeof slots);
    for (size_t i = 0; i + 3 <= size && i < 3 * (size_t)STEPS_MAX; i += 3) {
        step(data + i);
    }
    for (size_t i = 0; i < SLOTS; i++) {
        ATR_SCOPE(s, NULL) {
            slot_check(s, &slots[i]);
        }
        slot_release(&slots[i]);
    }
    check(atr_memory_now().values == 0);
    return 0;
}
