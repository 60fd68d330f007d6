/* Hashing. Text and bytes: SipHash-1-3 with one seed per process, so that nobody who chooses keys can
 * make them collide. Values: their scalars and parts mixed in a fixed order of walking, which begins with the
 * seed. That is drawn at the first hash and stays. Source of SipHash: Aumasson and Bernstein, "SipHash: a fast
 * short-input PRF", 2012; 1 and 3 rounds. */
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <atrium/memory.h>
#include <atrium/model.h>

#include "heap.h"
#include "walk.h"

/* So many values are walked for one hash: those met several times count each time. */
enum { HASH_VALUES_MAX = 1 << 20 };

enum { SEED_NONE, SEED_MAKING, SEED_READY };
static atomic_int seed_state;
static uint64_t seed[2];

static uint64_t mix(uint64_t word)
{
    word ^= word >> 30;
    word *= 0xbf58476d1ce4e5b9u;
    word ^= word >> 27;
    word *= 0x94d049bb133111ebu;
    return word ^ (word >> 31);
}

static void seed_draw(void)
{
    FILE *random = fopen("/dev/urandom", "rb");
    size_t got = random != NULL ? fread(seed, sizeof seed, 1, random) : 0;
    if (random != NULL) {
        fclose(random);
    }
    if (got != 1) {
        struct timespec now;
        timespec_get(&now, TIME_UTC);
        seed[0] = mix((uint64_t)now.tv_nsec ^ ((uint64_t)now.tv_sec << 20));
        seed[1] = mix((uint64_t)(uintptr_t)&now);
    }
}

static void seed_ready(void)
{
    int none = SEED_NONE;
    if (atomic_load_explicit(&seed_state, memory_order_acquire) == SEED_READY) {
        return;
    }
    if (atomic_compare_exchange_strong(&seed_state, &none, SEED_MAKING)) {
        seed_draw();
        atomic_store_explicit(&seed_state, SEED_READY, memory_order_release);
        return;
    }
    while (atomic_load_explicit(&seed_state, memory_order_acquire) != SEED_READY) {
    }
}

int atr_memory_fix_seed(uint64_t fixed)
{
    int none = SEED_NONE;
    if (atomic_compare_exchange_strong(&seed_state, &none, SEED_MAKING)) {
        seed[0] = fixed;
        seed[1] = ~fixed;
        atomic_store_explicit(&seed_state, SEED_READY, memory_order_release);
        return ATR_OK;
    }
    seed_ready();
    return seed[0] == fixed && seed[1] == ~fixed ? ATR_OK : ATR_E_PHASE;
}

uint32_t atr_hash_number(uint64_t number)
{
    uint64_t hash;
    seed_ready();
    hash = number ^ seed[0];
    hash = (hash ^ hash >> 32) * 0xd6e8feb86659fd93u;
    hash = (hash ^ hash >> 32) * 0xd6e8feb86659fd93u;
    return (uint32_t)(hash >> 32);
}

static uint64_t rotate(uint64_t word, int bits)
{
    return (word << bits) | (word >> (64 - bits));
}

typedef struct sip {
    uint64_t v0, v1, v2, v3;
} sip;

/* By value: the four words stay in registers. */
static inline sip sip_round(sip s)
{
    s.v0 += s.v1;
    s.v2 += s.v3;
    s.v1 = rotate(s.v1, 13) ^ s.v0;
    s.v3 = rotate(s.v3, 16) ^ s.v2;
    s.v0 = rotate(s.v0, 32);
    s.v2 += s.v1;
    s.v0 += s.v3;
    s.v1 = rotate(s.v1, 17) ^ s.v2;
    s.v3 = rotate(s.v3, 21) ^ s.v0;
    s.v2 = rotate(s.v2, 32);
    return s;
}

static inline sip sip_word(sip s, uint64_t word)
{
    s.v3 ^= word;
    s = sip_round(s);
    s.v0 ^= word;
    return s;
}

/* Little-endian, whatever the machine; compilers make one load of each. */
static inline uint64_t load_2(const unsigned char *at)
{
    return (uint64_t)at[0] | (uint64_t)at[1] << 8;
}

static inline uint64_t load_4(const unsigned char *at)
{
    return load_2(at) | (uint64_t)at[2] << 16 | (uint64_t)at[3] << 24;
}

static inline uint64_t load_8(const unsigned char *at)
{
    return load_4(at) | (uint64_t)at[4] << 32 | (uint64_t)at[5] << 40 | (uint64_t)at[6] << 48 |
           (uint64_t)at[7] << 56;
}

/* The last bytes, seven at most. */
static inline uint64_t load_tail(const unsigned char *at, size_t count)
{
    uint64_t word = 0;
    int shift = 0;
    if ((count & 4) != 0) {
        word = load_4(at);
        at += 4;
        shift = 32;
    }
    if ((count & 2) != 0) {
        word |= load_2(at) << shift;
        at += 2;
        shift += 16;
    }
    if ((count & 1) != 0) {
        word |= (uint64_t)at[0] << shift;
    }
    return word;
}

uint64_t atr_siphash(const uint64_t key[2], const void *bytes, size_t size)
{
    const unsigned char *at = bytes, *end = at + (size & ~(size_t)7);
    sip s = {key[0] ^ 0x736f6d6570736575u, key[1] ^ 0x646f72616e646f6du,
             key[0] ^ 0x6c7967656e657261u, key[1] ^ 0x7465646279746573u};
    for (; at != end; at += 8) {
        s = sip_word(s, load_8(at));
    }
    s = sip_word(s, (uint64_t)size << 56 | load_tail(at, size & 7));
    s.v2 ^= 0xff;
    s = sip_round(sip_round(sip_round(s)));
    return s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
}

uint64_t atr_hash_bytes(const void *bytes, size_t size)
{
    seed_ready();
    return atr_siphash(seed, bytes, size);
}

/* ---- any value ---- */

void atr_hash_word(atr_hasher *hasher, uint64_t word)
{
    hasher->state = mix(hasher->state ^ word) + 0x9e3779b97f4a7c15u;
}

void atr_hash_f64(atr_hasher *hasher, double value)
{
    uint64_t word = 0x7ff8000000000000u;
    if (value == 0) {
        value = 0; /* no negative zero */
    }
    if (value == value) {
        memcpy(&word, &value, sizeof word);
    }
    atr_hash_word(hasher, word);
}

static bool hasher_grow(atr_hasher *hasher)
{
    size_t capacity = hasher->capacity * 2;
    const void **items = atr_memory_take(capacity * sizeof *items);
    if (items == NULL) {
        return false;
    }
    memcpy(items, hasher->items, hasher->count * sizeof *items);
    if (hasher->items != hasher->small) {
        atr_memory_give(hasher->items, hasher->capacity * sizeof *items);
    }
    hasher->items = items;
    hasher->capacity = capacity;
    return true;
}

/* When memory is out the rest is left out of the hash, which must not fail. Equal values walk alike, but
 * one may have met the full memory and the other not: then they hash differently, and nothing in the
 * library relies on atr_hash for more than a guess. */
void atr_hash_ref(atr_hasher *hasher, const void *value)
{
    const atr_head *head = value;
    bool nothing = atr_is_nothing(value);
    atr_hash_word(hasher, !nothing);
    if (nothing || (hasher->count == hasher->capacity && !hasher_grow(hasher))) {
        return;
    }
    hasher->items[hasher->count++] = head;
}

static uint64_t hash_name(const char *name)
{
    uint64_t word = 0xcbf29ce484222325u;
    for (; *name != '\0'; name++) {
        word = (word ^ (unsigned char)*name) * 0x100000001b3u;
    }
    return word;
}

uint64_t atr_hash(const void *value)
{
    atr_hasher hasher; /* its inline items stay unwritten */
    size_t left = HASH_VALUES_MAX;
    seed_ready();
    hasher.state = seed[0];
    hasher.items = hasher.small;
    hasher.count = 0;
    hasher.capacity = ATR_WALK_INLINE;
    atr_hash_ref(&hasher, value);
    while (hasher.count > 0 && left-- > 0) {
        const atr_head *head = hasher.items[--hasher.count];
        if (head->model->structure != ATR_STRUCTURE_NODE) {
            atr_hash_word(&hasher, hash_name(head->model->name));
        }
        head->model->hash(head, &hasher);
    }
    if (hasher.items != hasher.small) {
        atr_memory_give(hasher.items, hasher.capacity * sizeof *hasher.items);
    }
    return mix(hasher.state);
}
