/* Counting bits, which tries do on every level, and copying four words at a time (refs.h). x86-64 has
 * instructions for it on nearly every processor, but not on all, so the compiler does not use them by itself.
 * Hot functions are compiled twice, and asked for at run time; elsewhere atr_bits asks by itself. Without
 * them the same is counted by steps of plain C, as everywhere when ATR_PORTABLE is defined: so that what
 * other compilers get is tested here. */
#ifndef ATR_STATE_BITS_H
#define ATR_STATE_BITS_H

#include <stdint.h>

#include <atrium/export.h>

#if defined(__GNUC__) && defined(__x86_64__) && !defined(ATR_PORTABLE)
#define ATR_WITH_BITS __attribute__((target("popcnt,bmi,bmi2,avx2")))
#define ATR_HAS_BITS __builtin_cpu_supports("avx2") /* every processor with it has the others */
/* In a function compiled twice, once with `fast` true and ATR_WITH_BITS. */
#define ATR_BITS(fast, word) ((fast) ? (uint32_t)__builtin_popcount(word) : atr_bits(word))
typedef uint64_t atr_four __attribute__((vector_size(32), aligned(8), may_alias));
#else
#define ATR_WITH_BITS
#define ATR_HAS_BITS false
#define ATR_BITS(fast, word) atr_bits(word)
typedef struct atr_four {
    uint64_t word[4];
} atr_four;
#endif

/* What is soon read from memory is asked for, line by line. */
enum { ATR_LINE = 64 };
#if defined(__GNUC__) && !defined(ATR_PORTABLE)
#define ATR_PREFETCH(at) __builtin_prefetch(at)
#else
#define ATR_PREFETCH(at) ((void)(at))
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
