/* Doing an edit script to the collection it begins with: of vectors in edits_rows.c, of maps and sets key by key in
 * a builder. Each edit is checked against what it finds. */
#include "edits_apply.h"

#include <atrium/error.h>

#include "collections.h"
#include "rows_match.h"

int atr_apply_fail(const atr_apply *a, size_t i, const char *why)
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

/* ---- an edit by itself ---- */

static const char *place_fault(const atr_apply *a, const atr_edit *e)
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

static const char *edit_fault(const atr_apply *a, const atr_edit *e, const atr_type *type)
{
    const char *fault = place_fault(a, e);
    if (fault != NULL) {
        return fault;
    }
    if (e->kind != ATR_EDIT_REMOVE && e->kind != ATR_EDIT_INSERT && e->kind != ATR_EDIT_CHANGE) {
        return "is of no kind";
    }
    if ((e->kind != ATR_EDIT_INSERT && !is_value(&e->was, type)) ||
        (e->kind != ATR_EDIT_REMOVE && !is_value(&e->now, type))) {
        return "has no value, or one of another model";
    }
    return NULL;
}

static bool all_fit(const atr_apply *a)
{
    atr_type type = row_type(a->model);
    for (size_t i = 0; i < a->edits->count; i++) {
        const char *fault = edit_fault(a, &a->edits->items[i], &type);
        if (fault != NULL) {
            atr_apply_fail(a, i, fault);
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

static int entry_do(const atr_apply *a, const builder *b, size_t i)
{
    const atr_edit *e = &a->edits->items[i];
    bool set = atr_model_is_set(a->model);
    atr_word key = atr_apply_word(
        a->model->key == ATR_KIND_REF && e->kind != ATR_EDIT_REMOVE ? &e->now : &e->at.key);
    atr_type type = row_type(a->model);
    atr_word there, now = set ? (atr_word){.i64 = 0} : atr_apply_word(&e->now);
    bool found = builder_find(b, set, key, &there);
    if (found != (e->kind != ATR_EDIT_INSERT)) {
        return atr_apply_fail(a, i, found ? "inserts a key that is there" : "finds no such key");
    }
    if (found && !atr_words_equal(&type, there, atr_apply_word(&e->was))) {
        return atr_apply_fail(a, i, "finds another value");
    }
    if (e->kind == ATR_EDIT_REMOVE) {
        return b->map != NULL ? atr_map_builder_remove(b->map, key)
                              : atr_omap_builder_remove(b->omap, key);
    }
    return b->map != NULL ? atr_map_builder_set(b->map, key, now)
                          : atr_omap_builder_set(b->omap, key, now);
}

static const void *entries_apply(const atr_apply *a, const void *was)
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

/* ---- */

static const void *whole_apply(const atr_apply *a, const void *was)
{
    const atr_edit *e = &a->edits->items[0];
    if (a->edits->count > 1) {
        atr_apply_fail(a, 1, "follows a change of the whole");
    } else if (e->kind != ATR_EDIT_CHANGE) {
        atr_apply_fail(a, 0, "is no change of the whole");
    } else if (!atr_equal(was, e->was.as.ref)) {
        atr_apply_fail(a, 0, "changes another value as a whole");
    }
    return e->now.as.ref;
}

static const void *apply_in(atr_apply *a, const void *was)
{
    const atr_edit *first = &a->edits->items[0];
    const atr_head *head = was;
    if (first->at.kind == ATR_STEP_WHOLE) {
        return whole_apply(a, was);
    }
    a->model = head != NULL ? head->model : first->at.model;
    if (a->model == NULL ||
        (a->model->structure != ATR_STRUCTURE_VEC && !atr_model_has_entries(a->model))) {
        atr_apply_fail(a, 0, "is one of a model: only collections can be changed by a script");
        return NULL;
    }
    if (!all_fit(a)) {
        return NULL;
    }
    return a->model->structure == ATR_STRUCTURE_VEC ? atr_rows_apply(a, was)
                                                    : entries_apply(a, was);
}

const void *atr_edits_apply(atr_scope *s, const void *was, const atr_edits *edits)
{
    atr_apply a = {.edits = edits};
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
        return atr_scope_hold(s, was) == ATR_OK ? was : NULL;
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
