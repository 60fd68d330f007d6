/* The longest common subsequence of two sequences of numbers.
 *
 * Items that only one side has are set aside first: no common subsequence has them. In what is left the
 * greedy search goes from diagonal to diagonal, one edit more each round, and remembers how far it came on
 * every diagonal, so that the way can be followed back; d rounds take d * d / 2 numbers. When
 * ATR_ALIGN_EDITS are not enough, the items that occur once on each side, as far as they come in one order
 * on both, cut the sequences into gaps; those whose ends meet within few edits are searched as before, the
 * others have nothing in common.
 *
 * Source: Myers, "An O(ND) difference algorithm and its variations", 1986. Ascending runs: Fredman, "On
 * computing the length of longest increasing subsequences", 1975; the use of items that occur once:
 * patience diff, Cohen. */
#include "align.h"

#include <stdbool.h>
#include <string.h>

#include <atrium/memory.h>

/* One side, without what only it has. */
typedef struct side {
    uint32_t *items;
    uint32_t *place; /* in the sequence */
    uint32_t count;
    uint8_t *lone; /* of the sequence */
} side;

/* A stretch of both sides. */
typedef struct span {
    uint32_t a, a_end, b, b_end;
} span;

typedef struct aligner {
    side a, b;
    uint32_t
        *trace; /* the rounds: that of d has d + 1 numbers, behind those of the rounds before */
    size_t trace_room;
    size_t visited;
} aligner;

/* ---- one stretch, within a number of edits ---- */

static uint32_t *trace_round(const aligner *al, uint32_t d)
{
    return al->trace + (size_t)d * (d + 1) / 2;
}

static bool trace_reserve(aligner *al, uint32_t d)
{
    size_t wanted = (size_t)(d + 1) * (d + 2) / 2, room = al->trace_room * 2;
    uint32_t *trace;
    if (wanted <= al->trace_room) {
        return true;
    }
    room = room < 64 ? 64 : room;
    trace = atr_memory_take(room * sizeof *trace);
    if (trace == NULL) {
        return false;
    }
    if (al->trace_room > 0) {
        memcpy(trace, al->trace, al->trace_room * sizeof *trace);
    }
    atr_memory_give(al->trace, al->trace_room * sizeof *trace);
    al->trace = trace;
    al->trace_room = room;
    return true;
}

/* Whether diagonal i of round d is reached from the one above it, by an item of b; else by one of a. */
static bool comes_from_above(const uint32_t *before, uint32_t d, uint32_t i)
{
    return i == 0 || (i < d && before[i - 1] < before[i]);
}

/* Follow the way back from the end, and mark the edits on it. */
static void mark_way(const aligner *al, const span *s, uint32_t d)
{
    int64_t x = (int64_t)s->a_end - s->a, y = (int64_t)s->b_end - s->b;
    for (; d > 0; d--) {
        const uint32_t *before = trace_round(al, d - 1);
        uint32_t i = (uint32_t)((x - y + d) / 2);
        if (comes_from_above(before, d, i)) {
            y = (int64_t)before[i] - (x - y + 1);
            x = before[i];
            al->b.lone[al->b.place[s->b + y]] = 1;
        } else {
            y = (int64_t)before[i - 1] - (x - y - 1);
            x = before[i - 1];
            al->a.lone[al->a.place[s->a + x]] = 1;
        }
    }
}

/* Go as far as the items agree. Returns the new x. */
static int64_t slide(aligner *al, const span *s, int64_t x, int64_t y)
{
    int64_t n = (int64_t)s->a_end - s->a, m = (int64_t)s->b_end - s->b, from = x;
    while (x < n && y < m && al->a.items[s->a + x] == al->b.items[s->b + y]) {
        x++;
        y++;
    }
    al->visited += (size_t)(x - from) + 1;
    return x;
}

/* 1: done; 0: it takes more edits than `most`, and nothing is marked; ATR_E_NO_MEMORY. */
static int search(aligner *al, const span *s, uint32_t most)
{
    int64_t n = (int64_t)s->a_end - s->a, m = (int64_t)s->b_end - s->b;
    for (uint32_t d = 0; d <= most; d++) {
        const uint32_t *before;
        uint32_t *now;
        if (!trace_reserve(al, d)) {
            return ATR_E_NO_MEMORY;
        }
        now = trace_round(al, d);
        before = d > 0 ? trace_round(al, d - 1) : now;
        for (uint32_t i = 0; i <= d; i++) {
            int64_t diagonal = 2 * (int64_t)i - d, x = 0;
            if (d > 0) {
                x = comes_from_above(before, d, i) ? before[i] : (int64_t)before[i - 1] + 1;
            }
            x = slide(al, s, x, x - diagonal);
            now[i] = (uint32_t)x;
            if (x == n && x - diagonal == m) {
                mark_way(al, s, d);
                return 1;
            }
        }
    }
    return 0;
}

/* ---- beyond that ---- */

static void mark_all(side *of, uint32_t from, uint32_t to)
{
    for (; from < to; from++) {
        of->lone[of->place[from]] = 1;
    }
}

/* What lies between two items that both have. Returns 0 or ATR_E_NO_MEMORY. */
static int gap(aligner *al, span s)
{
    int found = search(al, &s, ATR_ALIGN_GAP_EDITS);
    if (found == 0) {
        mark_all(&al->a, s.a, s.a_end);
        mark_all(&al->b, s.b, s.b_end);
    }
    return found < 0 ? found : 0;
}

void atr_align_ascending(const uint32_t *places, uint32_t count, uint8_t *kept, uint32_t *room)
{
    uint32_t *last = room;           /* by length: the item that ends a run of it lowest */
    uint32_t *before = room + count; /* by item: the one before it in its run */
    uint32_t length = 0, at;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t from = 0, to = length;
        kept[i] = 0;
        if (places[i] == UINT32_MAX) {
            continue;
        }
        if (length > 0 && places[last[length - 1]] < places[i]) {
            from = length;
        }
        while (from < to) {
            uint32_t middle = from + (to - from) / 2;
            if (places[last[middle]] < places[i]) {
                from = middle + 1;
            } else {
                to = middle;
            }
        }
        before[i] = from > 0 ? last[from - 1] : 0;
        last[from] = i;
        length += from == length;
    }
    at = length > 0 ? last[length - 1] : 0;
    for (; length > 0; length--) {
        kept[at] = 1;
        at = before[at];
    }
}

/* Where in b the items of a are that occur once on both sides. */
static void places_of_single(const aligner *al, const uint32_t *a_times, const uint32_t *b_times,
                             uint32_t *where, uint32_t *places)
{
    for (uint32_t j = 0; j < al->b.count; j++) {
        where[al->b.items[j]] = j;
    }
    for (uint32_t i = 0; i < al->a.count; i++) {
        uint32_t item = al->a.items[i];
        places[i] = a_times[item] == 1 && b_times[item] == 1 ? where[item] : UINT32_MAX;
    }
}

static int gaps(aligner *al, const uint32_t *places, const uint8_t *kept)
{
    span s = {0, 0, 0, 0};
    for (uint32_t i = 0; i <= al->a.count; i++) {
        int code;
        if (i < al->a.count && !kept[i]) {
            continue;
        }
        s.a_end = i;
        s.b_end = i < al->a.count ? places[i] : al->b.count;
        code = gap(al, s);
        if (code < 0) {
            return code;
        }
        s.a = i + 1;
        s.b = s.b_end + 1;
    }
    return ATR_OK;
}

static int in_gaps(aligner *al, const uint32_t *a_times, const uint32_t *b_times, uint32_t numbers)
{
    size_t n = al->a.count, bytes = (3 * n + numbers) * sizeof(uint32_t) + n;
    uint32_t *places = atr_memory_take(bytes), *room, *where;
    uint8_t *kept;
    int code;
    if (places == NULL) {
        return ATR_E_NO_MEMORY;
    }
    room = places + n;
    where = room + 2 * n;
    kept = (uint8_t *)(where + numbers);
    places_of_single(al, a_times, b_times, where, places);
    atr_align_ascending(places, (uint32_t)n, kept, room);
    al->visited += n + al->b.count;
    code = gaps(al, places, kept);
    atr_memory_give(places, bytes);
    return code;
}

/* ---- both ---- */

static void count_times(const atr_sequence *from, uint32_t *times)
{
    for (uint32_t i = 0; i < from->count; i++) {
        times[from->items[i]]++;
    }
}

/* Set aside what the other side has not. */
static void side_fill(side *to, const atr_sequence *from, const uint32_t *other_times)
{
    to->count = 0;
    to->lone = from->lone;
    for (uint32_t i = 0; i < from->count; i++) {
        if (other_times[from->items[i]] == 0) {
            from->lone[i] = 1;
        } else {
            to->items[to->count] = from->items[i];
            to->place[to->count++] = i;
        }
    }
}

int atr_align(const atr_sequence *a, const atr_sequence *b, uint32_t numbers, size_t *visited)
{
    size_t n = a->count, m = b->count;
    size_t bytes = (2 * n + 2 * m + 2 * (size_t)numbers) * sizeof(uint32_t);
    uint32_t *room = atr_memory_take(bytes), *a_times, *b_times;
    aligner al = {.visited = n + m};
    span all;
    int code;
    if (room == NULL) {
        return ATR_E_NO_MEMORY;
    }
    al.a = (side){.items = room, .place = room + n};
    al.b = (side){.items = room + 2 * n, .place = room + 2 * n + m};
    a_times = room + 2 * n + 2 * m;
    b_times = a_times + numbers;
    memset(a_times, 0, 2 * (size_t)numbers * sizeof *a_times);
    count_times(a, a_times);
    count_times(b, b_times);
    side_fill(&al.a, a, b_times);
    side_fill(&al.b, b, a_times);
    all = (span){0, al.a.count, 0, al.b.count};
    code = search(&al, &all, ATR_ALIGN_EDITS);
    if (code == 0) {
        code = in_gaps(&al, a_times, b_times, numbers);
    }
    atr_memory_give(al.trace, al.trace_room * sizeof *al.trace);
    atr_memory_give(room, bytes);
    *visited += al.visited;
    return code < 0 ? code : ATR_OK;
}
