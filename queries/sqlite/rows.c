/* Rows into the response. Many rows are made in scopes of some hundred rows each, so that what a
 * scope owns is let go of while it is in the cache, and never becomes one long list. */
#include <inttypes.h>

#include <atrium/error.h>

#include "row.h"
#include "run.h"

enum { ROWS_PER_SCOPE = 256 };

static atr_sqlite_reader reader_of(const atr_sqlite_conn *conn, atr_sqlite_call *call,
                                   const atr_sqlite_plan *plan)
{
    return (atr_sqlite_reader){.call = call,
                               .plan = plan,
                               .statement = plan->answering->handle,
                               .json = &conn->settings.values.json,
                               .utf8 = conn->utf8,
                               .byte_limit = conn->settings.values.byte_limit};
}

static int step_first(atr_sqlite_conn *conn, atr_sqlite_call *call, atr_sqlite_plan *plan,
                      int *step)
{
    int code = atr_sqlite_fault(call, "sqlite.step", plan->sql);
    if (code != ATR_OK) {
        return code;
    }
    *step = sqlite3_step(plan->answering->handle);
    if (*step != SQLITE_ROW && *step != SQLITE_DONE) {
        return atr_sqlite_fail(call, conn->handle, *step, NULL, plan->sql);
    }
    return atr_sqlite_plan_refresh(call, plan);
}

/* ---- one row ---- */

static int read_one(atr_sqlite_reader *r, atr_value *response)
{
    *response = (atr_value){.kind = r->plan->query_class->response.kind, .has = true};
    if (r->plan->row_model == NULL) {
        return atr_sqlite_read_column(r, 0, &response->as, &response->has);
    }
    response->as.ref = atr_sqlite_read_model(r);
    return response->as.ref != NULL ? ATR_OK : ATR_E_REFUSED;
}

static int no_row(atr_sqlite_call *call, const atr_sqlite_plan *plan, atr_value *response)
{
    const atr_type *type = &plan->query_class->response;
    if (!type->optional) {
        return atr_sqlite_refuse(call, ATR_E_NOT_FOUND, plan->sql, "%s: there is no row",
                                 plan->query_class->name);
    }
    *response = (atr_value){.kind = type->kind, .has = false};
    if (type->kind >= ATR_KIND_STR) {
        response->as.ref = NULL;
    }
    return ATR_OK;
}

static int single(atr_sqlite_conn *conn, atr_sqlite_call *call, atr_sqlite_plan *plan,
                  atr_value *response)
{
    atr_sqlite_reader reader;
    int step = SQLITE_DONE;
    int code = step_first(conn, call, plan, &step);
    if (code != ATR_OK) {
        return code;
    }
    if (step == SQLITE_DONE) {
        return no_row(call, plan, response);
    }
    reader = reader_of(conn, call, plan);
    reader.row = 1;
    reader.s = plan->query_class->response.kind >= ATR_KIND_STR ? atr_sqlite_scope(call) : NULL;
    if (reader.s == NULL && plan->query_class->response.kind >= ATR_KIND_STR) {
        return ATR_E_NO_MEMORY;
    }
    code = read_one(&reader, response);
    if (code != ATR_OK) {
        return code;
    }
    step = sqlite3_step(plan->answering->handle);
    if (step == SQLITE_ROW) {
        return atr_sqlite_refuse(call, ATR_E_LIMIT, plan->sql, "%s: there is more than one row",
                                 plan->query_class->name);
    }
    return step == SQLITE_DONE ? ATR_OK
                               : atr_sqlite_fail(call, conn->handle, step, NULL, plan->sql);
}

/* ---- many rows ---- */

static int push_row(atr_sqlite_reader *r, atr_vec_builder *builder)
{
    atr_word word = {.i64 = 0};
    bool has = true;
    int code = ATR_OK;
    if (r->plan->row_model != NULL) {
        word.ref = atr_sqlite_read_model(r);
        code = word.ref != NULL ? ATR_OK : ATR_E_REFUSED;
    } else {
        code = atr_sqlite_read_column(r, 0, &word, &has);
    }
    if (code != ATR_OK) {
        return code;
    }
    return atr_vec_builder_push(builder, word);
}

/* Read rows until the scope is full; *step is what came last. */
static int collect(atr_sqlite_conn *conn, atr_sqlite_reader *r, atr_vec_builder *builder, int *step)
{
    uint64_t limit = conn->settings.values.row_limit;
    int code = ATR_OK;
    for (int i = 0; i < ROWS_PER_SCOPE && *step == SQLITE_ROW && code == ATR_OK; i++) {
        if (++r->row > limit) {
            return atr_sqlite_refuse(r->call, ATR_E_LIMIT, r->plan->sql,
                                     "%s: more than %" PRIu64 " rows in one answer",
                                     r->plan->query_class->name, limit);
        }
        code = push_row(r, builder);
        if (code == ATR_OK) {
            *step = sqlite3_step(r->statement);
        }
    }
    if (code == ATR_OK && *step != SQLITE_ROW && *step != SQLITE_DONE) {
        return atr_sqlite_fail(r->call, conn->handle, *step, NULL, r->plan->sql);
    }
    return code;
}

static int many(atr_sqlite_conn *conn, atr_sqlite_call *call, atr_sqlite_plan *plan,
                atr_value *response)
{
    atr_scope *s = atr_sqlite_scope(call);
    atr_vec_builder *builder = atr_vec_builder_new(s, plan->query_class->response.model, NULL);
    atr_sqlite_reader reader;
    int step = SQLITE_DONE;
    int code = builder != NULL ? step_first(conn, call, plan, &step) : ATR_E_NO_MEMORY;
    reader = reader_of(conn, call, plan);
    while (code == ATR_OK && step == SQLITE_ROW) {
        reader.s = atr_scope_open(s);
        code = reader.s != NULL ? collect(conn, &reader, builder, &step) : ATR_E_NO_MEMORY;
        atr_scope_close(reader.s);
        if (code == ATR_OK && step == SQLITE_ROW) {
            code = atr_sqlite_fault(call, "sqlite.step", plan->sql);
        }
    }
    if (code == ATR_OK) {
        const atr_vec *rows = atr_vec_builder_seal(builder);
        *response = (atr_value){.kind = ATR_KIND_VEC, .has = rows != NULL, .as = {.ref = rows}};
        code = atr_scope_error(s) == NULL ? ATR_OK : ATR_E_NO_MEMORY;
    }
    return code;
}

int atr_sqlite_rows(atr_sqlite_conn *conn, atr_sqlite_call *call, atr_sqlite_plan *plan,
                    atr_value *response)
{
    return plan->query_class->response.kind == ATR_KIND_VEC ? many(conn, call, plan, response)
                                                            : single(conn, call, plan, response);
}
