/* The subscriptions that rounds have yet to look at, whichever round it is: an outer one goes on
 * with what a nested one has left. There is room for each of them, so that nothing can fail in a
 * round. A place that is given up stays here until its turn comes; who has taken it then is put
 * where it belongs.
 *
 * Mostly they come in order, and stand in a line: a ring in the second half of the block. One that
 * comes late goes into a heap, the first in order on top, at the begin of the first half; those set
 * aside are at its end. */
#include "store.h"

#include <string.h>

static void sift_up(atr_due *heap, uint32_t at)
{
    atr_due moved = heap[at];
    while (at > 0 && heap[(at - 1) / 2].order > moved.order) {
        heap[at] = heap[(at - 1) / 2];
        at = (at - 1) / 2;
    }
    heap[at] = moved;
}

static void sift_down(atr_due *heap, uint32_t count)
{
    atr_due moved = heap[0];
    uint32_t at = 0, child = 1;
    while (child < count) {
        child += child + 1 < count && heap[child + 1].order < heap[child].order;
        if (heap[child].order >= moved.order) {
            break;
        }
        heap[at] = heap[child];
        at = child;
        child = 2 * at + 1;
    }
    heap[at] = moved;
}

static void heap_add(atr_subs *subs, atr_due due)
{
    subs->due[subs->heap_count] = due;
    sift_up(subs->due, subs->heap_count++);
}

static atr_due heap_take(atr_subs *subs)
{
    atr_due first = subs->due[0];
    if (--subs->heap_count > 0) {
        subs->due[0] = subs->due[subs->heap_count];
        sift_down(subs->due, subs->heap_count);
    }
    return first;
}

/* ---- the line ---- */

static atr_due *line_at(const atr_subs *subs, uint32_t i)
{
    return &subs->due[subs->capacity + ((subs->line_first + i) & (subs->capacity - 1))];
}

static void due_put(atr_subs *subs, atr_due due)
{
    if (subs->line_count == 0 || line_at(subs, subs->line_count - 1)->order < due.order) {
        *line_at(subs, subs->line_count++) = due;
    } else {
        heap_add(subs, due);
    }
}

static atr_due due_take(atr_subs *subs)
{
    atr_due first;
    if (subs->line_count == 0 ||
        (subs->heap_count > 0 && subs->due[0].order < line_at(subs, 0)->order)) {
        return heap_take(subs);
    }
    first = *line_at(subs, 0);
    subs->line_first = --subs->line_count > 0 ? subs->line_first + 1 : 0; /* memory just used */
    return first;
}

void atr_due_move(atr_subs *subs, atr_due *due, uint32_t capacity)
{
    uint32_t aside = subs->aside_count;
    if (subs->capacity > 0) {
        memcpy(due, subs->due, subs->heap_count * sizeof *due);
        memcpy(due + capacity - aside, subs->due + subs->capacity - aside, aside * sizeof *due);
        for (uint32_t i = 0; i < subs->line_count; i++) {
            due[capacity + i] = *line_at(subs, i);
        }
    }
    atr_memory_give(subs->due, 2 * subs->capacity * sizeof *due);
    subs->due = due;
    subs->line_first = 0;
}

/* ---- what is due ---- */

void atr_due_add(atr_store *store, uint32_t place)
{
    atr_sub *sub = atr_sub_at(store, place);
    if (!sub->due) {
        sub->due = true;
        due_put(&store->subs, (atr_due){sub->order, place});
    }
}

static void set_aside(atr_subs *subs, atr_due due)
{
    subs->aside_count++;
    subs->due[subs->capacity - subs->aside_count] = due;
}

void atr_due_set_aside(atr_store *store, uint32_t place)
{
    atr_sub *sub = atr_sub_at(store, place);
    if (!sub->due) {
        sub->due = true;
        set_aside(&store->subs, (atr_due){sub->order, place});
    }
}

void atr_due_recall(atr_store *store)
{
    atr_subs *subs = &store->subs;
    while (subs->aside_count > 0) {
        atr_due due = subs->due[subs->capacity - subs->aside_count];
        subs->aside_count--;
        due_put(subs, due);
    }
}

uint32_t atr_due_next(atr_store *store, uint64_t *cursor)
{
    atr_subs *subs = &store->subs;
    while (subs->line_count > 0 || subs->heap_count > 0) {
        atr_due due = due_take(subs);
        atr_sub *sub = atr_sub_at(store, due.place);
        if (sub->kind == ATR_SUB_FREE || sub->over) {
            sub->due = false;
        } else if (sub->order != due.order) {
            due_put(subs, (atr_due){sub->order, due.place});
        } else if (due.order <= *cursor) {
            set_aside(subs, due);
        } else {
            sub->due = false;
            *cursor = due.order;
            return due.place;
        }
    }
    return 0;
}
