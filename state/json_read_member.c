/* Members of what is being read: what their names mean, and where their values go. */
#include <string.h>

#include "heap.h"
#include "json_error.h"
#include "json_form.h"
#include "json_reader.h"

/* What any may hold without being listed. */
enum { OWN_MODELS = 29 };

/* ---- names ---- */

void atr_json_begin_field(atr_json_reader *r, atr_json_open *f, const char *at,
                          atr_json_string name)
{
    static const atr_type skipped = {ATR_KIND_UNIT, false, NULL, NULL};
    uint32_t guess = f->name != NULL ? (uint32_t)(f->name - f->plan->names) + 1 : 0;
    const atr_json_name *known = atr_json_name_find(f->plan, guess, name.bytes, name.size);
    size_t mark = known != NULL ? f->seen + (size_t)(known - f->plan->names) : 0;
    if (known == NULL && !r->options->ignore_unknown) {
        f->name = NULL;
        atr_json_read_fail_name(r, ATR_JSON_E_UNKNOWN, at, "not a field of the model: ", name.bytes,
                                name.size);
        return;
    }
    if (known != NULL && r->seen.bytes[mark] != 0) {
        f->name = known;
        f->within = true;
        atr_json_read_fail_words(r, ATR_JSON_E_DUPLICATE, at,
                                 "the name comes twice in this object");
        return;
    }
    if (known != NULL) {
        r->seen.bytes[mark] = 1;
    }
    f->name = known;
    f->child = known != NULL ? known->field->type : skipped;
}

void atr_json_begin_entry(atr_json_reader *r, atr_json_open *f, const char *at,
                          atr_json_string name)
{
    const char *wrong = NULL;
    if (f->model->key == ATR_KIND_STR) {
        f->key.ref = atr_str_new_n(r->scope, name.bytes, name.size);
        r->failed = r->scope->front.error != NULL;
    } else {
        wrong = atr_json_key_read(f->model->key, name.bytes, name.size, &f->key);
    }
    if (wrong == NULL) {
        atr_json_check_key(r, f, at, f->key);
    } else {
        atr_text message = {0};
        atr_json_read_quote(r, &message, name.bytes, name.size);
        atr_text_puts(&message, " ");
        atr_text_puts(&message, wrong);
        atr_json_read_fail(r, ATR_JSON_E_FORM, at, &name, &message);
    }
}

static const atr_model *model_named(const atr_model *const *models, size_t count,
                                    atr_json_string name)
{
    for (size_t i = 0; i < count; i++) {
        if (strlen(models[i]->name) == name.size &&
            memcmp(models[i]->name, name.bytes, name.size) == 0) {
            return models[i];
        }
    }
    return NULL;
}

void atr_json_begin_wrapped(atr_json_reader *r, atr_json_open *f, const char *at,
                            atr_json_string name)
{
    static const atr_model *const own[OWN_MODELS] = {
        &atr_str_model,           &atr_bytes_model,         &atr_str_vec_model,
        &atr_i64_vec_model,       &atr_f64_vec_model,       &atr_str_map_model,
        &atr_str_str_map_model,   &atr_i64_map_model,       &atr_i64_str_map_model,
        &atr_f64_map_model,       &atr_f64_str_map_model,   &atr_i64_set_model,
        &atr_str_set_model,       &atr_str_omap_model,      &atr_str_f64_omap_model,
        &atr_str_time_omap_model, &atr_str_str_omap_model,  &atr_i64_omap_model,
        &atr_i64_f64_omap_model,  &atr_i64_time_omap_model, &atr_i64_str_omap_model,
        &atr_f64_omap_model,      &atr_f64_f64_omap_model,  &atr_f64_time_omap_model,
        &atr_f64_str_omap_model,  &atr_i64_oset_model,      &atr_f64_oset_model,
        &atr_time_oset_model,     &atr_str_oset_model,
    };
    const atr_model *model = model_named(r->options->models, r->options->model_count, name);
    model = model == NULL ? model_named(own, OWN_MODELS, name) : model;
    if (f->count > 0) {
        atr_json_read_fail_words(r, ATR_JSON_E_TYPE, at, "there can be only one value here");
    } else if (model == NULL) {
        atr_json_read_fail_name(r, ATR_JSON_E_NAME, at,
                                "not a model that the options list: ", name.bytes, name.size);
    } else {
        f->child = atr_json_type_of(model);
        if (f->child.kind == ATR_KIND_UNIT) {
            atr_json_read_fail_name(r, ATR_JSON_E_NAME, at,
                                    "a model without a form in JSON: ", name.bytes, name.size);
        }
    }
}

/* ---- values ---- */

static size_t value_offset(atr_kind kind)
{
    switch (kind) {
    case ATR_KIND_BOOL: return offsetof(atr_opt_bool, value);
    case ATR_KIND_I64: return offsetof(atr_opt_i64, value);
    case ATR_KIND_F64: return offsetof(atr_opt_f64, value);
    case ATR_KIND_TIME: return offsetof(atr_opt_time, value);
    default: return offsetof(atr_opt_i32, value); /* u32 and enumerations are as wide */
    }
}

static void store_scalar(atr_kind kind, char *at, atr_word word)
{
    bool boolean = word.i64 != 0;
    int32_t i32 = (int32_t)word.i64;
    uint32_t u32 = (uint32_t)word.i64;
    switch (kind) {
    case ATR_KIND_BOOL: memcpy(at, &boolean, sizeof boolean); break;
    case ATR_KIND_I32:
    case ATR_KIND_ENUMERATION: memcpy(at, &i32, sizeof i32); break;
    case ATR_KIND_U32: memcpy(at, &u32, sizeof u32); break;
    case ATR_KIND_F64: memcpy(at, &word.f64, sizeof word.f64); break;
    default: memcpy(at, &word.i64, sizeof word.i64);
    }
}

static void store(const atr_type *type, char *at, bool has, atr_word word)
{
    if (type->kind >= ATR_KIND_STR) {
        atr_hold_(word.ref);
        memcpy(at, &word.ref, sizeof word.ref);
        return;
    }
    if (type->optional) {
        memcpy(at, &has, sizeof has);
        at += value_offset(type->kind);
    }
    store_scalar(type->kind, at, has ? word : (atr_word){.i64 = 0});
}

void atr_json_check_key(atr_json_reader *r, atr_json_open *f, const char *at, atr_word key)
{
    if (!r->strict || r->failed || f->builder == NULL) {
        return;
    }
    if (atr_json_is_ordered(f->model) ? atr_omap_builder_find(f->builder, key, NULL)
                                      : atr_map_builder_find(f->builder, key, NULL)) {
        f->within = true;
        atr_json_read_fail_words(r, ATR_JSON_E_DUPLICATE, at,
                                 f->shape == ATR_JSON_MAP ? "the key comes twice in this object"
                                                          : "the element comes twice in this set");
    }
}

static int put_entry(atr_json_open *f, atr_word key, atr_word value)
{
    if (atr_json_is_ordered(f->model)) {
        if (f->builder == NULL) {
            f->builder = atr_omap_builder_new(f->outer, f->model, NULL);
        }
        return atr_omap_builder_set(f->builder, key, value);
    }
    if (f->builder == NULL) {
        f->builder = atr_map_builder_new(f->outer, f->model, NULL);
    }
    return atr_map_builder_set(f->builder, key, value);
}

static int put(atr_json_open *f, atr_word word)
{
    if (f->shape != ATR_JSON_VEC) {
        return f->shape == ATR_JSON_MAP ? put_entry(f, f->key, word)
                                        : put_entry(f, word, (atr_word){.i64 = 0});
    }
    if (f->builder == NULL) {
        f->builder = atr_vec_builder_new(f->outer, f->model, NULL);
    }
    return atr_vec_builder_push(f->builder, word);
}

void atr_json_read_deliver(atr_json_reader *r, bool has, atr_word word)
{
    atr_json_open *f = r->depth > 0 ? &r->open[r->depth - 1] : NULL;
    if (f == NULL) {
        r->result = word;
        r->has = has;
        r->done = true;
        return;
    }
    switch (f->shape) {
    case ATR_JSON_STRUCT:
        if (f->name != NULL) {
            store(&f->child, f->value + f->name->offset, has, word);
        }
        break;
    case ATR_JSON_SET:
        atr_json_check_key(r, f, f->at, word);
        r->failed = r->failed || put(f, word) != ATR_OK;
        break;
    case ATR_JSON_VEC:
    case ATR_JSON_MAP: r->failed = put(f, word) != ATR_OK; break;
    case ATR_JSON_WRAPPER: f->key = word; break;
    default: break;
    }
    f->count += f->shape != ATR_JSON_STRUCT || f->name != NULL;
    f->within = false;
}
