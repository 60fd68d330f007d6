/* Reading JSON in one pass, straight into values. A struct is a fresh cell that begins as the default object
 * and is filled in field by field; a collection is a builder. All is made in a scope of its own, so that a
 * failure leaves nothing behind; of long collections the elements' own counts are given back now and
 * then. */
#include <string.h>

#include <atrium/memory.h>

#include "heap.h"
#include "json_error.h"
#include "json_reader.h"

enum {
    OPEN_FIRST = 16,
    ELEMENTS_BETWEEN = 64, /* in a scope, before it is closed */
};

/* ---- frames ---- */

static bool room(atr_json_reader *r)
{
    size_t capacity = r->capacity > 0 ? r->capacity * 2 : OPEN_FIRST;
    atr_json_open *open;
    if (r->depth >= r->bounds.depth) {
        atr_json_read_fail_words(r, ATR_JSON_E_LIMIT, r->scan.at, "deeper than max_depth");
        return false;
    }
    if (r->depth < r->capacity) {
        return true;
    }
    open = atr_memory_take(capacity * sizeof *open);
    if (open == NULL) {
        atr_json_read_fail_memory(r);
        return false;
    }
    if (r->depth > 0) {
        memcpy(open, r->open, r->depth * sizeof *open);
    }
    atr_memory_give(r->open, r->capacity * sizeof *open);
    r->open = open;
    r->capacity = capacity;
    return true;
}

/* The default object's pointers are immortal, so the cell may go with its scope at any moment. */
static void open_struct(atr_json_reader *r, atr_json_open *f)
{
    static const char none[64];
    f->plan = atr_json_plan_of(&r->plans, f->model);
    if (f->plan == NULL && r->plans.clash[0] != NULL) {
        atr_text message = {0};
        atr_json_clash_tell(&message, f->model, &r->plans);
        atr_json_read_fail(r, ATR_JSON_E_MODEL, f->begin, NULL, &message);
        return;
    }
    f->value = f->plan != NULL ? atr_value_alloc(r->scope, f->model, f->model->size_bytes) : NULL;
    f->seen = r->seen.size;
    for (size_t i = 0; f->value != NULL && i < f->plan->count; i += sizeof none) {
        size_t left = f->plan->count - i;
        atr_text_add(&r->seen, none, left < sizeof none ? left : sizeof none);
    }
    if (f->value == NULL || r->seen.code != ATR_OK) {
        atr_json_read_fail_memory(r);
    }
    if (f->value != NULL) {
        memcpy(f->value + sizeof(atr_head), (const char *)f->model->prototype + sizeof(atr_head),
               f->model->size_bytes - sizeof(atr_head));
    }
}

void atr_json_read_open(atr_json_reader *r, atr_json_shape shape, const atr_model *model)
{
    atr_json_open f = {.shape = shape, .model = model, .begin = r->scan.at, .outer = r->scope};
    if (!room(r)) {
        return;
    }
    if (shape == ATR_JSON_STRUCT) {
        open_struct(r, &f);
    } else if (shape == ATR_JSON_VEC || shape == ATR_JSON_MAP) {
        f.child = model->element;
    } else if (shape == ATR_JSON_SET) {
        f.child =
            model->key == ATR_KIND_REF ? model->element : (atr_type){model->key, false, NULL, NULL};
    }
    if (!r->failed) {
        r->scan.at++;
        r->open[r->depth++] = f;
    }
}

/* A missing field: may it keep the value of the default object? */
static bool may_miss(const atr_json_reader *r, const atr_json_open *f, const atr_field *field)
{
    return r->options->fill_missing || field->type.optional || field->type.kind >= ATR_KIND_VEC ||
           atr_field_has_default(f->model, field);
}

static void close_struct(atr_json_reader *r, atr_json_open *f)
{
    f->name = NULL;
    for (uint32_t i = 0; f->count < f->plan->count && i < f->plan->count; i++) {
        const atr_json_name *one = &f->plan->names[i];
        if (r->seen.bytes[f->seen + i] == 0 && !may_miss(r, f, one->field)) {
            atr_text message = {0};
            f->name = one;
            f->within = true;
            atr_text_puts(&message, "the field is missing");
            atr_json_read_fail(r, ATR_JSON_E_MISSING, f->begin, NULL, &message);
            break;
        }
    }
    atr_text_cut(&r->seen, f->seen);
}

/* A name or element that came twice went into the same place. Which one it was, a strict reading tells, which
 * fails at the first one of all; it comes here only when an order has changed its mind. */
static atr_word close_map(atr_json_reader *r, atr_json_open *f)
{
    const void *m = atr_json_is_ordered(f->model) ? (const void *)atr_omap_builder_seal(f->builder)
                                                  : (const void *)atr_map_builder_seal(f->builder);
    if (m != NULL && f->outer->front.error == NULL && atr_entries_count(m) != f->count) {
        if (r->strict) {
            atr_json_read_fail_words(r, ATR_JSON_E_DUPLICATE, f->begin, "something comes twice");
        }
        r->twice = !r->strict;
        r->failed = true;
    }
    return (atr_word){.ref = m};
}

/* `at` stands behind the closing bracket. The frame goes before its value is delivered. */
static void frame_close(atr_json_reader *r)
{
    atr_json_open *f = &r->open[r->depth - 1];
    atr_word word = {.ref = f->value};
    if (f->inner != NULL) {
        f->inner = atr_scope_close(f->inner);
        r->scope = f->outer;
    }
    switch (f->shape) {
    case ATR_JSON_STRUCT: close_struct(r, f); break;
    case ATR_JSON_VEC: word.ref = atr_vec_builder_seal(f->builder); break;
    case ATR_JSON_MAP:
    case ATR_JSON_SET: word = close_map(r, f); break;
    case ATR_JSON_WRAPPER: word = f->key; break;
    default: break;
    }
    if (f->shape == ATR_JSON_WRAPPER && f->count != 1) {
        atr_json_read_fail_words(r, ATR_JSON_E_TYPE, f->begin,
                                 "an object of one member was expected: the name of a model");
    }
    r->failed = r->failed || r->scope->front.error != NULL;
    if (!r->failed) {
        r->depth--;
        atr_json_read_deliver(r, true, word);
    }
}

/* ---- members ---- */

/* The name of a member and the colon; false: failed. */
static bool begin_named(atr_json_reader *r, atr_json_open *f)
{
    const char *at = r->scan.at;
    atr_json_string name;
    if (*at != '"') {
        atr_json_read_fail_words(r, ATR_JSON_E_SYNTAX, at, "a name in quotes was expected");
        return false;
    }
    if (!atr_json_scan_string(&r->scan, &name)) {
        atr_json_read_fail_scan(r);
        return false;
    }
    switch (f->shape) {
    case ATR_JSON_STRUCT: atr_json_begin_field(r, f, at, name); break;
    case ATR_JSON_MAP: atr_json_begin_entry(r, f, at, name); break;
    case ATR_JSON_WRAPPER: atr_json_begin_wrapped(r, f, at, name); break;
    default: break;
    }
    if (!r->failed && (!atr_json_scan_more(&r->scan) || *r->scan.at != ':')) {
        atr_json_read_fail_words(r, ATR_JSON_E_SYNTAX, r->scan.at, "a colon was expected");
    }
    r->scan.at += !r->failed;
    return !r->failed;
}

/* What a long collection has taken in is held by its builder. */
static void refresh_scope(atr_json_reader *r, atr_json_open *f)
{
    if (f->inner != NULL) {
        atr_scope_close(f->inner);
    }
    f->inner = atr_scope_open(f->outer);
    r->scope = f->inner != NULL ? f->inner : f->outer;
    r->failed = f->inner == NULL;
}

static void member(atr_json_reader *r, bool object)
{
    atr_json_open *f = &r->open[r->depth - 1];
    atr_type type;
    if (++r->elements > r->bounds.elements) {
        atr_json_read_fail_words(r, ATR_JSON_E_LIMIT, r->scan.at, "more than max_elements");
        return;
    }
    if (f->builder != NULL && f->count > 0 && f->count % ELEMENTS_BETWEEN == 0) {
        refresh_scope(r, f);
    }
    if (r->failed || (object && !begin_named(r, f))) {
        return;
    }
    f->within = true;
    f->at = r->scan.at;
    type = f->child; /* frames may move */
    if (atr_json_scan_more(&r->scan)) {
        atr_json_read_value(r, &type);
    } else {
        atr_json_read_fail_words(r, ATR_JSON_E_SYNTAX, r->scan.at, "the text ends too early");
    }
}

/* One step: a closing bracket, or a comma and a member. A member of a struct that is skipped counts too. */
static void step(atr_json_reader *r)
{
    atr_json_open *f = &r->open[r->depth - 1];
    bool object =
        f->shape != ATR_JSON_VEC && f->shape != ATR_JSON_SET && f->shape != ATR_JSON_SKIPPED_ARRAY;
    bool first = r->scan.at == f->begin + 1;
    if (!atr_json_scan_more(&r->scan)) {
        atr_json_read_fail_words(r, ATR_JSON_E_SYNTAX, r->scan.at, "the text ends too early");
        return;
    }
    if (*r->scan.at == (object ? '}' : ']')) {
        r->scan.at++;
        frame_close(r);
        return;
    }
    if (!first) {
        if (*r->scan.at != ',') {
            atr_json_read_fail_words(r, ATR_JSON_E_SYNTAX, r->scan.at,
                                     object ? "a comma or } was expected"
                                            : "a comma or ] was expected");
            return;
        }
        r->scan.at++;
        if (!atr_json_scan_more(&r->scan)) {
            atr_json_read_fail_words(r, ATR_JSON_E_SYNTAX, r->scan.at, "the text ends too early");
            return;
        }
    }
    member(r, object);
}

/* ---- */

static void check_text(atr_json_reader *r)
{
    atr_json_scan *c = &r->scan;
    size_t size = (size_t)(c->end - c->begin), valid;
    if (size > r->bounds.bytes) {
        atr_json_read_fail_words(r, ATR_JSON_E_LIMIT, c->begin, "longer than max_bytes");
        return;
    }
    valid = atr_utf8_check(c->begin, size);
    if (valid < size) {
        atr_json_read_fail_words(r, ATR_JSON_E_SYNTAX, c->begin + valid, "not UTF-8");
    } else if (size >= 3 && memcmp(c->begin, "\xef\xbb\xbf", 3) == 0) {
        atr_json_read_fail_words(r, ATR_JSON_E_SYNTAX, c->begin, "a byte order mark");
    }
}

static void read_all(atr_json_reader *r, const atr_type *type)
{
    check_text(r);
    if (!r->failed && !atr_json_scan_more(&r->scan)) {
        atr_json_read_fail_words(r, ATR_JSON_E_SYNTAX, r->scan.at, "there is no value");
    }
    if (!r->failed) {
        atr_json_read_value(r, type);
    }
    while (!r->failed && !r->done) {
        step(r);
    }
    if (!r->failed && atr_json_scan_more(&r->scan)) {
        atr_json_read_fail_words(r, ATR_JSON_E_SYNTAX, r->scan.at, "something behind the value");
    }
    atr_text_free(&r->scan.scratch);
    atr_text_free(&r->bytes);
    atr_text_free(&r->seen);
    atr_memory_give(r->open, r->capacity * sizeof *r->open);
    atr_json_plans_free(&r->plans);
}

/* Of a scope that latched. */
static int code_of(const atr_scope *s)
{
    const atr_error *error = atr_scope_error(s);
    return error->domain == ATR_DOMAIN_ATRIUM ? error->code : ATR_E_REFUSED;
}

/* Is the list of what `any` may hold there, with all its models? */
static bool has_models(const atr_json_options *options)
{
    for (size_t i = 0; i < options->model_count; i++) {
        if (options->models == NULL || options->models[i] == NULL) {
            return false;
        }
    }
    return true;
}

/* Pointers among the results are held by s. */
static int read_once(atr_scope *s, const atr_type *type, const char *text, size_t size,
                     atr_json_reader *r)
{
    atr_scope *base = s != NULL ? atr_scope_open(s) : NULL;
    if (base == NULL) {
        return ATR_E_NO_MEMORY;
    }
    r->scope = base;
    r->plans.options = r->options;
    r->scan.begin = r->scan.at = text;
    r->scan.end = text + size;
    r->bounds = atr_json_bounds_of(r->options);
    r->scan.max_string_bytes = r->bounds.string_bytes;
    read_all(r, type);
    if (!r->failed && type->kind >= ATR_KIND_STR) {
        r->failed = atr_scope_hold(s, r->result.ref) != ATR_OK;
    }
    atr_scope_close(base); /* hands its error to s */
    return r->failed && !r->twice ? code_of(s) : ATR_OK;
}

/* What comes twice is met by chance, when a collection is sealed; where it stands in the text is worth the time
 * of a second reading only when there is something to tell. */
static int read_into(atr_scope *s, const atr_type *type, const char *text, size_t size,
                     atr_json_reader *r)
{
    int code;
    if (!has_models(r->options)) {
        return atr_refuse(s, ATR_E_INVALID, "reading JSON: the options list a model that is NULL");
    }
    code = read_once(s, type, text, size, r);
    if (r->twice) {
        *r = (atr_json_reader){.options = r->options, .strict = true};
        code = read_once(s, type, text, size, r);
    }
    return code;
}

static atr_value value_of(const atr_type *type, bool has, atr_word word)
{
    atr_value value = {.kind = type->kind, .has = has};
    switch (type->kind) {
    case ATR_KIND_UNIT: value.has = true; break;
    case ATR_KIND_BOOL: value.as.boolean = word.i64 != 0; break;
    case ATR_KIND_I32:
    case ATR_KIND_ENUMERATION: value.as.i32 = (int32_t)word.i64; break;
    case ATR_KIND_U32: value.as.u32 = (uint32_t)word.i64; break;
    case ATR_KIND_I64:
    case ATR_KIND_TIME: value.as.i64 = word.i64; break;
    case ATR_KIND_F64: value.as.f64 = word.f64; break;
    default: value = atr_wrap_pointer_(type->kind, word.ref);
    }
    return value;
}

static const atr_json_options usual;

int atr_from_json_as(atr_scope *s, const atr_type *type, const char *text, size_t size,
                     const atr_json_options *options, atr_value *value)
{
    atr_json_reader r = {.options = options != NULL ? options : &usual};
    int code;
    if (type == NULL || text == NULL || value == NULL) {
        return atr_refuse(s, ATR_E_INVALID, "atr_from_json_as: the %s is NULL",
                          type == NULL   ? "type"
                          : text == NULL ? "text"
                                         : "value");
    }
    code = read_into(s, type, text, size, &r);
    if (code == ATR_OK) {
        *value = value_of(type, r.has, r.has ? r.result : (atr_word){.i64 = 0});
    }
    return code;
}

const void *atr_from_json(atr_scope *s, const atr_model *model, const char *text, size_t size,
                          const atr_json_options *options)
{
    atr_json_reader r = {.options = options != NULL ? options : &usual};
    atr_type type = {ATR_KIND_UNIT, false, NULL, NULL};
    if (model != NULL) {
        type = atr_json_type_of(model);
    }
    if (type.kind == ATR_KIND_UNIT || text == NULL) {
        atr_refuse(s, ATR_E_INVALID, "atr_from_json: %s",
                   text == NULL    ? "the text is NULL"
                   : model == NULL ? "the model is NULL"
                                   : "the model is none of values");
        return model != NULL ? model->prototype : NULL;
    }
    return read_into(s, &type, text, size, &r) == ATR_OK ? r.result.ref : model->prototype;
}

const void *atr_from_json_str(atr_scope *s, const atr_model *model, const atr_str *text)
{
    return atr_from_json(s, model, text != NULL ? text->bytes : NULL, text != NULL ? text->size : 0,
                         NULL);
}
