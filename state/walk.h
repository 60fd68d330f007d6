/* Walking two values for equality and one for its hash with an own stack instead of recursion. */
#ifndef ATR_STATE_WALK_H
#define ATR_STATE_WALK_H

#include <atrium/value.h>

enum { ATR_WALK_INLINE = 64 };
/* Comparisons nested where memory is out, each with as many pairs as are inline. */
enum { ATR_WALK_NESTED = 64 };

typedef struct atr_pair {
    const void *a;
    const void *b;
} atr_pair;

/* Pairs still to be compared. Beyond the inline ones they come from the allocator; when memory is out
 * the pair is compared at once, by recursion, and what would need too much of that differs. */
struct atr_pairs {
    atr_pair *items;
    size_t count;
    size_t capacity;
    unsigned nested;
    atr_pair small[ATR_WALK_INLINE];
};

/* A model whose parts are being hashed. */
typedef struct atr_hash_open {
    const void *model;
    uint64_t around; /* the state of the hash that it is a part of */
    size_t items;    /* those below are not its own */
} atr_hash_open;

struct atr_hasher {
    uint64_t state;
    const void **items; /* values still to be hashed */
    size_t count;
    size_t capacity;
    atr_hash_open *open; /* outermost first */
    size_t depth;
    size_t open_capacity;
    const void *small[ATR_WALK_INLINE];
    atr_hash_open small_open[ATR_WALK_INLINE];
};

/* Whether two values of one model are equal. */
bool atr_equal_deep(const void *a, const void *b);

/* Whether a value is NULL or an empty collection, which are equal. */
bool atr_is_nothing(const void *value);

/* Each bit of the result depends on each of the word. */
static inline uint64_t atr_hash_mix(uint64_t word)
{
    word ^= word >> 30;
    word *= 0xbf58476d1ce4e5b9u;
    word ^= word >> 27;
    word *= 0x94d049bb133111ebu;
    return word ^ (word >> 31);
}

/* What hashes of values begin with. */
uint64_t atr_hash_seed(void);
/* SipHash-1-3 of bytes with a key: the function behind all hashes of text. */
uint64_t atr_siphash(const uint64_t key[2], const void *bytes, size_t size);
/* SipHash-1-3 of bytes with the process's seed. */
uint64_t atr_hash_bytes(const void *bytes, size_t size);
/* A number mixed with the process's seed, so that nobody who chooses numbers can make them collide. */
uint32_t atr_hash_number(uint64_t number);

#endif
