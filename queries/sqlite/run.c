/* One query: open, prepare, bind, step, answer. Writes run between BEGIN IMMEDIATE and COMMIT, also
 * when they are one statement: a row that does not fit (RETURNING), a cancel or a fault can then
 * undo it. */
#include <atrium/error.h>
#include <atrium/sqlite.h>

#include "run.h"

static int find_plan(atr_sqlite_conn *conn, atr_sqlite_call *call, atr_sqlite_plan **plan)
{
    int code;
    *plan = atr_sqlite_cache_find(&conn->cache, call->query_class);
    if (*plan != NULL) {
        return ATR_OK;
    }
    code = atr_sqlite_plan_new(conn, call, plan);
    if (code == ATR_OK) {
        atr_sqlite_cache_add(&conn->cache, *plan, conn->settings.values.statement_limit);
    }
    return code;
}

/* Step a statement whose rows nobody looks at. */
static int step_through(atr_sqlite_conn *conn, atr_sqlite_call *call, const atr_sqlite_plan *plan,
                        sqlite3_stmt *statement)
{
    int step, code = atr_sqlite_fault(call, "sqlite.step", plan->sql);
    if (code != ATR_OK) {
        return code;
    }
    do {
        step = sqlite3_step(statement);
    } while (step == SQLITE_ROW);
    return step == SQLITE_DONE ? ATR_OK
                               : atr_sqlite_fail(call, conn->handle, step, NULL, plan->sql);
}

static int run_statement(atr_sqlite_conn *conn, atr_sqlite_call *call, atr_sqlite_plan *plan,
                         const atr_sqlite_statement *statement, atr_value *response)
{
    int code = atr_sqlite_bind(call, statement, &conn->settings.values.json);
    if (code == ATR_OK) {
        code = statement == plan->answering && plan->wants_rows
                   ? atr_sqlite_rows(conn, call, plan, response)
                   : step_through(conn, call, plan, statement->handle);
    }
    sqlite3_reset(statement->handle);
    if (statement->parameter_count > 0) {
        sqlite3_clear_bindings(statement->handle);
    }
    return code;
}

/* ---- writes ---- */

static int answer_done(atr_sqlite_conn *conn, atr_sqlite_call *call, int64_t changes,
                       atr_value *response)
{
    atr_scope *s = atr_sqlite_scope(call);
    if (s == NULL) {
        return ATR_E_NO_MEMORY;
    }
    const atr_sqlite_done *done = ATR_NEW(s, atr_sqlite_done, .changes = changes,
                                          .last_row_id = sqlite3_last_insert_rowid(conn->handle));
    *response = (atr_value){.kind = ATR_KIND_REF, .has = true, .as = {.ref = done}};
    return atr_scope_error(s) == NULL ? ATR_OK : ATR_E_NO_MEMORY;
}

/* What the last statement changed itself. SQLite keeps the number of the one before when a
 * statement is none that changes rows; then the total, which triggers add to, does not move
 * either. */
static int64_t changes_since(atr_sqlite_conn *conn, int64_t total)
{
    return sqlite3_total_changes64(conn->handle) == total ? 0 : sqlite3_changes64(conn->handle);
}

static int run_write(atr_sqlite_conn *conn, atr_sqlite_call *call, atr_sqlite_plan *plan,
                     atr_value *response)
{
    int64_t changes = 0;
    int code = atr_sqlite_begin(conn, call);
    sqlite3_set_last_insert_rowid(conn->handle, 0);
    for (const atr_sqlite_statement *at = plan->statements; at != NULL && code == ATR_OK;
         at = at->next) {
        int64_t total = sqlite3_total_changes64(conn->handle);
        code = run_statement(conn, call, plan, at, response);
        changes += changes_since(conn, total);
    }
    if (code == ATR_OK && atr_sqlite_answers_done(plan->query_class)) {
        code = answer_done(conn, call, changes, response);
    }
    if (code == ATR_OK) {
        code = atr_sqlite_fault(call, "sqlite.commit", plan->sql);
    }
    if (code == ATR_OK && atr_sqlite_is_cancelled(call)) {
        code = ATR_E_CANCELLED;
    }
    if (code == ATR_OK) {
        code = atr_sqlite_commit(conn, call);
    }
    atr_sqlite_undo(conn);
    return code;
}

/* ---- */

int atr_sqlite_run(atr_sqlite_conn *conn, atr_sqlite_call *call, atr_value *response)
{
    atr_sqlite_plan *plan = NULL;
    int code = atr_sqlite_conn_open(conn, call);
    if (code != ATR_OK) {
        return code;
    }
    *response = (atr_value){.kind = ATR_KIND_UNIT, .has = true};
    conn->call = call;
    code = find_plan(conn, call, &plan);
    if (code == ATR_OK) {
        code = plan->query_class->policy->is_write
                   ? run_write(conn, call, plan, response)
                   : run_statement(conn, call, plan, plan->statements, response);
    }
    conn->call = NULL;
    return code;
}
