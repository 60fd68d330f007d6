/* The difference of two vectors. The stretches of leaves that their trees do not share are compared row by
 * row; where the rows on both sides differ at one place, they change, one by one, and those left over come
 * or go. */
#include <string.h>

#include <atrium/memory.h>

#include "nodes_diff.h"
#include "rows_diff.h"
#include "rows_match.h"
#include "vector_handle.h"

typedef struct differ {
    atr_row_edits *rows;
    const atr_type *type;
} differ;

/* ---- one stretch ---- */

/* Rows of both sides that lie at one place. */
typedef struct hunk {
    const atr_word *was, *now;
    uint32_t was_count, now_count;
    uint32_t was_from, now_from;
} hunk;

/* Where the common part is not the longest one, equal rows may meet. */
static bool is_no_change(const differ *d, const atr_row_edit *edit)
{
    return !d->rows->loose && atr_words_equal(d->type, edit->was, edit->now);
}

static bool add_hunk(const differ *d, const hunk *h)
{
    uint32_t most = h->was_count > h->now_count ? h->was_count : h->now_count;
    for (uint32_t i = 0; i < most; i++) {
        uint32_t was = i < h->was_count ? i : h->was_count;
        uint32_t now = i < h->now_count ? i : h->now_count;
        atr_row_edit edit = {
            .kind = ATR_EDIT_CHANGE, .was_index = h->was_from + was, .index = h->now_from + now};
        if (i < h->was_count) {
            edit.was = h->was[i];
        } else {
            edit.kind = ATR_EDIT_INSERT;
        }
        if (i < h->now_count) {
            edit.now = h->now[i];
        } else {
            edit.kind = ATR_EDIT_REMOVE;
        }
        if (edit.kind == ATR_EDIT_CHANGE && most > 1 && is_no_change(d, &edit)) {
            continue;
        }
        if (!atr_row_edits_add(d->rows, &edit)) {
            return false;
        }
    }
    return true;
}

static uint32_t lone_from(const atr_stretch *of, uint32_t i)
{
    uint32_t end = i;
    while (end < of->count && of->lone[end]) {
        end++;
    }
    return end - i;
}

static bool add_hunks(const differ *d, const atr_stretch *was, const atr_stretch *now,
                      uint32_t was_from, uint32_t now_from)
{
    uint32_t i = 0, j = 0;
    while (i < was->count || j < now->count) {
        hunk h = {was->rows + i,     now->rows + j, lone_from(was, i),
                  lone_from(now, j), was_from + i,  now_from + j};
        if (h.was_count + h.now_count > 0 && !add_hunk(d, &h)) {
            return false;
        }
        i += h.was_count + 1; /* and the next row, which they have in common */
        j += h.now_count + 1;
    }
    return true;
}

/* Cut off the rows at both ends that are the very same. Returns how many at the beginning. */
static uint32_t cut_ends(atr_stretch *was, atr_stretch *now)
{
    uint32_t most = was->count < now->count ? was->count : now->count, from = 0, to = 0;
    while (from < most && was->rows[from].i64 == now->rows[from].i64) {
        from++;
    }
    while (from + to < most &&
           was->rows[was->count - 1 - to].i64 == now->rows[now->count - 1 - to].i64) {
        to++;
    }
    *was = (atr_stretch){was->rows + from, was->count - from - to, was->lone};
    *now = (atr_stretch){now->rows + from, now->count - from - to, now->lone};
    return from;
}

static int diff_rows(const differ *d, atr_stretch was, atr_stretch now, uint32_t was_from,
                     uint32_t now_from)
{
    uint32_t cut = cut_ends(&was, &now);
    int code = ATR_OK;
    d->rows->visited += cut;
    if (was.count == 1 && now.count == 1 && d->rows->loose) {
        was.lone[0] = 1;
        now.lone[0] = 1;
    } else {
        code = atr_rows_match(d->type, &was, &now, &d->rows->visited);
    }
    if (code == ATR_OK && !add_hunks(d, &was, &now, was_from + cut, now_from + cut)) {
        code = ATR_E_NO_MEMORY;
    }
    return code;
}

/* ---- of leaves ---- */

static uint32_t rows_in(const atr_node_run *run)
{
    return (uint32_t)(run->end - run->from);
}

static void rows_copy(const atr_node_run *run, atr_word *to)
{
    for (uint32_t i = 0; i < run->count; i++) {
        const atr_vec_node *leaf = run->nodes[i].node;
        memcpy(to, leaf->slots, leaf->count * sizeof *to);
        to += leaf->count;
    }
}

enum { ROWS_INLINE = 3 * ATR_VEC_WIDTH };

static int leaves_differ(void *user, const atr_node_run *was, const atr_node_run *now)
{
    atr_word small_rows[ROWS_INLINE], *rows = small_rows;
    uint8_t small_lone[ROWS_INLINE], *lone = small_lone;
    size_t n = rows_in(was), count = n + rows_in(now),
           bytes = count * (sizeof *rows + sizeof *lone);
    int code;
    if (count > ROWS_INLINE) {
        rows = atr_memory_take(bytes);
        if (rows == NULL) {
            return ATR_E_NO_MEMORY;
        }
        lone = (uint8_t *)(rows + count);
    }
    rows_copy(was, rows);
    rows_copy(now, rows + n);
    memset(lone, 0, count);
    code = diff_rows(user, (atr_stretch){rows, (uint32_t)n, lone},
                     (atr_stretch){rows + n, (uint32_t)(count - n), lone + n}, (uint32_t)was->from,
                     (uint32_t)now->from);
    if (rows != small_rows) {
        atr_memory_give(rows, bytes);
    }
    return code;
}

/* ---- of trees ---- */

static uint32_t node_height(const void *node)
{
    return ((const atr_vec_node *)node)->height;
}

static uint32_t node_count(const void *node)
{
    return ((const atr_vec_node *)node)->count;
}

static void node_children(const void *of, size_t from, atr_node_at *to)
{
    const atr_vec_node *node = of;
    const uint32_t *ends = node->relaxed ? atr_vec_ends(node) : NULL;
    uint32_t bits = node->height * (uint32_t)ATR_VEC_BITS;
    for (uint32_t i = 0; i < node->count; i++) {
        size_t before = ends == NULL ? (size_t)i << bits : i > 0 ? ends[i - 1] : 0;
        to[i] = (atr_node_at){node->slots[i].ref, from + before};
    }
}

static const atr_node_reader reader = {node_height, node_count, node_children};

static atr_node_run tree_of(const atr_vec *v, atr_node_at room[2])
{
    atr_node_run run = {room, 0, 0, atr_vec_count(v)};
    if (v != NULL && v->root != NULL) {
        room[run.count++] = (atr_node_at){v->root, 0};
    }
    if (v != NULL) {
        room[run.count++] = (atr_node_at){v->tail, atr_vec_below_root(v)};
    }
    return run;
}

/* ---- of static vectors ---- */

static void flat_copy(const atr_vec *v, atr_word *to)
{
    for (size_t i = 0; i < atr_vec_count(v); i++) {
        to[i] = atr_vec_at(v, i);
    }
}

static int diff_flat(differ *d, const atr_vec *was, const atr_vec *now)
{
    size_t n = atr_vec_count(was), count = n + atr_vec_count(now);
    size_t bytes = count * (sizeof(atr_word) + 1);
    atr_word *rows = atr_memory_take(bytes);
    uint8_t *lone;
    int code;
    if (rows == NULL) {
        return ATR_E_NO_MEMORY;
    }
    lone = (uint8_t *)(rows + count);
    flat_copy(was, rows);
    flat_copy(now, rows + n);
    memset(lone, 0, count);
    code = diff_rows(d, (atr_stretch){rows, (uint32_t)n, lone},
                     (atr_stretch){rows + n, (uint32_t)(count - n), lone + n}, 0, 0);
    atr_memory_give(rows, bytes);
    return code;
}

static bool is_flat(const atr_vec *v)
{
    return v != NULL && v->flat != NULL;
}

int atr_vec_edits(atr_row_edits *rows, const atr_model *model, const atr_vec *was,
                  const atr_vec *now)
{
    differ d = {rows, &model->element};
    atr_node_at was_room[2], now_room[2];
    atr_node_run was_run, now_run;
    if (is_flat(was) || is_flat(now)) {
        return diff_flat(&d, was, now);
    }
    was_run = tree_of(was, was_room);
    now_run = tree_of(now, now_room);
    return atr_nodes_diff(&reader, &was_run, &now_run, leaves_differ, &d, &rows->visited);
}
