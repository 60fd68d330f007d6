/* Runs of pointers in nodes of collections: held, released and copied in the tightest loops there are, as
 * that is most of what an update costs. */
#ifndef ATR_STATE_REFS_H
#define ATR_STATE_REFS_H

#include <string.h>

#include <atrium/vector.h>

#include "heap.h"

/* Every step-th word from at on is a pointer to a value, never NULL. */
static inline void atr_refs_hold(const atr_word *at, size_t count, size_t step)
{
    for (const atr_word *end = at + count * step; at != end; at += step) {
        atr_head *head = (atr_head *)(uintptr_t)at->ref;
        int32_t held = head->count;
        if (held > 0) {
            head->count = held + 1;
        }
    }
}

static inline void atr_refs_release(const atr_word *at, size_t count, size_t step, atr_dead *dead)
{
    for (const atr_word *end = at + count * step; at != end; at += step) {
        atr_head *head = (atr_head *)(uintptr_t)at->ref;
        int32_t held = head->count;
        if (held > 0) {
            head->count = held - 1;
            if (held == 1) {
                atr_dead_push(dead, head);
            }
        }
    }
}

/* The same for nodes, which are never immortal. */
static inline void atr_nodes_hold(const atr_word *at, size_t count)
{
    for (const atr_word *end = at + count; at != end; at++) {
        ((atr_head *)(uintptr_t)at->ref)->count++;
    }
}

static inline void atr_nodes_release(const atr_word *at, size_t count, atr_dead *dead)
{
    for (const atr_word *end = at + count; at != end; at++) {
        atr_head *head = (atr_head *)(uintptr_t)at->ref;
        if (--head->count == 0) {
            atr_dead_push(dead, head);
        }
    }
}

/* Word by word, not by memcpy, whose call costs as much as the few words to copy. */
static inline atr_word *atr_words_copy(atr_word *to, const atr_word *from, size_t count)
{
    size_t pairs = count / 2;
    for (size_t i = 0; i < pairs; i++) {
        memcpy(to + 2 * i, from + 2 * i, 2 * sizeof *to);
    }
    if (count % 2 != 0) {
        to[count - 1] = from[count - 1];
    }
    return to + count;
}

#endif
