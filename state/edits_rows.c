/* Doing a script to a vector. Edits that come one behind the other, as those of a difference do, are checked first,
 * then done in one pass (vector_patch.c). Where one lies before the one that comes before it, a new pass begins. */
#include <atrium/error.h>

#include "edits_apply.h"
#include "rows_match.h"
#include "vector_handle.h"

enum { FEW = 32 }; /* edits that borrow as so many updates of one row do */

static const char no_such_row[] = "finds no such row", another_row[] = "finds another row";

/* Edits that come one behind the other, and the tree before them. */
typedef struct pass {
    const atr_apply *a;
    const atr_vec_tree *tree;
    size_t first, next;           /* of the edits */
    size_t size;                  /* of the vector after them */
    size_t row;                   /* the first that comes behind them then */
    bool changes;                 /* they are nothing else */
    size_t chunk_at, chunk_count; /* rows that were read together */
    const atr_word *chunk;
} pass;

/* Row i of the tree. */
static atr_word row_at(pass *p, size_t i)
{
    if (i - p->chunk_at >= p->chunk_count) {
        size_t below = p->tree->root != NULL ? p->tree->root->size : 0;
        p->chunk_at = i;
        p->chunk_count = i < below ? atr_vec_node_chunk(p->tree->root, i, &p->chunk)
                                   : atr_vec_node_chunk(p->tree->tail, i - below, &p->chunk);
    }
    return p->chunk[i - p->chunk_at];
}

static bool rows_are(pass *p, const atr_edit_range *r)
{
    size_t before = r->index + atr_vec_tree_size(p->tree) - p->size;
    for (size_t i = 0; i < r->count; i++) {
        if (!atr_words_equal(&p->a->model->element, row_at(p, before + i),
                             atr_apply_word(&p->a->edits->items[r->first + i].was))) {
            atr_apply_fail(p->a, r->first + i, another_row);
            return false;
        }
    }
    return true;
}

static bool rows_fit(const pass *p, const atr_edit_range *r)
{
    for (size_t i = 0; i < r->count; i++) {
        if (!atr_vec_item_fit(p->a->s, p->a->model,
                              atr_apply_word(&p->a->edits->items[r->first + i].now))) {
            return false;
        }
    }
    return true;
}

static bool range_fits(pass *p, const atr_edit_range *r)
{
    size_t go = r->kind == ATR_EDIT_INSERT ? 0 : r->count;
    if (r->index > p->size || go > p->size - r->index) {
        atr_apply_fail(p->a, r->first, no_such_row);
        return false;
    }
    if ((go > 0 && !rows_are(p, r)) || (r->kind != ATR_EDIT_REMOVE && !rows_fit(p, r))) {
        return false;
    }
    if (r->kind == ATR_EDIT_INSERT && r->count > ATR_VEC_MAX - p->size) {
        atr_vec_refuse_size(p->a->s, p->a->model);
        return false;
    }
    return true;
}

/* The edits from p->next on that one pass can do; each is checked. false: refused and latched */
static bool pass_find(pass *p)
{
    atr_edit_range r = {.next = p->next};
    p->first = p->next;
    p->row = 0;
    p->changes = true;
    p->chunk_count = 0;
    while (atr_edits_next(&r, p->a->edits) && r.index >= p->row) {
        if (!range_fits(p, &r)) {
            return false;
        }
        p->next = r.next;
        p->changes = p->changes && r.kind == ATR_EDIT_CHANGE;
        p->row = r.index + (r.kind == ATR_EDIT_REMOVE ? 0 : r.count);
        p->size += r.kind == ATR_EDIT_INSERT ? r.count : 0;
        p->size -= r.kind == ATR_EDIT_REMOVE ? r.count : 0;
    }
    return true;
}

/* false: no memory */
static bool pass_do(const pass *p, atr_vec_tree *tree)
{
    const atr_edit *edits = p->a->edits->items + p->first;
    bool few = p->a->edits->count <= FEW;
    return p->changes ? atr_vec_tree_change(tree, edits, p->next - p->first, few)
                      : atr_vec_tree_patch(tree, edits, p->next - p->first, few);
}

static bool rows_do(const atr_apply *a, atr_vec_tree *tree)
{
    pass p = {.a = a, .tree = tree, .size = atr_vec_tree_size(tree)};
    while (p.next < a->edits->count) {
        if (!pass_find(&p)) {
            return false;
        }
        if (!pass_do(&p, tree)) {
            atr_scope_fail(a->s, &atr_error_no_memory);
            return false;
        }
    }
    return true;
}

/* A change alone is the update of a row. */
static const atr_vec *change_one(const atr_apply *a, const atr_vec *was)
{
    const atr_edit *e = &a->edits->items[0];
    size_t i = e->at.index;
    if (i >= atr_vec_count(was)) {
        atr_apply_fail(a, 0, no_such_row);
        return NULL;
    }
    if (!atr_words_equal(&a->model->element, atr_vec_at(was, i), atr_apply_word(&e->was))) {
        atr_apply_fail(a, 0, another_row);
        return NULL;
    }
    return atr_vec_set(a->s, a->model, was, i, atr_apply_word(&e->now));
}

static const atr_vec *change_any(const atr_apply *a, const atr_vec *was)
{
    atr_vec_tree tree;
    const void *root, *tail;
    bool done;
    if (!atr_vec_tree_begin(&tree, a->s, a->model, was)) {
        return NULL;
    }
    root = tree.root;
    tail = tree.tail;
    done = rows_do(a, &tree);
    if (!done || (tree.root == root && tree.tail == tail)) {
        atr_vec_tree_drop(&tree);
        return done ? was : NULL;
    }
    return atr_vec_tree_end(&tree, a->s, a->model, true);
}

const void *atr_rows_apply(const atr_apply *a, const atr_vec *was)
{
    bool one = a->edits->count == 1 && a->edits->items[0].kind == ATR_EDIT_CHANGE;
    return one ? change_one(a, was) : change_any(a, was);
}
