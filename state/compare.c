/* The order of any two values, without recursion: a stack of pairs under way, each with the place it has
 * got to. The last part of a pair takes its place on the stack, so a chain of any length needs one. */
#include <string.h>

#include <atrium/memory.h>
#include <atrium/model.h>

#include "collections.h"
#include "scalar.h"
#include "seen.h"
#include "walk.h"

/* Comparisons nested when the stack cannot grow, each with FRAMES_INLINE pairs. Deeper ones are equal. */
enum { FRAMES_INLINE = 16, NESTED_MAX = 64 };

typedef struct frame {
    const atr_head *a, *b; /* of one model */
    size_t at;
    size_t a_count, b_count;  /* of vectors, maps and sets */
    atr_map_entry *a_entries; /* of maps and sets */
    atr_map_entry *b_entries;
} frame;

typedef struct comparison {
    frame *frames;
    size_t count;
    size_t capacity;
    unsigned nested;
    atr_seen seen;
    frame small[FRAMES_INLINE];
} comparison;

static int compare_values(const void *a, const void *b, unsigned nested);

static int compare_sizes(size_t a, size_t b)
{
    return (a > b) - (a < b);
}

/* ---- the stack ---- */

static bool stack_grow(comparison *c)
{
    size_t capacity = c->capacity * 2;
    frame *frames = atr_memory_take(capacity * sizeof *frames);
    if (frames == NULL) {
        return false;
    }
    memcpy(frames, c->frames, c->count * sizeof *frames);
    if (c->frames != c->small) {
        atr_memory_give(c->frames, c->capacity * sizeof *frames);
    }
    c->frames = frames;
    c->capacity = capacity;
    return true;
}

static void frame_pop(comparison *c)
{
    frame *f = &c->frames[--c->count];
    atr_memory_give(f->a_entries, f->a_count * sizeof *f->a_entries);
    atr_memory_give(f->b_entries, f->b_count * sizeof *f->b_entries);
}

/* When memory is out the order of two maps is that of their sizes. */
static int frame_load_maps(frame *f)
{
    const atr_head *a = f->a, *b = f->b;
    size_t a_count = atr_sorted_entries(a, &f->a_entries), b_count;
    if (a_count == SIZE_MAX) {
        return compare_sizes(atr_entries_count(a), atr_entries_count(b));
    }
    f->a_count = a_count;
    b_count = atr_sorted_entries(b, &f->b_entries);
    if (b_count == SIZE_MAX) {
        atr_memory_give(f->a_entries, f->a_count * sizeof *f->a_entries);
        f->a_entries = NULL;
        f->a_count = 0;
        return compare_sizes(atr_entries_count(a), atr_entries_count(b));
    }
    f->b_count = b_count;
    return 0;
}

static int frame_push(comparison *c, const atr_head *a, const atr_head *b)
{
    frame f = {.a = a, .b = b};
    int order = 0;
    if (atr_seen_is_due(&c->seen) && atr_seen_met(&c->seen, a, b)) {
        return 0; /* else all would be over */
    }
    if (c->count == c->capacity && !stack_grow(c)) {
        return c->nested < NESTED_MAX ? compare_values(a, b, c->nested + 1) : 0;
    }
    if (a->model->structure == ATR_STRUCTURE_VEC) {
        f.a_count = atr_vec_count((const atr_vec *)(const void *)a);
        f.b_count = atr_vec_count((const atr_vec *)(const void *)b);
    } else if (a->model->structure != ATR_STRUCTURE_FIELDS) {
        order = frame_load_maps(&f);
    }
    c->frames[c->count++] = f;
    return order;
}

/* ---- pairs ---- */

static int compare_models(const atr_model *a, const atr_model *b)
{
    int order = a == b ? 0 : strcmp(a->name, b->name);
    /* Two models of one name are no content to order by; some order there must be. */
    return order != 0 ? order : ((uintptr_t)a > (uintptr_t)b) - ((uintptr_t)a < (uintptr_t)b);
}

/* The order of pointers is none that lasts; within a run it is one. */
static int compare_opaques(const atr_opaque *a, const atr_opaque *b)
{
    uintptr_t x = (uintptr_t)a->pointer, y = (uintptr_t)b->pointer;
    return (x > y) - (x < y);
}

/* Compare at once what can be, put the rest on the stack. */
static int enter(comparison *c, const void *a, const void *b)
{
    const atr_head *x = a, *y = b;
    bool a_nothing, b_nothing;
    int order;
    if (a == b) {
        return 0;
    }
    a_nothing = atr_is_nothing(a);
    b_nothing = atr_is_nothing(b);
    if (a_nothing || b_nothing) {
        return b_nothing - a_nothing;
    }
    order = compare_models(x->model, y->model);
    if (order != 0) {
        return order;
    }
    switch (x->model->structure) {
    case ATR_STRUCTURE_STR: return atr_str_compare(a, b);
    case ATR_STRUCTURE_BYTES: return atr_bytes_compare(a, b);
    case ATR_STRUCTURE_OPAQUE: return compare_opaques(a, b);
    default: return frame_push(c, x, y);
    }
}

static int enter_word(comparison *c, atr_kind kind, atr_word a, atr_word b)
{
    atr_scalar x = {true, 0, 0}, y = {true, 0, 0};
    if (kind >= ATR_KIND_STR) {
        return enter(c, a.ref, b.ref);
    }
    if (kind == ATR_KIND_F64) {
        x.f64 = a.f64;
        y.f64 = b.f64;
    } else {
        x.i64 = a.i64;
        y.i64 = b.i64;
    }
    return atr_scalar_compare(x, y);
}

/* One step of the pair on top, which is popped before its last part is entered. */
static int step_fields(comparison *c)
{
    frame f = c->frames[c->count - 1];
    const atr_field *field = &f.a->model->fields[f.at];
    const char *a, *b;
    c->frames[c->count - 1].at++;
    if (f.at + 1 >= f.a->model->field_count) {
        frame_pop(c);
    }
    if (f.at == f.a->model->field_count) { /* it has none */
        return 0;
    }
    a = (const char *)f.a + atr_field_offset(f.a->model, field);
    b = (const char *)f.b + atr_field_offset(f.a->model, field);
    if (field->type.kind < ATR_KIND_STR) {
        return atr_scalar_compare(atr_scalar_load(&field->type, a),
                                  atr_scalar_load(&field->type, b));
    }
    return enter(c, *(const void *const *)(const void *)a, *(const void *const *)(const void *)b);
}

static int step_vec(comparison *c)
{
    frame *top = &c->frames[c->count - 1];
    size_t i = top->at++;
    if (i == top->a_count || i == top->b_count) {
        int order = compare_sizes(top->a_count, top->b_count);
        frame_pop(c);
        return order;
    }
    return enter_word(c, top->a->model->element.kind,
                      atr_vec_at((const atr_vec *)(const void *)top->a, i),
                      atr_vec_at((const atr_vec *)(const void *)top->b, i));
}

static int step_map(comparison *c)
{
    frame *top = &c->frames[c->count - 1];
    const atr_model *model = top->a->model;
    size_t i = top->at++;
    atr_map_entry a, b;
    int order;
    if (i == top->a_count || i == top->b_count || top->a_entries == NULL ||
        top->b_entries == NULL) {
        order = compare_sizes(top->a_count, top->b_count);
        frame_pop(c);
        return order;
    }
    a = top->a_entries[i];
    b = top->b_entries[i];
    order = enter_word(c, model->key, a.key, b.key);
    if (order != 0 || atr_model_is_set(model)) {
        return order;
    }
    return enter_word(c, model->element.kind, a.value, b.value);
}

static int compare_values(const void *a, const void *b, unsigned nested)
{
    comparison c;
    int order;
    c.frames = c.small;
    c.count = 0;
    c.capacity = FRAMES_INLINE;
    c.nested = nested;
    c.seen = (atr_seen){0};
    order = enter(&c, a, b);
    while (order == 0 && c.count > 0) {
        switch (c.frames[c.count - 1].a->model->structure) {
        case ATR_STRUCTURE_FIELDS: order = step_fields(&c); break;
        case ATR_STRUCTURE_VEC: order = step_vec(&c); break;
        default: order = step_map(&c);
        }
    }
    while (c.count > 0) {
        frame_pop(&c);
    }
    if (c.frames != c.small) {
        atr_memory_give(c.frames, c.capacity * sizeof *c.frames);
    }
    atr_seen_free(&c.seen);
    return order;
}

int atr_compare(const void *a, const void *b)
{
    return compare_values(a, b, 0);
}
