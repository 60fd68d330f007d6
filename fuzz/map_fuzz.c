/* Bytes are updates of maps and sets; each is done on a plain array too, and the two must agree. */
#include "fuzz.h"

#include <stdlib.h>

#include <atrium/map.h>

enum { KEYS = 256, SLOTS = 4, STEPS_MAX = 4096 };

/* Some keys lie close together, some far apart; a few have hashes that begin alike. */
static int64_t number(size_t i)
{
    const uint64_t inverse = 0xf1de83e19937733du; /* of the multiplier of the hash */
    static const unsigned shifts[] = {0, 10, 20, 32};
    return (i & 3) == 3 ? (int64_t)(((uint64_t)(i >> 2) + 1) * inverse)
                        : (int64_t)((uint64_t)i << shifts[i & 3]);
}

/* Texts of few hashes: the hash that a text carries is chosen here. */
static const atr_str *text(atr_scope *s, size_t i)
{
    atr_str *made = (atr_str *)(uintptr_t)atr_str_format(s, "key %zu", i);
    made->hash = (uint32_t)(i < 128 ? 1 + i % 7 : i << 24 | (i % 3 + 1));
    return made;
}

static size_t text_place(const atr_str *key)
{
    return strtoul(key->bytes + 4, NULL, 10);
}

#define MAP(name) atr_i64_map##name
#define SET(name) atr_str_set##name
#define COMBINE (const void *)atr_map_combine
typedef int64_t map_key;
#include "plain.h"

/* Few steps and many, with removals from the first, a late or no step on, read now and then or never. */
static void build(atr_scope *s, slot *to, unsigned key, unsigned seed)
{
    static const unsigned removes_from[] = {0, 20, 150, 1000};
    builders b = builders_new(s, to);
    unsigned steps = (seed & 4) != 0 ? 200 : (seed & 3) != 0 ? 40 : 3;
    for (unsigned i = 0; i < steps; i++) {
        size_t k = (key + i * (seed | 1)) % KEYS;
        bool removes = i >= removes_from[seed >> 3 & 3] && i % 3 == seed % 3;
        builders_change(s, &b, to, k, removes ? 0 : (uint8_t)(1 + i % 255));
        if (seed >> 5 != 7 && seed >> 5 == i % 8) {
            builders_read(s, &b, to, (k + i * 7) % KEYS);
        }
    }
    builders_seal(&b, to);
}

static void whole(atr_scope *s, slot *to, const slot *other, unsigned how, uint8_t turn)
{
    switch (how % 8) {
    case 0:
    case 1:
    case 2:
    case 3: combine(s, to, other, (atr_combine)(how % 4)); break;
    case 4: filter(s, to, turn); break;
    case 5: transform(s, to, turn); break;
    case 6: merge(s, to, other); break;
    default: remake(s, to);
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
    for (size_t key = 0; key < KEYS; key++) {
        check(atr_i64_map_get(which->numbers, number(key)) == which->p.values[key]);
        find_check(which, key);
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
    disjoint_check(which, &slots[SLOTS - 1]);
}

static slot *slot_from(uint8_t byte)
{
    return &slots[byte & 3];
}

static slot *slot_to(uint8_t byte)
{
    return &slots[byte >> 2 & 3];
}

static void slot_change(atr_scope *s, const uint8_t *bytes, slot *next)
{
    if ((bytes[0] >> 4 & 7) == 6) {
        whole(s, next, &slots[bytes[1] >> 6], bytes[1], bytes[2]);
    } else if ((bytes[0] >> 4 & 7) == 7) {
        build(s, next, bytes[1], bytes[2]);
    } else {
        change(s, next, bytes[1], bytes[0] & 0x80 ? 0 : bytes[2]);
    }
}
