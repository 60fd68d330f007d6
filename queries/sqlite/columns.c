/* Where the columns of a statement go: to fields by name, or, alone, to the response itself. */
#include <string.h>

#include <atrium/memory.h>
#include <atrium/sqlite.h>

#include "plan.h"

static size_t size_of(atr_kind kind)
{
    switch (kind) {
    case ATR_KIND_BOOL: return sizeof(bool);
    case ATR_KIND_I32:
    case ATR_KIND_U32:
    case ATR_KIND_ENUMERATION: return sizeof(int32_t);
    default: return kind >= ATR_KIND_STR ? sizeof(void *) : sizeof(int64_t);
    }
}

/* Where the value of an optional scalar lies behind its `has`. */
static size_t value_offset(size_t size)
{
    return size == sizeof(bool)      ? offsetof(atr_opt_bool, value)
           : size == sizeof(int32_t) ? offsetof(atr_opt_i32, value)
                                     : offsetof(atr_opt_i64, value);
}

static void set_range(atr_sqlite_target *target)
{
    target->least = INT64_MIN;
    target->most = INT64_MAX;
    switch (target->type.kind) {
    case ATR_KIND_BOOL:
        target->least = 0;
        target->most = 1;
        break;
    case ATR_KIND_U32:
        target->least = 0;
        target->most = UINT32_MAX;
        break;
    case ATR_KIND_I32:
    case ATR_KIND_ENUMERATION:
        target->least = INT32_MIN;
        target->most = INT32_MAX;
        break;
    default: break;
    }
}

static atr_sqlite_quick quick_of(const atr_type *type)
{
    switch (type->kind) {
    case ATR_KIND_I64:
    case ATR_KIND_TIME: return type->optional ? ATR_SQLITE_QUICK_NONE : ATR_SQLITE_QUICK_NUMBER;
    case ATR_KIND_BOOL: return type->optional ? ATR_SQLITE_QUICK_NONE : ATR_SQLITE_QUICK_BOOL;
    case ATR_KIND_STR: return ATR_SQLITE_QUICK_TEXT;
    default: return ATR_SQLITE_QUICK_NONE;
    }
}

static atr_sqlite_target target_of(const atr_type *type, const atr_field *field, size_t offset)
{
    atr_sqlite_target target = {.type = *type, .field = field, .offset = offset};
    target.size = size_of(type->kind);
    target.is_pointer = type->kind >= ATR_KIND_STR;
    target.is_nullable = type->optional || type->kind >= ATR_KIND_VEC;
    target.is_pair = field != NULL && type->optional && !target.is_pointer;
    if (target.is_pair) {
        target.has_offset = offset;
        target.offset = offset + value_offset(target.size);
    }
    target.quick = field != NULL ? quick_of(type) : ATR_SQLITE_QUICK_NONE;
    set_range(&target);
    target.by_number = true;
    target.by_name = field == NULL;
    return target;
}

/* ---- rows of a model ---- */

static const atr_field *field_for(const atr_model *model, const char *column)
{
    for (uint32_t i = 0; i < model->field_count; i++) {
        const atr_field *field = &model->fields[i];
        const char *wanted = atr_field_attributes(model, field)->column;
        if (sqlite3_stricmp(wanted != NULL ? wanted : field->name, column) == 0) {
            return field;
        }
    }
    return NULL;
}

static bool is_taken(const atr_sqlite_plan *plan, const atr_field *field)
{
    for (int i = 0; i < plan->target_count; i++) {
        if (plan->targets[i].field == field) {
            return true;
        }
    }
    return false;
}

static int resolve_column(atr_sqlite_call *call, atr_sqlite_plan *plan, const char *column)
{
    const atr_model *model = plan->row_model;
    const atr_field *field = column != NULL ? field_for(model, column) : NULL;
    atr_sqlite_target *target = &plan->targets[plan->target_count];
    if (column == NULL) {
        return atr_scope_fail(atr_sqlite_scope(call), &atr_error_no_memory);
    }
    if (field == NULL) {
        return atr_sqlite_refuse(call, ATR_E_DEFINITION, plan->sql,
                                 "%s: %s has no field for the column %s", plan->query_class->name,
                                 model->name, column);
    }
    if (is_taken(plan, field)) {
        return atr_sqlite_refuse(call, ATR_E_DEFINITION, plan->sql, "%s: two columns for %s.%s",
                                 plan->query_class->name, model->name, field->name);
    }
    *target = target_of(&field->type, field, atr_field_offset(model, field));
    target->by_name = atr_field_attributes(model, field)->by_name;
    target->by_number = !target->by_name;
    plan->target_count++;
    return ATR_OK;
}

static int resolve_model(atr_sqlite_call *call, atr_sqlite_plan *plan, int count)
{
    const atr_model *model = plan->row_model;
    for (int i = 0; i < count; i++) {
        int code = resolve_column(call, plan, sqlite3_column_name(plan->answering->handle, i));
        if (code != ATR_OK) {
            return code;
        }
    }
    for (uint32_t i = 0; i < model->field_count; i++) {
        const atr_field *field = &model->fields[i];
        if (!is_taken(plan, field) && !atr_field_has_default(model, field)) {
            return atr_sqlite_refuse(call, ATR_E_DEFINITION, plan->sql, "%s: no column for %s.%s",
                                     plan->query_class->name, model->name, field->name);
        }
    }
    return ATR_OK;
}

/* ---- single values ---- */

static int resolve_value(atr_sqlite_call *call, atr_sqlite_plan *plan, int count)
{
    const atr_type *type = &plan->query_class->response;
    if (count != 1) {
        return atr_sqlite_refuse(call, ATR_E_DEFINITION, plan->sql,
                                 "%s answers one value a row, but its SQL gives %d columns",
                                 plan->query_class->name, count);
    }
    if (type->kind == ATR_KIND_VEC) {
        type = &type->model->element;
    }
    plan->targets[0] = target_of(type, NULL, 0);
    plan->target_count = 1;
    return ATR_OK;
}

/* ---- */

static int resolve(atr_sqlite_call *call, atr_sqlite_plan *plan)
{
    int count = sqlite3_column_count(plan->answering->handle);
    size_t bytes = (size_t)count * sizeof *plan->targets;
    int code;
    plan->targets = atr_memory_take(bytes);
    if (plan->targets == NULL) {
        return atr_scope_fail(atr_sqlite_scope(call), &atr_error_no_memory);
    }
    code = plan->row_model != NULL ? resolve_model(call, plan, count)
                                   : resolve_value(call, plan, count);
    if (code != ATR_OK) {
        atr_memory_give(plan->targets, bytes);
        plan->targets = NULL;
        plan->target_count = 0;
        return code;
    }
    plan->prepared = sqlite3_stmt_status(plan->answering->handle, SQLITE_STMTSTATUS_REPREPARE, 0);
    return ATR_OK;
}

int atr_sqlite_plan_columns(atr_sqlite_call *call, atr_sqlite_plan *plan)
{
    const atr_query_class *query_class = plan->query_class;
    if (query_class->response.kind == ATR_KIND_UNIT || atr_sqlite_answers_done(query_class)) {
        return ATR_OK;
    }
    if (plan->answering == NULL) {
        return atr_sqlite_refuse(call, ATR_E_DEFINITION, plan->sql, "%s: its SQL gives no rows",
                                 query_class->name);
    }
    plan->wants_rows = true;
    plan->row_model = atr_sqlite_row_model(query_class);
    return resolve(call, plan);
}

int atr_sqlite_plan_refresh(atr_sqlite_call *call, atr_sqlite_plan *plan)
{
    int prepared = sqlite3_stmt_status(plan->answering->handle, SQLITE_STMTSTATUS_REPREPARE, 0);
    if (plan->targets != NULL && prepared == plan->prepared) {
        return ATR_OK;
    }
    atr_memory_give(plan->targets, (size_t)plan->target_count * sizeof *plan->targets);
    plan->targets = NULL;
    plan->target_count = 0;
    return resolve(call, plan);
}
