/* Whether rows can become the response of a class: looked at when the class is registered, and
 * again when it is prepared, as not every class is registered. */
#include <stdio.h>
#include <string.h>

#include <atrium/sqlite.h>

#include "plan.h"

enum { NAME_MAX_BYTES = 300 };

static const char *const kind_names[] = {
    [ATR_KIND_UNIT] = "unit", [ATR_KIND_BOOL] = "bool",
    [ATR_KIND_I32] = "i32",   [ATR_KIND_U32] = "u32",
    [ATR_KIND_I64] = "i64",   [ATR_KIND_F64] = "f64",
    [ATR_KIND_TIME] = "time", [ATR_KIND_ENUMERATION] = "enumeration",
    [ATR_KIND_STR] = "str",   [ATR_KIND_BYTES] = "bytes",
    [ATR_KIND_REF] = "ref",   [ATR_KIND_VEC] = "vec",
    [ATR_KIND_MAP] = "map",   [ATR_KIND_SET] = "set",
    [ATR_KIND_OMAP] = "omap", [ATR_KIND_OSET] = "oset",
    [ATR_KIND_ANY] = "any",   [ATR_KIND_OPAQUE] = "opaque",
};

const char *atr_sqlite_kind_name(atr_kind kind)
{
    size_t index = (size_t)kind;
    const char *name = index < sizeof kind_names / sizeof *kind_names ? kind_names[index] : NULL;
    return name != NULL ? name : "this kind";
}

static bool is_column_kind(atr_kind kind)
{
    return kind > ATR_KIND_UNIT && kind <= ATR_KIND_BYTES;
}

bool atr_sqlite_answers_done(const atr_query_class *query_class)
{
    return query_class->response.kind == ATR_KIND_REF &&
           query_class->response.model == &atr_sqlite_done_model;
}

const atr_model *atr_sqlite_row_model(const atr_query_class *query_class)
{
    const atr_type *type = &query_class->response;
    if (type->kind == ATR_KIND_VEC) {
        type = &type->model->element;
    }
    return type->kind == ATR_KIND_REF ? type->model : NULL;
}

static int check_row_model(atr_scope *s, const atr_query_class *query_class, const atr_model *model)
{
    char name[NAME_MAX_BYTES];
    int code = ATR_OK;
    for (uint32_t i = 0; i < model->field_count && code == ATR_OK; i++) {
        const atr_field *field = &model->fields[i];
        if (atr_sqlite_is_json(field->type.kind)) {
            snprintf(name, sizeof name, "%s: %s.%s", query_class->name, model->name, field->name);
            code = atr_sqlite_check_json(s, name, &field->type);
        }
    }
    return code;
}

static int check_response(atr_scope *s, const atr_query_class *query_class)
{
    atr_kind kind = query_class->response.kind;
    const atr_model *row = atr_sqlite_row_model(query_class);
    if (atr_sqlite_answers_done(query_class)) {
        return query_class->policy->is_write
                   ? ATR_OK
                   : atr_refuse(s, ATR_E_DEFINITION, "%s: only a write answers atr_sqlite_done",
                                query_class->name);
    }
    if (row != NULL) {
        return check_row_model(s, query_class, row);
    }
    if (kind == ATR_KIND_UNIT || kind == ATR_KIND_VEC || is_column_kind(kind)) {
        return ATR_OK;
    }
    return atr_refuse(s, ATR_E_DEFINITION, "%s: rows cannot become a response of kind %s",
                      query_class->name, atr_sqlite_kind_name(kind));
}

int atr_sqlite_check(atr_scope *s, const atr_query_class *query_class)
{
    const char *sql = query_class->policy->extra;
    if (sql == NULL || *sql == '\0') {
        return atr_refuse(s, ATR_E_DEFINITION, "%s has no SQL", query_class->name);
    }
    return check_response(s, query_class);
}
