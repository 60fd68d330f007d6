/* Looking things up in the description of a model, and checking a description when it is registered. */
#include <string.h>

#include <atrium/error.h>

#include "check.h"
#include "heap.h"

const atr_field *atr_model_field(const atr_model *model, const char *name)
{
    uint32_t count = model != NULL && name != NULL ? model->field_count : 0;
    for (uint32_t i = 0; i < count; i++) {
        if (strcmp(model->fields[i].name, name) == 0) {
            return &model->fields[i];
        }
    }
    return NULL;
}

const atr_attribute *atr_field_attributes(const atr_model *model, const atr_field *field)
{
    static const atr_attribute none;
    uint32_t count = model != NULL && field != NULL ? model->attribute_count : 0;
    for (uint32_t i = 0; i < count; i++) {
        if (model->attributes[i].at == field->at) {
            return &model->attributes[i];
        }
    }
    return &none;
}

bool atr_field_has_default(const atr_model *model, const atr_field *field)
{
    const atr_model *refers;
    const char *at;
    const void *pointer;
    if (model == NULL || field == NULL) {
        return false;
    }
    refers = field->type.model;
    at = (const char *)model->prototype + atr_field_offset(model, field);
    if (field->type.kind >= ATR_KIND_STR) {
        memcpy(&pointer, at, sizeof pointer);
        return pointer != NULL && (refers == NULL || pointer != refers->prototype);
    }
    switch (field->type.kind) {
    case ATR_KIND_BOOL: return *at != 0;
    case ATR_KIND_I32:
    case ATR_KIND_U32:
    case ATR_KIND_ENUMERATION:
        return field->type.optional ? *at != 0 : memcmp(at, &(int32_t){0}, sizeof(int32_t)) != 0;
    default:
        return field->type.optional ? *at != 0 : memcmp(at, &(int64_t){0}, sizeof(int64_t)) != 0;
    }
}

const atr_enumerator *atr_enumeration_by_number(const atr_enumeration *e, int32_t number)
{
    for (size_t i = 0; e != NULL && i < e->count; i++) {
        if (e->items[i].number == number) {
            return &e->items[i];
        }
    }
    return NULL;
}

const atr_enumerator *atr_enumeration_by_name(const atr_enumeration *e, const char *name,
                                              size_t size)
{
    size_t count = e != NULL && name != NULL ? e->count : 0;
    for (size_t i = 0; i < count; i++) {
        if (strlen(e->items[i].name) == size && memcmp(e->items[i].name, name, size) == 0) {
            return &e->items[i];
        }
    }
    return NULL;
}

/* ---- checking ---- */

enum { MODELS_MAX = 1024 };

/* Every model reachable from the first, each once; `refs_from` walks required refs only. */
typedef struct model_list {
    const atr_model *items[MODELS_MAX];
    size_t count;
} model_list;

static bool list_add(model_list *list, const atr_model *model)
{
    for (size_t i = 0; i < list->count; i++) {
        if (list->items[i] == model) {
            return true;
        }
    }
    if (list->count == MODELS_MAX) {
        return false;
    }
    list->items[list->count++] = model;
    return true;
}

static bool list_add_fields(model_list *list, const atr_model *model, bool required_only)
{
    if (!required_only && model->element.model != NULL && !list_add(list, model->element.model)) {
        return false;
    }
    for (uint32_t i = 0; i < model->field_count; i++) {
        const atr_type *type = &model->fields[i].type;
        bool wanted = type->model != NULL &&
                      (!required_only || (type->kind == ATR_KIND_REF && !type->optional));
        if (wanted && !list_add(list, type->model)) {
            return false;
        }
    }
    return true;
}

static int check_ring(atr_scope *s, const atr_model *model, model_list *list)
{
    list->count = 0;
    if (!list_add_fields(list, model, true)) {
        return atr_refuse(s, ATR_E_DEFINITION, "%s refers to more than %d models", model->name,
                          MODELS_MAX);
    }
    for (size_t i = 0; i < list->count; i++) {
        if (list->items[i] == model) {
            return atr_refuse(
                s, ATR_E_DEFINITION,
                "%s requires itself through required refs: use opt(ref(...)) in the ring",
                model->name);
        }
        if (!list_add_fields(list, list->items[i], true)) {
            return atr_refuse(s, ATR_E_DEFINITION, "%s refers to more than %d models", model->name,
                              MODELS_MAX);
        }
    }
    return ATR_OK;
}

static bool is_utf8(const char *name)
{
    return atr_utf8_check(name, strlen(name)) == strlen(name);
}

static int check_enumeration(atr_scope *s, const atr_model *model, const atr_field *field)
{
    const atr_enumeration *e = field->type.enumeration;
    if (atr_enumeration_by_number(e, 0) == NULL) {
        return atr_refuse(s, ATR_E_DEFINITION, "%s.%s: enumeration %s has no constant 0",
                          model->name, field->name, e->name);
    }
    for (size_t i = 0; i < e->count; i++) {
        const char *name = e->items[i].name;
        if (!is_utf8(name)) {
            return atr_refuse(s, ATR_E_DEFINITION,
                              "enumeration %s has a name that is not UTF-8: number %d", e->name,
                              (int)e->items[i].number);
        }
        if (atr_enumeration_by_name(e, name, strlen(name)) != &e->items[i]) {
            return atr_refuse(s, ATR_E_DEFINITION, "enumeration %s has the name %s twice", e->name,
                              name);
        }
    }
    return ATR_OK;
}

static const char *name_in(const atr_model *model, uint32_t i, bool json)
{
    const atr_field *field = &model->fields[i];
    const atr_attribute *attribute = atr_field_attributes(model, field);
    const char *name = json ? attribute->json : attribute->column;
    return name != NULL ? name : field->name;
}

static int check_names(atr_scope *s, const atr_model *model, uint32_t i)
{
    if (!is_utf8(name_in(model, i, true))) {
        return atr_refuse(s, ATR_E_DEFINITION, "%s.%s: the JSON name is not UTF-8", model->name,
                          model->fields[i].name);
    }
    for (uint32_t j = 0; j < i; j++) {
        if (strcmp(model->fields[i].name, model->fields[j].name) == 0) {
            return atr_refuse(s, ATR_E_DEFINITION, "%s has the field %s twice", model->name,
                              model->fields[i].name);
        }
        for (int json = 0; json <= 1; json++) {
            const char *name = name_in(model, i, json);
            if (strcmp(name, name_in(model, j, json)) == 0) {
                return atr_refuse(s, ATR_E_DEFINITION, ATR_NAMES_CLASH, model->name,
                                  model->fields[j].name, model->fields[i].name,
                                  json ? "JSON name" : "column", (int)strlen(name), name);
            }
        }
    }
    return ATR_OK;
}

static int check_prototype(atr_scope *s, const atr_model *model)
{
    atr_scope *inner = atr_scope_open(s);
    int code = inner == NULL ? ATR_E_NO_MEMORY : ATR_OK;
    if (code == ATR_OK && !atr_model_accept(inner, model, model->prototype)) {
        const atr_error *error = atr_scope_take_error(inner);
        code = atr_refuse(s, ATR_E_DEFINITION, "the default object of %s is refused: %s",
                          model->name, error->message->bytes);
    }
    atr_scope_close(inner);
    return code;
}

/* Only the first line would be found. */
static int check_attributes(atr_scope *s, const atr_model *model, const atr_field *field)
{
    uint32_t lines = 0;
    for (uint32_t i = 0; i < model->attribute_count; i++) {
        lines += model->attributes[i].at == field->at;
    }
    return lines <= 1 ? ATR_OK
                      : atr_refuse(s, ATR_E_DEFINITION,
                                   "%s.%s has two lines of attributes: put them into one",
                                   model->name, field->name);
}

static int check_fields(atr_scope *s, const atr_model *model)
{
    for (uint32_t i = 0; i < model->field_count; i++) {
        const atr_field *field = &model->fields[i];
        if (check_attributes(s, model, field) != ATR_OK || check_names(s, model, i) != ATR_OK) {
            return ATR_E_DEFINITION;
        }
        if (field->type.enumeration != NULL && check_enumeration(s, model, field) != ATR_OK) {
            return ATR_E_DEFINITION;
        }
    }
    return model->prototype != NULL ? check_prototype(s, model) : ATR_OK;
}

int atr_model_check(atr_scope *s, const atr_model *model)
{
    model_list *all, *ring;
    int code = s == NULL ? ATR_E_NO_MEMORY : ATR_OK;
    if (model == NULL) {
        return atr_refuse(s, ATR_E_INVALID, "atr_model_check: the model is NULL");
    }
    all = code == ATR_OK ? atr_memory_take(2 * sizeof *all) : NULL;
    if (all == NULL) {
        return code != ATR_OK ? code : atr_scope_fail(s, &atr_error_no_memory);
    }
    ring = all + 1;
    all->count = 0;
    list_add(all, model);
    for (size_t i = 0; code == ATR_OK && i < all->count; i++) {
        code = check_fields(s, all->items[i]);
        if (code == ATR_OK) {
            code = check_ring(s, all->items[i], ring);
        }
        if (code == ATR_OK && !list_add_fields(all, all->items[i], false)) {
            code = atr_refuse(s, ATR_E_DEFINITION, "%s refers to more than %d models", model->name,
                              MODELS_MAX);
        }
    }
    atr_memory_give(all, 2 * sizeof *all);
    return code;
}
