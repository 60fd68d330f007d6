/* SipHash-2-4 with 128 bits. Source: Aumasson and Bernstein, "SipHash: a fast short-input PRF", 2012, with the
 * 128-bit variant of their reference implementation. */
#include <string.h>

#include "json_siphash.h"

static uint64_t rotate(uint64_t word, int bits)
{
    return (word << bits) | (word >> (64 - bits));
}

static void sip_rounds(uint64_t v[4], int rounds)
{
    for (int i = 0; i < rounds; i++) {
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
}

/* Little-endian, whatever the machine. */
static uint64_t load(const unsigned char *bytes)
{
    uint64_t word = 0;
    for (int i = 7; i >= 0; i--) {
        word = word << 8 | bytes[i];
    }
    return word;
}

static void sip_word(uint64_t v[4], uint64_t word)
{
    v[3] ^= word;
    sip_rounds(v, 2);
    v[0] ^= word;
}

void atr_siphash128_begin(atr_siphash128 *h, const unsigned char key[16])
{
    uint64_t first = load(key), second = load(key + 8);
    *h = (atr_siphash128){.size = 0};
    h->v[0] = first ^ 0x736f6d6570736575u;
    h->v[1] = second ^ 0x646f72616e646f6du ^ 0xee;
    h->v[2] = first ^ 0x6c7967656e657261u;
    h->v[3] = second ^ 0x7465646279746573u;
}

void atr_siphash128_add(atr_siphash128 *h, const void *bytes, size_t size)
{
    const unsigned char *at = bytes;
    size_t begun = h->size % 8;
    h->size += size;
    if (begun > 0) {
        size_t more = size < 8 - begun ? size : 8 - begun;
        memcpy(h->last + begun, at, more);
        at += more;
        size -= more;
        if (begun + more < 8) {
            return;
        }
        sip_word(h->v, load(h->last));
    }
    for (; size >= 8; size -= 8, at += 8) {
        sip_word(h->v, load(at));
    }
    if (size > 0) {
        memcpy(h->last, at, size);
    }
}

atr_content atr_siphash128_end(atr_siphash128 *h)
{
    atr_content content;
    memset(h->last + h->size % 8, 0, 8 - h->size % 8);
    sip_word(h->v, h->size << 56 | load(h->last));
    h->v[2] ^= 0xee;
    sip_rounds(h->v, 4);
    content.low = h->v[0] ^ h->v[1] ^ h->v[2] ^ h->v[3];
    h->v[1] ^= 0xdd;
    sip_rounds(h->v, 4);
    content.high = h->v[0] ^ h->v[1] ^ h->v[2] ^ h->v[3];
    return content;
}
