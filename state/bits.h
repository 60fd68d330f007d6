/* Counting bits, which tries do on every level. x86-64 has instructions for it on nearly every processor,
 * but not on all, so the compiler does not use them by itself. Hot functions are compiled twice, and asked
 * for at run time; elsewhere atr_bits asks by itself. Without them the same is counted by steps of plain C,
 * as everywhere when ATR_PORTABLE is defined: so that what other compilers get is tested here. */
#ifndef ATR_STATE_BITS_H
#define ATR_STATE_BITS_H

#include <stdint.h>

#include <atrium/export.h>

#if defined(__GNUC__) && defined(__x86_64__) && !defined(ATR_PORTABLE)
#define ATR_WITH_BITS __attribute__((target("popcnt,bmi,bmi2")))
#define ATR_HAS_BITS __builtin_cpu_supports("bmi2") /* every processor with it has popcnt */
/* In a function compiled twice, once with `fast` true and ATR_WITH_BITS. */
#define ATR_BITS(fast, word) ((fast) ? (uint32_t)__builtin_popcount(word) : atr_bits(word))
#else
#define ATR_WITH_BITS
#define ATR_HAS_BITS false
#define ATR_BITS(fast, word) atr_bits(word)
#endif

static inline uint32_t atr_bits(uint32_t word)
{
#if defined(__GNUC__) && defined(__x86_64__) && !defined(ATR_PORTABLE)
    if (__builtin_cpu_supports("popcnt")) {
        uint32_t bits;
        __asm__("popcntl %1, %0" : "=r"(bits) : "rm"(word) : "cc");
        return bits;
    }
#endif
    word -= (word >> 1) & 0x55555555u;
    word = (word & 0x33333333u) + ((word >> 2) & 0x33333333u);
    word = (word + (word >> 4)) & 0x0f0f0f0fu;
    return (word * 0x01010101u) >> 24;
}

/* Of the lowest bit that is set; the word is not 0. */
static inline uint32_t atr_lowest_bit(uint32_t word)
{
#if defined(__GNUC__) && !defined(ATR_PORTABLE)
    return (uint32_t)__builtin_ctz(word);
#else
    return atr_bits((word & (0u - word)) - 1);
#endif
}

#endif
