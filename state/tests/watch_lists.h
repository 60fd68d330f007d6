/* A root with lists, views of them, and a list that follows one by the edits it is told. */
#ifndef ATR_STATE_TESTS_WATCH_LISTS_H
#define ATR_STATE_TESTS_WATCH_LISTS_H

#include "store_world.h"

ATR_OMAP(todo_item, i64);
ATR_OMAP_IMPL(todo_item, i64);

#define LISTS(F)                   \
    F(str, name)                   \
    F(vec(i64), rows)              \
    F(omap(i64, todo_item), by_id) \
    F(map(i64, todo_item), items)  \
    F(opt(ref(todo_item)), chosen)
ATR_MODEL(lists, LISTS);
ATR_MODEL_IMPL(lists, LISTS);
ATR_ROOT(shown, lists);
ATR_ROOT_IMPL(shown, lists, &lists_default);

/* A view that gives a list: the odd numbers. */
ATR_VIEW(odd_rows, vec(i64));
static inline const atr_i64_vec *find_odd(atr_view *v)
{
    const atr_i64_vec *rows = ATR_STATE(v, shown)->rows;
    atr_i64_vec_builder *b = atr_i64_vec_builder_new(v->s, NULL);
    for (size_t i = 0; i < atr_i64_vec_count(rows); i++) {
        if (atr_i64_vec_at(rows, i) % 2 != 0) {
            atr_i64_vec_builder_push(b, atr_i64_vec_at(rows, i));
        }
    }
    return atr_i64_vec_builder_seal(b);
}
ATR_VIEW_IMPL(odd_rows, vec(i64), find_odd);

ATR_VIEW(row_count, i64);
static inline int64_t count_rows(atr_view *v)
{
    return (int64_t)atr_i64_vec_count(ATR_STATE(v, shown)->rows);
}
ATR_VIEW_IMPL(row_count, i64, count_rows);

/* Those that a number divides. */
ATR_VIEW_KEYED(multiples, vec(i64), i64);
static inline const atr_i64_vec *find_multiples(atr_view *v, int64_t of)
{
    const atr_i64_vec *rows = ATR_STATE(v, shown)->rows, *found = NULL;
    for (size_t i = 0; i < atr_i64_vec_count(rows); i++) {
        if (atr_i64_vec_at(rows, i) % of == 0) {
            found = atr_i64_vec_push(v->s, found, atr_i64_vec_at(rows, i));
        }
    }
    return found;
}
ATR_VIEW_KEYED_IMPL(multiples, vec(i64), i64, find_multiples);

static inline void begin(world *w)
{
    atr_scope *s = atr_pool_scope(atr_store_pool(w->store));
    assert_int_equal(atr_store_add_root(w->store, s, &shown_root, &main_group), ATR_OK);
    atr_scope_close(s);
}

/* ---- a list that follows ---- */

enum { ROWS_MAX = 4000 };

typedef struct list {
    int64_t rows[ROWS_MAX];
    size_t count;
    int calls, edits, reloads, destroyed;
} list;

static inline void destroy_list(void *user)
{
    ((list *)user)->destroyed++;
}

static inline void list_load(list *l, const atr_i64_vec *rows)
{
    l->count = atr_i64_vec_count(rows);
    for (size_t i = 0; i < l->count; i++) {
        l->rows[i] = atr_i64_vec_at(rows, i);
    }
}

static inline void list_edit(list *l, const atr_edit *e)
{
    int64_t *at = l->rows + e->at.index;
    if (e->kind != ATR_EDIT_INSERT) {
        assert_true(e->at.index < l->count);
        assert_int_equal(*at, e->was.as.i64);
        l->count--;
        memmove(at, at + 1, (l->count - e->at.index) * sizeof *at);
    }
    if (e->kind != ATR_EDIT_REMOVE) {
        assert_true(e->at.index <= l->count && l->count < ROWS_MAX);
        memmove(at + 1, at, (l->count - e->at.index) * sizeof *at);
        l->count++;
        *at = e->now.as.i64;
    }
    l->edits++;
}

static inline void list_is(const list *l, const atr_i64_vec *rows)
{
    assert_int_equal(l->count, atr_i64_vec_count(rows));
    for (size_t i = 0; i < l->count; i++) {
        assert_int_equal(l->rows[i], atr_i64_vec_at(rows, i));
    }
}

static inline void list_follow(list *l, const atr_edits *edits, const atr_i64_vec *was,
                               const atr_i64_vec *now)
{
    l->calls++;
    list_is(l, was);
    assert_true(edits->count > 0);
    if (edits->items[0].at.kind == ATR_STEP_WHOLE) {
        assert_ptr_equal(edits->items[0].now.as.ref, now);
        list_load(l, now);
        l->reloads++;
        return;
    }
    for (size_t i = 0; i < edits->count; i++) {
        list_edit(l, &edits->items[i]);
    }
    list_is(l, now);
}

static inline void on_rows(atr_event *e, const atr_edits *edits, const void *was, const void *now,
                           void *user)
{
    assert_non_null(e->run);
    list_follow(user, edits, was, now);
}

static inline void on_odd(atr_event *e, const atr_edits *edits, const atr_i64_vec *was,
                          const atr_i64_vec *now, void *user)
{
    assert_non_null(e->run);
    list_follow(user, edits, was, now);
}

/* ---- changes ---- */

typedef struct change {
    const char *name;
    size_t at;
    int64_t row;
    atr_edit_kind kind;
} change;

static inline void change_rows(atr_finish *f, void *user)
{
    const change *c = user;
    lists next = *ATR_STATE(f, shown);
    if (c->name != NULL) {
        next.name = atr_str_new(f->s, c->name);
    } else if (c->kind == ATR_EDIT_INSERT) {
        next.rows = atr_i64_vec_insert(f->s, next.rows, c->at, c->row);
    } else if (c->kind == ATR_EDIT_REMOVE) {
        next.rows = atr_i64_vec_erase(f->s, next.rows, c->at);
    } else {
        next.rows = atr_i64_vec_set(f->s, next.rows, c->at, c->row);
    }
    ATR_UPDATE(f, shown, next);
}

static inline void insert(world *w, size_t at, int64_t row)
{
    change c = {NULL, at, row, ATR_EDIT_INSERT};
    assert_int_equal(turn(w, change_rows, &c), ATR_OK);
}

static inline void erase(world *w, size_t at)
{
    change c = {NULL, at, 0, ATR_EDIT_REMOVE};
    assert_int_equal(turn(w, change_rows, &c), ATR_OK);
}

static inline void set(world *w, size_t at, int64_t row)
{
    change c = {NULL, at, row, ATR_EDIT_CHANGE};
    assert_int_equal(turn(w, change_rows, &c), ATR_OK);
}

static inline void rename_to(world *w, const char *name)
{
    change c = {.name = name};
    assert_int_equal(turn(w, change_rows, &c), ATR_OK);
}

#endif
