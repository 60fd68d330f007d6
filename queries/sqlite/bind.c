/* Inputs into parameters. Text and bytes are not copied: the query outlives the statement's run.
 * What is JSON there is written for it; the empty collection has a text too, so a column may be NOT
 * NULL. */
#include <math.h>
#include <string.h>

#include "plan.h"

static int bind_f64(atr_sqlite_call *call, const atr_sqlite_statement *statement, int index,
                    double f64)
{
    if (isnan(f64)) {
        return atr_sqlite_refuse(call, ATR_E_REFUSED, sqlite3_sql(statement->handle),
                                 "%s.%s is NaN, which SQLite cannot store", call->query_class->name,
                                 statement->parameters[index - 1].field->name);
    }
    return sqlite3_bind_double(statement->handle, index, f64);
}

static int bind_enumeration(const atr_sqlite_statement *statement, int index, int32_t number)
{
    const atr_sqlite_parameter *parameter = &statement->parameters[index - 1];
    const atr_enumerator *enumerator;
    if (!parameter->by_name) {
        return sqlite3_bind_int64(statement->handle, index, number);
    }
    enumerator = atr_enumeration_by_number(parameter->field->type.enumeration, number);
    return enumerator != NULL
               ? sqlite3_bind_text(statement->handle, index, enumerator->name, -1, SQLITE_STATIC)
               : SQLITE_MISMATCH;
}

static int bind_pointer(const atr_sqlite_statement *statement, int index, atr_kind kind,
                        const void *value)
{
    if (kind == ATR_KIND_STR) {
        const atr_str *text = value;
        return sqlite3_bind_text64(statement->handle, index, text->bytes, text->size, SQLITE_STATIC,
                                   SQLITE_UTF8);
    }
    const atr_bytes *bytes = value;
    return sqlite3_bind_blob64(statement->handle, index, bytes->bytes, bytes->size, SQLITE_STATIC);
}

/* Optional scalars differ by where the value lies behind `has`. */
static const void *scalar_at(const atr_type *type, const void *at)
{
    if (!type->optional) {
        return at;
    }
    switch (type->kind) {
    case ATR_KIND_BOOL: return &((const atr_opt_bool *)at)->value;
    case ATR_KIND_I32:
    case ATR_KIND_U32:
    case ATR_KIND_ENUMERATION: return &((const atr_opt_i32 *)at)->value;
    default: return &((const atr_opt_i64 *)at)->value;
    }
}

static int bind_scalar(atr_sqlite_call *call, const atr_sqlite_statement *statement, int index,
                       const atr_type *type, const void *at)
{
    switch (type->kind) {
    case ATR_KIND_BOOL:
        return sqlite3_bind_int64(statement->handle, index, *(const bool *)at ? 1 : 0);
    case ATR_KIND_I32: return sqlite3_bind_int64(statement->handle, index, *(const int32_t *)at);
    case ATR_KIND_U32: return sqlite3_bind_int64(statement->handle, index, *(const uint32_t *)at);
    case ATR_KIND_ENUMERATION: return bind_enumeration(statement, index, *(const int32_t *)at);
    case ATR_KIND_F64: return bind_f64(call, statement, index, *(const double *)at);
    default: return sqlite3_bind_int64(statement->handle, index, *(const int64_t *)at);
    }
}

static bool is_absent(const atr_type *type, const void *at)
{
    return type->optional &&
           (type->kind < ATR_KIND_STR ? !*(const bool *)at : *(const void *const *)at == NULL);
}

static int bind_one(atr_sqlite_call *call, const atr_sqlite_statement *statement, int index,
                    const atr_json_options *json)
{
    const atr_sqlite_parameter *parameter = &statement->parameters[index - 1];
    const atr_type *type = &parameter->field->type;
    const void *at = (const char *)call->query + parameter->offset;
    if (is_absent(type, at)) {
        return sqlite3_bind_null(statement->handle, index);
    }
    if (atr_sqlite_is_json(type->kind)) {
        return atr_sqlite_bind_json(call, statement, index, *(const void *const *)at, json);
    }
    if (type->kind >= ATR_KIND_STR) {
        return bind_pointer(statement, index, type->kind, *(const void *const *)at);
    }
    return bind_scalar(call, statement, index, type, scalar_at(type, at));
}

int atr_sqlite_bind(atr_sqlite_call *call, const atr_sqlite_statement *statement,
                    const atr_json_options *json)
{
    for (int i = 1; i <= statement->parameter_count; i++) {
        int code = bind_one(call, statement, i, json);
        if (code < 0) {
            return code;
        }
        if (code != SQLITE_OK) {
            return atr_sqlite_fail(call, sqlite3_db_handle(statement->handle), code,
                                   statement->parameters[i - 1].field->name,
                                   sqlite3_sql(statement->handle));
        }
    }
    return ATR_OK;
}
