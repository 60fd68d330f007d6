/* Doing an edit script to the collection it begins with: of vectors range by range, of maps and sets key by key in a
 * builder. Each edit is checked against what it finds. */
#include <atrium/edits.h>
#include <atrium/error.h>

#include "collections.h"
#include "heap.h"
#include "rows_match.h"
#include "vector_handle.h"

enum { CHANGES_AT_ONCE = 1000 };

typedef struct apply {
    atr_scope *s; /* of what is made on the way */
    const atr_model *model;
    const atr_edits *edits;
} apply;

static int fail(const apply *a, size_t i, const char *why)
{
    return atr_refuse(a->s, ATR_E_INVALID, "atr_edits_apply: edit %zu %s", i, why);
}

/* ---- words ---- */

/* The type of rows: of sets, their keys. */
static atr_type row_type(const atr_model *model)
{
    return atr_model_is_set(model) && model->key != ATR_KIND_REF
               ? (atr_type){model->key, false, NULL, NULL}
               : model->element;
}

/* Scripts are not typed, so that models are compared in any pool. */
static bool is_value(const atr_value *value, const atr_type *type)
{
    const atr_head *head;
    if (value->kind != type->kind || !value->has || type->kind < ATR_KIND_STR) {
        return value->kind == type->kind && value->has;
    }
    head = value->as.ref;
    return head != NULL &&
           head->model == (type->kind == ATR_KIND_STR ? &atr_str_model : type->model);
}

static atr_word word_of(const atr_value *value)
{
    if (value->kind >= ATR_KIND_STR) {
        return (atr_word){.ref = value->as.ref};
    }
    return value->kind == ATR_KIND_F64 ? (atr_word){.f64 = value->as.f64}
                                       : (atr_word){.i64 = value->as.i64};
}

/* ---- an edit by itself ---- */

static const char *place_fault(const apply *a, const atr_edit *e)
{
    atr_type key = {a->model->key, false, a->model->element.model, NULL};
    bool by_key =
        a->model->structure == ATR_STRUCTURE_MAP || a->model->structure == ATR_STRUCTURE_SET;
    if (e->at.outer != NULL) {
        return "lies inside of a row: scripts to be applied are those of rows_only";
    }
    if (e->at.model != a->model || e->at.kind != (by_key ? ATR_STEP_KEY : ATR_STEP_ROW)) {
        return "is none of this collection";
    }
    if (atr_model_has_entries(a->model) && !is_value(&e->at.key, &key)) {
        return "has no key, or one of another model";
    }
    return NULL;
}

static const char *edit_fault(const apply *a, const atr_edit *e)
{
    const char *fault = place_fault(a, e);
    atr_type type = row_type(a->model);
    if (fault != NULL) {
        return fault;
    }
    if (e->kind != ATR_EDIT_REMOVE && e->kind != ATR_EDIT_INSERT && e->kind != ATR_EDIT_CHANGE) {
        return "is of no kind";
    }
    if ((e->kind != ATR_EDIT_INSERT && !is_value(&e->was, &type)) ||
        (e->kind != ATR_EDIT_REMOVE && !is_value(&e->now, &type))) {
        return "has no value, or one of another model";
    }
    return NULL;
}

static bool all_fit(const apply *a)
{
    for (size_t i = 0; i < a->edits->count; i++) {
        const char *fault = edit_fault(a, &a->edits->items[i]);
        if (fault != NULL) {
            fail(a, i, fault);
            return false;
        }
    }
    return true;
}

/* ---- maps and sets ---- */

typedef struct builder {
    atr_map_builder *map;
    atr_omap_builder *omap; /* either */
} builder;

/* The value of a key; of sets the member, that of their order. */
static bool builder_find(const builder *b, bool set, atr_word key, atr_word *there)
{
    *there = key;
    if (b->map != NULL) {
        return atr_map_builder_find(b->map, key, set ? NULL : there);
    }
    return set ? atr_omap_builder_find_key(b->omap, key, there)
               : atr_omap_builder_find(b->omap, key, there);
}

static int entry_do(const apply *a, const builder *b, size_t i)
{
    const atr_edit *e = &a->edits->items[i];
    bool set = atr_model_is_set(a->model);
    atr_word key =
        word_of(a->model->key == ATR_KIND_REF && e->kind != ATR_EDIT_REMOVE ? &e->now : &e->at.key);
    atr_type type = row_type(a->model);
    atr_word there, now = set ? (atr_word){.i64 = 0} : word_of(&e->now);
    bool found = builder_find(b, set, key, &there);
    if (found != (e->kind != ATR_EDIT_INSERT)) {
        return fail(a, i, found ? "inserts a key that is there" : "finds no such key");
    }
    if (found && !atr_words_equal(&type, there, word_of(&e->was))) {
        return fail(a, i, "finds another value");
    }
    if (e->kind == ATR_EDIT_REMOVE) {
        return b->map != NULL ? atr_map_builder_remove(b->map, key)
                              : atr_omap_builder_remove(b->omap, key);
    }
    return b->map != NULL ? atr_map_builder_set(b->map, key, now)
                          : atr_omap_builder_set(b->omap, key, now);
}

static const void *entries_apply(const apply *a, const void *was)
{
    bool ordered = atr_model_is_ordered(a->model);
    builder b = {ordered ? NULL : atr_map_builder_new(a->s, a->model, was),
                 ordered ? atr_omap_builder_new(a->s, a->model, was) : NULL};
    int code = b.map != NULL || b.omap != NULL ? ATR_OK : ATR_E_NO_MEMORY;
    for (size_t i = 0; code == ATR_OK && i < a->edits->count; i++) {
        code = entry_do(a, &b, i);
    }
    if (code != ATR_OK) {
        return NULL;
    }
    return ordered ? (const void *)atr_omap_builder_seal(b.omap)
                   : (const void *)atr_map_builder_seal(b.map);
}

/* ---- vectors ---- */

static bool rows_are(const apply *a, const atr_vec *v, const atr_edit_range *r)
{
    for (size_t i = 0; i < r->count; i++) {
        if (!atr_words_equal(&a->model->element, atr_vec_at(v, r->index + i),
                             word_of(&a->edits->items[r->first + i].was))) {
            fail(a, r->first + i, "finds another row");
            return false;
        }
    }
    return true;
}

/* What comes in a range. */
static const atr_vec *rows_to_come(const apply *a, atr_scope *s, const atr_edit_range *r)
{
    atr_vec_builder *b;
    if (r->kind == ATR_EDIT_REMOVE) {
        return NULL;
    }
    b = atr_vec_builder_new(s, a->model, NULL);
    for (size_t i = r->first; b != NULL && i < r->next; i++) {
        if (atr_vec_builder_push(b, word_of(&a->edits->items[i].now)) != ATR_OK) {
            return NULL;
        }
    }
    return atr_vec_builder_seal(b);
}

typedef struct changes {
    const apply *a;
    const atr_edit_range *r;
} changes;

/* atr_vec_rewrite_fn */
static bool some_change(void *user, size_t at, const atr_word *was, size_t count, atr_word *now)
{
    const changes *c = user;
    const atr_edit *edits = c->a->edits->items + c->r->first;
    for (size_t i = 0; i < count; i++) {
        size_t row = at + i;
        bool inside = row >= c->r->index && row - c->r->index < c->r->count;
        now[i] = inside ? word_of(&edits[row - c->r->index].now) : was[i];
        if (inside && !atr_vec_item_fit(c->a->s, c->a->model, now[i])) {
            return false;
        }
    }
    return true;
}

/* A row alone costs its way down the tree, so beyond that many it is cheaper to go through the whole. */
static bool are_few(const atr_vec *v, const atr_edit_range *r)
{
    return r->count <= 1 + atr_vec_count(v) / 128;
}

/* Both leave the shape of the tree: a range cut out and put in would make it slower to read. */
static const atr_vec *rows_change(const apply *a, atr_scope *s, const atr_vec *v,
                                  const atr_edit_range *r)
{
    changes c = {a, r};
    if (!are_few(v, r)) {
        return atr_vec_rewrite(s, a->model, v, some_change, &c);
    }
    for (size_t i = 0; v != NULL && i < r->count; i++) {
        v = atr_vec_set(s, a->model, v, r->index + i, word_of(&a->edits->items[r->first + i].now));
    }
    return v;
}

static const atr_vec *range_do(const apply *a, atr_scope *s, const atr_vec *v,
                               const atr_edit_range *r)
{
    size_t count = atr_vec_count(v), go = r->kind == ATR_EDIT_INSERT ? 0 : r->count;
    if (r->index > count || go > count - r->index) {
        fail(a, r->first, "finds no such row");
        return NULL;
    }
    if (go > 0 && !rows_are(a, v, r)) {
        return NULL;
    }
    return r->kind == ATR_EDIT_CHANGE
               ? rows_change(a, s, v, r)
               : atr_vec_splice(s, a->model, v, r->index, r->index + go, rows_to_come(a, s, r));
}

/* The next range, cut where each row makes a version that is held until the range is done. */
static bool range_next(atr_edit_range *r, const apply *a, const atr_vec *v)
{
    if (!atr_edits_next(r, a->edits)) {
        return false;
    }
    if (r->kind == ATR_EDIT_CHANGE && r->count > CHANGES_AT_ONCE && are_few(v, r)) {
        r->count = CHANGES_AT_ONCE;
        r->next = r->first + r->count;
    }
    return true;
}

/* Of the versions on the way only the last one is held. */
static const void *rows_apply(const apply *a, const atr_vec *v)
{
    atr_edit_range r = {0};
    atr_hold_(v);
    while (atr_scope_error(a->s) == NULL && range_next(&r, a, v)) {
        atr_scope *step = atr_scope_open(a->s);
        const atr_vec *next = range_do(a, step, v, &r);
        atr_hold_(next);
        atr_let_go(v);
        v = next;
        atr_scope_close(step);
    }
    atr_scope_hold(a->s, v);
    atr_let_go(v);
    return v;
}

/* ---- */

static const void *whole_apply(const apply *a, const void *was)
{
    const atr_edit *e = &a->edits->items[0];
    if (a->edits->count > 1) {
        fail(a, 1, "follows a change of the whole");
    } else if (e->kind != ATR_EDIT_CHANGE) {
        fail(a, 0, "is no change of the whole");
    } else if (!atr_equal(was, e->was.as.ref)) {
        fail(a, 0, "changes another value as a whole");
    }
    return e->now.as.ref;
}

static const void *apply_in(apply *a, const void *was)
{
    const atr_edit *first = &a->edits->items[0];
    const atr_head *head = was;
    if (first->at.kind == ATR_STEP_WHOLE) {
        return whole_apply(a, was);
    }
    a->model = head != NULL ? head->model : first->at.model;
    if (a->model == NULL ||
        (a->model->structure != ATR_STRUCTURE_VEC && !atr_model_has_entries(a->model))) {
        fail(a, 0, "is one of a model: only collections can be changed by a script");
        return NULL;
    }
    if (!all_fit(a)) {
        return NULL;
    }
    return a->model->structure == ATR_STRUCTURE_VEC ? rows_apply(a, was) : entries_apply(a, was);
}

const void *atr_edits_apply(atr_scope *s, const void *was, const atr_edits *edits)
{
    apply a = {.edits = edits};
    const void *made = NULL;
    if (s == NULL) {
        return NULL;
    }
    if (edits == NULL) {
        atr_refuse(s, ATR_E_INVALID, "atr_edits_apply: the script is NULL");
        return NULL;
    }
    if (atr_scope_error(s) != NULL) {
        return NULL;
    }
    if (edits->count == 0) {
        return was;
    }
    a.s = atr_scope_open(s);
    if (a.s == NULL) {
        return NULL;
    }
    if (was == NULL || atr_scope_hold(a.s, was) == ATR_OK) {
        made = apply_in(&a, was);
    }
    if (atr_scope_error(a.s) != NULL || atr_scope_hold(s, made) != ATR_OK) {
        made = NULL;
    }
    atr_scope_close(a.s);
    return made;
}
