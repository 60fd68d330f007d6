/* Hashing of text, bytes and numbers: with one seed per process, so that nobody who chooses keys can make them
 * collide. It is drawn at the first hash and stays. Text and bytes: SipHash-1-3. Source: Aumasson and Bernstein,
 * "SipHash: a fast short-input PRF", 2012; 1 and 3 rounds. Values of models: hash_value.c. */
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <atrium/memory.h>
#include <atrium/model.h>

#include "walk.h"

enum { SEED_NONE, SEED_MAKING, SEED_READY };
static atomic_int seed_state;
static uint64_t seed[2];

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
        seed[0] = atr_hash_mix((uint64_t)now.tv_nsec ^ ((uint64_t)now.tv_sec << 20));
        seed[1] = atr_hash_mix((uint64_t)(uintptr_t)&now);
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

uint64_t atr_hash_seed(void)
{
    seed_ready();
    return seed[0];
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
