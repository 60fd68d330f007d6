/* Printing any value, on one line for logs and tests or indented for debuggers. One walk serves both; it
 * goes ATR_PRINT_DEPTH levels deep and stops at the first failure of the text, and where that is full: values that
 * share parts inside may be few and take no end of text. */
#include <inttypes.h>
#include <stdio.h>

#include <atrium/error.h>
#include <atrium/memory.h>
#include <atrium/opaque.h>

#include "collections.h"
#include "print.h"
#include "scalar.h"

typedef struct printer {
    atr_text *text;
    bool lines; /* each item on a line of its own */
    unsigned depth;
} printer;

static void print_value(printer *p, const void *value);

/* ---- lists: `{a, b}` ---- */

static void line_break(printer *p)
{
    if (p->lines) {
        atr_text_printf(p->text, "\n%*s", (int)(4 * p->depth), "");
    }
}

static void list_open(printer *p, const char *bracket)
{
    atr_text_puts(p->text, bracket);
    p->depth++;
}

/* Is the next item to be printed? */
static bool list_goes_on(printer *p, size_t i, size_t count)
{
    if (i < count && p->text->code == ATR_OK && p->text->size >= ATR_PRINT_MOST) {
        atr_text_puts(p->text, i > 0 ? ", ..." : "...");
        return false;
    }
    return i < count && p->text->code == ATR_OK;
}

static void list_item(printer *p, size_t i)
{
    if (i > 0) {
        atr_text_puts(p->text, p->lines ? "," : ", ");
    }
    line_break(p);
}

static void list_close(printer *p, const char *bracket, size_t count)
{
    p->depth--;
    if (count > 0) {
        line_break(p);
    }
    atr_text_puts(p->text, bracket);
}

/* ---- leaves ---- */

static void print_bytes(atr_text *text, const atr_bytes *v)
{
    size_t shown = v->size < ATR_PRINT_BYTES ? v->size : ATR_PRINT_BYTES;
    atr_text_printf(text, "bytes(%zu)\"", v->size);
    for (size_t i = 0; i < shown; i++) {
        atr_text_printf(text, "%02x", v->bytes[i]);
    }
    atr_text_puts(text, shown < v->size ? "...\"" : "\"");
}

static void print_scalar(atr_text *text, const atr_type *type, atr_scalar scalar)
{
    const atr_enumerator *known = NULL;
    if (!scalar.has) {
        atr_text_puts(text, "none");
        return;
    }
    switch (type->kind) {
    case ATR_KIND_BOOL: atr_text_puts(text, scalar.i64 != 0 ? "true" : "false"); break;
    case ATR_KIND_F64: atr_text_f64(text, scalar.f64); break;
    case ATR_KIND_TIME: atr_text_time(text, scalar.i64); break;
    default:
        if (type->kind == ATR_KIND_ENUMERATION) {
            known = atr_enumeration_by_number(type->enumeration, (int32_t)scalar.i64);
        }
        if (known != NULL) {
            atr_text_puts(text, known->name);
        } else {
            atr_text_printf(text, "%" PRId64, scalar.i64);
        }
    }
}

static void print_nothing(printer *p, const atr_type *type)
{
    switch (type->kind) {
    case ATR_KIND_VEC: atr_text_puts(p->text, "[]"); break;
    case ATR_KIND_MAP:
    case ATR_KIND_SET:
    case ATR_KIND_OMAP:
    case ATR_KIND_OSET: atr_text_puts(p->text, "{}"); break;
    default: atr_text_puts(p->text, type->optional && type->model != NULL ? "none" : "null");
    }
}

/* ---- what holds values ---- */

static void print_field(printer *p, const atr_type *type, const void *at)
{
    const void *value;
    if (type->kind < ATR_KIND_STR) {
        print_scalar(p->text, type, atr_scalar_load(type, at));
        return;
    }
    value = *(const void *const *)at;
    if (value == NULL) {
        print_nothing(p, type);
    } else {
        print_value(p, value);
    }
}

static void print_word(printer *p, const atr_type *type, atr_word word)
{
    atr_scalar scalar = {true, 0, 0};
    if (type->kind >= ATR_KIND_STR) {
        print_value(p, word.ref);
        return;
    }
    if (type->kind == ATR_KIND_F64) {
        scalar.f64 = word.f64;
    } else {
        scalar.i64 = word.i64;
    }
    print_scalar(p->text, type, scalar);
}

static void print_key(printer *p, const atr_model *model, atr_word key)
{
    atr_type type = {model->key, false, NULL, NULL};
    print_word(p, &type, key);
}

static void print_fields(printer *p, const atr_head *value)
{
    const atr_model *model = value->model;
    atr_text_puts(p->text, model->name);
    list_open(p, "{");
    for (uint32_t i = 0; list_goes_on(p, i, model->field_count); i++) {
        const atr_field *field = &model->fields[i];
        list_item(p, i);
        atr_text_printf(p->text, "%s: ", field->name);
        if (atr_field_attributes(model, field)->redacted) {
            atr_text_puts(p->text, ATR_TEXT_REDACTED);
        } else {
            print_field(p, &field->type, (const char *)value + atr_field_offset(model, field));
        }
    }
    list_close(p, "}", model->field_count);
}

static void print_vec(printer *p, const atr_model *model, const atr_vec *v)
{
    size_t count = atr_vec_count(v);
    list_open(p, "[");
    for (size_t i = 0; list_goes_on(p, i, count); i++) {
        list_item(p, i);
        print_word(p, &model->element, atr_vec_at(v, i));
    }
    list_close(p, "]", count);
}

static void print_map(printer *p, const atr_model *model, const void *m)
{
    atr_map_entry *entries = NULL;
    size_t count = atr_sorted_entries(m, &entries);
    if (count == SIZE_MAX) {
        p->text->code = ATR_E_NO_MEMORY;
        return;
    }
    list_open(p, "{");
    for (size_t i = 0; list_goes_on(p, i, count); i++) {
        list_item(p, i);
        print_key(p, model, entries[i].key);
        if (!atr_model_is_set(model)) {
            atr_text_puts(p->text, ": ");
            print_word(p, &model->element, entries[i].value);
        }
    }
    list_close(p, "}", count);
    atr_memory_give(entries, count * sizeof *entries);
}

static void print_value(printer *p, const void *value)
{
    const atr_head *head = value;
    if (p->text->code != ATR_OK) {
        return;
    }
    if (head == NULL || head->model == NULL) {
        atr_text_puts(p->text, head == NULL ? "null" : "<draft>");
        return;
    }
    if (head->model->structure == ATR_STRUCTURE_STR) {
        const atr_str *text = value;
        atr_text_quote(p->text, text->bytes, text->size);
        return;
    }
    if (head->model->structure == ATR_STRUCTURE_BYTES) {
        print_bytes(p->text, value);
        return;
    }
    if (head->model->structure == ATR_STRUCTURE_OPAQUE) {
        atr_text_printf(p->text, "opaque(%s)", ((const atr_opaque *)value)->name);
        return;
    }
    if (p->depth == ATR_PRINT_DEPTH) {
        atr_text_puts(p->text, "...");
        return;
    }
    switch (head->model->structure) {
    case ATR_STRUCTURE_FIELDS: print_fields(p, value); break;
    case ATR_STRUCTURE_VEC: print_vec(p, head->model, value); break;
    case ATR_STRUCTURE_MAP:
    case ATR_STRUCTURE_SET:
    case ATR_STRUCTURE_OMAP:
    case ATR_STRUCTURE_OSET: print_map(p, head->model, value); break;
    default: atr_text_printf(p->text, "<%s>", head->model->name);
    }
}

/* ---- */

void atr_text_value(atr_text *text, const void *value)
{
    printer p = {text, false, 0};
    print_value(&p, value);
}

void atr_text_typed(atr_text *text, const atr_type *type, const atr_value *value)
{
    printer p = {text, false, 0};
    if (type->kind < ATR_KIND_STR) {
        print_scalar(text, type, atr_scalar_of(value));
    } else if (value->as.ref == NULL) {
        print_nothing(&p, type);
    } else {
        print_value(&p, value->as.ref);
    }
}

const atr_str *atr_print(atr_scope *s, const void *value)
{
    atr_text text = {0};
    atr_text_value(&text, value);
    return atr_text_finish(&text, s);
}

void atr_dump(const void *value)
{
    atr_text text = {0};
    printer p = {&text, true, 0};
    print_value(&p, value);
    if (text.size > 0) {
        fwrite(text.bytes, 1, text.size, stderr);
    }
    fputs(text.code == ATR_OK ? "\n" : "... (out of memory)\n", stderr);
    atr_text_free(&text);
}
