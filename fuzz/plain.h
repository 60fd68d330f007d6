/* The plain model of a map and of a set with the same keys: for every key a small value. Included after KEYS
 * has been defined. */
#ifndef ATRIUM_FUZZ_PLAIN_H
#define ATRIUM_FUZZ_PLAIN_H

#include <stdbool.h>
#include <stdlib.h>

#include <atrium/entries.h>

typedef struct plain {
    uint8_t values[KEYS]; /* 0: not there */
    size_t count;
} plain;

static inline void check(bool right)
{
    if (!right) {
        abort();
    }
}

static inline void plain_put(plain *p, size_t key, uint8_t value)
{
    p->count += (value != 0) - (size_t)(p->values[key] != 0);
    p->values[key] = value;
}

static inline uint8_t plain_combined(atr_combine how, uint8_t a, uint8_t b)
{
    switch (how) {
    case ATR_COMBINE_UNION: return b != 0 ? b : a;
    case ATR_COMBINE_INTERSECTION: return b != 0 ? a : 0;
    case ATR_COMBINE_DIFFERENCE: return b != 0 ? 0 : a;
    default: return a == 0 ? b : b == 0 ? a : 0;
    }
}

static inline void plain_combine(plain *a, const plain *b, atr_combine how)
{
    for (size_t key = 0; key < KEYS; key++) {
        plain_put(a, key, plain_combined(how, a->values[key], b->values[key]));
    }
}

/* A rule of a filter and of a transform. */
typedef struct plain_rule {
    const plain *p;
    uint8_t turn;
} plain_rule;

static inline bool plain_stays(const plain_rule *r, uint8_t value)
{
    return value % 4 != r->turn % 4;
}

static inline uint8_t plain_changed(const plain_rule *r, uint8_t value)
{
    return plain_stays(r, value) ? value : (uint8_t)(value / 2 + 1);
}

static inline void plain_filter(plain *p, const plain_rule *r)
{
    for (size_t key = 0; key < KEYS; key++) {
        if (!plain_stays(r, p->values[key])) {
            plain_put(p, key, 0);
        }
    }
}

static inline void plain_change(plain *p, const plain_rule *r)
{
    for (size_t key = 0; key < KEYS; key++) {
        if (p->values[key] != 0) {
            plain_put(p, key, plain_changed(r, p->values[key]));
        }
    }
}

#endif
