/* Rows are numbered first, equal ones alike, so that each is hashed once and compared about as often; the
 * numbers are aligned. */
#include "rows_match.h"

#include <string.h>

#include <atrium/memory.h>
#include <atrium/model.h>

#include "align.h"
#include "walk.h"

bool atr_words_equal(const atr_type *type, atr_word a, atr_word b)
{
    if (type->kind >= ATR_KIND_STR) {
        return a.ref == b.ref || atr_equal(a.ref, b.ref);
    }
    return type->kind == ATR_KIND_F64 ? atr_f64_equal(a.f64, b.f64) : a.i64 == b.i64;
}

/* The rows that have a number, in the order of these. */
typedef struct numbering {
    const atr_type *type;
    atr_word *rows;
    uint32_t *hashes;
    uint32_t count;
    uint32_t *buckets;   /* numbers, from 1 on; 0: none */
    size_t bucket_count; /* a power of two */
} numbering;

static uint32_t hash_of(const atr_type *type, atr_word row)
{
    if (type->kind >= ATR_KIND_STR) {
        return (uint32_t)atr_hash(row.ref);
    }
    if (type->kind == ATR_KIND_F64 && (row.f64 == 0 || row.f64 != row.f64)) {
        return row.f64 == 0; /* one zero and one NaN */
    }
    return atr_hash_number((uint64_t)row.i64);
}

static uint32_t number_of(numbering *all, atr_word row)
{
    uint32_t hash = hash_of(all->type, row);
    size_t at = hash & (all->bucket_count - 1);
    for (; all->buckets[at] != 0; at = (at + 1) & (all->bucket_count - 1)) {
        uint32_t number = all->buckets[at] - 1;
        if (all->hashes[number] == hash && atr_words_equal(all->type, all->rows[number], row)) {
            return number;
        }
    }
    all->rows[all->count] = row;
    all->hashes[all->count] = hash;
    all->buckets[at] = ++all->count;
    return all->count - 1;
}

static void number_all(numbering *all, const atr_stretch *from, uint32_t *items)
{
    for (uint32_t i = 0; i < from->count; i++) {
        items[i] = number_of(all, from->rows[i]);
    }
}

static int align_rows(const atr_type *type, const atr_stretch *was, const atr_stretch *now,
                      size_t *visited)
{
    size_t count = (size_t)was->count + now->count, buckets = 8, bytes;
    atr_word *room;
    numbering all;
    uint32_t *items;
    int code;
    while (buckets < 2 * count) {
        buckets *= 2;
    }
    bytes = count * sizeof *room + (2 * count + buckets) * sizeof(uint32_t);
    room = atr_memory_take(bytes);
    if (room == NULL) {
        return ATR_E_NO_MEMORY;
    }
    all = (numbering){.type = type, .rows = room, .bucket_count = buckets};
    all.hashes = (uint32_t *)(void *)(room + count);
    all.buckets = all.hashes + count;
    items = all.buckets + buckets;
    memset(all.buckets, 0, buckets * sizeof *all.buckets);
    number_all(&all, was, items);
    number_all(&all, now, items + was->count);
    code =
        atr_align(&(atr_sequence){items, was->count, was->lone},
                  &(atr_sequence){items + was->count, now->count, now->lone}, all.count, visited);
    atr_memory_give(room, bytes);
    return code;
}

static void mark(const atr_stretch *of)
{
    memset(of->lone, 1, of->count);
}

int atr_rows_match(const atr_type *type, const atr_stretch *was, const atr_stretch *now,
                   size_t *visited)
{
    atr_stretch a = *was, b = *now;
    while (a.count > 0 && b.count > 0 && atr_words_equal(type, a.rows[0], b.rows[0])) {
        a = (atr_stretch){a.rows + 1, a.count - 1, a.lone + 1};
        b = (atr_stretch){b.rows + 1, b.count - 1, b.lone + 1};
    }
    while (a.count > 0 && b.count > 0 &&
           atr_words_equal(type, a.rows[a.count - 1], b.rows[b.count - 1])) {
        a.count--;
        b.count--;
    }
    *visited += (size_t)was->count + now->count;
    if (a.count == 0 || b.count == 0 || (a.count == 1 && b.count == 1)) {
        mark(&a);
        mark(&b);
        return ATR_OK;
    }
    return align_rows(type, &a, &b, visited);
}
