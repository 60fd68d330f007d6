/* Edit scripts: the walk of value_diff.h, kept. */
#include <atrium/edits.h>

#include <string.h>

#include <atrium/error.h>
#include <atrium/scope.h>

#include "check.h"
#include "collections.h"
#include "heap.h"
#include "value_diff.h"

enum { LIMIT_DEFAULT = 10 * 1000 * 1000, EDITS_FIRST = 4 };

/* What a scope owns of a script. All of it goes with the pool when that is abandoned. */
typedef struct script {
    atr_edits edits; /* first: what the user sees */
    atr_edit *items;
    size_t capacity;
    atr_steps steps;
} script;

static const atr_edits no_edits = {0, NULL, 0};

static void items_free(script *made)
{
    atr_extra_give(made->steps.pool, made->items);
    atr_steps_free(&made->steps);
    made->items = NULL;
    made->capacity = 0;
    made->edits.items = NULL;
    made->edits.count = 0;
}

static void script_free(void *ptr)
{
    script *made = ptr;
    items_free(made);
    atr_extra_give(made->steps.pool, made);
}

static bool items_grow(script *made)
{
    size_t capacity = made->capacity == 0 ? EDITS_FIRST : made->capacity * 2;
    atr_edit *items = atr_extra_take(made->steps.pool, capacity * sizeof *items);
    if (items == NULL) {
        return false;
    }
    if (made->edits.count > 0) {
        memcpy(items, made->items, made->edits.count * sizeof *items);
    }
    atr_extra_give(made->steps.pool, made->items);
    made->items = items;
    made->capacity = capacity;
    made->edits.items = items;
    return true;
}

static int script_add(void *user, const atr_edit *edit)
{
    script *made = user;
    if (made->edits.count == made->capacity && !items_grow(made)) {
        return ATR_E_NO_MEMORY;
    }
    made->items[made->edits.count++] = *edit;
    return ATR_OK;
}

/* Too many edits: one of the whole. */
static int script_of_whole(script *made, const atr_value_diff *d, const void *was, const void *now)
{
    atr_edit edit = {
        ATR_EDIT_CHANGE,
        {.kind = ATR_STEP_WHOLE, .redacted = d->redacted, .key = {ATR_KIND_UNIT, false, {false}}},
        {ATR_KIND_ANY, was != NULL, {false}},
        {ATR_KIND_ANY, now != NULL, {false}}};
    edit.was.as.ref = was;
    edit.now.as.ref = now;
    items_free(made);
    return script_add(made, &edit);
}

static int script_make(script *made, const void *was, const void *now,
                       const atr_diff_options *options)
{
    atr_value_diff d = {.levels = options->rows_only ? 1 : 0,
                        .redacted = options->redacted,
                        .limit = options->limit > 0 ? options->limit : LIMIT_DEFAULT,
                        .fn = script_add,
                        .user = made,
                        .steps = made->steps};
    int code = atr_values_diff(&d, was, now);
    made->steps = d.steps;
    made->edits.visited = d.visited;
    return code == ATR_E_LIMIT ? script_of_whole(made, &d, was, now) : code;
}

static bool take_side(atr_scope *s, const void *value)
{
    const char *fault = s != NULL && value != NULL ? atr_value_fault(s, value, NULL) : NULL;
    if (fault != NULL) {
        atr_refuse(s, ATR_E_REFUSED, "atr_diff: the value %s", fault);
    }
    return s != NULL && fault == NULL && atr_scope_hold(s, value) == ATR_OK;
}

const atr_edits *atr_diff(atr_scope *s, const void *was, const void *now,
                          const atr_diff_options *options)
{
    static const atr_diff_options defaults;
    script *made;
    options = options != NULL ? options : &defaults;
    if (!take_side(s, was) || !take_side(s, now)) {
        return &no_edits;
    }
    made = atr_extra_take(s->pool, sizeof *made);
    if (made == NULL) {
        atr_scope_fail(s, &atr_error_no_memory);
        return &no_edits;
    }
    *made = (script){.steps.pool = s->pool};
    if (script_make(made, was, now, options) < 0) {
        atr_scope_fail(s, &atr_error_no_memory);
        script_free(made);
        return &no_edits;
    }
    return atr_scope_defer(s, script_free, made) < 0 ? &no_edits : &made->edits;
}

/* ---- ranges ---- */

static bool is_next_row(const atr_edit *before, const atr_edit *edit)
{
    size_t step = edit->kind == ATR_EDIT_REMOVE ? 0 : 1;
    return edit->kind == before->kind && edit->at.kind == ATR_STEP_ROW && edit->at.outer == NULL &&
           edit->at.index == before->at.index + step;
}

/* How many rows a side of a change of the whole has; 0 too when it is nothing that has rows. */
static size_t rows_of(const atr_value *side)
{
    const atr_head *head = side->as.ref;
    switch (head != NULL ? head->model->structure : ATR_STRUCTURE_STR) {
    case ATR_STRUCTURE_VEC: return atr_vec_count((const atr_vec *)(const void *)head);
    case ATR_STRUCTURE_OMAP:
    case ATR_STRUCTURE_OSET: return atr_omap_count((const atr_omap *)(const void *)head);
    default: return 0;
    }
}

/* Of a change of the whole: all rows go, then all come. */
static bool whole_next(atr_edit_range *range, const atr_edit *edit)
{
    bool begins = range->count == 0;
    size_t was = begins ? rows_of(&edit->was) : 0, now = rows_of(&edit->now);
    if (was > 0) {
        *range = (atr_edit_range){ATR_EDIT_REMOVE, 0, was, 0, 0};
        return true;
    }
    *range = (atr_edit_range){ATR_EDIT_INSERT, 0, now, 1, 1};
    return now > 0;
}

bool atr_edits_next(atr_edit_range *range, const atr_edits *edits)
{
    size_t first, next;
    const atr_edit *items;
    if (range == NULL || edits == NULL) {
        return false;
    }
    first = range->next;
    next = first + 1;
    items = edits->items;
    if (first < edits->count && items[first].at.kind == ATR_STEP_WHOLE) {
        return whole_next(range, &items[first]);
    }
    if (first >= edits->count || items[first].at.kind != ATR_STEP_ROW ||
        items[first].at.outer != NULL) {
        return false;
    }
    while (next < edits->count && is_next_row(&items[next - 1], &items[next])) {
        next++;
    }
    *range = (atr_edit_range){items[first].kind, items[first].at.index, next - first, first, next};
    return true;
}
