/* Level by level: on each one the nodes that both sides have cut the runs into gaps, and what is left in
 * a gap is replaced by its children. Recursion goes as deep as the trees are high.
 *
 * Few nodes differ mostly, one and one after one update: what the ends have in common is cut off first,
 * and only if more than one node is left on a side, the others are looked for in a table by address. */
#include "nodes_diff.h"

#include <stdbool.h>
#include <string.h>

#include <atrium/code.h>
#include <atrium/memory.h>

#include "align.h"

enum { WORK_PER_ITEM = 64 };
enum { NODES_INLINE = 72 }; /* the children of one node on either side, and of its neighbour */

typedef struct differ {
    const atr_node_reader *reader;
    atr_stretch_fn fn;
    void *user;
    size_t visited;
} differ;

static int diff_runs(differ *d, atr_node_run was, atr_node_run now);

/* Some nodes of a run, and what of the run lies before and behind them. */
static atr_node_run run_part(const atr_node_run *run, uint32_t from, uint32_t to)
{
    atr_node_run part = {run->nodes + from, to - from, run->end, run->end};
    if (from < run->count) {
        part.from = run->nodes[from].from;
    }
    if (to < run->count) {
        part.end = run->nodes[to].from;
    }
    return part;
}

/* Cut off what both begin and end with. */
static void cut_ends(differ *d, atr_node_run *was, atr_node_run *now)
{
    uint32_t most = was->count < now->count ? was->count : now->count, same = 0, ends = 0;
    while (same < most && was->nodes[same].node == now->nodes[same].node) {
        same++;
    }
    while (same + ends < most &&
           was->nodes[was->count - 1 - ends].node == now->nodes[now->count - 1 - ends].node) {
        ends++;
    }
    d->visited += (size_t)was->count + now->count - same - ends;
    *was = run_part(was, same, was->count - ends);
    *now = run_part(now, same, now->count - ends);
}

/* ---- one level down ---- */

static uint32_t highest(const differ *d, const atr_node_run *run)
{
    uint32_t height = 0;
    for (uint32_t i = 0; i < run->count; i++) {
        uint32_t other = d->reader->height(run->nodes[i].node);
        height = other > height ? other : height;
    }
    return height;
}

static uint32_t count_below(const differ *d, const atr_node_run *run, uint32_t height)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < run->count; i++) {
        const void *node = run->nodes[i].node;
        count += d->reader->height(node) == height ? d->reader->count(node) : 1;
    }
    return count;
}

/* The run with children in place of the nodes of a height; lower ones stay. */
static atr_node_run run_below(const differ *d, const atr_node_run *run, uint32_t height,
                              atr_node_at *room)
{
    atr_node_run below = {room, 0, run->from, run->end};
    for (uint32_t i = 0; i < run->count; i++) {
        const atr_node_at *at = &run->nodes[i];
        if (d->reader->height(at->node) == height) {
            d->reader->children(at->node, at->from, room + below.count);
            below.count += d->reader->count(at->node);
        } else {
            room[below.count++] = *at;
        }
    }
    return below;
}

/* Nothing on this level is shared. */
static int diff_gap(differ *d, const atr_node_run *was, const atr_node_run *now)
{
    atr_node_at small[NODES_INLINE], *room = small;
    uint32_t height = highest(d, was), other = highest(d, now);
    size_t was_count, count;
    int code;
    height = other > height ? other : height;
    if (height == 0) {
        return was->count > 0 || now->count > 0 ? d->fn(d->user, was, now) : ATR_OK;
    }
    was_count = count_below(d, was, height);
    count = was_count + count_below(d, now, height);
    if (count > NODES_INLINE) {
        room = atr_memory_take(count * sizeof *room);
    }
    if (room == NULL) {
        return ATR_E_NO_MEMORY;
    }
    code =
        diff_runs(d, run_below(d, was, height, room), run_below(d, now, height, room + was_count));
    if (room != small) {
        atr_memory_give(room, count * sizeof *room);
    }
    return code;
}

/* ---- what is shared between the ends ---- */

/* The nodes of one side by address. Of a node that comes again the places are handed out in order. */
typedef struct table {
    uint32_t *buckets; /* places from 1 on, 0: none; a power of two of them */
    uint32_t *next;    /* by place, in its bucket */
    uint32_t shift;
} table;

static uint32_t bucket_of(const table *t, const void *node)
{
    return (uint32_t)(((uint64_t)(uintptr_t)node * 0x9e3779b97f4a7c15u) >> t->shift);
}

static void table_fill(table *t, const atr_node_run *run)
{
    for (uint32_t place = run->count; place > 0; place--) {
        uint32_t *bucket = &t->buckets[bucket_of(t, run->nodes[place - 1].node)];
        t->next[place - 1] = *bucket;
        *bucket = place;
    }
}

/* The first place of the node, which is taken out; UINT32_MAX: it is not there. */
static uint32_t table_take(table *t, const atr_node_run *run, const void *node)
{
    uint32_t *at = &t->buckets[bucket_of(t, node)], place;
    while (*at != 0 && run->nodes[*at - 1].node != node) {
        at = &t->next[*at - 1];
    }
    place = *at;
    if (place == 0) {
        return UINT32_MAX;
    }
    *at = t->next[place - 1];
    return place - 1;
}

/* Places in `was` of the nodes of `now` that are kept as they are. */
typedef struct match {
    uint32_t *places;
    uint8_t *kept;
} match;

/* The gaps between nodes that are kept, one after the other. */
typedef struct gaps {
    const atr_node_run *was, *now;
    const match *found;
    uint32_t was_done, now_done; /* nodes passed */
} gaps;

static bool gaps_next(gaps *g, atr_node_run *was, atr_node_run *now)
{
    uint32_t i = g->now_done, place;
    if (i > g->now->count) { /* the last gap ended with the run */
        return false;
    }
    while (i < g->now->count && !g->found->kept[i]) {
        i++;
    }
    place = i < g->now->count ? g->found->places[i] : g->was->count;
    *was = run_part(g->was, g->was_done, place);
    *now = run_part(g->now, g->now_done, i);
    g->was_done = place + 1;
    g->now_done = i + 1;
    return true;
}

static int diff_between(differ *d, const atr_node_run *was, const atr_node_run *now,
                        const match *found)
{
    gaps g = {.was = was, .now = now, .found = found};
    atr_node_run was_gap, now_gap;
    int code = ATR_OK;
    while (code >= 0 && gaps_next(&g, &was_gap, &now_gap)) {
        code = diff_gap(d, &was_gap, &now_gap);
    }
    return code;
}

/* ---- nodes that come again ---- */

static size_t items_apart(const atr_node_run *was, const atr_node_run *now)
{
    size_t n = was->end - was->from, m = now->end - now->from;
    return n > m ? n - m : m - n;
}

/* How many items go in one gap to come in another. */
static size_t items_shifted(const atr_node_run *was, const atr_node_run *now, const match *found)
{
    gaps g = {.was = was, .now = now, .found = found};
    atr_node_run was_gap, now_gap;
    size_t shifted = 0;
    while (gaps_next(&g, &was_gap, &now_gap)) {
        shifted += items_apart(&was_gap, &now_gap);
    }
    return shifted - items_apart(was, now);
}

static bool comes_again(table *t, const atr_node_run *run)
{
    memset(t->buckets, 0, ((size_t)1 << (64 - t->shift)) * sizeof *t->buckets);
    for (uint32_t place = 0; place < run->count; place++) {
        const void *node = run->nodes[place].node;
        uint32_t *bucket = &t->buckets[bucket_of(t, node)], at = *bucket;
        while (at != 0 && run->nodes[at - 1].node != node) {
            at = t->next[at - 1];
        }
        if (at != 0) {
            return true;
        }
        t->next[place] = *bucket;
        *bucket = place + 1;
    }
    return false;
}

/* Of a node that comes again the wrong one may have been kept: then the same items go at one place and come at
 * another. All are looked into instead, unless that is far more work than the items are. */
static bool keeps_wrong_ones(table *t, const atr_node_run *was, const atr_node_run *now,
                             const match *found)
{
    size_t shifted = items_shifted(was, now, found);
    size_t work = was->end - was->from + now->end - now->from;
    return shifted > 0 && work / WORK_PER_ITEM <= shifted &&
           (comes_again(t, was) || comes_again(t, now));
}

static int diff_many(differ *d, const atr_node_run *was, const atr_node_run *now)
{
    uint32_t bits = 3;
    size_t n = was->count, m = now->count, most = n > m ? n : m, bytes;
    uint32_t *room;
    match found;
    table t;
    int code;
    while (((size_t)1 << bits) < n) {
        bits++;
    }
    bytes = (((size_t)1 << bits) + most + 3 * m) * sizeof *room + m;
    room = atr_memory_take(bytes);
    if (room == NULL) {
        return ATR_E_NO_MEMORY;
    }
    t = (table){.buckets = room, .next = room + ((size_t)1 << bits), .shift = 64 - bits};
    found.places = t.next + most;
    found.kept = (uint8_t *)(found.places + 3 * m);
    memset(t.buckets, 0, ((size_t)1 << bits) * sizeof *room);
    table_fill(&t, was);
    for (size_t i = 0; i < m; i++) {
        found.places[i] = table_take(&t, was, now->nodes[i].node);
    }
    atr_align_ascending(found.places, (uint32_t)m, found.kept, found.places + m);
    d->visited += n + m;
    if (keeps_wrong_ones(&t, was, now, &found)) {
        memset(found.kept, 0, m);
    }
    code = diff_between(d, was, now, &found);
    atr_memory_give(room, bytes);
    return code;
}

static int diff_runs(differ *d, atr_node_run was, atr_node_run now)
{
    cut_ends(d, &was, &now);
    if (was.count == 0 || now.count == 0 || (was.count == 1 && now.count == 1)) {
        return diff_gap(d, &was, &now);
    }
    return diff_many(d, &was, &now);
}

int atr_nodes_diff(const atr_node_reader *reader, const atr_node_run *was, const atr_node_run *now,
                   atr_stretch_fn fn, void *user, size_t *visited)
{
    differ d = {reader, fn, user, 0};
    int code = diff_runs(&d, *was, *now);
    *visited += d.visited;
    return code;
}
