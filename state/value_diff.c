/* Two values side by side, with a stack of pairs under way instead of recursion: models, whose fields are
 * gone through, and collections, whose row edits are made at once and gone through then. A step of the
 * path is stored when the first edit below it is told. */
#include "value_diff.h"

#include <string.h>

#include <atrium/memory.h>
#include <atrium/model.h>

#include "collections.h"
#include "heap.h"
#include "rows_diff.h"
#include "scalar.h"
#include "seen.h"

enum { FRAMES_FIRST = 8, BLOCK_STEPS = 30, BLOCK_FIRST_STEPS = 4 };

/* A pair under way. */
typedef struct frame {
    const atr_head *was, *now; /* of one model; of collections one may be NULL */
    const atr_model *model;
    bool is_model;        /* else a collection */
    atr_step step;        /* where it lies; of the first frame: nothing */
    const atr_step *kept; /* the stored one; NULL: not stored yet, or the first frame's */
    size_t at;            /* the next field or row */
    size_t edits_before;  /* how many there were */
    atr_row_edits rows;
} frame;

typedef struct walk {
    atr_value_diff *d;
    frame *frames;
    size_t count;
    size_t capacity;
    size_t kept; /* frames from the first one on whose steps are stored */
    atr_seen seen;
} walk;

/* ---- steps ---- */

typedef struct atr_step_block {
    struct atr_step_block *next;
    size_t count, capacity;
    atr_step steps[];
} atr_step_block;

static size_t block_bytes(size_t capacity)
{
    return sizeof(atr_step_block) + capacity * sizeof(atr_step);
}

void atr_steps_free(atr_steps *steps)
{
    while (steps->first != NULL) {
        atr_step_block *block = steps->first;
        steps->first = block->next;
        if (steps->pool != NULL) {
            atr_extra_give(steps->pool, block);
        } else {
            atr_memory_give(block, block_bytes(block->capacity));
        }
    }
}

static const atr_step *step_store(atr_steps *steps, const atr_step *step)
{
    atr_step_block *block = steps->first;
    if (block == NULL || block->count == block->capacity) {
        size_t capacity = block == NULL ? BLOCK_FIRST_STEPS : BLOCK_STEPS;
        block = steps->pool != NULL ? atr_extra_take(steps->pool, block_bytes(capacity))
                                    : atr_memory_take(block_bytes(capacity));
        if (block == NULL) {
            return NULL;
        }
        *block = (atr_step_block){steps->first, 0, capacity};
        steps->first = block;
    }
    block->steps[block->count] = *step;
    return &block->steps[block->count++];
}

/* Store the steps that lead to the innermost frame. */
static bool steps_keep(walk *w)
{
    for (w->kept = w->kept > 0 ? w->kept : 1; w->kept < w->count; w->kept++) {
        frame *f = &w->frames[w->kept];
        f->step.outer = w->frames[w->kept - 1].kept;
        f->kept = step_store(&w->d->steps, &f->step);
        if (f->kept == NULL) {
            return false;
        }
    }
    return true;
}

/* ---- telling ---- */

static const atr_value nothing = {ATR_KIND_UNIT, false, {false}};

/* So many edits more, which fn need not be told. */
static int count_on(walk *w, size_t edits)
{
    w->d->edits = edits < SIZE_MAX - w->d->edits ? w->d->edits + edits : SIZE_MAX;
    return w->d->counts_on || w->d->edits <= w->d->limit ? ATR_OK : ATR_E_LIMIT;
}

static bool is_redacted(const atr_step *at)
{
    return at->redacted || atr_field_attributes(at->model, at->field)->redacted;
}

static int tell(walk *w, atr_edit_kind kind, const atr_step *at, atr_value was, atr_value now)
{
    atr_edit edit = {kind, *at, was, now};
    if (w->d->edits >= w->d->limit) {
        return count_on(w, 1);
    }
    w->d->edits++;
    edit.at.redacted = is_redacted(at);
    if (!steps_keep(w)) {
        return ATR_E_NO_MEMORY;
    }
    edit.at.outer = w->count > 0 ? w->frames[w->count - 1].kept : NULL;
    return w->d->fn(w->d->user, &edit);
}

static atr_value ref_value(atr_kind kind, const void *ref)
{
    atr_value value = {kind, ref != NULL, {false}};
    value.as.ref = ref;
    return value;
}

static atr_value word_value(atr_kind kind, atr_word word)
{
    atr_value value = {kind, true, {false}};
    if (kind >= ATR_KIND_STR) {
        return ref_value(kind, word.ref);
    }
    if (kind == ATR_KIND_F64) {
        value.as.f64 = word.f64;
    } else {
        value.as.i64 = word.i64;
    }
    return value;
}

/* ---- pairs ---- */

static bool is_collection(const atr_model *model)
{
    return model->structure == ATR_STRUCTURE_VEC || atr_model_has_entries(model);
}

/* The model of both, if they can be looked into: NULL beside a collection is an empty one. */
static const atr_model *common_model(const atr_head *was, const atr_head *now)
{
    const atr_head *one = was != NULL ? was : now;
    if (one == NULL || (was != NULL && now != NULL && was->model != now->model)) {
        return NULL;
    }
    return is_collection(one->model) ||
                   (was != NULL && now != NULL && one->model->structure == ATR_STRUCTURE_FIELDS)
               ? one->model
               : NULL;
}

static bool is_row_model(const walk *w, const atr_model *model)
{
    bool looked_into = w->d->levels == 0 || w->count < w->d->levels;
    return looked_into &&
           (atr_model_is_set(model) ? model->key : model->element.kind) == ATR_KIND_REF;
}

static size_t rows_of(const atr_model *model, const atr_head *collection)
{
    const void *of = collection;
    return model->structure == ATR_STRUCTURE_VEC ? atr_vec_count(of) : atr_entries_count(of);
}

static int rows_list(frame *f)
{
    const void *was = f->was, *now = f->now;
    switch (f->model->structure) {
    case ATR_STRUCTURE_VEC: return atr_vec_edits(&f->rows, f->model, was, now);
    case ATR_STRUCTURE_MAP:
    case ATR_STRUCTURE_SET: return atr_map_edits(&f->rows, f->model, was, now);
    default: return atr_omap_edits(&f->rows, f->model, was, now);
    }
}

/* The edits of rows. When there are more than will be told, that is found out as soon as may be. */
static int rows_find(const walk *w, frame *f)
{
    int code;
    if (!w->d->counts_on) {
        size_t was = rows_of(f->model, f->was), now = rows_of(f->model, f->now);
        size_t left = w->d->limit - w->d->edits;
        f->rows.enough = left < SIZE_MAX ? left + 1 : left; /* no collection differs in so much */
        if ((was > now ? was - now : now - was) >= f->rows.enough) {
            return ATR_E_LIMIT;
        }
    }
    code = rows_list(f);
    return f->rows.over ? ATR_E_LIMIT : code;
}

static bool frames_grow(walk *w)
{
    size_t capacity = w->capacity == 0 ? FRAMES_FIRST : w->capacity * 2;
    frame *frames = atr_memory_take(capacity * sizeof *frames);
    if (frames == NULL) {
        return false;
    }
    if (w->count > 0) {
        memcpy(frames, w->frames, w->count * sizeof *frames);
    }
    atr_memory_give(w->frames, w->capacity * sizeof *frames);
    w->frames = frames;
    w->capacity = capacity;
    return true;
}

/* Where values are looked into down to a level only, what is found depends on where they are met. */
static size_t depth_of(const walk *w)
{
    return w->d->levels > 0 ? w->count : 0;
}

static void frame_pop(walk *w)
{
    frame *f = &w->frames[--w->count];
    w->d->visited += f->rows.visited;
    if (w->seen.steps > ATR_SEEN_FROM) {
        atr_seen_note(&w->seen,
                      (atr_seen_pair){f->was, f->now, depth_of(w), w->d->edits - f->edits_before});
    }
    atr_row_edits_free(&f->rows);
    w->kept = w->kept < w->count ? w->kept : w->count;
}

static int frame_push(walk *w, const atr_model *model, const void *was, const void *now,
                      const atr_step *step)
{
    frame *f;
    if (w->count == w->capacity && !frames_grow(w)) {
        return ATR_E_NO_MEMORY;
    }
    f = &w->frames[w->count++];
    *f = (frame){.was = was, .now = now, .model = model, .step = *step};
    f->edits_before = w->d->edits;
    f->step.redacted = is_redacted(step);
    f->is_model = was != NULL && now != NULL && model->structure == ATR_STRUCTURE_FIELDS;
    f->rows.loose = is_row_model(w, model);
    return f->is_model ? ATR_OK : rows_find(w, f);
}

/* Need the pair not be looked into once more? Its edits must be told again, each in another place, but
 * not what nobody wants to be told. */
static bool is_known(walk *w, const void *was, const void *now, size_t *edits)
{
    const atr_seen_pair *found =
        atr_seen_is_due(&w->seen) ? atr_seen_find(&w->seen, was, now, depth_of(w)) : NULL;
    size_t left = w->d->limit > w->d->edits ? w->d->limit - w->d->edits : 0;
    if (found == NULL) {
        return false;
    }
    *edits = found->edits;
    return *edits == 0 || (w->d->counts_on ? left == 0 : *edits > left);
}

/* Two values at a place, of a kind that is a pointer: look into them, or tell that they differ. */
static int pair(walk *w, atr_kind kind, const atr_step *at, const void *was, const void *now)
{
    const atr_model *model;
    bool all = w->d->levels == 0 || w->count < w->d->levels;
    size_t edits;
    w->d->visited++;
    if (was == now) {
        return ATR_OK;
    }
    model = all ? common_model(was, now) : NULL;
    if (model != NULL) {
        return is_known(w, was, now, &edits) ? count_on(w, edits)
                                             : frame_push(w, model, was, now, at);
    }
    return atr_equal(was, now)
               ? ATR_OK
               : tell(w, ATR_EDIT_CHANGE, at, ref_value(kind, was), ref_value(kind, now));
}

/* ---- fields ---- */

static int field_walk(walk *w, const frame *f, const atr_field *field)
{
    size_t offset = atr_field_offset(f->model, field);
    const char *was = (const char *)f->was + offset, *now = (const char *)f->now + offset;
    const atr_step at = {.kind = ATR_STEP_FIELD,
                         .redacted = f->step.redacted,
                         .model = f->model,
                         .field = field,
                         .key = nothing};
    atr_kind kind = field->type.kind;
    if (kind < ATR_KIND_STR) {
        atr_scalar a = atr_scalar_load(&field->type, was), b = atr_scalar_load(&field->type, now);
        w->d->visited++;
        return atr_scalar_compare(a, b) == 0
                   ? ATR_OK
                   : tell(w, ATR_EDIT_CHANGE, &at, atr_scalar_value(kind, a),
                          atr_scalar_value(kind, b));
    }
    was = *(const char *const *)(const void *)was;
    now = *(const char *const *)(const void *)now;
    if (w->d->hide_redacted && atr_field_attributes(f->model, field)->redacted) {
        return atr_equal(was, now)
                   ? ATR_OK
                   : tell(w, ATR_EDIT_CHANGE, &at, ref_value(kind, was), ref_value(kind, now));
    }
    return pair(w, kind, &at, was, now);
}

static int fields_step(walk *w)
{
    frame *f = &w->frames[w->count - 1];
    if (f->at == f->model->field_count) {
        frame_pop(w);
        return ATR_OK;
    }
    f->at++;
    return field_walk(w, f, &f->model->fields[f->at - 1]);
}

/* ---- rows ---- */

static atr_step row_place(const frame *f, const atr_row_edit *row)
{
    const atr_model *model = f->model;
    atr_step at = {.kind = ATR_STEP_ROW,
                   .redacted = f->step.redacted,
                   .model = model,
                   .index = row->index,
                   .key = nothing};
    at.was_index = row->was_index;
    if (model->structure == ATR_STRUCTURE_MAP || model->structure == ATR_STRUCTURE_SET) {
        at.kind = ATR_STEP_KEY;
    }
    if (model->structure != ATR_STRUCTURE_VEC) {
        at.key = word_value(model->key, row->key);
    }
    return at;
}

static int rows_step(walk *w)
{
    frame *f = &w->frames[w->count - 1];
    atr_kind kind = atr_model_is_set(f->model) ? f->model->key : f->model->element.kind;
    const atr_row_edit *row;
    atr_step at;
    if (f->at == f->rows.count) {
        frame_pop(w);
        return ATR_OK;
    }
    row = &f->rows.items[f->at++];
    at = row_place(f, row);
    if (row->kind == ATR_EDIT_CHANGE && f->rows.loose) {
        return pair(w, kind, &at, row->was.ref, row->now.ref);
    }
    return tell(w, row->kind, &at,
                row->kind == ATR_EDIT_INSERT ? nothing : word_value(kind, row->was),
                row->kind == ATR_EDIT_REMOVE ? nothing : word_value(kind, row->now));
}

int atr_values_diff(atr_value_diff *d, const void *was, const void *now)
{
    const atr_step whole = {.kind = ATR_STEP_WHOLE, .redacted = d->redacted, .key = nothing};
    walk w = {.d = d};
    int code = pair(&w, ATR_KIND_ANY, &whole, was, now);
    while (code == ATR_OK && w.count > 0) {
        code = w.frames[w.count - 1].is_model ? fields_step(&w) : rows_step(&w);
    }
    while (w.count > 0) {
        frame_pop(&w);
    }
    atr_memory_give(w.frames, w.capacity * sizeof *w.frames);
    atr_seen_free(&w.seen);
    return code;
}
