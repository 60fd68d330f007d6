/* Runs of pointers in nodes of collections: held, released and copied in the tightest loops there are, as
 * that is most of what an update costs. */
#ifndef ATR_STATE_REFS_H
#define ATR_STATE_REFS_H

#include <string.h>

#include <atrium/vector.h>

#include "heap.h"
#include "loan.h"

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

/* Word by word, not by memcpy, whose call costs as much as the few words to copy. */
static inline atr_word *atr_words_copy(atr_word *to, const atr_word *from, size_t count)
{
    for (; count >= 8; count -= 8, from += 8, to += 8) {
        memcpy(to, from, 2 * sizeof *to);
        memcpy(to + 2, from + 2, 2 * sizeof *to);
        memcpy(to + 4, from + 4, 2 * sizeof *to);
        memcpy(to + 6, from + 6, 2 * sizeof *to);
    }
    for (; count >= 2; count -= 2, from += 2, to += 2) {
        memcpy(to, from, 2 * sizeof *to);
    }
    if (count > 0) {
        *to++ = *from;
    }
    return to;
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
