/* Preparing a class: all its statements at once, as the last one with rows decides about the
 * others'. */
#include <stdio.h>
#include <string.h>

#include <atrium/memory.h>
#include <atrium/sqlite.h>

#include "connection.h"

enum { NAME_MAX_BYTES = 200 };

static size_t statement_bytes(int parameter_count)
{
    return sizeof(atr_sqlite_statement) + (size_t)parameter_count * sizeof(atr_sqlite_parameter);
}

static void statements_free(atr_sqlite_statement *statement)
{
    while (statement != NULL) {
        atr_sqlite_statement *next = statement->next;
        sqlite3_finalize(statement->handle);
        atr_memory_give(statement, statement_bytes(statement->parameter_count));
        statement = next;
    }
}

void atr_sqlite_plan_free(atr_sqlite_plan *plan)
{
    statements_free(plan->statements);
    atr_memory_give(plan->targets, (size_t)plan->target_count * sizeof *plan->targets);
    atr_memory_give(plan, sizeof *plan);
}

/* ---- parameters ---- */

static int check_parameter(atr_sqlite_call *call, const atr_model *model, const atr_field *field)
{
    char name[NAME_MAX_BYTES];
    atr_scope *s = atr_sqlite_scope(call);
    if (!atr_sqlite_is_json(field->type.kind)) {
        return ATR_OK;
    }
    snprintf(name, sizeof name, "%s.%s", model->name, field->name);
    return s != NULL ? atr_sqlite_check_json(s, name, &field->type) : ATR_E_NO_MEMORY;
}

static int resolve_parameter(atr_sqlite_call *call, const char *sql, const char *name,
                             atr_sqlite_parameter *parameter)
{
    const atr_model *model = call->query_class->model;
    const atr_field *field = NULL;
    if (name == NULL || (name[0] != ':' && name[0] != '@')) {
        return atr_sqlite_refuse(call, ATR_E_DEFINITION, sql,
                                 "%s: a parameter is written :name, not %s",
                                 call->query_class->name, name != NULL ? name : "?");
    }
    field = atr_model_field(model, name + 1);
    if (field == NULL) {
        return atr_sqlite_refuse(call, ATR_E_DEFINITION, sql,
                                 "%s has no input for the parameter %s", call->query_class->name,
                                 name);
    }
    if (name[0] == '@' && field->type.kind != ATR_KIND_ENUMERATION) {
        return atr_sqlite_refuse(call, ATR_E_DEFINITION, sql,
                                 "%s: %s is for enumerations by name; write :%s",
                                 call->query_class->name, name, field->name);
    }
    parameter->field = field;
    parameter->offset = atr_field_offset(model, field);
    parameter->by_name = name[0] == '@';
    return check_parameter(call, model, field);
}

/* Take over a prepared statement. */
static int statement_new(atr_sqlite_call *call, const char *sql, sqlite3_stmt *handle,
                         atr_sqlite_statement **made)
{
    int count = sqlite3_bind_parameter_count(handle), code = ATR_OK;
    atr_sqlite_statement *statement = atr_memory_take(statement_bytes(count));
    if (statement == NULL) {
        sqlite3_finalize(handle);
        return atr_scope_fail(atr_sqlite_scope(call), &atr_error_no_memory);
    }
    statement->next = NULL;
    statement->handle = handle;
    statement->parameter_count = count;
    for (int i = 0; i < count && code == ATR_OK; i++) {
        code = resolve_parameter(call, sql, sqlite3_bind_parameter_name(handle, i + 1),
                                 &statement->parameters[i]);
    }
    if (code != ATR_OK) {
        statements_free(statement);
        return code;
    }
    *made = statement;
    return ATR_OK;
}

/* ---- statements ---- */

static int prepare_all(atr_sqlite_conn *conn, atr_sqlite_call *call, atr_sqlite_plan *plan)
{
    atr_sqlite_statement **link = &plan->statements;
    const char *sql = plan->sql;
    while (*sql != '\0') {
        const char *text = sql;
        sqlite3_stmt *handle = NULL;
        int code = atr_sqlite_prepare(conn, call, NULL, text, &handle, &sql);
        if (code == ATR_OK && handle != NULL) {
            code = statement_new(call, text, handle, link);
        }
        if (code != ATR_OK) {
            return code;
        }
        if (*link != NULL) {
            if (sqlite3_column_count((*link)->handle) > 0) {
                plan->answering = *link;
            }
            link = &(*link)->next;
        }
    }
    return ATR_OK;
}

/* The flag is_write decides about cancel and close (rule L5), so it must be true to the SQL. */
static int check_flag(atr_sqlite_call *call, const atr_sqlite_plan *plan)
{
    const char *name = call->query_class->name;
    bool writes = false;
    for (const atr_sqlite_statement *at = plan->statements; at != NULL; at = at->next) {
        writes = writes || sqlite3_stmt_readonly(at->handle) == 0;
    }
    if (plan->statements == NULL) {
        return atr_sqlite_refuse(call, ATR_E_DEFINITION, plan->sql, "%s has no SQL", name);
    }
    if (call->query_class->policy->is_write) {
        return writes ? ATR_OK
                      : atr_sqlite_refuse(call, ATR_E_DEFINITION, plan->sql,
                                          "%s only reads: define it with ATR_SQLITE_QUERY", name);
    }
    if (writes) {
        return atr_sqlite_refuse(call, ATR_E_DEFINITION, plan->sql,
                                 "%s writes: define it with ATR_SQLITE_WRITE", name);
    }
    return plan->statements->next == NULL
               ? ATR_OK
               : atr_sqlite_refuse(call, ATR_E_DEFINITION, plan->sql,
                                   "%s has several statements: only a write may", name);
}

static int plan_fill(atr_sqlite_conn *conn, atr_sqlite_call *call, atr_sqlite_plan *plan)
{
    int code = atr_sqlite_check(atr_sqlite_scope(call), plan->query_class);
    if (code == ATR_OK) {
        code = prepare_all(conn, call, plan);
    }
    if (code == ATR_OK) {
        code = check_flag(call, plan);
    }
    return code == ATR_OK ? atr_sqlite_plan_columns(call, plan) : code;
}

int atr_sqlite_plan_new(atr_sqlite_conn *conn, atr_sqlite_call *call, atr_sqlite_plan **made)
{
    const atr_query_class *query_class = call->query_class;
    atr_sqlite_plan *plan;
    int code = atr_sqlite_fault(call, "sqlite.prepare", query_class->policy->extra);
    if (code != ATR_OK) {
        return code;
    }
    plan = atr_memory_take(sizeof *plan);
    if (plan == NULL) {
        return atr_scope_fail(atr_sqlite_scope(call), &atr_error_no_memory);
    }
    memset(plan, 0, sizeof *plan);
    plan->query_class = query_class;
    plan->sql = query_class->policy->extra;
    code = plan_fill(conn, call, plan);
    if (code != ATR_OK) {
        atr_sqlite_plan_free(plan);
        return code;
    }
    *made = plan;
    return ATR_OK;
}
