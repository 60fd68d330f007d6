/* What a single SQL value cannot hold is text with JSON in its column: references, collections, any. */
#include <string.h>

#include <atrium/error.h>
#include <atrium/memory.h>

#include "row.h"

/* ---- definition ---- */

enum { MODELS_MAX = 1024 };

/* Every model that a value may consist of, each once. */
typedef struct model_list {
    const atr_model *items[MODELS_MAX];
    size_t count;
} model_list;

/* false: there are too many. */
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

/* Whether a model has JSON by itself; what it refers to comes later. 0 or a code. */
static int check_model(atr_scope *s, const char *name, const atr_model *model, model_list *list)
{
    bool room = model->element.model == NULL || list_add(list, model->element.model);
    for (uint32_t i = 0; i < model->field_count && room; i++) {
        const atr_field *field = &model->fields[i];
        if (field->type.kind == ATR_KIND_OPAQUE) {
            return atr_refuse(s, ATR_E_DEFINITION,
                              "%s: there is no JSON for %s.%s, which is of kind opaque", name,
                              model->name, field->name);
        }
        room = field->type.model == NULL || list_add(list, field->type.model);
    }
    return room ? ATR_OK
                : atr_refuse(s, ATR_E_DEFINITION, "%s refers to more than %d models", name,
                             MODELS_MAX);
}

int atr_sqlite_check_json(atr_scope *s, const char *name, const atr_type *type)
{
    model_list *list;
    int code = ATR_OK;
    if (type->kind == ATR_KIND_OPAQUE) {
        return atr_refuse(s, ATR_E_DEFINITION, "%s is of kind opaque, which SQLite cannot hold",
                          name);
    }
    if (type->model == NULL) {
        return ATR_OK;
    }
    list = atr_memory_take(sizeof *list);
    if (list == NULL) {
        return atr_scope_fail(s, &atr_error_no_memory);
    }
    list->items[0] = type->model;
    list->count = 1;
    for (size_t i = 0; i < list->count && code == ATR_OK; i++) {
        code = check_model(s, name, list->items[i], list);
    }
    atr_memory_give(list, sizeof *list);
    return code;
}

/* ---- errors ---- */

/* Of several codes of JSON the library has one: `usual`. */
static int code_for(const atr_error *error, int usual)
{
    if (error->domain != ATR_DOMAIN_JSON) {
        return error->code;
    }
    return error->code == ATR_JSON_E_LIMIT   ? ATR_E_LIMIT
           : error->code == ATR_JSON_E_MODEL ? ATR_E_DEFINITION
                                             : usual;
}

/* ---- both ways ---- */

/* What is kept must be readable from the same database. Bounds hold for writing too; a model that `any` may
 * not hold is found by reading it. Only writes keep it. */
static void check_readable(atr_scope *s, const atr_query_class *query_class, const atr_type *type,
                           const atr_str *text, const atr_json_options *options)
{
    atr_value unused;
    if (query_class->policy->is_write && atr_scope_error(s) == NULL) {
        atr_from_json_as(s, type, text->bytes, text->size, options, &unused);
    }
}

int atr_sqlite_bind_json(atr_sqlite_call *call, const atr_sqlite_statement *statement, int index,
                         const void *value, const atr_json_options *options)
{
    const atr_field *field = statement->parameters[index - 1].field;
    const atr_value wrapped = {field->type.kind, value != NULL, {.ref = value}};
    atr_json_options own = *options;
    const atr_error *error;
    const atr_str *text;
    atr_scope *s = atr_sqlite_scope(call);
    int code;
    s = s != NULL ? atr_scope_open(s) : NULL;
    if (s == NULL) {
        return ATR_E_NO_MEMORY;
    }
    own.redacted = atr_field_attributes(call->query_class->model, field)->redacted;
    text = atr_to_json_as(s, &field->type, wrapped, &own);
    check_readable(s, call->query_class, &field->type, text, &own);
    error = atr_scope_take_error(s);
    if (error != NULL) {
        code = atr_sqlite_refuse_for(call, error, code_for(error, ATR_E_REFUSED),
                                     sqlite3_sql(statement->handle), "%s.%s",
                                     call->query_class->name, field->name);
    } else {
        code = sqlite3_bind_text64(statement->handle, index, text->bytes, text->size,
                                   SQLITE_TRANSIENT, SQLITE_UTF8);
    }
    atr_scope_close(s);
    return code;
}

int atr_sqlite_read_json(atr_sqlite_reader *r, int column, const char *text, size_t size,
                         const void **made)
{
    atr_json_options options = *r->json;
    const atr_error *error;
    atr_value value;
    int code;
    options.redacted = atr_sqlite_is_redacted(r, column);
    code = atr_from_json_as(r->s, &r->plan->targets[column].type, text, size, &options, &value);
    if (code == ATR_OK) {
        *made = value.as.ref;
        return ATR_OK;
    }
    error = atr_scope_take_error(r->s);
    code = code_for(error, atr_utf8_check(text, size) < size ? ATR_E_UTF8 : ATR_E_TYPE);
    return atr_sqlite_misfit_json(r, column, error, code);
}
