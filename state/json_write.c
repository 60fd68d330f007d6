/* Writing JSON. What is open stands on a stack of frames, not on that of the program, so no depth is too
 * much. */
#include <stdlib.h>
#include <string.h>

#include <atrium/memory.h>

#include "collections.h"
#include "heap.h"
#include "json_form.h"
#include "json_write.h"
#include "scalar.h"
#include "walk.h"

enum { FRAMES_FIRST = 16, PIECE_BYTES = 4096, INDENT_MAX = 16 };

static void hand_over(atr_json_writer *w, size_t least)
{
    if (w->take != NULL && w->text.size > least) {
        w->take(w->user, w->text.bytes, w->text.size);
        atr_text_cut(&w->text, 0);
    }
}

/* ---- frames ---- */

static bool room(atr_json_writer *w)
{
    size_t capacity = w->capacity > 0 ? w->capacity * 2 : FRAMES_FIRST;
    atr_json_frame *frames;
    if (w->depth >= w->bounds.depth) {
        atr_json_write_fail_words(w, ATR_JSON_E_LIMIT, "deeper than max_depth", "");
        return false;
    }
    if (w->depth < w->capacity) {
        return true;
    }
    frames = atr_memory_take(capacity * sizeof *frames);
    if (frames == NULL) {
        atr_json_write_fail_memory(w);
        return false;
    }
    if (w->depth > 0) {
        memcpy(frames, w->frames, w->depth * sizeof *frames);
    }
    atr_memory_give(w->frames, w->capacity * sizeof *frames);
    w->frames = frames;
    w->capacity = capacity;
    return true;
}

/* The order of two keys as text. */
static int order_by(atr_kind kind, const void *x, const void *y)
{
    const atr_map_entry *a = x, *b = y;
    char a_digits[ATR_JSON_KEY_MAX], b_digits[ATR_JSON_KEY_MAX];
    const char *a_text, *b_text;
    size_t a_size = atr_json_key_text(kind, a->key, a_digits, &a_text);
    size_t b_size = atr_json_key_text(kind, b->key, b_digits, &b_text);
    int order = memcmp(a_text, b_text, a_size < b_size ? a_size : b_size);
    return order != 0 ? order : (a_size > b_size) - (a_size < b_size);
}

static int i64_order(const void *x, const void *y)
{
    return order_by(ATR_KIND_I64, x, y);
}

static int f64_order(const void *x, const void *y)
{
    return order_by(ATR_KIND_F64, x, y);
}

static int time_order(const void *x, const void *y)
{
    return order_by(ATR_KIND_TIME, x, y);
}

static bool frame_sort(atr_json_writer *w, atr_json_frame *f)
{
    const atr_model *model = f->value->model;
    size_t count = atr_sorted_entries(f->value, &f->entries);
    if (count == SIZE_MAX) {
        atr_json_write_fail_memory(w);
        return false;
    }
    f->count = count;
    if (w->options->canonical && !atr_model_is_set(model) && model->key != ATR_KIND_STR &&
        count > 1) {
        qsort(f->entries, count, sizeof *f->entries,
              model->key == ATR_KIND_I64   ? i64_order
              : model->key == ATR_KIND_F64 ? f64_order
                                           : time_order);
    }
    return true;
}

static bool frame_plan(atr_json_writer *w, atr_json_frame *f)
{
    f->plan = atr_json_plan_of(&w->plans, f->value->model);
    if (f->plan != NULL) {
        f->count = f->plan->count;
        return true;
    }
    if (w->plans.clash[0] != NULL) {
        atr_text message = {0};
        atr_json_clash_tell(&message, f->value->model, &w->plans);
        atr_json_write_fail(w, ATR_JSON_E_MODEL, &message);
    } else {
        atr_json_write_fail_memory(w);
    }
    return false;
}

static void frame_open(atr_json_writer *w, const atr_head *value, bool wrapper)
{
    atr_json_frame f = {.value = value, .wrapper = wrapper, .count = 1};
    bool good = room(w);
    if (good && !wrapper) {
        switch (value->model->structure) {
        case ATR_STRUCTURE_FIELDS: good = frame_plan(w, &f); break;
        case ATR_STRUCTURE_VEC:
            f.count = atr_vec_count((const atr_vec *)(const void *)value);
            break;
        default: good = frame_sort(w, &f);
        }
    }
    if (good) {
        atr_text_add(&w->text, atr_json_frame_is_array(&f) ? "[" : "{", 1);
        w->frames[w->depth++] = f;
    }
}

static void line_break(atr_json_writer *w)
{
    uint32_t indent = w->options->indent < INDENT_MAX ? w->options->indent : INDENT_MAX;
    if (indent > 0 && !w->options->canonical) {
        atr_text_puts(&w->text, "\n");
        for (size_t i = 0; i < w->depth && w->text.code == ATR_OK; i++) {
            atr_text_add(&w->text, "                ", indent);
        }
    }
}

static void frame_free(atr_json_frame *f)
{
    if (f->entries != NULL) {
        atr_memory_give(f->entries, f->count * sizeof *f->entries);
    }
}

static void frame_close(atr_json_writer *w)
{
    atr_json_frame *f = &w->frames[--w->depth];
    if (f->count > 0) {
        line_break(w);
    }
    atr_text_add(&w->text, atr_json_frame_is_array(f) ? "]" : "}", 1);
    if (f->apart) {
        atr_text_add(&w->text, "}", 1);
        hand_over(w, 0);
        w->leave(w->user, f->value);
    }
    frame_free(f);
}

/* ---- leaves ---- */

/* Is a string of that size within the bound? Else that is latched. */
static bool string_fits(atr_json_writer *w, size_t size)
{
    if (size > w->bounds.string_bytes) {
        atr_json_write_fail_words(w, ATR_JSON_E_LIMIT, "a string longer than max_string_bytes", "");
        return false;
    }
    return true;
}

static void write_quoted(atr_json_writer *w, const char *bytes, size_t size)
{
    if (string_fits(w, size)) {
        atr_json_quote(&w->text, bytes, size);
    }
}

/* Behind a name and its colon. */
static void write_gap(atr_json_writer *w)
{
    if (w->options->indent > 0 && !w->options->canonical) {
        atr_text_add(&w->text, " ", 1);
    }
}

static void write_f64(atr_json_writer *w, double number)
{
    if (number - number == 0) {
        atr_json_f64(&w->text, number);
    } else if (w->take != NULL) {
        atr_text_puts(&w->text, atr_json_f64_name(number));
    } else {
        atr_json_write_fail_words(w, ATR_JSON_E_VALUE, "JSON has no form for ",
                                  number != number ? "NaN" : "an infinity");
    }
}

static void write_time(atr_json_writer *w, int64_t time)
{
    if (atr_json_time_has_form(time)) {
        size_t begin = w->text.size + 1;
        atr_text_add(&w->text, "\"", 1);
        atr_text_time(&w->text, time);
        string_fits(w, w->text.code == ATR_OK ? w->text.size - begin : 0);
        atr_text_add(&w->text, "\"", 1);
    } else if (w->take != NULL) {
        atr_json_i64(&w->text, time);
    } else {
        atr_json_write_fail_words(w, ATR_JSON_E_RANGE, "a time outside of the years 0001 to 9999",
                                  "");
    }
}

static void write_enumeration(atr_json_writer *w, const atr_enumeration *e, int64_t number)
{
    const atr_enumerator *known = atr_enumeration_by_number(e, (int32_t)number);
    if (known != NULL) {
        write_quoted(w, known->name, strlen(known->name));
    } else {
        atr_json_write_fail_words(w, ATR_JSON_E_VALUE,
                                  "a number that its enumeration does not list", "");
    }
}

static void write_scalar(atr_json_writer *w, const atr_type *type, atr_scalar scalar)
{
    if (!scalar.has) {
        atr_text_add(&w->text, "null", 4);
        return;
    }
    switch (type->kind) {
    case ATR_KIND_BOOL: atr_text_puts(&w->text, scalar.i64 != 0 ? "true" : "false"); break;
    case ATR_KIND_F64: write_f64(w, scalar.f64); break;
    case ATR_KIND_TIME: write_time(w, scalar.i64); break;
    case ATR_KIND_ENUMERATION: write_enumeration(w, type->enumeration, scalar.i64); break;
    default: atr_json_i64(&w->text, scalar.i64);
    }
}

/* ---- values ---- */

/* The outermost one lies in the object around it, and in nothing else. */
static void write_model(atr_json_writer *w, const atr_head *head)
{
    const char *name = head->model->name;
    int begun = 1;
    if (w->enter == NULL || w->depth <= 1) {
        frame_open(w, head, false);
        return;
    }
    hand_over(w, 0);
    begun = w->enter(w->user, head);
    if (begun < 0) {
        atr_json_write_fail_memory(w);
    }
    if (begun <= 0) {
        return;
    }
    atr_text_add(&w->text, "{", 1);
    write_quoted(w, name, strlen(name));
    atr_text_add(&w->text, ":", 1);
    frame_open(w, head, false);
    if (!w->failed) {
        w->frames[w->depth - 1].apart = true;
    }
}

static void write_value(atr_json_writer *w, const atr_head *head)
{
    if (head->model == NULL || head->model == &atr_dead_model) {
        atr_json_write_fail_words(w, ATR_JSON_E_VALUE,
                                  "a value that was never published, or is released", "");
        return;
    }
    switch (head->model->structure) {
    case ATR_STRUCTURE_STR: {
        const atr_str *text = (const atr_str *)(const void *)head;
        write_quoted(w, text->bytes, text->size);
        break;
    }
    case ATR_STRUCTURE_BYTES: {
        const atr_bytes *bytes = (const atr_bytes *)(const void *)head;
        if (string_fits(w, (bytes->size + 2) / 3 * 4)) {
            atr_json_base64(&w->text, bytes->bytes, bytes->size);
        }
        break;
    }
    case ATR_STRUCTURE_FIELDS: write_model(w, head); break;
    case ATR_STRUCTURE_VEC:
    case ATR_STRUCTURE_MAP:
    case ATR_STRUCTURE_SET:
    case ATR_STRUCTURE_OMAP:
    case ATR_STRUCTURE_OSET: frame_open(w, head, false); break;
    default:
        atr_json_write_fail_words(w, ATR_JSON_E_VALUE, "JSON has no form for ", head->model->name);
    }
}

static void write_any(atr_json_writer *w, const atr_head *head)
{
    if (head != NULL && (head->model == NULL || head->model == &atr_dead_model)) {
        write_value(w, head);
    } else if (atr_is_nothing(head)) {
        atr_text_add(&w->text, "null", 4);
    } else {
        frame_open(w, head, true);
    }
}

static void write_nothing(atr_json_writer *w, atr_kind kind)
{
    switch (kind) {
    case ATR_KIND_VEC:
    case ATR_KIND_SET:
    case ATR_KIND_OSET: atr_text_puts(&w->text, "[]"); break;
    case ATR_KIND_MAP:
    case ATR_KIND_OMAP: atr_text_puts(&w->text, "{}"); break;
    default: atr_text_puts(&w->text, "null");
    }
}

static void write_pointer(atr_json_writer *w, atr_kind kind, const void *value)
{
    if (kind == ATR_KIND_ANY) {
        write_any(w, value);
    } else if (value == NULL) {
        write_nothing(w, kind);
    } else {
        write_value(w, value);
    }
}

static void write_word(atr_json_writer *w, const atr_type *type, atr_word word)
{
    atr_scalar scalar = {true, 0, 0};
    if (type->kind >= ATR_KIND_STR) {
        write_pointer(w, type->kind, word.ref);
        return;
    }
    if (type->kind == ATR_KIND_F64) {
        scalar.f64 = word.f64;
    } else {
        scalar.i64 = word.i64;
    }
    write_scalar(w, type, scalar);
}

/* ---- members ---- */

static void member_of_struct(atr_json_writer *w, const atr_json_frame *f, size_t i)
{
    const atr_json_name *name = &f->plan->names[i];
    const atr_type *type = &name->field->type;
    const char *at = (const char *)f->value + name->offset;
    string_fits(w, name->size);
    atr_text_add(&w->text, name->quoted, name->quoted_size);
    write_gap(w);
    if (type->kind < ATR_KIND_STR) {
        write_scalar(w, type, atr_scalar_load(type, at));
    } else {
        write_pointer(w, type->kind, *(const void *const *)(const void *)at);
    }
}

static void member_of_map(atr_json_writer *w, const atr_json_frame *f, size_t i)
{
    const atr_model *model = f->value->model;
    atr_map_entry entry = f->entries[i];
    char digits[ATR_JSON_KEY_MAX];
    const char *at;
    size_t size;
    if (w->take == NULL && !atr_json_key_has_form(model->key, entry.key)) {
        atr_json_write_fail_words(w,
                                  model->key == ATR_KIND_TIME ? ATR_JSON_E_RANGE : ATR_JSON_E_VALUE,
                                  "JSON has no form for this key", "");
        return;
    }
    size = atr_json_key_text(model->key, entry.key, digits, &at);
    write_quoted(w, at, size);
    atr_text_add(&w->text, ":", 1);
    write_gap(w);
    write_word(w, &model->element, entry.value);
}

static void member_of_set(atr_json_writer *w, const atr_json_frame *f, size_t i)
{
    const atr_model *model = f->value->model;
    const atr_type type = {model->key, false, NULL, NULL};
    write_word(w, model->key == ATR_KIND_REF ? &model->element : &type, f->entries[i].key);
}

static void member_of_wrapper(atr_json_writer *w, const atr_json_frame *f)
{
    const atr_head *value = f->value;
    write_quoted(w, value->model->name, strlen(value->model->name));
    atr_text_add(&w->text, ":", 1);
    write_gap(w);
    write_value(w, value);
}

/* Begin the next member of the innermost frame, which moves when a member opens another. */
static void member(atr_json_writer *w)
{
    atr_json_frame *f = &w->frames[w->depth - 1];
    size_t i = f->begun++;
    if (i > 0) {
        atr_text_add(&w->text, ",", 1);
    }
    line_break(w);
    if (++w->elements > w->bounds.elements) {
        atr_json_write_fail_words(w, ATR_JSON_E_LIMIT, "more than max_elements", "");
        return;
    }
    if (f->wrapper) {
        member_of_wrapper(w, f);
        return;
    }
    switch (f->value->model->structure) {
    case ATR_STRUCTURE_FIELDS: member_of_struct(w, f, i); break;
    case ATR_STRUCTURE_VEC:
        write_word(w, &f->value->model->element,
                   atr_vec_at((const atr_vec *)(const void *)f->value, i));
        break;
    case ATR_STRUCTURE_SET:
    case ATR_STRUCTURE_OSET: member_of_set(w, f, i); break;
    default: member_of_map(w, f, i);
    }
}

static void text_failed(atr_json_writer *w)
{
    if (w->text.code == ATR_E_NO_MEMORY) {
        atr_json_write_fail_memory(w);
    } else {
        atr_json_write_fail_words(w, ATR_JSON_E_LIMIT, "longer than a text may be", "");
    }
}

/* What is no optional type has a value, whatever `has` says. */
static atr_scalar scalar_of(const atr_type *type, const atr_value *value)
{
    atr_scalar scalar = {!type->optional || value->has, 0, 0};
    switch (type->kind) {
    case ATR_KIND_BOOL: scalar.i64 = value->as.boolean; break;
    case ATR_KIND_I32:
    case ATR_KIND_ENUMERATION: scalar.i64 = value->as.i32; break;
    case ATR_KIND_U32: scalar.i64 = value->as.u32; break;
    case ATR_KIND_F64: scalar.f64 = value->as.f64; break;
    default: scalar.i64 = value->as.i64;
    }
    return scalar;
}

static void write_root(atr_json_writer *w, const atr_type *type, const atr_value *value)
{
    if (type->kind >= ATR_KIND_STR) {
        write_pointer(w, type->kind, value->as.ref);
    } else if (type->kind == ATR_KIND_UNIT) {
        write_nothing(w, type->kind);
    } else {
        write_scalar(w, type, scalar_of(type, value));
    }
}

static void check_bytes(atr_json_writer *w)
{
    if (w->text.size > w->bounds.bytes) {
        atr_json_write_fail_words(w, ATR_JSON_E_LIMIT, "longer than max_bytes", "");
    }
}

bool atr_json_write(atr_json_writer *w, const atr_type *type, atr_value value)
{
    w->plans.options = w->options;
    w->bounds = w->take != NULL ? atr_json_bounds_none() : atr_json_bounds_of(w->options);
    write_root(w, type, &value);
    while (w->depth > 0 && !w->failed && w->text.code == ATR_OK) {
        atr_json_frame *f = &w->frames[w->depth - 1];
        if (f->begun < f->count) {
            member(w);
        } else {
            frame_close(w);
        }
        hand_over(w, PIECE_BYTES);
        check_bytes(w);
    }
    check_bytes(w);
    if (w->text.code != ATR_OK && !w->failed) {
        text_failed(w);
    }
    hand_over(w, 0);
    while (w->depth > 0) {
        frame_free(&w->frames[--w->depth]);
    }
    atr_memory_give(w->frames, w->capacity * sizeof *w->frames);
    atr_json_plans_free(&w->plans);
    return !w->failed;
}

const atr_str *atr_to_json_as(atr_scope *s, const atr_type *type, atr_value value,
                              const atr_json_options *options)
{
    static const atr_json_options usual;
    atr_json_writer w = {.s = s, .options = options != NULL ? options : &usual};
    if (type == NULL) {
        atr_refuse(s, ATR_E_INVALID, "atr_to_json_as: the type is NULL");
        return &atr_str_default;
    }
    if (!atr_json_write(&w, type, value)) {
        atr_text_free(&w.text);
        return &atr_str_default;
    }
    return atr_text_finish(&w.text, s);
}

/* The model of a value tells its form; NULL has none, and is written as any. */
const atr_str *atr_to_json(atr_scope *s, const void *value, const atr_json_options *options)
{
    const atr_type type = {value != NULL ? ATR_KIND_REF : ATR_KIND_ANY, false, NULL, NULL};
    return atr_to_json_as(s, &type, atr_wrap_pointer_(type.kind, value), options);
}
