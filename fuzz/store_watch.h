/* The subscribers of the fuzz target of the store: each follows by what it is told, and must end up with what the
 * plain model has. */
#ifndef ATRIUM_FUZZ_STORE_WATCH_H
#define ATRIUM_FUZZ_STORE_WATCH_H

#include <atrium/edits.h>

#include "store_app.h"

typedef enum watch_kind {
    KEY,
    ROOT,
    VIEW,
    VIEW_KEY,
    SORTED_KEY,
    FIELD_SORTED,
    FIELD_COUNT,
    VIEW_FIELDS,
    EDITS,
    VIEW_EDITS,
    WATCH_KINDS
} watch_kind;

typedef struct watcher {
    atr_watch handle; /* zero: not in use */
    atr_store *store;
    watch_kind kind;
    int64_t key;
    bool once; /* ends with the first call */
    int64_t known;
    int64_t rows[2 * ROWS]; /* on the way those of both versions may be in it */
    size_t row_count;
    int destroyed;
} watcher;

static inline int64_t plain_value(const watcher *w, const plain *p)
{
    switch (w->kind) {
    case KEY:
    case SORTED_KEY: return p->at[w->key];
    case ROOT: return sum_of(p);
    case VIEW: return plain_either(p);
    case FIELD_SORTED: return sum_from(p, 0);
    case FIELD_COUNT: return plain_count(p);
    case VIEW_FIELDS: return plain_count(p) % 2 == 0 ? p->at[1] + 256 : (int64_t)p->row_count;
    default: return p->at[w->key] % 8 + plain_either(p) * 16;
    }
}

/* ---- what they are told ---- */

static void told_any(watcher *w)
{
    check(w->handle.slot != 0);
    if (w->once) {
        atr_watch handle = w->handle;
        w->handle = (atr_watch){0, 0};
        atr_unwatch(w->store, handle);
    }
}

static void told(watcher *w, int64_t was, int64_t now)
{
    check(was == w->known && now != was);
    w->known = now;
    told_any(w);
}

static void on_key(atr_event *e, const thing *was, const thing *now, void *user)
{
    (void)e;
    told(user, was != NULL ? was->value : 0, now != NULL ? now->value : 0);
}

static void on_number(atr_event *e, int64_t was, int64_t now, void *user)
{
    (void)e;
    told(user, was, now);
}

static void on_field(atr_event *e, const shelf *was, const shelf *now, void *user)
{
    watcher *w = user;
    (void)e;
    if (w->kind == FIELD_COUNT) {
        told(w, was->count, now->count);
    } else {
        told(w, sum_of_sorted(was), sum_of_sorted(now));
    }
}

static void on_sorted(atr_event *e, const int64_t *was, const int64_t *now, void *user)
{
    (void)e;
    told(user, was != NULL ? *was : 0, now != NULL ? *now : 0);
}

static void on_root(atr_event *e, const shelf *was, const shelf *now, void *user)
{
    watcher *w = user;
    (void)e;
    check(sum_of_shelf(was) == w->known);
    w->known = sum_of_shelf(now);
    told_any(w);
}

/* More edits than a script is worth: the whole is told. */
static void load(watcher *w, const atr_i64_vec *now)
{
    w->row_count = atr_i64_vec_count(now);
    check(w->row_count <= ROWS);
    for (size_t i = 0; i < w->row_count; i++) {
        w->rows[i] = atr_i64_vec_at(now, i);
    }
}

static void follow(watcher *w, const atr_edits *edits, const atr_i64_vec *now)
{
    for (size_t i = 0; i < edits->count; i++) {
        const atr_edit *e = &edits->items[i];
        int64_t *at = w->rows + e->at.index;
        if (e->at.kind == ATR_STEP_WHOLE) {
            load(w, now);
            break;
        }
        check(e->at.kind == ATR_STEP_ROW && e->at.index <= w->row_count);
        if (e->kind != ATR_EDIT_INSERT) {
            check(e->at.index < w->row_count && *at == e->was.as.i64);
            w->row_count--;
            memmove(at, at + 1, (w->row_count - e->at.index) * sizeof *at);
        }
        if (e->kind != ATR_EDIT_REMOVE) {
            check(w->row_count < 2 * (size_t)ROWS);
            memmove(at + 1, at, (w->row_count - e->at.index) * sizeof *at);
            w->row_count++;
            *at = e->now.as.i64;
        }
    }
    check(edits->count > 0);
    told_any(w);
}

static void on_edits(atr_event *e, const atr_edits *edits, const void *was, const void *now,
                     void *user)
{
    (void)e;
    (void)was;
    follow(user, edits, now);
}

static void on_view_edits(atr_event *e, const atr_edits *edits, const atr_i64_vec *was,
                          const atr_i64_vec *now, void *user)
{
    (void)e;
    (void)was;
    follow(user, edits, now);
}

static void on_destroy(void *user)
{
    ((watcher *)user)->destroyed++;
}

static void watch(atr_store *store, watcher *w, const plain *now)
{
    w->store = store;
    w->known = w->kind < EDITS ? plain_value(w, now) : 0;
    w->row_count = plain_rows(now, w->kind == VIEW_EDITS, w->rows);
    switch (w->kind) {
    case KEY:
        w->handle = ATR_WATCH_KEY(store, shelves, things, w->key, on_key, w, on_destroy);
        break;
    case ROOT: w->handle = ATR_WATCH(store, shelves, on_root, w, on_destroy); break;
    case VIEW: w->handle = ATR_WATCH_VIEW(store, either, on_number, w, on_destroy); break;
    case VIEW_KEY:
        w->handle = ATR_WATCH_VIEW_KEY(store, beside, w->key, on_number, w, on_destroy);
        break;
    case SORTED_KEY:
        w->handle = ATR_WATCH_KEY(store, shelves, sorted, w->key, on_sorted, w, on_destroy);
        break;
    case FIELD_SORTED:
        w->handle = ATR_WATCH_FIELD(store, shelves, sorted, on_field, w, on_destroy);
        break;
    case FIELD_COUNT:
        w->handle = ATR_WATCH_FIELD(store, shelves, count, on_field, w, on_destroy);
        break;
    case VIEW_FIELDS: w->handle = ATR_WATCH_VIEW(store, of_fields, on_number, w, on_destroy); break;
    case EDITS: w->handle = ATR_WATCH_EDITS(store, shelves, rows, on_edits, w, on_destroy); break;
    default: w->handle = ATR_WATCH_VIEW_EDITS(store, even_rows, on_view_edits, w, on_destroy);
    }
    check(w->handle.slot != 0);
}

#endif
