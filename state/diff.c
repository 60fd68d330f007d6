/* Where two values differ, as text: one line a place, with the path that leads to it. */
#include <atrium/memory.h>
#include <atrium/model.h>

#include "collections.h"
#include "print.h"
#include "scalar.h"

enum { LIMIT_DEFAULT = 100 };

typedef struct differ {
    atr_text lines;
    atr_text path;
    size_t count; /* places found */
    size_t limit;
    unsigned depth;
} differ;

static void diff_value(differ *d, const void *was, const void *now);

/* ---- paths and lines ---- */

static size_t path_field(differ *d, const char *name)
{
    size_t size = d->path.size;
    atr_text_printf(&d->path, size > 0 ? ".%s" : "%s", name);
    return size;
}

static size_t path_index(differ *d, size_t i)
{
    size_t size = d->path.size;
    atr_text_printf(&d->path, "[%zu]", i);
    return size;
}

static size_t path_key(differ *d, const atr_model *model, atr_word key)
{
    size_t size = d->path.size;
    atr_text_puts(&d->path, "[");
    atr_text_key(&d->path, model, key);
    atr_text_puts(&d->path, "]");
    return size;
}

static bool failed(const differ *d)
{
    return d->lines.code != ATR_OK;
}

/* Begin a line, unless there are enough: then the place is only counted. */
static bool line_begin(differ *d)
{
    if (d->count++ >= d->limit) {
        return false;
    }
    if (d->path.code != ATR_OK) {
        d->lines.code = d->path.code;
    }
    if (d->count > 1) {
        atr_text_puts(&d->lines, "\n");
    }
    atr_text_add(&d->lines, d->path.bytes, d->path.size);
    if (d->path.size > 0) {
        atr_text_puts(&d->lines, ": ");
    }
    return true;
}

static void line_words(differ *d, const atr_type *type, atr_word was, atr_word now)
{
    if (line_begin(d)) {
        atr_text_word(&d->lines, type, was);
        atr_text_puts(&d->lines, " -> ");
        atr_text_word(&d->lines, type, now);
    }
}

/* An entry that only one side has. The entries of sets have no value. */
static void line_entry(differ *d, const char *verb, const atr_type *type, atr_word value)
{
    if (line_begin(d)) {
        atr_text_puts(&d->lines, verb);
        if (type->kind != ATR_KIND_UNIT) {
            atr_text_puts(&d->lines, " ");
            atr_text_word(&d->lines, type, value);
        }
    }
}

/* ---- elements ---- */

static bool words_equal(const atr_type *type, atr_word a, atr_word b)
{
    if (type->kind >= ATR_KIND_STR) {
        return atr_equal(a.ref, b.ref);
    }
    return type->kind == ATR_KIND_F64 ? atr_f64_equal(a.f64, b.f64) : a.i64 == b.i64;
}

static void diff_words(differ *d, const atr_type *type, atr_word was, atr_word now)
{
    if (type->kind >= ATR_KIND_STR) {
        diff_value(d, was.ref, now.ref);
    } else if (type->kind != ATR_KIND_UNIT && !words_equal(type, was, now)) {
        line_words(d, type, was, now);
    }
}

/* ---- what holds values ---- */

static bool fields_equal(const atr_field *field, const char *was, const char *now)
{
    if (field->type.kind < ATR_KIND_STR) {
        return atr_scalar_compare(atr_scalar_load(&field->type, was),
                                  atr_scalar_load(&field->type, now)) == 0;
    }
    return atr_equal(*(const void *const *)(const void *)was,
                     *(const void *const *)(const void *)now);
}

static void line_fields(differ *d, const atr_field *field, const char *was, const char *now)
{
    if (line_begin(d)) {
        atr_text_field(&d->lines, &field->type, was);
        atr_text_puts(&d->lines, " -> ");
        atr_text_field(&d->lines, &field->type, now);
    }
}

static void diff_field(differ *d, const atr_model *model, const atr_field *field, const char *was,
                       const char *now)
{
    const void *x, *y;
    if (atr_field_attributes(model, field)->redacted) {
        if (!fields_equal(field, was, now) && line_begin(d)) {
            atr_text_puts(&d->lines, "<redacted> -> <redacted>");
        }
        return;
    }
    if (field->type.kind < ATR_KIND_STR) {
        if (!fields_equal(field, was, now)) {
            line_fields(d, field, was, now);
        }
        return;
    }
    x = *(const void *const *)(const void *)was;
    y = *(const void *const *)(const void *)now;
    if ((x == NULL || y == NULL) && field->type.kind != ATR_KIND_ANY && x != y &&
        (field->type.kind < ATR_KIND_VEC || field->type.kind > ATR_KIND_OSET)) {
        line_fields(d, field, was, now); /* an absent one prints as `none` */
        return;
    }
    diff_value(d, x, y);
}

static void diff_fields(differ *d, const atr_head *was, const atr_head *now)
{
    const atr_model *model = was->model;
    for (uint32_t i = 0; i < model->field_count && !failed(d); i++) {
        const atr_field *field = &model->fields[i];
        size_t offset = atr_field_offset(model, field);
        size_t path = path_field(d, field->name);
        diff_field(d, model, field, (const char *)was + offset, (const char *)now + offset);
        atr_text_cut(&d->path, path);
    }
}

/* What both ends share is left out; the rest is paired by index. */
static void diff_vecs(differ *d, const atr_type *type, const atr_vec *was, const atr_vec *now)
{
    size_t from = 0, was_end = atr_vec_count(was), now_end = atr_vec_count(now);
    while (from < was_end && from < now_end &&
           words_equal(type, atr_vec_at(was, from), atr_vec_at(now, from))) {
        from++;
    }
    while (was_end > from && now_end > from &&
           words_equal(type, atr_vec_at(was, was_end - 1), atr_vec_at(now, now_end - 1))) {
        was_end--;
        now_end--;
    }
    for (size_t i = from; (i < was_end || i < now_end) && !failed(d); i++) {
        size_t path = path_index(d, i);
        if (i < was_end && i < now_end) {
            diff_words(d, type, atr_vec_at(was, i), atr_vec_at(now, i));
        } else if (i < now_end) {
            line_entry(d, "added", type, atr_vec_at(now, i));
        } else {
            line_entry(d, "removed", type, atr_vec_at(was, i));
        }
        atr_text_cut(&d->path, path);
    }
}

static void diff_entries(differ *d, const atr_model *model, const atr_map_entry *was,
                         size_t was_count, const atr_map_entry *now, size_t now_count)
{
    static const atr_type unit = {ATR_KIND_UNIT, false, NULL, NULL};
    const atr_type *type = atr_model_is_set(model) ? &unit : &model->element;
    size_t i = 0, j = 0;
    while ((i < was_count || j < now_count) && !failed(d)) {
        int order = i == was_count   ? 1
                    : j == now_count ? -1
                                     : atr_keys_compare(model, was[i].key, now[j].key);
        size_t path = path_key(d, model, order <= 0 ? was[i].key : now[j].key);
        if (order == 0 && model->key == ATR_KIND_REF) {
            diff_value(d, was[i].key.ref, now[j].key.ref);
        } else if (order == 0) {
            diff_words(d, type, was[i].value, now[j].value);
        } else if (order < 0) {
            line_entry(d, "removed", type, was[i].value);
        } else {
            line_entry(d, "added", type, now[j].value);
        }
        i += order <= 0;
        j += order >= 0;
        atr_text_cut(&d->path, path);
    }
}

static void diff_maps(differ *d, const atr_model *model, const void *was, const void *now)
{
    atr_map_entry *was_entries = NULL, *now_entries = NULL;
    size_t was_count = atr_sorted_entries(was, &was_entries);
    size_t now_count = was_count != SIZE_MAX ? atr_sorted_entries(now, &now_entries) : SIZE_MAX;
    if (now_count == SIZE_MAX) {
        d->lines.code = ATR_E_NO_MEMORY;
    } else {
        diff_entries(d, model, was_entries, was_count, now_entries, now_count);
        atr_memory_give(now_entries, now_count * sizeof *now_entries);
    }
    if (was_count != SIZE_MAX) {
        atr_memory_give(was_entries, was_count * sizeof *was_entries);
    }
}

static bool is_container(const atr_model *model)
{
    return model->structure == ATR_STRUCTURE_VEC || atr_model_has_entries(model);
}

/* The model to go on by: one side may be NULL where the other is a collection. NULL: no going on. */
static const atr_model *common_model(const atr_head *was, const atr_head *now)
{
    const atr_model *model = was != NULL ? was->model : now->model;
    if (was != NULL && now != NULL) {
        return was->model == now->model &&
                       (is_container(model) || model->structure == ATR_STRUCTURE_FIELDS)
                   ? model
                   : NULL;
    }
    return is_container(model) ? model : NULL;
}

static void line_values(differ *d, const void *was, const void *now)
{
    if (line_begin(d)) {
        atr_text_value(&d->lines, was);
        atr_text_puts(&d->lines, " -> ");
        atr_text_value(&d->lines, now);
    }
}

static void diff_value(differ *d, const void *was, const void *now)
{
    const atr_model *model;
    if (was == now || failed(d)) {
        return;
    }
    model = common_model(was, now);
    if (model == NULL || d->depth == ATR_PRINT_DEPTH) {
        if (!atr_equal(was, now)) {
            line_values(d, was, now);
        }
        return;
    }
    d->depth++;
    switch (model->structure) {
    case ATR_STRUCTURE_FIELDS: diff_fields(d, was, now); break;
    case ATR_STRUCTURE_VEC: diff_vecs(d, &model->element, was, now); break;
    default: diff_maps(d, model, was, now);
    }
    d->depth--;
}

const atr_str *atr_diff_print(atr_scope *s, const void *was, const void *now, size_t limit)
{
    differ d = {.limit = limit > 0 ? limit : LIMIT_DEFAULT};
    diff_value(&d, was, now);
    if (d.count > d.limit) {
        atr_text_printf(&d.lines, "\n... and %zu more", d.count - d.limit);
    }
    atr_text_free(&d.path);
    return atr_text_finish(&d.lines, s);
}
