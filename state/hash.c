/* Hashing. Text and bytes: SipHash-1-3 with one seed per process, so that nobody who chooses keys can
 * make them collide. Values: their scalars and parts mixed in a fixed order of walking. The seed is
 * drawn at the first hash and stays. Source of SipHash: Aumasson and Bernstein, "SipHash: a fast
 * short-input PRF", 2012; 1 and 3 rounds. */
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <atrium/memory.h>
#include <atrium/model.h>

#include "heap.h"
#include "walk.h"

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

static uint64_t rotate(uint64_t word, int bits)
{
    return (word << bits) | (word >> (64 - bits));
}

static void sip_round(uint64_t v[4])
{
    v[0] += v[1];
    v[2] += v[3];
    v[1] = rotate(v[1], 13) ^ v[0];
    v[3] = rotate(v[3], 16) ^ v[2];
    v[0] = rotate(v[0], 32);
    v[2] += v[1];
    v[0] += v[3];
    v[1] = rotate(v[1], 17) ^ v[2];
    v[3] = rotate(v[3], 21) ^ v[0];
    v[2] = rotate(v[2], 32);
}

/* Little-endian, whatever the machine. */
static uint64_t load(const unsigned char *bytes, size_t count)
{
    uint64_t word = 0;
    for (size_t i = 0; i < count; i++) {
        word |= (uint64_t)bytes[i] << (8 * i);
    }
    return word;
}

uint64_t atr_siphash(const uint64_t key[2], const void *bytes, size_t size)
{
    const unsigned char *at = bytes;
    size_t left = size;
    uint64_t v[4], word;
    v[0] = key[0] ^ 0x736f6d6570736575u;
    v[1] = key[1] ^ 0x646f72616e646f6du;
    v[2] = key[0] ^ 0x6c7967656e657261u;
    v[3] = key[1] ^ 0x7465646279746573u;
    for (; left >= 8; left -= 8, at += 8) {
        word = load(at, 8);
        v[3] ^= word;
        sip_round(v);
        v[0] ^= word;
    }
    word = ((uint64_t)size << 56) | load(at, left);
    v[3] ^= word;
    sip_round(v);
    v[0] ^= word;
    v[2] ^= 0xff;
    sip_round(v);
    sip_round(v);
    sip_round(v);
    return v[0] ^ v[1] ^ v[2] ^ v[3];
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
    hasher.state = 0;
    hasher.items = hasher.small;
    hasher.count = 0;
    hasher.capacity = ATR_WALK_INLINE;
    atr_hash_ref(&hasher, value);
    while (hasher.count > 0) {
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
