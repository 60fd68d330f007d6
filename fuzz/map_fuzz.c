/* Bytes are updates of maps and sets; each is done on a plain array too, and the two must agree. */
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

#include <atrium/map.h>
#include <atrium/memory.h>
#include <atrium/pool.h>

enum { KEYS = 256, SLOTS = 4 };

#include "plain.h"

typedef struct slot {
    const atr_i64_map *numbers;
    const atr_str_set *texts;
    plain p;
} slot;

static slot slots[SLOTS];

/* Some keys lie close together, some far apart; a few have hashes that begin alike. */
static int64_t number(unsigned i)
{
    const uint64_t inverse = 0xf1de83e19937733du; /* of the multiplier of the hash */
    static const unsigned shifts[] = {0, 10, 20, 32};
    return (i & 3) == 3 ? (int64_t)(((uint64_t)(i >> 2) + 1) * inverse)
                        : (int64_t)((uint64_t)i << shifts[i & 3]);
}

/* Texts of few hashes: the hash that a text carries is chosen here. */
static const atr_str *text(atr_scope *s, unsigned i)
{
    atr_str *made = (atr_str *)(uintptr_t)atr_str_format(s, "key %u", i);
    made->hash = i < 128 ? 1 + i % 7 : i << 24 | (i % 3 + 1);
    return made;
}

static void change(atr_scope *s, slot *to, unsigned key, uint8_t value)
{
    if (value != 0) {
        to->numbers = atr_i64_map_set(s, to->numbers, number(key), value);
        to->texts = atr_str_set_add(s, to->texts, text(s, key));
    } else {
        to->numbers = atr_i64_map_remove(s, to->numbers, number(key));
        to->texts = atr_str_set_remove(s, to->texts, text(s, key));
    }
    plain_put(&to->p, key, value);
}

static void build(atr_scope *s, slot *to, unsigned key, unsigned seed)
{
    atr_i64_map_builder *numbers = atr_i64_map_builder_new(s, to->numbers);
    atr_str_set_builder *texts = atr_str_set_builder_new(s, to->texts);
    for (unsigned i = 0; i < 40; i++) {
        unsigned k = (key + i * (seed | 1)) % KEYS;
        uint8_t value = i % 3 == seed % 3 ? 0 : (uint8_t)(1 + i);
        if (value != 0) {
            check(atr_i64_map_builder_set(numbers, number(k), value) == 0);
            check(atr_str_set_builder_add(texts, text(s, k)) == 0);
        } else {
            check(atr_i64_map_builder_remove(numbers, number(k)) == 0);
            check(atr_str_set_builder_remove(texts, text(s, k)) == 0);
        }
        plain_put(&to->p, k, value);
    }
    to->numbers = atr_i64_map_builder_seal(numbers);
    to->texts = atr_str_set_builder_seal(texts);
}

/* ---- whole maps ---- */

static bool number_stays(int64_t key, int64_t value, void *user)
{
    return plain_stays(user, (uint8_t)value);
}

static bool text_stays(const atr_str *key, void *user)
{
    const plain_rule *r = user;
    return plain_stays(r, r->p->values[strtoul(key->bytes + 4, NULL, 10)]);
}

static int64_t number_changed(atr_scope *s, int64_t key, int64_t value, void *user)
{
    return plain_changed(user, (uint8_t)value);
}

static void combine(atr_scope *s, slot *to, const slot *other, atr_combine how)
{
    const void *numbers = to->numbers, *texts = to->texts;
    to->numbers = (const atr_i64_map *)atr_map_combine(
        s, &atr_i64_map_model, numbers, (const atr_map *)other->numbers, how, NULL, NULL);
    to->texts = (const atr_str_set *)atr_map_combine(
        s, &atr_str_set_model, texts, (const atr_map *)other->texts, how, NULL, NULL);
    plain_combine(&to->p, &other->p, how);
    if (how == ATR_COMBINE_INTERSECTION) {
        check(atr_str_set_is_subset(to->texts, texts));
        check(atr_str_set_is_subset(to->texts, other->texts));
    }
}

static void whole(atr_scope *s, slot *to, const slot *other, unsigned how, uint8_t turn)
{
    plain was = to->p;
    plain_rule r = {&was, turn};
    switch (how % 8) {
    case 0:
    case 1:
    case 2:
    case 3: combine(s, to, other, (atr_combine)(how % 4)); break;
    case 4:
        to->numbers = atr_i64_map_filter(s, to->numbers, number_stays, &r);
        to->texts = atr_str_set_filter(s, to->texts, text_stays, &r);
        plain_filter(&to->p, &r);
        break;
    case 5:
        to->numbers = atr_i64_map_transform(s, to->numbers, number_changed, &r);
        plain_change(&to->p, &r);
        break;
    default:
        check(atr_i64_vec_count(atr_i64_map_values(s, to->numbers)) == to->p.count);
        to->texts = atr_str_set_from(s, atr_str_set_keys(s, to->texts));
    }
}

static void each_check(const slot *which)
{
    atr_i64_map_each numbers = {0};
    atr_str_set_each texts = {0};
    size_t count = 0;
    while (atr_i64_map_next(&numbers, which->numbers)) {
        count++;
    }
    while (atr_str_set_next(&texts, which->texts)) {
        count++;
    }
    check(count == 2 * which->p.count);
}

static void slot_check(atr_scope *s, const slot *which)
{
    slot same = {NULL, NULL, {{0}, 0}};
    for (unsigned key = 0; key < KEYS; key++) {
        check(atr_i64_map_get(which->numbers, number(key)) == which->p.values[key]);
        check(atr_str_set_has(which->texts, text(s, key)) == (which->p.values[key] != 0));
        if (which->p.values[key] != 0) {
            change(s, &same, key, which->p.values[key]);
        }
    }
    check(atr_i64_map_count(which->numbers) == which->p.count);
    check(atr_str_set_count(which->texts) == which->p.count);
    check(atr_equal(which->numbers, same.numbers) && atr_equal(same.texts, which->texts));
    check(atr_hash(which->numbers) == atr_hash(same.numbers));
    check(atr_hash(which->texts) == atr_hash(same.texts));
    each_check(which);
}

static void slot_release(slot *which)
{
    atr_value_release(which->numbers);
    atr_value_release(which->texts);
}

static void step(const uint8_t *bytes)
{
    atr_scope *s = atr_scope_open(NULL);
    slot next = slots[bytes[0] & 3], *to = &slots[bytes[0] >> 2 & 3];
    if ((bytes[0] >> 4 & 7) == 6) {
        whole(s, &next, &slots[bytes[1] >> 6], bytes[1], bytes[2]);
    } else if ((bytes[0] >> 4 & 7) == 7) {
        build(s, &next, bytes[1], bytes[2]);
    } else {
        change(s, &next, bytes[1], bytes[0] & 0x80 ? 0 : bytes[2]);
    }
    check(atr_scope_error(s) == NULL);
    atr_value_hold(next.numbers);
    atr_value_hold(next.texts);
    slot_release(to);
    *to = next;
    atr_scope_close(s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    memset(slots, 0, sizeof slots);
    for (size_t i = 0; i + 3 <= size && i < 3 * 4096; i += 3) {
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
