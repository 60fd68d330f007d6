/* Runs of pointers in nodes of collections: held, released and copied in the tightest loops there are, as
 * that is most of what an update costs. */
#ifndef ATR_STATE_REFS_H
#define ATR_STATE_REFS_H

#include <string.h>

#include <atrium/vector.h>

#include "bits.h"
#include "heap.h"
#include "loan.h"

enum { ATR_PAIR = 2 * sizeof(atr_word) };

static inline void atr_ref_hold(atr_word word)
{
    atr_head *head = (atr_head *)(uintptr_t)word.ref;
    int32_t held = head->count;
    if (held > 0) {
        head->count = held + 1;
    }
}

static inline void atr_ref_release(atr_word word, atr_dead *dead)
{
    atr_head *head = (atr_head *)(uintptr_t)word.ref;
    int32_t held = head->count;
    if (held > 1) {
        head->count = held - 1;
    } else if (held == 1) {
        head->count = 0;
        atr_dead_put(dead, head);
    }
}

/* Nodes are never immortal, and end their loans at once. */
static inline void atr_node_hold(atr_word word)
{
    ((atr_head *)(uintptr_t)word.ref)->count++;
}

static inline void atr_node_release(atr_word word, atr_dead *dead)
{
    atr_head *head = (atr_head *)(uintptr_t)word.ref;
    if (--head->count == 0) {
        if (atr_loan_free(head)) {
            atr_dead_put(dead, head);
        } else {
            atr_loan_end(head, dead);
        }
    }
}

/* The same of a pointer in a handle, which may be NULL. */
static inline void atr_root_release(const void *node, atr_dead *dead)
{
    if (node != NULL) {
        atr_node_release((atr_word){.ref = node}, dead);
    }
}

/* Every step-th word from at on is a pointer to a value, never NULL. */
static inline void atr_refs_hold(const atr_word *at, size_t count, size_t step)
{
    for (; count >= 2; count -= 2, at += 2 * step) {
        atr_ref_hold(at[0]);
        atr_ref_hold(at[step]);
    }
    if (count > 0) {
        atr_ref_hold(at[0]);
    }
}

static inline void atr_refs_release(const atr_word *at, size_t count, size_t step, atr_dead *dead)
{
    for (; count >= 2; count -= 2, at += 2 * step) {
        atr_ref_release(at[0], dead);
        atr_ref_release(at[step], dead);
    }
    if (count > 0) {
        atr_ref_release(at[0], dead);
    }
}

static inline void atr_nodes_hold(const atr_word *at, size_t count)
{
    for (; count >= 4; count -= 4, at += 4) {
        atr_node_hold(at[0]);
        atr_node_hold(at[1]);
        atr_node_hold(at[2]);
        atr_node_hold(at[3]);
    }
    for (; count > 0; count--, at++) {
        atr_node_hold(at[0]);
    }
}

static inline void atr_nodes_release(const atr_word *at, size_t count, atr_dead *dead)
{
    for (; count >= 4; count -= 4, at += 4) {
        atr_node_release(at[0], dead);
        atr_node_release(at[1], dead);
        atr_node_release(at[2], dead);
        atr_node_release(at[3], dead);
    }
    for (; count > 0; count--, at++) {
        atr_node_release(at[0], dead);
    }
}

static inline void atr_words_copy_4(atr_word *to, const atr_word *from)
{
    memcpy(to, from, 2 * sizeof *to);
    memcpy(to + 2, from + 2, 2 * sizeof *to);
}

static inline void atr_words_copy_8(atr_word *to, const atr_word *from)
{
    atr_words_copy_4(to, from);
    atr_words_copy_4(to + 4, from + 4);
}

/* In words, not by memcpy, whose call costs as much as the few words to copy. The last step overlaps the one
 * before it, so that there is no loop for what is left. */
static inline atr_word *atr_words_copy(atr_word *to, const atr_word *from, size_t count)
{
    atr_word *end = to + count;
    if (count >= 8) {
        for (size_t i = 0, last = count - 8; i < last; i += 8) {
            atr_words_copy_8(to + i, from + i);
        }
        atr_words_copy_8(end - 8, from + count - 8);
    } else if (count >= 4) {
        atr_words_copy_4(to, from);
        atr_words_copy_4(end - 4, from + count - 4);
    } else if (count >= 2) {
        memcpy(to, from, 2 * sizeof *to);
        memcpy(end - 2, from + count - 2, 2 * sizeof *to);
    } else if (count > 0) {
        *to = *from;
    }
    return end;
}

/* fast: in functions that are compiled with ATR_WITH_BITS. */
ATR_ALWAYS_INLINE void atr_words_copy_16(atr_word *to, const atr_word *from, bool fast)
{
    if (fast) {
        atr_four *t = (atr_four *)(void *)to;
        const atr_four *f = (const atr_four *)(const void *)from;
        t[0] = f[0];
        t[1] = f[1];
        t[2] = f[2];
        t[3] = f[3];
    } else {
        atr_words_copy_8(to, from);
        atr_words_copy_8(to + 8, from + 8);
    }
}

/* What lies behind the head of a node of `pairs` pairs of words, two or more. The last step overlaps the one before
 * it, and steps are large, so that nodes of different sizes mostly take as many. */
ATR_ALWAYS_INLINE void atr_node_copy(void *to, const void *from, size_t pairs, bool fast)
{
    atr_word *t = to;
    const atr_word *f = from;
    size_t i = 2, end = 2 * pairs;
    if (pairs > 8) {
        for (; i < end - 16; i += 16) {
            atr_words_copy_16(t + i, f + i, fast);
        }
        atr_words_copy_16(t + end - 16, f + end - 16, fast);
    } else if (pairs > 4) {
        atr_words_copy_8(t + 2, f + 2);
        atr_words_copy_8(t + end - 8, f + end - 8);
    } else if (pairs > 2) {
        atr_words_copy_4(t + 2, f + 2);
        atr_words_copy_4(t + end - 4, f + end - 4);
    } else {
        memcpy(t + 2, f + 2, 2 * sizeof *t);
    }
}

/* Copied and held in one go; returns the word behind the last one written. */
static inline atr_word *atr_refs_copy(atr_word *to, const atr_word *from, size_t count)
{
    for (; count >= 2; count -= 2, from += 2, to += 2) {
        atr_word a = from[0], b = from[1];
        to[0] = a;
        to[1] = b;
        atr_ref_hold(a);
        atr_ref_hold(b);
    }
    if (count > 0) {
        atr_ref_hold(*from);
        *to++ = *from;
    }
    return to;
}

#endif
